use crate::people::Field;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// A part of what a target may have beyond its people, their employments and the units these are
/// in. It is agreed on as a whole and by name, and the fields it tells must be named as well.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Package {
    /// Which unit stands above which, up to the root.
    Organisation,
    /// Who leads which unit.
    Leaders,
    /// Who is in which target group.
    Groups,
}

impl Package {
    /// Every package.
    pub const ALL: [Self; 3] = [Self::Organisation, Self::Leaders, Self::Groups];

    /// What an agreement has that says nothing of packages: what all had before there were any.
    pub const UNSAID: [Self; 2] = [Self::Organisation, Self::Leaders];

    /// The name, as written in configurations.
    pub fn name(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::Leaders => "leaders",
            Self::Groups => "groups",
        }
    }

    /// What it is of no use without: leaders lead units of the hierarchy, and groups are people of
    /// its parts.
    pub fn rests_on(self) -> Option<Self> {
        match self {
            Self::Organisation => None,
            Self::Leaders | Self::Groups => Some(Self::Organisation),
        }
    }

    /// The field that it tells in any case. Groups tell what their rules look at.
    pub fn tells(self) -> Option<Field> {
        match self {
            Self::Organisation => Some(Field::UnitParent),
            Self::Leaders => Some(Field::EmploymentIsManager),
            Self::Groups => None,
        }
    }

    /// What is missing among `packages` and `fields` for it to be of use.
    pub(super) fn lacks(
        self,
        packages: &BTreeSet<Self>,
        fields: &BTreeSet<Field>,
    ) -> Option<String> {
        let package = self.rests_on().filter(|it| !packages.contains(it));
        let field = self.tells().filter(|it| !fields.contains(it));
        match (package, field) {
            (Some(it), _) => Some(format!("the package {it}")),
            (None, Some(it)) => Some(format!("the field {it}")),
            (None, None) => None,
        }
    }
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
