//! Reading a pattern unit by unit: what parsing, counting groups, replacements and `Unescape` have in common.

use super::class::{Builder, Class, is_word, lower};

pub const IGNORE_CASE: u16 = 1;
pub const MULTILINE: u16 = 2;
pub const EXPLICIT_CAPTURE: u16 = 4;
pub const SINGLELINE: u16 = 16;
pub const IGNORE_WHITESPACE: u16 = 32;
pub const RIGHT_TO_LEFT: u16 = 64;
pub const ECMA: u16 = 256;

/// What is wrong with a pattern, as .NET words it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    Pattern(String),
    /// Nested deeper than is read here.
    TooDeep,
}

pub type Result<T> = std::result::Result<T, Wrong>;

/// Classes within classes, and groups within groups, that are read.
pub const MAX_DEPTH: usize = 400;

/// A pattern and a place in it.
pub struct Scanner<'a> {
    pub pattern: &'a [u16],
    pub at: usize,
    pub options: u16,
}

/// `u16` of an ASCII character.
pub const fn u(c: char) -> u16 {
    c as u16
}

pub fn is_digit(unit: u16) -> bool {
    (u('0')..=u('9')).contains(&unit)
}

pub fn is_space(unit: u16) -> bool {
    matches!(unit, 9 | 10 | 12 | 13 | 32)
}

/// Ends a run of ordinary units.
pub fn is_special(unit: u16) -> bool {
    unit < 128 && br"$()*+.?[\^{|".contains(&(unit as u8))
}

pub fn is_quantifier(unit: u16) -> bool {
    unit < 128 && b"*+?{".contains(&(unit as u8))
}

impl Scanner<'_> {
    pub fn has(&self, option: u16) -> bool {
        self.options & option != 0
    }

    pub fn left(&self) -> usize {
        self.pattern.len() - self.at
    }

    /// The unit so many places ahead.
    pub fn peek(&self, ahead: usize) -> Option<u16> {
        self.pattern.get(self.at + ahead).copied()
    }

    pub fn sees(&self, ahead: usize, c: char) -> bool {
        self.peek(ahead) == Some(u(c))
    }

    pub fn next(&mut self) -> Option<u16> {
        let unit = self.peek(0)?;
        self.at += 1;
        Some(unit)
    }

    pub fn take(&mut self, c: char) -> bool {
        let found = self.sees(0, c);
        self.at += usize::from(found);
        found
    }

    pub fn wrong<T>(&self, what: impl AsRef<str>) -> Result<T> {
        let pattern = String::from_utf16_lossy(self.pattern);
        Err(Wrong::Pattern(format!("Invalid pattern '{pattern}' at offset {}. {}", self.at, what.as_ref())))
    }

    /// Moves past comments, and past white space where the pattern may have it.
    pub fn blank(&mut self) -> Result<()> {
        loop {
            if self.has(IGNORE_WHITESPACE) {
                while self.peek(0).is_some_and(is_space) {
                    self.at += 1;
                }
            }
            if self.has(IGNORE_WHITESPACE) && self.sees(0, '#') {
                while self.peek(0).is_some_and(|unit| unit != u('\n')) {
                    self.at += 1;
                }
            } else if self.sees(0, '(') && self.sees(1, '?') && self.sees(2, '#') {
                while self.peek(0).is_some_and(|unit| unit != u(')')) {
                    self.at += 1;
                }
                if self.left() == 0 {
                    return self.wrong("Unterminated (?#...) comment.");
                }
                self.at += 1;
            } else {
                return Ok(());
            }
        }
    }

    /// Whether a quantifier stands here: a brace only where it is one to its end.
    pub fn at_quantifier(&self) -> bool {
        let Some(unit) = self.peek(0) else { return false };
        if unit != u('{') {
            return is_quantifier(unit);
        }
        let digits = |mut from: usize| {
            while self.peek(from).is_some_and(is_digit) {
                from += 1;
            }
            from
        };
        let end = digits(1);
        if end == 1 {
            return false;
        }
        match self.peek(end) {
            Some(unit) if unit == u('}') => true,
            Some(unit) if unit == u(',') => self.sees(digits(end + 1), '}'),
            _ => false,
        }
    }

    pub fn decimal(&mut self) -> Result<i32> {
        let mut value = 0i32;
        while let Some(unit) = self.peek(0).filter(|&unit| is_digit(unit)) {
            self.at += 1;
            let next = value.checked_mul(10).and_then(|v| v.checked_add(i32::from(unit - u('0'))));
            value = match next {
                Some(next) => next,
                None => return self.wrong("Capture group numbers must be less than or equal to Int32.MaxValue."),
            };
        }
        Ok(value)
    }

    /// A group's name: word characters.
    pub fn name(&mut self) -> String {
        let start = self.at;
        while self.peek(0).is_some_and(is_word) {
            self.at += 1;
        }
        String::from_utf16_lossy(&self.pattern[start..self.at])
    }

    /// `imnsx-imnsx`; what only the whole pattern may have ends it.
    pub fn inline_options(&mut self) {
        let mut off = false;
        while let Some(unit) = self.peek(0) {
            let option = match u8::try_from(unit).unwrap_or(0).to_ascii_lowercase() {
                b'-' => {
                    off = true;
                    0
                }
                b'+' => {
                    off = false;
                    0
                }
                b'i' => IGNORE_CASE,
                b'm' => MULTILINE,
                b'n' => EXPLICIT_CAPTURE,
                b's' => SINGLELINE,
                b'x' => IGNORE_WHITESPACE,
                _ => return,
            };
            if off {
                self.options &= !option;
            } else {
                self.options |= option;
            }
            self.at += 1;
        }
    }

    /// What follows a backslash, where it stands for one unit.
    pub fn char_escape(&mut self) -> Result<u16> {
        let Some(unit) = self.next() else { return self.wrong(r"Illegal \\ at end of pattern.") };
        Ok(match u8::try_from(unit).unwrap_or(0) {
            b'0'..=b'7' => {
                self.at -= 1;
                self.octal()
            }
            b'x' => self.hex(2)?,
            b'u' => self.hex(4)?,
            b'a' => 7,
            b'b' => 8,
            b'e' => 0x1B,
            b'f' => 0x0C,
            b'n' => 0x0A,
            b'r' => 0x0D,
            b't' => 0x09,
            b'v' => 0x0B,
            b'c' => self.control()?,
            _ if !self.has(ECMA) && is_word(unit) => {
                let unit = String::from_utf16_lossy(&[unit]);
                return self.wrong(format!(r"Unrecognized escape sequence \\{unit}."));
            }
            _ => unit,
        })
    }

    fn octal(&mut self) -> u16 {
        let mut value = 0;
        for _ in 0..3 {
            let Some(unit) = self.peek(0).filter(|unit| (u('0')..=u('7')).contains(unit)) else { break };
            self.at += 1;
            value = value * 8 + unit - u('0');
            if self.has(ECMA) && value >= 0x20 {
                break;
            }
        }
        value & 0xFF
    }

    fn hex(&mut self, digits: usize) -> Result<u16> {
        let mut value = 0;
        let mut missing = digits;
        if self.left() >= digits {
            while missing > 0 {
                let digit = self.next().and_then(|unit| char::from_u32(unit.into())).and_then(|c| c.to_digit(16));
                let Some(digit) = digit else { break };
                value = value << 4 | digit as u16;
                missing -= 1;
            }
        }
        if missing > 0 { self.wrong("Insufficient hexadecimal digits.") } else { Ok(value) }
    }

    fn control(&mut self) -> Result<u16> {
        let Some(unit) = self.next() else { return self.wrong("Missing control character.") };
        let unit = if (u('a')..=u('z')).contains(&unit) { unit - 32 } else { unit };
        let control = unit.wrapping_sub(u('@'));
        if control < 32 { Ok(control) } else { self.wrong("Unrecognized control character.") }
    }

    /// The `{name}` of `\p{name}`.
    pub fn property(&mut self) -> Result<String> {
        if self.left() < 3 {
            return self.wrong(r"Incomplete \\p{X} character escape.");
        }
        if self.next() != Some(u('{')) {
            return self.wrong(r"Malformed \\p{X} character escape.");
        }
        let start = self.at;
        while self.peek(0).is_some_and(|unit| is_word(unit) || unit == u('-')) {
            self.at += 1;
        }
        let name = String::from_utf16_lossy(&self.pattern[start..self.at]);
        if self.left() == 0 || self.next() != Some(u('}')) {
            return self.wrong(r"Incomplete \\p{X} character escape.");
        }
        Ok(name)
    }

    /// A class after its `[`. `build`: else it is only passed over, as the count of groups does.
    pub fn class(&mut self, ignore_case: bool, build: bool, depth: usize) -> Result<Class> {
        if depth > MAX_DEPTH {
            return Err(Wrong::TooDeep);
        }
        let mut class = Builder::new(self.take('^'));
        let mut range_from = None;
        let mut first = true;
        loop {
            let Some(mut unit) = self.next() else { return self.wrong("Unterminated [] set.") };
            let was_first = std::mem::replace(&mut first, false);
            let mut escaped = false;
            if unit == u(']') {
                if !was_first {
                    break;
                }
            } else if unit == u('\\') && self.left() > 0 {
                let letter = self.next().unwrap_or_default();
                match u8::try_from(letter).unwrap_or(0) {
                    letter @ (b'd' | b'D' | b's' | b'S' | b'w' | b'W') => {
                        if build {
                            self.not_in_range(range_from, letter)?;
                            class.add_escape(letter, self.has(ECMA));
                        }
                        continue;
                    }
                    letter @ (b'p' | b'P') => {
                        if build {
                            self.not_in_range(range_from, letter)?;
                        }
                        let name = self.property()?;
                        if build {
                            self.add_property(&mut class, &name, letter == b'P', ignore_case)?;
                        }
                        continue;
                    }
                    b'-' => {
                        class.add(u('-'), u('-'));
                        continue;
                    }
                    _ => {
                        self.at -= 1;
                        unit = self.char_escape()?;
                        escaped = true;
                    }
                }
            } else if unit == u('[') && self.sees(0, ':') && range_from.is_none() {
                // `[:name:]` is passed over, then `[` stands for itself.
                let back = self.at;
                self.at += 1;
                self.name();
                if !(self.left() >= 2 && self.next() == Some(u(':')) && self.next() == Some(u(']'))) {
                    self.at = back;
                }
            }
            if let Some(from) = range_from.take() {
                if !build {
                    continue;
                }
                if unit == u('[') && !escaped && !was_first {
                    class.add(from, from);
                    self.subtraction(&mut class, ignore_case, depth)?;
                } else if from > unit {
                    return self.wrong("[x-y] range in reverse order.");
                } else {
                    class.add(from, unit);
                }
            } else if self.left() >= 2 && self.sees(0, '-') && !self.sees(1, ']') {
                range_from = Some(unit);
                self.at += 1;
            } else if unit == u('-') && !escaped && self.sees(0, '[') && !was_first {
                self.at += 1;
                if build {
                    self.subtraction(&mut class, ignore_case, depth)?;
                } else {
                    self.class(ignore_case, false, depth + 1)?;
                }
            } else {
                class.add(unit, unit);
            }
        }
        if ignore_case {
            class.lower();
        }
        Ok(class.finish(ignore_case && depth == 0))
    }

    fn subtraction(&mut self, class: &mut Builder, ignore_case: bool, depth: usize) -> Result<()> {
        class.subtract(self.class(ignore_case, true, depth + 1)?);
        if self.left() > 0 && !self.sees(0, ']') {
            return self.wrong("A subtraction must be the last element in a character class.");
        }
        Ok(())
    }

    fn not_in_range(&self, range_from: Option<u16>, letter: u8) -> Result<()> {
        if range_from.is_none() {
            return Ok(());
        }
        self.wrong(format!(r"Cannot include class \\{} in character range.", char::from(letter)))
    }

    pub fn add_property(&self, class: &mut Builder, name: &str, inverse: bool, ignore_case: bool) -> Result<()> {
        if class.add_property(name, inverse, ignore_case) {
            return Ok(());
        }
        self.wrong(format!("Unknown property '{name}'."))
    }

    /// The unit as it is compared.
    pub fn folded(&self, unit: u16) -> u16 {
        if self.has(IGNORE_CASE) { lower(unit) } else { unit }
    }
}
