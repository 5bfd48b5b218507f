//! The table of cars: CSV, checked as a whole before anything is sent, then read once more as a stream.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use nsso_client::PlateNumber;

use crate::exit::Failure;

/// A longer record is taken for a quote that somebody forgot to close.
const LONGEST_RECORD: u64 = 1 << 20;
/// What separates columns: the most frequent in the header line.
const DELIMITERS: [char; 3] = [',', ';', '\t'];
const UTF8_BOM: &[u8] = b"\xEF\xBB\xBF";
/// Names of the plates' column, as [`folded`] makes them.
const PLATE_COLUMNS: [&str; 3] = ["plate", "gosnumber", "госномер"];

/// A checked table. It remembers four bytes a row, so that ten million rows are no trouble.
pub(super) struct Table {
    path: PathBuf,
    delimiter: char,
    column: usize,
    fingerprints: Vec<u32>,
}

/// A row of the table.
pub(super) struct Row {
    /// Counted from 1; the header and empty lines do not count.
    pub(super) number: u64,
    /// What stands in the column of plates; none if the row has too few columns.
    pub(super) input: Option<String>,
}

impl Table {
    /// Reads the whole table: encoding, quotes, column.
    pub(super) fn check(path: &Path, column: Option<&str>) -> Result<Self, Failure> {
        let shown = path.display();
        let is_file = std::fs::metadata(path).map(|metadata| metadata.is_file());
        if !is_file.map_err(|error| Failure::input(format!("{shown}: {error}")))? {
            let message = format!("{shown} is not a regular file; the input is read twice");
            return Err(Failure::input(message));
        }
        let mut records = Records::open(path)?;
        let Some(header) = records.next(&DELIMITERS)? else {
            return Err(Failure::input(format!("{shown} is empty")));
        };
        let delimiter = delimiter(header);
        let names = cells(header, delimiter);
        let column = find_column(&names, column)
            .map_err(|problem| Failure::input(format!("{shown}: {problem}")))?;
        let mut table = Self { path: path.to_owned(), delimiter, column, fingerprints: Vec::new() };
        let mut rows = table.rows_of(records);
        let mut fingerprints = Vec::new();
        while let Some(row) = rows.next()? {
            fingerprints.push(fingerprint(row.input.as_deref()));
        }
        if fingerprints.is_empty() {
            let message = format!("{shown} has a header line and no rows");
            return Err(Failure::input(message));
        }
        table.fingerprints = fingerprints;
        Ok(table)
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> u64 {
        self.fingerprints.len() as u64
    }

    /// What tells the input of a row from others, for a row that exists.
    pub(super) fn fingerprint(&self, row: u64) -> Option<u32> {
        let index = usize::try_from(row.checked_sub(1)?).ok()?;
        self.fingerprints.get(index).copied()
    }

    /// The rows once more. A file that has changed since it was checked is an error.
    pub(super) fn rows(&self) -> Result<CheckedRows<'_>, Failure> {
        let mut records = Records::open(&self.path)?;
        records.next(&DELIMITERS)?;
        Ok(CheckedRows { rows: self.rows_of(records), table: self })
    }

    fn rows_of(&self, records: Records) -> Rows {
        Rows { records, delimiter: self.delimiter, column: self.column, number: 0 }
    }
}

/// The rows of a table that was checked before.
pub(super) struct CheckedRows<'a> {
    rows: Rows,
    table: &'a Table,
}

impl CheckedRows<'_> {
    pub(super) fn next(&mut self) -> Result<Option<Row>, Failure> {
        let row = self.rows.next()?;
        let number = self.rows.number + u64::from(row.is_none());
        let expected = self.table.fingerprint(number);
        if row.as_ref().map(|row| fingerprint(row.input.as_deref())) == expected {
            return Ok(row);
        }
        let path = self.table.path.display();
        let message = format!("{path} was changed while it was being read, at row {number}");
        Err(Failure::input(message))
    }
}

struct Rows {
    records: Records,
    delimiter: char,
    column: usize,
    number: u64,
}

impl Rows {
    fn next(&mut self) -> Result<Option<Row>, Failure> {
        let Some(record) = self.records.next(&[self.delimiter])? else {
            return Ok(None);
        };
        let input = cells(record, self.delimiter).into_iter().nth(self.column);
        self.number += 1;
        Ok(Some(Row { number: self.number, input }))
    }
}

/// The records of a file; a record may span lines within quotes. Records without text are left out.
struct Records {
    path: PathBuf,
    reader: BufReader<File>,
    record: Vec<u8>,
    line: u64,
}

impl Records {
    fn open(path: &Path) -> Result<Self, Failure> {
        let unreadable = |error| Failure::input(format!("{}: {error}", path.display()));
        let mut reader = BufReader::with_capacity(1 << 16, File::open(path).map_err(unreadable)?);
        let start = reader.fill_buf().map_err(unreadable)?;
        for (bom, encoding) in [(b"\xFF\xFE", "UTF-16LE"), (b"\xFE\xFF", "UTF-16BE")] {
            if start.starts_with(bom) {
                return Err(not_utf8(path, 1, encoding));
            }
        }
        if start.starts_with(UTF8_BOM) {
            reader.consume(UTF8_BOM.len());
        }
        Ok(Self { path: path.to_owned(), reader, record: Vec::new(), line: 0 })
    }

    fn next(&mut self, delimiters: &[char]) -> Result<Option<&str>, Failure> {
        loop {
            let first_line = self.line + 1;
            if !self.read(delimiters)? {
                return Ok(None);
            }
            // Asked twice, because the borrow checker does not see that a blank record is not returned.
            let blank = match std::str::from_utf8(&self.record) {
                Ok(text) => is_blank(text),
                Err(error) => {
                    let before = &self.record[..error.valid_up_to()];
                    let line = first_line + count_lines(before);
                    return Err(not_utf8(&self.path, line, "Windows-1251 (CP1251)"));
                }
            };
            if self.record.contains(&0) {
                return Err(not_utf8(&self.path, first_line, "UTF-16LE"));
            }
            if !blank {
                return Ok(std::str::from_utf8(&self.record).ok());
            }
        }
    }

    /// Reads lines until all quotes are closed. `false`: there are no more.
    fn read(&mut self, delimiters: &[char]) -> Result<bool, Failure> {
        let first_line = self.line + 1;
        self.record.clear();
        let mut place = Place::CellStart;
        loop {
            let start = self.record.len();
            let read = (&mut self.reader)
                .take(LONGEST_RECORD)
                .read_until(b'\n', &mut self.record)
                .map_err(|error| Failure::input(format!("{}: {error}", self.path.display())))?;
            self.line += 1;
            for byte in &self.record[start..] {
                place = place.after(char::from(*byte), delimiters);
            }
            let too_long = self.record.len() as u64 >= LONGEST_RECORD;
            if too_long || (read == 0 && place == Place::Quoted) {
                let path = self.path.display();
                return Err(Failure::input(format!(
                    "{path}, line {first_line}: a record without an end; is a quote not closed?"
                )));
            }
            if read == 0 || place != Place::Quoted {
                return Ok(!self.record.is_empty());
            }
        }
    }
}

/// Where in a record one is. All that matters is ASCII, so bytes do as characters.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    CellStart,
    Unquoted,
    Quoted,
    /// After a quote within quotes: the end of the quotes, or the first half of a quote that is meant.
    QuoteInQuoted,
}

impl Place {
    fn after(self, character: char, delimiters: &[char]) -> Self {
        match (self, character) {
            (Self::CellStart | Self::QuoteInQuoted, '"') => Self::Quoted,
            (Self::Quoted, '"') => Self::QuoteInQuoted,
            (Self::Quoted, _) => Self::Quoted,
            (_, c) if delimiters.contains(&c) => Self::CellStart,
            _ => Self::Unquoted,
        }
    }
}

/// The cells of a record without their quotes.
fn cells(record: &str, delimiter: char) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut place = Place::CellStart;
    for character in record.trim_end_matches(['\r', '\n']).chars() {
        let next = place.after(character, &[delimiter]);
        match (place, next) {
            (_, Place::CellStart) => cells.push(String::new()),
            (Place::CellStart, Place::Quoted) | (_, Place::QuoteInQuoted) => {}
            _ => {
                if let Some(cell) = cells.last_mut() {
                    cell.push(character);
                }
            }
        }
        place = next;
    }
    cells
}

fn delimiter(header: &str) -> char {
    let mut place = Place::CellStart;
    let mut counts = [0_u32; DELIMITERS.len()];
    for character in header.chars() {
        if place != Place::Quoted {
            let which = DELIMITERS.iter().position(|known| *known == character);
            if let Some(index) = which {
                counts[index] += 1;
            }
        }
        place = place.after(character, &DELIMITERS);
    }
    let best = (0..counts.len()).max_by_key(|index| counts[*index]);
    match best {
        Some(index) if counts[index] > 0 => DELIMITERS[index],
        _ => DELIMITERS[0],
    }
}

fn find_column(names: &[String], wanted: Option<&str>) -> Result<usize, String> {
    if names.iter().any(|name| name.parse::<PlateNumber>().is_ok()) {
        return Err("the first line holds a plate; expected a header, such as `plate`".to_owned());
    }
    // A person's e-mail address or phone number would be shown as a column's name.
    let is_datum = |name: &String| {
        name.contains('@') || name.chars().filter(char::is_ascii_digit).count() >= 5
    };
    if names.iter().any(is_datum) {
        return Err("the first line holds data; expected a header, such as `plate`".to_owned());
    }
    let Some(wanted) = wanted else {
        let known = |name: &String| PLATE_COLUMNS.contains(&folded(name).as_str());
        return Ok(names.iter().position(known).unwrap_or(0));
    };
    let same = |name: &String| name.trim() == wanted;
    let alike = |name: &String| folded(name) == folded(wanted);
    let found = names.iter().position(same);
    found.or_else(|| names.iter().position(alike)).ok_or_else(|| {
        let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
        format!("no column {wanted:?}; its columns are {}", names.join(", "))
    })
}

/// A column's name without case, spaces and punctuation.
fn folded(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

fn is_blank(record: &str) -> bool {
    record.chars().all(|c| c.is_whitespace() || DELIMITERS.contains(&c))
}

fn count_lines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

fn not_utf8(path: &Path, line: u64, encoding: &str) -> Failure {
    let name = encoding.split_once(" (").map_or(encoding, |_| "CP1251");
    let path = path.display();
    Failure::input(format!(
        "{path}, line {line}: not UTF-8; it looks like {encoding}; \
         convert it: iconv -f {name} -t UTF-8 {path} > utf8.csv"
    ))
}

/// FNV-1a: it is written to the journal, so it must be the same in every build.
pub(super) fn fingerprint(input: Option<&str>) -> u32 {
    let bytes = input.unwrap_or_default().bytes();
    bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_with_and_without_quotes() {
        assert_eq!(cells("a;b;\r\n", ';'), ["a", "b", ""]);
        assert_eq!(cells("\"a;\"\"b\"\"\";\" c\"", ';'), ["a;\"b\"", " c"]);
        assert_eq!(cells("ООО \"Рога\";19\";x", ';'), ["ООО \"Рога\"", "19\"", "x"]);
        assert_eq!(cells("\"a\nb\",c", ','), ["a\nb", "c"]);
    }

    #[test]
    fn the_delimiter_is_the_most_frequent_outside_of_quotes() {
        assert_eq!(delimiter("plate"), ',');
        assert_eq!(delimiter("a,b"), ',');
        assert_eq!(delimiter("гос. номер;марка, модель;год"), ';');
        assert_eq!(delimiter("\"a,b,c\";d"), ';');
        assert_eq!(delimiter("a\tb"), '\t');
    }

    #[test]
    fn the_column_of_plates_has_many_names() {
        let names =
            |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        for name in ["Plate", "gosNumber", "GOS_NUMBER", "Гос. номер", "ГОСНОМЕР", "гос номер"]
        {
            assert_eq!(find_column(&names(&["id", name]), None), Ok(1), "{name}");
        }
        assert_eq!(find_column(&names(&["id", "car"]), None), Ok(0));
        assert_eq!(find_column(&names(&["id", "Car"]), Some("car")), Ok(1));
        assert_eq!(find_column(&names(&["CAR", "car"]), Some("car")), Ok(1));
        assert!(find_column(&names(&["А111АА11", "x"]), None).is_err());
    }
}
