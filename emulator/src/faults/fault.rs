//! A fault: what it does, to which requests, how often.

use super::kind::FaultKind;
use super::selection::{Candidate, Chance, Selection};
use crate::protocol::Operation;

/// Something that goes wrong, once unless told otherwise, with the next request that it fits.
///
/// It has a text form, in which it can be [parsed](str::parse) and printed; [`Fault::help`] describes
/// that.
///
/// ```
/// use ossbind_emulator::{Fault, FaultKind, Operation, Position, WireFault};
///
/// let fault: Fault = "reset-request at=64k operation=UploadPart part=2 times=3".parse()?;
/// let reset = WireFault::Reset { at: Position::Body(65536) };
/// let same = Fault::new(FaultKind::Request(reset)).on(Operation::UploadPart).part(2).times(3);
/// assert_eq!(fault, same);
/// # Ok::<(), ossbind_emulator::FaultError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub(super) kind: FaultKind,
    pub(super) selection: Selection,
    pub(super) chance: Option<Chance>,
    pub(super) times: Option<Times>,
}

/// How often a fault happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Times {
    Count(u64),
    Always,
}

impl Fault {
    /// A fault for the next request, whatever that is.
    pub fn new(kind: FaultKind) -> Fault {
        Fault { kind, selection: Selection::default(), chance: None, times: None }
    }

    /// Only this operation.
    #[must_use]
    pub fn on(mut self, operation: Operation) -> Fault {
        self.selection.operation = Some(operation);
        self
    }

    /// Only this bucket.
    #[must_use]
    pub fn bucket(mut self, bucket: impl Into<String>) -> Fault {
        self.selection.bucket = Some(bucket.into());
        self
    }

    /// Only this key.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Fault {
        self.selection.key = Some(key.into());
        self
    }

    /// Only keys that begin like this.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Fault {
        self.selection.prefix = Some(prefix.into());
        self
    }

    /// Only the part of this number.
    #[must_use]
    pub fn part(mut self, number: u32) -> Fault {
        self.selection.part = Some(number);
        self
    }

    /// Only the request that is the `number`th for its operation, bucket, key and part, counted from
    /// when the fault was added, among those that the rest of the selection fits.
    #[must_use]
    pub fn attempt(mut self, number: u32) -> Fault {
        self.selection.attempt = Some(number);
        self
    }

    /// For this many requests, instead of one.
    #[must_use]
    pub fn times(mut self, count: u64) -> Fault {
        self.times = Some(Times::Count(count));
        self
    }

    /// For all requests from now on.
    #[must_use]
    pub fn always(mut self) -> Fault {
        self.times = Some(Times::Always);
        self
    }

    /// With this probability, for all requests from now on if nothing else is said.
    ///
    /// Whether a request is hit depends on the kind of fault, on the seed, on the operation, bucket,
    /// key and part, and on how many of the same came before; not on the order in which different ones
    /// come. Thus a run can be repeated. A connection is hit by its number.
    #[must_use]
    pub fn probability(mut self, probability: f64, seed: u64) -> Fault {
        self.chance = Some(Chance { probability, seed });
        self
    }

    /// What it does.
    pub fn kind(&self) -> &FaultKind {
        &self.kind
    }

    /// How often it can happen; `None` has no limit.
    pub(super) fn limit(&self) -> Option<u64> {
        match (self.times, &self.chance) {
            (Some(Times::Count(count)), _) => Some(count),
            (Some(Times::Always), _) | (None, Some(_)) => None,
            (None, None) => Some(1),
        }
    }

    /// Whether it may happen to this request, apart from attempt and chance.
    pub(super) fn fits(&self, candidate: &Candidate<'_>) -> bool {
        let operations = self.kind.operations();
        operations.is_none_or(|operations| operations.contains(&candidate.operation))
            && self.selection.fits(candidate)
            && self.kind.fits_body(candidate.body_length)
            && match &self.kind {
                FaultKind::ExpiredToken { token: None } => candidate.token.is_some(),
                FaultKind::ExpiredToken { token } => candidate.token == token.as_deref(),
                _ => true,
            }
    }
}

impl From<FaultKind> for Fault {
    fn from(kind: FaultKind) -> Fault {
        Fault::new(kind)
    }
}
