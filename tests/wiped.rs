//! What is left of secrets in the memory of a program after its client is freed.

mod support;

use std::process::Command;

use ossbind_emulator::{AccessKey, Options};
use support::local_oss::{BUCKET, LocalOss};
use support::native::{Compiler, expect_success};
use support::raw_server::RawServer;

#[test]
fn no_key_that_a_server_gave_is_left() {
    let (secret, token) = ("pOFgHlYU2S4d1RlfKOwDyZN8", "CAISu3dUFrb9m1SV2qTpXeJ7hG0wR4");
    let key = AccessKey::temporary("STS.id", secret, token);
    let oss = LocalOss::with(Options { access_keys: vec![key], ..Options::default() });
    let keys = format!(
        "{{\"Code\":\"Success\",\"AccessKeyId\":\"STS.id\",\"AccessKeySecret\":\"{secret}\",\
         \"SecurityToken\":\"{token}\",\"Expiration\":\"2999-01-01T00:00:00Z\"}}"
    );
    let server = RawServer::answering(format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{keys}",
        keys.len()
    ));
    let mut command = Command::new(Compiler::c("c99").build(&["tests/c/wiped.c"], "wiped"));
    oss.environment(&mut command);
    command.env_remove("OSS_ACCESS_KEY_ID").env_remove("OSS_ACCESS_KEY_SECRET");
    command.arg(format!("http://{}/keys", server.address()));
    // What the environment has shows that it is looked everywhere.
    command.args([secret, token, BUCKET].map(|text| text.chars().rev().collect::<String>()));
    let output = expect_success(&mut command);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with("0 0 ") && !said.ends_with(" 0 "), "{said}");
}
