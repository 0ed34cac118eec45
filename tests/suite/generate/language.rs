//! C#'s own operators and statements.

use super::{Generator, Text, texts, type_name};
use portcullis::dotnet::member::type_of;
use portcullis::dotnet::types::{self, TypeId};
use std::fmt::Write;

const NUMBERS: &[&str] =
    &["int", "long", "double", "decimal", "byte", "uint", "short", "ulong", "float", "sbyte", "ushort", "char"];

impl Generator {
    /// An expression of this type by an operator.
    pub(super) fn operators(&mut self, ty: TypeId, depth: i32) -> Text {
        if ty == types::boolean() {
            return self.condition(depth);
        }
        if ty == types::string() {
            return self.string(depth);
        }
        if NUMBERS.iter().any(|name| type_of(name) == ty) && self.random.chance(75) {
            return self.arithmetic(ty, depth);
        }
        match self.random.below(6) {
            0..3 => {
                let condition = self.expression(types::boolean(), depth - 1);
                let (yes, no) = (self.expression(ty, depth - 1), self.expression(ty, depth - 1));
                Text::other(format!("{} ? ({})({}) : {}", condition.receiver(), type_name(ty), yes.code, no.receiver()))
            }
            3 => {
                let inner = self.expression(ty, depth - 1);
                Text::other(format!("({})(object){}", type_name(ty), inner.receiver()))
            }
            4 if ty.def().is_some_and(|def| !def.is_value_type()) => {
                let (left, right) = (self.expression(ty, depth - 1), self.expression(ty, depth - 1));
                Text::other(format!("{} ?? {}", left.receiver(), right.receiver()))
            }
            _ => self.expression(ty, depth - 1),
        }
    }

    fn number_type(&mut self) -> TypeId {
        type_of(self.random.pick(NUMBERS))
    }

    fn arithmetic(&mut self, ty: TypeId, depth: i32) -> Text {
        let name = type_name(ty);
        match self.random.below(10) {
            0..6 => {
                let other = if self.random.chance(50) { ty } else { self.number_type() };
                let (left, right) = (self.expression(ty, depth - 1), self.expression(other, depth - 1));
                let sign = self.random.pick(&["+", "-", "*", "/", "%", "+", "-", "*", "&", "|", "^", "<<", ">>"]);
                let context = self.random.pick(&["unchecked", "unchecked", "checked", ""]);
                Text::other(format!("({name}){context}({} {sign} {})", left.receiver(), right.receiver()))
            }
            6 => {
                let operand = self.expression(ty, depth - 1);
                let sign = self.random.pick(&["-", "~", "+"]);
                Text::other(format!("({name})({sign}{})", operand.receiver()))
            }
            7 | 8 => {
                let from = self.number_type();
                let operand = self.expression(from, depth - 1);
                let context = self.random.pick(&["unchecked", "checked"]);
                Text::primary(format!("{context}(({name}){})", operand.receiver()))
            }
            _ => {
                let left = self.expression(TypeId::nullable(ty), depth - 1);
                let right = self.expression(ty, depth - 1);
                Text::other(format!("{} ?? {}", left.receiver(), right.receiver()))
            }
        }
    }

    fn condition(&mut self, depth: i32) -> Text {
        match self.random.below(10) {
            0..4 => {
                let ty = self.number_type();
                let other = if self.random.chance(70) { ty } else { self.number_type() };
                let (left, right) = (self.expression(ty, depth - 1), self.expression(other, depth - 1));
                let sign = self.random.pick(&["<", ">", "<=", ">=", "==", "!="]);
                Text::other(format!("{} {sign} {}", left.receiver(), right.receiver()))
            }
            4 => {
                let (left, right) =
                    (self.expression(types::string(), depth - 1), self.expression(types::string(), depth - 1));
                Text::other(format!("{} {} {}", left.receiver(), self.random.pick(&["==", "!="]), right.receiver()))
            }
            5 | 6 => {
                let (left, right) =
                    (self.expression(types::boolean(), depth - 1), self.expression(types::boolean(), depth - 1));
                Text::other(format!(
                    "{} {} {}",
                    left.receiver(),
                    self.random.pick(&["&&", "||", "&", "|", "^", "=="]),
                    right.receiver()
                ))
            }
            7 => {
                let operand = self.expression(types::boolean(), depth - 1);
                Text::other(format!("!{}", operand.receiver()))
            }
            8 => {
                let ty = self.value_type();
                let operand = self.expression(types::object(), depth - 1);
                Text::other(format!("(object){} is {}", operand.receiver(), type_name(types_plain(ty))))
            }
            _ => {
                let ty = TypeId::nullable(self.number_type());
                let (left, right) = (self.expression(ty, depth - 1), self.expression(ty, depth - 1));
                Text::other(format!(
                    "{} {} {}",
                    left.receiver(),
                    self.random.pick(&["<", ">", "<=", ">=", "==", "!="]),
                    right.receiver()
                ))
            }
        }
    }

    fn string(&mut self, depth: i32) -> Text {
        match self.random.below(8) {
            0..2 => {
                let (left, ty) = (self.expression(types::string(), depth - 1), self.value_type());
                let right = self.expression(ty, depth - 1);
                Text::other(format!("{} + {}", left.receiver(), right.receiver()))
            }
            2..5 => self.interpolation(depth),
            _ => {
                let ty = type_of(self.random.pick(&[
                    "int",
                    "long",
                    "double",
                    "decimal",
                    "float",
                    "DateTime",
                    "DateTimeOffset",
                    "TimeSpan",
                    "byte",
                    "double",
                    "decimal",
                ]));
                let receiver = self.expression(ty, depth - 1).receiver();
                let format = self.format(ty);
                let culture = if self.random.chance(30) { ", CultureInfo.InvariantCulture" } else { "" };
                Text::primary(format!("{receiver}.ToString({}{culture})", texts::literal(&format)))
            }
        }
    }

    fn format(&mut self, ty: TypeId) -> String {
        match &*type_name(ty) {
            "DateTime" | "DateTimeOffset" => texts::date_format(&mut self.random),
            "TimeSpan" => texts::span_format(&mut self.random),
            _ => texts::number_format(&mut self.random),
        }
    }

    fn interpolation(&mut self, depth: i32) -> Text {
        let mut out = String::from("$\"");
        for _ in 0..1 + self.random.below(3) {
            out.push_str(self.random.pick(&["", "a", " - ", "{{", "}}", "\\n", "x:"]));
            let ty = if self.random.chance(60) {
                type_of(self.random.pick(&["int", "double", "decimal", "DateTime", "TimeSpan"]))
            } else {
                self.value_type()
            };
            let value = self.expression(ty, depth - 1).code;
            let _ = write!(out, "{{({value})");
            if self.random.chance(25) {
                let _ = write!(out, ",{}", self.random.pick(&["5", "-8", "0", "12"]));
            }
            if self.random.chance(40) {
                let format = self.format(ty);
                if !format.is_empty() && !format.contains(['{', '}', '"', '\\']) {
                    let _ = write!(out, ":{format}");
                }
            }
            out.push('}');
        }
        out.push('"');
        Text::primary(out)
    }

    // ---- statements ----------------------------------------------------------------------------------------------------

    /// Statements that end by returning what their variables became.
    pub(super) fn block(&mut self, depth: i32) -> String {
        let mut out = String::new();
        for _ in 0..1 + self.random.below(3) {
            self.declare(&mut out, depth);
        }
        for _ in 0..1 + self.random.below(4) {
            self.statement(&mut out, depth, 2);
        }
        let names: Vec<String> = self.locals.iter().map(|(name, _)| name.clone()).collect();
        let _ = write!(out, "return new object[] {{ {} }};", names.join(", "));
        out
    }

    fn declare(&mut self, out: &mut String, depth: i32) {
        let ty = self.value_type();
        let value = self.expression(ty, depth).code;
        let name = self.name("v");
        let _ = write!(out, "{} {name} = {value}; ", type_name(ty));
        self.locals.push((name, ty));
    }

    fn nested(&mut self, depth: i32, left: u32) -> String {
        let before = self.locals.len();
        let mut out = String::from("{ ");
        for _ in 0..1 + self.random.below(2) {
            self.statement(&mut out, depth, left);
        }
        out.push_str("} ");
        self.locals.truncate(before);
        out
    }

    fn statement(&mut self, out: &mut String, depth: i32, left: u32) {
        let kind = if left == 0 { self.random.below(5) } else { self.random.below(16) };
        match kind {
            0 => self.declare(out, depth),
            1..4 => self.assign(out, depth),
            4 => {
                let Some(name) = self.local_of(&["StringBuilder"]) else { return self.assign(out, depth) };
                let ty = self.value_type();
                let value = self.expression(ty, depth - 1).code;
                let _ = write!(out, "{name}.Append({value}); ");
            }
            5 | 6 => {
                let condition = self.expression(types::boolean(), depth).code;
                let (yes, no) = (self.nested(depth, left - 1), self.nested(depth, left - 1));
                let _ = write!(out, "if ({condition}) {yes}else {no}");
            }
            7 => {
                let name = self.name("i");
                let end = self.random.below(5);
                let before = self.locals.len();
                let body = self.nested(depth, left - 1);
                self.locals.truncate(before);
                let _ = write!(out, "for (int {name} = 0; {name} < {end}; {name}++) {body}");
            }
            8 | 9 => {
                let element = type_of(self.random.pick(&["int", "string"]));
                let list = TypeId::generic("System.Collections.Generic.IEnumerable", &[element]);
                let source = self.expression(list, depth).code;
                let name = self.name("e");
                // Only what reads the variable knows it.
                self.locals.push((name.clone(), element));
                let read = self.assignment_reading(&name, element, depth);
                self.locals.pop();
                let _ = write!(out, "foreach (var {name} in {source}) {{ {read}}} ");
            }
            10 | 11 => {
                let body = self.nested(depth, left - 1);
                let caught = self.random.pick(&[
                    "Exception",
                    "FormatException",
                    "ArgumentException",
                    "OverflowException",
                    "InvalidOperationException",
                ]);
                let name = self.name("ex");
                let handler = self.nested(depth, 0);
                let last =
                    if self.random.chance(40) { format!("finally {}", self.nested(depth, 0)) } else { String::new() };
                let filter = if self.random.chance(20) {
                    format!(" when ({name}.Message.Length > {})", self.random.below(60))
                } else {
                    String::new()
                };
                let _ = write!(out, "try {body}catch ({caught} {name}){filter} {handler}{last}");
            }
            12 => {
                let subject = self.expression(types::int32(), depth).code;
                let (first, second) = (self.random.below(3), 3 + self.random.below(3));
                let bodies = [self.nested(depth, 0), self.nested(depth, 0), self.nested(depth, 0)];
                let _ = write!(
                    out,
                    "switch ({subject}) {{ case {first}: {}break; case {second}: case int n{} when n{} > 50: {}break; default: {}break; }} ",
                    bodies[0], self.names, self.names, bodies[1], bodies[2]
                );
                self.names += 1;
            }
            13 => {
                let ty = type_of(self.random.pick(&["int", "string", "double"]));
                let (function, parameter) = (self.name("f"), self.name("p"));
                self.locals.push((parameter.clone(), ty));
                let body = self.expression(ty, depth).code;
                self.locals.pop();
                let argument = self.expression(ty, depth - 1).code;
                let (written, result) = (type_name(ty), self.name("v"));
                if self.random.chance(50) {
                    let _ = write!(out, "{written} {function}({written} {parameter}) {{ return {body}; }} ");
                } else {
                    let _ = write!(out, "Func<{written}, {written}> {function} = {parameter} => {body}; ");
                }
                let _ = write!(out, "var {result} = {function}({argument}); ");
                self.locals.push((result, ty));
            }
            14 => {
                let element = type_of(self.random.pick(&["int", "string"]));
                let list = TypeId::generic("System.Collections.Generic.IEnumerable", &[element]);
                let source = self.expression(list, depth).receiver();
                let (range, result) = (self.name("q"), self.name("v"));
                self.locals.push((range.clone(), element));
                let filter = self.expression(types::boolean(), depth - 1).code;
                let key = self.expression(types::string(), depth - 1).code;
                let selected = self.expression(types::int32(), depth - 1).code;
                self.locals.pop();
                let middle = match self.random.below(4) {
                    0 => format!("where {filter} "),
                    1 => format!("orderby {key} descending "),
                    2 => format!("let k = {key} where k != null orderby k.Length, {range} "),
                    _ => String::new(),
                };
                let _ = write!(out, "var {result} = (from {range} in {source} {middle}select {selected}).ToList(); ");
                self.locals.push((result, type_of("List<int>")));
            }
            _ => {
                let Some(name) = self.local_of(&["List<int>", "List<string>", "HashSet<int>"]) else {
                    return self.assign(out, depth);
                };
                let ty = self
                    .locals
                    .iter()
                    .find(|(own, _)| *own == name)
                    .map_or(types::int32(), |(_, ty)| ty.arguments()[0]);
                let value = self.expression(ty, depth - 1).code;
                let _ = write!(out, "{name}.Add({value}); ");
            }
        }
    }

    fn local_of(&mut self, names: &[&str]) -> Option<String> {
        let fitting: Vec<String> = self
            .locals
            .iter()
            .filter(|(_, ty)| names.iter().any(|name| type_of(name) == *ty))
            .map(|(name, _)| name.clone())
            .collect();
        (!fitting.is_empty()).then(|| fitting[self.random.below(fitting.len())].clone())
    }

    /// An assignment to a variable of the block; parameters and elements are left alone.
    fn assign(&mut self, out: &mut String, depth: i32) {
        let own: Vec<usize> = (0..self.locals.len()).filter(|&at| self.locals[at].0.starts_with('v')).collect();
        if own.is_empty() {
            return self.declare(out, depth);
        }
        let (name, ty) = self.locals[own[self.random.below(own.len())]].clone();
        let number =
            ["int", "long", "double", "decimal", "byte", "short", "uint"].iter().any(|name| type_of(name) == ty);
        if number && self.random.chance(50) {
            let sign = self.random.pick(&["+=", "-=", "*=", "/=", "%="]);
            let value = self.expression(ty, depth - 1).code;
            let _ = write!(out, "{name} {sign} {value}; ");
        } else if number && self.random.chance(30) {
            let _ = write!(out, "{name}{}; ", self.random.pick(&["++", "--"]));
        } else if ty == types::string() && self.random.chance(40) {
            let of = self.value_type();
            let value = self.expression(of, depth - 1).code;
            let _ = write!(out, "{name} += {value}; ");
        } else {
            let value = self.expression(ty, depth).code;
            let _ = write!(out, "{name} = {value}; ");
        }
    }

    fn assignment_reading(&mut self, name: &str, ty: TypeId, depth: i32) -> String {
        let fitting: Vec<String> = self
            .locals
            .iter()
            .filter(|(own, of)| own.starts_with('v') && *of == ty)
            .map(|(own, _)| own.clone())
            .collect();
        if fitting.is_empty() {
            let mut out = String::new();
            self.assign(&mut out, depth);
            return out;
        }
        let own = &fitting[self.random.below(fitting.len())];
        format!("{own} += {name}; ")
    }
}

/// `is` takes no nullable type.
fn types_plain(ty: TypeId) -> TypeId {
    match ty.get() {
        types::Type::Nullable(of) => *of,
        _ => ty,
    }
}
