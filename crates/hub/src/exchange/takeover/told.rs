use super::list::Held;
use super::matching::{Matched, Matching, Verdicts};
use jiff::Timestamp;
use kobling_domain::exchange::Ground;
use kobling_domain::id::SubjectId;
use kobling_store::exchange::takeover::Word;
use serde::Serialize;
use std::fmt;

/// Entries of one standing named in text; as JSON all of them are.
const NAMED_MAX: usize = 50;

/// What a target holds beside what it would be sent.
#[derive(Clone, Debug, Serialize)]
pub struct Takeover {
    /// The target's key.
    pub target: String,
    /// The file's name.
    pub list: String,
    /// When it was given.
    pub listed_at: Timestamp,
    /// Who released it; none while nothing is delivered.
    pub released: Option<Said>,
    /// Counts.
    pub counts: Counts,
    /// Each entry, in the order of the list, and then who is only here.
    pub entries: Vec<Entry>,
    /// What somebody should know.
    pub notes: Vec<String>,
}

/// A person's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// How many stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// One of theirs is one of ours.
    pub matched: usize,
    /// A person has to say.
    pub doubtful: usize,
    /// Nobody of ours.
    pub only_there: usize,
    /// Nobody of theirs.
    pub only_here: usize,
}

/// How an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is one of ours.
    Matched,
    /// A person has to say.
    Doubtful,
    /// It is nobody of ours.
    OnlyThere,
    /// It is ours and nobody of theirs.
    OnlyHere,
}

/// One person there, here, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// How it stands.
    pub standing: Standing,
    /// What the target holds.
    pub theirs: Option<Their>,
    /// Who that is, or may be.
    pub ours: Vec<Our>,
    /// The person who decided so; none if it was found.
    pub decided: Option<Said>,
}

/// What a target holds of a person; of a national number only what may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Their {
    /// The target's own id.
    pub id: String,
    /// The name there.
    pub name: Option<String>,
    /// The masked national number there.
    pub national_number: Option<String>,
    /// The e-mail there.
    pub email: Option<String>,
}

/// One of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Our {
    /// The id under which the target would get the person.
    pub id: SubjectId,
    /// The name, as far as the target may know it.
    pub name: Option<String>,
    /// By what it was found.
    pub ground: Option<Ground>,
}

impl Matching {
    pub(super) fn told(&self, target: &str) -> Takeover {
        let mut entries: Vec<Entry> = self.entries.iter().map(|it| self.entry(it)).collect();
        entries.extend(self.only_here.iter().map(|id| Entry {
            standing: Standing::OnlyHere,
            theirs: None,
            ours: vec![self.our(*id, None)],
            decided: None,
        }));
        let count = |wanted| entries.iter().filter(|it| it.standing == wanted).count();
        let counts = Counts {
            matched: count(Standing::Matched),
            doubtful: count(Standing::Doubtful),
            only_there: count(Standing::OnlyThere),
            only_here: count(Standing::OnlyHere),
        };
        Takeover {
            target: target.to_owned(),
            list: self.kept.list.clone(),
            listed_at: self.kept.listed_at,
            released: self.kept.released.as_ref().map(said),
            counts,
            entries,
            notes: Vec::new(),
        }
    }

    fn entry(&self, it: &Matched) -> Entry {
        let (standing, ours) = match &it.found {
            Verdicts::Same(id, ground) => (Standing::Matched, vec![self.our(*id, *ground)]),
            Verdicts::Doubtful(all) => {
                let ours = all.iter().map(|(id, ground)| self.our(*id, Some(*ground)));
                (Standing::Doubtful, ours.collect())
            }
            Verdicts::Nobody => (Standing::OnlyThere, Vec::new()),
        };
        let decided = it.word.as_ref().map(said);
        Entry { standing, theirs: Some(their(&it.held)), ours, decided }
    }

    fn our(&self, id: SubjectId, ground: Option<Ground>) -> Our {
        Our { id, name: self.ours.name(id), ground }
    }
}

fn said(it: &Word) -> Said {
    Said { by: it.by.clone(), reason: it.reason.clone(), at: it.at }
}

fn their(held: &Held) -> Their {
    Their {
        id: held.id.clone(),
        name: held.name.clone(),
        national_number: held.number().map(|it| it.masked()),
        email: held.email.clone(),
    }
}

impl fmt::Display for Takeover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { target, list, counts, .. } = self;
        let Counts { matched, doubtful, only_there, only_here } = counts;
        writeln!(f, "{target} as {list} has it")?;
        writeln!(
            f,
            "  {matched} matched, {doubtful} doubtful, {only_there} only there, {only_here} only \
             here"
        )?;
        if let Some(it) = &self.released {
            return writeln!(f, "  released by {} at {}: {}", it.by, it.at, it.reason);
        }
        let headings = [
            (Standing::Doubtful, "doubtful; a person has to say:"),
            (Standing::OnlyThere, "only there; the first delivery makes them inactive:"),
            (Standing::OnlyHere, "only here; the first delivery creates them:"),
            (Standing::Matched, "matched:"),
        ];
        for (standing, heading) in headings {
            self.some(f, standing, heading)?;
        }
        for note in &self.notes {
            writeln!(f, "  note: {note}")?;
        }
        writeln!(f, "  nothing is delivered to {target} before this is released:")?;
        if *doubtful > 0 {
            writeln!(
                f,
                "  kobling target takeover decide {target} THEIR-ID --same OUR-ID|--nobody --by \
                 NAME --reason TEXT"
            )?;
        }
        writeln!(f, "  kobling target takeover release {target} --by NAME --reason TEXT")
    }
}

impl Takeover {
    fn some(&self, f: &mut fmt::Formatter<'_>, standing: Standing, heading: &str) -> fmt::Result {
        let all: Vec<&Entry> = self.entries.iter().filter(|it| it.standing == standing).collect();
        if all.is_empty() {
            return Ok(());
        }
        writeln!(f, "  {heading}")?;
        all.iter().take(NAMED_MAX).try_for_each(|it| write!(f, "{it}"))?;
        match all.len().checked_sub(NAMED_MAX).filter(|it| *it > 0) {
            Some(more) => writeln!(f, "    … and {more} more (--json names them all)"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut indent = "    ";
        if let Some(it) = &self.theirs {
            let told = [it.name.as_ref(), it.national_number.as_ref(), it.email.as_ref()];
            let told: Vec<&str> = told.into_iter().flatten().map(String::as_str).collect();
            write!(f, "    {} {}", it.id, told.join(", "))?;
            if let Some(it) = &self.decided {
                write!(f, " (as {} decided: {})", it.by, it.reason)?;
            }
            writeln!(f)?;
            indent = "      = ";
        }
        for it in &self.ours {
            write!(f, "{indent}{} {}", it.id, it.name.as_deref().unwrap_or_default())?;
            if let Some(ground) = it.ground {
                write!(f, " ({})", ground.name())?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
