//! A JSON document inside a JSON string, read in place.
//!
//! Through serde the string is unescaped by serde_json, which takes half as long as reading the order
//! itself. Answers therefore go by [`decode`]: it finds the string and unescapes it by itself.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, Serialize, Serializer};

use super::OrderInfo;
use super::details::Order;

/// In which form an order came, to be written back in. It is no part of what was said, so that orders
/// are equal whatever their form.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Form {
    /// JSON in a string: what the document describes.
    #[default]
    Text,
    /// The bare object.
    Object,
}

impl PartialEq for Form {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

pub(super) fn deserialize<'de, D>(deserializer: D) -> Result<Option<Box<Order>>, D::Error>
where
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(Embedded)
}

pub(super) fn serialize<S>(order: &Option<Box<Order>>, serializer: S) -> Result<S::Ok, S::Error>
where
    S: Serializer,
{
    let Some(order) = order else { return serializer.serialize_none() };
    match order.form {
        Form::Object => order.serialize(serializer),
        Form::Text => {
            let text = serde_json::to_string(order).map_err(S::Error::custom)?;
            serializer.serialize_str(&text)
        }
    }
}

fn parse(text: &str) -> serde_json::Result<Option<Box<Order>>> {
    match text.trim() {
        "" | "null" => Ok(None),
        _ => serde_json::from_str(text).map(Some),
    }
}

/// The answer, if it has an order in a string and both are sound; nothing else is decided here.
pub(super) fn decode(body: &[u8]) -> Option<OrderInfo> {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    let start = find(body)?;
    let (text, end) = unescape(body, start)?;
    let order = parse(&String::from_utf8(text).ok()?).ok()?;
    let rest = [&body[..start - 1], b"null", &body[end..]].concat();
    let mut info: OrderInfo = ruapi_core::decode(&rest).ok()?;
    info.order = order;
    Some(info)
}

/// Where the string under the key `order` begins. What is passed over is checked when it is decoded.
fn find(body: &[u8]) -> Option<usize> {
    let mut at = after(body, 0, b'{')?;
    loop {
        let key = after(body, at, b'"')?;
        let end = string_end(body, key)?;
        at = after(body, end, b':')?;
        if &body[key..end - 1] == b"order" {
            return after(body, at, b'"');
        }
        at = after(body, value_end(body, at)?, b',')?;
    }
}

/// The place after `expected`, which space may precede.
fn after(body: &[u8], at: usize, expected: u8) -> Option<usize> {
    let space = body.get(at..)?.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let at = at + space;
    (*body.get(at)? == expected).then_some(at + 1)
}

/// The place after the quote that ends the string.
fn string_end(body: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match body.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

fn value_end(body: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match body.get(at)? {
            b'"' => {
                at = string_end(body, at + 1)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b',' | b'}' | b']' if depth == 0 => return Some(at),
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
}

/// How many bytes are copied at once: most pieces between escapes are shorter.
const STEP: usize = 16;

/// What the string from `at` on stands for, and the place after the quote that ends it.
fn unescape(body: &[u8], mut at: usize) -> Option<(Vec<u8>, usize)> {
    // Nothing gets longer, and each step may write beyond what it keeps.
    let mut text = vec![0; body.len() - at + STEP];
    let mut length = 0;
    // What lies before `done` belongs to the last escape.
    let (mut block, mut done) = (at, at);
    loop {
        let mut specials = specials(body.get(block..)?) & bits_from(done.saturating_sub(block));
        while specials != 0 {
            let place = block + specials.trailing_zeros() as usize;
            specials &= specials - 1;
            let piece = place - at;
            match (body.get(at..at + STEP), text.get_mut(length..length + STEP)) {
                (Some(from), Some(to)) if piece <= STEP => to.copy_from_slice(from),
                _ => text.get_mut(length..length + piece)?.copy_from_slice(&body[at..place]),
            }
            length += piece;
            match body.get(place..place + 2)? {
                // What stands for itself is copied with what follows. It is special, too.
                b"\\\"" | b"\\\\" => {
                    (at, done) = (place + 1, place + 2);
                    specials &= specials.wrapping_sub(1);
                }
                [b'"', _] => {
                    text.truncate(length);
                    return Some((text, place + 1));
                }
                [b'\\', b'/'] => (at, done) = (place + 1, place + 2),
                [b'\\', _] => {
                    let (c, taken) = escaped(&body[place..])?;
                    length += c.encode_utf8(&mut text[length..]).len();
                    (at, done) = (place + taken, place + taken);
                    specials &= bits_from(done - block);
                }
                _ => return None,
            }
        }
        block += BLOCK;
    }
}

/// The bits from this one on.
fn bits_from(bit: usize) -> u64 {
    u32::try_from(bit).ok().and_then(|bit| u64::MAX.checked_shl(bit)).unwrap_or(0)
}

/// How many bytes are looked through at once.
const BLOCK: usize = 64;

/// A bit for each quote, backslash and control character of the first block.
#[inline(always)]
fn specials(text: &[u8]) -> u64 {
    match text.first_chunk() {
        Some(block) => specials_of(block),
        None => specials_of_last(text),
    }
}

#[cold]
fn specials_of_last(text: &[u8]) -> u64 {
    // Beyond the end one is found, so that nothing is passed over there.
    let mut block = [0; BLOCK];
    block[..text.len()].copy_from_slice(text);
    specials_of(&block)
}

/// Written so that the compiler makes vector instructions of it.
#[inline(always)]
fn specials_of(block: &[u8; BLOCK]) -> u64 {
    let mut marks = [0; BLOCK];
    for (mark, byte) in marks.iter_mut().zip(block) {
        *mark = u8::from((*byte == b'"') | (*byte == b'\\') | (*byte < b' '));
    }
    let mut bits = 0;
    for (n, eight) in marks.chunks_exact(8).enumerate() {
        let word = u64::from_le_bytes(eight.try_into().unwrap_or_default());
        // The low bits of the eight side by side.
        bits |= (word.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * n);
    }
    bits
}

/// The character of an escape that does not stand for itself, and how many bytes the escape takes.
fn escaped(text: &[u8]) -> Option<(char, usize)> {
    let c = match text.get(1)? {
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'u' => return character(text),
        _ => return None,
    };
    Some((c, 2))
}

/// The character of `\uXXXX`, or of two of them, and how many bytes they take.
fn character(text: &[u8]) -> Option<(char, usize)> {
    let unit = |text: &[u8]| -> Option<u32> {
        let [b'\\', b'u', digits @ ..] = text.get(..6)? else { return None };
        digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
    };
    let first = unit(text)?;
    if !(0xD800..0xDC00).contains(&first) {
        return Some((char::from_u32(first)?, 6));
    }
    let second = unit(&text[6..]).filter(|second| (0xDC00..0xE000).contains(second))?;
    let pair = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
    Some((char::from_u32(pair)?, 12))
}

struct Embedded;

impl<'de> Visitor<'de> for Embedded {
    type Value = Option<Box<Order>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an order as JSON in a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        parse(text).map_err(|_| E::custom(problem(text)))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let mut order = Box::<Order>::deserialize(MapAccessDeserializer::new(map))?;
        // `{}` is how some write that there is nothing.
        let is_empty = *order == Order::default();
        order.form = Form::Object;
        Ok((!is_empty).then_some(order))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        match list.next_element::<de::IgnoredAny>()? {
            None => Ok(None),
            Some(_) => Err(de::Error::custom("expected an order, not a list")),
        }
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// Where in the string it differs and what was expected there: looked for in a second pass, so that
/// a sound order does not pay for it. The words come after the last "expected", because those before
/// it are taken for a quoted value and left out.
#[cold]
fn problem(text: &str) -> String {
    let problem = ruapi_core::decode::<Order>(text.as_bytes()).err().unwrap_or_default();
    // The place in the string is of no use in the answer.
    let problem = problem.split(" at line ").next().unwrap_or_default();
    let located = problem.strip_prefix("at `").and_then(|rest| rest.split_once("`: "));
    let (path, what) = match located {
        Some((path, what)) => (format!("order.{path}"), what),
        None => ("order".to_owned(), problem),
    };
    let what = what.replace("expected ", "");
    format!("expected in `{path}`: {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(json: &str) -> Option<OrderInfo> {
        let by_serde = ruapi_core::decode::<OrderInfo>(json.as_bytes()).ok();
        let by_hand = decode(json.as_bytes());
        if by_hand.is_some() {
            assert_eq!(by_hand, by_serde, "{json}");
        }
        by_hand
    }

    #[test]
    fn the_fast_way_reads_what_serde_reads() {
        let inner =
            r#"{"serviceName":"@\"b\\\\c\n\u0416😀\ud83d\ude00\/ \t","id":5,"x":[{"y":"Ы"}]}"#;
        for length in 0..40 {
            let padded = inner.replace('@', &"ж z".repeat(length));
            let text = serde_json::to_string(&padded).unwrap();
            let escaped: String = text.chars().fold(String::new(), |mut text, c| {
                let mut units = [0; 2];
                if c.is_ascii() {
                    text.push(c);
                } else {
                    for unit in c.encode_utf16(&mut units) {
                        text += &format!("\\u{unit:04X}");
                    }
                }
                text
            });
            for text in [&text, &escaped] {
                for json in [
                    format!(r#"{{"order":{text}}}"#),
                    format!(r#"{{"code":"OK","message":null,"order":{text},"new":{{"order":1}}}}"#),
                    format!(
                        " {{ \"x\" : [{{\"order\":\"}}]\\\"\"}}, 1.5e3 ] , \"order\" :\n{text} , \"y\":true }} "
                    ),
                ] {
                    let info = both(&json).unwrap_or_else(|| panic!("{json}"));
                    assert!(
                        info.order.unwrap().service_name.unwrap().contains("\n\u{416}😀😀/ \t")
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_not_sound_is_left_to_serde() {
        for json in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"order":null}"#,
            r#"{"order":{"id":1}}"#,
            r#"{"order":"{}"#,
            r#"{"order":"{}\"#,
            r#"{"order":"{}\u12"}"#,
            r#"{"order":"{}\ud800"}"#,
            r#"{"order":"{}\ud800\u0041"}"#,
            r#"{"order":"{}\x"}"#,
            r#"{"order":"{}" "code":"OK"}"#,
            r#"{"order":"{}","order":"{}"}"#,
            r#"{"order":"null,\"code\":\"DONE\""}"#,
            r#"{"order":"{},\"code\":\"DONE\""}"#,
            r#"{"code":,"order":"{}"}"#,
            r#"{"code":"a"]},"order":"{}"}"#,
            "{\"order\":\"{}\n\"}",
            "{\"order\":\"{}\u{1}\"}",
        ] {
            assert_eq!(both(json), None, "{json}");
        }
        assert_eq!(decode(b"{\"order\":\"{\\\"a\\\":\\\"\xff\\\"}\"}"), None);
    }

    #[test]
    fn changed_bytes_never_panic_nor_change_the_outcome() {
        let json = include_str!("../../tests/samples/order.json");
        let answer: serde_json::Value = serde_json::from_str(json).unwrap();
        let sound = answer["answer"].to_string().into_bytes();
        let mut state = 7_u64;
        let mut draw = |below: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        for _ in 0..3_000 {
            let mut body = sound.clone();
            for _ in 0..=draw(3) {
                let place = draw(body.len());
                match draw(3) {
                    0 => body[place] = b"\"\\{}[]:,u\x00\xd0"[draw(11)],
                    1 => drop(body.remove(place)),
                    _ => body.truncate(place.max(1)),
                }
            }
            if let Some(info) = decode(&body) {
                assert_eq!(ruapi_core::decode::<OrderInfo>(&body), Ok(info));
            }
        }
    }
}
