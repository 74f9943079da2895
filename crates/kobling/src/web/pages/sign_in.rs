//! `GET /sign-in`: how to sign in, and at which employer.

use super::here::html;
use crate::web::frame::{Frame, escaped};
use crate::web::language::Language;
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::route::{Gate, Route, Verb};
use crate::web::sign_in::service::{self, Trouble};
use crate::web::state::Server;
use crate::web::text::{common, entry as t};
use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use kobling_hub::access;
use kobling_hub::access::oidc::Employer;
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
    service: Option<ServiceShown>,
    /// Why the service signed nobody in, and what to do.
    trouble: Option<(&'static str, String)>,
}

/// The sign-in service.
struct ServiceShown {
    /// What is pressed.
    button: String,
    /// Where it leads.
    href: &'static str,
}

#[derive(Template)]
#[template(path = "employers.html")]
struct Employers {
    frame: Frame,
    employers: Vec<Choice>,
}

/// An employer to choose.
struct Choice {
    name: String,
    href: String,
}

#[derive(Deserialize)]
struct Asked {
    refused: Option<String>,
    service: Option<Trouble>,
}

async fn show(
    State(server): State<Server>,
    language: Language,
    Query(asked): Query<Asked>,
    uri: Uri,
) -> Result<Response, Problem> {
    let tenants = access::tenants(server.hub()).await.map_err(Problem::internal)?;
    let frame = Frame::outside(language, language.t(t::SIGN_IN), &uri.to_string());
    let service = server.service();
    let contact = service.and_then(|it| it.contact.as_deref());
    let trouble = asked.service.filter(|_| service.is_some());
    let trouble = trouble.map(|it| told(language, it, contact));
    let (is_refused, has_tenants) = (asked.refused.is_some(), tenants.len() > 1);
    let service = service.map(|it| ServiceShown {
        button: button(language, it.name.as_deref()),
        href: service::THERE,
    });
    html(&Page { frame, is_refused, has_tenants, service, trouble })
}

/// Which employer, for somebody whom several know.
pub(in crate::web) fn employers(language: Language, all: &[Employer]) -> Result<Response, Problem> {
    let frame = Frame::outside(language, language.t(t::EMPLOYERS), "/sign-in");
    let choice = |it: &Employer| Choice {
        name: it.name.clone(),
        href: format!("{}?tenant={}", service::THERE, escaped(&it.key)),
    };
    html(&Employers { frame, employers: all.iter().map(choice).collect() })
}

fn button(language: Language, name: Option<&str>) -> String {
    match name {
        Some(name) => language.fill(t::SERVICE_NAMED, &[("service", name)]),
        None => language.t(t::SERVICE).to_owned(),
    }
}

/// What happened, and what to do.
fn told(language: Language, trouble: Trouble, contact: Option<&str>) -> (&'static str, String) {
    let (what, next) = match trouble {
        Trouble::Away => (t::SERVICE_AWAY, t::SERVICE_AWAY_NEXT),
        Trouble::Denied => (t::SERVICE_DENIED, t::SERVICE_DENIED_NEXT),
        Trouble::Stale => (t::SERVICE_STALE, t::SERVICE_STALE_NEXT),
        Trouble::Unknown => match contact {
            Some(contact) => {
                let next = language.fill(t::SERVICE_UNKNOWN_ASK, &[("contact", contact)]);
                return (language.t(t::SERVICE_UNKNOWN), next);
            }
            None => (t::SERVICE_UNKNOWN, t::SERVICE_UNKNOWN_NEXT),
        },
    };
    (language.t(what), language.t(next).to_owned())
}
