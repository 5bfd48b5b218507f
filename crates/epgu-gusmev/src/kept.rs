//! A value that is not understood does not make the answer around it unreadable: it is kept as it came,
//! among the undocumented fields of its object, and its own field is `None`.

use ruapi_core::{Error, Extra, RawResponse, Request, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

/// An answer that can be read in spite of values that are not understood.
pub(crate) trait Keeps: DeserializeOwned {
    /// The undocumented fields of the object at this place, if `name` may be among them: what says
    /// whether there is anything at all must be understood.
    fn extra_at(&mut self, place: &[Segment], name: &str) -> Option<&mut Extra>;

    /// Opens what is JSON in a string; whether there was such a thing.
    fn open(_answer: &mut Value) -> bool {
        false
    }

    /// Notes whether it was opened, to be written back as it came.
    fn close(&mut self, _was_opened: bool) {}
}

/// How many bytes are gone through for an answer, all passes together: one pass finds one value.
const MOST_WORK: usize = 64 << 20;

/// As [`RawResponse::decode`], if need be without what is not understood.
pub(crate) fn read<T: Keeps>(answer: RawResponse, request: &Request) -> Result<Response<T>, Error> {
    let error = match answer.clone().decode(request) {
        Ok(read) => return Ok(read),
        Err(error) => error,
    };
    salvage(answer.body()).map_or(Err(error), |model| Ok(answer.with_value(model)))
}

/// The answer with what was not understood kept; `None` if something is wrong that is more than that.
pub(crate) fn salvage<T: Keeps>(body: &[u8]) -> Option<T> {
    let mut answer: Value = ruapi_core::decode(body).ok()?;
    let is_opened = T::open(&mut answer);
    let mut kept: Vec<(Vec<Segment>, String, Value)> = Vec::new();
    for _ in 0..=MOST_WORK / body.len().max(1) {
        let error = match serde_path_to_error::deserialize::<_, T>(&answer) {
            Ok(mut model) => {
                for (place, name, value) in kept {
                    model.extra_at(&place, &name)?.insert(name, value);
                }
                model.close(is_opened);
                return Some(model);
            }
            Err(error) => error,
        };
        kept.push(take(&mut answer, error.path().iter().cloned().collect())?);
    }
    None
}

/// Takes out what is at a place, or the list that it is in.
fn take(answer: &mut Value, mut place: Vec<Segment>) -> Option<(Vec<Segment>, String, Value)> {
    let name = loop {
        match place.pop()? {
            Segment::Map { key } => break key,
            Segment::Seq { .. } => {}
            Segment::Enum { .. } | Segment::Unknown => return None,
        }
    };
    let parent = place.iter().try_fold(answer, |value, step| match step {
        Segment::Map { key } => value.get_mut(key),
        Segment::Seq { index } => value.get_mut(index),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    let value = parent?.as_object_mut()?.get_mut(&name)?.take();
    // It was taken before, and something must be there.
    (!value.is_null()).then_some((place, name, value))
}

/// The item of a list that a place leads to, and what is left of the place. A lone object stands for a
/// list of it.
pub(crate) fn item<'a, 'p, T>(
    list: &'a mut [T],
    place: &'p [Segment],
) -> Option<(&'a mut T, &'p [Segment])> {
    match place {
        [Segment::Seq { index }, rest @ ..] => list.get_mut(*index).map(|item| (item, rest)),
        rest => list.first_mut().map(|item| (item, rest)),
    }
}

/// What is left of the place in an object that may come as a list of it.
pub(crate) fn alone(place: &[Segment]) -> &[Segment] {
    match place {
        [Segment::Seq { index: 0 }, rest @ ..] => rest,
        rest => rest,
    }
}

/// The field that a place begins with, and what is left of the place.
pub(crate) fn field(place: &[Segment]) -> Option<(&str, &[Segment])> {
    match place {
        [Segment::Map { key }, rest @ ..] => Some((key, rest)),
        _ => None,
    }
}
