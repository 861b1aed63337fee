//! A local OSS: it verifies request signatures, stores objects and delivers signed upload
//! callbacks, so that programs which upload to Alibaba Cloud OSS can be tried without the cloud.
//!
//! It knows uploads in one request, in parts and by form, downloads, removal and lists; signatures V1
//! and V4 in the header, in the URL and in forms; and what browsers ask before a web page may do any
//! of that. [`Operation`] names what can be asked for.
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
//! Tests can look behind the answers: [`Emulator::requests`] counts what was asked,
//! [`Emulator::object`] and [`Emulator::multipart_uploads`] show what is stored. They can ask for
//! faults, too:
//!
//! ```
//! use ossbind_emulator::{Emulator, Operation, Options};
//!
//! let emulator = Emulator::start(Options::default())?;
//! emulator.fail_next(Operation::UploadPart, 500, "InternalError");
//! emulator.lose_next_answer_to(Operation::CompleteMultipartUpload);
//! // ... a multipart upload that copes with both ...
//! let parts = emulator.requests();
//! let parts = parts.iter().filter(|request| request.operation == Some(Operation::UploadPart));
//! # assert_eq!(parts.count(), 0);
//! # Ok::<(), ossbind_emulator::StartError>(())
//! ```
//!
//! The rules implemented here are written down a second time in the `ossbind` library, from the same
//! description of the protocol but without shared code: each checks the other. Comments cite that
//! description as "spec: page section".

mod auth;
mod background;
mod callback;
mod clock;
mod control;
mod emulator;
mod error;
mod faults;
mod identifier;
mod log;
mod operations;
mod options;
mod receiver;
mod records;
mod server;
mod storage;
mod tls;
mod wire;

pub use auth::SignatureVersion;
pub use emulator::{Emulator, StartError};
pub use faults::{
    CallbackFault, Fault, FaultError, FaultHandle, FaultKind, FaultStatus, Faults, Position,
    TlsFault, When, WireFault,
};
pub use log::Log;
pub use operations::Operation;
pub use options::{AccessKey, Bucket, Cname, Cors, Options, Storage, Versioning};
pub use receiver::{Answer, ContentLength, ReceivedCallback, Receiver, ReceiverOptions};
pub use records::{
    AnswerFate, AppliedFault, CallbackOutcome, CallbackRecord, CallbackResult, FaultRecord,
    RequestRecord, StoredContent,
};
pub use storage::{MultipartUpload, StoredObject, UploadedPart};
pub use tls::{SelfSigned, TlsAuthority, TlsIdentity};
