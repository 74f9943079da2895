//! The one place where the passwords of other systems are read.

use std::collections::BTreeMap;
use std::fmt;
use zeroize::Zeroizing;

/// Where passwords come from. A configuration names them; it never holds them.
#[derive(Clone)]
pub enum Secrets {
    /// From the environment of the process.
    Environment,
    /// These, by name. Tests give them.
    Given(BTreeMap<String, String>),
}

impl Secrets {
    /// The secret of that name; none if it is not set or empty.
    #[expect(clippy::disallowed_methods, reason = "this is where secrets are read")]
    pub(crate) fn get(&self, name: &str) -> Option<Zeroizing<String>> {
        let found = match self {
            Self::Environment => std::env::var(name).ok(),
            Self::Given(all) => all.get(name).cloned(),
        };
        found.filter(|it| !it.is_empty()).map(Zeroizing::new)
    }
}

/// Tells the names only.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("Environment"),
            Self::Given(all) => f.debug_tuple("Given").field(&all.keys()).finish(),
        }
    }
}
