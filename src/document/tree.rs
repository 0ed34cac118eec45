//! The document that was read: sections, statements, values. Every part knows its spec and its place.

use super::spec::{Attr, Section, Shape, Spec};
use crate::source::{Cooked, FileId, Span};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    /// `<policies>` with its four sections.
    Policies,
    /// `<fragment>`: statements for the place that includes it.
    Fragment,
    /// Statements as documentation prints them, put into the sections that they belong to.
    Bare,
    /// A root of a GraphQL resolver, such as `<http-data-source>`.
    Resolver,
}

/// A policy document. What was wrong in it is absent and was reported.
#[derive(Clone, Debug)]
pub struct Document {
    pub file: FileId,
    pub kind: DocumentKind,
    /// By [`Section`] as an index. `None`: the document does not define the section.
    pub sections: [Option<Block>; 4],
    /// The statements of a fragment or of a resolver.
    pub body: Option<Block>,
    pub span: Span,
}

impl Document {
    pub fn section(&self, section: Section) -> Option<&Block> {
        self.sections[section as usize].as_ref()
    }

    /// Every block of statements at the top, with its section.
    pub fn blocks(&self) -> impl Iterator<Item = (Option<Section>, &Block)> {
        let sections = Section::ALL.into_iter().filter_map(|s| self.section(s).map(|block| (Some(s), block)));
        sections.chain(self.body.as_ref().map(|block| (None, block)))
    }
}

/// Statements that run one after the other.
#[derive(Clone, Debug)]
pub struct Block {
    pub statements: Vec<Statement>,
    pub span: Span,
}

/// One policy of a document.
#[derive(Clone, Debug)]
pub struct Statement {
    pub spec: &'static Spec,
    pub element: Element,
    /// As `LastError.Path` gives it: counted from 1 among the siblings, e.g. `choose[3]/when[2]/set-header[1]`.
    pub path: Box<str>,
}

impl Statement {
    pub fn name(&self) -> &'static str {
        self.spec.name()
    }

    pub fn span(&self) -> Span {
        self.element.span
    }

    pub fn attribute(&self, name: &str) -> Option<&Value> {
        self.element.attribute(name)
    }
}

/// A policy's element, or one of its children that is no policy.
#[derive(Clone, Debug)]
pub struct Element {
    pub shape: &'static Shape,
    pub attributes: Vec<Attribute>,
    pub children: Vec<Child>,
    /// The element's text without white space around it; `None` where there is none.
    /// Where the shape takes markup, all that stands between the tags.
    pub text: Option<Value>,
    /// From `<` of the start tag to `>` of the end tag.
    pub span: Span,
    pub name_span: Span,
}

impl Element {
    pub fn name(&self) -> &'static str {
        self.shape.element
    }

    pub fn attribute(&self, name: &str) -> Option<&Value> {
        self.attributes.iter().find(|attribute| &*attribute.name == name).map(|attribute| &attribute.value)
    }

    /// The children of this name that are no policies.
    pub fn elements<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter_map(move |child| match child {
            Child::Element(element) if element.name() == name => Some(element),
            _ => None,
        })
    }

    /// The first child of this name that is no policy.
    pub fn element<'a>(&'a self, name: &'a str) -> Option<&'a Element> {
        self.elements(name).next()
    }

    /// The children that are policies.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.children.iter().filter_map(|child| match child {
            Child::Statement(statement) => Some(statement),
            Child::Element(_) => None,
        })
    }

    /// The first child that is the policy of this name.
    pub fn statement(&self, name: &str) -> Option<&Statement> {
        self.statements().find(|statement| statement.name() == name)
    }
}

#[derive(Clone, Debug)]
pub enum Child {
    Element(Element),
    Statement(Statement),
}

#[derive(Clone, Debug)]
pub struct Attribute {
    pub name: Box<str>,
    /// `None`: an attribute of a shape that takes any.
    pub spec: Option<&'static Attr>,
    pub value: Value,
    pub name_span: Span,
}

/// An attribute's value, or an element's text.
#[derive(Clone, Debug)]
pub enum Value {
    Constant(Cooked),
    Expression(Code),
}

impl Value {
    pub fn span(&self) -> Span {
        match self {
            Value::Constant(text) => text.span(),
            Value::Expression(code) => code.span,
        }
    }

    pub fn constant(&self) -> Option<&Cooked> {
        match self {
            Value::Constant(text) => Some(text),
            Value::Expression(_) => None,
        }
    }

    /// The constant's text.
    pub fn text(&self) -> Option<&str> {
        self.constant().map(Cooked::text)
    }

    pub fn expression(&self) -> Option<&Code> {
        match self {
            Value::Expression(code) => Some(code),
            Value::Constant(_) => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CodeKind {
    /// `@( ... )`: one expression.
    Expression,
    /// `@{ ... }`: statements that return a value.
    Block,
}

/// C# in a document.
#[derive(Clone, Debug)]
pub struct Code {
    pub kind: CodeKind,
    /// What stands between the brackets, as C# reads it.
    pub text: Cooked,
    /// From `@` to the closing bracket.
    pub span: Span,
}
