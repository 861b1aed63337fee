//! Requests to the local OSS that are signed correctly, with any headers and any body: callbacks,
//! lists of parts, properties of objects, images.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use ossbind::signing::{SignableRequest, v1};
use ossbind::time::Timestamp;
use ossbind_emulator::Emulator;
use ossbind_fuzz::{Fields, emulator, exchange};

static EMULATOR: LazyLock<Emulator> = LazyLock::new(emulator);

fuzz_target!(|input: &[u8]| {
    let fields = Fields::of(input);
    let (method, key) = (fields.get(0), fields.get(1));
    let visible = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    let query = fields.pairs(2);
    let mut headers = fields.pairs(3);
    // Faults of the frame around the request belong to the target of the port.
    if !visible(method)
        || !query.iter().all(|(name, value)| visible(name) && visible(value))
        || !headers.iter().all(|(name, value)| visible(name) && !value.contains(['\r', '\0']))
    {
        return;
    }
    let date = Timestamp::of_device().http_date();
    headers.push(("date", &date));
    let request = SignableRequest {
        method,
        bucket: Some("examplebucket"),
        key: Some(key),
        query: &query,
        headers: &headers,
    };
    let signature = v1::sign(&request, "ak", "sk");
    let body = fields.get(4);
    let parameters: Vec<String> =
        query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut text = format!(
        "{method} /examplebucket/{key}?{} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\
         content-length: {}\r\nauthorization: {}\r\n",
        parameters.join("&"),
        EMULATOR.address(),
        body.len(),
        signature.authorization
    );
    for (name, value) in &headers {
        text += &format!("{name}: {value}\r\n");
    }
    exchange(EMULATOR.address(), format!("{text}\r\n{body}").as_bytes());
});
