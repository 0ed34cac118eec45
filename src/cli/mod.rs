//! The command line: arguments in, exit code out. A row per command.

pub mod check;
pub mod configuration;
pub mod convert;
pub mod effective;
pub mod eval;
#[cfg(feature = "live")]
pub mod files;
pub mod import;
pub mod render;
pub mod repl;
pub mod run;
#[cfg(feature = "live")]
pub mod serve;
mod trace;
pub mod types;

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
#[expect(clippy::large_enum_variant, reason = "there is one, for the life of the process")]
enum Command {
    Check(check::Arguments),
    Convert(convert::Arguments),
    Effective(effective::Arguments),
    Eval(eval::Arguments),
    Import(import::Arguments),
    Run(run::Arguments),
    #[cfg(feature = "live")]
    Serve(serve::Arguments),
    Types(types::Arguments),
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    match Line::parse().command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Convert(arguments) => convert::run(&arguments),
        Command::Effective(arguments) => effective::run(&arguments),
        Command::Eval(arguments) => eval::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Run(arguments) => run::run(&arguments),
        #[cfg(feature = "live")]
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Types(arguments) => types::run(&arguments),
    }
}

/// Expressions may be deep: the checker and the interpreter get this much stack.
const STACK: usize = 64 << 20;

/// Runs a command on a thread with room for deep expressions.
fn with_stack(command: impl FnOnce() -> ExitCode + Send) -> ExitCode {
    std::thread::scope(|scope| {
        let worker = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, command);
        match worker.map(|worker| worker.join()) {
            Ok(Ok(code)) => code,
            _ => ExitCode::from(2),
        }
    })
}
