//! The body that the service would send: a template that is filled in (spec: callback.md 5.2, 5.3).

use super::BodyType;
use super::json::quoted;
use super::system::{Kind, ObjectFacts, System};
use super::template::{Piece, split};
use crate::error::{Error, Result};
use crate::signing::encode_query;

/// What the application server would get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedCallback {
    /// The body of the POST, byte for byte.
    pub body: String,
    /// Its Content-Type.
    pub content_type: &'static str,
}

/// A template without faults, filled in. What is not known is empty (spec: callback.md 5.5).
pub(super) fn render(
    template: &str,
    body_type: BodyType,
    variables: &[(String, String)],
    facts: &ObjectFacts<'_>,
) -> Result<String> {
    let mut body = String::new();
    for piece in split(template, "$").0 {
        match piece.is_variable {
            false => body.push_str(piece.text),
            true => body.push_str(&fill(&piece, body_type, variables, facts)?),
        }
    }
    Ok(body)
}

fn fill(
    piece: &Piece<'_>,
    body_type: BodyType,
    variables: &[(String, String)],
    facts: &ObjectFacts<'_>,
) -> Result<String> {
    let name = piece.text;
    let (kind, value) = match System::find(name) {
        Some(system) => (system.kind, (system.value)(facts).map_err(|fact| missing(fact, name))?),
        None if name.starts_with("x:") => {
            let given = variables.iter().find(|(known, _)| known == name);
            (Kind::Text, given.map_or("", |(_, value)| value).into())
        }
        None => return Ok(String::new()),
    };
    Ok(match (body_type, kind) {
        (BodyType::UrlEncoded, _) => encode_query(&value),
        (BodyType::Json, Kind::Format) if value.is_empty() => String::new(),
        (BodyType::Json, Kind::Text | Kind::Format | Kind::Checksum) => quoted(&value),
        (BodyType::Json, Kind::Number | Kind::Pixels) => value.into_owned(),
    })
}

fn missing(fact: &'static str, variable: &str) -> Error {
    Error::invalid(fact, format!("is NULL, but the body has ${{{variable}}}; set it"))
}
