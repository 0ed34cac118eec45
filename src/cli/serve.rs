//! `serve`: reads a configuration from disk, starts the live driver, and keeps it going through reloads and signals.

use super::render::{self, Format, Look};
use crate::diagnostics::{Diagnostics, Finding, Severity, codes};
use crate::document::NamedValues;
use crate::drivers::live::{AccessLogFormat, Configuration, Embedded, Options, Server, Watcher, echo, start};
use crate::drivers::program::{self, Compiled};
use crate::gateway::{self, Gateway, Router, load};
use crate::message::Url;
use crate::source::{FileId, Sources, Span};
use clap::{Args, ValueEnum};
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Serve traffic with policies: a forwarding HTTP proxy.
///
/// CONFIG is a directory in the APIOps artifact layout (apis/, backends/, named values/, policy fragments/, products/,
/// subscriptions/, policy.xml), or one policy document, which then acts at API scope for every method and path.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  portcullis serve policies/quickstart
      An API whose backend is the embedded echo service; prints calls to try.
  portcullis serve policy.xml --backend https://api.example.com/v1
      One policy document before one backend.
  portcullis serve artifacts/ --listen 0.0.0.0:8080 --named-values secrets.json --access-log json

A backend URL `echo:/path` leads to a small service inside this program that answers with what it received.
The configuration is read again when its files change and on SIGHUP; one with errors changes nothing.
SIGTERM and SIGINT let requests under way end (--drain-timeout), then exit 0.
Exit codes: 0 stopped by a signal, 2 wrong usage, unreadable files, or a configuration with errors.")]
pub struct Arguments {
    /// An artifact directory, or a policy document.
    config: PathBuf,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// The backend of a single policy document.
    #[arg(long, value_name = "URL")]
    backend: Option<String>,
    /// Worker threads [default: one per core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    workers: Option<u16>,
    /// JSON of names and values; overrides the named values of the directory, and supplies secret ones.
    #[arg(long, value_name = "FILE")]
    named_values: Option<PathBuf>,
    /// Serve documents that hold policies or .NET members that are not supported yet; they fail when they are reached.
    #[arg(long)]
    allow_unsupported: bool,
    /// One line per request on standard output.
    #[arg(long, value_enum, default_value = "text")]
    access_log: AccessLog,
    /// Seconds that requests under way are given when the service stops.
    #[arg(long, default_value_t = 30, value_name = "SECONDS")]
    drain_timeout: u64,
    /// The longest body that a policy may read, in MiB.
    #[arg(long, default_value_t = 64, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=4096))]
    body_limit: u64,
    /// Room for cached values, in MiB.
    #[arg(long, default_value_t = 256, value_name = "MIB")]
    cache_size: usize,
    /// Connections at once.
    #[arg(long, default_value_t = 65_536, value_name = "N")]
    connections: usize,
    /// Do not read the configuration again when its files change.
    #[arg(long)]
    no_watch: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum AccessLog {
    Text,
    Json,
    Off,
}

const FAILED: u8 = 2;

pub fn run(arguments: &Arguments) -> ExitCode {
    let Some(first) = read(arguments) else { return ExitCode::from(FAILED) };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("cannot start: {error}")),
    };
    let mut options = Options::new(arguments.listen);
    if let Some(workers) = arguments.workers {
        options.workers = usize::from(workers);
    }
    options.access_log = match arguments.access_log {
        AccessLog::Text => Some(AccessLogFormat::Text),
        AccessLog::Json => Some(AccessLogFormat::Json),
        AccessLog::Off => None,
    };
    options.drain_timeout = Duration::from_secs(arguments.drain_timeout);
    options.body_limit = arguments.body_limit << 20;
    options.connections = arguments.connections.max(1);
    let echo_at = Arc::clone(&options.echo);
    if let Err(error) = start_echo(&first.gateway, &echo_at) {
        return failed(&format!("cannot start the echo service: {error}"));
    }
    let calls = first.gateway.uses_echo.then(|| calls(&first.gateway));
    let state = Arc::new(Embedded::new(arguments.cache_size << 20));
    // Before anybody is told that the service listens: a signal that comes at once is no sudden end.
    let signals = match runtime.block_on(async { Signals::new() }) {
        Ok(signals) => signals,
        Err(error) => return failed(&format!("cannot wait for signals: {error}")),
    };
    let server = match start(options, first, state) {
        Ok(server) => server,
        Err(error) => return failed(&format!("cannot listen on {}: {error}", arguments.listen)),
    };
    println!("portcullis listens on http://{}", server.address());
    for call in calls.unwrap_or_default() {
        println!("  try: curl -s {}", call.replace("{base}", &format!("http://{}", server.address())));
    }
    // Whoever waits for the line reads it through a pipe.
    let _ = io::stdout().flush();
    runtime.block_on(until_stopped(arguments, &server, &echo_at, signals));
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

/// Reloads as asked, until a signal says stop.
async fn until_stopped(
    arguments: &Arguments,
    server: &Server<Compiled>,
    echo_at: &OnceLock<SocketAddr>,
    mut signals: Signals,
) {
    let paths: Vec<PathBuf> =
        [Some(&arguments.config), arguments.named_values.as_ref()].into_iter().flatten().cloned().collect();
    let mut watcher = match (arguments.no_watch, Watcher::new(&paths)) {
        (true, _) => None,
        (false, Ok(watcher)) => Some(watcher),
        (false, Err(error)) => {
            eprintln!("warning: changes of files are not noticed, only SIGHUP: {error}");
            None
        }
    };
    loop {
        let changed = async {
            match &mut watcher {
                Some(watcher) => watcher.changed().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            stop = signals.next() => if stop {
                return;
            },
            () = changed => {}
        }
        match read(arguments) {
            Some(configuration) => {
                if let Err(error) = start_echo(&configuration.gateway, echo_at) {
                    eprintln!("warning: cannot start the echo service: {error}");
                }
                server.replace(configuration);
                eprintln!("reloaded {}", arguments.config.display());
            }
            None => eprintln!("the configuration has errors: the last good one stays in force"),
        }
    }
}

#[cfg(unix)]
struct Signals {
    stop: [tokio::signal::unix::Signal; 2],
    reload: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            stop: [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?],
            reload: signal(SignalKind::hangup())?,
        })
    }

    /// True for stop, false for reload.
    async fn next(&mut self) -> bool {
        let [terminate, interrupt] = &mut self.stop;
        tokio::select! {
            _ = terminate.recv() => true,
            _ = interrupt.recv() => true,
            _ = self.reload.recv() => false,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Signals> {
        Ok(Signals)
    }

    async fn next(&mut self) -> bool {
        // Without a handler Ctrl-C ends the process at once, which is all that is lost.
        let _ = tokio::signal::ctrl_c().await;
        true
    }
}

/// Reads the configuration and prints what is wrong with it. `None` when it cannot be served.
fn read(arguments: &Arguments) -> Option<Configuration<Compiled>> {
    let mut sources = Sources::new();
    let mut found = Diagnostics::new();
    let given = match &arguments.named_values {
        Some(path) => load::named_values(add(path, &mut sources)?, &sources, &mut found),
        None => NamedValues::new(),
    };
    let gateway = if arguments.config.is_dir() {
        if arguments.backend.is_some() {
            failed("--backend goes with a single policy document; a directory names its backends itself");
            return None;
        }
        gateway::load(
            texts(&arguments.config)?,
            &arguments.config.display().to_string(),
            &given,
            &mut sources,
            &mut found,
        )
    } else {
        let Some(backend) = &arguments.backend else {
            failed("a single policy document needs --backend URL");
            return None;
        };
        let backend: Url = match load::backend_url(backend) {
            Ok(url) => url,
            Err(why) => {
                failed(&format!("--backend {backend}: {why}"));
                return None;
            }
        };
        gateway::single(add(&arguments.config, &mut sources)?, Some(backend), given)
    };
    let (router, shadowed) = Router::new(&gateway);
    if !shadowed.is_empty() {
        let path = arguments.config.display().to_string();
        let file = sources.add(path, Vec::new()).ok()?;
        found.extend(
            shadowed.into_iter().map(|message| Finding::new(codes::GATEWAY_ROUTE, Span::new(file, 0, 0), message)),
        );
    }
    let rules = program::Rules { allow_unsupported: arguments.allow_unsupported, ..program::Rules::default() };
    let program = program::compile(&gateway, &mut sources, rules, &mut found);
    let wrong = found.has_errors();
    let findings: Vec<Finding> =
        found.into_sorted().into_iter().filter(|finding| wrong || finding.severity != Severity::Note).collect();
    if !findings.is_empty() {
        // Without a place to print, exit code and log line still tell.
        let _ = render::render(&sources, &findings, Format::Text, Look::of_stdout(), &mut io::stderr());
    }
    (!wrong).then_some(Configuration { gateway, router, program })
}

fn add(path: &Path, sources: &mut Sources) -> Option<FileId> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            failed(&format!("cannot read {}: {error}", path.display()));
            return None;
        }
    };
    match sources.add(path.display().to_string(), bytes) {
        Ok(file) => Some(file),
        Err(_) => {
            failed(&format!("{} is too large", path.display()));
            None
        }
    }
}

/// A file larger than this is no part of a configuration.
const LARGEST_FILE: u64 = 32 << 20;
const MOST_FILES: usize = 200_000;

/// Every file below a directory, by its path from there. Hidden ones are left out.
fn texts(root: &Path) -> Option<Vec<(String, Vec<u8>)>> {
    let mut texts = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                failed(&format!("cannot read {}: {error}", folder.display()));
                return None;
            }
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if hidden {
                continue;
            }
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
                continue;
            }
            let size = std::fs::metadata(&path).map_or(0, |about| about.len());
            let bytes = if size > LARGEST_FILE || texts.len() >= MOST_FILES {
                failed(&format!("{} is too large for a configuration", path.display()));
                return None;
            } else {
                std::fs::read(&path)
            };
            match bytes {
                Ok(bytes) => {
                    let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
                    texts.push((name, bytes));
                }
                Err(error) => {
                    failed(&format!("cannot read {}: {error}", path.display()));
                    return None;
                }
            }
        }
    }
    Some(texts)
}

/// Calls of the first few operations, for whoever tries the echo service. `{base}` stands for the address.
fn calls(gateway: &Gateway) -> Vec<String> {
    let mut calls = Vec::new();
    for api in &gateway.apis {
        for operation in api.operations.iter().take(6) {
            let template = operation.facts.url_template.replace("/*", "/anything").replace("{*", "{");
            let mut url = String::new();
            for part in template.split_inclusive('}') {
                match part.split_once('{') {
                    Some((before, _)) => url.extend([before, "42"]),
                    None => url.push_str(part),
                }
            }
            let path = format!("/{}{url}", api.facts.path).replace("//", "/");
            let method = match &*operation.facts.method {
                "GET" | "*" => String::new(),
                "HEAD" => "-I ".to_owned(),
                "POST" | "PUT" | "PATCH" => {
                    format!(
                        "-X {} -H 'Content-Type: application/json' -d '{{\"quantity\":2}}' ",
                        operation.facts.method
                    )
                }
                method => format!("-X {method} "),
            };
            let key = match gateway.subscriptions.first() {
                Some(first) if api.subscription_required => {
                    format!("-H '{}: {}' ", api.facts.key_header, first.facts.primary_key)
                }
                _ => String::new(),
            };
            calls.push(format!("{method}{key}'{{base}}{path}'"));
        }
    }
    calls
}
