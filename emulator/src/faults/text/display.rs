//! Writing faults so that they can be read again.

use std::fmt;

use super::tokens::quoted;
use super::values::{Message, duration_text, position_text};
use crate::faults::fault::{Fault, Times};
use crate::faults::kind::{CallbackFault, FaultKind, TlsFault, When, WireFault};

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = kind(&self.kind);
        let selection = &self.selection;
        words.add("operation", selection.operation.map(|operation| operation.name().to_owned()));
        words.add("bucket", selection.bucket.clone());
        words.add("key", selection.key.clone());
        words.add("prefix", selection.prefix.clone());
        words.add("part", selection.part.map(|part| part.to_string()));
        words.add("attempt", selection.attempt.map(|attempt| attempt.to_string()));
        words.add(
            "times",
            self.times.map(|times| match times {
                Times::Count(count) => count.to_string(),
                Times::Always => "always".to_owned(),
            }),
        );
        words.add("p", self.chance.map(|chance| chance.probability.to_string()));
        words.add("seed", self.chance.map(|chance| chance.seed.to_string()));
        formatter.write_str(&words.0)
    }
}

/// A name and the parameters that follow it.
struct Words(String);

impl Words {
    fn new(name: impl Into<String>) -> Words {
        Words(name.into())
    }

    fn add(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value {
            self.0.push_str(&format!(" {name}={}", quoted(&value)));
        }
    }

    fn with(mut self, name: &str, value: impl ToString) -> Words {
        self.add(name, Some(value.to_string()));
        self
    }

    fn with_optional(mut self, name: &str, value: Option<impl ToString>) -> Words {
        self.add(name, value.map(|value| value.to_string()));
        self
    }

    fn when(self, when: When) -> Words {
        self.with_optional("when", (when == When::After).then_some("after"))
    }
}

fn kind(kind: &FaultKind) -> Words {
    match kind {
        FaultKind::Refuse => Words::new("refuse"),
        FaultKind::Tls(fault) => tls(*fault),
        FaultKind::Clock { offset_seconds } => {
            Words::new("clock").with("offset", format!("{offset_seconds}s"))
        }
        FaultKind::Request(fault) => wire(*fault, Message::Request),
        FaultKind::Damage { at } => {
            Words::new("damage").with("at", position_text(*at, Message::Request))
        }
        FaultKind::Delay { lasting, when } => {
            Words::new("delay").with("for", duration_text(*lasting)).when(*when)
        }
        FaultKind::Error { status, code, message, retry_after, when } => Words::new("error")
            .with("status", status)
            .with("code", code)
            .with_optional("message", message.as_ref())
            .with_optional("retry-after", *retry_after)
            .when(*when),
        FaultKind::Page { status, retry_after, when } => Words::new("page")
            .with("status", status)
            .with_optional("retry-after", *retry_after)
            .when(*when),
        FaultKind::ExpiredToken { token } => {
            Words::new("expired-token").with_optional("token", token.as_ref())
        }
        FaultKind::WrongCrc => Words::new("wrong-crc"),
        FaultKind::OversizedBody { bytes } => Words::new("oversized-body").with("size", bytes),
        FaultKind::OversizedHead { bytes } => Words::new("oversized-head").with("size", bytes),
        FaultKind::Answer(fault) => wire(*fault, Message::Answer),
        FaultKind::Garbage { text } => Words::new("garbage-answer").with("text", text),
        FaultKind::Callback(fault) => callback(fault),
    }
}

fn wire(fault: WireFault, message: Message) -> Words {
    let named = |what: &str| {
        Words::new(match message {
            Message::Request => format!("{what}-request"),
            Message::Answer => format!("{what}-answer"),
        })
    };
    match fault {
        WireFault::Reset { at } => named("reset").with("at", position_text(at, message)),
        WireFault::Close { at } => named("close").with("at", position_text(at, message)),
        WireFault::Stall { at, lasting } => named("stall")
            .with("at", position_text(at, message))
            .with_optional("for", lasting.map(duration_text)),
        WireFault::Trickle { bytes_per_second } => named("trickle").with("rate", bytes_per_second),
    }
}

fn tls(fault: TlsFault) -> Words {
    match fault {
        TlsFault::Cut => Words::new("tls-cut"),
        TlsFault::Stall { lasting } => {
            Words::new("tls-stall").with_optional("for", lasting.map(duration_text))
        }
        TlsFault::WrongHost => Words::new("tls-wrong-host"),
        TlsFault::Expired => Words::new("tls-expired"),
        TlsFault::NotYetValid => Words::new("tls-not-yet-valid"),
        TlsFault::Untrusted => Words::new("tls-untrusted"),
    }
}

fn callback(fault: &CallbackFault) -> Words {
    match fault {
        CallbackFault::Refuse => Words::new("callback-refuse"),
        CallbackFault::Slow { lasting } => {
            Words::new("callback-slow").with("for", duration_text(*lasting))
        }
        CallbackFault::BadJson => Words::new("callback-bad-json"),
        CallbackFault::Status(status) => Words::new("callback-status").with("status", status),
        CallbackFault::Fail { message, ec } => {
            Words::new("callback-fail").with("message", message).with("ec", ec)
        }
    }
}
