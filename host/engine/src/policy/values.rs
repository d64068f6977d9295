//! What holds for a run as a whole, and who says so.

use std::sync::Arc;

use verdikt_input::{ExcludeBelow, LoadOptions};
use verdikt_model::{Mode, Severity};

use super::config::Config;
use super::layer::Layer;
use super::origin::{Given, Origin, Stated};
use super::profile::Profile;
use super::resolve::chain;
use crate::engine::{Check, UnknownPolicy};
use crate::error::Error;

/// What the command line says of a run as a whole, or an embedder in its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFlags {
    pub profile: Option<String>,
    pub mode: Option<Mode>,
    /// The inner `None` is `never`.
    pub fail_on: Option<Option<Severity>>,
    pub unknown: Option<UnknownPolicy>,
    pub namespace: Option<String>,
    /// Whether `.gitignore` and the like are to be passed over.
    pub no_ignore: bool,
}

/// Values of a run. The order of precedence is that of rules: the command line, the profile and what
/// it extends, the top of the config, the default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunValues {
    pub profile: Given<String>,
    pub mode: Given<Mode>,
    /// The inner `None` is `never`.
    pub fail_on: Given<Option<Severity>>,
    pub unknown: Given<UnknownPolicy>,
    pub namespace: Option<Given<String>>,
    pub respect_ignore: Given<bool>,
}

impl RunValues {
    /// # Errors
    /// [`Error::UnknownProfile`] when the flags name one that there is not.
    pub fn new(config: &Config, flags: &RunFlags) -> Result<RunValues, Error> {
        let chain = chain(config, flags.profile.as_deref())?;
        let name = chain.first().map_or_else(String::new, |profile| profile.name.clone());
        let layers = Layers { config, chain };
        Ok(RunValues {
            profile: match (&flags.profile, &config.profile) {
                (Some(_), _) => Given::flag(name, "--profile"),
                (None, Some(stated)) => Given { value: name, origin: Origin::Config(stated.location.clone()) },
                (None, None) => Given::default(name),
            },
            mode: layers.given(flags.mode, "--mode", |layer| layer.mode.as_ref(), Mode::default()),
            fail_on: layers.given(flags.fail_on, "--fail-on", |layer| layer.fail_on.as_ref(), Some(Severity::Low)),
            unknown: layers.given(flags.unknown, "--unknown", |layer| layer.unknown.as_ref(), UnknownPolicy::default()),
            namespace: match &flags.namespace {
                Some(namespace) => Some(Given::flag(namespace.clone(), "--namespace")),
                None => config.namespace().map(of_config),
            },
            respect_ignore: match config.respect_ignore() {
                _ if flags.no_ignore => Given::flag(false, "--no-ignore"),
                Some(stated) => of_config(stated),
                None => Given::default(true),
            },
        })
    }

    /// Makes a check run with these values and with the config that they are of.
    pub fn apply(&self, config: &Arc<Config>, check: &mut Check) {
        check.config = Arc::clone(config);
        check.profile = Some(self.profile.value.clone());
        check.mode = self.mode.value;
        check.fail_on = self.fail_on.value;
        check.unknown = self.unknown.value;
        self.apply_to_load(config, &mut check.load);
    }

    /// The part of it that says what is read.
    pub fn apply_to_load(&self, config: &Config, load: &mut LoadOptions) {
        load.namespace = self.namespace.as_ref().map(|namespace| namespace.value.clone());
        load.respect_ignore = self.respect_ignore.value;
        load.exclude_below = (!config.exclude().is_empty())
            .then(|| ExcludeBelow { folder: config.folder().to_owned(), globs: config.exclude_set().clone() });
        load.pod_specs = config.pod_specs().iter().map(|path| path.value.clone()).collect();
    }
}

fn of_config<T: Clone>(stated: &Stated<T>) -> Given<T> {
    Given { value: stated.value.clone(), origin: Origin::Config(stated.location.clone()) }
}

/// The config and the profile of the run with what it extends.
struct Layers<'a> {
    config: &'a Config,
    chain: Vec<&'a Profile>,
}

impl Layers<'_> {
    /// A value by the order of precedence; `of` takes it from a layer.
    fn given<T: Clone>(
        &self,
        flag: Option<T>,
        name: &'static str,
        of: impl Fn(&Layer) -> Option<&Stated<T>>,
        default: T,
    ) -> Given<T> {
        if let Some(value) = flag {
            return Given::flag(value, name);
        }
        let by_profile = self.chain.iter().find_map(|profile| {
            let stated = of(&profile.layer)?;
            Some(Given { value: stated.value.clone(), origin: profile.origin(&stated.location) })
        });
        by_profile.or_else(|| of(&self.config.top).map(of_config)).unwrap_or(Given::default(default))
    }
}
