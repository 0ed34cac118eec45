//! UTF-7 (RFC 2152) as .NET writes and reads it: only the characters that every mail system lets through stand as they are.

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn stands(unit: u16) -> Option<u8> {
    let byte = u8::try_from(unit).ok().filter(u8::is_ascii)?;
    let fine = byte.is_ascii_alphanumeric() || b"\t\n\r '(),-./:?".contains(&byte);
    fine.then_some(byte)
}

fn value(byte: u8) -> Option<u32> {
    BASE64.iter().position(|&own| own == byte).map(|at| at as u32)
}

pub fn encode(units: &[u16]) -> Vec<u8> {
    let mut out = Vec::with_capacity(units.len() + 8);
    let mut at = 0;
    while at < units.len() {
        if let Some(byte) = stands(units[at]) {
            out.push(byte);
            at += 1;
            continue;
        }
        if units[at] == u16::from(b'+') {
            out.extend_from_slice(b"+-");
            at += 1;
            continue;
        }
        let run = units[at..].iter().take_while(|&&unit| stands(unit).is_none()).count();
        out.push(b'+');
        let (mut bits, mut count) = (0u32, 0);
        for &unit in &units[at..at + run] {
            bits = bits << 16 | u32::from(unit);
            count += 16;
            while count >= 6 {
                count -= 6;
                out.push(BASE64[(bits >> count) as usize & 63]);
            }
            bits &= (1 << count) - 1;
        }
        if count > 0 {
            out.push(BASE64[(bits << (6 - count)) as usize & 63]);
        }
        out.push(b'-');
        at += run;
    }
    out
}

pub fn decode(bytes: &[u8]) -> Vec<u16> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        at += 1;
        if byte != b'+' {
            out.push(byte.into());
            continue;
        }
        if bytes.get(at) == Some(&b'-') {
            out.push(b'+'.into());
            at += 1;
            continue;
        }
        let (mut bits, mut count) = (0u32, 0);
        while let Some(six) = bytes.get(at).and_then(|&byte| value(byte)) {
            bits = bits << 6 | six;
            count += 6;
            if count >= 16 {
                count -= 16;
                out.push((bits >> count) as u16);
                bits &= (1 << count) - 1;
            }
            at += 1;
        }
        at += usize::from(bytes.get(at) == Some(&b'-'));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let cases = [
            ("a+b", "a+-b"),
            ("Hi Mom -\u{263A}-!", "Hi Mom -+Jjo--+ACE-"),
            ("日本語", "+ZeVnLIqe-"),
            ("é+", "+AOkAKw-"),
            ("a~\\b", "a+AH4AXA-b"),
        ];
        for (text, wanted) in cases {
            let units: Vec<u16> = text.encode_utf16().collect();
            assert_eq!(String::from_utf8_lossy(&encode(&units)), wanted);
            assert_eq!(decode(wanted.as_bytes()), units);
        }
    }
}
