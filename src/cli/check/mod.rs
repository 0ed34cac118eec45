//! `portcullis check`: what is wrong with policy documents and artifact directories.

mod directory;

use super::configuration::{Besides, Read, is_definition};
use super::render::{self, Format, Look};
use crate::diagnostics::{Diagnostics, Severity};
use crate::document::{Document, Gateway, Options, Scope};
use crate::gateway::Router;
use crate::gateway::load::Given;
use crate::source::{FileId, Sources};
use crate::xml::TextForm;
use crate::{compile, typed};
use clap::{Args, ValueEnum};
use std::io::{Read as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Validates policy documents, fragments, bare statements, and whole artifact directories.
///
/// A directory in the APIOps artifact layout is checked as one configuration: every document at its
/// scope, every reference (backend, fragment, named value, certificate, schema), clashing paths,
/// broken files, and entities that nothing uses. Any other directory, and any with --scope, is
/// searched for documents that stand alone.
///
/// Examples:
///   portcullis check policy.xml
///   portcullis check apimartifacts --named-values secrets.json
///   portcullis check loose/ --scope api --format json
///   cat policy.xml | portcullis check -
///
/// Exit code: 0 clean, 1 findings of the fail level or worse, 2 usage or I/O.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct Arguments {
    /// Documents, artifact directories, OpenAPI definitions (*.yaml, *.yml, *.json), other directories (searched for
    /// *.xml, .gitignore honoured), or `-` for standard input.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How expressions are written: raw (unescaped quotes and `<`), escaped (well-formed XML), or told apart.
    #[arg(long, value_enum, default_value = "auto")]
    text: Text,
    /// The scope that the documents are attached at.
    #[arg(long, value_name = "SCOPE", value_parser = ["global", "workspace", "product", "api", "operation"])]
    scope: Option<String>,
    /// The kind of gateway that they must run in.
    #[arg(long, value_name = "GATEWAY", value_parser = ["classic", "v2", "consumption", "self-hosted", "workspace"])]
    gateway: Option<String>,
    /// References that nothing here resolves (named values, fragments, backends) are errors.
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    besides: Besides,
    /// Accept features of C# up to this version.
    #[arg(long, value_name = "VERSION", default_value = "7.0", value_parser = ["7.0", "7.3"])]
    csharp: String,
    #[arg(long, value_enum, default_value = "text")]
    format: Output,
    /// The least severity that makes the exit code 1.
    #[arg(long, value_enum, default_value = "error")]
    fail_level: Level,
    /// Print what the documents compile to.
    #[arg(long, value_enum)]
    emit: Option<Emit>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Text {
    Auto,
    Raw,
    Escaped,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Output {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Level {
    Error,
    Warning,
    Note,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Emit {
    /// The bytecode, with source places.
    Listing,
}

pub fn run(arguments: &Arguments) -> ExitCode {
    super::with_stack(|| check(arguments))
}

fn check(arguments: &Arguments) -> ExitCode {
    let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
    let config = arguments.paths.first().map(PathBuf::as_path).unwrap_or(Path::new("."));
    let given = match arguments.besides.read(config, &mut sources, &mut found) {
        Ok(given) => given,
        Err(message) => return usage(&message),
    };
    let named_values = given.all();
    let mut options = Options::new(crate::policies::SPECS, &named_values);
    options.scope = arguments.scope.as_deref().and_then(Scope::of);
    options.gateway = arguments.gateway.as_deref().and_then(Gateway::of);
    options.strict = arguments.strict;
    let form = match arguments.text {
        Text::Auto => TextForm::Auto,
        Text::Raw => TextForm::Raw,
        Text::Escaped => TextForm::Escaped,
    };
    let typing = typed::Options { allow_off_list: false, csharp_7_3: arguments.csharp == "7.3" };
    let mut reading = Reading { options, form, typing, emit: arguments.emit, listings: Vec::new() };
    for path in &arguments.paths {
        let checked = if options.scope.is_none() && path.is_dir() && directory::is_layout(path) {
            directory::check(path, &given, &mut reading, &mut sources, &mut found)
        } else if is_definition(path) {
            definition(path, &given, &mut sources, &mut found)
        } else {
            loose(path, &mut reading, &mut sources, &mut found)
        };
        if let Err(message) = checked {
            return usage(&message);
        }
    }
    let listings = reading.listings;
    let findings = found.into_sorted();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let format = match arguments.format {
        Output::Text => Format::Text,
        Output::Json => Format::Json,
    };
    let mut printed = listings.iter().try_for_each(|listing| out.write_all(listing.as_bytes()));
    if printed.is_ok() && !(arguments.emit.is_some() && findings.is_empty()) {
        printed = render::render(&sources, &findings, format, Look::of_stdout(), &mut out);
    }
    if let Err(error) = printed.and_then(|()| out.flush()) {
        return usage(&format!("standard output: {error}"));
    }
    if format == Format::Text {
        eprintln!("{}", render::tally(&findings));
    }
    let level = match arguments.fail_level {
        Level::Error => Severity::Error,
        Level::Warning => Severity::Warning,
        Level::Note => Severity::Note,
    };
    let fails = |severity: Severity| match level {
        Severity::Error => severity == Severity::Error,
        Severity::Warning => severity != Severity::Note,
        Severity::Note => true,
    };
    ExitCode::from(u8::from(findings.iter().any(|finding| fails(finding.severity))))
}

/// How documents are read, and what they compile to when that is asked for.
struct Reading<'a> {
    options: Options<'a>,
    form: TextForm,
    typing: typed::Options,
    emit: Option<Emit>,
    listings: Vec<String>,
}

impl Reading<'_> {
    fn compile(
        &mut self,
        sources: &Sources,
        file: FileId,
        options: &Options<'_>,
        found: &mut Diagnostics,
        seen: &mut dyn FnMut(&Document),
    ) {
        let unit = compile::compile_seen(sources, file, self.form, options, &self.typing, found, seen);
        if let (Some(unit), Some(Emit::Listing)) = (unit, self.emit) {
            let listing = crate::bytecode::listing::listing(&unit, sources);
            self.listings.push(options.named_values.hide(&listing).into_owned());
        }
    }
}

/// An OpenAPI definition: what of it is not imported, and operations that clash.
fn definition(path: &Path, given: &Given, sources: &mut Sources, found: &mut Diagnostics) -> Result<(), String> {
    let gateway = Read { config: path, policy: None, backend: None }.gateway(given, sources, found)?;
    found.extend(Router::new(&gateway).1);
    Ok(())
}

/// Documents that stand alone.
fn loose(path: &Path, reading: &mut Reading<'_>, sources: &mut Sources, found: &mut Diagnostics) -> Result<(), String> {
    let mut files = Vec::new();
    gather(path, sources, &mut files)?;
    let options = reading.options;
    for file in files {
        reading.compile(sources, file, &options, found, &mut |_| ());
    }
    Ok(())
}

fn usage(message: &str) -> ExitCode {
    eprintln!("portcullis check: {message}");
    ExitCode::from(2)
}

/// Reads the files that a path names.
fn gather(path: &Path, sources: &mut Sources, files: &mut Vec<crate::source::FileId>) -> Result<(), String> {
    let mut add = |name: String, bytes: Vec<u8>| {
        let file = sources.add(name.clone(), bytes).map_err(|_| format!("{name}: the file is too large"))?;
        files.push(file);
        Ok::<(), String>(())
    };
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map_err(|error| format!("standard input: {error}"))?;
        return add("<stdin>".into(), bytes);
    }
    let read = |path: &Path| std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
    if !path.is_dir() {
        return add(path.display().to_string(), read(path)?);
    }
    let walk = ignore::WalkBuilder::new(path).require_git(false).sort_by_file_path(|a, b| a.cmp(b)).build();
    for entry in walk {
        let entry = entry.map_err(|error| error.to_string())?;
        let is_xml = entry.path().extension().is_some_and(|e| e.eq_ignore_ascii_case("xml"));
        if is_xml && entry.file_type().is_some_and(|t| t.is_file()) {
            add(entry.path().display().to_string(), read(entry.path())?)?;
        }
    }
    Ok(())
}
