//! What is typed: identifiers, upsales, files with JSON.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use cherehapa_types::relaxed;
use osago_offer::{Id, OfferKey, RequestId, SelectedUpsale};
use serde::de::DeserializeOwned;

use crate::exit::Failure;

/// No request is larger, and partners refuse such.
const LARGEST: u64 = 1 << 20;

/// A file with JSON, or standard input.
#[derive(Debug, Clone)]
pub(super) struct Input(PathBuf);

impl From<std::ffi::OsString> for Input {
    fn from(path: std::ffi::OsString) -> Self {
        Self(path.into())
    }
}

impl Input {
    /// As it is called in messages.
    pub(super) fn name(&self) -> Cow<'_, str> {
        if self.is_stdin() { "standard input".into() } else { self.0.to_string_lossy() }
    }

    fn is_stdin(&self) -> bool {
        self.0.as_os_str() == "-"
    }

    /// What it holds. Comments and a byte order mark are taken: the template has such. What is wrong is
    /// named by its place, never by its value.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let refuse = |problem: &str| Failure::input(format!("{}: {problem}", self.name()));
        let bytes = if self.is_stdin() {
            bounded(io::stdin().lock())
        } else {
            File::open(&self.0).and_then(bounded)
        };
        let bytes = bytes
            .map_err(|error| Failure::local(format!("cannot read {}", self.name()), &error))?;
        if bytes.len() as u64 > LARGEST {
            return Err(refuse(&format!("larger than {} MiB", LARGEST >> 20)));
        }
        let text = std::str::from_utf8(&bytes)
            .map_err(|error| refuse(&format!("not UTF-8 after byte {}", error.valid_up_to())))?;
        ruapi_core::decode(relaxed(text).as_bytes()).map_err(|problem| refuse(&problem))
    }
}

fn bounded(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// An identifier.
pub(super) fn id<K>(text: &str) -> Result<Id<K>, &'static str> {
    match text.trim() {
        "" => Err("expected an identifier"),
        text => Ok(text.into()),
    }
}

/// An upsale and its option.
pub(super) fn upsale(text: &str) -> Result<SelectedUpsale, &'static str> {
    match text.split_once('=') {
        Some((upsale, option)) if !upsale.trim().is_empty() && !option.trim().is_empty() => {
            Ok(SelectedUpsale::new(upsale.trim(), option.trim()))
        }
        _ => Err("expected UPSALE=OPTION, such as 112234=1"),
    }
}

/// What names an offer.
#[derive(clap::Args)]
pub(super) struct Key {
    /// The calculation's identifier (`request_id`), a UUID
    #[arg(value_parser = id::<osago_offer::CalculationRequest>)]
    request_id: RequestId,
    /// The offer's identifier (`offer_id`)
    #[arg(value_parser = id::<osago_offer::Offer>)]
    offer_id: osago_offer::OfferId,
}

impl Key {
    pub(super) fn key(&self) -> OfferKey {
        OfferKey::new(self.request_id.clone(), self.offer_id.clone())
    }
}
