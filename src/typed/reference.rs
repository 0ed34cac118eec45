//! `ref` locals and `ref` returns.

use super::ErrorKind;
use super::ir::{Expr, ExprKind, Place, Stmt, StmtKind};
use super::scope::{Binder, Readonly, Symbol, erroneous, is_error};
use crate::dotnet::types::TypeId;
use portcullis_grammar::syntax::{self, ExprKind as S};

impl Binder<'_> {
    /// `ref int y = ref x`: another name of a variable.
    pub(super) fn reference_locals(&mut self, local: &syntax::LocalDeclaration, out: &mut Vec<Stmt>) {
        let inferred = matches!(local.of.kind, syntax::TypeKind::Var);
        let ty = if inferred { None } else { Some(self.resolve_type(&local.of)) };
        for declarator in &local.declarators {
            let (name, at) = (&declarator.name.text, declarator.name.span);
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
            let reference = self.reference_to(tree);
            if let Some(ty) = ty.filter(|ty| {
                !crate::dotnet::inherit::same(*ty, reference.ty) && !is_error(*ty) && !is_error(reference.ty)
            }) {
                let message = format!(
                    "The expression must be of type '{}' because it is being assigned by reference",
                    ty.csharp_name()
                );
                self.error(ErrorKind::Type, "CS8173", tree.span, message);
            }
            let local = self.declare_local(name, at, ty.unwrap_or(reference.ty), Readonly::No);
            let slot = &mut self.draft().function.locals[local.0 as usize];
            slot.by_reference = true;
            slot.in_cell = true;
            out.push(Stmt { kind: StmtKind::Declare { local, value: Some(reference) }, span: declarator.span });
        }
    }

    /// A reference to what an expression names.
    pub fn reference_to(&mut self, tree: &syntax::Expr) -> Expr {
        let span = tree.span;
        if let S::Name(name) = &tree.kind
            && let Some(Symbol::Variable(variable)) = self.find(&name.name.text)
            && variable.readonly != Readonly::No
        {
            let message = format!("Cannot use '{}' as a ref or out value because it is read only", name.name.text);
            return self.error(ErrorKind::Type, "CS1657", span, message);
        }
        let value = self.value_of(tree);
        let ty = value.ty;
        if is_error(ty) {
            return erroneous(span);
        }
        let value = match value.kind {
            ExprKind::Deref(reference) => return *reference,
            kind => Expr { kind, ty, span },
        };
        let property = matches!(&value.kind, ExprKind::Call { member, .. } if matches!(member.row.form, crate::dotnet::member::Form::Property | crate::dotnet::member::Form::Indexer));
        match self.place_of(value, span) {
            Some(place) => {
                let mut root = &place;
                while let Place::TupleField { tuple, .. } = root {
                    root = tuple;
                }
                if let Place::Local(local) = root {
                    let local = *local;
                    self.draft().function.locals[local.0 as usize].in_cell = true;
                }
                Expr { kind: ExprKind::Reference(place), ty, span }
            }
            None if property => {
                let message = "A property or indexer may not be passed as an out or ref parameter";
                self.error(ErrorKind::Type, "CS0206", span, message)
            }
            None => self.error(ErrorKind::Type, "CS1510", span, "A ref or out value must be an assignable variable"),
        }
    }

    /// What `return ref` gives back: nothing that ends with the function.
    pub(super) fn returned_reference(&mut self, tree: &syntax::Expr, returns: TypeId) -> Expr {
        let span = tree.span;
        let reference = self.reference_to(tree);
        if is_error(reference.ty) {
            return reference;
        }
        if let ExprKind::Reference(Place::Local(local)) = &reference.kind {
            let local = *local;
            let parameters = self.draft().function.parameters;
            let own = &self.draft().function.locals[local.0 as usize];
            let (name, by_reference) = (own.name.clone(), own.by_reference);
            if !by_reference && local.0 < parameters {
                let message =
                    format!("Cannot return a parameter by reference '{name}' because it is not a ref or out parameter");
                return self.error(ErrorKind::Type, "CS8166", span, message);
            }
            if !by_reference {
                let message = format!("Cannot return local '{name}' by reference because it is not a ref local");
                return self.error(ErrorKind::Type, "CS8168", span, message);
            }
        }
        if let ExprKind::Reference(Place::Captured(_)) = &reference.kind {
            let message = "Cannot return a local by reference because it is not a ref local";
            return self.error(ErrorKind::Type, "CS8168", span, message);
        }
        if !crate::dotnet::inherit::same(reference.ty, returns) {
            let message = format!(
                "The return expression must be of type '{}' because this method returns by reference",
                returns.csharp_name()
            );
            return self.error(ErrorKind::Type, "CS8151", span, message);
        }
        reference
    }
}
