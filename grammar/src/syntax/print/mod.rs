//! Writes a tree as C# in one fixed form, on one line.
//!
//! In: a tree. Out: text that parses to the same tree, places aside. It keeps the parentheses that were written and adds none, because the
//! tree has them as nodes of their own.

mod statement;

use super::*;
use crate::tokens::Kind;
use logos::Logos;
use std::fmt::Write;

pub fn expression(expr: &Expr) -> String {
    let mut out = Printer::default();
    out.expr(expr);
    out.text
}

/// The statements of a block, without braces around them.
pub fn statements(block: &Block) -> String {
    let mut out = Printer::default();
    out.spaced(&block.statements, Printer::statement);
    out.text
}

#[derive(Default)]
struct Printer {
    text: String,
}

impl Printer {
    fn put(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn separated<T>(&mut self, all: &[T], separator: &str, each: impl Fn(&mut Printer, &T)) {
        for (at, one) in all.iter().enumerate() {
            if at > 0 {
                self.put(separator);
            }
            each(self, one);
        }
    }

    fn comma<T>(&mut self, all: &[T], each: impl Fn(&mut Printer, &T)) {
        self.separated(all, ", ", each);
    }

    fn spaced<T>(&mut self, all: &[T], each: impl Fn(&mut Printer, &T)) {
        self.separated(all, " ", each);
    }

    /// Where a keyword could be read, contextual ones included, the name gets its `@`.
    fn name(&mut self, name: &Name) {
        const CONTEXTUAL: [&str; 19] = [
            "from",
            "let",
            "where",
            "select",
            "group",
            "by",
            "into",
            "orderby",
            "ascending",
            "descending",
            "join",
            "on",
            "equals",
            "when",
            "nameof",
            "await",
            "async",
            "yield",
            "var",
        ];
        let is_keyword = matches!(Kind::lexer(&name.text).next(), Some(Ok(kind)) if kind.is_keyword()) && {
            let mut lexer = Kind::lexer(&name.text);
            lexer.next();
            lexer.span().end == name.text.len()
        };
        if is_keyword || CONTEXTUAL.contains(&&*name.text) {
            self.put("@");
        }
        self.put(&name.text);
    }

    fn generic_name(&mut self, name: &GenericName) {
        self.name(&name.name);
        if !name.arguments.is_empty() {
            self.put("<");
            let omitted = matches!(name.arguments[0].kind, TypeKind::Omitted);
            self.separated(&name.arguments, if omitted { "," } else { ", " }, Printer::ty);
            self.put(">");
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Binary { .. } => self.chain(expr),
            ExprKind::Literal(literal) => self.literal(literal),
            ExprKind::Default(None) => self.put("default"),
            ExprKind::Default(Some(of)) => self.call_of_type("default", of),
            ExprKind::Interpolated(parts) => self.interpolated(parts),
            ExprKind::Name(name) => self.generic_name(name),
            ExprKind::PredefinedType(of) => self.put(predefined(*of)),
            ExprKind::AliasQualified { alias, name } => {
                self.name(alias);
                self.put("::");
                self.generic_name(name);
            }
            ExprKind::This => self.put("this"),
            ExprKind::Base => self.put("base"),
            ExprKind::Parenthesized(inner) => self.around("(", inner, ")"),
            ExprKind::Member { target, name } => {
                self.expr(target);
                self.put(".");
                self.generic_name(name);
            }
            ExprKind::ConditionalAccess { target, rest } => {
                self.expr(target);
                self.put("?");
                self.expr(rest);
            }
            ExprKind::ConditionalReceiver => {}
            ExprKind::Invocation { target, arguments } => {
                self.expr(target);
                self.arguments("(", arguments, ")");
            }
            ExprKind::Element { target, arguments } => {
                self.expr(target);
                self.arguments("[", arguments, "]");
            }
            ExprKind::New { .. }
            | ExprKind::NewAnonymous(_)
            | ExprKind::NewArray { .. }
            | ExprKind::NewImplicitArray { .. } => self.creation(&expr.kind),
            ExprKind::ArrayInitializer(initializer) => self.array_initializer(initializer),
            ExprKind::TypeOf(of) => self.call_of_type("typeof", of),
            ExprKind::SizeOf(of) => self.call_of_type("sizeof", of),
            ExprKind::NameOf(of) => self.around("nameof(", of, ")"),
            ExprKind::Checked(inner) => self.around("checked(", inner, ")"),
            ExprKind::Unchecked(inner) => self.around("unchecked(", inner, ")"),
            ExprKind::Cast { to, operand } => {
                self.put("(");
                self.ty(to);
                self.put(")");
                self.expr(operand);
            }
            ExprKind::Unary { op, operand } => self.unary(*op, operand),
            ExprKind::IsType { operand, of } => {
                self.around("", operand, " is ");
                self.ty(of);
            }
            ExprKind::IsPattern { operand, pattern } => {
                self.around("", operand, " is ");
                self.pattern(pattern);
            }
            ExprKind::As { operand, to } => {
                self.around("", operand, " as ");
                self.ty(to);
            }
            ExprKind::Conditional { condition, yes, no } => {
                self.around("", condition, " ? ");
                self.around("", yes, " : ");
                self.expr(no);
            }
            ExprKind::Assign { op, target, value } => {
                self.around("", target, " ");
                self.put(op.map_or("", BinaryOp::symbol));
                self.put("= ");
                self.expr(value);
            }
            ExprKind::Lambda(lambda) => self.lambda(lambda),
            ExprKind::Query(query) => {
                self.from(&query.from);
                self.query_body(&query.body);
            }
            ExprKind::Tuple(elements) => {
                self.put("(");
                self.comma(elements, |out, element| {
                    out.argument_name(&element.name);
                    out.expr(&element.value);
                });
                self.put(")");
            }
            ExprKind::Declaration { of, designation } => {
                self.ty(of);
                self.put(" ");
                self.designation(designation);
            }
            ExprKind::Ref(value) => self.around("ref ", value, ""),
            ExprKind::Throw(value) => self.around("throw ", value, ""),
            ExprKind::NamedValue(name) => {
                let _ = write!(self.text, "{{{{{name}}}}}");
            }
            ExprKind::Error => self.put("/* error */"),
        }
    }

    fn around(&mut self, before: &str, inner: &Expr, after: &str) {
        self.put(before);
        self.expr(inner);
        self.put(after);
    }

    /// A sum of a thousand terms is a tree a thousand high on its left: no recursion there.
    fn chain(&mut self, expr: &Expr) {
        let mut rest = Vec::new();
        let mut first = expr;
        while let ExprKind::Binary { op, left, right } = &first.kind {
            rest.push((*op, right));
            first = left;
        }
        self.expr(first);
        for (op, right) in rest.into_iter().rev() {
            let _ = write!(self.text, " {} ", op.symbol());
            self.expr(right);
        }
    }

    fn call_of_type(&mut self, word: &str, of: &Type) {
        self.put(word);
        self.put("(");
        self.ty(of);
        self.put(")");
    }

    fn unary(&mut self, op: UnaryOp, operand: &Expr) {
        let sign = match op {
            UnaryOp::Plus => "+",
            UnaryOp::Minus => "-",
            UnaryOp::Not => "!",
            UnaryOp::Complement => "~",
            UnaryOp::PreIncrement => "++",
            UnaryOp::PreDecrement => "--",
            UnaryOp::PostIncrement => return self.around("", operand, "++"),
            UnaryOp::PostDecrement => return self.around("", operand, "--"),
        };
        self.put(sign);
        // `- -x` is not `--x`.
        let inner = self.text.len();
        self.expr(operand);
        if matches!(sign.as_bytes()[0], b'+' | b'-') && self.text.as_bytes().get(inner) == sign.as_bytes().first() {
            self.text.insert(inner, ' ');
        }
    }

    fn literal(&mut self, literal: &Literal) {
        match literal {
            Literal::Null => self.put("null"),
            Literal::Bool(value) => self.put(if *value { "true" } else { "false" }),
            Literal::Int { value, suffix } => {
                let suffix = match suffix {
                    IntSuffix::None => "",
                    IntSuffix::U => "U",
                    IntSuffix::L => "L",
                    IntSuffix::UL => "UL",
                };
                let _ = write!(self.text, "{value}{suffix}");
            }
            Literal::Real { text, suffix } => {
                self.put(text);
                self.put(match suffix {
                    RealSuffix::None => "",
                    RealSuffix::F => "F",
                    RealSuffix::D => "D",
                    RealSuffix::M => "M",
                });
            }
            Literal::Char(unit) => {
                self.put("'");
                self.units(&[*unit], '\'', false);
                self.put("'");
            }
            Literal::String(units) => {
                self.put("\"");
                self.units(units, '"', false);
                self.put("\"");
            }
        }
    }

    fn units(&mut self, units: &[u16], quote: char, doubled: bool) {
        for unit in units {
            let c = char::from_u32(u32::from(*unit)).filter(|c| (' '..='~').contains(c));
            match c {
                Some('\\') => self.put("\\\\"),
                Some(c) if c == quote => {
                    self.text.push('\\');
                    self.text.push(c);
                }
                Some(c @ ('{' | '}')) if doubled => self.text.extend([c, c]),
                Some(c) => self.text.push(c),
                None => {
                    let _ = write!(self.text, "\\u{unit:04X}");
                }
            }
        }
    }

    fn interpolated(&mut self, parts: &[InterpolationPart]) {
        self.put("$\"");
        for part in parts {
            match part {
                InterpolationPart::Text(units, _) => self.units(units, '"', true),
                InterpolationPart::Hole { value, alignment, format, .. } => {
                    self.put("{");
                    self.expr(value);
                    if let Some(alignment) = alignment {
                        self.around(", ", alignment, "");
                    }
                    if let Some(format) = format {
                        self.put(":");
                        self.units(format, '"', false);
                    }
                    self.put("}");
                }
            }
        }
        self.put("\"");
    }

    fn argument_name(&mut self, name: &Option<Name>) {
        if let Some(name) = name {
            self.name(name);
            self.put(": ");
        }
    }

    fn passing(&mut self, passing: Passing) {
        self.put(match passing {
            Passing::Value => "",
            Passing::Ref => "ref ",
            Passing::Out => "out ",
            Passing::In => "in ",
        });
    }

    fn arguments(&mut self, open: &str, arguments: &[Argument], close: &str) {
        self.put(open);
        self.comma(arguments, |out, argument| {
            out.argument_name(&argument.name);
            out.passing(argument.passing);
            out.expr(&argument.value);
        });
        self.put(close);
    }

    fn creation(&mut self, kind: &ExprKind) {
        self.put("new");
        match kind {
            ExprKind::New { of, arguments, initializer } => {
                self.put(" ");
                self.ty(of);
                if let Some(arguments) = arguments {
                    self.arguments("(", arguments, ")");
                }
                if let Some(initializer) = initializer {
                    self.put(" ");
                    self.initializer(initializer);
                }
            }
            ExprKind::NewAnonymous(members) => {
                self.put(" { ");
                self.comma(members, |out, member| {
                    if let Some(name) = &member.name {
                        out.name(name);
                        out.put(" = ");
                    }
                    out.expr(&member.value);
                });
                self.put(" }");
            }
            ExprKind::NewArray { of, sizes, initializer } => {
                self.put(" ");
                self.new_array_type(of, sizes);
                if let Some(initializer) = initializer {
                    self.put(" ");
                    self.array_initializer(initializer);
                }
            }
            ExprKind::NewImplicitArray { rank, initializer } => {
                self.rank(*rank);
                self.put(" ");
                self.array_initializer(initializer);
            }
            _ => {}
        }
    }

    /// The sizes stand in the first brackets.
    fn new_array_type(&mut self, of: &Type, sizes: &[Expr]) {
        let mut ranks = Vec::new();
        let mut element = of;
        while let TypeKind::Array { element: inner, rank } = &element.kind {
            ranks.push(*rank);
            element = inner;
        }
        self.ty(element);
        for (at, rank) in ranks.into_iter().enumerate() {
            if at == 0 && !sizes.is_empty() {
                self.put("[");
                self.comma(sizes, Printer::expr);
                self.put("]");
            } else {
                self.rank(rank);
            }
        }
    }

    fn rank(&mut self, rank: u32) {
        self.put("[");
        (1..rank).for_each(|_| self.put(","));
        self.put("]");
    }

    fn array_initializer(&mut self, initializer: &ArrayInitializer) {
        self.put("{ ");
        self.comma(&initializer.elements, Printer::expr);
        self.put(" }");
    }

    fn initializer(&mut self, initializer: &Initializer) {
        self.put("{ ");
        match &initializer.kind {
            InitializerKind::Object(members) => self.comma(members, |out, member| {
                match &member.target {
                    InitializerTarget::Member(name) => out.name(name),
                    InitializerTarget::Index(arguments) => out.arguments("[", arguments, "]"),
                }
                out.put(" = ");
                match &member.value {
                    InitializerValue::Expr(value) => out.expr(value),
                    InitializerValue::Nested(inner) => out.initializer(inner),
                }
            }),
            InitializerKind::Collection(elements) => {
                self.comma(elements, |out, element| match &element.arguments[..] {
                    [one] if element.span == one.span => out.expr(one),
                    all => {
                        out.put("{ ");
                        out.comma(all, Printer::expr);
                        out.put(" }");
                    }
                })
            }
        }
        self.put(" }");
    }

    fn lambda(&mut self, lambda: &Lambda) {
        if lambda.is_delegate {
            self.put("delegate ");
        }
        if let Some(parameters) = &lambda.parameters {
            self.parameters(parameters);
            self.put(if lambda.is_delegate { " " } else { " => " });
        }
        match &lambda.body {
            Body::Expr(value) => self.expr(value),
            Body::Block(block) => self.block(block),
        }
    }

    fn parameters(&mut self, parameters: &[Parameter]) {
        self.put("(");
        self.comma(parameters, |out, parameter| {
            out.passing(parameter.passing);
            if parameter.is_params {
                out.put("params ");
            }
            if let Some(of) = &parameter.of {
                out.ty(of);
                out.put(" ");
            }
            out.name(&parameter.name);
            if let Some(default) = &parameter.default {
                out.around(" = ", default, "");
            }
        });
        self.put(")");
    }

    fn from(&mut self, from: &FromClause) {
        self.range_variable("from ", &from.of, &from.name, &from.source);
    }

    fn range_variable(&mut self, word: &str, of: &Option<Type>, name: &Name, source: &Expr) {
        self.put(word);
        if let Some(of) = of {
            self.ty(of);
            self.put(" ");
        }
        self.name(name);
        self.around(" in ", source, " ");
    }

    fn query_body(&mut self, body: &QueryBody) {
        for clause in &body.clauses {
            match clause {
                QueryClause::From(from) => self.from(from),
                QueryClause::Let { name, value, .. } => {
                    self.put("let ");
                    self.name(name);
                    self.around(" = ", value, " ");
                }
                QueryClause::Where { condition, .. } => self.around("where ", condition, " "),
                QueryClause::Join(join) => {
                    self.range_variable("join ", &join.of, &join.name, &join.source);
                    self.around("on ", &join.left_key, " equals ");
                    self.around("", &join.right_key, " ");
                    if let Some(into) = &join.into {
                        self.put("into ");
                        self.name(into);
                        self.put(" ");
                    }
                }
                QueryClause::OrderBy { keys, .. } => {
                    self.put("orderby ");
                    self.comma(keys, |out, key| {
                        out.around("", &key.key, if key.descending { " descending" } else { "" })
                    });
                    self.put(" ");
                }
            }
        }
        match &body.end {
            QueryEnd::Select { value, .. } => self.around("select ", value, ""),
            QueryEnd::Group { value, by, .. } => {
                self.around("group ", value, " by ");
                self.expr(by);
            }
        }
        if let Some(continuation) = &body.continuation {
            self.put(" into ");
            self.name(&continuation.name);
            self.put(" ");
            self.query_body(&continuation.body);
        }
    }

    fn ty(&mut self, of: &Type) {
        match &of.kind {
            TypeKind::Predefined(of) => self.put(predefined(*of)),
            TypeKind::Named { alias, parts } => {
                if let Some(alias) = alias {
                    self.name(alias);
                    self.put("::");
                }
                self.separated(parts, ".", Printer::generic_name);
            }
            TypeKind::Nullable(of) => {
                self.ty(of);
                self.put("?");
            }
            TypeKind::Array { .. } => self.new_array_type(of, &[]),
            TypeKind::Tuple(elements) => {
                self.put("(");
                self.comma(elements, |out, element| {
                    out.ty(&element.of);
                    if let Some(name) = &element.name {
                        out.put(" ");
                        out.name(name);
                    }
                });
                self.put(")");
            }
            TypeKind::Var => self.put("var"),
            TypeKind::Omitted => {}
            TypeKind::Error => self.put("/* error */"),
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        match &pattern.kind {
            PatternKind::Constant(value) => self.expr(value),
            PatternKind::Declaration { of, designation } => {
                self.ty(of);
                self.put(" ");
                self.designation(designation);
            }
        }
    }

    fn designation(&mut self, designation: &Designation) {
        match designation {
            Designation::Name(name) => self.name(name),
            Designation::Discard(_) => self.put("_"),
            Designation::Tuple(all, _) => {
                self.put("(");
                self.comma(all, Printer::designation);
                self.put(")");
            }
        }
    }
}

fn predefined(of: PredefinedType) -> &'static str {
    match of {
        PredefinedType::Bool => "bool",
        PredefinedType::Byte => "byte",
        PredefinedType::SByte => "sbyte",
        PredefinedType::Short => "short",
        PredefinedType::UShort => "ushort",
        PredefinedType::Int => "int",
        PredefinedType::UInt => "uint",
        PredefinedType::Long => "long",
        PredefinedType::ULong => "ulong",
        PredefinedType::Char => "char",
        PredefinedType::Float => "float",
        PredefinedType::Double => "double",
        PredefinedType::Decimal => "decimal",
        PredefinedType::String => "string",
        PredefinedType::Object => "object",
        PredefinedType::Void => "void",
    }
}
