//! For tests: evaluates chains of member accesses with literal arguments (`JObject.Parse("{}")["a"]?.ToString()`) by the
//! tables alone, so that natives are held to a real runtime's results without a compiler in between.

use crate::dotnet::call::{Call, Host};
use crate::dotnet::context::{Exchange, from_json};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Heap;
use crate::dotnet::inherit::{self, substitute};
use crate::dotnet::member::{self, Code, Form, Member};
use crate::dotnet::types::{self, Type, TypeId};
use crate::dotnet::value::Value;
use crate::vm::effect::Moment;

struct NoLambdas;

impl Host for NoLambdas {
    fn invoke(&mut self, _: &mut Heap, _: &mut Exchange, _: Value, _: &[Value]) -> Result<Value, Fault> {
        Err(Fault::not_supported("chains have no lambdas"))
    }
    fn charge_fuel(&mut self, _: u64) -> Result<(), Fault> {
        Ok(())
    }
    fn now(&self) -> Moment {
        Moment::UNIX_EPOCH
    }
    fn random(&mut self) -> u64 {
        4
    }
}

/// Runs `work` with a call on a fresh heap.
pub fn with_call<T>(work: impl FnOnce(&mut Call<'_>) -> T) -> T {
    let mut heap = Heap::new(64 << 20);
    let mut exchange = from_json::parse("{}", &mut heap).expect("an empty context");
    work(&mut Call {
        heap: &mut heap,
        exchange: &mut exchange,
        host: &mut NoLambdas,
        type_arguments: &[],
        returns: types::object(),
        outs: Vec::new(),
    })
}

struct Parser<'t> {
    text: &'t str,
}

/// The value of a chain; `None` when the text is no chain.
pub fn evaluate(cx: &mut Call<'_>, text: &str) -> Option<Result<Value, Fault>> {
    let mut parser = Parser { text };
    let made = parser.chain(cx)?;
    parser.text.trim().is_empty().then_some(made)
}

impl Parser<'_> {
    fn eat(&mut self, token: &str) -> bool {
        let rest = self.text.trim_start();
        match rest.strip_prefix(token) {
            Some(rest) => {
                self.text = rest;
                true
            }
            None => false,
        }
    }

    fn name(&mut self) -> Option<String> {
        let rest = self.text.trim_start();
        let len = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        self.text = &rest[len..];
        (len > 0).then(|| rest[..len].to_owned())
    }

    fn literal(&mut self, cx: &mut Call<'_>) -> Option<Value> {
        let rest = self.text.trim_start();
        if rest.starts_with('"') {
            let mut units = Vec::new();
            let mut chars = rest[1..].char_indices();
            while let Some((at, c)) = chars.next() {
                match c {
                    '"' => {
                        self.text = &rest[at + 2..];
                        return cx.heap.new_wide(&units).ok();
                    }
                    '\\' => match chars.next()?.1 {
                        'n' => units.push(10),
                        't' => units.push(9),
                        'r' => units.push(13),
                        'u' => {
                            let digits: String = (0..4).filter_map(|_| chars.next()).map(|(_, c)| c).collect();
                            units.push(u16::from_str_radix(&digits, 16).ok()?);
                        }
                        c => units.push(c as u16),
                    },
                    c => units.extend(c.encode_utf16(&mut [0; 2]).iter()),
                }
            }
            return None;
        }
        let len = rest.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(rest.len());
        if len > 0 {
            self.text = &rest[len..];
            return rest[..len].parse().ok().map(Value::Int32);
        }
        let name = self.name()?;
        Some(match name.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            ty => {
                let ty = member::type_of(ty);
                if !self.eat(".") {
                    return None;
                }
                let member = self.name()?;
                let found = ty.def()?.members().iter().find(|own| own.name == member)?;
                match found.row.code {
                    Code::EnumValue(value) => Value::Enum { ty, value },
                    _ => return None,
                }
            }
        })
    }

    fn arguments(&mut self, cx: &mut Call<'_>, close: &str) -> Option<Vec<Value>> {
        let mut arguments = Vec::new();
        while !self.eat(close) {
            if !arguments.is_empty() && !self.eat(",") {
                return None;
            }
            arguments.push(self.literal(cx)?);
        }
        Some(arguments)
    }

    fn generics(&mut self) -> Option<Vec<TypeId>> {
        if !self.eat("<") {
            return Some(Vec::new());
        }
        let close = self.text.find(">(")?;
        let text = &self.text[..close];
        self.text = &self.text[close + 1..];
        let ty = member::type_of(text);
        (!matches!(ty.get(), Type::Error)).then(|| vec![ty])
    }

    fn chain(&mut self, cx: &mut Call<'_>) -> Option<Result<Value, Fault>> {
        let name = self.name()?;
        let mut ty = member::type_of(&name);
        ty.def()?;
        let mut this: Option<Value> = None;
        loop {
            let conditional = self.text.trim_start().starts_with("?.") || self.text.trim_start().starts_with("?[");
            if conditional {
                self.eat("?");
            }
            let (form, name, generics, mut arguments) = if self.eat("[") {
                (Form::Indexer, "Item".to_owned(), Vec::new(), self.arguments(cx, "]")?)
            } else if self.eat(".") {
                let name = self.name()?;
                let generics = self.generics()?;
                if self.eat("(") {
                    (Form::Method, name, generics, self.arguments(cx, ")")?)
                } else {
                    (Form::Property, name, generics, Vec::new())
                }
            } else {
                return this.map(Ok);
            };
            if conditional && this.is_some_and(Value::is_null) {
                // The rest of the chain is not evaluated.
                self.text = "";
                return Some(Ok(Value::Null));
            }
            let (found, declaring) = resolve(cx, ty, this.is_none(), form, &name, &arguments, generics.len())?;
            if !found.row.is_static {
                arguments.insert(0, this?);
            } else if found.is_extension {
                arguments.insert(0, this?);
            }
            let (Code::Native(native) | Code::GetSet(native, _)) = found.row.code else { return None };
            let declaring_arguments = declaring.arguments();
            let returns = substitute(found.returns, declaring_arguments, &generics);
            let mut type_arguments = declaring_arguments.to_vec();
            type_arguments.extend(&generics);
            let mut inner = Call {
                heap: &mut *cx.heap,
                exchange: &mut *cx.exchange,
                host: &mut *cx.host,
                type_arguments: &type_arguments,
                returns,
                outs: Vec::new(),
            };
            if arguments.first().is_some_and(|this| this.is_null()) && !found.row.is_static {
                return Some(Err(Fault::null_reference()));
            }
            match native(&mut inner, &arguments) {
                Ok(value) => this = Some(value),
                Err(fault) => {
                    self.text = "";
                    return Some(Err(fault));
                }
            }
            ty = returns;
        }
    }
}

/// The member that a chain names, with the instantiated type that declares it.
fn resolve(
    cx: &Call<'_>,
    ty: TypeId,
    is_static: bool,
    form: Form,
    name: &str,
    arguments: &[Value],
    generics: usize,
) -> Option<(&'static Member, TypeId)> {
    let fits = |member: &Member, own: &[TypeId]| {
        member.row.form == form
            && member.name == name
            && member.type_parameters.len() == generics
            && member.parameters.len() == arguments.len()
            && member.parameters.iter().zip(arguments).all(|(parameter, &argument)| {
                argument.is_null() || inherit::is_instance(cx.heap, argument, substitute(parameter.ty, own, &[]))
            })
    };
    let mut open = vec![ty];
    while let Some(at) = open.pop() {
        if let Some(def) = at.def()
            && let Some(found) = def.members().iter().find(|m| m.row.is_static == is_static && fits(m, at.arguments()))
        {
            return Some((found, at));
        }
        let mut parents = inherit::parents(at);
        parents.reverse();
        open.extend(parents);
    }
    None
}
