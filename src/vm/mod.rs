//! The sans-IO interpreter: units in, effects out, answers in.
//!
//! In: a chain of units and an exchange. Out: effects for a driver, and in the end a response. Never: I/O, a clock, random
//! numbers of its own, a Rust stack that grows with the program's.

mod core;
pub mod dynamic;
mod exec;
mod glance;
pub mod limits;
pub mod machine;
mod numbers;
pub mod observe;
mod plain;
mod unwind;
mod values;

pub use self::core::{Repeated, evaluate};
