//! What an encoding does with what it cannot say: replace it, or throw. And coders, which keep a rest between calls.
//!
//! In: text and bytes. Out: bytes and text, or the exceptions that .NET throws.

use super::codec::Page;
use super::{Encoding, null_array, place, range, this};
use crate::dotnet::call::{Call, bool as truth};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Object;
use crate::dotnet::member::{Kind, Row, TypeDef, constructor, method, property, static_property};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;
use std::sync::Arc;

type Result<T = Value> = std::result::Result<T, Fault>;

/// What becomes of what cannot be said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Fallback {
    /// What the code page itself does: `?` or U+FFFD, or for Latin-1 the letter that looks like it.
    #[default]
    Own,
    Replace(Arc<str>),
    Throw,
}

/// A fallback object.
#[derive(Clone, Debug)]
struct Kept(Fallback);

macro_rules! fallbacks {
    ($base:ident $base_name:literal, $replace:ident $replace_name:literal, $throw:ident $throw_name:literal, $encodes:literal) => {
        pub static $base: TypeDef = TypeDef::new(
            concat!("System.Text.", $base_name),
            Kind::Class,
            &[&[
                static_property(concat!($base_name, " ReplacementFallback { get; }"), |cx, _| {
                    make(cx, Fallback::Replace(if $encodes { "?" } else { "\u{FFFD}" }.into()), $encodes)
                }),
                static_property(concat!($base_name, " ExceptionFallback { get; }"), |cx, _| {
                    make(cx, Fallback::Throw, $encodes)
                }),
                property("int MaxCharCount { get; }", |cx, a| {
                    Ok(Value::Int32(match &cx.this::<Kept>(a[0])?.0 {
                        Fallback::Replace(text) => text.encode_utf16().count() as i32,
                        Fallback::Own => 1,
                        Fallback::Throw => 0,
                    }))
                }),
            ]],
        )
        .is_abstract()
        .off_list();

        pub static $replace: TypeDef = TypeDef::new(
            concat!("System.Text.", $replace_name),
            Kind::Class,
            &[&[
                constructor(concat!($replace_name, "()"), |cx, _| {
                    make(cx, Fallback::Replace(if $encodes { "?" } else { "\u{FFFD}" }.into()), $encodes)
                }),
                constructor(concat!($replace_name, "(string replacement)"), |cx, a| {
                    let text: Arc<str> = cx.text(a[0], "replacement")?.as_ref().into();
                    make(cx, Fallback::Replace(text), $encodes)
                }),
                property("string DefaultString { get; }", |cx, a| match cx.this::<Kept>(a[0])?.0.clone() {
                    Fallback::Replace(text) => cx.new_str(&text),
                    _ => cx.new_str(""),
                }),
            ]],
        )
        .base($base_name)
        .off_list();

        pub static $throw: TypeDef = TypeDef::new(
            concat!("System.Text.", $throw_name),
            Kind::Class,
            &[&[constructor(concat!($throw_name, "()"), |cx, _| make(cx, Fallback::Throw, $encodes))]],
        )
        .base($base_name)
        .off_list();
    };
}

fallbacks!(ENCODER_FALLBACK "EncoderFallback", ENCODER_REPLACEMENT "EncoderReplacementFallback",
    ENCODER_EXCEPTION "EncoderExceptionFallback", true);
fallbacks!(DECODER_FALLBACK "DecoderFallback", DECODER_REPLACEMENT "DecoderReplacementFallback",
    DECODER_EXCEPTION "DecoderExceptionFallback", false);

pub static TYPES: &[&TypeDef] = &[
    &ENCODER_FALLBACK,
    &ENCODER_REPLACEMENT,
    &ENCODER_EXCEPTION,
    &DECODER_FALLBACK,
    &DECODER_REPLACEMENT,
    &DECODER_EXCEPTION,
    &ENCODER,
    &DECODER,
    &PROVIDER,
];

/// `System.Text.EncodingProvider`: there is none to register.
pub static PROVIDER: TypeDef = TypeDef::new("System.Text.EncodingProvider", Kind::Class, &[]).is_abstract().off_list();

fn make(cx: &mut Call<'_>, fallback: Fallback, encodes: bool) -> Result {
    let name = match (&fallback, encodes) {
        (Fallback::Throw, true) => "System.Text.EncoderExceptionFallback",
        (Fallback::Throw, false) => "System.Text.DecoderExceptionFallback",
        (Fallback::Own, true) => "System.Text.EncoderFallback",
        (Fallback::Own, false) => "System.Text.DecoderFallback",
        (_, true) => "System.Text.EncoderReplacementFallback",
        (_, false) => "System.Text.DecoderReplacementFallback",
    };
    cx.heap.new_extension(TypeId::named(name), Kept(fallback))
}

/// The fallback in an argument.
pub fn given(cx: &Call<'_>, value: Value, name: &str) -> Result<Fallback> {
    cx.heap.extension::<Kept>(value).map(|kept| kept.0.clone()).ok_or_else(|| Fault::argument_null(name))
}

/// `EncoderFallback` or `DecoderFallback` of an encoding.
pub fn of(cx: &mut Call<'_>, encoding: Value, encodes: bool) -> Result {
    let own = this(cx, encoding)?;
    let fallback = if encodes { own.encodes } else { own.decodes };
    let usual = if encodes || own.page == Page::Ascii { "?" } else { "\u{FFFD}" };
    let shown = match fallback {
        Fallback::Own if matches!(own.page, Page::Latin1 | Page::Utf7) => Fallback::Own,
        Fallback::Own if own.page == Page::Ascii || !encodes => Fallback::Replace(usual.into()),
        Fallback::Own => Fallback::Replace("\u{FFFD}".into()),
        other => other,
    };
    make(cx, shown, encodes)
}

/// Encodes with what the program wants for what cannot be said.
pub fn encode(page: Page, units: &[u16], fallback: &Fallback) -> Result<Vec<u8>> {
    if *fallback == Fallback::Own || page == Page::Utf7 {
        return Ok(page.encode(units));
    }
    let sayable = |c: char| match page {
        Page::Ascii => c.is_ascii(),
        Page::Latin1 => (c as u32) < 0x100,
        _ => true,
    };
    let (mut out, mut at) = (Vec::new(), 0);
    for c in char::decode_utf16(units.iter().copied()) {
        let width = c.as_ref().map_or(1, |c| c.len_utf16());
        match (&c, fallback) {
            (Ok(c), _) if sayable(*c) => out.extend(page.encode(&units[at..at + width])),
            (_, Fallback::Replace(text)) => {
                let text: Vec<u16> = text.encode_utf16().collect();
                (0..width).for_each(|_| out.extend(page.encode(&text)));
            }
            _ => {
                let code = c.map_or_else(|half| u32::from(half.unpaired_surrogate()), |c| c as u32);
                let message = format!(
                    "Unable to translate Unicode character \\\\u{code:04X} at index {at} to specified code page."
                );
                return Err(Fault::throw("System.Text.EncoderFallbackException", message));
            }
        }
        at += width;
    }
    Ok(out)
}

/// Decodes with what the program wants for what means nothing.
pub fn decode(page: Page, bytes: &[u8], fallback: &Fallback) -> Result<Vec<u16>> {
    if *fallback == Fallback::Own {
        return Ok(page.decode(bytes));
    }
    let mut out = Vec::new();
    let wrong = |out: &mut Vec<u16>, bad: &[u8], at: usize| match fallback {
        Fallback::Replace(text) => {
            out.extend(text.encode_utf16());
            Ok(())
        }
        _ => {
            let shown: String = bad.iter().map(|b| format!("[{b:02X}]")).collect();
            let message =
                format!("Unable to translate bytes {shown} at index {at} from specified code page to Unicode.");
            Err(Fault::throw("System.Text.DecoderFallbackException", message))
        }
    };
    match page {
        Page::Utf8 => {
            let mut at = 0;
            for chunk in bytes.utf8_chunks() {
                out.extend(chunk.valid().encode_utf16());
                at += chunk.valid().len();
                if !chunk.invalid().is_empty() {
                    wrong(&mut out, chunk.invalid(), at)?;
                    at += chunk.invalid().len();
                }
            }
        }
        Page::Ascii => {
            for (at, &byte) in bytes.iter().enumerate() {
                if byte < 0x80 { out.push(byte.into()) } else { wrong(&mut out, &[byte], at)? }
            }
        }
        Page::Utf16 | Page::Utf16Big => {
            let unit = |pair: &[u8]| match (page, pair) {
                (Page::Utf16, &[a, b]) => u16::from_le_bytes([a, b]),
                (_, &[a, b]) => u16::from_be_bytes([a, b]),
                _ => 0,
            };
            let pairs = bytes.chunks_exact(2);
            let rest = pairs.remainder();
            let mut at = 0;
            for c in char::decode_utf16(pairs.map(unit)) {
                match c {
                    Ok(c) => {
                        out.extend(c.encode_utf16(&mut [0; 2]).iter());
                        at += 2 * c.len_utf16();
                    }
                    Err(_) => {
                        wrong(&mut out, &bytes[at..at + 2], at)?;
                        at += 2;
                    }
                }
            }
            if !rest.is_empty() {
                wrong(&mut out, rest, at)?;
            }
        }
        Page::Utf32 | Page::Utf32Big => {
            for (n, four) in bytes.chunks(4).enumerate() {
                let code = match (page, four) {
                    (Page::Utf32, &[a, b, c, d]) => Some(u32::from_le_bytes([a, b, c, d])),
                    (_, &[a, b, c, d]) => Some(u32::from_be_bytes([a, b, c, d])),
                    _ => None,
                };
                match code.and_then(char::from_u32) {
                    Some(c) => out.extend(c.encode_utf16(&mut [0; 2]).iter()),
                    None => wrong(&mut out, four, 4 * n)?,
                }
            }
        }
        Page::Latin1 | Page::Utf7 => return Ok(page.decode(bytes)),
    }
    Ok(out)
}

// ---- coders

/// A coder: an encoding, and what the last call could not finish.
#[derive(Clone, Debug)]
struct Coder {
    encoding: Encoding,
    bytes: Vec<u8>,
    half: Option<u16>,
}

/// `GetEncoder()` or `GetDecoder()`.
pub fn coder(cx: &mut Call<'_>, encoding: Value, encodes: bool) -> Result {
    let encoding = this(cx, encoding)?;
    let name = if encodes { "System.Text.Encoder" } else { "System.Text.Decoder" };
    cx.heap.new_extension(TypeId::named(name), Coder { encoding, bytes: Vec::new(), half: None })
}

const RESET: Row = method("void Reset()", |cx, a| {
    let coder = cx.this_mut::<Coder>(a[0])?;
    (coder.bytes, coder.half) = (Vec::new(), None);
    Ok(Value::Null)
});

pub static DECODER: TypeDef = TypeDef::new(
    "System.Text.Decoder",
    Kind::Class,
    &[&[
        RESET,
        method("int GetCharCount(byte[] bytes, int index, int count)", |cx, a| {
            Ok(Value::Int32(decoded(cx, a, false, ["index", "count"])?.0.len() as i32))
        }),
        method("int GetCharCount(byte[] bytes, int index, int count, bool flush)", |cx, a| {
            Ok(Value::Int32(decoded(cx, a, truth(a[4]), ["index", "count"])?.0.len() as i32))
        }),
        method("int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)", |cx, a| {
            write_chars(cx, a, false)
        }),
        method(
            "int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex, bool flush)",
            |cx, a| write_chars(cx, a, truth(a[6])),
        ),
    ]],
)
.is_abstract()
.off_list();

pub static ENCODER: TypeDef = TypeDef::new(
    "System.Text.Encoder",
    Kind::Class,
    &[&[
        RESET,
        method("int GetByteCount(char[] chars, int index, int count, bool flush)", |cx, a| {
            Ok(Value::Int32(encoded(cx, a, truth(a[4]), ["index", "count"])?.0.len() as i32))
        }),
        method(
            "int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex, bool flush)",
            |cx, a| {
                let (made, half) = encoded(cx, a, truth(a[6]), ["charIndex", "charCount"])?;
                let len = cx.heap.bytes(a[4]).ok_or_else(|| null_array("bytes"))?.len();
                let at = place(a[5], len, "byteIndex")?;
                if made.len() > len - at {
                    let message = "The output byte buffer is too small to contain the encoded data, encoding codepage '{}' and fallback '{}'.";
                    return Err(Fault::argument(message, "bytes"));
                }
                if let Value::Object(handle) = a[4]
                    && let Object::Bytes(bytes) = cx.heap.get_mut(handle)
                {
                    bytes[at..at + made.len()].copy_from_slice(&made);
                }
                cx.this_mut::<Coder>(a[0])?.half = half;
                Ok(Value::Int32(made.len() as i32))
            },
        ),
    ]],
)
.is_abstract()
.off_list();

/// The bytes of a part of a `char[]`, and the half of a pair at its end.
fn encoded(cx: &mut Call<'_>, a: &[Value], flush: bool, names: [&str; 2]) -> Result<(Vec<u8>, Option<u16>)> {
    let coder = cx.this::<Coder>(a[0])?.clone();
    let chars = cx.heap.items(a[1]).ok_or_else(|| null_array("chars"))?;
    let (index, count) = range(a[2], a[3], chars.len(), [names[0], names[1], "chars"], "buffer")?;
    let part = chars[index..index + count].iter().map(|v| v.integer().unwrap_or_default() as u16);
    let mut units: Vec<u16> = coder.half.into_iter().chain(part).collect();
    cx.charge_fuel(units.len() / 16 + 1)?;
    let half = units.last().copied().filter(|unit| !flush && (0xD800..0xDC00).contains(unit));
    if half.is_some() {
        units.pop();
    }
    Ok((encode(coder.encoding.page, &units, &coder.encoding.encodes)?, half))
}

/// The units of a part of a `byte[]`, and the bytes at its end that begin another.
fn decoded(cx: &mut Call<'_>, a: &[Value], flush: bool, names: [&str; 2]) -> Result<(Vec<u16>, Vec<u8>)> {
    let coder = cx.this::<Coder>(a[0])?.clone();
    let bytes = cx.heap.bytes(a[1]).ok_or_else(|| null_array("bytes"))?;
    let (index, count) = range(a[2], a[3], bytes.len(), [names[0], names[1], "bytes"], "buffer")?;
    let mut all = coder.bytes.clone();
    all.extend_from_slice(&bytes[index..index + count]);
    cx.charge_fuel(all.len() / 16 + 1)?;
    let keep = if flush { 0 } else { unfinished(coder.encoding.page, &all) };
    let rest = all.split_off(all.len() - keep);
    Ok((decode(coder.encoding.page, &all, &coder.encoding.decodes)?, rest))
}

/// How many bytes at the end begin a character that is not finished.
fn unfinished(page: Page, bytes: &[u8]) -> usize {
    let len = bytes.len();
    match page {
        Page::Utf8 => (1..=len.min(3))
            .find(|&back| {
                let first = bytes[len - back];
                let width = match first {
                    0xC2..=0xDF => 2,
                    0xE0..=0xEF => 3,
                    0xF0..=0xF4 => 4,
                    _ => 0,
                };
                width > back && bytes[len - back + 1..].iter().all(|b| b & 0xC0 == 0x80)
            })
            .unwrap_or(0),
        Page::Utf16 | Page::Utf16Big => {
            let odd = len % 2;
            let last = &bytes[..len - odd];
            let high = if page == Page::Utf16 { last.last() } else { last.get(last.len().wrapping_sub(2)) };
            odd + if high.is_some_and(|b| (0xD8..0xDC).contains(b)) { 2 } else { 0 }
        }
        Page::Utf32 | Page::Utf32Big => len % 4,
        _ => 0,
    }
}

fn write_chars(cx: &mut Call<'_>, a: &[Value], flush: bool) -> Result {
    let (made, rest) = decoded(cx, a, flush, ["byteIndex", "byteCount"])?;
    let len = cx.heap.items(a[4]).ok_or_else(|| null_array("chars"))?.len();
    let at = place(a[5], len, "charIndex")?;
    if made.len() > len - at {
        return Err(Fault::argument("The output char buffer is too small to contain the decoded characters.", "chars"));
    }
    let units: Vec<Value> = made.iter().map(|&unit| Value::Char(unit)).collect();
    crate::dotnet::system::collections::array::write(cx, a[4], at as i64, &units)?;
    cx.heap.charge(rest.len())?;
    cx.this_mut::<Coder>(a[0])?.bytes = rest;
    Ok(Value::Int32(made.len() as i32))
}
