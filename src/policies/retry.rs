//! `retry` runs its children again while a condition holds.
//!
//! - `condition`: true = go on retrying
//! - `count`: 1..50 retries, not counting the first run
//! - `first-fast-retry`: first retry without waiting
//!
//! At run time:
//! - children run once, then up to count more times while condition is true
//! - waits before retry n (n from 1): interval alone = fixed; interval and delta = interval + (n-1)*delta; with
//!   max-interval too = min(max-interval, interval + (2^(n-1) - 1)*r) with r random in 0.8..1.2 times delta. The
//!   page prints 2^(n-1) without the -1, but its example (10, 20, 40, 80, 100 for interval=10 delta=10
//!   max-interval=100) needs the -1
//! - forward-request inside needs buffer-request-body=true to resend a body
//! - condition is evaluated after the children, so context.Response may be null
//! - when a child fails (Timeout, BackendConnectionFailure) the condition is evaluated with context.Response null
//!   and the block is retried while it holds; after the last try the error goes to on-error (from an
//!   Azure-Samples/Apim-Samples policy and the toolkit emulator; the page shows it only for send-request with
//!   ignore-error)
//! - picks another pool member on each try since mid 2024
//! - first-fast-retry concerns only the first retry; later ones wait

use super::values;
use crate::bytecode::builder::Builder;
use crate::document::Statement;
use crate::document::spec::{Attr, ChildSpec, Kind, Spec, Support};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;
use crate::effect::{Answer, Effect};
use std::time::Duration;

pub static SPEC: Spec = Spec::new("retry")
    .title("Retry")
    .support(Support::Built)
    .attributes(&[
        Attr::bool("condition").required().expression(),
        Attr::int("count").required().expression().range(1, 50),
        Attr::new("interval", Kind::Seconds).required().expression(),
        Attr::new("max-interval", Kind::Seconds).expression(),
        Attr::new("delta", Kind::Seconds).expression(),
        Attr::bool("first-fast-retry").expression().default("false"),
    ])
    .children(&[ChildSpec::policies().except(&["wait"])]);

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    let element = &statement.element;
    let failed = out.null();
    let tries = out.int(0);
    let zero = out.int(0);
    out.set(tries, zero);
    let (top, end) = (out.label(), out.label());
    out.place(top);
    let null = out.null();
    out.set(failed, null);
    out.catch(
        |out| out.statements(statement.element.statements()),
        |out, exception| {
            out.set(failed, exception);
            out.native(no_response, "retry", &[]);
        },
    );
    out.resume_step(statement);
    let condition = out.attribute(element, "condition");
    let count = out.attribute(element, "count");
    let again = out.native(again, "retry", &[condition, count, tries]);
    out.jump_unless(again, end);
    let next = out.native(next, "retry", &[tries]);
    out.set(tries, next);
    let waits = [
        tries,
        out.attribute(element, "interval"),
        out.attribute(element, "delta"),
        out.attribute(element, "max-interval"),
        out.attribute(element, "first-fast-retry"),
    ];
    out.effect(begin_wait, end_wait, "retry", &waits);
    out.jump(top);
    out.place(end);
    let done = out.label();
    out.jump_if_null(failed, done);
    out.rethrow(failed);
    out.place(done);
}

fn no_response(cx: &mut Call<'_>, _: &[Value]) -> Result<Value, Fault> {
    // What the gateway answers itself while no backend can take calls is there for the condition.
    if !cx.exchange.steering.unavailable {
        cx.exchange.response = None;
    }
    Ok(Value::Null)
}

fn again(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let goes_on = values::flag(cx, arguments[0])?;
    let count = values::int(cx, arguments[1])?.clamp(0, 50);
    Ok(Value::Bool(goes_on && arguments[2].integer().unwrap_or_default() < count))
}

fn next(_: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    Ok(Value::Int32(arguments[0].integer().unwrap_or_default() as i32 + 1))
}

fn begin_wait(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Option<Effect>, Fault> {
    let n = arguments[0].integer().unwrap_or(1);
    if n == 1 && values::flag(cx, arguments[4])? {
        return Ok(None);
    }
    let interval = values::seconds(cx, arguments[1])?.as_secs_f64();
    let delta = if arguments[2].is_null() { None } else { Some(values::seconds(cx, arguments[2])?.as_secs_f64()) };
    let most = if arguments[3].is_null() { None } else { Some(values::seconds(cx, arguments[3])?.as_secs_f64()) };
    // A number from 0 up to 1, from the request's seed.
    let random = (cx.host.random() >> 11) as f64 / (1u64 << 53) as f64;
    let wait = wait(n, interval, delta, most, random);
    Ok(Some(Effect::Sleep(Duration::try_from_secs_f64(wait).unwrap_or_default())))
}

/// How long to wait before retry `n` (from 1), in seconds.
fn wait(n: i64, interval: f64, delta: Option<f64>, most: Option<f64>, random: f64) -> f64 {
    match (delta, most) {
        (None, None) => interval,
        (None, Some(most)) => interval.min(most),
        (Some(delta), None) => interval + (n - 1) as f64 * delta,
        (Some(delta), Some(most)) => {
            let jitter = delta * (0.8 + 0.4 * random);
            (interval + (2f64.powi(n as i32 - 1) - 1.0) * jitter).min(most)
        }
    }
}

fn end_wait(_: &mut Call<'_>, _: &[Value], _: Answer) -> Result<Value, Fault> {
    Ok(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::wait;

    /// The page's example: interval 10, delta 10, max-interval 100 waits 10, 20, 40, 80, 100 without jitter.
    #[test]
    fn waits() {
        let waits: Vec<f64> = (1..=5).map(|n| wait(n, 10.0, Some(10.0), Some(100.0), 0.5)).collect();
        assert_eq!(waits, [10.0, 20.0, 40.0, 80.0, 100.0]);
        assert_eq!(wait(3, 1.0, Some(2.0), None, 0.5), 5.0);
        assert_eq!(wait(3, 1.0, None, None, 0.5), 1.0);
    }
}
