//! What the arguments of several commands have in common.

use shtrafovnet_client::Id;

/// An identifier.
pub(super) fn id<K>(text: &str) -> Result<Id<K>, &'static str> {
    match text.trim() {
        "" => Err("expected an identifier"),
        text => Ok(text.into()),
    }
}

/// One of the values that the document names.
macro_rules! choice {
    ($name:ty) => {{
        use clap::builder::TypedValueParser;
        let values = <$name>::DOCUMENTED.iter().map(|value| value.as_str());
        clap::builder::PossibleValuesParser::new(values).map(|text| <$name>::from(text.as_str()))
    }};
}
pub(super) use choice;
