//! `portcullis run`: policies against recorded requests, in virtual time.

use super::configuration::{Besides, Read, is_definition};
use super::render::{self, Format, Look};
use super::trace::{Traced, Tracer};
use crate::diagnostics::{Diagnostics, Severity};
use crate::dotnet::context::{Exchange, from_json};
use crate::dotnet::heap::Heap;
use crate::drivers::program::{self, Rules};
use crate::drivers::replay::case::{self, Case};
use crate::drivers::replay::outside::{Answers, Otherwise, World};
use crate::drivers::replay::played::Played;
use crate::drivers::replay::player::{Stage, Watching, play};
use crate::drivers::replay::{har, http_file, journal, request_file};
use crate::gateway::{self, Router};
use crate::message::Headers;
use crate::recording::Journal;
use crate::source::Sources;
use crate::vm::observe::Observer;
use clap::{Args, ValueEnum};
use serde_json::{Value as Json, json};
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

/// Runs policies against recorded requests, offline and in virtual time.
///
/// Examples:
///   portcullis run policy.xml --requests traffic.har
///   portcullis run apimartifacts --requests requests.http --answers answers.http --trace
///   portcullis run openapi.yaml --policy policy.xml --requests requests.http
///   portcullis run tests/cases/set-header
///
/// A recording is a HAR file (each entry's response is what the backend answers), an .http file (requests split by
/// `###`), a journal (of --record: what was asked is answered as then, and what differs from then is shown), or a case
/// folder (policy.xml or config/, request.http, answers.http, expected.http, case.json).
/// Exit code: 0 all well, 1 an expectation failed or an effect was not answered, 2 usage, I/O, or a policy with errors.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct Arguments {
    /// A policy document, an artifact directory, an OpenAPI definition, a case folder, or a folder of case folders.
    config: PathBuf,
    /// The recorded requests: *.har, *.http or *.journal.
    #[arg(long, value_name = "RECORDING")]
    requests: Option<PathBuf>,
    /// What backends answer to the requests of an .http file.
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// The backend of a policy document [default: https://backend.example], or of a definition instead of the one that
    /// its `servers` name.
    #[arg(long, value_name = "URL")]
    backend: Option<String>,
    /// The policy document of an OpenAPI definition, at API scope.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    besides: Besides,
    /// Context facts (Api, Operation, Product, Subscription, User, Deployment), as JSON.
    #[arg(long, value_name = "FILE")]
    context: Option<PathBuf>,
    /// The time at which the run begins.
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
    /// What random numbers and GUIDs come from.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Print each step, in its section and scope.
    #[arg(long)]
    trace: bool,
    /// Write the journal of each request: what its policies asked and were told. It is a recording for --requests.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    #[arg(long, value_enum, default_value = "text")]
    format: Output,
    /// Run documents that hold policies or .NET members that are not supported yet; they fail when they are reached.
    #[arg(long)]
    allow_unsupported: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Output {
    Text,
    Json,
}

pub fn run(arguments: &Arguments) -> ExitCode {
    super::with_stack(|| match replay(arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(message) => {
            eprintln!("portcullis run: {message}");
            ExitCode::from(2)
        }
    })
}

fn replay(arguments: &Arguments) -> Result<bool, String> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let well = match &arguments.requests {
        Some(recording) => recorded(arguments, recording, &mut out)?,
        None => {
            let folders = case_folders(&arguments.config)?;
            if folders.is_empty() {
                return Err(format!(
                    "{}: no case folder here; give --requests RECORDING to run a configuration",
                    arguments.config.display()
                ));
            }
            let mut well = true;
            for folder in folders {
                well &= one_case(arguments, &folder, &mut out)?;
            }
            well
        }
    };
    out.flush().map_err(|error| format!("standard output: {error}"))?;
    Ok(well)
}

// ---- the gateway

/// The backend of a policy document when nobody says otherwise.
const BACKEND: &str = "https://backend.example";

fn stage(arguments: &Arguments, config: &Path, extra: Option<&Json>) -> Result<Stage, String> {
    let mut sources = Sources::new();
    let mut found = Diagnostics::new();
    let mut given = arguments.besides.read(config, &mut sources, &mut found)?;
    given.allow_unsupported = arguments.allow_unsupported;
    for (name, value) in extra.and_then(Json::as_object).into_iter().flatten() {
        let text = value.as_str().or_else(|| value["value"].as_str()).unwrap_or_default();
        given.named_values.define(name, text, value["secret"] == true);
    }
    let alone = !config.is_dir() && !is_definition(config);
    let backend = arguments.backend.as_deref().or(alone.then_some(BACKEND));
    let read = Read { config, policy: arguments.policy.as_deref(), backend };
    let mut gateway = read.gateway(&given, &mut sources, &mut found)?;
    if let Some(path) = &arguments.context {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut heap = Heap::new(64 << 20);
        let facts = from_json::parse(&text, &mut heap).map_err(|error| format!("{}: {error}", path.display()))?;
        give_facts(&mut gateway, &facts);
    }
    let (router, _) = Router::new(&gateway);
    let rules = Rules { allow_unsupported: arguments.allow_unsupported, ..Rules::default() };
    let program = program::compile(&gateway, &mut sources, rules, &mut found);
    let wrong = found.has_errors();
    let shown: Vec<_> = found.into_sorted().into_iter().filter(|f| f.severity != Severity::Note).collect();
    if !shown.is_empty() {
        let _ = render::render(&sources, &shown, Format::Text, Look::of_stdout(), &mut std::io::stderr());
    }
    if wrong {
        Err("the policies have errors, or hold what is not supported yet".into())
    } else {
        Ok(Stage { gateway, router, program })
    }
}

/// What a context file says of the single API of a policy document.
fn give_facts(gateway: &mut gateway::Gateway, facts: &Exchange) {
    gateway.deployment = facts.deployment.clone();
    if let [api] = gateway.apis.as_mut_slice()
        && let (Some(api), Some(given)) = (Arc::get_mut(api), &facts.api)
    {
        let mut own = (**given).clone();
        own.service_url = api.facts.service_url.clone();
        own.path = api.facts.path.clone();
        api.facts = Arc::new(own);
    }
}

// ---- recordings

fn world(arguments: &Arguments, case: Option<&Case>) -> Result<World, String> {
    let now = match &arguments.now {
        Some(text) => Some(
            from_json::parse_moment(text)
                .ok_or_else(|| format!("--now {text}: not a time like 2024-05-17T09:30:15Z"))?,
        ),
        None => case.and_then(Case::now),
    };
    let seed = arguments.seed.or_else(|| case.and_then(Case::seed));
    let mut world = World::new(now.unwrap_or(case::NOW), seed.unwrap_or(case::SEED));
    world.context = match &arguments.context {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
            Some(serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?)
        }
        None => case.map(|case| case.settings["context"].clone()).filter(Json::is_object),
    };
    Ok(world)
}

fn recorded(arguments: &Arguments, recording: &Path, out: &mut impl Write) -> Result<bool, String> {
    let stage = stage(arguments, &arguments.config, None)?;
    let mut world = world(arguments, None)?;
    let shown = recording.display();
    let mut journals = Journals::create(arguments.record.as_deref())?;
    if recording.extension().is_some_and(|e| e.eq_ignore_ascii_case("journal")) {
        let mut well = true;
        let file = std::fs::File::open(recording).map_err(|error| format!("{shown}: {error}"))?;
        for (at, line) in std::io::BufReader::new(file).lines().enumerate() {
            let line = line.map_err(|error| format!("{shown}:{}: {error}", at + 1))?;
            if line.trim().is_empty() {
                continue;
            }
            let then = Journal::read(&line).map_err(|why| format!("{shown}:{}: {why}", at + 1))?;
            let journal::Played { begun, given, request, told } =
                journal::read(&then, stage.hide()).map_err(|why| format!("{shown}:{}: {why}", at + 1))?;
            (world.now, world.given) = (begun, Some(given));
            let mut answers = Answers { recorded: Vec::new(), otherwise: Otherwise::Nothing, journal: Some(told) };
            let recorded = Recorded { number: at + 1, request, then: Some(&then) };
            well &= one(arguments, &stage, &mut world, recorded, &mut answers, &mut journals, out)?;
        }
        return Ok(well);
    }
    let is_har = recording.extension().is_some_and(|e| e.eq_ignore_ascii_case("har"));
    let mut well = true;
    if is_har {
        let file = std::fs::File::open(recording).map_err(|error| format!("{shown}: {error}"))?;
        har::read(file, &mut |number, request, response| {
            let mut answers = Answers {
                recorded: response.into_iter().map(|r| (None, http_file::Recorded::Response(r))).collect(),
                otherwise: Otherwise::Nothing,
                journal: None,
            };
            let recorded = Recorded { number, request, then: None };
            well &= one(arguments, &stage, &mut world, recorded, &mut answers, &mut journals, out)?;
            Ok(())
        })
        .map_err(|error| format!("{shown}: {error}"))?;
        return Ok(well);
    }
    let read = |path: &Path| std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()));
    let text = read(recording)?;
    let mut answers = Answers { recorded: Vec::new(), otherwise: Otherwise::Empty, journal: None };
    if let Some(path) = &arguments.answers {
        answers.otherwise = Otherwise::Nothing;
        let text = read(path)?;
        for part in http_file::split(&text) {
            let answer =
                http_file::answer(&part).map_err(|w| format!("{}:{}: {}", path.display(), w.line, w.message))?;
            answers.recorded.push(answer);
        }
    }
    let beside = |name: &str| {
        let path = recording.parent().unwrap_or(Path::new("")).join(name);
        std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let requests = request_file::requests(&text, &beside).map_err(|w| format!("{shown}:{}: {}", w.line, w.message))?;
    for (at, request) in requests.into_iter().enumerate() {
        let recorded = Recorded { number: at + 1, request, then: None };
        well &= one(arguments, &stage, &mut world, recorded, &mut answers, &mut journals, out)?;
    }
    Ok(well)
}

/// The file of `--record`.
struct Journals(Option<(PathBuf, std::io::BufWriter<std::fs::File>)>);

impl Journals {
    fn create(path: Option<&Path>) -> Result<Journals, String> {
        let Some(path) = path else { return Ok(Journals(None)) };
        let file = std::fs::File::create(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Journals(Some((path.to_owned(), std::io::BufWriter::new(file)))))
    }

    fn write(&mut self, journal: &Journal) -> Result<(), String> {
        let Some((path, file)) = &mut self.0 else { return Ok(()) };
        writeln!(file, "{}", journal.line())
            .and_then(|()| file.flush())
            .map_err(|error| format!("{}: {error}", path.display()))
    }
}

/// One request of a recording.
struct Recorded<'j> {
    number: usize,
    request: crate::message::Request,
    /// What came of it when it was recorded.
    then: Option<&'j Journal>,
}

fn one(
    arguments: &Arguments,
    stage: &Stage,
    world: &mut World,
    recorded: Recorded<'_>,
    answers: &mut Answers,
    journals: &mut Journals,
    out: &mut impl Write,
) -> Result<bool, String> {
    let Recorded { number, request, then } = recorded;
    let line = format!("{} {}", request.method, request.url);
    let steps = Arc::new(Mutex::new(Vec::new()));
    let observer = arguments
        .trace
        .then(|| Box::new(Tracer::new(steps.clone(), Arc::clone(stage.gateway.secrets()))) as Box<dyn Observer>);
    let records = then.is_some() || journals.0.is_some();
    let played = play(
        stage,
        world,
        request,
        answers,
        Watching { observer, records, traces: arguments.trace && arguments.format == Output::Json },
    );
    let mut differences = Vec::new();
    if let Some(now) = &played.journal {
        journals.write(now)?;
        differences = then.map(|then| journal::differences(then, now)).unwrap_or_default();
    }
    let steps = steps.lock().map(|steps| steps.clone()).unwrap_or_default();
    let mut report = Vec::new();
    let shown = print(arguments.format, number, &line, &played, &steps, &differences, &mut report);
    let report = String::from_utf8_lossy(&report).into_owned();
    let report = stage.gateway.secrets().hide(&report);
    shown.and_then(|()| out.write_all(report.as_bytes())).map_err(|error| format!("standard output: {error}"))?;
    Ok(played.unanswered.is_empty() && differences.is_empty())
}

fn header_lines(headers: &Headers) -> Vec<(String, String)> {
    let line = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    headers.iter().map(line).collect()
}

fn print(
    format: Output,
    number: usize,
    line: &str,
    played: &Played,
    steps: &[Traced],
    differences: &[String],
    out: &mut impl Write,
) -> std::io::Result<()> {
    let body = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if format == Output::Json {
        let calls: Vec<Json> = played
            .calls
            .iter()
            .map(|c| json!({"by": c.by, "method": c.method, "url": c.url, "headers": header_lines(&c.headers), "body": body(&c.body)}))
            .collect();
        let response = played.response.as_ref().map(|r| {
            json!({"status": r.status.as_u16(), "reason": r.reason_phrase(), "headers": header_lines(&r.headers),
                   "body": body(r.body.bytes().unwrap_or_default())})
        });
        let mut record = json!({"request": number, "line": line, "calls": calls, "response": response, "unanswered": played.unanswered});
        if !differences.is_empty() {
            record["differences"] = json!(differences);
        }
        if !steps.is_empty() {
            record["steps"] = steps.iter().map(Traced::json).collect();
        }
        if let Some(trace) = &played.trace {
            record["trace"] = trace.clone();
        }
        return writeln!(out, "{record}");
    }
    writeln!(out, "### {number} {line}")?;
    for step in steps {
        writeln!(out, "    {}", step.what)?;
        for change in &step.changes {
            writeln!(out, "        {change}")?;
        }
    }
    for message in &played.traces {
        writeln!(out, "    trace {}: {}", message.source, message.message)?;
    }
    for call in &played.calls {
        writeln!(out, "--> {} {} ({})", call.method, call.url, call.by)?;
        for (name, value) in header_lines(&call.headers) {
            writeln!(out, "    {name}: {value}")?;
        }
        if !call.body.is_empty() {
            writeln!(out, "\n{}", body(&call.body))?;
        }
    }
    if let Some(response) = &played.response {
        writeln!(out, "<-- {} {}", response.status.as_u16(), response.reason_phrase())?;
        for (name, value) in header_lines(&response.headers) {
            writeln!(out, "    {name}: {value}")?;
        }
        let text = body(response.body.bytes().unwrap_or_default());
        if !text.is_empty() {
            writeln!(out, "\n{text}")?;
        }
    }
    if played.assumed > 0 {
        writeln!(
            out,
            "note: {} call(s) answered with an empty 200, since nothing is recorded; give --answers FILE",
            played.assumed
        )?;
    }
    for difference in differences {
        writeln!(out, "differs from the journal: {difference}")?;
    }
    for name in &played.unanswered {
        writeln!(out, "unanswered: {name}\n  hint: add an answer for it to the recording")?;
    }
    Ok(())
}

// ---- cases

/// Folders with a `request.http`, this one or below it, in order.
fn case_folders(root: &Path) -> Result<Vec<PathBuf>, String> {
    let mut folders = Vec::new();
    for entry in ignore::WalkBuilder::new(root).standard_filters(false).sort_by_file_path(|a, b| a.cmp(b)).build() {
        let entry = entry.map_err(|error| error.to_string())?;
        if entry.file_name() == "request.http"
            && let Some(folder) = entry.path().parent()
        {
            folders.push(folder.to_owned());
        }
    }
    Ok(folders)
}

/// Reads the files of a case folder.
pub fn read_case(folder: &Path) -> Result<Case, String> {
    let optional = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
    let required = |name: &str| optional(name).ok_or_else(|| format!("{}: no {name}", folder.display()));
    let settings = match optional("case.json") {
        Some(text) => {
            serde_json::from_str(&text).map_err(|error| format!("{}/case.json: {error}", folder.display()))?
        }
        None => Json::Null,
    };
    Ok(Case {
        request: required("request.http")?,
        answers: optional("answers.http"),
        expected: optional("expected.http"),
        settings,
        records: false,
    })
}

fn one_case(arguments: &Arguments, folder: &Path, out: &mut impl Write) -> Result<bool, String> {
    let case = read_case(folder)?;
    let config = case_config(folder, &case);
    let stage = stage(arguments, &config, Some(&case.settings["namedValues"]))?;
    let mut world = world(arguments, Some(&case))?;
    let (all, mut differences) = case.run(&stage, &mut world).map_err(|why| format!("{}: {why}", folder.display()))?;
    for played in &all {
        differences.extend(played.unanswered.iter().map(|name| format!("unanswered: {name}")));
    }
    let verdict = if differences.is_empty() { "ok" } else { "FAILED" };
    let io = |error: std::io::Error| format!("standard output: {error}");
    writeln!(out, "{verdict} {}", folder.display()).map_err(io)?;
    for difference in &differences {
        for line in stage.gateway.secrets().hide(difference).lines() {
            writeln!(out, "    {line}").map_err(io)?;
        }
    }
    Ok(differences.is_empty())
}

/// The configuration of a case: its own policy document or directory, or one that `case.json` names.
fn case_config(folder: &Path, case: &Case) -> PathBuf {
    match case.settings["config"].as_str() {
        Some(elsewhere) => folder.join(elsewhere),
        None if folder.join("policy.xml").exists() => folder.join("policy.xml"),
        None => folder.join("config"),
    }
}

/// The gateway of a case folder, for whoever plays it otherwise.
pub fn case_stage(folder: &Path, case: &Case) -> Result<Stage, String> {
    let config = case_config(folder, case);
    stage(&case_arguments(folder), &config, Some(&case.settings["namedValues"]))
}

/// The time, seed and context of a case folder.
pub fn case_world(folder: &Path, case: &Case) -> Result<World, String> {
    world(&case_arguments(folder), Some(case))
}

/// Runs a case folder with default settings: its differences, for tests.
pub fn differences(folder: &Path) -> Result<Vec<String>, String> {
    let case = read_case(folder)?;
    let stage = case_stage(folder, &case)?;
    let mut world = case_world(folder, &case)?;
    let (all, mut differences) = case.run(&stage, &mut world)?;
    differences
        .extend(all.iter().flat_map(|played| played.unanswered.iter().map(|name| format!("unanswered: {name}"))));
    Ok(differences)
}

fn case_arguments(folder: &Path) -> Arguments {
    Arguments {
        config: folder.to_owned(),
        requests: None,
        answers: None,
        backend: None,
        policy: None,
        besides: Besides::default(),
        context: None,
        now: None,
        seed: None,
        trace: false,
        record: None,
        format: Output::Text,
        allow_unsupported: false,
    }
}
