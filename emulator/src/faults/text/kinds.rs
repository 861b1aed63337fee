//! The table of all faults. A new kind of fault needs a row here, and nothing else in its text form.

use super::parameters::Parameters;
use super::syntax::{KindSyntax, ParameterSyntax};
use super::tokens::Misplaced;
use super::values::{
    BYTES, Form, OFFSET, PLACE, PLACE_IN_BODY, RATE, SECONDS, STATUS, TEXT, TIME, WHEN, number,
};
use super::words::Words;
use crate::faults::kind::{CallbackFault, FaultKind, TlsFault, WireFault};

const GARBAGE: &str = "SSH-2.0-OpenSSH_9.6\r\n";

/// Makes the table and the printer of the rows below. A row is a name, a `FaultKind`, its parameters
/// and its meaning.
///
/// The `FaultKind` serves twice: as the expression that builds it, and as the pattern that takes it
/// apart. A parameter is a variable of it, how that is given, and its name and form in the text;
/// `needed`, `optional` and the other ways are methods of `Parameters`, which read it, and of `Words`,
/// which write it.
macro_rules! kinds {
    ($(
        $name:literal [$($kind:tt)+]
        ($($variable:ident: $given:ident $parameter:literal $form:ident),*) $summary:literal;
    )*) => {
        /// All faults, in the order of a request's life.
        #[allow(unused_variables, reason = "some faults have no parameters")]
        pub(super) const KINDS: &[KindSyntax] = &[$(KindSyntax {
            name: $name,
            parameters: &[$(ParameterSyntax {
                name: $parameter,
                value: $form.name,
                given: stringify!($given),
            }),*],
            summary: $summary,
            read: |parameters| {
                $(let $variable = parameters.$given($parameter, &$form)?;)*
                Ok($($kind)+)
            },
        }),*];

        /// The name and the parameters of a fault.
        pub(super) fn words(kind: &FaultKind) -> Words {
            match kind {
                $($($kind)+ => Words::new($name)$(.$given($parameter, &$form, $variable))*,)*
            }
        }
    };
}

kinds! {
    "refuse" [FaultKind::Refuse] () "accept the connection and reset it at once";
    "tls-cut" [FaultKind::Tls(TlsFault::Cut)] ()
        "end the connection after the first message of the TLS handshake";
    "tls-stall" [FaultKind::Tls(TlsFault::Stall { lasting })] (lasting: optional "for" TIME)
        "do not answer the first message of the TLS handshake";
    "tls-wrong-host" [FaultKind::Tls(TlsFault::WrongHost)] ()
        "show a certificate for another host";
    "tls-expired" [FaultKind::Tls(TlsFault::Expired)] () "show a certificate that has expired";
    "tls-not-yet-valid" [FaultKind::Tls(TlsFault::NotYetValid)] ()
        "show a certificate that is not valid yet";
    "tls-untrusted" [FaultKind::Tls(TlsFault::Untrusted)] ()
        "show a certificate of an unknown authority";
    "clock" [FaultKind::Clock { offset_seconds }] (offset_seconds: needed "offset" OFFSET)
        "have a wrong clock for one request";
    "reset-request" [FaultKind::Request(WireFault::Reset { at })] (at: needed "at" PLACE_IN_BODY)
        "reset the connection while the body arrives";
    "close-request" [FaultKind::Request(WireFault::Close { at })] (at: needed "at" PLACE_IN_BODY)
        "close the connection while the body arrives";
    "stall-request" [FaultKind::Request(WireFault::Stall { at, lasting })]
        (at: needed "at" PLACE_IN_BODY, lasting: optional "for" TIME)
        "stop reading while the body arrives";
    "trickle-request" [FaultKind::Request(WireFault::Trickle { bytes_per_second })]
        (bytes_per_second: needed "rate" RATE)
        "read the body slowly";
    "damage" [FaultKind::Damage { at }] (at: needed "at" PLACE_IN_BODY)
        "change this byte of the body before it is stored";
    "delay" [FaultKind::Delay { lasting, when }]
        (lasting: needed "for" TIME, when: or_default "when" WHEN)
        "let time pass before (or after) the work";
    "error" [FaultKind::Error { status, code, message, retry_after, when }]
        (
            status: needed "status" STATUS,
            code: or_by_status "code" TEXT,
            message: optional "message" TEXT,
            retry_after: optional "retry-after" SECONDS,
            when: or_default "when" WHEN
        )
        "answer with an error document of the service instead of (or after) the work";
    "page" [FaultKind::Page { status, retry_after, when }]
        (
            status: needed "status" STATUS,
            retry_after: optional "retry-after" SECONDS,
            when: or_default "when" WHEN
        )
        "answer with a web page, as a proxy does, instead of (or after) the work";
    "expired-token" [FaultKind::ExpiredToken { token }] (token: optional "token" TEXT)
        "say that the security token has expired";
    "wrong-crc" [FaultKind::WrongCrc] () "answer with a wrong CRC-64";
    "oversized-body" [FaultKind::OversizedBody { bytes }] (bytes: needed "size" BYTES)
        "make the body of the answer this long";
    "oversized-head" [FaultKind::OversizedHead { bytes }] (bytes: needed "size" BYTES)
        "add a header this long to the answer";
    "reset-answer" [FaultKind::Answer(WireFault::Reset { at })] (at: needed "at" PLACE)
        "reset the connection while the answer goes out";
    "close-answer" [FaultKind::Answer(WireFault::Close { at })] (at: needed "at" PLACE)
        "close the connection while the answer goes out";
    "stall-answer" [FaultKind::Answer(WireFault::Stall { at, lasting })]
        (at: needed "at" PLACE, lasting: optional "for" TIME)
        "stop sending while the answer goes out";
    "trickle-answer" [FaultKind::Answer(WireFault::Trickle { bytes_per_second })]
        (bytes_per_second: needed "rate" RATE)
        "send the answer slowly";
    "garbage-answer" [FaultKind::Garbage { text }] (text: or_garbage "text" TEXT)
        "send something that is no HTTP";
    "callback-refuse" [FaultKind::Callback(CallbackFault::Refuse)] ()
        "fail to reach the application server";
    "callback-slow" [FaultKind::Callback(CallbackFault::Slow { lasting })]
        (lasting: needed "for" TIME)
        "deliver the callback, but get its answer this late";
    "callback-bad-json" [FaultKind::Callback(CallbackFault::BadJson)] ()
        "deliver the callback, but get an answer that is no JSON";
    "callback-status" [FaultKind::Callback(CallbackFault::Status(status))]
        (status: needed "status" STATUS)
        "deliver the callback, but get an answer with this status";
    "callback-fail" [FaultKind::Callback(CallbackFault::Fail { message, ec })]
        (message: needed "message" TEXT, ec: needed "ec" TEXT)
        "do not deliver the callback, and give this reason";
}

impl Parameters<'_> {
    fn or_garbage(&self, name: &str, form: &Form<String>) -> Result<String, Misplaced> {
        Ok(self.optional(name, form)?.unwrap_or_else(|| GARBAGE.to_owned()))
    }

    /// An error code or, for common statuses, that of the service.
    fn or_by_status(&self, name: &str, form: &Form<String>) -> Result<String, Misplaced> {
        if let Some(code) = self.optional(name, form)? {
            return Ok(code);
        }
        let code = match self.read("status", number::<u16>)?.unwrap_or_default() {
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
                return Err(self.misplaced("status", message));
            }
        };
        Ok(code.to_owned())
    }
}

impl Words {
    fn or_garbage(self, name: &str, form: &Form<String>, text: &String) -> Words {
        self.needed(name, form, text)
    }

    fn or_by_status(self, name: &str, form: &Form<String>, code: &String) -> Words {
        self.needed(name, form, code)
    }
}

/// The syntax of a fault.
pub(super) fn find(name: &str) -> Option<&'static KindSyntax> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// All names, for messages.
pub(super) fn kind_names() -> String {
    let names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
    names.join(", ")
}
