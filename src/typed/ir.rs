//! The typed IR of one expression: what the checker hands to the lowering, and what the lowering may rely on.
//!
//! Every conversion is written out. Lifted operators, `?.`, `??`, object initialisers, `using`, queries and patterns are
//! said with the plain forms below. Invariant: operands have exactly the type that their operation names.

use crate::dotnet::member::Member;
use crate::dotnet::types::TypeId;
use rust_decimal::Decimal;

/// Offsets into the cooked text of the expression.
pub use portcullis_grammar::Span;

/// A local variable, parameter or temporary of a function, by position in [`Function::locals`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalId(pub u32);

/// A function of a [`Program`], by position. 0 is the expression itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionId(pub u32);

/// A jump target of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LabelId(pub u32);

/// An expression or block of a policy with its lambdas and local functions.
#[derive(Debug)]
pub struct Program {
    pub functions: Vec<Function>,
}

/// The entry, a lambda or a local function.
#[derive(Clone, Debug)]
pub struct Function {
    /// For messages and listings.
    pub name: Box<str>,
    /// The first `parameters` locals are the parameters.
    pub parameters: u32,
    pub locals: Vec<Local>,
    /// Locals of enclosing functions that this one reads or writes: (which enclosing function, which local).
    /// Inside the body they are [`ExprKind::Captured`], by position here.
    pub captures: Vec<(FunctionId, LocalId)>,
    pub returns: TypeId,
    pub body: Vec<Stmt>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Local {
    /// Empty for a temporary.
    pub name: Box<str>,
    pub ty: TypeId,
    /// Some inner function captures it, or it is passed by reference: it lives in a cell of the heap.
    /// A fresh cell is made each time [`StmtKind::Declare`] runs.
    pub in_cell: bool,
    /// A `ref` or `out` parameter, or a `ref` local: it holds a reference.
    pub by_reference: bool,
    /// The parameter is `out`.
    pub is_out: bool,
    /// What it refers to is read and never written: an `in` parameter, a `ref readonly` local.
    pub is_readonly: bool,
    /// How deep the scope is that a reference to it, or the one that it holds, may not leave.
    pub scope: u32,
}

impl Local {
    pub fn new(name: &str, ty: TypeId, scope: u32) -> Local {
        let name = name.into();
        Local { name, ty, in_cell: false, by_reference: false, is_out: false, is_readonly: false, scope }
    }
}

#[derive(Clone, Debug)]
pub struct Expr {
    pub kind: ExprKind,
    pub ty: TypeId,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum Const {
    Null,
    Bool(bool),
    Char(u16),
    SByte(i8),
    Byte(u8),
    Int16(i16),
    UInt16(u16),
    Int32(i32),
    UInt32(u32),
    Int64(i64),
    UInt64(u64),
    Single(f32),
    Double(f64),
    Decimal(Decimal),
    String(Box<[u16]>),
    Enum(TypeId, i64),
    /// `typeof(T)`.
    Type(TypeId),
    /// The zero value of a struct: `default(Guid)`, `default(DateTime)`, `default((int, string))`.
    Zero(TypeId),
}

/// What kind of number an operation works on. Smaller integers are promoted before (to `Int32`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Number {
    Int32,
    UInt32,
    Int64,
    UInt64,
    Single,
    Double,
    Decimal,
}

/// Numeric types of conversions, the small ones and `char` included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Numeric {
    SByte,
    Byte,
    Int16,
    UInt16,
    Char,
    Int32,
    UInt32,
    Int64,
    UInt64,
    Single,
    Double,
    Decimal,
}

impl Numeric {
    /// A floating-point number as this integral type, unchecked, before its upper bits are dropped: x64's own answer where
    /// it does not fit.
    pub fn of_floating(self, value: f64) -> i128 {
        const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
        let int64 = |value: f64| if (-TWO_TO_63..TWO_TO_63).contains(&value) { value as i64 } else { i64::MIN };
        match self {
            Numeric::Int64 | Numeric::UInt32 => int64(value).into(),
            Numeric::UInt64 if value < TWO_TO_63 => int64(value).into(),
            Numeric::UInt64 => (int64(value - TWO_TO_63) as u64).wrapping_add(1 << 63).into(),
            _ => {
                let value = value.trunc();
                let fits = (-2_147_483_648.0..2_147_483_648.0).contains(&value);
                i128::from(if fits { value as i32 } else { i32::MIN })
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// Bitwise on integers; `And`, `Or`, `Xor` also on bool (not short-circuit) and enums.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bitwise {
    And,
    Or,
    Xor,
    /// The right operand is `int`.
    ShiftLeft,
    ShiftRight,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    /// What holds exactly where this does not (but for NaN).
    pub fn opposite(self) -> Comparison {
        match self {
            Comparison::Equal => Comparison::NotEqual,
            Comparison::NotEqual => Comparison::Equal,
            Comparison::Less => Comparison::GreaterOrEqual,
            Comparison::LessOrEqual => Comparison::Greater,
            Comparison::Greater => Comparison::LessOrEqual,
            Comparison::GreaterOrEqual => Comparison::Less,
        }
    }
}

/// What two operands are compared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompareAs {
    Number(Number),
    /// `bool`, `char`, enums, small integers: by payload.
    Payload,
    /// `string` `==` and `!=`: by content.
    String,
    /// Reference identity (`object == object`); a boxed value is identical only to null-ness, as in .NET.
    Reference,
}

#[derive(Clone, Debug)]
pub enum ExprKind {
    Const(Const),
    Local(LocalId),
    /// A captured local, by position in [`Function::captures`].
    Captured(u32),
    /// `context`.
    Context,
    /// A member with code behind it: method, getter, constructor, user-defined operator or conversion.
    /// The receiver of an instance member comes first in `arguments`. Extension methods are static here, with their
    /// receiver as first argument. `params`, named and optional arguments are in parameter order and complete.
    Call {
        member: &'static Member,
        /// Those of the declaring type, then the method's own.
        type_arguments: Vec<TypeId>,
        arguments: Vec<Argument>,
        /// The receiver is checked for null before the arguments' effects are done: true for instance members of
        /// reference types.
        is_instance: bool,
    },
    /// A setter: like `Call`; the last argument is the value. Its own value is that of the last argument.
    Set {
        member: &'static Member,
        type_arguments: Vec<TypeId>,
        arguments: Vec<Argument>,
    },
    /// A local function. Type arguments are gone when the program is finished.
    CallLocal {
        function: FunctionId,
        type_arguments: Vec<TypeId>,
        arguments: Vec<Argument>,
    },
    /// A delegate.
    Invoke {
        delegate: Box<Expr>,
        arguments: Vec<Expr>,
    },
    /// A lambda, anonymous method, or method group of a local function: makes a delegate of type `ty`.
    Lambda(FunctionId),
    /// A delegate of a generic local function: a [`ExprKind::Lambda`] when the program is finished.
    GenericDelegate {
        function: FunctionId,
        type_arguments: Vec<TypeId>,
    },
    /// `new T()` of a type parameter: what it is made by when the program is finished.
    NewOf,
    /// Something that the engine does for the language and that no type shows as a member. The value has type `ty`.
    Engine {
        code: crate::dotnet::member::Native,
        name: &'static str,
        arguments: Vec<Expr>,
    },
    /// An operation that is bound when it runs, by the types of its operands.
    Dynamic {
        site: Box<super::dynamic::Site>,
        arguments: Vec<Argument>,
    },
    /// A delegate of a member (a method group such as `int.Parse` or `list.Add`), with its receiver where it has one.
    MemberDelegate {
        member: &'static Member,
        type_arguments: Vec<TypeId>,
        receiver: Option<Box<Expr>>,
    },
    Arithmetic {
        op: Arithmetic,
        number: Number,
        checked: bool,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// `number` is one of the four integer kinds; bool counts as `Int32`.
    Bitwise {
        op: Bitwise,
        number: Number,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Compare {
        op: Comparison,
        by: CompareAs,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Negate {
        number: Number,
        checked: bool,
        operand: Box<Expr>,
    },
    Complement {
        number: Number,
        operand: Box<Expr>,
    },
    Not(Box<Expr>),
    /// Short-circuit `&&` and `||` on bool.
    AndAlso(Box<Expr>, Box<Expr>),
    OrElse(Box<Expr>, Box<Expr>),
    Conditional {
        test: Box<Expr>,
        then: Box<Expr>,
        otherwise: Box<Expr>,
    },
    /// `left ?? right`: both have type `ty` here (a nullable's value and the nullable are represented alike).
    Coalesce {
        left: Box<Expr>,
        right: Box<Expr>,
    },
    IsNull(Box<Expr>),
    /// String concatenation of strings (null is empty); other operands were converted by a call to ToString.
    Concat(Vec<Expr>),
    /// `$"..."`: literal text and holes.
    Interpolate(Vec<Piece>),
    /// A numeric conversion; `char` and enums count as their underlying integer. `checked` throws OverflowException.
    ConvertNumber {
        from: Numeric,
        to: Numeric,
        checked: bool,
        operand: Box<Expr>,
    },
    /// An integral value (already of the enum's underlying type) to an enum type `ty`, or an enum to its underlying
    /// type `ty`.
    ConvertEnum {
        operand: Box<Expr>,
    },
    /// No change of representation: boxing, to a base type, to nullable, identity.
    Retype(Box<Expr>),
    /// A checked cast or unboxing to `ty`: InvalidCastException, or NullReferenceException for null to a value type.
    Cast(Box<Expr>),
    /// `Nullable<T>` to `T`: InvalidOperationException when null.
    NullableValue(Box<Expr>),
    /// `e as T`.
    As(Box<Expr>),
    /// `e is T`.
    Is {
        operand: Box<Expr>,
        ty: TypeId,
    },
    /// A value tuple or anonymous object of type `ty`.
    Record(Vec<Expr>),
    /// A field of a value tuple or anonymous object.
    Field {
        record: Box<Expr>,
        at: u32,
    },
    /// `new T[length]` of array type `ty`, zeroed.
    NewArray(Box<Expr>),
    /// `new[] { ... }` of array type `ty`.
    Array(Vec<Expr>),
    ArrayLength(Box<Expr>),
    ArrayItem {
        array: Box<Expr>,
        index: Box<Expr>,
    },
    /// A reference to a place, as `ref` makes it: a cell, or an element of an array. `ty` is the type of what it refers to.
    Reference(Place),
    /// What a reference refers to.
    Deref(Box<Expr>),
    /// A local that holds a reference holds this one from now on, which is the value.
    Rebind {
        local: LocalId,
        reference: Box<Expr>,
    },
    /// Stores and gives the value stored.
    Assign {
        place: Place,
        value: Box<Expr>,
    },
    /// Evaluates in order; the value is that of `value`. Locals are set by [`ExprKind::Assign`].
    Sequence {
        before: Vec<Expr>,
        value: Box<Expr>,
    },
    Throw(Box<Expr>),
    /// What is wrong already, so that checking goes on. Never lowered.
    Error,
}

#[derive(Clone, Debug)]
pub enum Argument {
    Value(Expr),
    /// `out` or `ref`: after the call the place receives what the member has set; `ref` passes its value in.
    Reference {
        place: Place,
        is_out: bool,
    },
}

#[derive(Clone, Debug)]
pub enum Piece {
    Text(Box<[u16]>),
    Hole { value: Expr, alignment: i32, format: Option<Box<str>> },
}

/// Where a value can be stored. Receivers and indexes of a compound assignment are temporaries, evaluated once.
#[derive(Clone, Debug)]
pub enum Place {
    Local(LocalId),
    Captured(u32),
    ArrayItem {
        array: Box<Expr>,
        index: Box<Expr>,
    },
    /// A field of a value tuple that is itself stored in a place: the whole tuple is replaced.
    TupleField {
        tuple: Box<Place>,
        at: u32,
    },
    /// What a reference refers to.
    Deref(Box<Expr>),
    Discard,
}

#[derive(Clone, Debug)]
pub struct Stmt {
    pub kind: StmtKind,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum StmtKind {
    Expr(Expr),
    /// A local comes into being (a fresh cell where it lives in one), with its first value if it has one.
    Declare {
        local: LocalId,
        value: Option<Expr>,
    },
    Block(Vec<Stmt>),
    If {
        test: Expr,
        then: Vec<Stmt>,
        otherwise: Vec<Stmt>,
    },
    /// `while`, `do`, `for`: `test` first unless `test_last`; `step` runs before each further test (`continue` goes there).
    Loop {
        test: Option<Expr>,
        test_last: bool,
        step: Vec<Expr>,
        body: Vec<Stmt>,
    },
    /// `source` is an array, a string, or implements `IEnumerable`; each item is converted by `item` (which reads the
    /// temporary `raw`) and declared as `local`.
    ForEach {
        source: Expr,
        raw: LocalId,
        local: LocalId,
        item: Expr,
        body: Vec<Stmt>,
    },
    /// Leaves the innermost loop (`break` of a switch is a jump).
    Break,
    Continue,
    /// None in a function that returns void.
    Return(Option<Expr>),
    Throw(Expr),
    /// `yield return`: hands an element out; the function goes on here when the next one is asked for.
    Yield(Expr),
    /// `throw;`
    Rethrow,
    Try {
        body: Vec<Stmt>,
        catches: Vec<Catch>,
        finally: Vec<Stmt>,
    },
    Label(LabelId),
    /// Jumps within the function, out of `try` bodies too (their `finally` runs), never into one.
    Goto(LabelId),
}

#[derive(Clone, Debug)]
pub struct Catch {
    /// `System.Exception` catches all.
    pub ty: TypeId,
    pub local: Option<LocalId>,
    /// `when`: runs before inner `finally` blocks.
    pub filter: Option<Expr>,
    pub body: Vec<Stmt>,
}

/// Walks over the parts of the IR.
pub mod visit {
    use super::{Argument, Expr, ExprKind, Piece, Place, Stmt, StmtKind};

    /// One walk, to look at the parts and to change them.
    macro_rules! walk {
        ($expressions:ident, $expression:ident, $place:ident, $iter:ident, $as_ref:ident $(, $mutable:tt)?) => {
            /// Every expression in a statement, outer ones first. Bodies of lambdas are functions of their own.
            pub fn $expressions(statement: &$($mutable)? Stmt, see: &mut dyn FnMut(&$($mutable)? Expr)) {
                let mut all = |list: &$($mutable)? [Stmt]| list.$iter().for_each(|s| $expressions(s, see));
                match &$($mutable)? statement.kind {
                    StmtKind::Expr(e) | StmtKind::Throw(e) | StmtKind::Yield(e) => $expression(e, see),
                    StmtKind::Declare { value, .. } | StmtKind::Return(value) => value.$iter().for_each(|e| $expression(e, see)),
                    StmtKind::Block(body) => all(body),
                    StmtKind::If { test, then, otherwise } => {
                        all(then);
                        all(otherwise);
                        $expression(test, see);
                    }
                    StmtKind::Loop { test, step, body, .. } => {
                        all(body);
                        test.$iter().chain(step).for_each(|e| $expression(e, see));
                    }
                    StmtKind::ForEach { source, item, body, .. } => {
                        all(body);
                        $expression(source, see);
                        $expression(item, see);
                    }
                    StmtKind::Try { body, catches, finally } => {
                        all(body);
                        all(finally);
                        catches.$iter().for_each(|c| all(&$($mutable)? c.body));
                        catches.$iter().filter_map(|c| c.filter.$as_ref()).for_each(|e| $expression(e, see));
                    }
                    StmtKind::Break | StmtKind::Continue | StmtKind::Rethrow | StmtKind::Label(_) | StmtKind::Goto(_) => {}
                }
            }

            /// An expression and all that it is made of, outer ones first.
            pub fn $expression(expr: &$($mutable)? Expr, see: &mut dyn FnMut(&$($mutable)? Expr)) {
                see(expr);
                match &$($mutable)? expr.kind {
                    ExprKind::Call { arguments, .. }
                    | ExprKind::Set { arguments, .. }
                    | ExprKind::Dynamic { arguments, .. }
                    | ExprKind::CallLocal { arguments, .. } => {
                        for argument in arguments {
                            match argument {
                                Argument::Value(e) => $expression(e, see),
                                Argument::Reference { place: p, .. } => $place(p, see),
                            }
                        }
                    }
                    ExprKind::Invoke { delegate, arguments } => {
                        $expression(delegate, see);
                        arguments.$iter().for_each(|e| $expression(e, see));
                    }
                    ExprKind::MemberDelegate { receiver, .. } => receiver.$iter().for_each(|e| $expression(e, see)),
                    ExprKind::Arithmetic { left, right, .. }
                    | ExprKind::Bitwise { left, right, .. }
                    | ExprKind::Compare { left, right, .. }
                    | ExprKind::Coalesce { left, right }
                    | ExprKind::AndAlso(left, right)
                    | ExprKind::OrElse(left, right)
                    | ExprKind::ArrayItem { array: left, index: right } => {
                        $expression(left, see);
                        $expression(right, see);
                    }
                    ExprKind::Negate { operand: e, .. }
                    | ExprKind::Complement { operand: e, .. }
                    | ExprKind::Not(e)
                    | ExprKind::IsNull(e)
                    | ExprKind::ConvertNumber { operand: e, .. }
                    | ExprKind::ConvertEnum { operand: e }
                    | ExprKind::Retype(e)
                    | ExprKind::Cast(e)
                    | ExprKind::NullableValue(e)
                    | ExprKind::As(e)
                    | ExprKind::Is { operand: e, .. }
                    | ExprKind::Field { record: e, .. }
                    | ExprKind::NewArray(e)
                    | ExprKind::ArrayLength(e)
                    | ExprKind::Deref(e)
                    | ExprKind::Rebind { reference: e, .. }
                    | ExprKind::Throw(e) => $expression(e, see),
                    ExprKind::Conditional { test, then, otherwise } => {
                        $expression(test, see);
                        $expression(then, see);
                        $expression(otherwise, see);
                    }
                    ExprKind::Concat(list)
                    | ExprKind::Record(list)
                    | ExprKind::Array(list)
                    | ExprKind::Engine { arguments: list, .. } => list.$iter().for_each(|e| $expression(e, see)),
                    ExprKind::Interpolate(pieces) => {
                        for piece in pieces {
                            if let Piece::Hole { value, .. } = piece {
                                $expression(value, see);
                            }
                        }
                    }
                    ExprKind::Reference(p) => $place(p, see),
                    ExprKind::Assign { place: p, value } => {
                        $expression(value, see);
                        $place(p, see);
                    }
                    ExprKind::Sequence { before, value } => {
                        before.$iter().for_each(|e| $expression(e, see));
                        $expression(value, see);
                    }
                    ExprKind::Const(_)
                    | ExprKind::Local(_)
                    | ExprKind::Captured(_)
                    | ExprKind::Context
                    | ExprKind::Lambda(_)
                    | ExprKind::GenericDelegate { .. }
                    | ExprKind::NewOf
                    | ExprKind::Error => {}
                }
            }

            fn $place(at: &$($mutable)? Place, see: &mut dyn FnMut(&$($mutable)? Expr)) {
                match at {
                    Place::ArrayItem { array, index } => {
                        $expression(array, see);
                        $expression(index, see);
                    }
                    Place::TupleField { tuple, .. } => $place(tuple, see),
                    Place::Deref(reference) => $expression(reference, see),
                    Place::Local(_) | Place::Captured(_) | Place::Discard => {}
                }
            }
        };
    }

    walk!(expressions, expression, place, iter, as_ref);
    walk!(expressions_mut, expression_mut, place_mut, iter_mut, as_mut, mut);
}
