//! The partner's side: implement [`Partner`], and [`Routes`] makes an axum router of it.
//!
//! The routes check the credential, the input and the choice of upsales, bound a body in size and time,
//! and answer every error in the standard form. A method of yours that panics or fails is a 500
//! without any word of what happened inside.
//!
//! For a partner that is asked by the client see the [guide](crate::guide#serving).

mod body;
mod guard;
mod partner;
mod query;
mod refusal;
mod routes;

pub use guard::Guard;
pub use partner::Partner;
pub use refusal::Refusal;
pub use routes::Routes;
