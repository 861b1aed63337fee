//! The body template: `${name}` is replaced by the service (spec: callback.md 5).

use super::{BodyType, Problem};
use crate::signing::encode_query;
use crate::text::quoted;

const EMPTY_BODY: &str = "0007-00000011";
const BAD_BRACE: &str = "0007-00000105";

/// The system variables (spec: callback.md 5.1) and how JSON bodies get them.
const SYSTEM: [(&str, Kind); 14] = [
    ("bucket", Kind::Text),
    ("object", Kind::Text),
    ("etag", Kind::Text),
    ("size", Kind::Number),
    ("mimeType", Kind::Text),
    ("imageInfo.height", Kind::Number),
    ("imageInfo.width", Kind::Number),
    ("imageInfo.format", Kind::Text),
    // Quoted or bare is not documented: accept a template written for either.
    ("crc64", Kind::Number),
    ("contentMd5", Kind::Text),
    ("vpcId", Kind::Text),
    ("clientIp", Kind::Text),
    ("reqId", Kind::Text),
    ("operation", Kind::Text),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Put in with quotes around it.
    Text,
    /// Put in bare.
    Number,
}

/// What a template may name, and how strictly it is read.
pub(super) struct Rules<'a> {
    pub(super) defined: &'a [&'a str],
    pub(super) relaxed: bool,
}

/// Checks a body template.
pub(super) fn check(
    field: &str,
    body: &str,
    body_type: BodyType,
    rules: &Rules<'_>,
    out: &mut Vec<Problem>,
) {
    if body.is_empty() {
        let message = "is empty; the service needs a body, for example \"object=${object}\"";
        return out.push(Problem::new(field, EMPTY_BODY, message));
    }
    let pieces = match split(body) {
        Ok(pieces) => pieces,
        Err((offset, message)) => {
            return out.push(Problem::new(field, BAD_BRACE, message).at(offset));
        }
    };
    if rules.relaxed {
        return;
    }
    let unknown = pieces.iter().filter_map(|p| check_name(p, rules).err());
    out.extend(unknown.map(|(offset, message)| Problem::new(field, None, message).at(offset)));
    match body_type {
        BodyType::Json => out.extend(check_json(field, &pieces)),
        BodyType::UrlEncoded if body.trim_start().starts_with(['{', '[']) => {
            let message = "looks like JSON, but its type is application/x-www-form-urlencoded, so \
                           values would arrive percent-encoded and without quotes; set the type to \
                           application/json (body_type JSON)";
            out.push(Problem::new(field, None, message).at(0));
        }
        BodyType::UrlEncoded => {}
    }
}

/// Checks a value of a url-encoded body, in which a '$' that begins no variable is plain text.
pub(super) fn check_value(field: &str, value: &str, rules: &Rules<'_>, out: &mut Vec<Problem>) {
    let (variables, rest) = variables_of(value);
    if let Some(at) = rest.find("${") {
        let offset = value.len() - rest.len() + at;
        let message = "the '}' that ends this variable is missing";
        out.push(Problem::new(field, BAD_BRACE, message).at(offset));
    }
    if rules.relaxed {
        return;
    }
    let unknown = variables.iter().filter_map(|piece| check_name(piece, rules).err());
    out.extend(unknown.map(|(offset, message)| Problem::new(field, None, message).at(offset)));
}

/// Percent-encodes a value of a url-encoded body, but for its variables.
pub(super) fn encode_value(value: &str) -> String {
    let mut encoded = String::new();
    let mut at = 0;
    for piece in variables_of(value).0 {
        if let Piece::Variable { offset, name } = piece {
            encoded.push_str(&encode_query(&value[at..offset]));
            encoded.push_str(&format!("${{{name}}}"));
            at = offset + "${}".len() + name.len();
        }
    }
    encoded + &encode_query(&value[at..])
}

/// The variables of a value, and what is behind the last one.
fn variables_of(value: &str) -> (Vec<Piece<'_>>, &str) {
    let mut variables = Vec::new();
    let mut at = 0;
    while let Some(offset) = value[at..].find("${").map(|found| at + found) {
        let Some(end) = value[offset..].find('}').map(|found| offset + found) else { break };
        variables.push(Piece::Variable { offset, name: &value[offset + "${".len()..end] });
        at = end + 1;
    }
    (variables, &value[at..])
}

enum Piece<'a> {
    Literal { offset: usize, text: &'a str },
    Variable { offset: usize, name: &'a str },
}

/// Splits a template into literal text and variables; the error is an offset and a message.
fn split(body: &str) -> Result<Vec<Piece<'_>>, (usize, String)> {
    let mut pieces = Vec::new();
    let mut offset = 0;
    while let Some(dollar) = body[offset..].find('$').map(|at| offset + at) {
        if dollar > offset {
            pieces.push(Piece::Literal { offset, text: &body[offset..dollar] });
        }
        let Some(inside) = body[dollar + 1..].strip_prefix('{') else {
            let message = "a '$' must be followed by '{': a template cannot hold a plain '$', \
                           put such text into a variable";
            return Err((dollar, message.to_owned()));
        };
        let Some(end) = inside.find('}') else {
            return Err((dollar, "the '}' that ends this variable is missing".to_owned()));
        };
        pieces.push(Piece::Variable { offset: dollar, name: &inside[..end] });
        offset = dollar + "${".len() + end + "}".len();
    }
    if offset < body.len() {
        pieces.push(Piece::Literal { offset, text: &body[offset..] });
    }
    Ok(pieces)
}

fn check_name(piece: &Piece<'_>, rules: &Rules<'_>) -> Result<(), (usize, String)> {
    let Piece::Variable { offset, name } = piece else {
        return Ok(());
    };
    let known = if name.starts_with("x:") {
        rules.defined.contains(name)
    } else {
        SYSTEM.iter().any(|(system, _)| system == name)
    };
    if known {
        return Ok(());
    }
    let message = if name.starts_with("x:") {
        format!(
            "{} is not among the variables of this callback, so it would arrive empty",
            quoted(name)
        )
    } else {
        format!(
            "{} is not a system variable (names are case-sensitive; own ones begin with \"x:\"), \
             so it would arrive empty",
            quoted(name)
        )
    };
    Err((*offset, message))
}

/// A JSON body must be JSON once the service has filled it in. Text values bring their own quotes,
/// so the usual mistake is to put quotes around `${object}` (spec: callback.md 5.3).
fn check_json(field: &str, pieces: &[Piece<'_>]) -> Option<Problem> {
    let mut filled = String::new();
    let mut origins = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let (offset, text, is_literal) = match piece {
            Piece::Literal { offset, text } => (*offset, *text, true),
            Piece::Variable { offset, name } => (*offset, sample(name), false),
        };
        origins.push((filled.len(), offset, is_literal));
        filled.push_str(text);
    }
    let error = serde_json::from_str::<serde::de::IgnoredAny>(&filled).err()?;
    let in_filled = byte_offset(&filled, error.line(), error.column());
    let (start, origin, is_literal) =
        *origins.iter().rev().find(|(start, ..)| *start <= in_filled)?;
    let offset = if is_literal { origin + (in_filled - start) } else { origin };
    let message = format!(
        "is not JSON once OSS has filled it in ({}); {}",
        plain_reason(&error),
        advice(&filled[in_filled..], is_literal)
    );
    Some(Problem::new(field, None, message).at(offset))
}

/// What to do about a template that is no JSON, by what stands at the fault.
fn advice(rest: &str, is_literal: bool) -> &'static str {
    match rest.bytes().next() {
        _ if !is_literal => {
            "OSS puts text values in with quotes of their own, so write {\"name\":${object}} and not \
             {\"name\":\"${object}\"}"
        }
        Some(b'\\') => "it is escaped by hand; write it as it shall arrive, the library escapes it",
        None => "it ends too early",
        _ => "write it as JSON, or set its type to application/x-www-form-urlencoded",
    }
}

fn sample(name: &str) -> &'static str {
    let number = SYSTEM.iter().any(|(system, kind)| *system == name && *kind == Kind::Number);
    if number { "0" } else { "\"\"" }
}

/// Byte offset of a position that the JSON parser gives as line and column, both from 1. The parser
/// counts bytes; the offset is that of the character.
pub(super) fn byte_offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let at = (start + column.saturating_sub(1)).min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

/// The parser's reason without the position, which is given as an offset instead.
pub(super) fn plain_reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}
