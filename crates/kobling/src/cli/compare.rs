use super::arguments::{Common, Compare};
use super::inspect::{layout, open};
use super::{Failure, Outcome, print};
use kobling_formats::delimited;
use kobling_formats::difference::{Counts, ItemChange};
use kobling_formats::opus::{self, Difference, Mode, Options};
use serde::Serialize;
use std::fmt;

pub(super) fn execute(common: &Common, arguments: &Compare) -> Result<Outcome, Failure> {
    let (old, new) = (open(&arguments.old)?, open(&arguments.new)?);
    if let Some(layout) = layout(&arguments.as_source)? {
        let mut difference = delimited::compare(old, new, &layout)
            .map_err(|it| Failure::bad_input("the files cannot be compared", &it))?;
        if !arguments.items {
            difference.items.clear();
        }
        print::result(common, &Table(difference))?;
        return Ok(Outcome::Done);
    }
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
        if !it.complete {
            writeln!(f, "the newer file is not complete: what it leaves out is not gone")?;
        } else if it.coverage == opus::Coverage::Mentioned {
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

#[derive(Serialize)]
#[serde(transparent)]
struct Table(delimited::Difference);

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let it = &self.0;
        if !it.complete {
            writeln!(f, "the newer file does not tell that it is whole: nothing is gone")?;
        }
        let Counts { added, changed, gone, unchanged } = it.rows;
        writeln!(f, "rows: {added} added, {changed} changed, {gone} gone, {unchanged} unchanged")?;
        for item in &it.items {
            let change = match item.change {
                ItemChange::Added => "added",
                ItemChange::Changed => "changed",
                ItemChange::Gone => "gone",
            };
            writeln!(f, "  {} {change} (line {})", item.key, item.line)?;
        }
        for problem in &it.problems {
            writeln!(f, "  {problem} ({})", problem.code)?;
        }
        Ok(())
    }
}
