//! The words of the language, for the parser, for its messages and for the help.

/// A fault by name.
pub(super) struct KindSyntax {
    pub(super) name: &'static str,
    pub(super) parameters: &'static [ParameterSyntax],
    pub(super) summary: &'static str,
}

/// A parameter by name.
pub(super) struct ParameterSyntax {
    pub(super) name: &'static str,
    /// The form of its value.
    pub(super) value: &'static str,
    pub(super) required: bool,
}

const fn needed(name: &'static str, value: &'static str) -> ParameterSyntax {
    ParameterSyntax { name, value, required: true }
}

const fn optional(name: &'static str, value: &'static str) -> ParameterSyntax {
    ParameterSyntax { name, value, required: false }
}

const AT: ParameterSyntax = needed("at", "PLACE");
const FOR: ParameterSyntax = optional("for", "TIME");
const RATE: ParameterSyntax = needed("rate", "BYTES_PER_SECOND");
const RETRY_AFTER: ParameterSyntax = optional("retry-after", "SECONDS");
const WHEN: ParameterSyntax = optional("when", "before|after");

const fn kind(
    name: &'static str,
    parameters: &'static [ParameterSyntax],
    summary: &'static str,
) -> KindSyntax {
    KindSyntax { name, parameters, summary }
}

/// All faults, in the order of a request's life.
pub(super) const KINDS: &[KindSyntax] = &[
    kind("refuse", &[], "accept the connection and reset it at once"),
    kind("tls-cut", &[], "end the connection after the first message of the TLS handshake"),
    kind("tls-stall", &[FOR], "do not answer the first message of the TLS handshake"),
    kind("tls-wrong-host", &[], "show a certificate for another host"),
    kind("tls-expired", &[], "show a certificate that has expired"),
    kind("tls-not-yet-valid", &[], "show a certificate that is not valid yet"),
    kind("tls-untrusted", &[], "show a certificate of an unknown authority"),
    kind("clock", &[needed("offset", "[-]TIME")], "have a wrong clock for one request"),
    kind("reset-request", &[AT], "reset the connection while the body arrives"),
    kind("close-request", &[AT], "close the connection while the body arrives"),
    kind("stall-request", &[AT, FOR], "stop reading while the body arrives"),
    kind("trickle-request", &[RATE], "read the body slowly"),
    kind("damage", &[AT], "change this byte of the body before it is stored"),
    kind("delay", &[needed("for", "TIME"), WHEN], "let time pass before (or after) the work"),
    kind(
        "error",
        &[
            needed("status", "N"),
            optional("code", "TEXT"),
            optional("message", "TEXT"),
            RETRY_AFTER,
            WHEN,
        ],
        "answer with an error document of the service instead of (or after) the work",
    ),
    kind(
        "page",
        &[needed("status", "N"), RETRY_AFTER, WHEN],
        "answer with a web page, as a proxy does, instead of (or after) the work",
    ),
    kind("expired-token", &[optional("token", "TEXT")], "say that the security token has expired"),
    kind("wrong-crc", &[], "answer with a wrong CRC-64"),
    kind("oversized-body", &[needed("size", "BYTES")], "make the body of the answer this long"),
    kind("oversized-head", &[needed("size", "BYTES")], "add a header this long to the answer"),
    kind("reset-answer", &[AT], "reset the connection while the answer goes out"),
    kind("close-answer", &[AT], "close the connection while the answer goes out"),
    kind("stall-answer", &[AT, FOR], "stop sending while the answer goes out"),
    kind("trickle-answer", &[RATE], "send the answer slowly"),
    kind("garbage-answer", &[optional("text", "TEXT")], "send something that is no HTTP"),
    kind("callback-refuse", &[], "fail to reach the application server"),
    kind(
        "callback-slow",
        &[needed("for", "TIME")],
        "deliver the callback, but get its answer this late",
    ),
    kind("callback-bad-json", &[], "deliver the callback, but get an answer that is no JSON"),
    kind(
        "callback-status",
        &[needed("status", "N")],
        "deliver the callback, but get an answer with this status",
    ),
    kind(
        "callback-fail",
        &[needed("message", "TEXT"), needed("ec", "TEXT")],
        "do not deliver the callback, and give this reason",
    ),
];

/// Parameters that say which requests a fault is for.
pub(super) const SELECTION: &[(&str, &str, &str)] = &[
    ("operation", "NAME", "such as PutObject or UploadPart; any is every operation"),
    ("bucket", "TEXT", "this bucket"),
    ("key", "TEXT", "this key"),
    ("prefix", "TEXT", "keys that begin so"),
    ("part", "N", "the part of this number"),
    ("attempt", "N", "the Nth request for the same operation, bucket, key and part"),
    ("times", "N|always", "how many requests; 1 unless p is given"),
    ("p", "PROBABILITY", "above 0, up to 1, for each request"),
    ("seed", "N", "another choice with the same p"),
];

/// The syntax of a fault.
pub(super) fn find(name: &str) -> Option<&'static KindSyntax> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// All names, for messages.
pub(super) fn kind_names() -> String {
    let names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
    names.join(", ")
}

impl KindSyntax {
    /// The names of all parameters that may be given, for messages.
    pub(super) fn parameter_names(&self) -> String {
        let own = self.parameters.iter().map(|parameter| parameter.name);
        let names: Vec<&str> = own.chain(SELECTION.iter().map(|(name, ..)| *name)).collect();
        names.join(", ")
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.parameters.iter().any(|parameter| parameter.name == name)
            || SELECTION.iter().any(|(known, ..)| *known == name)
    }
}
