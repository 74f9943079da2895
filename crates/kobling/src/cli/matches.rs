use super::arguments::{Common, Match};
use super::show::{failed, readable};
use super::{Failure, Outcome, decision, print, settings};
use kobling_hub::people::matches::{self, Decided, MatchError, Said, Suggestions, Who};
use serde::Serialize;
use std::fmt;

pub(super) async fn execute(common: &Common, command: Match) -> Result<Outcome, Failure> {
    let hub = settings::hub().await?;
    let tenant = settings::tenant(&hub, common).await?;
    let decided = match &command {
        Match::List => {
            let list = matches::list(&hub, tenant).await.map_err(|it| failed(&it))?;
            print::result(common, &List(list))?;
            return Ok(Outcome::Done);
        }
        Match::Show { id } => {
            let list = matches::of(&hub, tenant, id).await.map_err(|it| failed(&it))?;
            print::result(common, &List(list))?;
            return Ok(Outcome::Done);
        }
        Match::Link(it) => {
            let pair = (it.person.as_str(), it.other.as_str());
            matches::link(&hub, tenant, pair, &decision::typed(&hub, &it.decision)?).await
        }
        Match::Split { id, decision: by } => {
            matches::split(&hub, tenant, id, &decision::typed(&hub, by)?).await
        }
        Match::Reject(it) => {
            let pair = (it.person.as_str(), it.other.as_str());
            matches::reject(&hub, tenant, pair, &decision::typed(&hub, &it.decision)?).await
        }
    };
    print::result(common, &Done(decided.map_err(|it| undecided(&it))?))?;
    Ok(Outcome::Done)
}

fn undecided(error: &MatchError) -> Failure {
    let what = "nothing was decided";
    if error.is_bad_input() {
        Failure::bad_input(what, error)
    } else {
        Failure::failed(what, error)
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct Done(Decided);

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Decided { action, person, other, version } = &self.0;
        match *action {
            "link" => {
                writeln!(f, "{person} is told of under {other} since version {version}")?;
                write!(f, "  to undo it: kobling match split {person} --by NAME --reason TEXT")
            }
            "split" => write!(f, "{person} is no longer told of under {other}"),
            _ => write!(f, "{person} and {other} are kept apart; they are not suggested again"),
        }
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct List(Suggestions);

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Suggestions { suggested, conflicts, linked } = &self.0;
        if suggested.is_empty() && conflicts.is_empty() && linked.is_empty() {
            return f.write_str("nobody may be one with another, and no sources differ");
        }
        for it in suggested {
            writeln!(f, "{} of 100: same {}", it.score, it.because.join(", "))?;
            writeln!(f, "  {}", who(&it.person))?;
            writeln!(f, "  {}", who(&it.other))?;
            let (a, b) = (it.person.id, it.other.id);
            writeln!(f, "  to decide: kobling match link|reject {a} {b} --by NAME --reason TEXT")?;
        }
        for it in conflicts {
            let decided = if it.decided { "" } else { "; no line of the authority table decides" };
            writeln!(f, "{}: {} differs{decided}", who(&it.person), it.field)?;
            for said in &it.said {
                writeln!(f, "  {}: {}", said.source, value(&it.field, said))?;
            }
        }
        for it in linked {
            writeln!(
                f,
                "{} is told of under {}, by {}: {}",
                it.person, it.same_as, it.by, it.reason
            )?;
        }
        Ok(())
    }
}

fn who(it: &Who) -> String {
    let name = it.name.as_deref().unwrap_or("no name");
    format!("{name}  ({}) of {}", it.id, it.sources.join(", "))
}

fn value(field: &str, said: &Said) -> String {
    field.parse().map_or_else(|_| String::new(), |name| readable(&name, &said.value))
}
