//! What a program was told by its outbox before a power cut, and what it is told afterwards.

use std::collections::BTreeMap;

/// What is known of an item that was added.
#[derive(Default)]
pub struct Promise<'a> {
    id: &'a str,
    is_held: bool,
    /// Of the receipt that the program has taken.
    pub outcome: Option<&'a str>,
    may_be_dead: bool,
    pub may_be_dropped: bool,
    /// The program has begun to do away with it.
    pub may_be_gone: bool,
}

/// By the names of the items.
pub struct Promises<'a>(BTreeMap<&'a str, Promise<'a>>);

/// What there is after a power cut.
pub struct Story<'a> {
    /// Id and state at first.
    items: BTreeMap<&'a str, (&'a str, &'a str)>,
    /// Id and outcome.
    pub receipts: BTreeMap<&'a str, (&'a str, &'a str)>,
    /// The item that was added then.
    new: &'a str,
}

impl<'a> Promises<'a> {
    pub fn of(said: &[&'a str]) -> Self {
        let mut promises = Self(BTreeMap::new());
        for line in said {
            let words: Vec<&str> = line.split(' ').collect();
            let promise = promises.0.entry(words[1]).or_default();
            match words[..] {
                ["added", _, id] => promise.id = id,
                ["held", _] => promise.is_held = true,
                ["releasing", _] => promise.is_held = false,
                ["receipt", _, _, outcome] => promise.outcome = Some(short(outcome)),
                ["acknowledging", _] if promise.outcome == Some("REFUSED") => {
                    promise.may_be_dead = true;
                }
                ["acknowledging" | "removing", _] => promise.may_be_gone = true,
                ["retrying", _] => promise.outcome = None,
                ["retried", _] => promise.may_be_dead = false,
                ["dropping", _] => {
                    promise.may_be_dropped = true;
                    promise.may_be_gone |= promise.may_be_dead;
                }
                _ => panic!("{line:?} is no promise"),
            }
        }
        promises
    }

    pub fn get(&self, name: &str) -> Option<&Promise<'a>> {
        self.0.get(name)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&&'a str, &Promise<'a>)> {
        self.0.iter()
    }
}

impl<'a> Story<'a> {
    /// An error where nothing was promised that could allow it.
    pub fn of(said: impl Iterator<Item = &'a str>) -> Result<Self, String> {
        let mut story = Self { items: BTreeMap::new(), receipts: BTreeMap::new(), new: "" };
        for line in said {
            let is_new = match line.split(' ').collect::<Vec<_>>()[..] {
                ["item", name, _, "OSSBIND_ITEM_STATE_CORRUPT"] => {
                    return Err(format!("{name} is set aside"));
                }
                ["item", name, id, state] => story.items.insert(name, (id, short(state))).is_none(),
                ["receipt", name, id, outcome] => {
                    story.receipts.insert(name, (id, short(outcome))).is_none()
                }
                ["added", name, id] => {
                    story.new = name;
                    story.items.insert(name, (id, "WAITING")).is_none()
                }
                ["acknowledging", _] | ["left", "0"] => true,
                ["left", count] => return Err(format!("{count} items come to no end")),
                _ => panic!("{line:?} is not understood"),
            };
            if !is_new {
                return Err(format!("there are two of it: {line}"));
            }
        }
        Ok(story)
    }

    pub fn has(&self, name: &str) -> bool {
        self.items.contains_key(name)
    }

    pub fn keeps(&self, promises: &Promises<'_>) -> Result<(), String> {
        for (name, promise) in promises.iter() {
            self.keeps_one(name, promise).map_err(|fault| format!("{name} {fault}"))?;
        }
        for (name, (_, state)) in &self.items {
            if *state != "DEAD" && !self.receipts.contains_key(name) {
                return Err(format!("{name} has no receipt"));
            }
        }
        for (name, (id, _)) in &self.receipts {
            if self.items.get(name).is_none_or(|(of_item, _)| of_item != id) {
                return Err(format!("{name} has a receipt with another id"));
            }
        }
        let promised = promises.iter().map(|(_, promise)| promise.id);
        let there = self.items.iter().filter(|(name, _)| **name != self.new);
        let old = promised.chain(there.map(|(_, (id, _))| *id)).map(number).max();
        match number(self.items[self.new].0) {
            new if old.is_none_or(|old| old < new) => Ok(()),
            new => Err(format!("the id {new} is given again")),
        }
    }

    fn keeps_one(&self, name: &str, promise: &Promise<'_>) -> Result<(), String> {
        let Some((id, state)) = self.items.get(name).copied() else {
            return match promise.may_be_gone {
                true => Ok(()),
                false => Err("is lost".to_owned()),
            };
        };
        if id != promise.id {
            return Err("has another id".to_owned());
        }
        if promise.is_held && state != "HELD" {
            return Err(format!("is not held but {state}"));
        }
        match (state, promise.outcome) {
            ("DEAD", _) if promise.may_be_dead => Ok(()),
            ("DEAD", _) => Err("is dead without an acknowledged receipt".to_owned()),
            (_, Some(outcome)) => match self.receipts.get(name) {
                Some((_, same)) if *same == outcome => Ok(()),
                Some((_, other)) => Err(format!("has a receipt that was {outcome} and is {other}")),
                None => Err(format!("has lost its receipt {outcome}")),
            },
            (_, None) => Ok(()),
        }
    }
}

/// A constant of the header without its prefix.
fn short(constant: &str) -> &str {
    let constant = constant.strip_prefix("OSSBIND_ITEM_STATE_").unwrap_or(constant);
    constant.strip_prefix("OSSBIND_ITEM_OUTCOME_").unwrap_or(constant)
}

fn number(id: &str) -> u64 {
    id.parse().expect("an id is a number")
}
