//! `ruapi shtrafovnet account`.

use std::path::PathBuf;

use clap::Subcommand;
use shtrafovnet_client::Email;

use super::access::{EMAIL_VARIABLE, Need, password_of};
use super::names::Names;
use super::session::{Context, failed};
use crate::exit::Failure;
use crate::global::variable_of;

const NEW_PASSWORD_VARIABLE: &str = "RUAPI_SHTRAFOVNET_NEW_PASSWORD";

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Show the account (Информация об аккаунте)
    Show,
    /// Register a new account (Регистрация); it works once the link in the letter was opened
    ///
    /// The password that it shall have comes from RUAPI_SHTRAFOVNET_PASSWORD or --password-file.
    Register(Register),
    /// Change the account (Обновление информации аккаунта); what is not named stays as it is
    Update(Update),
    /// Have a new password sent by e-mail (Восстановление пароля от аккаунта); tokens become invalid
    ResetPassword {
        /// The account's address; by default that of RUAPI_SHTRAFOVNET_EMAIL
        email: Option<Email>,
    },
}

#[derive(clap::Args)]
pub(crate) struct Register {
    /// The account's address; by default that of RUAPI_SHTRAFOVNET_EMAIL
    email: Option<Email>,
    /// The company's full name (Полное название компании, `name`)
    #[arg(long, value_name = "NAME")]
    company: String,
    /// The address of your site or app (Web-адрес, `url`)
    #[arg(long)]
    url: String,
    /// Your number at the partner service PHLIP (ID вебмастера, `affiliate_id`)
    #[arg(long, value_name = "NUMBER")]
    affiliate_id: Option<u64>,
    /// Where the service sends its notifications (URL обратной связи, `callback_url`)
    #[arg(long, value_name = "URL")]
    callback_url: Option<String>,
    /// Your app's token of Firebase Cloud Messaging (Токен приложения, `fcm_token`)
    #[arg(long, value_name = "TOKEN")]
    fcm_token: Option<String>,
    #[command(flatten)]
    names: Names,
}

#[derive(clap::Args)]
pub(crate) struct Update {
    /// Change the password to that of RUAPI_SHTRAFOVNET_NEW_PASSWORD; tokens become invalid
    #[arg(long)]
    new_password: bool,
    /// Change the password to that in this file
    #[arg(long, value_name = "FILE", conflicts_with = "new_password")]
    new_password_file: Option<PathBuf>,
    #[command(flatten)]
    names: Names,
}

impl Command {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        match self {
            Self::Show => {
                let session = context.connect_to_account().await?;
                session.show(&*session.client.account().await.map_err(failed)?)
            }
            Self::Register(register) => register.run(context).await,
            Self::Update(update) => update.run(context).await,
            Self::ResetPassword { email } => {
                let email = account(email.as_ref())?;
                let session = context.connect(Need::Nothing).await?;
                let answer = session.client.reset_password(&email).await.map_err(failed)?;
                session.show_done(&*answer)
            }
        }
    }
}

impl Register {
    async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let email = account(self.email.as_ref())?;
        let password = context.access.password(context.global)?;
        let session = context.connect(Need::Nothing).await?;
        let mut call = session.client.register_account(&email, password, &self.company, &self.url);
        if let Some(id) = self.affiliate_id {
            call = call.affiliate_id(id);
        }
        if let Some(url) = &self.callback_url {
            call = call.callback_url(url);
        }
        if let Some(token) = &self.fcm_token {
            call = call.fcm_token(token);
        }
        session.show_done(&*self.names.apply(call).await.map_err(failed)?)
    }
}

impl Update {
    async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let password = match &self.new_password_file {
            Some(path) => Some(password_of(context.global, path, "--new-password-file")?),
            None if self.new_password => Some(new_password()?),
            None if self.names.is_empty() => {
                return Err(Failure::input("nothing to change: see --help for what can be"));
            }
            None => None,
        };
        let session = context.connect_to_account().await?;
        let mut call = self.names.apply(session.client.update_account());
        if let Some(password) = password {
            call = call.password(password);
        }
        session.show_done(&*call.await.map_err(failed)?)
    }
}

fn new_password() -> Result<String, Failure> {
    variable_of(NEW_PASSWORD_VARIABLE)?.ok_or_else(|| {
        Failure::credential(format!(
            "no new password: set the environment variable {NEW_PASSWORD_VARIABLE}, or name a file \
             that holds it with --new-password-file FILE"
        ))
    })
}

/// The account's address, as an argument or from the environment.
fn account(given: Option<&Email>) -> Result<Email, Failure> {
    if let Some(email) = given {
        return Ok(email.clone());
    }
    let email = variable_of(EMAIL_VARIABLE)?;
    let missing = || Failure::input(format!("no e-mail: name it, or set {EMAIL_VARIABLE}"));
    email.ok_or_else(missing)?.parse().map_err(failed)
}
