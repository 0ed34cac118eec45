//! `LinkedList<T>` and `LinkedListNode<T>`.

use super::array::copy::{Copier, hand_out};
use super::comparer;
use super::interfaces::ENUMERATOR_ROWS;
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, Row, TypeDef, constructor, method, property, property_set};
use crate::dotnet::system::enumerate::{self, Cursor};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

/// The ends of a list; null where it is empty.
#[derive(Debug)]
struct Chain {
    first: Value,
    last: Value,
    count: usize,
    version: u32,
}

impl Chain {
    const fn empty(version: u32) -> Chain {
        Chain { first: Value::Null, last: Value::Null, count: 0, version }
    }
}

/// A node, its neighbours, and the list that it is in.
#[derive(Debug)]
struct Node {
    list: Value,
    previous: Value,
    next: Value,
    value: Value,
}

pub static LINKED_LIST: TypeDef = TypeDef::new("System.Collections.Generic.LinkedList", Kind::Class, &[MEMBERS])
    .parameters(&["T"])
    .interfaces(&["ICollection<T>", "ICollection", "IReadOnlyCollection<T>"])
    .off_list();

pub static LINKED_LIST_ENUMERATOR: TypeDef =
    TypeDef::new("System.Collections.Generic.LinkedList+Enumerator", Kind::Struct, &[ENUMERATOR_ROWS])
        .parameters(&["T"])
        .interfaces(&["IEnumerator<T>"])
        .off_list();

pub static LINKED_LIST_NODE: TypeDef = TypeDef::new(
    "System.Collections.Generic.LinkedListNode",
    Kind::Class,
    &[&[
        constructor("LinkedListNode<T>(T value)", |cx, a| {
            let ty = cx.returns;
            let node = Node { list: Value::Null, previous: Value::Null, next: Value::Null, value: a[0] };
            cx.heap.new_extension(ty, node)
        }),
        property("LinkedList<T> List { get; }", |cx, a| Ok(cx.this::<Node>(a[0])?.list)),
        property("LinkedListNode<T> Next { get; }", |cx, a| Ok(cx.this::<Node>(a[0])?.next)),
        property("LinkedListNode<T> Previous { get; }", |cx, a| Ok(cx.this::<Node>(a[0])?.previous)),
        property_set(
            "T Value { get; set; }",
            |cx, a| Ok(cx.this::<Node>(a[0])?.value),
            |cx, a| {
                cx.this_mut::<Node>(a[0])?.value = a[1];
                Ok(Value::Null)
            },
        ),
    ]],
)
.parameters(&["T"])
.off_list();

const MEMBERS: &[Row] = &[
    constructor("LinkedList<T>()", |cx, _| {
        let ty = cx.returns;
        cx.heap.new_extension(ty, Chain::empty(0))
    }),
    constructor("LinkedList<T>(IEnumerable<T> collection)", |cx, a| {
        let ty = cx.returns;
        let list = cx.heap.new_extension(ty, Chain::empty(0))?;
        if a[0].is_null() {
            return Err(Fault::argument_null("collection"));
        }
        for item in enumerate::collect(cx, a[0])? {
            add_last(cx, &[list, item])?;
        }
        Ok(list)
    }),
    method("LinkedListNode<T> AddAfter(LinkedListNode<T> node, T value)", |cx, a| {
        own(cx, a[0], a[1])?;
        let node = make(cx, a[0], a[2])?;
        after(cx, a[0], a[1], node)
    }),
    method("void AddAfter(LinkedListNode<T> node, LinkedListNode<T> newNode)", |cx, a| {
        own(cx, a[0], a[1])?;
        free(cx, a[2])?;
        after(cx, a[0], a[1], a[2])
    }),
    method("LinkedListNode<T> AddBefore(LinkedListNode<T> node, T value)", |cx, a| {
        own(cx, a[0], a[1])?;
        let node = make(cx, a[0], a[2])?;
        before(cx, a[0], a[1], node)
    }),
    method("void AddBefore(LinkedListNode<T> node, LinkedListNode<T> newNode)", |cx, a| {
        own(cx, a[0], a[1])?;
        free(cx, a[2])?;
        before(cx, a[0], a[1], a[2])
    }),
    method("LinkedListNode<T> AddFirst(T value)", |cx, a| {
        let node = make(cx, a[0], a[1])?;
        link(cx, a[0], Value::Null, node, cx.this::<Chain>(a[0])?.first)
    }),
    method("void AddFirst(LinkedListNode<T> node)", |cx, a| {
        cx.this::<Chain>(a[0])?;
        free(cx, a[1])?;
        link(cx, a[0], Value::Null, a[1], cx.this::<Chain>(a[0])?.first)
    }),
    method("LinkedListNode<T> AddLast(T value)", add_last),
    method("void AddLast(LinkedListNode<T> node)", |cx, a| {
        cx.this::<Chain>(a[0])?;
        free(cx, a[1])?;
        link(cx, a[0], cx.this::<Chain>(a[0])?.last, a[1], Value::Null)
    }),
    method("void Clear()", |cx, a| {
        for node in nodes(cx, a[0])? {
            let_go(cx, node)?;
        }
        let chain = cx.this_mut::<Chain>(a[0])?;
        *chain = Chain::empty(chain.version.wrapping_add(1));
        Ok(Value::Null)
    }),
    method("bool Contains(T value)", |cx, a| {
        let nodes = nodes(cx, a[0])?;
        Ok(Value::Bool(!find(cx, nodes, a[1])?.is_null()))
    }),
    method("void CopyTo(T[] array, int index)", |cx, a| {
        let items = values(cx, a[0])?;
        hand_out(cx, &items, a[1], a[2], Copier::Chain)
    }),
    property("int Count { get; }", |cx, a| Ok(Value::Int32(cx.this::<Chain>(a[0])?.count as i32))),
    method("LinkedListNode<T> Find(T value)", |cx, a| {
        let nodes = nodes(cx, a[0])?;
        find(cx, nodes, a[1])
    }),
    method("LinkedListNode<T> FindLast(T value)", |cx, a| {
        let mut nodes = nodes(cx, a[0])?;
        nodes.reverse();
        find(cx, nodes, a[1])
    }),
    property("LinkedListNode<T> First { get; }", |cx, a| Ok(cx.this::<Chain>(a[0])?.first)),
    method("LinkedList<T>.Enumerator GetEnumerator()", get_enumerator),
    property("LinkedListNode<T> Last { get; }", |cx, a| Ok(cx.this::<Chain>(a[0])?.last)),
    method("bool Remove(T value)", |cx, a| {
        let nodes = nodes(cx, a[0])?;
        let found = find(cx, nodes, a[1])?;
        if !found.is_null() {
            unlink(cx, a[0], found)?;
        }
        Ok(Value::Bool(!found.is_null()))
    }),
    method("void Remove(LinkedListNode<T> node)", |cx, a| {
        own(cx, a[0], a[1])?;
        unlink(cx, a[0], a[1])
    }),
    method("void RemoveFirst()", |cx, a| {
        let end = cx.this::<Chain>(a[0])?.first;
        remove_end(cx, a[0], end)
    }),
    method("void RemoveLast()", |cx, a| {
        let end = cx.this::<Chain>(a[0])?.last;
        remove_end(cx, a[0], end)
    }),
];

/// Puts a value at the end: also what `ICollection<T>.Add` does.
pub fn add_last(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let node = make(cx, a[0], a[1])?;
    link(cx, a[0], cx.this::<Chain>(a[0])?.last, node, Value::Null)
}

/// Whether it is such a list.
pub fn is_list(cx: &Call<'_>, value: Value) -> bool {
    cx.heap.extension::<Chain>(value).is_some()
}

/// A node that is in no list yet, for a value of this list.
fn make(cx: &mut Call<'_>, list: Value, value: Value) -> Result {
    cx.this::<Chain>(list)?;
    let ty = TypeId::generic(LINKED_LIST_NODE.name, cx.heap.type_of(list).arguments());
    cx.heap.new_extension(ty, Node { list: Value::Null, previous: Value::Null, next: Value::Null, value })
}

/// A node given to a method must be one of the list's own.
fn own(cx: &Call<'_>, list: Value, node: Value) -> Result<()> {
    cx.this::<Chain>(list)?;
    let Some(node) = cx.heap.extension::<Node>(node) else { return Err(Fault::argument_null("node")) };
    if !node.list.is_same_object(list) {
        return Err(Fault::invalid_operation("The LinkedList node does not belong to current LinkedList."));
    }
    Ok(())
}

/// A node that is to be put in must be in no list.
fn free(cx: &Call<'_>, node: Value) -> Result<()> {
    let Some(node) = cx.heap.extension::<Node>(node) else { return Err(Fault::argument_null("node")) };
    if !node.list.is_null() {
        return Err(Fault::invalid_operation("The LinkedList node already belongs to a LinkedList."));
    }
    Ok(())
}

fn after(cx: &mut Call<'_>, list: Value, place: Value, node: Value) -> Result {
    link(cx, list, place, node, cx.this::<Node>(place)?.next)
}

fn before(cx: &mut Call<'_>, list: Value, place: Value, node: Value) -> Result {
    link(cx, list, cx.this::<Node>(place)?.previous, node, place)
}

/// Puts a node between two neighbours, either of which may be none.
fn link(cx: &mut Call<'_>, list: Value, previous: Value, node: Value, next: Value) -> Result {
    let own = cx.this_mut::<Node>(node)?;
    (own.list, own.previous, own.next) = (list, previous, next);
    join(cx, list, previous, next, node, node)?;
    cx.this_mut::<Chain>(list)?.count += 1;
    Ok(node)
}

/// Makes `second` the successor of `previous`, and `first` the predecessor of `next`.
fn join(cx: &mut Call<'_>, list: Value, previous: Value, next: Value, first: Value, second: Value) -> Result<()> {
    if !previous.is_null() {
        cx.this_mut::<Node>(previous)?.next = second;
    }
    if !next.is_null() {
        cx.this_mut::<Node>(next)?.previous = first;
    }
    let chain = cx.this_mut::<Chain>(list)?;
    if previous.is_null() {
        chain.first = second;
    }
    if next.is_null() {
        chain.last = first;
    }
    chain.version = chain.version.wrapping_add(1);
    Ok(())
}

fn unlink(cx: &mut Call<'_>, list: Value, node: Value) -> Result {
    let &Node { previous, next, .. } = cx.this::<Node>(node)?;
    join(cx, list, previous, next, previous, next)?;
    cx.this_mut::<Chain>(list)?.count -= 1;
    let_go(cx, node)?;
    Ok(Value::Null)
}

fn let_go(cx: &mut Call<'_>, node: Value) -> Result<()> {
    let node = cx.this_mut::<Node>(node)?;
    (node.list, node.previous, node.next) = (Value::Null, Value::Null, Value::Null);
    Ok(())
}

fn remove_end(cx: &mut Call<'_>, list: Value, end: Value) -> Result {
    if end.is_null() {
        return Err(Fault::invalid_operation("The LinkedList is empty."));
    }
    unlink(cx, list, end)
}

fn nodes(cx: &mut Call<'_>, list: Value) -> Result<Vec<Value>> {
    let &Chain { first, count, .. } = cx.this::<Chain>(list)?;
    cx.charge_fuel(count / 4)?;
    let mut found = Vec::with_capacity(count);
    let mut at = first;
    while let Some(node) = cx.heap.extension::<Node>(at) {
        found.push(at);
        at = node.next;
    }
    Ok(found)
}

fn values(cx: &mut Call<'_>, list: Value) -> Result<Vec<Value>> {
    let nodes = nodes(cx, list)?;
    nodes.into_iter().map(|node| Ok(cx.this::<Node>(node)?.value)).collect()
}

/// The first of these nodes that has this value, or null.
fn find(cx: &mut Call<'_>, nodes: Vec<Value>, value: Value) -> Result {
    for node in nodes {
        cx.charge_fuel(1)?;
        let own = cx.this::<Node>(node)?.value;
        if comparer::equals(cx, own, value)? {
            return Ok(node);
        }
    }
    Ok(Value::Null)
}

fn get_enumerator(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let list = a[0];
    let &Chain { version, first, .. } = cx.this::<Chain>(list)?;
    let mut at = first;
    let cursor = Cursor::new(move |cx| {
        if cx.this::<Chain>(list)?.version != version {
            return Err(Fault::invalid_operation("Collection was modified after the enumerator was instantiated."));
        }
        let Some(node) = cx.heap.extension::<Node>(at) else { return Ok(None) };
        at = node.next;
        Ok(Some(node.value))
    });
    let ty = cx.returns;
    enumerate::enumerator(cx, ty, cursor)
}
