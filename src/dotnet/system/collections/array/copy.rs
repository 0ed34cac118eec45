//! Copying elements into an array: `Copy`, `ConstrainedCopy`, and `CopyTo` of arrays and collections.

use super::super::grid;
use super::elements::{countable, element, fitting, given, len, write};
use crate::dotnet::call::{Call, int, long};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Object;
use crate::dotnet::inherit;
use crate::dotnet::system::enumerate;
use crate::dotnet::types;
use crate::dotnet::value::Value;

/// `CopyTo(array, index)`.
pub fn copy_to(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    countable(&args[2..], &["index"])?;
    if !args[1].is_null() && dimensions(cx, args[1]) != 1 {
        let message = "Only single dimensional arrays are supported for the requested action.";
        return Err(Fault::throw("System.ArgumentException", message));
    }
    let length = len(cx, args[0])? as i64;
    copy(cx, args[0], 0, args[1], long(args[2]), length)
}

/// `Copy(sourceArray, destinationArray, length)`.
pub fn copy_start(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    countable(&args[2..], &["length"])?;
    copy(cx, args[0], 0, args[1], 0, long(args[2]))
}

/// `Copy(sourceArray, sourceIndex, destinationArray, destinationIndex, length)`.
pub fn copy_range(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    countable(&[args[1], args[3], args[4]], &["sourceIndex", "destinationIndex", "length"])?;
    copy(cx, args[0], long(args[1]), args[2], long(args[3]), long(args[4]))
}

/// `ConstrainedCopy`: no element is converted or may turn out not to fit.
pub fn constrained(cx: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let (from, at, length) = (long(args[1]), long(args[3]), long(args[4]));
    let range = checked(cx, args[0], from, args[2], at, length)?;
    let (source, wanted) = (element(cx, args[0]), element(cx, args[2]));
    if source != wanted && (inherit::is_value_type(source) || !inherit::is_subtype(source, wanted)) {
        return Err(Fault::throw(
            "System.ArrayTypeMismatchException",
            "Array.ConstrainedCopy will only work on array types that are provably compatible, without any form of \
             boxing, unboxing, widening, or casting of each array element.  Change the array types (i.e., copy a \
             Derived[] to a Base[]), or use a mitigation strategy in the CER for Array.Copy's less powerful reliability \
             contract, such as cloning the array or throwing away the potentially corrupt destination array.",
        ));
    }
    let items = enumerate::collect(cx, args[0])?;
    write(cx, args[2], at, &items[range])?;
    Ok(Value::Null)
}

/// Copies elements of an array or a list into an array, converting them as arrays do.
pub fn copy(cx: &mut Call<'_>, source: Value, from: i64, to: Value, at: i64, length: i64) -> Result<Value, Fault> {
    let range = checked(cx, source, from, to, at, length)?;
    let items = enumerate::collect(cx, source)?;
    let (items, failed) = converted(cx, source, to, &items[range])?;
    write(cx, to, at, &items)?;
    // What was copied before one that does not fit stays.
    match failed {
        Some(fault) => Err(fault),
        None => Ok(Value::Null),
    }
}

fn dimensions(cx: &Call<'_>, array: Value) -> usize {
    match array {
        Value::Object(handle) if matches!(cx.heap.get(handle), Object::Grid { .. }) => {
            grid::lengths(cx, array).map_or(1, |lengths| lengths.len())
        }
        _ => 1,
    }
}

/// The range of the source, when the destination has room for it.
fn checked(
    cx: &Call<'_>,
    source: Value,
    from: i64,
    to: Value,
    at: i64,
    length: i64,
) -> Result<std::ops::Range<usize>, Fault> {
    given(source, "sourceArray")?;
    given(to, "destinationArray")?;
    if dimensions(cx, source) != dimensions(cx, to) {
        let message = "The specified arrays must have the same number of dimensions.";
        return Err(Fault::throw("System.RankException", message));
    }
    let length = usize::try_from(length).map_err(|_| Fault::out_of_range("Non-negative number required.", "length"))?;
    let below =
        |name| Fault::out_of_range("Number was less than the array's lower bound in the first dimension.", name);
    let from = usize::try_from(from).map_err(|_| below("sourceIndex"))?;
    let at = usize::try_from(at).map_err(|_| below("destinationIndex"))?;
    let short = |side: &str, kind: &str| {
        let message =
            format!("{side} array was not long enough. Check the {kind} index, length, and the array's lower bounds.");
        Err(Fault::argument(&message, &format!("{kind}Array")))
    };
    if from + length > len(cx, source)? {
        return short("Source", "source");
    }
    if at + length > len(cx, to)? {
        return short("Destination", "destination");
    }
    Ok(from..from + length)
}

/// The elements of an array as another array takes them, up to the first that does not fit.
fn converted(cx: &mut Call<'_>, from: Value, to: Value, items: &[Value]) -> Result<(Vec<Value>, Option<Fault>), Fault> {
    let (source, wanted) = (element(cx, from), element(cx, to));
    if source == wanted || wanted == types::object() || inherit::is_subtype(source, wanted) {
        return Ok((items.to_vec(), None));
    }
    let both_values = inherit::is_value_type(source) && inherit::is_value_type(wanted);
    // An object may turn out to be what is wanted; what has another type altogether cannot.
    let possible = if both_values {
        let zero = inherit::zero(cx.heap, source)?;
        fitting(cx, zero, wanted).is_some()
    } else {
        inherit::is_subtype(wanted, source)
    };
    if !possible {
        return Err(Fault::throw(
            "System.ArrayTypeMismatchException",
            "Source array type cannot be assigned to destination array type.",
        ));
    }
    let mut out = Vec::with_capacity(items.len());
    for &item in items {
        match fitting(cx, item, wanted) {
            Some(value) => out.push(value),
            None if item.is_null() && !inherit::is_value_type(wanted) => out.push(item),
            None => {
                let message =
                    "At least one element in the source array could not be cast down to the destination array type.";
                return Ok((out, Some(Fault::throw("System.InvalidCastException", message))));
            }
        }
    }
    Ok((out, None))
}

/// Which collection copies itself: each words differently that an array has no room.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Copier {
    /// `Queue<T>`, `Stack<T>`.
    Line,
    Set,
    /// `LinkedList<T>`.
    Chain,
    /// A dictionary and its views.
    Dictionary,
}

/// `CopyTo` of a collection that is no array and no list.
pub fn hand_out(cx: &mut Call<'_>, items: &[Value], to: Value, at: Value, copier: Copier) -> Result<Value, Fault> {
    let room = len(cx, given(to, "array")?)?;
    let at = int(at);
    let place = usize::try_from(at).ok();
    let wrong = match copier {
        Copier::Line => place.is_none_or(|place| place > room).then(|| {
            let message = "Index was out of range. Must be non-negative and less than the size of the collection.";
            actual(message, "arrayIndex", at)
        }),
        Copier::Chain => match place {
            None => Some(actual("Non-negative number required.", "index", at)),
            Some(place) if place > room => {
                Some(actual("Must be less than or equal to the size of the collection.", "index", at))
            }
            Some(_) => None,
        },
        Copier::Set => place.is_none().then(|| actual("Non-negative number required.", "arrayIndex", at)),
        Copier::Dictionary => place
            .is_none_or(|place| place > room)
            .then(|| Fault::out_of_range("Non-negative number required.", "index")),
    };
    if let Some(fault) = wrong {
        return Err(fault);
    }
    let place = place.unwrap_or_default();
    if place + items.len() > room || place > room {
        let message = match copier {
            Copier::Line => {
                "Offset and length were out of bounds for the array or count is greater than the number of elements \
                 from index to the end of the source collection."
            }
            Copier::Chain => "Insufficient space in the target location to copy the information.",
            Copier::Set | Copier::Dictionary => {
                "Destination array is not long enough to copy all the items in the collection. Check array index and \
                 length."
            }
        };
        return Err(Fault::throw("System.ArgumentException", message));
    }
    write(cx, to, place as i64, items)?;
    Ok(Value::Null)
}

/// An argument out of range whose value the message tells.
pub fn actual(message: &str, parameter: &str, value: i32) -> Fault {
    let message = format!("{message} (Parameter '{parameter}')\nActual value was {value}.");
    Fault::throw("System.ArgumentOutOfRangeException", message)
}
