use super::arguments::{Common, Generate, GenerateMode, GenerateOpus};
use super::{Failure, Outcome, print};
use kobling_domain::people::Kind;
use kobling_formats::synthetic::{Employer, Extract, Flaw, Written};
use serde::Serialize;
use std::fmt;
use std::fs::File;
use std::io::{BufWriter, Write};

pub(super) fn execute(common: &Common, command: &Generate) -> Result<Outcome, Failure> {
    match command {
        Generate::Opus(it) => print::result(common, &opus(it)?)?,
        Generate::Flaws => print::result(common, &Flaws::all())?,
    }
    Ok(Outcome::Done)
}

fn opus(arguments: &GenerateOpus) -> Result<Generated, Failure> {
    let employer = Employer::new(arguments.employees, arguments.seed)
        .map_err(|it| Failure::bad_input("no such employer can be made", &it))?;
    let mut extract = employer.extract(arguments.day);
    if let GenerateMode::Delta = arguments.mode {
        extract = extract.delta();
    }
    if let Some(seed) = arguments.shuffle {
        extract = extract.shuffled(seed);
    }
    if arguments.touch {
        extract = extract.touched();
    }
    let flaw = flaw(arguments)?;
    let failed = |it| Failure::failed(format!("{} was not written", arguments.out.display()), &it);
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&arguments.out).map_err(failed)?);
    let written = match flaw {
        Some(flaw) => {
            extract.write_flawed(flaw, &mut out).map_err(failed)?;
            None
        }
        None => Some(extract.write(&mut out).map_err(failed)?),
    };
    out.flush().map_err(failed)?;
    Ok(Generated::of(arguments, &extract, flaw, written))
}

fn flaw(arguments: &GenerateOpus) -> Result<Option<Flaw>, Failure> {
    let Some(name) = &arguments.flaw else { return Ok(None) };
    let flaw: Flaw = name.parse().map_err(|it| {
        Failure::bad_input("no such flaw", &it).advise("`kobling generate flaws` names them all")
    })?;
    let is_plain = matches!(arguments.mode, GenerateMode::Snapshot) && arguments.shuffle.is_none();
    if is_plain && !arguments.touch {
        return Ok(Some(flaw));
    }
    Err(Failure::refused("--flaw goes with a snapshot in order of keys only"))
}

#[derive(Serialize)]
struct Generated {
    file: String,
    employer: &'static str,
    client: &'static str,
    date: String,
    usual_name: String,
    flaw: Option<String>,
    units: Option<u64>,
    employments: Option<u64>,
    leave_stubs: Option<u64>,
}

impl Generated {
    fn of(
        arguments: &GenerateOpus,
        extract: &Extract<'_>,
        flaw: Option<Flaw>,
        written: Option<Written>,
    ) -> Self {
        Self {
            file: arguments.out.display().to_string(),
            employer: kobling_formats::synthetic::NAME,
            client: kobling_formats::synthetic::CLIENT,
            date: extract.date().to_string(),
            usual_name: flaw.map_or_else(|| extract.file_name(), |it| extract.flawed_file_name(it)),
            flaw: flaw.map(|it| it.name().to_owned()),
            units: written.map(|it| it.units),
            employments: written.map(|it| it.employments),
            leave_stubs: written.map(|it| it.stubs),
        }
    }
}

impl fmt::Display for Generated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: {} (client {}) as of {}",
            self.file, self.employer, self.client, self.date
        )?;
        if let (Some(units), Some(employments), Some(stubs)) =
            (self.units, self.employments, self.leave_stubs)
        {
            let (units, employments) =
                (Kind::Unit.counted(units), Kind::Employment.counted(employments));
            writeln!(f, "  {units}, {employments}, leave stubs: {stubs}")?;
        }
        if let Some(flaw) = &self.flaw {
            writeln!(f, "  with this flaw: {flaw}")?;
        }
        write!(f, "  Opus would name it {}", self.usual_name)
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct Flaws(Vec<NamedFlaw>);

#[derive(Serialize)]
struct NamedFlaw {
    name: &'static str,
    description: &'static str,
}

impl Flaws {
    fn all() -> Self {
        let named = |it: &Flaw| NamedFlaw { name: it.name(), description: it.description() };
        Self(Flaw::ALL.iter().map(named).collect())
    }
}

impl fmt::Display for Flaws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for it in &self.0 {
            writeln!(f, "{:<24} {}", it.name, it.description)?;
        }
        Ok(())
    }
}
