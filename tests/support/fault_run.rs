//! Runs a cell of the fault matrix, and compares.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ossbind::credentials::{CredentialSource, Credentials, Expiration, Fetched, Limits, Provider};
use ossbind::retry::RetryPolicy;
use ossbind::signed::SignUrlRequest;
use ossbind::upload::{Destination, Source};
use ossbind::{
    Body, Callback, Client, ClientConfig, Error, HttpOptions, LowSpeed, ObjectState, TlsOptions,
    UploadError, UploadRequest, UploadResult,
};
use ossbind_emulator::{AccessKey, Answer, FaultHandle, Options, SelfSigned, Storage};

use super::fault_cells::{Cell, Kind, Settings, Size, Way};
use super::local_oss::{BUCKET, LocalOss, PATIENCE};
use super::native::out_dir;

const KEY: &str = "camera/1.jpg";
const PART_SIZE: u64 = 100 * 1024;
/// The part that faults are for.
const PART: u32 = 2;
const ANSWER: &str = "{\"seen\":1}";
/// Shorter than the stalls of the cells, and far longer than anything that goes well.
const IDLE: Duration = Duration::from_secs(1);

/// Contents, once for all cells.
pub struct Material {
    tiny: (Vec<u8>, PathBuf),
    small: (Vec<u8>, PathBuf),
    large: (Vec<u8>, PathBuf),
    identity: SelfSigned,
    ca_file: PathBuf,
}

impl Material {
    pub fn new() -> Self {
        let file = |name: &str| out_dir().join(format!("faults-{}-{name}", std::process::id()));
        let content = |name: &str, size: usize| {
            let bytes: Vec<u8> = (0..size).map(|i| (i * 31 % 251) as u8).collect();
            let path = file(name);
            std::fs::write(&path, &bytes).unwrap();
            (bytes, path)
        };
        let identity = SelfSigned::generate(&["127.0.0.1"]).unwrap();
        let ca_file = file("ca.pem");
        std::fs::write(&ca_file, &identity.ca_pem).unwrap();
        Self {
            tiny: content("tiny", 1000),
            small: content("small", 300_000),
            large: content("large", 16 << 20),
            identity,
            ca_file,
        }
    }
}

impl Drop for Material {
    fn drop(&mut self) {
        for path in [&self.tiny.1, &self.small.1, &self.large.1, &self.ca_file] {
            // What is left lies in the folder of the build.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// What a cell took.
pub struct Measured {
    pub seen: usize,
    pub took: Duration,
}

/// Gives the content in pieces.
struct Pieces<'a> {
    content: &'a [u8],
    position: usize,
    can_rewind: bool,
}

impl Source for Pieces<'_> {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        let rest = &self.content[self.position..];
        let count = rest.len().min(buf.len()).min(50_000);
        buf[..count].copy_from_slice(&rest[..count]);
        self.position += count;
        Ok(count)
    }

    fn rewind(&mut self) -> Result<bool, Error> {
        if self.can_rewind {
            self.position = 0;
        }
        Ok(self.can_rewind)
    }
}

/// Gives other keys each time.
struct Rotation(AtomicUsize);

impl Provider for Rotation {
    fn describe(&self) -> String {
        "the test".to_owned()
    }

    fn fetch(&self, _: &Limits) -> Result<Fetched, Error> {
        let (id, token) = match self.0.fetch_add(1, Ordering::Relaxed) {
            0 => ("STS.old", "old"),
            _ => ("STS.new", "new"),
        };
        let credentials = Arc::new(Credentials::new(id, "sk", Some(token))?);
        Ok(Fetched { credentials, expiration: Expiration::Never })
    }
}

/// Runs a cell and says in what it is not as expected.
pub fn run(cell: &Cell, material: &Material) -> Result<Measured, String> {
    let oss = start(cell, material);
    let fault = provoke(cell, &oss);
    let began = Instant::now();
    let outcome = upload(cell, &oss, material);
    let took = began.elapsed();
    if !oss.emulator.wait_idle(PATIENCE) {
        return Err("the emulator is not at rest".to_owned());
    }
    if fault.is_some_and(|fault| fault.happened() == 0) {
        return Err("the fault has not happened".to_owned());
    }
    let seen = requests_seen(cell, &oss);
    compare(cell, &oss, &outcome, seen, took)?;
    Ok(Measured { seen, took })
}

fn start(cell: &Cell, material: &Material) -> LocalOss {
    let mut options = Options {
        storage: Storage::Discard,
        callback_timeout: Duration::from_secs(2),
        tls: cell.settings.has_tls.then(|| material.identity.identity.clone()),
        ..Options::default()
    };
    options.access_keys.push(AccessKey::temporary("STS.old", "sk", "old"));
    options.access_keys.push(AccessKey::temporary("STS.new", "sk", "new"));
    let oss = LocalOss::with(options);
    oss.receiver.answer_with(Answer::json(ANSWER));
    oss
}

/// Arranges for what is to go wrong.
fn provoke(cell: &Cell, oss: &LocalOss) -> Option<FaultHandle> {
    let text = match cell.fault {
        "nobody-listens" => return None,
        fault if is_of_connection(fault) => fault.to_owned(),
        fault => {
            let part = if cell.way == Way::Part { format!(" part={PART}") } else { String::new() };
            format!("{fault} operation={}{part}", cell.way.operation().name())
        }
    };
    Some(oss.emulator.faults().add(text.as_str()).unwrap())
}

/// Whether it happens before there is a request.
fn is_of_connection(fault: &str) -> bool {
    fault.starts_with("refuse") || fault.starts_with("tls-")
}

fn config(oss: &LocalOss, settings: Settings, material: &Material) -> ClientConfig {
    let floor = LowSpeed { bytes_per_second: 1000, window: Duration::from_millis(800) };
    let tls = TlsOptions { ca_file: Some(material.ca_file.clone()), ..TlsOptions::default() };
    let own = oss.config();
    ClientConfig {
        http: HttpOptions {
            idle_timeout: if settings.is_patient { Duration::from_secs(20) } else { IDLE },
            tls_timeout: Duration::from_secs(2),
            low_speed: settings.has_floor.then_some(floor),
            tls: if settings.has_tls { tls } else { TlsOptions::default() },
            ..own.http
        },
        retry: RetryPolicy {
            attempts: 3,
            base_delay: Duration::from_millis(1),
            ..RetryPolicy::default()
        },
        credentials: match settings.has_renewable_keys {
            true => Some(CredentialSource::new(Rotation(AtomicUsize::new(0)))),
            false => own.credentials,
        },
        ..own
    }
}

fn upload(cell: &Cell, oss: &LocalOss, material: &Material) -> Result<UploadResult, UploadError> {
    let config = config(oss, cell.settings, material);
    let endpoint = match cell.fault {
        // A port that was free a moment ago may be that of another cell by now.
        "nobody-listens" => Some("http://127.0.0.1:1".to_owned()),
        _ => config.endpoint,
    };
    let client = Client::new(ClientConfig { endpoint, ..config }).unwrap();
    let (content, path) = match cell.settings.size {
        Size::Tiny => &material.tiny,
        Size::Small => &material.small,
        Size::Large => &material.large,
    };
    let mut pieces = Pieces { content, position: 0, can_rewind: cell.kind == Kind::Rewind };
    let length = (cell.kind != Kind::Unknown).then_some(content.len() as u64);
    let body = match cell.kind {
        Kind::Memory => Body::Memory(content),
        Kind::File => Body::file(path),
        _ => Body::Stream { source: &mut pieces, length },
    };
    let callback = Callback::new(oss.callback_url(), "object=${object}");
    let callback = cell.has_callback.then_some(&callback);
    if cell.way == Way::Bundle {
        let request =
            SignUrlRequest { bucket: BUCKET, key: KEY, callback, ..SignUrlRequest::default() };
        let bundle = client.sign_url(&request).unwrap().to_bundle().unwrap();
        let destination = Destination::Bundle { text: &bundle, key: None };
        return client.upload(limited(cell, UploadRequest::to(destination, body)));
    }
    let destination = match cell.way {
        Way::Form => Destination::Form { bucket: BUCKET, key: KEY },
        _ => Destination::Object { bucket: BUCKET, key: KEY },
    };
    let request = UploadRequest { callback, ..UploadRequest::to(destination, body) };
    client.upload(limited(cell, request))
}

/// The request with the limits of the cell, and with the sizes that bring about its operation.
fn limited<'a>(cell: &Cell, request: UploadRequest<'a>) -> UploadRequest<'a> {
    let (part_size, threshold) = match cell.way {
        way if way.is_in_parts() => (Some(PART_SIZE), Some(PART_SIZE)),
        // So that a stream of unknown length goes in one request.
        Way::Put => (Some(32 << 20), None),
        _ => (None, None),
    };
    UploadRequest {
        part_size,
        multipart_threshold: threshold,
        parallel: cell.way.is_in_parts().then_some(1),
        timeout: cell.settings.timeout,
        ..request
    }
}

/// Requests for the operation, and connections that ended before there was one.
fn requests_seen(cell: &Cell, oss: &LocalOss) -> usize {
    let operation = cell.way.operation();
    // A part that is refused before it is looked at has no number in its record.
    let number = format!("partNumber={PART}&");
    let is_meant = |target: &str| cell.way != Way::Part || target.contains(&number);
    let requests = oss.emulator.requests();
    let requests = requests
        .iter()
        .filter(|request| request.operation == Some(operation) && is_meant(&request.target));
    let records = oss.emulator.faults().records();
    requests.count() + records.iter().filter(|record| record.request_id.is_none()).count()
}

fn compare(
    cell: &Cell,
    oss: &LocalOss,
    outcome: &Result<UploadResult, UploadError>,
    seen: usize,
    took: Duration,
) -> Result<(), String> {
    let expected = &cell.outcome;
    let said = match outcome {
        Ok(_) => ("ok".to_owned(), ObjectState::Stored),
        Err(failed) => (format!("{:?}", failed.error.status()), failed.error.object_state()),
    };
    let is_stored = oss.emulator.object(BUCKET, KEY).is_some();
    let all = (said.0.as_str(), said.1, is_stored, seen);
    let wanted = (expected.status.as_str(), expected.state, expected.is_stored, expected.requests);
    let words = outcome.as_ref().map_or_else(ToString::to_string, |_| "success".to_owned());
    let is_right = |is_right: bool, what: &str| match is_right {
        true => Ok(()),
        false => Err(format!("{what}: {all:?} in {took:?}, expected {wanted:?} ({words})")),
    };
    is_right(all == wanted, "another outcome")?;
    let denies = words.contains("not stored") || words.contains("nothing was stored");
    is_right(!denies || said.1 == ObjectState::NotStored, "the message denies what may be stored")?;
    is_right(took <= expected.bound, "too long")?;
    let calls = oss.receiver.received().len();
    let is_called_back = calls == usize::from(cell.has_callback && is_stored);
    // Those that fail on the way may not arrive.
    let may_be_lost = cell.fault.starts_with("callback-") && calls == 0;
    is_right(is_called_back || may_be_lost, "called back too often, or not at all")?;
    let result = match outcome {
        Ok(result) => Some(result),
        Err(failed) => failed.result.as_deref(),
    };
    is_right(result.is_some() == (said.1 == ObjectState::Stored), "result and state differ")?;
    let is_answered = result.is_some_and(|result| result.callback_answer() == ANSWER.as_bytes());
    is_right(outcome.is_err() || is_answered == cell.has_callback, "the callback's answer")
}
