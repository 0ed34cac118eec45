//! From .NET values to tokens: `FromObject`, `JsonConvert.SerializeObject`.

use super::token::{self, Result, Type};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Object;
use crate::dotnet::member::Form;
use crate::dotnet::system::collections::Dictionary;
use crate::dotnet::system::enumerate::{self, find_member};
use crate::dotnet::system::{display, enumerate::is_enumerable};
use crate::dotnet::types::Type as Dotnet;
use crate::dotnet::value::Value;

/// What the settings say of nulls.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules {
    pub skip_nulls: bool,
}

/// A token of any value, without a parent.
pub fn to_token(cx: &mut Call<'_>, value: Value, rules: Rules) -> Result {
    cx.heap.enter()?;
    let made = build(cx, value, rules);
    cx.heap.leave();
    made
}

fn build(cx: &mut Call<'_>, value: Value, rules: Rules) -> Result {
    cx.charge_fuel(1)?;
    if token::is_token(cx, value) {
        return token::clone(cx, value);
    }
    if super::members::is_xml(cx, value) {
        return super::writers::token_of(cx, |cx, writer| super::xml_nodes::write(cx, writer, value, false));
    }
    if let Some(made) = scalar(cx, value)? {
        return Ok(made);
    }
    let value = crate::dotnet::context::maps::dictionary(cx, value)?.unwrap_or(value);
    if let Some(dictionary) = cx.heap.extension::<Dictionary>(value) {
        let pairs: Vec<(Value, Value)> = dictionary.table.iter().collect();
        return object(cx, pairs, rules);
    }
    let Value::Object(handle) = value else { return super::plain::token_of(cx, value) };
    if let Object::Record { ty, fields } = cx.heap.get(handle) {
        let (ty, fields) = (*ty, fields.to_vec());
        let names: Vec<String> = match ty.get() {
            Dotnet::Anonymous(own) => own.iter().map(|(name, _)| name.to_string()).collect(),
            _ if ty.def().is_some_and(|def| def.simple_name() == "KeyValuePair") => {
                vec!["Key".to_owned(), "Value".to_owned()]
            }
            _ => (1..=fields.len()).map(|at| format!("Item{at}")).collect(),
        };
        let mut pairs = Vec::with_capacity(fields.len());
        for (name, field) in names.iter().zip(fields) {
            pairs.push((cx.new_str(name)?, field));
        }
        return object(cx, pairs, rules);
    }
    if let Object::Grid { items, lengths, .. } = cx.heap.get(handle) {
        let (items, lengths) = (items.clone(), lengths.clone());
        return rows(cx, &items, &lengths, rules);
    }
    // A sorted dictionary is a dictionary.
    if find_member(cx.heap.type_of(value), Form::Method, "ContainsKey", 1).is_some() {
        let mut pairs = Vec::new();
        let mut cursor = enumerate::start(cx, value)?;
        while let Some(pair) = cursor.next(cx)? {
            if let Some(&[key, item]) = cx.heap.fields(pair) {
                pairs.push((key, item));
            }
        }
        return object(cx, pairs, rules);
    }
    if is_enumerable(cx, value) {
        let array = token::new_container(cx, Type::Array)?;
        let mut cursor = enumerate::start(cx, value)?;
        let mut at = 0;
        while let Some(item) = cursor.next(cx)? {
            let item = to_token(cx, item, rules)?;
            token::insert(cx, array, at, item)?;
            at += 1;
        }
        return Ok(array);
    }
    super::plain::token_of(cx, value)
}

/// A rectangular array: arrays in arrays, by its dimensions.
fn rows(cx: &mut Call<'_>, items: &[Value], lengths: &[u32], rules: Rules) -> Result {
    let Some((&len, inner)) = lengths.split_first() else {
        return to_token(cx, items.first().copied().unwrap_or(Value::Null), rules);
    };
    cx.charge_fuel(len as usize)?;
    let array = token::new_container(cx, Type::Array)?;
    let width: usize = inner.iter().map(|&len| len as usize).product();
    for at in 0..len as usize {
        let own = items.get(at * width..(at + 1) * width).unwrap_or_default();
        let item = rows(cx, own, inner, rules)?;
        token::push(cx, array, item)?;
    }
    Ok(array)
}

fn scalar(cx: &mut Call<'_>, value: Value) -> Result<Option<Value>> {
    if let Value::Char(unit) = value {
        let text = cx.heap.new_wide(&[unit])?;
        return token::new_leaf(cx, Type::String, text).map(Some);
    }
    // An enum is written as its number, and is that number then.
    let value = match value {
        Value::Enum { value, .. } => i32::try_from(value).map_or(Value::Int64(value), Value::Int32),
        other => other,
    };
    match token::type_of_value(cx, value) {
        Ok(kind) => token::new_leaf(cx, kind, value).map(Some),
        Err(Fault::Throw(_)) => Ok(None),
        Err(limit) => Err(limit),
    }
}

pub fn object(cx: &mut Call<'_>, pairs: Vec<(Value, Value)>, rules: Rules) -> Result {
    let object = token::new_container(cx, Type::Object)?;
    let mut at = 0;
    for (key, value) in pairs {
        if rules.skip_nulls && value.is_null() {
            continue;
        }
        let name = match cx.heap.str(key) {
            Some(_) => key,
            None => {
                let text = match key {
                    Value::DateTime(date) => super::date::write(date),
                    Value::DateTimeOffset { ticks, minutes } => super::date::write_offset(ticks, minutes),
                    _ => display::display(cx, key)?,
                };
                cx.new_str(&text)?
            }
        };
        let value = to_token(cx, value, rules)?;
        let property = token::new_property(cx, name, value)?;
        token::insert(cx, object, at, property)?;
        at += 1;
    }
    Ok(object)
}
