//! PostObject: an upload by a form, as browsers send it (spec: post-object.md).

mod answer;
mod fields;
mod parser;
mod part_head;
mod policy;
mod policy_json;
mod properties;
mod reader;

use super::acknowledge::{StoredUpload, acknowledge};
use super::requester_pays;
use super::stored::{describe, refuse_overwriting, store};
use super::upload_headers::UploadHeaders;
use crate::auth::FormAuthorization;
use crate::callback::carrier::Carried;
use crate::callback::parameters::Callback;
use crate::error::OssError;
use crate::error::catalogue::{access_denied, invalid_argument, no_right_by_bucket_acl};
use crate::exchange::Exchange;
use crate::protocol::reply::Reply;
use crate::protocol::target::ObjectName;
use crate::protocol::target::check_key;
use crate::storage::ObjectType;
use fields::Form;
use part_head::PartHead;
use policy::Policy;
use reader::FormReader;

/// A form whose fields allow the upload.
struct Accepted {
    name: ObjectName,
    headers: UploadHeaders,
    policy: Policy,
    callback: Option<Callback>,
}

/// Everything that can be refused is refused before the file is read. Signatures in headers or URL
/// have no meaning here.
pub(super) async fn post_object(exchange: &mut Exchange, bucket: &str) -> Result<Reply, OssError> {
    let mut reader = FormReader::open(exchange)?;
    let (form, file) = reader.fields(exchange).await?;
    let accepted = accept(exchange, bucket, &form, &file).await?;
    let Accepted { name, headers, policy, callback } = accepted;

    let writer = exchange.state.store.writer(bucket).await;
    let writer = writer.map_err(|error| exchange.internal_error(&error))?;
    let written = reader.file(exchange, writer, |size| policy.check_most(size)).await?;
    policy.check_least(written.digests.size).inspect_err(|_| written.content.remove())?;
    let object = store(exchange, name, ObjectType::Normal, headers, &written)?;

    let mut reply = match callback {
        None => answer::success(exchange, &form, &object),
        Some(callback) => {
            let operation = "PostObject";
            let upload = StoredUpload { object: &object, head: &written.head, operation };
            acknowledge(exchange, &callback, upload).await
        }
    };
    describe(&mut reply, &object);
    Ok(reply)
}

async fn accept(
    exchange: &mut Exchange,
    bucket: &str,
    form: &Form,
    file: &PartHead,
) -> Result<Accepted, OssError> {
    let key = form.value("key").filter(|key| !key.is_empty()).ok_or_else(|| {
        invalid_argument(
            "The bucket POST must contain the specified 'key'. If it is specified, please check \
             the order of the fields",
        )
    })?;
    let policy = authorize(exchange, bucket, form)?;
    // Only now: the policy speaks of the text before its expansion.
    let key = key.replace("${filename}", file.file_name.as_deref().unwrap_or_default());
    exchange.record.key = Some(key.clone());
    check_key(&key)?;
    let name = ObjectName { bucket: bucket.to_owned(), key };
    let headers = properties::upload_headers(form, file, &exchange.parts.headers)?;
    refuse_overwriting(exchange, &name, headers.forbid_overwrite)?;
    let callback = Callback::prepare(&carried(form), &exchange.state.callback_addresses).await?;
    Ok(Accepted { name, headers, policy, callback })
}

/// Checks the signature of the policy, then the policy.
fn authorize(exchange: &mut Exchange, bucket: &str, form: &Form) -> Result<Policy, OssError> {
    let authorization =
        FormAuthorization::find(|name| form.value(name))?.ok_or_else(no_right_by_bucket_acl)?;
    exchange.record.access_key_id = Some(authorization.access_key_id.clone());
    let now = exchange.now();
    let authority = exchange.state.authority(now);
    let checked = authorization.check(authority);
    let mut claim = authorization.claim();
    if checked.as_ref().is_err_and(OssError::is_of_signature) {
        claim.mismatch = authorization.diagnose(authority);
    }
    exchange.record.signature = Some(claim);
    checked?;
    exchange.record.signature_version = Some(authorization.version());
    requester_pays::check_field(exchange, bucket, form.value("x-oss-request-payer"))?;

    let policy = Policy::parse(authorization.policy)?;
    if let Some(field) = authorization.fields_to_pin().into_iter().find(|name| !policy.pins(name)) {
        let message = format!("Invalid according to Policy: Policy has no condition for {field}.");
        return Err(access_denied(&message));
    }
    policy.check(bucket, form, now)?;
    Ok(policy)
}

/// The callback parameter is one field; each variable is a field of its own (spec: callback.md 4).
fn carried(form: &Form) -> Carried {
    let variables = form.iter().filter(|(name, _)| name.starts_with("x:"));
    Carried {
        callback: form.value("callback").map(str::to_owned),
        callback_var: None,
        variables: variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
    }
}
