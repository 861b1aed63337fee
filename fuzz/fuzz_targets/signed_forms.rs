//! Everything that the policy of a form can be made of.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use ossbind::signed::SignFormRequest;
use ossbind::{Callback, Client};
use ossbind_fuzz::{Fields, client};

static CLIENT: LazyLock<Client> = LazyLock::new(|| client("http://127.0.0.1:1"));

fuzz_target!(|input: &[u8]| {
    let fields = Fields::of(input);
    let content_types: Vec<&str> = fields.get(5).lines().collect();
    let callback = fields.some(7).map(|body| Callback::new("http://a.example/cb", body));
    let _ = CLIENT.sign_form(&SignFormRequest {
        bucket: fields.get(0),
        key: fields.some(1),
        key_prefix: fields.some(2),
        min_size: fields.number(3),
        max_size: fields.some(4).map(|_| fields.number(4)),
        content_types: &content_types,
        fields: &fields.pairs(6),
        callback: callback.as_ref(),
        conditions: fields.some(8),
        ..SignFormRequest::default()
    });
});
