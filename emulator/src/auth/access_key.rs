//! The keys that may sign.

/// A key pair known to the emulator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessKey {
    /// The AccessKeyId.
    pub id: String,
    /// The AccessKeySecret.
    pub secret: String,
    /// The token of a temporary (STS) key; requests must carry it.
    pub security_token: Option<String>,
}

impl AccessKey {
    /// A permanent key.
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> AccessKey {
        AccessKey { id: id.into(), secret: secret.into(), security_token: None }
    }

    /// A temporary key with its token.
    pub fn temporary(
        id: impl Into<String>,
        secret: impl Into<String>,
        token: impl Into<String>,
    ) -> AccessKey {
        AccessKey { id: id.into(), secret: secret.into(), security_token: Some(token.into()) }
    }
}
