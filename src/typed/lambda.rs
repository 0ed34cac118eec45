//! Lambdas and method groups: tried against a delegate's signature while an overload is looked for, bound once when it is
//! found.

use super::access::{Group, GroupKind, Operand};
use super::ir::{Expr, ExprKind, FunctionId, Span, Stmt, StmtKind};
use super::lookup::{Signature, delegate_signature};
use super::overload::Arg;
use super::scope::{Binder, Readonly, Returns, Symbol, Variable, erroneous, is_error};
use super::{ErrorKind, convert, infer};
use crate::dotnet::inherit;
use crate::dotnet::system::multicast;
use crate::dotnet::types::{self, Type, TypeId};
use portcullis_grammar::syntax::{self, Passing};
use std::rc::Rc;

/// A lambda whose type is not known yet.
#[derive(Clone, Debug)]
pub struct LambdaOperand {
    pub syntax: Rc<syntax::Lambda>,
    pub span: Span,
}

impl LambdaOperand {
    /// The parameter types, where they are written out (or there are none).
    pub fn explicit_types(&self, binder: &mut Binder<'_>) -> Option<Vec<TypeId>> {
        let parameters = self.syntax.parameters.as_ref()?;
        let mark = binder.mark();
        let types = parameters.iter().map(|p| p.of.as_ref().map(|ty| binder.resolve_type(ty))).collect();
        binder.roll_back(mark);
        types
    }
}

/// How a parameter name begins that stands for several range variables of a query.
pub const TRANSPARENT: &str = "<>";

impl Binder<'_> {
    /// The type of what a lambda returns for these inputs; `None` when it cannot be bound so, or returns nothing.
    pub fn lambda_result(&mut self, lambda: &LambdaOperand, inputs: &[TypeId]) -> Option<TypeId> {
        let found = self.try_lambda(lambda, inputs, Returns::Inferred(Vec::new()))?;
        let types: Vec<TypeId> = found.into_iter().flatten().collect();
        if types.is_empty() { None } else { infer::best_common_type(&types) }
    }

    /// Whether a lambda converts to a delegate of this signature.
    pub fn lambda_fits(&mut self, lambda: &LambdaOperand, signature: &Signature) -> bool {
        if let Some(parameters) = &lambda.syntax.parameters
            && parameters.len() != signature.parameters.len()
        {
            return false;
        }
        if let Some(explicit) = lambda.explicit_types(self)
            && lambda.syntax.parameters.as_ref().is_some_and(|p| !p.is_empty())
            && !explicit.iter().zip(&signature.parameters).all(|(a, b)| inherit::same(*a, *b))
        {
            return false;
        }
        self.try_lambda(lambda, &signature.parameters, Returns::Known(signature.returns)).is_some()
    }

    /// Binds a lambda without consequences; the types of its results where they were asked for.
    fn try_lambda(
        &mut self,
        lambda: &LambdaOperand,
        inputs: &[TypeId],
        returns: Returns,
    ) -> Option<Vec<Option<TypeId>>> {
        if self.tries == 0 {
            return None;
        }
        self.tries -= 1;
        let mark = self.mark();
        let locals = self.draft().function.locals.len();
        let id = self.bind_lambda_body(lambda, inputs, returns)?;
        let failed = self.failed_since(mark);
        let results = match &self.draft_of(id).returns {
            Returns::Inferred(types) => types.clone(),
            Returns::Known(_) => Vec::new(),
        };
        self.roll_back(mark);
        let _ = locals;
        (!failed).then_some(results)
    }

    /// Binds a lambda as a delegate of this type.
    pub fn bind_lambda(&mut self, lambda: &LambdaOperand, signature: &Signature, ty: TypeId) -> Expr {
        if let Some(parameters) = &lambda.syntax.parameters
            && parameters.len() != signature.parameters.len()
        {
            let message = format!("Delegate '{}' does not take {} arguments", ty.csharp_name(), parameters.len());
            return self.error(ErrorKind::Call, "CS1593", lambda.span, message);
        }
        if let Some(parameters) = &lambda.syntax.parameters
            && (parameters.iter().any(|p| p.passing != Passing::Value)
                || lambda.explicit_types(self).is_some_and(|own| {
                    own.iter().zip(&signature.parameters).any(|(a, b)| !inherit::same(*a, *b) && !is_error(*a))
                }))
        {
            let what = if lambda.syntax.is_delegate { "anonymous method" } else { "lambda expression" };
            let message = format!(
                "Cannot convert {what} to type '{}' because the parameter types do not match the delegate parameter types",
                ty.csharp_name()
            );
            return self.error(ErrorKind::Type, "CS1661", lambda.span, message);
        }
        match self.bind_lambda_body(lambda, &signature.parameters, Returns::Known(signature.returns)) {
            Some(id) => {
                let current = self.current;
                self.calls.push((current, id));
                Expr { kind: ExprKind::Lambda(id), ty, span: lambda.span }
            }
            None => erroneous(lambda.span),
        }
    }

    /// Binds a lambda only to find what is wrong in it. `inputs`: the types of its parameters, where they are known.
    pub fn bind_for_errors(&mut self, lambda: &LambdaOperand, inputs: Option<Vec<TypeId>>) {
        let count = lambda.syntax.parameters.as_ref().map_or(0, Vec::len);
        let inputs = lambda.explicit_types(self).or(inputs).unwrap_or_else(|| vec![types::error(); count]);
        self.bind_lambda_body(lambda, &inputs, Returns::Inferred(Vec::new()));
    }

    fn bind_lambda_body(&mut self, lambda: &LambdaOperand, inputs: &[TypeId], returns: Returns) -> Option<FunctionId> {
        if self.scopes.len() > 400 {
            self.error(
                ErrorKind::Unsupported,
                "CS8078",
                lambda.span,
                "An expression is too long or complex to compile",
            );
            return None;
        }
        if let Some(parameters) = &lambda.syntax.parameters
            && parameters.len() != inputs.len()
        {
            return None;
        }
        let id = self.new_draft("lambda", returns.clone(), lambda.span);
        self.draft_of(id).of_query = lambda.syntax.of_query;
        let outer = std::mem::replace(&mut self.current, id);
        self.push_scope();
        match &lambda.syntax.parameters {
            Some(parameters) => {
                self.check_parameters(parameters);
                let typed = parameters.iter().filter(|p| p.of.is_some()).count();
                if let Some(mixed) = parameters.iter().find(|p| p.of.is_none()).filter(|_| typed > 0) {
                    let message =
                        "Inconsistent lambda parameter usage; parameter types must be all explicit or all implicit";
                    self.error(ErrorKind::Type, "CS0748", mixed.span, message);
                }
                for (parameter, ty) in parameters.iter().zip(inputs) {
                    self.declare_parameter(&parameter.name, *ty, lambda.syntax.of_query);
                }
            }
            None => {
                for ty in inputs {
                    self.temporary(*ty);
                }
            }
        }
        self.draft().function.parameters = inputs.len() as u32;
        let body = match &lambda.syntax.body {
            syntax::Body::Expr(value) => self.expression_body(value, &returns),
            syntax::Body::Block(block) => self.block(block),
        };
        self.set_body(body);
        self.pop_scope();
        self.current = outer;
        Some(id)
    }

    fn declare_parameter(&mut self, name: &syntax::Name, ty: TypeId, of_query: bool) {
        if !name.text.starts_with(TRANSPARENT) && !of_query {
            self.declare_local(&name.text, name.span, ty, Readonly::No);
            return;
        }
        let local = self.new_local(&name.text, ty);
        let variable = Variable { function: self.current, local, ty, readonly: Readonly::Range };
        if of_query && !name.text.starts_with(TRANSPARENT) {
            if self.find(&name.text).is_some() || &*name.text == "context" {
                let text = &name.text;
                let message = format!("The range variable '{text}' conflicts with a previous declaration of '{text}'");
                self.error(ErrorKind::Name, "CS1931", name.span, message);
            }
            if let Some(scope) = self.scopes.last_mut() {
                scope.names.insert(name.text.clone(), Symbol::Variable(variable));
            }
            return;
        }
        if let Some(scope) = self.scopes.last_mut() {
            scope.names.insert(name.text.clone(), Symbol::Variable(variable));
        }
        self.declare_range(variable, ty, Vec::new());
    }

    /// Puts the range variables in a transparent identifier into scope.
    fn declare_range(&mut self, variable: Variable, ty: TypeId, path: Vec<u32>) {
        let Type::Anonymous(fields) = ty.get() else { return };
        for (at, (name, field)) in fields.iter().enumerate() {
            let mut path = path.clone();
            path.push(at as u32);
            if name.starts_with(TRANSPARENT) {
                self.declare_range(variable, *field, path);
            } else if let Some(scope) = self.scopes.last_mut() {
                scope.names.insert(name.clone(), Symbol::Range(variable, path));
            }
        }
    }

    /// The body of `x => value`.
    fn expression_body(&mut self, value: &syntax::Expr, returns: &Returns) -> Vec<Stmt> {
        let value_syntax = value;
        let operand = self.operand_or_throw(value);
        let span = value.span;
        let kind = match returns {
            Returns::Known(ty) if *ty == types::void() => {
                if let Operand::Throw(thrown, _) = operand {
                    return vec![Stmt { kind: StmtKind::Throw(*thrown), span }];
                }
                let value = self.value(operand).unwrap_or_else(|| erroneous(span));
                if !super::statement::stands_alone(value_syntax) && !super::scope::is_error(value.ty) {
                    self.no_statement(span);
                }
                StmtKind::Expr(value)
            }
            Returns::Known(ty) => StmtKind::Return(Some(self.convert_result(operand, *ty, span))),
            Returns::Inferred(_) => {
                let value = match operand {
                    Operand::Throw(thrown, at) => {
                        Some(Expr { kind: ExprKind::Throw(thrown), ty: types::error(), span: at })
                    }
                    other => self.value(other),
                };
                let value = value.unwrap_or_else(|| erroneous(span));
                self.note_result(&value);
                StmtKind::Return(Some(value))
            }
        };
        vec![Stmt { kind, span }]
    }

    /// Converts what a lambda or function returns.
    pub fn convert_result(&mut self, operand: Operand, ty: TypeId, span: Span) -> Expr {
        self.convert(operand, ty, span)
    }

    /// Remembers the type of a result of a lambda whose type is being found out.
    pub fn note_result(&mut self, value: &Expr) {
        let ty = value.ty;
        let skip = matches!(ty.get(), Type::Void | Type::Error);
        if let Returns::Inferred(types) = &mut self.draft().returns {
            types.push((!skip).then_some(ty));
        }
    }

    // ---- method groups

    /// What a method group returns for these inputs.
    pub fn group_result(&mut self, group: &Group, inputs: &[TypeId]) -> Option<TypeId> {
        let args = inputs_as_arguments(inputs, group.span);
        let args: Vec<&Arg> = args.iter().collect();
        match &group.kind {
            GroupKind::Local(at) => {
                let function = self.local_functions[*at].clone();
                let arguments = self.group_arguments(&function, &group.type_arguments, inputs)?;
                Some(super::generic::replace(function.returns, &function.type_parameters, &arguments))
            }
            GroupKind::Dynamic(_) => None,
            GroupKind::Members { candidates, .. } => {
                let chosen = self.resolve(candidates, &group.type_arguments, &args).ok()?;
                Some(chosen.ty(chosen.found.member.returns))
            }
        }
    }

    /// What stands for the type parameters of a local function whose delegate gets these inputs.
    fn group_arguments(
        &mut self,
        function: &super::scope::LocalFunction,
        explicit: &[TypeId],
        inputs: &[TypeId],
    ) -> Option<Vec<TypeId>> {
        let count = function.type_parameters.len();
        if count == 0 || !explicit.is_empty() {
            return (explicit.len() == count).then(|| explicit.to_vec());
        }
        let open: Vec<TypeId> = (0..count).map(|at| TypeId::of(Type::MethodParameter(at as u8))).collect();
        let args = inputs_as_arguments(inputs, Span::default());
        let parameters = function.parameters.iter();
        let types: Vec<TypeId> =
            parameters.map(|p| super::generic::replace(p.ty, &function.type_parameters, &open)).collect();
        let pairs: Vec<(TypeId, &Operand)> = types.into_iter().zip(args.iter().map(|arg| &arg.operand)).collect();
        self.infer(count, &pairs)
    }

    pub fn group_fits(&mut self, group: &Group, signature: &Signature) -> bool {
        match &group.kind {
            GroupKind::Local(at) => {
                let function = self.local_functions[*at].clone();
                let inputs = &signature.parameters;
                let Some(arguments) = self.group_arguments(&function, &group.type_arguments, inputs) else {
                    return false;
                };
                let filled = |ty| super::generic::replace(ty, &function.type_parameters, &arguments);
                let returns = filled(function.returns);
                function.parameters.len() == inputs.len()
                    && function.parameters.iter().all(|p| p.passing == Passing::Value)
                    && function.parameters.iter().zip(inputs).all(|(p, input)| {
                        let ty = filled(p.ty);
                        inherit::same(ty, *input) || !inherit::is_value_type(*input) && inherit::is_subtype(*input, ty)
                    })
                    && (returns == signature.returns
                        || signature.returns != types::void()
                            && returns != types::void()
                            && inherit::is_subtype(returns, signature.returns)
                            && inherit::is_value_type(returns) == inherit::is_value_type(signature.returns))
            }
            GroupKind::Dynamic(_) => false,
            GroupKind::Members { .. } => {
                let Some(result) = self.group_result(group, &signature.parameters) else { return false };
                let void = types::void();
                result == signature.returns
                    || signature.returns != void
                        && result != void
                        && inherit::is_subtype(result, signature.returns)
                        && inherit::is_value_type(result) == inherit::is_value_type(signature.returns)
            }
        }
    }

    /// Whether a local function has this many parameters, all of them values.
    fn takes_by_value(&self, at: usize, count: usize) -> bool {
        let parameters = &self.local_functions[at].parameters;
        parameters.len() == count && parameters.iter().all(|parameter| parameter.passing == Passing::Value)
    }

    pub fn bind_group(&mut self, group: Group, signature: &Signature, ty: TypeId) -> Expr {
        if !self.group_fits(&group, signature) {
            if let Some(result) = self.group_result(&group, &signature.parameters)
                && !is_error(result)
                && !matches!(group.kind, GroupKind::Local(at) if !self.takes_by_value(at, signature.parameters.len()))
            {
                let message = format!("'{} {}' has the wrong return type", result.csharp_name(), group.name);
                return self.error(ErrorKind::Call, "CS0407", group.span, message);
            }
            let message = format!("No overload for '{}' matches delegate '{}'", group.name, ty.csharp_name());
            return self.error(ErrorKind::Call, "CS0123", group.span, message);
        }
        match group.kind {
            GroupKind::Local(at) => {
                let function = self.local_functions[at].clone();
                let (id, current) = (function.id, self.current);
                self.calls.push((current, id));
                let arguments = self.group_arguments(&function, &group.type_arguments, &signature.parameters);
                let kind = match arguments {
                    Some(type_arguments) if !type_arguments.is_empty() => {
                        ExprKind::GenericDelegate { function: id, type_arguments }
                    }
                    _ => ExprKind::Lambda(id),
                };
                Expr { kind, ty, span: group.span }
            }
            GroupKind::Dynamic(_) => erroneous(group.span),
            // `f.Invoke`: a delegate of another type that does what this one does.
            GroupKind::Members { receiver: Some(delegate), .. }
                if &*group.name == "Invoke" && delegate_signature(delegate.ty).is_some() =>
            {
                let kind = ExprKind::Engine { code: multicast::of_type, name: "delegate", arguments: vec![*delegate] };
                Expr { kind, ty, span: group.span }
            }
            GroupKind::Members { candidates, receiver } => {
                let args = inputs_as_arguments(&signature.parameters, group.span);
                let args: Vec<&Arg> = args.iter().collect();
                match self.resolve(&candidates, &group.type_arguments, &args) {
                    Ok(chosen) => {
                        self.note_use(&chosen.found, group.span);
                        let mut type_arguments = chosen.found.owner.arguments().to_vec();
                        type_arguments.extend(&chosen.method);
                        let member = chosen.found.member;
                        let receiver = if member.row.is_static { None } else { receiver };
                        Expr {
                            kind: ExprKind::MemberDelegate { member, type_arguments, receiver },
                            ty,
                            span: group.span,
                        }
                    }
                    Err(_) => erroneous(group.span),
                }
            }
        }
    }
}

/// Values of these types, to resolve a method group with.
fn inputs_as_arguments(inputs: &[TypeId], span: Span) -> Vec<Arg> {
    let _ = convert::implicitly;
    let value = |ty: &TypeId| Arg {
        name: None,
        passing: Passing::Value,
        operand: Operand::Value(Expr { kind: ExprKind::Error, ty: *ty, span }),
        span,
    };
    inputs.iter().map(value).collect()
}
