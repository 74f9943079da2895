//! The server: pages and the API. Handlers translate; `hub` decides.
//!
//! Every route names who may come through it ([`route::Gate`]); [`gate`] lets nobody else in.

mod api;
mod caller;
mod cookie;
mod gate;
mod headers;
mod health;
mod language;
mod pages;
mod problem;
mod query;
#[cfg(test)]
mod refusals;
mod request;
mod route;
mod serve;
mod sign_in;
mod state;
#[cfg(test)]
mod testing;

pub(crate) use serve::{Bound, bind};
pub(crate) use sign_in::link_path;
pub(crate) use state::{Server, Site};
