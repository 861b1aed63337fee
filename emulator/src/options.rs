//! How an emulator is set up.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::auth::AccessKey;
use crate::callback::CallbackHost;
use crate::exchange::Cors;
use crate::faults::Fault;
use crate::log::Log;
use crate::protocol::Cname;
use crate::storage::{Bucket, Storage};
use crate::tls::TlsIdentity;

/// Everything an [`Emulator`](crate::Emulator) can be told at its start.
#[derive(Clone, Debug)]
pub struct Options {
    /// Address to listen on; port 0 takes any free port.
    pub address: SocketAddr,
    /// Region id, as it stands in V4 scopes (`cn-hangzhou`, not `oss-cn-hangzhou`). With the id of a
    /// CloudBox (`cb-…`) the emulator is that, and scopes have the product `oss-cloudbox`.
    pub region: String,
    /// The keys that may sign.
    pub access_keys: Vec<AccessKey>,
    /// The buckets that exist from the start; clients can make and remove some.
    pub buckets: Vec<Bucket>,
    /// Custom domains, each bound to one bucket.
    pub cnames: Vec<Cname>,
    /// Where object contents go.
    pub storage: Storage,
    /// Time for the whole callback exchange; the service allows 5 s.
    pub callback_timeout: Duration,
    /// Size of the RSA key that signs callbacks; the service uses 512 bits.
    pub callback_rsa_bits: usize,
    /// URL announced in `x-oss-pub-key-url`; by default the emulator's own.
    pub public_key_url: Option<String>,
    /// Refuse callbacks to private addresses, as the service does.
    pub refuse_private_addresses: bool,
    /// Hosts whose callbacks go to another address than that of their name, so that a client can be
    /// tried with the callback URLs it will have later.
    pub callback_hosts: Vec<CallbackHost>,
    /// Shifts the emulator's clock against the system's.
    pub clock_offset_seconds: i64,
    /// How long a client may stay silent inside a request body.
    pub idle_timeout: Duration,
    /// Serve https with this certificate.
    pub tls: Option<TlsIdentity>,
    /// Which web pages may talk to the emulator.
    pub cors: Cors,
    /// Where the line about each request goes.
    pub log: Log,
    /// What shall go wrong from the start; more can be [added](crate::Emulator::faults) later.
    pub faults: Vec<Fault>,
    /// Address of the control endpoint, with which other programs add faults and look at records.
    /// Whoever reaches it may do so; port 0 takes any free port.
    pub control: Option<SocketAddr>,
    /// Host names under which the control endpoint is reached. It always answers to IP addresses and
    /// `localhost`; other names a web page might have made up.
    pub control_hosts: Vec<String>,
    /// How many requests, callbacks and faults are remembered, of each.
    pub record_limit: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            region: "cn-hangzhou".to_owned(),
            access_keys: vec![
                AccessKey::new("ak", "sk"),
                AccessKey::temporary("STS.ak", "sts-sk", "token"),
            ],
            buckets: vec![Bucket::new("examplebucket")],
            cnames: Vec::new(),
            storage: Storage::Memory,
            callback_timeout: Duration::from_secs(5),
            callback_rsa_bits: 512,
            public_key_url: None,
            refuse_private_addresses: false,
            callback_hosts: Vec::new(),
            clock_offset_seconds: 0,
            idle_timeout: Duration::from_secs(60),
            tls: None,
            cors: Cors::AnyOrigin,
            log: Log::None,
            faults: Vec::new(),
            control: None,
            control_hosts: Vec::new(),
            record_limit: 10_000,
        }
    }
}
