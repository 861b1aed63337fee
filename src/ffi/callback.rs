//! `ossbind_callback`: what OSS shall tell the application server.

use std::ffi::c_char;
use std::mem::offset_of;

use super::convert::{
    SizedStruct, check_flags, optional_text, ossbind_pair, owned_text, pairs, read_sized,
    unknown_choice,
};
use crate::callback::{BodyType, Callback, Fields, Sni};
use crate::error::Result;

/// How OSS encodes the values that it puts into the body of a callback.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ossbind_body_type(pub u32);

impl ossbind_body_type {
    /// application/x-www-form-urlencoded: values are percent-encoded.
    pub const URL_ENCODED: Self = Self(0);
    /// application/json: OSS puts quotes around text values, so write {"name":${object}}.
    pub const JSON: Self = Self(1);
}

/// Whether OSS sends the host name in its TLS handshake with the application server (SNI).
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ossbind_sni(pub u32);

impl ossbind_sni {
    /// On if one of the URLs is https.
    pub const AUTOMATIC: Self = Self(0);
    /// On.
    pub const ON: Self = Self(1);
    /// Off. A server with several certificates then answers with the wrong one.
    pub const OFF: Self = Self(2);
}

/// Bit of ossbind_callback.flags: accept what OSS accepts but is almost always a mistake: names in
/// ${...} that the library does not know; a JSON body that is not JSON once OSS has filled it in, be
/// the object an image or not; a URL without a scheme, with a fragment, or with characters that URLs
/// do not have; in `parameter`, members that OSS does not know, and an https URL without callbackSNI.
pub const OSSBIND_CALLBACK_RELAXED: u32 = 1;

/// An upload callback. Initialize with ossbind_callback_init(). Everything it points to is borrowed
/// for the call. Members are only ever appended.
///
/// Required is `url`, with `body` or `body_fields`; or `parameter`, which replaces all of them.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ossbind_callback {
    /// sizeof(ossbind_callback), set by ossbind_callback_init().
    pub struct_size: usize,
    /// Where OSS sends its POST: 1 to 5 http or https URLs separated by ';', tried in turn until
    /// one answers. Percent-encoded, also a ';' that is part of a URL (%3B); hosts in ASCII; no IPv6
    /// addresses; on the real service no private ones.
    pub url: *const c_char,
    /// Names and values that are percent-encoded and appended to the query of each URL. NULL when
    /// url_query_count is 0.
    pub url_query: *const ossbind_pair,
    /// Number of pairs in url_query.
    pub url_query_count: usize,
    /// Host header of the POST: a host, or host:port. NULL: the host of the URL.
    pub host: *const c_char,
    /// Template of the body of the POST, for example "object=${object}&size=${size}&id=${x:id}".
    /// OSS replaces ${name}. A plain '$' cannot be written; put such text into a variable.
    ///
    /// Names that OSS knows: bucket, object, etag, size, mimeType, imageInfo.height, imageInfo.width,
    /// imageInfo.format, crc64, contentMd5, vpcId, clientIp, reqId, operation.
    pub body: *const c_char,
    /// A url-encoded body as names and values, instead of `body`: ${name} in a value is replaced by
    /// OSS, everything else is percent-encoded. NULL when body_field_count is 0.
    pub body_fields: *const ossbind_pair,
    /// Number of pairs in body_fields.
    pub body_field_count: usize,
    /// Variables of the program, which the body names as ${x:id}. Names are "x:" and lowercase
    /// letters, digits, '_', '-' or '.'; values are any text. NULL when variable_count is 0.
    pub variables: *const ossbind_pair,
    /// Number of variables.
    pub variable_count: usize,
    /// The callback parameter ready made: JSON text such as
    /// {"callbackUrl":"...","callbackBody":"..."}, or Base64 of it, which the vendor's SDKs make. It is
    /// checked, then sent as it is. Only `variables` or `variables_parameter`, and `flags`, go with
    /// it; of the members above only what repeats it. NULL: the parameter is made of them.
    pub parameter: *const c_char,
    /// The variables ready made, instead of `variables`: a JSON object of texts such as {"x:id":"42"},
    /// or Base64 of it. NULL: none.
    pub variables_parameter: *const c_char,
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
    /// The texts are NULL or NUL-terminated strings, and the arrays as long as they say.
    pub(super) unsafe fn to_callback(self) -> Result<Callback> {
        check_flags("callback.flags", self.flags, OSSBIND_CALLBACK_RELAXED)?;
        check_flags("callback.reserved", self.reserved, 0)?;
        let (body_type, sni) = (self.body_type()?, self.sni()?);
        // SAFETY: as the caller promises.
        let (fields, parameter, variables, variables_parameter) = unsafe {
            let fields = Fields {
                url: owned_text("callback.url", self.url)?,
                url_query: owned_pairs("callback.url_query", self.url_query, self.url_query_count)?,
                host: owned_text("callback.host", self.host)?,
                body: owned_text("callback.body", self.body)?,
                body_fields: owned_pairs(
                    "callback.body_fields",
                    self.body_fields,
                    self.body_field_count,
                )?,
                body_type,
                sni,
            };
            (
                fields,
                optional_text("callback.parameter", self.parameter)?,
                pairs("callback.variables", self.variables, self.variable_count)?,
                optional_text("callback.variables_parameter", self.variables_parameter)?,
            )
        };
        let callback = Callback::of_fields(fields).parameter(parameter);
        let callback =
            variables_parameter.into_iter().fold(callback, Callback::variables_parameter);
        let callback = variables
            .into_iter()
            .fold(callback, |callback, (name, value)| callback.variable(name, value));
        Ok(callback.relaxed(self.flags & OSSBIND_CALLBACK_RELAXED != 0))
    }

    fn body_type(&self) -> Result<BodyType> {
        match self.body_type {
            ossbind_body_type::URL_ENCODED => Ok(BodyType::UrlEncoded),
            ossbind_body_type::JSON => Ok(BodyType::Json),
            ossbind_body_type(other) => Err(unknown_choice("callback.body_type", other)),
        }
    }

    fn sni(&self) -> Result<Sni> {
        match self.sni {
            ossbind_sni::AUTOMATIC => Ok(Sni::Automatic),
            ossbind_sni::ON => Ok(Sni::On),
            ossbind_sni::OFF => Ok(Sni::Off),
            ossbind_sni(other) => Err(unknown_choice("callback.sni", other)),
        }
    }
}

/// Copies of pairs.
///
/// # Safety
/// As [`pairs`].
unsafe fn owned_pairs(
    field: &str,
    elements: *const ossbind_pair,
    count: usize,
) -> Result<Vec<(String, String)>> {
    // SAFETY: passed on.
    let pairs = unsafe { pairs(field, elements, count) }?.into_iter();
    Ok(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
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
