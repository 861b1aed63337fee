//! What a receiver answers, right or wrong.

use std::time::Duration;

/// An answer to a callback. It need not be correct HTTP: the ways in which it can be wrong are those
/// that the service reports (spec: callback.md 8.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers besides Content-Length.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
    /// What Content-Length says.
    pub content_length: ContentLength,
    /// Time between the callback and the answer.
    pub delay: Duration,
    /// Time between the head and the body of the answer.
    pub body_delay: Duration,
    /// Sent instead of all the above, except the delay; empty closes the connection without an
    /// answer.
    pub raw: Option<Vec<u8>>,
}

/// What the Content-Length of an answer says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ContentLength {
    /// The truth.
    #[default]
    Actual,
    /// Nothing: the header is left out.
    Omitted,
    /// This text.
    Text(String),
}

impl Default for Answer {
    /// What the documents answer: 200 and `{"Status":"OK"}`.
    fn default() -> Answer {
        Answer::json(r#"{"Status":"OK"}"#)
    }
}

impl Answer {
    /// 200 with a JSON body, which is not checked.
    pub fn json(body: impl Into<Vec<u8>>) -> Answer {
        Answer {
            status: 200,
            headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
            body: body.into(),
            content_length: ContentLength::Actual,
            delay: Duration::ZERO,
            body_delay: Duration::ZERO,
            raw: None,
        }
    }

    /// 200 with an XML body, which is not checked.
    pub fn xml(body: impl Into<Vec<u8>>) -> Answer {
        let headers = vec![("Content-Type".to_owned(), "application/xml".to_owned())];
        Answer { headers, ..Answer::json(body) }
    }

    /// Another status, with a JSON body.
    pub fn status(status: u16) -> Answer {
        Answer { status, ..Answer::default() }
    }

    /// Closes the connection without an answer.
    pub fn close() -> Answer {
        Answer::raw("")
    }

    /// Sends these bytes and closes the connection.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Answer {
        Answer { raw: Some(bytes.into()), ..Answer::default() }
    }

    /// JSON one byte longer than the service takes.
    pub fn oversized() -> Answer {
        Answer::json(format!("\"{}\"", "a".repeat((1 << 20) - 1)))
    }

    /// The same answer with a UTF-8 BOM in front of the body.
    #[must_use]
    pub fn with_bom(mut self) -> Answer {
        self.body.splice(..0, *b"\xEF\xBB\xBF");
        self
    }

    /// The same answer without Content-Length.
    #[must_use]
    pub fn without_content_length(self) -> Answer {
        Answer { content_length: ContentLength::Omitted, ..self }
    }

    /// The same answer with this text as Content-Length.
    #[must_use]
    pub fn with_content_length(self, text: impl Into<String>) -> Answer {
        Answer { content_length: ContentLength::Text(text.into()), ..self }
    }

    /// The same answer with another header.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Answer {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The same answer after this time.
    #[must_use]
    pub fn after(self, delay: Duration) -> Answer {
        Answer { delay, ..self }
    }

    /// The same answer with this time between head and body.
    #[must_use]
    pub fn with_body_after(self, body_delay: Duration) -> Answer {
        Answer { body_delay, ..self }
    }

    /// Head and body as they go over the wire.
    pub(super) fn bytes(&self) -> (Vec<u8>, &[u8]) {
        if let Some(raw) = &self.raw {
            return (raw.clone(), &[]);
        }
        let mut head = format!("HTTP/1.1 {} Answer\r\nConnection: close\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        match &self.content_length {
            ContentLength::Actual => {
                head.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
            }
            ContentLength::Omitted => {}
            ContentLength::Text(text) => head.push_str(&format!("Content-Length: {text}\r\n")),
        }
        head.push_str("\r\n");
        (head.into_bytes(), &self.body)
    }
}
