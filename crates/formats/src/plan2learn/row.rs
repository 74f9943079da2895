use super::cell::{BadCell, Cells, Values};
use super::{Closure, File};
use jiff::civil::Date;
use kobling_domain::id::SubjectId;
use kobling_domain::people::NationalNumber;

/// A row of one of the five files. `None` is written as an empty cell.
pub trait Row: Sized {
    /// The file it stands in.
    const FILE: File;

    /// The id that no other row of its file may have.
    fn key(&self) -> SubjectId;

    /// Appends its values in the order of the file's columns.
    fn fill(&self, cells: &mut Cells<'_>);

    /// Reads it back.
    fn from_values(values: Values<'_>) -> Result<Self, BadCell>;

    /// Tells the closure proof which ids it brings and which it needs.
    fn declare(&self, row: u32, closure: &mut Closure);
}

/// `AktivStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 1
    Active,
    /// 0
    Inactive,
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
    /// Title of the primary employment (`Stilling`).
    pub title: Option<String>,
}

/// The manager of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leder {
    /// The person who leads (`BrugerId`).
    pub bruger: SubjectId,
    /// The unit that is led (`AfdelingsID`); no two rows share it.
    pub afdeling: SubjectId,
    /// `AktivStatus`.
    pub status: Status,
    /// What the manager answers for (`Titel`).
    pub title: Option<String>,
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
    /// `AktivStatus`; [`Profile::standing`](super::Profile::standing) tells it.
    pub status: Status,
    /// The position (`StillingskodeId`).
    pub stillingskode: Option<SubjectId>,
    /// Whether it is the person's primary employment (`Primær`); `None` where the agreement does
    /// not tell.
    pub primary: Option<bool>,
    /// Title of the form of employment (`Engagementstype`).
    pub kind: Option<String>,
    /// `StartdatoEngagement`; [`Profile::standing`](super::Profile::standing) tells it.
    pub start: Option<Date>,
}

/// A unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// The unit (`AfdelingsID`).
    pub id: SubjectId,
    /// `Afdelingsnavn`.
    pub name: Option<String>,
    /// The unit above (`Parentid`); empty at the root only.
    pub parent: Option<SubjectId>,
    /// Street and house number, floor and door as they are (`Gade`).
    pub street: Option<String>,
    /// Post code as text (`Postnr`).
    pub postal_code: Option<String>,
    /// Post town (`By`).
    pub city: Option<String>,
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

impl Row for Bruger {
    const FILE: File = File::Bruger;

    fn key(&self) -> SubjectId {
        self.id
    }

    fn fill(&self, cells: &mut Cells<'_>) {
        cells.id(self.id);
        cells.text(self.cpr.as_ref().map(NationalNumber::digits));
        cells.text(self.name.as_deref());
        cells.text(self.email.as_deref());
        cells.text(self.mobile.as_deref());
        cells.text(self.title.as_deref());
    }

    fn from_values(values: Values<'_>) -> Result<Self, BadCell> {
        Ok(Self {
            id: values.id(0)?,
            cpr: values.national_number(1)?,
            name: values.text(2),
            email: values.text(3),
            mobile: values.text(4),
            title: values.text(5),
        })
    }

    fn declare(&self, row: u32, closure: &mut Closure) {
        closure.brings(Self::FILE, row, self.id);
    }
}

impl Row for Leder {
    const FILE: File = File::Leder;

    fn key(&self) -> SubjectId {
        self.afdeling
    }

    fn fill(&self, cells: &mut Cells<'_>) {
        cells.id(self.bruger);
        cells.id(self.afdeling);
        cells.status(self.status);
        cells.text(self.title.as_deref());
    }

    fn from_values(values: Values<'_>) -> Result<Self, BadCell> {
        Ok(Self {
            bruger: values.id(0)?,
            afdeling: values.id(1)?,
            status: values.status(2)?,
            title: values.text(3),
        })
    }

    fn declare(&self, row: u32, closure: &mut Closure) {
        closure.brings(Self::FILE, row, self.afdeling);
        closure.needs(Self::FILE, row, File::Bruger, self.bruger);
        closure.needs(Self::FILE, row, File::Organisation, self.afdeling);
    }
}

impl Row for Engagement {
    const FILE: File = File::Engagement;

    fn key(&self) -> SubjectId {
        self.id
    }

    fn fill(&self, cells: &mut Cells<'_>) {
        cells.id(self.id);
        cells.id(self.bruger);
        cells.id(self.afdeling);
        cells.status(self.status);
        cells.optional_id(self.stillingskode);
        match self.primary {
            Some(primary) => cells.flag(primary),
            None => cells.text(None),
        }
        cells.text(self.kind.as_deref());
        cells.date(self.start);
    }

    fn from_values(values: Values<'_>) -> Result<Self, BadCell> {
        let primary = values.text(5).map(|_| values.flag(5)).transpose()?;
        Ok(Self {
            id: values.id(0)?,
            bruger: values.id(1)?,
            afdeling: values.id(2)?,
            status: values.status(3)?,
            stillingskode: values.optional_id(4)?,
            primary,
            kind: values.text(6),
            start: values.date(7)?,
        })
    }

    fn declare(&self, row: u32, closure: &mut Closure) {
        closure.brings(Self::FILE, row, self.id);
        closure.needs(Self::FILE, row, File::Bruger, self.bruger);
        closure.needs(Self::FILE, row, File::Organisation, self.afdeling);
        if let Some(stillingskode) = self.stillingskode {
            closure.needs(Self::FILE, row, File::Stillingskode, stillingskode);
        }
    }
}

impl Row for Organisation {
    const FILE: File = File::Organisation;

    fn key(&self) -> SubjectId {
        self.id
    }

    fn fill(&self, cells: &mut Cells<'_>) {
        cells.id(self.id);
        cells.text(self.name.as_deref());
        cells.optional_id(self.parent);
        cells.text(self.street.as_deref());
        cells.text(self.postal_code.as_deref());
        cells.text(self.city.as_deref());
    }

    fn from_values(values: Values<'_>) -> Result<Self, BadCell> {
        Ok(Self {
            id: values.id(0)?,
            name: values.text(1),
            parent: values.optional_id(2)?,
            street: values.text(3),
            postal_code: values.text(4),
            city: values.text(5),
        })
    }

    fn declare(&self, row: u32, closure: &mut Closure) {
        closure.brings(Self::FILE, row, self.id);
        closure.hangs(row, self.id, self.parent);
    }
}

impl Row for Stillingskode {
    const FILE: File = File::Stillingskode;

    fn key(&self) -> SubjectId {
        self.id
    }

    fn fill(&self, cells: &mut Cells<'_>) {
        cells.id(self.id);
        cells.status(self.status);
        cells.text(self.title.as_deref());
        cells.id(self.id);
    }

    fn from_values(values: Values<'_>) -> Result<Self, BadCell> {
        let id = values.id(0)?;
        if values.id(3)? != id {
            return Err(values.bad(3, "another id than StillingskodeID"));
        }
        Ok(Self { id, status: values.status(1)?, title: values.text(2) })
    }

    fn declare(&self, row: u32, closure: &mut Closure) {
        closure.brings(Self::FILE, row, self.id);
    }
}
