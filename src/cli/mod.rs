//! The command line: arguments in, exit code out. A row per command.

pub mod render;
#[cfg(feature = "live")]
pub mod serve;
