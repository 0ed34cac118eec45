//! Text of numbers and back, and the order of texts, in the invariant culture.
//!
//! In: numbers and Rust or UTF-16 text. Out: text and numbers. Never: values, the heap, other cultures.

pub mod collate;
pub mod date_exact;
pub mod date_read;
pub mod date_time;
pub mod number;
pub mod numeric;
pub mod parse;
pub mod unicode;
