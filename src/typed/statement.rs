//! Statements, form by form.

use super::ErrorKind;
use super::access::Operand;
use super::convert::assign_local;
use super::ir::{Argument, Catch, Const, Expr, ExprKind, FunctionId, Span, Stmt, StmtKind};
use super::lookup::element_type;
use super::scope::{
    Binder, Breakable, LocalFunction, LocalParameter, Readonly, Returns, Scope, SwitchFrame, Symbol, erroneous,
    is_error,
};
use crate::dotnet::inherit::{is_subtype, is_value_type};
use crate::dotnet::types::{self, Type, TypeId};
use portcullis_grammar::syntax::{self, ExprKind as S, Passing, StatementKind};

impl Binder<'_> {
    pub fn bind_entry_block(&mut self, tree: &syntax::Block) {
        let body = self.statements(&tree.statements);
        self.draft().function.span = tree.span;
        self.set_body(body);
    }

    pub fn block(&mut self, block: &syntax::Block) -> Vec<Stmt> {
        self.push_scope();
        let statements = self.statements(&block.statements);
        self.pop_scope();
        statements
    }

    fn statements(&mut self, statements: &[syntax::Statement]) -> Vec<Stmt> {
        // Local functions may be called before they are declared.
        let mut functions = Vec::new();
        for statement in statements {
            if let StatementKind::LocalFunction(function) = &statement.kind {
                functions.push(self.declare_function(function, statement.span));
            }
        }
        let mut functions = functions.into_iter();
        let mut out = Vec::new();
        for statement in statements {
            if let StatementKind::LocalFunction(function) = &statement.kind {
                if let Some(Some(at)) = functions.next() {
                    self.bind_function(at, function);
                }
                continue;
            }
            self.statement(statement, &mut out);
        }
        out
    }

    fn embedded(&mut self, statement: &syntax::Statement) -> Vec<Stmt> {
        self.push_scope();
        let mut out = Vec::new();
        if let StatementKind::Local(_) | StatementKind::LocalFunction(_) | StatementKind::Labeled { .. } =
            statement.kind
        {
            self.error(
                ErrorKind::Flow,
                "CS1023",
                statement.span,
                "Embedded statement cannot be a declaration or labeled statement",
            );
        }
        match &statement.kind {
            StatementKind::Block(block) => out.extend(self.statements(&block.statements)),
            _ => self.statement(statement, &mut out),
        }
        self.pop_scope();
        out
    }

    fn statement(&mut self, statement: &syntax::Statement, out: &mut Vec<Stmt>) {
        let span = statement.span;
        let push = |out: &mut Vec<Stmt>, kind| out.push(Stmt { kind, span });
        match &statement.kind {
            StatementKind::Block(block) => {
                let inner = self.block(block);
                push(out, StmtKind::Block(inner));
            }
            StatementKind::Empty | StatementKind::Error | StatementKind::LocalFunction(_) => {}
            StatementKind::Local(local) => self.local_declaration(local, span, Readonly::No, out),
            StatementKind::Expr(tree) => {
                let value = self.statement_expression(tree);
                push(out, StmtKind::Expr(value));
            }
            StatementKind::If { condition, then, otherwise } => {
                let test = self.condition(condition);
                let then = self.embedded(then);
                let otherwise = otherwise.as_ref().map(|s| self.embedded(s)).unwrap_or_default();
                push(out, StmtKind::If { test, then, otherwise });
            }
            StatementKind::While { condition, body } => {
                self.push_scope();
                let test = self.condition(condition);
                let body = self.loop_body(body);
                self.pop_scope();
                push(out, StmtKind::Loop { test: Some(test), test_last: false, step: Vec::new(), body });
            }
            StatementKind::Do { body, condition } => {
                let body = self.loop_body(body);
                let test = self.condition(condition);
                push(out, StmtKind::Loop { test: Some(test), test_last: true, step: Vec::new(), body });
            }
            StatementKind::For { initializer, condition, iterators, body } => {
                self.push_scope();
                let mut inner = Vec::new();
                match initializer {
                    syntax::ForInitializer::None => {}
                    syntax::ForInitializer::Local(local) => {
                        self.local_declaration(local, span, Readonly::No, &mut inner)
                    }
                    syntax::ForInitializer::Exprs(list) => {
                        for tree in list {
                            let value = self.statement_expression(tree);
                            inner.push(Stmt { kind: StmtKind::Expr(value), span: tree.span });
                        }
                    }
                }
                let test = condition.as_ref().map(|c| self.condition(c));
                let step = iterators.iter().map(|tree| self.statement_expression(tree)).collect();
                let body = self.loop_body(body);
                self.pop_scope();
                inner.push(Stmt { kind: StmtKind::Loop { test, test_last: false, step, body }, span });
                push(out, StmtKind::Block(inner));
            }
            StatementKind::ForEach { variable, source, body } => self.for_each(variable, source, body, span, out),
            StatementKind::Switch { value, sections } => self.switch(value, sections, span, out),
            StatementKind::Break => match self.draft().breakables.last().copied() {
                Some(Breakable::Loop) => push(out, StmtKind::Break),
                Some(Breakable::Switch(end)) => push(out, StmtKind::Goto(end)),
                None => {
                    self.error(ErrorKind::Flow, "CS0139", span, "No enclosing loop out of which to break or continue");
                }
            },
            StatementKind::Continue => {
                if self.draft().breakables.iter().any(|b| matches!(b, Breakable::Loop)) {
                    push(out, StmtKind::Continue);
                } else {
                    self.error(ErrorKind::Flow, "CS0139", span, "No enclosing loop out of which to break or continue");
                }
            }
            StatementKind::Return(value) => {
                if self.draft().open_finally > 0 {
                    self.error(ErrorKind::Flow, "CS0157", span, "Control cannot leave the body of a finally clause");
                }
                let kind = self.return_statement(value.as_ref(), span);
                push(out, kind);
            }
            StatementKind::Throw(Some(tree)) => {
                let value = self.thrown(tree);
                push(out, StmtKind::Throw(value));
            }
            StatementKind::Throw(None) => {
                if self.in_catch() {
                    push(out, StmtKind::Rethrow);
                } else {
                    self.error(
                        ErrorKind::Flow,
                        "CS0156",
                        span,
                        "A throw statement with no arguments is not allowed outside of a catch clause",
                    );
                }
            }
            StatementKind::Try { body, catches, finally } => {
                self.try_statement(body, catches, finally.as_ref(), span, out)
            }
            StatementKind::Using { resource, body } => self.using(resource, body, span, out),
            StatementKind::Lock { value, body } => {
                let value = self.value_of(value);
                if is_value_type(value.ty) {
                    let message = format!(
                        "'{}' is not a reference type as required by the lock statement",
                        value.ty.csharp_name()
                    );
                    self.error(ErrorKind::Type, "CS0185", value.span, message);
                }
                push(out, StmtKind::Expr(value));
                let body = self.embedded(body);
                push(out, StmtKind::Block(body));
            }
            StatementKind::Checked(block) | StatementKind::Unchecked(block) => {
                let checked = matches!(statement.kind, StatementKind::Checked(_));
                let before = (self.checked, self.unchecked);
                (self.checked, self.unchecked) = (checked, !checked);
                let inner = self.block(block);
                (self.checked, self.unchecked) = before;
                push(out, StmtKind::Block(inner));
            }
            StatementKind::Goto(target) => self.goto(target, span, out),
            StatementKind::Labeled { label, statement } => {
                let id = self.label(&label.text);
                push(out, StmtKind::Label(id));
                self.statement(statement, out);
            }
        }
    }

    fn in_catch(&self) -> bool {
        self.catch_depth > 0
    }

    fn loop_body(&mut self, body: &syntax::Statement) -> Vec<Stmt> {
        self.draft().breakables.push(Breakable::Loop);
        let body = self.embedded(body);
        self.draft().breakables.pop();
        body
    }

    /// An expression that stands as a statement: a call, an assignment, an increment, `new`.
    fn statement_expression(&mut self, tree: &syntax::Expr) -> Expr {
        let allowed = stands_alone(tree);
        let value = self.value_of(tree);
        if !allowed && !is_error(value.ty) {
            return self.error(ErrorKind::Flow, "CS0201", tree.span, NO_STATEMENT);
        }
        value
    }

    fn local_declaration(
        &mut self,
        local: &syntax::LocalDeclaration,
        span: Span,
        readonly: Readonly,
        out: &mut Vec<Stmt>,
    ) {
        if local.is_ref {
            return self.reference_locals(local);
        }
        let inferred = matches!(local.of.kind, syntax::TypeKind::Var);
        let ty = if inferred { None } else { Some(self.resolve_type(&local.of)) };
        for declarator in &local.declarators {
            let at = declarator.span;
            let value = match (&declarator.value, ty) {
                (Some(tree), Some(ty)) => {
                    if let (S::ArrayInitializer(items), Type::Array(element, 1)) = (&tree.kind, ty.get()) {
                        Some(self.array_of(*element, &items.elements, ty, tree.span))
                    } else if matches!(tree.kind, S::Lambda(_)) && ty_is_delegate(ty) {
                        // The lambda may not use the variable before it is assigned, but its name is taken.
                        let operand = self.operand(tree);
                        Some(self.convert(operand, ty, tree.span))
                    } else {
                        let operand = self.operand(tree);
                        Some(self.convert(operand, ty, tree.span))
                    }
                }
                (Some(tree), None) if matches!(tree.kind, S::ArrayInitializer(_)) => {
                    let message = "Cannot initialize an implicitly-typed variable with an array initializer";
                    Some(self.error(ErrorKind::Type, "CS0820", at, message))
                }
                (Some(tree), None) => {
                    let operand = self.operand(tree);
                    let value = match &operand {
                        Operand::Lambda(_) => {
                            self.error(
                                ErrorKind::Type,
                                "CS0815",
                                tree.span,
                                "Cannot assign lambda expression to an implicitly-typed variable",
                            );
                            erroneous(tree.span)
                        }
                        Operand::Group(_) => {
                            self.error(
                                ErrorKind::Type,
                                "CS0815",
                                tree.span,
                                "Cannot assign method group to an implicitly-typed variable",
                            );
                            erroneous(tree.span)
                        }
                        _ => self.value(operand).unwrap_or_else(|| erroneous(tree.span)),
                    };
                    if matches!(value.ty.get(), Type::Null | Type::Void) {
                        let message =
                            format!("Cannot assign {} to an implicitly-typed variable", value.ty.csharp_name());
                        Some(self.error(ErrorKind::Type, "CS0815", tree.span, message))
                    } else {
                        Some(value)
                    }
                }
                (None, None) => {
                    self.error(ErrorKind::Type, "CS0818", at, "Implicitly-typed variables must be initialized");
                    Some(erroneous(at))
                }
                (None, Some(_)) => None,
            };
            let own = ty.or(value.as_ref().map(|v| v.ty)).unwrap_or_else(types::error);
            if matches!(own.get(), Type::Void) {
                self.error(ErrorKind::Type, "CS1547", at, "Keyword 'void' cannot be used in this context");
            }
            if local.is_const {
                match value.map(|v| v.kind) {
                    Some(ExprKind::Const(constant)) => {
                        self.declare(&declarator.name.text, declarator.name.span, Symbol::Constant(constant, own))
                    }
                    Some(ExprKind::Error) => self.declare(
                        &declarator.name.text,
                        declarator.name.span,
                        Symbol::Constant(Const::Null, types::error()),
                    ),
                    Some(_) => {
                        let message =
                            format!("The expression being assigned to '{}' must be constant", declarator.name.text);
                        self.error(ErrorKind::Type, "CS0133", at, message);
                        self.declare(
                            &declarator.name.text,
                            declarator.name.span,
                            Symbol::Constant(Const::Null, types::error()),
                        );
                    }
                    None => {
                        self.error(ErrorKind::Type, "CS0145", at, "A const field requires a value to be provided");
                    }
                }
                continue;
            }
            let id = self.declare_local(&declarator.name.text, declarator.name.span, own, readonly);
            out.push(Stmt { kind: StmtKind::Declare { local: id, value }, span: at });
        }
        if inferred && local.declarators.len() > 1 {
            self.error(ErrorKind::Type, "CS0819", span, "Implicitly-typed variables cannot have multiple declarators");
        }
    }

    fn for_each(
        &mut self,
        variable: &syntax::ForEachVariable,
        source: &syntax::Expr,
        body: &syntax::Statement,
        span: Span,
        out: &mut Vec<Stmt>,
    ) {
        let bound = self.value_of(source);
        let bound = self.own_enumeration(bound);
        let non_generic = crate::dotnet::find_def("System.Collections.IEnumerable", 0)
            .is_some_and(|def| is_subtype(bound.ty, TypeId::of(Type::Named(def, Vec::new()))));
        let element = match element_type(bound.ty) {
            Some(element) => element,
            None if is_error(bound.ty) => types::error(),
            None if non_generic => types::object(),
            None => match self.enumerated(bound.ty) {
                Some(element) => element,
                None => {
                    let message = format!(
                        "foreach statement cannot operate on variables of type '{}' because '{}' does not contain a public instance definition for 'GetEnumerator'",
                        bound.ty.csharp_name(),
                        bound.ty.csharp_name()
                    );
                    self.error(ErrorKind::Type, "CS1579", source.span, message);
                    types::error()
                }
            },
        };
        self.push_scope();
        let raw = self.temporary(element);
        let read = Expr { kind: ExprKind::Local(raw), ty: element, span };
        let (local, item, mut before) = match variable {
            syntax::ForEachVariable::Typed { of, name } => {
                let ty = if matches!(of.kind, syntax::TypeKind::Var) { element } else { self.resolve_type(of) };
                let item = if ty == element { read } else { self.cast(Operand::Value(read), ty, of.span) };
                (self.declare_local(&name.text, name.span, ty, Readonly::ForEach), item, Vec::new())
            }
            syntax::ForEachVariable::Deconstruction(target) => {
                let whole = self.temporary(element);
                let mut before = Vec::new();
                let value = Expr { kind: ExprKind::Local(whole), ty: element, span };
                if is_error(element) {
                    self.declare_erroneous(target);
                } else {
                    self.deconstruct_into(target, value, &mut before, span);
                }
                (whole, read, before)
            }
        };
        let mut inner: Vec<Stmt> = before.drain(..).map(|e| Stmt { span: e.span, kind: StmtKind::Expr(e) }).collect();
        inner.extend(self.loop_body(body));
        self.pop_scope();
        out.push(Stmt { kind: StmtKind::ForEach { source: bound, raw, local, item, body: inner }, span });
    }

    /// A class may enumerate by its public `GetEnumerator` what its interfaces do not (`JObject`: pairs, not tokens): the
    /// loop then runs over what that call answers.
    fn own_enumeration(&mut self, source: Expr) -> Expr {
        let Some(def) = source.ty.def().filter(|def| def.kind == crate::dotnet::member::Kind::Class) else {
            return source;
        };
        let Some(member) = def.members().iter().find(|m| m.name == "GetEnumerator" && m.parameters.is_empty()) else {
            return source;
        };
        let enumerator = crate::dotnet::inherit::substitute(member.returns, source.ty.arguments(), &[]);
        let [own] = *enumerator.arguments() else { return source };
        if element_type(source.ty).is_none_or(|element| {
            element == own || enumerator.def().is_none_or(|def| def.simple_name() != "IEnumerator")
        }) {
            return source;
        }
        let (type_arguments, span) = (source.ty.arguments().to_vec(), source.span);
        let arguments = vec![crate::typed::ir::Argument::Value(source)];
        Expr {
            kind: ExprKind::Call { member, type_arguments, arguments, is_instance: true },
            ty: crate::dotnet::system::enumerate::enumerable_of(own),
            span,
        }
    }

    /// The element type of what has a `GetEnumerator` of its own (a collection of matches).
    fn enumerated(&self, ty: TypeId) -> Option<TypeId> {
        let found = self.members(ty, "GetEnumerator").into_iter().find(|f| f.member.parameters.is_empty())?;
        let enumerator = found.own(found.member.returns);
        let current = self.members(enumerator, "Current").into_iter().next()?;
        Some(current.own(current.member.returns))
    }

    fn return_statement(&mut self, value: Option<&syntax::Expr>, span: Span) -> StmtKind {
        let returns = self.draft().returns.clone();
        match (returns, value) {
            (Returns::Known(ty), None) if matches!(ty.get(), Type::Void) => StmtKind::Return(None),
            (Returns::Known(ty), None) => {
                let message = format!("An object of a type convertible to '{}' is required", ty.csharp_name());
                self.error(ErrorKind::Flow, "CS0126", span, message);
                StmtKind::Return(None)
            }
            (Returns::Known(ty), Some(tree)) if matches!(ty.get(), Type::Void) => {
                self.value_of(tree);
                let name = self.draft().function.name.clone();
                if &*name == "lambda" {
                    self.error(ErrorKind::Flow, "CS8030", span, "A function that returns void cannot return a value");
                } else {
                    let message = format!(
                        "Since '{name}' returns void, a return keyword must not be followed by an object expression"
                    );
                    self.error(ErrorKind::Flow, "CS0127", span, message);
                }
                StmtKind::Return(None)
            }
            (Returns::Known(ty), Some(tree)) => {
                let operand = self.operand(tree);
                if let Operand::Value(value) = &operand
                    && self.current == FunctionId(0)
                {
                    self.result = Some(value.ty);
                }
                StmtKind::Return(Some(self.convert(operand, ty, tree.span)))
            }
            (Returns::Inferred(_), None) => StmtKind::Return(None),
            (Returns::Inferred(_), Some(tree)) => {
                let operand = self.operand(tree);
                let value = match operand {
                    Operand::Value(value) => value,
                    _ => erroneous(tree.span),
                };
                self.note_result(&value);
                StmtKind::Return(Some(value))
            }
        }
    }

    fn try_statement(
        &mut self,
        body: &syntax::Block,
        catches: &[syntax::Catch],
        finally: Option<&syntax::Block>,
        span: Span,
        out: &mut Vec<Stmt>,
    ) {
        let body = self.block(body);
        let mut bound: Vec<Catch> = Vec::new();
        for clause in catches {
            self.push_scope();
            let ty = match &clause.of {
                Some(of) => {
                    let ty = self.resolve_type(of);
                    if !is_error(ty) && !is_subtype(ty, types::exception()) {
                        self.error(
                            ErrorKind::Type,
                            "CS0155",
                            of.span,
                            "The type caught or thrown must be derived from System.Exception",
                        );
                    }
                    ty
                }
                None => types::exception(),
            };
            if let Some(earlier) = bound.iter().find(|c| c.filter.is_none() && !is_error(ty) && is_subtype(ty, c.ty)) {
                let message = format!(
                    "A previous catch clause already catches all exceptions of this or of a super type ('{}')",
                    earlier.ty.csharp_name()
                );
                self.error(ErrorKind::Flow, "CS0160", clause.span, message);
            }
            let local = clause.name.as_ref().map(|name| self.declare_local(&name.text, name.span, ty, Readonly::No));
            let filter = clause.when.as_ref().map(|w| self.condition(w));
            self.catch_depth += 1;
            let body = self.block(&clause.body);
            self.catch_depth -= 1;
            self.pop_scope();
            bound.push(Catch { ty, local, filter, body });
        }
        self.draft().open_finally += 1;
        let finally = finally.map(|block| self.block(block)).unwrap_or_default();
        self.draft().open_finally -= 1;
        out.push(Stmt { kind: StmtKind::Try { body, catches: bound, finally }, span });
    }

    fn using(&mut self, resource: &syntax::UsingResource, body: &syntax::Statement, span: Span, out: &mut Vec<Stmt>) {
        self.push_scope();
        let mut inner = Vec::new();
        let mut held = Vec::new();
        match resource {
            syntax::UsingResource::Local(local) => {
                self.local_declaration(local, span, Readonly::Using, &mut inner);
                for statement in &inner {
                    if let StmtKind::Declare { local, .. } = statement.kind {
                        let ty = self.draft().function.locals[local.0 as usize].ty;
                        held.push((local, ty));
                    }
                }
            }
            syntax::UsingResource::Expr(tree) => {
                let value = self.value_of(tree);
                let ty = value.ty;
                let temp = self.temporary(ty);
                inner.push(Stmt { kind: StmtKind::Expr(assign_local(temp, value, span)), span });
                held.push((temp, ty));
            }
        }
        let body = self.embedded(body);
        let mut finally = Vec::new();
        for (local, ty) in held.into_iter().rev() {
            if is_error(ty) {
                continue;
            }
            let Some(dispose) = self.members(ty, "Dispose").into_iter().find(|f| f.member.parameters.is_empty()) else {
                let message = format!(
                    "'{}': type used in a using statement must be implicitly convertible to 'System.IDisposable'",
                    ty.csharp_name()
                );
                self.error(ErrorKind::Type, "CS1674", span, message);
                continue;
            };
            let read = || Expr { kind: ExprKind::Local(local), ty, span };
            let call = ExprKind::Call {
                member: dispose.member,
                type_arguments: dispose.owner.arguments().to_vec(),
                arguments: vec![Argument::Value(read())],
                is_instance: true,
            };
            let call = Stmt { kind: StmtKind::Expr(Expr { kind: call, ty: types::void(), span }), span };
            let is_null = Expr { kind: ExprKind::IsNull(Box::new(read())), ty: types::boolean(), span };
            let test = Expr { kind: ExprKind::Not(Box::new(is_null)), ty: types::boolean(), span };
            finally.push(Stmt { kind: StmtKind::If { test, then: vec![call], otherwise: Vec::new() }, span });
        }
        self.pop_scope();
        inner.push(Stmt { kind: StmtKind::Try { body, catches: Vec::new(), finally }, span });
        out.push(Stmt { kind: StmtKind::Block(inner), span });
    }

    // ---- switch and goto

    fn switch(&mut self, value: &syntax::Expr, sections: &[syntax::SwitchSection], span: Span, out: &mut Vec<Stmt>) {
        let bound = self.value_of(value);
        let ty = bound.ty;
        let temp = self.temporary(ty);
        let mut inner = vec![Stmt { kind: StmtKind::Expr(assign_local(temp, bound, span)), span }];
        let end = self.new_label();
        self.draft().breakables.push(Breakable::Switch(end));
        self.draft().switches.push(SwitchFrame { cases: Vec::new(), seen: Default::default(), default: None, ty });
        // Tests first, in order; the default last wherever it stands.
        let mut labels = Vec::new();
        let mut default = None;
        self.push_scope();
        for section in sections {
            let label = self.new_label();
            labels.push(label);
            for case in &section.labels {
                if let syntax::SwitchLabel::Default(at) = case {
                    if default.replace(label).is_some() {
                        self.error(
                            ErrorKind::Flow,
                            "CS0152",
                            *at,
                            "The switch statement contains multiple cases with the label value 'default'",
                        );
                    }
                }
            }
        }
        if let Some(frame) = self.draft().switches.last_mut() {
            frame.default = default;
        }
        let mut bodies: Vec<(Scope, &syntax::SwitchSection)> = Vec::new();
        for (section, label) in sections.iter().zip(&labels) {
            self.push_scope();
            for case in &section.labels {
                let syntax::SwitchLabel::Case { pattern, when, span: at } = case else { continue };
                let mut test = self.pattern(temp, ty, pattern, *at);
                if let syntax::PatternKind::Constant(constant) = &pattern.kind {
                    self.note_case(constant, ty, *label, when.is_some(), *at);
                }
                if let Some(when) = when {
                    let filter = self.condition(when);
                    test = Expr {
                        kind: ExprKind::AndAlso(Box::new(test), Box::new(filter)),
                        ty: types::boolean(),
                        span: *at,
                    };
                }
                let jump = Stmt { kind: StmtKind::Goto(*label), span: *at };
                inner.push(Stmt { kind: StmtKind::If { test, then: vec![jump], otherwise: Vec::new() }, span: *at });
            }
            bodies.push((self.scopes.pop().unwrap_or_default(), section));
        }
        inner.push(Stmt { kind: StmtKind::Goto(default.unwrap_or(end)), span });
        for ((scope, section), label) in bodies.into_iter().zip(&labels) {
            inner.push(Stmt { kind: StmtKind::Label(*label), span: section.span });
            // What the statements of a section declare is in scope in all of the switch; what its patterns declare is not.
            let shared = self.scopes.pop().unwrap_or_default();
            self.scopes.push(scope);
            self.scopes.push(shared);
            let body = self.statements(&section.statements);
            let shared = self.scopes.pop().unwrap_or_default();
            self.scopes.pop();
            self.scopes.push(shared);
            if super::flow::falls_through(&body) {
                self.error(
                    ErrorKind::Flow,
                    "CS0163",
                    section.span,
                    "Control cannot fall through from one case label to another",
                );
            }
            inner.extend(body);
        }
        self.pop_scope();
        inner.push(Stmt { kind: StmtKind::Label(end), span });
        self.draft().switches.pop();
        self.draft().breakables.pop();
        out.push(Stmt { kind: StmtKind::Block(inner), span });
    }

    fn note_case(&mut self, constant: &syntax::Expr, ty: TypeId, label: super::ir::LabelId, guarded: bool, span: Span) {
        let mark = self.mark();
        let operand = self.operand(constant);
        let value = match operand {
            Operand::Value(value) => self.convert(Operand::Value(value), super::convert::strip_nullable(ty), span),
            _ => erroneous(span),
        };
        self.roll_back(mark);
        let ExprKind::Const(value) = value.kind else { return };
        let written: Box<str> = format!("{value:?}").into();
        let duplicate = self.draft().switches.last_mut().is_some_and(|frame| !frame.seen.insert(written));
        if duplicate && !guarded {
            let message = format!(
                "The switch statement contains multiple cases with the label value '{}'",
                super::constant::show(&value)
            );
            self.error(ErrorKind::Flow, "CS0152", span, message);
        }
        if let Some(frame) = self.draft().switches.last_mut() {
            frame.cases.push((value, label));
        }
    }

    fn label(&mut self, name: &str) -> super::ir::LabelId {
        if let Some(id) = self.draft().labels.get(name) {
            return *id;
        }
        let id = self.new_label();
        self.draft().labels.insert(name.into(), id);
        id
    }

    fn goto(&mut self, target: &syntax::GotoTarget, span: Span, out: &mut Vec<Stmt>) {
        let label = match target {
            syntax::GotoTarget::Label(name) => Some(self.label(&name.text)),
            syntax::GotoTarget::Default => self.draft().switches.last().and_then(|f| f.default),
            syntax::GotoTarget::Case(tree) => {
                let Some(ty) = self.draft().switches.last().map(|f| f.ty) else {
                    self.error(ErrorKind::Flow, "CS0153", span, "A goto case is only valid inside a switch statement");
                    return;
                };
                let operand = self.operand(tree);
                let value = self.convert(operand, super::convert::strip_nullable(ty), span);
                let shown = format!(
                    "{:?}",
                    match value.kind {
                        ExprKind::Const(constant) => constant,
                        _ => Const::Null,
                    }
                );
                // Later cases are in the frame too: labels are made before any body is bound.
                self.draft()
                    .switches
                    .last()
                    .and_then(|f| f.cases.iter().find(|(c, _)| format!("{c:?}") == shown).map(|(_, l)| *l))
            }
        };
        match label {
            Some(label) => out.push(Stmt { kind: StmtKind::Goto(label), span }),
            None => {
                self.error(ErrorKind::Flow, "CS0159", span, "No such label within the scope of the goto statement");
            }
        }
    }

    /// `ref int y = ref x`: another name of a variable.
    fn reference_locals(&mut self, local: &syntax::LocalDeclaration) {
        let inferred = matches!(local.of.kind, syntax::TypeKind::Var);
        let ty = if inferred { None } else { Some(self.resolve_type(&local.of)) };
        for declarator in &local.declarators {
            let (name, at) = (&declarator.name.text, declarator.name.span);
            let variable = match declarator.value.as_ref().map(|tree| &tree.kind) {
                None => {
                    let message = "A declaration of a by-reference variable must have an initializer";
                    self.error(ErrorKind::Type, "CS8174", at, message);
                    None
                }
                Some(S::Ref(of)) => match &of.kind {
                    S::Name(of) if of.arguments.is_empty() => self.find(&of.name.text).cloned(),
                    _ => None,
                },
                Some(_) => {
                    let message = "Cannot initialize a by-reference variable with a value";
                    self.error(ErrorKind::Type, "CS8172", declarator.span, message);
                    continue;
                }
            };
            match variable {
                Some(Symbol::Variable(variable)) if variable.readonly == Readonly::No => {
                    if let Some(ty) = ty.filter(|ty| *ty != variable.ty && !is_error(*ty)) {
                        let message = format!(
                            "The expression must be of type '{}' because it is being assigned by reference",
                            ty.csharp_name()
                        );
                        self.error(ErrorKind::Type, "CS8173", declarator.span, message);
                    }
                    self.declare(name, at, Symbol::Variable(variable));
                }
                _ if declarator.value.is_some() => {
                    let message =
                        "a `ref` local that names anything but a variable is not supported in policy expressions";
                    self.error(ErrorKind::Unsupported, "", declarator.span, message);
                }
                _ => {}
            }
        }
    }

    // ---- local functions

    fn declare_function(&mut self, function: &syntax::LocalFunction, span: Span) -> Option<usize> {
        if !function.type_parameters.is_empty() {
            self.error(
                ErrorKind::Unsupported,
                "",
                span,
                "generic local functions are not supported in policy expressions",
            );
            return None;
        }
        let returns = match &function.returns.kind {
            syntax::TypeKind::Predefined(syntax::PredefinedType::Void) => types::void(),
            _ => self.resolve_type(&function.returns),
        };
        let parameters = function
            .parameters
            .iter()
            .map(|p| LocalParameter {
                name: p.name.text.clone(),
                ty: p.of.as_ref().map_or_else(types::error, |of| self.resolve_type(of)),
                passing: p.passing,
                default: p.default.as_ref().and_then(|tree| {
                    let ty = p.of.as_ref().map_or_else(types::error, |of| self.resolve_type(of));
                    let operand = self.operand(tree);
                    match self.convert(operand, ty, tree.span).kind {
                        ExprKind::Const(constant) => Some(constant),
                        _ => None,
                    }
                }),
                is_params: p.is_params,
            })
            .collect();
        let id = self.new_draft(&function.name.text, Returns::Known(returns), span);
        let at = self.local_functions.len();
        self.local_functions.push(LocalFunction { name: function.name.text.clone(), id, parameters, returns });
        self.declare(&function.name.text, function.name.span, Symbol::Function(at));
        Some(at)
    }

    fn bind_function(&mut self, at: usize, function: &syntax::LocalFunction) {
        let LocalFunction { id, parameters, returns, .. } = self.local_functions[at].clone();
        let outer: FunctionId = std::mem::replace(&mut self.current, id);
        self.scopes.push(Scope::default());
        for (parameter, syntax) in parameters.iter().zip(&function.parameters) {
            let local = self.declare_local(&parameter.name, syntax.name.span, parameter.ty, Readonly::No);
            let slot = &mut self.draft().function.locals[local.0 as usize];
            slot.by_reference = parameter.passing != Passing::Value;
            slot.in_cell |= slot.by_reference;
            slot.is_out = parameter.passing == Passing::Out;
        }
        self.draft().function.parameters = parameters.len() as u32;
        let body = match &function.body {
            syntax::Body::Block(block) => self.block(block),
            syntax::Body::Expr(value) => {
                let span = value.span;
                let operand = self.operand(value);
                let kind = match operand {
                    Operand::Throw(thrown, _) => StmtKind::Throw(*thrown),
                    operand if returns == types::void() => {
                        StmtKind::Expr(self.value(operand).unwrap_or_else(|| erroneous(span)))
                    }
                    operand => StmtKind::Return(Some(self.convert(operand, returns, span))),
                };
                vec![Stmt { kind, span }]
            }
        };
        self.set_body(body);
        self.scopes.pop();
        self.current = outer;
    }
}

fn ty_is_delegate(ty: TypeId) -> bool {
    super::lookup::delegate_signature(ty).is_some()
}

/// What is said of an expression that cannot be a statement.
pub const NO_STATEMENT: &str =
    "Only assignment, call, increment, decrement, and new object expressions can be used as a statement";

/// Whether an expression may stand as a statement.
pub fn stands_alone(tree: &syntax::Expr) -> bool {
    let mut inner = tree;
    while let S::ConditionalAccess { rest, .. } = &inner.kind {
        inner = rest;
    }
    matches!(&inner.kind, S::Invocation { .. } | S::Assign { .. } | S::New { .. } | S::Error | S::NamedValue(_))
        || matches!(
            &inner.kind,
            S::Unary {
                op: syntax::UnaryOp::PreIncrement
                    | syntax::UnaryOp::PreDecrement
                    | syntax::UnaryOp::PostIncrement
                    | syntax::UnaryOp::PostDecrement,
                ..
            }
        )
}
