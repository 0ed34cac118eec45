//! The command line: arguments in, exit code out. A row per command.

pub mod eval;
pub mod render;
#[cfg(feature = "live")]
pub mod serve;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Runs Azure API Management policy documents anywhere.
#[derive(Parser, Debug)]
#[command(name = "portcullis", version, subcommand_required = true, arg_required_else_help = true)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Eval(eval::Arguments),
    #[cfg(feature = "live")]
    Serve(serve::Arguments),
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    match Line::parse().command {
        Command::Eval(arguments) => eval::run(&arguments),
        #[cfg(feature = "live")]
        Command::Serve(arguments) => serve::run(&arguments),
    }
}
