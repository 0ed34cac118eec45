//! `find-and-replace` replaces a text in the body of the message at hand.
//!
//! - `to`: empty removes
//!
//! At run time:
//! - plain substring, not a pattern

use super::values;
use crate::bytecode::builder::Builder;
use crate::document::Statement;
use crate::document::spec::{Attr, Spec, Support};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;
use crate::message::Tap;
use bytes::Bytes;

pub static SPEC: Spec = Spec::new("find-and-replace")
    .title("Find and replace string in body")
    .support(Support::Built)
    .attributes(&[Attr::text("from").required().expression(), Attr::text("to").required().expression()]);

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    let registers = [out.attribute(&statement.element, "from"), out.attribute(&statement.element, "to")];
    out.native(replace, "find-and-replace", &registers);
}

fn replace(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let from = values::text(cx, arguments[0])?.into_bytes();
    let to = values::text(cx, arguments[1])?.into_bytes();
    if from.is_empty() {
        return Ok(Value::Null);
    }
    let exchange = &mut *cx.exchange;
    let (headers, body) = match &mut exchange.response {
        _ if !exchange.steering.on_response => (&mut exchange.request.headers, &mut exchange.request.body),
        Some(response) => (&mut response.headers, &mut response.body),
        None => return Err(Fault::invalid_operation("There is no response yet.")),
    };
    headers.remove("content-length");
    body.tap(Box::new(Replacer { from, to, held: Vec::new() }));
    Ok(Value::Null)
}

/// Replaces a text in a stream; what may be the beginning of it is held back until the next chunk.
#[derive(Debug)]
struct Replacer {
    from: Vec<u8>,
    to: Vec<u8>,
    held: Vec<u8>,
}

impl Tap for Replacer {
    fn chunk(&mut self, chunk: Bytes) -> Bytes {
        self.held.extend_from_slice(&chunk);
        let mut out = Vec::with_capacity(self.held.len());
        let finder = memchr::memmem::Finder::new(&self.from);
        let mut at = 0;
        while let Some(found) = finder.find(&self.held[at..]) {
            out.extend_from_slice(&self.held[at..at + found]);
            out.extend_from_slice(&self.to);
            at += found + self.from.len();
        }
        // The longest end that could begin the text stays.
        let rest = &self.held[at..];
        let most = rest.len().min(self.from.len() - 1);
        let keep = (0..=most).rev().find(|&len| self.from.starts_with(&rest[rest.len() - len..])).unwrap_or(0);
        out.extend_from_slice(&rest[..rest.len() - keep]);
        self.held = rest[rest.len() - keep..].to_vec();
        out.into()
    }

    fn end(&mut self) -> Bytes {
        std::mem::take(&mut self.held).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_across_chunks_is_found() {
        let mut tap = Replacer { from: b"needle".to_vec(), to: b"pin".to_vec(), held: Vec::new() };
        let mut out = Vec::new();
        for chunk in ["a nee", "dle and a need", "le, nee"] {
            out.extend_from_slice(&tap.chunk(Bytes::from_static(chunk.as_bytes())));
        }
        out.extend_from_slice(&tap.end());
        assert_eq!(out, b"a pin and a pin, nee");
    }
}
