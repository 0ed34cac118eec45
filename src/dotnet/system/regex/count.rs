//! The first pass over a pattern: which groups it has. Unnamed groups are numbered first, then named ones.

use super::class::is_word;
use super::parse::Parser;
use super::scan::{EXPLICIT_CAPTURE, IGNORE_WHITESPACE, Result, is_digit, u};
use super::tree::Groups;

impl Parser<'_> {
    pub fn count_groups(&mut self) -> Result<()> {
        self.note_group(0, 0);
        let mut names: Vec<(String, usize)> = Vec::new();
        let mut options = Vec::new();
        let mut next_number = 1;
        let mut ignore_next = false;
        while self.scan.left() > 0 {
            let place = self.scan.at;
            match self.scan.next().and_then(|unit| u8::try_from(unit).ok()).unwrap_or(0) {
                b'\\' => {
                    if self.scan.left() > 0 {
                        self.pass_backslash()?;
                    }
                }
                b'#' if self.scan.has(IGNORE_WHITESPACE) => {
                    self.scan.at -= 1;
                    self.scan.blank()?;
                }
                b'[' => {
                    self.scan.class(false, false, 0)?;
                }
                b')' => {
                    if let Some(outer) = options.pop() {
                        self.scan.options = outer;
                    }
                }
                b'(' => {
                    if self.scan.sees(0, '?') && self.scan.sees(1, '#') {
                        self.scan.at -= 1;
                        self.scan.blank()?;
                        ignore_next = false;
                        continue;
                    }
                    options.push(self.scan.options);
                    if !self.scan.take('?') {
                        if !self.scan.has(EXPLICIT_CAPTURE) && !ignore_next {
                            self.note_group(next_number, place);
                            next_number += 1;
                        }
                    } else if self.scan.left() > 1 && (self.scan.sees(0, '<') || self.scan.sees(0, '\'')) {
                        self.scan.at += 1;
                        let unit = self.scan.peek(0).unwrap_or_default();
                        if unit != u('0') && is_word(unit) {
                            if is_digit(unit) {
                                let number = self.scan.decimal()?;
                                self.note_group(number, place);
                            } else {
                                let name = self.scan.name();
                                if !names.iter().any(|own| own.0 == name) {
                                    names.push((name, place));
                                }
                            }
                        }
                    } else {
                        self.scan.inline_options();
                        if self.scan.take(')') {
                            // Inline options last to the end of the group around them.
                            options.pop();
                        } else if self.scan.sees(0, '(') {
                            ignore_next = true;
                            continue;
                        }
                    }
                    ignore_next = false;
                }
                _ => {}
            }
        }
        self.name_groups(names, next_number);
        Ok(())
    }

    fn note_group(&mut self, number: i32, place: usize) {
        self.places.entry(number).or_insert(place);
    }

    fn name_groups(&mut self, names: Vec<(String, usize)>, mut next_number: i32) {
        let mut named = Vec::new();
        for (name, place) in names {
            while self.places.contains_key(&next_number) {
                next_number += 1;
            }
            self.note_group(next_number, place);
            named.push((next_number, name));
            next_number += 1;
        }
        let numbers: Vec<i32> = self.places.keys().copied().collect();
        let gaps = numbers.last().is_some_and(|&last| last as usize + 1 > numbers.len());
        let names = (gaps || !named.is_empty()).then(|| {
            let own = |number: i32| named.iter().find(|n| n.0 == number).map(|n| n.1.clone());
            numbers.iter().map(|&number| own(number).unwrap_or_else(|| number.to_string())).collect()
        });
        self.groups = Groups { numbers, names };
    }
}
