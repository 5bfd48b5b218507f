use http::Method;
use ruapi_core::{Error, Request};

use super::{Profile, UserStatus};
use crate::call::{Call, Operation};
use crate::input::filter;
use crate::listing::{List, Listing, page};

/// `GET /users` (Список пользователей).
#[derive(Debug, Clone, Default)]
pub struct ListUsers {
    status: Option<Vec<UserStatus>>,
    page: Option<u64>,
}

impl Operation for ListUsers {
    type Answer = List<Profile>;

    fn request(&self) -> Result<Request, Error> {
        let request = Request::new("GET /users", Method::GET, "users").shown(&["page"]);
        let request = filter(request, "status", &self.status, UserStatus::as_str)?;
        page(request, self.page)
    }
}

impl Listing for ListUsers {
    type Item = Profile;

    fn with_page(mut self, page: u64) -> Self {
        self.page = Some(page);
        self
    }
}

impl Call<ListUsers> {
    /// `status`: only users of these states (Статус пользователя).
    pub fn status(mut self, status: impl IntoIterator<Item = UserStatus>) -> Self {
        self.operation.status = Some(status.into_iter().collect());
        self
    }
}
