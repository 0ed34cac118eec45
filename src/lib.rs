//! Portcullis runs Azure API Management policy documents anywhere.

pub mod diagnostics;
pub mod document;
pub mod message;
pub mod policies;
pub mod source;
pub mod vm;
pub mod xml;
