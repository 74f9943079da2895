//! Medians and ratios, as a table.

use super::Measured;
use super::case::{Extract, Goal, Work};
use super::measure::Usage;

const INTRODUCTION: &str = "\
# Benchmark

Medians over the rounds. CPU seconds include those of the database server. The ratio is one of CPU
seconds to the limit program named; a limit program does a part of the work and nothing else.

| employees | case | CPU s | of it server | wall s | peak MiB | ratio | goal |
|---:|---|---:|---:|---:|---:|---|---|
";
const SCALING: &str = "
The largest size beside a tenth of it: CPU seconds as a ratio (goal ≤ 13), and peak memory.

| case | CPU ratio | peak MiB more |
|---|---:|---:|
";
/// The longest that another writer may wait.
const WAIT_MAX_MS: f64 = 250.0;
/// Behind a plan of one per cent of more employees than this it waits for the whole of it.
const WAIT_BOUND_EMPLOYEES: u32 = 100_000;
/// The longest that it should wait then.
const WAIT_AIM_MS: f64 = 2_500.0;
const KIB_PER_MIB: i64 = 1024;

/// The whole report, in Markdown.
pub(super) fn write(measured: &[Measured]) -> String {
    let rows: String = measured.iter().map(|it| row(it, measured)).collect();
    let scaling: String = measured.iter().filter_map(|it| scaling(it, measured)).collect();
    format!("{INTRODUCTION}{rows}{SCALING}{scaling}")
}

/// A case at the largest size beside the same case at a tenth of it.
fn scaling(it: &Measured, all: &[Measured]) -> Option<String> {
    let largest = all.iter().map(|it| it.employees).max()?;
    let is_tenth = |other: &&Measured| {
        other.employees.checked_mul(10) == Some(largest) && other.case == it.case
    };
    let tenth = all.iter().filter(|_| it.employees == largest).find(is_tenth)?;
    let (cpu, tenth_cpu) = (median(it, total_cpu), median(tenth, total_cpu));
    let ratio = Some(cpu / tenth_cpu).filter(|it| it.is_finite())?;
    let memory = rss_max_mib(it) - rss_max_mib(tenth);
    Some(format!("| {} | {ratio:.1} | {memory:+} |\n", it.case.title()))
}

fn longest_wait_ms(it: &Measured) -> Option<f64> {
    it.rounds.iter().filter_map(|usage| usage.wait_max_ms).max_by(f64::total_cmp)
}

/// How long a writer may wait, and whether that is a goal or an aim.
fn wait_goal(it: &Measured) -> (&'static str, f64) {
    let applies = matches!(it.case.work, Work::Wait { extract: Extract::OnePercent, .. });
    if applies && it.employees > WAIT_BOUND_EMPLOYEES {
        ("aim ≤", WAIT_AIM_MS)
    } else {
        ("≤", WAIT_MAX_MS)
    }
}

fn rss_max_mib(it: &Measured) -> i64 {
    it.rounds.iter().map(|usage| usage.rss_max_kib).max().unwrap_or(0) / KIB_PER_MIB
}

fn row(it: &Measured, all: &[Measured]) -> String {
    let (cpu, server) = (median(it, total_cpu), median(it, |usage| usage.server_cpu_s));
    let wall = median(it, |usage| usage.wall_s);
    let memory = rss_max_mib(it);
    let (ratio, goal) = match (it.case.goal, longest_wait_ms(it)) {
        (Some(goal), _) => compare(it, cpu, goal, all),
        (None, Some(wait_ms)) => {
            let (word, max_ms) = wait_goal(it);
            let met = if wait_ms <= max_ms { "met" } else { "missed" };
            (format!("waited {wait_ms:.0} ms"), format!("{word} {max_ms} ms {met}"))
        }
        (None, None) => Default::default(),
    };
    format!(
        "| {} | {} | {cpu:.2} | {server:.2} | {wall:.2} | {memory} | {ratio} | {goal} |\n",
        it.employees,
        it.case.title()
    )
}

/// The ratio to the goal's limit at the same size, and whether it is reached.
fn compare(it: &Measured, cpu: f64, goal: Goal, all: &[Measured]) -> (String, String) {
    let limit = all
        .iter()
        .find(|other| other.employees == it.employees && other.case.work == Work::Limit(goal.to));
    let Some(limit) = limit.map(|it| median(it, total_cpu)).filter(|it| *it > 0.0) else {
        return (String::new(), String::new());
    };
    let ratio = cpu / limit;
    let met = if ratio <= goal.ratio { "met" } else { "missed" };
    (format!("{ratio:.2} × {}", goal.to), format!("≤ {} {met}", goal.ratio))
}

fn total_cpu(usage: &Usage) -> f64 {
    usage.cpu_s + usage.server_cpu_s
}

fn median(of: &Measured, figure: impl Fn(&Usage) -> f64) -> f64 {
    let mut figures: Vec<f64> = of.rounds.iter().map(figure).collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::case;
    use super::*;

    fn rounds(cpu: &[f64]) -> Vec<Usage> {
        let usage = |cpu_s: &f64| Usage {
            cpu_s: *cpu_s,
            server_cpu_s: 0.0,
            wall_s: 1.0,
            rss_max_kib: 2048,
            wait_max_ms: None,
        };
        cpu.iter().map(usage).collect()
    }

    #[test]
    fn a_goal_is_judged_by_medians_at_the_same_size() {
        let all = case::all(&[super::super::Engine::Sqlite]);
        let find = |title: &str| all.iter().find(|it| it.title() == title).unwrap().clone();
        let measured = [
            Measured {
                case: find("limit: events"),
                employees: 10,
                rounds: rounds(&[9.0, 1.0, 1.1]),
            },
            Measured {
                case: find("no change, SQLite"),
                employees: 10,
                rounds: rounds(&[0.2, 0.22, 8.0]),
            },
        ];
        let report = write(&measured);
        assert!(
            report.contains(
                "| 10 | no change, SQLite | 0.22 | 0.00 | 1.00 | 2 | 0.20 × events | ≤ 0.3 met |"
            ),
            "{report}"
        );
    }
}
