//! The interpreter loop: an arm per instruction, and the way of a fault to its handler.

use super::core::Core;
use super::{numbers, values};
use crate::bytecode::op::{CompareAs, Comparison, Number, Op, Reg};
use crate::bytecode::tidy::MOST_LEAF_REGISTERS;
use crate::bytecode::unit::{Function, Handler, HandlerKind, NativeCall, Unit};
use crate::dotnet::call::{Call, Host};
use crate::dotnet::context::Exchange;
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::{Heap, Object, same_string};
use crate::dotnet::inherit;
use crate::dotnet::system::enumerate;
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::{HostObject, Value};
use crate::effect::{Effect, Side};
use crate::link::Chain;
use crate::message::Body;

/// A function under way.
#[derive(Debug)]
pub struct Frame {
    pub unit: u32,
    pub function: u32,
    pub position: u32,
    /// Where its registers begin.
    pub base: u32,
    pub registers: u32,
    /// The caller's register for its result.
    pub to: Reg,
    /// The statement that is running.
    pub step: Option<u32>,
}

/// A thread of a machine: the pipeline, or a branch of `wait`.
#[derive(Debug, Default)]
pub struct Fiber {
    pub frames: Vec<Frame>,
    pub registers: Vec<Value>,
    /// What is unwinding while `finally` bodies run, and the handler that waits for it (frame and handler).
    pub unwinding: Vec<(Raised, Option<(usize, usize)>)>,
    /// What `catch` of a policy took last.
    pub outs: Vec<(u8, Value)>,
}

impl Fiber {
    #[inline]
    pub fn clear(&mut self) {
        self.frames.clear();
        if !self.unwinding.is_empty() {
            self.unwinding.clear();
        }
        self.outs.clear();
    }
}

/// What goes up through frames.
#[derive(Clone, Debug)]
pub enum Raised {
    Fault(Fault),
    /// `return-response`: the pipeline ends with the response that is there.
    Finish,
    /// Another branch was first, or the caller left.
    Cancel,
}

/// Why the loop stopped.
#[derive(Debug)]
pub enum Exit {
    Done(Value),
    Raised(Raised),
    /// An effect, which the core keeps for the machine to take.
    Asks,
    /// Branches to run, and whether one suffices.
    Forks(u32, bool),
    /// A slice of fuel is used up.
    Slice,
}

/// What an effect's answer is finished with: where it goes, and the arguments. A body was awaited otherwise.
#[derive(Clone, Debug)]
pub enum Asked {
    Policy { effect: u32, unit: u32, base: Reg, count: u16, to: Reg },
    Body(Side),
}

/// Runs a fiber until it ends, fails or must wait. A nested run (see [`Core::nested`]) ends when its own frames do, and
/// neither waits nor rests.
/// Where a fault was raised is noted in `failed_at`, before frames are left.
#[inline]
pub fn run(
    chain: &Chain,
    core: &mut Core,
    heap: &mut Heap,
    exchange: &mut Exchange,
    fiber: &mut Fiber,
    failed_at: &mut Option<(u32, u32)>,
) -> Exit {
    loop {
        match steps(chain, core, heap, exchange, fiber) {
            Ok(exit) => return exit,
            Err(raised) => {
                if let Err(raised) = failed(chain, core, heap, exchange, fiber, failed_at, raised) {
                    return Exit::Raised(raised);
                }
            }
        }
    }
}

/// Notes where something was raised, and goes to its handler.
#[cold]
fn failed(
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
fn settle(chain: &Chain, core: &mut Core, heap: &mut Heap, exchange: &mut Exchange) -> Result<(), Fault> {
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
fn resume_unwinding(
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

/// Runs a fiber's frames until something ends the loop: the plain instructions of a frame at once, and each that leaves it.
fn steps(
    chain: &Chain,
    core: &mut Core,
    heap: &mut Heap,
    exchange: &mut Exchange,
    fiber: &mut Fiber,
) -> Result<Exit, Raised> {
    loop {
        let Some(frame) = fiber.frames.last_mut() else { return Ok(Exit::Done(Value::Null)) };
        let slot = frame.unit;
        let unit: &Unit = &chain.units[slot as usize].unit;
        let code: &[Op] = &unit.functions[frame.function as usize].code;
        let registers = &mut fiber.registers[frame.base as usize..][..frame.registers as usize];
        let observing = core.observer.is_some();
        let mut place = Place { position: frame.position as usize, step: frame.step, observing };
        let mut cx =
            Call { heap, exchange, host: core, type_arguments: &[], returns: types::object(), outs: &mut fiber.outs };
        let left = plain(code, unit, slot, &mut place, &mut cx, registers);
        (frame.position, frame.step) = (place.position as u32, place.step);
        let op = match left {
            Ok(Some(op)) => op,
            Ok(None) => return Ok(Exit::Slice),
            Err(fault) => return Err(Raised::Fault(fault)),
        };
        match *op {
            Op::Return { a } => {
                let value = registers[a as usize];
                let Some(done) = fiber.frames.pop() else { return Ok(Exit::Done(value)) };
                let Some(caller) = fiber.frames.last() else { return Ok(Exit::Done(value)) };
                if done.to != Reg::MAX {
                    let at = caller.base as usize + done.to as usize;
                    fiber.registers[at] = value;
                }
            }
            Op::Yield { a } | Op::EndFilter { a } => return Ok(Exit::Done(registers[a as usize])),
            Op::Step { at } => observed(chain, core, heap, exchange, slot, at),
            _ => {
                if let Some(exit) = leave(op, chain, core, heap, exchange, fiber)? {
                    return Ok(exit);
                }
            }
        }
    }
}

/// Runs a function that is a leaf (see [`crate::bytecode::tidy::is_leaf`]), without a frame: a lambda that a native calls
/// for every element is mostly one, and so is an expression alone. It is nested in something that cannot wait, so bodies
/// are here.
#[inline]
pub fn leaf<'a>(
    function: &'a Function,
    unit: &'a Unit,
    slot: u32,
    cx: &mut Call<'a>,
    registers: &mut [Value; MOST_LEAF_REGISTERS],
) -> Result<Value, Fault> {
    let mut place = Place { position: 0, step: None, observing: false };
    loop {
        match plain(&function.code, unit, slot, &mut place, cx, registers)? {
            Some(&Op::Return { a }) => return Ok(registers[a as usize]),
            // At the end of a slice too it goes on: nobody else could.
            Some(Op::AwaitBody { .. }) | None => {}
            Some(&Op::Throw { a }) => return Err(thrown(registers[a as usize])),
            _ => unreachable!("a leaf has no other instruction"),
        }
    }
}

fn thrown(exception: Value) -> Fault {
    match exception.is_null() {
        true => Fault::null_reference(),
        false => Fault::Rethrow(exception),
    }
}

/// Where a function is.
struct Place {
    position: usize,
    /// The statement that is running.
    step: Option<u32>,
    /// Somebody wants to see each statement.
    observing: bool,
}

/// Runs plain instructions, those that neither leave their frame nor end the loop, up to one that does: that is returned,
/// with the place behind it; nothing is at the end of a slice. What is rare stands in functions of its own: the smaller
/// this one is, the less of its state has to go through memory.
fn plain<'c, 'a>(
    code: &'c [Op],
    unit: &'a Unit,
    slot: u32,
    place: &mut Place,
    cx: &mut Call<'a>,
    registers: &mut [Value],
) -> Result<Option<&'c Op>, Fault> {
    let mut position = place.position;
    macro_rules! reg {
        ($r:expr) => {
            registers[$r as usize]
        };
    }
    // The position is noted before anything that leaves the loop.
    macro_rules! attempt {
        ($result:expr) => {
            match $result {
                Ok(value) => value,
                Err(fault) => {
                    place.position = position;
                    return Err(fault);
                }
            }
        };
    }
    // A jump back pays for what may run before the next one; a slice of the outermost run ends there.
    macro_rules! jump {
        ($to:expr) => {
            let target = $to as usize;
            let back = position.saturating_sub(target);
            if back > 0 {
                // What fails here failed at the jump: its handlers are those around it.
                let is_over = attempt!(cx.host.jump_back(back as u64));
                if is_over {
                    place.position = target;
                    return Ok(None);
                }
            }
            position = target;
        };
    }
    loop {
        let op = &code[position];
        position += 1;
        match *op {
            Op::Move { to, from } => reg!(to) = reg!(from),
            Op::LoadValue { to, at } => reg!(to) = unit.values[at as usize],
            Op::LoadObject { to, at } => reg!(to) = Value::Object(Heap::constant_handle(slot, at)),
            Op::LoadNull { to } => reg!(to) = Value::Null,
            Op::LoadContext { to } => reg!(to) = Value::Host(HostObject::Context),
            Op::Arithmetic { op, number, checked, to, a, b } => {
                match numbers::plain_arithmetic(op, number, checked, reg!(a), reg!(b)) {
                    Some(value) => reg!(to) = Value::Int32(value),
                    None => {
                        reg!(to) = attempt!(numbers::arithmetic(cx.heap, op, number, checked, reg!(a), reg!(b)));
                    }
                }
            }
            Op::ArithmeticConstant { op, checked, to, a, b } => {
                let b = Value::Int32(b);
                match numbers::plain_arithmetic(op, Number::Int32, checked, reg!(a), b) {
                    Some(value) => reg!(to) = Value::Int32(value),
                    None => {
                        reg!(to) = attempt!(numbers::arithmetic(cx.heap, op, Number::Int32, checked, reg!(a), b));
                    }
                }
            }
            Op::Compare { op, by, to, a, b } => {
                let holds = match (by, &reg!(a), &reg!(b)) {
                    (CompareAs::Number(Number::Int32), Value::Int32(a), Value::Int32(b)) => {
                        numbers::ordered(op, a.cmp(b))
                    }
                    (_, a, b) => compare(cx.heap, op, by, *a, *b),
                };
                reg!(to) = Value::Bool(holds);
            }
            Op::Not { to, a } => reg!(to) = Value::Bool(!matches!(reg!(a), Value::Bool(true))),
            Op::IsNull { to, a } => reg!(to) = Value::Bool(reg!(a).is_null()),
            Op::Cast { to, a, ty } => reg!(to) = attempt!(cast(cx.heap, reg!(a), unit.types[ty as usize])),
            Op::Jump { to } => {
                jump!(to);
            }
            Op::JumpIf { a, to } => {
                if matches!(reg!(a), Value::Bool(true)) {
                    jump!(to);
                }
            }
            Op::JumpUnless { a, to } => {
                if !matches!(reg!(a), Value::Bool(true)) {
                    jump!(to);
                }
            }
            Op::JumpCompare { op, a, b, to } => {
                if numbers::int_order(op, reg!(a), reg!(b)) {
                    jump!(to);
                }
            }
            Op::JumpCompareConstant { op, a, b, to } => {
                let holds = match reg!(a) {
                    Value::Int32(a) => numbers::ordered(op, a.cmp(&i32::from(b))),
                    other => numbers::payload(op, other, Value::Int32(i32::from(b))),
                };
                if holds {
                    jump!(to);
                }
            }
            Op::JumpIfNull { a, to } => {
                if reg!(a).is_null() {
                    jump!(to);
                }
            }
            Op::JumpUnlessNull { a, to } => {
                if !reg!(a).is_null() {
                    jump!(to);
                }
            }
            Op::CallNative { native, base: first, count, to } => {
                let call = &unit.natives[native as usize];
                let arguments = call.arguments(slot, registers, first, count);
                if call.is_instance && arguments[0].is_null() {
                    place.position = position;
                    return Err(Fault::null_reference());
                }
                cx.outs.clear();
                cx.type_arguments = &call.type_arguments;
                cx.returns = call.returns;
                reg!(to) = attempt!((call.code)(cx, arguments));
            }
            Op::TakeOut { parameter, to } => {
                let found = cx.outs.iter().find(|(own, _)| *own == parameter).map(|(_, value)| *value);
                reg!(to) = found.unwrap_or(Value::Null);
            }
            Op::TextLength { to, a } => {
                let len = match reg!(a) {
                    Value::Text { len, .. } => len as usize,
                    other => attempt!(cx.heap.str(other).ok_or_else(Fault::null_reference)).len(),
                };
                reg!(to) = Value::Int32(len as i32);
            }
            Op::CellGet { to, cell } => {
                reg!(to) = match reg!(cell) {
                    Value::Object(handle) => match cx.heap.get(handle) {
                        Object::Cell(value) => *value,
                        &Object::Element { array, index } => {
                            attempt!(values::array_get(cx.heap, array, i64::from(index)))
                        }
                        Object::Part { .. } => attempt!(values::part_get(cx.heap, reg!(cell))),
                        _ => Value::Null,
                    },
                    _ => Value::Null,
                };
            }
            Op::CellSet { cell, a } => {
                let value = reg!(a);
                if let Value::Object(handle) = reg!(cell) {
                    match cx.heap.get_mut(handle) {
                        &mut Object::Element { array, index } => {
                            attempt!(values::array_set(cx.heap, array, i64::from(index), value));
                        }
                        Object::Part { .. } => attempt!(values::part_set(cx.heap, reg!(cell), value)),
                        cell => *cell = Object::Cell(value),
                    }
                }
            }
            Op::NextEach { to, each, end } => match attempt!(enumerate::move_next(cx, reg!(each))) {
                Some(value) => reg!(to) = value,
                None => position = end as usize,
            },
            Op::Step { at } if !place.observing => place.step = Some(at),
            Op::Step { at } => {
                place.step = Some(at);
                place.position = position;
                return Ok(Some(op));
            }
            Op::Return { .. }
            | Op::Yield { .. }
            | Op::EndFilter { .. }
            | Op::CallFunction { .. }
            | Op::Invoke { .. }
            | Op::Settle
            | Op::Throw { .. }
            | Op::Rethrow { .. }
            | Op::AwaitBody { .. }
            | Op::Effect { .. }
            | Op::LoadScope { .. }
            | Op::CallBase
            | Op::CallFragment { .. }
            | Op::Finish
            | Op::Fork { .. } => {
                place.position = position;
                return Ok(Some(op));
            }
            Op::LoadZero { .. }
            | Op::Bitwise { .. }
            | Op::Negate { .. }
            | Op::Complement { .. }
            | Op::ConvertNumber { .. }
            | Op::ConvertEnum { .. }
            | Op::As { .. }
            | Op::Is { .. }
            | Op::NullableValue { .. }
            | Op::MakeClosure { .. }
            | Op::NewCell { .. }
            | Op::Record { .. }
            | Op::Field { .. }
            | Op::WithField { .. }
            | Op::NewArray { .. }
            | Op::ArrayOf { .. }
            | Op::ArrayLength { .. }
            | Op::ArrayGet { .. }
            | Op::ArraySet { .. }
            | Op::Concat { .. }
            | Op::Interpolate { .. }
            | Op::StartEach { .. } => {
                attempt!(values::make(op, unit, slot, cx, registers));
            }
        }
    }
}

#[inline(never)]
fn compare(heap: &Heap, op: Comparison, by: CompareAs, a: Value, b: Value) -> bool {
    match by {
        CompareAs::Number(number) => numbers::compare(heap, op, number, a, b),
        CompareAs::Payload => numbers::payload(op, a, b),
        CompareAs::String => heap.same_text(a, b) == (op == Comparison::Equal),
        CompareAs::Reference => same_reference(heap, a, b) == (op == Comparison::Equal),
    }
}

impl NativeCall {
    /// The arguments of a call, those put in place that the call brings itself.
    #[inline(always)]
    fn arguments<'r>(&self, slot: u32, registers: &'r mut [Value], first: Reg, count: u16) -> &'r [Value] {
        let start = first as usize;
        for &(at, from) in &self.copies {
            registers[start + at as usize] = registers[from as usize];
        }
        let arguments = &mut registers[start..start + count as usize];
        for (at, value) in &self.values {
            arguments[*at as usize] = *value;
        }
        for &(at, object) in &self.objects {
            arguments[at as usize] = Value::Object(Heap::constant_handle(slot, object));
        }
        arguments
    }
}

/// The observer sees a statement before it runs.
#[inline(never)]
fn observed(chain: &Chain, core: &mut Core, heap: &Heap, exchange: &Exchange, slot: u32, at: u32) {
    if let Some(mut observer) = core.observer.take() {
        let link = &chain.units[slot as usize];
        observer.step(&link.unit.steps[at as usize], link.scope, core.section, exchange, heap);
        core.observer = Some(observer);
    }
}

/// Runs an instruction that may leave its frame, or the loop. The frame knows where it goes on.
#[inline(never)]
fn leave(
    op: &Op,
    chain: &Chain,
    core: &mut Core,
    heap: &mut Heap,
    exchange: &mut Exchange,
    fiber: &mut Fiber,
) -> Result<Option<Exit>, Raised> {
    let Some(frame) = fiber.frames.last() else { return Ok(None) };
    let (slot, base) = (frame.unit, frame.base as usize);
    let unit: &Unit = &chain.units[slot as usize].unit;
    macro_rules! reg {
        ($r:expr) => {
            fiber.registers[base + $r as usize]
        };
    }
    macro_rules! call {
        () => {
            Call { heap, exchange, host: core, type_arguments: &[], returns: types::object(), outs: &mut fiber.outs }
        };
    }
    match *op {
        Op::CallFunction { function, base: first, count, to } => {
            let start = base + first as usize;
            let callee = fiber.push_frame(chain, core, slot, function, to).map_err(Raised::Fault)?;
            fiber.registers.copy_within(start..start + count as usize, callee);
        }
        Op::Invoke { delegate, base: first, count, to } => {
            let start = base + first as usize;
            let mut delegate = reg!(delegate);
            if let Value::Object(handle) = delegate
                && let Object::Multicast { list, .. } = heap.get(handle)
            {
                let list = list.clone();
                let arguments: smallvec::SmallVec<[Value; 4]> = fiber.registers[start..start + count as usize].into();
                if let Some((last, others)) = list.split_last() {
                    for other in others {
                        core.invoke(heap, exchange, *other, &arguments).map_err(Raised::Fault)?;
                    }
                    delegate = *last;
                }
            }
            let callee = fiber.begin_call(chain, core, heap, delegate, count as usize, to).map_err(Raised::Fault)?;
            fiber.registers.copy_within(start..start + count as usize, callee);
        }
        Op::Settle => settle(chain, core, heap, exchange).map_err(Raised::Fault)?,
        Op::Throw { a } => return Err(Raised::Fault(thrown(reg!(a)))),
        Op::Rethrow { .. } => match fiber.unwinding.pop() {
            Some((raised, Some(wanted))) => resume_unwinding(chain, heap, fiber, raised, Some(wanted))?,
            Some((raised, None)) => {
                core.again = true;
                return Err(raised);
            }
            None => unreachable!("verify() admits no rethrow outside a handler"),
        },
        Op::AwaitBody { a } => {
            if core.nested == 0
                && let Some((side, effect)) = unread(exchange, reg!(a), core.limits.body)
            {
                core.asked = Some((effect, Asked::Body(side)));
                return Ok(Some(Exit::Asks));
            }
        }
        Op::Effect { effect, base: first, count, to } => {
            let start = base + first as usize;
            let arguments: smallvec::SmallVec<[Value; 8]> = fiber.registers[start..start + count as usize].into();
            match (unit.effects[effect as usize].begin)(&mut call!(), &arguments).map_err(Raised::Fault)? {
                Some(asked) => {
                    core.asked = Some((asked, Asked::Policy { effect, unit: slot, base: first, count, to }));
                    return Ok(Some(Exit::Asks));
                }
                None => reg!(to) = Value::Null,
            }
        }
        Op::LoadScope { to } => {
            let scope = fiber.frames.iter().rev().map(|frame| frame.unit).find(|unit| chain.is_scope(*unit));
            reg!(to) = Value::Int32(scope.unwrap_or(0) as i32);
        }
        Op::CallBase => {
            if let Some((next, function)) = chain.base_of(slot, core.section) {
                fiber.push_frame(chain, core, next, function, Reg::MAX).map_err(Raised::Fault)?;
            }
        }
        Op::CallFragment { fragment } => {
            let id = &unit.fragments[fragment as usize];
            let Some((next, function)) = chain.fragment(id) else {
                let message = format!("There is no policy fragment `{id}`.");
                return Err(Raised::Fault(Fault::policy("FragmentNotFound", message)));
            };
            fiber.push_frame(chain, core, next, function, Reg::MAX).map_err(Raised::Fault)?;
        }
        Op::Finish => return Err(Raised::Finish),
        Op::Fork { fork, any } => {
            let any = match reg!(any) {
                Value::Bool(any) => any,
                other => heap.str(other).is_some_and(|s| s.eq_text("any")),
            };
            return Ok(Some(Exit::Forks(fork, any)));
        }
        _ => unreachable!("every other instruction is run before"),
    }
    Ok(None)
}

/// The effect that brings a body here, when the value is one that is still a stream.
fn unread(exchange: &Exchange, value: Value, limit: u64) -> Option<(Side, Effect)> {
    let (side, body) = match value {
        Value::Host(HostObject::RequestBody) => (Side::Request, Some(&exchange.request.body)),
        Value::Host(HostObject::ResponseBody) => (Side::Response, exchange.response.as_ref().map(|r| &r.body)),
        _ => return None,
    };
    match body {
        Some(Body::Stream(stream)) => Some((side, Effect::ReadBody { side, stream: stream.id, limit })),
        _ => None,
    }
}

/// Identity; boxed values are identical to nothing but null-ness, and equal constants are one string.
fn same_reference(heap: &Heap, a: Value, b: Value) -> bool {
    match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::Object(x), Value::Object(y)) => {
            x == y
                || matches!((heap.get(x), heap.get(y)), (Object::AsciiConstant(p), Object::AsciiConstant(q)) if p == q)
        }
        (Value::Text { .. }, Value::Text { .. }) => same_string(a, b),
        (Value::Host(x), Value::Host(y)) => x == y,
        (Value::Type(x), Value::Type(y)) => x == y,
        _ => false,
    }
}

/// A checked cast.
fn cast(heap: &Heap, value: Value, wanted: TypeId) -> Result<Value, Fault> {
    if wanted == types::string() && heap.is_str(value) {
        return Ok(value);
    }
    inherit::cast(heap, value, wanted)
}

/// The statement that runs: for LastError.
pub fn place(fiber: &Fiber) -> Option<(u32, u32)> {
    fiber.frames.iter().rev().find_map(|frame| frame.step.map(|step| (frame.unit, step)))
}
