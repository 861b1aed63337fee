//! Requests as the vendor's C SDK (3.11.2) and C++ SDK (1.10.1) have sent them to an IP address, signed
//! with version 4: an upload with a callback in one request, and one in two parts.

mod common;

use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use common::{BUCKET, Response, connect};
use ossbind_emulator::{
    AccessKey, CallbackHost, Emulator, Options, Receiver, ReceiverOptions, SignatureVersion,
};

const KEY: &str = "exampledir/exampleobject.txt";
const UPLOAD_ID: &str = "0004B9894A22E5B1888A1E29F8236E2D";
/// 2026-11-26T18:49:43Z
const SIGNED: Duration = Duration::from_secs(1_795_718_983);

/// What one of the SDKs has sent.
struct Recording {
    /// Heads, with an empty line between them: of the small upload, of the beginning of the other, of its
    /// parts, and of its end.
    heads: &'static str,
    /// The bucket in the path.
    bucket: &'static str,
    /// The document at the end, with these ETags.
    completion: fn(&str, &str) -> String,
    /// How the upload in parts ends: the body was not recorded, and where its digest was, no other fits.
    end: (u16, &'static str),
    /// What the application server gets first.
    callback: &'static str,
    callback_host: &'static str,
}

const RECORDINGS: [Recording; 2] = [
    Recording {
        heads: include_str!("recorded/c_sdk.txt"),
        bucket: "/examplebucket%2F",
        completion: |first, second| {
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CompleteMultipartUpload>\
                 <Part><PartNumber>1</PartNumber><ETag>&quot;{first}&quot;</ETag></Part>\
                 <Part><PartNumber>2</PartNumber><ETag>&quot;{second}&quot;</ETag></Part>\
                 </CompleteMultipartUpload>"
            )
        },
        end: (200, ""),
        callback: "bucket=examplebucket&object=exampledir%2Fexampleobject.txt&size=1024\
                   &mimeType=text%2Fplain",
        callback_host: "oss-cn-hangzhou.aliyuncs.com",
    },
    Recording {
        heads: include_str!("recorded/cpp_sdk.txt"),
        bucket: "/examplebucket/",
        completion: |first, second| {
            format!(
                "<CompleteMultipartUpload>\n\
                 <Part>\n  <PartNumber>1</PartNumber>\n  <ETag>{first}</ETag>\n</Part>\
                 <Part>\n  <PartNumber>2</PartNumber>\n  <ETag>{second}</ETag>\n</Part>\
                 </CompleteMultipartUpload>"
            )
        },
        end: (400, "InvalidDigest"),
        callback: "bucket=examplebucket&object=exampledir%2Fexampleobject.txt\
                   &etag=7265F4D211B56873A381D321F586E4A9&size=1024&mimeType=text%2Fplain\
                   &my_var1=value1",
        callback_host: "callback.oss-demo.com:23450",
    },
];

/// How the server is addressed; what is signed is the same.
#[derive(Clone, Copy, Debug)]
enum Style {
    IpAddress,
    HostName,
}

impl Recording {
    fn heads(&self, style: Style) -> Vec<String> {
        let heads = self.heads.trim_end().split("\n\n").map(|head| match style {
            Style::IpAddress => head.to_owned(),
            Style::HostName => head.replacen(self.bucket, "/", 1).replacen(
                "127.0.0.1:18103",
                "examplebucket.oss-cn-hangzhou.aliyuncs.com",
                1,
            ),
        });
        heads.map(|head| head.replace('\n', "\r\n") + "\r\n\r\n").collect()
    }
}

/// An emulator on the day of the recordings, whose callbacks go to this receiver.
fn emulator(receiver: &Receiver) -> Emulator {
    let key = AccessKey::new("LTAI5tExampleAccessKeyId", "exampleAccessKeySecret0123456789");
    let clock_offset_seconds = match (UNIX_EPOCH + SIGNED).duration_since(SystemTime::now()) {
        Ok(ahead) => ahead.as_secs() as i64,
        Err(behind) => -(behind.duration().as_secs() as i64),
    };
    let host = "callback.oss-demo.com".to_owned();
    let callback_hosts = vec![CallbackHost { host, address: receiver.address() }];
    let access_keys = vec![key];
    let options =
        Options { access_keys, callback_hosts, clock_offset_seconds, ..Options::default() };
    Emulator::start(options).unwrap()
}

/// Sends one of the requests in the manner of its head.
fn send(emulator: &Emulator, head: &str, body: &[u8]) -> Response {
    let mut stream = connect(emulator.address());
    stream.write_all(head.as_bytes()).unwrap();
    if head.contains("Expect: 100-continue") {
        let answer = Response::read(&mut stream, false);
        // Nobody asks for a body that has no meaning.
        if answer.status != 100 {
            return answer;
        }
    }
    if head.contains("Transfer-Encoding: chunked") {
        for chunk in body.chunks(16_000) {
            stream.write_all(format!("{:x}\r\n", chunk.len()).as_bytes()).unwrap();
            stream.write_all(chunk).unwrap();
            stream.write_all(b"\r\n").unwrap();
        }
        stream.write_all(b"0\r\n\r\n").unwrap();
    } else {
        stream.write_all(body).unwrap();
    }
    Response::read(&mut stream, false)
}

fn replay(recording: &Recording, style: Style) {
    let options = ReceiverOptions {
        key_url_prefixes: vec!["http://127.0.0.1".to_owned()],
        ..ReceiverOptions::default()
    };
    let receiver = Receiver::start(options).unwrap();
    let emulator = emulator(&receiver);
    let heads = recording.heads(style);
    let [put, initiate, first, second, complete] = &heads[..] else {
        panic!("there are {} heads", heads.len());
    };

    let answer = send(&emulator, put, &[b'x'; 1024]);
    assert_eq!((answer.status, answer.text().as_str()), (200, r#"{"Status":"OK"}"#));
    let stored = emulator.object(BUCKET, KEY).unwrap();
    assert_eq!(stored.content().unwrap(), Some(vec![b'x'; 1024]));
    let callback = &receiver.received()[0];
    assert_eq!(callback.signature, Ok(()));
    assert_eq!(callback.body_text(), recording.callback);
    assert_eq!(callback.header("host"), Some(recording.callback_host));

    assert!(emulator.give_next_upload_id(UPLOAD_ID));
    let answer = send(&emulator, initiate, b"");
    assert_eq!(answer.element("UploadId").as_deref(), Some(UPLOAD_ID));
    let mut etags = Vec::new();
    for (head, size) in [(first, 204_800), (second, 102_400)] {
        let answer = send(&emulator, head, &vec![b'x'; size]);
        etags.push(answer.header("etag").unwrap().trim_matches('"').to_owned());
    }
    let body = (recording.completion)(&etags[0], &etags[1]);
    assert!(complete.contains(&format!("Content-Length: {}\r\n", body.len())));
    let answer = send(&emulator, complete, body.as_bytes());
    let (status, code) = recording.end;
    assert_eq!(answer.status, status, "{}", answer.text());
    if status == 200 {
        assert_eq!(emulator.object(BUCKET, KEY).unwrap().size(), 307_200);
        assert_eq!(receiver.received()[1].signature, Ok(()));
    } else {
        assert_eq!(answer.error().1, code);
    }
    let verified = emulator.requests().into_iter().filter(|request| request.operation.is_some());
    let verified: Vec<_> = verified.map(|request| request.signature_version).collect();
    assert_eq!(verified, [Some(SignatureVersion::V4); 5], "{style:?}");
}

#[test]
fn recordings_are_understood_at_an_ip_address_and_at_a_host_name() {
    for recording in &RECORDINGS {
        replay(recording, Style::IpAddress);
        replay(recording, Style::HostName);
    }
}

#[test]
fn every_recorded_signature_counts() {
    let receiver = Receiver::start(ReceiverOptions::default()).unwrap();
    let emulator = emulator(&receiver);
    for recording in &RECORDINGS {
        for head in recording.heads(Style::IpAddress) {
            let (before, after) = head.split_once(",Signature=").unwrap();
            let changed = match after.strip_prefix('0') {
                Some(rest) => format!("{before},Signature=1{rest}"),
                None => format!("{before},Signature=0{}", &after[1..]),
            };
            let mut stream = connect(emulator.address());
            stream.write_all(changed.as_bytes()).unwrap();
            let answer = Response::read(&mut stream, false);
            assert_eq!(answer.error().1, "SignatureDoesNotMatch", "{head}");
        }
    }
}

#[test]
fn an_upload_id_that_cannot_be_one_is_not_given() {
    let receiver = Receiver::start(ReceiverOptions::default()).unwrap();
    let emulator = emulator(&receiver);
    for id in ["", "../../../../../../../../../../aa", "0004b9894a22e5b1888a1e29f8236e2d", "12"] {
        assert!(!emulator.give_next_upload_id(id), "{id}");
    }
}
