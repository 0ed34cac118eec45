//! `System.Xml.XmlConvert`: values as XML Schema writes them, and names.

use super::Result;
use super::convert::{invalid, read, to_text};
use super::encoded_name::{self, Kind as NameKind};
use super::name::{bad_character, shown_character, verify, verify_with_colons};
use super::name_characters::{continues_name, starts_name};
use super::schema_date::{self, Zone};
use crate::dotnet::call::{Call, char, enumeration};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, Row, TypeDef, enum_value, static_method, type_of};
use crate::dotnet::system::date_time::{self, from_ticks, get};
use crate::dotnet::system::date_time_offset;
use crate::dotnet::system::display::format_value;
use crate::dotnet::system::format::date_time::MINUTE;
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::{DateTime, Kind as Clock, Value};

pub static MODE: TypeDef = TypeDef::new(
    "System.Xml.XmlDateTimeSerializationMode",
    Kind::Enum,
    &[&[
        enum_value("Local = 0", 0),
        enum_value("Utc = 1", 1),
        enum_value("Unspecified = 2", 2),
        enum_value("RoundtripKind = 3", 3),
    ]],
)
.off_list();

pub static XML_CONVERT: TypeDef =
    TypeDef::new("System.Xml.XmlConvert", Kind::Class, &[NAMES, CHARACTERS, FROM_TEXT, TO_TEXT]).off_list();

// ---- names and characters

const NAMES: &[Row] = &[
    static_method("string DecodeName(string name)", |cx, a| {
        let Some(name) = cx.heap.str(a[0]) else { return Ok(Value::Null) };
        let made = encoded_name::decode(&name.to_wide());
        cx.charge_fuel(made.len() / 8)?;
        cx.heap.new_wide(&made)
    }),
    static_method("string EncodeLocalName(string name)", |cx, a| encode(cx, a[0], NameKind::Local)),
    static_method("string EncodeName(string name)", |cx, a| encode(cx, a[0], NameKind::Name)),
    static_method("string EncodeNmToken(string name)", |cx, a| encode(cx, a[0], NameKind::Token)),
    static_method("string VerifyName(string name)", |cx, a| {
        verify_with_colons(&cx.text(a[0], "name")?)?;
        Ok(a[0])
    }),
    static_method("string VerifyNCName(string name)", |cx, a| {
        verify(&cx.text(a[0], "name")?)?;
        Ok(a[0])
    }),
    static_method("string VerifyNMTOKEN(string name)", |cx, a| {
        let name = cx.str(a[0], "name")?.to_wide();
        if name.is_empty() {
            return Err(wrong("Invalid NmToken value ''."));
        }
        match name.iter().position(|&unit| !continues_name(unit) && unit != 0x3A) {
            Some(at) => Err(wrong(bad_character(&name[at..], false))),
            None => Ok(a[0]),
        }
    }),
    static_method("string VerifyPublicId(string publicId)", |cx, a| {
        let text = cx.str(a[0], "publicId")?.to_wide();
        match text.iter().position(|&unit| !is_public(unit)) {
            Some(at) => Err(bad(&text[at..])),
            None => Ok(a[0]),
        }
    }),
    static_method("string VerifyTOKEN(string token)", |cx, a| {
        let Some(text) = cx.heap.text(a[0]) else { return Ok(Value::Null) };
        if text.starts_with(' ') || text.ends_with(' ') || text.contains(['\t', '\n', '\r']) || text.contains("  ") {
            return Err(wrong(
                "line-feed (#xA) or tab (#x9) characters, leading or trailing spaces and sequences of one or more \
                 spaces (#x20) are not allowed in 'xs:token'.",
            ));
        }
        Ok(a[0])
    }),
    static_method("string VerifyWhitespace(string content)", |cx, a| {
        let text = cx.str(a[0], "content")?.to_wide();
        match text.iter().position(|&unit| !is_space(unit)) {
            Some(at) => {
                let (shown, _) = shown_character(&text[at..]);
                Err(wrong(format!(
                    "The Whitespace or SignificantWhitespace node can contain only XML whitespace characters. '{shown}' \
                     is not an XML white space character."
                )))
            }
            None => Ok(a[0]),
        }
    }),
    static_method("string VerifyXmlChars(string content)", |cx, a| {
        let text = cx.str(a[0], "content")?.to_wide();
        let mut at = 0;
        while let Some(&unit) = text.get(at) {
            match (unit, text.get(at + 1)) {
                (0xD800..=0xDBFF, Some(0xDC00..=0xDFFF)) => at += 1,
                (0xD800..=0xDBFF, None) => {
                    return Err(wrong("The surrogate pair is invalid. Missing a low surrogate character."));
                }
                (0xD800..=0xDBFF, Some(low)) => {
                    return Err(wrong(format!(
                        "The surrogate pair (0x{unit:X}, 0x{low:X}) is invalid. A high surrogate character (0xD800 - \
                         0xDBFF) must always be paired with a low surrogate character (0xDC00 - 0xDFFF)."
                    )));
                }
                (0xDC00..=0xDFFF, _) => {
                    return Err(wrong(format!(
                        "Invalid high surrogate character (0x{unit:X}). A high surrogate character must have a value \
                         from range (0xD800 - 0xDBFF)."
                    )));
                }
                _ if !is_legal(unit) => return Err(bad(&text[at..])),
                _ => {}
            }
            at += 1;
        }
        Ok(a[0])
    }),
];

const CHARACTERS: &[Row] = &[
    static_method("bool IsNCNameChar(char ch)", |_, a| Ok(Value::Bool(continues_name(char(a[0]))))),
    static_method("bool IsPublicIdChar(char ch)", |_, a| Ok(Value::Bool(is_public(char(a[0]))))),
    static_method("bool IsStartNCNameChar(char ch)", |_, a| Ok(Value::Bool(starts_name(char(a[0]))))),
    static_method("bool IsWhitespaceChar(char ch)", |_, a| Ok(Value::Bool(is_space(char(a[0]))))),
    static_method("bool IsXmlChar(char ch)", |_, a| Ok(Value::Bool(is_legal(char(a[0]))))),
    static_method("bool IsXmlSurrogatePair(char lowChar, char highChar)", |_, a| {
        let pair = (0xDC00..0xE000).contains(&char(a[0])) && (0xD800..0xDC00).contains(&char(a[1]));
        Ok(Value::Bool(pair))
    }),
];

fn encode(cx: &mut Call<'_>, name: Value, kind: NameKind) -> Result {
    let Some(name) = cx.heap.str(name) else { return Ok(Value::Null) };
    let made = encoded_name::encode(&name.to_wide(), kind);
    cx.charge_fuel(made.len() / 8)?;
    cx.heap.new_wide(&made)
}

fn wrong(message: impl Into<String>) -> Fault {
    Fault::throw("System.Xml.XmlException", message)
}

fn bad(units: &[u16]) -> Fault {
    let (shown, number) = shown_character(units);
    wrong(format!("'{shown}', hexadecimal value 0x{number:02X}, is an invalid character."))
}

fn is_space(unit: u16) -> bool {
    matches!(unit, 9 | 10 | 13 | 32)
}

/// A character of XML by itself: no half of a pair.
fn is_legal(unit: u16) -> bool {
    is_space(unit) || matches!(unit, 0x20..=0xD7FF | 0xE000..=0xFFFD)
}

/// May stand in a public identifier.
pub fn is_public(unit: u16) -> bool {
    let signs = b" \r\n-'()+,./:=?;!*#@$_%";
    u8::try_from(unit).is_ok_and(|byte| byte.is_ascii_alphanumeric() || signs.contains(&byte))
}

// ---- text to values

/// `ToInt32` and the others that read a number: null throws for `s`.
macro_rules! reader {
    ($signature:literal, $ty:ident) => {
        static_method($signature, |cx, a| {
            cx.str(a[0], "s")?;
            read(cx, a[0], types::$ty())
        })
    };
}

/// The same where null is asked for its length first.
macro_rules! careless_reader {
    ($signature:literal, $ty:ident) => {
        static_method($signature, |cx, a| {
            cx.this_str(a[0])?;
            read(cx, a[0], types::$ty())
        })
    };
}

const FROM_TEXT: &[Row] = &[
    static_method("bool ToBoolean(string s)", |cx, a| {
        let text = cx.this_str(a[0])?.to_text().into_owned();
        match text.trim_matches([' ', '\t', '\n', '\r']) {
            "1" | "true" => Ok(Value::Bool(true)),
            "0" | "false" => Ok(Value::Bool(false)),
            other => Err(invalid(other, "Boolean")),
        }
    }),
    reader!("byte ToByte(string s)", byte),
    static_method("char ToChar(string s)", |cx, a| {
        let text = cx.str(a[0], "s")?;
        if text.len() != 1 {
            return Err(Fault::throw("System.FormatException", "String must be exactly one character long."));
        }
        Ok(Value::Char(text.unit(0)))
    }),
    static_method("DateTime ToDateTime(string s)", |cx, a| {
        let items = ANY_DATE.iter().map(|format| cx.new_str(format)).collect::<Result<Vec<_>>>()?;
        let formats = cx.heap.new_array(TypeId::array(types::string()), items)?;
        exact_date(cx, a[0], formats)
    }),
    static_method("DateTime ToDateTime(string s, string format)", |cx, a| exact_date(cx, a[0], a[1])),
    static_method("DateTime ToDateTime(string s, string[] formats)", |cx, a| exact_date(cx, a[0], a[1])),
    static_method("DateTime ToDateTime(string s, XmlDateTimeSerializationMode dateTimeOption)", |cx, a| {
        let text = cx.this_str(a[0])?.to_text().into_owned();
        let read = schema_date::read(&text, date_time::now(cx)).ok_or_else(|| invalid(&text, "AllXsd"))?;
        let (ticks, kind) = match read.zone {
            Zone::None => (read.ticks, 0),
            Zone::Utc => (read.ticks, 1),
            Zone::Minutes(minutes) => (read.ticks - minutes * MINUTE, 2),
        };
        in_mode(Value::DateTime(get(from_ticks(ticks.clamp(0, DateTime::MAX_TICKS), kind)?)), a[1])
    }),
    static_method("DateTimeOffset ToDateTimeOffset(string s)", |cx, a| {
        cx.str(a[0], "s")?;
        read(cx, a[0], types::date_time_offset())
    }),
    static_method("DateTimeOffset ToDateTimeOffset(string s, string format)", exact_offset),
    static_method("DateTimeOffset ToDateTimeOffset(string s, string[] formats)", exact_offset),
    reader!("decimal ToDecimal(string s)", decimal),
    careless_reader!("double ToDouble(string s)", double),
    static_method("Guid ToGuid(string s)", |cx, a| {
        cx.str(a[0], "g")?;
        read(cx, a[0], types::guid())
    }),
    reader!("short ToInt16(string s)", int16),
    reader!("int ToInt32(string s)", int32),
    reader!("long ToInt64(string s)", int64),
    reader!("sbyte ToSByte(string s)", sbyte),
    careless_reader!("float ToSingle(string s)", single),
    static_method("TimeSpan ToTimeSpan(string s)", |cx, a| read(cx, a[0], types::time_span())),
    reader!("ushort ToUInt16(string s)", uint16),
    reader!("uint ToUInt32(string s)", uint32),
    reader!("ulong ToUInt64(string s)", uint64),
];

/// What `ToDateTime(string)` takes.
const ANY_DATE: [&str; 24] = [
    "yyyy-MM-ddTHH:mm:ss.FFFFFFFzzzzzz",
    "yyyy-MM-ddTHH:mm:ss.FFFFFFF",
    "yyyy-MM-ddTHH:mm:ss.FFFFFFFZ",
    "HH:mm:ss.FFFFFFF",
    "HH:mm:ss.FFFFFFFZ",
    "HH:mm:ss.FFFFFFFzzzzzz",
    "yyyy-MM-dd",
    "yyyy-MM-ddZ",
    "yyyy-MM-ddzzzzzz",
    "yyyy-MM",
    "yyyy-MMZ",
    "yyyy-MMzzzzzz",
    "yyyy",
    "yyyyZ",
    "yyyyzzzzzz",
    "--MM-dd",
    "--MM-ddZ",
    "--MM-ddzzzzzz",
    "---dd",
    "---ddZ",
    "---ddzzzzzz",
    "--MM--",
    "--MM--Z",
    "--MM--zzzzzz",
];

/// `DateTimeStyles.AllowLeadingWhite | AllowTrailingWhite`.
fn white() -> Value {
    Value::Enum { ty: type_of("DateTimeStyles"), value: 3 }
}

fn exact_date(cx: &mut Call<'_>, text: Value, formats: Value) -> Result {
    date_time::parse_exact(cx, &[text, formats, Value::Null, white()])
}

fn exact_offset(cx: &mut Call<'_>, a: &[Value]) -> Result {
    date_time_offset::parse_exact(cx, &[a[0], a[1], Value::Null, white()])
}

/// A date as a mode wants it; the local zone is UTC.
fn in_mode(date: Value, mode: Value) -> Result {
    let own = get(date);
    let kind = match (enumeration(mode), own.kind()) {
        (0, _) => 2,
        (1, _) => 1,
        (2, _) => 0,
        (3, kind) => kind as i64,
        (other, _) => {
            return Err(Fault::throw(
                "System.ArgumentException",
                format!(
                    "The '{other}' value for the 'dateTimeOption' parameter is not an allowed value for the \
                     'XmlDateTimeSerializationMode' enumeration."
                ),
            ));
        }
    };
    from_ticks(own.ticks(), kind)
}

// ---- values as text

macro_rules! writer {
    ($($signature:literal)*) => { &[$(static_method($signature, |cx, a| to_text(cx, a[0])),)*
        static_method("string ToString(DateTime value)", |cx, a| {
            formatted(cx, a[0], "yyyy-MM-ddTHH:mm:ss.fffffffzzzzzz")
        }),
        static_method("string ToString(DateTime value, string format)", |cx, a| {
            let format = cx.heap.text(a[1]).unwrap_or_default().into_owned();
            formatted(cx, a[0], &format)
        }),
        static_method("string ToString(DateTime value, XmlDateTimeSerializationMode dateTimeOption)", |cx, a| {
            let date = in_mode(a[0], a[1])?;
            // The local zone is shown by its distance.
            match get(date).kind() {
                Clock::Local => formatted(cx, date, "yyyy-MM-ddTHH:mm:ss.FFFFFFFzzz"),
                _ => to_text(cx, date),
            }
        }),
        static_method("string ToString(DateTimeOffset value, string format)", |cx, a| {
            let format = cx.heap.text(a[1]).unwrap_or_default().into_owned();
            formatted(cx, a[0], &format)
        }),
    ] };
}

const TO_TEXT: &[Row] = writer!(
    "string ToString(bool value)"
    "string ToString(byte value)"
    "string ToString(char value)"
    "string ToString(decimal value)"
    "string ToString(sbyte value)"
    "string ToString(short value)"
    "string ToString(int value)"
    "string ToString(long value)"
    "string ToString(ushort value)"
    "string ToString(uint value)"
    "string ToString(ulong value)"
    "string ToString(float value)"
    "string ToString(double value)"
    "string ToString(TimeSpan value)"
    "string ToString(DateTimeOffset value)"
    "string ToString(Guid value)"
);

fn formatted(cx: &mut Call<'_>, value: Value, format: &str) -> Result {
    let text = format_value(cx, value, Some(format))?;
    cx.new_str(&text)
}
