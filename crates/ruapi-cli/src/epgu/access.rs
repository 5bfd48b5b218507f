//! Which server, which edition of its document, and where a failure's report goes.

use std::path::PathBuf;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use epgu_gusmev::{DownloadPath, Edition, Environment};

use crate::global::option_words;

pub(super) const TOKEN_VARIABLE: &str = "RUAPI_EPGU_TOKEN";

#[derive(clap::Args)]
#[command(next_help_heading = "EPGU options")]
pub(crate) struct Access {
    /// Which server is asked; GOST TLS, where it is meant, must be done by a proxy that --base-url names
    #[arg(long, global = true, value_enum, default_value = "production", value_name = "NAME")]
    environment: Server,
    /// Which edition of the document the server follows: sizes of chunks, path of files, time zone
    #[arg(long, global = true, value_enum, default_value = "1.12", value_name = "1.12|later")]
    edition: Version,
    /// Where files are downloaded from, if not as the edition says
    #[arg(long, global = true, value_enum, value_name = "storage|gusmev|gusmev-download")]
    download_path: Option<Path>,
    /// When a call fails, keep what a report of the incident must hold in this file: see `epgu incident`
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) incident: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Server {
    /// <https://lk.gosuslugi.ru>
    Production,
    /// <https://www.gosuslugi.ru>, by GOST TLS
    ProductionGost,
    /// <https://svcdev-beta.test.gosuslugi.ru>
    Test,
    /// <https://svcdev-gostapi.test.gosuslugi.ru>, by GOST TLS
    TestGost,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Version {
    #[value(name = "1.12")]
    V1_12,
    Later,
}

#[derive(Clone, Copy, ValueEnum)]
enum Path {
    Storage,
    Gusmev,
    GusmevDownload,
}

fn choice(name: &str, chosen: Option<impl ValueEnum>) -> String {
    let value = chosen.and_then(|chosen| chosen.to_possible_value());
    option_words(name, value.as_ref().map(PossibleValue::get_name))
}

impl Access {
    /// What chooses the server and how it is asked, as one would type it again.
    pub(super) fn words(&self) -> String {
        let environment = Some(self.environment).filter(|it| *it != Server::Production);
        let edition = Some(self.edition).filter(|it| *it != Version::V1_12);
        [
            choice("--environment", environment),
            choice("--edition", edition),
            choice("--download-path", self.download_path),
        ]
        .concat()
    }

    pub(super) fn environment(&self) -> Environment {
        match self.environment {
            Server::Production => Environment::Production,
            Server::ProductionGost => Environment::ProductionGost,
            Server::Test => Environment::Test,
            Server::TestGost => Environment::TestGost,
        }
    }

    pub(super) fn edition(&self) -> Edition {
        let mut edition = match self.edition {
            Version::V1_12 => Edition::v1_12(),
            Version::Later => Edition::later(),
        };
        match self.download_path {
            None => {}
            Some(Path::Storage) => edition.download = DownloadPath::Storage,
            Some(Path::Gusmev) => edition.download = DownloadPath::Gusmev,
            Some(Path::GusmevDownload) => edition.download = DownloadPath::GusmevDownload,
        }
        edition
    }
}
