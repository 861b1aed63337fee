//! CopyObject. (Source: the CopyObject page of the vendor.)

use std::sync::Arc;

use hyper::HeaderMap;
use hyper::header::HeaderName;

use super::background_work::on_a_thread;
use super::copy_source::copy_source;
use super::encryption::ENCRYPTION_HEADERS;
use super::stored::{commit_refusal, identify, refuse_overwriting, version_id};
use super::upload_headers::{UploadHeaders, text};
use crate::clock;
use crate::error::OssError;
use crate::error::catalogue::{copy_source_too_large, invalid_argument, operation_not_supported};
use crate::error::xml::Document;
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;
use crate::protocol::target::ObjectName;
use crate::storage::{CommitError, ObjectType, Properties, Store, StoredObject, Value, Versioning};

pub(super) async fn copy_object(
    exchange: &mut Exchange,
    name: ObjectName,
) -> Result<Reply, OssError> {
    let headers = &exchange.parts.headers;
    let UploadHeaders { properties: asked, forbid_overwrite } = UploadHeaders::read(headers)?;
    let own_metadata = is_replaced(headers, "x-oss-metadata-directive")?;
    let own_tags = is_replaced(headers, "x-oss-tagging-directive")?;
    let source = copy_source(exchange)?;
    refuse_overwriting(exchange, &name, forbid_overwrite)?;
    refuse_appendable(&source, &name)?;
    let own_metadata = own_metadata || is_in_place(exchange, &source, &name);
    let properties = properties(&source.properties, asked, own_metadata, own_tags);
    if most(&source, &name, &properties).is_some_and(|most| source.size() > most) {
        return Err(copy_source_too_large());
    }
    let copy = StoredObject {
        properties,
        last_modified: exchange.now(),
        version_id: version_id(exchange, &name.bucket),
        bucket: name.bucket,
        key: name.key,
        ..(*source).clone()
    };
    let copied =
        on_a_thread(exchange, move |state| copy_content(&state.store, copy, forbid_overwrite));
    let object = copied.await?.map_err(|error| commit_refusal(exchange, &error))?;
    exchange.record.stored = Some(object.digests.content());

    let mut document = Document::new("CopyObjectResult");
    document.text("ETag", &format!("\"{}\"", object.etag()));
    document.text("LastModified", &clock::extended(object.last_modified));
    let mut reply = Reply::ok("application/xml", document.finish());
    identify(&mut reply, &object);
    if let Some(version_id) = source.version_id() {
        reply.set(HeaderName::from_static("x-oss-copy-source-version-id"), version_id);
    }
    Ok(reply)
}

/// Gives the copy a content of its own.
fn copy_content(
    store: &Store,
    copy: StoredObject,
    forbid_overwrite: bool,
) -> Result<Arc<StoredObject>, CommitError> {
    let content = store.assemble(&copy.bucket, [&copy.content]).map_err(CommitError::Io)?;
    let copy = StoredObject { content: content.clone(), ..copy };
    store.commit(copy, forbid_overwrite).inspect_err(|_| content.remove())
}

/// Whether the copy gets what the request says instead of what the source has. SDKs write the two
/// words in upper, lower and mixed case.
fn is_replaced(headers: &HeaderMap, directive: &str) -> Result<bool, OssError> {
    let word = text(headers, directive).unwrap_or_else(|| "COPY".to_owned());
    match word.to_ascii_uppercase().as_str() {
        "COPY" => Ok(false),
        "REPLACE" => Ok(true),
        _ => {
            let message = format!("The {directive} header must be COPY or REPLACE.");
            Err(invalid_argument(message).argument(directive, word))
        }
    }
}

/// An appendable object can only be copied onto itself. (Source: the pages of the vendor about appending.
/// They name no code.)
fn refuse_appendable(source: &StoredObject, name: &ObjectName) -> Result<(), OssError> {
    if source.object_type == ObjectType::Appendable && !is_same(source, name) {
        return Err(operation_not_supported("An appendable object can not be copied."));
    }
    Ok(())
}

fn is_same(source: &StoredObject, name: &ObjectName) -> bool {
    (&source.bucket, &source.key) == (&name.bucket, &name.key)
}

/// A copy of an object onto itself is how its metadata are changed, whatever the directive says; where
/// versions are kept, it is a copy like any other.
fn is_in_place(exchange: &Exchange, source: &StoredObject, name: &ObjectName) -> bool {
    is_same(source, name)
        && exchange.state.store.versioning(&name.bucket) == Some(Versioning::Disabled)
}

/// The greatest size that one request copies; none where nothing but the record changes.
fn most(source: &StoredObject, name: &ObjectName, properties: &Properties) -> Option<u64> {
    let encryption = |properties: &Properties| {
        let headers = properties.headers.iter().filter(is_encryption);
        headers.cloned().collect::<Vec<_>>()
    };
    let is_converted = properties.storage_class != source.properties.storage_class
        || encryption(properties) != encryption(&source.properties);
    match (is_converted, source.bucket == name.bucket) {
        (true, _) => Some(1 << 30),
        (false, false) => Some(5 << 30),
        (false, true) => None,
    }
}

fn is_encryption(header: &&(String, Value)) -> bool {
    ENCRYPTION_HEADERS.contains(&header.0.as_str())
}

/// Class, access control and encryption are never those of the source.
fn properties(
    source: &Properties,
    asked: Properties,
    own_metadata: bool,
    own_tags: bool,
) -> Properties {
    let tags = if own_tags { asked.tags } else { source.tags.clone() };
    if own_metadata {
        return Properties { tags, ..asked };
    }
    let metadata = source.headers.iter().filter(|header| !is_encryption(header));
    let headers = metadata.chain(asked.headers.iter().filter(is_encryption)).cloned().collect();
    Properties { content_type: source.content_type.clone(), headers, tags, ..asked }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::storage::{Content, Digests};

    fn properties(storage_class: &str, encryption: &[&str]) -> Properties {
        let header =
            |value: &&str| (ENCRYPTION_HEADERS[0].to_owned(), Value::new(value.as_bytes()));
        Properties {
            content_type: String::new(),
            storage_class: storage_class.to_owned(),
            acl: String::new(),
            headers: encryption.iter().map(header).collect(),
            tags: Vec::new(),
        }
    }

    #[test]
    fn what_is_not_converted_may_be_larger() {
        let source = StoredObject {
            bucket: "source".to_owned(),
            key: "a".to_owned(),
            object_type: ObjectType::Normal,
            digests: Digests { size: 0, md5: [0; 16], crc64: 0 },
            properties: properties("IA", &["KMS"]),
            last_modified: UNIX_EPOCH,
            version_id: None,
            content: Content::Discarded,
        };
        for (bucket, class, encryption, expected) in [
            ("source", "IA", &["KMS"][..], None),
            ("other", "IA", &["KMS"], Some(5 << 30)),
            ("source", "Standard", &["KMS"], Some(1 << 30)),
            ("other", "IA", &["AES256"], Some(1 << 30)),
            ("other", "IA", &[], Some(1 << 30)),
        ] {
            let name = ObjectName { bucket: bucket.to_owned(), key: "b".to_owned() };
            assert_eq!(most(&source, &name, &properties(class, encryption)), expected);
        }
    }
}
