//! Which server is asked, and where editions of the document differ.

/// Which server is asked.
///
/// For an example see [`ClientBuilder`](crate::ClientBuilder).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Environment {
    /// The test environment, `https://svcdev-beta.test.gosuslugi.ru`.
    Test,
    /// The test environment by GOST TLS, `https://svcdev-gostapi.test.gosuslugi.ru`: supply an HTTP client
    /// that can do GOST TLS.
    TestGost,
    /// Production by GOST TLS, `https://www.gosuslugi.ru`: supply an HTTP client that can do GOST TLS.
    #[default]
    ProductionGost,
    /// Production by plain TLS, `https://lk.gosuslugi.ru`. Not in the document, but reported.
    Production,
    /// Another base URL; with a path such as `gu-smev-api` for an agent of SMEV4.
    Custom(String),
}

impl Environment {
    /// The base URL, up to the operations' own paths.
    pub fn base_url(&self) -> &str {
        match self {
            Self::Test => "https://svcdev-beta.test.gosuslugi.ru/",
            Self::TestGost => "https://svcdev-gostapi.test.gosuslugi.ru/",
            Self::ProductionGost => "https://www.gosuslugi.ru/",
            Self::Production => "https://lk.gosuslugi.ru/",
            Self::Custom(url) => url,
        }
    }
}

/// Where editions of the document differ. By default as in v1.12, which this crate follows.
///
/// For an example see [`ClientBuilder`](crate::ClientBuilder).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Edition {
    /// The least and the most bytes of a chunk that is not the last one.
    pub chunk: (u64, u64),
    /// The most bytes of an archive that is sent in one piece.
    pub push_limit: u64,
    /// Which path files are downloaded from.
    pub download: DownloadPath,
    /// The zone that `updatedAfter` is understood in.
    pub updated_after: UpdatedAfterZone,
}

/// Which path files are downloaded from.
///
/// For an example see [`ClientBuilder`](crate::ClientBuilder).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DownloadPath {
    /// `/api/storage/v2/files/{objectId}/{objectType}/download`: section 4.
    Storage,
    /// `/api/gusmev/files/{objectId}/{objectType}/download`: table 3.
    Gusmev,
    /// `/api/gusmev/files/download/{objectId}/{objectType}`: later editions.
    GusmevDownload,
}

/// The zone that `updatedAfter` is understood in.
///
/// For an example see [`ClientBuilder`](crate::ClientBuilder).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UpdatedAfterZone {
    /// UTC: v1.12.
    Utc,
    /// Moscow time: later editions.
    Moscow,
}

/// A megabyte as the document counts it, on the safe side of both readings.
const MB: u64 = 1_000_000;

impl Edition {
    /// Version 1.12.
    pub fn v1_12() -> Self {
        Self {
            // Not less than the larger reading of a megabyte, and not more than the smaller one.
            chunk: (1 << 20, 5 * MB),
            push_limit: 5 * MB,
            download: DownloadPath::Storage,
            updated_after: UpdatedAfterZone::Utc,
        }
    }

    /// Later editions: chunks of 5 to 50 MB, another path for files, Moscow time.
    pub fn later() -> Self {
        Self {
            chunk: (5 << 20, 50 * MB),
            download: DownloadPath::GusmevDownload,
            updated_after: UpdatedAfterZone::Moscow,
            ..Self::v1_12()
        }
    }
}

impl Default for Edition {
    fn default() -> Self {
        Self::v1_12()
    }
}
