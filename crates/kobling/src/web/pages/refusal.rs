//! What somebody sees who was refused.

use crate::web::frame::{Frame, navigation};
use crate::web::gate::Known;
use crate::web::language::Language;
use crate::web::problem::{Kind, Problem};
use crate::web::text::{Text, common, entry as t};
use askama::Template;
use axum::response::{Html, IntoResponse, Response};

#[derive(Template)]
#[template(path = "refusal.html")]
struct Page<'a> {
    frame: Frame,
    detail: Option<&'a str>,
    next: &'static str,
}

/// The page of a refusal, inside the site for who is signed in.
pub(in crate::web) fn page(problem: &Problem, lang: Language, known: Option<Known>) -> Response {
    let (title, next) = told(problem.kind);
    let outside = Frame::outside(lang, lang.t(title), "/");
    let frame = match known {
        None => outside,
        Some(Known { signed, form_token, .. }) => Frame {
            employer: Some(signed.tenant_name.clone()),
            who: Some(signed.name.clone()),
            form_token,
            entries: navigation(&signed, lang, None),
            ..outside
        },
    };
    let page = Page { frame, detail: problem.detail.as_deref(), next: lang.t(next) };
    // A page that cannot be made is still a refusal.
    (problem.kind.status(), Html(page.render().unwrap_or_default())).into_response()
}

/// What happened, and what to do.
fn told(kind: Kind) -> (Text, Text) {
    match kind {
        Kind::NotSignedIn => (t::NOT_SIGNED_IN, t::NOT_SIGNED_IN_NEXT),
        Kind::NotAllowed => (t::NOT_ALLOWED, t::NOT_ALLOWED_NEXT),
        Kind::CrossSite | Kind::FormToken => (t::FORM_OLD, t::FORM_OLD_NEXT),
        Kind::BadRequest
        | Kind::Conflict
        | Kind::ChangedMeanwhile
        | Kind::NotJson
        | Kind::KeyReused
        | Kind::ConditionMissing => (t::NOT_UNDERSTOOD, t::NOT_UNDERSTOOD_NEXT),
        Kind::NoSuchPath | Kind::NoSuchMethod | Kind::NotFound => (t::NOT_FOUND, t::NOT_FOUND_NEXT),
        Kind::LinkSpent => (t::LINK_SPENT, t::LINK_SPENT_NEXT),
        Kind::TooLarge | Kind::TooSlow | Kind::TooManyRequests => (t::TOO_MUCH, t::TOO_MUCH_NEXT),
        Kind::NotReady | Kind::Internal => (t::FAILED, t::FAILED_NEXT),
    }
}
