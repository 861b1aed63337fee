//! The uploads.

use std::sync::Arc;

use once_cell::sync::OnceCell;

use super::client::{as_client, ossbind_client};
use super::config::ossbind_client_config;
use super::convert::read_sized;
use super::error::ossbind_error;
use super::result::{give_outcome, ossbind_upload_result};
use super::status::ossbind_status;
use super::upload_request::ossbind_upload_request;
use crate::client::{Client, ClientConfig};
use crate::error::Result;

/// Uploads one object and waits for the answer of OSS, and so for the callback.
///
/// `client` and `request` are required; what the request points to is borrowed until the call
/// returns. `*out_result` is set whenever the object is known to be stored, so also together with
/// an error when only the callback failed; otherwise it is NULL. `*out_error` is set whenever the
/// status is not OK; otherwise it is NULL. Both belong to the caller, and both out-parameters may
/// be NULL.
///
/// Any number of threads may upload with one client. The functions of the request run on the
/// calling thread before the call returns; they may call the library. Everything that can be
/// checked is checked before a byte is sent.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_client_upload(
    client: *const ossbind_client,
    request: *const ossbind_upload_request,
    out_result: *mut *mut ossbind_upload_result,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    // SAFETY: as the documentation asks.
    unsafe { perform(|_| as_client(client), request, out_result, out_error) }
}

/// Uploads one object in one call. Parameters and outcome are those of ossbind_client_upload().
///
/// If `config` is NULL, the process has one client for all such calls; the first call makes it from
/// the environment, and if that fails the next call tries again. Otherwise a client is made for
/// this call only; a program that uploads often should make one with ossbind_client_new(), which
/// keeps its connections. An upload to a `bundle` or `url` needs neither endpoint nor keys, and
/// ignores those of the config and of the environment.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_upload(
    config: *const ossbind_client_config,
    request: *const ossbind_upload_request,
    out_result: *mut *mut ossbind_upload_result,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    let make = |request: Option<&ossbind_upload_request>| {
        let needs_keys = request.is_some_and(ossbind_upload_request::needs_keys);
        if config.is_null() {
            return client_of_process(needs_keys);
        }
        // SAFETY: not NULL; its texts are NULL or strings.
        let mut config = unsafe { read_sized(config)?.to_config() }?;
        if !needs_keys {
            config = ClientConfig {
                without_keys: true,
                endpoint: None,
                region: None,
                credentials: None,
                ..config
            };
        }
        Client::new(config).map(Arc::new)
    };
    // SAFETY: as the documentation asks.
    unsafe { perform(make, request, out_result, out_error) }
}

/// One client with the keys of the environment, and one that has none.
fn client_of_process(with_keys: bool) -> Result<Arc<Client>> {
    static WITH_KEYS: OnceCell<Arc<Client>> = OnceCell::new();
    static WITHOUT_KEYS: OnceCell<Arc<Client>> = OnceCell::new();
    let client = if with_keys { &WITH_KEYS } else { &WITHOUT_KEYS };
    let config = ClientConfig { without_keys: !with_keys, ..ClientConfig::default() };
    client.get_or_try_init(|| Client::new(config).map(Arc::new)).map(Arc::clone)
}

unsafe fn perform<C: std::ops::Deref<Target = Client>>(
    client: impl FnOnce(Option<&ossbind_upload_request>) -> Result<C>,
    request: *const ossbind_upload_request,
    out_result: *mut *mut ossbind_upload_result,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    let call = || {
        // SAFETY: NULL or a request.
        let request = unsafe { read_sized(request) };
        // With a bad request as well: a function of the program in the config has to be freed.
        let client = client(request.as_ref().ok());
        let (request, client) = (request?, client?);
        // SAFETY: the request is as its documentation says.
        unsafe { request.hand_to(|request| client.upload(request)) }
    };
    // SAFETY: NULL or writable.
    unsafe { give_outcome(out_result, out_error, call) }
}
