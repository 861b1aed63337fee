//! Heads of answers that are longer than usual.

use std::io::{BufReader, Write as _};

use super::support::{Server, client, get, options, read_request};

/// A head with so much user metadata, before and after what counts, and a body that looks like more.
fn answer(metadata: usize) -> String {
    let lines = |name: &str| -> String {
        (0..metadata / 2).map(|n| format!("x-oss-meta-{name}{n}: {n}\r\n")).collect()
    };
    let body = "x-oss-meta-a: b\r\n\r\n";
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\n{}etag: \"e\"\r\ncontent-length: {length}\r\n{}x-last: 1\r\n\r\n{body}",
        lines("before"),
        lines("after"),
    )
}

/// OSS allows 8 KiB of user metadata, which may be hundreds of lines; the HTTP library takes 128.
#[test]
fn hundreds_of_metadata_are_passed_over() {
    // In one piece, and in pieces that end anywhere.
    for piece in [usize::MAX, 1000, 7] {
        let server = Server::start(move |stream| {
            stream.set_nodelay(true).unwrap();
            let mut reader = BufReader::new(stream);
            while read_request(&mut reader).is_some() {
                let answer = answer(400);
                for piece in answer.as_bytes().chunks(piece.min(answer.len())) {
                    reader.get_mut().write_all(piece).unwrap();
                }
            }
        });
        let client = client(options());
        for _ in 0..2 {
            let response = get(&client, &server.url()).unwrap();
            assert_eq!(response.header("etag"), Some("\"e\""));
            assert_eq!(response.header("x-last"), Some("1"));
            assert_eq!(response.body, b"x-oss-meta-a: b\r\n\r\n");
        }
        assert_eq!(server.accepted(), 1, "the connection is as good as before");
    }
}

/// What is not passed over is still bounded.
#[test]
fn other_headers_have_a_limit() {
    let server = Server::start(|stream| {
        let mut reader = BufReader::new(stream);
        if read_request(&mut reader).is_some() {
            let head = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x-other: y\r\n".repeat(200));
            let _ = reader.get_mut().write_all(head.as_bytes());
        }
    });
    let failure = get(&client(options()), &server.url()).unwrap_err();
    assert!(matches!(failure.kind, crate::http::FailureKind::BadResponse), "{failure:?}");
}
