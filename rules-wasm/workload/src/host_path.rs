//! Paths of a host: which of them give away the host itself.

use verdikt_sdk::{Field, Strings, Value};

/// Whether a path is among the critical ones. One that begins with a slash stands for itself and all
/// below it, and for the folders above it, through which it can be reached; the root stands for itself
/// alone. Any other is the name of a file, wherever it is.
pub(crate) fn is_critical(path: &str, critical: &Strings) -> bool {
    let path = segments(path);
    critical.iter().any(|entry| {
        if !entry.contains(['/', '\\']) {
            return path.last().is_some_and(|name| name.eq_ignore_ascii_case(entry));
        }
        let entry = segments(entry);
        path.is_empty() || (!entry.is_empty() && overlap(&path, &entry))
    })
}

/// Whether what is at or below one path is seen through another.
pub(crate) fn reaches(path: &str, other: &str) -> bool {
    overlap(&segments(path), &segments(other))
}

/// Whether one path is the other, or above or below it.
fn overlap(one: &[&str], other: &[&str]) -> bool {
    one.iter().zip(other).all(|(one, other)| one == other)
}

/// A path as a message shows it: what is not known of it is `…`.
pub(crate) fn shown(path: Value<'_, &str>) -> String {
    match path.node().text() {
        Field::Known(text) => text.pieces().map(|piece| piece.unwrap_or("…")).collect(),
        Field::Absent | Field::Unknown(_) => "…".to_owned(),
    }
}

/// The names that a path consists of. Windows writes a drive and backslashes.
fn segments(path: &str) -> Vec<&str> {
    let drive = path.as_bytes().first().is_some_and(u8::is_ascii_alphabetic) && path.as_bytes().get(1) == Some(&b':');
    let path = if drive { &path[2..] } else { path };
    let mut segments = Vec::new();
    for segment in path.split(['/', '\\']) {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            name => segments.push(name),
        }
    }
    segments
}

#[cfg(test)]
mod tests {
    use verdikt_sdk::Strings;

    use super::is_critical;

    #[test]
    fn critical_paths() {
        let critical =
            Strings::from(["/", "/etc", "/var/lib/kubelet", "/run/docker.sock", "docker.sock", "docker_engine"]);
        for (path, expected) in [
            ("/", true),
            ("//", true),
            ("/./", true),
            ("/data/..", true),
            ("C:\\", true),
            ("/etc", true),
            ("/etc/", true),
            ("/etc/kubernetes/pki", true),
            ("/etcd", false),
            ("/data/etc", false),
            ("/data/../etc", true),
            ("/var", true),
            ("/var/lib", true),
            ("/var/lib/kubelet/pods", true),
            ("/var/lib/mysql", false),
            ("/var/log", false),
            ("/run", true),
            ("/run/user", false),
            ("/opt/docker.sock", true),
            ("\\\\.\\pipe\\docker_engine", true),
            ("/data", false),
        ] {
            assert_eq!(is_critical(path, &critical), expected, "{path}");
        }
        assert!(!is_critical("/etc", &Strings::default()));
        assert!(!is_critical("/", &Strings::default()));
    }
}
