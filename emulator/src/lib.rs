//! A local OSS: it verifies request signatures, stores objects and delivers signed upload
//! callbacks, so that programs which upload to Alibaba Cloud OSS can be tried without the cloud.
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
//! The rules implemented here are written down a second time in the `ossbind` library, from the same
//! description of the protocol but without shared code: each checks the other. Comments cite that
//! description as "spec: page section".

mod auth;
mod background;
mod callback;
mod clock;
mod emulator;
mod error;
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
pub use log::Log;
pub use operations::Operation;
pub use options::{AccessKey, Bucket, Cname, Cors, Options, Storage, Versioning};
pub use receiver::{Answer, ContentLength, ReceivedCallback, Receiver, ReceiverOptions};
pub use records::{CallbackOutcome, CallbackRecord, RequestRecord};
pub use storage::{MultipartUpload, StoredObject, UploadedPart};
pub use tls::{SelfSigned, TlsIdentity};
