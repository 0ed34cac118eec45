//! What all fibers of a machine share: units, fuel, time, randomness, nested calls.

use super::effect::Moment;
use super::exec::{Exit, Fiber, Frame, Raised, run};
use super::limits::Limits;
use super::observe::Observer;
use crate::bytecode::unit::Unit;
use crate::document::Section;
use crate::dotnet::call::Host;
use crate::dotnet::context::Exchange;
use crate::dotnet::fault::{Fault, Limit};
use crate::dotnet::heap::{Heap, Object};
use crate::dotnet::value::Value;
use crate::link::Chain;
use std::any::Any;
use std::sync::Arc;

/// The machine but for its fibers, heap and exchange.
pub struct Core {
    pub chain: Arc<Chain>,
    pub limits: Limits,
    /// What is left.
    pub fuel: u64,
    /// Fuel at which the next slice ends.
    pub slice_end: u64,
    pub now: Moment,
    random: [u64; 4],
    /// Natives that call lambdas that call natives ...
    nested: usize,
    /// Fibers of nested calls that have ended.
    pub(super) spare: Vec<Fiber>,
    pub section: Section,
    /// What is raised now was raised before.
    pub again: Option<()>,
    pub observer: Option<Box<dyn Observer>>,
}

/// How many native members may be nested in each other: each takes a piece of the Rust stack.
const MOST_NESTED: usize = 100;

impl Core {
    pub fn new(chain: Arc<Chain>, limits: Limits, now: Moment, entropy: [u8; 32], spare: Vec<Fiber>) -> Core {
        let mut random = [0; 4];
        for (word, bytes) in random.iter_mut().zip(entropy.chunks_exact(8)) {
            *word = u64::from_le_bytes(bytes.try_into().expect("chunks of eight bytes"));
        }
        // The generator must not start at zero.
        random[0] |= 1;
        Core {
            chain,
            limits,
            fuel: limits.fuel,
            slice_end: limits.fuel.saturating_sub(limits.slice),
            now,
            random,
            nested: 0,
            spare,
            section: Section::Inbound,
            again: None,
            observer: None,
        }
    }

    pub fn unit(&self, slot: u32) -> &Arc<Unit> {
        &self.chain.units[slot as usize].unit
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
        if self.nested >= MOST_NESTED {
            return Err(Fault::Limit(Limit::Depth));
        }
        let mut fiber = self.spare.pop().unwrap_or_default();
        let entered = fiber.enter(self, heap, delegate, arguments, 0);
        if let Err(fault) = entered {
            self.spare.push(fiber);
            return Err(fault);
        }
        self.nested += 1;
        let chain = Arc::clone(&self.chain);
        let exit = run(&chain, self, heap, exchange, &mut fiber, true, &mut None);
        self.nested -= 1;
        fiber.clear();
        self.spare.push(fiber);
        match exit {
            Exit::Done(value) => Ok(value),
            Exit::Raised(Raised::Fault(fault)) => Err(fault),
            Exit::Raised(_) | Exit::Asks(..) | Exit::Forks(..) | Exit::Slice => {
                unreachable!("an expression's lambda neither asks the driver nor ends the pipeline")
            }
        }
    }

    fn begin_iterator(&mut self, heap: &mut Heap, delegate: Value) -> Result<Box<dyn Any + Send + Sync>, Fault> {
        let mut fiber = Fiber::default();
        fiber.enter(self, heap, delegate, &[], 0)?;
        heap.charge(fiber.registers.len() * size_of::<Value>() + 256)?;
        Ok(Box::new(fiber))
    }

    fn advance(
        &mut self,
        heap: &mut Heap,
        exchange: &mut Exchange,
        state: &mut (dyn Any + Send + Sync),
    ) -> Result<Option<Value>, Fault> {
        let Some(fiber) = state.downcast_mut::<Fiber>().filter(|fiber| !fiber.frames.is_empty()) else {
            return Ok(None);
        };
        if self.nested >= MOST_NESTED {
            return Err(Fault::Limit(Limit::Depth));
        }
        self.nested += 1;
        let chain = Arc::clone(&self.chain);
        let exit = run(&chain, self, heap, exchange, fiber, true, &mut None);
        self.nested -= 1;
        match exit {
            // The frame is there still after a `yield return`.
            Exit::Done(value) => Ok((!fiber.frames.is_empty()).then_some(value)),
            Exit::Raised(Raised::Fault(fault)) => {
                fiber.clear();
                Err(fault)
            }
            Exit::Raised(_) | Exit::Asks(..) | Exit::Forks(..) | Exit::Slice => {
                unreachable!("an expression's iterator neither asks the driver nor ends the pipeline")
            }
        }
    }

    fn charge_fuel(&mut self, units: u64) -> Result<(), Fault> {
        match self.fuel.checked_sub(units) {
            Some(left) => {
                self.fuel = left;
                Ok(())
            }
            None => {
                self.fuel = 0;
                Err(Fault::Limit(Limit::Fuel))
            }
        }
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

impl Fiber {
    /// Puts a delegate's function on top, with its arguments and captures.
    pub(super) fn enter(
        &mut self,
        core: &Core,
        heap: &Heap,
        delegate: Value,
        arguments: &[Value],
        to: u16,
    ) -> Result<(), Fault> {
        let Value::Object(handle) = delegate else { return Err(Fault::null_reference()) };
        let Object::Closure { function, captures, .. } = heap.get(handle) else { return Err(Fault::null_reference()) };
        let frame = self.push_frame(core, function.unit, function.function, to)?;
        let base = frame.base as usize;
        self.registers[base..base + arguments.len()].copy_from_slice(arguments);
        let at = base + arguments.len();
        self.registers[at..at + captures.len()].copy_from_slice(captures);
        Ok(())
    }

    pub(super) fn push_frame(&mut self, core: &Core, unit: u32, function: u32, to: u16) -> Result<&Frame, Fault> {
        if self.frames.len() >= core.limits.depth {
            return Err(Fault::Limit(Limit::Depth));
        }
        let registers = core.unit(unit).functions[function as usize].registers as usize;
        let base = self.frames.last().map_or(0, |f| f.base as usize + f.registers as usize);
        let end = base + registers;
        if self.registers.len() < end {
            self.registers.resize(end, Value::Null);
        }
        self.registers[base..end].fill(Value::Null);
        self.frames.push(Frame {
            unit,
            function,
            position: 0,
            base: base as u32,
            registers: registers as u32,
            to,
            step: None,
        });
        Ok(self.frames.last().expect("just pushed"))
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
    let mut fiber = Fiber::default();
    if let Err(fault) = fiber.push_frame(&core, 0, unit.body.unwrap_or(0), 0) {
        return (Err(fault), core);
    }
    // An evaluation has no other requests to let in.
    core.slice_end = 0;
    let chain = Arc::clone(&core.chain);
    let result = alone(&chain, &mut core, heap, exchange, &mut fiber);
    (result, core)
}

/// Runs what stands on a fiber to its end.
fn alone(
    chain: &Chain,
    core: &mut Core,
    heap: &mut Heap,
    exchange: &mut Exchange,
    fiber: &mut Fiber,
) -> Result<Value, Fault> {
    match run(chain, core, heap, exchange, fiber, true, &mut None) {
        Exit::Done(value) => Ok(value),
        Exit::Raised(Raised::Fault(fault)) => Err(fault),
        _ => Err(Fault::not_supported("An expression alone cannot ask for effects.")),
    }
}

/// A function that is evaluated again and again over the same state.
pub struct Repeated {
    chain: Arc<Chain>,
    core: Core,
    fiber: Fiber,
}

impl Repeated {
    /// Attaches the unit's constants to `heap`.
    pub fn new(unit: &Arc<Unit>, heap: &mut Heap, limits: Limits, now: Moment, entropy: [u8; 32]) -> Repeated {
        let chain = Arc::new(Chain::single(unit.clone()));
        let core = Core::new(Arc::clone(&chain), limits, now, entropy, Vec::new());
        heap.attach(chain.constants.clone());
        Repeated { chain, core, fiber: Fiber::default() }
    }

    /// Evaluates the unit's body with the whole fuel.
    pub fn run(&mut self, heap: &mut Heap, exchange: &mut Exchange) -> Result<Value, Fault> {
        self.core.fuel = self.core.limits.fuel;
        self.core.slice_end = 0;
        self.fiber.clear();
        let body = self.core.unit(0).body.unwrap_or(0);
        self.fiber.push_frame(&self.core, 0, body, 0)?;
        alone(&self.chain, &mut self.core, heap, exchange, &mut self.fiber)
    }
}
