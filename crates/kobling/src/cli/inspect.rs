use super::arguments::{AsSource, Common, Inspect};
use super::{Failure, Outcome, config, print};
use kobling_domain::people::Kind;
use kobling_formats::delimited::{self, Layout};
use kobling_formats::opus::{self, Inspection, Options};
use serde::Serialize;
use std::fmt;
use std::fs::File;
use std::path::Path;

/// Problems named on the terminal.
const NAMED_MAX: usize = 20;

pub(super) fn execute(common: &Common, arguments: &Inspect) -> Result<Outcome, Failure> {
    let path = &arguments.file;
    if let Some(layout) = layout(&arguments.as_source)? {
        return delimited(common, path, &layout);
    }
    let exported_at = opus::exported_at(&name(path)).ok();
    let inspection = opus::inspect(open(path)?, exported_at, &Options::default());
    let refused = inspection.refused.clone();
    print::result(common, &Page { file: path.display().to_string(), inspection })?;
    match refused {
        None => Ok(Outcome::Done),
        Some(why) => Err(Failure::refused(format!("{} would be refused: {why}", path.display()))),
    }
}

/// How the files of the source that is named are read, if it is a delimited one.
pub(super) fn layout(of: &AsSource) -> Result<Option<Layout>, Failure> {
    let (Some(file), Some(key)) = (&of.config, &of.source) else { return Ok(None) };
    let configuration = config::read(file)?;
    let source = configuration.sources.iter().find(|it| it.key == *key);
    let source = source.ok_or_else(|| {
        let known: Vec<&str> = configuration.sources.iter().map(|it| it.key.as_str()).collect();
        Failure::refused(format!("{} has no source {key:?}", file.display()))
            .advise(format!("there is: {}", known.join(", ")))
    })?;
    let layout = source.delimited.as_ref().map(Layout::parse).transpose();
    layout.map_err(|it| Failure::bad_input(format!("source {key} cannot be read"), &it))
}

fn delimited(common: &Common, path: &Path, layout: &Layout) -> Result<Outcome, Failure> {
    let inspection = delimited::inspect(open(path)?, layout);
    let refused = inspection.refused.clone();
    print::result(common, &Table { file: path.display().to_string(), inspection })?;
    match refused {
        None => Ok(Outcome::Done),
        Some(why) => Err(Failure::refused(format!("{} would be refused: {why}", path.display()))),
    }
}

pub(super) fn open(path: &Path) -> Result<File, Failure> {
    File::open(path)
        .map_err(|it| Failure::bad_input(format!("{} cannot be opened", path.display()), &it))
}

fn name(path: &Path) -> String {
    path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default()
}

#[derive(Serialize)]
struct Page {
    #[serde(skip)]
    file: String,
    #[serde(flatten)]
    inspection: Inspection,
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let it = &self.inspection;
        if it.kind == "unknown" {
            return writeln!(f, "{}: not an extract of KMD Opus Personale", self.file);
        }
        let client = it.client.as_deref().unwrap_or("unknown");
        writeln!(f, "{}: an extract of KMD Opus Personale, client {client}", self.file)?;
        match it.exported_at {
            Some(at) => writeln!(f, "  exported {at}, by its name")?,
            None => writeln!(f, "  its name does not tell when it was exported")?,
        }
        let (units, employments) =
            (Kind::Unit.counted(it.units), Kind::Employment.counted(it.employments));
        writeln!(f, "  {units}, {employments}, leave stubs: {}", it.leave_stubs)?;
        let whole = match it.coverage {
            opus::Coverage::All if !it.complete => {
                "holds the root unit, and is not complete: it says nothing of what it leaves out"
            }
            opus::Coverage::All => "holds the root unit: it can speak about what it leaves out",
            opus::Coverage::Mentioned => "has no root unit: it looks like changes only",
        };
        writeln!(f, "  {whole}")?;
        writeln!(f, "  complete: {}", yes(it.complete))?;
        writeln!(f, "    read to the end of <kmd>: {}", yes(it.proof.root_closed))?;
        writeln!(f, "    well-formed: {}", yes(it.proof.well_formed))?;
        let to_its_end = |it_is: bool| match (it_is, it.proof.root_closed) {
            (true, false) => "not known, it was not read to its end",
            (it_is, _) => yes(it_is),
        };
        writeln!(f, "    one client: {}", to_its_end(it.proof.clients.len() <= 1))?;
        writeln!(f, "    every key readable: {}", to_its_end(it.proof.unreadable_keys == 0))?;
        if it.problems_total == 0 {
            let none = if it.refused.is_none() { "no problems" } else { "no problem of a record" };
            return writeln!(f, "  {none}");
        }
        writeln!(f, "  things to know: {}", it.problems_total)?;
        for problem in it.problems.iter().take(NAMED_MAX) {
            writeln!(f, "    {problem} ({})", problem.code)?;
        }
        more(f, it.problems_total)
    }
}

#[derive(Serialize)]
struct Table {
    #[serde(skip)]
    file: String,
    #[serde(flatten)]
    inspection: delimited::Inspection,
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let it = &self.inspection;
        let about = it.about.counted(it.rows);
        writeln!(f, "{}: a delimited file that tells of {about}, a row each", self.file)?;
        let whole = match (it.complete, it.proof.declared_whole) {
            (true, _) => "complete: what it leaves out is gone",
            (false, true) => "whole, but not every key is readable: nothing is taken for gone",
            (false, false) => "does not tell that it is whole: nothing is taken for gone",
        };
        writeln!(f, "  {whole}")?;
        if !it.unread_columns.is_empty() {
            writeln!(f, "  columns that are not read: {}", it.unread_columns.join(", "))?;
        }
        if it.problems_total == 0 {
            return writeln!(f, "  no problems");
        }
        writeln!(f, "  rows that would be set aside: {}", it.problems_total)?;
        for problem in it.problems.iter().take(NAMED_MAX) {
            writeln!(f, "    {problem} ({})", problem.code)?;
        }
        more(f, it.problems_total)
    }
}

fn more(f: &mut fmt::Formatter<'_>, problems: u64) -> fmt::Result {
    let named = u64::try_from(NAMED_MAX).unwrap_or(u64::MAX);
    match problems.checked_sub(named) {
        None | Some(0) => Ok(()),
        Some(more) => writeln!(f, "    … and {more} more (--json names a thousand)"),
    }
}

fn yes(it: bool) -> &'static str {
    if it { "yes" } else { "no" }
}
