//! `ossbind_verifier_config`: how a verifier is made.

use std::ffi::{CString, c_char, c_void};
use std::mem::offset_of;

use super::convert::{
    SizedStruct, check_flags, many_pairs, ossbind_pair, owned_text, pairs, read_or_default, texts,
};
use super::tls::{ossbind_tls_config, with_tls};
use super::userdata::{Userdata, ossbind_free_fn};
use crate::error::Result;
use crate::http::HttpOptions;
use crate::receiving::{FetchKey, NotFetched, Verifier, VerifierConfig};

/// Bit of ossbind_verifier_config.flags: accept what ossbind_test_callback_new() signs, for the tests of a
/// server. Anybody can make such callbacks: never set it in a server that others reach.
pub const OSSBIND_VERIFIER_DANGER_ACCEPT_TEST_KEY: u32 = 1;

/// Room for the PEM of a public key.
const PEM_CAPACITY: usize = 4096;

/// Fetches the public key at `url`: writes at most `buffer_size` bytes of PEM, without NUL, into `buffer`,
/// their number into `*out_len`, and returns 0. Anything else is a failure: the callback is then refused
/// with OSSBIND_STATUS_KEY_UNAVAILABLE. The URL is one that the config allows. It must not follow
/// redirections, and should be done within 3 seconds. Runs on the thread that checks a callback; on
/// several at a time for different URLs.
pub type ossbind_fetch_key_fn = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        url: *const c_char,
        buffer: *mut c_char,
        buffer_size: usize,
        out_len: *mut usize,
    ) -> i32,
>;

/// How a verifier is made. Initialize with ossbind_verifier_config_init(); zero is the default of every
/// member, and NULL in its place the same. Everything is copied. Members are only ever appended.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ossbind_verifier_config {
    /// sizeof(ossbind_verifier_config), set by ossbind_verifier_config_init().
    pub struct_size: usize,
    /// Public keys that need not be fetched: `name` is their exact URL, `value` the PEM. Those that OSS
    /// uses are built in. NULL when key_count is 0.
    pub keys: *const ossbind_pair,
    /// Number of keys.
    pub key_count: usize,
    /// Where keys may be fetched from besides https://gosspublic.alicdn.com/: beginnings of URLs that end
    /// with '/', such as "http://127.0.0.1:9000/-/" for a local OSS. Every key below them is trusted. Over
    /// http anybody on the way can give another key. NULL when key_url_count is 0.
    pub key_urls: *const *const c_char,
    /// Number of key_urls.
    pub key_url_count: usize,
    /// Fetches keys instead of the library. NULL: the library does, with https, within 3 seconds, and keeps
    /// up to 32.
    pub fetch: ossbind_fetch_key_fn,
    /// First argument of `fetch`. Must live until userdata_free was called; without userdata_free, as long
    /// as the verifier.
    pub userdata: *mut c_void,
    /// Called once, when the library no longer needs `userdata`; also when no verifier could be made. NULL:
    /// nothing is called.
    pub userdata_free: ossbind_free_fn,
    /// Which servers of keys are trusted. NULL: the certificate authorities of the system.
    pub tls: *const ossbind_tls_config,
    /// As network_proxy of ossbind_client_config, for fetching keys.
    pub network_proxy: *const c_char,
    /// The secrets of ossbind_seal(), one for each device: `name` and `value` are those of its `secret`. No
    /// name may be there twice. With one or more, every callback must have a seal. NULL when seal_key_count
    /// is 0: no seal is looked at.
    pub seal_keys: *const ossbind_pair,
    /// Number of seal_keys.
    pub seal_key_count: usize,
    /// How many seals are remembered until they expire, about 50 bytes each. When there are more, of the
    /// secret with the most seals those that expire first are OSSBIND_STATUS_TOO_OLD from then on. 0: 65 536.
    pub max_seals: usize,
    /// OSSBIND_VERIFIER_*; unknown bits are refused.
    pub flags: u32,
    /// Zero.
    pub reserved: u32,
}

// SAFETY: pointers and integers; struct_size is first.
unsafe impl SizedStruct for ossbind_verifier_config {
    const NAME: &'static str = "verifier_config";
    // 0.1.0 ended with reserved.
    const FIRST_SIZE: usize = offset_of!(Self, reserved) + size_of::<u32>();
}

/// # Safety
/// `config` is NULL or a config that is as its documentation says.
pub(super) unsafe fn make_verifier(config: *const ossbind_verifier_config) -> Result<Verifier> {
    // SAFETY: as the caller promises.
    let config = unsafe { read_or_default(config) }?;
    let userdata = Userdata { pointer: config.userdata, free: config.userdata_free };
    check_flags("flags", config.flags, OSSBIND_VERIFIER_DANGER_ACCEPT_TEST_KEY)?;
    check_flags("reserved", config.reserved, 0)?;
    // SAFETY: as the caller promises.
    let (keys, key_urls, seal_keys, proxy, http) = unsafe {
        (
            pairs("keys", config.keys, config.key_count)?,
            texts("key_urls", config.key_urls, config.key_url_count)?,
            many_pairs("seal_keys", config.seal_keys, config.seal_key_count)?,
            owned_text("network_proxy", config.network_proxy)?,
            with_tls(HttpOptions::default(), config.tls)?,
        )
    };
    Verifier::new(VerifierConfig {
        keys: &keys,
        key_urls: &key_urls,
        fetch: config.fetch.map(|function| fetch_by(function, userdata)),
        tls: http.tls,
        proxy,
        seal_keys: &seal_keys,
        max_seals: config.max_seals,
        accept_test_key: config.flags & OSSBIND_VERIFIER_DANGER_ACCEPT_TEST_KEY != 0,
    })
}

type FetchFunction =
    unsafe extern "C" fn(*mut c_void, *const c_char, *mut c_char, usize, *mut usize) -> i32;

fn fetch_by(function: FetchFunction, userdata: Userdata) -> FetchKey {
    Box::new(move |url| {
        // All of it is moved, so that it is freed once and with the function.
        let userdata = &userdata;
        let no_key = |fault: &str| {
            Err(NotFetched::NoKey(format!("the fetch function of the program {fault}")))
        };
        let Ok(url) = CString::new(url) else { return no_key("takes no URL with a NUL") };
        let mut buffer = vec![0u8; PEM_CAPACITY];
        let mut len = 0;
        let room = buffer.as_mut_ptr().cast();
        // SAFETY: the program's function, with what it was promised.
        let code =
            unsafe { function(userdata.pointer, url.as_ptr(), room, PEM_CAPACITY, &raw mut len) };
        match code {
            0 if len <= PEM_CAPACITY => {
                buffer.truncate(len);
                Ok(buffer)
            }
            0 => no_key(&format!("wrote {len} bytes, and there is room for {PEM_CAPACITY}")),
            code => no_key(&format!("returned {code}")),
        }
    })
}
