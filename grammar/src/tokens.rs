//! Text to tokens of C# 7.
//!
//! In: the text of an expression. Out: tokens with their places; comments and white space are gone. A string is one token whatever it
//! holds, and so is an interpolated one; `scan` finds their ends. Contextual keywords are identifiers here: `tags` tells them apart.

use crate::scan;
use crate::{Span, SyntaxError};
use logos::Logos;

pub use crate::scan::scan_expression_end;

/// A kind of token: what the lexer finds, and behind that what `tags` makes of it.
#[derive(Logos, Debug, Clone, Copy, PartialEq, Eq)]
#[logos(skip r"[ \t\r\n\x0b\x0c]+")]
#[logos(skip r"//[^\r\n]*")]
pub enum Kind {
    #[regex(r"[A-Za-z_][A-Za-z0-9_]*")]
    Ident,
    /// Where a number begins; `scan` finds its end, and whether it is whole.
    #[regex(r"[0-9]")]
    Int,
    #[regex(r"\.[0-9]")]
    Real,
    #[token("'")]
    Char,
    #[token("\"")]
    String,
    #[token("@\"")]
    VerbatimString,
    #[token("$\"")]
    Interpolated,
    #[token("$@\"")]
    #[token("@$\"")]
    VerbatimInterpolated,
    #[token("/*")]
    BlockComment,

    #[token("abstract")]
    Abstract,
    #[token("as")]
    As,
    #[token("base")]
    Base,
    #[token("bool")]
    Bool,
    #[token("break")]
    Break,
    #[token("byte")]
    Byte,
    #[token("case")]
    Case,
    #[token("catch")]
    Catch,
    #[token("char")]
    CharType,
    #[token("checked")]
    Checked,
    #[token("class")]
    Class,
    #[token("const")]
    Const,
    #[token("continue")]
    Continue,
    #[token("decimal")]
    Decimal,
    #[token("default")]
    Default,
    #[token("delegate")]
    Delegate,
    #[token("do")]
    Do,
    #[token("double")]
    Double,
    #[token("else")]
    Else,
    #[token("enum")]
    Enum,
    #[token("event")]
    Event,
    #[token("explicit")]
    Explicit,
    #[token("extern")]
    Extern,
    #[token("false")]
    False,
    #[token("finally")]
    Finally,
    #[token("fixed")]
    Fixed,
    #[token("float")]
    Float,
    #[token("for")]
    For,
    #[token("foreach")]
    ForEach,
    #[token("goto")]
    Goto,
    #[token("if")]
    If,
    #[token("implicit")]
    Implicit,
    #[token("in")]
    In,
    #[token("int")]
    IntType,
    #[token("interface")]
    Interface,
    #[token("internal")]
    Internal,
    #[token("is")]
    Is,
    #[token("lock")]
    Lock,
    #[token("long")]
    Long,
    #[token("namespace")]
    Namespace,
    #[token("new")]
    New,
    #[token("null")]
    Null,
    #[token("object")]
    Object,
    #[token("operator")]
    Operator,
    #[token("out")]
    Out,
    #[token("override")]
    Override,
    #[token("params")]
    Params,
    #[token("private")]
    Private,
    #[token("protected")]
    Protected,
    #[token("public")]
    Public,
    #[token("readonly")]
    Readonly,
    #[token("ref")]
    Ref,
    #[token("return")]
    Return,
    #[token("sbyte")]
    SByte,
    #[token("sealed")]
    Sealed,
    #[token("short")]
    Short,
    #[token("sizeof")]
    SizeOf,
    #[token("stackalloc")]
    StackAlloc,
    #[token("static")]
    Static,
    #[token("string")]
    StringType,
    #[token("struct")]
    Struct,
    #[token("switch")]
    Switch,
    #[token("this")]
    This,
    #[token("throw")]
    Throw,
    #[token("true")]
    True,
    #[token("try")]
    Try,
    #[token("typeof")]
    TypeOf,
    #[token("uint")]
    UInt,
    #[token("ulong")]
    ULong,
    #[token("unchecked")]
    Unchecked,
    #[token("unsafe")]
    Unsafe,
    #[token("ushort")]
    UShort,
    #[token("using")]
    Using,
    #[token("virtual")]
    Virtual,
    #[token("void")]
    Void,
    #[token("volatile")]
    Volatile,
    #[token("while")]
    While,

    #[token("(")]
    LParen,
    #[token(")")]
    RParen,
    #[token("[")]
    LBracket,
    #[token("]")]
    RBracket,
    #[token("{")]
    LBrace,
    #[token("}")]
    RBrace,
    #[token(".")]
    Dot,
    #[token(",")]
    Comma,
    #[token(":")]
    Colon,
    #[token("::")]
    ColonColon,
    #[token(";")]
    Semicolon,
    #[token("+")]
    Plus,
    #[token("-")]
    Minus,
    #[token("*")]
    Star,
    #[token("/")]
    Slash,
    #[token("%")]
    Percent,
    #[token("&")]
    Amp,
    #[token("|")]
    Bar,
    #[token("^")]
    Caret,
    #[token("!")]
    Bang,
    #[token("~")]
    Tilde,
    #[token("=")]
    Assign,
    #[token("<")]
    Less,
    #[token(">")]
    Greater,
    #[token("?")]
    Question,
    #[token("??")]
    QuestionQuestion,
    #[token("++")]
    PlusPlus,
    #[token("--")]
    MinusMinus,
    #[token("&&")]
    AmpAmp,
    #[token("||")]
    BarBar,
    #[token("->")]
    Pointer,
    #[token("==")]
    EqualEqual,
    #[token("!=")]
    BangEqual,
    #[token("<=")]
    LessEqual,
    #[token(">=")]
    GreaterEqual,
    #[token("+=")]
    PlusAssign,
    #[token("-=")]
    MinusAssign,
    #[token("*=")]
    StarAssign,
    #[token("/=")]
    SlashAssign,
    #[token("%=")]
    PercentAssign,
    #[token("&=")]
    AmpAssign,
    #[token("|=")]
    BarAssign,
    #[token("^=")]
    CaretAssign,
    #[token("<<")]
    ShiftLeft,
    #[token("<<=")]
    ShiftLeftAssign,
    #[token("=>")]
    Arrow,

    // What `tags` makes of the tokens above.
    /// `>>` and `>>=` are single `>` until it is known that they close no type arguments.
    ShiftRight,
    ShiftRightAssign,
    /// `{{name}}` where an operand stands: a named value that has no value here.
    NamedValue,
    /// `<` and `>` around type arguments.
    TypeLess,
    TypeGreater,
    /// The `?` of `T?`.
    Nullable,
    /// `?.`, and the `?` before `[`.
    QuestionDot,
    QuestionBracket,
    /// The `[` of `[]` and `[,]`.
    RankBracket,
    /// `(` of a cast, of the parameters of a lambda.
    CastParen,
    LambdaParen,
    /// `is T`, `is T name`; a plain `Is` tests against a constant.
    IsType,
    IsDeclaration,
    /// An identifier before the `:` of an argument or tuple element, of a label; before the `=` in an object initialiser.
    ArgumentName,
    LabelName,
    MemberName,
    /// `default` before the `:` of a switch section.
    DefaultLabel,
    /// `default` without a type behind it.
    DefaultLiteral,
    /// `throw` at the start of a statement.
    ThrowStatement,
    NameOf,
    When,
    From,
    Let,
    Where,
    Select,
    Group,
    By,
    Into,
    OrderBy,
    Ascending,
    Descending,
    Join,
    On,
    Equals,
    /// Before `return` and `break`.
    Yield,
    // Marks of no width, before the first token of what they announce.
    /// A local declaration, the variable of a `foreach`.
    Declaration,
    /// A local function.
    LocalFunction,
    /// `int x` or `var (a, b)` as an expression.
    DeclarationExpression,
    /// `T name` after `case`.
    DeclarationPattern,
    /// A statement that could not be read, and was reported.
    Broken,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    pub kind: Kind,
    pub start: u32,
    pub end: u32,
}

impl Token {
    pub fn span(self) -> Span {
        Span { start: self.start, end: self.end }
    }
}

/// Mistakes in tokens that are reported, in one text.
const MAX_MISTAKES: usize = 16;

/// The tokens of a part of the text, and what is wrong with them: a string without end ends with its line, what means nothing is left
/// out. `is_block`: the part is statements, so that a `{` may begin it.
pub fn tokens(text: &str, part: Span, is_block: bool) -> (Vec<Token>, Vec<SyntaxError>) {
    let (from, to) = (part.start as usize, part.end as usize);
    let mut found: Vec<Token> = Vec::new();
    let mut wrong: Vec<SyntaxError> = Vec::new();
    let mut lexer = Kind::lexer(&text[from..to]);
    while let Some(next) = lexer.next() {
        let start = from + lexer.span().start;
        let rest = &text[start..to];
        let mut end = from + lexer.span().end;
        let problem = |length: usize, message: &str, code, help: Option<&str>| SyntaxError {
            span: Span { start: start as u32, end: (start + length) as u32 },
            message: message.to_string(),
            csharp: Some(code),
            help: help.map(str::to_string),
        };
        let mut kind = match next {
            Ok(Kind::BlockComment) => match scan::block_comment(text.as_bytes(), start, to) {
                Some(after) => {
                    lexer.bump(after - end);
                    continue;
                }
                None => {
                    wrong.push(problem(2, "this comment has no `*/`", "CS1035", None));
                    return (found, wrong);
                }
            },
            Ok(kind) => kind,
            Err(()) => {
                let Some(first) = rest.chars().next() else { break };
                if is_space(first) {
                    lexer.bump(start + first.len_utf8() - end);
                    continue;
                }
                // A word that does not begin with an ASCII letter: `@class`, `\u0061`, `é`.
                let at = if first == '@' { 1 } else { 0 };
                let length = word_length(&rest[at..]);
                if length == 0 {
                    wrong.push(unexpected(first, start));
                    if wrong.len() == MAX_MISTAKES {
                        return (found, wrong);
                    }
                    lexer.bump(start + first.len_utf8() - end);
                    continue;
                }
                end = start + at + length;
                lexer.bump(end - (from + lexer.span().end));
                Kind::Ident
            }
        };
        if kind == Kind::Ident || kind.is_keyword() {
            // Past ASCII, or an escape: `naïve`, `f\u006f`.
            let more = if rest.as_bytes()[0] == b'@' { 0 } else { word_tail_length(&text[end..to]) };
            if more > 0 {
                kind = Kind::Ident;
                end += more;
                lexer.bump(more);
            }
        }
        let closed = match kind {
            Kind::Int | Kind::Real => {
                let (length, is_whole) = scan::number(rest.as_bytes());
                if let Some(whole) = scan::broken_number(rest.as_bytes(), length) {
                    let digits = &rest[..whole];
                    let based = digits.starts_with("0x") || digits.starts_with("0X");
                    let code = if digits.ends_with(['e', 'E', '+', '-']) && !based { "CS0595" } else { "CS1013" };
                    wrong.push(problem(whole, "this is no number", code, None));
                    lexer.bump(start + whole - end);
                    found.push(Token { kind: Kind::Int, start: start as u32, end: (start + whole) as u32 });
                    continue;
                }
                kind = if is_whole { Kind::Int } else { Kind::Real };
                Some(start + length)
            }
            Kind::Char => scan::char_literal(text.as_bytes(), start, to),
            Kind::String => scan::string(text.as_bytes(), start + 1, to, false),
            Kind::VerbatimString => scan::string(text.as_bytes(), start + 2, to, true),
            Kind::Interpolated => scan::interpolated(text.as_bytes(), start + 2, to, false),
            Kind::VerbatimInterpolated => {
                if rest.starts_with('@') {
                    let message = "`@$\"` is not available in C# 7";
                    wrong.push(problem(3, message, "CS1525", Some("write `$@\"` instead")));
                }
                scan::interpolated(text.as_bytes(), start + 3, to, true)
            }
            Kind::LBrace => match named_value(rest, found.last(), is_block) {
                Some(length) => {
                    kind = Kind::NamedValue;
                    Some(start + length)
                }
                None => Some(end),
            },
            _ => Some(end),
        };
        let closed = match closed {
            Some(closed) => closed,
            None => {
                wrong.push(match kind {
                    Kind::Char => problem(1, "this character has no closing `'`", "CS1010", None),
                    Kind::VerbatimString => problem(2, "this string has no closing `\"`", "CS1039", None),
                    Kind::VerbatimInterpolated => problem(3, "this string has no closing `\"`", "CS1039", None),
                    Kind::Interpolated if scan::leaves_hole_open(text.as_bytes(), start + 2, to, false) => {
                        problem(end - start, "a `{` in this string has no closing `}`", "CS8076", None)
                    }
                    _ => {
                        let help = "a string ends on the line where it began, unless it is written `@\"...\"`";
                        problem(end - start, "this string has no closing `\"` on its line", "CS1010", Some(help))
                    }
                });
                if wrong.len() == MAX_MISTAKES {
                    return (found, wrong);
                }
                let rest = &text[end..to];
                if matches!(kind, Kind::VerbatimString | Kind::VerbatimInterpolated) {
                    to
                } else {
                    // Most likely the quote is missing before what ends the statement.
                    let line = rest.split(['\r', '\n']).next().unwrap_or_default();
                    end + line.trim_end_matches([';', ')', ' ', '\t']).len()
                }
            }
        };
        lexer.bump(closed - end);
        found.push(Token { kind, start: start as u32, end: closed as u32 });
    }
    (found, wrong)
}

fn unexpected(found: char, start: usize) -> SyntaxError {
    let help = match found {
        '‘' | '’' | '“' | '”' => {
            Some("write a straight quote: this one looks like it came from a word processor".to_string())
        }
        '#' => Some("directives such as `#if` cannot stand in a policy expression".to_string()),
        '@' => Some(
            "`@` stands before a string or an identifier; only the outermost `@(` or `@{` begins an expression"
                .to_string(),
        ),
        _ => None,
    };
    SyntaxError {
        span: Span { start: start as u32, end: (start + found.len_utf8()) as u32 },
        message: format!("`{}` means nothing in C#", found.escape_debug()),
        csharp: Some(if found == '@' { "CS1646" } else { "CS1056" }),
        help,
    }
}

/// The length of `{{name}}`, if it stands where C# wants an operand, so that it can be no brace of C#.
fn named_value(rest: &str, before: Option<&Token>, is_block: bool) -> Option<usize> {
    let inner = rest.strip_prefix("{{")?;
    let Some(before) = before else { return named_value_length(inner).filter(|_| !is_block) };
    let operand_expected = match before.kind {
        Kind::LParen | Kind::LBracket | Kind::Comma | Kind::Colon | Kind::Return | Kind::In | Kind::Case => true,
        Kind::Question | Kind::Assign => true,
        kind => kind.is_operator(),
    };
    named_value_length(inner).filter(|_| operand_expected)
}

/// With its braces, given what follows the opening ones.
fn named_value_length(inner: &str) -> Option<usize> {
    let length =
        inner.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b' ')).count();
    let is_name = !inner[..length].trim().is_empty() && inner[length..].starts_with("}}");
    is_name.then_some(length + 4)
}

/// White space beyond ASCII, as C# has it.
pub(crate) fn is_space(c: char) -> bool {
    matches!(
        c,
        '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{feff}'
    )
}

fn word_length(text: &str) -> usize {
    match word_char(text) {
        Some((first, length)) if first.is_alphabetic() || first == '_' => length + word_tail_length(&text[length..]),
        _ => 0,
    }
}

fn word_tail_length(text: &str) -> usize {
    let mut at = 0;
    while let Some((c, length)) = word_char(&text[at..])
        && (c.is_alphanumeric() || c == '_' || is_mark(c))
    {
        at += length;
    }
    at
}

/// Combining marks, connectors and format characters continue a word. The ranges in use, not all of Unicode.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{200c}' | '\u{200d}' | '\u{203f}' | '\u{2040}' | '\u{ad}')
}

/// The first character of a word, where `\u0041` counts as what it stands for.
pub(crate) fn word_char(text: &str) -> Option<(char, usize)> {
    let c = text.chars().next()?;
    if c != '\\' {
        return Some((c, c.len_utf8()));
    }
    let length = match text.as_bytes().get(1)? {
        b'u' => 6,
        b'U' => 10,
        _ => return None,
    };
    let digits = text.get(2..length)?;
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let code = u32::from_str_radix(digits, 16).ok()?;
    Some((char::from_u32(code)?, length))
}

impl Kind {
    pub fn is_keyword(self) -> bool {
        (self as u8) >= (Kind::Abstract as u8) && (self as u8) <= (Kind::While as u8)
    }

    /// A type that is a keyword; `void` is not among them.
    pub fn is_predefined_type(self) -> bool {
        use Kind::*;
        matches!(
            self,
            Bool | Byte
                | SByte
                | Short
                | UShort
                | IntType
                | UInt
                | Long
                | ULong
                | CharType
                | Float
                | Double
                | Decimal
                | StringType
                | Object
        )
    }

    pub fn is_literal(self) -> bool {
        use Kind::*;
        matches!(
            self,
            Int | Real
                | Char
                | String
                | VerbatimString
                | Interpolated
                | VerbatimInterpolated
                | True
                | False
                | Null
                | NamedValue
        )
    }

    /// An operator that wants an operand behind it.
    pub fn is_operator(self) -> bool {
        use Kind::*;
        matches!(
            self,
            Plus | Minus
                | Star
                | Slash
                | Percent
                | Amp
                | Bar
                | Caret
                | Bang
                | Tilde
                | Less
                | Greater
                | QuestionQuestion
                | AmpAmp
                | BarBar
                | EqualEqual
                | BangEqual
                | LessEqual
                | GreaterEqual
                | ShiftLeft
                | ShiftRight
                | Arrow
        ) || self.is_assignment()
    }

    pub fn is_assignment(self) -> bool {
        use Kind::*;
        matches!(
            self,
            Assign
                | PlusAssign
                | MinusAssign
                | StarAssign
                | SlashAssign
                | PercentAssign
                | AmpAssign
                | BarAssign
                | CaretAssign
                | ShiftLeftAssign
                | ShiftRightAssign
        )
    }
}
