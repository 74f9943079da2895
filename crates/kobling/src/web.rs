//! The server: pages and the API. Handlers translate; `hub` decides.
//!
//! Every route names who may come through it ([`route::Gate`]); [`gate`] lets nobody else in.

mod apart;
mod api;
mod assets;
mod caller;
#[cfg(test)]
mod canary;
#[cfg(test)]
mod contract;
mod cookie;
mod described;
mod frame;
mod gate;
mod headers;
mod health;
mod language;
mod letters;
mod limit;
mod metrics;
mod pages;
mod picture;
mod problem;
mod query;
#[cfg(test)]
mod refusals;
mod request;
mod route;
mod serve;
mod sign_in;
mod state;
mod table;
#[cfg(test)]
mod testing;
mod text;
mod tls;
mod token;

pub(crate) use letters::Letters;
pub(crate) use limit::{Limits, REQUESTS_USUAL};
pub(crate) use serve::{Bound, bind};
pub(crate) use sign_in::link_path;
pub(crate) use state::{Server, Service, Site};
pub(crate) use tls::{Clients, Tls};
