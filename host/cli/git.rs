//! Reads an earlier revision of the user's repository, by `git`: the one place that calls it.
//!
//! The repository stays as it is: no checkout, no index, no lock. Nothing is fetched either, also not
//! by a partial clone, which otherwise fetches whatever is asked of it: a check that waits for a
//! network, or asks for a password, is no check.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use anyhow::{Context, Result, anyhow, bail};
use verdikt_engine::input::{Chosen, Input, LoadOptions, Repository, Text};
use verdikt_engine::model::DiffBase;
use verdikt_engine::nearest;

/// The first whose `rev-parse` knows `--end-of-options`, so that no revision is taken for an option.
/// <https://github.com/git/git/blob/master/Documentation/RelNotes/2.30.0.adoc>
const OLDEST: (u32, u32) = (2, 30);

/// What git tells its hooks about the repository that they run for, and what would have it look at
/// another one than the files are in: `git rev-parse --local-env-vars`, but for the user's own
/// settings.
const LOCAL_VARIABLES: [&str; 12] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// What a file in a repository begins with whose text is elsewhere.
/// <https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1\n";

/// An earlier state of the files of a scan.
pub(crate) struct Revision {
    pub(crate) state: DiffBase,
    /// The same scan, of the files as they were.
    pub(crate) load: LoadOptions,
    /// What of it is not read: the path that reports print, and why.
    pub(crate) gaps: Vec<(String, &'static str)>,
}

/// Reads what the scan of `options` would have read at a revision.
pub(crate) fn revision(options: &LoadOptions, reference: &str) -> Result<Revision> {
    let repository = Repository::of(options).context("--diff-base has nothing to compare with")?;
    let git = Git::of(repository.root())?;
    let commit = git.commit(reference)?;
    let state = DiffBase { reference: reference.to_owned(), commit: Some(commit.clone()) };
    let tree = git.tree(&commit, &state)?;
    let sets = repository.choose(options, &tree.paths);
    let objects: Vec<&str> = sets.iter().flatten().map(|chosen| tree.objects[chosen.file].as_str()).collect();
    let mut texts = git.blobs(&objects, options.limits.file_size, &state)?.into_iter();
    let others = tree.others.into_iter().filter_map(|(path, why)| Some((repository.enters(options, &path)?, why)));
    let mut gaps: Vec<(String, &str)> = others.collect();
    let mut inputs = Vec::with_capacity(sets.len());
    for set in sets {
        let mut files = Vec::with_capacity(set.len());
        for (Chosen { file, path, named, companion }, bytes) in set.into_iter().zip(texts.by_ref()) {
            if bytes.starts_with(LFS_POINTER) {
                gaps.push((path.clone(), "Git LFS keeps its text outside of the repository."));
            }
            files.push(Text { path, identity: tree.paths[file].clone(), named, companion, bytes });
        }
        inputs.push(Input::Texts(files));
    }
    Ok(Revision { state, load: LoadOptions { inputs, ..options.clone() }, gaps })
}

/// The files of a revision.
#[derive(Debug, Default)]
struct Tree {
    /// From the root of the repository, `/` between their parts.
    paths: Vec<String>,
    /// The names of their contents.
    objects: Vec<String>,
    /// What is no file of this repository, and why it is not read.
    others: Vec<(String, &'static str)>,
}

/// `git` in one repository.
struct Git {
    root: PathBuf,
}

impl Git {
    fn of(root: &Path) -> Result<Git> {
        let git = Git { root: root.to_owned() };
        let version = match git.run(["version"]) {
            Err(error) if is_not_found(&error) => {
                let (major, minor) = OLDEST;
                bail!("--diff-base needs git, which is not installed here; install git {major}.{minor} or newer");
            }
            output => stdout(output?, "cannot ask git for its version")?,
        };
        check_version(&version)?;
        let prefix = stdout(git.run(["rev-parse", "--show-prefix"])?, "--diff-base needs a git repository")?;
        if !prefix.trim().is_empty() {
            bail!("--diff-base needs a git repository, and git does not take {} for one", root.display());
        }
        Ok(git)
    }

    fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.root).args(arguments);
        for variable in LOCAL_VARIABLES {
            command.env_remove(variable);
        }
        // The former since git 2.44; what is older tries to fetch, and has no protocol to do it with.
        command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "none");
        command.env("GIT_OPTIONAL_LOCKS", "0").stdin(Stdio::null());
        command
    }

    fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Result<Output> {
        self.command(arguments).output().context("cannot run git")
    }

    /// The full name of the commit that a person means.
    fn commit(&self, reference: &str) -> Result<String> {
        let wanted = format!("{reference}^{{commit}}");
        let output = self.run(["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted])?;
        let commit = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if output.status.success() && !commit.is_empty() && commit.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(commit);
        }
        bail!("--diff-base: `{reference}` is no commit that this repository has; {}", self.how_to_get(reference)?)
    }

    /// What to do about a revision that is not there.
    fn how_to_get(&self, reference: &str) -> Result<String> {
        let lines = |output: Output| -> Vec<String> {
            String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
        };
        let names = lines(self.run(["for-each-ref", "--format=%(refname:short)"])?);
        let near = nearest(reference, names.iter().map(String::as_str));
        if !near.is_empty() {
            let near: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
            return Ok(format!("did you mean {}?", near.join(" or ")));
        }
        if lines(self.run(["rev-parse", "--is-shallow-repository"])?) != ["true"] {
            return Ok(
                "`git fetch` gets what is new on the remote, `git branch --all` and `git tag` list what there is"
                    .to_owned(),
            );
        }
        let remotes = lines(self.run(["remote"])?);
        let shallow = "this is a shallow clone, which lacks most of the history";
        if reference.contains(['~', '^', '@', ':']) {
            return Ok(format!("{shallow}: `git fetch --deepen=100` gets more of it, `git fetch --unshallow` all"));
        }
        let remote = remotes.iter().find(|remote| is_below(reference, remote)).or(remotes.first());
        let remote = remote.map_or("origin", String::as_str);
        let name = reference.strip_prefix(remote).and_then(|rest| rest.strip_prefix('/')).unwrap_or(reference);
        Ok(format!("{shallow}: run `git fetch --depth=1 {remote} {name}`, then give `--diff-base FETCH_HEAD`"))
    }

    fn tree(&self, commit: &str, state: &DiffBase) -> Result<Tree> {
        let output = self.run(["ls-tree", "-r", "-z", "--full-tree", commit])?;
        if !output.status.success() {
            bail!("git cannot list the files of {state}: {}{}", complaint(&output.stderr), how_to_complete(state));
        }
        parse_tree(&output.stdout).with_context(|| format!("git lists the files of {state} in a way that is not known"))
    }

    /// The contents of objects, each cut at one byte more than `limit`.
    fn blobs(&self, objects: &[&str], limit: usize, state: &DiffBase) -> Result<Vec<Vec<u8>>> {
        if objects.is_empty() {
            return Ok(Vec::new());
        }
        let mut command = self.command(["cat-file", "--batch", "--buffer"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().context("cannot run git")?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(mut stdin), Some(stdout), Some(mut stderr)) = pipes else { bail!("cannot talk to git") };
        // Questions, answers and complaints at once: each of the pipes may be full while git waits.
        let (answers, complaint_text) = thread::scope(|scope| {
            let questions = scope.spawn(move || {
                // Should git end early, the answers tell.
                let _ = objects.iter().try_for_each(|object| writeln!(stdin, "{object}"));
            });
            let complaints = scope.spawn(move || {
                let mut text = Vec::new();
                let _ = stderr.read_to_end(&mut text);
                text
            });
            let mut reader = BufReader::new(stdout);
            let answers: Result<Vec<Option<Vec<u8>>>> = objects.iter().map(|_| answer(&mut reader, limit)).collect();
            // What is not read any more must not keep git, and so the other two, waiting.
            drop(reader);
            let _ = questions.join();
            (answers, complaints.join().unwrap_or_default())
        });
        let status = child.wait().context("cannot run git")?;
        let failed = || anyhow!("git cannot read the files of {state}: {}", complaint(&complaint_text));
        let answers = answers.with_context(|| format!("{}{}", failed(), how_to_complete(state)))?;
        if !status.success() {
            return Err(failed());
        }
        let missing = answers.iter().filter(|answer| answer.is_none()).count();
        if missing > 0 {
            bail!("this clone lacks the contents of {missing} of the files of {state}{}", how_to_complete(state));
        }
        Ok(answers.into_iter().flatten().collect())
    }
}

/// What to do about objects that are not there. Only a partial clone lacks any.
/// <https://git-scm.com/docs/partial-clone>
fn how_to_complete(state: &DiffBase) -> String {
    let name = &state.reference;
    format!(
        "; in a partial clone, `git diff --stat {name}` fetches what is missing (with a sparse checkout, `git archive \
         {name} >/dev/null`)"
    )
}

fn is_below(name: &str, folder: &str) -> bool {
    name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn is_not_found(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// What a program printed; what it complained about, where it failed.
fn stdout(output: Output, context: &str) -> Result<String> {
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    bail!("{context}: {}", complaint(&output.stderr))
}

/// What git says about a failure.
fn complaint(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let text = text.trim().strip_prefix("fatal: ").unwrap_or(text.trim());
    if text.is_empty() { "it does not say why".to_owned() } else { text.to_owned() }
}

/// Refuses a git that is too old: `git version 2.39.5 (Apple Git-154)`.
fn check_version(text: &str) -> Result<()> {
    let text = text.trim();
    let numbers = text.strip_prefix("git version ").unwrap_or_default();
    let mut numbers = numbers.split('.').map(|part| part.parse::<u32>().ok());
    let (Some(Some(major)), Some(Some(minor))) = (numbers.next(), numbers.next()) else {
        bail!("`git version` says `{text}`, which is no version that is known");
    };
    let (oldest_major, oldest_minor) = OLDEST;
    if (major, minor) < OLDEST {
        bail!("--diff-base needs git {oldest_major}.{oldest_minor} or newer, and this is git {major}.{minor}");
    }
    Ok(())
}

/// Reads `<mode> SP <type> SP <object> TAB <path> NUL`, repeated.
/// <https://git-scm.com/docs/git-ls-tree#_output_format>
fn parse_tree(listing: &[u8]) -> Result<Tree> {
    let mut tree = Tree::default();
    for entry in listing.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()) {
        let entry = String::from_utf8_lossy(entry);
        let parts = entry.split_once('\t').and_then(|(head, path)| {
            let mut head = head.split(' ');
            Some((head.next()?, head.nth(1)?, path))
        });
        let (mode, object, path) = parts.with_context(|| format!("`{}` is no entry", entry.escape_debug()))?;
        match mode {
            "160000" => tree.others.push((path.to_owned(), "It is a submodule, a repository of its own.")),
            "120000" => tree.others.push((path.to_owned(), "It was a symbolic link, which is not followed there.")),
            _ => {
                tree.paths.push(path.to_owned());
                tree.objects.push(object.to_owned());
            }
        }
    }
    Ok(tree)
}

/// Reads one answer of `cat-file --batch`: `<object> SP <type> SP <size> LF <contents> LF`, or
/// `<object> SP missing LF`, which is `None`.
/// <https://git-scm.com/docs/git-cat-file#_batch_output>
fn answer(reader: &mut impl BufRead, limit: usize) -> Result<Option<Vec<u8>>> {
    /// Longer than any first line.
    const LINE: u64 = 1 << 10;
    let mut line = Vec::new();
    reader.by_ref().take(LINE).read_until(b'\n', &mut line)?;
    let line = String::from_utf8_lossy(&line);
    let line = line.strip_suffix('\n').context("git ended before it had read everything")?;
    if line.ends_with(" missing") {
        return Ok(None);
    }
    let size: Option<u64> = line.rsplit_once(' ').and_then(|(_, size)| size.parse().ok());
    let size = size.with_context(|| format!("git answered `{}`", line.escape_debug()))?;
    let read = size.min((limit as u64).saturating_add(1));
    let mut bytes = Vec::new();
    reader.by_ref().take(read).read_to_end(&mut bytes)?;
    let rest = (size - read).saturating_add(1);
    let skipped = io::copy(&mut reader.by_ref().take(rest), &mut io::sink())?;
    if bytes.len() as u64 != read || skipped != rest {
        bail!("git ended in the middle of a file");
    }
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_versions_are_refused() {
        for good in ["git version 2.30.0", "git version 2.39.5 (Apple Git-154)", "git version 2.47.1.windows.2\n"] {
            check_version(good).unwrap();
        }
        for (bad, says) in [("git version 2.29.3", "git 2.29"), ("git version 1.8.3.1", "git 1.8"), ("hub", "`hub`")] {
            let error = check_version(bad).unwrap_err().to_string();
            assert!(error.contains(says), "{bad}: {error}");
        }
    }

    #[test]
    fn listings_are_read_to_the_byte() {
        let tree = parse_tree(
            b"100644 blob aa\ta b/\xc3\xbc\n.yaml\x00120000 blob bb\tlink\x00160000 commit cc\tsub\x00100755 blob dd\tx\x00",
        );
        let tree = tree.unwrap();
        assert_eq!(tree.paths, ["a b/\u{fc}\n.yaml", "x"]);
        assert_eq!(tree.objects, ["aa", "dd"]);
        let others: Vec<&str> = tree.others.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(others, ["link", "sub"]);
        assert!(parse_tree(b"").unwrap().paths.is_empty());
        assert!(parse_tree(b"what is this\x00").is_err());
    }

    #[test]
    fn answers_are_cut_and_counted() {
        let mut answers: &[u8] = b"aa blob 4\n1\n34\nbb missing\ncc blob 9\n123456789\ndd blob 0\n\n";
        for expected in [Some(&b"1\n34"[..]), None, Some(b"12345"), Some(b"")] {
            assert_eq!(answer(&mut answers, 4).unwrap().as_deref(), expected);
        }
        for broken in [&b""[..], b"aa blob", b"aa blob x\n", b"aa blob 9\n123", b"aa blob 3\n123"] {
            let mut reader = broken;
            assert!(answer(&mut reader, 4).is_err(), "{broken:?}");
        }
    }
}
