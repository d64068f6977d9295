//! Problems in the user's own files.

use std::fmt;

use crate::report::Location;
use crate::span::Span;

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Everything was still judged.
    Warning,
    /// Something was not judged: the scan is incomplete (exit code 3).
    Error,
}

impl Level {
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal, $level:ident;)+) => {
        /// What kind of problem, for machines to match on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $($(#[doc = $doc])+ $name,)+ }

        impl Code {
            pub const ALL: &[Code] = &[$(Code::$name),+];

            /// Stable, in kebab case.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text),+ }
            }

            /// The level that every diagnostic of this code has.
            pub fn level(self) -> Level {
                match self { $(Code::$name => Level::$level),+ }
            }

            /// What it means, in a sentence.
            pub fn description(self) -> &'static str {
                match self { $(Code::$name => concat!($($doc),+)),+ }
            }
        }
    };
}

codes! {
    /// A PATH argument names nothing.
    PathNotFound = "path-not-found", Error;
    /// A file or folder could not be read.
    Unreadable = "unreadable", Error;
    /// A symbolic link leads out of the scanned folder and was not followed.
    LinkOutside = "link-outside", Warning;
    /// A file is larger than the limit.
    TooLarge = "too-large", Error;
    /// A file is not UTF-8.
    NotUtf8 = "not-utf8", Error;
    /// A document is not valid YAML.
    YamlSyntax = "yaml-syntax", Error;
    /// A document is not valid JSON.
    JsonSyntax = "json-syntax", Error;
    /// A Terraform file cannot be understood at this place; what stands there was not judged.
    HclSyntax = "hcl-syntax", Error;
    /// Terraform refuses this when it plans; what can be understood of it was judged.
    TerraformRefuses = "terraform-refuses", Warning;
    /// Things of a Terraform configuration refer to one another in a circle; their values are unknown.
    TerraformCycle = "terraform-cycle", Warning;
    /// Evaluating a Terraform configuration takes more than a limit; what is left was not judged.
    TerraformLimit = "terraform-limit", Error;
    /// A document is nested deeper than the limit.
    TooDeep = "too-deep", Error;
    /// A document has more nodes than the limit, counting what aliases multiply.
    TooManyNodes = "too-many-nodes", Error;
    /// An alias names no anchor of its document, or one that contains it.
    BadAlias = "bad-alias", Error;
    /// A merge key merges something that is no map.
    BadMerge = "bad-merge", Error;
    /// A key stands twice in one map; the last one counts, as for the platform's own parser.
    DuplicateKey = "duplicate-key", Warning;
    /// A character ends a line for Kubernetes that ends none for most other programs.
    OddLineBreak = "odd-line-break", Warning;
    /// A map key is not a string, a number or a boolean.
    BadKey = "bad-key", Error;
    /// A field has a type that the platform does not accept there.
    WrongType = "wrong-type", Error;
    /// A property that the platform does not have; it refuses the document.
    UnknownProperty = "unknown-property", Warning;
    /// A function of a template is not written as the platform demands; its value is unknown.
    BadFunction = "bad-function", Error;
    /// A template refers to something that it does not declare; the value is unknown.
    UndeclaredReference = "undeclared-reference", Warning;
    /// A plan or state of Terraform has a version of its format that is not known.
    UnsupportedVersion = "unsupported-version", Error;
    /// Terraform ended with an error while it made a plan, so that resources are missing in it.
    PlanIncomplete = "plan-incomplete", Error;
    /// A macro rewrites the template when it is deployed; it was judged as it is written.
    MacroNotRun = "macro-not-run", Warning;
    /// A recognized document lacks a field that it cannot be without.
    MissingField = "missing-field", Error;
    /// Two documents of one set have the same address.
    RepeatedAddress = "repeated-address", Warning;
    /// The scan found more files or documents than the limit.
    TooMany = "too-many", Error;
    /// A suppression, waiver or baseline entry matched nothing.
    UnusedAcceptance = "unused-acceptance", Warning;
    /// A suppression, waiver or piece of evidence has ended; what it accepted counts again.
    ExpiredAcceptance = "expired-acceptance", Warning;
    /// A suppression or waiver gives no reason.
    MissingReason = "missing-reason", Warning;
    /// A suppression cannot be understood, so it accepts nothing.
    BadSuppression = "bad-suppression", Warning;
    /// A suppression, waiver or piece of evidence names a rule that is not loaded.
    UnknownRule = "unknown-rule", Warning;
    /// Something of the revision that findings are compared with could not be read or judged.
    BaseIncomplete = "base-incomplete", Warning;
    /// A pack misbehaved so often that it was stopped.
    PackStopped = "pack-stopped", Error;
    /// A pack could not be loaded.
    PackUnusable = "pack-unusable", Error;
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// Where a problem is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiagnosticPlace {
    Span(Span),
    /// In a file that is not scanned but read for other ends: config, waivers, evidence.
    Resolved(Location),
    /// A file or folder without a text, by the path that reports print.
    Path(String),
    Nowhere,
}

/// A problem in the user's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub code: Code,
    /// What is wrong, what was expected and what to do, in full.
    pub message: String,
    pub place: DiagnosticPlace,
}

impl Diagnostic {
    pub fn at(code: Code, span: Span, message: impl Into<String>) -> Self {
        Diagnostic { code, message: message.into(), place: DiagnosticPlace::Span(span) }
    }

    pub fn located(code: Code, location: Location, message: impl Into<String>) -> Self {
        Diagnostic { code, message: message.into(), place: DiagnosticPlace::Resolved(location) }
    }

    pub fn path(code: Code, path: impl Into<String>, message: impl Into<String>) -> Self {
        Diagnostic { code, message: message.into(), place: DiagnosticPlace::Path(path.into()) }
    }

    pub fn level(&self) -> Level {
        self.code.level()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_in_kebab_case() {
        let mut seen = std::collections::HashSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{code} stands twice");
            assert!(
                code.as_str().bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            );
            assert!(code.description().trim().ends_with('.'));
        }
    }
}
