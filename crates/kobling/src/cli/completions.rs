use super::arguments::{Arguments, Completions};
use super::print;
use clap::CommandFactory;

pub(super) fn execute(arguments: &Completions) {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "kobling", &mut script);
    print::text(&String::from_utf8_lossy(&script));
}
