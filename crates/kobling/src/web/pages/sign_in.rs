//! `GET /sign-in`: how to sign in.

use crate::web::route::{Gate, Route, Verb};
use axum::response::Html;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::page(Verb::Get, "/sign-in", Gate::Open, show)]
}

/// The path of this page, for somebody who asked for `wanted`.
pub(in crate::web) fn path(_wanted: Option<&str>) -> String {
    "/sign-in".to_owned()
}

async fn show() -> Html<&'static str> {
    Html(
        "<!DOCTYPE html><html lang=\"en\"><title>Kobling</title><h1>Sign in</h1>\
         <p>Open the link that you were given.</p></html>",
    )
}
