//! What an expression may be before its type is decided; names, and members.

use super::dynamic::{self, Operation, is_dynamic};
use super::ir::{Argument, Const, Expr, ExprKind, Place, Span};
use super::lambda::LambdaOperand;
use super::lookup::{Found, NameOrNamespace, delegate_signature, is_namespace};
use super::scope::{Binder, Symbol, Variable, erroneous, is_error};
use super::{ErrorKind, PLACEHOLDER};
use crate::diagnostics::suggest;
use crate::dotnet::inherit;
use crate::dotnet::member::{Code, Form};
use crate::dotnet::types::{self, Type, TypeId};
use crate::dotnet::value::Value;
use portcullis_grammar::syntax;
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
    pub(super) fn static_type(&self) -> Option<TypeId> {
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

/// How many mistakes of one text get a name that may have been meant.
const MOST_HELPED: usize = 64;

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
        let help = self.near_name_in_scope(text);
        let inside = |key: Span| key.start <= span.start && span.end <= key.end;
        let other_side = self
            .join_keys
            .iter()
            .rev()
            .find(|(key, names, _)| inside(*key) && (names.is_empty() || names.iter().any(|n| **n == *text)));
        if let Some((_, _, code)) = other_side {
            return Operand::Value(self.not_on_this_side(text, code, span));
        }
        // A generic type without its type arguments.
        let mut generic = crate::dotnet::type_defs().iter().filter(|def| def.allowed && !def.parameters.is_empty());
        if generic.any(|def| def.simple_name() == text && !def.name.contains('+')) {
            self.unknown_type(text, arguments.len(), false, span);
            return Operand::Value(erroneous(span));
        }
        let message = format!("The name '{text}' does not exist in the current context");
        self.unknown_names.insert(text.into(), self.errors.len());
        Operand::Value(self.error_help(ErrorKind::Name, "CS0103", span, message, help))
    }

    /// What a name that stands for nothing may have been meant to be. Looks through all names: the first mistakes alone get it.
    fn near_name_in_scope(&self, text: &str) -> Option<String> {
        if self.errors.len() >= MOST_HELPED {
            return None;
        }
        let mut names: Vec<String> = self.scopes.iter().flat_map(|s| s.names.keys().map(|n| n.to_string())).collect();
        names.push("context".into());
        let types = crate::dotnet::type_defs().iter().filter(|d| d.allowed && !d.unnameable);
        names.extend(types.map(|d| d.simple_name().to_owned()));
        suggest::near_name(text, names.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"))
    }

    /// A name in the wrong key of a join.
    pub(super) fn not_on_this_side(&mut self, name: &str, code: &'static str, span: Span) -> Expr {
        let side = if code == "CS1937" { "left" } else { "right" };
        let message = format!(
            "The name '{name}' is not in scope on the {side} side of 'equals'.  Consider swapping the expressions on either side of 'equals'."
        );
        self.error(ErrorKind::Name, code, span, message)
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
    pub(super) fn member_or_method(
        &mut self,
        target: Operand,
        name: &syntax::GenericName,
        span: Span,
        invoked: bool,
    ) -> Operand {
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

    pub(super) fn suggest_member(&self, ty: TypeId, name: &str) -> Option<String> {
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
        if matches!(ty.get(), Type::Null | Type::Void) && !self.at_run_time {
            let message = format!("Operator '.' cannot be applied to operand of type '{}'", ty.csharp_name());
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
                BuiltIn::Rest => self.rest_of_tuple(value, span),
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
            && names.iter().flatten().any(|own| own.strip_prefix(super::tuples::INFERRED) == Some(name))
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

    pub(super) fn built_in_member(&self, value: &Expr, name: &str) -> Option<BuiltIn> {
        match value.ty.get() {
            Type::Tuple(elements, _) if name == "Rest" && elements.len() > 7 => Some(BuiltIn::Rest),
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
            // A text that is `static readonly` is no constant.
            Code::Text(text) => {
                let value = constant(Const::String(text.encode_utf16().collect()));
                if member.row.signature.starts_with("const ") {
                    value
                } else {
                    Expr { kind: ExprKind::Retype(Box::new(value)), ty, span }
                }
            }
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

    /// An argument behind `in`: its value, of what has a place.
    pub(super) fn operand_in(&mut self, value: &syntax::Expr) -> Operand {
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

    /// Lambda syntax as an operand.
    pub fn lambda_operand(&mut self, lambda: &syntax::Lambda, span: Span) -> Operand {
        Operand::Lambda(LambdaOperand { syntax: Rc::new(lambda.clone()), span })
    }
}

/// Whether a type holds no reference. Constructed types do not count before C# 8.
pub(super) fn unmanaged(ty: TypeId) -> bool {
    match ty.get() {
        Type::LocalParameter(own) => own.is_unmanaged,
        Type::Named(_, arguments) => arguments.is_empty() && inherit::is_value_type(ty),
        _ => false,
    }
}

pub(super) enum BuiltIn {
    Field(u32, TypeId),
    /// What a tuple has behind its seventh element.
    Rest,
    Length,
    HasValue,
    Value(TypeId),
}

pub(super) fn constant_of(value: Value) -> Option<Const> {
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
pub(super) fn decimal_constant(found: &Found) -> Option<rust_decimal::Decimal> {
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
