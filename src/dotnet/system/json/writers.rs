//! `JsonWriter` and its kinds: JSON written piece by piece, as text or into a container.

use super::stream::{Stream, Tok};
use super::token::{self, Result, Type};
use super::write;
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, Row, TypeDef, constructor, method, property_set};
use crate::dotnet::system::io;
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inside {
    Object,
    Array,
    Constructor,
}

/// A container that is open, whether something is in it, and whether a name waits for its value.
#[derive(Clone, Copy, Debug)]
struct Open {
    inside: Inside,
    has_values: bool,
    /// The name that waits; null: none.
    name: Value,
    /// The token, where tokens are made.
    token: Value,
}

#[derive(Debug)]
struct Writing {
    /// A `TextWriter`, or null.
    text: Value,
    /// A container that takes what is written, or null.
    root: Value,
    open: Vec<Open>,
    indented: bool,
    started: bool,
    /// A name waits for its value outside of any container.
    named: bool,
}

pub static JSON_WRITER: TypeDef = TypeDef::new("Newtonsoft.Json.JsonWriter", Kind::Class, &[ROWS])
    .is_abstract()
    .interfaces(&["IDisposable"])
    .off_list();

pub static TEXT_WRITER: TypeDef = TypeDef::new(
    "Newtonsoft.Json.JsonTextWriter",
    Kind::Class,
    &[&[constructor("JsonTextWriter(TextWriter textWriter)", |cx, a| {
        if a[0].is_null() {
            return Err(Fault::argument_null("textWriter"));
        }
        new(cx, "Newtonsoft.Json.JsonTextWriter", a[0], Value::Null)
    })]],
)
.base("JsonWriter")
.off_list();

pub static TOKEN_WRITER: TypeDef =
    TypeDef::new("Newtonsoft.Json.Linq.JTokenWriter", Kind::Class, &[]).base("JsonWriter").off_list();

fn new(cx: &mut Call<'_>, ty: &'static str, text: Value, root: Value) -> Result {
    let writing = Writing { text, root, open: Vec::new(), indented: false, started: false, named: false };
    cx.heap.new_extension(TypeId::named(ty), writing)
}

/// `container.CreateWriter()`.
pub fn create(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let inside = match token::kind(cx, a[0])? {
        Type::Object => Inside::Object,
        Type::Constructor => Inside::Constructor,
        _ => Inside::Array,
    };
    let writer = new(cx, "Newtonsoft.Json.Linq.JTokenWriter", Value::Null, a[0])?;
    let open = Open { inside, has_values: false, name: Value::Null, token: a[0] };
    cx.this_mut::<Writing>(writer)?.open.push(open);
    Ok(writer)
}

/// The text that a piece of work writes.
pub fn text_of(cx: &mut Call<'_>, indented: bool, work: impl FnOnce(&mut Call<'_>, Value) -> Result<()>) -> Result {
    let text = super::convert::construct(cx, TypeId::named("System.IO.StringWriter"), &[])?;
    let writer = new(cx, "Newtonsoft.Json.JsonTextWriter", text, Value::Null)?;
    cx.this_mut::<Writing>(writer)?.indented = indented;
    work(cx, writer)?;
    crate::dotnet::system::display::to_str(cx, text)
}

/// The token that a piece of work writes.
pub fn token_of(cx: &mut Call<'_>, work: impl FnOnce(&mut Call<'_>, Value) -> Result<()>) -> Result {
    let holder = token::new_container(cx, Type::Array)?;
    let writer = create(cx, &[holder])?;
    work(cx, writer)?;
    let made = token::child(cx, holder, 0)?.ok_or_else(Fault::null_reference)?;
    token::set_parent(cx, made, Value::Null)?;
    Ok(made)
}

/// A piece.
#[derive(Clone, Copy, Debug)]
pub enum Piece {
    Start(Inside, Value),
    End,
    Name(Value),
    Leaf(Type, Value),
}

const ROWS: &[Row] = &[
    method("void WriteStartObject()", |cx, a| put(cx, a[0], Piece::Start(Inside::Object, Value::Null))),
    method("void WriteEndObject()", |cx, a| put(cx, a[0], Piece::End)),
    method("void WriteStartArray()", |cx, a| put(cx, a[0], Piece::Start(Inside::Array, Value::Null))),
    method("void WriteEndArray()", |cx, a| put(cx, a[0], Piece::End)),
    method("void WriteStartConstructor(string name)", |cx, a| put(cx, a[0], Piece::Start(Inside::Constructor, a[1]))),
    method("void WriteEndConstructor()", |cx, a| put(cx, a[0], Piece::End)),
    method("void WriteEnd()", |cx, a| put(cx, a[0], Piece::End)),
    method("void WritePropertyName(string name)", |cx, a| put(cx, a[0], Piece::Name(a[1]))),
    method("void WritePropertyName(string name, bool escape)", |cx, a| put(cx, a[0], Piece::Name(a[1]))),
    method("void WriteNull()", |cx, a| put(cx, a[0], Piece::Leaf(Type::Null, Value::Null))),
    method("void WriteUndefined()", |cx, a| put(cx, a[0], Piece::Leaf(Type::Undefined, Value::Null))),
    method("void WriteComment(string text)", |cx, a| put(cx, a[0], Piece::Leaf(Type::Comment, a[1]))),
    method("void WriteRawValue(string json)", |cx, a| put(cx, a[0], Piece::Leaf(Type::Raw, a[1]))),
    method("void WriteRaw(string json)", |cx, a| put(cx, a[0], Piece::Leaf(Type::Raw, a[1]))),
    method("void WriteValue(object value)", |cx, a| {
        let kind = match a[1] {
            Value::Char(_) => Type::String,
            value => token::type_of_value(cx, value)?,
        };
        put(cx, a[0], Piece::Leaf(kind, a[1]))
    }),
    method("void WriteToken(JsonReader reader)", |_, _| {
        Err(Fault::not_supported("Write the token itself: token.WriteTo(writer)."))
    }),
    method("void Flush()", |_, _| Ok(Value::Null)),
    method("void Close()", close),
    method("void Dispose()", close),
    property_set(
        "Formatting Formatting { get; set; }",
        |cx, a| {
            let ty = cx.returns;
            Ok(Value::Enum { ty, value: cx.this::<Writing>(a[0])?.indented.into() })
        },
        |cx, a| {
            cx.this_mut::<Writing>(a[0])?.indented = a[1].integer() == Some(1);
            Ok(Value::Null)
        },
    ),
];

/// Ends what is open.
fn close(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let (own, least) = {
        let writing = cx.this::<Writing>(a[0])?;
        (writing.open.len(), usize::from(!writing.root.is_null()))
    };
    for _ in least..own {
        put(cx, a[0], Piece::End)?;
    }
    Ok(Value::Null)
}

pub fn put(cx: &mut Call<'_>, writer: Value, piece: Piece) -> Result {
    cx.charge_fuel(1)?;
    let writing = cx.this::<Writing>(writer)?;
    let state = match writing.open.last() {
        None if writing.named => "Property",
        None if writing.started => "Closed",
        None => "Start",
        Some(open) if !open.name.is_null() => "Property",
        Some(open) => match open.inside {
            Inside::Object => "Object",
            Inside::Array => "Array",
            Inside::Constructor => "Constructor",
        },
    };
    let refused = match piece {
        Piece::Name(_) => !matches!(state, "Object" | "Start"),
        Piece::End => matches!(state, "Start" | "Closed"),
        Piece::Leaf(Type::Comment | Type::Raw, _) => false,
        _ => matches!(state, "Object" | "Closed"),
    };
    if refused {
        let name = match piece {
            Piece::Name(_) => "PropertyName",
            Piece::End => "EndObject",
            Piece::Start(Inside::Object, _) => "StartObject",
            Piece::Start(Inside::Array, _) => "StartArray",
            Piece::Start(Inside::Constructor, _) => "StartConstructor",
            Piece::Leaf(kind, _) => kind.name(),
        };
        let message = if matches!(piece, Piece::End) {
            "No token to close. Path ''.".to_owned()
        } else {
            format!("Token {name} in state {state} would result in an invalid JSON object. Path ''.")
        };
        return Err(Fault::throw("Newtonsoft.Json.JsonWriterException", message));
    }
    if cx.this::<Writing>(writer)?.text.is_null() { put_token(cx, writer, piece) } else { put_text(cx, writer, piece) }
}

fn put_text(cx: &mut Call<'_>, writer: Value, piece: Piece) -> Result {
    let shown = match piece {
        Piece::Leaf(Type::Comment, text) => {
            format!("/*{}*/", cx.heap.text(text).unwrap_or_default())
        }
        Piece::Leaf(kind, value) => {
            let leaf = token::new_leaf(cx, kind, value)?;
            write::write(cx, leaf, false)?
        }
        Piece::Name(name) => {
            let mut out = String::new();
            write::quote(&mut out, &cx.heap.text(name).unwrap_or_default());
            out
        }
        Piece::Start(Inside::Constructor, name) => format!("new {}(", cx.heap.text(name).unwrap_or_default()),
        Piece::Start(Inside::Object, _) => "{".to_owned(),
        Piece::Start(Inside::Array, _) => "[".to_owned(),
        Piece::End => String::new(),
    };
    let writing = cx.this_mut::<Writing>(writer)?;
    let (text, indented) = (writing.text, writing.indented);
    let mut out = String::new();
    let line = |out: &mut String, depth: usize| {
        if indented {
            out.push('\n');
            out.push_str(&"  ".repeat(depth));
        }
    };
    let depth = writing.open.len();
    if let Piece::End = piece {
        if let Some(open) = writing.open.pop() {
            if open.has_values {
                line(&mut out, depth - 1);
            }
            out.push(match open.inside {
                Inside::Object => '}',
                Inside::Array => ']',
                Inside::Constructor => ')',
            });
        }
        writing.started |= writing.open.is_empty();
    } else {
        let is_comment = matches!(piece, Piece::Leaf(Type::Comment, _));
        match writing.open.last_mut() {
            Some(open) if !open.name.is_null() && !matches!(piece, Piece::Name(_)) => {
                if !is_comment {
                    open.name = Value::Null;
                }
            }
            Some(open) => {
                if open.has_values && !is_comment {
                    out.push(',');
                }
                open.has_values |= !is_comment;
                // Among an object's members a comment stands where the last one ended.
                if !is_comment || open.inside != Inside::Object {
                    line(&mut out, depth);
                }
            }
            None => {
                writing.named = matches!(piece, Piece::Name(_)) || writing.named && is_comment;
                writing.started |= !is_comment && matches!(piece, Piece::Leaf(..));
            }
        }
        out.push_str(&shown);
        match piece {
            Piece::Name(name) => {
                if let Some(open) = writing.open.last_mut() {
                    open.name = name;
                }
                out.push_str(if indented { ": " } else { ":" });
            }
            Piece::Start(inside, _) => {
                writing.open.push(Open { inside, has_values: false, name: Value::Null, token: Value::Null });
            }
            _ => {}
        }
    }
    let out = cx.new_str(&out)?;
    io::write_text(cx, text, out)?;
    Ok(Value::Null)
}

fn put_token(cx: &mut Call<'_>, writer: Value, piece: Piece) -> Result {
    let made = match piece {
        Piece::Name(name) => {
            if let Some(open) = cx.this_mut::<Writing>(writer)?.open.last_mut() {
                open.name = name;
            }
            return Ok(Value::Null);
        }
        Piece::End => {
            cx.this_mut::<Writing>(writer)?.open.pop();
            return Ok(Value::Null);
        }
        Piece::Leaf(Type::Undefined, _) => token::new_leaf(cx, Type::Null, Value::Null)?,
        Piece::Leaf(kind, value) => token::new_leaf(cx, kind, value)?,
        Piece::Start(inside, name) => {
            let kind = match inside {
                Inside::Object => Type::Object,
                Inside::Array => Type::Array,
                Inside::Constructor => Type::Constructor,
            };
            let own = token::new_container(cx, kind)?;
            token::set_name(cx, own, name)?;
            own
        }
    };
    let Some(open) = cx.this_mut::<Writing>(writer)?.open.last_mut() else { return Ok(Value::Null) };
    let (container, name) = (open.token, std::mem::replace(&mut open.name, Value::Null));
    if token::kind(cx, container)? == Type::Object {
        if name.is_null() {
            // Only a comment comes without a name, and an object holds none.
            return Ok(Value::Null);
        }
        super::members::set_member(cx, container, name, made)?;
    } else {
        let end = token::len(cx, container)?;
        token::insert(cx, container, end, made)?;
    }
    if let Piece::Start(inside, _) = piece {
        let open = Open { inside, has_values: false, name: Value::Null, token: made };
        cx.heap.charge(size_of::<Open>())?;
        cx.this_mut::<Writing>(writer)?.open.push(open);
    }
    Ok(Value::Null)
}

/// `token.WriteTo(writer, converters)`.
pub fn write_to(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let mut stream = Stream::of_token(a[0]);
    while stream.read(cx)? {
        let piece = match stream.token {
            Tok::StartObject => Piece::Start(Inside::Object, Value::Null),
            Tok::StartArray => Piece::Start(Inside::Array, Value::Null),
            Tok::StartConstructor => Piece::Start(Inside::Constructor, stream.value),
            Tok::PropertyName => Piece::Name(stream.value),
            Tok::EndObject | Tok::EndArray | Tok::EndConstructor => Piece::End,
            Tok::None => break,
            _ => {
                let current = stream.current().unwrap_or(Value::Null);
                Piece::Leaf(token::kind(cx, current)?, token::leaf(cx, current).unwrap_or(Value::Null))
            }
        };
        put(cx, a[1], piece)?;
    }
    Ok(Value::Null)
}
