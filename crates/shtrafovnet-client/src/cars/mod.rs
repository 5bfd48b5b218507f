//! Cars: section «Транспорт».
//!
//! ```
//! # use ruapi_sandbox::{Sandbox, Shtrafovnet};
//! # use shtrafovnet_client::{Client, Email, Login};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = Sandbox::start().await?;
//! # let login = Login::new(Shtrafovnet::EMAIL, Shtrafovnet::PASSWORD.to_owned());
//! # let client = Client::builder(login).base_url(sandbox.shtrafovnet_url()).build()?;
//! let driver: Email = Shtrafovnet::USER.parse()?;
//! let car = client.create_car("7700000001", "а002аа77").name("NISSAN TIIDA").owner(&driver).await?;
//! client.update_car(&car.id).name("The red one").await?;
//! assert_eq!(client.car(&car.id).await?.name.as_deref(), Some("The red one"));
//!
//! let mut fines = client.car_fines(&1212.into()).items();
//! # use futures_util::TryStreamExt;
//! while let Some(fine) = fines.try_next().await? {
//!     println!("{}: {:?} rubles", fine.id, fine.total_amount);
//! }
//! client.delete_car(&car.id).await?;
//! # Ok(()) }
//! ```

mod car;
mod create;
mod delete;
mod fines;
mod show;
mod update;

pub use car::{CARS_PER_USER, Car, CarId, CarInactiveReason, CarStatus};
pub use create::CreateCar;
pub use delete::DeleteCar;
pub use fines::CarFines;
pub use show::ShowCar;
pub use update::UpdateCar;
