//! What stands around every page.

use super::assets;
use super::language::Language;
use super::text::{Text, common};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use kobling_domain::access::Operation;
use kobling_hub::access::session::Signed;

/// A part of the site, as the navigation lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    /// How everything stands.
    Overview,
    /// Readings of sources.
    Runs,
    /// What runs would change.
    Plans,
    /// The organisation.
    Units,
    /// Everybody.
    People,
    /// The people of the one who is signed in.
    MyPeople,
    /// Who got what about the one who is signed in.
    MyExtract,
    /// Target groups.
    Groups,
    /// Who may receive what.
    Agreements,
    /// What went to targets.
    Deliveries,
    /// Who did what.
    Audit,
    /// What is configured.
    Settings,
}

impl Section {
    /// All of them, in the order of the navigation.
    pub(crate) const ALL: [Self; 12] = [
        Self::Overview,
        Self::Runs,
        Self::Plans,
        Self::People,
        Self::MyPeople,
        Self::Units,
        Self::Groups,
        Self::Agreements,
        Self::Deliveries,
        Self::Audit,
        Self::Settings,
        Self::MyExtract,
    ];

    /// What one must be allowed to do to see it.
    pub(crate) fn operation(self) -> Operation {
        match self {
            Self::Overview => Operation::ReadOverview,
            Self::Runs => Operation::ReadRuns,
            Self::Plans => Operation::ReadPlans,
            Self::Units => Operation::ReadUnits,
            Self::People => Operation::ReadPersons,
            Self::MyPeople => Operation::ReadOwnPeople,
            Self::MyExtract => Operation::ReadOwnExtract,
            Self::Groups => Operation::ReadGroups,
            Self::Agreements => Operation::ReadAgreements,
            Self::Deliveries => Operation::ReadDeliveries,
            Self::Audit => Operation::ReadAudit,
            Self::Settings => Operation::ReadSettings,
        }
    }

    /// What it is called.
    pub(crate) fn name(self) -> Text {
        match self {
            Self::Overview => common::OVERVIEW,
            Self::Runs => common::RUNS,
            Self::Plans => common::PLANS,
            Self::Units => common::UNITS,
            Self::People => common::PEOPLE,
            Self::MyPeople => common::MY_PEOPLE,
            Self::MyExtract => common::MY_EXTRACT,
            Self::Groups => common::GROUPS,
            Self::Agreements => common::AGREEMENTS,
            Self::Deliveries => common::DELIVERIES,
            Self::Audit => common::AUDIT,
            Self::Settings => common::SETTINGS,
        }
    }

    /// Its first page.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Overview => "/",
            Self::Runs => "/runs",
            Self::Plans => "/plans",
            Self::Units => "/units",
            Self::People => "/people",
            Self::MyPeople => "/my-people",
            Self::MyExtract => "/my-extract",
            Self::Groups => "/groups",
            Self::Agreements => "/agreements",
            Self::Deliveries => "/deliveries",
            Self::Audit => "/audit",
            Self::Settings => "/settings",
        }
    }
}

/// What stands around a page: who sees it, where, in which language.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// In which language.
    pub(crate) lang: Language,
    /// The page's name.
    pub(crate) title: String,
    /// Whose data it shows.
    pub(crate) employer: Option<String>,
    /// The employer's time zone.
    pub(crate) zone: TimeZone,
    /// Who is signed in.
    pub(crate) who: Option<String>,
    /// What forms send back to prove that they come from here.
    pub(crate) form_token: String,
    /// The navigation; empty while nobody is signed in.
    pub(crate) entries: Vec<Entry>,
    /// The page's own address, with its query.
    pub(crate) here: String,
    /// The duty desk's phone number.
    pub(crate) phone: Option<String>,
    /// After so many seconds the browser asks for the page again.
    pub(crate) refresh_s: Option<u32>,
}

/// One line of the navigation.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// What it is called.
    pub(crate) name: &'static str,
    /// Where it leads.
    pub(crate) href: &'static str,
    /// Whether the page belongs to it.
    pub(crate) is_current: bool,
}

/// One language that can be chosen.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    /// Its tag.
    pub(crate) code: &'static str,
    /// What it calls itself.
    pub(crate) name: &'static str,
    /// Where it is chosen.
    pub(crate) href: String,
    /// Whether the page is in it.
    pub(crate) is_current: bool,
}

/// What somebody may see, `current` among it.
pub(crate) fn navigation(signed: &Signed, lang: Language, current: Option<Section>) -> Vec<Entry> {
    // Who is nobody the hub knows has no page about themselves.
    let is_there = |it: &Section| *it != Section::MyExtract || signed.person.is_some();
    let may_see = |it: &Section| signed.access(it.operation()).is_some() && is_there(it);
    let entry = |it: Section| Entry {
        name: lang.t(it.name()),
        href: it.path(),
        is_current: current == Some(it),
    };
    Section::ALL.into_iter().filter(may_see).map(entry).collect()
}

impl Frame {
    /// What stands around a page that anybody may see.
    pub(crate) fn outside(lang: Language, title: &str, here: &str) -> Self {
        Self {
            lang,
            title: title.to_owned(),
            employer: None,
            zone: TimeZone::UTC,
            who: None,
            form_token: String::new(),
            entries: Vec::new(),
            here: here.to_owned(),
            phone: None,
            refresh_s: None,
        }
    }

    /// The text in the page's language.
    pub(crate) fn t(&self, text: Text) -> &'static str {
        self.lang.t(text)
    }

    /// An instant, as the clock of the employer showed it.
    pub(crate) fn instant(&self, at: Timestamp) -> String {
        self.lang.instant(at, &self.zone)
    }

    /// The text with what is filled in.
    pub(crate) fn fill(&self, text: Text, values: &[(&str, &str)]) -> String {
        self.lang.fill(text, values)
    }

    /// Where the browser finds a file.
    #[expect(clippy::unused_self, reason = "templates have nothing else to ask")]
    pub(crate) fn asset(&self, path: &str) -> String {
        assets::url(path)
    }

    /// The languages that can be chosen; each leads back to this page.
    pub(crate) fn languages(&self) -> [Choice; 3] {
        Language::ALL.map(|it| Choice {
            code: it.code(),
            name: it.own_name(),
            href: in_language(&self.here, it),
            is_current: it == self.lang,
        })
    }

    /// The program's version.
    #[expect(clippy::unused_self, reason = "templates have nothing else to ask")]
    pub(crate) fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}

/// The address of a page in another language.
fn in_language(here: &str, language: Language) -> String {
    let (path, query) = here.split_once('?').unwrap_or((here, ""));
    let kept = query.split('&').filter(|it| !it.is_empty() && !it.starts_with("language="));
    let chosen = format!("language={}", language.code());
    let all: Vec<&str> = kept.chain([chosen.as_str()]).collect();
    format!("{path}?{}", all.join("&"))
}

/// `text` as a value in the query of an address.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        let is_plain = byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
        if is_plain {
            escaped.push(char::from(byte));
        } else {
            let digits = [byte >> 4, byte & 15].map(|it| char::from_digit(it.into(), 16));
            escaped.push('%');
            escaped.extend(digits.into_iter().flatten().map(|it| it.to_ascii_uppercase()));
        }
    }
    escaped
}
