//! The backtracking matcher. It recurses nowhere: alternatives lie on `track`, marks of loops and groups on `marks`.
//!
//! In: a program, a text of ASCII bytes or UTF-16 units, a place. Out: whether a match begins there, and its captures.
//! Every instruction and every unit that is looked at costs steps, which the caller's meter may refuse.

use super::class::{Class, is_ecma_word, is_word, lower};
use super::program::{Op, Program, Start};
use super::tree::{Anchor, One, Single};
use crate::dotnet::fault::{Fault, Limit};

/// Start and length of a group's captures, oldest first: mostly one.
pub type Spans = smallvec::SmallVec<[(i32, i32); 2]>;

/// The captures of each group, by its slot.
pub type Captured = smallvec::SmallVec<[Spans; 2]>;

/// A text by its UTF-16 units.
pub trait Text: Copy {
    fn at(self, place: usize) -> u16;
    /// The first place from `from` (below `to`) where a match can begin.
    fn first(self, start: &Start, from: usize, to: usize) -> Option<usize>;
    /// The last place from `from` to `to` where a match can begin that goes to the left.
    fn last(self, start: &Start, from: usize, to: usize) -> Option<usize>;
}

/// Whether a match can begin with this unit.
fn is_among(set: &[u64; 2], unit: u16) -> bool {
    unit > 127 || set[usize::from(unit >> 6)] >> (unit & 63) & 1 == 1
}

impl Text for &[u8] {
    fn at(self, place: usize) -> u16 {
        u16::from(self[place])
    }

    fn first(self, start: &Start, from: usize, to: usize) -> Option<usize> {
        let rest = &self[from..to];
        let found = match start {
            Start::With(finder) => finder.find(rest),
            Start::At(byte) => memchr::memchr(*byte, rest),
            Start::Among(set) => rest.iter().position(|&b| is_among(set, b.into())),
            Start::Anywhere | Start::AtText | Start::AtSearch => Some(0),
        };
        found.map(|at| from + at)
    }

    fn last(self, start: &Start, from: usize, to: usize) -> Option<usize> {
        let Start::Among(set) = start else { return Some(to) };
        self[from..to].iter().rposition(|&unit| is_among(set, unit.into())).map(|at| from + at + 1)
    }
}

impl Text for &[u16] {
    fn at(self, place: usize) -> u16 {
        self[place]
    }

    fn first(self, start: &Start, from: usize, to: usize) -> Option<usize> {
        let rest = &self[from..to];
        let found = match start {
            Start::With(finder) => {
                finder.needle().first().and_then(|&byte| rest.iter().position(|&u| u == u16::from(byte)))
            }
            Start::At(byte) => rest.iter().position(|&u| u == u16::from(*byte)),
            Start::Among(set) => rest.iter().position(|&unit| is_among(set, unit)),
            Start::Anywhere | Start::AtText | Start::AtSearch => Some(0),
        };
        found.map(|at| from + at)
    }

    fn last(self, start: &Start, from: usize, to: usize) -> Option<usize> {
        let Start::Among(set) = start else { return Some(to) };
        self[from..to].iter().rposition(|&unit| is_among(set, unit)).map(|at| from + at + 1)
    }
}

/// Is told of steps taken; may refuse more.
pub type Meter<'a> = dyn FnMut(usize) -> Result<(), Fault> + 'a;

/// The part of the text that is searched: anchors see its ends.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub begin: usize,
    pub end: usize,
}

impl Window {
    /// The place of a mark, or the end that is nearest to it.
    fn nearest(self, mark: i32) -> usize {
        usize::try_from(mark).unwrap_or_default().clamp(self.begin, self.end)
    }

    /// A place to go on from, which must lie inside.
    fn place(self, at: usize) -> Result<usize, Fault> {
        if (self.begin..=self.end).contains(&at) { Ok(at) } else { Err(lost()) }
    }
}

/// .NET's matcher, which this one follows entry by entry, mixes up its stacks after an empty round of a lazy loop inside a
/// look-around (`(?<=(?!a)+?)`). There it reads past its arrays, or finds matches that end behind the text; here they end
/// with it.
fn lost() -> Fault {
    Fault::throw("System.IndexOutOfRangeException", "Index was outside the bounds of the array.")
}

/// Steps between two looks at the meter.
const STRIDE: usize = 4096;
/// The most entries of all stacks together.
const MAX_STACK: usize = 16 << 20;

/// The matcher's memory, used again for the next match.
#[derive(Debug, Default)]
pub struct Machine {
    track: Vec<i32>,
    marks: Vec<i32>,
    /// Slots in the order in which they captured.
    crawl: Vec<u32>,
    /// Start and length of each slot's captures; negative: a capture given up, see [`Machine::give_up`].
    captures: Captured,
    balanced: bool,
    steps: usize,
}

impl Machine {
    /// Searches from `from`; `search_start` is what `\G` means. Answers where the match ends (in the search's direction).
    pub fn search<T: Text>(
        &mut self,
        program: &Program,
        text: T,
        window: Window,
        from: usize,
        search_start: usize,
        meter: &mut Meter<'_>,
    ) -> Result<Option<usize>, Fault> {
        self.captures.resize_with(program.groups.numbers.len(), Spans::new);
        let mut at = from;
        loop {
            let place = match program.start {
                Start::AtText => Some(at).filter(|&at| at == window.begin),
                Start::AtSearch => Some(at).filter(|&at| at == search_start),
                _ if program.backward => text.last(&program.start, window.begin, at),
                _ => text.first(&program.start, at, window.end),
            };
            self.steps += place.map_or(window.end - window.begin, |place| place.abs_diff(at)) / 16;
            match place {
                Some(place) => at = place,
                None => {
                    self.settle(meter)?;
                    return Ok(None);
                }
            }
            if let Some(end) = self.attempt(program, text, window, at, search_start, meter)? {
                self.settle(meter)?;
                return Ok(Some(end));
            }
            let last = if program.backward { window.begin } else { window.end };
            if at == last {
                self.settle(meter)?;
                return Ok(None);
            }
            at = if program.backward { at - 1 } else { at + 1 };
        }
    }

    /// The captures of the last match, oldest first, with those given up taken out.
    pub fn captures(&mut self) -> Captured {
        let mut captures = std::mem::take(&mut self.captures);
        if self.balanced {
            for list in &mut captures {
                let mut kept = Spans::with_capacity(list.len());
                for &capture in list.iter() {
                    if capture.0 < 0 {
                        kept.pop();
                    } else {
                        kept.push(capture);
                    }
                }
                *list = kept;
            }
        }
        captures
    }

    /// Gives back memory that one large match took.
    pub fn shrink(&mut self) {
        self.track.clear();
        self.marks.clear();
        self.crawl.clear();
        self.track.shrink_to(1 << 16);
        self.marks.shrink_to(1 << 16);
        self.crawl.shrink_to(1 << 16);
    }

    fn settle(&mut self, meter: &mut Meter<'_>) -> Result<(), Fault> {
        let steps = std::mem::take(&mut self.steps);
        if self.track.len() + self.marks.len() + self.crawl.len() > MAX_STACK {
            return Err(Fault::Limit(Limit::Memory));
        }
        meter(steps)
    }

    fn attempt<T: Text>(
        &mut self,
        program: &Program,
        text: T,
        window: Window,
        from: usize,
        search_start: usize,
        meter: &mut Meter<'_>,
    ) -> Result<Option<usize>, Fault> {
        let Window { begin, end } = window;
        self.track.clear();
        self.marks.clear();
        self.crawl.clear();
        self.captures.iter_mut().for_each(Spans::clear);
        self.balanced = false;
        let classes = &program.classes[..];
        let mut at = from;
        let mut op = 0;
        loop {
            self.steps += 1;
            if self.steps >= STRIDE {
                self.settle(meter)?;
            }
            let went_on = match program.ops[op] {
                Op::One(one) => step(one, classes, text, &mut at, window),
                Op::Exactly(one, count) => {
                    let count = count as usize;
                    let room = if one.backward { at - begin } else { end - at };
                    if room < count {
                        false
                    } else {
                        let run = run(one, classes, text, at, count);
                        self.steps += run / 16;
                        at = if one.backward { at - run } else { at + run };
                        run == count
                    }
                }
                Op::Greedy(one, most) => {
                    let room = if one.backward { at - begin } else { end - at };
                    let run = run(one, classes, text, at, room.min(most as usize));
                    self.steps += run / 16;
                    if run > 0 {
                        at = if one.backward { at - run } else { at + run };
                        let before = if one.backward { at + 1 } else { at - 1 };
                        self.leave(op, &[run as i32 - 1, before as i32]);
                    }
                    true
                }
                Op::Lazy(one, most) => {
                    let room = if one.backward { at - begin } else { end - at };
                    let most = room.min(most as usize);
                    if most > 0 {
                        self.leave(op, &[most as i32 - 1, at as i32]);
                    }
                    true
                }
                Op::Text { start, len, ignore_case, backward } => {
                    let units = &program.texts[start as usize..(start + len) as usize];
                    let room = if backward { at - begin } else { end - at };
                    let len = units.len();
                    room >= len && {
                        let from = if backward { at - len } else { at };
                        let same = units.iter().enumerate().all(|(offset, &unit)| {
                            let own = text.at(from + offset);
                            own == unit || ignore_case && lower(own) == unit
                        });
                        at = if backward { from } else { at + len };
                        same
                    }
                }
                Op::Reference { slot, ignore_case, backward } => match self.last(slot) {
                    Some((start, len)) => {
                        let room = if backward { at - begin } else { end - at };
                        self.steps += len / 8;
                        room >= len && {
                            let from = if backward { at - len } else { at };
                            let same = (0..len).all(|offset| {
                                let (a, b) = (text.at(start + offset), text.at(from + offset));
                                a == b || ignore_case && lower(a) == lower(b)
                            });
                            at = if backward { from } else { at + len };
                            same
                        }
                    }
                    None => program.ecma,
                },
                Op::Anchor(anchor) => holds(anchor, text, at, window, search_start),
                Op::Nothing => false,
                Op::Try(_) => {
                    self.leave(op, &[at as i32]);
                    true
                }
                Op::Jump(to) => {
                    op = to as usize;
                    continue;
                }
                Op::Mark => {
                    self.marks.push(at as i32);
                    self.leave(op, &[]);
                    true
                }
                Op::NoMark => {
                    self.marks.push(-1);
                    self.leave(op, &[]);
                    true
                }
                Op::Count(count) => {
                    self.marks.extend([at as i32, count]);
                    self.leave(op, &[]);
                    true
                }
                Op::NoCount(count) => {
                    self.marks.extend([-1, count]);
                    self.leave(op, &[]);
                    true
                }
                Op::Again(body) => {
                    let mark = self.mark();
                    if at as i32 != mark {
                        self.leave(op, &[mark, at as i32]);
                        self.marks.push(at as i32);
                        op = body as usize;
                        continue;
                    }
                    // An empty round ends the loop.
                    self.leave_second(op, &[mark]);
                    true
                }
                Op::AgainLazy(_) => {
                    let mark = self.mark();
                    if at as i32 != mark {
                        let old = if mark == -1 { at as i32 } else { mark };
                        self.leave(op, &[old, at as i32]);
                    } else {
                        self.marks.push(mark);
                        self.leave_second(op, &[mark]);
                    }
                    true
                }
                Op::AgainCount(body, most) => {
                    let count = self.mark();
                    let mark = self.mark();
                    if count >= most || at as i32 == mark && count >= 0 {
                        self.leave_second(op, &[mark, count]);
                        true
                    } else {
                        self.leave(op, &[mark]);
                        self.marks.extend([at as i32, count + 1]);
                        op = body as usize;
                        continue;
                    }
                }
                Op::AgainCountLazy(body, _) => {
                    let count = self.mark();
                    let mark = self.mark();
                    if count < 0 {
                        self.leave_second(op, &[mark]);
                        self.marks.extend([at as i32, count + 1]);
                        op = body as usize;
                        continue;
                    }
                    self.leave(op, &[mark, count, at as i32]);
                    true
                }
                Op::Fence => {
                    self.marks.extend([self.track.len() as i32, self.crawl.len() as i32]);
                    self.leave(op, &[]);
                    true
                }
                Op::Cut => {
                    let crawl = self.mark();
                    let track = self.mark();
                    self.track.truncate(track as usize);
                    self.leave(op, &[crawl]);
                    true
                }
                Op::CutFail => {
                    let crawl = self.mark();
                    let track = self.mark();
                    self.track.truncate(track as usize);
                    self.undo_captures(crawl);
                    false
                }
                Op::BackToMark => {
                    let mark = self.mark();
                    self.leave(op, &[mark]);
                    at = window.nearest(mark);
                    true
                }
                Op::Capture { slot, from } => {
                    if from >= 0 && self.last(from as u32).is_none() {
                        false
                    } else {
                        let mark = self.mark();
                        let (from_here, to_here) = (window.nearest(mark) as i32, at as i32);
                        let (start, end) = (from_here.min(to_here), from_here.max(to_here));
                        if from >= 0 {
                            self.transfer(slot, from as u32, start, end);
                        } else {
                            self.capture(slot as u32, start, end);
                        }
                        self.leave(op, &[mark]);
                        true
                    }
                }
                Op::IfCaptured(slot) => self.last(slot).is_some(),
                Op::Stop => return Ok((!self.captures[0].is_empty()).then_some(at)),
            };
            op = if went_on {
                op + 1
            } else {
                let next = self.go_back(program, text, window, &mut at)?;
                at = window.place(at)?;
                next
            };
        }
    }

    /// Takes up the newest alternative: the instruction to go on with.
    fn go_back<T: Text>(&mut self, program: &Program, text: T, window: Window, at: &mut usize) -> Result<usize, Fault> {
        loop {
            self.steps += 1;
            let code = self.track_pop();
            let op = (code >> 1) as usize;
            let second = code & 1 == 1;
            match *program.ops.get(op).ok_or_else(lost)? {
                Op::Greedy(one, _) => {
                    let before = self.track_pop();
                    let left = self.track_pop();
                    *at = before as usize;
                    if left > 0 {
                        let next = if one.backward { before + 1 } else { before - 1 };
                        self.leave(op, &[left - 1, next]);
                    }
                    return Ok(op + 1);
                }
                Op::Lazy(one, _) => {
                    let before = self.track_pop();
                    let left = self.track_pop();
                    *at = before as usize;
                    if step(one, &program.classes, text, at, window) {
                        if left > 0 {
                            self.leave(op, &[left - 1, *at as i32]);
                        }
                        return Ok(op + 1);
                    }
                }
                Op::Try(to) => {
                    *at = self.track_pop() as usize;
                    return Ok(to as usize);
                }
                Op::Mark | Op::NoMark => {
                    self.mark();
                }
                Op::Count(_) | Op::NoCount(_) | Op::Fence => {
                    self.mark();
                    self.mark();
                }
                Op::Again(_) if second => {
                    let mark = self.track_pop();
                    self.marks.push(mark);
                }
                Op::Again(_) => {
                    let place = self.track_pop();
                    let mark = self.track_pop();
                    self.mark();
                    *at = place as usize;
                    self.leave_second(op, &[mark]);
                    return Ok(op + 1);
                }
                Op::AgainLazy(_) if second => {
                    let mark = self.track_pop();
                    self.mark();
                    self.marks.push(mark);
                }
                Op::AgainLazy(body) => {
                    let place = self.track_pop();
                    let mark = self.track_pop();
                    self.leave_second(op, &[mark]);
                    self.marks.push(place);
                    *at = place as usize;
                    return Ok(body as usize);
                }
                Op::AgainCount(..) if second => {
                    let count = self.track_pop();
                    let mark = self.track_pop();
                    self.marks.extend([mark, count]);
                }
                Op::AgainCount(..) => {
                    let old = self.track_pop();
                    let count = self.mark();
                    let mark = self.mark();
                    if count > 0 {
                        *at = mark as usize;
                        self.leave_second(op, &[old, count - 1]);
                        return Ok(op + 1);
                    }
                    self.marks.extend([old, count - 1]);
                }
                Op::AgainCountLazy(..) if second => {
                    let mark = self.track_pop();
                    let count = self.mark();
                    self.mark();
                    self.marks.extend([mark, count - 1]);
                }
                Op::AgainCountLazy(body, most) => {
                    let place = self.track_pop();
                    let count = self.track_pop();
                    let mark = self.track_pop();
                    if count < most && place != mark {
                        *at = place as usize;
                        self.marks.extend([place, count + 1]);
                        self.leave_second(op, &[mark]);
                        return Ok(body as usize);
                    }
                    self.marks.extend([mark, count]);
                }
                Op::Cut => {
                    let crawl = self.track_pop();
                    self.undo_captures(crawl);
                }
                Op::BackToMark => {
                    let mark = self.track_pop();
                    self.marks.push(mark);
                }
                Op::Capture { slot, from } => {
                    let mark = self.track_pop();
                    self.marks.push(mark);
                    self.undo_capture();
                    if slot != -1 && from != -1 {
                        self.undo_capture();
                    }
                }
                // These leave nothing to come back to: what was taken for one was put there by something else.
                Op::One(_)
                | Op::Exactly(..)
                | Op::Text { .. }
                | Op::Reference { .. }
                | Op::Anchor(_)
                | Op::Nothing
                | Op::Jump(_)
                | Op::CutFail
                | Op::IfCaptured(_)
                | Op::Stop => return Err(lost()),
            }
        }
    }

    // ---- stacks

    fn leave(&mut self, op: usize, values: &[i32]) {
        self.track.extend_from_slice(values);
        self.track.push((op as i32) << 1);
    }

    /// The same, for an instruction that can be come back to in two ways.
    fn leave_second(&mut self, op: usize, values: &[i32]) {
        self.track.extend_from_slice(values);
        self.track.push((op as i32) << 1 | 1);
    }

    /// The bottom of the stack is the whole pattern's own alternative, which stops: it is never popped beyond.
    fn track_pop(&mut self) -> i32 {
        self.track.pop().unwrap_or_default()
    }

    fn mark(&mut self) -> i32 {
        self.marks.pop().unwrap_or_default()
    }

    // ---- captures

    fn capture(&mut self, slot: u32, start: i32, end: i32) {
        self.crawl.push(slot);
        self.captures[slot as usize].push((start, end - start));
    }

    /// The innermost stretch between what `from` gives up and here goes to `slot`.
    fn transfer(&mut self, slot: i32, from: u32, mut start: i32, mut end: i32) {
        let (given, len) = self.last(from).map_or((0, 0), |(start, len)| (start as i32, len as i32));
        let given_end = given + len;
        if start >= given_end {
            end = start;
            start = given_end;
        } else if end <= given {
            start = given;
        } else {
            end = end.min(given_end);
            start = start.max(given);
        }
        self.crawl.push(from);
        self.give_up(from);
        if slot >= 0 {
            self.capture(slot as u32, start, end);
        }
    }

    /// Marks the last capture of a slot as given up, by an entry that points to the one before: place `n` of the list is
    /// written `-3 - 2n`, and `-1` points before the first.
    fn give_up(&mut self, slot: u32) {
        self.balanced = true;
        let list = &mut self.captures[slot as usize];
        let Some(&last) = list.last() else { return };
        let target = if last.0 < 0 { (-3 - last.0) / 2 } else { list.len() as i32 - 1 };
        let before = target - 1;
        match usize::try_from(before).ok().map(|before| list[before]) {
            Some(reference) if reference.0 < 0 => list.push(reference),
            _ => list.push((-3 - 2 * before, -4 - 2 * before)),
        }
    }

    /// A slot's last capture that stands.
    fn last(&self, slot: u32) -> Option<(usize, usize)> {
        let list = &self.captures[slot as usize];
        let &(start, len) = list.last()?;
        if start >= 0 {
            return Some((start as usize, len as usize));
        }
        let place = usize::try_from((-3 - start) / 2).ok().filter(|_| start <= -3)?;
        list.get(place).map(|&(start, len)| (start as usize, len as usize))
    }

    fn undo_capture(&mut self) {
        if let Some(slot) = self.crawl.pop() {
            self.captures[slot as usize].pop();
        }
    }

    fn undo_captures(&mut self, down_to: i32) {
        while self.crawl.len() as i32 > down_to {
            self.undo_capture();
        }
    }
}

/// Matches one unit.
fn step<T: Text>(one: One, classes: &[Class], text: T, at: &mut usize, window: Window) -> bool {
    let place = if one.backward {
        if *at == window.begin {
            return false;
        }
        *at - 1
    } else {
        if *at == window.end {
            return false;
        }
        *at
    };
    let unit = text.at(place);
    let matched = match one.what {
        Single::Is(wanted) => unit == wanted,
        Single::IsNot(unwanted) => unit != unwanted,
        Single::In(class) => classes[class as usize].contains(unit),
    };
    if matched {
        *at = if one.backward { place } else { place + 1 };
    }
    matched
}

/// How many of the next `most` units match; there are so many.
fn run<T: Text>(one: One, classes: &[Class], text: T, at: usize, most: usize) -> usize {
    match one.what {
        Single::Is(wanted) => run_of(one.backward, text, at, most, |unit| unit == wanted),
        Single::IsNot(unwanted) => run_of(one.backward, text, at, most, |unit| unit != unwanted),
        Single::In(class) => {
            let class = &classes[class as usize];
            run_of(one.backward, text, at, most, |unit| class.contains(unit))
        }
    }
}

#[inline]
fn run_of<T: Text>(backward: bool, text: T, at: usize, most: usize, fits: impl Fn(u16) -> bool) -> usize {
    if backward {
        (0..most).take_while(|offset| fits(text.at(at - 1 - offset))).count()
    } else {
        (0..most).take_while(|offset| fits(text.at(at + offset))).count()
    }
}

fn holds<T: Text>(anchor: Anchor, text: T, at: usize, window: Window, search_start: usize) -> bool {
    let Window { begin, end } = window;
    const LINE_FEED: u16 = 10;
    match anchor {
        Anchor::LineStart => at == begin || text.at(at - 1) == LINE_FEED,
        Anchor::LineEnd => at == end || text.at(at) == LINE_FEED,
        Anchor::Boundary { ecma, wanted } => {
            let word = |unit: u16| if ecma { is_ecma_word(unit) } else { is_word(unit) };
            let before = at > begin && word(text.at(at - 1));
            let after = at < end && word(text.at(at));
            (before != after) == wanted
        }
        Anchor::TextStart => at == begin,
        Anchor::SearchStart => at == search_start,
        Anchor::TextEnd => at == end,
        Anchor::TextEndOrLine => at == end || at + 1 == end && text.at(at) == LINE_FEED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dotnet::system::regex::program::compile;

    fn search(pattern: &str, text: &str, allowed: usize) -> Result<Option<usize>, Fault> {
        let units: Vec<u16> = pattern.encode_utf16().collect();
        let program = compile(&units, 0).expect("the pattern is well-formed");
        let mut taken = 0;
        let mut meter = |steps: usize| {
            taken += steps;
            if taken > allowed { Err(Fault::Limit(Limit::RegexSteps)) } else { Ok(()) }
        };
        let window = Window { begin: 0, end: text.len() };
        Machine::default().search(&program, text.as_bytes(), window, 0, 0, &mut meter)
    }

    #[test]
    fn catastrophic_patterns_stop_at_the_meter() {
        let text = format!("{}!", "a".repeat(60));
        for pattern in ["^(a+)+$", "^(a|aa)+$", "(a*)*b", "^(\\w+\\s?)+$", "(a?){60}a{60}$", "(.*)(.*)(.*)(.*)(.*)x"] {
            let stopped = search(pattern, &text, 1_000_000);
            assert!(matches!(stopped, Err(Fault::Limit(Limit::RegexSteps))), "{pattern}: {stopped:?}");
        }
    }

    #[test]
    fn long_texts_take_few_steps() {
        let text = format!("{}needle", "hay ".repeat(25_000));
        for pattern in ["needle", "n\\w+", "[nx]e+dle", "^hay", "\\Ghay", "(?:hay )*needle$"] {
            assert!(matches!(search(pattern, &text, 1_000_000), Ok(Some(_))), "{pattern}");
        }
    }
}
