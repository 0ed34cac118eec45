//! Settings objects: `JsonSerializerSettings`, `JsonMergeSettings`, `JsonLoadSettings` and their enums. Only numbers are
//! kept; a setting that is not in the table cannot be named.

use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, Row, TypeDef, constructor, enum_value, method, property_set, static_method};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

/// A settings object: what was set, by the property's name.
#[derive(Debug, Default)]
pub struct Settings {
    values: Vec<(&'static str, Value)>,
}

impl Settings {
    /// A setting's number, where it was set.
    pub fn read(&self, name: &str) -> Option<i64> {
        self.values.iter().rev().find(|(own, _)| *own == name).and_then(|(_, v)| v.integer())
    }

    /// A setting's number; zero when it was not set.
    pub fn get(&self, name: &str) -> i64 {
        self.values.iter().rev().find(|(own, _)| *own == name).and_then(|(_, v)| v.integer()).unwrap_or(0)
    }
}

fn new(cx: &mut Call<'_>, _: &[Value]) -> Result<Value, Fault> {
    let ty = cx.returns;
    cx.heap.new_extension(ty, Settings::default())
}

fn get(cx: &mut Call<'_>, this: Value, name: &str) -> Result<Value, Fault> {
    let value = cx.this::<Settings>(this)?.get(name);
    let ty: TypeId = cx.returns;
    Ok(Value::Enum { ty, value })
}

fn set(cx: &mut Call<'_>, this: Value, name: &'static str, value: Value) -> Result<Value, Fault> {
    let settings = cx.this_mut::<Settings>(this)?;
    settings.values.retain(|(own, _)| *own != name);
    settings.values.push((name, value));
    Ok(Value::Null)
}

macro_rules! setting {
    ($ty:literal, $name:literal) => {
        property_set(
            concat!($ty, " ", $name, " { get; set; }"),
            |cx, args| get(cx, args[0], $name),
            |cx, args| set(cx, args[0], $name, args[1]),
        )
    };
}

const SERIALIZER_ROWS: &[Row] = &[
    constructor("JsonSerializerSettings()", new),
    setting!("NullValueHandling", "NullValueHandling"),
    setting!("Formatting", "Formatting"),
    setting!("DateParseHandling", "DateParseHandling"),
    setting!("FloatParseHandling", "FloatParseHandling"),
];

/// The same settings on a serializer.
pub static JSON_SERIALIZER: TypeDef = TypeDef::new(
    "Newtonsoft.Json.JsonSerializer",
    Kind::Class,
    &[&[
        constructor("JsonSerializer()", new),
        static_method("JsonSerializer Create()", new),
        static_method("JsonSerializer CreateDefault()", new),
        static_method("JsonSerializer Create(JsonSerializerSettings settings)", copy),
        static_method("JsonSerializer CreateDefault(JsonSerializerSettings settings)", copy),
        method("T Deserialize<T>(JsonReader reader)", |cx, a| {
            let wanted = cx.returns;
            super::readers::deserialize(cx, a[1], wanted)
        }),
        setting!("NullValueHandling", "NullValueHandling"),
        setting!("Formatting", "Formatting"),
        setting!("DateParseHandling", "DateParseHandling"),
        setting!("FloatParseHandling", "FloatParseHandling"),
    ]],
)
.off_list();

fn copy(cx: &mut Call<'_>, a: &[Value]) -> Result<Value, Fault> {
    let values = cx.heap.extension::<Settings>(a[0]).map(|own| own.values.clone()).unwrap_or_default();
    let ty = cx.returns;
    cx.heap.new_extension(ty, Settings { values })
}

/// Nothing can derive from it here: it is what `params` takes none of.
pub static CONVERTER: TypeDef =
    TypeDef::new("Newtonsoft.Json.JsonConverter", Kind::Class, &[]).is_abstract().off_list();

const LOAD_ROWS: &[Row] = &[
    constructor("JsonLoadSettings()", |cx, _| {
        let ty = cx.returns;
        cx.heap.new_extension(ty, Settings { values: vec![("LineInfoHandling", Value::Int32(1))] })
    }),
    setting!("CommentHandling", "CommentHandling"),
    setting!("LineInfoHandling", "LineInfoHandling"),
    setting!("DuplicatePropertyNameHandling", "DuplicatePropertyNameHandling"),
];

pub static LOAD: TypeDef = TypeDef::new("Newtonsoft.Json.Linq.JsonLoadSettings", Kind::Class, &[LOAD_ROWS]).off_list();

pub static COMMENT_HANDLING: TypeDef = TypeDef::new(
    "Newtonsoft.Json.Linq.CommentHandling",
    Kind::Enum,
    &[&[enum_value("Ignore = 0", 0), enum_value("Load = 1", 1)]],
)
.off_list();

pub static LINE_INFO_HANDLING: TypeDef = TypeDef::new(
    "Newtonsoft.Json.Linq.LineInfoHandling",
    Kind::Enum,
    &[&[enum_value("Ignore = 0", 0), enum_value("Load = 1", 1)]],
)
.off_list();

pub static DUPLICATE_HANDLING: TypeDef = TypeDef::new(
    "Newtonsoft.Json.Linq.DuplicatePropertyNameHandling",
    Kind::Enum,
    &[&[enum_value("Replace = 0", 0), enum_value("Ignore = 1", 1), enum_value("Error = 2", 2)]],
)
.off_list();

pub static DATE_PARSE_HANDLING: TypeDef = TypeDef::new(
    "Newtonsoft.Json.DateParseHandling",
    Kind::Enum,
    &[&[enum_value("None = 0", 0), enum_value("DateTime = 1", 1), enum_value("DateTimeOffset = 2", 2)]],
)
.off_list();

pub static FLOAT_PARSE_HANDLING: TypeDef = TypeDef::new(
    "Newtonsoft.Json.FloatParseHandling",
    Kind::Enum,
    &[&[enum_value("Double = 0", 0), enum_value("Decimal = 1", 1)]],
)
.off_list();

pub static SERIALIZER: TypeDef =
    TypeDef::new("Newtonsoft.Json.JsonSerializerSettings", Kind::Class, &[SERIALIZER_ROWS]).off_list();

const MERGE_ROWS: &[Row] = &[
    constructor("JsonMergeSettings()", new),
    setting!("MergeArrayHandling", "MergeArrayHandling"),
    setting!("MergeNullValueHandling", "MergeNullValueHandling"),
    setting!("StringComparison", "PropertyNameComparison"),
];

pub static MERGE: TypeDef =
    TypeDef::new("Newtonsoft.Json.Linq.JsonMergeSettings", Kind::Class, &[MERGE_ROWS]).off_list();

pub static NULL_VALUE_HANDLING: TypeDef = TypeDef::new(
    "Newtonsoft.Json.NullValueHandling",
    Kind::Enum,
    &[&[enum_value("Include = 0", 0), enum_value("Ignore = 1", 1)]],
)
.off_list();

pub static MERGE_ARRAY_HANDLING: TypeDef = TypeDef::new(
    "Newtonsoft.Json.Linq.MergeArrayHandling",
    Kind::Enum,
    &[&[enum_value("Concat", 0), enum_value("Union", 1), enum_value("Replace", 2), enum_value("Merge", 3)]],
)
.off_list();

pub static MERGE_NULL_VALUE_HANDLING: TypeDef = TypeDef::new(
    "Newtonsoft.Json.Linq.MergeNullValueHandling",
    Kind::Enum,
    &[&[enum_value("Ignore", 0), enum_value("Merge", 1)]],
)
.off_list();
