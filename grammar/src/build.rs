//! What the grammar's actions call: nodes from their parts, and the values of literals.
//!
//! In: parts and places. Out: nodes. Mistakes inside of a literal, and what is well-formed but never allowed, are noted in the `Builder`.

use crate::syntax::*;
use crate::tokens::word_char;
use crate::{LanguageVersion, Span, SyntaxError, parse, scan};

/// What the actions share: the text, and what they found wrong.
pub struct Builder<'a> {
    pub text: &'a str,
    pub version: LanguageVersion,
    pub errors: Vec<SyntaxError>,
    /// How deep in interpolated strings.
    pub around: u32,
    /// How often the grammar ran.
    pub runs: u32,
    /// Names in statements that were taken out.
    pub lost: Vec<Box<str>>,
    /// What follows a mistake in the same statement.
    pub left_over: Vec<Span>,
}

pub fn span(start: u32, end: u32) -> Span {
    Span { start, end }
}

pub fn expr(kind: ExprKind, start: u32, end: u32) -> Expr {
    Expr { kind, span: span(start, end) }
}

pub fn literal(value: Literal, start: u32, end: u32) -> Expr {
    expr(ExprKind::Literal(value), start, end)
}

pub fn ty(kind: TypeKind, start: u32, end: u32) -> Type {
    Type { kind, span: span(start, end) }
}

pub fn stmt(kind: StatementKind, start: u32, end: u32) -> Statement {
    Statement { kind, span: span(start, end) }
}

/// What the grammar's rules gave in boxes.
pub fn unboxed<T>(all: Vec<Box<T>>) -> Vec<T> {
    all.into_iter().map(|one| *one).collect()
}

/// `of[][,]` is an array of rank 1 whose elements are arrays of rank 2.
pub fn array_type(of: Type, ranks: Vec<u32>, start: u32, end: u32) -> Type {
    ranks
        .into_iter()
        .rev()
        .fold(of, |element, rank| ty(TypeKind::Array { element: Box::new(element), rank }, start, end))
}

pub fn omitted(commas: usize, start: u32, end: u32) -> Vec<Type> {
    vec![ty(TypeKind::Omitted, start, end); commas + 1]
}

/// `var`, where a declaration's type stands.
pub fn var(of: Type) -> Type {
    let is_var = matches!(&of.kind, TypeKind::Named { alias: None, parts } if parts.len() == 1 && parts[0].arguments.is_empty()
        && &*parts[0].name.text == "var" && of.span.end - of.span.start == 3);
    if is_var { Type { kind: TypeKind::Var, ..of } } else { of }
}

pub fn binary(left: Expr, op: BinaryOp, right: Expr) -> Expr {
    let (start, end) = (left.span.start, right.span.end);
    expr(ExprKind::Binary { op, left: Box::new(left), right: Box::new(right) }, start, end)
}

pub fn unary(op: UnaryOp, operand: Expr, start: u32, end: u32) -> Expr {
    expr(ExprKind::Unary { op, operand: Box::new(operand) }, start, end)
}

pub fn assign(target: Expr, op: Option<BinaryOp>, value: Expr, start: u32, end: u32) -> Expr {
    expr(ExprKind::Assign { op, target: Box::new(target), value: Box::new(value) }, start, end)
}

pub fn conditional(condition: Expr, yes: Expr, no: Expr, start: u32, end: u32) -> Expr {
    expr(ExprKind::Conditional { condition: Box::new(condition), yes: Box::new(yes), no: Box::new(no) }, start, end)
}

pub fn lambda(parameters: Option<Vec<Parameter>>, body: Body, is_delegate: bool, start: u32, end: u32) -> Expr {
    expr(ExprKind::Lambda(Box::new(Lambda { parameters, body, is_delegate, of_query: false })), start, end)
}

pub fn untyped(name: Name) -> Parameter {
    let span = name.span;
    Parameter { of: None, passing: Passing::Value, is_params: false, name, default: None, span }
}

pub fn reference(value: Expr, start: u32, end: u32) -> Expr {
    expr(ExprKind::Ref(Box::new(value)), start, end)
}

pub fn constant(value: Expr, start: u32, end: u32) -> Pattern {
    Pattern { kind: PatternKind::Constant(Box::new(value)), span: span(start, end) }
}

pub fn declares(of: Type, name: Name, start: u32, end: u32) -> Pattern {
    Pattern { kind: PatternKind::Declaration { of: var(of), designation: designation(name) }, span: span(start, end) }
}

pub fn is_pattern(operand: Expr, pattern: Pattern, start: u32, end: u32) -> Expr {
    expr(ExprKind::IsPattern { operand: Box::new(operand), pattern }, start, end)
}

pub fn designation(name: Name) -> Designation {
    let is_discard = &*name.text == "_" && name.span.end - name.span.start == 1;
    if is_discard { Designation::Discard(name.span) } else { Designation::Name(name) }
}

pub fn declaration_expr(of: Type, designation: Designation, start: u32, end: u32) -> Expr {
    expr(ExprKind::Declaration { of: var(of), designation }, start, end)
}

pub fn conditional_access(target: Expr, rest: Expr, start: u32, end: u32) -> Expr {
    expr(ExprKind::ConditionalAccess { target: Box::new(target), rest: Box::new(rest) }, start, end)
}

pub fn receiver(at: u32) -> Expr {
    expr(ExprKind::ConditionalReceiver, at, at)
}

pub fn member(target: Expr, name: GenericName, start: u32, end: u32) -> Expr {
    expr(ExprKind::Member { target: Box::new(target), name }, start, end)
}

pub fn element(target: Expr, arguments: Vec<Argument>, start: u32, end: u32) -> Expr {
    expr(ExprKind::Element { target: Box::new(target), arguments }, start, end)
}

/// One more link of a chain that begins where its target does.
pub fn link(target: Expr, kind: impl FnOnce(Box<Expr>) -> ExprKind, end: u32) -> Expr {
    let start = target.span.start;
    expr(kind(Box::new(target)), start, end)
}

pub fn tuple(first: TupleElement, rest: Vec<TupleElement>, start: u32, end: u32) -> Expr {
    let mut elements = vec![first];
    elements.extend(rest);
    expr(ExprKind::Tuple(elements), start, end)
}

pub fn new(of: Type, arguments: Option<Vec<Argument>>, initializer: Option<Initializer>, start: u32, end: u32) -> Expr {
    expr(ExprKind::New { of: Box::new(of), arguments, initializer }, start, end)
}

pub fn new_array(of: Type, sizes: Vec<Expr>, initializer: Option<ArrayInitializer>, start: u32, end: u32) -> Expr {
    expr(ExprKind::NewArray { of: Box::new(of), sizes, initializer }, start, end)
}

impl Builder<'_> {
    pub fn error(&mut self, csharp: &'static str, span: Span, message: impl Into<String>) {
        self.errors.push(SyntaxError { span, message: message.into(), csharp: Some(csharp), help: None });
    }

    fn written(&self, start: u32, end: u32) -> &str {
        &self.text[start as usize..end as usize]
    }

    /// A feature of a later version, reported as the compiler does.
    pub fn newer(&mut self, feature: &str, version: &str, start: u32, end: u32) {
        if self.version < LanguageVersion::CSharp7_3 {
            let message = format!(
                "feature '{feature}' is not available in C# 7.0: it needs language version {version} or greater"
            );
            self.error("CS8107", span(start, end), message);
        }
    }

    pub fn name(&self, start: u32, end: u32) -> Name {
        let written = self.written(start, end);
        let mut rest = written.strip_prefix('@').unwrap_or(written);
        let text = if rest.contains('\\') {
            let mut decoded = String::new();
            while let Some((c, length)) = word_char(rest) {
                decoded.push(c);
                rest = &rest[length..];
            }
            decoded.into()
        } else {
            rest.into()
        };
        Name { text, span: span(start, end) }
    }

    pub fn named_value(&self, start: u32, end: u32) -> Expr {
        let name = self.written(start + 2, end - 2).trim();
        expr(ExprKind::NamedValue(name.into()), start, end)
    }

    pub fn invocation(&mut self, target: Expr, arguments: Vec<Argument>, start: u32, end: u32) -> Expr {
        expr(ExprKind::Invocation { target: Box::new(target), arguments }, start, end)
    }

    /// Only some expressions do something: the compiler refuses the others as statements.
    pub fn expression_statement(&mut self, value: Expr, start: u32, end: u32) -> Statement {
        stmt(StatementKind::Expr(value), start, end)
    }

    /// The statement of an `if` or a loop must not declare.
    pub fn embedded(&mut self, statement: Statement) -> Box<Statement> {
        if matches!(
            statement.kind,
            StatementKind::Local(_) | StatementKind::LocalFunction(_) | StatementKind::Labeled { .. }
        ) {
            self.error("CS1023", statement.span, "a declaration or a label cannot stand alone here; put it in braces");
        }
        Box::new(statement)
    }

    pub fn if_statement(
        &mut self,
        condition: Expr,
        then: Statement,
        otherwise: Option<Statement>,
        start: u32,
        end: u32,
    ) -> Statement {
        let then = self.embedded(then);
        let otherwise = otherwise.map(|statement| self.embedded(statement));
        stmt(StatementKind::If { condition, then, otherwise }, start, end)
    }

    pub fn try_statement(
        &mut self,
        body: Block,
        catches: Vec<Catch>,
        finally: Option<Block>,
        start: u32,
        end: u32,
    ) -> Statement {
        if catches.is_empty() && finally.is_none() {
            self.error("CS1524", span(start, start + 3), "expected `catch` or `finally` after the block of `try`");
        }
        stmt(StatementKind::Try { body, catches, finally }, start, end)
    }

    pub fn local_function(
        &mut self,
        returns: Type,
        name: GenericName,
        parameters: Vec<Parameter>,
        constraints: Vec<TypeConstraint>,
        body: Body,
        returns_ref: ByRef,
    ) -> LocalFunction {
        if returns_ref != ByRef::No && matches!(returns.kind, TypeKind::Predefined(PredefinedType::Void)) {
            self.error("CS1547", returns.span, "there is no reference to `void`");
        }
        let mut type_parameters = Vec::new();
        for argument in name.arguments {
            match argument.kind {
                TypeKind::Named { alias: None, mut parts } if parts.len() == 1 && parts[0].arguments.is_empty() => {
                    type_parameters.extend(parts.pop().map(|part| part.name));
                }
                _ => self.error("CS0081", argument.span, "expected the name of a type parameter"),
            }
        }
        LocalFunction { returns, returns_ref, name: name.name, type_parameters, constraints, parameters, body }
    }

    pub fn int(&mut self, start: u32, end: u32) -> Expr {
        let digits = self.written(start, end).replace('_', "").to_ascii_lowercase();
        let number = digits.trim_end_matches(['u', 'l']);
        let suffix = match &digits[number.len()..] {
            "" => IntSuffix::None,
            "u" => IntSuffix::U,
            "l" => IntSuffix::L,
            _ => IntSuffix::UL,
        };
        let value = if let Some(hex) = number.strip_prefix("0x") {
            u64::from_str_radix(hex, 16)
        } else if let Some(binary) = number.strip_prefix("0b") {
            u64::from_str_radix(binary, 2)
        } else {
            number.parse()
        };
        let value = value.unwrap_or_else(|error| {
            let (code, message) = match error.kind() {
                std::num::IntErrorKind::PosOverflow => ("CS1021", "this number is too large"),
                _ => ("CS1013", "this number has no digits"),
            };
            self.error(code, span(start, end), message);
            0
        });
        if self.written(start, end).as_bytes().get(2) == Some(&b'_')
            && (number.starts_with("0x") || number.starts_with("0b"))
        {
            self.newer("leading digit separator", "7.2", start, end);
        }
        self.separators(start, end);
        literal(Literal::Int { value, suffix }, start, end)
    }

    pub fn real(&mut self, start: u32, end: u32) -> Expr {
        let written = self.written(start, end).replace('_', "");
        let (suffix, length) = match written.as_bytes().last() {
            Some(b'f' | b'F') => (RealSuffix::F, 1),
            Some(b'd' | b'D') => (RealSuffix::D, 1),
            Some(b'm' | b'M') => (RealSuffix::M, 1),
            _ => (RealSuffix::None, 0),
        };
        self.separators(start, end);
        literal(Literal::Real { text: written[..written.len() - length].into(), suffix }, start, end)
    }

    /// `_` stands between digits only.
    fn separators(&mut self, start: u32, end: u32) {
        let written = self.written(start, end).as_bytes();
        let misplaced = written.iter().enumerate().any(|(at, &b)| {
            let next = written.get(at + 1).copied().unwrap_or(b' ');
            b == b'_' && !(next == b'_' || next.is_ascii_hexdigit())
        });
        if misplaced {
            self.error("CS1013", span(start, end), "`_` can only stand between the digits of a number");
        }
    }

    pub fn char(&mut self, start: u32, end: u32) -> Expr {
        let known = self.errors.len();
        let units = self.decode(start + 1, end - 1, false, false);
        let value = match units[..] {
            _ if self.errors.len() > known => 0,
            [unit] => unit,
            [] => {
                self.error("CS1011", span(start, end), "this character literal is empty");
                0
            }
            _ => {
                let help = Some("write a string between `\"` quotes".to_string());
                let message = "a character literal holds one character".to_string();
                self.errors.push(SyntaxError { span: span(start, end), message, csharp: Some("CS1012"), help });
                0
            }
        };
        literal(Literal::Char(value), start, end)
    }

    pub fn string(&mut self, start: u32, end: u32) -> Expr {
        let verbatim = self.written(start, end).starts_with('@');
        let units = self.decode(start + 1 + verbatim as u32, end - 1, verbatim, false);
        literal(Literal::String(units.into()), start, end)
    }

    /// The text between quotes as UTF-16; `doubled`: braces are written twice.
    fn decode(&mut self, start: u32, end: u32, verbatim: bool, doubled: bool) -> Vec<u16> {
        let text = self.text;
        let inside = &text[start as usize..end as usize];
        let mut units = Vec::with_capacity(inside.len());
        let mut at = 0;
        while let Some(c) = inside[at..].chars().next() {
            let place = start + at as u32;
            at += c.len_utf8();
            match c {
                '\\' if !verbatim => match escape(&inside[at..]) {
                    Some((code, length)) => {
                        at += length;
                        match char::from_u32(code) {
                            Some(c) => units.extend_from_slice(c.encode_utf16(&mut [0; 2])),
                            // A lone surrogate.
                            None => units.push(code as u16),
                        }
                    }
                    None => {
                        let wrong = inside[at..].chars().next();
                        let message =
                            format!("`\\{}` is no escape sequence", wrong.map_or(String::new(), |c| c.to_string()));
                        let brace = doubled && matches!(wrong, Some('{' | '}'));
                        let help = Some("write `\\\\` for a backslash, or use `@\"...\"`".to_string());
                        let span = span(place, place + 1 + wrong.map_or(0, |c| c.len_utf8() as u32));
                        self.errors.push(SyntaxError {
                            span,
                            message,
                            csharp: Some(if brace { "CS8087" } else { "CS1009" }),
                            help,
                        });
                        at += wrong.map_or(0, char::len_utf8);
                    }
                },
                _ => {
                    units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
                    let twice = (verbatim && c == '"') || (doubled && (c == '{' || c == '}'));
                    if twice && inside[at..].starts_with(c) {
                        at += c.len_utf8();
                    }
                }
            }
        }
        units
    }

    pub fn interpolated(&mut self, start: u32, end: u32) -> Expr {
        let text = self.text;
        let verbatim = text.as_bytes()[start as usize + 1] == b'@';
        let (mut from, close) = (start as usize + 2 + verbatim as usize, end as usize - 1);
        let mut parts = Vec::new();
        let mut at = from;
        while at < close {
            let (byte, next) = (text.as_bytes()[at], text.as_bytes()[at + 1]);
            match byte {
                b'\\' if !verbatim => at += 2,
                b'{' | b'}' if next == byte && at + 1 < close => at += 2,
                b'}' => {
                    self.error(
                        "CS8086",
                        span(at as u32, at as u32 + 1),
                        "a `}` in an interpolated string is written twice: `}}`",
                    );
                    at += 1;
                }
                b'{' => {
                    self.text_part(&mut parts, from, at, verbatim);
                    // The lexer went the same way, so there is an end.
                    let after =
                        scan::hole(text.as_bytes(), at + 1, close, verbatim).map_or(close, |after| after.min(close));
                    if let Some(part) = self.hole(at + 1, after - 1, verbatim) {
                        parts.push(part);
                    }
                    at = after;
                    from = after;
                }
                _ => at += 1,
            }
        }
        self.text_part(&mut parts, from, close, verbatim);
        expr(ExprKind::Interpolated(parts), start, end)
    }

    fn text_part(&mut self, parts: &mut Vec<InterpolationPart>, from: usize, to: usize, verbatim: bool) {
        if from < to {
            let units = self.decode(from as u32, to as u32, verbatim, true);
            parts.push(InterpolationPart::Text(units.into(), span(from as u32, to as u32)));
        }
    }

    /// What stands between `{` and `}`.
    fn hole(&mut self, from: usize, to: usize, verbatim: bool) -> Option<InterpolationPart> {
        let colon = scan::format_start(self.text.as_bytes(), from, to);
        let whole = span(from as u32 - 1, to as u32 + 1);
        let code = span(from as u32, colon.unwrap_or(to) as u32);
        let (value, alignment) = parse::hole(self, code)?;
        let format = colon.map(|colon| self.decode(colon as u32 + 1, to as u32, verbatim, false).into());
        if let Some(colon) = colon {
            let written = &self.text[colon + 1..to];
            if written.is_empty() {
                self.error("CS8089", whole, "expected a format after `:`");
            } else if written.ends_with([' ', '\t', '\r', '\n']) {
                self.error("CS8088", whole, "a format may not end in a blank");
            } else if let Some(at) = written.replace("{{", "  ").find('{') {
                let at = (colon + 1 + at) as u32;
                self.error("CS8086", span(at, at + 1), "a `{` in an interpolated string is written twice: `{{`");
            }
        }
        Some(InterpolationPart::Hole { value, alignment, format, span: whole })
    }
}

/// The code and the length of an escape sequence behind its backslash.
fn escape(rest: &str) -> Option<(u32, usize)> {
    let hex = |from: usize, most: usize| {
        let digits = rest.as_bytes()[from..].iter().take(most).take_while(|b| b.is_ascii_hexdigit()).count();
        (u32::from_str_radix(&rest[from..from + digits], 16).unwrap_or(0), digits)
    };
    let simple = |code: u32| Some((code, 1));
    match rest.as_bytes().first()? {
        b'\'' => simple(0x27),
        b'"' => simple(0x22),
        b'\\' => simple(0x5c),
        b'0' => simple(0),
        b'a' => simple(7),
        b'b' => simple(8),
        b'f' => simple(0xc),
        b'n' => simple(0xa),
        b'r' => simple(0xd),
        b't' => simple(9),
        b'v' => simple(0xb),
        b'x' => match hex(1, 4) {
            (_, 0) => None,
            (code, digits) => Some((code, 1 + digits)),
        },
        b'u' => match hex(1, 4) {
            (code, 4) => Some((code, 5)),
            _ => None,
        },
        b'U' => match hex(1, 8) {
            (code, 8) if char::from_u32(code).is_some() => Some((code, 9)),
            _ => None,
        },
        _ => None,
    }
}
