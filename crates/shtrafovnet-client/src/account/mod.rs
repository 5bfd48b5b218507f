//! The webmaster's account: section «Аккаунт».

mod profile;
mod register;
mod reset_password;
mod show;
mod update;

pub use profile::{Profile, ProfileId, UserStatus};
pub use register::RegisterAccount;
pub use reset_password::{Message, ResetPassword};
pub use show::ShowAccount;
pub use update::UpdateAccount;
