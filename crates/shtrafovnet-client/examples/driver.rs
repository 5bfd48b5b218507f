//! A driver signs up, sees the fines of a car, and pays them. Against the sandbox:
//! `cargo run --example driver`.
#![allow(clippy::print_stdout, reason = "an example for the terminal")]

use std::time::Duration;

use futures_util::TryStreamExt;
use ruapi_sandbox::{Sandbox, Shtrafovnet};
use shtrafovnet_client::fines::PaidFilter;
use shtrafovnet_client::{Client, Email, Fine, Login, Payer, SCAN_SCHEDULE, Schedule};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The real service needs neither the sandbox nor a base URL, and a login of yours. Nor does one
    // have to wait half a minute for the sandbox.
    let sandbox = Sandbox::start().await?;
    sandbox.shtrafovnet().set_scan_seconds(Some(0));
    sandbox.shtrafovnet().set_invoice_seconds(0);
    let at_once = Schedule { first: Duration::ZERO, ..SCAN_SCHEDULE };

    let login = Login::new(Shtrafovnet::EMAIL, Shtrafovnet::PASSWORD.to_owned());
    let client = Client::builder(login).base_url(sandbox.shtrafovnet_url()).build()?;

    let driver: Email = "42@drivers.example".parse()?;
    client.create_user(&driver).username("Driver 42").await?;
    let car = client.create_car("7700000001", "а002аа77").owner(&driver).await?;
    let scan = client.scan(&car.id).wait().schedule(at_once).await?;
    println!("scan {}: {:?}", scan.id, scan.status);

    let unpaid = client.user_fines(&driver).paid([PaidFilter::NoPaid]);
    let fines: Vec<Fine> = unpaid.items().try_collect().await?;
    for fine in &fines {
        let (law, amount) = (fine.koap_text.as_deref().unwrap_or("?"), fine.total_amount);
        println!("  {}: {law}, {} rubles", fine.id, amount.unwrap_or_default());
    }

    let payer = Payer::new("Иванов", "Алексей", "Петрович")?;
    let (paid, failed) = ("https://drivers.example/paid", "https://drivers.example/failed");
    let invoice = client.create_invoice(&driver, payer, paid, failed).await?;
    println!("invoice {} over {:?} rubles", invoice.id, invoice.total_amount);
    println!(
        "  to be paid at {}",
        invoice.pay_url.as_ref().ok_or("no address to pay at")?.as_str()
    );

    // The driver does so in a browser; the sandbox's driver is quick.
    sandbox.shtrafovnet().pay_invoice(invoice.id.as_str().parse()?);
    let end = client.wait_for_invoice(&invoice.id).schedule(at_once).await?;
    println!("  {:?} at {:?}", end.status, end.paid_at);
    Ok(())
}
