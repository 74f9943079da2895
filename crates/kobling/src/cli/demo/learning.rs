//! `kobling demo --serve`: what the learning system gives back, so that leaders see whose
//! qualification expires and who has yet to learn what.

use super::super::Failure;
use super::{directory, not_written, read};
use jiff::ToSpan;
use jiff::civil::Date;
use kobling_domain::id::TenantId;
use kobling_hub::Hub;
use kobling_hub::exchange::report::RunReport;
use kobling_hub::exchange::run::Intent;
use std::fs;
use std::path::PathBuf;

/// The sources that read it, beside those of every demo.
pub(super) const CONFIGURATION: &str = include_str!("learning.toml");

/// Who has which qualification: one of so many people, for so many years.
const QUALIFICATIONS: [(&str, usize, i32); 3] =
    [("Førstehjælp", 3, 2), ("Forflytning", 5, 3), ("Brandkursus", 7, 1)];
/// So many days before the file the first of them was obtained.
const OBTAINED_WITHIN_DAYS: usize = 700;
/// What everybody learns; every third has yet to.
const ACTIVITY: &str = "Databeskyttelse for alle";

/// The tables as of a day.
pub(super) struct Tables {
    date: Date,
    /// Where each lies, with the key of its source.
    files: [(&'static str, PathBuf); 2],
}

impl Tables {
    pub(super) fn of(date: Date) -> Self {
        let day = date.strftime("%Y%m%d").to_string();
        let file = |source: &'static str| {
            (source, PathBuf::from(source).join(format!("{source}_{day}.csv")))
        };
        Self { date, files: ["kvalifikationer", "aktiviteter"].map(file) }
    }

    /// Where they lie.
    pub(super) fn paths(&self) -> impl Iterator<Item = PathBuf> {
        self.files.iter().map(|(_, path)| path.clone())
    }
}

/// Writes the tables about whom the learning system was told of, and reads them.
pub(super) async fn give_back(
    hub: &Hub,
    tenant: TenantId,
    Tables { date, files }: Tables,
) -> Result<Vec<RunReport>, Failure> {
    let people = directory::persons()?;
    let tables = [qualifications(&people, date), activities(&people, date)];
    let mut reports = Vec::new();
    for ((source, path), table) in files.into_iter().zip(tables) {
        let written = fs::create_dir_all(source).and_then(|()| fs::write(&path, table));
        written.map_err(|it| not_written(&path, &it))?;
        reports.push(read(hub, tenant, source, &path, Intent::Apply).await?);
    }
    Ok(reports)
}

fn qualifications(people: &[String], date: Date) -> String {
    let mut table = String::from("BrugerId;Kvalifikation;Opnået;Gyldig til\n");
    for (index, person) in people.iter().enumerate() {
        for (name, one_of, years) in QUALIFICATIONS {
            if index % one_of == 0 {
                let obtained = before(date, index, OBTAINED_WITHIN_DAYS);
                let until = obtained.saturating_add(years.years());
                let line = format!("{person};{name};{obtained};{until}\n");
                table.push_str(&line);
            }
        }
    }
    table + "SLUT;;;\n"
}

fn activities(people: &[String], date: Date) -> String {
    let mut table = String::from("BrugerId;Aktivitet;Status;Gennemført\n");
    for (index, person) in people.iter().enumerate() {
        let (status, completed) = match index % 3 {
            0 => ("tilmeldt", String::new()),
            _ => ("gennemført", before(date, index, OBTAINED_WITHIN_DAYS / 2).to_string()),
        };
        let line = format!("{person};{ACTIVITY};{status};{completed}\n");
        table.push_str(&line);
    }
    table + "SLUT;;;\n"
}

/// A day before `date`, another for each of them.
fn before(date: Date, index: usize, within_days: usize) -> Date {
    let days = i64::try_from((index * 37) % within_days).unwrap_or(0);
    date.saturating_sub(days.days())
}
