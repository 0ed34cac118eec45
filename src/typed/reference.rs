//! `ref` locals, results and reassignments: what a reference may lead to, and how far out it may go.

use super::ErrorKind;
use super::ir::{Argument, Expr, ExprKind, LocalId, Place, Span, Stmt, StmtKind};
use super::readonly::Written;
use super::scope::{Binder, Readonly, Symbol, erroneous, is_error};
use crate::dotnet::inherit;
use crate::dotnet::types::TypeId;
use portcullis_grammar::syntax::{self, ByRef, ExprKind as S};

/// The scope of what lives longer than any function: a reference to it may leave them all.
const OUTSIDE: u32 = 0;

impl Binder<'_> {
    /// `ref int y = ref x`: another name of a variable.
    pub(super) fn reference_locals(&mut self, local: &syntax::LocalDeclaration, out: &mut Vec<Stmt>) {
        let inferred = matches!(local.of.kind, syntax::TypeKind::Var);
        let ty = if inferred { None } else { Some(self.resolve_type(&local.of)) };
        for declarator in &local.declarators {
            let (name, at) = (&declarator.name.text, declarator.name.span);
            if self.draft().yields.is_some() {
                self.error(ErrorKind::Type, "CS8176", at, "Iterators cannot have by-reference locals");
            }
            let tree = match &declarator.value {
                None => {
                    let message = "A declaration of a by-reference variable must have an initializer";
                    self.error(ErrorKind::Type, "CS8174", at, message);
                    continue;
                }
                Some(syntax::Expr { kind: S::Ref(of), .. }) => of,
                Some(_) => {
                    let message = "Cannot initialize a by-reference variable with a value";
                    self.error(ErrorKind::Type, "CS8172", declarator.span, message);
                    continue;
                }
            };
            let reference = self.reference_to(tree, local.by_ref);
            self.same_by_reference(ty, &reference, tree.span);
            let scope = self.scope_of(&reference);
            let own = self.declare_local(name, at, ty.unwrap_or(reference.ty), Readonly::No);
            let slot = &mut self.draft().function.locals[own.0 as usize];
            slot.by_reference = true;
            slot.in_cell = true;
            slot.is_readonly = local.by_ref == ByRef::Readonly;
            slot.scope = scope;
            out.push(Stmt { kind: StmtKind::Declare { local: own, value: Some(reference) }, span: declarator.span });
        }
    }

    /// What is assigned by reference has the type of its target, and converts to none.
    fn same_by_reference(&mut self, ty: Option<TypeId>, reference: &Expr, span: Span) -> bool {
        let Some(ty) = ty.filter(|ty| !inherit::same(*ty, reference.ty)) else { return true };
        if !is_error(ty) && !is_error(reference.ty) {
            let message = format!(
                "The expression must be of type '{}' because it is being assigned by reference",
                ty.csharp_name()
            );
            self.error(ErrorKind::Type, "CS8173", span, message);
        }
        false
    }

    /// `r = ref x`: the reference leads elsewhere from now on. The value is what it leads to then.
    pub(super) fn assign_reference(&mut self, target: &syntax::Expr, of: &syntax::Expr, span: Span) -> Expr {
        let mut bare = target;
        while let S::Parenthesized(inner) = &bare.kind {
            bare = inner;
        }
        let found = match &bare.kind {
            S::Name(name) => match self.find(&name.name.text) {
                Some(Symbol::Variable(variable)) => Some(*variable),
                _ => None,
            },
            _ => None,
        };
        let local = found.filter(|own| own.function == self.current).map(|own| own.local);
        let Some(local) = local.filter(|own| self.draft().function.locals[own.0 as usize].by_reference) else {
            let message = "The left-hand side of a ref assignment must be a ref local or parameter.";
            return self.error(ErrorKind::Type, "CS8373", target.span, message);
        };
        let slot = self.draft().function.locals[local.0 as usize].clone();
        let by_ref = if slot.is_readonly { ByRef::Readonly } else { ByRef::Ref };
        let reference = self.reference_to(of, by_ref);
        if is_error(reference.ty) || !self.same_by_reference(Some(slot.ty), &reference, of.span) {
            return erroneous(span);
        }
        if self.scope_of(&reference) > slot.scope {
            let to = &slot.name;
            let from = match &reference.kind {
                ExprKind::Reference(Place::Local(from)) => self.draft().function.locals[from.0 as usize].name.clone(),
                _ => "value".into(),
            };
            let message = format!(
                "Cannot ref-assign '{from}' to '{to}' because '{from}' has a narrower escape scope than '{to}'."
            );
            return self.error(ErrorKind::Type, "CS8374", target.span, message);
        }
        let rebind = ExprKind::Rebind { local, reference: Box::new(reference) };
        let rebind = Expr { kind: rebind, ty: slot.ty, span };
        Expr { kind: ExprKind::Deref(Box::new(rebind)), ty: slot.ty, span }
    }

    /// A reference to what an expression names; one for reading alone leads to more.
    pub fn reference_to(&mut self, tree: &syntax::Expr, by_ref: ByRef) -> Expr {
        let span = tree.span;
        let writes = by_ref != ByRef::Readonly;
        if let S::Name(name) = &tree.kind
            && let Some(Symbol::Variable(variable)) = self.find(&name.name.text)
            && variable.readonly != Readonly::No
            && writes
        {
            let (text, what) = (&name.name.text, variable.readonly.in_words());
            let message = match variable.readonly {
                Readonly::Range => format!("Cannot use '{text}' as a ref or out value because it is read only"),
                _ => format!("Cannot use '{text}' as a ref or out value because it is a '{what}'"),
            };
            return self.error(ErrorKind::Type, "CS1657", span, message);
        }
        let value = self.value_of(tree);
        let ty = value.ty;
        if is_error(ty) || writes && self.refuse_written(&value, Written::Referred) {
            return erroneous(span);
        }
        let value = match value.kind {
            ExprKind::Deref(reference) => return *reference,
            kind => Expr { kind, ty, span },
        };
        let property = matches!(&value.kind, ExprKind::Call { member, .. } if matches!(member.row.form, crate::dotnet::member::Form::Property | crate::dotnet::member::Form::Indexer));
        match self.place_of(value, span) {
            Some(place) => {
                self.keep_in_cell(&place);
                Expr { kind: ExprKind::Reference(place), ty, span }
            }
            None if !writes => self.error(ErrorKind::Type, "CS8156", span, NO_REFERENCE),
            None if property => {
                let message = "A property or indexer may not be passed as an out or ref parameter";
                self.error(ErrorKind::Type, "CS0206", span, message)
            }
            None => self.error(ErrorKind::Type, "CS1510", span, "A ref or out value must be an assignable variable"),
        }
    }

    /// The local that a place is a part of lives where references can lead.
    pub(super) fn keep_in_cell(&mut self, place: &Place) {
        if let Place::Local(local) = *root(place) {
            self.draft().function.locals[local.0 as usize].in_cell = true;
        }
    }

    /// An `in` argument: a reference to the variable where it is one of the parameter's type, otherwise to a copy.
    pub(super) fn readable_argument(&mut self, value: Expr, ty: TypeId) -> Argument {
        let span = value.span;
        if inherit::same(value.ty, ty)
            && !is_error(ty)
            && let Some(place) = self.place_of(value.clone(), span)
        {
            self.keep_in_cell(&place);
            return Argument::Reference { place, is_out: false };
        }
        let copy = self.temporary(ty);
        self.draft().function.locals[copy.0 as usize].in_cell = true;
        let before = vec![super::convert::assign_local(copy, value, span)];
        let reference = Box::new(Expr { kind: ExprKind::Reference(Place::Local(copy)), ty, span });
        Argument::Value(Expr { kind: ExprKind::Sequence { before, value: reference }, ty, span })
    }

    /// How deep the scope is that what a reference leads to does not outlive.
    fn scope_of(&mut self, reference: &Expr) -> u32 {
        match &reference.kind {
            ExprKind::Reference(place) => match root(place) {
                Place::Local(local) => self.draft().function.locals[local.0 as usize].scope,
                Place::Captured(_) => OUTSIDE + 1,
                Place::Deref(inner) => self.scope_of(inner),
                _ => OUTSIDE,
            },
            ExprKind::Conditional { then, otherwise, .. } => self.scope_of(then).max(self.scope_of(otherwise)),
            ExprKind::Sequence { value, .. } => self.scope_of(value),
            ExprKind::Rebind { local, .. } => self.draft().function.locals[local.0 as usize].scope,
            ExprKind::CallLocal { arguments, .. } => {
                let scope = |argument: &Argument| match argument {
                    Argument::Reference { place, .. } => {
                        let kind = ExprKind::Reference(place.clone());
                        self.scope_of(&Expr { kind, ..reference.clone() })
                    }
                    Argument::Value(value) if matches!(value.kind, ExprKind::Sequence { .. }) => self.scope_of(value),
                    Argument::Value(_) => OUTSIDE,
                };
                arguments.iter().map(scope).max().unwrap_or(OUTSIDE)
            }
            _ => OUTSIDE,
        }
    }

    /// What `return ref` gives back: nothing that ends with the function.
    pub(super) fn returned_reference(&mut self, tree: &syntax::Expr, returns: TypeId, by_ref: ByRef) -> Expr {
        let span = tree.span;
        let reference = self.reference_to(tree, ByRef::Readonly);
        if is_error(reference.ty) {
            return reference;
        }
        let leads_to = match &reference.kind {
            ExprKind::Reference(Place::Local(local)) => ExprKind::Local(*local),
            _ => ExprKind::Deref(Box::new(reference.clone())),
        };
        let leads_to = Expr { kind: leads_to, ..reference.clone() };
        if by_ref == ByRef::Ref && self.refuse_written(&leads_to, Written::Returned) {
            return erroneous(span);
        }
        if self.scope_of(&reference) > OUTSIDE {
            return self.stays_inside(&reference, span);
        }
        if !inherit::same(reference.ty, returns) {
            let message = format!(
                "The return expression must be of type '{}' because this method returns by reference",
                returns.csharp_name()
            );
            return self.error(ErrorKind::Type, "CS8151", span, message);
        }
        reference
    }

    /// Says why a reference cannot be returned.
    fn stays_inside(&mut self, reference: &Expr, span: Span) -> Expr {
        let ExprKind::Reference(place) = &reference.kind else {
            let message = "Cannot use a result in this context because it may expose variables referenced by a parameter outside of their declaration scope";
            return self.error(ErrorKind::Type, "CS8347", span, message);
        };
        let Place::Local(local) = *root(place) else {
            let message = "Cannot return a local by reference because it is not a ref local";
            return self.error(ErrorKind::Type, "CS8168", span, message);
        };
        let (is_parameter, name, holds_reference) = self.own_local(local);
        let of = if matches!(place, Place::TupleField { .. }) { "a member of " } else { "" };
        let (code, message) = match (holds_reference, is_parameter, of.is_empty()) {
            (true, _, _) => (
                "CS8157",
                format!(
                    "Cannot return '{name}' by reference because it was initialized to a value that cannot be returned by reference"
                ),
            ),
            (false, true, true) => (
                "CS8166",
                format!("Cannot return a parameter by reference '{name}' because it is not a ref or out parameter"),
            ),
            (false, true, false) => (
                "CS8167",
                format!("Cannot return or assign {of}'{name}' as reference because it is not a ref or out parameter"),
            ),
            (false, false, true) => {
                ("CS8168", format!("Cannot return local '{name}' by reference because it is not a ref local"))
            }
            (false, false, false) => {
                ("CS8169", format!("Cannot return {of}local '{name}' by reference because it is not a ref local"))
            }
        };
        self.error(ErrorKind::Type, code, span, message)
    }

    /// Whether a local is a parameter; its name, and whether it holds a reference.
    fn own_local(&mut self, local: LocalId) -> (bool, Box<str>, bool) {
        let draft = self.draft();
        let own = &draft.function.locals[local.0 as usize];
        (local.0 < draft.function.parameters, own.name.clone(), own.by_reference)
    }
}

/// The place that a field of a tuple is a part of.
fn root(place: &Place) -> &Place {
    let mut root = place;
    while let Place::TupleField { tuple, .. } = root {
        root = tuple;
    }
    root
}

const NO_REFERENCE: &str =
    "An expression cannot be used in this context because it may not be passed or returned by reference";
