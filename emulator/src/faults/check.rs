//! Whether the parts of a fault go together.

use super::error::FaultError;
use super::fault::{Fault, Times};
use super::kind::{CallbackFault, FaultKind, Position, Stage, WireFault};
use crate::protocol::Operation;

/// More would be memory rather than an answer.
const MAX_HEAD_BYTES: u64 = 16 << 20;
const MAX_BODY_BYTES: u64 = 1 << 40;

/// What does not go together, and the parameter at fault.
pub(super) struct Problem {
    pub(super) parameter: &'static str,
    pub(super) message: String,
}

type Checked = Result<(), Problem>;

fn problem(parameter: &'static str, message: impl Into<String>) -> Checked {
    Err(Problem { parameter, message: message.into() })
}

impl Fault {
    /// Whether the parts go together; [`Faults::add`](crate::Faults::add) asks for itself.
    pub fn check(&self) -> Result<(), FaultError> {
        check(self).map_err(|problem| FaultError::of_fault(self, problem.message))
    }
}

pub(super) fn check(fault: &Fault) -> Checked {
    check_kind(&fault.kind)?;
    check_selection(fault)?;
    if fault.times == Some(Times::Count(0)) {
        return problem("times", "times is 0, so it never happens; allowed: 1 or more, always");
    }
    match fault.chance {
        // Not a number is not within either.
        Some(chance) if !(chance.probability > 0.0 && chance.probability <= 1.0) => {
            let message = format!("p is {}; allowed: above 0, up to 1", chance.probability);
            problem("p", message)
        }
        _ => Ok(()),
    }
}

fn check_kind(kind: &FaultKind) -> Checked {
    match kind {
        FaultKind::Request(wire) => check_wire(wire, true),
        FaultKind::Answer(wire) => check_wire(wire, false),
        FaultKind::Damage { at } => check_position(*at, true),
        FaultKind::Error { status, .. } | FaultKind::Page { status, .. } => check_status(*status),
        FaultKind::Callback(CallbackFault::Status(200)) => {
            problem("status", "200 is what a callback should be answered; allowed: another status")
        }
        FaultKind::Callback(CallbackFault::Status(status)) if !(100..=999).contains(status) => {
            problem("status", format!("{status} is no HTTP status; allowed: 100 to 999"))
        }
        FaultKind::OversizedHead { bytes } => check_size(*bytes, MAX_HEAD_BYTES),
        FaultKind::OversizedBody { bytes } => check_size(*bytes, MAX_BODY_BYTES),
        _ => Ok(()),
    }
}

fn check_wire(wire: &WireFault, of_request: bool) -> Checked {
    match wire {
        WireFault::Reset { at } | WireFault::Close { at } | WireFault::Stall { at, .. } => {
            check_position(*at, of_request)
        }
        WireFault::Trickle { bytes_per_second: 0 } => {
            problem("rate", "rate is 0; allowed: 1 or more bytes per second, or a stall")
        }
        WireFault::Trickle { .. } => Ok(()),
    }
}

fn check_position(at: Position, of_request: bool) -> Checked {
    match at {
        Position::Head(_) if of_request => problem(
            "at",
            "the head of a request must arrive before it is known whose it is; allowed: bytes of \
             its body",
        ),
        _ => Ok(()),
    }
}

fn check_status(status: u16) -> Checked {
    if (200..=599).contains(&status) && ![204, 205, 304].contains(&status) {
        return Ok(());
    }
    let message = format!(
        "{status} is no status of an answer with a body; allowed: 200 to 599 but 204, 205, 304"
    );
    problem("status", message)
}

fn check_size(bytes: u64, limit: u64) -> Checked {
    if (1..=limit).contains(&bytes) {
        return Ok(());
    }
    problem("size", format!("size is {bytes}; allowed: 1 to {limit} bytes"))
}

fn check_selection(fault: &Fault) -> Checked {
    let Fault { kind, selection, .. } = fault;
    if kind.stage() == Stage::Connection {
        let said = [
            ("operation", selection.operation.is_some()),
            ("bucket", selection.bucket.is_some()),
            ("key", selection.key.is_some()),
            ("prefix", selection.prefix.is_some()),
            ("part", selection.part.is_some()),
            ("attempt", selection.attempt.is_some()),
        ];
        return match said.into_iter().find(|(_, said)| *said) {
            Some((name, _)) => problem(
                name,
                format!(
                    "{name} is not known yet when a connection is made; allowed: times, p, seed"
                ),
            ),
            None => Ok(()),
        };
    }
    if selection.attempt == Some(0) {
        return problem("attempt", "attempts are counted from 1; allowed: 1 or more");
    }
    match selection.operation {
        Some(operation) => check_operation(fault, operation),
        None => Ok(()),
    }
}

fn check_operation(fault: &Fault, operation: Operation) -> Checked {
    let Fault { kind, selection, .. } = fault;
    if let Some(allowed) = kind.operations().filter(|allowed| !allowed.contains(&operation)) {
        let names: Vec<&str> = allowed.iter().map(|operation| operation.name()).collect();
        let message = format!(
            "it cannot happen to {operation}; allowed: {} or no operation",
            names.join(", ")
        );
        return problem("operation", message);
    }
    if selection.part.is_some() && operation != Operation::UploadPart {
        let message = format!("{operation} has no part number; allowed: operation=UploadPart");
        return problem("part", message);
    }
    if operation != Operation::PostObject {
        return Ok(());
    }
    if matches!(kind, FaultKind::ExpiredToken { .. }) {
        let message = "the token of a form is in its body, which is read later; allowed: any \
                       other operation";
        return problem("operation", message);
    }
    let named = [("key", &selection.key), ("prefix", &selection.prefix)];
    match named.into_iter().find(|(_, value)| value.is_some()) {
        Some((name, _)) if kind.stage() != Stage::Callback => problem(
            name,
            "the key of a form is in its body, which is read later; allowed: operation, bucket, \
             attempt, times, p",
        ),
        _ => Ok(()),
    }
}
