//! `ossbind_outbox_config`: how an outbox is opened.

use std::ffi::c_char;
use std::mem::offset_of;
use std::time::Duration;

use super::client::{ossbind_client, shared};
use super::convert::{
    SizedStruct, bytes, check_flags, milliseconds, optional_text, path, unknown_choice,
};
use crate::error::{Error, Result};
use crate::outbox::{Limits, OutboxConfig, Teller, WhenFull};

/// Bit of ossbind_outbox_config.flags: within a priority, the newest item is sent first.
pub const OSSBIND_OUTBOX_NEWEST_FIRST: u32 = 1;

/// What happens to an item that has no room.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ossbind_outbox_when_full(pub u32);

impl ossbind_outbox_when_full {
    /// It is refused with OSSBIND_STATUS_OUTBOX_FULL.
    pub const REFUSE: Self = Self(0);
    /// The oldest items make room.
    pub const DROP_OLDEST: Self = Self(1);
    /// The newest items that are there make room.
    pub const DROP_NEWEST: Self = Self(2);
    /// The least urgent items make room, of these the oldest, but none that is more urgent than the
    /// new one.
    pub const DROP_LEAST_URGENT: Self = Self(3);
}

/// How an outbox is opened. Initialize with ossbind_outbox_config_init(); zero is the default of every
/// member but `folder`. Everything it points to is copied. Members are only ever appended.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ossbind_outbox_config {
    /// sizeof(ossbind_outbox_config), set by ossbind_outbox_config_init().
    pub struct_size: usize,
    /// Required: its folder; bytes, not necessarily UTF-8. It is made if it is missing, with mode 0700;
    /// the folder around it must exist. It belongs to the outbox alone, and to the user of the process.
    pub folder: *const c_char,
    /// What it uploads with; the outbox keeps a reference. NULL: this process adds items, lists them and
    /// takes receipts, and another one sends.
    pub client: *const ossbind_client,
    /// OSSBIND_OUTBOX_*; unknown bits are refused.
    pub flags: u32,
    /// OSSBIND_OUTBOX_WHEN_FULL_*. Items that are being sent never make room, and each one that does
    /// leaves a receipt.
    pub when_full: ossbind_outbox_when_full,
    /// How many items may wait. As many again may be receipts, refused and damaged items. 0: 100 000.
    pub max_items: u64,
    /// How many bytes all files of the outbox may take. 0: no limit but min_free_bytes.
    pub max_bytes: u64,
    /// How many bytes of the file system stay free. 0: 67 108 864 (64 MiB).
    pub min_free_bytes: u64,
    /// How many inodes of the file system stay free. 0: 256.
    pub min_free_inodes: u64,
    /// Items that are older when it is their turn get the outcome EXPIRED. In seconds, of a clock that
    /// does not depend on the time of the device being right. 0: no limit.
    pub max_age_s: u32,
    /// Longest pause after the first failure, in milliseconds. It doubles with each further one. 0: 10 000.
    pub retry_min_ms: u32,
    /// No pause is longer, unless the server asks for it. In milliseconds. 0: 300 000.
    pub retry_max_ms: u32,
    /// How long after the upload telling (see tell_url) goes on; then the receipt comes without it. In
    /// seconds, by the same clock as max_age_s. 0: 604 800 (7 days).
    pub tell_max_age_s: u32,
    /// http or https URL of the program's server, which is told of an item that is stored but whose
    /// callback failed, or whose answer is lost: a POST with JSON, repeated until it is answered with
    /// 2xx, or until tell_max_age_s have passed (docs/outbox.md). The receipt comes after that. NULL:
    /// nobody is told.
    pub tell_url: *const c_char,
    /// Key with which these messages are signed (HMAC-SHA256): 16 to 1024 bytes. Required with tell_url.
    pub tell_key: *const u8,
    /// How many bytes.
    pub tell_key_len: usize,
}

// SAFETY: pointers and integers; struct_size is first.
unsafe impl SizedStruct for ossbind_outbox_config {
    const NAME: &'static str = "outbox_config";
    // 0.1.0 ended with tell_key_len.
    const FIRST_SIZE: usize = offset_of!(Self, tell_key_len) + size_of::<usize>();
}

impl ossbind_outbox_config {
    /// # Safety
    /// Everything that the config points to is as its documentation says.
    pub(super) unsafe fn convert(&self) -> Result<OutboxConfig> {
        check_flags("flags", self.flags, OSSBIND_OUTBOX_NEWEST_FIRST)?;
        // SAFETY: as the caller promises.
        let (folder, client, teller) =
            unsafe { (path(self.folder), shared(self.client), self.teller()?) };
        let folder = folder.ok_or_else(|| Error::invalid("folder", "is NULL, but required"))?;
        let defaults = OutboxConfig::new(folder, client);
        let or = |value: u64, default: u64| if value == 0 { default } else { value };
        let seconds = |value: u32| (value > 0).then(|| Duration::from_secs(value.into()));
        let limits = Limits {
            max_items: or(self.max_items, defaults.limits.max_items),
            max_bytes: or(self.max_bytes, defaults.limits.max_bytes),
            min_free_bytes: or(self.min_free_bytes, defaults.limits.min_free_bytes),
            min_free_inodes: or(self.min_free_inodes, defaults.limits.min_free_inodes),
        };
        Ok(OutboxConfig {
            newest_first: self.flags & OSSBIND_OUTBOX_NEWEST_FIRST != 0,
            when_full: self.when_full()?,
            limits,
            max_age: seconds(self.max_age_s),
            retry_min: milliseconds(self.retry_min_ms).unwrap_or(defaults.retry_min),
            retry_max: milliseconds(self.retry_max_ms).unwrap_or(defaults.retry_max),
            teller,
            tell_max_age: seconds(self.tell_max_age_s).unwrap_or(defaults.tell_max_age),
            ..defaults
        })
    }

    fn when_full(&self) -> Result<WhenFull> {
        match self.when_full {
            ossbind_outbox_when_full::REFUSE => Ok(WhenFull::Refuse),
            ossbind_outbox_when_full::DROP_OLDEST => Ok(WhenFull::DropOldest),
            ossbind_outbox_when_full::DROP_NEWEST => Ok(WhenFull::DropNewest),
            ossbind_outbox_when_full::DROP_LEAST_URGENT => Ok(WhenFull::DropLeastUrgent),
            ossbind_outbox_when_full(other) => Err(unknown_choice("when_full", other)),
        }
    }

    unsafe fn teller(&self) -> Result<Option<Teller>> {
        // SAFETY: as the caller promises.
        let (url, key) = unsafe {
            (
                optional_text("tell_url", self.tell_url)?,
                bytes("tell_key", self.tell_key, self.tell_key_len)?,
            )
        };
        match url {
            Some(url) => Teller::new(url, key).map(Some),
            None if !self.tell_key.is_null() => {
                Err(Error::invalid("tell_key", "is set without tell_url, which it is for"))
            }
            None => Ok(None),
        }
    }
}
