//! `serve`: reads a configuration from disk, starts the live driver, and keeps it going through reloads and signals.

mod arguments;
mod configuration;
mod observe;
mod samples;
mod vault;
mod watch;

use crate::cli::files::Changes;
use crate::drivers::live::{Current, Embedded, TlsFiles, echo, start};
use crate::gateway::Gateway;
pub use arguments::Arguments;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

const FAILED: u8 = 2;

pub fn run(arguments: &Arguments) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("cannot start: {error}")),
    };
    let mut vault = match arguments.source.vault.vault() {
        Ok(vault) => vault,
        Err(why) => return failed(&why),
    };
    let config = &arguments.source.config;
    if let Err(error) = std::fs::metadata(config) {
        return failed(&format!("{}: {error}", config.display()));
    }
    let ends_tls = arguments.clients.listen.iter().any(|listen| listen.0.tls);
    let tls_files = arguments.clients.tls();
    let tls_paths = tls_files.as_ref().map(TlsFiles::paths).unwrap_or_default();
    let watchers = watch::Watchers::new(&arguments.source, &tls_paths);
    let mut reader = configuration::Reader::new(ends_tls);
    let first = configuration::read(&arguments.source, &mut vault, &mut reader, &Changes::Anything);
    let Some(first) = runtime.block_on(first) else {
        return ExitCode::from(FAILED);
    };
    let mut options = match arguments.options() {
        Ok(options) => options,
        Err(why) => return failed(&why),
    };
    let tls = match tls_files.map(Tls::new).transpose() {
        Ok(tls) => tls,
        Err(why) => return failed(&why),
    };
    options.tls = tls.as_ref().map(|tls| Arc::clone(&tls.current));
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
        Err(error) => return failed(&format!("cannot listen on {error}")),
    };
    let secure = arguments.clients.listen.iter().map(|listen| listen.0.tls);
    let scheme = |tls: bool| if tls { "https" } else { "http" };
    let bases: Vec<String> =
        server.addresses().iter().zip(secure).map(|(address, tls)| format!("{}://{address}", scheme(tls))).collect();
    for base in &bases {
        println!("portcullis listens on {base}");
    }
    if let Some(admin) = server.admin() {
        println!("admin listens on http://{admin}");
    }
    for call in calls.unwrap_or_default() {
        println!("  try: curl -s {}", call.replace("{base}", &bases[0]));
    }
    // Whoever waits for the line reads it through a pipe.
    let _ = io::stdout().flush();
    let watched = watch::Watched { source: &arguments.source, watchers, reader, vault, tls: tls.as_ref() };
    runtime.block_on(watch::until_stopped(watched, &server, &echo_at, signals));
    eprintln!("draining");
    server.drain();
    ExitCode::SUCCESS
}

/// The certificates in force, and the files that they come from.
pub struct Tls {
    files: TlsFiles,
    current: Arc<Current<Arc<rustls::ServerConfig>>>,
}

impl Tls {
    fn new(files: TlsFiles) -> Result<Tls, String> {
        let config = files.read()?;
        Ok(Tls { files, current: Arc::new(Current::new(config)) })
    }

    /// Connections that come from now on get what the files hold now.
    fn reload(&self) {
        match self.files.read() {
            Ok(config) => {
                self.current.replace(config);
                eprintln!("reloaded the certificates");
            }
            Err(why) => eprintln!("the last good certificates stay in force: {why}"),
        }
    }
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
