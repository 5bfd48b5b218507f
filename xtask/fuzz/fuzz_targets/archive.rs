//! The checker and the builder of archives. The first byte picks where an archive comes from: the bytes
//! as they are, by two sets of rules, one that is sound but for a few changed bytes, or one that is built.
#![no_main]

use std::io::Cursor;
use std::sync::LazyLock;

use epgu_gusmev::archive::{Bounds, Compression, Report, Rules, Signatures, check_bytes};
use epgu_gusmev::{Archive, ArchiveBuilder};
use ruapi_fuzz::cases;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    cases!(data, strictly, leniently, changed, built);
});

const MOST_ENTRIES: usize = 16;
const MOST_BYTES: u64 = 4 << 20;

fn rules() -> Rules {
    let mut bounds = Bounds::default();
    (bounds.entries, bounds.unpacked) = (MOST_ENTRIES, MOST_BYTES);
    Rules::any_service().bounds(bounds)
}

fn check_by(bytes: &[u8], rules: &Rules) {
    let Ok(report) = check_bytes(bytes, rules) else { return };
    let unpacked: u64 = report.entries().iter().map(|entry| entry.size).sum();
    assert!(report.entries().len() <= MOST_ENTRIES && unpacked <= MOST_BYTES);
    let _ = report.findings().iter().map(ToString::to_string).count();
    if !report.is_acceptable() {
        assert!(Archive::from_bytes_with(bytes.to_vec(), rules).is_err());
        return;
    }
    let archive = Archive::from_bytes_with(bytes.to_vec(), rules).expect("it is acceptable");
    assert_eq!(archive.entries(), report.entries());
    read_by_another(bytes, &report);
}

fn strictly(bytes: &[u8]) {
    check_by(bytes, &rules());
}

fn leniently(bytes: &[u8]) {
    let rules = rules().allow_folders(true).allow_archives(true).signatures(Signatures::Any);
    check_by(bytes, &rules);
}

/// Whatever is accepted, another reader sees the same in it.
fn read_by_another(bytes: &[u8], report: &Report) {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip for others as well");
    assert_eq!(zip.len(), report.entries().len());
    for (index, entry) in report.entries().iter().enumerate() {
        let mut file = zip.by_index(index).expect("an entry for others as well");
        assert_eq!((file.name(), file.size(), file.crc32()), (&*entry.name, entry.size, entry.crc));
        let read = std::io::copy(&mut file, &mut std::io::sink()).expect("it can be unpacked");
        assert_eq!(read, entry.size);
    }
}

static SOUND: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let build = |compression, names: &[&str], sign: bool| {
        let mut builder = ArchiveBuilder::new().rules(rules()).compression(compression);
        for name in names {
            builder.add(name, format!("<request name='{name}'/>").into_bytes()).expect("a name");
            if sign {
                builder.sign(name, vec![0x30, 0x80]).expect("a name");
            }
        }
        let archive = builder.build_bytes(1 << 20).expect("a small archive");
        archive.read_at(0, usize::MAX).expect("it is in memory").to_vec()
    };
    vec![
        build(Compression::Stored, &["req.xml"], false),
        build(Compression::default(), &["req.xml", "Справка.pdf"], false),
        build(Compression::default(), &["req.xml", "a.docx", "b.bin"], true),
    ]
});

/// A sound archive, some of whose bytes are others: place, then value.
fn changed(edits: &[u8]) {
    let Some((which, edits)) = edits.split_first() else { return };
    let mut bytes = SOUND[usize::from(*which) % SOUND.len()].clone();
    for edit in edits.chunks_exact(3) {
        let place = usize::from(u16::from_le_bytes([edit[0], edit[1]])) % bytes.len();
        bytes[place] = edit[2];
    }
    strictly(&bytes);
}

/// Lines that are the names of files, with the rest of the input in each.
fn built(data: &[u8]) {
    let Some((how, data)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(data) else { return };
    let rules = rules().signatures(Signatures::Any);
    let compression = if how & 1 == 0 { Compression::Stored } else { Compression::default() };
    let mut builder = ArchiveBuilder::new().rules(rules.clone()).compression(compression);
    let mut names = Vec::new();
    for name in text.lines().take(MOST_ENTRIES) {
        if builder.add(name, data.to_vec()).is_err() {
            continue;
        }
        names.push(name.to_owned());
        if how & 2 != 0 && builder.sign(name, data.to_vec()).is_ok() {
            names.push(format!("{name}.sig"));
        }
    }
    let Ok(archive) = builder.build_bytes(MOST_BYTES as usize) else { return };
    let found: Vec<&str> = archive.entries().iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(found, names);
    let report = archive.check(&rules).expect("what is built can be read");
    assert!(report.is_acceptable(), "{:?}", report.findings());
    read_by_another(&archive.read_at(0, usize::MAX).expect("it is in memory"), &report);
}
