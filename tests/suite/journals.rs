//! The journal of every case, played again: the same comes of it. And what is no journal is refused.

use super::cases;
use super::support::Random;
use portcullis::cli::run::{case_stage, case_world, read_case};
use portcullis::drivers::replay::journal::{self, differences};
use portcullis::drivers::replay::outside::{Answers, Otherwise, World};
use portcullis::drivers::replay::player::{Stage, Watching, play};
use portcullis::recording::Journal;
use std::path::Path;

/// Plays what a line of a file of journals says: the journals of then and now, and what stayed unanswered.
fn again(stage: &Stage, world: &mut World, line: &str) -> Result<(Journal, Journal, Vec<String>), String> {
    let then = Journal::read(line).map_err(|why| why.to_string())?;
    let journal::Played { begun, given, request, told } = journal::read(&then, stage.hide())?;
    (world.now, world.given) = (begun, Some(given));
    let mut answers = Answers { recorded: Vec::new(), otherwise: Otherwise::Nothing, journal: Some(told) };
    let watching = Watching { records: true, ..Watching::default() };
    let played = play(stage, world, request, &mut answers, watching);
    let now = played.journal.ok_or("no journal was kept")?;
    Ok((then, now, played.unanswered))
}

fn journals(folder: &Path) -> Result<(Stage, Vec<String>), String> {
    let mut case = read_case(folder)?;
    case.records = true;
    let stage = case_stage(folder, &case)?;
    let (all, _) = case.run(&stage, &mut case_world(folder, &case)?)?;
    Ok((stage, all.into_iter().filter_map(|played| Some(played.journal?.line())).collect()))
}

#[test]
fn every_case_comes_out_the_same_from_its_own_journal() {
    let (mut wrong, mut played) = (Vec::new(), 0);
    for folder in cases::all() {
        let (stage, lines) = journals(&folder).expect("a case can be run");
        let case = read_case(&folder).expect("a case can be read");
        for line in lines {
            // A request that itself holds the text of a secret stands changed in its journal.
            if Journal::read(&line).expect("a journal").request.url.contains("***") {
                continue;
            }
            let mut world = case_world(&folder, &case).expect("a case has a world");
            played += 1;
            match again(&stage, &mut world, &line) {
                Ok((then, now, unanswered)) => {
                    let found = differences(&then, &now);
                    if !found.is_empty() || !unanswered.is_empty() {
                        wrong.push(format!("{}\n{found:#?}\n{unanswered:#?}", folder.display()));
                    }
                }
                Err(why) => wrong.push(format!("{}: {why}", folder.display())),
            }
        }
    }
    assert!(played >= 90, "only {played} journals were kept");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn case(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name)
}

#[test]
fn what_differs_from_then_is_shown() {
    let (stage, lines) = journals(&case("find-and-replace/in-the-request")).expect("the case can be run");
    let changes: &[(&str, &str, &str)] = &[
        (r#""text":"a notebook b""#, r#""text":"a pencil b""#, "call 1, body"),
        (r#""responded":{"status":200"#, r#""responded":{"status":404"#, "the status:\n- 404\n+ 200"),
        (
            r#""responded":{"status":200,"headers":[]"#,
            r#""responded":{"status":200,"headers":[["x-old","1"]]"#,
            "x-old",
        ),
        ("https://backend.example/orders", "https://elsewhere.example/orders", "call 1:\n- forward-request POST"),
        (r#""method":"POST","url":"https://b"#, r#""method":"PUT","url":"https://b"#, "forward-request PUT"),
    ];
    for (from, to, said) in changes {
        assert!(lines[0].contains(from), "{from}: {}", lines[0]);
        let mut world = World::new(portcullis::drivers::replay::case::NOW, 1);
        let (then, now, _) = again(&stage, &mut world, &lines[0].replace(from, to)).expect("a journal");
        let found = differences(&then, &now).join("\n");
        assert!(found.contains(said), "{from} -> {to}: {found}");
    }
}

#[test]
fn what_is_no_journal_is_refused_and_nothing_panics() {
    let table: &[(&str, &str)] = &[
        ("", "no journal"),
        ("{}", "missing field `version`"),
        (r#"{"version":2}"#, "a journal of version 2"),
        (r#"{"version":1}"#, "missing field `begun`"),
    ];
    for (line, said) in table {
        let why = Journal::read(line).expect_err("no journal").to_string();
        assert!(why.contains(said), "{line}: {why}");
    }
    let (stage, lines) = journals(&case("find-and-replace/in-the-request")).expect("the case can be run");
    let mut random = Random::new(7);
    for _ in 0..2_000 {
        let mut bytes = lines[0].clone().into_bytes();
        for _ in 0..1 + random.below(4) {
            if bytes.is_empty() {
                break;
            }
            let at = random.below(bytes.len());
            match random.below(3) {
                0 => bytes[at] = b"0123456789\"{}[],:-x"[random.below(19)],
                1 => drop(bytes.remove(at)),
                _ => bytes.truncate(at.max(1)),
            }
        }
        let line = String::from_utf8_lossy(&bytes).into_owned();
        let _ = again(&stage, &mut World::new(portcullis::drivers::replay::case::NOW, 1), &line);
    }
}
