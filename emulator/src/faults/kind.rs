//! What a fault does.

use std::time::Duration;

use crate::protocol::Operation;

/// What goes wrong. Where nothing else is said, the request is carried out all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// The connection is accepted and reset at once.
    Refuse,
    /// The TLS handshake fails.
    Tls(TlsFault),
    /// For one request, the emulator's clock is wrong by this much, on top of
    /// [`Options::clock_offset_seconds`](crate::Options::clock_offset_seconds).
    Clock {
        /// Positive: the emulator is ahead.
        offset_seconds: i64,
    },
    /// The connection fails while the request arrives; positions count the bytes of its body. Before
    /// the end of the body nothing is carried out.
    Request(WireFault),
    /// A byte of the body changes on the way, so that something else is stored.
    Damage {
        /// The byte.
        at: Position,
    },
    /// Time passes.
    Delay {
        /// How much.
        lasting: Duration,
        /// Before or after the request is carried out.
        when: When,
    },
    /// The answer is an error document of the service.
    Error {
        /// HTTP status.
        status: u16,
        /// The error code, such as `InternalError`.
        code: String,
        /// The error message, if it matters.
        message: Option<String>,
        /// Seconds for a `Retry-After` header.
        retry_after: Option<u64>,
        /// Instead of the request, or after it; a request that fails by itself says why.
        when: When,
    },
    /// The answer is a web page, as of a proxy or a login portal in between: nothing in it is of the
    /// service.
    Page {
        /// HTTP status.
        status: u16,
        /// Seconds for a `Retry-After` header.
        retry_after: Option<u64>,
        /// Instead of the request, or after it.
        when: When,
    },
    /// A request with a security token is told that the token has expired; others are left alone.
    ExpiredToken {
        /// This token only.
        token: Option<String>,
    },
    /// The CRC-64 in the answer is wrong; what is stored is right.
    WrongCrc,
    /// The answer is longer than anybody expects: it is followed by spaces.
    OversizedBody {
        /// Size of the body.
        bytes: u64,
    },
    /// The answer has a header that is longer than anybody expects.
    OversizedHead {
        /// Size of that header.
        bytes: u64,
    },
    /// The connection fails while the answer goes out.
    Answer(WireFault),
    /// Something comes that is no HTTP, then the connection ends.
    Garbage {
        /// What comes.
        text: String,
    },
    /// The callback fails.
    Callback(CallbackFault),
}

/// What happens to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WireFault {
    /// It is reset.
    Reset {
        /// Where.
        at: Position,
    },
    /// It is closed in an orderly way.
    Close {
        /// Where.
        at: Position,
    },
    /// Nothing moves any more.
    Stall {
        /// Where.
        at: Position,
        /// For how long; without it, until the client leaves. A client that closes its sending side
        /// has left.
        lasting: Option<Duration>,
    },
    /// It gets slow.
    Trickle {
        /// How slow; not zero.
        bytes_per_second: u64,
    },
}

/// A place in a request or an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// After this many bytes, counted from the first of the head; in answers only.
    Head(u64),
    /// After the head and this many bytes of the body.
    Body(u64),
    /// This many bytes before the end.
    End(u64),
}

/// Whether something happens instead of a request, or after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// Before the request is carried out; its body has not been read.
    #[default]
    Before,
    /// After it was carried out.
    After,
}

/// What is wrong with a TLS handshake. The certificates are those of the authority that
/// [`SelfSigned`](crate::SelfSigned) has made, so that they have this one defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsFault {
    /// The connection ends after the first message of the client.
    Cut,
    /// The first message of the client is not answered.
    Stall {
        /// For how long; without it, until the client leaves.
        lasting: Option<Duration>,
    },
    /// The certificate is for another host.
    WrongHost,
    /// The certificate has expired.
    Expired,
    /// The certificate is not valid yet.
    NotYetValid,
    /// The certificate is of an authority that nobody knows.
    Untrusted,
}

/// How a callback fails. The object is stored, and the client gets 203.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallbackFault {
    /// The application server cannot be reached; nothing is delivered.
    Refuse,
    /// The callback is delivered, but its answer takes this long; when that is longer than
    /// [`Options::callback_timeout`](crate::Options::callback_timeout), the callback has failed.
    Slow {
        /// From the attempt to the answer.
        lasting: Duration,
    },
    /// The callback is delivered, but its answer is no JSON.
    BadJson,
    /// The callback is delivered, but its answer has this status.
    Status(u16),
    /// Nothing is delivered, and this is the reason given.
    Fail {
        /// Message of the 203 document.
        message: String,
        /// EC of the 203 document.
        ec: String,
    },
}

/// When in the life of a request a fault has its effect. One request meets at most one fault of each
/// stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Connection,
    Clock,
    Arrival,
    Content,
    DelayBefore,
    Service,
    DelayAfter,
    Answer,
    Departure,
    Callback,
}

impl Stage {
    /// Those that are known when a request begins to be carried out.
    pub(crate) const OF_REQUEST: &[Stage] = &[
        Stage::Arrival,
        Stage::Content,
        Stage::DelayBefore,
        Stage::Service,
        Stage::DelayAfter,
        Stage::Answer,
        Stage::Departure,
    ];
}

impl FaultKind {
    pub(crate) fn stage(&self) -> Stage {
        match self {
            FaultKind::Refuse | FaultKind::Tls(_) => Stage::Connection,
            FaultKind::Clock { .. } => Stage::Clock,
            FaultKind::Request(_) => Stage::Arrival,
            FaultKind::Damage { .. } => Stage::Content,
            FaultKind::Delay { when: When::Before, .. } => Stage::DelayBefore,
            FaultKind::Delay { when: When::After, .. } => Stage::DelayAfter,
            FaultKind::Error { .. } | FaultKind::Page { .. } | FaultKind::ExpiredToken { .. } => {
                Stage::Service
            }
            FaultKind::WrongCrc
            | FaultKind::OversizedBody { .. }
            | FaultKind::OversizedHead { .. } => Stage::Answer,
            FaultKind::Answer(_) | FaultKind::Garbage { .. } => Stage::Departure,
            FaultKind::Callback(_) => Stage::Callback,
        }
    }

    /// The operations that it can happen to; `None` is all of them.
    pub(crate) fn operations(&self) -> Option<Vec<Operation>> {
        match self {
            FaultKind::Damage { .. } => Some(vec![Operation::PutObject, Operation::UploadPart]),
            FaultKind::Callback(_) => Some(Operation::with_callback()),
            _ => None,
        }
    }

    /// Whether a body of this length, if that is known, has the place where it happens.
    pub(crate) fn fits_body(&self, length: Option<u64>) -> bool {
        match (self, length) {
            (FaultKind::Request(WireFault::Trickle { .. }), Some(length)) => length > 0,
            (
                FaultKind::Request(
                    WireFault::Reset { at } | WireFault::Close { at } | WireFault::Stall { at, .. },
                ),
                _,
            ) => match length {
                Some(length) => at.within(0, length).is_some(),
                // The end is seen when it comes, and no place before it.
                None => matches!(at, Position::Body(_) | Position::End(0)),
            },
            // A byte, and not a place between two.
            (FaultKind::Damage { at }, _) => match length {
                Some(length) => at.within(0, length).is_some_and(|at| at < length),
                None => matches!(at, Position::Body(_)),
            },
            _ => true,
        }
    }
}

impl Position {
    /// The number of bytes before this place, in a message with a head and a body of these lengths;
    /// `None` if it ends before.
    pub(crate) fn within(self, head: u64, body: u64) -> Option<u64> {
        let total = head + body;
        let at = match self {
            Position::Head(bytes) => Some(bytes),
            Position::Body(bytes) => head.checked_add(bytes),
            Position::End(bytes) => total.checked_sub(bytes),
        };
        at.filter(|at| *at <= total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_found_or_not_there() {
        let cases = [
            (Position::Head(0), Some(0)),
            (Position::Head(150), Some(150)),
            (Position::Head(151), None),
            (Position::Body(0), Some(100)),
            (Position::Body(50), Some(150)),
            (Position::Body(51), None),
            (Position::Body(u64::MAX), None),
            (Position::End(0), Some(150)),
            (Position::End(150), Some(0)),
            (Position::End(151), None),
        ];
        for (position, expected) in cases {
            assert_eq!(position.within(100, 50), expected, "{position:?}");
        }
    }

    #[test]
    fn a_body_has_the_place_or_not() {
        let reset = |at| FaultKind::Request(WireFault::Reset { at });
        let damage = |at| FaultKind::Damage { at };
        let trickle = FaultKind::Request(WireFault::Trickle { bytes_per_second: 1 });
        let cases = [
            (reset(Position::Body(5)), 5, true),
            (reset(Position::Body(6)), 5, false),
            (reset(Position::End(0)), 0, true),
            (damage(Position::Body(4)), 5, true),
            (damage(Position::Body(5)), 5, false),
            (damage(Position::End(0)), 5, false),
            (trickle.clone(), 0, false),
            (trickle, 1, true),
            (FaultKind::WrongCrc, 0, true),
        ];
        for (kind, length, fits) in cases {
            assert_eq!(kind.fits_body(Some(length)), fits, "{kind:?} {length}");
        }
        assert!(
            reset(Position::End(0)).fits_body(None) && damage(Position::Body(0)).fits_body(None)
        );
        assert!(
            !reset(Position::End(1)).fits_body(None) && !damage(Position::End(1)).fits_body(None)
        );
    }
}
