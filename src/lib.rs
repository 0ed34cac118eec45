//! Portcullis runs Azure API Management policy documents anywhere.

pub mod message;
pub mod vm;
