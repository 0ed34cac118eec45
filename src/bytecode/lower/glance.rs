//! Which expressions only look, and the trees that they become: see [`crate::bytecode::glance`].

use super::super::glance::{Glance, Made, Number, Test, Text, What};
use super::super::op::{CompareAs, Comparison, NOWHERE, Number as Kind, Op, Reg};
use super::call::{part_of, prepared};
use super::{Lowering, int_constant, strip};
use crate::bytecode::builder::Label;
use crate::dotnet::context::LookUp;
use crate::dotnet::member::{Brief, Member};
use crate::dotnet::types;
use crate::typed::ir::{Argument, Const, Expr, ExprKind, Piece};

/// A tree has at most so many nodes, one inside the other, and in all: an expression is tried at each of its levels.
const DEEPEST: u32 = 10;
const MOST: u32 = 40;
/// What is written costs no fuel by its length.
const LONGEST: usize = 1_024;

impl Lowering<'_, '_, '_> {
    /// Writes an expression that only looks, with the ordinary instructions behind it; whether it is one.
    pub(super) fn glance(&mut self, value: &Expr, to: Reg) -> bool {
        if self.in_glance || to == NOWHERE {
            return false;
        }
        let Some(glance) = glance(value) else { return false };
        let done = self.out.label();
        let at = self.out.glance(glance);
        self.at(value.span);
        self.out.emit_jump(Op::Glance { at, to, done: 0 }, done);
        self.in_glance = true;
        self.expr_into(value, to);
        self.in_glance = false;
        self.out.place(done);
        true
    }

    /// A jump when a test that only looks says so; whether it is one.
    pub(super) fn branch_at_glance(&mut self, test: &Expr, when: bool, to: Label) -> bool {
        let mark = self.out.draft().next;
        let a = self.out.register();
        let written = self.glance(test, a);
        if written {
            let op = if when { Op::JumpIf { a, to: 0 } } else { Op::JumpUnless { a, to: 0 } };
            self.out.emit_jump(op, to);
        }
        self.out.draft().next = mark;
        written
    }
}

/// The tree of an expression, where it saves more than a look-up does that stands alone.
fn glance(value: &Expr) -> Option<Glance> {
    let mut trees = Trees { depth: 0, nodes: 0 };
    let what = match &value.kind {
        ExprKind::Concat(_) | ExprKind::Interpolate(_) => What::Text(trees.made(value)?),
        ExprKind::Compare { .. }
        | ExprKind::Not(_)
        | ExprKind::AndAlso(..)
        | ExprKind::OrElse(..)
        | ExprKind::IsNull(_) => What::Test(trees.test(value)?),
        ExprKind::Call { .. } if value.ty == types::boolean() => match trees.test(value)? {
            Test::Look(..) => return None,
            test => What::Test(test),
        },
        ExprKind::Call { .. } if value.ty == types::int32() => match trees.number(value)? {
            Number::Look(..) => return None,
            number => What::Number(number),
        },
        ExprKind::Call { .. } if value.ty == types::string() => match trees.text(value)? {
            Text::Made(made) if is_new(&made) => What::Text(*made),
            _ => return None,
        },
        ExprKind::Cast(inner) if value.ty == types::string() => What::Kept(variable(inner)?),
        ExprKind::Cast(_) if value.ty == types::boolean() => What::Test(trees.test(value)?),
        ExprKind::Cast(_) if value.ty == types::int32() => What::Number(trees.number(value)?),
        _ => return None,
    };
    Some(Glance { what, cost: trees.nodes.max(1) })
}

/// Whether a text is another string than all that are there: members give a string back that they need not change.
fn is_new(made: &Made) -> bool {
    match made {
        Made::Join(_) | Made::Decimal(_) => true,
        Made::Change(_, Text::Made(of)) | Made::Part(_, Text::Made(of)) => is_new(of),
        Made::Change(..) | Made::Part(..) => false,
    }
}

struct Trees {
    depth: u32,
    nodes: u32,
}

impl Trees {
    /// A node, of which `make` makes the tree.
    fn node<T>(&mut self, make: impl FnOnce(&mut Trees) -> Option<T>) -> Option<T> {
        if self.depth == DEEPEST || self.nodes == MOST {
            return None;
        }
        self.depth += 1;
        self.nodes += 1;
        let made = make(self);
        self.depth -= 1;
        made
    }

    fn test(&mut self, value: &Expr) -> Option<Test> {
        self.node(|trees| match &strip(value).kind {
            ExprKind::Const(Const::Bool(value)) => Some(Test::Constant(*value)),
            ExprKind::Not(inner) => Some(Test::Not(trees.test(inner)?.into())),
            ExprKind::AndAlso(a, b) => Some(Test::Both((trees.test(a)?, trees.test(b)?).into())),
            ExprKind::OrElse(a, b) => Some(Test::Either((trees.test(a)?, trees.test(b)?).into())),
            ExprKind::IsNull(inner) => trees.is_null(inner),
            ExprKind::Compare { op, by: CompareAs::String, left, right } => {
                let is_it = match (constant(left), constant(right)) {
                    (_, Some(wanted)) => Test::Is(trees.text(left)?, wanted),
                    (Some(wanted), _) => Test::Is(trees.text(right)?, wanted),
                    _ if is_null(right) => trees.is_null(left)?,
                    _ => return None,
                };
                Some(if *op == Comparison::Equal { is_it } else { Test::Not(is_it.into()) })
            }
            ExprKind::Compare { op, by: CompareAs::Number(Kind::Int32), left, right } => {
                match (int_constant(left), int_constant(right)) {
                    (_, Some(other)) => Some(Test::Compare(*op, trees.number(left)?, other)),
                    (Some(other), _) => Some(Test::Compare(turned(*op), trees.number(right)?, other)),
                    _ => None,
                }
            }
            ExprKind::Call { member, type_arguments, arguments, .. } => match (member.row.brief, &arguments[..]) {
                (Some(Brief::Test(code)), [Argument::Value(text), Argument::Value(other)]) => {
                    Some(Test::Holds(code, trees.text(text)?, constant(other)?))
                }
                (Some(Brief::Void(code)), [Argument::Value(text)]) => Some(Test::IsVoid(code, trees.text(text)?)),
                (None, _) => match presence(member, arguments) {
                    Some(look_up) => Some(Test::Has(look_up)),
                    None => {
                        let (look_up, default) = prepared(member, type_arguments, arguments)?;
                        let default = match default.map(|default| &strip(default).kind) {
                            None => None,
                            Some(ExprKind::Const(Const::Bool(default))) => Some(*default),
                            Some(_) => return None,
                        };
                        Some(Test::Look(look_up, default))
                    }
                },
                _ => None,
            },
            ExprKind::Cast(inner) => Some(Test::Look(variable(inner)?, None)),
            _ => None,
        })
        .filter(|_| value.ty == types::boolean())
    }

    fn is_null(&mut self, value: &Expr) -> Option<Test> {
        match self.text(value)? {
            Text::Made(_) => None,
            text => Some(Test::IsNull(text)),
        }
    }

    fn number(&mut self, value: &Expr) -> Option<Number> {
        if value.ty != types::int32() {
            return None;
        }
        self.node(|trees| match &strip(value).kind {
            ExprKind::Call { member, type_arguments, arguments, .. } => match (member.row.brief, &arguments[..]) {
                (Some(Brief::Integer(code)), [Argument::Value(text)]) => Some(Number::Of(code, trees.text(text)?)),
                (None, _) => {
                    let (look_up, default) = prepared(member, type_arguments, arguments)?;
                    let default = match default {
                        None => None,
                        Some(default) => Some(int_constant(default)?),
                    };
                    Some(Number::Look(look_up, default))
                }
                _ => None,
            },
            ExprKind::Cast(inner) => Some(Number::Look(variable(inner)?, None)),
            _ => None,
        })
    }

    fn text(&mut self, value: &Expr) -> Option<Text> {
        if let Some(text) = constant(value) {
            return Some(Text::Constant(text));
        }
        if is_null(value) {
            return Some(Text::Null);
        }
        if value.ty != types::string() {
            return None;
        }
        self.node(|trees| {
            let value = strip(value);
            match &value.kind {
                ExprKind::Call { member, type_arguments, arguments, .. } => match (member.row.brief, &arguments[..]) {
                    (Some(Brief::Part(code)), [Argument::Value(of)]) => Some(match trees.text(of)? {
                        Text::Made(of) => Text::Made(Made::Part(code, Text::Made(of)).into()),
                        of => Text::Part(code, of.into()),
                    }),
                    (None, _) if !is_text_of_int(member) => {
                        let (look_up, default) = prepared(member, type_arguments, arguments)?;
                        let default = match default {
                            Some(default) if is_null(default) => None,
                            Some(default) => Some(constant(default)?),
                            None => None,
                        };
                        Some(Text::Look(look_up, default))
                    }
                    _ => Some(Text::Made(trees.made(value)?.into())),
                },
                ExprKind::Cast(inner) => Some(Text::Look(variable(inner)?, None)),
                ExprKind::Coalesce { left, right } => match (trees.text(left)?, trees.text(right)?) {
                    (Text::Made(_), _) | (_, Text::Made(_)) => None,
                    both => Some(Text::Else(both.into())),
                },
                ExprKind::Concat(_) | ExprKind::Interpolate(_) => Some(Text::Made(trees.made(value)?.into())),
                _ => None,
            }
        })
    }

    fn made(&mut self, value: &Expr) -> Option<Made> {
        self.node(|trees| match &value.kind {
            ExprKind::Concat(parts) => {
                let parts: Option<Vec<Text>> = parts.iter().map(|part| trees.text(part)).collect();
                Some(Made::Join(parts?.into()))
            }
            ExprKind::Interpolate(pieces) => {
                let parts: Option<Vec<Text>> = pieces
                    .iter()
                    .map(|piece| match piece {
                        Piece::Text(units) => ascii(units).map(Text::Constant),
                        Piece::Hole { value, alignment: 0, format: None } => {
                            let value = strip(value);
                            match value.ty == types::int32() {
                                true => Some(Text::Made(Made::Decimal(trees.number(value)?).into())),
                                false => trees.text(value),
                            }
                        }
                        Piece::Hole { .. } => None,
                    })
                    .collect();
                Some(Made::Join(parts?.into()))
            }
            ExprKind::Call { member, arguments, .. } => match (member.row.brief, &arguments[..]) {
                (Some(Brief::Change(code)), [Argument::Value(of)]) => Some(Made::Change(code, trees.text(of)?)),
                (None, [Argument::Value(of)]) if is_text_of_int(member) => Some(Made::Decimal(trees.number(of)?)),
                _ => None,
            },
            _ => None,
        })
    }
}

/// `ToString()` of an `int`.
fn is_text_of_int(member: &Member) -> bool {
    member.name == "ToString" && member.parameters.is_empty() && crate::dotnet::def(member.def).name == "System.Int32"
}

/// `Variables["name"]`, which a cast is to make of its type.
fn variable(value: &Expr) -> Option<LookUp> {
    let ExprKind::Call { member, type_arguments, arguments, .. } = &strip(value).kind else { return None };
    match prepared(member, type_arguments, arguments)? {
        (look_up @ LookUp::Variable(_), _) => Some(look_up),
        _ => None,
    }
}

/// `ContainsKey("name")` of a map of `context`.
fn presence(member: &Member, arguments: &[Argument]) -> Option<LookUp> {
    let [Argument::Value(map), Argument::Value(key)] = arguments else { return None };
    let ExprKind::Const(Const::String(key)) = &strip(key).kind else { return None };
    LookUp::presence(member, part_of(map)?, key)
}

/// A text of ASCII that is spelled out.
fn constant(value: &Expr) -> Option<Box<[u8]>> {
    match &strip(value).kind {
        ExprKind::Const(Const::String(units)) => ascii(units),
        _ => None,
    }
}

fn ascii(units: &[u16]) -> Option<Box<[u8]>> {
    if units.len() > LONGEST {
        return None;
    }
    units.iter().map(|unit| u8::try_from(*unit).ok().filter(u8::is_ascii)).collect()
}

fn is_null(value: &Expr) -> bool {
    matches!(strip(value).kind, ExprKind::Const(Const::Null))
}

/// The comparison with its operands the other way round.
fn turned(op: Comparison) -> Comparison {
    match op {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        Comparison::Equal | Comparison::NotEqual => op,
    }
}

#[cfg(test)]
mod tests {
    use crate::bytecode::builder::Builder;
    use crate::source::{Cooked, FileId};
    use crate::typed::document::Programs;
    use crate::typed::{self, Target};
    use portcullis_grammar::LanguageVersion;

    /// How many looks are written for an expression, and whether one of them is the whole.
    fn looks(code: &str) -> (usize, bool) {
        let tree = portcullis_grammar::parse_expression(code, LanguageVersion::CSharp7).tree.expect("it parses");
        let options = typed::Options { allow_off_list: true, csharp_7_3: false };
        let bound = typed::bind_expression(&tree, Target { ty: None }, &options);
        let programs = Programs::default();
        let mut builder = Builder::new(&programs, |_| None);
        builder.program(&bound.program.expect("it binds"), &Cooked::verbatim(code, FileId(0), 0));
        let unit = builder.finish("test");
        assert!(crate::bytecode::verify::verify(&unit).is_empty());
        (unit.glances.len(), unit.looks.is_some())
    }

    #[test]
    fn what_only_looks() {
        let header = r#"context.Request.Headers.GetValueOrDefault("a", "b")"#;
        let nested = format!("{}{header} == \"c\"{}", "!(".repeat(60), ")".repeat(60));
        let joined = vec![header; 50].join(" + ");
        let rows: &[(&str, (usize, bool))] = &[
            (&format!("{header} == \"c\""), (1, true)),
            (&format!("{header} == \"c\" ? 1 : 2"), (1, false)),
            (&format!("{header}.Trim().ToUpper() != null"), (0, false)),
            (&format!("int.Parse({header}) > 3"), (1, true)),
            (&format!("int.Parse({header}) + int.Parse({header}) > 3"), (2, false)),
            (&format!("\"-\" + {header}.Length + {header}"), (1, true)),
            (&format!("$\"{{{header}}}\".ToUpper()"), (1, true)),
            (&format!("$\"{{{header},5}}\""), (0, false)),
            (&format!("{header} + \"{}\"", "-".repeat(1_025)), (0, false)),
            // What stands alone is a look-up; what a member may give back as it is stays one string.
            (header, (0, false)),
            (&format!("{header}.ToUpper()"), (0, false)),
            ("context.Variables[\"a\"] == null", (0, false)),
            ("(string)context.Variables[\"a\"]", (1, true)),
            ("(int)context.Variables[\"a\"]", (1, true)),
            ("(long)context.Variables[\"a\"]", (0, false)),
            ("context.Variables.ContainsKey(\"a\")", (1, true)),
            (&format!("{header} == \"ü\""), (0, false)),
            (&format!("new[] {{ 1 }}.Any(n => {header} == \"c\" && n > 0)"), (1, false)),
            // A look is not too deep and not too large: what is within is one.
            (&nested, (1, false)),
            (&joined, (0, false)),
        ];
        for (code, expected) in rows {
            assert_eq!(looks(code), *expected, "{code}");
        }
    }
}
