//! The bodies of loops, and `foreach`: what is enumerated, and how.

use super::ErrorKind;
use super::access::Operand;
use super::ir::{Expr, ExprKind, Span, Stmt, StmtKind};
use super::lookup::element_type;
use super::pairs;
use super::scope::{Binder, Breakable, Readonly, Symbol, erroneous, is_error};
use super::statement::is_null_constant;
use crate::dotnet::inherit::is_subtype;
use crate::dotnet::types::{self, Type, TypeId};
use portcullis_grammar::syntax::{self, ByRef, ExprKind as S};

impl Binder<'_> {
    pub(super) fn loop_body(&mut self, body: &syntax::Statement) -> Vec<Stmt> {
        self.draft().breakables.push(Breakable::Loop);
        let body = self.embedded(body);
        self.draft().breakables.pop();
        body
    }

    pub(super) fn for_each(
        &mut self,
        variable: &syntax::ForEachVariable,
        source: &syntax::Expr,
        body: &syntax::Statement,
        span: Span,
        out: &mut Vec<Stmt>,
    ) {
        self.push_scope();
        let operand = self.operand(source);
        let cannot = match &operand {
            Operand::Lambda(_) => Some("lambda expression"),
            Operand::Group(_) => Some("method group"),
            _ => None,
        };
        let bound = match cannot {
            Some(what) => {
                let message = format!("Foreach cannot operate on a '{what}'. Did you intend to invoke the '{what}'?");
                self.error(ErrorKind::Type, "CS0446", source.span, message)
            }
            None => self.value(operand).unwrap_or_else(|| erroneous(source.span)),
        };
        let bound = if matches!(bound.ty.get(), Type::Null) || is_null_constant(&bound) {
            self.error(ErrorKind::Type, "CS0186", source.span, "Use of null is not valid in this context")
        } else {
            bound
        };
        let bound = self.own_enumeration(bound);
        let of_dynamic = super::dynamic::is_dynamic(bound.ty);
        let bound = if of_dynamic {
            self.convert(Operand::Value(bound), TypeId::named("System.Collections.IEnumerable"), source.span)
        } else {
            bound
        };
        let non_generic = crate::dotnet::find_def("System.Collections.IEnumerable", 0)
            .is_some_and(|def| is_subtype(bound.ty, TypeId::of(Type::Named(def, Vec::new()))));
        let element = match element_type(bound.ty) {
            Some(element) => element,
            None if is_error(bound.ty) => types::error(),
            None if of_dynamic => types::dynamic(),
            None if non_generic => types::object(),
            None => match self.enumerated(bound.ty) {
                Some(element) => element,
                None => {
                    let message = format!(
                        "foreach statement cannot operate on variables of type '{}' because '{}' does not contain a public instance definition for 'GetEnumerator'",
                        bound.ty.csharp_name(),
                        bound.ty.csharp_name()
                    );
                    self.error(ErrorKind::Type, "CS1579", source.span, message);
                    types::error()
                }
            },
        };
        self.push_scope();
        let raw = self.temporary(element);
        let read = Expr { kind: ExprKind::Local(raw), ty: element, span };
        let (local, item, mut before) = match variable {
            syntax::ForEachVariable::Typed { by_ref, of, name } => {
                // No sequence that there is gives references to its elements.
                if *by_ref != ByRef::No && !is_error(bound.ty) {
                    let message = "A ref or out value must be an assignable variable";
                    self.error(ErrorKind::Type, "CS1510", source.span, message);
                }
                let ty = if matches!(of.kind, syntax::TypeKind::Var) { element } else { self.resolve_type(of) };
                let item = if ty == element { read } else { self.cast(Operand::Value(read), ty, of.span) };
                (self.declare_local(&name.text, name.span, ty, Readonly::ForEach), item, Vec::new())
            }
            syntax::ForEachVariable::Deconstruction(target) => {
                if !matches!(target.kind, S::Tuple(_) | S::Declaration { .. }) {
                    let message = "Type and identifier are both required in a foreach statement";
                    self.error(ErrorKind::Type, "CS0230", target.span, message);
                }
                let whole = self.temporary(element);
                let mut before = Vec::new();
                let value = Expr { kind: ExprKind::Local(whole), ty: element, span };
                if is_error(element) {
                    self.declare_erroneous(target);
                } else {
                    self.deconstruct_into(target, value, &mut before, source.span);
                }
                // What the loop deconstructs into is as read-only as its variable.
                if let Some(scope) = self.scopes.last_mut() {
                    for symbol in scope.names.values_mut() {
                        if let Symbol::Variable(variable) = symbol {
                            variable.readonly = Readonly::ForEach;
                        }
                    }
                }
                (whole, read, before)
            }
        };
        let mut inner: Vec<Stmt> = before.drain(..).map(|e| Stmt { span: e.span, kind: StmtKind::Expr(e) }).collect();
        inner.extend(self.loop_body(body));
        self.pop_scope();
        self.pop_scope();
        out.push(Stmt { kind: StmtKind::ForEach { source: bound, raw, local, item, body: inner }, span });
    }

    /// A class may enumerate by its public `GetEnumerator` what its interfaces do not (`JObject`: pairs, not tokens): the
    /// loop then runs over what that call answers.
    fn own_enumeration(&mut self, source: Expr) -> Expr {
        if pairs::is_seen_as_pairs(source.ty) {
            return pairs::as_pairs(source);
        }
        let Some(def) = source.ty.def().filter(|def| def.kind == crate::dotnet::member::Kind::Class) else {
            return source;
        };
        let Some(member) = def.members().iter().find(|m| m.name == "GetEnumerator" && m.parameters.is_empty()) else {
            return source;
        };
        let enumerator = crate::dotnet::inherit::substitute(member.returns, source.ty.arguments(), &[]);
        let [own] = *enumerator.arguments() else { return source };
        if element_type(source.ty).is_none_or(|element| {
            element == own || enumerator.def().is_none_or(|def| def.simple_name() != "IEnumerator")
        }) {
            return source;
        }
        let (type_arguments, span) = (source.ty.arguments().to_vec(), source.span);
        let arguments = vec![crate::typed::ir::Argument::Value(source)];
        Expr {
            kind: ExprKind::Call { member, type_arguments, arguments, is_instance: true },
            ty: crate::dotnet::system::enumerate::enumerable_of(own),
            span,
        }
    }

    /// The element type of what has a `GetEnumerator` of its own (a collection of matches).
    fn enumerated(&self, ty: TypeId) -> Option<TypeId> {
        let found = self.members(ty, "GetEnumerator").into_iter().find(|f| f.member.parameters.is_empty())?;
        let enumerator = found.own(found.member.returns);
        let current = self.members(enumerator, "Current").into_iter().next()?;
        Some(current.own(current.member.returns))
    }
}
