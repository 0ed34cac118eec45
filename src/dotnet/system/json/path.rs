//! `SelectToken(s)`: JSONPath as Newtonsoft reads it.

use super::equality::compare_leaves;
use super::reader;
use super::token::{self, Result, Type};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

#[derive(Clone, Debug)]
enum Step {
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
enum Test {
    All(Vec<Test>),
    Any(Vec<Test>),
    Exists(Operand),
    Compare(Operand, Op, Operand),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
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
enum Operand {
    Path(Vec<Step>),
    Text(String),
    Integer(i64),
    Float(f64),
    Bool(bool),
    Null,
    Regex { pattern: String, options: String },
}

fn fail<T>(message: impl Into<String>) -> Result<T> {
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

// ---- evaluation ------------------------------------------------------------------------------------------------------

fn evaluate(cx: &mut Call<'_>, steps: &[Step], root: Value, start: Value, strict: bool) -> Result<Selected> {
    let mut current = vec![start];
    let mut then = None;
    for step in steps {
        let mut found = Vec::new();
        if let Step::Slice(_, _, Some(0)) = step {
            then = Some(Fault::throw("Newtonsoft.Json.JsonException", "Step cannot be zero."));
            current.clear();
        }
        for token in current {
            cx.charge_fuel(1)?;
            match apply(cx, step, root, token, strict, &mut found) {
                Ok(()) => {}
                // What was found before goes on its way first.
                Err(fault @ Fault::Throw(_)) => {
                    then = Some(fault);
                    break;
                }
                Err(limit) => return Err(limit),
            }
        }
        current = found;
    }
    Ok(Selected { found: current, then })
}

/// What a path inside a filter names.
fn named(cx: &mut Call<'_>, steps: &[Step], root: Value, token: Value) -> Result<Vec<Value>> {
    let selected = evaluate(cx, steps, root, token, false)?;
    match selected.then {
        Some(fault) => Err(fault),
        None => Ok(selected.found),
    }
}

/// The values that a container holds: an object's values, not its properties.
fn values(cx: &mut Call<'_>, token: Value) -> Result<Vec<Value>> {
    let kind = token::kind(cx, token)?;
    if !kind.is_container() {
        return Ok(Vec::new());
    }
    let mut children = token::children(cx, token)?;
    if kind == Type::Object {
        for child in &mut children {
            *child = token::property_value(cx, *child)?;
        }
    }
    Ok(children)
}

/// All tokens below, parents first, without properties.
fn descendants(cx: &mut Call<'_>, token: Value) -> Result<Vec<(Option<String>, Value)>> {
    let mut all = Vec::new();
    let mut open = vec![(None, token)];
    while let Some((name, token)) = open.pop() {
        cx.charge_fuel(1)?;
        cx.heap.charge(size_of::<(Option<String>, Value)>())?;
        let kind = token::kind(cx, token)?;
        if kind.is_container() {
            for child in token::children(cx, token)?.into_iter().rev() {
                if kind == Type::Object {
                    let name = token::name_text(cx, child)?;
                    open.push((Some(name), token::property_value(cx, child)?));
                } else {
                    open.push((None, child));
                }
            }
        }
        all.push((name, token));
    }
    Ok(all)
}

fn apply(
    cx: &mut Call<'_>,
    step: &Step,
    root: Value,
    token: Value,
    strict: bool,
    found: &mut Vec<Value>,
) -> Result<()> {
    let kind = token::kind(cx, token)?;
    match step {
        Step::Root => found.push(root),
        Step::Field(None) if kind == Type::Object => found.extend(values(cx, token)?),
        Step::Field(Some(name)) if kind == Type::Object => match token::member(cx, token, name)? {
            Some(value) => found.push(value),
            None if strict => return fail(format!("Property '{name}' does not exist on JObject.")),
            None => {}
        },
        Step::Field(name) if strict => {
            let name = name.as_deref().unwrap_or("*");
            return fail(format!("Property '{name}' not valid on {}.", token::class_name(kind)));
        }
        Step::Field(_) => {}
        Step::Fields(names) if kind == Type::Object => {
            for name in names {
                found.extend(token::member(cx, token, name)?);
                // Newtonsoft says so of names that are there, too.
                if strict {
                    return fail(format!("Property '{name}' does not exist on JObject."));
                }
            }
        }
        Step::Fields(names) if strict => {
            let names: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
            return fail(format!("Properties {} not valid on {}.", names.join(", "), token::class_name(kind)));
        }
        Step::Fields(_) => {}
        Step::Scan(names) => {
            for (own, value) in descendants(cx, token)? {
                for name in names {
                    if name.is_none() || own.is_some() && own == *name {
                        found.push(value);
                    }
                }
            }
        }
        Step::Index(None) => {
            if matches!(kind, Type::Array | Type::Constructor) {
                found.extend(token::children(cx, token)?);
            } else if strict {
                return fail(format!("Index * not valid on {}.", token::class_name(kind)));
            }
        }
        Step::Index(Some(at)) => found.extend(item(cx, token, kind, *at, strict)?),
        Step::Indexes(all) => {
            for at in all {
                found.extend(item(cx, token, kind, *at, strict)?);
            }
        }
        Step::Slice(start, end, step) => slice(cx, token, kind, (*start, *end, *step), strict, found)?,
        Step::Query(test) => {
            // Of an object these are its properties, which have no members to test.
            let children = if kind.is_container() { token::children(cx, token)? } else { Vec::new() };
            for value in children {
                if passes(cx, test, root, value)? {
                    found.push(value);
                }
            }
        }
        Step::QueryScan(test) => {
            for (_, value) in descendants(cx, token)? {
                if passes(cx, test, root, value)? {
                    found.push(value);
                }
            }
        }
    }
    Ok(())
}

fn item(cx: &mut Call<'_>, token: Value, kind: Type, at: i64, strict: bool) -> Result<Option<Value>> {
    if !matches!(kind, Type::Array | Type::Constructor) {
        return if strict { fail(format!("Index {at} not valid on {}.", token::class_name(kind))) } else { Ok(None) };
    }
    let found = match usize::try_from(at) {
        Ok(at) => token::child(cx, token, at)?,
        Err(_) => return Err(Fault::index("index")),
    };
    if found.is_none() && strict {
        return fail(format!("Index {at} outside the bounds of {}.", token::class_name(kind)));
    }
    Ok(found)
}

fn slice(
    cx: &mut Call<'_>,
    token: Value,
    kind: Type,
    (start, end, step): (Option<i64>, Option<i64>, Option<i64>),
    strict: bool,
    found: &mut Vec<Value>,
) -> Result<()> {
    if step == Some(0) {
        return fail("Step cannot be zero.");
    }
    if kind != Type::Array {
        return if strict { fail(format!("Array slice is not valid on {}.", token::class_name(kind))) } else { Ok(()) };
    }
    let len = token::len(cx, token)? as i64;
    let step = step.unwrap_or(1);
    let mut from = start.unwrap_or(if step > 0 { 0 } else { len - 1 });
    let mut to = end.unwrap_or(if step > 0 { len } else { -1 });
    if start.is_some_and(|start| start < 0) {
        from += len;
    }
    if end.is_some_and(|end| end < 0) {
        to += len;
    }
    from = from.max(if step > 0 { 0 } else { i64::MIN }).min(if step > 0 { i64::MAX } else { len - 1 });
    to = to.max(-1).min(len);
    let mut at = from;
    let mut any = false;
    while at >= 0 && (step > 0 && at < to || step < 0 && at > to) {
        found.extend(token::child(cx, token, at as usize)?);
        any = true;
        at += step;
    }
    if !any && strict {
        let text = |bound: Option<i64>| bound.map_or("*".to_owned(), |bound| bound.to_string());
        return fail(format!("Array slice of {} to {} returned no results.", text(start), text(end)));
    }
    Ok(())
}

fn passes(cx: &mut Call<'_>, test: &Test, root: Value, token: Value) -> Result<bool> {
    cx.charge_fuel(1)?;
    match test {
        Test::All(tests) => {
            for test in tests {
                if !passes(cx, test, root, token)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Test::Any(tests) => {
            for test in tests {
                if passes(cx, test, root, token)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Test::Exists(operand) => Ok(match operand {
            Operand::Path(steps) => !named(cx, steps, root, token)?.is_empty(),
            _ => true,
        }),
        Test::Compare(left, op, right) => {
            let left = operands(cx, left, root, token)?;
            let right = operands(cx, right, root, token)?;
            for a in &left {
                for b in &right {
                    if compare(cx, a, *op, b)? {
                        return Ok(true);
                    }
                }
            }
            Ok(false)
        }
    }
}

/// A value under comparison: a token's type and value; `None` for a container.
type Plain = Option<(Type, Value)>;

fn operands(cx: &mut Call<'_>, operand: &Operand, root: Value, token: Value) -> Result<Vec<Plain>> {
    Ok(vec![Some(match operand {
        Operand::Path(steps) => {
            let mut all = Vec::new();
            for value in named(cx, steps, root, token)? {
                let kind = token::kind(cx, value)?;
                all.push(token::leaf(cx, value).map(|leaf| (kind, leaf)));
            }
            return Ok(all);
        }
        Operand::Text(text) => (Type::String, cx.new_str(text)?),
        Operand::Integer(value) => (Type::Integer, Value::Int64(*value)),
        Operand::Float(value) => (Type::Float, Value::Double(*value)),
        Operand::Bool(value) => (Type::Boolean, Value::Bool(*value)),
        Operand::Null => (Type::Null, Value::Null),
        Operand::Regex { pattern, options } => (Type::String, cx.new_str(&format!("/{pattern}/{options}"))?),
    })])
}

fn compare(cx: &mut Call<'_>, a: &Plain, op: Op, b: &Plain) -> Result<bool> {
    let (Some(a), Some(b)) = (*a, *b) else { return Ok(op == Op::NotEquals) };
    Ok(match op {
        Op::Regex => return matches(cx, a, b),
        Op::Equals => equal(cx, a, b, false)?,
        Op::NotEquals => !equal(cx, a, b, false)?,
        Op::StrictEquals => equal(cx, a, b, true)?,
        Op::StrictNotEquals => !equal(cx, a, b, true)?,
        Op::Less => compare_leaves(cx, a, b)?.is_lt(),
        Op::LessOrEquals => compare_leaves(cx, a, b)?.is_le(),
        Op::Greater => compare_leaves(cx, a, b)?.is_gt(),
        Op::GreaterOrEquals => compare_leaves(cx, a, b)?.is_ge(),
    })
}

/// Equal values of equal types; whole numbers and fractions are one type. What is no string but looks like one equals its
/// text, unless that is too lax.
fn equal(cx: &mut Call<'_>, a: (Type, Value), b: (Type, Value), strict: bool) -> Result<bool> {
    let numbers = [(Type::Integer, Type::Float), (Type::Float, Type::Integer)];
    if a.0 == b.0 || numbers.contains(&(a.0, b.0)) {
        return Ok(compare_leaves(cx, a, b)?.is_eq());
    }
    if strict || b.0 != Type::String {
        return Ok(false);
    }
    let text = match a.0 {
        Type::Date => match a.1 {
            Value::DateTimeOffset { ticks, minutes } => super::date::write_offset(ticks, minutes),
            Value::DateTime(date) => super::date::write(date),
            _ => return Ok(false),
        },
        Type::Bytes => super::write::base64(cx.heap.bytes(a.1).unwrap_or_default()),
        Type::Guid | Type::TimeSpan => crate::dotnet::system::display::display(cx, a.1)?,
        Type::Uri => super::convert::original_uri(cx, a.1)?.unwrap_or_default(),
        _ => return Ok(false),
    };
    Ok(cx.heap.text(b.1).is_some_and(|own| own == text))
}

/// `text =~ /pattern/options`.
fn matches(cx: &mut Call<'_>, text: (Type, Value), pattern: (Type, Value)) -> Result<bool> {
    if text.0 != Type::String || pattern.0 != Type::String || text.1.is_null() {
        return Ok(false);
    }
    let whole = cx.heap.text(pattern.1).unwrap_or_default().into_owned();
    let Some(end) = whole.rfind('/').filter(|&end| end > 0) else {
        return Err(Fault::out_of_range("Length cannot be less than zero.", "length"));
    };
    let start = whole.chars().next().map_or(0, char::len_utf8).min(end);
    let options = whole[end + 1..].chars().fold(0, |options, c| {
        options
            | match c {
                'i' => 1,
                'm' => 2,
                's' => 16,
                'x' => 4,
                _ => 0,
            }
    });
    let pattern = cx.new_str(&whole[start..end])?;
    let options = Value::Enum { ty: TypeId::named("System.Text.RegularExpressions.RegexOptions"), value: options };
    let regex = TypeId::named("System.Text.RegularExpressions.Regex");
    let answer = super::convert::call_static(cx, regex, "IsMatch", &[text.1, pattern, options])?;
    Ok(matches!(answer, Value::Bool(true)))
}

/// `JToken.Path`.
pub fn path_of(cx: &mut Call<'_>, token: Value) -> Result<String> {
    if token::parent(cx, token)?.is_null() {
        return Ok(String::new());
    }
    let mut chain = Vec::new();
    let mut at = token;
    while !at.is_null() {
        cx.charge_fuel(1)?;
        chain.push(at);
        at = token::parent(cx, at)?;
    }
    let mut path = String::new();
    let mut above: Option<Value> = None;
    for &token in chain.iter().rev() {
        if token::kind(cx, token)? == Type::Property {
            let name = token::name_text(cx, token)?;
            reader::push_name(&mut path, &name);
        } else if let Some(parent) = above
            && matches!(token::kind(cx, parent)?, Type::Array | Type::Constructor)
            && let Some(place) = token::place(cx, parent, token)?
        {
            path.push_str(&format!("[{place}]"));
        }
        above = Some(token);
    }
    Ok(path)
}
