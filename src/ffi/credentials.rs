//! Where the keys of a client come from.

use std::ffi::{c_char, c_void};
use std::mem::offset_of;
use std::ptr::null_mut;

use super::convert::{
    SizedStruct, check_flags, optional_text, path, read_or_default, required_text, unknown_choice,
};
use super::guard::guard;
use super::status::ossbind_status;
use super::userdata::{Userdata, ossbind_free_fn};
use crate::credentials::{
    CliProfile, CredentialSource, Credentials, CredentialsUri, DefaultChain, EcsOptions,
    EcsRamRole, Environment, Expiration, Fetched, Function, IniProfile, OidcRole, Process,
};
use crate::error::{Error, Result, Status, refuse_if};
use crate::http::HttpOptions;
use crate::text::quoted;

/// Where the keys of a client come from; docs/credentials.md has the details. Keys that expire are
/// renewed before they do, by one of all threads that wait for them, and once more when OSS refuses
/// them as expired.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ossbind_credentials_kind(pub u32);

impl ossbind_credentials_kind {
    /// access_key_id, access_key_secret and security_token of ossbind_client_config, else
    /// OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET and OSS_SESSION_TOKEN of the environment.
    pub const DEFAULT: Self = Self(0);
    /// The first of: keys of the environment (OSS_* and ALIBABA_CLOUD_*), OIDC role, profile of the
    /// command line tool, profile of the credentials file, RAM role of the instance, credentials URI.
    pub const CHAIN: Self = Self(1);
    /// RAM role of the ECS instance; `argument` is its name. NULL: the metadata service is asked.
    pub const ECS_RAM_ROLE: Self = Self(2);
    /// OIDC role, named by ALIBABA_CLOUD_ROLE_ARN, ALIBABA_CLOUD_OIDC_PROVIDER_ARN and
    /// ALIBABA_CLOUD_OIDC_TOKEN_FILE.
    pub const OIDC_ROLE: Self = Self(3);
    /// Profile of the command line tool; `argument` is its name. NULL: the current one.
    pub const CLI_PROFILE: Self = Self(4);
    /// Section of the credentials file; `argument` is its name. NULL: "default".
    pub const INI_PROFILE: Self = Self(5);
    /// What the command in `argument` prints (sh -c).
    pub const PROCESS: Self = Self(6);
    /// What a GET of the URL in `argument` returns. NULL: ALIBABA_CLOUD_CREDENTIALS_URI.
    pub const URI: Self = Self(7);
    /// What `function` gives.
    pub const FUNCTION: Self = Self(8);
}

/// Where the keys of a client come from. Initialize with ossbind_credentials_config_init(); zero is
/// the default of every member. Everything is copied. Members are only ever appended.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ossbind_credentials_config {
    /// sizeof(ossbind_credentials_config), set by ossbind_credentials_config_init().
    pub struct_size: usize,
    /// OSSBIND_CREDENTIALS_KIND_*.
    pub kind: ossbind_credentials_kind,
    /// Zero.
    pub reserved: u32,
    /// What the kind needs: name of the role, name of the profile, command, or URL. NULL: the default
    /// of the kind.
    pub argument: *const c_char,
    /// CLI_PROFILE, INI_PROFILE: path of the file; bytes, not necessarily UTF-8. NULL: as the
    /// environment says, else the one in the home folder.
    pub file: *const c_char,
    /// FUNCTION: gives the keys.
    pub function: ossbind_credentials_fn,
    /// First argument of `function`. Must live until userdata_free was called; without userdata_free,
    /// until no call of the function can be running after the client was freed.
    pub userdata: *mut c_void,
    /// Called once, from any thread, when the library no longer needs `userdata`; also when no client
    /// could be made. NULL: nothing is called.
    pub userdata_free: ossbind_free_fn,
}

// SAFETY: pointers and integers; struct_size is first.
unsafe impl SizedStruct for ossbind_credentials_config {
    const NAME: &'static str = "credentials_config";
    // 0.1.0 ended with userdata_free.
    const FIRST_SIZE: usize = offset_of!(Self, userdata_free) + size_of::<ossbind_free_fn>();
}

/// Takes a copy of the keys that a function of the program gives.
pub struct ossbind_credentials_sink {
    given: Option<Fetched>,
    /// Why there are none.
    reason: Option<String>,
}

/// Gives keys: calls ossbind_credentials_sink_set() with `sink`, which is valid during the call,
/// and returns 0. If it has none, it returns anything else, and may first say why with
/// ossbind_credentials_sink_fail().
///
/// Runs on a thread of the library, one call at a time for each client. It may block: no upload
/// waits for it longer than its time limit. It may use other clients, but not the one that the keys
/// are for.
pub type ossbind_credentials_fn =
    Option<unsafe extern "C" fn(userdata: *mut c_void, sink: *mut ossbind_credentials_sink) -> i32>;

/// Gives keys to the library, which copies them. `sink`, `access_key_id` and `access_key_secret`
/// are required; `security_token` is NULL or empty for permanent keys. `lifetime_s` is the number
/// of seconds for which they are valid from now; 0 for as long as OSS accepts them. The last call
/// counts. Only during a call of ossbind_credentials_fn.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_credentials_sink_set(
    sink: *mut ossbind_credentials_sink,
    access_key_id: *const c_char,
    access_key_secret: *const c_char,
    security_token: *const c_char,
    lifetime_s: u32,
) -> ossbind_status {
    let call = || {
        // SAFETY: NULL or a sink of the library that nobody else uses; NULL or strings.
        let (sink, id, secret, token) = unsafe {
            (
                sink.as_mut().ok_or_else(|| Error::invalid("sink", "is NULL"))?,
                required_text("access_key_id", access_key_id)?,
                required_text("access_key_secret", access_key_secret)?,
                optional_text("security_token", security_token)?,
            )
        };
        let expiration = match lifetime_s {
            0 => Expiration::Never,
            seconds => Expiration::After(std::time::Duration::from_secs(seconds.into())),
        };
        // After a refused call there is nothing in the sink.
        sink.given = None;
        sink.reason = None;
        let fetched = Fetched::from(Credentials::new(id, secret, token)?);
        sink.given = Some(Fetched { expiration, ..fetched });
        Ok(())
    };
    let note = |error: &Error| {
        // SAFETY: NULL or a sink of the library that nobody else uses.
        if let Some(sink) = unsafe { sink.as_mut() } {
            sink.reason = Some(error.message().to_owned());
        }
    };
    // SAFETY: no error is wanted.
    unsafe { guard(null_mut(), || call().inspect_err(note)) }
}

/// Says why there are no keys; the function then returns anything but 0. `reason` becomes part of
/// the error message of the upload: a short text without secrets, of which the library makes a
/// copy. NULL: no reason. Only during a call of ossbind_credentials_fn.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ossbind_credentials_sink_fail(
    sink: *mut ossbind_credentials_sink,
    reason: *const c_char,
) {
    let call = || {
        // SAFETY: NULL or a sink of the library that nobody else uses; NULL or a string.
        let (sink, reason) = unsafe { (sink.as_mut(), optional_text("reason", reason)?) };
        if let Some(sink) = sink {
            sink.reason = reason.map(quoted);
        }
        Ok(())
    };
    // SAFETY: no error is wanted.
    let _ = unsafe { guard(null_mut(), call) };
}

/// Asks the program's function for keys.
fn fetch(
    function: unsafe extern "C" fn(*mut c_void, *mut ossbind_credentials_sink) -> i32,
    userdata: &Userdata,
) -> Result<Fetched> {
    let mut sink = ossbind_credentials_sink { given: None, reason: None };
    // SAFETY: the program's function, with what it was promised.
    let code = unsafe { function(userdata.pointer, &mut sink) };
    if code == 0 {
        let message = "the credentials function of the program returned without giving \
                       credentials; it has to set them, or to return a failure";
        return sink.given.ok_or_else(|| Error::new(Status::Credentials, message));
    }
    let reason = sink.reason.map(|reason| format!(": {reason}")).unwrap_or_default();
    let message = format!("credentials.function: returned {code} instead of keys{reason}");
    let error = Error::new(Status::Credentials, message).with_field("credentials.function");
    Err(error.with_caller_code(code))
}

/// What the program says of its keys. Its function is freed with it, unless a client needs it.
pub(super) struct GivenCredentials {
    config: ossbind_credentials_config,
    userdata: Userdata,
}

impl GivenCredentials {
    /// # Safety
    /// `config` is NULL or a config that is as its documentation says.
    pub(super) unsafe fn read(config: *const ossbind_credentials_config) -> Result<Self> {
        // SAFETY: as the caller promises.
        let config = unsafe { read_or_default(config) }?;
        let userdata = Userdata { pointer: config.userdata, free: config.userdata_free };
        Ok(Self { config, userdata })
    }

    /// None when the environment shall be asked.
    ///
    /// # Safety
    /// The texts of the config are NULL or strings.
    pub(super) unsafe fn source(
        self,
        own: Option<Credentials>,
        http: &HttpOptions,
    ) -> Result<Option<CredentialSource>> {
        let config = self.config;
        check_flags("credentials.reserved", config.reserved, 0)?;
        // SAFETY: as the caller promises.
        let (argument, file) =
            unsafe { (optional_text("credentials.argument", config.argument)?, path(config.file)) };
        config.refuse_leftovers(own.is_some())?;
        let environment = Environment::of_process();
        let missing = |what: &str| Error::new(Status::Credentials, format!("credentials: {what}"));
        let no_file = || missing("there is no home folder with a profile; set credentials.file");
        let name = argument.map(str::to_owned);
        let source = match config.kind {
            ossbind_credentials_kind::DEFAULT => return Ok(own.map(CredentialSource::from)),
            ossbind_credentials_kind::CHAIN => {
                CredentialSource::new(DefaultChain::new(&environment, http)?)
            }
            ossbind_credentials_kind::ECS_RAM_ROLE => {
                let options = EcsOptions { role: name, ..EcsOptions::default() };
                CredentialSource::new(EcsRamRole::new(options)?)
            }
            ossbind_credentials_kind::OIDC_ROLE => {
                let role = OidcRole::from_environment(&environment, http)?;
                CredentialSource::new(role.ok_or_else(|| {
                    missing(
                        "OIDC_ROLE needs ALIBABA_CLOUD_ROLE_ARN, ALIBABA_CLOUD_OIDC_PROVIDER_ARN \
                         and ALIBABA_CLOUD_OIDC_TOKEN_FILE in the environment",
                    )
                })?)
            }
            ossbind_credentials_kind::CLI_PROFILE => CredentialSource::new(match file {
                Some(file) => CliProfile::new(file, name, http.clone()),
                None => {
                    let profile = CliProfile::from_environment(&environment, http)?;
                    profile.ok_or_else(no_file)?.named(name)
                }
            }),
            ossbind_credentials_kind::INI_PROFILE => CredentialSource::new(match file {
                Some(file) => IniProfile::new(file, name),
                None => {
                    IniProfile::from_environment(&environment)?.ok_or_else(no_file)?.named(name)
                }
            }),
            ossbind_credentials_kind::PROCESS => {
                let command = argument.unwrap_or_default();
                CredentialSource::new(Process::shell(command)?)
            }
            ossbind_credentials_kind::URI => CredentialSource::new(match argument {
                Some(url) => CredentialsUri::new(url)?,
                None => CredentialsUri::from_environment(&environment)?.ok_or_else(|| {
                    missing("URI needs credentials.argument, or ALIBABA_CLOUD_CREDENTIALS_URI")
                })?,
            }),
            ossbind_credentials_kind::FUNCTION => {
                let null = "is NULL, but credentials.kind is FUNCTION";
                let null = || Error::invalid("credentials.function", null);
                let (function, userdata) = (config.function.ok_or_else(null)?, self.userdata);
                CredentialSource::new(Function::new(move |_| fetch(function, &userdata)))
            }
            ossbind_credentials_kind(other) => {
                return Err(unknown_choice("credentials.kind", other));
            }
        };
        Ok(Some(source))
    }
}

impl ossbind_credentials_config {
    /// Members of another kind mean that the kind was forgotten.
    fn refuse_leftovers(&self, has_own_keys: bool) -> Result<()> {
        use ossbind_credentials_kind as Kind;
        let kind = self.kind;
        let is_profile = matches!(kind, Kind::CLI_PROFILE | Kind::INI_PROFILE);
        let takes_argument =
            is_profile || matches!(kind, Kind::ECS_RAM_ROLE | Kind::PROCESS | Kind::URI);
        let leftover = "is set, but credentials.kind is another; choose the kind that is meant";
        refuse_if([
            (
                has_own_keys && kind != Kind::DEFAULT,
                "access_key_id",
                "is set together with credentials.kind; use one of them",
            ),
            (!self.argument.is_null() && !takes_argument, "credentials.argument", leftover),
            (!self.file.is_null() && !is_profile, "credentials.file", leftover),
            (self.function.is_some() && kind != Kind::FUNCTION, "credentials.function", leftover),
        ])
    }
}
