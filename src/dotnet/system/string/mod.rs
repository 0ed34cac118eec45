//! `System.String`: UTF-16 text, never changed.
//!
//! In: strings and what they are searched for. Out: strings, positions, answers. Searching is in [`search`], making in
//! [`build`].

pub mod build;
pub mod comparer;
pub mod composite;
pub mod runes;
pub mod search;

use self::build::Ends;
use super::collections;
use super::enumerate;
use super::object;
use crate::dotnet::call::{Call, enumeration, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::{Heap, Str};
use crate::dotnet::member::{
    Brief, Form, Kind, Light, Row, TypeDef, constructor, enum_value, indexer, method, operator, property,
    static_method, text_constant,
};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;
use unicode_normalization::UnicodeNormalization;

type Result<T = Value> = std::result::Result<T, Fault>;

pub static STRING: TypeDef =
    TypeDef::new("System.String", Kind::Class, &[BASIC, COMPARING, SEARCHING, JOINING, CHANGING, FORMATTING])
        .alias("string")
        .interfaces(&[
            "IComparable",
            "IComparable<string>",
            "ICloneable",
            "IConvertible",
            "IEnumerable<char>",
            "IEnumerable",
            "IEquatable<string>",
        ]);

pub static CHAR_ENUMERATOR: TypeDef = TypeDef::new(
    "System.CharEnumerator",
    Kind::Class,
    &[&[
        property("char Current { get; }", collections::current),
        method("void Dispose()", |_, _| Ok(Value::Null)),
        method("bool MoveNext()", collections::move_next),
        Row::unbuilt(Form::Method, false, "void Reset()"),
    ]],
)
.interfaces(&["IEnumerator<char>"])
.off_list();

const BASIC: &[Row] = &[
    constructor("String(char[] value)", build::new_of_chars),
    constructor("String(char[] value, int startIndex, int length)", build::new_of_chars),
    constructor("String(char c, int count)", build::new_repeated),
    indexer("char this[int index] { get; }", item).light(unit_at).doc("The UTF-16 code unit at an index."),
    method("object Clone()", this),
    method("void CopyTo(int sourceIndex, char[] destination, int destinationIndex, int count)", copy_to),
    static_method("string Copy(string str)", copy),
    text_constant("string Empty", ""),
    method("StringRuneEnumerator EnumerateRunes()", runes::enumerate_runes),
    method("CharEnumerator GetEnumerator()", get_enumerator),
    method("TypeCode GetTypeCode()", super::number::type_code),
    static_method("string Intern(string str)", copy),
    static_method("string IsInterned(string str)", copy),
    method("bool IsNormalized()", is_normalized),
    method("bool IsNormalized(NormalizationForm normalizationForm)", is_normalized),
    static_method("bool IsNullOrEmpty(string value)", is_null_or_empty)
        .light(|heap, text, _| Ok(Value::Bool(heap.str(*text).is_none_or(Str::is_empty))))
        .brief(Brief::Void(<[u8]>::is_empty)),
    static_method("bool IsNullOrWhiteSpace(string value)", is_null_or_white_space)
        .light(|heap, text, _| Ok(Value::Bool(is_blank(heap, *text))))
        .brief(Brief::Void(|text| text.iter().all(build::is_white))),
    property("int Length { get; }", length)
        .brief(Brief::Integer(|text| Some(text.len() as i64)))
        .doc("The number of UTF-16 code units."),
    method("string Normalize()", normalize),
    method("string Normalize(NormalizationForm normalizationForm)", normalize),
    method("char[] ToCharArray()", build::to_char_array),
    method("char[] ToCharArray(int startIndex, int length)", build::to_char_array),
    method("string ToString()", this),
    method("string ToString(IFormatProvider provider)", this),
];

const COMPARING: &[Row] = &[
    static_method("int Compare(string strA, string strB)", search::compare_two),
    static_method("int Compare(string strA, string strB, bool ignoreCase)", search::compare_two),
    static_method("int Compare(string strA, string strB, StringComparison comparisonType)", search::compare_two),
    static_method(
        "int Compare(string strA, string strB, CultureInfo culture, CompareOptions options)",
        search::compare_two,
    ),
    static_method("int Compare(string strA, string strB, bool ignoreCase, CultureInfo culture)", search::compare_two),
    static_method("int Compare(string strA, int indexA, string strB, int indexB, int length)", search::compare_parts),
    static_method(
        "int Compare(string strA, int indexA, string strB, int indexB, int length, bool ignoreCase)",
        search::compare_parts,
    ),
    static_method(
        "int Compare(string strA, int indexA, string strB, int indexB, int length, bool ignoreCase, CultureInfo culture)",
        search::compare_parts,
    ),
    static_method(
        "int Compare(string strA, int indexA, string strB, int indexB, int length, CultureInfo culture, CompareOptions options)",
        search::compare_parts,
    ),
    static_method(
        "int Compare(string strA, int indexA, string strB, int indexB, int length, StringComparison comparisonType)",
        search::compare_parts,
    ),
    static_method("int CompareOrdinal(string strA, string strB)", search::compare_ordinal),
    static_method(
        "int CompareOrdinal(string strA, int indexA, string strB, int indexB, int length)",
        search::compare_parts_ordinal,
    ),
    method("int CompareTo(object value)", search::compare_to),
    method("int CompareTo(string strB)", search::compare_to),
    method("bool Equals(object obj)", search::equals_instance),
    method("bool Equals(string value)", search::equals_instance),
    method("bool Equals(string value, StringComparison comparisonType)", search::equals_instance),
    static_method("bool Equals(string a, string b)", search::equals_how),
    static_method("bool Equals(string a, string b, StringComparison comparisonType)", search::equals_how),
    method("int GetHashCode()", object::hash_row),
    method("int GetHashCode(StringComparison comparisonType)", |cx, a| {
        search::hash(cx, a[0], search::comparison(a[1])?).map(Value::Int32)
    }),
    operator("bool op_Equality(string a, string b)", search::equals_how),
    operator("bool op_Inequality(string a, string b)", |cx, a| {
        Ok(Value::Bool(!search::equal_values(cx, a[0], a[1], search::How::Ordinal)?))
    }),
];

const SEARCHING: &[Row] = &[
    method("bool Contains(string value)", search::contains)
        .light(search::CONTAINS)
        .brief(Brief::Test(|text, wanted| Some(search::holds(text, wanted))))
        .doc("Whether `value` occurs; case matters."),
    method("bool Contains(string value, StringComparison comparisonType)", search::contains),
    method("bool Contains(char value)", search::contains).light(search::CONTAINS),
    method("bool Contains(char value, StringComparison comparisonType)", search::contains),
    method("bool EndsWith(string value)", search::ends_with)
        .light(search::ENDS_WITH)
        .brief(Brief::Test(|text, wanted| search::is_at_plain_edge(text, wanted, true))),
    method("bool EndsWith(string value, StringComparison comparisonType)", search::ends_with),
    method("bool EndsWith(string value, bool ignoreCase, CultureInfo culture)", search::ends_with),
    method("bool EndsWith(char value)", search::ends_with).light(search::ENDS_WITH),
    method("int IndexOf(char value)", search::index_of_char),
    method("int IndexOf(char value, int startIndex)", search::index_of_char),
    method("int IndexOf(char value, StringComparison comparisonType)", search::index_of_char),
    method("int IndexOf(char value, int startIndex, int count)", search::index_of_char),
    method("int IndexOf(string value)", search::index_of),
    method("int IndexOf(string value, int startIndex)", search::index_of),
    method("int IndexOf(string value, int startIndex, int count)", search::index_of),
    method("int IndexOf(string value, StringComparison comparisonType)", search::index_of),
    method("int IndexOf(string value, int startIndex, StringComparison comparisonType)", search::index_of),
    method("int IndexOf(string value, int startIndex, int count, StringComparison comparisonType)", search::index_of),
    method("int IndexOfAny(char[] anyOf)", search::index_of_any),
    method("int IndexOfAny(char[] anyOf, int startIndex)", search::index_of_any),
    method("int IndexOfAny(char[] anyOf, int startIndex, int count)", search::index_of_any),
    method("int LastIndexOf(char value)", search::last_index_of_char),
    method("int LastIndexOf(char value, int startIndex)", search::last_index_of_char),
    method("int LastIndexOf(char value, int startIndex, int count)", search::last_index_of_char),
    method("int LastIndexOf(string value)", search::last_index_of),
    method("int LastIndexOf(string value, int startIndex)", search::last_index_of),
    method("int LastIndexOf(string value, int startIndex, int count)", search::last_index_of),
    method("int LastIndexOf(string value, StringComparison comparisonType)", search::last_index_of),
    method("int LastIndexOf(string value, int startIndex, StringComparison comparisonType)", search::last_index_of),
    method(
        "int LastIndexOf(string value, int startIndex, int count, StringComparison comparisonType)",
        search::last_index_of,
    ),
    method("int LastIndexOfAny(char[] anyOf)", search::last_index_of_any),
    method("int LastIndexOfAny(char[] anyOf, int startIndex)", search::last_index_of_any),
    method("int LastIndexOfAny(char[] anyOf, int startIndex, int count)", search::last_index_of_any),
    method("bool StartsWith(string value)", search::starts_with)
        .light(search::STARTS_WITH)
        .brief(Brief::Test(|text, wanted| search::is_at_plain_edge(text, wanted, false))),
    method("bool StartsWith(string value, StringComparison comparisonType)", search::starts_with),
    method("bool StartsWith(string value, bool ignoreCase, CultureInfo culture)", search::starts_with),
    method("bool StartsWith(char value)", search::starts_with).light(search::STARTS_WITH),
];

const JOINING: &[Row] = &[
    static_method("string Concat(object arg0)", build::concat_all),
    static_method("string Concat(object arg0, object arg1)", build::concat_all),
    static_method("string Concat(object arg0, object arg1, object arg2)", build::concat_all),
    static_method("string Concat(object arg0, object arg1, object arg2, object arg3)", build::concat_all),
    static_method("string Concat(params object[] args)", build::concat_arguments),
    static_method("string Concat<T>(IEnumerable<T> values)", build::concat_items),
    static_method("string Concat(IEnumerable<string> values)", build::concat_items),
    static_method("string Concat(string str0, string str1)", build::concat_all),
    static_method("string Concat(string str0, string str1, string str2)", build::concat_all),
    static_method("string Concat(string str0, string str1, string str2, string str3)", build::concat_all),
    static_method("string Concat(params string[] values)", build::concat_items),
    static_method("string Join(char separator, params string[] value)", build::join_texts),
    static_method("string Join(char separator, params object[] values)", build::join),
    static_method("string Join<T>(char separator, IEnumerable<T> values)", build::join),
    static_method("string Join(char separator, string[] value, int startIndex, int count)", build::join),
    static_method("string Join(string separator, params string[] value)", build::join_texts),
    static_method("string Join(string separator, params object[] values)", build::join),
    static_method("string Join<T>(string separator, IEnumerable<T> values)", build::join),
    static_method("string Join(string separator, IEnumerable<string> values)", build::join),
    static_method("string Join(string separator, string[] value, int startIndex, int count)", build::join),
    method("string[] Split(char separator, StringSplitOptions options = 0)", build::split),
    method("string[] Split(char separator, int count, StringSplitOptions options = 0)", build::split),
    method("string[] Split(params char[] separator)", build::split),
    method("string[] Split(char[] separator, int count)", build::split),
    method("string[] Split(char[] separator, StringSplitOptions options)", build::split),
    method("string[] Split(char[] separator, int count, StringSplitOptions options)", build::split),
    method("string[] Split(string separator, StringSplitOptions options = 0)", split_by_text),
    method("string[] Split(string separator, int count, StringSplitOptions options = 0)", split_by_text),
    method("string[] Split(string[] separator, StringSplitOptions options)", build::split),
    method("string[] Split(string[] separator, int count, StringSplitOptions options)", build::split),
];

const CHANGING: &[Row] = &[
    method("string Insert(int startIndex, string value)", build::insert),
    method("string PadLeft(int totalWidth)", |cx, a| build::pad(cx, a, true)),
    method("string PadLeft(int totalWidth, char paddingChar)", |cx, a| build::pad(cx, a, true)),
    method("string PadRight(int totalWidth)", |cx, a| build::pad(cx, a, false)),
    method("string PadRight(int totalWidth, char paddingChar)", |cx, a| build::pad(cx, a, false)),
    method("string Remove(int startIndex, int count)", build::remove),
    method("string Remove(int startIndex)", build::remove),
    method("string Replace(char oldChar, char newChar)", build::replace_char),
    method("string Replace(string oldValue, string newValue)", build::replace),
    method("string Replace(string oldValue, string newValue, bool ignoreCase, CultureInfo culture)", build::replace),
    method("string Replace(string oldValue, string newValue, StringComparison comparisonType)", build::replace),
    method("string Substring(int startIndex)", build::substring),
    method("string Substring(int startIndex, int length)", build::substring),
    method("string ToLower()", |cx, a| build::change_case(cx.heap, a[0], false)).light(LOWER).brief(TO_LOWER),
    method("string ToLower(CultureInfo culture)", |cx, a| build::change_case(cx.heap, a[0], false)),
    method("string ToLowerInvariant()", |cx, a| build::change_case(cx.heap, a[0], false)).light(LOWER).brief(TO_LOWER),
    method("string ToUpper()", |cx, a| build::change_case(cx.heap, a[0], true)).light(UPPER).brief(TO_UPPER),
    method("string ToUpper(CultureInfo culture)", |cx, a| build::change_case(cx.heap, a[0], true)),
    method("string ToUpperInvariant()", |cx, a| build::change_case(cx.heap, a[0], true)).light(UPPER).brief(TO_UPPER),
    method("string Trim()", |cx, a| build::trim(cx, a, Ends::Both))
        .light(|heap, text, _| build::trim_white(heap, *text, Ends::Both))
        .brief(Brief::Part(|text| build::without_white(text, Ends::Both))),
    method("string Trim(char trimChar)", |cx, a| build::trim(cx, a, Ends::Both)),
    method("string Trim(params char[] trimChars)", |cx, a| build::trim(cx, a, Ends::Both)),
    method("string TrimEnd()", |cx, a| build::trim(cx, a, Ends::End))
        .light(|heap, text, _| build::trim_white(heap, *text, Ends::End))
        .brief(Brief::Part(|text| build::without_white(text, Ends::End))),
    method("string TrimEnd(char trimChar)", |cx, a| build::trim(cx, a, Ends::End)),
    method("string TrimEnd(params char[] trimChars)", |cx, a| build::trim(cx, a, Ends::End)),
    method("string TrimStart()", |cx, a| build::trim(cx, a, Ends::Start))
        .light(|heap, text, _| build::trim_white(heap, *text, Ends::Start))
        .brief(Brief::Part(|text| build::without_white(text, Ends::Start))),
    method("string TrimStart(char trimChar)", |cx, a| build::trim(cx, a, Ends::Start)),
    method("string TrimStart(params char[] trimChars)", |cx, a| build::trim(cx, a, Ends::Start)),
];

const FORMATTING: &[Row] = &[
    static_method("string Format(string format, object arg0)", composite::format),
    static_method("string Format(string format, object arg0, object arg1)", composite::format),
    static_method("string Format(string format, object arg0, object arg1, object arg2)", composite::format),
    static_method("string Format(string format, params object[] args)", composite::format_array),
    static_method("string Format(IFormatProvider provider, string format, object arg0)", |cx, a| {
        composite::format(cx, &a[1..])
    }),
    static_method("string Format(IFormatProvider provider, string format, object arg0, object arg1)", |cx, a| {
        composite::format(cx, &a[1..])
    }),
    static_method(
        "string Format(IFormatProvider provider, string format, object arg0, object arg1, object arg2)",
        |cx, a| composite::format(cx, &a[1..]),
    ),
    static_method("string Format(IFormatProvider provider, string format, params object[] args)", |cx, a| {
        composite::format_array(cx, &a[1..])
    }),
];

fn this(cx: &mut Call<'_>, a: &[Value]) -> Result {
    cx.this_str(a[0])?;
    Ok(a[0])
}

fn copy(cx: &mut Call<'_>, a: &[Value]) -> Result {
    cx.str(a[0], "str")?;
    Ok(a[0])
}

fn length(cx: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(Value::Int32(cx.this_str(a[0])?.len() as i32))
}

fn item(cx: &mut Call<'_>, a: &[Value]) -> Result {
    unit_at(cx.heap, &a[0], &a[1])
}

fn unit_at(heap: &mut Heap, text: &Value, at: &Value) -> Result {
    let text = heap.str(*text).ok_or_else(Fault::null_reference)?;
    match usize::try_from(int(*at)) {
        Ok(at) if at < text.len() => Ok(Value::Char(text.unit(at))),
        _ => Err(Fault::index_of_array()),
    }
}

const TO_UPPER: Brief = Brief::Change(build::upper);
const TO_LOWER: Brief = Brief::Change(build::lower);
const UPPER: Light = |heap, text, _| build::change_case(heap, *text, true);
const LOWER: Light = |heap, text, _| build::change_case(heap, *text, false);

fn copy_to(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let units = cx.this_str(a[0])?.to_wide();
    let len = cx.heap.items(a[2]).ok_or_else(|| Fault::argument_null("destination"))?.len();
    let count =
        usize::try_from(int(a[4])).map_err(|_| Fault::out_of_range("Count cannot be less than zero.", "count"))?;
    let from = usize::try_from(int(a[1])).ok().filter(|&s| s <= units.len() && count <= units.len() - s);
    let outside = |name| Fault::out_of_range("Index and count must refer to a location within the string.", name);
    let from = match from {
        Some(from) => from,
        None if int(a[1]) < 0 => return Err(Fault::index("sourceIndex")),
        None => return Err(outside("sourceIndex")),
    };
    let to = usize::try_from(int(a[3])).ok().filter(|&d| d <= len && count <= len - d);
    let to = to.ok_or_else(|| outside("destinationIndex"))?;
    cx.charge_fuel(count / 4)?;
    if let Value::Object(handle) = a[2] {
        if let crate::dotnet::heap::Object::Array { items, .. } = cx.heap.get_mut(handle) {
            for (at, unit) in units[from..from + count].iter().enumerate() {
                items[to + at] = Value::Char(*unit);
            }
        }
    }
    Ok(Value::Null)
}

fn get_enumerator(cx: &mut Call<'_>, a: &[Value]) -> Result {
    cx.this_str(a[0])?;
    let cursor = enumerate::start(cx, a[0])?;
    enumerate::enumerator(cx, TypeId::named("System.CharEnumerator"), cursor)
}

fn is_null_or_empty(cx: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(Value::Bool(cx.heap.str(a[0]).is_none_or(Str::is_empty)))
}

fn is_null_or_white_space(cx: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(Value::Bool(is_blank(cx.heap, a[0])))
}

fn is_blank(heap: &Heap, value: Value) -> bool {
    let blank = |text: Str<'_>| text.units().all(super::format::unicode::is_white_space);
    heap.str(value).is_none_or(blank)
}

/// `Split(string separator, ...)`: an empty separator separates nothing, unlike an empty array.
fn split_by_text(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let mut a = a.to_vec();
    if a[1].is_null() {
        a[1] = cx.new_str("")?;
    }
    build::split(cx, &a)
}

fn normalized(cx: &mut Call<'_>, a: &[Value], wrong: &str) -> Result<Option<Vec<u16>>> {
    let form = a.get(1).map_or(1, |&form| enumeration(form));
    if !matches!(form, 1 | 2 | 5 | 6) {
        return Err(Fault::argument("Invalid or unsupported normalization form.", "normalizationForm"));
    }
    let Str::Wide(units) = cx.this_str(a[0])? else { return Ok(None) };
    let Ok(text) = String::from_utf16(units) else { return Err(Fault::argument(wrong, "strInput")) };
    let text: String = match form {
        1 => text.nfc().collect(),
        2 => text.nfd().collect(),
        5 => text.nfkc().collect(),
        _ => text.nfkd().collect(),
    };
    cx.charge_fuel(text.len() / 2)?;
    Ok(Some(text.encode_utf16().collect()))
}

fn normalize(cx: &mut Call<'_>, a: &[Value]) -> Result {
    match normalized(cx, a, "String contains invalid Unicode code points.")? {
        Some(units) => cx.heap.new_wide(&units),
        None => Ok(a[0]),
    }
}

fn is_normalized(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let normal = normalized(cx, a, "String contains invalid Unicode code points.")?;
    let same = normal.is_none_or(|units| cx.heap.str(a[0]).is_some_and(|own| own.eq_ordinal(Str::Wide(&units))));
    Ok(Value::Bool(same))
}

pub static STRING_COMPARISON: TypeDef = TypeDef::new(
    "System.StringComparison",
    Kind::Enum,
    &[&[
        enum_value("CurrentCulture = 0", 0),
        enum_value("CurrentCultureIgnoreCase = 1", 1),
        enum_value("InvariantCulture = 2", 2),
        enum_value("InvariantCultureIgnoreCase = 3", 3),
        enum_value("Ordinal = 4", 4),
        enum_value("OrdinalIgnoreCase = 5", 5),
    ]],
);

pub static SPLIT_OPTIONS: TypeDef = TypeDef::new(
    "System.StringSplitOptions",
    Kind::Enum,
    &[&[enum_value("None = 0", 0), enum_value("RemoveEmptyEntries = 1", 1)]],
);

pub static NORMALIZATION_FORM: TypeDef = TypeDef::new(
    "System.Text.NormalizationForm",
    Kind::Enum,
    &[&[
        enum_value("FormC = 1", 1),
        enum_value("FormD = 2", 2),
        enum_value("FormKC = 5", 5),
        enum_value("FormKD = 6", 6),
    ]],
)
.off_list();
