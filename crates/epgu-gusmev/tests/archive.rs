//! The archive of an application: what is made, what is refused, and what hostile ones come to.

use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::time::{Duration, Instant};

use bytes::Bytes;
use epgu_gusmev::Error;
use epgu_gusmev::archive::{
    Archive, ArchiveBuilder, ArchiveError, Bounds, Compression, Content, Problem, Report, Rules,
    Signatures, check, check_bytes,
};
use flate2::Crc;
use flate2::write::DeflateEncoder;

const XML: &[u8] = b"<req/>";

fn built(files: &[(&str, &[u8])]) -> Archive {
    let mut builder = ArchiveBuilder::new().rules(Rules::any_service().allow_archives(true));
    for (name, content) in files {
        builder.add(name, *content).unwrap();
    }
    builder.build_bytes(1 << 20).unwrap()
}

fn bytes(archive: &Archive) -> Vec<u8> {
    archive.read_at(0, usize::MAX).unwrap().to_vec()
}

fn problems(report: &Report) -> Vec<Problem> {
    report.findings().iter().map(|finding| finding.problem()).collect()
}

/// An entry written by hand, to be wrong where wanted.
#[derive(Clone)]
struct Entry {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u32,
    size: u32,
    data: Vec<u8>,
    after: Vec<u8>,
    made_by: u16,
    attributes: u32,
    local_name: Option<Vec<u8>>,
    offset: Option<u32>,
    central_extra: Vec<u8>,
}

fn crc(content: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(content);
    crc.sum()
}

fn deflated(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn entry(name: &str, content: &[u8]) -> Entry {
    Entry {
        name: name.into(),
        flags: if name.is_ascii() { 0 } else { 1 << 11 },
        method: 0,
        crc: crc(content),
        packed: content.len() as u32,
        size: content.len() as u32,
        data: content.to_vec(),
        after: Vec::new(),
        made_by: 20,
        attributes: 0,
        local_name: None,
        offset: None,
        central_extra: Vec::new(),
    }
}

fn packed(name: &str, content: &[u8]) -> Entry {
    let data = deflated(content);
    Entry { method: 8, packed: data.len() as u32, data, ..entry(name, content) }
}

fn zip(entries: &[Entry]) -> Vec<u8> {
    zip_counting(entries, entries.len() as u16)
}

fn zip_counting(entries: &[Entry], count: u16) -> Vec<u8> {
    let mut zip = Vec::new();
    let mut list = Vec::new();
    for entry in entries {
        let offset = entry.offset.unwrap_or(zip.len() as u32);
        let numbers = |out: &mut Vec<u8>| {
            out.extend(entry.flags.to_le_bytes());
            out.extend(entry.method.to_le_bytes());
            out.extend([0; 4]);
            for number in [entry.crc, entry.packed, entry.size] {
                out.extend(number.to_le_bytes());
            }
        };
        if entry.offset.is_none() {
            let name = entry.local_name.as_ref().unwrap_or(&entry.name);
            zip.extend(b"PK\x03\x04\x14\0");
            numbers(&mut zip);
            zip.extend((name.len() as u16).to_le_bytes());
            zip.extend([0; 2]);
            zip.extend(name);
            zip.extend(&entry.data);
            zip.extend(&entry.after);
        }
        list.extend(b"PK\x01\x02");
        list.extend(entry.made_by.to_le_bytes());
        list.extend([20, 0]);
        numbers(&mut list);
        list.extend((entry.name.len() as u16).to_le_bytes());
        list.extend((entry.central_extra.len() as u16).to_le_bytes());
        list.extend([0; 6]);
        list.extend(entry.attributes.to_le_bytes());
        list.extend(offset.to_le_bytes());
        list.extend(&entry.name);
        list.extend(&entry.central_extra);
    }
    let offset = zip.len() as u32;
    let size = list.len() as u32;
    zip.extend(list);
    zip.extend(b"PK\x05\x06\0\0\0\0");
    zip.extend(count.to_le_bytes());
    zip.extend(count.to_le_bytes());
    zip.extend(size.to_le_bytes());
    zip.extend(offset.to_le_bytes());
    zip.extend([0; 2]);
    zip
}

fn found(entries: &[Entry]) -> Vec<Problem> {
    problems(&check_bytes(&zip(entries), &Rules::any_service()).unwrap())
}

fn error(zip: &[u8]) -> Problem {
    check_bytes(zip, &Rules::any_service()).unwrap_err().problem().unwrap()
}

#[track_caller]
fn assert_malformed(zip: &[u8]) {
    let problem = error(zip);
    assert!(matches!(problem, Problem::Malformed(_)), "{problem:?}");
}

#[test]
fn what_is_built_is_read_back_by_this_crate_and_by_another() {
    for compression in [Compression::Deflate, Compression::Stored] {
        let long = "<a>Заявление</a>".repeat(20_000).into_bytes();
        let mut builder = ArchiveBuilder::new().compression(compression).rules(Rules::default());
        builder.add("req_1.xml", long.clone()).unwrap();
        builder.add("Согласие №1.pdf", Content::reader(&b"%PDF"[..])).unwrap();
        builder.sign("req_1.xml", vec![0x30]).unwrap();
        builder.sign("Согласие №1.pdf", Bytes::from_static(b"0\x80")).unwrap();
        let archive = builder.build_bytes(1 << 20).unwrap();
        let names: Vec<_> = archive.entries().iter().map(|entry| entry.name.as_str()).collect();
        let expected = ["req_1.xml", "req_1.xml.sig", "Согласие №1.pdf", "Согласие №1.pdf.sig"];
        assert_eq!(names, expected);
        assert_eq!(archive.entries()[0].size, long.len() as u64);
        assert_eq!(archive.entries()[0].crc, crc(&long));

        let report = archive.check(&Rules::default().signatures(Signatures::Required)).unwrap();
        assert!(report.is_acceptable() && report.findings().is_empty(), "{report:?}");
        assert_eq!(report.entries(), archive.entries());
        assert_eq!(report.length(), archive.length());

        let mut other = zip::ZipArchive::new(Cursor::new(bytes(&archive))).unwrap();
        assert_eq!(other.len(), 4);
        let mut text = Vec::new();
        other.by_name("req_1.xml").unwrap().read_to_end(&mut text).unwrap();
        assert!(text == long);
        assert_eq!(other.by_index(2).unwrap().name(), "Согласие №1.pdf");
    }
}

#[test]
fn the_same_files_give_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (source, target) = (folder.path().join("in"), folder.path().join("out.zip"));
    std::fs::write(&source, XML).unwrap();
    let builder = |content: Content<'static>| {
        let mut builder = ArchiveBuilder::new();
        builder.add("req.xml", content).unwrap();
        builder.add("б.txt", "б".as_bytes()).unwrap();
        builder
    };
    let memory = builder(XML.into()).build_bytes(1_000).unwrap();
    let file = builder(source.as_path().into()).build_file(&target).unwrap();
    let mut written = Cursor::new(Vec::new());
    let slow = Content::reader(Slow { left: XML, interrupted: false });
    let entries = builder(slow).write_to(&mut written).unwrap();
    assert_eq!(bytes(&memory), bytes(&file));
    assert_eq!(bytes(&memory), std::fs::read(&target).unwrap());
    assert_eq!(bytes(&memory), *written.get_ref());
    assert_eq!(entries, memory.entries());
    // Deflated, 1980-01-01 00:00; the second name is marked as UTF-8, the first needs no mark.
    let written = written.into_inner();
    assert_eq!(written[6..14], [0, 0, 8, 0, 0, 0, 0x21, 0]);
    let second = written.windows(4).rposition(|bytes| bytes == b"PK\x03\x04").unwrap();
    assert_eq!(written[second + 6..second + 8], [0, 8]);
}

/// One byte at a time, with interruptions.
struct Slow {
    left: &'static [u8],
    interrupted: bool,
}

impl Read for Slow {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.interrupted = !self.interrupted;
        if self.interrupted {
            return Err(io::ErrorKind::Interrupted.into());
        }
        self.left.read(&mut buffer[..1])
    }
}

#[test]
fn a_name_is_refused_when_it_is_added() {
    let mut builder = ArchiveBuilder::new();
    builder.add("req.xml", XML).unwrap();
    for (name, expected) in [
        ("", Problem::NameEmpty),
        ("..", Problem::Folder),
        ("docs/a.xml", Problem::Folder),
        ("C:\\a.xml", Problem::Folder),
        ("C:a.xml", Problem::NameCharacter),
        ("a\u{7}.xml", Problem::NameCharacter),
        ("aux.xml", Problem::NameReserved),
        ("a.xml.", Problem::NameEnd),
        ("req.xml", Problem::NameDuplicate),
        ("REQ.xml", Problem::NameDuplicate),
        ("more.ZIP", Problem::NestedArchive),
        ("more.tar.gz", Problem::NestedArchive),
        ("req.xml.sig", Problem::SignatureName),
        ("other.SIG", Problem::SignatureName),
    ] {
        let error = builder.add(name, XML).unwrap_err();
        assert_eq!(error.problem(), Some(expected), "{name:?}");
        assert_eq!((error.entry(), error.name()), (Some(1), Some(name)));
    }
    builder.add("Заявка.xml", XML).unwrap();
    let error = builder.add("заЯвка.xml", XML).unwrap_err();
    assert_eq!(error.problem(), Some(Problem::NameDuplicate));
    let error = builder.sign("none.xml", XML).unwrap_err();
    assert_eq!(error.problem(), Some(Problem::SignatureOrphan));
    builder.sign("req.xml", XML).unwrap();
    let error = builder.sign("req.xml", XML).unwrap_err();
    assert_eq!(error.problem(), Some(Problem::NameDuplicate));
    let name = "я".repeat(126);
    builder.add(&name, XML).unwrap();
    assert_eq!(builder.sign(&name, XML).unwrap_err().problem(), Some(Problem::NameTooLong));

    let mut bounds = Bounds::default();
    bounds.entries = 1;
    let mut builder = ArchiveBuilder::new().rules(Rules::any_service().bounds(bounds));
    builder.add("req.xml", XML).unwrap();
    let error = builder.sign("req.xml", XML).unwrap_err();
    assert_eq!(error.problem(), Some(Problem::TooManyEntries(1)));
}

#[test]
fn an_archive_that_would_be_refused_is_not_made() {
    let nothing = ArchiveBuilder::new().build_bytes(1_000).unwrap_err();
    assert_eq!(nothing.problem(), Some(Problem::Empty));

    let made = |rules: Rules, files: &[(&str, &[u8])], signed: &[&str]| {
        let mut builder = ArchiveBuilder::new().rules(rules);
        for (name, content) in files {
            builder.add(name, Content::reader(*content)).unwrap();
        }
        for name in signed {
            builder.sign(name, XML).unwrap();
        }
        builder.build_bytes(100_000).map(|_| ()).map_err(|error| error.problem().unwrap())
    };
    let any = Rules::any_service;
    let two: &[(&str, &[u8])] = &[("req.xml", XML), ("a.xml", XML)];
    let required = any().signatures(Signatures::Required);
    assert_eq!(made(any(), two, &["a.xml"]), Err(Problem::SignatureMissing));
    assert_eq!(made(any().signatures(Signatures::Any), two, &["a.xml"]), Ok(()));
    assert_eq!(made(required, two, &[]), Err(Problem::SignatureMissing));
    assert_eq!(made(Rules::default(), two, &["a.xml", "req.xml"]), Ok(()));
    assert_eq!(made(Rules::default(), &two[1..], &[]), Err(Problem::TransportMissing));
    assert_eq!(made(any().business("b*.xml"), two, &[]), Err(Problem::BusinessMissing));

    let zip = bytes(&built(two));
    assert_eq!(made(any(), &[("scan.pdf", &zip)], &[]), Err(Problem::NestedArchive));
    assert_eq!(made(any(), &[("letter.docx", &zip)], &[]), Ok(()));
    assert_eq!(made(any().allow_archives(true), &[("more.zip", &zip)], &[]), Ok(()));
    assert_eq!(made(any().allow_folders(true), &[("docs/a.xml", XML)], &[]), Ok(()));

    let mut bounds = Bounds::default();
    bounds.unpacked = 10;
    assert_eq!(made(any().bounds(bounds), two, &[]), Err(Problem::Unpacked(10)));
    // What a check takes for a bomb, unless it is not packed.
    let zeros = || Content::reader(io::repeat(b' ').take(17 << 20));
    let mut builder = ArchiveBuilder::new();
    builder.add("blank.bmp", zeros()).unwrap();
    assert_eq!(builder.build_bytes(1 << 20).unwrap_err().problem(), Some(Problem::Ratio(200)));
    let mut builder = ArchiveBuilder::new().compression(Compression::Stored);
    builder.add("blank.bmp", zeros()).unwrap();
    let error = builder.build_bytes(1 << 20).unwrap_err();
    assert_eq!(error.problem(), Some(Problem::ArchiveTooLarge(1 << 20)));
}

#[test]
fn a_file_appears_only_when_it_is_complete() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("application 7.zip");
    std::fs::write(&path, "before").unwrap();
    let mut builder = ArchiveBuilder::new();
    builder.add("req.xml", XML).unwrap();
    builder.add("Иванов.pdf", Content::path(folder.path().join("none"))).unwrap();
    let error = builder.build_file(&path).unwrap_err();
    assert_eq!((error.entry(), error.problem()), (Some(1), None));
    assert_eq!(error.to_string(), "entry 2: entity not found");
    assert_eq!(std::fs::read(&path).unwrap(), b"before");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

    let build = |path: &std::path::Path| {
        let mut builder = ArchiveBuilder::new();
        builder.add("req.xml", XML).unwrap();
        builder.build_file(path)
    };
    let archive = build(&path).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    // Nor is anything replaced that is no file.
    let error = build(folder.path()).unwrap_err();
    assert_eq!(error.to_string(), "the archive: invalid input parameter");
    assert_eq!(archive.name_stem(), "application 7");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(check(&path, &Rules::default()).unwrap().is_acceptable());
}

/// Takes so many bytes, and no more.
struct Full(Cursor<Vec<u8>>, usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.position() as usize + bytes.len() > self.1 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Full {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn a_failure_leaves_no_sound_archive() {
    let builder = |second: &'static [u8]| {
        let mut builder = ArchiveBuilder::new();
        builder.add("req.xml", XML).unwrap();
        builder.add("b.pdf", second).unwrap();
        builder
    };
    let length = builder(XML).build_bytes(1_000).unwrap().length() as usize;
    for room in 0..length {
        let mut writer = Full(Cursor::new(Vec::new()), room);
        let error = builder(XML).write_to(&mut writer).unwrap_err();
        let ArchiveError::Io { source, .. } = error else { panic!("{error}") };
        assert_eq!(source.kind(), io::ErrorKind::StorageFull, "{room}");
        assert!(check_bytes(writer.0.get_ref(), &Rules::any_service()).is_err());
        let error = builder(XML).build_bytes(room).unwrap_err();
        assert_eq!(error.problem(), Some(Problem::ArchiveTooLarge(room as u64)));
    }
    let mut written = Cursor::new(Vec::new());
    let error = builder(b"PK\x03\x04").write_to(&mut written).unwrap_err();
    assert_eq!(error.problem(), Some(Problem::NestedArchive));
    assert!(check_bytes(written.get_ref(), &Rules::any_service()).is_err());
}

#[test]
fn an_archive_is_read_piece_by_piece() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.zip");
    let whole = bytes(&built(&[("req.xml", &b"<req>1</req>".repeat(50)), ("a.txt", b"a")]));
    std::fs::write(&path, &whole).unwrap();
    let length = whole.len() as u64;
    for archive in [Archive::open(&path).unwrap(), Archive::from_bytes(whole.clone()).unwrap()] {
        assert_eq!(archive.length(), length);
        let mut joined = Vec::new();
        while (joined.len() as u64) < length {
            joined.extend(archive.read_at(joined.len() as u64, 7).unwrap());
        }
        assert_eq!(joined, whole);
        for (offset, asked, expected) in
            [(length, 1, 0), (u64::MAX, 1, 0), (length - 2, usize::MAX, 2), (1, 0, 0)]
        {
            assert_eq!(archive.read_at(offset, asked).unwrap().len(), expected);
        }
    }
    let archive = Archive::open(&path).unwrap();
    assert_eq!(archive.name_stem(), "a");
    assert_eq!(Archive::from_bytes(whole).unwrap().name_stem(), "archive");
    assert_eq!(archive.clone().with_name_stem("order-7").unwrap().name_stem(), "order-7");
    assert!(archive.clone().with_name_stem("a/b").is_err());
    // Changed under our hands.
    std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"x").unwrap();
    assert_eq!(archive.read_at(0, 1).unwrap_err().kind(), io::ErrorKind::InvalidData);
    assert!(Archive::open(&path).is_err());
    assert!(matches!(Archive::open("/no/such"), Err(ArchiveError::Io { entry: None, .. })));
}

#[test]
fn a_check_tells_all_that_is_wrong_and_the_state_it_comes_to() {
    let nested = bytes(&built(&[("a", b"a")]));
    let entries = [
        entry("docs/", b""),
        entry("docs/a.xml", XML),
        entry("A.xml", XML),
        packed("a.xml", XML),
        packed("scan.pdf", &nested),
        entry("b.rar", XML),
        entry("a.xml.sig", XML),
        entry("gone.xml.sig", XML),
        entry("empty.txt", b""),
        packed("letter.odt", &nested),
    ];
    let rules = Rules::default().business("business.xml").push_limit(100);
    let report = check_bytes(&zip(&entries), &rules).unwrap();
    let findings = report.findings().iter();
    let told: Vec<_> = findings.map(|f| (f.entry(), f.problem(), f.state())).collect();
    let structure = Some("INVALID_FILES_STRUCTURE");
    let unsigned = Some("FILES_VERIFICATION_FAILED");
    assert_eq!(
        told,
        [
            (Some(0), Problem::Folder, structure),
            (Some(1), Problem::Folder, structure),
            (Some(4), Problem::NestedArchive, structure),
            (Some(5), Problem::NestedArchive, structure),
            (Some(8), Problem::EmptyFile, None),
            (Some(3), Problem::NameDuplicate, None),
            (Some(7), Problem::SignatureOrphan, None),
            (Some(1), Problem::SignatureMissing, unsigned),
            (Some(2), Problem::SignatureMissing, unsigned),
            (Some(4), Problem::SignatureMissing, unsigned),
            (Some(5), Problem::SignatureMissing, unsigned),
            (Some(8), Problem::SignatureMissing, unsigned),
            (Some(9), Problem::SignatureMissing, unsigned),
            (None, Problem::TransportMissing, Some("REQ_NOT_FOUND")),
            (None, Problem::BusinessMissing, Some("MPC_NOT_FOUND")),
            (None, Problem::OverPushLimit(100), None),
        ]
    );
    assert!(!report.is_acceptable());
    assert_eq!(report.entries().len(), 10);
    let rules = Rules::default().push_limit(9);
    let notes = check_bytes(&zip(&[entry("req.xml", b"")]), &rules).unwrap();
    assert_eq!(problems(&notes), [Problem::EmptyFile, Problem::OverPushLimit(9)]);
    assert!(notes.is_acceptable());

    let rules = Rules::any_service().allow_folders(true).allow_archives(true);
    let allowed = [entry("docs/", b""), entry("docs/a.xml", XML), entry("b.zip", &nested)];
    assert_eq!(problems(&check_bytes(&zip(&allowed), &rules).unwrap()), []);
    let climbing = [entry("docs/../../a.xml", XML)];
    assert_eq!(problems(&check_bytes(&zip(&climbing), &rules).unwrap()), [Problem::Folder]);
    assert_eq!(problems(&check_bytes(&zip(&[]), &rules).unwrap()), [Problem::Empty]);
}

#[test]
fn entries_that_are_no_plain_files_are_found() {
    let plain = entry("a.xml", XML);
    for (entry, expected) in [
        (Entry { flags: 1, ..plain.clone() }, Problem::Encrypted),
        (Entry { flags: 1 << 6, ..plain.clone() }, Problem::Encrypted),
        (Entry { method: 99, ..plain.clone() }, Problem::Encrypted),
        (Entry { method: 14, ..plain.clone() }, Problem::Method(14)),
        (Entry { made_by: 0x314, attributes: 0o120_777 << 16, ..plain.clone() }, Problem::NotAFile),
        (Entry { made_by: 0x314, attributes: 0o040_755 << 16, ..plain.clone() }, Problem::Folder),
        (Entry { attributes: 0x10, ..plain.clone() }, Problem::Folder),
        (Entry { flags: 0, ..entry("я.xml", XML) }, Problem::NameUnmarked),
        (
            Entry { name: b"\xef.xml".into(), flags: 1 << 11, ..plain.clone() },
            Problem::NameEncoding,
        ),
        // Another one for readers that know the field.
        (
            Entry { central_extra: b"up\x0a\0\x01....b.xml".into(), ..plain.clone() },
            Problem::NameEncoding,
        ),
        (Entry { name: b"".into(), ..plain.clone() }, Problem::NameEmpty),
        (Entry { name: b"a\\b.xml".into(), ..plain.clone() }, Problem::Folder),
        (Entry { name: b"a\0.xml".into(), ..plain.clone() }, Problem::NameCharacter),
        (Entry { name: vec![b'a'; 300], ..plain.clone() }, Problem::NameTooLong),
    ] {
        assert_eq!(found(&[entry]), [expected]);
    }
    assert_eq!(
        error(&zip(&[Entry { name: vec![b'a'; 2_000], ..plain.clone() }])),
        Problem::NameTooLong
    );
    assert_eq!(found(&[Entry { made_by: 0x314, attributes: 0o100_644 << 16, ..plain }]), []);
}

#[test]
fn entries_written_by_a_stream_are_read() {
    let streamed = |after: Vec<u8>, mut entry: Entry| {
        entry.flags |= 1 << 3;
        entry.after = after;
        entry
    };
    let whole = packed("a.xml", XML);
    let mut numbers = Vec::new();
    for number in [whole.crc, whole.packed, whole.size] {
        numbers.extend(number.to_le_bytes());
    }
    let signed = [&b"PK\x07\x08"[..], &numbers].concat();
    for after in [numbers.clone(), signed.clone()] {
        assert_eq!(found(&[streamed(after.clone(), whole.clone()), packed("b.xml", XML)]), []);
        let mut lying = after;
        *lying.last_mut().unwrap() ^= 1;
        assert_malformed(&zip(&[streamed(lying, whole.clone())]));
    }
    assert_malformed(&zip(&[streamed(Vec::new(), whole.clone())]));
    assert_malformed(&zip(&[streamed([&numbers[..], b"...."].concat(), whole)]));
    assert_malformed(&zip(&[streamed(signed, entry("a.xml", XML))]));
}

/// An entry whose sizes are told by zip64's fields, though they would do without.
fn long_entry() -> Entry {
    let entry = packed("req.xml", XML);
    let (packed, size) = (u64::from(entry.packed), u64::from(entry.size));
    let mut extra = vec![0xfe, 0xca, 1, 0, 0, 1, 0, 16, 0];
    extra.extend(size.to_le_bytes());
    extra.extend(packed.to_le_bytes());
    let mut after = Vec::from(b"PK\x07\x08");
    after.extend(entry.crc.to_le_bytes());
    after.extend(packed.to_le_bytes());
    after.extend(size.to_le_bytes());
    let all = u32::MAX;
    Entry { flags: 1 << 3, size: all, packed: all, after, central_extra: extra, ..entry }
}

#[test]
fn zip64_is_read() {
    let mut zip = zip(&[long_entry()]);
    assert!(check_bytes(&zip, &Rules::default()).unwrap().is_acceptable());

    // Zip64's own end before the old one.
    let end = zip.len() - 22;
    let number = |at: usize| u32::from_le_bytes(zip[at..at + 4].try_into().unwrap());
    let (size, offset) = (u64::from(number(end + 12)), u64::from(number(end + 16)));
    let mut long = Vec::from(b"PK\x06\x06");
    long.extend(44_u64.to_le_bytes());
    long.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for number in [1, 1, size, offset] {
        long.extend(number.to_le_bytes());
    }
    long.extend(b"PK\x06\x07\0\0\0\0");
    long.extend((end as u64).to_le_bytes());
    long.extend(1_u32.to_le_bytes());
    zip.splice(end..end, long);
    assert!(check_bytes(&zip, &Rules::default()).unwrap().is_acceptable());
    let end = zip.len() - 22;
    zip[end + 8..end + 20].fill(0xff);
    assert!(check_bytes(&zip, &Rules::default()).unwrap().is_acceptable());
    zip[end + 16..end + 20].fill(7);
    assert_malformed(&zip);
    let mut twice = long_entry();
    twice.central_extra.extend(twice.central_extra.clone());
    assert_malformed(&self::zip(&[twice]));
}

#[test]
fn what_is_no_zip_or_a_damaged_one_is_told() {
    for bytes in [&b""[..], b"PK", b"%PDF-1.4 and so on", &[0; 100_000]] {
        assert_eq!(error(bytes), Problem::NotZip);
    }
    let good = zip(&[entry("a.xml", XML), packed("b.xml", XML)]);
    assert_eq!(problems(&check_bytes(&good, &Rules::any_service()).unwrap()), []);
    for length in 0..good.len() {
        let problem = error(&good[..length]);
        assert!(matches!(problem, Problem::Malformed(_) | Problem::NotZip), "{length} {problem:?}");
    }
    assert_malformed(&[&good[..], b"\0"].concat());
    assert_malformed(&[b"MZ", &good[..]].concat());
    assert_malformed(&[&good[..], &good[..]].concat());
    let mut comment = good;
    let at = comment.len() - 2;
    comment[at] = 2;
    comment.extend(b"ok");
    assert_eq!(problems(&check_bytes(&comment, &Rules::any_service()).unwrap()), []);

    let plain = entry("a.xml", XML);
    assert_eq!(error(&zip(&[Entry { crc: 1, ..plain.clone() }])), Problem::Checksum);
    for wrong in [
        Entry { local_name: Some(b"x.xml".into()), ..plain.clone() },
        Entry { size: 7, ..plain.clone() },
        Entry { after: b"hidden".into(), ..plain.clone() },
        Entry { size: 5, ..packed("a.xml", XML) },
        Entry { size: 7, ..packed("a.xml", XML) },
        Entry { data: b"\xff\xff".into(), packed: 2, ..packed("a.xml", XML) },
        Entry { data: b"".into(), packed: 0, ..packed("a.xml", XML) },
    ] {
        assert_malformed(&zip(&[wrong]));
    }
    let longer = packed("a.xml", XML);
    let data = [&longer.data[..], b"more"].concat();
    assert_malformed(&zip(&[Entry { packed: data.len() as u32, data, ..longer }]));
    // Fewer and more than there are.
    assert_malformed(&zip_counting(&[plain.clone(), entry("b", b"b")], 1));
    assert_malformed(&zip_counting(&[plain], 2));
}

#[test]
fn bombs_are_refused_before_they_go_off() {
    let started = Instant::now();
    // Flat, packed as tightly as deflate can.
    let flat = packed("a.xml", &vec![0; 17 << 20]);
    assert_eq!(error(&zip(std::slice::from_ref(&flat))), Problem::Ratio(200));
    // One that tells less than it holds.
    assert_malformed(&zip(&[Entry { size: 1_000, ..flat.clone() }]));
    // The same bytes for thousands of entries: 40 GiB on paper.
    let many: Vec<Entry> = (0..2_500)
        .map(|n| Entry {
            name: format!("{n:05}.xml").into(),
            offset: (n > 0).then_some(0),
            ..packed("", XML)
        })
        .collect();
    assert_eq!(error(&zip(&many)), Problem::Overlap);
    // An entry that reaches over the next one's header.
    let inner = entry("b.xml", XML);
    let mut outer = entry("a.xml", XML);
    outer.packed += 10;
    outer.size += 10;
    assert_eq!(error(&zip(&[outer, inner])), Problem::Overlap);
    // Each within the ratio, all of them too much.
    let mut bounds = Bounds::default();
    bounds.unpacked = 40 << 20;
    bounds.ratio = 2_000;
    let rules = Rules::any_service().bounds(bounds);
    let named = |name: &str| Entry { name: name.into(), ..flat.clone() };
    let three = ["a", "b", "c"].map(named);
    let error_of_three = check_bytes(&zip(&three), &rules).unwrap_err();
    assert_eq!(error_of_three.problem(), Some(Problem::Unpacked(40 << 20)));
    assert_eq!(error_of_three.entry(), Some(2));
    assert!(check_bytes(&zip(&three[..2]), &rules).unwrap().is_acceptable());
    // Sizes that no archive holds.
    let mut zip64 = vec![1, 0, 16, 0];
    zip64.extend(u64::MAX.to_le_bytes());
    zip64.extend(u64::MAX.to_le_bytes());
    let all = u32::MAX;
    assert_malformed(&zip(&[Entry {
        size: all,
        packed: all,
        central_extra: zip64,
        ..entry("a", b"a")
    }]));
    // One within another, and again: the outermost is as far as it goes.
    let mut layer = zip(&[packed("0.xml", &vec![0; 1 << 20])]);
    for _ in 0..5 {
        let copies: Vec<Entry> = (0..16).map(|n| packed(&format!("{n}.dat"), &layer)).collect();
        layer = zip(&copies);
    }
    let report = check_bytes(&layer, &Rules::any_service()).unwrap();
    assert_eq!(problems(&report), [Problem::NestedArchive; 16]);
    // As many entries as fit, of 47 bytes each.
    let one = zip(&[entry("a", b"a")]);
    let mut crowd = one[..32].to_vec();
    crowd.extend(one[32..32 + 47].iter().copied().cycle().take(47 * 65_535));
    let size = (crowd.len() - 32) as u32;
    let end = crowd.len();
    crowd.extend(&one[one.len() - 22..]);
    crowd[end + 8..end + 12].fill(0xff);
    crowd[end + 12..end + 16].copy_from_slice(&size.to_le_bytes());
    assert_eq!(error(&crowd), Problem::TooManyEntries(10_000));
    // Fewer told of.
    crowd[end + 8..end + 12].copy_from_slice(&[0x10, 0, 0x10, 0]);
    assert_malformed(&crowd);
    assert!(started.elapsed() < Duration::from_secs(60));
}

/// Whatever bytes come, there is an answer; and what is accepted, another reader sees as well.
#[test]
fn mutations_never_panic() {
    let mut random = fastrand::Rng::with_seed(0x5eed);
    let streamed = {
        let mut entry = packed("s.xml", &b"<s/>".repeat(9));
        entry.flags |= 1 << 3;
        for number in [entry.crc, entry.packed, entry.size] {
            entry.after.extend(number.to_le_bytes());
        }
        entry
    };
    let seeds = [
        zip(&[entry("a.xml", XML), packed("я.xml", &b"<a>text</a>".repeat(20))]),
        zip(&[streamed, entry("e", b"")]),
        zip(&[long_entry()]),
        bytes(&built(&[("req.xml", XML), ("b.docx", b"PK\x03\x04")])),
    ];
    let interesting = [0, 1, 2, 8, 0x7f, 0x80, 0xfe, 0xff];
    let mut accepted = 0;
    for round in 0..20_000 {
        let mut bytes = seeds[round % seeds.len()].clone();
        for _ in 0..random.usize(1..=4) {
            let at = random.usize(0..bytes.len());
            match random.u8(0..8) {
                0..=2 => bytes[at] = random.u8(..),
                3..=4 => bytes[at] = interesting[random.usize(0..interesting.len())],
                5 => bytes.truncate(at.max(1)),
                6 => bytes.insert(at, random.u8(..)),
                _ => {
                    let piece = bytes[at..bytes.len().min(at + random.usize(1..40))].to_vec();
                    let to = random.usize(0..bytes.len());
                    bytes.splice(to..to, piece);
                }
            }
        }
        let Ok(report) = check_bytes(&bytes, &Rules::any_service()) else { continue };
        // Without the mark the other reader takes names for code page 437.
        if !report.is_acceptable() || problems(&report).contains(&Problem::NameUnmarked) {
            continue;
        }
        accepted += 1;
        let mut other = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
        assert_eq!(other.len(), report.entries().len());
        for (index, entry) in report.entries().iter().enumerate() {
            let mut file = other.by_index(index).unwrap();
            assert_eq!((file.name(), file.size()), (&*entry.name, entry.size));
            assert_eq!(file.crc32(), entry.crc);
            assert_eq!(io::copy(&mut file, &mut io::sink()).unwrap(), entry.size);
        }
    }
    assert!(accepted > 100, "only {accepted} of the mutations were harmless");
}

#[test]
fn names_are_told_only_when_asked_for() {
    const NAME: &str = "Плантов Пётр.pdf";
    let mut builder = ArchiveBuilder::new();
    builder.add(NAME, XML).unwrap();
    let duplicate = builder.add(NAME, XML).unwrap_err();
    let missing = Content::path(format!("/no/such/{NAME}"));
    let mut absent = ArchiveBuilder::new();
    absent.add(NAME, missing).unwrap();
    let shown = format!("{builder:?} {absent:?} {:?}", Content::path(NAME));
    let absent = absent.build_bytes(100).unwrap_err();
    let folder = tempfile::tempdir().unwrap();
    let archive = builder.build_file(folder.path().join(NAME)).unwrap();
    let report = archive.check(&Rules::any_service().signatures(Signatures::Required)).unwrap();
    assert_eq!(duplicate.name(), Some(NAME));
    let wanted =
        "entry 2 (.pdf): another entry has the same name, or one that differs only by case";
    assert_eq!(duplicate.to_string(), wanted);
    assert_eq!(
        report.findings()[0].to_string(),
        "entry 1 (.pdf): it has no signature (FILES_VERIFICATION_FAILED)"
    );
    let mut shown = format!("{shown} {duplicate:?} {absent} {absent:?} {archive:?} {report:?}");
    let error = Error::from(duplicate);
    assert!(error.is_input());
    shown.push_str(&format!("{error} {error:?}"));
    assert!(!shown.contains("Плантов") && !shown.contains("/no/such"), "{shown}");
}
