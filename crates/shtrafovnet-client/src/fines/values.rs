//! The values of a fine's fields.

use std::fmt;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use ruapi_core::wire::{self, Scalar, Wire};
use ruapi_core::{Extra, redact};
use serde::{Deserialize, Serialize, Serializer};

ruapi_core::open_enum! {
    /// The state of a fine (Статус штрафа).
    pub enum FineStatus {
        /// Being checked.
        Check = "check",
        /// In force.
        Active = "active",
        /// Not in force: see [`FineInactiveReason`].
        Inactive = "inactive",
        /// Deleted.
        Deleted = "deleted",
    }
}

ruapi_core::open_enum! {
    /// Why a fine is not in force (Причина неактивности штрафа).
    pub enum FineInactiveReason {
        /// It is another car's.
        AnotherCar = "another_car",
        /// It was not found.
        NotFound = "not_found",
        /// It is incorrect.
        Incorrect = "incorrect",
    }
}

ruapi_core::open_enum! {
    /// The document that a fine was issued for (Тип документа).
    pub enum DocumentType {
        /// Registration certificate of the car (СТС).
        Sts = "sts",
        /// Driving licence (ВУ).
        Vu = "vu",
        /// Taxpayer number (ИНН).
        Inn = "inn",
        /// Not described.
        RawId = "rawid",
        /// Passport.
        Passport = "passport",
        /// Number of the pension insurance (СНИЛС).
        Snils = "snils",
    }
}

ruapi_core::open_enum! {
    /// Whether a fine is paid (Состояние оплаты постановления).
    pub enum PaidStatus {
        /// Paid in full.
        Paid = "paid",
        /// Not paid.
        NoPaid = "nopaid",
        /// Paid in part, or overpaid.
        PartPaid = "partpaid",
    }
}

ruapi_core::open_enum! {
    /// Whose fine it is (Организация постановления).
    pub enum Organisation {
        /// The traffic police (ГИБДД).
        Gibdd = "gibdd",
        /// Moscow's administration of parking (АМПП).
        Ampp = "ampp",
        /// Moscow's road inspection (МАДИ).
        Madi = "madi",
        /// The bailiffs (ФССП).
        Fssp = "fssp",
    }
}

ruapi_core::open_enum! {
    /// Where the loading of the pictures stands (Статус загрузки изображений).
    pub enum PicturesState {
        /// 0: queued for loading, if there are any.
        Queued = "0",
        /// 1: loaded.
        Loaded = "1",
        /// 2: not got so far; further attempts follow. Mostly the traffic police's servers ask their
        /// regional ones.
        Retrying = "2",
        /// 3: not got, after many attempts.
        Failed = "3",
    }
}

/// A day or a moment of it: the document promises date and time, and sends dates as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DayOrMoment {
    /// A day.
    Day(NaiveDate),
    /// A moment, without a zone; Moscow time is likely.
    Moment(NaiveDateTime),
}

impl DayOrMoment {
    /// The day.
    pub fn date(&self) -> NaiveDate {
        match self {
            Self::Day(day) => *day,
            Self::Moment(moment) => moment.date(),
        }
    }

    /// The moment up to which something holds that holds until then: of a day, its last second.
    pub fn end(&self) -> NaiveDateTime {
        match self {
            Self::Day(day) => day.and_time(NaiveTime::MIN) + TimeDelta::seconds(86_399),
            Self::Moment(moment) => *moment,
        }
    }
}

impl Wire for DayOrMoment {
    const EXPECTED: &'static str = "a date (yyyy-mm-dd), with or without a time";

    #[inline(always)]
    fn read(scalar: Scalar<'_>) -> Option<Self> {
        let Scalar::Text(text) = scalar else { return None };
        let text = text.trim();
        let moment = wire::naive_date_time::parse(text)?;
        // As long as a date is: no time was sent.
        Some(if text.len() == 10 { Self::Day(moment.date()) } else { Self::Moment(moment) })
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Day(day) => serializer.collect_str(day),
            Self::Moment(moment) => serializer.collect_str(&moment.format("%Y-%m-%d %H:%M:%S%.f")),
        }
    }
}

/// For `#[serde(default, with = "day_or_moment")]`: also absent as the zeros by which databases say that
/// there is none.
pub(super) mod day_or_moment {
    use ruapi_core::wire::{self, Scalar, Wire};
    use serde::{Deserializer, Serializer};

    use super::DayOrMoment;

    pub(in crate::fines) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<DayOrMoment>, D::Error> {
        let read: Option<OrZero> = wire::deserialize(deserializer)?;
        Ok(read.and_then(|read| read.0))
    }

    pub(in crate::fines) fn serialize<S: Serializer>(
        value: &Option<DayOrMoment>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.write(serializer)
    }

    struct OrZero(Option<DayOrMoment>);

    impl Wire for OrZero {
        const EXPECTED: &'static str = DayOrMoment::EXPECTED;

        #[inline(always)]
        fn read(scalar: Scalar<'_>) -> Option<Self> {
            match scalar {
                Scalar::Text(text) if wire::naive_date_time::is_zero(text.trim()) => {
                    Some(Self(None))
                }
                _ => DayOrMoment::read(scalar).map(|read| Self(Some(read))),
            }
        }

        fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.0.write(serializer)
        }
    }
}

/// A fine's pictures: no, one or several, each as a URL or as an object with one. `Debug` counts them.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Pictures {
    /// Several.
    Many(Vec<Picture>),
    /// One that is not in a list.
    One(Picture),
    /// Anything else: `null` where there is none or none was asked for.
    Other(serde_json::Value),
}

impl Default for Pictures {
    fn default() -> Self {
        Self::Other(serde_json::Value::Null)
    }
}

/// One picture.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Picture {
    /// Its URL.
    Url(String),
    /// An object that holds its URL.
    Object(PictureObject),
}

/// A picture as an object.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PictureObject {
    /// Its URL.
    #[serde(default, with = "wire")]
    pub url: Option<String>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Pictures {
    /// The URLs of all pictures.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        let pictures = match self {
            Self::Many(list) => list.as_slice(),
            Self::One(picture) => std::slice::from_ref(picture),
            Self::Other(_) => &[],
        };
        let urls = pictures.iter().filter_map(|picture| match picture {
            Picture::Url(url) => Some(url.as_str()),
            Picture::Object(object) => object.url.as_deref(),
        });
        urls.filter(|url| !url.trim().is_empty())
    }

    /// Whether there is no picture.
    pub fn is_empty(&self) -> bool {
        self.urls().next().is_none()
    }
}

impl fmt::Debug for Pictures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pictures({})", self.urls().count())
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(redact::MASK)
    }
}

impl fmt::Debug for PictureObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(redact::MASK)
    }
}

#[cfg(test)]
mod tests {
    use ruapi_core::test_util::lossless;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn pictures_come_in_every_form_and_go_back_in_it() {
        let url = "https://s3.example/a.jpg";
        for (form, count) in [
            (json!({"url": url}), 1),
            (json!(url), 1),
            (json!([url, url]), 2),
            (json!([{"url": url, "w": 640}, {"url": url}]), 2),
            (json!([]), 0),
            (json!(""), 0),
            (json!(null), 0),
            (json!({}), 0),
            (json!({"url": null}), 0),
            (json!(false), 0),
            (json!([{"url": url}, 7]), 0),
        ] {
            let pictures: Pictures = serde_json::from_value(form.clone()).unwrap();
            assert_eq!(pictures.urls().filter(|found| *found == url).count(), count, "{form}");
            assert_eq!(pictures.is_empty(), count == 0);
            let encoded: Value = serde_json::to_value(&pictures).unwrap();
            lossless(&form, &encoded).unwrap_or_else(|path| panic!("{form}: {path}"));
            assert!(!format!("{pictures:?}").contains("s3"));
        }
    }

    #[test]
    fn a_decision_has_a_day_and_perhaps_a_time() {
        for text in ["2019-01-01", "2019-01-01 12:30:00"] {
            let posted = DayOrMoment::read(Scalar::Text(text)).unwrap();
            assert_eq!(posted.date().to_string(), "2019-01-01");
            let written = posted.write(serde_json::value::Serializer).unwrap();
            assert_eq!(written, json!(text));
        }
        let end = |text| DayOrMoment::read(Scalar::Text(text)).unwrap().end().to_string();
        assert_eq!(end("2019-01-01"), "2019-01-01 23:59:59");
        assert_eq!(end("2019-01-01 12:30:00"), "2019-01-01 12:30:00");
        assert_eq!(DayOrMoment::read(Scalar::Text("01.01.2019")), None);
    }

    #[test]
    fn a_date_of_zeros_costs_no_page() {
        let fine = |date: &str| {
            let fine =
                json!({"id": 1, "postedAt": date, "discountDate": date, "penaltyDate": date});
            serde_json::from_value::<crate::fines::Fine>(fine)
        };
        for zero in ["0000-00-00", "0000-00-00 00:00:00", "-0001-11-30 00:00:00"] {
            let fine = fine(zero).expect(zero);
            assert_eq!((fine.posted_at, fine.discount_date, fine.penalty_date), (None, None, None));
        }
        let day = fine("2019-01-01").unwrap().posted_at.unwrap();
        assert_eq!(day.date().to_string(), "2019-01-01");
        assert!(fine("01.01.2019").is_err());
    }
}
