//! Calls of named methods with `dynamic` arguments.
//!
//! In: the members of a name, or its extension methods, and arguments of which one is dynamic. Out: a call that is bound at run time;
//! for extension methods, which are never bound then, what is wrong.

use super::ErrorKind;
use super::dynamic::{Operation, any_dynamic, plain};
use super::ir::{Expr, Span};
use super::lookup::Found;
use super::overload::{Arg, Failure};
use super::scope::Binder;
use crate::dotnet;
use crate::dotnet::types::{self, TypeId};

impl Binder<'_> {
    /// A call of one of several methods, some of whose arguments are dynamic; `None` where it can be no such call: what is
    /// wrong then is reported as ever.
    pub fn dynamic_call(
        &mut self,
        name: &str,
        type_arguments: &[TypeId],
        candidates: &[Found],
        receiver: &mut Option<Box<Expr>>,
        args: &mut Vec<Arg>,
        span: Span,
    ) -> Option<Expr> {
        if self.at_run_time || candidates.is_empty() || !any_dynamic(args) {
            return None;
        }
        let by_reference: Vec<&Arg> = args.iter().collect();
        match self.resolve(candidates, type_arguments, &by_reference) {
            Ok(_) | Err(Failure::Ambiguous(..) | Failure::CannotInfer) => {}
            Err(_) => return None,
        }
        let is_static = candidates.iter().all(|found| found.member.row.is_static);
        // Said to be extension methods, though parts of `context` have them as members of their own.
        let extends =
            |found: &Found| name == "GetValueOrDefault" && dotnet::def(found.member.def).name.starts_with("Apim.");
        if let Some(receiver) = receiver
            && candidates.iter().all(extends)
        {
            return Some(self.no_dynamic_dispatch(receiver.ty, name, span));
        }
        if is_static && receiver.is_some() {
            return None;
        }
        let (name, type_arguments) = (Box::from(name), type_arguments.to_vec());
        let args = std::mem::take(args);
        Some(match receiver.take() {
            Some(receiver) => {
                let args = std::iter::once(plain(*receiver)).chain(args).collect();
                self.dynamic(Operation::Call { name, type_arguments }, args, types::dynamic(), span)
            }
            None => {
                let of = candidates[0].owner;
                self.dynamic(Operation::CallStatic { of, name, type_arguments }, args, types::dynamic(), span)
            }
        })
    }

    /// What is wrong with a call of an extension method that has a `dynamic` argument: it is not bound at run time, and no type
    /// argument is inferred for it. Nothing where no extension method takes the arguments.
    pub(super) fn dynamic_extension(
        &mut self,
        name: &str,
        type_arguments: &[TypeId],
        args: &[Arg],
        span: Span,
    ) -> Option<Expr> {
        let by_reference: Vec<&Arg> = args.iter().collect();
        let of_arity = |found: &&Found| found.member.type_parameters.len() == type_arguments.len();
        let (complete, open): (Vec<Found>, Vec<Found>) = self.extensions(name).iter().partition(of_arity);
        let this = args.first().and_then(|arg| arg.operand.static_type()).unwrap_or_else(types::object);
        let fits = self.resolve(&complete, type_arguments, &by_reference);
        if matches!(fits, Ok(_) | Err(Failure::Ambiguous(..))) {
            return Some(self.no_dynamic_dispatch(this, name, span));
        }
        let takes = |found: &Found| {
            let required = found.member.parameters.iter().filter(|p| p.default.is_none() && !p.is_params).count();
            (required..=found.member.parameters.len()).contains(&args.len())
        };
        if !type_arguments.is_empty() || !open.iter().any(takes) {
            return None;
        }
        let message = format!(
            "'{}' does not contain a definition for '{}' and the best extension method overload requires a receiver of another type",
            this.csharp_name(),
            name
        );
        Some(self.error(ErrorKind::Name, "CS1929", span, message))
    }

    fn no_dynamic_dispatch(&mut self, of: TypeId, name: &str, span: Span) -> Expr {
        let message = format!(
            "'{}' has no applicable method named '{name}' but appears to have an extension method by that name. Extension methods cannot be dynamically dispatched. Consider casting the dynamic arguments or calling the extension method without the extension method syntax.",
            of.csharp_name()
        );
        self.error(ErrorKind::Call, "CS1973", span, message)
    }
}
