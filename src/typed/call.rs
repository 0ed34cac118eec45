//! Calls: arguments bound, the overload chosen, what is left out filled in. In: what is called, and the syntax of its
//! arguments. Out: a typed call.

use super::ErrorKind;
use super::access::{Group, GroupKind, Operand};
use super::convert::numeric;
use super::dynamic::{self, Operation, is_dynamic};
use super::ir::{Argument, Const, Expr, ExprKind, Place, Span};
use super::lookup::{Found, delegate_signature};
use super::named::behind;
use super::overload::{Arg, Chosen, Failure};
use super::pairs;
use super::readonly::Written;
use super::scope::{Binder, Readonly, Symbol, erroneous, is_error, is_wrong};
use crate::dotnet::inherit;
use crate::dotnet::member::{Code, Default, Form, Mode};
use crate::dotnet::types::{self, Type, TypeId};
use portcullis_grammar::syntax::{self, Passing};

impl Binder<'_> {
    pub fn arguments(&mut self, arguments: &[syntax::Argument]) -> Vec<Arg> {
        let named = arguments.iter().position(|a| a.name.is_some());
        let behind = named.and_then(|at| arguments[at..].iter().find(|a| a.name.is_none()));
        if let (Some(positional), false) = (behind, self.options.csharp_7_3) {
            let message = "Named argument specifications must appear after all fixed arguments have been specified. Please use language version 7.2 or greater to allow non-trailing named arguments.";
            self.error(ErrorKind::Call, "CS1738", positional.span, message);
        }
        arguments.iter().map(|a| self.argument(a)).collect()
    }

    fn argument(&mut self, argument: &syntax::Argument) -> Arg {
        let operand = match argument.passing {
            Passing::Value => match self.operand(&argument.value) {
                named @ (Operand::Type(..) | Operand::Namespace(..)) => {
                    Operand::Value(self.value(named).unwrap_or_else(|| erroneous(argument.value.span)))
                }
                other => other,
            },
            Passing::In => self.operand_in(&argument.value),
            Passing::Out | Passing::Ref => self.reference(&argument.value, argument.passing == Passing::Out),
        };
        Arg {
            name: argument.name.as_ref().map(|n| n.text.clone()),
            passing: argument.passing,
            operand,
            span: argument.value.span,
        }
    }

    fn reference(&mut self, value: &syntax::Expr, is_out: bool) -> Operand {
        let span = value.span;
        if let syntax::ExprKind::Declaration { of, designation } = &value.kind {
            let ty = (!matches!(of.kind, syntax::TypeKind::Var)).then(|| self.resolve_type(of));
            return match designation {
                syntax::Designation::Name(name) => {
                    Operand::Out { place: None, ty, declared: Some((name.text.clone(), name.span)), span }
                }
                syntax::Designation::Discard(_) => {
                    Operand::Out { place: Some(Place::Discard), ty, declared: None, span }
                }
                syntax::Designation::Tuple(..) => {
                    self.error(ErrorKind::Type, "CS8199", span, "A deconstruction cannot be passed by reference");
                    Operand::Value(erroneous(span))
                }
            };
        }
        if let syntax::ExprKind::Name(name) = &value.kind
            && is_out
            && &*name.name.text == "_"
            && self.find("_").is_none()
        {
            return Operand::Out { place: Some(Place::Discard), ty: None, declared: None, span };
        }
        if let syntax::ExprKind::Name(name) = &value.kind {
            let text = &name.name.text;
            let what = match self.find(text) {
                Some(Symbol::Variable(variable)) => {
                    Some(variable.readonly.in_words()).filter(|_| variable.readonly != Readonly::No)
                }
                Some(Symbol::Range(..)) => Some(""),
                _ => None,
            };
            if let Some(what) = what {
                let (code, message) = if what.is_empty() {
                    ("CS1939", format!("Cannot pass the range variable '{text}' as an out or ref parameter"))
                } else {
                    ("CS1657", format!("Cannot use '{text}' as a ref or out value because it is a '{what}'"))
                };
                self.error(ErrorKind::Type, code, span, message);
                return Operand::Value(erroneous(span));
            }
        }
        let target = self.value_of(value);
        let ty = target.ty;
        let property = matches!(&target.kind, ExprKind::Call { member, .. } if matches!(member.row.form, Form::Property | Form::Indexer))
            || matches!(target.kind, ExprKind::ArrayLength(_));
        if property {
            let message = "A property or indexer may not be passed as an out or ref parameter";
            self.error(ErrorKind::Type, "CS0206", span, message);
            return Operand::Value(erroneous(span));
        }
        if self.refuse_written(&target, Written::Referred) {
            return Operand::Value(erroneous(span));
        }
        match self.place_of(target, span) {
            Some(place) => Operand::Out { place: Some(place), ty: Some(ty), declared: None, span },
            None => {
                if !is_error(ty) {
                    self.error(ErrorKind::Type, "CS1510", span, "A ref or out value must be an assignable variable");
                }
                Operand::Value(erroneous(span))
            }
        }
    }

    pub fn invocation(&mut self, target: &syntax::Expr, arguments: &[syntax::Argument], span: Span) -> Operand {
        let callee = match &target.kind {
            syntax::ExprKind::Member { target: receiver, name } => {
                let receiver = self.operand(receiver);
                self.member_or_method(receiver, name, target.span, true)
            }
            _ => self.operand(target),
        };
        let args = self.arguments(arguments);
        let is_member = matches!(target.kind, syntax::ExprKind::Member { .. });
        Operand::Value(self.call(callee, args, is_member, span))
    }

    pub fn call(&mut self, callee: Operand, args: Vec<Arg>, is_member: bool, span: Span) -> Expr {
        match callee {
            Operand::Group(group) => self.call_group(*group, args, span),
            Operand::Value(value) if is_error(value.ty) => erroneous(span),
            Operand::Value(value) => self.call_delegate(value, args, is_member, span),
            Operand::Type(ty, at) => {
                let message = format!("Non-invocable member '{}' cannot be used like a method.", ty.csharp_name());
                self.error(ErrorKind::Type, "CS1955", at, message)
            }
            other => {
                let at = other.span();
                self.error(ErrorKind::Type, "CS0149", at, "Method name expected")
            }
        }
    }

    fn call_delegate(&mut self, delegate: Expr, args: Vec<Arg>, is_member: bool, span: Span) -> Expr {
        if is_dynamic(delegate.ty)
            || delegate_signature(delegate.ty).is_some() && !self.at_run_time && dynamic::any_dynamic(&args)
        {
            let args = std::iter::once(dynamic::plain(delegate)).chain(args).collect();
            return self.dynamic(Operation::Invoke, args, types::dynamic(), span);
        }
        let Some(signature) = delegate_signature(delegate.ty) else {
            let message = match &delegate.kind {
                ExprKind::Call { member, .. } => {
                    format!("Non-invocable member '{}' cannot be used like a method.", member.name)
                }
                ExprKind::Const(_) | ExprKind::ArrayLength(_) | ExprKind::NullableValue(_) if is_member => {
                    "Non-invocable member cannot be used like a method.".to_owned()
                }
                _ => "Method name expected".to_owned(),
            };
            let code = if message.starts_with("Non-invocable") { "CS1955" } else { "CS0149" };
            return self.error(ErrorKind::Type, code, span, message);
        };
        let wrong = args.iter().any(|arg| matches!(&arg.operand, Operand::Value(value) if is_wrong(value)));
        let count = signature.parameters.len();
        let names = delegate.ty.def().and_then(|def| def.members().iter().find(|member| member.name == "Invoke"));
        let names: Vec<&str> = names.map(|m| m.parameters.iter().map(|p| p.name).collect()).unwrap_or_default();
        let mut slots: Vec<Option<Arg>> = (0..count).map(|_| None).collect();
        let given = args.len();
        let mut written = Vec::with_capacity(given);
        for (at, arg) in args.into_iter().enumerate() {
            let slot = match &arg.name {
                None => Some(at),
                Some(name) => names.iter().position(|own| **own == **name),
            };
            match slot {
                Some(slot) if slot < count && slots[slot].is_none() => {
                    slots[slot] = Some(arg);
                    written.push(slot + 1);
                }
                None => {
                    let name = arg.name.as_deref().unwrap_or_default();
                    let message = format!(
                        "The delegate '{}' does not have a parameter named '{name}'",
                        delegate.ty.csharp_name()
                    );
                    return self.error(ErrorKind::Call, "CS1746", arg.span, message);
                }
                Some(_) if wrong => return erroneous(span),
                Some(_) => {
                    let message = format!("Delegate '{}' does not take {given} arguments", delegate.ty.csharp_name());
                    return self.error(ErrorKind::Call, "CS1593", span, message);
                }
            }
        }
        if wrong && slots.iter().any(Option::is_none) {
            return erroneous(span);
        }
        if let Some(missing) = slots.iter().position(Option::is_none) {
            let message = format!(
                "There is no argument given that corresponds to the required formal parameter '{}' of '{}'",
                names.get(missing).copied().unwrap_or("arg"),
                delegate.ty.csharp_name()
            );
            return self.error(ErrorKind::Call, "CS7036", span, message);
        }
        let args: Vec<Arg> = slots.into_iter().flatten().collect();
        if let Some((at, arg)) = args.iter().enumerate().find(|(_, arg)| arg.passing != Passing::Value) {
            let word = if arg.passing == Passing::Out { "out" } else { "ref" };
            let message = format!("Argument {} may not be passed with the '{word}' keyword", at + 1);
            return self.error(ErrorKind::Call, "CS1615", arg.span, message);
        }
        let mut arguments = Vec::with_capacity(args.len());
        for (at, (arg, ty)) in args.into_iter().zip(&signature.parameters).enumerate() {
            let (from, before) = (arg.operand.static_type(), self.errors.len());
            arguments.push(self.convert(arg.operand, *ty, arg.span));
            self.speak_of_argument(before, at, from, *ty);
        }
        let mut all: Vec<Argument> = std::iter::once(delegate).chain(arguments).map(Argument::Value).collect();
        let before = self.in_written_order(&mut all, &written, span);
        let mut values = all.into_iter().filter_map(|argument| match argument {
            Argument::Value(value) => Some(value),
            Argument::Reference { .. } => None,
        });
        let delegate = Box::new(values.next().unwrap_or_else(|| erroneous(span)));
        let kind = ExprKind::Invoke { delegate, arguments: values.collect() };
        behind(before, Expr { kind, ty: signature.returns, span })
    }

    /// A failed conversion of an argument is told as such.
    pub(super) fn speak_of_argument(&mut self, before: usize, at: usize, from: Option<TypeId>, to: TypeId) {
        if let (None, [error]) = (from, &mut self.errors[before..])
            && error.csharp == Some("CS0428")
        {
            error.csharp = Some("CS1503");
            error.kind = ErrorKind::Call;
            error.message =
                format!("Argument {}: cannot convert from 'method group' to '{}'", at + 1, to.csharp_name());
            return;
        }
        if let (Some(from), [error]) = (from, &mut self.errors[before..])
            && matches!(error.csharp, Some("CS0029" | "CS0266" | "CS0037"))
        {
            error.csharp = Some("CS1503");
            error.kind = ErrorKind::Call;
            error.message =
                format!("Argument {}: cannot convert from '{}' to '{}'", at + 1, from.csharp_name(), to.csharp_name());
        }
    }

    pub(super) fn call_group(&mut self, group: Group, mut args: Vec<Arg>, span: Span) -> Expr {
        let (candidates, mut receiver) = match group.kind {
            GroupKind::Local(at) => return self.call_local(at, group.type_arguments, args, span),
            GroupKind::Members { candidates, receiver } => (candidates, receiver),
            GroupKind::Dynamic(receiver) => {
                let operation = Operation::Call { name: group.name, type_arguments: group.type_arguments };
                let args = std::iter::once(dynamic::plain(*receiver)).chain(args).collect();
                return self.dynamic(operation, args, types::dynamic(), span);
            }
        };
        let arity = group.type_arguments.len();
        let of_arity = |found: &Found| found.member.type_parameters.len() == arity;
        if arity > 0
            && !candidates.is_empty()
            && !candidates.iter().any(of_arity)
            && !self.extensions(&group.name).iter().any(of_arity)
        {
            let generic = candidates.iter().find(|found| !found.member.type_parameters.is_empty());
            let (code, message) = match generic {
                Some(found) => (
                    "CS0305",
                    format!(
                        "Using the generic method '{}' requires {} type arguments",
                        group.name,
                        found.member.type_parameters.len()
                    ),
                ),
                None => {
                    ("CS0308", format!("The non-generic method '{}' cannot be used with type arguments", group.name))
                }
            };
            return self.error(ErrorKind::Call, code, group.span, message);
        }
        let (name, types) = (&group.name, &group.type_arguments);
        if let Some(call) = self.dynamic_call(name, types, &candidates, &mut receiver, &mut args, span) {
            return call;
        }
        let by_reference: Vec<&Arg> = args.iter().collect();
        let mut failure = None;
        if !candidates.is_empty() {
            match self.resolve(&candidates, &group.type_arguments, &by_reference) {
                Ok(chosen) => return self.finish_call(chosen, receiver.map(|r| *r), args, span, group.span),
                Err(why) => failure = Some(why),
            }
        }
        let Some(receiver) = receiver else {
            return match failure {
                Some(why) => self.report(why, &group.name, &candidates, &by_reference, span),
                None => erroneous(span),
            };
        };
        if let Type::Nullable(of) = receiver.ty.get()
            && &*group.name == "GetValueOrDefault"
        {
            return self.nullable_or_default(*receiver, *of, args, span);
        }
        let mut with_receiver =
            vec![Arg { name: None, passing: Passing::Value, span: receiver.span, operand: Operand::Value(*receiver) }];
        with_receiver.extend(args);
        let extensions = self.extensions(&group.name);
        if !self.at_run_time
            && dynamic::any_dynamic(&with_receiver[1..])
            && let Some(told) = self.dynamic_extension(&group.name, &group.type_arguments, &with_receiver, group.span)
        {
            return told;
        }
        let failed_lambda = self.failed_lambda.take();
        let Operand::Value(this) = &with_receiver[0].operand else { return erroneous(span) };
        let this_ty = this.ty;
        let by_reference: Vec<&Arg> = with_receiver.iter().collect();
        let extension_failure = match self.resolve(extensions, &group.type_arguments, &by_reference) {
            Ok(chosen) => return self.finish_call(chosen, None, with_receiver, span, group.span),
            Err(why) => why,
        };
        let (failure, candidates, skip) = match failure {
            Some(why) => {
                self.failed_lambda = failed_lambda;
                (why, candidates, 1)
            }
            None => {
                // Of the extension methods, those whose receiver fits say more.
                let close: Vec<Found> = extensions.iter().filter(|f| receiver_fits(this_ty, f)).copied().collect();
                let arity = group.type_arguments.len();
                let fits = |f: &&Found| arity == 0 || f.member.type_parameters.len() == arity;
                let plain = extensions.iter().any(|f| f.member.type_parameters.is_empty() && arity == 0);
                let receiver_alone = close.is_empty() && plain
                    || extensions.iter().any(|f| self.twin_takes_the_rest(f, &group.type_arguments, &by_reference));
                if receiver_alone && !matches!(this_ty.get(), Type::Null) {
                    let name = &group.name;
                    let message = format!(
                        "'{}' does not contain a definition for '{name}' and the best extension method overload requires a receiver of another type",
                        this_ty.csharp_name()
                    );
                    return self.error(ErrorKind::Name, "CS1929", group.span, message);
                }
                if !close.iter().any(|f| fits(&f)) {
                    let name = &group.name;
                    let message = format!(
                        "'{}' does not contain a definition for '{name}' and no accessible extension method '{name}' accepting a first argument of type '{}' could be found",
                        this_ty.csharp_name(),
                        this_ty.csharp_name()
                    );
                    let help = self.suggest_member(this_ty, name);
                    return self.error_help(ErrorKind::Name, "CS1061", group.span, message, help);
                }
                let why = self.resolve(&close, &group.type_arguments, &by_reference).err().unwrap_or(extension_failure);
                let why = match why {
                    // Others of the name, for other receivers, lack it as well.
                    Failure::Missing(_) if extensions.len() > 1 || is_linq(&close) => Failure::SeveralMissing,
                    other => other,
                };
                (why, close, 0)
            }
        };
        self.report(failure, &group.name, &candidates, &by_reference[skip..], span)
    }

    fn nullable_or_default(&mut self, value: Expr, of: TypeId, mut args: Vec<Arg>, span: Span) -> Expr {
        if args.len() > 1 {
            let message = format!("No overload for method 'GetValueOrDefault' takes {} arguments", args.len());
            return self.error(ErrorKind::Call, "CS1501", span, message);
        }
        let otherwise = match args.pop() {
            Some(arg) => {
                let (from, before) = (arg.operand.static_type(), self.errors.len());
                let value = self.convert(arg.operand, of, arg.span);
                self.speak_of_argument(before, 0, from, of);
                value
            }
            None => self.default_value(of, span),
        };
        let left = Expr { kind: ExprKind::Retype(Box::new(value)), ty: of, span };
        Expr { kind: ExprKind::Coalesce { left: Box::new(left), right: Box::new(otherwise) }, ty: of, span }
    }

    /// Converts the arguments of a resolved call and puts them into parameter order.
    pub fn finish_call(
        &mut self,
        chosen: Chosen,
        receiver: Option<Expr>,
        args: Vec<Arg>,
        span: Span,
        name_span: Span,
    ) -> Expr {
        let member = chosen.found.member;
        self.note_use(&chosen.found, name_span);
        self.check_member_constraints(&chosen.found, &chosen.method, name_span);
        if !member.row.is_static && receiver.is_none() {
            let message = format!(
                "An object reference is required for the non-static field, method, or property '{}.{}'",
                chosen.found.owner.csharp_name(),
                member.name
            );
            return self.error(ErrorKind::Name, "CS0120", name_span, message);
        }
        if member.row.is_static && receiver.is_some() {
            self.trouble.call = Some((Failure::Count, vec![chosen.found]));
            let message = format!(
                "Member '{}.{}' cannot be accessed with an instance reference; qualify it with a type name instead",
                chosen.found.owner.csharp_name(),
                member.name
            );
            return self.error(ErrorKind::Name, "CS0176", name_span, message);
        }
        // A nullable without a value is no null reference: its members see it.
        let is_instance = receiver.as_ref().is_some_and(|r| !matches!(r.ty.get(), Type::Nullable(_)));
        let mut arguments: Vec<Argument> = receiver.into_iter().map(Argument::Value).collect();
        let written: Vec<usize> = chosen.parameter_of.iter().map(|at| at + arguments.len()).collect();
        arguments.extend(self.parameters_in_order(&chosen, args, span));
        let before = self.in_written_order(&mut arguments, &written, span);
        let mut type_arguments = chosen.found.owner.arguments().to_vec();
        type_arguments.extend(&chosen.method);
        let ty = chosen.ty(member.returns);
        if is_error(ty) {
            self.unbuilt.push(super::Unbuilt {
                span: name_span,
                member: member.name.to_owned(),
                reason: Some("its type is not built yet"),
            });
        }
        let kind = ExprKind::Call { member, type_arguments, arguments, is_instance };
        behind(before, Expr { kind, ty, span })
    }

    fn parameters_in_order(&mut self, chosen: &Chosen, args: Vec<Arg>, span: Span) -> Vec<Argument> {
        let parameters = &chosen.found.member.parameters;
        let mut slots: Vec<Option<Argument>> = parameters.iter().map(|_| None).collect();
        let mut rest = Vec::new();
        for (arg, &position) in args.into_iter().zip(&chosen.parameter_of) {
            let parameter = &parameters[position];
            let ty = chosen.ty(parameter.ty);
            if chosen.expanded && position + 1 == parameters.len() {
                let element = ty.arguments().first().copied().unwrap_or_else(types::object);
                let item = self.convert(arg.operand, element, arg.span);
                rest.push(item);
                continue;
            }
            let passing = match parameter.mode {
                Mode::Value => Passing::Value,
                Mode::Out => Passing::Out,
                Mode::Ref => Passing::Ref,
            };
            // What stands for any type is handed on as it is; a class other than `JObject` is what it says.
            let enumerates = matches!(parameter.ty.get(), Type::Named(..)) && pairs::is_seen_as_pairs(ty);
            let may_be_object = matches!(&arg.operand, Operand::Value(value) if value.ty == TypeId::named("Newtonsoft.Json.Linq.JObject") || pairs::is_seen_as_pairs(value.ty));
            slots[position] = Some(match self.finish_argument(arg, ty, passing, false) {
                Argument::Value(value) if enumerates && may_be_object => Argument::Value(pairs::as_pairs(value)),
                argument => argument,
            });
        }
        let last = parameters.len().saturating_sub(1);
        let mut arguments = Vec::new();
        for (position, slot) in slots.into_iter().enumerate() {
            let parameter = &parameters[position];
            let ty = chosen.ty(parameter.ty);
            arguments.push(match slot {
                Some(argument) => argument,
                None if chosen.expanded && position == last => {
                    let items = std::mem::take(&mut rest);
                    Argument::Value(Expr { kind: ExprKind::Array(items), ty, span })
                }
                None => Argument::Value(self.default_argument(parameter.default.as_ref(), ty, span)),
            });
        }
        arguments
    }

    fn default_argument(&mut self, default: Option<&Default>, ty: TypeId, span: Span) -> Expr {
        let constant = |kind| Expr { kind: ExprKind::Const(kind), ty, span };
        match default {
            None | Some(Default::Null) => constant(Const::Null),
            Some(Default::Bool(value)) => constant(Const::Bool(*value)),
            Some(Default::Int(value)) => {
                match numeric(ty).and_then(|n| super::constant::convert(&Const::Int64(*value), n, false)) {
                    Some(value) => constant(value),
                    None => constant(Const::Enum(ty, *value)),
                }
            }
            Some(Default::Text(text)) => constant(Const::String(text.encode_utf16().collect())),
            Some(Default::Zero) => self.default_value(ty, span),
            Some(Default::EnumMember(name)) => {
                let member = ty.def().and_then(|def| def.members().iter().find(|m| m.name == *name));
                match member.map(|m| m.row.code) {
                    Some(Code::EnumValue(value)) => constant(Const::Enum(ty, value)),
                    _ => self.default_value(ty, span),
                }
            }
        }
    }

    pub(super) fn finish_argument(&mut self, arg: Arg, ty: TypeId, passing: Passing, in_cell: bool) -> Argument {
        if passing == Passing::In && in_cell {
            let value = match arg.operand {
                Operand::Value(value) if inherit::same(value.ty, ty) => value,
                other => self.convert(other, ty, arg.span),
            };
            return self.readable_argument(value, ty);
        }
        if matches!(passing, Passing::Value | Passing::In) {
            return Argument::Value(self.convert(arg.operand, ty, arg.span));
        }
        let is_out = passing == Passing::Out;
        let Operand::Out { place, ty: own, declared, span } = arg.operand else {
            self.convert(arg.operand, ty, arg.span);
            return Argument::Reference { place: Place::Discard, is_out };
        };
        let place = match (place, declared) {
            (Some(place), _) => place,
            (None, Some((name, at))) => Place::Local(self.declare_in_expression(&name, at, own.unwrap_or(ty))),
            (None, None) => Place::Discard,
        };
        if let Some(own) = own
            && !inherit::same(own, ty)
            && !is_error(own)
        {
            let message = format!("Argument: cannot convert from '{}' to '{}'", own.csharp_name(), ty.csharp_name());
            self.error(ErrorKind::Call, "CS1503", span, message);
        }
        if in_cell {
            self.keep_in_cell(&place);
        }
        Argument::Reference { place, is_out }
    }
}

/// Whether extension methods are those of sequences, which exist for parallel queries too.
pub(super) fn is_linq(found: &[Found]) -> bool {
    found.iter().any(|f| crate::dotnet::def(f.member.def).name == "System.Linq.Enumerable")
}

/// Whether a value could be the receiver of an extension method.
pub(super) fn receiver_fits(ty: TypeId, found: &Found) -> bool {
    let Some(first) = found.member.parameters.first() else { return false };
    match (ty.get(), first.ty.get()) {
        // What is to be found from the receiver must be found there.
        (_, Type::Named(def, arguments))
            if arguments.iter().any(|own| matches!(own.get(), Type::MethodParameter(_))) =>
        {
            super::lookup::only_construction(ty, *def).is_some()
        }
        (_, Type::Named(def, arguments)) if !arguments.is_empty() => {
            super::lookup::find_construction(ty, *def).is_some()
        }
        (_, Type::MethodParameter(_)) => true,
        _ => super::convert::implicitly(ty, first.ty),
    }
}
