//! Checks a unit before it runs: registers, jumps, tables, handlers. Names each broken promise.

use super::op::Op;
use super::unit::Unit;

/// The promises that a unit breaks; empty for one that may run.
pub fn verify(unit: &Unit) -> Vec<String> {
    let mut broken = Vec::new();
    for (at, function) in unit.functions.iter().enumerate() {
        let len = function.code.len() as u32;
        let mut promise = |kept: bool, what: &str, position: usize| {
            if !kept {
                broken.push(format!("function {at} ({}), instruction {position}: {what}", function.name));
            }
        };
        promise(
            matches!(function.code.last(), Some(Op::Return { .. })),
            "the last instruction returns",
            function.code.len(),
        );
        for (position, op) in function.code.iter().enumerate() {
            if let Some(target) = op.target() {
                promise(target < len, "a jump stays inside its function", position);
            }
            let (base, count) = span_of(op);
            promise(
                u32::from(base) + u32::from(count) <= u32::from(function.registers),
                "registers lie in the frame",
                position,
            );
            promise(tables_hold(unit, op), "a table has the entry", position);
            promise(arguments_fit(unit, op), "what a call brings is among its arguments", position);
        }
        for handler in &function.handlers {
            let inside = handler.start <= handler.end && handler.end <= len && handler.target < len;
            promise(
                inside && handler.exception < function.registers,
                "a handler lies inside its function",
                handler.target as usize,
            );
        }
    }
    broken
}

fn span_of(op: &Op) -> (u16, u16) {
    match op {
        Op::CallNative { base, count, .. }
        | Op::CallFunction { base, count, .. }
        | Op::Invoke { base, count, .. }
        | Op::Record { base, count, .. }
        | Op::ArrayOf { base, count, .. }
        | Op::Concat { base, count, .. }
        | Op::Effect { base, count, .. } => (*base, *count),
        _ => (0, 0),
    }
}

fn arguments_fit(unit: &Unit, op: &Op) -> bool {
    let Op::CallNative { native, count, .. } = op else { return true };
    let Some(call) = unit.natives.get(*native as usize) else { return false };
    let values = call.values.iter().map(|(at, _)| at);
    let objects = call.objects.iter().map(|(at, _)| at).chain(call.copies.iter().map(|(at, _)| at));
    values.chain(objects).all(|at| at < count)
        && call.objects.iter().all(|(_, object)| (*object as usize) < unit.constants.len())
}

fn tables_hold(unit: &Unit, op: &Op) -> bool {
    match op {
        Op::LoadValue { at, .. } => (*at as usize) < unit.values.len(),
        Op::LoadObject { at, .. } => (*at as usize) < unit.constants.len(),
        Op::CallNative { native, .. } => (*native as usize) < unit.natives.len(),
        Op::CallLight { light, .. } => usize::from(*light) < unit.lights.len(),
        Op::CallLightConstant { light, at, .. } => {
            usize::from(*light) < unit.lights.len() && (*at as usize) < unit.values.len()
        }
        Op::LookUp { at, .. } => (*at as usize) < unit.look_ups.len(),
        Op::Glance { at, .. } => (*at as usize) < unit.glances.len(),
        Op::CallFunction { function, .. } => (*function as usize) < unit.functions.len(),
        Op::MakeClosure { closure, .. } => (*closure as usize) < unit.closures.len(),
        Op::Step { at } => (*at as usize) < unit.steps.len(),
        Op::Effect { effect, .. } => (*effect as usize) < unit.effects.len(),
        Op::CallFragment { fragment } => (*fragment as usize) < unit.fragments.len(),
        Op::Fork { fork, .. } => (*fork as usize) < unit.forks.len(),
        Op::Interpolate { template, .. } => (*template as usize) < unit.templates.len(),
        _ => true,
    }
}
