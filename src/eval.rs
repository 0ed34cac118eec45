//! One expression or block alone: text in, canonical result out. What `portcullis eval` prints.

use crate::bytecode::builder::Builder;
use crate::dotnet::call::Call;
use crate::dotnet::canonical::{Canonical, canonical};
use crate::dotnet::context::from_json;
use crate::dotnet::fault::{Fault, Limit};
use crate::dotnet::heap::{Heap, Object};
use crate::dotnet::types;
use crate::dotnet::value::Value;
use crate::effect::Moment;
use crate::source::{Cooked, FileId};
use crate::typed::document::Programs;
use crate::typed::{self, Target};
use crate::vm::limits::Limits;
use portcullis_grammar::LanguageVersion;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// What an evaluation gave.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Value(Canonical),
    Exception {
        type_name: String,
        message: String,
    },
    /// The compiler's code and words.
    CompileError(String),
    /// The context could not be read.
    BadContext(String),
}

/// How to evaluate.
#[derive(Clone, Debug)]
pub struct Settings {
    pub typing: typed::Options,
    pub limits: Limits,
    pub now: Moment,
    pub seed: [u8; 32],
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            typing: typed::Options { allow_off_list: true, csharp_7_3: false },
            // One expression at a desk: far from what a request with its bodies may take.
            limits: Limits { memory: 14 << 20, ..Limits::DEFAULT },
            now: Moment(Moment::UNIX_EPOCH.0 + 17_159_382_151_234_567),
            seed: [7; 32],
        }
    }
}

/// Whether the text stands between `@(` and `)`, or between `@{` and `}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Expression,
    Block,
}

/// Evaluates C# against a context (JSON).
pub fn evaluate(form: Form, code: &str, context: &Json, settings: &Settings) -> Outcome {
    let unit = match bind(form, code, &settings.typing).and_then(|program| unit(&program, code)) {
        Ok(unit) => unit,
        Err(error) => return Outcome::CompileError(error),
    };
    let mut heap = Heap::new(settings.limits.memory);
    // The unit's constants come first: variables do not need them.
    let mut exchange = match from_json::read(context, &mut heap) {
        Ok(exchange) => exchange,
        Err(error) => return Outcome::BadContext(error.to_string()),
    };
    let (result, mut core) =
        crate::vm::evaluate(&unit, &mut heap, &mut exchange, settings.limits, settings.now, settings.seed);
    let shown = result.and_then(|value| {
        let mut cx = Call {
            heap: &mut heap,
            exchange: &mut exchange,
            host: &mut core,
            type_arguments: &[],
            returns: types::object(),
            outs: &mut Vec::new(),
        };
        canonical(&mut cx, value)
    });
    match shown {
        Ok(canonical) => Outcome::Value(canonical),
        Err(fault) => exception(fault, &heap),
    }
}

/// A program over one context, to be evaluated again and again: what benchmarks measure.
pub struct Prepared {
    repeated: crate::vm::Repeated,
    heap: Heap,
    exchange: crate::dotnet::context::Exchange,
    mark: crate::dotnet::heap::Mark,
}

impl Prepared {
    /// Compiles C# and reads its context (JSON); what is wrong in words otherwise.
    pub fn new(form: Form, code: &str, context: &Json, settings: &Settings) -> Result<Prepared, String> {
        let program = bind(form, code, &settings.typing)?;
        let unit = unit(&program, code)?;
        let mut heap = Heap::new(settings.limits.memory);
        let exchange = from_json::read(context, &mut heap).map_err(|error| error.to_string())?;
        let repeated = crate::vm::Repeated::new(&unit, &mut heap, settings.limits, settings.now, settings.seed);
        let mark = heap.mark();
        Ok(Prepared { repeated, heap, exchange, mark })
    }

    /// Evaluates once more. What it made is forgotten at the next turn, so it must not store in the context.
    pub fn run(&mut self) -> Result<Value, Fault> {
        self.heap.rewind(self.mark);
        self.repeated.run(&mut self.heap, &mut self.exchange)
    }
}

fn unit(program: &typed::ir::Program, code: &str) -> Result<Arc<crate::bytecode::unit::Unit>, String> {
    let cooked = Cooked::verbatim(code, FileId(0), 0);
    let programs = Programs::default();
    let mut builder = Builder::new(&programs, |_| None);
    builder.program(program, &cooked);
    if let Some(why) = builder.too_large() {
        return Err(format!("CS8078 {why}"));
    }
    let unit = Arc::new(builder.finish("expression"));
    let broken = crate::bytecode::verify::verify(&unit);
    assert!(broken.is_empty(), "the compiler broke a promise: {}", broken.join("; "));
    Ok(unit)
}

/// Parses and binds; the first error in words otherwise, by position.
pub fn bind(form: Form, code: &str, typing: &typed::Options) -> Result<typed::ir::Program, String> {
    let version = if typing.csharp_7_3 { LanguageVersion::CSharp7_3 } else { LanguageVersion::CSharp7 };
    let target = Target { ty: Some(types::object()) };
    let (syntax, lost, left_over, bound) = match form {
        Form::Expression => {
            let parsed = portcullis_grammar::parse_expression(code, version);
            let bound = parsed.tree.map(|tree| typed::bind_expression(&tree, target, typing));
            (parsed.errors, parsed.lost, parsed.left_over, bound)
        }
        Form::Block => {
            let parsed = portcullis_grammar::parse_block(code, version);
            let bound = parsed.tree.map(|tree| typed::bind_block(&tree, target, typing));
            (parsed.errors, parsed.lost, parsed.left_over, bound)
        }
    };
    let broken = !syntax.is_empty();
    let (program, errors) = bound.map(|bound| (bound.program, bound.errors)).unwrap_or_default();
    match program {
        Some(program) if !broken => Ok(program),
        _ => {
            let spoken = |code: Option<&str>, message: &str| format!("{} {message}", code.unwrap_or("CS0000"));
            // What is missing behind a name is shown at it: what is wrong with the name itself comes first.
            let syntax =
                syntax.iter().map(|e| ((e.span.start + 1, 1), spoken(e.csharp.or(Some("CS1525")), &e.message)));
            // What the whole does not do is said before its first statement.
            let begin = (code.len() - code.trim_start().len()) as u32;
            let whole = |e: &typed::TypeError| e.csharp == Some("CS0161") && e.span.start <= begin;
            let ends = lost.iter().any(|word| matches!(&**word, "return" | "throw"));
            let own = errors
                .iter()
                .filter(|e| !broken || whole(e) && !ends || !typed::document::may_follow(e, code, &lost, &left_over));
            let own = own.map(|e| ((if whole(e) { 0 } else { e.span.start + 1 }, 0), spoken(e.csharp, &e.message)));
            let first = syntax.chain(own).min_by_key(|(at, _)| *at);
            Err(first.map(|(_, words)| words).unwrap_or_default())
        }
    }
}

fn exception(fault: Fault, heap: &Heap) -> Outcome {
    let (type_name, message) = match fault {
        Fault::Throw(thrown) => (thrown.type_name.to_owned(), thrown.message),
        Fault::Rethrow(Value::Object(handle)) => match heap.get(handle) {
            Object::Exception(exception) => (exception.ty.dotnet_name(), exception.message.clone()),
            _ => ("System.Exception".into(), String::new()),
        },
        Fault::Rethrow(_) => ("System.Exception".into(), String::new()),
        Fault::Limit(limit @ Limit::Depth) => ("ProcessCrash".into(), limit.to_string()),
        Fault::Limit(limit) => ("Timeout".into(), limit.to_string()),
        Fault::Policy(error) => ("System.Exception".into(), error.message),
    };
    Outcome::Exception { type_name, message }
}

/// The result as a line of JSON, in the form of the reference's result lines.
pub fn result_line(id: Option<&Json>, outcome: &Outcome) -> String {
    let mut line = serde_json::Map::new();
    if let Some(id) = id {
        line.insert("id".into(), id.clone());
    }
    match outcome {
        Outcome::Value(value) => {
            line.insert("ok".into(), true.into());
            line.insert("type".into(), value.type_name.clone().into());
            line.insert("text".into(), value.text.clone().into());
            if let Some(json) = &value.json {
                line.insert("json".into(), json.clone());
            }
        }
        Outcome::Exception { type_name, message } => {
            line.insert("ok".into(), false.into());
            line.insert("exception".into(), type_name.clone().into());
            line.insert("message".into(), message.clone().into());
        }
        Outcome::CompileError(error) => {
            line.insert("compile_error".into(), error.clone().into());
        }
        Outcome::BadContext(error) => {
            line.insert("ok".into(), false.into());
            line.insert("exception".into(), json!("BadContext"));
            line.insert("message".into(), error.clone().into());
        }
    }
    let whole = ascii(&Json::Object(line).to_string());
    let Outcome::Value(Canonical { text, units: Some(units), .. }) = outcome else { return whole };
    // Halves of pairs, which no text of JSON's can hold, are escapes like all that is not ASCII.
    let lossy = ascii(&Json::String(text.clone()).to_string());
    whole.replace(&format!(":{lossy}"), &format!(":{}", escaped(units)))
}

/// A JSON string in ASCII of UTF-16 units.
fn escaped(units: &[u16]) -> String {
    let mut out = String::from("\"");
    for c in char::decode_utf16(units.iter().copied()) {
        match c {
            Ok(c) => {
                let text = Json::String(c.to_string()).to_string();
                out.push_str(&ascii(&text[1..text.len() - 1]));
            }
            Err(half) => out.push_str(&format!("\\u{:04x}", half.unpaired_surrogate())),
        }
    }
    out.push('"');
    out
}

/// JSON text in ASCII: other characters are escaped by number.
fn ascii(text: &str) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}
