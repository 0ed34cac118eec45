//! The typing pass over a document: every expression is parsed, bound to the type that its place asks, and what is wrong is
//! reported where the user wrote it.

use super::ir::Program;
use super::{ErrorKind, Options, Target, TypeError};
use crate::diagnostics::{Code as FindingCode, Diagnostics, Finding, Severity, codes};
use crate::document::spec::{Expected, Kind};
use crate::document::{Block, Child, Code, CodeKind, Document, Element, Value};
use crate::dotnet::types;
use crate::source::Span;
use portcullis_grammar::{LanguageVersion, parse_block, parse_expression};
use std::collections::HashMap;

/// The programs of a document's expressions, by the place of their code.
#[derive(Debug, Default)]
pub struct Programs {
    map: HashMap<Span, Program>,
}

impl Programs {
    pub fn insert(&mut self, code: Span, program: Program) {
        self.map.insert(code, program);
    }

    pub fn get(&self, code: Span) -> Option<&Program> {
        self.map.get(&code)
    }
}

/// Binds every expression of a document.
pub fn bind(document: &Document, options: &Options, found: &mut Diagnostics) -> Programs {
    let mut pass = Pass { options, found, programs: Programs::default() };
    for (_, block) in document.blocks() {
        pass.block(block);
    }
    pass.programs
}

struct Pass<'o> {
    options: &'o Options,
    found: &'o mut Diagnostics,
    programs: Programs,
}

impl Pass<'_> {
    fn block(&mut self, block: &Block) {
        for statement in &block.statements {
            self.element(&statement.element);
        }
    }

    fn element(&mut self, element: &Element) {
        for attribute in &element.attributes {
            self.value(&attribute.value, attribute.spec.map_or(Kind::Text, |spec| spec.kind));
        }
        if let Some(text) = &element.text {
            self.value(text, element.shape.text.map_or(Kind::Text, |spec| spec.kind));
        }
        for child in &element.children {
            match child {
                Child::Element(element) => self.element(element),
                Child::Statement(statement) => self.element(&statement.element),
            }
        }
    }

    fn value(&mut self, value: &Value, kind: Kind) {
        if let Value::Expression(code) = value {
            self.code(code, kind.expected());
        }
    }

    fn code(&mut self, code: &Code, expected: Expected) {
        let version = if self.options.csharp_7_3 { LanguageVersion::CSharp7_3 } else { LanguageVersion::CSharp7 };
        let text = code.text.text();
        let (errors, lost, left_over, bound) = match code.kind {
            CodeKind::Expression => {
                let parsed = parse_expression(text, version);
                let bound = parsed
                    .tree
                    .map(|tree| self.bind_as(expected, |target, o| super::bind_expression(&tree, target, o)));
                (parsed.errors, parsed.lost, parsed.left_over, bound)
            }
            CodeKind::Block => {
                let parsed = parse_block(text, version);
                let bound =
                    parsed.tree.map(|tree| self.bind_as(expected, |target, o| super::bind_block(&tree, target, o)));
                (parsed.errors, parsed.lost, parsed.left_over, bound)
            }
        };
        let broken = !errors.is_empty();
        for error in errors {
            let span = code.text.source_span(error.span.start, error.span.end);
            let kind = match error.csharp {
                Some("CS8107" | "CS8302" | "CS8320") => codes::CSHARP_VERSION,
                None => codes::CSHARP_NOT_SUPPORTED,
                Some(_) => codes::CSHARP_SYNTAX,
            };
            self.report(kind, span, error.csharp, error.message, error.help);
        }
        let Some(bound) = bound else { return };
        if let Some(result) = bound.result.filter(|own| expected == Expected::Variable && !may_be_kept(*own)) {
            let message = format!("`set-variable` takes no value of the type `{}`", result.csharp_name());
            let help = "the platform lists texts, numbers, booleans, times, GUIDs, byte arrays and JSON nodes";
            let finding = Finding::new(codes::POLICY_BAD_VALUE, code.span, message).severity(Severity::Warning);
            self.found.push(finding.help(help));
        }
        let own = bound.errors.into_iter().filter(|error| !broken || !may_follow(error, text, &lost, &left_over));
        for error in own {
            let span = code.text.source_span(error.span.start, error.span.end);
            // A message that quotes a secret would give it away.
            let message =
                if code.text.holds_secret() { hide_secrets(code, &error.message) } else { error.message.clone() };
            self.report(code_of(&error), span, error.csharp, message, error.help);
        }
        for unbuilt in bound.unbuilt {
            let span = code.text.source_span(unbuilt.span.start, unbuilt.span.end);
            let why = unbuilt.reason.map(|reason| format!(": {reason}")).unwrap_or_default();
            let message = format!("`{}` is not supported here yet{why}", unbuilt.member);
            self.report(codes::DOTNET_NOT_BUILT, span, None, message, None);
        }
        if let Some(program) = bound.program.filter(|_| !broken) {
            self.programs.insert(code.span, program);
        }
    }

    /// Binds to the type that the place asks. Numbers and times may also come as text or objects, which the run step reads.
    fn bind_as(&self, expected: Expected, bind: impl Fn(Target, &Options) -> super::Bound) -> super::Bound {
        let ty = match expected {
            Expected::Text | Expected::Object | Expected::Variable => {
                return bind(Target { ty: None }, self.options);
            }
            Expected::Boolean => return bind(Target { ty: Some(types::boolean()) }, self.options),
            Expected::Int32 => types::int32(),
            Expected::Int64 => types::int64(),
            Expected::Double => types::double(),
            Expected::DateTime => types::date_time(),
        };
        let strict = bind(Target { ty: Some(ty) }, self.options);
        if strict.program.is_some() {
            return strict;
        }
        let lenient = bind(Target { ty: None }, self.options);
        if lenient.program.is_some() && lenient.result.is_some_and(may_be_read) { lenient } else { strict }
    }

    fn report(&mut self, code: FindingCode, span: Span, csharp: Option<&str>, message: String, help: Option<String>) {
        let mut finding = Finding::new(code, span, message);
        if let Some(csharp) = csharp {
            finding = finding.csharp(csharp);
        }
        if let Some(help) = help {
            finding = finding.help(help);
        }
        self.found.push(finding);
    }
}

/// Whether an error may well come from statements that could not be read: a name that they declared, a value that they gave; or
/// from a mistake before it in its own statement.
pub fn may_follow(error: &TypeError, text: &str, lost: &[Box<str>], left_over: &[portcullis_grammar::Span]) -> bool {
    if left_over.iter().any(|left| left.start <= error.span.start && error.span.start < left.end) {
        return true;
    }
    let marked = text.get(error.span.start as usize..error.span.end as usize).unwrap_or_default();
    let name = marked.split(['<', '(', '.']).next().unwrap_or_default();
    error.kind == ErrorKind::Flow && error.csharp != Some("CS0126")
        || error.kind == ErrorKind::Name && lost.iter().any(|lost| **lost == *name)
        // What a lambda returns is not known.
        || matches!(error.csharp, Some("CS0411" | "CS1643" | "CS1662" | "CS0407"))
}

/// Types that variables may have, by the page of `set-variable`; those that nobody knows yet are given the chance.
fn may_be_kept(ty: types::TypeId) -> bool {
    let ty = match ty.get() {
        types::Type::Nullable(of) => *of,
        types::Type::Null | types::Type::Error => return true,
        _ => ty,
    };
    const KEPT: &[&str] = &[
        "System.Boolean",
        "System.SByte[]",
        "System.Byte[]",
        "System.Guid",
        "System.String",
        "System.Char",
        "System.DateTime",
        "System.TimeSpan",
        "System.Object",
    ];
    let name = ty.dotnet_name();
    super::is_number(ty) || KEPT.contains(&name.as_str()) || name.starts_with("Newtonsoft.Json.Linq.J")
}

/// Types whose values may turn out to be numbers when they are read as text.
fn may_be_read(ty: types::TypeId) -> bool {
    let name = ty.dotnet_name();
    super::is_number(ty)
        || ["System.String", "System.Object"].contains(&name.as_str())
        || name.starts_with("Newtonsoft.Json.Linq.")
}

fn hide_secrets(code: &Code, message: &str) -> String {
    let mut hidden = message.to_owned();
    let text = code.text.text();
    let mut start = 0;
    // Stretches that a secret named value put in are replaced wherever the message shows them.
    while start < text.len() {
        let Some(len) = text[start..].chars().next().map(char::len_utf8) else { break };
        if code.text.is_secret(start as u32, (start + len) as u32) {
            let end = (start..text.len())
                .find(|&e| text.is_char_boundary(e) && e > start && !code.text.is_secret(start as u32, e as u32));
            let end = end.map_or(text.len(), |e| e - 1).max(start + len);
            if text.is_char_boundary(end) {
                hidden = hidden.replace(&text[start..end], "***");
            }
            start = end;
        } else {
            start += len;
        }
    }
    hidden
}

fn code_of(error: &TypeError) -> FindingCode {
    match (error.kind, error.csharp) {
        (ErrorKind::Name, Some("CS1061" | "CS0117")) => codes::CSHARP_UNKNOWN_MEMBER,
        (ErrorKind::Name, _) => codes::CSHARP_UNKNOWN_NAME,
        (ErrorKind::Type, Some("CS0220" | "CS0463" | "CS0020" | "CS0031" | "CS0221" | "CS0594")) => {
            codes::CSHARP_CONSTANT
        }
        (ErrorKind::Type, _) => codes::CSHARP_TYPE,
        (ErrorKind::Call, _) => codes::CSHARP_CALL,
        (ErrorKind::Flow, _) => codes::CSHARP_FLOW,
        (ErrorKind::Unsupported, Some("CS8107")) => codes::CSHARP_VERSION,
        (ErrorKind::Unsupported, _) => codes::CSHARP_NOT_SUPPORTED,
        (ErrorKind::NotAllowed, _) => codes::DOTNET_NOT_ALLOWED,
    }
}
