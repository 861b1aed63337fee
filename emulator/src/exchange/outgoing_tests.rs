use std::net::SocketAddr;
use std::time::SystemTime;

use super::*;
use crate::faults::{Candidate, Faults, Stage, TlsSide};
use crate::protocol::Operation;
use crate::records::underway::tests::begun;
use crate::records::{RequestRecord, RequestTimes, Underway};

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n";

fn record(faults: &[Taken]) -> SharedRecord {
    let record = RequestRecord {
        request_id: "1".to_owned(),
        begun: SystemTime::UNIX_EPOCH,
        times: RequestTimes::default(),
        connection: 1,
        peer: SocketAddr::from(([127, 0, 0, 1], 1)),
        method: "GET".to_owned(),
        host: String::new(),
        target: String::new(),
        bucket: None,
        key: None,
        operation: None,
        upload_id: None,
        part_number: None,
        headers: Vec::new(),
        signature_version: None,
        access_key_id: None,
        signature: None,
        body_bytes: 0,
        traffic_limit: None,
        stored: None,
        callback: None,
        status: 200,
        code: None,
        ec: None,
        answer_headers: Vec::new(),
        answer_text: None,
        answer: AnswerFate::Pending,
        faults: faults.iter().map(Taken::entry).collect(),
    };
    SharedRecord::new(record, std::time::Instant::now())
}

/// An answer with a body of 10 bytes.
fn answer(fault: &str) -> (Outgoing, SharedRecord) {
    let faults = Faults::new(TlsSide::Plain, 1);
    if !fault.is_empty() {
        faults.add(fault).unwrap();
    }
    let candidate = Candidate {
        operation: Operation::GetObject,
        bucket: None,
        key: None,
        part: None,
        body_length: None,
        token: None,
    };
    let taken = faults.take(&[Stage::Departure], &candidate);
    let record = record(&taken);
    let underway = Underway::default().begin(begun());
    (Outgoing::new(record.clone(), 10, taken.into_iter().next(), underway), record)
}

fn answers(faults: &[&str]) -> (Answers, Vec<SharedRecord>) {
    let mut answers = Answers::default();
    let mut records = Vec::new();
    for fault in faults {
        let (answer, record) = answer(fault);
        answers.push(answer);
        records.push(record);
    }
    (answers, records)
}

#[test]
fn without_a_fault_all_may_go() {
    let (mut answers, records) = answers(&[""]);
    let now = Instant::now();
    assert_eq!(answers.permit(HEAD, HEAD.len() + 10, now), Permit::All);
    assert_eq!(records[0].lock().answer, AnswerFate::Sent, "before the client can have read it");
    answers.wrote(HEAD.len() + 4, now);
    assert_eq!(records[0].lock().answer, AnswerFate::Pending);
    assert_eq!(answers.permit(b"456789", 6, now), Permit::All);
    answers.wrote(6, now);
    assert_eq!(records[0].lock().answer, AnswerFate::Sent);
    assert!(answers.queue.is_empty());
}

#[test]
fn an_answer_that_is_given_up_is_cut() {
    let (mut answers, records) = answers(&["", ""]);
    let now = Instant::now();
    answers.permit(HEAD, HEAD.len() + 10, now);
    answers.wrote(5, now);
    drop(answers);
    assert_eq!(records[0].lock().answer, AnswerFate::Cut { bytes: 5 });
    assert_eq!(records[1].lock().answer, AnswerFate::Cut { bytes: 0 });
}

#[test]
fn interim_answers_in_the_same_write_are_no_part_of_it() {
    let (mut answers, records) = answers(&["reset-answer at=3"]);
    let both = [b"HTTP/1.1 100 Continue\r\n\r\n", HEAD].concat();
    let now = Instant::now();
    assert_eq!(answers.permit(&both, both.len() + 10, now), Permit::UpTo(25 + 3));
    answers.wrote(28, now);
    assert_eq!(answers.permit(&both[28..], 100, now), Permit::Act(Act::Reset));
    drop(answers);
    assert_eq!(records[0].lock().answer, AnswerFate::Cut { bytes: 3 });
}

#[test]
fn of_two_answers_in_one_write_each_is_counted() {
    let (mut answers, records) = answers(&["", "close-answer at=0"]);
    let now = Instant::now();
    let first = [HEAD, b"0123456789", HEAD].concat();
    assert_eq!(answers.permit(&first, first.len(), now), Permit::UpTo(HEAD.len() + 10));
    answers.wrote(HEAD.len() + 10, now);
    assert_eq!(records[0].lock().answer, AnswerFate::Sent);
    assert_eq!(answers.permit(HEAD, HEAD.len(), now), Permit::Act(Act::Close));
}

#[test]
fn a_place_behind_the_last_byte_is_acted_on_at_rest() {
    let (mut answers, records) = answers(&["stall-answer at=end for=1s"]);
    let now = Instant::now();
    assert_eq!(answers.permit_at_rest(), None);
    let whole = HEAD.len() + 10;
    assert_eq!(answers.permit(HEAD, whole, now), Permit::UpTo(whole));
    answers.wrote(whole, now);
    let stall = Act::Stall { lasting: Some(Duration::from_secs(1)) };
    assert_eq!(answers.permit_at_rest(), Some(stall));
    answers.begin_act();
    assert!(records[0].lock().faults[0].happened);
    answers.end_act();
    assert!(answers.queue.is_empty());
    assert_eq!(records[0].lock().answer, AnswerFate::Sent);
}

#[test]
fn a_trickle_is_cut_into_pieces_with_pauses() {
    let (mut answers, _) = answers(&["trickle-answer rate=50"]);
    let now = Instant::now();
    assert_eq!(answers.permit(HEAD, HEAD.len(), now), Permit::UpTo(5));
    answers.wrote(5, now);
    let until = now + Duration::from_millis(100);
    assert_eq!(answers.permit(HEAD, HEAD.len(), now), Permit::Act(Act::Pause { until }));
    answers.end_act();
    assert_eq!(answers.permit(HEAD, HEAD.len(), now), Permit::UpTo(5));
}
