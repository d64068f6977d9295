//! The Pod Security Standards over what files cannot say: values that are not known, and the controls of
//! each version.

use verdikt_rules_workload::PACK;
use verdikt_sdk::testing::{Case, Verdict};

const FAIL: Verdict = Verdict::Fail;
const UNKNOWN: Verdict = Verdict::Unknown;

/// `?` stands for a value that cannot be known.
fn judge(rule: &str, settings: &str, text: &str) -> Vec<(Verdict, String)> {
    let body = text.replace('?', r#"{"$unknown": "set at deployment"}"#);
    let judgement = Case::workload(&body).setting(rule, settings).judge(&PACK, rule);
    judgement.pointers().into_iter().map(|(verdict, pointer)| (verdict, pointer.to_owned())).collect()
}

#[track_caller]
fn expect(rule: &str, settings: &str, cases: &[(&str, &[(Verdict, &str)])]) {
    for (text, expected) in cases {
        let found = judge(rule, settings, text);
        let found: Vec<_> = found.iter().map(|(verdict, pointer)| (*verdict, pointer.as_str())).collect();
        assert_eq!(found, *expected, "{rule} {settings} {text}");
    }
}

#[test]
fn what_is_not_known_is_stated_once() {
    expect(
        "PS-010",
        "{}",
        &[
            (r#"{"platform": "kubernetes", "containers": ?}"#, &[(UNKNOWN, "/containers")]),
            (
                r#"{"containers": [?, {"name": "a"}], "volumes": [?]}"#,
                &[(UNKNOWN, "/containers/0"), (UNKNOWN, "/volumes/0")],
            ),
            (r#"{"hostNetwork": ?, "hostPID": true}"#, &[(UNKNOWN, "/hostNetwork"), (FAIL, "/hostPID")]),
            (r#"{"annotations": ?}"#, &[(UNKNOWN, "/annotations")]),
            (r#"{"volumes": ?}"#, &[(UNKNOWN, "/volumes")]),
        ],
    );
}

#[test]
fn known_alternatives_and_pieces_decide() {
    expect(
        "PS-010",
        "{}",
        &[
            (r#"{"hostPID": {"$unknown": "w", "$any": [false, null]}}"#, &[]),
            (r#"{"hostPID": {"$unknown": "w", "$any": [true, true]}}"#, &[(FAIL, "/hostPID")]),
            (r#"{"hostPID": {"$unknown": "w", "$any": [true, false]}}"#, &[(UNKNOWN, "/hostPID")]),
            (
                r#"{"annotations": {
                    "container.apparmor.security.beta.kubernetes.io/a": {"$unknown": "w", "$parts": ["localhost/", null]},
                    "container.apparmor.security.beta.kubernetes.io/b": {"$unknown": "w", "$parts": ["un", null]},
                    "container.apparmor.security.beta.kubernetes.io/c": {"$unknown": "w", "$parts": [null, "default"]}}}"#,
                &[
                    (FAIL, "/annotations/container.apparmor.security.beta.kubernetes.io~1b"),
                    (UNKNOWN, "/annotations/container.apparmor.security.beta.kubernetes.io~1c"),
                ],
            ),
            (
                r#"{"containers": [{"probes": {"liveness": {"httpGet": {"host": {"$unknown": "w", "$parts": [null, ".example"]}}}}}]}"#,
                &[(FAIL, "/containers/0/probes/liveness/httpGet/host")],
            ),
            (
                r#"{"containers": [{"probes": {"liveness": {"httpGet": {"host": ?}}}}]}"#,
                &[(UNKNOWN, "/containers/0/probes/liveness/httpGet/host")],
            ),
        ],
    );
    let drops = |drop: &str| {
        let container = r#"{"allowPrivilegeEscalation": false, "runAsNonRoot": true,
            "seccompProfile": {"type": "RuntimeDefault"}, "capabilities": {"drop": DROP}}"#;
        format!(r#"{{"containers": [{}]}}"#, container.replace("DROP", drop))
    };
    for (drop, expected) in [
        (r#"["ALL"]"#, &[][..]),
        (r#"["ALL", ?]"#, &[]),
        (r#"{"$unknown": "w", "$parts": ["ALL", null]}"#, &[]),
        (r#"["NET_RAW", ?]"#, &[(UNKNOWN, "/containers/0/capabilities/drop/1")]),
        ("?", &[(UNKNOWN, "/containers/0/capabilities/drop")]),
        (r#"["NET_RAW"]"#, &[(FAIL, "/containers/0/capabilities/drop")]),
    ] {
        expect("PS-011", "{}", &[(&drops(drop), expected)]);
    }
}

#[test]
fn pods_are_let_off_only_for_certain() {
    const POD: &str = r#"{"pod": {"securityContext": {"runAsUser": 0, "runAsNonRoot": true,
        "seccompProfile": {"type": "RuntimeDefault"}}}, "containers": [{"capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}, "user": {"uid": 0},
        "inherited": {"runAsNonRoot": "pod", "seccompProfile": "pod", "user.uid": "pod"}}], MORE}"#;
    const ROOT: &str = "/pod/securityContext/runAsUser";
    const ESCALATION: &str = "/containers/0/allowPrivilegeEscalation";
    for (more, expected) in [
        (r#""hostUsers": true"#, [(FAIL, ROOT), (FAIL, ESCALATION)].as_slice()),
        (r#""hostUsers": false"#, &[(FAIL, ESCALATION)]),
        (r#""hostUsers": ?"#, &[(UNKNOWN, "/hostUsers"), (FAIL, ESCALATION)]),
        (r#""os": "windows", "osSource": "os""#, &[(FAIL, ROOT)]),
        (r#""os": "windows", "osSource": "nodeSelector""#, &[(FAIL, ROOT), (FAIL, ESCALATION)]),
        (r#""os": ?, "osSource": "os""#, &[(FAIL, ROOT), (UNKNOWN, "/os")]),
        (r#""os": ?, "osSource": "nodeSelector""#, &[(FAIL, ROOT), (FAIL, ESCALATION)]),
    ] {
        expect("PS-011", "{}", &[(&POD.replace("MORE", more), expected)]);
    }
    // Before 1.25 and 1.35 nobody was, so nothing has to be known.
    expect(
        "PS-011",
        r#"{"pss_version": "v1.24"}"#,
        &[(&POD.replace("MORE", r#""hostUsers": ?, "os": ?"#), &[(FAIL, ROOT), (FAIL, ESCALATION)])],
    );
}

/// How often each version finds something in a pod that does everything wrong: the history of the
/// controls as the plugin's sources have it.
#[test]
fn every_version_has_its_controls() {
    const WRONG: &str = r#"{
        "hostNetwork": true,
        "annotations": {"seccomp.security.alpha.kubernetes.io/pod": "unconfined"},
        "sysctls": [{"name": "net.ipv4.ip_local_reserved_ports"}, {"name": "net.ipv4.tcp_fin_timeout"},
            {"name": "net.ipv4.tcp_rmem"}, {"name": "net.ipv4.tcp_notsent_lowat"}],
        "volumes": [{"name": "a", "type": "nfs"}, {"name": "b", "type": "image"}],
        "pod": {"securityContext": {"runAsUser": 0, "seccompProfile": {"type": "Unconfined"},
            "appArmorProfile": {"type": "Unconfined"}, "seLinuxOptions": {"type": "container_engine_t"}}},
        "containers": [{"name": "a", "procMount": "Unmasked", "capabilities": {"add": ["CHOWN"]},
            "probes": {"liveness": {"httpGet": {"host": "10.0.0.1"}}}}]}"#;
    for (version, baseline, restricted) in [
        // Host network, annotation, four sysctls, AppArmor, SELinux, /proc; and NFS, non-root.
        ("v1.0", 9, 11),
        ("v1.7", 9, 11),
        // Privilege escalation.
        ("v1.8", 9, 12),
        ("v1.18", 9, 12),
        // The field of seccomp instead of the annotation; it has to be stated.
        ("v1.19", 9, 13),
        // Capabilities.
        ("v1.22", 9, 15),
        // The user.
        ("v1.23", 9, 16),
        ("v1.26", 9, 16),
        // Sysctls become safe, and a type of SELinux.
        ("v1.27", 8, 15),
        ("v1.29", 7, 14),
        ("v1.31", 6, 13),
        ("v1.32", 5, 12),
        // Hosts of probes.
        ("v1.34", 6, 13),
        ("v1.36", 6, 13),
        ("v1.37", 5, 12),
        ("v1.38", 5, 12),
        ("latest", 5, 12),
    ] {
        let settings = format!(r#"{{"pss_version": "{version}"}}"#);
        let count = |rule: &str| judge(rule, &settings, WRONG).iter().filter(|(verdict, _)| *verdict == FAIL).count();
        assert_eq!((count("PS-010"), count("PS-011")), (baseline, restricted), "{version}");
    }
}

#[test]
fn a_version_that_cannot_be_is_refused() {
    for version in ["1.25", "v1.25.0", "v2.0", ""] {
        let settings = format!(r#"{{"pss_version": "{version}"}}"#);
        let refused = Case::workload("{}").setting("PS-010", &settings).try_judge(&PACK, "PS-010");
        assert!(refused.is_err(), "{version}");
    }
}
