//! Character classes of .NET patterns: ranges, categories and blocks, negation, subtraction.
//!
//! In: what a pattern lists. Out: whether a UTF-16 unit belongs. ASCII is decided once, into a bitmap.

use super::tables::{BLOCKS, LOWER, Lower};
use crate::dotnet::system::format::unicode;

/// Bits after those of the thirty categories: white space, and everything else.
const SPACE: u32 = 1 << 30;
const NOT_SPACE: u32 = 1 << 31;
const ALL_CATEGORIES: u32 = SPACE - 1;

/// `\w`: letters, marks without width, decimal digits, connectors.
const WORD: u32 = 0b0001_1111 | 1 << 5 | 1 << 8 | 1 << 18;
const DIGIT: u32 = 1 << 8;
/// What `\p{Lu}`, `\p{Ll}` and `\p{Lt}` are where case is ignored.
const CASED: u32 = 0b111;

/// The units of ECMAScript's `\w`, with the two i's that .NET adds.
const ECMA_WORD: &[(u16, u16)] = &[(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A), (0x130, 0x130)];
const ECMA_DIGIT: &[(u16, u16)] = &[(0x30, 0x39)];
const ECMA_SPACE: &[(u16, u16)] = &[(0x09, 0x0D), (0x20, 0x20)];

/// A finished class.
#[derive(Clone, Debug, Default)]
pub struct Class {
    ascii: [u64; 2],
    negated: bool,
    /// Units are lowered before they are looked up.
    folded: bool,
    ranges: Vec<(u16, u16)>,
    categories: u32,
    without: Option<Box<Class>>,
}

impl Class {
    pub fn contains(&self, unit: u16) -> bool {
        if unit < 128 {
            return self.ascii[usize::from(unit >> 6)] >> (unit & 63) & 1 == 1;
        }
        self.look_up(if self.folded { lower(unit) } else { unit })
    }

    /// Which ASCII characters belong.
    pub fn ascii(&self) -> [u64; 2] {
        self.ascii
    }

    fn look_up(&self, unit: u16) -> bool {
        let at = self.ranges.partition_point(|r| r.1 < unit);
        let listed = self.ranges.get(at).is_some_and(|r| r.0 <= unit) || self.by_category(unit);
        listed != self.negated && !self.without.as_ref().is_some_and(|without| without.look_up(unit))
    }

    fn by_category(&self, unit: u16) -> bool {
        if self.categories == 0 {
            return false;
        }
        if self.categories & ALL_CATEGORIES != 0 && self.categories >> unicode::category(u32::from(unit)) & 1 == 1 {
            return true;
        }
        let space = self.categories & (SPACE | NOT_SPACE);
        space != 0 && space & if unicode::is_white_space(unit) { SPACE } else { NOT_SPACE } != 0
    }
}

/// The lower-case unit, as matching without case compares.
pub fn lower(unit: u16) -> u16 {
    unicode::to_lower(unit)
}

/// Whether a unit may stand in a group's name.
pub fn is_word(unit: u16) -> bool {
    match unit {
        0x30..=0x39 | 0x41..=0x5A | 0x5F | 0x61..=0x7A => true,
        0..=0x7F => false,
        // Joiners count as parts of words.
        0x200C | 0x200D => true,
        _ => WORD >> unicode::category(unit.into()) & 1 == 1,
    }
}

pub fn is_ecma_word(unit: u16) -> bool {
    ECMA_WORD.iter().any(|r| r.0 <= unit && unit <= r.1)
}

/// A class under construction.
#[derive(Debug, Default)]
pub struct Builder {
    negated: bool,
    ranges: Vec<(u16, u16)>,
    categories: u32,
    without: Option<Box<Class>>,
}

impl Builder {
    pub fn new(negated: bool) -> Builder {
        Builder { negated, ..Builder::default() }
    }

    pub fn add(&mut self, first: u16, last: u16) {
        self.ranges.push((first, last));
    }

    pub fn subtract(&mut self, class: Class) {
        self.without = Some(Box::new(class));
    }

    fn add_all(&mut self, ranges: &[(u16, u16)], inverse: bool) {
        if !inverse {
            self.ranges.extend_from_slice(ranges);
            return;
        }
        let mut next = 0u32;
        for &(first, last) in ranges {
            if u32::from(first) > next {
                self.ranges.push((next as u16, first - 1));
            }
            next = u32::from(last) + 1;
        }
        if next <= 0xFFFF {
            self.ranges.push((next as u16, 0xFFFF));
        }
    }

    fn add_categories(&mut self, mask: u32, inverse: bool) {
        self.categories |= if inverse { ALL_CATEGORIES & !mask } else { mask };
    }

    /// `\d`, `\w`, `\s` and, in upper case, what they leave.
    pub fn add_escape(&mut self, letter: u8, ecma: bool) {
        let inverse = letter.is_ascii_uppercase();
        match (letter.to_ascii_lowercase(), ecma) {
            (b'd', false) => self.add_categories(DIGIT, inverse),
            (b'd', true) => self.add_all(ECMA_DIGIT, inverse),
            (b'w', false) => self.add_categories(WORD, inverse),
            (b'w', true) => self.add_all(ECMA_WORD, inverse),
            (_, false) => self.categories |= if inverse { NOT_SPACE } else { SPACE },
            (_, true) => self.add_all(ECMA_SPACE, inverse),
        }
    }

    /// `\p{name}`; whether there is such a category or block.
    pub fn add_property(&mut self, name: &str, inverse: bool, ignore_case: bool) -> bool {
        let mask = unicode::CATEGORIES
            .iter()
            .enumerate()
            .filter(|(_, category)| **category == name || name.len() == 1 && category.starts_with(name))
            .fold(0u32, |mask, (at, _)| mask | 1 << at);
        if mask != 0 {
            let cased = ignore_case && matches!(name, "Lu" | "Ll" | "Lt");
            self.add_categories(if cased { CASED } else { mask }, inverse);
            return true;
        }
        let Some(block) = name.strip_prefix("Is") else { return false };
        match BLOCKS.iter().find(|b| b.0 == block) {
            Some(&(_, first, last)) => self.add_all(&[(first, last)], inverse),
            None => return false,
        }
        true
    }

    /// Adds the lower case of what is listed: single units are replaced, ranges extended by .NET's own table.
    pub fn lower(&mut self) {
        for at in 0..self.ranges.len() {
            let (first, last) = self.ranges[at];
            if first == last {
                self.ranges[at] = (lower(first), lower(first));
            } else {
                self.lower_range(first, last);
            }
        }
    }

    fn lower_range(&mut self, first: u16, last: u16) {
        for &(from, to, how) in LOWER.iter().filter(|row| row.1 >= first && row.0 <= last) {
            let (from, to) = (from.max(first), to.min(last));
            let map = |unit: u16| match how {
                Lower::To(unit) => unit,
                Lower::Plus(distance) => unit.wrapping_add_signed(distance),
                Lower::EvenToOdd => unit | 1,
                Lower::OddToEven => unit + (unit & 1),
            };
            let (from, to) = (map(from), map(to));
            if from < first || to > last {
                self.ranges.push((from, to));
            }
        }
    }

    /// The class; `folded`: units are lowered before they are looked up.
    pub fn finish(mut self, folded: bool) -> Class {
        self.ranges.sort_unstable();
        let mut ranges: Vec<(u16, u16)> = Vec::with_capacity(self.ranges.len());
        for (first, last) in self.ranges {
            match ranges.last_mut() {
                Some(before) if u32::from(first) <= u32::from(before.1) + 1 => before.1 = before.1.max(last),
                _ => ranges.push((first, last)),
            }
        }
        let mut class = Class {
            ascii: [0; 2],
            negated: self.negated,
            folded,
            ranges,
            categories: self.categories,
            without: self.without,
        };
        for unit in 0..128u16 {
            if class.look_up(if folded { lower(unit) } else { unit }) {
                class.ascii[usize::from(unit >> 6)] |= 1 << (unit & 63);
            }
        }
        class
    }
}
