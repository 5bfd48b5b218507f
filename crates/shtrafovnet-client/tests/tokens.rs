//! The life of a token: fetched on first use, kept, renewed when it is refused, never begged for.

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{client, client_with, count, email, login};
use ruapi_core::test_util::ManualClock;
use ruapi_core::{BoxFuture, Clock};
use ruapi_sandbox::{Fault, FaultKind, Sandbox, Shtrafovnet};
use secrecy::{ExposeSecret, SecretString};
use shtrafovnet_client::{Client, FileStore, Identity, Kind, Login, Options, TokenStore};

#[tokio::test]
async fn the_token_is_fetched_once_and_kept() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    assert_eq!(sandbox.requests_total(), 0, "nothing before the first call");
    for _ in 0..3 {
        client.company().await.unwrap();
    }
    assert_eq!(sandbox.shtrafovnet().tokens_issued(), 1);
    assert_eq!(count(&sandbox, "POST", "/tokens"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_calls_with_an_expired_token_share_one_renewal() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    client.company().await.unwrap();
    sandbox.shtrafovnet().revoke_all_tokens();
    sandbox.clear_requests();

    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..1000 {
        let client = client.clone();
        calls.spawn(async move { client.company().await.map(|company| company.attempts()) });
    }
    for attempts in calls.join_all().await {
        assert!(attempts.expect("no call is lost") <= 2, "none is sent more than twice");
    }
    assert_eq!(count(&sandbox, "POST", "/tokens"), 1);
    assert!(count(&sandbox, "GET", "/company") <= 2000);
    assert_eq!(sandbox.shtrafovnet().tokens_issued(), 2);
}

#[tokio::test]
async fn a_call_that_must_not_be_repeated_is_repeated_after_a_401() {
    // A 401 was not processed, so nothing is made twice.
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    client.company().await.unwrap();
    sandbox.shtrafovnet().revoke_all_tokens();
    let user = client.create_user(&email("new@test.ru")).await.unwrap();
    assert_eq!(user.attempts(), 2);
    assert_eq!(sandbox.shtrafovnet().users_created(), 1);
}

#[tokio::test]
async fn a_token_that_is_never_good_ends_in_an_error_after_one_renewal() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    sandbox
        .inject(Fault::new(FaultKind::status(401)).path("/shtrafovnet/latest/webmasters/company"));
    let error = client.company().await.unwrap_err();
    assert!(error.is_credential() && !error.maybe_processed(), "{error}");
    assert_eq!(error.attempts(), 2);
    assert_eq!(count(&sandbox, "POST", "/tokens"), 2);
}

#[tokio::test]
async fn a_401_as_html_is_a_credential_error_like_any_other() {
    let sandbox = Sandbox::start().await.unwrap();
    let token = Identity::Token("not-a-token-of-the-sandbox".to_owned().into());
    let client = Client::builder(token).base_url(sandbox.shtrafovnet_url()).build().unwrap();
    sandbox.inject(Fault::new(FaultKind::Html { status: 401, processed: false }));
    let error = client.company().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (Kind::Credential, 1), "a fixed token stays");
    assert_eq!((error.code(), error.message()), (None, None));
    assert!(error.body().starts_with(b"<html>"));
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_and_the_account_is_not_locked() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.shtrafovnet().set_login_failures(2);
    let clock = Arc::new(ManualClock::new());
    let login = Login::new(Shtrafovnet::EMAIL, "wrong".to_owned());
    let client = Client::builder(login)
        .base_url(sandbox.shtrafovnet_url())
        .options(Options::new().clock(clock.clone()))
        .build()
        .unwrap();
    let calls = (0..50).map(|_| {
        let client = client.clone();
        async move { client.company().await.unwrap_err() }
    });
    for error in futures_util::future::join_all(calls).await {
        assert!(error.is_credential() && !error.maybe_processed(), "{error}");
    }
    // And whoever tries again, and again, gets the same answer without asking.
    for _ in 0..10 {
        assert!(client.company().await.unwrap_err().is_credential());
    }
    assert_eq!(sandbox.requests_total(), 1);
    assert!(!sandbox.shtrafovnet().is_locked(Shtrafovnet::EMAIL));

    clock.advance(Duration::from_secs(301));
    assert!(client.company().await.unwrap_err().is_credential());
    assert_eq!(sandbox.requests_total(), 2, "later the password may be right");
}

#[tokio::test]
async fn a_login_waits_for_no_slot_that_its_own_call_holds() {
    let sandbox = Sandbox::start().await.unwrap();
    let limits = shtrafovnet_client::Limits::default().parallel(1);
    let client = client_with(&sandbox, Options::new().limits(limits));
    client.company().await.unwrap();
    sandbox.shtrafovnet().revoke_all_tokens();
    client.company().await.unwrap();
}

#[tokio::test]
async fn a_new_password_is_used_from_then_on() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    client.update_account().password("another_secret".to_owned()).await.unwrap();
    // The old token became invalid with the old password.
    client.company().await.unwrap();
    assert_eq!(sandbox.shtrafovnet().tokens_issued(), 2);

    let error = common::client(&sandbox).company().await.unwrap_err();
    assert!(error.is_credential(), "the old password is none any more");
}

#[tokio::test]
async fn a_change_of_password_that_may_have_happened_is_not_repeated() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    client.company().await.unwrap();
    sandbox.clear_requests();
    let cut = FaultKind::Cut { processed: true, after_bytes: 0, reset: true };
    sandbox.inject(Fault::new(cut).times(1));
    let error = client.update_account().password("another_secret".to_owned()).await.unwrap_err();
    assert!(error.maybe_processed());
    assert_eq!(sandbox.requests_total(), 1);
}

#[tokio::test]
async fn the_account_can_be_asked_for_by_password() {
    let sandbox = Sandbox::start().await.unwrap();
    let builder = Client::builder(login()).base_url(sandbox.shtrafovnet_v2_url());
    let client = builder.account_by_password(true).build().unwrap();
    assert_eq!(client.account().await.unwrap().id.as_str(), "777");
    assert_eq!(sandbox.shtrafovnet().tokens_issued(), 0);

    let token = Identity::Token(Shtrafovnet::TOKEN.to_owned().into());
    let builder = Client::builder(token).base_url(sandbox.shtrafovnet_url());
    let client = builder.account_by_password(true).build().unwrap();
    let error = client.account().await.unwrap_err();
    assert!(error.is_credential() && error.attempts() == 0, "{error}");
}

#[tokio::test]
async fn without_a_login_only_registration_can_be_called() {
    let sandbox = Sandbox::start().await.unwrap();
    let nobody = Client::builder(Identity::Nobody).base_url(sandbox.shtrafovnet_url()).build();
    let nobody = nobody.unwrap();
    let error = nobody.company().await.unwrap_err();
    assert!(error.is_credential() && error.attempts() == 0, "{error}");
    let address = email("fresh@test.ru");
    let password = || SecretString::from("fresh_secret");
    let call = nobody.register_account(&address, password(), "Fresh", "https://fresh.example");
    call.await.unwrap();

    // Nothing else works before the letter's link was opened.
    let client = Client::builder(Login::new("fresh@test.ru", password()))
        .base_url(sandbox.shtrafovnet_url())
        .build()
        .unwrap();
    let error = client.company().await.unwrap_err();
    assert!(error.is_credential(), "{error}");
    assert_eq!(sandbox.shtrafovnet().mail().len(), 1);
}

#[tokio::test]
async fn a_stored_token_outlives_the_process() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token.json");
    let start = || {
        let builder = Client::builder(login()).base_url(sandbox.shtrafovnet_url());
        builder.token_store(FileStore::new(&path)).build().unwrap()
    };
    start().company().await.unwrap();
    start().company().await.unwrap();
    assert_eq!(sandbox.shtrafovnet().tokens_issued(), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");

    // A stored token that is refused is replaced.
    sandbox.shtrafovnet().revoke_all_tokens();
    let client = start();
    client.company().await.unwrap();
    assert_eq!(sandbox.shtrafovnet().tokens_issued(), 2);
    start().company().await.unwrap();
    assert_eq!(sandbox.shtrafovnet().tokens_issued(), 2);

    // Another process renewed it meanwhile: its token is taken, no third one made.
    sandbox.shtrafovnet().revoke_all_tokens();
    start().company().await.unwrap();
    client.company().await.unwrap();
    assert_eq!(sandbox.shtrafovnet().tokens_issued(), 3);
}

#[tokio::test]
async fn a_file_of_another_account_or_of_something_else_is_not_used() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token.json");
    let store = FileStore::new(&path);
    let token = SecretString::from("another account's");
    store.save("other@test.ru https://x/", &token).await.unwrap();
    assert!(store.load("user@test.ru https://x/").await.unwrap().is_none());
    let loaded = store.load("other@test.ru https://x/").await.unwrap().unwrap();
    assert_eq!(loaded.expose_secret(), token.expose_secret());

    std::fs::write(&path, "{\"token\": \"not-to-be-shown").unwrap();
    let error = store.load("x").await.unwrap_err();
    assert!(!error.to_string().contains("not-to-be-shown"), "{error}");
    let builder = Client::builder(login()).base_url(sandbox.shtrafovnet_url());
    let client = builder.token_store(store).build().unwrap();
    client.company().await.unwrap();
    let left = std::fs::read_to_string(&path).unwrap();
    assert!(left.contains("not-to-be-shown"), "whatever it is, it is not overwritten");
}

/// A store that cannot do anything.
struct Broken;

impl TokenStore for Broken {
    fn load<'a>(
        &'a self,
        _: &'a str,
    ) -> BoxFuture<'a, Result<Option<SecretString>, std::io::Error>> {
        Box::pin(async { Err(std::io::Error::other("no disk")) })
    }

    fn save<'a>(
        &'a self,
        _: &'a str,
        _: &'a SecretString,
    ) -> BoxFuture<'a, Result<(), std::io::Error>> {
        Box::pin(async { Err(std::io::Error::other("no disk")) })
    }
}

#[tokio::test]
async fn a_store_that_fails_costs_a_login_and_no_more() {
    let sandbox = Sandbox::start().await.unwrap();
    let builder = Client::builder(login()).base_url(sandbox.shtrafovnet_url());
    let client = builder.token_store(Broken).build().unwrap();
    client.company().await.unwrap();
    client.company().await.unwrap();
    assert_eq!(sandbox.shtrafovnet().tokens_issued(), 1);
}

/// A store that keeps what it was given first and never learns.
struct Stale(SecretString);

impl TokenStore for Stale {
    fn load<'a>(
        &'a self,
        _: &'a str,
    ) -> BoxFuture<'a, Result<Option<SecretString>, std::io::Error>> {
        Box::pin(async { Ok(Some(self.0.clone())) })
    }

    fn save<'a>(
        &'a self,
        _: &'a str,
        _: &'a SecretString,
    ) -> BoxFuture<'a, Result<(), std::io::Error>> {
        Box::pin(async { Err(std::io::Error::other("read only")) })
    }
}

#[tokio::test]
async fn a_stale_stored_token_never_costs_a_call() {
    let sandbox = Sandbox::start().await.unwrap();
    let builder = Client::builder(login()).base_url(sandbox.shtrafovnet_url());
    let client = builder.token_store(Stale("stale".into())).build().unwrap();
    for round in 1..=3 {
        let company = client.company().await.unwrap();
        assert_eq!((company.attempts(), sandbox.shtrafovnet().tokens_issued()), (2, round));
        sandbox.shtrafovnet().revoke_all_tokens();
    }

    // The other process's token is refused by now as well: one more login settles it.
    let folder = tempfile::tempdir().unwrap();
    let store = FileStore::new(folder.path().join("token.json"));
    let builder = Client::builder(login()).base_url(sandbox.shtrafovnet_url());
    let client = builder.token_store(store.clone()).build().unwrap();
    client.company().await.unwrap();
    sandbox.shtrafovnet().revoke_all_tokens();
    let account = format!("{} {}", Shtrafovnet::EMAIL, sandbox.shtrafovnet_url());
    store.save(account.trim_end_matches('/'), &"stale".into()).await.unwrap();
    assert_eq!(client.company().await.unwrap().attempts(), 3);
}

#[tokio::test]
async fn a_stored_token_that_no_header_can_carry_costs_a_login_and_no_more() {
    let sandbox = Sandbox::start().await.unwrap();
    let with = |stored: String| {
        let builder = Client::builder(login()).base_url(sandbox.shtrafovnet_url());
        builder.token_store(Stale(stored.into())).build().unwrap()
    };
    with(format!("{}\r\n", Shtrafovnet::TOKEN)).company().await.unwrap();
    assert_eq!(sandbox.shtrafovnet().tokens_issued(), 0, "a line's end is none of the token's");
    for (logins, stored) in [(1, "two\nlines"), (2, " \n")] {
        let company = with(stored.to_owned()).company().await.unwrap();
        assert_eq!((company.attempts(), sandbox.shtrafovnet().tokens_issued()), (1, logins));
    }
}

#[tokio::test]
async fn a_change_of_password_whose_answer_was_lost_locks_nobody_out() {
    for processed in [true, false] {
        let sandbox = Sandbox::start().await.unwrap();
        let client = client(&sandbox);
        client.company().await.unwrap();
        sandbox
            .inject(Fault::new(FaultKind::Cut { processed, after_bytes: 0, reset: true }).times(1));
        let call = client.update_account().password("another_secret".to_owned());
        assert!(call.await.unwrap_err().maybe_processed());
        // Whether it was changed or not, the client gets in.
        sandbox.shtrafovnet().revoke_all_tokens();
        client.company().await.unwrap();
        client.update_account().phone("79005551122").await.unwrap();
        assert!(!sandbox.shtrafovnet().is_locked(Shtrafovnet::EMAIL));
    }
}

#[tokio::test]
async fn a_new_password_is_tried_though_the_old_one_is_kept_back() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    client.company().await.unwrap();
    lose_a_change(&sandbox, &client, "another_secret", true).await;
    // The old password is refused, and with the new one the service fails, in a way that is not repeated.
    sandbox.inject(Fault::new(FaultKind::status(501)).path(TOKENS).skip(1).times(1));
    sandbox.clear_requests();
    let error = client.company().await.unwrap_err();
    assert!(!error.is_credential() && count(&sandbox, "POST", "/tokens") == 2, "{error}");
    client.company().await.unwrap();
    assert_eq!(count(&sandbox, "POST", "/tokens"), 3, "the old one is not sent again");
}

#[tokio::test]
async fn passwords_that_are_all_refused_are_sent_once_each() {
    let sandbox = Sandbox::start().await.unwrap();
    let login = login();
    let builder = Client::builder(login.clone()).base_url(sandbox.shtrafovnet_url());
    let client = builder.account_by_password(true).build().unwrap();
    client.company().await.unwrap();
    // The change may have been made, and then somebody else made another one.
    lose_a_change(&sandbox, &client, "another_secret", true).await;
    let other = Client::builder(Login::new(Shtrafovnet::EMAIL, "another_secret".to_owned()));
    let other = other.base_url(sandbox.shtrafovnet_url()).build().unwrap();
    other.update_account().password("third_secret".to_owned()).await.unwrap();

    sandbox.clear_requests();
    for _ in 0..20 {
        assert!(client.company().await.unwrap_err().is_credential());
        // Neither are they sent by calls that need the password itself.
        assert!(client.create_token().await.unwrap_err().is_credential());
        assert!(client.account().await.unwrap_err().is_credential());
    }
    assert_eq!(count(&sandbox, "POST", "/tokens"), 2);
    assert_eq!(count(&sandbox, "GET", "/account"), 0);
    assert!(!sandbox.shtrafovnet().is_locked(Shtrafovnet::EMAIL));

    login.set_password("third_secret".to_owned());
    client.account().await.unwrap();
    client.company().await.unwrap();
}

#[tokio::test]
async fn a_second_change_does_not_make_the_first_forgotten() {
    for made in [[true, false], [false, true]] {
        let sandbox = Sandbox::start().await.unwrap();
        let client = client(&sandbox);
        client.company().await.unwrap();
        for (password, processed) in ["second_secret", "third_secret"].into_iter().zip(made) {
            lose_a_change(&sandbox, &client, password, processed).await;
        }
        sandbox.shtrafovnet().revoke_all_tokens();
        client.company().await.unwrap();
    }
    // A change that was surely not made takes back no earlier one that may have been.
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    client.company().await.unwrap();
    lose_a_change(&sandbox, &client, "another_secret", true).await;
    sandbox.inject(Fault::new(FaultKind::status(501)).path(TOKENS).times(1));
    let change = client.update_account().password("another_secret".to_owned());
    assert!(!change.await.unwrap_err().maybe_processed());
    client.company().await.unwrap();
}

#[tokio::test]
async fn a_call_by_password_finds_the_one_that_holds() {
    let sandbox = Sandbox::start().await.unwrap();
    let builder = Client::builder(login()).base_url(sandbox.shtrafovnet_url());
    let client = builder.account_by_password(true).build().unwrap();
    lose_a_change(&sandbox, &client, "another_secret", true).await;
    sandbox.clear_requests();
    client.account().await.unwrap();
    client.create_token().await.unwrap();
    assert_eq!(sandbox.requests_total(), 3, "the old one once, then the new one");
}

#[tokio::test]
async fn calls_by_a_wrong_password_do_not_lock_the_account() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.shtrafovnet().set_login_failures(2);
    let login = Login::new(Shtrafovnet::EMAIL, "wrong".to_owned());
    let builder = Client::builder(login).base_url(sandbox.shtrafovnet_url());
    let client = builder.account_by_password(true).build().unwrap();
    let calls = (0..50).map(|_| {
        let client = client.clone();
        async move { client.account().await.unwrap_err() }
    });
    for error in futures_util::future::join_all(calls).await {
        assert!(error.is_credential(), "{error}");
    }
    assert_eq!(sandbox.requests_total(), 1);
    assert!(!sandbox.shtrafovnet().is_locked(Shtrafovnet::EMAIL));
}

#[tokio::test]
async fn waiting_for_other_calls_by_password_is_within_the_deadline() {
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    let clock = Arc::new(ManualClock::new());
    let client = Client::builder(login())
        .base_url(sandbox.shtrafovnet_url())
        .account_by_password(true)
        .options(Options::new().clock(clock.clone()).deadline(Duration::from_secs(60)))
        .build()
        .unwrap();
    sandbox.inject(Fault::new(FaultKind::Stall { processed: false }).path(ACCOUNT));
    let start = clock.now();
    let driver = common::drive(&clock, &sandbox);
    let calls = (0..20).map(|_| {
        let client = client.clone();
        async move { client.account().await.unwrap_err() }
    });
    for error in futures_util::future::join_all(calls).await {
        assert_eq!(error.kind(), Kind::Timeout, "{error}");
    }
    let took = clock.now() - start;
    assert!(took <= Duration::from_secs(65), "{took:?}");

    sandbox.clear_faults();
    client.account().await.unwrap();
    driver.abort();
}

#[tokio::test]
async fn new_passwords_are_no_more_logins_with_a_wrong_one() {
    for by_password in [false, true] {
        let sandbox = Sandbox::start().await.unwrap();
        let login = Login::new(Shtrafovnet::EMAIL, "wrong".to_owned());
        let builder = Client::builder(login).base_url(sandbox.shtrafovnet_url());
        let client = builder.account_by_password(by_password).build().unwrap();
        for n in 0..20 {
            let change = client.update_account().password(format!("new_{n}"));
            let error = change.await.unwrap_err();
            assert!(error.is_credential() && !error.maybe_processed(), "{error}");
        }
        assert_eq!(sandbox.requests_total(), 1, "by password: {by_password}");
    }
}

#[tokio::test]
async fn a_change_that_nobody_waits_for_may_have_been_made() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    client.company().await.unwrap();
    let stall = FaultKind::Stall { processed: true };
    sandbox.inject(Fault::new(stall).path(ACCOUNT).times(1));
    let change = client.update_account().password("another_secret".to_owned());
    let change = tokio::spawn(change.into_future());
    while sandbox.stalled() == 0 {
        tokio::task::yield_now().await;
    }
    // Another call learns nothing of the change, but the old password is none any more.
    assert!(client.company().await.unwrap_err().is_credential());
    change.abort();
    assert!(change.await.unwrap_err().is_cancelled());
    client.company().await.unwrap();
    assert_eq!(count(&sandbox, "POST", "/tokens"), 3);
}

#[tokio::test]
async fn a_password_that_is_told_is_tried_though_it_was_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let login = Login::new(Shtrafovnet::EMAIL, "future_secret".to_owned());
    let builder = Client::builder(login.clone()).base_url(sandbox.shtrafovnet_url());
    let client = builder.build().unwrap();
    assert!(client.company().await.unwrap_err().is_credential());
    let other = common::client(&sandbox);
    other.update_account().password("future_secret".to_owned()).await.unwrap();
    assert!(client.company().await.unwrap_err().is_credential());
    login.set_password("future_secret".to_owned());
    client.company().await.unwrap();
}

#[tokio::test]
async fn of_many_lost_changes_the_latest_two_are_tried() {
    let sandbox = Sandbox::start().await.unwrap();
    let clock = Arc::new(ManualClock::new());
    let client = client_with(&sandbox, Options::new().clock(clock.clone()));
    client.company().await.unwrap();
    for n in 0..6 {
        lose_a_change(&sandbox, &client, &format!("new_{n}"), false).await;
    }
    // Somebody else made yet another change.
    let other = common::client(&sandbox);
    other.update_account().password("foreign_secret".to_owned()).await.unwrap();
    sandbox.clear_requests();
    for _ in 0..10 {
        assert!(client.company().await.unwrap_err().is_credential());
    }
    assert_eq!(count(&sandbox, "POST", "/tokens"), 3, "the known one and two more");
    // Later they may be tried again.
    clock.advance(Duration::from_secs(301));
    assert!(client.company().await.unwrap_err().is_credential());
    assert_eq!(count(&sandbox, "POST", "/tokens"), 6);
}

const ACCOUNT: &str = "/shtrafovnet/latest/webmasters/account";
const TOKENS: &str = "/shtrafovnet/latest/webmasters/tokens";

/// A change of password whose answer gets lost.
async fn lose_a_change(sandbox: &Sandbox, client: &Client, password: &str, processed: bool) {
    let cut = FaultKind::Cut { processed, after_bytes: 0, reset: true };
    sandbox.inject(Fault::new(cut).path(ACCOUNT).times(1));
    let change = client.update_account().password(password.to_owned());
    assert!(change.await.unwrap_err().maybe_processed());
}

#[tokio::test]
async fn a_password_from_a_letter_can_be_told() {
    let sandbox = Sandbox::start().await.unwrap();
    let login = login();
    let builder = Client::builder(login.clone()).base_url(sandbox.shtrafovnet_url());
    let client = builder.build().unwrap();
    client.reset_password(&email(Shtrafovnet::EMAIL)).await.unwrap();
    assert!(client.company().await.unwrap_err().is_credential());
    let letter = sandbox.shtrafovnet().mail().remove(0);
    login.set_password(letter.password.unwrap());
    client.company().await.unwrap();
}

#[tokio::test]
async fn only_a_refused_password_is_kept_back() {
    let sandbox = Sandbox::start().await.unwrap();
    let nobody = Client::builder(Identity::Nobody).base_url(sandbox.shtrafovnet_url()).build();
    let fresh = email("fresh@test.ru");
    let call =
        nobody.unwrap().register_account(&fresh, "fresh".to_owned(), "F", "https://f.example");
    call.await.unwrap();
    let client = Client::builder(Login::new("fresh@test.ru", "fresh".to_owned()))
        .base_url(sandbox.shtrafovnet_url())
        .build()
        .unwrap();
    let error = client.company().await.unwrap_err();
    // The login's own facts are told.
    assert_eq!((error.kind(), error.status().map(|s| s.as_u16())), (Kind::Credential, Some(403)));
    let letter = sandbox.shtrafovnet().mail().remove(0);
    let link = letter.link.unwrap();
    open_link(&link).await;
    client.company().await.unwrap();
}

/// Opens a link as a browser would.
async fn open_link(link: &str) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (host, path) = link.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    let request = format!("GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
