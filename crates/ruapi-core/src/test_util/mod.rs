//! For tests, the users' own included: recorded exchanges, a clock to move, planted secrets.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use http::Method;
//! use ruapi_core::test_util::{ManualClock, Planted, Replay};
//! use ruapi_core::{Api, Credential, Options, Pipeline, Request, RetryPolicy};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), ruapi_core::Error> {
//! # let api = Api {
//! #     user_agent: "example/1.0",
//! #     timeout: Duration::from_secs(30),
//! #     deadline: Duration::from_secs(120),
//! #     retry: RetryPolicy::default(),
//! #     max_body: 1 << 20,
//! #     classify: ruapi_core::classify_by_status,
//! # };
//! // The server is unwell at first. Nobody waits for the pause before the second attempt.
//! let answers = [Replay::answer(503, "later"), Replay::answer(200, r#"{"id": 5}"#)];
//! let transport = Arc::new(Replay::new(answers.map(Ok)));
//! let clock = Arc::new(ManualClock::auto());
//! let options = Options::new().transport(transport.clone()).clock(clock.clone());
//! let credential = Credential::bearer("not-a-real-token".to_owned().into())?;
//! let pipeline = Pipeline::new(api, "https://api.example/v1/", credential, options)?;
//!
//! let request = Request::new("car", Method::GET, "cars/{id}").path_parameter("id", "5")?;
//! let answer = pipeline.send(&request).await?;
//! assert_eq!(answer.attempts(), 2);
//! assert!(!clock.slept().is_empty());
//! assert_eq!(transport.requests()[1].url, "https://api.example/v1/cars/5");
//! Planted::new("not-a-real-token").assert_absent("an answer", &format!("{answer:?}"));
//! # Ok(())
//! # }
//! ```

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
pub use secrets::{Planted, Reading, Spelling, readings, windows_1251};
pub use shown::{Captured, everything_shown};
