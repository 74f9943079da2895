use super::column::Column;
use super::{
    Bruger, Engagement, File, Leder, Maalgruppe, Organisation, Row, Status, Stillingskode,
};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kobling_domain::time::{OPEN_START, Validity};
use std::fmt;

/// In which bytes the receiver wants its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 without a byte order mark.
    #[default]
    Utf8,
    /// UTF-8 with a byte order mark, by which some programs tell it from windows-1252.
    Utf8Marked,
    /// windows-1252. A letter it does not have is an error, never a question mark.
    Windows1252,
}

/// How an employment that has not begun is told. Receivers have asked for both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FutureEngagements {
    /// `AktivStatus` 0 until its first day, as plan2learn's description has it.
    #[default]
    Inactive,
    /// `AktivStatus` 1 from the moment it is known, so that courses can be booked ahead.
    Active,
}

/// How an employment that has ended is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EndedEngagements {
    /// Not at all: the receiver makes inactive what is absent.
    #[default]
    Absent,
    /// With a row of `AktivStatus` 0.
    Marked,
}

/// Which of a person's employments gives the title of the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Titles {
    /// The primary one.
    Primary,
    /// The one with the lowest number, compared as a number.
    LowestNumber,
}

/// Which managers of a unit have a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Managers {
    /// The one who leads it.
    One,
    /// All of them.
    All,
}

/// What `StartdatoEngagement` tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Starts {
    /// The first day of an employment that has not begun, else nothing.
    Coming,
    /// The earliest day on which the employment was ever there.
    Earliest,
}

/// A variant of the files: their columns, and by what rules rows are made. Which of its files a
/// receiver gets stands in its [`Form`].
pub struct Profile {
    /// Its name.
    pub name: &'static str,
    /// The files that no receiver of it goes without.
    pub always: &'static [File],
    /// Whose title a person bears.
    pub titles: Titles,
    /// Which managers have a row.
    pub managers: Managers,
    /// What the start of an employment is.
    pub starts: Starts,
    pub(super) bruger: &'static [Column<Bruger>],
    pub(super) leder: &'static [Column<Leder>],
    pub(super) engagement: &'static [Column<Engagement>],
    pub(super) organisation: &'static [Column<Organisation>],
    pub(super) stillingskode: &'static [Column<Stillingskode>],
    pub(super) maalgruppe: &'static [Column<Maalgruppe>],
}

impl Profile {
    /// One manager for each unit, and the start of coming employments only.
    pub const VIBORG: Self = Self {
        name: "viborg",
        always: &[
            File::Bruger,
            File::Leder,
            File::Engagement,
            File::Organisation,
            File::Stillingskode,
        ],
        titles: Titles::Primary,
        managers: Managers::One,
        starts: Starts::Coming,
        bruger: &BRUGER,
        leder: &LEDER,
        engagement: &ENGAGEMENT,
        organisation: &ORGANISATION,
        stillingskode: &STILLINGSKODE,
        maalgruppe: &[],
    };

    /// All managers, each role with an id, and the earliest start of every employment.
    pub const RSD: Self = Self {
        name: "rsd",
        titles: Titles::LowestNumber,
        managers: Managers::All,
        starts: Starts::Earliest,
        leder: &LEDER_WITH_FUNCTION,
        engagement: &ENGAGEMENT_WITH_MOMENT,
        ..Self::VIBORG
    };

    /// Persons with their addresses, and location numbers for invoices; managers and target groups
    /// where they are agreed on.
    pub const STAMDATA: Self = Self {
        name: "stamdata",
        always: &[File::Bruger, File::Engagement, File::Organisation, File::Stillingskode],
        bruger: &BRUGER_WITH_ADDRESS,
        organisation: &ORGANISATION_WITH_EAN,
        maalgruppe: &MAALGRUPPE,
        ..Self::VIBORG
    };

    /// Whether it has columns for `file`.
    pub fn has(&self, file: File) -> bool {
        !self.columns(file).is_empty()
    }

    /// The header row of `file`; empty if the profile has no such file. It is spelled as the
    /// receiver spells it: `AfdelingsID` in two files, `AfdelingsId` in others.
    pub fn columns(&self, file: File) -> Vec<&'static str> {
        match file {
            File::Bruger => names(self.bruger),
            File::Leder => names(self.leder),
            File::Engagement => names(self.engagement),
            File::Organisation => names(self.organisation),
            File::Stillingskode => names(self.stillingskode),
            File::Maalgruppe => names(self.maalgruppe),
        }
    }

    /// What `StartdatoEngagement` tells of an employment that begins on `coming`, if it has not
    /// begun, and was first there on `first`.
    pub fn start(&self, coming: Option<Date>, first: Option<Date>) -> Option<Date> {
        match self.starts {
            Starts::Coming => coming,
            Starts::Earliest => first.filter(|it| *it > OPEN_START),
        }
    }
}

fn names<R>(columns: &[Column<R>]) -> Vec<&'static str> {
    columns.iter().map(|it| it.name).collect()
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Profile {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// How one receiver wants its set: a profile, and what it may choose within one.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    /// The columns and rules.
    pub profile: &'static Profile,
    /// The files it gets.
    pub files: Vec<File>,
    /// How text is encoded.
    pub encoding: Encoding,
    /// How coming employments are told.
    pub future: FutureEngagements,
    /// How past employments are told.
    pub ended: EndedEngagements,
    /// Where the days begin that are told as moments.
    pub zone: TimeZone,
}

/// The two columns of an engagement that depend on the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// For `AktivStatus`.
    pub status: Status,
    /// The first day of an employment that has not begun.
    pub coming: Option<Date>,
}

impl Form {
    /// All files of `profile`, and nothing chosen otherwise than plan2learn describes it.
    pub fn of(profile: &'static Profile) -> Self {
        Self {
            profile,
            files: File::ALL.into_iter().filter(|it| profile.has(*it)).collect(),
            encoding: Encoding::default(),
            future: FutureEngagements::default(),
            ended: EndedEngagements::default(),
            zone: TimeZone::UTC,
        }
    }

    /// How an employment that exists on the days of `existence` stands on `today`; `None` if it
    /// has no row.
    ///
    /// A reopened employment has several periods, in any order: the one that holds today counts,
    /// else the nearest coming one.
    pub fn standing(&self, existence: &[Validity], today: Date) -> Option<Standing> {
        if existence.iter().any(|it| it.contains(today)) {
            return Some(Standing { status: Status::Active, coming: None });
        }
        let coming = existence.iter().map(Validity::from).filter(|it| *it > today).min();
        match (coming, self.future, self.ended) {
            (Some(_), FutureEngagements::Active, _) => {
                Some(Standing { status: Status::Active, coming })
            }
            (Some(_), FutureEngagements::Inactive, _) => {
                Some(Standing { status: Status::Inactive, coming })
            }
            (None, _, EndedEngagements::Marked) if !existence.is_empty() => {
                Some(Standing { status: Status::Inactive, coming: None })
            }
            (None, _, EndedEngagements::Marked | EndedEngagements::Absent) => None,
        }
    }

    /// The header row of the file that holds rows of `R`.
    pub(super) fn names<R: Row>(&self) -> Vec<&'static str> {
        names(R::columns(self.profile))
    }
}

/// The identity columns that all profiles share.
const BRUGER_ID: Column<Bruger> = Column::id("BrugerId", |it| it.id);
const CPR: Column<Bruger> = Column::text("CPR", |it| it.cpr.as_ref().map(|number| number.digits()));
const NAVN: Column<Bruger> = Column::text("Navn", |it| it.name.as_deref());
const EMAIL: Column<Bruger> = Column::text("E-mail", |it| it.email.as_deref());
const MOBIL: Column<Bruger> = Column::text("Mobil", |it| it.mobile.as_deref());
const STILLING: Column<Bruger> = Column::text("Stilling", |it| it.title.as_deref());

static BRUGER: [Column<Bruger>; 6] = [BRUGER_ID, CPR, NAVN, EMAIL, MOBIL, STILLING];

static BRUGER_WITH_ADDRESS: [Column<Bruger>; 13] = [
    BRUGER_ID,
    CPR,
    NAVN,
    EMAIL,
    MOBIL,
    STILLING,
    Column::text("Gade", |it| it.home.street.as_deref()),
    Column::text("Adresselinje2", |it| it.home.supplement.as_deref()),
    Column::text("Postnr", |it| it.home.postal_code.as_deref()),
    Column::text("By", |it| it.home.city.as_deref()),
    Column::text("Land", |it| it.home.country.as_deref()),
    Column::refers("AfdelingsId", File::Organisation, |it| it.afdeling),
    Column::text("EAN", |it| it.ean.as_deref()),
];

const LEDER_BRUGER: Column<Leder> = Column::refers("BrugerId", File::Bruger, |it| Some(it.bruger));
const LEDER_AFDELING: Column<Leder> =
    Column::refers("AfdelingsID", File::Organisation, |it| Some(it.afdeling));
const LEDER_STATUS: Column<Leder> = Column::flag("AktivStatus", |it| Some(it.status.is_active()));
const LEDER_TITEL: Column<Leder> = Column::text("Titel", |it| it.title.as_deref());

static LEDER: [Column<Leder>; 4] = [LEDER_BRUGER, LEDER_AFDELING, LEDER_STATUS, LEDER_TITEL];

static LEDER_WITH_FUNCTION: [Column<Leder>; 5] = [
    LEDER_BRUGER,
    LEDER_AFDELING,
    LEDER_STATUS,
    LEDER_TITEL,
    Column::id("OrganisationsfunktionsUUID", Row::key),
];

const ENGAGEMENT_ID: Column<Engagement> = Column::id("EngagementId", |it| it.id);
const ENGAGEMENT_BRUGER: Column<Engagement> =
    Column::refers("BrugerId", File::Bruger, |it| Some(it.bruger));
const ENGAGEMENT_AFDELING: Column<Engagement> =
    Column::refers("AfdelingsId", File::Organisation, |it| Some(it.afdeling));
const ENGAGEMENT_STATUS: Column<Engagement> =
    Column::flag("AktivStatus", |it| Some(it.status.is_active()));
const ENGAGEMENT_STILLING: Column<Engagement> =
    Column::refers("StillingskodeId", File::Stillingskode, |it| it.stillingskode);
const PRIMAER: Column<Engagement> = Column::flag("Primær", |it| it.primary);
const ENGAGEMENTSTYPE: Column<Engagement> =
    Column::text("Engagementstype", |it| it.kind.as_deref());

static ENGAGEMENT: [Column<Engagement>; 8] = [
    ENGAGEMENT_ID,
    ENGAGEMENT_BRUGER,
    ENGAGEMENT_AFDELING,
    ENGAGEMENT_STATUS,
    ENGAGEMENT_STILLING,
    PRIMAER,
    ENGAGEMENTSTYPE,
    Column::day("StartdatoEngagement", |it| it.start),
];

static ENGAGEMENT_WITH_MOMENT: [Column<Engagement>; 8] = [
    ENGAGEMENT_ID,
    ENGAGEMENT_BRUGER,
    ENGAGEMENT_AFDELING,
    ENGAGEMENT_STATUS,
    ENGAGEMENT_STILLING,
    PRIMAER,
    ENGAGEMENTSTYPE,
    Column::moment("StartdatoEngagement", |it| it.start),
];

const AFDELING_ID: Column<Organisation> = Column::id("AfdelingsID", |it| it.id);
const AFDELINGSNAVN: Column<Organisation> = Column::text("Afdelingsnavn", |it| it.name.as_deref());
const PARENTID: Column<Organisation> =
    Column::refers("Parentid", File::Organisation, |it| it.parent);
const GADE: Column<Organisation> = Column::text("Gade", |it| it.street.as_deref());
const POSTNR: Column<Organisation> = Column::text("Postnr", |it| it.postal_code.as_deref());
const BY: Column<Organisation> = Column::text("By", |it| it.city.as_deref());

static ORGANISATION: [Column<Organisation>; 6] =
    [AFDELING_ID, AFDELINGSNAVN, PARENTID, GADE, POSTNR, BY];

static ORGANISATION_WITH_EAN: [Column<Organisation>; 7] = [
    AFDELING_ID,
    AFDELINGSNAVN,
    PARENTID,
    GADE,
    POSTNR,
    BY,
    Column::text("EAN", |it| it.ean.as_deref()),
];

static STILLINGSKODE: [Column<Stillingskode>; 4] = [
    Column::id("StillingskodeID", |it| it.id),
    Column::flag("AktivStatus", |it| Some(it.status.is_active())),
    Column::text("Stillingskode", |it| it.title.as_deref()),
    Column::id("Stillingskode#", |it| it.id),
];

static MAALGRUPPE: [Column<Maalgruppe>; 2] = [
    Column::text("Målgruppe", |it| Some(&it.group)),
    Column::refers("BrugerId", File::Bruger, |it| Some(it.bruger)),
];
