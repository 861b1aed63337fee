//! The command line.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use ossbind_emulator::{AccessKey, CallbackHost, Cname, Fault, Operation};

const SESSION: &str = "\
A session, in three terminals of one folder:
  ossbind-emulator serve | tee oss.log
  ossbind-emulator receive --allow-key-url http://127.0.0.1 | tee app.log
  eval \"$(grep -h ^export oss.log app.log)\"; ossbind put photo.jpg camera/photo.jpg";

/// A local OSS that verifies signatures, stores objects and delivers upload callbacks.
#[derive(Debug, Parser)]
#[command(name = "ossbind-emulator", version, after_help = SESSION)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Be the object storage service.
    Serve(Box<ServeArguments>),
    /// Be an application server: print, verify and answer callbacks.
    Receive(ReceiveArguments),
}

#[derive(Debug, Args)]
#[command(after_long_help = Operation::help() + "\n" + &Fault::help())]
pub(crate) struct ServeArguments {
    /// Port to listen on; 0 takes any free one.
    #[arg(long, default_value_t = 9000)]
    pub(crate) port: u16,
    /// Address to listen on.
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub(crate) bind: IpAddr,
    /// Region id of V4 scopes; with cb-… a CloudBox, whose scopes have the product oss-cloudbox.
    #[arg(long, default_value = "cn-hangzhou")]
    pub(crate) region: String,
    /// A key that may sign, with a token if it is a temporary one; repeatable. Default: ak:sk and
    /// STS.ak:sts-sk:token.
    #[arg(long = "access-key", value_name = "ID:SECRET[:TOKEN]", value_parser = access_key)]
    pub(crate) access_keys: Vec<AccessKey>,
    /// A bucket that exists from the start; repeatable. Default: examplebucket.
    #[arg(long = "bucket", value_name = "NAME")]
    pub(crate) buckets: Vec<String>,
    /// Let requests about objects of this bucket need x-oss-request-payer, as if it were somebody
    /// else's; repeatable.
    #[arg(long = "requester-pays", value_name = "BUCKET")]
    pub(crate) requester_pays: Vec<String>,
    /// Keep objects in this directory instead of memory.
    #[arg(long, value_name = "DIR", conflicts_with = "discard")]
    pub(crate) data: Option<PathBuf>,
    /// Keep sizes and checksums only.
    #[arg(long)]
    pub(crate) discard: bool,
    /// Time for the whole callback exchange.
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub(crate) callback_timeout: Duration,
    /// Size of the key that signs callbacks; the service has 512.
    #[arg(long, value_name = "N", default_value_t = 512,
          value_parser = clap::value_parser!(u64).range(512..=4096))]
    pub(crate) callback_rsa_bits: u64,
    /// Announce this URL as that of the public key, for application servers that reach the emulator
    /// under another name.
    #[arg(long, value_name = "URL")]
    pub(crate) public_key_url: Option<String>,
    /// Refuse callbacks to private addresses, as the service does.
    #[arg(long)]
    pub(crate) refuse_private_addresses: bool,
    /// Send the callbacks of this host to another address than that of its name; repeatable.
    #[arg(long = "callback-host", value_name = "HOST=IP:PORT", value_parser = callback_host)]
    pub(crate) callback_hosts: Vec<CallbackHost>,
    /// Shift the clock, such as by -1h, 90min or -3600.
    #[arg(long, value_name = "[-]TIME", default_value = "0", value_parser = offset,
          allow_hyphen_values = true)]
    pub(crate) clock_offset: i64,
    /// Bind a custom domain to a bucket; repeatable.
    #[arg(long = "cname", value_name = "HOST=BUCKET", value_parser = cname)]
    pub(crate) cnames: Vec<Cname>,
    /// Serve https with a throw-away certificate, and write its CA to this file.
    #[arg(long, value_name = "CA_FILE_TO_WRITE")]
    pub(crate) tls_self_signed: Option<PathBuf>,
    /// Make the certificate for this host name or IP address as well; repeatable. Without it it is
    /// for this machine only.
    #[arg(long = "tls-name", value_name = "NAME_OR_IP", requires = "tls_self_signed")]
    pub(crate) tls_names: Vec<String>,
    /// Let web pages of this origin use the emulator, instead of any; repeatable.
    #[arg(long = "cors-origin", value_name = "ORIGIN", conflicts_with = "no_cors")]
    pub(crate) cors_origins: Vec<String>,
    /// Let no web page use the emulator, except by forms without scripts.
    #[arg(long)]
    pub(crate) no_cors: bool,
    /// Let this go wrong; repeatable. What can be said is described below.
    #[arg(long = "fault", value_name = "FAULT")]
    pub(crate) faults: Vec<Fault>,
    /// Let go wrong what this file says, one fault in each line; repeatable.
    #[arg(long = "fault-script", value_name = "FILE")]
    pub(crate) fault_scripts: Vec<PathBuf>,
    /// Let other programs add faults and look at what arrived, over HTTP on this port. Nobody is
    /// asked for a password; GET / describes it.
    #[arg(long, value_name = "[IP:]PORT", value_parser = control_address)]
    pub(crate) control: Option<SocketAddr>,
    /// Answer on the control port also to this host name; repeatable. It always answers to IP
    /// addresses and localhost.
    #[arg(long = "control-host", value_name = "NAME", requires = "control")]
    pub(crate) control_hosts: Vec<String>,
    /// Write the URL to this file once connections are accepted.
    #[arg(long, value_name = "PATH")]
    pub(crate) ready_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ReceiveArguments {
    /// Port to listen on; 0 takes any free one.
    #[arg(long, default_value_t = 9001)]
    pub(crate) port: u16,
    /// Address to listen on.
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub(crate) bind: IpAddr,
    /// Status of the answers.
    #[arg(long, default_value_t = 200)]
    pub(crate) status: u16,
    /// Body of the answers.
    #[arg(long, value_name = "JSON", default_value = r#"{"Status":"OK"}"#)]
    pub(crate) answer: String,
    /// Trust public keys whose URL starts so, besides the service's own; repeatable. The key of a
    /// local OSS is at http://HOST:PORT/-/; without a port all of the host are meant.
    #[arg(long = "allow-key-url", value_name = "PREFIX", value_parser = url_prefix)]
    pub(crate) key_url_prefixes: Vec<String>,
    /// Write the URL to this file once connections are accepted.
    #[arg(long, value_name = "PATH")]
    pub(crate) ready_file: Option<PathBuf>,
}

fn access_key(text: &str) -> Result<AccessKey, String> {
    let mut parts = text.splitn(3, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(id), Some(secret), _) if id.is_empty() || secret.is_empty() => {
            Err("id and secret must not be empty".to_owned())
        }
        (Some(id), Some(secret), None) => Ok(AccessKey::new(id, secret)),
        (Some(id), Some(secret), Some(token)) => Ok(AccessKey::temporary(id, secret, token)),
        _ => Err("expected ID:SECRET or ID:SECRET:TOKEN".to_owned()),
    }
}

fn cname(text: &str) -> Result<Cname, String> {
    let (host, bucket) = text.split_once('=').ok_or("expected HOST=BUCKET")?;
    Ok(Cname { host: host.to_owned(), bucket: bucket.to_owned() })
}

fn callback_host(text: &str) -> Result<CallbackHost, String> {
    let found =
        text.split_once('=').and_then(|(host, address)| Some((host, address.parse().ok()?)));
    let (host, address) = found.ok_or("expected HOST=IP:PORT")?;
    Ok(CallbackHost { host: host.to_owned(), address })
}

fn url_prefix(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    match rest {
        Some(host) if !host.is_empty() && !host.starts_with('/') => Ok(text.to_owned()),
        _ => Err("expected http://HOST, https://HOST, or more of a URL".to_owned()),
    }
}

/// Of this machine only, unless another is named.
fn control_address(text: &str) -> Result<SocketAddr, String> {
    let local = text.parse().map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    local.or_else(|_| text.parse()).map_err(|_| "expected PORT or IP:PORT".to_owned())
}

/// Seconds, or a time with a unit.
fn offset(text: &str) -> Result<i64, String> {
    const UNITS: [(&str, i64); 4] = [("min", 60), ("s", 1), ("h", 3600), ("d", 86_400)];
    let unit = UNITS.iter().find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, *seconds)));
    let (number, seconds) = unit.unwrap_or((text, 1));
    let offset = number.parse::<i64>().ok().and_then(|number| number.checked_mul(seconds));
    offset.ok_or_else(|| "expected seconds, or a number with s, min, h or d".to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "expected a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}
