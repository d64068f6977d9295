//! The config of a run: where it is found, what it is trusted with, and what holds with the flags.

use std::env;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use verdikt_engine::input::{InputLimits, LoadOptions};
use verdikt_engine::model::Source;
use verdikt_engine::{
    Baseline, Check, Config, Engine, Given, Origin, Parameter, PolicyError, PolicyFile, Problem, RunFlags, RunValues,
    Selection, Stated,
};

use crate::args::{AcceptedArgs, InputArgs, PackArgs, RuleArgs, VerdictArgs};
use crate::options::{self, Environment};
use crate::policies;

/// What a run is to do: the config with what the command line says.
pub(crate) struct Policy {
    pub(crate) config: Arc<Config>,
    /// The config's file as messages name it; `None` where there is none.
    pub(crate) file: Option<String>,
    pub(crate) values: RunValues,
    /// With those that the config names.
    pub(crate) packs: PackArgs,
    pub(crate) waivers: Vec<Given<PathBuf>>,
    pub(crate) evidence: Vec<Given<PathBuf>>,
    pub(crate) baseline: Option<Given<PathBuf>>,
}

impl Policy {
    /// The baseline that the flags or the config name, which has to be there.
    pub(crate) fn baseline(&self) -> Result<Option<Baseline>> {
        self.baseline.as_ref().map(|file| policies::baseline(&file.value)).transpose()
    }
}

/// Finds and reads the config and puts the flags above it.
///
/// # Errors
/// When the config is wrong, or asks for what it is not trusted with.
pub(crate) fn read(
    inputs: &InputArgs,
    packs: &PackArgs,
    rules: &RuleArgs,
    verdict: &VerdictArgs,
    accepted: &AcceptedArgs,
) -> Result<Policy> {
    let (config, file) = locate(inputs)?;
    let flags = RunFlags {
        profile: rules.profile.clone(),
        mode: verdict.mode,
        fail_on: verdict.fail_on.map(|threshold| threshold.0),
        unknown: verdict.unknown,
        ..input_flags(inputs)
    };
    let beside = file.as_ref().and_then(|file| Path::new(file).parent()).unwrap_or(Path::new(""));
    let mut packs = packs.clone();
    packs.pack.extend(config.packs().iter().map(|pack| beside.join(&pack.value)));
    // Files of flags take the place of the config's, as every flag does.
    let files = |flags: &[PathBuf], name: &'static str, file: PolicyFile| -> Vec<Given<PathBuf>> {
        match (flags, config.file(file)) {
            ([], stated) => stated.map(|stated| of_config(stated, beside)).into_iter().collect(),
            (flags, _) => flags.iter().map(|path| Given::flag(path.clone(), name)).collect(),
        }
    };
    Ok(Policy {
        values: RunValues::new(&config, &flags)?,
        waivers: files(&accepted.waivers, "--waivers", PolicyFile::Waivers),
        evidence: files(&accepted.evidence, "--evidence", PolicyFile::Evidence),
        baseline: files(accepted.baseline.as_slice(), "--baseline", PolicyFile::Baseline).pop(),
        config: Arc::new(config),
        file,
        packs,
    })
}

/// A path that the config names, relative to the current folder.
fn of_config(stated: &Stated<String>, beside: &Path) -> Given<PathBuf> {
    Given { value: beside.join(&stated.value), origin: Origin::Config(stated.location.clone()) }
}

/// What to read where nothing is judged, as a check would.
///
/// # Errors
/// As [`read`].
pub(crate) fn load_options(inputs: &InputArgs) -> Result<LoadOptions> {
    let (config, _) = locate(inputs)?;
    let mut load = options::load_options(inputs)?;
    RunValues::new(&config, &input_flags(inputs))?.apply_to_load(&config, &mut load);
    Ok(load)
}

fn input_flags(inputs: &InputArgs) -> RunFlags {
    RunFlags { namespace: inputs.namespace.clone(), no_ignore: inputs.no_ignore, ..RunFlags::default() }
}

/// The config of a run and its file as messages name it, where there is one.
fn locate(inputs: &InputArgs) -> Result<(Config, Option<String>)> {
    let cwd = env::current_dir().context("cannot tell the current folder")?;
    let located = match &inputs.config {
        Some(path) => Some(Located::named(path, &cwd)?),
        None => Located::found(&cwd),
    };
    let Some(located) = located else { return Ok((Config::default(), None)) };
    let config = located.read()?;
    located.check_trust(&config, &inputs.paths, &cwd)?;
    Ok((config, Some(located.shown)))
}

/// The check that a policy and its flags ask for: the same for everything that scans. Its baseline is
/// the caller's business, who may be about to write one.
pub(crate) fn check(
    policy: &Policy,
    inputs: &InputArgs,
    rules: &RuleArgs,
    engine: &Engine,
    environment: &Environment,
) -> Result<Check> {
    let today = environment.today()?;
    let mut check = Check::new(options::load_options(inputs)?, today);
    policy.values.apply(&policy.config, &mut check);
    check.selection = Selection { select: rules.select.clone(), ignore: rules.ignore.clone() };
    check.parameters = rules
        .param
        .iter()
        .map(|text| Parameter::parse(text, engine.rules().map(|(_, rule)| rule)))
        .collect::<Result<_, String>>()
        .map_err(|problem| anyhow!("--param: {problem}"))?;
    check.isolate = rules.isolate;
    check.waivers = policy.waivers.iter().map(|file| policies::waivers(&file.value)).collect::<Result<_>>()?;
    check.evidence =
        policy.evidence.iter().map(|file| policies::evidence(&file.value, today)).collect::<Result<_>>()?;
    Ok(check)
}

/// A config that is there.
struct Located {
    /// As messages name it.
    shown: String,
    /// Its folder, absolute and without links.
    folder: PathBuf,
    name: PathBuf,
    /// Whether the user named it and so vouches for it.
    is_named: bool,
}

impl Located {
    fn named(path: &Path, cwd: &Path) -> Result<Located> {
        let context = || format!("cannot read the config {}", path.display());
        let full = cwd.join(path);
        let name =
            full.file_name().map(PathBuf::from).ok_or_else(|| anyhow!("it is a folder")).with_context(context)?;
        let folder = full.parent().unwrap_or(cwd);
        let folder = fs::canonicalize(folder).with_context(context)?;
        Ok(Located { shown: path.display().to_string(), folder, name, is_named: true })
    }

    /// Looks from the current folder up to the root of its repository. Outside of one, only in the
    /// current folder: what lies above is nobody's in particular.
    fn found(cwd: &Path) -> Option<Located> {
        let levels = repository(cwd).map_or(0, |root| cwd.ancestors().take_while(|folder| *folder != root).count());
        let (above, folder) =
            cwd.ancestors().take(levels + 1).enumerate().find(|(_, folder)| folder.join(Config::FILE).is_file())?;
        Some(Located {
            shown: format!("{}{}", "../".repeat(above), Config::FILE),
            folder: fs::canonicalize(folder).ok()?,
            name: PathBuf::from(Config::FILE),
            is_named: false,
        })
    }

    fn read(&self) -> Result<Config> {
        let context = || format!("cannot read the config {}", self.shown);
        let limit = InputLimits::default().file_size as u64 + 1;
        let mut bytes = Vec::new();
        let file = File::open(self.folder.join(&self.name)).with_context(context)?;
        file.take(limit).read_to_end(&mut bytes).with_context(context)?;
        let text = String::from_utf8(bytes).map_err(|_| anyhow!("it is not UTF-8")).with_context(context)?;
        let source = Source::new(self.shown.as_str(), self.shown.as_str(), text);
        Ok(Config::read(&source, &self.folder)?)
    }

    /// What lies among the scanned files may have been written by whom the scan is to protect from.
    /// It may choose what is reported, which the report shows; it may not make Verdikt run code or
    /// read elsewhere. A config that the user names may do both.
    fn check_trust(&self, config: &Config, paths: &[PathBuf], cwd: &Path) -> Result<(), PolicyError> {
        let mut problems = Vec::new();
        let mut problem = |stated: &Stated<String>, message: String| {
            problems.push(Problem { location: stated.location.clone(), message });
        };
        for pack in config.packs() {
            if let Some(path) = (!self.is_named).then(|| self.scanned_by(paths, cwd)).flatten() {
                problem(
                    pack,
                    format!(
                        "This config lies in what is scanned (`{}`), so it cannot load rule packs: they are code, and \
                         whoever may change the scanned files would run it. If you vouch for it, name it with \
                         `--config {}`; or leave `packs` away and give `--pack {}`.",
                        path.display(),
                        self.shown,
                        pack.value
                    ),
                );
            } else if !config.folder().join(&pack.value).exists() {
                problem(pack, format!("There is no file or folder `{}` beside this config.", pack.value));
            }
        }
        let root = repository(&self.folder).unwrap_or(&self.folder);
        for file in PolicyFile::ALL {
            let Some(stated) = config.file(file).filter(|_| !self.is_named) else { continue };
            if !resolved(&self.folder.join(&stated.value)).starts_with(root) {
                problem(
                    stated,
                    format!(
                        "`{}` leads out of the folder {}; a config that was found, and not named with `--config`, names \
                         files of its own repository only.",
                        file.as_str(),
                        root.display()
                    ),
                );
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(PolicyError(problems)) }
    }

    /// The argument that scans this file.
    fn scanned_by<'p>(&self, paths: &'p [PathBuf], cwd: &Path) -> Option<&'p PathBuf> {
        let file = self.folder.join(&self.name);
        let scans = |path: &&PathBuf| fs::canonicalize(cwd.join(path)).is_ok_and(|path| file.starts_with(path));
        paths.iter().find(scans)
    }
}

fn repository(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| folder.join(".git").exists())
}

/// The path without links, as far as it exists; of the rest, `..` is taken as it is written.
fn resolved(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => {
                out.push(part);
                out = fs::canonicalize(&out).unwrap_or(out);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_config_is_looked_for_up_to_the_root_of_the_repository() {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        let deep = root.join("repo/a/b");
        fs::create_dir_all(&deep).unwrap();
        let shown = |cwd: &Path| Located::found(cwd).map(|located| located.shown);
        fs::write(root.join(Config::FILE), "version: 1\n").unwrap();
        fs::write(root.join("repo").join(Config::FILE), "version: 1\n").unwrap();
        assert_eq!(shown(&deep), None, "there is no repository, and nothing in this folder");
        fs::create_dir(root.join("repo/.git")).unwrap();
        assert_eq!(shown(&deep).as_deref(), Some("../../verdikt.yaml"));
        fs::write(root.join("repo/a").join(Config::FILE), "version: 1\n").unwrap();
        assert_eq!(shown(&deep).as_deref(), Some("../verdikt.yaml"), "the nearest");
        fs::remove_file(root.join("repo").join(Config::FILE)).unwrap();
        assert_eq!(shown(&root.join("repo")), None, "what lies above the repository is not looked at");
        assert_eq!(shown(&root).as_deref(), Some("verdikt.yaml"));
    }

    #[cfg(unix)]
    #[test]
    fn links_and_dots_do_not_hide_where_a_path_leads() {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        fs::create_dir_all(root.join("repo/inside")).unwrap();
        fs::create_dir(root.join("outside")).unwrap();
        std::os::unix::fs::symlink(root.join("outside"), root.join("repo/link")).unwrap();
        for (path, expected) in [
            ("repo/inside/x.yaml", "repo/inside/x.yaml"),
            ("repo/./inside/../x.yaml", "repo/x.yaml"),
            ("repo/link/x.yaml", "outside/x.yaml"),
            ("repo/link/../x.yaml", "x.yaml"),
            ("repo/missing/../../x.yaml", "x.yaml"),
        ] {
            assert_eq!(resolved(&root.join(path)), root.join(expected), "{path}");
        }
    }
}
