//! Expressions: each form to what binds it; literals, interpolation and conditions here.

use super::access::Operand;
use super::constant;
use super::convert::strip_nullable;
use super::ir::{Const, Expr, ExprKind, Piece, Span, Stmt, StmtKind};
use super::scope::{Binder, erroneous, is_error};
use super::{ErrorKind, Target};
use crate::dotnet::inherit::{self, is_subtype, is_value_type};
use crate::dotnet::types::{self, Type, TypeId};
use portcullis_grammar::syntax::{self, BinaryOp, ByRef, ExprKind as S, IntSuffix, Literal, RealSuffix};

impl Binder<'_> {
    pub fn bind_entry_expression(&mut self, tree: &syntax::Expr, target: Target) {
        let operand = self.operand_or_throw(tree);
        let span = tree.span;
        let value = match target.ty {
            Some(ty) if !matches!(operand, Operand::Throw(..)) => self.convert(operand, ty, span),
            _ => {
                let value = self.value(operand).unwrap_or_else(|| erroneous(span));
                if matches!(value.ty.get(), Type::Void) {
                    self.error(ErrorKind::Type, "CS0029", span, "Cannot implicitly convert type 'void' to 'object'")
                } else {
                    value
                }
            }
        };
        self.result = Some(value.ty);
        self.set_body(vec![Stmt { kind: StmtKind::Return(Some(value)), span }]);
    }

    /// Where `throw` may stand: branches of `?:`, the right side of `??`, and bodies behind `=>`.
    pub fn operand_or_throw(&mut self, tree: &syntax::Expr) -> Operand {
        match &tree.kind {
            S::Throw(thrown) => {
                let exception = self.thrown(thrown);
                Operand::Throw(Box::new(exception), tree.span)
            }
            _ => self.operand(tree),
        }
    }

    /// Binds an expression as far as it goes without knowing what its place asks.
    pub fn operand(&mut self, tree: &syntax::Expr) -> Operand {
        let span = tree.span;
        match &tree.kind {
            S::Literal(literal) => Operand::Value(self.literal(literal, span)),
            S::Default(None) => {
                if !self.options.csharp_7_3 {
                    self.error(ErrorKind::Unsupported, "CS8107", span, "Feature 'default literal' is not available in C# 7.0. Please use language version 7.1 or greater.");
                    return Operand::Value(erroneous(span));
                }
                Operand::Default(span)
            }
            S::Default(Some(ty)) => {
                let ty = self.resolve_type(ty);
                Operand::Value(self.default_value(ty, span))
            }
            S::Interpolated(parts) => Operand::Value(self.interpolated(parts, span)),
            S::Name(name) => self.name(name, span),
            S::PredefinedType(of) => Operand::Type(super::lookup::predefined(*of), span),
            S::AliasQualified { name, .. } => self.name(name, span),
            S::Base => Operand::Value(self.error(ErrorKind::Name, "CS1511", span, "Keyword 'base' is not available in a policy expression")),
            S::This => Operand::Value(self.error(ErrorKind::Name, "CS0026", span, "Keyword 'this' is not valid in a policy expression")),
            S::Parenthesized(inner) => match self.operand(inner) {
                operand @ (Operand::Type(..) | Operand::Namespace(..)) => {
                    Operand::Value(self.value(operand).unwrap_or_else(|| erroneous(span)))
                }
                operand => operand,
            },
            S::Member { target, name } => {
                let target = self.operand(target);
                self.member(target, name, span)
            }
            S::ConditionalAccess { target, rest } => Operand::Value(self.conditional_access(target, rest, span)),
            S::ConditionalReceiver => match self.receivers.last() {
                Some(&(local, ty)) => {
                    let value = Expr { kind: ExprKind::Local(local), ty, span };
                    let bare = strip_nullable(ty);
                    Operand::Value(if bare == ty { value } else { Expr { kind: ExprKind::Retype(Box::new(value)), ty: bare, span } })
                }
                None => Operand::Value(erroneous(span)),
            },
            S::Invocation { target, arguments } => self.invocation(target, arguments, span),
            S::Element { target, arguments } => {
                let target = self.operand(target);
                self.element(target, arguments, span)
            }
            S::New { of, arguments, initializer } => self.new_object(of, arguments.as_deref(), initializer.as_ref(), span),
            S::NewAnonymous(members) => Operand::Value(self.anonymous(members, span)),
            S::NewArray { of, sizes, initializer } => Operand::Value(self.new_array(of, sizes, initializer.as_ref(), span)),
            S::NewImplicitArray { rank, initializer } => Operand::Value(self.implicit_array(*rank, initializer, span)),
            S::ArrayInitializer(_) => Operand::Value(self.error(ErrorKind::Type, "CS0622", span, "Can only use array initializer expressions to assign to array types. Try using a new expression instead.")),
            S::TypeOf(ty) => {
                let ty = match self.unbound_type(ty) {
                    Some(open) => open,
                    None if matches!(ty.kind, syntax::TypeKind::Predefined(syntax::PredefinedType::Void)) => types::void(),
                    None => self.resolve_type(ty),
                };
                if super::dynamic::is_dynamic(ty) {
                    let message = "The typeof operator cannot be used on the dynamic type";
                    return Operand::Value(self.error(ErrorKind::Type, "CS1962", span, message));
                }
                Operand::Value(Expr { kind: ExprKind::Const(Const::Type(ty)), ty: types::type_type(), span })
            }
            S::SizeOf(ty) => {
                let ty = self.resolve_type(ty);
                let size = match super::convert::numeric(ty) {
                    Some(n) => match n {
                        super::ir::Numeric::SByte | super::ir::Numeric::Byte => 1,
                        super::ir::Numeric::Int16 | super::ir::Numeric::UInt16 | super::ir::Numeric::Char => 2,
                        super::ir::Numeric::Int32 | super::ir::Numeric::UInt32 | super::ir::Numeric::Single => 4,
                        super::ir::Numeric::Decimal => 16,
                        _ => 8,
                    },
                    None if ty == types::boolean() => 1,
                    None if super::convert::is_enum(ty) => 4,
                    None if !is_value_type(ty) => {
                        let message = format!("Cannot take the address of, get the size of, or declare a pointer to a managed type ('{}')", ty.csharp_name());
                        return Operand::Value(self.error(ErrorKind::Type, "CS0208", span, message));
                    }
                    None => {
                        let message = format!("'{}' does not have a predefined size, therefore sizeof can only be used in an unsafe context", ty.csharp_name());
                        return Operand::Value(self.error(ErrorKind::Type, "CS0233", span, message));
                    }
                };
                Operand::Value(Expr { kind: ExprKind::Const(Const::Int32(size)), ty: types::int32(), span })
            }
            S::NameOf(inner) => Operand::Value(self.name_of(inner, span)),
            S::Checked(inner) | S::Unchecked(inner) => {
                let checked = matches!(tree.kind, S::Checked(_));
                let before = (self.checked, self.unchecked);
                (self.checked, self.unchecked) = (checked, !checked);
                let operand = self.operand(inner);
                (self.checked, self.unchecked) = before;
                operand
            }
            S::Cast { to, operand } => {
                let to = self.resolve_type(to);
                let operand = self.operand(operand);
                Operand::Value(self.cast(operand, to, span))
            }
            S::Unary { op, operand } => {
                if *op == syntax::UnaryOp::Minus
                    && let S::Literal(Literal::Int { value: 9_223_372_036_854_775_808, suffix: IntSuffix::None | IntSuffix::L }) = &operand.kind
                {
                    return Operand::Value(Expr { kind: ExprKind::Const(Const::Int64(i64::MIN)), ty: types::int64(), span });
                }
                if *op == syntax::UnaryOp::Minus
                    && let S::Literal(Literal::Int { value: 2_147_483_648, suffix: IntSuffix::None }) = &operand.kind
                {
                    return Operand::Value(Expr { kind: ExprKind::Const(Const::Int32(i32::MIN)), ty: types::int32(), span });
                }
                if !matches!(op, syntax::UnaryOp::Plus | syntax::UnaryOp::Minus | syntax::UnaryOp::Not | syntax::UnaryOp::Complement)
                    && self.refuse_readonly(operand)
                {
                    return Operand::Value(erroneous(span));
                }
                let inner = self.operand(operand);
                Operand::Value(self.unary(*op, inner, span))
            }
            S::Binary { .. } => Operand::Value(self.binary_chain(tree)),
            S::IsType { operand, of } => Operand::Value(self.is_type(operand, of, span)),
            S::IsPattern { operand, pattern } => Operand::Value(self.is_pattern(operand, pattern, span)),
            S::As { operand, to } => Operand::Value(self.as_type(operand, to, span)),
            S::Conditional { condition, yes, no } => self.conditional(condition, yes, no, span),
            S::Assign { op, target, value } => Operand::Value(self.assignment(*op, target, value, span)),
            S::Lambda(lambda) => self.lambda_operand(lambda, span),
            S::Query(query) => {
                if let Some(twice) = super::query::declared_twice(query) {
                    let message = format!("The range variable '{}' has already been declared", twice.text);
                    return Operand::Value(self.error(ErrorKind::Name, "CS1930", twice.span, message));
                }
                let call = super::query::translate(query, span);
                let (errors, keys) = (self.errors.len(), self.join_keys.len());
                self.join_keys.extend(super::query::join_keys(query));
                let bound = self.operand(&call);
                self.join_keys.truncate(keys);
                // A key that cannot be bound hides what is wrong with the other one.
                for name in super::query::swapped_keys(query) {
                    let told = self.errors[errors..].iter().any(|error| error.span == name.span);
                    if !told && self.find(&name.text).is_none() {
                        self.not_on_this_side(&name.text, "CS1937", name.span);
                    }
                }
                let places = super::query::places(query, span);
                for error in &mut self.errors[errors..] {
                    if error.csharp == Some("CS1977") {
                        error.csharp = Some("CS1979");
                        error.message = "Query expressions over source type 'dynamic' or with a join sequence of type 'dynamic' are not allowed".into();
                    }
                    super::query::speak(error, &places);
                }
                bound
            }
            S::Tuple(elements) => self.tuple(elements, span),
            S::Declaration { .. } => Operand::Value(self.error(ErrorKind::Name, "CS8185", span, "A declaration is not allowed in this context.")),
            S::Ref(_) => Operand::Value(self.error(ErrorKind::Type, "CS8149", span, "By-reference returns may only be used in methods that return by reference")),
            S::Throw(_) => {
                let message = "A throw expression is not allowed in this context.";
                Operand::Value(self.error(ErrorKind::Type, "CS8115", span, message))
            }
            S::NamedValue(_) | S::Error => Operand::Value(erroneous(span)),
        }
    }

    pub fn thrown(&mut self, tree: &syntax::Expr) -> Expr {
        let operand = self.operand(tree);
        if let Operand::Default(at) = operand {
            let message = "The type caught or thrown must be derived from System.Exception";
            return self.error(ErrorKind::Type, "CS0155", at, message);
        }
        let value = self.value(operand).unwrap_or_else(|| erroneous(tree.span));
        if !is_error(value.ty) && !matches!(value.ty.get(), Type::Null) && !is_subtype(value.ty, types::exception()) {
            return self.error(
                ErrorKind::Type,
                "CS0155",
                tree.span,
                "The type caught or thrown must be derived from System.Exception",
            );
        }
        value
    }

    fn literal(&mut self, literal: &Literal, span: Span) -> Expr {
        let (constant, ty) = match literal {
            Literal::Null => (Const::Null, types::null()),
            Literal::Bool(value) => (Const::Bool(*value), types::boolean()),
            Literal::Char(unit) => (Const::Char(*unit), types::char()),
            Literal::String(units) => (Const::String(units.clone()), types::string()),
            Literal::Int { value, suffix } => {
                let value = *value;
                let (small, long) = (u32::try_from(value).ok(), i64::try_from(value).ok());
                match suffix {
                    IntSuffix::None if value <= i32::MAX as u64 => (Const::Int32(value as i32), types::int32()),
                    IntSuffix::None | IntSuffix::U if small.is_some() => (Const::UInt32(value as u32), types::uint32()),
                    IntSuffix::None | IntSuffix::L if long.is_some() => (Const::Int64(value as i64), types::int64()),
                    _ => (Const::UInt64(value), types::uint64()),
                }
            }
            Literal::Real { text, suffix } => match suffix {
                RealSuffix::F => match text.parse::<f32>() {
                    Ok(value) if value.is_finite() => (Const::Single(value), types::single()),
                    _ => return self.outside_of("float", span),
                },
                RealSuffix::None | RealSuffix::D => match text.parse::<f64>() {
                    Ok(value) if value.is_finite() => {
                        self.real_literal = Some(span);
                        (Const::Double(value), types::double())
                    }
                    _ => return self.outside_of("double", span),
                },
                RealSuffix::M => {
                    let parsed = if text.contains(['e', 'E']) {
                        rust_decimal::Decimal::from_scientific(text)
                    } else {
                        rust_decimal::Decimal::from_str_exact(text).or_else(|_| text.parse())
                    };
                    match parsed {
                        Ok(value) => (Const::Decimal(value), types::decimal()),
                        Err(_) => return self.outside_of("decimal", span),
                    }
                }
            },
        };
        Expr { kind: ExprKind::Const(constant), ty, span }
    }

    fn outside_of(&mut self, ty: &str, span: Span) -> Expr {
        let message = format!("Floating-point constant is outside the range of type '{ty}'");
        self.error(ErrorKind::Type, "CS0594", span, message)
    }

    /// Left-deep chains of operators are bound without recursion: `a + b + c + ...` may be long.
    fn binary_chain(&mut self, tree: &syntax::Expr) -> Expr {
        let mut chain = Vec::new();
        let mut node = tree;
        while let S::Binary { op, left, right } = &node.kind {
            if *op == BinaryOp::Coalesce {
                break;
            }
            chain.push((*op, &**right, node.span));
            node = left;
        }
        if chain.is_empty() {
            let S::Binary { op, left, right } = &node.kind else { return erroneous(tree.span) };
            let left = self.operand(left);
            let right = self.operand_or_throw(right);
            return self.binary(*op, left, right, node.span);
        }
        let mut left = match (&node.kind, &chain[..]) {
            // What was meant is a cast, and reads as a difference.
            (S::Parenthesized(inner), [(BinaryOp::Subtract, _, span)]) => match self.operand(inner) {
                Operand::Type(..) if !matches!(inner.kind, S::Parenthesized(_)) => {
                    let message = "To cast a negative value, you must enclose the value in parentheses.";
                    return self.error(ErrorKind::Type, "CS0075", *span, message);
                }
                operand @ (Operand::Type(..) | Operand::Namespace(..)) => {
                    Operand::Value(self.value(operand).unwrap_or_else(|| erroneous(node.span)))
                }
                operand => operand,
            },
            _ => self.operand(node),
        };
        while let Some((op, right, span)) = chain.pop() {
            let right = self.operand(right);
            left = Operand::Value(self.binary(op, left, right, span));
        }
        self.value(left).unwrap_or_else(|| erroneous(tree.span))
    }

    fn interpolated(&mut self, parts: &[syntax::InterpolationPart], span: Span) -> Expr {
        let mut pieces = Vec::new();
        for part in parts {
            match part {
                syntax::InterpolationPart::Text(text, _) => pieces.push(Piece::Text(text.clone())),
                syntax::InterpolationPart::Hole { value, alignment, format, .. } => {
                    let alignment = alignment.as_ref().map_or(0, |tree| {
                        let operand = self.operand(tree);
                        let bound = self.convert(operand, types::int32(), tree.span);
                        match &bound.kind {
                            ExprKind::Error => 0,
                            ExprKind::Const(constant) if constant::integer(constant).is_some() => {
                                constant::integer(constant).unwrap_or_default() as i32
                            }
                            _ => {
                                self.error(ErrorKind::Type, "CS0150", tree.span, "A constant value is expected");
                                0
                            }
                        }
                    });
                    let operand = self.operand(value);
                    let bound = match operand {
                        Operand::Lambda(_) | Operand::Group(_) => self.convert(operand, types::object(), value.span),
                        other => self.value(other).unwrap_or_else(|| erroneous(value.span)),
                    };
                    if matches!(bound.ty.get(), Type::Void) {
                        self.error(
                            ErrorKind::Type,
                            "CS0029",
                            value.span,
                            "Cannot implicitly convert type 'void' to 'object'",
                        );
                    }
                    let format = format.as_ref().map(|units| String::from_utf16_lossy(units).into_boxed_str());
                    pieces.push(Piece::Hole { value: bound, alignment, format });
                }
            }
        }
        let ty = types::string();
        Expr { kind: ExprKind::Interpolate(pieces), ty, span }
    }

    fn conditional_access(&mut self, target: &syntax::Expr, rest: &syntax::Expr, span: Span) -> Expr {
        let target = self.value_of(target);
        if is_error(target.ty) {
            return erroneous(span);
        }
        let nullable = !is_value_type(target.ty) || matches!(target.ty.get(), Type::Nullable(_));
        if !nullable {
            let message = format!("Operator '?' cannot be applied to operand of type '{}'", target.ty.csharp_name());
            return self.error(ErrorKind::Type, "CS0023", span, message);
        }
        let (ty, at) = (target.ty, target.span);
        let temp = self.temporary(ty);
        self.receivers.push((temp, ty));
        let operand = self.operand(rest);
        let result = self.value(operand).unwrap_or_else(|| erroneous(span));
        self.receivers.pop();
        let is_null = Expr {
            kind: ExprKind::IsNull(Box::new(Expr { kind: ExprKind::Local(temp), ty, span: at })),
            ty: types::boolean(),
            span,
        };
        let result_ty = match result.ty.get() {
            Type::Void | Type::Error | Type::Nullable(_) => result.ty,
            _ if is_value_type(result.ty) => TypeId::nullable(result.ty),
            _ => result.ty,
        };
        let result = if result.ty == result_ty {
            result
        } else {
            Expr { kind: ExprKind::Retype(Box::new(result)), ty: result_ty, span }
        };
        let null = Expr { kind: ExprKind::Const(Const::Null), ty: result_ty, span };
        let choice =
            ExprKind::Conditional { test: Box::new(is_null), then: Box::new(null), otherwise: Box::new(result) };
        let choice = Expr { kind: choice, ty: result_ty, span };
        let before = vec![super::convert::assign_local(temp, target, span)];
        Expr { kind: ExprKind::Sequence { before, value: Box::new(choice) }, ty: result_ty, span }
    }

    fn conditional(&mut self, condition: &syntax::Expr, yes: &syntax::Expr, no: &syntax::Expr, span: Span) -> Operand {
        let test = self.condition(condition);
        match (&yes.kind, &no.kind) {
            (S::Ref(yes), S::Ref(no)) => return Operand::Value(self.conditional_reference(test, yes, no, span)),
            (S::Ref(_), _) | (_, S::Ref(_)) => {
                let message = "Both conditional operator values must be ref values or neither may be a ref value";
                return Operand::Value(self.error(ErrorKind::Type, "CS8326", span, message));
            }
            _ => {}
        }
        let yes_operand = self.operand_or_throw(yes);
        let no_operand = self.operand_or_throw(no);
        let ty = match (&yes_operand, &no_operand) {
            (Operand::Value(a), Operand::Value(b)) => {
                if is_error(a.ty) || is_error(b.ty) {
                    Some(types::error())
                } else if matches!(a.ty.get(), Type::Null) && matches!(b.ty.get(), Type::Null) {
                    None
                } else if [a.ty, b.ty].into_iter().any(super::dynamic::is_dynamic) {
                    Some(types::dynamic())
                } else {
                    let (to_b, to_a) =
                        (self.classify_value(a, b.ty, false).is_some(), self.classify_value(b, a.ty, false).is_some());
                    match (to_b, to_a) {
                        (true, false) => Some(b.ty),
                        (false, true) => Some(a.ty),
                        (true, true) if inherit::same(a.ty, b.ty) => Some(inherit::merge_names(a.ty, b.ty)),
                        // Constants convert both ways: the type that is not narrowed wins.
                        (true, true) => {
                            let types_only = super::convert::implicitly(a.ty, b.ty);
                            Some(if types_only { b.ty } else { a.ty })
                        }
                        (false, false) => None,
                    }
                }
            }
            (Operand::Value(a), other) if !matches!(a.ty.get(), Type::Null) => {
                self.converts(other, a.ty).then_some(a.ty)
            }
            (other, Operand::Value(b)) if !matches!(b.ty.get(), Type::Null) => {
                self.converts(other, b.ty).then_some(b.ty)
            }
            _ => None,
        };
        let Some(ty) = ty else {
            let shown = |operand: &Operand| match operand {
                Operand::Value(value) => value.ty.csharp_name(),
                Operand::Lambda(_) => "lambda expression".into(),
                _ => "?".into(),
            };
            let message = format!(
                "Type of conditional expression cannot be determined because there is no implicit conversion between '{}' and '{}'",
                shown(&yes_operand),
                shown(&no_operand)
            );
            return Operand::Value(self.error_help(
                ErrorKind::Type,
                "CS0173",
                span,
                message,
                Some("cast one of the two to the type that is meant".into()),
            ));
        };
        if is_error(ty) {
            return Operand::Value(erroneous(span));
        }
        if matches!(ty.get(), Type::Void) {
            return Operand::Value(self.error(ErrorKind::Type, "CS0173", span, "Type of conditional expression cannot be determined because there is no implicit conversion between 'void' and 'void'"));
        }
        let then = self.convert(yes_operand, ty, yes.span);
        let otherwise = self.convert(no_operand, ty, no.span);
        if let (ExprKind::Const(Const::Bool(value)), ExprKind::Const(_), ExprKind::Const(_)) =
            (&test.kind, &then.kind, &otherwise.kind)
        {
            return Operand::Value(Expr { span, ..if *value { then } else { otherwise } });
        }
        let kind = ExprKind::Conditional { test: Box::new(test), then: Box::new(then), otherwise: Box::new(otherwise) };
        Operand::Value(Expr { kind, ty, span })
    }

    /// `test ? ref a : ref b`: what one of two references refers to.
    fn conditional_reference(&mut self, test: Expr, yes: &syntax::Expr, no: &syntax::Expr, span: Span) -> Expr {
        // Whether they may be written is for what asks for the choice.
        let (then, otherwise) = (self.reference_to(yes, ByRef::Readonly), self.reference_to(no, ByRef::Readonly));
        if is_error(then.ty) || is_error(otherwise.ty) {
            return erroneous(span);
        }
        let ty = then.ty;
        if !crate::dotnet::inherit::same(ty, otherwise.ty) {
            let message =
                format!("The expression must be of type '{}' to match the alternative ref value", ty.csharp_name());
            return self.error(ErrorKind::Type, "CS8327", no.span, message);
        }
        let kind = ExprKind::Conditional { test: Box::new(test), then: Box::new(then), otherwise: Box::new(otherwise) };
        Expr { kind: ExprKind::Deref(Box::new(Expr { kind, ty, span })), ty, span }
    }

    /// A bool.
    pub fn condition(&mut self, tree: &syntax::Expr) -> Expr {
        let operand = self.operand(tree);
        let operand = match operand {
            Operand::Value(value) if super::dynamic::is_dynamic(value.ty) => return self.dynamic_truth(value),
            other => other,
        };
        self.convert(operand, types::boolean(), tree.span)
    }

    fn name_of(&mut self, inner: &syntax::Expr, span: Span) -> Expr {
        let name = match &inner.kind {
            S::Name(name) => {
                let mark = self.mark();
                let operand = self.name(name, inner.span);
                let failed = self.failed_since(mark);
                drop(operand);
                if failed {
                    return erroneous(span);
                }
                name.name.text.clone()
            }
            S::Member { target, name } => {
                if !named(target) {
                    let message = "Sub-expression cannot be used in an argument to nameof.";
                    return self.error(ErrorKind::Name, "CS8082", target.span, message);
                }
                let mark = self.mark();
                let target = self.operand(target);
                // What an instance has may be named through its type too.
                let known = matches!(&target, Operand::Type(ty, _) if !self.members(*ty, &name.name.text).is_empty() || self.is_built_in(*ty, &name.name.text));
                if known {
                    self.roll_back(mark);
                } else {
                    let _ = self.member(target, name, inner.span);
                    if self.failed_since(mark) {
                        return erroneous(span);
                    }
                }
                name.name.text.clone()
            }
            S::This => {
                return self.error(
                    ErrorKind::Name,
                    "CS0026",
                    inner.span,
                    "Keyword 'this' is not valid in a policy expression",
                );
            }
            _ => return self.error(ErrorKind::Name, "CS8081", span, "Expression does not have a name."),
        };
        Expr { kind: ExprKind::Const(Const::String(name.encode_utf16().collect())), ty: types::string(), span }
    }
}

/// Whether an expression is a name, or names with dots.
fn named(value: &syntax::Expr) -> bool {
    match &value.kind {
        S::Name(_) | S::PredefinedType(_) | S::AliasQualified { .. } | S::This => true,
        S::Member { target, .. } => named(target),
        _ => false,
    }
}
