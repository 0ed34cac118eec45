//! `System.Char`: one UTF-16 unit.

use super::format::numeric;
use super::format::unicode::{category, is_white_space, to_lower, to_upper};
use super::object::{compare_row, equals_row, hash_row, to_str, to_string};
use crate::dotnet::call::{Call, char as unit, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, Row, TypeDef, constant, enum_value, method, static_method};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

pub static CHAR: TypeDef = TypeDef::new("System.Char", Kind::Struct, &[ROWS, TESTS]).alias("char").interfaces(&[
    "IComparable",
    "IComparable<char>",
    "IConvertible",
    "IEquatable<char>",
]);

const ROWS: &[Row] = &[
    method("int CompareTo(object value)", compare_row),
    method("int CompareTo(char value)", |_, a| Ok(Value::Int32(i32::from(unit(a[0])) - i32::from(unit(a[1]))))),
    static_method("string ConvertFromUtf32(int utf32)", convert_from_utf32),
    static_method("int ConvertToUtf32(char highSurrogate, char lowSurrogate)", |_, a| {
        pair(unit(a[0]), unit(a[1])).map(Value::Int32)
    }),
    static_method("int ConvertToUtf32(string s, int index)", convert_to_utf32),
    method("bool Equals(object obj)", equals_row),
    method("bool Equals(char obj)", equals_row),
    method("int GetHashCode()", hash_row),
    static_method("double GetNumericValue(char c)", numeric_value),
    static_method("double GetNumericValue(string s, int index)", |cx, a| {
        let unit = at(cx, a)?;
        numeric_value(cx, &[Value::Char(unit)])
    }),
    method("TypeCode GetTypeCode()", super::number::type_code),
    static_method("UnicodeCategory GetUnicodeCategory(char c)", get_category),
    static_method("UnicodeCategory GetUnicodeCategory(string s, int index)", get_category),
    constant("const char MaxValue", Value::Char(0xFFFF)),
    constant("const char MinValue", Value::Char(0)),
    static_method("char Parse(string s)", parse),
    static_method("char ToLower(char c, CultureInfo culture)", |_, a| with_culture(a, to_lower)),
    static_method("char ToLower(char c)", |_, a| Ok(Value::Char(to_lower(unit(a[0]))))),
    static_method("char ToLowerInvariant(char c)", |_, a| Ok(Value::Char(to_lower(unit(a[0]))))),
    method("string ToString()", to_string),
    method("string ToString(IFormatProvider provider)", to_string),
    static_method("string ToString(char c)", |cx, a| to_str(cx, a[0])),
    static_method("char ToUpper(char c, CultureInfo culture)", |_, a| with_culture(a, to_upper)),
    static_method("char ToUpper(char c)", |_, a| Ok(Value::Char(to_upper(unit(a[0]))))),
    static_method("char ToUpperInvariant(char c)", |_, a| Ok(Value::Char(to_upper(unit(a[0]))))),
    static_method("bool TryParse(string s, out char result)", try_parse),
];

macro_rules! tests {
    ($($name:literal $test:expr;)*) => {
        &[$(
            static_method(concat!("bool ", $name, "(char c)"), |_, a| {
                let test: fn(u32) -> bool = $test;
                Ok(Value::Bool(test(unit(a[0]).into())))
            }),
            static_method(concat!("bool ", $name, "(string s, int index)"), |cx, a| {
                let test: fn(u32) -> bool = $test;
                // Which half of a pair it is shows in the unit alone.
                let code = if $name.ends_with("Surrogate") { at(cx, a)?.into() } else { code_point(cx, a)? };
                Ok(Value::Bool(test(code)))
            }),
        )*
            static_method("bool IsSurrogatePair(string s, int index)", is_surrogate_pair),
            static_method("bool IsSurrogatePair(char highSurrogate, char lowSurrogate)", |_, a| {
                Ok(Value::Bool(is_high(unit(a[0])) && is_low(unit(a[1]))))
            }),
        ]
    };
}

const TESTS: &[Row] = tests! {
    "IsControl" |c| category(c) == 14;
    "IsDigit" |c| category(c) == 8;
    "IsHighSurrogate" |c| c & 0xFFFF_FC00 == 0xD800;
    "IsLetter" |c| category(c) <= 4;
    "IsLetterOrDigit" |c| matches!(category(c), 0..=4 | 8);
    "IsLowSurrogate" |c| c & 0xFFFF_FC00 == 0xDC00;
    "IsLower" |c| category(c) == 1;
    "IsNumber" |c| (8..=10).contains(&category(c));
    "IsPunctuation" |c| (18..=24).contains(&category(c));
    "IsSeparator" |c| (11..=13).contains(&category(c));
    "IsSurrogate" |c| (0xD800..0xE000).contains(&c);
    "IsSymbol" |c| (25..=28).contains(&category(c));
    "IsUpper" |c| category(c) == 0;
    "IsWhiteSpace" |c| u16::try_from(c).is_ok_and(is_white_space);
};

fn with_culture(a: &[Value], map: fn(u16) -> u16) -> Result {
    if a[1].is_null() { Err(Fault::argument_null("culture")) } else { Ok(Value::Char(map(unit(a[0])))) }
}

fn is_high(unit: u16) -> bool {
    unit & 0xFC00 == 0xD800
}

fn is_low(unit: u16) -> bool {
    unit & 0xFC00 == 0xDC00
}

/// The unit at an index of a string: `(string s, int index)`.
fn at(cx: &Call<'_>, a: &[Value]) -> Result<u16> {
    let text = cx.str(a[0], "s")?;
    match usize::try_from(int(a[1])) {
        Ok(at) if at < text.len() => Ok(text.unit(at)),
        _ => Err(Fault::out_of_range("Specified argument was out of the range of valid values.", "index")),
    }
}

/// The code point at an index of a string; half of a pair stands for itself.
fn code_point(cx: &Call<'_>, a: &[Value]) -> Result<u32> {
    let first = at(cx, a)?;
    let text = cx.str(a[0], "s")?;
    let next = int(a[1]) as usize + 1;
    if is_high(first) && next < text.len() && is_low(text.unit(next)) {
        return Ok(0x10000 + (u32::from(first & 0x3FF) << 10) + u32::from(text.unit(next) & 0x3FF));
    }
    Ok(first.into())
}

fn pair(high: u16, low: u16) -> Result<i32> {
    if !is_high(high) {
        let message = "A valid high surrogate character is between 0xd800 and 0xdbff, inclusive.";
        return Err(Fault::out_of_range(message, "highSurrogate"));
    }
    if !is_low(low) {
        let message = "A valid low surrogate character is between 0xdc00 and 0xdfff, inclusive.";
        return Err(Fault::out_of_range(message, "lowSurrogate"));
    }
    Ok(0x10000 + (i32::from(high & 0x3FF) << 10) + i32::from(low & 0x3FF))
}

fn convert_from_utf32(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let c = u32::try_from(int(a[0])).ok().and_then(char::from_u32).ok_or_else(|| {
        let message = "A valid UTF32 value is between 0x000000 and 0x10ffff, inclusive, and should not include surrogate codepoint values (0x00d800 ~ 0x00dfff).";
        Fault::out_of_range(message, "utf32")
    })?;
    cx.new_str(c.encode_utf8(&mut [0; 4]))
}

fn convert_to_utf32(cx: &mut Call<'_>, a: &[Value]) -> Result {
    cx.str(a[0], "s")?;
    let first = at(cx, a).map_err(|_| Fault::index("index"))?;
    if !is_high(first) && !is_low(first) {
        return Ok(Value::Int32(first.into()));
    }
    let text = cx.str(a[0], "s")?;
    let next = int(a[1]) as usize + 1;
    if is_high(first) && next < text.len() && is_low(text.unit(next)) {
        return pair(first, text.unit(next)).map(Value::Int32);
    }
    let which = if is_high(first) { "high" } else { "low" };
    let message = format!(
        "Found a {which} surrogate char without a preceding high surrogate at index: {}. The input may not be in this encoding, or may not contain valid Unicode (UTF-16) characters.",
        int(a[1])
    );
    Err(Fault::argument(&message, "s"))
}

fn is_surrogate_pair(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let first = at(cx, a)?;
    let text = cx.str(a[0], "s")?;
    let next = int(a[1]) as usize + 1;
    Ok(Value::Bool(is_high(first) && next < text.len() && is_low(text.unit(next))))
}

fn get_category(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let code = if a.len() == 2 { code_point(cx, a)? } else { unit(a[0]).into() };
    let ty = TypeId::named("System.Globalization.UnicodeCategory");
    Ok(Value::Enum { ty, value: category(code).into() })
}

fn numeric_value(_: &mut Call<'_>, a: &[Value]) -> Result {
    let c = unit(a[0]);
    let value = match numeric::value(c) {
        Some(value) => value,
        // Digits stand in runs of ten, each beginning with its zero.
        None if category(c.into()) == 8 => {
            let mut first = c;
            while first > 0 && c - first < 9 && category((first - 1).into()) == 8 {
                first -= 1;
            }
            if c < 0x80 { f64::from(c - 0x30) } else { f64::from((c - first) % 10) }
        }
        None => -1.0,
    };
    Ok(Value::Double(value))
}

fn parse(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let text = cx.str(a[0], "s")?;
    if text.len() == 1 {
        return Ok(Value::Char(text.unit(0)));
    }
    Err(Fault::throw("System.FormatException", "String must be exactly one character long."))
}

fn try_parse(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let found = cx.heap.str(a[0]).filter(|t| t.len() == 1).map(|t| t.unit(0));
    cx.set_out(1, Value::Char(found.unwrap_or(0)));
    Ok(Value::Bool(found.is_some()))
}

macro_rules! categories {
    ($($at:literal $name:literal;)*) => {
        /// `System.Globalization.UnicodeCategory`, in the order of [`super::format::unicode::CATEGORIES`].
        pub static UNICODE_CATEGORY: TypeDef =
            TypeDef::new("System.Globalization.UnicodeCategory", Kind::Enum, &[&[$(enum_value($name, $at)),*]]).off_list();
    };
}

categories! {
    0 "UppercaseLetter"; 1 "LowercaseLetter"; 2 "TitlecaseLetter"; 3 "ModifierLetter"; 4 "OtherLetter";
    5 "NonSpacingMark"; 6 "SpacingCombiningMark"; 7 "EnclosingMark"; 8 "DecimalDigitNumber"; 9 "LetterNumber";
    10 "OtherNumber"; 11 "SpaceSeparator"; 12 "LineSeparator"; 13 "ParagraphSeparator"; 14 "Control"; 15 "Format";
    16 "Surrogate"; 17 "PrivateUse"; 18 "ConnectorPunctuation"; 19 "DashPunctuation"; 20 "OpenPunctuation";
    21 "ClosePunctuation"; 22 "InitialQuotePunctuation"; 23 "FinalQuotePunctuation"; 24 "OtherPunctuation";
    25 "MathSymbol"; 26 "CurrencySymbol"; 27 "ModifierSymbol"; 28 "OtherSymbol"; 29 "OtherNotAssigned";
}
