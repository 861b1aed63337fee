//! Endpoints, regions, buckets and keys, and the URL that comes of them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ossbind::endpoint::EndpointOptions;
use ossbind::signed::SignUrlRequest;
use ossbind::{Client, ClientConfig};
use ossbind_fuzz::{Fields, keys};

fuzz_target!(|input: &[u8]| {
    let fields = Fields::of(input);
    let has = |switch| fields.get(0).contains(switch);
    let options = EndpointOptions {
        plain_http: has('h'),
        path_style: has('p'),
        cname: has('c'),
        internal: has('i'),
        dual_stack: has('d'),
        accelerate: has('a'),
    };
    let config = ClientConfig {
        endpoint: Some(fields.get(1).to_owned()),
        region: fields.some(2).map(str::to_owned),
        credentials: Some(keys().into()),
        endpoint_options: options,
        ..ClientConfig::default()
    };
    let Ok(client) = Client::new(config) else { return };
    let request =
        SignUrlRequest { bucket: fields.get(3), key: fields.get(4), ..SignUrlRequest::default() };
    if let Ok(signed) = client.sign_url(&request) {
        let url = signed.url();
        assert!(url.bytes().all(|byte| byte.is_ascii_graphic()), "{url}");
    }
});
