//! Bytecode: what a document compiles to and the machine runs.
//!
//! In: typed IR and policies' lowerings. Out: a [`unit::Unit`] (code, constants, natives, steps, handlers, places).
//! Invariant: an expression waits in one place only, `await-body`; inside a lambda that a native member calls, the read is
//! hoisted to just before that call.
//! Invariant: no instruction is named after a policy unless the policy cannot be said with ordinary ones.

pub mod builder;
pub mod glance;
mod keeps;
pub mod listing;
mod lower;
pub mod op;
pub mod tidy;
pub mod unit;
pub mod verify;
