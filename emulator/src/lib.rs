//! A local OSS: it verifies request signatures, stores objects and delivers signed upload
//! callbacks, so that programs which upload to Alibaba Cloud OSS can be tried without the cloud.
//!
//! It knows uploads in one request, in parts, piece by piece and by form, copies, links, downloads,
//! removal and lists; signatures V1 and V4 in the header, in the URL and in forms; and what browsers ask
//! before a web page may do any of that. [`Operation::help`] lists what can be asked for, and how; all else is refused.
//!
//! [`Emulator`] is the service, [`Receiver`] the application server that callbacks go to. Both run
//! on threads of their own behind a synchronous face and stop when they are dropped.
//!
//! ```
//! use ossbind_emulator::{Emulator, Options, Receiver};
//!
//! let emulator = Emulator::start(Options::default())?;
//! let receiver = Receiver::for_emulator(&emulator)?;
//! println!("upload to {}, call back {}", emulator.endpoint(), receiver.url("/cb"));
//! // ... upload ...
//! assert!(emulator.object("examplebucket", "a.txt").is_none());
//! assert!(receiver.received().is_empty());
//! # Ok::<(), ossbind_emulator::StartError>(())
//! ```
//!
//! Tests can look behind the answers: [`Emulator::requests`] tells what was asked, stored and
//! answered, [`Emulator::object`] and [`Emulator::multipart_uploads`] show what there is.
//!
//! # Faults
//!
//! Tests can ask for everything that goes wrong between a client and a service far away: connections
//! that are refused, reset, stalled or slow, at any byte; answers that are late, lost, cut off, too long
//! or no HTTP; errors, wrong clocks, wrong checksums, expired tokens; callbacks and TLS handshakes that
//! fail. A [`Fault`] says what, for which requests, and how often, in Rust or [as text](Fault::help).
//!
//! ```
//! use ossbind_emulator::{Emulator, Options};
//!
//! let emulator = Emulator::start(Options::default())?;
//! let faults = emulator.faults();
//! let reset = faults.add("reset-request at=64k operation=UploadPart part=2")?;
//! faults.add("error status=503 retry-after=1 operation=UploadPart times=3")?;
//! faults.add("close-answer at=0 operation=CompleteMultipartUpload")?;
//! // ... a multipart upload that copes with all of them ...
//! # assert_eq!(reset.happened(), 0);
//! for request in emulator.requests() {
//!     println!("{:?}: {:?}, {:?}", request.operation, request.faults, request.answer);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Of the faults that fit a request, at most one of each stage happens to it, the oldest first:
//!
//! | Stage | Faults |
//! | --- | --- |
//! | the connection is made | [`Refuse`](FaultKind::Refuse), [`Tls`](FaultKind::Tls) |
//! | the signature is checked | [`Clock`](FaultKind::Clock) |
//! | the body arrives | [`Request`](FaultKind::Request) |
//! | its content | [`Damage`](FaultKind::Damage) |
//! | before the work, and after it | [`Delay`](FaultKind::Delay), one of each |
//! | what is said of the work | [`Error`](FaultKind::Error), [`Page`](FaultKind::Page), [`ExpiredToken`](FaultKind::ExpiredToken) |
//! | the callback | [`Callback`](FaultKind::Callback) |
//! | the answer itself | [`WrongCrc`](FaultKind::WrongCrc), [`OversizedBody`](FaultKind::OversizedBody), [`OversizedHead`](FaultKind::OversizedHead) |
//! | the answer goes out | [`Answer`](FaultKind::Answer), [`Garbage`](FaultKind::Garbage) |
//!
//! A request whose signature is wrong, or whose bucket does not exist, meets none but those of its
//! connection and clock; of a form the signature does not matter, since it is in the body. Programs of other languages add faults through
//! [`Options::control`].
//!
//! The rules implemented here are written down a second time in the `ossbind` library, from the same
//! description of the protocol but without shared code: each checks the other. Comments cite that
//! description as "spec: page section".

mod auth;
mod background;
mod callback;
mod clock;
mod console;
mod control;
mod documents;
mod emulator;
mod error;
mod exchange;
mod faults;
mod identifier;
mod log;
mod operations;
mod options;
mod pacer;
mod percent;
mod protocol;
mod receiver;
mod records;
mod server;
mod storage;
mod tls;
mod wire;

pub use auth::AccessKey;
pub use callback::CallbackHost;
pub use emulator::{Emulator, StartError};
pub use exchange::Cors;
pub use faults::{
    CallbackFault, Fault, FaultError, FaultHandle, FaultKind, FaultStatus, Faults, Position,
    TlsFault, When, WireFault,
};
pub use log::Log;
pub use options::Options;
pub use protocol::{Cname, Operation, SignatureVersion};
pub use receiver::{Answer, ContentLength, ReceivedCallback, Receiver, ReceiverOptions};
pub use records::{
    AnswerFate, AppliedFault, CallbackAnswer, CallbackOutcome, CallbackRecord, CallbackResult,
    CallbackTimes, FaultRecord, RequestRecord, RequestTimes, SignatureClaim, SignatureMismatch,
    SignaturePlace, StoredContent,
};
pub use storage::{Bucket, MultipartUpload, Storage, StoredObject, UploadedPart, Versioning};
pub use tls::{SelfSigned, TlsAuthority, TlsIdentity};
