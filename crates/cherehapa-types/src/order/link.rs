//! Where policies can be downloaded.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::wire::{self, models};
use crate::{Extra, Map, Personal};

/// What did not fit elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Data {
    /// Temporary links to the files of single policies, by the policy's code. The permanent one in
    /// [`Policy::file_link`](super::Policy::file_link) is better.
    #[serde(default, with = "wire")]
    pub links: Personal<Map<Option<String>>>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

models!(Data);

/// Where a policy can be downloaded. Whoever knows the link may read the policy: `Debug` masks it.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyLink<'a> {
    /// `policy.fileLink`, which stays.
    Permanent(&'a str),
    /// From `data.links`, which ends some time.
    Temporary(&'a str),
}

impl<'a> PolicyLink<'a> {
    /// The link itself.
    pub fn url(self) -> &'a str {
        match self {
            Self::Permanent(url) | Self::Temporary(url) => url,
        }
    }
}

impl fmt::Debug for PolicyLink<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Permanent(_) => "Permanent(***)",
            Self::Temporary(_) => "Temporary(***)",
        })
    }
}
