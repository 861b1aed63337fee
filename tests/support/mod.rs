//! What the black-box tests share.
#![allow(dead_code, reason = "every test file uses its own part of this")]

use std::time::Duration;

use ossbind::credentials::Credentials;
use ossbind::retry::RetryPolicy;
use ossbind::{ClientConfig, HttpOptions, TlsOptions};

pub mod callback_failures;
pub mod console_page;
pub mod ended;
pub mod fault_cells;
pub mod fault_document;
pub mod fault_run;
pub mod folders;
pub mod local_oss;
pub mod native;
pub mod outboxes;
pub mod plain_http;
pub mod raw_server;
pub mod upload_page;
pub mod webdriver;

/// Permanent keys, signature V4, no proxy, and one attempt, so that a test sees what it provokes.
pub fn client_config(endpoint: String) -> ClientConfig {
    ClientConfig {
        endpoint: Some(endpoint),
        region: Some("cn-hangzhou".to_owned()),
        credentials: Some(Credentials::new("ak", "sk", None).unwrap().into()),
        http: HttpOptions { proxy: Some(String::new()), ..HttpOptions::default() },
        retry: RetryPolicy { attempts: 1, ..RetryPolicy::default() },
        ..ClientConfig::default()
    }
}

/// The same, but three attempts, one soon after the other.
pub fn persistent(config: ClientConfig) -> ClientConfig {
    let base_delay = Duration::from_millis(1);
    ClientConfig { retry: RetryPolicy { base_delay, ..RetryPolicy::default() }, ..config }
}

/// The same, but that it trusts only the authorities in a file.
pub fn trusting(ca_file: std::path::PathBuf, config: ClientConfig) -> ClientConfig {
    let tls = TlsOptions { ca_file: Some(ca_file), ..TlsOptions::default() };
    ClientConfig { http: HttpOptions { tls, ..config.http }, ..config }
}

/// The same, but through a proxy.
pub fn through(proxy: &str, config: ClientConfig) -> ClientConfig {
    let proxy = Some(proxy.to_owned());
    ClientConfig { http: HttpOptions { proxy, ..config.http }, ..config }
}
