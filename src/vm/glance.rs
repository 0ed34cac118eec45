//! Runs expressions that only look (see [`crate::bytecode::glance`]): what they find stays where it is, a text that has to
//! be written is written once. `None` everywhere: the ordinary instructions have to say it.

use super::numbers;
use crate::bytecode::glance::{Glance, Made, Number, Test, Text, What};
use crate::dotnet::context::{Exchange, Seen};
use crate::dotnet::heap::{Heap, Str};
use crate::dotnet::value::Value;

/// The most bytes of a text that is looked through: what takes longer is paid for by its length, elsewhere.
const MOST: usize = 1_024;

impl Glance {
    #[inline]
    pub fn run(&self, heap: &mut Heap, exchange: &Exchange) -> Option<Value> {
        if !heap.pay(u64::from(self.cost)) {
            return None;
        }
        match &self.what {
            What::Test(test) => test.holds(heap, exchange).map(Value::Bool),
            What::Number(number) => number.read(heap, exchange).map(Value::Int32),
            What::Text(made) => {
                let mut out = Buffer::new();
                made.write(heap, exchange, &mut out)?;
                heap.new_text(out.ascii()?).ok()
            }
        }
    }
}

impl Test {
    fn holds(&self, heap: &Heap, exchange: &Exchange) -> Option<bool> {
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
            // Bytes that are no text are told with U+FFFD in their place, which no constant in ASCII has.
            Test::Is(Text::Look(look_up, default), wanted) => match look_up.see(heap, exchange) {
                Seen::Bytes(bytes) => Some(bytes == &**wanted),
                seen => is_found(seen, default.as_deref(), heap, wanted),
            },
            Test::Is(text, wanted) => text.with(heap, exchange, |own| Some(own == Some(wanted))),
            Test::IsNull(text) => match text.look(heap, exchange) {
                Told::Bytes(_) => Some(false),
                Told::Null => Some(true),
                Told::Nothing => None,
            },
            Test::Holds(code, text, other) => text.with(heap, exchange, |own| code(own?, other)),
            Test::IsVoid(code, text) => text.with(heap, exchange, |own| Some(own.is_none_or(code))),
            Test::Compare(op, number, other) => {
                number.read(heap, exchange).map(|own| numbers::ordered(*op, own.cmp(other)))
            }
            Test::Not(test) => test.holds(heap, exchange).map(|holds| !holds),
            Test::Both(both) => Some(both.0.holds(heap, exchange)? && both.1.holds(heap, exchange)?),
            Test::Either(either) => Some(either.0.holds(heap, exchange)? || either.1.holds(heap, exchange)?),
        }
    }
}

/// Whether what a look-up found, other than bytes, is this text.
#[inline]
fn is_found(seen: Seen<'_>, default: Option<&[u8]>, heap: &Heap, wanted: &[u8]) -> Option<bool> {
    match told(seen, default, heap) {
        Told::Bytes(bytes) => Some(bytes == wanted),
        Told::Null => Some(false),
        Told::Nothing => None,
    }
}

impl Number {
    fn read(&self, heap: &Heap, exchange: &Exchange) -> Option<i32> {
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
    Null,
    /// The look does not tell.
    Nothing,
}

#[inline]
fn told<'t>(seen: Seen<'t>, default: Option<&'t [u8]>, heap: &'t Heap) -> Told<'t> {
    match seen {
        Seen::Bytes(bytes) => Told::Bytes(bytes),
        Seen::Value(Value::Null) => Told::Null,
        Seen::Value(value) => match heap.str(value) {
            Some(Str::Ascii(text)) => Told::Bytes(text.as_bytes()),
            _ => Told::Nothing,
        },
        Seen::Missing => default.map_or(Told::Null, Told::Bytes),
        Seen::Rare => Told::Nothing,
    }
}

impl Text {
    /// The bytes of a text that nothing has to be written for. They may be anything: see [`Text::with`].
    #[inline]
    fn look<'t>(&'t self, heap: &'t Heap, exchange: &'t Exchange) -> Told<'t> {
        match self {
            Text::Look(look_up, default) => told(look_up.see(heap, exchange), default.as_deref(), heap),
            Text::Constant(bytes) => Told::Bytes(bytes),
            _ => self.look_within(heap, exchange),
        }
    }

    #[inline(never)]
    fn look_within<'t>(&'t self, heap: &'t Heap, exchange: &'t Exchange) -> Told<'t> {
        match self {
            Text::Null => Told::Null,
            Text::Part(code, of) => match of.look(heap, exchange) {
                Told::Bytes(bytes) if is_usual(bytes) => Told::Bytes(&bytes[code(bytes)]),
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
    #[inline]
    fn with<R>(&self, heap: &Heap, exchange: &Exchange, then: impl FnOnce(Option<&[u8]>) -> Option<R>) -> Option<R> {
        if let Text::Made(made) = self {
            let mut out = Buffer::new();
            made.write(heap, exchange, &mut out)?;
            return then(Some(out.ascii()?));
        }
        match self.look(heap, exchange) {
            Told::Bytes(bytes) if is_usual(bytes) => then(Some(bytes)),
            Told::Null => then(None),
            _ => None,
        }
    }

    /// Writes a text whose bytes may be anything; null writes nothing.
    fn write(&self, heap: &Heap, exchange: &Exchange, out: &mut Buffer) -> Option<()> {
        if let Text::Made(made) = self {
            return made.write(heap, exchange, out);
        }
        match self.look(heap, exchange) {
            Told::Bytes(bytes) => out.push(bytes),
            Told::Null => Some(()),
            Told::Nothing => None,
        }
    }
}

fn is_usual(bytes: &[u8]) -> bool {
    bytes.len() <= MOST && bytes.is_ascii()
}

impl Made {
    fn write(&self, heap: &Heap, exchange: &Exchange, out: &mut Buffer) -> Option<()> {
        let start = out.len;
        match self {
            Made::Join(parts) => parts.iter().try_for_each(|part| part.write(heap, exchange, out)),
            Made::Change(code, of) => {
                of.not_null(heap, exchange, out)?;
                code(out.whole_words(start));
                Some(())
            }
            Made::Part(code, of) => {
                of.not_null(heap, exchange, out)?;
                let kept = code(&out.bytes[start..out.len]);
                out.len = start + kept.len();
                out.bytes.copy_within(start + kept.start..start + kept.end, start);
                Some(())
            }
            Made::Decimal(number) => out.push_decimal(number.read(heap, exchange)?),
        }
    }
}

impl Text {
    /// Writes a text; a null ends the look.
    fn not_null(&self, heap: &Heap, exchange: &Exchange, out: &mut Buffer) -> Option<()> {
        match self {
            Text::Made(made) => made.write(heap, exchange, out),
            text => match text.look(heap, exchange) {
                Told::Bytes(bytes) => out.push(bytes),
                Told::Null | Told::Nothing => None,
            },
        }
    }
}

/// Where a text is written. One that does not fit is not usual.
struct Buffer {
    bytes: [u8; Buffer::SIZE],
    len: usize,
}

impl Buffer {
    const SIZE: usize = 256;

    fn new() -> Buffer {
        Buffer { bytes: [0; Buffer::SIZE], len: 0 }
    }

    #[inline]
    fn push(&mut self, bytes: &[u8]) -> Option<()> {
        let end = self.len + bytes.len();
        self.bytes.get_mut(self.len..end)?.copy_from_slice(bytes);
        self.len = end;
        Some(())
    }

    fn push_decimal(&mut self, number: i32) -> Option<()> {
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
        self.push(&digits[at..])
    }

    /// What was written from there on and some of what will be written over, so that no odd bytes are left.
    fn whole_words(&mut self, start: usize) -> &mut [u8] {
        let len = (self.len - start).next_multiple_of(16).min(Buffer::SIZE - start);
        &mut self.bytes[start..start + len]
    }

    fn ascii(&self) -> Option<&[u8]> {
        let written = &self.bytes[..self.len];
        written.is_ascii().then_some(written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dotnet::context::{LookUp, from_json};
    use crate::dotnet::value::HostObject;
    use serde_json::json;
    use std::ops::Range;

    fn join(parts: &[&str]) -> Text {
        let parts = parts.iter().map(|part| Text::Constant(part.as_bytes().into())).collect();
        Text::Made(Made::Join(parts).into())
    }

    #[test]
    fn limits_end_a_look() {
        let looks = |what, cost, fuel, memory| {
            let mut heap = Heap::new(1_000);
            let exchange = from_json::read(&json!({}), &mut heap).expect("an empty context");
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
        let long = "x".repeat(200);
        assert_eq!(looks(What::Text(Made::Join([join(&[&long, &long])].into())), 1, 5, 1_000).0, None);
    }

    #[test]
    fn texts_are_written_once() {
        let mut heap = Heap::new(1_000);
        let context = json!({ "Request": { "Headers": { "a": ["x y"], "b": ["\u{e9}"] } }, "Response": null });
        let exchange = from_json::read(&context, &mut heap).expect("a context");
        let header = |of, name: &str| Text::Look(LookUp::Header(of, name.parse().expect("a name")), None);
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
