//! `System.Globalization.Calendar`: the Gregorian calendar, which is the invariant culture's, and the one that dates are
//! told in.

use super::date_time::{day_of_year, from_ticks, get, months, parts, weekday, years};
use super::format::date_time::{self as text, DAY};
use crate::dotnet::call::{Call, enumeration, int, long};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, Row, TypeDef, constructor, enum_value, method, type_of};
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

pub static TYPES: &[&TypeDef] = &[&CALENDAR, &GREGORIAN, &WEEK_RULE];

#[derive(Debug)]
struct Gregorian;

pub static CALENDAR: TypeDef =
    TypeDef::new("System.Globalization.Calendar", Kind::Class, &[ROWS]).is_abstract().off_list();

pub static GREGORIAN: TypeDef = TypeDef::new(
    "System.Globalization.GregorianCalendar",
    Kind::Class,
    &[&[constructor("GregorianCalendar()", |cx, _| new(cx))]],
)
.base("Calendar")
.off_list();

pub static WEEK_RULE: TypeDef = TypeDef::new(
    "System.Globalization.CalendarWeekRule",
    Kind::Enum,
    &[&[enum_value("FirstDay = 0", 0), enum_value("FirstFullWeek = 1", 1), enum_value("FirstFourDayWeek = 2", 2)]],
)
.off_list();

const ROWS: &[Row] = &[
    method("DateTime AddDays(DateTime time, int days)", |_, a| moved(a[1], i64::from(int(a[2])) * DAY)),
    method("DateTime AddMonths(DateTime time, int months)", |_, a| {
        from_ticks(months(get(a[1]).ticks(), int(a[2]))?, 0)
    }),
    method("DateTime AddWeeks(DateTime time, int weeks)", |_, a| moved(a[1], i64::from(int(a[2])) * 7 * DAY)),
    method("DateTime AddYears(DateTime time, int years)", |_, a| from_ticks(years(get(a[1]).ticks(), int(a[2]))?, 0)),
    method("int GetDayOfMonth(DateTime time)", |_, a| Ok(Value::Int32(text::split(get(a[1]).ticks()).2 as i32))),
    method("DayOfWeek GetDayOfWeek(DateTime time)", |_, a| Ok(weekday(get(a[1]).ticks()))),
    method("int GetDayOfYear(DateTime time)", |_, a| Ok(Value::Int32(day_of_year(get(a[1]).ticks())))),
    method("int GetDaysInMonth(int year, int month)", |_, a| {
        if !(1..=12).contains(&int(a[2])) {
            let message = "Month must be between one and twelve.";
            return Err(super::collections::array::copy::actual(message, "month", int(a[2])));
        }
        in_range(int(a[1]))?;
        Ok(Value::Int32(text::days_in_month(long(a[1]), long(a[2])) as i32))
    }),
    method("int GetDaysInYear(int year)", |_, a| {
        in_range(int(a[1]))?;
        Ok(Value::Int32(if text::days_in_month(long(a[1]), 2) == 29 { 366 } else { 365 }))
    }),
    method("int GetMonth(DateTime time)", |_, a| Ok(Value::Int32(text::split(get(a[1]).ticks()).1 as i32))),
    method("int GetMonthsInYear(int year)", |_, a| {
        in_range(int(a[1]))?;
        Ok(Value::Int32(12))
    }),
    method("int GetWeekOfYear(DateTime time, CalendarWeekRule rule, DayOfWeek firstDayOfWeek)", week_of_year),
    method("int GetYear(DateTime time)", |_, a| Ok(Value::Int32(text::split(get(a[1]).ticks()).0 as i32))),
    method("bool IsLeapYear(int year)", |_, a| {
        in_range(int(a[1]))?;
        Ok(Value::Bool(text::days_in_month(long(a[1]), 2) == 29))
    }),
    method(
        "DateTime ToDateTime(int year, int month, int day, int hour, int minute, int second, int millisecond)",
        |_, a| parts(&a[1..], 7, 0),
    ),
];

/// The invariant culture's calendar.
pub fn new(cx: &mut Call<'_>) -> Result {
    cx.heap.new_extension(type_of("GregorianCalendar"), Gregorian)
}

/// A date by a calendar: the numbers stand before it.
pub fn dated(a: &[Value], count: usize, kind: i64) -> Result {
    if a[count].is_null() {
        return Err(Fault::argument_null("calendar"));
    }
    parts(a, count, kind)
}

fn moved(time: Value, ticks: i64) -> Result {
    let sum = get(time).ticks().saturating_add(ticks);
    from_ticks(sum, 0).map_err(|_| {
        let message = "The result is out of the supported range for this calendar. The result should be between \
                       01/01/0001 (Gregorian date) and 12/31/9999 (Gregorian date), inclusive.";
        Fault::throw("System.ArgumentException", message)
    })
}

fn in_range(year: i32) -> Result<()> {
    if (1..=9999).contains(&year) {
        return Ok(());
    }
    Err(super::collections::array::copy::actual("Valid values are between 1 and 9999, inclusive.", "year", year))
}

fn week_of_year(_: &mut Call<'_>, a: &[Value]) -> Result {
    let (ticks, rule, first) = (get(a[1]).ticks(), enumeration(a[2]), enumeration(a[3]));
    if !(0..=6).contains(&first) {
        return Err(wrong("Valid values are between Sunday and Saturday, inclusive.", "firstDayOfWeek", a[3]));
    }
    let day = i64::from(day_of_year(ticks)) - 1;
    let january_first = text::weekday(ticks) - day % 7;
    let week = match rule {
        0 => (day + (january_first - first + 14) % 7) / 7 + 1,
        1 | 2 => full_weeks(ticks, day, january_first, first, if rule == 1 { 7 } else { 4 }),
        _ => return Err(wrong("Valid values are between FirstDay and FirstFourDayWeek, inclusive.", "rule", a[2])),
    };
    Ok(Value::Int32(week as i32))
}

pub fn wrong(message: &str, parameter: &str, value: Value) -> Fault {
    let shown = if let Value::Enum { ty, value } = value { super::enumeration::name(ty, value) } else { String::new() };
    let message = format!("{message} (Parameter '{parameter}')\nActual value was {shown}.");
    Fault::throw("System.ArgumentOutOfRangeException", message)
}

/// The week of a year whose first week has so many of its days.
fn full_weeks(ticks: i64, day: i64, january_first: i64, first: i64, days: i64) -> i64 {
    let offset = (first - january_first + 14) % 7;
    let offset = if offset != 0 && offset >= days { offset - 7 } else { offset };
    if day >= offset {
        return (day - offset) / 7 + 1;
    }
    // It belongs to the last week of the year before.
    let before = ticks - (day + 1) * DAY;
    if before < 0 {
        return 53;
    }
    let day = i64::from(day_of_year(before)) - 1;
    full_weeks(before, day, text::weekday(before) - day % 7, first, days)
}
