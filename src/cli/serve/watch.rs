//! What happens while the service runs: files change, signals come.

use super::arguments::Source;
use super::{Tls, configuration, start_echo};
use crate::cli::files::{self, Changes};
use crate::drivers::live::{Server, Vault, Watcher};
use crate::drivers::program::Compiled;
use crate::gateway::VaultSecret;
use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::OnceLock;

/// What tells of changes. Made before the first reading: nothing that changes after it goes unnoticed.
pub struct Watchers {
    files: Option<Watcher>,
    certificates: Option<Watcher>,
}

impl Watchers {
    pub fn new(source: &Source, certificates: &[PathBuf]) -> Watchers {
        let own = [Some(&source.config), source.policy.as_ref()].into_iter().flatten().cloned();
        let paths: Vec<PathBuf> = own.chain(source.besides.paths(&source.config)).collect();
        Watchers { files: watch(source.no_watch, &paths), certificates: watch(source.no_watch, certificates) }
    }
}

/// What is read again when it changes.
pub struct Watched<'a> {
    pub source: &'a Source,
    pub watchers: Watchers,
    pub reader: configuration::Reader,
    pub vault: Option<Vault>,
    pub tls: Option<&'a Tls>,
}

/// Reloads as asked, until a signal says stop.
pub async fn until_stopped(
    watched: Watched<'_>,
    server: &Server<Compiled>,
    echo_at: &OnceLock<SocketAddr>,
    mut signals: Signals,
) {
    let Watched { source, watchers, mut reader, mut vault, tls } = watched;
    let Watchers { files: mut watcher, mut certificates } = watchers;
    let every = source.vault.refresh();
    let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + every, every);
    loop {
        let (configuration, keys) = tokio::select! {
            stop = signals.next() => if stop {
                return;
            } else {
                (Some(Changes::Anything), true)
            },
            changes = changed(&mut watcher) => (Some(changes), false),
            _ = changed(&mut certificates) => (None, true),
            // Only a secret that has changed is a reason to read again.
            _ = ticks.tick(), if vault.is_some() => match &mut vault {
                Some(vault) => (vault.refresh(not_told).await.then(|| Changes::Paths(BTreeSet::new())), false),
                None => (None, false),
            },
        };
        if let (Some(tls), true) = (tls, keys) {
            tls.reload();
        }
        let Some(changes) = configuration else { continue };
        match configuration::read(source, &mut vault, &mut reader, &changes).await {
            Some(configuration) => {
                if let Err(error) = start_echo(&configuration.gateway, echo_at) {
                    eprintln!("warning: cannot start the echo service: {error}");
                }
                server.replace(configuration);
                eprintln!("reloaded {}", source.config.display());
            }
            None => {
                server.observatory().reloaded(false);
                eprintln!("the configuration has errors: the last good one stays in force");
            }
        }
    }
}

fn watch(off: bool, paths: &[PathBuf]) -> Option<Watcher> {
    if off || paths.is_empty() {
        return None;
    }
    let watcher = Watcher::new(paths, files::may_matter);
    watcher.map_err(|error| eprintln!("warning: changes of files are not noticed, only SIGHUP: {error}")).ok()
}

async fn changed(watcher: &mut Option<Watcher>) -> Changes {
    match watcher {
        Some(watcher) => watcher.changed().await.map_or(Changes::Anything, Changes::Paths),
        None => std::future::pending().await,
    }
}

fn not_told(secret: &VaultSecret, why: &str) {
    eprintln!("warning: {}: {why}; its last value stays in force", secret.identifier);
}

#[cfg(unix)]
pub struct Signals {
    stop: [tokio::signal::unix::Signal; 2],
    reload: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub fn new() -> io::Result<Signals> {
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
pub struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub fn new() -> io::Result<Signals> {
        Ok(Signals)
    }

    async fn next(&mut self) -> bool {
        // Without a handler Ctrl-C ends the process at once, which is all that is lost.
        let _ = tokio::signal::ctrl_c().await;
        true
    }
}
