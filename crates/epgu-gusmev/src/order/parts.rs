//! What an application consists of: statuses, files, events.

use ruapi_core::{Error, Extra, Personal, wire};
use serde::{Deserialize, Serialize};

use super::state::StatusId;
use crate::forms::yes_no;
use crate::link::FileLink;
use crate::moment::Moment;
use crate::order_id::OrderId;

/// A status that an application has or had (table 28, `statuses` and `currentStatusHistory`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct OrderStatus {
    /// When it was set (Дата и время смены статуса).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub date: Option<Moment>,
    /// Whether the application can be cancelled (Флаг возможности отменить заявление).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub cancel_allowed: Option<bool>,
    /// Whether nobody has read it yet (Признак прочтения).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub unread_event: Option<bool>,
    /// Whether a message can be sent (Признак разрешения отправки сообщения).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub send_message_allowed: Option<bool>,
    /// Whether the delivery can be cancelled (Флаг наличия отмены доставки).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub delivery_cancel_allowed: Option<bool>,
    /// The status (Код статуса).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub status_id: Option<StatusId>,
    /// Its name (Наименование статуса).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What was said to it (Комментарий к статусу).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub comment: Option<Personal<String>>,
    /// Who set it (Отправитель СМЭВ-сообщения о смене статуса), mostly an authority.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// The system that set it (Мнемоника ИС отправителя).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub mnemonic: Option<String>,
    /// The application (Номер заявления).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub order_id: Option<OrderId>,
    /// Whether the application can be changed (Признак редактирования).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub edit_allowed: Option<bool>,
    /// Whether a file came with it (Флаг передачи файла в ответ на заявление): `Y` or `N` on the wire.
    #[serde(default, with = "yes_no", skip_serializing_if = "Option::is_none")]
    pub has_result: Option<bool>,
    /// The identifier of this entry (Идентификатор статуса).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// Whether nothing follows (Флаг финального статуса).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub final_status: Option<bool>,
    /// The authority's own status (Код ведомственного статуса).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub state_org_status_code: Option<String>,
    /// Its name (Наименование ведомственного статуса).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub state_org_status_descr: Option<String>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl OrderStatus {
    /// A status of which nothing is known but its code, for tests.
    pub fn new(status: StatusId) -> Self {
        Self { status_id: Some(status), ..Self::default() }
    }
}

/// A change of one of an application's attributes (table 28, `orderAttributeEvents`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct AttributeEvent {
    /// The attribute (Наименование атрибута).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is now (Новое значение).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub new_value: Option<Personal<String>>,
    /// What it was (Старое значение).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub old_value: Option<Personal<String>>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The file with the QR code (table 28, `qrlink`). Its name and link are not documented: where they
/// come, they are in `extra`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct QrLink {
    /// Whether it is there in another format as well (alternativeMimeTypes).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub has_alt_mime_type: Option<bool>,
    /// Bytes (Размер файла).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub file_size: Option<i64>,
    /// Whether it can be sent to a multifunctional centre (Флаг отправки в МФЦ).
    #[serde(
        rename = "canSentToMFC",
        default,
        with = "wire",
        skip_serializing_if = "Option::is_none"
    )]
    pub can_sent_to_mfc: Option<bool>,
    /// Whether it is signed (Флаг наличия ЭП).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub has_digital_signature: Option<bool>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A file that the authority sent (table 28, `orderResponseFiles`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct ResponseFile {
    /// Whether it is there in another format as well (Флаг наличия альтернативного MIME-типа).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub has_alt_mime_type: Option<bool>,
    /// Its name (Наименование файла).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub file_name: Option<Personal<String>>,
    /// Where the check of its signature stands (Статус проверки ЭП в EDS).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub eds_status: Option<String>,
    /// Bytes (Размер файла).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub file_size: Option<i64>,
    /// Where it is (Ссылка на файл в TERRABYTE): see [`file_link`](Self::file_link).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub link: Option<Personal<String>>,
    /// Its identifier (Идентификатор файла), which holds its name in base64.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub id: Option<Personal<String>>,
    /// Its type (MIME-тип файла).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// Whether it is signed (Флаг наличия ЭП к файлу).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub has_digital_signature: Option<bool>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl ResponseFile {
    /// A file of which nothing is known but its link, for tests.
    pub fn new(link: impl Into<String>) -> Self {
        Self { link: Some(Personal::new(link.into())), ..Self::default() }
    }

    /// What it is downloaded by. `None`: it has no link.
    pub fn file_link(&self) -> Option<Result<FileLink, Error>> {
        self.link.as_ref().map(|link| link.parse())
    }
}

/// A file that was filed with the application (table 28, `orderAttachmentFiles`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct AttachmentFile {
    /// Its name (Название файла).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub file_name: Option<Personal<String>>,
    /// Bytes (Размер файла).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub file_size: Option<i64>,
    /// Whether it is signed (Наличие подписи).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub has_digital_signature: Option<bool>,
    /// Its identifier (Идентификатор файла), which holds its name in base64.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub id: Option<Personal<String>>,
    /// Where it is (Ссылка на файл в хранилище): see [`file_link`](Self::file_link).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub link: Option<Personal<String>>,
    /// Its type (MIME-тип).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// What it is for (Тип): `REQUEST` in the sample.
    #[serde(rename = "type", default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl AttachmentFile {
    /// A file of which nothing is known but its link, for tests.
    pub fn new(link: impl Into<String>) -> Self {
        Self { link: Some(Personal::new(link.into())), ..Self::default() }
    }

    /// What it is downloaded by. `None`: it has no link.
    pub fn file_link(&self) -> Option<Result<FileLink, Error>> {
        self.link.as_ref().map(|link| link.parse())
    }
}
