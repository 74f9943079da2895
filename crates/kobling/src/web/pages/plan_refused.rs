//! Why nothing is done with a plan, or shown of it.

use crate::web::problem::{Kind as Refusal, Problem};
use crate::web::text::{Text, runs as t};
use kobling_hub::exchange::plan::PlanError;

/// Why a decision could not be carried out.
pub(super) fn why_not(error: &PlanError) -> Text {
    match error {
        PlanError::NotHeld { .. } => t::DECIDED_MEANWHILE,
        PlanError::Reconfigured { .. } => t::RECONFIGURED,
        PlanError::MovedOn { .. } | PlanError::UndoMovedOn { .. } => t::MOVED_ON,
        PlanError::OtherFile { .. } => t::OTHER_FILE,
        PlanError::Tampered { .. } | PlanError::Unreadable { .. } => t::TAMPERED,
        PlanError::Unknown { .. }
        | PlanError::Parted { .. }
        | PlanError::TooShort { .. }
        | PlanError::Ambiguous { .. }
        | PlanError::NoRun { .. }
        | PlanError::NotApplied { .. }
        | PlanError::UnknownBrake { .. }
        | PlanError::NotSeparable { .. }
        | PlanError::ProtectsNobody { .. }
        | PlanError::Run(_)
        | PlanError::Store(_) => t::NOT_DONE,
    }
}

/// A refusal of a whole page about a plan.
pub(super) fn failed(error: PlanError) -> Problem {
    match error {
        PlanError::Unknown { .. }
        | PlanError::Parted { .. }
        | PlanError::TooShort { .. }
        | PlanError::Ambiguous { .. } => Refusal::NotFound.into(),
        other @ (PlanError::NotHeld { .. }
        | PlanError::Reconfigured { .. }
        | PlanError::MovedOn { .. }
        | PlanError::UndoMovedOn { .. }
        | PlanError::NoRun { .. }
        | PlanError::NotApplied { .. }
        | PlanError::OtherFile { .. }
        | PlanError::Tampered { .. }
        | PlanError::UnknownBrake { .. }
        | PlanError::NotSeparable { .. }
        | PlanError::ProtectsNobody { .. }
        | PlanError::Unreadable { .. }
        | PlanError::Run(_)
        | PlanError::Store(_)) => Problem::internal(other),
    }
}
