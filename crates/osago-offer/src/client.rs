//! The client: which partner, by which credential, and one method for each operation.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ruapi_core::{Api, Backoff, Clock, Credential, Error, Options, Pipeline, RetryPolicy};

use crate::RequestId;
use crate::calculation::{Calculate, CalculationRequest, ShowCalculation, ShowCalculationStatus};
use crate::call::Call;
use crate::documents::{ShowDraft, ShowPolicy};
use crate::error::classify;
use crate::offer::{Confirm, Confirmation, Offer, OfferKey, ReturnUrls, ShowOffer};

/// Client of a partner's server, as Yandex calls it. Cloning is cheap; clones share connections,
/// limits and the retry budget.
///
/// ```
/// use osago_offer::{Client, Credential, OfferKey};
/// use ruapi_sandbox::{Osago, Sandbox};
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let sandbox = Sandbox::start().await?;
///     let credential = Credential::bearer(Osago::TOKEN.to_owned().into())?;
///     // For a real partner: its URL up to `osago/…`.
///     let client = Client::new(sandbox.osago_url(), credential)?;
///
///     let key = OfferKey::new(Osago::EXAMPLE_REQUEST, Osago::EXAMPLE_OFFER);
///     let offer = client.offer(&key).await?;
///     println!("{:?} rubles", offer.price);
///     Ok(())
/// }
/// ```
///
/// The whole way is in the [guide](crate::guide).
#[derive(Clone)]
pub struct Client {
    pipeline: Pipeline,
}

impl Client {
    /// A client of the partner at `base_url`, the URL up to `osago/…`, with the defaults of
    /// [`ClientBuilder`]. How a partner wants to be shown who calls is documented nowhere: any
    /// [`Credential`] will do, also [`Credential::none`].
    pub fn new(base_url: impl Into<String>, credential: Credential) -> Result<Self, Error> {
        Self::builder(base_url, credential).build()
    }

    /// A client with settings of your own.
    pub fn builder(base_url: impl Into<String>, credential: Credential) -> ClientBuilder {
        ClientBuilder { base_url: base_url.into(), credential, options: Options::new() }
    }

    // Calculations

    /// Starts a calculation (`POST osago/calculate`). Not repeated by itself.
    /// [`wait`](Call::<Calculate>::wait) goes on to its end.
    pub fn calculate(&self, request: CalculationRequest) -> Call<Calculate> {
        Call::new(self, Calculate::new(request))
    }

    /// A calculation with its offers (`GET osago/calculate`). May be repeated.
    /// [`wait`](Call::<ShowCalculation>::wait) asks until its end.
    pub fn calculation(&self, request_id: &RequestId) -> Call<ShowCalculation> {
        Call::new(self, ShowCalculation { request_id: request_id.clone() })
    }

    /// Where a calculation and its offers stand (`GET osago/calculate/status`). May be repeated.
    pub fn calculation_status(&self, request_id: &RequestId) -> Call<ShowCalculationStatus> {
        Call::new(self, ShowCalculationStatus { request_id: request_id.clone() })
    }

    // Offers

    /// Confirms an offer (Подтверждение предложения ОСАГО, `POST osago/offer`). The choice of upsales is
    /// checked against the offer before anything is sent: see [`check_upsales`](crate::offer::check_upsales).
    /// Not repeated by itself: when it may have been processed, ask for the [`offer`](Self::offer).
    pub fn confirm(
        &self,
        request_id: impl Into<RequestId>,
        offer: &Offer,
        return_urls: ReturnUrls,
    ) -> Call<Confirm> {
        let key = OfferKey::new(request_id, offer.offer_id.clone());
        Call::new(self, Confirm::new(Confirmation::new(&key, return_urls), Some(offer.clone())))
    }

    /// Confirms an offer of which only the identifiers are known: the partner alone checks the choice
    /// of upsales. Otherwise like [`confirm`](Self::confirm).
    pub fn confirm_unseen(&self, key: &OfferKey, return_urls: ReturnUrls) -> Call<Confirm> {
        Call::new(self, Confirm::new(Confirmation::new(key, return_urls), None))
    }

    /// An offer as it stands (`GET osago/offer`). May be repeated.
    pub fn offer(&self, key: &OfferKey) -> Call<ShowOffer> {
        Call::new(self, ShowOffer { key: key.clone() })
    }

    // Documents

    /// The draft of the policy (`GET osago/offer/draft`). May be repeated.
    /// [`wait`](Call::<ShowDraft>::wait) asks until it is there.
    pub fn draft(&self, key: &OfferKey) -> Call<ShowDraft> {
        Call::new(self, ShowDraft { key: key.clone() })
    }

    /// The policy (`GET osago/offer/policy`). May be repeated.
    /// [`wait`](Call::<ShowPolicy>::wait) asks until it is there.
    pub fn policy(&self, key: &OfferKey) -> Call<ShowPolicy> {
        Call::new(self, ShowPolicy { key: key.clone() })
    }

    pub(crate) fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        self.pipeline.clock().clone()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("pipeline", &self.pipeline).finish()
    }
}

/// Settings of a [`Client`].
///
/// By default: 30 s for an attempt, 120 s for a call, up to 4 attempts at what may be repeated, at least
/// a second apart, answers up to 32 MiB.
///
/// ```
/// use std::time::Duration;
///
/// use osago_offer::{Client, Credential, Options};
///
/// let credential = Credential::bearer("not-a-real-token".to_owned().into())?;
/// let client = Client::builder("https://partner.example/api/", credential)
///     .options(Options::new().timeout(Duration::from_secs(10)))
///     .build()?;
/// # let _ = client;
/// # Ok::<(), osago_offer::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "ends with `build`"]
pub struct ClientBuilder {
    base_url: String,
    credential: Credential,
    options: Options,
}

impl ClientBuilder {
    /// Timeouts, retries, limits, the HTTP client.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// The client. Refused: a base URL that would send the credential in the clear.
    pub fn build(self) -> Result<Client, Error> {
        // A pause is at least half of this: a calculation may be asked for once a second, and a
        // repeated question is one as well.
        let backoff = Backoff::new(Duration::from_secs(2), Duration::from_secs(20));
        let api = Api {
            user_agent: concat!("osago-offer/", env!("CARGO_PKG_VERSION")),
            timeout: Duration::from_secs(30),
            deadline: Duration::from_secs(120),
            retry: RetryPolicy::default().backoff(backoff),
            // Room for a PDF of 16 MiB in base64.
            max_body: 32 << 20,
            classify,
        };
        let pipeline = Pipeline::new(api, &self.base_url, self.credential, self.options)?;
        Ok(Client { pipeline })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("base_url", &self.base_url)
            .field("credential", &self.credential)
            .field("options", &self.options)
            .finish()
    }
}

/// What a caller may rely on when spawning and sharing.
const _: () = {
    const fn is_shared<T: Clone + Send + Sync + 'static>() {}
    const fn is_sent<T: Send + 'static>() {}
    is_shared::<Client>();
    is_shared::<Call<Confirm>>();
    is_sent::<<Call<Confirm> as IntoFuture>::IntoFuture>();
    is_sent::<crate::calculation::CalculationWait>();
};
