//! What goes wrong during the soak.

use ossbind_emulator::{FaultStatus, Faults};

/// Faults of requests with their probabilities, which add up to 2 %.
const REQUESTS: &[(&str, f64)] = &[
    ("reset-request at=0", 0.0010),
    ("reset-request at=end", 0.0010),
    ("close-request at=100", 0.0010),
    ("stall-request at=end", 0.0002),
    ("trickle-request rate=20k", 0.0004),
    ("damage at=0", 0.0006),
    ("delay for=1500ms", 0.0003),
    ("delay for=1500ms when=after", 0.0003),
    ("error status=503", 0.0016),
    ("error status=503 retry-after=1", 0.0002),
    ("error status=500", 0.0010),
    ("error status=403 code=AccessDenied", 0.0006),
    ("error status=500 when=after", 0.0010),
    ("page status=502", 0.0010),
    ("page status=502 when=after", 0.0010),
    ("page status=200", 0.0006),
    ("expired-token", 0.0006),
    ("clock offset=2h", 0.0002),
    ("wrong-crc", 0.0006),
    ("oversized-body size=8m", 0.0002),
    ("oversized-head size=1m", 0.0002),
    ("reset-answer at=0", 0.0010),
    ("close-answer at=0", 0.0016),
    ("close-answer at=body+10", 0.0006),
    ("stall-answer at=20", 0.0002),
    ("trickle-answer rate=2k", 0.0002),
    ("garbage-answer text=\"220 mail.example.com ESMTP\\r\\n\"", 0.0004),
    ("callback-refuse", 0.0004),
    ("callback-slow for=700ms", 0.0004),
    ("callback-bad-json", 0.0006),
    ("callback-status status=500", 0.0004),
    ("callback-fail message=\"Too many callback requests.\" ec=0007-00000201", 0.0006),
];

/// Faults of connections, of which there are few: most uploads find one that is kept.
const CONNECTIONS: &[&str] = &[
    "refuse",
    "tls-cut",
    "tls-stall for=2s",
    "tls-wrong-host",
    "tls-expired",
    "tls-not-yet-valid",
    "tls-untrusted",
];

pub fn begin(faults: &Faults) {
    let sum: f64 = REQUESTS.iter().map(|(_, probability)| probability).sum();
    assert!((sum - 0.02).abs() < 1e-9, "{sum}");
    let connections = CONNECTIONS.iter().map(|fault| (*fault, 0.02));
    for (number, (fault, probability)) in REQUESTS.iter().copied().chain(connections).enumerate() {
        faults.add(&*format!("{fault} p={probability} seed={number}")).unwrap();
    }
}

/// How many faults happened, and those of them that never did.
pub fn sum_up(faults: &[FaultStatus]) -> (u64, Vec<&str>) {
    let never = faults.iter().filter(|fault| fault.happened == 0);
    (faults.iter().map(|fault| fault.happened).sum(), never.map(|fault| &*fault.text).collect())
}
