//! The tables of `Newtonsoft.Json` 12.

use super::document::Wanted;
use super::token::{self, BigInteger, Type};
use super::{annotations, changing, json_convert, members, merging, readers, sequences, settings, writers};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{
    Kind, Row, TypeDef, constructor, enum_value, indexer, indexer_set, method, operator, property, property_set,
    static_method, static_property,
};
use crate::dotnet::types;
use crate::dotnet::value::Value;

const FORMATTING_ROWS: &[Row] = &[enum_value("Indented = 1", 1), enum_value("None = 0", 0)];

pub static FORMATTING: TypeDef = TypeDef::new("Newtonsoft.Json.Formatting", Kind::Enum, &[FORMATTING_ROWS]);

const JSON_CONVERT_ROWS: &[Row] = &[
    static_method("object DeserializeObject(string value)", |cx, a| {
        json_convert::deserialize(cx, a[0], types::object(), Value::Null)
    }),
    static_method("object DeserializeObject(string value, JsonSerializerSettings settings)", |cx, a| {
        json_convert::deserialize(cx, a[0], types::object(), a[1])
    }),
    static_method("object DeserializeObject(string value, Type type)", json_convert::deserialize_type),
    static_method("T DeserializeObject<T>(string value)", json_convert::deserialize_generic),
    static_method(
        "T DeserializeObject<T>(string value, params JsonConverter[] converters)",
        json_convert::deserialize_generic,
    ),
    static_method(
        "T DeserializeObject<T>(string value, JsonSerializerSettings settings)",
        json_convert::deserialize_generic,
    ),
    static_method(
        "object DeserializeObject(string value, Type type, params JsonConverter[] converters)",
        json_convert::deserialize_type,
    ),
    static_method(
        "object DeserializeObject(string value, Type type, JsonSerializerSettings settings)",
        json_convert::deserialize_type,
    ),
    static_method("string SerializeObject(object value)", |cx, a| json_convert::serialize(cx, a[0], None, None)),
    static_method("string SerializeObject(object value, Formatting formatting)", |cx, a| {
        json_convert::serialize(cx, a[0], Some(a[1]), None)
    }),
    static_method("string SerializeObject(object value, params JsonConverter[] converters)", |cx, a| {
        json_convert::serialize(cx, a[0], None, None)
    }),
    static_method(
        "string SerializeObject(object value, Formatting formatting, params JsonConverter[] converters)",
        |cx, a| json_convert::serialize(cx, a[0], Some(a[1]), None),
    ),
    static_method("string SerializeObject(object value, JsonSerializerSettings settings)", |cx, a| {
        json_convert::serialize(cx, a[0], None, Some(a[1]))
    }),
    static_method("string SerializeObject(object value, Type type, JsonSerializerSettings settings)", |cx, a| {
        json_convert::serialize(cx, a[0], None, Some(a[2]))
    }),
    static_method(
        "string SerializeObject(object value, Formatting formatting, JsonSerializerSettings settings)",
        |cx, a| json_convert::serialize(cx, a[0], Some(a[1]), Some(a[2])),
    ),
    static_method(
        "string SerializeObject(object value, Type type, Formatting formatting, JsonSerializerSettings settings)",
        |cx, a| json_convert::serialize(cx, a[0], Some(a[2]), Some(a[3])),
    ),
];

pub static JSON_CONVERT: TypeDef =
    TypeDef::new("Newtonsoft.Json.JsonConvert", Kind::Static, &[JSON_CONVERT_ROWS, JSON_CONVERT_OFF_LIST]);

/// What the oracle's cases use beyond the platform's list.
const JSON_CONVERT_OFF_LIST: &[Row] = &[
    static_method("string SerializeXNode(XObject node)", json_convert::serialize_xml).off_list(),
    static_method("string SerializeXNode(XObject node, Formatting formatting)", json_convert::serialize_xml).off_list(),
    static_method(
        "string SerializeXNode(XObject node, Formatting formatting, bool omitRootObject)",
        json_convert::serialize_xml,
    )
    .off_list(),
    static_method("XDocument DeserializeXNode(string value)", json_convert::deserialize_xml).off_list(),
    static_method(
        "XDocument DeserializeXNode(string value, string deserializeRootElementName)",
        json_convert::deserialize_xml,
    )
    .off_list(),
    static_method(
        "XDocument DeserializeXNode(string value, string deserializeRootElementName, bool writeArrayAttribute)",
        json_convert::deserialize_xml,
    )
    .off_list(),
    static_method(
        "XDocument DeserializeXNode(string value, string deserializeRootElementName, bool writeArrayAttribute, bool encodeSpecialCharacters)",
        json_convert::deserialize_xml,
    )
    .off_list(),
    static_method("T DeserializeAnonymousType<T>(string value, T anonymousTypeObject)", json_convert::deserialize_generic)
        .off_list(),
    static_method("string ToString(object value)", json_convert::primitive_text).off_list(),
];

const EXTENSIONS_ROWS: &[Row] = &[
    static_method("IJEnumerable<JToken> Ancestors<T>(this IEnumerable<T> source)", |cx, a| {
        sequences::all_ancestors(cx, a, false)
    }),
    static_method("IJEnumerable<JToken> AncestorsAndSelf<T>(this IEnumerable<T> source)", |cx, a| {
        sequences::all_ancestors(cx, a, true)
    }),
    static_method("IJEnumerable<JToken> AsJEnumerable(this IEnumerable<JToken> source)", sequences::as_tokens),
    static_method("IJEnumerable<T> AsJEnumerable<T>(this IEnumerable<T> source)", sequences::as_tokens),
    static_method("IJEnumerable<JToken> Children<T>(this IEnumerable<T> source)", sequences::all_children),
    static_method("IEnumerable<U> Children<T, U>(this IEnumerable<T> source)", sequences::all_children),
    static_method("IJEnumerable<JToken> Descendants<T>(this IEnumerable<T> source)", |cx, a| {
        sequences::all_descendants(cx, a, false)
    }),
    static_method("IJEnumerable<JToken> DescendantsAndSelf<T>(this IEnumerable<T> source)", |cx, a| {
        sequences::all_descendants(cx, a, true)
    }),
    static_method("IJEnumerable<JProperty> Properties(this IEnumerable<JObject> source)", sequences::all_properties),
    static_method("U Value<U>(this IEnumerable<JToken> value)", members::value_of),
    static_method("U Value<T, U>(this IEnumerable<T> value)", members::value_of),
    static_method("IJEnumerable<JToken> Values(this IEnumerable<JToken> source, object key)", |cx, a| {
        sequences::all_values(cx, a, false)
    }),
    static_method("IJEnumerable<JToken> Values(this IEnumerable<JToken> source)", |cx, a| {
        sequences::all_values(cx, a, false)
    }),
    static_method("IEnumerable<U> Values<U>(this IEnumerable<JToken> source, object key)", |cx, a| {
        sequences::all_values(cx, a, true)
    }),
    static_method("IEnumerable<U> Values<U>(this IEnumerable<JToken> source)", |cx, a| {
        sequences::all_values(cx, a, true)
    }),
];

pub static EXTENSIONS: TypeDef = TypeDef::new("Newtonsoft.Json.Linq.Extensions", Kind::Static, &[EXTENSIONS_ROWS]);

const JTOKEN_ROWS: &[Row] = &[
    method("void AddAfterSelf(object content)", |cx, a| changing::add_beside(cx, a, 1)),
    method("void AddAnnotation(object annotation)", annotations::add),
    method("void AddBeforeSelf(object content)", |cx, a| changing::add_beside(cx, a, 0)),
    method("IEnumerable<JToken> AfterSelf()", |cx, a| sequences::siblings(cx, a, true)),
    method("IEnumerable<JToken> Ancestors()", |cx, a| sequences::ancestors(cx, a, false)),
    method("IEnumerable<JToken> AncestorsAndSelf()", |cx, a| sequences::ancestors(cx, a, true)),
    method("T Annotation<T>()", annotations::first),
    method("object Annotation(Type type)", annotations::first),
    method("IEnumerable<T> Annotations<T>()", annotations::all),
    method("IEnumerable<object> Annotations(Type type)", annotations::all),
    method("IEnumerable<JToken> BeforeSelf()", |cx, a| sequences::siblings(cx, a, false)),
    method("JEnumerable<JToken> Children()", sequences::children),
    method("JEnumerable<T> Children<T>()", sequences::children_of_type),
    method("JsonReader CreateReader()", readers::create),
    method("JToken DeepClone()", |cx, a| token::clone(cx, a[0])),
    static_method("bool DeepEquals(JToken t1, JToken t2)", merging::deep_equals),
    static_property("JTokenEqualityComparer EqualityComparer { get; }", json_convert::comparer),
    property("JToken First { get; }", members::first),
    static_method("JToken FromObject(object o)", |cx, a| members::from_object(cx, a, None)),
    static_method("JToken FromObject(object o, JsonSerializer jsonSerializer)", |cx, a| {
        json_convert::from_object_by(cx, a, None)
    }),
    property("bool HasValues { get; }", members::has_values),
    indexer_set("JToken this[object key] { get; set; }", members::item, members::set_item),
    property("JToken Last { get; }", members::last),
    static_method("JToken Load(JsonReader reader, JsonLoadSettings settings)", |cx, a| readers::load(cx, a, None)),
    static_method("JToken Load(JsonReader reader)", |cx, a| readers::load(cx, a, None)),
    property("JToken Next { get; }", |cx, a| members::next(cx, a, 1)),
    property("JContainer Parent { get; }", |cx, a| token::parent(cx, a[0])),
    static_method("JToken Parse(string json)", |cx, a| members::parse(cx, a, Wanted::Token)),
    static_method("JToken Parse(string json, JsonLoadSettings settings)", |cx, a| readers::parse(cx, a, None)),
    property("string Path { get; }", members::path),
    property("JToken Previous { get; }", |cx, a| members::next(cx, a, -1)),
    static_method("JToken ReadFrom(JsonReader reader)", |cx, a| readers::load(cx, a, None)),
    static_method("JToken ReadFrom(JsonReader reader, JsonLoadSettings settings)", |cx, a| readers::load(cx, a, None)),
    method("void Remove()", changing::remove_self),
    method("void RemoveAnnotations<T>()", annotations::remove),
    method("void RemoveAnnotations(Type type)", annotations::remove),
    method("void Replace(JToken value)", changing::replace),
    property("JToken Root { get; }", |cx, a| token::root(cx, a[0])),
    method("JToken SelectToken(string path)", members::select_token),
    method("JToken SelectToken(string path, bool errorWhenNoMatch)", members::select_token),
    method("IEnumerable<JToken> SelectTokens(string path)", members::select_tokens),
    method("IEnumerable<JToken> SelectTokens(string path, bool errorWhenNoMatch)", members::select_tokens),
    method("T ToObject<T>()", members::to_object),
    method("object ToObject(Type objectType)", members::to_object_type),
    method("T ToObject<T>(JsonSerializer jsonSerializer)", json_convert::to_object_by),
    method("object ToObject(Type objectType, JsonSerializer jsonSerializer)", json_convert::to_object_type_by),
    method("string ToString()", members::to_string),
    method("string ToString(Formatting formatting, params JsonConverter[] converters)", members::to_string_formatting),
    property("JTokenType Type { get; }", members::type_of),
    method("T Value<T>(object key)", members::value_of_key),
    method("IEnumerable<T> Values<T>()", sequences::values),
    method("void WriteTo(JsonWriter writer, params JsonConverter[] converters)", writers::write_to),
    operator("bool op_Explicit(JToken value)", members::explicit),
    operator("DateTimeOffset op_Explicit(JToken value)", members::explicit),
    operator("bool? op_Explicit(JToken value)", members::explicit),
    operator("long op_Explicit(JToken value)", members::explicit),
    operator("DateTime? op_Explicit(JToken value)", members::explicit),
    operator("DateTimeOffset? op_Explicit(JToken value)", members::explicit),
    operator("decimal? op_Explicit(JToken value)", members::explicit),
    operator("double? op_Explicit(JToken value)", members::explicit),
    operator("char? op_Explicit(JToken value)", members::explicit),
    operator("int op_Explicit(JToken value)", members::explicit),
    operator("short op_Explicit(JToken value)", members::explicit),
    operator("ushort op_Explicit(JToken value)", members::explicit),
    operator("char op_Explicit(JToken value)", members::explicit),
    operator("byte op_Explicit(JToken value)", members::explicit),
    operator("sbyte op_Explicit(JToken value)", members::explicit),
    operator("int? op_Explicit(JToken value)", members::explicit),
    operator("short? op_Explicit(JToken value)", members::explicit),
    operator("ushort? op_Explicit(JToken value)", members::explicit),
    operator("byte? op_Explicit(JToken value)", members::explicit),
    operator("sbyte? op_Explicit(JToken value)", members::explicit),
    operator("DateTime op_Explicit(JToken value)", members::explicit),
    operator("long? op_Explicit(JToken value)", members::explicit),
    operator("float? op_Explicit(JToken value)", members::explicit),
    operator("decimal op_Explicit(JToken value)", members::explicit),
    operator("uint? op_Explicit(JToken value)", members::explicit),
    operator("ulong? op_Explicit(JToken value)", members::explicit),
    operator("double op_Explicit(JToken value)", members::explicit),
    operator("float op_Explicit(JToken value)", members::explicit),
    operator("string op_Explicit(JToken value)", members::explicit),
    operator("uint op_Explicit(JToken value)", members::explicit),
    operator("ulong op_Explicit(JToken value)", members::explicit),
    operator("byte[] op_Explicit(JToken value)", members::explicit),
    operator("Guid op_Explicit(JToken value)", members::explicit),
    operator("Guid? op_Explicit(JToken value)", members::explicit),
    operator("TimeSpan op_Explicit(JToken value)", members::explicit),
    operator("TimeSpan? op_Explicit(JToken value)", members::explicit),
    operator("Uri op_Explicit(JToken value)", members::explicit),
    operator("JToken op_Implicit(sbyte value)", members::implicit_long),
    operator("JToken op_Implicit(sbyte? value)", members::implicit),
    operator("JToken op_Implicit(bool? value)", members::implicit),
    operator("JToken op_Implicit(long value)", members::implicit_long),
    operator("JToken op_Implicit(DateTime? value)", members::implicit),
    operator("JToken op_Implicit(DateTimeOffset? value)", members::implicit),
    operator("JToken op_Implicit(decimal? value)", members::implicit),
    operator("JToken op_Implicit(double? value)", members::implicit),
    operator("JToken op_Implicit(short value)", members::implicit_long),
    operator("JToken op_Implicit(ushort value)", members::implicit_long),
    operator("JToken op_Implicit(int value)", members::implicit_long),
    operator("JToken op_Implicit(int? value)", members::implicit),
    operator("JToken op_Implicit(DateTime value)", members::implicit),
    operator("JToken op_Implicit(long? value)", members::implicit),
    operator("JToken op_Implicit(float? value)", members::implicit),
    operator("JToken op_Implicit(decimal value)", members::implicit),
    operator("JToken op_Implicit(short? value)", members::implicit),
    operator("JToken op_Implicit(ushort? value)", members::implicit),
    operator("JToken op_Implicit(uint? value)", members::implicit),
    operator("JToken op_Implicit(ulong? value)", members::implicit),
    operator("JToken op_Implicit(double value)", members::implicit),
    operator("JToken op_Implicit(float value)", members::implicit),
    operator("JToken op_Implicit(string value)", members::implicit_string),
    operator("JToken op_Implicit(uint value)", members::implicit_long),
    operator("JToken op_Implicit(ulong value)", members::implicit),
    operator("JToken op_Implicit(byte[] value)", members::implicit),
    operator("JToken op_Implicit(Uri value)", members::implicit),
    operator("JToken op_Implicit(TimeSpan value)", members::implicit),
    operator("JToken op_Implicit(TimeSpan? value)", members::implicit),
    operator("JToken op_Implicit(Guid value)", members::implicit),
    operator("JToken op_Implicit(Guid? value)", members::implicit),
    operator("JToken op_Implicit(bool value)", members::implicit),
    operator("JToken op_Implicit(DateTimeOffset value)", members::implicit),
    operator("JToken op_Implicit(byte value)", members::implicit_long),
    operator("JToken op_Implicit(byte? value)", members::implicit),
    method("IEnumerator<JToken> GetEnumerator()", sequences::get_enumerator).off_list(),
];

pub static JTOKEN: TypeDef = TypeDef::new("Newtonsoft.Json.Linq.JToken", Kind::Class, &[JTOKEN_ROWS])
    .interfaces(&["IJEnumerable<JToken>"])
    .is_abstract();

const JCONTAINER_ROWS: &[Row] = &[
    Row::event("event AddingNewEventHandler AddingNew"),
    Row::event("event NotifyCollectionChangedEventHandler CollectionChanged"),
    Row::event("event ListChangedEventHandler ListChanged"),
    method("void Add(object content)", changing::add),
    method("void AddFirst(object content)", changing::add_first),
    method("JEnumerable<JToken> Children()", sequences::children),
    property("int Count { get; }", members::count),
    method("JsonWriter CreateWriter()", writers::create),
    method("IEnumerable<JToken> Descendants()", |cx, a| sequences::descendants(cx, a, false)),
    method("IEnumerable<JToken> DescendantsAndSelf()", |cx, a| sequences::descendants(cx, a, true)),
    property("JToken First { get; }", members::first),
    property("bool HasValues { get; }", members::has_values),
    property("JToken Last { get; }", members::last),
    method("void Merge(object content)", merging::merge),
    method("void Merge(object content, JsonMergeSettings settings)", merging::merge),
    method("void RemoveAll()", changing::clear),
    method("void ReplaceAll(object content)", changing::replace_all),
    method("IEnumerable<T> Values<T>()", sequences::values),
];

pub static JCONTAINER: TypeDef = TypeDef::new("Newtonsoft.Json.Linq.JContainer", Kind::Class, &[JCONTAINER_ROWS])
    .base("JToken")
    .interfaces(&["IList<JToken>"])
    .is_abstract();

const JOBJECT_ROWS: &[Row] = &[
    Row::event("event PropertyChangedEventHandler PropertyChanged"),
    Row::event("event PropertyChangingEventHandler PropertyChanging"),
    constructor("JObject()", |cx, _| token::new_container(cx, Type::Object)),
    constructor("JObject(JObject other)", changing::copy),
    constructor("JObject(params object[] content)", |cx, a| changing::new_params(cx, Type::Object, a[0])),
    constructor("JObject(object content)", |cx, a| changing::new_with(cx, Type::Object, a[0])),
    method("void Add(string propertyName, JToken value)", changing::add_member),
    method("bool ContainsKey(string propertyName)", |cx, a| {
        let name = cx.text(a[1], "propertyName")?.into_owned();
        Ok(Value::Bool(token::find(cx, a[0], &name)?.is_some()))
    }),
    static_method("JObject FromObject(object o)", |cx, a| members::from_object(cx, a, Some(Type::Object))),
    static_method("JObject FromObject(object o, JsonSerializer jsonSerializer)", |cx, a| {
        json_convert::from_object_by(cx, a, Some(Type::Object))
    }),
    method("IEnumerator<KeyValuePair<string, JToken>> GetEnumerator()", sequences::get_pairs),
    method("JToken GetValue(string propertyName)", changing::get_value),
    method("JToken GetValue(string propertyName, StringComparison comparison)", changing::get_value),
    indexer_set("JToken this[object key] { get; set; }", members::item, members::set_item),
    indexer_set("JToken this[string propertyName] { get; set; }", members::item_by_name, members::set_item_by_name),
    static_method("JObject Load(JsonReader reader)", |cx, a| readers::load(cx, a, Some(Type::Object))),
    static_method("JObject Load(JsonReader reader, JsonLoadSettings settings)", |cx, a| {
        readers::load(cx, a, Some(Type::Object))
    }),
    static_method("JObject Parse(string json)", |cx, a| members::parse(cx, a, Wanted::Object)),
    static_method("JObject Parse(string json, JsonLoadSettings settings)", |cx, a| {
        readers::parse(cx, a, Some(Type::Object))
    }),
    method("IEnumerable<JProperty> Properties()", sequences::children),
    method("JProperty Property(string name)", |cx, a| {
        Ok(changing::find_property(cx, a[0], a[1], a.get(2).copied())?.unwrap_or(Value::Null))
    }),
    method("JProperty Property(string name, StringComparison comparison)", |cx, a| {
        Ok(changing::find_property(cx, a[0], a[1], a.get(2).copied())?.unwrap_or(Value::Null))
    }),
    method("JEnumerable<JToken> PropertyValues()", sequences::property_values),
    method("bool Remove(string propertyName)", changing::remove_member),
    method("bool TryGetValue(string propertyName, StringComparison comparison, out JToken value)", |cx, a| {
        changing::try_get(cx, a, Some(a[2]), 2)
    }),
    method("bool TryGetValue(string propertyName, out JToken value)", |cx, a| changing::try_get(cx, a, None, 1)),
    property("JTokenType Type { get; }", members::type_of),
    method("void WriteTo(JsonWriter writer, params JsonConverter[] converters)", writers::write_to),
];

pub static JOBJECT: TypeDef = TypeDef::new("Newtonsoft.Json.Linq.JObject", Kind::Class, &[JOBJECT_ROWS])
    .base("JContainer")
    .interfaces(&["IDictionary<string, JToken>"]);

const JARRAY_ROWS: &[Row] = &[
    constructor("JArray()", |cx, _| token::new_container(cx, Type::Array)),
    constructor("JArray(JArray other)", changing::copy),
    constructor("JArray(params object[] content)", |cx, a| changing::new_params(cx, Type::Array, a[0])),
    constructor("JArray(object content)", |cx, a| changing::new_with(cx, Type::Array, a[0])),
    method("void Add(JToken item)", changing::add),
    method("void Clear()", changing::clear),
    method("bool Contains(JToken item)", |cx, a| Ok(Value::Bool(changing::index_of(cx, a)?.is_some()))),
    method("void CopyTo(JToken[] array, int arrayIndex)", merging::copy_to),
    static_method("JArray FromObject(object o)", |cx, a| members::from_object(cx, a, Some(Type::Array))),
    static_method("JArray FromObject(object o, JsonSerializer jsonSerializer)", |cx, a| {
        json_convert::from_object_by(cx, a, Some(Type::Array))
    }),
    method("IEnumerator<JToken> GetEnumerator()", sequences::get_enumerator),
    method("int IndexOf(JToken item)", |cx, a| Ok(Value::Int32(changing::index_of(cx, a)?.map_or(-1, |at| at as i32)))),
    method("void Insert(int index, JToken item)", changing::insert),
    property("bool IsReadOnly { get; }", |_, _| Ok(Value::Bool(false))),
    indexer_set("JToken this[object key] { get; set; }", members::item, members::set_item),
    indexer_set("JToken this[int index] { get; set; }", members::item, members::set_item),
    static_method("JArray Load(JsonReader reader)", |cx, a| readers::load(cx, a, Some(Type::Array))),
    static_method("JArray Load(JsonReader reader, JsonLoadSettings settings)", |cx, a| {
        readers::load(cx, a, Some(Type::Array))
    }),
    static_method("JArray Parse(string json)", |cx, a| members::parse(cx, a, Wanted::Array)),
    static_method("JArray Parse(string json, JsonLoadSettings settings)", |cx, a| {
        readers::parse(cx, a, Some(Type::Array))
    }),
    method("bool Remove(JToken item)", changing::remove_item),
    method("void RemoveAt(int index)", changing::remove_at),
    property("JTokenType Type { get; }", members::type_of),
    method("void WriteTo(JsonWriter writer, params JsonConverter[] converters)", writers::write_to),
];

pub static JARRAY: TypeDef = TypeDef::new("Newtonsoft.Json.Linq.JArray", Kind::Class, &[JARRAY_ROWS])
    .base("JContainer")
    .interfaces(&["IList<JToken>"]);

const JCONSTRUCTOR_ROWS: &[Row] = &[
    constructor("JConstructor()", json_convert::new_constructor),
    constructor("JConstructor(JConstructor other)", changing::copy),
    constructor("JConstructor(string name, params object[] content)", json_convert::new_constructor),
    constructor("JConstructor(string name, object content)", json_convert::new_constructor),
    constructor("JConstructor(string name)", json_convert::new_constructor),
    indexer_set("JToken this[object key] { get; set; }", members::item, members::set_item),
    static_method("JConstructor Load(JsonReader reader)", |cx, a| readers::load(cx, a, Some(Type::Constructor))),
    static_method("JConstructor Load(JsonReader reader, JsonLoadSettings settings)", |cx, a| {
        readers::load(cx, a, Some(Type::Constructor))
    }),
    property_set(
        "string Name { get; set; }",
        |cx, a| token::name(cx, a[0]),
        |cx, a| {
            token::set_name(cx, a[0], a[1])?;
            Ok(Value::Null)
        },
    ),
    property("JTokenType Type { get; }", members::type_of),
    method("void WriteTo(JsonWriter writer, params JsonConverter[] converters)", writers::write_to),
];

pub static JCONSTRUCTOR: TypeDef =
    TypeDef::new("Newtonsoft.Json.Linq.JConstructor", Kind::Class, &[JCONSTRUCTOR_ROWS]).base("JContainer");

const JPROPERTY_ROWS: &[Row] = &[
    constructor("JProperty(JProperty other)", changing::copy),
    constructor("JProperty(string name, params object[] content)", changing::new_property),
    constructor("JProperty(string name, object content)", changing::new_property),
    static_method("JProperty Load(JsonReader reader)", |cx, a| readers::load(cx, a, Some(Type::Property))),
    static_method("JProperty Load(JsonReader reader, JsonLoadSettings settings)", |cx, a| {
        readers::load(cx, a, Some(Type::Property))
    }),
    property("string Name { get; }", |cx, a| token::name(cx, a[0])),
    property("JTokenType Type { get; }", members::type_of),
    property_set(
        "JToken Value { get; set; }",
        |cx, a| token::property_value(cx, a[0]),
        |cx, a| {
            token::set(cx, a[0], 0, a[1])?;
            Ok(Value::Null)
        },
    ),
    method("void WriteTo(JsonWriter writer, params JsonConverter[] converters)", writers::write_to),
];

pub static JPROPERTY: TypeDef =
    TypeDef::new("Newtonsoft.Json.Linq.JProperty", Kind::Class, &[JPROPERTY_ROWS]).base("JContainer");

const JVALUE_ROWS: &[Row] = &[
    constructor("JValue(JValue other)", members::copy_value),
    constructor("JValue(long value)", members::implicit_long),
    constructor("JValue(decimal value)", members::implicit),
    constructor("JValue(char value)", |cx, a| token::new_leaf(cx, Type::String, a[0])),
    constructor("JValue(ulong value)", members::implicit),
    constructor("JValue(double value)", members::implicit),
    constructor("JValue(float value)", members::implicit),
    constructor("JValue(DateTime value)", members::implicit),
    constructor("JValue(DateTimeOffset value)", members::implicit),
    constructor("JValue(bool value)", members::implicit),
    constructor("JValue(string value)", members::implicit_string),
    constructor("JValue(Guid value)", members::implicit),
    constructor("JValue(Uri value)", members::implicit),
    constructor("JValue(TimeSpan value)", members::implicit),
    constructor("JValue(object value)", members::implicit),
    method("int CompareTo(JValue obj)", merging::compare_to),
    static_method("JValue CreateComment(string value)", |cx, a| token::new_leaf(cx, Type::Comment, a[0])),
    static_method("JValue CreateNull()", |cx, _| token::new_leaf(cx, Type::Null, Value::Null)),
    static_method("JValue CreateString(string value)", |cx, a| token::new_leaf(cx, Type::String, a[0])),
    static_method("JValue CreateUndefined()", |cx, _| token::new_leaf(cx, Type::Undefined, Value::Null)),
    method("bool Equals(JValue other)", merging::value_equals),
    method("bool Equals(object obj)", merging::value_equals),
    method("int GetHashCode()", merging::value_hash),
    property("bool HasValues { get; }", members::has_values),
    method("string ToString()", members::to_string),
    method("string ToString(string format)", members::to_string_format),
    method("string ToString(IFormatProvider formatProvider)", members::to_string),
    method("string ToString(string format, IFormatProvider formatProvider)", members::to_string_format),
    property("JTokenType Type { get; }", members::type_of),
    property_set(
        "object Value { get; set; }",
        |cx, a| Ok(token::leaf(cx, a[0]).unwrap_or(Value::Null)),
        members::set_value,
    ),
    method("void WriteTo(JsonWriter writer, params JsonConverter[] converters)", writers::write_to),
];

pub static JVALUE: TypeDef = TypeDef::new("Newtonsoft.Json.Linq.JValue", Kind::Class, &[JVALUE_ROWS])
    .base("JToken")
    .interfaces(&["IComparable", "IComparable<JValue>", "IConvertible", "IEquatable<JValue>", "IFormattable"]);

const JRAW_ROWS: &[Row] = &[
    constructor("JRaw(JRaw other)", |cx, a| token::clone(cx, a[0])),
    constructor("JRaw(object rawJson)", |cx, a| {
        let raw = if a[0].is_null() { cx.new_str("")? } else { a[0] };
        token::new_leaf(cx, Type::Raw, raw)
    }),
    static_method("JRaw Create(JsonReader reader)", readers::raw),
];

pub static JRAW: TypeDef = TypeDef::new("Newtonsoft.Json.Linq.JRaw", Kind::Class, &[JRAW_ROWS]).base("JValue");

const JTOKEN_TYPE_ROWS: &[Row] = &[
    enum_value("Array = 2", 2),
    enum_value("Boolean = 9", 9),
    enum_value("Bytes = 14", 14),
    enum_value("Comment = 5", 5),
    enum_value("Constructor = 3", 3),
    enum_value("Date = 12", 12),
    enum_value("Float = 7", 7),
    enum_value("Guid = 15", 15),
    enum_value("Integer = 6", 6),
    enum_value("None = 0", 0),
    enum_value("Null = 10", 10),
    enum_value("Object = 1", 1),
    enum_value("Property = 4", 4),
    enum_value("Raw = 13", 13),
    enum_value("String = 8", 8),
    enum_value("TimeSpan = 17", 17),
    enum_value("Undefined = 11", 11),
    enum_value("Uri = 16", 16),
];

pub static JTOKEN_TYPE: TypeDef = TypeDef::new("Newtonsoft.Json.Linq.JTokenType", Kind::Enum, &[JTOKEN_TYPE_ROWS]);

/// `JEnumerable<T>`, `IJEnumerable<T>`: sequences of tokens.
pub static IJENUMERABLE: TypeDef = TypeDef::new(
    "Newtonsoft.Json.Linq.IJEnumerable",
    Kind::Interface,
    &[&[indexer("IJEnumerable<JToken> this[object key] { get; }", sequences::keyed)]],
)
.parameters(&["out T"])
.interfaces(&["IEnumerable<T>"]);

pub static JENUMERABLE: TypeDef = TypeDef::new(
    "Newtonsoft.Json.Linq.JEnumerable",
    Kind::Struct,
    &[&[indexer("IJEnumerable<JToken> this[object key] { get; }", sequences::keyed)]],
)
.parameters(&["T"])
.interfaces(&["IJEnumerable<T>"]);

/// What an integer of JSON is that does not fit a long.
pub static BIG_INTEGER: TypeDef = TypeDef::new(
    "System.Numerics.BigInteger",
    Kind::Struct,
    &[&[
        method("string ToString()", |cx, a| {
            let digits = big(cx, a[0])?.0.to_string();
            cx.new_str(&digits)
        }),
        method("bool Equals(object obj)", |cx, a| {
            let same = matches!((big(cx, a[0]), big(cx, a[1])), (Ok(x), Ok(y)) if x.0 == y.0);
            Ok(Value::Bool(same))
        }),
    ]],
)
.off_list();

fn big<'a>(cx: &'a Call<'_>, value: Value) -> Result<&'a BigInteger, Fault> {
    cx.this::<BigInteger>(value)
}

/// `JToken.EqualityComparer`.
pub static TOKEN_COMPARER: TypeDef = TypeDef::new(
    "Newtonsoft.Json.Linq.JTokenEqualityComparer",
    Kind::Class,
    &[&[
        constructor("JTokenEqualityComparer()", json_convert::comparer),
        method("bool Equals(JToken x, JToken y)", |cx, a| merging::deep_equals(cx, &a[1..])),
        method("int GetHashCode(JToken obj)", json_convert::deep_hash),
    ]],
)
.interfaces(&["IEqualityComparer<JToken>"])
.off_list();

pub static TYPES: &[&TypeDef] = &[
    &FORMATTING,
    &JSON_CONVERT,
    &EXTENSIONS,
    &JTOKEN,
    &JCONTAINER,
    &JOBJECT,
    &JARRAY,
    &JCONSTRUCTOR,
    &JPROPERTY,
    &JVALUE,
    &JRAW,
    &JTOKEN_TYPE,
    &IJENUMERABLE,
    &JENUMERABLE,
    &BIG_INTEGER,
    &settings::SERIALIZER,
    &settings::MERGE,
    &settings::NULL_VALUE_HANDLING,
    &settings::MERGE_ARRAY_HANDLING,
    &settings::MERGE_NULL_VALUE_HANDLING,
    &settings::JSON_SERIALIZER,
    &settings::CONVERTER,
    &settings::LOAD,
    &settings::COMMENT_HANDLING,
    &settings::LINE_INFO_HANDLING,
    &settings::DUPLICATE_HANDLING,
    &settings::DATE_PARSE_HANDLING,
    &settings::FLOAT_PARSE_HANDLING,
    &readers::JSON_READER,
    &readers::TEXT_READER,
    &readers::TOKEN_READER,
    &readers::JSON_TOKEN,
    &writers::JSON_WRITER,
    &writers::TEXT_WRITER,
    &writers::TOKEN_WRITER,
    &TOKEN_COMPARER,
];
