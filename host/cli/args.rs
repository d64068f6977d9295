//! The command line as it is typed. Only text is validated here; what it means for this run is
//! decided in [`crate::options`].

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use verdikt_engine::input::Format as InputFormat;
use verdikt_engine::model::{Mode, Severity, Verdict};
use verdikt_engine::report::{FORMATS, Format};
use verdikt_engine::{UnknownPolicy, is_namespace};

use crate::variables::VariableArgs;

const EXIT_CODES: &str = "\
Exit codes:
  0  nothing at or above --fail-on
  1  findings at or above --fail-on
  2  wrong usage, or an internal error
  3  the scan is incomplete: something could not be read or judged
  4  nothing to scan, and no error";

const BASELINE_EXIT_CODES: &str = "\
Exit codes:
  0  the baseline was written
  2  wrong usage, or an internal error
  3  the scan is incomplete, so nothing was written
  4  nothing to scan, so nothing was written";

/// A policy engine for infrastructure as code: rules are sandboxed WebAssembly.
#[derive(Debug, Parser)]
#[command(name = "verdikt", version, propagate_version = true)]
pub(crate) struct Cli {
    /// When to use colors
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Scan files and folders
    #[command(after_help = EXIT_CODES)]
    Check(CheckArgs),
    /// List the rules
    Rules(RulesArgs),
    /// Show the page of a rule: what it checks, why, and what to write instead
    Explain(ExplainArgs),
    /// Print the normalized documents as JSON lines, as rules see them
    Normalize(NormalizeArgs),
    /// Accept the findings that are there today, so that only new ones count
    #[command(subcommand)]
    Baseline(BaselineCommand),
    /// Write rule packs
    #[command(subcommand)]
    Pack(PackCommand),
    /// Write a commented verdikt.yaml into the current folder
    Init,
    /// Show what is configured, and its format
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print the completions of a shell
    Completions(CompletionsArgs),
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    #[command(flatten)]
    pub(crate) packs: PackArgs,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    #[command(flatten)]
    pub(crate) verdict: VerdictArgs,
    #[command(flatten)]
    pub(crate) accepted: AcceptedArgs,
    /// Do not fail because something could not be read or judged
    #[arg(long, help_heading = "Verdict")]
    pub(crate) allow_incomplete: bool,
    /// Count only findings that are new since a revision of the git repository: a branch, a tag, a
    /// commit
    #[arg(long, value_name = "GIT-REF", value_parser = parse_reference, help_heading = "Verdict")]
    pub(crate) diff_base: Option<String>,
    /// Leave findings below this severity out of the output
    #[arg(long, value_name = "SEVERITY", value_parser = parse_severity, help_heading = "Output")]
    pub(crate) min_severity: Option<Severity>,
    /// List results that are not findings as well
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Output")]
    pub(crate) show: Vec<Show>,
    #[arg(
        short,
        long,
        value_name = "FORMAT[=FILE]",
        value_parser = parse_output,
        help = output_help(),
        help_heading = "Output"
    )]
    pub(crate) format: Vec<Output>,
    /// Print findings and problems only
    #[arg(short, long, help_heading = "Output")]
    pub(crate) quiet: bool,
    /// Show no progress bar
    #[arg(long, help_heading = "Output")]
    pub(crate) no_progress: bool,
    /// Worker threads [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
}

/// What to read.
#[derive(Debug, Args)]
pub(crate) struct InputArgs {
    /// Files and folders, or `-` for standard input
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
    /// What the files are: auto, kubernetes, ecs, cloudformation, terraform or tfplan
    #[arg(
        short = 't',
        long = "type",
        value_name = "TYPE",
        default_value = "auto",
        value_parser = parse_input_format,
        help_heading = "Input"
    )]
    pub(crate) kind: InputType,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    /// The namespace of Kubernetes objects that state none
    #[arg(long, value_name = "NS", value_parser = parse_namespace, help_heading = "Input")]
    pub(crate) namespace: Option<String>,
    /// Leave out files and folders that match
    #[arg(long, value_name = "GLOB", help_heading = "Input")]
    pub(crate) exclude: Vec<String>,
    /// Read what .gitignore names, and hidden files and folders
    #[arg(long, help_heading = "Input")]
    pub(crate) no_ignore: bool,
    /// The config, instead of a verdikt.yaml in this folder or above it in the repository
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(crate) config: Option<PathBuf>,
}

/// Where rules come from.
#[derive(Clone, Debug, Args)]
pub(crate) struct PackArgs {
    /// A rule pack, or a folder whose *.wasm are rule packs
    #[arg(long, value_name = "FILE|DIR", help_heading = "Rules")]
    pub(crate) pack: Vec<PathBuf>,
    /// Leave the built-in packs out
    #[arg(long, help_heading = "Rules")]
    pub(crate) no_builtin: bool,
}

/// Which rules run, and how.
#[derive(Debug, Args)]
pub(crate) struct RuleArgs {
    /// A named choice of rules and settings [default: default]
    #[arg(long, value_name = "NAME", help_heading = "Rules")]
    pub(crate) profile: Option<String>,
    /// Run these rules only, also those that are off by default
    #[arg(long, value_name = "ID|SLUG|PACK|PREFIX*", value_delimiter = ',', help_heading = "Rules")]
    pub(crate) select: Vec<String>,
    /// Leave these rules out
    #[arg(long, value_name = "ID|SLUG|PACK|PREFIX*", value_delimiter = ',', help_heading = "Rules")]
    pub(crate) ignore: Vec<String>,
    /// Set a parameter of one rule, or of every rule that has it
    #[arg(long, value_name = "[RULE.]KEY=VALUE", help_heading = "Rules")]
    pub(crate) param: Vec<String>,
    /// Give each document a sandbox of its own; slower, and the report is the same
    #[arg(long, help_heading = "Rules")]
    pub(crate) isolate: bool,
}

/// What findings lead to. A flag that is not given is `None`, so that the config speaks.
#[derive(Debug, Default, Args)]
pub(crate) struct VerdictArgs {
    /// What a failure leads to where no rule says otherwise: `audit` reports it, `mark` makes its
    /// document not compliant, `enforce` fails the check as well [default: enforce]
    #[arg(long, value_name = "MODE", value_parser = parse_mode, help_heading = "Verdict")]
    pub(crate) mode: Option<Mode>,
    /// The least severity that fails the check [default: low]
    #[arg(long, value_name = "SEVERITY|never", value_parser = parse_threshold, help_heading = "Verdict")]
    pub(crate) fail_on: Option<Threshold>,
    /// What results that cannot be known mean: `ignore` counts them, `warn` lists them, `fail`
    /// treats them as findings [default: warn]
    #[arg(long, value_name = "POLICY", value_parser = parse_unknown, help_heading = "Verdict")]
    pub(crate) unknown: Option<UnknownPolicy>,
}

/// What people have decided of findings. Each flag takes the place of what the config names.
#[derive(Debug, Args)]
pub(crate) struct AcceptedArgs {
    /// Accept what this file waives, with a reason and until a day; may be repeated
    #[arg(long, value_name = "FILE", help_heading = "Accepted findings")]
    pub(crate) waivers: Vec<PathBuf>,
    /// Answer what rules leave to people with the evidence in this file; may be repeated
    #[arg(long, value_name = "FILE", help_heading = "Accepted findings")]
    pub(crate) evidence: Vec<PathBuf>,
    /// Accept the findings of this baseline; `verdikt baseline create` makes one
    #[arg(long, value_name = "FILE", help_heading = "Accepted findings")]
    pub(crate) baseline: Option<PathBuf>,
}

/// A scan whose findings make a baseline, by default `.verdikt-baseline.json`.
#[derive(Debug, Args)]
pub(crate) struct BaselineArgs {
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    #[command(flatten)]
    pub(crate) packs: PackArgs,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    #[command(flatten)]
    pub(crate) accepted: AcceptedArgs,
    /// Write it even though something could not be read or judged
    #[arg(long, help_heading = "Accepted findings")]
    pub(crate) allow_incomplete: bool,
    /// Worker threads [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
}

#[derive(Debug, Args)]
pub(crate) struct RulesArgs {
    #[command(flatten)]
    pub(crate) packs: PackArgs,
    /// How to print the list
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// Id or slug of the rule, such as WL-001 or privileged
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub(crate) rule: Option<String>,
    /// Print the pages of all rules as one Markdown document, in all languages
    #[arg(long, conflicts_with = "lang")]
    pub(crate) all: bool,
    /// Language of the page
    #[arg(long, value_name = "LANG", default_value = "en")]
    pub(crate) lang: Language,
    #[command(flatten)]
    pub(crate) packs: PackArgs,
}

#[derive(Debug, Args)]
pub(crate) struct NormalizeArgs {
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BaselineCommand {
    /// Accept everything that is open now
    #[command(after_help = BASELINE_EXIT_CODES)]
    Create(BaselineArgs),
    /// Accept what is open now as well, and forget what has gone
    #[command(after_help = BASELINE_EXIT_CODES)]
    Update(BaselineArgs),
    /// Forget what has gone, accept nothing new
    #[command(after_help = BASELINE_EXIT_CODES)]
    Prune(BaselineArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum PackCommand {
    /// Write the project of a new rule pack into the folder NAME
    New(PackNewArgs),
    /// Compile a rule pack, check that it loads, and write DIR/NAME.wasm
    Build(PackBuildArgs),
}

#[derive(Debug, Args)]
pub(crate) struct PackNewArgs {
    /// Name of the pack and of its folder: small letters, digits and dashes
    pub(crate) name: String,
    /// The language to write rules in
    #[arg(long)]
    pub(crate) lang: String,
}

#[derive(Debug, Args)]
pub(crate) struct PackBuildArgs {
    /// The folder of the project
    #[arg(value_name = "DIR", default_value = ".")]
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print every value that holds for `check` with the same flags, and who says so
    Show(Box<ConfigShowArgs>),
    /// Print the JSON Schema of verdikt.yaml, for editors
    Schema,
}

#[derive(Debug, Args)]
pub(crate) struct ConfigShowArgs {
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    #[command(flatten)]
    pub(crate) packs: PackArgs,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    #[command(flatten)]
    pub(crate) verdict: VerdictArgs,
    #[command(flatten)]
    pub(crate) accepted: AcceptedArgs,
    /// How to print the values
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell to print them for
    pub(crate) shell: clap_complete::Shell,
}

/// When to use colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

/// A language that the built-in rules speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    En,
    De,
}

impl Language {
    /// As the metadata of rules has it.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::De => "de",
        }
    }
}

/// How to print a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    Table,
    Json,
}

/// `--show`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Show {
    Pass,
    NotApplicable,
    Suppressed,
}

impl Show {
    /// The verdict that is listed, where it is one.
    pub(crate) fn verdict(self) -> Option<Verdict> {
        match self {
            Show::Pass => Some(Verdict::Pass),
            Show::NotApplicable => Some(Verdict::NotApplicable),
            Show::Suppressed => None,
        }
    }
}

/// `--fail-on`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Threshold(pub(crate) Option<Severity>);

/// `--type`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InputType(pub(crate) Option<InputFormat>);

/// `--format`: a format, and the file it goes to unless that is standard output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) format: Format,
    pub(crate) file: Option<PathBuf>,
}

fn output_help() -> String {
    let mut help =
        "Write the report in a format, to standard output or to a file; may be repeated [default: table]".to_owned();
    for (_, name, about) in FORMATS {
        help.push_str(&format!("\n- {name}: {about}"));
    }
    help
}

fn parse_output(text: &str) -> Result<Output, String> {
    let (name, file) = match text.split_once('=') {
        Some((name, file)) => (name, Some(file)),
        None => (text, None),
    };
    let Some(format) = Format::parse(name) else {
        let names: Vec<&str> = FORMATS.iter().map(|(_, name, _)| *name).collect();
        return Err(format!("`{name}` is no format of this version; expected one of {}", names.join(", ")));
    };
    match file {
        Some("") => Err(format!("no file behind the `=`; write `{name}=FILE`, or `{name}` for standard output")),
        Some("-") | None => Ok(Output { format, file: None }),
        Some(file) => Ok(Output { format, file: Some(PathBuf::from(file)) }),
    }
}

fn parse_severity(text: &str) -> Result<Severity, String> {
    Severity::parse(text).ok_or_else(|| format!("expected one of {}", severities()))
}

fn parse_mode(text: &str) -> Result<Mode, String> {
    Mode::parse(text).ok_or_else(|| format!("expected one of {}", Mode::ALL.map(Mode::as_str).join(", ")))
}

fn parse_unknown(text: &str) -> Result<UnknownPolicy, String> {
    let known = UnknownPolicy::ALL.map(UnknownPolicy::as_str).join(", ");
    UnknownPolicy::parse(text).ok_or_else(|| format!("expected one of {known}"))
}

fn parse_threshold(text: &str) -> Result<Threshold, String> {
    match Severity::parse(text) {
        None if text == "never" => Ok(Threshold(None)),
        None => Err(format!("expected one of {}, never", severities())),
        severity => Ok(Threshold(severity)),
    }
}

fn severities() -> String {
    Severity::ALL.map(Severity::as_str).join(", ")
}

fn parse_input_format(text: &str) -> Result<InputType, String> {
    let known = InputFormat::ALL.map(InputFormat::as_str).join(", ");
    match InputFormat::parse(text) {
        None if text == "auto" => Ok(InputType(None)),
        None => Err(format!("expected one of auto, {known}")),
        format => Ok(InputType(format)),
    }
}

/// No revision begins with a dash (`git check-ref-format`); one that did would be an option to somebody.
fn parse_reference(text: &str) -> Result<String, String> {
    if text.is_empty() || text.starts_with('-') || text.contains(char::is_control) {
        return Err("expected a branch, a tag or a commit, such as `origin/main`".to_owned());
    }
    Ok(text.to_owned())
}

fn parse_namespace(text: &str) -> Result<String, String> {
    if is_namespace(text) {
        Ok(text.to_owned())
    } else {
        Err("a namespace has 1 to 63 small letters, digits and dashes, and no dash at either end".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_format_is_in_the_help() {
        let help = output_help();
        for (_, name, about) in FORMATS {
            assert!(help.contains(name) && help.contains(about), "{name} is missing in {help}");
        }
    }

    #[test]
    fn outputs() {
        let table = Output { format: Format::Table, file: None };
        assert_eq!(parse_output("table"), Ok(table.clone()));
        assert_eq!(parse_output("table=-"), Ok(table));
        assert_eq!(parse_output("json=a=b"), Ok(Output { format: Format::Json, file: Some("a=b".into()) }));
        for (bad, why) in
            [("json=", "no file"), ("sarif", "table, json"), ("", "is no format"), ("JSON", "is no format")]
        {
            assert!(parse_output(bad).unwrap_err().contains(why), "{bad}");
        }
    }

    #[test]
    fn values_are_exact() {
        assert_eq!(parse_threshold("never"), Ok(Threshold(None)));
        assert_eq!(parse_threshold("high"), Ok(Threshold(Some(Severity::High))));
        assert!(parse_threshold("High").is_err());
        assert!(parse_severity("never").is_err());
        assert_eq!(parse_mode("audit"), Ok(Mode::Audit));
        assert!(parse_mode("warn").unwrap_err().contains("audit, mark, enforce"));
        assert_eq!(parse_unknown("fail"), Ok(UnknownPolicy::Fail));
        assert!(parse_unknown("pass").unwrap_err().contains("ignore, warn, fail"));
        assert_eq!(parse_input_format("auto"), Ok(InputType(None)));
        assert_eq!(parse_input_format("ecs"), Ok(InputType(Some(InputFormat::Ecs))));
        assert!(parse_input_format("helm").unwrap_err().contains("terraform"));
        assert!(parse_reference("origin/main~2").is_ok());
        for bad in ["", "-", "--upload-pack=x", "a\nb"] {
            assert!(parse_reference(bad).is_err(), "{bad}");
        }
        assert!(parse_namespace("shop-1").is_ok());
        for bad in ["", "Shop", "-a", "a-", "a/b", &"a".repeat(64)] {
            assert!(parse_namespace(bad).is_err(), "{bad}");
        }
    }
}
