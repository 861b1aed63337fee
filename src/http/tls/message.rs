//! Why TLS failed: the fact, and what to do.

use std::io::ErrorKind;

use rustls::pki_types::UnixTime;
use rustls::{
    AlertDescription, CertificateError as Fault, Error as TlsError, InvalidMessage,
    PeerIncompatible, PeerMisbehaved,
};

use crate::time::Timestamp;

pub(super) const NO_TLS: &str =
    "TLS failed: this port does not speak TLS: give the endpoint with http://";
const OLD_VERSION: &str =
    "; the server speaks only TLS 1.1 or older, which is not safe: it must speak TLS 1.2 or 1.3";
const NO_CIPHER: &str = "; the server has no cipher suite in common with this library, which takes \
                         TLS 1.3, or TLS 1.2 with ECDHE and AES-GCM or ChaCha20-Poly1305: RSA key \
                         exchange, CBC and SHA-1 are not safe";
const TOO_LONG: &str = "; the server sends more than TLS clients take: let it show its own certificate \
                        and those between it and the authority, and no others";

/// An error that is none of TLS itself.
pub(super) fn handshake_message(host: &str, error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => {
            format!("{host} closed the connection during the TLS handshake")
        }
        _ => format!("the TLS handshake with {host}: {error}"),
    }
}

pub(in crate::http) fn message(error: &TlsError) -> String {
    let advice = match error {
        TlsError::InvalidCertificate(fault) => return certificate_message(error, fault),
        TlsError::AlertReceived(AlertDescription::CertificateRequired) => {
            "; the server asks for a client certificate"
        }
        TlsError::AlertReceived(AlertDescription::ProtocolVersion)
        | TlsError::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => OLD_VERSION,
        TlsError::AlertReceived(
            AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity,
        )
        | TlsError::PeerIncompatible(_)
        | TlsError::PeerMisbehaved(PeerMisbehaved::SelectedUnofferedCipherSuite) => NO_CIPHER,
        TlsError::InvalidMessage(
            InvalidMessage::HandshakePayloadTooLarge
            | InvalidMessage::CertificatePayloadTooLarge
            | InvalidMessage::MessageTooLarge,
        ) => TOO_LONG,
        TlsError::InvalidMessage(_) => "; something on the way, or the server, breaks TLS",
        _ => "",
    };
    format!("TLS failed: {error}{advice}")
}

fn certificate_message(error: &TlsError, fault: &Fault) -> String {
    let advice = match fault {
        Fault::NotValidYetContext { time, not_before } => {
            return format!(
                "TLS failed: the server's certificate is not valid yet: it begins at {}, and it is \
                 {}; is the clock of this device right?",
                readable(*not_before),
                readable(*time)
            );
        }
        Fault::ExpiredContext { time, not_after } => {
            return format!(
                "TLS failed: the server's certificate expired at {}, and it is {}; is the clock of \
                 this device right, or has the certificate run out?",
                readable(*not_after),
                readable(*time)
            );
        }
        Fault::NotValidYet | Fault::Expired => "; is the clock of this device right?",
        Fault::UnknownIssuer => {
            "; its authority is not among the trusted ones: name it, whose certificate must say \
             CA:TRUE, or the server's own certificate, by tls.ca_file, tls.ca_dir or tls.ca_pem, or \
             install the system's CA certificates"
        }
        Fault::BadSignature => {
            "; no trusted authority has signed it, though one has the name of its issuer: either \
             tls.ca_file is out of date, or something stands between this device and the server"
        }
        Fault::NotValidForNameContext { presented, .. } if presented.is_empty() => {
            "; the certificate names no host: it needs a subjectAltName, since its common name does \
             not count"
        }
        Fault::NotValidForName | Fault::NotValidForNameContext { .. } => {
            "; the certificate is for another host"
        }
        Fault::UnsupportedSignatureAlgorithmContext { .. }
        | Fault::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            // Its own words are lists of algorithms as bytes.
            return "TLS failed: a certificate of the server is signed with SHA-1, MD5 or another \
                    algorithm that is broken or unknown: it needs one that is signed with SHA-256"
                .to_owned();
        }
        Fault::Other(fault) => {
            return match fault.0.downcast_ref() {
                Some(fault) => format!("TLS failed: {}", chain_message(fault)),
                // Our own words.
                None => format!("TLS failed: {}", fault.0),
            };
        }
        _ => "",
    };
    format!("TLS failed: {error}{advice}")
}

fn chain_message(fault: &webpki::Error) -> String {
    use webpki::Error as Fault;
    match fault {
        Fault::CaUsedAsEndEntity => {
            "the server shows the certificate of an authority (CA:TRUE) as \
                                     its own: to trust exactly this one, name it by tls.ca_file"
                .to_owned()
        }
        Fault::MaximumPathDepthExceeded
        | Fault::MaximumPathBuildCallsExceeded
        | Fault::MaximumSignatureChecksExceeded => {
            format!("the server's chain of certificates is too long to be checked ({fault})")
        }
        _ => fault.to_string(),
    }
}

fn readable(time: UnixTime) -> String {
    Timestamp(time.as_secs()).iso_extended()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sha1() -> TlsError {
        let (signature_algorithm_id, supported_algorithms) = (Vec::new(), Vec::new());
        TlsError::InvalidCertificate(Fault::UnsupportedSignatureAlgorithmContext {
            signature_algorithm_id,
            supported_algorithms,
        })
    }

    #[test]
    fn no_fault_of_tls_ends_in_the_advice_to_do_without() {
        for (error, part) in [
            (TlsError::InvalidMessage(InvalidMessage::HandshakePayloadTooLarge), "no others"),
            (TlsError::InvalidMessage(InvalidMessage::CertificatePayloadTooLarge), "no others"),
            (TlsError::InvalidMessage(InvalidMessage::MessageTooLarge), "no others"),
            (TlsError::InvalidMessage(InvalidMessage::MissingData("a")), "breaks TLS"),
            (TlsError::AlertReceived(AlertDescription::ProtocolVersion), "TLS 1.1 or older"),
            (TlsError::AlertReceived(AlertDescription::HandshakeFailure), "RSA key exchange"),
            (sha1(), "signed with SHA-1"),
        ] {
            let message = message(&error);
            assert!(message.contains(part), "{message}");
            assert!(!message.contains("http://"), "{message}");
        }
    }
}
