//! Runs expressions that only look (see [`crate::bytecode::glance`]): what they find stays where it is, a text that has to
//! be written is written once. `None` everywhere: the ordinary instructions have to say it.

use super::numbers;
use crate::bytecode::glance::{Glance, Made, Number, Test, Text, What};
use crate::dotnet::context::{Exchange, LookUp, Seen};
use crate::dotnet::heap::{Heap, Str};
use crate::dotnet::value::Value;
use smallvec::SmallVec;

/// The most bytes of a text that is looked through: what takes longer is paid for by its length, elsewhere.
const MOST: usize = 1_024;

impl Glance {
    /// For a loop that has other instructions, whose code must stay small.
    #[inline(never)]
    pub fn run_apart(&self, heap: &mut Heap, exchange: &Exchange) -> Option<Value> {
        self.run(heap, exchange)
    }

    #[inline(always)]
    pub fn run(&self, heap: &mut Heap, exchange: &Exchange) -> Option<Value> {
        if !heap.pay(u64::from(self.cost)) {
            return None;
        }
        match &self.what {
            What::Test(test) => test.holds(heap, exchange).map(Value::Bool),
            What::Number(number) => number.read(heap, exchange).map(Value::Int32),
            What::Text(made) => made.string(heap, exchange),
            What::Kept(look_up) => match look_up.see(heap, exchange) {
                Seen::Value(value) if heap.is_str(value) => Some(value),
                _ => None,
            },
        }
    }
}

impl Test {
    /// What is asked most often needs no frame of its own.
    #[inline(always)]
    fn holds(&self, heap: &mut Heap, exchange: &Exchange) -> Option<bool> {
        match self {
            // Bytes that are no text are told with U+FFFD in their place, which no constant in ASCII has.
            Test::Is(Text::Look(look_up, default), wanted) => match look_up.see(heap, exchange) {
                Seen::Bytes(bytes) => Some(same(bytes, wanted)),
                seen => is_found(seen, default.as_deref(), heap, wanted),
            },
            Test::Compare(op, number, other) => {
                number.read(heap, exchange).map(|own| numbers::ordered(*op, own.cmp(other)))
            }
            _ => self.holds_within(heap, exchange),
        }
    }

    #[inline(never)]
    fn nested(&self, heap: &mut Heap, exchange: &Exchange) -> Option<bool> {
        self.holds(heap, exchange)
    }

    /// All others.
    #[inline(never)]
    fn holds_within(&self, heap: &mut Heap, exchange: &Exchange) -> Option<bool> {
        match self {
            Test::Constant(value) => Some(*value),
            Test::Look(look_up, default) => match look_up.see(heap, exchange) {
                Seen::Value(Value::Bool(value)) => Some(value),
                Seen::Missing => *default,
                _ => None,
            },
            Test::Has(look_up) => match look_up.see(heap, exchange) {
                Seen::Bytes(_) | Seen::Value(_) => Some(true),
                Seen::Missing => Some(false),
                Seen::Rare => None,
            },
            Test::Is(text, wanted) => text.with(heap, exchange, |own| Some(own == Some(wanted))),
            Test::IsNull(text) => match text.look(heap, exchange) {
                Told::Bytes(_) | Told::Ascii(_) => Some(false),
                Told::Null => Some(true),
                Told::Nothing => None,
            },
            Test::Holds(code, text, other) => text.with(heap, exchange, |own| code(own?, other)),
            Test::IsVoid(code, text) => text.with(heap, exchange, |own| Some(own.is_none_or(code))),
            Test::Compare(..) => None,
            Test::Not(test) => test.nested(heap, exchange).map(|holds| !holds),
            Test::Both(both) => Some(both.0.nested(heap, exchange)? && both.1.nested(heap, exchange)?),
            Test::Either(either) => Some(either.0.nested(heap, exchange)? || either.1.nested(heap, exchange)?),
        }
    }
}

/// Whether bytes are these; mostly they are few, for which a call takes longer than to look at them.
#[inline(always)]
fn same(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.len() == wanted.len()
        && match (bytes.as_chunks::<8>(), wanted.as_chunks::<8>()) {
            (([], own), ([], other)) => own.iter().zip(other).fold(true, |all, (a, b)| all & (a == b)),
            _ => bytes == wanted,
        }
}

/// Whether what a look-up found, other than bytes, is this text.
#[inline]
fn is_found(seen: Seen<'_>, default: Option<&[u8]>, heap: &Heap, wanted: &[u8]) -> Option<bool> {
    match told(seen, default, heap) {
        Told::Bytes(bytes) | Told::Ascii(bytes) => Some(bytes == wanted),
        Told::Null => Some(false),
        Told::Nothing => None,
    }
}

impl Number {
    #[inline(always)]
    fn read(&self, heap: &mut Heap, exchange: &Exchange) -> Option<i32> {
        match self {
            Number::Of(code, text) => {
                text.with(heap, exchange, |own| code(own?)).and_then(|number| i32::try_from(number).ok())
            }
            Number::Look(look_up, default) => match look_up.see(heap, exchange) {
                Seen::Value(Value::Int32(value)) => Some(value),
                Seen::Missing => *default,
                _ => None,
            },
        }
    }
}

/// A text as it is told.
enum Told<'t> {
    Bytes(&'t [u8]),
    Ascii(&'t [u8]),
    Null,
    /// The look does not tell.
    Nothing,
}

#[inline(always)]
fn told<'t>(seen: Seen<'t>, default: Option<&'t [u8]>, heap: &'t Heap) -> Told<'t> {
    match seen {
        Seen::Bytes(bytes) => Told::Bytes(bytes),
        Seen::Value(Value::Null) => Told::Null,
        Seen::Value(value) => match heap.str(value) {
            Some(Str::Ascii(text)) => Told::Ascii(text.as_bytes()),
            _ => Told::Nothing,
        },
        Seen::Missing => default.map_or(Told::Null, Told::Ascii),
        Seen::Rare => Told::Nothing,
    }
}

impl<'t> Told<'t> {
    /// A text of ASCII that is not too long, or null.
    #[inline(always)]
    fn usual(self) -> Option<Option<&'t [u8]>> {
        match self {
            Told::Ascii(bytes) if bytes.len() <= MOST => Some(Some(bytes)),
            Told::Bytes(bytes) if bytes.len() <= MOST && bytes.is_ascii() => Some(Some(bytes)),
            Told::Null => Some(None),
            Told::Bytes(_) | Told::Ascii(_) | Told::Nothing => None,
        }
    }
}

impl Text {
    /// The bytes of a text that nothing has to be written for.
    #[inline(always)]
    fn look<'t>(&'t self, heap: &'t Heap, exchange: &'t Exchange) -> Told<'t> {
        match self {
            Text::Look(look_up, default) => told(look_up.see(heap, exchange), default.as_deref(), heap),
            Text::Constant(bytes) => Told::Ascii(bytes),
            _ => self.look_within(heap, exchange),
        }
    }

    #[inline(never)]
    fn look_within<'t>(&'t self, heap: &'t Heap, exchange: &'t Exchange) -> Told<'t> {
        match self {
            Text::Null => Told::Null,
            Text::Part(code, of) => match of.look(heap, exchange).usual() {
                Some(Some(bytes)) => Told::Ascii(&bytes[code(bytes)]),
                _ => Told::Nothing,
            },
            Text::Else(both) => match both.0.look(heap, exchange) {
                Told::Null => both.1.look(heap, exchange),
                first => first,
            },
            Text::Look(..) | Text::Constant(_) | Text::Made(_) => Told::Nothing,
        }
    }

    /// Hands on a text of ASCII that is not too long; nothing for null.
    #[inline(always)]
    fn with<R>(
        &self,
        heap: &mut Heap,
        exchange: &Exchange,
        then: impl FnOnce(Option<&[u8]>) -> Option<R>,
    ) -> Option<R> {
        match self {
            Text::Made(made) => made.with(heap, exchange, then),
            text => then(text.look(heap, exchange).usual()?),
        }
    }

    /// Writes a text, whose bytes may be anything; whether it is one, and not null.
    #[inline(always)]
    fn write(&self, heap: &mut Heap, exchange: &Exchange) -> Option<bool> {
        match self {
            Text::Constant(bytes) => {
                heap.write(bytes);
                Some(true)
            }
            Text::Look(look_up, default) => write_seen(look_up, default.as_deref(), heap, exchange),
            Text::Null => Some(false),
            Text::Made(made) => made.write(heap, exchange).then_some(true),
            Text::Part(..) | Text::Else(_) => self.write_within(heap, exchange),
        }
    }

    #[inline(never)]
    fn write_within(&self, heap: &mut Heap, exchange: &Exchange) -> Option<bool> {
        let Some(bytes) = self.look_within(heap, exchange).usual()? else { return Some(false) };
        let bytes: SmallVec<[u8; 64]> = bytes.into();
        heap.write(&bytes);
        Some(true)
    }
}

#[inline(never)]
fn write_seen(look_up: &LookUp, default: Option<&[u8]>, heap: &mut Heap, exchange: &Exchange) -> Option<bool> {
    let bytes = match (look_up.see_at_once(heap, exchange), default) {
        (Seen::Bytes(bytes), _) if bytes.len() <= MOST => bytes,
        (Seen::Missing, Some(default)) => default,
        (Seen::Missing, None) | (Seen::Value(Value::Null), _) => return Some(false),
        (Seen::Value(value), _) => return heap.write_text(value, MOST).then_some(true),
        _ => return None,
    };
    heap.write(bytes);
    Some(true)
}

impl Made {
    #[inline(never)]
    fn string(&self, heap: &mut Heap, exchange: &Exchange) -> Option<Value> {
        let start = heap.begin_text();
        if self.write(heap, exchange) && pay(heap, start) { heap.finish_text(start) } else { heap.drop_text(start) }
    }

    #[inline(never)]
    fn with<R>(
        &self,
        heap: &mut Heap,
        exchange: &Exchange,
        then: impl FnOnce(Option<&[u8]>) -> Option<R>,
    ) -> Option<R> {
        let start = heap.begin_text();
        let written = self.write(heap, exchange) && pay(heap, start);
        let text = &*heap.written(start);
        let result = if written && text.is_ascii() { then(Some(text)) } else { None };
        heap.drop_text(start);
        result
    }

    /// Writes a text; false where the look does not tell, whatever was written.
    fn write(&self, heap: &mut Heap, exchange: &Exchange) -> bool {
        let start = heap.begin_text();
        match self {
            Made::Join(parts) => parts.iter().all(|part| part.write(heap, exchange).is_some()),
            Made::Change(code, of) => {
                let written = of.write(heap, exchange) == Some(true);
                code(heap.written(start));
                written
            }
            Made::Part(code, of) => {
                let written = of.write(heap, exchange) == Some(true);
                let kept = code(heap.written(start));
                heap.keep_written(start, kept);
                written
            }
            Made::Decimal(number) => match number.read(heap, exchange) {
                Some(number) => {
                    write_decimal(heap, number);
                    true
                }
                None => false,
            },
        }
    }
}

/// Pays for a text by its length, as for what is looked through elsewhere.
#[inline]
fn pay(heap: &mut Heap, start: usize) -> bool {
    heap.pay((heap.begin_text() - start) as u64 / 16)
}

fn write_decimal(heap: &mut Heap, number: i32) {
    let mut digits = [0; 11];
    let (mut at, mut rest) = (digits.len(), number.unsigned_abs());
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        at -= 1;
        digits[at] = b'-';
    }
    heap.write(&digits[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dotnet::context::from_json;
    use crate::dotnet::value::HostObject;
    use crate::message::Wanted;
    use serde_json::json;
    use std::ops::Range;

    fn wanted(name: &str) -> Wanted {
        Wanted::new(name.parse().expect("a name"))
    }

    fn join(parts: &[&str]) -> Text {
        let parts = parts.iter().map(|part| Text::Constant(part.as_bytes().into())).collect();
        Text::Made(Made::Join(parts).into())
    }

    #[test]
    fn limits_end_a_look() {
        let looks = |what, cost, fuel, memory| {
            let mut heap = Heap::new(1_000);
            let context = json!({ "Request": { "Headers": { "long": ["x".repeat(MOST + 1)] } } });
            let exchange = from_json::read(&context, &mut heap).expect("a context");
            heap.set_fuel(fuel);
            heap.set_limit(memory);
            let value = Glance { what, cost }.run(&mut heap, &exchange);
            (value.map(|value| heap.text(value).expect("a text").into_owned()), heap.fuel())
        };
        let text = || What::Text(Made::Join([join(&["ab", "cd"]), Text::Null].into()));
        assert_eq!(looks(text(), 3, 5, 10), (Some("abcd".to_owned()), 2));
        // Too little fuel takes none; a text that does not fit is the machine's to fail at.
        assert_eq!(looks(text(), 3, 2, 10), (None, 2));
        assert_eq!(looks(text(), 3, 5, 3).0, None);
        let long = Text::Look(LookUp::Header(HostObject::RequestHeaders, wanted("long")), None);
        assert_eq!(looks(What::Text(Made::Join([join(&["-"]), long].into())), 1, 5, 10_000).0, None);
    }

    #[test]
    fn texts_are_written_once() {
        let mut heap = Heap::new(1_000);
        let context = json!({ "Request": { "Headers": { "a": ["x y"], "b": ["\u{e9}"] } }, "Response": null });
        let exchange = from_json::read(&context, &mut heap).expect("a context");
        let header = |of, name: &str| Text::Look(LookUp::Header(of, wanted(name)), None);
        let request = |name| header(HostObject::RequestHeaders, name);
        let upper: fn(&mut [u8]) = <[u8]>::make_ascii_uppercase;
        let middle: fn(&[u8]) -> Range<usize> = |text| 1..text.len() - 1;
        let number = |text: &str| {
            let code: fn(&[u8]) -> Option<i64> = |text| std::str::from_utf8(text).ok()?.parse().ok();
            Text::Made(Made::Decimal(Number::Of(code, Text::Constant(text.as_bytes().into()))).into())
        };
        let rows: Vec<(Made, Option<&str>)> = vec![
            (Made::Join([request("a"), Text::Null, join(&["-", ""])].into()), Some("x y-")),
            (Made::Change(upper, join(&["abcdefghi", "jklmnopqrstu"])), Some("ABCDEFGHIJKLMNOPQRSTU")),
            (
                Made::Join([join(&["a"]), Text::Made(Made::Change(upper, join(&["b"])).into()), join(&["c"])].into()),
                Some("aBc"),
            ),
            (Made::Join([join(&["a"]), Text::Made(Made::Part(middle, join(&["bcd"])).into())].into()), Some("ac")),
            (
                Made::Join([number("-2147483648"), number("0"), number("2147483647")].into()),
                Some("-214748364802147483647"),
            ),
            // No number, a null receiver, no ASCII, no such header, no response.
            (Made::Join([number("2147483648")].into()), None),
            (Made::Change(upper, Text::Null), None),
            (Made::Join([request("b")].into()), None),
            (Made::Join([request("c")].into()), Some("")),
            (Made::Join([header(HostObject::ResponseHeaders, "a")].into()), None),
        ];
        for (made, expected) in rows {
            let shown = format!("{made:?}");
            let value = Glance { what: What::Text(made), cost: 1 }.run(&mut heap, &exchange);
            assert_eq!(
                value.map(|value| heap.text(value).expect("a text").into_owned()).as_deref(),
                expected,
                "{shown}"
            );
        }
    }
}
