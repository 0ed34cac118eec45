//! Header fields: case-insensitive names, several values per name, order kept.

use http::{HeaderMap, HeaderName, HeaderValue};

/// The most fields a message may hold; a policy that adds more is an error, not a panic.
const MOST: usize = 4_096;

/// Up to so many fields are sooner looked through than a name is hashed.
const MOST_SCANNED: usize = 12;

/// Header fields of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(HeaderMap);

impl Headers {
    pub fn new() -> Headers {
        Headers::default()
    }

    pub fn from_map(map: HeaderMap) -> Headers {
        Headers(map)
    }

    pub fn into_map(self) -> HeaderMap {
        self.0
    }

    pub fn map(&self) -> &HeaderMap {
        &self.0
    }

    pub fn map_mut(&mut self) -> &mut HeaderMap {
        &mut self.0
    }

    /// The first value of this name, in any case of letters.
    pub fn first(&self, name: &str) -> Option<&HeaderValue> {
        self.0.get(name)
    }

    /// All values of this name, in order.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a HeaderValue> + use<'a> {
        self.0.get_all(name).into_iter()
    }

    /// The first value of this name, and whether there are more.
    pub fn find(&self, name: &HeaderName) -> Option<(&HeaderValue, bool)> {
        if self.0.len() != self.0.keys_len() || self.0.len() > MOST_SCANNED {
            let mut all = self.0.get_all(name).into_iter();
            return Some((all.next()?, all.next().is_some()));
        }
        self.0.iter().find(|(own, _)| *own == name).map(|(_, value)| (value, false))
    }

    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Replaces all values of this name. False when the message holds too many fields.
    #[must_use]
    pub fn set(&mut self, name: HeaderName, value: HeaderValue) -> bool {
        (self.0.len() < MOST || self.0.contains_key(&name)) && self.0.try_insert(name, value).is_ok()
    }

    /// Adds a value after those that are there. False when the message holds too many fields.
    #[must_use]
    pub fn append(&mut self, name: HeaderName, value: HeaderValue) -> bool {
        self.0.len() < MOST && self.0.try_append(name, value).is_ok()
    }

    /// Removes all values of this name.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Name and value of every field, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.0.iter()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
