//! The service says something else than the truth, or does something else than it says.

mod common;

use std::time::{Duration, Instant};

use common::multipart::{initiate, part};
use common::rough::{add, last_request};
use common::{BUCKET, Request, Response, emulator};
use ossbind_emulator::{Emulator, Operation};

#[test]
fn errors_have_the_parts_that_were_asked_for() {
    let emulator = emulator();
    add(&emulator, "error status=503 code=\"Slow <down>\" message=later retry-after=7");
    let answer = Request::put("a", "content").send(&emulator);
    assert_eq!((answer.status, answer.error().1.as_str()), (503, "Slow <down>"));
    assert_eq!(answer.element("Message").as_deref(), Some("later"));
    assert_eq!(answer.header("retry-after"), Some("7"));
    assert!(answer.header("x-oss-request-id").is_some());
    let record = last_request(&emulator);
    assert_eq!((record.stored, record.body_bytes), (None, 0));
    assert!(emulator.object(BUCKET, "a").is_none());

    add(&emulator, "error status=500 when=after");
    let answer = Request::put("a", "content").send(&emulator);
    assert_eq!((answer.status, answer.error().1.as_str()), (500, "InternalError"));
    assert_eq!(answer.header("retry-after"), None);
    assert!(last_request(&emulator).stored.is_some());
    assert!(emulator.object(BUCKET, "a").is_some());
}

#[test]
fn a_page_has_nothing_of_the_service() {
    let emulator = emulator();
    for (fault, stored) in
        [("page status=502 retry-after=1", false), ("page status=200 when=after", true)]
    {
        add(&emulator, fault);
        let answer = Request::put("a", "content").send(&emulator);
        assert_eq!(answer.header("content-type"), Some("text/html"));
        assert!(answer.headers.iter().all(|(name, _)| !name.starts_with("x-oss-")));
        assert_eq!((answer.header("server"), answer.header("etag")), (None, None));
        assert_eq!(answer.header("retry-after").is_some(), answer.status == 502);
        let record = last_request(&emulator);
        assert_eq!((record.status, record.stored.is_some()), (answer.status, stored));
        assert_eq!(record.code, None);
    }
}

#[test]
fn time_passes_before_or_after_the_work() {
    let emulator = emulator();
    add(&emulator, "delay for=40ms operation=PutObject");
    add(&emulator, "delay for=40ms when=after operation=PutObject");
    let start = Instant::now();
    assert_eq!(Request::put("a", "content").send(&emulator).status, 200);
    assert!(start.elapsed() >= Duration::from_millis(80));
    let record = last_request(&emulator);
    assert!(record.faults.len() == 2 && record.faults.iter().all(|fault| fault.happened));
}

#[test]
fn a_late_client_finds_its_upload_stored() {
    let emulator = emulator();
    let delay = add(&emulator, "delay for=50ms");
    let stream = common::rough::begin(&emulator, Request::put("a", "content"));
    assert!(delay.wait_happened(1, common::PATIENCE));
    drop(stream);
    assert!(last_request(&emulator).stored.is_some());
    assert!(emulator.object(BUCKET, "a").is_some());
}

#[test]
fn a_token_has_expired() {
    let emulator = emulator();
    let put = || Request::put("a", "content");
    let temporary = || put().key_pair("STS.ak", "sts-sk", Some("token"));
    add(&emulator, "expired-token");
    assert_eq!(put().send(&emulator).status, 200, "a permanent key has no token");
    let expired = temporary().send(&emulator);
    let said = expired.error();
    assert_eq!((said.0, said.1.as_str()), (403, "SecurityTokenExpired"));
    assert_eq!(last_request(&emulator).stored, None);
    assert_eq!(temporary().send(&emulator).status, 200);

    add(&emulator, "expired-token token=other times=always");
    add(&emulator, "expired-token token=token times=always");
    for _ in 0..2 {
        assert_eq!(temporary().send(&emulator).error().1, "SecurityTokenExpired");
    }
    // In the URL it counts as well.
    let presigned = Request::get("a").key_pair("STS.ak", "sts-sk", Some("token"));
    let answer = presigned.clone().presign_v4("60").send_as_is(&emulator);
    assert_eq!(answer.error().1, "SecurityTokenExpired");
    let answer = presigned.presign_v1("4000000000").send_as_is(&emulator);
    assert_eq!(answer.error().1, "SecurityTokenExpired");
}

#[test]
fn the_clock_is_wrong_for_one_request() {
    let emulator = emulator();
    add(&emulator, "clock offset=1h operation=PutObject");
    let answer = Request::put("a", "content").send(&emulator);
    assert_eq!(answer.error().1, "RequestTimeTooSkewed");
    let date = httpdate::parse_http_date(answer.header("date").unwrap()).unwrap();
    let ahead = date.duration_since(std::time::SystemTime::now()).unwrap();
    assert!((3500..=3600).contains(&ahead.as_secs()));
    assert!(answer.element("ServerTime").unwrap() > answer.element("RequestTime").unwrap());
    assert_eq!(Request::put("a", "content").send(&emulator).status, 200);

    // A client that has corrected its clock is right.
    add(&emulator, "clock offset=-2h times=always");
    assert_eq!(Request::get("a").send(&emulator).error().1, "RequestTimeTooSkewed");
    let corrected = Request { skew: -7200, ..Request::put("a", "content") };
    assert_eq!(corrected.send(&emulator).status, 200);
    let stored = emulator.object(BUCKET, "a").unwrap().last_modified();
    assert!(stored < std::time::SystemTime::now() - Duration::from_secs(7000));
}

fn crc(answer: &Response) -> u64 {
    answer.header("x-oss-hash-crc64ecma").unwrap().parse().unwrap()
}

#[test]
fn the_checksum_lies_and_the_object_is_right() {
    let emulator = emulator();
    add(&emulator, "wrong-crc times=2");
    let answer = Request::put("a", "content").send(&emulator);
    let object = emulator.object(BUCKET, "a").unwrap();
    assert_ne!(crc(&answer), object.crc64());
    assert_eq!(object.content().unwrap().unwrap(), b"content");
    assert_eq!(last_request(&emulator).stored.unwrap().crc64, object.crc64());
    // An answer without a checksum cannot have a wrong one.
    Request::new("DELETE", "a").send(&emulator);
    assert!(!last_request(&emulator).faults[0].happened);
}

#[test]
fn the_object_is_damaged_and_the_checksum_tells() {
    let emulator = emulator();
    let damaged =
        |emulator: &Emulator| emulator.object(BUCKET, "a").unwrap().content().unwrap().unwrap();
    for (place, content) in [("0", b"bontent"), ("3", b"conuent"), ("end-1", b"contenu")] {
        add(&emulator, &format!("damage at={place}"));
        let answer = Request::put("a", "content").send(&emulator);
        assert_eq!(answer.status, 200);
        assert_eq!(damaged(&emulator), content);
        assert_eq!(crc(&answer), emulator.object(BUCKET, "a").unwrap().crc64());
        assert!(last_request(&emulator).faults[0].happened);
    }
    // A client that announces its checksum is told.
    add(&emulator, "damage at=0");
    let request = Request::put("a", "content").header("content-md5", "mgNkuembtIDdJeHwKEyFVQ==");
    assert_eq!(request.clone().send(&emulator).error().1, "InvalidDigest");
    assert_eq!(request.send(&emulator).status, 200);
}

#[test]
fn a_part_is_damaged_far_inside() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    add(&emulator, "damage at=250000 part=2");
    let body = vec![b'a'; 300_000];
    let first = part("a", &id, 1, body.clone()).send(&emulator);
    let second = part("a", &id, 2, body).send(&emulator);
    assert_ne!(crc(&first), crc(&second));
    assert_eq!(last_request(&emulator).operation, Some(Operation::UploadPart));
}

#[test]
fn requests_are_chosen_by_what_they_are() {
    let emulator = emulator();
    let status = |request: Request| request.send(&emulator).status;
    let put = |key: &str| status(Request::put(key, "content"));
    emulator
        .faults()
        .add_script(
            "error status=500 key=a\n\
             error status=500 prefix=dir/ times=2\n\
             error status=500 bucket=another\n\
             error status=500 operation=UploadPart part=2 attempt=2 times=always\n",
        )
        .unwrap();
    assert_eq!([put("b"), put("a"), put("a")], [200, 500, 200]);
    assert_eq!([put("dir"), put("dir/a"), put("dir/b"), put("dir/c")], [200, 500, 500, 200]);
    let id = initiate(&emulator, "c");
    let upload = |number| status(part("c", &id, number, "content"));
    assert_eq!([2, 1, 2, 1, 2].map(upload), [200, 200, 500, 200, 200]);
}

#[test]
fn chance_hits_the_same_keys_in_every_run_and_order() {
    let keys: Vec<String> = (0..60).map(|number| format!("key-{number}")).collect();
    let hits = |keys: &[String]| {
        let emulator = emulator();
        add(&emulator, "error status=503 p=0.3 seed=5");
        let mut hit: Vec<String> = keys
            .iter()
            .filter(|key| Request::put(key, "").send(&emulator).status == 503)
            .cloned()
            .collect();
        hit.sort();
        hit
    };
    let backwards: Vec<String> = keys.iter().rev().cloned().collect();
    let hit = hits(&keys);
    assert!((5..30).contains(&hit.len()), "{}", hit.len());
    assert_eq!(hits(&backwards), hit);
}

#[test]
fn a_request_with_a_wrong_signature_meets_no_fault() {
    let emulator = emulator();
    let fault = add(&emulator, "error status=500");
    let wrong = Request::put("a", "").key_pair("ak", "wrong", None).send(&emulator);
    assert_eq!(wrong.error().1, "SignatureDoesNotMatch");
    assert_eq!(fault.status().taken, 0);
}
