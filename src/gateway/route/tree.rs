//! A tree of path segments and the search in it. The cost is the path's length, whatever the number of templates: each
//! node is met at most once.

use super::path::{decoded, query_value};
use crate::gateway::template::{Piece, QueryParameter, QueryValue, Segment};
use crate::message::Method;
use rustc_hash::{FxHashMap, FxHasher};
use smallvec::SmallVec;
use std::hash::Hasher;

#[derive(Debug)]
pub(super) struct Tree<T> {
    pub(super) nodes: Vec<Node<T>>,
}

#[derive(Debug)]
pub(super) struct Node<T> {
    literals: FxHashMap<u64, Vec<(Box<str>, usize)>>,
    mixed: Vec<(Vec<Piece>, usize)>,
    parameter: Option<usize>,
    pub(super) here: Vec<T>,
    /// What takes all of the path that is left.
    pub(super) rest: Vec<T>,
}

impl<T> Default for Node<T> {
    fn default() -> Node<T> {
        Node { literals: FxHashMap::default(), mixed: Vec::new(), parameter: None, here: Vec::new(), rest: Vec::new() }
    }
}

/// URLs match in any case of (ASCII) letters.
fn folded_hash(text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    for byte in text.bytes() {
        hasher.write_u8(byte.to_ascii_lowercase());
    }
    hasher.finish()
}

impl<T> Tree<T> {
    pub(super) fn new() -> Tree<T> {
        Tree { nodes: vec![Node::default()] }
    }

    pub(super) fn literal(&self, node: usize, segment: &str) -> Option<usize> {
        let literals = &self.nodes[node].literals;
        if literals.is_empty() {
            return None;
        }
        let same = literals.get(&folded_hash(segment))?;
        same.iter().find(|(text, _)| text.eq_ignore_ascii_case(segment)).map(|&(_, child)| child)
    }

    fn add_node(&mut self) -> usize {
        self.nodes.push(Node::default());
        self.nodes.len() - 1
    }

    pub(super) fn literal_child(&mut self, node: usize, segment: &str) -> usize {
        if let Some(child) = self.literal(node, segment) {
            return child;
        }
        let child = self.add_node();
        self.nodes[node].literals.entry(folded_hash(segment)).or_default().push((segment.into(), child));
        child
    }

    pub(super) fn child(&mut self, node: usize, segment: &Segment) -> usize {
        match segment {
            Segment::Literal(text) => self.literal_child(node, text),
            Segment::Parameter(_) => match self.nodes[node].parameter {
                Some(child) => child,
                None => {
                    let child = self.add_node();
                    self.nodes[node].parameter = Some(child);
                    child
                }
            },
            Segment::Mixed(pieces) => {
                if let Some(&(_, child)) = self.nodes[node].mixed.iter().find(|(own, _)| same_shape(own, pieces)) {
                    return child;
                }
                let child = self.add_node();
                self.nodes[node].mixed.push((pieces.clone(), child));
                child
            }
        }
    }
}

fn same_shape(a: &[Piece], b: &[Piece]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|pair| match pair {
            (Piece::Literal(a), Piece::Literal(b)) => a.eq_ignore_ascii_case(b),
            (Piece::Parameter(_), Piece::Parameter(_)) => true,
            _ => false,
        })
}

/// An operation at the end of its template.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) operation: usize,
    /// `None` takes every method.
    pub(super) method: Option<Method>,
    pub(super) names: Vec<Box<str>>,
    pub(super) query: Vec<QueryParameter>,
}

/// What a search has captured so far, in the order of the template.
pub(super) type Captures<'p> = SmallVec<[&'p str; 8]>;

/// What is looked for among the operations of one API.
pub(super) struct Search<'t, 'r> {
    pub(super) tree: &'t Tree<Entry>,
    pub(super) method: &'r Method,
    pub(super) query: Option<&'r str>,
}

impl<'t> Search<'t, '_> {
    /// `left` is the path that is left after its slash; `None` is its end. Literals go before parameters, and those
    /// before wildcards; what fails further down is taken back.
    pub(super) fn below<'p>(
        &self,
        node: usize,
        left: Option<&'p str>,
        captures: &mut Captures<'p>,
    ) -> Option<&'t Entry> {
        let own = &self.tree.nodes[node];
        let Some(left) = left else {
            if let Some(found) = self.suits(&own.here) {
                return Some(found);
            }
            let found = self.suits(&own.rest)?;
            captures.push("");
            return Some(found);
        };
        let (segment, next) = match memchr::memchr(b'/', left.as_bytes()) {
            Some(at) => (&left[..at], Some(&left[at + 1..])),
            None => (left, None),
        };
        let plain = decoded(segment);
        if let Some(child) = self.tree.literal(node, &plain)
            && let Some(found) = self.below(child, next, captures)
        {
            return Some(found);
        }
        let depth = captures.len();
        for (pieces, child) in &own.mixed {
            if fits(pieces, segment, captures)
                && let Some(found) = self.below(*child, next, captures)
            {
                return Some(found);
            }
            captures.truncate(depth);
        }
        if let Some(child) = own.parameter
            && !segment.is_empty()
        {
            captures.push(segment);
            if let Some(found) = self.below(child, next, captures) {
                return Some(found);
            }
            captures.truncate(depth);
        }
        let found = self.suits(&own.rest)?;
        captures.push(left);
        Some(found)
    }

    fn suits(&self, entries: &'t [Entry]) -> Option<&'t Entry> {
        entries.iter().find(|entry| {
            entry.method.as_ref().is_none_or(|method| method == self.method)
                && entry.query.iter().all(|parameter| match query_value(self.query.unwrap_or(""), &parameter.name) {
                    None => false,
                    Some(value) => match &parameter.value {
                        QueryValue::Parameter(_) => true,
                        QueryValue::Literal(text) => decoded(value).eq_ignore_ascii_case(text),
                    },
                })
        })
    }
}

/// Whether a segment has this shape; pushes what its parameters take. A parameter takes as little as it can, but
/// something; the last literal is sought from the end.
fn fits<'p>(pieces: &[Piece], segment: &'p str, captures: &mut Captures<'p>) -> bool {
    let mut left = segment;
    let mut open = false;
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Parameter(_) => open = true,
            Piece::Literal(text) => {
                let last = index + 1 == pieces.len();
                let at = match (open, last) {
                    (false, _) => starts_with_folded(left, text).then_some(0),
                    (true, true) => left
                        .len()
                        .checked_sub(text.len())
                        .filter(|&at| left.get(at..).is_some_and(|end| end.eq_ignore_ascii_case(text))),
                    (true, false) => {
                        (1..left.len()).find(|&at| left.get(at..).is_some_and(|end| starts_with_folded(end, text)))
                    }
                };
                let Some(at) = at else { return false };
                if open {
                    if at == 0 {
                        return false;
                    }
                    captures.push(&left[..at]);
                    open = false;
                }
                left = &left[at + text.len()..];
            }
        }
    }
    if open {
        captures.push(left);
        return !left.is_empty();
    }
    left.is_empty()
}

fn starts_with_folded(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}
