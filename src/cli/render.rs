//! Findings to text or JSON: the only place that prints them. In: sources, findings, a writer. Decides nothing: what
//! is an error, and which exit code follows, is the command's affair.

use crate::diagnostics::{Finding, Severity};
use crate::source::{FileId, Place, Sources, Span};
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};
use serde::Serialize;
use std::fmt::{self, Display, Write as _};
use std::io::{self, IsTerminal, Write};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    #[default]
    Text,
    Json,
}

/// How text looks. JSON looks the same everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Box-drawing characters and arrows, for people at a terminal; plain ASCII otherwise.
    pub graphical: bool,
    pub color: bool,
    pub width: usize,
}

impl Look {
    pub const PLAIN: Look = Look { graphical: false, color: false, width: 120 };

    /// What fits standard output: graphical on a terminal, with color unless `NO_COLOR` is set to anything.
    pub fn of_stdout() -> Look {
        if !io::stdout().is_terminal() {
            return Look::PLAIN;
        }
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Look { graphical: true, color: !no_color, width: 120 }
    }

    fn theme(self) -> GraphicalTheme {
        match (self.graphical, self.color) {
            (true, true) => GraphicalTheme::unicode(),
            (true, false) => GraphicalTheme::unicode_nocolor(),
            (false, _) => GraphicalTheme::none(),
        }
    }
}

/// Prints findings in the order given.
pub fn render(
    sources: &Sources,
    findings: &[Finding],
    format: Format,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Text => text(sources, findings, look, out),
        Format::Json => json(sources, findings, out),
    }
}

/// How many there are of each severity, such as `2 errors, 1 note`.
pub fn tally(findings: &[Finding]) -> String {
    let mut tally = String::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let count = findings.iter().filter(|finding| finding.severity == severity).count();
        if count > 0 {
            let (comma, plural) = (if tally.is_empty() { "" } else { ", " }, if count == 1 { "" } else { "s" });
            // Writing to a string cannot fail.
            let _ = write!(tally, "{comma}{count} {}{plural}", severity.word());
        }
    }
    if tally.is_empty() { "nothing found".to_owned() } else { tally }
}

// ---- text

fn text(sources: &Sources, findings: &[Finding], look: Look, out: &mut dyn Write) -> io::Result<()> {
    let handler = GraphicalReportHandler::new_themed(look.theme()).with_width(look.width).with_links(false);
    let mut page = String::new();
    for finding in findings {
        page.clear();
        let report = Report { finding, snippet: Snippet { sources, file: finding.span.file } };
        if handler.render_report(&mut page, &report).is_err() {
            page.clear();
            page.push_str(&finding.message);
        }
        // A place in another file cannot be drawn beside this one.
        for (span, message) in finding.related.iter().filter(|(span, _)| span.file != finding.span.file) {
            let Place { line, column } = sources.place(span.file, span.start);
            let _ = writeln!(page, "  {}:{line}:{column}: {message}", sources.path(span.file));
        }
        writeln!(out, "{}", page.trim_end())?;
        writeln!(out)?;
    }
    Ok(())
}

struct Report<'a> {
    finding: &'a Finding,
    snippet: Snippet<'a>,
}

impl Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.finding.message)
    }
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl std::error::Error for Report<'_> {}

impl Diagnostic for Report<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        let code = self.finding.code.name;
        let text = match &self.finding.csharp {
            Some(csharp) => format!("{} {code} {csharp}", self.finding.severity.word()),
            None => format!("{} {code}", self.finding.severity.word()),
        };
        Some(Box::new(text))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.finding.help.as_ref().map(|help| Box::new(help) as Box<dyn Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.snippet)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let own = LabeledSpan::new_primary_with_span(self.finding.label.clone(), marked(self.finding.span));
        let related = self.finding.related.iter().filter(|(span, _)| span.file == self.finding.span.file);
        let related = related.map(|(span, message)| LabeledSpan::new_with_span(Some(message.clone()), marked(*span)));
        Some(Box::new(std::iter::once(own).chain(related)))
    }
}

/// Longer stretches are marked by their beginning: a whole `<choose>` tells no more than its first line.
const MAX_MARKED: u32 = 200;

fn marked(span: Span) -> SourceSpan {
    (span.start as usize, span.len().clamp(1, MAX_MARKED) as usize).into()
}

/// The lines around a place, as miette asks for them. Very long lines are cut.
#[derive(Debug)]
struct Snippet<'a> {
    sources: &'a Sources,
    file: FileId,
}

/// Bytes of one line shown before and after a place.
const MAX_BESIDE: usize = 400;

impl SourceCode for Snippet<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let text = self.sources.text(self.file);
        let bytes = text.as_bytes();
        let start = span.offset().min(bytes.len());
        let end = (span.offset() + span.len()).min(bytes.len());
        // Without lines around it, the place itself is asked for.
        let mut from = if lines_before == 0 { start } else { line_start(bytes, start) };
        for _ in 0..lines_before {
            from = line_start(bytes, from.saturating_sub(1));
        }
        let mut to = line_end(bytes, end);
        for _ in 0..lines_after {
            to = line_end(bytes, (to + 1).min(bytes.len()));
        }
        // A line has its end, or miette counts one less.
        let to = (to + usize::from(lines_after > 0)).min(bytes.len());
        let from = boundary(text, from.max(start.saturating_sub(MAX_BESIDE)));
        let to = boundary(text, to.min(end + MAX_BESIDE)).max(from);
        let from = if from == 0 && text.starts_with('\u{feff}') && to >= 3 { 3 } else { from };
        let Place { line, column } = self.sources.place(self.file, from as u32);
        let shown = &bytes[from..to];
        Ok(Box::new(MietteSpanContents::new_named(
            self.sources.path(self.file).to_owned(),
            shown,
            (from, shown.len()).into(),
            line as usize - 1,
            column as usize - 1,
            memchr::memchr_iter(b'\n', shown).count() + 1,
        )))
    }
}

fn line_start(bytes: &[u8], at: usize) -> usize {
    memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |newline| newline + 1)
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |newline| at + newline)
}

fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

// ---- JSON

#[derive(Serialize)]
struct Page<'a> {
    version: u32,
    findings: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    code: &'a str,
    csharp: Option<&'a str>,
    severity: &'a str,
    file: &'a str,
    start: JsonPlace,
    end: JsonPlace,
    message: &'a str,
    help: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonPlace {
    line: u32,
    column: u32,
}

fn json(sources: &Sources, findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    let place = |file, offset| {
        let Place { line, column } = sources.place(file, offset);
        JsonPlace { line, column }
    };
    let findings = findings
        .iter()
        .map(|finding| Row {
            code: finding.code.name,
            csharp: finding.csharp.as_deref(),
            severity: finding.severity.word(),
            file: sources.path(finding.span.file),
            start: place(finding.span.file, finding.span.start),
            end: place(finding.span.file, finding.span.end),
            message: &finding.message,
            help: finding.help.as_deref(),
        })
        .collect();
    serde_json::to_writer(&mut *out, &Page { version: 1, findings })?;
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::codes;

    fn sample() -> (Sources, Vec<Finding>) {
        let mut sources = Sources::new();
        let text = "\u{feff}<policies>\r\n  <é x=\"1\"/><forward-request timeout=\"20\" />\r\n</policies>\r\n";
        let file = sources.add("a/policy.xml", text.as_bytes().to_vec()).expect("small");
        let other = sources.add("b.xml", b"<x/>".to_vec()).expect("small");
        let start = text.find("forward").expect("there") as u32;
        let finding = Finding::new(
            codes::POLICY_WRONG_SECTION,
            Span::new(file, start, start + 15),
            "`forward-request` cannot run in <outbound>",
        )
        .label("the backend has already answered here")
        .help("move it to <backend>")
        .related(Span::new(other, 1, 2), "included here");
        (sources, vec![finding])
    }

    fn rendered(format: Format, look: Look) -> String {
        let (sources, findings) = sample();
        let mut out = Vec::new();
        render(&sources, &findings, format, look, &mut out).expect("memory");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn json_has_the_promised_shape() {
        let expected = concat!(
            r#"{"version":1,"findings":[{"code":"policy::wrong_section","csharp":null,"severity":"error","#,
            r#""file":"a/policy.xml","start":{"line":2,"column":14},"end":{"line":2,"column":29},"#,
            r#""message":"`forward-request` cannot run in <outbound>","help":"move it to <backend>"}]}"#,
            "\n"
        );
        assert_eq!(rendered(Format::Json, Look::PLAIN), expected);
    }

    #[test]
    fn plain_text_says_what_where_why_and_what_now() {
        let text = rendered(Format::Text, Look::PLAIN);
        for part in [
            "error policy::wrong_section",
            "`forward-request` cannot run in <outbound>",
            "a/policy.xml:2:14",
            "the backend has already answered here",
            "help: move it to <backend>",
            "b.xml:1:2: included here",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        assert!(text.contains("3 | </policies>"), "{text}");
        assert!(!text.contains('\u{1b}'), "no color when piped");
    }

    #[test]
    fn a_terminal_gets_drawings() {
        let text = rendered(Format::Text, Look { graphical: true, color: false, width: 100 });
        assert!(text.contains('─') && !text.contains('\u{1b}'), "{text}");
        assert!(rendered(Format::Text, Look { graphical: true, color: true, width: 100 }).contains('\u{1b}'));
    }

    #[test]
    fn a_very_long_line_is_cut() {
        let mut sources = Sources::new();
        let text = format!("<a>{}é<b>{}", "x".repeat(100_000), "y".repeat(100_000));
        let at = text.find("<b>").expect("there") as u32;
        let file = sources.add("long.xml", text.into_bytes()).expect("small");
        let finding = Finding::new(codes::XML_UNCLOSED, Span::new(file, at, at + 3), "no end tag");
        let mut out = Vec::new();
        render(&sources, &[finding], Format::Text, Look::PLAIN, &mut out).expect("memory");
        assert!(out.len() < 5_000, "{}", out.len());
    }

    #[test]
    fn places_at_the_very_end_are_shown() {
        let mut sources = Sources::new();
        for text in ["", "<a", "<a>\n", "\u{feff}"] {
            let file = sources.add("end.xml", text.as_bytes().to_vec()).expect("small");
            let end = text.len() as u32;
            let finding = Finding::new(codes::XML_UNCLOSED, Span::new(file, end, end), "no end tag");
            let mut out = Vec::new();
            render(&sources, &[finding], Format::Text, Look::PLAIN, &mut out).expect("memory");
            assert!(String::from_utf8_lossy(&out).contains("no end tag"), "{text:?}");
        }
    }

    #[test]
    fn tallies() {
        let (_, findings) = sample();
        assert_eq!(tally(&[]), "nothing found");
        assert_eq!(tally(&findings), "1 error");
        assert_eq!(tally(&[findings[0].clone(), findings[0].clone().severity(Severity::Note)]), "1 error, 1 note");
    }
}
