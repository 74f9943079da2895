//! Files and folders.

use super::super::Failure;
use super::report::{Place, Report};
use super::text;
use jiff::civil::Date;
use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::path::Path;

/// Bytes by which a file that is no text is known.
const SNIFFED: usize = 4 * 1024;
/// Folders within folders.
const DEPTH_MAX: usize = 64;

/// Scans a file, or all in a folder. Links are not followed.
pub(super) fn scan(path: &Path, today: Date, report: &mut Report) -> Result<(), Failure> {
    let fail =
        |it: io::Error| Failure::bad_input(format!("{} cannot be read", path.display()), &it);
    let metadata = fs::metadata(path).map_err(fail)?;
    if metadata.is_dir() {
        folder(path, today, report, 0);
    } else {
        file(path, today, report).map_err(fail)?;
    }
    Ok(())
}

/// What cannot be read is told and passed by.
fn folder(path: &Path, today: Date, report: &mut Report, depth: usize) {
    let mut entries = match fs::read_dir(path) {
        Ok(entries) => entries.filter_map(Result::ok).collect::<Vec<_>>(),
        Err(why) => return report.not_scanned(&called(path, today), why.to_string()),
    };
    entries.sort_by_key(|it| it.path());
    for entry in entries {
        let path = entry.path();
        let scanned = match entry.file_type() {
            Ok(it) if it.is_dir() && depth < DEPTH_MAX => {
                folder(&path, today, report, depth + 1);
                Ok(())
            }
            Ok(it) if it.is_dir() => Err("is a folder too deep within others".to_owned()),
            Ok(it) if it.is_symlink() => Err("is a link".to_owned()),
            Ok(it) if it.is_file() => file(&path, today, report).map_err(|it| it.to_string()),
            Ok(_) => Err("is no file".to_owned()),
            Err(why) => Err(why.to_string()),
        };
        if let Err(why) = scanned {
            report.not_scanned(&called(&path, today), why);
        }
    }
}

fn file(path: &Path, today: Date, report: &mut Report) -> io::Result<()> {
    let called = called(path, today);
    let name = path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
    for finding in kobling_pii::find(&name, today) {
        let place = Place { part: Some("its name".to_owned()), ..Place::default() };
        report.found(&called, place, &finding);
    }
    let mut file = File::open(path)?;
    let mut beginning = Vec::new();
    file.by_ref().take(u64::try_from(SNIFFED).unwrap_or_default()).read_to_end(&mut beginning)?;
    file.rewind()?;
    match unreadable(&beginning) {
        Some(why) => {
            report.not_scanned(&called, why);
            Ok(())
        }
        None => text::scan(&called, file, today, report),
    }
}

/// How a report calls a file: its path, with no number in it.
fn called(path: &Path, today: Date) -> String {
    kobling_pii::mask(&path.display().to_string(), today).into_owned()
}

/// Why a file with this beginning is not read as text; none if it is.
fn unreadable(beginning: &[u8]) -> Option<&'static str> {
    // Its text is packed, so that none would be found in the bytes.
    if beginning.starts_with(b"%PDF") {
        return Some("it is a PDF");
    }
    let is_marked = beginning.starts_with(&[0xff, 0xfe]) || beginning.starts_with(&[0xfe, 0xff]);
    (!is_marked && beginning.contains(&0)).then_some("it is no text")
}
