//! Callbacks of all forms are checked and encoded.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use libfuzzer_sys::fuzz_target;
use ossbind::Callback;
use ossbind::callback::{Audience, BodyType, Sni};
use ossbind_fuzz::Fields;

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
        match callback.clone().variables_parameter(variables) {
            Ok(with_variables) => callback = with_variables,
            Err(_) => return,
        }
    }
    if let Some(host) = fields.some(6) {
        callback = callback.host(host);
    }
    let _ = callback.encode(Audience::PublicService);
    if let Ok(encoded) = callback.encode(Audience::Any) {
        let json = BASE64.decode(&encoded.callback).expect("it was encoded as Base64");
        serde_json::from_slice::<serde_json::Value>(&json).expect("what is encoded is JSON");
    }
});
