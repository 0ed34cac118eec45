//! JSON as RFC 8259 has it, scanned in one pass: what almost every text is.
//!
//! In: text. Out: the nodes that the lenient reader would give, or nothing where the text holds anything else, be it
//! Newtonsoft's extensions or a mistake: then the reader looks at it from the start. It never reports an error itself.

use super::document::Node;
use super::reader::{Kind, Span};

/// More digits than this are left to the reader, which has a limit.
const MOST_DIGITS: usize = 300;

struct Scanner<'t> {
    bytes: &'t [u8],
    at: usize,
    nodes: Vec<Node>,
    /// The containers around, by their nodes.
    open: Vec<u32>,
}

/// The nodes of a text whose value is an object or an array.
pub fn scan(text: &str) -> Option<Vec<Node>> {
    let bytes = text.as_bytes();
    let mut scanner = Scanner { bytes, at: 0, nodes: Vec::with_capacity(bytes.len() / 8), open: Vec::new() };
    if !matches!(scanner.next_byte()?, b'{' | b'[') {
        return None;
    }
    loop {
        scanner.value()?;
        // What follows a value: a comma and the next one, or the ends of containers.
        loop {
            let Some(&container) = scanner.open.last() else {
                return scanner.next_byte().is_none().then_some(scanner.nodes);
            };
            let is_object = scanner.nodes[container as usize].kind == Kind::StartObject;
            match scanner.next_byte()? {
                b',' => {
                    scanner.at += 1;
                    if is_object {
                        scanner.name()?;
                    }
                    break;
                }
                b'}' if is_object => scanner.close(container),
                b']' if !is_object => scanner.close(container),
                _ => return None,
            }
        }
    }
}

impl Scanner<'_> {
    /// The next byte that is no white space, which stays.
    #[inline]
    fn next_byte(&mut self) -> Option<u8> {
        loop {
            match *self.bytes.get(self.at)? {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    /// A leaf, or a container up to its first leaf; an empty container closes itself.
    fn value(&mut self) -> Option<()> {
        loop {
            let start = self.at;
            match self.next_byte()? {
                b'"' => {
                    let span = self.string()?;
                    self.leaf(Kind::String, span);
                }
                b'0'..=b'9' | b'-' => self.number()?,
                b't' => self.word(b"true", Kind::True)?,
                b'f' => self.word(b"false", Kind::False)?,
                b'n' => self.word(b"null", Kind::Null)?,
                b'{' => {
                    let own = self.open(Kind::StartObject);
                    if self.next_byte()? != b'}' {
                        self.name()?;
                        continue;
                    }
                    self.close(own);
                }
                b'[' => {
                    let own = self.open(Kind::StartArray);
                    if self.next_byte()? != b']' {
                        continue;
                    }
                    self.close(own);
                }
                _ => return None,
            }
            debug_assert!(self.at > start, "a value takes text");
            return Some(());
        }
    }

    /// The place behind what was read last.
    fn here(&self) -> Span {
        Span { start: self.at as u32, end: self.at as u32, escaped: false }
    }

    fn open(&mut self, kind: Kind) -> u32 {
        self.at += 1;
        let own = self.nodes.len() as u32;
        self.open.push(own);
        self.nodes.push(Node { kind, span: self.here(), next: 0 });
        own
    }

    /// The innermost container ends, and with it the property that it is the value of.
    fn close(&mut self, own: u32) {
        self.at += 1;
        self.open.pop();
        let next = self.nodes.len() as u32;
        let own = own as usize;
        self.nodes[own].next = next;
        if own > 0 && self.nodes[own - 1].kind == Kind::PropertyName {
            self.nodes[own - 1].next = next;
        }
    }

    #[inline]
    fn leaf(&mut self, kind: Kind, span: Span) {
        let next = self.nodes.len() as u32 + 1;
        if let Some(name @ Node { kind: Kind::PropertyName, .. }) = self.nodes.last_mut() {
            name.next = next;
        }
        self.nodes.push(Node { kind, span, next });
    }

    /// A property's name and the colon. Its `next` is known with its value.
    fn name(&mut self) -> Option<()> {
        if self.next_byte()? != b'"' {
            return None;
        }
        let span = self.string()?;
        self.nodes.push(Node { kind: Kind::PropertyName, span, next: 0 });
        if self.next_byte()? != b':' {
            return None;
        }
        self.at += 1;
        Some(())
    }

    /// A string, from its opening quote to behind its closing one.
    #[inline]
    fn string(&mut self) -> Option<Span> {
        self.at += 1;
        let start = self.at;
        let mut escaped = false;
        loop {
            let rest = &self.bytes[self.at..];
            self.at += memchr::memchr2(b'"', b'\\', rest)? + 1;
            if self.bytes[self.at - 1] == b'"' {
                return Some(Span { start: start as u32, end: (self.at - 1) as u32, escaped });
            }
            escaped = true;
            match self.bytes.get(self.at)? {
                b'b' | b't' | b'n' | b'f' | b'r' | b'\\' | b'"' | b'/' => self.at += 1,
                b'u' if self.bytes.get(self.at + 1..self.at + 5)?.iter().all(u8::is_ascii_hexdigit) => self.at += 5,
                _ => return None,
            }
        }
    }

    fn number(&mut self) -> Option<()> {
        let start = self.at;
        self.at += usize::from(self.bytes[start] == b'-');
        let leads_with_zero = self.bytes.get(self.at) == Some(&b'0');
        let whole = self.digits()?;
        if whole > 1 && leads_with_zero || whole > MOST_DIGITS {
            return None;
        }
        let mut kind = Kind::Integer;
        if self.bytes.get(self.at) == Some(&b'.') {
            kind = Kind::Float;
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            kind = Kind::Float;
            self.at += 1;
            self.at += usize::from(matches!(self.bytes.get(self.at), Some(b'+' | b'-')));
            self.digits()?;
        }
        self.ends_here()?;
        self.leaf(kind, Span { start: start as u32, end: self.at as u32, escaped: false });
        Some(())
    }

    /// How many digits stand here, if any.
    fn digits(&mut self) -> Option<usize> {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        (self.at > start).then_some(self.at - start)
    }

    fn word(&mut self, word: &[u8], kind: Kind) -> Option<()> {
        if !self.bytes[self.at..].starts_with(word) {
            return None;
        }
        self.at += word.len();
        self.ends_here()?;
        self.leaf(kind, self.here());
        Some(())
    }

    /// A number or word is followed by what cannot go on with it.
    fn ends_here(&self) -> Option<()> {
        matches!(self.bytes.get(self.at), None | Some(b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n')).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::{Wanted, read_nodes};
    use super::*;

    fn show(nodes: &[Node]) -> Vec<(Kind, u32, u32, u32, bool)> {
        let shown = |node: &Node| (node.kind, node.next, node.span.start, node.span.end, node.span.escaped);
        nodes.iter().map(shown).collect()
    }

    const TEXTS: &[&str] = &[
        "{}",
        " [ ] ",
        r#"{"a":1,"b":{"c":[1,2,{"d":null}]},"e":"x"}"#,
        r#"[true,false,null,-0,-1.5e+10,0.25,1E3,"\u00e9\n\"","é"]"#,
        "{\"a\"\t:\r\n[[],{},[[1]]] , \"b\":{}}",
        r#"[{"k":[]},{"k":{}},[],"",{"":""}]"#,
        "[12345678901234567890]",
        "[\"a\nb\"]",
    ];

    #[test]
    fn nodes_are_those_of_the_reader() {
        for text in TEXTS {
            let strict = scan(text).unwrap_or_else(|| panic!("{text} is JSON"));
            let read = read_nodes(text, Wanted::Token).unwrap_or_else(|why| panic!("{text}: {why}"));
            assert_eq!(show(&strict), show(&read), "{text}");
        }
    }

    #[test]
    fn what_it_takes_is_read_alike_when_texts_are_damaged() {
        let mut taken = 0;
        for text in TEXTS {
            for at in (0..text.len()).filter(|&at| text.is_char_boundary(at)) {
                for put in ["", "{", "}", "[", "]", ",", ":", "\"", "\\", "/", "'", "0", "-", "e", " ", "\u{85}", "x"] {
                    let rest = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
                    for damaged in [
                        format!("{}{put}{}", &text[..at], &text[at..]),
                        format!("{}{put}{}", &text[..at], &text[rest..]),
                    ] {
                        let Some(strict) = scan(&damaged) else { continue };
                        taken += 1;
                        let read = read_nodes(&damaged, Wanted::Token).unwrap_or_else(|why| panic!("{damaged}: {why}"));
                        assert_eq!(show(&strict), show(&read), "{damaged}");
                    }
                }
            }
        }
        assert!(taken > 100, "{taken}");
    }
}
