//! What the faults of a request do to it.

use std::time::Duration;

use hyper::StatusCode;
use hyper::body::Body;
use hyper::header::{HeaderName, RETRY_AFTER};
use tokio::time::sleep;

use super::Exchange;
use super::link::Ending;
use crate::error::OssError;
use crate::error::catalogue::{incomplete_body, security_token_expired};
use crate::faults::{Candidate, FaultKind, Stage, Taken, When, WireFault};
use crate::protocol::Operation;
use crate::protocol::reply::{Reply, ReplyBody};

const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Gateway</title></head>\
                    <body><h1>This page is not from the service.</h1></body></html>\n";
const CRC64: HeaderName = HeaderName::from_static("x-oss-hash-crc64ecma");
const FILLER: HeaderName = HeaderName::from_static("x-oss-filler");

impl Exchange {
    /// Takes the faults of these stages that fit the request.
    pub(crate) fn take_faults(&mut self, stages: &[Stage], operation: Operation) -> Vec<Taken> {
        let part = match operation {
            Operation::UploadPart => self.query.value("partNumber").and_then(|n| n.parse().ok()),
            _ => None,
        };
        let in_header = self.parts.headers.get("x-oss-security-token");
        let in_query = ["x-oss-security-token", "security-token"];
        let candidate = Candidate {
            operation,
            bucket: self.record.bucket.as_deref(),
            key: self.record.key.as_deref(),
            part,
            body_length: self.body.length(),
            token: in_header
                .and_then(|value| value.to_str().ok())
                .or_else(|| in_query.iter().find_map(|name| self.query.value(name))),
        };
        let taken = self.state.faults.take(stages, &candidate);
        self.record.faults.extend(taken.iter().map(Taken::entry));
        taken
    }

    /// Lets the clock be wrong for this request.
    pub(crate) fn shift_clock(&mut self, operation: Operation) {
        for taken in self.take_faults(&[Stage::Clock], operation) {
            if let FaultKind::Clock { offset_seconds } = taken.kind() {
                self.clock_offset_seconds = *offset_seconds;
                taken.happened(&mut self.record);
            }
        }
    }

    /// Takes everything else that concerns the request as a whole.
    pub(crate) fn arm_faults(&mut self, operation: Operation) {
        self.faults = self.take_faults(Stage::OF_REQUEST, operation);
        for stage in [Stage::Arrival, Stage::Content] {
            if let Some(taken) = self.fault_of(stage) {
                self.body.arm(taken);
            }
        }
    }

    pub(super) fn fault_of(&self, stage: Stage) -> Option<Taken> {
        self.faults.iter().find(|taken| taken.stage() == stage).cloned()
    }

    /// Lets happen what shall happen at this place of the body. After an error the connection ends,
    /// and no answer is sent.
    pub(crate) async fn suffer_arrival(&mut self, ended: bool) -> Result<(), OssError> {
        let Some((fault, taken)) = self.body.due(ended) else {
            return Ok(());
        };
        taken.happened(&mut self.record);
        let ending = match fault {
            WireFault::Reset { .. } => Ending::Reset,
            WireFault::Close { .. } => Ending::Close,
            WireFault::Stall { lasting, .. } => match self.link.stall(lasting).await {
                Ok(()) => return Ok(()),
                Err(_) => Ending::Ordinary,
            },
            // A trickle has no place.
            WireFault::Trickle { .. } => return Ok(()),
        };
        self.link.end(ending);
        self.is_cut = true;
        Err(incomplete_body())
    }

    /// Takes the time that a slow connection takes for so many bytes; for a client that has left, none.
    pub(crate) async fn trickle(&mut self, bytes: usize) {
        if let Some((bytes_per_second, taken)) = self.body.trickle() {
            taken.happened(&mut self.record);
            let time = Duration::from_secs_f64(bytes as f64 / bytes_per_second as f64);
            drop(self.link.stall(Some(time)).await);
        }
    }

    pub(crate) async fn delay(&mut self, stage: Stage) {
        if let Some(taken) = self.fault_of(stage)
            && let FaultKind::Delay { lasting, .. } = taken.kind()
        {
            taken.happened(&mut self.record);
            sleep(*lasting).await;
        }
    }

    /// What the service, or something in front of it, says instead of the truth.
    pub(crate) fn false_answer(&mut self, moment: When) -> Option<Result<Reply, OssError>> {
        let taken = self.fault_of(Stage::Service)?;
        let answer = match taken.kind() {
            FaultKind::Error { status, code, message, retry_after, when } if *when == moment => {
                let message = message.as_deref().unwrap_or("The emulator was told to say so.");
                let error = OssError::new(final_status(*status), code.clone(), message);
                Err(OssError { retry_after: *retry_after, ..error })
            }
            FaultKind::Page { status, retry_after, when } if *when == moment => {
                Ok(page(*status, *retry_after))
            }
            FaultKind::ExpiredToken { .. } if moment == When::Before => {
                Err(security_token_expired())
            }
            _ => return None,
        };
        taken.happened(&mut self.record);
        Some(answer)
    }

    /// Makes the answer wrong or too long.
    pub(super) fn spoil(&mut self, reply: &mut Reply) {
        let Some(taken) = self.fault_of(Stage::Answer) else {
            return;
        };
        let spoilt = match taken.kind() {
            FaultKind::WrongCrc => spoil_crc(reply),
            FaultKind::OversizedHead { bytes } => {
                // The size was limited when the fault was added.
                reply.set(FILLER, &"x".repeat(usize::try_from(*bytes).unwrap_or_default()));
                true
            }
            FaultKind::OversizedBody { bytes } if self.parts.method != hyper::Method::HEAD => {
                pad(reply, *bytes)
            }
            _ => false,
        };
        if spoilt {
            taken.happened(&mut self.record);
        }
    }
}

fn final_status(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn page(status: u16, retry_after: Option<u64>) -> Reply {
    let mut reply = Reply::ok("text/html", PAGE);
    reply.status = final_status(status);
    reply.is_of_service = false;
    if let Some(seconds) = retry_after {
        reply.set(RETRY_AFTER, &seconds.to_string());
    }
    reply
}

fn spoil_crc(reply: &mut Reply) -> bool {
    let right =
        reply.headers.get(&CRC64).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let Some(right) = right else {
        return false;
    };
    reply.set(CRC64, &(right ^ 1).to_string());
    true
}

fn pad(reply: &mut Reply, bytes: u64) -> bool {
    let length = reply.body.size_hint().lower();
    if length >= bytes {
        return false;
    }
    let body = std::mem::replace(&mut reply.body, ReplyBody::empty());
    reply.body = ReplyBody::Padded { body: Box::new(body), spaces: bytes - length };
    true
}
