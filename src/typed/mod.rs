//! Syntax and types to typed IR: names resolved, overloads and conversions chosen, everything implicit made explicit.

pub mod ir;
