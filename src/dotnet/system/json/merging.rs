//! Comparing tokens, `Merge`, and `CopyTo`.

use super::changing::find_property;
use super::equality;
use super::members::append_member;
use super::token::{self, Result, Type};
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::system::display;
use crate::dotnet::system::enumerate::{self};
use crate::dotnet::value::Value;

pub fn deep_equals(cx: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(Value::Bool(equality::deep_equals(cx, a[0], a[1])?))
}

pub fn value_equals(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let both = token::leaf(cx, a[0]).is_some() && token::leaf(cx, a[1]).is_some();
    Ok(Value::Bool(both && equality::values_equal(cx, a[0], a[1])?))
}

pub fn value_hash(cx: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(Value::Int32(equality::hash(cx, a[0])?))
}

pub fn compare_to(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if a[1].is_null() {
        return Ok(Value::Int32(1));
    }
    let (own, other) = (token::kind(cx, a[0])?, token::kind(cx, a[1])?);
    // A string is compared as what the other is.
    let kind = if own == Type::String { other } else { own };
    if let (Some(x), Some(y)) = (token::leaf(cx, a[0]), token::leaf(cx, a[1]))
        && matches!(kind, Type::String | Type::Comment | Type::Raw)
        && !x.is_null()
        && !y.is_null()
    {
        let (x, y) = (display::to_str(cx, x)?, display::to_str(cx, y)?);
        return crate::dotnet::system::string::search::compare_ordinal(cx, &[x, y]);
    }
    Ok(Value::Int32(equality::compare_values(cx, a[0], a[1])? as i32))
}

/// How `Merge` treats arrays and nulls.
#[derive(Clone, Copy, Debug, Default)]
struct Merging {
    arrays: i64,
    nulls: bool,
    ignore_case: bool,
}

pub fn merge(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if a[1].is_null() {
        return Ok(Value::Null);
    }
    let mut how = Merging::default();
    if let Some(settings) = a.get(2).and_then(|&settings| cx.heap.extension::<super::settings::Settings>(settings)) {
        how.arrays = settings.get("MergeArrayHandling");
        how.nulls = settings.get("MergeNullValueHandling") == 1;
        how.ignore_case = settings.get("PropertyNameComparison") % 2 == 1;
    }
    merge_into(cx, a[0], a[1], how)?;
    Ok(Value::Null)
}

fn merge_into(cx: &mut Call<'_>, target: Value, content: Value, how: Merging) -> Result<()> {
    cx.heap.enter()?;
    let done = merge_nested(cx, target, content, how);
    cx.heap.leave();
    done
}

fn merge_nested(cx: &mut Call<'_>, target: Value, content: Value, how: Merging) -> Result<()> {
    match token::kind(cx, target)? {
        Type::Object => {
            if !token::is_token(cx, content) || token::kind(cx, content)? != Type::Object {
                return Ok(());
            }
            for property in token::children(cx, content)? {
                let name = token::name(cx, property)?;
                let value = token::property_value(cx, property)?;
                let comparison = how.ignore_case.then_some(Value::Int32(5));
                let Some(own) = find_property(cx, target, name, comparison)? else {
                    let value = token::clone(cx, value)?;
                    append_member(cx, target, name, value)?;
                    continue;
                };
                let is_null = token::kind(cx, value)? == Type::Null;
                if is_null && !how.nulls {
                    continue;
                }
                let existing = token::property_value(cx, own)?;
                let kind = token::kind(cx, existing)?;
                if kind.is_container() && kind == token::kind(cx, value)? {
                    merge_into(cx, existing, value, how)?;
                } else {
                    token::set(cx, own, 0, value)?;
                }
            }
            Ok(())
        }
        Type::Array => merge_array(cx, target, content, how),
        Type::Property => {
            if !token::is_token(cx, content) || token::kind(cx, content)? != Type::Property {
                return Ok(());
            }
            let value = token::property_value(cx, content)?;
            if token::kind(cx, value)? != Type::Null {
                token::set(cx, target, 0, value)?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// `MergeArrayHandling.Merge`: the one that takes values which are no tokens.
const MERGE: i64 = 3;

fn merge_array(cx: &mut Call<'_>, target: Value, content: Value, how: Merging) -> Result<()> {
    let items = if token::is_token(cx, content) {
        if token::kind(cx, content)? != Type::Array {
            return Ok(());
        }
        token::children(cx, content)?
    } else if cx.heap.str(content).is_some()
        || cx.heap.bytes(content).is_some()
        || !enumerate::is_enumerable(cx, content)
    {
        // They hold several values, and are none.
        return Ok(());
    } else {
        enumerate::collect(cx, content)?
    };
    if how.arrays == 2 {
        token::clear(cx, target)?;
    }
    for (at, item) in items.into_iter().enumerate() {
        if how.arrays != MERGE && !item.is_null() && !token::is_token(cx, item) {
            let own = cx.heap.type_of(item).clr_name();
            return Err(Fault::invalid_cast(&own, "Newtonsoft.Json.Linq.JToken"));
        }
        let item = token::of_content(cx, item)?;
        let end = token::len(cx, target)?;
        match how.arrays {
            1 => {
                let mut is_there = false;
                for own in token::children(cx, target)? {
                    is_there |= equality::deep_equals(cx, own, item)?;
                }
                if is_there {
                    continue;
                }
                token::insert(cx, target, end, item)?;
            }
            MERGE if at < end => {
                let own = token::child(cx, target, at)?.unwrap_or(Value::Null);
                let kind = token::kind(cx, own)?;
                if kind.is_container() {
                    merge_into(cx, own, item, how)?;
                } else if token::kind(cx, item)? != Type::Null || how.nulls {
                    token::set(cx, target, at, item)?;
                }
            }
            _ => token::insert(cx, target, end, item)?,
        }
    }
    Ok(())
}

pub fn copy_to(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let items = token::children(cx, a[0])?;
    if a[1].is_null() {
        return Err(Fault::argument_null("array"));
    }
    let (at, room) = (i64::from(int(a[2])), crate::dotnet::system::collections::array::len(cx, a[1])? as i64);
    if at < 0 {
        return Err(Fault::out_of_range("arrayIndex is less than 0.", "arrayIndex"));
    }
    if at >= room && at != 0 {
        let message = "arrayIndex is equal to or greater than the length of array.";
        return Err(Fault::throw("System.ArgumentException", message));
    }
    if items.len() as i64 > room - at {
        let message = "The number of elements in the source JObject is greater than the available space from arrayIndex to the end of the destination array.";
        return Err(Fault::throw("System.ArgumentException", message));
    }
    crate::dotnet::system::collections::array::write(cx, a[1], int(a[2]).into(), &items)?;
    Ok(Value::Null)
}
