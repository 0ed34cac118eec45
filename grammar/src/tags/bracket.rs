//! Brackets: what each opens, and what its end begins.

use super::{Frame, Inside, Pass};
use crate::tokens::Kind;

impl Pass<'_> {
    pub(super) fn open_paren(&mut self, at: usize) -> usize {
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

    pub(super) fn close_paren(&mut self) {
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

    pub(super) fn open_brace(&mut self, at: usize) {
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
    pub(super) fn local_function_ends(&self, at: usize) -> bool {
        self.types
            .partner(at - 1)
            .and_then(|open| open.checked_sub(1))
            .is_some_and(|before| !self.is(before, Kind::Delegate))
    }

    pub(super) fn close_brace(&mut self, at: usize) {
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

    /// Forgets round and square brackets that nothing closed before the end of the statement.
    pub(super) fn drop_unclosed(&mut self) {
        let is_open = |frame: &Frame| match frame.inside {
            Inside::Block | Inside::Initializer => false,
            Inside::ForHeader => frame.semicolons >= 2,
            _ => true,
        };
        while self.frames.len() > 1 && self.frames.last().is_some_and(is_open) {
            self.frames.pop();
        }
    }
}
