use super::arguments::{Common, Quarantine, Verdict};
use super::{Failure, Outcome, decision, print, settings};
use kobling_hub::exchange::quarantine::{self, Decided, Listed, QuarantineError};
use serde::Serialize;
use std::fmt;

pub(super) async fn execute(common: &Common, command: Quarantine) -> Result<Outcome, Failure> {
    let hub = settings::hub().await?;
    let tenant = settings::tenant(&hub, common).await?;
    match command {
        Quarantine::List { source } => {
            let listed = quarantine::list(&hub, tenant, source.as_deref()).await;
            print::result(common, &List(listed.map_err(|it| failed(&it))?))?;
        }
        Quarantine::Decide { source, number, verdict, decision } => {
            let verdict = match verdict {
                Verdict::Correction => quarantine::Verdict::Correction,
                Verdict::Reuse => quarantine::Verdict::Reuse,
            };
            let decision = decision::typed(&hub, &decision)?;
            let at = (source.as_str(), number);
            let decided = quarantine::decide(&hub, tenant, at, verdict, &decision).await;
            print::result(common, &Page(decided.map_err(|it| failed(&it))?))?;
        }
    }
    Ok(Outcome::Done)
}

fn failed(error: &QuarantineError) -> Failure {
    let what = "nothing was decided or listed";
    if error.is_bad_input() {
        Failure::bad_input(what, error)
    } else {
        Failure::failed(what, error)
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct List(Vec<Listed>);

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nothing is set aside");
        }
        for it in &self.0 {
            match &it.key {
                Some(key) => writeln!(f, "{} {key} of {}: {}", it.kind, it.source, it.text)?,
                None => writeln!(f, "{} without a key, of {}: {}", it.kind, it.source, it.text)?,
            }
            writeln!(f, "  {} in line {} of {}, run {}", it.code, it.line, it.input, it.run)?;
        }
        Ok(())
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct Page(Decided);

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let it = &self.0;
        match it.verdict {
            quarantine::Verdict::Correction => writeln!(
                f,
                "employment {} of {} is the same person's, who has the new national number from now on",
                it.number, it.source
            )?,
            quarantine::Verdict::Reuse => writeln!(
                f,
                "employment number {} of {} is used again, for another employment",
                it.number, it.source
            )?,
        }
        if let Some(ended) = it.ended {
            writeln!(f, "  the known employment has ended; {ended} is its first day off")?;
        }
        write!(f, "  the record is read by the next `kobling run {}`", it.source)
    }
}
