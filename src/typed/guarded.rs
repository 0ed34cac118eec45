//! What runs whatever happens: `try`, `using` and `lock`.

use super::ErrorKind;
use super::access::Operand;
use super::convert::assign_local;
use super::ir::{Argument, Catch, Expr, ExprKind, Span, Stmt, StmtKind};
use super::scope::{Binder, Breakable, Readonly, is_error};
use crate::dotnet::inherit::is_subtype;
use crate::dotnet::types::{self, Type, TypeId};
use portcullis_grammar::syntax::{self};

impl Binder<'_> {
    /// What `lock` does with its value: null is refused.
    pub(super) fn monitored(&mut self, value: Expr) -> Expr {
        let span = value.span;
        let exception = TypeId::named("System.ArgumentNullException");
        let constructors = exception.def().map(|def| def.members()).unwrap_or_default();
        let constructor = constructors
            .iter()
            .find(|m| m.row.form == crate::dotnet::member::Form::Constructor && m.parameters.is_empty());
        let (Some(member), false) = (constructor, is_error(value.ty)) else { return value };
        let kind = ExprKind::Call { member, type_arguments: Vec::new(), arguments: Vec::new(), is_instance: false };
        let made = Expr { kind, ty: exception, span };
        let object = types::object();
        let left = Expr { kind: ExprKind::Retype(Box::new(value)), ty: object, span };
        let right = Expr { kind: ExprKind::Throw(Box::new(made)), ty: object, span };
        Expr { kind: ExprKind::Coalesce { left: Box::new(left), right: Box::new(right) }, ty: object, span }
    }

    pub(super) fn in_catch(&self) -> bool {
        self.catch_depth > 0
    }

    pub(super) fn try_statement(
        &mut self,
        body: &syntax::Block,
        catches: &[syntax::Catch],
        finally: Option<&syntax::Block>,
        span: Span,
        out: &mut Vec<Stmt>,
    ) {
        self.draft().open_tries += u32::from(!catches.is_empty());
        let body = self.block(body);
        self.draft().open_tries -= u32::from(!catches.is_empty());
        let mut bound: Vec<Catch> = Vec::new();
        for (at, clause) in catches.iter().enumerate() {
            self.push_scope();
            let ty = match &clause.of {
                Some(of) => {
                    let ty = self.resolve_type(of);
                    if !is_error(ty) && !is_subtype(ty, types::exception()) {
                        self.error(
                            ErrorKind::Type,
                            "CS0155",
                            of.span,
                            "The type caught or thrown must be derived from System.Exception",
                        );
                    }
                    ty
                }
                None => types::exception(),
            };
            let general = clause.of.is_none();
            if general && at + 1 < catches.len() {
                let message = "Catch clauses cannot follow the general catch clause of a try statement";
                self.error(ErrorKind::Flow, "CS1017", clause.span, message);
            } else if let Some(earlier) =
                bound.iter().filter(|_| !general).find(|c| c.filter.is_none() && !is_error(ty) && is_subtype(ty, c.ty))
            {
                let message = format!(
                    "A previous catch clause already catches all exceptions of this or of a super type ('{}')",
                    earlier.ty.csharp_name()
                );
                self.error(ErrorKind::Flow, "CS0160", clause.span, message);
            }
            let local = clause.name.as_ref().map(|name| self.declare_local(&name.text, name.span, ty, Readonly::No));
            let filter = clause.when.as_ref().map(|w| self.condition(w));
            self.catch_depth += 1;
            let body = self.block(&clause.body);
            self.catch_depth -= 1;
            self.pop_scope();
            bound.push(Catch { ty, local, filter, body });
        }
        self.draft().open_finally += 1;
        self.draft().breakables.push(Breakable::Finally);
        let catches_open = std::mem::take(&mut self.catch_depth);
        let finally = finally.map(|block| self.block(block)).unwrap_or_default();
        self.catch_depth = catches_open;
        self.draft().breakables.pop();
        self.draft().open_finally -= 1;
        out.push(Stmt { kind: StmtKind::Try { body, catches: bound, finally }, span });
    }

    pub(super) fn using(
        &mut self,
        resource: &syntax::UsingResource,
        body: &syntax::Statement,
        span: Span,
        out: &mut Vec<Stmt>,
    ) {
        self.push_scope();
        let mut inner = Vec::new();
        let (mut held, mut resources) = (Vec::new(), Vec::new());
        match resource {
            syntax::UsingResource::Local(local) => {
                for declarator in local.declarators.iter().filter(|d| d.value.is_none()) {
                    let message = "You must provide an initializer in a fixed or using statement declaration";
                    self.error(ErrorKind::Type, "CS0210", declarator.span, message);
                }
                self.local_declaration(local, span, Readonly::Using, &mut inner);
                for statement in &inner {
                    if let StmtKind::Declare { local, .. } = statement.kind {
                        let ty = self.draft().function.locals[local.0 as usize].ty;
                        if super::dynamic::is_dynamic(ty) {
                            resources.push(local);
                        } else {
                            held.push((local, ty));
                        }
                    }
                }
            }
            syntax::UsingResource::Expr(tree) => {
                let mut value = self.value_of(tree);
                if super::dynamic::is_dynamic(value.ty) {
                    value = self.convert(Operand::Value(value), TypeId::named("System.IDisposable"), tree.span);
                }
                let ty = value.ty;
                let temp = self.temporary(ty);
                inner.push(Stmt { kind: StmtKind::Expr(assign_local(temp, value, span)), span });
                held.push((temp, ty));
            }
        }
        // What is dynamic becomes something to dispose of before the body runs.
        for local in resources {
            let disposable = TypeId::named("System.IDisposable");
            let read = Expr { kind: ExprKind::Local(local), ty: types::dynamic(), span };
            let value = self.convert(Operand::Value(read), disposable, span);
            let temp = self.temporary(disposable);
            inner.push(Stmt { kind: StmtKind::Expr(assign_local(temp, value, span)), span });
            held.push((temp, disposable));
        }
        let body = self.embedded(body);
        let mut finally = Vec::new();
        for (local, ty) in held.into_iter().rev() {
            if is_error(ty) || matches!(ty.get(), Type::Null) {
                continue;
            }
            let Some(dispose) = self.members(ty, "Dispose").into_iter().find(|f| f.member.parameters.is_empty()) else {
                let message = format!(
                    "'{}': type used in a using statement must be implicitly convertible to 'System.IDisposable'",
                    ty.csharp_name()
                );
                self.error(ErrorKind::Type, "CS1674", span, message);
                continue;
            };
            let read = || Expr { kind: ExprKind::Local(local), ty, span };
            let call = ExprKind::Call {
                member: dispose.member,
                type_arguments: dispose.owner.arguments().to_vec(),
                arguments: vec![Argument::Value(read())],
                is_instance: true,
            };
            let call = Stmt { kind: StmtKind::Expr(Expr { kind: call, ty: types::void(), span }), span };
            let is_null = Expr { kind: ExprKind::IsNull(Box::new(read())), ty: types::boolean(), span };
            let test = Expr { kind: ExprKind::Not(Box::new(is_null)), ty: types::boolean(), span };
            finally.push(Stmt { kind: StmtKind::If { test, then: vec![call], otherwise: Vec::new() }, span });
        }
        self.pop_scope();
        inner.push(Stmt { kind: StmtKind::Try { body, catches: Vec::new(), finally }, span });
        out.push(Stmt { kind: StmtKind::Block(inner), span });
    }
}
