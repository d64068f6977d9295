//! Problems and errors as lines on standard error.

use std::fmt::Write;

use verdikt_engine::model::{Diagnostic, DiagnosticPlace, Level, ReportDiagnostic, Sources};
use verdikt_engine::report::escaped;
use verdikt_engine::{Error, PolicyError};

/// `file:line:column: error[code]: message`
pub(crate) fn line(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let mut text = match &diagnostic.place {
        DiagnosticPlace::Span(span) => {
            let source = sources.get(span.file);
            let at = source.position(span.start);
            format!("{}:{}:{}: ", escaped(&source.path), at.line, at.column)
        }
        DiagnosticPlace::Resolved(at) => format!("{}:{}:{}: ", escaped(&at.file), at.line, at.column),
        DiagnosticPlace::Path(path) => format!("{}: ", escaped(path)),
        DiagnosticPlace::Nowhere => String::new(),
    };
    // Writing to a String cannot fail.
    let _ = write!(text, "{}[{}]: {}", diagnostic.level().as_str(), diagnostic.code, escaped(&diagnostic.message));
    text
}

/// The same for a diagnostic of a report.
pub(crate) fn report_line(diagnostic: &ReportDiagnostic) -> String {
    let place = match (&diagnostic.location, &diagnostic.file) {
        (Some(at), _) => format!("{}:{}:{}: ", escaped(&at.file), at.line, at.column),
        (None, Some(file)) => format!("{}: ", escaped(file)),
        (None, None) => String::new(),
    };
    format!("{place}{}[{}]: {}", diagnostic.level.as_str(), diagnostic.code, escaped(&diagnostic.message))
}

/// Prints problems; says whether one of them is an error.
pub(crate) fn print<'a>(diagnostics: impl IntoIterator<Item = &'a Diagnostic>, sources: &Sources) -> bool {
    let mut errors = false;
    for diagnostic in diagnostics {
        eprintln!("{}", line(diagnostic, sources));
        errors |= diagnostic.level() == Level::Error;
    }
    errors
}

/// `error: ` and the chain of causes, each once; what is wrong with a policy file line by line.
pub(crate) fn error(error: &anyhow::Error) -> String {
    if let Some(PolicyError(problems)) = policy(error) {
        let lines = problems.iter().map(|problem| format!("error: {}", escaped(&problem.to_string())));
        return lines.collect::<Vec<_>>().join("\n");
    }
    let mut text = format!("error: {error}");
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        // Some libraries repeat their cause in their own text.
        if !text.contains(&cause) {
            let _ = write!(text, "\n  caused by: {cause}");
        }
    }
    text
}

fn policy(error: &anyhow::Error) -> Option<&PolicyError> {
    match error.downcast_ref() {
        Some(Error::Policy(error)) => Some(error),
        _ => error.downcast_ref(),
    }
}

#[cfg(test)]
mod tests {
    use anyhow::{Context, anyhow};
    use verdikt_engine::model::{Code, Source, Span};

    use super::*;

    #[test]
    fn problems_name_their_place() {
        let mut sources = Sources::default();
        let file = sources.add(Source::new("a\u{1b}.yaml", "a.yaml", "a: 1\nb: [\n"));
        let at = Diagnostic::at(Code::YamlSyntax, Span::new(file, 8, 9), "No end.");
        assert_eq!(line(&at, &sources), r"a\u{1b}.yaml:2:4: error[yaml-syntax]: No end.");
        let path = Diagnostic::path(Code::LinkOutside, "b", "Not followed.");
        assert_eq!(line(&path, &sources), "b: warning[link-outside]: Not followed.");
    }

    #[test]
    fn a_cause_is_said_once() {
        let chain =
            Err::<(), _>(anyhow!("no such file")).context("cannot read a").context("cannot read a: no such file");
        assert_eq!(error(&chain.unwrap_err()), "error: cannot read a: no such file");
        let chain = Err::<(), _>(anyhow!("no such file")).context("cannot read a");
        assert_eq!(error(&chain.unwrap_err()), "error: cannot read a\n  caused by: no such file");
    }
}
