//! Requests to a server that is called back. Nothing is valid unless it was signed, and all that was signed
//! is read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ossbind::Status;
use ossbind::receiving::{ReceivedRequest, Verifier, VerifierConfig, test_callback};
use ossbind_fuzz::Fields;

fuzz_target!(|input: &[u8]| {
    let fields = Fields::of(input);
    let (switches, target, body) = (fields.get(0), fields.get(1), fields.get(2).as_bytes());
    let secret = [("camera", "a secret of 25 characters")];
    let verifier = Verifier::new(VerifierConfig {
        seal_keys: if switches.contains('s') { &secret } else { &[] },
        key_urls: &["https://keys.test/"],
        fetch: Some(Box::new(|_| Ok(other_key()))),
        accept_test_key: true,
        ..VerifierConfig::default()
    })
    .expect("a good config");
    let is_signed = switches.contains('t') && target.starts_with('/');
    let signed = test_callback(target, body).expect("a good key");
    let mut headers = fields.pairs(3);
    if is_signed {
        headers = vec![("Content-Type", fields.get(3).trim())];
        headers.extend(signed.iter().map(|(name, value)| (*name, value.as_str())));
    }
    let request = ReceivedRequest { method: "POST", target, headers: &headers, body };
    match verifier.check(&request) {
        // Nobody has the key of the service, nor the secret.
        Ok(_) => assert!(is_signed && !switches.contains('s')),
        Err(refused) if is_signed => {
            let status = refused.error.status();
            assert!(matches!(status, Status::Malformed | Status::SealWrong), "{refused}");
        }
        Err(_) => {}
    }
});

/// A key that nothing was signed with.
fn other_key() -> Vec<u8> {
    b"-----BEGIN PUBLIC KEY-----\n\
      MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKs/JBGzwUB2aVht4crBx3oIPBLNsjGsC0fTXv+nvlmklvkcolvpvXLTjaxUHR3W9LXxQ2EHXAJfCB+6H2YF1k8CAwEAAQ==\n\
      -----END PUBLIC KEY-----\n"
        .to_vec()
}
