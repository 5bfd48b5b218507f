//! Files of an application: section «Скачивание файла».

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use http::{HeaderValue, Method, StatusCode, header};
use ruapi_core::{Error, Incoming, Kind, Request};

use crate::client::Client;
use crate::edition::DownloadPath;
use crate::error::surely_not_there;
use crate::link::FileLink;
use crate::output::Beside;

const OPERATION: &str = "GET /files/{objectId}/{objectType}/download";
/// Within the same server.
const REDIRECTS: u8 = 3;

/// A file of an application, made by [`Client::download`]. May be repeated.
///
/// ```
/// # use epgu_gusmev::{Client, Credential, Environment};
/// # use ruapi_sandbox::{Epgu, Sandbox};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::start().await?;
/// # let credential = Credential::bearer(Epgu::TOKEN.to_owned().into())?;
/// # let client = Client::new(Environment::Custom(sandbox.epgu_url()), credential)?;
/// use epgu_gusmev::OrderId;
///
/// # let numbers = sandbox.epgu().add_orders(100);
/// # let is_executed = |number: &u64| sandbox.epgu().order_status(*number).is_some_and(|(status, _)| status == 3);
/// # let order = OrderId::new(numbers.clone().find(is_executed).ok_or("an executed one")?)?;
/// let info = client.order(order).await?;
/// let details = info.order.as_ref().ok_or("details")?;
/// for (_, link) in details.results() {
///     let mut file = Vec::new(); // `to_file` writes to a disk instead
///     let bytes = client.download(&link?).to_writer(&mut file).await?;
///     assert_eq!(bytes, file.len() as u64);
/// }
/// # assert!(details.results().count() > 0);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is sent until it is opened or saved"]
pub struct Download {
    client: Client,
    link: FileLink,
    service_code: Option<String>,
}

impl Download {
    pub(crate) fn new(client: &Client, link: &FileLink) -> Self {
        Self { client: client.clone(), link: link.clone(), service_code: None }
    }

    /// `eserviceCode`: the service's code, which later editions ask for.
    pub fn service_code(mut self, code: impl Into<String>) -> Self {
        self.service_code = Some(code.into());
        self
    }

    /// The request as it would be sent, without its credential.
    pub fn request(&self) -> Result<Request, Error> {
        let path = match self.client.edition().download {
            DownloadPath::Storage => "api/storage/v2/files/{objectId}/{objectType}/download",
            DownloadPath::Gusmev => "api/gusmev/files/{objectId}/{objectType}/download",
            DownloadPath::GusmevDownload => "api/gusmev/files/download/{objectId}/{objectType}",
        };
        let mut request = Request::new(OPERATION, Method::GET, path)
            .path_parameter("objectId", &self.link.object_id().to_string())?
            .path_parameter("objectType", &self.link.object_type().to_string())?
            .header(header::ACCEPT, HeaderValue::from_static("*/*"))
            .follow_redirects(REDIRECTS)
            .query("mnemonic", self.link.mnemonic());
        if let Some(code) = &self.service_code {
            request = request.query("eserviceCode", code);
        }
        Ok(request)
    }

    /// Begins the download: its pieces are then read one by one, and never held all at once.
    pub async fn open(&self) -> Result<Incoming, Error> {
        let request = self.request()?;
        let incoming = self.client.pipeline().open(&request).await.map_err(surely_not_there)?;
        if incoming.status() != StatusCode::OK {
            // A part of it, for instance, which nobody asked for.
            let detail = format!("expected HTTP 200, got {}", incoming.status().as_u16());
            return Err(Error::new(Kind::Decode, OPERATION, detail)
                .with_request(&request)
                .with_response(incoming.head())
                .with_progress(incoming.head().attempts(), false));
        }
        Ok(incoming)
    }

    /// Writes the file to `writer` and gives its size in bytes. After an error part of it may be written.
    pub async fn to_writer(&self, writer: &mut (impl Write + Send)) -> Result<u64, Error> {
        let mut incoming = self.open().await?;
        while let Some(piece) = incoming.chunk().await? {
            writer.write_all(&piece).map_err(unwritable)?;
        }
        writer.flush().map_err(unwritable)?;
        Ok(incoming.received())
    }

    /// Writes the file to `path` and gives its size in bytes. It has that name only once it is whole: until
    /// then it is beside it under another one, which is removed after an error. On Unix only its owner may
    /// read it. Refused: what is no regular file.
    pub async fn to_file(&self, path: impl AsRef<Path>) -> Result<u64, Error> {
        let path = path.as_ref();
        let (beside, mut file) = Beside::new(path).map_err(unwritable)?;
        let length = self.to_writer(&mut file).await?;
        file.sync_all().and_then(|()| beside.rename(path)).map_err(unwritable)?;
        Ok(length)
    }
}

fn unwritable(error: io::Error) -> Error {
    let detail = "the file cannot be written on this machine";
    Error::new(Kind::Input, OPERATION, detail).with_source(Arc::new(error))
}
