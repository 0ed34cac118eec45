//! `System.DateTime`, `DateTimeKind`, `DayOfWeek` and `DateTimeStyles`. The local time zone is UTC.

use super::calendar::dated;
use super::format::date_exact;
use super::format::date_read;
use super::format::date_time::{self as text, DAY, HOUR, MINUTE, Read, SECOND, Wrong, Zone, styles};
use super::object;
use super::time_span::{formats, ticks as span};
use crate::dotnet::call::{Call, char as char_of, double, enumeration, int, long};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{
    Kind, Row, TypeDef, constructor, enum_value, method, operator, property, static_method, static_property, type_of,
};
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::{DateTime, Kind as Clock, Value};

type Result<T = Value> = std::result::Result<T, Fault>;

pub static KIND: TypeDef = TypeDef::new(
    "System.DateTimeKind",
    Kind::Enum,
    &[&[enum_value("Unspecified = 0", 0).off_list(), enum_value("Utc = 1", 1), enum_value("Local = 2", 2).off_list()]],
);

pub static DAY_OF_WEEK: TypeDef = TypeDef::new(
    "System.DayOfWeek",
    Kind::Enum,
    &[&[
        enum_value("Sunday = 0", 0),
        enum_value("Monday = 1", 1),
        enum_value("Tuesday = 2", 2),
        enum_value("Wednesday = 3", 3),
        enum_value("Thursday = 4", 4),
        enum_value("Friday = 5", 5),
        enum_value("Saturday = 6", 6),
    ]],
)
.off_list();

pub static STYLES: TypeDef = TypeDef::new(
    "System.Globalization.DateTimeStyles",
    Kind::Enum,
    &[&[
        enum_value("None = 0", 0),
        enum_value("AllowLeadingWhite = 1", styles::LEADING_WHITE),
        enum_value("AllowTrailingWhite = 2", styles::TRAILING_WHITE),
        enum_value("AllowInnerWhite = 4", styles::INNER_WHITE),
        enum_value("AllowWhiteSpaces = 7", styles::WHITE),
        enum_value("NoCurrentDateDefault = 8", styles::NO_CURRENT_DATE),
        enum_value("AdjustToUniversal = 16", styles::ADJUST_TO_UNIVERSAL),
        enum_value("AssumeLocal = 32", styles::ASSUME_LOCAL),
        enum_value("AssumeUniversal = 64", styles::ASSUME_UNIVERSAL),
        enum_value("RoundtripKind = 128", styles::ROUNDTRIP),
    ]],
)
.off_list();

pub static DATE_TIME: TypeDef = TypeDef::new("System.DateTime", Kind::Struct, &[ROWS]).interfaces(&[
    "IComparable",
    "IComparable<DateTime>",
    "IConvertible",
    "IEquatable<DateTime>",
    "IFormattable",
]);

const ROWS: &[Row] = &[
    constructor("DateTime(long ticks)", |_, a| from_ticks(long(a[0]), 0)),
    constructor("DateTime(long ticks, DateTimeKind kind)", |_, a| from_ticks(long(a[0]), enumeration(a[1]))),
    constructor("DateTime(int year, int month, int day)", |_, a| parts(a, 3, 0)),
    constructor("DateTime(int year, int month, int day, int hour, int minute, int second)", |_, a| parts(a, 6, 0)),
    constructor(
        "DateTime(int year, int month, int day, int hour, int minute, int second, DateTimeKind kind)",
        |_, a| parts(a, 6, enumeration(a[6])),
    ),
    constructor(
        "DateTime(int year, int month, int day, int hour, int minute, int second, int millisecond)",
        |_, a| parts(a, 7, 0),
    ),
    constructor(
        "DateTime(int year, int month, int day, int hour, int minute, int second, int millisecond, DateTimeKind kind)",
        |_, a| parts(a, 7, enumeration(a[7])),
    ),
    constructor("DateTime(int year, int month, int day, Calendar calendar)", |_, a| dated(a, 3, 0)),
    constructor(
        "DateTime(int year, int month, int day, int hour, int minute, int second, Calendar calendar)",
        |_, a| dated(a, 6, 0),
    ),
    constructor(
        "DateTime(int year, int month, int day, int hour, int minute, int second, int millisecond, Calendar calendar)",
        |_, a| dated(a, 7, 0),
    ),
    constructor(
        "DateTime(int year, int month, int day, int hour, int minute, int second, int millisecond, Calendar calendar, DateTimeKind kind)",
        |_, a| dated(a, 7, enumeration(a[8])),
    ),
    method("DateTime Add(TimeSpan value)", |_, a| shift(a[0], span(a[1]))),
    method("DateTime AddDays(double value)", |_, a| shift(a[0], scaled(double(a[1]), DAY)?)),
    method("DateTime AddHours(double value)", |_, a| shift(a[0], scaled(double(a[1]), HOUR)?)),
    method("DateTime AddMilliseconds(double value)", |_, a| shift(a[0], scaled(double(a[1]), 10_000)?)),
    method("DateTime AddMinutes(double value)", |_, a| shift(a[0], scaled(double(a[1]), MINUTE)?)),
    method("DateTime AddMonths(int months)", |_, a| with(a[0], months(ticks(a[0]), int(a[1]))?)),
    method("DateTime AddSeconds(double value)", |_, a| shift(a[0], scaled(double(a[1]), SECOND)?)),
    method("DateTime AddTicks(long value)", |_, a| shift(a[0], long(a[1]))),
    method("DateTime AddYears(int value)", |_, a| with(a[0], years(ticks(a[0]), int(a[1]))?)),
    static_method("int Compare(DateTime t1, DateTime t2)", object::compare_row).off_list(),
    method("int CompareTo(object value)", object::compare_row).off_list(),
    method("int CompareTo(DateTime value)", object::compare_row).off_list(),
    property("DateTime Date { get; }", |_, a| with(a[0], ticks(a[0]) / DAY * DAY)),
    property("int Day { get; }", |_, a| Ok(Value::Int32(text::split(ticks(a[0])).2 as i32))),
    property("DayOfWeek DayOfWeek { get; }", |_, a| Ok(weekday(ticks(a[0])))),
    property("int DayOfYear { get; }", |_, a| Ok(Value::Int32(day_of_year(ticks(a[0]))))),
    static_method("int DaysInMonth(int year, int month)", |_, a| {
        if !(1..=12).contains(&int(a[1])) {
            return Err(Fault::out_of_range("Month must be between one and twelve.", "month"));
        }
        year(int(a[0]))?;
        Ok(Value::Int32(text::days_in_month(long(a[0]), long(a[1])) as i32))
    }),
    method("bool Equals(object value)", object::equals_row).off_list(),
    method("bool Equals(DateTime value)", object::equals_row).off_list(),
    static_method("bool Equals(DateTime t1, DateTime t2)", object::equals_row).off_list(),
    static_method("DateTime FromBinary(long dateData)", |_, a| {
        let data = long(a[0]) as u64;
        from_ticks((data & ((1 << 62) - 1)) as i64, (data >> 62).min(2) as i64)
    })
    .off_list(),
    static_method("DateTime FromFileTime(long fileTime)", |_, a| from_file(long(a[0]), 2)).off_list(),
    static_method("DateTime FromFileTimeUtc(long fileTime)", |_, a| from_file(long(a[0]), 1)).off_list(),
    method("string[] GetDateTimeFormats()", |cx, a| in_all_ways(cx, a[0], text::LETTERS)).off_list(),
    method("string[] GetDateTimeFormats(IFormatProvider provider)", |cx, a| in_all_ways(cx, a[0], text::LETTERS))
        .off_list(),
    method("string[] GetDateTimeFormats(char format)", in_each_way).off_list(),
    method("string[] GetDateTimeFormats(char format, IFormatProvider provider)", in_each_way).off_list(),
    method("int GetHashCode()", object::hash_row).off_list(),
    property("int Hour { get; }", |_, a| Ok(Value::Int32((ticks(a[0]) % DAY / HOUR) as i32))),
    method("bool IsDaylightSavingTime()", |_, _| Ok(Value::Bool(false))),
    static_method("bool IsLeapYear(int year)", |_, a| {
        year(int(a[0]))?;
        Ok(Value::Bool(text::is_leap(long(a[0]))))
    }),
    property("DateTimeKind Kind { get; }", |_, a| {
        Ok(Value::Enum { ty: type_of("DateTimeKind"), value: get(a[0]).kind() as i64 })
    })
    .off_list(),
    static_property("DateTime MaxValue", |_, _| from_ticks(DateTime::MAX_TICKS, 0)),
    property("int Millisecond { get; }", |_, a| Ok(Value::Int32((ticks(a[0]) / 10_000 % 1000) as i32))),
    static_property("DateTime MinValue", |_, _| from_ticks(0, 0)),
    property("int Minute { get; }", |_, a| Ok(Value::Int32((ticks(a[0]) / MINUTE % 60) as i32))),
    property("int Month { get; }", |_, a| Ok(Value::Int32(text::split(ticks(a[0])).1 as i32))),
    static_property("DateTime Now { get; }", |cx, _| from_ticks(now(cx), 2)),
    static_method("DateTime Parse(string s)", parse),
    static_method("DateTime Parse(string s, IFormatProvider provider)", parse),
    static_method("DateTime Parse(string s, IFormatProvider provider, DateTimeStyles styles)", parse),
    static_method("DateTime ParseExact(string s, string format, IFormatProvider provider)", parse_exact).off_list(),
    static_method("DateTime ParseExact(string s, string format, IFormatProvider provider, DateTimeStyles style)", parse_exact)
        .off_list(),
    static_method("DateTime ParseExact(string s, string[] formats, IFormatProvider provider, DateTimeStyles style)", |cx, a| {
        need_formats(cx, a, "s")?;
        parse_exact(cx, a)
    })
        .off_list(),
    property("int Second { get; }", |_, a| Ok(Value::Int32((ticks(a[0]) / SECOND % 60) as i32))),
    static_method("DateTime SpecifyKind(DateTime value, DateTimeKind kind)", |_, a| {
        from_ticks(ticks(a[0]), enumeration(a[1]))
    })
    .off_list(),
    method("TimeSpan Subtract(DateTime value)", difference),
    method("DateTime Subtract(TimeSpan value)", minus),
    property("long Ticks { get; }", |_, a| Ok(Value::Int64(ticks(a[0])))),
    property("TimeSpan TimeOfDay { get; }", |_, a| Ok(Value::TimeSpan(ticks(a[0]) % DAY))),
    method("long ToBinary()", |_, a| Ok(Value::Int64(get(a[0]).0 as i64))).off_list(),
    method("long ToFileTime()", to_file).off_list(),
    method("long ToFileTimeUtc()", to_file).off_list(),
    method("DateTime ToLocalTime()", |_, a| from_ticks(ticks(a[0]), 2)).off_list(),
    method("string ToLongDateString()", |cx, a| show(cx, a[0], "D")).off_list(),
    method("string ToLongTimeString()", |cx, a| show(cx, a[0], "T")).off_list(),
    method("double ToOADate()", |_, a| {
        const YEAR_100: i64 = 31_241_376_000_000_000;
        const DAY: i64 = 864_000_000_000;
        match ticks(a[0]) {
            0 => return Ok(Value::Double(0.0)),
            // A time of day alone.
            time @ 0..DAY => return Ok(Value::Double((time / 10_000) as f64 / 86_400_000.0)),
            DAY..YEAR_100 => return Err(Fault::throw("System.OverflowException", "Not a legal OleAut date.")),
            _ => {}
        }
        let millis = (ticks(a[0]) - 599_264_352_000_000_000) / 10_000;
        let (days, rest) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000));
        let rest = rest as f64 / 86_400_000.0;
        Ok(Value::Double(if days < 0 { days as f64 - rest } else { days as f64 + rest }))
    })
    .off_list(),
    method("string ToShortDateString()", |cx, a| show(cx, a[0], "d")).off_list(),
    method("string ToShortTimeString()", |cx, a| show(cx, a[0], "t")).off_list(),
    method("string ToString()", |cx, a| show(cx, a[0], "G")),
    method("string ToString(string format)", to_string),
    method("string ToString(IFormatProvider provider)", |cx, a| show(cx, a[0], "G")),
    method("string ToString(string format, IFormatProvider provider)", to_string),
    method("DateTime ToUniversalTime()", |_, a| from_ticks(ticks(a[0]), 1)).off_list(),
    static_property("DateTime Today { get; }", |cx, _| from_ticks(now(cx) / DAY * DAY, 2)),
    static_method("bool TryParse(string s, out DateTime result)", |cx, a| try_parse(cx, a, 0, 1)).off_list(),
    static_method(
        "bool TryParse(string s, IFormatProvider provider, DateTimeStyles styles, out DateTime result)",
        |cx, a| try_parse(cx, a, enumeration(a[2]), 3),
    )
    .off_list(),
    static_method(
        "bool TryParseExact(string s, string format, IFormatProvider provider, DateTimeStyles style, out DateTime result)",
        try_parse_exact,
    )
    .off_list(),
    static_method(
        "bool TryParseExact(string s, string[] formats, IFormatProvider provider, DateTimeStyles style, out DateTime result)",
        try_parse_exact,
    )
    .off_list(),
    static_property("DateTime UnixEpoch", |_, _| from_ticks(UNIX_EPOCH, 1)).off_list(),
    static_property("DateTime UtcNow { get; }", |cx, _| from_ticks(now(cx), 1)),
    property("int Year { get; }", |_, a| Ok(Value::Int32(text::split(ticks(a[0])).0 as i32))),
    operator("DateTime op_Addition(DateTime d, TimeSpan t)", |_, a| named(shift(a[0], span(a[1])))),
    operator("bool op_Equality(DateTime d1, DateTime d2)", |_, a| Ok(Value::Bool(ticks(a[0]) == ticks(a[1])))),
    operator("bool op_GreaterThan(DateTime t1, DateTime t2)", |_, a| Ok(Value::Bool(ticks(a[0]) > ticks(a[1])))),
    operator("bool op_GreaterThanOrEqual(DateTime t1, DateTime t2)", |_, a| {
        Ok(Value::Bool(ticks(a[0]) >= ticks(a[1])))
    }),
    operator("bool op_Inequality(DateTime d1, DateTime d2)", |_, a| Ok(Value::Bool(ticks(a[0]) != ticks(a[1])))),
    operator("bool op_LessThan(DateTime t1, DateTime t2)", |_, a| Ok(Value::Bool(ticks(a[0]) < ticks(a[1])))),
    operator("bool op_LessThanOrEqual(DateTime t1, DateTime t2)", |_, a| Ok(Value::Bool(ticks(a[0]) <= ticks(a[1])))),
    operator("TimeSpan op_Subtraction(DateTime d1, DateTime d2)", difference),
    operator("DateTime op_Subtraction(DateTime d, TimeSpan t)", |cx, a| named(minus(cx, a))),
];

pub const UNIX_EPOCH: i64 = 621_355_968_000_000_000;
/// The ticks of 1601, from which Windows counts.
pub const FILE_EPOCH: i64 = 504_911_232_000_000_000;

/// The date in an argument.
pub fn get(value: Value) -> DateTime {
    if let Value::DateTime(date) = value { date } else { DateTime(0) }
}

fn ticks(value: Value) -> i64 {
    get(value).ticks()
}

/// The clock, in ticks.
pub fn now(cx: &Call<'_>) -> i64 {
    cx.host.now().0.clamp(0, DateTime::MAX_TICKS)
}

/// A `DayOfWeek`.
pub fn weekday(ticks: i64) -> Value {
    Value::Enum { ty: type_of("DayOfWeek"), value: text::weekday(ticks) }
}

pub fn day_of_year(ticks: i64) -> i32 {
    let first = text::date(text::split(ticks).0, 1, 1).unwrap_or(0);
    ((ticks - first) / DAY + 1) as i32
}

/// A date with this underlying kind.
pub fn from_ticks(ticks: i64, kind: i64) -> Result {
    if !(0..=DateTime::MAX_TICKS).contains(&ticks) {
        let message = "Ticks must be between DateTime.MinValue.Ticks and DateTime.MaxValue.Ticks.";
        return Err(Fault::out_of_range(message, "ticks"));
    }
    let kind = match kind {
        0 => Clock::Unspecified,
        1 => Clock::Utc,
        2 => Clock::Local,
        _ => return Err(Fault::argument("Invalid DateTimeKind value.", "kind")),
    };
    Ok(Value::DateTime(DateTime::new(ticks, kind)))
}

fn with(date: Value, ticks: i64) -> Result {
    from_ticks(ticks, get(date).kind() as i64)
}

fn year(year: i32) -> Result<()> {
    let message = "Year must be between 1 and 9999.";
    if (1..=9999).contains(&year) { Ok(()) } else { Err(Fault::out_of_range(message, "year")) }
}

/// Ticks of year, month, day and (from 6 numbers on) hour, minute, second, millisecond.
pub fn ticks_of(a: &[Value], count: usize) -> Result<i64> {
    let wrong = |message: &str| Fault::throw("System.ArgumentOutOfRangeException", message);
    let millis = if count > 6 { long(a[6]) } else { 0 };
    check_millisecond(millis)?;
    let date = text::date(long(a[0]), long(a[1]), long(a[2]))
        .ok_or_else(|| wrong("Year, Month, and Day parameters describe an un-representable DateTime."))?;
    if count == 3 {
        return Ok(date);
    }
    let (h, m, s) = (long(a[3]), long(a[4]), long(a[5]));
    if !(0..24).contains(&h) || !(0..60).contains(&m) || !(0..60).contains(&s) {
        return Err(wrong("Hour, Minute, and Second parameters describe an un-representable DateTime."));
    }
    Ok(date + h * HOUR + m * MINUTE + s * SECOND + millis * 10_000)
}

fn check_millisecond(millis: i64) -> Result<()> {
    if (0..1000).contains(&millis) {
        return Ok(());
    }
    Err(Fault::out_of_range("Valid values are between 0 and 999, inclusive.", "millisecond"))
}

pub fn parts(a: &[Value], count: usize, kind: i64) -> Result {
    if count > 6 {
        check_millisecond(long(a[6]))?;
    }
    from_ticks(0, kind)?;
    from_ticks(ticks_of(a, count)?, kind)
}

/// What an operator says of its own operand.
pub fn named(result: Result) -> Result {
    result.map_err(|fault| match fault {
        Fault::Throw(thrown) if thrown.message.ends_with("(Parameter 'value')") => unrepresentable("t"),
        other => other,
    })
}

fn unrepresentable(name: &str) -> Fault {
    Fault::out_of_range("The added or subtracted value results in an un-representable DateTime.", name)
}

/// These ticks and a span; outside the calendar is an error.
pub fn plus(ticks: i64, span: i64) -> Result<i64> {
    let found = ticks.checked_add(span).filter(|t| (0..=DateTime::MAX_TICKS).contains(t));
    found.ok_or_else(|| unrepresentable("value"))
}

fn shift(date: Value, span: i64) -> Result {
    with(date, plus(ticks(date), span)?)
}

/// A span in units of these ticks, rounded to the millisecond.
pub fn scaled(value: f64, unit: i64) -> Result<i64> {
    // The conversion to an integer that .NET leaves to the processor gives a number whose ticks are a multiple of 2^64.
    if value.is_nan() {
        return Ok(0);
    }
    let millis = value * (unit / 10_000) as f64 + if value >= 0.0 { 0.5 } else { -0.5 };
    if !(millis > -315_537_897_600_000.0 && millis < 315_537_897_600_000.0) {
        return Err(Fault::out_of_range("Value to add was out of range.", "value"));
    }
    Ok(millis as i64 * 10_000)
}

pub fn months(ticks: i64, months: i32) -> Result<i64> {
    if !(-120_000..=120_000).contains(&months) {
        return Err(Fault::out_of_range("Months value must be between +/-120000.", "months"));
    }
    let (year, month, day) = text::split(ticks);
    let total = year * 12 + month - 1 + i64::from(months);
    let (year, month) = (total.div_euclid(12), total.rem_euclid(12) + 1);
    let date = text::date(year, month, day.min(text::days_in_month(year, month)));
    Ok(date.ok_or_else(|| unrepresentable("months"))? + ticks % DAY)
}

pub fn years(ticks: i64, years: i32) -> Result<i64> {
    if !(-10_000..=10_000).contains(&years) {
        return Err(Fault::out_of_range("Years value must be between +/-10000.", "years"));
    }
    months(ticks, years * 12)
}

fn difference(_: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(Value::TimeSpan(ticks(a[0]) - ticks(a[1])))
}

fn minus(_: &mut Call<'_>, a: &[Value]) -> Result {
    shift(a[0], span(a[1]).checked_neg().ok_or_else(|| unrepresentable("value"))?)
}

fn from_file(time: i64, kind: i64) -> Result {
    let found = time.checked_add(FILE_EPOCH).filter(|t| time >= 0 && *t <= DateTime::MAX_TICKS);
    from_ticks(found.ok_or_else(|| Fault::out_of_range("Not a valid Win32 FileTime.", "fileTime"))?, kind)
}

fn to_file(_: &mut Call<'_>, a: &[Value]) -> Result {
    let time = ticks(a[0]) - FILE_EPOCH;
    let message = "Not a valid Win32 FileTime.";
    if time < 0 { Err(Fault::throw("System.ArgumentOutOfRangeException", message)) } else { Ok(Value::Int64(time)) }
}

fn show(cx: &mut Call<'_>, value: Value, format: &str) -> Result {
    let date = get(value);
    let zone = match date.kind() {
        Clock::Unspecified => Zone::None,
        Clock::Utc => Zone::Utc,
        Clock::Local => Zone::Local,
    };
    let text = text::format(date.ticks(), zone, format).map_err(|wrong| fault(&wrong, format))?;
    cx.charge_fuel(text.len() / 16)?;
    cx.new_str(&text)
}

fn in_each_way(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let letter = char::from_u32(char_of(a[1]).into()).unwrap_or_default();
    in_all_ways(cx, a[0], letter.encode_utf8(&mut [0; 4]))
}

/// A date in every way that the culture has for these standard formats.
fn in_all_ways(cx: &mut Call<'_>, date: Value, letters: &str) -> Result {
    let mut items = Vec::new();
    for letter in letters.chars() {
        for way in text::ways(letter).ok_or_else(Fault::format)? {
            items.push(show(cx, date, &way)?);
        }
    }
    cx.heap.new_array(TypeId::array(types::string()), items)
}

fn to_string(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let format = cx.heap.text(a[1]).unwrap_or_default().into_owned();
    show(cx, a[0], if format.is_empty() { "G" } else { &format })
}

/// What a read text is under these styles.
fn made(read: Read, style: i64) -> std::result::Result<Value, Wrong> {
    if read.zone.minutes().abs() > 14 * 60 {
        return Err(Wrong::Offset);
    }
    let mut ticks = read.ticks - read.zone.minutes() * MINUTE;
    let has = |flag: i64| style & flag != 0;
    let kind = match read.zone {
        Zone::None if !has(styles::ASSUME_LOCAL | styles::ASSUME_UNIVERSAL) => 0,
        Zone::Utc if has(styles::ROUNDTRIP) => 1,
        _ if has(styles::ADJUST_TO_UNIVERSAL) => 1,
        _ => 2,
    };
    // A time of the first day is a time alone: it turns around.
    if ticks < 0 {
        ticks += DAY;
    }
    from_ticks(ticks, kind).map_err(|_| Wrong::Range)
}

/// Which styles do not go together.
pub fn check_styles(style: i64, name: &str, with_offset: bool) -> Result<()> {
    let has = |flag: i64| style & flag != 0;
    let message = if style & !0xFF != 0 {
        "An undefined DateTimeStyles value is being used."
    } else if has(styles::ASSUME_LOCAL) && has(styles::ASSUME_UNIVERSAL) {
        "The DateTimeStyles values AssumeLocal and AssumeUniversal cannot be used together."
    } else if with_offset && has(styles::NO_CURRENT_DATE) {
        "The DateTimeStyles value 'NoCurrentDateDefault' is not allowed when parsing DateTimeOffset."
    } else if !with_offset
        && has(styles::ROUNDTRIP)
        && has(styles::ASSUME_LOCAL | styles::ASSUME_UNIVERSAL | styles::ADJUST_TO_UNIVERSAL)
    {
        "The DateTimeStyles value RoundtripKind cannot be used with the values AssumeLocal, AssumeUniversal or AdjustToUniversal."
    } else {
        return Ok(());
    };
    Err(Fault::argument(message, name))
}

pub fn fault(wrong: &Wrong, text: &str) -> Fault {
    Fault::throw("System.FormatException", wrong.message(text))
}

fn parse(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let style = a.get(2).map_or(0, |&v| enumeration(v));
    check_styles(style, "styles", false)?;
    let text = cx.text(a[0], "s")?;
    let read = date_read::parse(&text, style, now(cx), false);
    let len = text.len();
    let made = read.and_then(|read| made(read, style)).map_err(|wrong| fault(&wrong, &text));
    cx.charge_fuel(len / 4)?;
    made
}

fn give(cx: &mut Call<'_>, found: Option<Value>, out: u8) -> Result {
    cx.set_out(out, found.unwrap_or(Value::DateTime(DateTime(0))));
    Ok(Value::Bool(found.is_some()))
}

fn try_parse(cx: &mut Call<'_>, a: &[Value], style: i64, out: u8) -> Result {
    check_styles(style, "styles", false)?;
    let text = cx.heap.text(a[0]).unwrap_or_default();
    let len = text.len();
    let found = date_read::parse(&text, style, now(cx), false).and_then(|read| made(read, style)).ok();
    cx.charge_fuel(len / 4)?;
    give(cx, found, out)
}

/// Reads by the first format that fits; `made` is what its type makes of it. One format tells why it does not fit.
pub fn read_exact(
    cx: &Call<'_>,
    a: &[Value],
    style: i64,
    name: &str,
    made: fn(Read, i64) -> std::result::Result<Value, Wrong>,
) -> Result<std::result::Result<Value, Wrong>> {
    let with_offset = name == "input";
    let text = cx.text(a[0], name)?;
    let several = cx.heap.items(a[1]).is_some();
    if a[1].is_null() {
        return Err(Fault::argument_null("format"));
    }
    let formats = formats(cx, a[1])?;
    if text.is_empty() {
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
        answer =
            date_exact::parse_exact(&text, &format, style, now(cx), with_offset).and_then(|read| made(read, style));
        match &answer {
            Ok(_) => break,
            // A letter that is no format throws, wherever it stands.
            Err(Wrong::Format) => return Err(Fault::format()),
            Err(_) => {}
        }
    }
    Ok(answer.map_err(|wrong| if several { Wrong::Text } else { wrong }))
}

/// Of several formats there must be an array.
pub fn need_formats(cx: &Call<'_>, a: &[Value], name: &str) -> Result<()> {
    cx.str(a[0], name)?;
    if a[1].is_null() {
        let message = "String reference not set to an instance of a String. (Parameter 'formats')";
        return Err(Fault::throw("System.ArgumentNullException", message));
    }
    Ok(())
}

/// `ParseExact`: text, a format or an array of them, a culture and, if there are any, styles.
pub fn parse_exact(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let style = a.get(3).map_or(0, |&v| enumeration(v));
    check_styles(style, "style", false)?;
    let answer = read_exact(cx, a, style, "s", made)?;
    answer.map_err(|wrong| fault(&wrong, &cx.heap.text(a[0]).unwrap_or_default()))
}

fn try_parse_exact(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let style = enumeration(a[3]);
    check_styles(style, "style", false)?;
    if a[0].is_null() || a[1].is_null() {
        return give(cx, None, 4);
    }
    let found = read_exact(cx, a, style, "s", made)?.ok();
    give(cx, found, 4)
}
