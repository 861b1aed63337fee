//! What a call was about, for its error.

use super::UploadRequest;
use super::call::Call;
use crate::callback::Audience;
use crate::error::Subject;

/// `object` is the bucket and the key.
pub(super) fn subject(call: &Call<'_>, object: Option<(&str, &str)>) -> Subject {
    let service = call.client.service().ok();
    Subject {
        bucket: object.map(|(bucket, _)| bucket.to_owned()),
        key: object.map(|(_, key)| key.to_owned()),
        endpoint: service.map(|service| service.url("", "", &[])),
        is_public_service: service.is_some_and(|s| s.audience() == Audience::PublicService),
        region: service.map(|service| service.region().to_owned()).filter(|text| !text.is_empty()),
        ..call.trace()
    }
}

/// Where the service was to call, without queries, which may hold secrets.
pub(super) fn callback_url(request: &UploadRequest<'_>) -> Option<String> {
    let encoded = request.encode_callback(Audience::Any).ok()??;
    let without_query = |url: &str| url.split('?').next().unwrap_or_default().to_owned();
    let urls: Vec<String> =
        encoded.url().unwrap_or_default().split(';').map(without_query).collect();
    Some(urls.join(";"))
}
