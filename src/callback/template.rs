//! The body template: `${name}` is replaced by the service (spec: callback.md 5).

use serde::de::IgnoredAny;

use super::json::{byte_offset, plain_reason};
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
    ("imageInfo.height", Kind::Pixels),
    ("imageInfo.width", Kind::Pixels),
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
    /// Put in bare, or nothing at all when the object is no image.
    Pixels,
}

impl Kind {
    fn of(variable: &str) -> Self {
        let system = SYSTEM.iter().find(|(name, _)| *name == variable);
        system.map_or(Self::Text, |(_, kind)| *kind)
    }
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
) -> Result<(), Problem> {
    if body.is_empty() {
        let message = "is empty; the service needs a body, for example \"object=${object}\"";
        return Err(Problem::new(field, EMPTY_BODY, message));
    }
    let pieces = split(field, body, "$")?;
    check_names(field, &pieces, rules)?;
    match body_type {
        _ if rules.relaxed => Ok(()),
        BodyType::Json => check_json(field, &pieces),
        BodyType::UrlEncoded if body.trim_start().starts_with(['{', '[']) => {
            let message = "looks like JSON, but its type is application/x-www-form-urlencoded, so \
                           values would arrive percent-encoded and without quotes; set the type to \
                           application/json (body_type JSON)";
            Err(Problem::new(field, None, message).at(0))
        }
        BodyType::UrlEncoded => Ok(()),
    }
}

/// Checks a value of a url-encoded body, and percent-encodes all of it but its variables. A '$' that begins
/// no variable is encoded as well.
pub(super) fn encode_value(field: &str, value: &str, rules: &Rules<'_>) -> Result<String, Problem> {
    let pieces = split(field, value, "${")?;
    check_names(field, &pieces, rules)?;
    let encode = |piece: &Piece<'_>| match piece.is_variable {
        true => format!("${{{}}}", piece.text),
        false => encode_query(piece.text),
    };
    Ok(pieces.iter().map(encode).collect())
}

/// Literal text, or the name of a variable.
struct Piece<'a> {
    offset: usize,
    text: &'a str,
    is_variable: bool,
}

impl Piece<'_> {
    fn is_pixels(&self) -> bool {
        self.is_variable && Kind::of(self.text) == Kind::Pixels
    }
}

/// Splits a template at its variables, which `opening` announces.
fn split<'a>(field: &str, text: &'a str, opening: &str) -> Result<Vec<Piece<'a>>, Problem> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(offset) = text[at..].find(opening).map(|found| at + found) {
        let fault = |message| Problem::new(field, BAD_BRACE, message).at(offset);
        pieces.push(Piece { offset: at, text: &text[at..offset], is_variable: false });
        let inside = text[offset..].strip_prefix("${").ok_or_else(|| {
            fault(
                "a '$' must be followed by '{': a template cannot hold a plain '$', put such text \
                 into a variable",
            )
        })?;
        let end =
            inside.find('}').ok_or_else(|| fault("the '}' that ends this variable is missing"))?;
        pieces.push(Piece { offset, text: &inside[..end], is_variable: true });
        at = offset + "${".len() + end + "}".len();
    }
    pieces.push(Piece { offset: at, text: &text[at..], is_variable: false });
    Ok(pieces)
}

fn check_names(field: &str, pieces: &[Piece<'_>], rules: &Rules<'_>) -> Result<(), Problem> {
    let is_known = |name: &str| match name.starts_with("x:") {
        true => rules.defined.contains(&name),
        false => SYSTEM.iter().any(|(system, _)| *system == name),
    };
    let unknown = pieces.iter().find(|piece| piece.is_variable && !is_known(piece.text));
    let Some(piece) = unknown.filter(|_| !rules.relaxed) else {
        return Ok(());
    };
    let reason = match piece.text.starts_with("x:") {
        true => "is not among the variables of this callback",
        false => "is not a system variable (names are case-sensitive; own ones begin with \"x:\")",
    };
    let message = format!("{} {reason}, so it would arrive empty", quoted(piece.text));
    Err(Problem::new(field, None, message).at(piece.offset))
}

/// A JSON body must be JSON once the service has filled it in. Text values bring their own quotes,
/// so the usual mistake is to put quotes around `${object}` (spec: callback.md 5.3).
fn check_json(field: &str, pieces: &[Piece<'_>]) -> Result<(), Problem> {
    if let Err(fault) = parse_filled(pieces, "0") {
        let message = format!(
            "is not JSON once OSS has filled it in ({}); {}",
            fault.reason,
            advice(pieces, &fault)
        );
        let piece = &pieces[fault.piece];
        let inside = if piece.is_variable { 0 } else { fault.offset };
        return Err(Problem::new(field, None, message).at(piece.offset + inside));
    }
    if !pieces.iter().any(Piece::is_pixels) {
        return Ok(());
    }
    parse_filled(pieces, "").map_err(|fault| {
        // What is wrong without a number begins where one is missing.
        let pixels = pieces[..=fault.piece].iter().rfind(|piece| piece.is_pixels());
        let piece = pixels.unwrap_or(&pieces[fault.piece]);
        let message = format!(
            "is not JSON when the object is no image ({}): OSS then puts in nothing, so write quotes \
             around it, \"${{{}}}\"",
            fault.reason, piece.text
        );
        Problem::new(field, None, message).at(piece.offset)
    })
}

/// Where a template that is filled in ceases to be JSON.
struct JsonFault {
    piece: usize,
    /// In the text of that piece.
    offset: usize,
    at_end: bool,
    reason: String,
}

/// Reads a template as JSON, with samples for its variables.
fn parse_filled(pieces: &[Piece<'_>], pixels: &str) -> Result<(), JsonFault> {
    let mut filled = String::new();
    let mut starts = Vec::with_capacity(pieces.len());
    for piece in pieces {
        starts.push(filled.len());
        filled.push_str(match Kind::of(piece.text) {
            _ if !piece.is_variable => piece.text,
            Kind::Text => "\"\"",
            Kind::Number => "0",
            Kind::Pixels => pixels,
        });
    }
    serde_json::from_str::<IgnoredAny>(&filled).map(|_| ()).map_err(|error| {
        let at = byte_offset(&filled, &error);
        // The first piece starts at 0.
        let piece = starts.partition_point(|start| *start <= at) - 1;
        JsonFault {
            piece,
            offset: at - starts[piece],
            at_end: error.is_eof(),
            reason: plain_reason(&error),
        }
    })
}

/// What to do about a template that is no JSON, by what stands at the fault.
fn advice(pieces: &[Piece<'_>], fault: &JsonFault) -> &'static str {
    let piece = &pieces[fault.piece];
    if has_odd_quotes(pieces) {
        "a quotation mark of the template is missing, or is one too many; write {\"name\":${object}}"
    } else if fault.at_end {
        "it ends too early"
    } else if piece.is_variable {
        "OSS puts text values in with quotes of their own, so write {\"name\":${object}} and not \
         {\"name\":\"${object}\"}"
    } else if piece.text[fault.offset..].starts_with('\\') {
        "it is escaped by hand; write it as it shall arrive, the library escapes it"
    } else {
        "write it as JSON, or set its type to application/x-www-form-urlencoded"
    }
}

/// Whether the quotation marks that the template has of its own do not come in pairs.
fn has_odd_quotes(pieces: &[Piece<'_>]) -> bool {
    let literals = pieces.iter().filter(|piece| !piece.is_variable);
    let quotes = literals
        .map(|piece| piece.text.replace(r"\\", "").replace(r#"\""#, "").matches('"').count());
    quotes.sum::<usize>() % 2 == 1
}
