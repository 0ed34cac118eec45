//! Tokens, grammar and syntax tree of C# 7.
//!
//! In: the text of a policy expression, without its `@(` `)` or `@{` `}`. Out: a syntax tree, and errors in words.
//! It binds no names and knows no types; `portcullis` does.

mod build;
mod depth;
mod parse;
mod recover;
mod scan;
pub mod syntax;
mod tags;
#[cfg(test)]
mod tests;
pub mod tokens;
mod types;

pub use parse::{parse_block, parse_expression};

/// A place in the text that was given to the parser, in bytes; `end` is exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

/// Which features are accepted; a newer one is parsed and reported as the compiler reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum LanguageVersion {
    #[default]
    CSharp7,
    CSharp7_3,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SyntaxError {
    pub span: Span,
    pub message: String,
    /// The compiler's own code, such as "CS1002".
    pub csharp: Option<&'static str>,
    pub help: Option<String>,
}

/// A tree where there is one (perhaps with `Error` nodes), and what is wrong with the text. Without errors there always is a tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed<T> {
    pub tree: Option<T>,
    pub errors: Vec<SyntaxError>,
    /// Names in statements that could not be read: who binds the rest should not miss them.
    pub lost: Vec<Box<str>>,
    /// What is in the tree and follows a mistake in the same statement: what else is wrong there may come of it.
    pub left_over: Vec<Span>,
}
