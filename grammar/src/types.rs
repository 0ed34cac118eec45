//! Finds where a type ends, and tags the tokens inside of it.
//!
//! In: tokens. Out: the end of the type that may begin at one of them, and, once the pass knows that it is a type, tags on its `<`, `>`,
//! `?` and `[`. A scan goes forward only and gives up beyond `MAX_NESTING`, so that the whole pass stays linear.

use crate::tokens::{Kind, Token};

const MAX_NESTING: u32 = 16;
/// How many unclosed brackets a closing one looks behind.
const FAR: usize = 64;

pub struct Types<'a> {
    pub tokens: Vec<Token>,
    text: &'a str,
    /// The index of the other bracket.
    partners: Vec<Option<u32>>,
    /// Tokens that were joined to the one before.
    dropped: Vec<bool>,
}

impl<'a> Types<'a> {
    pub fn new(text: &'a str, tokens: Vec<Token>) -> Types<'a> {
        let mut partners = vec![None; tokens.len()];
        let mut open: Vec<usize> = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            let opening = match token.kind {
                Kind::LParen | Kind::LBracket | Kind::LBrace => {
                    open.push(at);
                    continue;
                }
                Kind::RParen => Kind::LParen,
                Kind::RBracket => Kind::LBracket,
                Kind::RBrace => Kind::LBrace,
                _ => continue,
            };
            // A bracket that nothing closes has no partner, and keeps none from the brackets around it; only a `}` reaches beyond a `{`.
            let within = |&&before: &&usize| opening == Kind::LBrace || tokens[before].kind != Kind::LBrace;
            let depth =
                open.iter().rev().take(FAR).take_while(within).position(|&before| tokens[before].kind == opening);
            if let Some(depth) = depth {
                open.truncate(open.len() - depth);
                if let Some(before) = open.pop() {
                    partners[before] = Some(at as u32);
                    partners[at] = Some(before as u32);
                }
            }
        }
        let dropped = vec![false; tokens.len()];
        Types { tokens, text, partners, dropped }
    }

    pub fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    /// The token as written: `@from` is no contextual keyword.
    pub fn word(&self, at: usize) -> &'a str {
        self.tokens.get(at).map_or("", |token| &self.text[token.start as usize..token.end as usize])
    }

    pub fn set(&mut self, at: usize, kind: Kind) {
        self.tokens[at].kind = kind;
    }

    /// Whether no space parts this token from the next.
    pub fn adjacent(&self, at: usize) -> bool {
        self.tokens.get(at + 1).is_some_and(|next| self.tokens[at].end == next.start)
    }

    /// Makes one token of this and the next.
    pub fn join(&mut self, at: usize) {
        self.tokens[at].end = self.tokens[at + 1].end;
        self.dropped[at + 1] = true;
    }

    pub fn is_dropped(&self, at: usize) -> bool {
        self.dropped[at]
    }

    pub fn partner(&self, at: usize) -> Option<usize> {
        self.partners.get(at).copied().flatten().map(|other| other as usize)
    }

    /// What stands behind the bracket that closes this one.
    pub fn after_partner(&self, at: usize) -> Option<Kind> {
        self.partner(at).and_then(|close| self.kind(close + 1))
    }

    /// The index of the `]` if `[` holds nothing or only commas.
    pub fn closes_rank(&self, at: usize) -> Option<usize> {
        let mut end = at + 1;
        while self.kind(end) == Some(Kind::Comma) {
            end += 1;
        }
        (self.kind(end) == Some(Kind::RBracket)).then_some(end)
    }

    /// The end of the type that begins here, if one does. It may be an expression as well.
    pub fn scan_type(&self, at: usize) -> Option<usize> {
        Scan { types: self, without_ranks: false, unbound: false }.whole(at, 0, &mut |_, _| {})
    }

    /// The end of the type arguments whose `<` stands here.
    pub fn scan_arguments(&self, at: usize) -> Option<usize> {
        Scan { types: self, without_ranks: false, unbound: false }.arguments(at, 0, &mut |_, _| {})
    }

    /// "Grammar ambiguities": the end of the type arguments here, if what follows says that they are some.
    pub fn type_arguments_in_expression(&self, at: usize) -> Option<usize> {
        use Kind::*;
        let end = self.scan_arguments(at)?;
        match self.kind(end) {
            None => Some(end),
            Some(
                LParen | RParen | RBracket | RBrace | Colon | Semicolon | Comma | Dot | Question | EqualEqual
                | BangEqual | Bar | Caret | AmpAmp | BarBar | Amp | LBracket | Less | LessEqual | GreaterEqual | Is
                | As,
            ) => Some(end),
            _ => None,
        }
    }

    /// Tags the type here and answers with its end.
    pub fn tag_type(&mut self, at: usize, without_ranks: bool) -> Option<usize> {
        self.tagging(at, without_ranks, false, false)
    }

    /// As `tag_type`, with `void` and unbound `List<>`.
    pub fn tag_typeof(&mut self, at: usize) -> Option<usize> {
        if self.kind(at) == Some(Kind::Void) {
            return Some(at + 1);
        }
        self.tagging(at, false, true, false)
    }

    /// Tags the type arguments whose `<` stands here.
    pub fn tag_arguments(&mut self, at: usize, unbound: bool) {
        self.tagging(at, false, unbound, true);
    }

    fn tagging(&mut self, at: usize, without_ranks: bool, unbound: bool, arguments: bool) -> Option<usize> {
        let mut tags: Vec<(usize, Kind)> = Vec::new();
        let scan = Scan { types: self, without_ranks, unbound };
        let mut tag = |at: usize, kind: Kind| tags.push((at, kind));
        let end = if arguments { scan.arguments(at, 0, &mut tag) } else { scan.whole(at, 0, &mut tag) }?;
        for (at, kind) in tags {
            self.set(at, kind);
        }
        Some(end)
    }

    /// "Cast expressions": the index of the `)` if the `(` here begins a cast. `is_keyword`: whether the identifier at an index is a
    /// keyword where it stands.
    pub fn cast(&self, at: usize, is_keyword: impl Fn(usize) -> bool) -> Option<usize> {
        use Kind::*;
        let end = self.scan_type(at + 1)?;
        if self.kind(end) != Some(RParen) {
            return None;
        }
        let last = self.kind(end - 1)?;
        let first = self.kind(at + 1)?;
        let is_surely_type = last.is_predefined_type()
            || last == Question
            || (last == RBracket && self.kind(end - 2).is_some_and(|kind| matches!(kind, LBracket | Comma)))
            || (first == Ident && self.kind(at + 2) == Some(ColonColon));
        let next = self.kind(end + 1)?;
        let follows_cast = matches!(next, Tilde | Bang | LParen)
            || (next == Ident && !is_keyword(end + 1))
            || next.is_literal()
            || (next.is_keyword() && !matches!(next, As | Is | In));
        (is_surely_type || follows_cast).then_some(end)
    }
}

struct Scan<'s> {
    types: &'s Types<'s>,
    without_ranks: bool,
    unbound: bool,
}

impl Scan<'_> {
    fn kind(&self, at: usize) -> Option<Kind> {
        self.types.kind(at)
    }

    fn whole(&self, at: usize, depth: u32, tag: &mut dyn FnMut(usize, Kind)) -> Option<usize> {
        if depth > MAX_NESTING {
            return None;
        }
        let mut end = match self.kind(at)? {
            Kind::Ident => self.name(at, depth, tag)?,
            Kind::LParen => self.tuple(at, depth, tag)?,
            kind if kind.is_predefined_type() => at + 1,
            _ => return None,
        };
        if matches!(self.kind(end), Some(Kind::Question | Kind::Nullable)) && !self.is_conditional(end) {
            tag(end, Kind::Nullable);
            end += 1;
        }
        if !(self.without_ranks && depth == 0) {
            while self.kind(end).is_some_and(|kind| matches!(kind, Kind::LBracket | Kind::RankBracket))
                && let Some(close) = self.types.closes_rank(end)
            {
                tag(end, Kind::RankBracket);
                end = close + 1;
            }
        }
        Some(end)
    }

    /// Whether the `?` behind a type belongs to `?:` or `?.`: an operand follows. In a declaration a name follows too, and then `=`, `;`
    /// and their like, where `a ? b : c` goes on.
    fn is_conditional(&self, at: usize) -> bool {
        let Some(next) = self.kind(at + 1) else { return false };
        match next {
            Kind::Ident => {
                let behind = self.kind(at + 2);
                // A type alone is no condition.
                let of_type = at.checked_sub(2).is_none_or(|before| {
                    !matches!(self.kind(before), Some(Kind::Is | Kind::IsType | Kind::As | Kind::Case | Kind::Dot))
                });
                let is_declared = of_type && self.kind(at - 1).is_some_and(Kind::is_predefined_type)
                    || matches!(behind, Some(Kind::Assign | Kind::Semicolon | Kind::Comma | Kind::RParen | Kind::In))
                    || (behind == Some(Kind::LParen)
                        && matches!(self.types.after_partner(at + 2), Some(Kind::LBrace | Kind::Arrow)));
                !is_declared
            }
            Kind::LBracket => self.types.closes_rank(at + 1).is_none() && !self.without_ranks,
            Kind::LParen => !self.without_ranks,
            Kind::Dot => true,
            kind => {
                kind.is_literal()
                    || kind.is_predefined_type()
                    || matches!(
                        kind,
                        Kind::New
                            | Kind::This
                            | Kind::Base
                            | Kind::TypeOf
                            | Kind::Default
                            | Kind::Bang
                            | Kind::Minus
                            | Kind::Plus
                            | Kind::Tilde
                            | Kind::Throw
                            | Kind::Checked
                            | Kind::Unchecked
                            | Kind::Delegate
                            | Kind::PlusPlus
                            | Kind::MinusMinus
                            | Kind::SizeOf
                    )
            }
        }
    }

    /// `a::B.C<D>.E`
    fn name(&self, at: usize, depth: u32, tag: &mut dyn FnMut(usize, Kind)) -> Option<usize> {
        let mut end = at + 1;
        if self.kind(end) == Some(Kind::ColonColon) && self.kind(end + 1) == Some(Kind::Ident) {
            end += 2;
        }
        loop {
            if matches!(self.kind(end), Some(Kind::Less | Kind::TypeLess)) {
                match self.arguments(end, depth + 1, tag) {
                    Some(after) => end = after,
                    // In an expression it is a comparison: the type ends before it.
                    None => return Some(end),
                }
            }
            if self.kind(end) == Some(Kind::Dot) && self.kind(end + 1) == Some(Kind::Ident) {
                end += 2;
            } else {
                return Some(end);
            }
        }
    }

    /// `<A, B>`, or `<,>` where that is allowed.
    fn arguments(&self, at: usize, depth: u32, tag: &mut dyn FnMut(usize, Kind)) -> Option<usize> {
        let mut inner: Vec<(usize, Kind)> = vec![(at, Kind::TypeLess)];
        let mut end = at + 1;
        let is_end = |end: usize| matches!(self.kind(end), Some(Kind::Greater | Kind::TypeGreater));
        if self.unbound && (is_end(end) || self.kind(end) == Some(Kind::Comma)) {
            while self.kind(end) == Some(Kind::Comma) {
                end += 1;
            }
        } else {
            loop {
                end = self.whole(end, depth + 1, &mut |at, kind| inner.push((at, kind)))?;
                if self.kind(end) != Some(Kind::Comma) {
                    break;
                }
                end += 1;
            }
        }
        if !is_end(end) {
            return None;
        }
        inner.push((end, Kind::TypeGreater));
        for (at, kind) in inner {
            tag(at, kind);
        }
        Some(end + 1)
    }

    /// `(A a, B b)`
    fn tuple(&self, at: usize, depth: u32, tag: &mut dyn FnMut(usize, Kind)) -> Option<usize> {
        let mut end = at + 1;
        let mut count = 0;
        loop {
            end = self.whole(end, depth + 1, tag)?;
            if self.kind(end) == Some(Kind::Ident) {
                end += 1;
            }
            count += 1;
            match self.kind(end)? {
                Kind::Comma => end += 1,
                Kind::RParen if count > 1 => return Some(end + 1),
                _ => return None,
            }
        }
    }
}
