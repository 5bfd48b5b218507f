//! A fine, and how it is printed.

use chrono::{NaiveDate, NaiveDateTime};

use super::facts::Wire;
use super::form::{Field, Item, rubles};

/// A fine as it is at some moment.
#[derive(Clone, Debug)]
pub(super) struct Fine {
    pub(super) id: u64,
    pub(super) uin: String,
    pub(super) name: Option<&'static str>,
    pub(super) posted: NaiveDate,
    pub(super) amount: i64,
    pub(super) actually_paid_amount: Option<i64>,
    pub(super) actually_paid_at: Option<NaiveDateTime>,
    pub(super) created: NaiveDateTime,
    pub(super) discount_date: Option<NaiveDateTime>,
    pub(super) discount_size: i64,
    pub(super) wire: &'static Wire,
    pub(super) location: Option<&'static str>,
    /// Latitude and longitude.
    pub(super) coordinates: Option<(&'static str, &'static str)>,
    pub(super) koap_code: &'static str,
    pub(super) koap_text: &'static str,
    pub(super) enable_pics: bool,
    pub(super) load_pics: i64,
    pub(super) pics: Vec<String>,
    pub(super) violation_at: NaiveDateTime,
    pub(super) is_gis: bool,
    pub(super) is_gibdd: bool,
    pub(super) is_dit: bool,
    pub(super) is_uin: bool,
    pub(super) status: &'static str,
    pub(super) inactive_reason: Option<&'static str>,
    pub(super) doc_type: &'static str,
    pub(super) doc_number: String,
    pub(super) violator: Option<&'static str>,
    pub(super) is_paid_marked: Option<bool>,
    pub(super) updated: NaiveDateTime,
    pub(super) updated_mask: &'static str,
    /// Number of the bailiffs' case, and of its payment.
    pub(super) fssp: Option<(String, String)>,
    pub(super) is_paid: bool,
    pub(super) paid_status: &'static str,
    pub(super) is_expired: bool,
    pub(super) expired_days: Option<i64>,
    pub(super) penalty_date: NaiveDateTime,
    pub(super) discount_days_left: i64,
    pub(super) is_discount: bool,
    pub(super) total_amount: i64,
    pub(super) car: u64,
    pub(super) car_name: Option<String>,
    pub(super) car_cert: String,
    pub(super) car_reg: String,
    pub(super) org: &'static str,
    pub(super) payment_order_url: Option<String>,
    /// Rubles, paid by an invoice.
    pub(super) paid_amount: i64,
    pub(super) unit: String,
    pub(super) company: u64,
}

/// The fields that only a fine of a list has.
const LIST_ONLY: [&str; 6] =
    ["actuallyPaidAmount", "actuallyPaidAt", "isPaid", "paidAmount", "unitId", "companyId"];

impl Fine {
    /// Whether it can be paid, and counts as a debt.
    pub(super) fn is_payable(&self) -> bool {
        !self.is_paid && matches!(self.status, "check" | "active")
    }

    /// As in a list, in the document's order.
    pub(super) fn in_list(self) -> Item {
        let (fssp_ip, fssp_uin) = self.fssp.unwrap_or_default();
        let wire = self.wire;
        Item::of(vec![
            ("id", self.id.into()),
            ("postNumber", self.uin.into()),
            ("name", self.name.into()),
            ("postedAt", Field::Date(self.posted)),
            ("amount", self.amount.into()),
            ("actuallyPaidAmount", self.actually_paid_amount.into()),
            ("actuallyPaidAt", self.actually_paid_at.into()),
            ("createdAt", self.created.into()),
            ("discountDate", self.discount_date.into()),
            ("discountSize", self.discount_size.into()),
            ("wireKbk", wire.kbk.into()),
            ("wireUsername", wire.username.into()),
            ("wireOktmo", wire.oktmo.into()),
            ("wireBankBik", wire.bank_bik.into()),
            ("wireBankAccount", wire.bank_account.into()),
            ("wireBankName", wire.bank_name.into()),
            ("wireKpp", wire.kpp.into()),
            ("wireInn", wire.inn.into()),
            ("location", self.location.into()),
            ("locationLat", self.coordinates.map(|(latitude, _)| latitude).into()),
            ("locationLong", self.coordinates.map(|(_, longitude)| longitude).into()),
            ("koapCode", self.koap_code.into()),
            ("enablePics", self.enable_pics.into()),
            ("loadPics", self.load_pics.into()),
            ("violationAt", self.violation_at.into()),
            ("isGis", self.is_gis.into()),
            ("isGibdd", self.is_gibdd.into()),
            ("isDit", self.is_dit.into()),
            ("isUin", self.is_uin.into()),
            ("status", self.status.into()),
            ("inactiveReason", self.inactive_reason.into()),
            ("pics", Field::Pics(self.pics)),
            ("docType", self.doc_type.into()),
            ("docNumber", self.doc_number.into()),
            ("docViolator", self.violator.into()),
            ("updatedAt", self.updated.into()),
            ("updatedMask", self.updated_mask.into()),
            ("fsspIp", fssp_ip.into()),
            ("fsspUin", fssp_uin.into()),
            ("isPaidMarked", self.is_paid_marked.into()),
            ("isPaid", self.is_paid.into()),
            ("paidStatus", self.paid_status.into()),
            ("koapText", self.koap_text.into()),
            ("isExpired", self.is_expired.into()),
            ("expiredDays", self.expired_days.into()),
            ("penaltyDate", self.penalty_date.into()),
            ("discountDaysLeft", self.discount_days_left.into()),
            ("isDiscount", self.is_discount.into()),
            ("totalAmount", self.total_amount.into()),
            ("car", self.car.into()),
            ("carName", self.car_name.into()),
            ("carCert", self.car_cert.into()),
            ("carReg", self.car_reg.into()),
            ("whoseOrg", self.org.into()),
            ("paymentOrderUrl", self.payment_order_url.into()),
            ("divisionName", wire.division_name.into()),
            ("divisionCode", wire.division_code.into()),
            ("paidAmount", rubles(self.paid_amount * 100).into()),
            ("unitId", self.unit.into()),
            ("companyId", self.company.into()),
        ])
    }

    /// As a single one.
    pub(super) fn alone(self) -> Item {
        let is_discount = self.is_discount;
        let mut fields = self.in_list().fields;
        fields.retain(|(name, _)| !LIST_ONLY.contains(name));
        for (name, field) in &mut fields {
            // The document's single fine, which has no discount, has no days left either.
            if *name == "discountDaysLeft" && !is_discount {
                *field = Field::Null;
            }
        }
        Item::single(fields)
    }
}

/// All names that `fields` may ask for.
pub(super) const FIELDS: [&str; 60] = [
    "id",
    "postNumber",
    "name",
    "postedAt",
    "amount",
    "actuallyPaidAmount",
    "actuallyPaidAt",
    "createdAt",
    "discountDate",
    "discountSize",
    "wireKbk",
    "wireUsername",
    "wireOktmo",
    "wireBankBik",
    "wireBankAccount",
    "wireBankName",
    "wireKpp",
    "wireInn",
    "location",
    "locationLat",
    "locationLong",
    "koapCode",
    "enablePics",
    "loadPics",
    "violationAt",
    "isGis",
    "isGibdd",
    "isDit",
    "isUin",
    "status",
    "inactiveReason",
    "pics",
    "docType",
    "docNumber",
    "docViolator",
    "updatedAt",
    "updatedMask",
    "fsspIp",
    "fsspUin",
    "isPaidMarked",
    "isPaid",
    "paidStatus",
    "koapText",
    "isExpired",
    "expiredDays",
    "penaltyDate",
    "discountDaysLeft",
    "isDiscount",
    "totalAmount",
    "car",
    "carName",
    "carCert",
    "carReg",
    "whoseOrg",
    "paymentOrderUrl",
    "divisionName",
    "divisionCode",
    "paidAmount",
    "unitId",
    "companyId",
];

#[cfg(test)]
mod tests {
    use super::super::known::{Known, fines};
    use super::*;

    #[test]
    fn the_names_are_those_of_a_listed_fine() {
        let Some(Known::Printed(fine)) = fines(1_003_726).pop() else { panic!("the document's") };
        let names: Vec<_> = fine.in_list().fields.into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, FIELDS);
    }
}
