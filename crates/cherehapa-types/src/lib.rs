#![doc = include_str!("../README.md")]

mod decode;
mod extra;
#[doc = include_str!("../docs/guide.md")]
pub mod guide {}
mod id;
mod map;
mod one_or_many;
mod open_enum;
pub mod order;
mod personal;
pub mod quote;
mod raw;
mod relaxed;
mod shared;
mod wire;

pub use decode::DecodeError;
pub use id::{Id, kind};
pub use map::Map;
pub use one_or_many::OneOrMany;
pub use raw::Raw;
pub use relaxed::relaxed;
pub use ruapi_wire::{Extra, Personal};
pub use shared::{Currency, InsuredDays};
