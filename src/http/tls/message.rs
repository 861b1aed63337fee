//! What is said of a TLS error: the fact, and what to do.

use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error, InvalidMessage, PeerIncompatible};

use crate::time::Timestamp;

pub(in crate::http) fn message(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(fault) => match of_certificate(fault) {
            Ok(advice) => format!("TLS failed: {error}{advice}"),
            Err(words) => format!("TLS failed: {words}"),
        },
        _ => format!("TLS failed: {error}{}", advice(error)),
    }
}

fn advice(error: &Error) -> &'static str {
    const OLD_VERSION: &str = "; the server speaks TLS 1.1 or older only, which is broken: it must speak \
                               TLS 1.2 or 1.3";
    match error {
        // The first byte of a record is none. Of HTTP, for example.
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            "; this port does not speak TLS: give the endpoint with http://"
        }
        Error::InvalidMessage(
            InvalidMessage::HandshakePayloadTooLarge
            | InvalidMessage::CertificatePayloadTooLarge
            | InvalidMessage::MessageTooLarge,
        ) => {
            "; the server sends more than TLS clients take: let it show its own certificate and those \
             between it and the authority, and no others"
        }
        Error::InvalidMessage(_) => "; something on the way, or the server, breaks TLS",
        Error::AlertReceived(AlertDescription::ProtocolVersion)
        | Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => OLD_VERSION,
        Error::AlertReceived(
            AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity,
        )
        | Error::PeerIncompatible(_) => {
            "; the server has no cipher suite that is still safe: it must offer ECDHE with AES-GCM or \
             ChaCha20 (RSA key exchange, CBC and SHA-1 are not supported)"
        }
        Error::AlertReceived(AlertDescription::CertificateRequired) => {
            "; the server asks for a client certificate"
        }
        _ => "",
    }
}

/// What to do, or words that stand for all of the message.
fn of_certificate(fault: &CertificateError) -> Result<&'static str, String> {
    use CertificateError as Fault;
    Ok(match fault {
        Fault::NotValidYetContext { time, not_before } => {
            return Err(format!(
                "the server's certificate is not valid yet: it begins at {}, and it is {}; is the \
                 clock of this device right?",
                readable(*not_before),
                readable(*time)
            ));
        }
        Fault::ExpiredContext { time, not_after } => {
            return Err(format!(
                "the server's certificate expired at {}, and it is {}; is the clock of this device \
                 right, or has the certificate run out?",
                readable(*not_after),
                readable(*time)
            ));
        }
        Fault::NotValidYet | Fault::Expired => "; is the clock of this device right?",
        Fault::UnknownIssuer => {
            "; its authority is not among the trusted ones: name it by tls.ca_file, tls.ca_dir or \
             tls.ca_pem, or install the system's CA certificates"
        }
        Fault::BadSignature => {
            "; no trusted authority has signed it, though one has the name of its issuer: either \
             tls.ca_file is out of date, or something stands between this device and the server"
        }
        Fault::UnsupportedSignatureAlgorithmContext { .. }
        | Fault::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            // Its own words are lists of algorithms as bytes.
            return Err(
                "the server's certificate, or one that it is signed with, is signed by SHA-1, \
                        MD5 or another algorithm that is broken or unknown: it needs one that is \
                        signed by SHA-256"
                    .to_owned(),
            );
        }
        Fault::NotValidForName | Fault::NotValidForNameContext { .. } => {
            "; the certificate is for another host"
        }
        // Our own words.
        Fault::Other(fault) => return Err(fault.0.to_string()),
        _ => "",
    })
}

fn readable(time: UnixTime) -> String {
    Timestamp(time.as_secs()).iso_extended()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sha1() -> Error {
        let (signature_algorithm_id, supported_algorithms) = (Vec::new(), Vec::new());
        Error::InvalidCertificate(CertificateError::UnsupportedSignatureAlgorithmContext {
            signature_algorithm_id,
            supported_algorithms,
        })
    }

    #[test]
    fn the_advice_to_use_http_is_for_what_is_no_tls() {
        for (error, part) in [
            (Error::InvalidMessage(InvalidMessage::InvalidContentType), "with http://"),
            (Error::InvalidMessage(InvalidMessage::HandshakePayloadTooLarge), "no others"),
            (Error::InvalidMessage(InvalidMessage::CertificatePayloadTooLarge), "no others"),
            (Error::InvalidMessage(InvalidMessage::MessageTooLarge), "no others"),
            (Error::InvalidMessage(InvalidMessage::MissingData("a")), "breaks TLS"),
            (Error::AlertReceived(AlertDescription::ProtocolVersion), "TLS 1.1 or older"),
            (Error::AlertReceived(AlertDescription::HandshakeFailure), "RSA key exchange"),
            (sha1(), "signed by SHA-1"),
        ] {
            let message = message(&error);
            assert!(message.contains(part), "{message}");
            assert_eq!(message.contains("http://"), part.contains("http://"), "{message}");
        }
    }
}
