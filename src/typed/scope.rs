//! The binder's state: functions under construction, names in scope, what was found wrong.

use super::ir::{Expr, ExprKind, Function, FunctionId, LabelId, Local, LocalId, Place, Program, Span, Stmt};
use super::{Bound, ErrorKind, Options, TypeError, Unbuilt};
use crate::dotnet::types::{self, TypeId};
use portcullis_grammar::syntax::ByRef;
use std::collections::{HashMap, HashSet};

/// A local, by the function that declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    pub function: FunctionId,
    pub local: LocalId,
    pub ty: TypeId,
    pub readonly: Readonly,
}

/// Why a local cannot be assigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readonly {
    No,
    ForEach,
    Using,
    /// A range variable of a query.
    Range,
}

/// What a name in scope stands for.
#[derive(Clone, Debug)]
pub enum Symbol {
    Variable(Variable),
    Constant(super::ir::Const, TypeId),
    Function(usize),
    /// A range variable that lives in a field of a transparent identifier: the variable and the fields on the way.
    Range(Variable, Vec<u32>),
}

/// A local function.
#[derive(Clone, Debug)]
pub struct LocalFunction {
    pub name: Box<str>,
    pub id: FunctionId,
    pub parameters: Vec<LocalParameter>,
    pub returns: TypeId,
    pub type_parameters: Vec<TypeId>,
    pub returns_ref: ByRef,
}

#[derive(Clone, Debug)]
pub struct LocalParameter {
    pub name: Box<str>,
    pub ty: TypeId,
    pub passing: portcullis_grammar::syntax::Passing,
    pub default: Option<super::ir::Const>,
    pub is_params: bool,
}

/// Names declared by one block, lambda or statement.
#[derive(Debug, Default)]
pub struct Scope {
    pub names: HashMap<Box<str>, Symbol>,
    /// Names of the scopes that were inside this one: it may not declare them any more.
    pub used_inside: HashSet<Box<str>>,
    /// Type parameters of a local function.
    pub types: HashMap<Box<str>, TypeId>,
    /// Names that statements further down declare.
    pub later: HashSet<Box<str>>,
    /// How many errors there were when it began.
    pub errors_before: usize,
    /// Labels of the statement list, by function and with the number of `finally` bodies around them.
    pub labels: HashMap<Box<str>, (FunctionId, LabelId, u32)>,
}

/// What `break` and `continue` leave.
#[derive(Clone, Copy, Debug)]
pub enum Breakable {
    Loop,
    /// A switch: its end.
    Switch(LabelId),
    /// A `finally` body: nothing jumps out of it.
    Finally,
}

/// A switch whose `goto case` may be asked for.
#[derive(Debug)]
pub struct SwitchFrame {
    pub cases: Vec<(super::ir::Const, LabelId)>,
    pub default: Option<LabelId>,
    pub ty: TypeId,
}

/// A function while it is being bound.
#[derive(Debug)]
pub struct Draft {
    pub function: Function,
    pub returns: Returns,
    pub breakables: Vec<Breakable>,
    pub switches: Vec<SwitchFrame>,
    pub next_label: u32,
    /// How many `finally` bodies are open.
    pub open_finally: u32,
    pub shape: super::generic::Shape,
    pub returns_ref: ByRef,
    /// The body of an iterator: the type of its elements.
    pub yields: Option<TypeId>,
    /// A clause of a query.
    pub of_query: bool,
    /// `try` bodies with a `catch`, and `catch` bodies, around here.
    pub open_tries: u32,
}

/// What `return` means in a function.
#[derive(Clone, Debug)]
pub enum Returns {
    /// Converted to this type (`void` takes none).
    Known(TypeId),
    /// A lambda whose type is being found out: the types of what it returns.
    Inferred(Vec<Option<TypeId>>),
}

/// Binds one expression or block.
pub struct Binder<'o> {
    pub options: &'o Options,
    pub errors: Vec<TypeError>,
    pub unbuilt: Vec<Unbuilt>,
    pub drafts: Vec<Option<Draft>>,
    pub current: FunctionId,
    pub scopes: Vec<Scope>,
    pub local_functions: Vec<LocalFunction>,
    /// Caller and callee, for the captures that a caller must hand on.
    pub calls: Vec<(FunctionId, FunctionId)>,
    /// Inside `checked`: arithmetic that overflows throws.
    pub checked: bool,
    /// The last literal of type `double`.
    pub real_literal: Option<Span>,
    /// The operator of a compound assignment is bound: sites that bind at run time must know.
    pub compound: bool,
    /// Inside `unchecked`: constants may overflow too.
    pub unchecked: bool,
    /// The type of the entry's own value.
    pub result: Option<TypeId>,
    /// How many `catch` bodies are open.
    pub catch_depth: u32,
    /// How many lambda bodies may still be tried: bounds the work of nested overload resolution.
    pub tries: u32,
    /// The lambda whose result inference asked for last and did not get: its place, and the types of its parameters.
    pub failed_lambda: Option<(Span, Vec<TypeId>)>,
    /// Where names that nothing was found for were told of last, among the errors.
    pub unknown_names: HashMap<Box<str>, usize>,
    /// Receivers of `?.` under way.
    pub receivers: Vec<(LocalId, TypeId)>,
    /// What type parameters of local functions are bounded by.
    pub bounds: HashMap<TypeId, Vec<TypeId>>,
    /// A site of `dynamic` is bound for the types that its operands have.
    pub at_run_time: bool,
    /// `dynamic` stands in the text.
    pub uses_dynamic: bool,
    pub trouble: super::dynamic::Trouble,
    /// Keys of joins under way: where they stand, the names they may not use, and the code that says so.
    pub join_keys: Vec<(Span, Vec<Box<str>>, &'static str)>,
}

/// What speculation leaves behind is cut back to this.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    errors: usize,
    unbuilt: usize,
    drafts: usize,
    calls: usize,
    local_functions: usize,
}

impl<'o> Binder<'o> {
    pub fn new(options: &'o Options, returns: TypeId) -> Binder<'o> {
        let mut binder = Binder {
            options,
            errors: Vec::new(),
            unbuilt: Vec::new(),
            drafts: Vec::new(),
            current: FunctionId(0),
            scopes: Vec::new(),
            local_functions: Vec::new(),
            calls: Vec::new(),
            checked: false,
            unchecked: false,
            real_literal: None,
            compound: false,
            result: None,
            catch_depth: 0,
            tries: 5_000,
            failed_lambda: None,
            unknown_names: HashMap::new(),
            receivers: Vec::new(),
            bounds: HashMap::new(),
            join_keys: Vec::new(),
            at_run_time: false,
            uses_dynamic: false,
            trouble: super::dynamic::Trouble::default(),
        };
        let entry = binder.new_draft("expression", Returns::Known(returns), Span::default());
        binder.current = entry;
        binder.scopes.push(Scope::default());
        binder
    }

    pub fn new_draft(&mut self, name: &str, returns: Returns, span: Span) -> FunctionId {
        let ty = match &returns {
            Returns::Known(ty) => *ty,
            Returns::Inferred(_) => types::error(),
        };
        let parent = (!self.drafts.is_empty()).then_some(self.current);
        let function = Function {
            name: name.into(),
            parameters: 0,
            locals: Vec::new(),
            captures: Vec::new(),
            returns: ty,
            body: Vec::new(),
            span,
        };
        self.drafts.push(Some(Draft {
            function,
            returns,
            breakables: Vec::new(),
            switches: Vec::new(),
            next_label: 0,
            open_finally: 0,
            shape: super::generic::Shape { parent, parameters: Vec::new() },
            returns_ref: ByRef::No,
            yields: None,
            of_query: false,
            open_tries: 0,
        }));
        FunctionId(self.drafts.len() as u32 - 1)
    }

    pub fn draft(&mut self) -> &mut Draft {
        let at = self.current.0 as usize;
        self.drafts[at].as_mut().expect("the current function is being bound")
    }

    pub fn draft_of(&mut self, id: FunctionId) -> &mut Draft {
        self.drafts[id.0 as usize].as_mut().expect("a function in scope is being bound")
    }

    pub fn mark(&self) -> Mark {
        Mark {
            errors: self.errors.len(),
            unbuilt: self.unbuilt.len(),
            drafts: self.drafts.len(),
            calls: self.calls.len(),
            local_functions: self.local_functions.len(),
        }
    }

    /// Whether anything went wrong since the mark.
    pub fn failed_since(&self, mark: Mark) -> bool {
        self.errors.len() > mark.errors
    }

    pub fn roll_back(&mut self, mark: Mark) {
        self.errors.truncate(mark.errors);
        self.unbuilt.truncate(mark.unbuilt);
        self.drafts.truncate(mark.drafts);
        self.calls.truncate(mark.calls);
        self.local_functions.truncate(mark.local_functions);
    }

    // ---- errors

    pub fn error(&mut self, kind: ErrorKind, csharp: &'static str, span: Span, message: impl Into<String>) -> Expr {
        self.error_help(kind, csharp, span, message, None)
    }

    pub fn error_help(
        &mut self,
        kind: ErrorKind,
        csharp: &'static str,
        span: Span,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Expr {
        let csharp = (!csharp.is_empty()).then_some(csharp);
        self.errors.push(TypeError { span, csharp, message: message.into(), help, kind });
        erroneous(span)
    }

    // ---- names

    pub fn push_scope(&mut self) {
        self.scopes.push(Scope { errors_before: self.errors.len(), ..Scope::default() });
    }

    pub fn pop_scope(&mut self) {
        if let (Some(inner), Some(outer)) = (self.scopes.pop(), self.scopes.last_mut()) {
            outer.used_inside.extend(inner.names.into_keys());
            outer.used_inside.extend(inner.used_inside);
        }
    }

    pub fn find(&self, name: &str) -> Option<&Symbol> {
        self.scopes.iter().rev().find_map(|scope| scope.names.get(name))
    }

    /// Whether a statement further down declares this name, in a scope inside of the one that has it.
    pub fn declared_later(&self, name: &str) -> bool {
        let scope = self.scopes.iter().rev().find(|s| s.names.contains_key(name) || s.later.contains(name));
        scope.is_some_and(|scope| !scope.names.contains_key(name))
    }

    /// Puts a name into the innermost scope; a second one of the same name is an error.
    pub fn declare(&mut self, name: &str, span: Span, symbol: Symbol) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.later.remove(name);
        }
        let innermost = self.scopes.last().is_some_and(|scope| scope.names.contains_key(name));
        if innermost {
            let message = format!("A local variable or function named '{name}' is already defined in this scope");
            self.error(ErrorKind::Name, "CS0128", span, message);
            return;
        }
        // C# 7 does not let an inner scope, a lambda included, use the name of an enclosing local for another.
        let used_inside = self.scopes.last().is_some_and(|scope| scope.used_inside.contains(name));
        if used_inside || self.find(name).is_some() || name == "context" {
            let message = format!(
                "A local or parameter named '{name}' cannot be declared in this scope because that name is used in an \
                 enclosing local scope to define a local or parameter"
            );
            self.error(ErrorKind::Name, "CS0136", span, message);
        }
        if let Some(scope) = self.scopes.last_mut() {
            scope.names.insert(name.into(), symbol);
        }
    }

    /// A new local of the current function.
    pub fn new_local(&mut self, name: &str, ty: TypeId) -> LocalId {
        let scope = self.scopes.len() as u32;
        let locals = &mut self.draft().function.locals;
        locals.push(Local::new(name, ty, scope));
        LocalId(locals.len() as u32 - 1)
    }

    pub fn temporary(&mut self, ty: TypeId) -> LocalId {
        self.new_local("", ty)
    }

    /// A variable that an expression declares: C# 7.0 has none in queries. Where its name was used further up in its scope, it was
    /// this variable that was meant.
    pub fn declare_in_expression(&mut self, name: &str, span: Span, ty: TypeId) -> LocalId {
        let since = self.scopes.last().map_or(0, |scope| scope.errors_before);
        if let Some(error) = self.unknown_names.get(name).copied().filter(|at| *at >= since)
            && let Some(error) = self.errors.get_mut(error).filter(|error| error.csharp == Some("CS0103"))
        {
            error.csharp = Some("CS0841");
            error.message = format!("Cannot use local variable '{name}' before it is declared");
            error.help = None;
        }
        if self.draft().of_query && !self.options.csharp_7_3 {
            let message = "Feature 'declaration of expression variables in member initializers and queries' is not available in C# 7.0. Please use language version 7.3 or greater.";
            self.error(ErrorKind::Unsupported, "CS8107", span, message);
        }
        self.declare_local(name, span, ty, Readonly::No)
    }

    pub fn declare_local(&mut self, name: &str, span: Span, ty: TypeId, readonly: Readonly) -> LocalId {
        let local = self.new_local(name, ty);
        let function = self.current;
        self.declare(name, span, Symbol::Variable(Variable { function, local, ty, readonly }));
        local
    }

    /// Reads a variable, through a capture where it belongs to an enclosing function.
    pub fn read(&mut self, variable: Variable, span: Span) -> Expr {
        let kind = match self.place(variable) {
            Place::Captured(at) => ExprKind::Captured(at),
            _ => ExprKind::Local(variable.local),
        };
        Expr { kind, ty: variable.ty, span }
    }

    pub fn place(&mut self, variable: Variable) -> Place {
        if variable.function == self.current {
            return Place::Local(variable.local);
        }
        self.draft_of(variable.function).function.locals[variable.local.0 as usize].in_cell = true;
        Place::Captured(self.capture(variable.function, variable.local))
    }

    fn capture(&mut self, function: FunctionId, local: LocalId) -> u32 {
        let captures = &mut self.draft().function.captures;
        let at = captures.iter().position(|own| *own == (function, local));
        at.unwrap_or_else(|| {
            captures.push((function, local));
            captures.len() - 1
        }) as u32
    }

    pub fn new_label(&mut self) -> LabelId {
        let draft = self.draft();
        draft.next_label += 1;
        LabelId(draft.next_label - 1)
    }

    // ---- the end

    /// Hands captures on to callers and gives out the program.
    pub fn finish(mut self) -> Bound {
        self.hand_on_captures();
        let (mut functions, mut shapes) = (Vec::new(), Vec::new());
        for draft in std::mem::take(&mut self.drafts) {
            let draft = draft.expect("every function is bound at the end");
            functions.push(draft.function);
            shapes.push(draft.shape);
        }
        if !self.at_run_time {
            let mut errors = super::flow::check(&functions, self.errors.is_empty());
            // What was to be an iterator needs no `return`.
            if self.errors.iter().any(|error| error.csharp == Some("CS1624")) {
                errors.retain(|error| error.csharp != Some("CS0161"));
            }
            self.errors.append(&mut errors);
        }
        if self.errors.is_empty()
            && let Err(error) = super::generic::instantiate(&mut functions, shapes)
        {
            self.errors.push(error);
        }
        if self.errors.is_empty() {
            super::iterator::close_loops(&mut functions);
        }
        if self.uses_dynamic && self.errors.is_empty() {
            super::generic::forget_dynamic(&mut functions);
        }
        let program = self.errors.is_empty().then_some(Program { functions });
        Bound { program, result: self.result, errors: self.errors, unbuilt: self.unbuilt }
    }

    fn hand_on_captures(&mut self) {
        loop {
            let mut changed = false;
            for (caller, callee) in self.calls.clone() {
                for (function, local) in self.draft_of(callee).function.captures.clone() {
                    let draft = self.draft_of(caller);
                    if function != caller && !draft.function.captures.contains(&(function, local)) {
                        draft.function.captures.push((function, local));
                        changed = true;
                    }
                }
            }
            if !changed {
                return;
            }
        }
    }

    pub fn set_body(&mut self, body: Vec<Stmt>) {
        self.draft().function.body = body;
    }
}

/// What stands for an expression that is wrong already.
pub fn erroneous(span: Span) -> Expr {
    Expr { kind: ExprKind::Error, ty: types::error(), span }
}

pub fn is_error(ty: TypeId) -> bool {
    matches!(ty.get(), types::Type::Error)
}

/// Whether an expression is wrong already, though its type may be known.
pub fn is_wrong(value: &Expr) -> bool {
    matches!(value.kind, ExprKind::Error) || is_error(value.ty)
}
