//! The cookies there are: the session, the language, and an attempt to sign in at a service.

use super::state::Site;
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

/// Who chose which language.
pub(super) const LANGUAGE: &str = "kobling-language";
/// A year: a language is not chosen every day.
const LANGUAGE_SECONDS: u32 = 31_536_000;
/// No session is longer.
const SESSION_SECONDS: u32 = 43_200;
/// Somebody may have to look for their code app meanwhile.
const ATTEMPT_SECONDS: u32 = 600;

/// The name of the session's cookie. A browser takes a `__Host-` cookie from no other host.
pub(super) fn session_name(site: &Site) -> &'static str {
    if site.is_secure() { "__Host-kobling" } else { "kobling" }
}

/// The name of the cookie of an attempt to sign in at a service.
pub(super) fn attempt_name(site: &Site) -> &'static str {
    if site.is_secure() { "__Host-kobling-oidc" } else { "kobling-oidc" }
}

/// The value of the cookie of that name.
pub(super) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(COOKIE).into_iter().filter_map(|it| it.to_str().ok());
    let pairs = all.flat_map(|it| it.split(';')).filter_map(|it| it.trim().split_once('='));
    pairs.into_iter().find(|(found, _)| *found == name).map(|(_, value)| value)
}

/// Sets the cookie of a session.
pub(super) fn session(site: &Site, token: &str) -> Option<HeaderValue> {
    set(site, session_name(site), token, SESSION_SECONDS)
}

/// Sets the cookie of an attempt to sign in at a service.
pub(super) fn attempt(site: &Site, text: &str) -> Option<HeaderValue> {
    set(site, attempt_name(site), text, ATTEMPT_SECONDS)
}

/// Takes the cookie of an attempt away.
pub(super) fn no_attempt(site: &Site) -> Option<HeaderValue> {
    set(site, attempt_name(site), "", 0)
}

/// Takes the cookie of a session away.
pub(super) fn no_session(site: &Site) -> Option<HeaderValue> {
    set(site, session_name(site), "", 0)
}

/// Sets the cookie of a language. It is no secret, and the same whoever sends it.
pub(super) fn language(code: &str) -> Option<HeaderValue> {
    let text = format!("{LANGUAGE}={code}; Path=/; SameSite=Lax; Max-Age={LANGUAGE_SECONDS}");
    text.parse().ok()
}

fn set(site: &Site, name: &str, value: &str, seconds: u32) -> Option<HeaderValue> {
    let secure = if site.is_secure() { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    let mut value: HeaderValue = text.parse().ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; kobling=x.y"));
        headers.append(COOKIE, HeaderValue::from_static("kobling-language=nl"));
        assert_eq!(read(&headers, "kobling"), Some("x.y"));
        assert_eq!(read(&headers, LANGUAGE), Some("nl"));
        assert_eq!(read(&headers, "b"), None);
    }

    #[test]
    fn a_session_cookie_is_kept_from_scripts_and_on_https_from_other_hosts() {
        let of = |url: &str| session(&Site::new(url).unwrap(), "t").unwrap();
        let text = "kobling=t; Path=/; HttpOnly; SameSite=Lax; Max-Age=43200";
        assert_eq!(of("http://localhost:8080"), text);
        assert_eq!(of("https://kobling.example"), format!("__Host-{text}; Secure").as_str());
    }
}
