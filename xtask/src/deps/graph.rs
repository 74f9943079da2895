//! The packages of the workspace and what they depend on.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Our crates from the ground up. A crate may depend on crates of a lower layer only, so the arrows
/// are `kobling → hub → {store, formats, pii} → domain`.
const LAYERS: [(&str, u8); 6] = [
    ("kobling-domain", 0),
    ("kobling-formats", 1),
    ("kobling-pii", 1),
    ("kobling-store", 1),
    ("kobling-hub", 2),
    ("kobling", 3),
];
/// Ours, but not shipped, with the crates of ours each may use.
const HELPERS: [(&str, &[&str]); 3] = [
    ("kobling-testkit", &["kobling-domain", "kobling-formats", "kobling-store", "kobling-hub"]),
    ("kobling-limits", &[]),
    ("xtask", &["kobling-domain"]),
];
/// No I/O, no async, no clock.
const PURE: [&str; 3] = ["kobling-domain", "kobling-formats", "kobling-pii"];
const OUTSIDE_WORLD: [&str; 8] =
    ["axum", "hyper", "mio", "reqwest", "rusqlite", "sqlx", "tokio", "tokio-postgres"];
/// Dear to build, or bound to the machine's libraries.
const FORBIDDEN: [&str; 4] = ["aws-lc-rs", "aws-lc-sys", "native-tls", "openssl-sys"];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
    resolve: Resolve,
}

#[derive(Deserialize)]
pub(super) struct Package {
    id: String,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) license: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Deserialize)]
struct DependencyKind {
    /// `None` is an ordinary dependency, else `dev` or `build`.
    kind: Option<String>,
}

impl Dependency {
    fn is_shipped(&self) -> bool {
        self.dep_kinds.iter().any(|it| it.kind.as_deref() != Some("dev"))
    }
}

/// What `cargo metadata` says.
pub(super) struct Graph {
    packages: BTreeMap<String, Package>,
    nodes: BTreeMap<String, Vec<Dependency>>,
    ours: BTreeSet<String>,
}

impl Graph {
    pub(super) fn parse(text: &str) -> Result<Self, serde_json::Error> {
        let metadata: Metadata = serde_json::from_str(text)?;
        Ok(Self {
            packages: metadata.packages.into_iter().map(|it| (it.id.clone(), it)).collect(),
            nodes: metadata.resolve.nodes.into_iter().map(|it| (it.id, it.deps)).collect(),
            ours: metadata.workspace_members.into_iter().collect(),
        })
    }

    pub(super) fn package_count(&self) -> usize {
        self.nodes.len()
    }

    /// The packages that somebody else wrote and that are used on this platform.
    pub(super) fn foreign(&self) -> impl Iterator<Item = &Package> {
        let used = self.nodes.keys().filter(|id| !self.ours.contains(*id));
        used.filter_map(|id| self.packages.get(id))
    }

    /// Dependencies between our crates that the layers do not allow.
    pub(super) fn wrong_arrows(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for from in &self.ours {
            for dependency in self.dependencies(from).filter(|it| self.ours.contains(&it.pkg)) {
                let (from, to) = (self.name(from), self.name(&dependency.pkg));
                if dependency.is_shipped() && !may_use(from, to) {
                    faults.push(format!("{from} must not depend on {to}"));
                }
            }
        }
        faults
    }

    /// Crates of the outside world that a pure crate reaches, however far away.
    pub(super) fn impure_closures(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for id in self.ours.iter().filter(|id| PURE.contains(&self.name(id))) {
            let closure = self.closure(id);
            let impure =
                closure.iter().map(|it| self.name(it)).filter(|it| OUTSIDE_WORLD.contains(it));
            faults.extend(impure.map(|it| format!("{} reaches {it}", self.name(id))));
        }
        faults
    }

    pub(super) fn forbidden(&self) -> Vec<String> {
        let found = self.foreign().filter(|it| FORBIDDEN.contains(&it.name.as_str()));
        found.map(|it| format!("{} {}", it.name, it.version)).collect()
    }

    /// What the shipped crates name in their manifests, each once.
    pub(super) fn direct_dependencies(&self) -> BTreeSet<String> {
        let shipped = |id: &&String| LAYERS.iter().any(|(name, _)| *name == self.name(id));
        self.ours
            .iter()
            .filter(shipped)
            .flat_map(|id| self.dependencies(id))
            .filter(|it| it.is_shipped() && !self.ours.contains(&it.pkg))
            .map(|it| self.name(&it.pkg).to_owned())
            .collect()
    }

    fn dependencies(&self, id: &str) -> impl Iterator<Item = &Dependency> {
        self.nodes.get(id).into_iter().flatten()
    }

    fn name(&self, id: &str) -> &str {
        self.packages.get(id).map_or("", |it| it.name.as_str())
    }

    /// All that is built into a program that uses `id`, without `id` itself.
    fn closure<'a>(&'a self, id: &'a str) -> BTreeSet<&'a str> {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![id];
        while let Some(next) = waiting.pop() {
            for dependency in self.dependencies(next).filter(|it| it.is_shipped()) {
                if seen.insert(dependency.pkg.as_str()) {
                    waiting.push(&dependency.pkg);
                }
            }
        }
        seen
    }
}

fn may_use(from: &str, to: &str) -> bool {
    if let Some((_, allowed)) = HELPERS.iter().find(|(name, _)| *name == from) {
        return allowed.contains(&to);
    }
    match (layer(from), layer(to)) {
        (Some(from), Some(to)) => to < from,
        (Some(_) | None, None) | (None, Some(_)) => false,
    }
}

fn layer(name: &str) -> Option<u8> {
    LAYERS.iter().find(|(it, _)| *it == name).map(|(_, layer)| *layer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// `from → to` for each pair; names of ours begin with `kobling`.
    fn graph(arrows: &[(&str, &str, Option<&str>)]) -> Graph {
        let names: BTreeSet<&str> = arrows.iter().flat_map(|it| [it.0, it.1]).collect();
        let packages: Vec<_> = names
            .iter()
            .map(|it| json!({ "id": it, "name": it, "version": "1.0.0", "license": "MIT" }))
            .collect();
        let ours: Vec<_> = names.iter().filter(|it| it.starts_with("kobling")).collect();
        let nodes: Vec<_> = names
            .iter()
            .map(|id| {
                let of_id = arrows.iter().filter(|it| it.0 == *id);
                let deps: Vec<_> = of_id
                    .map(|it| json!({ "pkg": it.1, "dep_kinds": [{ "kind": it.2 }] }))
                    .collect();
                json!({ "id": id, "deps": deps })
            })
            .collect();
        let metadata = json!({
            "packages": packages, "workspace_members": ours, "resolve": { "nodes": nodes },
        });
        Graph::parse(&metadata.to_string()).unwrap()
    }

    #[test]
    fn arrows_point_down_only() {
        let down =
            graph(&[("kobling", "kobling-hub", None), ("kobling-hub", "kobling-store", None)]);
        assert!(down.wrong_arrows().is_empty());
        let up = graph(&[("kobling-store", "kobling-hub", None)]);
        assert_eq!(up.wrong_arrows(), ["kobling-store must not depend on kobling-hub"]);
        let beside = graph(&[("kobling-formats", "kobling-store", None)]);
        assert_eq!(beside.wrong_arrows().len(), 1);
    }

    #[test]
    fn the_testkit_is_for_tests_only() {
        let in_tests = graph(&[("kobling-store", "kobling-testkit", Some("dev"))]);
        assert!(in_tests.wrong_arrows().is_empty());
        let shipped = graph(&[("kobling-store", "kobling-testkit", None)]);
        assert_eq!(shipped.wrong_arrows().len(), 1);
    }

    #[test]
    fn a_pure_crate_reaches_no_runtime_even_through_others() {
        let far = graph(&[("kobling-domain", "a", None), ("a", "b", None), ("b", "tokio", None)]);
        assert_eq!(far.impure_closures(), ["kobling-domain reaches tokio"]);
        let in_tests = graph(&[("kobling-domain", "tokio", Some("dev"))]);
        assert!(in_tests.impure_closures().is_empty());
    }

    #[test]
    fn a_dependency_of_two_crates_counts_once_and_helpers_do_not_count() {
        let twice = graph(&[
            ("kobling-hub", "serde", None),
            ("kobling-store", "serde", None),
            ("kobling-limits", "libc", None),
        ]);
        assert_eq!(twice.direct_dependencies(), BTreeSet::from(["serde".to_owned()]));
    }
}
