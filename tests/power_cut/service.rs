//! What the service has at each moment: it has no part in the power cut of the gateway.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Result};
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ossbind_emulator::{Emulator, Log, Options, Receiver, ReceiverOptions, Storage};

use crate::disk::{Event, Recorder};
use crate::support::local_oss::LocalOss;

/// A local OSS and an application server at addresses that stay, since they are written to the disk.
pub struct Service {
    folder: PathBuf,
    address: SocketAddr,
    callback_address: SocketAddr,
}

impl Service {
    pub fn new(folder: PathBuf) -> Self {
        // An address of this process alone, so that nobody takes the port between two starts.
        let [.., high, low] = std::process::id().to_be_bytes();
        let address = SocketAddr::from(([127, 1, high, low], 0));
        Self { folder, address, callback_address: address }
    }

    /// Starts it for the first time. Each request is a moment, which is kept and noted before its answer goes out.
    pub fn start(&mut self, recorder: Recorder) -> LocalOss {
        let moments = Mutex::new(Moments { folder: self.folder.clone(), count: 1 });
        let log = Log::Sink(Arc::new(move |_| {
            let mut moments = moments.lock().unwrap_or_else(PoisonError::into_inner);
            recorder.note(Event::Service(moments.keep()));
        }));
        let oss = self.start_with(Options { log, ..Options::default() });
        link_all(&self.live(), &self.folder.join("0")).expect("nobody changes it yet");
        self.address = oss.emulator.address();
        self.callback_address = oss.receiver.address();
        oss
    }

    /// Starts it with what it had at a moment; 0 is the start.
    pub fn start_as_at(&self, moment: usize) -> LocalOss {
        let _ = fs::remove_dir_all(self.live());
        link_all(&self.folder.join(moment.to_string()), &self.live()).expect("a moment is kept");
        self.start_with(Options::default())
    }

    fn start_with(&self, options: Options) -> LocalOss {
        let storage = Storage::Directory(self.live());
        let options = Options { address: self.address, storage, ..options };
        let emulator = Emulator::start(options).expect("the address is free");
        let receiver = Receiver::start(ReceiverOptions {
            address: self.callback_address,
            key_url_prefixes: vec![emulator.public_key_url()],
            ..ReceiverOptions::default()
        });
        LocalOss { emulator, receiver: receiver.expect("the address is free") }
    }

    fn live(&self) -> PathBuf {
        self.folder.join("live")
    }
}

/// Copies of what the service has.
struct Moments {
    folder: PathBuf,
    count: usize,
}

impl Moments {
    /// Gives the number of the copy. Other requests may change something meanwhile.
    fn keep(&mut self) -> usize {
        let (live, copy) = (self.folder.join("live"), self.folder.join(self.count.to_string()));
        loop {
            let _ = fs::remove_dir_all(&copy);
            let before = list(&live).expect("the folder of the service is readable");
            if link_all(&live, &copy).is_ok() && list(&live).is_ok_and(|after| after == before) {
                self.count += 1;
                return self.count - 1;
            }
        }
    }
}

type Listing = BTreeMap<PathBuf, (u64, u64)>;

/// All files with their inodes and sizes; none is changed in place once it has its last name.
fn list(folder: &Path) -> Result<Listing> {
    let mut listing = Listing::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => listing.extend(list(&path)?),
            Ok(metadata) => drop(listing.insert(path, (metadata.ino(), metadata.size()))),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(listing)
}

fn link_all(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let copy = to.join(path.file_name().expect("an entry has a name"));
        if path.is_dir() { link_all(&path, &copy)? } else { fs::hard_link(&path, &copy)? }
    }
    Ok(())
}
