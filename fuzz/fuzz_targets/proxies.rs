//! Proxies, hosts without one, source addresses, pins and certificates of a client.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ossbind::{Client, ClientConfig, HttpOptions, TlsOptions};
use ossbind_fuzz::{Fields, keys};

fuzz_target!(|input: &[u8]| {
    let fields = Fields::of(input);
    let owned = |index| fields.some(index).map(str::to_owned);
    let config = ClientConfig {
        region: Some("cn-hangzhou".to_owned()),
        credentials: Some(keys().into()),
        user_agent: owned(5),
        http: HttpOptions {
            proxy: owned(0),
            no_proxy: owned(1),
            source: owned(2),
            tls: TlsOptions {
                pins: owned(3).into_iter().collect(),
                ca_pem: owned(4).map(String::into_bytes),
                ..TlsOptions::default()
            },
            ..HttpOptions::default()
        },
        ..ClientConfig::default()
    };
    if let Err(error) = Client::new(config) {
        assert!(!error.message().is_empty());
    }
});
