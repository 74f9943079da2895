//! What stands before every route: who asks, and may they.

use super::caller::Caller;
use super::cookie;
use super::language::Language;
use super::limit::Client;
use super::pages;
use super::problem::{Kind, Problem};
use super::route::{BODY_BYTES_MAX, Gate, Surface};
use super::serve::{Peer, Presented};
use super::state::{Server, Site};
use axum::body::{Body, to_bytes};
use axum::extract::{Form, FromRequest, FromRequestParts, Request, State};
use axum::http::header::{ACCEPT, AUTHORIZATION, CACHE_CONTROL, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use kobling_domain::access::Operation;
use kobling_hub::access::session::{self, Signed};
use kobling_hub::access::token::Token;
use serde::Deserialize;

/// In which the API takes the form token of a session that came by cookie.
const FORM_TOKEN: &str = "x-form-token";
const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// What a gate needs to know.
#[derive(Clone)]
pub(super) struct Keeper {
    pub(super) server: Server,
    pub(super) gate: Gate,
    pub(super) surface: Surface,
}

/// How a token came.
enum Credential {
    /// In a header, which no browser sends by itself.
    Bearer(Token),
    /// In a cookie, which a browser sends whoever makes it.
    Cookie(Token),
}

/// Who asks, before anybody knows whether they may.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) signed: Signed,
    pub(super) form_token: String,
    is_by_cookie: bool,
}

#[derive(Deserialize)]
struct FormToken {
    form_token: String,
}

/// Lets through who may, and makes a refusal what the route's surface wants.
pub(super) async fn pass(State(keeper): State<Keeper>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(language) = Language::from_request_parts(&mut parts, &()).await;
    let wanted = parts.uri.path_and_query().map(ToString::to_string);
    let is_get = parts.method == Method::GET;
    let known = know(&keeper, &parts).await;
    let standing = client(&keeper, known.as_ref().ok().and_then(Option::as_ref), &parts);
    let now = keeper.server.hub().clock.now();
    let standing = standing.map(|it| keeper.server.limits().count(it, now));
    let admitted = match (&known, standing) {
        (Err(problem), _) => Err(problem.clone()),
        (Ok(_), Some(standing)) if !standing.is_within => Err(standing.refusal()),
        (Ok(known), _) => admit(&keeper, known.as_ref(), parts, body).await,
    };
    let mut response = match admitted {
        Ok(request) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    if let Some(standing) = standing {
        standing.tell(response.headers_mut());
    }
    if !keeper.gate.is_for_anybody() {
        let never = HeaderValue::from_static("no-store");
        response.headers_mut().entry(CACHE_CONTROL).or_insert(never);
    }
    match (keeper.surface, response.extensions_mut().remove::<Problem>()) {
        (Surface::Page, Some(problem)) if problem.kind == Kind::NotSignedIn && is_get => {
            Redirect::to(&pages::sign_in_path(wanted.as_deref())).into_response()
        }
        (Surface::Page, Some(problem)) => pages::refusal(&problem, language, known.ok().flatten()),
        (Surface::Page | Surface::Api, _) => response,
    }
}

/// The answer where no route is.
pub(super) async fn no_such_path(State(server): State<Server>, request: Request) -> Response {
    let detail = format!("{} is not a path of this server", request.uri().path());
    astray(server, request, Problem::new(Kind::NoSuchPath, &detail)).await
}

/// The answer where a route is that is asked otherwise.
pub(super) async fn no_such_method(State(server): State<Server>, request: Request) -> Response {
    let detail = format!("{} is not asked with {}", request.uri().path(), request.method());
    astray(server, request, Problem::new(Kind::NoSuchMethod, &detail)).await
}

/// Who looks for a page gets one in their language, inside the site if they are signed in; a program
/// gets the problem.
async fn astray(server: Server, request: Request, problem: Problem) -> Response {
    let (mut parts, _) = request.into_parts();
    if !looks_for_a_page(&parts) {
        return problem.into_response();
    }
    let Ok(language) = Language::from_request_parts(&mut parts, &()).await;
    let gate = Gate::For(Operation::OwnSession);
    let keeper = Keeper { server, gate, surface: Surface::Page };
    // Of whom nothing is found out, that is a stranger.
    let known = know(&keeper, &parts).await.ok().flatten();
    let now = keeper.server.hub().clock.now();
    let standing = client(&keeper, known.as_ref(), &parts);
    let standing = standing.map(|it| keeper.server.limits().count(it, now));
    let beyond = standing.filter(|it| !it.is_within).map(|it| it.refusal());
    let mut response = pages::refusal(&beyond.unwrap_or(problem), language, known);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Whether a browser asks for something to show. Under `/api` it is answered as any program is.
fn looks_for_a_page(parts: &Parts) -> bool {
    let path = parts.uri.path();
    let accepted = parts.headers.get(ACCEPT).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let is_of_the_api = path == "/api" || path.starts_with("/api/");
    parts.method.is_safe() && accepted.contains("text/html") && !is_of_the_api
}

/// Whose request it is counted as: of somebody who is signed in their own, else that of the address it
/// comes from.
fn client(keeper: &Keeper, known: Option<&Known>, parts: &Parts) -> Option<Client> {
    if let Some(Known { signed, .. }) = known {
        return Some(Client::Signed(signed.tenant, signed.key.clone()));
    }
    let Peer(peer) = parts.extensions.get::<Peer>()?;
    let network = keeper.server.limits().network(*peer, &parts.headers);
    match keeper.gate {
        Gate::Free => None,
        Gate::Open | Gate::For(_) => Some(Client::Anybody(network)),
        Gate::Door => Some(Client::Door(network)),
    }
}

/// Who is signed in, where the gate asks.
async fn know(keeper: &Keeper, parts: &Parts) -> Result<Option<Known>, Problem> {
    let credential = match keeper.gate {
        Gate::Free | Gate::Open | Gate::Door => None,
        Gate::For(_) => credential(&parts.headers, keeper.server.site()),
    };
    let Some(credential) = credential else { return Ok(None) };
    let (Credential::Bearer(token) | Credential::Cookie(token)) = &credential;
    let shown = parts.extensions.get::<Presented>().and_then(|it| it.0.as_ref());
    let signed = session::resume(keeper.server.hub(), token, shown).await;
    let signed = signed.map_err(Problem::internal)?;
    let is_by_cookie = matches!(credential, Credential::Cookie(_));
    let form_token = token.form_token();
    Ok(signed.map(|signed| Known { signed, form_token, is_by_cookie }))
}

/// The request with its [`Caller`], if the gate lets it through.
async fn admit(
    keeper: &Keeper,
    known: Option<&Known>,
    mut parts: Parts,
    body: Body,
) -> Result<Request, Problem> {
    let is_safe = parts.method.is_safe();
    if !is_safe && comes_from_elsewhere(&parts.headers, keeper.server.site()) {
        return Err(Kind::CrossSite.into());
    }
    let Gate::For(operation) = keeper.gate else { return Ok(Request::from_parts(parts, body)) };
    let Known { signed, form_token, is_by_cookie } = known.cloned().ok_or(Kind::NotSignedIn)?;
    let access = signed.access(operation).ok_or(Kind::NotAllowed)?;
    let body = match (is_safe, is_by_cookie, keeper.surface) {
        (true, _, _) | (false, false, _) => body,
        (false, true, Surface::Page) => checked_form(&parts, body, &form_token).await?,
        (false, true, Surface::Api) => {
            let given = parts.headers.get(FORM_TOKEN).map(HeaderValue::as_bytes);
            if given != Some(form_token.as_bytes()) {
                return Err(Kind::FormToken.into());
            }
            body
        }
    };
    parts.extensions.insert(Caller { signed, operation, access, form_token });
    Ok(Request::from_parts(parts, body))
}

/// The body of a form, once it is known to hold the form token of the session.
async fn checked_form(parts: &Parts, body: Body, expected: &str) -> Result<Body, Problem> {
    let bytes = to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| Kind::TooLarge)?;
    let copy = Request::from_parts(parts.clone(), Body::from(bytes.clone()));
    let Ok(Form(given)) = Form::<FormToken>::from_request(copy, &()).await else {
        return Err(Kind::FormToken.into());
    };
    if given.form_token != expected {
        return Err(Kind::FormToken.into());
    }
    Ok(Body::from(bytes))
}

fn credential(headers: &HeaderMap, site: &Site) -> Option<Credential> {
    if let Some(value) = headers.get(AUTHORIZATION) {
        let text = value.to_str().ok()?.strip_prefix("Bearer ")?;
        return Token::parse(text).map(Credential::Bearer);
    }
    let text = cookie::read(headers, cookie::session_name(site))?;
    Token::parse(text).map(Credential::Cookie)
}

/// Whether a page of another site made the browser send this. A client that is no browser says
/// nothing, and has no cookies that a page of somebody else could use.
fn comes_from_elsewhere(headers: &HeaderMap, site: &Site) -> bool {
    let text = |name: &str| headers.get(name).and_then(|it| it.to_str().ok());
    match (text(SEC_FETCH_SITE), text(ORIGIN.as_str())) {
        (Some(from), _) => !matches!(from, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            origin != site.origin() && (host.is_none() || host != text(HOST.as_str()))
        }
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_of_another_site_made_a_browser_send_is_known() {
        let site = Site::new("https://kobling.example").unwrap();
        let elsewhere = |pairs: &[(&'static str, &'static str)]| {
            let headers = pairs
                .iter()
                .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)));
            comes_from_elsewhere(&headers.collect(), &site)
        };
        assert!(!elsewhere(&[]));
        assert!(!elsewhere(&[("sec-fetch-site", "same-origin")]));
        assert!(!elsewhere(&[("sec-fetch-site", "none")]));
        assert!(!elsewhere(&[("origin", "https://kobling.example")]));
        assert!(!elsewhere(&[("origin", "http://localhost:8080"), ("host", "localhost:8080")]));
        assert!(elsewhere(&[("sec-fetch-site", "cross-site")]));
        assert!(elsewhere(&[("sec-fetch-site", "same-site")]));
        assert!(elsewhere(&[("origin", "null"), ("host", "kobling.example")]));
        assert!(elsewhere(&[("origin", "https://evil.example"), ("host", "kobling.example")]));
    }
}
