//! A time zone as .NET knows it: a base offset and adjustment rules, and the questions that they answer.
//!
//! In: a zone, a clock time or a UTC time in ticks. Out: offsets; whether it is daylight saving time; whether a clock time
//! is ambiguous or never happens. Times outside the calendar are held at its ends.

use crate::dotnet::system::format::date_time::{DAY, HOUR, MINUTE, date, days_in_month, split, weekday};
use crate::dotnet::value::{DateTime, Kind};

/// Which of the zones that have a `DateTimeKind` of their own it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    Utc,
    Local,
    Other,
}

#[derive(Clone, Debug)]
pub struct Zone {
    pub identity: Identity,
    pub id: String,
    pub display: Option<String>,
    pub standard: Option<String>,
    pub daylight: Option<String>,
    /// In ticks, whole minutes.
    pub base: i64,
    pub rules: Vec<Rule>,
}

/// `TimeZoneInfo.AdjustmentRule`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub start: i64,
    pub end: i64,
    /// `start` and `end` are moments in UTC and not dates of the zone.
    pub start_is_utc: bool,
    pub end_is_utc: bool,
    pub delta: i64,
    pub base_delta: i64,
    pub from: Transition,
    pub to: Transition,
    /// The delta holds for the whole period: `from` and `to` say nothing.
    pub whole: bool,
}

/// `TimeZoneInfo.TransitionTime`; the default one has month 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transition {
    /// Ticks since midnight.
    pub time: i64,
    pub month: i64,
    pub week: i64,
    pub day: i64,
    pub weekday: i64,
    pub fixed: bool,
}

impl Transition {
    /// When it is in a year.
    fn moment(self, year: i64) -> i64 {
        let month = self.month.clamp(1, 12);
        let first = date(year, month, 1).unwrap_or(0);
        let days = days_in_month(year, month);
        let day = if self.fixed {
            self.day.clamp(1, days)
        } else if self.week <= 4 {
            1 + (self.weekday - weekday(first)).rem_euclid(7) + 7 * (self.week - 1).max(0)
        } else {
            let last = first + (days - 1) * DAY;
            days - (weekday(last) - self.weekday).rem_euclid(7)
        };
        first + (day - 1) * DAY + self.time
    }

    fn is_new_year(self) -> bool {
        self.month == 1 && self.day == 1 && self.time < 10_000_000
    }
}

/// A clock time with its kind.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    pub ticks: i64,
    pub kind: Kind,
}

impl Clock {
    pub fn of(date: DateTime) -> Clock {
        Clock { ticks: date.ticks(), kind: date.kind() }
    }
}

/// Daylight saving time in one year, in clock time.
#[derive(Clone, Copy)]
struct Period {
    start: i64,
    end: i64,
}

fn held(ticks: i64) -> i64 {
    ticks.clamp(0, DateTime::MAX_TICKS)
}

fn year_of(ticks: i64) -> i64 {
    split(held(ticks)).0
}

fn add_years(ticks: i64, years: i64) -> i64 {
    let ticks = held(ticks);
    let (year, month, day) = split(ticks);
    let to = (year + years).clamp(1, 9999);
    date(to, month, day.min(days_in_month(to, month))).unwrap_or(0) + ticks % DAY
}

fn day_of(ticks: i64) -> i64 {
    ticks - ticks % DAY
}

impl Rule {
    pub fn has_daylight(&self) -> bool {
        let marks = |t: Transition, unless: i64| t != Transition::default() && t.time != unless;
        self.delta != 0 || marks(self.from, 0) || marks(self.to, 10_000)
    }

    fn within_one_year(&self) -> bool {
        !self.whole && year_of(self.start) == year_of(self.end)
    }

    /// Daylight saving time goes on from the year before.
    fn begins_with_year(&self) -> bool {
        self.within_one_year() && self.from.is_new_year()
    }

    /// Daylight saving time goes on into the next year.
    fn ends_with_year(&self) -> bool {
        self.within_one_year() && self.to.is_new_year()
    }

    fn shift(&self) -> i64 {
        self.delta + self.base_delta
    }
}

impl Zone {
    pub fn supports_daylight(&self) -> bool {
        !self.rules.is_empty()
    }

    /// The `DateTimeKind` of times in this zone.
    pub fn kind(&self) -> Kind {
        match self.identity {
            Identity::Utc => Kind::Utc,
            Identity::Local => Kind::Local,
            Identity::Other => Kind::Unspecified,
        }
    }

    pub fn same_rules(&self, other: &Zone) -> bool {
        self.base == other.base && self.rules == other.rules
    }

    /// The rule in force, and its position.
    fn rule_at(&self, ticks: i64, is_utc: bool) -> Option<usize> {
        let day = day_of(held(if is_utc { ticks + self.base } else { ticks }));
        let (mut low, mut high) = (0, self.rules.len());
        while low < high {
            let middle = low + (high - 1 - low) / 2;
            let rule = &self.rules[middle];
            let before = self.before(middle);
            let utc = |rule: &Rule| if is_utc { ticks } else { held(ticks - self.base - rule.shift()) };
            let begun = if rule.start_is_utc { utc(before) >= rule.start } else { day >= rule.start };
            if !begun {
                high = middle;
                continue;
            }
            let going_on = if rule.end_is_utc { utc(rule) <= rule.end } else { day <= rule.end };
            if going_on {
                return Some(middle);
            }
            low = middle + 1;
        }
        None
    }

    fn before(&self, at: usize) -> &Rule {
        &self.rules[at.saturating_sub(1)]
    }

    fn period(&self, year: i64, at: usize) -> Period {
        let rule = &self.rules[at];
        if rule.whole {
            return Period {
                start: held(rule.start + self.base + self.before(at).shift()),
                end: held(rule.end + self.base + rule.shift()),
            };
        }
        Period { start: rule.from.moment(year), end: rule.to.moment(year) }
    }

    /// The offset at a clock time of this zone.
    pub fn offset_at_clock(&self, time: Clock) -> i64 {
        let Some(at) = self.rule_at(time.ticks, false) else { return self.base };
        let rule = &self.rules[at];
        let daylight = rule.has_daylight() && self.is_daylight_at_clock(time, at);
        self.base + rule.base_delta + if daylight { rule.delta } else { 0 }
    }

    /// The offset at a moment in UTC, and whether it is daylight saving time.
    pub fn offset_at_utc(&self, ticks: i64) -> (i64, bool) {
        let last_day = day_of(DateTime::MAX_TICKS);
        let (at, year) = if ticks > last_day {
            (self.rule_at(DateTime::MAX_TICKS, false), 9999)
        } else if ticks < DAY {
            (self.rule_at(0, false), 1)
        } else {
            (self.rule_at(ticks, true), year_of(ticks + self.base))
        };
        let Some(at) = at else { return (self.base, false) };
        let rule = &self.rules[at];
        let daylight = rule.has_daylight() && self.is_daylight_at_utc(ticks, year, at);
        (self.base + rule.base_delta + if daylight { rule.delta } else { 0 }, daylight)
    }

    fn is_daylight_at_clock(&self, time: Clock, at: usize) -> bool {
        let rule = &self.rules[at];
        let period = self.period(year_of(time.ticks), at);
        let local = time.kind == Kind::Local;
        let gap = if local || rule.delta > 0 { rule.delta } else { 0 };
        let overlap = if local || rule.delta <= 0 { 0 } else { rule.delta };
        let start = if rule.begins_with_year() { first_of(year_of(period.start)) } else { period.start + gap };
        let end = if rule.ends_with_year() { last_of(year_of(period.end)) } else { period.end - overlap };
        let inside = is_inside(start, time.ticks, end, rule.whole, rule);
        inside && !(local && self.is_ambiguous_in(time.ticks, at))
    }

    fn is_daylight_at_utc(&self, ticks: i64, year: i64, at: usize) -> bool {
        let rule = &self.rules[at];
        let period = self.period(year, at);
        let mut spans_years = false;
        let before_start = self.base + if rule.whole { self.before(at).shift() } else { rule.base_delta };
        let before_end = self.base + rule.shift();

        let mut start = period.start - before_start;
        let start_year = year_of(period.start);
        if rule.begins_with_year() && start_year > 1 {
            start = first_of(start_year) - before_start;
            let last = date(start_year - 1, 12, 31).and_then(|day| self.rule_at(day, false));
            if let Some(earlier) = last.filter(|&at| self.rules[at].ends_with_year()) {
                start = self.period(start_year - 1, earlier).start - self.base - self.rules[earlier].base_delta;
                spans_years = true;
            }
        }
        let mut end = period.end - before_end;
        let end_year = year_of(period.end);
        if rule.ends_with_year() && end_year < 9999 {
            end = last_of(end_year) - before_end;
            let next = date(end_year + 1, 1, 1).and_then(|day| self.rule_at(day, false));
            if let Some(later) = next.filter(|&at| self.rules[at].begins_with_year()) {
                let rule = &self.rules[later];
                let until = if rule.ends_with_year() {
                    date(end_year + 1, 12, 31).unwrap_or(DateTime::MAX_TICKS)
                } else {
                    self.period(end_year + 1, later).end
                };
                end = until - self.base - rule.shift();
                spans_years = true;
            }
        }
        is_inside(start, ticks, end, spans_years || rule.whole, rule)
    }

    fn is_ambiguous_in(&self, ticks: i64, at: usize) -> bool {
        let rule = &self.rules[at];
        let period = self.period(year_of(ticks), at);
        match rule.delta {
            0 => false,
            delta if delta > 0 => !rule.ends_with_year() && around(period.end - delta, ticks, period.end),
            delta => !rule.begins_with_year() && around(period.start + delta, ticks, period.start),
        }
    }

    /// Whether a clock time of this zone happens twice; the rule that makes it so.
    pub fn ambiguous_rule(&self, ticks: i64) -> Option<&Rule> {
        let at = self.rule_at(ticks, false)?;
        let rule = &self.rules[at];
        (rule.has_daylight() && self.is_ambiguous_in(ticks, at)).then_some(rule)
    }

    /// Whether a clock time of this zone is skipped.
    pub fn is_skipped(&self, ticks: i64) -> bool {
        let Some(at) = self.rule_at(ticks, false) else { return false };
        let rule = &self.rules[at];
        let period = self.period(year_of(ticks), at);
        match rule.delta {
            0 => false,
            delta if delta < 0 => !rule.ends_with_year() && around(period.end, ticks, period.end - delta),
            delta => !rule.begins_with_year() && around(period.start, ticks, period.start + delta),
        }
    }

    /// Whether it is daylight saving time at a clock time of this zone.
    pub fn is_daylight(&self, time: Clock) -> bool {
        let at = self.rule_at(time.ticks, false).filter(|&at| self.rules[at].has_daylight());
        at.is_some_and(|at| self.is_daylight_at_clock(time, at))
    }

    /// The rules as the outside sees them: every end a date and a time of the zone's clock.
    pub fn shown_rules(&self) -> Vec<Rule> {
        let shown = |rule: &Rule| {
            let start = if rule.start_is_utc { held(rule.start + self.base) } else { rule.start };
            let end = if rule.end_is_utc { held(rule.end + self.base + rule.delta) } else { rule.end };
            Rule {
                start: day_of(start),
                end: day_of(end),
                start_is_utc: false,
                end_is_utc: false,
                delta: rule.delta,
                base_delta: 0,
                from: at_date(start),
                to: at_date(end),
                whole: false,
            }
        };
        self.rules.iter().map(shown).collect()
    }
}

/// The date and the time, to the second, of a moment as a transition.
fn at_date(ticks: i64) -> Transition {
    let (_, month, day) = split(ticks);
    let time = ticks % DAY;
    Transition { time: time - time % 10_000_000, month, week: 1, day, weekday: 0, fixed: true }
}

fn first_of(year: i64) -> i64 {
    date(year, 1, 1).unwrap_or(0)
}

fn last_of(year: i64) -> i64 {
    date(year + 1, 1, 1).map_or(DateTime::MAX_TICKS, |next| next - 1)
}

/// Whether the time lies in a range, which may belong to the year before or after.
fn around(start: i64, ticks: i64, end: i64) -> bool {
    let inside = |start, end| ticks >= start && ticks < end;
    let years = [1, -1];
    inside(start, end)
        || year_of(start) != year_of(end) && years.iter().any(|&by| inside(add_years(start, by), add_years(end, by)))
}

fn is_inside(start: i64, ticks: i64, end: i64, exact: bool, rule: &Rule) -> bool {
    let (mut time, mut end) = (ticks, end);
    if !exact {
        let year = year_of(start);
        if year_of(end) != year {
            end = add_years(end, year - year_of(end));
        }
        if year_of(time) != year {
            time = add_years(time, year - year_of(time));
        }
    }
    if start > end {
        // South of the equator it begins late in the year and ends early in the next.
        return time < end || time >= start;
    }
    time >= start && if rule.whole { time <= end } else { time < end }
}

/// Whole minutes, towards zero, as offsets are kept.
pub fn whole_minutes(ticks: i64) -> i64 {
    ticks - ticks % MINUTE
}

/// Offsets go to 14 hours: what a file says beyond is held there.
pub const MAX_OFFSET: i64 = 14 * HOUR;
