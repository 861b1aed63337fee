//! The callback of an upload: as the program describes it, encoded before, or in the headers as the
//! vendor's builders make it.

use std::borrow::Cow;

use super::UploadRequest;
use crate::callback::{Audience, Callback, EncodedCallback};
use crate::error::{Error, Result};
use crate::service::{CALLBACK, CALLBACK_VARIABLES};

impl<'a> UploadRequest<'a> {
    /// Whether the service shall call back.
    pub(super) fn has_callback(&self) -> bool {
        !self.has_no_callback_member() || self.header(CALLBACK).next().is_some()
    }

    /// Whether a callback may be among the headers.
    pub(super) fn has_no_callback_member(&self) -> bool {
        self.callback.is_none() && self.encoded_callback.is_none()
    }

    /// The callback as it travels, checked.
    pub(super) fn encode_callback(
        &self,
        audience: Audience,
    ) -> Result<Option<Cow<'a, EncodedCallback>>> {
        match (self.callback, self.encoded_callback) {
            (Some(callback), None) => Ok(Some(Cow::Owned(callback.encode(audience)?))),
            (None, Some(encoded)) => {
                let checked = encoded.check_audience(audience);
                checked.map_err(|error| error.with_field("encoded_callback"))?;
                Ok(Some(Cow::Borrowed(encoded)))
            }
            (Some(_), Some(_)) => {
                let fault = "is set together with callback; use one of them";
                Err(Error::invalid("encoded_callback", fault))
            }
            (None, None) => {
                let of_headers = self.callback_of_headers()?;
                let encoded = of_headers.map(|callback| callback.encode(audience)).transpose()?;
                Ok(encoded.map(Cow::Owned))
            }
        }
    }

    fn callback_of_headers(&self) -> Result<Option<Callback>> {
        for name in [CALLBACK, CALLBACK_VARIABLES] {
            if self.header(name).nth(1).is_some() {
                return Err(Error::invalid("headers", format!("{name} is given twice")));
            }
        }
        match (self.header(CALLBACK).next(), self.header(CALLBACK_VARIABLES).next()) {
            (None, None) => Ok(None),
            (None, Some(_)) => {
                let fault = format!("{CALLBACK_VARIABLES} is of no use without {CALLBACK}");
                Err(Error::invalid("headers", fault))
            }
            (Some(parameter), None) => Ok(Some(Callback::from_parameter(parameter))),
            (Some(parameter), Some(variables)) => {
                Ok(Some(Callback::from_parameter(parameter).variables_parameter(variables)))
            }
        }
    }

    fn header(&self, wanted: &'static str) -> impl Iterator<Item = &'a str> {
        let is_wanted = move |(name, _): &&(&str, &str)| name.eq_ignore_ascii_case(wanted);
        self.headers.iter().filter(is_wanted).map(|(_, value)| *value)
    }
}
