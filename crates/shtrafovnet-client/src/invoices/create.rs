use http::Method;
use ruapi_core::{Error, Id, Personal, Request, wire};
use serde::{Serialize, Serializer};

use super::{Invoice, Payer};
use crate::call::{Call, Operation};
use crate::cars::CarId;
use crate::fines::FineId;
use crate::input::{Email, not_blank, web_url};

const OPERATION: &str = "POST /invoices";

/// `POST /invoices` (Новый счет на оплату). Not repeated by itself: a second call makes a second invoice.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateInvoice {
    #[serde(serialize_with = "wire::serialize")]
    email: Personal<String>,
    #[serde(serialize_with = "wire::serialize")]
    wire_name: Personal<String>,
    #[serde(serialize_with = "wire::serialize")]
    wire_surname: Personal<String>,
    #[serde(serialize_with = "wire::serialize")]
    wire_patronymic: Personal<String>,
    // They often name a session.
    #[serde(serialize_with = "wire::serialize")]
    success_url: Personal<String>,
    #[serde(serialize_with = "wire::serialize")]
    fail_url: Personal<String>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "numbers")]
    fines: Option<Vec<FineId>>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "numbers")]
    cars: Option<Vec<CarId>>,
}

/// Here, unlike elsewhere, the sample has identifiers as numbers.
fn numbers<K, S: Serializer>(ids: &Option<Vec<Id<K>>>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(ids.iter().flatten().map(|id| match id.as_str().parse::<u64>() {
        Ok(number) => serde_json::Value::from(number),
        Err(_) => serde_json::Value::from(id.as_str()),
    }))
}

impl CreateInvoice {
    pub(crate) fn new(email: &Email, payer: Payer, success_url: String, fail_url: String) -> Self {
        Self {
            email: email.as_str().into(),
            wire_name: payer.name,
            wire_surname: payer.surname,
            wire_patronymic: payer.patronymic,
            success_url: success_url.into(),
            fail_url: fail_url.into(),
            fines: None,
            cars: None,
        }
    }
}

impl Operation for CreateInvoice {
    type Answer = Invoice;

    fn request(&self) -> Result<Request, Error> {
        web_url(OPERATION, "successUrl", &self.success_url)?;
        web_url(OPERATION, "failUrl", &self.fail_url)?;
        let fines = self.fines.iter().flatten().map(FineId::as_str);
        let cars = self.cars.iter().flatten().map(CarId::as_str);
        for id in fines.chain(cars) {
            not_blank(OPERATION, "an identifier", id)?;
        }
        // An empty list would not say "none" but "all".
        let is_empty = self.fines.as_ref().is_some_and(Vec::is_empty)
            || self.cars.as_ref().is_some_and(Vec::is_empty);
        if is_empty {
            let detail = "an empty list of fines or cars: leave it out to pay all unpaid ones";
            return Err(Error::input(OPERATION, detail));
        }
        Request::new(OPERATION, Method::POST, "invoices").json(self)
    }
}

impl Call<CreateInvoice> {
    /// `fines`: the fines to pay (Список штрафов).
    pub fn fines(mut self, fines: impl IntoIterator<Item = FineId>) -> Self {
        self.operation.fines = Some(fines.into_iter().collect());
        self
    }

    /// `cars`: the cars whose unpaid fines are to be paid (Список ТС).
    pub fn cars(mut self, cars: impl IntoIterator<Item = CarId>) -> Self {
        self.operation.cars = Some(cars.into_iter().collect());
        self
    }
}
