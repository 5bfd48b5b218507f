//! The webmaster's account: section «Аккаунт».
//!
//! ```
//! # use ruapi_sandbox::{Sandbox, Shtrafovnet};
//! # use shtrafovnet_client::{Client, Email, Login};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = Sandbox::start().await?;
//! # let login = Login::new(Shtrafovnet::EMAIL, Shtrafovnet::PASSWORD.to_owned());
//! # let client = Client::builder(login).base_url(sandbox.shtrafovnet_url()).build()?;
//! let profile = client.account().await?;
//! println!("{}: {:?}", profile.id, profile.status);
//! client.update_account().first_name("Алексей").phone("79005551122").await?;
//!
//! // The client goes on with the new password by itself.
//! client.update_account().password("a longer one".to_owned()).await?;
//! assert!(client.account().await.is_ok());
//! # Ok(()) }
//! ```

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
