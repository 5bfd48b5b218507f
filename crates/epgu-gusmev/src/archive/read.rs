//! The structure of a zip, read strictly.
//!
//! Readers of zips differ: some walk the list at the end, some the entries from the beginning, some
//! search. What is accepted here is the same to all of them: entries one after another from the first
//! byte to the list, each told of alike in both places, and nothing besides. The `zip` crate reads more
//! kindly, and keeps one entry of each name, so that it cannot tell of doubled ones.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::names::{self, HEAD};
use super::{ArchiveError, Bounds, Finding, Problem};

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
const END_64: &[u8] = b"PK\x06\x06";
const LOCATOR_64: &[u8] = b"PK\x06\x07";
const DESCRIPTOR: &[u8] = b"PK\x07\x08";

const ENCRYPTED: u16 = 1;
const STREAMED: u16 = 1 << 3;
const UTF_8: u16 = 1 << 11;
/// Encryption, strong encryption and masked headers.
const ANY_ENCRYPTED: u16 = ENCRYPTED | 1 << 6 | 1 << 13;
/// What the two headers of an entry must tell alike.
const ALIKE: u16 = ANY_ENCRYPTED | STREAMED | UTF_8;

/// The longest name that is read at all.
const NAME_READ: usize = 1024;
const BUFFER: usize = 64 << 10;

/// An entry as the zip tells of it.
pub(super) struct Record {
    pub(super) name: String,
    raw_name: Box<[u8]>,
    pub(super) name_encoding: Option<Problem>,
    flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    packed: u64,
    pub(super) size: u64,
    offset: u64,
    data: u64,
    made_by: u8,
    attributes: u32,
}

impl Record {
    pub(super) fn is_encrypted(&self) -> bool {
        self.flags & ANY_ENCRYPTED != 0 || self.method == 99
    }

    pub(super) fn is_folder(&self) -> bool {
        let unix_folder = self.unix_type() == Some(0o040_000);
        self.name.ends_with('/') || unix_folder || self.attributes & 0x10 != 0
    }

    /// Neither a file nor a folder: a link, a device, a volume label.
    pub(super) fn is_special(&self) -> bool {
        let unix = self.unix_type();
        unix.is_some_and(|kind| !matches!(kind, 0 | 0o040_000 | 0o100_000))
            || self.attributes & 0x08 != 0
    }

    fn unix_type(&self) -> Option<u32> {
        (self.made_by == 3).then_some(self.attributes >> 16 & 0o170_000)
    }
}

fn malformed<T>(detail: &'static str) -> Result<T, ArchiveError> {
    Err(Problem::Malformed(detail).into())
}

/// The header's number at the place; the header is as long as it says.
fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).and_then(|b| b.try_into().ok()).map_or(0, u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes)
}

fn read_exact(reader: &mut impl Read, buffer: &mut [u8]) -> Result<(), ArchiveError> {
    reader.read_exact(buffer).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => Problem::Malformed("it is cut off").into(),
        _ => error.into(),
    })
}

fn read_at<R: Read + Seek>(
    source: &mut R,
    offset: u64,
    buffer: &mut [u8],
) -> Result<(), ArchiveError> {
    source.seek(SeekFrom::Start(offset))?;
    read_exact(source, buffer)
}

/// Where the list of entries is.
struct List {
    count: u64,
    offset: u64,
    end: u64,
}

fn find_list<R: Read + Seek>(source: &mut R, length: u64) -> Result<List, ArchiveError> {
    const FIXED: usize = 22;
    // The end's record is fixed but for a comment of up to 64 KiB.
    let mut tail = vec![0; length.min((FIXED + 0xffff) as u64) as usize];
    read_at(source, length - tail.len() as u64, &mut tail)?;
    let last_start = tail.len().checked_sub(FIXED);
    let found =
        last_start.and_then(|last| (0..=last).rev().find(|at| tail[*at..].starts_with(END)));
    let Some(at) = found else {
        let mut head = [0; 4];
        let is_zip = length >= 4 && {
            read_at(source, 0, &mut head)?;
            head == LOCAL
        };
        return if is_zip { malformed("its end is missing") } else { Err(Problem::NotZip.into()) };
    };
    let end = &tail[at..];
    if usize::from(u16_at(end, 20)) != end.len() - FIXED {
        return malformed("bytes after its end");
    }
    if (u16_at(end, 4), u16_at(end, 6)) != (0, 0) || u16_at(end, 8) != u16_at(end, 10) {
        return malformed("it is one of several volumes");
    }
    let position = length - end.len() as u64;
    let short =
        (u64::from(u16_at(end, 10)), u64::from(u32_at(end, 12)), u64::from(u32_at(end, 16)));
    let ((count, size, offset), list_end) = match find_list_64(source, position)? {
        None => (short, position),
        Some((long, list_end)) => {
            let agree = |short: u64, most: u64, long: u64| short == most || short == long;
            if !agree(short.0, 0xffff, long.0)
                || !agree(short.1, 0xffff_ffff, long.1)
                || !agree(short.2, 0xffff_ffff, long.2)
            {
                return malformed("its two ends disagree");
            }
            (long, list_end)
        }
    };
    if offset.checked_add(size) != Some(list_end) {
        return malformed("its list is not where it should be");
    }
    Ok(List { count, offset, end: list_end })
}

/// Zip64's count, size and offset of the list, and where the list must end then.
#[expect(clippy::type_complexity, reason = "three numbers, used once")]
fn find_list_64<R: Read + Seek>(
    source: &mut R,
    end: u64,
) -> Result<Option<((u64, u64, u64), u64)>, ArchiveError> {
    let Some(locator_at) = end.checked_sub(20) else { return Ok(None) };
    let mut locator = [0; 20];
    read_at(source, locator_at, &mut locator)?;
    if !locator.starts_with(LOCATOR_64) {
        return Ok(None);
    }
    let at = u64_at(&locator, 8);
    let mut record = [0; 56];
    if at.checked_add(56).is_none_or(|end| end > locator_at) {
        return malformed("its zip64 end is not where it should be");
    }
    read_at(source, at, &mut record)?;
    let size = u64_at(&record, 4);
    if !record.starts_with(END_64)
        || at.checked_add(12).and_then(|n| n.checked_add(size)) != Some(locator_at)
    {
        return malformed("its zip64 end is not where it should be");
    }
    let count = u64_at(&record, 32);
    if u32_at(&locator, 4) != 0
        || (u32_at(&record, 16), u32_at(&record, 20)) != (0, 0)
        || u64_at(&record, 24) != count
    {
        return malformed("it is one of several volumes");
    }
    Ok(Some(((count, u64_at(&record, 40), u64_at(&record, 48)), at)))
}

/// The extra fields of an entry: what each is, and its bytes. A rest that is none is left out.
fn fields(mut extra: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let length = usize::from(u16_at(extra.get(..4)?, 2));
        let field = (u16_at(extra, 0), extra.get(4..4 + length)?);
        extra = &extra[4 + length..];
        Some(field)
    })
}

/// Whether a field gives the entry another name, which only some readers take.
fn renames(extra: &[u8], raw_name: &[u8]) -> bool {
    const UNICODE_PATH: u16 = 0x7075;
    // Before the name: a version and a checksum.
    fields(extra).any(|(id, field)| id == UNICODE_PATH && field.get(5..) != Some(raw_name))
}

/// Replaces the numbers that did not fit, in this order, by those of zip64's field.
fn widen(extra: &[u8], numbers: &mut [&mut u64]) -> Result<(), ArchiveError> {
    const ZIP_64: u16 = 1;
    let mut found = fields(extra).filter(|(id, _)| *id == ZIP_64).map(|(_, field)| field);
    // Without one, they are what they say: 4 GiB less a byte.
    let Some(mut field) = found.next() else { return Ok(()) };
    if found.next().is_some() {
        return malformed("an entry has two zip64 fields");
    }
    for number in numbers.iter_mut().filter(|number| ***number == 0xffff_ffff) {
        let Some((wide, left)) = field.split_at_checked(8) else {
            return malformed("a zip64 field is cut off");
        };
        **number = u64_at(wide, 0);
        field = left;
    }
    Ok(())
}

/// The entries in the list's order, compared with what stands before each of them.
pub(super) fn records<R: Read + Seek>(
    source: &mut R,
    bounds: &Bounds,
) -> Result<Vec<Record>, ArchiveError> {
    let length = source.seek(SeekFrom::End(0))?;
    let list = find_list(source, length)?;
    if list.count > bounds.entries as u64 {
        return Err(Problem::TooManyEntries(bounds.entries).into());
    }
    let mut records = read_list(source, &list)?;
    check_places(source, &list, &mut records)?;
    let mut total = 0_u64;
    for (index, record) in records.iter().enumerate() {
        if let Some(problem) = bounds.problem(total, record.size, record.packed) {
            return Err(Finding::of_entry(problem, index, &record.name).into());
        }
        total += record.size;
    }
    Ok(records)
}

/// The CRC-32 of all from the list of entries on. The list has the place, the sizes and the checksum of
/// each entry, so that two archives with one of these are the same for all purposes but an attacker's.
pub(super) fn list_crc<R: Read + Seek>(source: &mut R) -> Result<u32, ArchiveError> {
    let length = source.seek(SeekFrom::End(0))?;
    let list = find_list(source, length)?;
    source.seek(SeekFrom::Start(list.offset))?;
    let mut reader = BufReader::with_capacity(BUFFER, source.take(length - list.offset));
    let mut crc = Crc::new();
    loop {
        let bytes = reader.fill_buf()?;
        if bytes.is_empty() {
            return Ok(crc.sum());
        }
        crc.update(bytes);
        let length = bytes.len();
        reader.consume(length);
    }
}

fn read_list<R: Read + Seek>(source: &mut R, list: &List) -> Result<Vec<Record>, ArchiveError> {
    source.seek(SeekFrom::Start(list.offset))?;
    let mut reader = BufReader::with_capacity(BUFFER, source.take(list.end - list.offset));
    // The count is only what the zip says: room is made as entries are found.
    let mut records = Vec::new();
    let mut extra = Vec::new();
    for index in 0..list.count {
        let mut header = [0; 46];
        read_exact(&mut reader, &mut header)?;
        if !header.starts_with(CENTRAL) {
            return malformed("its list holds something else");
        }
        let name_length = usize::from(u16_at(&header, 28));
        if name_length > NAME_READ {
            return Err(Finding::of_entry(Problem::NameTooLong, index as usize, "").into());
        }
        let mut raw_name = vec![0; name_length].into_boxed_slice();
        read_exact(&mut reader, &mut raw_name)?;
        extra.resize(usize::from(u16_at(&header, 30)), 0);
        read_exact(&mut reader, &mut extra)?;
        let comment = u64::from(u16_at(&header, 32));
        if io::copy(&mut (&mut reader).take(comment), &mut io::sink())? != comment {
            return malformed("it is cut off");
        }
        if !matches!(u16_at(&header, 34), 0 | 0xffff) {
            return malformed("it is one of several volumes");
        }
        let mut size = u64::from(u32_at(&header, 24));
        let mut packed = u64::from(u32_at(&header, 20));
        let mut offset = u64::from(u32_at(&header, 42));
        widen(&extra, &mut [&mut size, &mut packed, &mut offset])?;
        let flags = u16_at(&header, 8);
        let is_utf_8 = std::str::from_utf8(&raw_name).is_ok();
        let name_encoding = if !is_utf_8 || renames(&extra, &raw_name) {
            Some(Problem::NameEncoding)
        } else {
            let is_marked = raw_name.is_ascii() || flags & UTF_8 != 0;
            (!is_marked).then_some(Problem::NameUnmarked)
        };
        records.push(Record {
            name: String::from_utf8_lossy(&raw_name).into_owned(),
            name_encoding,
            raw_name,
            flags,
            method: u16_at(&header, 10),
            crc: u32_at(&header, 16),
            packed,
            size,
            offset,
            data: 0,
            made_by: header[5],
            attributes: u32_at(&header, 38),
        });
    }
    if reader.read(&mut [0])? != 0 {
        return malformed("its list is longer than its entries");
    }
    Ok(records)
}

/// Each entry begins where the one before it ends, and tells of itself as the list does.
fn check_places<R: Read + Seek>(
    source: &mut R,
    list: &List,
    records: &mut [Record],
) -> Result<(), ArchiveError> {
    let mut order: Vec<usize> = (0..records.len()).collect();
    order.sort_by_key(|index| records[*index].offset);
    let offset_of = |records: &[Record], place: usize| {
        order.get(place).map_or(list.offset, |index| records[*index].offset)
    };
    if offset_of(records, 0) != 0 {
        return malformed("bytes before its entries");
    }
    for (place, index) in order.iter().enumerate() {
        let next = offset_of(records, place + 1);
        let record = &mut records[*index];
        check_local(source, record, next).map_err(|error| match error {
            ArchiveError::Refused(finding) => {
                Finding::of_entry(finding.problem(), *index, &record.name).into()
            }
            error => error,
        })?;
    }
    Ok(())
}

fn check_local<R: Read + Seek>(
    source: &mut R,
    record: &mut Record,
    next: u64,
) -> Result<(), ArchiveError> {
    let mut header = [0; 30];
    read_at(source, record.offset, &mut header)?;
    if !header.starts_with(LOCAL) {
        return malformed("an entry is not where the list says");
    }
    let mut name = vec![0; usize::from(u16_at(&header, 26))];
    read_exact(source, &mut name)?;
    let mut extra = vec![0; usize::from(u16_at(&header, 28))];
    read_exact(source, &mut extra)?;
    let streamed = record.flags & STREAMED != 0;
    let mut size = u64::from(u32_at(&header, 22));
    let mut packed = u64::from(u32_at(&header, 18));
    widen(&extra, &mut [&mut size, &mut packed])?;
    let numbers = (u32_at(&header, 14), size, packed);
    if *name != *record.raw_name
        || renames(&extra, &name)
        || u16_at(&header, 6) & ALIKE != record.flags & ALIKE
        || u16_at(&header, 8) != record.method
        || (!streamed && numbers != (record.crc, record.size, record.packed))
    {
        return malformed("an entry and the list disagree");
    }
    if record.method == 0 && !record.is_encrypted() {
        if record.packed != record.size {
            return malformed("a stored entry has two sizes");
        }
        // Who reads from the beginning cannot find where it ends.
        if streamed && record.size > 0 {
            return malformed("a stored entry tells its size only after it");
        }
    }
    record.data = record.offset + 30 + name.len() as u64 + extra.len() as u64;
    let end = record.data.checked_add(record.packed);
    let Some(gap) = end.and_then(|end| next.checked_sub(end)) else {
        return Err(Problem::Overlap.into());
    };
    if !streamed {
        return if gap == 0 { Ok(()) } else { malformed("bytes between its entries") };
    }
    if !matches!(gap, 12 | 16 | 20 | 24) {
        return malformed("bytes between its entries");
    }
    let mut descriptor = [0; 24];
    let descriptor = &mut descriptor[..gap as usize];
    read_at(source, next - gap, descriptor)?;
    let numbers = match gap {
        16 | 24 if !descriptor.starts_with(DESCRIPTOR) => {
            return malformed("bytes between its entries");
        }
        16 | 24 => &descriptor[4..],
        _ => &descriptor[..],
    };
    let (packed, size) = match numbers.len() {
        12 => (u64::from(u32_at(numbers, 4)), u64::from(u32_at(numbers, 8))),
        _ => (u64_at(numbers, 4), u64_at(numbers, 12)),
    };
    if (u32_at(numbers, 0), packed, size) != (record.crc, record.packed, record.size) {
        return malformed("an entry and the list disagree");
    }
    Ok(())
}

/// Unpacks an entry to nowhere: its bytes are as many as told and match the checksum. Tells whether
/// it is an archive itself. Encrypted entries, and methods other than stored and deflate: not to be
/// asked for.
pub(super) fn is_archive<R: Read + Seek>(
    source: &mut R,
    record: &Record,
    index: usize,
) -> Result<bool, ArchiveError> {
    let at_entry = |problem| ArchiveError::from(Finding::of_entry(problem, index, &record.name));
    source.seek(SeekFrom::Start(record.data))?;
    let mut unpacked = Unpacked { crc: Crc::new(), size: 0, head: Vec::with_capacity(HEAD) };
    let mut inflater = (record.method == 8).then(|| Decompress::new(false));
    let mut packed = vec![0; BUFFER];
    let mut plain = vec![0; BUFFER];
    let mut left = record.packed;
    let mut ended = inflater.is_none();
    while left > 0 {
        let length = left.min(BUFFER as u64) as usize;
        let mut input = &mut packed[..length];
        source.read_exact(input).map_err(ArchiveError::at(index))?;
        left -= length as u64;
        let Some(inflater) = &mut inflater else {
            unpacked.add(input);
            continue;
        };
        loop {
            let (read, written) = (inflater.total_in(), inflater.total_out());
            let status = inflater
                .decompress(input, &mut plain, FlushDecompress::None)
                .map_err(|_| at_entry(Problem::Malformed("an entry cannot be unpacked")))?;
            let read = (inflater.total_in() - read) as usize;
            let written = (inflater.total_out() - written) as usize;
            unpacked.add(&plain[..written]);
            input = &mut input[read..];
            if unpacked.size > record.size {
                return Err(at_entry(Problem::Malformed("an entry is longer than it says")));
            }
            if status == Status::StreamEnd {
                ended = true;
                break;
            }
            // Nothing happens any more: it needs what is not read yet, or is stuck.
            if read == 0 && written == 0 {
                break;
            }
        }
        if (ended && left > 0) || (!input.is_empty()) {
            return Err(at_entry(Problem::Malformed("bytes after an entry's end")));
        }
    }
    if !ended || unpacked.size != record.size {
        return Err(at_entry(Problem::Malformed("an entry is shorter than it says")));
    }
    if unpacked.crc.sum() != record.crc {
        return Err(at_entry(Problem::Checksum));
    }
    Ok(names::is_archive(&record.name, &unpacked.head))
}

struct Unpacked {
    crc: Crc,
    size: u64,
    head: Vec<u8>,
}

impl Unpacked {
    fn add(&mut self, bytes: &[u8]) {
        self.crc.update(bytes);
        self.size += bytes.len() as u64;
        let missing = (HEAD - self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..missing]);
    }
}
