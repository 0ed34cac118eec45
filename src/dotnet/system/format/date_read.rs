//! `DateTime.Parse`: dates and times as people write them, in the invariant culture.
//!
//! In: text and the clock. Out: a date, or why there is none. A machine over tokens: a number and what separates it from
//! the next token are one token. A date or a time that is complete sends it back to its start. Never: the time zone's
//! adjustment, which depends on the type that is read.

use super::date_time::{
    DAY, HOUR, MINUTE, MONTHS, Read, SECOND, WEEKDAYS, Wrong, Zone, date, four_digit_year, split, styles, weekday,
};
use super::unicode::{category, is_white_space};

/// A token, with the separator after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    End,
    NumberEnd,
    NumberHalf,
    NumberSpace,
    NumberDate,
    NumberTime,
    MonthEnd,
    MonthSpace,
    MonthDate,
    NumberDateSuffix,
    NumberTimeSuffix,
    Weekday,
    YearSpace,
    YearDate,
    YearEnd,
    Zone,
    Era,
    /// A number before `T`.
    NumberMark,
    /// Nothing that counts.
    None,
}

/// What was read so far: N a number, M a month's name, Y a year, d a date's separator, t a time's, S a suffix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Begin,
    N,
    NN,
    Nd,
    DateNN,
    NNd,
    M,
    MN,
    NM,
    MNd,
    NS,
    Y,
    YN,
    YNd,
    YM,
    YMd,
    DateS,
    TimeS,
    Nt,
    NNt,
    Wrong,
    // Complete from here on.
    DoneNN,
    DoneNNN,
    DoneMN,
    DoneNM,
    DoneMNN,
    DoneS,
    DoneSN,
    DoneNS,
    DoneNNS,
    DoneYNN,
    DoneYMN,
    DoneYN,
    DoneYM,
    DoneNNY,
    TimeN,
    TimeNN,
    TimeNNN,
    TimeSuffixes,
}

use State as S;
const X: State = State::Wrong;

/// The next state by state (in the order above) and token, from `End` to `Era`.
#[rustfmt::skip]
const NEXT: [[State; 17]; 20] = [
    [S::Begin, X, S::TimeN, S::N, S::Nd, S::Nt, X, S::M, S::M, S::DateS, S::TimeS, S::Begin, S::Y, S::Y, X, S::Begin, S::Begin],
    [X, S::DoneNN, X, S::NN, S::NNd, X, S::DoneNM, S::NM, S::MNd, S::NS, X, S::N, S::YN, S::YNd, S::DoneYN, S::N, S::N],
    [S::DoneNN, S::DoneNNN, S::TimeN, S::DoneNNN, X, S::Nt, S::DoneMNN, S::DoneMNN, X, X, S::TimeS, S::NN, S::DoneNNY, X, S::DoneNNY, S::NN, S::NN],
    [X, S::DoneNN, X, S::DateNN, S::NNd, X, S::DoneNM, S::MN, S::MNd, X, X, S::Nd, S::YN, S::YNd, S::DoneYN, X, S::Nd],
    [S::DoneNN, S::DoneNNN, S::TimeN, S::DoneNNN, X, S::Nt, S::DoneMNN, S::DoneMNN, X, S::DoneS, S::TimeS, S::DateNN, S::DoneNNY, X, S::DoneNNY, X, S::DateNN],
    [X, S::DoneNNN, S::DoneNNN, S::DoneNNN, X, X, S::DoneMNN, S::DoneMNN, X, S::DoneS, X, S::NNd, S::DoneNNY, X, S::DoneNNY, X, S::NNd],
    [X, S::DoneMN, X, S::MN, S::MNd, X, X, X, X, X, X, S::M, S::YM, S::YMd, S::DoneYM, X, S::M],
    [S::DoneMN, S::DoneMNN, S::DoneMNN, S::DoneMNN, X, S::Nt, X, X, X, S::DoneS, S::TimeS, S::MN, S::DoneYMN, X, S::DoneYMN, X, S::MN],
    [S::DoneNM, S::DoneMNN, S::DoneMNN, S::DoneMNN, X, S::Nt, X, X, X, S::DoneS, S::TimeS, S::NM, S::DoneYMN, X, S::DoneYMN, X, S::NM],
    [X, S::DoneMNN, X, S::DoneMNN, X, X, X, X, X, X, X, S::MNd, S::DoneYMN, X, S::DoneYMN, X, S::MNd],
    [S::DoneNS, S::DoneNNS, S::DoneNNS, S::DoneNNS, X, S::Nt, X, X, X, S::NS, S::TimeS, S::NS, X, X, X, X, S::NS],
    [X, S::DoneYN, X, S::YN, S::YNd, X, S::DoneYM, S::YM, S::YMd, S::YM, X, S::Y, X, X, X, X, S::Y],
    [S::DoneYN, S::DoneYNN, S::DoneYNN, S::DoneYNN, X, X, S::DoneYMN, S::DoneYMN, X, X, X, S::YN, X, X, X, X, S::YN],
    [X, S::DoneYNN, S::DoneYNN, S::DoneYNN, X, X, S::DoneYMN, S::DoneYMN, X, X, X, S::YN, X, X, X, X, S::YN],
    [S::DoneYM, S::DoneYMN, S::DoneYMN, S::DoneYMN, X, X, X, X, X, X, X, S::YM, X, X, X, X, S::YM],
    [X, S::DoneYMN, S::DoneYMN, S::DoneYMN, X, X, X, X, X, X, X, S::YM, X, X, X, X, S::YM],
    [S::DoneS, S::DoneSN, S::TimeN, S::Nt, X, S::Nt, X, X, X, S::DateS, S::TimeS, S::DateS, X, X, X, X, S::DateS],
    [S::TimeSuffixes, S::TimeSuffixes, S::TimeSuffixes, S::Nt, S::Nd, X, X, X, X, S::DateS, S::TimeS, S::TimeS, X, X, X, S::TimeS, S::TimeS],
    [X, S::TimeNN, S::TimeNN, S::TimeNN, X, S::NNt, S::DoneNM, S::NM, X, X, S::TimeS, X, X, X, X, S::Nt, S::Nt],
    [X, S::TimeNNN, S::TimeNNN, S::TimeNNN, X, X, X, X, X, X, S::TimeS, S::NNt, X, X, X, S::NNt, S::NNt],
];

fn next(state: State, token: Token) -> State {
    NEXT.get(state as usize).and_then(|row| row.get(token as usize)).copied().unwrap_or(X)
}

/// What stands between numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Separator {
    End,
    Space,
    Am,
    Pm,
    Date,
    Time,
    /// `-`: of a date, or before an offset.
    DateOrOffset,
    /// `T`.
    Mark,
    Suffix(Part),
}

/// What a suffix makes of a number: `2024年`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

const SUFFIXES: [(char, Part); 13] = [
    ('年', Part::Year),
    ('월', Part::Month),
    ('년', Part::Year),
    ('月', Part::Month),
    ('日', Part::Day),
    ('일', Part::Day),
    ('時', Part::Hour),
    ('时', Part::Hour),
    ('시', Part::Hour),
    ('分', Part::Minute),
    ('분', Part::Minute),
    ('秒', Part::Second),
    ('초', Part::Second),
];

/// A word or a number.
enum Word {
    End,
    Number(i64),
    /// Three digits and more.
    Year(i64),
    TooLong,
    Weekday(i64),
    Month(i64),
    Era,
    Zone,
    Half(bool),
    Ignored,
    Unknown,
}

fn is_space(c: char) -> bool {
    u16::try_from(c as u32).is_ok_and(is_white_space)
}

fn is_letter(c: char) -> bool {
    category(c as u32) <= 4
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    /// Numbers that no complete date or time has taken yet.
    numbers: Vec<i64>,
    raw_year: Option<i64>,
    raw_month: Option<i64>,
    day_name: Option<i64>,
    afternoon: Option<bool>,
    fraction: f64,
    suffix: Option<Part>,
    number: i64,
    // What was understood.
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    hour: Option<i64>,
    minute: Option<i64>,
    second: Option<i64>,
    suffixes: Vec<Part>,
    has_date: bool,
    has_time: bool,
    default_year: bool,
    zone: Zone,
    /// A `DateTimeOffset` is read.
    with_offset: bool,
    style: i64,
    now: i64,
}

/// `DateTime.Parse`, or `DateTimeOffset.Parse`; `now` is the clock.
pub fn parse(text: &str, style: i64, now: i64, with_offset: bool) -> Result<Read, Wrong> {
    if text.is_empty() {
        return Err(Wrong::Text);
    }
    let mut reader = Reader {
        chars: text.chars().collect(),
        at: 0,
        numbers: Vec::new(),
        raw_year: None,
        raw_month: None,
        day_name: None,
        afternoon: None,
        fraction: 0.0,
        suffix: None,
        number: 0,
        year: None,
        month: None,
        day: None,
        hour: None,
        minute: None,
        second: None,
        suffixes: Vec::new(),
        has_date: false,
        has_time: false,
        default_year: false,
        zone: Zone::None,
        with_offset,
        style,
        now,
    };
    reader.run()
}

type Done<T = ()> = Result<T, Wrong>;

impl Reader {
    fn run(&mut self) -> Done<Read> {
        let mut state = State::Begin;
        let mut complete = false;
        loop {
            let token = self.token(state)?;
            if token == Token::None {
                continue;
            }
            if let Some(part) = self.suffix.take() {
                self.take_suffix(part)?;
            }
            if token == Token::NumberMark {
                return if matches!(state, S::YNd | S::YN) { self.iso() } else { Err(Wrong::Text) };
            }
            state = next(state, token);
            if state == X {
                return Err(Wrong::Text);
            }
            if state as u8 > X as u8 {
                self.complete(state)?;
                complete = true;
                state = State::Begin;
            }
            if matches!(token, Token::End | Token::NumberEnd | Token::MonthEnd) {
                break;
            }
        }
        if complete { self.finish() } else { Err(Wrong::Text) }
    }

    fn current(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn skip_spaces(&mut self) {
        while self.current().is_some_and(is_space) {
            self.at += 1;
        }
    }

    /// Whether this word stands here, in any letter case and with no letter after it; steps over it.
    fn take_word(&mut self, word: &str) -> bool {
        let len = word.chars().count();
        let Some(part) = self.chars.get(self.at..self.at + len) else { return false };
        let same = part.iter().zip(word.chars()).all(|(a, b)| a.eq_ignore_ascii_case(&b));
        let begins_with_letter = self.current().is_some_and(is_letter);
        let goes_on = self.chars.get(self.at + len).copied().is_some_and(is_letter);
        let found = same && !(begins_with_letter && goes_on);
        if found {
            self.at += len;
        }
        found
    }

    fn take_digits(&mut self) -> (i64, usize) {
        let start = self.at;
        let mut value = 0i64;
        while let Some(digit) = self.current().and_then(|c| c.to_digit(10)) {
            value = value.saturating_mul(10).saturating_add(i64::from(digit));
            self.at += 1;
        }
        (value, self.at - start)
    }

    fn word(&mut self) -> Word {
        self.skip_spaces();
        let Some(c) = self.current() else { return Word::End };
        if c.is_ascii_digit() {
            return match self.take_digits() {
                (_, 9..) => Word::TooLong,
                (value, 3..) => Word::Year(value),
                (value, _) => Word::Number(value),
            };
        }
        for (names, is_month) in [(&MONTHS[..], true), (&WEEKDAYS[..], false)] {
            for (at, name) in names.iter().enumerate() {
                if self.take_word(name) || self.take_word(&name[..3]) {
                    return if is_month { Word::Month(at as i64 + 1) } else { Word::Weekday(at as i64) };
                }
            }
        }
        match c {
            ',' | '.' => {
                self.at += 1;
                Word::Ignored
            }
            _ if self.take_word("AM") => Word::Half(false),
            _ if self.take_word("PM") => Word::Half(true),
            _ if self.take_word("A.D.") || self.take_word("AD") => Word::Era,
            _ if self.take_word("GMT") || self.take_word("Z") => Word::Zone,
            _ => Word::Unknown,
        }
    }

    fn separator(&mut self) -> Separator {
        self.skip_spaces();
        let Some(c) = self.current() else { return Separator::End };
        let one = match c {
            '/' => Some(Separator::Date),
            ':' => Some(Separator::Time),
            '-' => Some(Separator::DateOrOffset),
            _ => None,
        };
        if let Some(one) = one {
            self.at += 1;
            return one;
        }
        for (word, found) in [("AM", Separator::Am), ("PM", Separator::Pm), ("T", Separator::Mark)] {
            if self.take_word(word) {
                return found;
            }
        }
        for (suffix, part) in SUFFIXES {
            if c == suffix && self.take_word(suffix.encode_utf8(&mut [0; 4])) {
                return Separator::Suffix(part);
            }
        }
        Separator::Space
    }

    /// An offset, from its sign on.
    fn offset(&mut self) -> Option<i64> {
        let negative = match self.current()? {
            '-' => true,
            '+' => false,
            _ => return None,
        };
        self.at += 1;
        let (mut hours, len) = self.take_digits();
        let mut minutes = 0;
        match len {
            1 | 2 if self.current() == Some(':') => {
                self.at += 1;
                let (value, len) = self.take_digits();
                if !(1..=2).contains(&len) {
                    return None;
                }
                minutes = value;
            }
            1 | 2 => {}
            3 | 4 => {
                minutes = hours % 100;
                hours /= 100;
            }
            _ => return None,
        }
        let all = hours * 60 + minutes;
        (minutes < 60).then_some(if negative { -all } else { all })
    }

    /// An offset right after a time.
    fn offset_after_time(&mut self) -> Done {
        if self.at + 1 >= self.chars.len() {
            return Ok(());
        }
        let mut sign = self.at;
        while sign + 1 < self.chars.len() && is_space(self.chars[sign]) {
            sign += 1;
        }
        if matches!(self.chars[sign], '+' | '-') {
            self.at = sign;
            if self.zone != Zone::None {
                return Err(Wrong::Text);
            }
            self.zone = Zone::Offset(self.offset().ok_or(Wrong::Text)?);
        }
        Ok(())
    }

    /// Digits after a point, the point included.
    fn take_fraction(&mut self) -> Option<f64> {
        let (mut value, mut place, mut any) = (0.0, 0.1, false);
        self.at += 1;
        while let Some(digit) = self.current().and_then(|c| c.to_digit(10)) {
            value += f64::from(digit) * place;
            place *= 0.1;
            any = true;
            self.at += 1;
        }
        any.then_some(value)
    }

    fn token(&mut self, state: State) -> Done<Token> {
        let in_time = matches!(state, S::Nt | S::NNt);
        match self.word() {
            Word::End => Ok(Token::End),
            Word::TooLong => Err(Wrong::Text),
            Word::Number(_) | Word::Year(_) if self.numbers.len() == 3 => Err(Wrong::Text),
            Word::Number(value) => {
                self.after_time_number(state)?;
                self.number_token(state, value, in_time)
            }
            Word::Year(value) => {
                self.after_time_number(state)?;
                self.year_token(state, value)
            }
            Word::Weekday(day) => {
                if self.day_name.replace(day).is_some() {
                    Err(Wrong::Text)
                } else {
                    Ok(Token::Weekday)
                }
            }
            Word::Month(month) => {
                if self.raw_month.is_some() {
                    return Err(Wrong::Text);
                }
                let before = self.at;
                let token = match self.separator() {
                    Separator::End => Token::MonthEnd,
                    Separator::Space => Token::MonthSpace,
                    Separator::Date => Token::MonthDate,
                    Separator::DateOrOffset => self.date_or_offset(state, before, Token::MonthDate, Token::MonthSpace),
                    _ => return Err(Wrong::Text),
                };
                self.raw_month = Some(month);
                Ok(token)
            }
            Word::Era => Ok(Token::Era),
            Word::Zone => {
                if self.zone != Zone::None {
                    return Err(Wrong::Text);
                }
                self.zone = Zone::Utc;
                Ok(Token::Zone)
            }
            Word::Ignored => Ok(Token::None),
            Word::Half(afternoon) => {
                if self.afternoon.replace(afternoon).is_some() {
                    Err(Wrong::Text)
                } else {
                    Ok(Token::None)
                }
            }
            Word::Unknown => self.unknown(),
        }
    }

    fn unknown(&mut self) -> Done<Token> {
        let c = self.current().unwrap_or_default();
        if is_letter(c) {
            let at = self.chars[..self.at].iter().map(|c| c.len_utf16()).sum();
            return Err(Wrong::Word(at));
        }
        if matches!(c, '-' | '+') && self.zone == Zone::None {
            let before = self.at;
            if let Some(offset) = self.offset() {
                self.zone = Zone::Offset(offset);
                return Ok(Token::None);
            }
            self.at = before;
        }
        if self.punctuation() { Ok(Token::None) } else { Err(Wrong::Text) }
    }

    /// What old programs wrote around dates: `#` at both ends, zeros at the end.
    fn punctuation(&mut self) -> bool {
        match self.current() {
            Some('#') => {
                let (mut hashes, mut good) = (0, true);
                for &c in &self.chars {
                    match c {
                        '#' => hashes += 1,
                        '\0' => good &= hashes == 2,
                        c if is_space(c) => {}
                        _ => good &= hashes == 1,
                    }
                }
                self.at += 1;
                good && hashes == 2
            }
            Some('\0') => {
                let all = self.chars[self.at..].iter().all(|&c| c == '\0');
                self.at = self.chars.len();
                all
            }
            _ => false,
        }
    }

    /// A fraction and an offset may follow the last number of a time.
    fn after_time_number(&mut self, state: State) -> Done {
        if state == S::NNt && self.at + 1 < self.chars.len() && self.current() == Some('.') {
            self.fraction = self.take_fraction().unwrap_or(0.0);
        }
        if matches!(state, S::Nt | S::NNt) { self.offset_after_time() } else { Ok(()) }
    }

    /// `-` after what completes a date begins an offset: it is left for the next token.
    fn date_or_offset(&mut self, state: State, before: usize, as_date: Token, as_space: Token) -> Token {
        if next(state, as_date) == X && next(state, as_space) as u8 > X as u8 {
            self.at = before;
            return as_space;
        }
        as_date
    }

    fn year_token(&mut self, state: State, value: i64) -> Done<Token> {
        if self.raw_year.is_some() {
            return Err(Wrong::Text);
        }
        self.raw_year = Some(value);
        self.number = value;
        let before = self.at;
        Ok(match self.separator() {
            Separator::End => Token::YearEnd,
            half @ (Separator::Am | Separator::Pm) => {
                if self.afternoon.is_some() {
                    return Ok(Token::None);
                }
                self.afternoon = Some(half == Separator::Pm);
                Token::YearSpace
            }
            Separator::Space => Token::YearSpace,
            Separator::Date => Token::YearDate,
            Separator::DateOrOffset => self.date_or_offset(state, before, Token::YearDate, Token::YearSpace),
            Separator::Suffix(part) => self.suffixed(part),
            Separator::Time | Separator::Mark => return Err(Wrong::Text),
        })
    }

    fn suffixed(&mut self, part: Part) -> Token {
        self.suffix = Some(part);
        match part {
            Part::Year | Part::Month | Part::Day => Token::NumberDateSuffix,
            _ => Token::NumberTimeSuffix,
        }
    }

    fn number_token(&mut self, state: State, value: i64, in_time: bool) -> Done<Token> {
        let before = self.at;
        let token = match self.separator() {
            Separator::End => Token::NumberEnd,
            half @ (Separator::Am | Separator::Pm) => {
                if self.afternoon.is_some() {
                    return Ok(Token::None);
                }
                self.afternoon = Some(half == Separator::Pm);
                // `1/10 5 AM`: the date is complete before the hour.
                if state == S::DateNN {
                    self.complete(S::DoneNN)?;
                }
                self.numbers.push(value);
                if in_time {
                    self.offset_after_time()?;
                }
                return Ok(Token::NumberHalf);
            }
            Separator::Space => Token::NumberSpace,
            Separator::Date => Token::NumberDate,
            Separator::DateOrOffset => self.date_or_offset(state, before, Token::NumberDate, Token::NumberSpace),
            Separator::Time => Token::NumberTime,
            Separator::Mark => Token::NumberMark,
            Separator::Suffix(part) => {
                self.number = if part == Part::Year { four_digit_year(value) } else { value };
                return Ok(self.suffixed(part));
            }
        };
        self.numbers.push(value);
        Ok(token)
    }

    fn take_suffix(&mut self, part: Part) -> Done {
        if self.suffixes.contains(&part) {
            return Err(Wrong::Text);
        }
        self.suffixes.push(part);
        let number = Some(self.number);
        match part {
            Part::Year => (self.year, self.raw_year) = (number, number),
            Part::Month => (self.month, self.raw_month) = (number, number),
            Part::Day => self.day = number,
            Part::Hour => self.hour = number,
            Part::Minute => self.minute = number,
            Part::Second => self.second = number,
        }
        Ok(())
    }

    fn number(&self, at: usize) -> i64 {
        self.numbers.get(at).copied().unwrap_or(-1)
    }

    fn set_date(&mut self, year: i64, month: i64, day: i64) -> Done {
        date(year, month, day).ok_or(Wrong::Text)?;
        (self.year, self.month, self.day) = (Some(year), Some(month), Some(day));
        Ok(())
    }

    /// The clock where the text is: at its offset, if one is known.
    fn here(&self) -> (i64, i64, i64) {
        let offset = if self.with_offset { self.zone.minutes() * MINUTE } else { 0 };
        split((self.now + offset).clamp(0, 9999 * 366 * DAY))
    }

    fn this_year(&mut self) -> i64 {
        let year = self.here().0;
        self.default_year = true;
        self.year = Some(year);
        year
    }

    /// A date or a time is complete.
    fn complete(&mut self, state: State) -> Done {
        let (n0, n1, n2) = (self.number(0), self.number(1), self.number(2));
        let (year, month) = (self.raw_year.unwrap_or(-1), self.raw_month.unwrap_or(-1));
        let is_date = !matches!(
            state,
            S::TimeN | S::TimeNN | S::TimeNNN | S::TimeSuffixes | S::DoneS | S::DoneSN | S::DoneNS | S::DoneNNS
        );
        if is_date && self.has_date {
            return Err(Wrong::Text);
        }
        let is_time = matches!(state, S::TimeN | S::TimeNN | S::TimeNNN);
        if is_time && self.has_time {
            return Err(Wrong::Text);
        }
        match state {
            S::DoneNN => {
                let year = self.this_year();
                self.set_date(year, n0, n1)?;
            }
            S::DoneNNN => self.set_date(four_digit_year(n2), n0, n1)?,
            S::DoneMN => {
                let year = self.this_year();
                self.set_date(year, month, n0)?;
            }
            // The culture writes a year before its month's name.
            S::DoneNM => self.set_date(four_digit_year(n0), month, 1)?,
            S::DoneMNN => {
                if self.set_date(four_digit_year(n1), month, n0).is_err() {
                    self.set_date(four_digit_year(n0), month, n1)?;
                }
            }
            S::DoneYNN | S::DoneNNY => self.set_date(year, n0, n1)?,
            S::DoneYMN => self.set_date(year, month, n0)?,
            S::DoneYN => self.set_date(year, n0, 1)?,
            S::DoneYM => self.set_date(year, month, 1)?,
            S::DoneSN => {
                if self.numbers.len() != 1 || self.day.is_some() {
                    return Err(Wrong::Text);
                }
                self.day = Some(n0);
            }
            S::DoneNS => {
                if self.month.is_none() || self.year.is_some() {
                    return Err(Wrong::Text);
                }
                (self.year, self.day) = (Some(four_digit_year(n0)), Some(1));
            }
            S::DoneNNS => {
                let has = |part| self.suffixes.contains(&part);
                match (has(Part::Year), has(Part::Month), has(Part::Day)) {
                    (true, false, false) => self.set_date(four_digit_year(year), n0, n1)?,
                    (false, true, false) => self.set_date(four_digit_year(n1), self.month.unwrap_or(-1), n0)?,
                    _ => return Err(Wrong::Text),
                }
            }
            S::TimeN => {
                if self.afternoon.is_none() {
                    return Err(Wrong::Text);
                }
                self.hour = Some(n0);
            }
            S::TimeNN => (self.hour, self.minute) = (Some(n0), Some(n1)),
            S::TimeNNN => (self.hour, self.minute, self.second) = (Some(n0), Some(n1), Some(n2)),
            _ => {}
        }
        // A day or a year beside a month's name alone leaves room for another date.
        self.has_date |= is_date && !matches!(state, S::DoneMN | S::DoneNM);
        self.has_time |= is_time;
        self.numbers.clear();
        Ok(())
    }

    fn finish(&mut self) -> Done<Read> {
        if let (Some(afternoon), hour) = (self.afternoon, self.hour.unwrap_or(0)) {
            self.hour = Some(match (afternoon, hour) {
                (false, 13..) | (true, 24..) => return Err(Wrong::Text),
                (false, 12) => 0,
                (true, 0..12) => hour + 12,
                _ => hour,
            });
        }
        let time_only = self.year.is_none() && self.month.is_none() && self.day.is_none();
        let has_day = self.month.is_some() || self.day.is_some();
        if self.with_offset && has_day && (self.year.is_none() || self.default_year) && self.zone != Zone::None {
            return Err(Wrong::Incomplete);
        }
        let here = self.here();
        let base = if self.style & styles::NO_CURRENT_DATE != 0 { (1, 1, 1) } else { here };
        let (year, month, day) = if time_only {
            base
        } else {
            (self.year.unwrap_or(here.0), self.month.unwrap_or(1), self.day.unwrap_or(1))
        };
        let time = (self.hour.unwrap_or(0), self.minute.unwrap_or(0), self.second.unwrap_or(0));
        let ticks = moment((year, month, day), time, self.fraction)?;
        if self.day_name.is_some_and(|name| name != weekday(ticks)) {
            return Err(Wrong::Weekday);
        }
        Ok(Read { ticks, zone: self.zone })
    }

    /// The time after the `T` of `2024-02-29T12:34:56.789Z`.
    fn iso(&mut self) -> Done<Read> {
        let bad = || Wrong::Text;
        self.skip_spaces();
        let hour = self.two_digits().ok_or_else(bad)?;
        self.skip_spaces();
        if !self.take(':') {
            return Err(bad());
        }
        self.skip_spaces();
        let minute = self.two_digits().ok_or_else(bad)?;
        self.skip_spaces();
        let mut second = 0;
        if self.take(':') {
            self.skip_spaces();
            second = self.two_digits().ok_or_else(bad)?;
            if self.current() == Some('.') {
                self.fraction = self.take_fraction().ok_or_else(bad)?;
            }
            self.skip_spaces();
        }
        match self.current() {
            Some('+' | '-') => self.zone = Zone::Offset(self.offset().ok_or_else(bad)?),
            Some('Z' | 'z') => {
                self.zone = Zone::Utc;
                self.at += 1;
            }
            _ => {}
        }
        self.skip_spaces();
        if self.current() == Some('#') {
            if !self.punctuation() {
                return Err(bad());
            }
            self.skip_spaces();
        }
        if self.current() == Some('\0') && !self.punctuation() || self.current().is_some() {
            return Err(bad());
        }
        let day = (self.raw_year.unwrap_or(-1), self.number(0), self.number(1));
        Ok(Read { ticks: moment(day, (hour, minute, second), self.fraction)?, zone: self.zone })
    }

    fn take(&mut self, c: char) -> bool {
        let found = self.current() == Some(c);
        self.at += usize::from(found);
        found
    }

    fn two_digits(&mut self) -> Option<i64> {
        let digit = |at: usize| self.chars.get(at).and_then(|c| c.to_digit(10)).map(i64::from);
        let value = digit(self.at)? * 10 + digit(self.at + 1)?;
        self.at += 2;
        Some(value)
    }
}

/// Ticks of a day and a time of it, with a fraction of a second rounded to the tick.
pub fn moment(day: (i64, i64, i64), time: (i64, i64, i64), fraction: f64) -> Done<i64> {
    let start = date(day.0, day.1, day.2).ok_or(Wrong::Calendar)?;
    let (h, m, s) = time;
    if !(0..24).contains(&h) || !(0..60).contains(&m) || !(0..60).contains(&s) {
        return Err(Wrong::Calendar);
    }
    Ok(start + h * HOUR + m * MINUTE + s * SECOND + (fraction * SECOND as f64).round_ties_even() as i64)
}
