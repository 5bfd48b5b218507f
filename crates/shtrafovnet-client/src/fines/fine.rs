//! What the service knows of a fine.

use chrono::NaiveDateTime;
use ruapi_core::{Extra, Id, Personal, wire};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::values::day_or_moment;
use super::{
    DayOrMoment, DocumentType, FineInactiveReason, FineStatus, Organisation, PaidStatus, Pictures,
    PicturesState, UpdatedMask,
};
use crate::cars::CarId;
use crate::company::CompanyId;
use crate::listing::Listed;

/// The identifier of a fine.
pub type FineId = Id<Fine>;

/// A fine (постановление). Lists have other fields than a single fine, and a selection of `fields`
/// only those: what an answer does not hold is `None`.
///
/// Amounts are in rubles. Times have no zone; Moscow time is likely.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Fine {
    /// The identifier (ID штрафа).
    #[serde(with = "wire")]
    pub id: FineId,
    /// The decision's number (Номер постановления, УИН), which also is the payment's identifier.
    #[serde(default, with = "wire")]
    pub post_number: Option<Personal<String>>,
    /// The decision in short (Название).
    #[serde(default, with = "wire")]
    pub name: Option<String>,
    /// When the decision was made (Дата постановления); not always the day of the violation.
    #[serde(default, with = "day_or_moment")]
    pub posted_at: Option<DayOrMoment>,
    /// The fine (Сумма штрафа), without any discount.
    #[serde(default, with = "wire")]
    pub amount: Option<Decimal>,
    /// What was really paid; in lists only, not described.
    #[serde(default, with = "wire")]
    pub actually_paid_amount: Option<Decimal>,
    /// When it was really paid; in lists only, not described.
    #[serde(default, with = "wire::naive_date_time")]
    pub actually_paid_at: Option<NaiveDateTime>,
    /// When it was added to the service (Дата создания штрафа).
    #[serde(default, with = "wire::naive_date_time")]
    pub created_at: Option<NaiveDateTime>,
    /// Until when the discount holds, to the end of that day (Дата скидки).
    #[serde(default, with = "day_or_moment")]
    pub discount_date: Option<DayOrMoment>,
    /// The discount in percent, if there is one (Размер скидки).
    #[serde(default, with = "wire")]
    pub discount_size: Option<Decimal>,
    /// The payee's budget code (КБК).
    #[serde(default, with = "wire")]
    pub wire_kbk: Option<String>,
    /// The payee (Получатель платежа), an authority.
    #[serde(default, with = "wire")]
    pub wire_username: Option<String>,
    /// The payee's municipality code (ОКТМО).
    #[serde(default, with = "wire")]
    pub wire_oktmo: Option<String>,
    /// The payee's bank code (БИК банка получателя).
    #[serde(default, with = "wire")]
    pub wire_bank_bik: Option<String>,
    /// The payee's account (Номер счёта получателя).
    #[serde(default, with = "wire")]
    pub wire_bank_account: Option<String>,
    /// The payee's bank (Название банка).
    #[serde(default, with = "wire")]
    pub wire_bank_name: Option<String>,
    /// The payee's code of registration (КПП).
    #[serde(default, with = "wire")]
    pub wire_kpp: Option<String>,
    /// The payee's taxpayer number (ИНН).
    #[serde(default, with = "wire")]
    pub wire_inn: Option<String>,
    /// Where it happened (Место совершения правонарушения).
    #[serde(default, with = "wire")]
    pub location: Option<Personal<String>>,
    /// The latitude of the place (широта).
    #[serde(default, with = "wire")]
    pub location_lat: Option<Personal<String>>,
    /// The longitude of the place (долгота).
    #[serde(default, with = "wire")]
    pub location_long: Option<Personal<String>>,
    /// The article of the law (Наименование статьи КоАП).
    #[serde(default, with = "wire")]
    pub koap_code: Option<String>,
    /// Whether there are pictures of the violation (Флаг наличия изображений).
    #[serde(default, with = "wire")]
    pub enable_pics: Option<bool>,
    /// Where the loading of the pictures stands (Статус загрузки изображений).
    #[serde(default, with = "wire")]
    pub load_pics: Option<PicturesState>,
    /// When it really happened (Дата и время правонарушения).
    #[serde(default, with = "wire::naive_date_time")]
    pub violation_at: Option<NaiveDateTime>,
    /// Whether it was found in the treasury's system (Флаг ГИС ГМП).
    #[serde(default, with = "wire")]
    pub is_gis: Option<bool>,
    /// Whether it was found at the traffic police (Флаг ГИБДД).
    #[serde(default, with = "wire")]
    pub is_gibdd: Option<bool>,
    /// Whether it was found at Moscow's transport department (Флаг ДИТ).
    #[serde(default, with = "wire")]
    pub is_dit: Option<bool>,
    /// Not described; presumably whether `post_number` is a УИН.
    #[serde(default, with = "wire")]
    pub is_uin: Option<bool>,
    /// The state (Статус штрафа).
    #[serde(default, with = "wire")]
    pub status: Option<FineStatus>,
    /// Why it is not in force (Причина неактивности штрафа).
    #[serde(default, with = "wire")]
    pub inactive_reason: Option<FineInactiveReason>,
    /// The pictures of the violation (Список изображений).
    #[serde(default)]
    pub pics: Pictures,
    /// The kind of document that it was issued for (Тип документа).
    #[serde(default, with = "wire")]
    pub doc_type: Option<DocumentType>,
    /// That document's number (Номер документа).
    #[serde(default, with = "wire")]
    pub doc_number: Option<Personal<String>>,
    /// The violator (Нарушитель): surname, given name and patronymic, or an organisation.
    #[serde(default, with = "wire")]
    pub doc_violator: Option<Personal<String>>,
    /// When it changed last (Дата/время последнего изменения): made, paid, details, pictures.
    #[serde(default, with = "wire::naive_date_time")]
    pub updated_at: Option<NaiveDateTime>,
    /// What the last change was about (Причина последнего обновления штрафа).
    #[serde(default, with = "wire")]
    pub updated_mask: Option<UpdatedMask>,
    /// Not described; presumably the bailiffs' case (исполнительное производство ФССП).
    #[serde(default, with = "wire")]
    pub fssp_ip: Option<Personal<String>>,
    /// Not described; presumably the bailiffs' payment identifier.
    #[serde(default, with = "wire")]
    pub fssp_uin: Option<Personal<String>>,
    /// Not described; presumably whether somebody marked it as paid.
    #[serde(default, with = "wire")]
    pub is_paid_marked: Option<bool>,
    /// In lists only, not described: whether it is paid. See [`paid_status`](Self::paid_status).
    #[serde(default, with = "wire")]
    pub is_paid: Option<bool>,
    /// Whether it is paid (Состояние оплаты постановления).
    #[serde(default, with = "wire")]
    pub paid_status: Option<PaidStatus>,
    /// The article of the law in short (Статья КоАП).
    #[serde(default, with = "wire")]
    pub koap_text: Option<String>,
    /// Whether it was not paid within 70 days (Флаг неоплаты в 70-ти дневный период).
    #[serde(default, with = "wire")]
    pub is_expired: Option<bool>,
    /// By how many days its payment is late (Количество дней просрочки).
    #[serde(default, with = "wire")]
    pub expired_days: Option<i64>,
    /// After which it goes to the bailiffs (ФССП): 70 days after the decision.
    #[serde(default, with = "day_or_moment")]
    pub penalty_date: Option<DayOrMoment>,
    /// How many days are left to pay with the discount.
    #[serde(default, with = "wire")]
    pub discount_days_left: Option<i64>,
    /// Whether it can be paid with the discount now (Возможность оплатить со скидкой).
    #[serde(default, with = "wire")]
    pub is_discount: Option<bool>,
    /// What is to be paid, all discounts considered (Итоговая сумма штрафа к оплате).
    #[serde(default, with = "wire")]
    pub total_amount: Option<Decimal>,
    /// The car (ID транспортного средства).
    #[serde(default, with = "wire")]
    pub car: Option<CarId>,
    /// The car's name (Название ТС).
    #[serde(default, with = "wire")]
    pub car_name: Option<String>,
    /// The car's registration certificate (СТС).
    #[serde(default, with = "wire")]
    pub car_cert: Option<Personal<String>>,
    /// The car's plate (Госномер ТС).
    #[serde(default, with = "wire")]
    pub car_reg: Option<Personal<String>>,
    /// Whose fine it is (Организация постановления).
    #[serde(default, with = "wire")]
    pub whose_org: Option<Organisation>,
    /// The receipt as PDF, once it was paid through the service (Ссылка на PDF-квитанцию).
    #[serde(default, with = "wire")]
    pub payment_order_url: Option<Personal<String>>,
    /// The authority that issued it (Администратор начисления), a department of the traffic police.
    #[serde(default, with = "wire")]
    pub division_name: Option<String>,
    /// That department's code (Код подразделения ГИБДД).
    #[serde(default, with = "wire")]
    pub division_code: Option<String>,
    /// What was paid; in lists only, not described.
    #[serde(default, with = "wire")]
    pub paid_amount: Option<Decimal>,
    /// In lists only, not described.
    #[serde(default, with = "wire")]
    pub unit_id: Option<String>,
    /// The webmaster's company, in lists only.
    #[serde(default, with = "wire")]
    pub company_id: Option<CompanyId>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Fine {
    /// A fine of which only the identifier is known.
    pub fn new(id: impl Into<FineId>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }
}

impl Listed for Fine {
    const KEY: &'static str = "fines";

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn changed_at(&self) -> Option<NaiveDateTime> {
        self.updated_at
    }
}
