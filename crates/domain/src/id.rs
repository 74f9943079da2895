//! Ids and versions. Each is a type of its own, so that one cannot stand where another belongs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number! {
    /// One data controller inside one store. Every key of every table begins with it.
    TenantId
}
number! {
    /// A configured source of a tenant, inside the store.
    SourceNo
}
number! {
    /// A configured target of a tenant, inside the store.
    TargetNo
}
number! {
    /// A subject of a tenant, inside the store. Minted in order; never leaves the hub.
    SubjectNo
}
number! {
    /// One reading of one source.
    RunNo
}
number! {
    /// What a source sent by itself at once, inside the store.
    PushNo
}
number! {
    /// A user of a tenant, inside the store.
    UserNo
}
number! {
    /// Where a record stood in its input: 1 for the first record read.
    RecordNo
}

/// A version of a tenant's ledger. Every ledger transaction takes the next one under the
/// tenant's row lock, so the order of versions is the order of commits.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Version(pub i64);

impl Version {
    /// The ledger before its first transaction.
    pub const ZERO: Self = Self(0);
    /// The `until_version` of a row that is still believed.
    pub const OPEN: Self = Self(i64::MAX);
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The hub's own id of a subject, as it leaves the hub.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct SubjectId(pub Uuid);

impl fmt::Display for SubjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
