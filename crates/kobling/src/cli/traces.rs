//! Spans that are sent by OTLP, in a program that is built for it.

#[cfg(feature = "otlp")]
mod sent;

#[cfg(feature = "otlp")]
pub(super) use sent::{Traces, open};

#[cfg(not(feature = "otlp"))]
pub(super) use none::{Traces, open};

#[cfg(not(feature = "otlp"))]
mod none {
    use crate::cli::Failure;
    use crate::cli::settings::{FILE, Otlp};
    use std::future::Ready;
    use tracing_subscriber::layer::Identity;

    /// There are none.
    pub(in super::super) enum Traces {}

    impl Traces {
        pub(in super::super) fn end(self) -> Ready<()> {
            match self {}
        }
    }

    /// Refuses: nobody should wait for what never comes.
    pub(in super::super) fn open(_: &Otlp) -> Result<(Identity, Traces), Failure> {
        Err(Failure::refused(format!("{FILE}: [otlp], but this program sends no traces")).advise(
            "build it with them: `cargo build --release --features otlp`; or take [otlp] out",
        ))
    }
}
