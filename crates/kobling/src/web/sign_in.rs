//! Signing in and out.

pub(super) mod service;

use super::cookie;
use super::problem::{Kind, Problem};
use super::route::{Gate, Route, Verb};
use super::state::Server;
use axum::extract::{Form, Path, State};
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};
use kobling_domain::access::Operation;
use kobling_hub::access::password::{self, Typed};
use kobling_hub::access::session::{self, SignInError};
use kobling_hub::access::token::Token;
use serde::Deserialize;
use zeroize::Zeroizing;

/// Where a link that signs in leads.
const LINK: &str = "/sign-in/link/";
/// Where somebody goes who has just signed in.
const HOME: &str = "/";
/// Where somebody goes who typed something wrong.
const REFUSED: &str = "/sign-in?refused";
/// Where somebody goes who has just signed out.
const SIGN_IN: &str = "/sign-in";

pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![
        Route::page(Verb::Get, "/sign-in/link/{token}", Gate::Door, by_link),
        Route::page(Verb::Post, "/sign-in", Gate::Door, by_password),
        Route::page(Verb::Post, "/sign-out", Gate::For(Operation::OwnSession), sign_out),
    ];
    routes.extend(service::routes());
    routes
}

/// What somebody types who signs in.
#[derive(Deserialize)]
struct SignInForm {
    tenant: Option<String>,
    user: String,
    password: String,
    #[serde(default)]
    code: String,
}

/// The path of the link of a token.
pub(crate) fn link_path(token: &Token) -> String {
    format!("{LINK}{}", token.reveal())
}

/// Signs in whom the link is for, once. A program that only looks ahead, as those of mail readers
/// and browsers do, takes nothing.
async fn by_link(
    State(server): State<Server>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let looks_ahead = ["purpose", "sec-purpose"].into_iter().any(|name| headers.contains_key(name));
    let link = Token::parse(&token).filter(|_| !looks_ahead).ok_or(Kind::LinkSpent)?;
    let session = match session::take_link(server.hub(), &link).await {
        Ok(session) => session,
        Err(SignInError::LinkSpent | SignInError::Disabled) => return Err(Kind::LinkSpent.into()),
        Err(error) => return Err(Problem::internal(error)),
    };
    Ok(signed_in(&server, &session))
}

/// Signs in who types the right things. Who does not learns only that.
async fn by_password(
    State(server): State<Server>,
    Form(form): Form<SignInForm>,
) -> Result<Response, Problem> {
    let tenant = form.tenant.as_deref().filter(|it| !it.is_empty());
    let password = Zeroizing::new(form.password);
    let typed = Typed { tenant, user: &form.user, password, code: &form.code };
    match password::sign_in(server.hub(), typed).await {
        Ok(session) => Ok(signed_in(&server, &session)),
        Err(SignInError::Wrong | SignInError::Disabled) => {
            Ok(Redirect::to(REFUSED).into_response())
        }
        Err(error) => Err(Problem::internal(error)),
    }
}

fn signed_in(server: &Server, session: &Token) -> Response {
    let cookie = cookie::session(server.site(), &session.reveal());
    (cookie.map(|it| [(SET_COOKIE, it)]), Redirect::to(HOME)).into_response()
}

/// Signs out, here and in the store.
async fn sign_out(State(server): State<Server>, headers: HeaderMap) -> Result<Response, Problem> {
    let name = cookie::session_name(server.site());
    if let Some(token) = cookie::read(&headers, name).and_then(Token::parse) {
        session::close(server.hub(), &token).await.map_err(Problem::internal)?;
    }
    let cookie = cookie::no_session(server.site());
    Ok((cookie.map(|it| [(SET_COOKIE, it)]), Redirect::to(SIGN_IN)).into_response())
}

#[cfg(test)]
mod tests {
    use super::link_path;
    use crate::web::testing::App;
    use kobling_domain::access::Role;
    use kobling_hub::access::{password, session};

    #[tokio::test]
    async fn a_link_signs_in_once_and_what_looks_ahead_takes_nothing() {
        let app = App::new().await;
        let user = app.user(Role::Auditor).await;
        let link = link_path(&session::link(&app.hub, app.tenant, &user).await.unwrap());
        let ahead = app.ask("GET", &link, &[("sec-purpose", "prefetch")], "").await;
        assert_eq!(ahead.status, 410);
        let first = app.get(&link, None).await;
        assert_eq!((first.status, first.header("location")), (303, "/"));
        let cookie = first.header("set-cookie").to_owned();
        assert!(cookie.contains("HttpOnly; SameSite=Lax"), "{cookie}");
        let cookie = cookie.split(';').next().unwrap();
        let me = app.ask("GET", "/api/v1/session", &[("cookie", cookie)], "").await;
        assert_eq!(me.json()["user"], user.as_str());
        assert_eq!(app.get(&link, None).await.status, 410);
    }

    #[tokio::test]
    async fn a_right_password_signs_in_and_a_wrong_one_says_nothing() {
        let app = App::new().await;
        let user = app.user(Role::Auditor).await;
        let password = "correct horse battery".to_owned().into();
        password::set(&app.hub, app.tenant, &user, password, "a test").await.unwrap();
        for (form, to) in [
            (format!("user={user}&password=correct+horse+battery"), "/"),
            (format!("user={user}&password=wrong+horse+battery"), "/sign-in?refused"),
            ("user=nobody&password=correct+horse+battery".to_owned(), "/sign-in?refused"),
        ] {
            let answer = app.ask("POST", "/sign-in", &[], &form).await;
            assert_eq!((answer.status, answer.header("location")), (303, to));
            assert_eq!(answer.header("set-cookie").is_empty(), to != "/");
        }
    }

    #[tokio::test]
    async fn who_signs_out_is_signed_out_everywhere_the_cookie_went() {
        let app = App::new().await;
        let signed = app.signed_in(Role::Auditor).await;
        let form = format!("form_token={}", signed.form_token);
        let cookie = [("cookie", signed.cookie.as_str())];
        assert_eq!(app.ask("GET", "/api/v1/session", &cookie, "").await.status, 200);
        let without = app.ask("POST", "/sign-out", &cookie, "").await;
        assert_eq!(without.status, 403);
        assert_eq!(app.ask("POST", "/sign-out", &cookie, &form).await.status, 303);
        assert_eq!(app.ask("GET", "/api/v1/session", &cookie, "").await.status, 401);
    }

    #[tokio::test]
    async fn a_session_ends_when_nothing_happens_in_it() {
        let app = App::new().await;
        let signed = app.signed_in(Role::Auditor).await;
        let at = |instant: &str| app.at(instant.parse().unwrap());
        let status = async |app: App| app.get("/api/v1/session", Some(&signed)).await.status;
        assert_eq!(status(at("2026-03-10T05:59:00Z")).await, 200);
        assert_eq!(status(at("2026-03-10T06:58:00Z")).await, 200);
        assert_eq!(status(at("2026-03-10T07:58:30Z")).await, 401);
    }
}
