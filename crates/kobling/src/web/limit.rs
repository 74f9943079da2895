//! How many requests each client may send, and each address from which nobody is signed in.

use super::problem::{Kind, Problem};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use kobling_domain::id::TenantId;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

/// Requests of one client in a window, if nobody says otherwise.
pub(crate) const REQUESTS_USUAL: u32 = 3_000;
const WINDOW_S: i64 = 60;
/// Of as many requests one may be one that says who somebody is.
const DOOR_PART: u32 = 50;
/// In which a proxy says for whom it asks.
const FORWARDED_FOR: &str = "x-forwarded-for";
/// Clients that are remembered before those are forgotten whose window is over.
const CLIENTS_MAX: usize = 10_000;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STANDING: HeaderName = HeaderName::from_static("ratelimit");

/// Who is counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Client {
    /// A user of a tenant, or a program.
    Signed(TenantId, String),
    /// Whoever asks from there and is not signed in.
    Anybody(Network),
    /// Whoever says there who they are.
    Door(Network),
}

impl Client {
    /// What it is called in the headers.
    fn name(&self) -> &'static str {
        match self {
            Self::Signed(..) => "client",
            Self::Anybody(_) => "address",
            Self::Door(_) => "sign-in",
        }
    }
}

/// Where somebody asks from: an address, of the sixth version the part of it that one connection has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Network(IpAddr);

impl Network {
    pub(super) fn of(address: IpAddr) -> Self {
        /// The last half of such an address is the subscriber's own to choose.
        const OWN: u128 = (1 << 64) - 1;
        Self(match address.to_canonical() {
            IpAddr::V4(it) => IpAddr::V4(it),
            IpAddr::V6(it) => IpAddr::V6(Ipv6Addr::from_bits(it.to_bits() & !OWN)),
        })
    }
}

/// The requests of each client in its present window. Each process counts by itself.
pub(crate) struct Limits {
    requests_max: u32,
    proxies: Vec<IpAddr>,
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
    name: &'static str,
    left: u32,
    /// Seconds until the window ends.
    ends_in_s: i64,
    /// Whether there was a request left for this one.
    pub(super) is_within: bool,
}

impl Limits {
    /// `proxies` are believed in what they say of whom they ask for.
    pub(crate) fn new(requests_max: u32, proxies: Vec<IpAddr>) -> Self {
        Self { requests_max, proxies, windows: Mutex::default() }
    }

    /// Where a request comes from whose connection is that of `peer`.
    pub(super) fn network(&self, peer: IpAddr, headers: &HeaderMap) -> Network {
        let is_ours = |it: &IpAddr| self.proxies.contains(&it.to_canonical());
        let said = headers.get_all(FORWARDED_FOR).iter().filter_map(|it| it.to_str().ok());
        let said: Vec<&str> = said.flat_map(|it| it.split(',')).collect();
        let mut found = peer;
        // Each proxy adds whom it was asked by at the end; what stands before the first that is not
        // ours may have been made up.
        for it in said.iter().rev() {
            if !is_ours(&found) {
                break;
            }
            let Ok(before) = it.trim().parse() else { break };
            found = before;
        }
        Network::of(found)
    }

    fn requests_max(&self, client: &Client) -> u32 {
        match client {
            Client::Signed(..) | Client::Anybody(_) => self.requests_max,
            Client::Door(_) => self.requests_max.div_ceil(DOOR_PART),
        }
    }

    /// Counts a request of a client.
    pub(super) fn count(&self, client: Client, now: Timestamp) -> Standing {
        let (requests_max, name) = (self.requests_max(&client), client.name());
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
        let is_within = window.requests < requests_max;
        window.requests = window.requests.saturating_add(u32::from(is_within));
        Standing {
            requests_max,
            name,
            left: requests_max.saturating_sub(window.requests),
            ends_in_s: window.ends_at.duration_since(now).as_secs().max(1),
            is_within,
        }
    }
}

impl Standing {
    /// Tells it, as the draft of the HTTP working group wants it told.
    pub(super) fn tell(self, headers: &mut HeaderMap) {
        let Self { requests_max, name, left, ends_in_s, .. } = self;
        let told = [
            (POLICY, format!("\"{name}\";q={requests_max};w={WINDOW_S}")),
            (STANDING, format!("\"{name}\";r={left};t={ends_in_s}")),
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

    fn signed(key: &str) -> Client {
        Client::Signed(TenantId(1), key.to_owned())
    }

    #[test]
    fn who_asks_through_a_proxy_of_ours_is_known_by_what_it_says_and_nobody_else_is() {
        let ours: IpAddr = "10.0.0.1".parse().unwrap();
        let limits = Limits::new(2, vec![ours, "10.0.0.2".parse().unwrap()]);
        let from = |peer: &str, said: &'static str| {
            let said = HeaderValue::from_static(said);
            let headers = HeaderMap::from_iter([(HeaderName::from_static(FORWARDED_FOR), said)]);
            limits.network(peer.parse().unwrap(), &headers).0.to_string()
        };
        assert_eq!(from("10.0.0.1", "192.0.2.7"), "192.0.2.7");
        assert_eq!(from("10.0.0.1", "198.51.100.1, 192.0.2.7, 10.0.0.2"), "192.0.2.7");
        assert_eq!(from("::ffff:10.0.0.1", "192.0.2.7"), "192.0.2.7");
        assert_eq!(from("192.0.2.9", "198.51.100.1"), "192.0.2.9", "anybody may say anything");
        assert_eq!(from("10.0.0.1", "made up"), "10.0.0.1");
        assert_eq!(from("2001:db8:1:2:3:4:5:6", ""), "2001:db8:1:2::");
    }

    #[test]
    fn who_says_who_they_are_may_do_so_less_often_than_ask() {
        let limits = Limits::new(100, Vec::new());
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        let here = Network::of("192.0.2.7".parse().unwrap());
        let door = || limits.count(Client::Door(here), at).is_within;
        assert_eq!([door(), door(), door()], [true, true, false]);
        assert!(limits.count(Client::Anybody(here), at).is_within);
    }

    #[test]
    fn a_client_is_refused_after_its_last_request_until_its_window_ends_and_others_are_not() {
        let limits = Limits::new(2, Vec::new());
        let (one, other) = (signed("one"), signed("other"));
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
