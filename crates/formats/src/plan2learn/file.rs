use std::fmt;

/// The files a set may have. Which of them it has is the receiver's to say.
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
    /// Who is in which target group.
    Maalgruppe,
}

impl File {
    /// Every file, in the order in which plan2learn wants them delivered.
    pub const ALL: [Self; 6] = [
        Self::Bruger,
        Self::Leder,
        Self::Engagement,
        Self::Organisation,
        Self::Stillingskode,
        Self::Maalgruppe,
    ];

    /// The fixed file name; a delivery overwrites the one before.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bruger => "bruger.csv",
            Self::Leder => "leder.csv",
            Self::Engagement => "engagement.csv",
            Self::Organisation => "organisation.csv",
            Self::Stillingskode => "stillingskode.csv",
            Self::Maalgruppe => "maalgruppe.csv",
        }
    }
}

impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One thing for each file of a set, in the order of [`File::ALL`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSet<T>(Vec<(File, T)>);

impl<T> Default for FileSet<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> IntoIterator for FileSet<T> {
    type Item = (File, T);
    type IntoIter = std::vec::IntoIter<(File, T)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<T> FromIterator<(File, T)> for FileSet<T> {
    fn from_iter<I: IntoIterator<Item = (File, T)>>(all: I) -> Self {
        Self::sorted(all.into_iter().collect())
    }
}

impl<T> FileSet<T> {
    /// Makes one for each of `files`; the first failure ends it.
    pub fn try_from_fn<E>(
        files: impl IntoIterator<Item = File>,
        mut make: impl FnMut(File) -> Result<T, E>,
    ) -> Result<Self, E> {
        let each = files.into_iter().map(|file| Ok((file, make(file)?)));
        each.collect::<Result<Vec<_>, E>>().map(Self::sorted)
    }

    /// Makes one for each of `files`.
    pub fn from_fn(files: impl IntoIterator<Item = File>, mut make: impl FnMut(File) -> T) -> Self {
        Self::sorted(files.into_iter().map(|file| (file, make(file))).collect())
    }

    /// Each file once, in order.
    fn sorted(mut all: Vec<(File, T)>) -> Self {
        all.sort_by_key(|it| it.0);
        all.dedup_by_key(|it| it.0);
        Self(all)
    }

    /// The files there are.
    pub fn files(&self) -> impl Iterator<Item = File> {
        self.0.iter().map(|it| it.0)
    }

    /// Each file with what is there for it.
    pub fn iter(&self) -> impl Iterator<Item = (File, &T)> {
        self.0.iter().map(|(file, it)| (*file, it))
    }

    /// What is there for one file.
    pub fn get(&self, file: File) -> Option<&T> {
        self.0.iter().find(|it| it.0 == file).map(|it| &it.1)
    }

    /// What is there for one file, to change.
    pub fn get_mut(&mut self, file: File) -> Option<&mut T> {
        self.0.iter_mut().find(|it| it.0 == file).map(|it| &mut it.1)
    }

    /// Turns each into something else; the first failure ends it.
    pub fn try_map<U, E>(
        self,
        mut turn: impl FnMut(File, T) -> Result<U, E>,
    ) -> Result<FileSet<U>, E> {
        let turned = self.0.into_iter().map(|(file, it)| Ok((file, turn(file, it)?)));
        turned.collect::<Result<_, E>>().map(FileSet)
    }
}
