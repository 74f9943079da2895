//! `GET /metrics`: figures as Prometheus reads them, for whoever has the token that is configured.

use super::problem::{Kind, Problem};
use super::route::{Gate, Route, Verb};
use super::state::Server;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use kobling_hub::metrics::{self, Metric};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// The form of the text.
const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Seconds under which answers are counted together.
const SECONDS: [f64; 9] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

pub(super) fn routes() -> Vec<Route> {
    vec![Route::bare(Verb::Get, "/metrics", Gate::Free, show)]
}

type Labels = Vec<(&'static str, String)>;

/// How long requests took, by route, method and kind of answer.
#[derive(Clone)]
pub(super) struct Durations(Family<Labels, Histogram, fn() -> Histogram>);

impl Durations {
    pub(super) fn new() -> Self {
        Self(Family::new_with_constructor(|| Histogram::new(SECONDS)))
    }

    /// Counts an answer. Whatever a client writes, there are no more labels than routes.
    pub(super) fn note(
        &self,
        route: Option<&str>,
        method: &Method,
        status: StatusCode,
        took: Duration,
    ) {
        let known = [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::HEAD];
        let method = if known.contains(method) { method.as_str() } else { "other" };
        let labels = vec![
            ("route", route.unwrap_or("none").to_owned()),
            ("method", method.to_owned()),
            ("status", format!("{}xx", status.as_u16() / 100)),
        ];
        self.0.get_or_create(&labels).observe(took.as_secs_f64());
    }
}

async fn show(State(server): State<Server>, headers: HeaderMap) -> Result<Response, Problem> {
    let Some(token) = server.metrics_token() else {
        return Err(Problem::new(Kind::NoSuchPath, "no server.metrics_token is configured"));
    };
    let given = headers.get(AUTHORIZATION).and_then(|it| it.to_str().ok()?.strip_prefix("Bearer "));
    // Digests are compared, so that nobody learns from the time it takes.
    if given.map(Sha256::digest) != Some(Sha256::digest(token)) {
        return Err(Problem::new(Kind::NotSignedIn, "send the token of server.metrics_token"));
    }
    let all = metrics::metrics(server.hub()).await.map_err(Problem::internal)?;
    let mut text = String::new();
    encode(&mut text, &registry(&all, server.durations())).map_err(Problem::internal)?;
    Ok(([(CONTENT_TYPE, TEXT)], text).into_response())
}

fn registry(all: &[Metric], durations: &Durations) -> Registry {
    let mut registry = Registry::with_prefix("kobling");
    let version = Family::<Labels, Gauge>::default();
    version.get_or_create(&vec![("version", env!("CARGO_PKG_VERSION").to_owned())]).set(1);
    registry.register("build", "The version of the program", version);
    for Metric { name, help, samples } in all {
        let family = Family::<Labels, Gauge>::default();
        for it in samples {
            family.get_or_create(&it.labels).set(it.value);
        }
        registry.register(*name, *help, family);
    }
    let help = "How long answers took";
    registry.register("http_request_duration_seconds", help, durations.0.clone());
    registry
}

#[cfg(test)]
mod tests {
    use crate::web::testing::{App, METRICS_TOKEN};

    #[tokio::test]
    async fn figures_are_told_to_whoever_has_the_token_and_hold_nothing_of_a_person() {
        let app = App::with_people().await;
        assert_eq!(app.get("/metrics", None).await.status, 401);
        let wrong = [("authorization", "Bearer wrong")];
        assert_eq!(app.ask("GET", "/metrics", &wrong, "").await.status, 401);
        app.ask("GET", "/people/00000000-0000-0000-0000-000000000001", &[], "").await;
        app.ask("NONSENSE", "/nowhere-at-all", &[], "").await;
        let token = format!("Bearer {METRICS_TOKEN}");
        let told = app.ask("GET", "/metrics", &[("authorization", &token)], "").await;
        assert_eq!(told.status, 200);
        let text = told.text();
        for line in [
            "kobling_plans_held{employer=\"fjordby\",source=\"opus\"} 0",
            "kobling_runs{employer=\"fjordby\",source=\"opus\",state=\"applied\"} 1",
            "kobling_last_run_records{employer=\"fjordby\",source=\"opus\",outcome=\"set_aside\"} 0",
            "kobling_jobs{kind=\"deliver\",state=\"failing\"} 0",
            "kobling_letters_unsent{employer=\"fjordby\"} 0",
            "kobling_ledger_version{employer=\"fjordby\"} 2",
            "kobling_lanes{employer=\"fjordby\",target=\"plan2learn\",state=\"due\"}",
            "kobling_connections{state=\"in_use\"}",
            "kobling_http_request_duration_seconds_count{route=\"/people/{person}\",method=\"GET\",status=\"3xx\"} 1",
            "route=\"none\",method=\"other\"",
            "# EOF",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("nowhere") && !text.contains("00000000-"), "{text}");
        assert_eq!(kobling_pii::find(text, jiff::civil::date(2026, 3, 10)).len(), 0);
    }
}
