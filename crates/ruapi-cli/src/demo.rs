//! `ruapi demo`: the main flow of each API, as one would type it.

use std::ffi::OsString;
use std::fs;
use std::sync::Arc;

use chrono::TimeDelta;
use ruapi_sandbox::osago::{Act, OfferStatus};
use ruapi_sandbox::{Epgu, Nsso, Osago, Sandbox};

use crate::exit::Failure;
use crate::osago::example_request;
use crate::{execute, output};

const FLEET: u64 = 20;

pub(crate) async fn run() -> Result<(), Failure> {
    output::line("Everything here comes from the embedded sandbox: no money, no real data.\n")?;
    nsso().await?;
    shtrafovnet().await?;
    osago().await?;
    epgu().await
}

async fn nsso() -> Result<(), Failure> {
    let failed = |error| Failure::local("cannot prepare the demo's files", &error);
    let directory = tempfile::tempdir().map_err(failed)?;
    let (input, answers) =
        (directory.path().join("fleet.csv"), directory.path().join("fleet.jsonl"));
    let plates: String =
        (0..FLEET).map(|index| format!("{};{}\n", index + 1, Nsso::fleet_plate(index))).collect();
    fs::write(&input, format!("id;plate\n{plates}")).map_err(failed)?;
    let (input, answers_path) = (input.display().to_string(), answers.display().to_string());

    remark("NSSO: is this car insured?")?;
    check(&["--plate", Nsso::EXAMPLE_PLATE]).await?;
    remark("A policy by its number, as JSON for another program.")?;
    check(&["--policy", Nsso::EXAMPLE_POLICY, "--format", "json"]).await?;
    remark("A car without a policy. This is an answer, and it is billed.")?;
    check(&["--plate", Nsso::EMPTY_PLATE]).await?;
    remark("A typing error costs nothing: it is found before anything is sent.")?;
    check(&["--plate", "А111ЯА11"]).await?;
    remark(
        "A whole fleet. With a file of yours, the same command run again goes on where it was stopped.",
    )?;
    check(&["--input", &input, "--output", &answers_path]).await?;
    remark("The outcomes, one line of JSON a row:")?;
    output::line(&format!("$ head -n 1 {answers_path}"))?;
    let answers = fs::read_to_string(&answers).map_err(failed)?;
    output::line(answers.lines().next().unwrap_or_default())?;
    output::line("")
}

/// Of its own state: the first user, car, scan and invoice that are made have these numbers.
async fn shtrafovnet() -> Result<(), Failure> {
    const USER: &str = "driver@example.com";
    const CAR: &str = "3000001";
    const INVOICE: u64 = 1000;
    let sandbox = Sandbox::start().await;
    let sandbox = sandbox.map_err(|error| Failure::local("cannot start the sandbox", &error))?;
    let sandbox = Arc::new(sandbox);
    // So short that nobody has to sit and wait.
    sandbox.shtrafovnet().set_scan_seconds(Some(0));
    sandbox.shtrafovnet().set_invoice_seconds(0);
    let invoice = INVOICE.to_string();
    let ask = async |words: &[&str]| {
        let command = ["ruapi", "--sandbox", "shtrafovnet"];
        shell(&[&command, words].concat(), Some(sandbox.clone())).await
    };

    remark("Shtrafovnet: a user of yours, with an invented address. Here all commands share one")?;
    remark("sandbox; by yourself, start `ruapi sandbox` and name it with --base-url.")?;
    ask(&["users", "create", USER, "--first-name", "Алексей"]).await?;
    remark("The user's car.")?;
    let car = ["--reg", "а001аа777", "--cert", "3620848236", "--name", "NISSAN TIIDA"];
    ask(&[&["cars", "create", "--user", USER], &car[..]].concat()).await?;
    remark("Its fines are looked for, which takes the real service about a minute.")?;
    ask(&["scan", CAR, "--wait", "--wait-first", "0.1"]).await?;
    remark("The fines that are not paid yet. `fines export` writes any number of them to a file.")?;
    ask(&["users", "fines", USER, "--paid", "nopaid,partpaid"]).await?;
    remark("An invoice for all of them, and where the user pays it.")?;
    let names = ["--surname", "Иванов", "--name", "Алексей", "--patronymic", "Петрович"];
    let urls =
        ["--success-url", "https://example.com/paid", "--fail-url", "https://example.com/no"];
    let create = ["invoices", "create", "--user", USER];
    ask(&[&create[..], &names, &urls].concat()).await?;
    remark("The user pays there.")?;
    if sandbox.shtrafovnet().invoice_status(INVOICE).is_some() {
        sandbox.shtrafovnet().pay_invoice(INVOICE);
    }
    ask(&["invoices", "show", &invoice, "--wait", "--wait-first", "0.1"]).await?;
    remark("Nothing is left to pay.")?;
    ask(&["users", "cars", USER]).await
}

/// Of its own state, in which time can be moved.
async fn osago() -> Result<(), Failure> {
    const OFFER: [&str; 2] = [Osago::EXAMPLE_REQUEST, Osago::EXAMPLE_OFFER];
    let failed = |error| Failure::local("cannot prepare the demo's files", &error);
    let directory = tempfile::tempdir().map_err(failed)?;
    let path = |name: &str| directory.path().join(name).display().to_string();
    let (request, policy) = (path("request.json"), path("policy.pdf"));
    fs::write(&request, output::to_json(&example_request())).map_err(failed)?;
    let sandbox = Sandbox::start().await;
    let sandbox = sandbox.map_err(|error| Failure::local("cannot start the sandbox", &error))?;
    let sandbox = Arc::new(sandbox);
    sandbox.osago().change(|settings| {
        (settings.calculation_seconds, settings.draft_seconds) = (0, 0);
        settings.extra_fields = false;
    });
    let later = |seconds| sandbox.clock().advance(TimeDelta::seconds(seconds));
    let ask = async |words: &[&str]| {
        let command = ["ruapi", "--sandbox", "osago"];
        shell(&[&command, words].concat(), Some(sandbox.clone())).await
    };
    let quickly = ["--wait", "--wait-every", "0.1"];

    remark("OSAGO: what do insurers offer? The request is that of `ruapi osago template`.")?;
    ask(&[&["calculate", &request], &quickly[..]].concat()).await?;
    remark("The offer of the API's document.")?;
    ask(&[&["offer"], &OFFER[..]].concat()).await?;
    remark("Its upsale is required: a confirmation without it is refused before it is sent.")?;
    let urls =
        ["--success-url", "https://example.com/ok", "--failure-url", "https://example.com/no"];
    let confirm = [&["confirm"], &OFFER[..], &urls].concat();
    ask(&confirm).await?;
    ask(&[&confirm[..], &["--upsale", "112234=1"]].concat()).await?;
    remark("A moment later it can be paid.")?;
    later(5);
    ask(&["status", Osago::EXAMPLE_REQUEST]).await?;
    remark("The customer pays, and there is a policy.")?;
    if sandbox.osago().offer_status(OFFER[0], OFFER[1]) == Some(OfferStatus::PaymentReady) {
        sandbox.osago().act(OFFER[0], OFFER[1], Act::Pay);
    }
    later(10);
    ask(&[&["policy"], &OFFER[..], &["-o", &policy], &quickly].concat()).await?;
    remark("For whoever is such a partner: the own server held against the document.")?;
    ask(&["check-partner", "--wait-every", "0.1"]).await
}

/// Files an application, with invented files, and follows it to its end.
async fn epgu() -> Result<(), Failure> {
    /// The first that a fresh sandbox gives out.
    const ORDER: &str = "5000000001";
    let failed = |error| Failure::local("cannot prepare the demo's files", &error);
    let directory = tempfile::tempdir().map_err(failed)?;
    let place = |name: &str| directory.path().join(name).display().to_string();
    let (request, archive) = (place("req.xml"), place("application.zip"));
    fs::write(&request, "<req/>").map_err(failed)?;
    fs::write(place("req.xml.sig"), "an invented signature").map_err(failed)?;
    let sandbox = Sandbox::builder().frozen(true).start().await;
    let sandbox = sandbox.map_err(|error| Failure::local("cannot start the sandbox", &error))?;
    let sandbox = Arc::new(sandbox);
    let ask = async |words: &[&str]| {
        let command = ["ruapi", "--sandbox", "epgu"];
        shell(&[&command, words].concat(), Some(sandbox.clone())).await
    };

    remark("EPGU: the archive of an application, checked as the service would check it.")?;
    ask(&["archive", "build", "-o", &archive, &request, "--with-signatures"]).await?;
    remark("It is filed. What may have been filed is not repeated: the exit code tells it.")?;
    let service = ["--region", "36000000000", "--service", Epgu::SERVICE, "--target", Epgu::TARGET];
    ask(&[&["submit", "--with-order"], &service[..], &[&archive]].concat()).await?;
    remark("Five minutes later it is over; `order watch` tells each change once.")?;
    sandbox.clock().advance(TimeDelta::minutes(5));
    ask(&["order", "watch", ORDER]).await?;
    remark("What came of it.")?;
    ask(&["order", "show", ORDER]).await
}

fn remark(text: &str) -> Result<(), Failure> {
    output::line(&format!("# {text}"))
}

async fn check(arguments: &[&str]) -> Result<(), Failure> {
    let command = ["ruapi", "--sandbox", "nsso", "check"];
    shell(&[&command, arguments].concat(), None).await
}

/// Prints the command, executes it, and prints its exit code if it failed.
async fn shell(words: &[&str], sandbox: Option<Arc<Sandbox>>) -> Result<(), Failure> {
    let quoted = words.iter().map(|word| match word.contains(' ') {
        true => format!("'{word}'"),
        false => (*word).to_owned(),
    });
    output::line(&format!("$ {}", quoted.collect::<Vec<_>>().join(" ")))?;
    let code = execute(words.iter().map(OsString::from), sandbox).await;
    if code != 0 {
        output::line(&format!("(exit code {code})"))?;
    }
    output::line("")
}
