//! Goes on behind a mistake, so that one run shows the mistakes of all statements.
//!
//! In: the tokens of a text, where its statements begin and end, and where the grammar stopped. Out: the tokens with one change that lets
//! the grammar get further: a bracket or a `;` put in where it plainly is missing, or the whole statement taken out. Each statement is
//! reported once; what follows from its mistake is silent. A name or value that is missing is put in as a name without letters, so that
//! what stands before it is checked: a tree that came out of this is only looked at for further mistakes.

use crate::Span;
use crate::parse::calls;
use crate::tags::Statement;
use crate::tokens::{Kind, Token};

/// Mistakes that are reported in one text. Nobody reads more, and each costs a run of the grammar.
pub const MAX_MISTAKES: u32 = 16;

pub struct Recovery<'a> {
    pub tokens: Vec<Token>,
    text: &'a str,
    /// Where the text ends.
    end: u32,
    /// Where something was put in; what goes wrong in the same statement is no mistake of its own.
    put_in: Vec<u32>,
    /// What was taken out.
    pub taken_out: Vec<Span>,
    /// What is left of statements behind a `;` that was put into them: it is read, and what is wrong there is no mistake of its own.
    pub left_over: Vec<Span>,
}

/// Where the grammar stopped, and what it would have taken.
pub struct Stop<'a> {
    /// Where the token begins that does not fit; the text's end where one is missing.
    pub at: u32,
    pub can: &'a dyn Fn(&str) -> bool,
    /// What is plainly missing there: a `,`, a name or value (`Ident`), arguments.
    pub missing: &'static [Kind],
}

/// What became of a mistake.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is one of its own, and the text was changed.
    Mistake,
    /// It follows from one that was reported, and the text was changed.
    Consequence,
    /// Nothing more can be read; whether it is to be reported.
    End { report: bool },
}

impl<'a> Recovery<'a> {
    pub fn new(text: &'a str, tokens: Vec<Token>, end: u32) -> Recovery<'a> {
        Recovery { tokens, text, end, put_in: Vec::new(), taken_out: Vec::new(), left_over: Vec::new() }
    }

    /// Names in what was taken out: they may have been declared there.
    pub fn lost_names(&self) -> Vec<Box<str>> {
        let gone = self.taken_out.iter().map(|gone| &self.text[gone.start as usize..gone.end as usize]);
        let words = gone.flat_map(|text| text.split(|c: char| !c.is_alphanumeric() && c != '_'));
        words.filter(|word| !word.is_empty()).map(Box::from).collect()
    }

    /// Takes out the statement that holds a mistake which is known before the grammar runs.
    pub fn drop_statement(&mut self, at: u32, statements: &[Statement]) -> Outcome {
        if self.taken_out.iter().any(|gone| gone.start <= at && at < gone.end) {
            return Outcome::Consequence;
        }
        match innermost(statements, at, false) {
            Some(statement) if self.take_out(statement) => Outcome::Mistake,
            _ => Outcome::End { report: true },
        }
    }

    pub fn mend(&mut self, stop: &Stop<'_>, statements: &[Statement]) -> Outcome {
        let is_width = |token: &&Token| token.end > token.start;
        let index = self.tokens.iter().position(|token| token.start >= stop.at && token.end > token.start);
        let here = index.map(|index| self.tokens[index]);
        let index = index.unwrap_or(self.tokens.len());
        let before = self.tokens[..index].iter().rev().find(is_width).copied();
        let closes = here.is_some_and(|token| token.kind == Kind::RBrace);
        let can = stop.can;

        if let Some(token) = here {
            let follows_gap = before.is_some_and(|before| before.kind == Kind::Broken);
            let is_closing = matches!(token.kind, Kind::RBrace | Kind::RParen | Kind::RBracket);
            let orphan = token.kind == Kind::Else && !self.taken_out.is_empty();
            if orphan || follows_gap && is_closing && innermost_of(statements, token.start).is_none() {
                self.tokens.remove(index);
                return Outcome::Consequence;
            }
            if token.kind == Kind::Broken {
                return self.take_out_around(token.span(), statements);
            }
            if follows_gap && let Some(gap) = before {
                return self.take_out_around(gap.span(), statements);
            }
        }
        let at = here.map_or(self.end, |token| token.start);
        let statement = innermost(statements, at, closes || here.is_none());
        // The ends of blocks are missing where the text ends, whatever the statement.
        if here.is_none() && can("}") {
            let known = self.put_in.contains(&u32::MAX) || !self.taken_out.is_empty() && statement.is_none();
            self.put_in.push(u32::MAX);
            self.tokens.push(Token { kind: Kind::RBrace, start: self.end, end: self.end });
            return if known { Outcome::Consequence } else { Outcome::Mistake };
        }
        if closes && can("return") {
            self.tokens.remove(index);
            return if self.taken_out.is_empty() { Outcome::Mistake } else { Outcome::Consequence };
        }
        let gap = before.map_or(at, |token| token.end);
        let Some(statement) = statement else { return self.mend_value(index, before, here, stop) };
        // A statement with statements in it keeps them.
        let can_close = !statements.iter().any(|inner| inner.start > statement.start && inner.end <= statement.end);
        let known = self.put_in.iter().any(|&at| statement.start <= at && at < statement.end)
            || self.left_over.iter().any(|left| left.start <= at && at < left.end);
        if !known {
            let ends_brackets = here.is_none_or(|token| matches!(token.kind, Kind::Semicolon | Kind::LBrace));
            if !stop.missing.is_empty() && gap > statement.start && !(can(")") && ends_brackets) {
                return self.put_missing(index, gap, stop.missing, statement.end);
            }
            if can(";") && !can("Int") {
                if !self.ends_line(before, here) {
                    self.left_over.push(Span { start: at, end: statement.end });
                }
                return self.put(index, gap, Kind::Semicolon);
            }
            let is_label = self.tokens.iter().any(|t| t.start == statement.start && t.kind == Kind::Case);
            if can(":") && is_label {
                return self.put(index, gap, Kind::Colon);
            }
            if can(")") && ends_brackets {
                return self.put(index, gap, Kind::RParen);
            }
            if (can(")") || can("]")) && self.skip_to_bracket(index, statement.end) {
                self.left_over.push(Span { start: gap, end: statement.end });
                return Outcome::Mistake;
            }
        }
        if known && (can(")") || can("]")) && self.skip_to_bracket(index, statement.end) {
            return Outcome::Consequence;
        }
        if known && can_close && self.cut(statement.start, index, statement.end, can) {
            return Outcome::Consequence;
        }
        match self.take_out(statement) {
            true if known => Outcome::Consequence,
            true => Outcome::Mistake,
            false => Outcome::End { report: !known },
        }
    }

    /// Outside of statements: closes what the text leaves open, or reads the value up to what does not fit, once.
    fn mend_value(&mut self, index: usize, before: Option<Token>, here: Option<Token>, stop: &Stop<'_>) -> Outcome {
        let can = stop.can;
        if !self.put_in.is_empty() || !self.left_over.is_empty() {
            return match here.is_some() && self.cut(0, index, self.end, can) {
                true => Outcome::Consequence,
                false => Outcome::End { report: false },
            };
        }
        if let (false, Some(before)) = (stop.missing.is_empty(), before) {
            return self.put_missing(index, before.end, stop.missing, self.end);
        }
        if (can(")") || can("]"))
            && let (Some(here), Some(before)) = (here, before)
            && !matches!(here.kind, Kind::RParen | Kind::RBracket)
            && self.skip_to_bracket(index, self.end)
        {
            self.left_over.push(Span { start: before.end, end: self.end });
            return Outcome::Mistake;
        }
        let open = open_brackets(&self.tokens[..index]);
        match here {
            None if can(")") || can("]") => {
                let closing = open.iter().rev().map(|kind| Token { kind: *kind, start: self.end, end: self.end });
                self.tokens.extend(closing);
                self.put_in.push(self.end);
                Outcome::Mistake
            }
            Some(here) if open.is_empty() && before.is_some() && !can("Int") => {
                self.tokens.truncate(index);
                self.left_over.push(Span { start: here.start, end: self.end });
                Outcome::Mistake
            }
            _ => Outcome::End { report: true },
        }
    }

    /// Whether a statement may well have ended between these: the line did, the block does, or the text.
    fn ends_line(&self, before: Option<Token>, here: Option<Token>) -> bool {
        match (before, here) {
            (Some(before), Some(here)) => {
                let between = &self.text[before.end as usize..here.start as usize];
                here.kind == Kind::RBrace || between.contains(['\n', '\r'])
            }
            _ => true,
        }
    }

    /// Puts in what is missing, so that what stands before it is read; what follows up to the end of its statement is left over.
    fn put_missing(&mut self, index: usize, at: u32, missing: &[Kind], end: u32) -> Outcome {
        self.left_over.push(Span { start: at, end });
        for kind in missing.iter().rev() {
            self.put(index, at, *kind);
        }
        Outcome::Mistake
    }

    /// Takes out what stands between here and the end of the innermost bracket that is open, inside of one statement.
    fn skip_to_bracket(&mut self, index: usize, end: u32) -> bool {
        let Some(&closing) = open_brackets(&self.tokens[..index]).last() else { return false };
        let mut depth = 0usize;
        for at in index..self.tokens.len() {
            let token = self.tokens[at];
            match token.kind {
                _ if token.start >= end => return false,
                Kind::Semicolon | Kind::Broken => return false,
                Kind::LParen | Kind::LBracket | Kind::LBrace => depth += 1,
                kind if depth == 0 && kind == closing => {
                    let at_gap = self.tokens[index].start;
                    let wrong = self.wrong_argument(open_at(&self.tokens[..index]).last().copied(), index, at_gap);
                    self.tokens.splice(index..at, wrong);
                    return at > index;
                }
                Kind::RParen | Kind::RBracket | Kind::RBrace if depth == 0 => return false,
                Kind::RParen | Kind::RBracket | Kind::RBrace => depth -= 1,
                _ => {}
            }
        }
        false
    }

    /// An argument that is wrong, in a call that loses some: nobody counts its arguments then.
    fn wrong_argument(&self, open: Option<usize>, index: usize, at: u32) -> Vec<Token> {
        let is_call = open.is_some_and(|open| self.tokens[open].kind == Kind::LParen && calls(&self.tokens[..=open]));
        let is_empty = open.is_some_and(|open| open + 1 == index);
        let kinds: &[Kind] = match is_call {
            true if is_empty => &[Kind::Ident],
            true => &[Kind::Comma, Kind::Ident],
            false => &[],
        };
        kinds.iter().map(|kind| Token { kind: *kind, start: at, end: at }).collect()
    }

    /// Ends a statement, or the value that the text is, before what does not fit: its brackets are closed, the rest is taken out.
    fn cut(&mut self, start: u32, index: usize, end: u32, can: &dyn Fn(&str) -> bool) -> bool {
        let first = self.tokens.iter().position(|token| token.start >= start).unwrap_or(index);
        let last = self.tokens.iter().position(|token| token.start >= end).unwrap_or(self.tokens.len());
        let open = open_brackets(&self.tokens[first.min(index)..index]);
        let closes = match open.last() {
            Some(Kind::RParen) => can(")"),
            Some(Kind::RBracket) => can("]"),
            Some(_) => false,
            None => (can(";") || start == 0 && end == self.end) && !can("Int"),
        };
        if !closes || open.contains(&Kind::RBrace) || index >= last {
            return false;
        }
        let (from, to) = (self.tokens[index].start, self.tokens[last - 1].end);
        let is_statement = self.tokens[last - 1].kind == Kind::Semicolon;
        let at = |kind| Token { kind, start: from, end: from };
        let inside = open_at(&self.tokens[..index]);
        let mut closing: Vec<Token> = Vec::new();
        for (nth, kind) in open.iter().rev().enumerate() {
            closing.extend(self.wrong_argument(inside.iter().rev().nth(nth).copied(), index, from));
            closing.push(at(*kind));
        }
        closing.extend(is_statement.then(|| at(Kind::Semicolon)));
        if closing.len() >= last - index && self.tokens[index..last].iter().zip(&closing).all(|(a, b)| a.kind == b.kind)
        {
            return false;
        }
        self.tokens.splice(index..last, closing);
        self.taken_out.push(Span { start: from, end: to });
        true
    }

    fn put(&mut self, index: usize, at: u32, kind: Kind) -> Outcome {
        self.put_in.push(at.saturating_sub(1));
        self.tokens.insert(index, Token { kind, start: at, end: at });
        Outcome::Mistake
    }

    /// What was taken out does not make a statement where it stands: takes out what it is a part of.
    fn take_out_around(&mut self, gap: Span, statements: &[Statement]) -> Outcome {
        let around = statements
            .iter()
            .filter(|s| s.start <= gap.start && gap.end <= s.end && (s.start < gap.start || gap.end < s.end))
            .filter(|s| self.tokens.iter().filter(|t| s.start <= t.start && t.start < s.end).count() > 1)
            .max_by_key(|s| (s.depth, s.start));
        match around {
            Some(statement) if self.take_out(*statement) => Outcome::Consequence,
            _ => Outcome::End { report: false },
        }
    }

    fn take_out(&mut self, statement: Statement) -> bool {
        // What has no width and stands at its start ends the one before.
        let inside = |token: &Token| {
            let begins = statement.start <= token.start && statement.start < token.end;
            begins && token.start < statement.end
        };
        let Some(first) = self.tokens.iter().position(inside) else { return false };
        let count = self.tokens[first..].iter().take_while(|token| inside(token)).count();
        let only_gap = count == 1 && self.tokens[first].kind == Kind::Broken;
        if only_gap {
            return false;
        }
        let (start, end) = (self.tokens[first].start, self.tokens[first + count - 1].end);
        if end <= start {
            return false;
        }
        self.tokens.splice(first..first + count, [Token { kind: Kind::Broken, start, end }]);
        self.taken_out.push(Span { start, end });
        true
    }
}

/// Where the brackets that are open behind these tokens stand, from the outside in.
fn open_at(tokens: &[Token]) -> Vec<usize> {
    let mut open = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::LParen | Kind::LBracket | Kind::LBrace => open.push(at),
            Kind::RParen | Kind::RBracket | Kind::RBrace => drop(open.pop()),
            _ => {}
        }
    }
    open
}

/// What closes the brackets that are open behind these tokens, from the outside in.
fn open_brackets(tokens: &[Token]) -> Vec<Kind> {
    let mut open = Vec::new();
    for token in tokens {
        match token.kind {
            Kind::LParen => open.push(Kind::RParen),
            Kind::LBracket => open.push(Kind::RBracket),
            Kind::LBrace => open.push(Kind::RBrace),
            kind if open.last() == Some(&kind) => drop(open.pop()),
            _ => {}
        }
    }
    open
}

/// The innermost statement that holds the place. What ends with the place counts where `at_end` is set: its own end is what is wrong.
fn innermost(statements: &[Statement], at: u32, at_end: bool) -> Option<Statement> {
    let holds = |s: &&Statement| s.start <= at && (at < s.end || at_end && at == s.end);
    statements.iter().filter(holds).max_by_key(|s| (s.depth, s.start)).copied()
}

fn innermost_of(statements: &[Statement], at: u32) -> Option<Statement> {
    innermost(statements, at, false)
}
