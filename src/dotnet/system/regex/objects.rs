//! The objects behind `Regex`, `Match`, `Group`, `Capture` and their collections, and one search over a string.

use super::cache;
use super::machine::{Captured, Window};
use super::program::Program;
use super::scan::{self, Wrong};
use crate::dotnet::fault::{Fault, Limit};
use crate::dotnet::heap::{Heap, Str};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;
use std::sync::Arc;

pub type Result<T = Value> = std::result::Result<T, Fault>;

/// What .NET's `Regex` is: a compiled pattern with its options.
#[derive(Clone, Debug)]
pub struct Pattern {
    pub program: Arc<Program>,
    /// The pattern's text.
    pub text: Value,
    pub options: i64,
    /// Ticks.
    pub timeout: i64,
}

/// `Regex.InfiniteMatchTimeout`: -1 ms.
pub const NO_TIMEOUT: i64 = -10_000;
/// `int.MaxValue - 1` milliseconds.
const MAX_TIMEOUT: i64 = 2_147_483_646 * 10_000;
const ALL_OPTIONS: i64 = 1023;
/// What goes together with ECMAScript: itself, IgnoreCase, Multiline, Compiled, CultureInvariant.
const WITH_ECMA: i64 = 256 | 1 | 2 | 8 | 512;
/// The options that a pattern's meaning depends on.
const MEANING: i64 = (scan::IGNORE_CASE
    | scan::MULTILINE
    | scan::EXPLICIT_CAPTURE
    | scan::SINGLELINE
    | scan::IGNORE_WHITESPACE
    | scan::RIGHT_TO_LEFT
    | scan::ECMA) as i64;

/// The steps of one match. A match timeout is counted in steps too, so that a replay takes the same turn.
const MAX_STEPS: usize = 100_000_000;
const STEPS_PER_MILLISECOND: i64 = 50_000;
/// Steps are smaller than the machine's instructions.
const STEPS_PER_FUEL: usize = 4;

/// Where the match ends, and the captures of each group.
type Matched = (usize, Captured);

impl Pattern {
    pub fn new(heap: &mut Heap, text: Value, options: i64, timeout: i64) -> Result<Pattern> {
        let missing = || Fault::argument_null("pattern");
        let len = heap.str(text).ok_or_else(missing)?.len();
        let out_of_range =
            |name| Err(Fault::out_of_range("Specified argument was out of the range of valid values.", name));
        if options & !ALL_OPTIONS != 0 || options & i64::from(scan::ECMA) != 0 && options & !WITH_ECMA != 0 {
            return out_of_range("options");
        }
        if timeout != NO_TIMEOUT && !(1..=MAX_TIMEOUT).contains(&timeout) {
            return out_of_range("matchTimeout");
        }
        heap.spend(16 + len as u64)?;
        let program = cache::program(heap.str(text).ok_or_else(missing)?, (options & MEANING) as u16).map_err(fault)?;
        Ok(Pattern { program, text, options, timeout })
    }

    /// Where a search of the whole of a text begins.
    pub fn start(&self, len: usize) -> usize {
        if self.program.backward { len } else { 0 }
    }

    /// Searches `window` from `from`. `after`: the length of the match that ended there.
    pub fn search(
        &self,
        heap: &mut Heap,
        input: Value,
        window: Window,
        from: usize,
        after: Option<usize>,
    ) -> Result<Option<Found>> {
        let Some((end, captures)) = self.run(heap, input, window, from, after, true)? else { return Ok(None) };
        let held: usize = captures.iter().map(|list| 24 + list.len() * 8).sum();
        heap.charge(held)?;
        Ok(Some(Found { pattern: self.clone(), input, window, end, captures }))
    }

    pub fn is_match(&self, heap: &mut Heap, input: Value, from: usize) -> Result<bool> {
        let window = Window { begin: 0, end: length(heap, input) };
        Ok(self.run(heap, input, window, from, None, false)?.is_some())
    }

    fn run(
        &self,
        heap: &mut Heap,
        input: Value,
        window: Window,
        mut from: usize,
        after: Option<usize>,
        with_captures: bool,
    ) -> Result<Option<Matched>> {
        let search_start = from;
        if after == Some(0) {
            let backward = self.program.backward;
            if from == if backward { window.begin } else { window.end } {
                return Ok(None);
            }
            from = if backward { from - 1 } else { from + 1 };
        }
        let timed = self.timeout != NO_TIMEOUT;
        let allowed = if timed {
            usize::try_from((self.timeout / 10_000).max(1).saturating_mul(STEPS_PER_MILLISECOND)).unwrap_or(MAX_STEPS)
        } else {
            MAX_STEPS
        };
        let read = &*heap;
        let (mut taken, mut units) = (0usize, 0);
        let mut meter = |steps: usize| {
            taken = taken.saturating_add(steps);
            if taken > allowed.min(MAX_STEPS) {
                return Err(if timed && allowed < MAX_STEPS { timed_out() } else { Fault::Limit(Limit::RegexSteps) });
            }
            units += (steps / STEPS_PER_FUEL + 1) as u64;
            read.can_spend(units)
        };
        let Some(text) = read.str(input) else { return Err(Fault::null_reference()) };
        let found = cache::with_machine(|machine| {
            let program = &*self.program;
            let end = match text {
                Str::Ascii(text) => machine.search(program, text.as_bytes(), window, from, search_start, &mut meter),
                Str::Wide(text) => machine.search(program, text, window, from, search_start, &mut meter),
            };
            Ok(end?.map(|end| (end, if with_captures { machine.captures() } else { Captured::new() })))
        });
        heap.spend(units)?;
        found
    }
}

fn timed_out() -> Fault {
    Fault::throw(
        "System.Text.RegularExpressions.RegexMatchTimeoutException",
        "The RegEx engine has timed out while trying to match a pattern to an input string. This can occur for many \
         reasons, including very large inputs or excessive backtracking caused by nested quantifiers, back-references \
         and other factors.",
    )
}

/// A malformed pattern as .NET throws it.
pub fn fault(wrong: Wrong) -> Fault {
    match wrong {
        Wrong::Pattern(message) => Fault::throw("System.ArgumentException", message),
        Wrong::TooDeep => Fault::Limit(Limit::Depth),
    }
}

pub fn length(heap: &Heap, text: Value) -> usize {
    heap.str(text).map_or(0, Str::len)
}

/// A successful search.
#[derive(Clone, Debug)]
pub struct Found {
    pub pattern: Pattern,
    pub input: Value,
    pub window: Window,
    /// Where the search goes on.
    pub end: usize,
    /// Start and length of each slot's captures, oldest first.
    pub captures: Captured,
}

impl Found {
    /// Start and length of a slot's last capture.
    pub fn last(&self, slot: usize) -> Option<(usize, usize)> {
        self.captures.get(slot)?.last().map(|&(start, length)| (start as usize, length as usize))
    }

    pub fn index(&self) -> usize {
        self.last(0).unwrap_or_default().0
    }

    pub fn length(&self) -> usize {
        self.last(0).unwrap_or_default().1
    }

    /// The next search; nothing when there is no further match.
    pub fn next(&self, heap: &mut Heap) -> Result<Option<Found>> {
        self.pattern.search(heap, self.input, self.window, self.end, Some(self.length()))
    }
}

/// A `Capture`, `Group` or `Match`: its type says which.
#[derive(Debug)]
pub struct Piece {
    pub input: Value,
    pub index: usize,
    pub length: usize,
    /// Of a group or match: its slot in what was found.
    pub group: Option<Group>,
}

#[derive(Debug)]
pub struct Group {
    pub of: Of,
    pub slot: usize,
    /// Collections once somebody asked for them, else null.
    pub captures: Value,
    pub groups: Value,
}

/// Where what was found is kept.
#[derive(Debug)]
pub enum Of {
    /// Nothing was.
    Nothing,
    /// In the match itself.
    Own(Found),
    /// In this match, of which it is a group.
    Match(Value),
}

impl Piece {
    pub fn captures<'a>(&'a self, heap: &'a Heap) -> &'a [(i32, i32)] {
        let list = self.group.as_ref().and_then(|group| self.found(heap)?.captures.get(group.slot));
        list.map_or(&[], |list| list)
    }

    pub fn found<'a>(&'a self, heap: &'a Heap) -> Option<&'a Found> {
        match &self.group.as_ref()?.of {
            Of::Nothing => None,
            Of::Own(found) => Some(found),
            Of::Match(of) => match &heap.extension::<Piece>(*of)?.group.as_ref()?.of {
                Of::Own(found) => Some(found),
                _ => None,
            },
        }
    }
}

fn type_named(name: &str) -> TypeId {
    TypeId::named(&format!("System.Text.RegularExpressions.{name}"))
}

macro_rules! types {
    ($($function:ident $name:literal;)*) => {
        $(pub fn $function() -> TypeId {
            static ID: std::sync::LazyLock<TypeId> = std::sync::LazyLock::new(|| type_named($name));
            *ID
        })*
    };
}

types! {
    regex_type "Regex";
    match_type "Match";
    group_type "Group";
    capture_type "Capture";
    matches_type "MatchCollection";
    groups_type "GroupCollection";
    captures_type "CaptureCollection";
    options_type "RegexOptions";
}

/// A `Match` of what was found, or `Match.Empty`.
pub fn new_match(heap: &mut Heap, found: Option<Found>) -> Result {
    let Some(found) = found else {
        return shared(heap, "Match.Empty", match_type);
    };
    let (input, index, length) = (found.input, found.index(), found.length());
    let group = Group { of: Of::Own(found), slot: 0, captures: Value::Null, groups: Value::Null };
    heap.new_extension(match_type(), Piece { input, index, length, group: Some(group) })
}

/// The group that no pattern has.
pub fn no_group(heap: &mut Heap) -> Result {
    shared(heap, "Group.Empty", group_type)
}

/// One object per request, so that it is equal to itself.
fn shared(heap: &mut Heap, name: &'static str, ty: fn() -> TypeId) -> Result {
    if let Some(value) = heap.shared(name, ty()) {
        return Ok(value);
    }
    let input = heap.new_str("")?;
    let group = Group { of: Of::Nothing, slot: 0, captures: Value::Null, groups: Value::Null };
    let made = heap.new_extension(ty(), Piece { input, index: 0, length: 0, group: Some(group) })?;
    heap.share(name, ty(), made);
    Ok(made)
}

/// The group in a slot of a match.
pub fn new_group(heap: &mut Heap, of: Value, slot: usize) -> Result {
    let Some(found) = heap.extension::<Piece>(of).and_then(|piece| piece.found(heap)) else { return no_group(heap) };
    let (input, (index, length)) = (found.input, found.last(slot).unwrap_or_default());
    let group = Group { of: Of::Match(of), slot, captures: Value::Null, groups: Value::Null };
    heap.new_extension(group_type(), Piece { input, index, length, group: Some(group) })
}

/// A `MatchCollection`: it searches as far as somebody looks.
#[derive(Debug)]
pub struct Matches {
    pub pattern: Pattern,
    pub input: Value,
    pub from: usize,
    pub after: Option<usize>,
    pub made: Vec<Value>,
    pub done: bool,
}

/// A `GroupCollection`: null where nobody asked for the group yet.
#[derive(Debug)]
pub struct Groups {
    pub of: Value,
    pub made: Vec<Value>,
}

/// A `CaptureCollection`.
#[derive(Debug)]
pub struct Captures(pub Vec<Value>);
