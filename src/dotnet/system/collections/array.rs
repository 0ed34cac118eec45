//! `System.Array`, for arrays of rank 1 (`byte[]` is kept as bytes).

use super::comparer::{self, Order, reserve};
use super::grid;
use super::interfaces;
use crate::dotnet::call::{Call, int, long};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Object;
use crate::dotnet::inherit;
use crate::dotnet::member::{Form, Kind, Native, Row, TypeDef, method, property, static_method};
use crate::dotnet::system::enumerate;
use crate::dotnet::types::{self, Type, TypeId};
use crate::dotnet::value::Value;

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
        let items = read(cx, args[0])?;
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
    method("object GetValue(int index)", |cx, args| get(cx, args[0], long(args[1]))),
    method("object GetValue(long index)", |cx, args| {
        if i32::try_from(long(args[1])).is_err() {
            return Err(Fault::out_of_range("Arrays larger than 2GB are not supported.", "index"));
        }
        get(cx, args[0], long(args[1]))
    }),
    method("object GetValue(params int[] indices)", |cx, args| {
        let at = indices_of(cx, args[0], args[1])?;
        get(cx, args[0], at)
    }),
    method("object GetValue(params long[] indices)", |cx, args| {
        let at = indices_of(cx, args[0], args[1])?;
        get(cx, args[0], at)
    }),
    method("object GetValue(int index1, int index2)", |cx, args| {
        let at = place(cx, args[0], &args[1..])?;
        get(cx, args[0], at)
    }),
    method("object GetValue(int index1, int index2, int index3)", |cx, args| {
        let at = place(cx, args[0], &args[1..])?;
        get(cx, args[0], at)
    }),
    method("object GetValue(long index1, long index2)", |cx, args| {
        let at = place(cx, args[0], &args[1..])?;
        get(cx, args[0], at)
    }),
    method("object GetValue(long index1, long index2, long index3)", |cx, args| {
        let at = place(cx, args[0], &args[1..])?;
        get(cx, args[0], at)
    }),
    method("void Initialize()", |_, _| Ok(Value::Null)),
    method("void SetValue(object value, int index)", |cx, args| set(cx, args[0], long(args[2]), args[1])),
    method("void SetValue(object value, long index)", |cx, args| set(cx, args[0], long(args[2]), args[1])),
    method("void SetValue(object value, params int[] indices)", |cx, args| {
        let at = indices_of(cx, args[0], args[2])?;
        set(cx, args[0], at, args[1])
    }),
    method("void SetValue(object value, params long[] indices)", |cx, args| {
        let at = indices_of(cx, args[0], args[2])?;
        set(cx, args[0], at, args[1])
    }),
    method("void SetValue(object value, int index1, int index2)", |cx, args| {
        let at = place(cx, args[0], &args[2..])?;
        set(cx, args[0], at, args[1])
    }),
    method("void SetValue(object value, int index1, int index2, int index3)", |cx, args| {
        let at = place(cx, args[0], &args[2..])?;
        set(cx, args[0], at, args[1])
    }),
    method("void SetValue(object value, long index1, long index2)", |cx, args| {
        let at = place(cx, args[0], &args[2..])?;
        set(cx, args[0], at, args[1])
    }),
    method("void SetValue(object value, long index1, long index2, long index3)", |cx, args| {
        let at = place(cx, args[0], &args[2..])?;
        set(cx, args[0], at, args[1])
    }),
];

const MAKING: &[Row] = &[
    static_method("ReadOnlyCollection<T> AsReadOnly<T>(T[] array)", |cx, args| {
        let items = read(cx, args[0])?;
        let ty = cx.returns;
        cx.heap.new_list(ty, items)
    }),
    static_method("void Clear(Array array, int index, int length)", |cx, args| {
        let all = len(cx, args[0])?;
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
        copy_range,
    ),
    static_method(
        "TOutput[] ConvertAll<TInput, TOutput>(TInput[] array, Converter<TInput, TOutput> converter)",
        |cx, args| {
            let mut items = read(cx, args[0])?;
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
        let len = reserve(cx, long(args[1]), "length")?;
        zeros(cx, element, len)
    }),
    static_method("Array CreateInstance(Type elementType, int length1, int length2)", |cx, args| {
        create(cx, args[0], &args[1..], |at| format!("length{}", at + 1))
    }),
    static_method("Array CreateInstance(Type elementType, int length1, int length2, int length3)", |cx, args| {
        create(cx, args[0], &args[1..], |at| format!("length{}", at + 1))
    }),
    static_method("Array CreateInstance(Type elementType, params int[] lengths)", create_by_list),
    Row::refused(
        Form::Method,
        true,
        "Array CreateInstance(Type elementType, int[] lengths, int[] lowerBounds)",
        "arrays begin at zero here",
    ),
    static_method("Array CreateInstance(Type elementType, params long[] lengths)", create_by_list),
    static_method("T[] Empty<T>()", |cx, _| {
        let ty = cx.returns;
        new(cx, ty, Vec::new())
    }),
    static_method("void Fill<T>(T[] array, T value)", |cx, args| {
        let len = len(cx, args[0])?;
        fill(cx, args[0], args[1], 0, len)
    }),
    static_method("void Fill<T>(T[] array, T value, int startIndex, int count)", |cx, args| {
        let size = len(cx, args[0])?;
        let from = usize::try_from(int(args[2])).ok().filter(|&at| at <= size);
        let from = from.ok_or_else(|| Fault::index("startIndex"))?;
        let count = usize::try_from(int(args[3])).ok().filter(|&count| count <= size - from).ok_or_else(bad_count)?;
        fill(cx, args[0], args[1], from, count)
    }),
    static_method("void Resize<T>(ref T[] array, int newSize)", |cx, args| {
        let size = reserve(cx, long(args[1]), "newSize")?;
        let element = cx.type_arguments.last().copied().unwrap_or_else(types::object);
        let mut items = if args[0].is_null() { Vec::new() } else { read(cx, args[0])? };
        cx.charge_fuel(size / 4)?;
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
        let items = read(cx, args[0])?;
        Ok(Value::Bool(first_match(cx, &items, args[1])?.is_some()))
    }),
    static_method("T Find<T>(T[] array, Predicate<T> match)", |cx, args| {
        let items = read(cx, args[0])?;
        match first_match(cx, &items, args[1])? {
            Some(at) => Ok(items[at]),
            None => inherit::zero(cx.heap, cx.returns),
        }
    }),
    static_method("T[] FindAll<T>(T[] array, Predicate<T> match)", |cx, args| {
        let items = read(cx, args[0])?;
        let found = all_matches(cx, &items, args[1])?;
        let ty = cx.returns;
        new(cx, ty, found)
    }),
    static_method("int FindIndex<T>(T[] array, Predicate<T> match)", |cx, args| {
        let items = read(cx, args[0])?;
        find_index(cx, &items, 0, items.len() as i32, args[1])
    }),
    static_method("int FindIndex<T>(T[] array, int startIndex, Predicate<T> match)", |cx, args| {
        let items = read(cx, args[0])?;
        let from = int(args[1]);
        find_index(cx, &items, from, (items.len() as i32).wrapping_sub(from), args[2])
    }),
    static_method("int FindIndex<T>(T[] array, int startIndex, int count, Predicate<T> match)", |cx, args| {
        let items = read(cx, args[0])?;
        find_index(cx, &items, int(args[1]), int(args[2]), args[3])
    }),
    static_method("T FindLast<T>(T[] array, Predicate<T> match)", |cx, args| {
        let items = read(cx, args[0])?;
        match last_match(cx, &items, args[1])? {
            Some(at) => Ok(items[at]),
            None => inherit::zero(cx.heap, cx.returns),
        }
    }),
    static_method("int FindLastIndex<T>(T[] array, Predicate<T> match)", |cx, args| {
        let items = read(cx, args[0])?;
        find_last_index(cx, &items, items.len() as i32 - 1, None, args[1])
    }),
    static_method("int FindLastIndex<T>(T[] array, int startIndex, Predicate<T> match)", |cx, args| {
        let items = read(cx, args[0])?;
        find_last_index(cx, &items, int(args[1]), None, args[2])
    }),
    static_method("int FindLastIndex<T>(T[] array, int startIndex, int count, Predicate<T> match)", |cx, args| {
        let items = read(cx, args[0])?;
        find_last_index(cx, &items, int(args[1]), Some(int(args[2])), args[3])
    }),
    static_method("void ForEach<T>(T[] array, Action<T> action)", |cx, args| {
        for item in read(cx, args[0])? {
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
    static_method("int LastIndexOf(Array array, object value)", last_index_of),
    static_method("int LastIndexOf(Array array, object value, int startIndex)", last_index_of),
    static_method("int LastIndexOf(Array array, object value, int startIndex, int count)", last_index_of),
    static_method("int LastIndexOf<T>(T[] array, T value)", last_index_of),
    static_method("int LastIndexOf<T>(T[] array, T value, int startIndex)", last_index_of),
    static_method("int LastIndexOf<T>(T[] array, T value, int startIndex, int count)", last_index_of),
    static_method("bool TrueForAll<T>(T[] array, Predicate<T> match)", |cx, args| {
        for item in read(cx, args[0])? {
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
    static_method("void Sort(Array array, int index, int length)", SORT),
    static_method("void Sort(Array keys, Array items, int index, int length)", SORT_PAIRS),
    static_method("void Sort(Array array, IComparer comparer)", SORT),
    static_method("void Sort(Array keys, Array items, IComparer comparer)", SORT_PAIRS),
    static_method("void Sort(Array array, int index, int length, IComparer comparer)", SORT),
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
        if args[1].is_null() {
            return Err(Fault::argument_null("comparison"));
        }
        sort(cx, args[0], Value::Null, None, Order::Delegate(args[1]))
    }),
];

const SORT: Native = |cx, args| sort_by_arguments(cx, args[0], Value::Null, &args[1..]);
const SORT_PAIRS: Native = |cx, args| sort_by_arguments(cx, args[0], args[1], &args[2..]);

/// What follows the arrays: nothing, a comparer, a range, or both.
fn sort_by_arguments(cx: &mut Call<'_>, keys: Value, items: Value, rest: &[Value]) -> Result<Value, Fault> {
    match *rest {
        [] => sort(cx, keys, items, None, Order::Natural),
        [comparer] => {
            let order = Order::new(cx, comparer);
            sort(cx, keys, items, None, order)
        }
        [index, length] => sort(cx, keys, items, Some((int(index), int(length))), Order::Natural),
        [index, length, comparer, ..] => {
            let order = Order::new(cx, comparer);
            sort(cx, keys, items, Some((int(index), int(length))), order)
        }
    }
}

fn sort(
    cx: &mut Call<'_>,
    array: Value,
    items: Value,
    range: Option<(i32, i32)>,
    order: Order,
) -> Result<Value, Fault> {
    let mut keys = read(cx, array)?;
    let (from, count) = match range {
        Some((index, length)) => span(index, length, keys.len())?,
        None => (0, keys.len()),
    };
    if items.is_null() {
        comparer::sort(cx, &mut keys[from..from + count], None, order)?;
    } else {
        let mut values = read(cx, items)?;
        if values.len() < from + count {
            return Err(span_fault());
        }
        comparer::sort(cx, &mut keys[from..from + count], Some(&mut values[from..from + count]), order)?;
        write(cx, items, 0, &values)?;
    }
    write(cx, array, 0, &keys)?;
    Ok(Value::Null)
}

// ---- reading and writing ---------------------------------------------------------------------------------------------

/// The number of elements; null throws.
pub fn len(cx: &Call<'_>, array: Value) -> Result<usize, Fault> {
    match cx.heap.items(array) {
        Some(items) => Ok(items.len()),
        None => cx.heap.bytes(array).map(<[u8]>::len).ok_or_else(Fault::null_reference),
    }
}

fn element(cx: &Call<'_>, array: Value) -> TypeId {
    cx.heap.type_of(array).arguments().first().copied().unwrap_or_else(types::object)
}

/// All elements; null throws `ArgumentNullException`.
fn read(cx: &mut Call<'_>, array: Value) -> Result<Vec<Value>, Fault> {
    if array.is_null() {
        return Err(Fault::argument_null("array"));
    }
    enumerate::collect(cx, array)
}

pub fn get(cx: &mut Call<'_>, array: Value, at: i64) -> Result<Value, Fault> {
    let at = usize::try_from(at).ok();
    let found = match (cx.heap.items(array), cx.heap.bytes(array)) {
        (Some(items), _) => at.and_then(|at| items.get(at).copied()),
        (_, Some(bytes)) => at.and_then(|at| bytes.get(at)).map(|&b| Value::Byte(b)),
        _ => return Err(Fault::null_reference()),
    };
    found.ok_or_else(Fault::index_of_array)
}

pub fn set(cx: &mut Call<'_>, array: Value, at: i64, value: Value) -> Result<Value, Fault> {
    let element = element(cx, array);
    let value = if value.is_null() { inherit::zero(cx.heap, element)? } else { value };
    let value = match fitting(cx, value, element) {
        Some(value) => value,
        None if is_primitive(cx, value) && PRIMITIVES.contains(&type_name(element)) => {
            return Err(Fault::throw(
                "System.ArgumentException",
                "Cannot widen from source type to target type either because the source type is a not a primitive type or \
                 the conversion cannot be accomplished.",
            ));
        }
        None => {
            return Err(Fault::throw(
                "System.InvalidCastException",
                "Object cannot be stored in an array of this type.",
            ));
        }
    };
    write(cx, array, at, &[value]).map_err(|fault| match fault {
        Fault::Throw(thrown) if thrown.type_name == "System.ArgumentException" => Fault::index_of_array(),
        other => other,
    })?;
    Ok(Value::Null)
}

fn type_name(ty: TypeId) -> &'static str {
    ty.def().map_or("", |def| def.name)
}

fn is_primitive(cx: &Call<'_>, value: Value) -> bool {
    PRIMITIVES.contains(&type_name(cx.heap.type_of(value)))
}

/// Types that arrays convert to wider ones when they store.
const PRIMITIVES: &[&str] = &[
    "System.SByte",
    "System.Byte",
    "System.Char",
    "System.Int16",
    "System.UInt16",
    "System.Int32",
    "System.UInt32",
    "System.Int64",
    "System.UInt64",
    "System.Single",
    "System.Double",
    "System.Boolean",
];

/// A value as an element of this type: itself, or widened where both are primitive.
fn fitting(cx: &Call<'_>, value: Value, element: TypeId) -> Option<Value> {
    if element == types::object() || inherit::is_instance(cx.heap, value, element) {
        return Some(value);
    }
    // By rank: a wider type of the same kind, or a signed one with room for all.
    let (bits, signed) = match value {
        Value::SByte(_) => (8, true),
        Value::Byte(_) => (8, false),
        Value::Int16(_) => (16, true),
        Value::UInt16(_) | Value::Char(_) => (16, false),
        Value::Int32(_) => (32, true),
        Value::UInt32(_) => (32, false),
        Value::Int64(_) => (64, true),
        Value::UInt64(_) => (64, false),
        Value::Single(v) if type_name(element) == "System.Double" => return Some(Value::Double(v.into())),
        _ => return None,
    };
    let number = value.integer()?;
    let fits =
        |to: u32, to_signed: bool| if signed { to_signed && to >= bits } else { to > bits || !to_signed && to == bits };
    Some(match type_name(element) {
        "System.Char" if !signed && bits <= 16 => Value::Char(number as u16),
        "System.Int16" if fits(16, true) => Value::Int16(number as i16),
        "System.UInt16" if fits(16, false) && !signed => Value::UInt16(number as u16),
        "System.Int32" if fits(32, true) => Value::Int32(number as i32),
        "System.UInt32" if fits(32, false) && !signed => Value::UInt32(number as u32),
        "System.Int64" if fits(64, true) => Value::Int64(number),
        "System.UInt64" if !signed => Value::UInt64(number as u64),
        "System.Single" if bits < 64 || signed => Value::Single(number as f32),
        "System.Single" => Value::Single(number as u64 as f32),
        "System.Double" if bits < 64 || signed => Value::Double(number as f64),
        "System.Double" => Value::Double(number as u64 as f64),
        _ => return None,
    })
}

/// The elements of an array as another array takes them.
fn converted(cx: &mut Call<'_>, from: Value, to: Value, items: &[Value]) -> Result<Vec<Value>, Fault> {
    let (source, wanted) = (element(cx, from), element(cx, to));
    if source == wanted || wanted == types::object() || inherit::is_subtype(source, wanted) {
        return Ok(items.to_vec());
    }
    let both_values = inherit::is_value_type(source) && inherit::is_value_type(wanted);
    let mismatch = || {
        Fault::throw(
            "System.ArrayTypeMismatchException",
            "Source array type cannot be assigned to destination array type.",
        )
    };
    // An object may turn out to be what is wanted; what has another type altogether cannot.
    if !both_values && !inherit::is_subtype(wanted, source) {
        return Err(mismatch());
    }
    let mut out = Vec::with_capacity(items.len());
    for &item in items {
        match fitting(cx, item, wanted) {
            Some(value) => out.push(value),
            None if item.is_null() && !inherit::is_value_type(wanted) => out.push(item),
            None if both_values => return Err(mismatch()),
            None => {
                return Err(Fault::throw(
                    "System.InvalidCastException",
                    "At least one element in the source array could not be cast down to the destination array type.",
                ));
            }
        }
    }
    Ok(out)
}

/// Writes elements from an index on.
pub fn write(cx: &mut Call<'_>, array: Value, at: i64, values: &[Value]) -> Result<(), Fault> {
    let Value::Object(handle) = array else { return Err(Fault::argument_null("array")) };
    cx.charge_fuel(values.len() / 4)?;
    let at = usize::try_from(at).map_err(|_| Fault::out_of_range("Non-negative number required.", "index"))?;
    let short = || {
        Fault::throw(
            "System.ArgumentException",
            "Destination array was not long enough. Check the destination index, length, and the array's lower bounds. \
             (Parameter 'destinationArray')",
        )
    };
    match cx.heap.get_mut(handle) {
        Object::Array { items, .. } | Object::Grid { items, .. } => {
            items.get_mut(at..at + values.len()).ok_or_else(short)?.copy_from_slice(values);
        }
        Object::Bytes(bytes) => {
            let to = bytes.get_mut(at..at + values.len()).ok_or_else(short)?;
            for (to, value) in to.iter_mut().zip(values) {
                *to = value.integer().unwrap_or_default() as u8;
            }
        }
        _ => return Err(Fault::argument_null("array")),
    }
    Ok(())
}

/// An array of this array type.
pub fn new(cx: &mut Call<'_>, ty: TypeId, items: Vec<Value>) -> Result<Value, Fault> {
    if ty.arguments().first() == Some(&types::byte()) {
        let bytes = items.iter().map(|v| v.integer().unwrap_or_default() as u8).collect();
        return cx.heap.new_bytes(bytes);
    }
    cx.heap.new_array(ty, items)
}

/// `CreateInstance` with several lengths.
fn create(
    cx: &mut Call<'_>,
    element: Value,
    lengths: &[Value],
    name: impl Fn(usize) -> String,
) -> Result<Value, Fault> {
    let Value::Type(element) = element else { return Err(Fault::argument_null("elementType")) };
    if let [length] = lengths {
        let len = reserve(cx, long(*length), &name(0))?;
        return zeros(cx, element, len);
    }
    let mut count = 1usize;
    let mut all = Vec::with_capacity(lengths.len());
    for (at, length) in lengths.iter().enumerate() {
        let Ok(length) = u32::try_from(long(*length)) else {
            return Err(Fault::out_of_range("Non-negative number required.", &name(at)));
        };
        all.push(length);
        count = count.saturating_mul(length as usize);
    }
    cx.charge_fuel(count / 16)?;
    cx.heap.charge(count.saturating_mul(size_of::<Value>()))?;
    let zero = inherit::zero(cx.heap, element)?;
    let ty = TypeId::of(Type::Array(element, all.len() as u8));
    cx.heap.alloc(Object::Grid { ty, items: vec![zero; count], lengths: all.into() })
}

fn create_by_list(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let lengths = cx.heap.items(args[1]).ok_or_else(|| Fault::argument_null("lengths"))?.to_vec();
    if lengths.is_empty() {
        return Err(Fault::throw("System.ArgumentException", "Must provide at least one rank."));
    }
    create(cx, args[0], &lengths, |at| format!("lengths[{at}]"))
}

/// `new element[len]`; the caller has charged its memory.
pub fn zeros(cx: &mut Call<'_>, element: TypeId, len: usize) -> Result<Value, Fault> {
    cx.charge_fuel(len / 4)?;
    let zero = inherit::zero(cx.heap, element)?;
    new(cx, TypeId::array(element), vec![zero; len])
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

/// How long an array is in a dimension.
fn dimension(cx: &Call<'_>, args: &[Value]) -> Result<u32, Fault> {
    let lengths = grid::lengths(cx, args[0])?;
    let at = usize::try_from(int(args[1])).ok();
    at.and_then(|at| lengths.get(at).copied())
        .ok_or_else(|| Fault::throw("System.IndexOutOfRangeException", "Array does not have that many dimensions."))
}

/// The length in a dimension that is not there is told as a wrong index.
fn outside(fault: Fault) -> Fault {
    match fault {
        Fault::Throw(_) => Fault::index_of_array(),
        other => other,
    }
}

/// The place of an element by several indices.
fn place(cx: &mut Call<'_>, array: Value, indices: &[Value]) -> Result<i64, Fault> {
    let rank = grid::lengths(cx, array)?.len();
    if rank != indices.len() {
        let message = match indices.len() {
            1 => "Array was not a one-dimensional array.",
            2 => "Array was not a two-dimensional array.",
            3 => "Array was not a three-dimensional array.",
            _ => "Indices length does not match the array rank.",
        };
        return Err(Fault::throw("System.ArgumentException", message));
    }
    let mut all = vec![array];
    all.extend(indices);
    grid::index(cx, &all).map(long)
}

fn indices_of(cx: &mut Call<'_>, array: Value, indices: Value) -> Result<i64, Fault> {
    if grid::lengths(cx, array)?.len() < 2 {
        return single_index(cx, indices);
    }
    let indices = cx.heap.items(indices).ok_or_else(|| Fault::argument_null("indices"))?.to_vec();
    place(cx, array, &indices)
}

fn single_index(cx: &Call<'_>, indices: Value) -> Result<i64, Fault> {
    match cx.heap.items(indices) {
        Some([at]) => Ok(long(*at)),
        Some(_) => Err(Fault::throw("System.ArgumentException", "Indices length does not match the array rank.")),
        None => Err(Fault::argument_null("indices")),
    }
}

fn copy_to(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let items = read(cx, args[0])?;
    if args[1].is_null() {
        return Err(Fault::argument_null("destinationArray"));
    }
    let items = converted(cx, args[0], args[1], &items)?;
    write(cx, args[1], long(args[2]), &items)?;
    Ok(Value::Null)
}

fn copy_start(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    copy_range(cx, &[args[0], Value::Int32(0), args[1], Value::Int32(0), args[2]])
}

fn copy_range(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    if args[0].is_null() {
        return Err(Fault::argument_null("sourceArray"));
    }
    if args[2].is_null() {
        return Err(Fault::argument_null("destinationArray"));
    }
    let items = read(cx, args[0])?;
    let negative = |name| Fault::out_of_range("Non-negative number required.", name);
    let length = usize::try_from(long(args[4])).map_err(|_| negative("length"))?;
    let from = usize::try_from(long(args[1])).map_err(|_| negative("sourceIndex"))?;
    let Some(items) = items.get(from..from.saturating_add(length)) else {
        return Err(Fault::throw(
            "System.ArgumentException",
            "Source array was not long enough. Check the source index, length, and the array's lower bounds. (Parameter \
             'sourceArray')",
        ));
    };
    let items = converted(cx, args[0], args[2], items)?;
    write(cx, args[2], long(args[3]), &items)?;
    Ok(Value::Null)
}

fn fill(cx: &mut Call<'_>, array: Value, value: Value, from: usize, count: usize) -> Result<Value, Fault> {
    let values = vec![value; count];
    write(cx, array, from as i64, &values)?;
    Ok(Value::Null)
}

fn reverse(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let mut items = read(cx, args[0])?;
    let (from, count) = match *args {
        [_, index, length, ..] => span(int(index), int(length), items.len())?,
        _ => (0, items.len()),
    };
    items[from..from + count].reverse();
    write(cx, args[0], 0, &items)?;
    Ok(Value::Null)
}

// ---- searching -------------------------------------------------------------------------------------------------------

/// The position of an element, by default equality; `-1` when there is none.
pub fn index_of(cx: &mut Call<'_>, array: Value, value: Value) -> Result<Value, Fault> {
    first_index(cx, &[array, value])
}

fn first_index(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let items = read(cx, args[0])?;
    let from = args.get(2).map_or(0, |&at| int(at));
    let Some(from) = usize::try_from(from).ok().filter(|&at| at <= items.len()) else {
        return Err(Fault::index("startIndex"));
    };
    let count = args.get(3).map_or(items.len() - from, |&count| int(count).max(0) as usize);
    for (at, &item) in items.iter().enumerate().skip(from).take(count) {
        cx.charge_fuel(1)?;
        if comparer::equals(cx, item, args[1])? {
            return Ok(Value::Int32(at as i32));
        }
    }
    Ok(Value::Int32(-1))
}

fn last_index_of(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let items = read(cx, args[0])?;
    let from = args.get(2).map_or(items.len() as i32 - 1, |&at| int(at));
    last_index(cx, &items, args[1], from, args.get(3).map(|&count| int(count)))
}

fn bad_count() -> Fault {
    let message = "Count must be positive and count must refer to a location within the string/array/collection.";
    Fault::out_of_range(message, "count")
}

/// The last position of an element at or before `from`.
pub fn last_index(
    cx: &mut Call<'_>,
    items: &[Value],
    value: Value,
    from: i32,
    count: Option<i32>,
) -> Result<Value, Fault> {
    if items.is_empty() {
        return match (from, count) {
            (-1 | 0, None | Some(0)) => Ok(Value::Int32(-1)),
            (-1 | 0, Some(_)) => Err(bad_count()),
            _ => Err(Fault::index("startIndex")),
        };
    }
    let Some(from) = usize::try_from(from).ok().filter(|&at| at < items.len()) else {
        return Err(Fault::index("startIndex"));
    };
    let count = match count.map(|count| usize::try_from(count).ok().filter(|&count| count <= from + 1)) {
        None => from + 1,
        Some(Some(count)) => count,
        Some(None) => return Err(bad_count()),
    };
    for at in (from + 1 - count..=from).rev() {
        cx.charge_fuel(1)?;
        if comparer::equals(cx, items[at], value)? {
            return Ok(Value::Int32(at as i32));
        }
    }
    Ok(Value::Int32(-1))
}

fn matcher(value: Value) -> Result<Value, Fault> {
    if value.is_null() { Err(Fault::argument_null("match")) } else { Ok(value) }
}

pub fn first_match(cx: &mut Call<'_>, items: &[Value], matches: Value) -> Result<Option<usize>, Fault> {
    let matches = matcher(matches)?;
    for (at, &item) in items.iter().enumerate() {
        cx.charge_fuel(1)?;
        if cx.test(matches, &[item])? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

pub fn last_match(cx: &mut Call<'_>, items: &[Value], matches: Value) -> Result<Option<usize>, Fault> {
    let matches = matcher(matches)?;
    for (at, &item) in items.iter().enumerate().rev() {
        cx.charge_fuel(1)?;
        if cx.test(matches, &[item])? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

pub fn all_matches(cx: &mut Call<'_>, items: &[Value], matches: Value) -> Result<Vec<Value>, Fault> {
    let matches = matcher(matches)?;
    let mut found = Vec::new();
    for &item in items {
        cx.charge_fuel(1)?;
        if cx.test(matches, &[item])? {
            found.push(item);
        }
    }
    Ok(found)
}

pub fn find_index(cx: &mut Call<'_>, items: &[Value], from: i32, count: i32, matches: Value) -> Result<Value, Fault> {
    let Some(from) = usize::try_from(from).ok().filter(|&at| at <= items.len()) else {
        return Err(Fault::index("startIndex"));
    };
    let Some(slice) = usize::try_from(count).ok().and_then(|count| items.get(from..from + count)) else {
        return Err(count_fault());
    };
    Ok(Value::Int32(first_match(cx, slice, matches)?.map_or(-1, |at| (from + at) as i32)))
}

pub fn find_last_index(
    cx: &mut Call<'_>,
    items: &[Value],
    from: i32,
    count: Option<i32>,
    matches: Value,
) -> Result<Value, Fault> {
    if items.is_empty() {
        return if from == -1 { Ok(Value::Int32(-1)) } else { Err(Fault::index("startIndex")) };
    }
    let Some(from) = usize::try_from(from).ok().filter(|&at| at < items.len()) else {
        return Err(Fault::index("startIndex"));
    };
    let count = match count {
        None => from + 1,
        Some(count) => usize::try_from(count).ok().filter(|&count| count <= from + 1).ok_or_else(count_fault)?,
    };
    let first = from + 1 - count;
    Ok(Value::Int32(last_match(cx, &items[first..=from], matches)?.map_or(-1, |at| (first + at) as i32)))
}

fn count_fault() -> Fault {
    Fault::out_of_range(
        "Count must be positive and count must refer to a location within the string/array/collection.",
        "count",
    )
}

fn search_all(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let items = read(cx, args[0])?;
    let order = Order::new(cx, args.get(2).copied().unwrap_or(Value::Null));
    binary_search(cx, &items, 0, items.len(), args[1], order)
}

fn search_range(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let items = read(cx, args[0])?;
    let (from, count) = span(int(args[1]), int(args[2]), items.len())?;
    let order = Order::new(cx, args.get(4).copied().unwrap_or(Value::Null));
    binary_search(cx, &items, from, count, args[3], order)
}

/// The position of a value in a sorted range; the complement of where it would stand when it is not there.
pub fn binary_search(
    cx: &mut Call<'_>,
    items: &[Value],
    from: usize,
    count: usize,
    value: Value,
    order: Order,
) -> Result<Value, Fault> {
    let (mut low, mut high) = (from as i64, (from + count) as i64 - 1);
    while low <= high {
        let middle = low + (high - low) / 2;
        cx.charge_fuel(1)?;
        let compared = order.compare(cx, items[middle as usize], value).map_err(|fault| match fault {
            Fault::Throw(inner) => {
                let message = "Failed to compare two elements in the array.";
                Fault::throw_with("System.InvalidOperationException", message, *inner)
            }
            other => other,
        })?;
        match compared {
            std::cmp::Ordering::Equal => return Ok(Value::Int32(middle as i32)),
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle - 1,
        }
    }
    Ok(Value::Int32(!low as i32))
}
