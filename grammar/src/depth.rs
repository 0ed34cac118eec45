//! Refuses what nests too deep, so that nobody who walks or frees a tree can run out of stack.
//!
//! In: tagged tokens. Out: the place where the tree would get higher than `MAX_HEIGHT`, or nothing. The estimate errs on the high side,
//! by no more than the longest chain of `.` and calls in one operand.

use crate::tokens::{Kind, Token};
use crate::{Span, SyntaxError};

/// Brackets in brackets, with interpolations.
pub const MAX_NESTING: u32 = 128;
/// Operators, links of a chain and statements in each other, with the brackets around them.
pub const MAX_HEIGHT: u32 = 300;
/// Binary operators in a row, such as the terms of a sum. They come on top of `MAX_HEIGHT`: who walks a tree goes down the left side of
/// `ExprKind::Binary` in a loop.
pub const MAX_TERMS: u32 = 1000;

#[derive(Clone, Copy, Default)]
struct Frame {
    /// The height of what is around the bracket.
    base: u32,
    /// Binary operators, those around the bracket included, and how many of them are around.
    terms: u32,
    terms_around: u32,
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
            (frame.operators, frame.links, frame.queries, frame.terms) = (0, 0, 0, frame.terms_around);
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
                frame = Frame {
                    base: frame.height() + 1,
                    terms: frame.terms,
                    terms_around: frame.terms,
                    ..Frame::default()
                };
            }
            Kind::RParen | Kind::RBracket | Kind::TypeGreater | Kind::RBrace => {
                frame = outer.pop().unwrap_or_default();
                frame.links += 1;
                // The `}` of a statement, not that of a value: nothing goes on behind it.
                let goes_on = next.is_some_and(goes_on);
                if token.kind == Kind::RBrace && !goes_on {
                    ends_statement(&mut frame);
                }
            }
            Kind::Semicolon => ends_statement(&mut frame),
            Kind::Comma => (frame.operators, frame.links, frame.terms) = (0, 0, frame.terms_around),
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
            kind if is_left_binary(kind) && at > 0 && ends_operand(tokens[at - 1].kind) => {
                frame.terms += 1;
                frame.links = 0;
            }
            kind if kind == Kind::Ident || kind.is_literal() => {}
            _ => {
                frame.operators += 1;
                frame.links = 0;
            }
        }
        if outer.len() as u32 + around * 8 > MAX_NESTING || frame.height() > MAX_HEIGHT || frame.terms > MAX_TERMS {
            return Some(refusal(token.span()));
        }
    }
    None
}

/// Whether an expression goes on with this behind a `}`: no statement begins with it.
fn goes_on(kind: Kind) -> bool {
    use Kind::*;
    kind.is_operator()
        || matches!(
            kind,
            Dot | RParen
                | RBracket
                | Comma
                | Semicolon
                | Colon
                | LBracket
                | Question
                | QuestionDot
                | QuestionBracket
                | Is
                | IsType
                | IsDeclaration
                | As
                | When
        )
        || matches!(
            kind,
            From | Let | Where | Select | Group | By | Into | OrderBy | Ascending | Descending | Join | On | Equals
        )
}

fn ends_operand(kind: Kind) -> bool {
    kind == Kind::Ident
        || kind.is_literal()
        || matches!(
            kind,
            Kind::RParen | Kind::RBracket | Kind::RBrace | Kind::This | Kind::TypeGreater | Kind::DefaultLiteral
        )
}

/// `+` and `-` may be unary too: then they are counted as operators, for they follow no operand.
fn is_left_binary(kind: Kind) -> bool {
    use Kind::*;
    matches!(
        kind,
        Plus | Minus
            | Star
            | Slash
            | Percent
            | Amp
            | Bar
            | Caret
            | AmpAmp
            | BarBar
            | EqualEqual
            | BangEqual
            | Less
            | Greater
            | LessEqual
            | GreaterEqual
            | ShiftLeft
            | ShiftRight
    )
}

pub fn refusal(span: Span) -> SyntaxError {
    SyntaxError {
        span,
        message: "this is nested too deep, or has too many terms".to_string(),
        csharp: Some("CS8078"),
        help: Some("keep a part of it in a variable of a `@{...}` block, or join a list of texts".to_string()),
    }
}
