//! Pointers of C to references of Rust, and back.

use std::borrow::Cow;
use std::ffi::{CStr, CString, OsStr, c_char};
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::ptr::null;
use std::time::Duration;

use super::guard::guard_value;
use crate::error::{Error, Result, Status};

/// A name and a value. Both are required, NUL-terminated UTF-8, and borrowed for the call.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ossbind_pair {
    /// Name.
    pub name: *const c_char,
    /// Value.
    pub value: *const c_char,
}

/// A struct that begins with `struct_size` and may be shorter or longer than ours.
///
/// # Safety
/// All bytes zero must be a valid value, and `struct_size: usize` must be the first member.
pub(super) unsafe trait SizedStruct: Copy {
    /// For messages.
    const NAME: &'static str;
    /// Size in the first release. It never follows `size_of`.
    const FIRST_SIZE: usize;
}

/// Larger than any struct will ever be: an uninitialized size shows.
const MAX_STRUCT_SIZE: usize = 1 << 14;

/// Copies a sized struct. Members that the caller does not have are zero; members that the library
/// does not have must be zero.
///
/// # Safety
/// `pointer` is NULL, or readable for the number of bytes that its first member says.
pub(super) unsafe fn read_sized<T: SizedStruct>(pointer: *const T) -> Result<T> {
    let name = T::NAME;
    if pointer.is_null() {
        return Err(Error::invalid(name, "is NULL"));
    }
    // SAFETY: every sized struct begins with its size.
    let theirs = unsafe { pointer.cast::<usize>().read() };
    let ours = size_of::<T>();
    if !(T::FIRST_SIZE..=MAX_STRUCT_SIZE).contains(&theirs) {
        let fault = format!(
            "is {theirs}, but this struct has {ours} bytes; initialize it with ossbind_{name}_init()"
        );
        return Err(Error::invalid(format!("{name}.struct_size"), fault));
    }
    // SAFETY: the caller says that it has `theirs` bytes.
    let bytes = unsafe { std::slice::from_raw_parts(pointer.cast::<u8>(), theirs) };
    let (known, unknown) = bytes.split_at(theirs.min(ours));
    if let Some(at) = unknown.iter().position(|byte| *byte != 0) {
        let message = format!(
            "{name}: byte {} is set, which is a field that ossbind {} does not know; use a newer \
             library or leave the field zero",
            ours + at,
            crate::VERSION
        );
        return Err(Error::new(Status::UnknownField, message).with_field(name));
    }
    let mut value = MaybeUninit::<T>::zeroed();
    // SAFETY: `known` has at most `ours` bytes, and zeros are valid for the rest.
    unsafe {
        std::ptr::copy_nonoverlapping(known.as_ptr(), value.as_mut_ptr().cast(), known.len());
        Ok(value.assume_init())
    }
}

/// The same, but NULL is a struct of zeros, which are the defaults.
///
/// # Safety
/// As [`read_sized`].
pub(super) unsafe fn read_or_default<T: SizedStruct>(pointer: *const T) -> Result<T> {
    match pointer.is_null() {
        // SAFETY: zeros are valid for every sized struct.
        true => Ok(unsafe { MaybeUninit::zeroed().assume_init() }),
        // SAFETY: as the caller promises.
        false => unsafe { read_sized(pointer) },
    }
}

/// A time of which zero says nothing.
pub(super) fn milliseconds(value: u32) -> Option<Duration> {
    (value > 0).then(|| Duration::from_millis(value.into()))
}

/// Refuses flag bits that this library does not know.
pub(super) fn check_flags(field: &str, flags: u32, known: u32) -> Result<()> {
    match flags & !known {
        0 => Ok(()),
        unknown => {
            let message = format!(
                "{field}: bits 0x{unknown:X} are not known to ossbind {}; the known ones are \
                 0x{known:X}",
                crate::VERSION
            );
            Err(Error::new(Status::UnknownField, message).with_field(field))
        }
    }
}

/// The error for a kind or choice that this library does not know.
pub(super) fn unknown_choice(field: &str, value: u32) -> Error {
    let message = format!("{field}: {value} is not known to ossbind {}", crate::VERSION);
    Error::new(Status::UnknownField, message).with_field(field)
}

/// A text that may be left out.
///
/// # Safety
/// `pointer` is NULL or a NUL-terminated string that outlives `'a`.
pub(super) unsafe fn optional_text<'a>(
    field: &str,
    pointer: *const c_char,
) -> Result<Option<&'a str>> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL, and the caller promises a NUL-terminated string.
    let text = unsafe { CStr::from_ptr(pointer) };
    match text.to_str() {
        Ok(text) => Ok(Some(text)),
        Err(error) => {
            let at = error.valid_up_to();
            let fault = format!("is not UTF-8: byte {at} is 0x{:02X}", text.to_bytes()[at]);
            Err(Error::invalid(field, fault).with_offset(Some(at)))
        }
    }
}

/// A copy of a text that may be left out.
///
/// # Safety
/// As [`optional_text`].
pub(super) unsafe fn owned_text(field: &str, pointer: *const c_char) -> Result<Option<String>> {
    // SAFETY: passed on.
    Ok(unsafe { optional_text(field, pointer) }?.map(str::to_owned))
}

/// A path is bytes.
///
/// # Safety
/// `pointer` is NULL or a NUL-terminated string.
pub(super) unsafe fn path(pointer: *const c_char) -> Option<PathBuf> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: not NULL, and NUL-terminated as the caller promises.
    let bytes = unsafe { CStr::from_ptr(pointer) }.to_bytes();
    Some(PathBuf::from(OsStr::from_bytes(bytes)))
}

/// A text that must be given.
///
/// # Safety
/// As [`optional_text`].
pub(super) unsafe fn required_text<'a>(field: &str, pointer: *const c_char) -> Result<&'a str> {
    // SAFETY: passed on.
    let text = unsafe { optional_text(field, pointer) }?;
    text.ok_or_else(|| Error::invalid(field, "is NULL, but required"))
}

/// Bytes; NULL is allowed when there are none.
///
/// # Safety
/// `data` is NULL or readable for `len` bytes that outlive `'a`.
pub(super) unsafe fn bytes<'a>(field: &str, data: *const u8, len: usize) -> Result<&'a [u8]> {
    if len == 0 {
        return Ok(&[]);
    }
    if data.is_null() {
        return Err(Error::invalid(field, format!("is NULL, but {field}_len is {len}")));
    }
    if len > isize::MAX as usize {
        let fault = format!("is {len}, which is more than memory can hold");
        return Err(Error::invalid(format!("{field}_len"), fault));
    }
    // SAFETY: not NULL, not longer than a slice may be, readable as the caller promises.
    Ok(unsafe { std::slice::from_raw_parts(data, len) })
}

/// More never fit into a request.
const MOST_IN_REQUEST: usize = 1000;
/// More are a mistake of the program.
const MOST: usize = 1_000_000;

/// At most so many elements of an array; NULL is allowed when there are none. The number of `fields` is in
/// `field_count`.
///
/// # Safety
/// `elements` is NULL or has `count` elements that outlive `'a`.
unsafe fn array<'a, T>(
    field: &str,
    elements: *const T,
    count: usize,
    most: usize,
) -> Result<&'a [T]> {
    if count == 0 {
        return Ok(&[]);
    }
    let count_field = || format!("{}_count", field.strip_suffix('s').unwrap_or(field));
    if elements.is_null() {
        return Err(Error::invalid(field, format!("is NULL, but {} is {count}", count_field())));
    }
    if count > most {
        let fault = format!("is {count}; at most {most} are taken");
        return Err(Error::invalid(count_field(), fault));
    }
    // SAFETY: not NULL, and the caller promises `count` elements.
    Ok(unsafe { std::slice::from_raw_parts(elements, count) })
}

/// An array of texts; NULL is allowed when there are none.
///
/// # Safety
/// `elements` is NULL or has `count` elements, which are NULL or strings that outlive `'a`.
pub(super) unsafe fn texts<'a>(
    field: &str,
    elements: *const *const c_char,
    count: usize,
) -> Result<Vec<&'a str>> {
    // SAFETY: as the caller promises.
    let elements = unsafe { array(field, elements, count, MOST_IN_REQUEST) }?;
    let convert = |(index, element): (usize, &*const c_char)| {
        // SAFETY: as the caller promises.
        unsafe { required_text(&format!("{field}[{index}]"), *element) }
    };
    elements.iter().enumerate().map(convert).collect()
}

/// An array of pairs for a request; NULL is allowed when there are none.
///
/// # Safety
/// `pairs` is NULL or has `count` elements, whose texts outlive `'a`.
pub(super) unsafe fn pairs<'a>(
    field: &str,
    pairs: *const ossbind_pair,
    count: usize,
) -> Result<Vec<(&'a str, &'a str)>> {
    // SAFETY: as the caller promises.
    unsafe { pairs_up_to(MOST_IN_REQUEST, field, pairs, count) }
}

/// The same for what the program keeps, such as a pair for each device.
///
/// # Safety
/// As [`pairs`].
pub(super) unsafe fn many_pairs<'a>(
    field: &str,
    pairs: *const ossbind_pair,
    count: usize,
) -> Result<Vec<(&'a str, &'a str)>> {
    // SAFETY: as the caller promises.
    unsafe { pairs_up_to(MOST, field, pairs, count) }
}

/// # Safety
/// As [`pairs`].
unsafe fn pairs_up_to<'a>(
    most: usize,
    field: &str,
    pairs: *const ossbind_pair,
    count: usize,
) -> Result<Vec<(&'a str, &'a str)>> {
    // SAFETY: as the caller promises.
    let pairs = unsafe { array(field, pairs, count, most) }?;
    let convert = |(index, pair): (usize, &ossbind_pair)| {
        // SAFETY: the caller promises that the texts are strings.
        unsafe {
            Ok((
                required_text(&format!("{field}[{index}].name"), pair.name)?,
                required_text(&format!("{field}[{index}].value"), pair.value)?,
            ))
        }
    };
    pairs.iter().enumerate().map(convert).collect()
}

/// A text that comes from others, and must be given: bytes that are not UTF-8 are replaced.
///
/// # Safety
/// As [`optional_text`].
pub(super) unsafe fn foreign_text<'a>(
    field: impl FnOnce() -> String,
    pointer: *const c_char,
) -> Result<Cow<'a, str>> {
    if pointer.is_null() {
        return Err(Error::invalid(field(), "is NULL, but required"));
    }
    // SAFETY: not NULL, and the caller promises a string.
    Ok(unsafe { CStr::from_ptr(pointer) }.to_string_lossy())
}

/// Pairs that come from others, as [`foreign_text`].
///
/// # Safety
/// As [`pairs`].
pub(super) unsafe fn foreign_pairs<'a>(
    field: &str,
    pairs: *const ossbind_pair,
    count: usize,
) -> Result<Vec<(Cow<'a, str>, Cow<'a, str>)>> {
    if !pairs.is_null() && count > MOST_IN_REQUEST {
        let message =
            format!("{field}: there are {count}; OSS sends no more than {MOST_IN_REQUEST}");
        return Err(Error::new(Status::Malformed, message));
    }
    // SAFETY: as the caller promises.
    let pairs = unsafe { array(field, pairs, count, MOST_IN_REQUEST) }?;
    let convert = |(index, pair): (usize, &ossbind_pair)| {
        // SAFETY: the caller promises that the texts are strings.
        unsafe {
            Ok((
                foreign_text(|| format!("{field}[{index}].name"), pair.name)?,
                foreign_text(|| format!("{field}[{index}].value"), pair.value)?,
            ))
        }
    };
    pairs.iter().enumerate().map(convert).collect()
}

/// Sets an out-parameter that may be NULL.
///
/// # Safety
/// `out` is NULL or writable.
pub(super) unsafe fn write_out<T>(out: *mut T, value: T) {
    if !out.is_null() {
        // SAFETY: not NULL, and writable as the caller promises.
        unsafe { out.write(value) };
    }
}

/// An object that the caller got from the library, or None for NULL.
///
/// # Safety
/// `object` is NULL or was made by the library and not freed yet.
pub(super) unsafe fn object<'a, T>(object: *const T) -> Option<&'a T> {
    // SAFETY: as the caller promises.
    unsafe { object.as_ref() }
}

/// Reads an object that the caller got from the library. For NULL it gives `absent`, and should `read`
/// panic.
///
/// # Safety
/// As [`object`].
pub(super) unsafe fn read<T, V>(from: *const T, absent: V, read: impl FnOnce(&T) -> V) -> V {
    // SAFETY: as the caller promises.
    match unsafe { object(from) } {
        None => absent,
        Some(object) => guard_value(absent, || read(object)),
    }
}

/// Hands an object to the caller.
pub(super) fn into_raw<T>(object: T) -> *mut T {
    Box::into_raw(Box::new(object))
}

/// Takes an object back and drops it. NULL is allowed.
///
/// # Safety
/// `object` is NULL or came from [`into_raw`] and was not freed yet.
pub(super) unsafe fn free<T>(object: *mut T) {
    if !object.is_null() {
        // SAFETY: as the caller promises.
        drop(unsafe { Box::from_raw(object) });
    }
}

/// A text for C. NUL inside, which C could not see past, becomes U+FFFD.
pub(super) fn c_text(text: &str) -> CString {
    CString::new(text.replace('\0', "\u{FFFD}")).unwrap_or_default()
}

/// Pointer to a text that may be absent.
pub(super) fn pointer(text: &Option<CString>) -> *const c_char {
    text.as_ref().map_or(null(), |text| text.as_ptr())
}

/// Names and values for C.
pub(super) struct CPairs(Vec<(CString, CString)>);

impl CPairs {
    pub(super) fn new<'a>(pairs: impl Iterator<Item = (&'a str, &'a [u8])>) -> Self {
        let text = |bytes| c_text(&String::from_utf8_lossy(bytes));
        Self(pairs.map(|(name, value)| (c_text(name), text(value))).collect())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &(CString, CString)> {
        self.0.iter()
    }
}

/// Gives bytes that belong to an object, and their number; NULL and 0 when there are none.
///
/// # Safety
/// `from` is NULL or an object of the library. `out_len` is NULL or writable.
pub(super) unsafe fn give_bytes<T>(
    from: *const T,
    out_len: *mut usize,
    of: impl FnOnce(&T) -> Option<&[u8]>,
) -> *const u8 {
    let bytes = |object: &T| of(object).map(|bytes| (bytes.as_ptr(), bytes.len()));
    // SAFETY: as the caller promises.
    unsafe {
        let (pointer, len) = read(from, None, bytes).unwrap_or((null(), 0));
        write_out(out_len, len);
        pointer
    }
}

/// Gives an element of a list of an object: 1, or 0 and NULL when there is none.
///
/// # Safety
/// `from` is NULL or an object of the library. The out-parameters are NULL or writable.
pub(super) unsafe fn give_pair<T>(
    from: *const T,
    list: impl FnOnce(&T) -> &CPairs,
    index: usize,
    out_name: *mut *const c_char,
    out_value: *mut *const c_char,
) -> i32 {
    let element = |object: &T| list(object).0.get(index).map(|(n, v)| (n.as_ptr(), v.as_ptr()));
    // SAFETY: as the caller promises.
    unsafe {
        let pair = read(from, None, element);
        let (name, value) = pair.unwrap_or((null(), null()));
        write_out(out_name, name);
        write_out(out_value, value);
        i32::from(pair.is_some())
    }
}
