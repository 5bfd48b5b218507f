//! What the arguments of several commands have in common.

use shtrafovnet_client::{Call, Id};

/// An identifier.
pub(super) fn id<K>(text: &str) -> Result<Id<K>, &'static str> {
    match text.trim() {
        "" => Err("expected an identifier"),
        text => Ok(text.into()),
    }
}

/// The call with a filter, where values were given: none would mean all to the service.
pub(super) fn given<O, T: Clone>(
    call: Call<O>,
    values: &[T],
    set: impl FnOnce(Call<O>, Vec<T>) -> Call<O>,
) -> Call<O> {
    if values.is_empty() { call } else { set(call, values.to_vec()) }
}

/// One of the values that the document names, or of those among them that it names in this place.
macro_rules! choice {
    ($name:ty) => {
        choice!($name, <$name>::DOCUMENTED)
    };
    ($name:ty, $values:expr) => {{
        use clap::builder::TypedValueParser;
        let values = $values.iter().map(|value| value.as_str());
        clap::builder::PossibleValuesParser::new(values).map(|text| <$name>::from(text.as_str()))
    }};
}
pub(super) use choice;
