//! `ossbind_callback`: what OSS shall tell the application server.

use std::ffi::c_char;
use std::mem::offset_of;

use super::convert::{
    SizedStruct, check_flags, optional_text, ossbind_pair, pairs, read_sized, required_text,
    unknown_choice,
};
use crate::callback::{BodyType, Callback, Sni};
use crate::error::{Error, Result};

/// How OSS encodes the values that it puts into the body of the callback.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ossbind_body_type(pub u32);

impl ossbind_body_type {
    /// application/x-www-form-urlencoded: values are percent-encoded.
    pub const URL_ENCODED: Self = Self(0);
    /// application/json: text values come with quotes around them, so write {"name":${object}}.
    pub const JSON: Self = Self(1);
}

/// Whether OSS names the host in its TLS handshake with the application server.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ossbind_sni(pub u32);

impl ossbind_sni {
    /// On as soon as one of the URLs is https.
    pub const AUTOMATIC: Self = Self(0);
    /// On.
    pub const ON: Self = Self(1);
    /// Off, which servers with several certificates answer with the wrong one.
    pub const OFF: Self = Self(2);
}

/// Bit of ossbind_callback.flags: accept what OSS accepts but what is nearly always a mistake,
/// namely names in ${...} that the library does not know, and a JSON body that is not JSON once OSS
/// has filled it in.
pub const OSSBIND_CALLBACK_RELAXED: u32 = 1;

/// An upload callback. Initialize with ossbind_callback_init(). Everything it points to is borrowed
/// for the call. Members are only ever appended.
///
/// Either `url` and `body` are set, or `parameter`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ossbind_callback {
    /// sizeof(ossbind_callback), set by ossbind_callback_init().
    pub struct_size: usize,
    /// Where OSS sends its POST: 1 to 5 http or https URLs separated by ';', tried in turn until
    /// one answers. Percent-encoded; no IPv6 addresses; on the real service no private ones.
    pub url: *const c_char,
    /// Host header of the POST. NULL: the host of the URL.
    pub host: *const c_char,
    /// Template of the body of the POST, for example "object=${object}&size=${size}&id=${x:id}".
    /// A plain '$' cannot be written; put such text into a variable.
    ///
    /// Known to OSS: bucket, object, etag, size, mimeType, imageInfo.height, imageInfo.width,
    /// imageInfo.format, crc64, contentMd5, vpcId, clientIp, reqId, operation.
    pub body: *const c_char,
    /// Variables for the template. Names begin with "x:" and are lowercase; values are any text.
    /// NULL when variable_count is 0.
    pub variables: *const ossbind_pair,
    /// Number of variables.
    pub variable_count: usize,
    /// The callback parameter as ready JSON text (not Base64), for programs that have it already:
    /// {"callbackUrl":"...","callbackBody":"..."}. It is checked, then sent as it is. NULL: it is
    /// made of the members above. `variables` may be used with it.
    pub parameter: *const c_char,
    /// OSSBIND_BODY_TYPE_*.
    pub body_type: ossbind_body_type,
    /// OSSBIND_SNI_*.
    pub sni: ossbind_sni,
    /// OSSBIND_CALLBACK_*; unknown bits are refused.
    pub flags: u32,
    /// Zero.
    pub reserved: u32,
}

// SAFETY: pointers and integers; struct_size is first.
unsafe impl SizedStruct for ossbind_callback {
    const NAME: &'static str = "callback";
    // 0.1.0 ended with reserved.
    const FIRST_SIZE: usize = offset_of!(Self, reserved) + size_of::<u32>();
}

impl ossbind_callback {
    /// # Safety
    /// The texts are NULL or NUL-terminated strings, and `variables` has `variable_count` elements.
    pub(super) unsafe fn to_callback(self) -> Result<Callback> {
        check_flags("callback.flags", self.flags, OSSBIND_CALLBACK_RELAXED)?;
        check_flags("callback.reserved", self.reserved, 0)?;
        // SAFETY: as the caller promises.
        let (callback, variables) = unsafe {
            let variables = pairs(
                "callback.variables",
                "callback.variable_count",
                self.variables,
                self.variable_count,
            )?;
            match optional_text("callback.parameter", self.parameter)? {
                Some(json) => (self.of_json(json)?, variables),
                None => (self.of_fields()?, variables),
            }
        };
        let callback = variables
            .into_iter()
            .fold(callback, |callback, (name, value)| callback.variable(name, value));
        Ok(callback.relaxed(self.flags & OSSBIND_CALLBACK_RELAXED != 0))
    }

    fn of_json(&self, json: &str) -> Result<Callback> {
        let others = [
            ("callback.url", !self.url.is_null()),
            ("callback.host", !self.host.is_null()),
            ("callback.body", !self.body.is_null()),
            ("callback.body_type", self.body_type != ossbind_body_type::URL_ENCODED),
            ("callback.sni", self.sni != ossbind_sni::AUTOMATIC),
        ];
        match others.iter().find(|(_, is_set)| *is_set) {
            Some((field, _)) => {
                let fault = "is set together with callback.parameter, which says everything; use one \
                             of them";
                Err(Error::invalid(*field, fault))
            }
            None => Ok(Callback::from_json(json)),
        }
    }

    unsafe fn of_fields(&self) -> Result<Callback> {
        // SAFETY: as the caller promises.
        let (url, body, host) = unsafe {
            (
                required_text("callback.url", self.url)?,
                required_text("callback.body", self.body)?,
                optional_text("callback.host", self.host)?,
            )
        };
        let callback = Callback::new(url, body)
            .body_type(match self.body_type {
                ossbind_body_type::URL_ENCODED => BodyType::UrlEncoded,
                ossbind_body_type::JSON => BodyType::Json,
                ossbind_body_type(other) => {
                    return Err(unknown_choice("callback.body_type", other));
                }
            })
            .sni(match self.sni {
                ossbind_sni::AUTOMATIC => Sni::Automatic,
                ossbind_sni::ON => Sni::On,
                ossbind_sni::OFF => Sni::Off,
                ossbind_sni(other) => return Err(unknown_choice("callback.sni", other)),
            });
        Ok(match host {
            Some(host) => callback.host(host),
            None => callback,
        })
    }
}

/// A callback that may be left out.
///
/// # Safety
/// `callback` is NULL or a callback that is as its documentation says.
pub(super) unsafe fn convert_callback(
    callback: *const ossbind_callback,
) -> Result<Option<Callback>> {
    if callback.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL; its texts are as the caller promises.
    unsafe { read_sized(callback)?.to_callback() }.map(Some)
}
