//! `System.BitConverter`: little-endian.

use crate::dotnet::call::{Call, bool as truth, double, int, long};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, Row, TypeDef, constant, static_method};
use crate::dotnet::value::Value;
use std::fmt::Write;

type Result<T = Value> = std::result::Result<T, Fault>;

pub static BIT_CONVERTER: TypeDef = TypeDef::new("System.BitConverter", Kind::Static, &[ROWS]);

const ROWS: &[Row] = &[
    static_method("long DoubleToInt64Bits(double value)", |_, a| Ok(Value::Int64(double(a[0]).to_bits() as i64))),
    static_method("byte[] GetBytes(bool value)", |cx, a| cx.heap.new_bytes(vec![truth(a[0]).into()])),
    static_method("byte[] GetBytes(char value)", |cx, a| bytes(cx, a, 2)),
    static_method("byte[] GetBytes(short value)", |cx, a| bytes(cx, a, 2)),
    static_method("byte[] GetBytes(int value)", |cx, a| bytes(cx, a, 4)),
    static_method("byte[] GetBytes(long value)", |cx, a| bytes(cx, a, 8)),
    static_method("byte[] GetBytes(ushort value)", |cx, a| bytes(cx, a, 2)),
    static_method("byte[] GetBytes(uint value)", |cx, a| bytes(cx, a, 4)),
    static_method("byte[] GetBytes(ulong value)", |cx, a| bytes(cx, a, 8)),
    static_method("byte[] GetBytes(float value)", |cx, a| {
        cx.heap.new_bytes((double(a[0]) as f32).to_le_bytes().to_vec())
    }),
    static_method("byte[] GetBytes(double value)", |cx, a| cx.heap.new_bytes(double(a[0]).to_le_bytes().to_vec())),
    static_method("float Int32BitsToSingle(int value)", |_, a| Ok(Value::Single(f32::from_bits(int(a[0]) as u32)))),
    static_method("double Int64BitsToDouble(long value)", |_, a| Ok(Value::Double(f64::from_bits(long(a[0]) as u64)))),
    constant("bool IsLittleEndian", Value::Bool(true)),
    static_method("int SingleToInt32Bits(float value)", |_, a| {
        Ok(Value::Int32((double(a[0]) as f32).to_bits() as i32))
    }),
    static_method("bool ToBoolean(byte[] value, int startIndex)", |cx, a| Ok(Value::Bool(read::<1>(cx, a)? != [0]))),
    static_method("char ToChar(byte[] value, int startIndex)", |cx, a| {
        Ok(Value::Char(u16::from_le_bytes(read(cx, a)?)))
    }),
    static_method("double ToDouble(byte[] value, int startIndex)", |cx, a| {
        Ok(Value::Double(f64::from_le_bytes(read(cx, a)?)))
    }),
    static_method("short ToInt16(byte[] value, int startIndex)", |cx, a| {
        Ok(Value::Int16(i16::from_le_bytes(read(cx, a)?)))
    }),
    static_method("int ToInt32(byte[] value, int startIndex)", |cx, a| {
        Ok(Value::Int32(i32::from_le_bytes(read(cx, a)?)))
    }),
    static_method("long ToInt64(byte[] value, int startIndex)", |cx, a| {
        Ok(Value::Int64(i64::from_le_bytes(read(cx, a)?)))
    }),
    static_method("float ToSingle(byte[] value, int startIndex)", |cx, a| {
        Ok(Value::Single(f32::from_le_bytes(read(cx, a)?)))
    }),
    static_method("string ToString(byte[] value, int startIndex, int length)", text),
    static_method("string ToString(byte[] value)", text),
    static_method("string ToString(byte[] value, int startIndex)", text),
    static_method("ushort ToUInt16(byte[] value, int startIndex)", |cx, a| {
        Ok(Value::UInt16(u16::from_le_bytes(read(cx, a)?)))
    }),
    static_method("uint ToUInt32(byte[] value, int startIndex)", |cx, a| {
        Ok(Value::UInt32(u32::from_le_bytes(read(cx, a)?)))
    }),
    static_method("ulong ToUInt64(byte[] value, int startIndex)", |cx, a| {
        Ok(Value::UInt64(u64::from_le_bytes(read(cx, a)?)))
    }),
];

fn bytes(cx: &mut Call<'_>, a: &[Value], len: usize) -> Result {
    cx.heap.new_bytes(long(a[0]).to_le_bytes()[..len].to_vec())
}

fn read<const N: usize>(cx: &Call<'_>, a: &[Value]) -> Result<[u8; N]> {
    let bytes = cx.heap.bytes(a[0]).ok_or_else(|| Fault::argument_null("value"))?;
    let start = usize::try_from(int(a[1])).ok().filter(|&s| s < bytes.len());
    let start = start.ok_or_else(|| Fault::index("startIndex"))?;
    bytes[start..].first_chunk::<N>().copied().ok_or_else(|| {
        let message = "Destination array is not long enough to copy all the items in the collection. Check array index and length.";
        Fault::argument(message, "value")
    })
}

fn text(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let bytes = cx.heap.bytes(a[0]).ok_or_else(|| Fault::argument_null("value"))?;
    let start = a.get(1).map_or(0, |&v| int(v));
    let len = a.get(2).map_or((bytes.len() as i32).wrapping_sub(start), |&v| int(v));
    if start < 0 || start as usize >= bytes.len() && start > 0 {
        return Err(Fault::index("startIndex"));
    }
    let len = usize::try_from(len).map_err(|_| Fault::out_of_range("Value must be positive.", "length"))?;
    let part = bytes.get(start as usize..(start as usize).saturating_add(len)).ok_or_else(|| {
        let message = "Destination array is not long enough to copy all the items in the collection. Check array index and length.";
        Fault::argument(message, "value")
    })?;
    let mut out = String::with_capacity(part.len() * 3);
    for (at, byte) in part.iter().enumerate() {
        let _ = write!(out, "{}{byte:02X}", if at == 0 { "" } else { "-" });
    }
    cx.charge_fuel(out.len() / 16)?;
    cx.new_str(&out)
}
