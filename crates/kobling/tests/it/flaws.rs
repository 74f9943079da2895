//! Every kind of bad file through the program, by name and by folder.

use crate::harness::Workplace;
use kobling_formats::synthetic::{Expectation, Flaw};
use std::fmt::Write as _;
use std::fs;

/// So many employees that the count of the brake on what is gone is passed by half of them.
const EMPLOYEES: u32 = 400;

/// A workplace in which the extracts of some days were read.
struct Begun {
    here: Workplace,
    /// Of each, its path and its bytes.
    read: Vec<(String, Vec<u8>)>,
    database: Vec<u8>,
}

impl Begun {
    fn with(days: &[u16]) -> Self {
        let here = Workplace::new();
        let mut read = Vec::new();
        for day in days {
            let file = here.generate(EMPLOYEES, *day, None);
            here.ok(["run", "opus", &file]);
            read.push((file.clone(), fs::read(here.path(&file)).unwrap()));
        }
        here.ok(["db", "check"]);
        assert!(!here.path("kobling.db-wal").exists(), "all of it is in the file");
        let database = fs::read(here.path("kobling.db")).unwrap();
        Self { here, read, database }
    }

    /// Leaves everything as it was when it had begun.
    fn restore(&self) {
        self.here.write("kobling.db", &self.database);
        fs::remove_dir_all(self.here.path("inbox")).unwrap();
        fs::create_dir(self.here.path("inbox")).unwrap();
        for (file, bytes) in &self.read {
            self.here.write(file, bytes);
        }
    }

    /// What is wrong with the end of two runs, one that is given the file and one that finds it.
    fn faults(&self, day: u16, flaw: Flaw) -> String {
        let expected = match flaw.expectation() {
            Expectation::Applies | Expectation::SetsAside => 0,
            Expectation::Refuses => 2,
            Expectation::Holds(_) => 3,
        };
        let mut faults = String::new();
        for by_name in [true, false] {
            self.restore();
            let file = self.here.generate(EMPLOYEES, day, Some(flaw.name()));
            let named = by_name.then_some(file.as_str());
            let output = self.here.output(["run", "opus"].into_iter().chain(named));
            let said = String::from_utf8(output.stderr).unwrap();
            if output.status.code() != Some(expected) {
                let found = output.status;
                writeln!(faults, "{flaw}, {named:?}: {expected} expected, {found}: {said}")
                    .unwrap();
            }
            let is_told = said.contains("error: ") && said.contains("because ");
            if is_told != (expected == 2) {
                writeln!(faults, "{flaw}, {named:?}: {said:?}").unwrap();
            }
        }
        faults
    }
}

#[test]
fn every_kind_of_bad_file_ends_the_program_as_it_should_by_name_and_by_folder() {
    let (one, later) = (Begun::with(&[0]), Begun::with(&[0, 8]));
    let faults = Flaw::ALL.iter().map(|flaw| {
        let is_of_later = matches!(flaw, Flaw::SameNameOtherBytes | Flaw::Old);
        if is_of_later { later.faults(8, *flaw) } else { one.faults(1, *flaw) }
    });
    let faults: String = faults.collect();
    assert!(faults.is_empty(), "{faults}");
}
