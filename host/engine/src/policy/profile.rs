//! Profiles: named layers, built in or of the config, that may extend each other.

use std::sync::LazyLock;

use verdikt_input::Syntax;
use verdikt_model::{Location, NodeRef, Source};

use super::layer::{self, Layer};
use super::origin::{Origin, Stated};
use super::reader::{PolicyError, Reader};
use crate::error::nearest;

/// The profile that holds where none is named.
pub(crate) const DEFAULT: &str = "default";

/// A named layer.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    pub name: String,
    pub extends: Option<Stated<String>>,
    pub layer: Layer,
    /// Built-in profiles have no place that a user could look at.
    pub is_builtin: bool,
}

impl Profile {
    /// Who states what this profile says at `location`.
    pub(crate) fn origin(&self, location: &Location) -> Origin {
        let location = (!self.is_builtin).then(|| location.clone());
        Origin::Profile { name: self.name.clone(), location }
    }
}

/// The profiles of a config over the built-in ones. One of the config's takes the place of a
/// built-in one of the same name: a name that is built in one day must not break the configs that
/// have it already.
#[derive(Clone, Debug, Default)]
pub(crate) struct Profiles(pub(crate) Vec<Profile>);

impl Profiles {
    /// Reads a map of profiles and checks that each extends one that there is, and none itself.
    pub(crate) fn read(reader: &mut Reader<'_>, node: NodeRef<'_>) -> Profiles {
        let profiles = read(reader, node, false);
        for profile in &profiles.0 {
            let Some(extends) = &profile.extends else { continue };
            if profiles.get(&extends.value).is_none() {
                let hint = hint(&extends.value, &profiles.names());
                reader.problem_at(extends.location.clone(), format!("There is no profile `{}`; {hint}", extends.value));
            } else if let Some(circle) = profiles.circle(&profile.name) {
                let message = format!("Profiles cannot extend each other in a circle: {}.", circle.join(" extends "));
                reader.problem_at(extends.location.clone(), message);
            }
        }
        profiles
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Profile> {
        self.0.iter().chain(BUILTIN.iter()).find(|profile| profile.name == name)
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.0.iter().chain(BUILTIN.iter()).map(|profile| profile.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// A profile, then what it extends, and so on. Ends where a circle would begin.
    pub(crate) fn chain(&self, name: &str) -> Vec<&Profile> {
        let mut chain: Vec<&Profile> = Vec::new();
        let mut next = self.get(name);
        while let Some(profile) = next.filter(|profile| chain.iter().all(|earlier| earlier.name != profile.name)) {
            chain.push(profile);
            next = profile.extends.as_ref().and_then(|extends| self.get(&extends.value));
        }
        chain
    }

    /// The names from a profile back to itself, where what it extends leads back.
    fn circle(&self, name: &str) -> Option<Vec<String>> {
        let chain = self.chain(name);
        let last = chain.last()?.extends.as_ref()?;
        let mut names: Vec<String> = chain.iter().map(|profile| format!("`{}`", profile.name)).collect();
        (last.value == name).then(|| {
            names.push(format!("`{name}`"));
            names
        })
    }
}

/// What to say of a profile that there is not.
pub(crate) fn hint(name: &str, known: &[&str]) -> String {
    let near = nearest(name, known.iter().copied());
    let names = |names: &[String]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if near.is_empty() {
        let known: Vec<String> = known.iter().map(|name| (*name).to_owned()).collect();
        format!("there are {}.", names(&known))
    } else {
        format!("did you mean {}?", names(&near).replace(", ", " or "))
    }
}

fn read(reader: &mut Reader<'_>, node: NodeRef<'_>, is_builtin: bool) -> Profiles {
    let Some(map) = reader.map(node, "profiles") else { return Profiles::default() };
    let mut profiles = Vec::new();
    for (name, _, node) in map.keyed_entries() {
        let mut known = layer::MEMBERS.to_vec();
        known.push("extends");
        let Some(map) = reader.members(node, name, &known) else { continue };
        let extends = map.get_present("extends").and_then(|node| {
            let text = reader.text(node, "extends")?.to_owned();
            Some(layer::stated(reader, node, text))
        });
        profiles.push(Profile { name: name.to_owned(), extends, layer: Layer::read(reader, map), is_builtin });
    }
    Profiles(profiles)
}

/// The built-in profiles, which are data: whoever wants another set writes a profile.
static BUILTIN: LazyLock<Vec<Profile>> = LazyLock::new(|| {
    // A test reads it as well, so that a mistake in it never gets here.
    builtin().map(|profiles| profiles.0).unwrap_or_default()
});

fn builtin() -> Result<Profiles, PolicyError> {
    let text = include_str!("../../../../rules-wasm/profiles.yaml");
    let source = Source::new("profiles.yaml", "profiles.yaml", text);
    Reader::read(
        &source,
        Syntax::Yaml,
        |reader, root| {
            let map = reader.members(root, "profiles.yaml", &["profiles"])?;
            let profiles = reader.required(map, "profiles.yaml", "profiles", "it is what the file is for.")?;
            Some(read(reader, profiles, true))
        },
        Profiles::default,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_profiles_are_valid() {
        let profiles = builtin().unwrap();
        assert!(profiles.get(DEFAULT).is_some() && profiles.get("all").is_some());
        for profile in &profiles.0 {
            assert!(profiles.circle(&profile.name).is_none(), "{}", profile.name);
            assert!(profile.extends.as_ref().is_none_or(|extends| profiles.get(&extends.value).is_some()));
        }
    }
}
