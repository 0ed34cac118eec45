//! Local functions: declared before the statements around them are bound, so that they may call each other; generic ones,
//! and iterators.

use super::ErrorKind;
use super::access::Operand;
use super::ir::{Const, Expr, ExprKind, FunctionId, Span, Stmt, StmtKind};
use super::scope::{Binder, LocalFunction, LocalParameter, Readonly, Returns, Symbol, Variable, erroneous};
use super::statement::{is_null_constant, is_unmanaged};
use crate::dotnet::types::{self, Type, TypeId};
use portcullis_grammar::syntax::{self, ByRef, ExprKind as S, Passing, StatementKind};

impl Binder<'_> {
    /// An iterator: the function answers a sequence, and each enumeration runs the body with the parameters as they were.
    fn bind_iterator(&mut self, function: &syntax::LocalFunction, block: &syntax::Block, returns: TypeId) {
        let span = block.span;
        let name = &function.name;
        let object = types::object();
        let kind = returns.def().map(|def| def.name);
        let once = matches!(kind, Some("System.Collections.Generic.IEnumerator" | "System.Collections.IEnumerator"));
        let element = match kind {
            Some("System.Collections.Generic.IEnumerable" | "System.Collections.Generic.IEnumerator") => {
                returns.arguments().first().copied().unwrap_or(object)
            }
            Some("System.Collections.IEnumerable" | "System.Collections.IEnumerator") => object,
            _ => {
                let message = format!(
                    "The body of '{}' cannot be an iterator block because '{}' is not an iterator interface type",
                    name.text,
                    returns.csharp_name()
                );
                self.error(ErrorKind::Type, "CS1624", name.span, message);
                return;
            }
        };
        for parameter in function.parameters.iter().filter(|p| p.passing != Passing::Value) {
            let message = "Iterators cannot have ref, in or out parameters";
            self.error(ErrorKind::Type, "CS1623", parameter.name.span, message);
        }
        let sequence = if returns.arguments().is_empty() {
            let name = if once { "IEnumerator" } else { "IEnumerable" };
            TypeId::generic(&format!("System.Collections.Generic.{name}"), &[object])
        } else {
            returns
        };
        let outer = self.current;
        let inner = self.new_draft(&name.text, Returns::Known(types::void()), span);
        self.draft_of(inner).yields = Some(element);
        self.current = inner;
        // The parameters have other locals in the body; their names are taken by the scope around.
        let named: Vec<Variable> = function
            .parameters
            .iter()
            .filter_map(|p| match self.find(&p.name.text) {
                Some(Symbol::Variable(variable)) => Some(*variable),
                _ => None,
            })
            .collect();
        let mut body = Vec::new();
        self.push_scope();
        for (variable, parameter) in named.into_iter().zip(&function.parameters) {
            let value = self.read(variable, span);
            let local = self.new_local(&parameter.name.text, variable.ty);
            let symbol = Symbol::Variable(Variable { function: inner, local, ty: variable.ty, readonly: Readonly::No });
            if let Some(scope) = self.scopes.last_mut() {
                scope.names.insert(parameter.name.text.clone(), symbol);
            }
            body.push(Stmt { kind: StmtKind::Declare { local, value: Some(value) }, span });
        }
        let (catches, checked) = (std::mem::take(&mut self.catch_depth), self.checked);
        body.extend(self.block(block));
        (self.catch_depth, self.checked) = (catches, checked);
        self.scopes.pop();
        self.set_body(body);
        self.current = outer;
        self.calls.push((outer, inner));
        let lambda = Expr { kind: ExprKind::Lambda(inner), ty: TypeId::named("System.Action"), span };
        let made = ExprKind::Engine {
            code: match once {
                true => crate::dotnet::system::enumerate::iterate_once,
                false => crate::dotnet::system::enumerate::iterate,
            },
            name: "iterator",
            arguments: vec![lambda],
        };
        let made = Expr { kind: made, ty: sequence, span };
        self.set_body(vec![Stmt { kind: StmtKind::Return(Some(made)), span }]);
    }

    pub(super) fn declare_function(&mut self, function: &syntax::LocalFunction, span: Span) -> Option<usize> {
        let type_parameters = self.type_parameters(function);
        self.push_scope();
        self.type_names(function, &type_parameters);
        let returns = match &function.returns.kind {
            syntax::TypeKind::Predefined(syntax::PredefinedType::Void) => types::void(),
            _ => self.resolve_type(&function.returns),
        };
        self.check_parameters(&function.parameters);
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
                    if let Operand::Value(value) = &operand
                        && self.classify_value(value, ty, false).is_none()
                    {
                        let message = format!(
                            "A value of type '{}' cannot be used as a default parameter because there are no standard conversions to type '{}'",
                            value.ty.csharp_name(),
                            ty.csharp_name()
                        );
                        self.error(ErrorKind::Type, "CS1750", p.name.span, message);
                        return Some(Const::Null);
                    }
                    match self.convert(operand, ty, tree.span).kind {
                        ExprKind::Const(constant) => Some(constant),
                        ExprKind::Error => Some(Const::Null),
                        ExprKind::Retype(inner) if is_null_constant(&inner) => Some(Const::Null),
                        ExprKind::Retype(inner) => match inner.kind {
                            ExprKind::Const(constant) => Some(constant),
                            _ => None,
                        },
                        _ => {
                            let message =
                                format!("Default parameter value for '{}' must be a compile-time constant", p.name.text);
                            self.error(ErrorKind::Type, "CS1736", tree.span, message);
                            Some(Const::Null)
                        }
                    }
                }),
                is_params: p.is_params,
            })
            .collect();
        self.scopes.pop();
        let id = self.new_draft(&function.name.text, Returns::Known(returns), span);
        self.draft_of(id).shape.parameters = type_parameters.clone();
        self.draft_of(id).returns_ref = function.returns_ref;
        let at = self.local_functions.len();
        self.local_functions.push(LocalFunction {
            name: function.name.text.clone(),
            id,
            parameters,
            returns,
            type_parameters,
            returns_ref: function.returns_ref,
        });
        self.declare(&function.name.text, function.name.span, Symbol::Function(at));
        Some(at)
    }

    /// The type parameters that a local function declares, with their constraints.
    fn type_parameters(&mut self, function: &syntax::LocalFunction) -> Vec<TypeId> {
        use syntax::ConstraintKind as C;
        let mut found: Vec<TypeId> = Vec::new();
        for (at, name) in function.type_parameters.iter().enumerate() {
            if function.type_parameters[..at].iter().any(|other| other.text == name.text) {
                let message = format!("Duplicate type parameter '{}'", name.text);
                self.error(ErrorKind::Name, "CS0692", name.span, message);
            }
            let has = |wanted: fn(&C) -> bool| {
                function.constraints.iter().any(|c| c.name.text == name.text && c.kinds.iter().any(wanted))
            };
            found.push(TypeId::of(Type::LocalParameter(Box::new(types::LocalParameter {
                name: name.text.clone(),
                at: name.span.start,
                is_class: has(|kind| matches!(kind, C::Class)),
                is_struct: has(|kind| matches!(kind, C::Struct) || is_unmanaged(kind)),
                is_unmanaged: has(is_unmanaged),
                has_new: has(|kind| matches!(kind, C::New | C::Struct) || is_unmanaged(kind)),
            }))));
        }
        if let Some(first) = function.constraints.first().filter(|_| found.is_empty()) {
            let message = "Constraints are not allowed on non-generic declarations";
            self.error(ErrorKind::Type, "CS0080", first.name.span, message);
        }
        self.push_scope();
        self.type_names(function, &found);
        for constraint in &function.constraints {
            let Some(at) = function.type_parameters.iter().position(|name| name.text == constraint.name.text) else {
                if !found.is_empty() {
                    let message =
                        format!("'{}' does not define type parameter '{}'", function.name.text, constraint.name.text);
                    self.error(ErrorKind::Name, "CS0699", constraint.name.span, message);
                }
                continue;
            };
            let mut bounds = Vec::new();
            for (at, kind) in constraint.kinds.iter().enumerate() {
                let C::Type(of) = kind else { continue };
                let word = match &of.kind {
                    syntax::TypeKind::Named { alias: None, parts }
                        if parts.len() == 1 || parts.len() == 2 && &*parts[0].name.text == "System" =>
                    {
                        &*parts[parts.len() - 1].name.text
                    }
                    _ => "",
                };
                if word == "unmanaged" && at > 0 && self.options.csharp_7_3 {
                    let message = "The 'unmanaged' constraint must come before any other constraints";
                    self.error(ErrorKind::Type, "CS8376", of.span, message);
                }
                let newer = match word {
                    "Enum" => Some("enum"),
                    "Delegate" | "MulticastDelegate" => Some("delegate"),
                    "unmanaged" => Some("unmanaged"),
                    _ => None,
                };
                match newer {
                    Some(what) if !self.options.csharp_7_3 => {
                        let message = format!(
                            "Feature '{what} generic type constraints' is not available in C# 7.0. Please use language version 7.3 or greater."
                        );
                        self.error(ErrorKind::Unsupported, "CS8107", of.span, message);
                    }
                    Some("unmanaged") => {}
                    _ => bounds.push(self.resolve_type(of)),
                }
            }
            self.bounds.entry(found[at]).or_insert(bounds);
        }
        self.scopes.pop();
        found
    }

    fn type_names(&mut self, function: &syntax::LocalFunction, parameters: &[TypeId]) {
        if let Some(scope) = self.scopes.last_mut() {
            let names = function.type_parameters.iter().map(|name| name.text.clone());
            scope.types.extend(names.zip(parameters.iter().copied()));
        }
    }

    /// What parameter lists of local functions and lambdas keep.
    pub fn check_parameters(&mut self, parameters: &[syntax::Parameter]) {
        let mut optional = false;
        for (at, p) in parameters.iter().enumerate() {
            if parameters[..at].iter().any(|other| other.name.text == p.name.text) {
                let message = format!("The parameter name '{}' is a duplicate", p.name.text);
                self.error(ErrorKind::Name, "CS0100", p.name.span, message);
            }
            if optional && p.default.is_none() && !p.is_params {
                let message = "Optional parameters must appear after all required parameters";
                self.error(ErrorKind::Type, "CS1737", p.name.span, message);
            }
            optional |= p.default.is_some();
            if p.is_params {
                let array = p.of.as_ref().is_some_and(|of| matches!(of.kind, syntax::TypeKind::Array { rank: 1, .. }));
                if !array {
                    let message = "The params parameter must be a single dimensional array";
                    self.error(ErrorKind::Type, "CS0225", p.span, message);
                }
                if at + 1 < parameters.len() {
                    let message = "A params parameter must be the last parameter in a formal parameter list";
                    self.error(ErrorKind::Type, "CS0231", p.span, message);
                }
            }
        }
    }

    pub(super) fn bind_function(&mut self, at: usize, function: &syntax::LocalFunction) {
        let LocalFunction { id, parameters, returns, type_parameters, .. } = self.local_functions[at].clone();
        let outer: FunctionId = std::mem::replace(&mut self.current, id);
        self.push_scope();
        self.type_names(function, &type_parameters);
        for (parameter, syntax) in parameters.iter().zip(&function.parameters) {
            let local = self.declare_local(&parameter.name, syntax.name.span, parameter.ty, Readonly::No);
            let slot = &mut self.draft().function.locals[local.0 as usize];
            slot.by_reference = parameter.passing != Passing::Value;
            slot.in_cell |= slot.by_reference;
            slot.is_readonly = parameter.passing == Passing::In;
            slot.scope = if slot.by_reference { 0 } else { slot.scope };
            slot.is_out = parameter.passing == Passing::Out;
        }
        self.draft().function.parameters = parameters.len() as u32;
        if let syntax::Body::Block(block) = &function.body
            && yields(&block.statements)
        {
            self.bind_iterator(function, block, returns);
            self.pop_scope();
            self.current = outer;
            return;
        }
        let body = match &function.body {
            syntax::Body::Block(block) => self.block(block),
            syntax::Body::Expr(value) => {
                let span = value.span;
                if matches!(value.kind, S::Ref(_))
                    || function.returns_ref != ByRef::No && !matches!(value.kind, S::Throw(_))
                {
                    let kind = self.return_statement(Some(value), span);
                    self.set_body(vec![Stmt { kind, span }]);
                    self.pop_scope();
                    self.current = outer;
                    return;
                }
                let operand = self.operand_or_throw(value);
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
        self.pop_scope();
        self.current = outer;
    }
}

/// Whether statements hold a `yield` of their own function.
pub(super) fn yields(statements: &[syntax::Statement]) -> bool {
    statements.iter().any(|statement| match &statement.kind {
        StatementKind::Yield(_) => true,
        StatementKind::Block(block) | StatementKind::Checked(block) | StatementKind::Unchecked(block) => {
            yields(&block.statements)
        }
        StatementKind::If { then, otherwise, .. } => {
            yields(std::slice::from_ref(then)) || otherwise.as_ref().is_some_and(|s| yields(std::slice::from_ref(s)))
        }
        StatementKind::While { body, .. }
        | StatementKind::Do { body, .. }
        | StatementKind::For { body, .. }
        | StatementKind::ForEach { body, .. }
        | StatementKind::Using { body, .. }
        | StatementKind::Lock { body, .. }
        | StatementKind::Labeled { statement: body, .. } => yields(std::slice::from_ref(body)),
        StatementKind::Switch { sections, .. } => sections.iter().any(|section| yields(&section.statements)),
        StatementKind::Try { body, catches, finally } => {
            yields(&body.statements)
                || catches.iter().any(|c| yields(&c.body.statements))
                || finally.as_ref().is_some_and(|block| yields(&block.statements))
        }
        _ => false,
    })
}
