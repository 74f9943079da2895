use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Pii {
    /// Look for identity numbers in a file, a folder or what is piped in. Exit code 3 if there is one.
    Scan(PiiScan),
}

#[derive(Debug, Args)]
pub(crate) struct PiiScan {
    /// A file, a folder with all in it, or - for what is piped in.
    #[arg(value_name = "FILE|DIR|-")]
    pub(crate) path: PathBuf,
    /// Each line is {"id": …, "text": "…"}, and is answered by
    /// {"id": …, "level": "none|warn|block", "kind": …, "spans": [[from, until], …]}.
    #[arg(long)]
    pub(crate) jsonl: bool,
}
