use std::fmt;

/// The five files of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum File {
    /// Persons.
    Bruger,
    /// Managers of units.
    Leder,
    /// Employments.
    Engagement,
    /// Units.
    Organisation,
    /// Position titles.
    Stillingskode,
}

impl File {
    /// Every file, in the order in which plan2learn wants them delivered.
    pub const ALL: [Self; 5] =
        [Self::Bruger, Self::Leder, Self::Engagement, Self::Organisation, Self::Stillingskode];

    /// The fixed file name; a delivery overwrites the one before.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bruger => "bruger.csv",
            Self::Leder => "leder.csv",
            Self::Engagement => "engagement.csv",
            Self::Organisation => "organisation.csv",
            Self::Stillingskode => "stillingskode.csv",
        }
    }

    /// The header row, spelled as the receiver spells it: `AfdelingsID` in two files,
    /// `AfdelingsId` in a third.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Bruger => &["BrugerId", "CPR", "Navn", "E-mail", "Mobil", "Stilling"],
            Self::Leder => &["BrugerId", "AfdelingsID", "AktivStatus", "Titel"],
            Self::Engagement => &[
                "EngagementId",
                "BrugerId",
                "AfdelingsId",
                "AktivStatus",
                "StillingskodeId",
                "Primær",
                "Engagementstype",
                "StartdatoEngagement",
            ],
            Self::Organisation => {
                &["AfdelingsID", "Afdelingsnavn", "Parentid", "Gade", "Postnr", "By"]
            }
            Self::Stillingskode => {
                &["StillingskodeID", "AktivStatus", "Stillingskode", "Stillingskode#"]
            }
        }
    }

    /// Which column holds the id no two rows may share: a unit has one manager, everything else
    /// has an id of its own.
    pub(super) fn key_column(self) -> usize {
        match self {
            Self::Leder => 1,
            Self::Bruger | Self::Engagement | Self::Organisation | Self::Stillingskode => 0,
        }
    }
}

impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One thing for each of the five files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileSet<T> {
    /// For `bruger.csv`.
    pub bruger: T,
    /// For `leder.csv`.
    pub leder: T,
    /// For `engagement.csv`.
    pub engagement: T,
    /// For `organisation.csv`.
    pub organisation: T,
    /// For `stillingskode.csv`.
    pub stillingskode: T,
}

impl<T> FileSet<T> {
    /// Makes one for each file, in the order of [`File::ALL`]; the first failure ends it.
    pub fn try_from_fn<E>(mut make: impl FnMut(File) -> Result<T, E>) -> Result<Self, E> {
        Ok(Self {
            bruger: make(File::Bruger)?,
            leder: make(File::Leder)?,
            engagement: make(File::Engagement)?,
            organisation: make(File::Organisation)?,
            stillingskode: make(File::Stillingskode)?,
        })
    }

    /// What is there for one file.
    pub fn get(&self, file: File) -> &T {
        match file {
            File::Bruger => &self.bruger,
            File::Leder => &self.leder,
            File::Engagement => &self.engagement,
            File::Organisation => &self.organisation,
            File::Stillingskode => &self.stillingskode,
        }
    }

    /// What is there for one file, to change.
    pub fn get_mut(&mut self, file: File) -> &mut T {
        match file {
            File::Bruger => &mut self.bruger,
            File::Leder => &mut self.leder,
            File::Engagement => &mut self.engagement,
            File::Organisation => &mut self.organisation,
            File::Stillingskode => &mut self.stillingskode,
        }
    }

    /// Turns each into something else, in the order of [`File::ALL`].
    pub fn try_map<U, E>(
        self,
        mut turn: impl FnMut(File, T) -> Result<U, E>,
    ) -> Result<FileSet<U>, E> {
        Ok(FileSet {
            bruger: turn(File::Bruger, self.bruger)?,
            leder: turn(File::Leder, self.leder)?,
            engagement: turn(File::Engagement, self.engagement)?,
            organisation: turn(File::Organisation, self.organisation)?,
            stillingskode: turn(File::Stillingskode, self.stillingskode)?,
        })
    }
}
