//! GetBucketStat: how much there is in a bucket. The service may be an hour late; this is of now.
//! (Source: the GetBucketStat page of the vendor.)

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use crate::error::xml::Document;
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;
use crate::storage::{Selection, StoredObject};

/// Storage classes with the beginning of their elements. All but the first have a least size for the bill.
const CLASSES: &[(&str, &str)] = &[
    ("Standard", "Standard"),
    ("IA", "InfrequentAccess"),
    ("Archive", "Archive"),
    ("ColdArchive", "ColdArchive"),
    ("DeepColdArchive", "DeepColdArchive"),
];
const LEAST_BILLED_BYTES: u64 = 64 * 1024;

pub(super) fn get_bucket_stat(exchange: &Exchange, bucket: &str) -> Reply {
    let (store, all) = (&exchange.state.store, Selection::default());
    let objects = store.list_objects(bucket, &all, usize::MAX);
    let uploads = store.list_uploads(bucket, &all, "", usize::MAX);
    let objects: Vec<&Arc<StoredObject>> = objects.items().collect();
    let storage: u64 = objects.iter().map(|object| object.size()).sum();
    let now = exchange.now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());

    let mut document = Document::new("BucketStat");
    document.text("Storage", &storage.to_string());
    document.text("ObjectCount", &objects.len().to_string());
    document.text("MultipartUploadCount", &uploads.items().count().to_string());
    document.text("LiveChannelCount", "0");
    document.text("LastModifiedTime", &now.to_string());
    for (class, name) in CLASSES {
        let of_class = objects.iter().filter(|object| object.storage_class() == *class);
        describe_class(&mut document, name, &of_class.map(|o| o.size()).collect::<Vec<_>>());
    }
    Reply::ok("application/xml", document.finish())
}

fn describe_class(document: &mut Document, name: &str, sizes: &[u64]) {
    let real: u64 = sizes.iter().sum();
    if name == "Standard" {
        document.text(&format!("{name}Storage"), &real.to_string());
    } else {
        let billed: u64 = sizes.iter().map(|size| (*size).max(LEAST_BILLED_BYTES)).sum();
        document.text(&format!("{name}Storage"), &billed.to_string());
        document.text(&format!("{name}RealStorage"), &real.to_string());
    }
    document.text(&format!("{name}ObjectCount"), &sizes.len().to_string());
}
