//! A unit as text that one can read: an instruction a line, with the place it was written at.

use super::op::{NOWHERE, Op, Reg};
use super::unit::Unit;
use crate::source::Sources;
use std::fmt::Write;

/// The listing of a unit.
pub fn listing(unit: &Unit, sources: &Sources) -> String {
    let mut out = String::new();
    for (at, function) in unit.functions.iter().enumerate() {
        let _ = writeln!(out, "function {at} {} ({} registers)", function.name, function.registers);
        for (position, op) in function.code.iter().enumerate() {
            let place = function.spans[position].map(|span| {
                let place = sources.place(span.file, span.start);
                format!("{}:{}", place.line, place.column)
            });
            let _ = writeln!(out, "{position:5}  {:<60}  {}", show(unit, op), place.unwrap_or_default());
        }
        for handler in &function.handlers {
            let _ = writeln!(out, "       {}..{} -> {} {:?}", handler.start, handler.end, handler.target, handler.kind);
        }
    }
    out
}

/// Where the result of a call goes.
fn result(to: Reg) -> String {
    if to == NOWHERE { String::new() } else { format!("r{to} = ") }
}

fn show(unit: &Unit, op: &Op) -> String {
    match op {
        Op::Step { at } => {
            let step = &unit.steps[*at as usize];
            format!("step          {} {}", step.element, step.path)
        }
        Op::CallNative { native, base, count, to } => {
            let call = &unit.natives[*native as usize];
            let mut text = format!("call          {}{}(r{base}..+{count})", result(*to), call.name);
            for (at, value) in &call.values {
                let _ = write!(text, ", r{} = {value:?}", base + at);
            }
            for (at, object) in &call.objects {
                let _ = write!(text, ", r{} = {:?}", base + at, unit.constants[*object as usize]);
            }
            for (at, from) in &call.copies {
                let _ = write!(text, ", r{} = r{from}", base + at);
            }
            text
        }
        Op::CallLight { light, a, b, to } => {
            format!("call          {}{}(r{a}, r{b})", result(*to), unit.lights[usize::from(*light)].name)
        }
        Op::CallLightConstant { light, a, at, to } => {
            let (name, value) = (unit.lights[usize::from(*light)].name, unit.values[*at as usize]);
            format!("call          {}{name}(r{a}, {value:?})", result(*to))
        }
        Op::LookUp { at, default, to } => {
            format!("look up       {}{:?}, r{default}", result(*to), unit.look_ups[*at as usize])
        }
        Op::Glance { at, to, done } => {
            format!("glance        r{to} = {:?}, then {done}", unit.glances[*at as usize].what)
        }
        Op::Effect { effect, base, count, to } => {
            format!("ask           r{to} = {}(r{base}..+{count})", unit.effects[*effect as usize].name)
        }
        Op::LoadObject { to, at } => format!("load          r{to} = {:?}", unit.constants[*at as usize]),
        Op::LoadValue { to, at } => format!("load          r{to} = {:?}", unit.values[*at as usize]),
        other => format!("{other:?}"),
    }
}
