//! Values as XML text and XML text as values, as `XmlConvert` reads and writes them.

use super::schema_date::{self, Zone};
use super::{Result, node};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Code, Form};
use crate::dotnet::system::date_time::now;
use crate::dotnet::system::date_time_offset;
use crate::dotnet::system::display::{display, format_value};
use crate::dotnet::system::enumerate::call_native;
use crate::dotnet::system::format::date_time::MINUTE;
use crate::dotnet::system::format::parse::{self, styles};
use crate::dotnet::system::number::wrong;
use crate::dotnet::types::{self, Type, TypeId};
use crate::dotnet::value::Value;

/// The text of a value in content.
pub fn to_text(cx: &mut Call<'_>, value: Value) -> Result {
    if cx.heap.str(value).is_some() {
        return Ok(value);
    }
    if node::data(cx, value).is_some() {
        return Err(Fault::throw("System.ArgumentException", "An XObject cannot be used as a value."));
    }
    let real = |v: f64| match v {
        v if v.is_infinite() => Some(if v > 0.0 { "INF" } else { "-INF" }),
        v if v == 0.0 && v.is_sign_negative() => Some("-0"),
        _ => None,
    };
    let special = match value {
        Value::Bool(v) => Some(if v { "true" } else { "false" }),
        Value::Double(v) => real(v),
        Value::Single(v) => real(v.into()),
        _ => None,
    };
    let text = match value {
        _ if special.is_some() => special.unwrap_or_default().to_owned(),
        Value::Char(unit) => return cx.heap.new_wide(&[unit]),
        Value::DateTime(_) => format_value(cx, value, Some("yyyy-MM-ddTHH:mm:ss.FFFFFFFK"))?,
        Value::DateTimeOffset { minutes, .. } => {
            let format = if minutes == 0 { "yyyy-MM-ddTHH:mm:ss.FFFFFFF'Z'" } else { "yyyy-MM-ddTHH:mm:ss.FFFFFFFzzz" };
            format_value(cx, value, Some(format))?
        }
        Value::TimeSpan(ticks) => duration(ticks),
        _ => display(cx, value)?,
    };
    cx.charge_fuel(text.len() / 16)?;
    cx.new_str(&text)
}

/// A duration by XML Schema: `PT1H30M`.
fn duration(ticks: i64) -> String {
    const SECOND: u64 = 10_000_000;
    let left = ticks.unsigned_abs();
    let seconds = left / SECOND;
    let (days, hours, minutes, seconds) = (seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let fraction = left % SECOND;
    let mut text = String::from(if ticks < 0 { "-P" } else { "P" });
    if days > 0 {
        text.push_str(&format!("{days}D"));
    }
    if hours + minutes + seconds + fraction > 0 {
        text.push('T');
        if hours > 0 {
            text.push_str(&format!("{hours}H"));
        }
        if minutes > 0 {
            text.push_str(&format!("{minutes}M"));
        }
        if seconds + fraction > 0 {
            text.push_str(&seconds.to_string());
            if fraction > 0 {
                let digits = format!("{fraction:07}");
                text.push('.');
                text.push_str(digits.trim_end_matches('0'));
            }
            text.push('S');
        }
    }
    if text.ends_with('P') {
        text.push_str("T0S");
    }
    text
}

/// A duration of XML Schema in ticks; years count 365 days and months 30. `Err` is an overflow or a wrong text.
fn read_duration(text: &str) -> std::result::Result<i64, bool> {
    const SECOND: i128 = 10_000_000;
    const YEAR: i128 = 365 * 86400;
    const MONTH: (char, i32) = ('M', 30 * 86400);
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let rest = rest.strip_prefix('P').ok_or(false)?;
    let (date, time) = match rest.split_once('T') {
        Some((_, "")) => return Err(false),
        Some((date, time)) => (date, time),
        None => (rest, ""),
    };
    if date.is_empty() && time.is_empty() {
        return Err(false);
    }
    let mut total: i128 = 0;
    for (part, units) in
        [(date, &[('Y', YEAR as i32), MONTH, ('D', 86400)][..]), (time, &[('H', 3600), ('M', 60), ('S', 1)][..])]
    {
        let (mut rest, mut units) = (part, units);
        while !rest.is_empty() {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or(false)?;
            let (number, tail) = rest.split_at(end);
            let unit = tail.chars().next().ok_or(false)?;
            let at = units.iter().position(|(name, _)| *name == unit).ok_or(false)?;
            let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
            if whole.is_empty() && fraction.is_empty()
                || fraction.contains('.')
                || number.contains('.') && (unit != 'S' || fraction.is_empty())
            {
                return Err(false);
            }
            let whole: i32 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| false)? };
            // Twelve months are a year.
            let (years, whole) = if units[at] == MONTH { (whole / 12, whole % 12) } else { (0, whole) };
            total += (i128::from(years) * YEAR + i128::from(whole) * i128::from(units[at].1)) * SECOND;
            let digits: String = fraction.chars().chain("0000000".chars()).take(7).collect();
            total += digits.parse::<i128>().unwrap_or(0);
            units = &units[at + 1..];
            rest = &tail[1..];
        }
    }
    i64::try_from(if negative { -total } else { total }).map_err(|_| true)
}

pub fn invalid(text: &str, what: &str) -> Fault {
    Fault::throw("System.FormatException", format!("The string '{text}' is not a valid {what} value."))
}

/// The text of an element or attribute as a value of a type; null makes null, or throws where the type has none.
pub fn explicit(cx: &mut Call<'_>, source: Value, parameter: &str) -> Result {
    let ty = cx.returns;
    let (target, nullable) = match ty.get() {
        Type::Nullable(of) => (*of, true),
        _ => (ty, false),
    };
    let is_text = target == types::string();
    if source.is_null() {
        return if nullable || is_text { Ok(Value::Null) } else { Err(Fault::argument_null(parameter)) };
    }
    let value = super::value_of(cx, source)?;
    if is_text { Ok(value) } else { read(cx, value, target) }
}

/// Text as a value of a type.
pub fn read(cx: &mut Call<'_>, value: Value, target: TypeId) -> Result {
    let text = cx.heap.text(value).unwrap_or_default().into_owned();
    cx.charge_fuel(text.len() / 16)?;
    let trimmed = text.trim_matches([' ', '\t', '\n', '\r']);
    let name = target.dotnet_name();
    let integer = |bits, signed| {
        let sign = if signed { styles::LEADING_SIGN } else { 0 };
        let style = styles::LEADING_WHITE | styles::TRAILING_WHITE | sign;
        parse::integer(&text, style, bits, signed).map_err(|why| wrong(why, &name))
    };
    let real = styles::LEADING_SIGN | styles::DECIMAL_POINT | styles::LEADING_WHITE | styles::TRAILING_WHITE;
    let infinity = match trimmed {
        "INF" => Some(f64::INFINITY),
        "-INF" => Some(f64::NEG_INFINITY),
        _ => None,
    };
    Ok(match &*name {
        "System.Boolean" => match &*trimmed.to_lowercase() {
            "1" | "true" => Value::Bool(true),
            "0" | "false" => Value::Bool(false),
            _ => return Err(invalid(&trimmed.to_lowercase(), "Boolean")),
        },
        "System.SByte" => Value::SByte(integer(8, true)? as i8),
        "System.Byte" => Value::Byte(integer(8, false)? as u8),
        "System.Int16" => Value::Int16(integer(16, true)? as i16),
        "System.UInt16" => Value::UInt16(integer(16, false)? as u16),
        "System.Int32" => Value::Int32(integer(32, true)? as i32),
        "System.UInt32" => Value::UInt32(integer(32, false)? as u32),
        "System.Int64" => Value::Int64(integer(64, true)? as i64),
        "System.UInt64" => Value::UInt64(integer(64, false)? as u64),
        "System.Single" => match infinity {
            Some(v) => Value::Single(v as f32),
            None => Value::Single(parse::single(trimmed, real | styles::EXPONENT).map_err(|why| wrong(why, &name))?),
        },
        "System.Double" => match infinity {
            Some(v) => Value::Double(v),
            None => Value::Double(parse::double(trimmed, real | styles::EXPONENT).map_err(|why| wrong(why, &name))?),
        },
        "System.Decimal" => {
            let number = parse::decimal(&text, real).map_err(|why| wrong(why, &name))?;
            cx.heap.new_decimal(number)?
        }
        "System.TimeSpan" => match read_duration(trimmed) {
            Ok(ticks) => Value::TimeSpan(ticks),
            Err(false) => return Err(invalid(&text, "TimeSpan")),
            Err(true) => {
                let message = "Value 'Duration' was either too large or too small for TimeSpan.";
                return Err(Fault::throw("System.OverflowException", message));
            }
        },
        "System.Guid" => {
            let value = cx.new_str(trimmed)?;
            by_row(cx, target, ".ctor", &[value])?
        }
        "System.DateTime" => {
            let styles = Value::Enum { ty: TypeId::named("System.Globalization.DateTimeStyles"), value: 128 };
            by_row(cx, target, "Parse", &[value, Value::Null, styles])?
        }
        "System.DateTimeOffset" => {
            let read = schema_date::read(&text, now(cx)).ok_or_else(|| invalid(&text, "AllXsd"))?;
            let minutes = match read.zone {
                Zone::None | Zone::Utc => 0,
                Zone::Minutes(minutes) => minutes,
            };
            date_time_offset::make(read.ticks, minutes * MINUTE)?
        }
        _ => return Err(Fault::invalid_cast("System.Xml.Linq.XElement", &name)),
    })
}

/// Calls a static member or constructor of a type's own table, by name and arguments.
fn by_row(cx: &mut Call<'_>, target: TypeId, name: &str, args: &[Value]) -> Result {
    let found = target.def().and_then(|def| {
        def.members().iter().find(|member| {
            member.name == name
                && matches!(member.row.form, Form::Method | Form::Constructor)
                && member.parameters.len() == args.len()
                && member.parameters.first().is_some_and(|p| p.ty == types::string())
        })
    });
    match found.map(|member| member.row.code) {
        Some(Code::Native(native)) => call_native(cx, native, target, target, args),
        _ => Err(Fault::not_supported("The type cannot be read from text.")),
    }
}
