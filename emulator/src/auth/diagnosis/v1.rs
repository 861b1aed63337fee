//! Mistakes of signers of version 1.

use super::super::request::SignedRequest;
use super::super::v1::Canonical;
use super::{MAX_TRIED, METHODS, Mistake};
use crate::percent::{encode, encode_path};

/// Strings to sign that may have been signed instead of the right one.
pub(super) fn mistakes(request: &SignedRequest<'_>, right: &Canonical) -> Vec<Mistake> {
    let mut mistakes = of_lines(request, right);
    mistakes.extend(of_resource(request, right));
    mistakes.extend(of_parameters(request, right));
    for name in right.headers.keys().take(MAX_TRIED) {
        let mut changed = right.clone();
        changed.headers.remove(name);
        let cause = format!("The header {name} was not signed; perhaps it was added afterwards.");
        mistakes.push(Mistake::new(cause, changed.text()));
    }
    let mut text = right.text();
    text.push(b'\n');
    mistakes.push(Mistake::new("A line feed was signed at the end of the string to sign.", text));
    mistakes
}

fn of_lines(request: &SignedRequest<'_>, right: &Canonical) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let mut add = |cause: String, change: &dyn Fn(&mut Canonical)| {
        let mut changed = right.clone();
        change(&mut changed);
        mistakes.push(Mistake::new(cause, changed.text()));
    };
    for method in METHODS.iter().filter(|method| **method != right.method) {
        let cause = format!("The method {method} was signed; the request has {}.", right.method);
        add(cause, &|changed| changed.method = (*method).to_owned());
    }
    let unsigned = |name: &str| {
        format!(
            "The header {name} was not signed; perhaps it was added afterwards, or by a library."
        )
    };
    add(unsigned("content-type"), &|changed| changed.content_type.clear());
    add(unsigned("content-md5"), &|changed| changed.content_md5.clear());
    let cause =
        "The line of the date was left empty; it has the date also when x-oss-date is there.";
    add(cause.to_owned(), &|changed| changed.date_line.clear());
    let date = request.header("date").unwrap_or_default();
    let cause = "The Date header was signed in the line of the date; x-oss-date comes before it.";
    add(cause.to_owned(), &|changed| changed.date_line.clone_from(&date));
    mistakes
}

fn of_resource(request: &SignedRequest<'_>, right: &Canonical) -> Vec<Mistake> {
    let key = request.key.unwrap_or_default();
    [
        (
            "The path was signed percent-encoded; V1 signs it as it is.",
            encode_path(&right.resource),
        ),
        (
            "A + of the key came unencoded, and there means a blank; send it as %2B.",
            right.resource.replace(' ', "+"),
        ),
        (
            "The path was signed without the bucket; it is /BUCKET/KEY even when the bucket stands \
             in the host name.",
            format!("/{key}"),
        ),
        ("The path was signed without its first slash.", right.resource[1..].to_owned()),
    ]
    .into_iter()
    .map(|(cause, resource)| Mistake::new(cause, Canonical { resource, ..right.clone() }.text()))
    .collect()
}

fn of_parameters(request: &SignedRequest<'_>, right: &Canonical) -> Vec<Mistake> {
    let signature = ["OSSAccessKeyId", "Expires", "Signature"];
    let pairs =
        request.query.pairs().iter().filter(|(name, _)| !signature.contains(&name.as_str()));
    let item = |(name, value): &(String, String)| match value.as_str() {
        "" => name.clone(),
        _ => format!("{name}={value}"),
    };
    let unsorted: Vec<String> = pairs.map(item).collect();
    let mut all = unsorted.clone();
    all.sort_unstable();
    let encoded = |item: &String| match item.split_once('=') {
        Some((name, value)) => format!("{name}={}", encode(value)),
        None => item.clone(),
    };
    let always_equals = |item: &String| match item.contains('=') {
        true => item.clone(),
        false => format!("{item}="),
    };
    let order = "The parameters were signed in the order of the URL; V1 sorts them by name.";
    let signed = |item: &String| right.parameters.contains(item);
    let whole = [
        (order, unsorted.iter().filter(|item| signed(item)).cloned().collect()),
        (
            "Parameters were signed that do not belong to the resource, such as list parameters.",
            all,
        ),
        (
            "The values of parameters were signed percent-encoded; V1 signs them as they are.",
            right.parameters.iter().map(encoded).collect(),
        ),
        (
            "A parameter without a value was signed with an equals sign; V1 signs its name alone.",
            right.parameters.iter().map(always_equals).collect(),
        ),
        ("The parameters of the resource were not signed.", Vec::new()),
    ];
    let whole = whole.map(|(cause, parameters)| (cause.to_owned(), parameters));
    let without = (0..right.parameters.len().min(MAX_TRIED)).map(|position| {
        let mut parameters = right.parameters.clone();
        let item = parameters.remove(position);
        let name = item.split('=').next().unwrap_or_default();
        (format!("The parameter {name} was not signed; it belongs to the resource."), parameters)
    });
    whole
        .into_iter()
        .chain(without)
        .map(|(cause, parameters)| {
            Mistake::new(cause, Canonical { parameters, ..right.clone() }.text())
        })
        .collect()
}
