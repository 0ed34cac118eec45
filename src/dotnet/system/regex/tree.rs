//! What a pattern says, as a tree in an arena; no node refers to a later one.

use super::class::Class;

pub type NodeId = usize;

/// What matches exactly one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Single {
    Is(u16),
    IsNot(u16),
    /// An index into the tree's classes.
    In(u32),
}

/// A single in its direction.
#[derive(Clone, Copy, Debug)]
pub struct One {
    pub what: Single,
    pub backward: bool,
}

/// Places between units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    LineStart,
    LineEnd,
    Boundary {
        ecma: bool,
        wanted: bool,
    },
    TextStart,
    /// `\G`: where the search began.
    SearchStart,
    TextEnd,
    /// `\Z` and `$`: at the end or before a last line feed.
    TextEndOrLine,
}

#[derive(Debug)]
pub enum Node {
    Empty,
    /// Never matches.
    Nothing,
    One(One),
    Text {
        units: Vec<u16>,
        ignore_case: bool,
        backward: bool,
    },
    Repeat {
        one: One,
        min: i32,
        max: i32,
        lazy: bool,
    },
    Loop {
        body: NodeId,
        min: i32,
        max: i32,
        lazy: bool,
    },
    Reference {
        slot: u32,
        ignore_case: bool,
        backward: bool,
    },
    Anchor(Anchor),
    Sequence(Vec<NodeId>),
    Either(Vec<NodeId>),
    /// `slot` receives what was matched; `from` gives up its last capture (a balancing group). -1: none.
    Capture {
        slot: i32,
        from: i32,
        body: NodeId,
    },
    Require(NodeId),
    Prevent(NodeId),
    Atomic(NodeId),
    /// Yes and no part, by whether a group has captured.
    IfCaptured {
        slot: u32,
        parts: Vec<NodeId>,
    },
    /// Condition, yes and no part.
    IfMatches(Vec<NodeId>),
}

/// A parsed pattern.
#[derive(Debug)]
pub struct Tree {
    pub nodes: Vec<Node>,
    pub root: NodeId,
    pub classes: Vec<Class>,
    pub groups: Groups,
}

/// Groups by number and name. A slot is a group's place in order of numbers.
#[derive(Debug, Default)]
pub struct Groups {
    /// Numbers in order.
    pub numbers: Vec<i32>,
    /// A name for each slot, where any group is named or a number is left out.
    pub names: Option<Vec<String>>,
}

impl Groups {
    pub fn slot(&self, number: i32) -> Option<u32> {
        self.numbers.binary_search(&number).ok().map(|at| at as u32)
    }

    /// The number of a name; where no group has a name, of a text of digits.
    pub fn number(&self, name: &str) -> Option<i32> {
        if let Some(names) = &self.names {
            return names.iter().position(|own| own == name).map(|at| self.numbers[at]);
        }
        let mut number = 0i32;
        for c in name.chars() {
            number = number.wrapping_mul(10).wrapping_add(c.to_digit(10)? as i32);
        }
        usize::try_from(number).is_ok_and(|n| n < self.numbers.len()).then_some(number)
    }

    /// The name of a group; its number where it has none.
    pub fn name(&self, slot: usize) -> String {
        match &self.names {
            Some(names) => names.get(slot).cloned().unwrap_or_default(),
            None => slot.to_string(),
        }
    }
}
