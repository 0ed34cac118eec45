//! From the disk and the environment to what the engine reads: the files of a directory, and what is given besides them.

use crate::diagnostics::Diagnostics;
use crate::gateway::load::{self, Given};
use crate::gateway::{self, Gateway};
use crate::source::{FileId, Sources};
use clap::Args;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What a configuration is read with besides its own files.
#[derive(Args, Clone, Debug, Default)]
pub struct Besides {
    /// Named values from outside: a JSON, YAML or .env file, or `env:PREFIX` for the environment variables that begin
    /// so (`env:APIM_` takes APIM_KEY_SERVICE for `key-service`). May stand several times; the last one counts.
    #[arg(long, value_name = "SOURCE")]
    named_values: Vec<String>,
    /// Apply the overrides of `configuration.NAME.yaml`, which stands in the directory or beside it; `{#token#}` in it
    /// is an environment variable.
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
}

impl Besides {
    pub fn read(&self, config: &Path, sources: &mut Sources, found: &mut Diagnostics) -> Result<Given, String> {
        let mut given = Given::default();
        for source in &self.named_values {
            if let Some(prefix) = source.strip_prefix("env:") {
                for (name, value) in variables() {
                    if let Some(name) = name.strip_prefix(prefix).filter(|name| !name.is_empty()) {
                        given.define_variable(name, value);
                    }
                }
                continue;
            }
            let file = add(Path::new(source), sources)?;
            let values = load::named_values(file, sources, found);
            load::hide_values(file, sources);
            for name in values.names() {
                if let Some(own) = values.find(name) {
                    given.named_values.define(name, own.value.clone(), own.secret);
                }
            }
        }
        if let Some(name) = &self.env {
            given.overrides = Some(add(&overrides(config, name)?, sources)?);
            given.tokens = variables().collect();
        }
        Ok(given)
    }

    /// The files that a change of must be noticed.
    pub fn paths(&self, config: &Path) -> Vec<PathBuf> {
        let values = self.named_values.iter().filter(|source| !source.starts_with("env:")).map(PathBuf::from);
        values.chain(self.env.as_ref().and_then(|name| overrides(config, name).ok())).collect()
    }
}

/// A configuration of whichever kind: an artifact directory, an OpenAPI definition, or a policy document.
#[derive(Clone, Copy, Debug)]
pub struct Read<'a> {
    pub config: &'a Path,
    /// The policy document of a definition.
    pub policy: Option<&'a Path>,
    /// The backend of a definition or of a policy document.
    pub backend: Option<&'a str>,
}

impl Read<'_> {
    pub fn gateway(&self, given: &Given, sources: &mut Sources, found: &mut Diagnostics) -> Result<Gateway, String> {
        let backend = match self.backend {
            Some(url) => Some(load::backend_url(url).map_err(|why| format!("--backend {url}: {why}"))?),
            None => None,
        };
        let definition = is_definition(self.config);
        if self.policy.is_some() && !definition {
            return Err("--policy goes with an OpenAPI definition (*.yaml, *.yml, *.json)".to_owned());
        }
        if self.config.is_dir() {
            if backend.is_some() {
                return Err(
                    "--backend goes with a policy document or a definition; a directory names its backends itself"
                        .to_owned(),
                );
            }
            let root = self.config.display().to_string();
            return Ok(gateway::load(texts(self.config)?, &root, given, sources, found));
        }
        let file = add(self.config, sources)?;
        if !definition {
            return Ok(gateway::single(file, backend, given.all()));
        }
        let policy = match self.policy {
            Some(path) => Some(add(path, sources)?),
            None => None,
        };
        Ok(load::of_definition(file, policy, backend, given, sources, found))
    }
}

/// Whether a path names an OpenAPI definition.
pub fn is_definition(path: &Path) -> bool {
    let known =
        |extension: &std::ffi::OsStr| ["yaml", "yml", "json"].iter().any(|own| extension.eq_ignore_ascii_case(own));
    path.extension().is_some_and(known) && !path.is_dir()
}

fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Where the overrides of an environment stand.
fn overrides(config: &Path, name: &str) -> Result<PathBuf, String> {
    let own = config.join(format!("configuration.{name}.yaml"));
    let beside = || Some(std::path::absolute(config).ok()?.parent()?.join(format!("configuration.{name}.yaml")));
    [Some(own.clone()), beside()]
        .into_iter()
        .flatten()
        .find(|path| path.is_file())
        .ok_or_else(|| format!("--env {name}: there is no {}, and none beside the directory", own.display()))
}

/// A file of the disk as a source.
pub fn add(path: &Path, sources: &mut Sources) -> Result<FileId, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    sources.add(path.display().to_string(), bytes).map_err(|_| format!("{} is too large", path.display()))
}

/// A file larger than this is no part of a configuration.
const LARGEST_FILE: u64 = 32 << 20;
const MOST_FILES: usize = 200_000;

/// Every file below a directory, by its path from there, and what it holds. Hidden ones are left out.
pub fn texts(root: &Path) -> Result<Vec<(String, Vec<u8>)>, String> {
    paths(root)?.into_iter().map(|(name, path)| Ok((name, content(&path)?))).collect()
}

/// Every file below a directory: its path from there, and its path.
pub fn paths(root: &Path) -> Result<Vec<(String, PathBuf)>, String> {
    let mut paths = Vec::new();
    let mut folders = vec![root.to_owned()];
    // Folders behind links, so that none is entered from within itself.
    let mut linked = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|error| unreadable(&folder, &error))?.flatten() {
            let path = entry.path();
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
            if is_link && path.is_dir() {
                let target = path.canonicalize().map_err(|error| unreadable(&path, &error))?;
                let inside = root.canonicalize().is_ok_and(|root| root.starts_with(&target));
                if !inside && linked.insert(target) {
                    folders.push(path);
                }
                continue;
            }
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path);
                continue;
            }
            if paths.len() >= MOST_FILES {
                return Err(format!("{} holds too many files for a configuration", root.display()));
            }
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            paths.push((name, path));
        }
    }
    Ok(paths)
}

/// The bytes of one file of a configuration.
pub fn content(path: &Path) -> Result<Vec<u8>, String> {
    if std::fs::metadata(path).is_ok_and(|about| about.len() > LARGEST_FILE) {
        return Err(format!("{} is too large for a configuration", path.display()));
    }
    std::fs::read(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> String {
    format!("cannot read {}: {error}", path.display())
}
