//! Arguments of what looks at people.

use super::{Decision, day, instant};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::civil::Date;

#[derive(Debug, Subcommand)]
pub(crate) enum Show {
    /// A person.
    Person(ShowOne),
    /// A unit.
    Unit(ShowOne),
    /// An employment.
    Employment(ShowOne),
    /// A leader's own people, whose qualification expires first before whose expires later.
    Manager(ShowManager),
}

#[derive(Debug, Args)]
pub(crate) struct ShowManager {
    /// The hub's own id of the leader, or the number of the employment by which they lead.
    pub(crate) id: String,
    /// On this day instead of today.
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<Date>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Match {
    /// List who may be one, where sources differ, and who is linked.
    List,
    /// The same of one person.
    Show {
        /// The hub's own id of the person, or a register's key.
        id: String,
    },
    /// Say that two persons are one: both are told of under one of them from now on.
    Link(MatchPair),
    /// Undo a link: from now on the person is told of by themselves again.
    Split {
        /// Who was linked: the hub's own id, or a register's key.
        id: String,
        #[command(flatten)]
        decision: Decision,
    },
    /// Say that two persons are two: they are not suggested again.
    Reject(MatchPair),
}

#[derive(Debug, Args)]
pub(crate) struct MatchPair {
    /// The one: the hub's own id, or a register's key.
    pub(crate) person: String,
    /// The other.
    pub(crate) other: String,
    #[command(flatten)]
    pub(crate) decision: Decision,
}

#[derive(Debug, Args)]
pub(crate) struct ShowOne {
    /// The hub's own id, or the source's number of it.
    pub(crate) id: String,
    /// Only this day.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) as_of: Option<Date>,
    /// As the hub knew it then.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) known_at: Option<Timestamp>,
}

#[derive(Debug, Args)]
pub(crate) struct History {
    /// The hub's own id, or the source's number of it.
    pub(crate) id: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Extract {
    /// Of one person: who got what about them.
    Person {
        /// The hub's own id.
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Annul {
    /// Withdraw all its days. What was believed stays known at its time.
    Employment {
        /// The hub's own id, or the source's number of it.
        id: String,
        #[command(flatten)]
        decision: Decision,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Group {
    /// List the groups with their rules.
    List,
    /// Show who is in a group, and why.
    Show {
        /// The group's key.
        group: String,
        /// On this day; without it, today.
        #[arg(long, value_name = "DATE")]
        as_of: Option<Date>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Quality {
    /// The target's key.
    pub(crate) target: String,
}
