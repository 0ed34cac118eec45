//! Takes out of a function what costs a step and does nothing: code that nothing leads to, jumps to the next
//! instruction, and loads of arguments that the call after them can bring itself. Positions in jumps and handlers move
//! along.

use super::op::{Op, Reach, Reg};
use super::unit::{Function, HandlerKind, NativeCall};
use crate::dotnet::value::Value;

/// Hands the arguments that are loaded just before a native call to the call. What loaded them becomes a jump to the next
/// instruction, which [`tidy`] takes out.
pub fn loads_into_calls(function: &mut Function, natives: &mut [NativeCall], values: &[Value]) {
    let entered = entered(function);
    for at in 0..function.code.len() {
        let Op::CallNative { native, base, count, .. } = function.code[at] else { continue };
        let (mut plain, mut objects, mut copies) = (Vec::new(), Vec::new(), Vec::new());
        let mut brought: Vec<u16> = Vec::new();
        let mut first = at;
        // Whatever enters between a load and the call comes without what was loaded.
        while first > 0 && !entered[first] {
            let (to, load) = match function.code[first - 1] {
                Op::LoadValue { to, at } => (to, Load::Value(values[at as usize])),
                Op::LoadObject { to, at } => (to, Load::Object(at)),
                Op::LoadNull { to } => (to, Load::Value(Value::Null)),
                // What is copied is no argument itself, so that the order of the loads does not matter.
                Op::Move { to, from } if from < base || from - base >= count => (to, Load::Copy(from)),
                _ => break,
            };
            let position = to.wrapping_sub(base);
            if to < base || position >= count || brought.contains(&position) {
                break;
            }
            brought.push(position);
            match load {
                Load::Value(value) => plain.push((position, value)),
                Load::Object(object) => objects.push((position, object)),
                Load::Copy(from) => copies.push((position, from)),
            }
            first -= 1;
        }
        for (before, op) in function.code[first..at].iter_mut().enumerate() {
            *op = Op::Jump { to: (first + before + 1) as u32 };
        }
        if !brought.is_empty() {
            let call = &mut natives[native as usize];
            (call.values, call.objects, call.copies) = (plain.into(), objects.into(), copies.into());
        }
    }
}

/// The most registers of a function that needs no frame, and of one that touches the heap alone.
pub const MOST_LEAF_REGISTERS: usize = 16;
pub const MOST_LIGHT_REGISTERS: usize = 8;

/// What a function needs: how far its instructions reach, where `return`, `throw` and a body that is awaited need nothing
/// of their own.
pub fn needs(function: &Function) -> Reach {
    let registers = usize::from(function.registers);
    if registers > MOST_LEAF_REGISTERS || !function.handlers.is_empty() {
        return Reach::Frame;
    }
    let own = |op: &Op| match op {
        Op::Return { .. } | Op::Throw { .. } | Op::AwaitBody { .. } => Reach::Heap,
        op => op.reach(),
    };
    let furthest = function.code.iter().map(own).max().unwrap_or(Reach::Frame);
    // What runs without the machine around it cannot let others in, so it must be short.
    let loops = function.code.iter().enumerate().any(|(at, op)| op.target().is_some_and(|to| to as usize <= at));
    if loops || registers > MOST_LIGHT_REGISTERS { furthest.max(Reach::Call) } else { furthest }
}

/// The expression that only looks that a function is, if it tells.
pub fn glance(function: &Function) -> Option<u32> {
    let Some(Op::Glance { at, to, done }) = function.code.first() else { return None };
    let returns = matches!(function.code.get(*done as usize), Some(Op::Return { a }) if a == to);
    returns.then_some(*at)
}

enum Load {
    Value(Value),
    Object(u32),
    Copy(Reg),
}

/// Where something other than the instruction before leads to.
fn entered(function: &Function) -> Vec<bool> {
    let mut entered = vec![false; function.code.len() + 1];
    let jumps = function.code.iter().copied().filter_map(Op::target);
    let handlers = function.handlers.iter().flat_map(|handler| {
        let filter = match handler.kind {
            HandlerKind::Catch { filter, .. } => filter,
            _ => None,
        };
        [Some(handler.target), filter]
    });
    for at in jumps.chain(handlers.flatten()) {
        entered[at as usize] = true;
    }
    entered
}

/// The function's last instruction, which returns, stays in any case.
pub fn tidy(function: &mut Function) {
    let mut kept = reached(function);
    let Some(last) = kept.last_mut() else { return };
    *last = true;
    let mut next = kept.len();
    for at in (0..kept.len()).rev() {
        if let Op::Jump { to } = function.code[at]
            && to as usize > at
            && to as usize <= next
        {
            kept[at] = false;
        }
        if kept[at] {
            next = at;
        }
    }
    if kept.iter().all(|kept| *kept) {
        return;
    }
    // Where each position goes; the end is a position too.
    let mut moved = Vec::with_capacity(kept.len() + 1);
    let mut count = 0u32;
    for &is_kept in &kept {
        moved.push(count);
        count += u32::from(is_kept);
    }
    moved.push(count);
    let mut keeps = kept.iter();
    function.code.retain(|_| *keeps.next().expect("a flag per instruction"));
    let mut keeps = kept.iter();
    function.spans.retain(|_| *keeps.next().expect("a place per instruction"));
    for op in &mut function.code {
        if let Some(target) = op.target_mut() {
            *target = moved[*target as usize];
        }
    }
    for handler in &mut function.handlers {
        handler.start = moved[handler.start as usize];
        handler.end = moved[handler.end as usize];
        handler.target = moved[handler.target as usize];
        if let HandlerKind::Catch { filter: Some(filter), .. } = &mut handler.kind {
            *filter = moved[*filter as usize];
        }
    }
}

/// Which instructions may run at all.
fn reached(function: &Function) -> Vec<bool> {
    let mut reached = vec![false; function.code.len()];
    let mut open = vec![0];
    for handler in &function.handlers {
        open.push(handler.target);
        if let HandlerKind::Catch { filter: Some(filter), .. } = handler.kind {
            open.push(filter);
        }
    }
    while let Some(start) = open.pop() {
        for at in start as usize..function.code.len() {
            if std::mem::replace(&mut reached[at], true) {
                break;
            }
            let op = &function.code[at];
            open.extend(op.target());
            if op.leads_nowhere() {
                break;
            }
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytecode::unit::Handler;

    fn tidied(code: Vec<Op>, handlers: Vec<Handler>) -> Function {
        let spans = vec![None; code.len()];
        let mut function = Function { code, spans, handlers, ..Function::default() };
        tidy(&mut function);
        assert_eq!(function.code.len(), function.spans.len());
        function
    }

    #[test]
    fn what_does_nothing_goes() {
        let (load, end) = (Op::LoadContext { to: 0 }, Op::Return { a: 0 });
        let null = Op::LoadNull { to: 0 };
        let jump = |to| Op::Jump { to };
        let rows: [(Vec<Op>, Vec<Op>); 5] = [
            (vec![load, end], vec![load, end]),
            (vec![load, jump(3), null, end], vec![load, end]),
            (vec![jump(2), null, jump(3), end], vec![end]),
            (
                vec![Op::JumpIf { a: 0, to: 3 }, load, jump(4), null, end],
                vec![Op::JumpIf { a: 0, to: 3 }, load, jump(4), null, end],
            ),
            (vec![load, jump(0), null, end], vec![load, jump(0), end]),
        ];
        for (before, after) in rows {
            assert_eq!(tidied(before.clone(), Vec::new()).code, after, "{before:?}");
        }
    }

    #[test]
    fn calls_bring_their_constants() {
        let call = Op::CallNative { native: 0, base: 1, count: 3, to: 0 };
        let (null, one, text) =
            (Op::LoadNull { to: 1 }, Op::LoadValue { to: 2, at: 0 }, Op::LoadObject { to: 3, at: 5 });
        let end = Op::Return { a: 0 };
        let other = Op::LoadNull { to: 9 };
        let (copy, own) = (Op::Move { to: 1, from: 7 }, Op::Move { to: 1, from: 3 });
        // Code, what is left of it, and the positions of the arguments that the call brings.
        let rows: [(Vec<Op>, Vec<Op>, &[u16]); 6] = [
            (vec![null, one, text, call, end], vec![call, end], &[0, 1, 2]),
            (vec![copy, one, text, call, end], vec![call, end], &[0, 1, 2]),
            (vec![text, own, one, call, end], vec![text, own, call, end], &[1]),
            (vec![null, other, text, call, end], vec![null, other, call, end], &[2]),
            (vec![null, null, text, call, end], vec![null, call, end], &[0, 2]),
            (
                vec![Op::JumpIf { a: 0, to: 2 }, one, text, call, end],
                vec![Op::JumpIf { a: 0, to: 2 }, one, call, end],
                &[2],
            ),
        ];
        for (before, after, brought) in rows {
            let spans = vec![None; before.len()];
            let mut function = Function { code: before.clone(), spans, ..Function::default() };
            let mut natives = [NativeCall::new(|_, _| Ok(Value::Null), "native", crate::dotnet::types::object())];
            loads_into_calls(&mut function, &mut natives, &[Value::Int32(1)]);
            tidy(&mut function);
            assert_eq!(function.code, after, "{before:?}");
            let [call] = &natives;
            let others = call.objects.iter().map(|(at, _)| *at).chain(call.copies.iter().map(|(at, _)| *at));
            let mut positions: Vec<u16> = call.values.iter().map(|(at, _)| *at).chain(others).collect();
            positions.sort_unstable();
            assert_eq!(positions, brought, "{before:?}");
        }
    }

    #[test]
    fn functions_need_what_their_instructions_reach() {
        let end = Op::Return { a: 0 };
        let (length, light) = (Op::TextLength { to: 1, a: 0 }, Op::CallLight { light: 0, a: 0, b: 0, to: 1 });
        let (native, calls) = (
            Op::CallNative { native: 0, base: 0, count: 1, to: 1 },
            Op::CallFunction { function: 0, base: 0, count: 1, to: 1 },
        );
        let rows: [(Vec<Op>, u16, Reach); 8] = [
            (vec![length, end], 2, Reach::Heap),
            (vec![light, Op::Throw { a: 0 }, end], 2, Reach::Heap),
            (vec![light, native, end], 2, Reach::Call),
            (vec![length, end], 9, Reach::Call),
            (vec![length, Op::Jump { to: 0 }, end], 2, Reach::Call),
            (vec![length, end], 17, Reach::Frame),
            (vec![Op::Step { at: 0 }, end], 2, Reach::Frame),
            (vec![calls, end], 2, Reach::Frame),
        ];
        for (code, registers, reach) in rows {
            let function = Function { code, registers, ..Function::default() };
            assert_eq!(needs(&function), reach, "{function:?}");
        }
    }

    #[test]
    fn handlers_move_along() {
        let handler = Handler { start: 0, end: 2, target: 3, exception: 0, kind: HandlerKind::Finally };
        let code = vec![
            Op::LoadContext { to: 0 },
            Op::Jump { to: 4 },
            Op::LoadNull { to: 0 },
            Op::Rethrow { a: 0 },
            Op::Return { a: 0 },
        ];
        let function = tidied(code, vec![handler]);
        assert_eq!(function.code.len(), 4);
        assert_eq!(function.handlers[0].target, 2);
        assert_eq!(function.code[1], Op::Jump { to: 3 });
    }
}
