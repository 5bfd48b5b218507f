//! `POST /api/gusmev/push`: section «Формирование заявления единым методом».

use http::{HeaderValue, Method, header};
use ruapi_core::{BoxFuture, Error, Request, Response};

use super::multipart::Multipart;
use crate::archive::Archive;
use crate::client::Client;
use crate::create::Ordered;
use crate::meta::Meta;

const OPERATION: &str = "POST /push";

/// `POST /api/gusmev/push` (Формирование заявления единым методом): an application with its archive in
/// one call, sent when it is awaited. For services that need no order number in the archive, and archives
/// up to 5 MB.
///
/// **Not repeated by itself**: a second call makes a second application. After an error with
/// [`Error::maybe_processed`] it may have been filed, under a number that is not known:
/// [`Client::reconcile_push`] looks for it.
///
/// ```
/// # use epgu_gusmev::{Client, Credential, Environment};
/// # use ruapi_sandbox::{Epgu, Sandbox};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::start().await?;
/// # let credential = Credential::bearer(Epgu::TOKEN.to_owned().into())?;
/// # let client = Client::new(Environment::Custom(sandbox.epgu_url()), credential)?;
/// # let meta = epgu_gusmev::Meta::new("36000000000", Epgu::SERVICE, Epgu::TARGET)?;
/// # let mut builder = epgu_gusmev::ArchiveBuilder::new();
/// # builder.add("req_1.xml", "<?xml version=\"1.0\"?><r/>".as_bytes())?;
/// # let archive = builder.build_bytes(5_000_000)?;
/// match client.push(&meta, archive).await {
///     Ok(pushed) => println!("filed: {}", pushed.order_id),
///     Err(error) if error.maybe_processed() => println!("may have been filed: {error}"),
///     Err(error) => println!("not filed: {error}"),
/// }
/// assert_eq!(sandbox.epgu().applications(), 1);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is sent until it is awaited"]
pub struct Push {
    client: Client,
    meta: Meta,
    archive: Archive,
    retry_try_later: bool,
}

impl Push {
    pub(crate) fn new(client: &Client, meta: &Meta, archive: Archive) -> Self {
        Self { client: client.clone(), meta: meta.clone(), archive, retry_try_later: false }
    }

    /// Repeat also after 429 and 502 to 504. **After the latter the application may have been filed, and
    /// is then filed twice.**
    pub fn retry_try_later(mut self, yes: bool) -> Self {
        self.retry_try_later = yes;
        self
    }

    /// The request as it would be sent, without its credential. It reads the archive. Refused: an archive
    /// that is empty or too large.
    pub fn request(&self) -> Result<Request, Error> {
        let (length, most) = (self.archive.length(), self.client.edition().push_limit);
        if length == 0 {
            return Err(Error::input(OPERATION, "the archive is empty"));
        }
        if length > most {
            let detail = format!(
                "the archive has {length} bytes, more than the {most} of one piece: send it in chunks"
            );
            return Err(Error::input(OPERATION, detail));
        }
        let meta = meta_json(OPERATION, &self.meta)?;
        let name = format!("{}.zip", self.archive.name_stem());
        let body = Multipart::new(length as usize).text("meta", Some("application/json"), &meta);
        let body = body
            .file("file", &name, |body| append(&self.archive, 0, length, body))
            .map_err(|error| unreadable(OPERATION, error))?;
        let request = push_head().retry_try_later(self.retry_try_later);
        Ok(body.finish(request, &self.archive, Some(&self.meta)))
    }
}

/// The request without what it says.
pub(crate) fn push_head() -> Request {
    Request::new(OPERATION, Method::POST, "api/gusmev/push")
        .header(header::CONTENT_TYPE, HeaderValue::from_static("multipart/form-data"))
}

pub(super) fn meta_json(operation: &'static str, meta: &Meta) -> Result<String, Error> {
    serde_json::to_string(meta).map_err(|_| Error::input(operation, "the meta is no JSON"))
}

/// Appends the archive's bytes from `start` on, just as many.
pub(super) fn append(
    archive: &Archive,
    start: u64,
    length: u64,
    body: &mut Vec<u8>,
) -> std::io::Result<()> {
    let before = body.len();
    archive.append_at(start, length as usize, body)?;
    if (body.len() - before) as u64 != length {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

pub(super) fn unreadable(operation: &'static str, error: std::io::Error) -> Error {
    let detail = "the archive cannot be read";
    Error::input(operation, detail).with_source(std::sync::Arc::new(error))
}

impl IntoFuture for Push {
    type Output = Result<Response<Ordered>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (client, meta) = (self.client.clone(), self.meta.clone());
            let made = tokio::task::spawn_blocking(move || self.request()).await;
            let request =
                made.map_err(|_| Error::input(OPERATION, "the archive was not read"))??;
            client.applications().count(&meta, client.pipeline().clock().now())?;
            let result = client.pipeline().send(&request).await;
            if result.as_ref().is_err_and(|error| !error.maybe_processed()) {
                client.applications().uncount(&meta);
            }
            result?.decode(&request)
        })
    }
}
