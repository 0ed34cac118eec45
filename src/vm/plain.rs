//! The instructions that stay in their frame, and functions that consist of nothing else.
//!
//! `instructions!` has an arm for each that touches registers and the heap alone; [`plain`] adds those for which a native
//! member or the exchange is needed, and stops at those that leave the frame. A function that touches the heap alone runs in
//! [`light`], any other that needs no frame in [`leaf`]. The arms are a macro, not a function, because each loop must be one
//! `match`: to look at an instruction twice takes longer than to run it.

use super::{numbers, values};
use crate::bytecode::op::{CompareAs, Comparison, NOWHERE, Number, Op, Reach, Reg};
use crate::bytecode::tidy::{MOST_LEAF_REGISTERS, MOST_LIGHT_REGISTERS};
use crate::bytecode::unit::{Function, NativeCall, Unit};
use crate::dotnet::call::Call;
use crate::dotnet::context::Exchange;
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Heap;
use crate::dotnet::inherit;
use crate::dotnet::system::enumerate;
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::{HostObject, Value};

/// The arms of the instructions that touch registers and the heap alone, and what the exchange shows, before those of the loop that runs them. `fail`
/// takes a fault, `go` a place to jump to.
macro_rules! instructions {
    (
        ($op:expr, $unit:ident, $slot:ident, $heap:expr, $exchange:expr, $registers:ident, $fail:ident, $go:ident)
        $($other:tt)*
    ) => {
        match *$op {
            Op::Move { to, from } => $registers[to as usize] = $registers[from as usize],
            Op::LoadValue { to, at } => $registers[to as usize] = $unit.values[at as usize],
            Op::LoadObject { to, at } => {
                $registers[to as usize] = Value::Object(Heap::constant_handle($slot, at));
            }
            Op::LoadNull { to } => $registers[to as usize] = Value::Null,
            Op::LoadContext { to } => $registers[to as usize] = Value::Host(HostObject::Context),
            Op::Arithmetic { op, number, checked, to, a, b } => {
                let (a, b) = (&$registers[a as usize], &$registers[b as usize]);
                match numbers::plain_arithmetic(op, number, checked, a, b) {
                    Some(value) => $registers[to as usize] = Value::Int32(value),
                    None => match numbers::arithmetic($heap, op, number, checked, *a, *b) {
                        Ok(value) => $registers[to as usize] = value,
                        Err(fault) => $fail!(fault),
                    },
                }
            }
            Op::ArithmeticConstant { op, checked, to, a, b } => {
                let (a, b) = (&$registers[a as usize], Value::Int32(b));
                match numbers::plain_arithmetic(op, Number::Int32, checked, a, &b) {
                    Some(value) => $registers[to as usize] = Value::Int32(value),
                    None => match numbers::arithmetic($heap, op, Number::Int32, checked, *a, b) {
                        Ok(value) => $registers[to as usize] = value,
                        Err(fault) => $fail!(fault),
                    },
                }
            }
            Op::Compare { op, by, to, a, b } => {
                let holds = match (by, &$registers[a as usize], &$registers[b as usize]) {
                    (CompareAs::Number(Number::Int32), Value::Int32(a), Value::Int32(b)) => {
                        numbers::ordered(op, a.cmp(b))
                    }
                    (_, a, b) => compare($heap, op, by, *a, *b),
                };
                $registers[to as usize] = Value::Bool(holds);
            }
            Op::CompareConstant { op, to, a, b } => {
                $registers[to as usize] = Value::Bool(numbers::against(op, &$registers[a as usize], b));
            }
            Op::Not { to, a } => {
                $registers[to as usize] = Value::Bool(!matches!($registers[a as usize], Value::Bool(true)));
            }
            Op::IsNull { to, a } => $registers[to as usize] = Value::Bool($registers[a as usize].is_null()),
            Op::Cast { to, a, ty } => match cast($heap, $registers[a as usize], $unit.types[ty as usize]) {
                Ok(value) => $registers[to as usize] = value,
                Err(fault) => $fail!(fault),
            },
            Op::Jump { to } => {
                $go!(to);
            }
            Op::JumpIf { a, to } => {
                if matches!($registers[a as usize], Value::Bool(true)) {
                    $go!(to);
                }
            }
            Op::JumpUnless { a, to } => {
                if !matches!($registers[a as usize], Value::Bool(true)) {
                    $go!(to);
                }
            }
            Op::JumpCompare { op, a, b, to } => {
                if numbers::int_order(op, &$registers[a as usize], &$registers[b as usize]) {
                    $go!(to);
                }
            }
            Op::JumpCompareConstant { op, a, b, to } => {
                if numbers::against(op, &$registers[a as usize], i32::from(b)) {
                    $go!(to);
                }
            }
            Op::JumpIfNull { a, to } => {
                if $registers[a as usize].is_null() {
                    $go!(to);
                }
            }
            Op::JumpUnlessNull { a, to } => {
                if !$registers[a as usize].is_null() {
                    $go!(to);
                }
            }
            Op::CallLight { light, a, b, to } => {
                let code = $unit.lights[light as usize].code;
                match code($heap, &$registers[a as usize], &$registers[b as usize]) {
                    Ok(_) if to == NOWHERE => {}
                    Ok(value) => $registers[to as usize] = value,
                    Err(fault) => $fail!(fault),
                }
            }
            Op::CallLightConstant { light, a, at, to } => {
                let code = $unit.lights[light as usize].code;
                match code($heap, &$registers[a as usize], &$unit.values[at as usize]) {
                    Ok(_) if to == NOWHERE => {}
                    Ok(value) => $registers[to as usize] = value,
                    Err(fault) => $fail!(fault),
                }
            }
            Op::LookUp { at, default, to } => {
                match $unit.look_ups[at as usize].run($heap, $exchange, $registers[default as usize]) {
                    Ok(value) => $registers[to as usize] = value,
                    Err(fault) => $fail!(fault),
                }
            }
            Op::Glance { at, to, done } => {
                if let Some(value) = $unit.glances[at as usize].run_apart($heap, $exchange) {
                    $registers[to as usize] = value;
                    $go!(done);
                }
            }
            Op::TextLength { to, a } => {
                let len = match $registers[a as usize] {
                    Value::Text { len, .. } => len as usize,
                    other => match $heap.str(other) {
                        Some(text) => text.len(),
                        None => $fail!(Fault::null_reference()),
                    },
                };
                $registers[to as usize] = Value::Int32(len as i32);
            }
            Op::CellGet { to, cell } => match values::cell_get($heap, $registers[cell as usize]) {
                Ok(value) => $registers[to as usize] = value,
                Err(fault) => $fail!(fault),
            },
            Op::Field { to, record, at } => match $heap.fields($registers[record as usize]) {
                Some(fields) => $registers[to as usize] = fields[at as usize],
                None => $fail!(Fault::null_reference()),
            },
            Op::ArrayGet { to, array, index } => {
                let index = $registers[index as usize].integer().unwrap_or_default();
                match values::array_get($heap, $registers[array as usize], index) {
                    Ok(value) => $registers[to as usize] = value,
                    Err(fault) => $fail!(fault),
                }
            }
            $($other)*
        }
    };
}

/// Runs a function that touches the heap alone (see [`crate::bytecode::tidy::needs`]) on registers that hold its arguments
/// and captures: most lambdas that a query calls for every element.
#[inline]
pub fn light(
    function: &Function,
    unit: &Unit,
    slot: u32,
    heap: &mut Heap,
    exchange: &Exchange,
    registers: &mut [Value; MOST_LIGHT_REGISTERS],
) -> Result<Value, Fault> {
    heap.spend(function.code.len() as u64)?;
    let mut position = 0;
    macro_rules! fail {
        ($fault:expr) => {
            return Err($fault)
        };
    }
    macro_rules! go {
        ($to:expr) => {
            // There is no jump back, so what was paid at the beginning is enough.
            position = $to as usize
        };
    }
    loop {
        let op = &function.code[position];
        position += 1;
        instructions! {
            (op, unit, slot, heap, exchange, registers, fail, go)
            Op::Return { a } => return Ok(registers[a as usize]),
            Op::Throw { a } => return Err(thrown(registers[a as usize])),
            // Whoever calls it has brought the bodies in.
            Op::AwaitBody { .. } => {}
            _ => unreachable!("no other instruction touches the heap alone"),
        }
    }
}

/// Gives each value to such a function of one argument, one after the other: its answer takes the value's place, or says
/// whether the value stays. How many stay is answered.
pub fn light_each(
    lambda: &Lambda<'_>,
    heap: &mut Heap,
    exchange: &Exchange,
    values: &mut [Value],
) -> Result<usize, Fault> {
    let Lambda { called, unit, slot, captures, is_filter } = lambda;
    let (unit, slot, code) = (*unit, *slot, &called.code[..]);
    let mut registers = [Value::Null; MOST_LIGHT_REGISTERS];
    registers[1..=captures.len()].copy_from_slice(captures);
    macro_rules! fail {
        ($fault:expr) => {
            return Err($fault)
        };
    }
    let mut kept = 0;
    for at in 0..values.len() {
        registers[0] = values[at];
        heap.spend(code.len() as u64)?;
        let mut position = 0;
        macro_rules! go {
            ($to:expr) => {
                position = $to as usize
            };
        }
        let answer = loop {
            let op = &code[position];
            position += 1;
            instructions! {
                (op, unit, slot, heap, exchange, registers, fail, go)
                Op::Return { a } => break registers[a as usize],
                Op::Throw { a } => return Err(thrown(registers[a as usize])),
                Op::AwaitBody { .. } => {}
                _ => unreachable!("no other instruction touches the heap alone"),
            }
        };
        match (*is_filter, answer) {
            (false, mapped) => values[at] = mapped,
            (true, Value::Bool(true)) => {
                values[kept] = values[at];
                kept += 1;
            }
            (true, _) => {}
        }
    }
    Ok(if *is_filter { kept } else { values.len() })
}

/// A lambda of one argument that touches the heap alone, found once for many calls.
pub struct Lambda<'c> {
    pub called: &'c Function,
    pub unit: &'c Unit,
    pub slot: u32,
    pub captures: smallvec::SmallVec<[Value; 2]>,
    /// Its answer says whether the value stays.
    pub is_filter: bool,
}

/// Runs a function that needs no frame, on registers that hold its arguments and captures: many an expression alone. It is
/// nested in something that cannot wait, so bodies are here.
#[inline]
pub fn leaf<'a>(
    function: &'a Function,
    unit: &'a Unit,
    slot: u32,
    cx: &mut Call<'a>,
    registers: &mut [Value; MOST_LEAF_REGISTERS],
) -> Result<Value, Fault> {
    cx.heap.spend(function.code.len() as u64)?;
    let mut place = Place { position: 0, step: None, observing: false, slice_end: 0 };
    loop {
        match plain(&function.code, unit, slot, &mut place, cx, registers)? {
            Some(&Op::Return { a }) => return Ok(registers[a as usize]),
            Some(Op::AwaitBody { .. }) => {}
            Some(&Op::Throw { a }) => return Err(thrown(registers[a as usize])),
            _ => unreachable!("a leaf has no other instruction, and no slice ends in it"),
        }
    }
}

pub fn thrown(exception: Value) -> Fault {
    match exception.is_null() {
        true => Fault::null_reference(),
        false => Fault::Rethrow(exception),
    }
}

/// Where a function is.
pub struct Place {
    pub position: usize,
    /// The statement that is running.
    pub step: Option<u32>,
    /// Somebody wants to see each statement.
    pub observing: bool,
    /// With less fuel than this the run must let others in.
    pub slice_end: u64,
}

/// Runs instructions that neither leave their frame nor end the loop, up to one that does: that is returned, with the place
/// behind it; nothing is at the end of a slice. What is rare stands in functions of its own: the smaller this one is, the
/// less of its state has to go through memory.
pub fn plain<'c, 'a>(
    code: &'c [Op],
    unit: &'a Unit,
    slot: u32,
    place: &mut Place,
    cx: &mut Call<'a>,
    registers: &mut [Value],
) -> Result<Option<&'c Op>, Fault> {
    let mut position = place.position;
    // The position is noted before anything that leaves the loop.
    macro_rules! fail {
        ($fault:expr) => {{
            place.position = position;
            return Err($fault);
        }};
    }
    macro_rules! attempt {
        ($result:expr) => {
            match $result {
                Ok(value) => value,
                Err(fault) => fail!(fault),
            }
        };
    }
    // A jump back pays for what may run before the next one; a slice of the outermost run ends there.
    macro_rules! go {
        ($to:expr) => {
            let to = $to as usize;
            let back = position.saturating_sub(to);
            if back > 0 {
                // What fails here failed at the jump: its handlers are those around it.
                attempt!(cx.heap.spend(back as u64));
                if cx.heap.fuel() < place.slice_end {
                    place.position = to;
                    return Ok(None);
                }
            }
            position = to;
        };
    }
    loop {
        let op = &code[position];
        position += 1;
        instructions! {
            (op, unit, slot, cx.heap, cx.exchange, registers, fail, go)
            Op::CallNative { native, base: first, count, to } => {
                let call = &unit.natives[native as usize];
                let arguments = call.arguments(slot, registers, first, count);
                if call.is_instance && arguments[0].is_null() {
                    fail!(Fault::null_reference());
                }
                cx.outs.clear();
                cx.type_arguments = &call.type_arguments;
                cx.returns = call.returns;
                match (call.code)(cx, arguments) {
                    Ok(_) if to == NOWHERE => {}
                    Ok(value) => registers[to as usize] = value,
                    Err(fault) => fail!(fault),
                }
            }
            Op::CellSet { cell, a } => {
                attempt!(values::cell_set(cx.heap, registers[cell as usize], registers[a as usize]));
            }
            Op::TakeOut { parameter, to } => {
                let found = cx.outs.iter().find(|(own, _)| *own == parameter).map(|(_, value)| *value);
                registers[to as usize] = found.unwrap_or(Value::Null);
            }
            Op::NextEach { to, each, end } => match attempt!(enumerate::move_next(cx, registers[each as usize])) {
                Some(value) => registers[to as usize] = value,
                None => position = end as usize,
            },
            Op::Step { at } => {
                place.step = Some(at);
                if place.observing {
                    place.position = position;
                    return Ok(Some(op));
                }
            }
            _ if op.reach() == Reach::Frame => {
                place.position = position;
                return Ok(Some(op));
            }
            _ => attempt!(values::make(op, unit, slot, cx, registers)),
        }
    }
}

#[inline(never)]
fn compare(heap: &Heap, op: Comparison, by: CompareAs, a: Value, b: Value) -> bool {
    match by {
        CompareAs::Number(number) => numbers::compare(heap, op, number, a, b),
        CompareAs::Payload => numbers::payload(op, a, b),
        CompareAs::String => heap.same_text(a, b) == (op == Comparison::Equal),
        CompareAs::Reference => heap.is_same(a, b) == (op == Comparison::Equal),
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

/// A checked cast.
fn cast(heap: &Heap, value: Value, wanted: TypeId) -> Result<Value, Fault> {
    if wanted == types::string() && heap.is_str(value) {
        return Ok(value);
    }
    inherit::cast(heap, value, wanted)
}
