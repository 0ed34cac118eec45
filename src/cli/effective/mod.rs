//! `portcullis effective`: the policy that acts on a request, put together from all scopes, with the origin of each
//! statement.

mod assemble;
mod select;

use super::configuration::{self, Besides};
use super::render::{self, Format, Look};
use crate::diagnostics::Diagnostics;
use crate::document::Section;
use crate::source::Sources;
use crate::xml::TextForm;
use assemble::{Assembly, Part};
use clap::{Args, ValueEnum};
use select::Selected;
use serde_json::json;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

/// Prints the effective policy: each `<base />` replaced by what stands at the wider scope.
///
/// A section begins with the narrowest document that defines it (operation, API, product, global);
/// without `<base />` the wider ones are left out. A product's policy counts only with --product,
/// as it acts only in that product's context. Each statement follows a comment with its origin:
/// scope, name, file and line.
///
/// Examples:
///   portcullis effective apimartifacts --operation get-order
///   portcullis effective apimartifacts --api orders --product gold --expand
///   portcullis effective apimartifacts --product gold --format json
///
/// Exit code: 0 printed, 1 a document cannot be read, 2 usage, I/O, or a selection that names
/// nothing or too much.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct Arguments {
    /// An artifact directory, an OpenAPI definition, or a policy document.
    config: PathBuf,
    /// The API, by its id or display name. Not needed where there is one, or where the operation tells.
    #[arg(long, value_name = "API")]
    api: Option<String>,
    /// The operation, by its id, its display name, or as "GET /orders/{id}".
    #[arg(long, value_name = "OPERATION")]
    operation: Option<String>,
    /// The product in whose context the request runs. Alone: the effective policy of the product.
    #[arg(long, value_name = "PRODUCT")]
    product: Option<String>,
    /// The policy document of an OpenAPI definition, at API scope.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Put fragments in place of `include-fragment`, and values in place of `{{name}}`. Secret values are never shown.
    #[arg(long)]
    expand: bool,
    /// How expressions are written.
    #[arg(long, value_enum, default_value = "raw")]
    text: Text,
    #[arg(long, value_enum, default_value = "text")]
    format: Output,
    #[command(flatten)]
    besides: Besides,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Text {
    Raw,
    Escaped,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Output {
    Text,
    Json,
}

pub fn run(arguments: &Arguments) -> ExitCode {
    super::with_stack(|| match effective(arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(message) => {
            eprintln!("portcullis effective: {message}");
            ExitCode::from(2)
        }
    })
}

fn effective(arguments: &Arguments) -> Result<bool, String> {
    let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
    let given = arguments.besides.read(&arguments.config, &mut sources, &mut found)?;
    let read = configuration::Read { config: &arguments.config, policy: arguments.policy.as_deref(), backend: None };
    let gateway = read.gateway(&given, &mut sources, &mut found)?;
    // What else is wrong with the configuration is the affair of `check`.
    let mut found = Diagnostics::new();
    let selected = select::select(
        &gateway,
        arguments.api.as_deref(),
        arguments.operation.as_deref(),
        arguments.product.as_deref(),
    )?;
    let form = match arguments.text {
        Text::Raw => TextForm::Raw,
        Text::Escaped => TextForm::Escaped,
    };
    let layers = selected.layers(&gateway, &mut sources)?;
    let assembly = Assembly::new(&gateway, &sources, layers, form, arguments.expand, &mut found);
    let wrong = found.has_errors();
    if wrong {
        render::render(&sources, &found.into_sorted(), Format::Text, Look::of_stdout(), &mut io::stderr())
            .map_err(|error| format!("standard error: {error}"))?;
        return Ok(false);
    }
    let Some(sections) = assembly.sections() else { return Err("the effective policy is too large".into()) };
    let page = match arguments.format {
        Output::Text => as_text(&selected, &sections),
        Output::Json => as_json(&selected, &sections),
    };
    io::stdout().write_all(page.as_bytes()).map_err(|error| format!("standard output: {error}"))?;
    Ok(true)
}

fn as_text(selected: &Selected<'_>, sections: &[(Section, Vec<Part>)]) -> String {
    let mut out = format!("<!-- {} -->\n<policies>\n", assemble::in_comment(&selected.about));
    for (section, parts) in sections {
        let name = section.name();
        if parts.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "    <{name} />");
            continue;
        }
        let _ = writeln!(out, "    <{name}>");
        for part in parts {
            if let Some(origin) = part.origin() {
                let _ = writeln!(out, "        <!-- {origin} -->");
            }
            let _ = writeln!(out, "        {}", part.text);
        }
        let _ = writeln!(out, "    </{name}>");
    }
    out + "</policies>\n"
}

fn as_json(selected: &Selected<'_>, sections: &[(Section, Vec<Part>)]) -> String {
    let part = |part: &Part| {
        json!({"policy": part.policy, "scope": part.scope, "name": part.owner, "file": part.file, "line": part.line,
               "column": part.column, "text": part.text})
    };
    let sections = sections.iter().map(|(section, parts)| {
        let statements: Vec<_> = parts.iter().filter(|part| part.policy.is_some()).map(part).collect();
        json!({"section": section.name(), "statements": statements})
    });
    let page = json!({
        "version": 1,
        "api": selected.api.map(|api| api.id.as_str()),
        "operation": selected.operation.map(|operation| operation.id.as_str()),
        "product": selected.product.map(|product| product.id.as_str()),
        "sections": sections.collect::<Vec<_>>(),
    });
    format!("{page:#}\n")
}
