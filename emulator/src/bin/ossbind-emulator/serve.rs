//! `ossbind-emulator serve`.

use std::error::Error;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ossbind_emulator::{
    Bucket, Cors, Emulator, Fault, Log, Options, SelfSigned, Storage, TlsIdentity,
};

use crate::arguments::ServeArguments;
use crate::exports;
use crate::ready::{EndSignals, announce};

pub(crate) fn run(arguments: ServeArguments) -> Result<(), Box<dyn Error>> {
    let signals = EndSignals::catch()?;
    let tls = match arguments.tls_self_signed {
        Some(ca_file) => Some(self_signed(&ca_file, &arguments.tls_names)?),
        None => None,
    };
    let defaults = Options::default();
    let mut options = Options {
        address: SocketAddr::new(arguments.bind, arguments.port),
        region: arguments.region,
        cnames: arguments.cnames,
        callback_timeout: arguments.callback_timeout,
        callback_rsa_bits: usize::try_from(arguments.callback_rsa_bits)?,
        public_key_url: arguments.public_key_url,
        refuse_private_addresses: arguments.refuse_private_addresses,
        callback_hosts: arguments.callback_hosts,
        clock_offset_seconds: arguments.clock_offset,
        tls,
        faults: faults(arguments.faults, &arguments.fault_scripts)?,
        control: arguments.control,
        control_hosts: arguments.control_hosts,
        log: Log::Stdout,
        ..defaults
    };
    if !arguments.access_keys.is_empty() {
        options.access_keys = arguments.access_keys;
    }
    if !arguments.buckets.is_empty() {
        options.buckets = arguments.buckets.into_iter().map(Bucket::new).collect();
    }
    let_requesters_pay(&mut options.buckets, &arguments.requester_pays)?;
    options.storage = match (arguments.data, arguments.discard) {
        (Some(directory), _) => Storage::Directory(directory),
        (None, true) => Storage::Discard,
        (None, false) => Storage::Memory,
    };
    options.cors = match (arguments.no_cors, arguments.cors_origins) {
        (true, _) => Cors::Off,
        (false, origins) if origins.is_empty() => Cors::AnyOrigin,
        (false, origins) => Cors::Origins(origins),
    };
    let (region, access_keys) = (options.region.clone(), options.access_keys.clone());
    let buckets: Vec<String> = options.buckets.iter().map(|bucket| bucket.name.clone()).collect();
    let emulator = Emulator::start(options)?;
    let exports = exports::of_service(&emulator.endpoint(), &region, &buckets, &access_keys);
    let ready_file = arguments.ready_file.as_deref();
    announce(&emulator.endpoint(), emulator.address(), &exports, ready_file)?;
    if let Some(url) = emulator.control_endpoint() {
        println!("ossbind-emulator: control on {url}");
    }
    if let Some(url) = emulator.console_url() {
        println!("ossbind-emulator: console on {url}");
    }
    signals.wait();
    Ok(())
}

fn let_requesters_pay(buckets: &mut [Bucket], names: &[String]) -> Result<(), String> {
    for name in names {
        let bucket = buckets.iter_mut().find(|bucket| bucket.name == *name);
        let bucket = bucket.ok_or_else(|| {
            format!("--requester-pays {name}: there is no such bucket; say --bucket {name} as well")
        })?;
        bucket.requester_pays = true;
    }
    Ok(())
}

/// Those of the command line, then those of the scripts.
fn faults(mut faults: Vec<Fault>, scripts: &[PathBuf]) -> Result<Vec<Fault>, Box<dyn Error>> {
    for path in scripts {
        let named = |error: &dyn Error| format!("{}: {error}", path.display());
        let script = std::fs::read_to_string(path).map_err(|error| named(&error))?;
        faults.extend(Fault::script(&script).map_err(|error| named(&error))?);
    }
    Ok(faults)
}

/// A certificate for the names under which a server is reached from this machine, and for others.
fn self_signed(ca_file: &Path, others: &[String]) -> Result<TlsIdentity, Box<dyn Error>> {
    let mut names = vec!["localhost", "*.localhost", "127.0.0.1", "::1"];
    names.extend(others.iter().map(String::as_str));
    let made = SelfSigned::generate(&names)?;
    std::fs::write(ca_file, made.ca_pem)?;
    Ok(made.identity)
}
