//! The interpreter loop: frames, and the instructions that leave them. The others are in [`super::plain`].

use super::core::Core;
use super::plain::{Place, plain, thrown};
use super::unwind::{failed, resume_unwinding, settle};
use crate::bytecode::op::{NOWHERE, Op, Reg};
use crate::bytecode::unit::Unit;
use crate::dotnet::call::{Call, Host};
use crate::dotnet::context::Exchange;
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::{Heap, Object};
use crate::dotnet::types;
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
        let slice_end = core.slice_end();
        let mut place = Place { position: frame.position as usize, step: frame.step, observing, slice_end };
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
                if done.to != NOWHERE {
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
            let callee = fiber.push_frame(chain, core, heap, slot, function, to).map_err(Raised::Fault)?;
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
            if let Some(result) =
                core.lightly(heap, exchange, delegate, &fiber.registers[start..start + count as usize])
            {
                let value = result.map_err(Raised::Fault)?;
                if to != NOWHERE {
                    reg!(to) = value;
                }
                return Ok(None);
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
                fiber.push_frame(chain, core, heap, next, function, NOWHERE).map_err(Raised::Fault)?;
            }
        }
        Op::CallFragment { fragment } => {
            let id = &unit.fragments[fragment as usize];
            let Some((next, function)) = chain.fragment(id) else {
                let message = format!("There is no policy fragment `{id}`.");
                return Err(Raised::Fault(Fault::policy("FragmentNotFound", message)));
            };
            fiber.push_frame(chain, core, heap, next, function, NOWHERE).map_err(Raised::Fault)?;
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

/// The statement that runs: for LastError.
pub fn place(fiber: &Fiber) -> Option<(u32, u32)> {
    fiber.frames.iter().rev().find_map(|frame| frame.step.map(|step| (frame.unit, step)))
}
