//! The parts of a definition that an import looks at, as they are written; all else is passed over unread.

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Raw {
    pub openapi: Word,
    pub swagger: Word,
    #[serde(deserialize_with = "or_default")]
    pub info: Info,
    pub paths: Pairs<Item>,
    #[serde(rename = "x-ms-paths")]
    pub more_paths: Pairs<Item>,
    #[serde(deserialize_with = "or_default")]
    pub servers: Vec<Server>,
    #[serde(rename = "x-servers", deserialize_with = "or_default")]
    pub x_servers: Vec<Server>,
    #[serde(deserialize_with = "or_default")]
    pub components: Components,
    #[serde(deserialize_with = "or_default")]
    pub parameters: HashMap<String, Parameter>,
    pub host: Word,
    #[serde(rename = "basePath")]
    pub base_path: Word,
    #[serde(deserialize_with = "or_default")]
    pub schemes: Vec<Word>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Info {
    pub title: Word,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Server {
    pub url: Word,
    #[serde(deserialize_with = "or_default")]
    pub variables: HashMap<String, Variable>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Variable {
    pub default: Word,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Components {
    #[serde(deserialize_with = "or_default")]
    pub parameters: HashMap<String, Parameter>,
    #[serde(rename = "pathItems", deserialize_with = "or_default")]
    pub items: HashMap<String, Item>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Item {
    pub get: Option<Call>,
    pub put: Option<Call>,
    pub post: Option<Call>,
    pub delete: Option<Call>,
    pub options: Option<Call>,
    pub head: Option<Call>,
    pub patch: Option<Call>,
    pub trace: Option<Call>,
    #[serde(deserialize_with = "or_default")]
    pub parameters: Vec<Parameter>,
    pub servers: Option<IgnoredAny>,
    #[serde(rename = "$ref")]
    pub reference: Word,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Call {
    #[serde(rename = "operationId")]
    pub id: Word,
    pub summary: Word,
    #[serde(deserialize_with = "or_default")]
    pub parameters: Vec<Parameter>,
    pub servers: Option<IgnoredAny>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Parameter {
    #[serde(rename = "$ref")]
    pub reference: Word,
    pub name: Word,
    #[serde(rename = "in")]
    pub place: Word,
    #[serde(deserialize_with = "or_default")]
    pub required: bool,
}

impl Item {
    /// The operations that are imported.
    pub fn calls(&self) -> impl Iterator<Item = (&'static str, &Call)> {
        [
            ("GET", &self.get),
            ("PUT", &self.put),
            ("POST", &self.post),
            ("DELETE", &self.delete),
            ("OPTIONS", &self.options),
            ("HEAD", &self.head),
            ("PATCH", &self.patch),
        ]
        .into_iter()
        .filter_map(|(method, call)| Some((method, call.as_ref()?)))
    }

    pub fn call(&self, method: &str) -> Option<&Call> {
        self.calls().find(|(own, _)| own.eq_ignore_ascii_case(method)).map(|(_, call)| call)
    }
}

/// Nothing stands after many a `parameters:` of YAML.
fn or_default<'de, T: Deserialize<'de> + Default, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    Option::deserialize(from).map(Option::unwrap_or_default)
}

/// A text, or what YAML takes for a number or a truth value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word(pub Option<String>);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Word, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Word;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E>(self, text: &str) -> Result<Word, E> {
                Ok(Word(Some(text.to_owned())))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Word, E> {
                Ok(Word(Some(value.to_string())))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Word, E> {
                Ok(Word(Some(value.to_string())))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Word, E> {
                Ok(Word(Some(value.to_string())))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Word, E> {
                // `2.0` keeps its zero.
                Ok(Word(Some(format!("{value:?}"))))
            }

            fn visit_unit<E>(self) -> Result<Word, E> {
                Ok(Word(None))
            }
        }
        from.deserialize_any(Reader)
    }
}

/// A map in the order of the document, extensions left out.
pub struct Pairs<T>(pub Vec<(String, T)>);

impl<T> Default for Pairs<T> {
    fn default() -> Pairs<T> {
        Pairs(Vec::new())
    }
}

impl<T> Pairs<T> {
    pub fn get(&self, key: &str) -> Option<&T> {
        self.0.iter().find(|(own, _)| own == key).map(|(_, value)| value)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Pairs<T>, D::Error> {
        struct Reader<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Reader<T> {
            type Value = Pairs<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of paths")
            }

            fn visit_unit<E>(self) -> Result<Pairs<T>, E> {
                Ok(Pairs(Vec::new()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<T>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    if key.starts_with("x-") {
                        map.next_value::<IgnoredAny>()?;
                    } else {
                        pairs.push((key, map.next_value()?));
                    }
                }
                Ok(Pairs(pairs))
            }
        }
        from.deserialize_any(Reader(PhantomData))
    }
}
