//! `GET /sign-in`: how to sign in.

use super::here::html;
use crate::web::frame::Frame;
use crate::web::language::Language;
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::route::{Gate, Route, Verb};
use crate::web::state::Server;
use crate::web::text::{common, entry as t};
use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use kobling_hub::access;
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::page(Verb::Get, "/sign-in", Gate::Open, show)]
}

/// The path of this page, for somebody who asked for `wanted`.
pub(in crate::web) fn path(_wanted: Option<&str>) -> String {
    "/sign-in".to_owned()
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page {
    frame: Frame,
    is_refused: bool,
    /// Where there is one employer, nobody is asked which.
    has_tenants: bool,
}

#[derive(Deserialize)]
struct Asked {
    refused: Option<String>,
}

async fn show(
    State(server): State<Server>,
    language: Language,
    Query(asked): Query<Asked>,
    uri: Uri,
) -> Result<Response, Problem> {
    let tenants = access::tenants(server.hub()).await.map_err(Problem::internal)?;
    let frame = Frame::outside(language, language.t(t::SIGN_IN), &uri.to_string());
    html(&Page { frame, is_refused: asked.refused.is_some(), has_tenants: tenants.len() > 1 })
}
