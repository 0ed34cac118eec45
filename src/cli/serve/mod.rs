//! `serve`: reads a configuration from disk, starts the live driver, and keeps it going through reloads and signals.

mod arguments;
mod configuration;
mod observe;
mod samples;
mod watch;

use crate::drivers::live::{Embedded, echo, start};
use crate::gateway::Gateway;
pub use arguments::Arguments;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

const FAILED: u8 = 2;

pub fn run(arguments: &Arguments) -> ExitCode {
    let Some(first) = configuration::read(&arguments.source) else { return ExitCode::from(FAILED) };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("cannot start: {error}")),
    };
    let options = match arguments.options() {
        Ok(options) => options,
        Err(why) => return failed(&why),
    };
    let echo_at = Arc::clone(&options.echo);
    if let Err(error) = start_echo(&first.gateway, &echo_at) {
        return failed(&format!("cannot start the echo service: {error}"));
    }
    let calls = first.gateway.uses_echo.then(|| samples::calls(&first.gateway));
    let state = Arc::new(Embedded::new(arguments.cache_size << 20));
    // Before anybody is told that the service listens: a signal that comes at once is no sudden end.
    let signals = match runtime.block_on(async { watch::Signals::new() }) {
        Ok(signals) => signals,
        Err(error) => return failed(&format!("cannot wait for signals: {error}")),
    };
    let server = match start(options, first, state) {
        Ok(server) => server,
        Err(error) => return failed(&format!("cannot listen on {}: {error}", arguments.listen)),
    };
    println!("portcullis listens on http://{}", server.address());
    if let Some(admin) = server.admin() {
        println!("admin listens on http://{admin}");
    }
    for call in calls.unwrap_or_default() {
        println!("  try: curl -s {}", call.replace("{base}", &format!("http://{}", server.address())));
    }
    // Whoever waits for the line reads it through a pipe.
    let _ = io::stdout().flush();
    runtime.block_on(watch::until_stopped(&arguments.source, &server, &echo_at, signals));
    eprintln!("draining");
    server.drain();
    ExitCode::SUCCESS
}

/// Starts the echo service when the configuration is the first that uses it.
fn start_echo(gateway: &Gateway, at: &OnceLock<SocketAddr>) -> io::Result<()> {
    if gateway.uses_echo && at.get().is_none() {
        let address = echo::start()?;
        // Only this thread sets it.
        let _ = at.set(address);
    }
    Ok(())
}

fn failed(message: &str) -> ExitCode {
    eprintln!("error: {message}");
    ExitCode::from(FAILED)
}
