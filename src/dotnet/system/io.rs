//! `System.IO.StringReader` and `System.IO.StringWriter`: text read and written in pieces, never a file.

use super::builder::{self, APPEND, FORMAT, FORMAT_ARRAY};
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::{Object, Str};
use crate::dotnet::member::{
    Kind, Native, Row, TypeDef, constructor, method, property, property_set, static_method, static_property,
};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

pub static TEXT_READER: TypeDef =
    TypeDef::new("System.IO.TextReader", Kind::Class, &[]).is_abstract().interfaces(&["IDisposable"]).off_list();

pub static TEXT_WRITER: TypeDef =
    TypeDef::new("System.IO.TextWriter", Kind::Class, &[]).is_abstract().interfaces(&["IDisposable"]).off_list();

/// What reads nothing, and what writes nowhere.
pub static NULL_READER: TypeDef =
    TypeDef::new("System.IO.TextReader+NullTextReader", Kind::Class, &[]).base("TextReader").off_list().unnameable();
pub static NULL_WRITER: TypeDef =
    TypeDef::new("System.IO.TextWriter+NullTextWriter", Kind::Class, &[]).base("TextWriter").off_list().unnameable();

pub static STRING_READER: TypeDef =
    TypeDef::new("System.IO.StringReader", Kind::Class, &[MAKING, READING]).base("TextReader");

/// A text and how far it was read; closed when there is none.
#[derive(Debug)]
struct Reader {
    text: Option<Value>,
    at: usize,
}

const MAKING: &[Row] = &[constructor("StringReader(string s)", |cx, a| {
    cx.str(a[0], "s")?;
    reader_over(cx, a[0], "System.IO.StringReader")
})];

pub(super) const READING: &[Row] = &[
    method("void Close()", close_reader),
    method("int Peek()", |cx, a| {
        let (text, at) = open(cx, a[0])?;
        let unit = cx.heap.str(text).filter(|t| at < t.len()).map(|t| t.unit(at));
        Ok(Value::Int32(unit.map_or(-1, i32::from)))
    }),
    method("int Read()", |cx, a| {
        let (text, at) = open(cx, a[0])?;
        let unit = cx.heap.str(text).filter(|t| at < t.len()).map(|t| t.unit(at));
        cx.this_mut::<Reader>(a[0])?.at += usize::from(unit.is_some());
        Ok(Value::Int32(unit.map_or(-1, i32::from)))
    }),
    method("int Read(char[] buffer, int index, int count)", read_block),
    method("string ReadLine()", read_line),
    method("string ReadToEnd()", |cx, a| {
        let (text, at) = open(cx, a[0])?;
        let len = cx.heap.str(text).map_or(0, Str::len);
        cx.this_mut::<Reader>(a[0])?.at = len;
        cx.charge_fuel((len - at) / 64)?;
        cx.heap.substring(text, at, len - at)
    }),
    method("void Dispose()", close_reader),
    static_property("TextReader Null", |cx, _| {
        let text = cx.new_str("")?;
        cx.heap.new_extension(TypeId::named("System.IO.TextReader+NullTextReader"), Reader { text: Some(text), at: 0 })
    }),
    method("int ReadBlock(char[] buffer, int index, int count)", read_block),
    static_method("TextReader Synchronized(TextReader reader)", |_, a| match a[0] {
        Value::Null => Err(Fault::argument_null("reader")),
        reader => Ok(reader),
    }),
];

/// What is left of a reader.
pub fn read_to_end(cx: &mut Call<'_>, reader: Value) -> Result {
    if reader.is_null() {
        return Err(Fault::argument_null("input"));
    }
    let (text, at) = open(cx, reader)?;
    let len = cx.heap.str(text).map_or(0, Str::len);
    cx.this_mut::<Reader>(reader)?.at = len;
    cx.heap.substring(text, at, len - at)
}

/// Writes a text.
pub fn write_text(cx: &mut Call<'_>, writer: Value, text: Value) -> Result {
    if writer.is_null() {
        return Err(Fault::argument_null("output"));
    }
    write(cx, &[writer, text], APPEND, false)
}

/// A reader of a text, as one of the types that are.
pub fn reader_over(cx: &mut Call<'_>, text: Value, ty: &str) -> Result {
    cx.heap.new_extension(TypeId::named(ty), Reader { text: Some(text), at: 0 })
}

fn close_reader(cx: &mut Call<'_>, a: &[Value]) -> Result {
    cx.this_mut::<Reader>(a[0])?.text = None;
    Ok(Value::Null)
}

fn open(cx: &Call<'_>, this: Value) -> Result<(Value, usize)> {
    let reader = cx.this::<Reader>(this)?;
    let closed = || Fault::throw("System.ObjectDisposedException", "Cannot read from a closed TextReader.");
    Ok((reader.text.ok_or_else(closed)?, reader.at))
}

fn read_line(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let (text, at) = open(cx, a[0])?;
    let Some(units) = cx.heap.str(text) else { return Ok(Value::Null) };
    let len = units.len();
    if at >= len {
        return Ok(Value::Null);
    }
    let end = (at..len).find(|&at| matches!(units.unit(at), 10 | 13)).unwrap_or(len);
    let pair = end + 1 < len && units.unit(end) == 13 && units.unit(end + 1) == 10;
    cx.this_mut::<Reader>(a[0])?.at = end + if pair { 2 } else { 1 };
    cx.charge_fuel((end - at) / 16)?;
    cx.heap.substring(text, at, end - at)
}

fn no_buffer() -> Fault {
    Fault::throw("System.ArgumentNullException", "Buffer cannot be null. (Parameter 'buffer')")
}

fn read_block(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let (text, at) = open(cx, a[0])?;
    let room = cx.heap.items(a[1]).ok_or_else(no_buffer)?.len();
    let negative = |name| Fault::out_of_range("Non-negative number required.", name);
    let index = usize::try_from(int(a[2])).map_err(|_| negative("index"))?;
    let count = usize::try_from(int(a[3])).map_err(|_| negative("count"))?;
    if index > room || count > room - index {
        let message = "Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection.";
        return Err(Fault::throw("System.ArgumentException", message));
    }
    let units: Vec<u16> = cx.heap.str(text).map(|t| t.units().skip(at).take(count).collect()).unwrap_or_default();
    cx.charge_fuel(units.len() / 4)?;
    if let Value::Object(handle) = a[1] {
        if let Object::Array { items, .. } = cx.heap.get_mut(handle) {
            for (place, &unit) in items[index..].iter_mut().zip(&units) {
                *place = Value::Char(unit);
            }
        }
    }
    cx.this_mut::<Reader>(a[0])?.at += units.len();
    Ok(Value::Int32(units.len() as i32))
}

// ---- writing

pub static STRING_WRITER: TypeDef =
    TypeDef::new("System.IO.StringWriter", Kind::Class, &[WRITER, WRITING]).base("TextWriter");

/// What is written goes into a `StringBuilder`.
#[derive(Debug)]
struct Writer {
    builder: Value,
    new_line: Value,
    closed: bool,
}

const NEW: Native = |cx, a| {
    let given = a.first().copied().filter(|&v| builder::is_builder(cx, v));
    let builder = match given {
        Some(builder) => builder,
        None => builder::new(cx, &[])?,
    };
    let new_line = cx.new_str("\n")?;
    cx.heap.new_extension(TypeId::named("System.IO.StringWriter"), Writer { builder, new_line, closed: false })
};

const CLOSE: Native = |cx, a| {
    cx.this_mut::<Writer>(a[0])?.closed = true;
    Ok(Value::Null)
};

fn no_builder() -> Fault {
    Fault::throw("System.ArgumentNullException", "Buffer cannot be null. (Parameter 'sb')")
}

/// `Write(char[] buffer, int index, int count)`.
fn write_part(cx: &mut Call<'_>, a: &[Value], line: bool) -> Result {
    let room = cx.heap.items(a[1]).ok_or_else(no_buffer)?.len();
    let negative = |name| Fault::out_of_range("Non-negative number required.", name);
    let index = usize::try_from(int(a[2])).map_err(|_| negative("index"))?;
    let count = usize::try_from(int(a[3])).map_err(|_| negative("count"))?;
    if index > room || count > room - index {
        let message = "Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection.";
        return Err(Fault::throw("System.ArgumentException", message));
    }
    write(cx, a, builder::APPEND_PART, line)
}

const WRITER: &[Row] = &[
    constructor("StringWriter()", NEW),
    constructor("StringWriter(IFormatProvider formatProvider)", NEW),
    constructor("StringWriter(StringBuilder sb)", |cx, a| if a[0].is_null() { Err(no_builder()) } else { NEW(cx, a) }),
    constructor("StringWriter(StringBuilder sb, IFormatProvider formatProvider)", |cx, a| {
        if a[0].is_null() { Err(no_builder()) } else { NEW(cx, a) }
    }),
    method("void Close()", CLOSE),
    property("Encoding Encoding { get; }", |cx, _| super::encoding::utf16(cx)),
    method("StringBuilder GetStringBuilder()", |cx, a| Ok(cx.this::<Writer>(a[0])?.builder)),
    method("string ToString()", |cx, a| {
        let builder = cx.this::<Writer>(a[0])?.builder;
        builder::text(cx, &[builder])
    }),
    method("void Dispose()", CLOSE),
    method("void Flush()", |_, _| Ok(Value::Null)),
    property("IFormatProvider FormatProvider { get; }", super::culture::culture),
    property_set(
        "string NewLine { get; set; }",
        |cx, a| Ok(cx.this::<Writer>(a[0])?.new_line),
        |cx, a| {
            let new_line = if a[1].is_null() { cx.new_str("\n")? } else { a[1] };
            cx.this_mut::<Writer>(a[0])?.new_line = new_line;
            Ok(Value::Null)
        },
    ),
    static_property("TextWriter Null", |cx, _| {
        let builder = builder::new(cx, &[])?;
        let new_line = cx.new_str("\n")?;
        let writer = Writer { builder, new_line, closed: false };
        cx.heap.new_extension(TypeId::named("System.IO.TextWriter+NullTextWriter"), writer)
    }),
    static_method("TextWriter Synchronized(TextWriter writer)", |_, a| match a[0] {
        Value::Null => Err(Fault::argument_null("writer")),
        writer => Ok(writer),
    }),
];

/// Writes by one of the builder's natives, then ends the line if told.
fn write(cx: &mut Call<'_>, a: &[Value], how: Native, line: bool) -> Result {
    let writer = cx.this::<Writer>(a[0])?;
    if writer.closed {
        return Err(Fault::throw("System.ObjectDisposedException", "Cannot write to a closed TextWriter."));
    }
    let (builder, new_line) = (writer.builder, writer.new_line);
    if a.len() > 1 {
        let arguments: Vec<Value> = std::iter::once(builder).chain(a[1..].iter().copied()).collect();
        how(cx, &arguments)?;
    }
    if line {
        APPEND(cx, &[builder, new_line])?;
    }
    Ok(Value::Null)
}

macro_rules! write_rows {
    ($($ty:literal $name:literal),*) => {
        &[
            $(
                method(concat!("void Write(", $ty, " ", $name, ")"), |cx, a| write(cx, a, APPEND, false)),
                method(concat!("void WriteLine(", $ty, " ", $name, ")"), |cx, a| write(cx, a, APPEND, true)),
            )*
            method("void Write(char[] buffer, int index, int count)", |cx, a| write_part(cx, a, false)),
            method("void WriteLine(char[] buffer, int index, int count)", |cx, a| write_part(cx, a, true)),
            method("void Write(string format, object arg0)", |cx, a| write(cx, a, FORMAT, false)),
            method("void Write(string format, object arg0, object arg1)", |cx, a| write(cx, a, FORMAT, false)),
            method("void Write(string format, object arg0, object arg1, object arg2)", |cx, a| write(cx, a, FORMAT, false)),
            method("void Write(string format, params object[] arg)", |cx, a| write(cx, a, FORMAT_ARRAY, false)),
            method("void WriteLine()", |cx, a| write(cx, a, APPEND, true)),
            method("void WriteLine(string format, object arg0)", |cx, a| write(cx, a, FORMAT, true)),
            method("void WriteLine(string format, object arg0, object arg1)", |cx, a| write(cx, a, FORMAT, true)),
            method("void WriteLine(string format, object arg0, object arg1, object arg2)", |cx, a| write(cx, a, FORMAT, true)),
            method("void WriteLine(string format, params object[] arg)", |cx, a| write(cx, a, FORMAT_ARRAY, true)),
        ]
    };
}

const WRITING: &[Row] = write_rows!(
    "char" "value", "string" "value", "StringBuilder" "value", "char[]" "buffer", "bool" "value", "int" "value",
    "uint" "value", "long" "value", "ulong" "value", "float" "value", "double" "value", "decimal" "value",
    "object" "value"
);
