//! The interpreter loop: an arm per instruction, and the way of a fault to its handler.

use super::core::Core;
use super::numbers;
use crate::bytecode::op::{CompareAs, Comparison, Op, Reg};
use crate::bytecode::unit::{Handler, HandlerKind, TemplatePiece, Unit};
use crate::dotnet::call::Call;
use crate::dotnet::context::Exchange;
use crate::dotnet::fault::{Fault, Limit};
use crate::dotnet::heap::{FunctionRef, Heap, Object};
use crate::dotnet::inherit;
use crate::dotnet::system::{display, enumerate};
use crate::dotnet::types::{self, Type, TypeId};
use crate::dotnet::value::{HostObject, Value};
use crate::link::Chain;
use crate::message::Body;
use crate::vm::effect::{Effect, Side};

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
    pub fn clear(&mut self) {
        self.frames.clear();
        self.unwinding.clear();
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
    /// An effect: which, where its answer goes, and the arguments to finish it with. Without an index: a body was awaited.
    Asks(Effect, Asked),
    /// Branches to run, and whether one suffices.
    Forks(u32, bool),
    /// A slice of fuel is used up.
    Slice,
}

/// What an effect's answer is finished with.
#[derive(Clone, Debug)]
pub enum Asked {
    Policy { effect: u32, unit: u32, base: Reg, count: u16, to: Reg },
    Body(Side),
}

/// Runs a fiber until it ends, fails or must wait. A nested run ends when its own frames do.
/// Where a fault was raised is noted in `failed_at`, before frames are left.
pub fn run(
    chain: &Chain,
    core: &mut Core,
    heap: &mut Heap,
    exchange: &mut Exchange,
    fiber: &mut Fiber,
    nested: bool,
    failed_at: &mut Option<(u32, u32)>,
) -> Exit {
    loop {
        match steps(chain, core, heap, exchange, fiber, nested) {
            Ok(Some(exit)) => return exit,
            Ok(None) => return Exit::Done(Value::Null),
            Err(raised) => {
                // What is thrown again was raised where it was first.
                let again = core.again.take().is_some();
                if matches!(raised, Raised::Fault(_)) && !(again && failed_at.is_some()) {
                    *failed_at = place(fiber);
                }
                if let Err(raised) = unwind(chain, core, heap, exchange, fiber, raised) {
                    return Exit::Raised(raised);
                }
            }
        }
    }
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
    let exit = run(chain, core, heap, exchange, &mut inner, true, &mut None);
    fiber.registers = inner.registers;
    matches!(exit, Exit::Done(Value::Bool(true)))
}

/// Runs instructions until something ends the loop.
fn steps(
    chain: &Chain,
    core: &mut Core,
    heap: &mut Heap,
    exchange: &mut Exchange,
    fiber: &mut Fiber,
    nested: bool,
) -> Result<Option<Exit>, Raised> {
    'frame: loop {
        let Some(frame) = fiber.frames.last_mut() else { return Ok(None) };
        let slot = frame.unit;
        let unit: &Unit = &chain.units[slot as usize].unit;
        let code: &[Op] = &unit.functions[frame.function as usize].code;
        let mut position = frame.position as usize;
        let registers = &mut fiber.registers[frame.base as usize..][..frame.registers as usize];
        macro_rules! reg {
            ($r:expr) => {
                registers[$r as usize]
            };
        }
        // The position goes into the frame before anything that may leave the loop.
        macro_rules! save {
            () => {
                frame.position = position as u32;
            };
        }
        macro_rules! attempt {
            ($result:expr) => {
                match $result {
                    Ok(value) => value,
                    Err(fault) => {
                        save!();
                        return Err(Raised::Fault(fault));
                    }
                }
            };
        }
        loop {
            let op = code[position];
            position += 1;
            core.fuel = match core.fuel.checked_sub(1) {
                Some(left) => left,
                None => {
                    save!();
                    return Err(Raised::Fault(Fault::Limit(Limit::Fuel)));
                }
            };
            match op {
                Op::Move { to, from } => reg!(to) = reg!(from),
                Op::LoadValue { to, at } => reg!(to) = unit.values[at as usize],
                Op::LoadObject { to, at } => reg!(to) = Value::Object(Heap::constant_handle(slot, at)),
                Op::LoadNull { to } => reg!(to) = Value::Null,
                Op::LoadZero { to, ty } => reg!(to) = attempt!(inherit::zero(heap, unit.types[ty as usize])),
                Op::LoadContext { to } => reg!(to) = Value::Host(HostObject::Context),
                Op::Arithmetic { op, number, checked, to, a, b } => {
                    reg!(to) = attempt!(numbers::arithmetic(heap, op, number, checked, reg!(a), reg!(b)));
                }
                Op::Bitwise { op, number, to, a, b } => reg!(to) = numbers::bitwise(op, number, reg!(a), reg!(b)),
                Op::Compare { op, by, to, a, b } => {
                    let (a, b) = (reg!(a), reg!(b));
                    reg!(to) = Value::Bool(match by {
                        CompareAs::Number(number) => numbers::compare(heap, op, number, a, b),
                        CompareAs::Payload => numbers::payload(op, a, b),
                        CompareAs::String => {
                            let same = match (heap.str(a), heap.str(b)) {
                                (Some(a), Some(b)) => a.eq_ordinal(b),
                                (None, None) => true,
                                _ => false,
                            };
                            same == (op == Comparison::Equal)
                        }
                        CompareAs::Reference => same_reference(heap, a, b) == (op == Comparison::Equal),
                    });
                }
                Op::Negate { number, checked, to, a } => {
                    reg!(to) = attempt!(numbers::negate(heap, number, checked, reg!(a)))
                }
                Op::Complement { number, to, a } => reg!(to) = numbers::complement(number, reg!(a)),
                Op::Not { to, a } => reg!(to) = Value::Bool(!matches!(reg!(a), Value::Bool(true))),
                Op::IsNull { to, a } => reg!(to) = Value::Bool(reg!(a).is_null()),
                Op::ConvertNumber { from, target, checked, to, a } => {
                    reg!(to) = attempt!(numbers::convert(heap, from, target, checked, reg!(a)));
                }
                Op::ConvertEnum { to, a, ty } => {
                    let number = reg!(a).integer().unwrap_or_default();
                    let ty = unit.types[ty as usize];
                    reg!(to) = if ty == types::int32() {
                        Value::Int32(number as i32)
                    } else {
                        Value::Enum { ty, value: number }
                    };
                }
                Op::Cast { to, a, ty } => reg!(to) = attempt!(cast(heap, reg!(a), unit.types[ty as usize])),
                Op::As { to, a, ty } => {
                    let value = reg!(a);
                    reg!(to) =
                        if inherit::is_instance(heap, value, unit.types[ty as usize]) { value } else { Value::Null };
                }
                Op::Is { to, a, ty } => {
                    reg!(to) = Value::Bool(inherit::is_instance(heap, reg!(a), unit.types[ty as usize]))
                }
                Op::NullableValue { to, a } => {
                    let value = reg!(a);
                    if value.is_null() {
                        save!();
                        return Err(Raised::Fault(Fault::invalid_operation("Nullable object must have a value.")));
                    }
                    reg!(to) = value;
                }
                Op::Jump { to } => {
                    // A slice ends at a backward jump of the outermost run.
                    if (to as usize) < position && core.fuel < core.slice_end && !nested {
                        position = to as usize;
                        save!();
                        core.slice_end = core.fuel.saturating_sub(core.limits.slice);
                        return Ok(Some(Exit::Slice));
                    }
                    position = to as usize;
                }
                Op::JumpIf { a, to } => {
                    if matches!(reg!(a), Value::Bool(true)) {
                        position = to as usize;
                    }
                }
                Op::JumpUnless { a, to } => {
                    if !matches!(reg!(a), Value::Bool(true)) {
                        position = to as usize;
                    }
                }
                Op::JumpIfNull { a, to } => {
                    if reg!(a).is_null() {
                        position = to as usize;
                    }
                }
                Op::JumpUnlessNull { a, to } => {
                    if !reg!(a).is_null() {
                        position = to as usize;
                    }
                }
                Op::CallNative { native, base: first, count, to } => {
                    let call = &unit.natives[native as usize];
                    let start = first as usize;
                    let arguments = &registers[start..start + count as usize];
                    if call.is_instance && arguments[0].is_null() {
                        save!();
                        return Err(Raised::Fault(Fault::null_reference()));
                    }
                    let mut cx = Call {
                        heap,
                        exchange,
                        host: core,
                        type_arguments: &call.type_arguments,
                        returns: call.returns,
                        outs: Vec::new(),
                    };
                    let result = (call.code)(&mut cx, arguments);
                    if call.has_outs {
                        fiber.outs = cx.outs;
                    }
                    reg!(to) = attempt!(result);
                }
                Op::TakeOut { parameter, to } => {
                    let found = fiber.outs.iter().find(|(own, _)| *own == parameter).map(|(_, value)| *value);
                    reg!(to) = found.unwrap_or(Value::Null);
                }
                Op::CallFunction { function, base: first, count, to } => {
                    save!();
                    let start = frame.base as usize + first as usize;
                    let frame = fiber.push_frame(core, slot, function, to).map_err(Raised::Fault)?;
                    let callee = frame.base as usize;
                    fiber.registers.copy_within(start..start + count as usize, callee);
                    continue 'frame;
                }
                Op::Invoke { delegate, base: first, count, to } => {
                    save!();
                    let start = first as usize;
                    let arguments: smallvec::SmallVec<[Value; 8]> = registers[start..start + count as usize].into();
                    let delegate = reg!(delegate);
                    fiber.enter(core, heap, delegate, &arguments, to).map_err(Raised::Fault)?;
                    continue 'frame;
                }
                Op::MakeClosure { to, closure, base: first } => {
                    let closure = unit.closures[closure as usize];
                    let start = first as usize;
                    let captures = registers[start..start + closure.captures as usize].into();
                    let function = FunctionRef { unit: slot, function: closure.function };
                    attempt!(heap.charge(closure.captures as usize * size_of::<Value>()));
                    reg!(to) = attempt!(heap.alloc(Object::Closure { ty: closure.ty, function, captures }));
                }
                Op::NewCell { to, a } => reg!(to) = attempt!(heap.alloc(Object::Cell(reg!(a)))),
                Op::CellGet { to, cell } => {
                    reg!(to) = match reg!(cell) {
                        Value::Object(handle) => match heap.get(handle) {
                            Object::Cell(value) => *value,
                            &Object::Element { array, index } => {
                                attempt!(array_get(heap, array, i64::from(index)))
                            }
                            _ => Value::Null,
                        },
                        _ => Value::Null,
                    };
                }
                Op::CellSet { cell, a } => {
                    let value = reg!(a);
                    if let Value::Object(handle) = reg!(cell) {
                        match heap.get_mut(handle) {
                            &mut Object::Element { array, index } => {
                                attempt!(array_set(heap, array, i64::from(index), value));
                            }
                            cell => *cell = Object::Cell(value),
                        }
                    }
                }
                Op::Record { to, base: first, count, ty } => {
                    let start = first as usize;
                    let fields = &registers[start..start + count as usize];
                    reg!(to) = attempt!(heap.new_record(unit.types[ty as usize], fields));
                }
                Op::Field { to, record, at } => {
                    reg!(to) = match heap.fields(reg!(record)) {
                        Some(fields) => fields[at as usize],
                        None => {
                            save!();
                            return Err(Raised::Fault(Fault::null_reference()));
                        }
                    };
                }
                Op::WithField { to, record, at, a } => {
                    let (record, value) = (reg!(record), reg!(a));
                    let ty = heap.type_of(record);
                    let mut fields = heap.fields(record).unwrap_or_default().to_vec();
                    if let Some(field) = fields.get_mut(at as usize) {
                        *field = value;
                    }
                    reg!(to) = attempt!(heap.new_record(ty, &fields));
                }
                Op::NewArray { to, length, ty } => {
                    let length = reg!(length).integer().unwrap_or_default();
                    reg!(to) = attempt!(new_array(core, heap, length, unit.types[ty as usize]));
                }
                Op::ArrayOf { to, base: first, count, ty } => {
                    let start = first as usize;
                    let items = &registers[start..start + count as usize];
                    let ty = unit.types[ty as usize];
                    reg!(to) = if element_of(ty) == types::byte() {
                        let bytes = items.iter().map(|v| v.integer().unwrap_or_default() as u8).collect();
                        attempt!(heap.new_bytes(bytes))
                    } else {
                        attempt!(heap.new_array(ty, items.to_vec()))
                    };
                }
                Op::ArrayLength { to, a } => {
                    let array = reg!(a);
                    let length = heap.items(array).map(<[Value]>::len).or_else(|| heap.bytes(array).map(<[u8]>::len));
                    reg!(to) = match length {
                        Some(length) => Value::Int32(length as i32),
                        None => {
                            save!();
                            return Err(Raised::Fault(Fault::null_reference()));
                        }
                    };
                }
                Op::ArrayGet { to, array, index } => {
                    let index = reg!(index).integer().unwrap_or_default();
                    reg!(to) = attempt!(array_get(heap, reg!(array), index));
                }
                Op::ArraySet { array, index, a } => {
                    let (array, index, value) = (reg!(array), reg!(index).integer().unwrap_or_default(), reg!(a));
                    attempt!(array_set(heap, array, index, value));
                }
                Op::Concat { to, base: first, count } => {
                    let start = first as usize;
                    let parts = &registers[start..start + count as usize];
                    reg!(to) = attempt!(heap.concat(parts));
                }
                Op::Interpolate { to, base: first, template } => {
                    save!();
                    let pieces = &unit.templates[template as usize];
                    let start = first as usize;
                    let mut cx = Call {
                        heap,
                        exchange,
                        host: core,
                        type_arguments: &[],
                        returns: types::string(),
                        outs: Vec::new(),
                    };
                    let text = interpolate(&mut cx, slot, pieces, &registers[start..]).map_err(Raised::Fault)?;
                    reg!(to) = text;
                }
                Op::StartEach { to, source } => {
                    save!();
                    let source = reg!(source);
                    let mut cx = Call {
                        heap,
                        exchange,
                        host: core,
                        type_arguments: &[],
                        returns: types::object(),
                        outs: Vec::new(),
                    };
                    reg!(to) = enumerate::get_enumerator(&mut cx, source).map_err(Raised::Fault)?;
                }
                Op::NextEach { to, each, end } => {
                    save!();
                    let each = reg!(each);
                    let mut cx = Call {
                        heap,
                        exchange,
                        host: core,
                        type_arguments: &[],
                        returns: types::object(),
                        outs: Vec::new(),
                    };
                    match enumerate::move_next(&mut cx, each).map_err(Raised::Fault)? {
                        Some(value) => reg!(to) = value,
                        None => position = end as usize,
                    }
                }
                Op::Throw { a } => {
                    save!();
                    let exception = reg!(a);
                    return Err(Raised::Fault(if exception.is_null() {
                        Fault::null_reference()
                    } else {
                        Fault::Rethrow(exception)
                    }));
                }
                Op::Rethrow { .. } => {
                    save!();
                    match fiber.unwinding.pop() {
                        Some((raised, Some(wanted))) => {
                            resume_unwinding(chain, heap, fiber, raised, Some(wanted))?;
                            continue 'frame;
                        }
                        Some((raised, None)) => {
                            core.again = Some(());
                            return Err(raised);
                        }
                        None => unreachable!("verify() admits no rethrow outside a handler"),
                    }
                }
                Op::Yield { a } => {
                    save!();
                    let element = reg!(a);
                    return Ok(Some(Exit::Done(element)));
                }
                Op::EndFilter { a } => {
                    let answer = reg!(a);
                    return Ok(Some(Exit::Done(answer)));
                }
                Op::Return { a } => {
                    let value = reg!(a);
                    let Some(done) = fiber.frames.pop() else { return Ok(Some(Exit::Done(value))) };
                    match fiber.frames.last() {
                        Some(caller) => {
                            let at = caller.base as usize + done.to as usize;
                            if done.to != Reg::MAX {
                                fiber.registers[at] = value;
                            }
                            continue 'frame;
                        }
                        None => return Ok(Some(Exit::Done(value))),
                    }
                }
                Op::AwaitBody { a } => {
                    if nested {
                        continue;
                    }
                    if let Some((side, effect)) = unread(exchange, reg!(a), core.limits.body) {
                        save!();
                        return Ok(Some(Exit::Asks(effect, Asked::Body(side))));
                    }
                }
                Op::Step { at } => {
                    frame.step = Some(at);
                    if let Some(mut observer) = core.observer.take() {
                        observer.step(
                            &unit.steps[at as usize],
                            chain.units[slot as usize].scope,
                            core.section,
                            exchange,
                            heap,
                        );
                        core.observer = Some(observer);
                    }
                }
                Op::Effect { effect, base: first, count, to } => {
                    save!();
                    let start = first as usize;
                    let arguments: smallvec::SmallVec<[Value; 8]> = registers[start..start + count as usize].into();
                    let mut cx = Call {
                        heap,
                        exchange,
                        host: core,
                        type_arguments: &[],
                        returns: types::object(),
                        outs: Vec::new(),
                    };
                    match (unit.effects[effect as usize].begin)(&mut cx, &arguments).map_err(Raised::Fault)? {
                        Some(asked) => {
                            return Ok(Some(Exit::Asks(
                                asked,
                                Asked::Policy { effect, unit: slot, base: first, count, to },
                            )));
                        }
                        None => reg!(to) = Value::Null,
                    }
                }
                Op::LoadScope { to } => {
                    save!();
                    let to = frame.base as usize + to as usize;
                    let scope = fiber.frames.iter().rev().map(|frame| frame.unit).find(|unit| chain.is_scope(*unit));
                    fiber.registers[to] = Value::Int32(scope.unwrap_or(0) as i32);
                    continue 'frame;
                }
                Op::CallBase => {
                    save!();
                    if let Some((next, function)) = chain.base_of(slot, core.section) {
                        fiber.push_frame(core, next, function, Reg::MAX).map_err(Raised::Fault)?;
                        continue 'frame;
                    }
                }
                Op::CallFragment { fragment } => {
                    save!();
                    let id = &unit.fragments[fragment as usize];
                    match chain.fragment(id) {
                        Some((next, function)) => {
                            fiber.push_frame(core, next, function, Reg::MAX).map_err(Raised::Fault)?;
                            continue 'frame;
                        }
                        None => {
                            let message = format!("There is no policy fragment `{id}`.");
                            return Err(Raised::Fault(Fault::policy("FragmentNotFound", message)));
                        }
                    }
                }
                Op::Finish => {
                    save!();
                    return Err(Raised::Finish);
                }
                Op::Fork { fork, any } => {
                    let any = match reg!(any) {
                        Value::Bool(any) => any,
                        other => heap.str(other).is_some_and(|s| s.eq_text("any")),
                    };
                    save!();
                    return Ok(Some(Exit::Forks(fork, any)));
                }
            }
        }
    }
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
        (Value::Host(x), Value::Host(y)) => x == y,
        (Value::Type(x), Value::Type(y)) => x == y,
        _ => false,
    }
}

/// A checked cast; an enum unboxes to its underlying type and back.
fn cast(heap: &Heap, value: Value, wanted: TypeId) -> Result<Value, Fault> {
    let bare = match wanted.get() {
        Type::Nullable(of) => *of,
        _ => wanted,
    };
    match value {
        Value::Enum { value, .. } if bare == types::int32() => Ok(Value::Int32(value as i32)),
        Value::Int32(number) if bare.def().is_some_and(|d| d.kind == crate::dotnet::member::Kind::Enum) => {
            Ok(Value::Enum { ty: bare, value: i64::from(number) })
        }
        other => inherit::cast(heap, other, wanted),
    }
}

fn element_of(ty: TypeId) -> TypeId {
    ty.arguments().first().copied().unwrap_or_else(types::object)
}

fn new_array(core: &mut Core, heap: &mut Heap, length: i64, ty: TypeId) -> Result<Value, Fault> {
    use crate::dotnet::call::Host;
    let Ok(length) = usize::try_from(length) else {
        return Err(Fault::throw("System.OverflowException", "Arithmetic operation resulted in an overflow."));
    };
    core.charge_fuel(length as u64 / 16)?;
    let element = element_of(ty);
    if element == types::byte() {
        heap.charge(length)?;
        return heap.alloc(Object::Bytes(vec![0; length]));
    }
    heap.charge(length.saturating_mul(size_of::<Value>()))?;
    let zero = inherit::zero(heap, element)?;
    heap.alloc(Object::Array { ty, items: vec![zero; length] })
}

fn array_get(heap: &Heap, array: Value, index: i64) -> Result<Value, Fault> {
    let at = usize::try_from(index).unwrap_or(usize::MAX);
    if let Some(items) = heap.items(array) {
        return items.get(at).copied().ok_or_else(Fault::index_of_array);
    }
    match heap.bytes(array) {
        Some(bytes) => bytes.get(at).map(|&b| Value::Byte(b)).ok_or_else(Fault::index_of_array),
        None => Err(Fault::null_reference()),
    }
}

fn array_set(heap: &mut Heap, array: Value, index: i64, value: Value) -> Result<(), Fault> {
    let at = usize::try_from(index).unwrap_or(usize::MAX);
    let Value::Object(handle) = array else { return Err(Fault::null_reference()) };
    let element = element_of(heap.type_of(array));
    if !value.is_null() && !inherit::is_value_type(element) && !inherit::is_instance(heap, value, element) {
        return Err(Fault::throw(
            "System.ArrayTypeMismatchException",
            "Attempted to access an element as a type incompatible with the array.",
        ));
    }
    match heap.get_mut(handle) {
        Object::Array { items, .. } | Object::Grid { items, .. } => {
            *items.get_mut(at).ok_or_else(Fault::index_of_array)? = value;
        }
        Object::Bytes(bytes) => {
            *bytes.get_mut(at).ok_or_else(Fault::index_of_array)? = value.integer().unwrap_or_default() as u8
        }
        _ => return Err(Fault::null_reference()),
    }
    Ok(())
}

/// `$"..."`: texts and formatted values.
fn interpolate(cx: &mut Call<'_>, unit: u32, pieces: &[TemplatePiece], holes: &[Value]) -> Result<Value, Fault> {
    let mut parts: smallvec::SmallVec<[Value; 12]> = smallvec::SmallVec::new();
    let mut holes = holes.iter().copied();
    for piece in pieces {
        match piece {
            TemplatePiece::Text(at) => parts.push(Value::Object(Heap::constant_handle(unit, *at))),
            TemplatePiece::Hole { alignment, format } => {
                let value = holes.next().unwrap_or(Value::Null);
                if *alignment == 0 && format.is_none() && (value.is_null() || cx.heap.str(value).is_some()) {
                    parts.push(value);
                    continue;
                }
                let text =
                    if value.is_null() { String::new() } else { display::format_value(cx, value, format.as_deref())? };
                let text = pad(text, *alignment);
                parts.push(cx.new_str(&text)?);
            }
        }
    }
    cx.heap.concat(&parts)
}

/// Pads to a width in UTF-16 units: right-aligned when positive.
fn pad(text: String, alignment: i32) -> String {
    let width = alignment.unsigned_abs() as usize;
    let len = text.encode_utf16().count();
    if len >= width {
        return text;
    }
    let blanks = " ".repeat(width - len);
    if alignment > 0 { blanks + &text } else { text + &blanks }
}

/// The statement that runs: for LastError.
pub fn place(fiber: &Fiber) -> Option<(u32, u32)> {
    fiber.frames.iter().rev().find_map(|frame| frame.step.map(|step| (frame.unit, step)))
}
