//! W3C Trace Context: which trace a request belongs to, and what its calls to backends carry on.

use http::header::{HeaderMap, HeaderName, HeaderValue};

pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
pub const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// A longer list is not carried on (the specification asks for 512 characters at least).
const LONGEST_STATE: usize = 1024;

/// Where a request stands in its trace.
#[derive(Clone, Debug)]
pub struct TraceContext {
    pub trace: [u8; 16],
    pub parent: Option<[u8; 8]>,
    /// The request's own span.
    pub span: [u8; 8],
    pub sampled: bool,
    pub state: Option<HeaderValue>,
    /// As the caller sent it.
    pub came: Option<HeaderValue>,
}

impl TraceContext {
    /// Goes on with the caller's trace; without one, begins another, which `sample` decides on.
    pub fn of(headers: &HeaderMap, fresh: [u8; 16], span: [u8; 8], sample: f64) -> TraceContext {
        let mut parents = headers.get_all(TRACEPARENT).iter();
        let came = parents.next().filter(|_| parents.next().is_none());
        match came.and_then(|came| read(came.as_bytes())) {
            Some((trace, parent, sampled)) => {
                TraceContext { trace, parent: Some(parent), span, sampled, state: state(headers), came: came.cloned() }
            }
            None => {
                let draw = u64::from_be_bytes(fresh[8..].try_into().expect("eight of sixteen bytes"));
                let sampled = sample >= 1.0 || (draw as f64) < sample * 2_f64.powi(64);
                // An id of zeros says that there is none.
                let trace = if fresh == [0; 16] { [1; 16] } else { fresh };
                TraceContext { trace, parent: None, span, sampled, state: None, came: came.cloned() }
            }
        }
    }

    /// Writes the headers of a call whose span is `span`. A `traceparent` that a policy wrote stays.
    pub fn carry(&self, headers: &mut HeaderMap, span: [u8; 8]) {
        if headers.get(TRACEPARENT).is_some_and(|own| Some(own) != self.came.as_ref()) {
            return;
        }
        let flags = if self.sampled { "01" } else { "00" };
        let text = format!("00-{}-{}-{flags}", hex(&self.trace), hex(&span));
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(TRACEPARENT, value);
        }
        match &self.state {
            Some(state) if !headers.contains_key(TRACESTATE) => {
                headers.insert(TRACESTATE, state.clone());
            }
            // A state without a trace that it belongs to says nothing.
            None if self.parent.is_none() => {
                headers.remove(TRACESTATE);
            }
            _ => {}
        }
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `00-{trace}-{parent}-{flags}`; later versions may go on after another `-`.
fn read(text: &[u8]) -> Option<([u8; 16], [u8; 8], bool)> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let mut parts = text.splitn(5, '-');
    let version = bytes::<1>(parts.next()?)?;
    let (trace, parent, flags) = (bytes::<16>(parts.next()?)?, bytes::<8>(parts.next()?)?, bytes::<1>(parts.next()?)?);
    let more = parts.next().is_some();
    let valid = version != [0xff] && !(version == [0] && more) && trace != [0; 16] && parent != [0; 8];
    valid.then_some((trace, parent, flags[0] & 1 == 1))
}

/// Hexadecimal digits in lower case, as the specification asks.
fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N || digits.iter().any(|digit| !matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut out = [0; N];
    for (byte, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).ok()?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(out)
}

/// The lists of all its headers are one list.
fn state(headers: &HeaderMap) -> Option<HeaderValue> {
    let lists: Vec<&[u8]> = headers.get_all(TRACESTATE).iter().map(HeaderValue::as_bytes).collect();
    let list = lists.join(&b","[..]);
    (!list.is_empty() && list.len() <= LONGEST_STATE).then(|| HeaderValue::from_bytes(&list).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn what_callers_send_is_read_as_the_specification_says() {
        // The header, whether its trace goes on, whether it is sampled.
        let table = [
            (format!("00-{TRACE}-00f067aa0ba902b7-01"), true, true),
            (format!("00-{TRACE}-00f067aa0ba902b7-00"), true, false),
            (format!("00-{TRACE}-00f067aa0ba902b7-03"), true, true),
            (format!("cc-{TRACE}-00f067aa0ba902b7-01-what-the-future-will-be-like"), true, true),
            (format!("00-{TRACE}-00f067aa0ba902b7-01-more"), false, false),
            (format!("ff-{TRACE}-00f067aa0ba902b7-01"), false, false),
            (format!("00-{}-00f067aa0ba902b7-01", TRACE.to_uppercase()), false, false),
            (format!("00-{TRACE}-0000000000000000-01"), false, false),
            ("00-00000000000000000000000000000000-00f067aa0ba902b7-01".to_owned(), false, false),
            (format!("00-{TRACE}-00f067aa0ba902b7"), false, false),
            ("é".to_owned(), false, false),
        ];
        for (header, goes_on, sampled) in table {
            let mut headers = HeaderMap::new();
            headers.insert(TRACEPARENT, HeaderValue::from_str(&header).expect("a value"));
            let context = TraceContext::of(&headers, [9; 16], [7; 8], 0.0);
            assert_eq!((hex(&context.trace) == TRACE, context.sampled), (goes_on, sampled), "{header}");
        }
    }

    #[test]
    fn calls_carry_the_trace_on_unless_a_policy_wrote_another() {
        let came = format!("00-{TRACE}-00f067aa0ba902b7-01");
        let mut headers = HeaderMap::new();
        headers.insert(TRACEPARENT, HeaderValue::from_str(&came).expect("a value"));
        headers.append(TRACESTATE, HeaderValue::from_static("a=1"));
        headers.append(TRACESTATE, HeaderValue::from_static("b=2"));
        let context = TraceContext::of(&headers, [9; 16], [7; 8], 0.0);
        let mut forwarded = headers.clone();
        context.carry(&mut forwarded, [1; 8]);
        assert_eq!(forwarded[TRACEPARENT], format!("00-{TRACE}-0101010101010101-01"));
        let mut other = HeaderMap::new();
        context.carry(&mut other, [1; 8]);
        assert_eq!(other[TRACESTATE], "a=1,b=2");
        let mut written = HeaderMap::new();
        written.insert(TRACEPARENT, HeaderValue::from_static("mine"));
        context.carry(&mut written, [1; 8]);
        assert_eq!(written[TRACEPARENT], "mine");
    }

    #[test]
    fn traces_that_begin_here_are_sampled_by_rate() {
        let of = |fresh, rate| TraceContext::of(&HeaderMap::new(), fresh, [7; 8], rate).sampled;
        assert!(of([0xff; 16], 1.0) && of([0; 16], 0.5) && !of([0xff; 16], 0.5) && !of([0; 16], 0.0));
    }
}
