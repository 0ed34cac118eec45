//! `System.Version` and `System.Lazy<T>`.

use super::object;
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, Row, TypeDef, constructor, method, operator, property, static_method, type_of};
use crate::dotnet::value::Value;
use std::cmp::Ordering;

type Result<T = Value> = std::result::Result<T, Fault>;

pub static TYPES: &[&TypeDef] = &[&VERSION, &LAZY];

/// Major, minor, build, revision; the last two are -1 where they are not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Version([i32; 4]);

pub static VERSION: TypeDef = TypeDef::new("System.Version", Kind::Class, &[ROWS])
    .interfaces(&["ICloneable", "IComparable", "IComparable<Version>", "IEquatable<Version>"])
    .off_list();

const ROWS: &[Row] = &[
    constructor("Version()", |cx, _| new(cx, Version([0, 0, -1, -1]))),
    constructor("Version(string version)", parse),
    constructor("Version(int major, int minor)", of_numbers),
    constructor("Version(int major, int minor, int build)", of_numbers),
    constructor("Version(int major, int minor, int build, int revision)", of_numbers),
    property("int Major { get; }", |cx, a| Ok(Value::Int32(cx.this::<Version>(a[0])?.0[0]))),
    property("int Minor { get; }", |cx, a| Ok(Value::Int32(cx.this::<Version>(a[0])?.0[1]))),
    property("int Build { get; }", |cx, a| Ok(Value::Int32(cx.this::<Version>(a[0])?.0[2]))),
    property("int Revision { get; }", |cx, a| Ok(Value::Int32(cx.this::<Version>(a[0])?.0[3]))),
    property("short MajorRevision { get; }", |cx, a| Ok(Value::Int16((cx.this::<Version>(a[0])?.0[3] >> 16) as i16))),
    property("short MinorRevision { get; }", |cx, a| Ok(Value::Int16(cx.this::<Version>(a[0])?.0[3] as i16))),
    method("object Clone()", |cx, a| {
        let own = *cx.this::<Version>(a[0])?;
        new(cx, own)
    }),
    method("int CompareTo(object version)", |cx, a| {
        if !a[1].is_null() && cx.heap.extension::<Version>(a[1]).is_none() {
            return Err(Fault::throw("System.ArgumentException", "Object must be of type Version."));
        }
        compare(cx, a)
    }),
    method("int CompareTo(Version value)", compare),
    method("bool Equals(object obj)", equals),
    method("bool Equals(Version obj)", equals),
    method("int GetHashCode()", |cx, a| {
        let [major, minor, build, revision] = cx.this::<Version>(a[0])?.0;
        let hash = (major & 0xF) << 28 | (minor & 0xFF) << 20 | (build & 0xFF) << 12 | revision & 0xFFF;
        Ok(Value::Int32(hash))
    }),
    static_method("Version Parse(string input)", parse),
    static_method("bool TryParse(string input, out Version result)", |cx, a| {
        let read = cx.heap.text(a[0]).and_then(|text| read(&text, "input").ok());
        let made = match read {
            Some(version) => new(cx, version)?,
            None => Value::Null,
        };
        cx.set_out(1, made);
        Ok(Value::Bool(read.is_some()))
    }),
    method("string ToString()", |cx, a| {
        let own = cx.this::<Version>(a[0])?.0;
        let count = own.iter().position(|&part| part < 0).unwrap_or(4);
        show(cx, own, count)
    }),
    method("string ToString(int fieldCount)", |cx, a| {
        let own = cx.this::<Version>(a[0])?.0;
        let most = own.iter().position(|&part| part < 0).unwrap_or(4);
        match usize::try_from(int(a[1])).ok().filter(|&count| count <= most) {
            Some(count) => show(cx, own, count),
            None => {
                let message = format!("Argument must be between 0 and {most}.");
                Err(Fault::argument(&message, "fieldCount"))
            }
        }
    }),
    operator("bool op_Equality(Version v1, Version v2)", |cx, a| Ok(Value::Bool(order(cx, a).is_eq()))),
    operator("bool op_Inequality(Version v1, Version v2)", |cx, a| Ok(Value::Bool(order(cx, a).is_ne()))),
    operator("bool op_LessThan(Version v1, Version v2)", |cx, a| Ok(Value::Bool(order(cx, a).is_lt()))),
    operator("bool op_LessThanOrEqual(Version v1, Version v2)", |cx, a| Ok(Value::Bool(order(cx, a).is_le()))),
    operator("bool op_GreaterThan(Version v1, Version v2)", |cx, a| Ok(Value::Bool(order(cx, a).is_gt()))),
    operator("bool op_GreaterThanOrEqual(Version v1, Version v2)", |cx, a| Ok(Value::Bool(order(cx, a).is_ge()))),
];

fn new(cx: &mut Call<'_>, version: Version) -> Result {
    cx.heap.new_extension(type_of("Version"), version)
}

fn of_numbers(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let mut parts = [0, 0, -1, -1];
    for ((part, value), name) in parts.iter_mut().zip(a).zip(["major", "minor", "build", "revision"]) {
        *part = int(*value);
        if *part < 0 {
            return Err(Fault::out_of_range("Version's parameters must be greater than or equal to zero.", name));
        }
    }
    new(cx, Version(parts))
}

fn parse(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let version = read(&cx.text(a[0], "input")?, "input")?;
    new(cx, version)
}

fn read(text: &str, name: &str) -> Result<Version> {
    let pieces: Vec<&str> = text.split('.').collect();
    if !(2..=4).contains(&pieces.len()) {
        return Err(Fault::argument("Version string portion was too short or too long.", name));
    }
    let mut parts = [0, 0, -1, -1];
    for (part, piece) in parts.iter_mut().zip(pieces) {
        let piece = piece.trim();
        let digits = piece.strip_prefix(['+', '-']).unwrap_or(piece);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Fault::format());
        }
        *part = piece.parse().map_err(|_| {
            Fault::throw("System.OverflowException", "Value was either too large or too small for an Int32.")
        })?;
        if *part < 0 {
            return Err(Fault::out_of_range("Version's parameters must be greater than or equal to zero.", name));
        }
    }
    Ok(Version(parts))
}

fn show(cx: &mut Call<'_>, parts: [i32; 4], count: usize) -> Result {
    let text: Vec<String> = parts[..count].iter().map(ToString::to_string).collect();
    cx.new_str(&text.join("."))
}

/// Nothing comes first.
fn order(cx: &Call<'_>, a: &[Value]) -> Ordering {
    cx.heap.extension::<Version>(a[0]).cmp(&cx.heap.extension::<Version>(a[1]))
}

fn compare(cx: &mut Call<'_>, a: &[Value]) -> Result {
    cx.this::<Version>(a[0])?;
    Ok(Value::Int32(order(cx, a) as i32))
}

fn equals(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let own = cx.this::<Version>(a[0])?;
    Ok(Value::Bool(cx.heap.extension::<Version>(a[1]) == Some(own)))
}

/// What makes the value, until it is made.
#[derive(Debug)]
enum Lazy {
    Pending(Value),
    Made(Value),
    /// Its factory threw: it throws the same again.
    Failed(Fault),
}

pub static LAZY: TypeDef = TypeDef::new(
    "System.Lazy",
    Kind::Class,
    &[&[
        constructor("Lazy<T>(Func<T> valueFactory)", lazy),
        constructor("Lazy<T>(Func<T> valueFactory, bool isThreadSafe)", lazy),
        constructor("Lazy<T>(T value)", |cx, a| {
            let ty = cx.returns;
            cx.heap.new_extension(ty, Lazy::Made(a[0]))
        }),
        property("bool IsValueCreated { get; }", |cx, a| {
            Ok(Value::Bool(matches!(cx.this::<Lazy>(a[0])?, Lazy::Made(_))))
        }),
        property("T Value { get; }", value),
        method("string ToString()", |cx, a| match *cx.this::<Lazy>(a[0])? {
            Lazy::Made(value) => object::to_str(cx, value),
            _ => cx.new_str("Value is not created."),
        }),
    ]],
)
.parameters(&["T"])
.off_list();

fn lazy(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if a[0].is_null() {
        return Err(Fault::argument_null("valueFactory"));
    }
    let ty = cx.returns;
    cx.heap.new_extension(ty, Lazy::Pending(a[0]))
}

fn value(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let factory = match cx.this_mut::<Lazy>(a[0])? {
        Lazy::Made(value) => return Ok(*value),
        Lazy::Failed(fault) => return Err(fault.clone()),
        Lazy::Pending(factory) if factory.is_null() => {
            return Err(Fault::invalid_operation(
                "ValueFactory attempted to access the Value property of this instance.",
            ));
        }
        // While it is being made, it cannot be asked for itself.
        Lazy::Pending(factory) => std::mem::replace(factory, Value::Null),
    };
    let made = cx.invoke(factory, &[]);
    *cx.this_mut::<Lazy>(a[0])? = match &made {
        Ok(value) => Lazy::Made(*value),
        Err(fault) => Lazy::Failed(fault.clone()),
    };
    made
}
