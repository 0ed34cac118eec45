//! Reads the configuration from disk, compiles it, and prints what is wrong with it.

use super::arguments::Source;
use super::failed;
use crate::cli::render::{self, Format, Look};
use crate::diagnostics::{Diagnostics, Finding, Severity, codes};
use crate::document::NamedValues;
use crate::drivers::live::Configuration;
use crate::drivers::program::{self, Compiled};
use crate::gateway::{self, Router, load};
use crate::message::Url;
use crate::source::{FileId, Sources, Span};
use std::io;
use std::path::Path;

/// Reads the configuration and prints what is wrong with it. `None` when it cannot be served.
pub fn read(source: &Source) -> Option<Configuration<Compiled>> {
    let mut sources = Sources::new();
    let mut found = Diagnostics::new();
    let given = match &source.named_values {
        Some(path) => load::named_values(add(path, &mut sources)?, &sources, &mut found),
        None => NamedValues::new(),
    };
    let gateway = if source.config.is_dir() {
        if source.backend.is_some() {
            failed("--backend goes with a single policy document; a directory names its backends itself");
            return None;
        }
        gateway::load(texts(&source.config)?, &source.config.display().to_string(), &given, &mut sources, &mut found)
    } else {
        let Some(backend) = &source.backend else {
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
        gateway::single(add(&source.config, &mut sources)?, Some(backend), given)
    };
    let (router, shadowed) = Router::new(&gateway);
    if !shadowed.is_empty() {
        let path = source.config.display().to_string();
        let file = sources.add(path, Vec::new()).ok()?;
        found.extend(
            shadowed.into_iter().map(|message| Finding::new(codes::GATEWAY_ROUTE, Span::new(file, 0, 0), message)),
        );
    }
    let rules = program::Rules { allow_unsupported: source.allow_unsupported, ..program::Rules::default() };
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
