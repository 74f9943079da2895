//! How many requests each client may send.

use super::problem::{Kind, Problem};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use kobling_domain::id::TenantId;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Requests of one client in a window, if nobody says otherwise.
pub(crate) const REQUESTS_USUAL: u32 = 3_000;
const WINDOW_S: i64 = 60;
/// Clients that are remembered before those are forgotten whose window is over.
const CLIENTS_MAX: usize = 10_000;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STANDING: HeaderName = HeaderName::from_static("ratelimit");

/// Who is counted: a user of a tenant.
pub(super) type Client = (TenantId, String);

/// The requests of each client in its present window. Each process counts by itself.
pub(super) struct Limits {
    requests_max: u32,
    windows: Mutex<BTreeMap<Client, Window>>,
}

#[derive(Clone, Copy)]
struct Window {
    ends_at: Timestamp,
    requests: u32,
}

/// How a client stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    requests_max: u32,
    left: u32,
    /// Seconds until the window ends.
    ends_in_s: i64,
    /// Whether there was a request left for this one.
    pub(super) is_within: bool,
}

impl Limits {
    pub(super) fn new(requests_max: u32) -> Self {
        Self { requests_max, windows: Mutex::default() }
    }

    /// Counts a request of a client.
    pub(super) fn count(&self, client: Client, now: Timestamp) -> Standing {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= CLIENTS_MAX {
            windows.retain(|_, it| it.ends_at > now);
        }
        let ends_at = now.checked_add(SignedDuration::from_secs(WINDOW_S));
        let new = Window { ends_at: ends_at.unwrap_or(Timestamp::MAX), requests: 0 };
        let window = windows.entry(client).or_insert(new);
        if window.ends_at <= now {
            *window = new;
        }
        let is_within = window.requests < self.requests_max;
        window.requests = window.requests.saturating_add(u32::from(is_within));
        Standing {
            requests_max: self.requests_max,
            left: self.requests_max.saturating_sub(window.requests),
            ends_in_s: window.ends_at.duration_since(now).as_secs().max(1),
            is_within,
        }
    }
}

impl Standing {
    /// Tells it, as the draft of the HTTP working group wants it told.
    pub(super) fn tell(self, headers: &mut HeaderMap) {
        let Self { requests_max, left, ends_in_s, .. } = self;
        let told = [
            (POLICY, format!("\"client\";q={requests_max};w={WINDOW_S}")),
            (STANDING, format!("\"client\";r={left};t={ends_in_s}")),
        ];
        for (name, value) in told {
            headers.extend(HeaderValue::try_from(value).ok().map(|value| (name, value)));
        }
    }

    /// The refusal of a request too many.
    pub(super) fn refusal(self) -> Problem {
        let Self { requests_max, ends_in_s, .. } = self;
        let detail = format!(
            "{requests_max} requests in {WINDOW_S} seconds are answered; wait {ends_in_s} seconds"
        );
        Problem { retry_after_s: Some(ends_in_s), ..Problem::new(Kind::TooManyRequests, &detail) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_refused_after_its_last_request_until_its_window_ends_and_others_are_not() {
        let limits = Limits::new(2);
        let (one, other) = ((TenantId(1), "one".to_owned()), (TenantId(1), "other".to_owned()));
        let at = |second: i64| Timestamp::from_second(1_700_000_000 + second).unwrap();
        assert!(limits.count(one.clone(), at(0)).is_within);
        assert_eq!(limits.count(one.clone(), at(20)).left, 0);
        let refused = limits.count(one.clone(), at(50));
        assert!(!refused.is_within);
        assert_eq!(refused.ends_in_s, 10);
        assert!(limits.count(other, at(50)).is_within);
        assert!(limits.count(one, at(60)).is_within);
    }
}
