//! Tells whoever watches that there is something new in the records.

use std::sync::Arc;

use tokio::sync::watch;

/// Says that something has changed, not what: a slow watcher can only find more, and nobody waits
/// for it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    sender: Arc<watch::Sender<()>>,
}

impl Changes {
    pub(crate) fn note(&self) {
        // An error is that nobody watches.
        let _ = self.sender.send(());
    }

    pub(crate) fn watch(&self) -> watch::Receiver<()> {
        self.sender.subscribe()
    }
}
