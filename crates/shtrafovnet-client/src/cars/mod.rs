//! Cars: section «Транспорт».

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
