//! A fleet, several cars at a time, with faults on the way: `cargo run --example bulk`.
#![allow(clippy::print_stdout, reason = "an example for the terminal")]

use futures_util::{StreamExt, stream};
use nsso_client::{Client, Outcome, PlateNumber, Token};
use ruapi_sandbox::{Fault, FaultKind, Nsso, Sandbox};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    sandbox.inject(Fault::new(FaultKind::status(502)).probability(0.1, 7));
    let client = Client::builder(Token::new(Nsso::TOKEN)?).base_url(sandbox.nsso_url()).build()?;

    let fleet: Vec<PlateNumber> =
        (0..100).map(|n| Nsso::fleet_plate(n).parse()).collect::<Result<_, _>>()?;
    let inputs = stream::iter(fleet.into_iter().enumerate());
    let inputs = inputs.map(|(row, plate)| (row, plate.into()));

    let (mut insured, mut uninsured, mut not_billed, mut unknown) = (0, 0, 0, Vec::new());
    let mut rows = client.bulk(inputs).parallel(8);
    while let Some(row) = rows.next().await {
        match row.outcome {
            Outcome::Answered(check) if check.result.is_empty() => uninsured += 1,
            Outcome::Answered(_) => insured += 1,
            Outcome::Unknown(_) => unknown.push(row.key),
            _ => not_billed += 1,
        }
    }
    println!("{insured} insured, {uninsured} not, {not_billed} to be asked again");
    println!("{} may have been billed without an answer: rows {unknown:?}", unknown.len());
    println!("the service billed {} queries", sandbox.nsso().billed());
    Ok(())
}
