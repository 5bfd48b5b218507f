//! Is this car insured? Against the sandbox: `cargo run --example check -- "А111АА11"`.
#![allow(clippy::print_stdout, reason = "an example for the terminal")]

use nsso_client::{Client, ErrorCode, Group, PlateNumber, Token};
use ruapi_sandbox::{Nsso, Sandbox};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let plate = std::env::args().nth(1).unwrap_or_else(|| "А111АА11".to_owned());
    let plate: PlateNumber = plate.parse()?;

    // The real service needs neither the sandbox nor a base URL, and a token of yours.
    let sandbox = Sandbox::start().await?;
    let client = Client::builder(Token::new(Nsso::TOKEN)?).base_url(sandbox.nsso_url()).build()?;

    match client.check(&plate).await {
        Ok(check) => {
            println!("{} policies", check.result.len());
            for found in &check.result {
                let policy = &found.policy;
                println!("  {:?} until {:?}", policy.company, policy.stop);
            }
            println!("cost {:?} rubles, left {:?}", check.inquiry.price, check.inquiry.balance);
        }
        Err(error) if error.maybe_processed() => println!("may have been billed: {error}"),
        Err(error) => match ErrorCode::of(&error).and_then(|code| code.group()) {
            Some(Group::Money) => println!("top up the balance: {error}"),
            Some(Group::Credential) => println!("look at the token: {error}"),
            Some(Group::Busy) => println!("try again later: {error}"),
            _ => println!("not billed: {error}"),
        },
    }
    Ok(())
}
