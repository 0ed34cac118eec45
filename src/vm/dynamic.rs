//! Call sites of `dynamic`: bound when they run, by the types that the operands have then.
//!
//! In: a site's constant and the values of its operands. Out: what the operation answers, or a
//! `RuntimeBinderException`. What was bound for some types is kept with the site for the next time, in places that are written
//! once, so that nobody waits to read them. Never: more than a few of those for one site.

use super::core::{Core, fill};
use super::exec::Fiber;
use crate::bytecode::builder::Builder;
use crate::bytecode::op::Reach;
use crate::bytecode::tidy::MOST_LEAF_REGISTERS;
use crate::bytecode::unit::Unit;
use crate::dotnet::call::Call;
use crate::dotnet::context::Exchange;
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Heap;
use crate::dotnet::system::json::dynamic::{self as json, Operator};
use crate::dotnet::types::{self, Type, TypeId};
use crate::dotnet::value::Value;
use crate::link::Chain;
use crate::typed::document::Programs;
use crate::typed::dynamic::{Operation, Refusal, Site, What, bind};
use portcullis_grammar::syntax::{BinaryOp, Passing};
use smallvec::SmallVec;
use std::sync::{Arc, OnceLock};

/// How many combinations of types a site keeps what was bound for.
const MOST_KEPT: usize = 16;

/// What binding a site costs of the fuel.
const BINDING: u64 = 4_000;

/// What each operation costs besides: finding what was bound.
const FINDING: u64 = 40;

/// A site with what was bound for it: a constant of the unit that it stands in.
#[derive(Clone, Debug)]
pub struct CallSite(Arc<Kept>);

#[derive(Debug)]
struct Kept {
    site: Site,
    /// The types of the operands whose types the text does not say, and what does the operation for them.
    bound: [OnceLock<(Types, Outcome)>; MOST_KEPT],
}

type Types = SmallVec<[TypeId; 4]>;
type Outcome = Result<Arc<Chain>, Arc<Refusal>>;

impl CallSite {
    pub fn new(site: Site) -> CallSite {
        CallSite(Arc::new(Kept { site, bound: Default::default() }))
    }

    fn find(&self, types: &[TypeId]) -> Option<Outcome> {
        let mut bound = self.0.bound.iter().map_while(OnceLock::get);
        bound.find(|(own, _)| own[..] == *types).map(|(_, outcome)| outcome.clone())
    }

    fn bind(&self, types: &Types) -> Outcome {
        let outcome = bind(&self.0.site, types)
            .map(|program| Arc::new(Chain::single(Arc::new(unit(&program)))))
            .map_err(Arc::new);
        let mut bound = (types.clone(), outcome.clone());
        for place in &self.0.bound {
            match place.set(bound) {
                Ok(()) => break,
                Err(taken) => bound = taken,
            }
        }
        outcome
    }
}

/// The unit of a bound operation: its function takes the operands.
fn unit(program: &crate::typed::ir::Program) -> Unit {
    let programs = Programs::default();
    let mut builder = Builder::new(&programs, |_| None);
    builder.operation(program);
    let unit = builder.finish("dynamic");
    debug_assert!(unit.constants.is_empty() && unit.closures.is_empty(), "an operation keeps nothing in its unit");
    unit
}

impl Core {
    /// Does what a site says with these operands.
    pub(super) fn operate_site(
        &mut self,
        heap: &mut Heap,
        exchange: &mut Exchange,
        site: Value,
        operands: &[Value],
        outs: &mut Vec<(u8, Value)>,
    ) -> Result<Value, Fault> {
        let Some(call_site) = heap.extension::<CallSite>(site).cloned() else { return Err(Fault::null_reference()) };
        heap.spend(FINDING)?;
        let site = &call_site.0.site;
        let null = operands.first().is_none_or(|value| value.is_null());
        if null && site.needs_receiver() {
            return Err(binder("Cannot perform runtime binding on a null reference"));
        }
        if let Some(value) = self.by_itself(heap, exchange, site, operands)? {
            return Ok(value);
        }
        let types: Types = site
            .given
            .iter()
            .zip(operands)
            .map(|(given, value)| match given.what {
                What::Dynamic => run_time_type(heap, *value),
                What::Static(ty) | What::Constant(_, ty) => ty,
            })
            .collect();
        let outcome = match call_site.find(&types) {
            Some(outcome) => outcome,
            None => {
                heap.spend(BINDING)?;
                call_site.bind(&types)
            }
        };
        match outcome {
            Err(refusal) => Err(match &*refusal {
                Refusal::Binder(message) => binder(message.as_str()),
                Refusal::Member(message) => Fault::not_supported(message.as_str()),
            }),
            Ok(chain) => {
                let value = self.run_operation(&chain, heap, exchange, operands)?;
                self.hand_back(heap, site, value, outs)
            }
        }
    }

    /// Newtonsoft's tokens do some operations by themselves.
    fn by_itself(
        &mut self,
        heap: &mut Heap,
        exchange: &mut Exchange,
        site: &Site,
        operands: &[Value],
    ) -> Result<Option<Value>, Fault> {
        let (Some(&first), Some(What::Dynamic)) = (operands.first(), site.given.first().map(|given| &given.what))
        else {
            return Ok(None);
        };
        let mut cx =
            Call { heap, exchange, host: self, type_arguments: &[], returns: types::object(), outs: &mut Vec::new() };
        match &site.operation {
            Operation::Get(name) if json::has_properties(&cx, first) => json::property(&mut cx, first, name).map(Some),
            Operation::Set(name) if json::has_properties(&cx, first) => {
                json::set_property(&mut cx, first, name, operands[1]).map(Some)
            }
            Operation::Convert(to) | Operation::Cast(to) => json::convert_value(&mut cx, first, *to),
            Operation::ArrayIndex => json::convert_value(&mut cx, first, types::int32()),
            Operation::Binary(op) => match operator(*op) {
                Some(operator) => json::compute(&mut cx, operator, first, operands[1]),
                None => Ok(None),
            },
            _ => Ok(None),
        }
    }

    fn run_operation(
        &mut self,
        chain: &Chain,
        heap: &mut Heap,
        exchange: &mut Exchange,
        operands: &[Value],
    ) -> Result<Value, Fault> {
        let unit = &*chain.units[0].unit;
        let body = unit.body.unwrap_or(0);
        let function = &unit.functions[body as usize];
        if function.needs != Reach::Frame {
            let mut registers = [Value::Null; MOST_LEAF_REGISTERS];
            fill(&mut registers, operands, &[]);
            return self.leaf(function, unit, 0, heap, exchange, &mut registers);
        }
        self.nest()?;
        let mut fiber: Box<Fiber> = self.spare.pop().unwrap_or_default();
        let result = match fiber.push_frame(chain, self, heap, 0, body, 0) {
            Ok(base) => {
                fiber.registers[base..base + operands.len()].copy_from_slice(operands);
                super::core::alone(chain, self, heap, exchange, &mut fiber)
            }
            Err(fault) => Err(fault),
        };
        self.unnest();
        fiber.clear();
        self.spare.push(fiber);
        result
    }

    /// Takes apart what an operation with by-reference operands answers.
    fn hand_back(
        &mut self,
        heap: &Heap,
        site: &Site,
        value: Value,
        outs: &mut Vec<(u8, Value)>,
    ) -> Result<Value, Fault> {
        let by_reference = |passing: Passing| matches!(passing, Passing::Out | Passing::Ref);
        if !site.given.iter().any(|given| by_reference(given.passing)) {
            return Ok(value);
        }
        outs.clear();
        let items = heap.items(value).unwrap_or_default();
        let places = site.given.iter().enumerate().filter(|(_, given)| by_reference(given.passing));
        outs.extend(places.map(|(at, _)| at as u8).zip(items.iter().skip(1).copied()));
        Ok(items.first().copied().unwrap_or(Value::Null))
    }
}

fn binder(message: impl Into<String>) -> Fault {
    Fault::throw("Microsoft.CSharp.RuntimeBinder.RuntimeBinderException", message)
}

/// The type of a value as the binder sees it: names of tuple elements are gone.
fn run_time_type(heap: &Heap, value: Value) -> TypeId {
    if let Value::Host(part) = value {
        return crate::dotnet::context::interface_of(part);
    }
    let ty = heap.type_of(value);
    match ty.get() {
        Type::Tuple(elements, names) if !names.is_empty() => TypeId::of(Type::Tuple(elements.clone(), Vec::new())),
        _ => ty,
    }
}

fn operator(op: BinaryOp) -> Option<Operator> {
    Some(match op {
        BinaryOp::Equal => Operator::Equal,
        BinaryOp::NotEqual => Operator::NotEqual,
        BinaryOp::Less => Operator::Less,
        BinaryOp::LessOrEqual => Operator::LessOrEqual,
        BinaryOp::Greater => Operator::Greater,
        BinaryOp::GreaterOrEqual => Operator::GreaterOrEqual,
        BinaryOp::Add => Operator::Add,
        BinaryOp::Subtract => Operator::Subtract,
        BinaryOp::Multiply => Operator::Multiply,
        BinaryOp::Divide => Operator::Divide,
        _ => return None,
    })
}
