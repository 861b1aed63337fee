//! Signature V1, HMAC-SHA1 (spec: signing-v1.md).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

use super::{SignableRequest, Signature, select_headers};

/// The query parameters that are signed: the union of the lists of documents and SDKs
/// (spec: signing-v1.md 2). Besides these, every name that begins with `x-oss-` is.
const SUB_RESOURCES: &str = "\
    accessPoint accessPointPolicy acl action append asyncFetch bucketArchiveDirectRead bucketInfo \
    callback callback-var cleanRestoredObject cloudboxes cname comp continuation-token cors \
    dataPipeline delete encryption endTime group httpsConfig img inventory inventoryId legalHold \
    lifecycle link live location logging metadataConfiguration metadataInventoryTable \
    metadataJournalTable MetaQuery metaQuery objectInfo objectMeta objectWorm overwriteConfig \
    partNumber policy policyStatus position publicAccessBlock qos qosInfo qosRequester quota \
    redundancyTransition referer regionList replication replicationLocation replicationProgress \
    requesterQosInfo requestPayment resourceGroup resourcePool resourcePoolBuckets \
    resourcePoolInfo response-cache-control response-content-disposition \
    response-content-encoding response-content-language response-content-type response-expires \
    restore retention rtc seal security-token sequential startTime stat status style styleName \
    symlink tagging transferAcceleration uploadId uploads userDefinedLogFieldsConfig versionId \
    versioning versions vod website worm wormExtend wormId";

/// Signs a request for the `Authorization` header. `request.headers` must already hold `date`.
pub fn sign(request: &SignableRequest<'_>, access_key_id: &str, secret: &str) -> Signature {
    let date = header(request, "x-oss-date").or_else(|| header(request, "date"));
    let string_to_sign = string_to_sign(request, date.unwrap_or_default());
    let signature = hmac_sha1_base64(secret, &string_to_sign);
    let authorization = format!("OSS {access_key_id}:{signature}");
    Signature { authorization, signature, string_to_sign }
}

/// The signed text; `date` is an expiry in seconds when a URL is signed.
pub(super) fn string_to_sign(request: &SignableRequest<'_>, date: &str) -> String {
    let oss_headers: String = select_headers(request.headers, |name| name.starts_with("x-oss-"))
        .into_iter()
        .map(|(name, value)| format!("{name}:{value}\n"))
        .collect();
    format!(
        "{}\n{}\n{}\n{date}\n{oss_headers}{}",
        request.method,
        header(request, "content-md5").unwrap_or_default(),
        header(request, "content-type").unwrap_or_default(),
        canonical_resource(request)
    )
}

/// Also the signature of a form: that of its `policy` field (spec: post-object.md 6).
pub(crate) fn hmac_sha1_base64(secret: &str, text: &str) -> String {
    let mut mac =
        Hmac::<Sha1>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    BASE64.encode(mac.finalize().into_bytes())
}

fn canonical_resource(request: &SignableRequest<'_>) -> String {
    let path = match (request.bucket, request.key) {
        (None, _) => "/".to_owned(),
        (Some(bucket), key) => format!("/{bucket}/{}", key.unwrap_or_default()),
    };
    let mut signed: Vec<_> =
        request.query.iter().copied().filter(|(name, _)| is_sub_resource(name)).collect();
    signed.sort_unstable();
    let texts: Vec<String> = signed
        .into_iter()
        .map(
            |(name, value)| {
                if value.is_empty() { (*name).to_owned() } else { format!("{name}={value}") }
            },
        )
        .collect();
    if texts.is_empty() { path } else { format!("{path}?{}", texts.join("&")) }
}

fn is_sub_resource(name: &str) -> bool {
    name.starts_with("x-oss-") || SUB_RESOURCES.split(' ').any(|known| known == name)
}

fn header<'a>(request: &SignableRequest<'a>, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|(n, _)| *n == name).map(|(_, value)| *value)
}
