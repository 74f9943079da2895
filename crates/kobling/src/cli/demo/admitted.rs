//! `kobling demo --serve`: a user for each role, and a link for each that signs in once.

use super::super::Failure;
use crate::web::{Site, link_path};
use kobling_domain::access::{Grant, Role};
use kobling_domain::id::{SubjectId, TenantId};
use kobling_domain::people::Kind;
use kobling_hub::Hub;
use kobling_hub::access::session;
use kobling_hub::access::users::{self, NewUser};
use kobling_hub::people::{About, When, show};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;

/// Where links and tokens are left for programs.
pub(super) const FILE: &str = "signin.json";
/// The unit above all others of the made-up employer.
const ROOT: &str = "20001";

/// How somebody signs in.
#[derive(Serialize)]
pub(super) struct SignIn {
    /// Opened in a browser, it signs in once.
    link: String,
    /// For programs, as `Authorization: Bearer TOKEN`; for as long as a session.
    token: String,
}

/// Admits a user for each role, and signs them in; writes [`FILE`].
pub(super) async fn admit(
    hub: &Hub,
    tenant: TenantId,
    site: &Site,
) -> Result<BTreeMap<&'static str, SignIn>, Failure> {
    let failed = |it: &dyn std::error::Error| Failure::failed("the demo's users were not made", it);
    let leader = leader(hub, tenant).await?;
    let mut all = BTreeMap::new();
    for role in Role::ALL {
        let new = user(role, leader);
        users::add(hub, tenant, &new, "kobling demo").await.map_err(|it| failed(&it))?;
        let link = session::link(hub, tenant, &new.key).await.map_err(|it| failed(&it))?;
        let token = session::open_for(hub, tenant, &new.key).await.map_err(|it| failed(&it))?;
        let link = site.url(&link_path(&link));
        all.insert(role.name(), SignIn { link, token: token.reveal() });
    }
    let json = serde_json::to_string_pretty(&all).map_err(|it| failed(&it))?;
    let mut options = std::fs::OpenOptions::new();
    // Who reads it is whoever they like.
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(FILE);
    let written = file.and_then(|mut it| it.write_all(json.as_bytes()));
    written.map_err(|it| Failure::failed(format!("{FILE} was not written"), &it))?;
    Ok(all)
}

/// What the demo says of them.
pub(super) fn told(all: &BTreeMap<&'static str, SignIn>) -> String {
    let width = all.keys().map(|it| it.len()).max().unwrap_or(0);
    let mut text = format!("\nSign in as (each link works once; {FILE} has them too):\n");
    for (role, SignIn { link, .. }) in all {
        let written = writeln!(text, "  {role:width$}  {link}");
        debug_assert!(written.is_ok(), "a String takes whatever is written");
    }
    text
}

fn user(role: Role, leader: Option<SubjectId>) -> NewUser {
    let party = match role {
        Role::SupplierTechnician | Role::OccupationalService => "learning",
        Role::EmployerOwner
        | Role::HrReader
        | Role::Manager
        | Role::SupportEntitled
        | Role::DutyDesk
        | Role::Operator
        | Role::Auditor
        | Role::DataProtectionOfficer
        | Role::SystemOwner
        | Role::ClassificationAdministrator
        | Role::SortimentAdministrator
        | Role::RolloutIssuer
        | Role::SupportAgent
        | Role::Orderer => "fjordby",
    };
    NewUser {
        key: format!("{role}@fjordby.example"),
        name: format!("Demo ({})", role.name().replace('_', " ")),
        person: leader.filter(|_| role == Role::Manager),
        grants: vec![Grant { party: party.to_owned(), role }],
    }
}

/// The person who leads all others.
async fn leader(hub: &Hub, tenant: TenantId) -> Result<Option<SubjectId>, Failure> {
    let when = When { as_of: None, known_at: None };
    let shown = show(hub, tenant, Kind::Unit, ROOT, when).await;
    let shown = shown.map_err(|it| Failure::failed("the demo's first unit is not there", &it))?;
    Ok(match shown.about {
        About::Unit { manager, .. } => manager.map(|it| it.person.id),
        About::Person { .. } | About::Employment { .. } => None,
    })
}
