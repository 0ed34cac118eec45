//! Conversions: which exist, and which is chosen.

use super::ErrorKind;
use super::access::Operand;
use super::constant;
use super::dynamic::Operation;
use super::ir::{Const, Expr, ExprKind, Numeric, Place, Span};
use super::lookup::{Found, delegate_signature};
use super::scope::{Binder, is_error};
use crate::dotnet::inherit::{self, is_subtype, is_value_type, same};
use crate::dotnet::member::Kind;
use crate::dotnet::types::{self, Type, TypeId};
use rustc_hash::FxHashMap;
use std::cell::RefCell;

/// How a value of one type becomes one of another.
#[derive(Clone, Debug)]
pub enum Conv {
    /// The same representation: identity, reference, boxing.
    Retype,
    Number(Numeric, Numeric),
    /// A constant that fits.
    Constant,
    /// To a nullable of what this gives.
    Wrap(Box<Conv>),
    /// From nullable to nullable: null stays.
    Lift(Box<Conv>),
    /// From a nullable's value.
    Unwrap(Box<Conv>),
    ToEnum,
    FromEnum(Numeric),
    /// A checked cast or unboxing.
    Cast,
    User {
        found: Found,
        to_parameter: Box<Conv>,
        to_result: Box<Conv>,
    },
    /// Several user-defined ones, none of them better.
    Ambiguous,
    Tuple(Vec<Conv>),
    /// Decided at run time.
    Dynamic,
    /// An interpolated string that is not formatted yet.
    Formattable,
}

pub fn numeric(ty: TypeId) -> Option<Numeric> {
    let name = ty.def()?.name;
    Some(match name {
        "System.SByte" => Numeric::SByte,
        "System.Byte" => Numeric::Byte,
        "System.Int16" => Numeric::Int16,
        "System.UInt16" => Numeric::UInt16,
        "System.Char" => Numeric::Char,
        "System.Int32" => Numeric::Int32,
        "System.UInt32" => Numeric::UInt32,
        "System.Int64" => Numeric::Int64,
        "System.UInt64" => Numeric::UInt64,
        "System.Single" => Numeric::Single,
        "System.Double" => Numeric::Double,
        "System.Decimal" => Numeric::Decimal,
        _ => return None,
    })
}

pub fn is_enum(ty: TypeId) -> bool {
    ty.def().is_some_and(|def| def.kind == Kind::Enum)
}

/// The implicit numeric conversions of the specification.
pub fn widens(from: Numeric, to: Numeric) -> bool {
    use Numeric as N;
    let targets: &[N] = match from {
        N::SByte => &[N::Int16, N::Int32, N::Int64, N::Single, N::Double, N::Decimal],
        N::Byte => &[N::Int16, N::UInt16, N::Int32, N::UInt32, N::Int64, N::UInt64, N::Single, N::Double, N::Decimal],
        N::Int16 => &[N::Int32, N::Int64, N::Single, N::Double, N::Decimal],
        N::UInt16 => &[N::Int32, N::UInt32, N::Int64, N::UInt64, N::Single, N::Double, N::Decimal],
        N::Char => &[N::UInt16, N::Int32, N::UInt32, N::Int64, N::UInt64, N::Single, N::Double, N::Decimal],
        N::Int32 => &[N::Int64, N::Single, N::Double, N::Decimal],
        N::UInt32 => &[N::Int64, N::UInt64, N::Single, N::Double, N::Decimal],
        N::Int64 | N::UInt64 => &[N::Single, N::Double, N::Decimal],
        N::Single => &[N::Double],
        N::Double | N::Decimal => &[],
    };
    targets.contains(&to)
}

/// A standard implicit conversion between types: identity, numeric, nullable, reference, boxing, null.
pub fn implicitly(from: TypeId, to: TypeId) -> bool {
    classify(from, None, to, false).is_some()
}

/// The built-in conversion from a type (or a constant of it) to another.
pub fn classify(from: TypeId, value: Option<&Const>, to: TypeId, explicit: bool) -> Option<Conv> {
    if same(from, to) || is_error(from) || is_error(to) {
        return Some(Conv::Retype);
    }
    if matches!(from.get(), Type::Null) {
        let parameter = matches!(to.get(), Type::LocalParameter(own) if !own.is_class);
        let nullable = (!is_value_type(to) || matches!(to.get(), Type::Nullable(_))) && !parameter;
        return (nullable && !matches!(to.get(), Type::Void)).then_some(Conv::Retype);
    }
    if matches!(from.get(), Type::Void) || matches!(to.get(), Type::Void) {
        return None;
    }
    if let (Type::Nullable(a), Type::Nullable(b)) = (from.get(), to.get()) {
        return classify(*a, None, *b, explicit).map(|c| Conv::Lift(Box::new(c)));
    }
    if let Type::Nullable(b) = to.get() {
        return match classify(from, value, *b, explicit) {
            Some(Conv::Cast) => Some(Conv::Cast),
            other => other.map(|c| Conv::Wrap(Box::new(c))),
        };
    }
    if let Type::Nullable(a) = from.get() {
        if is_value_type(to) {
            return if explicit { classify(*a, None, to, true).map(|c| Conv::Unwrap(Box::new(c))) } else { None };
        }
        return is_subtype(from, to).then_some(Conv::Retype);
    }
    if let (Some(a), Some(b)) = (numeric(from), numeric(to)) {
        if widens(a, b) {
            return Some(Conv::Number(a, b));
        }
        if value.is_some_and(|v| constant::fits(v, b))
            && matches!(a, Numeric::Int32 | Numeric::Int64)
            && integral(b)
            && b != Numeric::Char
        {
            let allowed = a == Numeric::Int32 || b == Numeric::UInt64;
            if allowed {
                return Some(Conv::Constant);
            }
        }
        return explicit.then_some(Conv::Number(a, b));
    }
    if is_enum(to) {
        if value.is_some_and(|v| matches!(v, Const::Int32(0))) {
            return Some(Conv::ToEnum);
        }
        if explicit {
            if numeric(from).is_some() {
                return Some(Conv::ToEnum);
            }
            if is_enum(from) {
                return Some(Conv::ToEnum);
            }
        }
    }
    if is_enum(from)
        && explicit
        && let Some(n) = numeric(to)
    {
        return Some(Conv::FromEnum(n));
    }
    if let (Type::Tuple(a, _), Type::Tuple(b, _)) = (from.get(), to.get()) {
        if a.len() != b.len() {
            return None;
        }
        return a
            .iter()
            .zip(b)
            .map(|(a, b)| classify(*a, None, *b, explicit))
            .collect::<Option<Vec<_>>>()
            .map(Conv::Tuple);
    }
    if is_subtype(from, to) {
        return Some(Conv::Retype);
    }
    if explicit {
        let interface = |ty: TypeId| ty.def().is_some_and(|def| def.kind == Kind::Interface);
        let sealed_off = |ty: TypeId| is_value_type(ty) || inherit::is_sealed(ty);
        let down = is_subtype(to, from);
        let crossing = (interface(from) && !sealed_off(to))
            || (interface(to) && !sealed_off(from))
            || (interface(from) && interface(to));
        let arrays = matches!((from.get(), to.get()), (Type::Array(a, _), Type::Array(b, _)) if !is_value_type(*a) && !is_value_type(*b));
        if down || crossing || arrays {
            return Some(Conv::Cast);
        }
    }
    None
}

pub fn integral(n: Numeric) -> bool {
    !matches!(n, Numeric::Single | Numeric::Double | Numeric::Decimal)
}

thread_local! {
    /// User-defined conversions that this thread has looked for: what there is follows from the tables alone.
    static CONVERSIONS: RefCell<FxHashMap<(TypeId, TypeId, bool), UserConversion>> = RefCell::default();
}

#[derive(Clone, Copy, Debug)]
enum UserConversion {
    None,
    One(Found),
    Several,
}

impl Binder<'_> {
    /// The conversion of a value, user-defined ones included.
    pub fn classify_value(&self, value: &Expr, to: TypeId, explicit: bool) -> Option<Conv> {
        let folded = match &value.kind {
            ExprKind::Const(constant) => Some(constant),
            _ => None,
        };
        if matches!(value.kind, ExprKind::Interpolate(_)) && is_formattable(to) {
            return Some(Conv::Formattable);
        }
        if super::dynamic::is_dynamic(value.ty)
            && !same(value.ty, to)
            && !is_error(to)
            && !matches!(to.get(), Type::Void)
        {
            return Some(Conv::Dynamic);
        }
        classify(value.ty, folded, to, explicit)
            .filter(|c| !matches!(c, Conv::Cast) || explicit)
            .or_else(|| self.tuple_conversion(value, to, explicit))
            .or_else(|| self.user_conversion(value.ty, to, explicit))
    }

    /// A tuple converts where its elements do: those of a literal as the values that they are, constants among them.
    fn tuple_conversion(&self, value: &Expr, to: TypeId, explicit: bool) -> Option<Conv> {
        if let Type::Nullable(of) = to.get() {
            return self.tuple_conversion(value, *of, explicit).map(|conv| Conv::Wrap(Box::new(conv)));
        }
        let (Type::Tuple(own, _), Type::Tuple(wanted, _)) = (value.ty.get(), to.get()) else { return None };
        if own.len() != wanted.len() {
            return None;
        }
        let literal = match &value.kind {
            ExprKind::Record(elements) => Some(elements),
            _ => None,
        };
        let element = |(at, (from, to)): (usize, (&TypeId, &TypeId))| match literal {
            Some(elements) => self.classify_value(&elements[at], *to, explicit),
            None => classify(*from, None, *to, explicit).or_else(|| self.user_conversion(*from, *to, explicit)),
        };
        own.iter().zip(wanted).enumerate().map(element).collect::<Option<Vec<_>>>().map(Conv::Tuple)
    }

    /// Whether any value of a type converts implicitly.
    pub fn converts_type(&self, from: TypeId, to: TypeId) -> bool {
        implicitly(from, to) || self.user_conversion(from, to, false).is_some()
    }

    /// A user-defined conversion (specification, "User-defined conversions"), the most specific one.
    fn user_conversion(&self, from: TypeId, to: TypeId, explicit: bool) -> Option<Conv> {
        if from == types::object()
            || to == types::object()
            || matches!(from.get(), Type::Null | Type::Void | Type::Dynamic)
            || matches!(to.get(), Type::Dynamic)
        {
            return None;
        }
        let (bare_from, bare_to) = (strip_nullable(from), strip_nullable(to));
        let interface = |ty: TypeId| ty.def().is_some_and(|def| def.kind == Kind::Interface);
        if interface(bare_from) || interface(bare_to) {
            return None;
        }
        let found = CONVERSIONS.with_borrow(|known| known.get(&(from, to, explicit)).copied());
        let found = found.unwrap_or_else(|| {
            let found = self.find_conversion(from, to, explicit);
            CONVERSIONS.with_borrow_mut(|known| known.insert((from, to, explicit), found));
            found
        });
        let found = match found {
            UserConversion::None => return None,
            UserConversion::One(found) => found,
            UserConversion::Several => return Some(Conv::Ambiguous),
        };
        let parameter = found.own(found.member.parameters[0].ty);
        let result = found.own(found.member.returns);
        let to_parameter = classify(from, None, parameter, false).or_else(|| classify(from, None, parameter, true))?;
        let to_result = classify(result, None, to, false).or_else(|| classify(result, None, to, true))?;
        Some(Conv::User { found, to_parameter: Box::new(to_parameter), to_result: Box::new(to_result) })
    }

    fn find_conversion(&self, from: TypeId, to: TypeId, explicit: bool) -> UserConversion {
        let (bare_from, bare_to) = (strip_nullable(from), strip_nullable(to));
        let names: &[&str] = if explicit { &["op_Implicit", "op_Explicit"] } else { &["op_Implicit"] };
        let mut operators: Vec<Found> = Vec::new();
        for name in names {
            for ty in [bare_from, bare_to] {
                for found in self.members(ty, name) {
                    if !operators.iter().any(|o| std::ptr::eq(o.member, found.member)) {
                        operators.push(found);
                    }
                }
            }
        }
        let parameter = |f: &Found| f.own(f.member.parameters[0].ty);
        let result = |f: &Found| f.own(f.member.returns);
        let leads = |a: TypeId, b: TypeId| implicitly(a, b) || explicit && implicitly(b, a);
        let usable = |f: &Found| {
            let (parameter, result) = (parameter(f), result(f));
            leads(from, parameter) && leads(result, to) && !is_error(parameter) && !is_error(result)
        };
        let usable: Vec<_> = operators.into_iter().filter(usable).collect();
        let sources: Vec<_> = usable.iter().map(parameter).collect();
        let targets: Vec<_> = usable.iter().map(result).collect();
        // Of types around the wanted one the innermost, of types inside it the outermost; those come first that lead
        // there implicitly.
        let source = specific(&sources, from, |ty| implicitly(from, ty), implicitly);
        let target = specific(&targets, to, |ty| implicitly(ty, to), |a, b| implicitly(b, a));
        let mut best: Vec<_> =
            usable.iter().filter(|f| Some(parameter(f)) == source && Some(result(f)) == target).collect();
        if best.is_empty() {
            best = usable.iter().filter(|f| Some(result(f)) == target).collect();
        }
        match best.first() {
            Some(found) => UserConversion::One(**found),
            None if usable.is_empty() => UserConversion::None,
            None => UserConversion::Several,
        }
    }

    /// Whether an argument converts implicitly.
    pub fn converts(&mut self, operand: &Operand, to: TypeId) -> bool {
        if is_error(to) {
            return false;
        }
        match operand {
            Operand::Value(value) => self.classify_value(value, to, false).is_some(),
            Operand::Default(_) => true,
            Operand::Throw(..) => true,
            Operand::Lambda(lambda) => delegate_signature(to).is_some_and(|s| self.lambda_fits(lambda, &s)),
            Operand::Group(group) => delegate_signature(to).is_some_and(|s| self.group_fits(group, &s)),
            Operand::Tuple(elements, _) => match to.get() {
                Type::Tuple(wanted, _) if wanted.len() == elements.len() => {
                    elements.iter().zip(wanted).all(|((_, element), wanted)| self.converts(element, *wanted))
                }
                _ => false,
            },
            Operand::Type(..) | Operand::Namespace(..) | Operand::Out { .. } => false,
        }
    }

    /// Converts implicitly, or reports why not.
    pub fn convert(&mut self, operand: Operand, to: TypeId, span: Span) -> Expr {
        match operand {
            Operand::Value(value) => {
                if is_error(value.ty) || is_error(to) || matches!(value.kind, ExprKind::Error) {
                    return Expr { ty: to, ..value };
                }
                match self.classify_value(&value, to, false) {
                    Some(conv) => self.apply(value, to, conv, span),
                    None => self.no_conversion(&value, to, span),
                }
            }
            Operand::Default(at) => self.default_value(to, at),
            Operand::Throw(thrown, at) => Expr { kind: ExprKind::Throw(thrown), ty: to, span: at },
            Operand::Lambda(lambda) => match delegate_signature(to) {
                Some(signature) => self.bind_lambda(&lambda, &signature, to),
                None if is_error(to) || super::dynamic::is_dynamic(to) => {
                    let before = self.errors.len();
                    self.bind_for_errors(&lambda, None);
                    if self.errors.len() == before && !is_error(to) {
                        let message =
                            "Cannot convert lambda expression to type 'dynamic' because it is not a delegate type";
                        self.error(ErrorKind::Type, "CS1660", span, message);
                    }
                    super::scope::erroneous(span)
                }
                None if answers_nothing(&lambda) => super::scope::erroneous(span),
                None => {
                    self.bind_for_errors(&lambda, None);
                    let message = format!(
                        "Cannot convert lambda expression to type '{}' because it is not a delegate type",
                        to.csharp_name()
                    );
                    self.error(ErrorKind::Type, "CS1660", span, message)
                }
            },
            Operand::Group(group) => match delegate_signature(to) {
                Some(signature) => self.bind_group(*group, &signature, to),
                None => {
                    let message = format!(
                        "Cannot convert method group '{}' to non-delegate type '{}'. Did you intend to invoke the method?",
                        group.name,
                        to.csharp_name()
                    );
                    self.error(ErrorKind::Type, "CS0428", span, message)
                }
            },
            Operand::Tuple(elements, at) => match to.get() {
                Type::Tuple(wanted, _) if wanted.len() == elements.len() => {
                    let fields = elements.into_iter().zip(wanted).map(|((_, e), w)| self.convert(e, *w, at)).collect();
                    Expr { kind: ExprKind::Record(fields), ty: to, span: at }
                }
                _ => {
                    let message = format!("Cannot implicitly convert the tuple to type '{}'", to.csharp_name());
                    self.error(ErrorKind::Type, "CS0029", span, message)
                }
            },
            other => self.value(other).map_or_else(|| super::scope::erroneous(span), |value| Expr { ty: to, ..value }),
        }
    }

    pub fn default_value(&mut self, ty: TypeId, span: Span) -> Expr {
        let kind = if matches!(ty.get(), Type::LocalParameter(_)) {
            ExprKind::Const(Const::Zero(ty))
        } else if is_value_type(ty) && !matches!(ty.get(), Type::Nullable(_)) {
            constant::zero(ty).map_or(ExprKind::Const(Const::Zero(ty)), ExprKind::Const)
        } else {
            ExprKind::Const(Const::Null)
        };
        Expr { kind, ty, span }
    }

    pub fn no_conversion(&mut self, value: &Expr, to: TypeId, span: Span) -> Expr {
        let from = value.ty;
        self.trouble.conversion = Some((from, to));
        if holds_error(value) {
            return super::scope::erroneous(span);
        }
        if let (Type::Null, Type::LocalParameter(parameter)) = (from.get(), to.get()) {
            let message = format!(
                "Cannot convert null to type parameter '{}' because it could be a non-nullable value type. Consider using 'default({})' instead.",
                parameter.name, parameter.name
            );
            return self.error(ErrorKind::Type, "CS0403", span, message);
        }
        if matches!(from.get(), Type::Null) {
            let message =
                format!("Cannot convert null to '{}' because it is a non-nullable value type", to.csharp_name());
            return self.error(ErrorKind::Type, "CS0037", span, message);
        }
        if let (ExprKind::Const(constant), Some(wanted)) = (&value.kind, numeric(to))
            && (matches!(constant, Const::Int32(_)) && integral(wanted) && wanted != Numeric::Char
                || matches!(constant, Const::Int64(_)) && wanted == Numeric::UInt64)
        {
            let message = format!(
                "Constant value '{}' cannot be converted to a '{}'",
                constant::show(constant),
                to.csharp_name()
            );
            return self.error(ErrorKind::Type, "CS0031", span, message);
        }
        if matches!(from.get(), Type::Void) && !matches!(to.get(), Type::Void) {
            let message = format!("Cannot implicitly convert type 'void' to '{}'", to.csharp_name());
            return self.error(ErrorKind::Type, "CS0029", span, message);
        }
        // Of a tuple that is written out, the first element that does not fit is told of.
        if let (ExprKind::Record(elements), Type::Tuple(wanted, _)) = (&value.kind, to.get())
            && elements.len() == wanted.len()
        {
            for (element, wanted) in elements.iter().zip(wanted) {
                if self.classify_value(element, *wanted, false).is_some() {
                    continue;
                }
                if matches!(element.kind, ExprKind::Record(_)) {
                    return self.no_conversion(element, *wanted, element.span);
                }
                let (from, to) = (element.ty.csharp_name(), wanted.csharp_name());
                let message = format!("Cannot implicitly convert type '{from}' to '{to}'");
                return self.error(ErrorKind::Type, "CS0029", element.span, message);
            }
        }
        let (from_name, to_name) = (from.csharp_name(), to.csharp_name());
        if self.classify_value(value, to, true).is_some() {
            if self.real_literal == Some(value.span)
                && let ExprKind::Const(Const::Double(_)) = value.kind
                && matches!(numeric(to), Some(Numeric::Single | Numeric::Decimal))
            {
                let suffix = if numeric(to) == Some(Numeric::Single) { 'F' } else { 'M' };
                let message = format!(
                    "Literal of type double cannot be implicitly converted to type '{to_name}'; use an '{suffix}' suffix to create a literal of this type"
                );
                return self.error(ErrorKind::Type, "CS0664", span, message);
            }
            let message = format!(
                "Cannot implicitly convert type '{from_name}' to '{to_name}'. An explicit conversion exists (are you missing a cast?)"
            );
            return self.error_help(
                ErrorKind::Type,
                "CS0266",
                span,
                message,
                Some(format!("write `({to_name})` before it")),
            );
        }
        let help = (to == types::string()).then(|| "call `.ToString()` on it".to_owned());
        let message = format!("Cannot implicitly convert type '{from_name}' to '{to_name}'");
        self.error_help(ErrorKind::Type, "CS0029", span, message, help)
    }

    /// `(T)value`.
    pub fn cast(&mut self, operand: Operand, to: TypeId, span: Span) -> Expr {
        match operand {
            Operand::Value(value) => {
                if is_error(value.ty) || is_error(to) {
                    return Expr { ty: to, ..value };
                }
                if super::dynamic::is_dynamic(value.ty) && !same(value.ty, to) {
                    let args = vec![super::dynamic::plain(value)];
                    return self.dynamic(Operation::Cast(to), args, to, span);
                }
                self.trouble.conversion = Some((value.ty, to));
                if let ExprKind::Const(constant) = &value.kind
                    && let Some(wanted) = numeric(to)
                    && numeric(value.ty).is_some()
                {
                    let decimals = matches!(constant, Const::Decimal(_)) || wanted == Numeric::Decimal;
                    return match constant::convert(constant, wanted, self.checked_constants()) {
                        Some(folded) => Expr { kind: ExprKind::Const(folded), ty: to, span },
                        None if decimals => {
                            let message = format!(
                                "Constant value '{}' cannot be converted to a '{}'",
                                constant::show(constant),
                                to.csharp_name()
                            );
                            self.error(ErrorKind::Type, "CS0031", span, message)
                        }
                        None => {
                            let message = format!(
                                "Constant value '{}' cannot be converted to a '{}' (use 'unchecked' syntax to override)",
                                constant::show(constant),
                                to.csharp_name()
                            );
                            self.error(ErrorKind::Type, "CS0221", span, message)
                        }
                    };
                }
                if let (ExprKind::Const(constant), Type::Nullable(of)) = (&value.kind, to.get())
                    && numeric(value.ty).is_some()
                    && let Some(wanted) = numeric(*of)
                    && constant::convert(constant, wanted, self.checked_constants()).is_none()
                {
                    let message = format!("Cannot convert type '{}' to '{}'", value.ty.csharp_name(), to.csharp_name());
                    return self.error(ErrorKind::Type, "CS0030", span, message);
                }
                let folded = match &value.kind {
                    ExprKind::Const(constant) => Some(constant),
                    _ => None,
                };
                if matches!(value.kind, ExprKind::Interpolate(_)) && is_formattable(to) {
                    return self.apply(value, to, Conv::Formattable, span);
                }
                let conv = classify(value.ty, folded, to, true)
                    .or_else(|| self.tuple_conversion(&value, to, true))
                    .or_else(|| self.user_conversion(value.ty, to, true));
                match conv {
                    Some(conv) => self.apply(value, to, conv, span),
                    None => {
                        if matches!(value.ty.get(), Type::Null) {
                            let message = format!(
                                "Cannot convert null to '{}' because it is a non-nullable value type",
                                to.csharp_name()
                            );
                            return self.error(ErrorKind::Type, "CS0037", span, message);
                        }
                        let message =
                            format!("Cannot convert type '{}' to '{}'", value.ty.csharp_name(), to.csharp_name());
                        self.error(ErrorKind::Type, "CS0030", span, message)
                    }
                }
            }
            Operand::Group(_) if delegate_signature(to).is_none() && !is_error(to) => {
                let message = format!("Cannot convert type 'method' to '{}'", to.csharp_name());
                self.error(ErrorKind::Type, "CS0030", span, message)
            }
            other => self.convert(other, to, span),
        }
    }

    /// Whether constant arithmetic is checked: it is, but inside `unchecked`.
    pub fn checked_constants(&self) -> bool {
        !self.unchecked
    }
}

/// Whether something in an expression is wrong already: no more is said of the whole.
pub fn holds_error(value: &Expr) -> bool {
    let mut found = false;
    // What was bound for its types alone is not wrong.
    if !matches!(value.kind, ExprKind::Error) {
        super::ir::visit::expression(value, &mut |inner| found |= matches!(inner.kind, ExprKind::Error));
    }
    found
}

/// What an interpolated string may be instead of a string.
fn is_formattable(ty: TypeId) -> bool {
    ty.def().is_some_and(|def| matches!(def.name, "System.FormattableString" | "System.IFormattable"))
}

pub fn assign_local(local: super::ir::LocalId, value: Expr, span: Span) -> Expr {
    let ty = value.ty;
    Expr { kind: ExprKind::Assign { place: Place::Local(local), value: Box::new(value) }, ty, span }
}

pub fn strip_nullable(ty: TypeId) -> TypeId {
    match ty.get() {
        Type::Nullable(of) => *of,
        _ => ty,
    }
}

/// The wanted type if it is among them; else the most specific one of those that are `near`, else of the others, whose
/// order is the other way round.
fn specific(
    types: &[TypeId],
    wanted: TypeId,
    near: impl Fn(TypeId) -> bool,
    below: impl Fn(TypeId, TypeId) -> bool,
) -> Option<TypeId> {
    if types.contains(&wanted) {
        return Some(wanted);
    }
    let close: Vec<TypeId> = types.iter().copied().filter(|ty| near(*ty)).collect();
    let found = if close.is_empty() {
        types.iter().copied().find(|best| types.iter().all(|other| below(*other, *best)))
    } else {
        close.iter().copied().find(|best| close.iter().all(|other| below(*best, *other)))
    };
    found.or_else(|| types.first().copied().filter(|_| types.iter().all(|t| inherit::same(*t, types[0]))))
}

/// Whether what a lambda answers is missing in the text.
fn answers_nothing(lambda: &super::lambda::LambdaOperand) -> bool {
    use portcullis_grammar::syntax::{Body, ExprKind as S};
    matches!(&lambda.syntax.body, Body::Expr(value) if matches!(&value.kind, S::Name(name) if name.name.text.is_empty()))
}
