//! Reads the configuration from disk, compiles it, and prints what is wrong with it.

use super::arguments::Source;
use super::failed;
use crate::cli::configuration::{add, texts};
use crate::cli::render::{self, Format, Look};
use crate::diagnostics::{Diagnostics, Finding, Severity};
use crate::drivers::live::Configuration;
use crate::drivers::program::{self, Compiled};
use crate::gateway::{self, Router, load};
use crate::message::Url;
use crate::source::Sources;
use std::io;

/// Reads the configuration and prints what is wrong with it. `None` when it cannot be served.
pub fn read(source: &Source) -> Option<Configuration<Compiled>> {
    let mut sources = Sources::new();
    let mut found = Diagnostics::new();
    let given = told(source.besides.read(&source.config, &mut sources, &mut found))?;
    let gateway = if source.config.is_dir() {
        if source.backend.is_some() {
            failed("--backend goes with a single policy document; a directory names its backends itself");
            return None;
        }
        gateway::load(
            told(texts(&source.config))?,
            &source.config.display().to_string(),
            &given,
            &mut sources,
            &mut found,
        )
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
        gateway::single(told(add(&source.config, &mut sources))?, Some(backend), given.all())
    };
    let (router, shadowed) = Router::new(&gateway);
    found.extend(shadowed);
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

/// What could be read; what could not is said.
fn told<T>(read: Result<T, String>) -> Option<T> {
    read.map_err(|why| failed(&why)).ok()
}
