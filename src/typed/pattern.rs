//! Patterns (`is`, `case`) and deconstruction.

use super::ErrorKind;
use super::access::Operand;
use super::convert::{Conv, assign_local, strip_nullable};
use super::ir::{Argument, Const, Expr, ExprKind, LocalId, Place, Span};
use super::scope::{Binder, Readonly, erroneous, is_error, is_wrong};
use crate::dotnet::inherit::is_value_type;
use crate::dotnet::types::{self, Type, TypeId};
use portcullis_grammar::syntax::{self, Designation, ExprKind as S, PatternKind};

/// Whether a deconstruction declares variables, and whether it assigns to places.
fn mixes(target: &syntax::Expr, declares: &mut bool, assigns: &mut bool) {
    match &target.kind {
        S::Tuple(elements) => elements.iter().for_each(|e| mixes(&e.value, declares, assigns)),
        S::Declaration { .. } => *declares = true,
        S::Name(name) if &*name.name.text == "_" => {}
        _ => *assigns = true,
    }
}

/// Whether a value of one type may be of another: by identity, boxing, unboxing or reference, never by a number's conversion.
fn may_hold(ty: TypeId, wanted: TypeId) -> bool {
    let bare = strip_nullable(ty);
    if is_value_type(bare) && is_value_type(wanted) {
        return crate::dotnet::inherit::same(bare, wanted);
    }
    super::convert::classify(ty, None, wanted, true).is_some()
        || super::convert::classify(wanted, None, ty, true).is_some()
}

impl Binder<'_> {
    pub fn is_pattern(&mut self, operand: &syntax::Expr, pattern: &syntax::Pattern, span: Span) -> Expr {
        let bound = self.operand(operand);
        if let Operand::Value(Expr { ty, .. }) = &bound
            && matches!(ty.get(), Type::Null)
        {
            let message = "Invalid operand for pattern match; value required, but found '<null>'.";
            return self.error(ErrorKind::Type, "CS8117", operand.span, message);
        }
        let value = self.tested(bound, operand.span);
        let ty = value.ty;
        let temp = self.temporary(ty);
        let test = self.pattern(temp, ty, pattern, span);
        if is_wrong(&test) {
            return Expr { ty: types::boolean(), ..erroneous(span) };
        }
        Expr {
            kind: ExprKind::Sequence { before: vec![assign_local(temp, value, span)], value: Box::new(test) },
            ty: types::boolean(),
            span,
        }
    }

    /// The first operand of `is` and `as`.
    pub fn tested(&mut self, operand: Operand, span: Span) -> Expr {
        if matches!(operand, Operand::Lambda(_) | Operand::Group(_)) {
            let message = "The first operand of an 'is' or 'as' operator may not be a lambda expression, anonymous method, or method group.";
            return self.error(ErrorKind::Type, "CS0837", span, message);
        }
        let value = self.value(operand).unwrap_or_else(|| erroneous(span));
        super::dynamic::as_object(value)
    }

    /// Whether the value in a temporary matches; names in the pattern are declared and set.
    pub fn pattern(&mut self, temp: LocalId, ty: TypeId, pattern: &syntax::Pattern, span: Span) -> Expr {
        let value = || Expr { kind: ExprKind::Local(temp), ty, span };
        match &pattern.kind {
            PatternKind::Constant(constant) => {
                let operand = self.operand(constant);
                match operand {
                    Operand::Default(at) => {
                        let (code, message) =
                            if self.draft().switches.is_empty() || !matches!(pattern.kind, PatternKind::Constant(_)) {
                                ("CS8363", "A default literal 'default' is not valid as a pattern.")
                            } else {
                                ("CS8313", "A default literal 'default' is not valid as a case constant.")
                            };
                        self.error(ErrorKind::Type, code, at, message)
                    }
                    Operand::Type(wanted, _) => self.type_test(value(), wanted, span),
                    other => self.match_constant(value(), other, pattern.span),
                }
            }
            PatternKind::Declaration { of, designation } => {
                let inferred = matches!(of.kind, syntax::TypeKind::Var);
                let wanted = if inferred { ty } else { self.resolve_type(of) };
                if !inferred && matches!(wanted.get(), Type::Nullable(_)) {
                    let message =
                        "It is not legal to use a nullable type in a pattern; use the underlying type instead.";
                    self.error(ErrorKind::Type, "CS8116", of.span, message);
                }
                if super::dynamic::is_dynamic(wanted) && !inferred {
                    let message = "It is not legal to use the type 'dynamic' in a pattern.";
                    self.error(ErrorKind::Type, "CS8208", of.span, message);
                }
                if !inferred
                    && !is_error(ty)
                    && !is_error(wanted)
                    && !may_hold(ty, wanted)
                    && (matches!(ty.get(), Type::LocalParameter(_)) || matches!(wanted.get(), Type::LocalParameter(_)))
                {
                    let message = format!(
                        "An expression of type '{}' cannot be handled by a pattern of type '{}' in C# 7.0. Please use language version 7.1 or greater.",
                        ty.csharp_name(),
                        wanted.csharp_name()
                    );
                    if !self.options.csharp_7_3 {
                        self.error(ErrorKind::Type, "CS8314", of.span, message);
                    }
                } else if !inferred && !is_error(ty) && !is_error(wanted) && !may_hold(ty, wanted) {
                    let message = format!(
                        "An expression of type '{}' cannot be handled by a pattern of type '{}'.",
                        ty.csharp_name(),
                        wanted.csharp_name()
                    );
                    self.error(ErrorKind::Type, "CS8121", of.span, message);
                }
                let yes = Expr { kind: ExprKind::Const(Const::Bool(true)), ty: types::boolean(), span };
                let declared = match designation {
                    Designation::Name(name) => {
                        let local = self.declare_in_expression(&name.text, name.span, wanted);
                        let bare = if wanted == ty {
                            value()
                        } else {
                            Expr { kind: ExprKind::Cast(Box::new(value())), ty: wanted, span }
                        };
                        let set = assign_local(local, bare, span);
                        Expr {
                            kind: ExprKind::Sequence { before: vec![set], value: Box::new(yes) },
                            ty: types::boolean(),
                            span,
                        }
                    }
                    Designation::Discard(_) => yes,
                    Designation::Tuple(_, at) => {
                        return self.error(
                            ErrorKind::Unsupported,
                            "CS8652",
                            *at,
                            "Recursive patterns are not available in C# 7.0.",
                        );
                    }
                };
                if inferred {
                    return declared;
                }
                let test = self.type_test(value(), wanted, span);
                Expr { kind: ExprKind::AndAlso(Box::new(test), Box::new(declared)), ty: types::boolean(), span }
            }
        }
    }

    /// `value is constant`.
    pub fn match_constant(&mut self, value: Expr, constant: Operand, span: Span) -> Expr {
        let boolean = types::boolean();
        let constant = match constant {
            Operand::Value(constant) => constant,
            other if is_error(value.ty) => self.value(other).unwrap_or_else(|| erroneous(span)),
            other => self.convert(other, value.ty, span),
        };
        if is_error(value.ty) || is_error(constant.ty) {
            return Expr { kind: ExprKind::Error, ty: boolean, span };
        }
        // It must convert to what is tested, and stay a constant.
        let open = matches!(strip_nullable(value.ty).get(), Type::LocalParameter(_));
        let conversion = self.classify_value(&constant, value.ty, false);
        if conversion.is_none() && !open {
            return self.no_conversion(&constant, value.ty, constant.span);
        }
        let ExprKind::Const(folded) = &constant.kind else {
            return self.error(ErrorKind::Type, "CS0150", constant.span, "A constant value is expected");
        };
        if matches!(folded, Const::Null) {
            if is_value_type(value.ty) && !matches!(value.ty.get(), Type::Nullable(_)) {
                let message = format!(
                    "Cannot convert null to '{}' because it is a non-nullable value type",
                    value.ty.csharp_name()
                );
                return self.error(ErrorKind::Type, "CS0037", span, message);
            }
            return Expr { kind: ExprKind::IsNull(Box::new(value)), ty: boolean, span };
        }
        let bare = strip_nullable(value.ty);
        let direct = super::convert::numeric(bare).is_some()
            || bare == types::string()
            || bare == boolean
            || super::convert::is_enum(bare);
        if direct {
            let wanted = self.convert(Operand::Value(constant), bare, span);
            // What is no number is equal to itself here.
            let no_number = match &wanted.kind {
                ExprKind::Const(Const::Double(number)) => number.is_nan(),
                ExprKind::Const(Const::Single(number)) => number.is_nan(),
                _ => false,
            };
            let nullable = bare != value.ty;
            let ty = value.ty;
            let temp = self.temporary(ty);
            let local = || Expr { kind: ExprKind::Local(temp), ty, span };
            let operand =
                if nullable { Expr { kind: ExprKind::Retype(Box::new(local())), ty: bare, span } } else { local() };
            let (op, wanted) = match no_number {
                true => (syntax::BinaryOp::NotEqual, operand.clone()),
                false => (syntax::BinaryOp::Equal, wanted),
            };
            let same = self.binary(op, Operand::Value(operand), Operand::Value(wanted), span);
            let test = if nullable {
                let is_null = Expr { kind: ExprKind::IsNull(Box::new(local())), ty: boolean, span };
                let not_null = Expr { kind: ExprKind::Not(Box::new(is_null)), ty: boolean, span };
                Expr { kind: ExprKind::AndAlso(Box::new(not_null), Box::new(same)), ty: boolean, span }
            } else {
                same
            };
            return Expr {
                kind: ExprKind::Sequence { before: vec![assign_local(temp, value, span)], value: Box::new(test) },
                ty: boolean,
                span,
            };
        }
        if matches!(conversion, Some(Conv::User { .. } | Conv::Ambiguous)) {
            return self.error(ErrorKind::Type, "CS0150", constant.span, "A constant value is expected");
        }
        // Against an object, the constant must be a value of its own type and equal: `object.Equals`.
        let object = types::object();
        let constant_ty = constant.ty;
        if super::convert::classify(value.ty, None, constant_ty, true).is_none() {
            let message = format!(
                "An expression of type '{}' cannot be handled by a pattern of type '{}'.",
                value.ty.csharp_name(),
                constant_ty.csharp_name()
            );
            return self.error(ErrorKind::Type, "CS8121", span, message);
        }
        let equals = self
            .members(object, "Equals")
            .into_iter()
            .find(|f| f.member.row.is_static && f.member.parameters.len() == 2);
        let Some(equals) = equals else { return erroneous(span) };
        let boxed = |e: Expr| Argument::Value(Expr { kind: ExprKind::Retype(Box::new(e)), ty: object, span });
        let call = ExprKind::Call {
            member: equals.member,
            type_arguments: Vec::new(),
            arguments: vec![boxed(constant), boxed(value)],
            is_instance: false,
        };
        Expr { kind: call, ty: boolean, span }
    }

    /// The constant that a (qualified) name stands for, when it is one and no type.
    pub fn constant_named(&mut self, parts: &[syntax::GenericName], span: Span) -> Option<Expr> {
        let mark = self.mark();
        let mut operand = self.name(&parts[0], parts[0].name.span);
        for part in &parts[1..] {
            operand = self.member(operand, part, span);
        }
        let found = match operand {
            Operand::Value(value) if !self.failed_since(mark) => Some(value),
            _ => None,
        };
        if found.is_none() {
            self.roll_back(mark);
        }
        found
    }

    // ---- deconstruction

    /// `(a, b) = value`, `var (a, b) = value`, `(var a, int b) = value`.
    pub fn deconstruct(&mut self, target: &syntax::Expr, value: &syntax::Expr, span: Span) -> Expr {
        let (mut declares, mut assigns) = (false, false);
        mixes(target, &mut declares, &mut assigns);
        if declares && assigns {
            let message = "A deconstruction cannot mix declarations and expressions on the left-hand-side.";
            self.error(ErrorKind::Type, "CS8184", target.span, message);
        }
        let operand = self.operand(value);
        let value = match operand {
            Operand::Tuple(..) => {
                let Some(ty) = self.target_type(target) else {
                    return self.error(
                        ErrorKind::Type,
                        "CS8130",
                        span,
                        "Cannot infer the type of implicitly-typed deconstruction variable",
                    );
                };
                self.convert(operand, ty, span)
            }
            other => self.value(other).unwrap_or_else(|| erroneous(span)),
        };
        if is_error(value.ty) {
            let known = self.errors.len();
            self.declare_erroneous(target);
            self.errors.retain({
                let mut at = 0;
                move |error| {
                    at += 1;
                    at <= known || error.csharp != Some("CS8130")
                }
            });
            return erroneous(span);
        }
        let (ty, at) = (value.ty, value.span);
        let temp = self.temporary(ty);
        let mut before = vec![assign_local(temp, value, span)];
        let source = Expr { kind: ExprKind::Local(temp), ty, span };
        self.deconstruct_into(target, source, &mut before, at);
        let value = Expr { kind: ExprKind::Local(temp), ty, span };
        Expr { kind: ExprKind::Sequence { before, value: Box::new(value) }, ty, span }
    }

    fn target_type(&mut self, target: &syntax::Expr) -> Option<TypeId> {
        let S::Tuple(elements) = &target.kind else { return None };
        let types = elements
            .iter()
            .map(|e| match &e.value.kind {
                S::Declaration { of, .. } if !matches!(of.kind, syntax::TypeKind::Var) => Some(self.resolve_type(of)),
                S::Declaration { .. } => None,
                _ => {
                    let mark = self.mark();
                    let ty = self.value_of(&e.value).ty;
                    self.roll_back(mark);
                    Some(ty)
                }
            })
            .collect::<Option<Vec<_>>>()?;
        Some(TypeId::of(Type::Tuple(types, Vec::new())))
    }

    /// The parts of a value: of a tuple, or of what has a `Deconstruct` (a key and value pair).
    pub fn parts(&mut self, value: Expr, count: usize, before: &mut Vec<Expr>, span: Span) -> Option<Vec<Expr>> {
        let ty = value.ty;
        if let Type::Tuple(elements, _) = ty.get() {
            if elements.len() != count {
                let message =
                    format!("Cannot deconstruct a tuple of '{}' elements into '{count}' variables.", elements.len());
                self.error(ErrorKind::Type, "CS8132", span, message);
                return None;
            }
            let temp = self.temporary(ty);
            before.push(assign_local(temp, value, span));
            let field = |(at, field_ty): (usize, &TypeId)| {
                let record = Box::new(Expr { kind: ExprKind::Local(temp), ty, span });
                Expr { kind: ExprKind::Field { record, at: at as u32 }, ty: *field_ty, span }
            };
            return Some(elements.iter().enumerate().map(field).collect());
        }
        if ty.def().is_some_and(|def| def.name == "System.Tuple") && ty.arguments().len() == count && count < 8 {
            let temp = self.temporary(ty);
            before.push(assign_local(temp, value, span));
            let item = |(at, item_ty): (usize, &TypeId)| {
                let whole = Expr { kind: ExprKind::Local(temp), ty, span };
                let item = self.instance_member(whole, &format!("Item{}", at + 1), Vec::new(), span, span);
                self.value(item).unwrap_or_else(|| Expr { ty: *item_ty, ..erroneous(span) })
            };
            return Some(ty.arguments().iter().enumerate().map(item).collect());
        }
        let found = self.members(ty, "Deconstruct").into_iter().find(|f| f.member.parameters.len() == count);
        let Some(found) = found else {
            if super::dynamic::is_dynamic(ty) {
                self.error(ErrorKind::Type, "CS8133", span, "Cannot deconstruct dynamic objects.");
                return None;
            }
            let message = format!(
                "No suitable Deconstruct instance or extension method was found for type '{}', with {count} out parameters and a void return type.",
                ty.csharp_name()
            );
            self.error(ErrorKind::Type, "CS8129", span, message);
            return None;
        };
        let mut arguments = vec![Argument::Value(value)];
        let mut parts = Vec::new();
        for parameter in &found.member.parameters {
            let part_ty = found.own(parameter.ty);
            let local = self.temporary(part_ty);
            arguments.push(Argument::Reference { place: Place::Local(local), is_out: true });
            parts.push(Expr { kind: ExprKind::Local(local), ty: part_ty, span });
        }
        let call = ExprKind::Call {
            member: found.member,
            type_arguments: found.owner.arguments().to_vec(),
            arguments,
            is_instance: true,
        };
        before.push(Expr { kind: call, ty: types::void(), span });
        Some(parts)
    }

    pub fn deconstruct_into(&mut self, target: &syntax::Expr, value: Expr, before: &mut Vec<Expr>, span: Span) {
        match &target.kind {
            S::Tuple(elements) => {
                let Some(parts) = self.parts(value, elements.len(), before, span) else {
                    self.declare_erroneous(target);
                    return;
                };
                for (element, part) in elements.iter().zip(parts) {
                    self.deconstruct_into(&element.value, part, before, span);
                }
            }
            S::Declaration { of, designation } => {
                let ty = (!matches!(of.kind, syntax::TypeKind::Var)).then(|| self.resolve_type(of));
                self.designate(designation, ty, value, before, span);
            }
            S::Name(name) if &*name.name.text == "_" && self.find("_").is_none() => {
                let ty = value.ty;
                before.push(Expr {
                    kind: ExprKind::Assign { place: Place::Discard, value: Box::new(value) },
                    ty,
                    span,
                });
            }
            _ => {
                let place = self.value_of(target);
                let stored = self.assign(place, Operand::Value(value), span);
                before.push(stored);
            }
        }
    }

    fn designate(
        &mut self,
        designation: &Designation,
        ty: Option<TypeId>,
        value: Expr,
        before: &mut Vec<Expr>,
        span: Span,
    ) {
        match designation {
            Designation::Name(name) => {
                let ty = ty.unwrap_or(value.ty);
                let value = self.convert(Operand::Value(value), ty, span);
                let local = self.declare_local(&name.text, name.span, ty, Readonly::No);
                before.push(assign_local(local, value, span));
            }
            Designation::Discard(_) => {
                let ty = value.ty;
                before.push(Expr {
                    kind: ExprKind::Assign { place: Place::Discard, value: Box::new(value) },
                    ty,
                    span,
                });
            }
            Designation::Tuple(inner, _) => {
                let Some(parts) = self.parts(value, inner.len(), before, span) else {
                    let told = self.told_of_count();
                    for one in inner {
                        self.designate_erroneous(one, told);
                    }
                    return;
                };
                for (one, part) in inner.iter().zip(parts) {
                    self.designate(one, None, part, before, span);
                }
            }
        }
    }

    /// Whether the last mistake is that a tuple has another number of elements: their types are known.
    fn told_of_count(&self) -> bool {
        self.errors.last().is_some_and(|error| error.csharp == Some("CS8132"))
    }

    /// Declares a name of a deconstruction that failed; `typed`: it is not its type that is missing.
    fn designate_erroneous(&mut self, designation: &Designation, typed: bool) {
        match designation {
            Designation::Name(name) => {
                if !typed {
                    let message =
                        format!("Cannot infer the type of implicitly-typed deconstruction variable '{}'.", name.text);
                    self.error(ErrorKind::Type, "CS8130", name.span, message);
                }
                self.declare_local(&name.text, name.span, types::error(), Readonly::No);
            }
            Designation::Discard(_) => {}
            Designation::Tuple(inner, _) => inner.iter().for_each(|one| self.designate_erroneous(one, typed)),
        }
    }

    /// Declares what a failed deconstruction names, so that its uses are no errors of their own.
    pub fn declare_erroneous(&mut self, target: &syntax::Expr) {
        let told = self.told_of_count();
        match &target.kind {
            S::Tuple(elements) => elements.iter().for_each(|e| self.declare_erroneous(&e.value)),
            S::Declaration { of, designation } => {
                self.designate_erroneous(designation, told || !matches!(of.kind, syntax::TypeKind::Var));
            }
            _ => {}
        }
    }
}
