//! The operations, and what has to be said of the answer to each.

use crc64fast::Digest;
use md5::{Digest as _, Md5};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::scene::{FOLDERS, KEY, MANY_BUCKET, PART_SIZE, SIGNED_KEY, Scene, TEXT, many_keys};
use crate::sdk::Way;

pub struct Operation {
    /// Of the function in the clients.
    pub name: &'static str,
    pub title: &'static str,
    /// The object that the callback is about, if one is made.
    pub called_back: Option<(&'static str, Size)>,
    answer: fn(&Scene, Way) -> Value,
}

#[derive(Clone, Copy)]
pub enum Size {
    Text,
    File,
}

const fn operation(
    name: &'static str,
    title: &'static str,
    answer: fn(&Scene, Way) -> Value,
) -> Operation {
    Operation { name, title, called_back: None, answer }
}

const fn calling_back(
    name: &'static str,
    title: &'static str,
    object: (&'static str, Size),
    answer: fn(&Scene, Way) -> Value,
) -> Operation {
    Operation { name, title, called_back: Some(object), answer }
}

/// In this order, since some use what others have made.
pub const OPERATIONS: &[Operation] = &[
    operation("put_object", "PutObject", |_, _| stored(TEXT.as_bytes())),
    calling_back(
        "put_object_callback",
        "PutObject with a callback",
        ("called back", Size::Text),
        |_, _| json!({"answer": {"seen": 1}, "etag": etag(TEXT.as_bytes())}),
    ),
    operation(
        "put_object_failed_callback",
        "PutObject whose callback fails",
        |_, _| json!({"status": 203}),
    ),
    operation("put_object_stream", "PutObject of unknown length", |_, _| stored(TEXT.as_bytes())),
    operation("put_object_forbid_overwrite", "PutObject that may not overwrite", |_, _| {
        refused(409, "FileAlreadyExists")
    }),
    operation(
        "get_object",
        "GetObject",
        |_, _| json!({"text": TEXT, "type": "text/plain", "camera": "north"}),
    ),
    operation(
        "get_object_range",
        "GetObject, a range",
        |_, _| json!({"text": &TEXT[2..6], "status": 206, "range": format!("bytes 2-5/{}", TEXT.len())}),
    ),
    operation(
        "get_object_range_past_end",
        "GetObject, a range past the end",
        |_, _| json!({"text": TEXT, "status": 200}),
    ),
    operation(
        "get_object_if_none_match",
        "GetObject, not modified",
        |_, _| json!({"refused": 304}),
    ),
    operation("get_missing_object", "GetObject, no such key", |_, _| refused(404, "NoSuchKey")),
    operation("wrong_secret", "GetObject with a wrong secret", |_, _| {
        refused(403, "SignatureDoesNotMatch")
    }),
    operation("missing_bucket", "GetObject, no such bucket", |_, _| refused(404, "NoSuchBucket")),
    operation("head_object", "HeadObject", |_, _| {
        let mut facts = stored(TEXT.as_bytes());
        facts["size"] = TEXT.len().into();
        facts["type"] = "text/plain".into();
        facts["camera"] = "north".into();
        facts
    }),
    operation(
        "get_object_meta",
        "GetObjectMeta",
        |_, _| json!({"size": TEXT.len(), "etag": etag(TEXT.as_bytes())}),
    ),
    operation(
        "object_exists",
        "whether an object exists",
        |_, _| json!({"there": true, "missing": false}),
    ),
    operation("get_object_acl", "GetObjectAcl", |_, _| json!({"acl": "default"})),
    operation("multipart_upload", "an upload in parts, with ListParts", |scene, _| {
        let sizes: Vec<usize> = scene.content.chunks(PART_SIZE).map(<[u8]>::len).collect();
        let mut facts = stored_in_parts(scene);
        facts["parts"] = sizes.into();
        facts
    }),
    calling_back(
        "multipart_upload_callback",
        "an upload in parts with a callback",
        ("called back parts", Size::File),
        |_, _| json!({"answer": {"seen": 1}}),
    ),
    operation(
        "abort_multipart_upload",
        "AbortMultipartUpload, with ListMultipartUploads",
        |_, _| json!({"before": [KEY], "after": []}),
    ),
    operation("resumable_upload", "an upload that is resumed", |scene, _| {
        let mut facts = stored_in_parts(scene);
        facts["interrupted"] = refused(403, "AccessDenied");
        facts
    }),
    operation(
        "get_object_to_file",
        "a download to a file, in ranges where the SDK does so",
        |scene, _| json!({"md5": hex(&Md5::digest(&scene.content))}),
    ),
    operation("list_objects", "ListObjects, 2,500 by pages", |_, _| digest()),
    operation("list_objects_v2", "ListObjectsV2, 2,500 by pages", |_, _| digest()),
    operation("list_objects_delimiter", "ListObjects, a folder", |_, _| folder()),
    operation("list_objects_v2_delimiter", "ListObjectsV2, a folder", |_, _| folder()),
    operation("list_buckets", "ListBuckets", |_, _| {
        let mut names: Vec<String> = Way::all().map(|way| way.bucket()).collect();
        names.push(MANY_BUCKET.to_owned());
        names.sort_unstable();
        json!({"names": names})
    }),
    operation(
        "get_bucket_info",
        "GetBucketInfo",
        |_, way| json!({"name": way.bucket(), "location": "oss-cn-hangzhou", "acl": "private"}),
    ),
    operation(
        "get_bucket_location",
        "GetBucketLocation",
        |_, _| json!({"location": "oss-cn-hangzhou"}),
    ),
    operation("get_bucket_stat", "GetBucketStat", |_, _| json!({"objects": many_keys().len()})),
    operation("get_bucket_acl", "GetBucketAcl", |_, _| json!({"acl": "private"})),
    operation("put_bucket", "PutBucket", |_, _| json!({"acl": "private"})),
    operation("delete_bucket", "DeleteBucket", |_, _| json!({"status": 204})),
    operation(
        "copy_object",
        "CopyObject",
        |_, _| json!({"etag": etag(TEXT.as_bytes()), "text": TEXT}),
    ),
    operation(
        "upload_part_copy",
        "UploadPartCopy",
        |scene, _| json!({"crc64": crc64(&scene.content)}),
    ),
    operation("put_object_acl", "PutObjectAcl", |_, _| json!({"acl": "public-read"})),
    operation(
        "append_object",
        "AppendObject",
        |_, _| json!({"positions": [7, TEXT.len()], "text": TEXT}),
    ),
    operation("symlink", "PutSymlink, GetSymlink", |_, _| json!({"target": KEY, "text": TEXT})),
    operation(
        "object_tagging",
        "PutObjectTagging, Get, Delete",
        |_, _| json!({"tags": {"camera": "north 1"}, "after": {}}),
    ),
    calling_back(
        "signed_url_put_callback",
        "a signed URL, PUT with a callback in it",
        (SIGNED_KEY, Size::Text),
        |_, _| json!({"answer": {"seen": 1}}),
    ),
    operation("signed_url_get", "a signed URL, GET", |_, _| json!({"text": TEXT})),
    calling_back(
        "post_object_callback",
        "PostObject with a callback",
        ("posted", Size::Text),
        |_, _| json!({"answer": {"seen": 1}}),
    ),
    operation("delete_object", "DeleteObject", |_, _| json!({"status": 204})),
    operation(
        "delete_multiple_objects",
        "DeleteMultipleObjects",
        |_, _| json!({"keys": ["called back", KEY]}),
    ),
];

impl Operation {
    pub fn expected(&self, scene: &Scene, way: Way) -> Value {
        (self.answer)(scene, way)
    }

    /// What the application server has to hear of it.
    pub fn callback_body(&self, scene: &Scene) -> Option<String> {
        let (object, size) = self.called_back?;
        let size = match size {
            Size::Text => TEXT.len(),
            Size::File => scene.content.len(),
        };
        let object = utf8_percent_encode(object, PLAIN);
        Some(format!("object={object}&size={size}&id=7%20%26%208"))
    }
}

/// What stays as it is in the body of a callback (spec: callback.md).
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

fn refused(status: u16, code: &str) -> Value {
    json!({"refused": status, "code": code})
}

fn stored(content: &[u8]) -> Value {
    json!({"etag": etag(content), "crc64": crc64(content)})
}

/// Its ETag is that of the digests of its parts (spec: multipart.md).
fn stored_in_parts(scene: &Scene) -> Value {
    let parts: Vec<_> = scene.content.chunks(PART_SIZE).map(Md5::digest).collect();
    let whole = hex(&Md5::digest(parts.concat())).to_ascii_uppercase();
    json!({"etag": format!("\"{whole}-{}\"", parts.len()), "crc64": crc64(&scene.content)})
}

fn etag(content: &[u8]) -> String {
    format!("\"{}\"", hex(&Md5::digest(content)).to_ascii_uppercase())
}

fn crc64(content: &[u8]) -> String {
    let mut digest = Digest::new();
    digest.write(content);
    digest.sum64().to_string()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn digest() -> Value {
    let keys = many_keys();
    json!({"count": keys.len(), "md5": hex(&Md5::digest(keys.join("\n")))})
}

fn folder() -> Value {
    json!({"keys": [FOLDERS[2]], "prefixes": ["folders/a b+/", "folders/é&/"]})
}
