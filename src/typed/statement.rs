//! Statements, form by form.

use super::ErrorKind;
use super::access::Operand;
use super::convert::assign_local;
use super::ir::{Argument, Catch, Const, Expr, ExprKind, FunctionId, Place, Span, Stmt, StmtKind};
use super::lookup::element_type;
use super::scope::{Binder, Breakable, Readonly, Returns, Scope, Symbol, Variable, erroneous, is_error};
use crate::dotnet::inherit::{is_subtype, is_value_type};
use crate::dotnet::types::{self, Type, TypeId};
use portcullis_grammar::syntax::{self, ExprKind as S, StatementKind};

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

    pub(super) fn statements(&mut self, statements: &[syntax::Statement]) -> Vec<Stmt> {
        self.look_ahead(statements);
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

    /// Notes what the statements of a list declare: labels, which may be jumped to before they stand, and locals, which may
    /// not be used before.
    fn look_ahead(&mut self, statements: &[syntax::Statement]) {
        for statement in statements {
            let mut inner = statement;
            while let StatementKind::Labeled { label, statement } = &inner.kind {
                let (text, at) = (&label.text, label.span);
                let function = self.current;
                let own = |scope: &Scope| scope.labels.get(text).is_some_and(|known| known.0 == function);
                if self.scopes.last().is_some_and(own) {
                    self.error(ErrorKind::Flow, "CS0140", at, format!("The label '{text}' is a duplicate"));
                } else if self.scopes.iter().any(own) {
                    let message =
                        format!("The label '{text}' shadows another label by the same name in a contained scope");
                    self.error(ErrorKind::Flow, "CS0158", at, message);
                }
                let id = self.new_label();
                let finally = self.draft().open_finally;
                if let Some(scope) = self.scopes.last_mut() {
                    scope.labels.entry(text.clone()).or_insert((function, id, finally));
                }
                inner = statement;
            }
            if let (StatementKind::Local(local), Some(scope)) = (&inner.kind, self.scopes.last_mut()) {
                scope.later.extend(local.declarators.iter().map(|d| d.name.text.clone()));
            }
        }
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
            StatementKind::Expr(syntax::Expr { kind: S::Assign { op: None, target, value }, .. })
                if matches!(value.kind, S::Ref(_)) =>
            {
                self.assign_reference(target, value, out);
            }
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
                self.push_scope();
                let test = self.condition(condition);
                self.pop_scope();
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
                Some(Breakable::Finally) if self.draft().breakables.len() > 1 => {
                    self.error(ErrorKind::Flow, "CS0157", span, LEAVES_FINALLY);
                }
                None | Some(Breakable::Finally) => {
                    self.error(ErrorKind::Flow, "CS0139", span, "No enclosing loop out of which to break or continue");
                }
            },
            StatementKind::Continue => {
                let breakables = &self.draft().breakables;
                let inside = breakables.iter().rposition(|b| matches!(b, Breakable::Finally)).map_or(0, |at| at + 1);
                let loops = |all: &[Breakable]| all.iter().any(|b| matches!(b, Breakable::Loop));
                if loops(&breakables[inside..]) {
                    push(out, StmtKind::Continue);
                } else if loops(breakables) {
                    self.error(ErrorKind::Flow, "CS0157", span, LEAVES_FINALLY);
                } else {
                    self.error(ErrorKind::Flow, "CS0139", span, "No enclosing loop out of which to break or continue");
                }
            }
            StatementKind::Return(value) => {
                if self.draft().open_finally > 0 {
                    self.error(ErrorKind::Flow, "CS0157", span, LEAVES_FINALLY);
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
                    // Control does not go on here all the same.
                    push(out, StmtKind::Throw(erroneous(span)));
                }
            }
            StatementKind::Yield(value) => self.yield_statement(value.as_ref(), span, out),
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
                let value = self.monitored(value);
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
                if let Some((id, _)) = self.label(&label.text) {
                    push(out, StmtKind::Label(id));
                }
                self.statement(statement, out);
            }
        }
    }

    /// What `lock` does with its value: null is refused.
    fn monitored(&mut self, value: Expr) -> Expr {
        let span = value.span;
        let exception = TypeId::named("System.ArgumentNullException");
        let constructors = exception.def().map(|def| def.members()).unwrap_or_default();
        let constructor = constructors
            .iter()
            .find(|m| m.row.form == crate::dotnet::member::Form::Constructor && m.parameters.is_empty());
        let (Some(member), false) = (constructor, is_error(value.ty)) else { return value };
        let kind = ExprKind::Call { member, type_arguments: Vec::new(), arguments: Vec::new(), is_instance: false };
        let made = Expr { kind, ty: exception, span };
        let object = types::object();
        let left = Expr { kind: ExprKind::Retype(Box::new(value)), ty: object, span };
        let right = Expr { kind: ExprKind::Throw(Box::new(made)), ty: object, span };
        Expr { kind: ExprKind::Coalesce { left: Box::new(left), right: Box::new(right) }, ty: object, span }
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
        let operand = self.operand(tree);
        if !allowed && matches!(operand, Operand::Group(_) | Operand::Lambda(_)) {
            return self.no_statement(tree.span);
        }
        let value = self.value(operand).unwrap_or_else(|| erroneous(tree.span));
        if !allowed && !is_error(value.ty) {
            return self.no_statement(tree.span);
        }
        value
    }

    pub fn no_statement(&mut self, span: Span) -> Expr {
        let help =
            "only an assignment, a call, `++`, `--` and `new` can stand alone; to answer with a value, write `return`";
        self.error_help(ErrorKind::Flow, "CS0201", span, NO_STATEMENT, Some(help.to_owned()))
    }

    fn local_declaration(
        &mut self,
        local: &syntax::LocalDeclaration,
        span: Span,
        readonly: Readonly,
        out: &mut Vec<Stmt>,
    ) {
        if local.is_ref {
            return self.reference_locals(local, out);
        }
        let inferred = matches!(local.of.kind, syntax::TypeKind::Var);
        let ty = if inferred { None } else { Some(self.resolve_type(&local.of)) };
        for declarator in &local.declarators {
            let at = declarator.span;
            // A local whose type is written is in scope in its own initializer.
            let name = &declarator.name;
            let declared =
                ty.filter(|_| !local.is_const).map(|ty| self.declare_local(&name.text, name.span, ty, readonly));
            let value = match (&declarator.value, ty) {
                (Some(tree), _) if matches!(tree.kind, S::Ref(_)) => {
                    let message = "Cannot initialize a by-value variable with a reference";
                    Some(self.error(ErrorKind::Type, "CS8171", tree.span, message))
                }
                (Some(tree), Some(ty)) => {
                    if let (S::ArrayInitializer(items), Type::Array(element, 1)) = (&tree.kind, ty.get()) {
                        Some(self.array_of(*element, &items.elements, ty, tree.span))
                    } else if let (S::ArrayInitializer(items), Type::Array(..)) = (&tree.kind, ty.get()) {
                        Some(self.new_grid(ty, &[], Some(items), tree.span))
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
                        Operand::Default(_) => {
                            let message = "Cannot assign default to an implicitly-typed variable";
                            self.error(ErrorKind::Type, "CS0815", tree.span, message)
                        }
                        Operand::Tuple(..) => {
                            let message =
                                "Cannot assign a tuple with an element without a type to an implicitly-typed variable";
                            self.error(ErrorKind::Type, "CS0815", tree.span, message)
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
            if local.is_const && inferred {
                self.error(ErrorKind::Type, "CS0822", at, "Implicitly-typed variables cannot be constant");
            } else if local.is_const && !is_error(own) && !may_be_constant(own) {
                let message = format!("The type '{}' cannot be declared const", own.csharp_name());
                self.error(ErrorKind::Type, "CS0283", local.of.span, message);
            }
            if local.is_const {
                let literal = declarator.value.as_ref().is_none_or(|tree| !matches!(tree.kind, S::Interpolated(_)));
                let reference = !is_value_type(own) && own != types::string();
                match value.map(|v| v.kind).map(|kind| if literal { kind } else { ExprKind::Context }) {
                    Some(kind) if reference && !matches!(kind, ExprKind::Const(Const::Null) | ExprKind::Error) => {
                        let message = format!(
                            "'{}' is of type '{}'. A const field of a reference type other than string can only be initialized with null.",
                            declarator.name.text,
                            own.csharp_name()
                        );
                        self.error(ErrorKind::Type, "CS0134", at, message);
                        self.declare(
                            &declarator.name.text,
                            declarator.name.span,
                            Symbol::Constant(Const::Null, types::error()),
                        );
                    }
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
            let id = match declared {
                Some(id) => id,
                None => self.declare_local(&declarator.name.text, declarator.name.span, own, readonly),
            };
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
        self.push_scope();
        let operand = self.operand(source);
        let cannot = match &operand {
            Operand::Lambda(_) => Some("lambda expression"),
            Operand::Group(_) => Some("method group"),
            _ => None,
        };
        let bound = match cannot {
            Some(what) => {
                let message = format!("Foreach cannot operate on a '{what}'. Did you intend to invoke the '{what}'?");
                self.error(ErrorKind::Type, "CS0446", source.span, message)
            }
            None => self.value(operand).unwrap_or_else(|| erroneous(source.span)),
        };
        let bound = if matches!(bound.ty.get(), Type::Null) || is_null_constant(&bound) {
            self.error(ErrorKind::Type, "CS0186", source.span, "Use of null is not valid in this context")
        } else {
            bound
        };
        let bound = self.own_enumeration(bound);
        let of_dynamic = super::dynamic::is_dynamic(bound.ty);
        let bound = if of_dynamic {
            self.convert(Operand::Value(bound), TypeId::named("System.Collections.IEnumerable"), source.span)
        } else {
            bound
        };
        let non_generic = crate::dotnet::find_def("System.Collections.IEnumerable", 0)
            .is_some_and(|def| is_subtype(bound.ty, TypeId::of(Type::Named(def, Vec::new()))));
        let element = match element_type(bound.ty) {
            Some(element) => element,
            None if is_error(bound.ty) => types::error(),
            None if of_dynamic => types::dynamic(),
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
                if !matches!(target.kind, S::Tuple(_) | S::Declaration { .. }) {
                    let message = "Type and identifier are both required in a foreach statement";
                    self.error(ErrorKind::Type, "CS0230", target.span, message);
                }
                let whole = self.temporary(element);
                let mut before = Vec::new();
                let value = Expr { kind: ExprKind::Local(whole), ty: element, span };
                if is_error(element) {
                    self.declare_erroneous(target);
                } else {
                    self.deconstruct_into(target, value, &mut before, source.span);
                }
                // What the loop deconstructs into is as read-only as its variable.
                if let Some(scope) = self.scopes.last_mut() {
                    for symbol in scope.names.values_mut() {
                        if let Symbol::Variable(variable) = symbol {
                            variable.readonly = Readonly::ForEach;
                        }
                    }
                }
                (whole, read, before)
            }
        };
        let mut inner: Vec<Stmt> = before.drain(..).map(|e| Stmt { span: e.span, kind: StmtKind::Expr(e) }).collect();
        inner.extend(self.loop_body(body));
        self.pop_scope();
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

    fn yield_statement(&mut self, value: Option<&syntax::Expr>, span: Span, out: &mut Vec<Stmt>) {
        let Some(element) = self.draft().yields else {
            if let Some(value) = value {
                self.value_of(value);
            }
            let (code, message) = if &*self.draft().function.name == "lambda" {
                ("CS1621", "The yield statement cannot be used inside an anonymous method or lambda expression")
            } else {
                ("CS1624", "The body cannot be an iterator block because its type is not an iterator interface type")
            };
            let at = if code == "CS1624" { Span { start: 0, end: 0 } } else { span };
            self.error(ErrorKind::Flow, code, at, message);
            return;
        };
        if self.draft().open_finally > 0 {
            self.error(ErrorKind::Flow, "CS1625", span, "Cannot yield in the body of a finally clause");
        }
        let Some(value) = value else {
            out.push(Stmt { kind: StmtKind::Return(None), span });
            return;
        };
        if self.catch_depth > 0 {
            self.error(ErrorKind::Flow, "CS1631", span, "Cannot yield a value in the body of a catch clause");
        } else if self.draft().open_tries > 0 {
            let message = "Cannot yield a value in the body of a try block with a catch clause";
            self.error(ErrorKind::Flow, "CS1626", span, message);
        }
        let operand = self.operand(value);
        let value = self.convert(operand, element, value.span);
        out.push(Stmt { kind: StmtKind::Yield(value), span });
    }

    pub(super) fn return_statement(&mut self, value: Option<&syntax::Expr>, span: Span) -> StmtKind {
        let returns = self.draft().returns.clone();
        if self.draft().yields.is_some() {
            if let Some(tree) = value {
                self.value_of(tree);
            }
            let message = "Cannot return a value from an iterator. Use the yield return statement to return a value, or yield break to end the iteration.";
            self.error(ErrorKind::Flow, "CS1622", span, message);
            return StmtKind::Return(None);
        }
        let by_reference = self.draft().returns_ref;
        match (value, &returns) {
            (Some(syntax::Expr { kind: S::Ref(of), .. }), Returns::Known(ty)) if by_reference => {
                return StmtKind::Return(Some(self.returned_reference(of, *ty)));
            }
            (Some(syntax::Expr { kind: S::Ref(_), .. }), _) => {
                let message = "By-reference returns may only be used in methods that return by reference";
                self.error(ErrorKind::Type, "CS8149", span, message);
                return StmtKind::Return(None);
            }
            (Some(_), _) if by_reference => {
                let message = "By-value returns may only be used in methods that return by value";
                self.error(ErrorKind::Type, "CS8150", span, message);
                return StmtKind::Return(None);
            }
            _ => {}
        }
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
        self.draft().open_tries += u32::from(!catches.is_empty());
        let body = self.block(body);
        self.draft().open_tries -= u32::from(!catches.is_empty());
        let mut bound: Vec<Catch> = Vec::new();
        for (at, clause) in catches.iter().enumerate() {
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
            let general = clause.of.is_none();
            if general && at + 1 < catches.len() {
                let message = "Catch clauses cannot follow the general catch clause of a try statement";
                self.error(ErrorKind::Flow, "CS1017", clause.span, message);
            } else if let Some(earlier) =
                bound.iter().filter(|_| !general).find(|c| c.filter.is_none() && !is_error(ty) && is_subtype(ty, c.ty))
            {
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
        self.draft().breakables.push(Breakable::Finally);
        let catches_open = std::mem::take(&mut self.catch_depth);
        let finally = finally.map(|block| self.block(block)).unwrap_or_default();
        self.catch_depth = catches_open;
        self.draft().breakables.pop();
        self.draft().open_finally -= 1;
        out.push(Stmt { kind: StmtKind::Try { body, catches: bound, finally }, span });
    }

    fn using(&mut self, resource: &syntax::UsingResource, body: &syntax::Statement, span: Span, out: &mut Vec<Stmt>) {
        self.push_scope();
        let mut inner = Vec::new();
        let (mut held, mut resources) = (Vec::new(), Vec::new());
        match resource {
            syntax::UsingResource::Local(local) => {
                for declarator in local.declarators.iter().filter(|d| d.value.is_none()) {
                    let message = "You must provide an initializer in a fixed or using statement declaration";
                    self.error(ErrorKind::Type, "CS0210", declarator.span, message);
                }
                self.local_declaration(local, span, Readonly::Using, &mut inner);
                for statement in &inner {
                    if let StmtKind::Declare { local, .. } = statement.kind {
                        let ty = self.draft().function.locals[local.0 as usize].ty;
                        if super::dynamic::is_dynamic(ty) {
                            resources.push(local);
                        } else {
                            held.push((local, ty));
                        }
                    }
                }
            }
            syntax::UsingResource::Expr(tree) => {
                let mut value = self.value_of(tree);
                if super::dynamic::is_dynamic(value.ty) {
                    value = self.convert(Operand::Value(value), TypeId::named("System.IDisposable"), tree.span);
                }
                let ty = value.ty;
                let temp = self.temporary(ty);
                inner.push(Stmt { kind: StmtKind::Expr(assign_local(temp, value, span)), span });
                held.push((temp, ty));
            }
        }
        // What is dynamic becomes something to dispose of before the body runs.
        for local in resources {
            let disposable = TypeId::named("System.IDisposable");
            let read = Expr { kind: ExprKind::Local(local), ty: types::dynamic(), span };
            let value = self.convert(Operand::Value(read), disposable, span);
            let temp = self.temporary(disposable);
            inner.push(Stmt { kind: StmtKind::Expr(assign_local(temp, value, span)), span });
            held.push((temp, disposable));
        }
        let body = self.embedded(body);
        let mut finally = Vec::new();
        for (local, ty) in held.into_iter().rev() {
            if is_error(ty) || matches!(ty.get(), Type::Null) {
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

    /// A label of this function that can be seen from here, and how many `finally` bodies are around it.
    fn label(&self, name: &str) -> Option<(super::ir::LabelId, u32)> {
        let scopes = self.scopes.iter().rev();
        scopes
            .filter_map(|scope| scope.labels.get(name))
            .find(|(function, ..)| *function == self.current)
            .map(|(_, id, finally)| (*id, *finally))
    }

    fn goto(&mut self, target: &syntax::GotoTarget, span: Span, out: &mut Vec<Stmt>) {
        let label = match target {
            syntax::GotoTarget::Label(name) => {
                let found = self.label(&name.text);
                if found.is_some_and(|(_, finally)| finally < self.draft().open_finally) {
                    self.error(ErrorKind::Flow, "CS0157", span, LEAVES_FINALLY);
                }
                found.map(|(id, _)| id)
            }
            syntax::GotoTarget::Default => self.draft().switches.last().and_then(|f| f.default),
            syntax::GotoTarget::Case(tree) => {
                let Some(ty) = self.draft().switches.last().map(|f| f.ty) else {
                    self.error(ErrorKind::Flow, "CS0153", span, "A goto case is only valid inside a switch statement");
                    return;
                };
                let operand = self.operand(tree);
                let null = matches!(&operand, Operand::Value(value) if matches!(value.ty.get(), Type::Null));
                let wanted = if null { ty } else { super::convert::strip_nullable(ty) };
                let value = self.convert(operand, wanted, span);
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
                // Behind a label that is missing control does not go on all the same.
                if matches!(target, syntax::GotoTarget::Label(_)) {
                    out.push(Stmt { kind: StmtKind::Throw(erroneous(span)), span });
                }
            }
        }
    }

    /// `r = ref x;`: a reference leads elsewhere from now on.
    fn assign_reference(&mut self, target: &syntax::Expr, value: &syntax::Expr, out: &mut Vec<Stmt>) {
        let S::Ref(of) = &value.kind else { return };
        let found = match &target.kind {
            S::Name(name) => match self.find(&name.name.text) {
                Some(Symbol::Variable(variable)) => Some(*variable),
                _ => None,
            },
            _ => None,
        };
        let current = self.current;
        let is_reference = |own: &Variable, binder: &mut Self| {
            own.function == current && binder.draft().function.locals[own.local.0 as usize].by_reference
        };
        let Some(variable) = found.filter(|own| is_reference(own, self)) else {
            let message = "The left-hand side of a ref assignment must be a ref local or parameter.";
            self.error(ErrorKind::Type, "CS8373", target.span, message);
            return;
        };
        let reference = self.reference_to(of);
        if is_error(reference.ty) {
            return;
        }
        if !crate::dotnet::inherit::same(variable.ty, reference.ty) {
            let message = format!(
                "The expression must be of type '{}' because it is being assigned by reference",
                variable.ty.csharp_name()
            );
            self.error(ErrorKind::Type, "CS8173", of.span, message);
            return;
        }
        let own = |local: super::ir::LocalId, binder: &mut Self| {
            let draft = binder.draft();
            let slot = &draft.function.locals[local.0 as usize];
            (local.0 < draft.function.parameters, slot.by_reference, slot.name.clone())
        };
        if let ExprKind::Reference(Place::Local(from)) = &reference.kind {
            let (is_parameter, _, to) = own(variable.local, self);
            let (_, by_reference, from) = own(*from, self);
            if is_parameter && !by_reference {
                let message = format!(
                    "Cannot ref-assign '{from}' to '{to}' because '{from}' has a narrower escape scope than '{to}'."
                );
                self.error(ErrorKind::Type, "CS8374", target.span, message);
                return;
            }
        }
        out.push(Stmt { kind: StmtKind::Declare { local: variable.local, value: Some(reference) }, span: target.span });
    }

    // ---- local functions
}

pub(super) fn is_unmanaged(kind: &syntax::ConstraintKind) -> bool {
    let syntax::ConstraintKind::Type(of) = kind else { return false };
    matches!(&of.kind, syntax::TypeKind::Named { alias: None, parts } if parts.len() == 1 && &*parts[0].name.text == "unmanaged")
}

/// Whether a `const` may have this type.
pub(super) fn may_be_constant(ty: TypeId) -> bool {
    !is_value_type(ty) || super::convert::numeric(ty).is_some() || super::convert::is_enum(ty) || ty == types::boolean()
}

pub(super) fn is_null_constant(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Const(Const::Null) => true,
        ExprKind::Retype(inner) => is_null_constant(inner),
        _ => false,
    }
}

pub(super) fn ty_is_delegate(ty: TypeId) -> bool {
    super::lookup::delegate_signature(ty).is_some()
}

pub(super) const LEAVES_FINALLY: &str = "Control cannot leave the body of a finally clause";

/// What is said of an expression that cannot be a statement.
pub(super) const NO_STATEMENT: &str = "this expression does nothing as a statement";

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
