//! Structs as JSON objects, for what the library keeps on the disk. It is a fifth of the code that a derive makes,
//! and code is flash.

use std::num::NonZeroU64;

use serde_json::{Map, Value};

/// A value that has a form in JSON.
pub(crate) trait Record: Sized {
    fn to_json(&self) -> Value;

    /// None when it is of another kind. What is absent is null.
    fn from_json(json: Value) -> Option<Self>;
}

/// A struct of records, which is an object with the names of its fields. Others may have their defaults.
macro_rules! record {
    ($type:ident { $($field:ident),* $(, ..$rest:expr)? $(,)? }) => {
        impl crate::record::Record for $type {
            fn to_json(&self) -> serde_json::Value {
                let mut object = serde_json::Map::new();
                $(crate::record::put(&mut object, stringify!($field), &self.$field);)*
                object.into()
            }

            fn from_json(json: serde_json::Value) -> Option<Self> {
                let serde_json::Value::Object(mut object) = json else { return None };
                Some(Self { $($field: crate::record::take(&mut object, stringify!($field))?,)* $(..$rest)? })
            }
        }
    };
}

/// An enum of variants with fields, which is an object with one member: the name of the variant.
macro_rules! variants {
    ($type:ident { $($name:literal: $variant:ident { $($field:ident),* }),* $(,)? }) => {
        impl crate::record::Record for $type {
            fn to_json(&self) -> serde_json::Value {
                let mut object = serde_json::Map::new();
                let name = match self {
                    $(Self::$variant { $($field),* } => {
                        $(crate::record::put(&mut object, stringify!($field), $field);)*
                        $name
                    })*
                };
                crate::record::tagged(name, object.into())
            }

            fn from_json(json: serde_json::Value) -> Option<Self> {
                let (name, json) = crate::record::untagged(json)?;
                let serde_json::Value::Object(mut object) = json else { return None };
                match &*name {
                    $($name => Some(Self::$variant {
                        $($field: crate::record::take(&mut object, stringify!($field))?),*
                    }),)*
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use {record, variants};

/// Adds a member, unless it is null.
pub(crate) fn put<T: Record>(object: &mut Map<String, Value>, name: &str, value: &T) {
    let json = value.to_json();
    if !json.is_null() {
        object.insert(name.to_owned(), json);
    }
}

pub(crate) fn take<T: Record>(object: &mut Map<String, Value>, name: &str) -> Option<T> {
    T::from_json(object.remove(name).unwrap_or(Value::Null))
}

/// An object with one member.
pub(crate) fn tagged(name: &str, json: Value) -> Value {
    let mut object = Map::new();
    object.insert(name.to_owned(), json);
    object.into()
}

pub(crate) fn untagged(json: Value) -> Option<(String, Value)> {
    let Value::Object(object) = json else { return None };
    let mut members = object.into_iter();
    members.next().filter(|_| members.next().is_none())
}

impl Record for String {
    fn to_json(&self) -> Value {
        Value::String(self.clone())
    }

    fn from_json(json: Value) -> Option<Self> {
        match json {
            Value::String(text) => Some(text),
            _ => None,
        }
    }
}

/// Left out when it is false.
impl Record for bool {
    fn to_json(&self) -> Value {
        if *self { Value::Bool(true) } else { Value::Null }
    }

    fn from_json(json: Value) -> Option<Self> {
        match json {
            Value::Null => Some(false),
            json => json.as_bool(),
        }
    }
}

macro_rules! numbers {
    ($($type:ty: $read:ident),*) => {$(
        impl Record for $type {
            fn to_json(&self) -> Value {
                Value::from(*self)
            }

            fn from_json(json: Value) -> Option<Self> {
                json.$read()?.try_into().ok()
            }
        }
    )*};
}

numbers!(u16: as_u64, u32: as_u64, u64: as_u64, usize: as_u64, i32: as_i64, i64: as_i64);

impl Record for NonZeroU64 {
    fn to_json(&self) -> Value {
        self.get().to_json()
    }

    fn from_json(json: Value) -> Option<Self> {
        Self::new(json.as_u64()?)
    }
}

impl<T: Record> Record for Option<T> {
    fn to_json(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_json)
    }

    fn from_json(json: Value) -> Option<Self> {
        match json {
            Value::Null => Some(None),
            json => T::from_json(json).map(Some),
        }
    }
}

/// Left out when it is empty.
impl<T: Record> Record for Vec<T> {
    fn to_json(&self) -> Value {
        match self.is_empty() {
            true => Value::Null,
            false => self.iter().map(T::to_json).collect(),
        }
    }

    fn from_json(json: Value) -> Option<Self> {
        match json {
            Value::Null => Some(Self::new()),
            Value::Array(values) => values.into_iter().map(T::from_json).collect(),
            _ => None,
        }
    }
}

/// A pair is a list of two.
impl<T: Record, U: Record> Record for (T, U) {
    fn to_json(&self) -> Value {
        vec![self.0.to_json(), self.1.to_json()].into()
    }

    fn from_json(json: Value) -> Option<Self> {
        let Value::Array(values) = json else { return None };
        let [first, second] = <[Value; 2]>::try_from(values).ok()?;
        Some((T::from_json(first)?, U::from_json(second)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Default)]
    struct Sample {
        text: String,
        count: u64,
        maybe: Option<i64>,
        is_so: bool,
        pairs: Vec<(String, u16)>,
    }

    record!(Sample { text, count, maybe, is_so, pairs });

    #[derive(Debug, PartialEq)]
    enum Kind {
        One { text: String },
        Two { number: u32 },
    }

    variants!(Kind { "one": One { text }, "two": Two { number } });

    fn read<T: Record>(json: &str) -> Option<T> {
        T::from_json(serde_json::from_str(json).unwrap())
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let full = Sample {
            text: "\"ü".to_owned(),
            count: u64::MAX,
            maybe: Some(-7),
            is_so: true,
            pairs: vec![("a".to_owned(), 1)],
        };
        let json = full.to_json().to_string();
        let expected = r#"{"count":18446744073709551615,"is_so":true,"maybe":-7,"pairs":[["a",1]],"text":"\"ü"}"#;
        assert_eq!(json, expected);
        assert_eq!(read(&json), Some(full));
        assert_eq!(Sample::default().to_json().to_string(), r#"{"count":0,"text":""}"#);
        assert_eq!(read(r#"{"count":0,"text":"","new":1}"#), Some(Sample::default()));
        for kind in [Kind::One { text: String::new() }, Kind::Two { number: 7 }] {
            assert_eq!(Kind::from_json(kind.to_json()), Some(kind));
        }
    }

    #[test]
    fn what_is_of_another_kind_is_none() {
        for json in ["{}", "[]", "null", r#"{"count":-1,"text":""}"#, r#"{"count":0,"text":7}"#] {
            assert_eq!(read::<Sample>(json), None, "{json}");
        }
        for pairs in ["7", "[7]", r#"[["a"]]"#, r#"[["a",65536]]"#, r#"[["a",1,2]]"#] {
            let json = format!(r#"{{"count":0,"text":"","pairs":{pairs}}}"#);
            assert_eq!(read::<Sample>(&json), None, "{json}");
        }
        for json in [
            "{}",
            r#""one""#,
            r#"{"one":7}"#,
            r#"{"three":{}}"#,
            r#"{"one":{"text":""},"two":{"number":1}}"#,
        ] {
            assert_eq!(read::<Kind>(json), None, "{json}");
        }
    }
}
