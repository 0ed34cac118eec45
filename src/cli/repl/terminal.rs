//! The terminal's side: editing, history, completion by Tab.

use super::complete::complete;
use super::session::{Reply, Session, is_incomplete};
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Editor, Helper, Highlighter, Hinter};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Helper, Hinter, Highlighter)]
struct Terminal {
    session: Session,
}

impl Completer for Terminal {
    type Candidate = String;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(complete(&self.session, &line[..at]))
    }
}

impl Validator for Terminal {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let text = context.input();
        let unfinished = is_incomplete(text) && !text.ends_with("\n\n");
        Ok(if unfinished { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}

/// Where lines of earlier sessions are.
fn history() -> Option<PathBuf> {
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
    let state = state.or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state")));
    state.map(|state| state.join("portcullis").join("eval-history"))
}

pub fn run(session: Session) -> ExitCode {
    let config = Config::builder().completion_type(CompletionType::List).auto_add_history(true).build();
    let mut editor = match Editor::<Terminal, _>::with_config(config) {
        Ok(editor) => editor,
        Err(error) => {
            eprintln!("portcullis eval: {error}");
            return ExitCode::from(2);
        }
    };
    editor.set_helper(Some(Terminal { session }));
    let history = history();
    if let Some(path) = &history {
        // There is none before the first session.
        let _ = editor.load_history(path);
    }
    println!("C# of policies; `:help` for commands, Tab completes.");
    loop {
        match editor.readline("> ") {
            Ok(line) => {
                let Some(helper) = editor.helper_mut() else { break };
                match helper.session.line(&line) {
                    Reply::Text(text) | Reply::Failure(text) => println!("{text}"),
                    Reply::Nothing => {}
                    Reply::Quit => break,
                }
            }
            Err(ReadlineError::Interrupted) => {}
            Err(_) => break,
        }
    }
    if let Some(path) = history {
        let kept = path.parent().map(std::fs::create_dir_all);
        if !matches!(kept, Some(Ok(()))) || editor.save_history(&path).is_err() {
            eprintln!("portcullis eval: the history could not be kept in {}", path.display());
        }
    }
    ExitCode::SUCCESS
}
