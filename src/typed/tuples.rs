//! Tuples and anonymous objects that are written out, and the names of their parts.

use super::ErrorKind;
use super::access::Operand;
use super::convert::assign_local;
use super::ir::{Expr, ExprKind, Span};
use super::scope::{Binder, erroneous};
use crate::dotnet::types::{Type, TypeId};
use portcullis_grammar::syntax::{self, ExprKind as S};

impl Binder<'_> {
    pub(super) fn anonymous(&mut self, members: &[syntax::AnonymousMember], span: Span) -> Expr {
        let (mut fields, mut values) = (Vec::new(), Vec::new());
        for member in members {
            let name = match &member.name {
                Some(name) => Some(name.text.clone()),
                None => inferred_name(&member.value),
            };
            if name.is_none() {
                self.error(ErrorKind::Type, "CS0746", member.value.span, "Invalid anonymous type member declarator. Anonymous type members must be declared with a member assignment, simple name or member access.");
            }
            let operand = self.operand(&member.value);
            let what = match &operand {
                Operand::Lambda(_) => Some("lambda expression"),
                Operand::Group(_) => Some("method group"),
                _ => None,
            };
            let value = match what {
                Some(what) => {
                    let message = format!("Cannot assign '{what}' to anonymous type property");
                    self.error(ErrorKind::Type, "CS0828", member.value.span, message)
                }
                None => self.value(operand).unwrap_or_else(|| erroneous(member.value.span)),
            };
            let Some(name) = name else { continue };
            if matches!(value.ty.get(), Type::Null | Type::Void) {
                let message = format!("Cannot assign {} to anonymous type property", value.ty.csharp_name());
                self.error(ErrorKind::Type, "CS0828", member.value.span, message);
            }
            if fields.iter().any(|(own, _)| *own == name) {
                let message = "An anonymous type cannot have multiple properties with the same name";
                let at = member.name.as_ref().map_or(member.value.span, |name| name.span);
                self.error(ErrorKind::Type, "CS0833", at, message);
            }
            fields.push((name, value.ty));
            values.push(value);
        }
        let ty = TypeId::of(Type::Anonymous(fields));
        Expr { kind: ExprKind::Record(values), ty, span }
    }

    pub(super) fn tuple(&mut self, elements: &[syntax::TupleElement], span: Span) -> Operand {
        let written: Vec<_> = elements.iter().map(|e| e.name.as_ref()).collect();
        self.tuple_names(&written);
        let operands: Vec<(Option<Box<str>>, Operand)> =
            elements.iter().map(|e| (e.name.as_ref().map(|n| n.text.clone()), self.operand(&e.value))).collect();
        let typed = operands.iter().all(|(_, o)| matches!(o, Operand::Value(v) if !matches!(v.ty.get(), Type::Null)));
        if !typed {
            return Operand::Tuple(operands, span);
        }
        let mut names: Vec<_> = operands.iter().map(|(name, _)| name.clone()).collect();
        self.infer_names(elements, &mut names);
        let named = names.iter().any(Option::is_some);
        let values: Vec<Expr> = operands.into_iter().filter_map(|(_, o)| self.value(o)).collect();
        let ty = TypeId::of(Type::Tuple(values.iter().map(|v| v.ty).collect(), if named { names } else { Vec::new() }));
        Operand::Value(Expr { kind: ExprKind::Record(values), ty, span })
    }

    /// `.Rest`: a tuple of the elements behind the seventh.
    pub(super) fn rest_of_tuple(&mut self, tuple: Expr, span: Span) -> Expr {
        let (of, at) = (tuple.ty, tuple.span);
        let Type::Tuple(elements, _) = of.get() else { return erroneous(span) };
        let temp = self.temporary(of);
        let field = |(field, ty): (usize, &TypeId)| {
            let record = Box::new(Expr { kind: ExprKind::Local(temp), ty: of, span: at });
            Expr { kind: ExprKind::Field { record, at: field as u32 }, ty: *ty, span }
        };
        let rest: Vec<Expr> = elements.iter().enumerate().skip(7).map(field).collect();
        let ty = TypeId::of(Type::Tuple(elements[7..].to_vec(), Vec::new()));
        let value = Box::new(Expr { kind: ExprKind::Record(rest), ty, span });
        let before = vec![assign_local(temp, tuple, at)];
        Expr { kind: ExprKind::Sequence { before, value }, ty, span }
    }

    /// Names of tuple elements: each once, and those of the type's own members where they are.
    pub fn tuple_names(&mut self, names: &[Option<&syntax::Name>]) {
        const TAKEN: [&str; 6] = ["Rest", "CompareTo", "Deconstruct", "Equals", "GetHashCode", "ToString"];
        for (at, name) in names.iter().enumerate() {
            let Some(name) = name else { continue };
            let number = name.text.strip_prefix("Item").and_then(|digits| digits.parse::<usize>().ok());
            if let Some(number) = number.filter(|number| *number > 0 && *number != at + 1) {
                let message = format!("Tuple element name '{}' is only allowed at position {number}.", name.text);
                self.error(ErrorKind::Type, "CS8125", name.span, message);
            } else if TAKEN.contains(&&*name.text) {
                let message = format!("Tuple element name '{}' is disallowed at any position.", name.text);
                self.error(ErrorKind::Type, "CS8126", name.span, message);
            } else if names[..at].iter().flatten().any(|other| other.text == name.text) {
                self.error(ErrorKind::Type, "CS8127", name.span, "Tuple element names must be unique.");
            }
        }
    }

    /// Names that tuple elements take from what they hold, as of C# 7.1. Before, such a name is known only to be told of.
    fn infer_names(&self, elements: &[syntax::TupleElement], names: &mut [Option<Box<str>>]) {
        let taken = |name: &str| {
            name.starts_with("Item")
                || ["Rest", "CompareTo", "Deconstruct", "Equals", "GetHashCode", "ToString"].contains(&name)
        };
        let inferred: Vec<_> = elements
            .iter()
            .map(|e| if e.name.is_some() { None } else { inferred_name(&e.value).filter(|name| !taken(name)) })
            .collect();
        for (at, name) in inferred.iter().enumerate() {
            let Some(name) = name else { continue };
            let written = elements.iter().any(|e| e.name.as_ref().is_some_and(|own| own.text == *name));
            let twice = inferred.iter().enumerate().any(|(other, own)| other != at && own.as_ref() == Some(name));
            if !written && !twice {
                let mark = if self.options.csharp_7_3 { "" } else { INFERRED };
                names[at] = Some(format!("{mark}{name}").into());
            }
        }
    }
}

/// Before the name of a tuple element that C# 7.0 does not infer.
pub const INFERRED: &str = "?";

/// The name that an anonymous type's member takes from its value.
pub(super) fn inferred_name(value: &syntax::Expr) -> Option<Box<str>> {
    match &value.kind {
        S::Name(name) => Some(name.name.text.clone()),
        S::Member { name, .. } => Some(name.name.text.clone()),
        S::ConditionalAccess { rest, .. } => inferred_name(rest),
        S::Parenthesized(inner) => inferred_name(inner),
        _ => None,
    }
}
