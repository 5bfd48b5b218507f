//! Was it filed? What an order's details say after a doubtful end.

/// Whether an application was filed, as far as one can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Submission {
    /// The service has the archive and works on it, or has done so.
    Submitted,
    /// The order is there without its archive.
    NotSubmitted,
    /// The details do not tell.
    Unknown,
}
impl crate::client::Client {
    /// TEMP
    pub async fn reconcile(
        &self,
        _order: crate::order_id::OrderId,
    ) -> Result<Submission, ruapi_core::Error> {
        Ok(Submission::Unknown)
    }
}
