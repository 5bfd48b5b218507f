//! What the portal knows of an application.

use ruapi_core::{Error, Extra, Personal, wire};
use serde::{Deserialize, Serialize};
use serde_path_to_error::Segment;

use super::embedded::Form;
use super::parts::{AttachmentFile, AttributeEvent, OrderStatus, QrLink, ResponseFile};
use super::state::StatusId;
use crate::forms::{RawList, flag, object};
use crate::kept::{alone, field, item};
use crate::link::FileLink;
use crate::moment::Moment;
use crate::order_id::OrderId;

/// An application as the portal has it (table 28). What an answer does not hold is `None`.
///
/// Names, users, links, comments and file names are personal data and masked in `Debug`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// The type of the application (Тип заявления): `ORDER` in the sample.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub order_type: Option<String>,
    /// Whether it has a new status (Флаг нового статуса для заявления).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub has_new_status: Option<bool>,
    /// The transaction in SMEV3 (Код транзакции СМЭВ3).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub smev_tx: Option<String>,
    /// The authority (Код ведомства).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub state_org_id: Option<i64>,
    /// Whether powers were delegated (Флаг наличия делегирования).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub has_empowerment2021: Option<bool>,
    /// The authority's message that changed the status (Идентификатор СМЭВ-сообщения).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub smev_message_id: Option<String>,
    /// Whether a change of the status is told by SMS (Флаг необходимости уведомления через СМС):
    /// text.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub notify_sms: Option<String>,
    /// Whether it is told by e-mail (Флаг необходимости уведомления через сообщение на эл. почту):
    /// text.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub notify_email: Option<String>,
    /// Whether it is told by a push message (Флаг необходимости уведомления через push-сообщение):
    /// text.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub notify_push: Option<String>,
    /// Whether other applications belong to it (Флаг наличия дочерних заявлений).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub has_children: Option<bool>,
    /// The authority's name (Наименование ведомства).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub state_structure_name: Option<String>,
    /// The portal (Код портала).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub portal_code: Option<String>,
    /// The version of the form (Версия).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub form_version: Option<String>,
    /// The authority's own status (Код ведомственного статуса).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub state_org_status_code: Option<String>,
    /// The name of the authority's own status (Наименование ведомственного статуса).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub state_org_status_name: Option<String>,
    /// Where to in the authority it is sent (Код маршрутизации СМЭВ-сообщения в ведомство).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub routing_code: Option<String>,
    /// Changes of its attributes (Атрибуты событий для заявления).
    #[serde(default, with = "wire::one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub order_attribute_events: Vec<AttributeEvent>,
    /// The user whose it is (Идентификатор пользователя).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<Personal<i64>>,
    /// The form (Идентификатор формы заявления), `serviceCode` when it was made.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub eservice_id: Option<String>,
    /// The entry that is its status now (Идентификатор статуса заявления); results are downloaded
    /// by it.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub current_status_history_id: Option<i64>,
    /// Whether it has a timestamp (Флаг timestamp).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub has_timestamp: Option<bool>,
    /// The name of its status (Наименование статуса заявления).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub order_status_name: Option<String>,
    /// The portal's name (Наименование портала).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub portal_name: Option<String>,
    /// Whether it is to be paid for (Флаг наличия оплаты).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub payment_required: Option<bool>,
    /// Changes of its payments (Статус событий при оплате); not described.
    #[serde(default)]
    pub payment_status_events: RawList,
    /// For the portal's own use (Служебный параметр).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub payback: Option<bool>,
    /// For the portal's own use (Служебный параметр).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub ready_to_push: Option<bool>,
    /// Whether the service is regional or federal (Уровень услуги): `FEDERAL` in the sample.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub adm_level_code: Option<String>,
    /// Its number (Номер заявления).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub id: Option<OrderId>,
    /// How many signatures, where several people apply (Кол-во подписей).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub sign_cnt: Option<i64>,
    /// Whether the files are signed (Флаг наличия ЭП для файлов).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub all_file_sign: Option<bool>,
    /// The user's organisation (Наименование организации пользователя).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub org_user_name: Option<Personal<String>>,
    /// How many payments are not paid (Количество неоплаченных платежей); −1 in the sample.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub no_paid_payment_count: Option<i64>,
    /// Whether the applications that belong to it are signed (Флаг подписи дочерних заявлений).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub children_signed: Option<bool>,
    /// How it was made (Режим создания): `direct` in the sample.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub creation_mode: Option<String>,
    /// The power that it is made by (Мнемоника полномочия).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub power_mnemonic: Option<String>,
    /// Its status (Код статуса заявления).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub order_status_id: Option<StatusId>,
    /// Whether the portal shows a button at its details (Признак необходимости отображения кнопки).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub with_custom_result: Option<bool>,
    /// The statuses it had, the present one last (Статусы заявления).
    #[serde(default, with = "wire::one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub statuses: Vec<OrderStatus>,
    /// When it was made (Дата и время создания заявления).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub order_date: Option<Moment>,
    /// When its status changed last (Дата и время обновления статуса заявления).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub updated: Option<Moment>,
    /// «Флаг наличия оплаченного платежа»; by its name, whether a payment is *not* paid.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub has_no_paid_payment: Option<bool>,
    /// The service's passport (Идентификатор паспорта услуги).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub service_passport_id: Option<String>,
    /// Whether the queue is checked (Флаг проверки очереди).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub check_queue: Option<bool>,
    /// Whether something is delivered (Флаг доставки).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub with_delivery: Option<bool>,
    /// Whether the authority is connected to the system of pre-trial appeals (ФГИС ДО).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub gisdo: Option<bool>,
    /// Where the user is (Код ОКАТО местоположения пользователя).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub user_selected_region: Option<Personal<String>>,
    /// Where it was made (Наименование системы, откуда было подано заявление).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub source_system: Option<String>,
    /// A link to it (Ссылка на заявление).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub service_url: Option<Personal<String>>,
    /// Events of the electronic queue (Массив объектов eQueueEvent); not described.
    #[serde(default)]
    pub e_queue_events: RawList,
    /// Whether there is an appointment (Флаг записи на прием).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub has_active_invite_to_equeue: Option<bool>,
    /// Whether the service depends on the region (Признак регионозависимости).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub mult_region: Option<bool>,
    /// The purpose by the portal's register (Идентификатор цели услуги ЕПГУ).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub service_epgu_id: Option<String>,
    /// Whether another system made it (через сервис ЕЛК).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub ext_system: Option<bool>,
    /// Whether it is a draft (Флаг черновика заявления).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub use_as_template: Option<bool>,
    /// Where the check of the signature stands (Идентификатор статуса проверки ЭП).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub eds_status: Option<String>,
    /// Whether it can be deleted (Флаг удаления заявки).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub allow_to_delete: Option<bool>,
    /// The file with the QR code.
    #[serde(default, with = "object", skip_serializing_if = "Option::is_none")]
    pub qrlink: Option<QrLink>,
    /// When it was asked for (Метка даты и времени запроса).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub request_date: Option<Moment>,
    /// Whether there is a PDF (Флаг наличия пдф).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub has_preview_pdf: Option<bool>,
    /// The form that depends on the region, of the old kind (Идентификатор регионозависимой формы).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub hub_form_version: Option<i64>,
    /// The authority in short (Сокращенное наименование ведомства).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub state_org_code: Option<String>,
    /// Whether the user is a test one (Флаг тестового пользователя).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub test_user: Option<bool>,
    /// The type of the user (Тип пользователя): `PERSON` in the sample.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub person_type: Option<String>,
    /// Messages (Информация о сообщениях); not described.
    #[serde(default)]
    pub text_messages: RawList,
    /// The purpose (Идентификатор цели), `targetCode` when it was made.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub service_target_id: Option<String>,
    /// Payments (Информация о платежах); not described.
    #[serde(default)]
    pub order_payments: RawList,
    /// How many messages were not read (Кол-во непрочитанных сообщений).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub unread_message_cnt: Option<i64>,
    /// The files that the authority sent (Информация о файлах в ответе заявления).
    #[serde(default, with = "wire::one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub order_response_files: Vec<ResponseFile>,
    /// Whether there are such files (Флаг передачи файла в ответ на заявление).
    #[serde(default, with = "flag", skip_serializing_if = "Option::is_none")]
    pub has_result: Option<bool>,
    /// The name of the purpose (Наименование цели).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub service_name: Option<String>,
    /// Whether the service is offered no more (Признак, что услуга больше не заказывается).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub deprecated_service: Option<bool>,
    /// Whether the form stands for others (Признак, что форма-концентратор).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub hub_form: Option<bool>,
    /// The user (Идентификатор пользователя).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub user_id: Option<Personal<i64>>,
    /// Whether it can be changed (Флаг редактирования заявления).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub allow_to_edit: Option<bool>,
    /// The files that the user filed (Файлы заявления, отправленные пользователем).
    #[serde(default, with = "wire::one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub order_attachment_files: Vec<AttachmentFile>,
    /// Whether its status is final (Флаг наличия финального статуса).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub closed: Option<bool>,
    /// Whether the service is online (Признак, онлайн услуга или нет).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub online: Option<bool>,
    /// Whether it waits for an organisation's signature (Маркер ожидания УКЭП).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub ready_to_sign: Option<bool>,
    /// Its status now (История статуса).
    #[serde(default, with = "object", skip_serializing_if = "Option::is_none")]
    pub current_status_history: Option<OrderStatus>,
    /// Messages (Информация о сообщениях); not described.
    #[serde(default)]
    pub info_messages: RawList,
    /// The level of the service (Код уровня услуги): a region's number in the sample.
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// How many payments there are (Количество платежей).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub payment_count: Option<i64>,
    /// Whether the draft is hidden (Признак скрытия черновика).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub draft_hidden: Option<bool>,
    /// The authority (Код ведомства).
    #[serde(default, with = "wire", skip_serializing_if = "Option::is_none")]
    pub state_structure_id: Option<String>,
    /// Undocumented fields.
    #[serde(flatten)]
    pub extra: Extra,
    #[serde(skip)]
    pub(super) form: Form,
}

impl Order {
    /// An application of which only the number is known, for tests.
    pub fn new(id: OrderId) -> Self {
        Self { id: Some(id), ..Self::default() }
    }

    /// The undocumented fields of the object at this place: see [`crate::kept`].
    pub(super) fn extra_at(&mut self, place: &[Segment]) -> Option<&mut Extra> {
        let Some((name, place)) = field(place) else {
            return place.is_empty().then_some(&mut self.extra);
        };
        // Of nothing but odd values there is no object yet.
        let (extra, rest) = match name {
            "currentStatusHistory" => {
                (&mut self.current_status_history.get_or_insert_default().extra, alone(place))
            }
            "qrlink" => (&mut self.qrlink.get_or_insert_default().extra, alone(place)),
            "statuses" => {
                let (status, rest) = item(&mut self.statuses, place)?;
                (&mut status.extra, rest)
            }
            "orderAttributeEvents" => {
                let (event, rest) = item(&mut self.order_attribute_events, place)?;
                (&mut event.extra, rest)
            }
            "orderResponseFiles" => {
                let (file, rest) = item(&mut self.order_response_files, place)?;
                (&mut file.extra, rest)
            }
            "orderAttachmentFiles" => {
                let (file, rest) = item(&mut self.order_attachment_files, place)?;
                (&mut file.extra, rest)
            }
            _ => return None,
        };
        rest.is_empty().then_some(extra)
    }

    /// Whether the service says that nothing more will happen: `closed`, or the `finalStatus` of the
    /// status now. No code is taken for final by itself.
    pub fn is_final(&self) -> bool {
        let is_final = |status: &OrderStatus| status.final_status == Some(true);
        self.closed == Some(true) || self.current_status().is_some_and(is_final)
    }

    /// Whether the service says that it can be cancelled now.
    pub fn cancel_allowed(&self) -> bool {
        self.current_status().is_some_and(|status| status.cancel_allowed == Some(true))
    }

    /// Its status now: `currentStatusHistory`; without it the entry of `statuses` that
    /// `currentStatusHistoryId` names, or the last one.
    pub fn current_status(&self) -> Option<&OrderStatus> {
        let named = || {
            let id = self.current_status_history_id?;
            self.statuses.iter().find(|status| status.id == Some(id))
        };
        self.current_status_history.as_ref().or_else(named).or(self.statuses.last())
    }

    /// The files that the authority sent, each with what it is downloaded by: the mnemonic and the type of
    /// its link, and `currentStatusHistoryId` (section 4), or else the link's own number. Files without a
    /// link are left out; a link that is not understood is an error in its place.
    pub fn results(&self) -> impl Iterator<Item = (&ResponseFile, Result<FileLink, Error>)> {
        let history = self.current_status_history_id.and_then(|id| u64::try_from(id).ok());
        self.order_response_files.iter().filter_map(move |file| {
            let link = file.file_link()?.and_then(|link| match history {
                Some(history) => FileLink::new(history, link.object_type(), link.mnemonic()),
                None => Ok(link),
            });
            Some((file, link))
        })
    }
}
