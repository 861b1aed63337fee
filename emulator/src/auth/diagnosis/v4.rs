//! Mistakes of signers of version 4.

use super::super::request::SignedRequest;
use super::super::v4::{
    Canonical, Scope, UNSIGNED_PAYLOAD, derived_key, signing_key, string_to_sign,
};
use super::{MAX_TRIED, METHODS, Mistake};
use crate::clock;
use crate::percent::{encode, encode_path};

/// SHA-256 of nothing.
const EMPTY_PAYLOAD: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

pub(super) fn signature(secret: &str, scope: &Scope, date: &str, canonical: &[u8]) -> String {
    let key = signing_key(secret, scope);
    super::super::v4::signature(&key, &string_to_sign(date, scope, canonical))
}

/// Canonical requests that may have been signed instead of the right one.
pub(super) fn mistakes(request: &SignedRequest<'_>, right: &Canonical) -> Vec<Mistake> {
    let mut mistakes = of_path(request, right);
    mistakes.extend(of_query(request, right));
    mistakes.extend(of_headers(request, right));
    mistakes.extend(METHODS.iter().filter(|method| **method != right.method).map(|method| {
        let cause = format!("The method {method} was signed; the request has {}.", right.method);
        let method = (*method).to_owned();
        Mistake::new(cause, Canonical { method, ..right.clone() }.text())
    }));
    mistakes.extend(of_form(&right.text()));
    mistakes
}

fn of_path(request: &SignedRequest<'_>, right: &Canonical) -> Vec<Mistake> {
    let resource = request.resource();
    let key = request.key.unwrap_or_default();
    let bucket = request.bucket.unwrap_or_default();
    [
        (
            "The path was signed as it is; V4 signs it percent-encoded, except for its slashes.",
            resource.clone(),
        ),
        (
            "The slashes of the key were signed as %2F; V4 leaves them as they are.",
            format!("/{bucket}/{}", encode(key)),
        ),
        ("All slashes of the path were signed as %2F; V4 leaves them.", encode(&resource)),
        ("The path was encoded twice before it was signed.", encode_path(&right.uri)),
        (
            "Blanks of the key were signed as +; V4 signs them as %20.",
            right.uri.replace("%20", "+"),
        ),
        (
            "A + of the key came unencoded, and there means a blank; send it as %2B.",
            right.uri.replace("%20", "%2B"),
        ),
        (
            "The path was signed without the bucket; it is /BUCKET/KEY even when the bucket stands \
             in the host name.",
            encode_path(&format!("/{key}")),
        ),
        ("The path was signed without its first slash.", right.uri[1..].to_owned()),
    ]
    .into_iter()
    .map(|(cause, uri)| Mistake::new(cause, Canonical { uri, ..right.clone() }.text()))
    .collect()
}

fn of_query(request: &SignedRequest<'_>, right: &Canonical) -> Vec<Mistake> {
    let pairs = || request.query.pairs().iter().filter(|(name, _)| name != "x-oss-signature");
    let joined = |name: String, value: String| match value.as_str() {
        "" => name,
        _ => format!("{name}={value}"),
    };
    let mut raw: Vec<String> = pairs().map(|(n, v)| joined(n.clone(), v.clone())).collect();
    raw.sort_unstable();
    let always_equals = |item: &String| match item.contains('=') {
        true => item.clone(),
        false => format!("{item}="),
    };
    let whole = [
        (
            "The parameters were signed in the order of the URL; V4 sorts them by name.",
            pairs().map(|(name, value)| joined(encode(name), encode(value))).collect(),
        ),
        ("The parameters were signed as they are; V4 signs them percent-encoded.", raw),
        (
            "A parameter without a value was signed with an equals sign; V4 signs its name alone.",
            right.query.iter().map(always_equals).collect(),
        ),
        (
            "A + in the query came unencoded, and there means a blank; send it as %2B.",
            right.query.iter().map(|item| item.replace("%20", "%2B")).collect(),
        ),
        ("The query was not signed.", Vec::new()),
    ];
    let whole = whole.map(|(cause, query)| (cause.to_owned(), query));
    let without = (0..right.query.len().min(MAX_TRIED)).map(|position| {
        let mut query = right.query.clone();
        let item = query.remove(position);
        let name = item.split('=').next().unwrap_or_default();
        (format!("The parameter {name} was not signed; perhaps it was added afterwards."), query)
    });
    whole
        .into_iter()
        .chain(without)
        .map(|(cause, query)| Mistake::new(cause, Canonical { query, ..right.clone() }.text()))
        .collect()
}

fn of_headers(request: &SignedRequest<'_>, right: &Canonical) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let mut add = |cause: String, changed: Canonical| {
        mistakes.push(Mistake::new(cause, changed.text()));
    };
    for name in right.headers.keys().take(MAX_TRIED) {
        let mut changed = right.clone();
        changed.headers.remove(name);
        let cause = if right.additional_headers.contains(name) {
            format!("The header {name} is named as an additional header, but was not signed.")
        } else {
            format!("The header {name} was not signed; perhaps it was added afterwards.")
        };
        add(cause, changed);
    }
    let others = request.headers_where(|name| !right.headers.contains_key(name)).into_iter();
    for (name, value) in others.take(MAX_TRIED) {
        let mut changed = right.clone();
        changed.headers.insert(name.to_owned(), value);
        let unnamed = format!(
            "The header {name} was signed, but is not among the additional headers of the request."
        );
        add(unnamed.clone(), changed.clone());
        changed.additional_headers.push(name.to_owned());
        changed.additional_headers.sort_unstable();
        add(unnamed, changed);
    }
    let additional_headers = Vec::new();
    let cause = "The names of the additional headers were not signed.".to_owned();
    add(cause, Canonical { additional_headers, ..right.clone() });
    mistakes
}

/// The lines are right, but not their arrangement.
fn of_form(right: &[u8]) -> Vec<Mistake> {
    let text = String::from_utf8_lossy(right);
    let last = text.strip_suffix(UNSIGNED_PAYLOAD).unwrap_or_default();
    let without_blank_line = last.replacen("\n\n", "\n", 1) + UNSIGNED_PAYLOAD;
    [
        ("The empty line behind the headers is missing.", without_blank_line),
        (
            "The last line was the digest of an empty body; it is UNSIGNED-PAYLOAD.",
            format!("{last}{EMPTY_PAYLOAD}"),
        ),
        ("The canonical request was signed with a line feed at its end.", format!("{text}\n")),
        ("The canonical request was signed with CR and LF.", text.replace('\n', "\r\n")),
    ]
    .into_iter()
    .map(|(cause, text)| Mistake::new(cause, text.into_bytes()))
    .collect()
}

/// Signatures with a signing key that is derived wrongly, or with another string to sign.
pub(super) fn key_mistakes(
    secret: &str,
    scope: &Scope,
    date: &str,
    canonical: &[u8],
) -> Vec<(String, String)> {
    let with = |seed: &str, scope: &Scope, date: &str| {
        let key = derived_key(seed, scope);
        super::super::v4::signature(&key, &string_to_sign(date, scope, canonical))
    };
    let seed = format!("aliyun_v4{secret}");
    let region = format!("oss-{}", scope.region);
    let iso = clock::parse_basic(date).map(clock::extended).unwrap_or_default();
    let scope_with = |region: &str, product: &str, terminator: &str| Scope {
        date: scope.date.clone(),
        region: region.to_owned(),
        product: product.to_owned(),
        terminator: terminator.to_owned(),
    };
    vec![
        (
            "The signing key was made of the secret alone; aliyun_v4 stands before it.".to_owned(),
            with(secret, scope, date),
        ),
        (
            "The signing key was made with AWS4 before the secret; it is aliyun_v4.".to_owned(),
            with(&format!("AWS4{secret}"), scope, date),
        ),
        (
            format!("The region was signed as {region}; it is {}.", scope.region),
            with(&seed, &scope_with(&region, &scope.product, &scope.terminator), date),
        ),
        (
            "The product was signed as s3; it is oss.".to_owned(),
            with(&seed, &scope_with(&scope.region, "s3", &scope.terminator), date),
        ),
        (
            "The scope was signed with aws4_request at its end; it is aliyun_v4_request."
                .to_owned(),
            with(&seed, &scope_with(&scope.region, &scope.product, "aws4_request"), date),
        ),
        (
            format!("The date was signed in another form than {date}."),
            with(&seed, scope, &iso.replace(".000Z", "Z")),
        ),
    ]
}
