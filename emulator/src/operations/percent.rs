//! How names are written into URLs, headers and documents: letters, digits and `-_.~` as they are.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

pub(super) const VALUE: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// With the slashes of a key.
pub(super) const PATH: &AsciiSet = &VALUE.remove(b'/');
