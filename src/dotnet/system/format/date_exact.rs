//! `DateTime.ParseExact`: a date by one format.
//!
//! In: text, a format, the clock. Out: a date, or why there is none. Each part of the format takes its part of the text.

use super::date_read::moment;
use super::date_time::{MONTHS, Read, WEEKDAYS, Wrong, Zone, four_digit_year, split, standard, styles, weekday};
use super::unicode::is_white_space;

fn is_space(c: char) -> bool {
    u16::try_from(c as u32).is_ok_and(is_white_space)
}

#[derive(Default)]
struct Parts {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    hour: Option<i64>,
    minute: Option<i64>,
    second: Option<i64>,
    fraction: Option<f64>,
    day_name: Option<i64>,
    afternoon: Option<bool>,
    short_year: bool,
    half_days: bool,
}

struct Reader<'a> {
    text: &'a [char],
    at: usize,
    format: &'a [char],
    next: usize,
    inner_white: bool,
    trailing_white: bool,
    with_offset: bool,
    /// The standard format that it is, if it is one.
    letter: Option<char>,
    parts: Parts,
    zone: Zone,
}

type Done<T = ()> = Result<T, Wrong>;

/// `DateTime.ParseExact`, or `DateTimeOffset.ParseExact`, by one format; `now` is the clock.
pub fn parse_exact(text: &str, format: &str, style: i64, now: i64, with_offset: bool) -> Done<Read> {
    if text.is_empty() {
        return Err(Wrong::Text);
    }
    if format.is_empty() {
        return Err(Wrong::Specifier(String::new()));
    }
    let mut letters = format.chars();
    let letter = letters.next().filter(|_| letters.next().is_none());
    let mut zone = Zone::None;
    let format = match letter {
        Some('U') if with_offset => return Err(Wrong::Specifier("U".to_owned())),
        Some(letter) => {
            if letter == 'U' {
                zone = Zone::Utc;
            }
            standard(letter, Zone::None).ok_or(Wrong::Format)?
        }
        None => format,
    };
    let (mut text, mut format) = (text.chars().collect::<Vec<_>>(), format.chars().collect::<Vec<_>>());
    if style & styles::TRAILING_WHITE != 0 {
        for line in [&mut text, &mut format] {
            let kept = line.iter().rposition(|&c| !is_space(c)).map_or(0, |at| at + 1);
            line.truncate(kept);
        }
    }
    if style & styles::LEADING_WHITE != 0 {
        for line in [&mut text, &mut format] {
            let spaces = line.iter().take_while(|&&c| is_space(c)).count();
            line.drain(..spaces);
        }
    }
    let mut reader = Reader {
        text: &text,
        at: 0,
        format: &format,
        next: 0,
        inner_white: style & styles::INNER_WHITE != 0,
        trailing_white: style & styles::TRAILING_WHITE != 0,
        with_offset,
        letter,
        parts: Parts::default(),
        zone,
    };
    while reader.next < reader.format.len() {
        if reader.inner_white {
            reader.skip_spaces();
        }
        reader.piece()?;
    }
    if reader.at < reader.text.len() {
        return Err(Wrong::Text);
    }
    reader.finish(style, now)
}

/// Keeps a value; another one for the same part is a mistake.
fn keep<T: PartialEq + Copy>(place: &mut Option<T>, value: T, letter: char) -> Done {
    match place.replace(value) {
        Some(old) if old != value => Err(Wrong::Repeated(letter)),
        _ => Ok(()),
    }
}

impl Reader<'_> {
    fn skip_spaces(&mut self) {
        while self.text.get(self.at).copied().is_some_and(is_space) {
            self.at += 1;
        }
    }

    fn take(&mut self, c: char) -> bool {
        let found = self.text.get(self.at) == Some(&c);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, c: char) -> Done {
        if self.take(c) { Ok(()) } else { Err(Wrong::Text) }
    }

    fn digits(&mut self, least: usize, most: usize) -> Done<i64> {
        let run = self.text[self.at..].iter().take(most).take_while(|c| c.is_ascii_digit()).count();
        if run < least {
            return Err(Wrong::Text);
        }
        let digits = &self.text[self.at..self.at + run];
        self.at += run;
        Ok(digits
            .iter()
            .filter_map(|c| c.to_digit(10))
            .fold(0i64, |n, d| n.saturating_mul(10).saturating_add(d.into())))
    }

    /// As many digits as letters; one letter stands for one or two.
    fn number(&mut self, run: usize) -> Done<i64> {
        if run == 1 { self.digits(1, 2) } else { self.digits(run, run) }
    }

    fn starts_with(&self, word: &str) -> bool {
        let rest = &self.text[self.at..];
        let mut letters = word.chars();
        let same = letters.by_ref().zip(rest).all(|(a, b)| a.eq_ignore_ascii_case(b));
        same && rest.len() >= word.len()
    }

    /// The longest of the names that stands here.
    fn name(&mut self, names: &[&str], short: bool) -> Done<i64> {
        let names: Vec<&str> = names.iter().map(|n| if short { &n[..3] } else { *n }).collect();
        let found = names.iter().enumerate().filter(|(_, n)| self.starts_with(n)).max_by_key(|(_, n)| n.len());
        let (at, name) = found.ok_or(Wrong::Text)?;
        self.at += name.len();
        Ok(at as i64)
    }

    fn offset(&mut self, run: usize) -> Done<i64> {
        let negative = match self.text.get(self.at) {
            Some('-') => true,
            Some('+') => false,
            _ => return Err(Wrong::Text),
        };
        self.at += 1;
        let (hours, mut minutes) = (self.digits(if run == 2 { 2 } else { 1 }, 2)?, 0);
        if run > 2 {
            self.take(':');
            minutes = self.digits(2, 2)?;
        }
        if minutes > 59 {
            return Err(Wrong::Text);
        }
        let all = hours * 60 + minutes;
        Ok(if negative { -all } else { all })
    }

    fn set_zone(&mut self, zone: Zone, letter: char) -> Done {
        if self.zone != Zone::None && self.zone.minutes() != zone.minutes() {
            return Err(Wrong::Repeated(letter));
        }
        self.zone = zone;
        Ok(())
    }

    /// One piece of the format.
    fn piece(&mut self) -> Done {
        let c = self.format[self.next];
        let is_field = matches!(c, 'y' | 'M' | 'd' | 'g' | 'h' | 'H' | 'm' | 's' | 'f' | 'F' | 't' | 'z');
        let run = if is_field { self.format[self.next..].iter().take_while(|&&x| x == c).count() } else { 1 };
        self.next += run;
        let two = run.min(2);
        match c {
            'y' => {
                self.parts.short_year |= run <= 2;
                let value = self.number(run)?;
                keep(&mut self.parts.year, value, c)
            }
            'M' => {
                let value = if run <= 2 { self.number(run)? } else { self.name(&MONTHS, run == 3)? + 1 };
                keep(&mut self.parts.month, value, c)
            }
            'd' if run <= 2 => {
                let value = self.number(run)?;
                keep(&mut self.parts.day, value, c)
            }
            'd' => {
                let value = self.name(&WEEKDAYS, run == 3)?;
                keep(&mut self.parts.day_name, value, c)
            }
            'g' => {
                let era = ["A.D.", "AD"].into_iter().find(|era| self.starts_with(era)).ok_or(Wrong::Text)?;
                self.at += era.len();
                Ok(())
            }
            'h' | 'H' => {
                self.parts.half_days |= c == 'h';
                let value = self.number(two)?;
                keep(&mut self.parts.hour, value, c)
            }
            'm' => {
                let value = self.number(two)?;
                keep(&mut self.parts.minute, value, c)
            }
            's' => {
                let value = self.number(two)?;
                keep(&mut self.parts.second, value, c)
            }
            'f' | 'F' => self.fraction(c, run),
            't' => self.half(run),
            'z' => {
                let offset = self.offset(run)?;
                self.set_zone(Zone::Offset(offset), c)
            }
            'Z' => {
                if self.zone != Zone::None && self.zone.minutes() != 0 {
                    return Err(Wrong::Repeated(c));
                }
                self.zone = Zone::Utc;
                let name = ["GMT", "Z"].into_iter().find(|name| self.starts_with(name)).ok_or(Wrong::Text)?;
                let goes_on = self.text.get(self.at + name.len()).is_some_and(|c| c.is_alphabetic());
                self.at += name.len();
                if goes_on { Err(Wrong::Text) } else { Ok(()) }
            }
            'K' if self.take('Z') => self.set_zone(Zone::Utc, c),
            'K' if matches!(self.text.get(self.at), Some('+' | '-')) => {
                let offset = self.offset(3)?;
                self.set_zone(Zone::Offset(offset), c)
            }
            'K' => Ok(()),
            '\'' | '"' => self.quoted(c),
            '%' => match self.format.get(self.next) {
                None | Some('%') => Err(Wrong::Specifier(self.format.iter().collect())),
                _ => Ok(()),
            },
            '\\' => {
                let Some(&escaped) = self.format.get(self.next) else {
                    return Err(Wrong::Specifier(self.format.iter().collect()));
                };
                self.next += 1;
                self.expect(escaped)
            }
            '.' if !self.take('.') => {
                // A fraction that may be missing may be missing with its point.
                let fraction = self.format[self.next..].iter().take_while(|&&x| x == 'F').count();
                self.next += fraction;
                if fraction > 0 { Ok(()) } else { Err(Wrong::Text) }
            }
            '.' => Ok(()),
            ' ' if self.inner_white => Ok(()),
            ' ' if !self.take(' ') => {
                if self.trailing_white && self.next < self.format.len() {
                    return self.piece().map_err(|_| Wrong::Text);
                }
                Err(Wrong::Text)
            }
            ' ' => Ok(()),
            _ => {
                let rest = &self.format[self.next - 1..];
                let is_gmt = rest.len() >= 3 && rest.iter().zip("GMT".chars()).all(|(a, b)| a.eq_ignore_ascii_case(&b));
                if !is_gmt {
                    return self.expect(c);
                }
                self.next += 2;
                self.zone = Zone::Offset(0);
                "GMT".chars().try_for_each(|c| self.expect(c))
            }
        }
    }

    fn fraction(&mut self, letter: char, run: usize) -> Done {
        if run > 7 {
            return Err(Wrong::Text);
        }
        let found = self.text[self.at..].iter().take(run).take_while(|c| c.is_ascii_digit()).count();
        if found < run && letter == 'f' {
            return Err(Wrong::Text);
        }
        let digits = self.digits(found, found)?;
        let value = digits as f64 / 10f64.powi(found as i32);
        keep(&mut self.parts.fraction, value, letter)
    }

    fn half(&mut self, run: usize) -> Done {
        let afternoon = match self.text.get(self.at) {
            Some('A') if run == 1 => false,
            Some('P') if run == 1 => true,
            _ if run > 1 && self.starts_with("AM") => false,
            _ if run > 1 && self.starts_with("PM") => true,
            _ => return Err(Wrong::Text),
        };
        self.at += run.min(2);
        keep(&mut self.parts.afternoon, afternoon, 't')
    }

    fn quoted(&mut self, quote: char) -> Done {
        let mut text = Vec::new();
        loop {
            let c = *self.format.get(self.next).ok_or(Wrong::Quote(quote))?;
            self.next += 1;
            match c {
                c if c == quote => break,
                '\\' => {
                    text.push(*self.format.get(self.next).ok_or(Wrong::Quote(quote))?);
                    self.next += 1;
                }
                c => text.push(c),
            }
        }
        for &c in &text {
            if c == ' ' && self.inner_white {
                self.skip_spaces();
            } else {
                self.expect(c)?;
            }
        }
        // Only an offset takes these standard formats by their word.
        let is = |word: &str| text.iter().copied().eq(word.chars());
        let named = matches!(self.letter, Some('r' | 'R')) && is("GMT") || self.letter == Some('u') && is("Z");
        if self.with_offset && named {
            self.zone = Zone::Offset(0);
        }
        Ok(())
    }

    fn finish(mut self, style: i64, now: i64) -> Done<Read> {
        let parts = &mut self.parts;
        if parts.short_year {
            let year = parts.year.unwrap_or(0);
            if year >= 100 {
                return Err(Wrong::Text);
            }
            parts.year = Some(four_digit_year(year));
        }
        let hour = parts.hour.unwrap_or(-1);
        if parts.half_days {
            if hour > 12 {
                return Err(Wrong::Text);
            }
            parts.hour = Some(hour % 12 + if parts.afternoon == Some(true) { 12 } else { 0 });
        } else if parts.afternoon == Some(false) && hour >= 12 || parts.afternoon == Some(true) && hour < 12 {
            return Err(Wrong::Text);
        }
        let has_day = parts.month.is_some() || parts.day.is_some();
        if self.with_offset && has_day && parts.year.is_none() && self.zone != Zone::None {
            return Err(Wrong::Incomplete);
        }
        let offset = if self.with_offset { self.zone.minutes() * super::date_time::MINUTE } else { 0 };
        let here = split((now + offset).max(0));
        let base = if style & styles::NO_CURRENT_DATE != 0 { (1, 1, 1) } else { here };
        let day = match (parts.year, parts.month, parts.day) {
            (None, None, None) => base,
            (year, month, day) => (year.unwrap_or(here.0), month.unwrap_or(1), day.unwrap_or(1)),
        };
        let time = (parts.hour.unwrap_or(0), parts.minute.unwrap_or(0), parts.second.unwrap_or(0));
        let ticks = moment(day, time, parts.fraction.unwrap_or(0.0))?;
        if parts.day_name.is_some_and(|name| name != weekday(ticks)) {
            return Err(Wrong::Weekday);
        }
        Ok(Read { ticks, zone: self.zone })
    }
}
