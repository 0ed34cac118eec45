//! Queries over trees: axes as deferred sequences that walk the links, and what compares nodes and trees.

use super::name::{self, Name, hash_text};
use super::node::{self, Content, Data};
use super::{Result, value_of};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::system::enumerate::{self, Cursor, sequence};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;
use std::cmp::Ordering;
use std::sync::Arc;

/// An axis: what is reached from one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    Nodes,
    Elements,
    Descendants,
    DescendantsAndSelf,
    DescendantNodes,
    DescendantNodesAndSelf,
    Ancestors,
    AncestorsAndSelf,
    Attributes,
    NodesAfter,
    NodesBefore,
    ElementsAfter,
    ElementsBefore,
}

/// Begins to walk an axis.
fn walk(cx: &mut Call<'_>, axis: Axis, from: Value, wanted: Option<Arc<Name>>) -> Result<Cursor> {
    use Axis::*;
    if matches!(axis, Nodes | DescendantNodes | DescendantNodesAndSelf) {
        node::text_to_node(cx, from)?;
    }
    let matches = move |cx: &Call<'_>, at: Value| match axis {
        Nodes | DescendantNodes | DescendantNodesAndSelf | NodesAfter | NodesBefore => true,
        Attributes => wanted.as_ref().is_none_or(|w| node::name(cx, at).is_ok_and(|own| name::same(&own, w))),
        _ => node::is_named(cx, at, wanted.as_ref()),
    };
    let mut at = None;
    let stop = if matches!(axis, NodesBefore | ElementsBefore) { from } else { Value::Null };
    let container = match axis {
        Nodes | Elements | Attributes => from,
        _ => node::parent(cx, from)?,
    };
    Ok(Cursor::new(move |cx| {
        loop {
            cx.charge_fuel(1)?;
            let next = match (at, axis) {
                (None, DescendantsAndSelf | DescendantNodesAndSelf | AncestorsAndSelf) => from,
                (None, Nodes | Elements) => node::first(cx, from)?,
                (None, Attributes) => node::first_attribute(cx, from)?,
                (None, NodesAfter | ElementsAfter) => node::next(cx, from)?,
                (None, NodesBefore | ElementsBefore) => {
                    let container = node::parent(cx, from)?;
                    if container.is_null() { Value::Null } else { node::first(cx, container)? }
                }
                (_, Ancestors | AncestorsAndSelf) => {
                    let up = node::parent(cx, at.unwrap_or(from))?;
                    if node::is_element(cx, up) { up } else { Value::Null }
                }
                (_, Descendants | DescendantsAndSelf) => node::following(cx, from, at.unwrap_or(from))?,
                (_, DescendantNodes | DescendantNodesAndSelf) => {
                    let at = at.unwrap_or(from);
                    node::text_to_node(cx, at)?;
                    node::following(cx, from, at)?
                }
                // What was taken out of its container since has no neighbours.
                (Some(at), _) if !node::is(node::parent(cx, at)?, container) => Value::Null,
                (Some(at), _) => node::next(cx, at)?,
            };
            if next.is_null() || !stop.is_null() && node::is(next, stop) {
                return Ok(None);
            }
            at = Some(next);
            if matches(cx, next) {
                return Ok(Some(next));
            }
        }
    }))
}

/// The name that an axis is narrowed to: none given, an empty result (a null was given), or a name.
enum Narrow {
    All,
    Nothing,
    To(Arc<Name>),
}

fn narrow(cx: &Call<'_>, given: Option<&Value>) -> Narrow {
    match given {
        None => Narrow::All,
        Some(&given) => name::given(cx, given).map_or(Narrow::Nothing, Narrow::To),
    }
}

/// `node.Elements(name)` and the like: `a` is the node and perhaps a name.
pub fn query(cx: &mut Call<'_>, a: &[Value], axis: Axis) -> Result {
    node::get(cx, a[0])?;
    if matches!(axis, Axis::Nodes | Axis::NodesAfter | Axis::NodesBefore) && node::is_container(cx, a[0]) {
        node::text_to_node(cx, a[0])?;
    }
    let (from, ty) = (a[0], cx.returns);
    let wanted = match narrow(cx, a.get(1)) {
        Narrow::All => None,
        Narrow::To(name) => Some(name),
        Narrow::Nothing => return cx.heap.new_array(TypeId::array(ty.arguments()[0]), Vec::new()),
    };
    sequence(cx, ty, move |cx| walk(cx, axis, from, wanted.clone()))
}

/// `nodes.Elements(name)` and the like: `a` is a sequence and perhaps a name.
pub fn query_all(cx: &mut Call<'_>, a: &[Value], axis: Axis) -> Result {
    if a[0].is_null() {
        return Err(Fault::argument_null("source"));
    }
    let (source, ty) = (a[0], cx.returns);
    let wanted = match narrow(cx, a.get(1)) {
        Narrow::All => None,
        Narrow::To(name) => Some(name),
        Narrow::Nothing => return sequence(cx, ty, |_| Ok(Cursor::over(Vec::new()))),
    };
    sequence(cx, ty, move |cx| {
        let mut outer = enumerate::start(cx, source)?;
        let mut inner = Cursor::Done;
        let wanted = wanted.clone();
        Ok(Cursor::new(move |cx| {
            loop {
                if let Some(found) = inner.next(cx)? {
                    return Ok(Some(found));
                }
                match outer.next(cx)? {
                    None => return Ok(None),
                    Some(Value::Null) => {}
                    Some(from) => inner = walk(cx, axis, from, wanted.clone())?,
                }
            }
        }))
    })
}

/// `container.Element(name)`.
pub fn element(cx: &mut Call<'_>, container: Value, wanted: Value) -> Result {
    let wanted = name::given(cx, wanted);
    let mut at = node::first(cx, container)?;
    while !at.is_null() {
        cx.charge_fuel(1)?;
        if wanted.is_some() && node::is_named(cx, at, wanted.as_ref()) {
            break;
        }
        at = node::next(cx, at)?;
    }
    Ok(at)
}

/// The root element of a document, or null.
pub fn root_element(cx: &Call<'_>, document: Value) -> Result {
    let mut at = node::first(cx, document)?;
    while !at.is_null() && !node::is_element(cx, at) {
        at = node::next(cx, at)?;
    }
    Ok(at)
}

// ---- order

fn depth(cx: &mut Call<'_>, node: Value) -> Result<usize> {
    let (mut at, mut depth) = (node, 0);
    loop {
        cx.charge_fuel(1)?;
        at = node::parent(cx, at)?;
        if at.is_null() {
            return Ok(depth);
        }
        depth += 1;
    }
}

/// Document order of two nodes of one tree.
pub fn order(cx: &mut Call<'_>, a: Value, b: Value) -> Result<Ordering> {
    if node::is(a, b) {
        return Ok(Ordering::Equal);
    }
    if a.is_null() || b.is_null() {
        return Ok(if a.is_null() { Ordering::Less } else { Ordering::Greater });
    }
    let (depth_a, depth_b) = (depth(cx, a)?, depth(cx, b)?);
    let (mut up_a, mut up_b) = (a, b);
    for _ in depth_b..depth_a {
        up_a = node::parent(cx, up_a)?;
    }
    for _ in depth_a..depth_b {
        up_b = node::parent(cx, up_b)?;
    }
    if node::is(up_a, up_b) {
        return Ok(depth_a.cmp(&depth_b));
    }
    loop {
        let (parent_a, parent_b) = (node::parent(cx, up_a)?, node::parent(cx, up_b)?);
        if parent_a.is_null() {
            return Err(Fault::invalid_operation("A common ancestor is missing."));
        }
        if node::is(parent_a, parent_b) {
            break;
        }
        (up_a, up_b) = (parent_a, parent_b);
    }
    // Looks both ways from one of them, so that neighbours are told apart soon.
    let (mut forward, mut back) = (up_a, up_a);
    loop {
        cx.charge_fuel(1)?;
        if !forward.is_null() {
            forward = node::next(cx, forward)?;
        }
        if !back.is_null() {
            back = node::get(cx, back)?.previous;
        }
        if node::is(forward, up_b) {
            return Ok(Ordering::Less);
        }
        if node::is(back, up_b) || forward.is_null() && back.is_null() {
            return Ok(Ordering::Greater);
        }
    }
}

pub fn in_document_order(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if a[0].is_null() {
        return Err(Fault::argument_null("source"));
    }
    let (source, ty) = (a[0], cx.returns);
    sequence(cx, ty, move |cx| {
        let mut items = enumerate::collect(cx, source)?;
        let mut failed = None;
        items.sort_by(|&a, &b| {
            if failed.is_some() {
                return Ordering::Equal;
            }
            order(cx, a, b).unwrap_or_else(|fault| {
                failed = Some(fault);
                Ordering::Equal
            })
        });
        match failed {
            Some(fault) => Err(fault),
            None => Ok(Cursor::over(items)),
        }
    })
}

// ---- equality

/// The child at `at`, where text next to text is one and empty text is none.
fn next_part(cx: &mut Call<'_>, at: Value) -> Result<(Vec<u16>, Value)> {
    let (mut text, mut at) = (Vec::new(), at);
    while let Some(own) = node::plain_text(cx, at) {
        text.extend(cx.heap.str(own).map(|t| t.to_wide()).unwrap_or_default());
        cx.charge_fuel(1 + text.len() / 16)?;
        at = node::next(cx, at)?;
    }
    Ok((text, at))
}

/// The text of an element that holds nothing else.
fn only_text(cx: &mut Call<'_>, node: Value) -> Result<Option<Vec<u16>>> {
    match node::content(cx, node)? {
        Content::Nothing => Ok(None),
        Content::Text(text) => Ok(cx.heap.str(text).map(|t| t.to_wide())),
        Content::Nodes { first, .. } => {
            let (text, rest) = next_part(cx, first)?;
            Ok(rest.is_null().then_some(text))
        }
    }
}

fn same_texts(cx: &Call<'_>, pairs: &[(Value, Value)]) -> bool {
    pairs.iter().all(|&(a, b)| match (cx.heap.str(a), cx.heap.str(b)) {
        (Some(a), Some(b)) => a.eq_ordinal(b),
        (None, None) => true,
        _ => false,
    })
}

/// `XNode.DeepEquals`.
pub fn deep_equals(cx: &mut Call<'_>, a: Value, b: Value) -> Result<bool> {
    if a.is_null() || b.is_null() || node::is(a, b) {
        return Ok(node::is(a, b));
    }
    let mut pairs = vec![(a, b)];
    while let Some((a, b)) = pairs.pop() {
        cx.charge_fuel(4)?;
        let (data_a, data_b) = (node::get(cx, a)?.data.clone(), node::get(cx, b)?.data.clone());
        let same = match (&data_a, &data_b) {
            (Data::Text(a), Data::Text(b))
            | (Data::CData(a), Data::CData(b))
            | (Data::Comment(a), Data::Comment(b)) => same_texts(cx, &[(*a, *b)]),
            (Data::Instruction { target, data }, Data::Instruction { target: t, data: d }) => {
                same_texts(cx, &[(*target, *t), (*data, *d)])
            }
            (
                Data::DocumentType { name, public, system, subset },
                Data::DocumentType { name: n, public: p, system: s, subset: i },
            ) => same_texts(cx, &[(*name, *n), (*public, *p), (*system, *s), (*subset, *i)]),
            (Data::Document { .. }, Data::Document { .. }) => true,
            (Data::Element { name: a_name, .. }, Data::Element { name: b_name, .. }) => {
                name::same(a_name, b_name) && same_attributes(cx, a, b)?
            }
            _ => false,
        };
        if !same {
            return Ok(false);
        }
        if !node::is_container(cx, a) {
            continue;
        }
        if let (Content::Nothing, Content::Nothing) = (node::content(cx, a)?, node::content(cx, b)?) {
            continue;
        }
        if let Some(text) = only_text(cx, a)? {
            if only_text(cx, b)? != Some(text) {
                return Ok(false);
            }
            continue;
        }
        let (mut at_a, mut at_b) = (node::first(cx, a)?, node::first(cx, b)?);
        if at_a.is_null() || at_b.is_null() {
            return Ok(false);
        }
        loop {
            let (text_a, next_a) = next_part(cx, at_a)?;
            let (text_b, next_b) = next_part(cx, at_b)?;
            if text_a != text_b || next_a.is_null() != next_b.is_null() {
                return Ok(false);
            }
            if next_a.is_null() {
                break;
            }
            cx.heap.charge(size_of::<(Value, Value)>())?;
            pairs.push((next_a, next_b));
            (at_a, at_b) = (node::next(cx, next_a)?, node::next(cx, next_b)?);
        }
    }
    Ok(true)
}

fn same_attributes(cx: &mut Call<'_>, a: Value, b: Value) -> Result<bool> {
    let (mut a, mut b) = (node::first_attribute(cx, a)?, node::first_attribute(cx, b)?);
    while !a.is_null() && !b.is_null() {
        cx.charge_fuel(1)?;
        let values = (node::attribute_value(cx, a)?, node::attribute_value(cx, b)?);
        if !name::same(&node::name(cx, a)?, &node::name(cx, b)?) || !same_texts(cx, &[values]) {
            return Ok(false);
        }
        (a, b) = (node::next(cx, a)?, node::next(cx, b)?);
    }
    Ok(a.is_null() && b.is_null())
}

/// A hash that agrees with [`deep_equals`].
pub fn hash(cx: &mut Call<'_>, node: Value) -> Result<i32> {
    if node.is_null() {
        return Ok(0);
    }
    let kind = node::kind(cx, node)? as i32;
    if node::is_element(cx, node) {
        return Ok(kind ^ hash_text(&node::name(cx, node)?.local));
    }
    if node::is_document(cx, node) {
        return Ok(kind);
    }
    let value = value_of(cx, node)?;
    Ok(kind ^ hash_text(&cx.heap.text(value).unwrap_or_default()))
}
