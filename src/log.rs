//! What a client tells its program while it works.
//!
//! Messages are made of an allow-list: methods, hosts, buckets, keys, paths, statuses, codes, request
//! ids, sizes and times. Never of keys, tokens, signatures, queries, headers or bodies.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::text::one_line;

/// How much a message matters. A program that asks for a level gets those before it as well.
/// The numbers are those of the C face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Something is not as it should be, and the library found a way round it.
    Warning = 1,
    /// One line for each request.
    Info = 2,
    /// One more line for each request: its connection, and what its steps took.
    Debug = 3,
}

/// Takes messages, from any thread that uses the client.
pub type LogFunction = dyn Fn(LogLevel, &str) + Send + Sync;

/// Where the messages of a client go: by default nowhere.
#[derive(Clone, Default)]
pub struct Logger(Option<(LogLevel, Arc<LogFunction>)>);

impl Logger {
    /// Messages up to `level` go to `function`.
    pub fn new(level: LogLevel, function: impl Fn(LogLevel, &str) + Send + Sync + 'static) -> Self {
        Self(Some((level, Arc::new(function))))
    }

    /// The message is made only when somebody wants it. A function that panics spoils no upload.
    pub(crate) fn log(&self, level: LogLevel, message: impl FnOnce() -> String) {
        if let Some((wanted, function)) = &self.0
            && level <= *wanted
        {
            // What a peer said may have line breaks, and must not look like lines of ours.
            let line = one_line(&message());
            let _ = catch_unwind(AssertUnwindSafe(|| function(level, &line)));
        }
    }

    pub(crate) fn warn(&self, message: impl FnOnce() -> String) {
        self.log(LogLevel::Warning, message);
    }
}

impl fmt::Debug for Logger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Logger").field(&self.0.as_ref().map(|(level, _)| level)).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn messages_are_one_line_and_functions_may_panic() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&lines);
        let logger = Logger::new(LogLevel::Info, move |_, line| {
            kept.lock().unwrap().push(line.to_owned());
            panic!("a bug of the program");
        });
        logger.warn(|| "a\r\nb\0c".to_owned());
        logger.log(LogLevel::Debug, || panic!("nobody wants it"));
        let lines = lines.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        assert_eq!(*lines, ["a\\r\\nb\\0c"]);
    }
}
