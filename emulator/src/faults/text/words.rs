//! The text of a fault, while it is written.

use super::tokens::quoted;
use super::values::Form;

/// A name and the parameters that follow it.
pub(super) struct Words(String);

impl Words {
    pub(super) fn new(name: &str) -> Words {
        Words(name.to_owned())
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }

    pub(super) fn add(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value {
            self.0.push_str(&format!(" {name}={}", quoted(&value)));
        }
    }

    pub(super) fn needed<T>(mut self, name: &str, form: &Form<T>, value: &T) -> Words {
        self.add(name, Some((form.write)(value)));
        self
    }

    pub(super) fn optional<T>(mut self, name: &str, form: &Form<T>, value: &Option<T>) -> Words {
        self.add(name, value.as_ref().map(form.write));
        self
    }

    pub(super) fn or_default<T: Default + PartialEq>(
        mut self,
        name: &str,
        form: &Form<T>,
        value: &T,
    ) -> Words {
        self.add(name, (*value != T::default()).then(|| (form.write)(value)));
        self
    }
}
