//! PutObjectTagging, GetObjectTagging and DeleteObjectTagging. (Source: the pages of the vendor of those
//! names.) Of a link, the tags are its own.

use hyper::StatusCode;
use md5::{Digest, Md5};
use roxmltree::Node;

use super::body::read_up_to;
use super::checksums::AnnouncedChecksums;
use super::found::find;
use super::stored::{change_properties, describe_version_id};
use super::tagging;
use crate::documents;
use crate::error::OssError;
use crate::error::catalogue::malformed_xml;
use crate::error::xml::Document;
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;
use crate::protocol::target::ObjectName;

/// Ten tags of the greatest length, however they are written.
const MAX_BODY_BYTES: usize = 64 * 1024;

pub(super) async fn put_object_tagging(
    exchange: &mut Exchange,
    name: &ObjectName,
) -> Result<Reply, OssError> {
    let checksums = AnnouncedChecksums::read(&exchange.parts.headers)?;
    let body = read_up_to(exchange, MAX_BODY_BYTES).await?.ok_or_else(malformed_xml)?;
    checksums.check_md5(&Md5::digest(&body).into())?;
    let tags = parse(&body).ok_or_else(malformed_xml)?;
    tagging::check(&tags, "Tagging")?;
    let object = change_properties(exchange, name, |properties| properties.tags = tags)?;
    let mut reply = Reply::new(StatusCode::OK);
    describe_version_id(&mut reply, &object);
    Ok(reply)
}

pub(super) fn get_object_tagging(
    exchange: &Exchange,
    name: &ObjectName,
) -> Result<Reply, OssError> {
    let object = find(exchange, name)?;
    let mut document = Document::new("Tagging");
    document.open("TagSet");
    for (name, value) in object.tags() {
        document.open("Tag");
        document.text("Key", name);
        document.text("Value", value);
        document.close();
    }
    let mut reply = Reply::ok("application/xml", document.finish());
    describe_version_id(&mut reply, &object);
    Ok(reply)
}

pub(super) fn delete_object_tagging(
    exchange: &Exchange,
    name: &ObjectName,
) -> Result<Reply, OssError> {
    let object = change_properties(exchange, name, |properties| properties.tags.clear())?;
    let mut reply = Reply::new(StatusCode::NO_CONTENT);
    describe_version_id(&mut reply, &object);
    Ok(reply)
}

/// Reads `Tagging`; `None` if it is something else.
fn parse(body: &[u8]) -> Option<Vec<(String, String)>> {
    let document = documents::parse(std::str::from_utf8(body).ok()?)?;
    let tagging =
        Some(document.root_element()).filter(|root| root.tag_name().name() == "Tagging")?;
    let [tag_set] = elements(tagging, "TagSet")?[..] else {
        return None;
    };
    elements(tag_set, "Tag")?.into_iter().map(tag).collect()
}

fn tag(tag: Node<'_, '_>) -> Option<(String, String)> {
    Some((documents::child_text(tag, "Key")?, documents::child_text(tag, "Value")?))
}

/// The elements of a node, which must all have this name.
fn elements<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Vec<Node<'a, 'input>>> {
    let elements = node.children().filter(Node::is_element);
    elements.map(|element| (element.tag_name().name() == name).then_some(element)).collect()
}
