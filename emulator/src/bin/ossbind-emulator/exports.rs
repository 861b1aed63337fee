//! What a client has to know, as lines that a shell can evaluate.

use ossbind_emulator::AccessKey;

/// The settings of a service, under the names that programs look for. With several buckets or keys
/// the first is taken; comments show the others.
pub(crate) fn of_service(
    endpoint: &str,
    region: &str,
    buckets: &[String],
    access_keys: &[AccessKey],
) -> String {
    let mut lines = exports(&[("OSS_ENDPOINT", endpoint), ("OSS_REGION", region)]);
    for (position, bucket) in buckets.iter().enumerate() {
        lines.push_str(or_comment(position));
        lines.push_str(&exports(&[("OSS_BUCKET", bucket)]));
    }
    for (position, key) in access_keys.iter().enumerate() {
        lines.push_str(or_comment(position));
        // Empty for a permanent key, since the shell may have one of another service.
        let token = key.security_token.as_deref().unwrap_or_default();
        lines.push_str(&exports_on_one_line(&[
            ("OSS_ACCESS_KEY_ID", &key.id),
            ("OSS_ACCESS_KEY_SECRET", &key.secret),
            ("OSS_SESSION_TOKEN", token),
        ]));
    }
    lines
}

/// The setting of an application server.
pub(crate) fn of_application_server(url: &str) -> String {
    exports(&[("OSS_CALLBACK_URL", url)])
}

fn or_comment(position: usize) -> &'static str {
    if position == 0 { "" } else { "# or: " }
}

fn exports(settings: &[(&str, &str)]) -> String {
    settings.iter().map(|setting| exports_on_one_line(&[*setting])).collect()
}

fn exports_on_one_line(settings: &[(&str, &str)]) -> String {
    let assignments = settings.iter().map(|(name, value)| format!(" {name}={}", quoted(value)));
    format!("export{}\n", assignments.collect::<String>())
}

/// A word of a shell.
fn quoted(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:@%+,".contains(&byte);
    if value.bytes().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', r"'\''"))
}
