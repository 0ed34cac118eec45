//! ASN.1 in its distinguished encoding: read piece by piece, written bottom-up.
//!
//! In: bytes from anywhere. Out: tags, contents, raw pieces. Never: a panic, a copy of what is read.

pub const INTEGER: u8 = 0x02;
pub const BIT_STRING: u8 = 0x03;
pub const OCTET_STRING: u8 = 0x04;
pub const NULL: u8 = 0x05;
pub const OID: u8 = 0x06;
pub const SEQUENCE: u8 = 0x30;
pub const SET: u8 = 0x31;

/// One encoded value.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    pub tag: u8,
    /// Tag, length and content.
    pub raw: &'a [u8],
    pub content: &'a [u8],
}

/// The values of a sequence, in order.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The next value of any tag below 31.
    pub fn any(&mut self) -> Option<Item<'a>> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        if tag & 0x1F == 0x1F {
            return None;
        }
        let (len, header) = if first < 0x80 {
            (usize::from(first), 2)
        } else {
            let count = usize::from(first & 0x7F);
            if count == 0 || count > 4 {
                return None;
            }
            let bytes = rest.get(..count)?;
            (bytes.iter().fold(0usize, |len, &byte| len << 8 | usize::from(byte)), 2 + count)
        };
        let raw = self.0.get(..header.checked_add(len)?)?;
        self.0 = &self.0[raw.len()..];
        Some(Item { tag, raw, content: &raw[header..] })
    }

    /// The next value, which must have this tag.
    pub fn item(&mut self, tag: u8) -> Option<Item<'a>> {
        if self.peek()? != tag {
            return None;
        }
        self.any()
    }

    /// The next value, if it has this tag.
    pub fn optional(&mut self, tag: u8) -> Option<Item<'a>> {
        if self.peek() == Some(tag) { self.any() } else { None }
    }

    pub fn content(&mut self, tag: u8) -> Option<&'a [u8]> {
        Some(self.item(tag)?.content)
    }

    pub fn sequence(&mut self) -> Option<Reader<'a>> {
        self.content(SEQUENCE).map(Reader)
    }

    pub fn oid(&mut self) -> Option<String> {
        oid_text(self.content(OID)?)
    }

    /// A small number.
    pub fn number(&mut self) -> Option<u64> {
        let content = self.content(INTEGER)?;
        let digits = unsigned(content);
        (digits.len() <= 8 && !content.is_empty()).then(|| digits.iter().fold(0, |n, &b| n << 8 | u64::from(b)))
    }
}

/// An integer without leading zero bytes.
pub fn unsigned(content: &[u8]) -> &[u8] {
    let zeros = content.iter().take_while(|&&byte| byte == 0).count();
    &content[zeros..]
}

/// `1.2.840.113549`.
pub fn oid_text(content: &[u8]) -> Option<String> {
    let mut out = String::new();
    let mut value = 0u64;
    for &byte in content {
        value = value.checked_mul(128)? | u64::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            if out.is_empty() {
                let first = (value / 40).min(2);
                out = format!("{first}.{}", value - first * 40);
            } else {
                out.push_str(&format!(".{value}"));
            }
            value = 0;
        }
    }
    (content.last()? & 0x80 == 0).then_some(out)
}

/// The content of an object identifier.
fn oid_content(text: &str) -> Vec<u8> {
    let mut parts = text.split('.').map(|part| part.parse::<u64>().unwrap_or(0));
    let first = parts.next().unwrap_or(0) * 40 + parts.next().unwrap_or(0);
    let mut out = Vec::new();
    for part in std::iter::once(first).chain(parts) {
        let mut groups = vec![(part & 0x7F) as u8];
        let mut rest = part >> 7;
        while rest > 0 {
            groups.push((rest & 0x7F) as u8 | 0x80);
            rest >>= 7;
        }
        out.extend(groups.iter().rev());
    }
    out
}

// ---- writing

/// One value of this tag, its content given in pieces.
pub fn write(tag: u8, pieces: &[&[u8]]) -> Vec<u8> {
    let len: usize = pieces.iter().map(|piece| piece.len()).sum();
    let mut out = vec![tag];
    if len < 0x80 {
        out.push(len as u8);
    } else {
        let bytes = len.to_be_bytes();
        let digits = unsigned(&bytes);
        out.push(0x80 | digits.len() as u8);
        out.extend(digits);
    }
    pieces.iter().for_each(|piece| out.extend(*piece));
    out
}

/// A number that is not negative.
pub fn write_integer(digits: &[u8]) -> Vec<u8> {
    let digits = unsigned(digits);
    let pad: &[u8] = if digits.first().is_none_or(|&first| first & 0x80 != 0) { &[0] } else { &[] };
    write(INTEGER, &[pad, digits])
}

pub fn write_oid(text: &str) -> Vec<u8> {
    write(OID, &[&oid_content(text)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn object_identifiers_go_there_and_back() {
        for text in ["1.2.840.113549.1.1.11", "2.5.4.3", "2.999.3", "0.9.2342.19200300.100.1.25"] {
            let written = write_oid(text);
            assert_eq!(Reader(&written).oid().as_deref(), Some(text));
        }
    }

    #[test]
    fn broken_input_is_refused() {
        for bytes in
            [&[0x30u8][..], &[0x30, 0x85, 1, 1, 1, 1, 1], &[0x30, 0x80], &[0x30, 0x82, 0xFF, 0xFF], &[0x1F, 1, 0]]
        {
            assert!(Reader(bytes).any().is_none(), "{bytes:?}");
        }
    }
}
