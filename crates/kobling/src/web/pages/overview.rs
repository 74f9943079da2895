//! `GET /`: where somebody who has signed in begins.

use crate::web::caller::Caller;
use crate::web::route::{Gate, Route, Verb};
use axum::response::Html;
use kobling_domain::access::Operation;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::page(Verb::Get, "/", Gate::For(Operation::ReadOverview), show)]
}

async fn show(caller: Caller) -> Html<String> {
    // Only what is ours or was checked stands in it: a name is text that somebody typed.
    let roles: Vec<&str> = caller.signed.grants.iter().map(|it| it.role.name()).collect();
    Html(format!(
        "<!DOCTYPE html><html lang=\"en\"><title>Kobling</title><h1>Kobling</h1>\
         <p>Signed in as {}.</p><form method=\"post\" action=\"/sign-out\">\
         <input type=\"hidden\" name=\"form_token\" value=\"{}\"><button>Sign out</button></form>\
         </html>",
        roles.join(", "),
        caller.form_token
    ))
}
