//! `Queue<T>` and `Stack<T>`.

use super::array::{
    self,
    copy::{Copier, actual, hand_out},
};
use super::comparer::{self, reserve};
use super::interfaces::ENUMERATOR_ROWS;
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, TypeDef, constructor, method, property};
use crate::dotnet::system::enumerate::{self, Cursor};
use crate::dotnet::value::Value;
use std::collections::VecDeque;

/// The front is what `Dequeue` or `Pop` takes: enumeration goes from front to back in both.
#[derive(Debug, Default)]
struct Line {
    items: VecDeque<Value>,
    version: u32,
}

pub static QUEUE: TypeDef = TypeDef::new(
    "System.Collections.Generic.Queue",
    Kind::Class,
    &[&[
        constructor("Queue<T>()", |cx, _| new(cx, VecDeque::new())),
        constructor("Queue<T>(int capacity)", |cx, args| {
            room(args[0])?;
            new(cx, VecDeque::new())
        }),
        constructor("Queue<T>(IEnumerable<T> collection)", |cx, args| {
            let items = collection(cx, args[0])?;
            new(cx, items.into())
        }),
        method("void Clear()", clear),
        method("bool Contains(T item)", contains),
        method("void CopyTo(T[] array, int arrayIndex)", copy_to),
        property("int Count { get; }", count),
        method("T Dequeue()", |cx, args| take(cx, args[0], "Queue empty.")),
        method("void Enqueue(T item)", |cx, args| {
            change(cx, args[0])?.push_back(args[1]);
            Ok(Value::Null)
        }),
        method("Queue<T>.Enumerator GetEnumerator()", get_enumerator),
        method("T Peek()", |cx, args| peek(cx, args[0], "Queue empty.")),
        method("T[] ToArray()", to_array),
        method("void TrimExcess()", |_, _| Ok(Value::Null)),
        method("bool TryDequeue(out T result)", try_take),
        method("bool TryPeek(out T result)", try_peek),
    ]],
)
.parameters(&["T"])
.interfaces(&["IReadOnlyCollection<T>", "ICollection"]);

pub static STACK: TypeDef = TypeDef::new(
    "System.Collections.Generic.Stack",
    Kind::Class,
    &[&[
        constructor("Stack<T>()", |cx, _| new(cx, VecDeque::new())),
        constructor("Stack<T>(int capacity)", |cx, args| {
            room(args[0])?;
            new(cx, VecDeque::new())
        }),
        constructor("Stack<T>(IEnumerable<T> collection)", |cx, args| {
            let mut items = collection(cx, args[0])?;
            items.reverse();
            new(cx, items.into())
        }),
        method("void Clear()", clear),
        method("bool Contains(T item)", contains),
        method("void CopyTo(T[] array, int arrayIndex)", copy_to),
        property("int Count { get; }", count),
        method("Stack<T>.Enumerator GetEnumerator()", get_enumerator),
        method("T Peek()", |cx, args| peek(cx, args[0], "Stack empty.")),
        method("T Pop()", |cx, args| take(cx, args[0], "Stack empty.")),
        method("void Push(T item)", |cx, args| {
            change(cx, args[0])?.push_front(args[1]);
            Ok(Value::Null)
        }),
        method("T[] ToArray()", to_array),
        method("void TrimExcess()", |_, _| Ok(Value::Null)),
        method("bool TryPeek(out T result)", try_peek),
        method("bool TryPop(out T result)", try_take),
    ]],
)
.parameters(&["T"])
.interfaces(&["IReadOnlyCollection<T>", "ICollection"]);

pub static QUEUE_ENUMERATOR: TypeDef =
    TypeDef::new("System.Collections.Generic.Queue+Enumerator", Kind::Struct, &[ENUMERATOR_ROWS])
        .parameters(&["T"])
        .interfaces(&["IEnumerator<T>"]);

pub static STACK_ENUMERATOR: TypeDef =
    TypeDef::new("System.Collections.Generic.Stack+Enumerator", Kind::Struct, &[ENUMERATOR_ROWS])
        .parameters(&["T"])
        .interfaces(&["IEnumerator<T>"]);

fn new(cx: &mut Call<'_>, items: VecDeque<Value>) -> Result<Value, Fault> {
    let ty = cx.returns;
    cx.heap.new_extension(ty, Line { items, version: 0 })
}

/// The capacity that a constructor asks for.
fn room(capacity: Value) -> Result<(), Fault> {
    let capacity = int(capacity);
    if capacity < 0 {
        return Err(actual("Non-negative number required.", "capacity", capacity));
    }
    reserve(capacity.into(), "capacity")?;
    Ok(())
}

fn collection(cx: &mut Call<'_>, value: Value) -> Result<Vec<Value>, Fault> {
    if value.is_null() {
        return Err(Fault::argument_null("collection"));
    }
    enumerate::collect(cx, value)
}

fn change<'a>(cx: &'a mut Call<'_>, this: Value) -> Result<&'a mut VecDeque<Value>, Fault> {
    cx.heap.charge(size_of::<Value>())?;
    let line = cx.this_mut::<Line>(this)?;
    line.version = line.version.wrapping_add(1);
    Ok(&mut line.items)
}

fn take(cx: &mut Call<'_>, this: Value, empty: &str) -> Result<Value, Fault> {
    change(cx, this)?.pop_front().ok_or_else(|| Fault::invalid_operation(empty))
}

fn peek(cx: &mut Call<'_>, this: Value, empty: &str) -> Result<Value, Fault> {
    cx.this::<Line>(this)?.items.front().copied().ok_or_else(|| Fault::invalid_operation(empty))
}

fn element_zero(cx: &mut Call<'_>, this: Value) -> Result<Value, Fault> {
    match cx.heap.type_of(this).arguments().first() {
        Some(&element) => crate::dotnet::inherit::zero(cx.heap, element),
        None => Ok(Value::Null),
    }
}

fn answer(cx: &mut Call<'_>, this: Value, found: Option<Value>) -> Result<Value, Fault> {
    let value = match found {
        Some(value) => value,
        None => element_zero(cx, this)?,
    };
    cx.set_out(0, value);
    Ok(Value::Bool(found.is_some()))
}

fn try_take(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let found = change(cx, args[0])?.pop_front();
    answer(cx, args[0], found)
}

fn try_peek(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let found = cx.this::<Line>(args[0])?.items.front().copied();
    answer(cx, args[0], found)
}

fn clear(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    change(cx, args[0])?.clear();
    Ok(Value::Null)
}

fn count(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(Value::Int32(cx.this::<Line>(args[0])?.items.len() as i32))
}

fn snapshot(cx: &mut Call<'_>, this: Value) -> Result<Vec<Value>, Fault> {
    let items: Vec<Value> = cx.this::<Line>(this)?.items.iter().copied().collect();
    cx.charge_fuel(items.len() / 4)?;
    Ok(items)
}

fn contains(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    for item in snapshot(cx, args[0])? {
        cx.charge_fuel(1)?;
        if comparer::equals(cx, item, args[1])? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn copy_to(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let items = snapshot(cx, args[0])?;
    hand_out(cx, &items, args[1], args[2], Copier::Line)
}

fn to_array(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let items = snapshot(cx, args[0])?;
    let ty = cx.returns;
    array::new(cx, ty, items)
}

fn get_enumerator(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let this = args[0];
    let version = cx.this::<Line>(this)?.version;
    let mut at = 0;
    let cursor = Cursor::new(move |cx| {
        let line = cx.this::<Line>(this)?;
        if line.version != version {
            return Err(enumerate::modified());
        }
        at += 1;
        Ok(line.items.get(at - 1).copied())
    });
    let ty = cx.returns;
    enumerate::enumerator(cx, ty, cursor)
}
