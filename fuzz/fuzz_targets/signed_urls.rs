//! Everything that a signed URL and signed headers can be made of, with both signatures.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use ossbind::signed::{SignHeadersRequest, SignUrlRequest, UrlOperation};
use ossbind::signing::SignatureVersion;
use ossbind::{Callback, Client, ClientConfig};
use ossbind_fuzz::{Fields, keys};

static CLIENTS: LazyLock<[Client; 2]> =
    LazyLock::new(|| [SignatureVersion::V4, SignatureVersion::V1].map(client));

fn client(signature_version: SignatureVersion) -> Client {
    let config = ClientConfig {
        region: Some("cn-hangzhou".to_owned()),
        credentials: Some(keys().into()),
        signature_version,
        ..ClientConfig::default()
    };
    Client::new(config).expect("a good configuration")
}

fuzz_target!(|input: &[u8]| {
    let fields = Fields::of(input);
    let operation = match fields.get(0).bytes().next().unwrap_or_default() {
        b'g' => UrlOperation::GetObject,
        b'h' => UrlOperation::HeadObject,
        b'i' => UrlOperation::InitiateMultipartUpload,
        b'p' => UrlOperation::UploadPart,
        b'c' => UrlOperation::CompleteMultipartUpload,
        b'a' => UrlOperation::AbortMultipartUpload,
        b'l' => UrlOperation::ListParts,
        _ => UrlOperation::PutObject,
    };
    let callback = fields.some(9).map(|body| Callback::new("http://a.example/cb", body));
    let (query, headers, metadata) = (fields.pairs(6), fields.pairs(7), fields.pairs(8));
    let additional: Vec<&str> = fields.get(10).lines().collect();
    for client in &*CLIENTS {
        let _ = client.sign_url(&SignUrlRequest {
            operation,
            upload_id: fields.some(3),
            part_number: u32::try_from(fields.number(4)).unwrap_or_default(),
            bucket: fields.get(1),
            key: fields.get(2),
            expires_in: fields.some(5).map(|_| fields.number(5)),
            metadata: &metadata,
            headers: &headers,
            query: &query,
            additional_headers: &additional,
            callback: callback.as_ref(),
            ..SignUrlRequest::default()
        });
        let _ = client.sign_headers(&SignHeadersRequest {
            method: fields.get(11),
            bucket: fields.some(1),
            key: fields.some(2),
            query: &query,
            headers: &headers,
            additional_headers: &additional,
        });
    }
});
