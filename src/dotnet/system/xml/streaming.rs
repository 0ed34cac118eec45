//! `System.Xml.Linq.XStreamingElement`: content that is asked for when it is written.

use super::name::{self, Name};
use super::node::{self, Content};
use super::{Result, content, write};
use crate::dotnet::call::{Call, enumeration};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, TypeDef, constructor, method, property_set};
use crate::dotnet::system::{io, stream};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;
use std::sync::{Arc, LazyLock};

#[derive(Debug)]
struct Streaming {
    name: Arc<Name>,
    content: Vec<Value>,
}

/// Whether a value is one.
pub fn is(cx: &Call<'_>, value: Value) -> bool {
    cx.heap.extension::<Streaming>(value).is_some()
}

/// `new XElement(other)`: its content is asked for now.
pub fn element(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let Some(own) = cx.heap.extension::<Streaming>(a[0]) else { return Err(Fault::argument_null("other")) };
    let (name, all) = (own.name.clone(), own.content.clone());
    cx.heap.enter()?;
    let made = filled(cx, name, &all, false);
    cx.heap.leave();
    made
}

/// The element that is written: each piece where it stands.
fn written(cx: &mut Call<'_>, this: Value) -> Result {
    let own = cx.this::<Streaming>(this)?;
    let (name, all) = (own.name.clone(), own.content.clone());
    cx.heap.enter()?;
    let made = filled(cx, name, &all, true);
    cx.heap.leave();
    made
}

fn filled(cx: &mut Call<'_>, name: Arc<Name>, all: &[Value], in_order: bool) -> Result {
    let made = node::new_element(cx, name)?;
    let mut pieces = Vec::new();
    for &new in all {
        match cx.heap.items(new) {
            Some(several) => pieces.extend_from_slice(several),
            None => pieces.push(new),
        }
    }
    for new in pieces {
        cx.charge_fuel(1)?;
        let (had, last) = (node::content(cx, made)?, node::last_attribute(cx, made)?);
        content::add(cx, made, new, true)?;
        let is_late = !matches!(had, Content::Nothing) && !node::is(last, node::last_attribute(cx, made)?);
        if in_order && is_late {
            return Err(Fault::invalid_operation("An attribute cannot be written after content."));
        }
    }
    Ok(made)
}

fn new(cx: &mut Call<'_>, a: &[Value]) -> Result {
    static ID: LazyLock<TypeId> = LazyLock::new(|| TypeId::named("System.Xml.Linq.XStreamingElement"));
    let name = name::required(cx, a[0], "name")?;
    let content = a.get(1).copied().into_iter().collect();
    cx.heap.new_extension(*ID, Streaming { name, content })
}

fn add(cx: &mut Call<'_>, a: &[Value]) -> Result {
    cx.heap.charge(size_of::<Value>())?;
    cx.this_mut::<Streaming>(a[0])?.content.push(a[1]);
    Ok(Value::Null)
}

fn text(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let made = written(cx, a[0])?;
    write::to_text(cx, made, a.get(1).map_or(0, |&options| enumeration(options)))
}

fn document(cx: &mut Call<'_>, a: &[Value], encoding: &str) -> Result {
    let made = written(cx, a[0])?;
    write::document_text(cx, made, a.get(2).map_or(0, |&options| enumeration(options)), encoding)
}

fn save(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let text = document(cx, a, "utf-16")?;
    io::write_text(cx, a[1], text)
}

fn save_bytes(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let text = document(cx, a, "utf-8")?;
    let mut bytes = b"\xEF\xBB\xBF".to_vec();
    bytes.extend(cx.heap.text(text).unwrap_or_default().as_bytes());
    stream::write(cx, a[1], &bytes)?;
    Ok(Value::Null)
}

pub static STREAMING: TypeDef = TypeDef::new(
    "System.Xml.Linq.XStreamingElement",
    Kind::Class,
    &[&[
        constructor("XStreamingElement(XName name)", new),
        constructor("XStreamingElement(XName name, object content)", new),
        constructor("XStreamingElement(XName name, params object[] content)", new),
        method("void Add(object content)", add),
        method("void Add(params object[] content)", add),
        property_set(
            "XName Name { get; set; }",
            |cx, a| {
                let name = cx.this::<Streaming>(a[0])?.name.clone();
                name::new_name(cx, name)
            },
            |cx, a| {
                let name = name::required(cx, a[1], "value")?;
                cx.this_mut::<Streaming>(a[0])?.name = name;
                Ok(Value::Null)
            },
        ),
        method("void Save(Stream stream)", save_bytes),
        method("void Save(Stream stream, SaveOptions options)", save_bytes),
        method("void Save(TextWriter textWriter)", save),
        method("void Save(TextWriter textWriter, SaveOptions options)", save),
        method("string ToString()", text),
        method("string ToString(SaveOptions options)", text),
    ]],
)
.off_list();
