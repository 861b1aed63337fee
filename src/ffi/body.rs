//! Where the bytes of an object come from.

use std::ffi::c_char;

use super::convert::{bytes, path, unknown_choice};
use crate::error::{Error, Result, refuse_if};
use crate::upload::Body;

/// Where the bytes of an object come from.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ossbind_body_kind(pub u32);

impl ossbind_body_kind {
    /// Nothing was chosen. The call fails, so that a forgotten body never replaces an object by an
    /// empty one.
    pub const NONE: Self = Self(0);
    /// The bytes at `data`. NULL with length 0 stores an empty object; nothing else does.
    pub const MEMORY: Self = Self(1);
    /// The file at `file_path`, with the size that it has when the upload begins.
    pub const FILE: Self = Self(2);
    /// What the function `read` gives; `rewind` lets the library start again. Without a
    /// content_length, one part at a time is kept in memory (see part_size).
    pub const READ: Self = Self(3);
}

/// The members of a request that say what its body is.
pub(super) struct BodyMembers {
    pub(super) kind: ossbind_body_kind,
    pub(super) data: *const u8,
    pub(super) data_len: usize,
    pub(super) file_path: *const c_char,
    pub(super) has_read: bool,
}

impl BodyMembers {
    /// MEMORY or FILE; None for READ.
    ///
    /// # Safety
    /// The members are as the documentation of the request says.
    pub(super) unsafe fn to_body<'a>(&self) -> Result<Option<Body<'a>>> {
        self.check()?;
        match self.kind {
            ossbind_body_kind::NONE => {
                let fault = "is OSSBIND_BODY_KIND_NONE; choose MEMORY, FILE or READ (an empty \
                             object is MEMORY with data NULL)";
                Err(Error::invalid("body", fault))
            }
            ossbind_body_kind::MEMORY => {
                // SAFETY: as the caller promises.
                Ok(Some(Body::Memory(unsafe { bytes("data", self.data, self.data_len) }?)))
            }
            ossbind_body_kind::FILE => {
                // SAFETY: as the caller promises.
                let path = unsafe { path(self.file_path) };
                let missing = || Error::invalid("file_path", "is NULL, but body is FILE");
                Ok(Some(Body::File(path.ok_or_else(missing)?)))
            }
            ossbind_body_kind::READ => Ok(None),
            ossbind_body_kind(other) => Err(unknown_choice("body", other)),
        }
    }

    /// Members of another kind of body mean that `body`, or a length, was forgotten.
    fn check(&self) -> Result<()> {
        let kind = self.kind;
        let is_other = |owner| kind != owner && (1..=3).contains(&kind.0);
        let has_data = !self.data.is_null();
        let another = "is set, but body is of another kind; set body to the kind that is meant";
        refuse_if([
            (has_data && is_other(ossbind_body_kind::MEMORY), "data", another),
            (self.data_len > 0 && is_other(ossbind_body_kind::MEMORY), "data_len", another),
            (!self.file_path.is_null() && is_other(ossbind_body_kind::FILE), "file_path", another),
            (self.has_read && is_other(ossbind_body_kind::READ), "read", another),
            (
                kind == ossbind_body_kind::MEMORY && self.data_len == 0 && has_data,
                "data_len",
                "is 0, but data is set; an empty object is data NULL",
            ),
        ])
    }
}
