//! Dates and times as XML Schema writes them: a `dateTime`, or one of the parts of it that have types of their own.

use crate::dotnet::system::format::date_time::{DAY, HOUR, MINUTE, SECOND, date, days_in_month, split};

/// A moment as it was written, and what it says of its zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaDate {
    pub ticks: i64,
    pub zone: Zone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    None,
    Utc,
    Minutes(i64),
}

/// What a day without a year is in: it had a 29th of February.
const LEAP_YEAR: i64 = 1904;

struct Cursor<'a> {
    rest: &'a [u8],
}

/// Reads one form to its zone.
type Form<'f> = dyn Fn(&mut Cursor<'_>) -> Option<i64> + 'f;

/// Reads a text in any of the forms; `now` is the clock, for what has no day or no year. `None`: it is in none of them.
pub fn read(text: &str, now: i64) -> Option<SchemaDate> {
    let text = text.trim_start_matches(char::is_whitespace).as_bytes();
    let today = now / DAY * DAY;
    let this_year = split(now).0;
    let forms: [&Form<'_>; 8] = [
        &|text| {
            let day = text.day()?;
            text.sign(b'T')?;
            Some(day + text.time()?)
        },
        &|text| text.day(),
        &|text| Some(today + text.time()?),
        &|text| {
            let year = text.number(4)?;
            text.sign(b'-')?;
            date(year, text.number(2)?, 1)
        },
        &|text| date(text.number(4)?, 1, 1),
        &|text| {
            let month = text.month()?;
            text.sign(b'-')?;
            date(LEAP_YEAR, month, text.number(2)?)
        },
        &|text| {
            let month = text.month()?;
            if text.rest.starts_with(b"--") {
                text.rest = &text.rest[2..];
            }
            date(this_year, month, 1)
        },
        &|text| {
            (0..3).try_for_each(|_| text.sign(b'-'))?;
            let day = text.number(2)?;
            (1..=days_in_month(LEAP_YEAR, 1)).contains(&day).then(|| date(this_year, 1, day)).flatten()
        },
    ];
    forms.iter().find_map(|form| {
        let mut cursor = Cursor { rest: text };
        let ticks = form(&mut cursor)?;
        let zone = cursor.zone()?;
        Some(SchemaDate { ticks, zone })
    })
}

impl Cursor<'_> {
    fn number(&mut self, digits: usize) -> Option<i64> {
        let own = self.rest.get(..digits)?;
        if !own.iter().all(u8::is_ascii_digit) {
            return None;
        }
        self.rest = &self.rest[digits..];
        Some(own.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
    }

    fn sign(&mut self, sign: u8) -> Option<()> {
        self.rest = self.rest.strip_prefix(&[sign])?;
        Some(())
    }

    fn below(&mut self, most: i64) -> Option<i64> {
        self.number(2).filter(|&number| number < most)
    }

    /// `2024-03-09`.
    fn day(&mut self) -> Option<i64> {
        let year = self.number(4)?;
        self.sign(b'-')?;
        let month = self.number(2)?;
        self.sign(b'-')?;
        date(year, month, self.number(2)?)
    }

    /// `--03`.
    fn month(&mut self) -> Option<i64> {
        self.sign(b'-')?;
        self.sign(b'-')?;
        self.number(2).filter(|month| (1..=12).contains(month))
    }

    /// `05:04:05.25`; what goes beyond ticks is rounded.
    fn time(&mut self) -> Option<i64> {
        let hour = self.below(24)?;
        self.sign(b':')?;
        let minute = self.below(60)?;
        self.sign(b':')?;
        let second = self.below(60)?;
        let mut fraction = 0;
        if self.rest.first() == Some(&b'.') {
            let count = self.rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            if count == 0 {
                return None;
            }
            let digit = |at: usize| if at < count { i64::from(self.rest[1 + at] - b'0') } else { 0 };
            fraction = (0..7).fold(0, |number, at| number * 10 + digit(at)) + i64::from(digit(7) >= 5);
            self.rest = &self.rest[1 + count..];
        }
        Some(hour * HOUR + minute * MINUTE + second * SECOND + fraction)
    }

    /// What stands at the end: a zone or none, and white space.
    fn zone(&mut self) -> Option<Zone> {
        let zone = match self.rest.first() {
            Some(b'Z' | b'z') => {
                self.rest = &self.rest[1..];
                Zone::Utc
            }
            Some(sign @ (b'+' | b'-')) => {
                self.rest = &self.rest[1..];
                let hours = self.number(2)?;
                self.sign(b':')?;
                let minutes = hours * 60 + self.number(2)?;
                Zone::Minutes(if *sign == b'-' { -minutes } else { minutes })
            }
            _ => Zone::None,
        };
        let rest = std::str::from_utf8(self.rest).unwrap_or("?");
        rest.chars().all(char::is_whitespace).then_some(zone)
    }
}
