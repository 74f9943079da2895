use super::arguments;
use super::arguments::Common;
use super::show::{NAME_WIDTH, days, failed, known, readable};
use super::{Failure, Outcome, print, settings};
use kobling_domain::people::{FieldName, Kind, NativeKey, Value};
use kobling_hub::people::{self, Believed, History};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

pub(super) async fn execute(
    common: &Common,
    arguments: arguments::History,
) -> Result<Outcome, Failure> {
    let hub = settings::hub().await?;
    let tenant = settings::tenant(&hub, common).await?;
    let history = people::history(&hub, tenant, &arguments.id).await;
    print::result(common, &Page(history.map_err(|it| failed(&it))?))?;
    Ok(Outcome::Done)
}

#[derive(Serialize)]
#[serde(transparent)]
struct Page(History);

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let it = &self.0;
        writeln!(f, "{}{}  ({})", it.kind, label(it.native.as_ref()), it.id)?;
        let mut before: BTreeMap<(Kind, Option<&NativeKey>, &str), &Believed> = BTreeMap::new();
        for claim in &it.claims {
            let about = (claim.kind, claim.native.as_ref(), claim.origin.source.as_str());
            let earlier = before.insert(about, claim);
            block(f, claim, earlier)?;
        }
        for link in &it.links {
            writeln!(f, "\n{} said to be {}", link.person, link.same_as)?;
            write!(f, "  since {}", known(&link.since))?;
            if let Some(until) = &link.until {
                write!(f, " until {}", known(until))?;
            }
            writeln!(f, ", by {}: {}", link.by, link.reason)?;
        }
        Ok(())
    }
}

/// One claim: its two times, where it came from, and what it says other than the one before.
fn block(f: &mut fmt::Formatter<'_>, it: &Believed, earlier: Option<&Believed>) -> fmt::Result {
    writeln!(f, "\n{}  {}{}", days(it.from, it.until), it.kind, label(it.native.as_ref()))?;
    write!(f, "  believed since {}", known(&it.since))?;
    if let Some(it) = &it.decided {
        write!(f, ", as {} decided: {}", it.by, it.reason)?;
    }
    match &it.replaced {
        None => writeln!(f, ", still")?,
        Some(next) => {
            let records: Vec<String> = next.records.iter().map(ToString::to_string).collect();
            let comma = if it.decided.is_some() { "," } else { "" };
            write!(f, "{comma} until {}", known(&next.by))?;
            match (&next.decided, &next.input, records.as_slice()) {
                (Some(it), None, _) => writeln!(f, ", as {} decided: {}", it.by, it.reason)?,
                (Some(it), Some(input), _) => {
                    writeln!(f, ", {input}, as {} decided: {}", it.by, it.reason)?;
                }
                (None, None, _) => writeln!(f, ", by no run")?,
                (None, Some(input), []) => {
                    writeln!(f, ", {input}, which says nothing of these days")?;
                }
                (None, Some(input), _) => writeln!(f, ", {input}, record {}", records.join(", "))?,
            }
        }
    }
    let from = &it.origin;
    write!(f, "  stated by {} {}, record {}", from.source, from.input, from.record)?;
    if it.from.is_none_or(|from| from < it.stated_from) {
        write!(f, "; assumed before {}", it.stated_from)?;
    }
    writeln!(f)?;
    let Some(earlier) = earlier else {
        return it.values.iter().try_for_each(|(name, value)| line(f, name, Some(value)));
    };
    let was: BTreeMap<&FieldName, &Value> = earlier.values.iter().map(|(a, b)| (a, b)).collect();
    let is: BTreeMap<&FieldName, &Value> = it.values.iter().map(|(a, b)| (a, b)).collect();
    let changed = is.iter().filter(|(name, value)| was.get(*name) != Some(*value));
    let changed = changed.map(|(name, value)| (*name, Some(*value)));
    let gone = was.keys().filter(|name| !is.contains_key(*name)).map(|name| (*name, None));
    let differs: Vec<(&FieldName, Option<&Value>)> = changed.chain(gone).collect();
    if differs.is_empty() {
        let is_same = (earlier.from, earlier.until) == (it.from, it.until);
        return writeln!(
            f,
            "  like the one before{}",
            if is_same { "" } else { ", on other days" }
        );
    }
    writeln!(f, "  like the one before, but for:")?;
    differs.into_iter().try_for_each(|(name, value)| line(f, name, value))
}

fn line(f: &mut fmt::Formatter<'_>, name: &FieldName, value: Option<&Value>) -> fmt::Result {
    let text = value.map_or_else(|| "(nothing)".to_owned(), |it| readable(name, it));
    writeln!(f, "    {:<NAME_WIDTH$}  {text}", name.to_string())
}

fn label(native: Option<&NativeKey>) -> String {
    native.map(|it| format!(" {it}")).unwrap_or_default()
}
