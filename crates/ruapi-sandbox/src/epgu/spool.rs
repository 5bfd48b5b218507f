//! The chunks of an archive: in a temporary file once they are many, read as one in the end.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom, Write};

use tempfile::SpooledTempFile;

/// Up to here they are kept in memory.
const IN_MEMORY: usize = 4 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct Spool {
    file: SpooledTempFile,
    written: u64,
    parts: BTreeMap<u64, Part>,
}

/// A chunk, and where it lies: chunks come in any order, and lie in the order they came.
#[derive(Clone, Debug)]
struct Part {
    start: u64,
    crc: crc32fast::Hasher,
    bytes: u64,
}

impl Spool {
    pub(super) fn new() -> Self {
        Self { file: SpooledTempFile::new(IN_MEMORY), written: 0, parts: BTreeMap::new() }
    }

    pub(super) fn len(&self) -> u64 {
        self.parts.len() as u64
    }

    pub(super) fn has(&self, number: u64) -> bool {
        self.parts.contains_key(&number)
    }

    /// Whether a chunk has come that is the same.
    pub(super) fn has_same(&self, number: u64, bytes: &[u8]) -> bool {
        self.parts.get(&number).is_some_and(|part| {
            part.bytes == bytes.len() as u64
                && part.crc.clone().finalize() == crc32fast::hash(bytes)
        })
    }

    pub(super) fn add(&mut self, number: u64, bytes: &[u8]) -> io::Result<()> {
        // A write that failed before may have left a part of itself.
        self.file.seek(SeekFrom::Start(self.written))?;
        self.file.write_all(bytes)?;
        let mut crc = crc32fast::Hasher::new();
        crc.update(bytes);
        let part = Part { start: self.written, crc, bytes: bytes.len() as u64 };
        self.written += part.bytes;
        self.parts.insert(number, part);
        Ok(())
    }

    /// The whole, in the chunks' order; its length and its checksum.
    pub(super) fn assemble(self) -> (Assembled, u64, u32) {
        let mut crc = crc32fast::Hasher::new();
        let mut parts = Vec::new();
        let mut length = 0;
        for part in self.parts.into_values() {
            crc.combine(&part.crc);
            parts.push((length, part.start));
            length += part.bytes;
        }
        let assembled = Assembled { file: self.file, parts, length, position: 0 };
        (assembled, length, crc.finalize())
    }
}

/// The chunks as one file.
#[derive(Debug)]
pub(super) struct Assembled {
    file: SpooledTempFile,
    /// Where each begins in the whole, and where it lies.
    parts: Vec<(u64, u64)>,
    length: u64,
    position: u64,
}

impl Read for Assembled {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let index = self.parts.partition_point(|(begin, _)| *begin <= self.position);
        let Some((begin, start)) = index.checked_sub(1).map(|index| self.parts[index]) else {
            return Ok(0);
        };
        let end = self.parts.get(index).map_or(self.length, |(begin, _)| *begin);
        let left = usize::try_from(end.saturating_sub(self.position)).unwrap_or(usize::MAX);
        let count = buffer.len().min(left);
        if count == 0 {
            return Ok(0);
        }
        self.file.seek(SeekFrom::Start(start + (self.position - begin)))?;
        let read = self.file.read(&mut buffer[..count])?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for Assembled {
    fn seek(&mut self, target: SeekFrom) -> io::Result<u64> {
        let position = match target {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(step) => self.length.checked_add_signed(step),
            SeekFrom::Current(step) => self.position.checked_add_signed(step),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_in_any_order_are_read_as_one() {
        let whole: Vec<u8> = (0..=255).cycle().take(1_000).collect();
        let mut spool = Spool::new();
        for number in [0, 3, 1, 2] {
            spool
                .add(
                    number,
                    &whole[number as usize * 300..][..300.min(1_000 - number as usize * 300)],
                )
                .unwrap();
        }
        assert!(spool.has_same(3, &whole[900..]) && !spool.has_same(3, &whole[..100]));
        let (mut assembled, length, crc) = spool.assemble();
        assert_eq!((length, crc), (1_000, crc32fast::hash(&whole)));
        let mut read = Vec::new();
        assembled.read_to_end(&mut read).unwrap();
        assert_eq!(read, whole);
        assembled.seek(SeekFrom::End(-150)).unwrap();
        let mut end = Vec::new();
        assembled.read_to_end(&mut end).unwrap();
        assert_eq!(end, whole[850..]);
        assert!(assembled.seek(SeekFrom::Current(-2_000)).is_err());
        assembled.seek(SeekFrom::Start(5_000)).unwrap();
        assert_eq!(assembled.read(&mut [0; 8]).unwrap(), 0);
    }
}
