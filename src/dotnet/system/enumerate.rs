//! Enumeration: what `foreach`, LINQ and every native that takes a sequence use.
//!
//! In: any enumerable value. Out: its elements, one at a time ([`Cursor`], or an enumerator object that C# can hold).
//! A type of its own becomes enumerable by a `GetEnumerator()` row whose code answers [`enumerator`]; a deferred query is
//! made by [`sequence`]. Never: more elements in memory than somebody asked for.

use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::{Heap, Object};
use crate::dotnet::inherit::substitute;
use crate::dotnet::member::{Code, Form, Native};
use crate::dotnet::types::{self, Type, TypeId};
use crate::dotnet::value::Value;
use smallvec::SmallVec;
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// Computes the next element.
pub type Step = Box<dyn FnMut(&mut Call<'_>) -> Result<Option<Value>, Fault> + Send + Sync>;
/// Begins an enumeration of a deferred query.
type Start = Arc<dyn Fn(&mut Call<'_>) -> Result<Cursor, Fault> + Send + Sync>;

/// An enumeration under way.
pub enum Cursor {
    /// Of an array, a list, a `byte[]` or a string, read in place.
    Items {
        of: Value,
        at: usize,
        version: u32,
    },
    /// Of values that nobody else sees.
    Owned(std::vec::IntoIter<Value>),
    Step(Step),
    /// Of another cursor, filtered and mapped: `Where` and `Select` after one another run in one loop.
    Staged(Box<(Cursor, Stages)>),
    /// At its end.
    Done,
}

/// What an element goes through, in order.
type Stages = SmallVec<[Stage; 2]>;

/// A lambda that every element is given to.
#[derive(Clone, Copy, Debug)]
pub enum Stage {
    /// It says whether the element stays.
    Filter(Value),
    /// It answers what takes the element's place.
    Map(Value),
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cursor")
    }
}

/// A deferred query (`IEnumerable<T>`): each enumeration begins anew.
#[derive(Clone)]
pub enum Sequence {
    /// With what its maker knows of it, beyond its elements one by one.
    Query {
        start: Start,
        shape: Option<Arc<dyn Any + Send + Sync>>,
    },
    Staged {
        source: Value,
        stages: Stages,
    },
}

impl fmt::Debug for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sequence")
    }
}

/// An `IEnumerator<T>` object.
#[derive(Debug)]
pub struct Enumerator {
    /// Absent while it is being advanced.
    cursor: Option<Cursor>,
    /// What `Reset` goes back to the start of: a collection read in place, and its version.
    of: Option<(Value, u32)>,
    current: Value,
    place: Place,
}

/// Where an enumeration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Before,
    At,
    Behind,
}

/// What an enumeration throws when its collection was changed.
pub fn modified() -> Fault {
    Fault::invalid_operation("Collection was modified; enumeration operation may not execute.")
}

impl Cursor {
    pub fn new(step: impl FnMut(&mut Call<'_>) -> Result<Option<Value>, Fault> + Send + Sync + 'static) -> Cursor {
        Cursor::Step(Box::new(step))
    }

    pub fn over(items: Vec<Value>) -> Cursor {
        Cursor::Owned(items.into_iter())
    }

    /// The next element; `None` at the end, also when asked again.
    #[inline]
    pub fn next(&mut self, cx: &mut Call<'_>) -> Result<Option<Value>, Fault> {
        if let Cursor::Items { of, at, version } = self {
            cx.charge_fuel(2)?;
            if let next @ Some(_) = item(cx.heap, *of, *at, *version)? {
                *at += 1;
                return Ok(next);
            }
        }
        self.computed(cx)
    }

    /// The next element of what is not read in place, or the end.
    #[inline(never)]
    fn computed(&mut self, cx: &mut Call<'_>) -> Result<Option<Value>, Fault> {
        let next = match self {
            Cursor::Items { .. } => None,
            Cursor::Owned(items) => {
                cx.charge_fuel(2)?;
                items.next()
            }
            // A step runs a query's own code; an item is there already.
            Cursor::Step(step) => {
                cx.charge_fuel(10)?;
                cx.heap.enter()?;
                let next = step(cx);
                cx.heap.leave();
                next?
            }
            Cursor::Staged(staged) => {
                let (source, stages) = &mut **staged;
                cx.heap.enter()?;
                let next = pass(cx, source, stages);
                cx.heap.leave();
                next?
            }
            Cursor::Done => return Ok(None),
        };
        // A list that changes after its end was seen is not asked again.
        if next.is_none() {
            *self = Cursor::Done;
        }
        Ok(next)
    }

    /// How many elements there are at most, where that is known.
    fn size(&self, cx: &Call<'_>) -> Option<usize> {
        match self {
            Cursor::Items { of, at, .. } => cx.heap.items(*of).map(|items| items.len().saturating_sub(*at)),
            Cursor::Owned(items) => Some(items.len()),
            Cursor::Done => Some(0),
            Cursor::Step(_) | Cursor::Staged(_) => None,
        }
    }
}

/// The next element that passes every stage.
fn pass(cx: &mut Call<'_>, source: &mut Cursor, stages: &[Stage]) -> Result<Option<Value>, Fault> {
    'elements: while let Some(mut item) = source.next(cx)? {
        for stage in stages {
            cx.charge_fuel(10)?;
            match *stage {
                Stage::Filter(lambda) if cx.test(lambda, &[item])? => {}
                Stage::Filter(_) => continue 'elements,
                Stage::Map(lambda) => item = cx.invoke(lambda, &[item])?,
            }
        }
        return Ok(Some(item));
    }
    Ok(None)
}

/// An element of what is read in place.
#[inline]
fn item(heap: &Heap, of: Value, at: usize, version: u32) -> Result<Option<Value>, Fault> {
    if let Value::Object(handle) = of {
        match heap.get(handle) {
            Object::Array { items, .. } | Object::Grid { items, .. } => return Ok(items.get(at).copied()),
            Object::List { version: now, .. } if *now != version => return Err(modified()),
            Object::List { items, .. } => return Ok(items.get(at).copied()),
            Object::Bytes(bytes) => return Ok(bytes.get(at).map(|&b| Value::Byte(b))),
            _ => {}
        }
    }
    Ok(heap.str(of).filter(|text| at < text.len()).map(|text| Value::Char(text.unit(at))))
}

/// Begins to enumerate a value. Null throws `NullReferenceException`.
pub fn start(cx: &mut Call<'_>, value: Value) -> Result<Cursor, Fault> {
    let ty = match value {
        Value::Null => return Err(Fault::null_reference()),
        Value::Text { .. } => return Ok(Cursor::Items { of: value, at: 0, version: 0 }),
        Value::Object(handle) => match cx.heap.get(handle) {
            Object::Array { .. } | Object::Grid { .. } | Object::Bytes(_) => {
                return Ok(Cursor::Items { of: value, at: 0, version: 0 });
            }
            Object::List { version, .. } => return Ok(Cursor::Items { of: value, at: 0, version: *version }),
            Object::Extension { ty, object } => {
                if let Some(sequence) = object.get::<Sequence>() {
                    let sequence = sequence.clone();
                    return begin(cx, sequence);
                }
                *ty
            }
            _ if cx.heap.str(value).is_some() => return Ok(Cursor::Items { of: value, at: 0, version: 0 }),
            _ => cx.heap.type_of(value),
        },
        _ => cx.heap.type_of(value),
    };
    // What `GetEnumerator()` answered is enumerated itself: `foreach` over a type that has several enumerations.
    if let Some(enumerator) = cx.heap.extension_mut::<Enumerator>(value) {
        return Ok(enumerator.cursor.take().unwrap_or(Cursor::Done));
    }
    if let Some(map) = crate::dotnet::context::maps::dictionary(cx, value)? {
        return start(cx, map);
    }
    // Whoever sees a JSON token as a sequence sees its children; where the text says pairs, it asked for them (`typed/pairs.rs`).
    if super::json::token::is_token(cx, value) {
        return super::json::children(cx, value);
    }
    let Some((native, declaring)) = find_member(ty, Form::Method, "GetEnumerator", 0) else {
        return Err(Fault::invalid_cast(&ty.clr_name(), "System.Collections.IEnumerable"));
    };
    let made = call_native(cx, native.0, declaring, types::object(), &[value])?;
    match cx.heap.extension_mut::<Enumerator>(made) {
        Some(enumerator) => Ok(enumerator.cursor.take().unwrap_or(Cursor::Done)),
        None => Err(Fault::invalid_cast(&ty.clr_name(), "System.Collections.IEnumerable")),
    }
}

/// Begins an enumeration of a query.
fn begin(cx: &mut Call<'_>, sequence: Sequence) -> Result<Cursor, Fault> {
    cx.heap.enter()?;
    let cursor = match sequence {
        Sequence::Query { start, .. } => start(cx),
        Sequence::Staged { source, stages } => {
            start(cx, source).map(|source| Cursor::Staged(Box::new((source, stages))))
        }
    };
    cx.heap.leave();
    cursor
}

/// An enumerator object over a cursor.
pub fn enumerator(cx: &mut Call<'_>, ty: TypeId, cursor: Cursor) -> Result<Value, Fault> {
    let of = if let Cursor::Items { of, version, .. } = cursor { Some((of, version)) } else { None };
    cx.heap.new_extension(ty, Enumerator { cursor: Some(cursor), of, current: Value::Null, place: Place::Before })
}

/// `Reset()`: only what is read in place has a start to go back to.
pub fn reset(cx: &mut Call<'_>, enumerator: Value) -> Result<(), Fault> {
    let of = cx.this::<Enumerator>(enumerator)?.of;
    let (of, version) = of.ok_or_else(|| Fault::not_supported("Specified method is not supported."))?;
    if let Value::Object(handle) = of
        && let Object::List { version: now, .. } = cx.heap.get(handle)
        && *now != version
    {
        return Err(modified());
    }
    let this = cx.this_mut::<Enumerator>(enumerator)?;
    this.cursor = Some(Cursor::Items { of, at: 0, version });
    this.current = Value::Null;
    this.place = Place::Before;
    Ok(())
}

/// `value.GetEnumerator()`.
pub fn get_enumerator(cx: &mut Call<'_>, value: Value) -> Result<Value, Fault> {
    if cx.heap.extension::<Enumerator>(value).is_some() {
        return Ok(value);
    }
    let cursor = start(cx, value)?;
    enumerator(cx, enumerator_type(), cursor)
}

/// `MoveNext()` and `Current` in one.
pub fn move_next(cx: &mut Call<'_>, enumerator: Value) -> Result<Option<Value>, Fault> {
    let this = cx.this_mut::<Enumerator>(enumerator)?;
    let Some(mut cursor) = this.cursor.take() else {
        return Err(modified());
    };
    let next = cursor.next(cx);
    let this = cx.this_mut::<Enumerator>(enumerator)?;
    this.cursor = Some(cursor);
    let next = next?;
    this.current = next.unwrap_or(Value::Null);
    this.place = if next.is_some() { Place::At } else { Place::Behind };
    Ok(next)
}

/// The element that the last `MoveNext()` reached.
pub fn current(cx: &Call<'_>, enumerator: Value) -> Result<Value, Fault> {
    Ok(cx.this::<Enumerator>(enumerator)?.current)
}

/// Where an enumerator stands, and whether it reads an array or a text in place.
pub fn place(cx: &Call<'_>, enumerator: Value) -> Result<(Place, bool), Fault> {
    let this = cx.this::<Enumerator>(enumerator)?;
    let in_place = this.of.is_some_and(|(of, _)| {
        cx.heap.is_str(of)
            || matches!(of, Value::Object(of) if matches!(cx.heap.get(of), Object::Array { .. } | Object::Grid { .. } | Object::Bytes(_)))
    });
    Ok((this.place, in_place))
}

/// A deferred query of this interface type (`IEnumerable<int>`, `IOrderedEnumerable<string>`).
pub fn sequence(
    cx: &mut Call<'_>,
    ty: TypeId,
    start: impl Fn(&mut Call<'_>) -> Result<Cursor, Fault> + Send + Sync + 'static,
) -> Result<Value, Fault> {
    cx.heap.charge(64)?;
    cx.heap.new_extension(ty, Sequence::Query { start: Arc::new(start), shape: None })
}

/// A deferred query that [`shape`] tells more of.
pub fn shaped<T: Any + Send + Sync>(
    cx: &mut Call<'_>,
    ty: TypeId,
    shape: Arc<T>,
    start: impl Fn(&mut Call<'_>) -> Result<Cursor, Fault> + Send + Sync + 'static,
) -> Result<Value, Fault> {
    cx.heap.charge(64 + size_of::<T>())?;
    cx.heap.new_extension(ty, Sequence::Query { start: Arc::new(start), shape: Some(shape) })
}

/// What the maker of a deferred query knows of it.
pub fn shape<'a, T: Any>(cx: &'a Call<'_>, value: Value) -> Option<&'a T> {
    match cx.heap.extension::<Sequence>(value)? {
        Sequence::Query { shape, .. } => shape.as_ref()?.downcast_ref(),
        Sequence::Staged { .. } => None,
    }
}

/// A deferred query that gives the elements of another sequence to a lambda.
pub fn staged(cx: &mut Call<'_>, ty: TypeId, source: Value, stage: Stage) -> Result<Value, Fault> {
    let (source, mut stages) = match cx.heap.extension::<Sequence>(source) {
        Some(Sequence::Staged { source, stages }) if stages.len() < MOST_STAGES => (*source, stages.clone()),
        _ => (source, Stages::new()),
    };
    stages.push(stage);
    cx.heap.charge(stages.len() * size_of::<Stage>())?;
    cx.heap.new_extension(ty, Sequence::Staged { source, stages })
}

/// Longer queries are nested in each other: each keeps its stages.
const MOST_STAGES: usize = 16;

/// What an iterator of C# (`yield return`) answers: a sequence whose enumerations each run its body anew.
pub fn iterate(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let (ty, body) = (cx.returns, args[0]);
    sequence(cx, ty, move |cx| {
        let mut state = cx.host.begin_iterator(cx.heap, body)?;
        Ok(Cursor::new(move |cx| cx.host.advance(cx.heap, cx.exchange, &mut *state)))
    })
}

/// What an iterator of C# answers that is an enumerator: its body runs once.
pub fn iterate_once(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let ty = cx.returns;
    let mut state = cx.host.begin_iterator(cx.heap, args[0])?;
    let cursor = Cursor::new(move |cx| cx.host.advance(cx.heap, cx.exchange, &mut *state));
    enumerator(cx, ty, cursor)
}

/// `Dispose()`: what is left of an enumeration is not asked for.
pub fn close(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    // Enumerators of collections hold nothing, and go on.
    if let Some(enumerator) = cx.heap.extension_mut::<Enumerator>(args[0])
        && matches!(enumerator.cursor, Some(Cursor::Step(_) | Cursor::Staged(_)))
    {
        enumerator.cursor = Some(Cursor::Done);
    }
    Ok(Value::Null)
}

/// What a `foreach` runs over when its end must be told: an enumerator.
pub fn open(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    get_enumerator(cx, args[0])
}

/// `IEnumerable<element>`.
pub fn enumerable_of(element: TypeId) -> TypeId {
    TypeId::generic("System.Collections.Generic.IEnumerable", &[element])
}

/// `IEnumerator<object>`, where nobody looks at the type.
fn enumerator_type() -> TypeId {
    static ID: std::sync::LazyLock<TypeId> =
        std::sync::LazyLock::new(|| TypeId::generic("System.Collections.Generic.IEnumerator", &[types::object()]));
    *ID
}

/// Whether a value is computed anew each time that it is enumerated.
pub fn is_deferred(cx: &Call<'_>, value: Value) -> bool {
    cx.heap.extension::<Sequence>(value).is_some()
}

/// Whether a value can be enumerated.
pub fn is_enumerable(cx: &Call<'_>, value: Value) -> bool {
    let Value::Object(handle) = value else {
        return cx.heap.is_str(value)
            || !value.is_null() && find_member(cx.heap.type_of(value), Form::Method, "GetEnumerator", 0).is_some();
    };
    match cx.heap.get(handle) {
        Object::Array { .. } | Object::Grid { .. } | Object::Bytes(_) | Object::List { .. } => true,
        Object::Extension { ty, object } => {
            object.is::<Sequence>() || find_member(*ty, Form::Method, "GetEnumerator", 0).is_some()
        }
        _ => cx.heap.str(value).is_some(),
    }
}

/// All elements, in memory that is charged as it grows.
pub fn collect(cx: &mut Call<'_>, value: Value) -> Result<Vec<Value>, Fault> {
    if let Some(items) = cx.heap.items(value) {
        let len = items.len();
        cx.charge_fuel(len / 4)?;
        cx.heap.charge(len * size_of::<Value>())?;
        return Ok(cx.heap.items(value).unwrap_or_default().to_vec());
    }
    let mut cursor = start(cx, value)?;
    drain(cx, &mut cursor)
}

/// Room for so many elements is made before they are there.
const MOST_GUESSED: usize = 16;

/// So many elements are given to the lambdas of a query at once.
const BATCH: usize = 32;

/// Gives the elements of a collection to the lambdas of a query together, as long as nobody can tell: they then cost neither
/// a search for the lambda nor a call through the machine.
fn pass_batches(
    cx: &mut Call<'_>,
    (source, stages): &mut (Cursor, Stages),
    items: &mut Vec<Value>,
) -> Result<(), Fault> {
    let Cursor::Items { of: Value::Object(of), at, version } = source else { return Ok(()) };
    let mut batch = [Value::Null; BATCH];
    loop {
        let all = match cx.heap.get(*of) {
            Object::Array { items, .. } => items,
            Object::List { items, version: now, .. } if now == version => items,
            _ => return Ok(()),
        };
        let rest = &all[(*at).min(all.len())..];
        let count = rest.len().min(BATCH);
        if count == 0 {
            return Ok(());
        }
        batch[..count].copy_from_slice(&rest[..count]);
        let before = items.len();
        if items.capacity() - items.len() < count {
            cx.heap.room(2 * (items.len() + count) * size_of::<Value>())?;
        }
        if !cx.host.pass_all(cx.heap, cx.exchange, stages, &batch[..count], items)? {
            return Ok(());
        }
        cx.heap.charge((items.len() - before) * size_of::<Value>())?;
        *at += count;
    }
}

/// What is left of an enumeration.
pub fn drain(cx: &mut Call<'_>, cursor: &mut Cursor) -> Result<Vec<Value>, Fault> {
    // Mostly there are a few: room for them at once spares growing by and by.
    let mut items = Vec::with_capacity(cursor.size(cx).unwrap_or(MOST_GUESSED).min(MOST_GUESSED));
    if let Cursor::Staged(staged) = cursor {
        cx.heap.enter()?;
        let passed = pass_batches(cx, staged, &mut items);
        cx.heap.leave();
        passed?;
    }
    while let Some(item) = cursor.next(cx)? {
        cx.heap.charge(size_of::<Value>())?;
        if items.len() == items.capacity() {
            cx.heap.room(2 * items.len() * size_of::<Value>())?;
        }
        items.push(item);
    }
    Ok(items)
}

// ---- members found at run time ---------------------------------------------------------------------------------------

/// The code of a member of a run-time type or its base classes, with the instantiated type that declares it. Parameters
/// are counted without the receiver; a property has none. The second native of the pair is the setter.
pub fn find_member(
    ty: TypeId,
    form: Form,
    name: &str,
    parameters: usize,
) -> Option<((Native, Option<Native>), TypeId)> {
    let mut ty = match ty.get() {
        Type::Array(..) => TypeId::named("System.Array"),
        _ => ty,
    };
    loop {
        let def = ty.def()?;
        for member in def.members() {
            if member.row.form == form
                && !member.row.is_static
                && member.name == name
                && member.parameters.len() == parameters
            {
                match member.row.code {
                    Code::Native(native) => return Some(((native, None), ty)),
                    Code::GetSet(get, set) => return Some(((get, Some(set)), ty)),
                    _ => {}
                }
            }
        }
        ty = substitute(def.base_type()?, ty.arguments(), &[]);
    }
}

/// Calls a member's code as the VM would, for a receiver of this declaring type.
pub fn call_native(
    cx: &mut Call<'_>,
    native: Native,
    declaring: TypeId,
    returns: TypeId,
    args: &[Value],
) -> Result<Value, Fault> {
    let mut inner = Call {
        heap: &mut *cx.heap,
        exchange: &mut *cx.exchange,
        host: &mut *cx.host,
        type_arguments: declaring.arguments(),
        returns,
        outs: &mut *cx.outs,
    };
    native(&mut inner, args)
}
