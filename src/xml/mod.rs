//! Bytes to a [`Tree`] with a place on everything, raw policy text included: inside `@(...)` and `@{...}`, quotes and
//! angle brackets may stand unescaped. Broken input yields a tree and findings. Knows no policy.

mod build;
mod entity;
mod mask;
pub mod scan;
mod tree;

pub use tree::{Attribute, Element, Node, NodeId, NodeKind, Tree};

use crate::diagnostics::{Diagnostics, Finding, codes};
use crate::source::{FileId, Sources, Span};

/// How expressions are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextForm {
    /// Told by each expression, and by the file where one can be read both ways.
    #[default]
    Auto,
    /// As C# is; entities in expressions are ordinary text.
    Raw,
    /// As XML wants it: quotes and angle brackets as entities.
    Escaped,
}

/// Elements inside elements; the platform's own documents stay far below.
pub const MAX_DEPTH: usize = 200;
/// After so many the text is no policy, and what follows tells nothing.
const MAX_FINDINGS: usize = 100;

/// Reads a text. What is wrong with it is reported, and the tree holds what could be read.
pub fn read<'s>(sources: &'s Sources, file: FileId, form: TextForm, found: &mut Diagnostics) -> Tree<'s> {
    let text = sources.text(file);
    if let Some(at) = sources.first_bad_byte(file) {
        let utf16 = text.starts_with("??");
        let finding = Finding::new(codes::XML_ENCODING, Span::new(file, at, at + 1), "this is not UTF-8 text");
        found.push(if utf16 { finding.help("the file looks like UTF-16; save it as UTF-8") } else { finding });
    }
    let copy = mask::mask(text, file, form, found);
    build::build(text, file, copy, found)
}
