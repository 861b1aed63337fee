//! Callbacks of all forms are checked, encoded and rendered.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use libfuzzer_sys::fuzz_target;
use ossbind::Callback;
use ossbind::callback::{Audience, BodyType, Image, ObjectFacts, Severity, Sni};
use ossbind_fuzz::Fields;
use serde_json::Value;

fuzz_target!(|input: &[u8]| {
    let fields = Fields::of(input);
    let (url, body) = (fields.get(1), fields.get(2));
    let switches = fields.get(0);
    let pairs = fields.pairs(3);
    let mut callback = match switches.contains('r') {
        true => Callback::from_parameter(body),
        false if switches.contains('f') => Callback::with_body_fields(url, &pairs),
        false => Callback::new(url, body).url_query(&pairs),
    };
    if switches.contains('j') {
        callback = callback.body_type(BodyType::Json);
    }
    if switches.contains('s') {
        callback = callback.sni(Sni::On);
    }
    for (name, value) in fields.pairs(4) {
        callback = callback.variable(name, value);
    }
    if let Some(variables) = fields.some(5) {
        callback = callback.variables_parameter(variables);
    }
    if let Some(host) = fields.some(6) {
        callback = callback.host(host);
    }
    let callback = callback.relaxed(switches.contains('x'));
    let _ = callback.encode(Audience::PublicService);
    let problems = callback.check();
    let refused = problems.first().filter(|problem| problem.severity() == Severity::Error);
    match callback.encode(Audience::Any) {
        Ok(encoded) => {
            assert_eq!(refused, None);
            let json = BASE64.decode(&encoded.callback).expect("it was encoded as Base64");
            serde_json::from_slice::<Value>(&json).expect("what is encoded is JSON");
        }
        Err(error) => assert_eq!(refused.unwrap().message(), error.message()),
    }
    render(&callback, problems.is_empty());
});

/// A body of JSON is JSON, for an image and for other files, when nothing is said against it.
fn render(callback: &Callback, is_good: bool) {
    for image in [None, Some(Image { width: 1, height: 2, format: "jpg" })] {
        let text = Some("\"\n");
        let facts = ObjectFacts {
            bucket: text,
            key: text,
            etag: text,
            image,
            client_ip: text,
            request_id: text,
            ..ObjectFacts::default()
        };
        let Ok(rendered) = callback.render(&facts) else { return };
        if is_good && rendered.content_type == "application/json" {
            serde_json::from_str::<Value>(&rendered.body).expect("what is rendered is JSON");
        }
    }
}
