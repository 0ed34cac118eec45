//! `System.DateTimeOffset`: clock time and its offset from UTC. The local time zone is UTC.

use super::calendar::dated;
use super::date_time::{self as date, day_of_year, from_ticks, months, now, plus, scaled, ticks_of, weekday, years};
use super::format::date_read;
use super::format::date_time::{self as text, DAY, HOUR, MINUTE, Read, SECOND, Wrong, Zone, styles};
use super::object;
use super::time_span::ticks as span;
use crate::dotnet::call::{Call, double, enumeration, int, long};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{
    Kind, Row, TypeDef, constructor, method, operator, property, static_method, static_property,
};
use crate::dotnet::value::{DateTime, Value};

type Result<T = Value> = std::result::Result<T, Fault>;

pub static DATE_TIME_OFFSET: TypeDef = TypeDef::new("System.DateTimeOffset", Kind::Struct, &[ROWS]).interfaces(&[
    "IComparable",
    "IComparable<DateTimeOffset>",
    "IEquatable<DateTimeOffset>",
    "IFormattable",
]);

const ROWS: &[Row] = &[
    constructor("DateTimeOffset(long ticks, TimeSpan offset)", |_, a| make(long(a[0]), span(a[1]))),
    constructor("DateTimeOffset(DateTime dateTime)", |_, a| make(date::get(a[0]).ticks(), 0)),
    constructor("DateTimeOffset(DateTime dateTime, TimeSpan offset)", |_, a| {
        let message = match date::get(a[0]).kind() as i64 {
            1 if span(a[1]) != 0 => "The UTC Offset for Utc DateTime instances must be 0.",
            2 if span(a[1]) != 0 => {
                "The UTC Offset of the local dateTime parameter does not match the offset argument."
            }
            _ => return make(date::get(a[0]).ticks(), span(a[1])),
        };
        Err(Fault::argument(message, "offset"))
    }),
    constructor(
        "DateTimeOffset(int year, int month, int day, int hour, int minute, int second, TimeSpan offset)",
        |_, a| {
            check_offset(span(a[6]))?;
            make(ticks_of(a, 6)?, span(a[6]))
        },
    ),
    constructor(
        "DateTimeOffset(int year, int month, int day, int hour, int minute, int second, int millisecond, TimeSpan offset)",
        |_, a| {
            check_offset(span(a[7]))?;
            make(ticks_of(a, 7)?, span(a[7]))
        },
    ),
    constructor(
        "DateTimeOffset(int year, int month, int day, int hour, int minute, int second, int millisecond, Calendar calendar, TimeSpan offset)",
        |_, a| {
            check_offset(span(a[8]))?;
            make(date::get(dated(a, 7, 0)?).ticks(), span(a[8]))
        },
    ),
    method("DateTimeOffset Add(TimeSpan timeSpan)", |_, a| shift(a[0], span(a[1]))),
    method("DateTimeOffset AddDays(double days)", |_, a| shift(a[0], scaled(double(a[1]), DAY)?)),
    method("DateTimeOffset AddHours(double hours)", |_, a| shift(a[0], scaled(double(a[1]), HOUR)?)),
    method("DateTimeOffset AddMilliseconds(double milliseconds)", |_, a| shift(a[0], scaled(double(a[1]), 10_000)?)),
    method("DateTimeOffset AddMinutes(double minutes)", |_, a| shift(a[0], scaled(double(a[1]), MINUTE)?)),
    method("DateTimeOffset AddMonths(int months)", |_, a| {
        let (ticks, offset) = get(a[0]);
        make(months(ticks, int(a[1]))?, offset)
    }),
    method("DateTimeOffset AddSeconds(double seconds)", |_, a| shift(a[0], scaled(double(a[1]), SECOND)?)),
    method("DateTimeOffset AddTicks(long ticks)", |_, a| shift(a[0], long(a[1]))),
    method("DateTimeOffset AddYears(int years)", |_, a| {
        let (ticks, offset) = get(a[0]);
        make(years(ticks, int(a[1]))?, offset)
    }),
    static_method("int Compare(DateTimeOffset first, DateTimeOffset second)", object::compare_row),
    method("int CompareTo(object obj)", object::compare_row).off_list(),
    method("int CompareTo(DateTimeOffset other)", object::compare_row),
    property("DateTime Date { get; }", |_, a| from_ticks(get(a[0]).0 / DAY * DAY, 0)),
    property("DateTime DateTime { get; }", |_, a| from_ticks(get(a[0]).0, 0)),
    property("int Day { get; }", |_, a| Ok(Value::Int32(text::split(get(a[0]).0).2 as i32))),
    property("DayOfWeek DayOfWeek { get; }", |_, a| Ok(weekday(get(a[0]).0))),
    property("int DayOfYear { get; }", |_, a| Ok(Value::Int32(day_of_year(get(a[0]).0)))),
    method("bool Equals(object obj)", object::equals_row),
    method("bool Equals(DateTimeOffset other)", object::equals_row),
    static_method("bool Equals(DateTimeOffset first, DateTimeOffset second)", object::equals_row),
    method("bool EqualsExact(DateTimeOffset other)", |_, a| Ok(Value::Bool(get(a[0]) == get(a[1])))),
    static_method("DateTimeOffset FromUnixTimeMilliseconds(long milliseconds)", |_, a| unix(long(a[0]), 10_000)),
    static_method("DateTimeOffset FromUnixTimeSeconds(long seconds)", |_, a| unix(long(a[0]), SECOND)),
    method("int GetHashCode()", object::hash_row),
    property("int Hour { get; }", |_, a| Ok(Value::Int32((get(a[0]).0 % DAY / HOUR) as i32))),
    property("DateTime LocalDateTime { get; }", |_, a| from_ticks(utc(a[0]), 2)),
    static_property("DateTimeOffset MaxValue", |_, _| make(DateTime::MAX_TICKS, 0)),
    property("int Millisecond { get; }", |_, a| Ok(Value::Int32((get(a[0]).0 / 10_000 % 1000) as i32))),
    static_property("DateTimeOffset MinValue", |_, _| make(0, 0)),
    property("int Minute { get; }", |_, a| Ok(Value::Int32((get(a[0]).0 / MINUTE % 60) as i32))),
    property("int Month { get; }", |_, a| Ok(Value::Int32(text::split(get(a[0]).0).1 as i32))),
    static_property("DateTimeOffset Now { get; }", |cx, _| make(now(cx), 0)),
    property("TimeSpan Offset { get; }", |_, a| Ok(Value::TimeSpan(get(a[0]).1))),
    static_method("DateTimeOffset Parse(string input)", parse),
    static_method("DateTimeOffset Parse(string input, IFormatProvider formatProvider)", parse),
    static_method("DateTimeOffset Parse(string input, IFormatProvider formatProvider, DateTimeStyles styles)", parse),
    static_method(
        "DateTimeOffset ParseExact(string input, string format, IFormatProvider formatProvider)",
        parse_exact,
    ),
    static_method(
        "DateTimeOffset ParseExact(string input, string format, IFormatProvider formatProvider, DateTimeStyles styles)",
        parse_exact,
    ),
    static_method(
        "DateTimeOffset ParseExact(string input, string[] formats, IFormatProvider formatProvider, DateTimeStyles styles)",
        |cx, a| {
            date::need_formats(cx, a, "input")?;
            parse_exact(cx, a)
        },
    ),
    property("int Second { get; }", |_, a| Ok(Value::Int32((get(a[0]).0 / SECOND % 60) as i32))),
    method("TimeSpan Subtract(DateTimeOffset value)", difference),
    method("DateTimeOffset Subtract(TimeSpan value)", minus),
    property("long Ticks { get; }", |_, a| Ok(Value::Int64(get(a[0]).0))),
    property("TimeSpan TimeOfDay { get; }", |_, a| Ok(Value::TimeSpan(get(a[0]).0 % DAY))),
    method("DateTimeOffset ToLocalTime()", |_, a| make(utc(a[0]), 0)),
    method("DateTimeOffset ToOffset(TimeSpan offset)", |_, a| {
        date::named(plus(utc(a[0]), span(a[1])).map(|ticks| Value::TimeSpan(ticks)))?;
        make(utc(a[0]).saturating_add(span(a[1])), span(a[1]))
    }),
    method("string ToString()", |cx, a| show(cx, a[0], "")),
    method("string ToString(string format)", to_string),
    method("string ToString(IFormatProvider formatProvider)", |cx, a| show(cx, a[0], "")),
    method("string ToString(string format, IFormatProvider formatProvider)", to_string),
    method("DateTimeOffset ToUniversalTime()", |_, a| make(utc(a[0]), 0)),
    method("long ToUnixTimeMilliseconds()", |_, a| Ok(Value::Int64(utc(a[0]) / 10_000 - date::UNIX_EPOCH / 10_000))),
    method("long ToUnixTimeSeconds()", |_, a| Ok(Value::Int64(utc(a[0]) / SECOND - date::UNIX_EPOCH / SECOND))),
    static_method("bool TryParse(string input, out DateTimeOffset result)", |cx, a| try_parse(cx, a, 0, 1)),
    static_method(
        "bool TryParse(string input, IFormatProvider formatProvider, DateTimeStyles styles, out DateTimeOffset result)",
        |cx, a| try_parse(cx, a, enumeration(a[2]), 3),
    ),
    static_method(
        "bool TryParseExact(string input, string format, IFormatProvider formatProvider, DateTimeStyles styles, out DateTimeOffset result)",
        try_parse_exact,
    ),
    static_method(
        "bool TryParseExact(string input, string[] formats, IFormatProvider formatProvider, DateTimeStyles styles, out DateTimeOffset result)",
        try_parse_exact,
    ),
    static_method("DateTimeOffset FromFileTime(long fileTime)", |_, a| {
        let time = long(a[0]);
        let found = time.checked_add(date::FILE_EPOCH).filter(|ticks| time >= 0 && *ticks <= DateTime::MAX_TICKS);
        make(found.ok_or_else(|| Fault::out_of_range("Not a valid Win32 FileTime.", "fileTime"))?, 0)
    }),
    method("long ToFileTime()", |_, a| match utc(a[0]) - date::FILE_EPOCH {
        time if time < 0 => Err(Fault::throw("System.ArgumentOutOfRangeException", "Not a valid Win32 FileTime.")),
        time => Ok(Value::Int64(time)),
    }),
    static_property("DateTimeOffset UnixEpoch", |_, _| make(date::UNIX_EPOCH, 0)),
    property("DateTime UtcDateTime { get; }", |_, a| from_ticks(utc(a[0]), 1)),
    static_property("DateTimeOffset UtcNow { get; }", |cx, _| make(now(cx), 0)),
    property("long UtcTicks { get; }", |_, a| Ok(Value::Int64(utc(a[0])))),
    property("int Year { get; }", |_, a| Ok(Value::Int32(text::split(get(a[0]).0).0 as i32))),
    operator("DateTimeOffset op_Addition(DateTimeOffset dateTimeOffset, TimeSpan timeSpan)", |_, a| {
        date::named(shift(a[0], span(a[1])))
    }),
    operator("bool op_Equality(DateTimeOffset left, DateTimeOffset right)", |_, a| {
        Ok(Value::Bool(utc(a[0]) == utc(a[1])))
    }),
    operator("bool op_GreaterThan(DateTimeOffset left, DateTimeOffset right)", |_, a| {
        Ok(Value::Bool(utc(a[0]) > utc(a[1])))
    }),
    operator("bool op_GreaterThanOrEqual(DateTimeOffset left, DateTimeOffset right)", |_, a| {
        Ok(Value::Bool(utc(a[0]) >= utc(a[1])))
    }),
    operator("DateTimeOffset op_Implicit(DateTime dateTime)", |_, a| make(date::get(a[0]).ticks(), 0)),
    operator("bool op_Inequality(DateTimeOffset left, DateTimeOffset right)", |_, a| {
        Ok(Value::Bool(utc(a[0]) != utc(a[1])))
    }),
    operator("bool op_LessThan(DateTimeOffset left, DateTimeOffset right)", |_, a| {
        Ok(Value::Bool(utc(a[0]) < utc(a[1])))
    }),
    operator("bool op_LessThanOrEqual(DateTimeOffset left, DateTimeOffset right)", |_, a| {
        Ok(Value::Bool(utc(a[0]) <= utc(a[1])))
    }),
    operator("DateTimeOffset op_Subtraction(DateTimeOffset dateTimeOffset, TimeSpan timeSpan)", |cx, a| {
        date::named(minus(cx, a))
    }),
    operator("TimeSpan op_Subtraction(DateTimeOffset left, DateTimeOffset right)", difference),
];

/// Clock ticks and the offset's ticks.
fn get(value: Value) -> (i64, i64) {
    match value {
        Value::DateTimeOffset { minutes, ticks } => (ticks, i64::from(minutes) * MINUTE),
        _ => (0, 0),
    }
}

fn utc(value: Value) -> i64 {
    let (ticks, offset) = get(value);
    ticks - offset
}

fn check_offset(offset: i64) -> Result<()> {
    if offset % MINUTE != 0 {
        return Err(Fault::argument("Offset must be specified in whole minutes.", "offset"));
    }
    if offset.unsigned_abs() > 14 * HOUR as u64 {
        return Err(Fault::out_of_range("Offset must be within plus or minus 14 hours.", "offset"));
    }
    Ok(())
}

/// Clock time and its offset, both in ticks.
pub fn make(ticks: i64, offset: i64) -> Result {
    check_offset(offset)?;
    from_ticks(ticks, 0)?;
    if !(0..=DateTime::MAX_TICKS).contains(&(ticks - offset)) {
        return Err(Fault::out_of_range(
            "The UTC time represented when the offset is applied must be between year 0 and 10,000.",
            "offset",
        ));
    }
    Ok(Value::DateTimeOffset { minutes: (offset / MINUTE) as i16, ticks })
}

fn shift(value: Value, span: i64) -> Result {
    let (ticks, offset) = get(value);
    make(plus(ticks, span)?, offset)
}

fn unix(count: i64, unit: i64) -> Result {
    let (low, high) = (-date::UNIX_EPOCH / unit, (DateTime::MAX_TICKS - date::UNIX_EPOCH) / unit);
    if !(low..=high).contains(&count) {
        let message = format!("Valid values are between {low} and {high}, inclusive.");
        return Err(Fault::out_of_range(&message, if unit == SECOND { "seconds" } else { "milliseconds" }));
    }
    make(date::UNIX_EPOCH + count * unit, 0)
}

fn difference(_: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(Value::TimeSpan(utc(a[0]) - utc(a[1])))
}

fn minus(_: &mut Call<'_>, a: &[Value]) -> Result {
    shift(a[0], span(a[1]).saturating_neg())
}

fn show(cx: &mut Call<'_>, value: Value, format: &str) -> Result {
    let (ticks, offset) = get(value);
    let format = if format.is_empty() { "MM/dd/yyyy HH:mm:ss zzz" } else { format };
    let text =
        text::format(ticks, Zone::Offset(offset / MINUTE), format).map_err(|wrong| date::fault(&wrong, format))?;
    cx.charge_fuel(text.len() / 16)?;
    cx.new_str(&text)
}

fn to_string(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let format = cx.heap.text(a[1]).unwrap_or_default().into_owned();
    show(cx, a[0], &format)
}

fn made(read: Read, style: i64) -> std::result::Result<Value, Wrong> {
    let offset = read.zone.minutes() * MINUTE;
    let universal = style & styles::ADJUST_TO_UNIVERSAL != 0;
    if !(0..=DateTime::MAX_TICKS).contains(&(read.ticks - offset)) {
        return Err(Wrong::Utc);
    }
    if offset.abs() > 14 * HOUR {
        return Err(Wrong::Offset);
    }
    let made = if universal { make(read.ticks - offset, 0) } else { make(read.ticks, offset) };
    made.map_err(|_| Wrong::Calendar)
}

fn parse(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let style = a.get(2).map_or(0, |&v| enumeration(v));
    date::check_styles(style, "styles", true)?;
    let text = cx.text(a[0], "input")?;
    let read = date_read::parse(&text, style, now(cx), true);
    let len = text.len();
    let made = read.and_then(|read| made(read, style)).map_err(|wrong| date::fault(&wrong, &text));
    cx.charge_fuel(len / 4)?;
    made
}

fn give(cx: &mut Call<'_>, found: Option<Value>, out: u8) -> Result {
    cx.set_out(out, found.unwrap_or(Value::DateTimeOffset { minutes: 0, ticks: 0 }));
    Ok(Value::Bool(found.is_some()))
}

fn try_parse(cx: &mut Call<'_>, a: &[Value], style: i64, out: u8) -> Result {
    date::check_styles(style, "styles", true)?;
    let text = cx.heap.text(a[0]).unwrap_or_default();
    let len = text.len();
    let found = date_read::parse(&text, style, now(cx), true).and_then(|read| made(read, style)).ok();
    cx.charge_fuel(len / 4)?;
    give(cx, found, out)
}

/// `ParseExact`: text, a format or an array of them, a culture and, if there are any, styles.
pub fn parse_exact(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let style = a.get(3).map_or(0, |&v| enumeration(v));
    date::check_styles(style, "styles", true)?;
    let answer = date::read_exact(cx, a, style, "input", made)?;
    answer.map_err(|wrong| date::fault(&wrong, &cx.heap.text(a[0]).unwrap_or_default()))
}

fn try_parse_exact(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let style = enumeration(a[3]);
    date::check_styles(style, "styles", true)?;
    if a[0].is_null() || a[1].is_null() {
        return give(cx, None, 4);
    }
    let found = date::read_exact(cx, a, style, "input", made)?.ok();
    give(cx, found, 4)
}
