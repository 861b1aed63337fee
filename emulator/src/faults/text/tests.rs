use std::time::Duration;

use super::kinds::KINDS;
use crate::faults::{CallbackFault, Fault, FaultKind, Position, TlsFault, When, WireFault};
use crate::protocol::Operation;

fn read(text: &str) -> Fault {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

/// Each kind with all its parameters, in the form in which faults are written.
const CANONICAL: &[&str] = &[
    "refuse times=3",
    "tls-cut",
    "tls-stall for=2s",
    "tls-stall",
    "tls-wrong-host times=always",
    "tls-expired",
    "tls-not-yet-valid",
    "tls-untrusted p=0.5 seed=7",
    "clock offset=-7200s",
    "clock offset=16s times=always",
    "reset-request at=65536 operation=UploadPart part=2 attempt=1",
    "close-request at=end-1 key=a",
    "stall-request at=0",
    "stall-request at=end for=1500ms",
    "trickle-request rate=1000 prefix=photos/",
    "damage at=17 operation=PutObject",
    "delay for=250ms",
    "delay for=2s when=after bucket=examplebucket",
    "error status=500 code=InternalError",
    "error status=503 code=\"Slow down\" message=\"a \\\"b\\\"\\n\\\\\" retry-after=30 when=after",
    "page status=502 retry-after=1 when=after",
    "page status=200",
    "expired-token",
    "expired-token token=CAIS",
    "wrong-crc",
    "oversized-body size=67108864",
    "oversized-head size=1000000",
    "reset-answer at=0",
    "close-answer at=body+5",
    "stall-answer at=end-1 for=1s",
    "trickle-answer rate=1",
    "garbage-answer text=\"\\r\\n\\t\"",
    "callback-refuse operation=CompleteMultipartUpload",
    "callback-slow for=6s",
    "callback-bad-json operation=PostObject key=\"a b\"",
    "callback-status status=502",
    "callback-fail message=\"Too many callback requests.\" ec=0007-00000201",
];

#[test]
fn what_is_written_can_be_read() {
    for text in CANONICAL {
        assert_eq!(read(text).to_string(), *text);
    }
    for kind in KINDS {
        let is_it = |text: &&str| text.split(' ').next() == Some(kind.name);
        assert!(CANONICAL.iter().any(is_it), "{} is not tried", kind.name);
    }
}

#[test]
fn texts_mean_what_they_say() {
    let wire = |text: &str| match read(text).kind().clone() {
        FaultKind::Request(fault) | FaultKind::Answer(fault) => fault,
        other => panic!("{other:?}"),
    };
    assert_eq!(wire("reset-request at=64k"), WireFault::Reset { at: Position::Body(65536) });
    assert_eq!(wire("reset-request at=body+1"), WireFault::Reset { at: Position::Body(1) });
    assert_eq!(wire("close-answer at=1m"), WireFault::Close { at: Position::Head(1 << 20) });
    assert_eq!(wire("close-answer at=end-2"), WireFault::Close { at: Position::End(2) });
    let stall = WireFault::Stall { at: Position::Body(3), lasting: Some(Duration::from_secs(60)) };
    assert_eq!(wire("stall-answer at=body+3 for=1min"), stall);
    assert_eq!(wire("trickle-answer rate=2k"), WireFault::Trickle { bytes_per_second: 2048 });
    let kinds = [
        ("clock offset=+1h", FaultKind::Clock { offset_seconds: 3600 }),
        ("tls-stall", FaultKind::Tls(TlsFault::Stall { lasting: None })),
        (
            "callback-slow for=2h",
            FaultKind::Callback(CallbackFault::Slow { lasting: Duration::from_secs(7200) }),
        ),
        (
            "  error   status=503 when=before ",
            FaultKind::Error {
                status: 503,
                code: "ServiceUnavailable".to_owned(),
                message: None,
                retry_after: None,
                when: When::Before,
            },
        ),
        ("garbage-answer", FaultKind::Garbage { text: "SSH-2.0-OpenSSH_9.6\r\n".to_owned() }),
    ];
    for (text, kind) in kinds {
        assert_eq!(read(text), Fault::new(kind), "{text}");
    }
    let built = Fault::new(FaultKind::WrongCrc)
        .on(Operation::UploadPart)
        .bucket("b")
        .prefix("p")
        .part(2)
        .attempt(3)
        .probability(0.25, 9)
        .times(4);
    let text = "wrong-crc seed=9 p=0.25 attempt=3 part=2 prefix=p bucket=b times=4 \
                operation=UploadPart";
    assert_eq!(read(text), built);
    assert_eq!(read("wrong-crc operation=any"), Fault::new(FaultKind::WrongCrc));
    assert_eq!(read("wrong-crc times=always"), Fault::new(FaultKind::WrongCrc).always());
}

#[test]
fn without_a_number_a_fault_happens_once_unless_by_chance() {
    assert_eq!(read("wrong-crc").limit(), Some(1));
    assert_eq!(read("wrong-crc p=0.1").limit(), None);
    assert_eq!(read("wrong-crc p=0.1 times=5").limit(), Some(5));
    assert_eq!(read("wrong-crc times=always").limit(), None);
}

/// Text, column, and what the message says.
const MISTAKES: &[(&str, usize, &str)] = &[
    ("", 1, "nothing is said; allowed: refuse, tls-cut, "),
    ("reset at=1", 1, "unknown fault 'reset'; allowed: refuse, "),
    ("explode-answer at=1", 1, "unknown fault 'explode-answer'; allowed: "),
    ("refuse=1", 1, "unknown fault 'refuse'; allowed: "),
    ("reset-request", 14, "reset-request needs the parameter at"),
    ("reset-request at", 15, "'at' has no value; allowed: at=VALUE"),
    ("reset-request at=x", 18, "at=x is no place; allowed: a number of bytes such as 1000, 64k"),
    ("reset-request at=-1", 18, "no place"),
    ("reset-request at=+1", 18, "no place"),
    ("reset-request at=end-", 18, "no place"),
    ("reset-request at=99999999999999999m", 18, "no place"),
    ("reset-request at=1 at=2", 20, "at is said twice; allowed: once"),
    (
        "reset-request at=1 for=1s",
        20,
        "reset-request has no parameter 'for'; allowed: at, operation",
    ),
    ("stall-request at=1 for=1", 24, "for=1 is no time; allowed: a number with ms, s, min or h"),
    ("stall-request at=1 for=s", 24, "no time"),
    ("trickle-answer rate=0", 16, "rate is 0; allowed: 1 or more"),
    ("clock offset=1", 14, "no offset; allowed: "),
    ("clock offset=1ms", 14, "no whole number of seconds"),
    ("delay for=1s when=later", 19, "when=later is unknown; allowed: before, after"),
    ("error status=99", 7, "no error code is known for 99; allowed: code=TEXT"),
    ("error status=99 code=X", 7, "99 is no status of an answer with a body; allowed: 200 to 599"),
    ("error status=204 code=X", 7, "allowed: 200 to 599 but 204, 205, 304"),
    ("error status=70000", 14, "status=70000 is no number in range; allowed: digits"),
    ("page status=600", 6, "600 is no status"),
    ("callback-status status=200", 17, "200 is what a callback should be answered"),
    ("callback-fail message=a", 14, "callback-fail needs the parameter ec"),
    ("oversized-head size=17m", 16, "allowed: 1 to 16777216 bytes"),
    ("oversized-body size=0", 16, "size is 0; allowed: 1 to "),
    ("wrong-crc operation=Put", 21, "unknown operation; allowed: any, ListBuckets, "),
    ("wrong-crc times=0", 11, "times is 0, so it never happens; allowed: 1 or more, always"),
    ("wrong-crc times=many", 17, "times=many is no number in range; allowed: digits, always"),
    ("wrong-crc p=0", 11, "p is 0; allowed: above 0, up to 1"),
    ("wrong-crc p=1.1", 11, "p is 1.1"),
    ("wrong-crc p=NaN", 11, "p is NaN"),
    ("wrong-crc p=often", 13, "p=often is no probability; allowed: "),
    ("wrong-crc seed=1", 11, "a seed has no meaning without a probability; allowed: p"),
    ("wrong-crc attempt=0", 11, "attempts are counted from 1"),
    ("refuse key=a", 8, "key is not known yet when a connection is made; allowed: times, p, seed"),
    ("tls-cut operation=PutObject", 9, "operation is not known yet"),
    ("damage at=1 operation=GetObject", 13, "cannot happen to GetObject; allowed: PutObject, Upl"),
    ("callback-refuse operation=UploadPart", 17, "cannot happen to UploadPart; allowed: PutObject"),
    ("wrong-crc part=1 operation=PutObject", 11, "PutObject has no part number; allowed: "),
    ("wrong-crc key=a operation=PostObject", 11, "the key of a form is in its body"),
    ("expired-token operation=PostObject", 15, "the token of a form is in its body"),
    ("wrong-crc key=\"a", 15, "the quote is not closed"),
    ("wrong-crc key=\"a\"b", 18, "'b' follows a quote; allowed: a space"),
    ("wrong-crc key=\"\\x\"", 16, "unknown escape; allowed: "),
    ("wrong-crc key=\"ä ö\" x", 21, "'x' has no value"),
];

#[test]
fn mistakes_are_named_with_their_place_and_what_is_allowed() {
    for (text, column, message) in MISTAKES {
        let error = text.parse::<Fault>().expect_err(text);
        assert_eq!(error.column(), Some(*column), "{error}");
        let error = error.to_string();
        let start = format!("fault \"{}\", column {column}: ", text.trim());
        assert!(error.starts_with(&start) && error.contains(message), "{error}");
    }
}

#[test]
fn what_is_built_is_checked_like_what_is_written() {
    let head = WireFault::Reset { at: Position::Head(3) };
    let error = Fault::new(FaultKind::Request(head)).check().unwrap_err();
    assert!(error.to_string().contains("the head of a request must arrive before"), "{error}");
    assert_eq!(error.column(), None);
    assert!(Fault::new(FaultKind::Refuse).key("a").check().is_err());
    assert!(Fault::new(FaultKind::Refuse).times(2).check().is_ok());
}

#[test]
fn a_script_has_lines_and_comments() {
    let script = "# first\n\nrefuse times=2\r\n   # second\n  wrong-crc key=#1\n";
    let faults = Fault::script(script).unwrap();
    let texts: Vec<String> = faults.iter().map(Fault::to_string).collect();
    assert_eq!(texts, ["refuse times=2", "wrong-crc key=#1"]);

    let error = Fault::script("refuse\n\n wrong-crc p=2\n").unwrap_err();
    assert_eq!((error.line(), error.column()), (Some(3), Some(12)));
    assert_eq!(
        error.to_string(),
        "fault \"wrong-crc p=2\", line 3, column 12: p is 2; allowed: above 0, up to 1"
    );
}

#[test]
fn the_help_names_everything() {
    let help = Fault::help();
    for kind in KINDS {
        assert!(help.contains(&format!("\n  {}", kind.name)), "{}", kind.name);
        for parameter in kind.parameters {
            assert!(help.contains(&format!("{}={}", parameter.name, parameter.value)));
        }
    }
    assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
}
