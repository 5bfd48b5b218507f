//! The APIs of one sandbox: the one place where each is named.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use serde_json::{Value, json};

use crate::api::{Api, Operation, Shared, mount};
use crate::clock::Clock;
use crate::epgu::Epgu;
use crate::nsso::Nsso;
use crate::osago::Osago;
use crate::shtrafovnet::Shtrafovnet;

#[derive(Clone, Debug)]
pub(crate) struct Apis {
    pub(crate) nsso: Nsso,
    pub(crate) shtrafovnet: Shtrafovnet,
    pub(crate) epgu: Epgu,
    pub(crate) osago: Osago,
}

impl Apis {
    pub(crate) fn new(clock: &Clock, address: SocketAddr) -> Self {
        Self {
            nsso: Nsso::new(clock.clone()),
            shtrafovnet: Shtrafovnet::new(clock.clone(), address),
            epgu: Epgu::new(clock.clone()),
            osago: Osago::new(clock.clone()),
        }
    }

    /// All operations, behind the request log and the faults.
    pub(crate) fn routes(&self, shared: &Arc<Shared>) -> Router {
        mount(&self.nsso, shared)
            .merge(mount(&self.shtrafovnet, shared))
            .merge(mount(&self.epgu, shared))
            .merge(mount(&self.osago, shared))
    }

    pub(crate) fn control(&self) -> Router {
        let apis = self.nsso.control().merge(self.shtrafovnet.control());
        apis.merge(self.epgu.control()).merge(self.osago.control())
    }

    /// Back to the fresh state.
    pub(crate) fn reset(&self) {
        self.nsso.reset();
        self.shtrafovnet.reset();
        self.epgu.reset();
        self.osago.reset();
    }

    /// For the index: what is served.
    pub(crate) fn list() -> Vec<Value> {
        vec![describe::<Nsso>(), describe::<Shtrafovnet>(), describe::<Epgu>(), describe::<Osago>()]
    }

    /// For the index: the control of each.
    pub(crate) fn control_operations() -> impl Iterator<Item = &'static Operation> {
        let apis = Nsso::CONTROL.iter().chain(Shtrafovnet::CONTROL);
        apis.chain(Epgu::CONTROL).chain(Osago::CONTROL)
    }
}

fn describe<A: Api>() -> Value {
    json!({ "name": A::PREFIX, "operations": A::OPERATIONS })
}
