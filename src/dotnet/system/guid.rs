//! `System.Guid`. The heap holds its bytes in the order of its text.

use super::object;
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, Row, TypeDef, constructor, method, operator, static_method, static_property};
use crate::dotnet::value::Value;
use std::cmp::Ordering;

type Result<T = Value> = std::result::Result<T, Fault>;

pub static GUID: TypeDef = TypeDef::new("System.Guid", Kind::Struct, &[ROWS]).interfaces(&[
    "IComparable",
    "IComparable<Guid>",
    "IEquatable<Guid>",
    "IFormattable",
]);

const ROWS: &[Row] = &[
    constructor("Guid(byte[] b)", from_bytes),
    constructor(
        "Guid(uint a, ushort b, ushort c, byte d, byte e, byte f, byte g, byte h, byte i, byte j, byte k)",
        from_parts,
    ),
    constructor("Guid(int a, short b, short c, byte[] d)", from_parts),
    constructor(
        "Guid(int a, short b, short c, byte d, byte e, byte f, byte g, byte h, byte i, byte j, byte k)",
        from_parts,
    ),
    constructor("Guid(string g)", parse_constructor),
    method("int CompareTo(object value)", |cx, a| {
        if !a[1].is_null() && cx.heap.guid(a[1]).is_none() {
            return Err(Fault::argument("Object must be of type GUID.", "value"));
        }
        object::compare_row(cx, a)
    }),
    method("int CompareTo(Guid value)", object::compare_row),
    static_property("Guid Empty", |cx, _| cx.heap.new_guid([0; 16])),
    method("bool Equals(object o)", object::equals_row),
    method("bool Equals(Guid g)", object::equals_row),
    method("int GetHashCode()", object::hash_row),
    static_method("Guid NewGuid()", new_guid),
    static_method("Guid Parse(string input)", parse),
    static_method("Guid ParseExact(string input, string format)", parse_exact),
    method("byte[] ToByteArray()", to_byte_array),
    method("string ToString()", to_text),
    method("string ToString(string format)", to_text),
    method("string ToString(string format, IFormatProvider provider)", to_text),
    static_method("bool TryParse(string input, out Guid result)", try_parse),
    static_method("bool TryParseExact(string input, string format, out Guid result)", try_parse_exact),
    operator("bool op_Equality(Guid a, Guid b)", object::equals_row),
    operator("bool op_Inequality(Guid a, Guid b)", |cx, a| Ok(Value::Bool(!object::equals(cx, a[0], a[1])?))),
];

/// The text in one of the formats `N`, `D`, `B`, `P`.
pub fn text(bytes: [u8; 16], format: char) -> String {
    let mut room = [0; 38];
    write(bytes, format, &mut room).to_owned()
}

/// Writes the text into `room`.
fn write(bytes: [u8; 16], format: char, room: &mut [u8; 38]) -> &str {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut len = 0;
    let mut put = |byte: u8| {
        room[len] = byte;
        len += 1;
    };
    match format {
        'B' => put(b'{'),
        'P' => put(b'('),
        _ => {}
    }
    for (at, &byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) && format != 'N' {
            put(b'-');
        }
        put(DIGITS[usize::from(byte >> 4)]);
        put(DIGITS[usize::from(byte & 15)]);
    }
    match format {
        'B' => put(b'}'),
        'P' => put(b')'),
        _ => {}
    }
    std::str::from_utf8(&room[..len]).unwrap_or_default()
}

/// `ToString`: the usual formats go straight into the heap.
fn to_text(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let format = match a.get(1).and_then(|format| cx.heap.str(*format)) {
        None => 'D',
        Some(format) if format.is_empty() || format.eq_text("D") => 'D',
        Some(format) if format.eq_text("N") => 'N',
        Some(_) => return object::to_string_format(cx, a),
    };
    match cx.heap.guid(a[0]) {
        Some(bytes) => cx.new_str(write(bytes, format, &mut [0; 38])),
        None => object::to_string(cx, a),
    }
}

fn hexadecimal_text(b: [u8; 16]) -> String {
    let bytes: Vec<_> = b[8..].iter().map(|b| format!("0x{b:02x}")).collect();
    let (first, second, third) = (
        u32::from_be_bytes([b[0], b[1], b[2], b[3]]),
        u16::from_be_bytes([b[4], b[5]]),
        u16::from_be_bytes([b[6], b[7]]),
    );
    format!("{{0x{first:08x},0x{second:04x},0x{third:04x},{{{}}}}}", bytes.join(","))
}

/// `guid.ToString(format)`.
pub fn format(bytes: [u8; 16], format: &str) -> Result<String> {
    match format {
        "" | "D" | "d" => Ok(text(bytes, 'D')),
        "N" | "n" => Ok(text(bytes, 'N')),
        "B" | "b" => Ok(text(bytes, 'B')),
        "P" | "p" => Ok(text(bytes, 'P')),
        "X" | "x" => Ok(hexadecimal_text(bytes)),
        _ => Err(wrong_format()),
    }
}

fn wrong_format() -> Fault {
    let message = "Format string can be only \"D\", \"d\", \"N\", \"n\", \"P\", \"p\", \"B\", \"b\", \"X\" or \"x\".";
    Fault::throw("System.FormatException", message)
}

/// The order of `CompareTo`: field by field, which is the order of the text.
pub fn order(a: &[u8; 16], b: &[u8; 16]) -> Ordering {
    a.cmp(b)
}

/// From .NET's byte order (the first three fields are little-endian) to that of the text, and back.
fn swap(mut b: [u8; 16]) -> [u8; 16] {
    b[0..4].reverse();
    b[4..6].reverse();
    b[6..8].reverse();
    b
}

/// Why a text is no GUID, in .NET's words.
type Wrong = &'static str;

const LENGTH: Wrong = "Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx).";
const DIGITS: Wrong = "Guid string should only contain hexadecimal characters.";
const PREFIX: Wrong = "Expected 0x prefix.";
const TOO_LARGE: Wrong = "Value was either too large or too small for a UInt32.";
const FIELDS: Wrong = "Expected {0xdddddddd, etc}.";

fn read_as(text: &str, format: char) -> std::result::Result<[u8; 16], Wrong> {
    match format {
        'X' => read_hexadecimal(text),
        'N' => {
            if text.encode_utf16().count() != 32 {
                return Err(LENGTH);
            }
            let digits = text.bytes().all(|b| b.is_ascii_hexdigit());
            u128::from_str_radix(text, 16).ok().filter(|_| digits).map(u128::to_be_bytes).ok_or(DIGITS)
        }
        'B' => read_dashes(text.strip_prefix('{').and_then(|t| t.strip_suffix('}')).ok_or(LENGTH)?),
        'P' => read_dashes(text.strip_prefix('(').and_then(|t| t.strip_suffix(')')).ok_or(LENGTH)?),
        _ => read_dashes(text),
    }
}

fn read_dashes(text: &str) -> std::result::Result<[u8; 16], Wrong> {
    if text.encode_utf16().count() != 36 {
        return Err(LENGTH);
    }
    let bytes = text.as_bytes();
    if !text.is_ascii() || [8, 13, 18, 23].iter().any(|&at| bytes[at] != b'-') {
        return Err(if text.is_ascii() { "Dashes are in the wrong position for GUID parsing." } else { DIGITS });
    }
    let mut out = Vec::with_capacity(16);
    for (from, to) in [(0, 8), (9, 13), (14, 18), (19, 23), (24, 28), (28, 36)] {
        let part = &text[from..to];
        // A sign and a prefix may stand at the start of all but the last.
        let part = if from == 28 { part } else { without_prefix(part) };
        let value = hex(part).ok_or(DIGITS)?;
        out.extend(&value.to_be_bytes()[if to - from == 8 { 0 } else { 2 }..]);
    }
    out.try_into().map_err(|_| LENGTH)
}

fn without_prefix(text: &str) -> &str {
    let text = text.strip_prefix('+').unwrap_or(text);
    text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text)
}

fn hex(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit());
    if digits { u32::from_str_radix(text, 16).ok() } else { None }
}

fn read_hexadecimal(text: &str) -> std::result::Result<[u8; 16], Wrong> {
    const COMMA: Wrong =
        "Could not find a comma, or the length between the previous token and the comma was zero (i.e., '0x,'etc.).";
    const BRACE: Wrong =
        "Could not find a brace, or the length between the previous token and the brace was zero (i.e., '0x,'etc.).";
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let mut rest = text.strip_prefix('{').ok_or(FIELDS)?;
    let mut out = Vec::with_capacity(16);
    // `0x` and digits up to a mark, which is taken too.
    let field = |rest: &mut &str, end: char, missing: Wrong| {
        let tail = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X")).ok_or(PREFIX)?;
        let at = tail.find(end).filter(|&at| at > 0).ok_or(missing)?;
        *rest = &tail[at + 1..];
        Ok::<_, Wrong>(tail[..at].to_owned())
    };
    for at in 0..3 {
        let digits = field(&mut rest, ',', COMMA)?;
        let digits = without_prefix(&digits);
        let value = match hex(digits) {
            Some(value) => value,
            None if digits.bytes().all(|b| b.is_ascii_hexdigit()) => return Err(TOO_LARGE),
            None => return Err(DIGITS),
        };
        out.extend(&value.to_be_bytes()[if at == 0 { 0 } else { 2 }..]);
    }
    rest = rest.strip_prefix('{').ok_or(FIELDS)?;
    for at in 0..8 {
        let digits = if at < 7 { field(&mut rest, ',', COMMA)? } else { field(&mut rest, '}', BRACE)? };
        let digits = without_prefix(&digits);
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(DIGITS);
        }
        let byte = hex(digits).and_then(|value| u8::try_from(value).ok());
        out.push(byte.ok_or("Value was either too large or too small for an unsigned byte.")?);
    }
    rest = rest.strip_prefix('}').ok_or("Could not find the ending brace.")?;
    if !rest.is_empty() {
        return Err("Additional non-parsable characters are at the end of the string.");
    }
    out.try_into().map_err(|_| LENGTH)
}

fn read(text: &str) -> std::result::Result<[u8; 16], Wrong> {
    let text = text.trim();
    match text.chars().next() {
        None => Err("Unrecognized Guid format."),
        Some('(') => read_as(text, 'P'),
        Some('{') if text.contains('-') => read_as(text, 'B'),
        Some('{') => read_as(text, 'X'),
        _ if text.contains('-') => read_as(text, 'D'),
        _ => read_as(text, 'N'),
    }
}

fn complaint(wrong: Wrong) -> Fault {
    Fault::throw("System.FormatException", wrong)
}

fn parsed(cx: &mut Call<'_>, value: Value, parameter: &str) -> Result {
    let text = cx.text(value, parameter)?;
    let bytes = read(&text).map_err(complaint)?;
    drop(text);
    cx.heap.new_guid(bytes)
}

fn parse(cx: &mut Call<'_>, a: &[Value]) -> Result {
    match parsed(cx, a[0], "input") {
        Err(Fault::Throw(thrown)) if &*thrown.message == TOO_LARGE => Err(complaint("Unrecognized Guid format.")),
        other => other,
    }
}

fn parse_constructor(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let made = parsed(cx, a[0], "g");
    match made {
        // A number that is too large is an overflow to the constructor alone.
        Err(Fault::Throw(thrown)) if &*thrown.message == TOO_LARGE => {
            Err(Fault::throw("System.OverflowException", TOO_LARGE))
        }
        other => other,
    }
}

fn exact_letter(format: &str) -> Result<char> {
    match format.to_ascii_uppercase().as_str() {
        "N" => Ok('N'),
        "D" => Ok('D'),
        "B" => Ok('B'),
        "P" => Ok('P'),
        "X" => Ok('X'),
        _ => Err(wrong_format()),
    }
}

fn parse_exact(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let text = cx.text(a[0], "input")?;
    let letter = exact_letter(&cx.text(a[1], "format")?)?;
    let bytes = read_as(text.trim(), letter).map_err(complaint)?;
    drop(text);
    cx.heap.new_guid(bytes)
}

fn try_parse(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let found = cx.heap.text(a[0]).and_then(|text| read(&text).ok());
    let value = cx.heap.new_guid(found.unwrap_or_default())?;
    cx.set_out(1, value);
    Ok(Value::Bool(found.is_some()))
}

fn try_parse_exact(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let letter = cx.heap.text(a[1]).and_then(|format| exact_letter(&format).ok());
    let found = cx.heap.text(a[0]).and_then(|text| read_as(text.trim(), letter?).ok());
    let value = cx.heap.new_guid(found.unwrap_or_default())?;
    cx.set_out(2, value);
    Ok(Value::Bool(found.is_some()))
}

fn from_bytes(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let bytes = cx.heap.bytes(a[0]).ok_or_else(|| Fault::argument_null("b"))?;
    let bytes: [u8; 16] =
        bytes.try_into().map_err(|_| Fault::argument("Byte array for GUID must be exactly 16 bytes long.", "b"))?;
    cx.heap.new_guid(swap(bytes))
}

fn from_parts(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let mut out = int(a[0]).to_be_bytes().to_vec();
    out.extend((int(a[1]) as u16).to_be_bytes());
    out.extend((int(a[2]) as u16).to_be_bytes());
    if a.len() == 4 && a[3].is_null() {
        return Err(Fault::argument_null("d"));
    }
    match cx.heap.bytes(a[3]) {
        Some(rest) => out.extend(rest),
        None => out.extend(a[3..].iter().map(|&v| int(v) as u8)),
    }
    let bytes =
        out.try_into().map_err(|_| Fault::argument("Byte array for GUID must be exactly 8 bytes long.", "d"))?;
    cx.heap.new_guid(bytes)
}

fn new_guid(cx: &mut Call<'_>, _: &[Value]) -> Result {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&cx.host.random().to_be_bytes());
    bytes[8..].copy_from_slice(&cx.host.random().to_be_bytes());
    bytes[6] = bytes[6] & 0x0F | 0x40;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    cx.heap.new_guid(bytes)
}

fn to_byte_array(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let bytes = cx.heap.guid(a[0]).unwrap_or_default();
    cx.heap.new_bytes(swap(bytes).to_vec())
}
