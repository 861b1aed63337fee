//! `ossbind_post_form`: the fields of a signed form. Immutable.

use std::ffi::{CString, c_char};

use super::convert::{CPairs, c_text, free, object};
use super::guard::guard_value;
use crate::signed::SignedForm;

/// A form that was signed and not sent: whoever has its fields can upload until it expires, so treat
/// them as a secret. Immutable, so any thread may read it; freed once with ossbind_post_form_free().
///
/// It is sent as multipart/form-data: the fields in their order, and `file` as the last one. Every
/// accessor takes NULL and then answers as if the value were absent. Texts belong to the object and
/// are valid until it is freed.
pub struct ossbind_post_form {
    url: CString,
    fields: CPairs,
    expires: u64,
    bundle: CString,
}

impl ossbind_post_form {
    pub(super) fn new(form: &SignedForm) -> Self {
        Self {
            url: c_text(form.url()),
            fields: CPairs::new(form.fields()),
            expires: form.expires(),
            bundle: c_text(&form.to_bundle()),
        }
    }
}

/// Where the form is sent. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_post_form_url(form: *const ossbind_post_form) -> *const c_char {
    // SAFETY: NULL or an object of the library.
    let form = unsafe { object(form) };
    form.map_or(std::ptr::null(), |f| f.url.as_ptr())
}

/// Until when OSS takes it, in seconds since 1970. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_post_form_expires(form: *const ossbind_post_form) -> u64 {
    // SAFETY: NULL or an object of the library.
    let form = unsafe { object(form) };
    form.map_or(0, |f| f.expires)
}

/// Number of fields.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_post_form_field_count(form: *const ossbind_post_form) -> usize {
    // SAFETY: NULL or an object of the library.
    let form = unsafe { object(form) };
    form.map_or(0, |f| f.fields.len())
}

/// Name of a field. NULL when `index` is not below the count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_post_form_field_name(
    form: *const ossbind_post_form,
    index: usize,
) -> *const c_char {
    // SAFETY: NULL or an object of the library.
    let form = unsafe { object(form) };
    form.map_or(std::ptr::null(), |f| f.fields.name(index))
}

/// Value of a field. NULL when `index` is not below the count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_post_form_field_value(
    form: *const ossbind_post_form,
    index: usize,
) -> *const c_char {
    // SAFETY: NULL or an object of the library.
    let form = unsafe { object(form) };
    form.map_or(std::ptr::null(), |f| f.fields.value(index))
}

/// All of it as one JSON text, to be sent to a browser, or to a device, where
/// ossbind_upload_request.bundle takes it:
/// {"ossbind":1,"method":"POST","url":"...","fields":{...},"expires":1700000000}. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_post_form_bundle(form: *const ossbind_post_form) -> *const c_char {
    // SAFETY: NULL or an object of the library.
    let form = unsafe { object(form) };
    form.map_or(std::ptr::null(), |f| f.bundle.as_ptr())
}

/// Frees a form. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_post_form_free(form: *mut ossbind_post_form) {
    // SAFETY: NULL or an object that the caller owns.
    guard_value((), || unsafe { free(form) });
}
