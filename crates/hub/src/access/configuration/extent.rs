//! What a target gets: its profile, as far as the agreement goes.

use super::{Configuration, Profile, TargetFormat, TargetText};
use kobling_domain::agreement::{Agreement, AgreementError, Package};
use kobling_domain::people::{Group, GroupError};
use kobling_formats::plan2learn::{File, Profile as Columns};

/// What a target gets by an agreement.
#[derive(Clone, Debug, PartialEq)]
pub struct Extent {
    /// The columns and rules of its files.
    pub profile: &'static Columns,
    /// Its files.
    pub files: Vec<File>,
    /// The target groups it is told of.
    pub groups: Vec<Group>,
}

/// Why a target cannot get what it is configured for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExtentError {
    /// The agreement does not go that far.
    #[error(transparent)]
    Agreement(#[from] AgreementError),
    /// A group cannot be used.
    #[error(transparent)]
    Group(#[from] GroupError),
    /// A group that is not there.
    #[error("target {target}.groups: there is no group {group:?} (there is: {known})")]
    UnknownGroup {
        /// The target.
        target: String,
        /// The group.
        group: String,
        /// Keys there are.
        known: String,
    },
    /// Groups for a profile that has no file for them.
    #[error(
        "target {target}.groups: profile {profile} has no {}; use profile stamdata, or take the \
         groups out",
        File::Maalgruppe
    )]
    NoGroupFile {
        /// The target.
        target: String,
        /// Its profile.
        profile: &'static str,
    },
}

/// What `target` gets by `agreement`.
///
/// # Errors
///
/// A file or a group that the agreement does not let it have is refused, with that reason.
pub fn extent(
    configuration: &Configuration,
    target: &TargetText,
    agreement: &Agreement,
) -> Result<Extent, ExtentError> {
    let profile = columns(target);
    let package = |file: File| match file {
        File::Leder => Some(Package::Leaders),
        File::Maalgruppe => Some(Package::Groups),
        File::Bruger | File::Engagement | File::Organisation | File::Stillingskode => None,
    };
    for file in profile.always {
        if let Some(package) = package(*file) {
            agreement.require(package, file.name())?;
        }
    }
    let agreed = |file: &File| package(*file).is_none_or(|it| agreement.has(it));
    let files = File::ALL.into_iter().filter(|it| profile.has(*it) && agreed(it)).collect();
    let groups = groups(configuration, target, agreement)?;
    Ok(Extent { profile, files, groups })
}

/// The groups that the target names, else all there are; each with the agreement's consent.
fn groups(
    configuration: &Configuration,
    target: &TargetText,
    agreement: &Agreement,
) -> Result<Vec<Group>, ExtentError> {
    let profile = columns(target);
    let has_file = profile.has(File::Maalgruppe);
    if !target.groups.is_empty() && !has_file {
        let (target, profile) = (target.key.clone(), profile.name);
        return Err(ExtentError::NoGroupFile { target, profile });
    }
    let by_default = has_file && agreement.has(Package::Groups);
    let mut groups = Vec::new();
    for text in &configuration.groups {
        let named = target.groups.contains(&text.key);
        if named || (target.groups.is_empty() && by_default) {
            let group = Group::parse(text)?;
            agreement.require_group(&group)?;
            groups.push(group);
        }
    }
    let missing = target.groups.iter().find(|it| !groups.iter().any(|group| group.key() == **it));
    match missing {
        None => Ok(groups),
        Some(group) => {
            let known = configuration.groups.iter().map(|it| it.key.as_str()).collect::<Vec<_>>();
            let (target, group, known) = (target.key.clone(), group.clone(), known.join(", "));
            Err(ExtentError::UnknownGroup { target, group, known })
        }
    }
}

/// Whether what `agreement` is about can be delivered; what cannot is told. Groups that are not
/// there or cannot be read are told elsewhere.
pub(super) fn problems(configuration: &Configuration, agreement: &Agreement) -> Option<String> {
    let target = configuration.targets.iter().find(|it| it.key == agreement.target())?;
    if target.format == TargetFormat::Messages {
        return None;
    }
    match extent(configuration, target, agreement) {
        Ok(_) | Err(ExtentError::UnknownGroup { .. } | ExtentError::Group(_)) => None,
        Err(problem @ (ExtentError::Agreement(_) | ExtentError::NoGroupFile { .. })) => {
            Some(problem.to_string())
        }
    }
}

fn columns(target: &TargetText) -> &'static Columns {
    match target.profile {
        // A target of files names one: the check of the configuration sees to it.
        None | Some(Profile::Viborg) => &Columns::VIBORG,
        Some(Profile::Rsd) => &Columns::RSD,
        Some(Profile::Stamdata) => &Columns::STAMDATA,
    }
}
