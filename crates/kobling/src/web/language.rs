//! In which language somebody wants to be spoken to.

use super::cookie;
use axum::extract::{FromRequestParts, Query, Request};
use axum::http::header::{ACCEPT_LANGUAGE, SET_COOKIE};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use serde::Deserialize;
use std::convert::Infallible;

/// A language that the pages are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Danish,
    Dutch,
    English,
}

#[derive(Deserialize)]
struct Chosen {
    language: Option<String>,
}

impl Language {
    pub(super) const ALL: [Self; 3] = [Self::Danish, Self::Dutch, Self::English];

    /// Its code in ISO 639, as `lang` of a page wants it.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Danish => "da",
            Self::Dutch => "nl",
            Self::English => "en",
        }
    }

    fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.code() == code)
    }

    /// The one chosen in this very request by `?language=`.
    fn chosen(parts: &Parts) -> Option<Self> {
        let Query(chosen) = Query::<Chosen>::try_from_uri(&parts.uri).ok()?;
        Self::of(&chosen.language?)
    }

    /// What is spoken to a request: what it chose, what was chosen before, what its browser likes
    /// best, Danish.
    fn to(parts: &Parts) -> Self {
        let before = || cookie::read(&parts.headers, cookie::LANGUAGE).and_then(Self::of);
        let liked = || Self::liked_best(parts.headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?);
        Self::chosen(parts).or_else(before).or_else(liked).unwrap_or(Self::Danish)
    }

    /// The language of ours that a browser puts first. Who reads Norwegian or Swedish reads Danish
    /// sooner than Dutch, but nobody asked for that: only a language that is named counts.
    fn liked_best(accepted: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for range in accepted.split(',') {
            let (tag, quality) = range.split_once(";q=").unwrap_or((range, "1"));
            let primary = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
            let quality = quality.trim().parse().unwrap_or(0.0);
            if let Some(language) = Self::of(&primary)
                && quality > best.map_or(0.0, |(before, _)| before)
            {
                best = Some((quality, language));
            }
        }
        best.map(|(_, language)| language)
    }
}

impl<S: Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::to(parts))
    }
}

/// Remembers a language that was chosen.
pub(super) async fn remember(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let chosen = Language::chosen(&parts);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(value) = chosen.and_then(|it| cookie::language(it.code())) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_a_browser_puts_first_is_spoken() {
        let liked = Language::liked_best;
        assert_eq!(liked("nl-NL,nl;q=0.9,en;q=0.8"), Some(Language::Dutch));
        assert_eq!(liked("de, en;q=0.5, da;q=0.7"), Some(Language::Danish));
        assert_eq!(liked("sv"), None);
        assert_eq!(liked("en;q=0"), None);
        assert_eq!(liked("*;;q="), None);
    }

    #[test]
    fn what_is_chosen_goes_before_what_was_chosen_and_that_before_what_is_liked() {
        let to = |uri: &str, cookie: &str| {
            let request = Request::builder().uri(uri).header("cookie", cookie);
            let (parts, ()) =
                request.header("accept-language", "en").body(()).unwrap().into_parts();
            Language::to(&parts)
        };
        assert_eq!(to("/?language=da", "kobling-language=nl"), Language::Danish);
        assert_eq!(to("/?language=xx", "kobling-language=nl"), Language::Dutch);
        assert_eq!(to("/", ""), Language::English);
    }
}
