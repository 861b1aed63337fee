//! `ossbind_outbox_options`: how an item is kept and sent.

use std::ffi::c_char;
use std::mem::offset_of;

use super::convert::{SizedStruct, check_flags, owned_text, unknown_choice};
use crate::error::{Error, Result};
use crate::outbox::{ItemOptions, Keep};

/// Bit of ossbind_outbox_options.flags: the item is never sent while the network is metered, see
/// ossbind_outbox_set_network().
pub const OSSBIND_OUTBOX_ADD_UNMETERED: u32 = 1;
/// Bit of ossbind_outbox_options.flags: the key is used for other contents as well, and the object is
/// overwritten. Without it the outbox uploads with OSSBIND_UPLOAD_ONCE. With it, an attempt whose
/// answer is lost is looked up before the next one, for which the keys need oss:GetObject.
pub const OSSBIND_OUTBOX_ADD_OVERWRITE: u32 = 2;
/// Bit of ossbind_outbox_options.flags: the item waits for ossbind_outbox_release().
pub const OSSBIND_OUTBOX_ADD_HELD: u32 = 4;
/// Bit of ossbind_outbox_options.flags: the item is neither durable nor sent before
/// ossbind_outbox_commit(), which makes many items durable with a few writes. If the process ends
/// before, the item is gone and a file that was to be moved is where it was.
pub const OSSBIND_OUTBOX_ADD_LATER: u32 = 8;

/// Bit of ossbind_outbox_options.flags: if nothing waits and the network is there, ossbind_outbox_add()
/// sends the item itself, on the calling thread, and returns when that has ended, which takes as long as
/// an upload. The flash is written once for the item and its receipt together, and not for each. When
/// it fails, the item is durable as any other, and waits. Until the add returns, nothing is promised, as
/// ever: after a power cut in the middle the object may be stored though the add must be repeated,
/// which stores nothing twice, because of OSSBIND_UPLOAD_ONCE. Without a client in the outbox the bit has no
/// effect; with LATER or HELD it is refused.
pub const OSSBIND_OUTBOX_ADD_AT_ONCE: u32 = 16;

/// All bits up to the last one.
const KNOWN_FLAGS: u32 = 2 * OSSBIND_OUTBOX_ADD_AT_ONCE - 1;

/// How a file becomes the body of an item.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ossbind_outbox_keep(pub u32);

impl ossbind_outbox_keep {
    /// As a copy, which shares its blocks on file systems that can do that.
    pub const COPY: Self = Self(0);
    /// As a hard link: it takes no room, and the file must not be written to any more. The file must be
    /// on the file system of the outbox.
    pub const LINK: Self = Self(1);
    /// It is moved into the outbox, and gone from its place when ossbind_outbox_add() returns. On
    /// another file system it is copied and then removed.
    pub const MOVE: Self = Self(2);
    /// It stays where it is. If its size, time of modification or inode have changed when it is sent, or
    /// if it is gone, the outcome is REFUSED.
    pub const REFERENCE: Self = Self(3);
}

/// How an item is kept and sent. Initialize with ossbind_outbox_options_init(); zero is the default of
/// every member. Everything it points to is copied. Members are only ever appended.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ossbind_outbox_options {
    /// sizeof(ossbind_outbox_options), set by ossbind_outbox_options_init().
    pub struct_size: usize,
    /// OSSBIND_OUTBOX_KEEP_*; for FILE bodies only.
    pub keep: ossbind_outbox_keep,
    /// OSSBIND_OUTBOX_ADD_*; unknown bits are refused.
    pub flags: u32,
    /// Name of the item for the program, 1 to 255 bytes of UTF-8. While an item or a receipt with this id is
    /// in the outbox, adding it again gives that item, and changes nothing: a program that was interrupted
    /// can repeat its add. Nor is the file moved then. NULL: none.
    pub caller_id: *const c_char,
    /// Items with the same text, 1 to 255 bytes of UTF-8, are sent strictly one after the other, in the
    /// order in which they were added: one that waits for another attempt holds up the others. NULL: none.
    pub order: *const c_char,
    /// 0, which is sent last, to 9, which is sent first.
    pub priority: u32,
    /// After so many attempts by one process the outcome is REFUSED. 0: no limit.
    pub max_attempts: u32,
    /// The item is not sent before so many seconds have passed since it was added.
    pub delay_s: u32,
    /// When so many seconds have passed since it was added, the outcome is EXPIRED. 0: max_age_s of the
    /// outbox.
    pub lifetime_s: u32,
}

// SAFETY: pointers and integers; struct_size is first.
unsafe impl SizedStruct for ossbind_outbox_options {
    const NAME: &'static str = "outbox_options";
    // 0.1.0 ended with lifetime_s.
    const FIRST_SIZE: usize = offset_of!(Self, lifetime_s) + size_of::<u32>();
}

impl ossbind_outbox_options {
    /// # Safety
    /// Everything that the options point to is as their documentation says.
    pub(super) unsafe fn convert(&self) -> Result<ItemOptions> {
        check_flags("options.flags", self.flags, KNOWN_FLAGS)?;
        let has = |flag: u32| self.flags & flag != 0;
        let some = |value: u32| (value > 0).then_some(value);
        // SAFETY: as the caller promises.
        let (caller_id, order) = unsafe {
            (
                owned_text("options.caller_id", self.caller_id)?,
                owned_text("options.order", self.order)?,
            )
        };
        let too_urgent = || {
            let fault = format!("is {}; it is from 0 to 9", self.priority);
            Error::invalid("options.priority", fault)
        };
        Ok(ItemOptions {
            keep: match self.keep {
                ossbind_outbox_keep::COPY => Keep::Copy,
                ossbind_outbox_keep::LINK => Keep::Link,
                ossbind_outbox_keep::MOVE => Keep::Move,
                ossbind_outbox_keep::REFERENCE => Keep::Reference,
                ossbind_outbox_keep(other) => return Err(unknown_choice("options.keep", other)),
            },
            priority: u8::try_from(self.priority).map_err(|_| too_urgent())?,
            held: has(OSSBIND_OUTBOX_ADD_HELD),
            later: has(OSSBIND_OUTBOX_ADD_LATER),
            at_once: has(OSSBIND_OUTBOX_ADD_AT_ONCE),
            unmetered: has(OSSBIND_OUTBOX_ADD_UNMETERED),
            overwrite: has(OSSBIND_OUTBOX_ADD_OVERWRITE),
            max_attempts: some(self.max_attempts),
            delay_s: self.delay_s,
            lifetime_s: some(self.lifetime_s),
            caller_id,
            order,
        })
    }
}
