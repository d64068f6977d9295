//! `verdikt check --diff-base`: only what is new since a revision counts.

use std::fs;
use std::process::Command;

use crate::history::{History, check, diagnostics, error, git, rows};
use crate::support::{PRIVILEGED, Project, Run, UNPRIVILEGED, files, require_packs};

/// A privileged pod of a name.
fn pod(name: &str) -> String {
    PRIVILEGED.replace("debug", name)
}

/// `present at` the revision that `reference` is now.
fn present(history: &History, reference: &str) -> String {
    let commit = history.git(&["rev-parse", "--short=7", &format!("{reference}^{{commit}}")]);
    format!("diff-base, present at {reference} ({})", commit.trim())
}

#[test]
fn only_what_is_new_counts() {
    require_packs();
    let Some(history) = History::new(&[("k8s/a.yaml", &pod("a")), ("k8s/b.yaml", UNPRIVILEGED)]) else { return };
    let old = format!("k8s/a.yaml a: {}", present(&history, "main"));
    let report = history.check(0, &["--diff-base", "main"]);
    assert_eq!(rows(&report), [old.as_str()]);
    assert_eq!(report["diff_base"]["ref"], "main");
    assert_eq!(report["diff_base"]["commit"], history.git(&["rev-parse", "main"]).trim());
    assert_eq!((&report["summary"]["fail"], &report["summary"]["suppressed"]), (&0.into(), &1.into()));
    // Without the flag there is no base, and the finding counts.
    assert!(history.check(1, &[])["diff_base"].is_null());

    // What nobody has added to git yet is new, and so is a change of a tracked file.
    history.project.write("k8s/c.yaml", pod("c"));
    history.project.write("k8s/b.yaml", UNPRIVILEGED.replace("false", "true"));
    let report = history.check(1, &["--diff-base", "main"]);
    assert_eq!(rows(&report), [old.as_str(), "k8s/b.yaml web", "k8s/c.yaml c"]);
    let table = history.project.run(&["check", "--select", "WL-001", "--diff-base", "main"]).expect(1).stdout;
    assert!(!table.contains("k8s/a.yaml:"), "{table}");
    assert!(table.contains("Compared with main ("), "{table}");
    assert!(table.contains("1 finding was there already, only new ones count."), "{table}");

    // Once it is committed, it is old for whoever compares with that commit.
    history.commit("second");
    history.git(&["tag", "-a", "v1", "-m", "v1"]);
    assert_eq!(rows(&history.check(0, &["--diff-base", "v1"])).len(), 3);
    assert_eq!(rows(&history.check(1, &["--diff-base", "HEAD~1"]))[1..], ["k8s/b.yaml web", "k8s/c.yaml c"]);
    let commit = history.git(&["rev-parse", "HEAD"]);
    let reason = format!("diff-base, present at {}", commit.trim());
    assert!(rows(&history.check(0, &["--diff-base", commit.trim()])).iter().all(|row| row.ends_with(&reason)));
}

#[test]
fn edits_elsewhere_change_nothing() {
    require_packs();
    let Some(history) = History::new(&[("pods.yaml", &format!("{}---\n{}", pod("a"), pod("b")))]) else { return };
    let flow = "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"a\"}, \"spec\": {\"containers\": [\
                {\"name\": \"first\", \"image\": \"registry.example/first:1\"},\n{\"securityContext\": {\"privileged\": \
                true}, \"name\": \"sh\", \"image\": \"registry.example/sh:2.0\"}]}}\n";
    history.project.write("pods.yaml", format!("# Moved down.\n\n{}---\n{flow}", pod("b")));
    assert_eq!(rows(&history.check(0, &["--diff-base", "HEAD"])).len(), 2);
    // Another container is another finding.
    history.project.write("pods.yaml", pod("a").replace("name: sh", "name: shell"));
    assert_eq!(rows(&history.check(1, &["--diff-base", "HEAD"])), ["pods.yaml a"]);
}

#[test]
fn moved_files_are_known_again() {
    require_packs();
    let files = [("k8s/dev/a.yaml", pod("a")), ("k8s/prod/a.yaml", pod("a")), ("b.yaml", pod("b"))];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let Some(history) = History::new(&files) else { return };
    let old = present(&history, "HEAD");
    history.git(&["mv", "k8s", "deploy"]);
    history.git(&["mv", "b.yaml", "c.yaml"]);
    history.project.write("c.yaml", format!("# Edited, too.\n{}", pod("b")));
    let expected = [
        format!("c.yaml b: {old}, in b.yaml"),
        format!("deploy/dev/a.yaml a: {old}, in k8s/dev/a.yaml"),
        format!("deploy/prod/a.yaml a: {old}, in k8s/prod/a.yaml"),
    ];
    assert_eq!(rows(&history.check(0, &["--diff-base", "HEAD"])), expected);
    // A copy is one more, and nobody knows which of the three it is.
    history.project.write("deploy/test/a.yaml", pod("a"));
    let report = history.check(1, &["--diff-base", "HEAD"]);
    let new = ["deploy/dev/a.yaml a", "deploy/prod/a.yaml a", "deploy/test/a.yaml a"];
    assert_eq!(rows(&report)[1..], new);
    // Nor is a copy known whose original is still there.
    history.git(&["reset", "--quiet", "--hard"]);
    fs::remove_dir_all(history.project.path("deploy/test")).unwrap_or_default();
    history.project.write("copy.yaml", pod("b"));
    assert!(rows(&history.check(1, &["--diff-base", "HEAD"])).contains(&"copy.yaml b".to_owned()));
}

#[test]
fn paths_are_those_of_the_scan() {
    require_packs();
    let odd = "sub/ü \"odd\"\tname.yaml";
    let Some(history) = History::new(&[("sub/deep/a.yaml", &pod("a")), ("top.yaml", &pod("t")), (odd, &pod("o"))])
    else {
        return;
    };
    history.project.write("sub/new.yaml", pod("n"));
    let absolute = history.project.path("sub").to_str().unwrap().to_owned();
    for (cwd, path, expected) in [
        ("", ".", &["sub/deep/a.yaml", "sub/new.yaml", odd, "top.yaml"][..]),
        ("", "sub", &["sub/deep/a.yaml", "sub/new.yaml", odd]),
        ("sub", ".", &["deep/a.yaml", "new.yaml", &odd[4..]]),
        ("sub/deep", "..", &["../deep/a.yaml", "../new.yaml", &format!("../{}", &odd[4..])]),
        ("sub/deep", "../../top.yaml", &["../../top.yaml"]),
        ("", &absolute, &["sub/deep/a.yaml", "sub/new.yaml", odd]),
    ] {
        let mut command = history.project.command(&check(&[path, "--diff-base", "HEAD"]));
        let output = command.current_dir(history.project.path(cwd)).output().unwrap();
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let found = report["results"].as_array().unwrap();
        let found: Vec<(&str, bool)> =
            found.iter().map(|row| (row["location"]["file"].as_str().unwrap(), row["suppressed"].is_null())).collect();
        let expected: Vec<(&str, bool)> = expected.iter().map(|path| (*path, path.ends_with("new.yaml"))).collect();
        assert_eq!(found, expected, "{path} in {cwd:?}");
    }
}

/// What an ignore file names today is read in neither state, and what none names any more in both.
#[test]
fn ignore_files_of_today_count() {
    require_packs();
    let Some(history) = History::new(&[("a.yaml", &pod("a")), ("b.yaml", &pod("b"))]) else { return };
    history.project.write(".gitignore", "a.yaml\n.test-cache/\n");
    history.commit("a.yaml is tracked and ignored");
    assert_eq!(rows(&history.check(0, &["--diff-base", "HEAD"])).len(), 1);
    history.project.write(".gitignore", ".test-cache/\n");
    assert_eq!(rows(&history.check(0, &["--diff-base", "HEAD"])).len(), 2);
    assert_eq!(rows(&history.check(0, &["--no-ignore", "--exclude", "b.yaml", "--diff-base", "HEAD~1"])).len(), 1);
}

/// Both states are judged by the config of today, each file by what the config says of its place.
#[test]
fn the_config_of_today_counts_for_both_states() {
    require_packs();
    let Some(history) = History::new(&[("legacy/a.yaml", &pod("a")), ("vendor/b.yaml", &pod("b"))]) else { return };
    let config =
        "version: 1\nexclude: [vendor]\noverrides: [{files: [\"legacy/**\"], rules: {WL-001: {severity: low}}}]\n";
    history.project.write("verdikt.yaml", config);
    let report = history.check(0, &["--diff-base", "HEAD"]);
    assert_eq!(rows(&report), [format!("legacy/a.yaml a: {}", present(&history, "HEAD"))]);
    // What is old does not count, and complies no more than before.
    assert_eq!(report["artifacts"][0]["compliant"], false);
    // Where more is asked of it, the same finding is a worse one.
    history.git(&["mv", "legacy", "k8s"]);
    assert_eq!(rows(&history.check(1, &["--diff-base", "HEAD"])), ["k8s/a.yaml a"]);
}

#[test]
fn what_could_not_be_judged_then_is_said_where_it_matters() {
    require_packs();
    let broken = "apiVersion: v1\nkind: Pod\nspec: [\n";
    let Some(history) = History::new(&[("a.yaml", broken), ("b.yaml", broken), ("c.yaml", &pod("c"))]) else { return };
    history.project.write("b.yaml", UNPRIVILEGED);
    history.project.write("a.yaml", pod("a").replace("true", "false"));
    // Nothing new was found in them, so nothing is left open.
    assert!(diagnostics(&history.check(0, &["--diff-base", "HEAD"])).is_empty());
    history.project.write("a.yaml", pod("a"));
    let report = history.check(1, &["--diff-base", "HEAD"]);
    assert_eq!(rows(&report)[0], "a.yaml a");
    let found = diagnostics(&report);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("base-incomplete a.yaml: At HEAD ("), "{found:#?}");
    assert_eq!((&report["diagnostics"][0]["level"], &report["incomplete"]), (&"warning".into(), &false.into()));
}

#[cfg(unix)]
#[test]
fn links_and_submodules_are_not_compared_and_said_to_be() {
    require_packs();
    let Some(other) = History::new(&[("pod.yaml", &pod("s"))]) else { return };
    let Some(history) = History::new(&[(".store/pod.yaml", &pod("l"))]) else { return };
    history.git(&["submodule", "--quiet", "add", other.project.path(".").to_str().unwrap(), "sub"]);
    std::os::unix::fs::symlink(".store", history.project.path("linked")).unwrap();
    history.commit("second");
    let report = history.check(1, &["--diff-base", "HEAD"]);
    assert_eq!(rows(&report), ["linked/pod.yaml l", "sub/pod.yaml s"]);
    let found = diagnostics(&report);
    assert!(found[0].contains("base-incomplete linked: ") && found[0].contains("symbolic link"), "{found:#?}");
    assert!(found[1].contains("base-incomplete sub: ") && found[1].contains("submodule"), "{found:#?}");
    // From inside, it is a repository like any other.
    let mut command = history.project.command(&check(&["--diff-base", "HEAD"]));
    assert_eq!(command.current_dir(history.project.path("sub")).output().unwrap().status.code(), Some(0));
}

#[test]
fn the_repository_is_left_as_it_is() {
    require_packs();
    let Some(history) = History::new(&[("a.yaml", &pod("a"))]) else { return };
    history.project.write("a.yaml", format!("# Edited.\n{}", pod("a")));
    let state = || {
        let folder = history.project.path(".git");
        files(&folder).into_iter().map(|file| (fs::read(folder.join(&file)).unwrap(), file)).collect::<Vec<_>>()
    };
    let before = state();
    history.check(0, &["--diff-base", "main"]);
    assert!(state() == before);
}

/// The change that is checked did not make the comment end.
#[test]
fn a_comment_that_has_ended_since_is_no_new_finding() {
    require_packs();
    let comment = "true} # verdikt:ignore WL-001 until=2026-11-22 until the end of the day";
    let Some(history) = History::new(&[("a.yaml", &pod("a").replace("true}", comment))]) else { return };
    // 2026-11-22 and the day after.
    for (day, kind, said) in [("1795305600", "comment", ""), ("1795392000", "diff-base", "expired-acceptance a.yaml")] {
        let mut command = history.project.command(&check(&["--diff-base", "HEAD"]));
        let report = Run::new(command.env("SOURCE_DATE_EPOCH", day).output().unwrap()).expect(0).json();
        assert_eq!(report["results"][0]["suppressed"]["kind"], kind);
        let found = diagnostics(&report);
        assert_eq!(found.len(), usize::from(!said.is_empty()), "{found:#?}");
        assert!(found.concat().starts_with(said), "{found:#?}");
    }
}

/// What git has is a pointer; what is on the disk is the text.
#[test]
fn files_of_lfs_are_not_compared_and_said_to_be() {
    require_packs();
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
    let Some(history) = History::new(&[("a.yaml", pointer)]) else { return };
    history.project.write("a.yaml", pod("a"));
    let report = history.check(1, &["--diff-base", "HEAD"]);
    let found = diagnostics(&report);
    assert!(found[0].contains("base-incomplete a.yaml: ") && found[0].contains("Git LFS"), "{found:#?}");
}

/// Git tells hooks which repository they run for, by variables that would mislead every other git.
#[test]
fn variables_of_hooks_do_not_mislead() {
    require_packs();
    let Some(history) = History::new(&[("a.yaml", &pod("a"))]) else { return };
    let Some(other) = History::new(&[("b.yaml", UNPRIVILEGED)]) else { return };
    let mut command = history.project.command(&check(&["--diff-base", "main"]));
    command.env("GIT_DIR", other.project.path(".git")).env("GIT_INDEX_FILE", "/no/such/index");
    command.env("GIT_WORK_TREE", "/").env("GIT_PREFIX", "sub/").env("GIT_OBJECT_DIRECTORY", "/no/such/objects");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn worktrees_are_repositories() {
    require_packs();
    let Some(history) = History::new(&[("a.yaml", &pod("a"))]) else { return };
    let elsewhere = Project::new(&[]);
    history.git(&["worktree", "add", "--quiet", elsewhere.path("tree").to_str().unwrap(), "-b", "work"]);
    let mut command = history.project.command(&check(&["--diff-base", "main"]));
    let output = command.current_dir(elsewhere.path("tree")).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn a_shallow_clone_works_or_says_what_is_missing() {
    require_packs();
    let Some(history) = History::new(&[("a.yaml", &pod("a"))]) else { return };
    history.git(&["branch", "release"]);
    history.project.write("b.yaml", pod("b"));
    history.commit("second");
    let clones = Project::new(&[]);
    let origin = format!("file://{}", history.project.path(".").display());
    git(&clones.path("."), &["clone", "--quiet", "--depth=1", &origin, "shallow"]);
    let run = |arguments: &[&str]| {
        let mut command = clones.command(&check(arguments));
        Run::new(command.current_dir(clones.path("shallow")).output().unwrap())
    };
    run(&["--diff-base", "HEAD"]).expect(0);
    run(&["--diff-base", "origin/main"]).expect(0);
    let said = error(run(&["--diff-base", "HEAD~1"]));
    assert!(said.contains("shallow clone") && said.contains("git fetch --deepen"), "{said}");
    let said = error(run(&["--diff-base", "origin/release"]));
    assert!(said.contains("`git fetch --depth=1 origin release`, then give `--diff-base FETCH_HEAD`"), "{said}");
    // Following the advice helps.
    git(&clones.path("shallow"), &["fetch", "--quiet", "--depth=1", "origin", "release"]);
    let report = run(&["--diff-base", "FETCH_HEAD"]).expect(1).json();
    assert_eq!(rows(&report)[1], "b.yaml b");
}

#[test]
fn a_partial_clone_fetches_nothing_and_says_how_to() {
    require_packs();
    let Some(history) = History::new(&[("a.yaml", &pod("a"))]) else { return };
    history.project.write("a.yaml", pod("b"));
    history.commit("second");
    history.git(&["config", "uploadpack.allowFilter", "true"]);
    let clones = Project::new(&[]);
    let origin = format!("file://{}", history.project.path(".").display());
    for (filter, name) in [("--filter=blob:none", "blobless"), ("--filter=tree:0", "treeless")] {
        git(&clones.path("."), &["clone", "--quiet", filter, &origin, name]);
        let clone = clones.path(name);
        let run = || {
            let mut command = clones.command(&check(&["--diff-base", "HEAD~1"]));
            Run::new(command.current_dir(&clone).output().unwrap())
        };
        let before = files(&clone.join(".git/objects"));
        let said = error(run());
        assert!(said.contains("`git diff --stat HEAD~1` fetches what is missing"), "{name}: {said}");
        assert_eq!(files(&clone.join(".git/objects")), before, "{name}");
        git(&clone, &["diff", "--stat", "HEAD~1"]);
        assert_eq!(rows(&run().expect(1).json()), ["a.yaml b"], "{name}");
    }
}

#[test]
fn what_cannot_be_compared_is_refused() {
    require_packs();
    let Some(history) = History::new(&[("k8s/a.yaml", &pod("a"))]) else { return };
    let outside = Project::new(&[("x.yaml", PRIVILEGED)]);
    let elsewhere = outside.path(".").to_str().unwrap().to_owned();
    let said = |arguments: &[&str]| error(history.project.run(&check(arguments)));
    for (arguments, says) in [
        (&["--diff-base", "man"][..], "`man` is no commit that this repository has; did you mean `main`?"),
        (&["--diff-base", "v9.9.9"], "`v9.9.9` is no commit that this repository has; `git fetch` gets"),
        (&["--diff-base", "HEAD:k8s"], "is no commit"),
        (&["--diff-base", "main..HEAD"], "is no commit"),
        (&["--diff-base", "4b825dc642cb6eb9a060e54bf8d69288fbee4904"], "is no commit"),
        (&["--diff-base="], "expected a branch, a tag or a commit"),
        (&["--diff-base=--help"], "expected a branch, a tag or a commit"),
        (&["--diff-base", "main", "-"], "<stdin> is a text and no file"),
        (&["--diff-base", "main", &elsewhere], "is not in a git repository"),
        (&["--diff-base", "main", "k8s", &elsewhere], "is not in a git repository"),
    ] {
        let said = said(arguments);
        assert!(said.contains(says), "{arguments:?}: {said}");
    }
    // A PATH that is not there is an incomplete scan, with or without a base.
    history.check(3, &["--diff-base", "main", "missing"]);
    // What looks like a repository to us and not to git.
    let empty = Project::new(&[(".git/HEAD", ""), ("x.yaml", PRIVILEGED)]);
    let said = error(empty.run(&check(&["--diff-base", "main"])));
    assert!(said.contains("needs a git repository"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_git_that_is_missing_or_too_old_is_said_to_be() {
    use std::os::unix::fs::PermissionsExt;

    require_packs();
    let Some(history) = History::new(&[("a.yaml", &pod("a"))]) else { return };
    let programs = Project::new(&[("old/git", "#!/bin/sh\necho git version 2.20.1\n"), ("none/readme", "")]);
    fs::set_permissions(programs.path("old/git"), fs::Permissions::from_mode(0o755)).unwrap();
    for (folder, says) in
        [("none", "needs git, which is not installed"), ("old", "git 2.30 or newer, and this is git 2.20")]
    {
        let mut command: Command = history.project.command(&check(&["--diff-base", "main"]));
        let output = command.env("PATH", programs.path(folder)).output().unwrap();
        let said = error(Run::new(output));
        assert!(said.contains(says), "{said}");
    }
}
