//! For tests, the users' own included: recorded exchanges, a clock to move, planted secrets.

mod clock;
mod exchange;
mod lossless;
mod replay;
mod secrets;
mod shown;

pub use clock::ManualClock;
pub use exchange::{Exchange, RecordedRequest, RecordedResponse};
pub use lossless::lossless;
pub use replay::{Recorder, Replay, over_http};
pub use secrets::{Planted, Reading, Spelling, readings};
pub use shown::{Captured, everything_shown};
