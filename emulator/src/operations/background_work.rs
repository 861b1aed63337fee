//! Work that takes a while.

use std::io;
use std::sync::Arc;

use crate::error::OssError;
use crate::exchange::Exchange;
use crate::exchange::state::State;

/// Does it on a thread of its own. It is not given up when the client goes away.
pub(super) async fn on_a_thread<Done: Send + 'static>(
    exchange: &Exchange,
    work: impl FnOnce(&State) -> Done + Send + 'static,
) -> Result<Done, OssError> {
    let state = Arc::clone(&exchange.state);
    let done = tokio::task::spawn_blocking(move || work(&state)).await;
    done.map_err(|error| exchange.internal_error(&io::Error::other(error)))
}
