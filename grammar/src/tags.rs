//! The disambiguation pass: gives each token the one meaning that the grammar needs to know before it reads on.
//!
//! In: the tokens of an expression or a block. Out: the same tokens, some of another kind, with marks of no width between them.
//! It follows the rules of the C# specification (grammar ambiguities, cast expressions, anonymous functions, declaration statements,
//! query expressions) in one walk with a list of open brackets. It never fails: on broken text its tags are a guess and the grammar
//! reports what does not fit; only what C# knows and policies may not use is refused here, by name. Where statements begin and end is
//! answered too, for who goes on behind a mistake.

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

    /// Forgets round and square brackets that nothing closed before the end of the statement.
    fn drop_unclosed(&mut self) {
        let is_open = |frame: &Frame| match frame.inside {
            Inside::Block | Inside::Initializer => false,
            Inside::ForHeader => frame.semicolons >= 2,
            _ => true,
        };
        while self.frames.len() > 1 && self.frames.last().is_some_and(is_open) {
            self.frames.pop();
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
            Kind::Semicolon => {
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
            Kind::Comma => self.comma(),
            Kind::Question => return self.question(at),
            Kind::Colon => {
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
            Kind::Less => {
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
            }
            Kind::Greater => return self.greater(at),
            Kind::Is => return self.is_operator(at),
            Kind::As => {
                self.operand = false;
                return self.tag_type(at + 1, false);
            }
            Kind::New => {
                self.operand = false;
                if self.is(at + 1, Kind::LBrace) || self.is(at + 1, Kind::LBracket) {
                    return at + 1;
                }
                if self.is(at + 1, Kind::LParen) && self.is(at + 2, Kind::RParen) {
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
                return end;
            }
            Kind::TypeOf | Kind::SizeOf | Kind::Default => {
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
            }
            Kind::Checked | Kind::Unchecked => {
                self.operand = false;
                self.role(at + 1, Inside::Group);
            }
            Kind::Out => {
                self.operand = false;
                return self.declaration_expression(at + 1).unwrap_or(at + 1);
            }
            Kind::StackAlloc => {
                self.refuse(at, None, "`stackalloc` is not available in policy expressions", Some("use `new T[n]`"))
            }
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

    /// `List<>` outside of `typeof`.
    fn refuse_unbound(&mut self, at: usize) -> bool {
        let mut end = at + 1;
        while self.is(end, Kind::Comma) {
            end += 1;
        }
        if !self.is(end, Kind::Greater) {
            return false;
        }
        let mut first = at - 1;
        while first >= 2 && self.is(first - 1, Kind::Dot) {
            first -= 2;
        }
        let before = first.checked_sub(1).and_then(|before| self.kind(before));
        // What is wrong with `typeof` and its like the grammar says.
        if before == Some(Kind::LParen) {
            return false;
        }
        let is_made = before == Some(Kind::New);
        let goes_on = matches!(self.kind(end + 1), Some(Kind::LParen | Kind::Dot));
        let code = if goes_on && !is_made { "CS0305" } else { "CS7003" };
        self.refuse(at - 1, Some(code), "a generic type without its type arguments stands in `typeof` only", None);
        true
    }

    /// In `new T[n][m]` the second size is wrong: an array of arrays is made without its inner ones.
    fn refuse_inner_size(&mut self, at: usize) {
        let mut open = at;
        while self.is(open, Kind::LBracket)
            && let Some(close) = self.types.partner(open)
        {
            if open > at && self.types.closes_rank(open).is_none() {
                let message = "an inner array has no size where the outer one is made";
                self.refuse(open + 1, Some("CS0178"), message, Some("make the inner arrays one by one"));
                return;
            }
            open = close + 1;
        }
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

    fn open_paren(&mut self, at: usize) -> usize {
        let role = match self.roles[at] {
            Some(role) => role,
            None if self.operand => Inside::Arguments,
            None if self.types.after_partner(at) == Some(Kind::Arrow) => {
                self.types.set(at, Kind::LambdaParen);
                Inside::Parameters
            }
            None => match self.types.cast(at, |next| !self.is_plain_name(next)) {
                Some(end) => {
                    self.types.set(at, Kind::CastParen);
                    self.open(Inside::Cast);
                    self.types.tag_type(at + 1, false);
                    return end;
                }
                None => Inside::Group,
            },
        };
        self.open(role);
        self.element_start = !matches!(role, Inside::ForHeader | Inside::Cast | Inside::TypeOperand);
        at + 1
    }

    fn close_paren(&mut self) {
        self.operand = true;
        // One too many: the grammar reports it.
        if matches!(self.inside(), Inside::Block | Inside::Initializer) {
            return;
        }
        let Some(frame) = self.close() else { return };
        match frame.inside {
            Inside::Header | Inside::ForHeader => {
                self.statement_start = true;
                self.operand = false;
            }
            Inside::Cast | Inside::Parameters | Inside::BlockHeader => self.operand = false,
            _ => {}
        }
    }

    fn open_brace(&mut self, at: usize) {
        let before = at.checked_sub(1).and_then(|before| self.kind(before));
        let closed = at.checked_sub(1).and_then(|before| self.types.partner(before)).and_then(|open| self.roles[open]);
        let (inside, is_body) = match before {
            _ if at > 0 && self.body_at == at => (Inside::Block, false),
            Some(Kind::Arrow) => (Inside::Block, true),
            Some(Kind::Delegate) => (Inside::Block, true),
            Some(Kind::Else | Kind::Do | Kind::Try | Kind::Finally | Kind::Catch | Kind::Checked | Kind::Unchecked) => {
                (Inside::Block, false)
            }
            Some(Kind::RParen) => match closed {
                Some(Inside::NewArguments) => (Inside::Initializer, false),
                Some(Inside::Parameters) => {
                    (Inside::Block, self.inside() != Inside::Block || !self.local_function_ends(at))
                }
                _ => (Inside::Block, false),
            },
            Some(Kind::Semicolon | Kind::RBrace | Kind::Colon) | None => (Inside::Block, false),
            Some(Kind::Broken) => (Inside::Block, false),
            Some(Kind::LBrace) if self.inside() == Inside::Block => (Inside::Block, false),
            // The `)` before the block is missing.
            Some(Kind::Ident | Kind::TypeGreater) if self.new_ends != at => {
                self.drop_unclosed();
                (Inside::Block, false)
            }
            Some(_) => (Inside::Initializer, false),
        };
        self.open(inside);
        if let Some(frame) = self.frames.last_mut() {
            frame.is_body = is_body;
        }
        self.statement_start = inside == Inside::Block;
        self.element_start = inside == Inside::Initializer;
    }

    /// Whether the `)` before this `{` ends the parameters of a local function, not of a `delegate`.
    fn local_function_ends(&self, at: usize) -> bool {
        self.types
            .partner(at - 1)
            .and_then(|open| open.checked_sub(1))
            .is_some_and(|before| !self.is(before, Kind::Delegate))
    }

    fn close_brace(&mut self, at: usize) {
        self.operand = true;
        if let Some(open) = self.frames.iter().rposition(|f| matches!(f.inside, Inside::Block | Inside::Initializer)) {
            self.frames.truncate(open + 1);
            // The outermost block has no brace of its own.
            if open > 0 && self.inside() == Inside::Block {
                self.end_statements(open + 1, at);
            }
        }
        let Some(frame) = self.close() else {
            self.statement_start = self.inside() == Inside::Block;
            return;
        };
        if frame.inside == Inside::Block && !frame.is_body {
            self.statement_start = self.inside() == Inside::Block;
            self.operand = false;
        }
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
        let is_keyword = in_query && query_keyword(self.word(at)).is_some() || in_case && self.word(at) == "when";
        !is_keyword
    }

    fn identifier(&mut self, at: usize) -> usize {
        let after_operand = std::mem::replace(&mut self.operand, true);
        if at > 0 && matches!(self.types.tokens[at - 1].kind, Kind::Dot | Kind::ColonColon) {
            return at + 1;
        }
        if self.word(at) == "when" && self.takes_when(at, after_operand) {
            self.types.set(at, Kind::When);
            self.operand = false;
            self.role(at + 1, if after_operand { Inside::Group } else { Inside::BlockHeader });
            return at + 1;
        }
        if !after_operand {
            match self.word(at) {
                "nameof" if self.is(at + 1, Kind::LParen) && !self.is(at + 2, Kind::RParen) => {
                    self.types.set(at, Kind::NameOf)
                }
                "from" => return self.from(at),
                "await" if self.begins_operand(at + 1) => {
                    self.refuse(
                        at,
                        Some("CS4033"),
                        "`await` is not available in policy expressions",
                        Some("policies wait for bodies and requests on their own"),
                    );
                }
                "async" if matches!(self.kind(at + 1), Some(Kind::Ident | Kind::Delegate)) || self.async_lambda(at) => {
                    self.refuse(at, None, "`async` lambdas are not available in policy expressions", None);
                }
                _ => {}
            }
            return at + 1;
        }
        let Some(keyword) = query_keyword(self.word(at)) else { return at + 1 };
        let Some(frame) = self.frames.last_mut() else { return at + 1 };
        if !frame.in_query {
            return at + 1;
        }
        self.types.set(at, keyword);
        self.operand = matches!(keyword, Kind::Ascending | Kind::Descending);
        match keyword {
            Kind::Select | Kind::By => frame.comma_ends_query = true,
            Kind::OrderBy => frame.comma_ends_query = false,
            _ => {}
        }
        match keyword {
            Kind::From => return self.range_variable(at),
            Kind::Join => return self.range_variable(at),
            _ => {}
        }
        at + 1
    }

    fn takes_when(&self, at: usize, after_operand: bool) -> bool {
        let in_case = after_operand && self.frames.last().is_some_and(|frame| frame.case_conditions.is_some());
        let after_catch = at
            .checked_sub(1)
            .and_then(|before| self.types.partner(before))
            .is_some_and(|open| self.roles[open] == Some(Inside::BlockHeader));
        in_case || after_catch || (at > 0 && self.is(at - 1, Kind::Catch))
    }

    fn async_lambda(&self, at: usize) -> bool {
        self.is(at + 1, Kind::LParen) && self.types.after_partner(at + 1) == Some(Kind::Arrow)
    }

    fn begins_operand(&self, at: usize) -> bool {
        self.kind(at)
            .is_some_and(|kind| kind == Kind::Ident || kind.is_literal() || matches!(kind, Kind::This | Kind::New))
    }

    /// `from` where an operand stands: a query, if a range variable and `in` follow.
    fn from(&mut self, at: usize) -> usize {
        let named = self.is(at + 1, Kind::Ident) && self.is(at + 2, Kind::In);
        let typed =
            || self.types.scan_type(at + 1).is_some_and(|end| self.is(end, Kind::Ident) && self.is(end + 1, Kind::In));
        if !named && !typed() {
            return at + 1;
        }
        self.types.set(at, Kind::From);
        if let Some(frame) = self.frames.last_mut() {
            frame.in_query = true;
            frame.comma_ends_query = false;
        }
        self.range_variable(at)
    }

    /// Behind `from` or `join`: `name in` or `T name in`.
    fn range_variable(&mut self, at: usize) -> usize {
        self.operand = false;
        if self.is(at + 1, Kind::Ident) && self.is(at + 2, Kind::In) {
            return at + 2;
        }
        match self.types.scan_type(at + 1) {
            Some(end) if self.is(end, Kind::Ident) => {
                self.types.tag_type(at + 1, false);
                end + 1
            }
            _ => at + 1,
        }
    }

    /// The start of an argument, an element, a parameter or a member of an initialiser.
    fn element(&mut self, at: usize) -> Option<usize> {
        match self.inside() {
            Inside::Parameters => return Some(self.parameter(at)),
            Inside::Initializer if self.is(at, Kind::Ident) && self.is(at + 1, Kind::Assign) => {
                self.types.set(at, Kind::MemberName);
                return Some(at + 1);
            }
            Inside::Group | Inside::Arguments | Inside::NewArguments
                if self.is(at, Kind::Ident) && self.is(at + 1, Kind::Colon) && at > 0 =>
            {
                self.types.set(at, Kind::ArgumentName);
                self.element_start = true;
                return Some(at + 2);
            }
            Inside::Group => {}
            _ => return None,
        }
        // "(a < b, c > d)" compares, "(a<b, c> d, e)" declares: what follows the name tells.
        let end = self.types.scan_type(at).filter(|&end| self.is(end, Kind::Ident));
        let is_first = at > 0 && self.is(at - 1, Kind::LParen);
        match end.and_then(|end| self.kind(end + 1)) {
            Some(Kind::Comma) => self.declaration_expression(at),
            Some(Kind::RParen) if !is_first => self.declaration_expression(at),
            _ => self.deconstruction(at),
        }
    }

    /// `int x`, `var (a, b)`.
    fn declaration_expression(&mut self, at: usize) -> Option<usize> {
        if self.is(at, Kind::Ident) && matches!(self.word(at), "from" | "await" | "async") {
            return None;
        }
        let end = self.types.scan_type(at)?;
        let is_name = self.is(end, Kind::Ident) && self.is_plain_name(end);
        if is_name {
            self.marks[at] = Some(Kind::DeclarationExpression);
            self.types.tag_type(at, false);
            self.operand = true;
            return Some(end + 1);
        }
        None
    }

    /// `var (a, b)` as what is assigned to or iterated over.
    fn deconstruction(&mut self, at: usize) -> Option<usize> {
        let is_var = self.is(at, Kind::Ident) && self.word(at) == "var" && self.is(at + 1, Kind::LParen);
        let close = if is_var { self.types.partner(at + 1)? } else { return None };
        // Longer than anyone writes; the limit keeps the pass linear.
        let names_only = close - at < 256
            && (at + 1..=close).all(|inside| {
                matches!(self.kind(inside), Some(Kind::Ident | Kind::Comma | Kind::LParen | Kind::RParen))
            });
        let has_comma = self.is(at + 3, Kind::Comma) || self.is(at + 2, Kind::LParen);
        let is_target = matches!(self.kind(close + 1), Some(Kind::Assign | Kind::In | Kind::Comma | Kind::RParen));
        if !(names_only && has_comma && is_target) {
            return None;
        }
        self.marks[at] = Some(Kind::DeclarationExpression);
        self.operand = true;
        Some(close + 1)
    }

    fn parameter(&mut self, at: usize) -> usize {
        let mut at = at;
        while matches!(self.kind(at), Some(Kind::Ref | Kind::Out | Kind::In | Kind::Params)) {
            at += 1;
        }
        self.operand = true;
        if self.is(at, Kind::Ident) && matches!(self.kind(at + 1), Some(Kind::Comma | Kind::RParen)) {
            return at + 1;
        }
        match self.types.tag_type(at, false) {
            Some(end) if self.is(end, Kind::Ident) => end + 1,
            Some(end) => end,
            None => {
                self.operand = false;
                at
            }
        }
    }

    fn case(&mut self, at: usize) -> usize {
        if let Some(frame) = self.frames.last_mut() {
            frame.case_conditions = Some(0);
        }
        match self.types.scan_type(at + 1) {
            Some(end) if self.is(end, Kind::Ident) && self.is_plain_name(end) => {
                self.marks[at + 1] = Some(Kind::DeclarationPattern);
                self.types.tag_type(at + 1, false);
                self.operand = true;
                end + 1
            }
            _ => at + 1,
        }
    }

    fn header(&mut self, at: usize, kind: Kind) -> usize {
        self.operand = false;
        if !self.is(at + 1, Kind::LParen) {
            return at + 1;
        }
        if self.is(at + 2, Kind::Ref) && matches!(kind, Kind::For | Kind::ForEach) {
            let what = if kind == Kind::For { "ref for-loop variables" } else { "ref foreach iteration variables" };
            let message = format!("feature '{what}' is not available in C# 7.0, nor are they in policy expressions");
            self.refuse(at + 2, Some("CS8107"), &message, None);
        }
        let inside = match kind {
            Kind::For => Inside::ForHeader,
            Kind::Switch => Inside::BlockHeader,
            _ => Inside::Header,
        };
        self.role(at + 1, inside);
        self.open(inside);
        match kind {
            Kind::For | Kind::Using | Kind::ForEach => self.declaration(at + 2).unwrap_or(at + 2),
            _ => at + 2,
        }
    }

    /// The start of a statement. Answers where to go on if it settled some tokens.
    fn statement(&mut self, at: usize) -> Option<usize> {
        self.operand = false;
        let kind = self.kind(at)?;
        match kind {
            Kind::Ident if self.is(at + 1, Kind::Colon) => {
                self.types.set(at, Kind::LabelName);
                self.statement_start = true;
                return Some(at + 2);
            }
            Kind::Ident
                if self.word(at) == "yield" && matches!(self.kind(at + 1), Some(Kind::Return | Kind::Break)) =>
            {
                self.types.set(at, Kind::Yield);
                self.operand = false;
                return Some(at + 1);
            }
            Kind::Default if self.is(at + 1, Kind::Colon) => {
                self.types.set(at, Kind::DefaultLabel);
                self.statement_start = true;
                return Some(at + 2);
            }
            Kind::Throw => {
                self.types.set(at, Kind::ThrowStatement);
                return Some(at + 1);
            }
            Kind::Const => {
                let end = self.tag_type(at + 1, false);
                return Some(if self.is(end, Kind::Ident) { end + 1 } else { end });
            }
            Kind::Ref if self.is(at + 1, Kind::Readonly) => {
                let feature =
                    "feature 'readonly references' is not available in C# 7.0, nor are they in policy expressions";
                self.refuse(at + 1, Some("CS8107"), feature, None);
            }
            Kind::Ref => return self.declaration(at + 1),
            Kind::Goto => {
                self.operand = false;
                // `goto case 1;` has no `:`; `goto default;` no label.
                return Some(if matches!(self.kind(at + 1), Some(Kind::Case | Kind::Default | Kind::Ident)) {
                    at + 2
                } else {
                    at + 1
                });
            }
            Kind::Class | Kind::Struct | Kind::Enum | Kind::Interface | Kind::Namespace => {
                self.refuse(
                    at,
                    None,
                    "types cannot be declared in a policy expression",
                    Some("use an anonymous type, a tuple or a `Dictionary`"),
                );
            }
            Kind::Unsafe | Kind::Fixed => {
                let code = if kind == Kind::Fixed { "CS0214" } else { "CS0227" };
                self.refuse(at, Some(code), "unsafe code is not available in policy expressions", None)
            }
            Kind::Static
            | Kind::Public
            | Kind::Private
            | Kind::Protected
            | Kind::Internal
            | Kind::Readonly
            | Kind::Volatile
            | Kind::Abstract
            | Kind::Sealed
            | Kind::Virtual
            | Kind::Override
            | Kind::Extern => {
                let word = self.word(at).to_string();
                self.refuse(
                    at,
                    Some("CS0106"),
                    &format!("`{word}` cannot stand before a statement"),
                    Some("only locals and local functions can be declared here, without modifiers"),
                );
            }
            kind if kind.is_predefined_type() && self.is(at + 1, Kind::Star) => {
                self.refuse(at, Some("CS0214"), "pointers are not available in policy expressions", None);
            }
            _ => return self.declaration(at),
        }
        None
    }

    /// A local declaration or function, or a deconstruction, if one begins here.
    fn declaration(&mut self, at: usize) -> Option<usize> {
        if self.is(at, Kind::Ident) {
            let word = self.word(at);
            if word == "from" && self.is(at + 1, Kind::Ident) && self.is(at + 2, Kind::In) {
                return None;
            }
            if word == "await" && self.begins_operand(at + 1)
                || word == "async"
                    && self
                        .kind(at + 1)
                        .is_some_and(|next| next == Kind::Ident || next == Kind::Void || next.is_predefined_type())
            {
                let code = if word == "await" { "CS4032" } else { "CS1983" };
                self.refuse(at, Some(code), &format!("`{word}` is not available in policy expressions"), None);
                return None;
            }
        }
        let end = if self.is(at, Kind::Void) { at + 1 } else { self.types.scan_type(at)? };
        if !self.is(end, Kind::Ident) {
            return self.deconstruction(at);
        }
        let mut paren = end + 1;
        if self.is(paren, Kind::Less)
            && let Some(after) = self.types.scan_arguments(paren)
        {
            paren = after;
        }
        let is_function = self.is(paren, Kind::LParen)
            && (matches!(self.types.after_partner(paren), Some(Kind::LBrace | Kind::Arrow))
                || self.constraints_at(paren).is_some());
        self.types.tag_type(at, false);
        self.operand = true;
        if !is_function && self.is(at, Kind::Void) {
            self.refuse(at, Some("CS1547"), "`void` is no type of a variable", None);
        }
        if !is_function {
            self.marks[at] = Some(Kind::Declaration);
            return Some(end + 1);
        }
        self.marks[at] = Some(Kind::LocalFunction);
        if paren > end + 1 {
            self.types.tag_arguments(end + 1, false);
        }
        self.roles[paren] = Some(Inside::Parameters);
        Some(paren)
    }

    /// Where the constraints of a local function begin whose parameters begin here.
    fn constraints_at(&self, paren: usize) -> Option<usize> {
        let at = self.types.partner(paren)? + 1;
        let begins = self.is(at, Kind::Ident) && self.word(at) == "where";
        (begins && self.is(at + 1, Kind::Ident) && self.is(at + 2, Kind::Colon)).then_some(at)
    }

    /// Tags the constraints of a local function, and answers with the token behind them.
    fn constraints(&mut self, mut at: usize) -> usize {
        while self.is(at, Kind::Ident) && self.word(at) == "where" {
            self.types.set(at, Kind::Where);
            at += 3;
            loop {
                at = match self.kind(at) {
                    Some(Kind::Class | Kind::Struct) => at + 1,
                    Some(Kind::New) => at + 3,
                    _ => match self.types.tag_type(at, false) {
                        Some(end) => end,
                        None => return at,
                    },
                };
                if !self.is(at, Kind::Comma) {
                    break;
                }
                at += 1;
            }
        }
        self.body_at = at;
        at
    }
}

fn query_keyword(word: &str) -> Option<Kind> {
    Some(match word {
        "from" => Kind::From,
        "let" => Kind::Let,
        "where" => Kind::Where,
        "select" => Kind::Select,
        "group" => Kind::Group,
        "by" => Kind::By,
        "into" => Kind::Into,
        "orderby" => Kind::OrderBy,
        "ascending" => Kind::Ascending,
        "descending" => Kind::Descending,
        "join" => Kind::Join,
        "on" => Kind::On,
        "equals" => Kind::Equals,
        _ => return None,
    })
}
