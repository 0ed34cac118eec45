//! `Replace` and `Split`: a text taken apart along its matches and put together again.

use super::machine::Window;
use super::objects::{Found, Pattern, Result, fault, length, new_match};
use super::replacement::{self, Part};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Str;
use crate::dotnet::value::Value;

/// What replaces a match.
pub enum By {
    /// A replacement text.
    Text(Value),
    /// A `MatchEvaluator`.
    Evaluator(Value),
}

/// A piece of the result.
enum Piece {
    Input {
        start: usize,
        len: usize,
    },
    /// A part of the replacement that is text, by its place.
    Part(usize),
    Text(Value),
}

/// Bounds that `Replace` and `Split` share.
fn check(cx: &Call<'_>, input: Value, least: i32, count: i32, from: i32) -> Result<usize> {
    if count < least {
        return Err(Fault::out_of_range("Count cannot be less than -1.", "count"));
    }
    let from = usize::try_from(from).ok().filter(|&from| from <= length(cx.heap, input));
    from.ok_or_else(|| {
        Fault::out_of_range("Start index cannot be less than 0 or greater than input length.", "startat")
    })
}

fn first(cx: &mut Call<'_>, pattern: &Pattern, input: Value, from: usize) -> Result<Option<Found>> {
    let window = Window { begin: 0, end: length(cx.heap, input) };
    pattern.search(cx.heap, input, window, from, None)
}

/// At most `count` matches from `from` on are replaced; -1: all.
pub fn replace(cx: &mut Call<'_>, pattern: &Pattern, input: Value, by: &By, count: i32, from: i32) -> Result {
    let from = check(cx, input, -1, count, from)?;
    let parts = match by {
        By::Text(text) => {
            let units = cx.str(*text, "replacement")?.to_wide();
            cx.charge_fuel(units.len() / 4)?;
            let program = &pattern.program;
            replacement::parse(&units, &program.groups, pattern.options as u16, program.ecma).map_err(fault)?
        }
        By::Evaluator(_) => Vec::new(),
    };
    if count == 0 {
        return Ok(input);
    }
    let Some(mut found) = first(cx, pattern, input, from)? else { return Ok(input) };
    let total = length(cx.heap, input);
    let backward = pattern.program.backward;
    let mut pieces = Vec::new();
    let mut left = count;
    // Where the part of the input that is done ends (forward) or begins (backward).
    let mut done = if backward { total } else { 0 };
    loop {
        cx.heap.charge((parts.len() + 2) * size_of::<Piece>())?;
        cx.charge_fuel(parts.len() + 1)?;
        let (start, end) = (found.index(), found.index() + found.length());
        pieces.push(gap(backward, done, start, end));
        done = if backward { start } else { end };
        match by {
            By::Text(_) if backward => {
                pieces.extend((0..parts.len()).rev().filter_map(|at| piece(&parts, at, &found, total)));
            }
            By::Text(_) => pieces.extend((0..parts.len()).filter_map(|at| piece(&parts, at, &found, total))),
            By::Evaluator(evaluator) => {
                let made = new_match(cx.heap, Some(found.clone()))?;
                pieces.push(Piece::Text(cx.invoke(*evaluator, &[made])?));
            }
        }
        left = left.saturating_sub(1);
        if left == 0 {
            break;
        }
        match found.next(cx.heap)? {
            Some(next) => found = next,
            None => break,
        }
    }
    pieces.push(if backward {
        Piece::Input { start: 0, len: done }
    } else {
        Piece::Input { start: done, len: total - done }
    });
    if backward {
        pieces.reverse();
    }
    join(cx, input, &parts, &pieces)
}

/// The input between the last match and this one.
fn gap(backward: bool, done: usize, start: usize, end: usize) -> Piece {
    if backward {
        Piece::Input { start: end, len: done.saturating_sub(end) }
    } else {
        Piece::Input { start: done, len: start.saturating_sub(done) }
    }
}

fn piece(parts: &[Part], at: usize, found: &Found, total: usize) -> Option<Piece> {
    let of_input = |(start, len)| Piece::Input { start, len };
    let (index, end) = (found.index(), found.index() + found.length());
    match &parts[at] {
        Part::Text(_) => Some(Piece::Part(at)),
        Part::Group(slot) => found.last(*slot as usize).map(of_input),
        Part::LastGroup => found.last(found.captures.len() - 1).map(of_input),
        Part::Before => Some(of_input((found.window.begin, index - found.window.begin))),
        Part::After => Some(of_input((end, found.window.end - end))),
        Part::Whole => Some(of_input((0, total))),
    }
}

/// `Match.Result`.
pub fn result(cx: &mut Call<'_>, found: &Found, text: Value) -> Result {
    let units = cx.str(text, "replacement")?.to_wide();
    cx.charge_fuel(units.len() / 4)?;
    let program = &found.pattern.program;
    let parts =
        replacement::parse(&units, &program.groups, found.pattern.options as u16, program.ecma).map_err(fault)?;
    cx.heap.charge(parts.len() * size_of::<Piece>())?;
    let total = length(cx.heap, found.input);
    let pieces: Vec<Piece> = (0..parts.len()).filter_map(|at| piece(&parts, at, found, total)).collect();
    join(cx, found.input, &parts, &pieces)
}

fn join(cx: &mut Call<'_>, input: Value, parts: &[Part], pieces: &[Piece]) -> Result {
    let text_of = |at: usize| match &parts[at] {
        Part::Text(units) => units.as_slice(),
        _ => &[],
    };
    let mut len = 0usize;
    let mut ascii = matches!(cx.heap.str(input), Some(Str::Ascii(_)));
    // Once, not at each match: a part may be as long as there are matches.
    ascii &= (0..parts.len()).all(|at| text_of(at).iter().all(|&unit| unit < 128));
    for piece in pieces {
        len = len.saturating_add(match piece {
            Piece::Input { len, .. } => *len,
            Piece::Part(at) => text_of(*at).len(),
            Piece::Text(text) => {
                let text = cx.heap.str(*text);
                ascii &= !matches!(text, Some(Str::Wide(_)));
                text.map_or(0, Str::len)
            }
        });
    }
    cx.charge_fuel(len / 16)?;
    cx.heap.charge(if ascii { len } else { len * 2 })?;
    if ascii {
        let mut out = String::with_capacity(len);
        for piece in pieces {
            match piece {
                Piece::Input { start, len } => {
                    if let Some(Str::Ascii(text)) = cx.heap.str(input) {
                        out.push_str(&text[*start..start + len]);
                    }
                }
                Piece::Part(at) => out.extend(text_of(*at).iter().map(|&unit| char::from(unit as u8))),
                Piece::Text(text) => {
                    if let Some(Str::Ascii(text)) = cx.heap.str(*text) {
                        out.push_str(text);
                    }
                }
            }
        }
        return cx.new_str(&out);
    }
    let mut out: Vec<u16> = Vec::with_capacity(len);
    for piece in pieces {
        match piece {
            Piece::Input { start, len } => match cx.heap.str(input) {
                Some(Str::Wide(text)) => out.extend_from_slice(&text[*start..start + len]),
                Some(Str::Ascii(text)) => {
                    out.extend(text.as_bytes()[*start..start + len].iter().map(|&b| u16::from(b)))
                }
                None => {}
            },
            Piece::Part(at) => out.extend_from_slice(text_of(*at)),
            Piece::Text(text) => {
                if let Some(text) = cx.heap.str(*text) {
                    out.extend(text.units());
                }
            }
        }
    }
    cx.heap.new_wide(&out)
}

/// At most `count` parts; 0: all. What groups captured stands between the parts.
pub fn split(cx: &mut Call<'_>, pattern: &Pattern, input: Value, count: i32, from: i32) -> Result<Vec<Value>> {
    let from = check(cx, input, 0, count, from)?;
    if count == 1 {
        return Ok(vec![input]);
    }
    let Some(mut found) = first(cx, pattern, input, from)? else { return Ok(vec![input]) };
    let total = length(cx.heap, input);
    let backward = pattern.program.backward;
    let mut parts = Vec::new();
    let mut left = count - 1;
    let mut done = if backward { total } else { 0 };
    loop {
        cx.heap.charge((found.captures.len() + 1) * size_of::<Value>())?;
        cx.charge_fuel(found.captures.len())?;
        let (start, end) = (found.index(), found.index() + found.length());
        if let Piece::Input { start, len } = gap(backward, done, start, end) {
            parts.push(cx.heap.substring(input, start, len)?);
        }
        done = if backward { start } else { end };
        for slot in 1..found.captures.len() {
            // .NET asks whether the slot captured, and takes the group of that number.
            if found.captures[slot].is_empty() {
                continue;
            }
            let group = i32::try_from(slot).ok().and_then(|number| pattern.program.groups.slot(number));
            let (start, len) = group.and_then(|slot| found.last(slot as usize)).unwrap_or_default();
            parts.push(cx.heap.substring(input, start, len)?);
        }
        left = left.wrapping_sub(1);
        if left == 0 {
            break;
        }
        match found.next(cx.heap)? {
            Some(next) => found = next,
            None => break,
        }
    }
    let (start, len) = if backward { (0, done) } else { (done, total - done) };
    parts.push(cx.heap.substring(input, start, len)?);
    if backward {
        parts.reverse();
    }
    Ok(parts)
}
