//! `portcullis eval` without an expression: a line at a time, from a terminal or a pipe.
//!
//! In: lines. Out: what each gives, and the exit code. [`session`] evaluates, [`complete`] knows what could come next; neither knows of
//! terminals, which only the feature `repl` brings.

pub mod complete;
pub mod session;
#[cfg(feature = "repl")]
mod terminal;

use session::{Reply, Session};
use std::io::{BufRead, IsTerminal, Write};
use std::process::ExitCode;

/// Runs until the input ends.
pub fn run(session: Session) -> ExitCode {
    #[cfg(feature = "repl")]
    if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        return terminal::run(session);
    }
    let input = std::io::stdin().lock();
    let mut output = std::io::stdout().lock();
    let prompt = input.is_terminal();
    lines(session, input, &mut output, prompt)
}

/// Evaluates line by line; a line whose brackets stay open goes on in the next one, up to an empty one.
pub fn lines(mut session: Session, input: impl BufRead, output: &mut impl Write, prompt: bool) -> ExitCode {
    let mut pending = String::new();
    let mut failed = false;
    let mut lines = input.lines();
    loop {
        if prompt {
            let _ = write!(output, "{}", if pending.is_empty() { "> " } else { ". " }).and_then(|()| output.flush());
        }
        let line = match lines.next() {
            Some(Ok(line)) => Some(line),
            Some(Err(_)) | None => None,
        };
        let last = line.is_none();
        let ends = line.as_deref().is_none_or(|line| line.trim().is_empty());
        if let Some(line) = line {
            if !pending.is_empty() {
                pending.push('\n');
            }
            pending.push_str(&line);
        }
        if !pending.trim().is_empty() && (ends || !session::is_incomplete(&pending)) {
            let reply = session.line(&std::mem::take(&mut pending));
            failed |= matches!(reply, Reply::Failure(_));
            match reply {
                Reply::Quit => break,
                Reply::Nothing => {}
                Reply::Text(text) | Reply::Failure(text) => {
                    if writeln!(output, "{text}").is_err() {
                        return ExitCode::from(2);
                    }
                }
            }
        } else if ends {
            pending.clear();
        }
        if last {
            break;
        }
    }
    ExitCode::from(u8::from(failed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_is_read_line_by_line() {
        let input = "var n = 20;\nn + 1\nnew[] { 1,\n2 }\n:type n\nnope\n:quit\n5";
        let mut output = Vec::new();
        lines(Session::default(), input.as_bytes(), &mut output, false);
        let output = String::from_utf8(output).expect("it writes text");
        let lines: Vec<&str> = output.lines().collect();
        let expected = [
            "20    System.Int32",
            "21    System.Int32",
            "[1, 2]    System.Int32[]",
            "int",
            "CS0103 The name 'nope' does not exist in the current context",
        ];
        assert_eq!(lines, expected);
    }
}
