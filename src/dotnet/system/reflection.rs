//! `System.Type`, as far as expressions ask for it, and `System.Nullable`.
//!
//! In: types. Out: their names. Never: members by name, creation by type.

use super::object::{self, equals_row, hash_row, to_string};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::inherit;
use crate::dotnet::member::{Kind, Row, TypeDef, constructor, method, operator, property, static_method};
use crate::dotnet::types::{Type, TypeId};
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

pub static TYPE: TypeDef = TypeDef::new("System.Type", Kind::Class, &[TYPE_ROWS]).off_list();

const TYPE_ROWS: &[Row] = &[
    property("string Name { get; }", |cx, a| {
        let name = name(this(a)?);
        cx.new_str(&name)
    })
    .off_list(),
    property("string FullName { get; }", |cx, a| {
        let name = full_name(this(a)?, false);
        cx.new_str(&name)
    })
    .off_list(),
    property("string Namespace { get; }", |cx, a| {
        let name = full_name(this(a)?, false);
        let end = name.find(['`', '[', '+']).unwrap_or(name.len());
        match name[..end].rfind('.') {
            Some(at) => cx.new_str(&name[..at]),
            None => Ok(Value::Null),
        }
    })
    .off_list(),
    property("bool IsEnum { get; }", |_, a| Ok(Value::Bool(this(a)?.def().is_some_and(|d| d.kind == Kind::Enum))))
        .off_list(),
    property("bool IsArray { get; }", |_, a| Ok(Value::Bool(matches!(this(a)?.get(), Type::Array(..))))).off_list(),
    property("bool IsValueType { get; }", |_, a| Ok(Value::Bool(inherit::is_value_type(this(a)?)))).off_list(),
    property("bool IsGenericType { get; }", |_, a| {
        let ty = this(a)?;
        let generic = !matches!(ty.get(), Type::Array(..)) && !ty.arguments().is_empty();
        Ok(Value::Bool(generic))
    })
    .off_list(),
    property("bool IsInterface { get; }", |_, a| {
        Ok(Value::Bool(this(a)?.def().is_some_and(|d| d.kind == Kind::Interface)))
    })
    .off_list(),
    property("Type BaseType { get; }", |_, a| {
        Ok(this(a)?.def().and_then(|d| d.base_type()).map_or(Value::Null, Value::Type))
    })
    .off_list(),
    method("Type GetElementType()", |_, a| match this(a)?.get() {
        Type::Array(element, _) => Ok(Value::Type(*element)),
        _ => Ok(Value::Null),
    })
    .off_list(),
    method("Type[] GetGenericArguments()", |cx, a| {
        let items = this(a)?.arguments().iter().map(|&t| Value::Type(t)).collect();
        cx.heap.new_array(TypeId::array(crate::dotnet::types::type_type()), items)
    })
    .off_list(),
    method("bool IsInstanceOfType(object o)", |cx, a| Ok(Value::Bool(inherit::is_instance(cx.heap, a[1], this(a)?))))
        .off_list(),
    method("bool IsAssignableFrom(Type c)", |_, a| match a[1] {
        Value::Type(other) => Ok(Value::Bool(inherit::is_subtype(other, this(a)?))),
        _ => Ok(Value::Bool(false)),
    })
    .off_list(),
    method("bool Equals(object o)", equals_row).off_list(),
    method("int GetHashCode()", hash_row).off_list(),
    method("string ToString()", |cx, a| {
        let name = class(this(a)?);
        cx.new_str(&name)
    })
    .off_list(),
    operator("bool op_Equality(Type left, Type right)", |cx, a| Ok(Value::Bool(object::equals(cx, a[0], a[1])?)))
        .off_list(),
    operator("bool op_Inequality(Type left, Type right)", |cx, a| Ok(Value::Bool(!object::equals(cx, a[0], a[1])?)))
        .off_list(),
];

fn this(a: &[Value]) -> Result<TypeId> {
    match a[0] {
        Value::Type(ty) => Ok(ty),
        _ => Err(Fault::null_reference()),
    }
}

/// The name of a type; of a part of `context`, which only `GetType()` gives, that of the class behind its interface.
fn class(ty: TypeId) -> String {
    let is_part = ty.def().is_some_and(|def| def.unnameable);
    if is_part { crate::dotnet::context::class_name(ty) } else { ty.clr_name() }
}

/// `Type.Name`: without namespace and arguments, but with their number.
fn name(ty: TypeId) -> String {
    match ty.get() {
        Type::Array(element, rank) => format!("{}[{}]", name(*element), ",".repeat(usize::from(*rank) - 1)),
        Type::Anonymous(fields) => format!("<>f__AnonymousType0`{}", fields.len()),
        _ => {
            let clr = class(ty);
            let end = clr.find('[').unwrap_or(clr.len());
            clr[..end].rsplit(['.', '+']).next().unwrap_or_default().to_owned()
        }
    }
}

/// Where the core library says that its types are from.
const CORE: &str = "System.Private.CoreLib, Version=4.0.0.0, Culture=neutral, PublicKeyToken=7cec85d7bea7798e";

const NEWTONSOFT: &str = "Newtonsoft.Json, Version=12.0.0.0, Culture=neutral, PublicKeyToken=30ad4fe6b2a6aeed";

/// `Type.FullName`; inside another type's arguments also with its assembly.
pub fn full_name(ty: TypeId, with_assembly: bool) -> String {
    let own = match ty.get() {
        Type::Array(element, rank) => format!("{}[{}]", full_name(*element, false), ",".repeat(usize::from(*rank) - 1)),
        _ if ty.arguments().is_empty() => class(ty),
        _ => {
            let clr = ty.clr_name();
            let end = clr.find('[').unwrap_or(clr.len());
            let list: Vec<_> = ty.arguments().iter().map(|&t| format!("[{}]", full_name(t, true))).collect();
            format!("{}[{}]", &clr[..end], list.join(","))
        }
    };
    match with_assembly {
        true if own.starts_with("Newtonsoft.Json.") => format!("{own}, {NEWTONSOFT}"),
        true => format!("{own}, {CORE}"),
        false => own,
    }
}

// ---- nullable

pub static NULLABLE: TypeDef = TypeDef::new(
    "System.Nullable",
    Kind::Static,
    &[&[
        static_method("int Compare<T>(T? n1, T? n2)", |cx, a| {
            Ok(Value::Int32(super::collections::comparer::difference(cx, a[0], a[1])?))
        }),
        static_method("bool Equals<T>(T? n1, T? n2)", |cx, a| Ok(Value::Bool(object::equals(cx, a[0], a[1])?))),
        static_method("Type GetUnderlyingType(Type nullableType)", |_, a| match a[0] {
            Value::Type(ty) => Ok(match ty.get() {
                Type::Nullable(of) => Value::Type(*of),
                _ => Value::Null,
            }),
            _ => Err(Fault::argument_null("nullableType")),
        }),
    ]],
);

pub static NULLABLE_OF: TypeDef = TypeDef::new(
    "System.Nullable",
    Kind::Struct,
    &[&[
        constructor("Nullable<T>(T value)", |_, a| Ok(a[0])),
        method("bool Equals(object other)", |cx, a| Ok(Value::Bool(object::equals(cx, a[0], a[1])?))),
        method("int GetHashCode()", |cx, a| Ok(Value::Int32(object::hash(cx, a[0])?))),
        method("T GetValueOrDefault()", or_default),
        method("T GetValueOrDefault(T defaultValue)", |_, a| Ok(if a[0].is_null() { a[1] } else { a[0] })),
        property("bool HasValue { get; }", |_, a| Ok(Value::Bool(!a[0].is_null()))),
        method("string ToString()", |cx, a| if a[0].is_null() { cx.new_str("") } else { to_string(cx, a) }),
        property("T Value { get; }", value),
        operator("T op_Explicit(Nullable<T> value)", value),
        operator("Nullable<T> op_Implicit(T value)", |_, a| Ok(a[0])),
    ]],
)
.parameters(&["T"]);

fn or_default(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if a[0].is_null() { inherit::zero(cx.heap, cx.returns) } else { Ok(a[0]) }
}

fn value(_: &mut Call<'_>, a: &[Value]) -> Result {
    if a[0].is_null() { Err(Fault::invalid_operation("Nullable object must have a value.")) } else { Ok(a[0]) }
}
