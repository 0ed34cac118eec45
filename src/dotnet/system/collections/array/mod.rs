//! `System.Array`: its rows. `byte[]` is kept as bytes, arrays of several dimensions as grids (`grid.rs`).

pub mod copy;
mod elements;
mod search;
mod sort;

use super::comparer::{Order, reserve};
use super::grid;
use super::interfaces;
use super::readonly;
use crate::dotnet::call::{Call, int, long};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Object;
use crate::dotnet::inherit;
use crate::dotnet::member::{Kind, Native, Row, TypeDef, method, property, static_method};
use crate::dotnet::types::{self, Type, TypeId};
use crate::dotnet::value::Value;
use copy::{constrained, copy_range, copy_start, copy_to};
use elements::{
    charged_zeros, countable, create, create_by_list, dimension, given, list, outside, place, place_by_list, read,
};
pub use elements::{element, get, len, new, set, write, zeros};
pub use search::{
    all_matches, binary_search, find_index, find_last_index, first_match, index_of, last_index, last_match,
};
use search::{bad_count, first_index, last_index_of, last_index_of_any, search_all, search_range};
use sort::reverse;

pub static ARRAY: TypeDef = TypeDef::new("System.Array", Kind::Class, &[OWN, MAKING, SEARCHING, SORTING])
    .interfaces(&["IEnumerable", "ICollection"])
    .is_abstract();

const OWN: &[Row] = &[
    property("int Length { get; }", |cx, args| Ok(Value::Int32(len(cx, args[0])? as i32))),
    property("long LongLength { get; }", |cx, args| Ok(Value::Int64(len(cx, args[0])? as i64))),
    property("int Rank { get; }", |cx, args| {
        Ok(Value::Int32(match cx.heap.type_of(args[0]).get() {
            Type::Array(_, rank) => i32::from(*rank),
            _ => return Err(Fault::null_reference()),
        }))
    }),
    property("bool IsFixedSize { get; }", |_, _| Ok(Value::Bool(true))),
    property("bool IsReadOnly { get; }", |_, _| Ok(Value::Bool(false))),
    property("bool IsSynchronized { get; }", |_, _| Ok(Value::Bool(false))),
    property("object SyncRoot { get; }", |_, args| Ok(args[0])),
    method("object Clone()", |cx, args| {
        let items = read(cx, args[0], "array")?;
        let ty = cx.heap.type_of(args[0]);
        if matches!(ty.get(), Type::Array(_, 2..)) {
            let lengths = grid::lengths(cx, args[0])?.into();
            cx.heap.charge(items.len() * size_of::<Value>())?;
            return cx.heap.alloc(Object::Grid { ty, items, lengths });
        }
        new(cx, ty, items)
    }),
    method("void CopyTo(Array array, int index)", copy_to),
    method("void CopyTo(Array array, long index)", copy_to),
    method("IEnumerator GetEnumerator()", interfaces::get_enumerator),
    method("int GetLength(int dimension)", |cx, args| {
        let length = dimension(cx, args).map_err(outside)?;
        Ok(Value::Int32(length as i32))
    }),
    method("long GetLongLength(int dimension)", |cx, args| {
        let length = dimension(cx, args).map_err(outside)?;
        Ok(Value::Int64(length.into()))
    }),
    method("int GetLowerBound(int dimension)", |cx, args| {
        dimension(cx, args)?;
        Ok(Value::Int32(0))
    }),
    method("int GetUpperBound(int dimension)", |cx, args| Ok(Value::Int32(dimension(cx, args)? as i32 - 1))),
    method("object GetValue(int index)", GET),
    method("object GetValue(long index)", GET_LONG),
    method("object GetValue(params int[] indices)", GET_LISTED),
    method("object GetValue(params long[] indices)", GET_LISTED),
    method("object GetValue(int index1, int index2)", GET),
    method("object GetValue(int index1, int index2, int index3)", GET),
    method("object GetValue(long index1, long index2)", GET_LONG),
    method("object GetValue(long index1, long index2, long index3)", GET_LONG),
    method("void Initialize()", |_, _| Ok(Value::Null)),
    method("void SetValue(object value, int index)", SET),
    method("void SetValue(object value, long index)", SET_LONG),
    method("void SetValue(object value, params int[] indices)", SET_LISTED),
    method("void SetValue(object value, params long[] indices)", SET_LISTED),
    method("void SetValue(object value, int index1, int index2)", SET),
    method("void SetValue(object value, int index1, int index2, int index3)", SET),
    method("void SetValue(object value, long index1, long index2)", SET_LONG),
    method("void SetValue(object value, long index1, long index2, long index3)", SET_LONG),
];

const GET: Native = |cx, args| {
    let at = place(cx, args[0], &args[1..])?;
    get(cx, args[0], at)
};
const GET_LONG: Native = |cx, args| {
    let names: &[&str] = if args.len() == 2 { &["index"] } else { &["index1", "index2", "index3"] };
    countable(&args[1..], names)?;
    GET(cx, args)
};
const GET_LISTED: Native = |cx, args| {
    let at = place_by_list(cx, args[0], args[1])?;
    get(cx, args[0], at)
};
const SET: Native = |cx, args| {
    let at = place(cx, args[0], &args[2..])?;
    set(cx, args[0], at, args[1])
};
const SET_LONG: Native = |cx, args| {
    let names: &[&str] = if args.len() == 3 { &["index"] } else { &["index1", "index2", "index3"] };
    countable(&args[2..], names)?;
    SET(cx, args)
};
const SET_LISTED: Native = |cx, args| {
    let at = place_by_list(cx, args[0], args[2])?;
    set(cx, args[0], at, args[1])
};

const MAKING: &[Row] = &[
    static_method("ReadOnlyCollection<T> AsReadOnly<T>(T[] array)", |cx, args| {
        let ty = cx.returns;
        readonly::view(cx, ty, given(args[0], "array")?)
    }),
    static_method("void Clear(Array array, int index, int length)", |cx, args| {
        let all = len(cx, given(args[0], "array")?)?;
        let (from, count) = span(int(args[1]), int(args[2]), all).map_err(|_| {
            Fault::throw("System.IndexOutOfRangeException", "Index was outside the bounds of the array.")
        })?;
        let element = element(cx, args[0]);
        for at in from..from + count {
            cx.charge_fuel(1)?;
            let zero = inherit::zero(cx.heap, element)?;
            set(cx, args[0], at as i64, zero)?;
        }
        Ok(Value::Null)
    }),
    static_method(
        "void ConstrainedCopy(Array sourceArray, int sourceIndex, Array destinationArray, int destinationIndex, int length)",
        constrained,
    ),
    static_method(
        "TOutput[] ConvertAll<TInput, TOutput>(TInput[] array, Converter<TInput, TOutput> converter)",
        |cx, args| {
            let mut items = read(cx, args[0], "array")?;
            given(args[1], "converter")?;
            for item in &mut items {
                cx.charge_fuel(1)?;
                *item = cx.invoke(args[1], &[*item])?;
            }
            let ty = cx.returns;
            new(cx, ty, items)
        },
    ),
    static_method("void Copy(Array sourceArray, Array destinationArray, int length)", copy_start),
    static_method("void Copy(Array sourceArray, Array destinationArray, long length)", copy_start),
    static_method(
        "void Copy(Array sourceArray, int sourceIndex, Array destinationArray, int destinationIndex, int length)",
        copy_range,
    ),
    static_method(
        "void Copy(Array sourceArray, long sourceIndex, Array destinationArray, long destinationIndex, long length)",
        copy_range,
    ),
    static_method("Array CreateInstance(Type elementType, int length)", |cx, args| {
        let Value::Type(element) = args[0] else { return Err(Fault::argument_null("elementType")) };
        let len = reserve(long(args[1]), "length")?;
        charged_zeros(cx, element, len)
    }),
    static_method("Array CreateInstance(Type elementType, int length1, int length2)", |cx, args| {
        create(cx, args[0], &args[1..], |at| format!("length{}", at + 1))
    }),
    static_method("Array CreateInstance(Type elementType, int length1, int length2, int length3)", |cx, args| {
        create(cx, args[0], &args[1..], |at| format!("length{}", at + 1))
    }),
    static_method("Array CreateInstance(Type elementType, params int[] lengths)", create_by_list),
    static_method("Array CreateInstance(Type elementType, int[] lengths, int[] lowerBounds)", |cx, args| {
        given(args[0], "elementType")?;
        let (lengths, bounds) = (list(cx, args[1], "lengths")?, list(cx, args[2], "lowerBounds")?);
        if lengths.len() != bounds.len() {
            return Err(Fault::throw("System.ArgumentException", "Number of lengths and lowerBounds must match."));
        }
        if bounds.iter().any(|&bound| int(bound) != 0) {
            return Err(Fault::not_supported("Arrays begin at zero here."));
        }
        create_by_list(cx, &args[..2])
    })
    .doc("Lower bounds other than zero are not supported."),
    static_method("Array CreateInstance(Type elementType, params long[] lengths)", create_by_list),
    static_method("T[] Empty<T>()", |cx, _| {
        let ty = cx.returns;
        cx.once("Empty", |cx| new(cx, ty, Vec::new()))
    }),
    static_method("void Fill<T>(T[] array, T value)", |cx, args| {
        let len = len(cx, given(args[0], "array")?)?;
        fill(cx, args[0], args[1], 0, len)
    }),
    static_method("void Fill<T>(T[] array, T value, int startIndex, int count)", |cx, args| {
        let size = len(cx, given(args[0], "array")?)?;
        let from = usize::try_from(int(args[2])).ok().filter(|&at| at <= size);
        let from = from.ok_or_else(|| Fault::index("startIndex"))?;
        let count = usize::try_from(int(args[3])).ok().filter(|&count| count <= size - from).ok_or_else(bad_count)?;
        fill(cx, args[0], args[1], from, count)
    }),
    static_method("void Resize<T>(ref T[] array, int newSize)", |cx, args| {
        let size = reserve(long(args[1]), "newSize")?;
        let element = cx.type_arguments.last().copied().unwrap_or_else(types::object);
        let mut items = if args[0].is_null() { Vec::new() } else { read(cx, args[0], "array")? };
        cx.charge_fuel(size / 4)?;
        cx.heap.charge(size * size_of::<Value>())?;
        items.truncate(size);
        let zero = inherit::zero(cx.heap, element)?;
        items.resize(size, zero);
        let array = new(cx, TypeId::array(element), items)?;
        cx.set_out(0, array);
        Ok(Value::Null)
    }),
];

const SEARCHING: &[Row] = &[
    static_method(
        "int BinarySearch<T>(T[] array, int index, int length, T value, IComparer<T> comparer)",
        search_range,
    ),
    static_method("int BinarySearch(Array array, object value)", search_all),
    static_method("int BinarySearch(Array array, int index, int length, object value)", search_range),
    static_method("int BinarySearch(Array array, object value, IComparer comparer)", search_all),
    static_method(
        "int BinarySearch(Array array, int index, int length, object value, IComparer comparer)",
        search_range,
    ),
    static_method("int BinarySearch<T>(T[] array, T value)", search_all),
    static_method("int BinarySearch<T>(T[] array, T value, IComparer<T> comparer)", search_all),
    static_method("int BinarySearch<T>(T[] array, int index, int length, T value)", search_range),
    static_method("bool Exists<T>(T[] array, Predicate<T> match)", |cx, args| {
        let items = read(cx, args[0], "array")?;
        Ok(Value::Bool(first_match(cx, &items, args[1])?.is_some()))
    }),
    static_method("T Find<T>(T[] array, Predicate<T> match)", |cx, args| {
        let items = read(cx, args[0], "array")?;
        match first_match(cx, &items, args[1])? {
            Some(at) => Ok(items[at]),
            None => inherit::zero(cx.heap, cx.returns),
        }
    }),
    static_method("T[] FindAll<T>(T[] array, Predicate<T> match)", |cx, args| {
        let items = read(cx, args[0], "array")?;
        let found = all_matches(cx, &items, args[1])?;
        let ty = cx.returns;
        new(cx, ty, found)
    }),
    static_method("int FindIndex<T>(T[] array, Predicate<T> match)", |cx, args| {
        let items = read(cx, args[0], "array")?;
        find_index(cx, &items, 0, items.len() as i32, args[1])
    }),
    static_method("int FindIndex<T>(T[] array, int startIndex, Predicate<T> match)", |cx, args| {
        let items = read(cx, args[0], "array")?;
        let from = int(args[1]);
        find_index(cx, &items, from, (items.len() as i32).wrapping_sub(from), args[2])
    }),
    static_method("int FindIndex<T>(T[] array, int startIndex, int count, Predicate<T> match)", |cx, args| {
        let items = read(cx, args[0], "array")?;
        find_index(cx, &items, int(args[1]), int(args[2]), args[3])
    }),
    static_method("T FindLast<T>(T[] array, Predicate<T> match)", |cx, args| {
        let items = read(cx, args[0], "array")?;
        match last_match(cx, &items, args[1])? {
            Some(at) => Ok(items[at]),
            None => inherit::zero(cx.heap, cx.returns),
        }
    }),
    static_method("int FindLastIndex<T>(T[] array, Predicate<T> match)", |cx, args| {
        let items = read(cx, args[0], "array")?;
        find_last_index(cx, &items, items.len() as i32 - 1, None, args[1])
    }),
    static_method("int FindLastIndex<T>(T[] array, int startIndex, Predicate<T> match)", |cx, args| {
        let items = read(cx, args[0], "array")?;
        find_last_index(cx, &items, int(args[1]), None, args[2])
    }),
    static_method("int FindLastIndex<T>(T[] array, int startIndex, int count, Predicate<T> match)", |cx, args| {
        let items = read(cx, args[0], "array")?;
        find_last_index(cx, &items, int(args[1]), Some(int(args[2])), args[3])
    }),
    static_method("void ForEach<T>(T[] array, Action<T> action)", |cx, args| {
        let items = read(cx, args[0], "array")?;
        given(args[1], "action")?;
        for item in items {
            cx.charge_fuel(1)?;
            cx.invoke(args[1], &[item])?;
        }
        Ok(Value::Null)
    }),
    static_method("int IndexOf(Array array, object value)", first_index),
    static_method("int IndexOf(Array array, object value, int startIndex)", first_index),
    static_method("int IndexOf(Array array, object value, int startIndex, int count)", first_index),
    static_method("int IndexOf<T>(T[] array, T value)", first_index),
    static_method("int IndexOf<T>(T[] array, T value, int startIndex)", first_index),
    static_method("int IndexOf<T>(T[] array, T value, int startIndex, int count)", first_index),
    static_method("int LastIndexOf(Array array, object value)", last_index_of_any),
    static_method("int LastIndexOf(Array array, object value, int startIndex)", last_index_of_any),
    static_method("int LastIndexOf(Array array, object value, int startIndex, int count)", last_index_of_any),
    static_method("int LastIndexOf<T>(T[] array, T value)", last_index_of),
    static_method("int LastIndexOf<T>(T[] array, T value, int startIndex)", last_index_of),
    static_method("int LastIndexOf<T>(T[] array, T value, int startIndex, int count)", last_index_of),
    static_method("bool TrueForAll<T>(T[] array, Predicate<T> match)", |cx, args| {
        let items = read(cx, args[0], "array")?;
        given(args[1], "match")?;
        for item in items {
            cx.charge_fuel(1)?;
            if !cx.test(args[1], &[item])? {
                return Ok(Value::Bool(false));
            }
        }
        Ok(Value::Bool(true))
    }),
];

const SORTING: &[Row] = &[
    static_method("void Reverse(Array array)", reverse),
    static_method("void Reverse(Array array, int index, int length)", reverse),
    static_method("void Reverse<T>(T[] array)", reverse),
    static_method("void Reverse<T>(T[] array, int index, int length)", reverse),
    static_method("void Sort(Array array)", SORT),
    static_method("void Sort(Array keys, Array items)", SORT_PAIRS),
    static_method("void Sort(Array array, int index, int length)", SORT_PART),
    static_method("void Sort(Array keys, Array items, int index, int length)", SORT_PAIRS),
    static_method("void Sort(Array array, IComparer comparer)", SORT),
    static_method("void Sort(Array keys, Array items, IComparer comparer)", SORT_PAIRS),
    static_method("void Sort(Array array, int index, int length, IComparer comparer)", SORT_PART),
    static_method("void Sort(Array keys, Array items, int index, int length, IComparer comparer)", SORT_PAIRS),
    static_method("void Sort<T>(T[] array)", SORT),
    static_method("void Sort<TKey, TValue>(TKey[] keys, TValue[] items)", SORT_PAIRS),
    static_method("void Sort<T>(T[] array, int index, int length)", SORT),
    static_method("void Sort<TKey, TValue>(TKey[] keys, TValue[] items, int index, int length)", SORT_PAIRS),
    static_method("void Sort<T>(T[] array, IComparer<T> comparer)", SORT),
    static_method("void Sort<TKey, TValue>(TKey[] keys, TValue[] items, IComparer<TKey> comparer)", SORT_PAIRS),
    static_method("void Sort<T>(T[] array, int index, int length, IComparer<T> comparer)", SORT),
    static_method(
        "void Sort<TKey, TValue>(TKey[] keys, TValue[] items, int index, int length, IComparer<TKey> comparer)",
        SORT_PAIRS,
    ),
    static_method("void Sort<T>(T[] array, Comparison<T> comparison)", |cx, args| {
        given(args[0], "array")?;
        given(args[1], "comparison")?;
        sort::sort(cx, args[0], Value::Null, None, Order::Delegate(args[1]))
    }),
];

const SORT: Native = |cx, args| sort::by_arguments(cx, args[0], Value::Null, &args[1..], "array");
const SORT_PART: Native = |cx, args| sort::by_arguments(cx, args[0], Value::Null, &args[1..], "keys");
const SORT_PAIRS: Native = |cx, args| sort::by_arguments(cx, args[0], args[1], &args[2..], "keys");

fn fill(cx: &mut Call<'_>, array: Value, value: Value, from: usize, count: usize) -> Result<Value, Fault> {
    let values = vec![value; count];
    write(cx, array, from as i64, &values)?;
    Ok(Value::Null)
}

fn span_fault() -> Fault {
    Fault::throw(
        "System.ArgumentException",
        "Offset and length were out of bounds for the array or count is greater than the number of elements from index \
         to the end of the source collection.",
    )
}

fn span(index: i32, length: i32, len: usize) -> Result<(usize, usize), Fault> {
    let negative = |name| Fault::out_of_range("Non-negative number required.", name);
    let index = usize::try_from(index).map_err(|_| negative("index"))?;
    let length = usize::try_from(length).map_err(|_| negative("length"))?;
    if index + length > len { Err(span_fault()) } else { Ok((index, length)) }
}
