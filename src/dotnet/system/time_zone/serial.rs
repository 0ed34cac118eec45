//! `TimeZoneInfo.ToSerializedString` and back.
//!
//! `id;minutes;display;standard;daylight;[rule][rule];`, a rule being `start;end;minutes;[transition][transition]`, with
//! `\` before each `\`, `[`, `]` and `;` of a text.

use super::zone::{Identity, Rule, Transition, Zone};
use crate::dotnet::system::format::date_time::{DAY, MINUTE, SECOND, date, split};
use std::fmt::Write;

pub fn write(zone: &Zone) -> String {
    let mut out = String::new();
    text(&mut out, &zone.id);
    let _ = write!(out, "{};", zone.base / MINUTE);
    for name in [&zone.display, &zone.standard, &zone.daylight] {
        text(&mut out, name.as_deref().unwrap_or_default());
    }
    for rule in zone.shown_rules() {
        out.push('[');
        day(&mut out, rule.start);
        day(&mut out, rule.end);
        let _ = write!(out, "{};", rule.delta / MINUTE);
        transition(&mut out, rule.from);
        transition(&mut out, rule.to);
        out.push(']');
    }
    out.push(';');
    out
}

fn text(out: &mut String, text: &str) {
    for c in text.chars() {
        if matches!(c, '\\' | '[' | ']' | ';') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push(';');
}

fn day(out: &mut String, ticks: i64) {
    let (year, month, day) = split(ticks);
    let _ = write!(out, "{month:02}:{day:02}:{year:04};");
}

fn transition(out: &mut String, t: Transition) {
    let seconds = t.time / SECOND;
    let _ = write!(out, "[{};{:02}:{:02}:{:02}", i32::from(t.fixed), seconds / 3600, seconds / 60 % 60, seconds % 60);
    let millis = t.time % SECOND / 10_000;
    if millis != 0 {
        let _ = write!(out, ".{}", format!("{millis:03}").trim_end_matches('0'));
    }
    let _ = match t.fixed {
        true => write!(out, ";{};{};];", t.month, t.day),
        false => write!(out, ";{};{};{};];", t.month, t.week, t.weekday),
    };
}

/// The zone in a serialized text; `None` where the text is broken.
pub fn read(text: &str) -> Option<Zone> {
    let mut input = Input(text);
    let id = input.text()?;
    let base = input.number()?.checked_mul(MINUTE)?;
    let [display, standard, daylight] = [input.text()?, input.text()?, input.text()?];
    let mut rules = Vec::new();
    while input.takes("[") {
        rules.push(rule(&mut input)?);
    }
    input.takes(";").then_some(Zone {
        identity: Identity::Other,
        id,
        display: Some(display),
        standard: Some(standard),
        daylight: Some(daylight),
        base,
        rules,
    })
}

fn rule(input: &mut Input<'_>) -> Option<Rule> {
    let (start, end) = (input.day()?, input.day()?);
    let delta = input.number()?.checked_mul(MINUTE)?;
    let (from, to) = (input.transition()?, input.transition()?);
    let mut base_delta = 0;
    let mut whole = false;
    if !input.takes("]") {
        let number = input.number()?;
        // One number alone is a mark that the delta holds for the whole period, or a shift of the base offset.
        if input.takes("]") {
            (whole, base_delta) = if number == 1 { (true, 0) } else { (false, number.checked_mul(MINUTE)?) };
        } else {
            base_delta = number.checked_mul(MINUTE)?;
            whole = input.number()? == 1;
            input.takes("]").then_some(())?;
        }
    }
    let in_range = |value: i64| value.abs() <= super::zone::MAX_OFFSET;
    (in_range(delta) && in_range(base_delta) && start <= end).then_some(Rule {
        start,
        end,
        start_is_utc: false,
        end_is_utc: false,
        delta,
        base_delta,
        from,
        to,
        whole,
    })
}

struct Input<'a>(&'a str);

impl Input<'_> {
    fn takes(&mut self, mark: &str) -> bool {
        match self.0.strip_prefix(mark) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn text(&mut self) -> Option<String> {
        let mut out = String::new();
        let mut chars = self.0.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                ';' => {
                    self.0 = &self.0[at + 1..];
                    return Some(out);
                }
                '\\' => out.push(chars.next()?.1),
                '[' | ']' => return None,
                _ => out.push(c),
            }
        }
        None
    }

    fn number(&mut self) -> Option<i64> {
        self.text()?.parse::<i32>().ok().map(i64::from)
    }

    fn day(&mut self) -> Option<i64> {
        let text = self.text()?;
        let mut parts = text.split(':').map(|part| part.parse::<i64>().ok());
        let (month, day, year) = (parts.next()??, parts.next()??, parts.next()??);
        date(year, month, day)
    }

    fn transition(&mut self) -> Option<Transition> {
        self.takes("[").then_some(())?;
        let fixed = self.number()? == 1;
        let time = self.text()?;
        let (clock, fraction) = time.split_once('.').unwrap_or((&time, "0"));
        let mut parts = clock.split(':').map(|part| part.parse::<i64>().ok().filter(|n| (0..60).contains(n)));
        let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
        let millis = format!("{fraction:0<3}").get(..3)?.parse::<i64>().ok()?;
        let time = (hours * 3600 + minutes * 60 + seconds) * SECOND + millis * 10_000;
        let month = self.number()?;
        let made = if fixed {
            Transition { time, month, week: 1, day: self.number()?, weekday: 0, fixed }
        } else {
            Transition { time, month, week: self.number()?, day: 1, weekday: self.number()?, fixed }
        };
        let right = time < DAY
            && (1..=12).contains(&made.month)
            && (1..=31).contains(&made.day)
            && (1..=5).contains(&made.week)
            && (0..=6).contains(&made.weekday);
        (right && self.takes("]") && self.takes(";")).then_some(made)
    }
}
