//! The replay driver: recorded requests, recorded answers, virtual time. Two runs give the same bytes.

pub mod case;
pub mod compare;
pub mod har;
pub mod http_file;
pub mod journal;
pub mod outside;
pub mod played;
pub mod player;
pub mod request_file;
mod tracing;
