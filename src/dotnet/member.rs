//! How a row of a type table is written, and what the checker reads from it.
//!
//! A row is a C# signature (spelled as reflection spells it, type names as C# writes them) and the function behind it.
//! Signatures are parsed once per type, when somebody first asks for the type's members.

use super::call::Call;
use super::context::{Exchange, Seen};
use super::fault::Fault;
use super::heap::Heap;
use super::types::{Type, TypeId};
use super::value::{HostObject, Value};
use std::ops::Range;
use std::sync::OnceLock;

/// The code behind a member. `args[0]` is the receiver of an instance member. By-reference results go to
/// [`Call::set_out`]. It may fail with a .NET exception, never panic.
pub type Native = fn(&mut Call<'_>, &[Value]) -> Result<Value, Fault>;

/// The same for a member that touches the heap alone: its receiver or first argument, and the other one, if it takes one. It
/// throws for a receiver that is null.
pub type Light = fn(&mut Heap, &Value, &Value) -> Result<Value, Fault>;

/// What a property of a part of `context` shows, where the exchange holds it.
pub type Shown = for<'e> fn(&'e Exchange, HostObject) -> Seen<'e>;

/// What a member makes of texts of ASCII, for whoever has nothing but their bytes. Where it answers nothing, the member's
/// code has to.
#[derive(Clone, Copy, Debug)]
pub enum Brief {
    /// An integer that a text says.
    Integer(fn(&[u8]) -> Option<i64>),
    /// Whether something holds of a text and another.
    Test(fn(&[u8], &[u8]) -> Option<bool>),
    /// Whether there is nothing in a text, as it holds of null.
    Void(fn(&[u8]) -> bool),
    /// A part of a text.
    Part(fn(&[u8]) -> Range<usize>),
    /// Each byte of a text changed for itself.
    Change(fn(&mut [u8])),
}

/// What a type is, as far as C#'s rules care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Class,
    /// A static class: extension methods are looked for here.
    Static,
    Struct,
    Interface,
    Enum,
    Delegate,
}

/// A row of the type table.
#[derive(Debug)]
pub struct TypeDef {
    /// The full .NET name without type parameters: `System.Collections.Generic.List`; `+` before a nested type.
    pub name: &'static str,
    /// `List<T>` has `["T"]`. Covariant parameters are written `"out T"`, contravariant ones `"in T"`.
    pub parameters: &'static [&'static str],
    /// The C# keyword: `string`.
    pub alias: Option<&'static str>,
    pub kind: Kind,
    pub is_abstract: bool,
    /// The base class, as a signature writes it; empty: `object`.
    pub base: &'static str,
    /// The interfaces that it implements directly.
    pub interfaces: &'static [&'static str],
    pub rows: &'static [&'static [Row]],
    /// On the platform's list of allowed types. `eval` takes the others too.
    pub allowed: bool,
    /// Cannot be named in a policy (`IProxyRequestContext` and its relatives).
    pub unnameable: bool,
    pub parsed: OnceLock<Vec<Member>>,
}

/// A member as it is written in a table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub form: Form,
    pub is_static: bool,
    /// As in the reflection: `bool Contains(string value)`, `int Length { get; }`, `char this[int index] { get; }`,
    /// `String(char c, int count)`, `const int MaxValue = 2147483647`, `bool op_Equality(string a, string b)`.
    pub signature: &'static str,
    pub code: Code,
    /// On the platform's list.
    pub allowed: bool,
    /// Looks at a body of the exchange: evaluation may wait there.
    pub reads_body: bool,
    /// A shorter way to the same, where there is one.
    pub light: Option<Light>,
    /// What it makes of texts of ASCII.
    pub brief: Option<Brief>,
    /// A shorter way where the receiver is a part of `context`.
    pub shown: Option<Shown>,
    pub doc: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Method,
    Constructor,
    Property,
    Indexer,
    Field,
    /// Known by name: nothing raises one here.
    Event,
    Operator,
}

/// What stands behind a row.
#[derive(Clone, Copy, Debug)]
pub enum Code {
    /// A method, constructor, operator, or the getter of a property or indexer.
    Native(Native),
    /// Getter and setter (the setter's last argument is the value).
    GetSet(Native, Native),
    /// A constant, folded by the checker.
    Constant(Value),
    /// A string constant.
    Text(&'static str),
    /// A member of an enum, by its underlying value.
    EnumValue(i64),
    /// Known and allowed, not built yet: `check` warns, `run` and `serve` refuse.
    Unbuilt,
    /// Known and never built here, with the reason.
    Refused(&'static str),
}

/// A parsed member.
#[derive(Debug)]
pub struct Member {
    pub row: &'static Row,
    pub def: super::types::DefId,
    /// `.ctor`, `Item`, `op_Equality` for those that have no name of their own.
    pub name: &'static str,
    /// Names of a generic method's own type parameters.
    pub type_parameters: Vec<&'static str>,
    pub parameters: Vec<Parameter>,
    /// In terms of the type's and the method's parameters. The type itself for a constructor.
    pub returns: TypeId,
    pub is_extension: bool,
    pub has_getter: bool,
    pub has_setter: bool,
}

#[derive(Clone, Debug)]
pub struct Parameter {
    pub name: &'static str,
    pub ty: TypeId,
    pub mode: Mode,
    pub is_params: bool,
    pub default: Option<Default>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Value,
    Out,
    Ref,
}

/// The default of an optional parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Default {
    Null,
    Bool(bool),
    Int(i64),
    Text(&'static str),
    /// `default(T)`.
    Zero,
    /// A member of the parameter's enum type, by name.
    EnumMember(&'static str),
}

// ---- rows ------------------------------------------------------------------------------------------------------------

const fn row(form: Form, is_static: bool, signature: &'static str, code: Code) -> Row {
    Row {
        form,
        is_static,
        signature,
        code,
        allowed: true,
        reads_body: false,
        light: None,
        brief: None,
        shown: None,
        doc: "",
    }
}

/// An instance method: `method("bool Contains(string value)", contains)`.
pub const fn method(signature: &'static str, code: Native) -> Row {
    row(Form::Method, false, signature, Code::Native(code))
}

/// A static method; an extension method when its first parameter is marked `this`.
pub const fn static_method(signature: &'static str, code: Native) -> Row {
    row(Form::Method, true, signature, Code::Native(code))
}

/// A constructor: `constructor("String(char c, int count)", repeat)`.
pub const fn constructor(signature: &'static str, code: Native) -> Row {
    row(Form::Constructor, true, signature, Code::Native(code))
}

/// A read-only property: `property("int Length { get; }", length)`.
pub const fn property(signature: &'static str, get: Native) -> Row {
    row(Form::Property, false, signature, Code::Native(get))
}

/// A property that can be set: `property_set("int Capacity { get; set; }", get, set)`.
pub const fn property_set(signature: &'static str, get: Native, set: Native) -> Row {
    row(Form::Property, false, signature, Code::GetSet(get, set))
}

/// A static property or a static read-only field whose value is computed: `static_property("DateTime Now { get; }", now)`.
pub const fn static_property(signature: &'static str, get: Native) -> Row {
    row(Form::Property, true, signature, Code::Native(get))
}

/// `indexer("char this[int index] { get; }", item)`.
pub const fn indexer(signature: &'static str, get: Native) -> Row {
    row(Form::Indexer, false, signature, Code::Native(get))
}

/// `indexer_set("T this[int index] { get; set; }", item, set_item)`.
pub const fn indexer_set(signature: &'static str, get: Native, set: Native) -> Row {
    row(Form::Indexer, false, signature, Code::GetSet(get, set))
}

/// `constant("const int MaxValue = 2147483647", Value::Int32(i32::MAX))`.
pub const fn constant(signature: &'static str, value: Value) -> Row {
    row(Form::Field, true, signature, Code::Constant(value))
}

/// `text_constant("const string Empty", "")`: a static string, also for `static readonly`.
pub const fn text_constant(signature: &'static str, value: &'static str) -> Row {
    row(Form::Field, true, signature, Code::Text(value))
}

/// A member of an enum: `enum_value("Indented = 1", 1)`.
pub const fn enum_value(signature: &'static str, value: i64) -> Row {
    row(Form::Field, true, signature, Code::EnumValue(value))
}

/// `operator("bool op_Equality(string a, string b)", equals)`; also `op_Implicit`, `op_Explicit`.
pub const fn operator(signature: &'static str, code: Native) -> Row {
    row(Form::Operator, true, signature, Code::Native(code))
}

impl Row {
    /// What the manual says of it.
    pub const fn doc(mut self, doc: &'static str) -> Row {
        self.doc = doc;
        self
    }

    /// Not on the platform's list: only `eval` takes it.
    pub const fn off_list(mut self) -> Row {
        self.allowed = false;
        self
    }

    /// Known and allowed, not built yet.
    pub const fn unbuilt(form: Form, is_static: bool, signature: &'static str) -> Row {
        row(form, is_static, signature, Code::Unbuilt)
    }

    /// `event EventHandler<XObjectChangeEventArgs> Changed`: known, and nothing here raises it.
    pub const fn event(signature: &'static str) -> Row {
        Row::refused(Form::Event, false, signature, "nothing raises events here")
    }

    pub const fn refused(form: Form, is_static: bool, signature: &'static str, why: &'static str) -> Row {
        row(form, is_static, signature, Code::Refused(why))
    }

    /// Has a shorter way to what its code does.
    pub const fn light(mut self, code: Light) -> Row {
        self.light = Some(code);
        self
    }

    /// Says what it makes of texts of ASCII.
    pub const fn brief(mut self, code: Brief) -> Row {
        self.brief = Some(code);
        self
    }

    /// Has a shorter way where the receiver is a part of `context`.
    pub const fn shown(mut self, code: Shown) -> Row {
        self.shown = Some(code);
        self
    }

    /// Evaluation may wait for a body here.
    pub const fn reads_body(mut self) -> Row {
        self.reads_body = true;
        self
    }
}

/// A type: `TypeDef::new("System.String", Kind::Class, &[ROWS]).alias("string").interfaces(&["IEnumerable<char>"])`.
impl TypeDef {
    pub const fn new(name: &'static str, kind: Kind, rows: &'static [&'static [Row]]) -> TypeDef {
        TypeDef {
            name,
            parameters: &[],
            alias: None,
            kind,
            is_abstract: false,
            base: "",
            interfaces: &[],
            rows,
            allowed: true,
            unnameable: false,
            parsed: OnceLock::new(),
        }
    }

    pub const fn parameters(mut self, parameters: &'static [&'static str]) -> TypeDef {
        self.parameters = parameters;
        self
    }

    pub const fn alias(mut self, alias: &'static str) -> TypeDef {
        self.alias = Some(alias);
        self
    }

    pub const fn base(mut self, base: &'static str) -> TypeDef {
        self.base = base;
        self
    }

    pub const fn interfaces(mut self, interfaces: &'static [&'static str]) -> TypeDef {
        self.interfaces = interfaces;
        self
    }

    pub const fn off_list(mut self) -> TypeDef {
        self.allowed = false;
        self
    }

    pub const fn unnameable(mut self) -> TypeDef {
        self.unnameable = true;
        self
    }

    pub const fn is_abstract(mut self) -> TypeDef {
        self.is_abstract = true;
        self
    }

    /// `List` of `System.Collections.Generic.List`.
    pub fn simple_name(&self) -> &'static str {
        self.name.rsplit(['.', '+']).next().unwrap_or(self.name)
    }

    /// A value type.
    pub fn is_value_type(&self) -> bool {
        matches!(self.kind, Kind::Struct | Kind::Enum)
    }

    /// All members that this type itself declares, parsed.
    ///
    /// # Panics
    /// When a row's signature is malformed: a unit test parses every row of every type.
    pub fn members(&'static self) -> &'static [Member] {
        self.parsed.get_or_init(|| {
            let def = super::def_id(self);
            self.rows.iter().flat_map(|rows| rows.iter()).map(|row| parse(self, def, row)).collect()
        })
    }

    /// The type with its own parameters as arguments: `List<T>`.
    pub fn open_type(&'static self) -> TypeId {
        let arguments = (0..self.parameters.len()).map(|at| TypeId::of(Type::TypeParameter(at as u8))).collect();
        TypeId::of(Type::Named(super::def_id(self), arguments))
    }

    /// The base class in terms of this type's parameters; `None` for `object` and interfaces.
    pub fn base_type(&'static self) -> Option<TypeId> {
        if matches!(self.kind, Kind::Interface) || self.name == "System.Object" {
            return None;
        }
        if self.kind == Kind::Enum {
            return Some(parse_type("Enum", self, &[]));
        }
        Some(match self.base {
            "" if self.kind == Kind::Struct => parse_type("ValueType", self, &[]),
            "" => super::types::object(),
            base => parse_type(base, self, &[]),
        })
    }

    /// Direct interfaces in terms of this type's parameters.
    pub fn interface_types(&'static self) -> Vec<TypeId> {
        self.interfaces.iter().map(|text| parse_type(text, self, &[])).collect()
    }

    /// Parameter names without variance.
    pub fn parameter_names(&self) -> impl Iterator<Item = &'static str> {
        self.parameters.iter().map(|p| p.trim_start_matches("out ").trim_start_matches("in "))
    }
}

/// Parses a type as a signature writes it, e.g. `"IEnumerable<string>"`, outside any generic type.
pub fn type_of(text: &str) -> TypeId {
    static OUTSIDE: TypeDef = TypeDef::new("", Kind::Static, &[]);
    super::types::written(text, || parse_type(text, &OUTSIDE, &[]))
}

// ---- the signature reader ----------------------------------------------------------------------------------------------

fn parse(owner: &'static TypeDef, def: super::types::DefId, row: &'static Row) -> Member {
    let mut member = Member {
        row,
        def,
        name: "",
        type_parameters: Vec::new(),
        parameters: Vec::new(),
        returns: super::types::void(),
        is_extension: false,
        has_getter: false,
        has_setter: false,
    };
    let text = row.signature.trim();
    match row.form {
        Form::Field => parse_field(owner, &mut member, text),
        Form::Event => parse_field(owner, &mut member, text.trim_start_matches("event ")),
        Form::Property => {
            let (head, accessors) = text.split_once('{').unwrap_or((text, "get; }"));
            let (ty, name) = split_last_word(head.trim());
            member.name = name;
            member.returns = parse_type(ty, owner, &[]);
            member.has_getter = accessors.contains("get;");
            member.has_setter = accessors.contains("set;");
        }
        Form::Indexer => {
            let (head, accessors) = text.split_once('{').unwrap_or((text, "get; }"));
            let open = head.find("this[").unwrap_or_else(|| broken(text));
            let close = head.rfind(']').unwrap_or_else(|| broken(text));
            member.name = "Item";
            member.returns = parse_type(head[..open].trim(), owner, &[]);
            member.parameters = parse_parameters(&head[open + 5..close], owner, &[]);
            member.has_getter = accessors.contains("get;");
            member.has_setter = accessors.contains("set;");
        }
        Form::Constructor | Form::Method | Form::Operator => {
            let open = text.find('(').unwrap_or_else(|| broken(text));
            let close = text.rfind(')').unwrap_or_else(|| broken(text));
            let head = text[..open].trim();
            if row.form == Form::Constructor {
                member.name = ".ctor";
                member.returns = owner.open_type();
            } else {
                let (head, generics) = split_generics(head);
                let (ty, name) = split_last_word(head);
                member.name = name;
                member.type_parameters = generics;
                member.returns = parse_type(ty, owner, &member.type_parameters);
            }
            let list = text[open + 1..close].trim();
            let (list, is_extension) = match list.strip_prefix("this ") {
                Some(rest) => (rest, true),
                None => (list, false),
            };
            member.is_extension = is_extension;
            member.parameters = parse_parameters(list, owner, &member.type_parameters);
        }
    }
    member
}

fn broken(text: &str) -> ! {
    panic!("a member row's signature is malformed: `{text}`")
}

fn parse_field(owner: &'static TypeDef, member: &mut Member, text: &'static str) {
    let head = text.split('=').next().unwrap_or(text).trim();
    let head = head.trim_start_matches("const ").trim_start_matches("readonly ");
    member.has_getter = true;
    if let Code::EnumValue(_) = member.row.code {
        member.name = head;
        member.returns = owner.open_type();
    } else {
        let (ty, name) = split_last_word(head);
        member.name = name;
        member.returns = parse_type(ty, owner, &[]);
    }
}

/// `IEnumerable<T> Select<A, B>` → (`IEnumerable<T> Select`, [A, B]).
fn split_generics(head: &'static str) -> (&'static str, Vec<&'static str>) {
    if !head.ends_with('>') {
        return (head, Vec::new());
    }
    let mut depth = 0usize;
    for (at, c) in head.char_indices().rev() {
        match c {
            '>' => depth += 1,
            '<' => {
                depth -= 1;
                if depth == 0 {
                    return (head[..at].trim(), head[at + 1..head.len() - 1].split(',').map(str::trim).collect());
                }
            }
            _ => {}
        }
    }
    broken(head)
}

fn split_last_word(text: &'static str) -> (&'static str, &'static str) {
    let at = text.rfind(' ').unwrap_or_else(|| broken(text));
    (text[..at].trim(), &text[at + 1..])
}

fn parse_parameters(list: &'static str, owner: &'static TypeDef, generics: &[&'static str]) -> Vec<Parameter> {
    split_top_level(list).into_iter().map(|text| parse_parameter(text, owner, generics)).collect()
}

fn parse_parameter(text: &'static str, owner: &'static TypeDef, generics: &[&'static str]) -> Parameter {
    let (text, default) = match text.split_once('=') {
        Some((text, default)) => (text.trim(), Some(parse_default(default.trim()))),
        None => (text.trim(), None),
    };
    let (text, mode) = if let Some(rest) = text.strip_prefix("out ") {
        (rest, Mode::Out)
    } else if let Some(rest) = text.strip_prefix("ref ") {
        (rest, Mode::Ref)
    } else {
        (text, Mode::Value)
    };
    let (text, is_params) = match text.strip_prefix("params ") {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let (ty, name) = split_last_word(text);
    Parameter { name, ty: parse_type(ty, owner, generics), mode, is_params, default }
}

fn parse_default(text: &'static str) -> Default {
    match text {
        "null" => Default::Null,
        "true" => Default::Bool(true),
        "false" => Default::Bool(false),
        _ if text.starts_with("default") => Default::Zero,
        _ => match text.parse() {
            Ok(number) => Default::Int(number),
            Err(_) => match text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
                Some(inner) => Default::Text(inner),
                None => Default::EnumMember(text.rsplit('.').next().unwrap_or(text)),
            },
        },
    }
}

/// Splits at commas outside `<>`, `()` and `[]`.
fn split_top_level(list: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0usize, 0);
    for (at, c) in list.char_indices() {
        match c {
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(list[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    if !list[start..].trim().is_empty() {
        parts.push(list[start..].trim());
    }
    parts
}

/// Reads a type as C# writes it, with the type's and the method's parameters in scope. A name that the table does not
/// have becomes the error type, so that a row may mention a type that is not built yet: such a member cannot be called.
fn parse_type(text: &str, owner: &'static TypeDef, generics: &[&str]) -> TypeId {
    let text = text.trim();
    if let Some(inner) = text.strip_suffix('?') {
        return TypeId::nullable(parse_type(inner, owner, generics));
    }
    if let Some(inner) = text.strip_suffix(']') {
        let open = inner.rfind('[').unwrap_or_else(|| broken(text));
        let rank = inner.len() - open;
        return TypeId::of(Type::Array(parse_type(&inner[..open], owner, generics), rank as u8));
    }
    if let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        let elements = split_top_level(inner).into_iter().map(|t| parse_type(t, owner, generics)).collect();
        return TypeId::of(Type::Tuple(elements, Vec::new()));
    }
    if let Some(at) = generics.iter().position(|&g| g == text) {
        return TypeId::of(Type::MethodParameter(at as u8));
    }
    if let Some(at) = owner.parameter_names().position(|p| p == text) {
        return TypeId::of(Type::TypeParameter(at as u8));
    }
    if text == "void" {
        return super::types::void();
    }
    if let Some((outer, nested)) = text.split_once(">.") {
        let (outer, arguments) = outer.split_once('<').unwrap_or_else(|| broken(text));
        let arguments: Vec<_> =
            split_top_level(arguments).into_iter().map(|t| parse_type(t, owner, generics)).collect();
        return match super::find_by_csharp_name(&format!("{outer}.{nested}"), arguments.len()) {
            Some(def) => TypeId::of(Type::Named(def, arguments)),
            None => super::types::error(),
        };
    }
    let (name, arguments) = match text.split_once('<') {
        Some((name, rest)) => {
            let rest = rest.strip_suffix('>').unwrap_or_else(|| broken(text));
            (name, split_top_level(rest).into_iter().map(|t| parse_type(t, owner, generics)).collect())
        }
        None => (text, Vec::new()),
    };
    if name == "ValueTuple" && !arguments.is_empty() {
        return TypeId::of(Type::Tuple(arguments, Vec::new()));
    }
    match super::find_by_csharp_name(name, arguments.len()) {
        Some(def) => TypeId::of(Type::Named(def, arguments)),
        None => super::types::error(),
    }
}
