//! The sans-IO interpreter: units in, effects out, answers in.

pub mod effect;
