//! Files that are written on this machine.

use std::io;
use std::path::Path;

/// Refuses what must not be replaced by a file: a device, a pipe, a folder.
pub(crate) fn replaceable(path: &Path) -> io::Result<()> {
    match std::fs::metadata(path) {
        Ok(there) if !there.is_file() => {
            Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"))
        }
        _ => Ok(()),
    }
}
