//! Forms for the local OSS: any policy, signed correctly, and any parts.
#![no_main]

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use libfuzzer_sys::fuzz_target;
use ossbind_emulator::Emulator;
use ossbind_fuzz::{Fields, emulator, exchange};
use sha1::Sha1;

static EMULATOR: LazyLock<Emulator> = LazyLock::new(emulator);

fuzz_target!(|input: &[u8]| {
    let fields = Fields::of(input);
    let policy = BASE64.encode(fields.get(0));
    let mut mac = Hmac::<Sha1>::new_from_slice(b"sk").expect("keys have any length");
    mac.update(policy.as_bytes());
    let signature = BASE64.encode(mac.finalize().into_bytes());
    let mut body = String::new();
    let fixed = [("OSSAccessKeyId", "ak"), ("policy", policy.as_str()), ("Signature", &signature)];
    for (name, value) in fixed.into_iter().chain(fields.pairs(1)) {
        body += &format!(
            "--boundary\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
    }
    // The rest as it is: the file, with a head that may be anything.
    body += fields.get(2);
    let head = format!(
        "POST /examplebucket HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n\
         content-type: multipart/form-data; boundary=boundary\r\n\r\n",
        EMULATOR.address(),
        body.len()
    );
    exchange(EMULATOR.address(), format!("{head}{body}").as_bytes());
});
