//! `System.TimeZoneInfo` with its rules and transitions, and `System.TimeZone`. The local time zone is UTC.
//!
//! In: names of the IANA database or of Windows. Out: offsets and converted times. Zones come with the program: nothing is
//! read from the machine.

mod serial;
mod tzif;
mod windows;
mod zone;

use super::date_time::{get, now};
use super::format::date_time::{DAY, MINUTE};
use super::object::fnv;
use super::time_span::ticks as span;
use crate::dotnet::call::{Call, bool, enumeration, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Object;
use crate::dotnet::member::{
    Kind as TypeKind, Row, TypeDef, constructor, method, operator, property, static_method, static_property, type_of,
};
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::{DateTime, Kind, Value};
use std::sync::Arc;
use zone::{Clock, Identity, MAX_OFFSET, Rule, Transition, Zone};

type Result<T = Value> = std::result::Result<T, Fault>;

pub static TYPES: &[&TypeDef] = &[&INFO, &RULE, &TRANSITION, &CURRENT, &DAYLIGHT_TIME];

pub static INFO: TypeDef =
    TypeDef::new("System.TimeZoneInfo", TypeKind::Class, &[INFO_ROWS]).interfaces(&["IEquatable<TimeZoneInfo>"]);

const INFO_ROWS: &[Row] = &[
    property("TimeSpan BaseUtcOffset { get; }", |cx, a| Ok(Value::TimeSpan(zone(cx, a[0])?.base))),
    static_method("void ClearCachedData()", |_, _| Ok(Value::Null)),
    static_method(
        "DateTimeOffset ConvertTime(DateTimeOffset dateTimeOffset, TimeZoneInfo destinationTimeZone)",
        |cx, a| convert_offset(a[0], &*given(cx, a[1], "destinationTimeZone")?),
    ),
    static_method("DateTime ConvertTime(DateTime dateTime, TimeZoneInfo destinationTimeZone)", |cx, a| {
        let to = given(cx, a[1], "destinationTimeZone")?;
        convert(a[0], &own(get(a[0]).kind()), &to)
    }),
    static_method(
        "DateTime ConvertTime(DateTime dateTime, TimeZoneInfo sourceTimeZone, TimeZoneInfo destinationTimeZone)",
        |cx, a| {
            let from = given(cx, a[1], "sourceTimeZone")?;
            convert(a[0], &from, &*given(cx, a[2], "destinationTimeZone")?)
        },
    ),
    static_method(
        "DateTimeOffset ConvertTimeBySystemTimeZoneId(DateTimeOffset dateTimeOffset, string destinationTimeZoneId)",
        |cx, a| convert_offset(a[0], &find(cx, a[1])?),
    ),
    static_method(
        "DateTime ConvertTimeBySystemTimeZoneId(DateTime dateTime, string destinationTimeZoneId)",
        |cx, a| convert(a[0], &own(get(a[0]).kind()), &find(cx, a[1])?),
    ),
    static_method(
        "DateTime ConvertTimeBySystemTimeZoneId(DateTime dateTime, string sourceTimeZoneId, string destinationTimeZoneId)",
        |cx, a| {
            let kind = get(a[0]).kind();
            let is_utc = cx.heap.text(a[1]).is_some_and(|id| id.eq_ignore_ascii_case("UTC"));
            let from = if is_utc && kind != Kind::Unspecified { own(kind) } else { find(cx, a[1])? };
            convert(a[0], &from, &find(cx, a[2])?)
        },
    ),
    static_method("DateTime ConvertTimeFromUtc(DateTime dateTime, TimeZoneInfo destinationTimeZone)", |cx, a| {
        convert(a[0], &utc(), &*given(cx, a[1], "destinationTimeZone")?)
    }),
    static_method("DateTime ConvertTimeToUtc(DateTime dateTime)", |_, a| match get(a[0]).kind() {
        Kind::Utc => Ok(a[0]),
        _ => convert(a[0], &local(), &utc()),
    }),
    static_method("DateTime ConvertTimeToUtc(DateTime dateTime, TimeZoneInfo sourceTimeZone)", |cx, a| {
        convert(a[0], &*given(cx, a[1], "sourceTimeZone")?, &utc())
    }),
    static_method(
        "TimeZoneInfo CreateCustomTimeZone(string id, TimeSpan baseUtcOffset, string displayName, string standardDisplayName)",
        |cx, a| custom(cx, a, a[3], Value::Null),
    ),
    static_method(
        "TimeZoneInfo CreateCustomTimeZone(string id, TimeSpan baseUtcOffset, string displayName, string standardDisplayName, string daylightDisplayName, TimeZoneInfo.AdjustmentRule[] adjustmentRules)",
        |cx, a| custom(cx, a, a[4], a[5]),
    ),
    static_method(
        "TimeZoneInfo CreateCustomTimeZone(string id, TimeSpan baseUtcOffset, string displayName, string standardDisplayName, string daylightDisplayName, TimeZoneInfo.AdjustmentRule[] adjustmentRules, bool disableDaylightSavingTime)",
        |cx, a| match bool(a[6]) {
            true => custom(cx, a, Value::Null, Value::Null),
            false => custom(cx, a, a[4], a[5]),
        },
    ),
    property("string DaylightName { get; }", |cx, a| {
        let name = zone(cx, a[0])?.daylight.clone();
        cx.new_str(&name.unwrap_or_default())
    }),
    property("string DisplayName { get; }", display),
    method("bool Equals(TimeZoneInfo other)", equals),
    method("bool Equals(object obj)", equals),
    static_method("TimeZoneInfo FindSystemTimeZoneById(string id)", |cx, a| {
        let found = find(cx, a[0])?;
        new(cx, found)
    }),
    static_method("TimeZoneInfo FromSerializedString(string source)", |cx, a| {
        let text = cx.text(a[0], "source")?.into_owned();
        if text.is_empty() {
            return Err(Fault::argument("The specified serialized string '' is not supported.", "source"));
        }
        cx.charge_fuel(text.len() / 4)?;
        let read = serial::read(&text).filter(|zone| check(zone).is_ok());
        let corrupt = "An error occurred while deserializing the object.  The serialized data is corrupt.";
        let zone = read.ok_or_else(|| Fault::throw("System.Runtime.Serialization.SerializationException", corrupt))?;
        new(cx, zone)
    }),
    method("TimeZoneInfo.AdjustmentRule[] GetAdjustmentRules()", |cx, a| {
        let ty = type_of("TimeZoneInfo.AdjustmentRule");
        let rules = zone(cx, a[0])?.shown_rules();
        cx.charge_fuel(rules.len() * 4)?;
        let items = rules.into_iter().map(|rule| cx.heap.new_extension(ty, rule)).collect::<Result<Vec<_>>>()?;
        cx.heap.new_array(TypeId::array(ty), items)
    }),
    method("TimeSpan[] GetAmbiguousTimeOffsets(DateTimeOffset dateTimeOffset)", |cx, a| {
        let zone = zone(cx, a[0])?;
        let clock = clock_of_offset(a[1], &zone);
        ambiguous_offsets(cx, &zone, clock, "dateTimeOffset")
    }),
    method("TimeSpan[] GetAmbiguousTimeOffsets(DateTime dateTime)", |cx, a| {
        let zone = zone(cx, a[0])?;
        let clock = clock_in(get(a[1]), &zone);
        ambiguous_offsets(cx, &zone, clock, "dateTime")
    }),
    method("int GetHashCode()", |cx, a| {
        let id = zone(cx, a[0])?.id.to_uppercase();
        Ok(Value::Int32(fnv(id.encode_utf16())))
    }),
    static_method("ReadOnlyCollection<TimeZoneInfo> GetSystemTimeZones()", system_zones),
    method("TimeSpan GetUtcOffset(DateTimeOffset dateTimeOffset)", |cx, a| {
        Ok(Value::TimeSpan(zone(cx, a[0])?.offset_at_utc(utc_ticks(a[1])).0))
    }),
    method("TimeSpan GetUtcOffset(DateTime dateTime)", |cx, a| {
        let (zone, time) = (zone(cx, a[0])?, get(a[1]));
        let own = time.kind() == Kind::Unspecified || time.kind() == zone.kind();
        // Local time is UTC.
        let offset = if own { zone.offset_at_clock(Clock::of(time)) } else { zone.offset_at_utc(time.ticks()).0 };
        Ok(Value::TimeSpan(offset))
    }),
    method("bool HasSameRules(TimeZoneInfo other)", |cx, a| {
        let other = given(cx, a[1], "other")?;
        Ok(Value::Bool(zone(cx, a[0])?.same_rules(&other)))
    }),
    property("string Id { get; }", |cx, a| {
        let id = zone(cx, a[0])?.id.clone();
        cx.new_str(&id)
    }),
    method("bool IsAmbiguousTime(DateTimeOffset dateTimeOffset)", |cx, a| {
        let zone = zone(cx, a[0])?;
        Ok(Value::Bool(zone.ambiguous_rule(clock_of_offset(a[1], &zone)).is_some()))
    }),
    method("bool IsAmbiguousTime(DateTime dateTime)", |cx, a| {
        let zone = zone(cx, a[0])?;
        Ok(Value::Bool(zone.ambiguous_rule(clock_in(get(a[1]), &zone)).is_some()))
    }),
    method("bool IsDaylightSavingTime(DateTimeOffset dateTimeOffset)", |cx, a| {
        Ok(Value::Bool(zone(cx, a[0])?.offset_at_utc(utc_ticks(a[1])).1))
    }),
    method("bool IsDaylightSavingTime(DateTime dateTime)", |cx, a| {
        let (zone, time) = (zone(cx, a[0])?, get(a[1]));
        Ok(Value::Bool(match time.kind() {
            Kind::Unspecified => zone.is_daylight(Clock::of(time)),
            _ if zone.kind() == time.kind() => zone.is_daylight(Clock::of(time)),
            _ => zone.offset_at_utc(time.ticks()).1,
        }))
    }),
    method("bool IsInvalidTime(DateTime dateTime)", |cx, a| {
        let (zone, time) = (zone(cx, a[0])?, get(a[1]));
        let own = time.kind() == Kind::Unspecified || time.kind() == Kind::Local && zone.kind() == Kind::Local;
        Ok(Value::Bool(own && zone.is_skipped(time.ticks())))
    }),
    static_property("TimeZoneInfo Local { get; }", |cx, _| new(cx, local())),
    property("string StandardName { get; }", |cx, a| {
        let name = zone(cx, a[0])?.standard.clone();
        cx.new_str(&name.unwrap_or_default())
    }),
    property("bool SupportsDaylightSavingTime { get; }", |cx, a| Ok(Value::Bool(zone(cx, a[0])?.supports_daylight()))),
    method("string ToSerializedString()", |cx, a| {
        let zone = zone(cx, a[0])?;
        cx.charge_fuel(zone.rules.len() * 8)?;
        cx.new_str(&serial::write(&zone))
    }),
    method("string ToString()", display),
    static_property("TimeZoneInfo Utc { get; }", |cx, _| cx.once("Utc", |cx| new(cx, utc()))),
];

// ---- zones

fn new(cx: &mut Call<'_>, zone: Zone) -> Result {
    cx.heap.charge(size_of::<Zone>() + zone.rules.len() * size_of::<Rule>())?;
    cx.heap.new_extension(type_of("TimeZoneInfo"), Arc::new(zone))
}

fn zone(cx: &Call<'_>, value: Value) -> Result<Arc<Zone>> {
    cx.this::<Arc<Zone>>(value).cloned()
}

fn given(cx: &Call<'_>, value: Value, parameter: &str) -> Result<Arc<Zone>> {
    cx.heap.extension::<Arc<Zone>>(value).cloned().ok_or_else(|| Fault::argument_null(parameter))
}

fn utc() -> Zone {
    let name = "Coordinated Universal Time";
    Zone {
        identity: Identity::Utc,
        id: "UTC".to_owned(),
        display: Some(format!("(UTC) {name}")),
        standard: Some(name.to_owned()),
        daylight: Some(name.to_owned()),
        base: 0,
        rules: Vec::new(),
    }
}

fn local() -> Zone {
    Zone {
        identity: Identity::Local,
        id: "UTC".to_owned(),
        display: Some("(UTC+00:00) GMT".to_owned()),
        standard: Some("GMT".to_owned()),
        daylight: Some("GMT".to_owned()),
        base: 0,
        rules: Vec::new(),
    }
}

/// The zone that a time without a zone is in.
fn own(kind: Kind) -> Zone {
    if kind == Kind::Utc { utc() } else { local() }
}

fn find(cx: &mut Call<'_>, id: Value) -> Result<Zone> {
    let id = cx.text(id, "id")?.into_owned();
    if id.eq_ignore_ascii_case("UTC") {
        return Ok(utc());
    }
    cx.charge_fuel(500)?;
    tzif::find(&id, now(cx)).ok_or_else(|| {
        let message = format!("The time zone ID '{id}' was not found on the local computer.");
        Fault::throw("System.TimeZoneNotFoundException", message)
    })
}

fn system_zones(cx: &mut Call<'_>, _: &[Value]) -> Result {
    let now = now(cx);
    let mut zones = Vec::new();
    for name in tzif::names() {
        cx.charge_fuel(500)?;
        zones.extend(tzif::find(name, now));
    }
    zones.push(utc());
    zones.sort_by(|a, b| a.base.cmp(&b.base).then_with(|| a.display.cmp(&b.display)));
    let items = zones.into_iter().map(|zone| new(cx, zone)).collect::<Result<Vec<_>>>()?;
    let ty = cx.returns;
    cx.heap.charge(items.len() * size_of::<Value>())?;
    cx.heap.alloc(Object::List { ty, items, version: 0 })
}

fn display(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let name = zone(cx, a[0])?.display.clone();
    cx.new_str(&name.unwrap_or_default())
}

fn equals(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let own = zone(cx, a[0])?;
    let other = cx.heap.extension::<Arc<Zone>>(a[1]);
    let same = other.is_some_and(|other| own.id.eq_ignore_ascii_case(&other.id) && own.same_rules(other));
    Ok(Value::Bool(same))
}

fn custom(cx: &mut Call<'_>, a: &[Value], daylight: Value, rules: Value) -> Result {
    let text = |value: Value| cx.heap.text(value).map(|text| text.into_owned());
    let id = text(a[0]).ok_or_else(|| Fault::argument_null("id"))?;
    let (display, standard, daylight) = (text(a[2]), text(a[3]), text(daylight));
    let values = cx.heap.items(rules).unwrap_or_default().to_vec();
    let null_rule = || {
        let message = "The AdjustmentRule array cannot contain null elements.";
        Fault::throw("System.InvalidTimeZoneException", message)
    };
    let rules = values
        .into_iter()
        .map(|rule| cx.heap.extension::<Rule>(rule).cloned().ok_or_else(null_rule))
        .collect::<Result<Vec<_>>>()?;
    let zone = Zone { identity: Identity::Other, id, display, standard, daylight, base: span(a[1]), rules };
    check(&zone)?;
    new(cx, zone)
}

const NOT_MINUTES: &str = "The TimeSpan parameter cannot be specified more precisely than whole minutes.";
const BEYOND: &str = "The TimeSpan parameter must be within plus or minus 14.0 hours.";

/// What a zone must be, however it came to be.
fn check(zone: &Zone) -> Result<()> {
    if zone.id.is_empty() {
        return Err(Fault::argument("The specified ID parameter '' is not supported.", "id"));
    }
    if zone.base.unsigned_abs() > MAX_OFFSET.unsigned_abs() {
        return Err(Fault::out_of_range(BEYOND, "baseUtcOffset"));
    }
    if zone.base % MINUTE != 0 {
        return Err(Fault::argument(NOT_MINUTES, "baseUtcOffset"));
    }
    let wrong = |message| Err(Fault::throw("System.InvalidTimeZoneException", message));
    for (at, rule) in zone.rules.iter().enumerate() {
        let delta = if rule.has_daylight() { rule.delta } else { 0 };
        if (zone.base + rule.base_delta + delta).abs() > MAX_OFFSET {
            return wrong(
                "The sum of the BaseUtcOffset and DaylightDelta properties must within plus or minus 14.0 hours.",
            );
        }
        if at > 0 && rule.start <= zone.rules[at - 1].end {
            return wrong(
                "The elements of the AdjustmentRule array must be in chronological order and must not overlap.",
            );
        }
    }
    Ok(())
}

// ---- conversions

fn held(ticks: i64) -> i64 {
    ticks.clamp(0, DateTime::MAX_TICKS)
}

fn convert(time: Value, from: &Zone, to: &Zone) -> Result {
    let time = get(time);
    let unspecified = time.kind() == Kind::Unspecified;
    if !unspecified && time.kind() != from.kind() {
        let message = "The conversion could not be completed because the supplied DateTime did not have the Kind property \
                       set correctly.  For example, when the Kind property is DateTimeKind.Local, the source time zone \
                       must be TimeZoneInfo.Local.";
        return Err(Fault::argument(message, "sourceTimeZone"));
    }
    if from.is_skipped(time.ticks()) {
        let message = "The supplied DateTime represents an invalid time.  For example, when the clock is adjusted forward, \
                       any time in the period that is skipped is invalid.";
        return Err(Fault::argument(message, "dateTime"));
    }
    if !unspecified && from.kind() != Kind::Unspecified && from.kind() == to.kind() {
        return Ok(Value::DateTime(time));
    }
    let ticks = held(time.ticks() - from.offset_at_clock(Clock::of(time)));
    let ticks = held(ticks + to.offset_at_utc(ticks).0);
    Ok(Value::DateTime(DateTime::new(ticks, to.kind())))
}

/// The UTC ticks of a `DateTimeOffset`.
fn utc_ticks(value: Value) -> i64 {
    match value {
        Value::DateTimeOffset { minutes, ticks } => held(ticks - i64::from(minutes) * MINUTE),
        _ => 0,
    }
}

fn convert_offset(time: Value, to: &Zone) -> Result {
    let ticks = utc_ticks(time);
    let offset = to.offset_at_utc(ticks).0;
    Ok(match ticks + offset {
        local if local < 0 => Value::DateTimeOffset { minutes: 0, ticks: 0 },
        local if local > DateTime::MAX_TICKS => Value::DateTimeOffset { minutes: 0, ticks: DateTime::MAX_TICKS },
        local => Value::DateTimeOffset { minutes: (offset / MINUTE) as i16, ticks: local },
    })
}

/// What the zone's clock shows then; a time without a kind is the clock's own.
fn clock_in(time: DateTime, zone: &Zone) -> i64 {
    match time.kind() {
        Kind::Unspecified => time.ticks(),
        _ => held(time.ticks() + zone.offset_at_utc(time.ticks()).0),
    }
}

fn clock_of_offset(time: Value, zone: &Zone) -> i64 {
    let ticks = utc_ticks(time);
    held(ticks + zone.offset_at_utc(ticks).0)
}

fn ambiguous_offsets(cx: &mut Call<'_>, zone: &Zone, clock: i64, parameter: &str) -> Result {
    let Some(rule) = zone.ambiguous_rule(clock) else {
        let what = if parameter == "dateTime" { "DateTime" } else { "DateTimeOffset" };
        return Err(Fault::argument(&format!("The supplied {what} is not in an ambiguous time range."), parameter));
    };
    let standard = zone.base + rule.base_delta;
    let daylight = standard + rule.delta;
    let items = [standard.min(daylight), standard.max(daylight)].map(Value::TimeSpan).to_vec();
    cx.heap.new_array(TypeId::array(types::time_span()), items)
}

// ---- rules

pub static RULE: TypeDef = TypeDef::new(
    "System.TimeZoneInfo+AdjustmentRule",
    TypeKind::Class,
    &[&[
        static_method(
            "TimeZoneInfo.AdjustmentRule CreateAdjustmentRule(DateTime dateStart, DateTime dateEnd, TimeSpan daylightDelta, TimeZoneInfo.TransitionTime daylightTransitionStart, TimeZoneInfo.TransitionTime daylightTransitionEnd)",
            create_rule,
        ),
        property("DateTime DateEnd { get; }", |cx, a| Ok(date(cx.this::<Rule>(a[0])?.end))),
        property("DateTime DateStart { get; }", |cx, a| Ok(date(cx.this::<Rule>(a[0])?.start))),
        property("TimeSpan DaylightDelta { get; }", |cx, a| Ok(Value::TimeSpan(cx.this::<Rule>(a[0])?.delta))),
        property("TimeZoneInfo.TransitionTime DaylightTransitionEnd { get; }", |cx, a| {
            let transition = cx.this::<Rule>(a[0])?.to;
            new_transition(cx, transition)
        }),
        property("TimeZoneInfo.TransitionTime DaylightTransitionStart { get; }", |cx, a| {
            let transition = cx.this::<Rule>(a[0])?.from;
            new_transition(cx, transition)
        }),
        method("bool Equals(TimeZoneInfo.AdjustmentRule other)", |cx, a| {
            let own = cx.this::<Rule>(a[0])?;
            Ok(Value::Bool(cx.heap.extension::<Rule>(a[1]).is_some_and(|other| own == other)))
        }),
        method("int GetHashCode()", |cx, a| {
            let start = cx.this::<Rule>(a[0])?.start;
            Ok(Value::Int32((start as i32) ^ (start >> 32) as i32))
        }),
    ]],
)
.interfaces(&["IEquatable<TimeZoneInfo.AdjustmentRule>"]);

fn date(ticks: i64) -> Value {
    Value::DateTime(DateTime::new(held(ticks), Kind::Unspecified))
}

fn create_rule(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let (start, end, delta) = (get(a[0]), get(a[1]), span(a[2]));
    let (from, to) = (transition(cx, a[3]), transition(cx, a[4]));
    for (time, name) in [(start, "dateStart"), (end, "dateEnd")] {
        if time.kind() == Kind::Local {
            let message = "The supplied DateTime must have the Kind property set to DateTimeKind.Unspecified or \
                           DateTimeKind.Utc.";
            return Err(Fault::argument(message, name));
        }
    }
    if from == to {
        let message = "The DaylightTransitionStart property must not equal the DaylightTransitionEnd property.";
        return Err(Fault::argument(message, "daylightTransitionEnd"));
    }
    if start.ticks() > end.ticks() {
        return Err(Fault::argument("The DateStart property must come before the DateEnd property.", "dateStart"));
    }
    if delta.unsigned_abs() > MAX_OFFSET.unsigned_abs() {
        let shown = super::time_span::text(delta);
        let message = format!("{BEYOND} (Parameter 'daylightDelta')\nActual value was {shown}.");
        return Err(Fault::throw("System.ArgumentOutOfRangeException", message));
    }
    if delta % MINUTE != 0 {
        return Err(Fault::argument(NOT_MINUTES, "daylightDelta"));
    }
    for (time, name) in [(start, "dateStart"), (end, "dateEnd")] {
        if time.ticks() % DAY != 0 && time.kind() == Kind::Unspecified {
            let message = "The supplied DateTime includes a TimeOfDay setting.   This is not supported.";
            return Err(Fault::argument(message, name));
        }
    }
    let rule = Rule {
        start: start.ticks(),
        end: end.ticks(),
        start_is_utc: start.kind() == Kind::Utc,
        end_is_utc: end.kind() == Kind::Utc,
        delta,
        base_delta: 0,
        from,
        to,
        whole: false,
    };
    cx.heap.new_extension(type_of("TimeZoneInfo.AdjustmentRule"), rule)
}

const UNSPECIFIED_ONLY: &str = "The supplied DateTime must have the Kind property set to DateTimeKind.Unspecified.";

// ---- transitions

pub static TRANSITION: TypeDef = TypeDef::new(
    "System.TimeZoneInfo+TransitionTime",
    TypeKind::Struct,
    &[&[
        static_method(
            "TimeZoneInfo.TransitionTime CreateFixedDateRule(DateTime timeOfDay, int month, int day)",
            |cx, a| {
                let made = Transition {
                    time: get(a[0]).ticks(),
                    month: int(a[1]).into(),
                    week: 1,
                    day: int(a[2]).into(),
                    weekday: 0,
                    fixed: true,
                };
                create_transition(cx, get(a[0]), made)
            },
        ),
        static_method(
            "TimeZoneInfo.TransitionTime CreateFloatingDateRule(DateTime timeOfDay, int month, int week, DayOfWeek dayOfWeek)",
            |cx, a| {
                let made = Transition {
                    time: get(a[0]).ticks(),
                    month: int(a[1]).into(),
                    week: int(a[2]).into(),
                    day: 1,
                    weekday: enumeration(a[3]),
                    fixed: false,
                };
                create_transition(cx, get(a[0]), made)
            },
        ),
        property("int Day { get; }", |cx, a| Ok(Value::Int32(transition(cx, a[0]).day as i32))),
        property("DayOfWeek DayOfWeek { get; }", |cx, a| {
            Ok(Value::Enum { ty: type_of("DayOfWeek"), value: transition(cx, a[0]).weekday })
        }),
        method("bool Equals(object obj)", same_transition),
        method("bool Equals(TimeZoneInfo.TransitionTime other)", same_transition),
        method("int GetHashCode()", |cx, a| {
            let own = transition(cx, a[0]);
            Ok(Value::Int32((own.month ^ own.week << 8) as i32))
        }),
        property("bool IsFixedDateRule { get; }", |cx, a| Ok(Value::Bool(transition(cx, a[0]).fixed))),
        property("int Month { get; }", |cx, a| Ok(Value::Int32(transition(cx, a[0]).month as i32))),
        property("DateTime TimeOfDay { get; }", |cx, a| Ok(date(transition(cx, a[0]).time))),
        property("int Week { get; }", |cx, a| Ok(Value::Int32(transition(cx, a[0]).week as i32))),
        operator("bool op_Equality(TimeZoneInfo.TransitionTime t1, TimeZoneInfo.TransitionTime t2)", same_transition),
        operator("bool op_Inequality(TimeZoneInfo.TransitionTime t1, TimeZoneInfo.TransitionTime t2)", |cx, a| {
            Ok(Value::Bool(transition(cx, a[0]) != transition(cx, a[1])))
        }),
    ]],
)
.interfaces(&["IEquatable<TimeZoneInfo.TransitionTime>"]);

fn new_transition(cx: &mut Call<'_>, transition: Transition) -> Result {
    cx.heap.new_extension(type_of("TimeZoneInfo.TransitionTime"), transition)
}

/// `default(TransitionTime)`.
pub fn no_transition(heap: &mut crate::dotnet::heap::Heap) -> Result {
    heap.new_extension(type_of("TimeZoneInfo.TransitionTime"), Transition::default())
}

fn transition(cx: &Call<'_>, value: Value) -> Transition {
    cx.heap.extension::<Transition>(value).copied().unwrap_or_default()
}

fn same_transition(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let is_one = cx.heap.extension::<Transition>(a[1]).is_some();
    Ok(Value::Bool(is_one && transition(cx, a[0]) == transition(cx, a[1])))
}

fn create_transition(cx: &mut Call<'_>, time: DateTime, made: Transition) -> Result {
    if time.kind() != Kind::Unspecified {
        return Err(Fault::argument(UNSPECIFIED_ONLY, "timeOfDay"));
    }
    let outside = |name: &str, what: &str, from, to| {
        Fault::out_of_range(&format!("The {what} must be in the range {from} through {to}."), name)
    };
    if !(1..=12).contains(&made.month) {
        return Err(outside("month", "Month parameter", 1, 12));
    }
    if !(1..=31).contains(&made.day) {
        return Err(outside("day", "Day parameter", 1, 31));
    }
    if !(1..=5).contains(&made.week) {
        return Err(outside("week", "Week parameter", 1, 5));
    }
    if !(0..=6).contains(&made.weekday) {
        return Err(outside("dayOfWeek", "DayOfWeek enumeration", 0, 6));
    }
    if time.ticks() >= DAY || time.ticks() % 10_000 != 0 {
        let message = "The supplied DateTime must have the Year, Month, and Day properties set to 1.  The time cannot be \
                       specified more precisely than whole milliseconds.";
        return Err(Fault::argument(message, "timeOfDay"));
    }
    new_transition(cx, made)
}

// ---- TimeZone

pub static CURRENT: TypeDef = TypeDef::new(
    "System.TimeZone",
    TypeKind::Class,
    &[&[
        static_property("TimeZone CurrentTimeZone { get; }", |cx, _| {
            cx.heap.new_extension(type_of("TimeZone"), Current)
        }),
        property("string DaylightName { get; }", |cx, _| cx.new_str("GMT")),
        method("DaylightTime GetDaylightChanges(int year)", |cx, a| {
            if !(1..=9999).contains(&int(a[1])) {
                let message = "Valid values are between 1 and 9999, inclusive.";
                return Err(Fault::out_of_range(message, "year"));
            }
            new_daylight_time(cx, date(0), date(0), Value::TimeSpan(0))
        }),
        method("TimeSpan GetUtcOffset(DateTime time)", |_, _| Ok(Value::TimeSpan(0))),
        method("bool IsDaylightSavingTime(DateTime time)", |_, _| Ok(Value::Bool(false))),
        static_method("bool IsDaylightSavingTime(DateTime time, DaylightTime daylightTimes)", |cx, a| {
            let time = get(a[0]);
            let times = cx.heap.extension::<DaylightTime>(a[1]).ok_or_else(|| Fault::argument_null("daylightTimes"))?;
            let (start, end, delta) = (get(times.0).ticks(), get(times.1).ticks(), span(times.2));
            // The hour that the clock skips belongs to neither, the one that comes twice to standard time.
            let (start, end) = if delta > 0 { (start + delta, end - delta) } else { (start, end) };
            let ticks = time.ticks();
            let inside = if start > end { ticks >= start || ticks < end } else { (start..end).contains(&ticks) };
            Ok(Value::Bool(time.kind() != Kind::Utc && inside))
        }),
        property("string StandardName { get; }", |cx, _| cx.new_str("GMT")),
        method("DateTime ToLocalTime(DateTime time)", |_, a| {
            Ok(Value::DateTime(DateTime::new(get(a[1]).ticks(), Kind::Local)))
        }),
        method("DateTime ToUniversalTime(DateTime time)", |_, a| {
            Ok(Value::DateTime(DateTime::new(get(a[1]).ticks(), Kind::Utc)))
        }),
    ]],
)
.is_abstract();

/// The one `TimeZone` there is.
#[derive(Debug)]
struct Current;

pub static DAYLIGHT_TIME: TypeDef = TypeDef::new(
    "System.Globalization.DaylightTime",
    TypeKind::Class,
    &[&[
        constructor("DaylightTime(DateTime start, DateTime end, TimeSpan delta)", |cx, a| {
            new_daylight_time(cx, a[0], a[1], a[2])
        }),
        property("DateTime Start { get; }", |cx, a| Ok(cx.this::<DaylightTime>(a[0])?.0)),
        property("DateTime End { get; }", |cx, a| Ok(cx.this::<DaylightTime>(a[0])?.1)),
        property("TimeSpan Delta { get; }", |cx, a| Ok(cx.this::<DaylightTime>(a[0])?.2)),
    ]],
)
.off_list();

/// Start, end, delta.
#[derive(Debug)]
struct DaylightTime(Value, Value, Value);

fn new_daylight_time(cx: &mut Call<'_>, start: Value, end: Value, delta: Value) -> Result {
    cx.heap.new_extension(type_of("DaylightTime"), DaylightTime(start, end, delta))
}
