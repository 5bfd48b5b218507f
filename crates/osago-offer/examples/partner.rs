//! A partner's server on loopback. `cargo run --example partner --features server -- serve 8080` serves
//! until it is stopped; without arguments it asks itself one question over HTTP and ends.
#![allow(clippy::print_stdout, reason = "an example for the terminal")]

mod shop;

use std::sync::Arc;

use osago_offer::{Client, Credential, Kind, OfferKey};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let keep = arguments.first().is_some_and(|word| word == "serve");
    let port = arguments.get(1).map(|port| port.parse()).transpose()?.unwrap_or(0);

    let url = shop::serve(Arc::default(), port).await?;
    println!("a partner at {url}osago/…, for the token `{}`", shop::TOKEN);
    if keep {
        std::future::pending::<()>().await;
    }

    let client = Client::new(url, Credential::bearer(shop::TOKEN.into())?)?;
    let key = OfferKey::new("550e8400-e29b-41d4-a716-446655440000", shop::OFFER);
    match client.offer(&key).await {
        Err(error) if error.kind() == Kind::NotFound => println!("it answers: {error}"),
        other => return Err(format!("expected no offer, got {other:?}").into()),
    }
    Ok(())
}
