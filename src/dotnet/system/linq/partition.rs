//! Queries whose elements have places: lists, ranges, ordered sequences, and what `Select`, `Skip` and `Take` make of
//! them. One element is reached without the others going through the selectors, as .NET's partitions do.

use super::{classes, lazy, order};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::{Heap, Object};
use crate::dotnet::system::collections::array;
use crate::dotnet::system::collections::readonly;
use crate::dotnet::system::enumerate::{self, Cursor};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;
use std::sync::Arc;

type Result<T = Value> = std::result::Result<T, Fault>;

#[derive(Clone, Debug)]
pub struct Partition {
    base: Base,
    /// The first place of the base that belongs to it, and the last.
    min: i64,
    max: i64,
    /// Nothing was skipped or left: a list is enumerated as such then, and its changes are noticed.
    whole: bool,
    /// What each element goes through, one after the other.
    selectors: Vec<Value>,
}

#[derive(Clone, Copy, Debug)]
enum Base {
    /// An array, a list, or a view of one.
    List(Value),
    /// `Range`: the first number, and how many.
    Numbers(i32, i32),
    /// `Repeat`: an element, and how often.
    Same(Value, i32),
    Ordered(Value),
    /// Anything else: its places are found by enumerating it.
    Query(Value),
}

impl Partition {
    fn of_base(base: Base) -> Partition {
        let max = match base {
            Base::Numbers(_, count) | Base::Same(_, count) => i64::from(count) - 1,
            _ => i64::MAX,
        };
        Partition { base, min: 0, max, whole: true, selectors: Vec::new() }
    }

    /// What a value is as a partition, if it is one.
    pub fn of(cx: &Call<'_>, source: Value) -> Option<Partition> {
        if let Some(partition) = enumerate::shape::<Partition>(cx, source) {
            return Some(partition.clone());
        }
        let Value::Object(handle) = source else { return None };
        let base = match cx.heap.get(handle) {
            Object::Array { .. } | Object::List { .. } | Object::Bytes(_) => Base::List(source),
            _ if order::is_ordered(cx, source) => Base::Ordered(source),
            _ => Base::List(readonly::behind_view(cx, source)?),
        };
        Some(Partition::of_base(base))
    }

    /// A list of which nothing is selected or left out.
    pub fn is_list(&self) -> bool {
        self.whole && self.selectors.is_empty() && matches!(self.base, Base::List(_))
    }

    /// The class's name, given the type of the elements that come out.
    pub fn class(&self, heap: &Heap, element: TypeId) -> Option<String> {
        let ends = match (self.selectors.first(), self.selectors.last()) {
            (Some(&first), Some(&last)) => Some([classes::ends(heap, first)?.0, classes::ends(heap, last)?.1]),
            _ => None,
        };
        let named = |plain: &str, selecting: &str| match ends {
            Some(ends) => classes::name(&format!("Enumerable+{selecting}Iterator"), &ends),
            None => classes::name(plain, &[element]),
        };
        Some(match self.base {
            Base::List(list) if self.whole => named("", &format!("Select{}", classes::kind(heap, list))),
            Base::List(_) => named("Enumerable+ListPartition", "SelectListPartition"),
            Base::Numbers(..) => match ends {
                Some([_, to]) => classes::name("Enumerable+SelectRangeIterator", &[to]),
                None => "System.Linq.Enumerable+RangeIterator".to_owned(),
            },
            Base::Same(..) => named("Enumerable+RepeatIterator", "SelectIPartition"),
            Base::Ordered(_) => named("OrderedPartition", "SelectIPartition"),
            Base::Query(_) => named("Enumerable+EnumerablePartition", "SelectIPartition"),
        })
    }

    pub fn is_ordered(&self) -> bool {
        matches!(self.base, Base::Ordered(_))
    }

    pub fn has_selectors(&self) -> bool {
        !self.selectors.is_empty()
    }

    /// How many elements there are, where nobody needs to be enumerated for it.
    pub fn len(&self, cx: &mut Call<'_>) -> Result<Option<i64>> {
        let all = match self.base {
            Base::List(list) => array::len(cx, list)? as i64,
            Base::Numbers(_, count) | Base::Same(_, count) => count.into(),
            Base::Ordered(ordered) => order::len(cx, ordered)?,
            Base::Query(_) => return Ok(None),
        };
        Ok(Some((all.min(self.max.saturating_add(1)) - self.min).max(0)))
    }

    fn item(&self, cx: &mut Call<'_>, place: i64) -> Result<Option<Value>> {
        if place < self.min || place > self.max {
            return Ok(None);
        }
        match self.base {
            Base::List(list) if place < array::len(cx, list)? as i64 => array::get(cx, list, place).map(Some),
            Base::List(_) => Ok(None),
            Base::Numbers(first, _) => Ok(Some(Value::Int32(first.wrapping_add(place as i32)))),
            Base::Same(item, _) => Ok(Some(item)),
            Base::Ordered(ordered) => order::at(cx, ordered, place),
            Base::Query(source) => {
                let mut cursor = enumerate::start(cx, source)?;
                for _ in 0..place {
                    if cursor.next(cx)?.is_none() {
                        return Ok(None);
                    }
                }
                cursor.next(cx)
            }
        }
    }

    fn selected(&self, cx: &mut Call<'_>, item: Option<Value>) -> Result<Option<Value>> {
        let Some(mut item) = item else { return Ok(None) };
        for &selector in &self.selectors {
            item = cx.invoke(selector, &[item])?;
        }
        Ok(Some(item))
    }

    /// `ElementAt`.
    pub fn at(&self, cx: &mut Call<'_>, index: i64) -> Result<Option<Value>> {
        let item = self.item(cx, self.min.saturating_add(index))?;
        self.selected(cx, item)
    }

    /// `Last`.
    pub fn last(&self, cx: &mut Call<'_>) -> Result<Option<Value>> {
        let item = match self.base {
            Base::Query(_) => {
                let mut cursor = self.places(cx)?;
                let mut found = None;
                while let Some(item) = cursor.next(cx)? {
                    found = Some(item);
                }
                found
            }
            Base::Ordered(ordered) => {
                let count = order::len(cx, ordered)?;
                match self.max.min(count - 1) {
                    last if last < self.min => None,
                    last if last == count - 1 => order::last(cx, ordered)?,
                    last => order::at(cx, ordered, last)?,
                }
            }
            _ => match self.len(cx)? {
                Some(count) => self.item(cx, self.min + count - 1)?,
                None => None,
            },
        };
        self.selected(cx, item)
    }

    /// Enumerates the places, before the selectors.
    fn places(&self, cx: &mut Call<'_>) -> Result<Cursor> {
        let (mut at, min, max) = (self.min, self.min, self.max);
        match self.base {
            Base::List(list) if self.whole => enumerate::start(cx, list),
            Base::Ordered(ordered) => {
                let mut sorted: Option<std::vec::IntoIter<Value>> = None;
                Ok(Cursor::new(move |cx| {
                    let items = match &mut sorted {
                        Some(items) => items,
                        empty if min == 0 && max == i64::MAX => empty.insert(order::all(cx, ordered)?.into_iter()),
                        empty => empty.insert(order::range(cx, ordered, min, max)?.into_iter()),
                    };
                    Ok(items.next())
                }))
            }
            Base::Query(source) => {
                let mut inner = enumerate::start(cx, source)?;
                let mut skipped = 0;
                Ok(Cursor::new(move |cx| {
                    while skipped < min {
                        skipped += 1;
                        if inner.next(cx)?.is_none() {
                            return Ok(None);
                        }
                    }
                    at += 1;
                    if at - 1 > max { Ok(None) } else { inner.next(cx) }
                }))
            }
            Base::Numbers(first, _) => Ok(Cursor::new(move |_| {
                at += 1;
                Ok((at - 1 <= max).then_some(Value::Int32(first.wrapping_add((at - 1) as i32))))
            })),
            _ => {
                let own = Partition { selectors: Vec::new(), ..self.clone() };
                Ok(Cursor::new(move |cx| {
                    at += 1;
                    own.item(cx, at - 1)
                }))
            }
        }
    }

    /// This as a query of the call's own result type.
    fn query(self, cx: &mut Call<'_>) -> Result {
        if self.min > self.max {
            return lazy::empty(cx, &[]);
        }
        let ty = cx.returns;
        let own = Arc::new(self);
        let shape = own.clone();
        let begin = move |cx: &mut Call<'_>| {
            let mut inner = own.places(cx)?;
            if let [selector] = own.selectors[..] {
                return Ok(Cursor::new(move |cx| match inner.next(cx)? {
                    Some(item) => cx.invoke(selector, &[item]).map(Some),
                    None => Ok(None),
                }));
            }
            let selectors = own.selectors.clone();
            if selectors.is_empty() {
                return Ok(inner);
            }
            Ok(Cursor::new(move |cx| {
                let Some(mut item) = inner.next(cx)? else { return Ok(None) };
                for &selector in &selectors {
                    item = cx.invoke(selector, &[item])?;
                }
                Ok(Some(item))
            }))
        };
        enumerate::shaped(cx, ty, shape, begin)
    }
}

/// `Range`.
pub fn range(cx: &mut Call<'_>, first: i32, count: i32) -> Result {
    Partition::of_base(Base::Numbers(first, count)).query(cx)
}

/// `Repeat`.
pub fn repeat(cx: &mut Call<'_>, item: Value, count: i32) -> Result {
    Partition::of_base(Base::Same(item, count)).query(cx)
}

/// More selectors than these are nested queries: each query keeps its own list of them.
const MOST_SELECTORS: usize = 16;

/// What a value is as a partition that takes one more selector.
pub fn selectable(cx: &Call<'_>, source: Value) -> Option<Partition> {
    Partition::of(cx, source).filter(|own| own.selectors.len() < MOST_SELECTORS)
}

/// `Select` of what is a partition.
pub fn select(cx: &mut Call<'_>, mut source: Partition, selector: Value) -> Result {
    source.selectors.push(selector);
    cx.heap.charge(source.selectors.len() * size_of::<Value>())?;
    source.query(cx)
}

pub fn skip(cx: &mut Call<'_>, source: Value, count: i32) -> Result {
    let mut own = Partition::of(cx, source).unwrap_or_else(|| Partition::of_base(Base::Query(source)));
    if count <= 0 && (enumerate::is_deferred(cx, source) || order::is_ordered(cx, source)) {
        return Ok(source);
    }
    own.min = own.min.saturating_add(i64::from(count.max(0)));
    own.whole = false;
    own.query(cx)
}

pub fn take(cx: &mut Call<'_>, source: Value, count: i32) -> Result {
    if count <= 0 {
        return lazy::empty(cx, &[]);
    }
    let mut own = Partition::of(cx, source).unwrap_or_else(|| Partition::of_base(Base::Query(source)));
    own.max = own.max.min(own.min.saturating_add(i64::from(count) - 1));
    own.whole = false;
    own.query(cx)
}

/// `TakeLast` of what knows its length: where it begins is decided now. `None` for others.
pub fn take_last(cx: &mut Call<'_>, source: Value, count: i32) -> Result<Option<Value>> {
    if count <= 0 {
        return lazy::empty(cx, &[]).map(Some);
    }
    let Some(mut own) = Partition::of(cx, source) else { return Ok(None) };
    let Some(len) = own.len(cx)? else { return Ok(None) };
    if own.is_list() {
        own.max = len;
    }
    own.min = own.min.saturating_add((len - i64::from(count)).max(0));
    own.whole = false;
    own.query(cx).map(Some)
}
