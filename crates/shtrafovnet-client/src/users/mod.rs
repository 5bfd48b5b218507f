//! Your users: section «Пользователи».

mod cars;
mod create;
mod delete;
mod fines;
mod invoices;
mod list;
mod show;
mod update;

pub use crate::account::{Profile, ProfileId, UserStatus};
pub use cars::UserCars;
pub use create::CreateUser;
pub use delete::DeleteUser;
pub use fines::UserFines;
pub use invoices::UserInvoices;
pub use list::ListUsers;
pub use show::ShowUser;
pub use update::UpdateUser;
