//! The one table of routes: method, path, who may come through, what answers.

use super::described::Described;
use super::problem::Kind;
use super::state::Server;
use super::{
    api, assets, gate, headers, health, language, metrics, pages, problem, request, sign_in, token,
};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Uri;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Redirect;
use axum::routing::{MethodFilter, MethodRouter, on};
use kobling_domain::access::Operation;
use std::collections::BTreeSet;
use tower_http::catch_panic::CatchPanicLayer;

/// Bytes of a request's body. What is larger is refused before it is read.
pub(super) const BODY_BYTES_MAX: usize = 1 << 20;

/// What a route is asked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Get,
    Post,
    Put,
}

/// Who may come through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    /// Anybody, as often as they like: what is always the same, and costs nothing.
    Free,
    /// Anybody.
    Open,
    /// Anybody, to say who they are.
    Door,
    /// Who is signed in with a role that allows this.
    For(Operation),
}

impl Gate {
    /// Whether who is not signed in comes through.
    pub(super) fn is_for_anybody(self) -> bool {
        match self {
            Self::Free | Self::Open | Self::Door => true,
            Self::For(_) => false,
        }
    }
}

/// To whom a route speaks, and so in what form it refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Surface {
    /// To people.
    Page,
    /// To programs.
    Api,
}

/// One line of the table.
pub(super) struct Route {
    pub(super) verb: Verb,
    pub(super) path: &'static str,
    pub(super) gate: Gate,
    pub(super) surface: Surface,
    /// What the OpenAPI document says of it; none of a page.
    pub(super) described: Option<Described>,
    answer: MethodRouter<Server>,
}

impl Route {
    /// A page, or the form of one.
    pub(super) fn page<H, T>(verb: Verb, path: &'static str, gate: Gate, handler: H) -> Self
    where
        H: Handler<T, Server>,
        T: 'static,
    {
        let answer = on(verb.filter(), handler);
        Self { verb, path, gate, surface: Surface::Page, described: None, answer }
    }

    /// A route for programs.
    pub(super) fn api<H, T>(
        verb: Verb,
        path: &'static str,
        gate: Gate,
        described: Described,
        handler: H,
    ) -> Self
    where
        H: Handler<T, Server>,
        T: 'static,
    {
        let (surface, described) = (Surface::Api, Some(described));
        Self { verb, path, gate, surface, described, answer: on(verb.filter(), handler) }
    }

    /// A route for programs that is no part of the API: its answer is in a form of others.
    pub(super) fn bare<H, T>(verb: Verb, path: &'static str, gate: Gate, handler: H) -> Self
    where
        H: Handler<T, Server>,
        T: 'static,
    {
        let answer = on(verb.filter(), handler);
        Self { verb, path, gate, surface: Surface::Api, described: None, answer }
    }

    /// The same route, which may refuse so too, beside what its gate and the form of the question
    /// refuse.
    pub(super) fn refusing(self, refuses: &'static [Kind]) -> Self {
        let described = self.described.map(|it| Described { refuses, ..it });
        Self { described, ..self }
    }
}

impl Verb {
    /// As it stands in a request.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }

    fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
            Self::Put => MethodFilter::PUT,
        }
    }
}

/// Every route there is.
pub(super) fn all() -> Vec<Route> {
    [
        health::routes(),
        metrics::routes(),
        assets::routes(),
        sign_in::routes(),
        api::routes(),
        pages::routes(),
        token::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Who asks for the address of a form as for a page, by the browser's history or a bookmark, is led to
/// the page that the form stands on.
async fn back(uri: Uri) -> Redirect {
    let page = uri.path().rsplit_once('/').map_or("", |it| it.0);
    let page = if page.is_empty() { "/" } else { page };
    let query = uri.query().map(|it| format!("?{it}")).unwrap_or_default();
    Redirect::to(&format!("{page}{query}"))
}

/// What answers requests.
pub(super) fn router(server: &Server) -> Router {
    let mut router = Router::new();
    let every = all();
    let shown: BTreeSet<&str> =
        every.iter().filter(|it| it.verb == Verb::Get).map(|it| it.path).collect();
    for Route { verb, path, gate, surface, answer, .. } in every {
        let is_form = (surface, verb) == (Surface::Page, Verb::Post) && !shown.contains(path);
        let answer = if is_form { answer.get(back) } else { answer };
        let keeper = gate::Keeper { server: server.clone(), gate, surface };
        router = router.route(path, answer.route_layer(from_fn_with_state(keeper, gate::pass)));
    }
    router
        .fallback(gate::no_such_path)
        .method_not_allowed_fallback(gate::no_such_method)
        .layer(from_fn(language::remember))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(from_fn_with_state(server.clone(), headers::protect))
        .layer(from_fn_with_state(server.clone(), request::follow))
        .with_state(server.clone())
}
