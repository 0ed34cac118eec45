//! What an expression may be before its type is decided, and everything written with a dot, parentheses or brackets.

use super::convert::{assign_local, numeric};
use super::dynamic::{self, Operation, is_dynamic};
use super::ir::{Argument, Const, Expr, ExprKind, LocalId, Place, Span};
use super::lambda::LambdaOperand;
use super::lookup::{Found, NameOrNamespace, delegate_signature, is_namespace};
use super::overload::{Arg, Chosen, Failure};
use super::scope::{Binder, LocalFunction, Readonly, Symbol, Variable, erroneous, is_error};
use super::{ErrorKind, PLACEHOLDER};
use crate::diagnostics::suggest;
use crate::dotnet::inherit::{self};
use crate::dotnet::member::{Code, Default, Form, Kind, Mode};
use crate::dotnet::types::{self, Type, TypeId};
use crate::dotnet::value::Value;
use portcullis_grammar::syntax::{self, Passing};
use std::rc::Rc;

/// An expression that may still wait for its type.
#[derive(Debug)]
pub enum Operand {
    Value(Expr),
    /// `default` without a type.
    Default(Span),
    /// `throw e` as an expression.
    Throw(Box<Expr>, Span),
    Lambda(LambdaOperand),
    Group(Box<Group>),
    Type(TypeId, Span),
    Namespace(String, Span),
    /// A tuple literal some of whose elements have no type.
    Tuple(Vec<(Option<Box<str>>, Operand)>, Span),
    /// An argument after `out` or `ref`. `declared`: `out var x`, whose type the parameter decides.
    Out {
        place: Option<Place>,
        ty: Option<TypeId>,
        declared: Option<(Box<str>, Span)>,
        span: Span,
    },
}

/// Methods of one name.
#[derive(Debug)]
pub struct Group {
    pub name: Box<str>,
    pub kind: GroupKind,
    pub type_arguments: Vec<TypeId>,
    pub span: Span,
}

#[derive(Debug)]
pub enum GroupKind {
    /// A local function.
    Local(usize),
    Members {
        candidates: Vec<Found>,
        /// The value before the dot; `None` for a type.
        receiver: Option<Box<Expr>>,
    },
    /// Of a value of type `dynamic`.
    Dynamic(Box<Expr>),
}

impl Operand {
    /// The type of a value.
    fn static_type(&self) -> Option<TypeId> {
        match self {
            Operand::Value(value) => Some(value.ty),
            _ => None,
        }
    }

    pub fn span(&self) -> Span {
        match self {
            Operand::Value(value) => value.span,
            Operand::Default(span) | Operand::Throw(_, span) | Operand::Type(_, span) | Operand::Namespace(_, span) => {
                *span
            }
            Operand::Lambda(lambda) => lambda.span,
            Operand::Group(group) => group.span,
            Operand::Tuple(_, span) | Operand::Out { span, .. } => *span,
        }
    }
}

impl Binder<'_> {
    /// The operand as a value with a type of its own; reports what has none.
    pub fn value(&mut self, operand: Operand) -> Option<Expr> {
        let span = operand.span();
        match operand {
            Operand::Value(value) => return Some(value),
            Operand::Default(_) => {
                self.error(ErrorKind::Type, "CS8716", span, "There is no target type for the default literal")
            }
            Operand::Throw(..) => {
                self.error(ErrorKind::Type, "CS8115", span, "A throw expression is not allowed in this context")
            }
            Operand::Lambda(lambda) => {
                self.bind_for_errors(&lambda, None);
                self.error(ErrorKind::Type, "CS0815", span, "A lambda expression has no type of its own here: cast it to a delegate type such as `Func<int, int>`")
            }
            Operand::Group(group) => {
                let message = format!(
                    "Cannot use the method group '{}' as a value. Did you intend to invoke the method?",
                    group.name
                );
                self.error(ErrorKind::Type, "CS0428", span, message)
            }
            Operand::Type(ty, _) => {
                let message = format!("'{}' is a type, which is not valid in the given context", ty.csharp_name());
                self.error(ErrorKind::Name, "CS0119", span, message)
            }
            Operand::Namespace(name, _) => {
                let message = format!("'{name}' is a namespace but is used like a variable");
                self.error(ErrorKind::Name, "CS0118", span, message)
            }
            Operand::Tuple(..) => {
                self.error(ErrorKind::Type, "CS8135", span, "The tuple has an element without a type")
            }
            Operand::Out { .. } => self.error(ErrorKind::Name, "CS1525", span, "A variable cannot be declared here"),
        };
        None
    }

    pub fn value_of(&mut self, syntax: &syntax::Expr) -> Expr {
        let operand = self.operand(syntax);
        let value = self.value(operand).unwrap_or_else(|| erroneous(syntax.span));
        if matches!(value.ty.get(), Type::Void) {
            return value;
        }
        value
    }

    // ---- names

    pub fn name(&mut self, name: &syntax::GenericName, span: Span) -> Operand {
        let text = &*name.name.text;
        if text.starts_with(PLACEHOLDER) {
            return Operand::Value(erroneous(span));
        }
        if name.arguments.is_empty() {
            if self.declared_later(text) {
                let message = format!("Cannot use local variable '{text}' before it is declared");
                return Operand::Value(self.error(ErrorKind::Name, "CS0841", span, message));
            }
            match self.find(text).cloned() {
                Some(Symbol::Variable(variable)) => {
                    let local = variable.local.0 as usize;
                    if variable.function != self.current && variable.readonly == Readonly::In {
                        let message = format!(
                            "Cannot use ref, out, or in parameter '{text}' inside an anonymous method, lambda expression, query expression, or local function"
                        );
                        return Operand::Value(self.error(ErrorKind::Name, "CS1628", span, message));
                    }
                    if variable.function != self.current
                        && self.draft_of(variable.function).function.locals[local].by_reference
                    {
                        let is_parameter = local < self.draft_of(variable.function).function.parameters as usize;
                        let (code, what) = if is_parameter {
                            ("CS1628", "ref, out, or in parameter")
                        } else {
                            ("CS8175", "ref local")
                        };
                        let message = format!(
                            "Cannot use {what} '{text}' inside an anonymous method, lambda expression, query expression, or local function"
                        );
                        return Operand::Value(self.error(ErrorKind::Name, code, span, message));
                    }
                    return Operand::Value(self.read(variable, span));
                }
                Some(Symbol::Constant(value, ty)) => {
                    return Operand::Value(Expr { kind: ExprKind::Const(value), ty, span });
                }
                Some(Symbol::Range(variable, path)) => {
                    return Operand::Value(self.read_range(variable, &path, span));
                }
                Some(Symbol::Function(at)) => {
                    let group =
                        Group { name: text.into(), kind: GroupKind::Local(at), type_arguments: Vec::new(), span };
                    return Operand::Group(Box::new(group));
                }
                None => {}
            }
            if text == "context" {
                let ty = crate::dotnet::find_def("Apim.IProxyRequestContext", 0);
                let ty = ty.map_or_else(types::object, |def| TypeId::of(Type::Named(def, Vec::new())));
                return Operand::Value(Expr { kind: ExprKind::Context, ty, span });
            }
        }
        let arguments = self.resolve_arguments(&name.arguments);
        if let (Some(Symbol::Function(at)), false) = (self.find(text).cloned(), arguments.is_empty()) {
            let group = Group { name: text.into(), kind: GroupKind::Local(at), type_arguments: arguments, span };
            return Operand::Group(Box::new(group));
        }
        if let Some(ty) = self.type_parameter(text).filter(|_| arguments.is_empty()) {
            return Operand::Type(ty, span);
        }
        if let Some(ty) = self.simple_type(text, &arguments, span) {
            return Operand::Type(ty, span);
        }
        if is_namespace(text) {
            return Operand::Namespace(text.into(), span);
        }
        // Members that the class around the expression has from `object`.
        match text {
            "Equals" | "ReferenceEquals" => return self.static_member(types::object(), text, arguments, span, span),
            "GetHashCode" | "GetType" | "MemberwiseClone" | "ToString" => {
                let message = format!(
                    "An object reference is required for the non-static field, method, or property 'object.{text}()'"
                );
                return Operand::Value(self.error(ErrorKind::Name, "CS0120", span, message));
            }
            _ => {}
        }
        let mut names: Vec<String> = self.scopes.iter().flat_map(|s| s.names.keys().map(|n| n.to_string())).collect();
        names.push("context".into());
        names.extend(
            crate::dotnet::type_defs()
                .iter()
                .filter(|d| d.allowed && !d.unnameable)
                .map(|d| d.simple_name().to_owned()),
        );
        let help =
            suggest::near_name(text, names.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
        let inside = |key: Span| key.start <= span.start && span.end <= key.end;
        let other_side =
            self.join_keys.iter().rev().find(|(key, names, _)| inside(*key) && names.iter().any(|n| **n == *text));
        if let Some((_, _, code)) = other_side {
            let side = if *code == "CS1937" { "left" } else { "right" };
            let message = format!(
                "The name '{text}' is not in scope on the {side} side of 'equals'.  Consider swapping the expressions on either side of 'equals'."
            );
            let code = *code;
            return Operand::Value(self.error(ErrorKind::Name, code, span, message));
        }
        let message = format!("The name '{text}' does not exist in the current context");
        Operand::Value(self.error_help(ErrorKind::Name, "CS0103", span, message, help))
    }

    fn read_range(&mut self, variable: Variable, path: &[u32], span: Span) -> Expr {
        let mut value = self.read(variable, span);
        for at in path {
            let Type::Anonymous(fields) = value.ty.get() else { return erroneous(span) };
            let ty = fields[*at as usize].1;
            value = Expr { kind: ExprKind::Field { record: Box::new(value), at: *at }, ty, span };
        }
        value
    }

    // ---- members

    pub fn member(&mut self, target: Operand, name: &syntax::GenericName, span: Span) -> Operand {
        self.member_or_method(target, name, span, false)
    }

    /// `invoked`: parentheses follow, so that what cannot be called is passed over.
    fn member_or_method(&mut self, target: Operand, name: &syntax::GenericName, span: Span, invoked: bool) -> Operand {
        let text = name.name.text.clone();
        let arguments = self.resolve_arguments(&name.arguments);
        match target {
            Operand::Namespace(space, _) => {
                let full = format!("{space}.{text}");
                if let Some(ty) =
                    self.qualified_type(&NameOrNamespace::Namespace(space.clone()), &text, &arguments, span)
                {
                    return Operand::Type(ty, span);
                }
                if is_namespace(&full) {
                    return Operand::Namespace(full, span);
                }
                let message = format!("The type or namespace name '{text}' does not exist in the namespace '{space}'");
                Operand::Value(self.error(ErrorKind::Name, "CS0234", name.name.span, message))
            }
            Operand::Type(ty, _) => self.static_member_or_method(ty, &text, arguments, name.name.span, span, invoked),
            Operand::Group(group) => {
                let message = format!("'{}()' is a method, which is not valid in the given context", group.name);
                Operand::Value(self.error(ErrorKind::Name, "CS0119", group.span, message))
            }
            other => match self.value(other) {
                Some(value) => self.instance_member_or_method(value, &text, arguments, name.name.span, span, invoked),
                None => Operand::Value(erroneous(span)),
            },
        }
    }

    pub fn static_member(
        &mut self,
        ty: TypeId,
        name: &str,
        type_arguments: Vec<TypeId>,
        at: Span,
        span: Span,
    ) -> Operand {
        self.static_member_or_method(ty, name, type_arguments, at, span, false)
    }

    fn static_member_or_method(
        &mut self,
        ty: TypeId,
        name: &str,
        type_arguments: Vec<TypeId>,
        at: Span,
        span: Span,
        invoked: bool,
    ) -> Operand {
        if is_error(ty) {
            return Operand::Value(erroneous(span));
        }
        let found = self.members(ty, name);
        if found.is_empty() {
            if let Some(nested) = self.qualified_type(&NameOrNamespace::Type(ty), name, &type_arguments, span) {
                return Operand::Type(nested, span);
            }
            let message = format!("'{}' does not contain a definition for '{name}'", ty.csharp_name());
            let help = self.suggest_member(ty, name);
            return Operand::Value(self.error_help(ErrorKind::Name, "CS0117", at, message, help));
        }
        if found.iter().any(|f| f.member.row.form == Form::Method) {
            let kind = GroupKind::Members { candidates: found, receiver: None };
            return Operand::Group(Box::new(Group { name: name.into(), kind, type_arguments, span }));
        }
        let found = found[0];
        if invoked && delegate_signature(found.own(found.member.returns)).is_none() {
            let message = format!("Non-invocable member '{}.{name}' cannot be used like a method.", ty.csharp_name());
            return Operand::Value(self.error(ErrorKind::Type, "CS1955", at, message));
        }
        if !found.member.row.is_static {
            let message = format!(
                "An object reference is required for the non-static field, method, or property '{}.{name}'",
                ty.csharp_name()
            );
            return Operand::Value(self.error(ErrorKind::Name, "CS0120", at, message));
        }
        Operand::Value(self.read_member(&found, None, span))
    }

    fn suggest_member(&self, ty: TypeId, name: &str) -> Option<String> {
        suggest::near_name(name, self.member_names(ty)).map(|near| format!("did you mean `{near}`?"))
    }

    pub fn instance_member(
        &mut self,
        value: Expr,
        name: &str,
        type_arguments: Vec<TypeId>,
        at: Span,
        span: Span,
    ) -> Operand {
        self.instance_member_or_method(value, name, type_arguments, at, span, false)
    }

    pub fn instance_member_or_method(
        &mut self,
        value: Expr,
        name: &str,
        type_arguments: Vec<TypeId>,
        at: Span,
        span: Span,
        invoked: bool,
    ) -> Operand {
        let ty = value.ty;
        if is_error(ty) {
            return Operand::Value(erroneous(span));
        }
        if matches!(ty.get(), Type::Null) && !self.at_run_time {
            let message = "Operator '.' cannot be applied to operand of type '<null>'";
            return Operand::Value(self.error(ErrorKind::Type, "CS0023", at, message));
        }
        if is_dynamic(ty) {
            if invoked {
                let kind = GroupKind::Dynamic(Box::new(value));
                return Operand::Group(Box::new(Group { name: name.into(), kind, type_arguments, span }));
            }
            let args = vec![dynamic::plain(value)];
            return Operand::Value(self.dynamic(Operation::Get(name.into()), args, types::dynamic(), span));
        }
        if invoked && name == "Invoke" && delegate_signature(ty).is_some() {
            return Operand::Value(value);
        }
        // A field that holds no delegate is no method.
        let passed_over = |special: &BuiltIn| {
            invoked && matches!(special, BuiltIn::Field(_, of) if delegate_signature(*of).is_none() && !is_dynamic(*of))
        };
        let special = self.built_in_member(&value, name);
        if let Some(special) = special.filter(|s| !passed_over(s) || self.members(ty, name).is_empty()) {
            return Operand::Value(match special {
                BuiltIn::Field(field, field_ty) => {
                    Expr { kind: ExprKind::Field { record: Box::new(value), at: field }, ty: field_ty, span }
                }
                BuiltIn::Length => Expr { kind: ExprKind::ArrayLength(Box::new(value)), ty: types::int32(), span },
                BuiltIn::HasValue => {
                    let test = Expr { kind: ExprKind::IsNull(Box::new(value)), ty: types::boolean(), span };
                    Expr { kind: ExprKind::Not(Box::new(test)), ty: types::boolean(), span }
                }
                BuiltIn::Value(of) => Expr { kind: ExprKind::NullableValue(Box::new(value)), ty: of, span },
            });
        }
        let mut found = self.members(ty, name);
        if invoked {
            found
                .retain(|f| f.member.row.form == Form::Method || delegate_signature(f.own(f.member.returns)).is_some());
        } else if found.first().is_some_and(|f| f.member.row.form != Form::Method) {
            // A property of a derived type hides a base's methods.
            found.truncate(1);
        }
        if found.iter().any(|f| f.member.row.form == Form::Method) {
            // Extension methods come into play when no member takes the arguments.
            let kind = GroupKind::Members { candidates: found, receiver: Some(Box::new(value)) };
            return Operand::Group(Box::new(Group { name: name.into(), kind, type_arguments, span }));
        }
        if let Some(found) = found.first() {
            let found = *found;
            if found.member.row.is_static {
                let message = format!(
                    "Member '{}.{name}' cannot be accessed with an instance reference; qualify it with a type name instead",
                    found.owner.csharp_name()
                );
                return Operand::Value(self.error(ErrorKind::Name, "CS0176", at, message));
            }
            return Operand::Value(self.read_member(&found, Some(value), span));
        }
        if !self.extensions(name).is_empty() || self.is_nullable_method(ty, name) {
            let kind = GroupKind::Members { candidates: Vec::new(), receiver: Some(Box::new(value)) };
            return Operand::Group(Box::new(Group { name: name.into(), kind, type_arguments, span }));
        }
        if invoked && !self.members(ty, name).is_empty() {
            let message = format!("Non-invocable member '{}.{name}' cannot be used like a method.", ty.csharp_name());
            return Operand::Value(self.error(ErrorKind::Type, "CS1955", at, message));
        }
        if let Type::Tuple(_, names) = ty.get()
            && names.iter().flatten().any(|own| own.strip_prefix(super::expression::INFERRED) == Some(name))
        {
            let message = format!(
                "Tuple element name '{name}' is inferred. Please use language version 7.1 or greater to access an element by its inferred name."
            );
            return Operand::Value(self.error(ErrorKind::Unsupported, "CS8306", at, message));
        }
        let help = self.suggest_member(ty, name);
        let message = if matches!(ty.get(), Type::Void) {
            return Operand::Value(self.error(
                ErrorKind::Type,
                "CS0023",
                at,
                "Operator '.' cannot be applied to operand of type 'void'",
            ));
        } else if matches!(ty.get(), Type::Null) {
            return Operand::Value(self.error(
                ErrorKind::Type,
                "CS0023",
                at,
                "Operator '.' cannot be applied to operand of type '<null>'",
            ));
        } else {
            format!(
                "'{}' does not contain a definition for '{name}' and no accessible extension method '{name}' accepting a first argument of type '{}' could be found",
                ty.csharp_name(),
                ty.csharp_name()
            )
        };
        Operand::Value(self.error_help(ErrorKind::Name, "CS1061", at, message, help))
    }

    fn is_nullable_method(&self, ty: TypeId, name: &str) -> bool {
        matches!(ty.get(), Type::Nullable(_)) && name == "GetValueOrDefault"
    }

    pub fn is_built_in(&self, ty: TypeId, name: &str) -> bool {
        let value = Expr { kind: ExprKind::Error, ty, span: Span::default() };
        self.built_in_member(&value, name).is_some()
    }

    fn built_in_member(&self, value: &Expr, name: &str) -> Option<BuiltIn> {
        match value.ty.get() {
            Type::Tuple(elements, names) => {
                let at = names.iter().position(|n| n.as_deref() == Some(name)).or_else(|| {
                    let number: usize = name.strip_prefix("Item")?.parse().ok()?;
                    (1..=elements.len()).contains(&number).then(|| number - 1)
                })?;
                Some(BuiltIn::Field(at as u32, elements[at]))
            }
            Type::Anonymous(fields) => {
                let at = fields.iter().position(|(own, _)| **own == *name)?;
                Some(BuiltIn::Field(at as u32, fields[at].1))
            }
            Type::Array(_, 1) if name == "Length" => Some(BuiltIn::Length),
            Type::Nullable(_) if name == "HasValue" => Some(BuiltIn::HasValue),
            Type::Nullable(of) if name == "Value" => Some(BuiltIn::Value(*of)),
            _ => None,
        }
    }

    /// A property, field or constant as a value.
    fn read_member(&mut self, found: &Found, receiver: Option<Expr>, span: Span) -> Expr {
        self.note_use(found, span);
        let member = found.member;
        let ty = found.own(member.returns);
        let constant = |kind| Expr { kind: ExprKind::Const(kind), ty, span };
        match member.row.code {
            Code::Constant(value) => match constant_of(value) {
                Some(value) => constant(value),
                None => erroneous(span),
            },
            Code::Text(text) => constant(Const::String(text.encode_utf16().collect())),
            Code::EnumValue(value) => constant(Const::Enum(ty, value)),
            _ if receiver.is_none() && decimal_constant(found).is_some() => {
                constant(Const::Decimal(decimal_constant(found).unwrap_or_default()))
            }
            _ if !member.has_getter => {
                let message = format!(
                    "The property or indexer '{}.{}' cannot be used in this context because it lacks the get accessor",
                    found.owner.csharp_name(),
                    member.name
                );
                self.error(ErrorKind::Type, "CS0154", span, message)
            }
            _ => {
                // A nullable without a value is no null reference: its members see it.
                let is_instance = receiver.as_ref().is_some_and(|r| !matches!(r.ty.get(), Type::Nullable(_)));
                let kind = ExprKind::Call {
                    member,
                    type_arguments: found.owner.arguments().to_vec(),
                    arguments: receiver.into_iter().map(Argument::Value).collect(),
                    is_instance,
                };
                Expr { kind, ty, span }
            }
        }
    }

    // ---- calls

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
            Passing::Value => self.operand(&argument.value),
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

    /// An argument behind `in`: its value, of what has a place.
    fn operand_in(&mut self, value: &syntax::Expr) -> Operand {
        let operand = self.operand(value);
        if let Operand::Value(bound) = &operand {
            let has_place = matches!(
                bound.kind,
                ExprKind::Local(_)
                    | ExprKind::Captured(_)
                    | ExprKind::ArrayItem { .. }
                    | ExprKind::Deref(_)
                    | ExprKind::Field { .. }
                    | ExprKind::Error
            );
            if !has_place {
                let message = "An expression cannot be used in this context because it may not be passed or returned by reference";
                return Operand::Value(self.error(ErrorKind::Type, "CS8156", value.span, message));
            }
        }
        operand
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
                Some(Symbol::Variable(variable)) => match variable.readonly {
                    Readonly::No => None,
                    Readonly::ForEach => Some("foreach iteration variable"),
                    Readonly::Using => Some("using variable"),
                    Readonly::Range => Some(""),
                    Readonly::In => Some("in parameter"),
                },
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

    /// The place that a value was read from, when it is a variable or an array element.
    pub fn place_of(&mut self, value: Expr, _span: Span) -> Option<Place> {
        match value.kind {
            ExprKind::Local(local) => Some(Place::Local(local)),
            ExprKind::Captured(at) => Some(Place::Captured(at)),
            ExprKind::ArrayItem { array, index } => Some(Place::ArrayItem { array, index }),
            ExprKind::Deref(reference) => Some(Place::Deref(reference)),
            ExprKind::Field { record, at } if matches!(record.ty.get(), Type::Tuple(..)) => {
                let inner = self.place_of(*record, value.span)?;
                Some(Place::TupleField { tuple: Box::new(inner), at })
            }
            _ => None,
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
                ExprKind::Const(_) if is_member => "Non-invocable member cannot be used like a method.".to_owned(),
                _ => "Method name expected".to_owned(),
            };
            let code = if message.starts_with("Non-invocable") { "CS1955" } else { "CS0149" };
            return self.error(ErrorKind::Type, code, span, message);
        };
        let count = signature.parameters.len();
        let names = delegate.ty.def().and_then(|def| def.members().iter().find(|member| member.name == "Invoke"));
        let names: Vec<&str> = names.map(|m| m.parameters.iter().map(|p| p.name).collect()).unwrap_or_default();
        let mut slots: Vec<Option<Arg>> = (0..count).map(|_| None).collect();
        let given = args.len();
        for (at, arg) in args.into_iter().enumerate() {
            let slot = match &arg.name {
                None => Some(at),
                Some(name) => names.iter().position(|own| **own == **name),
            };
            match slot {
                Some(slot) if slot < count && slots[slot].is_none() => slots[slot] = Some(arg),
                None => {
                    let name = arg.name.as_deref().unwrap_or_default();
                    let message = format!(
                        "The delegate '{}' does not have a parameter named '{name}'",
                        delegate.ty.csharp_name()
                    );
                    return self.error(ErrorKind::Call, "CS1746", arg.span, message);
                }
                Some(_) => {
                    let message = format!("Delegate '{}' does not take {given} arguments", delegate.ty.csharp_name());
                    return self.error(ErrorKind::Call, "CS1593", span, message);
                }
            }
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
        Expr { kind: ExprKind::Invoke { delegate: Box::new(delegate), arguments }, ty: signature.returns, span }
    }

    /// A failed conversion of an argument is told as such.
    fn speak_of_argument(&mut self, before: usize, at: usize, from: Option<TypeId>, to: TypeId) {
        if let (Some(from), [error]) = (from, &mut self.errors[before..])
            && matches!(error.csharp, Some("CS0029" | "CS0266" | "CS0037"))
        {
            error.csharp = Some("CS1503");
            error.kind = ErrorKind::Call;
            error.message =
                format!("Argument {}: cannot convert from '{}' to '{}'", at + 1, from.csharp_name(), to.csharp_name());
        }
    }

    fn call_group(&mut self, group: Group, mut args: Vec<Arg>, span: Span) -> Expr {
        let (candidates, mut receiver) = match group.kind {
            GroupKind::Local(at) => return self.call_local(at, group.type_arguments, args, span),
            GroupKind::Members { candidates, receiver } => (candidates, receiver),
            GroupKind::Dynamic(receiver) => {
                let operation = Operation::Call { name: group.name, type_arguments: group.type_arguments };
                let args = std::iter::once(dynamic::plain(*receiver)).chain(args).collect();
                return self.dynamic(operation, args, types::dynamic(), span);
            }
        };
        if !group.type_arguments.is_empty()
            && !candidates.is_empty()
            && candidates.iter().all(|found| found.member.type_parameters.is_empty())
            && self.extensions(&group.name).is_empty()
        {
            let message = format!("The non-generic method '{}' cannot be used with type arguments", group.name);
            return self.error(ErrorKind::Call, "CS0308", group.span, message);
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
        if candidates.is_empty() && dynamic::any_dynamic(&with_receiver[1..]) {
            let this = with_receiver[0].operand.static_type().unwrap_or_else(types::object).csharp_name();
            let message = format!(
                "'{this}' has no applicable method named '{}' but appears to have an extension method by that name. Extension methods cannot be dynamically dispatched. Consider casting the dynamic arguments or calling the extension method without the extension method syntax.",
                group.name
            );
            return self.error(ErrorKind::Call, "CS1973", group.span, message);
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

    fn call_local(&mut self, at: usize, explicit: Vec<TypeId>, args: Vec<Arg>, span: Span) -> Expr {
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
        let count = args.len();
        let mut rest = Vec::new();
        let mut named: Vec<usize> = Vec::new();
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
                    arguments.push(Argument::Value(Expr {
                        kind: ExprKind::Const(default.clone()),
                        ty: parameter.ty,
                        span,
                    }));
                }
                (None, None) => {
                    let message = format!(
                        "There is no argument given that corresponds to the required formal parameter '{}' of '{}'",
                        parameter.name, function.name
                    );
                    return self.error(ErrorKind::Call, "CS7036", span, message);
                }
            }
        }
        let kind = ExprKind::CallLocal { function: function.id, type_arguments, arguments };
        let ty = function.returns;
        let call = Expr { kind, ty, span };
        if function.returns_ref { Expr { kind: ExprKind::Deref(Box::new(call)), ty, span } } else { call }
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
        arguments.extend(self.parameters_in_order(&chosen, args, span));
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
        Expr { kind: ExprKind::Call { member, type_arguments, arguments, is_instance }, ty, span }
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
            slots[position] = Some(self.finish_argument(arg, ty, passing, false));
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

    fn finish_argument(&mut self, arg: Arg, ty: TypeId, passing: Passing, in_cell: bool) -> Argument {
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
        let mut root = &place;
        while let Place::TupleField { tuple, .. } = root {
            root = tuple;
        }
        if in_cell && let Place::Local(local) = *root {
            self.draft().function.locals[local.0 as usize].in_cell = true;
        }
        Argument::Reference { place, is_out }
    }

    // ---- brackets

    pub fn element(&mut self, target: Operand, arguments: &[syntax::Argument], span: Span) -> Operand {
        let Some(target) = self.value(target) else { return Operand::Value(erroneous(span)) };
        let args = self.arguments(arguments);
        Operand::Value(self.index(target, args, span))
    }

    pub fn index(&mut self, target: Expr, mut args: Vec<Arg>, span: Span) -> Expr {
        if is_error(target.ty) {
            return erroneous(span);
        }
        if is_dynamic(target.ty) {
            let args = std::iter::once(dynamic::plain(target)).chain(args).collect();
            return self.dynamic(Operation::Item, args, types::dynamic(), span);
        }
        if let Type::Array(element, 1) = target.ty.get() {
            let element = *element;
            let (1, Some(arg)) = (args.len(), args.pop()) else {
                let message = "Wrong number of indices inside []; expected 1".to_owned();
                return self.error(ErrorKind::Call, "CS0022", span, message);
            };
            let index = self.array_index(arg, span);
            return Expr {
                kind: ExprKind::ArrayItem { array: Box::new(target), index: Box::new(index) },
                ty: element,
                span,
            };
        }
        if let Type::Array(_, rank) = target.ty.get() {
            return self.grid_item(target, usize::from(*rank), args, span);
        }
        let found = self.members(target.ty, "Item");
        let indexers: Vec<_> = found.into_iter().filter(|f| f.member.row.form == Form::Indexer).collect();
        if indexers.is_empty() {
            let message =
                format!("Cannot apply indexing with [] to an expression of type '{}'", target.ty.csharp_name());
            return self.error(ErrorKind::Type, "CS0021", span, message);
        }
        if !self.at_run_time && dynamic::any_dynamic(&args) {
            let args = std::iter::once(dynamic::plain(target)).chain(args).collect();
            return self.dynamic(Operation::Item, args, types::dynamic(), span);
        }
        let by_reference: Vec<&Arg> = args.iter().collect();
        match self.resolve(&indexers, &[], &by_reference) {
            Ok(chosen) => self.finish_call(chosen, Some(target), args, span, span),
            Err(why) => self.report(why, "this", &indexers, &by_reference, span),
        }
    }

    pub fn array_index(&mut self, arg: Arg, span: Span) -> Expr {
        let Some(value) = self.value(arg.operand) else { return erroneous(span) };
        if is_dynamic(value.ty) {
            return self.dynamic(Operation::ArrayIndex, vec![dynamic::plain(value)], types::int32(), span);
        }
        let target = if super::convert::implicitly(value.ty, types::int32()) {
            types::int32()
        } else if matches!(
            numeric(value.ty),
            Some(super::ir::Numeric::UInt32 | super::ir::Numeric::Int64 | super::ir::Numeric::UInt64)
        ) {
            types::int64()
        } else {
            types::int32()
        };
        let value = self.convert(Operand::Value(value), target, arg.span);
        if target == types::int32() {
            return value;
        }
        let kind = ExprKind::ConvertNumber {
            from: super::ir::Numeric::Int64,
            to: super::ir::Numeric::Int32,
            checked: true,
            operand: Box::new(value),
        };
        Expr { kind, ty: types::int32(), span }
    }

    // ---- new

    pub fn new_object(
        &mut self,
        of: &syntax::Type,
        arguments: Option<&[syntax::Argument]>,
        initializer: Option<&syntax::Initializer>,
        span: Span,
    ) -> Operand {
        let ty = self.resolve_type(of);
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
                (1, Some(arg)) => self.convert(arg.operand, ty, span),
                _ => self.error(ErrorKind::Call, "CS0149", span, "Method name expected"),
            };
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

    // ---- assignment

    /// Stores into what `target` reads: a variable, an element, a property, a field of a tuple.
    pub fn assign(&mut self, target: Expr, operand: Operand, span: Span) -> Expr {
        let ty = target.ty;
        if is_error(ty) {
            let _ = self.value_or_lambda_errors(operand);
            return erroneous(span);
        }
        if let (ExprKind::Dynamic { .. }, Operand::Value(_)) = (&target.kind, &operand) {
            // It converts to what the member is at run time.
            let value = self.value(operand).unwrap_or_else(|| erroneous(span));
            return self.store(target, value, span);
        }
        let value = self.convert(operand, ty, span);
        self.store(target, value, span)
    }

    fn value_or_lambda_errors(&mut self, operand: Operand) -> Option<Expr> {
        match operand {
            Operand::Lambda(_) | Operand::Group(_) | Operand::Default(_) | Operand::Tuple(..) => None,
            other => self.value(other),
        }
    }

    /// Stores a value that already has the target's type.
    pub fn store(&mut self, target: Expr, value: Expr, span: Span) -> Expr {
        let ty = target.ty;
        let at = target.span;
        match target.kind {
            ExprKind::Call { member, type_arguments, mut arguments, .. }
                if matches!(member.row.form, Form::Property | Form::Indexer) =>
            {
                if !member.has_setter {
                    let owner = crate::dotnet::def(member.def).simple_name();
                    let message = format!(
                        "Property or indexer '{owner}.{}' cannot be assigned to -- it is read only",
                        member.name
                    );
                    return self.error(ErrorKind::Type, "CS0200", at, message);
                }
                arguments.push(Argument::Value(value));
                Expr { kind: ExprKind::Set { member, type_arguments, arguments }, ty, span }
            }
            ExprKind::Dynamic { site, arguments } if matches!(site.operation, Operation::Get(_) | Operation::Item) => {
                self.set_dynamic(*site, arguments, value, span)
            }
            ExprKind::Local(_)
            | ExprKind::Captured(_)
            | ExprKind::ArrayItem { .. }
            | ExprKind::Deref(_)
            | ExprKind::Field { .. } => {
                if matches!(&target.kind, ExprKind::Field { record, .. } if matches!(record.ty.get(), Type::Anonymous(_)))
                {
                    return self.error(
                        ErrorKind::Type,
                        "CS0200",
                        at,
                        "Property or indexer of an anonymous type cannot be assigned to -- it is read only",
                    );
                }
                match self.place_of(target, at) {
                    Some(place) => Expr { kind: ExprKind::Assign { place, value: Box::new(value) }, ty, span },
                    None => self.error(
                        ErrorKind::Type,
                        "CS1612",
                        at,
                        "Cannot modify the return value because it is not a variable",
                    ),
                }
            }
            ExprKind::Error => erroneous(span),
            ExprKind::ArrayLength(_) => {
                let message = "Property or indexer 'Array.Length' cannot be assigned to -- it is read only";
                self.error(ErrorKind::Type, "CS0200", at, message)
            }
            _ => self.error(
                ErrorKind::Type,
                "CS0131",
                at,
                "The left-hand side of an assignment must be a variable, property or indexer",
            ),
        }
    }

    /// Lambda syntax as an operand.
    pub fn lambda_operand(&mut self, lambda: &syntax::Lambda, span: Span) -> Operand {
        Operand::Lambda(LambdaOperand { syntax: Rc::new(lambda.clone()), span })
    }
}

/// Whether a type holds no reference. Constructed types do not count before C# 8.
fn unmanaged(ty: TypeId) -> bool {
    match ty.get() {
        Type::LocalParameter(own) => own.is_unmanaged,
        Type::Named(_, arguments) => arguments.is_empty() && inherit::is_value_type(ty),
        _ => false,
    }
}

/// Whether extension methods are those of sequences, which exist for parallel queries too.
fn is_linq(found: &[Found]) -> bool {
    found.iter().any(|f| crate::dotnet::def(f.member.def).name == "System.Linq.Enumerable")
}

enum BuiltIn {
    Field(u32, TypeId),
    Length,
    HasValue,
    Value(TypeId),
}

/// Whether a value could be the receiver of an extension method.
fn receiver_fits(ty: TypeId, found: &Found) -> bool {
    let Some(first) = found.member.parameters.first() else { return false };
    match (ty.get(), first.ty.get()) {
        (_, Type::Named(def, arguments)) if !arguments.is_empty() => {
            super::lookup::find_construction(ty, *def).is_some()
        }
        (_, Type::MethodParameter(_)) => true,
        _ => super::convert::implicitly(ty, first.ty),
    }
}

fn constant_of(value: Value) -> Option<Const> {
    Some(match value {
        Value::Null => Const::Null,
        Value::Bool(v) => Const::Bool(v),
        Value::Char(v) => Const::Char(v),
        Value::SByte(v) => Const::SByte(v),
        Value::Byte(v) => Const::Byte(v),
        Value::Int16(v) => Const::Int16(v),
        Value::UInt16(v) => Const::UInt16(v),
        Value::Int32(v) => Const::Int32(v),
        Value::UInt32(v) => Const::UInt32(v),
        Value::Int64(v) => Const::Int64(v),
        Value::UInt64(v) => Const::UInt64(v),
        Value::Single(v) => Const::Single(v),
        Value::Double(v) => Const::Double(v),
        Value::Enum { ty, value } => Const::Enum(ty, value),
        _ => return None,
    })
}

/// The fields of `decimal` that are constants to the compiler.
fn decimal_constant(found: &Found) -> Option<rust_decimal::Decimal> {
    use rust_decimal::Decimal;
    if found.owner != types::decimal() {
        return None;
    }
    match found.member.name {
        "MaxValue" => Some(Decimal::MAX),
        "MinValue" => Some(Decimal::MIN),
        "One" => Some(Decimal::ONE),
        "MinusOne" => Some(Decimal::NEGATIVE_ONE),
        "Zero" => Some(Decimal::ZERO),
        _ => None,
    }
}
