//! Another state of a repository is read as the state of today is.

#![expect(clippy::disallowed_methods, reason = "tests make the files that they need")]

use std::fs;
use std::path::Path;

use globset::{Glob, GlobSetBuilder};
use tempfile::TempDir;
use verdikt_input::{Input, InputLimits, LoadOptions, OutsideRepository, Repository, Text, load};
use verdikt_model::Code;

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: []}\n";

/// Files of every kind of interest, as a repository below `repo`.
const FILES: &[&str] = &[
    "pod.yaml",
    "notes.md",
    ".hidden.yaml",
    ".github/ci.yaml",
    "app/pod.yaml",
    "app/tracked-but-ignored.yaml",
    "app/deep/er/pod.yml",
    "app/deep/kept.tmp.yaml",
    "app/build/pod.yaml",
    "app-b/pod.json",
    "vendor/pod.yaml",
    "x.yaml/pod.yaml",
];

fn repository(files: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join("repo").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    for file in files {
        write(file, POD);
    }
    write(".git/HEAD", "");
    write(".gitignore", "tracked-but-*\n*.tmp.yaml\n/app/build/\n");
    write("app/deep/.gitignore", "!kept.tmp.yaml\n");
    folder
}

fn options(cwd: &Path, paths: &[&str]) -> LoadOptions {
    LoadOptions {
        inputs: paths.iter().map(|path| Input::Path(path.into())).collect(),
        cwd: cwd.to_owned(),
        ..LoadOptions::default()
    }
}

/// The scan that reads `files` from memory.
fn past(options: &LoadOptions, files: &[String]) -> LoadOptions {
    let chosen = Repository::of(options).unwrap().choose(options, files);
    let text = |chosen: verdikt_input::Chosen| Text {
        path: chosen.path,
        identity: files[chosen.file].clone(),
        named: chosen.named,
        companion: chosen.companion,
        bytes: POD.into(),
    };
    let inputs = chosen.into_iter().map(|set| Input::Texts(set.into_iter().map(text).collect()));
    LoadOptions { inputs: inputs.collect(), ..options.clone() }
}

/// Set, path, identity and what became of it, for each file.
fn read(options: &LoadOptions) -> Vec<(Option<u32>, String, String, String)> {
    let loaded = load(options);
    let files = loaded.sources.iter().zip(loaded.coverage.files);
    files
        .map(|((id, source), file)| {
            let document = loaded.documents.iter().find(|document| document.span.file == id);
            let set = document.map(|document| document.set.0);
            (set, source.path.clone(), source.identity.clone(), format!("{:?}", file.outcome))
        })
        .collect()
}

#[test]
fn the_same_files_are_read_alike_from_disk_and_from_a_list() {
    let folder = repository(FILES);
    let files: Vec<String> = FILES.iter().rev().map(|file| (*file).to_owned()).collect();
    let root = folder.path().join("repo");
    let absolute = root.join("app").to_str().unwrap().to_owned();
    let mut exclude = GlobSetBuilder::new();
    for glob in ["vendor", "app/deep/er/**"] {
        exclude.add(Glob::new(glob).unwrap());
    }
    let exclude = exclude.build().unwrap();
    for (cwd, paths) in [
        ("", &["repo"][..]),
        ("repo", &["."]),
        ("repo", &["app", "app-b", "pod.yaml"]),
        ("repo", &["app/build", "app/deep"]),
        ("repo/app", &["..", "pod.yaml", "../notes.md", "tracked-but-ignored.yaml"]),
        ("", &[&absolute, "repo/x.yaml"]),
        ("repo", &["app/deep/", "./.github", "vendor"]),
    ] {
        let plain = options(&folder.path().join(cwd), paths);
        for respect_ignore in [true, false] {
            for exclude in [&exclude, &globset::GlobSet::empty()] {
                let options = LoadOptions { respect_ignore, exclude: exclude.clone(), ..plain.clone() };
                let today = read(&options);
                assert_eq!(read(&past(&options, &files)), today, "{paths:?} in {cwd:?}, {respect_ignore}");
            }
        }
        assert!(!read(&plain).is_empty(), "{paths:?}");
    }
}

#[test]
fn what_is_gone_today_is_read_and_what_changed_its_kind_is_not() {
    let folder = repository(&["a/pod.yaml", "was-folder", "was-file.yaml/x.yaml"]);
    let options = options(&folder.path().join("repo"), &[".", "was-folder", "was-file.yaml", "missing.yaml"]);
    let files =
        ["a/pod.yaml", "gone/deep/pod.yaml", "gone/x.tmp.yaml", "was-folder/pod.yaml", "was-file.yaml", "missing.yaml"];
    let files = files.map(str::to_owned);
    let chosen = Repository::of(&options).unwrap().choose(&options, &files);
    let paths: Vec<Vec<&str>> = chosen.iter().map(|set| set.iter().map(|file| &*file.path).collect()).collect();
    let all = ["a/pod.yaml", "gone/deep/pod.yaml", "missing.yaml", "was-file.yaml", "was-folder/pod.yaml"];
    assert_eq!(paths, [&all[..], &[], &[], &[]]);
}

#[test]
fn folders_are_entered_as_a_walk_would() {
    let folder = repository(FILES);
    let options = options(folder.path(), &["repo/app", "repo/vendor"]);
    let repository = Repository::of(&options).unwrap();
    for (path, shown) in [
        ("app/sub", Some("repo/app/sub")),
        ("app/build", None),
        ("app/.hidden", None),
        ("app", None),
        ("app-b/sub", None),
        ("vendor/a/b", Some("repo/vendor/a/b")),
    ] {
        assert_eq!(repository.enters(&options, path).as_deref(), shown, "{path}");
    }
}

#[test]
fn inputs_are_in_one_repository() {
    let one = repository(FILES);
    let other = repository(FILES);
    let second = other.path().join("repo").to_str().unwrap().to_owned();
    let plain = tempfile::tempdir().unwrap();
    let of = |paths: &[&str], cwd: &Path| Repository::of(&options(cwd, paths)).map(|found| found.root().to_owned());
    let root = fs::canonicalize(one.path().join("repo")).unwrap();
    assert_eq!(of(&["repo", "repo/app/pod.yaml", "repo/missing/x"], one.path()), Ok(root));
    assert_eq!(of(&["."], plain.path()), Err(OutsideRepository::Path(".".to_owned())));
    let several = OutsideRepository::Several { one: "repo".to_owned(), other: second.clone() };
    assert_eq!(of(&["repo", &second], one.path()), Err(several));
    let input = Input::Text { path: "<stdin>".to_owned(), bytes: Vec::new() };
    let stdin = LoadOptions { inputs: vec![input], ..options(&one.path().join("repo"), &[]) };
    assert_eq!(Repository::of(&stdin).unwrap_err(), OutsideRepository::Text("<stdin>".to_owned()));
}

#[test]
fn texts_have_the_limits_of_files() {
    let folder = repository(&[]);
    let text = |path: &str| Text {
        path: path.to_owned(),
        identity: path.to_owned(),
        named: false,
        companion: false,
        bytes: POD.into(),
    };
    let texts = ["b.yaml", "c.yaml", "a.yaml"].map(text).to_vec();
    let limits = InputLimits { files: 2, ..InputLimits::default() };
    let options = LoadOptions { inputs: vec![Input::Texts(texts)], limits, ..options(folder.path(), &[]) };
    let loaded = load(&options);
    let paths: Vec<&str> = loaded.sources.iter().map(|(_, source)| &*source.path).collect();
    assert_eq!(paths, ["a.yaml", "b.yaml"]);
    assert!(loaded.diagnostics.iter().any(|diagnostic| diagnostic.code == Code::TooMany));
}

#[test]
fn configurations_are_read_with_what_they_read() {
    let files =
        ["infra/main.tf", "infra/variables.tf", "infra/user_data.tpl", "infra/note.md", "app/run.sh", "pod.yaml"];
    let folder = repository(&files);
    let files: Vec<String> = files.iter().map(|file| (*file).to_owned()).collect();
    for (path, expected) in [
        ("infra", &["infra/main.tf", "infra/variables.tf", "+infra/user_data.tpl"][..]),
        ("infra/main.tf", &["infra/main.tf", "+infra/user_data.tpl", "+infra/variables.tf"]),
        ("app", &[]),
        ("pod.yaml", &["pod.yaml"]),
    ] {
        let options = options(&folder.path().join("repo"), &[path]);
        let chosen = Repository::of(&options).unwrap().choose(&options, &files);
        let shown = |chosen: &verdikt_input::Chosen| {
            assert_eq!(chosen.path, files[chosen.file], "{path}");
            format!("{}{}", if chosen.companion { "+" } else { "" }, chosen.path)
        };
        assert_eq!(chosen[0].iter().map(shown).collect::<Vec<_>>(), expected, "{path}");
    }
    let text = |path: &str, named, companion, text: &str| Text {
        path: path.to_owned(),
        identity: path.to_owned(),
        named,
        companion,
        bytes: text.into(),
    };
    let loaded = load(&LoadOptions {
        inputs: vec![Input::Texts(vec![
            text("infra/main.tf", true, false, "resource \"aws_x\" \"a\" {\n  t = file(\"a.tpl\")\n  v = var.v\n}\n"),
            text("infra/a.tpl", false, true, "hello"),
            text(
                "infra/variables.tf",
                false,
                true,
                "variable \"v\" {\n  default = 1\n}\nresource \"aws_x\" \"b\" {}\n",
            ),
        ])],
        ..LoadOptions::default()
    });
    assert_eq!(loaded.diagnostics, []);
    let found: Vec<(&str, String)> =
        loaded.documents.iter().map(|it| (it.address.as_str(), it.body().to_json())).collect();
    assert_eq!(found, [("aws_x.a", r#"{"t":"hello","v":1}"#.to_owned())]);
}
