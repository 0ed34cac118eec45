//! `portcullis import`: a definition of another kind to files of the artifact layout.

use super::render::{self, Format, Look};
use crate::diagnostics::{Finding, Severity, codes};
use crate::gateway::load::backend_url;
use crate::gateway::openapi::{self, Definition};
use crate::source::{FileId, Place, Sources, Span};
use clap::{Args, Subcommand};
use serde_json::json;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Writes files of the artifact layout from definitions of other kinds.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct Arguments {
    #[command(subcommand)]
    kind: Kind,
}

#[derive(Debug, Subcommand)]
enum Kind {
    Openapi(OpenApi),
}

/// OpenAPI 3.0, 3.1 or Swagger 2, JSON or YAML, to an API of the artifact layout.
///
/// Writes apis/NAME/apiInformation.json, and the definition as it is to
/// apis/NAME/specification.yaml (or .json). Operations get the platform's names: the operationId in
/// lower case with dashes, or method and path. Required query parameters become part of the URL
/// template. Policies that stand in the folder already are left as they are.
///
/// Examples:
///   portcullis import openapi petstore.yaml --into apimartifacts
///   portcullis import openapi orders.json --into apimartifacts --name orders --path shop/orders --force
///
/// Exit code: 0 written, 1 the definition cannot be read, 2 usage or I/O, or files that are there
/// already.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
struct OpenApi {
    /// The definition.
    file: PathBuf,
    /// The artifact directory; made if it is not there.
    #[arg(long, value_name = "DIR")]
    into: PathBuf,
    /// The API's id [default: its title, or the file's name].
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The API's path below the gateway's URL, `--path ""` for none [default: the id].
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// The backend [default: the first https entry of `servers`].
    #[arg(long, value_name = "URL")]
    backend: Option<String>,
    /// Callers need no subscription key.
    #[arg(long)]
    open: bool,
    /// Leave required query parameters out of the URL templates.
    #[arg(long)]
    query_outside_template: bool,
    /// Overwrite the API's information and definition.
    #[arg(long)]
    force: bool,
}

pub fn run(arguments: &Arguments) -> ExitCode {
    let Kind::Openapi(arguments) = &arguments.kind;
    match import(arguments) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("portcullis import: {message}");
            ExitCode::from(2)
        }
    }
}

fn import(arguments: &OpenApi) -> Result<ExitCode, String> {
    let mut sources = Sources::new();
    let file = super::configuration::add(&arguments.file, &mut sources)?;
    let text = sources.text(file).trim_start_matches('\u{feff}');
    let yaml = openapi::is_yaml(sources.path(file), text);
    let definition = match openapi::read(text, yaml, !arguments.query_outside_template) {
        Ok(definition) => definition,
        Err((message, place)) => {
            let place = place.map(|(line, column)| Place { line: line.max(1), column: column.max(1) });
            let at = place.and_then(|place| sources.offset(file, place)).unwrap_or(0);
            show(&sources, &[Finding::new(codes::GATEWAY_FILE, Span::new(file, at, at), message)])?;
            return Ok(ExitCode::from(1));
        }
    };
    show(&sources, &problems(&definition, &sources, file))?;
    let name = name(arguments, &definition)?;
    let information = information(arguments, &definition, &name)?;
    let folder = arguments.into.join("apis").join(&name);
    let extension = if yaml { "yaml" } else { "json" };
    let targets = [
        (folder.join("apiInformation.json"), information.into_bytes()),
        (folder.join(format!("specification.{extension}")), sources.bytes(file).to_vec()),
    ];
    if sources.first_bad_byte(file).is_some() {
        return Err(format!("{}: this is not UTF-8 text", arguments.file.display()));
    }
    let other = folder.join(if yaml { "specification.json" } else { "specification.yaml" });
    if !arguments.force
        && let Some(there) = targets.iter().map(|(path, _)| path).chain([&other]).find(|path| path.exists())
    {
        return Err(format!("{} is there already; --force overwrites it", there.display()));
    }
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for (path, bytes) in &targets {
        std::fs::write(path, bytes).map_err(|error| format!("{}: {error}", path.display()))?;
        println!("wrote {}", path.display());
    }
    if other.exists() {
        std::fs::remove_file(&other).map_err(|error| format!("{}: {error}", other.display()))?;
        println!("removed {}, the definition before", other.display());
    }
    tell(&definition, &folder);
    Ok(ExitCode::SUCCESS)
}

fn problems(definition: &Definition, sources: &Sources, file: FileId) -> Vec<Finding> {
    let text = sources.text(file);
    let finding = |problem: &openapi::Problem| {
        let start = text.find(&problem.near).unwrap_or(0);
        let span = Span::new(file, start as u32, (start + problem.near.len()).min(text.len()) as u32);
        Finding::new(codes::GATEWAY_PART, span, problem.message.clone()).severity(Severity::Warning)
    };
    definition.problems.iter().map(finding).collect()
}

fn show(sources: &Sources, findings: &[Finding]) -> Result<(), String> {
    render::render(sources, findings, Format::Text, Look::of_stdout(), &mut io::stderr())
        .map_err(|error| format!("standard error: {error}"))
}

fn name(arguments: &OpenApi, definition: &Definition) -> Result<String, String> {
    if let Some(name) = &arguments.name {
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ';' | '=');
        return match name.chars().all(fits) && !name.is_empty() && !name.starts_with('.') {
            true => Ok(name.clone()),
            false => Err(format!("--name {name}: an id holds letters, digits and dashes")),
        };
    }
    let stem = arguments.file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let names = [definition.title.clone(), stem].into_iter().flatten().map(|name| openapi::normalise(&name));
    names.into_iter().find(|name| !name.is_empty()).ok_or_else(|| "the definition has no title; give --name".to_owned())
}

/// The text of apiInformation.json.
fn information(arguments: &OpenApi, definition: &Definition, name: &str) -> Result<String, String> {
    let path = arguments.path.as_deref().unwrap_or(name).trim_matches('/');
    let mut properties = json!({
        "displayName": definition.title.as_deref().unwrap_or(name),
        "path": path,
        "protocols": ["https"],
        "apiRevision": "1",
        "isCurrent": true,
        "subscriptionRequired": !arguments.open,
    });
    // The platform takes https servers only, and leaves the URL empty without one.
    let server = definition.server.as_deref().filter(|server| server.starts_with("https://"));
    match (arguments.backend.as_deref(), server) {
        (Some(backend), _) => {
            backend_url(backend).map_err(|why| format!("--backend {backend}: {why}"))?;
            properties["serviceUrl"] = backend.into();
        }
        (None, Some(server)) => properties["serviceUrl"] = server.into(),
        (None, None) => {
            eprintln!("note: the definition names no https server, so there is no serviceUrl; --backend sets it")
        }
    }
    if arguments.query_outside_template {
        properties["translateRequiredQueryParameters"] = "query".into();
    }
    Ok(format!("{:#}\n", json!({ "properties": properties })))
}

const MOST_TOLD: usize = 20;

/// The operations by the names that their policies' folders have, and folders that no operation has.
fn tell(definition: &Definition, folder: &Path) {
    let count = definition.operations.len();
    println!("{count} operation{}:", if count == 1 { "" } else { "s" });
    for operation in definition.operations.iter().take(MOST_TOLD) {
        println!("  {}  {} {}", operation.id, operation.method, operation.template);
    }
    if definition.operations.len() > MOST_TOLD {
        println!("  and {} more", definition.operations.len() - MOST_TOLD);
    }
    let Ok(folders) = std::fs::read_dir(folder.join("operations")) else { return };
    let mut folders: Vec<String> =
        folders.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    folders.sort();
    for name in folders {
        if !definition.operations.iter().any(|operation| operation.id == openapi::normalise(&name)) {
            println!("note: operations/{name} belongs to no operation of the definition");
        }
    }
}
