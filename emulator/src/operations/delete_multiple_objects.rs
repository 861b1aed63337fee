//! DeleteMultipleObjects. (Source: the page of the vendor of that name.)

use hyper::StatusCode;
use md5::{Digest, Md5};
use roxmltree::Node;

use super::body::{read_up_to, require_length};
use super::checksums::AnnouncedChecksums;
use super::listing::Encoding;
use crate::documents;
use crate::error::OssError;
use crate::error::catalogue::{malformed_xml, missing_argument, parameter_not_implemented};
use crate::error::xml::Document;
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;
use crate::protocol::target::check_key;

const MAX_BODY_BYTES: usize = 2 << 20;
const MAX_KEYS: usize = 1000;

/// What the body asks for.
#[derive(Debug, PartialEq, Eq)]
struct Deletion {
    keys: Vec<String>,
    /// Only what fails is told; nothing does.
    is_quiet: bool,
}

/// All or nothing: the list is checked before anything is deleted.
pub(super) async fn delete_multiple_objects(
    exchange: &mut Exchange,
    bucket: &str,
) -> Result<Reply, OssError> {
    require_length(exchange)?;
    let encoding = Encoding::read(&exchange.query)?;
    let checksums = AnnouncedChecksums::read(&exchange.parts.headers)?;
    if !exchange.parts.headers.contains_key("content-md5") {
        return Err(missing_argument().argument("Content-MD5", ""));
    }
    let body = read_up_to(exchange, MAX_BODY_BYTES).await?.ok_or_else(malformed_xml)?;
    checksums.check_md5(&Md5::digest(&body).into())?;
    let deletion = parse(&body)?;
    for key in &deletion.keys {
        let deleted = exchange.state.store.delete(bucket, key);
        deleted.map_err(|error| exchange.internal_error(&error))?;
    }
    if deletion.is_quiet {
        return Ok(Reply::new(StatusCode::OK));
    }
    let mut document = Document::new("DeleteResult");
    encoding.describe(&mut document);
    for key in &deletion.keys {
        document.open("Deleted");
        document.text("Key", &encoding.apply(key));
        document.close();
    }
    Ok(Reply::ok("application/xml", document.finish()))
}

fn parse(body: &[u8]) -> Result<Deletion, OssError> {
    let text = std::str::from_utf8(body).map_err(|_| malformed_xml())?;
    let document = documents::parse(text).ok_or_else(malformed_xml)?;
    let root = document.root_element();
    if root.tag_name().name() != "Delete" {
        return Err(malformed_xml());
    }
    let mut deletion = Deletion { keys: Vec::new(), is_quiet: false };
    for node in root.children().filter(Node::is_element) {
        match node.tag_name().name() {
            "Quiet" => {
                let quiet = documents::text(node).ok_or_else(malformed_xml)?;
                deletion.is_quiet = quiet.trim() == "true";
            }
            "Object" => deletion.keys.push(key(node)?),
            _ => return Err(malformed_xml()),
        }
    }
    if !(1..=MAX_KEYS).contains(&deletion.keys.len()) {
        return Err(malformed_xml());
    }
    Ok(deletion)
}

/// A version must not be taken for the object.
fn key(object: Node<'_, '_>) -> Result<String, OssError> {
    if object.children().any(|child| child.tag_name().name() == "VersionId") {
        let version = documents::child_text(object, "VersionId").ok_or_else(malformed_xml)?;
        return Err(parameter_not_implemented("VersionId", &version));
    }
    let key = documents::child_text(object, "Key").ok_or_else(malformed_xml)?;
    check_key(&key)?;
    Ok(key)
}
