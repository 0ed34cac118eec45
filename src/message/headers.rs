//! Header fields: case-insensitive names, several values per name, order kept.

use http::header::AsHeaderName;
use http::{HeaderMap, HeaderName, HeaderValue};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The most fields a message may hold; a policy that adds more is an error, not a panic.
const MOST: usize = 4_096;

/// Up to so many fields are sooner looked through than a name is hashed.
const MOST_SCANNED: usize = 12;

/// A name that is looked for in one message after the other. Messages from one place have their fields in one order, so it
/// is first looked for where it stood in the first one. That is kept once and never changed: threads share it.
pub struct Wanted {
    pub name: HeaderName,
    place: AtomicUsize,
}

impl fmt::Debug for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)
    }
}

impl Wanted {
    pub fn new(name: HeaderName) -> Wanted {
        Wanted { name, place: AtomicUsize::new(usize::MAX) }
    }

    fn stood_at(&self, place: usize) {
        if self.place.load(Ordering::Relaxed) == usize::MAX {
            self.place.store(place, Ordering::Relaxed);
        }
    }
}

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

    /// The first value of this name: a `HeaderName`, or a text, which is read for each look, in any case of letters.
    pub fn first(&self, name: impl AsHeaderName) -> Option<&HeaderValue> {
        self.0.get(name)
    }

    /// All values of this name, in order.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a HeaderValue> + use<'a> {
        self.0.get_all(name).into_iter()
    }

    /// The first value of a name, and whether there are more.
    pub fn find(&self, wanted: &Wanted) -> Option<(&HeaderValue, bool)> {
        let name = &wanted.name;
        if self.0.len() != self.0.keys_len() || self.0.len() > MOST_SCANNED {
            return self.find_hashed(name);
        }
        // Names stand in a row, which is walked faster than fields, whose further values might stand elsewhere.
        let mut at = wanted.place.load(Ordering::Relaxed);
        if self.0.keys().nth(at) != Some(name) {
            at = self.0.keys().position(|own| own == name)?;
            wanted.stood_at(at);
        }
        self.0.values().nth(at).map(|value| (value, false))
    }

    #[inline(never)]
    fn find_hashed(&self, name: &HeaderName) -> Option<(&HeaderValue, bool)> {
        let mut all = self.0.get_all(name).into_iter();
        Some((all.next()?, all.next().is_some()))
    }

    /// Whether there is a field of this name.
    pub fn has(&self, name: &HeaderName) -> bool {
        if self.0.keys_len() > MOST_SCANNED { self.0.contains_key(name) } else { self.0.keys().any(|own| own == name) }
    }

    pub fn contains(&self, name: impl AsHeaderName) -> bool {
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
    pub fn remove(&mut self, name: impl AsHeaderName) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_wherever_they_stand() {
        let headers = |fields: &[(&'static str, &'static str)]| {
            let mut headers = Headers::new();
            for &(name, value) in fields {
                assert!(headers.append(HeaderName::from_static(name), HeaderValue::from_static(value)));
            }
            headers
        };
        let wanted = Wanted::new(HeaderName::from_static("b"));
        // One after the other: each is looked through with what the ones before left behind.
        type Fields = &'static [(&'static str, &'static str)];
        let messages: &[(Fields, Option<(&str, bool)>)] = &[
            (&[("a", "1")], None),
            (&[("a", "1"), ("b", "2")], Some(("2", false))),
            (&[("a", "1"), ("b", "3")], Some(("3", false))),
            (&[("b", "4"), ("a", "1")], Some(("4", false))),
            (&[("b", "5")], Some(("5", false))),
            (&[("a", "1"), ("c", "2"), ("b", "6")], Some(("6", false))),
            (&[("b", "7"), ("a", "1"), ("b", "8")], Some(("7", true))),
            (&[("a", "1"), ("a", "2"), ("b", "9")], Some(("9", false))),
            (&[("a", "1"), ("c", "2")], None),
            (&[], None),
        ];
        for (fields, expected) in messages {
            let headers = headers(fields);
            let found = headers.find(&wanted).map(|(value, more)| (value.to_str().expect("ASCII"), more));
            assert_eq!(found, *expected, "{fields:?}");
        }
    }
}
