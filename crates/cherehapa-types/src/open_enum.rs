//! Enums whose values the service chooses: unknown ones are kept, never an error.

/// Declares an enum of texts that keeps values it does not know and writes them back unchanged.
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident = $text:literal, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $( $(#[$variant_meta])* $variant, )+
            /// A value that the document does not name, as it was sent.
            Other(Box<str>),
        }

        impl $name {
            /// The documented values, in the order of the document.
            pub const DOCUMENTED: &'static [Self] = &[$( Self::$variant, )+];

            /// The value as it is on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$variant => $text, )+
                    Self::Other(text) => text,
                }
            }

            /// Whether the document names this value.
            pub fn is_documented(&self) -> bool {
                !matches!(self, Self::Other(_))
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $( $text => Self::$variant, )+
                    other => Self::Other(other.into()),
                }
            }
        }

        impl $crate::wire::Wire for $name {
            const EXPECTED: &'static str = "text";

            #[inline(always)]
            fn scalar(scalar: $crate::wire::Scalar<'_>) -> Option<Self> {
                scalar.to_text().map(|text| Self::from(&*text))
            }

            fn write<S: serde::Serializer>(
                &self,
                _: $crate::wire::Spelling,
                to: S,
            ) -> Result<S::Ok, S::Error> {
                // Codes that are numbers are documented as numbers.
                match self.as_str().parse::<u64>() {
                    Ok(number) if self.is_documented() => to.serialize_u64(number),
                    _ => to.serialize_str(self.as_str()),
                }
            }
        }

        $crate::wire::serde_by_wire!($name);
    };
}
pub(crate) use open_enum;
