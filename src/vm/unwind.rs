//! The way of what was raised: up through frames to the handler that takes it, by each `finally` between.

use super::core::Core;
use super::exec::{Exit, Fiber, Frame, Raised, place, run};
use crate::bytecode::unit::{Handler, HandlerKind};
use crate::dotnet::context::Exchange;
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Heap;
use crate::dotnet::inherit;
use crate::dotnet::value::Value;
use crate::link::Chain;

/// Notes where something was raised, and goes to its handler.
#[cold]
pub(super) fn failed(
    chain: &Chain,
    core: &mut Core,
    heap: &mut Heap,
    exchange: &mut Exchange,
    fiber: &mut Fiber,
    failed_at: &mut Option<(u32, u32)>,
    raised: Raised,
) -> Result<(), Raised> {
    // What was being enumerated when it was raised is left first.
    let raised = match settle(chain, core, heap, exchange) {
        Ok(()) => raised,
        Err(fault) => Raised::Fault(fault),
    };
    // What is thrown again was raised where it was first.
    let again = std::mem::take(&mut core.again);
    if matches!(raised, Raised::Fault(_)) && !(again && failed_at.is_some()) {
        *failed_at = place(fiber);
    }
    unwind(chain, core, heap, exchange, fiber, raised)
}

/// Runs the open `finally` bodies of iterators that were left before their ends.
pub(super) fn settle(chain: &Chain, core: &mut Core, heap: &mut Heap, exchange: &mut Exchange) -> Result<(), Fault> {
    while let Some(mut left) = core.next_left() {
        core.nest()?;
        let ended = match unwind(chain, core, heap, exchange, &mut left, Raised::Cancel) {
            Ok(()) => match run(chain, core, heap, exchange, &mut left, &mut None) {
                Exit::Raised(Raised::Fault(fault)) => Err(fault),
                _ => Ok(()),
            },
            Err(_) => Ok(()),
        };
        core.unnest();
        ended?;
    }
    Ok(())
}

/// Finds the handler of what was raised and goes there. `when` filters of the way are asked before any `finally` runs.
pub fn unwind(
    chain: &Chain,
    core: &mut Core,
    heap: &mut Heap,
    exchange: &mut Exchange,
    fiber: &mut Fiber,
    raised: Raised,
) -> Result<(), Raised> {
    let wanted = find_catch(chain, core, heap, exchange, fiber, &raised);
    resume_unwinding(chain, heap, fiber, raised, wanted)
}

/// Goes up to the handler that was found, through each `finally` between.
pub(super) fn resume_unwinding(
    chain: &Chain,
    heap: &mut Heap,
    fiber: &mut Fiber,
    raised: Raised,
    wanted: Option<(usize, usize)>,
) -> Result<(), Raised> {
    while let Some(at) = fiber.frames.len().checked_sub(1) {
        let frame = &mut fiber.frames[at];
        let handlers = &chain.units[frame.unit as usize].unit.functions[frame.function as usize].handlers;
        let position = frame.position.saturating_sub(1);
        for (index, handler) in handlers.iter().enumerate() {
            if position < handler.start || position >= handler.end {
                continue;
            }
            let is_wanted = wanted == Some((at, index));
            if !is_wanted && handler.kind != HandlerKind::Finally {
                continue;
            }
            let value = match &raised {
                Raised::Fault(fault) => heap.exception(fault.clone()).unwrap_or(Value::Null),
                _ => Value::Null,
            };
            fiber.registers[frame.base as usize + handler.exception as usize] = value;
            frame.position = handler.target;
            if is_wanted {
                if handler.kind == HandlerKind::Policy
                    && let Raised::Fault(fault) = &raised
                {
                    fiber.unwinding.push((Raised::Fault(fault.clone()), None));
                }
                return Ok(());
            }
            fiber.unwinding.push((raised, wanted));
            return Ok(());
        }
        fiber.frames.pop();
        if fiber.frames.is_empty() {
            break;
        }
    }
    Err(raised)
}

/// The innermost handler that takes what was raised.
fn find_catch(
    chain: &Chain,
    core: &mut Core,
    heap: &mut Heap,
    exchange: &mut Exchange,
    fiber: &mut Fiber,
    raised: &Raised,
) -> Option<(usize, usize)> {
    let Raised::Fault(fault) = raised else { return None };
    if matches!(fault, Fault::Limit(_)) {
        return None;
    }
    let leaving = matches!(fault, Fault::Policy(error) if error.reason.as_deref() == Some("ClientConnectionFailure"));
    for at in (0..fiber.frames.len()).rev() {
        let frame = &fiber.frames[at];
        let (base, position) = (frame.base, frame.position.saturating_sub(1));
        let function = &chain.units[frame.unit as usize].unit.functions[frame.function as usize];
        for (index, handler) in function.handlers.iter().enumerate() {
            if position < handler.start || position >= handler.end {
                continue;
            }
            match handler.kind {
                HandlerKind::Finally => {}
                HandlerKind::Policy if !leaving => return Some((at, index)),
                HandlerKind::Policy => {}
                HandlerKind::Catch { .. } if matches!(fault, Fault::Policy(_)) => {}
                HandlerKind::Catch { ty, filter } => {
                    let Ok(exception) = heap.exception(fault.clone()) else { return None };
                    if !inherit::is_instance(heap, exception, ty) {
                        continue;
                    }
                    match filter {
                        None => return Some((at, index)),
                        Some(filter)
                            if passes(chain, core, heap, exchange, fiber, at, base, handler, filter, exception) =>
                        {
                            return Some((at, index));
                        }
                        Some(_) => {}
                    }
                }
            }
        }
    }
    None
}

/// Runs a `when` filter on the frame it belongs to. An exception in a filter counts as no.
#[expect(clippy::too_many_arguments, reason = "a filter runs amid the machine's parts, each borrowed apart")]
fn passes(
    chain: &Chain,
    core: &mut Core,
    heap: &mut Heap,
    exchange: &mut Exchange,
    fiber: &mut Fiber,
    at: usize,
    base: u32,
    handler: &Handler,
    filter: u32,
    exception: Value,
) -> bool {
    fiber.registers[base as usize + handler.exception as usize] = exception;
    let frame = &fiber.frames[at];
    let copy = Frame {
        unit: frame.unit,
        function: frame.function,
        position: filter,
        base,
        registers: frame.registers,
        to: 0,
        step: frame.step,
    };
    // The filter's own calls go above every frame of the fiber, so nothing below is touched.
    let mut inner = Fiber { frames: vec![copy], registers: std::mem::take(&mut fiber.registers), ..Fiber::default() };
    let top = fiber.frames.last().map_or(0, |f| f.base + f.registers);
    inner.frames[0].registers = top.saturating_sub(base).max(inner.frames[0].registers);
    core.nested += 1;
    let exit = run(chain, core, heap, exchange, &mut inner, &mut None);
    core.nested -= 1;
    fiber.registers = inner.registers;
    matches!(exit, Exit::Done(Value::Bool(true)))
}
