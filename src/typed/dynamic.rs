//! `dynamic`: operations that are bound when they run, by the types that their operands have then.
//!
//! In, while a program is checked: an operation with a dynamic operand. Out: a [`Site`], all that the text says of it. In,
//! at run time: a site and the types of its operands. Out: a program of one function that does the operation, bound by the
//! overload resolution and the conversions of all other code, or the run-time binder's words. Never: rules of its own.

use super::access::Operand;
use super::ir::{Argument, Const, Expr, ExprKind, Place, Program, Span, Stmt, StmtKind, visit};
use super::lookup::Found;
use super::overload::{Arg, Failure};
use super::scope::{Binder, erroneous, is_error};
use super::{ErrorKind, Options};
use crate::dotnet::member::{Form, Kind, Mode};
use crate::dotnet::system::dynamic as engine;
use crate::dotnet::types::{self, Type, TypeId};
use portcullis_grammar::syntax::{BinaryOp, Passing, UnaryOp};

/// An operation that is bound at run time, as the text says it.
#[derive(Clone, Debug)]
pub struct Site {
    pub operation: Operation,
    /// Its operands: the receiver first where there is one, the value to be set last.
    pub given: Vec<Given>,
    /// Arithmetic that overflows throws.
    pub checked: bool,
    /// Nobody asks for the value: the operation may have none.
    pub discarded: bool,
    /// A part of `target op= value`.
    pub compound: bool,
    pub options: Options,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    Get(Box<str>),
    Set(Box<str>),
    Call {
        name: Box<str>,
        type_arguments: Vec<TypeId>,
    },
    /// A static method: there is no receiver.
    CallStatic {
        of: TypeId,
        name: Box<str>,
        type_arguments: Vec<TypeId>,
    },
    New(TypeId),
    /// A delegate is called.
    Invoke,
    Item,
    SetItem,
    /// `&&` and `||` are the second half of theirs: the first one has been tested.
    Binary(BinaryOp),
    Unary(UnaryOp),
    /// A condition.
    IsTrue,
    Convert(TypeId),
    Cast(TypeId),
    /// The index of an array whose type is known.
    ArrayIndex,
}

/// An operand of a site.
#[derive(Clone, Debug)]
pub struct Given {
    pub name: Option<Box<str>>,
    pub passing: Passing,
    pub what: What,
}

#[derive(Clone, Debug)]
pub enum What {
    /// Its type is that of its value.
    Dynamic,
    Static(TypeId),
    /// A constant, which converts as one.
    Constant(Const, TypeId),
}

impl Site {
    /// Every type that it names.
    pub fn types_mut(&mut self, see: &impl Fn(&mut TypeId)) {
        match &mut self.operation {
            Operation::Call { type_arguments, .. } => type_arguments.iter_mut().for_each(see),
            Operation::CallStatic { of, type_arguments, .. } => {
                see(of);
                type_arguments.iter_mut().for_each(see);
            }
            Operation::New(ty) | Operation::Convert(ty) | Operation::Cast(ty) => see(ty),
            _ => {}
        }
        for given in &mut self.given {
            if let What::Static(ty) | What::Constant(_, ty) = &mut given.what {
                see(ty);
            }
        }
    }

    /// Whether null as the first operand has no member to be looked up.
    pub fn needs_receiver(&self) -> bool {
        let looks = matches!(
            self.operation,
            Operation::Get(_)
                | Operation::Set(_)
                | Operation::Call { .. }
                | Operation::Invoke
                | Operation::Item
                | Operation::SetItem
        );
        looks && matches!(self.given.first(), Some(Given { what: What::Dynamic, .. }))
    }
}

pub fn is_dynamic(ty: TypeId) -> bool {
    matches!(ty.get(), Type::Dynamic)
}

/// What is looked at without regard to its members: a value of type `dynamic` is an object.
pub fn as_object(value: Expr) -> Expr {
    match is_dynamic(value.ty) {
        true => Expr { ty: types::object(), span: value.span, kind: ExprKind::Retype(Box::new(value)) },
        false => value,
    }
}

/// Whether an argument makes its call one that is bound at run time.
pub fn any_dynamic(args: &[Arg]) -> bool {
    args.iter().any(|arg| matches!(&arg.operand, Operand::Value(value) if is_dynamic(value.ty)))
}

/// An argument that is a value without a name.
pub fn plain(value: Expr) -> Arg {
    Arg { name: None, passing: Passing::Value, span: value.span, operand: Operand::Value(value) }
}

impl Binder<'_> {
    /// An operation that is bound at run time, of this type.
    pub fn dynamic(&mut self, operation: Operation, args: Vec<Arg>, ty: TypeId, span: Span) -> Expr {
        let (mut given, mut arguments) = (Vec::new(), Vec::new());
        let mut failed = false;
        for arg in args {
            match self.given(arg) {
                Some((what, argument)) => {
                    given.push(what);
                    arguments.push(argument);
                }
                None => failed = true,
            }
        }
        if failed {
            return erroneous(span);
        }
        let site = Site {
            operation,
            given,
            checked: self.checked,
            discarded: false,
            compound: self.compound,
            options: *self.options,
        };
        Expr { kind: ExprKind::Dynamic { site: Box::new(site), arguments }, ty, span }
    }

    fn given(&mut self, arg: Arg) -> Option<(Given, Argument)> {
        let (name, passing, span) = (arg.name, arg.passing, arg.span);
        let value = match arg.operand {
            Operand::Lambda(_) => {
                let message = "Cannot use a lambda expression as an argument to a dynamically dispatched operation without first casting it to a delegate or expression tree type.";
                self.error(ErrorKind::Call, "CS1977", span, message);
                return None;
            }
            Operand::Group(_) => {
                let message = "Cannot use a method group as an argument to a dynamically dispatched operation. Did you intend to invoke the method?";
                self.error(ErrorKind::Call, "CS1976", span, message);
                return None;
            }
            Operand::Out { place: None, ty: None, declared: Some((name, at)), .. } => {
                let message = format!("Cannot infer the type of implicitly-typed out variable '{name}'.");
                self.error(ErrorKind::Type, "CS8197", at, message);
                return None;
            }
            Operand::Out { place, ty, declared, .. } => {
                let ty = ty.unwrap_or_else(types::object);
                let place = match (place, declared) {
                    (Some(place), _) => place,
                    (None, Some((name, at))) => Place::Local(self.declare_in_expression(&name, at, ty)),
                    (None, None) => Place::Discard,
                };
                let is_out = passing == Passing::Out;
                return Some((Given { name, passing, what: What::Static(ty) }, Argument::Reference { place, is_out }));
            }
            other => self.value(other)?,
        };
        if is_error(value.ty) {
            return None;
        }
        if matches!(value.ty.get(), Type::Void) {
            let message =
                "Cannot use an expression of type 'void' as an argument to a dynamically dispatched operation.";
            self.error(ErrorKind::Call, "CS1978", span, message);
            return None;
        }
        let what = match &value.kind {
            _ if is_dynamic(value.ty) => What::Dynamic,
            // Only these convert otherwise than values of their types.
            ExprKind::Const(
                Const::String(_)
                | Const::Decimal(_)
                | Const::Single(_)
                | Const::Double(_)
                | Const::Type(_)
                | Const::Zero(_),
            ) => What::Static(value.ty),
            ExprKind::Const(constant) => What::Constant(constant.clone(), value.ty),
            _ => What::Static(value.ty),
        };
        Some((Given { name, passing, what }, Argument::Value(value)))
    }

    /// What reads a member or an element stores into it.
    pub fn set_dynamic(&mut self, mut site: Site, mut arguments: Vec<Argument>, value: Expr, span: Span) -> Expr {
        let Some((given, value)) = self.given(plain(value)) else { return erroneous(span) };
        site.operation = match site.operation {
            Operation::Get(name) => Operation::Set(name),
            _ => Operation::SetItem,
        };
        site.given.push(given);
        site.compound = self.compound;
        arguments.push(value);
        Expr { kind: ExprKind::Dynamic { site: Box::new(site), arguments }, ty: types::dynamic(), span }
    }

    /// A condition of type `dynamic`.
    pub fn dynamic_truth(&mut self, value: Expr) -> Expr {
        let span = value.span;
        self.dynamic(Operation::IsTrue, vec![plain(value)], types::boolean(), span)
    }

    /// `left && right` and `left || right` where one is dynamic: the right one is asked for when the left does not decide.
    pub fn dynamic_logical(&mut self, op: BinaryOp, left: Expr, right: Expr, span: Span) -> Expr {
        let ty = left.ty;
        let temp = self.temporary(ty);
        let read = || Expr { kind: ExprKind::Local(temp), ty, span: left.span };
        let test = if is_dynamic(ty) {
            self.dynamic_truth(read())
        } else {
            self.convert(Operand::Value(read()), types::boolean(), span)
        };
        let both = self.dynamic(Operation::Binary(op), vec![plain(read()), plain(right)], types::dynamic(), span);
        let first = Expr { kind: ExprKind::Retype(Box::new(read())), ty: types::dynamic(), span };
        let (then, otherwise) = if op == BinaryOp::AndAlso { (both, first) } else { (first, both) };
        let choice =
            ExprKind::Conditional { test: Box::new(test), then: Box::new(then), otherwise: Box::new(otherwise) };
        let value = Box::new(Expr { kind: choice, ty: types::dynamic(), span });
        let before = vec![super::convert::assign_local(temp, left, span)];
        Expr { kind: ExprKind::Sequence { before, value }, ty: types::dynamic(), span }
    }
}

/// Marks the operations of a statement whose values nobody asks for.
pub fn mark_discarded(statement: &mut Stmt) {
    super::generic::statements(statement, &mut |statement| match &mut statement.kind {
        StmtKind::Expr(value) => discard(value),
        StmtKind::Loop { step, .. } => step.iter_mut().for_each(discard),
        _ => {}
    });
    visit::expressions_mut(statement, &mut |value| {
        if let ExprKind::Sequence { before, .. } = &mut value.kind {
            before.iter_mut().for_each(discard);
        }
    });
}

fn discard(value: &mut Expr) {
    match &mut value.kind {
        ExprKind::Dynamic { site, .. } => site.discarded = true,
        ExprKind::Sequence { value, .. } | ExprKind::Retype(value) => discard(value),
        ExprKind::Conditional { then, otherwise, .. } => {
            discard(then);
            discard(otherwise);
        }
        _ => {}
    }
}

/// Boxes of tuples can be told from each other where a field is set through `dynamic`: gives each its own.
pub fn separate_boxes(functions: &mut [super::ir::Function]) {
    let mut sets = false;
    for statement in functions.iter().flat_map(|function| &function.body) {
        visit::expressions(statement, &mut |value| {
            sets |=
                matches!(&value.kind, ExprKind::Dynamic { site, .. } if matches!(site.operation, Operation::Set(_)));
        });
    }
    if !sets {
        return;
    }
    for statement in functions.iter_mut().flat_map(|function| &mut function.body) {
        visit::expressions_mut(statement, &mut |value| {
            let ty = value.ty;
            if let ExprKind::Retype(inner) | ExprKind::Cast(inner) = &mut value.kind
                && is_tuple(inner.ty) != is_tuple(ty)
            {
                let span = inner.span;
                let boxed = std::mem::replace(&mut **inner, erroneous(span));
                **inner = copied(boxed);
            }
        });
    }
}

fn is_tuple(ty: TypeId) -> bool {
    match ty.get() {
        Type::Nullable(of) => is_tuple(*of),
        other => matches!(other, Type::Tuple(..)),
    }
}

fn copied(value: Expr) -> Expr {
    let (ty, span) = (value.ty, value.span);
    Expr { kind: ExprKind::Engine { code: engine::copy, name: "copy", arguments: vec![value] }, ty, span }
}

/// Why an operation cannot be done with what it was given.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// The run-time binder's message.
    Binder(String),
    /// A member that policies may not use, or that is not built.
    Member(String),
}

/// What the checker found wrong last, with the types: the run-time binder words it otherwise.
#[derive(Clone, Debug, Default)]
pub struct Trouble {
    pub conversion: Option<(TypeId, TypeId)>,
    pub call: Option<(Failure, Vec<Found>)>,
}

/// The program that does a site's operation for operands of these types (the type of null for null). Its function takes the
/// operands and answers the value; where some are by reference, an array of the value and of those.
pub fn bind(site: &Site, operands: &[TypeId]) -> Result<Program, Refusal> {
    let mut binder = Binder::new(&site.options, types::object());
    binder.at_run_time = true;
    binder.checked = site.checked;
    let span = Span::default();
    let mut args = Vec::new();
    let mut handed_back = Vec::new();
    for (given, operand) in site.given.iter().zip(operands) {
        let ty = match &given.what {
            What::Dynamic => *operand,
            What::Static(ty) | What::Constant(_, ty) => *ty,
        };
        let local = binder.new_local("", ty);
        let read = Expr { kind: ExprKind::Local(local), ty, span };
        let operand = match &given.what {
            _ if given.passing == Passing::Out || given.passing == Passing::Ref => {
                handed_back.push(read);
                Operand::Out { place: Some(Place::Local(local)), ty: Some(ty), declared: None, span }
            }
            What::Constant(constant, ty) => {
                Operand::Value(Expr { kind: ExprKind::Const(constant.clone()), ty: *ty, span })
            }
            _ if matches!(ty.get(), Type::Null) => {
                Operand::Value(Expr { kind: ExprKind::Const(Const::Null), ty, span })
            }
            _ => Operand::Value(read),
        };
        args.push(Arg { name: given.name.clone(), passing: given.passing, operand, span });
    }
    binder.draft().function.parameters = args.len() as u32;
    let value = binder.operate(site, args);
    if let Some(words) = binder.words(site, operands) {
        return Err(words);
    }
    let object = |value: Expr| {
        let value = if is_tuple(value.ty) { copied(value) } else { value };
        Expr { kind: ExprKind::Retype(Box::new(value)), ty: types::object(), span }
    };
    let body = match value.ty.get() {
        Type::Void if site.discarded => {
            let null = Expr { kind: ExprKind::Const(Const::Null), ty: types::object(), span };
            vec![StmtKind::Expr(value), StmtKind::Return(Some(null))]
        }
        Type::Void => return Err(Refusal::Binder("Cannot implicitly convert type 'void' to 'object'".to_owned())),
        _ if handed_back.is_empty() => vec![StmtKind::Return(Some(object(value)))],
        _ => {
            let items = std::iter::once(value).chain(handed_back).map(object).collect();
            let all = Expr { kind: ExprKind::Array(items), ty: TypeId::array(types::object()), span };
            vec![StmtKind::Return(Some(all))]
        }
    };
    binder.set_body(body.into_iter().map(|kind| Stmt { kind, span }).collect());
    let bound = binder.finish();
    if let Some(unbuilt) = bound.unbuilt.first() {
        return Err(Refusal::Member(format!("'{}' is not supported here yet.", unbuilt.member)));
    }
    let Some(mut program) = bound.program else {
        let message = bound.errors.into_iter().next().map(|error| error.message).unwrap_or_default();
        return Err(Refusal::Binder(message));
    };
    for statement in program.functions.iter_mut().flat_map(|function| &mut function.body) {
        visit::expressions_mut(statement, &mut self_contained);
    }
    Ok(program)
}

/// A site's unit has no constants of its own in the request's heap, and delegates are those of other units: both are left to
/// the engine.
fn self_contained(value: &mut Expr) {
    let span = value.span;
    let number = |n: i32| Expr { kind: ExprKind::Const(Const::Int32(n)), ty: types::int32(), span };
    let (code, name, arguments) = match &mut value.kind {
        ExprKind::Const(Const::Decimal(of)) => {
            let parts = of.serialize();
            let words = parts.chunks_exact(4).map(|part| i32::from_le_bytes([part[0], part[1], part[2], part[3]]));
            (engine::decimal as crate::dotnet::member::Native, "decimal", words.map(number).collect())
        }
        ExprKind::Const(Const::String(units)) => (
            engine::text as crate::dotnet::member::Native,
            "text",
            units.iter().map(|unit| number(i32::from(*unit))).collect(),
        ),
        ExprKind::Invoke { delegate, arguments } => {
            let delegate = std::mem::replace(&mut **delegate, erroneous(span));
            let arguments = std::iter::once(delegate).chain(std::mem::take(arguments)).collect();
            (engine::invoke as crate::dotnet::member::Native, "invoke", arguments)
        }
        _ => return,
    };
    value.kind = ExprKind::Engine { code, name, arguments };
}

impl Binder<'_> {
    /// Binds a site's operation as if its operands had been written with their types.
    fn operate(&mut self, site: &Site, mut args: Vec<Arg>) -> Expr {
        let span = Span::default();
        let mut first = || match args.is_empty() {
            true => erroneous(span),
            false => match args.remove(0).operand {
                Operand::Value(value) => value,
                _ => erroneous(span),
            },
        };
        match &site.operation {
            Operation::Get(name) => {
                let receiver = self.receiver(first());
                self.property(receiver, name)
            }
            Operation::Set(name) => {
                let receiver = self.receiver(first());
                let value = first();
                let target = self.property(receiver, name);
                self.set(target, Operand::Value(value), site)
            }
            Operation::Call { name, type_arguments } => {
                let receiver = self.receiver(first());
                let callee = self.instance_member_or_method(receiver, name, type_arguments.clone(), span, span, true);
                self.call(callee, args, true, span)
            }
            Operation::CallStatic { of, name, type_arguments } => {
                let callee = self.static_member(*of, name, type_arguments.clone(), span, span);
                self.call(callee, args, true, span)
            }
            Operation::New(ty) => self.construct(*ty, args, span, span),
            Operation::Invoke => {
                let delegate = first();
                self.call(Operand::Value(delegate), args, false, span)
            }
            Operation::Item => {
                let receiver = self.receiver(first());
                self.index(receiver, args, span)
            }
            Operation::SetItem => {
                let receiver = self.receiver(first());
                let Some(Arg { operand: value, .. }) = args.pop() else { return erroneous(span) };
                let target = self.index(receiver, args, span);
                self.set(target, value, site)
            }
            Operation::Binary(op) => {
                let (left, right) = (first(), first());
                let op = match op {
                    BinaryOp::AndAlso => BinaryOp::And,
                    BinaryOp::OrElse => BinaryOp::Or,
                    other => *other,
                };
                self.binary(op, Operand::Value(left), Operand::Value(right), span)
            }
            Operation::Unary(op) => {
                let operand = first();
                if matches!(operand.ty.get(), Type::Null) {
                    return self.error(ErrorKind::Type, "CS0023", span, "");
                }
                self.unary(*op, Operand::Value(operand), span)
            }
            Operation::IsTrue => {
                let value = first();
                self.convert(Operand::Value(value), types::boolean(), span)
            }
            Operation::Convert(to) => {
                let value = first();
                if let Some(wrong) = self.other_tuple("CS0029", &value, *to) {
                    return wrong;
                }
                self.convert(Operand::Value(value), *to, span)
            }
            Operation::Cast(to) => {
                let value = first();
                if let Some(wrong) = self.other_tuple("CS0030", &value, *to) {
                    return wrong;
                }
                self.cast(Operand::Value(value), *to, span)
            }
            Operation::ArrayIndex => {
                let value = first();
                self.array_index(plain(value), span)
            }
        }
    }

    /// What a name that is read or set leads to. The run-time binder knows the fields of a tuple by their own names alone.
    fn property(&mut self, receiver: Expr, name: &str) -> Expr {
        let span = Span::default();
        let number = name.strip_prefix("Item").and_then(|number| number.parse::<u32>().ok());
        if is_tuple(receiver.ty) && number.is_some_and(|number| number > 7) {
            return self.error(ErrorKind::Name, "CS1061", span, "");
        }
        match self.instance_member(receiver, name, Vec::new(), span, span) {
            Operand::Group(group) => {
                let message =
                    format!("The name '{}' is bound to a method and cannot be used like a property", group.name);
                self.error(ErrorKind::Type, "", span, message)
            }
            other => self.value(other).unwrap_or_else(|| erroneous(span)),
        }
    }

    /// To the run-time binder a tuple of other elements is another type.
    fn other_tuple(&mut self, code: &'static str, value: &Expr, to: TypeId) -> Option<Expr> {
        let is_other =
            is_tuple(value.ty) && matches!(to.get(), Type::Tuple(..)) && !crate::dotnet::inherit::same(value.ty, to);
        is_other.then(|| {
            self.trouble.conversion = Some((value.ty, to));
            self.error(ErrorKind::Type, code, Span::default(), "")
        })
    }

    /// Stores a value; that of a compound assignment is cast to what the target is.
    fn set(&mut self, target: Expr, value: Operand, site: &Site) -> Expr {
        let span = Span::default();
        let value = match site.compound && !is_error(target.ty) {
            true => Operand::Value(self.cast(value, target.ty, span)),
            false => value,
        };
        if let ExprKind::Field { record, at } = &target.kind
            && is_tuple(record.ty)
        {
            let value = self.convert(value, target.ty, span);
            let at = Expr { kind: ExprKind::Const(Const::Int32(*at as i32)), ty: types::int32(), span };
            let arguments = vec![(**record).clone(), at, value];
            let kind = ExprKind::Engine { code: engine::set_field, name: "set_field", arguments };
            return Expr { kind, ty: target.ty, span };
        }
        self.assign(target, value, span)
    }

    /// What members are looked up in: the classes behind sequences are not public, and show those of `object` alone.
    fn receiver(&mut self, value: Expr) -> Expr {
        let hidden =
            |ty: TypeId| ty.def().is_some_and(|def| def.kind == Kind::Interface && !def.name.starts_with("Apim."));
        match value.kind {
            ExprKind::Local(_) if hidden(value.ty) => Expr { ty: types::object(), ..value },
            _ => value,
        }
    }

    /// What the run-time binder says of the first thing that is wrong.
    fn words(&self, site: &Site, operands: &[TypeId]) -> Option<Refusal> {
        let error = self.errors.first()?;
        if error.kind == ErrorKind::NotAllowed {
            return Some(Refusal::Member(error.message.clone()));
        }
        let ty = |at: usize| match site.given.get(at).map(|given| &given.what) {
            Some(What::Static(ty) | What::Constant(_, ty)) => ty.binder_name(),
            _ => operands.get(at).map(|ty| ty.binder_name()).unwrap_or_default(),
        };
        let receiver = || match &site.operation {
            Operation::CallStatic { of, .. } => of.binder_name(),
            _ if operands.first().is_some_and(|ty| ty.def().is_some_and(|def| def.kind == Kind::Interface)) => {
                "object".to_owned()
            }
            _ => ty(0),
        };
        let name = match &site.operation {
            Operation::Get(name) | Operation::Set(name) => name,
            Operation::Call { name, .. } | Operation::CallStatic { name, .. } => name,
            _ => "",
        };
        let arguments = match site.operation {
            Operation::CallStatic { .. } | Operation::New(_) => site.given.len(),
            Operation::SetItem => site.given.len().saturating_sub(2),
            _ => site.given.len().saturating_sub(1),
        };
        let (from, to) = self.trouble.conversion.map(|(from, to)| (from.binder_name(), to.binder_name())).unzip();
        let (from, to) = (from.unwrap_or_default(), to.unwrap_or_default());
        let candidates = self.trouble.call.as_ref().map(|(_, candidates)| candidates.as_slice()).unwrap_or_default();
        let declared = |form: &dyn Fn(&Found) -> bool| {
            let owner = match &site.operation {
                Operation::CallStatic { of, .. } => *of,
                _ => *operands.first()?,
            };
            let name = if name.is_empty() { "Item" } else { name };
            self.members(owner, name)
                .into_iter()
                .find(form)
                .map(|found| show(&found, !matches!(found.member.row.form, Form::Indexer)))
        };
        let member = || declared(&|_| true).unwrap_or_else(|| format!("{}.{name}", receiver()));
        let delegate = operands.first().is_some_and(|ty| super::lookup::delegate_signature(*ty).is_some());
        let text = match error.csharp {
            Some("CS1061" | "CS0117") => {
                let array = operands.first().is_some_and(|ty| matches!(ty.get(), Type::Array(..)));
                let shown = if array { "System.Array".to_owned() } else { receiver() };
                format!("'{shown}' does not contain a definition for '{name}'")
            }
            Some("CS0019" | "CS0034") => {
                let symbol = match &site.operation {
                    Operation::Binary(op) => op.symbol(),
                    _ => "",
                };
                let symbol = if site.compound { format!("{symbol}=") } else { symbol.to_owned() };
                if operands.iter().all(|ty| matches!(ty.get(), Type::Null)) {
                    return Some(Refusal::Binder(format!(
                        "Operator '{symbol}' is ambiguous on operands of type '<null>' and '<null>'"
                    )));
                }
                format!("Operator '{symbol}' cannot be applied to operands of type '{}' and '{}'", ty(0), ty(1))
            }
            Some("CS0023") if matches!(site.operation, Operation::Unary(_)) => {
                let Operation::Unary(op) = &site.operation else { return None };
                format!("Operator '{}' cannot be applied to operand of type '{}'", symbol(*op), ty(0))
            }
            Some("CS0029") => format!("Cannot implicitly convert type '{from}' to '{to}'"),
            Some("CS0266") => format!(
                "Cannot implicitly convert type '{from}' to '{to}'. An explicit conversion exists (are you missing a cast?)"
            ),
            Some("CS0030") => format!("Cannot convert type '{from}' to '{to}'"),
            Some("CS0037") => format!("Cannot convert null to '{to}' because it is a non-nullable value type"),
            Some("CS0149") => "Cannot invoke a non-delegate type".to_owned(),
            Some("CS1503" | "CS1615" | "CS1620") if candidates.is_empty() && delegate => {
                format!("Delegate '{}' has some invalid arguments", ty(0))
            }
            Some("CS1593" | "CS7036") if candidates.is_empty() && delegate => {
                let name = operands[0].def().map_or("", |def| def.simple_name());
                format!("Delegate '{name}' does not take '{arguments}' arguments")
            }
            Some("CS1503" | "CS1615" | "CS1620" | "CS1660") => {
                let fits = |found: &&Found| {
                    let own = &found.member.parameters;
                    own.len() == arguments
                        || own.last().is_some_and(|last| last.is_params) && own.len() <= arguments + 1
                };
                let best = candidates.iter().find(fits).or(candidates.first());
                let shown = best.map(|found| show(found, false)).unwrap_or_default();
                format!("The best overloaded method match for '{shown}' has some invalid arguments")
            }
            Some("CS1729") => format!(
                "'{}' does not contain a constructor that takes '{arguments}' arguments",
                to_name(&site.operation)
            ),
            Some("CS1501" | "CS7036") => format!("No overload for method '{name}' takes {arguments} arguments"),
            Some("CS0121") => match &self.trouble.call {
                Some((Failure::Ambiguous(a, b), _)) => format!(
                    "The call is ambiguous between the following methods or properties: '{}' and '{}'",
                    show(a, false),
                    show(b, false)
                ),
                _ => error.message.clone(),
            },
            Some("CS0411") => {
                let shown = candidates.first().map(|found| show(found, false)).unwrap_or_default();
                format!(
                    "The type arguments for method '{shown}' cannot be inferred from the usage. Try specifying the type arguments explicitly."
                )
            }
            Some("CS1955") => format!("Non-invocable member '{}' cannot be used like a method.", member()),
            Some("CS0176") => {
                let shown = match candidates.first() {
                    Some(found) => show(found, false),
                    None => declared(&|_| true).unwrap_or_default(),
                };
                let property = candidates.is_empty()
                    && operands
                        .first()
                        .is_some_and(|ty| self.members(*ty, name).iter().any(|f| f.member.row.form == Form::Property));
                let get = if property { ".get" } else { "" };
                format!(
                    "Member '{shown}{get}' cannot be accessed with an instance reference; qualify it with a type name instead"
                )
            }
            Some("CS0200") => format!("Property or indexer '{}' cannot be assigned to -- it is read only", member()),
            Some("CS0021") => format!("Cannot apply indexing with [] to an expression of type '{}'", receiver()),
            Some("CS0022") => {
                let rank = match operands.first().map(|ty| ty.get()) {
                    Some(Type::Array(_, rank)) => *rank,
                    _ => 1,
                };
                format!("Wrong number of indices inside []; expected '{rank}'")
            }
            _ => error.message.clone(),
        };
        Some(Refusal::Binder(text))
    }
}

fn to_name(operation: &Operation) -> String {
    match operation {
        Operation::New(ty) => ty.binder_name(),
        _ => String::new(),
    }
}

fn symbol(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Plus => "+",
        UnaryOp::Minus => "-",
        UnaryOp::Not => "!",
        UnaryOp::Complement => "~",
        UnaryOp::PreIncrement | UnaryOp::PostIncrement => "++",
        UnaryOp::PreDecrement | UnaryOp::PostDecrement => "--",
    }
}

/// A member as the run-time binder's messages show it.
fn show(found: &Found, name_alone: bool) -> String {
    let owner = found.owner.binder_name();
    let member = found.member;
    let parameters: Vec<_> = member
        .parameters
        .iter()
        .map(|parameter| {
            let word = match parameter.mode {
                Mode::Out => "out ",
                Mode::Ref => "ref ",
                Mode::Value if parameter.is_params => "params ",
                Mode::Value => "",
            };
            format!("{word}{}", found.own(parameter.ty).binder_name())
        })
        .collect();
    let parameters = parameters.join(", ");
    match member.row.form {
        Form::Indexer => format!("{owner}.this[{parameters}]"),
        Form::Constructor => {
            let simple = crate::dotnet::def(member.def).simple_name();
            format!("{owner}.{simple}({parameters})")
        }
        Form::Method if !name_alone => {
            let generic = if member.type_parameters.is_empty() {
                String::new()
            } else {
                format!("<{}>", member.type_parameters.join(","))
            };
            format!("{owner}.{}{generic}({parameters})", member.name)
        }
        _ => format!("{owner}.{}", member.name),
    }
}
