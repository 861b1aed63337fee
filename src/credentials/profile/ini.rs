//! Profiles in an INI file that the vendor's SDKs share.

use std::path::PathBuf;

use super::{Place, unsupported};
use crate::credentials::environment::Environment;
use crate::credentials::provider::{Expiration, Fetched, Limits, Provider, unusable};
use crate::error::Result;

/// A section of `~/.alibabacloud/credentials`.
pub struct IniProfile(Place);

impl IniProfile {
    /// The variable that names the file.
    pub(in crate::credentials) const FILE: &str = "ALIBABA_CLOUD_CREDENTIALS_FILE";

    /// A section of a file; without a name `default`.
    pub fn new(path: PathBuf, section: Option<String>) -> Self {
        Self(Place::new(path, section))
    }

    /// `ALIBABA_CLOUD_CREDENTIALS_FILE`, else `~/.alibabacloud/credentials`, and
    /// `ALIBABA_CLOUD_PROFILE`. None without a home folder.
    pub fn from_environment(environment: &Environment<'_>) -> Result<Option<Self>> {
        let place = Place::from_environment(environment, Self::FILE, ".alibabacloud/credentials")?;
        Ok(place.map(Self))
    }

    /// The section of this name in the same file, if one is given.
    pub fn named(self, section: Option<String>) -> Self {
        Self(self.0.named(section))
    }
}

impl Provider for IniProfile {
    fn describe(&self) -> String {
        self.0.describe()
    }

    fn fetch(&self, limits: &Limits) -> Result<Fetched> {
        let text = self.0.read()?;
        let name = self.0.profile.as_deref().unwrap_or("default");
        let who = self.0.describe_profile(name);
        let section =
            section(&text, name).ok_or_else(|| unusable(format!("{who}: does not exist")))?;
        let value = |name: &str| section.iter().rfind(|(n, _)| *n == name).map(|(_, value)| *value);
        match value("type").unwrap_or_default() {
            "access_key" => {
                let texts = [value("access_key_id"), value("access_key_secret"), None];
                Fetched::from_texts(&who, texts, Expiration::Never)
            }
            "ecs_ram_role" => self.0.fetch_ecs_role(value("role_name").map(str::to_owned), limits),
            "" => Err(unusable(format!("{who}: has no type"))),
            other => Err(unsupported(&who, "type", other)),
        }
    }
}

/// The names and values of a section; None when there is none of that name.
fn section<'a>(text: &'a str, name: &str) -> Option<Vec<(&'a str, &'a str)>> {
    let mut found = None;
    let mut is_inside = false;
    for line in text.trim_start_matches('\u{FEFF}').lines().map(str::trim) {
        if line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            is_inside = header.trim() == name;
            if is_inside {
                found.get_or_insert_with(Vec::new);
            }
        } else if let Some((name, value)) = line.split_once('=').filter(|_| is_inside) {
            found.get_or_insert_with(Vec::new).push((name.trim(), bare(value.trim())));
        }
    }
    found
}

/// A value without quotes, or without a comment after it.
fn bare(value: &str) -> &str {
    for quote in ['"', '\''] {
        let inner = value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        if let Some(inner) = inner {
            return inner;
        }
    }
    let end = [" #", " ;", "\t#", "\t;"].iter().filter_map(|mark| value.find(mark)).min();
    value[..end.unwrap_or(value.len())].trim_end()
}

#[cfg(test)]
mod unit_tests {
    use super::section;

    #[test]
    fn sections_and_values() {
        let text = "\u{FEFF}stray = 1\n# [default]\n[other]\na = 0\n\n[ default ]\r\n\
                    a=1\r\n b = \"two words\" \nc = 'x#y' \nd = v#w ; note\n\
                    ; e = 1\nno equals\n[other]\na = 9\n[default]\nf = 6\n";
        let values = section(text, "default").unwrap();
        let expected = [("a", "1"), ("b", "two words"), ("c", "x#y"), ("d", "v#w"), ("f", "6")];
        assert_eq!(values, expected);
        assert_eq!(section(text, "other").unwrap(), [("a", "0"), ("a", "9")]);
        assert!(section(text, "none").is_none());
        assert!(section("[empty]", "empty").unwrap().is_empty());
    }
}
