//! From JSON to .NET objects as Newtonsoft's serializer reads them: `JsonConvert.DeserializeObject`, `JToken.ToObject`.
//!
//! In: a [`Stream`] and the type that is wanted. Out: an object of it, or the exception that the serializer throws, with
//! path and place. Never: types that cannot be named in a policy.

use super::convert::{self, simple_name, strip};
use super::stream::{As, Making, Stream, Tok};
use super::token::{self, Result, Type};
use super::xml_read;
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::inherit;
use crate::dotnet::member::Kind as DefKind;
use crate::dotnet::system::collections::comparer::Equality;
use crate::dotnet::system::collections::{array, dictionary_put, new_dictionary, new_set};
use crate::dotnet::system::xml::node;
use crate::dotnet::system::{convert as dotnet_convert, display};
use crate::dotnet::types::{self, Type as Dotnet, TypeId};
use crate::dotnet::value::Value;

const FAILED: &str = "Newtonsoft.Json.JsonSerializationException";

/// How the serializer sees a type.
enum Contract {
    /// `object`: whatever is there.
    Any,
    /// `JToken` and its kin.
    Token,
    Primitive,
    List(TypeId),
    Dictionary(TypeId, TypeId),
    Pair(TypeId, TypeId),
    /// Made at once of named parts.
    Parts(Vec<(String, TypeId)>),
    /// A text alone: `Version`.
    Text,
    /// A node of LINQ to XML.
    Xml,
    /// Nothing can be made of it.
    Other,
}

fn contract(ty: TypeId) -> Contract {
    let (bare, _) = strip(ty);
    if bare == types::object() {
        return Contract::Any;
    }
    if inherit::is_subtype(bare, token::jtoken()) {
        return Contract::Token;
    }
    if convert::accepted(simple_name(bare)).is_some() || is_enum(bare) {
        return Contract::Primitive;
    }
    match bare.get() {
        Dotnet::Array(element, 1) => return Contract::List(*element),
        Dotnet::Anonymous(fields) => {
            return Contract::Parts(fields.iter().map(|(name, ty)| (name.to_string(), *ty)).collect());
        }
        Dotnet::Tuple(elements, _) => return Contract::Parts(numbered(elements)),
        _ => {}
    }
    match (bare.def().map_or("", |def| def.simple_name()), bare.arguments()) {
        (
            "List"
            | "IList"
            | "ICollection"
            | "IEnumerable"
            | "IReadOnlyList"
            | "IReadOnlyCollection"
            | "HashSet"
            | "ISet"
            | "Queue"
            | "Stack"
            | "LinkedList"
            | "ReadOnlyCollection",
            &[element],
        ) => Contract::List(element),
        ("IEnumerable" | "ICollection" | "IList", []) => Contract::List(types::object()),
        ("Dictionary" | "IDictionary" | "IReadOnlyDictionary" | "SortedDictionary", &[key, value]) => {
            Contract::Dictionary(key, value)
        }
        ("KeyValuePair", &[key, value]) => Contract::Pair(key, value),
        ("Version", []) => Contract::Text,
        _ if inherit::is_subtype(bare, TypeId::named("System.Xml.Linq.XObject")) => Contract::Xml,
        ("Tuple", elements) if !elements.is_empty() => Contract::Parts(numbered(elements)),
        _ => Contract::Other,
    }
}

fn numbered(elements: &[TypeId]) -> Vec<(String, TypeId)> {
    elements.iter().enumerate().map(|(at, ty)| (format!("Item{}", at + 1), *ty)).collect()
}

fn is_enum(ty: TypeId) -> bool {
    ty.def().is_some_and(|def| def.kind == DefKind::Enum)
}

fn reads_as(ty: TypeId) -> As {
    let (bare, _) = strip(ty);
    if is_enum(bare) {
        return As::Any;
    }
    match simple_name(bare) {
        "Byte" | "Int16" | "Int32" => As::Int32,
        "Int64" => As::Int64,
        "Byte[]" => As::Bytes,
        "Decimal" => As::Decimal,
        "Boolean" => As::Boolean,
        "String" => As::String,
        "DateTime" => As::DateTime,
        "DateTimeOffset" => As::DateTimeOffset,
        "Single" | "Double" => As::Double,
        _ => As::Any,
    }
}

fn read_for(cx: &mut Call<'_>, stream: &mut Stream, ty: TypeId) -> Result<bool> {
    stream.read_for(cx, reads_as(ty), &|| ty.clr_name())
}

fn fail<T>(cx: &mut Call<'_>, stream: &mut Stream, message: &str) -> Result<T> {
    Err(stream.fault(cx, FAILED, message)?)
}

fn read_or_end(cx: &mut Call<'_>, stream: &mut Stream) -> Result<()> {
    if stream.read(cx)? { Ok(()) } else { fail(cx, stream, "Unexpected end when reading JSON.") }
}

/// What the stream holds, as an object of this type. With `whole`, nothing may follow it.
pub fn deserialize(cx: &mut Call<'_>, stream: &mut Stream, wanted: TypeId, whole: bool) -> Result {
    let made = deserialize_uncast(cx, stream, wanted, whole)?;
    cast_token(cx, made, wanted)
}

/// What came out of a contract of tokens may be another token: it is cast at the end, where the type is a type argument.
pub fn cast_token(cx: &Call<'_>, made: Value, wanted: TypeId) -> Result {
    if !made.is_null() && matches!(contract(wanted), Contract::Token) && !inherit::is_instance(cx.heap, made, wanted) {
        let own = cx.heap.type_of(made).clr_name();
        return Err(Fault::invalid_cast(&own, &wanted.clr_name()));
    }
    Ok(made)
}

/// The same, for a type that is an argument: what comes out need not be of it.
pub fn deserialize_uncast(cx: &mut Call<'_>, stream: &mut Stream, wanted: TypeId, whole: bool) -> Result {
    let (_, nullable) = strip(wanted);
    if stream.token == Tok::None && !read_for(cx, stream, wanted)? {
        if !nullable {
            let name = wanted.clr_name();
            return fail(cx, stream, &format!("No JSON content found and type '{name}' is not nullable."));
        }
        return Ok(Value::Null);
    }
    let made = value(cx, stream, wanted)?;
    if whole {
        expect_end(cx, stream)?;
    }
    Ok(made)
}

/// Only comments may follow.
pub fn expect_end(cx: &mut Call<'_>, stream: &mut Stream) -> Result<()> {
    while stream.read(cx)? {
        if stream.token != Tok::Comment {
            return fail(cx, stream, "Additional text found in JSON string after finishing deserializing object.");
        }
    }
    Ok(())
}

fn value(cx: &mut Call<'_>, stream: &mut Stream, wanted: TypeId) -> Result {
    cx.heap.enter()?;
    let made = nested(cx, stream, wanted);
    cx.heap.leave();
    made
}

fn nested(cx: &mut Call<'_>, stream: &mut Stream, wanted: TypeId) -> Result {
    let own = contract(wanted);
    match own {
        Contract::Token => return linq(cx, stream, wanted),
        Contract::Xml => return xml(cx, stream, wanted),
        Contract::Pair(key, item) => return pair(cx, stream, wanted, key, item),
        _ => {}
    }
    loop {
        match stream.token {
            Tok::StartObject => return object(cx, stream, wanted, own),
            Tok::StartArray => return list(cx, stream, wanted, own),
            Tok::Integer | Tok::Float | Tok::Boolean | Tok::Date | Tok::Bytes => {
                return ensure(cx, stream, stream.value, wanted);
            }
            Tok::String => {
                let text = stream.value;
                if !text.is_null() && cx.heap.str(text).is_none() {
                    let own = cx.heap.type_of(text).clr_name();
                    return Err(Fault::invalid_cast(&own, "System.String"));
                }
                let is_empty = cx.heap.str(text).is_none_or(|text| text.is_empty());
                if simple_name(wanted) == "Byte[]" {
                    return convert::bytes_of_text(cx, text);
                }
                if is_empty && wanted != types::string() && wanted != types::object() && strip(wanted).1 {
                    return Ok(Value::Null);
                }
                return ensure(cx, stream, text, wanted);
            }
            Tok::StartConstructor => return ensure(cx, stream, stream.value, wanted),
            Tok::Null | Tok::Undefined => return ensure(cx, stream, Value::Null, wanted),
            Tok::Raw => {
                let raw = token::new_leaf(cx, Type::Raw, stream.value)?;
                if wanted != types::object() {
                    return Err(Fault::invalid_cast("Newtonsoft.Json.Linq.JRaw", &wanted.clr_name()));
                }
                return Ok(raw);
            }
            Tok::Comment => {}
            other => {
                let message = format!("Unexpected token while deserializing object: {}", other.name());
                return fail(cx, stream, &message);
            }
        }
        if !stream.read(cx)? {
            return fail(cx, stream, "Unexpected end when deserializing object.");
        }
    }
}

fn linq(cx: &mut Call<'_>, stream: &mut Stream, wanted: TypeId) -> Result {
    if wanted == token::jraw() {
        let made = stream.make_token(cx, Making::Serializing { comments: true })?;
        let text = super::write::write(cx, made, false)?;
        let text = cx.new_str(&text)?;
        return token::new_leaf(cx, Type::Raw, text);
    }
    if stream.token == Tok::Null && wanted != token::jvalue() && wanted != token::jtoken() {
        return Ok(Value::Null);
    }
    stream.make_token(cx, Making::Serializing { comments: true })
}

/// A document or element of what is written as XML in JSON.
fn xml(cx: &mut Call<'_>, stream: &mut Stream, wanted: TypeId) -> Result {
    let Some(json) = xml_json(cx, stream)? else { return Ok(Value::Null) };
    let document = xml_read::read(cx, json, None, xml_read::Reading { mark_arrays: false, encode: false })?;
    if wanted.def().is_none_or(|def| def.simple_name() != "XElement") {
        return Ok(document);
    }
    let root = xml_read::root_of(cx, document)?;
    if root.is_null() {
        return Err(Fault::null_reference());
    }
    node::remove(cx, root)?;
    Ok(root)
}

/// The object that XML is read from, with the places of its tokens; nothing of null.
pub fn xml_json(cx: &mut Call<'_>, stream: &mut Stream) -> Result<Option<Value>> {
    match stream.token {
        Tok::Null => Ok(None),
        Tok::StartObject => {
            let kept = std::mem::replace(&mut stream.keeps_all, true);
            let made = stream.make_token(cx, Making::Serializing { comments: true });
            stream.keeps_all = kept;
            made.map(Some)
        }
        _ => fail(cx, stream, "XmlNodeConverter can only convert JSON that begins with an object."),
    }
}

/// What the serializer calls a type of this kind.
fn described(own: &Contract) -> &'static str {
    match own {
        Contract::Primitive => "JSON primitive value (e.g. string, number, boolean, null)",
        Contract::List(_) => "JSON array (e.g. [1,2,3])",
        Contract::Text => "JSON string value",
        _ => "JSON object (e.g. {\"name\":\"value\"})",
    }
}

fn object(cx: &mut Call<'_>, stream: &mut Stream, wanted: TypeId, own: Contract) -> Result {
    read_or_end(cx, stream)?;
    if let Some(made) = metadata(cx, stream, wanted)? {
        return Ok(made);
    }
    match own {
        Contract::Any | Contract::Token => untyped(cx, stream),
        Contract::Dictionary(key, item) => dictionary(cx, stream, wanted, key, item),
        Contract::Parts(parts) => made_of_parts(cx, stream, wanted, &parts),
        Contract::Primitive | Contract::List(_) | Contract::Text => {
            let wants = described(&own);
            let message = format!(
                "Cannot deserialize the current JSON object (e.g. {{\"name\":\"value\"}}) into type '{}' because the type requires a {wants} to deserialize correctly.\nTo fix this error either change the JSON to a {wants} or change the deserialized type so that it is a normal .NET type (e.g. not a primitive type like integer, not a collection type like an array or List<T>) that can be deserialized from a JSON object. JsonObjectAttribute can also be added to the type to force it to deserialize from a JSON object.\n",
                wanted.clr_name()
            );
            fail(cx, stream, &message)
        }
        Contract::Pair(..) | Contract::Xml | Contract::Other => {
            let name = wanted.clr_name();
            if wanted.def().is_some_and(|def| def.kind == DefKind::Interface || def.is_abstract) {
                return fail(
                    cx,
                    stream,
                    &format!(
                        "Could not create an instance of type {name}. Type is an interface or abstract class and cannot be instantiated."
                    ),
                );
            }
            Err(Fault::not_supported(format!("{} cannot be made of JSON here.", wanted.csharp_name())))
        }
    }
}

/// `$id`, `$type`, `$ref` and `$values` at the beginning of an object mean something to the serializer.
fn metadata(cx: &mut Call<'_>, stream: &mut Stream, wanted: TypeId) -> Result<Option<Value>> {
    while stream.token == Tok::PropertyName {
        let name = cx.heap.text(stream.value).unwrap_or_default().into_owned();
        match name.as_str() {
            "$ref" => {
                read_or_end(cx, stream)?;
                if !matches!(stream.token, Tok::String | Tok::Null) {
                    return fail(cx, stream, "JSON reference $ref property must have a string or null value.");
                }
                let is_null = stream.token == Tok::Null;
                read_or_end(cx, stream)?;
                if !is_null {
                    if stream.token == Tok::PropertyName {
                        return fail(
                            cx,
                            stream,
                            "Additional content found in JSON reference object. A JSON reference object should only have a $ref property.",
                        );
                    }
                    return Ok(Some(Value::Null));
                }
            }
            "$type" | "$id" => {
                read_or_end(cx, stream)?;
                read_or_end(cx, stream)?;
            }
            "$values" => {
                read_or_end(cx, stream)?;
                let made = list(cx, stream, wanted, contract(wanted))?;
                read_or_end(cx, stream)?;
                return Ok(Some(made));
            }
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// An object without a type: a `JObject`, without comments.
fn untyped(cx: &mut Call<'_>, stream: &mut Stream) -> Result {
    let made = token::new_container(cx, Type::Object)?;
    loop {
        match stream.token {
            Tok::PropertyName => {
                let name = stream.value;
                if !stream.read_content(cx)? {
                    break;
                }
                let own = stream.make_token(cx, Making::Serializing { comments: false })?;
                let text = cx.heap.text(name).unwrap_or_default().into_owned();
                if let Some(at) = token::find(cx, made, &text)? {
                    token::remove_at(cx, made, at)?;
                }
                let property = token::new_property(cx, name, own)?;
                let end = token::len(cx, made)?;
                token::insert(cx, made, end, property)?;
            }
            Tok::Comment => {}
            _ => return Ok(made),
        }
        if !stream.read(cx)? {
            break;
        }
    }
    fail(cx, stream, "Unexpected end when deserializing object.")
}

fn list(cx: &mut Call<'_>, stream: &mut Stream, wanted: TypeId, own: Contract) -> Result {
    let element = match own {
        Contract::Any | Contract::Token => return stream.make_token(cx, Making::Serializing { comments: true }),
        Contract::List(element) => element,
        other => {
            let wants = described(&other);
            let message = format!(
                "Cannot deserialize the current JSON array (e.g. [1,2,3]) into type '{}' because the type requires a {wants} to deserialize correctly.\nTo fix this error either change the JSON to a {wants} or change the deserialized type to an array or a type that implements a collection interface (e.g. ICollection, IList) like List<T> that can be deserialized from a JSON array. JsonArrayAttribute can also be added to the type to force it to deserialize from a JSON array.\n",
                wanted.clr_name()
            );
            return fail(cx, stream, &message);
        }
    };
    let mut items = Vec::new();
    loop {
        if !read_for(cx, stream, element)? {
            return fail(cx, stream, "Unexpected end when deserializing array.");
        }
        match stream.token {
            Tok::EndArray => break,
            Tok::Comment => {}
            _ => {
                let item = value(cx, stream, element)?;
                fits(cx, item, element, wanted)?;
                cx.heap.charge(size_of::<Value>())?;
                items.push(item);
            }
        }
    }
    let (bare, _) = strip(wanted);
    if let Dotnet::Array(..) = bare.get() {
        return array::new(cx, bare, items);
    }
    let of = |name: &str| TypeId::generic(name, &[element]);
    match bare.def().map_or("", |def| def.simple_name()) {
        "HashSet" | "ISet" => new_set(cx, of("System.Collections.Generic.HashSet"), Equality::default(), items),
        "Queue" | "Stack" | "LinkedList" => {
            let list = cx.heap.new_list(of("System.Collections.Generic.List"), items)?;
            convert::construct(cx, bare, &[list])
        }
        "ReadOnlyCollection" | "IReadOnlyList" | "IReadOnlyCollection" => {
            cx.heap.new_list(of("System.Collections.ObjectModel.ReadOnlyCollection"), items)
        }
        _ => cx.heap.new_list(of("System.Collections.Generic.List"), items),
    }
}

/// Refuses a token of another kind than a collection holds, as the collection does it or what Newtonsoft wraps it in.
fn fits(cx: &mut Call<'_>, item: Value, element: TypeId, collection: TypeId) -> Result<()> {
    if item.is_null() || !matches!(contract(element), Contract::Token) || inherit::is_instance(cx.heap, item, element) {
        return Ok(());
    }
    let quote = match collection.def().map_or("", |def| def.simple_name()) {
        "HashSet" | "ISet" | "IList" | "ICollection" | "IDictionary" => '\'',
        _ => '"',
    };
    let (shown, name) = (display::display(cx, item)?, element.clr_name());
    let message = format!(
        "The value {quote}{shown}{quote} is not of type {quote}{name}{quote} and cannot be used in this generic collection."
    );
    Err(Fault::argument(&message, "value"))
}

fn dictionary(cx: &mut Call<'_>, stream: &mut Stream, wanted: TypeId, key: TypeId, item: TypeId) -> Result {
    let is_sorted = wanted.def().is_some_and(|def| def.simple_name() == "SortedDictionary");
    let ty = TypeId::generic("System.Collections.Generic.Dictionary", &[key, item]);
    let made = new_dictionary(cx, ty, Equality::default())?;
    loop {
        match stream.token {
            Tok::PropertyName => {
                let name = stream.value;
                let own = match key_of(cx, stream, name, key) {
                    Err(Fault::Throw(inner)) => {
                        let text = display::display(cx, name)?;
                        let message = format!(
                            "Could not convert string '{text}' to dictionary key type '{}'. Create a TypeConverter to convert from the string to the key type object.",
                            key.clr_name()
                        );
                        return Err(with_inner(stream.fault(cx, FAILED, &message)?, *inner));
                    }
                    other => other?,
                };
                if !read_for(cx, stream, item)? {
                    return fail(cx, stream, "Unexpected end when deserializing object.");
                }
                let one = value(cx, stream, item)?;
                fits(cx, one, item, wanted)?;
                dictionary_put(cx, made, own, one)?;
            }
            Tok::Comment => {}
            Tok::EndObject => {
                return if is_sorted { convert::construct(cx, wanted, &[made]) } else { Ok(made) };
            }
            other => {
                return fail(cx, stream, &format!("Unexpected token when deserializing object: {}", other.name()));
            }
        }
        if !stream.read(cx)? {
            return fail(cx, stream, "Unexpected end when deserializing object.");
        }
    }
}

fn key_of(cx: &mut Call<'_>, stream: &mut Stream, name: Value, key: TypeId) -> Result {
    let (bare, _) = strip(key);
    if bare == types::string() || bare == types::object() {
        return Ok(name);
    }
    if is_enum(bare) {
        return enum_of_text(cx, name, bare);
    }
    if bare == types::date_time_offset()
        && let Some(found) = convert::date_of_text(cx, name, bare)?
    {
        return Ok(found);
    }
    ensure(cx, stream, name, key)
}

fn pair(cx: &mut Call<'_>, stream: &mut Stream, wanted: TypeId, key: TypeId, item: TypeId) -> Result {
    let (bare, nullable) = strip(wanted);
    if stream.token == Tok::Null {
        if nullable {
            return Ok(Value::Null);
        }
        return fail(cx, stream, "Cannot convert null value to KeyValuePair.");
    }
    let (mut first, mut second) = (inherit::zero(cx.heap, key)?, inherit::zero(cx.heap, item)?);
    read_or_end(cx, stream)?;
    while stream.token == Tok::PropertyName {
        let name = cx.heap.text(stream.value).unwrap_or_default().to_ascii_lowercase();
        match name.as_str() {
            "key" | "value" => {
                let own = if name == "key" { key } else { item };
                if !read_for(cx, stream, own)? {
                    return fail(cx, stream, "Unexpected end when reading JSON.");
                }
                let made = value(cx, stream, own)?;
                let made = cast_token(cx, made, own)?;
                *(if name == "key" { &mut first } else { &mut second }) = made;
            }
            _ => stream.skip(cx)?,
        }
        read_or_end(cx, stream)?;
    }
    cx.heap.new_record(bare, &[first, second])
}

/// Tuples and anonymous objects: by name, in any case when none has it exactly; what is missing is zero.
fn made_of_parts(cx: &mut Call<'_>, stream: &mut Stream, wanted: TypeId, parts: &[(String, TypeId)]) -> Result {
    let mut values = Vec::with_capacity(parts.len());
    for (_, ty) in parts {
        values.push(inherit::zero(cx.heap, *ty)?);
    }
    loop {
        match stream.token {
            Tok::PropertyName => {
                let name = cx.heap.text(stream.value).unwrap_or_default().into_owned();
                let found = parts
                    .iter()
                    .position(|(own, _)| *own == name)
                    .or_else(|| parts.iter().position(|(own, _)| own.eq_ignore_ascii_case(&name)));
                match found {
                    Some(at) => {
                        if !read_for(cx, stream, parts[at].1)? {
                            return fail(cx, stream, &format!("Unexpected end when setting {name}'s value."));
                        }
                        let made = value(cx, stream, parts[at].1)?;
                        values[at] = cast_token(cx, made, parts[at].1)?;
                    }
                    None => {
                        if !stream.read(cx)? {
                            break;
                        }
                        stream.skip(cx)?;
                    }
                }
            }
            Tok::Comment => {}
            Tok::EndObject => return cx.heap.new_record(strip(wanted).0, &values),
            other => {
                return fail(cx, stream, &format!("Unexpected token when deserializing object: {}", other.name()));
            }
        }
        if !stream.read(cx)? {
            break;
        }
    }
    fail(cx, stream, "Unexpected end when deserializing object.")
}

fn with_inner(fault: Fault, inner: crate::dotnet::fault::Thrown) -> Fault {
    match fault {
        Fault::Throw(mut thrown) => {
            thrown.inner = Some(Box::new(inner));
            Fault::Throw(thrown)
        }
        other => other,
    }
}

/// A scalar as the type that is wanted.
fn ensure(cx: &mut Call<'_>, stream: &mut Stream, own: Value, wanted: TypeId) -> Result {
    if cx.heap.type_of(own) == wanted || wanted == types::object() {
        return Ok(own);
    }
    let (bare, nullable) = strip(wanted);
    if own.is_null() && nullable {
        return Ok(Value::Null);
    }
    match converted(cx, own, bare) {
        Err(Fault::Throw(inner)) => {
            let text = if own.is_null() {
                "{null}".to_owned()
            } else if cx.heap.str(own).is_some() {
                format!("\"{}\"", display::display(cx, own)?)
            } else {
                display::display(cx, own)?
            };
            let message = format!("Error converting value {text} to type '{}'.", wanted.clr_name());
            Err(with_inner(stream.fault(cx, FAILED, &message)?, *inner))
        }
        other => other,
    }
}

/// A value as a `JValue` that is `dynamic` converts it.
pub fn converted_by_binder(cx: &mut Call<'_>, own: Value, bare: TypeId) -> Result {
    let known = is_enum(bare)
        || matches!(simple_name(bare), "Guid" | "TimeSpan" | "Uri" | "Byte[]")
        || convert::accepted(simple_name(bare)).is_some();
    if !known && !inherit::is_instance(cx.heap, own, bare) {
        let shown = bare.clr_name();
        let open = bare.def().is_some_and(|def| def.is_abstract || def.kind == crate::dotnet::member::Kind::Interface);
        return Err(if open {
            Fault::throw(
                "System.ArgumentException",
                format!("Target type {shown} is not a value type or a non-abstract class. (Parameter 'targetType')"),
            )
        } else {
            let from = cx.heap.type_of(own).clr_name();
            Fault::invalid_operation(format!("Can not convert from {from} to {shown}."))
        });
    }
    match simple_name(bare) {
        "DateTime" if cx.heap.str(own).is_some() => dotnet_convert::change_type(cx, own, bare),
        "Byte[]" if cx.heap.str(own).is_some() => {
            convert::call_static(cx, TypeId::named("System.Convert"), "FromBase64String", &[own])
        }
        _ => converted(cx, own, bare),
    }
}

fn converted(cx: &mut Call<'_>, own: Value, bare: TypeId) -> Result {
    let is_text = cx.heap.str(own).is_some();
    if is_enum(bare) {
        if is_text {
            return enum_of_text(cx, own, bare);
        }
        return match own.integer() {
            Some(value) if !matches!(own, Value::Bool(_)) => Ok(Value::Enum { ty: bare, value }),
            _ => dotnet_convert::change_type(cx, own, bare),
        };
    }
    if convert::big_digits(cx, own).is_some() {
        return convert::of_big(cx, own, bare);
    }
    match simple_name(bare) {
        "DateTime" if is_text => {
            if let Some(found) = convert::date_of_text(cx, own, bare)? {
                return Ok(found);
            }
            dotnet_convert::change_type(cx, own, bare)
        }
        "DateTimeOffset" => match own {
            Value::DateTime(date) => Ok(Value::DateTimeOffset { minutes: 0, ticks: date.ticks() }),
            _ if is_text => convert::call_static(cx, bare, "Parse", &[own]),
            _ => Err(no_conversion(cx, own, bare)),
        },
        "Guid" if is_text => convert::construct(cx, bare, &[own]),
        "Guid" if cx.heap.bytes(own).is_some() => convert::construct(cx, bare, &[own]),
        "TimeSpan" if is_text => convert::call_static(cx, bare, "Parse", &[own]),
        "Uri" if is_text => convert::uri_of_text(cx, own),
        "Byte[]" if is_text => convert::bytes_of_text(cx, own),
        "Guid" | "TimeSpan" | "Uri" | "Byte[]" => Err(no_conversion(cx, own, bare)),
        name if convert::accepted(name).is_some() => dotnet_convert::change_type(cx, own, bare),
        _ if inherit::is_instance(cx.heap, own, bare) => Ok(own),
        _ => Err(no_conversion(cx, own, bare)),
    }
}

fn no_conversion(cx: &Call<'_>, own: Value, wanted: TypeId) -> Fault {
    let own = if own.is_null() { "{null}".to_owned() } else { cx.heap.type_of(own).clr_name() };
    Fault::throw("System.ArgumentException", format!("Could not cast or convert from {own} to {}.", wanted.clr_name()))
}

/// Names or a number, by commas; names in any case when none has it exactly.
pub fn enum_of_text(cx: &mut Call<'_>, text: Value, ty: TypeId) -> Result {
    let text = cx.heap.text(text).unwrap_or_default().into_owned();
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(Fault::throw(
            "System.ArgumentException",
            "Must specify valid information for parsing in the string.",
        ));
    }
    if trimmed.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+')
        && let Ok(value) = trimmed.parse::<i64>()
    {
        return Ok(Value::Enum { ty, value });
    }
    let members = ty.def().map(|def| def.members()).unwrap_or_default();
    let mut total = 0;
    for name in trimmed.split(',') {
        let name = name.trim();
        let by = |same: &dyn Fn(&str) -> bool| {
            members.iter().find_map(|member| match member.row.code {
                crate::dotnet::member::Code::EnumValue(value) if same(member.name) => Some(value),
                _ => None,
            })
        };
        match by(&|own| own == name).or_else(|| by(&|own| own.eq_ignore_ascii_case(name))) {
            Some(value) => total |= value,
            None => {
                let message = format!("Requested value '{text}' was not found.");
                return Err(Fault::throw("System.ArgumentException", message));
            }
        }
    }
    Ok(Value::Enum { ty, value: total })
}
