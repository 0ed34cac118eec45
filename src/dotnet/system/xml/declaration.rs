//! `XDeclaration`: version, encoding and standalone of a document, as three texts.

use super::Result;
use crate::dotnet::call::Call;
use crate::dotnet::member::{Kind, Row, TypeDef, constructor, method, property_set};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

/// Version, encoding, standalone; each may be null.
#[derive(Clone, Copy, Debug)]
pub struct Declaration(pub [Value; 3]);

pub fn new(cx: &mut Call<'_>, parts: [Value; 3]) -> Result {
    cx.heap.new_extension(TypeId::named("System.Xml.Linq.XDeclaration"), Declaration(parts))
}

pub fn copy(cx: &mut Call<'_>, declaration: Value) -> Result {
    let parts = cx.this::<Declaration>(declaration)?.0;
    new(cx, parts)
}

fn get(cx: &Call<'_>, this: Value, part: usize) -> Result {
    Ok(cx.this::<Declaration>(this)?.0[part])
}

fn set(cx: &mut Call<'_>, a: &[Value], part: usize) -> Result {
    cx.this_mut::<Declaration>(a[0])?.0[part] = a[1];
    Ok(Value::Null)
}

pub fn text(cx: &Call<'_>, declaration: Value) -> Result<String> {
    let parts = cx.this::<Declaration>(declaration)?.0;
    let mut text = String::from("<?xml");
    for (name, part) in ["version", "encoding", "standalone"].into_iter().zip(parts) {
        if let Some(part) = cx.heap.text(part) {
            text.push_str(&format!(" {name}=\"{part}\""));
        }
    }
    text.push_str("?>");
    Ok(text)
}

pub static XDECLARATION: TypeDef = TypeDef::new("System.Xml.Linq.XDeclaration", Kind::Class, &[ROWS]);

const ROWS: &[Row] = &[
    constructor("XDeclaration(string version, string encoding, string standalone)", |cx, a| {
        new(cx, [a[0], a[1], a[2]])
    }),
    constructor("XDeclaration(XDeclaration other)", |cx, a| {
        if a[0].is_null() { Err(crate::dotnet::fault::Fault::argument_null("other")) } else { copy(cx, a[0]) }
    }),
    property_set("string Encoding { get; set; }", |cx, a| get(cx, a[0], 1), |cx, a| set(cx, a, 1)),
    property_set("string Standalone { get; set; }", |cx, a| get(cx, a[0], 2), |cx, a| set(cx, a, 2)),
    method("string ToString()", |cx, a| {
        let text = text(cx, a[0])?;
        cx.new_str(&text)
    }),
    property_set("string Version { get; set; }", |cx, a| get(cx, a[0], 0), |cx, a| set(cx, a, 0)),
];
