//! Requests as the vendor's SDKs send them to an IP address.

mod common;

use std::io::Write;
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::signing::hmac_sha1;
use common::{BUCKET, Request, Response, connect, emulator};
use ossbind_emulator::Emulator;

/// Sends a request for this target whose resource is signed with version 1.
fn send(emulator: &Emulator, method: &str, target: &str, resource: &str) -> Response {
    let date = httpdate::fmt_http_date(SystemTime::now());
    let text = format!("{method}\n\n\n{date}\n{resource}");
    let signature = STANDARD.encode(hmac_sha1("sk", &text));
    let head = format!(
        "{method} {target} HTTP/1.1\r\nHost: {}\r\nDate: {date}\r\nContent-Length: 0\r\n\
         Authorization: OSS ak:{signature}\r\n\r\n",
        emulator.address()
    );
    let mut stream = connect(emulator.address());
    stream.write_all(head.as_bytes()).unwrap();
    Response::read(&mut stream, method == "HEAD")
}

#[test]
fn the_resource_of_a_bucket_may_lack_its_slash() {
    let emulator = emulator();
    Request::put("a", "").send(&emulator);
    let list = "/examplebucket?max-keys=10";
    for resource in ["/examplebucket", "/examplebucket/"] {
        let answer = send(&emulator, "GET", list, resource);
        assert_eq!(answer.element("Key").as_deref(), Some("a"), "{resource}");
    }
    assert_eq!(send(&emulator, "GET", list, "/examplebucke").status, 403);
    assert_eq!(send(&emulator, "GET", "/examplebucket/", "/examplebucket").status, 403);
}

#[test]
fn the_service_may_have_two_slashes() {
    let emulator = emulator();
    let answer = send(&emulator, "GET", "//", "/");
    assert_eq!(answer.element("Name").as_deref(), Some(BUCKET));
}

#[test]
fn a_plus_in_the_path_is_a_blank() {
    let emulator = emulator();
    let blank = send(&emulator, "PUT", "/examplebucket/a+b", "/examplebucket/a b");
    let plus = send(&emulator, "PUT", "/examplebucket/a%2Bb", "/examplebucket/a+b");
    assert_eq!((blank.status, plus.status), (200, 200));
    for key in ["a b", "a+b"] {
        assert!(emulator.object(BUCKET, key).is_some(), "{key}");
    }
}

/// Programs that follow them would leave this machine.
#[test]
fn buckets_are_where_the_client_has_found_them() {
    let emulator = emulator();
    for host in [emulator.address().to_string(), "oss.test:9000".to_owned()] {
        let mut request = Request { bucket: String::new(), ..Request::get("") };
        request.host = Some(host.clone());
        let answer = request.send(&emulator);
        for name in ["ExtranetEndpoint", "IntranetEndpoint"] {
            assert_eq!(answer.element(name).as_deref(), Some(host.as_str()));
        }
    }
}

#[test]
fn a_name_that_is_no_text_is_refused() {
    let answer = send(&emulator(), "GET", "/examplebucket/%FF", "/examplebucket/");
    assert_eq!((answer.status, answer.error().1.as_str()), (400, "InvalidArgument"));
}
