//! Elements: what begins an argument, a parameter, a part of a tuple or of an initialiser, and whether it declares a name.

use super::{Inside, Pass};
use crate::tokens::Kind;

impl Pass<'_> {
    /// The start of an argument, an element, a parameter or a member of an initialiser.
    pub(super) fn element(&mut self, at: usize) -> Option<usize> {
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
    pub(super) fn declaration_expression(&mut self, at: usize) -> Option<usize> {
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
    pub(super) fn deconstruction(&mut self, at: usize) -> Option<usize> {
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

    pub(super) fn parameter(&mut self, at: usize) -> usize {
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
}
