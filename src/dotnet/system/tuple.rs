//! `System.Tuple`: records of up to seven fields, and a rest.

use super::object::{equals_row, hash_row, to_string};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, Row, TypeDef, constructor, method, property, static_method};
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

pub static MAKER: TypeDef = TypeDef::new("System.Tuple", Kind::Static, &[CREATE]);

/// `ValueTuple.Create`, which no page names.
pub static VALUE_MAKER: TypeDef = TypeDef::new("System.ValueTuple", Kind::Static, &[CREATE_VALUE]).off_list();

pub static TYPES: &[&TypeDef] = &[&MAKER, &VALUE_MAKER, &ONE, &TWO, &THREE, &FOUR, &FIVE, &SIX, &SEVEN, &EIGHT];

const CREATE: &[Row] = &[
    static_method("Tuple<T1> Create<T1>(T1 item1)", create),
    static_method("Tuple<T1, T2> Create<T1, T2>(T1 item1, T2 item2)", create),
    static_method("Tuple<T1, T2, T3> Create<T1, T2, T3>(T1 item1, T2 item2, T3 item3)", create),
    static_method("Tuple<T1, T2, T3, T4> Create<T1, T2, T3, T4>(T1 item1, T2 item2, T3 item3, T4 item4)", create),
    static_method(
        "Tuple<T1, T2, T3, T4, T5> Create<T1, T2, T3, T4, T5>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5)",
        create,
    ),
    static_method(
        "Tuple<T1, T2, T3, T4, T5, T6> Create<T1, T2, T3, T4, T5, T6>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5, T6 item6)",
        create,
    ),
    static_method(
        "Tuple<T1, T2, T3, T4, T5, T6, T7> Create<T1, T2, T3, T4, T5, T6, T7>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5, T6 item6, T7 item7)",
        create,
    ),
    static_method(
        "Tuple<T1, T2, T3, T4, T5, T6, T7, Tuple<T8>> Create<T1, T2, T3, T4, T5, T6, T7, T8>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5, T6 item6, T7 item7, T8 item8)",
        create,
    ),
];

const CREATE_VALUE: &[Row] = &[
    static_method("ValueTuple<T1> Create<T1>(T1 item1)", new),
    static_method("ValueTuple<T1, T2> Create<T1, T2>(T1 item1, T2 item2)", new),
    static_method("ValueTuple<T1, T2, T3> Create<T1, T2, T3>(T1 item1, T2 item2, T3 item3)", new),
    static_method("ValueTuple<T1, T2, T3, T4> Create<T1, T2, T3, T4>(T1 item1, T2 item2, T3 item3, T4 item4)", new),
    static_method(
        "ValueTuple<T1, T2, T3, T4, T5> Create<T1, T2, T3, T4, T5>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5)",
        new,
    ),
    static_method(
        "ValueTuple<T1, T2, T3, T4, T5, T6> Create<T1, T2, T3, T4, T5, T6>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5, T6 item6)",
        new,
    ),
    static_method(
        "ValueTuple<T1, T2, T3, T4, T5, T6, T7> Create<T1, T2, T3, T4, T5, T6, T7>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5, T6 item6, T7 item7)",
        new,
    ),
    static_method(
        "ValueTuple<T1, T2, T3, T4, T5, T6, T7, T8> Create<T1, T2, T3, T4, T5, T6, T7, T8>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5, T6 item6, T7 item7, T8 item8)",
        new,
    ),
];

const fn tuple(rows: &'static [&'static [Row]]) -> TypeDef {
    TypeDef::new("System.Tuple", Kind::Class, rows).interfaces(&["IComparable"])
}

fn new(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let ty = cx.returns;
    cx.heap.new_record(ty, a)
}

/// The eighth value becomes a tuple of its own in the rest.
fn create(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let ty = cx.returns;
    match a {
        [first @ .., last] if a.len() == 8 => {
            let rest_type = ty.arguments().get(7).copied().unwrap_or(ty);
            let rest = cx.heap.new_record(rest_type, &[*last])?;
            let fields: Vec<Value> = first.iter().copied().chain([rest]).collect();
            cx.heap.new_record(ty, &fields)
        }
        _ => cx.heap.new_record(ty, a),
    }
}

fn item(cx: &mut Call<'_>, a: &[Value], at: usize) -> Result {
    cx.heap.fields(a[0]).and_then(|fields| fields.get(at).copied()).ok_or_else(Fault::null_reference)
}

const OBJECT: &[Row] = &[
    method("bool Equals(object obj)", equals_row),
    method("int GetHashCode()", hash_row),
    method("string ToString()", to_string),
];

const ITEM1: &[Row] = &[property("T1 Item1 { get; }", |cx, a| item(cx, a, 0))];
const ITEM2: &[Row] = &[property("T2 Item2 { get; }", |cx, a| item(cx, a, 1))];
const ITEM3: &[Row] = &[property("T3 Item3 { get; }", |cx, a| item(cx, a, 2))];
const ITEM4: &[Row] = &[property("T4 Item4 { get; }", |cx, a| item(cx, a, 3))];
const ITEM5: &[Row] = &[property("T5 Item5 { get; }", |cx, a| item(cx, a, 4))];
const ITEM6: &[Row] = &[property("T6 Item6 { get; }", |cx, a| item(cx, a, 5))];
const ITEM7: &[Row] = &[property("T7 Item7 { get; }", |cx, a| item(cx, a, 6))];
const REST: &[Row] = &[property("TRest Rest { get; }", |cx, a| item(cx, a, 7))];

pub static ONE: TypeDef = tuple(&[&[constructor("Tuple<T1>(T1 item1)", new)], ITEM1, OBJECT]).parameters(&["T1"]);

pub static TWO: TypeDef =
    tuple(&[&[constructor("Tuple<T1, T2>(T1 item1, T2 item2)", new)], ITEM1, ITEM2, OBJECT]).parameters(&["T1", "T2"]);

pub static THREE: TypeDef =
    tuple(&[&[constructor("Tuple<T1, T2, T3>(T1 item1, T2 item2, T3 item3)", new)], ITEM1, ITEM2, ITEM3, OBJECT])
        .parameters(&["T1", "T2", "T3"]);

pub static FOUR: TypeDef = tuple(&[
    &[constructor("Tuple<T1, T2, T3, T4>(T1 item1, T2 item2, T3 item3, T4 item4)", new)],
    ITEM1,
    ITEM2,
    ITEM3,
    ITEM4,
    OBJECT,
])
.parameters(&["T1", "T2", "T3", "T4"]);

pub static FIVE: TypeDef = tuple(&[
    &[constructor("Tuple<T1, T2, T3, T4, T5>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5)", new)],
    ITEM1,
    ITEM2,
    ITEM3,
    ITEM4,
    ITEM5,
    OBJECT,
])
.parameters(&["T1", "T2", "T3", "T4", "T5"]);

pub static SIX: TypeDef = tuple(&[
    &[constructor("Tuple<T1, T2, T3, T4, T5, T6>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5, T6 item6)", new)],
    ITEM1,
    ITEM2,
    ITEM3,
    ITEM4,
    ITEM5,
    ITEM6,
    OBJECT,
])
.parameters(&["T1", "T2", "T3", "T4", "T5", "T6"]);

pub static SEVEN: TypeDef = tuple(&[
    &[constructor(
        "Tuple<T1, T2, T3, T4, T5, T6, T7>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5, T6 item6, T7 item7)",
        new,
    )],
    ITEM1,
    ITEM2,
    ITEM3,
    ITEM4,
    ITEM5,
    ITEM6,
    ITEM7,
    OBJECT,
])
.parameters(&["T1", "T2", "T3", "T4", "T5", "T6", "T7"]);

pub static EIGHT: TypeDef = tuple(&[
    &[constructor("Tuple<T1, T2, T3, T4, T5, T6, T7, TRest>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5, T6 item6, T7 item7, TRest rest)", new_with_rest)],
    ITEM1, ITEM2, ITEM3, ITEM4, ITEM5, ITEM6, ITEM7, REST, OBJECT
]).parameters(&["T1", "T2", "T3", "T4", "T5", "T6", "T7", "TRest"]);

fn new_with_rest(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if cx.heap.type_of(a[7]).def().is_none_or(|def| !def.name.starts_with("System.Tuple")) {
        let message = "The last element of an eight element tuple must be a Tuple.";
        return Err(Fault::throw("System.ArgumentException", message));
    }
    new(cx, a)
}

/// `ref tuple.Item1`: a reference to the tuple, and the place of the field.
pub fn reference(cx: &mut Call<'_>, args: &[Value]) -> Result {
    cx.heap.alloc(crate::dotnet::heap::Object::Part { of: args[0], at: crate::dotnet::call::int(args[1]) as u32 })
}
