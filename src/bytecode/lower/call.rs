//! Calls: of native members with their constants, of local functions and delegates, and closures over cells.

use super::super::op::{NOWHERE, Op, Reg};
use super::super::unit::{Closure, NativeCall};
use super::{Lowering, plain_value, strip};
use crate::dotnet::context::{self, LookUp, maps::KeyOf};
use crate::dotnet::inherit::substitute;
use crate::dotnet::member::{Code, Form, Light, Member};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::{HostObject, Value};
use crate::typed::dynamic::{Site, What};
use crate::typed::ir::{Argument, Const, Expr, ExprKind, FunctionId, Place};
use crate::vm::dynamic::CallSite;

impl Lowering<'_, '_, '_> {
    #[expect(clippy::too_many_arguments, reason = "these are the parts of a call, each read once")]
    pub(super) fn call(
        &mut self,
        value: &Expr,
        member: &'static Member,
        type_arguments: &[TypeId],
        arguments: &[Argument],
        is_instance: bool,
        is_set: bool,
        to: Reg,
    ) {
        if !is_set && self.look_up(value, member, type_arguments, arguments, to) {
            return;
        }
        if let (Some(code), false) = (member.row.light, is_set)
            && self.light(value, member, code, arguments, to)
        {
            return;
        }
        // A body that a lambda among the arguments reads must be here before the member runs.
        for argument in arguments {
            if let Argument::Value(Expr { kind: ExprKind::Lambda(function), .. }) = argument
                && self.reads_body(*function, &mut Vec::new())
            {
                self.await_both_bodies();
            }
        }
        let base = self.out.registers(arguments.len());
        let key_of = context::maps::key_of(member);
        for (at, argument) in arguments.iter().enumerate() {
            let reg = base + at as Reg;
            match argument {
                Argument::Value(Expr { kind: ExprKind::Const(Const::String(name)), .. })
                    if at == 1 && key_of.is_some() =>
                {
                    self.key(key_of, name, reg);
                }
                Argument::Value(value) => self.expr_into(value, reg),
                Argument::Reference { place, is_out } => {
                    if *is_out {
                        self.out.emit(Op::LoadNull { to: reg })
                    } else {
                        self.read_place(place, reg)
                    }
                }
            }
        }
        self.at(value.span);
        if member.row.reads_body {
            self.out.emit(Op::AwaitBody { a: base });
        }
        let code = match (member.row.code, is_set) {
            (Code::GetSet(_, set), true) => set,
            (Code::Native(get) | Code::GetSet(get, _), _) => get,
            _ => unbuilt_member,
        };
        let own = &type_arguments[..type_arguments.len() - member.type_parameters.len().min(type_arguments.len())];
        let method = &type_arguments[own.len()..];
        let returns = substitute(member.returns, own, method);
        let name = if member.row.form == Form::Constructor { member.row.signature } else { member.name };
        let receiver = is_instance && !member.row.is_static;
        let native = self.out.native_call(NativeCall {
            type_arguments: type_arguments.into(),
            is_instance: receiver,
            has_outs: arguments.iter().any(|argument| matches!(argument, Argument::Reference { .. })),
            member: Some(member),
            ..NativeCall::new(code, name, returns)
        });
        self.out.emit(Op::CallNative { native, base, count: arguments.len() as u16, to });
        let skip = usize::from(receiver);
        for (at, argument) in arguments.iter().enumerate() {
            if let Argument::Reference { place, .. } = argument {
                let set = self.out.register();
                self.out.emit(Op::TakeOut { parameter: (at - skip) as u8, to: set });
                self.store(place, set);
            }
        }
        if is_set && !arguments.is_empty() && to != NOWHERE {
            self.out.emit(Op::Move { to, from: base + arguments.len() as Reg - 1 });
        }
    }

    /// A call of a member that touches the heap alone; whether it was written.
    fn light(&mut self, value: &Expr, member: &'static Member, code: Light, arguments: &[Argument], to: Reg) -> bool {
        let Some(light) = self.out.light_call(code, member.name) else { return false };
        match arguments {
            [Argument::Value(one)] => {
                let a = self.expr(one);
                self.at(value.span);
                self.out.emit(Op::CallLight { light, a, b: a, to });
            }
            [Argument::Value(one), Argument::Value(other)] => {
                let plain = if let ExprKind::Const(constant) = &other.kind { plain_value(constant) } else { None };
                let call = match plain {
                    Some(plain) => {
                        let a = self.expr(one);
                        Op::CallLightConstant { light, a, at: self.out.plain(plain), to }
                    }
                    None => {
                        let (a, b) = self.two(one, other);
                        Op::CallLight { light, a, b, to }
                    }
                };
                self.at(value.span);
                self.out.emit(call);
            }
            _ => return false,
        }
        true
    }

    /// An operation that is bound at run time: its site, then its operands.
    pub(super) fn dynamic(&mut self, value: &Expr, site: &Site, arguments: &[Argument], to: Reg) {
        let base = self.out.registers(arguments.len() + 1);
        let at = self.out.extension_constant(CallSite::new(site.clone()));
        for (at, argument) in arguments.iter().enumerate() {
            let reg = base + 1 + at as Reg;
            match argument {
                Argument::Value(value) => self.expr_into(value, reg),
                Argument::Reference { is_out: true, .. } => self.out.emit(Op::LoadNull { to: reg }),
                Argument::Reference { place, .. } => self.read_place(place, reg),
            }
        }
        self.at(value.span);
        // What it turns out to be may read a body.
        for (at, given) in site.given.iter().enumerate() {
            if matches!(given.what, What::Dynamic) {
                self.out.emit(Op::AwaitBody { a: base + 1 + at as Reg });
            }
        }
        self.out.emit(Op::LoadObject { to: base, at });
        let native = self.out.native_call(NativeCall {
            has_outs: arguments.iter().any(|argument| matches!(argument, Argument::Reference { .. })),
            ..NativeCall::new(crate::dotnet::system::dynamic::operate, "dynamic", value.ty)
        });
        self.out.emit(Op::CallNative { native, base, count: arguments.len() as u16 + 1, to });
        for (at, argument) in arguments.iter().enumerate() {
            if let Argument::Reference { place, .. } = argument {
                let set = self.out.register();
                self.out.emit(Op::TakeOut { parameter: at as u8, to: set });
                self.store(place, set);
            }
        }
    }

    /// The text of a group of a match, which needs neither the group nor the collection it stands in; whether it was
    /// written.
    pub(super) fn group_text(
        &mut self,
        value: &Expr,
        member: &'static Member,
        arguments: &[Argument],
        to: Reg,
    ) -> bool {
        let Some((found, name)) = group_text(member, arguments) else { return false };
        let code = crate::dotnet::system::regex::GROUP_TEXT;
        let Some(light) = self.out.light_call(code, member.name) else { return false };
        let (a, b) = self.two(found, name);
        self.at(value.span);
        self.out.emit(Op::CallLight { light, a, b, to });
        true
    }

    /// A look-up of which all is known but the default; whether it was written.
    fn look_up(
        &mut self,
        value: &Expr,
        member: &'static Member,
        type_arguments: &[TypeId],
        arguments: &[Argument],
        to: Reg,
    ) -> bool {
        let Some((look_up, default)) = prepared(member, type_arguments, arguments) else { return false };
        let to = if to == NOWHERE { self.out.register() } else { to };
        let default = match default {
            Some(default) => self.expr(default),
            None => to,
        };
        self.at(value.span);
        let at = self.out.look_up(look_up);
        self.out.emit(Op::LookUp { at, default, to });
        true
    }

    /// The name of a header or a variable, ready to be looked up; the text where it is no such name.
    fn key(&mut self, of: Option<KeyOf>, units: &[u16], to: Reg) {
        let at = match (of, String::from_utf16(units)) {
            (Some(KeyOf::Variable), Ok(text)) => {
                self.out.extension_constant(context::maps::VariableKey(context::Symbol::of(&text)))
            }
            (Some(KeyOf::Header), Ok(text)) => match text.parse() {
                Ok(name) => self.out.extension_constant(context::maps::HeaderKey(crate::message::Wanted::new(name))),
                Err(_) => self.out.wide_string(units.into()),
            },
            _ => self.out.wide_string(units.into()),
        };
        self.out.emit(Op::LoadObject { to, at });
    }

    fn await_both_bodies(&mut self) {
        self.out.await_body(true);
        self.out.await_body(false);
    }

    /// Whether a function, or one that it makes or calls, reads a body.
    fn reads_body(&self, id: FunctionId, seen: &mut Vec<FunctionId>) -> bool {
        if seen.contains(&id) {
            return false;
        }
        seen.push(id);
        let mut inner = Vec::new();
        let mut found = false;
        for statement in &self.program.functions[id.0 as usize].body {
            crate::typed::ir::visit::expressions(statement, &mut |expr| match &expr.kind {
                ExprKind::Call { member, .. } => found |= member.row.reads_body,
                ExprKind::Dynamic { .. } => found = true,
                ExprKind::Lambda(id) | ExprKind::CallLocal { function: id, .. } => inner.push(*id),
                _ => {}
            });
        }
        found || inner.into_iter().any(|id| self.reads_body(id, seen))
    }

    /// Copies the captured cells of a function into registers from `base`.
    fn load_captures(&mut self, function: FunctionId, base: Reg) {
        let captures = &self.program.functions[function.0 as usize].captures;
        for (at, (owner, local)) in captures.iter().enumerate() {
            let from = if *owner == self.frame.id {
                self.local(*local)
            } else {
                let own = self.current().captures.iter().position(|c| *c == (*owner, *local));
                own.map_or(base, |at| self.frame.captures[at])
            };
            self.out.emit(Op::Move { to: base + at as Reg, from });
        }
    }

    pub(super) fn closure(&mut self, function: FunctionId, ty: TypeId, to: Reg) {
        let captures = self.program.functions[function.0 as usize].captures.len();
        let base = self.out.registers(captures);
        self.load_captures(function, base);
        let Some(unit_function) = self.functions[function.0 as usize] else { return };
        self.out.closures.push(Closure { function: unit_function, ty, captures: captures as u16 });
        let closure = self.out.closures.len() as u32 - 1;
        self.out.emit(Op::MakeClosure { to, closure, base });
    }

    /// A delegate of a member: a small function that calls it, with the receiver as its capture.
    pub(super) fn member_delegate(
        &mut self,
        value: &Expr,
        member: &'static Member,
        type_arguments: &[TypeId],
        receiver: Option<&Expr>,
        to: Reg,
    ) {
        // Delegates of one member are equal: they share the function.
        let key = (std::ptr::from_ref(member) as usize, type_arguments.to_vec());
        let at = match self.out.member_functions.get(&key) {
            Some(at) => *at,
            None => {
                let at = self.member_function(member, type_arguments, receiver.is_some());
                self.out.member_functions.insert(key, at);
                at
            }
        };
        let capture = self.out.registers(usize::from(receiver.is_some()));
        if let Some(receiver) = receiver {
            self.expr_into(receiver, capture);
        }
        self.out.closures.push(Closure { function: at, ty: value.ty, captures: u16::from(receiver.is_some()) });
        let closure = self.out.closures.len() as u32 - 1;
        self.out.emit(Op::MakeClosure { to, closure, base: capture });
    }

    fn member_function(&mut self, member: &'static Member, type_arguments: &[TypeId], has_receiver: bool) -> u32 {
        let count = member.parameters.len();
        let at = self.out.begin_function(member.name);
        let outer = std::mem::replace(&mut self.out.current, at);
        let parameters = self.out.registers(count);
        let captured = has_receiver.then(|| self.out.register());
        self.out.draft().function.parameters = count as u16;
        self.out.draft().function.captures = u16::from(captured.is_some());
        let total = count + usize::from(captured.is_some());
        let base = self.out.registers(total);
        let mut next = base;
        for from in captured.into_iter().chain((0..count as Reg).map(|n| parameters + n)) {
            self.out.emit(Op::Move { to: next, from });
            next += 1;
        }
        let code = match member.row.code {
            Code::Native(code) | Code::GetSet(code, _) => code,
            _ => unbuilt_member,
        };
        let own = &type_arguments[..type_arguments.len() - member.type_parameters.len().min(type_arguments.len())];
        let returns = substitute(member.returns, own, &type_arguments[own.len()..]);
        let native = self.out.native_call(NativeCall {
            type_arguments: type_arguments.into(),
            is_instance: has_receiver,
            member: Some(member),
            ..NativeCall::new(code, member.name, returns)
        });
        let result = self.out.register();
        self.out.emit(Op::CallNative { native, base, count: total as u16, to: result });
        self.out.emit(Op::Return { a: result });
        self.out.end_function();
        self.out.current = outer;
        at as u32
    }

    pub(super) fn call_local(&mut self, value: &Expr, function: FunctionId, arguments: &[Argument], to: Reg) {
        let captures = self.program.functions[function.0 as usize].captures.len();
        let base = self.out.registers(arguments.len() + captures);
        let mut write_back = Vec::new();
        for (at, argument) in arguments.iter().enumerate() {
            let reg = base + at as Reg;
            match argument {
                Argument::Value(value) => self.expr_into(value, reg),
                Argument::Reference { place: Place::Local(local), .. } if self.in_cell(*local) => {
                    let from = self.local(*local);
                    self.out.emit(Op::Move { to: reg, from });
                }
                Argument::Reference { place: Place::Captured(at), .. } => {
                    let from = self.frame.captures[*at as usize];
                    self.out.emit(Op::Move { to: reg, from });
                }
                Argument::Reference {
                    place: place @ (Place::ArrayItem { .. } | Place::Deref(_) | Place::TupleField { .. }),
                    ..
                } if self.has_reference(place) => self.reference(value, place, reg),
                Argument::Reference { place, .. } => {
                    self.read_place(place, reg);
                    self.out.emit(Op::NewCell { to: reg, a: reg });
                    let kept = self.out.register();
                    self.out.emit(Op::Move { to: kept, from: reg });
                    write_back.push((place, kept));
                }
            }
        }
        self.load_captures(function, base + arguments.len() as Reg);
        let Some(unit_function) = self.functions[function.0 as usize] else { return };
        self.at(value.span);
        self.out.emit(Op::CallFunction {
            function: unit_function,
            base,
            count: (arguments.len() + captures) as u16,
            to,
        });
        for (place, cell) in write_back {
            let read = self.out.register();
            self.out.emit(Op::CellGet { to: read, cell });
            self.store(place, read);
        }
    }
}

/// What runs in place of a member that is known and not built: only under `--allow-unsupported`.
pub(super) fn unbuilt_member(
    _: &mut crate::dotnet::call::Call<'_>,
    _: &[Value],
) -> Result<Value, crate::dotnet::fault::Fault> {
    Err(crate::dotnet::fault::Fault::not_supported("This member is not supported here yet."))
}

/// The match and the name in `match.Groups["name"].Value`.
fn group_text<'e>(member: &Member, arguments: &'e [Argument]) -> Option<(&'e Expr, &'e Expr)> {
    let ([group], "Value") = (arguments, member.name) else { return None };
    if crate::dotnet::def(member.def).name != "System.Text.RegularExpressions.Capture" {
        return None;
    }
    let [groups, name] = property_of(group, "System.Text.RegularExpressions.GroupCollection", "Item")? else {
        return None;
    };
    let [found] = property_of(groups, "System.Text.RegularExpressions.Match", "Groups")? else { return None };
    match (found, name) {
        (Argument::Value(found), Argument::Value(name)) if matches!(name.kind, ExprKind::Const(Const::String(_))) => {
            Some((found, name))
        }
        _ => None,
    }
}

/// The arguments of a property of this type.
fn property_of<'e>(value: &'e Argument, ty: &str, name: &str) -> Option<&'e [Argument]> {
    let Argument::Value(value) = value else { return None };
    match &strip(value).kind {
        ExprKind::Call { member, arguments, .. }
            if member.name == name && crate::dotnet::def(member.def).name == ty =>
        {
            Some(arguments)
        }
        _ => None,
    }
}

/// A look-up, and its default where it has one.
pub(super) fn prepared<'e>(
    member: &Member,
    type_arguments: &[TypeId],
    arguments: &'e [Argument],
) -> Option<(LookUp, Option<&'e Expr>)> {
    let (Argument::Value(receiver), others) = arguments.split_first()? else { return None };
    let part = part_of(receiver)?;
    match others {
        [] => Some((LookUp::Shown(part, member.row.shown?), None)),
        [Argument::Value(key), default @ ..] if default.len() < 2 => {
            let ExprKind::Const(Const::String(key)) = &strip(key).kind else { return None };
            let default = match default {
                [Argument::Value(default)] => Some(default),
                [] => None,
                _ => return None,
            };
            // A response that is not there is missed before the default is worked out.
            let is_const = |value: &Expr| matches!(strip(value).kind, ExprKind::Const(_));
            if part == HostObject::ResponseHeaders && !default.is_none_or(is_const) {
                return None;
            }
            let look_up = LookUp::new(member, part, key, type_arguments)?;
            let lacks = matches!(look_up, LookUp::VariableAs(..)) && default.is_none();
            (!lacks).then_some((look_up, default))
        }
        _ => None,
    }
}

/// The part of `context` that an expression always is.
pub(super) fn fixed_part(value: &Expr) -> Option<HostObject> {
    match &value.kind {
        ExprKind::Context => Some(HostObject::Context),
        ExprKind::Retype(inner) => fixed_part(inner),
        ExprKind::Call { member, arguments, .. } if member.row.form == Form::Property => match &arguments[..] {
            [Argument::Value(of)] => context::fixed_part(fixed_part(of)?, member.name),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn is_text_length(member: &Member) -> bool {
    member.name == "Length" && crate::dotnet::def(member.def).name == "System.String"
}

/// The same, or a part that a property of `context` is where it is there at all; the response's headers too.
pub(super) fn part_of(value: &Expr) -> Option<HostObject> {
    if let Some(part) = fixed_part(value) {
        return Some(part);
    }
    let ExprKind::Call { member, arguments, .. } = &strip(value).kind else { return None };
    let ([Argument::Value(of)], Form::Property) = (&arguments[..], member.row.form) else { return None };
    match part_of(of)? {
        HostObject::Context => context::optional_part(member.name),
        HostObject::Response if member.name == "Headers" => Some(HostObject::ResponseHeaders),
        _ => None,
    }
}
