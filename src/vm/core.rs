//! What all fibers of a machine share: units, fuel, time, randomness, nested calls.

use super::exec::{Asked, Exit, Fiber, Frame, Raised, run};
use super::limits::Limits;
use super::observe::Observer;
use super::plain::{Lambda, leaf, light, light_each};
use crate::bytecode::op::Reach;
use crate::bytecode::tidy::{MOST_LEAF_REGISTERS, MOST_LIGHT_REGISTERS};
use crate::bytecode::unit::{Function, HandlerKind, Unit};
use crate::document::Section;
use crate::dotnet::call::{Call, Host};
use crate::dotnet::context::Exchange;
use crate::dotnet::fault::{Fault, Limit};
use crate::dotnet::heap::{FunctionRef, Heap, Object};
use crate::dotnet::system::enumerate::Stage;
use crate::dotnet::types;
use crate::dotnet::value::Value;
use crate::effect::{Effect, Moment};
use crate::link::Chain;
use smallvec::SmallVec;
use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};

/// The machine but for its fibers, heap and exchange.
pub struct Core {
    pub chain: Arc<Chain>,
    pub limits: Limits,
    /// Fuel at which the next slice ends.
    slice_end: u64,
    pub now: Moment,
    random: [u64; 4],
    /// Natives that call lambdas that call natives ...; a filter of an exception counts as well. What is nested can
    /// neither wait nor rest: something on the Rust stack waits for it.
    pub(super) nested: usize,
    /// Fibers of nested calls that have ended.
    #[expect(clippy::vec_box, reason = "they come and go with every call of a lambda")]
    pub(super) spare: Vec<Box<Fiber>>,
    /// More of `chain`, one for each nested call there was: counting references in every call would cost more than it does.
    chains: Vec<Arc<Chain>>,
    pub section: Section,
    /// Iterators that were left before their ends, inside a `try`.
    left: Arc<Mutex<Vec<Fiber>>>,
    /// What is raised now was raised before.
    pub again: bool,
    pub observer: Option<Box<dyn Observer>>,
    /// The effect that a fiber has stopped at, until its machine takes it.
    pub(super) asked: Option<(Effect, Asked)>,
}

/// How many native members may be nested in each other: each takes a piece of the Rust stack.
const MOST_NESTED: usize = 100;

impl Core {
    #[expect(clippy::vec_box, reason = "as above")]
    pub fn new(chain: Arc<Chain>, limits: Limits, now: Moment, entropy: [u8; 32], spare: Vec<Box<Fiber>>) -> Core {
        let mut random = [0; 4];
        for (word, bytes) in random.iter_mut().zip(entropy.chunks_exact(8)) {
            *word = u64::from_le_bytes(bytes.try_into().expect("chunks of eight bytes"));
        }
        // The generator must not start at zero.
        random[0] |= 1;
        Core {
            chain,
            limits,
            slice_end: limits.fuel.saturating_sub(limits.slice),
            now,
            random,
            nested: 0,
            spare,
            chains: Vec::new(),
            section: Section::Inbound,
            left: Arc::default(),
            again: false,
            observer: None,
            asked: None,
        }
    }

    pub fn unit(&self, slot: u32) -> &Arc<Unit> {
        &self.chain.units[slot as usize].unit
    }

    /// A nested call begins; every success is paired with [`Core::unnest`].
    pub(super) fn nest(&mut self) -> Result<(), Fault> {
        if self.nested >= MOST_NESTED {
            return Err(Fault::Limit(Limit::Depth));
        }
        self.nested += 1;
        Ok(())
    }

    pub(super) fn unnest(&mut self) {
        self.nested -= 1;
    }

    /// The iterator that was left last and has `finally` bodies to run.
    pub(super) fn next_left(&mut self) -> Option<Fiber> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Runs a leaf of a unit of the chain on registers that hold its arguments and captures.
    #[inline(always)]
    pub(super) fn leaf<'a>(
        &'a mut self,
        called: &'a Function,
        unit: &'a Unit,
        slot: u32,
        heap: &'a mut Heap,
        exchange: &'a mut Exchange,
        registers: &mut [Value; MOST_LEAF_REGISTERS],
    ) -> Result<Value, Fault> {
        let mut outs = Vec::new();
        let mut cx =
            Call { heap, exchange, host: self, type_arguments: &[], returns: types::object(), outs: &mut outs };
        leaf(called, unit, slot, &mut cx, registers)
    }

    /// Calls a delegate whose function touches the heap alone; nothing for any other.
    #[inline(always)]
    pub(super) fn lightly(
        &self,
        heap: &mut Heap,
        exchange: &Exchange,
        delegate: Value,
        arguments: &[Value],
    ) -> Option<Result<Value, Fault>> {
        let Value::Object(handle) = delegate else { return None };
        let Object::Closure { function: FunctionRef { unit: slot, function }, captures, .. } = heap.get(handle) else {
            return None;
        };
        let slot = *slot;
        let unit = &*self.chain.units[slot as usize].unit;
        let called = &unit.functions[*function as usize];
        if called.needs != Reach::Heap {
            return None;
        }
        let mut registers = [Value::Null; MOST_LIGHT_REGISTERS];
        fill(&mut registers, arguments, captures);
        Some(light(called, unit, slot, heap, exchange, &mut registers))
    }

    /// A lambda of one argument that touches the heap alone; nothing for any other.
    fn lambda(&self, heap: &Heap, delegate: Value, is_filter: bool) -> Option<Lambda<'_>> {
        let Value::Object(handle) = delegate else { return None };
        let Object::Closure { function: FunctionRef { unit: slot, function }, captures, .. } = heap.get(handle) else {
            return None;
        };
        let unit = &*self.chain.units[*slot as usize].unit;
        let called = &unit.functions[*function as usize];
        let is_light = called.needs == Reach::Heap;
        is_light.then(|| Lambda { called, unit, slot: *slot, captures: captures[..].into(), is_filter })
    }

    /// Calls several delegates in order: the last one's answer.
    fn invoke_all(
        &mut self,
        heap: &mut Heap,
        exchange: &mut Exchange,
        list: &[Value],
        arguments: &[Value],
    ) -> Result<Value, Fault> {
        self.nest()?;
        let mut last = Ok(Value::Null);
        for part in list {
            last = self.invoke(heap, exchange, *part, arguments);
            if last.is_err() {
                break;
            }
        }
        self.unnest();
        last
    }

    /// Calls a delegate whose function needs a frame, on a fiber of its own.
    fn framed(
        &mut self,
        chain: &Chain,
        heap: &mut Heap,
        exchange: &mut Exchange,
        delegate: Value,
        arguments: &[Value],
    ) -> Result<Value, Fault> {
        let mut fiber = self.spare.pop().unwrap_or_default();
        let result = match fiber.enter(chain, self, heap, delegate, arguments, 0) {
            Ok(()) => alone(chain, self, heap, exchange, &mut fiber),
            Err(fault) => Err(fault),
        };
        fiber.clear();
        self.spare.push(fiber);
        result
    }

    /// Fuel at which a run must let others in; a nested one never does.
    #[inline]
    pub(super) fn slice_end(&self) -> u64 {
        if self.nested > 0 { 0 } else { self.slice_end }
    }

    /// The next slice begins.
    pub(super) fn rested(&mut self, fuel: u64) {
        self.slice_end = fuel.saturating_sub(self.limits.slice);
    }
}

/// Puts arguments and captures into the registers of a function that needs no frame. In place: to copy registers that were
/// just written costs more than to run most functions.
#[inline(always)]
pub(super) fn fill(registers: &mut [Value], arguments: &[Value], captures: &[Value]) {
    if let [one] = arguments {
        registers[0] = *one;
    } else {
        for (register, value) in registers.iter_mut().zip(arguments) {
            *register = *value;
        }
    }
    for (register, value) in registers[arguments.len()..].iter_mut().zip(captures) {
        *register = *value;
    }
}

impl Host for Core {
    fn invoke(
        &mut self,
        heap: &mut Heap,
        exchange: &mut Exchange,
        delegate: Value,
        arguments: &[Value],
    ) -> Result<Value, Fault> {
        if let Some(result) = self.lightly(heap, exchange, delegate, arguments) {
            return result;
        }
        let Value::Object(handle) = delegate else { return Err(Fault::null_reference()) };
        let (slot, function, captures) = match heap.get(handle) {
            Object::Closure { function: FunctionRef { unit, function }, captures, .. } => (*unit, *function, captures),
            Object::Multicast { list, .. } => {
                let list = list.clone();
                return self.invoke_all(heap, exchange, &list, arguments);
            }
            _ => return Err(Fault::null_reference()),
        };
        self.nest()?;
        let chain = self.chains.pop().unwrap_or_else(|| Arc::clone(&self.chain));
        let unit = &*chain.units[slot as usize].unit;
        let called = &unit.functions[function as usize];
        let result = if called.needs == Reach::Call {
            let mut registers = [Value::Null; MOST_LEAF_REGISTERS];
            fill(&mut registers, arguments, captures);
            self.leaf(called, unit, slot, heap, exchange, &mut registers)
        } else {
            self.framed(&chain, heap, exchange, delegate, arguments)
        };
        self.unnest();
        self.chains.push(chain);
        result
    }

    fn pass_all(
        &mut self,
        heap: &mut Heap,
        exchange: &Exchange,
        stages: &[Stage],
        items: &[Value],
        passed: &mut Vec<Value>,
    ) -> Result<bool, Fault> {
        let mut lambdas: SmallVec<[Lambda<'_>; 4]> = SmallVec::new();
        for stage in stages {
            let (Stage::Filter(lambda) | Stage::Map(lambda)) = *stage;
            let Some(ready) = self.lambda(heap, lambda, matches!(stage, Stage::Filter(_))) else { return Ok(false) };
            lambdas.push(ready);
        }
        heap.spend(items.len() as u64 * (2 + 10 * stages.len() as u64))?;
        let start = passed.len();
        passed.extend_from_slice(items);
        for lambda in &lambdas {
            match light_each(lambda, heap, exchange, &mut passed[start..]) {
                Ok(kept) => passed.truncate(start + kept),
                // An element goes through all lambdas before the next one does, so another may have failed before.
                Err(_) => {
                    passed.truncate(start);
                    for item in items {
                        let mut one = [*item];
                        let mut stays = true;
                        for lambda in &lambdas {
                            stays = stays && light_each(lambda, heap, exchange, &mut one)? == 1;
                        }
                        passed.extend(one.into_iter().filter(|_| stays));
                    }
                    break;
                }
            }
        }
        Ok(true)
    }

    fn begin_iterator(&mut self, heap: &mut Heap, delegate: Value) -> Result<Box<dyn Any + Send + Sync>, Fault> {
        let mut fiber = Fiber::default();
        let chain = Arc::clone(&self.chain);
        fiber.enter(&chain, self, heap, delegate, &[], 0)?;
        heap.charge(fiber.registers.len() * size_of::<Value>() + 256)?;
        let open = fiber.frames.first().is_some_and(|frame| {
            let function = &chain.units[frame.unit as usize].unit.functions[frame.function as usize];
            function.handlers.iter().any(|handler| handler.kind == HandlerKind::Finally)
        });
        let left = open.then(|| Arc::clone(&self.left));
        Ok(Box::new(Iteration { fiber, left, begun: false }))
    }

    fn advance(
        &mut self,
        heap: &mut Heap,
        exchange: &mut Exchange,
        state: &mut (dyn Any + Send + Sync),
    ) -> Result<Option<Value>, Fault> {
        let Some(iteration) = state.downcast_mut::<Iteration>().filter(|it| !it.fiber.frames.is_empty()) else {
            return Ok(None);
        };
        iteration.begun = true;
        let fiber = &mut iteration.fiber;
        self.nest()?;
        let chain = Arc::clone(&self.chain);
        let exit = run(&chain, self, heap, exchange, fiber, &mut None);
        self.unnest();
        match exit {
            // The frame is there still after a `yield return`.
            Exit::Done(value) => Ok((!fiber.frames.is_empty()).then_some(value)),
            Exit::Raised(Raised::Fault(fault)) => {
                fiber.clear();
                Err(fault)
            }
            Exit::Raised(_) | Exit::Asks | Exit::Forks(..) | Exit::Slice => {
                unreachable!("an expression's iterator neither asks the driver nor ends the pipeline")
            }
        }
    }

    fn operate(
        &mut self,
        heap: &mut Heap,
        exchange: &mut Exchange,
        site: Value,
        operands: &[Value],
        outs: &mut Vec<(u8, Value)>,
    ) -> Result<Value, Fault> {
        self.operate_site(heap, exchange, site, operands, outs)
    }

    fn now(&self) -> Moment {
        self.now
    }

    /// xoshiro256++
    fn random(&mut self) -> u64 {
        let s = &mut self.random;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }
}

/// A function that hands out elements, under way.
struct Iteration {
    fiber: Fiber,
    /// Where it goes when it is left before its end, if it has `finally` bodies.
    left: Option<Arc<Mutex<Vec<Fiber>>>>,
    begun: bool,
}

impl Drop for Iteration {
    fn drop(&mut self) {
        if let (Some(left), true, false) = (&self.left, self.begun, self.fiber.frames.is_empty()) {
            left.lock().unwrap_or_else(PoisonError::into_inner).push(std::mem::take(&mut self.fiber));
        }
    }
}

impl Fiber {
    /// Puts a delegate's function on top, with its arguments and captures.
    pub(super) fn enter(
        &mut self,
        chain: &Chain,
        core: &Core,
        heap: &mut Heap,
        delegate: Value,
        arguments: &[Value],
        to: u16,
    ) -> Result<(), Fault> {
        let base = self.begin_call(chain, core, heap, delegate, arguments.len(), to)?;
        self.registers[base..base + arguments.len()].copy_from_slice(arguments);
        Ok(())
    }

    /// Puts a delegate's function on top, with its captures; where its arguments go.
    pub(super) fn begin_call(
        &mut self,
        chain: &Chain,
        core: &Core,
        heap: &mut Heap,
        delegate: Value,
        arguments: usize,
        to: u16,
    ) -> Result<usize, Fault> {
        let Value::Object(handle) = delegate else { return Err(Fault::null_reference()) };
        let Object::Closure { function, .. } = heap.get(handle) else { return Err(Fault::null_reference()) };
        let function = *function;
        let base = self.push_frame(chain, core, heap, function.unit, function.function, to)?;
        if let Object::Closure { captures, .. } = heap.get(handle) {
            let at = base + arguments;
            self.registers[at..at + captures.len()].copy_from_slice(captures);
        }
        Ok(base)
    }

    /// A frame of a function of a unit of the chain on top; where its registers begin.
    #[inline]
    pub(super) fn push_frame(
        &mut self,
        chain: &Chain,
        core: &Core,
        heap: &mut Heap,
        unit: u32,
        function: u32,
        to: u16,
    ) -> Result<usize, Fault> {
        if self.frames.len() >= core.limits.depth {
            return Err(Fault::Limit(Limit::Depth));
        }
        let called = &chain.units[unit as usize].unit.functions[function as usize];
        heap.spend(called.code.len() as u64)?;
        let registers = usize::from(called.registers);
        let base = self.frames.last().map_or(0, |f| f.base as usize + f.registers as usize);
        let end = base + registers;
        if self.registers.len() < end {
            self.registers.resize(end, Value::Null);
        }
        for register in &mut self.registers[base..end] {
            *register = Value::Null;
        }
        self.frames.push(Frame {
            unit,
            function,
            position: 0,
            base: base as u32,
            registers: registers as u32,
            to,
            step: None,
        });
        Ok(base)
    }
}

/// Evaluates one function of a unit alone: what `eval` does. Bodies must be buffered.
pub fn evaluate(
    unit: &Arc<Unit>,
    heap: &mut Heap,
    exchange: &mut Exchange,
    limits: Limits,
    now: Moment,
    entropy: [u8; 32],
) -> (Result<Value, Fault>, Core) {
    let chain = Arc::new(Chain::single(unit.clone()));
    let mut core = Core::new(chain, limits, now, entropy, Vec::new());
    heap.attach(core.chain.constants.clone());
    heap.set_fuel(limits.fuel);
    let mut fiber = Fiber::default();
    let chain = Arc::clone(&core.chain);
    if let Err(fault) = fiber.push_frame(&chain, &core, heap, 0, unit.body.unwrap_or(0), 0) {
        return (Err(fault), core);
    }
    // An evaluation has no other requests to let in, and nobody to wait for.
    core.nested = 1;
    let result = alone(&chain, &mut core, heap, exchange, &mut fiber);
    (result, core)
}

/// Runs what stands on a fiber to its end. An expression neither asks the driver nor ends the pipeline.
#[inline]
pub(super) fn alone(
    chain: &Chain,
    core: &mut Core,
    heap: &mut Heap,
    exchange: &mut Exchange,
    fiber: &mut Fiber,
) -> Result<Value, Fault> {
    match run(chain, core, heap, exchange, fiber, &mut None) {
        Exit::Done(value) => Ok(value),
        Exit::Raised(Raised::Fault(fault)) => Err(fault),
        _ => Err(Fault::not_supported("An expression alone cannot ask for effects.")),
    }
}

/// A function that is evaluated again and again over the same state.
pub struct Repeated {
    chain: Arc<Chain>,
    unit: Arc<Unit>,
    core: Core,
    fiber: Fiber,
}

impl Repeated {
    /// Attaches the unit's constants to `heap`.
    pub fn new(unit: &Arc<Unit>, heap: &mut Heap, limits: Limits, now: Moment, entropy: [u8; 32]) -> Repeated {
        let chain = Arc::new(Chain::single(unit.clone()));
        let mut core = Core::new(Arc::clone(&chain), limits, now, entropy, Vec::new());
        core.nested = 1;
        heap.attach(chain.constants.clone());
        Repeated { chain, unit: Arc::clone(unit), core, fiber: Fiber::default() }
    }

    /// Evaluates the unit's body with the whole fuel.
    #[inline]
    pub fn run(&mut self, heap: &mut Heap, exchange: &mut Exchange) -> Result<Value, Fault> {
        heap.set_fuel(self.core.limits.fuel);
        let looked = self.unit.looks.and_then(|at| self.unit.glances[at as usize].run(heap, exchange));
        match looked {
            Some(value) => Ok(value),
            None => self.run_code(heap, exchange),
        }
    }

    #[inline(never)]
    fn run_code(&mut self, heap: &mut Heap, exchange: &mut Exchange) -> Result<Value, Fault> {
        let unit = &*self.unit;
        let body = unit.body.unwrap_or(0);
        let called = &unit.functions[body as usize];
        match called.needs {
            Reach::Heap => return light(called, unit, 0, heap, exchange, &mut [Value::Null; MOST_LIGHT_REGISTERS]),
            Reach::Call => {
                return self.core.leaf(called, unit, 0, heap, exchange, &mut [Value::Null; MOST_LEAF_REGISTERS]);
            }
            Reach::Frame => {}
        }
        self.fiber.clear();
        self.fiber.push_frame(&self.chain, &self.core, heap, 0, body, 0)?;
        alone(&self.chain, &mut self.core, heap, exchange, &mut self.fiber)
    }
}
