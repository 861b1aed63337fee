//! The emulator as its users see it.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use crate::background::Background;
use crate::callback::Addresses;
use crate::callback::signature::SigningKey;
use crate::clock::Clock;
use crate::console::{self, Console};
use crate::control::Control;
use crate::exchange::state::{PUBLIC_KEY_BUCKET, PUBLIC_KEY_NAME, State};
use crate::faults::{
    CallbackFault, Fault, FaultError, FaultKind, Faults, Position, TlsSide, When, WireFault,
};
use crate::identifier::Identifiers;
use crate::options::Options;
use crate::protocol::Operation;
use crate::protocol::target::{Addressing, check_bucket_name, is_host_name};
use crate::records::{CallbackRecord, Changes, RequestRecord, Ring, SharedRecord, Underway};
use crate::server::{self, DoorKey};
use crate::storage::{MultipartUpload, Storage, Store, StoredObject};
use crate::tls::Acceptors;

/// A running local OSS. Dropping it stops the server and joins its threads.
#[derive(Debug)]
pub struct Emulator {
    state: Arc<State>,
    endpoint: String,
    door: DoorKey,
    control: Option<SocketAddr>,
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

impl From<FaultError> for StartError {
    fn from(error: FaultError) -> StartError {
        StartError::Options(error.to_string())
    }
}

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
        check_names(&options).map_err(StartError::Options)?;
        let clock = Clock::new(options.clock_offset_seconds);
        let store = Store::open(&options.storage, &options.buckets, clock.now(), &options.log)?;
        let signing_key = signing_key(&options).map_err(StartError::Options)?;
        let acceptors = options.tls.as_ref().map(Acceptors::new).transpose()?;
        let side = acceptors.as_ref().map_or(TlsSide::Plain, Acceptors::side);
        let faults = Faults::new(side, options.record_limit);
        for fault in options.faults {
            faults.add(fault)?;
        }
        let control = options.control.map(listen).transpose()?;
        let listener = listen(options.address)?;
        let address = listener.local_addr()?;
        let endpoint = endpoint_of(address, acceptors.is_some());
        let public_key_url = options
            .public_key_url
            .unwrap_or_else(|| format!("{endpoint}/{PUBLIC_KEY_BUCKET}/{PUBLIC_KEY_NAME}"));
        let changes = Changes::default();
        let state = Arc::new(State {
            addressing: Addressing::new(&options.region, options.cnames),
            region: options.region,
            access_keys: options.access_keys,
            store,
            clock,
            identifiers: Identifiers::new(),
            signing_key,
            public_key_url,
            callback_addresses: Addresses {
                refuse_private: options.refuse_private_addresses,
                hosts: options.callback_hosts,
            },
            callback_timeout: options.callback_timeout,
            idle_timeout: options.idle_timeout,
            log: options.log,
            requests: Ring::new(options.record_limit),
            callbacks: Ring::new(options.record_limit),
            underway: Underway::new(changes.clone()),
            changes,
            faults,
            cors: options.cors,
        });
        let (key, door) = server::door(address);
        let control_address = control.as_ref().map(TcpListener::local_addr).transpose()?;
        let control = Control::new(
            control,
            Arc::clone(&state),
            key.clone(),
            options.control_hosts,
            Console::new(Arc::clone(&state), endpoint.clone()),
        )?;
        let (shared, acceptors) = (Arc::clone(&state), acceptors.map(Arc::new));
        let background =
            Background::start("ossbind-emulator", listener, move |listener| async move {
                let served = server::serve(door(listener), acceptors, shared);
                tokio::join!(served, control.serve());
            })?;
        Ok(Emulator { state, endpoint, door: key, control: control_address, background })
    }

    /// `http://127.0.0.1:PORT`, or https with TLS.
    pub fn endpoint(&self) -> String {
        self.endpoint.clone()
    }

    /// Address the server listens on.
    pub fn address(&self) -> SocketAddr {
        self.background.address()
    }

    /// URL of the control endpoint, if there is one.
    pub fn control_endpoint(&self) -> Option<String> {
        self.control.map(|address| endpoint_of(address, false))
    }

    /// URL of the page that shows requests and callbacks as they come, if there is a control endpoint.
    pub fn console_url(&self) -> Option<String> {
        self.control_endpoint().map(|endpoint| endpoint + console::ROOT)
    }

    /// The requests answered so far, oldest first. A request is in the list before its answer goes
    /// out.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.state.requests.to_vec().iter().map(|record| record.lock().clone()).collect()
    }

    /// Like [`requests`](Emulator::requests), and forgets them: for programs that look at more
    /// requests than are remembered at a time. Those whose answer is on its way stay.
    pub fn take_requests(&self) -> Vec<RequestRecord> {
        let settled = self.state.requests.take_where(SharedRecord::is_settled);
        settled.iter().map(|record| record.lock().clone()).collect()
    }

    /// Waits until no request is between its head and the end of its answer, so that the records do
    /// not change any more; false if the time is up before.
    pub fn wait_idle(&self, timeout: Duration) -> bool {
        self.state.underway.wait_none(timeout)
    }

    /// The callback URLs tried so far, oldest first.
    pub fn callbacks(&self) -> Vec<CallbackRecord> {
        self.state.callbacks.to_vec()
    }

    /// Like [`callbacks`](Emulator::callbacks), and forgets them.
    pub fn take_callbacks(&self) -> Vec<CallbackRecord> {
        self.state.callbacks.take()
    }

    /// What shall go wrong, and what has.
    pub fn faults(&self) -> &Faults {
        &self.state.faults
    }

    /// Stops listening: new connections are refused by the operating system. Those that exist go on.
    pub fn pause_listening(&self) -> io::Result<()> {
        self.door.set_open(false)
    }

    /// Listens again, at the same address.
    pub fn resume_listening(&self) -> io::Result<()> {
        self.door.set_open(true)
    }

    /// A stored object.
    pub fn object(&self, bucket: &str, key: &str) -> Option<StoredObject> {
        self.state.store.object(bucket, key).map(|object| (*object).clone())
    }

    /// The multipart uploads that are neither completed nor aborted, by bucket, key and id.
    pub fn multipart_uploads(&self) -> Vec<MultipartUpload> {
        self.state.store.multipart_uploads()
    }

    /// Gives this id to the next multipart upload, so that recorded requests can be sent again: their
    /// signatures cover the id. Several are used up one by one. False, and without effect, unless it has
    /// 32 uppercase hex digits, as every one has.
    pub fn give_next_upload_id(&self, id: &str) -> bool {
        self.state.identifiers.give_next_upload_id(id)
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
        let fault = CallbackFault::Fail { message: message.into(), ec: ec.into() };
        self.expect(Fault::new(FaultKind::Callback(fault)));
    }

    /// Carries the next request for this operation out, then ends the connection without an answer:
    /// the client cannot know what has become of it.
    ///
    /// This and the other short cuts add a [fault](Emulator::faults) for one request.
    pub fn lose_next_answer_to(&self, operation: Operation) {
        let close = WireFault::Close { at: Position::Head(0) };
        self.expect(Fault::new(FaultKind::Answer(close)).on(operation));
    }

    /// Answers the next request for this operation with an error document, without carrying it out.
    /// A status that no error can have counts as 500.
    pub fn fail_next(&self, operation: Operation, status: u16, code: impl Into<String>) {
        self.expect_error(operation, status, code.into(), When::Before);
    }

    /// Like [`fail_next`](Emulator::fail_next), but carries the request out before. If that fails,
    /// the answer tells why.
    pub fn fail_next_after_carrying_out(
        &self,
        operation: Operation,
        status: u16,
        code: impl Into<String>,
    ) {
        self.expect_error(operation, status, code.into(), When::After);
    }

    fn expect_error(&self, operation: Operation, status: u16, code: String, when: When) {
        let error = |status, code| {
            Fault::new(FaultKind::Error { status, code, message: None, retry_after: None, when })
                .on(operation)
        };
        let fault = error(status, code.clone());
        self.expect(if fault.check().is_ok() { fault } else { error(500, code) });
    }

    /// Adds a fault that fits every emulator, unless there are thousands already.
    fn expect(&self, fault: Fault) {
        if let Err(error) = self.state.faults.add(fault) {
            self.state.log.line(&error.to_string());
        }
    }

    /// Moves the emulator's clock against the system's.
    pub fn set_clock_offset_seconds(&self, seconds: i64) {
        self.state.clock.set_offset_seconds(seconds);
    }
}

/// Whether a request can be about each bucket, and come to or ask for each host.
fn check_names(options: &Options) -> Result<(), String> {
    let of_cnames = options.cnames.iter().map(|cname| &cname.bucket);
    for bucket in options.buckets.iter().map(|bucket| &bucket.name).chain(of_cnames) {
        check_bucket_name(bucket).map_err(|_| {
            format!(
                "bucket {bucket}: a name has 3 to 63 lowercase letters, digits and -, and no - at \
                 its ends"
            )
        })?;
    }
    let of_callbacks = options.callback_hosts.iter().map(|known| &known.host);
    let mut hosts = options.cnames.iter().map(|cname| &cname.host).chain(of_callbacks);
    match hosts.find(|host| !is_host_name(host)) {
        Some(host) => Err(format!("host {host}: a host is a name without scheme and port")),
        None => Ok(()),
    }
}

/// With a data directory the key lies in it; `_` is in no bucket's name.
fn signing_key(options: &Options) -> Result<SigningKey, String> {
    let bits = options.callback_rsa_bits;
    match &options.storage {
        Storage::Directory(path) => {
            SigningKey::load_or_generate(&path.join("callback_private_key.pem"), bits, &options.log)
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
