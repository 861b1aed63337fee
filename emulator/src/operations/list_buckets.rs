//! GetService: the list of buckets.

use crate::clock;
use crate::error::xml::Document;
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;

pub(super) fn list_buckets(exchange: &Exchange) -> Reply {
    let region = &exchange.state.region;
    let mut document = Document::new("ListAllMyBucketsResult");
    document.open("Owner");
    document.text("ID", "1000000000000001");
    document.text("DisplayName", "1000000000000001");
    document.close();
    document.open("Buckets");
    for (name, created) in exchange.state.store.bucket_list() {
        document.open("Bucket");
        document.text("CreationDate", &clock::extended(created));
        document.text("ExtranetEndpoint", &format!("oss-{region}.aliyuncs.com"));
        document.text("IntranetEndpoint", &format!("oss-{region}-internal.aliyuncs.com"));
        document.text("Location", &format!("oss-{region}"));
        document.text("Name", &name);
        document.text("Region", region);
        document.text("StorageClass", "Standard");
        document.close();
    }
    document.close();
    Reply::ok("application/xml", document.finish())
}
