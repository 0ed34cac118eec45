//! What C# knows and policy expressions may not use, refused by name.

use super::Pass;
use crate::tokens::Kind;

impl Pass<'_> {
    /// Whether a member of what is made by `stackalloc T[n]` is asked for.
    fn goes_on(&self, at: usize) -> bool {
        let open = (at + 1..at + 4).find(|&open| self.is(open, Kind::LBracket));
        open.and_then(|open| self.types.after_partner(open)) == Some(Kind::Dot)
    }

    /// `stackalloc` makes a pointer, which is unsafe, or a `Span`, which policies do not have.
    pub(super) fn refuse_stackalloc(&mut self, at: usize) {
        let initializes = at >= 3 && self.is(at - 1, Kind::Assign) && self.is(at - 2, Kind::Ident);
        let of = self.kind(at.wrapping_sub(3)).filter(|_| initializes && !self.goes_on(at));
        let code = match of {
            None => Some("CS1525"),
            // A span, which there is none of.
            Some(Kind::TypeGreater | Kind::Greater) => Some("CS0246"),
            Some(Kind::Ident) if self.word(at - 3) == "var" => Some("CS0214"),
            Some(Kind::Star | Kind::Pointer) => Some("CS0214"),
            Some(_) => Some("CS8346"),
        };
        self.refuse(at, code, "`stackalloc` is not available in policy expressions", Some("use `new T[n]`"));
    }

    /// `List<>` outside of `typeof`.
    pub(super) fn refuse_unbound(&mut self, at: usize) -> bool {
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
    pub(super) fn refuse_inner_size(&mut self, at: usize) {
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
}
