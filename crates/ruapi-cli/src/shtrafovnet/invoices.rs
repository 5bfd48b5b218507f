//! `ruapi shtrafovnet invoices`.

use clap::Subcommand;
use shtrafovnet_client::invoices::{InvoiceStatus, ListInvoices};
use shtrafovnet_client::{
    Call, Car, CarId, Email, Fine, FineId, INVOICE_SCHEDULE, Invoice, InvoiceId, Payer,
};

use super::access::Need;
use super::input::{choice, given, id};
use super::list::{self, Paging};
use super::session::{Context, failed};
use super::wait::Wait;
use crate::exit::Failure;
use crate::interrupt;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// List all invoices (Список платежей)
    List {
        /// Only invoices of these states (Статус платежа, `status`)
        #[arg(long, value_delimiter = ',', value_parser = choice!(InvoiceStatus))]
        status: Vec<InvoiceStatus>,
        /// Only invoices of these users (E-mail пользователя, `email`)
        #[arg(long, value_name = "EMAIL", value_delimiter = ',')]
        user: Vec<Email>,
        #[command(flatten)]
        paging: Paging,
    },
    /// Show an invoice (Информация по платежу)
    Show {
        /// The invoice's identifier (ID счета)
        #[arg(value_parser = id::<Invoice>)]
        id: InvoiceId,
        #[command(flatten)]
        wait: Wait,
    },
    /// Make an invoice for a user's fines (Новый счет на оплату), and print where to pay it
    ///
    /// For the fines and for the unpaid fines of the cars that are named; if none is, for all unpaid
    /// fines of the user. No money moves before the user pays at the printed address. The commission is
    /// 10 %.
    Create(Create),
}

#[derive(clap::Args)]
pub(crate) struct Create {
    /// The user's address (`email`)
    #[arg(long, value_name = "EMAIL")]
    user: Email,
    /// The payer's surname (Фамилия плательщика, `wireSurname`), in Cyrillic letters
    #[arg(long, value_name = "NAME")]
    surname: String,
    /// The payer's given name (Имя плательщика, `wireName`), in Cyrillic letters
    #[arg(long)]
    name: String,
    /// The payer's patronymic (Отчество плательщика, `wirePatronymic`), in Cyrillic letters
    #[arg(long, value_name = "NAME")]
    patronymic: String,
    /// Where the user's browser goes after the payment (`successUrl`)
    #[arg(long, value_name = "URL")]
    success_url: String,
    /// Where the user's browser goes after a failed one (`failUrl`)
    #[arg(long, value_name = "URL")]
    fail_url: String,
    /// A fine to pay (Список штрафов, `fines`); may be repeated
    #[arg(long, value_name = "ID", value_delimiter = ',', value_parser = id::<Fine>)]
    fine: Vec<FineId>,
    /// A car whose unpaid fines are to be paid (Список ТС, `cars`); may be repeated
    #[arg(long, value_name = "ID", value_delimiter = ',', value_parser = id::<Car>)]
    car: Vec<CarId>,
}

impl Command {
    pub(crate) async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        match self {
            Self::List { status, user, paging } => {
                let session = context.connect(Need::Token).await?;
                let call = given(session.client.invoices(), status, Call::<ListInvoices>::status);
                let call = given(call, user, Call::<ListInvoices>::users);
                list::show(&session, call, paging).await
            }
            Self::Show { id, wait } => {
                let session = context.connect(Need::Token).await?;
                let invoice = session.client.invoice(id).await.map_err(failed)?;
                if !wait.wait || invoice.is_final() {
                    return session.show(&*invoice);
                }
                let again = session.command(format_args!("invoices show {id} --wait"));
                let stop = Wait::listen()?;
                let poller = session.client.wait_for_invoice(id);
                session.show(&wait.follow(&stop, poller, INVOICE_SCHEDULE, &again).await?)
            }
            Self::Create(create) => create.run(context).await,
        }
    }
}

impl Create {
    async fn run(&self, context: Context<'_>) -> Result<u8, Failure> {
        let payer = Payer::new(&self.surname, &self.name, &self.patronymic).map_err(failed)?;
        let session = context.connect(Need::Token).await?;
        let (success, fail) = (&self.success_url, &self.fail_url);
        let mut call = session.client.create_invoice(&self.user, payer, success, fail);
        // An empty list would be refused: leaving it out means all.
        if !self.fine.is_empty() {
            call = call.fines(self.fine.clone());
        }
        if !self.car.is_empty() {
            call = call.cars(self.car.clone());
        }
        let list = session.command("invoices list");
        let advice = format!("the invoice may have been made: `{list}` shows it");
        let creating = interrupt::or_stopped(async { call.await.map_err(failed) }, &advice);
        session.show_done(&*creating.await?)
    }
}
