//! `ossbind_outbox_item` and `ossbind_outbox_stats`: what is in an outbox.

use std::ffi::{CString, c_char, c_void};
use std::mem::offset_of;

use super::convert::{SizedStruct, c_text, pointer};
use super::status::name_of;
use crate::outbox::{ItemState, ListedItem, Stats};

/// What state an item is in.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ossbind_item_state(pub i32);

impl ossbind_item_state {
    /// It is sent when it is its turn.
    pub const WAITING: Self = Self(0);
    /// It waits for ossbind_outbox_release().
    pub const HELD: Self = Self(1);
    /// It is over, and its receipt was not acknowledged.
    pub const RECEIPT: Self = Self(2);
    /// It was refused, and its receipt acknowledged.
    pub const DEAD: Self = Self(3);
    /// It is damaged, of another version of the library, or none of an outbox; or it cannot be read.
    pub const CORRUPT: Self = Self(4);
    /// It is being sent, by this process or another one.
    pub const SENDING: Self = Self(5);
}

impl From<ItemState> for ossbind_item_state {
    fn from(value: ItemState) -> Self {
        Self(value as i32)
    }
}

/// Name of the constant, for logs: "OSSBIND_ITEM_STATE_WAITING"; "(unknown)" for a value that this
/// library does not know. Static text, never NULL. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn ossbind_item_state_name(state: ossbind_item_state) -> *const c_char {
    name_of! {
        state, ossbind_item_state, "OSSBIND_ITEM_STATE_",
        WAITING HELD RECEIPT DEAD CORRUPT SENDING
    }
}

/// An item in a list. Filled by the library, which may append members: do not copy it by sizeof. The
/// texts are valid until the function returns that got it.
#[repr(C)]
pub struct ossbind_outbox_item {
    /// Its id. 0 for a file that is none of an outbox and was set aside, which is only removed by hand.
    pub id: u64,
    /// OSSBIND_ITEM_STATE_*.
    pub state: ossbind_item_state,
    /// 0, which is sent last, to 9, which is sent first.
    pub priority: u32,
    /// Size of the body in bytes. 0 if that is not known because the item is damaged.
    pub size: u64,
    /// Seconds since it was added. UINT64_MAX if nobody can tell, because the clock was not set.
    pub age_s: u64,
    /// Bucket. NULL for a bundle, and for a damaged item.
    pub bucket: *const c_char,
    /// Name of the object. NULL for a bundle that has it, and for a damaged item.
    pub key: *const c_char,
    /// That the program gave. NULL if it did not.
    pub caller_id: *const c_char,
    /// That the program gave. NULL if it did not.
    pub order: *const c_char,
    /// Why the last attempt of this process failed, what the receipt says, or what is damaged. NULL for
    /// nothing.
    pub message: *const c_char,
    /// Path of its file, below the folder of the outbox. Never NULL.
    pub file_name: *const c_char,
}

/// Gets an item of a list. Returns 0 to go on; anything else ends the list. `item` belongs to the
/// library and is valid during the call.
pub type ossbind_outbox_item_fn =
    Option<unsafe extern "C" fn(userdata: *mut c_void, item: *const ossbind_outbox_item) -> i32>;

/// How full an outbox is. Initialize with ossbind_outbox_stats_init(). Members are only ever appended.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ossbind_outbox_stats {
    /// sizeof(ossbind_outbox_stats), set by ossbind_outbox_stats_init().
    pub struct_size: usize,
    /// Items that wait to be sent, or are being sent.
    pub waiting: u64,
    /// Items that are held.
    pub held: u64,
    /// Receipts that were not acknowledged.
    pub receipts: u64,
    /// Dead items.
    pub dead: u64,
    /// Damaged items, and files of others: as many as ossbind_outbox_each() shows as CORRUPT.
    pub corrupt: u64,
    /// Bytes that all of them take.
    pub bytes: u64,
    /// Bytes that are free on the file system.
    pub free_bytes: u64,
    /// Seconds since the oldest item that waits, or is held, was added. 0 if there is none; UINT64_MAX if
    /// nobody can tell.
    pub oldest_age_s: u64,
}

// SAFETY: integers; struct_size is first.
unsafe impl SizedStruct for ossbind_outbox_stats {
    const NAME: &'static str = "outbox_stats";
    // 0.1.0 ended with oldest_age_s.
    const FIRST_SIZE: usize = offset_of!(Self, oldest_age_s) + size_of::<u64>();
}

impl ossbind_outbox_stats {
    pub(super) fn new(stats: &Stats, struct_size: usize) -> Self {
        let has_items = stats.waiting + stats.held > 0;
        Self {
            struct_size,
            waiting: stats.waiting,
            held: stats.held,
            receipts: stats.receipts,
            dead: stats.dead,
            corrupt: stats.corrupt,
            bytes: stats.bytes,
            free_bytes: stats.free_bytes,
            oldest_age_s: if has_items { stats.oldest_age_s.unwrap_or(u64::MAX) } else { 0 },
        }
    }
}

/// The texts of a listed item, for C.
pub(super) struct ListedForC {
    bucket: Option<CString>,
    key: Option<CString>,
    caller_id: Option<CString>,
    order: Option<CString>,
    message: Option<CString>,
    file_name: CString,
}

impl ListedForC {
    pub(super) fn new(item: &ListedItem) -> Self {
        let text = |text: &Option<String>| text.as_deref().map(c_text);
        Self {
            bucket: text(&item.bucket),
            key: text(&item.key),
            caller_id: text(&item.caller_id),
            order: text(&item.order),
            message: text(&item.message),
            file_name: c_text(&item.file_name),
        }
    }

    pub(super) fn item(&self, item: &ListedItem) -> ossbind_outbox_item {
        ossbind_outbox_item {
            id: item.id,
            state: item.state.into(),
            priority: item.priority.into(),
            size: item.size,
            age_s: item.age_s.unwrap_or(u64::MAX),
            bucket: pointer(&self.bucket),
            key: pointer(&self.key),
            caller_id: pointer(&self.caller_id),
            order: pointer(&self.order),
            message: pointer(&self.message),
            file_name: self.file_name.as_ptr(),
        }
    }
}
