//! What somebody sees who was refused.

use crate::web::language::Language;
use crate::web::problem::Problem;
use axum::response::{Html, IntoResponse, Response};

/// The page of a refusal.
pub(in crate::web) fn page(problem: &Problem, language: Language) -> Response {
    let title = problem.kind.title();
    let page = format!(
        "<!DOCTYPE html><html lang=\"{}\"><title>{title}</title><h1>{title}</h1></html>",
        language.code()
    );
    (problem.kind.status(), Html(page)).into_response()
}
