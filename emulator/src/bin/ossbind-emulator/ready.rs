//! Telling others that the server is up, and waiting for the end.

use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;

use tokio::runtime::Runtime;

/// Announces the URL on standard output, with the settings for clients, and in the ready file. The file appears complete or not at
/// all, so that scripts may wait for it. The URL is for this machine; whoever listens on all of its
/// addresses reads so.
pub(crate) fn announce(
    url: &str,
    address: SocketAddr,
    exports: &str,
    ready_file: Option<&Path>,
) -> io::Result<()> {
    if address.ip().is_unspecified() {
        println!("ossbind-emulator: listening on {url}, bound to {address}");
    } else {
        println!("ossbind-emulator: listening on {url}");
    }
    print!("{exports}");
    io::stdout().flush()?;
    if let Some(path) = ready_file {
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(".temporary");
        fs::write(&temporary, url)?;
        fs::rename(&temporary, path)?;
    }
    Ok(())
}

/// The signals that end the program. Made before the server is announced, so that none is missed.
pub(crate) struct EndSignals {
    runtime: Runtime,
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 2],
}

impl EndSignals {
    #[cfg(unix)]
    pub(crate) fn catch() -> io::Result<EndSignals> {
        use tokio::signal::unix::{SignalKind, signal};

        let runtime = runtime()?;
        let signals = {
            let _inside = runtime.enter();
            [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?]
        };
        Ok(EndSignals { runtime, signals })
    }

    #[cfg(not(unix))]
    pub(crate) fn catch() -> io::Result<EndSignals> {
        Ok(EndSignals { runtime: runtime()? })
    }

    /// Waits for SIGINT or SIGTERM.
    #[cfg(unix)]
    pub(crate) fn wait(self) {
        let EndSignals { runtime, signals: [mut interrupt, mut terminate] } = self;
        runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        });
    }

    /// Waits for Ctrl-C.
    #[cfg(not(unix))]
    pub(crate) fn wait(self) {
        // Without a handler the signal ends the program by itself.
        let _ = self.runtime.block_on(tokio::signal::ctrl_c());
    }
}

fn runtime() -> io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}
