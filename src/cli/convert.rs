//! `portcullis convert`: policy text from raw to escaped and back.

use super::render::{self, Format, Look};
use crate::diagnostics::Diagnostics;
use crate::source::{FileId, Sources};
use crate::xml::forms;
use crate::xml::{self, TextForm};
use clap::{Args, ValueEnum};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Turns raw policy text into escaped, and back.
///
/// Raw text holds C# as it is: value="@(context.Variables["x"])". Escaped text is well-formed XML:
/// value="@(context.Variables[&quot;x&quot;])". Only expressions change; comments, white space,
/// CDATA, line ends and a byte order mark stay as they are. A text that would read differently
/// afterwards is refused, with the place.
///
/// Examples:
///   portcullis convert --to escaped policy.xml > escaped.xml
///   portcullis convert --to raw --in-place apis/*/policy.xml
///   portcullis convert --to raw --output raw/ a.xml b.xml
///   curl -s "$POLICY" | portcullis convert -
///
/// Exit code: 0 converted, 1 a text was refused (the others are converted), 2 usage or I/O.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct Arguments {
    /// Files, or `-` for standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The form to write [default: the one that the text is not in].
    #[arg(long, value_enum, value_name = "FORM")]
    to: Option<Form>,
    /// The form to read: told apart expression by expression, or as given.
    #[arg(long, value_enum, default_value = "auto")]
    text: Text,
    /// Write each file back where it was.
    #[arg(long, conflicts_with = "output")]
    in_place: bool,
    /// Where to write instead of standard output: a file, or a directory for the files' names.
    #[arg(long, value_name = "PATH")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    /// Quotes and angle brackets inside expressions as C# has them.
    Raw,
    /// Well-formed XML.
    Escaped,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Text {
    Auto,
    Raw,
    Escaped,
}

pub fn run(arguments: &Arguments) -> ExitCode {
    match convert(arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(message) => {
            eprintln!("portcullis convert: {message}");
            ExitCode::from(2)
        }
    }
}

fn convert(arguments: &Arguments) -> Result<bool, String> {
    if arguments.in_place && arguments.files.iter().any(|path| path.as_os_str() == "-") {
        return Err("standard input has no place to be written back to".into());
    }
    let into = match &arguments.output {
        Some(path) if path.is_dir() => Some(path),
        _ if arguments.files.len() > 1 && !arguments.in_place => {
            return Err("several files go with --in-place, or with --output and a directory that exists".into());
        }
        _ => None,
    };
    let from = match arguments.text {
        Text::Auto => TextForm::Auto,
        Text::Raw => TextForm::Raw,
        Text::Escaped => TextForm::Escaped,
    };
    let mut all = true;
    for path in &arguments.files {
        let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
        let file = read(path, &mut sources)?;
        let to = match arguments.to {
            Some(Form::Raw) => TextForm::Raw,
            Some(Form::Escaped) => TextForm::Escaped,
            None => other(&sources, file, from),
        };
        let text = forms::convert(&sources, file, from, to, &mut found);
        let findings = found.into_sorted();
        render::render(&sources, &findings, Format::Text, Look::of_stdout(), &mut io::stderr())
            .map_err(|error| format!("standard error: {error}"))?;
        let Some(text) = text else {
            all = false;
            continue;
        };
        if !forms::tells_itself(&text, to) {
            let form = if to == TextForm::Raw { "raw" } else { "escaped" };
            eprintln!(
                "note: {}: nothing in it tells that it is {form}; read it with --text {form}",
                sources.path(file)
            );
        }
        let target = match (into, &arguments.output) {
            (Some(folder), _) => Some(folder.join(path.file_name().unwrap_or("stdin.xml".as_ref()))),
            (None, Some(file)) => Some(file.clone()),
            (None, None) => arguments.in_place.then(|| path.clone()),
        };
        match target {
            Some(target) if text == sources.text(file) && target == *path => {}
            Some(target) => write(&target, &text)?,
            None => io::stdout().write_all(text.as_bytes()).map_err(|error| format!("standard output: {error}"))?,
        }
    }
    Ok(all)
}

fn read(path: &Path, sources: &mut Sources) -> Result<FileId, String> {
    let (shown, bytes) = if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        ("<stdin>".to_owned(), io::stdin().read_to_end(&mut bytes).map(|_| bytes))
    } else {
        (path.display().to_string(), std::fs::read(path))
    };
    let bytes = bytes.map_err(|error| format!("{shown}: {error}"))?;
    sources.add(shown.clone(), bytes).map_err(|_| format!("{shown}: the file is too large"))
}

/// The form that the text is not in: whatever must be escaped makes it raw.
fn other(sources: &Sources, file: FileId, from: TextForm) -> TextForm {
    let tree = xml::read(sources, file, from, &mut Diagnostics::new());
    if forms::edits(&tree, TextForm::Escaped).is_empty() { TextForm::Raw } else { TextForm::Escaped }
}

/// Writes whole or not at all.
fn write(path: &Path, text: &str) -> Result<(), String> {
    let wrong = |error: io::Error| format!("{}: {error}", path.display());
    let Some(name) = path.file_name() else { return Err(format!("{}: not a file's name", path.display())) };
    let beside = path.with_file_name(format!(".{}.{}.new", name.to_string_lossy(), std::process::id()));
    std::fs::write(&beside, text).map_err(wrong)?;
    if let Ok(about) = std::fs::metadata(path) {
        // The file keeps its mode; where it cannot, it is still written.
        let _ = std::fs::set_permissions(&beside, about.permissions());
    }
    std::fs::rename(&beside, path).map_err(|error| {
        let _ = std::fs::remove_file(&beside);
        wrong(error)
    })
}
