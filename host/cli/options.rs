//! What the arguments mean in this environment. The only place that looks at the environment.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use globset::{Glob, GlobSet, GlobSetBuilder};
use verdikt_engine::input::{GivenVariable, Input, InputLimits, LoadOptions, TerraformOptions};
use verdikt_engine::model::Date;

use crate::args::{Color, InputArgs, Output};
use crate::{log, variables};

/// Columns where nothing is known about the terminal.
const DEFAULT_WIDTH: usize = 120;

/// What of the environment this run depends on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    pub(crate) no_color: bool,
    pub(crate) force_color: bool,
    pub(crate) dumb: bool,
    /// In a CI job, where nobody watches a progress bar.
    pub(crate) ci: bool,
    pub(crate) stdout_is_terminal: bool,
    pub(crate) stderr_is_terminal: bool,
    pub(crate) width: Option<usize>,
    /// Where compiled packs are kept.
    pub(crate) cache: Option<PathBuf>,
    /// Seconds since 1970 that count as now, for builds that must come out the same
    /// (<https://reproducible-builds.org/specs/source-date-epoch/>).
    pub(crate) source_date: Option<String>,
    /// Which notes to print; see [`crate::log`].
    pub(crate) log: Option<String>,
}

impl Environment {
    pub(crate) fn read() -> Self {
        let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_on = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty() && value != *"0");
        Environment {
            no_color: is_set("NO_COLOR"),
            force_color: is_on("CLICOLOR_FORCE"),
            dumb: env::var_os("TERM").is_some_and(|value| value == *"dumb"),
            ci: is_on("CI"),
            stdout_is_terminal: io::stdout().is_terminal(),
            stderr_is_terminal: io::stderr().is_terminal(),
            width: terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)),
            cache: cache_folder(),
            source_date: env::var("SOURCE_DATE_EPOCH").ok().filter(|text| !text.is_empty()),
            log: env::var(log::VARIABLE).ok().filter(|filter| !filter.is_empty()),
        }
    }

    /// Whether standard output gets colors. What is typed wins over the environment, and not
    /// wanting colors over wanting them (<https://no-color.org>, <https://bixense.com/clicolors/>).
    pub(crate) fn color(&self, wanted: Color) -> bool {
        match wanted {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if self.no_color => false,
            Color::Auto => self.force_color || (self.stdout_is_terminal && !self.dumb),
        }
    }

    /// The day in UTC on which acceptances hold or have ended.
    pub(crate) fn today(&self) -> Result<Date> {
        let seconds = match &self.source_date {
            Some(text) => {
                text.parse().with_context(|| format!("SOURCE_DATE_EPOCH is `{text}`; expected seconds since 1970"))?
            }
            None => SystemTime::now().duration_since(UNIX_EPOCH).context("the clock stands before 1970")?.as_secs(),
        };
        i64::try_from(seconds)
            .ok()
            .and_then(Date::from_unix)
            .with_context(|| format!("{seconds} seconds since 1970 are beyond every calendar"))
    }

    pub(crate) fn width(&self) -> usize {
        self.width.unwrap_or(DEFAULT_WIDTH)
    }
}

/// A private folder of the user for things that can be made again.
fn cache_folder() -> Option<PathBuf> {
    let stated = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = if cfg!(windows) {
        stated("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        env::home_dir().map(|home| home.join("Library/Caches"))
    } else {
        // https://specifications.freedesktop.org/basedir-spec/latest/
        stated("XDG_CACHE_HOME").or_else(|| env::home_dir().map(|home| home.join(".cache")))
    };
    base.map(|base| base.join("verdikt"))
}

/// What to read and how. Reads standard input when it is asked for.
pub(crate) fn load_options(args: &InputArgs) -> Result<LoadOptions> {
    let limits = InputLimits::default();
    for given in &args.variables.given {
        if let GivenVariable::File(path) = given {
            fs::metadata(path).with_context(|| format!("cannot read the file of `--var-file {}`", path.display()))?;
        }
    }
    let is_stdin = |path: &&PathBuf| path.as_os_str() == OsStr::new("-");
    if args.paths.iter().filter(is_stdin).count() > 1 {
        bail!("`-` is given twice, but standard input can be read only once");
    }
    let inputs = args
        .paths
        .iter()
        .map(|path| if is_stdin(&path) { stdin(limits.file_size as u64) } else { Ok(Input::Path(path.clone())) });
    Ok(LoadOptions {
        inputs: inputs.collect::<Result<_>>()?,
        cwd: env::current_dir().context("cannot tell the current folder")?,
        format: args.kind.0,
        exclude: exclude(&args.exclude)?,
        exclude_below: None,
        respect_ignore: !args.no_ignore,
        namespace: args.namespace.clone(),
        pod_specs: Vec::new(),
        terraform: TerraformOptions {
            given: args.variables.given.clone(),
            environment: variables::of_environment(env::vars_os()),
            workspace: env::var("TF_WORKSPACE").ok().filter(|name| !name.is_empty()),
        },
        limits,
        progress: None,
    })
}

/// Standard input, and one byte more than the limit so that the loader sees that it is too large.
fn stdin(limit: u64) -> Result<Input> {
    let mut bytes = Vec::new();
    io::stdin().take(limit.saturating_add(1)).read_to_end(&mut bytes).context("cannot read standard input")?;
    Ok(Input::Text { path: "<stdin>".to_owned(), bytes })
}

fn exclude(globs: &[String]) -> Result<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        set.add(Glob::new(glob).with_context(|| format!("--exclude {glob} is no glob"))?);
    }
    set.build().context("the globs of --exclude are too large together")
}

/// Where reports go: to standard output in the default format when nothing is said.
pub(crate) fn outputs(stated: &[Output]) -> Result<Vec<Output>> {
    if stated.is_empty() {
        return Ok(vec![Output { format: verdikt_engine::report::Format::Table, file: None }]);
    }
    for (index, output) in stated.iter().enumerate() {
        if stated[..index].iter().any(|earlier| earlier.file == output.file) {
            match &output.file {
                None => bail!("two formats go to standard output; write all but one to a file, as in `-f json=FILE`"),
                Some(file) => bail!("two formats go to the file {}", Path::display(file)),
            }
        }
    }
    Ok(stated.to_vec())
}

#[cfg(test)]
mod tests {
    use verdikt_engine::report::Format;

    use super::*;

    #[test]
    fn colors_depend_on_what_is_typed_then_on_the_environment() {
        let terminal = Environment { stdout_is_terminal: true, ..Environment::default() };
        let cases = [
            (Color::Auto, Environment::default(), false),
            (Color::Auto, terminal.clone(), true),
            (Color::Auto, Environment { no_color: true, ..terminal.clone() }, false),
            (Color::Auto, Environment { dumb: true, ..terminal.clone() }, false),
            (Color::Auto, Environment { force_color: true, ..Environment::default() }, true),
            (Color::Auto, Environment { force_color: true, no_color: true, ..terminal.clone() }, false),
            (Color::Always, Environment { no_color: true, ..Environment::default() }, true),
            (Color::Never, Environment { force_color: true, ..terminal }, false),
        ];
        for (wanted, environment, expected) in cases {
            assert_eq!(environment.color(wanted), expected, "{wanted:?} in {environment:?}");
        }
    }

    #[test]
    fn one_output_a_place() {
        let output = |format, file: Option<&str>| Output { format, file: file.map(PathBuf::from) };
        assert_eq!(outputs(&[]).unwrap(), [output(Format::Table, None)]);
        assert!(outputs(&[output(Format::Table, None), output(Format::Json, Some("a"))]).is_ok());
        for file in [None, Some("a")] {
            assert!(outputs(&[output(Format::Table, file), output(Format::Json, file)]).is_err(), "{file:?}");
        }
    }

    #[test]
    fn a_bad_glob_is_named() {
        let error = exclude(&["ok/**".to_owned(), "a[".to_owned()]).unwrap_err();
        assert!(error.to_string().contains("--exclude a["), "{error}");
    }
}
