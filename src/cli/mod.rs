//! The command line: arguments in, exit code out. A row per command.

pub mod render;
