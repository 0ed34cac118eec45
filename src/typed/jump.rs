//! Statements that leave where they stand: `return`, `yield`, `goto`; and the labels that jumps look for.

use super::ErrorKind;
use super::access::Operand;
use super::ir::{Const, ExprKind, FunctionId, Span, Stmt, StmtKind};
use super::scope::{Binder, Returns, Scope, erroneous};
use super::statement::LEAVES_FINALLY;
use crate::dotnet::types::Type;
use portcullis_grammar::syntax::{self, ByRef, ExprKind as S, StatementKind};

impl Binder<'_> {
    /// Notes what the statements of a list declare: labels, which may be jumped to before they stand, and locals, which may
    /// not be used before.
    pub(super) fn look_ahead(&mut self, statements: &[syntax::Statement]) {
        for statement in statements {
            let mut inner = statement;
            while let StatementKind::Labeled { label, statement } = &inner.kind {
                let (text, at) = (&label.text, label.span);
                let function = self.current;
                let own = |scope: &Scope| scope.labels.get(text).is_some_and(|known| known.0 == function);
                if self.scopes.last().is_some_and(own) {
                    self.error(ErrorKind::Flow, "CS0140", at, format!("The label '{text}' is a duplicate"));
                } else if self.scopes.iter().any(own) {
                    let message =
                        format!("The label '{text}' shadows another label by the same name in a contained scope");
                    self.error(ErrorKind::Flow, "CS0158", at, message);
                }
                let id = self.new_label();
                let finally = self.draft().open_finally;
                if let Some(scope) = self.scopes.last_mut() {
                    scope.labels.entry(text.clone()).or_insert((function, id, finally));
                }
                inner = statement;
            }
            if let (StatementKind::Local(local), Some(scope)) = (&inner.kind, self.scopes.last_mut()) {
                scope.later.extend(local.declarators.iter().map(|d| d.name.text.clone()));
            }
        }
    }

    pub(super) fn yield_statement(&mut self, value: Option<&syntax::Expr>, span: Span, out: &mut Vec<Stmt>) {
        let Some(element) = self.draft().yields else {
            if let Some(value) = value {
                self.value_of(value);
            }
            let (code, message) = if &*self.draft().function.name == "lambda" {
                ("CS1621", "The yield statement cannot be used inside an anonymous method or lambda expression")
            } else {
                ("CS1624", "The body cannot be an iterator block because its type is not an iterator interface type")
            };
            let at = if code == "CS1624" { Span { start: 0, end: 0 } } else { span };
            self.error(ErrorKind::Flow, code, at, message);
            return;
        };
        if self.draft().open_finally > 0 {
            self.error(ErrorKind::Flow, "CS1625", span, "Cannot yield in the body of a finally clause");
        }
        let Some(value) = value else {
            out.push(Stmt { kind: StmtKind::Return(None), span });
            return;
        };
        if self.catch_depth > 0 {
            self.error(ErrorKind::Flow, "CS1631", span, "Cannot yield a value in the body of a catch clause");
        } else if self.draft().open_tries > 0 {
            let message = "Cannot yield a value in the body of a try block with a catch clause";
            self.error(ErrorKind::Flow, "CS1626", span, message);
        }
        let operand = self.operand(value);
        let value = self.convert(operand, element, value.span);
        out.push(Stmt { kind: StmtKind::Yield(value), span });
    }

    pub(super) fn return_statement(&mut self, value: Option<&syntax::Expr>, span: Span) -> StmtKind {
        let returns = self.draft().returns.clone();
        if self.draft().yields.is_some() {
            if let Some(tree) = value {
                self.value_of(tree);
            }
            let message = "Cannot return a value from an iterator. Use the yield return statement to return a value, or yield break to end the iteration.";
            self.error(ErrorKind::Flow, "CS1622", span, message);
            return StmtKind::Return(None);
        }
        let by_ref = self.draft().returns_ref;
        let by_reference = by_ref != ByRef::No;
        match (value, &returns) {
            (Some(syntax::Expr { kind: S::Ref(of), .. }), Returns::Known(ty)) if by_reference => {
                return StmtKind::Return(Some(self.returned_reference(of, *ty, by_ref)));
            }
            (Some(syntax::Expr { kind: S::Ref(_), .. }), _) => {
                let message = "By-reference returns may only be used in methods that return by reference";
                self.error(ErrorKind::Type, "CS8149", span, message);
                return StmtKind::Return(None);
            }
            (Some(_), _) if by_reference => {
                let message = "By-value returns may only be used in methods that return by value";
                self.error(ErrorKind::Type, "CS8150", span, message);
                return StmtKind::Return(None);
            }
            _ => {}
        }
        match (returns, value) {
            (Returns::Known(ty), None) if matches!(ty.get(), Type::Void) => StmtKind::Return(None),
            (Returns::Known(ty), None) => {
                let message = format!("An object of a type convertible to '{}' is required", ty.csharp_name());
                self.error(ErrorKind::Flow, "CS0126", span, message);
                StmtKind::Return(None)
            }
            (Returns::Known(ty), Some(tree)) if matches!(ty.get(), Type::Void) => {
                self.value_of(tree);
                let name = self.draft().function.name.clone();
                if &*name == "lambda" {
                    self.error(ErrorKind::Flow, "CS8030", span, "A function that returns void cannot return a value");
                } else {
                    let message = format!(
                        "Since '{name}' returns void, a return keyword must not be followed by an object expression"
                    );
                    self.error(ErrorKind::Flow, "CS0127", span, message);
                }
                StmtKind::Return(None)
            }
            (Returns::Known(ty), Some(tree)) => {
                let operand = self.operand(tree);
                if let Operand::Value(value) = &operand
                    && self.current == FunctionId(0)
                {
                    self.result = Some(value.ty);
                }
                StmtKind::Return(Some(self.convert(operand, ty, tree.span)))
            }
            (Returns::Inferred(_), None) => StmtKind::Return(None),
            (Returns::Inferred(_), Some(tree)) => {
                let operand = self.operand(tree);
                let value = match operand {
                    Operand::Value(value) => value,
                    _ => erroneous(tree.span),
                };
                self.note_result(&value);
                StmtKind::Return(Some(value))
            }
        }
    }

    /// A label of this function that can be seen from here, and how many `finally` bodies are around it.
    pub(super) fn label(&self, name: &str) -> Option<(super::ir::LabelId, u32)> {
        let scopes = self.scopes.iter().rev();
        scopes
            .filter_map(|scope| scope.labels.get(name))
            .find(|(function, ..)| *function == self.current)
            .map(|(_, id, finally)| (*id, *finally))
    }

    pub(super) fn goto(&mut self, target: &syntax::GotoTarget, span: Span, out: &mut Vec<Stmt>) {
        let label = match target {
            syntax::GotoTarget::Label(name) => {
                let found = self.label(&name.text);
                if found.is_some_and(|(_, finally)| finally < self.draft().open_finally) {
                    self.error(ErrorKind::Flow, "CS0157", span, LEAVES_FINALLY);
                }
                found.map(|(id, _)| id)
            }
            syntax::GotoTarget::Default => self.draft().switches.last().and_then(|f| f.default),
            syntax::GotoTarget::Case(tree) => {
                let Some(ty) = self.draft().switches.last().map(|f| f.ty) else {
                    self.error(ErrorKind::Flow, "CS0153", span, "A goto case is only valid inside a switch statement");
                    return;
                };
                let operand = self.operand(tree);
                let null = matches!(&operand, Operand::Value(value) if matches!(value.ty.get(), Type::Null));
                let wanted = if null { ty } else { super::convert::strip_nullable(ty) };
                let value = self.convert(operand, wanted, span);
                let shown = format!(
                    "{:?}",
                    match value.kind {
                        ExprKind::Const(constant) => constant,
                        _ => Const::Null,
                    }
                );
                // Later cases are in the frame too: labels are made before any body is bound.
                self.draft()
                    .switches
                    .last()
                    .and_then(|f| f.cases.iter().find(|(c, _)| format!("{c:?}") == shown).map(|(_, l)| *l))
            }
        };
        match label {
            Some(label) => out.push(Stmt { kind: StmtKind::Goto(label), span }),
            None => {
                self.error(ErrorKind::Flow, "CS0159", span, "No such label within the scope of the goto statement");
                // Behind a label that is missing control does not go on all the same.
                if matches!(target, syntax::GotoTarget::Label(_)) {
                    out.push(Stmt { kind: StmtKind::Throw(erroneous(span)), span });
                }
            }
        }
    }
}
