//! Named values: `{{name}}` in a document's text is replaced where the name is defined, never recursively. Where it is
//! not, it may be Liquid's or C#'s own, or a name that only the platform knows.

use super::secrets::Secrets;
use crate::source::{Cooked, CookedBuilder, NamedOrigin};
use crate::xml::scan::{self, Region};
use std::borrow::Cow;
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedValue {
    pub value: String,
    pub secret: bool,
}

/// The named values that are defined, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NamedValues(BTreeMap<Box<str>, NamedValue>);

impl NamedValues {
    pub const fn new() -> NamedValues {
        NamedValues(BTreeMap::new())
    }

    pub fn define(&mut self, name: &str, value: impl Into<String>, secret: bool) {
        self.0.insert(name.into(), NamedValue { value: value.into(), secret });
    }

    pub fn find(&self, name: &str) -> Option<&NamedValue> {
        self.0.get(name)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(|name| &**name)
    }

    /// Those that a text names.
    pub fn used_in(&self, text: &str) -> Vec<(Box<str>, NamedValue)> {
        let mut used = BTreeMap::new();
        for (start, end) in names_in(text) {
            if let Some((name, value)) = self.0.get_key_value(&text[start + 2..end - 2]) {
                used.insert(name, value);
            }
        }
        used.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// The values of those that are secret.
    pub fn secret_values(&self) -> impl Iterator<Item = &str> {
        self.0.values().filter(|own| own.secret).map(|own| own.value.as_str())
    }

    /// A text for people, with the values of secrets as `***`.
    pub fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        Secrets::new(self.secret_values()).hide(text)
    }
}

/// A `{{name}}` that nothing defines, at its place in the text before replacement.
pub struct Unresolved {
    pub name: Box<str>,
    pub start: u32,
    pub end: u32,
}

/// Replaces the named values of a constant.
pub fn replace_in_text(text: &Cooked, values: &NamedValues, unresolved: &mut Vec<Unresolved>) -> Cooked {
    let plain = |_: usize| Region::Str { interpolated: false };
    replace(text, values, plain, unresolved)
}

/// Replaces the named values of an expression. An unresolved one that stands in bare code becomes a placeholder.
pub fn replace_in_code(text: &Cooked, values: &NamedValues, unresolved: &mut Vec<Unresolved>) -> Cooked {
    if !text.text().contains("{{") {
        return text.clone();
    }
    let begin = text.text().len() - text.text().trim_start().len() + 2;
    let code = text.text().get(begin..).unwrap_or("");
    let regions: Vec<_> =
        scan::regions(code).into_iter().map(|(start, end, region)| (start + begin, end + begin, region)).collect();
    let region_of = |start: usize| {
        let index = regions.partition_point(|&(_, end, _)| end <= start);
        regions.get(index).map_or(Region::Code, |&(_, _, region)| region)
    };
    replace(text, values, region_of, unresolved)
}

fn replace(
    text: &Cooked,
    values: &NamedValues,
    region_of: impl Fn(usize) -> Region,
    unresolved: &mut Vec<Unresolved>,
) -> Cooked {
    let whole = text.text();
    if !whole.contains("{{") {
        return text.clone();
    }
    let mut out = CookedBuilder::new(text.span());
    let mut from = 0;
    for (start, end) in names_in(whole) {
        let name = &whole[start + 2..end - 2];
        let span = text.source_span(start as u32, end as u32);
        let region = region_of(start);
        match (values.find(name), region) {
            (Some(found), _) => {
                out.append(text, from as u32, start as u32);
                let origin = NamedOrigin { name: name.into(), secret: found.secret };
                out.replaced(&found.value, span.start, span.end, Some(origin));
                from = end;
            }
            // An escaped brace, a comment's text, or no name at all.
            (None, Region::Str { interpolated: true } | Region::Comment | Region::Char) => {}
            (None, Region::Str { .. }) => {
                unresolved.push(Unresolved { name: name.into(), start: span.start, end: span.end });
            }
            (None, Region::Code) => {
                out.append(text, from as u32, start as u32);
                out.placeholder(name, span.start, span.end);
                unresolved.push(Unresolved { name: name.into(), start: span.start, end: span.end });
                from = end;
            }
        }
    }
    out.append(text, from as u32, whole.len() as u32);
    out.finish()
}

/// Where `{{name}}` stands: letters, digits, `.`, `-` and `_`, as the platform admits them in names.
pub fn names_in(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(found) = memchr::memmem::find(bytes.get(at..)?, b"{{") {
            let start = at + found;
            let length = bytes[start + 2..].iter().take_while(|&&byte| is_name_byte(byte)).count();
            let end = start + 2 + length;
            if length > 0 && bytes[end..].starts_with(b"}}") {
                at = end + 2;
                return Some((start, end + 2));
            }
            at = start + 1;
        }
        None
    })
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn replaced_where_defined() {
        let mut values = NamedValues::new();
        values.define("key", "K{{other}}", false);
        values.define("code", "1 + 2", true);
        // Text, what it becomes, names left over.
        let table = [
            ("a {{key}} b", "a K{{other}} b", ""),
            ("{{nope}} {{key}}", "{{nope}} K{{other}}", "nope"),
            ("{{ key }} {{a b}} {{}} {{{key}}}", "{{ key }} {{a b}} {{}} {K{{other}}}", ""),
            ("@({{code}})", "@(1 + 2)", ""),
            ("@({{nope-1.x}} + \"{{nope2}}\")", "@(__named_value_0 + \"{{nope2}}\")", "nope-1.x nope2"),
            ("@($\"{{x}} {{key}}\" /* {{y}} */)", "@($\"{{x}} K{{other}}\" /* {{y}} */)", ""),
        ];
        for (text, expected, names) in table {
            let cooked = Cooked::verbatim(text, FileId(0), 0);
            let mut left = Vec::new();
            let replaced = match text.starts_with('@') {
                true => replace_in_code(&cooked, &values, &mut left),
                false => replace_in_text(&cooked, &values, &mut left),
            };
            assert_eq!(replaced.text(), expected);
            assert_eq!(left.iter().map(|u| &*u.name).collect::<Vec<_>>().join(" "), names, "{text}");
        }
    }
}
