//! What run steps make of the values that their attributes hold: constants as text, results of expressions as they are.

use crate::dotnet::call::Call;
use crate::dotnet::context::Exchange;
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Object;
use crate::dotnet::system::display;
use crate::dotnet::value::Value;
use crate::message::{Body, HeaderName, HeaderValue, Headers, Request};
use std::time::Duration;

/// The value as text: null is empty.
pub fn text(cx: &mut Call<'_>, value: Value) -> Result<String, Fault> {
    if value.is_null() {
        return Ok(String::new());
    }
    if let Some(text) = cx.heap.text(value) {
        return Ok(text.into_owned());
    }
    display::display(cx, value)
}

/// A bool, or the text of one.
pub fn flag(cx: &mut Call<'_>, value: Value) -> Result<bool, Fault> {
    match value {
        Value::Bool(value) => Ok(value),
        Value::Null => Ok(false),
        other => {
            match cx.heap.str(other) {
                Some(text) if text.eq_text("true") => return Ok(true),
                Some(text) if text.eq_text("false") => return Ok(false),
                _ => {}
            }
            let text = text(cx, other)?;
            match text.trim() {
                t if t.eq_ignore_ascii_case("true") => Ok(true),
                t if t.eq_ignore_ascii_case("false") || t.is_empty() => Ok(false),
                _ => Err(bad("`true` or `false`", &text)),
            }
        }
    }
}

/// A number, or the text of one.
pub fn number(cx: &mut Call<'_>, value: Value) -> Result<f64, Fault> {
    match value {
        Value::Double(v) => Ok(v),
        Value::Single(v) => Ok(f64::from(v)),
        other if other.integer().is_some() => Ok(other.integer().unwrap_or_default() as f64),
        other => {
            if let Some(text) = cx.heap.text(other) {
                return text.trim().parse().map_err(|_| bad("a number", &text));
            }
            let text = text(cx, other)?;
            text.trim().parse().map_err(|_| bad("a number", &text))
        }
    }
}

pub fn int(cx: &mut Call<'_>, value: Value) -> Result<i64, Fault> {
    Ok(number(cx, value)? as i64)
}

/// A duration in seconds, from 0 to a year.
pub fn seconds(cx: &mut Call<'_>, value: Value) -> Result<Duration, Fault> {
    let number = number(cx, value)?;
    if !(0.0..=31_622_400.0).contains(&number) {
        return Err(bad("a number of seconds", &number.to_string()));
    }
    Ok(Duration::from_secs_f64(number))
}

fn bad(expected: &str, got: &str) -> Fault {
    Fault::throw("System.FormatException", format!("The value `{got}` is not {expected}."))
}

/// The bytes of a body: of text in UTF-8, of a byte array, or of what the value prints.
pub fn bytes(cx: &mut Call<'_>, value: Value) -> Result<Vec<u8>, Fault> {
    if let Value::Object(handle) = value
        && let Object::Bytes(bytes) = cx.heap.get(handle)
    {
        return Ok(bytes.clone());
    }
    Ok(text(cx, value)?.into_bytes())
}

pub fn header_name(name: &str) -> Result<HeaderName, Fault> {
    name.parse().map_err(|_| Fault::throw("System.FormatException", format!("`{name}` is not the name of a header.")))
}

pub fn header_value(value: &str) -> Result<HeaderValue, Fault> {
    header_value_of(value.as_bytes())
}

pub fn header_value_of(value: &[u8]) -> Result<HeaderValue, Fault> {
    // A line break would begin another header.
    HeaderValue::from_bytes(value).map_err(|_| no_header_value())
}

pub fn no_header_value() -> Fault {
    Fault::throw("System.FormatException", "The value of a header holds a character that it cannot.")
}

/// The request that policies change now: that of a `send-request`, or the exchange's.
pub fn request<'a>(cx: &'a mut Call<'_>) -> &'a mut Request {
    match &mut cx.exchange.steering.outgoing {
        Some(request) => request,
        None => &mut cx.exchange.request,
    }
}

/// The headers of the message at hand.
pub fn headers_of(exchange: &mut Exchange) -> Result<&mut Headers, Fault> {
    if let Some(request) = &mut exchange.steering.outgoing {
        return Ok(&mut request.headers);
    }
    if !exchange.steering.on_response {
        return Ok(&mut exchange.request.headers);
    }
    let response = exchange.response.as_mut();
    response.map(|r| &mut r.headers).ok_or_else(|| Fault::invalid_operation("There is no response yet."))
}

/// Replaces the body of the message at hand.
pub fn set_body(cx: &mut Call<'_>, body: Body) -> Result<(), Fault> {
    let exchange = &mut *cx.exchange;
    if let Some(request) = &mut exchange.steering.outgoing {
        request.body = body;
        return Ok(());
    }
    if !exchange.steering.on_response {
        exchange.request.body = body;
        exchange.request_body_consumed = false;
        exchange.request.headers.remove("content-length");
        return Ok(());
    }
    match &mut exchange.response {
        Some(response) => {
            response.body = body;
            response.headers.remove("content-length");
            exchange.response_body_consumed = false;
            Ok(())
        }
        None => Err(Fault::invalid_operation("There is no response yet.")),
    }
}
