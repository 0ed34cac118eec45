//! Dates inside JSON strings: which strings Newtonsoft takes for dates, and how dates are written.

use crate::dotnet::value::{DateTime, Kind, Value};

const TICKS_PER_SECOND: i64 = 10_000_000;
const TICKS_PER_DAY: i64 = 86_400 * TICKS_PER_SECOND;

/// A string that is recognised as a date: `2024-03-09T10:00:00`, with fraction and zone, or `/Date(...)/`. The local time
/// zone is UTC.
pub fn recognise(text: &str) -> Option<DateTime> {
    let bytes = text.as_bytes();
    if bytes.first() == Some(&b'/') {
        return microsoft(text);
    }
    if !(19..=40).contains(&bytes.len()) || !bytes[0].is_ascii_digit() || bytes[10] != b'T' {
        return None;
    }
    let iso = iso(bytes)?;
    Some(match iso.zone {
        Zone::None => DateTime::new(iso.ticks, Kind::Unspecified),
        Zone::Utc => DateTime::new(iso.ticks, Kind::Utc),
        Zone::Offset(minutes) => {
            let ticks = iso.ticks - i64::from(minutes) * 60 * TICKS_PER_SECOND;
            DateTime::new(ticks.clamp(0, DateTime::MAX_TICKS), Kind::Local)
        }
    })
}

/// The same with its offset; what has none is UTC, the local time zone.
pub fn recognise_offset(text: &str) -> Option<Value> {
    let bytes = text.as_bytes();
    if bytes.first() == Some(&b'/') {
        let utc = microsoft(text)?.ticks();
        let minutes = text.get(7..).and_then(|rest| rest.find(['+', '-']).map(|at| &rest[at..])).and_then(offset);
        let minutes = minutes.unwrap_or(0);
        return Some(Value::DateTimeOffset { minutes, ticks: utc + i64::from(minutes) * 60 * TICKS_PER_SECOND });
    }
    if !(19..=40).contains(&bytes.len()) || !bytes[0].is_ascii_digit() || bytes[10] != b'T' {
        return None;
    }
    let iso = iso(bytes)?;
    let minutes = match iso.zone {
        Zone::None | Zone::Utc => 0,
        Zone::Offset(minutes) => i16::try_from(minutes).ok()?,
    };
    Some(Value::DateTimeOffset { minutes, ticks: iso.ticks })
}

/// `+0200`.
fn offset(text: &str) -> Option<i16> {
    let bytes = text.as_bytes();
    let minutes = (number(bytes, 1, 2)? * 60 + number(bytes, 3, 2).unwrap_or(0)) as i16;
    Some(if bytes[0] == b'-' { -minutes } else { minutes })
}

/// The ticks of a day, where there is one.
pub fn ticks_of(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_day =
        (1..=9999).contains(&year) && (1..=12).contains(&month) && day >= 1 && day <= days_in_month(year, month);
    is_day.then(|| days(year, month, day) * TICKS_PER_DAY)
}

enum Zone {
    None,
    Utc,
    Offset(i32),
}

struct Iso {
    ticks: i64,
    zone: Zone,
}

fn number(bytes: &[u8], at: usize, len: usize) -> Option<i64> {
    let digits = bytes.get(at..at + len)?;
    digits.iter().try_fold(0i64, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
}

fn is(bytes: &[u8], at: usize, wanted: u8) -> Option<()> {
    (bytes.get(at) == Some(&wanted)).then_some(())
}

fn iso(bytes: &[u8]) -> Option<Iso> {
    let (year, month, day) = (number(bytes, 0, 4)?, number(bytes, 5, 2)?, number(bytes, 8, 2)?);
    is(bytes, 4, b'-')?;
    is(bytes, 7, b'-')?;
    is(bytes, 13, b':')?;
    is(bytes, 16, b':')?;
    let (hour, minute, second) = (number(bytes, 11, 2)?, number(bytes, 14, 2)?, number(bytes, 17, 2)?);
    if !(1..=12).contains(&month) || year < 1 || day < 1 || day > days_in_month(year, month) {
        return None;
    }
    if hour > 24 || minute > 59 || second > 59 || hour == 24 && (minute, second) != (0, 0) {
        return None;
    }
    let mut at = 19;
    let mut fraction = 0;
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        let digits = bytes[at..].iter().take(7).take_while(|b| b.is_ascii_digit()).count();
        if digits == 0 {
            return None;
        }
        fraction = number(bytes, at, digits)? * 10i64.pow(7 - digits as u32);
        if hour == 24 && fraction != 0 {
            return None;
        }
        at += digits;
    }
    let mut zone = Zone::None;
    match bytes.get(at) {
        None => {}
        Some(b'Z' | b'z') => {
            zone = Zone::Utc;
            at += 1;
        }
        Some(sign @ (b'+' | b'-')) => {
            let hours = number(bytes, at + 1, 2)?;
            at += 3;
            if bytes.get(at) == Some(&b':') {
                at += 1;
            }
            let minutes = match number(bytes, at, 2) {
                Some(minutes) => {
                    at += 2;
                    minutes
                }
                None => 0,
            };
            let total = (hours * 60 + minutes) as i32;
            zone = Zone::Offset(if *sign == b'-' { -total } else { total });
        }
        Some(_) => return None,
    }
    if at != bytes.len() {
        return None;
    }
    let seconds = (hour * 60 + minute) * 60 + second;
    let ticks = days(year, month, day) * TICKS_PER_DAY + seconds * TICKS_PER_SECOND + fraction;
    (ticks <= DateTime::MAX_TICKS).then_some(Iso { ticks, zone })
}

/// `/Date(1198908717056)/`, with an offset perhaps.
fn microsoft(text: &str) -> Option<DateTime> {
    let inside = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    let (millis, kind) = match inside.get(1..)?.find(['+', '-']) {
        Some(at) => (&inside[..at + 1], Kind::Local),
        None => (inside, Kind::Utc),
    };
    let millis: i64 = millis.parse().ok()?;
    let ticks = millis.checked_mul(10_000)?.checked_add(days(1970, 1, 1) * TICKS_PER_DAY)?;
    (0..=DateTime::MAX_TICKS).contains(&ticks).then(|| DateTime::new(ticks, kind))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 0001-01-01.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let before = year - 1;
    let years = before * 365 + before / 4 - before / 100 + before / 400;
    years + (1..month).map(|m| days_in_month(year, m)).sum::<i64>() + day - 1
}

/// `yyyy-MM-ddTHH:mm:ss.FFFFFFF`, without a zone.
pub fn write_ticks(ticks: i64) -> String {
    let (mut day, time) = (ticks.div_euclid(TICKS_PER_DAY), ticks.rem_euclid(TICKS_PER_DAY));
    let mut year = day / 366 + 1;
    while days(year + 1, 1, 1) <= day {
        year += 1;
    }
    day -= days(year, 1, 1);
    let mut month = 1;
    while day >= days_in_month(year, month) {
        day -= days_in_month(year, month);
        month += 1;
    }
    let (seconds, fraction) = (time / TICKS_PER_SECOND, time % TICKS_PER_SECOND);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut text = format!("{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}", day + 1);
    if fraction != 0 {
        text.push('.');
        text.push_str(format!("{fraction:07}").trim_end_matches('0'));
    }
    text
}

/// A date as JSON text, without its quotes.
pub fn write(value: DateTime) -> String {
    let mut text = write_ticks(value.ticks());
    text.push_str(match value.kind() {
        Kind::Unspecified => "",
        Kind::Utc => "Z",
        Kind::Local => "+00:00",
    });
    text
}

/// A date with its offset in minutes as JSON text, without its quotes.
pub fn write_offset(ticks: i64, minutes: i16) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.unsigned_abs();
    format!("{}{sign}{:02}:{:02}", write_ticks(ticks), minutes / 60, minutes % 60)
}
