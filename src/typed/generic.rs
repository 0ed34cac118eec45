//! Generic local functions: each use with its own type arguments becomes a function of its own, with everything inside it.
//!
//! In: functions whose types mention type parameters, and calls that say what stands for them. Out: functions without any.

use super::ir::{Const, ExprKind, Function, FunctionId, Stmt, StmtKind, visit};
use super::{ErrorKind, TypeError, constant};
use crate::dotnet::inherit::is_value_type;
use crate::dotnet::member::Form;
use crate::dotnet::types::{self, Type, TypeId};
use std::collections::HashMap;

/// What is known of a function besides its code.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// The function that it stands in.
    pub parent: Option<FunctionId>,
    /// Its own type parameters.
    pub parameters: Vec<TypeId>,
}

/// More functions than this come only of a generic function that calls itself with ever larger types.
const MOST_FUNCTIONS: usize = 2_000;

/// Replaces type parameters in a type.
pub fn replace(ty: TypeId, from: &[TypeId], to: &[TypeId]) -> TypeId {
    if let Some(at) = from.iter().position(|own| *own == ty) {
        return to.get(at).copied().unwrap_or(ty);
    }
    let list = |items: &[TypeId]| items.iter().map(|item| replace(*item, from, to)).collect::<Vec<_>>();
    match ty.get() {
        Type::Named(_, arguments) if arguments.is_empty() => ty,
        Type::Named(def, arguments) => TypeId::of(Type::Named(*def, list(arguments))),
        Type::Array(element, rank) => TypeId::of(Type::Array(replace(*element, from, to), *rank)),
        Type::Nullable(of) => TypeId::nullable(replace(*of, from, to)),
        Type::Tuple(elements, names) => TypeId::of(Type::Tuple(list(elements), names.clone())),
        Type::Anonymous(fields) => {
            TypeId::of(Type::Anonymous(fields.iter().map(|(n, t)| (n.clone(), replace(*t, from, to))).collect()))
        }
        _ => ty,
    }
}

/// Makes the functions that are called with type arguments. `shapes` goes with `functions`.
pub fn instantiate(functions: &mut Vec<Function>, shapes: Vec<Shape>) -> Result<(), TypeError> {
    if shapes.iter().all(|shape| shape.parameters.is_empty()) {
        return Ok(());
    }
    let mut work = Work { functions: std::mem::take(functions), shapes, made: HashMap::new(), todo: Vec::new() };
    for at in 0..work.functions.len() {
        if !work.is_open(FunctionId(at as u32)) {
            work.todo.push(FunctionId(at as u32));
        }
    }
    while let Some(id) = work.todo.pop() {
        work.calls(id);
        if work.functions.len() > MOST_FUNCTIONS {
            return Err(TypeError {
                span: work.functions[id.0 as usize].span,
                csharp: Some("CS8078"),
                message: "An expression is too long or complex to compile: a generic function needs itself with ever more type arguments".into(),
                help: None,
                kind: ErrorKind::Unsupported,
            });
        }
    }
    // What still has type parameters is never called.
    for at in 0..work.functions.len() {
        if work.is_open(FunctionId(at as u32)) {
            let function = &mut work.functions[at];
            function.body.clear();
            function.captures.clear();
            function.locals.truncate(function.parameters as usize);
        }
    }
    *functions = work.functions;
    Ok(())
}

/// Makes `dynamic` what it is at run time, and notes which of its operations need no value.
pub fn forget_dynamic(functions: &mut [Function]) {
    super::dynamic::separate_boxes(functions);
    let (from, to) = ([types::dynamic()], [types::object()]);
    let ty = |ty: &mut TypeId| *ty = replace(*ty, &from, &to);
    for function in functions {
        ty(&mut function.returns);
        function.locals.iter_mut().for_each(|local| ty(&mut local.ty));
        for statement in &mut function.body {
            super::dynamic::mark_discarded(statement);
            rewrite(statement, &ty, &|id| id);
        }
    }
}

struct Work {
    functions: Vec<Function>,
    shapes: Vec<Shape>,
    made: HashMap<(FunctionId, Vec<TypeId>), FunctionId>,
    /// Functions whose calls have not been looked at.
    todo: Vec<FunctionId>,
}

impl Work {
    /// Whether a function, or one around it, has type parameters.
    fn is_open(&self, id: FunctionId) -> bool {
        let shape = &self.shapes[id.0 as usize];
        !shape.parameters.is_empty() || shape.parent.is_some_and(|parent| self.is_open(parent))
    }

    fn is_inside(&self, mut id: FunctionId, of: FunctionId) -> bool {
        loop {
            if id == of {
                return true;
            }
            match self.shapes[id.0 as usize].parent {
                Some(parent) => id = parent,
                None => return false,
            }
        }
    }

    /// Points the calls of a function without type parameters to instances.
    fn calls(&mut self, id: FunctionId) {
        let mut body = std::mem::take(&mut self.functions[id.0 as usize].body);
        for statement in &mut body {
            visit::expressions_mut(statement, &mut |expr| match &mut expr.kind {
                ExprKind::CallLocal { function, type_arguments, .. } if !type_arguments.is_empty() => {
                    let arguments = std::mem::take(type_arguments);
                    *function = self.instance(*function, arguments);
                }
                ExprKind::GenericDelegate { function, type_arguments } => {
                    let arguments = std::mem::take(type_arguments);
                    expr.kind = ExprKind::Lambda(self.instance(*function, arguments));
                }
                _ => {}
            });
        }
        self.functions[id.0 as usize].body = body;
    }

    fn instance(&mut self, function: FunctionId, arguments: Vec<TypeId>) -> FunctionId {
        let key = (function, arguments);
        if let Some(made) = self.made.get(&key) {
            return *made;
        }
        let arguments = key.1.clone();
        let parameters = self.shapes[function.0 as usize].parameters.clone();
        let inside: Vec<FunctionId> =
            (0..self.functions.len() as u32).map(FunctionId).filter(|id| self.is_inside(*id, function)).collect();
        let first = self.functions.len() as u32;
        let new_id = |id: FunctionId| {
            let at = inside.iter().position(|own| *own == id);
            at.map_or(id, |at| FunctionId(first + at as u32))
        };
        for id in &inside {
            let mut copy = self.functions[id.0 as usize].clone();
            let ty = |ty: &mut TypeId| *ty = replace(*ty, &parameters, &arguments);
            ty(&mut copy.returns);
            copy.locals.iter_mut().for_each(|local| ty(&mut local.ty));
            copy.captures.iter_mut().for_each(|(owner, _)| *owner = new_id(*owner));
            // A call of the generic function itself says by its type arguments which one is meant.
            let called = |id: FunctionId| if id == function { id } else { new_id(id) };
            copy.body.iter_mut().for_each(|statement| rewrite(statement, &ty, &called));
            let shape = &self.shapes[id.0 as usize];
            let shape = if *id == function {
                Shape { parent: shape.parent, parameters: Vec::new() }
            } else {
                Shape { parent: shape.parent.map(new_id), parameters: shape.parameters.clone() }
            };
            self.functions.push(copy);
            self.shapes.push(shape);
        }
        let made = new_id(function);
        self.made.insert(key, made);
        for id in inside.iter().map(|id| new_id(*id)) {
            if !self.is_open(id) {
                self.todo.push(id);
            }
        }
        made
    }
}

/// Replaces types and functions in a statement.
fn rewrite(statement: &mut Stmt, ty: &impl Fn(&mut TypeId), id: &impl Fn(FunctionId) -> FunctionId) {
    statements(statement, &mut |statement| {
        if let StmtKind::Try { catches, .. } = &mut statement.kind {
            catches.iter_mut().for_each(|clause| ty(&mut clause.ty));
        }
    });
    visit::expressions_mut(statement, &mut |expr| {
        ty(&mut expr.ty);
        let whole = expr.ty;
        match &mut expr.kind {
            ExprKind::Const(Const::Type(of)) => ty(of),
            ExprKind::Const(Const::Zero(of)) => {
                ty(of);
                if let Some(zero) = zero(*of) {
                    expr.kind = ExprKind::Const(zero);
                }
            }
            ExprKind::Call { type_arguments, .. }
            | ExprKind::Set { type_arguments, .. }
            | ExprKind::MemberDelegate { type_arguments, .. } => type_arguments.iter_mut().for_each(ty),
            ExprKind::CallLocal { function, type_arguments, .. }
            | ExprKind::GenericDelegate { function, type_arguments } => {
                *function = id(*function);
                type_arguments.iter_mut().for_each(ty);
            }
            ExprKind::Dynamic { site, .. } => site.types_mut(&ty),
            ExprKind::Lambda(function) => *function = id(*function),
            ExprKind::Is { ty: of, .. } => {
                ty(of);
                *of = super::convert::strip_nullable(*of);
            }
            ExprKind::NewOf => {
                if let Some(made) = made(whole) {
                    expr.kind = made;
                }
            }
            _ => {}
        }
    });
}

/// The zero of a type that is known now; none for one that is still a parameter or has no constant.
fn zero(ty: TypeId) -> Option<Const> {
    match ty.get() {
        Type::LocalParameter(_) => None,
        Type::Nullable(_) => Some(Const::Null),
        _ if !is_value_type(ty) => Some(Const::Null),
        _ => constant::zero(ty),
    }
}

/// `new T()` of a type that is known now.
fn made(ty: TypeId) -> Option<ExprKind> {
    if matches!(ty.get(), Type::LocalParameter(_)) {
        return None;
    }
    if is_value_type(ty) {
        return Some(ExprKind::Const(zero(ty).unwrap_or(Const::Zero(ty))));
    }
    let constructors = ty.def().map(|def| def.members()).unwrap_or_default();
    let member = constructors.iter().find(|m| m.row.form == Form::Constructor && m.parameters.is_empty())?;
    let type_arguments = ty.arguments().to_vec();
    Some(ExprKind::Call { member, type_arguments, arguments: Vec::new(), is_instance: false })
}

/// A statement and those in it.
pub fn statements(statement: &mut Stmt, see: &mut dyn FnMut(&mut Stmt)) {
    see(statement);
    match &mut statement.kind {
        StmtKind::Block(body) | StmtKind::Loop { body, .. } | StmtKind::ForEach { body, .. } => {
            body.iter_mut().for_each(|s| statements(s, see));
        }
        StmtKind::If { then, otherwise, .. } => {
            then.iter_mut().chain(otherwise).for_each(|s| statements(s, see));
        }
        StmtKind::Try { body, catches, finally } => {
            body.iter_mut().chain(finally).for_each(|s| statements(s, see));
            catches.iter_mut().flat_map(|c| &mut c.body).for_each(|s| statements(s, see));
        }
        _ => {}
    }
}
