use super::caller::Caller;
use super::limit::Limits;
use super::metrics::Durations;
use super::problem::Problem;
use kobling_domain::id::SubjectId;
use kobling_hub::Hub;
use kobling_hub::access::audit::{ReadLog, Reading};
use kobling_hub::access::oidc::Provider;
use kobling_hub::agreement::Journal;
use std::sync::Arc;
use zeroize::Zeroizing;

/// What every handler works with.
#[derive(Clone)]
pub(crate) struct Server(Arc<Inner>);

struct Inner {
    hub: Hub,
    site: Site,
    readings: ReadLog,
    limits: Limits,
    durations: Durations,
    metrics_token: Option<Zeroizing<String>>,
    service: Option<Service>,
    journal: Journal,
}

/// The sign-in service that people may sign in at.
pub(crate) struct Service {
    /// How it is asked.
    pub(crate) provider: Provider,
    /// What people call it; none if the page just says so.
    pub(crate) name: Option<String>,
    /// Whom to ask who is no user; none if the page just says so.
    pub(crate) contact: Option<String>,
}

/// Where people find the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    base_url: String,
}

impl Site {
    /// The site at an address such as `https://kobling.example`, with or without a slash at the
    /// end; none if that is no address of a server.
    pub(crate) fn new(base_url: &str) -> Option<Self> {
        let base_url = base_url.trim_end_matches('/');
        let host =
            base_url.strip_prefix("https://").or_else(|| base_url.strip_prefix("http://"))?;
        let is_host = !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']);
        is_host.then(|| Self { base_url: base_url.to_owned() })
    }

    /// The address of a path that begins with a slash.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    /// The origin of its pages, as a browser tells it.
    pub(super) fn origin(&self) -> &str {
        &self.base_url
    }

    /// Whether what goes to and fro is encrypted.
    pub(super) fn is_secure(&self) -> bool {
        self.base_url.starts_with("https://")
    }
}

impl Server {
    /// A server that answers as often as `limits` say. Who has the token may read its figures. Without
    /// a service, people sign in here. Orders to close that cannot be carried out yet wait in the journal.
    pub(crate) fn new(
        hub: Hub,
        site: Site,
        limits: Limits,
        metrics_token: Option<Zeroizing<String>>,
        service: Option<Service>,
        journal: Journal,
    ) -> Self {
        let (readings, durations) = (ReadLog::new(hub.clone()), Durations::new());
        let inner =
            Inner { hub, site, readings, limits, durations, metrics_token, service, journal };
        Self(Arc::new(inner))
    }

    /// How long requests took.
    pub(super) fn durations(&self) -> &Durations {
        &self.0.durations
    }

    /// What opens the figures; none if nothing does.
    pub(super) fn metrics_token(&self) -> Option<&str> {
        self.0.metrics_token.as_ref().map(|it| it.as_str())
    }

    /// The sign-in service; none if people sign in here only.
    pub(super) fn service(&self) -> Option<&Service> {
        self.0.service.as_ref()
    }

    /// Where orders to close wait that cannot be carried out yet.
    pub(super) fn journal(&self) -> &Journal {
        &self.0.journal
    }

    /// How the sign-in service is asked.
    pub(super) fn provider(&self) -> Option<&Provider> {
        self.service().map(|it| &it.provider)
    }

    /// The store, the keys and the time.
    pub(super) fn hub(&self) -> &Hub {
        &self.0.hub
    }

    /// Writes into the audit that the caller is about to see data of these people. Nothing of them
    /// is answered before.
    pub(super) async fn note_read(
        &self,
        caller: &Caller,
        subjects: Vec<SubjectId>,
    ) -> Result<(), Problem> {
        if subjects.is_empty() {
            return Ok(());
        }
        let (tenant, who) = (caller.signed.tenant, caller.signed.key.clone());
        let reading = Reading { tenant, who, operation: caller.operation, subjects };
        self.0.readings.note(reading).await.map_err(Problem::internal)
    }

    /// How many requests each client may send.
    pub(super) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(super) fn site(&self) -> &Site {
        &self.0.site
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_the_address_of_a_server_and_no_more() {
        let site = Site::new("https://kobling.example/").unwrap();
        assert_eq!(site.url("/runs"), "https://kobling.example/runs");
        assert!(site.is_secure());
        for text in ["", "kobling.example", "ftp://a", "https://", "http://a/b", "http://u@a"] {
            assert_eq!(Site::new(text), None, "{text}");
        }
    }
}
