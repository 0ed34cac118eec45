//! Internet addresses in text: the lenient forms of version 4, version 6 with its zone, and the usual way to write both.

use super::units::{ascii, ascii_of, is_hex};

/// The largest value of four bytes.
const MAX: u64 = 0xFFFF_FFFF;

/// What may follow a host inside a URI.
pub fn ends_host(c: char, explicit_scheme: bool) -> bool {
    matches!(c, '/' | '\\') || explicit_scheme && matches!(c, ':' | '?' | '#')
}

/// Reads `1.2.3.4`, `1.2`, `0x7f.1`, `017.0.0.1` from `start`: the address and where it ends, at the end of `text` or at a
/// character that ends a host.
pub fn lenient_v4(text: &[u16], start: usize, explicit_scheme: bool) -> Option<(u32, usize)> {
    let mut parts: Vec<u64> = Vec::with_capacity(4);
    let mut at = start;
    loop {
        let (value, next) = lenient_number(text, at)?;
        at = next;
        if at < text.len() && ascii(text, at) == '.' {
            if parts.len() == 3 || value > 0xFF {
                return None;
            }
            parts.push(value);
            at += 1;
            continue;
        }
        if at < text.len() && !ends_host(ascii(text, at), explicit_scheme) {
            return None;
        }
        // The last number fills all the bytes that are left.
        let room = 32 - 8 * parts.len() as u32;
        if value > MAX >> (32 - room) {
            return None;
        }
        let head = parts.iter().enumerate().map(|(at, part)| part << (24 - 8 * at)).sum::<u64>();
        return Some(((head | value) as u32, at));
    }
}

/// A number in decimal, octal (`0…`) or hexadecimal (`0x…`) and where it ends.
fn lenient_number(text: &[u16], start: usize) -> Option<(u64, usize)> {
    let mut at = start;
    let mut radix = 10;
    let mut found = false;
    if ascii(text, at) == '0' {
        (radix, found) = (8, true);
        at += 1;
        if matches!(ascii(text, at), 'x' | 'X') {
            (radix, found) = (16, false);
            at += 1;
        }
    }
    let mut value = 0;
    while let Some(digit) = ascii(text, at).to_digit(radix) {
        value = value * u64::from(radix) + u64::from(digit);
        if value > MAX {
            return None;
        }
        found = true;
        at += 1;
    }
    found.then_some((value, at))
}

/// Four decimal numbers without needless zeros, as unknown schemes and the tail of version 6 want them. Where it ends.
pub fn strict_v4(text: &[u16], start: usize, end: usize, stops: impl Fn(char) -> bool) -> Option<usize> {
    let (mut dots, mut number, mut digits, mut zero_first) = (0, 0u32, false, false);
    let mut at = start;
    while at < end {
        match ascii(text, at) {
            c if stops(c) => break,
            c @ '0'..='9' => {
                if !digits && c == '0' {
                    if at + 1 < end && ascii(text, at + 1) == '0' {
                        return None;
                    }
                    zero_first = true;
                }
                digits = true;
                number = number * 10 + c.to_digit(10)?;
                if number > 255 {
                    return None;
                }
            }
            '.' => {
                if !digits || number > 0 && zero_first {
                    return None;
                }
                dots += 1;
                (number, digits, zero_first) = (0, false, false);
            }
            _ => return None,
        }
        at += 1;
    }
    (dots == 3 && digits).then_some(at)
}

/// Whether an address of version 6 stands at `start`, and where it ends: after the `]` of a URI's host. It may have a zone
/// of any name and a prefix length.
pub fn v6_of_host(text: &[u16], start: usize) -> Option<usize> {
    let end = text.len();
    if ascii(text, start) == ':' && (start + 1 >= end || ascii(text, start + 1) != ':') {
        return None;
    }
    let (mut groups, mut digits, mut group_start) = (0, 0, 1);
    let (mut compressed, mut has_v4, mut has_prefix, mut expects_number) = (false, false, false, true);
    let mut at = start;
    let mut closed = None;
    while at < end {
        let mut c = ascii(text, at);
        if if has_prefix { c.is_ascii_digit() } else { is_hex(c) } {
            digits += 1;
            expects_number = false;
            at += 1;
            continue;
        }
        if digits > 4 {
            return None;
        }
        if digits != 0 {
            groups += 1;
            group_start = at - digits;
        }
        if c == '%' {
            // A zone may hold anything but the end of the host.
            loop {
                at += 1;
                if at == end {
                    return None;
                }
                c = ascii(text, at);
                if matches!(c, ']' | '/') {
                    break;
                }
            }
        }
        match c {
            ']' => {
                closed = Some(at);
                break;
            }
            ':' => {
                if at > 0 && ascii(text, at - 1) == ':' {
                    if compressed {
                        return None;
                    }
                    compressed = true;
                    expects_number = false;
                } else {
                    expects_number = true;
                }
            }
            '/' => {
                if groups == 0 || has_prefix {
                    return None;
                }
                has_prefix = true;
                expects_number = true;
            }
            '.' => {
                if has_v4 {
                    return None;
                }
                at = strict_v4(text, group_start, end, |c| matches!(c, ']' | '/' | '%'))?;
                groups += 1;
                has_v4 = true;
                digits = 0;
                continue;
            }
            _ => return None,
        }
        digits = 0;
        at += 1;
    }
    let closed = closed?;
    if has_prefix && !(1..=2).contains(&digits) || expects_number || digits > 4 {
        return None;
    }
    let wanted = 8 + usize::from(has_prefix);
    let fits = if compressed { groups < wanted } else { groups == wanted };
    fits.then_some(closed + 1)
}

/// Whether the whole text is an address of version 6: `::1`, `[::1]`, `[::1]:80`, `fe80::1%2`.
pub fn is_v6(text: &[u16]) -> bool {
    let mut closes = ascii(text, 0) == '[';
    let start = usize::from(closes);
    if ascii(text, start) == ':' && ascii(text, start + 1) != ':' {
        return false;
    }
    let (mut groups, mut digits, mut group_start) = (0, 0, start);
    let (mut compressed, mut has_v4, mut expects_number) = (false, false, true);
    let mut at = start;
    while at < text.len() {
        let c = ascii(text, at);
        if is_hex(c) {
            digits += 1;
            expects_number = false;
            at += 1;
            continue;
        }
        if digits > 4 {
            return false;
        }
        if digits != 0 {
            groups += 1;
            group_start = at - digits;
            digits = 0;
        }
        match c {
            '%' => {
                // A zone may be called anything.
                at += 1 + text[at + 1..].iter().take_while(|&&unit| !matches!(ascii_of(unit), ']' | '/')).count();
                continue;
            }
            ']' if closes => {
                closes = false;
                // A port may follow; it says nothing.
                let port = &text[at + 1..];
                let hex = ascii(port, 1) == '0' && ascii(port, 2) == 'x';
                let digits = port.get(if hex { 3 } else { 1 }..).unwrap_or_default();
                let fine = |&unit: &u16| if hex { is_hex(ascii_of(unit)) } else { ascii_of(unit).is_ascii_digit() };
                if !port.is_empty() && ascii(port, 0) != ':' || !digits.iter().all(fine) {
                    return false;
                }
                break;
            }
            ':' => {
                let again = at > 0 && ascii(text, at - 1) == ':';
                if again && compressed {
                    return false;
                }
                compressed |= again;
                expects_number = !again;
            }
            '.' => {
                if has_v4 {
                    return false;
                }
                let Some(end) = strict_v4(text, group_start, text.len(), |c| matches!(c, ']' | '/' | '%')) else {
                    return false;
                };
                groups += 1;
                has_v4 = true;
                at = end;
                continue;
            }
            _ => return false,
        }
        at += 1;
    }
    if digits > 4 || expects_number || closes {
        return false;
    }
    groups += usize::from(digits != 0);
    if compressed { groups < 8 } else { groups == 8 }
}

/// The groups of a valid address of version 6 that starts at `start`, and the text of its zone, with its `%`.
pub fn read_v6(text: &[u16], start: usize) -> ([u16; 8], Option<Vec<u16>>) {
    let mut groups = [0u16; 8];
    let (mut count, mut number, mut is_number) = (0usize, 0u32, false);
    let mut compressor = None;
    let mut zone = None;
    let mut group_start = start;
    let mut at = start;
    let mut put = |count: &mut usize, value: u32| {
        if let Some(group) = groups.get_mut(*count) {
            *group = value as u16;
        }
        *count += 1;
    };
    while at < text.len() {
        match ascii(text, at) {
            c if is_hex(c) => {
                if !is_number {
                    group_start = at;
                }
                number = number << 4 | c.to_digit(16).unwrap_or(0);
                is_number = true;
            }
            ':' => {
                if is_number {
                    put(&mut count, number);
                    (number, is_number) = (0, false);
                }
                if ascii(text, at + 1) == ':' {
                    compressor = Some(count);
                    at += 1;
                }
            }
            '.' => {
                let mut address = 0u32;
                at = group_start;
                for _ in 0..4 {
                    let mut byte = 0;
                    while let Some(digit) = ascii(text, at).to_digit(10) {
                        byte = byte * 10 + digit;
                        at += 1;
                    }
                    address = address << 8 | byte & 0xFF;
                    at += usize::from(ascii(text, at) == '.');
                }
                put(&mut count, address >> 16);
                put(&mut count, address & 0xFFFF);
                (number, is_number) = (0, false);
                continue;
            }
            '%' => {
                let end = (at..text.len()).find(|&at| matches!(ascii(text, at), ']' | '/')).unwrap_or(text.len());
                zone = Some(text[at..end].to_vec());
                at = end;
                continue;
            }
            _ => {
                // A prefix length says nothing about the address.
                break;
            }
        }
        at += 1;
    }
    if is_number {
        put(&mut count, number);
    }
    if let Some(from) = compressor {
        let count = count.min(8);
        let from = from.min(count);
        groups.copy_within(from..count, 8 - (count - from));
        groups[from..8 - (count - from)].fill(0);
    }
    (groups, zone)
}

/// An address of version 6 without its zone, the longest run of zero groups shortened (RFC 5952).
pub fn show_v6(groups: &[u16; 8]) -> String {
    let v4_tail = has_v4_tail(groups);
    let shown = if v4_tail { &groups[..6] } else { &groups[..] };
    let (from, to) = longest_zeros(shown);
    let mut text = String::new();
    let mut at = 0;
    let mut separate = false;
    while at < shown.len() {
        if at == from && to > from {
            text.push_str("::");
            at = to;
            separate = false;
            continue;
        }
        if separate {
            text.push(':');
        }
        text.push_str(&format!("{:x}", shown[at]));
        separate = true;
        at += 1;
    }
    if v4_tail {
        if separate {
            text.push(':');
        }
        text.push_str(&show_v4(u32::from(groups[6]) << 16 | u32::from(groups[7])));
    }
    text
}

/// The first of the longest runs of two or more zeros; empty where there is none.
fn longest_zeros(groups: &[u16]) -> (usize, usize) {
    let (mut best, mut start) = ((0, 0), 0);
    for (at, &group) in groups.iter().enumerate() {
        if group != 0 {
            start = at + 1;
        } else if at + 1 - start > best.1 - best.0 {
            best = (start, at + 1);
        }
    }
    if best.1 - best.0 > 1 { best } else { (0, 0) }
}

/// Compatible, mapped, translated and ISATAP addresses end in four decimal numbers.
fn has_v4_tail(g: &[u16; 8]) -> bool {
    let compatible = g[..4] == [0; 4] && g[6] != 0 && matches!((g[4], g[5]), (0, 0 | 0xFFFF) | (0xFFFF, 0));
    compatible || (g[4], g[5]) == (0, 0x5EFE)
}

pub fn show_v4(address: u32) -> String {
    let [a, b, c, d] = address.to_be_bytes();
    format!("{a}.{b}.{c}.{d}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    #[test]
    fn lenient_version_4() {
        let cases = [
            ("10.1", Some("10.0.0.1")),
            ("0x7f.1", Some("127.0.0.1")),
            ("017.0.0.1", Some("15.0.0.1")),
            ("1.2.3", Some("1.2.0.3")),
            ("4294967295", Some("255.255.255.255")),
            ("4294967296", None),
            ("256.1.1.1", None),
            ("1.2.3.4.5", None),
            ("1.2.3.", None),
            ("", None),
        ];
        for (text, shown) in cases {
            let found = lenient_v4(&units(text), 0, true).map(|(address, _)| show_v4(address));
            assert_eq!(found.as_deref(), shown, "{text}");
        }
    }

    #[test]
    fn version_6() {
        let cases = [
            ("::1]", Some("::1")),
            ("2001:DB8::ff00:42:8329]", Some("2001:db8::ff00:42:8329")),
            ("::ffff:1.2.3.4]", Some("::ffff:1.2.3.4")),
            ("1:2:3:4:5:6:7:8]", Some("1:2:3:4:5:6:7:8")),
            ("1:0:0:2:0:0:0:3]", Some("1:0:0:2::3")),
            ("fe80::1%eth0]", Some("fe80::1")),
            ("1:2]", None),
            (":1]", None),
            ("1::2::3]", None),
            ("::1", None),
        ];
        for (text, shown) in cases {
            let text_units = units(text);
            let found = v6_of_host(&text_units, 0).map(|_| show_v6(&read_v6(&text_units, 0).0));
            assert_eq!(found.as_deref(), shown, "{text}");
        }
    }
}
