//! `System.Text.RegularExpressions`: .NET's patterns, matched as .NET matches them.
//!
//! In: patterns and strings of UTF-16 units. Out: matches, or .NET's complaint about the pattern. `scan`, `count` and
//! `parse` read a pattern, `program` compiles it, `machine` runs it, `cache` keeps it; `objects`, `edit` and `members` are
//! what C# sees. Never: recursion over the input, or time without a limit: every step is metered.

mod cache;
mod class;
mod count;
mod edit;
mod machine;
mod members;
mod objects;
mod parse;
mod program;
mod replacement;
mod scan;
mod tables;
mod tree;

pub use members::{GROUP_TEXT, TYPES};
