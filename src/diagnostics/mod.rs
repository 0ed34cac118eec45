//! Findings: what is wrong, where, why, and what to do now. Printing them is the command line's work.
//! A finding never holds a secret's text: whoever writes a message from cooked text uses [`crate::source::Cooked::shown`].

pub mod codes;
pub mod suggest;

pub use codes::Code;
pub use suggest::near_name;

use crate::source::Span;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Error,
    Warning,
    Note,
}

impl Severity {
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// One mistake, or one remark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub code: Code,
    /// C#'s own code, such as `CS0103`, where one exists.
    pub csharp: Option<String>,
    pub severity: Severity,
    pub span: Span,
    pub message: String,
    /// Stands under the marked place.
    pub label: Option<String>,
    pub help: Option<String>,
    /// Other places that explain this one, possibly in other files.
    pub related: Vec<(Span, String)>,
}

impl Finding {
    /// A finding of the code's usual severity.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Finding {
        Finding {
            code,
            csharp: None,
            severity: code.severity,
            span,
            message: message.into(),
            label: None,
            help: None,
            related: Vec::new(),
        }
    }

    pub fn severity(mut self, severity: Severity) -> Finding {
        self.severity = severity;
        self
    }

    pub fn csharp(mut self, code: impl Into<String>) -> Finding {
        self.csharp = Some(code.into());
        self
    }

    pub fn label(mut self, label: impl Into<String>) -> Finding {
        self.label = Some(label.into());
        self
    }

    pub fn help(mut self, help: impl Into<String>) -> Finding {
        self.help = Some(help.into());
        self
    }

    pub fn related(mut self, span: Span, message: impl Into<String>) -> Finding {
        self.related.push((span, message.into()));
        self
    }
}

/// Collects findings; every stage reports here and goes on.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    findings: Vec<Finding>,
}

impl Diagnostics {
    pub fn new() -> Diagnostics {
        Diagnostics::default()
    }

    pub fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    pub fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.extend(findings);
    }

    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    pub fn len(&self) -> usize {
        self.findings.len()
    }

    pub fn has_errors(&self) -> bool {
        self.worst() == Some(Severity::Error)
    }

    /// The gravest severity found.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).min()
    }

    /// All of them by place, the same finding once.
    pub fn into_sorted(self) -> Vec<Finding> {
        let mut findings = self.findings;
        findings.sort_by(|a, b| {
            (a.span, a.severity, a.code.name, &a.message).cmp(&(b.span, b.severity, b.code.name, &b.message))
        });
        findings.dedup();
        findings
    }
}
