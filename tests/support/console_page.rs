//! The console of a local OSS, open in a browser.

use std::net::{Ipv4Addr, SocketAddr};

use ossbind::callback::BodyType;
use ossbind::signed::SignHeadersRequest;
use ossbind::{Body, Callback, UploadRequest};
use ossbind_emulator::Options;
use serde_json::{Value, json};

use super::local_oss::{BUCKET, LocalOss};
use super::plain_http;
use super::webdriver::Browser;

pub struct ConsolePage {
    pub browser: Browser,
    pub oss: LocalOss,
}

impl ConsolePage {
    pub fn open() -> Self {
        let control = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let oss = LocalOss::with(Options { control, ..Options::default() });
        let browser = Browser::start();
        browser.open(&oss.emulator.console_url().unwrap());
        Self { browser, oss }
    }

    /// Uploads with a callback; whether that succeeds is up to the receiver.
    pub fn upload(&self, key: &str, content: &[u8]) {
        let body =
            r#"{"object":${object},"size":${size},"type":${mimeType},"photographer":${x:who}}"#;
        let callback = Callback::new(self.oss.callback_url(), body)
            .body_type(BodyType::Json)
            .variable("x:who", "Anna \"A.\" <Müller>");
        let mut request = UploadRequest::new(BUCKET, key, Body::Memory(content));
        request.callback = Some(&callback);
        // What came of it is on the page.
        let _ = self.oss.client().upload(request);
    }

    /// An upload to which something has added a header after it was signed.
    pub fn upload_with_a_wrong_signature(&self, key: &str) {
        let client = self.oss.client();
        let request = SignHeadersRequest {
            method: "PUT",
            bucket: Some(BUCKET),
            key: Some(key),
            headers: &[("x-oss-meta-camera", "north"), ("x-oss-storage-class", "IA")],
            ..SignHeadersRequest::default()
        };
        let signed = client.sign_headers(&request).unwrap();
        let added = ("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned());
        let headers = [signed.pairs(), &[added]].concat();
        assert_eq!(plain_http::send("PUT", signed.url(), &headers, b"content").status, 403);
    }

    /// Waits for an entry whose line has this text, when all of it is there.
    pub fn wait_for(&self, text: &str) {
        let script = r##"
            const [text] = arguments;
            const find = () => [...document.querySelectorAll("#entries > li")].find((li) => {
                const entry = entries.get(li.dataset.id);
                return entry?.request?.milliseconds.ended !== null && entry?.request
                    && li.querySelector("summary").textContent.includes(text);
            });
            return new Promise((resolve) => {
                const look = () => find() && resolve(true);
                new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
                look();
            });"##;
        self.browser.run(script, &json!([text]));
    }

    /// Opens the entry whose line has this text, and gives all of its text.
    pub fn open_entry(&self, text: &str) -> String {
        let script = r##"
            const all = [...document.querySelectorAll("#entries details")];
            const details = all.find((d) => d.firstChild.textContent.includes(arguments[0]));
            for (const other of all) other.open = other === details;
            return new Promise((resolve) => setTimeout(() => {
                details.parentNode.scrollIntoView();
                resolve(details.innerText);
            }));"##;
        self.browser.run(script, &json!([text])).as_str().unwrap().to_owned()
    }

    pub fn run(&self, script: &str) -> Value {
        self.browser.run(script, &json!([]))
    }

    /// Presses a key, as a keyboard does.
    pub fn press(&self, key: &str) {
        let text = if key == "Enter" { "\r" } else { key };
        let code = if key == "Enter" { 13 } else { 0 };
        let mut event = json!({"type": "keyDown", "key": key, "windowsVirtualKeyCode": code});
        if text.chars().count() == 1 {
            event["text"] = json!(text);
        }
        self.browser.devtools("Input.dispatchKeyEvent", &event);
        self.browser.devtools("Input.dispatchKeyEvent", &json!({"type": "keyUp", "key": key}));
    }

    /// The lines of the entries that are shown, from above.
    pub fn shown(&self) -> Vec<String> {
        let script = r##"
            const shown = document.querySelectorAll("#entries > li:not([hidden]) .target");
            return [...shown].map((cell) => cell.textContent);"##;
        serde_json::from_value(self.run(script)).unwrap()
    }

    pub fn colours(&self, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.browser.devtools("Emulation.setEmulatedMedia", &json!({ "features": features }));
    }

    pub fn size(&self, width: u32, height: u32, is_phone: bool) {
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": is_phone,
        });
        self.browser.devtools("Emulation.setDeviceMetricsOverride", &metrics);
    }
}
