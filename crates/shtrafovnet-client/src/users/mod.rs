//! Your users: section «Пользователи».
//!
//! ```
//! # use ruapi_sandbox::{Sandbox, Shtrafovnet};
//! # use shtrafovnet_client::{Client, Email, Login};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = Sandbox::start().await?;
//! # let login = Login::new(Shtrafovnet::EMAIL, Shtrafovnet::PASSWORD.to_owned());
//! # let client = Client::builder(login).base_url(sandbox.shtrafovnet_url()).build()?;
//! use futures_util::TryStreamExt;
//!
//! let driver: Email = "42@drivers.example".parse()?;
//! client.create_user(&driver).username("Driver 42").last_name("Тестов").await?;
//! client.update_user(&driver).phone("79005551122").await?;
//! let cars: Vec<_> = client.user_cars(&driver).items().try_collect().await?;
//! assert!(cars.is_empty());
//!
//! let users: Vec<_> = client.users().items().try_collect().await?;
//! println!("{} users", users.len());
//! client.delete_user(&driver).await?;
//! # Ok(()) }
//! ```

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
