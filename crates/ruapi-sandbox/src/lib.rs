#![doc = include_str!("../README.md")]

mod api;
mod apis;
mod base64;
mod clock;
mod control;
mod draw;
pub mod epgu;
mod fault;
mod load;
pub mod nsso;
pub mod osago;
mod query;
mod reply;
mod request_log;
mod sandbox;
pub mod shtrafovnet;
mod wire;

pub use clock::Clock;
pub use epgu::Epgu;
pub use fault::{Fault, FaultKind, FaultStatus};
pub use nsso::Nsso;
pub use osago::Osago;
pub use request_log::LoggedRequest;
pub use sandbox::{Builder, Sandbox};
pub use shtrafovnet::Shtrafovnet;
