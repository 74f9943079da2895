//! The command line. Commands translate; `hub` decides.

mod agreement;
mod annul;
mod arguments;
mod audit;
mod client;
mod compare;
mod completions;
mod config;
mod db;
mod decision;
mod deliver;
mod delivery;
mod demo;
mod doctor;
mod emergency;
mod extract;
mod failure;
mod generate;
mod group;
mod history;
mod inspect;
mod key_file;
mod keys;
mod log;
mod matches;
mod pii;
mod plan;
mod print;
mod probe;
mod progress;
mod quality;
mod quarantine;
mod receipt;
mod run;
mod serve;
mod settings;
mod show;
mod target;
mod traces;
mod user;
mod webhook;
mod work;

use arguments::{Arguments, Command};
use clap::Parser;
use failure::Failure;
use kobling_store::engine::THREADS_HELD_MAX;
use std::num::NonZero;
use std::process::ExitCode;

/// How a command ended, other than by a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// It did what was asked.
    Done,
    /// A brake holds the plan, the delivery or messages, an order waits to be carried out, or the guard
    /// blocks a text.
    Held,
}

/// Runs the command given on the command line. Exits 0 when done, 1 when failed, 2 on bad input or usage, 3 when
/// a brake holds what was asked for.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(usage) => {
            let is_help = !usage.use_stderr();
            let printed = usage.print();
            return if is_help && printed.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(2) };
        }
    };
    match execute(arguments) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Held) => ExitCode::from(3),
        Err(failure) => {
            print::failure(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

fn execute(arguments: Arguments) -> Result<Outcome, Failure> {
    let runtime = runtime_for(&arguments.command)
        .enable_all()
        .build()
        .map_err(|it| Failure::failed("the program cannot start its runtime", &it))?;
    runtime.block_on(dispatch(arguments))
}

/// A server answers many at once, also while some of its threads wait for the embedded store; any
/// other command does one thing.
fn runtime_for(command: &Command) -> tokio::runtime::Builder {
    if command.is_server() {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        runtime.worker_threads(cores + THREADS_HELD_MAX);
        runtime
    } else {
        tokio::runtime::Builder::new_current_thread()
    }
}

async fn dispatch(arguments: Arguments) -> Result<Outcome, Failure> {
    let common = arguments.common;
    match arguments.command {
        Command::Demo(it) => Box::pin(demo::execute(&common, it)).await,
        Command::Generate(it) => generate::execute(&common, &it),
        Command::Inspect(it) => inspect::execute(&common, &it),
        Command::Compare(it) => compare::execute(&common, &it),
        Command::Config(it) => config::execute(&common, it).await,
        Command::Run(it) => run::execute(&common, it).await,
        Command::Plan(it) => plan::execute(&common, it).await,
        Command::Quarantine(it) => quarantine::execute(&common, it).await,
        Command::Show(it) => Box::pin(show::execute(&common, it)).await,
        Command::History(it) => history::execute(&common, it).await,
        Command::Extract(it) => extract::execute(&common, it).await,
        Command::Match(it) => matches::execute(&common, it).await,
        Command::Annul(it) => annul::execute(&common, it).await,
        Command::Group(it) => group::execute(&common, it).await,
        Command::Agreement(it) => Box::pin(agreement::execute(&common, it)).await,
        Command::Receipt(it) => Box::pin(receipt::execute(&common, it)).await,
        Command::Quality(it) => quality::execute(&common, &it).await,
        Command::Deliver(it) => deliver::execute(&common, &it).await,
        Command::Delivery(it) => delivery::execute(&common, it).await,
        Command::Target(it) => Box::pin(target::execute(&common, it)).await,
        Command::Source(it) => probe::source(&common, it).await,
        Command::Work(it) => Box::pin(work::execute(&common, &it)).await,
        Command::Serve(it) => Box::pin(serve::execute(&common, &it)).await,
        Command::Client(it) => client::execute(&common, it).await,
        Command::Webhook(it) => webhook::execute(&common, it).await,
        Command::User(it) => Box::pin(user::execute(&common, it)).await,
        Command::Audit(it) => audit::execute(&common, it).await,
        Command::Pii(it) => pii::execute(&common, it),
        Command::Doctor => doctor::execute(&common).await,
        Command::Db(it) => Box::pin(db::execute(&common, it)).await,
        Command::Keys(it) => keys::execute(&common, &it).await,
        Command::Completions(it) => {
            completions::execute(&it);
            Ok(Outcome::Done)
        }
    }
}
