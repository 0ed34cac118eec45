//! `JsonReader` and its kinds as objects, and what loads tokens from one.

use super::stream::{As, Dates, Making, Stream, Tok};
use super::token::{self, Result, Type};
use super::{settings, write};
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, Row, TypeDef, constructor, enum_value, method, property, property_set};
use crate::dotnet::system::io;
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;
use std::sync::Arc;

const FAILED: &str = "Newtonsoft.Json.JsonReaderException";

/// A reader object; its stream is away while it is read.
#[derive(Debug)]
struct Reading {
    stream: Option<Stream>,
}

fn with<T>(cx: &mut Call<'_>, reader: Value, work: impl FnOnce(&mut Call<'_>, &mut Stream) -> Result<T>) -> Result<T> {
    if reader.is_null() {
        return Err(Fault::argument_null("reader"));
    }
    let mut stream = cx.this_mut::<Reading>(reader)?.stream.take().ok_or_else(Fault::null_reference)?;
    let done = work(cx, &mut stream);
    cx.this_mut::<Reading>(reader)?.stream = Some(stream);
    done
}

pub static JSON_READER: TypeDef = TypeDef::new("Newtonsoft.Json.JsonReader", Kind::Class, &[ROWS])
    .is_abstract()
    .interfaces(&["IDisposable"])
    .off_list();

pub static TEXT_READER: TypeDef = TypeDef::new(
    "Newtonsoft.Json.JsonTextReader",
    Kind::Class,
    &[&[
        constructor("JsonTextReader(TextReader reader)", |cx, a| {
            if a[0].is_null() {
                return Err(Fault::argument_null("reader"));
            }
            let text = io::read_to_end(cx, a[0])?;
            let text: Arc<str> = Arc::from(&*cx.text(text, "reader")?);
            new(cx, "Newtonsoft.Json.JsonTextReader", Stream::of_text(text))
        }),
        property("int LineNumber { get; }", |cx, a| {
            with(cx, a[0], |_, stream| Ok(Value::Int32(stream.place()?.0 as i32)))
        }),
        property("int LinePosition { get; }", |cx, a| {
            with(cx, a[0], |_, stream| Ok(Value::Int32(stream.place()?.1 as i32)))
        }),
        method("bool HasLineInfo()", |_, _| Ok(Value::Bool(true))),
    ]],
)
.base("JsonReader")
.off_list();

pub static TOKEN_READER: TypeDef = TypeDef::new(
    "Newtonsoft.Json.Linq.JTokenReader",
    Kind::Class,
    &[&[
        constructor("JTokenReader(JToken token)", |cx, a| {
            if a[0].is_null() {
                return Err(Fault::argument_null("token"));
            }
            create(cx, a)
        }),
        property("JToken CurrentToken { get; }", |cx, a| {
            with(cx, a[0], |_, stream| Ok(stream.current().unwrap_or(Value::Null)))
        }),
    ]],
)
.base("JsonReader")
.off_list();

const ROWS: &[Row] = &[
    method("bool Read()", |cx, a| with(cx, a[0], |cx, stream| stream.read(cx).map(Value::Bool))),
    method("int? ReadAsInt32()", |cx, a| read_as(cx, a, As::Int32)),
    method("string ReadAsString()", |cx, a| read_as(cx, a, As::String)),
    method("byte[] ReadAsBytes()", |cx, a| read_as(cx, a, As::Bytes)),
    method("double? ReadAsDouble()", |cx, a| read_as(cx, a, As::Double)),
    method("bool? ReadAsBoolean()", |cx, a| read_as(cx, a, As::Boolean)),
    method("decimal? ReadAsDecimal()", |cx, a| read_as(cx, a, As::Decimal)),
    method("DateTime? ReadAsDateTime()", |cx, a| read_as(cx, a, As::DateTime)),
    method("DateTimeOffset? ReadAsDateTimeOffset()", |cx, a| read_as(cx, a, As::DateTimeOffset)),
    method("void Skip()", |cx, a| {
        with(cx, a[0], |cx, stream| stream.skip(cx))?;
        Ok(Value::Null)
    }),
    method("void Close()", |_, _| Ok(Value::Null)),
    method("void Dispose()", |_, _| Ok(Value::Null)),
    property("JsonToken TokenType { get; }", |cx, a| {
        let ty = cx.returns;
        with(cx, a[0], |_, stream| Ok(Value::Enum { ty, value: stream.token as i64 }))
    }),
    property("object Value { get; }", |cx, a| with(cx, a[0], |_, stream| Ok(stream.value))),
    property("Type ValueType { get; }", |cx, a| {
        with(cx, a[0], |cx, stream| {
            Ok(if stream.value.is_null() { Value::Null } else { Value::Type(cx.heap.type_of(stream.value)) })
        })
    }),
    property("string Path { get; }", |cx, a| {
        let path = with(cx, a[0], |cx, stream| stream.path(cx))?;
        cx.new_str(&path)
    }),
    property("int Depth { get; }", |cx, a| with(cx, a[0], |_, stream| Ok(Value::Int32(stream.depth()? as i32)))),
    property_set(
        "DateParseHandling DateParseHandling { get; set; }",
        |cx, a| {
            let ty = cx.returns;
            with(cx, a[0], |_, stream| Ok(Value::Enum { ty, value: stream.dates as i64 }))
        },
        |cx, a| {
            let dates = dates_of(int(a[1]).into());
            with(cx, a[0], |_, stream| {
                stream.dates = dates;
                Ok(Value::Null)
            })
        },
    ),
    property_set(
        "FloatParseHandling FloatParseHandling { get; set; }",
        |cx, a| {
            let ty = cx.returns;
            with(cx, a[0], |_, stream| Ok(Value::Enum { ty, value: stream.decimals.into() }))
        },
        |cx, a| {
            let decimals = int(a[1]) == 1;
            with(cx, a[0], |_, stream| {
                stream.decimals = decimals;
                Ok(Value::Null)
            })
        },
    ),
];

/// `DateParseHandling`.
pub fn dates_of(number: i64) -> Dates {
    match number {
        0 => Dates::None,
        2 => Dates::DateTimeOffset,
        _ => Dates::DateTime,
    }
}

pub static JSON_TOKEN: TypeDef = TypeDef::new(
    "Newtonsoft.Json.JsonToken",
    Kind::Enum,
    &[&[
        enum_value("None = 0", 0),
        enum_value("StartObject = 1", 1),
        enum_value("StartArray = 2", 2),
        enum_value("StartConstructor = 3", 3),
        enum_value("PropertyName = 4", 4),
        enum_value("Comment = 5", 5),
        enum_value("Raw = 6", 6),
        enum_value("Integer = 7", 7),
        enum_value("Float = 8", 8),
        enum_value("String = 9", 9),
        enum_value("Boolean = 10", 10),
        enum_value("Null = 11", 11),
        enum_value("Undefined = 12", 12),
        enum_value("EndObject = 13", 13),
        enum_value("EndArray = 14", 14),
        enum_value("EndConstructor = 15", 15),
        enum_value("Date = 16", 16),
        enum_value("Bytes = 17", 17),
    ]],
)
.off_list();

fn new(cx: &mut Call<'_>, ty: &'static str, stream: Stream) -> Result {
    cx.heap.new_extension(TypeId::named(ty), Reading { stream: Some(stream) })
}

fn read_as(cx: &mut Call<'_>, a: &[Value], wanted: As) -> Result {
    with(cx, a[0], |cx, stream| stream.read_as(cx, wanted))
}

/// `token.CreateReader()`.
pub fn create(cx: &mut Call<'_>, a: &[Value]) -> Result {
    token::kind(cx, a[0])?;
    new(cx, "Newtonsoft.Json.Linq.JTokenReader", Stream::of_token(a[0]))
}

/// What the serializer makes of what a reader holds.
pub fn deserialize(cx: &mut Call<'_>, reader: Value, wanted: TypeId) -> Result {
    with(cx, reader, |cx, stream| super::deserialize::deserialize(cx, stream, wanted, false))
}

fn making(cx: &Call<'_>, given: Value) -> (Making, bool) {
    match cx.heap.extension::<settings::Settings>(given) {
        Some(settings) => {
            let comments = settings.get("CommentHandling") == 1;
            (Making::Loading { comments, duplicates: settings.get("DuplicatePropertyNameHandling") }, !comments)
        }
        None => (Making::Loading { comments: false, duplicates: 0 }, false),
    }
}

/// `JToken.Load`, `JObject.Load` ... from a reader, with settings perhaps.
pub fn load(cx: &mut Call<'_>, a: &[Value], wanted: Option<Type>) -> Result {
    if a[0].is_null() && matches!(wanted, Some(Type::Array | Type::Property | Type::Constructor)) {
        return Err(Fault::null_reference());
    }
    let (how, skips) = making(cx, a.get(1).copied().unwrap_or(Value::Null));
    with(cx, a[0], |cx, stream| load_from(cx, stream, wanted, how, skips))
}

/// `JObject.Parse(json, settings)` and its like.
pub fn parse(cx: &mut Call<'_>, a: &[Value], wanted: Option<Type>) -> Result {
    let text: Arc<str> = Arc::from(&*cx.text(a[0], "s")?);
    cx.charge_fuel(text.len() / 8)?;
    let (how, skips) = making(cx, a[1]);
    let mut stream = Stream::of_text(text);
    let made = load_from(cx, &mut stream, wanted, how, skips)?;
    while stream.read(cx)? {}
    Ok(made)
}

fn load_from(
    cx: &mut Call<'_>,
    stream: &mut Stream,
    wanted: Option<Type>,
    how: Making,
    skips_comments: bool,
) -> Result {
    let name = match wanted {
        Some(kind) => token::class_name(kind),
        None => "JToken",
    };
    let has_content = match stream.token {
        Tok::None if wanted.is_none() && skips_comments => stream.read_content(cx)?,
        Tok::None => stream.read(cx)?,
        Tok::Comment if wanted.is_none() && skips_comments => stream.read_content(cx)?,
        _ => true,
    };
    if !has_content {
        return Err(stream.fault(cx, FAILED, &format!("Error reading {name} from JsonReader."))?);
    }
    if let Some(kind) = wanted {
        while stream.token == Tok::Comment && stream.read(cx)? {}
        let (start, what) = match kind {
            Type::Object => (Tok::StartObject, "an object"),
            Type::Array => (Tok::StartArray, "an array"),
            Type::Property => (Tok::PropertyName, "a property"),
            _ => (Tok::StartConstructor, "a constructor"),
        };
        if stream.token != start {
            let item = stream.token.name();
            let message =
                format!("Error reading {name} from JsonReader. Current JsonReader item is not {what}: {item}.");
            return Err(stream.fault(cx, FAILED, &message)?);
        }
    }
    match stream.token {
        // One that was not skipped is the token.
        Tok::Comment => token::new_leaf(cx, Type::Comment, stream.value),
        Tok::PropertyName => {
            let name = stream.value;
            if !stream.read_content(cx)? {
                return Err(stream.fault(cx, FAILED, "Error reading JProperty from JsonReader.")?);
            }
            let value = stream.make_token(cx, how)?;
            token::new_property(cx, name, value)
        }
        Tok::None | Tok::EndObject | Tok::EndArray | Tok::EndConstructor | Tok::Raw => {
            let message = format!("Error reading JToken from JsonReader. Unexpected token: {}.", stream.token.name());
            Err(stream.fault(cx, FAILED, &message)?)
        }
        _ => stream.make_token(cx, how),
    }
}

/// `JRaw.Create(reader)`: the text of what stands next.
pub fn raw(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let made = with(cx, a[0], |cx, stream| {
        if stream.token == Tok::None {
            stream.read(cx)?;
        }
        stream.make_token(cx, Making::Serializing { comments: true })
    })?;
    let text = write::write(cx, made, false)?;
    let text = cx.new_str(&text)?;
    token::new_leaf(cx, Type::Raw, text)
}
