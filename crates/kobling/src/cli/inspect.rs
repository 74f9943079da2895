use super::arguments::{Common, Inspect};
use super::{Failure, Outcome, print};
use kobling_formats::opus::{self, Inspection, Options};
use serde::Serialize;
use std::fmt;
use std::fs::File;
use std::path::Path;

/// Problems named on the terminal.
const NAMED_MAX: usize = 20;

pub(super) fn execute(common: &Common, arguments: &Inspect) -> Result<Outcome, Failure> {
    let path = &arguments.file;
    let exported_at = opus::exported_at(&name(path)).ok();
    let inspection = opus::inspect(open(path)?, exported_at, &Options::default());
    let refused = inspection.refused.clone();
    print::result(common, &Page { file: path.display().to_string(), inspection })?;
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
        let client = it.client.as_deref().unwrap_or("unknown");
        writeln!(f, "{}: an extract of KMD Opus Personale, client {client}", self.file)?;
        match it.exported_at {
            Some(at) => writeln!(f, "  exported {at}, by its name")?,
            None => writeln!(f, "  its name does not tell when it was exported")?,
        }
        let (units, employments, stubs) = (it.units, it.employments, it.leave_stubs);
        writeln!(f, "  {units} units, {employments} employments, {stubs} leave stubs")?;
        let whole = match it.coverage {
            opus::Coverage::All => "holds the root unit: it can speak about what it leaves out",
            opus::Coverage::Mentioned => "has no root unit: it looks like changes only",
        };
        writeln!(f, "  {whole}")?;
        writeln!(f, "  complete: {}", yes(it.complete))?;
        writeln!(f, "    read to the end of <kmd>: {}", yes(it.proof.root_closed))?;
        writeln!(f, "    well-formed: {}", yes(it.proof.well_formed))?;
        writeln!(f, "    one client: {}", yes(it.proof.clients.len() <= 1))?;
        writeln!(f, "    every key readable: {}", yes(it.proof.unreadable_keys == 0))?;
        if it.problems_total == 0 {
            return writeln!(f, "  no problems");
        }
        writeln!(f, "  {} things to know:", it.problems_total)?;
        for problem in it.problems.iter().take(NAMED_MAX) {
            writeln!(f, "    {problem} ({})", problem.code)?;
        }
        let named = u64::try_from(NAMED_MAX).unwrap_or(u64::MAX);
        match it.problems_total.checked_sub(named) {
            None | Some(0) => Ok(()),
            Some(more) => writeln!(f, "    … and {more} more (--json names a thousand)"),
        }
    }
}

fn yes(it: bool) -> &'static str {
    if it { "yes" } else { "no" }
}
