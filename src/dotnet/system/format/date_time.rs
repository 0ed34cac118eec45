//! Dates and times as text and back, in the invariant culture; the local time zone is UTC.
//!
//! In: ticks and format strings, or text. Out: text, or the parts of a date. Never: the clock (today is handed in).

use std::fmt::Write;

pub const SECOND: i64 = 10_000_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// `System.Globalization.DateTimeStyles`.
pub mod styles {
    pub const WHITE: i64 = 7;
    pub const LEADING_WHITE: i64 = 1;
    pub const TRAILING_WHITE: i64 = 2;
    pub const INNER_WHITE: i64 = 4;
    pub const NO_CURRENT_DATE: i64 = 8;
    pub const ADJUST_TO_UNIVERSAL: i64 = 16;
    pub const ASSUME_LOCAL: i64 = 32;
    pub const ASSUME_UNIVERSAL: i64 = 64;
    pub const ROUNDTRIP: i64 = 128;
}

pub fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Ticks of a date; `None` when there is no such day.
pub fn date(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
        return None;
    }
    let before = year - 1;
    let years = before * 365 + before / 4 - before / 100 + before / 400;
    Some((years + (1..month).map(|m| days_in_month(year, m)).sum::<i64>() + day - 1) * DAY)
}

/// Year, month and day.
pub fn split(ticks: i64) -> (i64, i64, i64) {
    let mut day = ticks / DAY;
    let mut year = day / 366 + 1;
    let start = |year: i64| {
        let before = year - 1;
        before * 365 + before / 4 - before / 100 + before / 400
    };
    while start(year + 1) <= day {
        year += 1;
    }
    day -= start(year);
    let mut month = 1;
    while day >= days_in_month(year, month) {
        day -= days_in_month(year, month);
        month += 1;
    }
    (year, month, day + 1)
}

/// 0 is Sunday.
pub fn weekday(ticks: i64) -> i64 {
    (ticks / DAY + 1) % 7
}

/// What a date says of its zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    None,
    Utc,
    Local,
    /// A `DateTimeOffset`, or an offset in a text: minutes.
    Offset(i64),
}

impl Zone {
    pub fn minutes(self) -> i64 {
        match self {
            Zone::Offset(minutes) => minutes,
            _ => 0,
        }
    }
}

fn standard(letter: char, zone: Zone) -> Option<&'static str> {
    Some(match letter {
        'd' => "MM/dd/yyyy",
        'D' => "dddd, dd MMMM yyyy",
        'f' => "dddd, dd MMMM yyyy HH:mm",
        'F' => "dddd, dd MMMM yyyy HH:mm:ss",
        'U' if !matches!(zone, Zone::Offset(_)) => "dddd, dd MMMM yyyy HH:mm:ss",
        'g' => "MM/dd/yyyy HH:mm",
        'G' => "MM/dd/yyyy HH:mm:ss",
        'm' | 'M' => "MMMM dd",
        'o' | 'O' => "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK",
        'r' | 'R' => "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'",
        's' => "yyyy'-'MM'-'dd'T'HH':'mm':'ss",
        't' => "HH:mm",
        'T' => "HH:mm:ss",
        'u' => "yyyy'-'MM'-'dd HH':'mm':'ss'Z'",
        'y' | 'Y' => "yyyy MMMM",
        _ => return None,
    })
}

/// A piece of a custom format.
enum Piece {
    Field(char, usize),
    Text(String),
}

fn pieces(format: &str) -> Option<Vec<Piece>> {
    let chars: Vec<char> = format.chars().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        match c {
            '\'' | '"' => {
                let mut text = String::new();
                at += 1;
                loop {
                    match *chars.get(at)? {
                        end if end == c => break,
                        '\\' => {
                            at += 1;
                            text.push(*chars.get(at)?);
                        }
                        other => text.push(other),
                    }
                    at += 1;
                }
                at += 1;
                out.push(Piece::Text(text));
            }
            '\\' => {
                out.push(Piece::Text(chars.get(at + 1)?.to_string()));
                at += 2;
            }
            '%' => {
                if chars.get(at + 1).is_none_or(|&c| c == '%') {
                    return None;
                }
                at += 1;
            }
            'd' | 'f' | 'F' | 'g' | 'h' | 'H' | 'm' | 'M' | 's' | 't' | 'y' | 'z' | 'K' | ':' | '/' => {
                let single = matches!(c, 'K' | ':' | '/');
                let run = if single { 1 } else { chars[at..].iter().take_while(|&&x| x == c).count() };
                out.push(Piece::Field(c, run));
                at += run;
            }
            _ => {
                out.push(Piece::Text(c.to_string()));
                at += 1;
            }
        }
    }
    Some(out)
}

/// `ToString(format)` of clock ticks; `None` when the format is wrong.
pub fn format(ticks: i64, zone: Zone, format: &str) -> Option<String> {
    let mut ticks = ticks;
    let mut letters = format.chars();
    let format = match (letters.next(), letters.next()) {
        (Some(letter), None) => {
            if matches!(letter, 'r' | 'R' | 'u') {
                ticks = (ticks - zone.minutes() * MINUTE).max(0);
            }
            standard(letter, zone)?
        }
        _ => format,
    };
    let (year, month, day) = split(ticks);
    let time = ticks % DAY;
    let (hour, minute, second) = (time / HOUR, time / MINUTE % 60, time / SECOND % 60);
    let fraction = format!("{:07}", time % SECOND);
    let mut out = String::new();
    for piece in pieces(format)? {
        let (letter, run) = match piece {
            Piece::Text(text) => {
                out.push_str(&text);
                continue;
            }
            Piece::Field(letter, run) => (letter, run),
        };
        let two = run.min(2);
        let _ = match letter {
            'd' if run <= 2 => write!(out, "{day:0two$}"),
            'd' => {
                let name = WEEKDAYS[weekday(ticks) as usize];
                write!(out, "{}", if run == 3 { &name[..3] } else { name })
            }
            'M' if run <= 2 => write!(out, "{month:0two$}"),
            'M' => {
                let name = MONTHS[month as usize - 1];
                write!(out, "{}", if run == 3 { &name[..3] } else { name })
            }
            'y' if run <= 2 => write!(out, "{:0two$}", year % 100),
            'y' => write!(out, "{year:0width$}", width = run.min(1000)),
            'h' => write!(out, "{:0two$}", (hour + 11) % 12 + 1),
            'H' => write!(out, "{hour:0two$}"),
            'm' => write!(out, "{minute:0two$}"),
            's' => write!(out, "{second:0two$}"),
            't' => {
                let name = if hour < 12 { "AM" } else { "PM" };
                write!(out, "{}", &name[..two])
            }
            'f' if run <= 7 => write!(out, "{}", &fraction[..run]),
            'F' if run <= 7 => {
                let kept = fraction[..run].trim_end_matches('0');
                if kept.is_empty() && out.ends_with('.') {
                    out.pop();
                }
                write!(out, "{kept}")
            }
            'f' | 'F' => return None,
            'g' => write!(out, "A.D."),
            'z' => {
                let minutes = zone.minutes();
                let sign = if minutes < 0 { '-' } else { '+' };
                let hours = minutes.abs() / 60;
                match run {
                    1 | 2 => write!(out, "{sign}{hours:0two$}"),
                    _ => write!(out, "{sign}{hours:02}:{:02}", minutes.abs() % 60),
                }
            }
            'K' => match zone {
                Zone::None => Ok(()),
                Zone::Utc => write!(out, "Z"),
                Zone::Local => write!(out, "+00:00"),
                Zone::Offset(minutes) => {
                    let sign = if minutes < 0 { '-' } else { '+' };
                    write!(out, "{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
                }
            },
            other => write!(out, "{other}"),
        };
    }
    Some(out)
}

/// A date read from text: clock ticks and what the text says of the zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    pub ticks: i64,
    pub zone: Zone,
}

/// Why text is no date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    Text,
    /// An unknown word starts here.
    Word(usize),
    Calendar,
    Weekday,
}

impl Wrong {
    /// .NET's words.
    pub fn message(self, text: &str) -> String {
        match self {
            Wrong::Text => format!("String '{text}' was not recognized as a valid DateTime."),
            Wrong::Word(at) => format!(
                "The string '{text}' was not recognized as a valid DateTime. There is an unknown word starting at index '{at}'."
            ),
            Wrong::Calendar => format!(
                "The DateTime represented by the string '{text}' is not supported in calendar 'System.Globalization.GregorianCalendar'."
            ),
            Wrong::Weekday => {
                format!("String '{text}' was not recognized as a valid DateTime because the day of week was incorrect.")
            }
        }
    }
}

fn name_at(names: &[&str], word: &str) -> Option<i64> {
    let found = names.iter().position(|n| n.eq_ignore_ascii_case(word) || n[..3].eq_ignore_ascii_case(word))?;
    Some(found as i64)
}

fn full_year(year: i64, len: usize) -> i64 {
    match len {
        1 | 2 if year <= 29 => 2000 + year,
        1 | 2 => 1900 + year,
        _ => year,
    }
}

fn digits(bytes: &[u8], at: usize, most: usize) -> usize {
    bytes[at.min(bytes.len())..].iter().take(most).take_while(|b| b.is_ascii_digit()).count()
}

fn value(bytes: &[u8]) -> i64 {
    bytes.iter().fold(0i64, |n, b| n.saturating_mul(10).saturating_add(i64::from(b.wrapping_sub(b'0'))))
}

/// A fraction's ticks, rounded to the nearest.
fn fraction(bytes: &[u8]) -> i64 {
    let kept = bytes.len().min(7);
    let ticks = value(&bytes[..kept]) * 10i64.pow(7 - kept as u32);
    ticks + i64::from(bytes.get(7).is_some_and(|&b| b >= b'5'))
}

/// `DateTime.Parse`; `today` is the date of the clock.
pub fn parse(text: &str, style: i64, today: i64) -> Result<Read, Wrong> {
    let bytes = text.as_bytes();
    let mut numbers: Vec<(i64, usize)> = Vec::new();
    let (mut month, mut day_name, mut time, mut half) = (None, None, None::<i64>, None);
    let mut zone = Zone::None;
    let mut hour_only = None;
    let mut at = 0;
    while at < bytes.len() {
        let c = bytes[at];
        if c.is_ascii_digit() {
            let run = digits(bytes, at, usize::MAX);
            let number = value(&bytes[at..at + run]);
            if bytes.get(at + run) == Some(&b':') {
                if time.is_some() {
                    return Err(Wrong::Text);
                }
                let mut parts = vec![number];
                at += run;
                let mut ticks = 0;
                while bytes.get(at) == Some(&b':') && parts.len() < 3 {
                    let run = digits(bytes, at + 1, usize::MAX);
                    if run == 0 {
                        return Err(Wrong::Text);
                    }
                    parts.push(value(&bytes[at + 1..at + 1 + run]));
                    at += 1 + run;
                }
                if parts.len() == 3 && bytes.get(at) == Some(&b'.') {
                    let run = digits(bytes, at + 1, usize::MAX);
                    if run == 0 {
                        return Err(Wrong::Text);
                    }
                    ticks = fraction(&bytes[at + 1..at + 1 + run]);
                    at += 1 + run;
                }
                let second = parts.get(2).copied().unwrap_or(0);
                if number > 23 || parts[1] > 59 || second > 59 {
                    return Err(if number == 24 { Wrong::Calendar } else { Wrong::Text });
                }
                time = Some(number * HOUR + parts[1] * MINUTE + second * SECOND + ticks);
                continue;
            }
            at += run;
            let rest = text[at..].trim_start();
            let is_half = rest.get(..2).is_some_and(|t| t.eq_ignore_ascii_case("am") || t.eq_ignore_ascii_case("pm"));
            if is_half && time.is_none() {
                hour_only = Some(number);
            } else {
                numbers.push((number, run));
            }
        } else if (c == b'+' || c == b'-') && time.is_some() && digits(bytes, at + 1, 1) == 1 {
            let run = digits(bytes, at + 1, 4);
            let mut number = value(&bytes[at + 1..at + 1 + run]);
            let mut minutes = 0;
            let negative = c == b'-';
            at += 1 + run;
            if bytes.get(at) == Some(&b':') {
                let run = digits(bytes, at + 1, 2);
                minutes = value(&bytes[at + 1..at + 1 + run]);
                at += 1 + run;
            } else if run > 2 {
                minutes = number % 100;
                number /= 100;
            }
            let total = number * 60 + minutes;
            if minutes > 59 || total > 14 * 60 {
                return Err(Wrong::Text);
            }
            zone = Zone::Offset(if negative { -total } else { total });
        } else if c.is_ascii_alphabetic() {
            let run = bytes[at..].iter().take_while(|b| b.is_ascii_alphabetic()).count();
            let word = &text[at..at + run];
            if let Some(found) = name_at(&MONTHS, word) {
                if month.replace(found + 1).is_some() {
                    return Err(Wrong::Text);
                }
            } else if let Some(found) = name_at(&WEEKDAYS, word) {
                day_name = Some(found);
            } else {
                match word.to_ascii_uppercase().as_str() {
                    "T" if !numbers.is_empty() && time.is_none() => {}
                    "Z" | "GMT" | "UTC" if time.is_some() => zone = Zone::Utc,
                    "AM" | "A" if time.is_some() || hour_only.is_some() => half = Some(0),
                    "PM" | "P" if time.is_some() || hour_only.is_some() => half = Some(12),
                    _ => return Err(Wrong::Word(text[..at].encode_utf16().count())),
                }
            }
            at += run;
        } else if c.is_ascii_whitespace() || matches!(c, b',' | b'/' | b'-' | b'.' | 0) {
            at += 1;
        } else {
            return Err(Wrong::Word(text[..at].encode_utf16().count()));
        }
    }
    if let Some(hour) = hour_only {
        time = Some(hour * HOUR);
    }
    if let (Some(half), Some(ticks)) = (half, time) {
        let hour = ticks / HOUR;
        if hour > 12 && half == 0 || hour > 23 {
            return Err(Wrong::Text);
        }
        let hour = if hour > 12 { hour } else { hour % 12 + half };
        time = Some(hour * HOUR + ticks % HOUR);
    }
    let this_year = split(today).0;
    let (year, month, day) = match (month, numbers.as_slice()) {
        (Some(month), &[(n, len)]) if len > 2 || n > 31 => (full_year(n, len), month, 1),
        (Some(month), &[(n, _)]) => (this_year, month, n),
        (Some(month), &[(y, len), (d, _)]) if len > 2 => (y, month, d),
        (Some(month), &[(d, _), (y, len)]) => (full_year(y, len), month, d),
        (None, &[(y, len), (m, _), (d, _)]) if len > 2 => (y, m, d),
        (None, &[(m, _), (d, _), (y, len)]) => (full_year(y, len), m, d),
        (None, &[(y, len), (m, _)]) if len > 2 => (y, m, 1),
        (None, &[(m, _), (y, len)]) if len > 2 => (y, m, 1),
        (None, &[(m, _), (d, _)]) => (this_year, m, d),
        (None, &[]) if time.is_some() && style & styles::NO_CURRENT_DATE != 0 => (1, 1, 1),
        (None, &[]) if time.is_some() => split(today),
        _ => return Err(Wrong::Text),
    };
    let date = date(year, month, day).ok_or(Wrong::Text)?;
    if day_name.is_some_and(|name| name != weekday(date)) {
        return Err(Wrong::Weekday);
    }
    Ok(Read { ticks: date + time.unwrap_or(0), zone })
}

/// `DateTime.ParseExact` by one format.
pub fn parse_exact(text: &str, format: &str, style: i64, today: i64) -> Result<Read, Wrong> {
    let bad = Wrong::Text;
    let mut letters = format.chars();
    let format = match (letters.next(), letters.next()) {
        (Some(letter), None) => standard(letter, Zone::None).ok_or(bad)?,
        _ => format,
    };
    let mut text = text;
    if style & styles::LEADING_WHITE != 0 {
        text = text.trim_start();
    }
    if style & styles::TRAILING_WHITE != 0 {
        text = text.trim_end();
    }
    let bytes = text.as_bytes();
    let (mut year, mut month, mut day) = (None, None, None);
    let (mut hour, mut half, mut minute, mut second, mut part) = (None, None, None, None, 0);
    let (mut zone, mut day_name) = (Zone::None, None);
    let mut at = 0;
    for piece in pieces(format).ok_or(bad)? {
        if style & styles::INNER_WHITE != 0 {
            while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
                at += 1;
            }
        }
        let (letter, run) = match piece {
            Piece::Text(wanted) => {
                let wanted = if style & styles::INNER_WHITE != 0 { wanted.trim() } else { &wanted };
                if !text.get(at..).is_some_and(|rest| rest.starts_with(wanted)) {
                    return Err(bad);
                }
                at += wanted.len();
                continue;
            }
            Piece::Field(letter, run) => (letter, run),
        };
        let mut number = |least: usize, most: usize| {
            let run = digits(bytes, at, most);
            if run < least {
                return Err(bad);
            }
            at += run;
            Ok(value(&bytes[at - run..at]))
        };
        let least = run.min(2);
        match letter {
            'd' if run <= 2 => day = Some(number(least, 2)?),
            'M' if run <= 2 => month = Some(number(least, 2)?),
            'y' if run <= 2 => year = Some(full_year(number(least, 2)?, 2)),
            'y' => year = Some(number(run, run)?),
            'h' | 'H' => {
                let found = number(least, 2)?;
                if letter == 'h' && !(1..=12).contains(&found) {
                    return Err(bad);
                }
                hour = Some(found);
            }
            'm' => minute = Some(number(least, 2)?),
            's' => second = Some(number(least, 2)?),
            'd' | 'M' => {
                let names: &[&str] = if letter == 'd' { &WEEKDAYS } else { &MONTHS };
                let rest = text.get(at..).ok_or(bad)?;
                let shown = |n: &&str| if run == 3 { 3 } else { n.len() };
                let found = names
                    .iter()
                    .position(|n| rest.get(..shown(n)).is_some_and(|t| t.eq_ignore_ascii_case(&n[..shown(n)])))
                    .ok_or(bad)?;
                at += shown(&names[found]);
                *(if letter == 'd' { &mut day_name } else { &mut month }) =
                    Some(found as i64 + i64::from(letter == 'M'));
            }
            'f' => {
                number(run, run)?;
                part = fraction(&bytes[at - run..at]);
            }
            'F' => {
                let found = digits(bytes, at, run);
                if found == 0 && at > 0 && bytes.get(at - 1) == Some(&b'.') {
                    return Err(bad);
                }
                part = fraction(&bytes[at..at + found]);
                at += found;
            }
            't' => {
                half = Some(match bytes.get(at) {
                    Some(b'A' | b'a') => 0,
                    Some(b'P' | b'p') => 12,
                    _ => return Err(bad),
                });
                if run > 1 && !matches!(bytes.get(at + 1), Some(b'M' | b'm')) {
                    return Err(bad);
                }
                at += least;
            }
            'K' if bytes.get(at).is_none_or(|&b| b != b'+' && b != b'-') => {
                if matches!(bytes.get(at), Some(b'Z')) {
                    zone = Zone::Utc;
                    at += 1;
                }
            }
            'z' | 'K' => {
                if bytes.get(at) == Some(&b'Z') {
                    zone = Zone::Utc;
                    at += 1;
                    continue;
                }
                let negative = match bytes.get(at) {
                    Some(b'-') => true,
                    Some(b'+') => false,
                    _ => return Err(bad),
                };
                let hours = digits(bytes, at + 1, 2);
                if hours == 0 {
                    return Err(bad);
                }
                let mut total = value(&bytes[at + 1..at + 1 + hours]) * 60;
                at += 1 + hours;
                if letter == 'K' || run > 2 {
                    at += usize::from(bytes.get(at) == Some(&b':'));
                    if digits(bytes, at, 2) != 2 {
                        return Err(bad);
                    }
                    total += value(&bytes[at..at + 2]);
                    at += 2;
                }
                if total > 14 * 60 {
                    return Err(bad);
                }
                zone = Zone::Offset(if negative { -total } else { total });
            }
            'g' => {
                let rest = text.get(at..).ok_or(bad)?;
                at += ["A.D.", "AD"].iter().find(|era| rest.starts_with(**era)).ok_or(bad)?.len();
            }
            _ => {
                if bytes.get(at) != Some(&(letter as u8)) {
                    return Err(bad);
                }
                at += 1;
            }
        }
    }
    if at != bytes.len() {
        return Err(bad);
    }
    let (mut h, m, s) = (hour.unwrap_or(0), minute.unwrap_or(0), second.unwrap_or(0));
    if let Some(half) = half {
        h = if h > 12 { h } else { h % 12 + half };
    }
    if h > 23 || m > 59 || s > 59 {
        return Err(bad);
    }
    let base = if style & styles::NO_CURRENT_DATE != 0 { (1, 1, 1) } else { split(today) };
    let (y, mo, d) = match (year, month, day) {
        (None, None, None) => base,
        _ => (year.unwrap_or(base.0), month.unwrap_or(1), day.unwrap_or(1)),
    };
    let date = date(y, mo, d).ok_or(bad)?;
    if day_name.is_some_and(|name| name != weekday(date)) {
        return Err(Wrong::Weekday);
    }
    Ok(Read { ticks: date + h * HOUR + m * MINUTE + s * SECOND + part, zone })
}
