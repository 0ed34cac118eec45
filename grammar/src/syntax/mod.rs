//! The syntax tree of a C# expression or of the statements of a block.
//!
//! In: nothing; the parser builds it. Out: plain data with a span on every node, for a binder to walk. It holds what was written, decoded
//! (literals have their value, identifiers their name without `@` and escapes), and says nothing about what a name means.

pub mod print;

use crate::Span;

/// A name as written, with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Name {
    pub text: Box<str>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    Literal(Literal),
    /// `default(T)`; plain `default` (C# 7.1) has no type.
    Default(Option<Box<Type>>),
    Interpolated(Vec<InterpolationPart>),
    /// `name` or `name<T, ...>`; a discard `_` is a name too, the binder knows which it is.
    Name(GenericName),
    /// A predefined type before a dot: the `string` of `string.Empty`.
    PredefinedType(PredefinedType),
    /// `alias::name`, as in `global::System`.
    AliasQualified {
        alias: Name,
        name: GenericName,
    },
    This,
    Base,
    /// `(expr)`
    Parenthesized(Box<Expr>),
    /// `target.name`
    Member {
        target: Box<Expr>,
        name: GenericName,
    },
    /// `target?.name...`, `target?[...]...`: `rest` is the whole chain after the `?`, and its innermost target is `ConditionalReceiver`.
    ConditionalAccess {
        target: Box<Expr>,
        rest: Box<Expr>,
    },
    /// The value before the `?` of the closest enclosing `ConditionalAccess`; an empty span after the `?`.
    ConditionalReceiver,
    Invocation {
        target: Box<Expr>,
        arguments: Vec<Argument>,
    },
    Element {
        target: Box<Expr>,
        arguments: Vec<Argument>,
    },
    /// `new T(...) { ... }`; `arguments` is `None` when no parentheses were written.
    New {
        of: Box<Type>,
        arguments: Option<Vec<Argument>>,
        initializer: Option<Initializer>,
    },
    /// `new { a, b.c, d = e }`
    NewAnonymous(Vec<AnonymousMember>),
    /// `new T[sizes][,][] { ... }`. `of` is the type of the whole array; `sizes` has one expression per dimension of its first rank, or is
    /// empty when only the initialiser says the size.
    NewArray {
        of: Box<Type>,
        sizes: Vec<Expr>,
        initializer: Option<ArrayInitializer>,
    },
    /// `new[] { ... }`, `new[,] { ... }`; `rank` counts dimensions.
    NewImplicitArray {
        rank: u32,
        initializer: ArrayInitializer,
    },
    /// `{ 1, 2 }` where an array initialiser nests inside another, or initialises a local: `int[] a = { 1, 2 };`
    ArrayInitializer(ArrayInitializer),
    TypeOf(Box<Type>),
    SizeOf(Box<Type>),
    NameOf(Box<Expr>),
    Checked(Box<Expr>),
    Unchecked(Box<Expr>),
    Cast {
        to: Box<Type>,
        operand: Box<Expr>,
    },
    Unary {
        op: UnaryOp,
        operand: Box<Expr>,
    },
    Binary {
        op: BinaryOp,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// `operand is T`, where `T` may also turn out to be a constant: see `Pattern::Constant` for anything that cannot be a type. A name
    /// (`x is Foo`, `x is A.B`) comes as `IsType`.
    IsType {
        operand: Box<Expr>,
        of: Box<Type>,
    },
    IsPattern {
        operand: Box<Expr>,
        pattern: Pattern,
    },
    As {
        operand: Box<Expr>,
        to: Box<Type>,
    },
    /// `condition ? yes : no`
    Conditional {
        condition: Box<Expr>,
        yes: Box<Expr>,
        no: Box<Expr>,
    },
    Assign {
        /// `None` is `=`, otherwise `+=` and so on.
        op: Option<BinaryOp>,
        target: Box<Expr>,
        value: Box<Expr>,
    },
    Lambda(Box<Lambda>),
    Query(Box<Query>),
    /// `(a, name: b)`; at least two.
    Tuple(Vec<TupleElement>),
    /// `int x` or `var (a, b)` where an expression stands: in an argument after `out`, in a deconstruction, in a tuple.
    Declaration {
        of: Type,
        designation: Designation,
    },
    /// `ref x` as the right side of a `ref` local, as a lambda body or after `return`.
    Ref(Box<Expr>),
    Throw(Box<Expr>),
    /// `{{name}}` where an operand stands: a named value without a value here. Its type is unknown; it is no error of the expression.
    NamedValue(Box<str>),
    /// What could not be parsed; an error was reported.
    Error,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    Null,
    Bool(bool),
    /// The value fits what the suffix says: the parser reports CS1021 otherwise.
    Int {
        value: u64,
        suffix: IntSuffix,
    },
    /// `text` is the digits without `_` and suffix, so that `decimal` keeps its scale.
    Real {
        text: Box<str>,
        suffix: RealSuffix,
    },
    Char(u16),
    /// UTF-16 code units: an escape may write a lone surrogate.
    String(Box<[u16]>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntSuffix {
    None,
    U,
    L,
    UL,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RealSuffix {
    None,
    F,
    D,
    M,
}

#[derive(Debug, Clone, PartialEq)]
pub enum InterpolationPart {
    /// Decoded: escapes and doubled braces are resolved.
    Text(Box<[u16]>, Span),
    Hole {
        value: Box<Expr>,
        /// `{value,alignment}`: a constant expression.
        alignment: Option<Box<Expr>>,
        /// `{value:format}`, decoded but for doubled braces: what they are is the runtime's to say.
        format: Option<Box<[u16]>>,
        span: Span,
    },
}

/// `name` or `name<A, B>`.
#[derive(Debug, Clone, PartialEq)]
pub struct GenericName {
    pub name: Name,
    /// Empty when no type arguments were written.
    pub arguments: Vec<Type>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// `name: value`
    pub name: Option<Name>,
    pub passing: Passing,
    /// After `out`, `ExprKind::Declaration` for `out var x` and `out int x`; `out _` is the name `_`.
    pub value: Expr,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passing {
    Value,
    Ref,
    Out,
    /// C# 7.2
    In,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Initializer {
    pub kind: InitializerKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum InitializerKind {
    /// `{ A = 1, ["k"] = 2, B = { ... } }`; also the empty `{ }`.
    Object(Vec<MemberInitializer>),
    /// `{ a, { key, value } }`: each element is the arguments of one `Add`.
    Collection(Vec<CollectionElement>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct MemberInitializer {
    pub target: InitializerTarget,
    pub value: InitializerValue,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum InitializerTarget {
    Member(Name),
    Index(Vec<Argument>),
}

#[derive(Debug, Clone, PartialEq)]
pub enum InitializerValue {
    Expr(Expr),
    Nested(Initializer),
}

#[derive(Debug, Clone, PartialEq)]
pub struct CollectionElement {
    pub arguments: Vec<Expr>,
    pub span: Span,
}

/// `{ 1, 2, { 3 } }`; a nested one is `ExprKind::ArrayInitializer`.
#[derive(Debug, Clone, PartialEq)]
pub struct ArrayInitializer {
    pub elements: Vec<Expr>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub struct AnonymousMember {
    /// `None`: the name is inferred from the value (`a`, `b.c`, `d?.e`).
    pub name: Option<Name>,
    pub value: Expr,
}

#[derive(Debug, Clone, PartialEq)]
pub struct TupleElement {
    pub name: Option<Name>,
    pub value: Expr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOp {
    Plus,
    Minus,
    Not,
    Complement,
    PreIncrement,
    PreDecrement,
    PostIncrement,
    PostDecrement,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    Multiply,
    Divide,
    Remainder,
    Add,
    Subtract,
    ShiftLeft,
    ShiftRight,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
    Equal,
    NotEqual,
    And,
    Xor,
    Or,
    AndAlso,
    OrElse,
    Coalesce,
}

impl BinaryOp {
    /// As it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Multiply => "*",
            BinaryOp::Divide => "/",
            BinaryOp::Remainder => "%",
            BinaryOp::Add => "+",
            BinaryOp::Subtract => "-",
            BinaryOp::ShiftLeft => "<<",
            BinaryOp::ShiftRight => ">>",
            BinaryOp::Less => "<",
            BinaryOp::Greater => ">",
            BinaryOp::LessOrEqual => "<=",
            BinaryOp::GreaterOrEqual => ">=",
            BinaryOp::Equal => "==",
            BinaryOp::NotEqual => "!=",
            BinaryOp::And => "&",
            BinaryOp::Xor => "^",
            BinaryOp::Or => "|",
            BinaryOp::AndAlso => "&&",
            BinaryOp::OrElse => "||",
            BinaryOp::Coalesce => "??",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Lambda {
    /// `delegate { }` without a parameter list fits any parameters.
    pub parameters: Option<Vec<Parameter>>,
    pub body: Body,
    /// Written `delegate (...) { ... }`, not `=>`.
    pub is_delegate: bool,
    /// Made of a query's clause: its parameters are range variables.
    pub of_query: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// `None`: inferred (lambdas only).
    pub of: Option<Type>,
    pub passing: Passing,
    pub is_params: bool,
    pub name: Name,
    /// `= value`, local functions only.
    pub default: Option<Expr>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    Expr(Box<Expr>),
    Block(Block),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    pub from: FromClause,
    pub body: QueryBody,
}

#[derive(Debug, Clone, PartialEq)]
pub struct QueryBody {
    pub clauses: Vec<QueryClause>,
    pub end: QueryEnd,
    /// `into name` and what follows it.
    pub continuation: Option<Box<QueryContinuation>>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct QueryContinuation {
    pub name: Name,
    pub body: QueryBody,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub struct FromClause {
    pub of: Option<Type>,
    pub name: Name,
    pub source: Expr,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum QueryClause {
    From(FromClause),
    Let { name: Name, value: Expr, span: Span },
    Where { condition: Expr, span: Span },
    Join(Box<JoinClause>),
    OrderBy { keys: Vec<Ordering>, span: Span },
}

#[derive(Debug, Clone, PartialEq)]
pub struct JoinClause {
    pub of: Option<Type>,
    pub name: Name,
    pub source: Expr,
    pub left_key: Expr,
    pub right_key: Expr,
    pub into: Option<Name>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Ordering {
    pub key: Expr,
    pub descending: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum QueryEnd {
    Select { value: Expr, span: Span },
    Group { value: Expr, by: Expr, span: Span },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Type {
    pub kind: TypeKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum TypeKind {
    Predefined(PredefinedType),
    /// `A.B<C>.D`, `global::A`: at least one part. A type may be named `dynamic`; `var` is `Var` where a declaration allows it.
    Named {
        alias: Option<Name>,
        parts: Vec<GenericName>,
    },
    Nullable(Box<Type>),
    /// `element[,]`: `rank` counts dimensions. `int[][,]` is an array (rank 1) of arrays (rank 2), as C# reads it.
    Array {
        element: Box<Type>,
        rank: u32,
    },
    Tuple(Vec<TupleTypeElement>),
    /// `var` in a declaration. A type named `var` cannot exist in a policy.
    Var,
    /// `typeof(List<>)`: the unbound argument.
    Omitted,
    Error,
}

#[derive(Debug, Clone, PartialEq)]
pub struct TupleTypeElement {
    pub of: Type,
    pub name: Option<Name>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PredefinedType {
    Bool,
    Byte,
    SByte,
    Short,
    UShort,
    Int,
    UInt,
    Long,
    ULong,
    Char,
    Float,
    Double,
    Decimal,
    String,
    Object,
    /// Only as the result of a local function, or in `typeof(void)`.
    Void,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    pub kind: PatternKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum PatternKind {
    /// In a `case` label a plain name comes as `Constant` too; the binder reports it when it names a type.
    Constant(Box<Expr>),
    /// `T name`, `var name`, `T _`, `var _`.
    Declaration { of: Type, designation: Designation },
}

/// What a declaration names.
#[derive(Debug, Clone, PartialEq)]
pub enum Designation {
    Name(Name),
    Discard(Span),
    /// `(a, (b, _))` after `var`
    Tuple(Vec<Designation>, Span),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    pub statements: Vec<Statement>,
    /// From `{` to `}`; of the whole text for the block of `@{...}`.
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    pub kind: StatementKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum StatementKind {
    Block(Block),
    Empty,
    Local(LocalDeclaration),
    LocalFunction(Box<LocalFunction>),
    Expr(Expr),
    If {
        condition: Expr,
        then: Box<Statement>,
        otherwise: Option<Box<Statement>>,
    },
    While {
        condition: Expr,
        body: Box<Statement>,
    },
    Do {
        body: Box<Statement>,
        condition: Expr,
    },
    For {
        initializer: ForInitializer,
        condition: Option<Box<Expr>>,
        iterators: Vec<Expr>,
        body: Box<Statement>,
    },
    ForEach {
        variable: ForEachVariable,
        source: Box<Expr>,
        body: Box<Statement>,
    },
    Switch {
        value: Expr,
        sections: Vec<SwitchSection>,
    },
    Break,
    Continue,
    Return(Option<Expr>),
    /// `throw;` has no value.
    Throw(Option<Expr>),
    /// `yield break;` has no value.
    Yield(Option<Expr>),
    Try {
        body: Block,
        catches: Vec<Catch>,
        finally: Option<Block>,
    },
    Using {
        resource: UsingResource,
        body: Box<Statement>,
    },
    Lock {
        value: Expr,
        body: Box<Statement>,
    },
    Checked(Block),
    Unchecked(Block),
    Goto(GotoTarget),
    Labeled {
        label: Name,
        statement: Box<Statement>,
    },
    /// What could not be parsed; an error was reported.
    Error,
}

/// What a local or a result is: a value, or a reference (`ref int x = ref y;`) that may be read alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByRef {
    No,
    Ref,
    /// `ref readonly`
    Readonly,
}

#[derive(Debug, Clone, PartialEq)]
pub struct LocalDeclaration {
    pub is_const: bool,
    pub by_ref: ByRef,
    pub of: Type,
    /// At least one.
    pub declarators: Vec<Declarator>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Declarator {
    pub name: Name,
    /// `ExprKind::ArrayInitializer` for `= { ... }`.
    pub value: Option<Expr>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub struct LocalFunction {
    pub returns: Type,
    pub returns_ref: ByRef,
    pub name: Name,
    pub type_parameters: Vec<Name>,
    pub constraints: Vec<TypeConstraint>,
    pub parameters: Vec<Parameter>,
    pub body: Body,
}

/// `where T : class, IComparable<T>, new()`
#[derive(Debug, Clone, PartialEq)]
pub struct TypeConstraint {
    pub name: Name,
    pub kinds: Vec<ConstraintKind>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ConstraintKind {
    Class,
    Struct,
    New,
    Type(Type),
}

#[derive(Debug, Clone, PartialEq)]
pub enum ForInitializer {
    None,
    Local(LocalDeclaration),
    Exprs(Vec<Expr>),
}

#[derive(Debug, Clone, PartialEq)]
pub enum ForEachVariable {
    /// `foreach (T name in ...)`, `foreach (var name in ...)`
    Typed { by_ref: ByRef, of: Type, name: Name },
    /// `foreach (var (a, b) in ...)`, `foreach ((var a, int b) in ...)`: a `Declaration` or a `Tuple` of them.
    Deconstruction(Expr),
}

#[derive(Debug, Clone, PartialEq)]
pub struct SwitchSection {
    /// At least one.
    pub labels: Vec<SwitchLabel>,
    pub statements: Vec<Statement>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "labels are few, and `default` is the rare one")]
pub enum SwitchLabel {
    Case { pattern: Pattern, when: Option<Expr>, span: Span },
    Default(Span),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Catch {
    pub of: Option<Type>,
    pub name: Option<Name>,
    pub when: Option<Expr>,
    pub body: Block,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum UsingResource {
    Local(LocalDeclaration),
    Expr(Expr),
}

#[derive(Debug, Clone, PartialEq)]
pub enum GotoTarget {
    Label(Name),
    Case(Expr),
    Default,
}
