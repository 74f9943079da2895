use crate::failure::Failure;
use crate::postgres::{Durability, Postgres};
use crate::tools;

/// Serves a private PostgreSQL until interrupted.
pub(crate) fn run() -> Result<(), Failure> {
    tools::install()?;
    let mut postgres = Postgres::start(Durability::None)?;
    println!("\nPostgreSQL is at\n\n    {}\n", postgres.url());
    println!("KOBLING_TEST_POSTGRES='{}' cargo test -p kobling-store", postgres.url());
    println!("It holds nothing of worth and is removed when this command ends (Ctrl-C).");
    postgres.wait()
}
