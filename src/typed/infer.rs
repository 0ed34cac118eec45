//! Type inference of generic method calls (C# specification, "Type inference"): bounds, fixing, lambdas in phases.

use super::access::Operand;
use super::lookup::{self, delegate_signature};
use super::scope::{Binder, is_error};
use crate::dotnet::inherit::{self, substitute};
use crate::dotnet::types::{self, Type, TypeId};

/// What is known of one type parameter.
#[derive(Clone, Debug, Default)]
struct Bounds {
    fixed: Option<TypeId>,
    exact: Vec<TypeId>,
    lower: Vec<TypeId>,
    upper: Vec<TypeId>,
}

impl Binder<'_> {
    /// Infers a method's type arguments from pairs of parameter type and argument; `None` when some cannot be found.
    pub fn infer(&mut self, count: usize, pairs: &[(TypeId, &Operand)]) -> Option<Vec<TypeId>> {
        let mut bounds = vec![Bounds::default(); count];
        for (parameter, argument) in pairs {
            match argument {
                Operand::Lambda(lambda) => {
                    let Some(signature) = delegate_signature(*parameter) else { continue };
                    for (own, wanted) in lambda.explicit_types(self).into_iter().flatten().zip(&signature.parameters) {
                        infer_exact(own, *wanted, &mut bounds);
                    }
                }
                Operand::Value(value) => {
                    infer_lower(value.ty, *parameter, &mut bounds);
                }
                Operand::Tuple(elements, _) => {
                    if let Type::Tuple(wanted, _) = parameter.get() {
                        for (element, wanted) in elements.iter().zip(wanted) {
                            if let Operand::Value(value) = &element.1 {
                                infer_lower(value.ty, *wanted, &mut bounds);
                            }
                        }
                    }
                }
                Operand::Out { ty: Some(ty), .. } => {
                    infer_exact(*ty, *parameter, &mut bounds);
                }
                _ => {}
            }
        }
        loop {
            let mut progress = false;
            // Parameters that no open lambda input depends on are fixed first.
            let waiting = |bounds: &[Bounds], at: usize| {
                pairs.iter().any(|(parameter, argument)| {
                    matches!(argument, Operand::Lambda(_) | Operand::Group(_))
                        && delegate_signature(*parameter)
                            .is_some_and(|s| mentions(s.returns, at) && s.parameters.iter().any(|p| open(*p, bounds)))
                })
            };
            for at in 0..count {
                if bounds[at].fixed.is_none()
                    && has_bounds(&bounds[at])
                    && !waiting(&bounds, at)
                    && !self.output_pending(at, pairs, &bounds)
                {
                    bounds[at].fixed = Some(self.fix(&bounds[at])?);
                    progress = true;
                }
            }
            // Lambdas whose inputs are all known give their result type.
            for (parameter, argument) in pairs {
                let Some(signature) = delegate_signature(*parameter) else { continue };
                if signature.parameters.iter().any(|p| open(*p, &bounds)) || !open(signature.returns, &bounds) {
                    continue;
                }
                let known: Vec<_> = bounds.iter().map(|b| b.fixed.unwrap_or_else(types::error)).collect();
                let inputs: Vec<_> = signature.parameters.iter().map(|p| substitute(*p, &[], &known)).collect();
                let result = match argument {
                    Operand::Lambda(lambda) => self.lambda_result(lambda, &inputs),
                    Operand::Group(group) => self.group_result(group, &inputs),
                    _ => None,
                };
                if let Some(result) = result {
                    if infer_lower(result, signature.returns, &mut bounds) {
                        progress = true;
                    }
                } else if matches!(argument, Operand::Lambda(_) | Operand::Group(_)) {
                    if let Operand::Lambda(lambda) = argument
                        && lambda.syntax.parameters.as_ref().is_none_or(|own| own.len() == inputs.len())
                    {
                        self.failed_lambda = Some((lambda.span, inputs));
                    }
                    // A lambda that fails tells nothing: other arguments may still decide.
                    for at in 0..count {
                        if bounds[at].fixed.is_none() && has_bounds(&bounds[at]) {
                            bounds[at].fixed = Some(self.fix(&bounds[at])?);
                            progress = true;
                        }
                    }
                }
            }
            if bounds.iter().all(|b| b.fixed.is_some()) {
                return Some(bounds.into_iter().filter_map(|b| b.fixed).collect());
            }
            if !progress {
                // Nothing depends on anything any more: fix what has bounds.
                let mut fixed = false;
                for bound in &mut bounds {
                    if bound.fixed.is_none() && has_bounds(bound) {
                        bound.fixed = Some(self.fix(bound)?);
                        fixed = true;
                    }
                }
                if !fixed {
                    return None;
                }
            }
        }
    }

    /// The type that the bounds leave: user-defined conversions lead to it too, as the compiler has it.
    fn fix(&self, bound: &Bounds) -> Option<TypeId> {
        fix(bound, |from, to| self.converts_type(from, to))
    }

    /// Whether some lambda that is ready to be looked at would still add a bound to this parameter.
    fn output_pending(&self, at: usize, pairs: &[(TypeId, &Operand)], bounds: &[Bounds]) -> bool {
        pairs.iter().any(|(parameter, argument)| {
            matches!(argument, Operand::Lambda(_) | Operand::Group(_))
                && delegate_signature(*parameter).is_some_and(|s| {
                    mentions(s.returns, at)
                        && !s.parameters.iter().any(|p| mentions(*p, at))
                        && !s.parameters.iter().any(|p| open(*p, bounds))
                        && !self.seen_output(&bounds[at])
                })
        })
    }

    /// A parameter whose lambda has already spoken has a lower bound.
    fn seen_output(&self, bound: &Bounds) -> bool {
        !bound.lower.is_empty() || !bound.exact.is_empty()
    }
}

fn has_bounds(bound: &Bounds) -> bool {
    !bound.exact.is_empty() || !bound.lower.is_empty() || !bound.upper.is_empty()
}

/// Whether a type mentions the method's type parameter at this position.
fn mentions(ty: TypeId, at: usize) -> bool {
    match ty.get() {
        Type::MethodParameter(own) => usize::from(*own) == at,
        Type::Named(_, arguments) => arguments.iter().any(|t| mentions(*t, at)),
        Type::Tuple(elements, _) => elements.iter().any(|t| mentions(*t, at)),
        Type::Array(of, _) | Type::Nullable(of) => mentions(*of, at),
        _ => false,
    }
}

/// Whether a type mentions a type parameter that is not fixed yet.
fn open(ty: TypeId, bounds: &[Bounds]) -> bool {
    bounds.iter().enumerate().any(|(at, bound)| bound.fixed.is_none() && mentions(ty, at))
}

fn add(list: &mut Vec<TypeId>, ty: TypeId) -> bool {
    if is_error(ty) || list.contains(&ty) {
        return false;
    }
    list.push(ty);
    true
}

fn infer_exact(from: TypeId, to: TypeId, bounds: &mut [Bounds]) -> bool {
    match (from.get(), to.get()) {
        (_, Type::MethodParameter(at)) => bounds.get_mut(usize::from(*at)).is_some_and(|b| add(&mut b.exact, from)),
        (Type::Array(a, _), Type::Array(b, _)) | (Type::Nullable(a), Type::Nullable(b)) => infer_exact(*a, *b, bounds),
        (Type::Named(a, from), Type::Named(b, to)) if a == b => {
            from.iter().zip(to).fold(false, |any, (f, t)| infer_exact(*f, *t, bounds) | any)
        }
        (Type::Tuple(from, _), Type::Tuple(to, _)) => {
            from.iter().zip(to).fold(false, |any, (f, t)| infer_exact(*f, *t, bounds) | any)
        }
        _ => false,
    }
}

/// A lower-bound inference: the argument's type is (convertible to) the parameter's.
fn infer_lower(from: TypeId, to: TypeId, bounds: &mut [Bounds]) -> bool {
    if matches!(from.get(), Type::Null | Type::Void | Type::Error) {
        return false;
    }
    match (from.get(), to.get()) {
        (_, Type::MethodParameter(at)) => bounds.get_mut(usize::from(*at)).is_some_and(|b| add(&mut b.lower, from)),
        (Type::Nullable(a), Type::Nullable(b)) => infer_lower(*a, *b, bounds),
        (_, Type::Nullable(b)) => infer_lower(from, *b, bounds),
        (Type::Array(a, rank), Type::Array(b, wanted)) if rank == wanted => {
            if inherit::is_value_type(*a) {
                infer_exact(*a, *b, bounds)
            } else {
                infer_lower(*a, *b, bounds)
            }
        }
        (Type::Tuple(from, _), Type::Tuple(to, _)) => {
            from.iter().zip(to).fold(false, |any, (f, t)| infer_lower(*f, *t, bounds) | any)
        }
        (_, Type::Named(def, wanted)) if !wanted.is_empty() => {
            let construction =
                if from == types::string() { string_as(*def) } else { lookup::only_construction(from, *def) };
            let Some(construction) = construction else { return false };
            let parameters = crate::dotnet::def(*def).parameters;
            let mut any = false;
            for ((parameter, own), wanted) in parameters.iter().zip(construction.arguments()).zip(wanted) {
                any |= if parameter.starts_with("out ") && !inherit::is_value_type(*own) {
                    infer_lower(*own, *wanted, bounds)
                } else if parameter.starts_with("in ") && !inherit::is_value_type(*own) {
                    infer_upper(*own, *wanted, bounds)
                } else {
                    infer_exact(*own, *wanted, bounds)
                };
            }
            any
        }
        _ => false,
    }
}

/// `string` as the generic interface that its table names.
fn string_as(def: types::DefId) -> Option<TypeId> {
    lookup::find_construction(types::string(), def).or_else(|| {
        (crate::dotnet::def(def).name == "System.Collections.Generic.IEnumerable")
            .then(|| TypeId::of(Type::Named(def, vec![types::char()])))
    })
}

fn infer_upper(from: TypeId, to: TypeId, bounds: &mut [Bounds]) -> bool {
    match to.get() {
        Type::MethodParameter(at) => bounds.get_mut(usize::from(*at)).is_some_and(|b| add(&mut b.upper, from)),
        _ => infer_exact(from, to, bounds),
    }
}

/// The one type that satisfies all bounds (specification, "Fixing").
fn fix(bound: &Bounds, leads: impl Fn(TypeId, TypeId) -> bool) -> Option<TypeId> {
    let all = || bound.exact.iter().chain(&bound.lower).chain(&bound.upper);
    let mut candidates: Vec<TypeId> = Vec::new();
    for ty in all() {
        add(&mut candidates, *ty);
    }
    candidates.retain(|candidate| {
        bound.exact.iter().all(|ty| inherit::same(*ty, *candidate))
            && bound.lower.iter().all(|ty| leads(*ty, *candidate))
            && bound.upper.iter().all(|ty| leads(*candidate, *ty))
    });
    let best = candidates.iter().find(|best| candidates.iter().all(|other| leads(*other, **best)));
    // Names of tuple elements that they do not share are dropped.
    let alike = all().filter(|ty| best.is_some_and(|best| inherit::same(**ty, *best)));
    best.map(|best| alike.fold(*best, |merged, ty| inherit::merge_names(merged, *ty)))
}

/// The best common type of several (array elements, conditional branches, lambda results).
pub fn best_common_type(types: &[TypeId]) -> Option<TypeId> {
    let bound = Bounds {
        lower: types.iter().copied().filter(|t| !matches!(t.get(), Type::Null)).collect(),
        ..Bounds::default()
    };
    let mut unique = Bounds::default();
    for ty in &bound.lower {
        add(&mut unique.lower, *ty);
    }
    if unique.lower.is_empty() { None } else { fix(&unique, super::convert::implicitly) }
}
