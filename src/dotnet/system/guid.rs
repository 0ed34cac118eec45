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
    method("int CompareTo(object value)", object::compare_row),
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

fn read_as(text: &str, format: char) -> Option<[u8; 16]> {
    let inner = match format {
        'B' => text.strip_prefix('{')?.strip_suffix('}')?,
        'P' => text.strip_prefix('(')?.strip_suffix(')')?,
        _ => text,
    };
    let hex: String = match format {
        'X' => return read_hexadecimal(text),
        'N' if inner.len() == 32 => inner.to_owned(),
        'N' => return None,
        _ if inner.len() == 36 && [8, 13, 18, 23].iter().all(|&at| inner.as_bytes()[at] == b'-') => {
            inner.replace('-', "")
        }
        _ => return None,
    };
    if hex.len() != 32 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u128::from_str_radix(&hex, 16).ok().map(u128::to_be_bytes)
}

fn read_hexadecimal(text: &str) -> Option<[u8; 16]> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let inner = text.strip_prefix('{')?.strip_suffix("}}")?;
    let (fields, bytes) = inner.split_once(",{")?;
    let number = |t: &str| u32::from_str_radix(t.strip_prefix("0x").or_else(|| t.strip_prefix("0X"))?, 16).ok();
    let fields = fields.split(',').map(number).collect::<Option<Vec<_>>>()?;
    let bytes = bytes.split(',').map(|t| number(t).and_then(|n| u8::try_from(n).ok())).collect::<Option<Vec<_>>>()?;
    let (&[a, b, c], 8) = (fields.as_slice(), bytes.len()) else { return None };
    let mut out = a.to_be_bytes().to_vec();
    out.extend(u16::try_from(b).ok()?.to_be_bytes());
    out.extend(u16::try_from(c).ok()?.to_be_bytes());
    out.extend(bytes);
    out.try_into().ok()
}

fn read(text: &str) -> Option<[u8; 16]> {
    let text = text.trim();
    ['D', 'N', 'B', 'P', 'X'].into_iter().find_map(|format| read_as(text, format))
}

fn complaint(text: &str) -> Fault {
    let text = text.trim();
    let message = if text.is_empty() {
        "Unrecognized Guid format."
    } else {
        "Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)."
    };
    Fault::throw("System.FormatException", message)
}

fn parsed(cx: &mut Call<'_>, value: Value, parameter: &str) -> Result {
    let text = cx.text(value, parameter)?;
    let bytes = read(&text).ok_or_else(|| complaint(&text))?;
    drop(text);
    cx.heap.new_guid(bytes)
}

fn parse(cx: &mut Call<'_>, a: &[Value]) -> Result {
    parsed(cx, a[0], "input")
}

fn parse_constructor(cx: &mut Call<'_>, a: &[Value]) -> Result {
    parsed(cx, a[0], "g")
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
    let bytes = read_as(text.trim(), letter).ok_or_else(|| complaint(&text))?;
    drop(text);
    cx.heap.new_guid(bytes)
}

fn try_parse(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let found = cx.heap.text(a[0]).and_then(|text| read(&text));
    let value = cx.heap.new_guid(found.unwrap_or_default())?;
    cx.set_out(1, value);
    Ok(Value::Bool(found.is_some()))
}

fn try_parse_exact(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let letter = cx.heap.text(a[1]).and_then(|format| exact_letter(&format).ok());
    let found = cx.heap.text(a[0]).and_then(|text| read_as(text.trim(), letter?));
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
