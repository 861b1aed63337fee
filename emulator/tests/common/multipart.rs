//! The requests of a multipart upload.

use ossbind_emulator::Emulator;

use super::{Request, Response};

/// The least size of a part that is not the last.
pub const MIN_PART: usize = 100 * 1024;

/// Begins an upload.
pub fn initiate(emulator: &Emulator, key: &str) -> String {
    let answer = Request::post(key, "").query("uploads", "").send(emulator);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.element("UploadId").unwrap()
}

pub fn part(key: &str, id: &str, number: u32, content: impl Into<Vec<u8>>) -> Request {
    let number = number.to_string();
    Request::put(key, content).query("partNumber", &number).query("uploadId", id)
}

/// Uploads a part; its ETag.
pub fn upload_part(
    emulator: &Emulator,
    key: &str,
    id: &str,
    number: u32,
    content: impl Into<Vec<u8>>,
) -> String {
    let answer = part(key, id, number, content).send(emulator);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.header("etag").unwrap().to_owned()
}

/// The body of CompleteMultipartUpload.
pub fn part_list<'a>(parts: impl IntoIterator<Item = (u32, &'a str)>) -> String {
    let parts: String = parts
        .into_iter()
        .map(|(n, etag)| format!("<Part><PartNumber>{n}</PartNumber><ETag>{etag}</ETag></Part>"))
        .collect();
    format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>")
}

/// Completes with a list of parts; not sent yet.
pub fn complete<'a>(
    key: &str,
    id: &str,
    parts: impl IntoIterator<Item = (u32, &'a str)>,
) -> Request {
    Request::post(key, part_list(parts)).query("uploadId", id)
}

/// Completes with all parts; not sent yet.
pub fn complete_all(key: &str, id: &str) -> Request {
    Request::post(key, "").query("uploadId", id).header("x-oss-complete-all", "yes")
}

pub fn abort(emulator: &Emulator, key: &str, id: &str) -> Response {
    Request::new("DELETE", key).query("uploadId", id).send(emulator)
}

pub fn list_parts(key: &str, id: &str) -> Request {
    Request::get(key).query("uploadId", id)
}

/// The texts of all elements of a name, in order.
pub fn elements(answer: &Response, name: &str) -> Vec<String> {
    let text = answer.text();
    let document = roxmltree::Document::parse(&text).unwrap();
    let nodes = document.descendants().filter(|node| node.has_tag_name(name));
    nodes.map(|node| node.text().unwrap_or_default().to_owned()).collect()
}
