//! Fixtures on disk: a file, or a folder whose files are one document set.

#![expect(clippy::disallowed_methods, reason = "tests read fixtures")]

use std::fs;
use std::path::{Path, PathBuf};

use verdikt_input::Text;

use crate::expectation::{Expectations, read};

/// What ends the name of a file that is judged. Other files of a fixture are its sidecars.
const INPUTS: [&str; 5] = [".yaml", ".yml", ".json", ".tf", ".tfvars"];

/// One document set, and what must be said of it.
#[derive(Clone, Debug)]
pub struct Fixture {
    /// The name of its file or folder.
    pub name: String,
    /// Path and text of each file. The path begins with the fixture's name.
    pub texts: Vec<(String, String)>,
    pub expectations: Expectations,
}

impl Fixture {
    /// The fixtures in a folder, in the order of their names, so that failures read the same
    /// everywhere.
    ///
    /// # Panics
    /// When one cannot be read, or states something that cannot be understood.
    pub fn all(folder: &Path) -> Vec<Fixture> {
        let fixtures = entries(folder).into_iter().filter(|path| path.is_dir() || is_input(path));
        fixtures.map(|path| Fixture::read(&path)).collect()
    }

    /// As one document set for the loader.
    pub fn input(&self) -> Vec<Text> {
        let text = |(path, text): &(String, String)| Text {
            path: path.clone(),
            identity: path.clone(),
            named: true,
            companion: false,
            bytes: text.clone().into_bytes(),
        };
        self.texts.iter().map(text).collect()
    }

    fn read(path: &Path) -> Fixture {
        let name = file_name(path);
        let files = if path.is_dir() { entries(path) } else { vec![path.to_owned()] };
        let mut fixture = Fixture { name: name.clone(), texts: Vec::new(), expectations: Expectations::default() };
        for file in files.iter().filter(|file| is_input(file)) {
            let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let path = if path.is_dir() { format!("{name}/{}", file_name(file)) } else { name.clone() };
            let stated = if path.ends_with(".json") {
                // A JSON file that must pass needs no sidecar.
                let sidecar = fs::read_to_string(format!("{}.expect", file.display())).unwrap_or_default();
                read(&path, &sidecar)
            } else {
                read(&path, &text)
            };
            let stated = stated.unwrap_or_else(|problems| panic!("{problems}"));
            fixture.expectations.parameters.extend(stated.parameters);
            fixture.expectations.expected.extend(stated.expected);
            fixture.texts.push((path, text));
        }
        fixture
    }
}

fn is_input(path: &Path) -> bool {
    let name = file_name(path);
    INPUTS.iter().any(|end| name.ends_with(end))
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable entry").path()).collect();
    paths.sort();
    paths
}
