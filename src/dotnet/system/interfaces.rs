//! Interfaces without members of their own code, and the type codes of values: what generic constraints and casts name.

use super::convert::{Target, change_type, convert};
use super::display::find_row;
use super::enumerate::call_native;
use super::object;
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, TypeDef, enum_value, method};
use crate::dotnet::types;
use crate::dotnet::value::Value;

pub static COMPARABLE: TypeDef =
    TypeDef::new("System.IComparable", Kind::Interface, &[&[method("int CompareTo(object obj)", object::compare_row)]])
        .off_list();

pub static COMPARABLE_OF: TypeDef =
    TypeDef::new("System.IComparable", Kind::Interface, &[&[method("int CompareTo(T other)", object::compare_row)]])
        .parameters(&["in T"])
        .off_list();

pub static EQUATABLE: TypeDef =
    TypeDef::new("System.IEquatable", Kind::Interface, &[&[method("bool Equals(T other)", object::equals_row)]])
        .parameters(&["T"])
        .off_list();

pub static FORMATTABLE: TypeDef = TypeDef::new(
    "System.IFormattable",
    Kind::Interface,
    &[&[method("string ToString(string format, IFormatProvider formatProvider)", object::to_string_format)]],
)
.off_list();

pub static DISPOSABLE: TypeDef =
    TypeDef::new("System.IDisposable", Kind::Interface, &[&[method("void Dispose()", dispose)]]).off_list();

/// `Dispose()` of an object known by its interface only: its own type's row.
fn dispose(cx: &mut Call<'_>, a: &[Value]) -> Result<Value, Fault> {
    if a[0].is_null() {
        return Err(Fault::null_reference());
    }
    match find_row(cx.heap.type_of(a[0]), "Dispose", &[]) {
        Some((native, declaring)) => call_native(cx, native, declaring, types::void(), a),
        None => Ok(Value::Null),
    }
}

pub static VALUE_TYPE: TypeDef = TypeDef::new("System.ValueType", Kind::Class, &[]).is_abstract().off_list();

/// A row of `IConvertible`, whose code is `Convert`'s.
macro_rules! conversions {
    ($($signature:literal $target:ident),* $(,)?) => {
        &[
            $(method($signature, |cx, a| match a[0] {
                Value::Null => Err(Fault::null_reference()),
                value => convert(cx, value, Target::$target),
            }),)*
            method("TypeCode GetTypeCode()", |cx, a| match a[0] {
                Value::Null => Err(Fault::null_reference()),
                value => Ok(super::convert::type_code(cx, value)),
            }),
            method("string ToString(IFormatProvider provider)", object::to_string),
            method("object ToType(Type conversionType, IFormatProvider provider)", |cx, a| match (a[0], a[1]) {
                (Value::Null, _) => Err(Fault::null_reference()),
                (value, Value::Type(ty)) => change_type(cx, value, ty),
                _ => Err(Fault::argument_null("type")),
            }),
        ]
    };
}

pub static CONVERTIBLE: TypeDef = TypeDef::new(
    "System.IConvertible",
    Kind::Interface,
    &[conversions![
        "bool ToBoolean(IFormatProvider provider)" Boolean,
        "char ToChar(IFormatProvider provider)" Char,
        "sbyte ToSByte(IFormatProvider provider)" SByte,
        "byte ToByte(IFormatProvider provider)" Byte,
        "short ToInt16(IFormatProvider provider)" Int16,
        "ushort ToUInt16(IFormatProvider provider)" UInt16,
        "int ToInt32(IFormatProvider provider)" Int32,
        "uint ToUInt32(IFormatProvider provider)" UInt32,
        "long ToInt64(IFormatProvider provider)" Int64,
        "ulong ToUInt64(IFormatProvider provider)" UInt64,
        "float ToSingle(IFormatProvider provider)" Single,
        "double ToDouble(IFormatProvider provider)" Double,
        "decimal ToDecimal(IFormatProvider provider)" Decimal,
        "DateTime ToDateTime(IFormatProvider provider)" DateTime,
    ]],
)
.off_list();

pub static CLONEABLE: TypeDef = TypeDef::new("System.ICloneable", Kind::Interface, &[]).off_list();

pub static TYPE_CODE: TypeDef = TypeDef::new(
    "System.TypeCode",
    Kind::Enum,
    &[&[
        enum_value("Empty = 0", 0),
        enum_value("Object = 1", 1),
        enum_value("DBNull = 2", 2),
        enum_value("Boolean = 3", 3),
        enum_value("Char = 4", 4),
        enum_value("SByte = 5", 5),
        enum_value("Byte = 6", 6),
        enum_value("Int16 = 7", 7),
        enum_value("UInt16 = 8", 8),
        enum_value("Int32 = 9", 9),
        enum_value("UInt32 = 10", 10),
        enum_value("Int64 = 11", 11),
        enum_value("UInt64 = 12", 12),
        enum_value("Single = 13", 13),
        enum_value("Double = 14", 14),
        enum_value("Decimal = 15", 15),
        enum_value("DateTime = 16", 16),
        enum_value("String = 18", 18),
    ]],
)
.off_list();
