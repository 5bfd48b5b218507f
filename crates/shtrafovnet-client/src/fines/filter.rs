//! Which fines of a list: the filters that both lists of fines share.

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use ruapi_core::{Error, Personal, Request};

use crate::call::{Call, Operation};
use crate::input::{filter, not_blank};

ruapi_core::open_enum! {
    /// Value of the filter `paid` (Статус оплаты).
    pub enum PaidFilter {
        /// Paid in full.
        Paid = "paid",
        /// Not paid.
        NoPaid = "nopaid",
        /// Paid in part.
        PartPaid = "partpaid",
        /// Whether paid or not.
        All = "all",
    }
}

ruapi_core::open_enum! {
    /// Value of the filter `doc` (Документ).
    pub enum DocumentFilter {
        /// Issued for a registration certificate (СТС).
        Sts = "sts",
        /// Issued for a driving licence (ВУ).
        Vu = "vu",
        /// Issued for a passport.
        Passport = "passport",
        /// Not described.
        RawId = "rawid",
        /// Issued for whatever document.
        All = "all",
    }
}

ruapi_core::open_enum! {
    /// Value of the filter `org` (Организация).
    pub enum OrganisationFilter {
        /// The traffic police (ГИБДД).
        Gibdd = "gibdd",
        /// Moscow's administration of parking (АМПП).
        Ampp = "ampp",
        /// Moscow's road inspection (МАДИ).
        Madi = "madi",
        /// The bailiffs (ФССП).
        Fssp = "fssp",
        /// Whosever.
        All = "all",
    }
}

ruapi_core::open_enum! {
    /// Value of `filters` (Фильтрация данных).
    pub enum FineFlag {
        /// With a discount.
        Discount = "discount",
        /// Expired.
        Expired = "expired",
        /// With pictures.
        Pics = "pics",
    }
}

ruapi_core::open_enum! {
    /// A field of a [`Fine`](super::Fine), for a selection.
    #[allow(missing_docs, reason = "each is described at the field of the same name")]
    pub enum FineField {
        Id = "id",
        PostNumber = "postNumber",
        Name = "name",
        PostedAt = "postedAt",
        Amount = "amount",
        ActuallyPaidAmount = "actuallyPaidAmount",
        ActuallyPaidAt = "actuallyPaidAt",
        CreatedAt = "createdAt",
        DiscountDate = "discountDate",
        DiscountSize = "discountSize",
        WireKbk = "wireKbk",
        WireUsername = "wireUsername",
        WireOktmo = "wireOktmo",
        WireBankBik = "wireBankBik",
        WireBankAccount = "wireBankAccount",
        WireBankName = "wireBankName",
        WireKpp = "wireKpp",
        WireInn = "wireInn",
        Location = "location",
        LocationLat = "locationLat",
        LocationLong = "locationLong",
        KoapCode = "koapCode",
        EnablePics = "enablePics",
        LoadPics = "loadPics",
        ViolationAt = "violationAt",
        IsGis = "isGis",
        IsGibdd = "isGibdd",
        IsDit = "isDit",
        IsUin = "isUin",
        Status = "status",
        InactiveReason = "inactiveReason",
        Pics = "pics",
        DocType = "docType",
        DocNumber = "docNumber",
        DocViolator = "docViolator",
        UpdatedAt = "updatedAt",
        UpdatedMask = "updatedMask",
        FsspIp = "fsspIp",
        FsspUin = "fsspUin",
        IsPaidMarked = "isPaidMarked",
        IsPaid = "isPaid",
        PaidStatus = "paidStatus",
        KoapText = "koapText",
        IsExpired = "isExpired",
        ExpiredDays = "expiredDays",
        PenaltyDate = "penaltyDate",
        DiscountDaysLeft = "discountDaysLeft",
        IsDiscount = "isDiscount",
        TotalAmount = "totalAmount",
        Car = "car",
        CarName = "carName",
        CarCert = "carCert",
        CarReg = "carReg",
        WhoseOrg = "whoseOrg",
        PaymentOrderUrl = "paymentOrderUrl",
        DivisionName = "divisionName",
        DivisionCode = "divisionCode",
        PaidAmount = "paidAmount",
        UnitId = "unitId",
        CompanyId = "companyId",
    }
}

/// The filters of a list of fines; set them on the call.
#[derive(Debug, Clone, Default)]
pub struct FineFilter {
    paid: Option<Vec<PaidFilter>>,
    doc: Option<Vec<DocumentFilter>>,
    org: Option<Vec<OrganisationFilter>>,
    fields: Option<Vec<FineField>>,
    started: Option<NaiveDate>,
    ended: Option<NaiveDate>,
    update_started: Option<NaiveDateTime>,
    update_ended: Option<NaiveDateTime>,
    create_started: Option<NaiveDateTime>,
    create_ended: Option<NaiveDateTime>,
    uins: Option<Vec<Personal<String>>>,
    uin_search: Option<Personal<String>>,
    flags: Option<Vec<FineFlag>>,
}

impl FineFilter {
    /// Adds the filters to a request.
    pub(crate) fn apply(&self, request: Request) -> Result<Request, Error> {
        let mut request = request.shown(&["page", "paid", "doc", "org", "filters"]);
        request = filter(request, "paid", &self.paid, PaidFilter::as_str)?;
        request = filter(request, "doc", &self.doc, DocumentFilter::as_str)?;
        request = filter(request, "org", &self.org, OrganisationFilter::as_str)?;
        request = filter(request, "fields", &self.fields, FineField::as_str)?;
        for (name, day) in [("started", self.started), ("ended", self.ended)] {
            if let Some(day) = day {
                check_year(&request, name, day)?;
                request = request.query(name, &day.to_string());
            }
        }
        for (name, moment) in [
            ("update_started", self.update_started),
            ("update_ended", self.update_ended),
            ("create_started", self.create_started),
            ("create_ended", self.create_ended),
        ] {
            if let Some(moment) = moment {
                check_year(&request, name, moment.date())?;
                request = request.query(name, &moment.format("%Y-%m-%d %H:%M:%S").to_string());
            }
        }
        request = filter(request, "uins", &self.uins, |uin| uin.as_str())?;
        if let Some(part) = &self.uin_search {
            not_blank(request.operation(), "uin_search", part)?;
            request = request.query("uin_search", part);
        }
        filter(request, "filters", &self.flags, FineFlag::as_str)
    }
}

fn check_year(request: &Request, name: &str, day: NaiveDate) -> Result<(), Error> {
    if (1000..=9999).contains(&day.year()) {
        return Ok(());
    }
    Err(Error::input(request.operation(), format!("{name}: expected a year of four digits")))
}

/// A list of fines.
pub trait Filtered: Operation {
    /// Where it keeps its filters.
    fn filter(&mut self) -> &mut FineFilter;
}

/// The filters of both lists of fines. A list of values may not be empty: the service would take that for
/// "all". Days and times are sent as they are; Moscow time is likely.
impl<O: Filtered> Call<O> {
    /// `paid`: only fines in one of these states of payment (Статус оплаты).
    pub fn paid(mut self, values: impl IntoIterator<Item = PaidFilter>) -> Self {
        self.operation.filter().paid = Some(values.into_iter().collect());
        self
    }

    /// `doc`: only fines issued for one of these kinds of documents (Документ).
    pub fn doc(mut self, values: impl IntoIterator<Item = DocumentFilter>) -> Self {
        self.operation.filter().doc = Some(values.into_iter().collect());
        self
    }

    /// `org`: only fines of one of these organisations (Организация).
    pub fn org(mut self, values: impl IntoIterator<Item = OrganisationFilter>) -> Self {
        self.operation.filter().org = Some(values.into_iter().collect());
        self
    }

    /// `fields`: only these fields, and `id`, which makes a walk over a long list shorter (Получаемые
    /// поля штрафа). The others are `None`. Documented for a car's fines only.
    pub fn fields(mut self, fields: impl IntoIterator<Item = FineField>) -> Self {
        self.operation.filter().fields = Some(fields.into_iter().collect());
        self
    }

    /// `started`: decided on this day or later (Дата постановления, начало периода).
    pub fn started(mut self, day: NaiveDate) -> Self {
        self.operation.filter().started = Some(day);
        self
    }

    /// `ended`: decided on this day or earlier (Дата постановления, конец периода).
    pub fn ended(mut self, day: NaiveDate) -> Self {
        self.operation.filter().ended = Some(day);
        self
    }

    /// `update_started`: changed at this moment or later (Дата/время последнего обновления), to the second.
    pub fn update_started(mut self, moment: NaiveDateTime) -> Self {
        self.operation.filter().update_started = Some(moment);
        self
    }

    /// `update_ended`: changed at this moment or earlier, to the second.
    pub fn update_ended(mut self, moment: NaiveDateTime) -> Self {
        self.operation.filter().update_ended = Some(moment);
        self
    }

    /// `create_started`: added to the service at this moment or later (Дата/время добавления в
    /// систему), to the second.
    pub fn create_started(mut self, moment: NaiveDateTime) -> Self {
        self.operation.filter().create_started = Some(moment);
        self
    }

    /// `create_ended`: added to the service at this moment or earlier, to the second.
    pub fn create_ended(mut self, moment: NaiveDateTime) -> Self {
        self.operation.filter().create_ended = Some(moment);
        self
    }

    /// `uins`: only the fines with these decision numbers (Номер постановления, УИН).
    pub fn uins<T: Into<String>>(mut self, uins: impl IntoIterator<Item = T>) -> Self {
        self.operation.filter().uins =
            Some(uins.into_iter().map(|uin| uin.into().into()).collect());
        self
    }

    /// `uin_search`: only fines with this in their decision number (Часть номера постановления).
    pub fn uin_search(mut self, part: impl Into<String>) -> Self {
        self.operation.filter().uin_search = Some(part.into().into());
        self
    }

    /// `filters`: only fines for which all of this is true (Фильтрация данных).
    pub fn filters(mut self, flags: impl IntoIterator<Item = FineFlag>) -> Self {
        self.operation.filter().flags = Some(flags.into_iter().collect());
        self
    }
}
