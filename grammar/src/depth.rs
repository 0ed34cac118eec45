//! Refuses what nests too deep, so that nobody who walks or frees a tree can run out of stack.
//!
//! In: tagged tokens. Out: the place where the tree would get higher than `MAX_HEIGHT`, or nothing. The estimate errs on the high side,
//! by no more than the longest chain of `.` and calls in one operand.

use crate::tokens::{Kind, Token};
use crate::{Span, SyntaxError};

/// Brackets in brackets, with interpolations.
pub const MAX_NESTING: u32 = 128;
/// Operators in a row, such as the terms of a sum, on top of the brackets around them.
pub const MAX_HEIGHT: u32 = 1000;

#[derive(Clone, Copy, Default)]
struct Frame {
    /// The height of what is around the bracket.
    base: u32,
    /// `if`, `else`, `while`, ... whose statement is not at its end.
    statements: u32,
    /// Queries, which a comma need not end.
    queries: u32,
    /// Operators since the last separator.
    operators: u32,
    /// Links such as `.name` and `(...)` since the last operator.
    links: u32,
}

impl Frame {
    fn height(self) -> u32 {
        self.base + self.statements + self.queries + self.operators + self.links
    }
}

/// `around`: how deep in interpolated strings the tokens stand.
pub fn too_deep(tokens: &[Token], around: u32) -> Option<SyntaxError> {
    let mut outer: Vec<Frame> = Vec::new();
    let mut frame = Frame::default();
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1).map(|token| token.kind);
        let ends_statement = |frame: &mut Frame| {
            (frame.operators, frame.links, frame.queries) = (0, 0, 0);
            if next != Some(Kind::Else) {
                frame.statements = 0;
            }
        };
        match token.kind {
            Kind::LParen
            | Kind::LambdaParen
            | Kind::CastParen
            | Kind::LBracket
            | Kind::RankBracket
            | Kind::LBrace
            | Kind::TypeLess => {
                outer.push(frame);
                frame = Frame { base: frame.height() + 1, ..Frame::default() };
            }
            Kind::RParen | Kind::RBracket | Kind::TypeGreater | Kind::RBrace => {
                frame = outer.pop().unwrap_or_default();
                frame.links += 1;
                // The `}` of a statement, not that of a value: nothing goes on behind it.
                let goes_on = matches!(
                    next,
                    Some(Kind::Dot | Kind::RParen | Kind::Comma | Kind::Semicolon | Kind::LBracket | Kind::QuestionDot)
                );
                if token.kind == Kind::RBrace && !goes_on {
                    ends_statement(&mut frame);
                }
            }
            Kind::Semicolon => ends_statement(&mut frame),
            Kind::Comma => (frame.operators, frame.links) = (0, 0),
            Kind::If
            | Kind::Else
            | Kind::While
            | Kind::For
            | Kind::ForEach
            | Kind::Using
            | Kind::Lock
            | Kind::Do
            | Kind::LabelName => {
                frame.statements += 1;
                (frame.operators, frame.links) = (0, 0);
            }
            Kind::From => frame.queries += 1,
            Kind::Dot | Kind::QuestionDot | Kind::PlusPlus | Kind::MinusMinus => frame.links += 1,
            kind if kind == Kind::Ident || kind.is_literal() => {}
            _ => {
                frame.operators += 1;
                frame.links = 0;
            }
        }
        if outer.len() as u32 + around * 8 > MAX_NESTING || frame.height() > MAX_HEIGHT {
            return Some(refusal(token.span()));
        }
    }
    None
}

pub fn refusal(span: Span) -> SyntaxError {
    SyntaxError {
        span,
        message: "this is nested too deep, or has too many terms".to_string(),
        csharp: Some("CS8078"),
        help: Some("keep a part of it in a variable of a `@{...}` block, or join a list of texts".to_string()),
    }
}
