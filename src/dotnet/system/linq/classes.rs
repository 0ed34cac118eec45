//! The names of the classes behind queries, which texts and messages show: `SelectArrayIterator`.
//!
//! In: a query. Out: its class in .NET's spelling, where what is known of the query tells it.

use super::{order, partition::Partition};
use crate::dotnet::heap::{Heap, Object};
use crate::dotnet::system::enumerate::{Sequence, Stage};
use crate::dotnet::types::{Type, TypeId};
use crate::dotnet::value::Value;

/// The class of a query, of what orders one, or of a group.
pub fn class_of(heap: &Heap, value: Value) -> Option<String> {
    let ty = heap.type_of(value);
    if let Some(sequence) = heap.extension::<Sequence>(value) {
        return match sequence {
            Sequence::Staged { source, stages } => staged(heap, *source, stages),
            Sequence::Query { shape, .. } => {
                shape.as_ref()?.downcast_ref::<Partition>()?.class(heap, *ty.arguments().first()?)
            }
        };
    }
    if let Some(selector) = order::last_selector(heap, value) {
        let (_, key) = ends(heap, selector)?;
        return Some(name("OrderedEnumerable", &[*ty.arguments().first()?, key]));
    }
    match ty.def()?.name {
        "System.Linq.IGrouping" => Some(name("Grouping", ty.arguments())),
        "System.Linq.ILookup" => Some(name("Lookup", ty.arguments())),
        _ => None,
    }
}

/// What a lambda is given, and what it answers.
pub fn ends(heap: &Heap, lambda: Value) -> Option<(TypeId, TypeId)> {
    let arguments = heap.type_of(lambda).arguments();
    Some((*arguments.first()?, *arguments.last()?))
}

/// `System.Linq.` and a class of these arguments.
pub fn name(class: &str, arguments: &[TypeId]) -> String {
    let list: Vec<_> = arguments.iter().map(|own| own.clr_name()).collect();
    format!("System.Linq.{class}`{}[{}]", list.len(), list.join(","))
}

/// How classes are called by what they go over.
pub fn kind(heap: &Heap, source: Value) -> &'static str {
    let Value::Object(handle) = source else { return "Enumerable" };
    match heap.get(handle) {
        Object::Array { .. } | Object::Bytes(_) => "Array",
        Object::List { ty, .. } if matches!(ty.get(), Type::Array(..)) => "Array",
        Object::List { .. } => "List",
        _ => "Enumerable",
    }
}

/// `Where` and `Select` after one another become one object where they can.
fn staged(heap: &Heap, source: Value, stages: &[Stage]) -> Option<String> {
    /// What the stages so far have become: what each is over, what it takes, what it gives.
    enum Made {
        Where(&'static str, TypeId),
        Select(&'static str, TypeId, TypeId),
        WhereSelect(&'static str, TypeId, TypeId),
    }
    let mut made = None;
    for stage in stages {
        made = Some(match (made, *stage) {
            (None, Stage::Filter(lambda)) => Made::Where(kind(heap, source), ends(heap, lambda)?.0),
            (Some(Made::Where(kind, of)), Stage::Filter(_)) => Made::Where(kind, of),
            (_, Stage::Filter(lambda)) => Made::Where("Enumerable", ends(heap, lambda)?.0),
            (None, Stage::Map(lambda)) => {
                let (from, to) = ends(heap, lambda)?;
                Made::Select(kind(heap, source), from, to)
            }
            (Some(Made::Where(kind, of)), Stage::Map(lambda)) => Made::WhereSelect(kind, of, ends(heap, lambda)?.1),
            (Some(Made::Select(kind, of, _)), Stage::Map(lambda)) => Made::Select(kind, of, ends(heap, lambda)?.1),
            (Some(Made::WhereSelect(kind, of, _)), Stage::Map(lambda)) => {
                Made::WhereSelect(kind, of, ends(heap, lambda)?.1)
            }
        });
    }
    Some(match made? {
        Made::Where(kind, of) => name(&format!("Enumerable+Where{kind}Iterator"), &[of]),
        Made::Select(kind, of, to) => name(&format!("Enumerable+Select{kind}Iterator"), &[of, to]),
        Made::WhereSelect(kind, of, to) => name(&format!("Enumerable+WhereSelect{kind}Iterator"), &[of, to]),
    })
}
