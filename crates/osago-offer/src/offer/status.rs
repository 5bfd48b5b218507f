use ruapi_core::open_enum;

open_enum! {
    /// Where an offer stands (OfferStatus, Текущий статус обработки предложения ОСАГО).
    pub enum OfferStatus {
        /// Made (предложение создано).
        Created = "CREATED",
        /// Sent to be calculated beforehand (отправлено на предварительный расчет).
        PreCalcSent = "PRE_CALC_SENT",
        /// Being calculated (расчет выполняется).
        PreCalcInProgress = "PRE_CALC_IN_PROGRESS",
        /// Calculated beforehand (предварительный расчет готов).
        PreCalcReady = "PRE_CALC_READY",
        /// Confirmed (предложение подтверждено).
        Approved = "APPROVED",
        /// Rejected (предложение отклонено).
        Rejected = "REJECTED",
        /// Ready to be paid: there is a link (готово к оплате).
        PaymentReady = "PAYMENT_READY",
        /// No link to pay at could be had (не удалось получить ссылку на оплату).
        PaymentLinkFailed = "PAYMENT_LINK_FAILED",
        /// Paid (оплачено).
        PaymentCompleted = "PAYMENT_COMPLETED",
        /// The payment was cancelled (оплата отменена).
        PaymentCancelled = "PAYMENT_CANCELLED",
        /// Finished and paid (успешно завершено).
        ClosedPaid = "CLOSED_PAID",
        /// The customer chose another offer (клиент выбрал другое предложение).
        ClosedOtherOffer = "CLOSED_OTHER_OFFER",
        /// Closed because time was up (закрыто по таймауту).
        ClosedTimeout = "CLOSED_TIMEOUT",
        /// Its processing failed (ошибка обработки).
        OfferError = "OFFER_ERROR",
    }
}

/// The document's groups of [`OfferStatus`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StatusGroup {
    /// Creation and calculation (Создание и расчет).
    Creation,
    /// Payment (Оплата).
    Payment,
    /// Final (Финальные статусы).
    Final,
}

impl OfferStatus {
    /// The document's group; `None` for a status that it does not name.
    pub fn group(&self) -> Option<StatusGroup> {
        Some(match self {
            Self::Created
            | Self::PreCalcSent
            | Self::PreCalcInProgress
            | Self::PreCalcReady
            | Self::Approved
            | Self::Rejected => StatusGroup::Creation,
            Self::PaymentReady
            | Self::PaymentLinkFailed
            | Self::PaymentCompleted
            | Self::PaymentCancelled => StatusGroup::Payment,
            Self::ClosedPaid | Self::ClosedOtherOffer | Self::ClosedTimeout | Self::OfferError => {
                StatusGroup::Final
            }
            Self::Other(_) => return None,
        })
    }

    /// Whether it is one of the document's final statuses.
    pub fn is_final(&self) -> bool {
        self.group() == Some(StatusGroup::Final)
    }

    /// Whether the offer has failed as things stand: it is rejected, its payment is cancelled or cannot be
    /// made, or it is closed unpaid. Only a [final](Self::is_final) status stays so.
    pub fn is_failure(&self) -> bool {
        matches!(
            self,
            Self::Rejected
                | Self::PaymentLinkFailed
                | Self::PaymentCancelled
                | Self::ClosedOtherOffer
                | Self::ClosedTimeout
                | Self::OfferError
        )
    }
}
