//! `portcullis types`: the .NET types and members that expressions may use, and which of them are supported.

use crate::dotnet::listing::{self, ListedMember, ListedType};
use clap::{Args, ValueEnum};
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

/// Lists the types and members that policy expressions may use.
///
/// A member that is not supported is marked with the reason: `check` warns of it, `run` and `serve` refuse it.
///
/// Examples:
///   portcullis types
///   portcullis types JObject
///   portcullis types --unsupported
///   portcullis types --format json
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct Arguments {
    /// Only types with this in their name, in any case of letters.
    name: Option<String>,
    /// Only members that are not supported.
    #[arg(long)]
    unsupported: bool,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Markdown,
}

pub fn run(arguments: &Arguments) -> ExitCode {
    let types = select(listing::types(), arguments);
    if types.is_empty() {
        eprintln!("portcullis types: no type that policies may use is called so");
        return ExitCode::from(1);
    }
    let shown = match arguments.format {
        Format::Text => text(&types),
        Format::Json => json(&types),
        Format::Markdown => markdown(&types),
    };
    // A reader that has seen enough closes the pipe.
    match std::io::stdout().lock().write_all(shown.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => ExitCode::from(2),
        _ => ExitCode::SUCCESS,
    }
}

fn select(types: Vec<ListedType>, arguments: &Arguments) -> Vec<ListedType> {
    let wanted = arguments.name.as_deref().unwrap_or_default().to_lowercase();
    let mut found: Vec<_> = types.into_iter().filter(|listed| listed.name.to_lowercase().contains(&wanted)).collect();
    if arguments.unsupported {
        for listed in &mut found {
            listed.members.retain(|member| !member.supported);
        }
        found.retain(|listed| !listed.members.is_empty());
    }
    found
}

fn shown(member: &ListedMember) -> String {
    let is_enum_value = member.kind == "field" && member.signature.starts_with(&format!("{} =", member.name));
    let prefix = if member.is_static && member.kind != "operator" && !is_enum_value { "static " } else { "" };
    format!("{prefix}{}", member.signature)
}

fn text(types: &[ListedType]) -> String {
    let mut out = String::new();
    for listed in types {
        let _ = writeln!(out, "{}", listed.name);
        for member in &listed.members {
            let _ = match &member.reason {
                None => writeln!(out, "    {}", shown(member)),
                Some(reason) => writeln!(out, "  - {}    ({reason})", shown(member)),
            };
        }
        out.push('\n');
    }
    let (supported, all) = listing::count(types);
    let _ = writeln!(out, "{supported} of {all} members of {} types are supported.", types.len());
    out
}

fn json(types: &[ListedType]) -> String {
    let listed = serde_json::json!({ "types": types });
    let mut out = serde_json::to_string_pretty(&listed).expect("plain data always has a JSON form");
    out.push('\n');
    out
}

/// The manual page `docs/expressions.md`.
pub fn markdown(types: &[ListedType]) -> String {
    let (supported, all) = listing::count(types);
    let mut out = String::from(
        "# What expressions may use\n\nMade by `portcullis types --format markdown`; do not edit.\n\n\
         Policies may use these types and members of .NET and of Newtonsoft.Json, and the types of `context` (`Apim.`). \
         A member that this version does not support is struck out: `check` warns of it, `run` and `serve` refuse it.\n",
    );
    let _ = writeln!(out, "\n{supported} of {all} members of {} types are supported.", types.len());
    for listed in types {
        let _ = writeln!(out, "\n## {}\n", listed.name.replace('<', "\\<"));
        for member in &listed.members {
            let code = format!("`{}`", shown(member));
            let code = if member.supported { code } else { format!("~~{code}~~") };
            let _ = match (&member.reason, member.doc) {
                (Some(reason), _) => writeln!(out, "- {code} ({reason})"),
                (None, "") => writeln!(out, "- {code}"),
                (None, doc) => writeln!(out, "- {code} {doc}"),
            };
        }
    }
    out
}
