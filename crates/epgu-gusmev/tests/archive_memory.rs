//! Memory does not grow with the files: counted by the allocator of the whole program, so this test is
//! alone in it.

use std::alloc::System;
use std::io::{self, Read};

use epgu_gusmev::archive::{Archive, ArchiveBuilder, Compression, Content, Rules};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const SIZE: u64 = 200_000_000;
/// Of all that is allocated on the way, given back or not.
const ALLOWED: usize = 1 << 20;

/// Bytes that are no archive.
struct Endless(u8);

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        assert!(buffer.len() <= 64 << 10, "asked for {} bytes at once", buffer.len());
        self.0 = self.0.wrapping_add(1);
        buffer.fill(self.0);
        Ok(buffer.len())
    }
}

#[test]
fn memory_does_not_grow_with_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("application.zip");

    let region = Region::new(ALLOCATOR);
    let mut builder = ArchiveBuilder::new().compression(Compression::Stored);
    builder.add("req.xml", Content::reader(Endless(0).take(SIZE))).unwrap();
    let built = builder.build_file(&path).unwrap();
    let allocated = region.change().bytes_allocated;
    assert!(allocated < ALLOWED, "{allocated} bytes to build");
    assert_eq!(built.entries()[0].size, SIZE);

    let region = Region::new(ALLOCATOR);
    let opened = Archive::open_with(&path, &Rules::default()).unwrap();
    let allocated = region.change().bytes_allocated;
    assert!(allocated < ALLOWED, "{allocated} bytes to check");
    assert_eq!(opened.entries(), built.entries());

    let region = Region::new(ALLOCATOR);
    assert_eq!(opened.read_at(SIZE / 2, 5_000).unwrap().len(), 5_000);
    let allocated = region.change().bytes_allocated;
    assert!(allocated < 10_000, "{allocated} bytes to read 5,000");
}
