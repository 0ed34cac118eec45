//! `SelectToken(s)`: JSONPath as Newtonsoft reads it.

use super::reader;
use super::token::{self, Result, Type};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;
use std::cmp::Ordering;

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
}

/// Finds the tokens that a path names, in document order.
pub fn select(cx: &mut Call<'_>, root: Value, path: &str, error_when_none: bool) -> Result<Vec<Value>> {
    let steps = parse(path)?;
    evaluate(cx, &steps, root, root, error_when_none)
}

/// Whether the path selects its start alone.
pub fn is_root(path: &str) -> Result<bool> {
    Ok(parse(path)?.is_empty())
}

fn parse(path: &str) -> Result<Vec<Step>> {
    let mut parser = Parser { text: path.chars().collect(), at: 0, depth: 0 };
    let mut steps = Vec::new();
    parser.space();
    if parser.peek().is_none() {
        return Ok(steps);
    }
    if parser.peek() == Some('$') {
        if parser.text.len() == 1 {
            return Ok(steps);
        }
        if matches!(parser.text.get(parser.at + 1), Some('.' | '[')) {
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

    fn complete(&self, steps: Vec<Step>) -> Result<Vec<Step>> {
        match self.peek() {
            None => Ok(steps),
            Some(c) => fail(format!("Unexpected character while parsing path: {c}")),
        }
    }

    /// Steps up to the end, or to what ends a path inside a filter.
    fn path(&mut self, steps: &mut Vec<Step>, in_query: bool) -> Result<()> {
        let (mut scan, mut indexer, mut dot) = (false, false, false);
        let mut start = self.at;
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
        if !in_query {
            self.space();
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
                    self.at += 1;
                    self.space();
                    if self.need()? != '\'' {
                        return fail(format!("Unexpected character while parsing path indexer: {}", self.need()?));
                    }
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

    fn array_indexer(&mut self, close: char) -> Result<Step> {
        let mut indexes: Vec<i64> = Vec::new();
        let mut slice: Vec<Option<i64>> = Vec::new();
        loop {
            self.space();
            let c = self.need()?;
            if c == '*' {
                self.at += 1;
                self.space();
                let c = self.need()?;
                return if c == close {
                    Ok(Step::Index(None))
                } else {
                    fail(format!("Unexpected character while parsing path indexer: {c}"))
                };
            }
            let start = self.at;
            while self.peek().is_some_and(|c| c.is_ascii_digit() || c == '-') {
                self.at += 1;
            }
            let number: String = self.text[start..self.at].iter().collect();
            let number = match number.as_str() {
                "" => None,
                digits => match digits.parse::<i32>() {
                    Ok(number) => Some(i64::from(number)),
                    Err(_) => return Err(Fault::format()),
                },
            };
            self.space();
            let c = self.need()?;
            match c {
                _ if c == close => {
                    if !slice.is_empty() {
                        slice.push(number);
                        let part = |at: usize| slice.get(at).copied().flatten();
                        return Ok(Step::Slice(part(0), part(1), part(2)));
                    }
                    let Some(number) = number else { return fail("Array index expected.") };
                    indexes.push(number);
                    return Ok(if indexes.len() == 1 { Step::Index(Some(number)) } else { Step::Indexes(indexes) });
                }
                ',' if slice.is_empty() => {
                    let Some(number) = number else { return fail("Array index expected.") };
                    indexes.push(number);
                }
                ':' if indexes.is_empty() && slice.len() < 2 => slice.push(number),
                c => return fail(format!("Unexpected character while parsing path indexer: {c}")),
            }
            self.at += 1;
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
        let mut any: Vec<Test> = Vec::new();
        let mut all: Vec<Test> = Vec::new();
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
            all.push(test);
            self.space();
            match self.peek() {
                Some(')') => {
                    self.depth -= 1;
                    any.push(join(all));
                    return Ok(if any.len() == 1 { any.remove(0) } else { Test::Any(any) });
                }
                Some(c @ ('&' | '|')) => {
                    if self.text.get(self.at + 1) != Some(&c) {
                        return fail(format!("Unexpected character while parsing path query: {c}"));
                    }
                    self.at += 2;
                    if c == '|' {
                        any.push(join(std::mem::take(&mut all)));
                    }
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
                while self.peek().is_some_and(|c| c != ' ' && c != ')' && c != '|' && c != '&') {
                    self.at += 1;
                }
                let text: String = self.text[start..self.at].iter().collect();
                if text.contains(['.', 'E', 'e']) {
                    match text.parse() {
                        Ok(value) => Ok(Operand::Float(value)),
                        Err(_) => fail("Could not read query operator."),
                    }
                } else {
                    match text.parse() {
                        Ok(value) => Ok(Operand::Integer(value)),
                        Err(_) => fail("Could not read query operator."),
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

    fn word(&mut self, word: &str) -> bool {
        let found = self.text[self.at..].iter().copied().take(word.len()).eq(word.chars());
        self.at += if found { word.len() } else { 0 };
        found
    }
}

fn join(mut tests: Vec<Test>) -> Test {
    if tests.len() == 1 { tests.remove(0) } else { Test::All(tests) }
}

fn field(name: &str, scan: bool) -> Step {
    let name = (name != "*").then(|| name.to_owned());
    if scan { Step::Scan(vec![name]) } else { Step::Field(name) }
}

// ---- evaluation ------------------------------------------------------------------------------------------------------

fn evaluate(cx: &mut Call<'_>, steps: &[Step], root: Value, start: Value, strict: bool) -> Result<Vec<Value>> {
    let mut current = vec![start];
    for step in steps {
        let mut found = Vec::new();
        for token in current {
            cx.charge_fuel(1)?;
            apply(cx, step, root, token, strict, &mut found)?;
        }
        current = found;
    }
    Ok(current)
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
                match token::member(cx, token, name)? {
                    Some(value) => found.push(value),
                    None if strict => return fail(format!("Property '{name}' does not exist on JObject.")),
                    None => {}
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
            for value in values(cx, token)? {
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
            Operand::Path(steps) => !evaluate(cx, steps, root, token, false)?.is_empty(),
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

/// A value under comparison.
#[derive(Clone, Debug)]
enum Plain {
    Text(String),
    Number(f64, bool),
    Bool(bool),
    Null,
    Other(Value),
    Regex(String, String),
}

fn operands(cx: &mut Call<'_>, operand: &Operand, root: Value, token: Value) -> Result<Vec<Plain>> {
    Ok(vec![match operand {
        Operand::Path(steps) => {
            let found = evaluate(cx, steps, root, token, false)?;
            return found.into_iter().map(|value| plain(cx, value)).collect();
        }
        Operand::Text(text) => Plain::Text(text.clone()),
        Operand::Integer(value) => Plain::Number(*value as f64, true),
        Operand::Float(value) => Plain::Number(*value, false),
        Operand::Bool(value) => Plain::Bool(*value),
        Operand::Null => Plain::Null,
        Operand::Regex { pattern, options } => Plain::Regex(pattern.clone(), options.clone()),
    }])
}

fn plain(cx: &mut Call<'_>, token: Value) -> Result<Plain> {
    let Some(value) = token::leaf(cx, token) else { return Ok(Plain::Other(token)) };
    Ok(match value {
        Value::Null => Plain::Null,
        Value::Bool(value) => Plain::Bool(value),
        Value::Double(value) => Plain::Number(value, false),
        Value::Single(value) => Plain::Number(value.into(), false),
        Value::DateTime(value) => Plain::Text(super::date::write(value)),
        _ => match (value.integer(), cx.heap.text(value)) {
            (Some(value), _) => Plain::Number(value as f64, true),
            (_, Some(text)) => Plain::Text(text.into_owned()),
            _ => match cx.heap.decimal(value) {
                Some(value) => Plain::Number(f64::try_from(value).unwrap_or(f64::NAN), false),
                None => Plain::Text(crate::dotnet::system::display::display(cx, value)?),
            },
        },
    })
}

fn compare(cx: &mut Call<'_>, a: &Plain, op: Op, b: &Plain) -> Result<bool> {
    if op == Op::Regex {
        return match (a, b) {
            (Plain::Text(text), Plain::Regex(pattern, options)) => matches(cx, text, pattern, options),
            _ => Ok(false),
        };
    }
    if let (Plain::Other(a), Plain::Other(b)) = (a, b) {
        let equal = super::equality::deep_equals(cx, *a, *b)?;
        return Ok(match op {
            Op::Equals | Op::StrictEquals => equal,
            Op::NotEquals | Op::StrictNotEquals => !equal,
            _ => false,
        });
    }
    let strict_same = match (a, b) {
        (Plain::Number(a, int), Plain::Number(b, other)) => int == other && a == b,
        (Plain::Text(a), Plain::Text(b)) => a == b,
        (Plain::Bool(a), Plain::Bool(b)) => a == b,
        (Plain::Null, Plain::Null) => true,
        _ => false,
    };
    if matches!((a, b), (Plain::Other(_), _) | (_, Plain::Other(_))) {
        return Ok(matches!(op, Op::NotEquals | Op::StrictNotEquals));
    }
    let order = order(a, b);
    Ok(match op {
        Op::StrictEquals => strict_same,
        Op::StrictNotEquals => !strict_same,
        Op::Equals => order == Some(Ordering::Equal),
        Op::NotEquals => order != Some(Ordering::Equal),
        Op::Less => order == Some(Ordering::Less),
        Op::LessOrEquals => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        Op::Greater => order == Some(Ordering::Greater),
        Op::GreaterOrEquals => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        Op::Regex => false,
    })
}

/// How two plain values compare: by number when the left one is a number, by text when it is a string.
fn order(a: &Plain, b: &Plain) -> Option<Ordering> {
    match (a, b) {
        (Plain::Null, Plain::Null) => Some(Ordering::Equal),
        (Plain::Null, _) => Some(Ordering::Less),
        (_, Plain::Null) => Some(Ordering::Greater),
        (Plain::Number(a, _), Plain::Number(b, _)) => a.partial_cmp(b),
        (Plain::Number(a, _), Plain::Text(b)) => a.partial_cmp(&b.trim().parse::<f64>().ok()?),
        (Plain::Text(a), Plain::Number(b, _)) => a.trim().parse::<f64>().ok()?.partial_cmp(b),
        (Plain::Text(a), Plain::Text(b)) => Some(a.encode_utf16().cmp(b.encode_utf16())),
        (Plain::Bool(a), Plain::Bool(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

fn matches(cx: &mut Call<'_>, text: &str, pattern: &str, options: &str) -> Result<bool> {
    let flags: String = options.chars().filter(|c| matches!(c, 'i' | 'm' | 's' | 'x')).collect();
    let pattern = if flags.is_empty() { pattern.to_owned() } else { format!("(?{flags}){pattern}") };
    cx.charge_fuel(text.len() + pattern.len() * 8)?;
    let regex = fancy_regex::RegexBuilder::new(&pattern)
        .backtrack_limit(1_000_000)
        .build()
        .map_err(|_| Fault::throw("System.ArgumentException", format!("Invalid pattern '{pattern}'.")))?;
    regex.is_match(text).map_err(|_| Fault::Limit(crate::dotnet::fault::Limit::RegexSteps))
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
