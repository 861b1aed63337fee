//! The example of an upload from a web page, in a real browser: what people see, what is stored and
//! what the application server hears of it.

mod support;

use std::io::Read;
use std::net::TcpListener;
use std::process::Stdio;

use ossbind_emulator::{Answer, Cors, Operation, Options};
use serde_json::{Value, json};
use support::local_oss::{LocalOss, PATIENCE};
use support::upload_page::{PageServer, Site, program};

/// Of the policy that the example signs.
const MAX_SIZE: usize = 10 << 20;

/// A bitmap of 3 bytes per pixel.
fn bitmap(width: u32, height: u32) -> Vec<u8> {
    let size = width * height * 3;
    let mut bytes = b"BM".to_vec();
    for number in [54 + size, 0, 54, 40, width, height] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend([1, 0, 24, 0]);
    for number in [0, size, 0, 0, 0, 0] {
        bytes.extend(number.to_le_bytes());
    }
    for y in 0..height {
        for x in 0..width {
            let wave = (x * 255 / width) ^ (y * 255 / height);
            let channels = [255 * y / height, wave, 255 * x / width];
            bytes.extend(channels.map(|channel| u8::try_from(channel).unwrap()));
        }
    }
    bytes
}

#[test]
fn the_answer_of_the_application_server_is_shown() {
    let site = Site::start();
    let answer = r#"{"id": 4711, "message": "grüß <b>dich</b> & \"co\""}"#;
    site.oss.receiver.answer_with(Answer::json(answer));
    let note_progress = r##"
        window.seen = [];
        const progress = document.querySelector("#progress");
        const note = () => window.seen.push(progress.value);
        new MutationObserver(note).observe(progress, { attributeFilter: ["value"] });"##;
    site.browser.run(note_progress, &json!([]));
    let content = bitmap(1600, 1000);
    site.send("grüße & <b>.bmp", &content);

    assert_eq!(site.wait_for_end(), "confirmed", "{}", site.text("#outcome"));
    assert_eq!(site.text("#answer"), answer);
    assert_eq!(site.words(), json!(["granted", "stored", "confirmed"]));
    let key = site.fact("Object");
    assert!(key.starts_with("browser/") && key.ends_with("/grüße & <b>.bmp"), "{key}");
    assert!(site.oss.content(&key) == Some(content), "{key} is what was chosen");

    let callbacks = site.oss.received(1);
    assert_eq!(callbacks[0].signature, Ok(()));
    let callback: Value = serde_json::from_slice(&callbacks[0].body).unwrap();
    assert_eq!(callback["object"], key.as_str());
    assert_eq!(callback["type"], "image/bmp");
    assert_eq!(site.fact("ETag"), format!("\"{}\"", callback["etag"].as_str().unwrap()));

    let posts = site.requests(Operation::PostObject);
    assert_eq!(posts.len(), 1);
    assert_eq!(site.fact("Request ID"), posts[0].request_id);
    // A page that listens to the progress of an upload has to be let in first.
    let preflights = site.requests(Operation::OptionObject);
    assert_eq!(preflights.iter().map(|request| request.status).collect::<Vec<_>>(), [200]);
    let seen = site.browser.run("return window.seen;", &json!([]));
    assert_eq!(seen.as_array().unwrap().last(), Some(&json!(100)), "{seen}");

    site.keep_pictures("confirmed");
}

#[test]
fn a_failed_callback_is_shown_as_stored() {
    let site = Site::start();
    site.oss.receiver.answer_with(Answer::status(502));
    let content = bitmap(400, 300);
    site.send("photo.bmp", &content);

    assert_eq!(site.wait_for_end(), "unconfirmed", "{}", site.text("#outcome"));
    assert_eq!(site.words(), json!(["granted", "stored", "failed"]));
    assert_eq!(site.fact("Code"), "CallbackFailed");
    assert_eq!(site.fact("EC"), "0007-00000203");
    assert!(site.fact("Message").starts_with("Error status : 502"), "{}", site.fact("Message"));
    assert!(site.oss.content(&site.fact("Object")) == Some(content));
    site.oss.received(1);
    site.keep_pictures("callback-failed");
}

#[test]
fn refusals_are_shown_and_nothing_is_stored() {
    let site = Site::start();
    let cases = [
        ("large.bmp", MAX_SIZE + 1, 400, "EntityTooLarge", "maximum"),
        ("huge.bmp", 4 * MAX_SIZE, 400, "EntityTooLarge", "maximum"),
        ("empty.bmp", 0, 400, "EntityTooSmall", "minimum"),
        ("page.html", 7, 403, "AccessDenied", "$x-oss-content-type"),
    ];
    for (name, size, status, code, message) in cases {
        site.send(name, &vec![b'a'; size]);
        assert_eq!(site.wait_for_end(), "refused", "{}", site.text("#outcome"));
        assert_eq!(site.words(), json!(["granted", "refused", ""]));
        assert_eq!(site.fact("Status"), status.to_string());
        assert_eq!(site.fact("Code"), code);
        assert!(site.fact("Message").contains(message), "{}", site.fact("Message"));
        let post = site.requests(Operation::PostObject).pop().unwrap();
        assert_eq!(post.code.as_deref(), Some(code));
        assert_eq!(post.key.and_then(|key| site.oss.content(&key)), None, "{name} is not stored");
    }
    site.oss.received(0);
    site.keep_pictures("refused");
}

#[test]
fn a_page_that_the_bucket_does_not_know_says_so() {
    let origins = || vec!["https://www.example.com".to_owned()];
    let site = Site::with(|_| Options { cors: Cors::Origins(origins()), ..Options::default() });
    site.send("photo.bmp", &bitmap(40, 30));
    assert_eq!(site.wait_for_end(), "unknown", "{}", site.text("#outcome"));
    assert_eq!(site.words(), json!(["granted", "unknown", "unknown"]));
    let text = site.text("#text");
    let reason =
        format!("the CORS rules of the bucket do not allow POST from {}", site.page.origin());
    assert!(text.contains(&reason), "{text}");
    let requests = site.oss.emulator.requests();
    let statuses: Vec<_> = requests.iter().map(|request| request.status).collect();
    assert_eq!(statuses, [403], "the question of the browser, and nothing after it");
    site.keep_pictures("cors");
}

/// When a connection breaks that had served before, browsers send a form again without a word. The
/// second one must neither store nor call back.
#[test]
fn an_upload_that_the_browser_repeats_happens_once() {
    let site = Site::start();
    site.oss.emulator.lose_next_answer_to(Operation::PostObject);
    let content = bitmap(400, 300);
    site.send("photo.bmp", &content);
    assert_eq!(site.wait_for_end(), "repeated", "{}", site.text("#outcome"));
    assert_eq!(site.words(), json!(["granted", "stored", "unknown"]));
    let statuses: Vec<_> =
        site.requests(Operation::PostObject).iter().map(|request| request.status).collect();
    assert_eq!(statuses, [200, 409]);
    assert!(site.oss.content(&site.fact("Object")) == Some(content));
    site.oss.received(1);
    site.keep_pictures("repeated");
}

#[test]
fn an_upload_without_an_answer_may_be_stored() {
    let site = Site::start();
    // The second time as well.
    site.oss.emulator.lose_next_answer_to(Operation::PostObject);
    site.oss.emulator.lose_next_answer_to(Operation::PostObject);
    site.send("photo.bmp", &bitmap(400, 300));
    assert_eq!(site.wait_for_end(), "unknown", "{}", site.text("#outcome"));
    assert!(site.text("#text").contains("may or may not be stored"), "{}", site.text("#text"));
    assert!(site.oss.content(&site.fact("Object")).is_some());
    site.oss.received(1);
}

#[test]
fn answers_that_are_not_from_oss_tell_nothing_of_the_object() {
    let site = Site::start();
    let judge = r#"
        const [status, responseText] = arguments;
        return judge({ status, responseText, getResponseHeader: () => null }, "key").state;"#;
    let document = "<Error><Code>InternalError</Code></Error>";
    assert_eq!(site.browser.run(judge, &json!([500, document])), "refused");
    for text in [
        "",
        "{}",
        "<html><h1>Bad gateway</h1></html>",
        "<a><Error><Code>b</Code></Error></a>",
        &document[..20],
    ] {
        for status in [201, 203, 403, 409, 502] {
            let state = site.browser.run(judge, &json!([status, text]));
            assert_eq!(state, "unknown", "{status} {text}");
        }
    }
}

#[test]
fn uploads_can_be_cancelled() {
    let site = Site::with(|origin| Options {
        cors: Cors::Origins(vec![origin]),
        callback_timeout: PATIENCE,
        ..Options::default()
    });
    // All of it would take half a minute.
    site.throttle(300_000);
    site.send("early.bmp", &bitmap(2000, 1500));
    let upload_moves = r##"
        const progress = document.querySelector("#progress");
        return new Promise((resolve) => {
            const look = () => { if (progress.value > 10) resolve(progress.value); };
            new MutationObserver(look).observe(progress, { attributeFilter: ["value"] });
            look();
        });"##;
    let percent = site.browser.run(upload_moves, &json!([])).as_f64().unwrap();
    assert!(percent < 100.0, "{percent}");
    site.keep_pictures("uploading");
    site.browser.click("#cancel");
    assert_eq!(site.wait_for_end(), "cancelled");
    site.throttle(-1);

    // Too late: the object is stored, and the page does not say that it is not.
    site.oss.receiver.answer_with(Answer::default().after(PATIENCE));
    site.send("late.bmp", &bitmap(400, 300));
    let callbacks = site.oss.received(1);
    site.browser.click("#cancel");
    assert_eq!(site.wait_for_end(), "cancelled");
    let text = site.text("#text");
    assert!(text.contains("unless the last byte was already on its way"), "{text}");
    let callback: Value = serde_json::from_slice(&callbacks[0].body).unwrap();
    assert!(site.oss.content(callback["object"].as_str().unwrap()).is_some());
    site.keep_pictures("cancelled");
}

#[test]
fn without_a_policy_nothing_is_sent() {
    let mut site = Site::start();
    site.page.freeze();
    site.send("first.bmp", &bitmap(40, 30));
    assert_eq!(site.words(), json!(["asking", "", ""]));
    site.browser.click("#cancel");
    assert_eq!(site.wait_for_end(), "ungranted");
    assert!(site.text("#text").contains("it was cancelled"), "{}", site.text("#text"));

    site.page.stop();
    site.send("second.bmp", &bitmap(40, 30));
    assert_eq!(site.wait_for_end(), "ungranted");
    assert_eq!(site.words(), json!(["none", "", ""]));
    assert!(site.oss.emulator.requests().is_empty());
}

#[test]
fn the_server_of_the_page_gives_nothing_else() {
    let oss = LocalOss::start();
    let mut command = program(&oss);
    let page = PageServer::spawn(command.env("OSS_ACCESS_KEY_SECRET", "never-to-be-seen")).unwrap();
    let get = |path: &str| page.answer_to(format!("GET {path} HTTP/1.1\r\n\r\n").as_bytes());
    for path in ["/", "/?a=b", "/style.css", "/upload.js", "/policy", "/policy?name=a"] {
        let answer = get(path);
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{path}: {answer}");
        assert!(!answer.contains("never-to-be-seen"), "{path}: {answer}");
    }
    assert_ne!(get("/policy"), get("/policy"), "each has a prefix of its own");
    for path in ["", "*", "/server.cpp", "/../../README.md", "//", "/policy/"] {
        let answer = get(path);
        assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"), "{path}: {answer}");
    }
    for request in ["POST / HTTP/1.1\r\n\r\n", "get / HTTP/1.1\r\n\r\n", "\r\n\r\n", "GET\r\n\r\n"]
    {
        let answer = page.answer_to(request.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"), "{request}: {answer}");
    }
    let long = format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "a".repeat(64 << 10));
    assert_eq!(page.answer_to(long.as_bytes()), "");
}

#[test]
fn silent_clients_do_not_keep_others_out_for_ever() {
    let oss = LocalOss::start();
    let page = PageServer::spawn(&mut program(&oss)).unwrap();
    // More than it has threads.
    let _silent: Vec<_> = (0..20).map(|_| page.connect()).collect();
    let answer = page.answer_to(b"GET / HTTP/1.1\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
}

#[test]
fn the_server_of_the_page_says_why_it_does_not_start() {
    let oss = LocalOss::start();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap();
    let cases: [(&[&str], &str, &str); 6] = [
        (&[&taken.port().to_string()], "", &format!("cannot listen on {taken}")),
        (&["70000"], "", "70000: PORT is a number from 0 to 65535"),
        (&["0", "/nowhere"], "", "/nowhere/index.html: cannot be read"),
        (&[], "OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_ID"),
        (&[], "OSS_BUCKET", "bucket"),
        (&[], "OSS_CALLBACK_URL", "callback.url"),
    ];
    for (arguments, missing, message) in cases {
        let mut command = program(&oss);
        if !missing.is_empty() {
            command.env_remove(missing);
        }
        let serves = PageServer::spawn(command.args(arguments).stderr(Stdio::piped()));
        let mut process = serves.expect_err(message);
        let mut text = String::new();
        process.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(process.wait().unwrap().code(), Some(1), "{text}");
        assert!(text.contains(message), "{text}");
    }
}
