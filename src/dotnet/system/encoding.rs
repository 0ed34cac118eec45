//! `System.Text.Encoding`: text to bytes and back. Malformed input is replaced, as .NET's shared encodings do; no others.

use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, Row, TypeDef, method, property, static_method, static_property};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

/// Its value is .NET's code page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Utf8 = 65001,
    Ascii = 20127,
    Latin1 = 28591,
    Utf16 = 1200,
    Utf16Big = 1201,
    Utf32 = 12000,
}

pub static ENCODING: TypeDef = TypeDef::new("System.Text.Encoding", Kind::Class, &[ROWS]).is_abstract();

const ROWS: &[Row] = &[
    static_property("Encoding UTF8 { get; }", |cx, _| new(cx, Encoding::Utf8)),
    static_property("Encoding Default { get; }", |cx, _| new(cx, Encoding::Utf8)),
    static_property("Encoding ASCII { get; }", |cx, _| new(cx, Encoding::Ascii)),
    static_property("Encoding Unicode { get; }", |cx, _| new(cx, Encoding::Utf16)),
    static_property("Encoding BigEndianUnicode { get; }", |cx, _| new(cx, Encoding::Utf16Big)),
    static_property("Encoding UTF32 { get; }", |cx, _| new(cx, Encoding::Utf32)),
    static_method("Encoding GetEncoding(string name)", by_name),
    static_method("Encoding GetEncoding(int codepage)", by_page),
    static_method("byte[] Convert(Encoding srcEncoding, Encoding dstEncoding, byte[] bytes)", convert),
    method("byte[] GetBytes(string s)", get_bytes),
    method("byte[] GetBytes(char[] chars)", get_bytes),
    method("int GetByteCount(string s)", byte_count),
    method("int GetByteCount(char[] chars)", byte_count),
    method("string GetString(byte[] bytes)", get_string),
    method("string GetString(byte[] bytes, int index, int count)", get_string),
    method("int GetCharCount(byte[] bytes)", char_count),
    method("byte[] GetPreamble()", preamble),
    method("bool Equals(object value)", |cx, a| {
        let own = *cx.this::<Encoding>(a[0])?;
        Ok(Value::Bool(cx.heap.extension::<Encoding>(a[1]).is_some_and(|&other| other == own)))
    }),
    method("int GetHashCode()", |cx, a| Ok(Value::Int32(*cx.this::<Encoding>(a[0])? as i32))),
    property("int CodePage { get; }", |cx, a| Ok(Value::Int32(*cx.this::<Encoding>(a[0])? as i32))),
    property("string WebName { get; }", |cx, a| {
        let name = match *cx.this::<Encoding>(a[0])? {
            Encoding::Utf8 => "utf-8",
            Encoding::Ascii => "us-ascii",
            Encoding::Latin1 => "iso-8859-1",
            Encoding::Utf16 => "utf-16",
            Encoding::Utf16Big => "utf-16BE",
            Encoding::Utf32 => "utf-32",
        };
        cx.new_str(name)
    }),
];

fn new(cx: &mut Call<'_>, encoding: Encoding) -> Result {
    cx.heap.new_extension(TypeId::named("System.Text.Encoding"), encoding)
}

fn by_name(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let name = cx.text(a[0], "name")?.to_ascii_lowercase();
    let encoding = match name.as_str() {
        "utf-8" | "utf8" => Encoding::Utf8,
        "us-ascii" | "ascii" => Encoding::Ascii,
        "iso-8859-1" | "latin1" => Encoding::Latin1,
        "utf-16" | "unicode" | "utf-16le" => Encoding::Utf16,
        "utf-16be" | "unicodefffe" => Encoding::Utf16Big,
        "utf-32" | "utf-32le" => Encoding::Utf32,
        _ => {
            let message = format!("'{name}' is not a supported encoding name.");
            return Err(Fault::argument(&message, "name"));
        }
    };
    new(cx, encoding)
}

fn by_page(cx: &mut Call<'_>, a: &[Value]) -> Result {
    use Encoding::*;
    let page = int(a[0]);
    match [Utf8, Ascii, Latin1, Utf16, Utf16Big, Utf32].into_iter().find(|&e| e as i32 == page) {
        Some(encoding) => new(cx, encoding),
        None if page == 0 => new(cx, Utf8),
        None => {
            let message = format!("No data is available for encoding {page}.");
            Err(Fault::throw("System.NotSupportedException", message))
        }
    }
}

fn encode(encoding: Encoding, units: &[u16]) -> Vec<u8> {
    let chars = || char::decode_utf16(units.iter().copied()).map(|c| c.unwrap_or('\u{FFFD}'));
    // One `?` per UTF-16 unit that does not fit.
    let narrow = |limit: u16| units.iter().map(|&u| if u < limit { u as u8 } else { b'?' }).collect();
    match encoding {
        Encoding::Utf8 => chars().collect::<String>().into_bytes(),
        Encoding::Ascii => narrow(0x80),
        Encoding::Latin1 => narrow(0x100),
        Encoding::Utf16 => chars().collect::<String>().encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Encoding::Utf16Big => chars().collect::<String>().encode_utf16().flat_map(u16::to_be_bytes).collect(),
        Encoding::Utf32 => chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
    }
}

fn decode(encoding: Encoding, bytes: &[u8]) -> String {
    let wide = |read: fn([u8; 2]) -> u16| {
        let pairs = bytes.chunks_exact(2);
        let rest = if pairs.remainder().is_empty() { "" } else { "\u{FFFD}" };
        let units = pairs.map(|pair| read([pair[0], pair[1]]));
        char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}')).chain(rest.chars()).collect()
    };
    match encoding {
        Encoding::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
        Encoding::Ascii => bytes.iter().map(|&b| if b < 0x80 { char::from(b) } else { '\u{FFFD}' }).collect(),
        Encoding::Latin1 => bytes.iter().map(|&b| char::from(b)).collect(),
        Encoding::Utf16 => wide(u16::from_le_bytes),
        Encoding::Utf16Big => wide(u16::from_be_bytes),
        Encoding::Utf32 => bytes
            .chunks(4)
            .map(|four| {
                let four: Option<[u8; 4]> = four.try_into().ok();
                four.and_then(|four| char::from_u32(u32::from_le_bytes(four))).unwrap_or('\u{FFFD}')
            })
            .collect(),
    }
}

fn encoded(cx: &mut Call<'_>, a: &[Value]) -> Result<Vec<u8>> {
    let encoding = *cx.this::<Encoding>(a[0])?;
    let units = match cx.heap.items(a[1]) {
        Some(chars) => chars.iter().map(|v| v.integer().unwrap_or_default() as u16).collect(),
        None => cx.str(a[1], "s")?.to_wide(),
    };
    cx.charge_fuel(units.len() / 16 + 1)?;
    Ok(encode(encoding, &units))
}

fn get_bytes(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let bytes = encoded(cx, a)?;
    cx.heap.new_bytes(bytes)
}

fn byte_count(cx: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(Value::Int32(encoded(cx, a)?.len() as i32))
}

fn decoded(cx: &mut Call<'_>, a: &[Value]) -> Result<String> {
    let encoding = *cx.this::<Encoding>(a[0])?;
    let null = || Fault::throw("System.ArgumentNullException", "Array cannot be null. (Parameter 'bytes')");
    let mut bytes = cx.heap.bytes(a[1]).ok_or_else(null)?;
    if let [_, _, index, count] = *a {
        let (index, count) = (int(index), int(count));
        for (value, name) in [(index, "index"), (count, "count")] {
            if value < 0 {
                let message = format!("Non-negative number required. (Parameter '{name}')");
                return Err(Fault::throw("System.ArgumentOutOfRangeException", message));
            }
        }
        bytes = bytes.get(index as usize..).and_then(|rest| rest.get(..count as usize)).ok_or_else(|| {
            let message = "Index and count must refer to a location within the buffer. (Parameter 'bytes')";
            Fault::throw("System.ArgumentOutOfRangeException", message)
        })?;
    }
    let (length, text) = (bytes.len(), decode(encoding, bytes));
    cx.charge_fuel(length / 16 + 1)?;
    Ok(text)
}

fn get_string(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let text = decoded(cx, a)?;
    cx.new_str(&text)
}

fn char_count(cx: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(Value::Int32(decoded(cx, a)?.encode_utf16().count() as i32))
}

fn convert(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let read = |cx: &Call<'_>, value, name| cx.heap.extension(value).copied().ok_or_else(|| Fault::argument_null(name));
    let (from, to): (Encoding, Encoding) = (read(cx, a[0], "srcEncoding")?, read(cx, a[1], "dstEncoding")?);
    let bytes = cx.heap.bytes(a[2]).ok_or_else(|| Fault::argument_null("bytes"))?;
    let (length, text) = (bytes.len(), decode(from, bytes));
    cx.charge_fuel(length / 16 + 1)?;
    let units: Vec<u16> = text.encode_utf16().collect();
    cx.heap.new_bytes(encode(to, &units))
}

fn preamble(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let bytes: &[u8] = match *cx.this::<Encoding>(a[0])? {
        Encoding::Utf8 => &[0xEF, 0xBB, 0xBF],
        Encoding::Utf16 => &[0xFF, 0xFE],
        Encoding::Utf16Big => &[0xFE, 0xFF],
        Encoding::Utf32 => &[0xFF, 0xFE, 0, 0],
        Encoding::Ascii | Encoding::Latin1 => &[],
    };
    cx.heap.new_bytes(bytes.to_vec())
}
