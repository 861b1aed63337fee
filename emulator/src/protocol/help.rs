//! The table of operations as a text.

use super::operation::{CallbackCarrier, Operation, Place, Row, TABLE};

const WIDTH: usize = 98;
const INDENT: &str = "      ";
const END: &str = "
Whatever else asks OSS for something of its own, such as ?cors or ?versionId, is refused with
NotImplemented. x-oss-traffic-limit slows uploads and downloads; x-oss-request-payer matters in buckets
that want it. Checked, but without effect: keys of KMS. Remembered without effect: who may use a bucket,
and its storage class. What has no meaning is ignored, as OSS does; a PUT that has lost its key is
PutBucket.
";

impl Operation {
    /// What is understood, as the help of the program shows it.
    pub fn help() -> String {
        let mut text =
            "Operations, with the parameters and headers that are understood:\n".to_owned();
        for row in TABLE {
            describe(&mut text, row);
        }
        text + END
    }
}

fn describe(text: &mut String, row: &Row) {
    let place = match row.place {
        Place::Service => "/",
        Place::Bucket => "/BUCKET/",
        Place::Object => "/BUCKET/KEY",
        Place::Any => "anything",
    };
    let asking = match row.asked_by {
        [] => String::new(),
        names => format!("?{}", names.join("&")),
    };
    text.push_str(&format!("  {}: {} {place}{asking}\n", row.operation, row.method));
    list(text, "parameters", row.parameters);
    list(text, "headers", row.headers);
    match row.callback {
        CallbackCarrier::None => {}
        CallbackCarrier::HeadersOrQuery => list(
            text,
            "callback",
            &["headers x-oss-callback, x-oss-callback-var; or parameters callback, callback-var"],
        ),
        CallbackCarrier::Form => list(text, "callback", &["form fields callback, x:*"]),
    }
}

/// A title and names, in lines of limited width.
fn list(text: &mut String, title: &str, names: &[&str]) {
    if names.is_empty() {
        return;
    }
    let mut line = format!("{INDENT}{title}:");
    for (position, name) in names.iter().enumerate() {
        let end = if position + 1 < names.len() { "," } else { "" };
        if line.len() + name.len() + 2 > WIDTH {
            text.push_str(&line);
            text.push('\n');
            line = format!("{INDENT} ");
        }
        line.push_str(&format!(" {name}{end}"));
    }
    text.push_str(&line);
    text.push('\n');
}
