//! Definite assignment: a local that was declared without a value is not read before it has one (C# specification,
//! "Definite assignment"). A lambda reads what it captures where it is made, a local function where it is called; what a
//! local function has assigned when it ends is assigned after the call. The fields of a tuple are assigned one by one too.

use super::ir::{
    Argument, Const, Expr, ExprKind, Function, FunctionId, LabelId, LocalId, Piece, Place, Span, Stmt, StmtKind,
};
use super::{ErrorKind, TypeError};
use crate::dotnet::types::{Type, TypeId};
use smallvec::SmallVec;
use std::collections::{BTreeSet, HashMap};

/// A local of a function, or a field of one that holds a tuple.
type Var = (FunctionId, LocalId, Path);

/// Where a field lies in a tuple: the number of each field on the way, from one, in four bits, the outermost lowest. Zero is the whole.
type Path = u32;

/// Fields of one tuple that are followed; of a larger one the whole is.
const FIELDS: usize = 64;

/// The paths of all that is in a local of this type.
fn paths(ty: TypeId) -> Vec<Path> {
    let Type::Tuple(elements, _) = ty.get() else { return vec![0] };
    let mut all = Vec::new();
    for (at, element) in elements.iter().enumerate() {
        for inner in paths(*element) {
            if at >= 15 || inner >= 1 << 28 || all.len() == FIELDS {
                return vec![0];
            }
            all.push((at as Path + 1) | (inner << 4));
        }
    }
    all
}

/// Whether one path leads into what is at the other.
fn within(inner: Path, outer: Path) -> bool {
    let bits = (u32::BITS - outer.leading_zeros()).next_multiple_of(4);
    bits == u32::BITS && inner == outer || bits < u32::BITS && inner & ((1 << bits) - 1) == outer
}

fn all_of(functions: &[Function], (function, local): (FunctionId, LocalId)) -> impl Iterator<Item = Var> {
    let ty = functions[function.0 as usize].locals[local.0 as usize].ty;
    paths(ty).into_iter().map(move |path| (function, local, path))
}

/// Locals that may be unassigned here; `None`: control does not come here.
type State = Option<BTreeSet<Var>>;

/// What a function does to the variables that it captures.
#[derive(Clone, Debug, Default)]
struct Summary {
    /// Read before the function itself has assigned them.
    reads: BTreeSet<Var>,
    /// Assigned whenever it ends.
    assigns: BTreeSet<Var>,
}

/// Longer chains of functions that call each other are not followed.
const DEPTH: u32 = 100;

/// Checks all functions of a program.
pub fn check(functions: &[Function], errors: &mut Vec<TypeError>) {
    let mut known = Known { functions, summaries: HashMap::new(), depth: 0 };
    for (at, function) in functions.iter().enumerate() {
        let id = FunctionId(at as u32);
        let own = function.locals.iter().enumerate().skip(function.parameters as usize);
        let own = own.filter(|(_, local)| !local.name.is_empty()).map(|(at, _)| (id, LocalId(at as u32)));
        let mut open: BTreeSet<Var> = own.flat_map(|local| all_of(functions, local)).collect();
        let outs: Vec<(FunctionId, LocalId)> = (0..function.parameters)
            .filter(|at| function.locals[*at as usize].is_out)
            .map(|at| (id, LocalId(at)))
            .collect();
        open.extend(outs.iter().flat_map(|out| all_of(functions, *out)));
        let mut flow = Flow::new(id, &mut known);
        let end = flow.run(open);
        errors.append(&mut flow.errors);
        let is_open =
            |out: &(FunctionId, LocalId)| end.as_ref().is_some_and(|open| unassigned(open, *out).next().is_some());
        for out in outs.into_iter().filter(is_open) {
            let name = &function.locals[out.1.0 as usize].name;
            errors.push(TypeError {
                span: function.span,
                csharp: Some("CS0177"),
                message: format!(
                    "The out parameter '{name}' must be assigned to before control leaves the current method"
                ),
                help: None,
                kind: ErrorKind::Flow,
            });
        }
    }
}

struct Known<'f> {
    functions: &'f [Function],
    summaries: HashMap<FunctionId, Summary>,
    depth: u32,
}

impl Known<'_> {
    fn summary(&mut self, id: FunctionId) -> Summary {
        if let Some(known) = self.summaries.get(&id) {
            return known.clone();
        }
        let captured = &self.functions[id.0 as usize].captures;
        let captures: BTreeSet<Var> = captured.iter().flat_map(|local| all_of(self.functions, *local)).collect();
        // What calls itself is taken to have assigned all by then: only its other paths say.
        let first = Summary { reads: BTreeSet::new(), assigns: captures.clone() };
        self.summaries.insert(id, first.clone());
        if self.depth >= DEPTH || captures.is_empty() {
            return first;
        }
        self.depth += 1;
        let mut flow = Flow::new(id, self);
        let end = flow.run(captures.clone());
        let reads = flow.reads;
        self.depth -= 1;
        let assigns = match end {
            Some(open) => captures.difference(&open).copied().collect(),
            None => captures,
        };
        let summary = Summary { reads, assigns };
        self.summaries.insert(id, summary.clone());
        summary
    }
}

struct Flow<'k, 'f> {
    at: FunctionId,
    known: &'k mut Known<'f>,
    errors: Vec<TypeError>,
    labels: HashMap<LabelId, State>,
    /// The states at the `break`s of the loops that are open.
    breaks: Vec<State>,
    /// The state where the function returns.
    end: State,
    /// Variables of enclosing functions that are read while they may be unassigned.
    reads: BTreeSet<Var>,
}

fn join(a: State, b: State) -> State {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.union(&b).copied().collect()),
        (one, other) => one.or(other),
    }
}

impl<'k, 'f> Flow<'k, 'f> {
    fn new(at: FunctionId, known: &'k mut Known<'f>) -> Flow<'k, 'f> {
        Flow {
            at,
            known,
            errors: Vec::new(),
            labels: HashMap::new(),
            breaks: Vec::new(),
            end: None,
            reads: BTreeSet::new(),
        }
    }

    /// The state at the function's ends.
    fn run(&mut self, open: BTreeSet<Var>) -> State {
        let functions = self.known.functions;
        let mut state = Some(open);
        self.body(&functions[self.at.0 as usize].body, &mut state);
        join(state, self.end.take())
    }

    fn function(&self) -> &'f Function {
        &self.known.functions[self.at.0 as usize]
    }

    /// The variable, or the field of one, that a place is, if it is one.
    fn variable(&self, place: &Place) -> Option<Var> {
        match place {
            Place::Local(local) => Some((self.at, *local, 0)),
            Place::Captured(at) => self.captured(*at),
            Place::TupleField { tuple, at } => self.variable(tuple).and_then(|var| field(var, *at)),
            Place::ArrayItem { .. } | Place::Deref(_) | Place::Discard => None,
        }
    }

    fn captured(&self, at: u32) -> Option<Var> {
        self.function().captures.get(at as usize).map(|(function, local)| (*function, *local, 0))
    }

    /// The field of a variable that an expression reads.
    fn read_field(&self, value: &Expr) -> Option<Var> {
        match &value.kind {
            ExprKind::Local(local) => Some((self.at, *local, 0)),
            ExprKind::Captured(at) => self.captured(*at),
            ExprKind::Field { record, at } if matches!(record.ty.get(), Type::Tuple(..)) => {
                self.read_field(record).and_then(|var| field(var, *at))
            }
            _ => None,
        }
    }

    /// A function is made into a delegate, or called.
    fn enter(&mut self, id: FunctionId, span: Span, called: bool, state: &mut State) {
        let summary = self.known.summary(id);
        for var in summary.reads {
            self.read(var, span, state);
        }
        if let (true, Some(open)) = (called, state) {
            open.retain(|var| !summary.assigns.contains(var));
        }
    }

    fn body(&mut self, body: &[Stmt], state: &mut State) {
        for statement in body {
            self.statement(statement, state);
        }
    }

    fn statement(&mut self, statement: &Stmt, state: &mut State) {
        match &statement.kind {
            StmtKind::Expr(value) => self.expr(value, state),
            StmtKind::Declare { local, value: None } => {
                let named = !self.function().locals[local.0 as usize].name.is_empty();
                if let (Some(open), true) = (state, named) {
                    open.extend(all_of(self.known.functions, (self.at, *local)));
                }
            }
            StmtKind::Declare { local, value: Some(value) } => {
                let named = !self.function().locals[local.0 as usize].name.is_empty();
                if let (Some(open), true) = (&mut *state, named) {
                    open.extend(all_of(self.known.functions, (self.at, *local)));
                }
                self.expr(value, state);
                assign((self.at, *local, 0), state);
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
                assign((self.at, *local, 0), state);
                assign((self.at, *raw, 0), state);
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
            StmtKind::Continue | StmtKind::Rethrow => *state = None,
            StmtKind::Return(value) => {
                self.all(value, state);
                self.end = join(self.end.take(), state.take());
            }
            StmtKind::Yield(value) => self.expr(value, state),
            StmtKind::Throw(value) => {
                self.expr(value, state);
                *state = None;
            }
            StmtKind::Try { body, catches, finally } => {
                let before = state.clone();
                self.body(body, state);
                for clause in catches {
                    let mut caught = before.clone();
                    if let Some(local) = clause.local {
                        assign((self.at, local, 0), &mut caught);
                    }
                    if let Some(filter) = &clause.filter {
                        caught = self.condition(filter, caught).0;
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
                    if let (Some(var), false) = (self.variable(place), is_out) {
                        self.read(var, Span::default(), state);
                    }
                }
            }
        }
        for argument in arguments {
            if let Argument::Reference { place, .. } = argument
                && let Some(var) = self.variable(place)
            {
                assign(var, state);
            }
        }
    }

    fn place(&mut self, place: &Place, state: &mut State) {
        match place {
            Place::ArrayItem { array, index } => self.all([&**array, &**index], state),
            Place::TupleField { tuple, .. } => self.place(tuple, state),
            Place::Deref(reference) => self.expr(reference, state),
            Place::Local(_) | Place::Captured(_) | Place::Discard => {}
        }
    }

    fn read(&mut self, var: Var, span: Span, state: &mut State) {
        let Some(open) = state else { return };
        let touched = |known: &Var| within(known.2, var.2) || within(var.2, known.2);
        let read: SmallVec<[Var; 4]> = unassigned(open, (var.0, var.1)).filter(touched).collect();
        if read.is_empty() {
            return;
        }
        for known in &read {
            open.remove(known);
        }
        if var.0 != self.at {
            self.reads.extend(read);
            return;
        }
        let local = &self.function().locals[var.1.0 as usize];
        let name = &local.name;
        let (csharp, message) = match field_name(local.ty, var.2) {
            Some(field) => ("CS0170", format!("Use of possibly unassigned field '{field}'")),
            None if local.is_out => ("CS0269", format!("Use of unassigned out parameter '{name}'")),
            None => ("CS0165", format!("Use of unassigned local variable '{name}'")),
        };
        let help = Some(format!("give `{name}` a value before it is read"));
        self.errors.push(TypeError { span, csharp: Some(csharp), message, help, kind: ErrorKind::Flow });
    }

    fn expr(&mut self, value: &Expr, state: &mut State) {
        match &value.kind {
            ExprKind::Local(_) | ExprKind::Captured(_) | ExprKind::Field { .. } => match self.read_field(value) {
                Some(var) => self.read(var, value.span, state),
                None => {
                    if let ExprKind::Field { record, .. } = &value.kind {
                        self.expr(record, state);
                    }
                }
            },
            ExprKind::Lambda(id) | ExprKind::GenericDelegate { function: id, .. } => {
                self.enter(*id, value.span, false, state);
            }
            ExprKind::CallLocal { function, arguments, .. } => {
                self.arguments(arguments, state);
                self.enter(*function, value.span, true, state);
            }
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
                if let Some(var) = self.variable(place) {
                    assign(var, state);
                }
            }
            ExprKind::Throw(thrown) => {
                self.expr(thrown, state);
                *state = None;
            }
            ExprKind::Call { arguments, .. }
            | ExprKind::Set { arguments, .. }
            | ExprKind::Dynamic { arguments, .. } => {
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
            | ExprKind::NewArray(inner)
            | ExprKind::Deref(inner)
            | ExprKind::Rebind { reference: inner, .. }
            | ExprKind::ArrayLength(inner) => self.expr(inner, state),
            ExprKind::Reference(place) => {
                self.place(place, state);
                if let Some(var) = self.variable(place) {
                    self.read(var, value.span, state);
                }
            }
            ExprKind::Concat(list)
            | ExprKind::Record(list)
            | ExprKind::Array(list)
            | ExprKind::Engine { arguments: list, .. } => self.all(list, state),
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
            ExprKind::Const(_) | ExprKind::Context | ExprKind::NewOf | ExprKind::Error => {}
        }
    }
}

fn assign(var: Var, state: &mut State) {
    if let Some(open) = state {
        let assigned: SmallVec<[Var; 4]> =
            unassigned(open, (var.0, var.1)).filter(|known| within(known.2, var.2)).collect();
        for known in &assigned {
            open.remove(known);
        }
    }
}

/// What of a local is unassigned: the whole, or some of its fields.
fn unassigned(open: &BTreeSet<Var>, (function, local): (FunctionId, LocalId)) -> impl Iterator<Item = Var> {
    open.range((function, local, 0)..=(function, local, Path::MAX)).copied()
}

/// A field of a variable; `None` where it lies deeper than paths go.
fn field((function, local, path): Var, at: u32) -> Option<Var> {
    let bits = (u32::BITS - path.leading_zeros()).next_multiple_of(4);
    (at < 15 && bits < u32::BITS).then(|| (function, local, path | (at + 1) << bits))
}

/// The name of the field of a tuple at a path that is not the whole.
fn field_name(ty: TypeId, path: Path) -> Option<String> {
    let mut found = None;
    let (mut ty, mut path) = (ty, path);
    while path != 0 {
        let at = (path & 15) as usize - 1;
        let Type::Tuple(elements, names) = ty.get() else { return found };
        let name = names.get(at).cloned().flatten();
        found = Some(name.map_or_else(|| format!("Item{}", at + 1), String::from));
        ty = elements.get(at).copied()?;
        path >>= 4;
    }
    found
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
