//! The instructions. Registers are per frame; jumps go to positions in the function's code.

pub use crate::typed::ir::{Arithmetic, Bitwise, CompareAs, Comparison, Number, Numeric};

/// A register of the current frame.
pub type Reg = u16;

/// Where a result goes that nobody wants.
pub const NOWHERE: Reg = Reg::MAX;

/// An instruction. `at` fields index tables of the function's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Op {
    Move {
        to: Reg,
        from: Reg,
    },
    /// A value of the unit's table of plain values.
    LoadValue {
        to: Reg,
        at: u32,
    },
    /// A constant object (string, decimal, GUID).
    LoadObject {
        to: Reg,
        at: u32,
    },
    LoadNull {
        to: Reg,
    },
    /// The zero of a struct type.
    LoadZero {
        to: Reg,
        ty: u32,
    },
    LoadContext {
        to: Reg,
    },
    /// The place in the request's chain of the scope that is running: 0 is the narrowest. A fragment runs in the scope
    /// that includes it.
    LoadScope {
        to: Reg,
    },

    Arithmetic {
        op: Arithmetic,
        number: Number,
        checked: bool,
        to: Reg,
        a: Reg,
        b: Reg,
    },
    /// Of two `int`, the second a constant.
    ArithmeticConstant {
        op: Arithmetic,
        checked: bool,
        to: Reg,
        a: Reg,
        b: i32,
    },
    Bitwise {
        op: Bitwise,
        number: Number,
        to: Reg,
        a: Reg,
        b: Reg,
    },
    Compare {
        op: Comparison,
        by: CompareAs,
        to: Reg,
        a: Reg,
        b: Reg,
    },
    /// Of an `int` and a constant.
    CompareConstant {
        op: Comparison,
        to: Reg,
        a: Reg,
        b: i32,
    },
    Negate {
        number: Number,
        checked: bool,
        to: Reg,
        a: Reg,
    },
    Complement {
        number: Number,
        to: Reg,
        a: Reg,
    },
    Not {
        to: Reg,
        a: Reg,
    },
    IsNull {
        to: Reg,
        a: Reg,
    },
    ConvertNumber {
        from: Numeric,
        target: Numeric,
        checked: bool,
        to: Reg,
        a: Reg,
    },
    ConvertEnum {
        to: Reg,
        a: Reg,
        ty: u32,
    },
    Cast {
        to: Reg,
        a: Reg,
        ty: u32,
    },
    As {
        to: Reg,
        a: Reg,
        ty: u32,
    },
    Is {
        to: Reg,
        a: Reg,
        ty: u32,
    },
    NullableValue {
        to: Reg,
        a: Reg,
    },

    Jump {
        to: u32,
    },
    JumpIf {
        a: Reg,
        to: u32,
    },
    JumpUnless {
        a: Reg,
        to: u32,
    },
    /// When two `int` compare so.
    JumpCompare {
        op: Comparison,
        a: Reg,
        b: Reg,
        to: u32,
    },
    JumpCompareConstant {
        op: Comparison,
        a: Reg,
        b: i16,
        to: u32,
    },
    JumpIfNull {
        a: Reg,
        to: u32,
    },
    JumpUnlessNull {
        a: Reg,
        to: u32,
    },

    /// A native member or a policy's run step: arguments in `count` registers from `base`.
    CallNative {
        native: u32,
        base: Reg,
        count: u16,
        to: Reg,
    },
    /// A member that touches the heap alone, with its arguments where they are (one that takes one looks at `a` alone).
    CallLight {
        light: u16,
        a: Reg,
        b: Reg,
        to: Reg,
    },
    /// The same, the second argument a plain value of the unit's table.
    CallLightConstant {
        light: u16,
        a: Reg,
        at: u32,
        to: Reg,
    },
    /// A prepared look-up in the exchange: see [`crate::dotnet::context::LookUp`].
    LookUp {
        at: u32,
        /// Any register, where the look-up has no default.
        default: Reg,
        to: Reg,
    },
    /// An expression that only looks; where it does not tell, the instructions before `done` do.
    Glance {
        at: u32,
        to: Reg,
        done: u32,
    },
    /// What the last native call set for a by-reference parameter.
    TakeOut {
        parameter: u8,
        to: Reg,
    },
    /// A function of this unit: arguments, then captured cells, from `base`.
    CallFunction {
        function: u32,
        base: Reg,
        count: u16,
        to: Reg,
    },
    Invoke {
        delegate: Reg,
        base: Reg,
        count: u16,
        to: Reg,
    },
    MakeClosure {
        to: Reg,
        closure: u32,
        base: Reg,
    },
    NewCell {
        to: Reg,
        a: Reg,
    },
    CellGet {
        to: Reg,
        cell: Reg,
    },
    CellSet {
        cell: Reg,
        a: Reg,
    },

    Record {
        to: Reg,
        base: Reg,
        count: u16,
        ty: u32,
    },
    Field {
        to: Reg,
        record: Reg,
        at: u16,
    },
    /// A copy of a record with one field replaced.
    WithField {
        to: Reg,
        record: Reg,
        at: u16,
        a: Reg,
    },
    NewArray {
        to: Reg,
        length: Reg,
        ty: u32,
    },
    ArrayOf {
        to: Reg,
        base: Reg,
        count: u16,
        ty: u32,
    },
    ArrayLength {
        to: Reg,
        a: Reg,
    },
    /// `Length` of a string: what conditions and the lambdas of queries ask for most.
    TextLength {
        to: Reg,
        a: Reg,
    },
    ArrayGet {
        to: Reg,
        array: Reg,
        index: Reg,
    },
    ArraySet {
        array: Reg,
        index: Reg,
        a: Reg,
    },
    Concat {
        to: Reg,
        base: Reg,
        count: u16,
    },
    /// Joins texts and formatted values as the template says.
    Interpolate {
        to: Reg,
        base: Reg,
        template: u32,
    },

    StartEach {
        to: Reg,
        source: Reg,
    },
    /// Iterators that were left before their ends run what is open of theirs.
    Settle,
    /// The next element, or a jump at the end.
    NextEach {
        to: Reg,
        each: Reg,
        end: u32,
    },

    Throw {
        a: Reg,
    },
    /// Throws what a handler has caught again; in a `finally`, goes on with what was under way.
    Rethrow {
        a: Reg,
    },
    /// The answer of a `when` filter.
    EndFilter {
        a: Reg,
    },
    /// Hands an element of an iterator to what runs it, which may go on behind.
    Yield {
        a: Reg,
    },
    Return {
        a: Reg,
    },

    /// Waits until this body, when it is one of the exchange's, is here.
    AwaitBody {
        a: Reg,
    },

    /// A statement begins.
    Step {
        at: u32,
    },
    /// Asks the driver for something and waits.
    Effect {
        effect: u32,
        base: Reg,
        count: u16,
        to: Reg,
    },
    /// Runs the next wider document's section.
    CallBase,
    /// Runs an included fragment.
    CallFragment {
        fragment: u32,
    },
    /// Ends the pipeline with the response that is there.
    Finish,
    /// Runs functions of this unit side by side; goes on when all or one has ended.
    Fork {
        fork: u32,
        any: Reg,
    },
}

/// How far an instruction reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// To registers and the heap, and to what the exchange shows.
    Heap,
    /// To all that a native member may use.
    Call,
    /// Out of its frame, or of the loop.
    #[default]
    Frame,
}

impl Op {
    pub fn reach(&self) -> Reach {
        use Op::{
            Arithmetic, ArithmeticConstant, ArrayGet, AwaitBody, CallBase, CallFragment, CallFunction, CallLight,
            CallLightConstant, Cast, CellGet, Compare, CompareConstant, Effect, EndFilter, Field, Finish, Fork, Glance,
            Invoke, IsNull, Jump, JumpCompare, JumpCompareConstant, JumpIf, JumpIfNull, JumpUnless, JumpUnlessNull,
            LoadContext, LoadNull, LoadObject, LoadScope, LoadValue, LookUp, Move, Not, Rethrow, Return, Settle, Step,
            TextLength, Throw, Yield,
        };
        match self {
            Move { .. }
            | LoadValue { .. }
            | LoadObject { .. }
            | LoadNull { .. }
            | LoadContext { .. }
            | Arithmetic { .. }
            | ArithmeticConstant { .. }
            | Compare { .. }
            | CompareConstant { .. }
            | Not { .. }
            | IsNull { .. }
            | Cast { .. }
            | Jump { .. }
            | JumpIf { .. }
            | JumpUnless { .. }
            | JumpCompare { .. }
            | JumpCompareConstant { .. }
            | JumpIfNull { .. }
            | JumpUnlessNull { .. }
            | CallLight { .. }
            | CallLightConstant { .. }
            | LookUp { .. }
            | Glance { .. }
            | TextLength { .. }
            | CellGet { .. }
            | Field { .. }
            | ArrayGet { .. } => Reach::Heap,
            Return { .. }
            | Throw { .. }
            | AwaitBody { .. }
            | Yield { .. }
            | EndFilter { .. }
            | CallFunction { .. }
            | Invoke { .. }
            | Settle
            | Rethrow { .. }
            | Step { .. }
            | Effect { .. }
            | LoadScope { .. }
            | CallBase
            | CallFragment { .. }
            | Finish
            | Fork { .. } => Reach::Frame,
            _ => Reach::Call,
        }
    }

    /// Where the instruction may jump to.
    pub fn target(mut self) -> Option<u32> {
        self.target_mut().map(|to| *to)
    }

    pub fn target_mut(&mut self) -> Option<&mut u32> {
        match self {
            Op::Jump { to }
            | Op::JumpIf { to, .. }
            | Op::JumpUnless { to, .. }
            | Op::JumpCompare { to, .. }
            | Op::JumpCompareConstant { to, .. }
            | Op::JumpIfNull { to, .. }
            | Op::JumpUnlessNull { to, .. }
            | Op::NextEach { end: to, .. }
            | Op::Glance { done: to, .. } => Some(to),
            _ => None,
        }
    }

    /// The instruction after it is never reached from here.
    pub fn leads_nowhere(&self) -> bool {
        matches!(
            self,
            Op::Jump { .. }
                | Op::Throw { .. }
                | Op::Rethrow { .. }
                | Op::EndFilter { .. }
                | Op::Return { .. }
                | Op::Finish
        )
    }
}
