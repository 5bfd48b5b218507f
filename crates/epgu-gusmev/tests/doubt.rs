//! A thousand filings while everything fails at random: never two applications for one filing, and no
//! doubt that a careful caller cannot settle once the faults stop.

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{archive, drive, meta};
use epgu_gusmev::credential::{Token, TokenSource};
use epgu_gusmev::{
    Archive, BoxFuture, Client, Credential, Environment, Error, Options, OrderId, RetryPolicy,
    Submission, SubmitFailed, UploadFailed, UploadState,
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
    Unknown(UploadState),
}

async fn file(client: &Client, archive: Archive) -> End {
    match client.submit(&meta(), archive).with_order().await {
        Ok(submitted) => End::Submitted(submitted.order),
        Err(SubmitFailed::Upload(failed)) if failed.maybe_submitted => End::Unknown(failed.state),
        Err(failed) => {
            assert!(!failed.maybe_submitted(), "{failed}");
            End::NotSubmitted(failed.order())
        }
    }
}

/// What a careful caller does: the details first; then the same upload goes on, or, after the five minutes,
/// begins anew.
async fn settle(client: &Client, archive: Archive, state: UploadState) -> Settled {
    let order = state.order();
    match client.reconcile(order).await.unwrap() {
        Submission::Submitted => return Settled::Filed,
        Submission::StillNew => {}
        other => panic!("{order}: {other:?}"),
    }
    let upload = client.upload(order, &meta(), archive);
    let resumed = upload.clone().resume(state).resend_if_new_for(Duration::from_secs(60));
    match resumed.await {
        Ok(submitted) => assert_eq!(submitted.order, order),
        Err(UploadFailed { maybe_submitted: true, .. }) => drop(upload.await.unwrap()),
        Err(failed) => panic!("a doubt that went away: {failed:?}"),
    }
    Settled::Resent
}

#[derive(PartialEq)]
enum Settled {
    Filed,
    Resent,
}

#[tokio::test]
async fn a_filing_makes_at_most_one_application_and_every_doubt_is_settled() {
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    sandbox.epgu().change(|settings: &mut Settings| {
        settings.applications_most = u32::MAX.into();
        settings.requests_per_minute = u32::MAX.into();
        settings.requests_per_hour = u32::MAX.into();
    });
    let clock = Arc::new(ManualClock::new());
    let client = &Client::builder(
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
    let archive_of = |n: usize| if n % 50 == 0 { large.clone() } else { small.clone() };
    let driver = drive(&clock, &sandbox);
    let ends: Vec<(usize, End)> = futures_util::stream::iter(0..FILINGS)
        .map(|n| async move { (n, file(client, archive_of(n)).await) })
        .buffer_unordered(PARALLEL)
        .collect()
        .await;
    sandbox.clear_faults();
    assert_eq!(ends.len(), FILINGS);

    let (mut submitted, mut not_submitted, mut unknown) = (0, 0, Vec::new());
    for (n, end) in ends {
        let (order, expected) = match end {
            End::Submitted(order) => {
                submitted += 1;
                (order, 1)
            }
            End::NotSubmitted(order) => {
                not_submitted += 1;
                let Some(order) = order else { continue };
                (order, 0)
            }
            End::Unknown(state) => {
                unknown.push((n, state));
                continue;
            }
        };
        assert_eq!(sandbox.epgu().applications_for(order.get()), expected, "{order}");
    }
    let settled: Vec<Settled> = futures_util::stream::iter(&unknown)
        .map(|(n, state)| settle(client, archive_of(*n), state.clone()))
        .buffer_unordered(PARALLEL)
        .collect()
        .await;
    for (_, state) in &unknown {
        assert_eq!(sandbox.epgu().applications_for(state.order().get()), 1, "{}", state.order());
    }
    driver.abort();
    // There was something to settle, both ways, and no application came of nothing.
    let filed = submitted + settled.len();
    assert!(
        filed > FILINGS / 2 && not_submitted > 0,
        "{filed} of them {submitted}, {not_submitted}"
    );
    assert_eq!(sandbox.epgu().applications(), filed as u64, "none that belongs to no filing");
    assert!(settled.contains(&Settled::Filed) && settled.contains(&Settled::Resent));
    assert_eq!(sandbox.epgu().counts().duplicate_submissions, 0);
}
