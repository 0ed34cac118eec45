//! One line per request, buffered per worker and written whole.

use crate::dotnet::context::{ApiFacts, OperationFacts};
use std::cell::RefCell;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
}

/// What one line says. Holds no query: it may carry a key.
pub struct Entry {
    pub begun: Instant,
    pub client: Box<str>,
    pub method: http::Method,
    pub path: Box<str>,
    pub api: Option<Arc<ApiFacts>>,
    pub operation: Option<Arc<OperationFacts>>,
    pub status: u16,
    pub bytes: u64,
    /// What went wrong, in words.
    pub trouble: Option<Box<str>>,
}

pub struct AccessLog {
    format: Format,
    lines: RefCell<String>,
}

const FLUSH_AT: usize = 32 * 1024;

impl AccessLog {
    pub fn new(format: Format) -> AccessLog {
        AccessLog { format, lines: RefCell::default() }
    }

    pub fn write(&self, entry: &Entry) {
        let mut lines = self.lines.borrow_mut();
        line(&mut lines, self.format, entry, &jiff::Timestamp::now().to_string(), entry.begun.elapsed().as_micros());
        if lines.len() >= FLUSH_AT {
            flush(&mut lines);
        }
    }

    pub fn flush(&self) {
        flush(&mut self.lines.borrow_mut());
    }
}

fn flush(lines: &mut String) {
    if !lines.is_empty() {
        // A log that nobody reads must not stop the service.
        let _ = std::io::stdout().lock().write_all(lines.as_bytes());
        lines.clear();
    }
}

fn line(out: &mut String, format: Format, entry: &Entry, time: &str, micros: u128) {
    let api = entry.api.as_ref().map_or("-", |api| &*api.id);
    let operation = entry.operation.as_ref().map_or("-", |operation| &*operation.id);
    // Writing to a string cannot fail.
    let _ = match format {
        Format::Text => {
            let _ = write!(
                out,
                "{time} {} \"{} {}\" {} {} {micros}us {api}/{operation}",
                entry.client, entry.method, entry.path, entry.status, entry.bytes
            );
            match &entry.trouble {
                Some(trouble) => writeln!(out, " {}", serde_json::Value::from(&**trouble)),
                None => writeln!(out),
            }
        }
        Format::Json => writeln!(
            out,
            "{}",
            serde_json::json!({
                "time": time,
                "client": &*entry.client,
                "method": entry.method.as_str(),
                "path": &*entry.path,
                "status": entry.status,
                "bytes": entry.bytes,
                "micros": micros as u64,
                "api": api,
                "operation": operation,
                "trouble": entry.trouble.as_deref(),
            })
        ),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_in_both_forms() {
        let entry = Entry {
            begun: Instant::now(),
            client: "10.0.0.1".into(),
            method: http::Method::GET,
            path: "/a".into(),
            api: None,
            operation: None,
            status: 500,
            bytes: 3,
            trouble: Some("no \"connection\"\n".into()),
        };
        let mut text = String::new();
        line(&mut text, Format::Text, &entry, "T", 12);
        assert_eq!(text, "T 10.0.0.1 \"GET /a\" 500 3 12us -/- \"no \\\"connection\\\"\\n\"\n");
        let mut json = String::new();
        line(&mut json, Format::Json, &entry, "T", 12);
        let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(value["status"], 500);
        assert_eq!(json.lines().count(), 1);
    }
}
