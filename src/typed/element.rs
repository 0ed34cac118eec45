//! Elements by index, and what values are stored in.

use super::ErrorKind;
use super::access::Operand;
use super::dynamic::{self, Operation, is_dynamic};
use super::ir::{Argument, Expr, ExprKind, Numeric, Place, Span};
use super::overload::Arg;
use super::readonly::Written;
use super::scope::{Binder, erroneous, is_error};
use crate::dotnet::member::Form;
use crate::dotnet::types::{self, Type};
use portcullis_grammar::syntax;

impl Binder<'_> {
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
        let wanted = [types::int32(), types::uint32(), types::int64(), types::uint64()];
        let fits = wanted.into_iter().find(|wanted| super::convert::implicitly(value.ty, *wanted));
        let ty = fits.unwrap_or_else(types::int32);
        let value = self.convert(Operand::Value(value), ty, arg.span);
        if ty != types::uint64() {
            return value;
        }
        // An array is not longer than a signed number says.
        let kind = ExprKind::ConvertNumber {
            from: Numeric::UInt64,
            to: Numeric::Int64,
            checked: true,
            operand: Box::new(value),
        };
        Expr { kind, ty: types::int64(), span }
    }

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

    pub(super) fn value_or_lambda_errors(&mut self, operand: Operand) -> Option<Expr> {
        match operand {
            Operand::Lambda(_) | Operand::Group(_) | Operand::Default(_) | Operand::Tuple(..) => None,
            other => self.value(other),
        }
    }

    /// Stores a value that already has the target's type.
    pub fn store(&mut self, target: Expr, value: Expr, span: Span) -> Expr {
        let ty = target.ty;
        let at = target.span;
        if self.refuse_written(&target, Written::Assigned) {
            return erroneous(span);
        }
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
}
