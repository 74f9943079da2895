//! Generated from the table of routes: each refuses whom it must.

use super::route::{self, Gate, Route, Surface, Verb};
use super::testing::{Answer, App, SignedIn};
use kobling_domain::access::{Role, may};
use std::collections::BTreeMap;

/// What stands for a parameter of a path: nothing has that id.
const NOTHING: &str = "00000000-0000-0000-0000-000000000000";

fn path(of: &Route) -> String {
    let parts = of.path.split('/');
    let filled = parts.map(|it| if it.starts_with('{') { NOTHING } else { it });
    filled.collect::<Vec<_>>().join("/")
}

async fn ask(app: &App, route: &Route, signed: Option<&SignedIn>) -> Answer {
    let bearer = signed.map(|it| ("authorization", it.bearer.as_str()));
    let headers: Vec<_> = bearer.into_iter().collect();
    app.ask(route.verb.name(), &path(route), &headers, "").await
}

#[tokio::test]
async fn nobody_comes_through_a_gate_without_being_signed_in() {
    let app = App::new().await;
    let token = app.signed_in(Role::Auditor).await;
    let other = SignedIn { bearer: token.bearer.replace('.', ".0").replace(".00", "."), ..token };
    for route in route::all().iter().filter(|it| !it.gate.is_for_anybody()) {
        for signed in [None, Some(&other)] {
            let answer = ask(&app, route, signed).await;
            let is_page_asked = route.surface == Surface::Page && route.verb == Verb::Get;
            let expected = if is_page_asked { 303 } else { 401 };
            assert_eq!(answer.status, expected, "{} {}", route.verb.name(), route.path);
        }
    }
}

#[tokio::test]
async fn a_role_comes_through_exactly_the_gates_its_rules_open() {
    let app = App::new().await;
    let mut signed = BTreeMap::new();
    for role in Role::ALL {
        signed.insert(role, app.signed_in(role).await);
    }
    let mut observed = Vec::new();
    for route in route::all() {
        let Gate::For(operation) = route.gate else { continue };
        let mut row = format!("| {} `{}` | {operation} |", route.verb.name(), route.path);
        for (role, signed) in &signed {
            let answer = ask(&app, &route, Some(signed)).await;
            let was_let_in = answer.status != 403;
            row.push_str(if was_let_in { " × |" } else { " |" });
            let what = format!("{role} {} {}", route.verb.name(), route.path);
            assert_eq!(was_let_in, may(*role, operation).is_some(), "{what}");
            assert!(answer.status < 500, "{what}: {}", answer.status);
        }
        observed.push(row);
    }
    let document = include_str!("../../../../docs/access.md");
    let told: Vec<&str> = document.lines().filter(|it| it.contains("` | ")).collect();
    observed.sort();
    assert_eq!(told, observed, "docs/access.md should hold:\n{}", observed.join("\n"));
}

#[tokio::test]
async fn what_changes_something_is_refused_without_the_form_token_or_from_another_site() {
    let app = App::new().await;
    let signed = app.signed_in(Role::EmployerOwner).await;
    for route in route::all().iter().filter(|it| it.verb != Verb::Get) {
        let path = path(route);
        let cookie = ("cookie", signed.cookie.as_str());
        let form = format!("form_token={}", signed.form_token);
        let site = ("sec-fetch-site", "cross-site");
        let token = ("x-form-token", signed.form_token.as_str());
        let verb = route.verb.name();
        let from_elsewhere = app.ask(verb, &path, &[cookie, token, site], &form).await;
        assert_eq!(from_elsewhere.status, 403, "{path}");
        if !route.gate.is_for_anybody() {
            assert_eq!(app.ask(verb, &path, &[cookie], "").await.status, 403, "{path}");
        }
    }
}

#[tokio::test]
async fn every_answer_tells_a_browser_what_not_to_do() {
    let app = App::new().await;
    for path in ["/", "/health/live", "/nowhere", "/sign-in"] {
        let answer = app.get(path, None).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("strict-transport-security"), "", "the site is not encrypted");
        assert!(!answer.header("x-request-id").is_empty());
    }
}

#[tokio::test]
async fn a_refusal_of_the_api_is_a_problem_and_of_a_page_a_page() {
    let app = App::new().await;
    let problem = app.get("/api/v1/session", None).await;
    assert_eq!(problem.header("content-type"), "application/problem+json");
    assert_eq!(problem.json()["type"], "urn:kobling:problem:not-signed-in");
    let page = app.get("/sign-in/link/none", None).await;
    assert_eq!((page.status, page.header("content-type")), (410, "text/html; charset=utf-8"));
    assert!(page.text().contains("<html"));
    let none = app.get("/nowhere", None).await;
    assert_eq!((none.status, none.json()["status"].as_u64()), (404, Some(404)));
}

#[tokio::test]
async fn an_unknown_address_is_a_page_to_a_browser_in_its_language_and_a_problem_to_a_program() {
    let app = App::new().await;
    let signed = app.signed_in(Role::HrReader).await;
    let browser = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
    for (language, title) in
        [("da", "Her er intet"), ("nl", "Hier is niets"), ("en", "There is nothing here")]
    {
        let asked = [browser, ("accept-language", language)];
        let page = app.ask("GET", "/nowhere", &asked, "").await;
        assert_eq!((page.status, page.header("content-type")), (404, "text/html; charset=utf-8"));
        assert!(page.text().contains(title), "{}", page.text());
        assert!(!page.text().contains("/sign-out"), "nobody is signed in");
    }
    let asked = [browser, ("cookie", signed.cookie.as_str())];
    let inside = app.ask("GET", "/people/1/nowhere", &asked, "").await;
    assert!(inside.text().contains("/sign-out") && inside.text().contains("href=\"/people\""));
    assert_eq!(inside.header("cache-control"), "no-store");
    for path in ["/nowhere", "/api", "/api/v1/nowhere", "/oauth2/token"] {
        let headers: &[_] = if path.starts_with("/api") { &[browser] } else { &[] };
        let problem = app.ask("GET", path, headers, "").await;
        assert_eq!(problem.header("content-type"), "application/problem+json", "{path}");
    }
}

#[tokio::test]
async fn what_is_too_large_is_refused_before_it_is_read() {
    let app = App::new().await;
    let signed = app.signed_in(Role::EmployerOwner).await;
    let large = "x".repeat(route::BODY_BYTES_MAX + 1);
    let cookie = ("cookie", signed.cookie.as_str());
    assert_eq!(app.ask("POST", "/sign-out", &[cookie], &large).await.status, 413);
}

#[tokio::test]
async fn a_chosen_language_is_remembered() {
    let app = App::new().await;
    let answer = app.get("/sign-in?language=nl", None).await;
    assert!(answer.header("set-cookie").starts_with("kobling-language=nl; "));
    let page = app.ask("GET", "/sign-in/link/none", &[("cookie", "kobling-language=nl")], "").await;
    assert!(page.text().contains("lang=\"nl\""));
}
