//! A pattern to its tree. Groups under construction lie on a stack of their own: nesting is counted, never recursed.

use super::class::{Builder, Class, is_word};
use super::scan::*;
use super::tree::{Anchor, Groups, Node, NodeId, One, Single, Tree};
use std::collections::BTreeMap;

pub struct Parser<'a> {
    pub scan: Scanner<'a>,
    /// Number and place of each group.
    pub places: BTreeMap<i32, usize>,
    pub groups: Groups,
    nodes: Vec<Node>,
    classes: Vec<Class>,
    open: Vec<Open>,
    /// Options outside each open group.
    outer: Vec<u16>,
    /// What a quantifier would apply to.
    unit: Option<NodeId>,
    ignore_next_paren: bool,
}

/// A group that is not closed yet.
struct Open {
    kind: Kind,
    backward: bool,
    /// Parts of a conditional; alternatives of the others.
    parts: Vec<NodeId>,
    sequence: Vec<NodeId>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Capture { slot: i32, from: i32 },
    Require,
    Prevent,
    Atomic,
    IfCaptured(u32),
    IfMatches,
}

/// Parses a pattern.
pub fn parse(pattern: &[u16], options: u16) -> Result<Tree> {
    let mut parser = Parser {
        scan: Scanner { pattern, at: 0, options },
        places: BTreeMap::new(),
        groups: Groups::default(),
        nodes: Vec::new(),
        classes: Vec::new(),
        open: Vec::new(),
        outer: Vec::new(),
        unit: None,
        ignore_next_paren: false,
    };
    parser.count_groups()?;
    parser.scan.at = 0;
    parser.scan.options = options;
    let root = parser.pattern()?;
    Ok(Tree { nodes: parser.nodes, root, classes: parser.classes, groups: parser.groups })
}

impl Parser<'_> {
    fn pattern(&mut self) -> Result<NodeId> {
        let mut next_number = 1;
        self.start(Kind::Capture { slot: 0, from: -1 })?;
        let mut quantified = false;
        while self.scan.left() > 0 {
            let was_quantified = std::mem::replace(&mut quantified, false);
            self.scan.blank()?;
            let start = self.scan.at;
            let spaced = self.scan.has(IGNORE_WHITESPACE);
            while let Some(unit) = self.scan.peek(0) {
                let stops = is_special(unit) || spaced && (is_space(unit) || unit == u('#'));
                if stops && (unit != u('{') || self.scan.at_quantifier()) {
                    break;
                }
                self.scan.at += 1;
            }
            let end = self.scan.at;
            self.scan.blank()?;
            let special = self.scan.peek(0).filter(|&unit| is_special(unit));
            if let Some(unit) = special {
                quantified = is_quantifier(unit);
                self.scan.at += 1;
            }
            let after_text = start < end;
            if after_text {
                self.text(start, end - usize::from(quantified));
                if quantified {
                    let unit = self.scan.pattern[end - 1];
                    self.set_unit(|parser| parser.one(unit));
                }
            }
            let Some(special) = special else { continue };
            match u8::try_from(special).unwrap_or(0) {
                b'[' => {
                    let class = self.scan.class(self.scan.has(IGNORE_CASE), true, 0)?;
                    self.set_unit(|parser| parser.class_node(class));
                }
                b'(' => {
                    self.outer.push(self.scan.options);
                    match self.group_open(&mut next_number)? {
                        Some(kind) => self.start(kind)?,
                        None => {
                            self.outer.pop();
                        }
                    }
                    continue;
                }
                b'|' => {
                    self.finish_sequence();
                    continue;
                }
                b')' => {
                    if self.open.len() == 1 {
                        return self.scan.wrong("Too many )'s.");
                    }
                    self.close()?;
                    if let Some(outer) = self.outer.pop() {
                        self.scan.options = outer;
                    }
                    if self.unit.is_none() {
                        continue;
                    }
                }
                b'\\' => {
                    if self.scan.left() == 0 {
                        return self.scan.wrong(r"Illegal \\ at end of pattern.");
                    }
                    let node = self.backslash()?;
                    self.unit = Some(node);
                }
                b'^' => {
                    let multiline = self.scan.has(MULTILINE);
                    self.anchor(if multiline { Anchor::LineStart } else { Anchor::TextStart });
                }
                b'$' => {
                    let multiline = self.scan.has(MULTILINE);
                    self.anchor(if multiline { Anchor::LineEnd } else { Anchor::TextEndOrLine });
                }
                b'.' => {
                    let what = if self.scan.has(SINGLELINE) {
                        let mut any = Builder::default();
                        any.add(0, 0xFFFF);
                        self.class_single(any.finish(false))
                    } else {
                        Single::IsNot(u('\n'))
                    };
                    self.set_unit(|parser| parser.single(what));
                }
                _ => {
                    if self.unit.is_none() {
                        let quantifier = char::from(special as u8);
                        // What stood just before was quantified already, unless it was text.
                        return if was_quantified && !after_text {
                            self.scan.wrong(format!("Nested quantifier '{quantifier}'."))
                        } else {
                            self.scan.wrong("Quantifier {x,y} following nothing.")
                        };
                    }
                    self.scan.at -= 1;
                }
            }
            self.scan.blank()?;
            quantified = self.scan.at_quantifier();
            if quantified { self.quantifier()? } else { self.add_unit() }
        }
        if self.open.len() != 1 {
            return self.scan.wrong("Not enough )'s.");
        }
        self.close()?;
        Ok(self.unit.take().unwrap_or_default())
    }

    /// A quantifier on the unit: [`Scanner::at_quantifier`] has seen it to its end.
    fn quantifier(&mut self) -> Result<()> {
        let (min, max) = match self.scan.next().and_then(|unit| u8::try_from(unit).ok()) {
            Some(b'*') => (0, i32::MAX),
            Some(b'?') => (0, 1),
            Some(b'+') => (1, i32::MAX),
            _ => {
                let min = self.scan.decimal()?;
                let mut max = min;
                if self.scan.take(',') {
                    max = if self.scan.sees(0, '}') { i32::MAX } else { self.scan.decimal()? };
                }
                self.scan.at += 1;
                (min, max)
            }
        };
        self.scan.blank()?;
        let lazy = self.scan.take('?');
        if min > max {
            return self.scan.wrong(r"Illegal {x,y} with x > y.");
        }
        if let Some(unit) = self.unit.take() {
            let node = self.repeat(unit, min, max, lazy);
            self.push(node);
        }
        Ok(())
    }

    fn repeat(&mut self, of: NodeId, min: i32, max: i32, lazy: bool) -> NodeId {
        if max == 0 {
            return self.add(Node::Empty);
        }
        if (min, max) == (1, 1) {
            return of;
        }
        match &mut self.nodes[of] {
            Node::One(one) => {
                let one = *one;
                return self.add(Node::Repeat { one, min, max, lazy });
            }
            // A repetition of repetitions of the same kind is one, where no count falls between.
            Node::Repeat { min: own, max: most, lazy: kind, .. }
            | Node::Loop { min: own, max: most, lazy: kind, .. }
                if *kind == lazy && !(min == 0 && *own > 1 || *most < own.saturating_mul(2)) =>
            {
                let times = |own: i32, outer: i32| if own > 0 { own.saturating_mul(outer) } else { own };
                *own = times(*own, min);
                *most = times(*most, max);
                return if *own == i32::MAX { self.add(Node::Nothing) } else { of };
            }
            _ => {}
        }
        self.add(Node::Loop { body: of, min, max, lazy })
    }

    // ---- groups

    fn start(&mut self, kind: Kind) -> Result<()> {
        if self.open.len() > MAX_DEPTH {
            return Err(Wrong::TooDeep);
        }
        let backward = self.scan.has(RIGHT_TO_LEFT);
        self.open.push(Open { kind, backward, parts: Vec::new(), sequence: Vec::new() });
        Ok(())
    }

    fn top(&mut self) -> &mut Open {
        self.open.last_mut().expect("the whole pattern's own group is closed last")
    }

    /// Ends an alternative.
    fn finish_sequence(&mut self) {
        let top = self.top();
        let mut items = std::mem::take(&mut top.sequence);
        if top.backward {
            items.reverse();
        }
        let node = match items.len() {
            0 => self.add(Node::Empty),
            1 => items[0],
            _ => self.add(Node::Sequence(items)),
        };
        self.top().parts.push(node);
    }

    /// Ends a group; it becomes the unit, or the condition of the conditional around it.
    fn close(&mut self) -> Result<()> {
        self.finish_sequence();
        let Some(Open { kind, mut parts, .. }) = self.open.pop() else { return Ok(()) };
        let most = match kind {
            Kind::IfCaptured(_) => 2,
            Kind::IfMatches => 3,
            _ => usize::MAX,
        };
        if parts.len() > most {
            return self.scan.wrong("Too many | in (?()|).");
        }
        let conditional = matches!(kind, Kind::IfCaptured(_) | Kind::IfMatches);
        let body = match parts.len() {
            _ if conditional => 0,
            1 => parts.swap_remove(0),
            _ => self.add(Node::Either(std::mem::take(&mut parts))),
        };
        let node = match kind {
            Kind::Plain => body,
            Kind::Capture { slot, from } => self.add(Node::Capture { slot, from, body }),
            Kind::Require => self.add(Node::Require(body)),
            Kind::Prevent => self.add(Node::Prevent(body)),
            Kind::Atomic => self.add(Node::Atomic(body)),
            Kind::IfCaptured(slot) => self.add(Node::IfCaptured { slot, parts }),
            Kind::IfMatches => self.add(Node::IfMatches(parts)),
        };
        self.unit = Some(node);
        // The first group inside `(?(...)...)` is its condition.
        if let Some(around) = self.open.last_mut()
            && around.kind == Kind::IfMatches
            && around.parts.is_empty()
        {
            around.parts.push(node);
            self.unit = None;
        }
        Ok(())
    }

    /// What a parenthesis opens; nothing for inline options.
    fn group_open(&mut self, next_number: &mut i32) -> Result<Option<Kind>> {
        if !self.scan.sees(0, '?') || self.scan.sees(1, ')') {
            if self.scan.has(EXPLICIT_CAPTURE) || self.ignore_next_paren {
                self.ignore_next_paren = false;
                return Ok(Some(Kind::Plain));
            }
            let number = *next_number;
            *next_number += 1;
            let slot = self.groups.slot(number).map_or(-1, |slot| slot as i32);
            return Ok(Some(Kind::Capture { slot, from: -1 }));
        }
        self.scan.at += 1;
        let Some(unit) = self.scan.next() else { return self.unrecognized() };
        match u8::try_from(unit).unwrap_or(0) {
            b':' => Ok(Some(Kind::Plain)),
            b'=' => {
                self.scan.options &= !RIGHT_TO_LEFT;
                Ok(Some(Kind::Require))
            }
            b'!' => {
                self.scan.options &= !RIGHT_TO_LEFT;
                Ok(Some(Kind::Prevent))
            }
            b'>' => Ok(Some(Kind::Atomic)),
            b'\'' => self.named_group('\''),
            b'<' => {
                if self.scan.sees(0, '=') || self.scan.sees(0, '!') {
                    self.scan.options |= RIGHT_TO_LEFT;
                    let require = self.scan.take('=');
                    if !require {
                        self.scan.at += 1;
                    }
                    return Ok(Some(if require { Kind::Require } else { Kind::Prevent }));
                }
                self.named_group('>')
            }
            b'(' => self.conditional().map(Some),
            _ => {
                self.scan.at -= 1;
                if self.open.last().is_some_and(|open| open.kind != Kind::IfMatches) {
                    self.scan.inline_options();
                }
                match self.scan.next() {
                    Some(unit) if unit == u(')') => Ok(None),
                    Some(unit) if unit == u(':') => Ok(Some(Kind::Plain)),
                    _ => self.unrecognized(),
                }
            }
        }
    }

    fn unrecognized<T>(&self) -> Result<T> {
        self.scan.wrong("Unrecognized grouping construct.")
    }

    fn invalid_name<T>(&self) -> Result<T> {
        self.scan.wrong("Invalid group name: Group names must begin with a word character.")
    }

    /// `<name>`, `<name-other>`, `<-other>`, numbers too.
    fn named_group(&mut self, close: char) -> Result<Option<Kind>> {
        let Some(unit) = self.scan.peek(0) else { return self.unrecognized() };
        if close == '\'' && (unit == u('=') || unit == u('!')) {
            self.scan.at += 1;
            return self.unrecognized();
        }
        let mut slot = None;
        let ends = |parser: &Self| parser.scan.left() == 0 || parser.scan.sees(0, close) || parser.scan.sees(0, '-');
        if is_digit(unit) {
            let number = self.scan.decimal()?;
            slot = self.groups.slot(number);
            if !ends(self) {
                return self.invalid_name();
            }
            if number == 0 {
                return self.scan.wrong("Capture number cannot be zero.");
            }
        } else if is_word(unit) {
            let name = self.scan.name();
            slot = self.slot_of_name(&name);
            if !ends(self) {
                return self.invalid_name();
            }
        } else if unit != u('-') {
            return self.invalid_name();
        }
        let mut from = None;
        if (slot.is_some() || unit == u('-')) && self.scan.left() > 1 && self.scan.take('-') {
            let unit = self.scan.peek(0).unwrap_or_default();
            if is_digit(unit) {
                let number = self.scan.decimal()?;
                from = self.groups.slot(number);
                if from.is_none() {
                    return self.scan.wrong(format!("Reference to undefined group number {number}."));
                }
            } else if is_word(unit) {
                let name = self.scan.name();
                from = self.slot_of_name(&name);
                if from.is_none() {
                    return self.scan.wrong(format!("Reference to undefined group name '{name}'."));
                }
            } else {
                return self.invalid_name();
            }
            if self.scan.left() > 0 && !self.scan.sees(0, close) {
                return self.invalid_name();
            }
        }
        if (slot.is_some() || from.is_some()) && self.scan.next() == Some(u(close)) {
            let index = |slot: Option<u32>| slot.map_or(-1, |slot| slot as i32);
            return Ok(Some(Kind::Capture { slot: index(slot), from: index(from) }));
        }
        self.unrecognized()
    }

    fn slot_of_name(&self, name: &str) -> Option<u32> {
        let names = self.groups.names.as_ref()?;
        names.iter().position(|own| own == name).map(|at| at as u32)
    }

    /// `(?(` and on: by a group's number or name, else by an expression, which is left to be read as a group.
    fn conditional(&mut self) -> Result<Kind> {
        let paren = self.scan.at;
        let unit = self.scan.peek(0).unwrap_or_default();
        if is_digit(unit) {
            let number = self.scan.decimal()?;
            if self.scan.next() != Some(u(')')) {
                return self.scan.wrong(format!("(?({number}) ) malformed."));
            }
            return match self.groups.slot(number) {
                Some(slot) => Ok(Kind::IfCaptured(slot)),
                None => self.scan.wrong(format!("(?({number}) ) reference to undefined group.")),
            };
        }
        if is_word(unit) {
            let name = self.scan.name();
            if let Some(slot) = self.slot_of_name(&name)
                && self.scan.next() == Some(u(')'))
            {
                return Ok(Kind::IfCaptured(slot));
            }
        }
        self.scan.at = paren - 1;
        self.ignore_next_paren = true;
        if self.scan.left() >= 3 && self.scan.sees(1, '?') {
            if self.scan.sees(2, '#') {
                return self.scan.wrong("Alternation conditions cannot be comments.");
            }
            let looks_behind = self.scan.sees(3, '!') || self.scan.sees(3, '=');
            if self.scan.sees(2, '\'') || self.scan.left() >= 4 && self.scan.sees(2, '<') && !looks_behind {
                return self.scan.wrong("Alternation conditions do not capture and cannot be named.");
            }
        }
        Ok(Kind::IfMatches)
    }

    // ---- backslashes

    fn backslash(&mut self) -> Result<NodeId> {
        let ecma = self.scan.has(ECMA);
        let letter = self.scan.peek(0).and_then(|unit| u8::try_from(unit).ok()).unwrap_or(0);
        let anchor = match letter {
            b'b' => Anchor::Boundary { ecma, wanted: true },
            b'B' => Anchor::Boundary { ecma, wanted: false },
            b'A' => Anchor::TextStart,
            b'G' => Anchor::SearchStart,
            b'Z' => Anchor::TextEndOrLine,
            b'z' => Anchor::TextEnd,
            b'w' | b'W' | b's' | b'S' | b'd' | b'D' => {
                self.scan.at += 1;
                let mut class = Builder::default();
                class.add_escape(letter, ecma);
                let folded = self.scan.has(IGNORE_CASE);
                return Ok(self.class_node(class.finish(folded)));
            }
            b'p' | b'P' => {
                self.scan.at += 1;
                let name = self.scan.property()?;
                let ignore_case = self.scan.has(IGNORE_CASE);
                let mut class = Builder::default();
                self.scan.add_property(&mut class, &name, letter == b'P', ignore_case)?;
                if ignore_case {
                    class.lower();
                }
                return Ok(self.class_node(class.finish(ignore_case)));
            }
            _ => return self.basic_backslash(),
        };
        self.scan.at += 1;
        Ok(self.add(Node::Anchor(anchor)))
    }

    /// A reference to a group, or one unit.
    fn basic_backslash(&mut self) -> Result<NodeId> {
        let back = self.scan.at;
        let close = self.angle()?;
        let unit = self.scan.peek(0).unwrap_or_default();
        if let Some(close) = close {
            if is_digit(unit) {
                let number = self.scan.decimal()?;
                if self.scan.next() == Some(close) {
                    return self.reference(self.groups.slot(number), || number.to_string());
                }
            } else if is_word(unit) {
                let name = self.scan.name();
                if self.scan.next() == Some(close) {
                    return self.reference(self.slot_of_name(&name), || format!("name '{name}'"));
                }
            }
        } else if is_digit(unit) && unit != u('0') {
            if self.scan.has(ECMA) {
                if let Some(slot) = self.ecma_reference(back) {
                    return self.reference(Some(slot), String::new);
                }
            } else {
                let number = self.scan.decimal()?;
                let slot = self.groups.slot(number);
                if slot.is_some() || number <= 9 {
                    return self.reference(slot, || number.to_string());
                }
            }
        }
        self.scan.at = back;
        let unit = self.scan.char_escape()?;
        Ok(self.one(unit))
    }

    /// Passes over `k<`, `<` or its quoted form; what closes it.
    fn angle(&mut self) -> Result<Option<u16>> {
        let closing = |unit: Option<u16>| match unit {
            Some(unit) if unit == u('<') => Some(u('>')),
            Some(unit) if unit == u('\'') => Some(unit),
            _ => None,
        };
        if self.scan.sees(0, 'k') {
            let mut close = None;
            if self.scan.left() >= 2 {
                self.scan.at += 1;
                close = closing(self.scan.next());
            }
            if close.is_none() || self.scan.left() == 0 {
                return self.scan.wrong(r"Malformed \\k<...> named back reference.");
            }
            return Ok(close);
        }
        let close = closing(self.scan.peek(0)).filter(|_| self.scan.left() > 1);
        self.scan.at += usize::from(close.is_some());
        Ok(close)
    }

    /// The longest number of a group that began before.
    fn ecma_reference(&mut self, back: usize) -> Option<u32> {
        let place = back - 1;
        let top = self.groups.numbers.last().map_or(1, |&last| i64::from(last) + 1);
        let mut found = None;
        let mut end = back;
        let mut number = 0i64;
        while let Some(unit) = self.scan.peek(0).filter(|&unit| is_digit(unit)) {
            number = number * 10 + i64::from(unit - u('0'));
            if number > top {
                break;
            }
            self.scan.at += 1;
            let slot = i32::try_from(number).ok().filter(|n| self.places.get(n).is_some_and(|&at| at < place));
            if let Some(slot) = slot.and_then(|n| self.groups.slot(n)) {
                found = Some(slot);
            }
            end = self.scan.at;
        }
        self.scan.at = end;
        found
    }

    fn reference(&mut self, slot: Option<u32>, what: impl Fn() -> String) -> Result<NodeId> {
        let Some(slot) = slot else {
            let what = what();
            let what = if what.starts_with("name") { what } else { format!("number {what}") };
            return self.scan.wrong(format!("Reference to undefined group {what}."));
        };
        let (ignore_case, backward) = (self.scan.has(IGNORE_CASE), self.scan.has(RIGHT_TO_LEFT));
        Ok(self.add(Node::Reference { slot, ignore_case, backward }))
    }

    /// Passes over what follows a backslash, where groups are counted.
    pub fn pass_backslash(&mut self) -> Result<()> {
        let letter = self.scan.peek(0).and_then(|unit| u8::try_from(unit).ok()).unwrap_or(0);
        match letter {
            b'b' | b'B' | b'A' | b'G' | b'Z' | b'z' | b'w' | b'W' | b's' | b'S' | b'd' | b'D' => self.scan.at += 1,
            b'p' | b'P' => self.scan.at += 1,
            _ => {
                let back = self.scan.at;
                let close = self.angle()?;
                let unit = self.scan.peek(0).unwrap_or_default();
                if let Some(close) = close {
                    if is_digit(unit) {
                        self.scan.decimal()?;
                    } else if is_word(unit) {
                        self.scan.name();
                    }
                    if self.scan.at > back && (is_digit(unit) || is_word(unit)) && self.scan.next() == Some(close) {
                        return Ok(());
                    }
                } else if is_digit(unit) && unit != u('0') && !self.scan.has(ECMA) {
                    self.scan.decimal()?;
                    return Ok(());
                }
                self.scan.at = back;
                self.scan.char_escape()?;
            }
        }
        Ok(())
    }

    // ---- nodes

    fn add(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    fn push(&mut self, node: NodeId) {
        self.top().sequence.push(node);
    }

    fn add_unit(&mut self) {
        if let Some(unit) = self.unit.take() {
            self.push(unit);
        }
    }

    fn set_unit(&mut self, make: impl FnOnce(&mut Self) -> NodeId) {
        let node = make(self);
        self.unit = Some(node);
    }

    fn anchor(&mut self, anchor: Anchor) {
        self.set_unit(|parser| parser.add(Node::Anchor(anchor)));
    }

    fn single(&mut self, what: Single) -> NodeId {
        let backward = self.scan.has(RIGHT_TO_LEFT);
        self.add(Node::One(One { what, backward }))
    }

    fn class_single(&mut self, class: Class) -> Single {
        self.classes.push(class);
        Single::In(self.classes.len() as u32 - 1)
    }

    fn class_node(&mut self, class: Class) -> NodeId {
        let what = self.class_single(class);
        self.single(what)
    }

    /// One unit as the options compare it.
    fn one(&mut self, unit: u16) -> NodeId {
        if !self.scan.has(IGNORE_CASE) {
            return self.single(Single::Is(unit));
        }
        let mut class = Builder::default();
        let unit = self.scan.folded(unit);
        class.add(unit, unit);
        self.class_node(class.finish(true))
    }

    fn text(&mut self, start: usize, end: usize) {
        if start >= end {
            return;
        }
        let ignore_case = self.scan.has(IGNORE_CASE);
        let node = if end - start == 1 {
            let unit = self.scan.pattern[start];
            self.one(unit)
        } else {
            let units = self.scan.pattern[start..end].iter().map(|&unit| self.scan.folded(unit)).collect();
            let backward = self.scan.has(RIGHT_TO_LEFT);
            self.add(Node::Text { units, ignore_case, backward })
        };
        self.push(node);
    }
}
