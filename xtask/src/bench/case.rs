//! What is measured: the one place to change when a command or a goal changes.

use super::Engine;

/// The extracts of a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extract {
    /// The first.
    First,
    /// The next day's, with nothing changed but its bytes.
    Same,
    /// The next day's: 1 % changed, 0.2 % new, 0.2 % gone.
    OnePercent,
    /// The next day's, with another `lastChanged` in every record and nothing else.
    Touched,
    /// [`Extract::Same`] in another order of records.
    SameShuffled,
    /// [`Extract::OnePercent`] in another order of records.
    OnePercentShuffled,
}

impl Extract {
    pub(super) const ALL: [Self; 6] = [
        Self::First,
        Self::Same,
        Self::OnePercent,
        Self::Touched,
        Self::SameShuffled,
        Self::OnePercentShuffled,
    ];

    /// Its name as KMD gives names: the time tells the order.
    pub(super) fn file_name(self) -> &'static str {
        match self {
            Self::First => "ZLPE20260304220000_snapshot.xml",
            Self::Same => "ZLPE20260305220000_same.xml",
            Self::OnePercent => "ZLPE20260305220000_one.xml",
            Self::Touched => "ZLPE20260305220000_touched.xml",
            Self::SameShuffled => "ZLPE20260305220000_same_shuffled.xml",
            Self::OnePercentShuffled => "ZLPE20260305220000_one_shuffled.xml",
        }
    }

    /// How `kobling generate opus` makes it.
    pub(super) fn generate(self) -> &'static [&'static str] {
        match self {
            Self::First | Self::Same => &["--day", "1"],
            Self::OnePercent => &["--day", "2"],
            Self::Touched => &["--day", "1", "--touch"],
            Self::SameShuffled => &["--day", "1", "--shuffle", "7"],
            Self::OnePercentShuffled => &["--day", "2", "--shuffle", "7"],
        }
    }
}

/// What the store holds before the command runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// The configuration.
    Configured,
    /// The first extract, and a roster that does not tell of it.
    Behind,
    /// The first extract.
    Loaded,
    /// The first extract and 1 % change, and a roster that tells of the first.
    BehindOnePercent,
    /// The first extract, and a configuration whose source says something else since: every record
    /// has to be judged anew.
    Reconfigured,
}

impl Before {
    pub(super) const ALL: [Self; 5] =
        [Self::Configured, Self::Behind, Self::Loaded, Self::BehindOnePercent, Self::Reconfigured];
}

/// What runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// `kobling-limits NAME` on the first extract.
    Limit(&'static str),
    /// `kobling run opus EXTRACT --roster later`.
    Run { engine: Engine, before: Before, extract: Extract },
    /// `kobling run opus EXTRACT`, while another program asks for the ledger every few
    /// milliseconds.
    Wait { engine: Engine, extract: Extract },
    /// `kobling db refresh`.
    Refresh { engine: Engine, before: Before },
    /// `kobling deliver plan2learn`.
    Deliver { engine: Engine },
}

/// A goal: at most `ratio` times the CPU seconds of the limit program `to`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Goal {
    pub(super) to: &'static str,
    pub(super) ratio: f64,
}

/// One thing that is measured.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Case {
    name: &'static str,
    pub(super) work: Work,
    pub(super) goal: Option<Goal>,
}

impl Case {
    pub(super) fn title(&self) -> String {
        match self.work {
            Work::Limit(_) => format!("limit: {}", self.name),
            Work::Run { engine, .. }
            | Work::Wait { engine, .. }
            | Work::Refresh { engine, .. }
            | Work::Deliver { engine } => format!("{}, {}", self.name, engine.name()),
        }
    }
}

/// The limit programs.
pub(super) fn limits() -> Vec<Case> {
    ["split", "events", "canonical", "insert", "copy"]
        .map(|name| Case { name, work: Work::Limit(name), goal: None })
        .to_vec()
}

/// The limit programs and all of Kobling's paths.
pub(super) fn all(engines: &[Engine]) -> Vec<Case> {
    let mut cases = limits();
    for engine in engines {
        cases.extend(paths(*engine));
    }
    cases
}

fn paths(engine: Engine) -> Vec<Case> {
    let (no_change, one_percent, load) = match engine {
        Engine::Sqlite => (0.3, 0.8, Goal { to: "insert", ratio: 2.5 }),
        Engine::Postgres => (0.45, 1.1, Goal { to: "copy", ratio: 2.0 }),
    };
    let events = |ratio| Goal { to: "events", ratio };
    let run = |name, before, extract, goal| Case {
        name,
        work: Work::Run { engine, before, extract },
        goal: Some(goal),
    };
    let wait = |name, extract| Case { name, work: Work::Wait { engine, extract }, goal: None };
    let refresh = |name, before| Case { name, work: Work::Refresh { engine, before }, goal: None };
    vec![
        run("first load", Before::Configured, Extract::First, load),
        refresh("roster after the first load", Before::Behind),
        run("no change", Before::Loaded, Extract::Same, events(no_change)),
        run("1 % change", Before::Loaded, Extract::OnePercent, events(one_percent)),
        refresh("roster after 1 % change", Before::BehindOnePercent),
        run("every record touched", Before::Loaded, Extract::Touched, events(2.0 * no_change)),
        run("no change, shuffled", Before::Loaded, Extract::SameShuffled, events(2.0 * no_change)),
        run(
            "1 % change, shuffled",
            Before::Loaded,
            Extract::OnePercentShuffled,
            events(2.0 * one_percent),
        ),
        run(
            "full re-parse",
            Before::Reconfigured,
            Extract::Same,
            Goal { to: "canonical", ratio: 1.5 },
        ),
        wait("a writer beside no change", Extract::Same),
        wait("a writer beside 1 % change", Extract::OnePercent),
        Case { name: "five plan2learn files", work: Work::Deliver { engine }, goal: None },
    ]
}
