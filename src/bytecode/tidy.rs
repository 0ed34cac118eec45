//! Takes out of a function what costs a step and does nothing: code that nothing leads to, and jumps to the next
//! instruction. Positions in jumps and handlers move along.

use super::op::Op;
use super::unit::{Function, HandlerKind};

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
