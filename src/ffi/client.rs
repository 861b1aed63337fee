//! `ossbind_client`: a client that threads may share.

use std::ptr::null_mut;
use std::sync::Arc;

use super::config::ossbind_client_config;
use super::convert::{free, into_raw, object, read, read_or_default};
use super::error::ossbind_error;
use super::guard::{give_object, guard_value};
use super::status::ossbind_status;
use crate::client::Client;
use crate::error::{Error, Result};
use crate::time::Timestamp;

/// A client: endpoint, keys, settings, and a few connections that are kept for the next upload. Any
/// number of threads may use one client at the same time. The threads that it starts end by
/// themselves.
pub struct ossbind_client {
    inner: Arc<Client>,
}

/// Makes a client. Nothing is sent.
///
/// `config` may be NULL: everything then comes from the environment (OSS_ENDPOINT, OSS_REGION,
/// OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_SESSION_TOKEN). `out_client` is required; on
/// success `*out_client` belongs to the caller, who frees it with ossbind_client_free(), and on
/// failure it is NULL. `out_error` may be NULL; otherwise `*out_error` is NULL on success, and on
/// failure an error that the caller frees. Any thread, but the environment must not be changed at
/// the same time.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_client_new(
    config: *const ossbind_client_config,
    out_client: *mut *mut ossbind_client,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    let make = || {
        // SAFETY: NULL or a config.
        let config = unsafe { read_or_default(config)?.to_config() }?;
        Ok(ossbind_client { inner: Arc::new(Client::new(config)?) })
    };
    // SAFETY: NULL or writable.
    unsafe { give_object("out_client", out_client, out_error, make) }
}

/// Returns a new reference to the same client, which is also freed with ossbind_client_free(). NULL
/// for NULL. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_client_ref(client: *const ossbind_client) -> *mut ossbind_client {
    let another = |c: &ossbind_client| into_raw(ossbind_client { inner: Arc::clone(&c.inner) });
    // SAFETY: NULL or a client of the library.
    unsafe { read(client, null_mut(), another) }
}

/// Frees one reference. With the last one the connections are closed and the keys are wiped. NULL
/// is allowed. No call may be using this reference. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_client_free(client: *mut ossbind_client) {
    // SAFETY: NULL or a client that the caller owns.
    guard_value((), || unsafe { free(client) });
}

/// # Safety
/// `client` is NULL or a client of the library.
pub(super) unsafe fn as_client<'a>(client: *const ossbind_client) -> Result<&'a Client> {
    // SAFETY: as the caller promises.
    let client = unsafe { object(client) };
    client.map(|client| &*client.inner).ok_or_else(|| Error::invalid("client", "is NULL"))
}

/// The time of OSS as the client knows it; that of this device for NULL.
///
/// # Safety
/// `client` is NULL or a client of the library.
pub(super) unsafe fn time_of(client: *const ossbind_client) -> Timestamp {
    // SAFETY: as the caller promises.
    unsafe { object(client) }.map_or_else(Timestamp::of_device, |client| client.inner.now())
}

/// Another reference, for an object that outlives the call.
///
/// # Safety
/// `client` is NULL or a client of the library.
pub(super) unsafe fn shared(client: *const ossbind_client) -> Option<Arc<Client>> {
    // SAFETY: as the caller promises.
    unsafe { object(client) }.map(|client| Arc::clone(&client.inner))
}
