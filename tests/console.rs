//! The console of the local OSS in a real browser: what people see of uploads that succeed and fail.

mod support;

use std::path::PathBuf;
use std::process::Command;

use ossbind_emulator::Answer;
use serde_json::{Value, json};
use support::console_page::ConsolePage;
use support::local_oss::BUCKET;
use support::native::{out_dir, root};

#[test]
fn uploads_and_their_failures_are_shown() {
    let page = ConsolePage::open();
    page.upload("camera/north/1.jpg", &[b'a'; 48_213]);
    page.wait_for("1.jpg");
    let text = page.open_entry("1.jpg");
    for part in
        ["ak, V4 in the header, verified", "48213 bytes, CRC-64", "callback: wait", "Template"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.contains(r#""photographer":${x:who}"#), "{text}");
    assert!(text.contains(r#""photographer":"Anna \"A.\" <Müller>""#), "{text}");

    page.upload_with_a_wrong_signature("camera/north/2.jpg");
    page.wait_for("2.jpg");
    let text = page.open_entry("2.jpg");
    let cause = "The header content-type was not signed; perhaps it was added afterwards.";
    assert!(text.contains(cause), "{text}");
    let marked =
        page.run(r#"return [...document.querySelectorAll(".differs")].map((l) => l.textContent);"#);
    let next = "x-oss-content-sha256:UNSIGNED-PAYLOAD";
    assert_eq!(marked, json!(["content-type:application/x-www-form-urlencoded", next]));

    page.oss
        .receiver
        .answer_with(Answer { status: 500, ..Answer::json(r#"{"error":"no space"}"#) });
    page.upload("camera/north/3.jpg", b"content");
    page.wait_for("3.jpg");
    let text = page.open_entry("3.jpg");
    let cause = "Stored, but the callback failed.\nError status : 500.";
    assert!(text.contains(cause), "{text}");
    assert!(text.contains("Answer of the application server: 500"), "{text}");
    assert!(text.contains(r#"{"error":"no space"}"#), "{text}");
    assert!(text.contains("<Code>CallbackFailed</Code>"), "{text}");

    keep_pictures(&page);
}

/// A failed signature, a 203, a phone, and dark.
fn keep_pictures(page: &ConsolePage) {
    page.colours("light");
    page.size(960, 1000, false);
    page.open_entry("2.jpg");
    keep(page, "signature");
    page.open_entry("3.jpg");
    keep(page, "callback-failed");
    page.colours("dark");
    page.open_entry("1.jpg");
    keep(page, "dark");
    page.size(360, 780, true);
    page.colours("light");
    page.open_entry("2.jpg");
    let scrolls = "return document.documentElement.scrollWidth > innerWidth;";
    assert_eq!(page.run(scrolls), json!(false), "nothing is wider than a phone");
    page.open_entry("3.jpg");
    page.run("scrollTo(0, 0);");
    keep(page, "phone");
}

/// Where `make console-pictures` wants them, or beside the other pictures of tests.
fn keep(page: &ConsolePage, name: &str) {
    let folder = match std::env::var_os("OSSBIND_TEST_CONSOLE_PICTURES") {
        Some(folder) => root().join(PathBuf::from(folder)),
        None => out_dir().with_file_name("artefacts"),
    };
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("console-{name}.png"));
    std::fs::write(path, page.browser.screenshot()).unwrap();
}

#[test]
fn what_clients_send_stays_text() {
    let page = ConsolePage::open();
    let hostile = r#"<img src=x onerror="window.hacked=1">'"&amp;.txt"#;
    page.oss.receiver.answer_with(Answer::json(r#"{"a":"<img src=x onerror=window.hacked=1>"}"#));
    page.upload(hostile, b"");
    page.wait_for(hostile);
    let text = page.open_entry(hostile);
    assert!(text.contains("<img src=x onerror=window.hacked=1>"), "{text}");
    let script = r#"
        const found = document.querySelectorAll("main img, main script");
        return [found.length, window.hacked ?? null];"#;
    assert_eq!(page.run(script), json!([0, null]));
    // What an author might do by mistake, the browser refuses.
    let script = r#"
        try { document.body.insertAdjacentHTML("beforeend", "<b>x</b>"); return "done"; }
        catch (error) { return error.name; }"#;
    assert_eq!(page.run(script), "TypeError");
    let elsewhere = r#"
        const urls = performance.getEntriesByType("resource").map((entry) => entry.name);
        return [urls.length > 1, urls.filter((url) => new URL(url).origin !== location.origin)];"#;
    assert_eq!(page.run(elsewhere), json!([true, []]));
}

#[test]
fn entries_are_found_by_keyboard_and_filter() {
    let page = ConsolePage::open();
    for key in ["first", "second", "third"] {
        page.upload(key, key.as_bytes());
        page.wait_for(key);
    }
    page.upload_with_a_wrong_signature("fourth");
    page.wait_for("fourth");
    let all = ["fourth", "third", "second", "first"].map(|key| format!("{BUCKET}/{key}"));
    assert_eq!(
        page.shown().iter().filter(|line| line.starts_with(BUCKET)).collect::<Vec<_>>(),
        all.iter().collect::<Vec<_>>()
    );

    for key in ["j", "j", "ArrowDown", "k", "Enter"] {
        page.press(key);
    }
    let open = r#"return [...document.querySelectorAll("details[open] .target")].map((t) => t.textContent);"#;
    assert_eq!(page.run(open), json!([all[1]]));

    for key in ["/", "p", "u", "t", " ", "s", "e", "c"] {
        page.press(key);
    }
    assert_eq!(page.shown(), [all[2].clone()]);
    page.press("Escape");
    assert!(page.shown().len() >= 4);
    page.browser.click("#failures");
    assert_eq!(page.shown(), [all[0].clone()]);
}

#[test]
fn a_copied_request_can_be_repeated() {
    let page = ConsolePage::open();
    let key = "a b+c'é$HOME.txt";
    page.upload(key, b"hello");
    page.wait_for(key);
    page.open_entry(key);
    page.browser.click("details[open] .curl");
    let text = page.run(r#"return document.querySelector(".command").textContent;"#);
    let folder = out_dir().join("console-curl");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("BODY"), "world").unwrap();
    let mut command = Command::new("sh");
    page.oss.environment(&mut command);
    let output =
        command.current_dir(&folder).args(["-c", text.as_str().unwrap()]).output().unwrap();
    let answer = String::from_utf8_lossy(&output.stdout);
    assert!(answer.contains("HTTP/1.1 200 OK\r\n"), "{text}\n{answer}");
    assert_eq!(page.oss.content(key).unwrap(), b"world");
}

#[test]
fn a_har_file_has_requests_and_callbacks_without_signatures() {
    let page = ConsolePage::open();
    page.upload("a.txt", b"hello");
    page.wait_for("a.txt");
    page.upload_with_a_wrong_signature("b.txt");
    page.wait_for("b.txt");
    page.run(
        r#"window.blobs = [];
        const create = URL.createObjectURL;
        URL.createObjectURL = (blob) => { window.blobs.push(blob); return create(blob); };"#,
    );
    page.browser.click("#har");
    let text = page.run("return window.blobs[0].text();");
    let har: Value = serde_json::from_str(text.as_str().unwrap()).unwrap();
    assert_eq!(har["log"]["version"], "1.2");
    let entries = har["log"]["entries"].as_array().unwrap();
    let of = |method: &str, end: &str| {
        let ends = |entry: &&Value| {
            entry["request"]["method"] == method
                && entry["request"]["url"].as_str().unwrap().ends_with(end)
        };
        entries.iter().find(ends).unwrap_or_else(|| panic!("{method} {end}: {har:#}"))
    };
    let put = of("PUT", "/examplebucket/a.txt");
    assert_eq!((&put["request"]["bodySize"], &put["response"]["status"]), (&json!(5), &json!(200)));
    let callback = of("POST", "/callback");
    assert!(callback["request"]["postData"]["text"].as_str().unwrap().contains("\"size\":5"));
    assert_eq!(callback["response"]["status"], 200);
    let failed = of("PUT", "/examplebucket/b.txt");
    assert!(
        failed["response"]["content"]["text"].as_str().unwrap().contains("SignatureDoesNotMatch")
    );
    for request in page.oss.emulator.requests() {
        if let Some((_, signature)) =
            request.header("authorization").and_then(|v| v.split_once("Signature="))
        {
            assert!(!text.as_str().unwrap().contains(signature), "{text}");
        }
    }
}
