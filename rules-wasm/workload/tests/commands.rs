//! WL-013 and WL-014 over many ways to start a program, natively: as tables, which say more in less room
//! than files.

use verdikt_rules_workload::PACK;
use verdikt_sdk::testing::{Case, Verdict};

const FAIL: Verdict = Verdict::Fail;
const UNKNOWN: Verdict = Verdict::Unknown;
const PASS: Verdict = Verdict::Pass;

/// What a rule says of a container with a command. `?` stands for a word that cannot be known.
fn verdict(rule: &str, command: &str) -> Verdict {
    let command = command.replace("\"?\"", r#"{"$unknown": "set at deployment"}"#);
    let body = format!(r#"{{"containers": [{{"name": "app", "role": "main", "command": {command}}}]}}"#);
    Case::workload(&body).judge(&PACK, rule).verdict()
}

#[test]
fn shells_behind_other_programs() {
    for (command, expected) in [
        (r#"["env", "-S", "bash -c x"]"#, FAIL),
        (r#"["/usr/bin/env", "-i", "bash"]"#, FAIL),
        (r#"["env", "-u", "HOME", "A=b", "sh"]"#, FAIL),
        (r#"["env", "-Sfish"]"#, FAIL),
        (r#"["env", "-vS", "A=1 python3 app.py", "sh"]"#, PASS),
        (r#"["toybox", "sh"]"#, FAIL),
        (r#"["sudo", "-u", "app", "-E", "sh"]"#, FAIL),
        (r#"["su", "-", "app", "-c", "serve"]"#, FAIL),
        (r#"["gosu", "app", "sh"]"#, FAIL),
        (r#"["gosu", "sh", "serve"]"#, PASS),
        (r#"["su-exec", "app:app", "/bin/ash"]"#, FAIL),
        (r#"["tini", "-s", "--", "sh"]"#, FAIL),
        (r#"["dumb-init", "--rewrite", "15:3", "bash"]"#, FAIL),
        (r#"["dumb-init", "--single-child", "serve", "bash"]"#, PASS),
        (r#"["nice", "-n", "5", "sh"]"#, FAIL),
        (r#"["nice", "-5", "sh"]"#, FAIL),
        (r#"["timeout", "5", "sh"]"#, FAIL),
        (r#"["timeout", "-k", "1", "5s", "serve"]"#, PASS),
        (r#"["nsenter", "-t", "1", "-m", "-u", "--", "bash"]"#, FAIL),
        (r#"["stdbuf", "-oL", "sh"]"#, FAIL),
        (r#"["chroot", "/host", "/bin/sh"]"#, FAIL),
        (r#"["chroot", "--userspec", "1:1", "/host", "serve"]"#, PASS),
        (r#"["fish"]"#, FAIL),
        (r#"["rbash"]"#, FAIL),
        (r#"["/bin/tcsh"]"#, FAIL),
        (r#"["powershell.exe", "-File", "a.ps1"]"#, FAIL),
        (r#"["cmd", "/c", "a"]"#, FAIL),
        (r#"["setpriv", "--reuid", "1000", "--clear-groups", "sh"]"#, FAIL),
        (r#"["flock", "/lock", "serve"]"#, PASS),
        (r#"["sh", "-c", "exec serve"]"#, FAIL),
        (r#"["env"]"#, PASS),
        (r#"["/entrypoint.sh", "sh"]"#, PASS),
        (r#"["chpst", "-u", "app", "runsvdir"]"#, PASS),
        (r#"["busybox", "httpd", "-f"]"#, PASS),
        (r#"["C:\\Program Files\\PowerShell\\7\\PWSH.EXE"]"#, FAIL),
        // What is not known decides where it may be the program.
        (r#"["?", "sh"]"#, UNKNOWN),
        (r#"["env", "?"]"#, UNKNOWN),
        (r#"["gosu", "?", "sh"]"#, UNKNOWN),
        (r#"["nice", "-n", "?", "sh"]"#, UNKNOWN),
        (r#"["env", "-S", "?"]"#, UNKNOWN),
        (r#"["serve", "?"]"#, PASS),
    ] {
        assert_eq!(verdict("WL-014", command), expected, "{command}");
    }
}

#[test]
fn several_programs_of_a_container() {
    for (command, expected) in [
        (r#"["/usr/bin/python3.11", "-u", "/usr/bin/supervisord", "-n"]"#, FAIL),
        (r#"["python", "-m", "supervisor.supervisord"]"#, FAIL),
        (r#"["python", "-m", "app.init.main", "supervisord"]"#, PASS),
        (r#"["python3", "-c", "print('supervisord')"]"#, PASS),
        (r#"["gosu", "root", "monit", "-I"]"#, FAIL),
        (r#"["bundle", "exec", "foreman", "start"]"#, FAIL),
        (r#"["ruby", "bin/foreman", "start"]"#, FAIL),
        (r#"["/sbin/my_init"]"#, FAIL),
        (r#"["/init"]"#, FAIL),
        (r#"["bash", "-c", "mkdir -p /run && exec env A=1 python3 /usr/bin/supervisord -n"]"#, FAIL),
        (r#"["tini", "-g", "--", "sh", "-c", "a & b"]"#, FAIL),
        (r#"["/bin/bash", "-ec", "php-fpm -D\nnginx -g 'daemon off;' &\nphp-fpm -F &\nwait -n"]"#, FAIL),
        (r#"["sh", "-c", "while :; do reload; sleep 60; done & exec serve"]"#, FAIL),
        (r#"["sh", "-c", "trap 'kill $PID' TERM; serve & PID=$!; wait $PID"]"#, PASS),
        (r#"["sh", "-c", "exec serve --upstream 'http://x/?a=1&b=2' 2>&1"]"#, PASS),
        (r#"["sh", "-c", "cat <<EOF > /tmp/c\na & b\nEOF\nexec serve -c /tmp/c"]"#, PASS),
        (r#"["sh", "-c", "prepare && migrate && exec serve"]"#, PASS),
        (r#"["sh", "-c", "(sleep 5; curl http://localhost) & exec serve"]"#, PASS),
        (r#"["python", "?"]"#, UNKNOWN),
        (r#"["python", "-m", "?"]"#, UNKNOWN),
        (r#"["sh", "-c", "?"]"#, UNKNOWN),
        (r#"["python3", "app.py", "?"]"#, PASS),
    ] {
        assert_eq!(verdict("WL-013", command), expected, "{command}");
    }
}
