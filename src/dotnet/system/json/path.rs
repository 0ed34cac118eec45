//! `SelectToken(s)`: JSONPath as Newtonsoft reads it.
//!
//! In: a path. Out: its steps and filters, which `select.rs` follows; or what is wrong with it.

use super::select::evaluate;
use super::token::Result;
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;

#[derive(Clone, Debug)]
pub(super) enum Step {
    /// `.name`, `['name']`; `None` is `*`.
    Field(Option<String>),
    /// `['a','b']`
    Fields(Vec<String>),
    /// `..name`, `..*`
    Scan(Vec<Option<String>>),
    /// `[0]`; `None` is `[*]`.
    Index(Option<i64>),
    Indexes(Vec<i64>),
    Slice(Option<i64>, Option<i64>, Option<i64>),
    /// `[?(...)]`
    Query(Test),
    QueryScan(Test),
    Root,
}

#[derive(Clone, Debug)]
pub(super) enum Test {
    All(Vec<Test>),
    Any(Vec<Test>),
    Exists(Operand),
    Compare(Operand, Op, Operand),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Equals,
    NotEquals,
    StrictEquals,
    StrictNotEquals,
    Less,
    LessOrEquals,
    Greater,
    GreaterOrEquals,
    Regex,
}

#[derive(Clone, Debug)]
pub(super) enum Operand {
    Path(Vec<Step>),
    Text(String),
    Integer(i64),
    Float(f64),
    Bool(bool),
    Null,
    Regex { pattern: String, options: String },
}

pub(super) fn fail<T>(message: impl Into<String>) -> Result<T> {
    Err(Fault::throw("Newtonsoft.Json.JsonException", message))
}

/// How deep filters may hold filters.
const MOST_NESTING: usize = 50;

struct Parser {
    text: Vec<char>,
    at: usize,
    depth: usize,
    /// How often filters changed between `&&` and `||`.
    changes: usize,
}

/// Finds the tokens that a path names, in document order.
pub fn select(cx: &mut Call<'_>, root: Value, path: &str, error_when_none: bool) -> Result<Selected> {
    let steps = parse(path)?;
    evaluate(cx, &steps, root, root, error_when_none)
}

/// What a path names, and the exception that comes after it: who takes fewer never sees that.
#[derive(Debug)]
pub struct Selected {
    pub found: Vec<Value>,
    pub then: Option<Fault>,
}

/// Whether the path selects its start alone.
pub fn is_root(path: &str) -> Result<bool> {
    Ok(parse(path)?.is_empty())
}

fn parse(path: &str) -> Result<Vec<Step>> {
    let mut parser = Parser { text: path.chars().collect(), at: 0, depth: 0, changes: 0 };
    let mut steps = Vec::new();
    parser.space();
    if parser.peek().is_none() {
        return Ok(steps);
    }
    // A name begins with the spaces before it.
    if parser.peek() != Some('$') {
        parser.path_from(0, &mut steps, false)?;
        return parser.complete(steps);
    }
    if parser.peek() == Some('$') {
        if parser.text.len() == 1 {
            return Ok(steps);
        }
        let Some(next) = parser.text.get(parser.at + 1) else { return Err(Fault::index_of_array()) };
        if matches!(next, '.' | '[') {
            parser.at += 1;
            parser.path(&mut steps, false)?;
            return parser.complete(steps);
        }
    }
    parser.path(&mut steps, false)?;
    parser.complete(steps)
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek() == Some(' ') {
            self.at += 1;
        }
    }

    fn complete(&mut self, steps: Vec<Step>) -> Result<Vec<Step>> {
        let last = self.peek();
        self.space();
        match (self.peek(), last) {
            (Some(_), Some(c)) => fail(format!("Unexpected character while parsing path: {c}")),
            _ => Ok(steps),
        }
    }

    /// Steps up to the end, or to what ends a path inside a filter.
    fn path(&mut self, steps: &mut Vec<Step>, in_query: bool) -> Result<()> {
        self.path_from(self.at, steps, in_query)
    }

    fn path_from(&mut self, mut start: usize, steps: &mut Vec<Step>, in_query: bool) -> Result<()> {
        let (mut scan, mut indexer, mut dot) = (false, false, false);
        while let Some(c) = self.peek() {
            match c {
                '[' | '(' => {
                    if self.at > start {
                        let name: String = self.text[start..self.at].iter().collect();
                        steps.push(field(&name, scan));
                        scan = false;
                    }
                    let step = self.indexer(c, scan)?;
                    steps.push(step);
                    scan = false;
                    self.at += 1;
                    start = self.at;
                    indexer = true;
                    dot = false;
                }
                ']' | ')' => break,
                ' ' => break,
                '.' => {
                    if self.at > start {
                        let name: String = self.text[start..self.at].iter().collect();
                        steps.push(field(&name, scan));
                        scan = false;
                    }
                    if self.text.get(self.at + 1) == Some(&'.') {
                        scan = true;
                        self.at += 1;
                    }
                    self.at += 1;
                    start = self.at;
                    indexer = false;
                    dot = true;
                }
                '=' | '<' | '>' | '!' | '|' | '&' if in_query => break,
                _ if indexer => return fail(format!("Unexpected character following indexer: {c}")),
                _ => self.at += 1,
            }
        }
        let at_end = self.peek().is_none();
        if self.at > start {
            let name: String = self.text[start..self.at].iter().collect();
            let name = name.trim_end();
            steps.push(field(name, scan));
        } else if dot && (at_end || in_query) {
            return fail("Unexpected end while parsing path.");
        }
        Ok(())
    }

    fn open_indexer<T>(&self) -> Result<T> {
        fail("Path ended with open indexer.")
    }

    fn need(&self) -> Result<char> {
        match self.peek() {
            Some(c) => Ok(c),
            None => self.open_indexer(),
        }
    }

    /// What stands in brackets; the closing bracket is the current character afterwards.
    fn indexer(&mut self, open: char, scan: bool) -> Result<Step> {
        self.at += 1;
        let close = if open == '[' { ']' } else { ')' };
        self.space();
        match self.need()? {
            '\'' => self.quoted(close, scan),
            '?' => self.query(close, scan),
            _ => self.array_indexer(close),
        }
    }

    fn quoted(&mut self, close: char, scan: bool) -> Result<Step> {
        let mut names = Vec::new();
        loop {
            names.push(self.string()?);
            self.space();
            match self.need()? {
                c if c == close => {
                    return Ok(match (scan, names.len()) {
                        (true, _) => Step::Scan(names.into_iter().map(Some).collect()),
                        (false, 1) => Step::Field(names.pop()),
                        _ => Step::Fields(names),
                    });
                }
                ',' => {
                    // What stands there is taken for the quote of the next name.
                    self.at += 1;
                    self.space();
                    self.need()?;
                }
                c => return fail(format!("Unexpected character while parsing path indexer: {c}")),
            }
        }
    }

    /// A string in single quotes.
    fn string(&mut self) -> Result<String> {
        self.at += 1;
        let mut out = String::new();
        while let Some(c) = self.peek() {
            self.at += 1;
            match c {
                '\'' => return Ok(out),
                '\\' => {
                    match self.peek() {
                        Some('b') => out.push('\u{8}'),
                        Some('t') => out.push('\t'),
                        Some('n') => out.push('\n'),
                        Some('f') => out.push('\u{c}'),
                        Some('r') => out.push('\r'),
                        Some(c @ ('\\' | '"' | '\'' | '/')) => out.push(c),
                        Some(c) => return fail(format!("Unknown escape character: \\{c}")),
                        None => break,
                    }
                    self.at += 1;
                }
                c => out.push(c),
            }
        }
        fail("Path ended with an open string.")
    }

    /// Numbers with commas or colons between them, as Newtonsoft reads them one character at a time: after a comma a colon
    /// begins the number anew.
    fn array_indexer(&mut self, close: char) -> Result<Step> {
        let mut indexes: Vec<i64> = Vec::new();
        let mut slice = [None; 3];
        let mut colons = 0;
        let mut start = self.at;
        let mut end = None;
        let unexpected = |c: char| fail(format!("Unexpected character while parsing path indexer: {c}"));
        loop {
            let c = self.need()?;
            let written = start..end.unwrap_or(self.at);
            match c {
                ' ' => {
                    end = Some(self.at);
                    self.space();
                }
                _ if c == close => {
                    let number = self.number(written)?;
                    if colons > 0 && indexes.is_empty() {
                        if number.is_some() {
                            slice[if colons == 1 { 1 } else { 2 }] = number;
                        }
                        return Ok(Step::Slice(slice[0], slice[1], slice[2]));
                    }
                    let Some(number) = number else { return fail("Array index expected.") };
                    if indexes.is_empty() {
                        return Ok(Step::Index(Some(number)));
                    }
                    indexes.push(number);
                    return Ok(Step::Indexes(indexes));
                }
                ',' => {
                    let Some(number) = self.number(written)? else { return fail("Array index expected.") };
                    indexes.push(number);
                    self.at += 1;
                    self.space();
                    (start, end) = (self.at, None);
                }
                '*' => {
                    self.at += 1;
                    self.need()?;
                    self.space();
                    return if self.need()? == close { Ok(Step::Index(None)) } else { unexpected(c) };
                }
                ':' => {
                    let number = self.number(written)?;
                    if number.is_some() {
                        slice[colons.min(2)] = number;
                    }
                    colons += 1;
                    self.at += 1;
                    self.space();
                    (start, end) = (self.at, None);
                }
                '-' | '0'..='9' if end.is_none() => self.at += 1,
                c => return unexpected(c),
            }
        }
    }

    /// `Convert.ToInt32` of what stands there; none of nothing.
    fn number(&self, written: std::ops::Range<usize>) -> Result<Option<i64>> {
        let digits: String = self.text[written].iter().collect();
        if digits.is_empty() {
            return Ok(None);
        }
        match digits.parse::<i32>() {
            Ok(number) => Ok(Some(number.into())),
            Err(why) => match why.kind() {
                std::num::IntErrorKind::PosOverflow | std::num::IntErrorKind::NegOverflow => {
                    let message = "Value was either too large or too small for an Int32.";
                    Err(Fault::throw("System.OverflowException", message))
                }
                _ => Err(Fault::format()),
            },
        }
    }

    fn query(&mut self, close: char, scan: bool) -> Result<Step> {
        self.at += 1;
        if self.need()? != '(' {
            return fail(format!("Unexpected character while parsing path indexer: {}", self.need()?));
        }
        self.at += 1;
        let test = self.expression()?;
        self.at += 1;
        self.space();
        let c = self.need()?;
        if c != close {
            return fail(format!("Unexpected character while parsing path indexer: {c}"));
        }
        Ok(if scan { Step::QueryScan(test) } else { Step::Query(test) })
    }

    /// A filter's expression, up to its closing parenthesis.
    fn expression(&mut self) -> Result<Test> {
        self.depth += 1;
        if self.depth > MOST_NESTING {
            return fail("The path's filters are nested too deeply.");
        }
        let mut tests: Vec<Test> = Vec::new();
        // After each test, whether `&&` or `||` follows it.
        let mut operators: Vec<char> = Vec::new();
        loop {
            self.space();
            let left = self.side()?;
            self.space();
            let test = match self.peek() {
                None => return fail("Path ended with open query."),
                Some(')' | '|' | '&') => Test::Exists(left),
                Some(_) => {
                    let op = self.operator()?;
                    self.space();
                    let right = self.side()?;
                    Test::Compare(left, op, right)
                }
            };
            tests.push(test);
            self.space();
            match self.peek() {
                Some(')') => {
                    self.depth -= 1;
                    return Ok(nested(tests, &operators));
                }
                Some(c @ ('&' | '|')) => {
                    if self.text.get(self.at + 1) != Some(&c) {
                        return fail(format!("Unexpected character while parsing path query: {c}"));
                    }
                    if operators.last().is_some_and(|&last| last != c) {
                        self.changes += 1;
                        if self.changes > MOST_NESTING {
                            return fail("The path's filters are nested too deeply.");
                        }
                    }
                    self.at += 2;
                    operators.push(c);
                }
                Some(c) => return fail(format!("Unexpected character while parsing path query: {c}")),
                None => return fail("Path ended with open query."),
            }
        }
    }

    fn operator(&mut self) -> Result<Op> {
        const OPERATORS: &[(&str, Op)] = &[
            ("===", Op::StrictEquals),
            ("==", Op::Equals),
            ("=~", Op::Regex),
            ("!==", Op::StrictNotEquals),
            ("!=", Op::NotEquals),
            ("<>", Op::NotEquals),
            ("<=", Op::LessOrEquals),
            ("<", Op::Less),
            (">=", Op::GreaterOrEquals),
            (">", Op::Greater),
        ];
        if self.at + 1 >= self.text.len() {
            return fail("Path ended with open query.");
        }
        for &(text, op) in OPERATORS {
            if self.text[self.at..].iter().copied().take(text.len()).eq(text.chars()) {
                self.at += text.len();
                return Ok(op);
            }
        }
        fail("Could not read query operator.")
    }

    fn side(&mut self) -> Result<Operand> {
        self.space();
        match self.peek() {
            Some('@' | '$') => {
                let from_root = self.peek() == Some('$');
                self.at += 1;
                let mut steps = if from_root { vec![Step::Root] } else { Vec::new() };
                self.depth += 1;
                if self.depth > MOST_NESTING {
                    return fail("The path's filters are nested too deeply.");
                }
                self.path(&mut steps, true)?;
                self.depth -= 1;
                Ok(Operand::Path(steps))
            }
            Some('\'') => Ok(Operand::Text(self.string()?)),
            Some(c) if c.is_ascii_digit() || c == '-' => {
                let start = self.at;
                while self.peek().is_some_and(|c| c != ' ' && c != ')') {
                    self.at += 1;
                }
                let text: String = self.text[start..self.at].iter().collect();
                if text.contains(['.', 'E', 'e']) {
                    match text.parse() {
                        Ok(value) => Ok(Operand::Float(value)),
                        Err(_) => self.unreadable(),
                    }
                } else {
                    match text.parse() {
                        Ok(value) => Ok(Operand::Integer(value)),
                        Err(_) => self.unreadable(),
                    }
                }
            }
            Some('t') if self.word("true") => Ok(Operand::Bool(true)),
            Some('f') if self.word("false") => Ok(Operand::Bool(false)),
            Some('n') if self.word("null") => Ok(Operand::Null),
            Some('/') => {
                self.at += 1;
                let mut pattern = String::new();
                loop {
                    match self.peek() {
                        None => return fail("Path ended with an open regex."),
                        Some('\\') if self.text.get(self.at + 1) == Some(&'/') => {
                            pattern.push('/');
                            self.at += 2;
                        }
                        Some('/') => break,
                        Some(c) => {
                            pattern.push(c);
                            self.at += 1;
                        }
                    }
                }
                self.at += 1;
                let mut options = String::new();
                while let Some(c) = self.peek().filter(char::is_ascii_alphabetic) {
                    options.push(c);
                    self.at += 1;
                }
                Ok(Operand::Regex { pattern, options })
            }
            Some(c) => fail(format!("Unexpected character while parsing path query: {c}")),
            None => fail("Path ended with open query."),
        }
    }

    /// A number that is none: what stands behind it is blamed.
    fn unreadable<T>(&self) -> Result<T> {
        match self.peek() {
            Some(c) => fail(format!("Unexpected character while parsing path query: {c}")),
            None => fail("Path ended with open query."),
        }
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.text[self.at..].iter().copied().take(word.len()).eq(word.chars());
        self.at += if found { word.len() } else { 0 };
        found
    }
}

/// Tests in the order they are written: where the operator changes, all that follows belongs to the other one.
fn nested(tests: Vec<Test>, operators: &[char]) -> Test {
    let mut right: Option<(char, Vec<Test>)> = None;
    for (at, test) in tests.into_iter().enumerate().rev() {
        let Some(&own) = operators.get(at) else {
            right = Some((' ', vec![test]));
            continue;
        };
        right = Some(match right {
            Some((' ', mut rest)) => {
                rest.insert(0, test);
                (own, rest)
            }
            Some((op, mut rest)) if op == own => {
                rest.insert(0, test);
                (own, rest)
            }
            Some((op, rest)) => (own, vec![test, joined(op, rest)]),
            None => (own, vec![test]),
        });
    }
    match right {
        Some((op, tests)) => joined(op, tests),
        None => Test::All(Vec::new()),
    }
}

fn joined(op: char, mut tests: Vec<Test>) -> Test {
    match (op, tests.len()) {
        (_, 1) => tests.remove(0),
        ('|', _) => Test::Any(tests),
        _ => Test::All(tests),
    }
}

fn field(name: &str, scan: bool) -> Step {
    let name = (name != "*").then(|| name.to_owned());
    if scan { Step::Scan(vec![name]) } else { Step::Field(name) }
}
