//! `System.Collections.BitArray`.

use super::array::copy;
use super::array::copy::actual;
use super::array::{element, len, write};
use crate::dotnet::call::{Call, bool, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Object;
use crate::dotnet::member::{Kind, Row, TypeDef, constructor, indexer_set, method, property, property_set, type_of};
use crate::dotnet::system::enumerate::{self, Cursor};
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

#[derive(Clone, Debug, Default)]
struct Bits {
    bits: Vec<bool>,
    version: u32,
}

pub static BIT_ARRAY: TypeDef = TypeDef::new("System.Collections.BitArray", Kind::Class, &[MEMBERS])
    .interfaces(&["ICollection", "ICloneable"])
    .off_list();

const MEMBERS: &[Row] = &[
    constructor("BitArray(int length)", |cx, a| filled(cx, a[0], false)),
    constructor("BitArray(int length, bool defaultValue)", |cx, a| filled(cx, a[0], bool(a[1]))),
    constructor("BitArray(byte[] bytes)", |cx, a| {
        let bytes = cx.heap.bytes(a[0]).ok_or_else(|| Fault::argument_null("bytes"))?.to_vec();
        let bits = bytes.iter().flat_map(|byte| (0..8).map(move |at| byte >> at & 1 == 1)).collect();
        new(cx, bits)
    }),
    constructor("BitArray(bool[] values)", |cx, a| {
        let bits = cx.heap.items(a[0]).ok_or_else(|| Fault::argument_null("values"))?;
        let bits = bits.iter().map(|&bit| bool(bit)).collect();
        new(cx, bits)
    }),
    constructor("BitArray(int[] values)", |cx, a| {
        let words = cx.heap.items(a[0]).ok_or_else(|| Fault::argument_null("values"))?;
        let bits = words.iter().flat_map(|&word| (0..32).map(move |at| int(word) >> at & 1 == 1)).collect();
        new(cx, bits)
    }),
    constructor("BitArray(BitArray bits)", |cx, a| {
        let bits = cx.heap.extension::<Bits>(a[0]).ok_or_else(|| Fault::argument_null("bits"))?.bits.clone();
        new(cx, bits)
    }),
    indexer_set("bool this[int index] { get; set; }", get, set),
    method("BitArray And(BitArray value)", |cx, a| combine(cx, a, |one, other| one & other)),
    method("object Clone()", |cx, a| {
        let bits = cx.this::<Bits>(a[0])?.bits.clone();
        new(cx, bits)
    }),
    method("void CopyTo(Array array, int index)", copy_to),
    property("int Count { get; }", |cx, a| Ok(Value::Int32(cx.this::<Bits>(a[0])?.bits.len() as i32))),
    method("bool Get(int index)", get),
    method("IEnumerator GetEnumerator()", get_enumerator),
    property("bool IsReadOnly { get; }", |_, _| Ok(Value::Bool(false))),
    property("bool IsSynchronized { get; }", |_, _| Ok(Value::Bool(false))),
    method("BitArray LeftShift(int count)", |cx, a| {
        shift(cx, a, |bits, count| {
            bits.rotate_right(count);
            bits[..count].fill(false);
        })
    }),
    property_set(
        "int Length { get; set; }",
        |cx, a| Ok(Value::Int32(cx.this::<Bits>(a[0])?.bits.len() as i32)),
        |cx, a| {
            let length = length(a[1], "value")?;
            let grown = length.saturating_sub(cx.this::<Bits>(a[0])?.bits.len());
            cx.heap.charge(grown)?;
            change(cx, a[0])?.resize(length, false);
            Ok(Value::Null)
        },
    ),
    method("BitArray Not()", |cx, a| {
        change(cx, a[0])?.iter_mut().for_each(|bit| *bit = !*bit);
        Ok(a[0])
    }),
    method("BitArray Or(BitArray value)", |cx, a| combine(cx, a, |one, other| one | other)),
    method("BitArray RightShift(int count)", |cx, a| {
        shift(cx, a, |bits, count| {
            bits.rotate_left(count);
            let kept = bits.len() - count;
            bits[kept..].fill(false);
        })
    }),
    method("void Set(int index, bool value)", set),
    method("void SetAll(bool value)", |cx, a| {
        change(cx, a[0])?.fill(bool(a[1]));
        Ok(Value::Null)
    }),
    property("object SyncRoot { get; }", |_, a| Ok(a[0])),
    method("BitArray Xor(BitArray value)", |cx, a| combine(cx, a, |one, other| one ^ other)),
];

fn new(cx: &mut Call<'_>, bits: Vec<bool>) -> Result {
    cx.charge_fuel(bits.len() / 16)?;
    cx.heap.charge(bits.len())?;
    cx.heap.new_extension(type_of("BitArray"), Bits { bits, version: 0 })
}

fn length(value: Value, parameter: &str) -> Result<usize> {
    usize::try_from(int(value)).map_err(|_| actual("Non-negative number required.", parameter, int(value)))
}

fn filled(cx: &mut Call<'_>, count: Value, bit: bool) -> Result {
    let count = length(count, "length")?;
    cx.heap.room(count)?;
    new(cx, vec![bit; count])
}

fn change<'a>(cx: &'a mut Call<'_>, this: Value) -> Result<&'a mut Vec<bool>> {
    let count = cx.this::<Bits>(this)?.bits.len();
    cx.charge_fuel(count / 16)?;
    let own = cx.this_mut::<Bits>(this)?;
    own.version = own.version.wrapping_add(1);
    Ok(&mut own.bits)
}

fn place(cx: &Call<'_>, a: &[Value]) -> Result<usize> {
    let count = cx.this::<Bits>(a[0])?.bits.len();
    usize::try_from(int(a[1])).ok().filter(|&at| at < count).ok_or_else(|| {
        let message = "Index was out of range. Must be non-negative and less than the size of the collection.";
        actual(message, "index", int(a[1]))
    })
}

fn get(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let at = place(cx, a)?;
    Ok(Value::Bool(cx.this::<Bits>(a[0])?.bits[at]))
}

fn set(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let at = place(cx, a)?;
    let own = cx.this_mut::<Bits>(a[0])?;
    own.version = own.version.wrapping_add(1);
    own.bits[at] = bool(a[2]);
    Ok(Value::Null)
}

fn combine(cx: &mut Call<'_>, a: &[Value], with: fn(bool, bool) -> bool) -> Result {
    let own = cx.this::<Bits>(a[0])?.bits.len();
    let other = cx.heap.extension::<Bits>(a[1]).ok_or_else(|| Fault::argument_null("value"))?.bits.clone();
    if other.len() != own {
        return Err(Fault::throw("System.ArgumentException", "Array lengths must be the same."));
    }
    for (bit, other) in change(cx, a[0])?.iter_mut().zip(other) {
        *bit = with(*bit, other);
    }
    Ok(a[0])
}

fn shift(cx: &mut Call<'_>, a: &[Value], by: fn(&mut [bool], usize)) -> Result {
    cx.this::<Bits>(a[0])?;
    let count = length(a[1], "count")?;
    let bits = change(cx, a[0])?;
    let count = count.min(bits.len());
    by(bits, count);
    Ok(a[0])
}

fn copy_to(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let bits = cx.this::<Bits>(a[0])?.bits.clone();
    cx.charge_fuel(bits.len() / 8)?;
    if a[1].is_null() {
        return Err(Fault::argument_null("array"));
    }
    let at = length(a[2], "index")?;
    if let Value::Object(handle) = a[1]
        && matches!(cx.heap.get(handle), Object::Grid { .. })
    {
        let message = "Only single dimensional arrays are supported for the requested action.";
        return Err(Fault::argument(message, "array"));
    }
    let room = len(cx, a[1])?;
    let fits = |count: usize| {
        if at + count <= room {
            return Ok(());
        }
        Err(Fault::throw(
            "System.ArgumentException",
            "Offset and length were out of bounds for the array or count is greater than the number of elements from \
             index to the end of the source collection.",
        ))
    };
    let kind = element(cx, a[1]);
    if kind == types::int32() {
        return copy_words(cx, &bits, a[1], at);
    }
    let items: Vec<Value> = if kind == types::boolean() {
        fits(bits.len())?;
        bits.into_iter().map(Value::Bool).collect()
    } else if kind == types::byte() {
        fits(bits.len().div_ceil(8))?;
        let byte = |bits: &[bool]| bits.iter().rev().fold(0u8, |byte, &bit| byte << 1 | u8::from(bit));
        bits.chunks(8).map(|bits| Value::Byte(byte(bits))).collect()
    } else {
        let message = "Only supported array types for CopyTo on BitArrays are Boolean[], Int32[] and Byte[].";
        return Err(Fault::argument(message, "array"));
    };
    write(cx, a[1], at as i64, &items)?;
    Ok(Value::Null)
}

/// Whole words are copied as arrays copy; the last one, where it is not full, is set as an element.
fn copy_words(cx: &mut Call<'_>, bits: &[bool], to: Value, at: usize) -> Result {
    let word = |bits: &[bool]| bits.iter().rev().fold(0i32, |word, &bit| word << 1 | i32::from(bit));
    let full = bits.len() / 32;
    let words: Vec<Value> = bits.chunks(32).map(|bits| Value::Int32(word(bits))).collect();
    let source = cx.heap.new_array(TypeId::array(types::int32()), words[..full].to_vec())?;
    copy::copy(cx, source, 0, to, at as i64, full as i64)?;
    if let Some(&last) = words.get(full) {
        if at + full >= len(cx, to)? {
            return Err(Fault::index_of_array());
        }
        write(cx, to, (at + full) as i64, &[last])?;
    }
    Ok(Value::Null)
}

fn get_enumerator(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let this = a[0];
    let version = cx.this::<Bits>(this)?.version;
    let mut at = 0;
    let cursor = Cursor::new(move |cx| {
        let own = cx.this::<Bits>(this)?;
        if own.version != version {
            return Err(Fault::invalid_operation("Collection was modified after the enumerator was instantiated."));
        }
        at += 1;
        Ok(own.bits.get(at - 1).map(|&bit| Value::Bool(bit)))
    });
    let ty = TypeId::named("System.Collections.IEnumerator");
    enumerate::enumerator(cx, ty, cursor)
}
