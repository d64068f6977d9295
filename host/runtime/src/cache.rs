//! Compiled packs on disk, so that a pack is compiled and described once and not at each start.
//!
//! An entry is code that will be run, so the folder must be ours and ours alone, and each file is
//! checked again when it is read. Whatever is not as it should be is a miss and never a failure:
//! the pack is then compiled again, and the entry is replaced.
//!
//! A key says everything that the code depends on: the form of the file, the engine's configuration
//! and version, and the pack's digest. When one of them changes, the old file is simply not found.

#![expect(clippy::disallowed_methods, reason = "the cache is the one part of the runtime that touches files")]

use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};
use wasmtime::Engine;

use crate::wire;

/// Name and version of the file's form.
const MAGIC: &[u8; 8] = b"verdikt1";
const HASH: usize = 32;

/// A folder of compiled packs.
#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
    engine: [u8; HASH],
    /// Makes the names of temporary files of one process unlike each other.
    writes: AtomicU64,
}

/// A compiled pack.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// What [`wire::write`] wrote.
    pub(crate) description: String,
    pub(crate) artifact: Vec<u8>,
}

impl Cache {
    /// Opens a folder, or makes it. `None` when it cannot be used; the log says why.
    pub(crate) fn open(folder: PathBuf, engine: &Engine) -> Option<Cache> {
        match private_folder(&folder) {
            Ok(()) => Some(Cache { folder, engine: engine_hash(engine), writes: AtomicU64::new(0) }),
            Err(why) => {
                tracing::warn!(folder = %folder.display(), %why, "compiled packs are not cached");
                None
            }
        }
    }

    /// The entry of a pack.
    pub(crate) fn get(&self, digest: &str) -> Option<Entry> {
        let key = self.key(digest);
        let path = self.path(&key);
        let entry = match read_private(&path) {
            Ok(bytes) => decode(&key, bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::debug!(path = %path.display(), %error, "cannot read a compiled pack");
                return None;
            }
        };
        if entry.is_none() {
            tracing::debug!(path = %path.display(), "a compiled pack is damaged");
        }
        entry
    }

    /// Keeps an entry. Readers see the old file or the new one, never half of it.
    pub(crate) fn put(&self, digest: &str, entry: &Entry) {
        let key = self.key(digest);
        let path = self.path(&key);
        let number = self.writes.fetch_add(1, Ordering::Relaxed);
        let temporary = path.with_extension(format!("{}-{number}.tmp", std::process::id()));
        let written = create_private(&temporary)
            .and_then(|mut file| file.write_all(&encode(&key, entry)))
            .and_then(|()| fs::rename(&temporary, &path));
        if let Err(error) = written {
            tracing::debug!(path = %path.display(), %error, "cannot keep a compiled pack");
            // It may not exist, and nothing depends on it.
            let _ = fs::remove_file(&temporary);
        }
    }

    fn key(&self, digest: &str) -> [u8; HASH] {
        let mut hash = Sha256::new();
        hash.update(MAGIC);
        hash.update(wire::SCHEMA.to_le_bytes());
        hash.update(self.engine);
        hash.update(digest);
        hash.finalize().into()
    }

    fn path(&self, key: &[u8; HASH]) -> PathBuf {
        self.folder.join(format!("{}.pack", crate::pack::hex(key)))
    }
}

/// Everything about the engine that compiled code depends on, wasmtime's version among it.
fn engine_hash(engine: &Engine) -> [u8; HASH] {
    /// `Hash` in, SHA-256 out: the same in every process, unlike the standard library's hashers.
    struct Sha256Hasher(Sha256);

    impl Hasher for Sha256Hasher {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }

        fn finish(&self) -> u64 {
            // Only the digest is ever read.
            0
        }
    }

    let mut hasher = Sha256Hasher(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.0.finalize().into()
}

/// `magic, key, length of the description, description, artifact, checksum of all before it`.
fn encode(key: &[u8; HASH], entry: &Entry) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(entry.description.len() + entry.artifact.len() + 128);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(key);
    bytes.extend_from_slice(&(entry.description.len() as u64).to_le_bytes());
    bytes.extend_from_slice(entry.description.as_bytes());
    bytes.extend_from_slice(&entry.artifact);
    let checksum = Sha256::digest(&bytes);
    bytes.extend_from_slice(&checksum);
    bytes
}

fn decode(key: &[u8; HASH], mut bytes: Vec<u8>) -> Option<Entry> {
    let content = bytes.len().checked_sub(HASH)?;
    if Sha256::digest(&bytes[..content])[..] != bytes[content..] {
        return None;
    }
    bytes.truncate(content);
    let rest = bytes.strip_prefix(MAGIC)?;
    // The key is in the file as well, so that an entry cannot be taken for another one's.
    let rest = rest.strip_prefix(key)?;
    let (length, rest) = rest.split_first_chunk::<8>()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    let description = std::str::from_utf8(rest.get(..length)?).ok()?.to_owned();
    let artifact = rest.get(length..)?.to_vec();
    Some(Entry { description, artifact })
}

/// Makes the folder if need be, and says why it cannot be trusted.
#[cfg(unix)]
fn private_folder(folder: &Path) -> Result<(), String> {
    use std::os::unix::fs::DirBuilderExt;

    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| format!("it cannot be made: {error}"))?;
    // Of the folder itself: a link could be turned elsewhere later.
    let metadata = fs::symlink_metadata(folder).map_err(|error| format!("it cannot be read: {error}"))?;
    if !metadata.is_dir() {
        return Err("it is not a folder".to_owned());
    }
    only_ours(&metadata)
}

/// Elsewhere the standard library cannot tell who may write to a folder.
#[cfg(not(unix))]
fn private_folder(_folder: &Path) -> Result<(), String> {
    Err("this system does not tell who may write to it".to_owned())
}

#[cfg(unix)]
fn only_ours(metadata: &fs::Metadata) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt;

    let user = rustix::process::geteuid().as_raw();
    if metadata.uid() != user {
        return Err(format!("it belongs to user {}, not to user {user}", metadata.uid()));
    }
    if metadata.mode() & 0o022 != 0 {
        return Err(format!("others may write to it (mode {:o}); `chmod 700` it", metadata.mode() & 0o777));
    }
    Ok(())
}

#[cfg(not(unix))]
fn only_ours(_metadata: &fs::Metadata) -> Result<(), String> {
    Err("this system does not tell who may write to it".to_owned())
}

fn read_private(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    // Of the file that is open, not of whatever has the name by now.
    let metadata = file.metadata()?;
    only_ours(&metadata).map_err(io::Error::other)?;
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn create_private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn entry() -> Entry {
        Entry { description: "{\"ü\":1}".into(), artifact: (0..=255).collect() }
    }

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    fn only_file(folder: &Path) -> PathBuf {
        let files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
        assert_eq!(files.len(), 1, "{files:?}");
        files[0].clone()
    }

    #[test]
    fn an_entry_comes_back() {
        let folder = folder();
        let path = folder.path().join("a/b");
        let cache = Cache::open(path.clone(), &Engine::default()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(cache.get("sha256:1"), None);
        cache.put("sha256:1", &entry());
        cache.put("sha256:1", &entry());
        assert_eq!(fs::metadata(only_file(&path)).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(cache.get("sha256:1"), Some(entry()));
        assert_eq!(cache.get("sha256:2"), None);
    }

    #[test]
    fn an_engine_of_another_kind_has_other_entries() {
        let folder = folder();
        let cache = Cache::open(folder.path().join("c"), &Engine::default()).unwrap();
        cache.put("sha256:1", &entry());
        let other = Engine::new(wasmtime::Config::new().epoch_interruption(true)).unwrap();
        let cache = Cache::open(folder.path().join("c"), &other).unwrap();
        assert_eq!(cache.get("sha256:1"), None);
    }

    #[test]
    fn a_damaged_file_is_a_miss_at_every_byte() {
        let folder = folder();
        let path = folder.path().join("c");
        let cache = Cache::open(path.clone(), &Engine::default()).unwrap();
        cache.put("sha256:1", &entry());
        let file = only_file(&path);
        let good = fs::read(&file).unwrap();
        for length in 0..good.len() {
            fs::write(&file, &good[..length]).unwrap();
            assert_eq!(cache.get("sha256:1"), None, "cut to {length} bytes");
        }
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&file, &bad).unwrap();
            assert_eq!(cache.get("sha256:1"), None, "byte {at} changed");
        }
        fs::write(&file, &good).unwrap();
        assert_eq!(cache.get("sha256:1"), Some(entry()));
    }

    #[test]
    fn an_entry_is_not_taken_for_another_ones() {
        let folder = folder();
        let path = folder.path().join("c");
        let cache = Cache::open(path.clone(), &Engine::default()).unwrap();
        cache.put("sha256:1", &entry());
        fs::rename(only_file(&path), cache.path(&cache.key("sha256:2"))).unwrap();
        assert_eq!(cache.get("sha256:2"), None);
    }

    #[test]
    fn a_length_that_lies_is_a_miss() {
        for length in [0_u64, 1, 9, u64::MAX] {
            let mut bytes = [&MAGIC[..], &[7; HASH], &length.to_le_bytes(), b"abc"].concat();
            let checksum = Sha256::digest(&bytes);
            bytes.extend_from_slice(&checksum);
            assert_eq!(decode(&[7; HASH], bytes).is_some(), length < 3, "{length}");
        }
    }

    #[test]
    fn a_folder_that_others_may_write_to_is_not_used() {
        let folder = folder();
        let engine = Engine::default();
        for (mode, usable) in [(0o700, true), (0o755, true), (0o770, false), (0o777, false), (0o1777, false)] {
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(Cache::open(folder.path().into(), &engine).is_some(), usable, "{mode:o}");
        }
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        symlink(folder.path(), folder.path().join("link")).unwrap();
        for name in ["file", "link", "file/below"] {
            assert!(Cache::open(folder.path().join(name), &engine).is_none(), "{name}");
        }
    }

    #[test]
    fn a_file_that_others_may_write_to_is_a_miss() {
        let folder = folder();
        let path = folder.path().join("c");
        let cache = Cache::open(path.clone(), &Engine::default()).unwrap();
        cache.put("sha256:1", &entry());
        fs::set_permissions(only_file(&path), fs::Permissions::from_mode(0o666)).unwrap();
        assert_eq!(cache.get("sha256:1"), None);
        cache.put("sha256:1", &entry());
        assert_eq!(cache.get("sha256:1"), Some(entry()), "the entry was replaced");
    }
}
