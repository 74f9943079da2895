//! Spans by OTLP over HTTP.

use crate::cli::Failure;
use crate::cli::settings::{FILE, Otlp};
use kobling_hub::connectors::hook::{Hooks, Reach};
use kobling_hub::traced;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::runtime::Handle;
use tracing_subscriber::Registry;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::Layer;

/// Whoever takes spans answers in so long.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(10);
/// So long a stopping server waits for its last spans to be taken.
const LAST_SPANS_TIME_MAX: Duration = Duration::from_secs(5);
/// What they are called.
const MEDIA: &str = "application/x-protobuf";

/// What looks at spans as they end.
type Spans = Box<dyn Layer<Registry> + Send + Sync>;

/// What sends spans, now and then, until it is ended.
pub(in super::super) struct Traces(SdkTracerProvider);

impl Traces {
    /// Sends what is left.
    pub(in super::super) async fn end(self) {
        let shut = move || self.0.shutdown_with_timeout(LAST_SPANS_TIME_MAX);
        if let Ok(Err(error)) = tokio::task::spawn_blocking(shut).await {
            tracing::warn!(error = error.to_string(), "the last traces were not taken");
        }
    }
}

/// Sends spans there from now on.
pub(in super::super) fn open(otlp: &Otlp) -> Result<(Spans, Traces), Failure> {
    let endpoint = otlp.endpoint.trim_end_matches('/');
    if !["http://", "https://"].iter().any(|it| endpoint.starts_with(it)) {
        return Err(Failure::refused(format!("{FILE}: otlp.endpoint: {endpoint:?} is no address"))
            .advise("write one such as http://localhost:4318, without /v1/traces"));
    }
    let failed = |it: &(dyn std::error::Error + 'static)| {
        Failure::bad_input(format!("{FILE}: no traces can be sent to [otlp]"), it)
            .advise("look at otlp.endpoint and otlp.ca_file; docs/running.md says more")
    };
    let ca_file = otlp.ca_file.as_deref();
    let hooks =
        Hooks::new(ca_file, Reach::Everywhere, ANSWER_TIME_MAX).map_err(|it| failed(&it))?;
    let (hooks, runtime) = (Arc::new(hooks), Handle::current());
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Sender { hooks, runtime, is_taken: Arc::new(AtomicBool::new(true)) })
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{endpoint}/v1/traces"))
        .with_timeout(ANSWER_TIME_MAX)
        .build()
        .map_err(|it| failed(&it))?;
    let about = [("service.name", "kobling"), ("service.version", env!("CARGO_PKG_VERSION"))];
    let about = about.map(|(name, value)| KeyValue::new(name, value));
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_sampler(Sampler::AlwaysOn)
        .with_resource(Resource::builder_empty().with_attributes(about).build())
        .build();
    let spans = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("kobling"))
        .with_location(false)
        .with_target(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        // Lines of the log are no part of a span: they say more than leaves.
        .with_filter(filter_fn(|it| it.is_span() && it.target() == traced::TARGET));
    Ok((spans.boxed(), Traces(provider)))
}

/// Hands spans over by the only way out of this program.
struct Sender {
    hooks: Arc<Hooks>,
    /// Spans are sent by a thread of the library's own, where nothing else can wait.
    runtime: Handle,
    /// Whether the last ones were taken: it is said once that they are not.
    is_taken: Arc<AtomicBool>,
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

impl HttpClient for Sender {
    fn send_bytes<'s, 'f>(
        &'s self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'f>>
    where
        's: 'f,
        Self: 'f,
    {
        let (hooks, is_taken) = (Arc::clone(&self.hooks), Arc::clone(&self.is_taken));
        let url = request.uri().to_string();
        let sent = self.runtime.spawn(async move {
            let body = request.into_body().to_vec();
            let done = hooks.post(&url, &[("content-type", MEDIA)], body).await;
            let was_taken = is_taken.swap(done.is_ok(), Ordering::Relaxed);
            if let Err(error) = &done
                && was_taken
            {
                tracing::warn!(error = error.to_string(), "traces are not taken");
            }
            done
        });
        Box::pin(async move {
            sent.await??;
            Ok(Response::new(Bytes::new()))
        })
    }
}
