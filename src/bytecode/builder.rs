//! What lowerings write with: registers, labels, natives, effects, handlers. Policies use [`Builder`] alone.
//!
//! A policy's run step is a native function over the exchange: `out.native(run, "set-header", &[name, value])`. What it asks
//! of the world is an effect: `out.effect(begin, finish, "send-request", &[url])`.

use super::glance::Glance;
use super::op::{Op, Reg};
use super::unit::{
    Begin, Closure, EffectCall, FinishEffect, Function, Handler, HandlerKind, LightCall, NativeCall, Step,
    TemplatePiece, Unit,
};
use crate::document::{Block, Element, Section, Statement, Value as DocumentValue};
use crate::dotnet::context::LookUp;
use crate::dotnet::heap::{Extension, Object, Own};
use crate::dotnet::member::{Light, Native};
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::Value;
use crate::source::Span;
use crate::typed::document::Programs;
use rust_decimal::Decimal;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// How a policy becomes code.
pub type Lower = fn(&Statement, &mut Builder<'_>);

/// Finds the lowering of a policy by its element.
pub type Lowerings = fn(&str) -> Option<Lower>;

/// A jump target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label(u32);

/// A function under construction.
#[derive(Default)]
pub(super) struct Draft {
    pub function: Function,
    pub next: Reg,
    labels: Vec<Option<u32>>,
    /// Jumps that wait for their label: (position of the instruction, label).
    fixups: Vec<(usize, Label)>,
}

/// Builds a unit.
pub struct Builder<'p> {
    programs: &'p Programs,
    lowerings: Lowerings,
    pub(super) drafts: Vec<Draft>,
    pub(super) current: usize,
    constants: Vec<Object>,
    strings: FxHashMap<Box<[u16]>, u32>,
    values: Vec<Value>,
    types: Vec<TypeId>,
    natives: Vec<NativeCall>,
    lights: Vec<LightCall>,
    look_ups: Vec<LookUp>,
    glances: Vec<Glance>,
    pub(super) closures: Vec<Closure>,
    pub(super) templates: Vec<Vec<TemplatePiece>>,
    steps: Vec<Step>,
    effects: Vec<EffectCall>,
    fragments: Vec<Box<str>>,
    forks: Vec<Vec<u32>>,
    sections: [Option<u32>; 4],
    pub(super) body: Option<u32>,
    section: Option<Section>,
    pub(super) span: Option<Span>,
    /// The functions that call a member for a delegate, by the member's address and its type arguments.
    pub(super) member_functions: FxHashMap<(usize, Vec<TypeId>), u32>,
    /// Natives may leave iterators with `finally` bodies to run.
    pub(super) settles: bool,
    /// An expression needs more than a frame has.
    out_of_registers: bool,
    /// What this version does not run, with its place.
    pub refused: Vec<(String, Span)>,
}

impl<'p> Builder<'p> {
    pub fn new(programs: &'p Programs, lowerings: Lowerings) -> Builder<'p> {
        Builder {
            programs,
            lowerings,
            drafts: Vec::new(),
            current: 0,
            constants: Vec::new(),
            strings: FxHashMap::default(),
            values: Vec::new(),
            types: Vec::new(),
            natives: Vec::new(),
            lights: Vec::new(),
            look_ups: Vec::new(),
            glances: Vec::new(),
            closures: Vec::new(),
            templates: Vec::new(),
            steps: Vec::new(),
            effects: Vec::new(),
            fragments: Vec::new(),
            forks: Vec::new(),
            sections: [None; 4],
            body: None,
            section: None,
            span: None,
            refused: Vec::new(),
            member_functions: FxHashMap::default(),
            settles: false,
            out_of_registers: false,
        }
    }

    /// Compiles a section of a document.
    pub fn section(&mut self, section: Section, block: &Block) {
        self.section = Some(section);
        let function = self.function(section.name(), |out| out.statements(&block.statements));
        self.sections[section as usize] = Some(function);
        self.section = None;
    }

    /// Compiles the statements of a fragment.
    pub fn fragment_body(&mut self, block: &Block) {
        self.body = Some(self.function("fragment", |out| out.statements(&block.statements)));
    }

    /// Compiles one program alone, as the unit's body: what `eval` runs.
    pub fn program(&mut self, program: &crate::typed::ir::Program, text: &crate::source::Cooked) {
        let body = self.function("expression", |out| {
            let to = out.register();
            out.inline(program, text, to);
            out.emit(Op::Return { a: to });
        });
        self.body = Some(body);
    }

    /// The section being compiled; `None` in a fragment, which learns it when it runs.
    pub fn current_section(&self) -> Option<Section> {
        self.section
    }

    /// Notes a part of a policy that this version does not run.
    pub fn refuse(&mut self, what: impl Into<String>, span: Span) {
        self.refused.push((what.into(), span));
    }

    /// Why the unit must not run: an expression is larger than a frame.
    pub fn too_large(&self) -> Option<&'static str> {
        self.out_of_registers.then_some("the expression is too large: it needs more than 65,534 registers")
    }

    pub fn finish(self, name: &str) -> Unit {
        let mut unit = Unit {
            sha256: [0; 32],
            name: name.into(),
            functions: self.drafts.into_iter().map(|draft| draft.function).collect(),
            sections: self.sections,
            body: self.body,
            constants: Arc::from(self.constants),
            values: self.values,
            types: self.types,
            natives: self.natives,
            lights: self.lights,
            look_ups: self.look_ups,
            glances: self.glances,
            closures: self.closures,
            templates: self.templates,
            steps: self.steps,
            effects: self.effects,
            fragments: self.fragments,
            forks: self.forks,
            looks: None,
            keeps_request: false,
        };
        unit.looks = unit.body.and_then(|body| super::tidy::glance(&unit.functions[body as usize]));
        unit.keeps_request = super::keeps::request(&unit);
        unit
    }

    // ---- values

    /// The value of an attribute or text, of the type that the spec asks: a constant as text, an expression's result as it
    /// is. See [`crate::policies::values`] for what a run step makes of it.
    pub fn value(&mut self, value: &DocumentValue) -> Reg {
        let to = self.register();
        let before = self.span.replace(value.span());
        match value {
            DocumentValue::Constant(text) => {
                let at = self.string(text.text());
                self.emit(Op::LoadObject { to, at });
            }
            DocumentValue::Expression(code) => {
                let programs = self.programs;
                match programs.get(code.span) {
                    Some(program) => self.inline(program, &code.text, to),
                    None => self.emit(Op::LoadNull { to }),
                }
            }
        }
        self.span = before;
        to
    }

    /// An attribute's value, null where it is absent and has no default.
    pub fn attribute(&mut self, element: &Element, name: &str) -> Reg {
        match element.attribute(name) {
            Some(value) => self.value(value),
            None => match element.shape.attribute(name).and_then(|spec| spec.default) {
                Some(default) => self.text(default),
                None => self.null(),
            },
        }
    }

    /// An attribute that holds a number: read here where the document spells it out.
    pub fn number_attribute(&mut self, element: &Element, name: &str) -> Reg {
        match constant(element, name).and_then(|text| text.trim().parse().ok()) {
            Some(number) => self.constant(Value::Double(number)),
            None => self.attribute(element, name),
        }
    }

    /// An attribute that is true or false: read here where the document spells it out.
    pub fn flag_attribute(&mut self, element: &Element, name: &str) -> Reg {
        match constant(element, name) {
            Some("true") => self.bool(true),
            Some("false") => self.bool(false),
            _ => self.attribute(element, name),
        }
    }

    /// The element's text, null where there is none.
    pub fn content(&mut self, element: &Element) -> Reg {
        match &element.text {
            Some(value) => self.value(value),
            None => self.null(),
        }
    }

    pub fn text(&mut self, text: &str) -> Reg {
        let to = self.register();
        let at = self.string(text);
        self.emit(Op::LoadObject { to, at });
        to
    }

    /// A constant of the policy's own making, which its run step finds with `heap.extension`.
    pub fn extension(&mut self, object: impl Extension) -> Reg {
        let to = self.register();
        let at = self.extension_constant(object);
        self.emit(Op::LoadObject { to, at });
        to
    }

    pub(super) fn extension_constant(&mut self, object: impl Extension) -> u32 {
        self.object(Object::Extension { ty: types::object(), object: Own::new(object) })
    }

    /// The scope that is running, by its place in the request's chain: a narrower scope has a smaller number.
    pub fn scope(&mut self) -> Reg {
        let to = self.register();
        self.emit(Op::LoadScope { to });
        to
    }

    pub fn null(&mut self) -> Reg {
        let to = self.register();
        self.emit(Op::LoadNull { to });
        to
    }

    pub fn int(&mut self, value: i32) -> Reg {
        self.constant(Value::Int32(value))
    }

    pub fn bool(&mut self, value: bool) -> Reg {
        self.constant(Value::Bool(value))
    }

    pub fn constant(&mut self, value: Value) -> Reg {
        let to = self.register();
        let at = self.plain(value);
        self.emit(Op::LoadValue { to, at });
        to
    }

    pub fn set(&mut self, to: Reg, from: Reg) {
        self.emit(Op::Move { to, from });
    }

    // ---- control

    pub fn label(&mut self) -> Label {
        let labels = &mut self.draft().labels;
        labels.push(None);
        Label(labels.len() as u32 - 1)
    }

    /// The label is here.
    pub fn place(&mut self, label: Label) {
        let draft = self.draft();
        draft.labels[label.0 as usize] = Some(draft.function.code.len() as u32);
    }

    pub fn jump(&mut self, to: Label) {
        self.emit_jump(Op::Jump { to: 0 }, to);
    }

    pub fn jump_if(&mut self, a: Reg, to: Label) {
        self.emit_jump(Op::JumpIf { a, to: 0 }, to);
    }

    pub fn jump_unless(&mut self, a: Reg, to: Label) {
        self.emit_jump(Op::JumpUnless { a, to: 0 }, to);
    }

    pub fn jump_if_null(&mut self, a: Reg, to: Label) {
        self.emit_jump(Op::JumpIfNull { a, to: 0 }, to);
    }

    /// Calls a run step: a native over the exchange. Its result is in the register.
    pub fn native(&mut self, code: Native, name: &'static str, arguments: &[Reg]) -> Reg {
        let call = NativeCall::new(code, name, types::object());
        self.natives.push(call);
        let native = self.natives.len() as u32 - 1;
        let (base, count) = self.consecutive(arguments);
        let to = self.register();
        self.emit(Op::CallNative { native, base, count, to });
        to
    }

    /// Asks the driver and waits for its answer; the register holds what `finish` makes of it (null when `begin` has
    /// nothing to ask).
    pub fn effect(&mut self, begin: Begin, finish: FinishEffect, name: &'static str, arguments: &[Reg]) -> Reg {
        self.effects.push(EffectCall { begin, finish, name });
        let effect = self.effects.len() as u32 - 1;
        let (base, count) = self.consecutive(arguments);
        let to = self.register();
        self.emit(Op::Effect { effect, base, count, to });
        to
    }

    /// The exchange's body, request (`true`) or response, is buffered from here on.
    pub fn await_body(&mut self, of_request: bool) {
        let part = if of_request {
            crate::dotnet::value::HostObject::RequestBody
        } else {
            crate::dotnet::value::HostObject::ResponseBody
        };
        let a = self.constant(Value::Host(part));
        self.emit(Op::AwaitBody { a });
    }

    /// Lowers statements, one after the other.
    pub fn statements<'s>(&mut self, statements: impl IntoIterator<Item = &'s Statement>) {
        for statement in statements {
            self.statement(statement);
        }
    }

    pub fn statement(&mut self, statement: &Statement) {
        let before = self.span.replace(statement.element.name_span);
        let next = self.draft().next;
        self.steps.push(Step {
            element: statement.name(),
            path: statement.path.clone(),
            id: statement.attribute("id").and_then(|v| v.text()).map(Into::into),
            span: statement.element.name_span,
        });
        let at = self.steps.len() as u32 - 1;
        self.emit(Op::Step { at });
        match (self.lowerings)(statement.name()) {
            Some(lower) => lower(statement, self),
            None => {
                let name = self.text(statement.name());
                self.native(unbuilt, "not-built", &[name]);
            }
        }
        // A statement leaves nothing behind in registers.
        self.draft().next = next;
        self.span = before;
    }

    /// Goes on with the step of an enclosing statement: its later errors are its own again.
    pub fn resume_step(&mut self, statement: &Statement) {
        let at =
            self.steps.iter().position(|step| step.span == statement.element.name_span && step.path == statement.path);
        if let Some(at) = at {
            self.emit(Op::Step { at: at as u32 });
        }
    }

    pub fn call_base(&mut self) {
        self.emit(Op::CallBase);
    }

    pub fn call_fragment(&mut self, id: &str) {
        self.fragments.push(id.into());
        let fragment = self.fragments.len() as u32 - 1;
        self.emit(Op::CallFragment { fragment });
    }

    /// Ends the pipeline: the response that the exchange holds is the answer.
    pub fn finish_pipeline(&mut self) {
        self.emit(Op::Finish);
    }

    /// Runs `body`; when it fails, goes on at `handler` with the failure noted (see `vm::last_failure`). Neither limits
    /// nor the caller's leaving are caught.
    pub fn catch(&mut self, body: impl FnOnce(&mut Self), handler: impl FnOnce(&mut Self, Reg)) {
        let exception = self.register();
        let start = self.position();
        body(self);
        let end = self.position();
        let after = self.label();
        self.jump(after);
        let target = self.position();
        handler(self, exception);
        self.place(after);
        self.draft().function.handlers.push(Handler { start, end, target, exception, kind: HandlerKind::Policy });
    }

    /// Throws what a handler of [`Builder::catch`] has caught again.
    pub fn rethrow(&mut self, exception: Reg) {
        self.emit(Op::Rethrow { a: exception });
    }

    /// Runs `body`, then `cleanup`, however the body ends: normally, by an error, by `return-response`, because the
    /// caller left or another branch of `wait` was first.
    pub fn with_cleanup(&mut self, body: impl FnOnce(&mut Self), cleanup: impl Fn(&mut Self)) {
        let exception = self.register();
        let start = self.position();
        body(self);
        let end = self.position();
        cleanup(self);
        let after = self.label();
        self.jump(after);
        let target = self.position();
        cleanup(self);
        self.emit(Op::Rethrow { a: exception });
        self.place(after);
        self.draft().function.handlers.push(Handler { start, end, target, exception, kind: HandlerKind::Finally });
    }

    /// Runs each statement as a fiber of its own; goes on when all have ended, or one where `any` holds true (the others
    /// are cancelled then).
    pub fn fork<'s>(&mut self, statements: impl IntoIterator<Item = &'s Statement>, any: Reg) {
        let functions = statements.into_iter().map(|s| self.function("branch", |out| out.statement(s))).collect();
        self.forks.push(functions);
        let fork = self.forks.len() as u32 - 1;
        self.emit(Op::Fork { fork, any });
    }

    // ---- underneath

    pub(super) fn draft(&mut self) -> &mut Draft {
        &mut self.drafts[self.current]
    }

    pub(super) fn position(&mut self) -> u32 {
        self.draft().function.code.len() as u32
    }

    pub fn register(&mut self) -> Reg {
        let draft = self.draft();
        let reg = draft.next;
        let Some(next) = draft.next.checked_add(1) else {
            // The last register over and over: the unit is refused, so nobody runs this.
            self.out_of_registers = true;
            return reg - 1;
        };
        draft.next = next;
        draft.function.registers = draft.function.registers.max(next);
        reg
    }

    pub(super) fn registers(&mut self, count: usize) -> Reg {
        let base = self.draft().next;
        if usize::from(base) + count >= usize::from(Reg::MAX) {
            self.out_of_registers = true;
            // Consecutive registers that a verifier finds in the frame.
            self.draft().function.registers = Reg::MAX;
            return 0;
        }
        for _ in 0..count {
            self.register();
        }
        base
    }

    /// Copies registers into consecutive ones.
    fn consecutive(&mut self, from: &[Reg]) -> (Reg, u16) {
        let in_order = from.windows(2).all(|pair| pair[1] == pair[0] + 1);
        if let (true, Some(&first)) = (in_order, from.first()) {
            return (first, from.len() as u16);
        }
        let base = self.registers(from.len());
        for (at, &from) in from.iter().enumerate() {
            self.emit(Op::Move { to: base + at as Reg, from });
        }
        (base, from.len() as u16)
    }

    pub(super) fn emit(&mut self, op: Op) {
        let span = self.span;
        let settles = self.settles && matches!(op, Op::CallNative { .. });
        let function = &mut self.draft().function;
        function.code.push(op);
        function.spans.push(span);
        if settles {
            function.code.push(Op::Settle);
            function.spans.push(span);
        }
    }

    pub(super) fn emit_jump(&mut self, op: Op, to: Label) {
        let at = self.position() as usize;
        self.emit(op);
        self.draft().fixups.push((at, to));
    }

    /// Compiles a function of its own and gives its number.
    pub(super) fn function(&mut self, name: &str, body: impl FnOnce(&mut Self)) -> u32 {
        let at = self.begin_function(name);
        let outer = std::mem::replace(&mut self.current, at);
        body(self);
        let to = self.null();
        self.emit(Op::Return { a: to });
        self.end_function();
        self.current = outer;
        at as u32
    }

    pub(super) fn begin_function(&mut self, name: &str) -> usize {
        self.drafts.push(Draft { function: Function { name: name.into(), ..Function::default() }, ..Draft::default() });
        self.drafts.len() - 1
    }

    /// Points jumps at their labels.
    pub(super) fn end_function(&mut self) {
        let draft = self.draft();
        for (at, label) in std::mem::take(&mut draft.fixups) {
            let target = draft.labels[label.0 as usize].expect("every label is placed before its function ends");
            let jump = &mut draft.function.code[at];
            *jump.target_mut().expect("only jumps wait for labels") = target;
        }
        let draft = &mut self.drafts[self.current];
        super::tidy::loads_into_calls(&mut draft.function, &mut self.natives, &self.values);
        super::tidy::tidy(&mut draft.function);
        draft.function.needs = super::tidy::needs(&draft.function);
    }

    pub(super) fn string(&mut self, text: &str) -> u32 {
        let units: Box<[u16]> = text.encode_utf16().collect();
        self.wide_string(units)
    }

    pub(super) fn wide_string(&mut self, units: Box<[u16]>) -> u32 {
        if let Some(&at) = self.strings.get(&units) {
            return at;
        }
        let ascii = units.iter().all(|&u| u < 0x80);
        let object = if ascii {
            Object::AsciiConstant(units.iter().map(|&u| char::from(u as u8)).collect::<String>().into())
        } else {
            Object::WideConstant(units.clone())
        };
        let at = self.object(object);
        self.strings.insert(units, at);
        at
    }

    pub(super) fn decimal(&mut self, value: Decimal) -> u32 {
        self.object(Object::Decimal(value))
    }

    fn object(&mut self, object: Object) -> u32 {
        self.constants.push(object);
        self.constants.len() as u32 - 1
    }

    pub(super) fn plain(&mut self, value: Value) -> u32 {
        self.values.push(value);
        self.values.len() as u32 - 1
    }

    pub(super) fn ty(&mut self, ty: TypeId) -> u32 {
        if let Some(at) = self.types.iter().position(|own| *own == ty) {
            return at as u32;
        }
        self.types.push(ty);
        self.types.len() as u32 - 1
    }

    pub(super) fn native_call(&mut self, call: NativeCall) -> u32 {
        self.natives.push(call);
        self.natives.len() as u32 - 1
    }

    /// The number of a member that touches the heap alone; `None` where there are too many.
    pub(super) fn light_call(&mut self, code: Light, name: &'static str) -> Option<u16> {
        let same = |own: &LightCall| own.name == name && std::ptr::fn_addr_eq(own.code, code);
        let at = self.lights.iter().position(same).unwrap_or(self.lights.len());
        if at == self.lights.len() {
            self.lights.push(LightCall { code, name });
        }
        u16::try_from(at).ok()
    }

    pub(super) fn look_up(&mut self, look_up: LookUp) -> u32 {
        self.look_ups.push(look_up);
        self.look_ups.len() as u32 - 1
    }

    pub(super) fn glance(&mut self, glance: Glance) -> u32 {
        self.glances.push(glance);
        self.glances.len() as u32 - 1
    }

    pub(super) fn handler(&mut self, handler: Handler) {
        self.draft().function.handlers.push(handler);
    }
}

/// An attribute's text, or its default's, unless it is an expression.
fn constant<'e>(element: &'e Element, name: &str) -> Option<&'e str> {
    match element.attribute(name) {
        Some(value) => value.text(),
        None => element.shape.attribute(name)?.default,
    }
}

/// What runs in place of a policy that is known and not built: only under `--allow-unsupported`.
fn unbuilt(cx: &mut crate::dotnet::call::Call<'_>, arguments: &[Value]) -> Result<Value, crate::dotnet::fault::Fault> {
    let name = cx.heap.text(arguments[0]).unwrap_or_default().into_owned();
    Err(crate::dotnet::fault::Fault::policy("NotSupported", format!("The policy `{name}` is not supported here yet.")))
}
