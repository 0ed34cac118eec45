//! What is read and never written: the variables of `foreach`, `using` and queries, constants, and what a reference for reading
//! leads to (`in` parameters, `ref readonly` locals and results).

use super::ErrorKind;
use super::ir::{Expr, ExprKind, Place};
use super::scope::{Binder, Readonly, Symbol};
use crate::dotnet::inherit::is_value_type;
use crate::dotnet::types::{Type, TypeId};
use portcullis_grammar::syntax::{self, ByRef, ExprKind as S, Passing};

/// What would be done with something that may be read alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    Assigned,
    /// `++`, `--`
    Stepped,
    /// `ref`, `out`
    Referred,
    Returned,
}

/// What a reference for reading came from.
enum Origin {
    /// An `in` parameter of this type.
    Parameter(TypeId),
    /// What a local function answers, as messages show it.
    Result(String),
    /// A `ref readonly` local, or a choice between references: the compiler does not say what it is.
    Local,
}

impl Binder<'_> {
    /// Reports an assignment to what cannot be assigned: the variable of a `foreach` or `using`, a constant, a range variable.
    pub(super) fn refuse_readonly(&mut self, target: &syntax::Expr) -> bool {
        if let S::Member { target: inner, name } = &target.kind
            && let S::Name(variable) = &inner.kind
            && let Some(Symbol::Variable(found)) = self.find(&variable.name.text)
            && matches!(found.readonly, Readonly::ForEach | Readonly::Using)
            && (matches!(found.ty.get(), Type::Tuple(..))
                || is_value_type(found.ty)
                    && self.members(found.ty, &name.name.text).iter().any(|f| f.member.has_setter))
        {
            let what = found.readonly.in_words();
            let message = format!("Cannot modify members of '{}' because it is a '{what}'", variable.name.text);
            self.error(ErrorKind::Type, "CS1654", target.span, message);
            return true;
        }
        let S::Name(name) = &target.kind else { return false };
        let text = &name.name.text;
        let (code, message) = match self.find(text) {
            Some(Symbol::Variable(variable)) if variable.readonly == Readonly::Range => {
                ("CS1947", format!("Range variable '{text}' cannot be assigned to -- it is read only"))
            }
            Some(Symbol::Range(..)) => {
                ("CS1947", format!("Range variable '{text}' cannot be assigned to -- it is read only"))
            }
            Some(Symbol::Variable(variable)) if variable.readonly != Readonly::No => {
                ("CS1656", format!("Cannot assign to '{text}' because it is a '{}'", variable.readonly.in_words()))
            }
            Some(Symbol::Constant(..)) => {
                ("CS0131", "The left-hand side of an assignment must be a variable, property or indexer".to_owned())
            }
            Some(Symbol::Function(_)) => {
                ("CS1656", format!("Cannot assign to '{text}' because it is a 'method group'"))
            }
            _ => return false,
        };
        self.error(ErrorKind::Type, code, target.span, message);
        true
    }

    /// Reports that something is to be written by way of a reference for reading.
    pub(super) fn refuse_written(&mut self, target: &Expr, by: Written) -> bool {
        let Some((origin, is_member)) = self.read_alone(target) else { return false };
        let what = match origin {
            Origin::Parameter(ty) => format!("variable 'in {}'", ty.csharp_name()),
            Origin::Result(shown) => format!("method '{shown}'"),
            Origin::Local => {
                let (code, message) = match by {
                    Written::Assigned => {
                        ("CS0131", "The left-hand side of an assignment must be a variable, property or indexer")
                    }
                    Written::Stepped => (
                        "CS1059",
                        "The operand of an increment or decrement operator must be a variable, property or indexer",
                    ),
                    Written::Referred => ("CS1510", "A ref or out value must be an assignable variable"),
                    Written::Returned => (
                        "CS8156",
                        "An expression cannot be used in this context because it may not be passed or returned by reference",
                    ),
                };
                self.error(ErrorKind::Type, code, target.span, message);
                return true;
            }
        };
        let why = "because it is a readonly variable";
        let (code, message) = match (by, is_member) {
            (Written::Assigned | Written::Stepped, false) => ("CS8331", format!("Cannot assign to {what} {why}")),
            (Written::Assigned | Written::Stepped, true) => {
                ("CS8332", format!("Cannot assign to a member of {what} {why}"))
            }
            (Written::Referred, false) => ("CS8329", format!("Cannot use {what} as a ref or out value {why}")),
            (Written::Referred, true) => {
                ("CS8330", format!("Members of {what} cannot be used as a ref or out value {why}"))
            }
            (Written::Returned, false) => ("CS8333", format!("Cannot return {what} by writable reference {why}")),
            (Written::Returned, true) => {
                ("CS8334", format!("Members of {what} cannot be returned by writable reference {why}"))
            }
        };
        self.error(ErrorKind::Type, code, target.span, message);
        true
    }

    /// Where the reference came from if it is for reading alone; and whether a member of what it leads to is meant.
    fn read_alone(&mut self, value: &Expr) -> Option<(Origin, bool)> {
        match &value.kind {
            ExprKind::Local(local) => {
                let (parameters, ty) = (self.draft().function.parameters, value.ty);
                let own = &self.draft().function.locals[local.0 as usize];
                let origin = if local.0 < parameters { Origin::Parameter(ty) } else { Origin::Local };
                own.is_readonly.then_some((origin, false))
            }
            ExprKind::Field { record, .. } if matches!(record.ty.get(), Type::Tuple(..)) => {
                self.read_alone(record).map(|(origin, _)| (origin, true))
            }
            ExprKind::Deref(reference) => match &called(reference).kind {
                ExprKind::CallLocal { function, .. } => {
                    let called = self.local_functions.iter().find(|own| own.id == *function)?;
                    let shown = || format!("{}({})", called.name, called.shown_parameters());
                    (called.returns_ref == ByRef::Readonly).then(|| (Origin::Result(shown()), false))
                }
                ExprKind::Conditional { then, otherwise, .. } => {
                    [then, otherwise].into_iter().find_map(|side| self.leads_to_read_alone(side))
                }
                ExprKind::Rebind { local, .. } => {
                    let own = &self.draft().function.locals[local.0 as usize];
                    own.is_readonly.then_some((Origin::Local, false))
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn leads_to_read_alone(&mut self, reference: &Expr) -> Option<(Origin, bool)> {
        let ExprKind::Reference(place) = &reference.kind else {
            let value = Expr { kind: ExprKind::Deref(Box::new(reference.clone())), ..reference.clone() };
            return self.read_alone(&value).map(|_| (Origin::Local, false));
        };
        let mut root = place;
        while let Place::TupleField { tuple, .. } = root {
            root = tuple;
        }
        let kind = match root {
            Place::Local(local) => ExprKind::Local(*local),
            Place::Deref(inner) => ExprKind::Deref(inner.clone()),
            _ => return None,
        };
        self.read_alone(&Expr { kind, ..reference.clone() }).map(|_| (Origin::Local, false))
    }
}

impl Readonly {
    /// What messages call such a variable.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Readonly::ForEach => "foreach iteration variable",
            Readonly::Using => "using variable",
            Readonly::No | Readonly::Range => "",
        }
    }
}

impl super::scope::LocalFunction {
    /// The types of its parameters, as messages show them.
    pub(super) fn shown_parameters(&self) -> String {
        let shown = self.parameters.iter().map(|parameter| {
            let word = match parameter.passing {
                Passing::Value => "",
                Passing::Ref => "ref ",
                Passing::Out => "out ",
                Passing::In => "in ",
            };
            format!("{word}{}", parameter.ty.csharp_name())
        });
        shown.collect::<Vec<_>>().join(", ")
    }
}

/// What a reference comes from, what is evaluated ahead of it aside.
fn called(reference: &Expr) -> &Expr {
    match &reference.kind {
        ExprKind::Sequence { value, .. } => called(value),
        _ => reference,
    }
}
