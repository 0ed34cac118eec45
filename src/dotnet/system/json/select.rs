//! Selecting by a path that was read: steps over tokens, filters, comparisons.
//!
//! In: a token and steps. Out: the tokens found, in order, and the exception that came after them.

use super::equality::compare_leaves;
use super::path::{Op, Operand, Selected, Step, Test, fail};
use super::reader;
use super::token::{self, Result, Type};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

pub(super) fn evaluate(cx: &mut Call<'_>, steps: &[Step], root: Value, start: Value, strict: bool) -> Result<Selected> {
    let mut current = vec![start];
    let mut then = None;
    for step in steps {
        let mut found = Vec::new();
        if let Step::Slice(_, _, Some(0)) = step {
            then = Some(Fault::throw("Newtonsoft.Json.JsonException", "Step cannot be zero."));
            current.clear();
        }
        for token in current {
            cx.charge_fuel(1)?;
            match apply(cx, step, root, token, strict, &mut found) {
                Ok(()) => {}
                // What was found before goes on its way first.
                Err(fault @ Fault::Throw(_)) => {
                    then = Some(fault);
                    break;
                }
                Err(limit) => return Err(limit),
            }
        }
        current = found;
    }
    Ok(Selected { found: current, then })
}

/// What a path inside a filter names.
fn named(cx: &mut Call<'_>, steps: &[Step], root: Value, token: Value) -> Result<Vec<Value>> {
    let selected = evaluate(cx, steps, root, token, false)?;
    match selected.then {
        Some(fault) => Err(fault),
        None => Ok(selected.found),
    }
}

/// The values that a container holds: an object's values, not its properties.
fn values(cx: &mut Call<'_>, token: Value) -> Result<Vec<Value>> {
    let kind = token::kind(cx, token)?;
    if !kind.is_container() {
        return Ok(Vec::new());
    }
    let mut children = token::children(cx, token)?;
    if kind == Type::Object {
        for child in &mut children {
            *child = token::property_value(cx, *child)?;
        }
    }
    Ok(children)
}

/// All tokens below, parents first, without properties.
fn descendants(cx: &mut Call<'_>, token: Value) -> Result<Vec<(Option<String>, Value)>> {
    let mut all = Vec::new();
    let mut open = vec![(None, token)];
    while let Some((name, token)) = open.pop() {
        cx.charge_fuel(1)?;
        cx.heap.charge(size_of::<(Option<String>, Value)>())?;
        let kind = token::kind(cx, token)?;
        if kind.is_container() {
            for child in token::children(cx, token)?.into_iter().rev() {
                if kind == Type::Object {
                    let name = token::name_text(cx, child)?;
                    open.push((Some(name), token::property_value(cx, child)?));
                } else {
                    open.push((None, child));
                }
            }
        }
        all.push((name, token));
    }
    Ok(all)
}

fn apply(
    cx: &mut Call<'_>,
    step: &Step,
    root: Value,
    token: Value,
    strict: bool,
    found: &mut Vec<Value>,
) -> Result<()> {
    let kind = token::kind(cx, token)?;
    match step {
        Step::Root => found.push(root),
        Step::Field(None) if kind == Type::Object => found.extend(values(cx, token)?),
        Step::Field(Some(name)) if kind == Type::Object => match token::member(cx, token, name)? {
            Some(value) => found.push(value),
            None if strict => return fail(format!("Property '{name}' does not exist on JObject.")),
            None => {}
        },
        Step::Field(name) if strict => {
            let name = name.as_deref().unwrap_or("*");
            return fail(format!("Property '{name}' not valid on {}.", token::class_name(kind)));
        }
        Step::Field(_) => {}
        Step::Fields(names) if kind == Type::Object => {
            for name in names {
                found.extend(token::member(cx, token, name)?);
                // Newtonsoft says so of names that are there, too.
                if strict {
                    return fail(format!("Property '{name}' does not exist on JObject."));
                }
            }
        }
        Step::Fields(names) if strict => {
            let names: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
            return fail(format!("Properties {} not valid on {}.", names.join(", "), token::class_name(kind)));
        }
        Step::Fields(_) => {}
        Step::Scan(names) => {
            for (own, value) in descendants(cx, token)? {
                for name in names {
                    if name.is_none() || own.is_some() && own == *name {
                        found.push(value);
                    }
                }
            }
        }
        Step::Index(None) => {
            if matches!(kind, Type::Array | Type::Constructor) {
                found.extend(token::children(cx, token)?);
            } else if strict {
                return fail(format!("Index * not valid on {}.", token::class_name(kind)));
            }
        }
        Step::Index(Some(at)) => found.extend(item(cx, token, kind, *at, strict)?),
        Step::Indexes(all) => {
            for at in all {
                found.extend(item(cx, token, kind, *at, strict)?);
            }
        }
        Step::Slice(start, end, step) => slice(cx, token, kind, (*start, *end, *step), strict, found)?,
        Step::Query(test) => {
            // Of an object these are its properties, which have no members to test.
            let children = if kind.is_container() { token::children(cx, token)? } else { Vec::new() };
            for value in children {
                if passes(cx, test, root, value)? {
                    found.push(value);
                }
            }
        }
        Step::QueryScan(test) => {
            for (_, value) in descendants(cx, token)? {
                if passes(cx, test, root, value)? {
                    found.push(value);
                }
            }
        }
    }
    Ok(())
}

fn item(cx: &mut Call<'_>, token: Value, kind: Type, at: i64, strict: bool) -> Result<Option<Value>> {
    if !matches!(kind, Type::Array | Type::Constructor) {
        return if strict { fail(format!("Index {at} not valid on {}.", token::class_name(kind))) } else { Ok(None) };
    }
    let found = match usize::try_from(at) {
        Ok(at) => token::child(cx, token, at)?,
        Err(_) => return Err(Fault::index("index")),
    };
    if found.is_none() && strict {
        return fail(format!("Index {at} outside the bounds of {}.", token::class_name(kind)));
    }
    Ok(found)
}

pub(super) fn slice(
    cx: &mut Call<'_>,
    token: Value,
    kind: Type,
    (start, end, step): (Option<i64>, Option<i64>, Option<i64>),
    strict: bool,
    found: &mut Vec<Value>,
) -> Result<()> {
    if step == Some(0) {
        return fail("Step cannot be zero.");
    }
    if kind != Type::Array {
        return if strict { fail(format!("Array slice is not valid on {}.", token::class_name(kind))) } else { Ok(()) };
    }
    let len = token::len(cx, token)? as i64;
    let step = step.unwrap_or(1);
    let mut from = start.unwrap_or(if step > 0 { 0 } else { len - 1 });
    let mut to = end.unwrap_or(if step > 0 { len } else { -1 });
    if start.is_some_and(|start| start < 0) {
        from += len;
    }
    if end.is_some_and(|end| end < 0) {
        to += len;
    }
    from = from.max(if step > 0 { 0 } else { i64::MIN }).min(if step > 0 { i64::MAX } else { len - 1 });
    to = to.max(-1).min(len);
    let mut at = from;
    let mut any = false;
    while at >= 0 && (step > 0 && at < to || step < 0 && at > to) {
        found.extend(token::child(cx, token, at as usize)?);
        any = true;
        at += step;
    }
    if !any && strict {
        let text = |bound: Option<i64>| bound.map_or("*".to_owned(), |bound| bound.to_string());
        return fail(format!("Array slice of {} to {} returned no results.", text(start), text(end)));
    }
    Ok(())
}

fn passes(cx: &mut Call<'_>, test: &Test, root: Value, token: Value) -> Result<bool> {
    cx.charge_fuel(1)?;
    match test {
        Test::All(tests) => {
            for test in tests {
                if !passes(cx, test, root, token)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Test::Any(tests) => {
            for test in tests {
                if passes(cx, test, root, token)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Test::Exists(operand) => Ok(match operand {
            Operand::Path(steps) => !named(cx, steps, root, token)?.is_empty(),
            _ => true,
        }),
        Test::Compare(left, op, right) => {
            let left = operands(cx, left, root, token)?;
            let right = operands(cx, right, root, token)?;
            for a in &left {
                for b in &right {
                    if compare(cx, a, *op, b)? {
                        return Ok(true);
                    }
                }
            }
            Ok(false)
        }
    }
}

/// A value under comparison: a token's type and value; `None` for a container.
type Plain = Option<(Type, Value)>;

fn operands(cx: &mut Call<'_>, operand: &Operand, root: Value, token: Value) -> Result<Vec<Plain>> {
    Ok(vec![Some(match operand {
        Operand::Path(steps) => {
            let mut all = Vec::new();
            for value in named(cx, steps, root, token)? {
                let kind = token::kind(cx, value)?;
                all.push(token::leaf(cx, value).map(|leaf| (kind, leaf)));
            }
            return Ok(all);
        }
        Operand::Text(text) => (Type::String, cx.new_str(text)?),
        Operand::Integer(value) => (Type::Integer, Value::Int64(*value)),
        Operand::Float(value) => (Type::Float, Value::Double(*value)),
        Operand::Bool(value) => (Type::Boolean, Value::Bool(*value)),
        Operand::Null => (Type::Null, Value::Null),
        Operand::Regex { pattern, options } => (Type::String, cx.new_str(&format!("/{pattern}/{options}"))?),
    })])
}

fn compare(cx: &mut Call<'_>, a: &Plain, op: Op, b: &Plain) -> Result<bool> {
    let (Some(a), Some(b)) = (*a, *b) else { return Ok(op == Op::NotEquals) };
    Ok(match op {
        Op::Regex => return matches(cx, a, b),
        Op::Equals => equal(cx, a, b, false)?,
        Op::NotEquals => !equal(cx, a, b, false)?,
        Op::StrictEquals => equal(cx, a, b, true)?,
        Op::StrictNotEquals => !equal(cx, a, b, true)?,
        Op::Less => compare_leaves(cx, a, b)?.is_lt(),
        Op::LessOrEquals => compare_leaves(cx, a, b)?.is_le(),
        Op::Greater => compare_leaves(cx, a, b)?.is_gt(),
        Op::GreaterOrEquals => compare_leaves(cx, a, b)?.is_ge(),
    })
}

/// Equal values of equal types; whole numbers and fractions are one type. What is no string but looks like one equals its
/// text, unless that is too lax.
fn equal(cx: &mut Call<'_>, a: (Type, Value), b: (Type, Value), strict: bool) -> Result<bool> {
    let numbers = [(Type::Integer, Type::Float), (Type::Float, Type::Integer)];
    if a.0 == b.0 || numbers.contains(&(a.0, b.0)) {
        return Ok(compare_leaves(cx, a, b)?.is_eq());
    }
    if strict || b.0 != Type::String {
        return Ok(false);
    }
    let text = match a.0 {
        Type::Date => match a.1 {
            Value::DateTimeOffset { ticks, minutes } => super::date::write_offset(ticks, minutes),
            Value::DateTime(date) => super::date::write(date),
            _ => return Ok(false),
        },
        Type::Bytes => super::write::base64(cx.heap.bytes(a.1).unwrap_or_default()),
        Type::Guid | Type::TimeSpan => crate::dotnet::system::display::display(cx, a.1)?,
        Type::Uri => super::convert::original_uri(cx, a.1)?.unwrap_or_default(),
        _ => return Ok(false),
    };
    Ok(cx.heap.text(b.1).is_some_and(|own| own == text))
}

/// `text =~ /pattern/options`.
pub(super) fn matches(cx: &mut Call<'_>, text: (Type, Value), pattern: (Type, Value)) -> Result<bool> {
    if text.0 != Type::String || pattern.0 != Type::String || text.1.is_null() {
        return Ok(false);
    }
    let whole = cx.heap.text(pattern.1).unwrap_or_default().into_owned();
    let Some(end) = whole.rfind('/').filter(|&end| end > 0) else {
        return Err(Fault::out_of_range("Length cannot be less than zero.", "length"));
    };
    let start = whole.chars().next().map_or(0, char::len_utf8).min(end);
    let options = whole[end + 1..].chars().fold(0, |options, c| {
        options
            | match c {
                'i' => 1,
                'm' => 2,
                's' => 16,
                'x' => 4,
                _ => 0,
            }
    });
    let pattern = cx.new_str(&whole[start..end])?;
    let options = Value::Enum { ty: TypeId::named("System.Text.RegularExpressions.RegexOptions"), value: options };
    let regex = TypeId::named("System.Text.RegularExpressions.Regex");
    let answer = super::convert::call_static(cx, regex, "IsMatch", &[text.1, pattern, options])?;
    Ok(matches!(answer, Value::Bool(true)))
}

/// `JToken.Path`.
pub fn path_of(cx: &mut Call<'_>, token: Value) -> Result<String> {
    if token::parent(cx, token)?.is_null() {
        return Ok(String::new());
    }
    let mut chain = Vec::new();
    let mut at = token;
    while !at.is_null() {
        cx.charge_fuel(1)?;
        chain.push(at);
        at = token::parent(cx, at)?;
    }
    let mut path = String::new();
    let mut above: Option<Value> = None;
    for &token in chain.iter().rev() {
        if token::kind(cx, token)? == Type::Property {
            let name = token::name_text(cx, token)?;
            reader::push_name(&mut path, &name);
        } else if let Some(parent) = above
            && matches!(token::kind(cx, parent)?, Type::Array | Type::Constructor)
            && let Some(place) = token::place(cx, parent, token)?
        {
            path.push_str(&format!("[{place}]"));
        }
        above = Some(token);
    }
    Ok(path)
}
