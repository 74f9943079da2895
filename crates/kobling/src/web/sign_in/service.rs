//! Signing in at the sign-in service of the settings: there and back.

use super::{SIGN_IN, signed_in};
use crate::web::cookie;
use crate::web::language::Language;
use crate::web::pages;
use crate::web::problem::{Kind, Problem};
use crate::web::query::Query;
use crate::web::request::RequestId;
use crate::web::route::{Gate, Route, Verb};
use crate::web::state::Server;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};
use kobling_hub::access::oidc::{Attempt, Entered, OidcError, Provider, Returned};
use kobling_hub::access::session::SignInError;
use serde::Deserialize;
use std::error::Error;

/// Where somebody is sent to the service.
pub(in crate::web) const THERE: &str = "/sign-in/oidc";
/// Where they come back.
const BACK: &str = "/sign-in/oidc/return";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::page(Verb::Get, THERE, Gate::Door, there),
        Route::page(Verb::Get, BACK, Gate::Door, back),
    ]
}

/// Why somebody came back and is not signed in. Its name stands in the address of the page that
/// says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::web) enum Trouble {
    /// The service cannot be asked, or says what nobody believes.
    Away,
    /// It did not sign them in.
    Denied,
    /// It took too long, or was begun in another browser.
    Stale,
    /// They are no user here.
    Unknown,
}

impl Trouble {
    fn name(self) -> &'static str {
        match self {
            Self::Away => "away",
            Self::Denied => "denied",
            Self::Stale => "stale",
            Self::Unknown => "unknown",
        }
    }
}

#[derive(Deserialize)]
struct Asked {
    tenant: Option<String>,
}

/// Sends somebody to the service. What the answer will be known by stays in their browser.
async fn there(
    State(server): State<Server>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let provider = provider(&server)?;
    let attempt = Attempt::begin(asked.tenant.as_deref()).map_err(Problem::internal)?;
    match provider.begin(server.hub(), &attempt, &server.site().url(BACK)).await {
        Ok(address) => {
            let kept = cookie::attempt(server.site(), &attempt.reveal());
            Ok((kept.map(|it| [(SET_COOKIE, it)]), Redirect::to(&address)).into_response())
        }
        Err(error) => refused(&server, &error),
    }
}

/// Signs in who comes back, if they are known.
async fn back(
    State(server): State<Server>,
    language: Language,
    Query(returned): Query<Returned>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let provider = provider(&server)?;
    let kept = cookie::read(&headers, cookie::attempt_name(server.site()));
    let Some(attempt) = kept.and_then(Attempt::parse) else {
        return refused(&server, &OidcError::Stale);
    };
    let back = server.site().url(BACK);
    match Box::pin(provider.finish(server.hub(), &attempt, &returned, &back)).await {
        Ok(Entered::Session(token)) => {
            let mut response = signed_in(&server, &token);
            if let Some(over) = cookie::no_attempt(server.site()) {
                response.headers_mut().append(SET_COOKIE, over);
            }
            Ok(response)
        }
        Ok(Entered::Several(all)) => pages::employers(language, &all),
        Err(error) => refused(&server, &error),
    }
}

fn provider(server: &Server) -> Result<&Provider, Problem> {
    server.provider().ok_or_else(|| Kind::NoSuchPath.into())
}

/// Leads to the page that says what to do. What happened is for the log.
fn refused(server: &Server, error: &OidcError) -> Result<Response, Problem> {
    let trouble = match error {
        OidcError::Stale => Trouble::Stale,
        OidcError::Denied { .. } => Trouble::Denied,
        OidcError::Unknown | OidcError::Unverified | OidcError::SignIn(SignInError::Disabled) => {
            Trouble::Unknown
        }
        // The code was redeemed before, or too late.
        OidcError::Asking(it) if !it.may_pass() => Trouble::Stale,
        OidcError::Asking(_)
        | OidcError::Issuer
        | OidcError::OtherIssuer { .. }
        | OidcError::InTheClear { .. }
        | OidcError::Untrusted(_)
        | OidcError::NoClaim { .. } => Trouble::Away,
        OidcError::SignIn(it) => return Err(Problem::internal(it)),
        OidcError::Store(it) => return Err(Problem::internal(it)),
    };
    tracing::warn!(
        request = RequestId::current(),
        why = error.to_string(),
        because = error.source().map(ToString::to_string),
        "nobody was signed in by the service"
    );
    let over = cookie::no_attempt(server.site());
    let page = Redirect::to(&format!("{SIGN_IN}?service={}", trouble.name()));
    Ok((over.map(|it| [(SET_COOKIE, it)]), page).into_response())
}

#[cfg(test)]
mod tests {
    use super::{BACK, THERE};
    use crate::web::state::Service;
    use crate::web::testing::{Answer, App, FJORDBY};
    use jiff::SignedDuration;
    use kobling_domain::access::{Grant, Role};
    use kobling_domain::id::TenantId;
    use kobling_hub::access::oidc::{Provider, Settings};
    use kobling_hub::access::users::{self, NewUser};
    use kobling_hub::access::{audit, password};
    use kobling_testkit::server::Oidcd;

    const KARI: &str = "kari@fjordby.example";

    fn settings(provider: &Oidcd, claim: &str) -> Settings {
        Settings {
            issuer: provider.issuer.clone(),
            client_id: provider.client_id().to_owned(),
            client_secret: Some(provider.client_secret().to_owned().into()),
            claim: claim.to_owned(),
            ca_file: None,
        }
    }

    fn service(settings: Settings) -> Service {
        let provider = Provider::new(settings).unwrap();
        let contact = Some("it@fjordby.example".to_owned());
        Service { provider, name: Some("Fjordby ID".to_owned()), contact }
    }

    /// A server where people may sign in at a provider, and that provider.
    async fn app() -> (App, Oidcd) {
        let (app, provider) = (App::new().await, Oidcd::start());
        let app = app.with_service(service(settings(&provider, "email")), SignedDuration::ZERO);
        admit(&app, app.tenant, KARI).await;
        (app, provider)
    }

    async fn admit(app: &App, tenant: TenantId, key: &str) {
        let grants = vec![Grant { party: "fjordby".to_owned(), role: Role::Auditor }];
        let (key, name) = (key.to_owned(), "Kari Nord".to_owned());
        let new = NewUser { key, name, person: None, grants };
        users::add(&app.hub, tenant, &new, "a test").await.unwrap();
    }

    /// Where a browser is sent, and what it keeps.
    async fn go(app: &App, path: &str) -> (String, String) {
        let sent = app.get(path, None).await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        let kept = sent.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
        (sent.header("location").to_owned(), kept)
    }

    /// Comes back from the provider.
    async fn come(app: &App, address: &str, cookie: &str) -> Answer {
        let path = address.strip_prefix("http://localhost:8080").unwrap();
        assert!(path.starts_with(BACK), "{path}");
        app.ask("GET", path, &[("cookie", cookie)], "").await
    }

    async fn sign_in(app: &App, provider: &Oidcd, name: &str) -> Answer {
        let (address, cookie) = go(app, THERE).await;
        let address = provider.sign_in(&address, name);
        come(app, &address, &cookie).await
    }

    /// Somebody who came back stands before the page that says why they are not signed in.
    fn assert_trouble(answer: &Answer, name: &str) {
        let expected = format!("/sign-in?service={name}");
        assert_eq!((answer.status, answer.header("location")), (303, expected.as_str()));
        assert!(!answer.header("set-cookie").contains("kobling="), "nobody is signed in");
    }

    #[tokio::test]
    async fn who_is_known_signs_in_at_the_service_and_who_is_not_is_told_whom_to_ask() {
        let (app, provider) = app().await;
        let page = app.get("/sign-in?language=en", None).await;
        assert!(page.text().contains("href=\"/sign-in/oidc\">Sign in with Fjordby ID</a>"));
        let (address, cookie) = go(&app, THERE).await;
        let back = provider.sign_in(&address, "kari");
        let answer = come(&app, &back, &cookie).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/"), "{}", answer.text());
        let entries = audit::list(&app.hub, app.tenant, None, 1).await.unwrap();
        assert_eq!(
            (entries[0].who.as_str(), entries[0].detail["way"].as_str()),
            (KARI, Some("oidc"))
        );

        assert_trouble(&come(&app, &back, &cookie).await, "stale");
        assert_trouble(&sign_in(&app, &provider, "somebody").await, "unknown");
        let page = app.get("/sign-in?service=unknown&language=en", None).await;
        assert!(page.text().contains("Ask it@fjordby.example to add you."), "{}", page.text());
        users::disable(&app.hub, app.tenant, KARI, "a test").await.unwrap();
        assert_trouble(&sign_in(&app, &provider, "kari").await, "unknown");
        let all = users::list(&app.hub, app.tenant).await.unwrap();
        assert_eq!(all.len(), 1, "signing in admits nobody");
    }

    #[tokio::test]
    async fn an_answer_of_another_attempt_or_another_service_signs_nobody_in() {
        let (app, provider) = app().await;
        let (first, first_cookie) = go(&app, THERE).await;
        let (_, second_cookie) = go(&app, THERE).await;
        let back = provider.sign_in(&first, "kari");
        assert_trouble(&come(&app, &back, &second_cookie).await, "stale");
        assert_trouble(&come(&app, &back, "").await, "stale");
        let other = back.replace("iss=http", "iss=https");
        assert_ne!(other, back);
        assert_trouble(&come(&app, &other, &first_cookie).await, "stale");
        let (third, third_cookie) = go(&app, THERE).await;
        let (_, state) = third.split_once("&state=").unwrap();
        let state = state.split('&').next().unwrap();
        let (head, tail) = back.split_once("&state=").unwrap();
        let rest = tail.split_once('&').map_or("", |it| it.1);
        // The code of one attempt with the state of another: PKCE knows.
        let mixed = format!("{head}&state={state}&{rest}");
        assert_trouble(&come(&app, &mixed, &third_cookie).await, "stale");
        assert_trouble(&sign_in(&app, &provider, "denied").await, "denied");
        assert_trouble(&sign_in(&app, &provider, "unverified").await, "unknown");
    }

    #[tokio::test]
    async fn new_keys_of_the_service_are_found_and_an_old_token_is_not_believed() {
        let (app, provider) = app().await;
        assert_eq!(sign_in(&app, &provider, "kari").await.header("location"), "/");
        provider.rotate();
        assert_eq!(sign_in(&app, &provider, "kari").await.header("location"), "/");
        // Asked for anew once a minute at most, whoever sends what.
        provider.rotate();
        assert_trouble(&sign_in(&app, &provider, "kari").await, "away");
        let email = || service(settings(&provider, "email"));
        let later = app.with_service(email(), SignedDuration::from_hours(2));
        assert_trouble(&sign_in(&later, &provider, "kari").await, "away");
    }

    #[tokio::test]
    async fn while_the_service_is_away_a_password_still_signs_in() {
        let (app, provider) = app().await;
        drop(provider);
        let answer = app.get(THERE, None).await;
        assert_trouble(&answer, "away");
        let page = app.get("/sign-in?service=away&language=en", None).await;
        assert!(page.text().contains("gives no usable answer"), "{}", page.text());
        let right = "correct horse battery".to_owned().into();
        password::set(&app.hub, app.tenant, KARI, right, "a test").await.unwrap();
        let form = "user=kari@fjordby.example&password=correct+horse+battery";
        let answer = app.ask("POST", "/sign-in", &[], form).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/"));
    }

    #[tokio::test]
    async fn who_is_known_by_another_claim_was_said_to_be_called_so() {
        let (app, provider) = app().await;
        for (claim, subject) in [("sub", "id-of-kari"), ("preferred_username", "kari")] {
            let at = service(settings(&provider, claim));
            let app = app.with_service(at, SignedDuration::ZERO);
            users::call(&app.hub, app.tenant, KARI, None, "a test").await.unwrap();
            assert_trouble(&sign_in(&app, &provider, "kari").await, "unknown");
            users::call(&app.hub, app.tenant, KARI, Some(subject), "a test").await.unwrap();
            assert_eq!(sign_in(&app, &provider, "kari").await.header("location"), "/", "{claim}");
        }
        let at = service(settings(&provider, "groups"));
        let app = app.with_service(at, SignedDuration::ZERO);
        assert_trouble(&sign_in(&app, &provider, "kari").await, "away");
    }

    #[tokio::test]
    async fn whom_several_employers_know_chooses_one() {
        let (app, provider) = app().await;
        let other = FJORDBY.replace("[tenant]\nkey = \"fjordby\"", "[tenant]\nkey = \"bakkeby\"");
        let other = other.replacen("Fjordby Kommune", "Bakkeby Kommune", 1);
        let tenant = app.configure(&other).await;
        admit(&app, tenant, KARI).await;
        let answer = sign_in(&app, &provider, "kari").await;
        assert_eq!(answer.status, 200);
        let choice = "href=\"/sign-in/oidc?tenant=bakkeby\">Bakkeby Kommune</a>";
        assert!(answer.text().contains(choice), "{}", answer.text());
        let (address, cookie) = go(&app, "/sign-in/oidc?tenant=bakkeby").await;
        let back = provider.sign_in(&address, "kari");
        assert_eq!(come(&app, &back, &cookie).await.header("location"), "/");
        let entries = audit::list(&app.hub, tenant, None, 1).await.unwrap();
        assert_eq!(entries[0].action, "session.open");
    }

    #[tokio::test]
    async fn without_a_service_nobody_is_sent_anywhere() {
        let app = App::new().await;
        assert_eq!(app.get(THERE, None).await.status, 404);
        assert_eq!(app.get(BACK, None).await.status, 404);
        assert!(!app.get("/sign-in", None).await.text().contains(THERE));
    }
}
