//! Refusals of a callback parameter (spec: callback.md 9).

use crate::error::OssError;
use crate::error::catalogue::invalid_argument;

/// 400 InvalidArgument with EC `0007-000000NN` (or `0007-00000NNN`).
pub(crate) fn fault(number: u32, message: &str) -> OssError {
    invalid_argument(message).ec(format!("0007-{number:08}"))
}
