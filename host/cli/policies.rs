//! Reads the files in which people say what is accepted, and writes the one that Verdikt keeps itself.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use verdikt_engine::input::InputLimits;
use verdikt_engine::model::Date;
use verdikt_engine::{Baseline, Evidence, Waivers};

pub(crate) fn waivers(path: &Path) -> Result<Waivers> {
    let text = read(path).with_context(|| format!("cannot read the waivers {}", path.display()))?;
    Ok(Waivers::read(&path.display().to_string(), &text)?)
}

pub(crate) fn evidence(path: &Path, today: Date) -> Result<Evidence> {
    let text = read(path).with_context(|| format!("cannot read the evidence {}", path.display()))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    Ok(Evidence::read(&path.display().to_string(), &text, today, &mut |file| open(&folder.join(file)))?)
}

/// A baseline that has to be there.
pub(crate) fn baseline(path: &Path) -> Result<Baseline> {
    let text = match read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => bail!(
            "there is no baseline {}; make one with `verdikt baseline create --baseline {0}`, or correct the path",
            path.display()
        ),
        text => text.with_context(|| format!("cannot read the baseline {}", path.display()))?,
    };
    Ok(Baseline::read(&path.display().to_string(), &text)?)
}

/// Writes a file as a whole or not at all.
pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    // A link keeps leading to the file, which may be in another folder.
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = real.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = real.file_name().with_context(|| format!("{} names no file", path.display()))?;
    let temporary = folder.join(format!(".{}.{}.tmp", name.to_string_lossy(), std::process::id()));
    let written = File::create_new(&temporary)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&temporary, &real));
    if written.is_err() {
        // The first error says what is wrong.
        let _ = fs::remove_file(&temporary);
    }
    written.with_context(|| format!("cannot write {}", path.display()))
}

/// Reads at most one byte more than the limit, so that the reader says that it is too large. It may be a
/// pipe, through which something decrypts the file.
fn read(path: &Path) -> io::Result<String> {
    let limit = InputLimits::default().file_size as u64 + 1;
    let mut bytes = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))
}

/// Opens an attachment, and nothing that could block.
fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
    }
    Ok(Box::new(File::open(path)?))
}
