//! What happened so far in the exchange that the current thread is busy with.
//!
//! Connections outlive exchanges, and the HTTP library has no way to hand a value of one exchange
//! down to its connection. Since an exchange never leaves its thread, a thread-local does.

use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::rc::Rc;

/// Smallest amount that is worth a write of its own, unless the body ends before.
const MIN_WRITE: usize = 16 * 1024;

/// Is told of the bytes that were handed to the network.
pub(crate) trait Progress {
    /// `chunk` is the next piece of the body. An error stops the exchange.
    fn sent(&mut self, chunk: &[u8]) -> io::Result<()>;
}

/// The state of one exchange.
pub(super) struct Exchange(Rc<State>);

struct State {
    content_length: u64,
    /// Without TLS, any byte from the server is the beginning of an answer.
    plain: bool,
    url: String,
    /// The first bytes of the request itself were written.
    request_begun: Cell<bool>,
    /// Bytes of the body that were taken from the source.
    taken: Cell<u64>,
    /// The kernel has the head and all of the body.
    all_written: Cell<bool>,
    /// The server stopped listening, or answered already: nothing more is sent, but an answer
    /// may still be read.
    sending_ended: Cell<bool>,
    /// Why sending ended, when it failed.
    write_error: RefCell<Option<io::Error>>,
    tls_error: RefCell<Option<rustls::Error>>,
    /// The exchange that this one interrupts: a caller's function may start another upload.
    outer: Option<Rc<State>>,
}

thread_local! {
    static CURRENT: RefCell<Option<Rc<State>>> = const { RefCell::new(None) };
}

impl Exchange {
    pub(super) fn begin(url: &str, content_length: u64) -> Self {
        let state = CURRENT.with_borrow_mut(|current| {
            let state = Rc::new(State {
                content_length,
                plain: url.starts_with("http:"),
                url: url.to_owned(),
                request_begun: Cell::new(false),
                taken: Cell::new(0),
                all_written: Cell::new(false),
                sending_ended: Cell::new(false),
                write_error: RefCell::new(None),
                tls_error: RefCell::new(None),
                outer: current.take(),
            });
            *current = Some(Rc::clone(&state));
            state
        });
        Self(state)
    }

    pub(super) fn all_written(&self) -> bool {
        self.0.all_written.get()
    }

    pub(super) fn take_write_error(&self) -> Option<io::Error> {
        self.0.write_error.borrow_mut().take()
    }

    pub(super) fn take_tls_error(&self) -> Option<rustls::Error> {
        self.0.tls_error.borrow_mut().take()
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        CURRENT.with_borrow_mut(|current| current.clone_from(&self.0.outer));
    }
}

fn current<T>(read: impl FnOnce(&State) -> T) -> Option<T> {
    CURRENT.with_borrow(|current| current.as_deref().map(read))
}

/// Whether `uri` is that of the request, and not that of a proxy on the way to it.
pub(super) fn is_for(uri: &ureq::http::Uri) -> bool {
    current(|state| *uri == state.url.as_str()).unwrap_or(false)
}

/// The request itself is being written.
pub(super) fn note_request_begun() {
    current(|state| state.request_begun.set(true));
}

/// Proxies and TLS are through.
pub(super) fn is_request_begun() -> bool {
    current(|state| state.request_begun.get()).unwrap_or(false)
}

/// An answer is awaited, and the kernel took everything that was written before.
pub(super) fn note_flushed() {
    current(|state| {
        let whole = state.taken.get() == state.content_length && !state.sending_ended.get();
        if state.request_begun.get() && whole {
            state.all_written.set(true);
        }
    });
}

/// Writing failed. The server may have said why before it closed the connection.
pub(super) fn note_write_error(error: io::Error) {
    current(|state| {
        state.sending_ended.set(true);
        *state.write_error.borrow_mut() = Some(error);
    });
}

/// The server answered while the body was still being sent.
pub(super) fn note_early_answer() {
    current(|state| state.sending_ended.set(true));
}

pub(super) fn note_tls_error(error: rustls::Error) {
    current(|state| *state.tls_error.borrow_mut() = Some(error));
}

/// Nothing more is to be written.
pub(super) fn sending_ended() -> bool {
    current(|state| state.sending_ended.get()).unwrap_or(false)
}

/// Any byte that the server sends now is an answer that comes early.
pub(super) fn is_sending_plain_body() -> bool {
    current(|state| state.plain && state.taken.get() > 0).unwrap_or(false)
}

/// The body as the HTTP library reads it: exactly `content_length` bytes.
pub(super) struct BodyReader<'a> {
    source: &'a mut dyn Read,
    progress: &'a mut dyn Progress,
    state: Rc<State>,
}

impl<'a> BodyReader<'a> {
    pub(super) fn new(
        source: &'a mut dyn Read,
        progress: &'a mut dyn Progress,
        exchange: &Exchange,
    ) -> Self {
        Self { source, progress, state: Rc::clone(&exchange.0) }
    }

    fn fill(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let wanted = buf.len().min(MIN_WRITE);
        let mut filled = 0;
        while filled < wanted {
            match self.source.read(&mut buf[filled..]) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}

impl Read for BodyReader<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = self.state.content_length - self.state.taken.get();
        let len = buf.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        if self.state.sending_ended.get() {
            // The library has to believe that the body goes on, or it would not read the answer.
            self.state.taken.set(self.state.taken.get() + len as u64);
            return Ok(len);
        }
        let count = self.fill(&mut buf[..len])?;
        self.progress.sent(&buf[..count])?;
        self.state.taken.set(self.state.taken.get() + count as u64);
        Ok(count)
    }
}
