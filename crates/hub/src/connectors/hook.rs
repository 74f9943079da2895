//! Addresses at which others are told what happens. They are chosen by parties, so they are not
//! trusted: nothing is followed, nothing is read but a status, and by their names nobody gets at what
//! stands beside this machine.

use super::in_full;
use super::trust::{self, TrustError};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{StatusCode, Url, redirect};
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Whoever says nothing is left after so long.
pub const TIME_MAX: Duration = Duration::from_secs(15);

/// Where may be sent to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// Addresses of the internet only, by TLS.
    #[default]
    Public,
    /// Also those of this machine and of the networks it stands in.
    Everywhere,
}

/// Why nobody was told.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// TLS cannot be set up.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// It is no address.
    #[error("{url:?} is no address")]
    Address {
        /// The text as given.
        url: String,
    },
    /// It could be read on the way.
    #[error("the address does not begin with https://")]
    InTheClear,
    /// It stands in a network that is nobody's business.
    #[error("{address} is an address of this machine or of a private network")]
    NotPublic {
        /// The address.
        address: IpAddr,
    },
    /// Nobody answers there, or not in time.
    #[error("no answer: {reason}")]
    Unreachable {
        /// What happened.
        reason: String,
    },
    /// It is not taken.
    #[error("HTTP {}", status.as_u16())]
    Refused {
        /// With what status.
        status: StatusCode,
    },
}

impl HookError {
    /// Whether the address says that it wants to be told nothing any more.
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Refused { status } if *status == StatusCode::GONE)
    }
}

/// Tells others what happens.
pub struct Hooks {
    client: reqwest::Client,
    reach: Reach,
}

impl Hooks {
    /// One that trusts these authorities; without, those of this machine. It waits so long for an
    /// answer.
    pub fn new(
        ca_file: Option<&Path>,
        reach: Reach,
        time_max: Duration,
    ) -> Result<Self, HookError> {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(trust::tls(ca_file)?)
            .dns_resolver(Arc::new(Checked(reach)))
            .redirect(redirect::Policy::none())
            .no_proxy()
            // Each event is a connection of its own: what was checked is what is spoken with.
            .pool_max_idle_per_host(0)
            .timeout(time_max)
            .build();
        Ok(Self { client: client.map_err(unreachable)?, reach })
    }

    /// Sends a body with these headers. What is answered is not read: who answers for ever answers
    /// nobody.
    #[crate::boxed]
    pub async fn post(
        &self,
        url: &str,
        headers: &[(&'static str, &str)],
        body: Vec<u8>,
    ) -> Result<StatusCode, HookError> {
        let parsed = Url::parse(url).map_err(|_| HookError::Address { url: url.to_owned() })?;
        self.check(&parsed)?;
        let mut request = self.client.post(parsed).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let status = request.send().await.map_err(unreachable)?.status();
        if status.is_success() { Ok(status) } else { Err(HookError::Refused { status }) }
    }

    /// Refuses what no name is asked for: an address in figures, and what is not encrypted.
    fn check(&self, url: &Url) -> Result<(), HookError> {
        if self.reach == Reach::Everywhere {
            return Ok(());
        }
        if url.scheme() != "https" {
            return Err(HookError::InTheClear);
        }
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        match host.parse::<IpAddr>() {
            Ok(address) if !is_public(address) => Err(HookError::NotPublic { address }),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

/// Asks for the addresses of a name once, and lets nobody connect to others than those it looked at.
struct Checked(Reach);

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let all: Vec<SocketAddr> = found.collect();
            // A name with one address outside and one inside is up to something.
            let inside = all.iter().map(SocketAddr::ip).find(|it| !is_public(*it));
            match (reach, inside) {
                (Reach::Public, Some(address)) => {
                    Err(Box::new(HookError::NotPublic { address }).into())
                }
                (Reach::Public, None) | (Reach::Everywhere, _) => {
                    let all: Addrs = Box::new(all.into_iter());
                    Ok(all)
                }
            }
        })
    }
}

/// Whether an address is one of the internet (IANA's registries of special addresses).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(it) => is_public_v4(it),
        IpAddr::V6(it) => is_public_v6(it),
    }
}

fn is_public_v4(it: Ipv4Addr) -> bool {
    let [a, b, c, _] = it.octets();
    let is_special = it.is_private()
        || it.is_loopback()
        || it.is_link_local()
        || it.is_documentation()
        || it.is_multicast()
        // This network, shared with a carrier, protocols, benchmarks, and what is not given out.
        || a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b))
        || a >= 240;
    !is_special
}

fn is_public_v6(it: Ipv6Addr) -> bool {
    // Only 2000::/3 is given out; of it some stand for addresses of version 4, or for examples.
    let [first, second, third, ..] = it.segments();
    let is_given = first & 0xe000 == 0x2000;
    let is_tunnel = first == 0x2002 || (first == 0x2001 && second < 0x0200);
    let is_example = (first == 0x2001 && second == 0x0db8) || (first == 0x3fff && third < 0x1000);
    is_given && !is_tunnel && !is_example
}

fn unreachable(error: reqwest::Error) -> HookError {
    // The address may hold what nobody else should read.
    HookError::Unreachable { reason: in_full(&error.without_url()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_internet_are_told_from_all_others() {
        for text in ["9.9.9.9", "172.32.0.1", "100.128.0.1", "2620:fe::9", "2a00::1"] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "192.0.0.8",
            "198.18.0.1",
            "203.0.113.5",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[tokio::test]
    async fn nothing_leaves_in_the_clear_or_to_what_stands_beside_this_machine() {
        let hooks = Hooks::new(None, Reach::Public, TIME_MAX).unwrap();
        for (url, why) in [
            ("http://hooks.example/in", "does not begin with https://"),
            ("https://127.0.0.1/in", "127.0.0.1 is an address of this machine"),
            ("https://[::1]:8443/in", "::1 is an address of this machine"),
            ("https://0x7f.1/in", "127.0.0.1 is an address of this machine"),
            ("https://2130706433/in", "127.0.0.1 is an address of this machine"),
            ("https://localhost/in", "is an address of this machine"),
            ("hooks", "is no address"),
        ] {
            let told = hooks.post(url, &[], Vec::new()).await.unwrap_err().to_string();
            assert!(told.contains(why), "{url}: {told}");
        }
    }
}
