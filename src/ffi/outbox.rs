//! `ossbind_outbox`: uploads that are kept on the disk until they are made.

use std::ffi::{c_char, c_int, c_void};
use std::os::fd::AsRawFd as _;
use std::ptr::{from_ref, null_mut};
use std::sync::Arc;

use super::cancel::ossbind_cancel;
use super::convert::{
    check_flags, free, into_raw, milliseconds, object, read, read_or_default, read_sized,
    required_text, write_out,
};
use super::error::ossbind_error;
use super::guard::{give_object, guard, guard_value};
use super::outbox_config::ossbind_outbox_config;
use super::outbox_item::{ListedForC, ossbind_outbox_item_fn, ossbind_outbox_stats};
use super::outbox_options::ossbind_outbox_options;
use super::receipt::ossbind_receipt;
use super::status::ossbind_status;
use super::upload_request::ossbind_upload_request;
use crate::error::{Error, Result};
use crate::outbox::{Outbox, Receipt, Until};

/// Bit of the flags of ossbind_outbox_run(): return when no item waits any more. Items that are held do
/// not count.
pub const OSSBIND_OUTBOX_RUN_UNTIL_EMPTY: u32 = 1;
/// Bit of the flags of ossbind_outbox_run(): return when no item can be sent now, because those that are
/// left wait for another attempt, for their time or for the network.
pub const OSSBIND_OUTBOX_RUN_UNTIL_IDLE: u32 = 2;

/// Uploads that are kept in a folder until they are made. They survive power cuts and wait for the
/// network, and each one leaves a receipt. Any number of threads may use one outbox, and several
/// processes may have the same folder open, of which one sends at a time.
pub struct ossbind_outbox {
    inner: Arc<Outbox>,
}

impl Drop for ossbind_outbox {
    fn drop(&mut self) {
        self.inner.stop();
    }
}

/// Opens an outbox, or makes it. What is in its folder is kept: a power cut needs no repair.
///
/// `config` and `out_outbox` are required; on success `*out_outbox` belongs to the caller, who frees it
/// with ossbind_outbox_free(), and on failure it is NULL. `out_error` may be NULL; otherwise
/// `*out_error` is NULL on success, and on failure an error that the caller frees; this holds for all
/// functions of an outbox. OSSBIND_STATUS_OUTBOX: the folder cannot be used. Refused are folders that
/// have other files in them, belong to another user or are open to others, and those on FAT, exFAT and
/// NFS, which cannot keep the promise. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_outbox_open(
    config: *const ossbind_outbox_config,
    out_outbox: *mut *mut ossbind_outbox,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    let make = || {
        // SAFETY: NULL or a config.
        let config = unsafe { read_sized(config)?.convert() }?;
        Ok(ossbind_outbox { inner: Arc::new(Outbox::open(config)?) })
    };
    // SAFETY: NULL or writable.
    unsafe { give_object("out_outbox", out_outbox, out_error, make) }
}

/// Stops its threads as ossbind_outbox_stop() does, and closes it. Everything that is durable stays.
/// NULL is allowed. No other call may be using it. Any thread but its own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_outbox_free(outbox: *mut ossbind_outbox) {
    // SAFETY: NULL or an outbox that the caller owns.
    guard_value((), || unsafe { free(outbox) });
}

/// Takes an upload. When it returns OSSBIND_STATUS_OK the item is durable: it survives the end of the
/// process and of the power, and is sent when it is its turn. On any other status nothing was added,
/// and the file of the program is where and as it was.
///
/// `outbox` and `request` are required and borrowed for the call; `options` may be NULL for the
/// defaults; `out_id` may be NULL, or gets the id of the item, which is never given twice. The body is
/// MEMORY or FILE. Left out in the request are `url`, `checkpoint_dir`, `progress` and `cancel`;
/// timeout_ms is for each attempt. Everything that can be checked is checked here, so that a mistake
/// does not become a refused item. OSSBIND_STATUS_OUTBOX_FULL: a limit is reached; its error names it.
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_outbox_add(
    outbox: *const ossbind_outbox,
    request: *const ossbind_upload_request,
    options: *const ossbind_outbox_options,
    out_id: *mut u64,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    // SAFETY: as the documentation asks.
    let call = |outbox: &Arc<Outbox>| unsafe {
        let options = read_or_default(options)?.convert()?;
        let added = read_sized(request)?
            .hand_to(|request| outbox.add(&request, &options).map_err(Into::into));
        write_out(out_id, added.map_err(|failed| failed.error)?);
        Ok(())
    };
    // SAFETY: as the documentation asks.
    unsafe { with_outbox(outbox, out_error, call) }
}

/// Makes durable what was added with OSSBIND_OUTBOX_ADD_LATER. If it fails, none of these items is in the
/// outbox, and another call tries again. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_outbox_commit(
    outbox: *const ossbind_outbox,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    // SAFETY: as the documentation asks.
    unsafe { with_outbox(outbox, out_error, |outbox| outbox.commit()) }
}

/// Sends on the calling thread, and waits for the network, for items and for their time.
///
/// `flags` are OSSBIND_OUTBOX_RUN_*, or 0 to go on until `timeout_ms` have passed (0: no limit) or
/// `cancel` is triggered (NULL: nothing does). Returns OK when the time has passed or what the flags
/// say has come, and OSSBIND_STATUS_CANCELLED when it was cancelled; in both cases an upload that is
/// under way ends, and its item is kept. OSSBIND_STATUS_OUTBOX_BUSY: another process, or another thread,
/// sends from this outbox. OSSBIND_STATUS_OUTBOX: the folder fails; call it again later. The outcome of an
/// item is never a status of this function, but a receipt.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_outbox_run(
    outbox: *const ossbind_outbox,
    flags: u32,
    timeout_ms: u32,
    cancel: *const ossbind_cancel,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    let known = OSSBIND_OUTBOX_RUN_UNTIL_EMPTY | OSSBIND_OUTBOX_RUN_UNTIL_IDLE;
    let call = |outbox: &Arc<Outbox>| {
        check_flags("flags", flags, known)?;
        let until = match flags {
            0 => Until::Stopped,
            OSSBIND_OUTBOX_RUN_UNTIL_EMPTY => Until::Empty,
            _ => Until::Idle,
        };
        // SAFETY: NULL or an object that outlives the call.
        let cancel = unsafe { object(cancel) }.map(|cancel| &cancel.token);
        outbox.run(until, milliseconds(timeout_ms), cancel)
    };
    // SAFETY: as the documentation asks.
    unsafe { with_outbox(outbox, out_error, call) }
}

/// Sends on `threads` threads of the library (0: one), each of which uploads one item at a time, until
/// ossbind_outbox_stop() or ossbind_outbox_free(). A folder that fails is looked at again, and the client's
/// log function is told. OSSBIND_STATUS_OUTBOX_BUSY as with ossbind_outbox_run(). Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_outbox_start(
    outbox: *const ossbind_outbox,
    threads: u32,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    // SAFETY: as the documentation asks.
    unsafe { with_outbox(outbox, out_error, |outbox| outbox.start(threads as usize)) }
}

/// Stops the threads of ossbind_outbox_start(): cancels their uploads, whose items are kept, and waits for
/// them. NULL is allowed. Any thread but these.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_outbox_stop(outbox: *const ossbind_outbox) {
    // SAFETY: NULL or an outbox of the library.
    unsafe { read(outbox, (), |outbox| outbox.inner.stop()) };
}

/// Gives the next receipt. Each outbox object gives every receipt once, and those that were not
/// acknowledged again after the next ossbind_outbox_open(): act on it, then acknowledge it.
///
/// `out_receipt` is required; `*out_receipt` belongs to the caller, who frees it with
/// ossbind_receipt_free(), and is NULL when there is none now. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_outbox_next_receipt(
    outbox: *const ossbind_outbox,
    out_receipt: *mut *mut ossbind_receipt,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    let call = |outbox: &Arc<Outbox>| {
        // SAFETY: NULL or writable.
        unsafe { give_receipt(out_receipt, || outbox.next_receipt()) }
    };
    // SAFETY: as the documentation asks.
    unsafe { with_outbox(outbox, out_error, call) }
}

/// Removes the receipt of an item, with whatever is left of the item. A refused item is kept as a dead
/// one, which can be tried again (ossbind_outbox_retry_now()) or removed. After a power cut a receipt
/// that was acknowledged just before may come again. OSSBIND_STATUS_NOT_FOUND: there is none. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_outbox_acknowledge(
    outbox: *const ossbind_outbox,
    id: u64,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    // SAFETY: as the documentation asks.
    unsafe { with_outbox(outbox, out_error, |outbox| outbox.acknowledge(id)) }
}

/// A descriptor that poll() and the like find readable when ossbind_outbox_next_receipt() may have a
/// receipt, also one of another process: then call it until there is none. It belongs to the outbox:
/// neither read from it nor close it. -1 for NULL, and when the process has no descriptor left.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_outbox_receipt_fd(outbox: *const ossbind_outbox) -> c_int {
    let fd = |outbox: &ossbind_outbox| outbox.inner.receipt_fd().map_or(-1, |fd| fd.as_raw_fd());
    // SAFETY: NULL or an outbox of the library.
    unsafe { read(outbox, -1, fd) }
}

/// Calls `function` for each item: those that wait, in the order in which they are sent, those that are
/// held, those with a receipt, the dead and damaged ones, and files of others that were set aside. Items
/// that come and go meanwhile may be left out. `function` is required; it runs on the calling thread,
/// ends the list with a value other than 0, and may call functions of the outbox. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_outbox_each(
    outbox: *const ossbind_outbox,
    function: ossbind_outbox_item_fn,
    userdata: *mut c_void,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    let call = |outbox: &Arc<Outbox>| {
        let function = required(function)?;
        outbox.each(|item| {
            let texts = ListedForC::new(item);
            let item = texts.item(item);
            // SAFETY: the program's function, called as its type says.
            unsafe { function(userdata, from_ref(&item)) == 0 }
        })
    };
    // SAFETY: as the documentation asks.
    unsafe { with_outbox(outbox, out_error, call) }
}

/// Calls `function` for one item, as ossbind_outbox_each() does, whatever it returns.
/// OSSBIND_STATUS_NOT_FOUND: there is none. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_outbox_find_item(
    outbox: *const ossbind_outbox,
    id: u64,
    function: ossbind_outbox_item_fn,
    userdata: *mut c_void,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    let call = |outbox: &Arc<Outbox>| {
        let function = required(function)?;
        let item = outbox.find_item(id)?;
        let texts = ListedForC::new(&item);
        // SAFETY: the program's function, called as its type says.
        unsafe { function(userdata, from_ref(&texts.item(&item))) };
        Ok(())
    };
    // SAFETY: as the documentation asks.
    unsafe { with_outbox(outbox, out_error, call) }
}

/// Gives the receipt of one item, whether ossbind_outbox_next_receipt() has given it or not, which it does
/// as if nobody had asked here.
///
/// `out_receipt` is required; `*out_receipt` belongs to the caller, who frees it with
/// ossbind_receipt_free(), and is NULL on failure. OSSBIND_STATUS_NOT_FOUND: there is none. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_outbox_find_receipt(
    outbox: *const ossbind_outbox,
    id: u64,
    out_receipt: *mut *mut ossbind_receipt,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    let call = |outbox: &Arc<Outbox>| {
        // SAFETY: NULL or writable.
        unsafe { give_receipt(out_receipt, || outbox.find_receipt(id).map(Some)) }
    };
    // SAFETY: as the documentation asks.
    unsafe { with_outbox(outbox, out_error, call) }
}

/// Says how full an outbox is. `out_stats` is required, and was initialized with
/// ossbind_outbox_stats_init(). Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_outbox_get_stats(
    outbox: *const ossbind_outbox,
    out_stats: *mut ossbind_outbox_stats,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    let call = |outbox: &Arc<Outbox>| {
        // SAFETY: NULL, or a struct that begins with its size.
        let theirs = unsafe { read_sized(out_stats.cast_const())? };
        let stats = ossbind_outbox_stats::new(&outbox.stats()?, theirs.struct_size);
        let size = theirs.struct_size.min(size_of::<ossbind_outbox_stats>());
        // SAFETY: the caller has so many bytes there, as struct_size says.
        unsafe {
            std::ptr::copy_nonoverlapping(from_ref(&stats).cast::<u8>(), out_stats.cast(), size);
        }
        Ok(())
    };
    // SAFETY: as the documentation asks.
    unsafe { with_outbox(outbox, out_error, call) }
}

/// Removes an item that waits, is held, dead or damaged, without a receipt.
/// OSSBIND_STATUS_OUTBOX_BUSY: it is being sent. OSSBIND_STATUS_NOT_FOUND: there is none. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_outbox_remove(
    outbox: *const ossbind_outbox,
    id: u64,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    // SAFETY: as the documentation asks.
    unsafe { with_outbox(outbox, out_error, |outbox| outbox.remove(id)) }
}

/// Keeps an item from being sent until ossbind_outbox_release(), also by other processes and after a
/// restart. Statuses as with ossbind_outbox_remove(). Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_outbox_hold(
    outbox: *const ossbind_outbox,
    id: u64,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    // SAFETY: as the documentation asks.
    unsafe { with_outbox(outbox, out_error, |outbox| outbox.hold(id)) }
}

/// Lets an item be sent that is held. OSSBIND_STATUS_NOT_FOUND: there is none. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_outbox_release(
    outbox: *const ossbind_outbox,
    id: u64,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    // SAFETY: as the documentation asks.
    unsafe { with_outbox(outbox, out_error, |outbox| outbox.release(id)) }
}

/// Ends the pauses between attempts: with id 0 of all items, else of this one, which may also be a dead
/// item, that is put into the queue again. The process that sends, whichever it is, goes on at once.
/// OSSBIND_STATUS_NOT_FOUND: there is none. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_outbox_retry_now(
    outbox: *const ossbind_outbox,
    id: u64,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    let call = |outbox: &Arc<Outbox>| outbox.retry_now((id > 0).then_some(id));
    // SAFETY: as the documentation asks.
    unsafe { with_outbox(outbox, out_error, call) }
}

/// Gives an item that was added with a bundle another one, whose old one has expired or soon will, and
/// puts it into the queue again if it was over. Call it in place of ossbind_outbox_acknowledge() for a
/// receipt that says EXPIRED, for a dead item, or for one that still waits; the receipt is gone then.
///
/// `bundle` is required, is copied, and has to be for the same body: the new URL or form is used as it
/// is. OSSBIND_STATUS_INVALID_ARGUMENT: the item has no bundle, or is stored, or this is no bundle; the item
/// is as it was. OSSBIND_STATUS_OUTBOX_BUSY: it is being sent. OSSBIND_STATUS_NOT_FOUND: there is none.
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_outbox_renew(
    outbox: *const ossbind_outbox,
    id: u64,
    bundle: *const c_char,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    // SAFETY: NULL or a text that outlives the call.
    let call = |outbox: &Arc<Outbox>| outbox.renew(id, unsafe { required_text("bundle", bundle)? });
    // SAFETY: as the documentation asks.
    unsafe { with_outbox(outbox, out_error, call) }
}

/// Tells this outbox object what the program knows of the network. Nothing new is sent while `is_up` is
/// 0; items with OSSBIND_OUTBOX_ADD_UNMETERED wait while `is_metered` is not 0. At first it is up and
/// not metered. Uploads that are under way go on. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_outbox_set_network(
    outbox: *const ossbind_outbox,
    is_up: i32,
    is_metered: i32,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    let call = |outbox: &Arc<Outbox>| outbox.set_network(is_up != 0, is_metered != 0);
    // SAFETY: as the documentation asks.
    unsafe { with_outbox(outbox, out_error, call) }
}

fn required<F>(function: Option<F>) -> Result<F> {
    function.ok_or_else(|| Error::invalid("function", "is NULL, but required"))
}

/// # Safety
/// `out_receipt` is NULL or writable.
unsafe fn give_receipt(
    out_receipt: *mut *mut ossbind_receipt,
    take: impl FnOnce() -> Result<Option<Receipt>>,
) -> Result<()> {
    if out_receipt.is_null() {
        return Err(Error::invalid("out_receipt", "is NULL, but required"));
    }
    // SAFETY: not NULL, so writable.
    unsafe { out_receipt.write(null_mut()) };
    if let Some(receipt) = take()? {
        // SAFETY: not NULL, so writable.
        unsafe { out_receipt.write(into_raw(ossbind_receipt::new(receipt))) };
    }
    Ok(())
}

/// # Safety
/// `outbox` is NULL or an outbox of the library. `out_error` is NULL or writable.
unsafe fn with_outbox(
    outbox: *const ossbind_outbox,
    out_error: *mut *mut ossbind_error,
    call: impl FnOnce(&Arc<Outbox>) -> Result<()>,
) -> ossbind_status {
    let call = || {
        // SAFETY: as the caller promises.
        let outbox = unsafe { object(outbox) };
        call(&outbox.ok_or_else(|| Error::invalid("outbox", "is NULL"))?.inner)
    };
    // SAFETY: as the caller promises.
    unsafe { guard(out_error, call) }
}
