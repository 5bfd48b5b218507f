use http::Method;
use ruapi_core::{Error, Request};

use super::CarId;
use crate::call::Operation;
use crate::fines::{Filtered, Fine, FineFilter};
use crate::listing::{List, Listing, page};

/// `GET /cars/:id/fines` (Штрафы транспортного средства).
#[derive(Debug, Clone)]
pub struct CarFines {
    id: CarId,
    filter: FineFilter,
    page: Option<u64>,
}

impl CarFines {
    pub(crate) fn new(id: &CarId) -> Self {
        Self { id: id.clone(), filter: FineFilter::default(), page: None }
    }
}

impl Operation for CarFines {
    type Answer = List<Fine>;

    fn request(&self) -> Result<Request, Error> {
        let request = Request::new("GET /cars/:id/fines", Method::GET, "cars/{id}/fines")
            .path_parameter("id", self.id.as_str())?;
        page(self.filter.apply(request)?, self.page)
    }
}

impl Listing for CarFines {
    type Item = Fine;

    fn with_page(mut self, page: u64) -> Self {
        self.page = Some(page);
        self
    }
}

impl Filtered for CarFines {
    fn filter(&mut self) -> &mut FineFilter {
        &mut self.filter
    }
}
