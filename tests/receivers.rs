//! The receiving side in whole: a local OSS calls the example servers, and so does everybody else. What is real leaves
//! one row in their database, everything else none.

#[path = "receivers/server.rs"]
mod server;
mod support;

use std::iter::once;
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ossbind::time::Timestamp;
use ossbind::{Body, Callback, UploadRequest};
use ossbind_emulator::ReceivedCallback;
use server::{Kind, Row, SECRET, Server};
use support::local_oss::{BUCKET, LocalOss};
use support::native::{Compiler, out_dir, root};

/// Whoever decodes it, cleans it up or writes it anew makes another one of it.
const TARGET: &str = "/up%20load//%2541%E4%BD%A0?from=%41&path=a%2Fb";
const BODY: &str = "object=${object}&size=${size}&reqId=${reqId}&seal=${x:seal}";
const CONTENT: &[u8] = b"twelve bytes";

fn seal(key: &str) -> String {
    ossbind::seal::seal(SECRET, BUCKET, key, Timestamp::of_device(), Duration::from_secs(3600))
        .unwrap()
}

/// Uploads with a callback, and gives the server's answer.
fn upload(oss: &LocalOss, url: &str, key: &str, body: &str, seal: &str) -> String {
    let callback = Callback::new(url, body).variable("x:seal", seal);
    let mut request = UploadRequest::new(BUCKET, key, Body::Memory(CONTENT));
    request.callback = Some(&callback);
    match oss.client().upload(request) {
        Ok(result) => String::from_utf8(result.callback_answer().to_vec()).unwrap(),
        Err(failed) => failed.error.to_string(),
    }
}

/// A callback that OSS has signed, and that no example has seen yet.
fn signed(oss: &LocalOss, key: &str, body: &str) -> ReceivedCallback {
    let before = oss.receiver.received().len();
    upload(oss, &oss.receiver.url(TARGET), key, body, &seal(key));
    oss.received(before + 1).remove(before)
}

/// The bytes of its head. The signature does not cover where it was sent to.
fn head(callback: &ReceivedCallback) -> String {
    let mut head = format!("{} {} HTTP/1.1\r\n", callback.method, callback.target);
    for (name, value) in &callback.headers {
        head += &format!("{name}: {value}\r\n");
    }
    head + "\r\n"
}

fn send(server: &Server, callback: &ReceivedCallback) -> Option<u16> {
    server.send(&head(callback), once(callback.body.clone()))
}

fn set(callback: &mut ReceivedCallback, name: &str, value: String) {
    let header = callback.headers.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name));
    header.expect("OSS sends it").1 = value;
}

/// Another body, sent whole.
fn with_body(callback: &ReceivedCallback, change: impl FnOnce(&str) -> String) -> ReceivedCallback {
    let mut changed = callback.clone();
    changed.body = change(&callback.body_text()).into_bytes();
    assert_ne!(changed.body, callback.body, "it is changed");
    let length = changed.body.len().to_string();
    set(&mut changed, "Content-Length", length);
    changed
}

fn row(object: &str) -> Row {
    Row { object: object.to_owned(), size: CONTENT.len() as u64 }
}

/// What readers copy out of the page: the first program in each language.
#[test]
fn the_programs_of_the_page_compile() {
    let page = std::fs::read_to_string(root().join("docs/receiving.md")).unwrap();
    let remember = "#include <string>\nvoid remember(const std::string &object);\n";
    for (language, compiler, before) in
        [("c", Compiler::c("c99"), ""), ("cpp", Compiler::cpp("c++11"), remember)]
    {
        let code = page.split(&format!("```{language}\n")).nth(1).expect("a program");
        let code = code.split("\n```").next().unwrap();
        let path = out_dir().join(format!("receiving.{language}"));
        std::fs::write(&path, format!("{before}{code}\n")).unwrap();
        compiler.check(&[path.to_str().unwrap()]);
    }
}

#[test]
fn each_upload_leaves_one_row() {
    for kind in Kind::all() {
        let oss = LocalOss::start();
        let server = Server::start(kind, &oss, true);
        let keys = ["a.jpg", "dir/a b+c~é'\"/中.txt", "100%|&=?"];
        for key in keys {
            let answer = upload(&oss, &server.url(TARGET), key, BODY, &seal(key));
            assert_eq!(answer, "{\"Status\":\"OK\"}", "{kind:?}: {}", server.log());
        }
        assert_eq!(server.rows(), keys.map(row), "{kind:?}");
    }
}

/// What a stranger makes of a callback, and how it is answered.
fn forgeries(good: &ReceivedCallback) -> Vec<(&'static str, ReceivedCallback, u16)> {
    let with = |name: &str, value: &str| {
        let mut changed = good.clone();
        set(&mut changed, name, value.to_owned());
        changed
    };
    let at = |target: &str| {
        let mut changed = good.clone();
        changed.target = target.to_owned();
        changed
    };
    let key_url = |url: &str| with("x-oss-pub-key-url", &STANDARD.encode(url));
    let mut unsigned = good.clone();
    unsigned.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
    let mut twice = good.clone();
    twice.headers.push(("authorization".to_owned(), STANDARD.encode([0; 64])));
    vec![
        ("not signed", unsigned, 401),
        ("key of somebody else", key_url("http://203.0.113.9/callback_pub_key_v1.pem"), 403),
        ("name like that of OSS", key_url("https://gosspublic.alicdn.com.evil.test/k.pem"), 403),
        ("own signature", with("authorization", &STANDARD.encode([7; 64])), 403),
        ("signed twice", twice, 400),
        ("newer version", with("x-oss-signature-version", "2.0"), 400),
        ("other size", with_body(good, |body| body.replace("size=12", "size=13")), 403),
        ("other object", with_body(good, |body| body.replace("b.jpg", "c.jpg")), 403),
        ("one byte more", with_body(good, |body| format!("{body}&")), 403),
        ("decoded", with_body(good, |body| body.replace("%2F", "/")), 403),
        ("encoded in another way", with_body(good, |body| body.replace("%2F", "%2f")), 403),
        ("other path", at("/load?from=%41&path=a%2Fb"), 403),
        ("decoded query", at("/up%20load//%2541%E4%BD%A0?from=A&path=a/b"), 403),
        ("no query", at("/up%20load//%2541%E4%BD%A0"), 403),
        ("path encoded twice", at("/up%2520load//%2541%E4%BD%A0?from=%41&path=a%2Fb"), 403),
        ("other bucket", with("x-oss-bucket", "somebody-elses"), 403),
    ]
}

#[test]
fn nothing_else_leaves_a_row() {
    for kind in Kind::all() {
        let oss = LocalOss::start();
        let server = Server::start(kind, &oss, true);
        let good = signed(&oss, "dir/b.jpg", BODY);
        for (what, forged, status) in forgeries(&good) {
            assert_eq!(send(&server, &forged), Some(status), "{kind:?}, {what}: {}", server.log());
        }
        let mut got = good.clone();
        got.method = "GET".to_owned();
        assert!(matches!(send(&server, &got), Some(400 | 404)), "{kind:?}");
        let answer = server.send_and_end(&head(&good), &good.body[..good.body.len() / 2]);
        assert!(!matches!(answer, Some(200)), "{kind:?}: half a body");
        assert_eq!(server.rows(), [], "{kind:?}");

        let other = signed(&oss, "other.jpg", "object=${object}&size=${size}&reqId=${reqId}");
        assert_eq!(send(&server, &other), Some(403), "{kind:?}: no seal");
        let stolen = upload_with_stolen_seal(&oss, &good);
        assert_eq!(send(&server, &stolen), Some(403), "{kind:?}: the seal of another object");
        assert_eq!(server.rows(), [], "{kind:?}");

        assert_eq!(send(&server, &good), Some(200), "{kind:?}: {}", server.log());
        assert_eq!(server.rows(), [row("dir/b.jpg")], "{kind:?}");
    }
}

/// A callback for another object, with the seal of this one.
fn upload_with_stolen_seal(oss: &LocalOss, of: &ReceivedCallback) -> ReceivedCallback {
    let body = of.body_text();
    let seal = body.split("seal=").nth(1).expect("it is sealed");
    let before = oss.receiver.received().len();
    upload(oss, &oss.receiver.url(TARGET), "stolen.jpg", BODY, seal);
    oss.received(before + 1).remove(before)
}

#[test]
fn one_that_comes_again_leaves_no_second_row() {
    for kind in Kind::all() {
        for with_seals in [true, false] {
            let oss = LocalOss::start();
            let server = Server::start(kind, &oss, with_seals);
            let good = signed(&oss, "b.jpg", BODY);
            thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| assert_eq!(send(&server, &good), Some(200), "{}", server.log()));
                }
            });
            assert_eq!(server.rows(), [row("b.jpg")], "{kind:?}, {with_seals}");
            let server = server.restarted(&oss, with_seals);
            assert_eq!(send(&server, &good), Some(200), "{kind:?}: {}", server.log());
            assert_eq!(server.rows(), [row("b.jpg")], "{kind:?}, {with_seals}");
        }
    }
}

/// It has another request id then, but the same seal.
#[test]
fn a_device_that_uploads_again_leaves_no_second_row() {
    for kind in Kind::all() {
        let oss = LocalOss::start();
        let server = Server::start(kind, &oss, true);
        let seal = seal("b.jpg");
        for _ in 0..2 {
            let answer = upload(&oss, &server.url(TARGET), "b.jpg", BODY, &seal);
            assert_eq!(answer, "{\"Status\":\"OK\"}", "{kind:?}: {}", server.log());
        }
        assert_eq!(server.rows(), [row("b.jpg")], "{kind:?}");
    }
}

/// The uploader learns that the server does not know of the upload.
#[test]
fn what_cannot_be_noted_is_not_acknowledged() {
    for kind in Kind::all() {
        let oss = LocalOss::start();
        let server = Server::start(kind, &oss, false);
        let body = "object=${object}&size=${size}";
        let answer = upload(&oss, &server.url("/"), "b.jpg", body, "unused");
        assert!(answer.contains("Error status : 500."), "{kind:?}: {answer}");
        assert_eq!(server.rows(), [], "{kind:?}");
        server.sql("DROP TABLE uploads");
        let answer = upload(&oss, &server.url("/"), "b.jpg", BODY, "unused");
        assert!(answer.contains("Error status : 500."), "{kind:?}: {answer}");
        assert!(server.log().contains("no such table"), "{kind:?}: {}", server.log());
    }
}

#[test]
fn a_long_body_is_refused_and_takes_no_memory() {
    const MIB: usize = 1 << 20;
    for kind in Kind::all() {
        let oss = LocalOss::start();
        let server = Server::start(kind, &oss, true);
        let good = signed(&oss, "b.jpg", BODY);
        assert_eq!(send(&server, &good), Some(200));
        let before = server.peak_kib();
        let mut long = good.clone();
        set(&mut long, "Content-Length", (2 * MIB).to_string());
        let mut chunked = good.clone();
        chunked.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
        chunked.headers.push(("Transfer-Encoding".to_owned(), "chunked".to_owned()));
        let chunk = [b"100000\r\n".to_vec(), vec![b'a'; MIB], b"\r\n".to_vec()].concat();
        for _ in 0..8 {
            let answer = server.send(&head(&long), (0..2).map(|_| vec![b'a'; MIB]));
            assert!(matches!(answer, None | Some(413)), "{kind:?}: {answer:?}");
            let answer = server.send(&head(&chunked), (0..32).map(|_| chunk.clone()));
            assert!(matches!(answer, None | Some(413)), "{kind:?}: {answer:?}");
        }
        let grown = server.peak_kib() - before;
        assert!(grown < 4096, "{kind:?} has grown by {grown} KiB");
        assert_eq!(server.rows(), [row("b.jpg")], "{kind:?}");
    }
}
