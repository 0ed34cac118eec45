//! Dates and times as text and back, in the invariant culture; the local time zone is UTC.
//!
//! In: ticks and format strings, or text. Out: text, or the parts of a date. Never: the clock (today is handed in).

use std::fmt::Write;

pub const SECOND: i64 = 10_000_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

pub const MONTHS: [&str; 12] = [
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
pub const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

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

pub(super) fn standard(letter: char, zone: Zone) -> Option<&'static str> {
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

/// The standard formats, as `GetDateTimeFormats()` goes through them.
pub const LETTERS: &str = "dDfFgGmMoOrRstTuUyY";

/// Every way in which the invariant culture writes a standard format, its usual one first.
pub fn ways(letter: char) -> Option<Vec<String>> {
    const DAYS: &[&str] = &["MM/dd/yyyy", "yyyy-MM-dd"];
    const LONG_DAYS: &[&str] = &["dddd, dd MMMM yyyy"];
    const TIMES: &[&str] = &["HH:mm", "hh:mm tt", "H:mm", "h:mm tt"];
    let each = |days: &[&str], times: &[&str]| {
        days.iter().flat_map(|day| times.iter().map(move |time| format!("{day} {time}"))).collect()
    };
    let alone = |ways: &[&str]| ways.iter().map(ToString::to_string).collect();
    Some(match letter {
        'd' => alone(DAYS),
        'f' => each(LONG_DAYS, TIMES),
        'g' => each(DAYS, TIMES),
        'G' => each(DAYS, &["HH:mm:ss"]),
        't' => alone(TIMES),
        _ => vec![standard(letter, Zone::None)?.to_owned()],
    })
}

/// A piece of a custom format.
enum Piece {
    Field(char, usize),
    Text(String),
}

/// The pieces, and what is wrong behind them: a mistake is told when it is reached.
fn pieces(format: &str) -> (Vec<Piece>, Result<(), Wrong>) {
    let mut out = Vec::new();
    let end = read_pieces(format, &mut out);
    (out, end)
}

fn read_pieces(format: &str, out: &mut Vec<Piece>) -> Result<(), Wrong> {
    let chars: Vec<char> = format.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        match c {
            '\'' | '"' => {
                let mut text = String::new();
                at += 1;
                loop {
                    match *chars.get(at).ok_or(Wrong::Quote(c))? {
                        end if end == c => break,
                        '\\' => {
                            at += 1;
                            text.push(*chars.get(at).ok_or(Wrong::Format)?);
                        }
                        other => text.push(other),
                    }
                    at += 1;
                }
                at += 1;
                out.push(Piece::Text(text));
            }
            '\\' => {
                out.push(Piece::Text(chars.get(at + 1).ok_or(Wrong::Format)?.to_string()));
                at += 2;
            }
            '%' => {
                let Some(&alone) = chars.get(at + 1).filter(|&&c| c != '%') else { return Err(Wrong::Format) };
                // What comes after it stands alone.
                match alone {
                    '\'' | '"' => return Err(Wrong::Quote(alone)),
                    '\\' => return Err(Wrong::Format),
                    _ => {}
                }
                if is_field(alone) {
                    out.push(Piece::Field(alone, 1));
                    at += 1;
                }
                at += 1;
            }
            _ if is_field(c) => {
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
    Ok(())
}

fn is_field(c: char) -> bool {
    matches!(c, 'd' | 'f' | 'F' | 'g' | 'h' | 'H' | 'm' | 'M' | 's' | 't' | 'y' | 'z' | 'K' | ':' | '/')
}

/// `ToString(format)` of clock ticks, or why the format is wrong.
pub fn format(ticks: i64, zone: Zone, format: &str) -> Result<String, Wrong> {
    let mut ticks = ticks;
    let mut letters = format.chars();
    let format = match (letters.next(), letters.next()) {
        (Some(letter), None) => {
            if matches!(letter, 'r' | 'R' | 'u') {
                ticks = (ticks - zone.minutes() * MINUTE).max(0);
            }
            standard(letter, zone).ok_or(Wrong::Format)?
        }
        _ => format,
    };
    let (year, month, day) = split(ticks);
    let time = ticks % DAY;
    let (hour, minute, second) = (time / HOUR, time / MINUTE % 60, time / SECOND % 60);
    let fraction = format!("{:07}", time % SECOND);
    let mut out = String::new();
    let (pieces, end) = pieces(format);
    for piece in pieces {
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
            'f' | 'F' => return Err(Wrong::Format),
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
    end.map(|()| out)
}

/// A date read from text: clock ticks and what the text says of the zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    pub ticks: i64,
    pub zone: Zone,
}

/// Why text is no date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    Text,
    /// An unknown word starts here.
    Word(usize),
    Calendar,
    Weekday,
    /// The offset is more than 14 hours.
    Offset,
    /// In UTC it is outside the calendar.
    Utc,
    /// It is outside the calendar once it is adjusted.
    Range,
    /// A day without a year beside an offset.
    Incomplete,
    /// Two parts of a format say different things.
    Repeated(char),
    /// The format is none.
    Format,
    Specifier(String),
    Quote(char),
    NoFormats,
}

impl Wrong {
    /// .NET's words.
    pub fn message(&self, text: &str) -> String {
        match self {
            Wrong::Offset => {
                format!("The time zone offset of string '{text}' must be within plus or minus 14 hours.")
            }
            Wrong::Utc => {
                format!("The UTC representation of the date '{text}' falls outside the year range 1-9999.")
            }
            Wrong::Range => format!("The DateTime represented by the string '{text}' is out of range."),
            Wrong::Incomplete => {
                format!("There must be at least a partial date with a year present in the input string '{text}'.")
            }
            Wrong::Repeated(letter) => {
                format!("DateTime pattern '{letter}' appears more than once with different values.")
            }
            Wrong::Format => "Input string was not in a correct format.".to_owned(),
            Wrong::Specifier(format) => format!("Format specifier '{format}' was invalid."),
            Wrong::Quote(quote) => format!("Cannot find a matching quote character for the character '{quote}'."),
            Wrong::NoFormats => "No format specifiers were provided.".to_owned(),
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

/// What a year of one or two digits means.
pub fn four_digit_year(year: i64) -> i64 {
    match year {
        0..=29 => 2000 + year,
        30..=99 => 1900 + year,
        _ => year,
    }
}
