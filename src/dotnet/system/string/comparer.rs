//! `System.StringComparer`, and the enums that comparing and reading are told by.

use super::search::{self, How};
use crate::dotnet::call::{Call, bool as truth};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, Row, TypeDef, enum_value, method, static_method, static_property};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

pub static STRING_COMPARER: TypeDef = TypeDef::new("System.StringComparer", Kind::Class, &[ROWS])
    .is_abstract()
    .interfaces(&["IComparer<string>", "IEqualityComparer<string>", "IComparer"]);

/// The comparer object.
#[derive(Debug)]
struct Comparer(How);

const ROWS: &[Row] = &[
    method("int Compare(string x, string y)", compare),
    method("int Compare(object x, object y)", compare),
    static_method("StringComparer Create(CultureInfo culture, bool ignoreCase)", |cx, a| {
        if a[0].is_null() {
            return Err(Fault::argument_null("culture"));
        }
        new(cx, How::Culture { ignore_case: truth(a[1]) })
    }),
    static_method("StringComparer Create(CultureInfo culture, CompareOptions options)", |cx, a| {
        if a[0].is_null() {
            return Err(Fault::throw("System.ArgumentException", "culture"));
        }
        match search::extras(&a[1..], How::Ordinal).checked()?.how {
            // These are no options of a culture.
            How::Ordinal | How::OrdinalIgnoreCase => Err(Fault::argument("Value of flags is invalid.", "options")),
            how => new(cx, how),
        }
    }),
    static_property("StringComparer CurrentCulture { get; }", |cx, _| {
        cx.once("CurrentCulture", |cx| new(cx, How::Culture { ignore_case: false }))
    }),
    static_property("StringComparer CurrentCultureIgnoreCase { get; }", |cx, _| {
        cx.once("CurrentCultureIgnoreCase", |cx| new(cx, How::Culture { ignore_case: true }))
    }),
    method("bool Equals(string x, string y)", equals),
    method("bool Equals(object x, object y)", equals),
    static_method("StringComparer FromComparison(StringComparison comparisonType)", |cx, a| {
        new(cx, search::comparison(a[0])?)
    }),
    method("int GetHashCode(string obj)", hash),
    method("int GetHashCode(object obj)", hash),
    static_property("StringComparer InvariantCulture { get; }", |cx, _| {
        cx.once("InvariantCulture", |cx| new(cx, How::Culture { ignore_case: false }))
    }),
    static_property("StringComparer InvariantCultureIgnoreCase { get; }", |cx, _| {
        cx.once("InvariantCultureIgnoreCase", |cx| new(cx, How::Culture { ignore_case: true }))
    }),
    static_property("StringComparer Ordinal { get; }", |cx, _| cx.once("Ordinal", |cx| new(cx, How::Ordinal))),
    static_property("StringComparer OrdinalIgnoreCase { get; }", |cx, _| {
        cx.once("OrdinalIgnoreCase", |cx| new(cx, How::OrdinalIgnoreCase))
    }),
];

/// `StringComparer.OrdinalIgnoreCase`.
pub fn ignoring_case(cx: &mut Call<'_>) -> Result {
    new(cx, How::OrdinalIgnoreCase)
}

fn new(cx: &mut Call<'_>, how: How) -> Result {
    let name = match how {
        How::Culture { .. } | How::Loose(_) => "System.CultureAwareComparer",
        How::Ordinal | How::OrdinalIgnoreCase => "System.OrdinalComparer",
    };
    cx.heap.new_extension(TypeId::named(name), Comparer(how))
}

const SHOW: &[Row] = &[method("string ToString()", |cx, a| {
    let name = match cx.this::<Comparer>(a[0])?.0 {
        How::Culture { .. } | How::Loose(_) => "System.CultureAwareComparer",
        How::Ordinal => "System.OrdinalCaseSensitiveComparer",
        How::OrdinalIgnoreCase => "System.OrdinalIgnoreCaseComparer",
    };
    cx.new_str(name)
})];

/// The comparers behind the base class.
pub static BY_CULTURE: TypeDef =
    TypeDef::new("System.CultureAwareComparer", Kind::Class, &[SHOW]).base("StringComparer").off_list().unnameable();
pub static BY_UNITS: TypeDef =
    TypeDef::new("System.OrdinalComparer", Kind::Class, &[SHOW]).base("StringComparer").off_list().unnameable();

fn compare(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let how = cx.this::<Comparer>(a[0])?.0;
    for &value in &a[1..] {
        if !value.is_null() && cx.heap.str(value).is_none() {
            return crate::dotnet::system::object::compare(cx, a[1], a[2]).map(|order| Value::Int32(order as i32));
        }
    }
    search::compare_values(cx, a[1], a[2], how).map(Value::Int32)
}

fn equals(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let how = cx.this::<Comparer>(a[0])?.0;
    for &value in &a[1..] {
        if !value.is_null() && cx.heap.str(value).is_none() {
            return crate::dotnet::system::object::equals(cx, a[1], a[2]).map(Value::Bool);
        }
    }
    search::equal_values(cx, a[1], a[2], how).map(Value::Bool)
}

fn hash(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let how = cx.this::<Comparer>(a[0])?.0;
    if !a[1].is_null() && cx.heap.str(a[1]).is_none() {
        return crate::dotnet::system::object::hash(cx, a[1]).map(Value::Int32);
    }
    search::hash(cx, a[1], how).map(Value::Int32)
}

// ---- what comparing and reading is told

pub static COMPARE_OPTIONS: TypeDef = TypeDef::new(
    "System.Globalization.CompareOptions",
    Kind::Enum,
    &[&[
        enum_value("None = 0", 0),
        enum_value("IgnoreCase = 1", 1),
        enum_value("IgnoreNonSpace = 2", 2),
        enum_value("IgnoreSymbols = 4", 4),
        enum_value("IgnoreKanaType = 8", 8),
        enum_value("IgnoreWidth = 16", 16),
        enum_value("OrdinalIgnoreCase = 268435456", 0x1000_0000),
        enum_value("StringSort = 536870912", 0x2000_0000),
        enum_value("Ordinal = 1073741824", 0x4000_0000),
    ]],
)
.off_list();

pub static NUMBER_STYLES: TypeDef = TypeDef::new(
    "System.Globalization.NumberStyles",
    Kind::Enum,
    &[&[
        enum_value("None = 0", 0),
        enum_value("AllowLeadingWhite = 1", 1),
        enum_value("AllowTrailingWhite = 2", 2),
        enum_value("AllowLeadingSign = 4", 4),
        enum_value("Integer = 7", 7),
        enum_value("AllowTrailingSign = 8", 8),
        enum_value("AllowParentheses = 16", 16),
        enum_value("AllowDecimalPoint = 32", 32),
        enum_value("AllowThousands = 64", 64),
        enum_value("Number = 111", 111),
        enum_value("AllowExponent = 128", 128),
        enum_value("Float = 167", 167),
        enum_value("AllowCurrencySymbol = 256", 256),
        enum_value("Currency = 383", 383),
        enum_value("Any = 511", 511),
        enum_value("AllowHexSpecifier = 512", 512),
        enum_value("HexNumber = 515", 515),
    ]],
)
.off_list();
