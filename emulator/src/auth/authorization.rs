//! What a request says about its signer, wherever it says so.

use super::v4::Scope;
use super::window::Window;
use crate::protocol::SignatureVersion;
use crate::records::{SignatureClaim, SignaturePlace};

/// What a request says about its signer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authorization {
    pub(crate) access_key_id: String,
    pub(crate) signature: String,
    pub(crate) method: Method,
    pub(crate) carrier: Carrier,
}

/// Where the signature travels, which decides when it is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// In the `Authorization` header; the request is dated by another header.
    Header,
    /// In the query.
    Url(Window),
}

/// The parts that only one signature version has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    V1,
    V4 {
        scope: Scope,
        /// Lowercase and sorted.
        additional_headers: Vec<String>,
    },
}

impl Authorization {
    pub(crate) fn version(&self) -> SignatureVersion {
        match self.method {
            Method::V1 => SignatureVersion::V1,
            Method::V4 { .. } => SignatureVersion::V4,
        }
    }

    /// For the record, before anything is checked.
    pub(crate) fn claim(&self) -> SignatureClaim {
        let place = match self.carrier {
            Carrier::Header => SignaturePlace::Header,
            Carrier::Url(_) => SignaturePlace::Query,
        };
        SignatureClaim { version: self.version(), place, mismatch: None }
    }
}
