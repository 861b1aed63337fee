//! The SDKs, where they are installed, and the ways in which they sign.

use std::path::PathBuf;
use std::process::Command;

use crate::support::native::root;

/// An SDK and the program that uses it.
pub struct Sdk {
    pub name: &'static str,
    pub language: &'static str,
    client: &'static str,
    /// Where its version is pinned, and what stands before it there.
    pinned: (&'static str, &'static str),
}

pub const SDKS: [Sdk; 3] = [
    Sdk {
        name: "oss2",
        language: "Python",
        client: "oss2_client.py",
        pinned: ("requirements.txt", "\noss2=="),
    },
    Sdk {
        name: "alibabacloud-oss-v2",
        language: "Python",
        client: "v2_client.py",
        pinned: ("requirements.txt", "\nalibabacloud-oss-v2=="),
    },
    Sdk {
        name: "ali-oss",
        language: "Node.js",
        client: "ali_oss_client.js",
        pinned: ("package.json", "\"ali-oss\": \""),
    },
];

/// An SDK with a signature.
#[derive(Clone, Copy)]
pub struct Way {
    pub sdk: &'static Sdk,
    pub version: u8,
    pub is_temporary: bool,
}

impl Way {
    pub fn all() -> impl Iterator<Item = Self> {
        let signatures = [(1, false), (1, true), (4, false), (4, true)];
        SDKS.iter().flat_map(move |sdk| {
            signatures.map(|(version, is_temporary)| Self { sdk, version, is_temporary })
        })
    }

    /// One way of each SDK, all different.
    pub fn is_in_short_form(&self) -> bool {
        let signature = (self.version, self.is_temporary);
        signature
            == match self.sdk.name {
                "oss2" => (4, false),
                "alibabacloud-oss-v2" => (4, true),
                _ => (1, false),
            }
    }

    pub fn signature(&self) -> String {
        let keys = if self.is_temporary { "+STS" } else { "" };
        format!("V{}{keys}", self.version)
    }

    /// A bucket of its own.
    pub fn bucket(&self) -> String {
        let keys = if self.is_temporary { "-sts" } else { "" };
        format!("interop-{}-v{}{keys}", self.sdk.name, self.version)
    }
}

impl Sdk {
    pub fn version(&self) -> String {
        let (file, before) = self.pinned;
        let text = std::fs::read_to_string(root().join("tests/interop/sdks").join(file)).unwrap();
        let (_, rest) = text.split_once(before).expect("the SDK is pinned");
        rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect()
    }

    pub fn command(&self) -> Command {
        let client = root().join("tests/interop/clients").join(self.client);
        let mut command = match self.language {
            "Node.js" => Command::new("node"),
            _ => Command::new(installed("python/bin/python")),
        };
        for name in ["all_proxy", "https_proxy", "http_proxy", "no_proxy"] {
            command.env_remove(name).env_remove(name.to_ascii_uppercase());
        }
        command
            .arg(client)
            .env("NODE_PATH", installed("node/node_modules"))
            .env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }
}

pub fn is_prepared() -> bool {
    installed("prepared").exists()
}

fn installed(path: &str) -> PathBuf {
    root().join("target/interop").join(path)
}
