//! Whether a template is JSON once the service has filled it in. Text values bring their own quotes,
//! so the usual mistake is to put quotes around `${object}` (spec: callback.md 5.3).

use serde::de::IgnoredAny;

use super::Problem;
use super::check::Check;
use super::json::{byte_offset, plain_reason};
use super::system::{Kind, System};
use super::template::Piece;

/// What a variable may be filled in with in another way than is checked first.
struct Doubt {
    kind: Kind,
    filled: &'static str,
    /// When that happens, and what is then no JSON.
    rule: &'static str,
    cure: fn(&str) -> String,
    /// Whether that is sure to happen.
    is_known: bool,
}

const DOUBTS: [Doubt; 3] = [
    Doubt {
        kind: Kind::Pixels,
        filled: "",
        rule: "is not JSON when the object is no image, for which OSS puts in nothing",
        cure: |name| format!("write quotes around it, \"${{{name}}}\""),
        is_known: true,
    },
    Doubt {
        kind: Kind::Format,
        filled: "",
        rule: "is perhaps not JSON when the object is no image, for which OSS may put in nothing",
        cure: |_| "use ${mimeType}, or a body of the type application/x-www-form-urlencoded".into(),
        is_known: false,
    },
    Doubt {
        kind: Kind::Checksum,
        filled: "\"0\"",
        rule: "is perhaps not JSON, because OSS may put in this value with quotes around it",
        cure: |name| format!("write ${{{name}}} without quotes, and let your server take both"),
        is_known: false,
    },
];

pub(super) fn check_json(field: &str, pieces: &[Piece<'_>], check: &mut Check) {
    if let Err(fault) = parse_filled(pieces, None) {
        let piece = &pieces[fault.piece];
        let inside = if piece.is_variable { 0 } else { fault.offset };
        let rule = format!("is not JSON once OSS has filled it in ({})", fault.reason);
        let problem = Problem::new(field, None, &rule, advice(pieces, &fault));
        return check.mistake(problem.at(piece.offset + inside));
    }
    for doubt in &DOUBTS {
        let Err(fault) = parse_filled(pieces, Some(doubt)) else { continue };
        // What is wrong in the end begins with a variable.
        let is_doubtful = |piece: &&Piece<'_>| kind(piece) == Some(doubt.kind);
        let culprit = pieces[..=fault.piece].iter().rfind(is_doubtful);
        let piece = culprit.unwrap_or(&pieces[fault.piece]);
        let rule = format!("{} ({})", doubt.rule, fault.reason);
        let problem = Problem::new(field, None, &rule, &(doubt.cure)(piece.text)).at(piece.offset);
        match doubt.is_known {
            true => check.mistake(problem),
            false => check.warn(problem),
        }
    }
}

/// Of a variable. Those of the program, and those that nobody knows, are texts.
fn kind(piece: &Piece<'_>) -> Option<Kind> {
    let of_variable = |name| System::find(name).map_or(Kind::Text, |system| system.kind);
    piece.is_variable.then(|| of_variable(piece.text))
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
fn parse_filled(pieces: &[Piece<'_>], doubt: Option<&Doubt>) -> Result<(), JsonFault> {
    let mut filled = String::new();
    let mut starts = Vec::with_capacity(pieces.len());
    for piece in pieces {
        starts.push(filled.len());
        filled.push_str(match (kind(piece), doubt) {
            (None, _) => piece.text,
            (Some(kind), Some(doubt)) if doubt.kind == kind => doubt.filled,
            (Some(Kind::Text | Kind::Format), _) => "\"\"",
            (Some(Kind::Number | Kind::Pixels | Kind::Checksum), _) => "0",
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
        "it ends too early; close what is open, as in {\"name\":${object}}"
    } else if piece.is_variable {
        "OSS puts text values in with quotes of their own, so write {\"name\":${object}} and not \
         {\"name\":\"${object}\"}"
    } else if piece.text[fault.offset..].starts_with('\\') {
        "it is escaped by hand; write it as it shall arrive, the library escapes it"
    } else if piece.text[..fault.offset].trim_end().ends_with(',') {
        "a comma is one too many; take it out"
    } else {
        "write it as JSON, with names in quotes, or set its type to application/x-www-form-urlencoded"
    }
}

/// Whether the quotation marks that the template has of its own do not come in pairs.
fn has_odd_quotes(pieces: &[Piece<'_>]) -> bool {
    let literals = pieces.iter().filter(|piece| !piece.is_variable);
    let quotes = literals
        .map(|piece| piece.text.replace(r"\\", "").replace(r#"\""#, "").matches('"').count());
    quotes.sum::<usize>() % 2 == 1
}
