use super::arguments::{Common, Compare};
use super::inspect::open;
use super::{Failure, Outcome, print};
use kobling_formats::opus::{self, Counts, Difference, ItemChange, Mode, Options};
use serde::Serialize;
use std::fmt;

pub(super) fn execute(common: &Common, arguments: &Compare) -> Result<Outcome, Failure> {
    let (old, new) = (open(&arguments.old)?, open(&arguments.new)?);
    let mut difference = opus::compare(old, new, Mode::Auto, &Options::default())
        .map_err(|it| Failure::bad_input("the files cannot be compared", &it))?;
    if !arguments.items {
        difference.items.clear();
    }
    print::result(common, &Page(difference))?;
    Ok(Outcome::Done)
}

#[derive(Serialize)]
#[serde(transparent)]
struct Page(Difference);

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let it = &self.0;
        if it.coverage == opus::Coverage::Mentioned {
            writeln!(f, "the newer file has no root unit: what it leaves out is not gone")?;
        }
        for (what, counts) in [("units", it.units), ("employments", it.employments)] {
            let Counts { added, changed, gone, unchanged } = counts;
            writeln!(
                f,
                "{what}: {added} added, {changed} changed, {gone} gone, {unchanged} unchanged"
            )?;
        }
        for item in &it.items {
            let change = match item.change {
                ItemChange::Added => "added",
                ItemChange::Changed => "changed",
                ItemChange::Gone => "gone",
            };
            writeln!(f, "  {} {} {change} (line {})", item.kind, item.number, item.line)?;
        }
        for problem in &it.problems {
            writeln!(f, "  {problem} ({})", problem.code)?;
        }
        Ok(())
    }
}
