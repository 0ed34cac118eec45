//! Drivers answer what machines ask: `live` with sockets and clocks. What both kinds must do alike stands here.

pub mod backends;
pub mod begin;
pub mod changes;
pub mod headers;
#[cfg(feature = "live")]
pub mod live;
pub mod process;
pub mod program;
pub mod redact;
mod redirect;
pub mod replay;
pub mod request_trace;
pub mod units;
