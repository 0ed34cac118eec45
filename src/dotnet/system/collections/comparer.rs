//! Equality and order as a comparer object, or no comparer, defines them; `IEqualityComparer`, `IComparer` and `IComparable`.

use crate::dotnet::call::Call;
use crate::dotnet::fault::{Fault, Limit};
use crate::dotnet::heap::{Object, Str};
use crate::dotnet::member::{Form, Kind, Native, TypeDef, method};
use crate::dotnet::system::enumerate::{call_native, find_member};
use crate::dotnet::system::object;
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::Value;
use std::cmp::Ordering;

pub static IEQUALITY_COMPARER: TypeDef = TypeDef::new(
    "System.Collections.Generic.IEqualityComparer",
    Kind::Interface,
    &[&[
        method("bool Equals(T x, T y)", |cx, args| {
            Ok(Value::Bool(Equality::new(cx, args[0]).equals(cx, args[1], args[2])?))
        }),
        method("int GetHashCode(T obj)", |cx, args| {
            Ok(Value::Int32(Equality::new(cx, args[0]).hash(cx, args[1])? as i32))
        }),
    ]],
)
.parameters(&["in T"])
.off_list();

pub static ICOMPARER: TypeDef = TypeDef::new(
    "System.Collections.Generic.IComparer",
    Kind::Interface,
    &[&[method("int Compare(T x, T y)", |cx, args| {
        Ok(Value::Int32(Order::new(cx, args[0]).difference(cx, args[1], args[2])?))
    })]],
)
.parameters(&["in T"])
.off_list();

pub static PLAIN_ICOMPARER: TypeDef = TypeDef::new(
    "System.Collections.IComparer",
    Kind::Interface,
    &[&[method("int Compare(object x, object y)", |cx, args| {
        Ok(Value::Int32(Order::new(cx, args[0]).difference(cx, args[1], args[2])?))
    })]],
)
.off_list();

/// How keys are told apart.
#[derive(Clone, Copy, Debug, Default)]
pub struct Equality {
    custom: Option<(Native, Native, TypeId)>,
    /// The comparer object; null for the default.
    comparer: Option<Value>,
}

impl Equality {
    /// The equality of an `IEqualityComparer` object; null is the default equality.
    pub fn new(cx: &Call<'_>, comparer: Value) -> Equality {
        if comparer.is_null() {
            return Equality::default();
        }
        let ty = cx.heap.type_of(comparer);
        let equals = find_member(ty, Form::Method, "Equals", 2);
        let hash = find_member(ty, Form::Method, "GetHashCode", 1);
        match (equals, hash) {
            (Some((equals, declaring)), Some((hash, _))) => {
                Equality { custom: Some((equals.0, hash.0, declaring)), comparer: Some(comparer) }
            }
            _ => Equality { custom: None, comparer: Some(comparer) },
        }
    }

    /// Whether both are the default, or made of the same comparer object.
    pub fn is(self, other: Equality) -> bool {
        match (self.object(), other.object()) {
            (Value::Null, Value::Null) => true,
            (Value::Object(a), Value::Object(b)) => a == b,
            _ => false,
        }
    }

    /// The comparer object that this was made of, or null.
    pub fn object(self) -> Value {
        self.comparer.unwrap_or(Value::Null)
    }

    pub fn equals(self, cx: &mut Call<'_>, a: Value, b: Value) -> Result<bool, Fault> {
        match (self.custom, self.comparer) {
            (Some((equals, _, declaring)), Some(comparer)) => {
                let answer = call_native(cx, equals, declaring, types::boolean(), &[comparer, a, b])?;
                Ok(matches!(answer, Value::Bool(true)))
            }
            _ => equals(cx, a, b),
        }
    }

    pub fn hash(self, cx: &mut Call<'_>, value: Value) -> Result<u64, Fault> {
        match (self.custom, self.comparer) {
            (Some((_, hash, declaring)), Some(comparer)) if !value.is_null() => {
                let hash = call_native(cx, hash, declaring, types::int32(), &[comparer, value])?;
                Ok(spread(hash.integer().unwrap_or_default() as u64))
            }
            (Some(_), _) => Ok(0),
            _ => hash(cx, value),
        }
    }
}

/// `EqualityComparer<T>.Default.Equals`.
pub fn equals(cx: &mut Call<'_>, a: Value, b: Value) -> Result<bool, Fault> {
    match (a, b) {
        (Value::Null, other) | (other, Value::Null) => Ok(other.is_null()),
        (Value::Int32(a), Value::Int32(b)) => Ok(a == b),
        (Value::Char(a), Value::Char(b)) => Ok(a == b),
        _ => match (cx.heap.str(a), cx.heap.str(b)) {
            (Some(a), Some(b)) => Ok(a.eq_ordinal(b)),
            (None, None) => object::equals(cx, a, b),
            _ => Ok(false),
        },
    }
}

/// A hash that agrees with [`equals`].
pub fn hash(cx: &mut Call<'_>, value: Value) -> Result<u64, Fault> {
    match value {
        Value::Null => Ok(0),
        Value::Int32(v) => Ok(spread(v as u32 as u64)),
        Value::Char(v) => Ok(spread(u64::from(v))),
        _ => match cx.heap.str(value) {
            Some(text) => {
                let hash = hash_text(text);
                let len = text.len();
                cx.charge_fuel(len / 16)?;
                Ok(hash)
            }
            None => Ok(spread(object::hash(cx, value)? as u32 as u64)),
        },
    }
}

fn spread(v: u64) -> u64 {
    let v = v.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    v ^ (v >> 29)
}

fn hash_text(text: Str<'_>) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for unit in text.units() {
        hash = (hash ^ u64::from(unit)).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(5);
    }
    spread(hash)
}

/// How elements are ordered: by a comparer object, by a `Comparison<T>` delegate, or as they themselves say.
#[derive(Clone, Copy, Debug)]
pub enum Order {
    Natural,
    Comparer(Native, TypeId, Value),
    Delegate(Value),
}

impl Order {
    /// The order of an `IComparer` object; null is the natural order.
    pub fn new(cx: &Call<'_>, comparer: Value) -> Order {
        if comparer.is_null() {
            return Order::Natural;
        }
        match find_member(cx.heap.type_of(comparer), Form::Method, "Compare", 2) {
            Some((native, declaring)) => Order::Comparer(native.0, declaring, comparer),
            None => Order::Natural,
        }
    }

    pub fn compare(self, cx: &mut Call<'_>, a: Value, b: Value) -> Result<Ordering, Fault> {
        if let Order::Natural = self {
            return compare(cx, a, b);
        }
        Ok(self.difference(cx, a, b)?.cmp(&0))
    }

    /// The number that the comparer answers: its size may tell more than the order.
    pub fn difference(self, cx: &mut Call<'_>, a: Value, b: Value) -> Result<i32, Fault> {
        let answer = match self {
            Order::Natural => return difference(cx, a, b),
            Order::Comparer(native, declaring, comparer) => {
                call_native(cx, native, declaring, types::int32(), &[comparer, a, b])?
            }
            Order::Delegate(delegate) => cx.invoke(delegate, &[a, b])?,
        };
        Ok(answer.integer().unwrap_or_default() as i32)
    }
}

/// What `CompareTo` answers: small numbers and characters subtract.
pub fn difference(cx: &mut Call<'_>, a: Value, b: Value) -> Result<i32, Fault> {
    Ok(match (a, b) {
        (Value::Char(a) | Value::UInt16(a), Value::Char(b) | Value::UInt16(b)) => i32::from(a) - i32::from(b),
        (Value::Byte(a), Value::Byte(b)) => i32::from(a) - i32::from(b),
        (Value::SByte(a), Value::SByte(b)) => i32::from(a) - i32::from(b),
        (Value::Int16(a), Value::Int16(b)) => i32::from(a) - i32::from(b),
        _ => compare(cx, a, b)? as i32,
    })
}

/// `Comparer<T>.Default.Compare`: null comes first.
pub fn compare(cx: &mut Call<'_>, a: Value, b: Value) -> Result<Ordering, Fault> {
    match (a, b) {
        (Value::Null, Value::Null) => Ok(Ordering::Equal),
        (Value::Null, _) => Ok(Ordering::Less),
        (_, Value::Null) => Ok(Ordering::Greater),
        (Value::Int32(a), Value::Int32(b)) => Ok(a.cmp(&b)),
        _ => object::compare(cx, a, b),
    }
}

/// What a sort or a search makes of a comparison that fails.
pub fn failed(cx: &mut Call<'_>, fault: Fault) -> Fault {
    let message = "Failed to compare two elements in the array.";
    match fault {
        Fault::Throw(inner) => Fault::throw_with("System.InvalidOperationException", message, *inner),
        Fault::Rethrow(inner) => match cx.heap.exception(Fault::invalid_operation(message)) {
            Ok(made) => {
                if let Value::Object(handle) = made
                    && let Object::Exception(exception) = cx.heap.get_mut(handle)
                {
                    exception.inner = Some(inner);
                }
                Fault::Rethrow(made)
            }
            Err(limit) => Fault::Limit(limit),
        },
        other => other,
    }
}

/// `Array.Sort` and `List<T>.Sort`: the same introspective sort as .NET's, so that equal elements end where they end there.
/// `items` move along with their keys.
pub fn sort(cx: &mut Call<'_>, keys: &mut [Value], items: Option<&mut [Value]>, order: Order) -> Result<(), Fault> {
    let len = keys.len();
    let mut sorter = Sorter { cx, keys, items, order };
    if len >= 2 {
        let limit = 2 * (usize::BITS - len.leading_zeros()) as usize;
        if let Err(fault) = sorter.intro(0, len - 1, limit) {
            return Err(failed(sorter.cx, fault));
        }
    }
    Ok(())
}

struct Sorter<'s, 'c> {
    cx: &'s mut Call<'c>,
    keys: &'s mut [Value],
    items: Option<&'s mut [Value]>,
    order: Order,
}

impl Sorter<'_, '_> {
    fn less(&mut self, a: Value, b: Value) -> Result<bool, Fault> {
        self.cx.charge_fuel(1)?;
        Ok(self.order.compare(self.cx, a, b)?.is_lt())
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.keys.swap(a, b);
        if let Some(items) = &mut self.items {
            items.swap(a, b);
        }
    }

    fn swap_if_greater(&mut self, a: usize, b: usize) -> Result<(), Fault> {
        if a != b {
            self.cx.charge_fuel(1)?;
            if self.order.compare(self.cx, self.keys[a], self.keys[b])?.is_gt() {
                self.swap(a, b);
            }
        }
        Ok(())
    }

    fn intro(&mut self, low: usize, mut high: usize, mut limit: usize) -> Result<(), Fault> {
        while high > low {
            match high - low + 1 {
                2 => return self.swap_if_greater(low, high),
                3 => {
                    self.swap_if_greater(low, high - 1)?;
                    self.swap_if_greater(low, high)?;
                    return self.swap_if_greater(high - 1, high);
                }
                4..=16 => return self.insertion(low, high),
                _ => {}
            }
            if limit == 0 {
                return self.heap(low, high);
            }
            limit -= 1;
            let pivot = self.partition(low, high)?;
            self.intro(pivot + 1, high, limit)?;
            if pivot == 0 {
                return Ok(());
            }
            high = pivot - 1;
        }
        Ok(())
    }

    fn partition(&mut self, low: usize, high: usize) -> Result<usize, Fault> {
        let middle = low + (high - low) / 2;
        self.swap_if_greater(low, middle)?;
        self.swap_if_greater(low, high)?;
        self.swap_if_greater(middle, high)?;
        let pivot = self.keys[middle];
        self.swap(middle, high - 1);
        let (mut left, mut right) = (low, high - 1);
        while left < right {
            loop {
                left += 1;
                if left >= self.keys.len() {
                    return Err(inconsistent());
                }
                if !self.less(self.keys[left], pivot)? {
                    break;
                }
            }
            loop {
                right = right.checked_sub(1).ok_or_else(inconsistent)?;
                if !self.less(pivot, self.keys[right])? {
                    break;
                }
            }
            if left >= right {
                break;
            }
            self.swap(left, right);
        }
        if left != high - 1 {
            self.swap(left.min(high), high - 1);
        }
        Ok(left.min(high))
    }

    fn insertion(&mut self, low: usize, high: usize) -> Result<(), Fault> {
        for at in low..high {
            let mut to = at + 1;
            let moving = self.keys[at + 1];
            while to > low && self.less(moving, self.keys[to - 1])? {
                to -= 1;
            }
            self.keys[to..=at + 1].rotate_right(1);
            if let Some(items) = &mut self.items {
                items[to..=at + 1].rotate_right(1);
            }
        }
        Ok(())
    }

    fn heap(&mut self, low: usize, high: usize) -> Result<(), Fault> {
        let len = high - low + 1;
        for at in (1..=len / 2).rev() {
            self.sift(at, len, low)?;
        }
        for at in (2..=len).rev() {
            self.swap(low, low + at - 1);
            self.sift(1, at - 1, low)?;
        }
        Ok(())
    }

    fn sift(&mut self, mut at: usize, len: usize, low: usize) -> Result<(), Fault> {
        while at <= len / 2 {
            let mut child = 2 * at;
            if child < len && self.less(self.keys[low + child - 1], self.keys[low + child])? {
                child += 1;
            }
            if !self.less(self.keys[low + at - 1], self.keys[low + child - 1])? {
                return Ok(());
            }
            self.swap(low + at - 1, low + child - 1);
            at = child;
        }
        Ok(())
    }
}

fn inconsistent() -> Fault {
    Fault::throw(
        "System.ArgumentException",
        "Unable to sort because the IComparer.Compare() method returns inconsistent results. Either a value does not \
         compare equal to itself, or one value repeatedly compared to another value yields different results.",
    )
}

/// A stable sort of positions, as `OrderBy` sorts; `order` compares two positions.
pub fn stable(
    cx: &mut Call<'_>,
    len: usize,
    mut order: impl FnMut(&mut Call<'_>, usize, usize) -> Result<Ordering, Fault>,
) -> Result<Vec<usize>, Fault> {
    cx.heap.charge(len * size_of::<usize>())?;
    cx.charge_fuel(len.saturating_mul(usize::BITS as usize - len.leading_zeros() as usize))?;
    let mut fault = None;
    let mut positions: Vec<usize> = (0..len).collect();
    positions.sort_by(|&a, &b| match fault {
        Some(_) => Ordering::Equal,
        None => order(cx, a, b).unwrap_or_else(|f| {
            fault = Some(f);
            Ordering::Equal
        }),
    });
    match fault {
        Some(fault) => Err(fault),
        None => Ok(positions),
    }
}

/// A size that an argument asks for, bounded by what an array may have. Who makes room for it charges that.
pub fn reserve(count: i64, parameter: &str) -> Result<usize, Fault> {
    if count < 0 {
        return Err(Fault::out_of_range("Non-negative number required.", parameter));
    }
    let count = usize::try_from(count).map_err(|_| Fault::Limit(Limit::Memory))?;
    // What no array of .NET may have.
    if count > 0x7FEF_FFFF {
        return Err(Fault::throw("System.OutOfMemoryException", "Array dimensions exceeded supported range."));
    }
    Ok(count)
}
