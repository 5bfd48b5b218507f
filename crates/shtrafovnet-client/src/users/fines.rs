use http::Method;
use ruapi_core::{Error, Request};

use crate::call::{Call, Operation};
use crate::cars::CarId;
use crate::fines::{Filtered, Fine, FineFilter};
use crate::input::{Email, filter};
use crate::listing::{List, Listing, page};

/// `GET /users/:email/fines` (Штрафы пользователя). The filters are those of [`Call<UserFines>`] and
/// those that it shares with [`CarFines`](crate::cars::CarFines).
#[derive(Debug, Clone)]
pub struct UserFines {
    email: Email,
    filter: FineFilter,
    cars: Option<Vec<CarId>>,
    page: Option<u64>,
}

impl UserFines {
    pub(crate) fn new(email: &Email) -> Self {
        let email = email.clone();
        Self { email, filter: FineFilter::default(), cars: None, page: None }
    }
}

impl Operation for UserFines {
    type Answer = List<Fine>;

    fn request(&self) -> Result<Request, Error> {
        let request = Request::new("GET /users/:email/fines", Method::GET, "users/{email}/fines")
            .path_parameter("email", self.email.as_str())?;
        let request = self.filter.apply(request)?;
        let request = filter(request, "cars", &self.cars, CarId::as_str)?;
        page(request, self.page)
    }
}

impl Listing for UserFines {
    type Item = Fine;

    fn with_page(mut self, page: u64) -> Self {
        self.page = Some(page);
        self
    }
}

impl Filtered for UserFines {
    fn filter(&mut self) -> &mut FineFilter {
        &mut self.filter
    }
}

impl Call<UserFines> {
    /// `cars`: only fines of these cars (Транспортные средства).
    pub fn cars(mut self, cars: impl IntoIterator<Item = CarId>) -> Self {
        self.operation.cars = Some(cars.into_iter().collect());
        self
    }
}
