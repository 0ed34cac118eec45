//! Portcullis runs Azure API Management policy documents anywhere.

pub mod bytecode;
pub mod cli;
pub mod compile;
pub mod diagnostics;
pub mod document;
pub mod dotnet;
pub mod drivers;
pub mod effect;
pub mod eval;
pub mod gateway;
pub mod link;
pub mod message;
pub mod policies;
pub mod recording;
pub mod source;
pub mod typed;
pub mod vm;
pub mod xml;
