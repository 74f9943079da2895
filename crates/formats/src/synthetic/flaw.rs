use kobling_domain::exchange::brake::Brake;
use std::fmt;
use std::str::FromStr;

/// What a hub must do with a file, if the extract of the day before has been applied from a
/// snapshot source of client 999 under the default brakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// Read and apply it as any other.
    Applies,
    /// Set aside the records concerned, keep their subjects' last state, apply the others.
    SetsAside,
    /// Change nothing and wait for a person: this brake trips, others may too.
    Holds(Brake),
    /// Change nothing and say what is wrong: it cannot be released.
    Refuses,
}

impl Expectation {
    /// The name in documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Applies => "applies",
            Self::SetsAside => "sets-aside",
            Self::Holds(_) => "holds",
            Self::Refuses => "refuses",
        }
    }
}

macro_rules! flaws {
    ($($variant:ident $name:literal $expectation:ident $(($brake:expr))? $doc:literal;)*) => {
        /// The ways in which a file can be bad, or look it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Flaw {
            $(#[doc = $doc] $variant,)*
        }

        impl Flaw {
            /// Every flaw.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name on the command line.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What a hub must do with such a file.
            pub fn expectation(self) -> Expectation {
                match self { $(Self::$variant => Expectation::$expectation$(($brake))?,)* }
            }

            /// One sentence on what is wrong.
            pub fn description(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }
        }
    };
}

flaws! {
    EmptyFile "empty-file" Refuses "No byte in it.";
    NotOpus "not-opus" Refuses "A web page: somebody's proxy wanted a login.";
    CutMidRecord "cut-mid-record" Refuses "Ends in the middle of a record half-way.";
    CutBetweenRecords "cut-between-records" Refuses "Ends after a record half-way, without its root's end tag.";
    IllFormed "ill-formed" Refuses "One end tag has another name than its start tag.";
    DocType "doctype" Refuses "Has a document type that declares an entity.";
    WrongEncoding "wrong-encoding" Refuses "Declares UTF-8 and is in ISO-8859-1.";
    HugeRecord "huge-record" Refuses "One record has two million bytes.";
    DeepNesting "deep-nesting" Refuses "One record has elements 64 deep.";
    OtherClient "other-client" Refuses "Every record is another municipality's, client 998.";
    Latin1 "latin1" Applies "Declares ISO-8859-1 and is in it.";
    ByteOrderMark "bom" Applies "Begins with a byte order mark.";
    CommentsAndCdata "comments-and-cdata" Applies "One record has a comment, and its last name in CDATA.";
    UnknownElements "unknown-elements" Applies "One record has elements and attributes that the grammar does not know.";
    MissingUnit "missing-unit" Applies "One employment points to a unit that is nowhere: applied, with an open issue.";
    Renumbered "renumbered" Applies "One employment has another number; person, start and position are the same.";
    UnknownAction "unknown-action" SetsAside "One record has an action other than leave.";
    UnreadableKey "unreadable-key" SetsAside "One record's id is no number, so nothing may be inferred from absence.";
    NumbersAsText "numbers-as-text" SetsAside "One record has its weekly hours in words.";
    ImpossibleDate "impossible-date" SetsAside "One record begins on 31 February.";
    DuplicateIds "duplicate-ids" SetsAside "One number stands on two records with different positions.";
    CprChanged "cpr-changed" SetsAside "One known employment number has another national number.";
    EmptyLists "empty-lists" Holds(Brake::RootMissing) "Well-formed, without any record.";
    MissingRoot "missing-root" Holds(Brake::RootMissing) "The root unit is missing.";
    MissingSchool "missing-school" Holds(Brake::UnitEmptied) "Well-formed, but a school of 15 and its people are missing.";
    HalfGone "half-gone" Holds(Brake::Gone) "Well-formed, but the second half of the employments is missing.";
    Cycle "cycle" Holds(Brake::ManagerTreeBroken) "An administration hangs under one of its own schools.";
    TwoRoots "two-roots" Holds(Brake::ManagerTreeBroken) "An administration has no unit above it any more.";
    UnitMoved "unit-moved" Holds(Brake::UnitMoved) "The largest workplace has moved to under the root, with its people.";
    EveryoneMoved "everyone-moved" Holds(Brake::UnitEmptied) "Everybody is in the root unit, so that all others are emptied.";
    ProtectedLost "protected-lost" Holds(Brake::ProtectionLost) "No address is protected any more.";
    SameNameOtherBytes "same-name-other-bytes" Holds(Brake::SameNameOtherBytes) "The same records and name as the good file in other bytes: to be read after it.";
    Old "old" Holds(Brake::OlderThanApplied) "The extract of a week earlier under its own name: to be read after a later one.";
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no flaw's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFlaw {
    /// The name as given.
    pub name: String,
}

impl std::error::Error for UnknownFlaw {}

impl fmt::Display for UnknownFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not a flaw; these are:", self.name)?;
        Flaw::ALL.iter().try_for_each(|it| write!(f, " {it}"))
    }
}

impl FromStr for Flaw {
    type Err = UnknownFlaw;

    fn from_str(name: &str) -> Result<Self, UnknownFlaw> {
        Self::ALL
            .iter()
            .copied()
            .find(|it| it.name() == name)
            .ok_or_else(|| UnknownFlaw { name: name.to_owned() })
    }
}
