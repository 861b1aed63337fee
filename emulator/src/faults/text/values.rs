//! Values of parameters, from text and back. Refusals say what is allowed.

use std::time::Duration;

use crate::faults::kind::{Position, When};
use crate::protocol::Operation;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * 1024;

/// Which of two messages a place is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Message {
    Request,
    Answer,
}

pub(super) fn bytes(text: &str) -> Result<u64, String> {
    size(text).ok_or_else(|| {
        "no number of bytes; allowed: a number, or one with k or m, such as 64k".to_owned()
    })
}

fn size(text: &str) -> Option<u64> {
    let (digits, unit) = match text.strip_suffix('k') {
        Some(digits) => (digits, KIB),
        None => text.strip_suffix('m').map_or((text, 1), |digits| (digits, MIB)),
    };
    plain(digits)?.checked_mul(unit)
}

/// Digits only: no sign.
fn plain(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

pub(super) fn number<T: TryFrom<u64>>(text: &str) -> Result<T, String> {
    plain(text)
        .and_then(|number| number.try_into().ok())
        .ok_or_else(|| "no number in range; allowed: digits".to_owned())
}

pub(super) fn position(text: &str, message: Message) -> Result<Position, String> {
    let found = match (text.strip_prefix("end"), text.strip_prefix("body+"), message) {
        (Some(""), ..) => Some(Position::End(0)),
        (Some(rest), ..) => rest.strip_prefix('-').and_then(size).map(Position::End),
        (_, Some(rest), _) => size(rest).map(Position::Body),
        (_, _, Message::Request) => size(text).map(Position::Body),
        (_, _, Message::Answer) => size(text).map(Position::Head),
    };
    found.ok_or_else(|| {
        "no place; allowed: a number of bytes such as 1000, 64k or 1m, body+N, end, end-N"
            .to_owned()
    })
}

pub(super) fn position_text(at: Position, message: Message) -> String {
    match (at, message) {
        (Position::Head(bytes), _) | (Position::Body(bytes), Message::Request) => bytes.to_string(),
        (Position::Body(bytes), Message::Answer) => format!("body+{bytes}"),
        (Position::End(0), _) => "end".to_owned(),
        (Position::End(bytes), _) => format!("end-{bytes}"),
    }
}

/// The longer unit names come first, for `s` ends all of them.
const UNITS: [(&str, u64); 4] = [("ms", 1), ("min", 60_000), ("s", 1000), ("h", 3_600_000)];

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let read = |(unit, milliseconds): (&str, u64)| {
        plain(text.strip_suffix(unit)?)?.checked_mul(milliseconds)
    };
    UNITS.into_iter().find_map(read).map(Duration::from_millis).ok_or_else(|| {
        "no time; allowed: a number with ms, s, min or h, such as 500ms or 2s".to_owned()
    })
}

/// Finer than a millisecond is cut off.
pub(super) fn duration_text(duration: Duration) -> String {
    match duration.as_millis() {
        whole if whole % 1000 == 0 => format!("{}s", whole / 1000),
        milliseconds => format!("{milliseconds}ms"),
    }
}

/// Whole seconds with a sign.
pub(crate) fn offset(text: &str) -> Result<i64, String> {
    let refused = || "no offset; allowed: a time with or without -, such as -2h or 900s".to_owned();
    let (negative, distance) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let distance = duration(distance).map_err(|_| refused())?;
    if distance.subsec_nanos() != 0 {
        return Err("no whole number of seconds; allowed: such as 1s, -2h".to_owned());
    }
    let seconds = i64::try_from(distance.as_secs()).map_err(|_| refused())?;
    Ok(if negative { -seconds } else { seconds })
}

pub(super) fn when(text: &str) -> Result<When, String> {
    match text {
        "before" => Ok(When::Before),
        "after" => Ok(When::After),
        _ => Err("unknown; allowed: before, after".to_owned()),
    }
}

/// `None` for any.
pub(super) fn operation(text: &str) -> Result<Option<Operation>, String> {
    if text == "any" {
        return Ok(None);
    }
    Operation::ALL.into_iter().find(|operation| operation.name() == text).map(Some).ok_or_else(
        || {
            let names = Operation::ALL.map(Operation::name).join(", ");
            format!("unknown operation; allowed: any, {names}")
        },
    )
}

pub(super) fn probability(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| "no probability; allowed: above 0, up to 1, such as 0.05".to_owned())
}
