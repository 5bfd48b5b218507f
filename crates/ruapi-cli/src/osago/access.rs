//! Who asks: how a partner wants to be shown that is agreed on with each.

use http::HeaderName;
use osago_offer::Credential;
use ruapi_sandbox::Osago;

use super::session::failed;
use crate::exit::Failure;
use crate::global::{Global, option_words, variable_of};

const TOKEN_VARIABLE: &str = "RUAPI_OSAGO_TOKEN";
/// Whom nobody lets in.
const STRANGER: &str = "ruapi-wrong-credential";

#[derive(clap::Args)]
#[command(next_help_heading = "OSAGO options")]
pub(crate) struct Access {
    /// Send the token in this header, as it is, instead of `Authorization: Bearer …`
    #[arg(long, global = true, value_name = "NAME", value_parser = header_name)]
    header_name: Option<HeaderName>,
}

fn header_name(text: &str) -> Result<HeaderName, &'static str> {
    text.parse().map_err(|_| "expected the name of a header, such as X-Api-Key")
}

impl Access {
    pub(super) fn refuse_with_sandbox(&self, global: &Global) -> Result<(), Failure> {
        global.refuse_with_sandbox(self.header_name.is_some(), "--header-name")
    }

    /// The option as one would type it again.
    pub(super) fn words(&self) -> String {
        option_words("--header-name", self.header_name.as_ref().map(HeaderName::as_str))
    }

    /// The credential, from a file or else from the environment, and a wrong one of the same sort.
    /// Without a token there is none.
    pub(super) fn credentials(
        &self,
        global: &Global,
    ) -> Result<(Credential, Option<Credential>), Failure> {
        let token = match global.has_token_file() {
            true => Some(global.token(TOKEN_VARIABLE)?),
            false => variable_of(TOKEN_VARIABLE)?,
        };
        match token {
            Some(token) if token.trim().is_empty() => {
                Err(Failure::credential("the token is empty"))
            }
            Some(token) => Ok((self.placed(token)?, Some(self.placed(STRANGER.to_owned())?))),
            None if self.header_name.is_some() => Err(Failure::credential(format!(
                "no token for the header: set the environment variable {TOKEN_VARIABLE}, or name a \
                 file that holds it with --token-file FILE"
            ))),
            None => Ok((Credential::none(), None)),
        }
    }

    fn placed(&self, token: String) -> Result<Credential, Failure> {
        let placed = match &self.header_name {
            Some(name) => Credential::header_key(name.clone(), token.into()),
            None => Credential::bearer(token.into()),
        };
        placed.map_err(failed)
    }
}

/// The sandbox's credential, and a wrong one.
pub(super) fn of_sandbox() -> Result<(Credential, Option<Credential>), Failure> {
    let bearer = |token: &str| Credential::bearer(token.into()).map_err(failed);
    Ok((bearer(Osago::TOKEN)?, Some(bearer(STRANGER)?)))
}

/// What to do where a partner does not let somebody in.
pub(super) const ADVICE: &str = "the token is taken from RUAPI_OSAGO_TOKEN or --token-file FILE, and sent \
                                 as `Authorization: Bearer …` or as --header-name says; without a token, \
                                 no credential is sent";
