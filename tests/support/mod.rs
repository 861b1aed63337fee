//! What the black-box tests share.
#![allow(dead_code, reason = "every test file uses its own part of this")]

use ossbind::credentials::Credentials;
use ossbind::{ClientConfig, HttpOptions};

pub mod callback_failures;
pub mod local_oss;
pub mod native;
pub mod plain_http;
pub mod raw_server;
pub mod upload_page;
pub mod webdriver;

/// Permanent keys, signature V4, and no proxy.
pub fn client_config(endpoint: String) -> ClientConfig {
    ClientConfig {
        endpoint: Some(endpoint),
        region: Some("cn-hangzhou".to_owned()),
        credentials: Some(Credentials::new("ak", "sk", None).unwrap().into()),
        http: HttpOptions { proxy: Some(String::new()), ..HttpOptions::default() },
        ..ClientConfig::default()
    }
}
