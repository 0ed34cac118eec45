//! Reads the configuration from disk, compiles it, and prints what is wrong with it.

use super::arguments::Source;
use super::failed;
use crate::cli::configuration::{Read, is_definition};
use crate::cli::files::{Changes, Files};
use crate::cli::render::{self, Format, Look};
use crate::diagnostics::{Diagnostics, Finding, Severity};
use crate::drivers::live::{Configuration, Vault};
use crate::drivers::program::{self, Compiled};
use crate::drivers::units::Units;
use crate::gateway::load::{self, Given};
use crate::gateway::{Gateway, Router, VaultSecret};
use crate::source::Sources;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// What one reading leaves for the next: what has not changed is neither read from disk nor compiled another time.
#[derive(Default)]
pub struct Reader {
    files: Files,
    kept: load::Kept,
    units: Units,
    /// A listener of the gateway's own speaks TLS: it knows which protocol a call came by.
    ends_tls: bool,
}

impl Reader {
    pub fn new(ends_tls: bool) -> Reader {
        Reader { ends_tls, ..Reader::default() }
    }
}

type Told = BTreeMap<VaultSecret, Result<String, String>>;

/// Reads the configuration and prints what is wrong with it. `None` when it cannot be served. A vault is asked first for
/// what it has not told yet.
pub async fn read(
    source: &Source,
    vault: &mut Option<Vault>,
    reader: &mut Reader,
    changes: &Changes,
) -> Option<Configuration<Compiled>> {
    let told_by_vault = match vault {
        Some(vault) => {
            // What is read here has not changed when it is read in earnest.
            vault.ask(&wanted(source, vault, reader, changes)?).await;
            let told = vault.told().clone();
            return read_told(source, Some(told), reader, &Changes::Paths(BTreeSet::new()));
        }
        None => None,
    };
    read_told(source, told_by_vault, reader, changes)
}

/// The secrets that a configuration takes from vaults. Its mistakes are said when it is read in earnest.
fn wanted(source: &Source, vault: &Vault, reader: &mut Reader, changes: &Changes) -> Option<BTreeSet<VaultSecret>> {
    let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
    let mut given = told(source.besides.read(&source.config, &mut sources, &mut found))?;
    given.vault = Some(vault.told().clone());
    given.allow_unsupported = source.allow_unsupported;
    gateway(source, &given, reader, changes, &mut sources, &mut found).map(|gateway| gateway.vault)
}

/// The gateway that the files describe; of a directory, what has not changed is kept.
fn gateway(
    source: &Source,
    given: &Given,
    reader: &mut Reader,
    changes: &Changes,
    sources: &mut Sources,
    found: &mut Diagnostics,
) -> Option<Gateway> {
    let read = Read { config: &source.config, policy: source.policy.as_deref(), backend: source.backend.as_deref() };
    if source.config.is_dir() && read.backend.is_none() && read.policy.is_none() {
        let files = told(reader.files.read(&source.config, changes))?;
        return Some(load::reload(&files, given, sources, &mut reader.kept, found));
    }
    told(read.gateway(given, sources, found))
}

fn read_told(
    source: &Source,
    told_by_vault: Option<Told>,
    reader: &mut Reader,
    changes: &Changes,
) -> Option<Configuration<Compiled>> {
    let mut sources = Sources::new();
    let mut found = Diagnostics::new();
    let mut given = told(source.besides.read(&source.config, &mut sources, &mut found))?;
    given.vault = told_by_vault;
    given.allow_unsupported = source.allow_unsupported;
    if source.backend.is_none() && !source.config.is_dir() && !is_definition(&source.config) {
        failed("a single policy document needs --backend URL");
        return None;
    }
    let mut gateway = gateway(source, &given, reader, changes, &mut sources, &mut found)?;
    gateway.enforces_protocols.get_or_insert(reader.ends_tls);
    let (router, shadowed) = Router::new(&gateway);
    found.extend(shadowed);
    let rules = program::Rules { allow_unsupported: source.allow_unsupported, ..program::Rules::default() };
    let program = program::recompile(&gateway, &mut sources, rules, &mut reader.units, &mut found);
    let wrong = found.has_errors();
    let findings: Vec<Finding> =
        found.into_sorted().into_iter().filter(|finding| wrong || finding.severity != Severity::Note).collect();
    if !findings.is_empty() {
        // Without a place to print, exit code and log line still tell.
        let _ = render::render(&sources, &findings, Format::Text, Look::of_stdout(), &mut io::stderr());
    }
    (!wrong).then_some(Configuration { gateway, router, program })
}

/// What could be read; what could not is said.
fn told<T>(read: Result<T, String>) -> Option<T> {
    read.map_err(|why| failed(&why)).ok()
}
