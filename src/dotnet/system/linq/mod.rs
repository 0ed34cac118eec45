//! `System.Linq.Enumerable`: queries over anything enumerable, deferred where .NET defers them.
//!
//! The rows are here; [`lazy`] makes sequences from sequences ([`partition`] those
//! whose elements have places), [`order`] sorts, [`group`] groups and joins, [`reduce`]
//! makes one value, list or dictionary of a sequence.

pub mod classes;
mod group;
mod lazy;
pub mod order;
mod partition;
mod reduce;

use super::enumerate;
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, Row, TypeDef, static_method};
use crate::dotnet::value::Value;

pub static TYPES: &[&TypeDef] = &[&ENUMERABLE, &group::IGROUPING, &group::ILOOKUP, &order::IORDERED_ENUMERABLE];

static ENUMERABLE: TypeDef =
    TypeDef::new("System.Linq.Enumerable", Kind::Static, &[LAZY, ORDERING, GROUPING, REDUCING]);

const NULL: Value = Value::Null;

/// An argument that must not be null.
fn given(value: Value, parameter: &str) -> Result<Value, Fault> {
    if value.is_null() { Err(Fault::argument_null(parameter)) } else { Ok(value) }
}

/// A source and what tests its elements, both given.
fn with_predicate(args: &[Value]) -> Result<[Value; 2], Fault> {
    Ok([given(args[0], "source")?, given(args[1], "predicate")?])
}

/// Begins to enumerate `source`.
fn start(cx: &mut Call<'_>, source: Value) -> Result<enumerate::Cursor, Fault> {
    enumerate::start(cx, given(source, "source")?)
}

fn no_elements() -> Fault {
    Fault::invalid_operation("Sequence contains no elements")
}

const LAZY: &[Row] = &[
    static_method(
        "IEnumerable<TSource> Append<TSource>(this IEnumerable<TSource> source, TSource element)",
        lazy::append,
    ),
    static_method("IEnumerable<TSource> AsEnumerable<TSource>(this IEnumerable<TSource> source)", lazy::as_enumerable),
    static_method("IEnumerable<TResult> Cast<TResult>(this IEnumerable source)", lazy::cast),
    static_method(
        "IEnumerable<TSource> Concat<TSource>(this IEnumerable<TSource> first, IEnumerable<TSource> second)",
        lazy::concat,
    ),
    static_method("IEnumerable<TSource> DefaultIfEmpty<TSource>(this IEnumerable<TSource> source)", |cx, a| {
        lazy::default_if_empty(cx, a[0], a.get(1).copied())
    }),
    static_method(
        "IEnumerable<TSource> DefaultIfEmpty<TSource>(this IEnumerable<TSource> source, TSource defaultValue)",
        |cx, a| lazy::default_if_empty(cx, a[0], a.get(1).copied()),
    ),
    static_method("IEnumerable<TSource> Distinct<TSource>(this IEnumerable<TSource> source)", |cx, a| {
        lazy::distinct(cx, a[0], NULL)
    }),
    static_method(
        "IEnumerable<TSource> Distinct<TSource>(this IEnumerable<TSource> source, IEqualityComparer<TSource> comparer)",
        |cx, a| lazy::distinct(cx, a[0], a[1]),
    ),
    static_method("IEnumerable<TResult> Empty<TResult>()", lazy::empty),
    static_method(
        "IEnumerable<TSource> Except<TSource>(this IEnumerable<TSource> first, IEnumerable<TSource> second)",
        |cx, a| lazy::except(cx, a[0], a[1], NULL),
    ),
    static_method(
        "IEnumerable<TSource> Except<TSource>(this IEnumerable<TSource> first, IEnumerable<TSource> second, IEqualityComparer<TSource> comparer)",
        |cx, a| lazy::except(cx, a[0], a[1], a[2]),
    ),
    static_method(
        "IEnumerable<TSource> Intersect<TSource>(this IEnumerable<TSource> first, IEnumerable<TSource> second)",
        |cx, a| lazy::intersect(cx, a[0], a[1], NULL),
    ),
    static_method(
        "IEnumerable<TSource> Intersect<TSource>(this IEnumerable<TSource> first, IEnumerable<TSource> second, IEqualityComparer<TSource> comparer)",
        |cx, a| lazy::intersect(cx, a[0], a[1], a[2]),
    ),
    static_method("IEnumerable<TResult> OfType<TResult>(this IEnumerable source)", lazy::of_type),
    static_method(
        "IEnumerable<TSource> Prepend<TSource>(this IEnumerable<TSource> source, TSource element)",
        lazy::prepend,
    ),
    static_method("IEnumerable<int> Range(int start, int count)", lazy::range),
    static_method("IEnumerable<TResult> Repeat<TResult>(TResult element, int count)", lazy::repeat),
    static_method("IEnumerable<TSource> Reverse<TSource>(this IEnumerable<TSource> source)", lazy::reverse),
    static_method(
        "IEnumerable<TResult> Select<TSource, TResult>(this IEnumerable<TSource> source, Func<TSource, TResult> selector)",
        |cx, a| lazy::select(cx, a[0], a[1], false),
    ),
    static_method(
        "IEnumerable<TResult> Select<TSource, TResult>(this IEnumerable<TSource> source, Func<TSource, int, TResult> selector)",
        |cx, a| lazy::select(cx, a[0], a[1], true),
    ),
    static_method(
        "IEnumerable<TResult> SelectMany<TSource, TResult>(this IEnumerable<TSource> source, Func<TSource, IEnumerable<TResult>> selector)",
        |cx, a| lazy::select_many(cx, a[0], a[1], NULL, false),
    ),
    static_method(
        "IEnumerable<TResult> SelectMany<TSource, TResult>(this IEnumerable<TSource> source, Func<TSource, int, IEnumerable<TResult>> selector)",
        |cx, a| lazy::select_many(cx, a[0], a[1], NULL, true),
    ),
    static_method(
        "IEnumerable<TResult> SelectMany<TSource, TCollection, TResult>(this IEnumerable<TSource> source, Func<TSource, int, IEnumerable<TCollection>> collectionSelector, Func<TSource, TCollection, TResult> resultSelector)",
        |cx, a| lazy::select_many(cx, a[0], a[1], a[2], true),
    ),
    static_method(
        "IEnumerable<TResult> SelectMany<TSource, TCollection, TResult>(this IEnumerable<TSource> source, Func<TSource, IEnumerable<TCollection>> collectionSelector, Func<TSource, TCollection, TResult> resultSelector)",
        |cx, a| lazy::select_many(cx, a[0], a[1], a[2], false),
    ),
    static_method("IEnumerable<TSource> Skip<TSource>(this IEnumerable<TSource> source, int count)", lazy::skip),
    static_method(
        "IEnumerable<TSource> SkipLast<TSource>(this IEnumerable<TSource> source, int count)",
        lazy::skip_last,
    ),
    static_method(
        "IEnumerable<TSource> SkipWhile<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
        |cx, a| lazy::skip_while(cx, a[0], a[1], false),
    ),
    static_method(
        "IEnumerable<TSource> SkipWhile<TSource>(this IEnumerable<TSource> source, Func<TSource, int, bool> predicate)",
        |cx, a| lazy::skip_while(cx, a[0], a[1], true),
    ),
    static_method("IEnumerable<TSource> Take<TSource>(this IEnumerable<TSource> source, int count)", lazy::take),
    static_method(
        "IEnumerable<TSource> TakeLast<TSource>(this IEnumerable<TSource> source, int count)",
        lazy::take_last,
    ),
    static_method(
        "IEnumerable<TSource> TakeWhile<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
        |cx, a| lazy::take_while(cx, a[0], a[1], false),
    ),
    static_method(
        "IEnumerable<TSource> TakeWhile<TSource>(this IEnumerable<TSource> source, Func<TSource, int, bool> predicate)",
        |cx, a| lazy::take_while(cx, a[0], a[1], true),
    ),
    static_method(
        "IEnumerable<TSource> Union<TSource>(this IEnumerable<TSource> first, IEnumerable<TSource> second)",
        |cx, a| lazy::union(cx, a[0], a[1], NULL),
    ),
    static_method(
        "IEnumerable<TSource> Union<TSource>(this IEnumerable<TSource> first, IEnumerable<TSource> second, IEqualityComparer<TSource> comparer)",
        |cx, a| lazy::union(cx, a[0], a[1], a[2]),
    ),
    static_method(
        "IEnumerable<TSource> Where<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
        |cx, a| lazy::filter(cx, a[0], a[1], false),
    ),
    static_method(
        "IEnumerable<TSource> Where<TSource>(this IEnumerable<TSource> source, Func<TSource, int, bool> predicate)",
        |cx, a| lazy::filter(cx, a[0], a[1], true),
    ),
    static_method(
        "IEnumerable<TResult> Zip<TFirst, TSecond, TResult>(this IEnumerable<TFirst> first, IEnumerable<TSecond> second, Func<TFirst, TSecond, TResult> resultSelector)",
        |cx, a| lazy::zip(cx, a[0], a[1], Some(a[2])),
    ),
    static_method(
        "IEnumerable<ValueTuple<TFirst, TSecond>> Zip<TFirst, TSecond>(this IEnumerable<TFirst> first, IEnumerable<TSecond> second)",
        |cx, a| lazy::zip(cx, a[0], a[1], None),
    ),
];

const ORDERING: &[Row] = &[
    static_method(
        "IOrderedEnumerable<TSource> OrderBy<TSource, TKey>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector)",
        |cx, a| order::order_by(cx, a[0], a[1], NULL, false),
    ),
    static_method(
        "IOrderedEnumerable<TSource> OrderBy<TSource, TKey>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, IComparer<TKey> comparer)",
        |cx, a| order::order_by(cx, a[0], a[1], a[2], false),
    ),
    static_method(
        "IOrderedEnumerable<TSource> OrderByDescending<TSource, TKey>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector)",
        |cx, a| order::order_by(cx, a[0], a[1], NULL, true),
    ),
    static_method(
        "IOrderedEnumerable<TSource> OrderByDescending<TSource, TKey>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, IComparer<TKey> comparer)",
        |cx, a| order::order_by(cx, a[0], a[1], a[2], true),
    ),
    static_method(
        "IOrderedEnumerable<TSource> ThenBy<TSource, TKey>(this IOrderedEnumerable<TSource> source, Func<TSource, TKey> keySelector)",
        |cx, a| order::then_by(cx, a[0], a[1], NULL, false),
    ),
    static_method(
        "IOrderedEnumerable<TSource> ThenBy<TSource, TKey>(this IOrderedEnumerable<TSource> source, Func<TSource, TKey> keySelector, IComparer<TKey> comparer)",
        |cx, a| order::then_by(cx, a[0], a[1], a[2], false),
    ),
    static_method(
        "IOrderedEnumerable<TSource> ThenByDescending<TSource, TKey>(this IOrderedEnumerable<TSource> source, Func<TSource, TKey> keySelector)",
        |cx, a| order::then_by(cx, a[0], a[1], NULL, true),
    ),
    static_method(
        "IOrderedEnumerable<TSource> ThenByDescending<TSource, TKey>(this IOrderedEnumerable<TSource> source, Func<TSource, TKey> keySelector, IComparer<TKey> comparer)",
        |cx, a| order::then_by(cx, a[0], a[1], a[2], true),
    ),
];

const GROUPING: &[Row] = &[
    static_method(
        "IEnumerable<IGrouping<TKey, TSource>> GroupBy<TSource, TKey>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector)",
        |cx, a| group::group_by(cx, a[0], a[1], None, None, NULL),
    ),
    static_method(
        "IEnumerable<IGrouping<TKey, TSource>> GroupBy<TSource, TKey>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, IEqualityComparer<TKey> comparer)",
        |cx, a| group::group_by(cx, a[0], a[1], None, None, a[2]),
    ),
    static_method(
        "IEnumerable<IGrouping<TKey, TElement>> GroupBy<TSource, TKey, TElement>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, Func<TSource, TElement> elementSelector)",
        |cx, a| group::group_by(cx, a[0], a[1], Some(a[2]), None, NULL),
    ),
    static_method(
        "IEnumerable<IGrouping<TKey, TElement>> GroupBy<TSource, TKey, TElement>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, Func<TSource, TElement> elementSelector, IEqualityComparer<TKey> comparer)",
        |cx, a| group::group_by(cx, a[0], a[1], Some(a[2]), None, a[3]),
    ),
    static_method(
        "IEnumerable<TResult> GroupBy<TSource, TKey, TResult>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, Func<TKey, IEnumerable<TSource>, TResult> resultSelector)",
        |cx, a| group::group_by(cx, a[0], a[1], None, Some(a[2]), NULL),
    ),
    static_method(
        "IEnumerable<TResult> GroupBy<TSource, TKey, TElement, TResult>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, Func<TSource, TElement> elementSelector, Func<TKey, IEnumerable<TElement>, TResult> resultSelector)",
        |cx, a| group::group_by(cx, a[0], a[1], Some(a[2]), Some(a[3]), NULL),
    ),
    static_method(
        "IEnumerable<TResult> GroupBy<TSource, TKey, TResult>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, Func<TKey, IEnumerable<TSource>, TResult> resultSelector, IEqualityComparer<TKey> comparer)",
        |cx, a| group::group_by(cx, a[0], a[1], None, Some(a[2]), a[3]),
    ),
    static_method(
        "IEnumerable<TResult> GroupBy<TSource, TKey, TElement, TResult>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, Func<TSource, TElement> elementSelector, Func<TKey, IEnumerable<TElement>, TResult> resultSelector, IEqualityComparer<TKey> comparer)",
        |cx, a| group::group_by(cx, a[0], a[1], Some(a[2]), Some(a[3]), a[4]),
    ),
    static_method(
        "IEnumerable<TResult> GroupJoin<TOuter, TInner, TKey, TResult>(this IEnumerable<TOuter> outer, IEnumerable<TInner> inner, Func<TOuter, TKey> outerKeySelector, Func<TInner, TKey> innerKeySelector, Func<TOuter, IEnumerable<TInner>, TResult> resultSelector)",
        |cx, a| group::group_join(cx, a, NULL),
    ),
    static_method(
        "IEnumerable<TResult> GroupJoin<TOuter, TInner, TKey, TResult>(this IEnumerable<TOuter> outer, IEnumerable<TInner> inner, Func<TOuter, TKey> outerKeySelector, Func<TInner, TKey> innerKeySelector, Func<TOuter, IEnumerable<TInner>, TResult> resultSelector, IEqualityComparer<TKey> comparer)",
        |cx, a| group::group_join(cx, a, a[5]),
    ),
    static_method(
        "IEnumerable<TResult> Join<TOuter, TInner, TKey, TResult>(this IEnumerable<TOuter> outer, IEnumerable<TInner> inner, Func<TOuter, TKey> outerKeySelector, Func<TInner, TKey> innerKeySelector, Func<TOuter, TInner, TResult> resultSelector)",
        |cx, a| group::join(cx, a, NULL),
    ),
    static_method(
        "IEnumerable<TResult> Join<TOuter, TInner, TKey, TResult>(this IEnumerable<TOuter> outer, IEnumerable<TInner> inner, Func<TOuter, TKey> outerKeySelector, Func<TInner, TKey> innerKeySelector, Func<TOuter, TInner, TResult> resultSelector, IEqualityComparer<TKey> comparer)",
        |cx, a| group::join(cx, a, a[5]),
    ),
    static_method(
        "ILookup<TKey, TSource> ToLookup<TSource, TKey>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector)",
        |cx, a| group::to_lookup(cx, a[0], a[1], None, NULL),
    ),
    static_method(
        "ILookup<TKey, TSource> ToLookup<TSource, TKey>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, IEqualityComparer<TKey> comparer)",
        |cx, a| group::to_lookup(cx, a[0], a[1], None, a[2]),
    ),
    static_method(
        "ILookup<TKey, TElement> ToLookup<TSource, TKey, TElement>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, Func<TSource, TElement> elementSelector)",
        |cx, a| group::to_lookup(cx, a[0], a[1], Some(a[2]), NULL),
    ),
    static_method(
        "ILookup<TKey, TElement> ToLookup<TSource, TKey, TElement>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, Func<TSource, TElement> elementSelector, IEqualityComparer<TKey> comparer)",
        |cx, a| group::to_lookup(cx, a[0], a[1], Some(a[2]), a[3]),
    ),
];

const REDUCING: &[Row] = &[
    static_method(
        "TSource Aggregate<TSource>(this IEnumerable<TSource> source, Func<TSource, TSource, TSource> func)",
        reduce::aggregate,
    ),
    static_method(
        "TAccumulate Aggregate<TSource, TAccumulate>(this IEnumerable<TSource> source, TAccumulate seed, Func<TAccumulate, TSource, TAccumulate> func)",
        reduce::aggregate,
    ),
    static_method(
        "TResult Aggregate<TSource, TAccumulate, TResult>(this IEnumerable<TSource> source, TAccumulate seed, Func<TAccumulate, TSource, TAccumulate> func, Func<TAccumulate, TResult> resultSelector)",
        reduce::aggregate,
    ),
    static_method("bool All<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)", reduce::all),
    static_method("bool Any<TSource>(this IEnumerable<TSource> source)", |cx, a| reduce::any(cx, a[0], NULL)),
    static_method("bool Any<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)", |cx, a| {
        let a = with_predicate(a)?;
        reduce::any(cx, a[0], a[1])
    }),
    static_method("double Average(this IEnumerable<int> source)", reduce::average),
    static_method("double? Average(this IEnumerable<int?> source)", reduce::average),
    static_method("double Average(this IEnumerable<long> source)", reduce::average),
    static_method("double? Average(this IEnumerable<long?> source)", reduce::average),
    static_method("float Average(this IEnumerable<float> source)", reduce::average),
    static_method("float? Average(this IEnumerable<float?> source)", reduce::average),
    static_method("double Average(this IEnumerable<double> source)", reduce::average),
    static_method("double? Average(this IEnumerable<double?> source)", reduce::average),
    static_method("decimal Average(this IEnumerable<decimal> source)", reduce::average),
    static_method("decimal? Average(this IEnumerable<decimal?> source)", reduce::average),
    static_method(
        "double Average<TSource>(this IEnumerable<TSource> source, Func<TSource, int> selector)",
        reduce::average,
    ),
    static_method(
        "double? Average<TSource>(this IEnumerable<TSource> source, Func<TSource, int?> selector)",
        reduce::average,
    ),
    static_method(
        "double Average<TSource>(this IEnumerable<TSource> source, Func<TSource, long> selector)",
        reduce::average,
    ),
    static_method(
        "double? Average<TSource>(this IEnumerable<TSource> source, Func<TSource, long?> selector)",
        reduce::average,
    ),
    static_method(
        "float Average<TSource>(this IEnumerable<TSource> source, Func<TSource, float> selector)",
        reduce::average,
    ),
    static_method(
        "float? Average<TSource>(this IEnumerable<TSource> source, Func<TSource, float?> selector)",
        reduce::average,
    ),
    static_method(
        "double Average<TSource>(this IEnumerable<TSource> source, Func<TSource, double> selector)",
        reduce::average,
    ),
    static_method(
        "double? Average<TSource>(this IEnumerable<TSource> source, Func<TSource, double?> selector)",
        reduce::average,
    ),
    static_method(
        "decimal Average<TSource>(this IEnumerable<TSource> source, Func<TSource, decimal> selector)",
        reduce::average,
    ),
    static_method(
        "decimal? Average<TSource>(this IEnumerable<TSource> source, Func<TSource, decimal?> selector)",
        reduce::average,
    ),
    static_method("bool Contains<TSource>(this IEnumerable<TSource> source, TSource value)", |cx, a| {
        reduce::contains(cx, a[0], a[1], NULL)
    }),
    static_method(
        "bool Contains<TSource>(this IEnumerable<TSource> source, TSource value, IEqualityComparer<TSource> comparer)",
        |cx, a| reduce::contains(cx, a[0], a[1], a[2]),
    ),
    static_method("int Count<TSource>(this IEnumerable<TSource> source)", |cx, a| reduce::count(cx, a[0], NULL)),
    static_method("int Count<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)", |cx, a| {
        let a = with_predicate(a)?;
        reduce::count(cx, a[0], a[1])
    }),
    static_method("TSource ElementAt<TSource>(this IEnumerable<TSource> source, int index)", |cx, a| {
        reduce::element_at(cx, a[0], a[1], false)
    }),
    static_method("TSource ElementAtOrDefault<TSource>(this IEnumerable<TSource> source, int index)", |cx, a| {
        reduce::element_at(cx, a[0], a[1], true)
    }),
    static_method("TSource First<TSource>(this IEnumerable<TSource> source)", |cx, a| {
        reduce::first(cx, a[0], NULL, false)
    }),
    static_method(
        "TSource First<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
        |cx, a| {
            let a = with_predicate(a)?;
            reduce::first(cx, a[0], a[1], false)
        },
    ),
    static_method("TSource FirstOrDefault<TSource>(this IEnumerable<TSource> source)", |cx, a| {
        reduce::first(cx, a[0], NULL, true)
    }),
    static_method(
        "TSource FirstOrDefault<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
        |cx, a| {
            let a = with_predicate(a)?;
            reduce::first(cx, a[0], a[1], true)
        },
    ),
    static_method("TSource Last<TSource>(this IEnumerable<TSource> source)", |cx, a| {
        reduce::last(cx, a[0], NULL, false)
    }),
    static_method("TSource Last<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)", |cx, a| {
        let a = with_predicate(a)?;
        reduce::last(cx, a[0], a[1], false)
    }),
    static_method("TSource LastOrDefault<TSource>(this IEnumerable<TSource> source)", |cx, a| {
        reduce::last(cx, a[0], NULL, true)
    }),
    static_method(
        "TSource LastOrDefault<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
        |cx, a| {
            let a = with_predicate(a)?;
            reduce::last(cx, a[0], a[1], true)
        },
    ),
    static_method("long LongCount<TSource>(this IEnumerable<TSource> source)", |cx, a| {
        reduce::long_count(cx, a[0], NULL)
    }),
    static_method(
        "long LongCount<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
        |cx, a| {
            let a = with_predicate(a)?;
            reduce::long_count(cx, a[0], a[1])
        },
    ),
    static_method("int Max(this IEnumerable<int> source)", reduce::max),
    static_method("int? Max(this IEnumerable<int?> source)", reduce::max),
    static_method("long Max(this IEnumerable<long> source)", reduce::max),
    static_method("long? Max(this IEnumerable<long?> source)", reduce::max),
    static_method("double Max(this IEnumerable<double> source)", reduce::max),
    static_method("double? Max(this IEnumerable<double?> source)", reduce::max),
    static_method("float Max(this IEnumerable<float> source)", reduce::max),
    static_method("float? Max(this IEnumerable<float?> source)", reduce::max),
    static_method("decimal Max(this IEnumerable<decimal> source)", reduce::max),
    static_method("decimal? Max(this IEnumerable<decimal?> source)", reduce::max),
    static_method("TSource Max<TSource>(this IEnumerable<TSource> source)", reduce::max),
    static_method("int Max<TSource>(this IEnumerable<TSource> source, Func<TSource, int> selector)", reduce::max),
    static_method("int? Max<TSource>(this IEnumerable<TSource> source, Func<TSource, int?> selector)", reduce::max),
    static_method("long Max<TSource>(this IEnumerable<TSource> source, Func<TSource, long> selector)", reduce::max),
    static_method("long? Max<TSource>(this IEnumerable<TSource> source, Func<TSource, long?> selector)", reduce::max),
    static_method("float Max<TSource>(this IEnumerable<TSource> source, Func<TSource, float> selector)", reduce::max),
    static_method("float? Max<TSource>(this IEnumerable<TSource> source, Func<TSource, float?> selector)", reduce::max),
    static_method("double Max<TSource>(this IEnumerable<TSource> source, Func<TSource, double> selector)", reduce::max),
    static_method(
        "double? Max<TSource>(this IEnumerable<TSource> source, Func<TSource, double?> selector)",
        reduce::max,
    ),
    static_method(
        "decimal Max<TSource>(this IEnumerable<TSource> source, Func<TSource, decimal> selector)",
        reduce::max,
    ),
    static_method(
        "decimal? Max<TSource>(this IEnumerable<TSource> source, Func<TSource, decimal?> selector)",
        reduce::max,
    ),
    static_method(
        "TResult Max<TSource, TResult>(this IEnumerable<TSource> source, Func<TSource, TResult> selector)",
        reduce::max,
    ),
    static_method("long? Min(this IEnumerable<long?> source)", reduce::min),
    static_method("float Min(this IEnumerable<float> source)", reduce::min),
    static_method("float? Min(this IEnumerable<float?> source)", reduce::min),
    static_method("double Min(this IEnumerable<double> source)", reduce::min),
    static_method("double? Min(this IEnumerable<double?> source)", reduce::min),
    static_method("decimal Min(this IEnumerable<decimal> source)", reduce::min),
    static_method("decimal? Min(this IEnumerable<decimal?> source)", reduce::min),
    static_method("TSource Min<TSource>(this IEnumerable<TSource> source)", reduce::min),
    static_method("int Min<TSource>(this IEnumerable<TSource> source, Func<TSource, int> selector)", reduce::min),
    static_method("int? Min<TSource>(this IEnumerable<TSource> source, Func<TSource, int?> selector)", reduce::min),
    static_method("long Min<TSource>(this IEnumerable<TSource> source, Func<TSource, long> selector)", reduce::min),
    static_method("long? Min<TSource>(this IEnumerable<TSource> source, Func<TSource, long?> selector)", reduce::min),
    static_method("float Min<TSource>(this IEnumerable<TSource> source, Func<TSource, float> selector)", reduce::min),
    static_method("float? Min<TSource>(this IEnumerable<TSource> source, Func<TSource, float?> selector)", reduce::min),
    static_method("double Min<TSource>(this IEnumerable<TSource> source, Func<TSource, double> selector)", reduce::min),
    static_method(
        "double? Min<TSource>(this IEnumerable<TSource> source, Func<TSource, double?> selector)",
        reduce::min,
    ),
    static_method(
        "decimal Min<TSource>(this IEnumerable<TSource> source, Func<TSource, decimal> selector)",
        reduce::min,
    ),
    static_method(
        "decimal? Min<TSource>(this IEnumerable<TSource> source, Func<TSource, decimal?> selector)",
        reduce::min,
    ),
    static_method(
        "TResult Min<TSource, TResult>(this IEnumerable<TSource> source, Func<TSource, TResult> selector)",
        reduce::min,
    ),
    static_method("int Min(this IEnumerable<int> source)", reduce::min),
    static_method("int? Min(this IEnumerable<int?> source)", reduce::min),
    static_method("long Min(this IEnumerable<long> source)", reduce::min),
    static_method(
        "bool SequenceEqual<TSource>(this IEnumerable<TSource> first, IEnumerable<TSource> second)",
        |cx, a| reduce::sequence_equal(cx, a[0], a[1], NULL),
    ),
    static_method(
        "bool SequenceEqual<TSource>(this IEnumerable<TSource> first, IEnumerable<TSource> second, IEqualityComparer<TSource> comparer)",
        |cx, a| reduce::sequence_equal(cx, a[0], a[1], a[2]),
    ),
    static_method("TSource Single<TSource>(this IEnumerable<TSource> source)", |cx, a| {
        reduce::single(cx, a[0], NULL, false)
    }),
    static_method(
        "TSource Single<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
        |cx, a| {
            let a = with_predicate(a)?;
            reduce::single(cx, a[0], a[1], false)
        },
    ),
    static_method("TSource SingleOrDefault<TSource>(this IEnumerable<TSource> source)", |cx, a| {
        reduce::single(cx, a[0], NULL, true)
    }),
    static_method(
        "TSource SingleOrDefault<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
        |cx, a| {
            let a = with_predicate(a)?;
            reduce::single(cx, a[0], a[1], true)
        },
    ),
    static_method("int Sum(this IEnumerable<int> source)", reduce::sum),
    static_method("int? Sum(this IEnumerable<int?> source)", reduce::sum),
    static_method("long Sum(this IEnumerable<long> source)", reduce::sum),
    static_method("long? Sum(this IEnumerable<long?> source)", reduce::sum),
    static_method("float Sum(this IEnumerable<float> source)", reduce::sum),
    static_method("float? Sum(this IEnumerable<float?> source)", reduce::sum),
    static_method("double Sum(this IEnumerable<double> source)", reduce::sum),
    static_method("double? Sum(this IEnumerable<double?> source)", reduce::sum),
    static_method("decimal Sum(this IEnumerable<decimal> source)", reduce::sum),
    static_method("decimal? Sum(this IEnumerable<decimal?> source)", reduce::sum),
    static_method("int Sum<TSource>(this IEnumerable<TSource> source, Func<TSource, int> selector)", reduce::sum),
    static_method("int? Sum<TSource>(this IEnumerable<TSource> source, Func<TSource, int?> selector)", reduce::sum),
    static_method("long Sum<TSource>(this IEnumerable<TSource> source, Func<TSource, long> selector)", reduce::sum),
    static_method("long? Sum<TSource>(this IEnumerable<TSource> source, Func<TSource, long?> selector)", reduce::sum),
    static_method("float Sum<TSource>(this IEnumerable<TSource> source, Func<TSource, float> selector)", reduce::sum),
    static_method("float? Sum<TSource>(this IEnumerable<TSource> source, Func<TSource, float?> selector)", reduce::sum),
    static_method("double Sum<TSource>(this IEnumerable<TSource> source, Func<TSource, double> selector)", reduce::sum),
    static_method(
        "double? Sum<TSource>(this IEnumerable<TSource> source, Func<TSource, double?> selector)",
        reduce::sum,
    ),
    static_method(
        "decimal Sum<TSource>(this IEnumerable<TSource> source, Func<TSource, decimal> selector)",
        reduce::sum,
    ),
    static_method(
        "decimal? Sum<TSource>(this IEnumerable<TSource> source, Func<TSource, decimal?> selector)",
        reduce::sum,
    ),
    static_method("TSource[] ToArray<TSource>(this IEnumerable<TSource> source)", reduce::to_array),
    static_method(
        "Dictionary<TKey, TSource> ToDictionary<TSource, TKey>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector)",
        |cx, a| reduce::to_dictionary(cx, a[0], a[1], None, NULL),
    ),
    static_method(
        "Dictionary<TKey, TSource> ToDictionary<TSource, TKey>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, IEqualityComparer<TKey> comparer)",
        |cx, a| reduce::to_dictionary(cx, a[0], a[1], None, a[2]),
    ),
    static_method(
        "Dictionary<TKey, TElement> ToDictionary<TSource, TKey, TElement>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, Func<TSource, TElement> elementSelector)",
        |cx, a| reduce::to_dictionary(cx, a[0], a[1], Some(a[2]), NULL),
    ),
    static_method(
        "Dictionary<TKey, TElement> ToDictionary<TSource, TKey, TElement>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, Func<TSource, TElement> elementSelector, IEqualityComparer<TKey> comparer)",
        |cx, a| reduce::to_dictionary(cx, a[0], a[1], Some(a[2]), a[3]),
    ),
    static_method("HashSet<TSource> ToHashSet<TSource>(this IEnumerable<TSource> source)", |cx, a| {
        reduce::to_hash_set(cx, a[0], NULL)
    }),
    static_method(
        "HashSet<TSource> ToHashSet<TSource>(this IEnumerable<TSource> source, IEqualityComparer<TSource> comparer)",
        |cx, a| reduce::to_hash_set(cx, a[0], a[1]),
    ),
    static_method("List<TSource> ToList<TSource>(this IEnumerable<TSource> source)", reduce::to_list),
];
