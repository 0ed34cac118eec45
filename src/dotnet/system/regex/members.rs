//! The tables of `Regex`, `Match`, `Group`, `Capture`, their collections and options.

use super::edit::{self, By};
use super::machine::Window;
use super::objects::*;
use super::replacement;
use crate::dotnet::call::{Call, enumeration, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Heap;
use crate::dotnet::member::{
    Form, Kind, Light, Row, TypeDef, constructor, enum_value, indexer, method, property, static_method, static_property,
};
use crate::dotnet::system::collections::array;
use crate::dotnet::system::enumerate::{self, Cursor};
use crate::dotnet::value::Value;

pub static TYPES: &[&TypeDef] = &[&REGEX, &MATCH, &GROUP, &CAPTURE, &MATCHES, &GROUPS, &CAPTURES, &OPTIONS, &EVALUATOR];

static REGEX: TypeDef = TypeDef::new("System.Text.RegularExpressions.Regex", Kind::Class, &[REGEX_ROWS]);

const REGEX_ROWS: &[Row] = &[
    constructor("Regex(string pattern)", construct),
    constructor("Regex(string pattern, RegexOptions options)", construct),
    constructor("Regex(string pattern, RegexOptions options, TimeSpan matchTimeout)", construct),
    static_method("bool IsMatch(string input, string pattern)", static_is_match).light(HAS_MATCH),
    static_method("bool IsMatch(string input, string pattern, RegexOptions options)", static_is_match),
    static_method(
        "bool IsMatch(string input, string pattern, RegexOptions options, TimeSpan matchTimeout)",
        static_is_match,
    ),
    method("bool IsMatch(string input)", is_match),
    method("bool IsMatch(string input, int startat)", is_match),
    static_method("Match Match(string input, string pattern)", static_match).light(FIRST_MATCH),
    static_method("Match Match(string input, string pattern, RegexOptions options)", static_match),
    static_method(
        "Match Match(string input, string pattern, RegexOptions options, TimeSpan matchTimeout)",
        static_match,
    ),
    method("Match Match(string input)", match_from),
    method("Match Match(string input, int startat)", match_from),
    method("Match Match(string input, int beginning, int length)", match_within),
    static_method("MatchCollection Matches(string input, string pattern)", static_matches),
    static_method("MatchCollection Matches(string input, string pattern, RegexOptions options)", static_matches),
    static_method(
        "MatchCollection Matches(string input, string pattern, RegexOptions options, TimeSpan matchTimeout)",
        static_matches,
    ),
    method("MatchCollection Matches(string input)", matches),
    method("MatchCollection Matches(string input, int startat)", matches),
    static_method("string Replace(string input, string pattern, string replacement)", static_replace),
    static_method(
        "string Replace(string input, string pattern, string replacement, RegexOptions options)",
        static_replace,
    ),
    static_method(
        "string Replace(string input, string pattern, string replacement, RegexOptions options, TimeSpan matchTimeout)",
        static_replace,
    ),
    method("string Replace(string input, string replacement)", replace),
    method("string Replace(string input, string replacement, int count)", replace),
    method("string Replace(string input, string replacement, int count, int startat)", replace),
    static_method("string Replace(string input, string pattern, MatchEvaluator evaluator)", static_evaluate),
    static_method(
        "string Replace(string input, string pattern, MatchEvaluator evaluator, RegexOptions options)",
        static_evaluate,
    ),
    static_method(
        "string Replace(string input, string pattern, MatchEvaluator evaluator, RegexOptions options, TimeSpan matchTimeout)",
        static_evaluate,
    ),
    method("string Replace(string input, MatchEvaluator evaluator)", evaluate),
    method("string Replace(string input, MatchEvaluator evaluator, int count)", evaluate),
    method("string Replace(string input, MatchEvaluator evaluator, int count, int startat)", evaluate),
    static_method("string[] Split(string input, string pattern)", static_split),
    static_method("string[] Split(string input, string pattern, RegexOptions options)", static_split),
    static_method(
        "string[] Split(string input, string pattern, RegexOptions options, TimeSpan matchTimeout)",
        static_split,
    ),
    method("string[] Split(string input)", split),
    method("string[] Split(string input, int count)", split),
    method("string[] Split(string input, int count, int startat)", split),
    static_method("string Unescape(string str)", |cx, a| {
        let units = cx.str(a[0], "str")?.to_wide();
        cx.charge_fuel(units.len() / 8)?;
        let units = replacement::unescape(&units).map_err(fault)?;
        cx.heap.new_wide(&units)
    }),
    static_method("string Escape(string str)", |cx, a| {
        let units = replacement::escape(cx.str(a[0], "str")?.units());
        cx.charge_fuel(units.len() / 8)?;
        cx.heap.new_wide(&units)
    })
    .off_list(),
    method("string[] GetGroupNames()", |cx, a| {
        let program = pattern(cx, a[0])?.program;
        cx.heap.charge(program.groups.numbers.len() * 16)?;
        let names = (0..program.groups.numbers.len()).map(|slot| cx.new_str(&program.groups.name(slot)));
        let names = names.collect::<Result<Vec<_>>>()?;
        let ty = cx.returns;
        array::new(cx, ty, names)
    })
    .off_list(),
    method("int[] GetGroupNumbers()", |cx, a| {
        let program = pattern(cx, a[0])?.program;
        cx.heap.charge(program.groups.numbers.len() * 16)?;
        let numbers = program.groups.numbers.iter().map(|&number| Value::Int32(number)).collect();
        let ty = cx.returns;
        array::new(cx, ty, numbers)
    })
    .off_list(),
    method("string GroupNameFromNumber(int i)", |cx, a| {
        let program = pattern(cx, a[0])?.program;
        let name = program.groups.slot(int(a[1])).map(|slot| program.groups.name(slot as usize));
        cx.new_str(&name.unwrap_or_default())
    })
    .off_list(),
    method("int GroupNumberFromName(string name)", |cx, a| {
        let program = pattern(cx, a[0])?.program;
        let name = cx.text(a[1], "name")?;
        Ok(Value::Int32(program.groups.number(&name).unwrap_or(-1)))
    })
    .off_list(),
    static_property("TimeSpan InfiniteMatchTimeout { get; }", |_, _| Ok(Value::TimeSpan(NO_TIMEOUT))).off_list(),
    property("TimeSpan MatchTimeout { get; }", |cx, a| Ok(Value::TimeSpan(pattern(cx, a[0])?.timeout))).off_list(),
    property("RegexOptions Options { get; }", |cx, a| {
        Ok(Value::Enum { ty: options_type(), value: pattern(cx, a[0])?.options })
    })
    .off_list(),
    property("bool RightToLeft { get; }", |cx, a| Ok(Value::Bool(pattern(cx, a[0])?.program.backward))).off_list(),
    method("string ToString()", |cx, a| Ok(pattern(cx, a[0])?.text)),
];

static CAPTURE: TypeDef = TypeDef::new(
    "System.Text.RegularExpressions.Capture",
    Kind::Class,
    &[&[
        property("int Index { get; }", |cx, a| Ok(Value::Int32(cx.this::<Piece>(a[0])?.index as i32))),
        property("int Length { get; }", |cx, a| Ok(Value::Int32(cx.this::<Piece>(a[0])?.length as i32))),
        property("string Value { get; }", value),
        method("string ToString()", value),
    ]],
);

static GROUP: TypeDef = TypeDef::new(
    "System.Text.RegularExpressions.Group",
    Kind::Class,
    &[&[
        property("CaptureCollection Captures { get; }", captures),
        property("bool Success { get; }", |cx, a| {
            Ok(Value::Bool(!cx.this::<Piece>(a[0])?.captures(cx.heap).is_empty()))
        }),
        property("string Name { get; }", |cx, a| {
            let piece = cx.this::<Piece>(a[0])?;
            let name = match (piece.found(cx.heap), &piece.group) {
                (Some(found), Some(group)) => found.pattern.program.groups.name(group.slot),
                _ if cx.heap.type_of(a[0]) == match_type() => "0".to_owned(),
                _ => String::new(),
            };
            cx.new_str(&name)
        })
        .off_list(),
    ]],
)
.base("Capture");

static MATCH: TypeDef = TypeDef::new(
    "System.Text.RegularExpressions.Match",
    Kind::Class,
    &[&[
        static_property("Match Empty { get; }", |cx, _| new_match(cx.heap, None)),
        property("GroupCollection Groups { get; }", groups),
        method("string Result(string replacement)", |cx, a| {
            let found = cx.this::<Piece>(a[0])?.found(cx.heap).cloned();
            cx.str(a[1], "replacement")?;
            match found {
                Some(found) => edit::result(cx, &found, a[1]),
                None => Err(Fault::not_supported("Result cannot be called on a failed Match.")),
            }
        }),
        method("Match NextMatch()", |cx, a| {
            let Some(found) = cx.this::<Piece>(a[0])?.found(cx.heap).cloned() else { return Ok(a[0]) };
            let next = found.next(cx.heap)?;
            new_match(cx.heap, next)
        })
        .off_list(),
    ]],
)
.base("Group");

static MATCHES: TypeDef = TypeDef::new(
    "System.Text.RegularExpressions.MatchCollection",
    Kind::Class,
    &[&[
        property("int Count { get; }", |cx, a| {
            let mut at = 0;
            while nth_match(cx, a[0], at)?.is_some() {
                at = cx.this::<Matches>(a[0])?.made.len();
            }
            Ok(Value::Int32(at as i32))
        }),
        indexer("Match this[int i] { get; }", |cx, a| {
            let at = usize::try_from(int(a[1])).map_err(|_| out_of_range())?;
            nth_match(cx, a[0], at)?.ok_or_else(out_of_range)
        }),
        method("IEnumerator GetEnumerator()", |cx, a| {
            let this = a[0];
            let mut at = 0;
            let cursor = Cursor::new(move |cx| {
                at += 1;
                nth_match(cx, this, at - 1)
            });
            let ty = cx.returns;
            enumerate::enumerator(cx, ty, cursor)
        }),
    ]],
)
.interfaces(&["IList<Match>", "IReadOnlyList<Match>", "ICollection"]);

static GROUPS: TypeDef = TypeDef::new(
    "System.Text.RegularExpressions.GroupCollection",
    Kind::Class,
    &[&[
        property("int Count { get; }", |cx, a| Ok(Value::Int32(cx.this::<Groups>(a[0])?.made.len() as i32))),
        indexer("Group this[int groupnum] { get; }", |cx, a| {
            let found = found_of(cx, a[0])?;
            let slot = match found {
                Some(found) => found.pattern.program.groups.slot(int(a[1])),
                None => (int(a[1]) == 0).then_some(0),
            };
            group_in(cx, a[0], slot.map(|slot| slot as usize))
        }),
        indexer("Group this[string groupname] { get; }", |cx, a| {
            let Some(found) = found_of(cx, a[0])? else { return no_group(cx.heap) };
            let groups = &found.pattern.program.groups;
            let name = cx.text(a[1], "name")?;
            let slot = groups.number(&name).and_then(|number| groups.slot(number));
            drop(name);
            group_in(cx, a[0], slot.map(|slot| slot as usize))
        }),
        method("bool ContainsKey(string key)", |cx, a| {
            let Some(found) = found_of(cx, a[0])? else { return Ok(Value::Bool(false)) };
            let name = cx.text(a[1], "name")?;
            Ok(Value::Bool(found.pattern.program.groups.number(&name).is_some()))
        })
        .off_list(),
        method("IEnumerator GetEnumerator()", |cx, a| {
            let this = a[0];
            let mut at = 0;
            let cursor = Cursor::new(move |cx| {
                if at >= cx.this::<Groups>(this)?.made.len() {
                    return Ok(None);
                }
                // .NET enumerates by number, and knows no group by a number that is left out.
                let slot = match found_of(cx, this)? {
                    Some(found) => found.pattern.program.groups.slot(at as i32),
                    None => Some(0),
                };
                at += 1;
                group_in(cx, this, slot.map(|slot| slot as usize)).map(Some)
            });
            let ty = cx.returns;
            enumerate::enumerator(cx, ty, cursor)
        }),
    ]],
)
.interfaces(&["IList<Group>", "IReadOnlyList<Group>", "ICollection", "IReadOnlyDictionary<string, Group>"]);

static CAPTURES: TypeDef = TypeDef::new(
    "System.Text.RegularExpressions.CaptureCollection",
    Kind::Class,
    &[&[
        property("int Count { get; }", |cx, a| Ok(Value::Int32(cx.this::<Captures>(a[0])?.0.len() as i32))),
        indexer("Capture this[int i] { get; }", |cx, a| {
            let items = &cx.this::<Captures>(a[0])?.0;
            usize::try_from(int(a[1])).ok().and_then(|at| items.get(at).copied()).ok_or_else(out_of_range)
        }),
        method("IEnumerator GetEnumerator()", |cx, a| {
            let items = cx.this::<Captures>(a[0])?.0.clone();
            let ty = cx.returns;
            enumerate::enumerator(cx, ty, Cursor::over(items))
        }),
    ]],
)
.interfaces(&["IList<Capture>", "IReadOnlyList<Capture>", "ICollection"]);

static OPTIONS: TypeDef = TypeDef::new(
    "System.Text.RegularExpressions.RegexOptions",
    Kind::Enum,
    &[&[
        enum_value("Compiled = 8", 8),
        enum_value("CultureInvariant = 512", 512),
        enum_value("ECMAScript = 256", 256),
        enum_value("ExplicitCapture = 4", 4),
        enum_value("IgnoreCase = 1", 1),
        enum_value("IgnorePatternWhitespace = 32", 32),
        enum_value("Multiline = 2", 2),
        enum_value("None = 0", 0),
        enum_value("RightToLeft = 64", 64),
        enum_value("Singleline = 16", 16),
    ]],
);

static EVALUATOR: TypeDef = TypeDef::new(
    "System.Text.RegularExpressions.MatchEvaluator",
    Kind::Delegate,
    &[&[Row::unbuilt(Form::Method, false, "string Invoke(Match match)")]],
)
.off_list();

// ---- Regex -----------------------------------------------------------------------------------------------------------

fn construct(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let pattern = of_arguments(cx.heap, a[0], &a[1..])?;
    cx.heap.new_extension(regex_type(), pattern)
}

/// A pattern, and options and timeout where they are given.
fn of_arguments(heap: &mut Heap, text: Value, more: &[Value]) -> Result<Pattern> {
    let options = more.first().map_or(0, |&options| enumeration(options));
    let timeout = match more.get(1) {
        Some(Value::TimeSpan(ticks)) => *ticks,
        _ => NO_TIMEOUT,
    };
    Pattern::new(heap, text, options, timeout)
}

fn pattern(cx: &Call<'_>, this: Value) -> Result<Pattern> {
    cx.this::<Pattern>(this).cloned()
}

/// The length of the input, which null is not.
fn input(heap: &Heap, input: Value) -> Result<usize> {
    Ok(heap.str(input).ok_or_else(|| Fault::argument_null("input"))?.len())
}

/// Where to begin: as asked, else where the whole input begins.
fn start(pattern: &Pattern, len: usize, asked: Option<&Value>) -> Result<usize> {
    let Some(&asked) = asked else { return Ok(pattern.start(len)) };
    usize::try_from(int(asked)).ok().filter(|&at| at <= len).ok_or_else(|| {
        Fault::out_of_range("Start index cannot be less than 0 or greater than input length.", "startat")
    })
}

const HAS_MATCH: Light = |heap, text, pattern| matches_at_all(heap, *text, *pattern, &[]);
const FIRST_MATCH: Light = |heap, text, pattern| first_of(heap, *text, *pattern, &[]);

fn static_is_match(cx: &mut Call<'_>, a: &[Value]) -> Result {
    matches_at_all(cx.heap, a[0], a[1], &a[2..])
}

fn matches_at_all(heap: &mut Heap, text: Value, pattern: Value, more: &[Value]) -> Result {
    let pattern = of_arguments(heap, pattern, more)?;
    let len = input(heap, text)?;
    Ok(Value::Bool(pattern.is_match(heap, text, pattern.start(len))?))
}

fn is_match(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let pattern = pattern(cx, a[0])?;
    let len = input(cx.heap, a[1])?;
    let from = start(&pattern, len, a.get(2))?;
    Ok(Value::Bool(pattern.is_match(cx.heap, a[1], from)?))
}

fn first(heap: &mut Heap, pattern: &Pattern, text: Value, asked: Option<&Value>) -> Result {
    let end = input(heap, text)?;
    let from = start(pattern, end, asked)?;
    let found = pattern.search(heap, text, Window { begin: 0, end }, from, None)?;
    new_match(heap, found)
}

fn static_match(cx: &mut Call<'_>, a: &[Value]) -> Result {
    first_of(cx.heap, a[0], a[1], &a[2..])
}

fn first_of(heap: &mut Heap, text: Value, pattern: Value, more: &[Value]) -> Result {
    let pattern = of_arguments(heap, pattern, more)?;
    first(heap, &pattern, text, None)
}

fn match_from(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let pattern = pattern(cx, a[0])?;
    first(cx.heap, &pattern, a[1], a.get(2))
}

fn match_within(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let pattern = pattern(cx, a[0])?;
    let len = input(cx.heap, a[1])?;
    // The end is checked as the place to begin where that is the end.
    let asked = if pattern.program.backward { int(a[2]).wrapping_add(int(a[3])) } else { int(a[2]) };
    let from = start(&pattern, len, Some(&Value::Int32(asked)))?;
    let length = usize::try_from(int(a[3])).ok().filter(|&length| length <= len);
    let length =
        length.ok_or_else(|| Fault::out_of_range("Length cannot be less than 0 or exceed input length.", "length"))?;
    let begin = usize::try_from(int(a[2])).map_err(|_| Fault::index_of_array())?;
    if begin + length > len {
        return Err(Fault::index_of_array());
    }
    let found = pattern.search(cx.heap, a[1], Window { begin, end: begin + length }, from, None)?;
    new_match(cx.heap, found)
}

fn new_matches(cx: &mut Call<'_>, pattern: Pattern, text: Value, asked: Option<&Value>) -> Result {
    let len = input(cx.heap, text)?;
    let from = start(&pattern, len, asked)?;
    let matches = Matches { pattern, input: text, from, after: None, made: Vec::new(), done: false };
    cx.heap.new_extension(matches_type(), matches)
}

fn static_matches(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let pattern = of_arguments(cx.heap, a[1], &a[2..])?;
    new_matches(cx, pattern, a[0], None)
}

fn matches(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let pattern = pattern(cx, a[0])?;
    new_matches(cx, pattern, a[1], a.get(2))
}

fn replace_all(
    cx: &mut Call<'_>,
    pattern: &Pattern,
    text: Value,
    by: &By,
    count: Option<&Value>,
    asked: Option<&Value>,
) -> Result {
    let len = input(cx.heap, text)?;
    match by {
        By::Text(replacement) if replacement.is_null() => return Err(Fault::argument_null("replacement")),
        By::Evaluator(evaluator) if evaluator.is_null() => return Err(Fault::argument_null("evaluator")),
        _ => {}
    }
    let from = asked.map_or(pattern.start(len) as i32, |&from| int(from));
    edit::replace(cx, pattern, text, by, count.map_or(-1, |&count| int(count)), from)
}

fn static_replace(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let pattern = of_arguments(cx.heap, a[1], &a[3..])?;
    replace_all(cx, &pattern, a[0], &By::Text(a[2]), None, None)
}

fn replace(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let pattern = pattern(cx, a[0])?;
    replace_all(cx, &pattern, a[1], &By::Text(a[2]), a.get(3), a.get(4))
}

fn static_evaluate(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let pattern = of_arguments(cx.heap, a[1], &a[3..])?;
    replace_all(cx, &pattern, a[0], &By::Evaluator(a[2]), None, None)
}

fn evaluate(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let pattern = pattern(cx, a[0])?;
    replace_all(cx, &pattern, a[1], &By::Evaluator(a[2]), a.get(3), a.get(4))
}

fn split_all(
    cx: &mut Call<'_>,
    pattern: &Pattern,
    text: Value,
    count: Option<&Value>,
    asked: Option<&Value>,
) -> Result {
    let len = input(cx.heap, text)?;
    let from = asked.map_or(pattern.start(len) as i32, |&from| int(from));
    let parts = edit::split(cx, pattern, text, count.map_or(0, |&count| int(count)), from)?;
    let ty = cx.returns;
    array::new(cx, ty, parts)
}

fn static_split(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let pattern = of_arguments(cx.heap, a[1], &a[2..])?;
    split_all(cx, &pattern, a[0], None, None)
}

fn split(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let pattern = pattern(cx, a[0])?;
    split_all(cx, &pattern, a[1], a.get(2), a.get(3))
}

// ---- what was matched ------------------------------------------------------------------------------------------------

fn value(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let piece = cx.this::<Piece>(a[0])?;
    let (input, index, length) = (piece.input, piece.index, piece.length);
    cx.heap.substring(input, index, length)
}

/// `match.Groups[name].Value`, without the objects between, which nobody else can see.
pub const GROUP_TEXT: Light = |heap, found, name| {
    let piece = heap.extension::<Piece>(*found).ok_or_else(Fault::null_reference)?;
    let name = heap.text(*name).ok_or_else(|| Fault::argument_null("name"))?;
    let span = piece.found(heap).and_then(|found| {
        let groups = &found.pattern.program.groups;
        let slot = groups.number(&name).and_then(|number| groups.slot(number))?;
        found.last(slot as usize)
    });
    let input = piece.input;
    drop(name);
    match span {
        Some((index, length)) => heap.substring(input, index, length),
        None => heap.new_str(""),
    }
};

fn captures(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let piece = cx.this::<Piece>(a[0])?;
    let made = piece.group.as_ref().map_or(Value::Null, |group| group.captures);
    if !made.is_null() {
        return Ok(made);
    }
    let input = piece.input;
    let spans = piece.captures(cx.heap).to_vec();
    cx.heap.charge(spans.len() * size_of::<Value>())?;
    cx.charge_fuel(spans.len())?;
    let mut items = Vec::with_capacity(spans.len());
    // The last capture is the group itself.
    for &(index, length) in spans.iter().rev().skip(1).rev() {
        let piece = Piece { input, index: index as usize, length: length as usize, group: None };
        items.push(cx.heap.new_extension(capture_type(), piece)?);
    }
    if !spans.is_empty() {
        items.push(a[0]);
    }
    let made = cx.heap.new_extension(captures_type(), Captures(items))?;
    if let Some(group) = &mut cx.this_mut::<Piece>(a[0])?.group {
        group.captures = made;
    }
    Ok(made)
}

fn groups(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let piece = cx.this::<Piece>(a[0])?;
    let made = piece.group.as_ref().map_or(Value::Null, |group| group.groups);
    if !made.is_null() {
        return Ok(made);
    }
    let count = piece.found(cx.heap).map_or(1, |found| found.captures.len());
    cx.heap.charge(count * size_of::<Value>())?;
    let mut all = vec![Value::Null; count];
    all[0] = a[0];
    let made = cx.heap.new_extension(groups_type(), Groups { of: a[0], made: all })?;
    if let Some(group) = &mut cx.this_mut::<Piece>(a[0])?.group {
        group.groups = made;
    }
    Ok(made)
}

fn found_of<'a>(cx: &'a Call<'_>, groups: Value) -> Result<Option<&'a Found>> {
    let of = cx.this::<Groups>(groups)?.of;
    Ok(cx.this::<Piece>(of)?.found(cx.heap))
}

fn group_in(cx: &mut Call<'_>, groups: Value, slot: Option<usize>) -> Result {
    let Some(slot) = slot else { return no_group(cx.heap) };
    let made = cx.this::<Groups>(groups)?.made.get(slot).copied().unwrap_or(Value::Null);
    if !made.is_null() {
        return Ok(made);
    }
    let of = cx.this::<Groups>(groups)?.of;
    let made = new_group(cx.heap, of, slot)?;
    if let Some(place) = cx.this_mut::<Groups>(groups)?.made.get_mut(slot) {
        *place = made;
    }
    Ok(made)
}

/// Searches on until the match is there.
fn nth_match(cx: &mut Call<'_>, this: Value, at: usize) -> Result<Option<Value>> {
    loop {
        let matches = cx.this::<Matches>(this)?;
        if let Some(&made) = matches.made.get(at) {
            return Ok(Some(made));
        }
        if matches.done {
            return Ok(None);
        }
        let (pattern, text, from, after) = (matches.pattern.clone(), matches.input, matches.from, matches.after);
        let window = Window { begin: 0, end: length(cx.heap, text) };
        let found = pattern.search(cx.heap, text, window, from, after)?;
        let Some(found) = found else {
            cx.this_mut::<Matches>(this)?.done = true;
            continue;
        };
        let (end, length) = (found.end, found.length());
        cx.heap.charge(size_of::<Value>())?;
        let made = new_match(cx.heap, Some(found))?;
        let matches = cx.this_mut::<Matches>(this)?;
        matches.made.push(made);
        (matches.from, matches.after) = (end, Some(length));
    }
}

fn out_of_range() -> Fault {
    Fault::out_of_range("Specified argument was out of the range of valid values.", "i")
}
