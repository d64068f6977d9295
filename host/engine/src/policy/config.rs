//! `verdikt.yaml`: what a repository wants judged, and how.

use std::path::{Path, PathBuf};

use globset::GlobSet;
use verdikt_input::{PodSpecPath, Syntax};
use verdikt_model::{NodeRef, Source};

use super::filter::{self, DocumentFilter};
use super::layer::{self, Layer, RuleEntry};
use super::origin::Stated;
use super::profile::{self, Profiles};
use super::reader::{PolicyError, Reader};

/// The version of the format that is read.
const VERSION: u32 = 1;

/// Members of the top that profiles do not have.
const OWN_MEMBERS: [&str; 12] = [
    "version",
    "profile",
    "namespace",
    "exclude",
    "respect-ignore",
    "packs",
    "waivers",
    "baseline",
    "evidence",
    "overrides",
    "profiles",
    "kubernetes",
];

/// A config as it is written: complete and without a mistake of its own. Whether the rules and
/// parameters exist that it names is known when packs are, at [`Engine::check`](crate::Engine::check).
///
/// The [`Default`] is what holds without a config.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Where its paths and file patterns begin.
    folder: PathBuf,
    pub(crate) profile: Option<Stated<String>>,
    pub(crate) top: Layer,
    pub(crate) overrides: Vec<Override>,
    pub(crate) profiles: Profiles,
    namespace: Option<Stated<String>>,
    exclude: Vec<Stated<String>>,
    exclude_set: GlobSet,
    respect_ignore: Option<Stated<bool>>,
    packs: Vec<Stated<String>>,
    pod_specs: Vec<Stated<PodSpecPath>>,
    files: [Option<Stated<String>>; PolicyFile::ALL.len()],
}

/// What is said of the documents that a filter lets pass.
#[derive(Clone, Debug)]
pub(crate) struct Override {
    pub filter: DocumentFilter,
    pub rules: Vec<RuleEntry>,
}

/// Another file of policy that a config may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyFile {
    Waivers,
    Baseline,
    Evidence,
}

impl PolicyFile {
    pub const ALL: [PolicyFile; 3] = [PolicyFile::Waivers, PolicyFile::Baseline, PolicyFile::Evidence];

    /// The member of the config.
    pub fn as_str(self) -> &'static str {
        match self {
            PolicyFile::Waivers => "waivers",
            PolicyFile::Baseline => "baseline",
            PolicyFile::Evidence => "evidence",
        }
    }
}

impl Config {
    /// The name that a config is looked for by.
    pub const FILE: &str = "verdikt.yaml";

    /// Reads a config. `folder` is the absolute path of the folder in which it lies, without links.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place.
    pub fn read(source: &Source, folder: &Path) -> Result<Config, PolicyError> {
        let empty = Config { folder: folder.to_owned(), ..Config::default() };
        Reader::read(source, Syntax::Yaml, |reader, root| read(reader, root, empty.clone()), || empty.clone())
    }

    /// Where its paths and file patterns begin.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The names of its profiles and of the built-in ones.
    pub fn profile_names(&self) -> Vec<&str> {
        self.profiles.names()
    }

    /// The namespace of Kubernetes objects that state none.
    pub fn namespace(&self) -> Option<&Stated<String>> {
        self.namespace.as_ref()
    }

    /// Patterns of what is not to be read, each with its place.
    pub fn exclude(&self) -> &[Stated<String>] {
        &self.exclude
    }

    /// The same as a matcher of paths from [`folder`](Self::folder) and of bare names.
    pub fn exclude_set(&self) -> &GlobSet {
        &self.exclude_set
    }

    pub fn respect_ignore(&self) -> Option<&Stated<bool>> {
        self.respect_ignore.as_ref()
    }

    /// Rule packs as they are written: relative to [`folder`](Self::folder).
    pub fn packs(&self) -> &[Stated<String>] {
        &self.packs
    }

    /// Where custom resources have pods, in addition to what is known.
    pub fn pod_specs(&self) -> &[Stated<PodSpecPath>] {
        &self.pod_specs
    }

    /// Another file of policy as it is written: relative to [`folder`](Self::folder).
    pub fn file(&self, file: PolicyFile) -> Option<&Stated<String>> {
        self.files[file as usize].as_ref()
    }

    /// What the overrides state: the member with its path, its value, and where it is written.
    pub fn overrides(&self) -> Vec<(String, Stated<String>)> {
        let mut lines = Vec::new();
        for (index, stated) in self.overrides.iter().enumerate() {
            let filter: Vec<String> =
                stated.filter.stated().map(|(member, texts)| format!("{member} {}", texts.join(", "))).collect();
            let about = format!("overrides[{index}] ({})", filter.join("; "));
            for entry in &stated.rules {
                let mut push = |member: &str, value: String, location: &verdikt_model::Location| {
                    let name = format!("{about}.{}.{member}", entry.selector.value);
                    lines.push((name, Stated { value, location: location.clone() }));
                };
                if let Some(enabled) = &entry.enabled {
                    push("enabled", enabled.value.to_string(), &enabled.location);
                }
                if let Some(severity) = &entry.severity {
                    push("severity", severity.value.to_string(), &severity.location);
                }
                if let Some(mode) = &entry.mode {
                    push("mode", mode.value.to_string(), &mode.location);
                }
                for param in &entry.params {
                    push(&format!("params.{}", param.key), param.value.value.to_string(), &param.value.location);
                }
            }
        }
        lines
    }
}

/// Whether a text can be the name of a Kubernetes namespace, which is a DNS label.
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names>
pub fn is_namespace(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&text.len()) && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

fn read(reader: &mut Reader<'_>, root: NodeRef<'_>, empty: Config) -> Option<Config> {
    let known: Vec<&str> = OWN_MEMBERS.iter().chain(&layer::MEMBERS).copied().collect();
    let map = reader.members(root, Config::FILE, &known)?;
    reader.version(map, Config::FILE, "version", VERSION);
    let profiles = map.get_present("profiles").map_or_else(Profiles::default, |node| Profiles::read(reader, node));
    let text = |reader: &mut Reader<'_>, key: &str| {
        let node = map.get_present(key)?;
        let text = reader.text(node, key)?.to_owned();
        Some(layer::stated(reader, node, text))
    };
    let texts = |reader: &mut Reader<'_>, key: &str| {
        map.get_present(key).map_or_else(Vec::new, |node| layer::texts(reader, node, key))
    };
    let profile = text(reader, "profile");
    if let Some(profile) = &profile
        && profiles.get(&profile.value).is_none()
    {
        let hint = profile::hint(&profile.value, &profiles.names());
        reader.problem_at(profile.location.clone(), format!("There is no profile `{}`; {hint}", profile.value));
    }
    let namespace = text(reader, "namespace");
    if let Some(namespace) = namespace.as_ref().filter(|namespace| !is_namespace(&namespace.value)) {
        let message = "A namespace has 1 to 63 small letters, digits and dashes, and no dash at either end.";
        reader.problem_at(namespace.location.clone(), message);
    }
    let mut exclude = Vec::new();
    let exclude_set = map.get_present("exclude").and_then(|node| {
        let globs = filter::globs(reader, node, "exclude");
        exclude = globs.iter().map(|(glob, node)| layer::stated(reader, *node, glob.glob().to_owned())).collect();
        filter::set(reader, node, "exclude", globs.into_iter().map(|(glob, _)| glob))
    });
    Some(Config {
        profile,
        top: Layer::read(reader, map),
        overrides: map.get_present("overrides").map_or_else(Vec::new, |node| overrides(reader, node)),
        profiles,
        namespace,
        exclude,
        exclude_set: exclude_set.unwrap_or_default(),
        respect_ignore: map.get_present("respect-ignore").and_then(|node| {
            let value = reader.boolean(node, "respect-ignore")?;
            Some(layer::stated(reader, node, value))
        }),
        packs: texts(reader, "packs"),
        pod_specs: map.get_present("kubernetes").map_or_else(Vec::new, |node| pod_specs(reader, node)),
        files: PolicyFile::ALL.map(|file| text(reader, file.as_str())),
        ..empty
    })
}

/// What is said of Kubernetes: where custom resources have their pods.
fn pod_specs(reader: &mut Reader<'_>, node: NodeRef<'_>) -> Vec<Stated<PodSpecPath>> {
    let list = reader.members(node, "kubernetes", &["pod-specs"]).and_then(|map| map.get_present("pod-specs"));
    let mut paths = Vec::new();
    for item in list.map_or_else(Vec::new, |node| reader.list(node, "pod-specs")) {
        let Some(map) = reader.members(item, "pod-specs", &["kind", "path"]) else { continue };
        let kind = reader.required(map, "pod-specs", "kind", "it says which custom resources are meant.");
        let path = reader.required(map, "pod-specs", "path", "it says where they have a pod spec or pod template.");
        let kind = kind.and_then(|node| reader.text(node, "kind"));
        let path = path.and_then(|node| reader.text(node, "path"));
        let Some((kind, path)) = kind.zip(path) else { continue };
        match PodSpecPath::parse(kind, path) {
            Ok(path) => paths.push(layer::stated(reader, item, path)),
            Err(problem) => reader.problem(item.span(), format!("In `pod-specs`, {problem}.")),
        }
    }
    paths
}

fn overrides(reader: &mut Reader<'_>, node: NodeRef<'_>) -> Vec<Override> {
    let known: Vec<&str> = filter::MEMBERS.iter().chain(&["rules"]).copied().collect();
    let mut overrides = Vec::new();
    for item in reader.list(node, "overrides") {
        let Some(map) = reader.members(item, "overrides", &known) else { continue };
        let filter = DocumentFilter::read(reader, map);
        let rules = reader.required(map, "overrides", "rules", "it says what is different for these documents.");
        let rules = rules.map_or_else(Vec::new, |node| layer::rules(reader, node));
        overrides.extend(filter.map(|filter| Override { filter, rules }));
    }
    overrides
}
