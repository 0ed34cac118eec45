//! What must not be shown: secret texts in, texts for people with `***` in their place out. A secret is found as it is,
//! escaped for JSON and URLs, and inside Base64.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

/// Secrets, ready to be looked for.
#[derive(Clone, Default)]
pub struct Secrets {
    /// `None` where there are none.
    automaton: Option<AhoCorasick>,
    /// How long each pattern is that counts only as a word of its own; 0 for the others.
    short: Vec<usize>,
}

pub const HIDDEN: &str = "***";

/// A shorter secret is part of too many texts: it is hidden where it stands as a word of its own.
pub const SHORTEST_ANYWHERE: usize = 3;

/// Secrets from this length on are looked for inside Base64 as well; of shorter ones too few characters are certain.
const SHORTEST_ENCODED: usize = 8;

/// All but what stands unescaped in URLs.
const UNRESERVED_KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

impl Secrets {
    pub fn new<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Secrets {
        let mut patterns = BTreeSet::new();
        let mut short = BTreeSet::new();
        for secret in secrets {
            match secret.chars().count() {
                0 => {}
                count if count < SHORTEST_ANYWHERE => {
                    short.insert(secret.to_owned());
                }
                _ => forms(secret, &mut patterns),
            }
        }
        if patterns.is_empty() && short.is_empty() {
            return Secrets::default();
        }
        let lengths = patterns.iter().map(|_| 0).chain(short.iter().map(String::len)).collect();
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(patterns.iter().chain(&short))
            .ok();
        Secrets { automaton, short: lengths }
    }

    pub fn is_empty(&self) -> bool {
        self.automaton.is_none()
    }

    /// A text for people.
    pub fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let Some(automaton) = &self.automaton else { return Cow::Borrowed(text) };
        let mut shown = String::new();
        let (mut copied, mut at) = (0, 0);
        while let Some(found) = automaton.find(aho_corasick::Input::new(text).range(at..)) {
            let (start, end) = (found.start(), found.end());
            let is_short = self.short.get(found.pattern().as_usize()).is_some_and(|&length| length > 0);
            if is_short && !is_word(text, start, end) {
                at = start + text[start..].chars().next().map_or(1, char::len_utf8);
                continue;
            }
            shown.push_str(&text[copied..start]);
            shown.push_str(HIDDEN);
            (copied, at) = (end, end);
        }
        if copied == 0 {
            return Cow::Borrowed(text);
        }
        shown.push_str(&text[copied..]);
        Cow::Owned(shown)
    }
}

/// Prints none of them.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.short.len())
    }
}

fn is_word(text: &str, start: usize, end: usize) -> bool {
    !text[..start].chars().next_back().is_some_and(char::is_alphanumeric)
        && !text[end..].chars().next().is_some_and(char::is_alphanumeric)
}

/// The texts in which a secret may come along.
fn forms(secret: &str, patterns: &mut BTreeSet<String>) {
    patterns.insert(secret.to_owned());
    let json = serde_json::Value::from(secret).to_string();
    patterns.insert(json[1..json.len() - 1].to_owned());
    for set in [UNRESERVED_KEPT, NON_ALPHANUMERIC] {
        let escaped = utf8_percent_encode(secret, set).to_string();
        patterns.insert(lower_escapes(&escaped));
        patterns.insert(escaped);
    }
    if secret.len() >= SHORTEST_ENCODED {
        for engine in [&STANDARD, &URL_SAFE] {
            for before in 0..3 {
                patterns.insert(inside_base64(secret, before, engine));
            }
        }
    }
}

/// `%2F` as `%2f`, which is the same.
fn lower_escapes(escaped: &str) -> String {
    let mut out = String::with_capacity(escaped.len());
    for (at, character) in escaped.char_indices() {
        let in_escape = escaped[..at].ends_with('%') || at >= 2 && escaped.as_bytes()[at - 2] == b'%';
        out.push(if in_escape { character.to_ascii_lowercase() } else { character });
    }
    out
}

/// The characters of Base64 that a text gives whatever stands around it, after `before` other bytes (modulo 3).
fn inside_base64(secret: &str, before: usize, engine: &impl base64::Engine) -> String {
    let mut bytes = vec![0; before];
    bytes.extend_from_slice(secret.as_bytes());
    let certain = bytes.len() * 8 / 6;
    let uncertain = (before * 8).div_ceil(6);
    engine.encode(&bytes)[uncertain..certain].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;

    #[test]
    fn secrets_are_hidden_in_each_form() {
        let secrets = Secrets::new(["S3cret/key+\"x\"", "7", "ab", ""]);
        // Text, what people see.
        let table = [
            ("a S3cret/key+\"x\" b", "a *** b"),
            (r#"{"a":"S3cret/key+\"x\""}"#, r#"{"a":"***"}"#),
            ("?k=S3cret%2Fkey%2B%22x%22&n=1", "?k=***&n=1"),
            ("?k=S3cret%2fkey%2b%22x%22", "?k=***"),
            // What is shorter than three characters counts as a word.
            ("a 7, 17 and 7x: ab;abc", "a ***, 17 and 7x: ***;abc"),
            ("7", "***"),
            ("nothing", "nothing"),
        ];
        for (text, shown) in table {
            assert_eq!(secrets.hide(text), shown);
        }
        for user in ["", "u:", "us:", "use:"] {
            let header = format!("Basic {}", STANDARD.encode(format!("{user}S3cret/key+\"x\" and more")));
            let shown = secrets.hide(&header);
            assert!(shown.contains("***") && shown.len() + 12 < header.len(), "{shown}");
        }
        assert!(matches!(Secrets::new([""]).hide("x"), Cow::Borrowed("x")));
    }
}
