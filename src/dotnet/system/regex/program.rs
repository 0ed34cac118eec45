//! A tree to instructions for the machine, and what a search may look for before it tries a place.

use super::class::{Builder, Class};
use super::scan::{self, RIGHT_TO_LEFT, Wrong};
use super::tree::{Anchor, Groups, Node, NodeId, One, Single, Tree};
use memchr::memmem::Finder;

/// An instruction. Those that may be returned to say in `machine.rs` what they leave behind.
#[derive(Clone, Copy, Debug)]
pub enum Op {
    One(One),
    /// Exactly so many.
    Exactly(One, i32),
    /// Up to so many, as many as possible first.
    Greedy(One, i32),
    /// Up to so many, as few as possible first.
    Lazy(One, i32),
    Text {
        start: u32,
        len: u32,
        ignore_case: bool,
        backward: bool,
    },
    Reference {
        slot: u32,
        ignore_case: bool,
        backward: bool,
    },
    Anchor(Anchor),
    Nothing,
    /// Goes on; when that fails, goes to the target.
    Try(u32),
    Jump(u32),
    Mark,
    NoMark,
    Count(i32),
    NoCount(i32),
    Again(u32),
    AgainLazy(u32),
    AgainCount(u32, i32),
    AgainCountLazy(u32, i32),
    /// Remembers how far back the alternatives go, for `Cut` and `CutFail`.
    Fence,
    Cut,
    CutFail,
    BackToMark,
    Capture {
        slot: i32,
        from: i32,
    },
    IfCaptured(u32),
    Stop,
}

/// A compiled pattern.
#[derive(Debug)]
pub struct Program {
    pub ops: Vec<Op>,
    pub classes: Vec<Class>,
    pub texts: Vec<u16>,
    pub groups: Groups,
    pub backward: bool,
    pub ecma: bool,
    pub start: Start,
}

/// Where a match can begin.
#[derive(Debug)]
pub enum Start {
    Anywhere,
    AtText,
    AtSearch,
    /// With this ASCII text.
    With(Box<Finder<'static>>),
    /// With one of these ASCII characters, or with any other unit; from right to left too.
    Among([u64; 2]),
    /// With this ASCII character alone.
    At(u8),
}

pub fn compile(pattern: &[u16], options: u16) -> Result<Program, Wrong> {
    let tree = super::parse::parse(pattern, options)?;
    let backward = options & RIGHT_TO_LEFT != 0;
    let start = if backward { end_of(&tree) } else { start_of(&tree) };
    let mut writer = Writer { tree: &tree, ops: vec![Op::Try(0)], texts: Vec::new() };
    writer.node(tree.root);
    let stop = writer.place();
    writer.ops[0] = Op::Try(stop);
    writer.ops.push(Op::Stop);
    let Writer { ops, texts, .. } = writer;
    let ecma = options & scan::ECMA != 0;
    Ok(Program { ops, classes: tree.classes, texts, groups: tree.groups, backward, ecma, start })
}

struct Writer<'a> {
    tree: &'a Tree,
    ops: Vec<Op>,
    texts: Vec<u16>,
}

impl Writer<'_> {
    fn place(&self) -> u32 {
        self.ops.len() as u32
    }

    /// An instruction whose target comes later.
    fn later(&mut self) -> usize {
        self.ops.push(Op::Nothing);
        self.ops.len() - 1
    }

    /// The parser bounds the nesting of groups, and so this recursion.
    fn node(&mut self, id: NodeId) {
        let tree = self.tree;
        match &tree.nodes[id] {
            Node::Empty => {}
            Node::Nothing => self.ops.push(Op::Nothing),
            Node::One(one) => self.ops.push(Op::One(*one)),
            Node::Text { units, ignore_case, backward } => {
                let (start, len) = (self.texts.len() as u32, units.len() as u32);
                self.texts.extend_from_slice(units);
                self.ops.push(Op::Text { start, len, ignore_case: *ignore_case, backward: *backward });
            }
            &Node::Repeat { one, min, max, lazy } => {
                if min > 0 {
                    self.ops.push(Op::Exactly(one, min));
                }
                if max > min {
                    let more = if max == i32::MAX { max } else { max - min };
                    self.ops.push(if lazy { Op::Lazy(one, more) } else { Op::Greedy(one, more) });
                }
            }
            &Node::Loop { body, min, max, lazy } => self.repeat(body, min, max, lazy),
            &Node::Reference { slot, ignore_case, backward } => {
                self.ops.push(Op::Reference { slot, ignore_case, backward });
            }
            Node::Anchor(anchor) => self.ops.push(Op::Anchor(*anchor)),
            Node::Sequence(items) => items.iter().for_each(|&item| self.node(item)),
            Node::Either(parts) => {
                let mut ends = Vec::new();
                for (at, &part) in parts.iter().enumerate() {
                    let last = at + 1 == parts.len();
                    let attempt = (!last).then(|| self.later());
                    self.node(part);
                    if let Some(attempt) = attempt {
                        ends.push(self.later());
                        self.ops[attempt] = Op::Try(self.place());
                    }
                }
                let end = self.place();
                ends.into_iter().for_each(|jump| self.ops[jump] = Op::Jump(end));
            }
            &Node::Capture { slot, from, body } => {
                self.ops.push(Op::Mark);
                self.node(body);
                self.ops.push(Op::Capture { slot, from });
            }
            &Node::Require(body) => {
                self.ops.extend([Op::Fence, Op::Mark]);
                self.node(body);
                self.ops.extend([Op::BackToMark, Op::Cut]);
            }
            &Node::Prevent(body) => {
                self.ops.push(Op::Fence);
                let attempt = self.later();
                self.node(body);
                self.ops.push(Op::CutFail);
                self.ops[attempt] = Op::Try(self.place());
                self.ops.push(Op::Cut);
            }
            &Node::Atomic(body) => {
                self.ops.push(Op::Fence);
                self.node(body);
                self.ops.push(Op::Cut);
            }
            Node::IfCaptured { slot, parts } => {
                self.ops.push(Op::Fence);
                let attempt = self.later();
                self.ops.extend([Op::IfCaptured(*slot), Op::Cut]);
                self.branches(attempt, parts, &[Op::Cut]);
            }
            Node::IfMatches(parts) => {
                let Some((&condition, parts)) = parts.split_first() else { return };
                self.ops.extend([Op::Fence, Op::Mark]);
                let attempt = self.later();
                self.node(condition);
                self.ops.extend([Op::BackToMark, Op::Cut]);
                self.branches(attempt, parts, &[Op::BackToMark, Op::Cut]);
            }
        }
    }

    /// The yes part, and the no part behind what undoes the condition.
    fn branches(&mut self, attempt: usize, parts: &[NodeId], undo: &[Op]) {
        if let Some(&yes) = parts.first() {
            self.node(yes);
        }
        let end = self.later();
        self.ops[attempt] = Op::Try(self.place());
        self.ops.extend_from_slice(undo);
        if let Some(&no) = parts.get(1) {
            self.node(no);
        }
        self.ops[end] = Op::Jump(self.place());
    }

    fn repeat(&mut self, body: NodeId, min: i32, max: i32, lazy: bool) {
        let counted = max < i32::MAX || min > 1;
        self.ops.push(match (counted, min) {
            (true, 0) => Op::NoCount(0),
            (true, _) => Op::Count(1 - min),
            (false, 0) => Op::NoMark,
            (false, _) => Op::Mark,
        });
        let skip = (min == 0).then(|| self.later());
        let again = self.place();
        self.node(body);
        if let Some(skip) = skip {
            self.ops[skip] = Op::Jump(self.place());
        }
        let more = if max == i32::MAX { max } else { max - min };
        self.ops.push(match (counted, lazy) {
            (true, false) => Op::AgainCount(again, more),
            (true, true) => Op::AgainCountLazy(again, more),
            (false, false) => Op::Again(again),
            (false, true) => Op::AgainLazy(again),
        });
    }
}

// ---- where a match can begin

/// The same, from right to left.
fn end_of(tree: &Tree) -> Start {
    let mut first = [0; 2];
    if begins(tree, tree.root, &mut first) == Some(false) { Start::Among(first) } else { Start::Anywhere }
}

fn start_of(tree: &Tree) -> Start {
    let mut at = tree.root;
    loop {
        match &tree.nodes[at] {
            Node::Capture { body, .. } | Node::Atomic(body) => at = *body,
            Node::Sequence(items) if !items.is_empty() => at = items[0],
            Node::Anchor(Anchor::TextStart) => return Start::AtText,
            Node::Anchor(Anchor::SearchStart) => return Start::AtSearch,
            Node::Text { units, ignore_case: false, .. } if units.iter().all(|&unit| unit < 128) => {
                let bytes: Vec<u8> = units.iter().map(|&unit| unit as u8).collect();
                return Start::With(Box::new(Finder::new(&bytes).into_owned()));
            }
            _ => break,
        }
    }
    let mut first = [0; 2];
    if begins(tree, tree.root, &mut first) != Some(false) {
        return Start::Anywhere;
    }
    match (first[0].count_ones() + first[1].count_ones(), first) {
        (128, _) => Start::Anywhere,
        (1, [low, 0]) if only_ascii(tree) => Start::At(low.trailing_zeros() as u8),
        (1, [0, high]) if only_ascii(tree) => Start::At(64 + high.trailing_zeros() as u8),
        _ => Start::Among(first),
    }
}

/// Whether the pattern begins with a plain ASCII unit: then no other unit can begin a match.
fn only_ascii(tree: &Tree) -> bool {
    let mut at = tree.root;
    loop {
        match &tree.nodes[at] {
            Node::Capture { body, .. } | Node::Atomic(body) => at = *body,
            Node::Sequence(items) if !items.is_empty() => at = items[0],
            Node::One(One { what: Single::Is(_), .. }) => return true,
            Node::Repeat { one: One { what: Single::Is(_), .. }, min, .. } => return *min > 0,
            _ => return false,
        }
    }
}

/// Collects the ASCII characters that a match of the node can begin with. Whether it can be empty; `None`: unknown.
fn begins(tree: &Tree, id: NodeId, first: &mut [u64; 2]) -> Option<bool> {
    let mut single = |what: Single| {
        let class = match what {
            Single::In(class) => tree.classes[class as usize].ascii(),
            Single::Is(unit) | Single::IsNot(unit) => {
                let mut one = Builder::new(matches!(what, Single::IsNot(_)));
                one.add(unit, unit);
                one.finish(false).ascii()
            }
        };
        first[0] |= class[0];
        first[1] |= class[1];
    };
    match &tree.nodes[id] {
        Node::Empty | Node::Anchor(_) | Node::Require(_) | Node::Prevent(_) => Some(true),
        Node::Nothing => Some(false),
        Node::One(one) => {
            single(one.what);
            Some(false)
        }
        Node::Text { units, ignore_case, backward } => {
            let unit = *if *backward { units.last() } else { units.first() }?;
            if *ignore_case {
                let mut class = Builder::default();
                class.add(unit, unit);
                let class = class.finish(true).ascii();
                first[0] |= class[0];
                first[1] |= class[1];
            } else {
                single(Single::Is(unit));
            }
            Some(false)
        }
        Node::Repeat { one, min, .. } => {
            single(one.what);
            Some(*min == 0)
        }
        Node::Loop { body, min, .. } => Some(begins(tree, *body, first)? || *min == 0),
        Node::Sequence(items) => {
            for &item in items {
                if !begins(tree, item, first)? {
                    return Some(false);
                }
            }
            Some(true)
        }
        Node::Either(parts) => either(tree, parts, false, first),
        Node::Capture { body, .. } | Node::Atomic(body) => begins(tree, *body, first),
        Node::IfCaptured { parts, .. } => either(tree, parts, parts.len() < 2, first),
        Node::IfMatches(parts) => either(tree, &parts[1..], parts.len() < 3, first),
        Node::Reference { .. } => None,
    }
}

/// The same for alternatives; `empty`: one of them is nothing.
fn either(tree: &Tree, parts: &[NodeId], mut empty: bool, first: &mut [u64; 2]) -> Option<bool> {
    for &part in parts {
        empty |= begins(tree, part, first)?;
    }
    Some(empty)
}
