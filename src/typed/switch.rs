//! `switch` statements: the governing value, the cases in their order, and which of them no value reaches.

use super::ErrorKind;
use super::access::Operand;
use super::convert::assign_local;
use super::ir::{Const, Expr, ExprKind, Span, Stmt, StmtKind};
use super::scope::{Binder, Breakable, Scope, SwitchFrame, erroneous, is_error};
use crate::dotnet::inherit::{is_subtype, is_value_type};
use crate::dotnet::types::{self, Type, TypeId};
use portcullis_grammar::syntax;

/// What a `case` takes.
pub(super) enum Case {
    Constant(Const),
    Type(TypeId),
    /// `case var x`, or a type that every value has.
    All,
    Unknown,
}

/// What the cases of a switch have taken so far.
#[derive(Default)]
pub(super) struct Handled {
    /// As written out; whether a `when` that is always true stood behind it.
    constants: std::collections::HashMap<String, bool>,
    types: Vec<TypeId>,
    null: bool,
    all: bool,
}

impl Handled {
    /// Whether types, beside null where there is one, leave nothing of a type.
    fn all_of(&self, ty: TypeId) -> bool {
        let bare = super::convert::strip_nullable(ty);
        let without_null = bare == ty && is_value_type(ty);
        self.all || (without_null || self.null) && self.types.iter().any(|taken| is_subtype(bare, *taken))
    }

    fn both_truths(&self) -> bool {
        [true, false].iter().all(|truth| self.constants.contains_key(&format!("{:?}", Const::Bool(*truth))))
    }
}

impl Binder<'_> {
    pub(super) fn switch(
        &mut self,
        value: &syntax::Expr,
        sections: &[syntax::SwitchSection],
        span: Span,
        out: &mut Vec<Stmt>,
    ) {
        let operand = self.operand(value);
        let no_value = match &operand {
            Operand::Value(value) if matches!(value.ty.get(), Type::Null) => Some("<null>"),
            Operand::Lambda(_) => Some("lambda expression"),
            Operand::Group(_) => Some("method group"),
            _ => None,
        };
        let bound = match no_value {
            Some(what) => {
                let message = format!("The switch expression must be a value; found '{what}'.");
                self.error(ErrorKind::Type, "CS8119", value.span, message)
            }
            None => self.value(operand).unwrap_or_else(|| erroneous(value.span)),
        };
        let bound = super::dynamic::as_object(bound);
        let ty = bound.ty;
        // Over a constant, only the section that it selects can be reached.
        let selected = match &bound.kind {
            ExprKind::Const(constant) => Some(constant.clone()),
            _ => None,
        };
        let mut handled = Handled::default();
        let temp = self.temporary(ty);
        let mut inner = vec![Stmt { kind: StmtKind::Expr(assign_local(temp, bound, span)), span }];
        let end = self.new_label();
        let mut ends = Vec::new();
        self.draft().breakables.push(Breakable::Switch(end));
        self.draft().switches.push(SwitchFrame { cases: Vec::new(), default: None, ty });
        // Tests first, in order; the default last wherever it stands.
        let mut labels = Vec::new();
        let mut default = None;
        self.push_scope();
        for section in sections {
            let label = self.new_label();
            labels.push(label);
            for case in &section.labels {
                if let syntax::SwitchLabel::Default(at) = case {
                    if default.replace(label).is_some() {
                        self.error(
                            ErrorKind::Flow,
                            "CS0152",
                            *at,
                            "The switch statement contains multiple cases with the label value 'default'",
                        );
                    }
                }
            }
        }
        if let Some(frame) = self.draft().switches.last_mut() {
            frame.default = default;
        }
        let mut bodies: Vec<(Scope, &syntax::SwitchSection)> = Vec::new();
        for (section, label) in sections.iter().zip(&labels) {
            self.push_scope();
            for case in &section.labels {
                let syntax::SwitchLabel::Case { pattern, when, span: at } = case else { continue };
                let mut test = self.pattern(temp, ty, pattern, *at);
                let case = match &pattern.kind {
                    syntax::PatternKind::Constant(constant) => self.note_case(constant, ty, *label),
                    syntax::PatternKind::Declaration { of, .. } => {
                        let inferred = matches!(of.kind, syntax::TypeKind::Var);
                        let mark = self.mark();
                        let wanted = if inferred { types::error() } else { self.resolve_type(of) };
                        self.roll_back(mark);
                        let trivial = !inferred && !is_error(wanted) && wanted == ty && is_value_type(ty);
                        if inferred || trivial { Case::All } else { Case::Type(wanted) }
                    }
                };
                if let (Some(selected), Case::Constant(constant)) = (&selected, &case) {
                    let taken = format!("{selected:?}") == format!("{constant:?}");
                    test = Expr { kind: ExprKind::Const(Const::Bool(taken)), ty: types::boolean(), span: *at };
                }
                let filter = when.as_ref().map(|when| self.condition(when));
                let always =
                    filter.as_ref().is_none_or(|filter| matches!(filter.kind, ExprKind::Const(Const::Bool(true))));
                self.note_handled(&mut handled, case, filter.is_some(), always, pattern.span, *at);
                if let Some(filter) = filter {
                    test = Expr {
                        kind: ExprKind::AndAlso(Box::new(test), Box::new(filter)),
                        ty: types::boolean(),
                        span: *at,
                    };
                }
                let jump = Stmt { kind: StmtKind::Goto(*label), span: *at };
                inner.push(Stmt { kind: StmtKind::If { test, then: vec![jump], otherwise: Vec::new() }, span: *at });
            }
            bodies.push((self.scopes.pop().unwrap_or_default(), section));
        }
        let everything = selected.is_some() && ty == types::boolean() && handled.both_truths() || handled.all_of(ty);
        let otherwise = match default {
            // Nothing comes here.
            None if everything => {
                let null = Expr { kind: ExprKind::Const(Const::Null), ty: types::exception(), span };
                StmtKind::Throw(null)
            }
            _ => StmtKind::Goto(default.unwrap_or(end)),
        };
        inner.push(Stmt { kind: otherwise, span });
        let last = bodies.len().saturating_sub(1);
        for (number, ((scope, section), label)) in bodies.into_iter().zip(&labels).enumerate() {
            inner.push(Stmt { kind: StmtKind::Label(*label), span: section.span });
            // What the statements of a section declare is in scope in all of the switch; what its patterns declare is not.
            let shared = self.scopes.pop().unwrap_or_default();
            self.scopes.push(scope);
            self.scopes.push(shared);
            let body = self.statements(&section.statements);
            let shared = self.scopes.pop().unwrap_or_default();
            self.scopes.pop();
            self.scopes.push(shared);
            let at = section.labels.last().map_or(section.span, |label| match label {
                syntax::SwitchLabel::Case { span, .. } | syntax::SwitchLabel::Default(span) => *span,
            });
            inner.extend(body);
            ends.push((inner.len(), at, number == last));
        }
        // Whether control comes to the end of a section is known when all jumps to its label are.
        for (length, at, last) in ends {
            if super::flow::end_reached(&inner, length) {
                let (code, message) = if last {
                    ("CS8070", "Control cannot fall out of switch from final case label")
                } else {
                    ("CS0163", "Control cannot fall through from one case label to another")
                };
                self.error(ErrorKind::Flow, code, at, message);
            }
        }
        self.pop_scope();
        inner.push(Stmt { kind: StmtKind::Label(end), span });
        self.draft().switches.pop();
        self.draft().breakables.pop();
        out.push(Stmt { kind: StmtKind::Block(inner), span });
    }

    fn note_case(&mut self, constant: &syntax::Expr, ty: TypeId, label: super::ir::LabelId) -> Case {
        let mark = self.mark();
        let span = constant.span;
        let operand = self.operand(constant);
        let value = match operand {
            Operand::Value(value) if matches!(value.ty.get(), Type::Null) => {
                self.convert(Operand::Value(value), ty, span)
            }
            Operand::Value(value) => self.convert(Operand::Value(value), super::convert::strip_nullable(ty), span),
            _ => erroneous(span),
        };
        self.roll_back(mark);
        let ExprKind::Const(value) = value.kind else { return Case::Unknown };
        if let Some(frame) = self.draft().switches.last_mut() {
            frame.cases.push((value.clone(), label));
        }
        Case::Constant(value)
    }

    /// Reports a case that earlier ones leave nothing for.
    fn note_handled(
        &mut self,
        handled: &mut Handled,
        case: Case,
        guarded: bool,
        always: bool,
        pattern: Span,
        span: Span,
    ) {
        let ty_of = |constant: &Const| match constant {
            Const::Null => None,
            Const::Bool(_) => Some(types::boolean()),
            Const::Char(_) => Some(types::char()),
            Const::SByte(_) => Some(types::sbyte()),
            Const::Byte(_) => Some(types::byte()),
            Const::Int16(_) => Some(types::int16()),
            Const::UInt16(_) => Some(types::uint16()),
            Const::Int32(_) => Some(types::int32()),
            Const::UInt32(_) => Some(types::uint32()),
            Const::Int64(_) => Some(types::int64()),
            Const::UInt64(_) => Some(types::uint64()),
            Const::Single(_) => Some(types::single()),
            Const::Double(_) => Some(types::double()),
            Const::Decimal(_) => Some(types::decimal()),
            Const::String(_) => Some(types::string()),
            Const::Enum(ty, _) | Const::Zero(ty) => Some(*ty),
            Const::Type(_) => None,
        };
        let of_type = |ty: TypeId| handled.types.iter().any(|earlier| is_subtype(ty, *earlier));
        let written = match &case {
            Case::Constant(value) => Some(format!("{value:?}")),
            _ => None,
        };
        let seen = written.as_ref().and_then(|written| handled.constants.get(written.as_str()).copied());
        let nothing_left = handled.all
            || match &case {
                Case::Constant(value) => ty_of(value).is_some_and(of_type),
                Case::Type(ty) => !is_error(*ty) && of_type(*ty),
                Case::All | Case::Unknown => false,
            };
        match (seen, &case) {
            (Some(false), Case::Constant(value)) if !guarded => {
                let message = format!(
                    "The switch statement contains multiple cases with the label value '{}'",
                    super::constant::show(value)
                );
                self.error(ErrorKind::Flow, "CS0152", span, message);
            }
            (Some(_), _) | (None, _) if seen.is_some() || nothing_left => {
                let message = "The switch case has already been handled by a previous case.";
                self.error(ErrorKind::Flow, "CS8120", pattern, message);
            }
            _ => {}
        }
        if !always {
            return;
        }
        match case {
            Case::All => handled.all = true,
            Case::Type(ty) if !is_error(ty) => handled.types.push(ty),
            Case::Constant(Const::Null) => {
                handled.null = true;
                handled.constants.entry(written.unwrap_or_default()).or_insert(guarded);
            }
            Case::Constant(_) => {
                handled.constants.entry(written.unwrap_or_default()).or_insert(guarded);
            }
            Case::Type(_) | Case::Unknown => {}
        }
    }
}
