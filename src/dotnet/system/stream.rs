//! `System.IO.MemoryStream`, and `StreamReader` over one: bytes in the request's heap, never a file.
//!
//! Off the platform's list: `eval` makes them, for the members of listed types that take a `Stream`.

use super::{encoding, io};
use crate::dotnet::call::{Call, enumeration, int, long};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Object;
use crate::dotnet::member::{
    Kind, Native, Row, TypeDef, constructor, enum_value, method, property, property_set, static_property,
};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;
use std::sync::LazyLock;

type Result<T = Value> = std::result::Result<T, Fault>;

pub static TYPES: &[&TypeDef] = &[&STREAM, &MEMORY, &ORIGIN, &READER];

pub static STREAM: TypeDef =
    TypeDef::new("System.IO.Stream", Kind::Class, &[ROWS]).is_abstract().interfaces(&["IDisposable"]).off_list();

pub static MEMORY: TypeDef =
    TypeDef::new("System.IO.MemoryStream", Kind::Class, &[MEMORY_ROWS]).base("Stream").off_list();

pub static ORIGIN: TypeDef = TypeDef::new(
    "System.IO.SeekOrigin",
    Kind::Enum,
    &[&[enum_value("Begin = 0", 0), enum_value("Current = 1", 1), enum_value("End = 2", 2)]],
)
.off_list();

/// A reader of the text of a stream: it reads all of it at once.
pub static READER: TypeDef = TypeDef::new(
    "System.IO.StreamReader",
    Kind::Class,
    &[
        &[
            constructor("StreamReader(Stream stream)", read_text),
            constructor("StreamReader(Stream stream, Encoding encoding)", read_text),
        ],
        io::READING,
    ],
)
.base("TextReader")
.off_list();

#[derive(Debug)]
struct Memory {
    bytes: Vec<u8>,
    at: usize,
    closed: bool,
    writable: bool,
    /// Made over an array: it cannot grow.
    fixed: bool,
}

fn new(cx: &mut Call<'_>, bytes: Vec<u8>, writable: bool, fixed: bool) -> Result {
    static ID: LazyLock<TypeId> = LazyLock::new(|| TypeId::named("System.IO.MemoryStream"));
    cx.heap.charge(bytes.len())?;
    cx.heap.new_extension(*ID, Memory { bytes, at: 0, closed: false, writable, fixed })
}

fn open<'a>(cx: &'a mut Call<'_>, this: Value) -> Result<&'a mut Memory> {
    let memory = cx.this_mut::<Memory>(this)?;
    if memory.closed {
        return Err(Fault::throw("System.ObjectDisposedException", "Cannot access a closed Stream."));
    }
    Ok(memory)
}

/// What is left of a stream.
pub fn rest(cx: &mut Call<'_>, stream: Value, parameter: &str) -> Result<Vec<u8>> {
    if stream.is_null() {
        return Err(Fault::argument_null(parameter));
    }
    let memory = open(cx, stream)?;
    let from = memory.at.min(memory.bytes.len());
    let rest = memory.bytes[from..].to_vec();
    memory.at = memory.bytes.len().max(memory.at);
    cx.charge_fuel(rest.len() / 16)?;
    cx.heap.charge(rest.len())?;
    Ok(rest)
}

/// Writes at the position.
pub fn write(cx: &mut Call<'_>, stream: Value, bytes: &[u8]) -> Result<()> {
    cx.charge_fuel(bytes.len() / 16)?;
    cx.heap.charge(bytes.len())?;
    let memory = open(cx, stream)?;
    if !memory.writable {
        return Err(Fault::not_supported("Stream does not support writing."));
    }
    let end = memory.at + bytes.len();
    if end > memory.bytes.len() {
        if memory.fixed {
            return Err(Fault::not_supported("Memory stream is not expandable."));
        }
        let grown = end - memory.bytes.len();
        cx.heap.charge(grown)?;
        open(cx, stream)?.bytes.resize(end, 0);
    }
    let memory = open(cx, stream)?;
    memory.bytes[memory.at..end].copy_from_slice(bytes);
    memory.at = end;
    Ok(())
}

fn read_text(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let bytes = rest(cx, a[0], "stream")?;
    let bytes = cx.heap.new_bytes(bytes)?;
    let encoding = match a.get(1) {
        Some(&given) if !given.is_null() => given,
        Some(_) => return Err(Fault::argument_null("encoding")),
        None => encoding::utf8(cx)?,
    };
    let text = encoding::decode(cx, encoding, bytes)?;
    // A byte order mark is no text.
    let len = cx.heap.str(text).map_or(0, |text| text.len());
    let marked = cx.heap.str(text).is_some_and(|text| len > 0 && text.unit(0) == 0xFEFF);
    let text = if marked { cx.heap.substring(text, 1, len - 1)? } else { text };
    io::reader_over(cx, text, "System.IO.StreamReader")
}

/// The part of an array that `a[at..]` says: buffer, offset, count.
fn part(cx: &Call<'_>, a: &[Value], at: usize) -> Result<(usize, usize)> {
    let Some(buffer) = cx.heap.bytes(a[at]) else {
        return Err(Fault::throw("System.ArgumentNullException", "Buffer cannot be null. (Parameter 'buffer')"));
    };
    let negative = |name| Fault::out_of_range("Non-negative number required.", name);
    let offset = usize::try_from(int(a[at + 1])).map_err(|_| negative("offset"))?;
    let count = usize::try_from(int(a[at + 2])).map_err(|_| negative("count"))?;
    if offset > buffer.len() || count > buffer.len() - offset {
        let message = "Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection.";
        return Err(Fault::throw("System.ArgumentException", message));
    }
    Ok((offset, count))
}

const CLOSE: Native = |cx, a| {
    cx.this_mut::<Memory>(a[0])?.closed = true;
    Ok(Value::Null)
};

fn seek(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let memory = open(cx, a[0])?;
    let from = match enumeration(a[2]) {
        0 => 0,
        1 => memory.at,
        _ => memory.bytes.len(),
    };
    let Some(at) =
        i64::try_from(from).ok().and_then(|from| usize::try_from(from + long(a[1]).clamp(-1 << 40, 1 << 40)).ok())
    else {
        let message = "An attempt was made to move the position before the beginning of the stream.";
        return Err(Fault::throw("System.IO.IOException", message));
    };
    memory.at = at;
    Ok(Value::Int64(at as i64))
}

const ROWS: &[Row] = &[
    property("bool CanRead { get; }", |cx, a| Ok(Value::Bool(!cx.this::<Memory>(a[0])?.closed))),
    property("bool CanSeek { get; }", |cx, a| Ok(Value::Bool(!cx.this::<Memory>(a[0])?.closed))),
    property("bool CanWrite { get; }", |cx, a| {
        let memory = cx.this::<Memory>(a[0])?;
        Ok(Value::Bool(memory.writable && !memory.closed))
    }),
    property("long Length { get; }", |cx, a| Ok(Value::Int64(open(cx, a[0])?.bytes.len() as i64))),
    property_set(
        "long Position { get; set; }",
        |cx, a| Ok(Value::Int64(open(cx, a[0])?.at as i64)),
        |cx, a| {
            let at = usize::try_from(long(a[1]).min(1 << 40))
                .map_err(|_| Fault::out_of_range("Non-negative number required.", "value"))?;
            open(cx, a[0])?.at = at;
            Ok(Value::Null)
        },
    ),
    method("void Close()", CLOSE),
    method("void Dispose()", CLOSE),
    method("void Flush()", |_, _| Ok(Value::Null)),
    method("int Read(byte[] buffer, int offset, int count)", |cx, a| {
        let (offset, count) = part(cx, a, 1)?;
        let memory = open(cx, a[0])?;
        let from = memory.at.min(memory.bytes.len());
        let count = count.min(memory.bytes.len() - from);
        let read = memory.bytes[from..from + count].to_vec();
        memory.at = from + count;
        cx.charge_fuel(count / 16)?;
        if let Value::Object(handle) = a[1]
            && let Object::Bytes(buffer) = cx.heap.get_mut(handle)
        {
            buffer[offset..offset + count].copy_from_slice(&read);
        }
        Ok(Value::Int32(count as i32))
    }),
    method("int ReadByte()", |cx, a| {
        let memory = open(cx, a[0])?;
        let byte = memory.bytes.get(memory.at).copied();
        memory.at += usize::from(byte.is_some());
        Ok(Value::Int32(byte.map_or(-1, i32::from)))
    }),
    method("long Seek(long offset, SeekOrigin origin)", seek),
    method("void Write(byte[] buffer, int offset, int count)", |cx, a| {
        let (offset, count) = part(cx, a, 1)?;
        let bytes = cx.heap.bytes(a[1]).map(|bytes| bytes[offset..offset + count].to_vec()).unwrap_or_default();
        write(cx, a[0], &bytes)?;
        Ok(Value::Null)
    }),
    method("void WriteByte(byte value)", |cx, a| {
        write(cx, a[0], &[int(a[1]) as u8])?;
        Ok(Value::Null)
    }),
    method("void CopyTo(Stream destination)", |cx, a| {
        if a[1].is_null() {
            return Err(Fault::argument_null("destination"));
        }
        let bytes = rest(cx, a[0], "source")?;
        write(cx, a[1], &bytes)?;
        Ok(Value::Null)
    }),
    static_property("Stream Null", |cx, _| new(cx, Vec::new(), true, false)),
];

const MEMORY_ROWS: &[Row] = &[
    constructor("MemoryStream()", |cx, _| new(cx, Vec::new(), true, false)),
    constructor("MemoryStream(int capacity)", |cx, a| {
        if int(a[0]) < 0 {
            return Err(Fault::out_of_range("Capacity must be positive.", "capacity"));
        }
        new(cx, Vec::new(), true, false)
    }),
    constructor("MemoryStream(byte[] buffer)", |cx, a| made_over(cx, a, true)),
    constructor("MemoryStream(byte[] buffer, bool writable)", |cx, a| {
        made_over(cx, a, matches!(a[1], Value::Bool(true)))
    }),
    method("byte[] ToArray()", |cx, a| {
        // Also of a closed one.
        let bytes = cx.this::<Memory>(a[0])?.bytes.clone();
        cx.charge_fuel(bytes.len() / 16)?;
        cx.heap.charge(bytes.len())?;
        cx.heap.new_bytes(bytes)
    }),
];

fn made_over(cx: &mut Call<'_>, a: &[Value], writable: bool) -> Result {
    let Some(bytes) = cx.heap.bytes(a[0]).map(<[u8]>::to_vec) else {
        return Err(Fault::throw("System.ArgumentNullException", "Buffer cannot be null. (Parameter 'buffer')"));
    };
    new(cx, bytes, writable, true)
}
