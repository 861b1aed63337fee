//! Values of parameters, from text and back. Refusals say what is allowed.

use std::time::Duration;

use crate::faults::kind::{Position, When};
use crate::protocol::Operation;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * 1024;

/// The form of a value.
pub(super) struct Form<T> {
    pub(super) name: &'static str,
    pub(super) read: fn(&str) -> Result<T, String>,
    pub(super) write: fn(&T) -> String,
}

const fn form<T>(
    name: &'static str,
    read: fn(&str) -> Result<T, String>,
    write: fn(&T) -> String,
) -> Form<T> {
    Form { name, read, write }
}

pub(super) const TEXT: Form<String> = form("TEXT", |text| Ok(text.to_owned()), String::clone);
pub(super) const BYTES: Form<u64> = form("BYTES", bytes, u64::to_string);
pub(super) const RATE: Form<u64> = form("BYTES_PER_SECOND", bytes, u64::to_string);
pub(super) const SECONDS: Form<u64> = form("SECONDS", number, u64::to_string);
pub(super) const STATUS: Form<u16> = form("N", number, u16::to_string);
pub(super) const TIME: Form<Duration> = form("TIME", duration, duration_text);
pub(super) const OFFSET: Form<i64> = form("[-]TIME", offset, |seconds| format!("{seconds}s"));
pub(super) const WHEN: Form<When> = form("before|after", when, when_text);
pub(super) const PLACE: Form<Position> =
    form("PLACE", |text| position(text, Message::Answer), |at| position_text(at, Message::Answer));
pub(super) const PLACE_IN_BODY: Form<Position> = form(
    "PLACE",
    |text| position(text, Message::Request),
    |at| position_text(at, Message::Request),
);

/// Which of two messages a place is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Message {
    Request,
    Answer,
}

fn bytes(text: &str) -> Result<u64, String> {
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

fn position(text: &str, message: Message) -> Result<Position, String> {
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

fn position_text(at: &Position, message: Message) -> String {
    match (at, message) {
        (Position::Head(bytes), _) | (Position::Body(bytes), Message::Request) => bytes.to_string(),
        (Position::Body(bytes), Message::Answer) => format!("body+{bytes}"),
        (Position::End(0), _) => "end".to_owned(),
        (Position::End(bytes), _) => format!("end-{bytes}"),
    }
}

/// The longer unit names come first, for `s` ends all of them.
const UNITS: [(&str, u64); 4] = [("ms", 1), ("min", 60_000), ("s", 1000), ("h", 3_600_000)];

fn duration(text: &str) -> Result<Duration, String> {
    let read = |(unit, milliseconds): (&str, u64)| {
        plain(text.strip_suffix(unit)?)?.checked_mul(milliseconds)
    };
    UNITS.into_iter().find_map(read).map(Duration::from_millis).ok_or_else(|| {
        "no time; allowed: a number with ms, s, min or h, such as 500ms or 2s".to_owned()
    })
}

/// Finer than a millisecond is cut off.
fn duration_text(duration: &Duration) -> String {
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

fn when(text: &str) -> Result<When, String> {
    match text {
        "before" => Ok(When::Before),
        "after" => Ok(When::After),
        _ => Err("unknown; allowed: before, after".to_owned()),
    }
}

fn when_text(when: &When) -> String {
    match when {
        When::Before => "before".to_owned(),
        When::After => "after".to_owned(),
    }
}

/// `None` for any.
pub(super) fn operation(text: &str) -> Result<Option<Operation>, String> {
    if text == "any" {
        return Ok(None);
    }
    let found = Operation::ALL.iter().find(|operation| operation.name() == text);
    found.map(|operation| Some(*operation)).ok_or_else(|| {
        let names: Vec<&str> = Operation::ALL.iter().map(|operation| operation.name()).collect();
        format!("unknown operation; allowed: any, {}", names.join(", "))
    })
}

pub(super) fn probability(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| "no probability; allowed: above 0, up to 1, such as 0.05".to_owned())
}
