//! `ossbind_callback_problems`: everything that is wrong with a callback.

use std::ffi::{CString, c_char};
use std::ptr::null;

use super::callback::ossbind_callback;
use super::convert::{c_text, free, pointer, read, read_sized, write_out};
use super::error::ossbind_error;
use super::guard::{give_object, guard_value};
use super::status::{name_of, ossbind_status};
use crate::callback::{Problem, Severity};

/// What becomes of a callback with a problem.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ossbind_severity(pub i32);

impl ossbind_severity {
    /// It is refused before a byte is sent.
    pub const ERROR: Self = Self(1);
    /// It is sent, and perhaps does not do what was meant.
    pub const WARNING: Self = Self(2);
}

impl From<Severity> for ossbind_severity {
    fn from(value: Severity) -> Self {
        Self(value as i32)
    }
}

/// Name of the constant, for logs: "OSSBIND_SEVERITY_ERROR"; "(unknown)" for a value that this library
/// does not know. Static text, never NULL. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn ossbind_severity_name(severity: ossbind_severity) -> *const c_char {
    name_of! { severity, ossbind_severity, "OSSBIND_SEVERITY_", ERROR WARNING }
}

/// What is wrong with a callback at one place. Filled by the library, which may append members: do not
/// copy it by sizeof. The texts belong to the list that it is in.
#[repr(C)]
pub struct ossbind_callback_problem {
    /// The member at fault, such as "callback.variables[1].name"; inside of `parameter` with that of its
    /// JSON, as in "callback.parameter: callbackBody". Never NULL.
    pub field: *const c_char,
    /// Byte offset of the fault in this text, or in the one that its Base64 stands for, from 0; SIZE_MAX
    /// if it has none.
    pub offset: usize,
    /// What is wrong: the value, and the rule that it breaks. Never NULL.
    pub rule: *const c_char,
    /// What to do. Never NULL.
    pub cure: *const c_char,
    /// Error code with which OSS would refuse the callback, such as "0007-00000004". NULL if it would not.
    pub ec: *const c_char,
    /// All of it in one sentence, for logs. Never NULL.
    pub message: *const c_char,
    /// OSSBIND_SEVERITY_*.
    pub severity: ossbind_severity,
    /// Zero.
    pub reserved: u32,
}

/// A problem, with what its texts point to.
struct Owned {
    problem: ossbind_callback_problem,
    _texts: [CString; 4],
    _ec: Option<CString>,
}

impl Owned {
    fn new(problem: &Problem) -> Self {
        let texts =
            [problem.field(), problem.rule(), problem.cure(), &problem.message()].map(c_text);
        let ec = problem.ec().map(c_text);
        let [field, rule, cure, message] = [0, 1, 2, 3].map(|at: usize| texts[at].as_ptr());
        let problem = ossbind_callback_problem {
            field,
            offset: problem.offset().unwrap_or(usize::MAX),
            rule,
            cure,
            ec: pointer(&ec),
            message,
            severity: problem.severity().into(),
            reserved: 0,
        };
        Self { problem, _texts: texts, _ec: ec }
    }
}

/// Everything that is wrong with a callback: errors first, in the order of their discovery, then warnings.
/// Immutable, so any thread may read it. Freed once with ossbind_callback_problems_free().
pub struct ossbind_callback_problems(Vec<Owned>);

/// Finds everything that is wrong with a callback. Nothing is sent.
///
/// The first error, if there is one, is what ossbind_callback_encode() and uploads say; without one they
/// accept the callback, but for private addresses, which are a warning here and which an upload to the
/// public service refuses. What OSSBIND_CALLBACK_RELAXED accepts becomes a warning.
///
/// `callback` is required and borrowed for the call. `out_problems` is required; on success
/// `*out_problems` belongs to the caller, and has no problem when all is well. The call fails when the
/// struct cannot be read: a text that is not UTF-8, a NULL array, an unknown flag or choice. Then
/// `*out_problems` is NULL. `out_error` may be NULL; otherwise `*out_error` is NULL on success, and on
/// failure an error that the caller frees. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_callback_check(
    callback: *const ossbind_callback,
    out_problems: *mut *mut ossbind_callback_problems,
    out_error: *mut *mut ossbind_error,
) -> ossbind_status {
    let make = || {
        // SAFETY: NULL or a callback whose texts are NULL or strings.
        let problems = unsafe { read_sized(callback)?.to_callback() }?.check();
        Ok(ossbind_callback_problems(problems.iter().map(Owned::new).collect()))
    };
    // SAFETY: NULL or writable.
    unsafe { give_object("out_problems", out_problems, out_error, make) }
}

/// A problem of a list, at `index`, counted from 0. Returns 1 and sets `*out_problem`, which belongs to
/// the list; returns 0 and sets it to NULL if `index` is past the end, and for NULL. `out_problem` may be
/// NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_callback_problems_at(
    problems: *const ossbind_callback_problems,
    index: usize,
    out_problem: *mut *const ossbind_callback_problem,
) -> i32 {
    let element =
        |list: &ossbind_callback_problems| list.0.get(index).map(|p| &raw const p.problem);
    // SAFETY: NULL or a list of the library; NULL or writable.
    unsafe {
        let problem = read(problems, None, element);
        write_out(out_problem, problem.unwrap_or(null()));
        i32::from(problem.is_some())
    }
}

/// Frees a list of problems. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_callback_problems_free(problems: *mut ossbind_callback_problems) {
    // SAFETY: NULL or a list that the caller owns.
    guard_value((), || unsafe { free(problems) });
}
