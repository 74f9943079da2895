use super::cell::{BadCell, Values};
use super::column::Column;
use super::{Closure, File, Profile};
use jiff::civil::Date;
use kobling_domain::id::SubjectId;
use kobling_domain::people::NationalNumber;
use uuid::Uuid;
use xxhash_rust::xxh3::Xxh3;

/// A row of one of the files. `None` is written as an empty cell.
pub trait Row: Sized + 'static {
    /// The file it stands in.
    const FILE: File;

    /// Its columns in a profile; none if the profile has no such file.
    fn columns(profile: &Profile) -> &'static [Column<Self>];

    /// The id that no other row of its file may have.
    fn key(&self) -> SubjectId;

    /// Whether it counts as active: by its `AktivStatus`; what has none always does.
    fn status(&self) -> Status;

    /// The [`key`](Self::key) of a row that may not be one otherwise.
    fn key_of(values: Values<'_>) -> Result<SubjectId, BadCell>;

    /// Reads it back.
    fn from_values(values: Values<'_>) -> Result<Self, BadCell>;

    /// Tells the closure proof what no column of its own tells.
    fn declare(&self, _row: u32, _closure: &mut Closure) {}
}

/// `AktivStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 1
    Active,
    /// 0
    Inactive,
}

impl Status {
    pub(super) fn is_active(self) -> bool {
        match self {
            Self::Active => true,
            Self::Inactive => false,
        }
    }
}

/// A person: one row per subject, whether or not the number is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bruger {
    /// The person (`BrugerId`).
    pub id: SubjectId,
    /// National number (`CPR`).
    pub cpr: Option<NationalNumber>,
    /// First and last name in one (`Navn`).
    pub name: Option<String>,
    /// `E-mail`.
    pub email: Option<String>,
    /// Mobile number (`Mobil`).
    pub mobile: Option<String>,
    /// Title of the employment that the profile chooses (`Stilling`).
    pub title: Option<String>,
    /// Where the person lives; empty for whoever is protected.
    pub home: Home,
    /// The unit of the employment that gives the title (`AfdelingsId`).
    pub afdeling: Option<SubjectId>,
    /// The location number for invoices of that unit (`EAN`).
    pub ean: Option<String>,
}

/// Where a person lives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Home {
    /// Street and house number, floor and door as they are (`Gade`).
    pub street: Option<String>,
    /// The second line (`Adresselinje2`).
    pub supplement: Option<String>,
    /// Post code as text (`Postnr`).
    pub postal_code: Option<String>,
    /// Post town (`By`).
    pub city: Option<String>,
    /// Country (`Land`).
    pub country: Option<String>,
}

/// The manager of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leder {
    /// The person who leads (`BrugerId`).
    pub bruger: SubjectId,
    /// The unit that is led (`AfdelingsID`).
    pub afdeling: SubjectId,
    /// `AktivStatus`.
    pub status: Status,
    /// What the manager answers for (`Titel`).
    pub title: Option<String>,
    /// The role (`OrganisationsfunktionsUUID`). Without one no two rows share a unit.
    pub function: Option<SubjectId>,
}

/// An employment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Engagement {
    /// The employment (`EngagementId`).
    pub id: SubjectId,
    /// The person employed (`BrugerId`).
    pub bruger: SubjectId,
    /// The unit of the employment (`AfdelingsId`).
    pub afdeling: SubjectId,
    /// `AktivStatus`; [`Form::standing`](super::Form::standing) tells it.
    pub status: Status,
    /// The position (`StillingskodeId`).
    pub stillingskode: Option<SubjectId>,
    /// Whether it is the person's primary employment (`Primær`); `None` where the agreement does
    /// not tell.
    pub primary: Option<bool>,
    /// Title of the form of employment (`Engagementstype`).
    pub kind: Option<String>,
    /// `StartdatoEngagement`; [`Profile::start`] tells it.
    pub start: Option<Date>,
}

/// A unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// The unit (`AfdelingsID`).
    pub id: SubjectId,
    /// `Afdelingsnavn`.
    pub name: Option<String>,
    /// The unit above (`Parentid`); empty at the root, and everywhere if the receiver may not have
    /// the hierarchy.
    pub parent: Option<SubjectId>,
    /// Street and house number, floor and door as they are (`Gade`).
    pub street: Option<String>,
    /// Post code as text (`Postnr`).
    pub postal_code: Option<String>,
    /// Post town (`By`).
    pub city: Option<String>,
    /// Location number for invoices, its own or that of a unit above (`EAN`).
    pub ean: Option<String>,
}

/// A position that some engagement names. The column `Stillingskode#` repeats the id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stillingskode {
    /// The position (`StillingskodeID`).
    pub id: SubjectId,
    /// `AktivStatus`.
    pub status: Status,
    /// The position's title (`Stillingskode`).
    pub title: Option<String>,
}

/// That a person is in a target group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maalgruppe {
    /// The group's key (`Målgruppe`).
    pub group: String,
    /// The person (`BrugerId`).
    pub bruger: SubjectId,
}

impl Row for Bruger {
    const FILE: File = File::Bruger;

    fn columns(profile: &Profile) -> &'static [Column<Self>] {
        profile.bruger
    }

    fn key(&self) -> SubjectId {
        self.id
    }

    fn status(&self) -> Status {
        Status::Active
    }

    fn key_of(values: Values<'_>) -> Result<SubjectId, BadCell> {
        values.id("BrugerId")
    }

    fn from_values(values: Values<'_>) -> Result<Self, BadCell> {
        Ok(Self {
            id: values.id("BrugerId")?,
            cpr: values.national_number("CPR")?,
            name: values.text("Navn"),
            email: values.text("E-mail"),
            mobile: values.text("Mobil"),
            title: values.text("Stilling"),
            home: Home {
                street: values.text("Gade"),
                supplement: values.text("Adresselinje2"),
                postal_code: values.text("Postnr"),
                city: values.text("By"),
                country: values.text("Land"),
            },
            afdeling: values.optional_id("AfdelingsId")?,
            ean: values.text("EAN"),
        })
    }
}

/// The column that only profiles with all managers have.
const FUNCTION: &str = "OrganisationsfunktionsUUID";

impl Row for Leder {
    const FILE: File = File::Leder;

    fn columns(profile: &Profile) -> &'static [Column<Self>] {
        profile.leder
    }

    fn key(&self) -> SubjectId {
        self.function.unwrap_or(self.afdeling)
    }

    fn status(&self) -> Status {
        self.status
    }

    fn key_of(values: Values<'_>) -> Result<SubjectId, BadCell> {
        values.id(if values.has(FUNCTION) { FUNCTION } else { "AfdelingsID" })
    }

    fn from_values(values: Values<'_>) -> Result<Self, BadCell> {
        let function = values.has(FUNCTION).then(|| values.id(FUNCTION)).transpose()?;
        Ok(Self {
            bruger: values.id("BrugerId")?,
            afdeling: values.id("AfdelingsID")?,
            status: values.status("AktivStatus")?,
            title: values.text("Titel"),
            function,
        })
    }
}

impl Row for Engagement {
    const FILE: File = File::Engagement;

    fn columns(profile: &Profile) -> &'static [Column<Self>] {
        profile.engagement
    }

    fn key(&self) -> SubjectId {
        self.id
    }

    fn status(&self) -> Status {
        self.status
    }

    fn key_of(values: Values<'_>) -> Result<SubjectId, BadCell> {
        values.id("EngagementId")
    }

    fn from_values(values: Values<'_>) -> Result<Self, BadCell> {
        Ok(Self {
            id: values.id("EngagementId")?,
            bruger: values.id("BrugerId")?,
            afdeling: values.id("AfdelingsId")?,
            status: values.status("AktivStatus")?,
            stillingskode: values.optional_id("StillingskodeId")?,
            primary: values.flag("Primær")?,
            kind: values.text("Engagementstype"),
            start: values.date("StartdatoEngagement")?,
        })
    }
}

impl Row for Organisation {
    const FILE: File = File::Organisation;

    fn columns(profile: &Profile) -> &'static [Column<Self>] {
        profile.organisation
    }

    fn key(&self) -> SubjectId {
        self.id
    }

    fn status(&self) -> Status {
        Status::Active
    }

    fn key_of(values: Values<'_>) -> Result<SubjectId, BadCell> {
        values.id("AfdelingsID")
    }

    fn from_values(values: Values<'_>) -> Result<Self, BadCell> {
        Ok(Self {
            id: values.id("AfdelingsID")?,
            name: values.text("Afdelingsnavn"),
            parent: values.optional_id("Parentid")?,
            street: values.text("Gade"),
            postal_code: values.text("Postnr"),
            city: values.text("By"),
            ean: values.text("EAN"),
        })
    }

    fn declare(&self, row: u32, closure: &mut Closure) {
        closure.hangs(row, self.id, self.parent);
    }
}

impl Row for Stillingskode {
    const FILE: File = File::Stillingskode;

    fn columns(profile: &Profile) -> &'static [Column<Self>] {
        profile.stillingskode
    }

    fn key(&self) -> SubjectId {
        self.id
    }

    fn status(&self) -> Status {
        self.status
    }

    fn key_of(values: Values<'_>) -> Result<SubjectId, BadCell> {
        values.id("StillingskodeID")
    }

    fn from_values(values: Values<'_>) -> Result<Self, BadCell> {
        let id = values.id("StillingskodeID")?;
        let column = "Stillingskode#";
        if values.id(column)? != id {
            return Err(BadCell { column, problem: "another id than StillingskodeID" });
        }
        Ok(Self { id, status: values.status("AktivStatus")?, title: values.text("Stillingskode") })
    }
}

impl Row for Maalgruppe {
    const FILE: File = File::Maalgruppe;

    fn columns(profile: &Profile) -> &'static [Column<Self>] {
        profile.maalgruppe
    }

    /// Made of both columns, as a person may be in several groups; it stands in no file.
    fn key(&self) -> SubjectId {
        let mut hasher = Xxh3::new();
        hasher.update(self.bruger.0.as_bytes());
        hasher.update(self.group.as_bytes());
        SubjectId(Uuid::from_u128(hasher.digest128()))
    }

    fn status(&self) -> Status {
        Status::Active
    }

    fn key_of(values: Values<'_>) -> Result<SubjectId, BadCell> {
        Self::from_values(values).map(|it| it.key())
    }

    fn from_values(values: Values<'_>) -> Result<Self, BadCell> {
        let column = "Målgruppe";
        let group = values.text(column).ok_or(BadCell { column, problem: "no group" })?;
        Ok(Self { group, bruger: values.id("BrugerId")? })
    }
}
