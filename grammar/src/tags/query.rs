//! Words that are keywords in their place alone: those of queries, `when`, `nameof`.

use super::{Inside, Pass};
use crate::tokens::Kind;

impl Pass<'_> {
    pub(super) fn identifier(&mut self, at: usize) -> usize {
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
        let Some(keyword) = keyword(self.word(at)) else { return at + 1 };
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

    pub(super) fn takes_when(&self, at: usize, after_operand: bool) -> bool {
        let in_case = after_operand && self.frames.last().is_some_and(|frame| frame.case_conditions.is_some());
        let after_catch = at
            .checked_sub(1)
            .and_then(|before| self.types.partner(before))
            .is_some_and(|open| self.roles[open] == Some(Inside::BlockHeader));
        in_case || after_catch || (at > 0 && self.is(at - 1, Kind::Catch))
    }

    pub(super) fn async_lambda(&self, at: usize) -> bool {
        self.is(at + 1, Kind::LParen) && self.types.after_partner(at + 1) == Some(Kind::Arrow)
    }

    pub(super) fn begins_operand(&self, at: usize) -> bool {
        self.kind(at)
            .is_some_and(|kind| kind == Kind::Ident || kind.is_literal() || matches!(kind, Kind::This | Kind::New))
    }

    /// `from` where an operand stands: a query, if a range variable and `in` follow.
    pub(super) fn from(&mut self, at: usize) -> usize {
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
    pub(super) fn range_variable(&mut self, at: usize) -> usize {
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
}

pub(super) fn keyword(word: &str) -> Option<Kind> {
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
