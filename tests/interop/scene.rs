//! What the clients find: a local OSS with their buckets, one of which has many objects, and an application
//! server.

use std::path::PathBuf;

use ossbind::{Body, UploadRequest};
use ossbind_emulator::{Answer, Bucket, Options};
use serde_json::{Value, json};

use crate::expected::OPERATIONS;
use crate::sdk::Way;
use crate::support::local_oss::LocalOss;
use crate::support::native::out_dir;

/// Letters that are encoded in URLs, in documents, or in both.
pub const KEY: &str = "dir/a b+c~é/中 %25&'<.txt";
pub const SIGNED_KEY: &str = "signed/a b+c~é/中 %25&'<.txt";
pub const TEXT: &str = "hello, interop";
pub const PART_SIZE: usize = 100 << 10;
pub const MANY_BUCKET: &str = "interop-many";
pub const NEW_BUCKET: &str = "interop-new";
/// In the folder of the many objects.
pub const FOLDERS: [&str; 4] =
    ["folders/a b+/1", "folders/a b+/2", "folders/top %", "folders/é&/3"];
const MANY: usize = 2500;

pub struct Scene {
    pub oss: LocalOss,
    /// The content of the file that is uploaded in parts.
    pub content: Vec<u8>,
    file: PathBuf,
}

impl Scene {
    pub fn set() -> Self {
        let own = Way::all().map(|way| way.bucket());
        let buckets = own.chain([MANY_BUCKET.to_owned()]).map(Bucket::new).collect();
        let oss = LocalOss::with(Options { buckets, ..Options::default() });
        oss.receiver.answer_with(Answer::json("{\"seen\":1}"));
        let client = oss.client();
        for key in many_keys() {
            client.upload(UploadRequest::new(MANY_BUCKET, &key, Body::Memory(b"v"))).unwrap();
        }
        let content: Vec<u8> = (0..5 * PART_SIZE / 2).map(|at| (at * 7 % 251) as u8).collect();
        let file = folder().join("content");
        std::fs::write(&file, &content).unwrap();
        Self { oss, content, file }
    }

    /// Refuses one part of what a client uploads, so that it resumes.
    pub fn interrupt(&self, way: Way) {
        let refusal =
            "error status=403 code=AccessDenied operation=UploadPart part=2 key=resumed times=1";
        self.oss.fault(&format!("{refusal} bucket={}", way.bucket()));
    }

    /// The scene as a client reads it.
    pub fn told_to(&self, way: Way) -> Value {
        let (id, secret, token) = match way.is_temporary {
            true => ("STS.ak", "sts-sk", Some("token")),
            false => ("ak", "sk", None),
        };
        let folder = folder().join(way.bucket());
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let operations: Vec<&str> = OPERATIONS.iter().map(|operation| operation.name).collect();
        json!({
            "endpoint": self.oss.emulator.endpoint(), "region": "cn-hangzhou",
            "access_key_id": id, "access_key_secret": secret, "token": token, "version": way.version,
            "bucket": way.bucket(), "many_bucket": MANY_BUCKET, "new_bucket": NEW_BUCKET,
            "key": KEY, "signed_key": SIGNED_KEY, "text": TEXT, "file": self.file, "part_size": PART_SIZE, "folder": folder,
            "callback_url": self.oss.callback_url(),
            // Nobody listens there.
            "dead_url": "http://127.0.0.1:1/",
            "operations": operations,
        })
    }
}

/// The keys of the bucket of many objects, sorted as the service does.
pub fn many_keys() -> Vec<String> {
    let numbered = (0..MANY - FOLDERS.len()).map(|number| format!("many/{number:04} é+%&<.txt"));
    FOLDERS.iter().map(|key| (*key).to_owned()).chain(numbered).collect()
}

fn folder() -> PathBuf {
    let folder = out_dir().join("interop");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
