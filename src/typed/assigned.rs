//! Definite assignment: a local that was declared without a value is not read before it has one (C# specification,
//! "Definite assignment"). Reads inside lambdas are not followed.

use super::ir::{Argument, Const, Expr, ExprKind, Function, LabelId, LocalId, Piece, Place, Stmt, StmtKind};
use super::{ErrorKind, TypeError};
use std::collections::{BTreeSet, HashMap};

/// Locals that may be unassigned here; `None`: control does not come here.
type State = Option<BTreeSet<u32>>;

pub fn check(function: &Function, errors: &mut Vec<TypeError>) {
    let mut flow = Flow { function, errors, labels: HashMap::new(), breaks: Vec::new() };
    let mut state = Some(BTreeSet::new());
    flow.body(&function.body, &mut state);
}

struct Flow<'f> {
    function: &'f Function,
    errors: &'f mut Vec<TypeError>,
    labels: HashMap<LabelId, State>,
    /// The states at the `break`s of the loops that are open.
    breaks: Vec<State>,
}

fn join(a: State, b: State) -> State {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.union(&b).copied().collect()),
        (one, other) => one.or(other),
    }
}

impl Flow<'_> {
    fn body(&mut self, body: &[Stmt], state: &mut State) {
        for statement in body {
            self.statement(statement, state);
        }
    }

    fn statement(&mut self, statement: &Stmt, state: &mut State) {
        match &statement.kind {
            StmtKind::Expr(value) => self.expr(value, state),
            StmtKind::Declare { local, value: None } => {
                let named = !self.function.locals[local.0 as usize].name.is_empty();
                if let (Some(open), true) = (state, named) {
                    open.insert(local.0);
                }
            }
            StmtKind::Declare { local, value: Some(value) } => {
                self.expr(value, state);
                assign(*local, state);
            }
            StmtKind::Block(inner) => self.body(inner, state),
            StmtKind::If { test, then, otherwise } => {
                let (mut yes, mut no) = self.condition(test, state.take());
                self.body(then, &mut yes);
                self.body(otherwise, &mut no);
                *state = join(yes, no);
            }
            StmtKind::Loop { test, test_last, step, body } => {
                self.loop_statement(test.as_ref(), *test_last, step, body, state)
            }
            StmtKind::ForEach { source, local, raw, body, .. } => {
                self.expr(source, state);
                let before = state.clone();
                assign(*local, state);
                assign(*raw, state);
                self.breaks.push(None);
                self.body(body, state);
                let broken = self.breaks.pop().flatten();
                *state = join(join(before, state.take()), broken);
            }
            StmtKind::Break => {
                if let Some(broken) = self.breaks.last_mut() {
                    *broken = join(broken.take(), state.take());
                }
                *state = None;
            }
            StmtKind::Continue | StmtKind::Rethrow | StmtKind::Return(None) => *state = None,
            StmtKind::Return(Some(value)) | StmtKind::Throw(value) => {
                self.expr(value, state);
                *state = None;
            }
            StmtKind::Try { body, catches, finally } => {
                let before = state.clone();
                self.body(body, state);
                for clause in catches {
                    let mut caught = before.clone();
                    if let Some(filter) = &clause.filter {
                        self.expr(filter, &mut caught);
                    }
                    self.body(&clause.body, &mut caught);
                    *state = join(state.take(), caught);
                }
                if !finally.is_empty() {
                    let mut last = before;
                    self.body(finally, &mut last);
                    *state = match (state.take(), last) {
                        (Some(a), Some(b)) => Some(a.intersection(&b).copied().collect()),
                        _ => None,
                    };
                }
            }
            StmtKind::Label(label) => {
                let jumped = self.labels.remove(label).flatten();
                *state = join(state.take(), jumped);
            }
            StmtKind::Goto(label) => {
                let known = self.labels.entry(*label).or_insert(None);
                *known = join(known.take(), state.take());
                *state = None;
            }
        }
    }

    fn loop_statement(
        &mut self,
        test: Option<&Expr>,
        test_last: bool,
        step: &[Expr],
        body: &[Stmt],
        state: &mut State,
    ) {
        self.breaks.push(None);
        let after = if test_last {
            let before = state.clone();
            self.body(body, state);
            // `continue` may have come here with less assigned.
            let at_test = if continues(body) { join(before, state.take()) } else { state.take() };
            test.and_then(|test| self.condition(test, at_test).1)
        } else {
            let (mut inside, after) = match test {
                Some(test) => self.condition(test, state.take()),
                None => (state.take(), None),
            };
            let before = inside.clone();
            self.body(body, &mut inside);
            let mut at_step = if continues(body) { join(before, inside) } else { inside };
            for value in step {
                self.expr(value, &mut at_step);
            }
            after
        };
        let broken = self.breaks.pop().flatten();
        *state = join(after, broken);
    }

    /// The states when the condition is true, and when it is false.
    fn condition(&mut self, test: &Expr, mut state: State) -> (State, State) {
        match &test.kind {
            ExprKind::Const(Const::Bool(true)) => (state, None),
            ExprKind::Const(Const::Bool(false)) => (None, state),
            ExprKind::Not(inner) => {
                let (yes, no) = self.condition(inner, state);
                (no, yes)
            }
            ExprKind::AndAlso(a, b) => {
                let (yes, no) = self.condition(a, state);
                let (both, not) = self.condition(b, yes);
                (both, join(no, not))
            }
            ExprKind::OrElse(a, b) => {
                let (yes, no) = self.condition(a, state);
                let (other, neither) = self.condition(b, no);
                (join(yes, other), neither)
            }
            ExprKind::Sequence { before, value } => {
                for step in before {
                    self.expr(step, &mut state);
                }
                self.condition(value, state)
            }
            ExprKind::Retype(inner) => self.condition(inner, state),
            ExprKind::Conditional { test, then, otherwise } => {
                let (yes, no) = self.condition(test, state);
                let (a, b) = self.condition(then, yes);
                let (c, d) = self.condition(otherwise, no);
                (join(a, c), join(b, d))
            }
            _ => {
                self.expr(test, &mut state);
                (state.clone(), state)
            }
        }
    }

    fn all<'e>(&mut self, list: impl IntoIterator<Item = &'e Expr>, state: &mut State) {
        for value in list {
            self.expr(value, state);
        }
    }

    fn arguments(&mut self, arguments: &[Argument], state: &mut State) {
        for argument in arguments {
            match argument {
                Argument::Value(value) => self.expr(value, state),
                Argument::Reference { place, is_out } => {
                    self.place(place, state);
                    if let (Place::Local(local), false) = (place, is_out) {
                        self.read(*local, super::ir::Span::default(), state);
                    }
                }
            }
        }
        for argument in arguments {
            if let Argument::Reference { place: Place::Local(local), .. } = argument {
                assign(*local, state);
            }
        }
    }

    fn place(&mut self, place: &Place, state: &mut State) {
        match place {
            Place::ArrayItem { array, index } => self.all([&**array, &**index], state),
            Place::TupleField { tuple, .. } => self.place(tuple, state),
            Place::Local(_) | Place::Captured(_) | Place::Discard => {}
        }
    }

    fn read(&mut self, local: LocalId, span: super::ir::Span, state: &mut State) {
        let Some(open) = state else { return };
        if open.remove(&local.0) {
            let name = &self.function.locals[local.0 as usize].name;
            self.errors.push(TypeError {
                span,
                csharp: Some("CS0165"),
                message: format!("Use of unassigned local variable '{name}'"),
                help: Some(format!("give `{name}` a value where it is declared")),
                kind: ErrorKind::Flow,
            });
        }
    }

    fn expr(&mut self, value: &Expr, state: &mut State) {
        match &value.kind {
            ExprKind::Local(local) => self.read(*local, value.span, state),
            ExprKind::AndAlso(..) | ExprKind::OrElse(..) | ExprKind::Not(_) => {
                let (yes, no) = self.condition(value, state.take());
                *state = join(yes, no);
            }
            ExprKind::Conditional { test, then, otherwise } => {
                let (mut yes, mut no) = self.condition(test, state.take());
                self.expr(then, &mut yes);
                self.expr(otherwise, &mut no);
                *state = join(yes, no);
            }
            ExprKind::Coalesce { left, right } => {
                self.expr(left, state);
                let before = state.clone();
                self.expr(right, state);
                *state = before;
            }
            ExprKind::Assign { place, value: stored } => {
                self.place(place, state);
                self.expr(stored, state);
                if let Place::Local(local) = place {
                    assign(*local, state);
                }
            }
            ExprKind::Throw(thrown) => {
                self.expr(thrown, state);
                *state = None;
            }
            ExprKind::Call { arguments, .. }
            | ExprKind::Set { arguments, .. }
            | ExprKind::CallLocal { arguments, .. } => {
                self.arguments(arguments, state);
            }
            ExprKind::Invoke { delegate, arguments } => {
                self.expr(delegate, state);
                self.all(arguments, state);
            }
            ExprKind::MemberDelegate { receiver, .. } => self.all(receiver.as_deref(), state),
            ExprKind::Arithmetic { left, right, .. }
            | ExprKind::Bitwise { left, right, .. }
            | ExprKind::Compare { left, right, .. }
            | ExprKind::ArrayItem { array: left, index: right } => self.all([&**left, &**right], state),
            ExprKind::Negate { operand: inner, .. }
            | ExprKind::Complement { operand: inner, .. }
            | ExprKind::IsNull(inner)
            | ExprKind::ConvertNumber { operand: inner, .. }
            | ExprKind::ConvertEnum { operand: inner }
            | ExprKind::Retype(inner)
            | ExprKind::Cast(inner)
            | ExprKind::NullableValue(inner)
            | ExprKind::As(inner)
            | ExprKind::Is { operand: inner, .. }
            | ExprKind::Field { record: inner, .. }
            | ExprKind::NewArray(inner)
            | ExprKind::ArrayLength(inner) => self.expr(inner, state),
            ExprKind::Concat(list) | ExprKind::Record(list) | ExprKind::Array(list) => self.all(list, state),
            ExprKind::Interpolate(pieces) => {
                for piece in pieces {
                    if let Piece::Hole { value, .. } = piece {
                        self.expr(value, state);
                    }
                }
            }
            ExprKind::Sequence { before, value } => {
                self.all(before, state);
                self.expr(value, state);
            }
            ExprKind::Const(_) | ExprKind::Captured(_) | ExprKind::Context | ExprKind::Lambda(_) | ExprKind::Error => {}
        }
    }
}

fn assign(local: LocalId, state: &mut State) {
    if let Some(open) = state {
        open.remove(&local.0);
    }
}

/// Whether a loop's own body holds a `continue`.
fn continues(body: &[Stmt]) -> bool {
    body.iter().any(|statement| match &statement.kind {
        StmtKind::Continue => true,
        StmtKind::Block(inner) => continues(inner),
        StmtKind::If { then, otherwise, .. } => continues(then) || continues(otherwise),
        StmtKind::Try { body, catches, finally } => {
            continues(body) || continues(finally) || catches.iter().any(|c| continues(&c.body))
        }
        _ => false,
    })
}
