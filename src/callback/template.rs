//! The body template: `${name}` is replaced by the service (spec: callback.md 5).

use super::check::Check;
use super::json_template::check_json;
use super::system::{self, System};
use super::{BodyType, Problem};
use crate::signing::encode_query;
use crate::text::quoted;

const EMPTY_BODY: &str = "0007-00000011";
const BAD_BRACE: &str = "0007-00000105";

/// Checks a body template; without a type, when that is at fault itself.
pub(super) fn check(field: &str, body: &str, body_type: Option<BodyType>, check: &mut Check) {
    if body.is_empty() {
        let rule = "is empty, but the service needs a body";
        let cure = "write what your server shall be told, for example \"object=${object}\"";
        return check.refuse(Problem::new(field, Some(EMPTY_BODY), rule, cure));
    }
    check.has_body();
    let (pieces, faults) = split(body, "$");
    refuse(field, &faults, check);
    check_names(field, &pieces, check);
    match body_type {
        Some(BodyType::Json) if faults.is_empty() => check_json(field, &pieces, check),
        Some(BodyType::UrlEncoded) if body.trim_start().starts_with(['{', '[']) => {
            let rule = "looks like JSON, but its type is application/x-www-form-urlencoded, so \
                        values would arrive percent-encoded and without quotes";
            let cure = "set the type to application/json (body_type JSON)";
            check.mistake(Problem::new(field, None, rule, cure).at(0));
        }
        _ => {}
    }
}

/// Checks a value of a url-encoded body, and percent-encodes all of it but its variables. A '$' that begins
/// no variable is encoded as well.
pub(super) fn encode_value(field: &str, value: &str, check: &mut Check) -> String {
    let (pieces, faults) = split(value, "${");
    refuse(field, &faults, check);
    check_names(field, &pieces, check);
    let mut encoded = String::new();
    for piece in &pieces {
        if piece.is_variable {
            encoded.push_str(&format!("${{{}}}", piece.text));
            continue;
        }
        if let Some(at) = piece.text.find('$').filter(|_| faults.is_empty()) {
            let rule = "has a '$' that begins no variable, so it arrives as it is";
            let cure = "write ${object} if a variable is meant";
            check.warn(Problem::new(field, None, rule, cure).at(piece.offset + at));
        }
        encoded.push_str(&encode_query(piece.text));
    }
    encoded
}

/// A text that is not the body, in which OSS fills in nothing.
pub(super) fn warn_of_literal(field: &str, text: &str, check: &mut Check) {
    if let Some(at) = text.find("${") {
        let rule =
            "has \"${\", but OSS fills in variables in the body only, so it arrives as it is";
        let cure = "write what is to be filled in into the body";
        check.warn(Problem::new(field, None, rule, cure).at(at));
    }
}

/// Literal text, or the name of a variable.
pub(super) struct Piece<'a> {
    pub(super) offset: usize,
    pub(super) text: &'a str,
    pub(super) is_variable: bool,
}

/// A variable that is not closed, or not even opened: where, what is wrong, and what to do.
type Fault = (usize, &'static str, &'static str);

/// Splits a template at its variables, which `opening` announces. What is at fault stays literal text.
pub(super) fn split<'a>(text: &'a str, opening: &str) -> (Vec<Piece<'a>>, Vec<Fault>) {
    let (mut pieces, mut faults) = (Vec::new(), Vec::new());
    let (mut literal, mut at) = (0, 0);
    while let Some(offset) = text[at..].find(opening).map(|found| at + found) {
        match variable(&text[offset..]) {
            Ok(name) => {
                pieces.push(literal_piece(text, literal, offset));
                pieces.push(Piece { offset, text: name, is_variable: true });
                literal = offset + "${".len() + name.len() + "}".len();
                at = literal;
            }
            Err((rule, cure)) => {
                faults.push((offset, rule, cure));
                at = offset + "$".len();
            }
        }
    }
    pieces.push(literal_piece(text, literal, text.len()));
    (pieces, faults)
}

fn literal_piece(text: &str, from: usize, to: usize) -> Piece<'_> {
    Piece { offset: from, text: &text[from..to], is_variable: false }
}

/// The name of the variable that begins with the text.
fn variable(text: &str) -> Result<&str, (&'static str, &'static str)> {
    let no_brace = (
        "a '$' must be followed by '{': a template cannot hold a plain '$'",
        "put such text into a variable, or write ${object} if one is meant",
    );
    let no_end = ("the '}' that ends this variable is missing", "write it behind its name");
    let inside = text.strip_prefix("${").ok_or(no_brace)?;
    inside.find('}').map(|end| &inside[..end]).ok_or(no_end)
}

fn refuse(field: &str, faults: &[Fault], check: &mut Check) {
    for &(offset, rule, cure) in faults {
        check.refuse(Problem::new(field, Some(BAD_BRACE), rule, cure).at(offset));
    }
}

fn check_names(field: &str, pieces: &[Piece<'_>], check: &mut Check) {
    let mut seen = Vec::new();
    for piece in pieces.iter().filter(|piece| piece.is_variable) {
        check.uses(piece.text);
        if seen.contains(&piece.text) {
            continue;
        }
        seen.push(piece.text);
        let (reason, cure) = match piece.text.starts_with("x:") {
            true if !check.lacks(piece.text) => continue,
            true => ("is not among the variables of this callback", "add it to them".to_owned()),
            false if System::find(piece.text).is_some() => continue,
            false => (
                "is not a system variable (names are case-sensitive; own ones begin with \"x:\")",
                right_name(piece.text),
            ),
        };
        let rule = format!("{} {reason}, so it would arrive empty", quoted(piece.text));
        check.mistake(Problem::new(field, None, &rule, &cure).at(piece.offset));
    }
}

fn right_name(name: &str) -> String {
    let mut names = system::ALL.iter().map(|system| system.name);
    match names.clone().find(|known| known.eq_ignore_ascii_case(name)) {
        Some(known) => format!("write ${{{known}}}"),
        None => {
            let last = names.next_back().unwrap_or_default();
            format!("OSS knows {} and {last}", names.collect::<Vec<_>>().join(", "))
        }
    }
}
