//! Overload resolution (C# specification, "Overload resolution"): applicable members, and the better of two.

use super::access::{Group, Operand};
use super::convert::{implicitly, widens};
use super::infer::best_common_type;
use super::ir::{Expr, Span};
use super::lookup::{Found, delegate_signature};
use super::scope::{Binder, is_error, is_wrong};
use super::{ErrorKind, convert};
use crate::dotnet::inherit::{self, substitute};
use crate::dotnet::member::{Member, Mode};
use crate::dotnet::types::{self, Type, TypeId};
use portcullis_grammar::syntax::Passing;

/// An argument before its parameter is known.
#[derive(Debug)]
pub struct Arg {
    pub name: Option<Box<str>>,
    pub passing: Passing,
    pub operand: Operand,
    pub span: Span,
}

/// A member with everything decided.
#[derive(Clone, Debug)]
pub struct Chosen {
    pub found: Found,
    /// The method's own type arguments.
    pub method: Vec<TypeId>,
    /// For each argument, its parameter.
    pub parameter_of: Vec<usize>,
    /// The `params` array is made of the last arguments.
    pub expanded: bool,
}

impl Chosen {
    pub fn ty(&self, ty: TypeId) -> TypeId {
        substitute(ty, self.found.owner.arguments(), &self.method)
    }

    /// The type that argument `at` converts to.
    fn parameter_type(&self, at: usize) -> TypeId {
        let member = self.found.member;
        let parameter = &member.parameters[self.parameter_of[at]];
        let ty = self.ty(parameter.ty);
        if self.expanded && self.parameter_of[at] + 1 == member.parameters.len() { element(ty) } else { ty }
    }
}

fn element(ty: TypeId) -> TypeId {
    match ty.get() {
        Type::Array(of, _) => *of,
        _ => ty,
    }
}

/// Why no member took the arguments.
#[derive(Clone, Debug)]
pub enum Failure {
    /// No member takes so many arguments.
    Count,
    /// An argument without a parameter of its name.
    NoSuchName(usize),
    /// An argument names a parameter that has one by its position.
    Positional(usize),
    /// A required parameter without an argument.
    Missing(&'static str),
    /// More than one overload lacks an argument.
    SeveralMissing,
    /// Two arguments of one name.
    Twice(usize),
    CannotInfer,
    /// This argument does not convert to this type.
    Argument(usize, TypeId),
    Passing(usize, Mode),
    Ambiguous(Found, Found),
}

fn rank(failure: &Failure) -> u8 {
    match failure {
        Failure::Count => 0,
        Failure::NoSuchName(_) => 1,
        Failure::Positional(_) => 2,
        Failure::Missing(_) | Failure::SeveralMissing => 3,
        Failure::Twice(_) => 4,
        Failure::CannotInfer => 5,
        Failure::Passing(..) => 6,
        Failure::Argument(..) => 7,
        Failure::Ambiguous(..) => 8,
    }
}

/// How much a failure tells: a lambda is best explained by a delegate with as many parameters, and not by what is no
/// delegate at all.
fn weight(failure: &Failure, args: &[&Arg]) -> u8 {
    let weight = rank(failure) * 3;
    let Failure::Argument(at, wanted) = failure else { return weight };
    let Some(Operand::Lambda(lambda)) = args.get(*at).map(|arg| &arg.operand) else { return weight };
    let own = lambda.syntax.parameters.as_ref().map(Vec::len);
    match delegate_signature(*wanted) {
        None => rank(&Failure::CannotInfer) * 3 - 1,
        Some(signature) if own.is_none_or(|own| own == signature.parameters.len()) => weight + 1,
        Some(_) => weight,
    }
}

impl Binder<'_> {
    /// Whether a twin of an extension method of `Enumerable` for parallel queries, which the compiler knows too, takes all
    /// arguments but the receiver.
    pub fn twin_takes_the_rest(&mut self, found: &Found, explicit: &[TypeId], args: &[&Arg]) -> bool {
        const WITHOUT: [&str; 2] = ["ToHashSet", "Chunk"];
        let member = found.member;
        if crate::dotnet::def(member.def).name != "System.Linq.Enumerable" || WITHOUT.contains(&member.name) {
            return false;
        }
        if !explicit.is_empty() && explicit.len() != member.type_parameters.len() {
            return false;
        }
        let Ok(parameter_of) = map_arguments(member, args, false) else { return false };
        if explicit.is_empty() && !member.type_parameters.is_empty() {
            let pairs: Vec<(TypeId, &Operand)> = args
                .iter()
                .zip(&parameter_of)
                .skip(1)
                .map(|(arg, at)| (member.parameters[*at].ty, &arg.operand))
                .collect();
            let kept = self.failed_lambda.clone();
            let inferred = self.infer(member.type_parameters.len(), &pairs).is_some();
            self.failed_lambda = kept;
            return inferred;
        }
        true
    }

    /// The best member for these arguments.
    pub fn resolve(&mut self, candidates: &[Found], explicit: &[TypeId], args: &[&Arg]) -> Result<Chosen, Failure> {
        self.failed_lambda = None;
        let mut applicable: Vec<Chosen> = Vec::new();
        let mut failure = Failure::Count;
        for found in candidates {
            for expanded in [false, true] {
                let takes_more = found.member.parameters.last().is_some_and(|p| p.is_params);
                if expanded && !takes_more {
                    continue;
                }
                match self.applicable(found, explicit, args, expanded) {
                    Ok(chosen) => {
                        applicable.push(chosen);
                        break;
                    }
                    Err(why) => {
                        if !expanded && matches!((&why, &failure), (Failure::Missing(_), Failure::Missing(_))) {
                            failure = Failure::SeveralMissing;
                        }
                        if weight(&why, args) > weight(&failure, args) || matches!(failure, Failure::Count) {
                            failure = why;
                        }
                    }
                }
            }
        }
        if applicable.is_empty() {
            return Err(failure);
        }
        // A member of a more derived type wins over any of a base.
        let derived: Vec<_> = applicable
            .iter()
            .filter(|c| {
                !applicable.iter().any(|other| {
                    other.found.owner != c.found.owner
                        && inherit::is_subtype(other.found.owner, c.found.owner)
                        && !c.found.member.is_extension
                })
            })
            .cloned()
            .collect();
        let applicable = if derived.is_empty() { applicable } else { derived };
        let mut best: Option<usize> = None;
        for at in 0..applicable.len() {
            let beats_all = (0..applicable.len())
                .all(|other| other == at || self.better(&applicable[at], &applicable[other], args));
            if beats_all {
                best = Some(at);
                break;
            }
        }
        match best {
            Some(at) => Ok(applicable[at].clone()),
            None => Err(Failure::Ambiguous(applicable[0].found, applicable[1].found)),
        }
    }

    fn applicable(
        &mut self,
        found: &Found,
        explicit: &[TypeId],
        args: &[&Arg],
        expanded: bool,
    ) -> Result<Chosen, Failure> {
        let member = found.member;
        if !explicit.is_empty() && explicit.len() != member.type_parameters.len() {
            return Err(Failure::Count);
        }
        let parameter_of = map_arguments(member, args, expanded)?;
        let mut chosen = Chosen { found: *found, method: explicit.to_vec(), parameter_of, expanded };
        if explicit.is_empty() && !member.type_parameters.is_empty() {
            let pairs: Vec<(TypeId, &Operand)> = args
                .iter()
                .enumerate()
                .map(|(at, arg)| {
                    let parameter = &member.parameters[chosen.parameter_of[at]];
                    let ty = found.own(parameter.ty);
                    let last = expanded && chosen.parameter_of[at] + 1 == member.parameters.len();
                    (if last { element(ty) } else { ty }, &arg.operand)
                })
                .collect();
            chosen.method = self.infer(member.type_parameters.len(), &pairs).ok_or(Failure::CannotInfer)?;
        }
        for (at, arg) in args.iter().enumerate() {
            let parameter = &member.parameters[chosen.parameter_of[at]];
            let ty = chosen.parameter_type(at);
            let passing = match arg.passing {
                Passing::Value | Passing::In => Mode::Value,
                Passing::Out => Mode::Out,
                Passing::Ref => Mode::Ref,
            };
            if passing != parameter.mode {
                return Err(Failure::Passing(at, parameter.mode));
            }
            let fits = match &arg.operand {
                Operand::Out { ty: Some(own), .. } => inherit::same(*own, ty) || is_error(*own),
                Operand::Out { ty: None, .. } => true,
                operand => self.converts(operand, ty),
            };
            if !fits {
                return Err(Failure::Argument(at, ty));
            }
        }
        Ok(chosen)
    }

    /// Whether `a` is a better function member than `b`.
    fn better(&mut self, a: &Chosen, b: &Chosen, args: &[&Arg]) -> bool {
        let mut any = false;
        for (at, arg) in args.iter().enumerate() {
            let (ta, tb) = (a.parameter_type(at), b.parameter_type(at));
            if self.better_conversion(&arg.operand, tb, ta) {
                return false;
            }
            any |= self.better_conversion(&arg.operand, ta, tb);
        }
        if any {
            return true;
        }
        let same_types = (0..args.len()).all(|at| inherit::same(a.parameter_type(at), b.parameter_type(at)));
        if !same_types {
            // Nothing decides by the arguments: a member that needs no default of a parameter wins, as the compiler has it.
            let is_exact = |c: &Chosen| !c.expanded && c.found.member.parameters.len() == args.len();
            return is_exact(a) && !b.expanded && !is_exact(b);
        }
        // Ties: not generic, not expanded, more declared parameters used, no defaults needed, more specific.
        let (ga, gb) = (a.method.is_empty(), b.method.is_empty());
        if ga != gb {
            return ga;
        }
        if a.expanded != b.expanded {
            return !a.expanded;
        }
        let (ca, cb) = (a.found.member.parameters.len(), b.found.member.parameters.len());
        if a.expanded && ca != cb {
            return ca > cb;
        }
        let (da, db) = (ca > args.len(), cb > args.len());
        if da != db {
            return !da;
        }
        self.more_specific(a, b)
    }

    fn more_specific(&self, a: &Chosen, b: &Chosen) -> bool {
        let raw = |c: &Chosen, at: usize| {
            let parameter = &c.found.member.parameters[c.parameter_of[at]];
            let generic = crate::dotnet::def(c.found.member.def).open_type();
            let _ = generic;
            parameter.ty
        };
        let mut any = false;
        for at in 0..a.parameter_of.len() {
            match specificity(raw(a, at), raw(b, at)) {
                std::cmp::Ordering::Less => return false,
                std::cmp::Ordering::Greater => any = true,
                std::cmp::Ordering::Equal => {}
            }
        }
        any
    }

    /// Whether converting the argument to `a` is better than to `b`.
    fn better_conversion(&mut self, operand: &Operand, a: TypeId, b: TypeId) -> bool {
        if inherit::same(a, b) {
            return false;
        }
        match operand {
            Operand::Value(value) => {
                if inherit::same(value.ty, a) {
                    return true;
                }
                if inherit::same(value.ty, b) {
                    return false;
                }
                better_target(a, b)
            }
            Operand::Lambda(lambda) => {
                let (Some(sa), Some(sb)) = (delegate_signature(a), delegate_signature(b)) else {
                    return better_target(a, b);
                };
                if sa.parameters == sb.parameters {
                    let void = types::void();
                    if sa.returns == void || sb.returns == void {
                        return sa.returns != void && sb.returns == void;
                    }
                    if let Some(result) = self.lambda_result(lambda, &sa.parameters) {
                        if inherit::same(result, sa.returns) {
                            return true;
                        }
                        if inherit::same(result, sb.returns) {
                            return false;
                        }
                    }
                    return better_target(sa.returns, sb.returns);
                }
                better_target(a, b)
            }
            Operand::Group(group) => self.better_group(group, a, b),
            _ => better_target(a, b),
        }
    }

    fn better_group(&mut self, group: &Group, a: TypeId, b: TypeId) -> bool {
        let (Some(sa), Some(sb)) = (delegate_signature(a), delegate_signature(b)) else { return false };
        if sa.parameters == sb.parameters
            && let Some(result) = self.group_result(group, &sa.parameters)
        {
            return inherit::same(result, sa.returns) && !inherit::same(result, sb.returns);
        }
        better_target(a, b)
    }

    /// Reports why a call was not understood.
    /// Reports what is wrong in lambdas that no member takes.
    fn lambdas_are_wrong(&mut self, args: &[&Arg]) -> bool {
        let before = self.errors.len();
        for arg in args {
            if let Operand::Lambda(lambda) = &arg.operand {
                self.bind_for_errors(lambda, None);
            }
        }
        self.errors.len() > before
    }

    pub fn report(&mut self, failure: Failure, name: &str, candidates: &[Found], args: &[&Arg], span: Span) -> Expr {
        if self.at_run_time {
            self.trouble.call = Some((failure.clone(), candidates.to_vec()));
        }
        let is_constructor = candidates.first().is_some_and(|f| f.member.name == ".ctor");
        // Constructors alone are counted, whatever their arguments are.
        let counted = is_constructor && matches!(failure, Failure::Count | Failure::SeveralMissing);
        if !counted && args.iter().any(|arg| matches!(&arg.operand, Operand::Value(v) if is_wrong(v))) {
            return super::scope::erroneous(span);
        }
        let extends = candidates.first().is_some_and(|found| found.member.is_extension);
        if extends && matches!(failure, Failure::Count) && self.lambdas_are_wrong(args) {
            return super::scope::erroneous(span);
        }
        let method = if is_constructor { candidates[0].owner.csharp_name() } else { name.to_owned() };
        match failure {
            Failure::Count => {
                let (code, message) = if is_constructor {
                    ("CS1729", format!("'{method}' does not contain a constructor that takes {} arguments", args.len()))
                } else {
                    ("CS1501", format!("No overload for method '{method}' takes {} arguments", args.len()))
                };
                self.error_help(ErrorKind::Call, code, span, message, overloads(candidates))
            }
            Failure::NoSuchName(at) => {
                let parameter = args[at].name.as_deref().unwrap_or_default();
                let message = format!("The best overload for '{method}' does not have a parameter named '{parameter}'");
                self.error_help(ErrorKind::Call, "CS1739", args[at].span, message, overloads(candidates))
            }
            Failure::SeveralMissing => {
                let message = format!("No overload for method '{method}' takes {} arguments", args.len());
                let code = if is_constructor { "CS1729" } else { "CS1501" };
                self.error_help(ErrorKind::Call, code, span, message, overloads(candidates))
            }
            Failure::Positional(at) => {
                let name = args[at].name.as_deref().unwrap_or_default();
                let message = format!(
                    "Named argument '{name}' specifies a parameter for which a positional argument has already been given"
                );
                self.error(ErrorKind::Call, "CS1744", args[at].span, message)
            }
            Failure::Twice(at) => {
                let name = args[at].name.as_deref().unwrap_or_default();
                let message = format!("Named argument '{name}' cannot be specified multiple times");
                self.error(ErrorKind::Call, "CS1740", args[at].span, message)
            }
            Failure::Missing(parameter) => {
                let full = candidates.first().map_or(method.clone(), |f| show(f));
                let message = format!(
                    "There is no argument given that corresponds to the required formal parameter '{parameter}' of '{full}'"
                );
                self.error(ErrorKind::Call, "CS7036", span, message)
            }
            Failure::CannotInfer => {
                let message = format!(
                    "The type arguments for method '{method}' cannot be inferred from the usage. Try specifying the type arguments explicitly."
                );
                // What is wrong inside a lambda explains more than that the types are not known.
                let mark = self.mark();
                let failed = self.failed_lambda.take();
                for arg in args {
                    let Operand::Lambda(lambda) = &arg.operand else { continue };
                    let inputs = failed.as_ref().filter(|(at, _)| *at == lambda.span).map(|(_, inputs)| inputs.clone());
                    if inputs.is_some() || lambda.explicit_types(self).is_some() {
                        self.bind_for_errors(lambda, inputs);
                    }
                }
                if self.failed_since(mark) {
                    return super::scope::erroneous(span);
                }
                self.error_help(ErrorKind::Call, "CS0411", span, message, overloads(candidates))
            }
            Failure::Passing(at, wanted) => {
                let word = match wanted {
                    Mode::Out => "out",
                    Mode::Ref => "ref",
                    Mode::Value => {
                        let message = format!(
                            "Argument {} may not be passed with the '{}' keyword",
                            at + 1,
                            passing_word(args[at].passing)
                        );
                        return self.error(ErrorKind::Call, "CS1615", args[at].span, message);
                    }
                };
                let message = format!("Argument {} must be passed with the '{word}' keyword", at + 1);
                self.error(ErrorKind::Call, "CS1620", args[at].span, message)
            }
            Failure::Argument(at, wanted) => {
                if let Operand::Lambda(lambda) = &args[at].operand {
                    let mark = self.mark();
                    if let Some(signature) = delegate_signature(wanted) {
                        self.bind_lambda(lambda, &signature, wanted);
                    }
                    if self.failed_since(mark) {
                        return super::scope::erroneous(span);
                    }
                }
                if matches!(args[at].operand, Operand::Lambda(_)) && delegate_signature(wanted).is_none() {
                    let message = format!(
                        "Cannot convert lambda expression to type '{}' because it is not a delegate type",
                        wanted.csharp_name()
                    );
                    return self.error(ErrorKind::Type, "CS1660", args[at].span, message);
                }
                let from = match &args[at].operand {
                    Operand::Value(value) => value.ty.csharp_name(),
                    Operand::Lambda(_) => "lambda expression".into(),
                    Operand::Group(_) => "method group".into(),
                    Operand::Out { ty: Some(ty), .. } => {
                        format!("{} {}", passing_word(args[at].passing), ty.csharp_name())
                    }
                    Operand::Type(ty, _) => {
                        let message =
                            format!("'{}' is a type, which is not valid in the given context", ty.csharp_name());
                        return self.error(ErrorKind::Type, "CS0119", args[at].span, message);
                    }
                    _ => "the argument".into(),
                };
                let message =
                    format!("Argument {}: cannot convert from '{from}' to '{}'", at + 1, wanted.csharp_name());
                self.error_help(ErrorKind::Call, "CS1503", args[at].span, message, overloads(candidates))
            }
            Failure::Ambiguous(a, b) => {
                let message = format!(
                    "The call is ambiguous between the following methods or properties: '{}' and '{}'",
                    show(&a),
                    show(&b)
                );
                self.error(ErrorKind::Call, "CS0121", span, message)
            }
        }
    }

    /// What several values have in common, as a type: of an implicitly typed array, of `?:`.
    pub fn common_type(&self, values: &[&Expr]) -> Option<TypeId> {
        let mut found: Vec<TypeId> = values.iter().map(|v| v.ty).collect();
        found.dedup();
        let by_conversion = || {
            let takes_all = |ty: TypeId| found.iter().all(|own| self.converts_type(*own, ty));
            found.iter().copied().find(|ty| !matches!(ty.get(), Type::Null) && takes_all(*ty))
        };
        best_common_type(&found).or_else(by_conversion)
    }
}

fn passing_word(passing: Passing) -> &'static str {
    match passing {
        Passing::Out => "out",
        Passing::Ref => "ref",
        Passing::In => "in",
        Passing::Value => "",
    }
}

/// A member as messages show it.
fn show(found: &Found) -> String {
    let def = crate::dotnet::def(found.member.def);
    let parameters: Vec<_> = found.member.parameters.iter().map(|p| found.own(p.ty).csharp_name()).collect();
    let name = if found.member.name == ".ctor" { def.simple_name() } else { found.member.name };
    format!("{}.{name}({})", found.owner.csharp_name(), parameters.join(", "))
}

/// The overloads that there are, for the help of an error.
fn overloads(candidates: &[Found]) -> Option<String> {
    const SHOWN: usize = 4;
    let mut lines: Vec<_> = candidates.iter().take(SHOWN).map(|f| format!("`{}`", f.member.row.signature)).collect();
    if candidates.len() > SHOWN {
        lines.push(format!("{} more", candidates.len() - SHOWN));
    }
    (!lines.is_empty()).then(|| format!("there is {}", lines.join(", ")))
}

/// Which parameter each argument belongs to.
fn map_arguments(member: &Member, args: &[&Arg], expanded: bool) -> Result<Vec<usize>, Failure> {
    let count = member.parameters.len();
    let mut parameter_of = Vec::with_capacity(args.len());
    let mut filled = vec![false; count];
    for (at, arg) in args.iter().enumerate() {
        let position = match &arg.name {
            Some(name) => member.parameters.iter().position(|p| *p.name == **name).ok_or(Failure::NoSuchName(at))?,
            None if expanded && at + 1 >= count => count - 1,
            None if at < count => at,
            None => return Err(Failure::Count),
        };
        if filled[position] && !(expanded && position + 1 == count) {
            let Some(name) = &arg.name else { return Err(Failure::Count) };
            let by_name = args[..at].iter().any(|other| other.name.as_ref() == Some(name));
            return Err(if by_name { Failure::Twice(at) } else { Failure::Positional(at) });
        }
        filled[position] = true;
        parameter_of.push(position);
    }
    for (position, parameter) in member.parameters.iter().enumerate() {
        let optional = parameter.default.is_some() || expanded && position + 1 == count;
        if !filled[position] && !optional {
            return Err(Failure::Missing(parameter.name));
        }
    }
    Ok(parameter_of)
}

/// Whether `a` is a better conversion target than `b`.
fn better_target(a: TypeId, b: TypeId) -> bool {
    let (to_b, to_a) = (implicitly(a, b), implicitly(b, a));
    if to_b != to_a {
        return to_b;
    }
    if let (Some(na), Some(nb)) = (convert::numeric(a), convert::numeric(b)) {
        use super::ir::Numeric as N;
        let signed = matches!(na, N::SByte | N::Int16 | N::Int32 | N::Int64);
        let unsigned = matches!(nb, N::Byte | N::UInt16 | N::UInt32 | N::UInt64);
        return signed && unsigned && !widens(na, nb);
    }
    // Delegates: the better result type.
    if let (Some(sa), Some(sb)) = (delegate_signature(a), delegate_signature(b))
        && sa.parameters == sb.parameters
    {
        return better_target(sa.returns, sb.returns);
    }
    false
}

/// A type parameter is less specific than anything else.
fn specificity(a: TypeId, b: TypeId) -> std::cmp::Ordering {
    use std::cmp::Ordering;
    let parameter = |ty: TypeId| matches!(ty.get(), Type::MethodParameter(_) | Type::TypeParameter(_));
    match (parameter(a), parameter(b)) {
        (true, false) => return Ordering::Less,
        (false, true) => return Ordering::Greater,
        _ => {}
    }
    let (xs, ys) = (a.arguments(), b.arguments());
    if xs.len() != ys.len() {
        return Ordering::Equal;
    }
    let all: Vec<_> = xs.iter().zip(ys).map(|(x, y)| specificity(*x, *y)).collect();
    match (all.contains(&Ordering::Less), all.contains(&Ordering::Greater)) {
        (false, true) => Ordering::Greater,
        (true, false) => Ordering::Less,
        _ => Ordering::Equal,
    }
}
