//! Where a token outlives the process.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::fs::{self, OpenOptions};
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::path::PathBuf;

use std::sync::{Mutex, MutexGuard, PoisonError};

use ruapi_core::BoxFuture;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// Keeps tokens. The document asks for it: a token never ends, so put it into a cache.
///
/// `account` names the account and the server that a token is for; keep tokens of several accounts
/// apart by it. Of an error only the kind is logged; it costs a login, no more.
///
/// ```
/// use std::io;
///
/// use secrecy::{ExposeSecret, SecretString};
/// use shtrafovnet_client::{BoxFuture, TokenStore};
///
/// /// Tokens in a vault of yours.
/// struct Vault;
///
/// impl TokenStore for Vault {
///     fn load<'a>(&'a self, account: &'a str) -> BoxFuture<'a, io::Result<Option<SecretString>>> {
///         Box::pin(async move { read(account).await.map(|token| token.map(Into::into)) })
///     }
///
///     fn save<'a>(&'a self, account: &'a str, token: &'a SecretString) -> BoxFuture<'a, io::Result<()>> {
///         Box::pin(async move { write(account, token.expose_secret()).await })
///     }
/// }
/// # async fn read(_: &str) -> io::Result<Option<String>> { Ok(None) }
/// # async fn write(_: &str, _: &str) -> io::Result<()> { Ok(()) }
///
/// let login = shtrafovnet_client::Login::new("user@test.ru", "my_secret".to_owned());
/// let client = shtrafovnet_client::Client::builder(login).token_store(Vault).build()?;
/// # let _ = client;
/// # Ok::<(), shtrafovnet_client::Error>(())
/// ```
pub trait TokenStore: Send + Sync {
    /// The account's token, if there is one.
    fn load<'a>(
        &'a self,
        account: &'a str,
    ) -> BoxFuture<'a, Result<Option<SecretString>, io::Error>>;

    /// Keeps the account's token, in place of an earlier one.
    fn save<'a>(
        &'a self,
        account: &'a str,
        token: &'a SecretString,
    ) -> BoxFuture<'a, Result<(), io::Error>>;
}

/// Keeps tokens as long as it lives itself.
///
/// For an example of a store see [`TokenStore`].
#[derive(Default)]
pub struct MemoryStore {
    tokens: Mutex<HashMap<String, SecretString>>,
}

impl MemoryStore {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, SecretString>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenStore for MemoryStore {
    fn load<'a>(
        &'a self,
        account: &'a str,
    ) -> BoxFuture<'a, Result<Option<SecretString>, io::Error>> {
        Box::pin(async move { Ok(self.lock().get(account).cloned()) })
    }

    fn save<'a>(
        &'a self,
        account: &'a str,
        token: &'a SecretString,
    ) -> BoxFuture<'a, Result<(), io::Error>> {
        Box::pin(async move {
            self.lock().insert(account.to_owned(), token.clone());
            Ok(())
        })
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryStore(***)")
    }
}

/// Keeps the token of one account in a file that only its owner can read (mode 0600 on Unix; on
/// Windows the folder's permissions decide). The file is replaced as a whole, never half written, and
/// not at all if it holds anything else.
///
/// For an example see [`ClientBuilder`](crate::ClientBuilder).
#[derive(Debug, Clone)]
pub struct FileStore {
    path: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    account: String,
    token: String,
}

impl FileStore {
    /// A store in this file; its folder must exist.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    fn read(&self, account: &str) -> io::Result<Option<SecretString>> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if text.trim().is_empty() {
            return Ok(None);
        }
        // serde's own words could quote the token.
        let stored: Stored = serde_json::from_str(&text)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not a file of this store"))?;
        Ok((stored.account == account).then(|| stored.token.into()))
    }

    fn write(&self, account: &str, token: &SecretString) -> io::Result<()> {
        // A file that is something else may have been named by mistake.
        self.read(account)?;
        let stored =
            Stored { account: account.to_owned(), token: token.expose_secret().to_owned() };
        // Written beside the file and moved over it: whoever reads sees the old one or the new one.
        let random = RandomState::new().build_hasher().finish();
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{random:016x}"));
        let beside = self.path.with_file_name(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&beside)?;
        let written = serde_json::to_writer(file, &stored)
            .map_err(io::Error::from)
            .and_then(|()| fs::rename(&beside, &self.path));
        if written.is_err() {
            // Gone already, or never there, is as well.
            let _ = fs::remove_file(&beside);
        }
        written
    }
}

impl TokenStore for FileStore {
    fn load<'a>(
        &'a self,
        account: &'a str,
    ) -> BoxFuture<'a, Result<Option<SecretString>, io::Error>> {
        Box::pin(async move { self.read(account) })
    }

    fn save<'a>(
        &'a self,
        account: &'a str,
        token: &'a SecretString,
    ) -> BoxFuture<'a, Result<(), io::Error>> {
        Box::pin(async move { self.write(account, token) })
    }
}
