//! A page of a list in the order of keys, with folders.

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Selection<'a> {
    /// What the keys start with.
    pub(crate) prefix: &'a str,
    /// What ends the name of a folder; empty for a list without folders.
    pub(crate) delimiter: &'a str,
    /// The key or the folder that the page before ended with.
    pub(crate) after: &'a str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry<T> {
    Item(T),
    /// All keys that start so.
    Folder(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page<T> {
    pub(crate) entries: Vec<Entry<T>>,
    /// Whether there is more than this.
    pub(crate) is_truncated: bool,
}

impl Selection<'_> {
    /// The folder that a key is in: up to the first delimiter after the prefix.
    fn folder<'k>(&self, key: &'k str) -> Option<&'k str> {
        let rest = key.strip_prefix(self.prefix).filter(|_| !self.delimiter.is_empty())?;
        let end = self.prefix.len() + rest.find(self.delimiter)? + self.delimiter.len();
        Some(&key[..end])
    }

    /// Takes the first `limit` of those that have the prefix and come after the page before. A folder
    /// counts as one, and is there once: not again on the page that goes on behind it.
    pub(super) fn page<K: AsRef<str>, T>(
        &self,
        sorted: impl Iterator<Item = (K, T)>,
        limit: usize,
    ) -> Page<T> {
        let mut entries = Vec::new();
        let mut latest = self.after.to_owned();
        for (key, item) in sorted {
            let folder = self.folder(key.as_ref());
            if folder == Some(latest.as_str()) {
                continue;
            }
            if entries.len() == limit {
                return Page { entries, is_truncated: true };
            }
            entries.push(match folder {
                Some(folder) => {
                    folder.clone_into(&mut latest);
                    Entry::Folder(folder.to_owned())
                }
                None => Entry::Item(item),
            });
        }
        Page { entries, is_truncated: false }
    }
}

impl<T> Page<T> {
    pub(super) fn empty() -> Page<T> {
        Page { entries: Vec::new(), is_truncated: false }
    }

    pub(crate) fn items(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Item(item) => Some(item),
            Entry::Folder(_) => None,
        })
    }

    pub(crate) fn folders(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Item(_) => None,
            Entry::Folder(folder) => Some(folder.as_str()),
        })
    }

    /// What the next page comes after; `None` when there is none.
    pub(crate) fn last(&self) -> Option<&Entry<T>> {
        self.end().filter(|_| self.is_truncated)
    }

    /// Its last entry, also on the last page.
    pub(crate) fn end(&self) -> Option<&Entry<T>> {
        self.entries.last()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(selection: &Selection<'_>, keys: &[&str], limit: usize) -> (Vec<String>, bool) {
        let page = selection.page(keys.iter().map(|key| (*key, (*key).to_owned())), limit);
        let names = page.entries.into_iter().map(|entry| match entry {
            Entry::Item(key) => key,
            Entry::Folder(folder) => format!("[{folder}]"),
        });
        (names.collect(), page.is_truncated)
    }

    #[test]
    fn a_folder_is_one_entry() {
        let keys = ["a", "b/", "b/1", "b/2", "b/c/3", "d", "e/f"];
        let folders = Selection { delimiter: "/", ..Selection::default() };
        assert_eq!(page(&Selection::default(), &keys, 9).0, keys);
        assert_eq!(page(&folders, &keys, 4).0, ["a", "[b/]", "d", "[e/]"]);
        let inside = Selection { prefix: "b/", ..folders };
        assert_eq!(page(&inside, &keys[1..5], 9).0, ["b/", "b/1", "b/2", "[b/c/]"]);
    }

    #[test]
    fn a_page_goes_on_behind_a_folder() {
        let folders = Selection { delimiter: "/", ..Selection::default() };
        let keys = ["a", "b/1", "b/2", "c"];
        assert_eq!(page(&folders, &keys, 2), (vec!["a".into(), "[b/]".into()], true));
        let behind = Selection { after: "b/", ..folders };
        assert_eq!(page(&behind, &keys[1..], 2), (vec!["c".into()], false));
        // Nothing but the rest of the folder is left.
        assert_eq!(page(&folders, &keys[..3], 2), (vec!["a".into(), "[b/]".into()], false));
    }
}
