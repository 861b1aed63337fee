//! `ossbind_client`: a client that threads may share.

use std::sync::Arc;

use super::config::ossbind_client_config;
use super::convert::{free, into_raw, object, read_sized, required_out};
use super::error::ossbind_error;
use super::guard::{guard, guard_value};
use super::status::ossbind_status;
use crate::client::{Client, ClientConfig};
use crate::error::{Error, Result};

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
    let call = || {
        // SAFETY: NULL or writable; NULL or a config.
        unsafe {
            let out = required_out("out_client", out_client);
            // Without it as well: a function of the program in the config has to be freed.
            let client = new_client(config);
            out?;
            let inner = Arc::new(client?);
            out_client.write(into_raw(ossbind_client { inner }));
        }
        Ok(())
    };
    // SAFETY: NULL or writable.
    unsafe { guard(out_error, call) }
}

/// Returns a new reference to the same client, which is also freed with ossbind_client_free(). NULL
/// for NULL. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_client_ref(client: *const ossbind_client) -> *mut ossbind_client {
    guard_value(std::ptr::null_mut(), || {
        // SAFETY: NULL or a client of the library.
        let client = unsafe { object(client) };
        client.map_or(std::ptr::null_mut(), |client| {
            into_raw(ossbind_client { inner: Arc::clone(&client.inner) })
        })
    })
}

/// Frees one reference. With the last one the connections are closed and the keys are wiped. NULL
/// is allowed. No call may be using this reference. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_client_free(client: *mut ossbind_client) {
    // SAFETY: NULL or a client that the caller owns.
    guard_value((), || unsafe { free(client) });
}

/// # Safety
/// `config` is NULL or a config.
pub(super) unsafe fn new_client(config: *const ossbind_client_config) -> Result<Client> {
    if config.is_null() {
        return Client::new(ClientConfig::default());
    }
    // SAFETY: not NULL; its texts are NULL or strings.
    Client::new(unsafe { read_sized(config)?.to_config() }?)
}

/// # Safety
/// `client` is NULL or a client of the library.
pub(super) unsafe fn as_client<'a>(client: *const ossbind_client) -> Result<&'a Client> {
    // SAFETY: as the caller promises.
    let client = unsafe { object(client) };
    client.map(|client| &*client.inner).ok_or_else(|| Error::invalid("client", "is NULL"))
}
