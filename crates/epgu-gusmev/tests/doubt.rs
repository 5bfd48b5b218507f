//! A thousand filings while everything fails at random: never two applications for one filing, and no
//! doubt that cannot be settled.

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{archive, drive, meta};
use epgu_gusmev::credential::{Token, TokenSource};
use epgu_gusmev::{
    Archive, BoxFuture, Client, Credential, Environment, Error, Options, OrderId, RetryPolicy,
    Submission,
};
use futures_util::StreamExt;
use ruapi_core::test_util::ManualClock;
use ruapi_sandbox::epgu::Settings;
use ruapi_sandbox::{Epgu, Fault, FaultKind, Sandbox};

const FILINGS: usize = 1000;
const PARALLEL: usize = 8;

/// A login that always works.
struct Login(Arc<Sandbox>);

impl TokenSource for Login {
    fn fetch(&self) -> BoxFuture<'_, Result<Token, Error>> {
        let token = self.0.epgu().new_token(Epgu::USER, None);
        Box::pin(async move { Ok(Token::new(token.into())) })
    }
}

/// How a filing ended.
enum End {
    Submitted(OrderId),
    NotSubmitted(Option<OrderId>),
    Unknown(OrderId),
}

async fn file(client: &Client, archive: Archive) -> End {
    match client.submit(&meta(), archive).with_order().await {
        Ok(submitted) => End::Submitted(submitted.order),
        Err(failed) if failed.maybe_submitted() => End::Unknown(failed.order().expect("a number")),
        Err(failed) => End::NotSubmitted(failed.order()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filing_makes_at_most_one_application_and_every_doubt_is_settled() {
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    sandbox.epgu().change(|settings: &mut Settings| {
        settings.applications_most = u32::MAX.into();
        settings.requests_per_minute = u32::MAX.into();
        settings.requests_per_hour = u32::MAX.into();
    });
    let clock = Arc::new(ManualClock::new());
    let client = Client::builder(
        Environment::Custom(sandbox.epgu_url()),
        Credential::renewing(Login(sandbox.clone())),
    )
    .request_limits(None)
    .application_limit(None)
    .options(
        Options::new()
            .clock(clock.clone())
            .timeout(Duration::from_secs(20))
            .retry(RetryPolicy::default().attempts(3).budget(u32::MAX / 100)),
    )
    .build()
    .unwrap();
    let cut = |processed, after_bytes| FaultKind::Cut { processed, after_bytes, reset: true };
    let faults = [
        cut(true, 0),
        cut(false, 0),
        cut(true, 40),
        cut(true, 150),
        FaultKind::TokenRevoked,
        FaultKind::status(429),
        FaultKind::status(502),
        FaultKind::status(503),
        FaultKind::Html { status: 504, processed: true },
        FaultKind::Stall { processed: true },
        FaultKind::Stall { processed: false },
        FaultKind::Garbage { processed: true },
    ];
    for (seed, kind) in faults.into_iter().enumerate() {
        sandbox.inject(Fault::new(kind).probability(0.03, seed as u64));
    }
    let (small, large) = (archive(100), archive(5_500_000));
    let driver = drive(&clock, &sandbox);
    let ends: Vec<End> = futures_util::stream::iter(0..FILINGS)
        .map(|n| file(&client, if n % 50 == 0 { large.clone() } else { small.clone() }))
        .buffer_unordered(PARALLEL)
        .collect()
        .await;
    sandbox.clear_faults();

    let (mut submitted, mut not_submitted, mut unknown) = (0, 0, 0);
    for end in &ends {
        let (order, expected) = match end {
            End::Submitted(order) => {
                submitted += 1;
                (*order, 1)
            }
            End::NotSubmitted(None) => {
                not_submitted += 1;
                continue;
            }
            End::NotSubmitted(Some(order)) => {
                not_submitted += 1;
                (*order, 0)
            }
            End::Unknown(order) => {
                unknown += 1;
                match client.reconcile(*order).await.unwrap() {
                    Submission::Submitted => (*order, 1),
                    Submission::NotSubmitted => (*order, 0),
                    other => panic!("{order}: {other:?}"),
                }
            }
        };
        assert_eq!(sandbox.epgu().applications_for(order.get()), expected, "{order}");
    }
    driver.abort();
    // There was something to settle, and no application came of nothing.
    assert!(submitted > FILINGS / 2 && not_submitted > 0 && unknown > 0);
    assert_eq!(ends.len(), FILINGS);
    assert_eq!(sandbox.epgu().counts().duplicate_submissions, 0);
}
