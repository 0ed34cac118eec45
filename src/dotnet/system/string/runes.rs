//! `System.Text.Rune`, and what goes through a text by runes or a builder by chunks.
//!
//! In: text. Out: its characters as code points; half of a pair is U+FFFD.

use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Str;
use crate::dotnet::member::{
    Kind, TypeDef, constructor, method, operator, property, static_method, static_property, type_of,
};
use crate::dotnet::system::collections;
use crate::dotnet::system::enumerate::{self, Cursor};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

/// A code point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rune(char);

pub static RUNE: TypeDef = TypeDef::new(
    "System.Text.Rune",
    Kind::Struct,
    &[&[
        constructor("Rune(char ch)", |cx, a| of_code(cx, i64::from(int(a[0])), "ch")),
        constructor("Rune(int value)", |cx, a| of_code(cx, i64::from(int(a[0])), "value")),
        property("int Value { get; }", |cx, a| Ok(Value::Int32(get(cx, a[0])?.0 as i32))),
        property("bool IsAscii { get; }", |cx, a| Ok(Value::Bool(get(cx, a[0])?.0.is_ascii()))),
        property("bool IsBmp { get; }", |cx, a| Ok(Value::Bool(get(cx, a[0])?.0.len_utf16() == 1))),
        property("int Plane { get; }", |cx, a| Ok(Value::Int32((get(cx, a[0])?.0 as i32) >> 16))),
        property("int Utf16SequenceLength { get; }", |cx, a| Ok(Value::Int32(get(cx, a[0])?.0.len_utf16() as i32))),
        property("int Utf8SequenceLength { get; }", |cx, a| Ok(Value::Int32(get(cx, a[0])?.0.len_utf8() as i32))),
        static_property("Rune ReplacementChar { get; }", |cx, _| make(cx, '\u{FFFD}')),
        method("int CompareTo(Rune other)", |cx, a| {
            Ok(Value::Int32(get(cx, a[0])?.0 as i32 - get(cx, a[1])?.0 as i32))
        }),
        method("bool Equals(Rune other)", same),
        method("bool Equals(object obj)", |cx, a| {
            Ok(Value::Bool(cx.heap.extension::<Rune>(a[1]).copied() == Some(get(cx, a[0])?)))
        }),
        method("int GetHashCode()", |cx, a| Ok(Value::Int32(get(cx, a[0])?.0 as i32))),
        method("string ToString()", |cx, a| {
            let rune = get(cx, a[0])?;
            cx.new_str(rune.0.encode_utf8(&mut [0; 4]))
        }),
        static_method("bool IsValid(int value)", |_, a| {
            Ok(Value::Bool(u32::try_from(int(a[0])).ok().and_then(char::from_u32).is_some()))
        }),
        operator("bool op_Equality(Rune left, Rune right)", same),
        operator("bool op_Inequality(Rune left, Rune right)", |cx, a| {
            Ok(Value::Bool(get(cx, a[0])? != get(cx, a[1])?))
        }),
    ]],
)
.off_list();

pub static RUNE_ENUMERATOR: TypeDef = TypeDef::new(
    "System.Text.StringRuneEnumerator",
    Kind::Struct,
    &[&[
        method("StringRuneEnumerator GetEnumerator()", |_, a| Ok(a[0])),
        method("bool MoveNext()", collections::move_next),
        property("Rune Current { get; }", collections::current),
    ]],
)
.interfaces(&["IEnumerable<Rune>"])
.off_list();

pub static TYPES: &[&TypeDef] = &[&RUNE, &RUNE_ENUMERATOR, &MEMORY, &CHUNKS];

fn get(cx: &Call<'_>, value: Value) -> Result<Rune> {
    cx.this::<Rune>(value).copied()
}

fn make(cx: &mut Call<'_>, c: char) -> Result {
    cx.heap.new_extension(type_of("Rune"), Rune(c))
}

fn of_code(cx: &mut Call<'_>, code: i64, name: &str) -> Result {
    let c = u32::try_from(code).ok().and_then(char::from_u32);
    make(cx, c.ok_or_else(|| Fault::out_of_range("Specified argument was out of the range of valid values.", name))?)
}

fn same(cx: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(Value::Bool(get(cx, a[0])? == get(cx, a[1])?))
}

fn rune_at(text: Option<Str<'_>>, at: usize) -> Option<char> {
    let text = text?;
    let units = (at..text.len().min(at + 2)).map(|at| text.unit(at));
    char::decode_utf16(units).next().map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// `text.EnumerateRunes()`.
pub fn enumerate_runes(cx: &mut Call<'_>, a: &[Value]) -> Result {
    cx.this_str(a[0])?;
    let (text, mut at) = (a[0], 0);
    let cursor = Cursor::Step(Box::new(move |cx| {
        cx.charge_fuel(1)?;
        match rune_at(cx.heap.str(text), at) {
            Some(c) => {
                at += c.len_utf16();
                make(cx, c).map(Some)
            }
            None => Ok(None),
        }
    }));
    enumerate::enumerator(cx, TypeId::named("System.Text.StringRuneEnumerator"), cursor)
}

// ---- chunks of a builder

/// `ReadOnlyMemory<char>`: a text that is looked at.
#[derive(Clone, Copy, Debug)]
struct Memory(Value);

pub static MEMORY: TypeDef = TypeDef::new(
    "System.ReadOnlyMemory",
    Kind::Struct,
    &[&[
        property("int Length { get; }", |cx, a| {
            let text = cx.this::<Memory>(a[0])?.0;
            Ok(Value::Int32(cx.heap.str(text).map_or(0, Str::len) as i32))
        }),
        property("bool IsEmpty { get; }", |cx, a| {
            let text = cx.this::<Memory>(a[0])?.0;
            Ok(Value::Bool(cx.heap.str(text).is_none_or(Str::is_empty)))
        }),
        method("string ToString()", |cx, a| Ok(cx.this::<Memory>(a[0])?.0)),
        method("T[] ToArray()", |cx, a| {
            let text = cx.this::<Memory>(a[0])?.0;
            super::build::to_char_array(cx, &[text])
        }),
    ]],
)
.parameters(&["T"])
.off_list();

pub static CHUNKS: TypeDef = TypeDef::new(
    "System.Text.StringBuilder+ChunkEnumerator",
    Kind::Struct,
    &[&[
        method("StringBuilder.ChunkEnumerator GetEnumerator()", |_, a| Ok(a[0])),
        method("bool MoveNext()", collections::move_next),
        property("ReadOnlyMemory<char> Current { get; }", collections::current),
    ]],
)
.off_list();

/// `builder.GetChunks()`: a builder's text is one chunk here.
pub fn chunks(cx: &mut Call<'_>, text: Value) -> Result {
    let mut left = true;
    let cursor = Cursor::Step(Box::new(move |cx| {
        if !std::mem::take(&mut left) {
            return Ok(None);
        }
        let ty = TypeId::generic("System.ReadOnlyMemory", &[crate::dotnet::types::char()]);
        cx.heap.new_extension(ty, Memory(text)).map(Some)
    }));
    enumerate::enumerator(cx, TypeId::named("System.Text.StringBuilder+ChunkEnumerator"), cursor)
}
