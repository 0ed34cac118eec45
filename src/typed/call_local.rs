//! Calls of local functions: arguments in order, type arguments inferred and held against their constraints.

use super::ErrorKind;
use super::access::{Operand, unmanaged};
use super::dynamic::{self};
use super::ir::{Argument, Const, Expr, ExprKind, Span};
use super::named::behind;
use super::overload::Arg;
use super::scope::{Binder, LocalFunction, erroneous, is_error, is_wrong};
use crate::dotnet::inherit;
use crate::dotnet::member::{Form, Kind};
use crate::dotnet::types::{self, Type, TypeId};
use portcullis_grammar::syntax::{ByRef, Passing};

impl Binder<'_> {
    pub(super) fn call_local(&mut self, at: usize, explicit: Vec<TypeId>, args: Vec<Arg>, span: Span) -> Expr {
        let mut function = self.local_functions[at].clone();
        let type_arguments = match self.type_arguments(&function, explicit, &args, span) {
            Ok(type_arguments) => type_arguments,
            Err(error) => return error,
        };
        let own = std::mem::take(&mut function.type_parameters);
        let filled = |ty: TypeId| super::generic::replace(ty, &own, &type_arguments);
        function.returns = filled(function.returns);
        for parameter in &mut function.parameters {
            parameter.ty = filled(parameter.ty);
            if let Some(Const::Zero(of)) = &mut parameter.default {
                *of = filled(*of);
            }
        }
        let current = self.current;
        self.calls.push((current, function.id));
        let mut slots: Vec<Option<Argument>> = function.parameters.iter().map(|_| None).collect();
        let wrong = args.iter().any(|arg| matches!(&arg.operand, Operand::Value(value) if is_wrong(value)));
        let count = args.len();
        let mut rest = Vec::new();
        let mut named: Vec<usize> = Vec::new();
        let mut written: Vec<usize> = Vec::new();
        let last_plain = args.iter().rposition(|arg| arg.name.is_none());
        for (position, arg) in args.iter().enumerate() {
            let slot = arg.name.as_ref().map(|name| function.parameters.iter().position(|p| p.name == *name));
            if let (Some(Some(slot)), true) = (slot, last_plain.is_some_and(|last| position < last))
                && slot != position
            {
                let name = arg.name.as_deref().unwrap_or_default();
                let message =
                    format!("Named argument '{name}' is used out-of-position but is followed by an unnamed argument");
                return self.error(ErrorKind::Call, "CS8323", arg.span, message);
            }
        }
        for (position, arg) in args.into_iter().enumerate() {
            let slot = match &arg.name {
                Some(name) => function.parameters.iter().position(|p| p.name == *name),
                None => Some(position),
            };
            let last_is_params = function.parameters.last().is_some_and(|p| p.is_params);
            let slot = match slot {
                Some(slot) if last_is_params && slot + 1 >= function.parameters.len() => {
                    written.push(function.parameters.len() - 1);
                    rest.push(arg);
                    continue;
                }
                Some(slot) if slot < slots.len() => slot,
                None => {
                    let wrong = arg.name.as_deref().unwrap_or_default();
                    let message =
                        format!("The best overload for '{}' does not have a parameter named '{wrong}'", function.name);
                    return self.error(ErrorKind::Call, "CS1739", arg.span, message);
                }
                _ if wrong => return erroneous(span),
                _ => {
                    let message = format!("No overload for method '{}' takes {count} arguments", function.name);
                    return self.error(ErrorKind::Call, "CS1501", span, message);
                }
            };
            let parameter = &function.parameters[slot];
            let word = |passing| match passing {
                Passing::Out => "out",
                Passing::In => "in",
                _ => "ref",
            };
            if let (Some(name), true) = (&arg.name, slots[slot].is_some()) {
                let by_name = named.contains(&slot);
                let (code, message) = if by_name {
                    ("CS1740", format!("Named argument '{name}' cannot be specified multiple times"))
                } else {
                    (
                        "CS1744",
                        format!(
                            "Named argument '{name}' specifies a parameter for which a positional argument has already been given"
                        ),
                    )
                };
                return self.error(ErrorKind::Call, code, arg.span, message);
            }
            if arg.name.is_some() {
                named.push(slot);
            }
            if arg.passing != parameter.passing && parameter.passing == Passing::Value {
                let message =
                    format!("Argument {} may not be passed with the '{}' keyword", position + 1, word(arg.passing));
                return self.error(ErrorKind::Call, "CS1615", arg.span, message);
            }
            if let (Passing::In, Passing::In, Operand::Value(value)) = (arg.passing, parameter.passing, &arg.operand)
                && !inherit::same(value.ty, parameter.ty)
                && !is_error(value.ty)
            {
                let message = format!(
                    "Argument {}: cannot convert from 'in {}' to 'in {}'",
                    position + 1,
                    value.ty.csharp_name(),
                    parameter.ty.csharp_name()
                );
                return self.error(ErrorKind::Call, "CS1503", arg.span, message);
            }
            let by_value = |passing| matches!(passing, Passing::Value | Passing::In);
            if arg.passing != parameter.passing && !(by_value(arg.passing) && by_value(parameter.passing)) {
                let message =
                    format!("Argument {} must be passed with the '{}' keyword", position + 1, word(parameter.passing));
                return self.error(ErrorKind::Call, "CS1620", arg.span, message);
            }
            let (from, before) = (arg.operand.static_type(), self.errors.len());
            written.push(slot);
            slots[slot] = Some(self.finish_argument(arg, parameter.ty, parameter.passing, true));
            self.speak_of_argument(before, position, from, parameter.ty);
        }
        if let Some(last) = function.parameters.last().filter(|p| p.is_params) {
            if rest.len() == 1 && dynamic::any_dynamic(&rest) {
                let message = format!(
                    "Cannot pass argument with dynamic type to params parameter '{}' of local function '{}'.",
                    last.name, function.name
                );
                return self.error(ErrorKind::Call, "CS8108", span, message);
            }
            let element = last.ty.arguments().first().copied().unwrap_or_else(types::object);
            let whole = rest.len() == 1 && self.converts(&rest[0].operand, last.ty);
            let value = if whole {
                let arg = rest.remove(0);
                self.convert(arg.operand, last.ty, arg.span)
            } else {
                let first = count - rest.len();
                let mut items = Vec::new();
                for (at, arg) in rest.into_iter().enumerate() {
                    let (from, before) = (arg.operand.static_type(), self.errors.len());
                    items.push(self.convert(arg.operand, element, arg.span));
                    self.speak_of_argument(before, first + at, from, element);
                }
                Expr { kind: ExprKind::Array(items), ty: last.ty, span }
            };
            if let Some(slot) = slots.last_mut() {
                *slot = Some(Argument::Value(value));
            }
        }
        let mut arguments = Vec::new();
        for (slot, parameter) in slots.into_iter().zip(&function.parameters) {
            match (slot, &parameter.default) {
                (Some(argument), _) => arguments.push(argument),
                (None, Some(default)) => {
                    let value = Expr { kind: ExprKind::Const(default.clone()), ty: parameter.ty, span };
                    arguments.push(match parameter.passing {
                        Passing::In => self.readable_argument(value, parameter.ty),
                        _ => Argument::Value(value),
                    });
                }
                (None, None) if wrong => return erroneous(span),
                (None, None) => {
                    let message = format!(
                        "There is no argument given that corresponds to the required formal parameter '{}' of '{}'",
                        parameter.name, function.name
                    );
                    return self.error(ErrorKind::Call, "CS7036", span, message);
                }
            }
        }
        let before = self.in_written_order(&mut arguments, &written, span);
        let kind = ExprKind::CallLocal { function: function.id, type_arguments, arguments };
        let ty = function.returns;
        let call = behind(before, Expr { kind, ty, span });
        if function.returns_ref != ByRef::No { Expr { kind: ExprKind::Deref(Box::new(call)), ty, span } } else { call }
    }

    /// What stands for the type parameters of a local function: written out, or found from the arguments.
    fn type_arguments(
        &mut self,
        function: &LocalFunction,
        explicit: Vec<TypeId>,
        args: &[Arg],
        span: Span,
    ) -> Result<Vec<TypeId>, Expr> {
        let count = function.type_parameters.len();
        if explicit.len() != count && !explicit.is_empty() {
            let (code, message) = if count == 0 {
                ("CS0308", format!("The non-generic method '{}' cannot be used with type arguments", function.name))
            } else {
                ("CS0305", format!("Using the generic method '{}' requires {count} type arguments", function.name))
            };
            return Err(self.error(ErrorKind::Call, code, span, message));
        }
        if count == 0 {
            return Ok(Vec::new());
        }
        if explicit.is_empty() && dynamic::any_dynamic(args) {
            let message = format!(
                "Cannot pass argument with dynamic type to generic local function '{}' with inferred type arguments.",
                function.name
            );
            return Err(self.error(ErrorKind::Call, "CS8322", span, message));
        }
        let found = if explicit.is_empty() {
            let open: Vec<TypeId> = (0..count).map(|at| TypeId::of(Type::MethodParameter(at as u8))).collect();
            let last = function.parameters.len().saturating_sub(1);
            let mut pairs = Vec::new();
            for (position, arg) in args.iter().enumerate() {
                let named = arg.name.as_ref().map(|name| function.parameters.iter().position(|p| p.name == *name));
                let slot = named.unwrap_or(Some(position.min(last)));
                let Some(parameter) = slot.and_then(|slot| function.parameters.get(slot)) else { continue };
                let mut ty = super::generic::replace(parameter.ty, &function.type_parameters, &open);
                let whole = matches!(&arg.operand, Operand::Value(value) if matches!(value.ty.get(), Type::Array(..) | Type::Null))
                    && args.len() == function.parameters.len();
                if parameter.is_params && !whole {
                    ty = ty.arguments().first().copied().unwrap_or(ty);
                }
                pairs.push((ty, &arg.operand));
            }
            match self.infer(count, &pairs) {
                Some(found) => found,
                None => {
                    if args.iter().any(|arg| matches!(&arg.operand, Operand::Value(v) if is_error(v.ty))) {
                        return Err(erroneous(span));
                    }
                    let message = format!(
                        "The type arguments for method '{}' cannot be inferred from the usage. Try specifying the type arguments explicitly.",
                        function.name
                    );
                    return Err(self.error(ErrorKind::Call, "CS0411", span, message));
                }
            }
        } else {
            explicit
        };
        self.check_constraints(function, &found, span)?;
        Ok(found)
    }

    fn check_constraints(&mut self, function: &LocalFunction, found: &[TypeId], span: Span) -> Result<(), Expr> {
        for (parameter, ty) in function.type_parameters.iter().zip(found) {
            let Type::LocalParameter(own) = parameter.get() else { continue };
            if is_error(*ty) {
                continue;
            }
            let reference = |ty: TypeId| match ty.get() {
                Type::LocalParameter(own) => own.is_class,
                _ => !inherit::is_value_type(ty),
            };
            let shown = ty.csharp_name();
            let in_words = |what: &str| {
                format!(
                    "The type '{shown}' must be {what} in order to use it as parameter '{}' in the generic type or method '{}'",
                    own.name, function.name
                )
            };
            let made = |ty: TypeId| match ty.get() {
                Type::LocalParameter(own) => own.has_new,
                _ if inherit::is_value_type(ty) => true,
                _ => ty.def().is_some_and(|def| {
                    !def.is_abstract
                        && def.members().iter().any(|m| m.row.form == Form::Constructor && m.parameters.is_empty())
                }),
            };
            let problem = if own.is_class && !reference(*ty) {
                Some(("CS0452", in_words("a reference type")))
            } else if own.is_unmanaged && !unmanaged(*ty) {
                Some(("CS8377", in_words("a non-nullable value type, along with all fields at any level of nesting,")))
            } else if own.is_struct && (!inherit::is_value_type(*ty) || matches!(ty.get(), Type::Nullable(_))) {
                Some(("CS0453", in_words("a non-nullable value type")))
            } else if own.has_new && !made(*ty) {
                Some(("CS0310", in_words("a non-abstract type with a public parameterless constructor")))
            } else {
                let bounds = self.bounds.get(parameter).cloned().unwrap_or_default();
                let missed = bounds
                    .into_iter()
                    .map(|b| super::generic::replace(b, &function.type_parameters, found))
                    .find(|bound| {
                        !is_error(*bound)
                            && (!inherit::is_subtype(*ty, *bound) || matches!(ty.get(), Type::Nullable(_)))
                            && !self
                                .bounds
                                .get(ty)
                                .is_some_and(|all| all.iter().any(|own| inherit::is_subtype(*own, *bound)))
                    });
                missed.map(|bound| {
                    let (code, how) = match ty.get() {
                        Type::Nullable(_) if bound.def().is_some_and(|def| def.kind == Kind::Interface) => {
                            ("CS0313", "nullable type")
                        }
                        Type::Nullable(_) => ("CS0312", "nullable type"),
                        Type::LocalParameter(_) => ("CS0314", "boxing conversion or type parameter conversion"),
                        _ if inherit::is_value_type(*ty) => ("CS0315", "boxing conversion"),
                        _ => ("CS0311", "implicit reference conversion"),
                    };
                    let message = format!(
                        "The type '{shown}' cannot be used as type parameter '{}' in the generic type or method '{}'. There is no {how} from '{shown}' to '{}'.",
                        own.name,
                        function.name,
                        bound.csharp_name()
                    );
                    (code, message)
                })
            };
            if let Some((code, message)) = problem {
                return Err(self.error(ErrorKind::Type, code, span, message));
            }
        }
        Ok(())
    }
}
