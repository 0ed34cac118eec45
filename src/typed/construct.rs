//! Objects made: constructors, and initialisers of their members and elements.

use super::ErrorKind;
use super::access::{Group, GroupKind, Operand};
use super::convert::assign_local;
use super::dynamic::{self, Operation, is_dynamic};
use super::ir::{Expr, ExprKind, LocalId, Span};
use super::lookup::{Found, delegate_signature};
use super::overload::{Arg, Failure};
use super::scope::{Binder, erroneous, is_error};
use crate::dotnet::member::{Form, Kind};
use crate::dotnet::types::{Type, TypeId};
use portcullis_grammar::syntax::{self, Passing};

impl Binder<'_> {
    pub fn new_object(
        &mut self,
        of: &syntax::Type,
        arguments: Option<&[syntax::Argument]>,
        initializer: Option<&syntax::Initializer>,
        span: Span,
    ) -> Operand {
        let ty = self.resolve_type(of);
        if matches!(of.kind, syntax::TypeKind::Tuple(_)) {
            let message = "'new' cannot be used with tuple type. Use a tuple literal expression instead.";
            return Operand::Value(self.error(ErrorKind::Type, "CS8181", of.span, message));
        }
        if is_dynamic(ty) {
            return Operand::Value(self.error(ErrorKind::Type, "CS8386", span, "Invalid object creation"));
        }
        let args = self.arguments(arguments.unwrap_or_default());
        let made = self.construct(ty, args, of.span, span);
        match initializer {
            Some(initializer) if !is_error(made.ty) => Operand::Value(self.initialize(made, initializer, span)),
            _ => Operand::Value(made),
        }
    }

    pub fn construct(&mut self, ty: TypeId, mut args: Vec<Arg>, type_span: Span, span: Span) -> Expr {
        if is_error(ty) {
            return erroneous(span);
        }
        if delegate_signature(ty).is_some() {
            return match (args.len(), args.pop()) {
                (0, _) => {
                    let message =
                        format!("'{}' does not contain a constructor that takes 0 arguments", ty.csharp_name());
                    self.error(ErrorKind::Call, "CS1729", span, message)
                }
                (1, Some(Arg { operand: Operand::Value(value), .. }))
                    if !is_error(value.ty) && delegate_signature(value.ty).is_none() =>
                {
                    self.error(ErrorKind::Call, "CS0149", value.span, "Method name expected")
                }
                (1, Some(Arg { operand: Operand::Value(value), span: at, .. }))
                    if value.ty != ty && !is_error(value.ty) =>
                {
                    let candidates = self.members(value.ty, "Invoke");
                    let kind = GroupKind::Members { candidates, receiver: Some(Box::new(value)) };
                    let group = Group { name: "Invoke".into(), kind, type_arguments: Vec::new(), span: at };
                    self.convert(Operand::Group(Box::new(group)), ty, span)
                }
                (1, Some(arg)) => self.convert(arg.operand, ty, span),
                _ => self.error(ErrorKind::Call, "CS0149", span, "Method name expected"),
            };
        }
        if let Type::Tuple(elements, _) = ty.get()
            && args.len() == elements.len()
            && args.iter().all(|arg| arg.name.is_none() && arg.passing == Passing::Value)
        {
            let fields = args.into_iter().zip(elements);
            let fields = fields.map(|(arg, element)| self.convert(arg.operand, *element, arg.span)).collect();
            return Expr { kind: ExprKind::Record(fields), ty, span };
        }
        let Some(def) = ty.def() else {
            return match ty.get() {
                Type::LocalParameter(parameter) if !parameter.has_new => {
                    let message = format!(
                        "Cannot create an instance of the variable type '{}' because it does not have the new() constraint",
                        parameter.name
                    );
                    self.error(ErrorKind::Type, "CS0304", span, message)
                }
                Type::LocalParameter(parameter) if !args.is_empty() => {
                    let message = format!(
                        "'{}': cannot provide arguments when creating an instance of a variable type",
                        parameter.name
                    );
                    self.error(ErrorKind::Call, "CS0417", span, message)
                }
                Type::LocalParameter(_) => Expr { kind: ExprKind::NewOf, ty, span },
                Type::Nullable(of) if args.len() == 1 => {
                    let arg = args.remove(0);
                    let value = self.convert(arg.operand, *of, arg.span);
                    Expr { kind: ExprKind::Retype(Box::new(value)), ty, span }
                }
                _ if args.is_empty() => self.default_value(ty, span),
                _ => {
                    let message = format!(
                        "'{}' does not contain a constructor that takes {} arguments",
                        ty.csharp_name(),
                        args.len()
                    );
                    self.error(ErrorKind::Call, "CS1729", span, message)
                }
            };
        };
        if def.is_abstract || def.kind == Kind::Interface {
            let message =
                format!("Cannot create an instance of the abstract class or interface '{}'", ty.csharp_name());
            return self.error(ErrorKind::Type, "CS0144", span, message);
        }
        if def.kind == Kind::Static {
            let message = format!("Cannot create an instance of the static class '{}'", ty.csharp_name());
            return self.error(ErrorKind::Type, "CS0712", span, message);
        }
        if def.is_value_type() && args.is_empty() {
            return self.default_value(ty, span);
        }
        let constructors: Vec<Found> = def
            .members()
            .iter()
            .filter(|m| m.row.form == Form::Constructor)
            .map(|member| Found { member, owner: ty })
            .collect();
        let by_reference: Vec<&Arg> = args.iter().collect();
        if !self.at_run_time
            && dynamic::any_dynamic(&args)
            && matches!(self.resolve(&constructors, &[], &by_reference), Ok(_) | Err(Failure::Ambiguous(..)))
        {
            return self.dynamic(Operation::New(ty), args, ty, span);
        }
        match self.resolve(&constructors, &[], &by_reference) {
            Ok(chosen) => {
                let made = self.finish_call(chosen, None, args, span, type_span);
                Expr { ty, ..made }
            }
            Err(_) if constructors.is_empty() => {
                let message = format!(
                    "'{}' does not contain a constructor that takes {} arguments",
                    ty.csharp_name(),
                    by_reference.len()
                );
                self.error(ErrorKind::Call, "CS1729", span, message)
            }
            Err(why) => self.report(why, ".ctor", &constructors, &by_reference, span),
        }
    }

    /// `new T { ... }`: the object in a temporary, then what is set on it.
    fn initialize(&mut self, made: Expr, initializer: &syntax::Initializer, span: Span) -> Expr {
        let ty = made.ty;
        let temp = self.temporary(ty);
        let mut before = vec![assign_local(temp, made, span)];
        self.initialize_into(temp, ty, initializer, &mut before);
        let value = Expr { kind: ExprKind::Local(temp), ty, span };
        Expr { kind: ExprKind::Sequence { before, value: Box::new(value) }, ty, span }
    }

    fn initialize_into(&mut self, temp: LocalId, ty: TypeId, initializer: &syntax::Initializer, out: &mut Vec<Expr>) {
        let span = initializer.span;
        let this = |at| Expr { kind: ExprKind::Local(temp), ty, span: at };
        match &initializer.kind {
            syntax::InitializerKind::Object(members) => {
                for member in members {
                    let target = match &member.target {
                        syntax::InitializerTarget::Member(name) => {
                            if !is_error(ty)
                                && self.members(ty, &name.text).is_empty()
                                && self.built_in_member(&this(name.span), &name.text).is_none()
                            {
                                let message =
                                    format!("'{}' does not contain a definition for '{}'", ty.csharp_name(), name.text);
                                let help = self.suggest_member(ty, &name.text);
                                self.error_help(ErrorKind::Name, "CS0117", name.span, message, help);
                                if let syntax::InitializerValue::Expr(value) = &member.value {
                                    let operand = self.operand(value);
                                    let _ = self.value_or_lambda_errors(operand);
                                }
                                continue;
                            }
                            let operand =
                                self.instance_member(this(name.span), &name.text, Vec::new(), name.span, name.span);
                            self.value(operand).unwrap_or_else(|| erroneous(name.span))
                        }
                        syntax::InitializerTarget::Index(arguments) => {
                            let args = self.arguments(arguments);
                            self.index(this(member.span), args, member.span)
                        }
                    };
                    match &member.value {
                        syntax::InitializerValue::Expr(value) => {
                            let operand = self.operand(value);
                            let stored = self.assign(target, operand, member.span);
                            out.push(stored);
                        }
                        syntax::InitializerValue::Nested(nested) => {
                            let inner = self.temporary(target.ty);
                            let inner_ty = target.ty;
                            out.push(assign_local(inner, target, member.span));
                            self.initialize_into(inner, inner_ty, nested, out);
                        }
                    }
                }
            }
            syntax::InitializerKind::Collection(elements) => {
                if !elements.is_empty() && !is_error(ty) && self.members(ty, "GetEnumerator").is_empty() {
                    let message = format!(
                        "Cannot initialize type '{}' with a collection initializer because it does not implement 'System.Collections.IEnumerable'",
                        ty.csharp_name()
                    );
                    self.error(ErrorKind::Type, "CS1922", span, message);
                    return;
                }
                for element in elements {
                    let adds = self.members(ty, "Add");
                    if adds.is_empty() {
                        let message = format!(
                            "Cannot initialize type '{}' with a collection initializer because it does not have an 'Add' method",
                            ty.csharp_name()
                        );
                        self.error(ErrorKind::Type, "CS1922", span, message);
                        return;
                    }
                    let kind = GroupKind::Members { candidates: adds, receiver: Some(Box::new(this(element.span))) };
                    let group = Group { name: "Add".into(), kind, type_arguments: Vec::new(), span: element.span };
                    let args = element
                        .arguments
                        .iter()
                        .map(|value| Arg {
                            name: None,
                            passing: Passing::Value,
                            operand: self.operand(value),
                            span: value.span,
                        })
                        .collect();
                    let before = self.errors.len();
                    let call = self.call_group(group, args, element.span);
                    for error in &mut self.errors[before..] {
                        if matches!(error.csharp, Some("CS1503" | "CS1660")) {
                            error.csharp = Some("CS1950");
                        }
                    }
                    out.push(call);
                }
            }
        }
    }
}
