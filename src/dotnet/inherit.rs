//! Which type is which: base classes, interfaces, variance, and the run-time test behind casts and `is`.

use super::fault::Fault;
use super::heap::Heap;
use super::member::Kind;
use super::types::{self, Type, TypeId};
use super::value::Value;

/// A type with type parameters replaced: `TypeParameter(n)` by `own[n]`, `MethodParameter(n)` by `method[n]` (kept when
/// there are none).
pub fn substitute(ty: TypeId, own: &[TypeId], method: &[TypeId]) -> TypeId {
    let list = |items: &[TypeId]| items.iter().map(|&t| substitute(t, own, method)).collect::<Vec<_>>();
    match ty.get() {
        Type::TypeParameter(at) => own.get(*at as usize).copied().unwrap_or(ty),
        Type::MethodParameter(at) => method.get(*at as usize).copied().unwrap_or(ty),
        Type::Named(_, arguments) if arguments.is_empty() => ty,
        Type::Named(def, arguments) => TypeId::of(Type::Named(*def, list(arguments))),
        Type::Array(element, rank) => TypeId::of(Type::Array(substitute(*element, own, method), *rank)),
        Type::Nullable(of) => TypeId::nullable(substitute(*of, own, method)),
        Type::Tuple(elements, names) => TypeId::of(Type::Tuple(list(elements), names.clone())),
        Type::Anonymous(fields) => {
            TypeId::of(Type::Anonymous(fields.iter().map(|(n, t)| (n.clone(), substitute(*t, own, method))).collect()))
        }
        Type::LocalParameter(_) | Type::Dynamic | Type::Void | Type::Null | Type::Error => ty,
    }
}

/// The base class and the interfaces that a type names directly, arguments filled in.
pub fn parents(ty: TypeId) -> &'static [TypeId] {
    ty.parents(|| direct_parents(ty))
}

fn direct_parents(ty: TypeId) -> Vec<TypeId> {
    match ty.get() {
        Type::Named(..) => {
            let def = ty.def().expect("a named type has a row");
            let own = ty.arguments();
            let mut found: Vec<_> = def.base_type().into_iter().collect();
            found.extend(def.interface_types());
            found.into_iter().map(|t| substitute(t, own, &[])).collect()
        }
        // Arrays of several dimensions are no lists.
        Type::Array(_, 2..) => {
            let plain = |name: &str| super::find_by_csharp_name(name, 0).map(|def| Type::Named(def, Vec::new()));
            ["Array", "IEnumerable"].into_iter().filter_map(plain).map(TypeId::of).collect()
        }
        Type::Array(element, _) => {
            let generic = |name: &str| super::find_by_csharp_name(name, 1).map(|def| Type::Named(def, vec![*element]));
            let interfaces = ["IList", "ICollection", "IReadOnlyList", "IReadOnlyCollection", "IEnumerable"];
            let mut found: Vec<_> = interfaces.into_iter().filter_map(generic).map(TypeId::of).collect();
            found.extend(super::find_by_csharp_name("Array", 0).map(|def| TypeId::of(Type::Named(def, Vec::new()))));
            found.extend(
                super::find_by_csharp_name("IEnumerable", 0).map(|def| TypeId::of(Type::Named(def, Vec::new()))),
            );
            found
        }
        Type::Tuple(..) => {
            let own = super::find_by_csharp_name("IComparable", 1).map(|def| Type::Named(def, vec![ty]));
            let plain = super::find_by_csharp_name("IComparable", 0).map(|def| Type::Named(def, Vec::new()));
            let interfaces = own.into_iter().chain(plain).map(TypeId::of);
            interfaces.chain([TypeId::named("System.ValueType")]).collect()
        }
        _ => Vec::new(),
    }
}

/// A value type: structs, enums, nullables, value tuples.
pub fn is_value_type(ty: TypeId) -> bool {
    match ty.get() {
        Type::Named(..) => ty.def().is_some_and(|def| def.is_value_type()),
        Type::Nullable(_) | Type::Tuple(..) => true,
        Type::LocalParameter(parameter) => parameter.is_struct,
        _ => false,
    }
}

/// Classes of the tables that nothing derives from, besides those whose kind says so.
const SEALED: [&str; 8] = [
    "System.String",
    "System.Text.StringBuilder",
    "System.Version",
    "System.TimeZoneInfo",
    "System.TimeZoneInfo+AdjustmentRule",
    "System.Globalization.NumberFormatInfo",
    "System.Globalization.DateTimeFormatInfo",
    "System.Diagnostics.Stopwatch",
];

/// Whether nothing derives from a reference type: what it is not, no object of it is.
pub fn is_sealed(ty: TypeId) -> bool {
    match ty.get() {
        Type::Array(..) | Type::Anonymous(_) => true,
        _ => ty.def().is_some_and(|def| def.kind == Kind::Delegate || SEALED.contains(&def.name)),
    }
}

/// Whether a value of `ty` is a `wanted` without a change of representation: identity, base classes, interfaces,
/// variance, boxing. Names of tuple elements do not count.
pub fn is_subtype(ty: TypeId, wanted: TypeId) -> bool {
    if ty == wanted
        || wanted == types::object()
        || matches!(ty.get(), Type::Error)
        || matches!(wanted.get(), Type::Error | Type::Dynamic)
    {
        return true;
    }
    match (ty.get(), wanted.get()) {
        (Type::Tuple(a, _), Type::Tuple(b, _)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(*a, *b)),
        (Type::Array(a, rank), Type::Array(b, wanted_rank)) => {
            rank == wanted_rank && (same(*a, *b) || !is_value_type(*a) && is_subtype(*a, *b))
        }
        (Type::Nullable(a), _) => is_subtype(*a, wanted),
        (_, Type::Nullable(b)) => ty == *b,
        (Type::Named(a, from), Type::Named(b, to)) if a == b && from.len() == to.len() => {
            let parameters = super::def(*a).parameters;
            parameters.iter().zip(from.iter().zip(to)).all(|(parameter, (&from, &to))| {
                same(from, to)
                    || parameter.starts_with("out ") && !is_value_type(from) && is_subtype(from, to)
                    || parameter.starts_with("in ") && !is_value_type(to) && is_subtype(to, from)
            })
        }
        _ => parents(ty).iter().any(|&parent| is_subtype(parent, wanted)),
    }
}

/// Equal but for the names of tuple elements, and for `dynamic` where the other is `object`.
pub fn same(a: TypeId, b: TypeId) -> bool {
    let all = |x: &[TypeId], y: &[TypeId]| x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same(*x, *y));
    a == b
        || match (a.get(), b.get()) {
            (Type::Tuple(x, _), Type::Tuple(y, _)) => all(x, y),
            (Type::Named(one, x), Type::Named(other, y)) => one == other && all(x, y),
            (Type::Array(x, rank), Type::Array(y, other)) => rank == other && same(*x, *y),
            (Type::Dynamic, _) | (_, Type::Dynamic) => dynamic_and_object(a, b),
            _ => false,
        }
}

/// One of two types that are the same, with the names of tuple elements that both have.
pub fn merge_names(a: TypeId, b: TypeId) -> TypeId {
    if a == b {
        return a;
    }
    let all = |x: &[TypeId], y: &[TypeId]| x.iter().zip(y).map(|(x, y)| merge_names(*x, *y)).collect::<Vec<_>>();
    match (a.get(), b.get()) {
        (Type::Tuple(x, names), Type::Tuple(y, others)) => {
            let shared = |(at, name): (usize, &Option<Box<str>>)| name.clone().filter(|_| others.get(at) == Some(name));
            let names: Vec<_> = names.iter().enumerate().map(shared).collect();
            let names = if names.iter().any(Option::is_some) { names } else { Vec::new() };
            TypeId::of(Type::Tuple(all(x, y), names))
        }
        (Type::Named(def, x), Type::Named(_, y)) => TypeId::of(Type::Named(*def, all(x, y))),
        (Type::Array(x, rank), Type::Array(y, _)) => TypeId::of(Type::Array(merge_names(*x, *y), *rank)),
        (Type::Nullable(x), Type::Nullable(y)) => TypeId::nullable(merge_names(*x, *y)),
        _ => a,
    }
}

fn dynamic_and_object(a: TypeId, b: TypeId) -> bool {
    let object = |ty: TypeId| ty == types::object() || matches!(ty.get(), Type::Dynamic);
    object(a) && object(b)
}

/// `value is wanted`, at run time. Null is nothing.
pub fn is_instance(heap: &Heap, value: Value, wanted: TypeId) -> bool {
    !value.is_null() && is_subtype(heap.type_of(value), strip_nullable(wanted))
}

/// A checked cast or unboxing: null goes through to reference types and nullables only.
pub fn cast(heap: &Heap, value: Value, wanted: TypeId) -> Result<Value, Fault> {
    if value.is_null() {
        let nullable = !is_value_type(wanted) || matches!(wanted.get(), Type::Nullable(_));
        return if nullable { Ok(value) } else { Err(Fault::null_reference()) };
    }
    if is_instance(heap, value, wanted) {
        return Ok(value);
    }
    // An enum unboxes to the `int` below it, and an `int` to an enum.
    let enumeration = |ty: TypeId| ty.def().is_some_and(|def| def.kind == super::member::Kind::Enum);
    match (value, wanted) {
        // A nullable is unboxed from its own type alone.
        (_, wanted) if matches!(wanted.get(), Type::Nullable(_)) => {}
        (Value::Enum { value, .. }, wanted) if wanted == types::int32() => return Ok(Value::Int32(value as i32)),
        (Value::Enum { value, .. }, wanted) if enumeration(wanted) => return Ok(Value::Enum { ty: wanted, value }),
        (Value::Int32(value), wanted) if enumeration(wanted) => {
            return Ok(Value::Enum { ty: wanted, value: value.into() });
        }
        _ => {}
    }
    Err(Fault::invalid_cast(&super::system::hidden::cast_name(heap, value), &wanted.clr_name()))
}

fn strip_nullable(ty: TypeId) -> TypeId {
    match ty.get() {
        Type::Nullable(of) => *of,
        _ => ty,
    }
}

/// The zero value of a type (`default(T)`): null for references and nullables.
pub fn zero(heap: &mut Heap, ty: TypeId) -> Result<Value, Fault> {
    use super::value::{DateTime, Kind};
    Ok(match ty.get() {
        Type::Tuple(elements, _) => {
            let fields = elements.iter().map(|&e| zero(heap, e)).collect::<Result<Vec<_>, _>>()?;
            heap.new_record(ty, &fields)?
        }
        Type::Named(..) => {
            let def = ty.def().expect("a named type has a row");
            match def.name {
                "System.Boolean" => Value::Bool(false),
                "System.Char" => Value::Char(0),
                "System.SByte" => Value::SByte(0),
                "System.Byte" => Value::Byte(0),
                "System.Int16" => Value::Int16(0),
                "System.UInt16" => Value::UInt16(0),
                "System.Int32" => Value::Int32(0),
                "System.UInt32" => Value::UInt32(0),
                "System.Int64" => Value::Int64(0),
                "System.UInt64" => Value::UInt64(0),
                "System.Single" => Value::Single(0.0),
                "System.Double" => Value::Double(0.0),
                "System.Decimal" => heap.new_decimal(rust_decimal::Decimal::ZERO)?,
                "System.DateTime" => Value::DateTime(DateTime::new(0, Kind::Unspecified)),
                "System.TimeSpan" => Value::TimeSpan(0),
                "System.DateTimeOffset" => Value::DateTimeOffset { minutes: 0, ticks: 0 },
                "System.Guid" => heap.new_guid([0; 16])?,
                "System.Collections.Generic.KeyValuePair" => {
                    let fields = ty.arguments().iter().map(|&t| zero(heap, t)).collect::<Result<Vec<_>, _>>()?;
                    heap.new_record(ty, &fields)?
                }
                _ if def.kind == super::member::Kind::Enum => Value::Enum { ty, value: 0 },
                _ => super::system::crypto::zero(heap, def.name)?,
            }
        }
        _ => Value::Null,
    })
}
