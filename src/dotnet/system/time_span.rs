//! `System.TimeSpan`: 100 ns ticks, signed.

use super::format::date_time::{DAY, HOUR, MINUTE, SECOND};
use super::object;
use crate::dotnet::call::{Call, double, int, long};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{
    Kind, Row, TypeDef, constant, constructor, enum_value, method, operator, property, static_method, static_property,
};
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

pub static TIME_SPAN: TypeDef = TypeDef::new("System.TimeSpan", Kind::Struct, &[ROWS]).interfaces(&[
    "IComparable",
    "IComparable<TimeSpan>",
    "IEquatable<TimeSpan>",
    "IFormattable",
]);

const ROWS: &[Row] = &[
    constructor("TimeSpan(long ticks)", |_, a| Ok(Value::TimeSpan(long(a[0])))),
    constructor("TimeSpan(int hours, int minutes, int seconds)", |_, a| parts(0, &a[..3], 0)),
    constructor("TimeSpan(int days, int hours, int minutes, int seconds)", |_, a| parts(int(a[0]), &a[1..4], 0)),
    constructor("TimeSpan(int days, int hours, int minutes, int seconds, int milliseconds)", |_, a| {
        parts(int(a[0]), &a[1..4], int(a[4]))
    }),
    method("TimeSpan Add(TimeSpan ts)", add),
    static_method("int Compare(TimeSpan t1, TimeSpan t2)", object::compare_row),
    method("int CompareTo(object value)", object::compare_row),
    method("int CompareTo(TimeSpan value)", object::compare_row),
    property("int Days { get; }", |_, a| Ok(Value::Int32((ticks(a[0]) / DAY) as i32))),
    method("TimeSpan Divide(double divisor)", divide),
    method("double Divide(TimeSpan ts)", |_, a| Ok(Value::Double(ticks(a[0]) as f64 / ticks(a[1]) as f64))),
    method("TimeSpan Duration()", |_, a| {
        let message = "The duration cannot be returned for TimeSpan.MinValue because the absolute value of TimeSpan.MinValue exceeds the value of TimeSpan.MaxValue.";
        let found = ticks(a[0]).checked_abs();
        found.map(Value::TimeSpan).ok_or_else(|| Fault::throw("System.OverflowException", message))
    }),
    method("bool Equals(object value)", object::equals_row),
    method("bool Equals(TimeSpan obj)", object::equals_row),
    static_method("bool Equals(TimeSpan t1, TimeSpan t2)", object::equals_row),
    static_method("TimeSpan FromDays(double value)", |_, a| interval(double(a[0]) * DAY as f64)),
    static_method("TimeSpan FromHours(double value)", |_, a| interval(double(a[0]) * HOUR as f64)),
    static_method("TimeSpan FromMilliseconds(double value)", |_, a| interval(double(a[0]) * 10_000.0)),
    static_method("TimeSpan FromMinutes(double value)", |_, a| interval(double(a[0]) * MINUTE as f64)),
    static_method("TimeSpan FromSeconds(double value)", |_, a| interval(double(a[0]) * SECOND as f64)),
    static_method("TimeSpan FromTicks(long value)", |_, a| Ok(Value::TimeSpan(long(a[0])))),
    method("int GetHashCode()", object::hash_row),
    property("int Hours { get; }", |_, a| Ok(Value::Int32((ticks(a[0]) / HOUR % 24) as i32))),
    static_property("TimeSpan MaxValue", |_, _| Ok(Value::TimeSpan(i64::MAX))),
    property("int Milliseconds { get; }", |_, a| Ok(Value::Int32((ticks(a[0]) / 10_000 % 1000) as i32))),
    static_property("TimeSpan MinValue", |_, _| Ok(Value::TimeSpan(i64::MIN))),
    property("int Minutes { get; }", |_, a| Ok(Value::Int32((ticks(a[0]) / MINUTE % 60) as i32))),
    method("TimeSpan Multiply(double factor)", multiply),
    method("TimeSpan Negate()", negate),
    static_method("TimeSpan Parse(string s)", |cx, a| parse(cx, a[0], "input")),
    static_method("TimeSpan Parse(string input, IFormatProvider formatProvider)", |cx, a| parse(cx, a[0], "input")),
    static_method("TimeSpan ParseExact(string input, string format, IFormatProvider formatProvider)", parse_exact),
    static_method(
        "TimeSpan ParseExact(string input, string[] formats, IFormatProvider formatProvider)",
        parse_exact_any,
    ),
    static_method(
        "TimeSpan ParseExact(string input, string format, IFormatProvider formatProvider, TimeSpanStyles styles)",
        parse_exact,
    ),
    static_method(
        "TimeSpan ParseExact(string input, string[] formats, IFormatProvider formatProvider, TimeSpanStyles styles)",
        parse_exact_any,
    ),
    property("int Seconds { get; }", |_, a| Ok(Value::Int32((ticks(a[0]) / SECOND % 60) as i32))),
    method("TimeSpan Subtract(TimeSpan ts)", subtract),
    property("long Ticks { get; }", |_, a| Ok(Value::Int64(ticks(a[0])))),
    constant("const long TicksPerDay = 864000000000", Value::Int64(DAY)),
    constant("const long TicksPerHour = 36000000000", Value::Int64(HOUR)),
    constant("const long TicksPerMillisecond = 10000", Value::Int64(10_000)),
    constant("const long TicksPerMinute = 600000000", Value::Int64(MINUTE)),
    constant("const long TicksPerSecond = 10000000", Value::Int64(SECOND)),
    method("string ToString()", |cx, a| cx.new_str(&text(ticks(a[0])))),
    method("string ToString(string format)", to_string),
    method("string ToString(string format, IFormatProvider formatProvider)", to_string),
    property("double TotalDays { get; }", |_, a| Ok(Value::Double(ticks(a[0]) as f64 / DAY as f64))),
    property("double TotalHours { get; }", |_, a| Ok(Value::Double(ticks(a[0]) as f64 / HOUR as f64))),
    property("double TotalMilliseconds { get; }", |_, a| {
        // Never more than a whole number of milliseconds can say.
        const MOST: f64 = 922_337_203_685_477.0;
        Ok(Value::Double((ticks(a[0]) as f64 / 10_000.0).clamp(-MOST, MOST)))
    }),
    property("double TotalMinutes { get; }", |_, a| Ok(Value::Double(ticks(a[0]) as f64 / MINUTE as f64))),
    property("double TotalSeconds { get; }", |_, a| Ok(Value::Double(ticks(a[0]) as f64 / SECOND as f64))),
    static_method("bool TryParse(string s, out TimeSpan result)", |cx, a| try_parse(cx, a[0], 1)),
    static_method("bool TryParse(string input, IFormatProvider formatProvider, out TimeSpan result)", |cx, a| {
        try_parse(cx, a[0], 2)
    }),
    static_method(
        "bool TryParseExact(string input, string format, IFormatProvider formatProvider, out TimeSpan result)",
        try_parse_exact,
    ),
    static_method(
        "bool TryParseExact(string input, string[] formats, IFormatProvider formatProvider, out TimeSpan result)",
        try_parse_exact,
    ),
    static_method(
        "bool TryParseExact(string input, string format, IFormatProvider formatProvider, TimeSpanStyles styles, out TimeSpan result)",
        try_parse_exact,
    ),
    static_method(
        "bool TryParseExact(string input, string[] formats, IFormatProvider formatProvider, TimeSpanStyles styles, out TimeSpan result)",
        try_parse_exact,
    ),
    static_property("TimeSpan Zero", |_, _| Ok(Value::TimeSpan(0))),
    operator("TimeSpan op_Addition(TimeSpan t1, TimeSpan t2)", add),
    operator("TimeSpan op_Division(TimeSpan timeSpan, double divisor)", divide),
    operator("double op_Division(TimeSpan t1, TimeSpan t2)", |_, a| {
        Ok(Value::Double(ticks(a[0]) as f64 / ticks(a[1]) as f64))
    }),
    operator("bool op_Equality(TimeSpan t1, TimeSpan t2)", |_, a| Ok(Value::Bool(ticks(a[0]) == ticks(a[1])))),
    operator("bool op_GreaterThan(TimeSpan t1, TimeSpan t2)", |_, a| Ok(Value::Bool(ticks(a[0]) > ticks(a[1])))),
    operator("bool op_GreaterThanOrEqual(TimeSpan t1, TimeSpan t2)", |_, a| {
        Ok(Value::Bool(ticks(a[0]) >= ticks(a[1])))
    }),
    operator("bool op_Inequality(TimeSpan t1, TimeSpan t2)", |_, a| Ok(Value::Bool(ticks(a[0]) != ticks(a[1])))),
    operator("bool op_LessThan(TimeSpan t1, TimeSpan t2)", |_, a| Ok(Value::Bool(ticks(a[0]) < ticks(a[1])))),
    operator("bool op_LessThanOrEqual(TimeSpan t1, TimeSpan t2)", |_, a| Ok(Value::Bool(ticks(a[0]) <= ticks(a[1])))),
    operator("TimeSpan op_Multiply(TimeSpan timeSpan, double factor)", multiply),
    operator("TimeSpan op_Multiply(double factor, TimeSpan timeSpan)", |cx, a| multiply(cx, &[a[1], a[0]])),
    operator("TimeSpan op_Subtraction(TimeSpan t1, TimeSpan t2)", subtract),
    operator("TimeSpan op_UnaryNegation(TimeSpan t)", negate),
    operator("TimeSpan op_UnaryPlus(TimeSpan t)", |_, a| Ok(a[0])),
];

/// The ticks of a `TimeSpan` argument.
pub fn ticks(value: Value) -> i64 {
    if let Value::TimeSpan(ticks) = value { ticks } else { 0 }
}

fn too_long() -> Fault {
    Fault::throw("System.OverflowException", "TimeSpan overflowed because the duration is too long.")
}

fn parts(days: i32, time: &[Value], millis: i32) -> Result {
    let seconds = i128::from(days) * 86_400
        + i128::from(int(time[0])) * 3600
        + i128::from(int(time[1])) * 60
        + i128::from(int(time[2]));
    let ticks = (seconds * 1000 + i128::from(millis)) * 10_000;
    let message = "TimeSpan overflowed because the duration is too long.";
    let wrong = || Fault::throw("System.ArgumentOutOfRangeException", message);
    i64::try_from(ticks).map(Value::TimeSpan).map_err(|_| wrong())
}

fn no_number() -> Fault {
    Fault::throw("System.ArgumentException", "TimeSpan does not accept floating point Not-a-Number values.")
}

fn interval(ticks: f64) -> Result {
    if ticks.is_nan() {
        return Err(no_number());
    }
    // Every tick count is an `i64`; the bounds are the nearest doubles.
    if !(-9.223_372_036_854_776e18..=9.223_372_036_854_776e18).contains(&ticks) {
        return Err(too_long());
    }
    Ok(Value::TimeSpan(ticks as i64))
}

fn add(_: &mut Call<'_>, a: &[Value]) -> Result {
    ticks(a[0]).checked_add(ticks(a[1])).map(Value::TimeSpan).ok_or_else(too_long)
}

fn subtract(_: &mut Call<'_>, a: &[Value]) -> Result {
    ticks(a[0]).checked_sub(ticks(a[1])).map(Value::TimeSpan).ok_or_else(too_long)
}

fn negate(_: &mut Call<'_>, a: &[Value]) -> Result {
    let message = "Negating the minimum value of a twos complement number is invalid.";
    let found = ticks(a[0]).checked_neg();
    found.map(Value::TimeSpan).ok_or_else(|| Fault::throw("System.OverflowException", message))
}

fn by(factor: Value, name: &str) -> Result<()> {
    if double(factor).is_nan() {
        return Err(Fault::argument("TimeSpan does not accept floating point Not-a-Number values.", name));
    }
    Ok(())
}

fn multiply(_: &mut Call<'_>, a: &[Value]) -> Result {
    by(a[1], "factor")?;
    let product = (ticks(a[0]) as f64 * double(a[1])).round_ties_even();
    // One tick too many for an `i64` is no overflow to .NET: it wraps.
    if product == -(i64::MIN as f64) {
        return Ok(Value::TimeSpan(i64::MIN));
    }
    interval(product)
}

fn divide(_: &mut Call<'_>, a: &[Value]) -> Result {
    by(a[1], "divisor")?;
    let quotient = (ticks(a[0]) as f64 / double(a[1])).round_ties_even();
    if quotient.is_nan() { Err(too_long()) } else { interval(quotient) }
}

/// `ToString()`: format `c`.
pub fn text(ticks: i64) -> String {
    let sign = if ticks < 0 { "-" } else { "" };
    let all = ticks.unsigned_abs();
    let (day, time, part) = (all / DAY as u64, all % DAY as u64 / SECOND as u64, all % SECOND as u64);
    let days = if day == 0 { String::new() } else { format!("{day}.") };
    let part = if part == 0 { String::new() } else { format!(".{part:07}") };
    format!("{sign}{days}{:02}:{:02}:{:02}{part}", time / 3600, time / 60 % 60, time % 60)
}

/// `ToString(format)`, or why the format is wrong.
pub fn format(ticks: i64, format: &str) -> std::result::Result<String, Wrong> {
    let all = ticks.unsigned_abs();
    let (day, time, part) = (all / DAY as u64, all % DAY as u64 / SECOND as u64, all % SECOND as u64);
    let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
    let sign = if ticks < 0 { "-" } else { "" };
    let digits = format!("{part:07}");
    match format {
        "" | "c" | "t" | "T" => return Ok(text(ticks)),
        "G" => return Ok(format!("{sign}{day}:{hour:02}:{minute:02}:{second:02}.{digits}")),
        "g" => {
            let days = if day == 0 { String::new() } else { format!("{day}:") };
            let part = if part == 0 { String::new() } else { format!(".{}", digits.trim_end_matches('0')) };
            return Ok(format!("{sign}{days}{hour}:{minute:02}:{second:02}{part}"));
        }
        _ if format.chars().count() == 1 => return Err(Wrong::Format),
        _ => {}
    }
    let mut out = String::new();
    for piece in pieces(format, true)? {
        let (letter, run) = match piece {
            Piece::Text(text) => {
                out.push_str(&text);
                continue;
            }
            Piece::Field(letter, run) => (letter, run),
        };
        match letter {
            'd' => out.push_str(&format!("{day:0run$}")),
            'h' => out.push_str(&format!("{hour:0run$}")),
            'm' => out.push_str(&format!("{minute:0run$}")),
            's' => out.push_str(&format!("{second:0run$}")),
            'f' => out.push_str(&digits[..run]),
            _ => out.push_str(digits[..run].trim_end_matches('0')),
        }
    }
    Ok(out)
}

enum Piece {
    Field(char, usize),
    Text(String),
}

/// The pieces of a custom format. When it is written, `%` makes a format of the one character after it.
fn pieces(format: &str, writing: bool) -> std::result::Result<Vec<Piece>, Wrong> {
    let chars: Vec<char> = format.chars().collect();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < chars.len() {
        let c = chars[at];
        match c {
            'd' | 'h' | 'm' | 's' | 'f' | 'F' => {
                let run = chars[at..].iter().take_while(|&&x| x == c).count();
                let most = match c {
                    'd' => 8,
                    'f' | 'F' => 7,
                    _ => 2,
                };
                if run > most {
                    return Err(Wrong::Format);
                }
                out.push(Piece::Field(c, run));
                at += run;
            }
            '\'' | '"' => {
                let end = at + 1 + chars[at + 1..].iter().position(|&x| x == c).ok_or(Wrong::Quote(c))?;
                out.push(Piece::Text(chars[at + 1..end].iter().collect()));
                at = end + 1;
            }
            '\\' => {
                out.push(Piece::Text(chars.get(at + 1).ok_or(Wrong::Format)?.to_string()));
                at += 2;
            }
            '%' if chars.get(at + 1).is_some_and(|&x| x != '%') => {
                if writing {
                    out.extend(pieces(&chars[at + 1].to_string(), true)?);
                    at += 1;
                }
                at += 1;
            }
            _ => return Err(Wrong::Format),
        }
    }
    Ok(out)
}

fn to_string(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let text = format(ticks(a[0]), &cx.heap.text(a[1]).unwrap_or_default()).map_err(|wrong| fault(&wrong, ""))?;
    cx.new_str(&text)
}

/// Why text is no time span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    Text,
    Range,
    /// The format, or the text by it.
    Format,
    Specifier(String),
    Quote(char),
    NoFormats,
}

/// Which ways to write a span are taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ways {
    Any,
    /// `c`: days before a point, hours up to 23.
    Constant,
    /// `g`: days before a colon, what is zero left out.
    Short,
    /// `G`: all parts.
    Long,
}

/// `TimeSpan.Parse`.
pub fn read(text: &str) -> std::result::Result<i64, Wrong> {
    read_by(text, Ways::Any)
}

/// The ticks of a fraction's digits: what goes beyond them is rounded if zeros come first.
fn fraction(digits: &str) -> Option<i64> {
    let zeros = digits.bytes().take_while(|&b| b == b'0').count();
    let rest = &digits[zeros..];
    if rest.is_empty() {
        return Some(0);
    }
    let number: i64 = rest.parse().ok()?;
    if zeros == 0 && number > 9_999_999 {
        return None;
    }
    match digits.len() {
        len @ 0..=7 => Some(number * 10i64.pow(7 - len as u32)),
        len => Some((number as f64 / 10f64.powi(len as i32 - 7)).round_ties_even() as i64),
    }
}

/// Whether a number of the text is too large to be read at all, which is told before what else is wrong.
fn has_large_number(text: &str) -> bool {
    let (mut numbers, mut marks) = (0, 0);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_number = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != is_number).unwrap_or(rest.len());
        let (token, after) = rest.split_at(end);
        rest = after;
        if is_number {
            let digits = token.trim_start_matches('0');
            if !digits.is_empty() && digits.parse::<u32>().map_or(true, |number| number > 0x0FFF_FFFF) {
                return true;
            }
            // A number at the start has an empty mark before it.
            marks += usize::from(numbers + marks == 0);
            numbers += 1;
        } else {
            marks += 1;
        }
        if numbers > 5 || marks > 6 {
            return false;
        }
    }
    false
}

/// Format `c`: each part is looked at as it is read.
fn read_constant(text: &str) -> std::result::Result<i64, Wrong> {
    let mut rest = text.trim_start_matches([' ', '\t']);
    let negative = rest.starts_with('-');
    rest = rest.strip_prefix('-').unwrap_or(rest);
    let mut all = 0i128;
    let has_days = !rest.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(':');
    if has_days {
        all = i128::from(bounded(&mut rest, 10_675_199)?) * i128::from(DAY);
    }
    if !has_days || rest.starts_with('.') {
        rest = if has_days { &rest[1..] } else { rest };
        all += i128::from(bounded(&mut rest, 23)?) * i128::from(HOUR);
        rest = rest.strip_prefix(':').ok_or(Wrong::Text)?;
        all += i128::from(bounded(&mut rest, 59)?) * i128::from(MINUTE);
        if let Some(seconds) = rest.strip_prefix(':') {
            rest = seconds;
            if !rest.starts_with('.') {
                all += i128::from(bounded(&mut rest, 59)?) * i128::from(SECOND);
            }
            if let Some(fraction) = rest.strip_prefix('.') {
                rest = fraction;
                let mut unit = SECOND;
                while unit > 1
                    && let Some(digit) = rest.bytes().next().filter(u8::is_ascii_digit)
                {
                    unit /= 10;
                    all += i128::from(i64::from(digit - b'0') * unit);
                    rest = &rest[1..];
                }
            }
        }
    }
    let ticks = i64::try_from(if negative { -all } else { all }).map_err(|_| Wrong::Range)?;
    if rest.trim_start_matches([' ', '\t']).is_empty() { Ok(ticks) } else { Err(Wrong::Text) }
}

/// Digits of a number that may not be larger than `most`.
fn bounded(rest: &mut &str, most: i64) -> std::result::Result<i64, Wrong> {
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, after) = rest.split_at(end);
    if digits.is_empty() {
        return Err(Wrong::Text);
    }
    *rest = after;
    digits.parse().ok().filter(|&number| number <= most).ok_or(Wrong::Range)
}

fn read_by(text: &str, ways: Ways) -> std::result::Result<i64, Wrong> {
    if ways == Ways::Constant {
        return read_constant(text);
    }
    let text = text.trim();
    if has_large_number(text) {
        return Err(Wrong::Range);
    }
    let (negative, body) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mut numbers, mut marks) = (Vec::new(), String::new());
    let mut rest = body;
    loop {
        let run = rest.bytes().take_while(u8::is_ascii_digit).count();
        if run == 0 || numbers.len() > 4 {
            return Err(Wrong::Text);
        }
        numbers.push(&rest[..run]);
        rest = &rest[run..];
        // The colon of seconds that are left out belongs to the point before their fraction.
        let mark = match rest.as_bytes() {
            [] => break,
            [b':', b'.', ..] => ';',
            [b':', ..] => ':',
            [b'.', ..] => '.',
            _ => return Err(Wrong::Text),
        };
        marks.push(mark);
        rest = &rest[if mark == ';' { 2 } else { 1 }..];
    }
    let by_ways = match ways {
        Ways::Any => true,
        Ways::Constant => false,
        Ways::Short => !marks.strip_suffix('.').unwrap_or(&marks).contains('.'),
        Ways::Long => marks == ":::.",
    };
    let has_fraction = match marks.as_str() {
        "" | ":" | "::" | ".:" | ".::" | ":::" => false,
        "::." | ".::." | ":::." | ":;" | ".:;" | "::;" => true,
        _ => return Err(Wrong::Text),
    };
    if !by_ways {
        return Err(Wrong::Text);
    }
    let mut part = 0i64;
    if has_fraction {
        part = fraction(numbers.pop().unwrap_or_default()).ok_or(Wrong::Range)?;
    }
    let n = numbers
        .iter()
        .map(|n| n.parse::<i64>().map_err(|_| Wrong::Range))
        .collect::<std::result::Result<Vec<_>, _>>()?;
    let (day, hour, minute, second) = match (marks.as_str(), n.as_slice()) {
        (_, &[d]) => (d, 0, 0, 0),
        (_, &[h, m]) => (0, h, m, 0),
        (".:" | ".:;" | "::;", &[d, h, m]) => (d, h, m, 0),
        // An hour that is none is a day.
        ("::", &[d, h, m]) if d > 23 => (d, h, m, 0),
        (_, &[h, m, s]) => (0, h, m, s),
        (_, &[d, h, m, s]) => (d, h, m, s),
        _ => return Err(Wrong::Text),
    };
    total(negative, day, hour, minute, second, part)
}

fn total(negative: bool, d: i64, h: i64, m: i64, s: i64, part: i64) -> std::result::Result<i64, Wrong> {
    if d > 10_675_199 || h > 23 || m > 59 || s > 59 {
        return Err(Wrong::Range);
    }
    let all = i128::from(d) * i128::from(DAY) + i128::from(h * HOUR + m * MINUTE + s * SECOND + part);
    i64::try_from(if negative { -all } else { all }).map_err(|_| Wrong::Range)
}

fn fault(wrong: &Wrong, text: &str) -> Fault {
    match wrong {
        Wrong::Format => Fault::format(),
        Wrong::Specifier(format) => {
            Fault::throw("System.FormatException", format!("Format specifier '{format}' was invalid."))
        }
        Wrong::Quote(quote) => {
            let message = format!("Cannot find a matching quote character for the character '{quote}'.");
            Fault::throw("System.FormatException", message)
        }
        Wrong::NoFormats => Fault::throw("System.FormatException", "No format specifiers were provided."),
        Wrong::Text => {
            Fault::throw("System.FormatException", format!("String '{text}' was not recognized as a valid TimeSpan."))
        }
        Wrong::Range => Fault::throw(
            "System.OverflowException",
            format!(
                "The TimeSpan string '{text}' could not be parsed because at least one of the numeric components is out of range or contains too many digits."
            ),
        ),
    }
}

fn parse(cx: &mut Call<'_>, value: Value, parameter: &str) -> Result {
    let text = cx.text(value, parameter)?;
    read(&text).map(Value::TimeSpan).map_err(|wrong| fault(&wrong, &text))
}

fn try_parse(cx: &mut Call<'_>, value: Value, out: u8) -> Result {
    let found = cx.heap.text(value).and_then(|text| read(&text).ok());
    cx.set_out(out, Value::TimeSpan(found.unwrap_or(0)));
    Ok(Value::Bool(found.is_some()))
}

fn read_exact(text: &str, format: &str) -> std::result::Result<i64, Wrong> {
    let mut letters = format.chars();
    if let (Some(letter), None) | (None, Some(letter)) = (letters.next(), letters.next()) {
        return match letter {
            'c' | 't' | 'T' => read_by(text, Ways::Constant),
            'g' => read_by(text, Ways::Short),
            'G' => read_by(text, Ways::Long),
            _ => Err(Wrong::Specifier(format.to_owned())),
        };
    }
    let (mut rest, mut n, mut seen) = (text, [0i64; 5], [false; 5]);
    for piece in pieces(format, false)? {
        match piece {
            Piece::Text(wanted) => rest = rest.strip_prefix(wanted.as_str()).ok_or(Wrong::Format)?,
            Piece::Field(letter, run) => {
                let most = match (letter, run) {
                    ('d', 1) => 8,
                    ('h' | 'm' | 's', 1) => 2,
                    _ => run,
                };
                let found = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
                let place = match letter {
                    'd' => 0,
                    'h' => 1,
                    'm' => 2,
                    's' => 3,
                    _ => 4,
                };
                if found < run && letter != 'F' || std::mem::replace(&mut seen[place], true) {
                    return Err(Wrong::Format);
                }
                let digits = &rest[..found];
                let number = |t: &str| t.parse::<i64>().unwrap_or(0);
                n[place] = if place == 4 { number(&format!("{digits:0<7}")) } else { number(digits) };
                rest = &rest[found..];
            }
        }
    }
    if !rest.is_empty() {
        return Err(Wrong::Text);
    }
    total(false, n[0], n[1], n[2], n[3], n[4])
}

/// The styles of a call.
fn style(a: &[Value]) -> Result<i64> {
    match a.get(3) {
        Some(Value::Enum { value, .. }) if !(0..=1).contains(value) => {
            Err(Fault::argument("An undefined TimeSpanStyles value is being used.", "styles"))
        }
        Some(Value::Enum { value, .. }) => Ok(*value),
        _ => Ok(0),
    }
}

fn exact(cx: &Call<'_>, a: &[Value]) -> Result<std::result::Result<i64, Wrong>> {
    let style = style(a)?;
    let text = cx.text(a[0], "input")?;
    let several = cx.heap.items(a[1]).is_some();
    let formats = formats(cx, a[1])?;
    if text.is_empty() && several {
        return Ok(Err(Wrong::Text));
    }
    if formats.is_empty() {
        return Ok(Err(Wrong::NoFormats));
    }
    let mut answer = Err(Wrong::Text);
    for format in formats {
        if format.is_empty() {
            return Ok(Err(Wrong::Specifier(String::new())));
        }
        answer = read_exact(&text, &format);
        if let Ok(found) = answer {
            // The standard formats have a sign of their own.
            if style == 1 && !matches!(format.as_str(), "c" | "t" | "T" | "g" | "G") {
                answer = Ok(-found);
            }
            break;
        }
    }
    Ok(answer.map_err(|wrong| if several { Wrong::Text } else { wrong }))
}

pub static STYLES: TypeDef = TypeDef::new(
    "System.Globalization.TimeSpanStyles",
    Kind::Enum,
    &[&[enum_value("None = 0", 0), enum_value("AssumeNegative = 1", 1)]],
)
.off_list();

/// The format or formats of a `ParseExact`.
pub fn formats(cx: &Call<'_>, value: Value) -> Result<Vec<String>> {
    match cx.heap.items(value) {
        Some(items) => Ok(items.iter().map(|&v| cx.heap.text(v).unwrap_or_default().into_owned()).collect()),
        None => Ok(vec![cx.text(value, "format")?.into_owned()]),
    }
}

/// `ParseExact` with an array of formats.
fn parse_exact_any(cx: &mut Call<'_>, a: &[Value]) -> Result {
    cx.str(a[0], "input")?;
    if a[1].is_null() {
        let message = "String reference not set to an instance of a String. (Parameter 'formats')";
        return Err(Fault::throw("System.ArgumentNullException", message));
    }
    parse_exact(cx, a)
}

fn parse_exact(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let answer = exact(cx, a)?;
    answer.map(Value::TimeSpan).map_err(|wrong| fault(&wrong, &cx.heap.text(a[0]).unwrap_or_default()))
}

fn try_parse_exact(cx: &mut Call<'_>, a: &[Value]) -> Result {
    style(a)?;
    let found = exact(cx, a).ok().and_then(std::result::Result::ok);
    let place = if matches!(a.get(3), Some(Value::Enum { .. })) { 4 } else { 3 };
    cx.set_out(place, Value::TimeSpan(found.unwrap_or(0)));
    Ok(Value::Bool(found.is_some()))
}
