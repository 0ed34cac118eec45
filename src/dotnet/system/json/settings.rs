//! Settings objects: `JsonSerializerSettings`, `JsonMergeSettings`, `JsonLoadSettings` and their enums. Only numbers are
//! kept; a setting that is not in the table cannot be named.

use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, Row, TypeDef, constructor, enum_value, property_set};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

/// A settings object: what was set, by the property's name.
#[derive(Debug, Default)]
pub struct Settings {
    values: Vec<(&'static str, Value)>,
}

impl Settings {
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
];

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
