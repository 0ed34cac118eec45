//! The disambiguation pass: gives each token the one meaning that the grammar needs to know before it reads on.
//!
//! In: the tokens of an expression or a block. Out: the same tokens, some of another kind, with marks of no width between them.
//! It follows the rules of the C# specification (grammar ambiguities, cast expressions, anonymous functions, declaration statements,
//! query expressions) in one walk with a list of open brackets. It never fails: on broken text its tags are a guess and the grammar
//! reports what does not fit; only what C# knows and policies may not use is refused here, by name. Where statements begin and end is
//! answered too, for who goes on behind a mistake.

mod bracket;
mod element;
mod query;
mod refused;
mod statement;

use crate::tokens::{Kind, Token};
use crate::types::Types;
use crate::{Span, SyntaxError};

pub struct Tagged {
    pub tokens: Vec<Token>,
    pub refused: Vec<SyntaxError>,
    pub statements: Vec<Statement>,
}

/// Where a statement stands: up to the next one in its block, the statement of an `if` or a loop included, or up to the block's end.
#[derive(Debug, Clone, Copy)]
pub struct Statement {
    pub start: u32,
    /// Exclusive; `u32::MAX` where the text ends first.
    pub end: u32,
    /// In brackets.
    pub depth: u32,
}

/// `is_block`: the tokens are statements, otherwise one expression (or the hole of an interpolated string).
pub fn tag(text: &str, tokens: Vec<Token>, is_block: bool) -> Tagged {
    let count = tokens.len();
    let mut pass = Pass {
        types: Types::new(text, tokens),
        frames: vec![Frame::new(if is_block { Inside::Block } else { Inside::Group }, false)],
        marks: vec![None; count],
        roles: vec![None; count],
        statement_start: is_block,
        operand: false,
        element_start: false,
        refused: Vec::new(),
        statements: Vec::new(),
        open_statements: Vec::new(),
        new_ends: 0,
        body_at: 0,
    };
    if !is_block {
        pass.element_start = true;
    }
    let mut at = 0;
    while at < count {
        at = pass.step(at);
    }
    pass.finish()
}

/// What an open bracket is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// Statements.
    Block,
    /// `{ ... }` that makes a value.
    Initializer,
    /// Elements of a tuple, a parenthesised expression.
    Group,
    /// Arguments of a call or an index.
    Arguments,
    /// Arguments of `new T(...)`: a `{` behind them is an initialiser.
    NewArguments,
    /// Parameters of a lambda, a delegate, a local function.
    Parameters,
    /// `if (...)` and its like: a statement follows.
    Header,
    /// `for (...)`: holds statements, and one follows.
    ForHeader,
    /// `switch (...)`, `catch (...)`, `when (...)`: a block follows.
    BlockHeader,
    Cast,
    /// `typeof(...)` and its like.
    TypeOperand,
}

struct Frame {
    inside: Inside,
    /// Whether words such as `select` are keywords here, and whether a comma ends that.
    in_query: bool,
    query_from_outside: bool,
    comma_ends_query: bool,
    /// Between `case` and its `:`; counts the `?` that still wait for theirs.
    case_conditions: Option<u32>,
    /// The block is the body of a lambda, so no statement follows its `}`.
    is_body: bool,
    /// Of a `for`, which has two.
    semicolons: u32,
}

impl Frame {
    fn new(inside: Inside, in_query: bool) -> Frame {
        Frame {
            inside,
            in_query,
            query_from_outside: in_query,
            comma_ends_query: false,
            case_conditions: None,
            is_body: false,
            semicolons: 0,
        }
    }
}

struct Pass<'a> {
    types: Types<'a>,
    frames: Vec<Frame>,
    marks: Vec<Option<Kind>>,
    /// What the `(` at this index will be for, said by the token that knows.
    roles: Vec<Option<Inside>>,
    /// The next token begins a statement.
    statement_start: bool,
    /// The next token begins an argument or element.
    element_start: bool,
    /// An operand has just ended.
    operand: bool,
    refused: Vec<SyntaxError>,
    statements: Vec<Statement>,
    /// Those that have not ended, as indices.
    open_statements: Vec<usize>,
    /// The token behind the type of the last `new`: a `{` here is an initialiser.
    new_ends: usize,
    /// The token behind the constraints of a local function: a `{` here begins its body.
    body_at: usize,
}

impl<'a> Pass<'a> {
    fn kind(&self, at: usize) -> Option<Kind> {
        self.types.kind(at)
    }

    fn word(&self, at: usize) -> &'a str {
        self.types.word(at)
    }

    fn is(&self, at: usize, kind: Kind) -> bool {
        self.kind(at) == Some(kind)
    }

    fn inside(&self) -> Inside {
        self.frames.last().map_or(Inside::Group, |frame| frame.inside)
    }

    fn refuse(&mut self, at: usize, csharp: Option<&'static str>, message: &str, help: Option<&str>) {
        let span = self.types.tokens.get(at).map_or(Span::default(), |token| token.span());
        self.refused.push(SyntaxError { span, message: message.to_string(), csharp, help: help.map(str::to_string) });
    }

    fn finish(self) -> Tagged {
        let mut tokens = Vec::with_capacity(self.types.tokens.len() + 8);
        for (at, token) in self.types.tokens.iter().enumerate() {
            if let Some(mark) = self.marks[at] {
                tokens.push(Token { kind: mark, start: token.start, end: token.start });
            }
            if !self.types.is_dropped(at) {
                tokens.push(*token);
            }
        }
        Tagged { tokens, refused: self.refused, statements: self.statements }
    }

    fn begin_statement(&mut self, at: usize) {
        let depth = self.frames.len();
        self.end_statements(depth, at);
        if let Some(token) = self.types.tokens.get(at).filter(|token| token.kind != Kind::RBrace) {
            self.open_statements.push(self.statements.len());
            self.statements.push(Statement { start: token.start, end: u32::MAX, depth: depth as u32 });
        }
    }

    /// Ends the statements at this depth and below it.
    fn end_statements(&mut self, depth: usize, at: usize) {
        let end = self.types.tokens.get(at).map_or(u32::MAX, |token| token.start);
        while let Some(&last) = self.open_statements.last()
            && self.statements[last].depth as usize >= depth
        {
            self.statements[last].end = end;
            self.open_statements.pop();
        }
    }

    /// Tags the token here, and perhaps some behind it; answers where to go on.
    fn step(&mut self, at: usize) -> usize {
        if std::mem::take(&mut self.statement_start) {
            self.element_start = false;
            self.begin_statement(at);
            if let Some(next) = self.statement(at) {
                return next;
            }
        }
        if std::mem::take(&mut self.element_start)
            && let Some(next) = self.element(at)
        {
            return next;
        }
        let Some(kind) = self.kind(at) else { return at + 1 };
        match kind {
            Kind::Ident => return self.identifier(at),
            Kind::LParen => return self.open_paren(at),
            Kind::RParen => {
                let closes_parameters = self.inside() == Inside::Parameters;
                self.close_paren();
                let open = self.types.partner(at).filter(|_| closes_parameters);
                if let Some(constraints) = open.and_then(|open| self.constraints_at(open)) {
                    return self.constraints(constraints);
                }
            }
            Kind::LBracket => {
                if self.types.closes_rank(at).is_some() {
                    self.types.set(at, Kind::RankBracket);
                    // Its commas separate nothing.
                    self.open(Inside::Cast);
                } else {
                    self.open(Inside::Arguments);
                    self.element_start = true;
                }
                self.operand = false;
            }
            Kind::RBracket => {
                if !matches!(self.inside(), Inside::Block | Inside::Initializer) {
                    self.close();
                }
                self.operand = true;
            }
            Kind::LBrace => self.open_brace(at),
            Kind::RBrace => self.close_brace(at),
            Kind::Broken => {
                self.statement_start = self.inside() == Inside::Block;
                self.operand = false;
            }
            Kind::Semicolon => self.semicolon(),
            Kind::Comma => self.comma(),
            Kind::Question => return self.question(at),
            Kind::Colon => self.colon(),
            Kind::Less => return self.less(at),
            Kind::Greater => return self.greater(at),
            Kind::Is => return self.is_operator(at),
            Kind::As => {
                self.operand = false;
                return self.tag_type(at + 1, false);
            }
            Kind::New => return self.new_object(at),
            Kind::TypeOf | Kind::SizeOf | Kind::Default => return self.type_operand(at, kind),
            Kind::Checked | Kind::Unchecked => {
                self.operand = false;
                self.role(at + 1, Inside::Group);
            }
            Kind::Out => {
                self.operand = false;
                return self.declaration_expression(at + 1).unwrap_or(at + 1);
            }
            Kind::StackAlloc => self.refuse_stackalloc(at),
            Kind::Pointer => self.refuse(at, Some("CS0214"), "pointers are not available in policy expressions", None),
            Kind::Case => {
                self.operand = false;
                if self.inside() == Inside::Block {
                    return self.case(at);
                }
            }
            Kind::Catch => {
                self.role(at + 1, Inside::BlockHeader);
                self.operand = false;
                if self.is(at + 1, Kind::LParen) {
                    self.open(Inside::BlockHeader);
                    return self.tag_type(at + 2, false);
                }
            }
            Kind::While | Kind::If | Kind::ForEach | Kind::Using | Kind::Lock | Kind::For | Kind::Switch => {
                return self.header(at, kind);
            }
            Kind::Else | Kind::Do => {
                self.statement_start = true;
                self.operand = false;
            }
            Kind::Delegate => {
                self.operand = false;
                self.role(at + 1, Inside::Parameters);
            }
            Kind::PlusPlus | Kind::MinusMinus => {}
            kind => {
                self.operand = kind.is_literal() || kind.is_predefined_type() || matches!(kind, Kind::This | Kind::Base)
            }
        }
        at + 1
    }

    fn semicolon(&mut self) {
        self.drop_unclosed();
        if let Some(frame) = self.frames.last_mut() {
            frame.semicolons += 1;
        }
        self.statement_start = self.inside() == Inside::Block;
        self.operand = false;
        if let Some(frame) = self.frames.last_mut() {
            frame.in_query = frame.query_from_outside;
            frame.case_conditions = None;
        }
    }

    fn colon(&mut self) {
        self.operand = false;
        if let Some(frame) = self.frames.last_mut() {
            match &mut frame.case_conditions {
                Some(0) => {
                    frame.case_conditions = None;
                    self.statement_start = true;
                }
                Some(open) => *open -= 1,
                None => {}
            }
        }
    }

    /// `<`: a comparison, or type arguments.
    fn less(&mut self, at: usize) -> usize {
        let follows_name = at > 0 && self.is(at - 1, Kind::Ident);
        if follows_name && self.refuse_unbound(at) {
            self.operand = false;
            return at + 1;
        }
        if follows_name && let Some(end) = self.types.type_arguments_in_expression(at) {
            self.types.tag_arguments(at, false);
            self.operand = true;
            return end;
        }
        self.operand = false;
        at + 1
    }

    fn new_object(&mut self, at: usize) -> usize {
        self.operand = false;
        if self.is(at + 1, Kind::LBrace) || self.is(at + 1, Kind::LBracket) {
            return at + 1;
        }
        let begins = !at.checked_sub(1).is_some_and(|before| {
            matches!(self.kind(before), Some(Kind::Ident | Kind::Greater | Kind::TypeGreater | Kind::RParen))
        });
        if begins && self.is(at + 1, Kind::LParen) {
            self.refuse(
                at,
                Some("CS8181"),
                "`new()` without a type is not available in C# 7",
                Some("write the type behind `new`"),
            );
        }
        let end = self.tag_type(at + 1, true);
        self.refuse_inner_size(end);
        self.new_ends = end;
        self.role(end, Inside::NewArguments);
        end
    }

    /// `typeof(T)` and its like.
    fn type_operand(&mut self, at: usize, kind: Kind) -> usize {
        self.operand = kind == Kind::Default;
        if self.is(at + 1, Kind::LParen) {
            self.role(at + 1, Inside::TypeOperand);
            self.open(Inside::TypeOperand);
            let end = match kind {
                Kind::TypeOf => self.types.tag_typeof(at + 2),
                _ => self.types.tag_type(at + 2, false),
            };
            self.operand = true;
            return end.unwrap_or(at + 2);
        }
        if kind == Kind::Default {
            self.types.set(at, Kind::DefaultLiteral);
        }
        at + 1
    }

    fn role(&mut self, at: usize, inside: Inside) {
        if self.is(at, Kind::LParen) {
            self.roles[at] = Some(inside);
        }
    }

    fn open(&mut self, inside: Inside) {
        let in_query = self.frames.last().is_some_and(|frame| frame.in_query);
        self.frames.push(Frame::new(inside, in_query));
        self.operand = false;
    }

    fn close(&mut self) -> Option<Frame> {
        // The outermost frame stays: too many closing brackets are the grammar's to report.
        if self.frames.len() > 1 { self.frames.pop() } else { None }
    }

    /// A type must stand here: tags it and answers with its end, or with `at` where there is none.
    fn tag_type(&mut self, at: usize, without_ranks: bool) -> usize {
        match self.types.tag_type(at, without_ranks) {
            Some(end) => {
                self.operand = true;
                end
            }
            None => at,
        }
    }

    fn comma(&mut self) {
        self.operand = false;
        let Some(frame) = self.frames.last_mut() else { return };
        if frame.comma_ends_query {
            frame.in_query = frame.query_from_outside;
            frame.comma_ends_query = false;
        }
        self.element_start = matches!(
            frame.inside,
            Inside::Group
                | Inside::Arguments
                | Inside::NewArguments
                | Inside::Initializer
                | Inside::Parameters
                | Inside::Header
        );
    }

    fn question(&mut self, at: usize) -> usize {
        self.operand = false;
        // Space may part them, even a line; `.5` is a number of its own.
        if self.is(at + 1, Kind::Dot) {
            self.types.set(at, Kind::QuestionDot);
            self.types.join(at);
            return at + 2;
        }
        if self.is(at + 1, Kind::LBracket) {
            self.types.set(at, Kind::QuestionBracket);
            self.operand = true;
            return at + 1;
        }
        if let Some(open) = self.frames.last_mut().and_then(|frame| frame.case_conditions.as_mut()) {
            *open += 1;
        }
        at + 1
    }

    fn greater(&mut self, at: usize) -> usize {
        self.operand = false;
        let joined = match self.kind(at + 1) {
            Some(Kind::Greater) if self.types.adjacent(at) => Kind::ShiftRight,
            Some(Kind::GreaterEqual) if self.types.adjacent(at) => Kind::ShiftRightAssign,
            _ => return at + 1,
        };
        self.types.set(at, joined);
        self.types.join(at);
        at + 2
    }

    /// `is`: a type, a declaration or a constant, as what stands behind the type tells.
    fn is_operator(&mut self, at: usize) -> usize {
        self.operand = false;
        if self.is(at + 1, Kind::Void) {
            self.refuse(at + 1, Some("CS1547"), "`void` is no type of a value", None);
        }
        // The type of a tuple cannot stand here: a parenthesis begins a value.
        if self.is(at + 1, Kind::LParen) {
            return at + 1;
        }
        let Some(end) = self.types.scan_type(at + 1) else { return at + 1 };
        // Only names can be constants too: `x is A.B`.
        let can_be_value = self.is(at + 1, Kind::Ident) || self.is(at + 2, Kind::Dot);
        let goes_on = match self.kind(end) {
            Some(Kind::Ident) if self.is_plain_name(end) => {
                self.types.set(at, Kind::IsDeclaration);
                self.types.tag_type(at + 1, false);
                self.operand = true;
                return end + 1;
            }
            Some(
                Kind::LParen
                | Kind::LBracket
                | Kind::Dot
                | Kind::Plus
                | Kind::Minus
                | Kind::Star
                | Kind::Slash
                | Kind::Percent,
            ) => true,
            Some(Kind::ShiftLeft) => true,
            _ => false,
        };
        if goes_on && can_be_value {
            return at + 1;
        }
        self.types.set(at, Kind::IsType);
        self.tag_type(at + 1, false)
    }

    /// Whether the identifier here is no contextual keyword of where it stands.
    fn is_plain_name(&self, at: usize) -> bool {
        let in_query = self.frames.last().is_some_and(|frame| frame.in_query);
        let in_case = self.frames.last().is_some_and(|frame| frame.case_conditions.is_some());
        let is_keyword = in_query && query::keyword(self.word(at)).is_some() || in_case && self.word(at) == "when";
        !is_keyword
    }
}
