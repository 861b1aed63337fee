//! The emulator as its users see it.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;

use crate::background::Background;
use crate::callback::AddressPolicy;
use crate::callback::answer::Failure;
use crate::callback::signature::SigningKey;
use crate::clock::Clock;
use crate::identifier::Identifiers;
use crate::operations::Operation;
use crate::options::{Options, Storage};
use crate::records::{CallbackRecord, RequestRecord, Ring};
use crate::server;
use crate::server::faults::{Fault, Faults, Refusal};
use crate::server::state::{ForcedFailures, PUBLIC_KEY_BUCKET, PUBLIC_KEY_NAME, State};
use crate::server::target::{Addressing, check_bucket_name};
use crate::storage::{MultipartUpload, Store, StoredObject};
use crate::tls;

/// A running local OSS. Dropping it stops the server and joins its threads.
#[derive(Debug)]
pub struct Emulator {
    state: Arc<State>,
    endpoint: String,
    background: Background,
}

/// Why an emulator or a receiver did not start.
#[derive(Debug)]
pub enum StartError {
    /// The options contradict the rules of the service.
    Options(String),
    /// The address, the data directory or a thread was not available.
    Io(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::Options(reason) => formatter.write_str(reason),
            StartError::Io(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for StartError {}

impl From<io::Error> for StartError {
    fn from(error: io::Error) -> StartError {
        StartError::Io(error)
    }
}

/// Listens on an address; the error names it.
pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address)
        .map_err(|error| io::Error::new(error.kind(), format!("{address}: {error}")))
}

impl Emulator {
    /// Starts a server; connections are accepted from the moment this returns.
    pub fn start(options: Options) -> Result<Emulator, StartError> {
        for bucket in &options.buckets {
            check_bucket_name(&bucket.name).map_err(|error| {
                StartError::Options(format!("{}: {}", bucket.name, error.message))
            })?;
        }
        let clock = Clock::new(options.clock_offset_seconds);
        let store = Store::open(&options.storage, &options.buckets, clock.now())?;
        let signing_key = signing_key(&options).map_err(StartError::Options)?;
        let acceptor = options.tls.as_ref().map(tls::acceptor).transpose()?;
        let listener = listen(options.address)?;
        let endpoint = endpoint_of(listener.local_addr()?, acceptor.is_some());
        let public_key_url = options
            .public_key_url
            .unwrap_or_else(|| format!("{endpoint}/{PUBLIC_KEY_BUCKET}/{PUBLIC_KEY_NAME}"));
        let state = Arc::new(State {
            addressing: Addressing::new(&options.region, options.cnames),
            region: options.region,
            access_keys: options.access_keys,
            store,
            clock,
            identifiers: Identifiers::new(),
            signing_key,
            public_key_url,
            address_policy: if options.refuse_private_addresses {
                AddressPolicy::RefusePrivate
            } else {
                AddressPolicy::AllowPrivate
            },
            callback_timeout: options.callback_timeout,
            idle_timeout: options.idle_timeout,
            log: options.log,
            requests: Ring::new(options.record_limit),
            callbacks: Ring::new(options.record_limit),
            forced_failures: ForcedFailures::default(),
            faults: Faults::default(),
            cors: options.cors,
        });
        let shared = Arc::clone(&state);
        let background = Background::start("ossbind-emulator", listener, move |listener| {
            server::serve(listener, acceptor, shared)
        })?;
        Ok(Emulator { state, endpoint, background })
    }

    /// `http://127.0.0.1:PORT`, or https with TLS.
    pub fn endpoint(&self) -> String {
        self.endpoint.clone()
    }

    /// Address the server listens on.
    pub fn address(&self) -> SocketAddr {
        self.background.address()
    }

    /// The requests answered so far, oldest first. A request is in the list before its answer goes
    /// out.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.state.requests.to_vec()
    }

    /// The callback URLs tried so far, oldest first.
    pub fn callbacks(&self) -> Vec<CallbackRecord> {
        self.state.callbacks.to_vec()
    }

    /// A stored object.
    pub fn object(&self, bucket: &str, key: &str) -> Option<StoredObject> {
        self.state.store.object(bucket, key).map(|object| (*object).clone())
    }

    /// The multipart uploads that are neither completed nor aborted, by bucket, key and id.
    pub fn multipart_uploads(&self) -> Vec<MultipartUpload> {
        self.state.store.multipart_uploads()
    }

    /// The public key of the callback signature.
    pub fn public_key_pem(&self) -> String {
        self.state.signing_key.public_pem().to_owned()
    }

    /// The URL that callbacks announce in `x-oss-pub-key-url`.
    pub fn public_key_url(&self) -> String {
        self.state.public_key_url.clone()
    }

    /// Makes the next callback fail with this message and EC instead of being sent: for failures
    /// that cannot be provoked from outside, such as `Too many callback requests.` with
    /// `0007-00000201`. Several calls are used up one by one.
    pub fn fail_next_callback(&self, message: impl Into<String>, ec: impl Into<String>) {
        self.state.forced_failures.push(Failure { message: message.into(), ec: ec.into() });
    }

    /// Carries the next request for this operation out, then ends the connection without an answer:
    /// the client cannot know what has become of it.
    ///
    /// This and the other faults apply to one request each, in the order they were asked for, and
    /// only to requests whose signature in header or URL is right.
    pub fn lose_next_answer_to(&self, operation: Operation) {
        self.state.faults.push(operation, Fault::AnswerLost);
    }

    /// Answers the next request for this operation with an error document, without carrying it out.
    /// A status that is no final one counts as 500.
    pub fn fail_next(&self, operation: Operation, status: u16, code: impl Into<String>) {
        let refusal = Refusal { status, code: code.into() };
        self.state.faults.push(operation, Fault::Refused(refusal));
    }

    /// Like [`fail_next`](Emulator::fail_next), but carries the request out before. If that fails,
    /// the answer tells why.
    pub fn fail_next_after_carrying_out(
        &self,
        operation: Operation,
        status: u16,
        code: impl Into<String>,
    ) {
        let refusal = Refusal { status, code: code.into() };
        self.state.faults.push(operation, Fault::CarriedOut(refusal));
    }

    /// Moves the emulator's clock against the system's.
    pub fn set_clock_offset_seconds(&self, seconds: i64) {
        self.state.clock.set_offset_seconds(seconds);
    }
}

/// With a data directory the key lies in it; `_` is in no bucket's name.
fn signing_key(options: &Options) -> Result<SigningKey, String> {
    let bits = options.callback_rsa_bits;
    match &options.storage {
        Storage::Directory(path) => {
            SigningKey::load_or_generate(&path.join("callback_private_key.pem"), bits)
        }
        Storage::Memory | Storage::Discard => SigningKey::generate(bits),
    }
}

/// A URL that reaches the address from this machine.
pub(crate) fn endpoint_of(address: SocketAddr, tls: bool) -> String {
    let scheme = if tls { "https" } else { "http" };
    let reachable = match address.ip() {
        ip if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        ip => ip,
    };
    format!("{scheme}://{}", SocketAddr::new(reachable, address.port()))
}
