//! `checkPolicy`: is this car or this policy insured.

use chrono::{Datelike, NaiveDate};
use http::Method;
use ruapi_core::{BoxFuture, Error, Idempotency, Request, Response, wire};

use crate::client::Client;
use crate::input::{PlateNumber, PolicyNumber};
use crate::model::PolicyCheck;

const OPERATION: &str = "checkPolicy";

/// What is asked about: a car or a policy, never both (the service calls that error 111).
///
/// ```
/// use nsso_client::{PolicyNumber, Query, Subject};
///
/// let policy: PolicyNumber = "IGSX224123456275000".parse()?;
/// let request = Query::new().request(&Subject::from(policy))?;
/// assert_eq!(request.query_string(), "type=checkPolicy&polis=IGSX224123456275000");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject {
    /// The car with this plate.
    Plate(PlateNumber),
    /// The policy with this number.
    Policy(PolicyNumber),
}

impl From<PlateNumber> for Subject {
    fn from(plate: PlateNumber) -> Self {
        Self::Plate(plate)
    }
}

impl From<&PlateNumber> for Subject {
    fn from(plate: &PlateNumber) -> Self {
        Self::Plate(plate.clone())
    }
}

impl From<PolicyNumber> for Subject {
    fn from(policy: PolicyNumber) -> Self {
        Self::Policy(policy)
    }
}

impl From<&PolicyNumber> for Subject {
    fn from(policy: &PolicyNumber) -> Self {
        Self::Policy(policy.clone())
    }
}

/// What is asked besides the subject. The same for every query of a [`Bulk`](crate::Bulk).
///
/// ```
/// # use nsso_client::{Client, PlateNumber, Token};
/// # use ruapi_sandbox::{Nsso, Sandbox};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::start().await?;
/// # let client = Client::builder(Token::new(Nsso::TOKEN)?).base_url(sandbox.nsso_url()).build()?;
/// use nsso_client::Query;
///
/// let day = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).ok_or("a date")?;
/// let ever = Query::new().date(day).only_actual(false).retry_try_later(true);
/// let plate: PlateNumber = Nsso::EXAMPLE_PLATE.parse()?;
/// let check = client.check(&plate).query(ever).await?;
/// assert_eq!(check.filters.request_date, Some(day));
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Query {
    date: Option<NaiveDate>,
    all: bool,
    retry_try_later: bool,
}

impl Query {
    /// Policies in force today.
    pub fn new() -> Self {
        Self::default()
    }

    /// `date`: the day on which the policy's validity is checked (Дата, на которую проверяется
    /// действие договора), Moscow time. Not sent by default: the service takes today.
    #[must_use]
    pub fn date(mut self, day: NaiveDate) -> Self {
        self.date = Some(day);
        self
    }

    /// `onlyActual`: only policies in force (1, the default) or all of them (0).
    #[must_use]
    pub fn only_actual(mut self, yes: bool) -> Self {
        self.all = !yes;
        self
    }

    /// Repeat also after the codes 404 and 1, by which the service asks to try again later.
    #[must_use]
    pub fn retry_try_later(mut self, yes: bool) -> Self {
        self.retry_try_later = yes;
        self
    }

    /// The request for one subject. The token is not in it. Refused: a year without four digits.
    pub fn request(&self, subject: &Subject) -> Result<Request, Error> {
        let mut request = Request::new(OPERATION, Method::GET, "nsso.php")
            // Every answered query is billed, so it is not repeated once it may have been processed.
            .idempotency(Idempotency::NotIdempotent)
            .retry_try_later(self.retry_try_later)
            .shown(&["type", "date", "onlyActual"])
            .query("type", OPERATION);
        request = match subject {
            Subject::Plate(plate) => request.query("gosNumber", plate.as_str()),
            Subject::Policy(policy) => request.query("polis", policy.as_str()),
        };
        if let Some(date) = self.date {
            if !(1000..=9999).contains(&date.year()) {
                return Err(Error::input(OPERATION, "date: expected a year of four digits"));
            }
            request = request.query("date", &wire::dotted_date::format(date));
        }
        if self.all {
            request = request.query("onlyActual", "0");
        }
        Ok(request)
    }
}

/// One query, made by [`Client::check`]; sent when it is awaited. **Billed** when it is answered.
///
/// Never repeated once it may have been processed: a query whose connection broke comes back as an
/// error with [`Error::maybe_processed`]. Repeated by itself: a connection that was never made, and code 456.
///
/// ```
/// # use nsso_client::{Client, PlateNumber, Token};
/// # use ruapi_sandbox::{Nsso, Sandbox};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::start().await?;
/// # let client = Client::builder(Token::new(Nsso::TOKEN)?).base_url(sandbox.nsso_url()).build()?;
/// let plate: PlateNumber = Nsso::EMPTY_PLATE.parse()?;
/// let check = client.check(&plate).only_actual(false).await?;
/// assert!(check.result.is_empty());
/// println!("{:?} rubles for nothing found", check.inquiry.price);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is sent until it is awaited"]
pub struct Check {
    client: Client,
    subject: Subject,
    query: Query,
}

impl Check {
    pub(crate) fn new(client: Client, subject: Subject, query: Query) -> Self {
        Self { client, subject, query }
    }

    /// All settings at once.
    pub fn query(mut self, query: Query) -> Self {
        self.query = query;
        self
    }

    /// See [`Query::date`].
    pub fn date(mut self, day: NaiveDate) -> Self {
        self.query = self.query.date(day);
        self
    }

    /// See [`Query::only_actual`].
    pub fn only_actual(mut self, yes: bool) -> Self {
        self.query = self.query.only_actual(yes);
        self
    }

    /// See [`Query::retry_try_later`].
    pub fn retry_try_later(mut self, yes: bool) -> Self {
        self.query = self.query.retry_try_later(yes);
        self
    }

    /// The request as it would be sent, without the token.
    pub fn request(&self) -> Result<Request, Error> {
        self.query.request(&self.subject)
    }
}

impl IntoFuture for Check {
    type Output = Result<Response<PolicyCheck>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let request = self.request()?;
            self.client.pipeline().send(&request).await?.decode(&request)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(subject: impl Into<Subject>, query: Query) -> Vec<(String, String)> {
        let request = query.request(&subject.into()).unwrap();
        assert_eq!(request.method(), Method::GET);
        assert_eq!(request.path(), "nsso.php");
        assert!(!request.is_idempotent(), "a billed query must not be repeated");
        let pairs = request.query_pairs();
        pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
    }

    #[test]
    fn exactly_the_documented_parameters_are_sent() {
        let plate: PlateNumber = "А111АА11".parse().unwrap();
        let policy: PolicyNumber = "IGSX224123456275000".parse().unwrap();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let date = NaiveDate::from_ymd_opt(2025, 8, 6).unwrap();
        assert_eq!(
            sent(plate, Query::new()),
            [pair("type", "checkPolicy"), pair("gosNumber", "А111АА11")]
        );
        assert_eq!(
            sent(policy, Query::new().date(date).only_actual(false)),
            [
                pair("type", "checkPolicy"),
                pair("polis", "IGSX224123456275000"),
                pair("date", "06.08.2025"),
                pair("onlyActual", "0"),
            ]
        );
    }

    #[test]
    fn a_year_that_does_not_fit_the_form_is_refused() {
        let plate: PlateNumber = "А111АА11".parse().unwrap();
        for year in [-1, 999, 10_000] {
            let date = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
            let error = Query::new().date(date).request(&Subject::from(&plate)).unwrap_err();
            assert!(error.is_input() && !error.maybe_processed());
        }
    }
}
