//! What a call was about, for messages and support tickets.

use super::{Error, Status};
use crate::text::quoted;

/// Nothing of it is secret: URLs are without their queries.
#[derive(Debug, Clone, Default)]
pub(crate) struct Subject {
    pub(crate) bucket: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) endpoint: Option<String>,
    /// Whose hosts have a name for each bucket.
    pub(crate) is_public_service: bool,
    pub(crate) region: Option<String>,
    pub(crate) access_key_id: Option<String>,
    pub(crate) callback_url: Option<String>,
    /// Method and URL of the last request.
    pub(crate) request: Option<(String, String)>,
    /// What the last answer says of the time.
    pub(crate) server_time: Option<String>,
}

impl Error {
    /// Says what the call was about, also in the message when OSS has left it out there.
    pub(crate) fn about(self, subject: Subject) -> Self {
        let mut error = match subject.left_out(&self) {
            Some(remark) => self.with_remark(&remark),
            None => self,
        };
        error.0.subject = subject;
        error
    }

    pub(crate) fn subject(&self) -> &Subject {
        &self.0.subject
    }
}

impl Subject {
    fn left_out(&self, error: &Error) -> Option<String> {
        let is_of_callback = error.status() == Status::CallbackFailed
            || error.http_status().is_some()
                && error.ec().is_some_and(|ec| ec.starts_with("0007-"));
        let region = self.region.as_ref().filter(|_| is_of_region(error));
        match error.code() {
            _ if is_of_callback => {
                Some(format!("the callback URL is {}", self.callback_url.as_ref()?))
            }
            Some("NoSuchBucket") => {
                let (bucket, endpoint) = (self.bucket.as_ref()?, self.endpoint.as_ref()?);
                Some(format!("the bucket is {} at endpoint {endpoint}", quoted(bucket)))
            }
            Some("InvalidAccessKeyId") => {
                Some(format!("the access key id is {}", quoted(self.access_key_id.as_ref()?)))
            }
            _ if self.has_unknown_host(error) => Some(
                "its name is made of bucket and endpoint; a server without such names needs path style \
                 (OSSBIND_CLIENT_PATH_STYLE)"
                    .to_owned(),
            ),
            _ => Some(format!(
                "the region of the signature is {}: set region, or OSS_REGION, to that of the bucket",
                quoted(region?)
            )),
        }
    }

    /// A server of one's own that has a name, but none for each bucket.
    fn has_unknown_host(&self, error: &Error) -> bool {
        let (Some(bucket), Some((_, url))) = (&self.bucket, &self.request) else {
            return false;
        };
        let host = url.split("://").nth(1).unwrap_or_default().split(['/', ':']).next();
        let host = host.and_then(|host| host.strip_prefix(bucket.as_str()));
        !self.is_public_service
            && host.is_some_and(|rest| rest.starts_with('.'))
            && error.message().contains("was not resolved")
    }
}

/// OSS names the region that it expected, and no setting.
fn is_of_region(error: &Error) -> bool {
    error.status() == Status::Service
        && error.document_element("Message").is_some_and(|message| message.contains("region"))
}
