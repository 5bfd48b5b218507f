//! What the API remembers.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize, Serializer};

use super::{Nsso, plate};

/// What the API thinks of a token it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TokenState {
    /// Good.
    Active,
    /// 602 `TOKEN_NO_ACCESS`: not for this method.
    NoAccess,
    /// 504 `TOKEN_LOCKED_IN_THE_SYSTEM`: by the quality service or automatically.
    Locked,
    /// 123 `IP_NOT_REGISTERED_IN_THE_SYSTEM`: used from another address than it is bound to.
    IpNotRegistered,
    /// 5 `TEST_TIME_OFF`: the trial period is over.
    TestTimeOff,
    /// 3 `TOKEN_BLOCKED_BY_QUALITY_SERVICE`.
    Blocked,
    /// 2 `TOKEN_TEHBLOCK`: the owner blocked it in the settings.
    TechBlock,
}

impl TokenState {
    /// The code of the error that such a token gets.
    pub(super) fn error_code(self) -> Option<u16> {
        match self {
            Self::Active => None,
            Self::NoAccess => Some(602),
            Self::Locked => Some(504),
            Self::IpNotRegistered => Some(123),
            Self::TestTimeOff => Some(5),
            Self::Blocked => Some(3),
            Self::TechBlock => Some(2),
        }
    }
}

/// The state of the source that the API asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Source {
    /// Answers.
    #[default]
    Working,
    /// 1 `API_SUSPENDED`: known to be down.
    Suspended,
    /// 404 `TIME_MAX_CONNECT`: did not answer, however often it was asked.
    Silent,
}

/// An amount in kopecks; in JSON, rubles without a needless fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Money(i64);

impl Money {
    /// Rounded to kopecks; or says what was expected instead of an amount outside of `least` to
    /// [`Nsso::LARGEST_AMOUNT`].
    #[allow(clippy::cast_possible_truncation, reason = "the bound is far below")]
    fn checked(name: &str, rubles: f64, least: f64) -> Result<Self, String> {
        if (least..=Nsso::LARGEST_AMOUNT).contains(&rubles) {
            Ok(Self((rubles * 100.0).round() as i64))
        } else {
            Err(format!("`{name}` is {least} to {} rubles", Nsso::LARGEST_AMOUNT))
        }
    }

    /// Negative when the credit is in use.
    pub(super) fn balance(rubles: f64) -> Result<Self, String> {
        Self::checked("balance", rubles, -Nsso::LARGEST_AMOUNT)
    }

    pub(super) fn credit(rubles: f64) -> Result<Self, String> {
        Self::checked("credit", rubles, 0.0)
    }

    pub(super) fn price(rubles: f64) -> Result<Self, String> {
        Self::checked("price", rubles, 0.0)
    }

    #[allow(clippy::cast_precision_loss, reason = "exact up to ninety trillion rubles")]
    pub(super) fn rubles(self) -> f64 {
        self.0 as f64 / 100.0
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 100 == 0 {
            serializer.serialize_i64(self.0 / 100)
        } else {
            serializer.serialize_f64(self.rubles())
        }
    }
}

/// Says what was expected if there are not as many plates.
pub(super) fn check_fleet(size: u64) -> Result<u64, String> {
    if size <= Nsso::LARGEST_FLEET {
        Ok(size)
    } else {
        Err(format!("`fleet` is 0 to {}", Nsso::LARGEST_FLEET))
    }
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) balance: Money,
    pub(super) credit: Money,
    pub(super) price: Money,
    pub(super) speed: Option<u32>,
    pub(super) max_parallel: Option<usize>,
    pub(super) fleet: u64,
    pub(super) source: Source,
    pub(super) numeric_codes: bool,
    pub(super) tokens: HashMap<String, TokenState>,
    pub(super) billed: BTreeMap<String, u64>,
    pub(super) billed_total: u64,
}

impl Default for State {
    /// One query before the document's example.
    fn default() -> Self {
        Self {
            balance: Money(1_470_075),
            credit: Money(2_000_000),
            price: Money(75),
            speed: None,
            max_parallel: None,
            fleet: plate::COUNT,
            source: Source::Working,
            numeric_codes: false,
            tokens: HashMap::from([(Nsso::TOKEN.to_owned(), TokenState::Active)]),
            billed: BTreeMap::new(),
            billed_total: 0,
        }
    }
}

/// What a query cost and what is left.
pub(super) struct Bill {
    pub(super) price: Money,
    pub(super) balance: Money,
    pub(super) credit: Money,
    pub(super) speed: Option<u32>,
}

impl State {
    pub(super) fn has_money(&self) -> bool {
        self.balance.0.saturating_add(self.credit.0) >= self.price.0
    }

    /// Takes the price of one query for this plate or policy.
    pub(super) fn bill(&mut self, subject: &str) -> Bill {
        self.balance.0 = self.balance.0.saturating_sub(self.price.0);
        self.billed_total += 1;
        match self.billed.get_mut(subject) {
            Some(count) => *count += 1,
            None => {
                self.billed.insert(subject.to_owned(), 1);
            }
        }
        Bill { price: self.price, balance: self.balance, credit: self.credit, speed: self.speed }
    }
}
