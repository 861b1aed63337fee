//! What browsers ask for and are told.

mod common;

use common::{Request, Response, emulator};
use ossbind_emulator::{Cors, Emulator, Operation, Options};

const PAGE: &str = "http://localhost:8080";

fn preflight(emulator: &Emulator, origin: &str, method: &str) -> Response {
    Request::new("OPTIONS", "dir/a.txt")
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header("access-control-request-headers", "content-type,x-oss-callback")
        .send_as_is(emulator)
}

fn with(cors: Cors) -> Emulator {
    Emulator::start(Options { cors, ..Options::default() }).unwrap()
}

#[test]
fn any_page_may_ask_by_default() {
    let emulator = emulator();
    for method in ["GET", "PUT", "POST", "DELETE", "HEAD"] {
        let answer = preflight(&emulator, PAGE, method);
        assert_eq!((answer.status, answer.body.len()), (200, 0));
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        let methods = answer.header("access-control-allow-methods").unwrap();
        assert!(methods.contains(method));
        let headers = answer.header("access-control-allow-headers");
        assert_eq!(headers, Some("content-type,x-oss-callback"));
        assert!(answer.header("access-control-max-age").is_some());
    }
    assert_eq!(emulator.requests()[0].operation, Some(Operation::OptionObject));

    let answer = preflight(&emulator, PAGE, "PATCH");
    assert_eq!((answer.status, answer.error().1.as_str()), (403, "AccessForbidden"));
    let answer = Request::new("OPTIONS", "a").header("origin", PAGE).send_as_is(&emulator);
    assert_eq!((answer.status, answer.error().1.as_str()), (400, "BadRequest"));
}

#[test]
fn answers_are_revealed_to_pages() {
    let emulator = emulator();
    let put = || Request::put("a.txt", "").header("origin", PAGE);
    for (request, status) in [(put().sign_v4(), 200), (put(), 403)] {
        let answer = request.send_as_is(&emulator);
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        let exposed = answer.header("access-control-expose-headers").unwrap();
        for name in ["ETag", "x-oss-request-id", "x-oss-hash-crc64ecma", "x-oss-version-id"] {
            assert!(exposed.split(", ").any(|exposed| exposed == name), "{name}");
        }
        assert_eq!(answer.header("vary"), None);
    }
    let answer = Request::put("a.txt", "").send(&emulator);
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[test]
fn pages_can_be_chosen() {
    let emulator = with(Cors::Origins(vec!["http://other".to_owned(), PAGE.to_owned()]));
    let answer = preflight(&emulator, PAGE, "PUT");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), Some(PAGE));
    assert_eq!(answer.header("vary"), Some("Origin"));
    let answer = preflight(&emulator, "http://localhost:8081", "PUT");
    assert_eq!((answer.status, answer.error().1.as_str()), (403, "AccessForbidden"));
    assert_eq!(answer.header("access-control-allow-origin"), None);
    assert_eq!(answer.header("vary"), Some("Origin"));
    let answer = Request::put("a", "").header("origin", "http://localhost:8081").send(&emulator);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[test]
fn pages_can_be_shut_out() {
    let emulator = with(Cors::Off);
    let answer = preflight(&emulator, PAGE, "PUT");
    assert_eq!((answer.status, answer.error().1.as_str()), (403, "AccessForbidden"));
    let answer = Request::put("a", "").header("origin", PAGE).send(&emulator);
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, None));
}
