//! Statements: what begins one, and what its first tokens declare.

use super::{Inside, Pass};
use crate::tokens::Kind;

impl Pass<'_> {
    pub(super) fn case(&mut self, at: usize) -> usize {
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

    pub(super) fn header(&mut self, at: usize, kind: Kind) -> usize {
        self.operand = false;
        if !self.is(at + 1, Kind::LParen) {
            return at + 1;
        }
        let inside = match kind {
            Kind::For => Inside::ForHeader,
            Kind::Switch => Inside::BlockHeader,
            _ => Inside::Header,
        };
        self.role(at + 1, inside);
        self.open(inside);
        match kind {
            Kind::For | Kind::Using | Kind::ForEach => {
                let declares = self.behind_ref(at + 2);
                self.declaration(declares).unwrap_or(declares)
            }
            _ => at + 2,
        }
    }

    /// The start of a statement. Answers where to go on if it settled some tokens.
    pub(super) fn statement(&mut self, at: usize) -> Option<usize> {
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
            Kind::Ref => {
                let declares = self.behind_ref(at);
                return Some(self.declaration(declares).unwrap_or(declares));
            }
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

    /// Where what stands behind `ref` or `ref readonly` begins.
    fn behind_ref(&self, at: usize) -> usize {
        let readonly = self.is(at, Kind::Ref) && self.is(at + 1, Kind::Readonly);
        at + usize::from(self.is(at, Kind::Ref)) + usize::from(readonly)
    }

    /// A local declaration or function, or a deconstruction, if one begins here.
    pub(super) fn declaration(&mut self, at: usize) -> Option<usize> {
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
    pub(super) fn constraints_at(&self, paren: usize) -> Option<usize> {
        let at = self.types.partner(paren)? + 1;
        let begins = self.is(at, Kind::Ident) && self.word(at) == "where";
        (begins && self.is(at + 1, Kind::Ident) && self.is(at + 2, Kind::Colon)).then_some(at)
    }

    /// Tags the constraints of a local function, and answers with the token behind them.
    pub(super) fn constraints(&mut self, mut at: usize) -> usize {
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
