//! `System.Globalization.CultureInfo` and what hangs on it: there is the invariant culture alone.
//!
//! In: nothing but itself. Out: the words and signs that numbers and dates are written with.

use super::calendar;
use super::collections::array::copy::actual;
use super::format::date_time::{MONTHS, WEEKDAYS};
use super::format::unicode;
use super::object::{equals_row, hash_row};
use super::string::{build, search};
use crate::dotnet::call::{Call, enumeration, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, Row, TypeDef, method, property, static_property, type_of};
use crate::dotnet::types;
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

pub static TYPES: &[&TypeDef] =
    &[&FORMAT_PROVIDER, &CULTURE, &TEXT_INFO, &COMPARE_INFO, &NUMBER_FORMAT, &DATE_TIME_FORMAT];

/// The invariant culture, and each of its parts.
#[derive(Debug)]
struct Invariant;

fn part(cx: &mut Call<'_>, name: &str) -> Result {
    cx.heap.new_extension(type_of(name), Invariant)
}

pub fn culture(cx: &mut Call<'_>, _: &[Value]) -> Result {
    part(cx, "CultureInfo")
}

fn number_format(cx: &mut Call<'_>, _: &[Value]) -> Result {
    part(cx, "NumberFormatInfo")
}

fn date_time_format(cx: &mut Call<'_>, _: &[Value]) -> Result {
    part(cx, "DateTimeFormatInfo")
}

/// A property whose value is text that never changes.
macro_rules! texts {
    ($($name:literal $text:literal),* $(,)?) => {
        &[$(property(concat!("string ", $name, " { get; }"), |cx, _| cx.new_str($text))),*]
    };
}

/// A property whose value is a number that never changes.
macro_rules! numbers {
    ($($name:literal $number:literal),* $(,)?) => {
        &[$(property(concat!("int ", $name, " { get; }"), |_, _| Ok(Value::Int32($number)))),*]
    };
}

const READ_ONLY: &[Row] = &[property("bool IsReadOnly { get; }", |_, _| Ok(Value::Bool(true)))];

pub static FORMAT_PROVIDER: TypeDef = TypeDef::new("System.IFormatProvider", Kind::Interface, &[]).off_list();

pub static CULTURE: TypeDef = TypeDef::new(
    "System.Globalization.CultureInfo",
    Kind::Class,
    &[
        &[
            static_property("CultureInfo InvariantCulture { get; }", |cx, a| cx.once("Culture", |cx| culture(cx, a))),
            static_property("CultureInfo CurrentCulture { get; }", |cx, a| cx.once("Culture", |cx| culture(cx, a))),
            static_property("CultureInfo CurrentUICulture { get; }", |cx, a| cx.once("Culture", |cx| culture(cx, a))),
            property("Calendar Calendar { get; }", |cx, _| calendar::new(cx)),
            property("CompareInfo CompareInfo { get; }", |cx, _| part(cx, "CompareInfo")),
            property("DateTimeFormatInfo DateTimeFormat { get; }", date_time_format),
            property("NumberFormatInfo NumberFormat { get; }", number_format),
            property("TextInfo TextInfo { get; }", |cx, _| part(cx, "TextInfo")),
            property("CultureInfo Parent { get; }", culture),
            property("bool IsNeutralCulture { get; }", |_, _| Ok(Value::Bool(false))),
            // There is one culture, whoever holds it.
            method("bool Equals(object value)", |cx, a| {
                Ok(Value::Bool(cx.heap.type_of(a[1]) == type_of("CultureInfo")))
            }),
            method("int GetHashCode()", |_, _| Ok(Value::Int32(0))),
            method("string ToString()", |cx, _| cx.new_str("")),
        ],
        texts!["Name" "", "EnglishName" "Invariant Language (Invariant Country)",
            "NativeName" "Invariant Language (Invariant Country)", "TwoLetterISOLanguageName" "iv",
            "ThreeLetterISOLanguageName" "ivl"],
        numbers!["LCID" 127],
        READ_ONLY,
    ],
)
.interfaces(&["IFormatProvider", "ICloneable"])
.off_list();

// ---- texts

pub static TEXT_INFO: TypeDef = TypeDef::new(
    "System.Globalization.TextInfo",
    Kind::Class,
    &[
        &[
            method("char ToLower(char c)", |_, a| Ok(changed(a[1], unicode::to_lower))),
            method("string ToLower(string str)", |cx, a| build::change_case(cx.heap, a[1], false)),
            method("char ToUpper(char c)", |_, a| Ok(changed(a[1], unicode::to_upper))),
            method("string ToUpper(string str)", |cx, a| build::change_case(cx.heap, a[1], true)),
            method("string ToTitleCase(string str)", to_title_case),
            method("string ToString()", |cx, _| cx.new_str("TextInfo - ")),
        ],
        texts!["ListSeparator" ",", "CultureName" ""],
        READ_ONLY,
    ],
)
.off_list();

fn changed(c: Value, map: fn(u16) -> u16) -> Value {
    if let Value::Char(unit) = c { Value::Char(map(unit)) } else { c }
}

/// Words in capitals throughout are abbreviations and stay.
fn to_title_case(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let units = cx.str(a[1], "str")?.to_wide();
    cx.charge_fuel(units.len() / 4)?;
    let mut lower = units.clone();
    unicode::map_case(&mut lower, false);
    let mut out = Vec::with_capacity(units.len());
    let mut at = 0;
    while at < units.len() {
        let (kind, len) = category(&units, at);
        if !is_letter(kind) {
            out.extend(&units[at..at + len]);
            at += len;
            continue;
        }
        let first = out.len();
        out.extend(&units[at..at + len]);
        capitalise(&mut out[first..]);
        at += len;
        let (mut from, mut has_lower) = (at, kind == LOWERCASE);
        while at < units.len() {
            let (kind, len) = category(&units, at);
            has_lower |= kind == LOWERCASE;
            if !is_letter(kind) && units[at] == u16::from(b'\'') {
                at += 1;
                out.extend(if has_lower { &lower[from..at] } else { &units[from..at] });
                from = at;
                has_lower = true;
            } else if ends_word(kind) {
                break;
            } else {
                at += len;
            }
        }
        out.extend(if has_lower { &lower[from..at] } else { &units[from..at] });
    }
    cx.heap.new_wide(&out)
}

const LOWERCASE: u8 = 1;

fn is_letter(category: u8) -> bool {
    category <= 4
}

/// Spaces, punctuation, symbols and what controls; marks and digits belong to the word.
fn ends_word(category: u8) -> bool {
    matches!(category, 11..=15 | 18..=28)
}

/// The category of the character at a place, and its length in units.
fn category(units: &[u16], at: usize) -> (u8, usize) {
    match char::decode_utf16(units[at..].iter().copied().take(2)).next() {
        Some(Ok(c)) => (unicode::category(c.into()), c.len_utf16()),
        _ => (unicode::category(units[at].into()), 1),
    }
}

/// The capital of a character; letters that are two have one for titles.
fn capitalise(units: &mut [u16]) {
    match units {
        [one @ (0x1C4..=0x1CC | 0x1F1..=0x1F3)] => {
            *one = match *one {
                0x1C4..=0x1C6 => 0x1C5,
                0x1C7..=0x1C9 => 0x1C8,
                0x1CA..=0x1CC => 0x1CB,
                _ => 0x1F2,
            }
        }
        other => unicode::map_case(other, true),
    }
}

pub static COMPARE_INFO: TypeDef = TypeDef::new(
    "System.Globalization.CompareInfo",
    Kind::Class,
    &[
        &[
            method("int Compare(string string1, string string2)", |cx, a| search::compare_two(cx, &a[1..])),
            method("int Compare(string string1, string string2, CompareOptions options)", |cx, a| {
                search::compare_two(cx, &a[1..])
            }),
            method("int IndexOf(string source, string value)", |cx, a| search::index_of(cx, &a[1..])),
            method("int IndexOf(string source, string value, CompareOptions options)", |cx, a| {
                plain(a)?;
                search::index_of(cx, &a[1..])
            }),
            method("bool IsPrefix(string source, string prefix)", |cx, a| search::starts_with(cx, &a[1..])),
            method("bool IsPrefix(string source, string prefix, CompareOptions options)", |cx, a| {
                plain(a)?;
                search::starts_with(cx, &a[1..])
            }),
            method("bool IsSuffix(string source, string suffix)", |cx, a| search::ends_with(cx, &a[1..])),
            method("bool IsSuffix(string source, string suffix, CompareOptions options)", |cx, a| {
                plain(a)?;
                search::ends_with(cx, &a[1..])
            }),
            method("int LastIndexOf(string source, string value)", |cx, a| search::last_index_of(cx, &a[1..])),
            method("int LastIndexOf(string source, string value, CompareOptions options)", |cx, a| {
                plain(a)?;
                search::last_index_of(cx, &a[1..])
            }),
            method("bool Equals(object value)", equals_row),
            method("int GetHashCode()", hash_row),
            method("string ToString()", |cx, _| cx.new_str("CompareInfo - ")),
        ],
        texts!["Name" ""],
        numbers!["LCID" 127],
    ],
)
.off_list();

/// Searches leave out nothing but case.
fn plain(a: &[Value]) -> Result<()> {
    match enumeration(a[3]) & 0x1E {
        0 => Ok(()),
        _ => Err(Fault::not_supported("Searches by culture can ignore nothing but case here.")),
    }
}

// ---- numbers

pub static NUMBER_FORMAT: TypeDef = TypeDef::new(
    "System.Globalization.NumberFormatInfo",
    Kind::Class,
    &[
        &[
            static_property("NumberFormatInfo InvariantInfo { get; }", number_format),
            static_property("NumberFormatInfo CurrentInfo { get; }", number_format),
            property("int[] CurrencyGroupSizes { get; }", group_sizes),
            property("int[] NumberGroupSizes { get; }", group_sizes),
            property("int[] PercentGroupSizes { get; }", group_sizes),
        ],
        texts!["CurrencyDecimalSeparator" ".", "CurrencyGroupSeparator" ",", "CurrencySymbol" "¤",
            "NaNSymbol" "NaN", "NegativeInfinitySymbol" "-Infinity", "NegativeSign" "-",
            "NumberDecimalSeparator" ".", "NumberGroupSeparator" ",", "PerMilleSymbol" "‰",
            "PercentDecimalSeparator" ".", "PercentGroupSeparator" ",", "PercentSymbol" "%",
            "PositiveInfinitySymbol" "Infinity", "PositiveSign" "+"],
        numbers!["CurrencyDecimalDigits" 2, "CurrencyNegativePattern" 0, "CurrencyPositivePattern" 0,
            "NumberDecimalDigits" 2, "NumberNegativePattern" 1, "PercentDecimalDigits" 2,
            "PercentNegativePattern" 0, "PercentPositivePattern" 0],
        READ_ONLY,
    ],
)
.interfaces(&["IFormatProvider", "ICloneable"])
.off_list();

fn group_sizes(cx: &mut Call<'_>, _: &[Value]) -> Result {
    let ty = cx.returns;
    cx.heap.new_array(ty, vec![Value::Int32(3)])
}

// ---- dates

pub static DATE_TIME_FORMAT: TypeDef = TypeDef::new(
    "System.Globalization.DateTimeFormatInfo",
    Kind::Class,
    &[
        &[
            static_property("DateTimeFormatInfo InvariantInfo { get; }", date_time_format),
            static_property("DateTimeFormatInfo CurrentInfo { get; }", date_time_format),
            property("string[] AbbreviatedDayNames { get; }", |cx, _| names(cx, WEEKDAYS.map(|day| &day[..3]))),
            property("string[] AbbreviatedMonthNames { get; }", |cx, _| month_names(cx, 3)),
            property("Calendar Calendar { get; }", |cx, _| calendar::new(cx)),
            property("CalendarWeekRule CalendarWeekRule { get; }", |_, _| {
                Ok(Value::Enum { ty: type_of("CalendarWeekRule"), value: 0 })
            }),
            property("string[] DayNames { get; }", |cx, _| names(cx, WEEKDAYS)),
            property("DayOfWeek FirstDayOfWeek { get; }", |_, _| {
                Ok(Value::Enum { ty: type_of("DayOfWeek"), value: 0 })
            }),
            property("string[] MonthGenitiveNames { get; }", |cx, _| month_names(cx, usize::MAX)),
            property("string[] MonthNames { get; }", |cx, _| month_names(cx, usize::MAX)),
            property("string[] ShortestDayNames { get; }", |cx, _| names(cx, WEEKDAYS.map(|day| &day[..2]))),
            method("string GetAbbreviatedDayName(DayOfWeek dayofweek)", |cx, a| {
                cx.new_str(&weekday(a[1], "dayofweek")?[..3])
            }),
            method("string GetAbbreviatedMonthName(int month)", |cx, a| month_name(cx, a[1], 3)),
            method("string GetDayName(DayOfWeek dayofweek)", |cx, a| cx.new_str(weekday(a[1], "dayofweek")?)),
            method("string GetMonthName(int month)", |cx, a| month_name(cx, a[1], usize::MAX)),
            method("string GetShortestDayName(DayOfWeek dayOfWeek)", |cx, a| {
                cx.new_str(&weekday(a[1], "dayOfWeek")?[..2])
            }),
        ],
        texts!["AMDesignator" "AM", "DateSeparator" "/", "FullDateTimePattern" "dddd, dd MMMM yyyy HH:mm:ss",
            "LongDatePattern" "dddd, dd MMMM yyyy", "LongTimePattern" "HH:mm:ss", "MonthDayPattern" "MMMM dd",
            "NativeCalendarName" "Gregorian Calendar", "PMDesignator" "PM",
            "RFC1123Pattern" "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'", "ShortDatePattern" "MM/dd/yyyy",
            "ShortTimePattern" "HH:mm", "SortableDateTimePattern" "yyyy'-'MM'-'dd'T'HH':'mm':'ss",
            "TimeSeparator" ":", "UniversalSortableDateTimePattern" "yyyy'-'MM'-'dd HH':'mm':'ss'Z'",
            "YearMonthPattern" "yyyy MMMM"],
        READ_ONLY,
    ],
)
.interfaces(&["IFormatProvider", "ICloneable"])
.off_list();

fn names<const N: usize>(cx: &mut Call<'_>, names: [&str; N]) -> Result {
    let items = names.iter().map(|name| cx.new_str(name)).collect::<Result<Vec<_>>>()?;
    cx.heap.new_array(types::TypeId::array(types::string()), items)
}

/// The months' names, and that of the thirteenth, which this calendar does not have.
fn month_names(cx: &mut Call<'_>, most: usize) -> Result {
    let mut all = [""; 13];
    for (own, month) in all.iter_mut().zip(MONTHS) {
        *own = &month[..most.min(month.len())];
    }
    names(cx, all)
}

fn month_name(cx: &mut Call<'_>, month: Value, most: usize) -> Result {
    let at = int(month);
    if !(1..=13).contains(&at) {
        return Err(actual("Valid values are between 1 and 13, inclusive.", "month", at));
    }
    let name = MONTHS.get(at as usize - 1).copied().unwrap_or_default();
    cx.new_str(&name[..most.min(name.len())])
}

fn weekday(day: Value, parameter: &str) -> Result<&'static str> {
    let found: Option<&&str> = usize::try_from(enumeration(day)).ok().and_then(|at| WEEKDAYS.get(at));
    found
        .copied()
        .ok_or_else(|| calendar::wrong("Valid values are between Sunday and Saturday, inclusive.", parameter, day))
}
