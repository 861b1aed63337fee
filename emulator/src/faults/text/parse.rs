//! Reading faults.

use std::str::FromStr;
use std::time::Duration;

use super::syntax::{self, KindSyntax};
use super::tokens::{Misplaced, Token, tokens};
use super::values::{self, Message};
use crate::faults::check::check;
use crate::faults::error::FaultError;
use crate::faults::fault::{Fault, Times};
use crate::faults::kind::{CallbackFault, FaultKind, Position, TlsFault, When, WireFault};
use crate::faults::selection::{Chance, Selection};

const GARBAGE: &str = "SSH-2.0-OpenSSH_9.6\r\n";

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Fault, FaultError> {
        let read = || {
            let tokens = tokens(text)?;
            let fault = fault(&tokens)?;
            check(&fault).map_err(|problem| {
                let culprit = tokens.iter().find(|token| token.name == problem.parameter);
                let column = culprit.map_or(1, |token| token.column);
                Misplaced { column, message: problem.message }
            })?;
            Ok(fault)
        };
        read().map_err(|Misplaced { column, message }| FaultError::at(text, column, message))
    }
}

impl TryFrom<&str> for Fault {
    type Error = FaultError;

    fn try_from(text: &str) -> Result<Fault, FaultError> {
        text.parse()
    }
}

impl TryFrom<String> for Fault {
    type Error = FaultError;

    fn try_from(text: String) -> Result<Fault, FaultError> {
        text.parse()
    }
}

impl Fault {
    /// Reads a script, with a fault in each line that is not empty and no comment.
    pub fn script(text: &str) -> Result<Vec<Fault>, FaultError> {
        let lines = text.lines().enumerate();
        lines
            .filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
            .map(|(index, line)| line.parse().map_err(|error: FaultError| error.on_line(index + 1)))
            .collect()
    }
}

fn fault(tokens: &[Token]) -> Result<Fault, Misplaced> {
    let Some((name, parameters)) = tokens.split_first() else {
        let message = format!("nothing is said; allowed: {}", syntax::kind_names());
        return Err(Misplaced { column: 1, message });
    };
    let known = syntax::find(&name.name).filter(|_| name.value.is_none());
    let syntax = known.ok_or_else(|| Misplaced {
        column: name.column,
        message: format!("unknown fault '{}'; allowed: {}", name.name, syntax::kind_names()),
    })?;
    let parameters = Parameters::new(syntax, name, parameters)?;
    let mut fault = Fault::new(kind(syntax.name, &parameters)?);
    fault.selection = selection(&parameters)?;
    fault.times = parameters.read("times", |text| match text {
        "always" => Ok(Times::Always),
        _ => values::number(text).map(Times::Count).map_err(|error| format!("{error}, always")),
    })?;
    let probability = parameters.read("p", values::probability)?;
    let seed = parameters.read("seed", values::number)?;
    fault.chance = match (probability, seed) {
        (Some(probability), seed) => Some(Chance { probability, seed: seed.unwrap_or(0) }),
        (None, None) => None,
        (None, Some(_)) => {
            let message = "a seed has no meaning without a probability; allowed: p";
            return Err(parameters.misplaced("seed", message));
        }
    };
    Ok(fault)
}

fn kind(name: &str, parameters: &Parameters<'_>) -> Result<FaultKind, Misplaced> {
    if let Some(kind) = wire_kind(name, parameters)? {
        return Ok(kind);
    }
    if let Some(tls) = tls_fault(name, parameters)? {
        return Ok(FaultKind::Tls(tls));
    }
    if let Some(callback) = callback_fault(name, parameters)? {
        return Ok(FaultKind::Callback(callback));
    }
    let text = |name| parameters.read(name, |text| Ok(text.to_owned()));
    let when = || Ok(parameters.read("when", values::when)?.unwrap_or(When::Before));
    let retry_after = || parameters.read("retry-after", values::number);
    Ok(match name {
        "refuse" => FaultKind::Refuse,
        "clock" => {
            FaultKind::Clock { offset_seconds: parameters.needed("offset", values::offset)? }
        }
        "damage" => FaultKind::Damage { at: place(parameters, Message::Request)? },
        "delay" => FaultKind::Delay { lasting: time(parameters)?, when: when()? },
        "error" => FaultKind::Error {
            status: parameters.needed("status", values::number)?,
            code: code(parameters)?,
            message: text("message")?,
            retry_after: retry_after()?,
            when: when()?,
        },
        "page" => FaultKind::Page {
            status: parameters.needed("status", values::number)?,
            retry_after: retry_after()?,
            when: when()?,
        },
        "expired-token" => FaultKind::ExpiredToken { token: text("token")? },
        "wrong-crc" => FaultKind::WrongCrc,
        "oversized-body" => {
            FaultKind::OversizedBody { bytes: parameters.needed("size", values::bytes)? }
        }
        "oversized-head" => {
            FaultKind::OversizedHead { bytes: parameters.needed("size", values::bytes)? }
        }
        // What is left of the names in the table of the syntax.
        _ => FaultKind::Garbage { text: text("text")?.unwrap_or_else(|| GARBAGE.to_owned()) },
    })
}

fn wire_kind(name: &str, parameters: &Parameters<'_>) -> Result<Option<FaultKind>, Misplaced> {
    let (what, message) = match name.split_once('-') {
        Some((what, "request")) => (what, Message::Request),
        Some((what, "answer")) => (what, Message::Answer),
        _ => return Ok(None),
    };
    let at = || place(parameters, message);
    let fault = match what {
        "reset" => WireFault::Reset { at: at()? },
        "close" => WireFault::Close { at: at()? },
        "stall" => {
            WireFault::Stall { at: at()?, lasting: parameters.read("for", values::duration)? }
        }
        "trickle" => {
            WireFault::Trickle { bytes_per_second: parameters.needed("rate", values::bytes)? }
        }
        _ => return Ok(None),
    };
    Ok(Some(match message {
        Message::Request => FaultKind::Request(fault),
        Message::Answer => FaultKind::Answer(fault),
    }))
}

fn tls_fault(name: &str, parameters: &Parameters<'_>) -> Result<Option<TlsFault>, Misplaced> {
    Ok(Some(match name {
        "tls-cut" => TlsFault::Cut,
        "tls-stall" => TlsFault::Stall { lasting: parameters.read("for", values::duration)? },
        "tls-wrong-host" => TlsFault::WrongHost,
        "tls-expired" => TlsFault::Expired,
        "tls-not-yet-valid" => TlsFault::NotYetValid,
        "tls-untrusted" => TlsFault::Untrusted,
        _ => return Ok(None),
    }))
}

fn callback_fault(
    name: &str,
    parameters: &Parameters<'_>,
) -> Result<Option<CallbackFault>, Misplaced> {
    let text = |name| parameters.needed(name, |text| Ok(text.to_owned()));
    Ok(Some(match name {
        "callback-refuse" => CallbackFault::Refuse,
        "callback-slow" => CallbackFault::Slow { lasting: time(parameters)? },
        "callback-bad-json" => CallbackFault::BadJson,
        "callback-status" => CallbackFault::Status(parameters.needed("status", values::number)?),
        "callback-fail" => CallbackFault::Fail { message: text("message")?, ec: text("ec")? },
        _ => return Ok(None),
    }))
}

fn place(parameters: &Parameters<'_>, message: Message) -> Result<Position, Misplaced> {
    parameters.needed("at", |text| values::position(text, message))
}

fn time(parameters: &Parameters<'_>) -> Result<Duration, Misplaced> {
    parameters.needed("for", values::duration)
}

/// The error code or, for common statuses, that of the service.
fn code(parameters: &Parameters<'_>) -> Result<String, Misplaced> {
    if let Some(code) = parameters.read("code", |text| Ok(text.to_owned()))? {
        return Ok(code);
    }
    let code = match parameters.needed("status", values::number::<u16>)? {
        400 => "BadRequest",
        403 => "AccessDenied",
        404 => "NoSuchKey",
        409 => "FileAlreadyExists",
        429 => "QpsLimitExceeded",
        500 => "InternalError",
        503 => "ServiceUnavailable",
        status => {
            let message =
                format!("no error code is known for {status}; allowed: code=TEXT beside it");
            return Err(parameters.misplaced("status", message));
        }
    };
    Ok(code.to_owned())
}

fn selection(parameters: &Parameters<'_>) -> Result<Selection, Misplaced> {
    let text = |name| parameters.read(name, |text| Ok(text.to_owned()));
    Ok(Selection {
        operation: parameters.read("operation", values::operation)?.flatten(),
        bucket: text("bucket")?,
        key: text("key")?,
        prefix: text("prefix")?,
        part: parameters.read("part", values::number)?,
        attempt: parameters.read("attempt", values::number)?,
    })
}

/// The parameters of a fault, all of which are known and stand there once.
struct Parameters<'a> {
    fault: &'a Token,
    tokens: &'a [Token],
}

impl<'a> Parameters<'a> {
    fn new(
        syntax: &KindSyntax,
        fault: &'a Token,
        tokens: &'a [Token],
    ) -> Result<Parameters<'a>, Misplaced> {
        for (index, token) in tokens.iter().enumerate() {
            let name = &token.name;
            let message = if token.value.is_none() {
                format!("'{name}' has no value; allowed: {name}=VALUE")
            } else if !syntax.has(name) {
                let allowed = syntax.parameter_names();
                format!("{} has no parameter '{name}'; allowed: {allowed}", syntax.name)
            } else if tokens[..index].iter().any(|earlier| earlier.name == *name) {
                format!("{name} is said twice; allowed: once")
            } else {
                continue;
            };
            return Err(Misplaced { column: token.column, message });
        }
        Ok(Parameters { fault, tokens })
    }

    /// The value of a parameter, if it is given.
    fn read<T>(
        &self,
        name: &str,
        convert: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Misplaced> {
        let Some(token) = self.tokens.iter().find(|token| token.name == name) else {
            return Ok(None);
        };
        let value = token.value.as_deref().unwrap_or_default();
        convert(value).map(Some).map_err(|reason| {
            let message = format!("{name}={value} is {reason}");
            Misplaced { column: token.value_column, message }
        })
    }

    fn needed<T>(
        &self,
        name: &str,
        convert: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, Misplaced> {
        self.read(name, convert)?.ok_or_else(|| {
            let column = self.fault.column + self.fault.name.chars().count();
            let message = format!("{} needs the parameter {name}", self.fault.name);
            Misplaced { column, message }
        })
    }

    fn misplaced(&self, name: &str, message: impl Into<String>) -> Misplaced {
        let token = self.tokens.iter().find(|token| token.name == name);
        let column = token.map_or(self.fault.column, |token| token.column);
        Misplaced { column, message: message.into() }
    }
}
