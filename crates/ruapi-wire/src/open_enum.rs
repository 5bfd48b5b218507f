//! Enums whose values the service chooses: unknown ones are kept, never an error.

/// Declares an enum of texts that keeps values it does not know and writes them back unchanged.
///
/// ```
/// ruapi_wire::open_enum! {
///     /// Where a scan stands.
///     pub enum ScanStatus {
///         /// Under way.
///         Process = "process",
///         /// Finished.
///         Done = "done",
///     }
/// }
///
/// let known: ScanStatus = serde_json::from_str(r#""done""#)?;
/// let new: ScanStatus = serde_json::from_str(r#""paused""#)?;
/// assert_eq!(known, ScanStatus::Done);
/// assert_eq!(new.as_str(), "paused");
/// assert!(!new.is_documented());
/// assert_eq!(serde_json::to_string(&new)?, r#""paused""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident = $text:literal, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        $vis enum $name {
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

        impl $crate::Wire for $name {
            const EXPECTED: &'static str = concat!("a ", stringify!($name));

            #[inline(always)]
            fn read(scalar: $crate::Scalar<'_>) -> Option<Self> {
                scalar.to_text().map(|text| Self::from(&*text))
            }

            fn write<S: $crate::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl $crate::Serialize for $name {
            fn serialize<S: $crate::Serializer>(
                &self,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                $crate::serialize(self, serializer)
            }
        }

        impl<'de> $crate::Deserialize<'de> for $name {
            fn deserialize<D: $crate::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                $crate::deserialize(deserializer)
            }
        }
    };
}
