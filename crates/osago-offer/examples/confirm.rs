//! From a calculation to the policy, against a partner in the same program:
//! `cargo run --example confirm --features server`.
#![allow(clippy::print_stdout, reason = "an example for the terminal")]

mod shop;

use std::sync::Arc;
use std::time::Duration;

use osago_offer::calculation::{Address, AddressType, DriversInfo, Person, Vehicle};
use osago_offer::{
    CALCULATION_SCHEDULE, CalculationRequest, Client, Credential, DOCUMENT_SCHEDULE, Date,
    OfferKey, RequestId, ReturnUrls, Schedule,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let partner = Arc::new(shop::Shop::default());
    let url = shop::serve(partner.clone(), 0).await?;
    let client = Client::new(url, Credential::bearer(shop::TOKEN.into())?)?;
    // A partner at hand need not be waited for as long as the schedules of the API say.
    let moment = Duration::from_millis(10);
    let soon = |schedule| Schedule { first: moment, interval: moment, ..schedule };

    let request_id = RequestId::from("550e8400-e29b-41d4-a716-446655440000");
    let start: Date = "2026-12-01T00:00:00+03:00".parse()?;
    let vehicle = Vehicle::by_vin("XTA00000000000000");
    let mut request =
        CalculationRequest::new(request_id.clone(), start, vehicle, DriversInfo::unlimited());
    let mut owner = Person::new("Тестов", "Амонулло");
    owner.addresses = vec![Address::new(AddressType::Registration, "г Москва, ул Примерная, д 1")];
    request.owner = Some(owner);
    let calculation = client.calculate(request).wait().schedule(soon(CALCULATION_SCHEDULE)).await?;
    println!("{:?}", calculation.status);

    let offer = calculation.offers.first().ok_or("nobody makes an offer")?;
    println!("offer {} for {} rubles", offer.offer_id, offer.price.unwrap_or_default());
    let back =
        ReturnUrls::new("https://example.com/osago/success", "https://example.com/osago/failure");

    // A required upsale is left out: refused before anything is sent.
    let error = client.confirm(request_id.clone(), offer, back.clone()).await.unwrap_err();
    println!("  {error}");

    let upsales = offer.default_upsales();
    let confirmed = client.confirm(request_id.clone(), offer, back).upsales(upsales).await?;
    println!("  {:?}, to be paid at {:?}", confirmed.status, confirmed.payment_url.as_deref());

    let key = OfferKey::new(request_id, offer.offer_id.clone());
    let draft = client.draft(&key).wait().schedule(soon(DOCUMENT_SCHEDULE)).await?;
    println!("draft: {} bytes", draft.file.ok_or("no file")?.pdf()?.len());
    partner.pay(&key).map_err(|refusal| format!("{refusal:?}"))?;
    let policy = client.policy(&key).wait().schedule(soon(DOCUMENT_SCHEDULE)).await?;
    println!(
        "policy from {:?}: {} bytes",
        policy.policy_start_date,
        policy.file.ok_or("no file")?.pdf()?.len()
    );
    Ok(())
}
