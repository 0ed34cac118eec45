//! A compiled document: immutable, shared by all requests.

use super::glance::Glance;
use super::op::{Op, Reach, Reg};
use crate::document::{Scope, Section};
use crate::dotnet::call::Call;
use crate::dotnet::context::LookUp;
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Constants;
use crate::dotnet::member::{Light, Member, Native};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;
use crate::effect::{Answer, Effect};
use crate::source::Span;

/// Builds the effect that a policy asks for; `None` when there is nothing to ask.
pub type Begin = fn(&mut Call<'_>, &[Value]) -> Result<Option<Effect>, Fault>;
/// Takes in what the driver answered.
pub type FinishEffect = fn(&mut Call<'_>, &[Value], Answer) -> Result<Value, Fault>;

/// What a document or fragment compiles to.
#[derive(Debug)]
pub struct Unit {
    /// The path of the document, for traces.
    pub name: Box<str>,
    /// SHA-256 of the document's text, by which a journal knows it again.
    pub sha256: [u8; 32],
    pub functions: Vec<Function>,
    /// By [`Section`] as an index: the function that runs it.
    pub sections: [Option<u32>; 4],
    /// The function of a fragment.
    pub body: Option<u32>,
    /// What the body returns where an expression that only looks tells it.
    pub looks: Option<u32>,
    pub constants: Constants,
    pub values: Vec<Value>,
    pub types: Vec<TypeId>,
    pub natives: Vec<NativeCall>,
    pub lights: Vec<LightCall>,
    pub look_ups: Vec<LookUp>,
    pub glances: Vec<Glance>,
    pub closures: Vec<Closure>,
    pub templates: Vec<Vec<TemplatePiece>>,
    pub steps: Vec<Step>,
    pub effects: Vec<EffectCall>,
    pub fragments: Vec<Box<str>>,
    pub forks: Vec<Vec<u32>>,
    /// Something in it may look at the request after it was forwarded: see [`super::keeps`].
    pub keeps_request: bool,
}

impl Unit {
    pub fn section(&self, section: Section) -> Option<u32> {
        self.sections[section as usize]
    }
}

/// A function: a section, an expression's lambda, a local function, a branch of `wait`.
#[derive(Debug, Default)]
pub struct Function {
    pub name: Box<str>,
    pub code: Vec<Op>,
    /// Where each instruction was written.
    pub spans: Vec<Option<Span>>,
    pub parameters: u16,
    pub captures: u16,
    pub registers: u16,
    /// Innermost first.
    pub handlers: Vec<Handler>,
    /// See [`super::tidy::needs`].
    pub needs: Reach,
}

/// Who takes a fault raised between `start` and `end`.
#[derive(Clone, Copy, Debug)]
pub struct Handler {
    pub start: u32,
    pub end: u32,
    pub target: u32,
    /// Where the exception goes.
    pub exception: Reg,
    pub kind: HandlerKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandlerKind {
    /// C# `catch`: this type, if the filter at this position says so.
    Catch { ty: TypeId, filter: Option<u32> },
    /// C# `finally`, and what a policy must undo: everything passes here and goes on.
    Finally,
    /// A policy's own handler: failures of policies and expressions, but neither limits nor the caller's leaving.
    Policy,
}

/// A member or run step with everything that a call needs.
#[derive(Debug)]
pub struct NativeCall {
    pub code: Native,
    pub type_arguments: Box<[TypeId]>,
    pub returns: TypeId,
    /// The first argument is a receiver: null throws.
    pub is_instance: bool,
    /// It has by-reference parameters.
    pub has_outs: bool,
    /// Arguments that are the same in every call, by their position: plain values, and constants of the unit.
    pub values: Box<[(u16, Value)]>,
    pub objects: Box<[(u16, u32)]>,
    /// Arguments that stand in other registers, by their position.
    pub copies: Box<[(u16, Reg)]>,
    pub member: Option<&'static Member>,
    /// What listings call it.
    pub name: &'static str,
}

impl NativeCall {
    /// Of a function that is no .NET member, with all arguments in registers.
    pub fn new(code: Native, name: &'static str, returns: TypeId) -> NativeCall {
        NativeCall {
            code,
            type_arguments: Box::default(),
            returns,
            is_instance: false,
            has_outs: false,
            values: Box::default(),
            objects: Box::default(),
            copies: Box::default(),
            member: None,
            name,
        }
    }
}

/// A member that touches the heap alone.
#[derive(Clone, Copy, Debug)]
pub struct LightCall {
    pub code: Light,
    pub name: &'static str,
}

#[derive(Clone, Copy, Debug)]
pub struct Closure {
    pub function: u32,
    pub ty: TypeId,
    pub captures: u16,
}

#[derive(Clone, Debug)]
pub enum TemplatePiece {
    /// A constant object.
    Text(u32),
    /// The next register.
    Hole { alignment: i32, format: Option<Box<str>> },
    /// A hole that no composite format may have: told when all holes have their values.
    Malformed,
}

/// Where a statement stands, for LastError, traces, coverage.
#[derive(Clone, Debug)]
pub struct Step {
    /// The policy's element.
    pub element: &'static str,
    /// `choose[1]/when[2]/set-header[1]`
    pub path: Box<str>,
    pub id: Option<Box<str>>,
    pub span: Span,
}

#[derive(Clone, Copy, Debug)]
pub struct EffectCall {
    pub begin: Begin,
    pub finish: FinishEffect,
    pub name: &'static str,
}

/// The scope's name in `LastError.Scope`.
pub fn scope_name(scope: Scope) -> &'static str {
    scope.name()
}
