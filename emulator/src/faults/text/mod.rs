//! The text form of a fault: a name and parameters, `reset-request at=64k operation=UploadPart`.

mod display;
mod help;
mod kinds;
mod parameters;
mod parse;
mod syntax;
mod tokens;
mod values;
mod words;

#[cfg(test)]
mod tests;

pub(crate) use values::offset as parse_offset;
