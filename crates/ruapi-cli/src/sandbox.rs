//! `ruapi sandbox`: all APIs on loopback, for a program in any language.

use ruapi_sandbox::{Epgu, Nsso, Osago, Sandbox, Shtrafovnet};

use crate::exit::Failure;
use crate::output;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The port on 127.0.0.1 to listen on; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 8080)]
    port: u16,
}

pub(crate) async fn serve(args: &Args) -> Result<(), Failure> {
    let sandbox = Sandbox::builder().port(args.port).start().await;
    let sandbox = sandbox.map_err(|error| {
        let what = format!("cannot listen on 127.0.0.1:{}", args.port);
        Failure::local(what, &error)
    })?;
    let (url, nsso) = (sandbox.url(), sandbox.nsso_url());
    output::line(&format!(
        "The sandbox listens on {url} until Ctrl-C.

NSSO
  base URL  {nsso}
  token     {token}
  call      curl '{nsso}nsso.php?type=checkPolicy&gosNumber={plate}&token={token}'
  or        RUAPI_NSSO_TOKEN={token} ruapi --base-url {nsso} nsso check --plate {plate}

Shtrafovnet
  base URL  {shtrafovnet}
  account   {email}, password {password}
  token     {bearer}
  call      curl -H 'Authorization: Bearer {bearer}' '{shtrafovnet}users'
  or        RUAPI_SHTRAFOVNET_TOKEN={bearer} ruapi --base-url {shtrafovnet} shtrafovnet users list

OSAGO
  base URL  {osago}
  token     {osago_token}
  call      curl -H 'Authorization: Bearer {osago_token}' '{osago}osago/offer?request_id={request}&offer_id={offer}'
  or        RUAPI_OSAGO_TOKEN={osago_token} ruapi --base-url {osago} osago offer {request} {offer}

EPGU
  base URL  {epgu}
  token     {epgu_token}
  call      curl -X POST -H 'Authorization: Bearer {epgu_token}' {epgu}api/gusmev/order/{order}
  or        RUAPI_EPGU_TOKEN={epgu_token} ruapi --base-url {epgu} epgu order show {order}

Control: state, clock, faults and received requests
  curl {url}_sandbox/",
        token = Nsso::TOKEN,
        plate = Nsso::EXAMPLE_PLATE,
        shtrafovnet = sandbox.shtrafovnet_url(),
        email = Shtrafovnet::EMAIL,
        password = Shtrafovnet::PASSWORD,
        bearer = Shtrafovnet::TOKEN,
        osago = sandbox.osago_url(),
        osago_token = Osago::TOKEN,
        request = Osago::EXAMPLE_REQUEST,
        offer = Osago::EXAMPLE_OFFER,
        epgu = sandbox.epgu_url(),
        epgu_token = Epgu::TOKEN,
        order = Epgu::EXAMPLE_ORDER,
    ))?;
    let interrupted = tokio::signal::ctrl_c().await;
    interrupted.map_err(|error| Failure::local("cannot wait for Ctrl-C", &error))
}
