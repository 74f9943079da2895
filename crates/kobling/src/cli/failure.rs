//! Why a command did not do what was asked.

use std::error::Error;

/// A failure as the person at the terminal reads it: what and where, then the causes, then what
/// to do.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: FailureKind,
    what: String,
    causes: Vec<String>,
    advice: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FailureKind {
    /// Something did not work.
    Failed,
    /// What was given cannot be used.
    BadInput,
    /// It waits for a person.
    Held,
}

impl Failure {
    /// Something did not work.
    pub(crate) fn failed(what: impl Into<String>, cause: &dyn Error) -> Self {
        Self::new(FailureKind::Failed, what, Some(cause))
    }

    /// The installation has so many problems.
    pub(crate) fn unwell(problems: usize) -> Self {
        Self::new(FailureKind::Failed, format!("problems found: {problems}"), None)
    }

    /// What is stored is not as it should be.
    pub(crate) fn unsound(what: impl Into<String>) -> Self {
        Self::new(FailureKind::Failed, what, None)
    }

    /// What was given cannot be used, because of `cause`.
    pub(crate) fn bad_input(what: impl Into<String>, cause: &dyn Error) -> Self {
        Self::new(FailureKind::BadInput, what, Some(cause))
    }

    /// It waits for a person, because of `cause`.
    pub(crate) fn held(what: impl Into<String>, cause: &dyn Error) -> Self {
        Self::new(FailureKind::Held, what, Some(cause))
    }

    /// What was given cannot be used.
    pub(crate) fn refused(what: impl Into<String>) -> Self {
        Self::new(FailureKind::BadInput, what, None)
    }

    /// Says what to do about it.
    #[must_use]
    pub(crate) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// 1 failed, 2 bad input, 3 held.
    pub(crate) fn exit_code(&self) -> u8 {
        match self.kind {
            FailureKind::Failed => 1,
            FailureKind::BadInput => 2,
            FailureKind::Held => 3,
        }
    }

    /// Whether somebody should hear of it rather than of the other: what did not work, before what
    /// cannot be used, before what waits.
    pub(crate) fn is_worse(&self, other: &Self) -> bool {
        self.exit_code() < other.exit_code()
    }

    pub(crate) fn what(&self) -> &str {
        &self.what
    }

    pub(crate) fn causes(&self) -> &[String] {
        &self.causes
    }

    pub(crate) fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }

    fn new(kind: FailureKind, what: impl Into<String>, cause: Option<&dyn Error>) -> Self {
        let mut causes = Vec::new();
        let mut next = cause;
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        Self { kind, what: what.into(), causes, advice: None }
    }
}
