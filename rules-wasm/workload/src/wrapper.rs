//! Programs that only start another one, which their arguments name.

/// A program that starts another one, and how its own arguments are told from that.
#[derive(Debug)]
pub(crate) struct Wrapper {
    names: &'static [&'static str],
    /// Options whose value is the next word.
    values: &'static [&'static str],
    /// How many words stand before the program, apart from options.
    pub(crate) operands: usize,
    /// Whether assignments (`NAME=value`) may stand before the program.
    pub(crate) assigns: bool,
    /// Whether an option has a whole command as its value, in one word (`env -S`).
    splits: bool,
}

impl PartialEq for Wrapper {
    fn eq(&self, other: &Self) -> bool {
        self.names == other.names
    }
}

const fn wrapper(names: &'static [&'static str], values: &'static [&'static str], operands: usize) -> Wrapper {
    Wrapper { names, values, operands, assigns: false, splits: false }
}

/// As their manuals have them: coreutils, util-linux, BusyBox, sudo, runit, s6, and the init programs that
/// are made for containers.
static WRAPPERS: [Wrapper; 24] = [
    wrapper(&["busybox", "catatonit", "nohup", "setsid", "toybox", "with-contenv"], &[], 0),
    wrapper(&["dumb-init"], &["-r", "--rewrite"], 0),
    wrapper(&["docker-init", "tini", "tini-static"], &["-p", "-e"], 0),
    Wrapper {
        assigns: true,
        splits: true,
        ..wrapper(&["env"], &["-u", "--unset", "-C", "--chdir", "-a", "--argv0"], 0)
    },
    wrapper(&["nice"], &["-n", "--adjustment"], 0),
    wrapper(&["ionice"], &["-c", "--class", "-n", "--classdata"], 0),
    wrapper(&["chrt"], &["-T", "-P", "-D"], 1),
    wrapper(&["taskset"], &[], 1),
    wrapper(&["timeout"], &["-k", "--kill-after", "-s", "--signal"], 1),
    wrapper(&["stdbuf"], &["-i", "--input", "-o", "--output", "-e", "--error"], 0),
    wrapper(&["time"], &["-f", "--format", "-o", "--output"], 0),
    Wrapper {
        assigns: true,
        ..wrapper(
            &["sudo"],
            &[
                "-u", "--user", "-g", "--group", "-h", "--host", "-p", "--prompt", "-C", "-r", "-t", "-T", "-U", "-R",
                "-D",
            ],
            0,
        )
    },
    wrapper(&["doas"], &["-u", "-C", "-a"], 0),
    wrapper(&["gosu", "s6-setuidgid", "setuidgid", "su-exec"], &[], 1),
    wrapper(&["s6-applyuidgid"], &["-u", "-g", "-G"], 0),
    wrapper(
        &["chpst"],
        &["-u", "-U", "-b", "-e", "-/", "-C", "-n", "-l", "-L", "-m", "-d", "-o", "-p", "-f", "-c", "-r", "-t"],
        0,
    ),
    wrapper(&["runuser"], &["-u", "--user", "-g", "--group", "-G", "--supp-group"], 0),
    wrapper(
        &["setpriv"],
        &[
            "--ruid",
            "--euid",
            "--reuid",
            "--rgid",
            "--egid",
            "--regid",
            "--groups",
            "--inh-caps",
            "--ambient-caps",
            "--bounding-set",
            "--securebits",
            "--pdeathsig",
            "--selinux-label",
            "--apparmor-profile",
        ],
        0,
    ),
    wrapper(&["chroot"], &["--userspec", "--groups"], 1),
    wrapper(&["unshare"], &["-R", "--root", "-w", "--wd", "-S", "--setuid", "-G", "--setgid"], 0),
    wrapper(&["nsenter"], &["-t", "--target", "-S", "--setuid", "-G", "--setgid"], 0),
    wrapper(&["flock"], &["-w", "--wait", "--timeout", "-E", "--conflict-exit-code"], 1),
    wrapper(&["strace"], &["-e", "-o", "-p", "-s", "-u"], 0),
    // With the word `exec` or `run` before the program.
    wrapper(&["bundle", "pipenv", "poetry"], &[], 1),
];

impl Wrapper {
    /// All their names.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        WRAPPERS.iter().flat_map(|wrapper| wrapper.names).copied()
    }

    pub(crate) fn of(name: &str) -> Option<&'static Wrapper> {
        WRAPPERS.iter().find(|wrapper| wrapper.names.contains(&name))
    }

    /// Whether the value of an option is the next word: the option stands by itself, or at the end of
    /// several in one word.
    pub(crate) fn takes_next(&self, option: &str) -> bool {
        if option.starts_with("--") {
            return self.values.contains(&option);
        }
        let mut letters = option.char_indices().skip(1);
        let first = letters.find(|(_, letter)| self.values.contains(&format!("-{letter}").as_str()));
        first.is_some_and(|(at, letter)| at + letter.len_utf8() == option.len())
    }

    /// The command that an option has as its value; empty when that is the next word.
    pub(crate) fn split_string<'o>(&self, option: &'o str) -> Option<&'o str> {
        if !self.splits {
            return None;
        }
        match option.strip_prefix("--split-string") {
            Some(rest) => rest.strip_prefix('=').or(rest.is_empty().then_some("")),
            None if option.starts_with("--") => None,
            None => option.find('S').map(|at| &option[at + 1..]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Wrapper;

    #[test]
    fn options_with_values() {
        for (name, option, expected) in [
            ("env", "-u", true),
            ("env", "-iu", true),
            ("env", "-uNAME", false),
            ("env", "--unset=NAME", false),
            ("env", "-i", false),
            ("nice", "-n", true),
            ("nice", "-n5", false),
            ("timeout", "--signal", true),
            ("timeout", "-v", false),
        ] {
            let wrapper = Wrapper::of(name).expect("a wrapper");
            assert_eq!(wrapper.takes_next(option), expected, "{name} {option}");
        }
        for (option, expected) in [
            ("-S", Some("")),
            ("-vS", Some("")),
            ("-Sbash -c x", Some("bash -c x")),
            ("--split-string", Some("")),
            ("--split-string=sh x", Some("sh x")),
            ("-i", None),
            ("--unset", None),
        ] {
            assert_eq!(Wrapper::of("env").expect("a wrapper").split_string(option), expected, "{option}");
        }
        assert_eq!(Wrapper::of("sudo").expect("a wrapper").split_string("-S"), None);
    }
}
