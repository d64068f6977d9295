//! Task definitions in, documents and workloads out.

use verdikt_model::NodeRef;

use crate::Recognition;
use crate::workload::testing::{Outcome, check_replacements, normalize, with_unknowns};

fn ecs(text: &str) -> Outcome {
    normalize(text, super::normalize)
}

/// A definition with one container of these members and these other members of the task.
fn container(members: &str, task: &str) -> Outcome {
    ecs(&format!(r#"{{"family":"web","containerDefinitions":[{{"name":"app"{members}}}]{task}}}"#))
}

#[test]
fn forms() {
    for (text, families, body) in [
        (r#"{"family":"web","containerDefinitions":[]}"#, vec!["web"], r#"{"family":"web","containerDefinitions":[]}"#),
        (
            r#"{"taskDefinition":{"family":"web","containerDefinitions":[],"status":"ACTIVE"},"tags":[{"key":"a","value":"b"}]}"#,
            vec!["web"],
            r#"{"family":"web","containerDefinitions":[],"status":"ACTIVE","tags":[{"key":"a","value":"b"}]}"#,
        ),
        (
            r#"[{"family":"a","containerDefinitions":[]},{"taskDefinition":{"family":"b","containerDefinitions":[]}}]"#,
            vec!["a", "b"],
            "",
        ),
        (
            r#"[{"name":"a","image":"b"},{"name":"c","image":"d","essential":true}]"#,
            vec![""],
            r#"{"containerDefinitions":[{"name":"a","image":"b"},{"name":"c","image":"d","essential":true}]}"#,
        ),
    ] {
        let outcome = ecs(text);
        assert_eq!(outcome.addresses(), families, "{text}");
        assert_eq!(outcome.recognition, Recognition::Documents(families.len()));
        assert_eq!(outcome.drafts.len(), 2 * families.len(), "each has a workload");
        assert_eq!(outcome.problems(), [], "{text}");
        let first = &outcome.drafts[0];
        assert_eq!(first.kind, "TaskDefinition");
        if !body.is_empty() {
            assert_eq!(first.tree.node(first.root).to_json(), body);
        }
    }
}

#[test]
fn what_is_not_ours() {
    for text in [
        "null",
        "[]",
        r#"{"family":"web"}"#,
        r#"{"containerDefinitions":"x"}"#,
        r#"{"taskDefinition":"arn:aws:ecs:…"}"#,
        r#"[{"name":"a","image":"b"}]"#,
        r#"[{"name":"a","image":"b","essential":true},{"name":"c"}]"#,
        r#"[{"name":"a","image":"b","memory":1,"cpu":1,"command":[]}]"#,
        r#"[{"family":"a"},{}]"#,
    ] {
        assert!(matches!(ecs(text).recognition, Recognition::NotOurs { .. }), "{text}");
    }
}

#[test]
fn a_mistake_in_a_list_does_not_hide_its_neighbors() {
    for wrong in ["{}", "null", "7", r#"{"taskDefinition":null}"#, r#"{"family":"b"}"#] {
        let outcome = ecs(&format!(r#"[{wrong},{{"family":"a","containerDefinitions":[]}}]"#));
        assert_eq!(outcome.addresses(), ["a"], "{wrong}");
        assert_eq!(outcome.problems(), [("missing-field", wrong)]);
    }
}

#[test]
fn other_letter_case_is_unknown() {
    for (members, pointer, place) in [
        (r#","Privileged":true"#, "/containers/0/privileged", "true"),
        (r#","privileged":false,"PRIVILEGED":true"#, "/containers/0/privileged", "true"),
        (r#","Privileged":true,"privileged":false"#, "/containers/0/privileged", "true"),
        (r#","readOnlyRootFilesystem":true"#, "/containers/0/readOnlyRootFilesystem", "true"),
        (r#","User":"0""#, "/containers/0/user", r#""0""#),
        (r#","linuxParameters":{"Capabilities":{"add":[]}}"#, "/containers/0/capabilities", r#"{"add":[]}"#),
        (r#","mountPoints":[{"readonly":true}]"#, "/containers/0/mounts/0/readOnly", "true"),
    ] {
        let outcome = container(members, "");
        assert!(outcome.at(pointer).is_some_and(NodeRef::is_unknown), "{members}");
        assert_eq!(outcome.source(pointer), place, "{members}");
        assert!(outcome.problems().iter().all(|(code, _)| *code == "unknown-property"), "{members}");
        assert_eq!(outcome.problems().len(), 1, "{members}");
    }
    let outcome = container(r#","dockerLabels":{"User":"a"}"#, r#","PidMode":"host","Revision":1"#);
    assert_eq!(outcome.problems(), [("unknown-property", r#""PidMode""#)]);
    assert!(outcome.at("/hostPID").is_some_and(NodeRef::is_unknown));
}

#[test]
fn families() {
    for (text, family, problems) in [
        (r#"{"containerDefinitions":[]}"#, "", vec![("missing-field", r#"{"containerDefinitions":[]}"#)]),
        (r#"{"family":7,"containerDefinitions":[]}"#, "7", vec![("wrong-type", "7")]),
        (r#"{"family":"a","containerDefinitions":{}}"#, "a", vec![("wrong-type", "{}")]),
    ] {
        let outcome = ecs(text);
        assert_eq!(outcome.addresses(), [family], "{text}");
        assert_eq!(outcome.problems(), problems, "{text}");
    }
}

#[test]
fn task_fields() {
    let outcome = ecs(
        r#"{"family":"web","taskRoleArn":"t","executionRoleArn":"e","networkMode":"host","pidMode":"task","ipcMode":null,
            "requiresCompatibilities":["EC2","FARGATE"],"cpu":"256","memory":"1 GB","tags":[{"key":"a","value":"b"}],
            "runtimePlatform":{"operatingSystemFamily":"WINDOWS_SERVER_2022_CORE"},
            "volumes":[{"name":"sock","host":{"sourcePath":"/var/run"}},{"name":"own","host":{}},
              {"name":"efs","host":{"sourcePath":""},"efsVolumeConfiguration":{"fileSystemId":"fs"}},{"name":"later","configuredAtLaunch":true}],
            "containerDefinitions":[]}"#,
    );
    assert_eq!(
        outcome.workload().to_json(),
        r#"{"platform":"ecs","kind":"TaskDefinition","name":"web","labels":{"a":"b"},"os":"windows","osSource":"runtimePlatform","#
            .to_owned()
            + r#""compatibilities":["EC2","FARGATE"],"fargate":false,"hostNetwork":true,"hostPID":false,"#
            + r#""networkMode":"host","pidMode":"task","taskRole":"t","executionRole":"e","#
            + r#""resources":{"limits":{"memory":"1024Mi","cpu":"250m"}},"#
            + r#""volumes":[{"name":"sock","type":"hostPath","source":{"sourcePath":"/var/run"},"hostPath":"/var/run"},"#
            + r#"{"name":"own","type":"emptyDir","source":{}},"#
            + r#"{"name":"efs","type":"efsVolumeConfiguration","source":{"fileSystemId":"fs"}},{"name":"later"}],"#
            + r#""containers":[]}"#
    );
    assert_eq!(outcome.problems(), []);
    for (pointer, source, origin) in [
        ("/hostNetwork", r#""host""#, "/networkMode"),
        ("/resources/limits/memory", r#""1 GB""#, "/memory"),
        ("/volumes/0/hostPath", r#""/var/run""#, "/volumes/0/host/sourcePath"),
        ("/os", r#""WINDOWS_SERVER_2022_CORE""#, "/runtimePlatform/operatingSystemFamily"),
        ("/labels/a", r#""b""#, "/tags/0/value"),
        ("/fargate", r#"["EC2","FARGATE"]"#, "/requiresCompatibilities"),
    ] {
        assert_eq!(outcome.source(pointer), source, "{pointer}");
        assert_eq!(outcome.origin(pointer), origin, "{pointer}");
    }
    for (task, pointer, expected) in [
        (r#","requiresCompatibilities":["FARGATE"]"#, "/fargate", "true"),
        (r#","requiresCompatibilities":[]"#, "/fargate", "false"),
        ("", "/fargate", ""),
        (r#","cpu":512"#, "/resources/limits/cpu", r#""500m""#),
        (r#","cpu":".5 vCPU","memory":2048"#, "/resources/limits", r#"{"memory":"2048Mi","cpu":"500m"}"#),
        (r#","runtimePlatform":{"operatingSystemFamily":"LINUX"}"#, "/os", r#""linux""#),
        (r#","runtimePlatform":{"cpuArchitecture":"ARM64"}"#, "/os", ""),
    ] {
        let outcome = container("", task);
        assert_eq!(outcome.json(pointer), expected, "{task}");
        assert_eq!(outcome.problems(), []);
    }
}

#[test]
fn container_fields() {
    let outcome = container(
        r#","image":"nginx","essential":true,"entryPoint":["sh"],"command":["-c","x"],"workingDirectory":"/","interactive":true,
           "pseudoTerminal":false,"privileged":true,"user":"1000:app","readonlyRootFilesystem":true,
           "dockerSecurityOptions":["no-new-privileges:true"],
           "linuxParameters":{"capabilities":{"add":["SYS_ADMIN"],"drop":["ALL"]},"devices":[{"hostPath":"/dev/x"}]},
           "systemControls":[{"namespace":"net.a","value":"1"}],"memory":256,"memoryReservation":128,"cpu":512,
           "environment":[{"name":"A","value":"b"}],"secrets":[{"name":"S","valueFrom":"arn:x"}],
           "environmentFiles":[{"value":"arn:f","type":"s3"}],"portMappings":[{"containerPort":80,"hostPort":0}],
           "mountPoints":[{"sourceVolume":"v","containerPath":"/m","readOnly":true}],"healthCheck":{"command":["CMD","x"],"interval":30},
           "logConfiguration":{"logDriver":"awslogs","options":{"a":"b"},"secretOptions":[{"name":"n","valueFrom":"arn"}]},
           "firelensConfiguration":{"type":"fluentbit","options":{"enable-ecs-log-metadata":"true"}}"#,
        "",
    );
    assert_eq!(
        outcome.json("/containers/0"),
        r#"{"name":"app","role":"main","essential":true,"#.to_owned()
            + r#""image":{"reference":"nginx","registry":"docker.io","repository":"library/nginx"},"#
            + r#""command":["sh"],"args":["-c","x"],"workingDir":"/","stdin":true,"tty":false,"privileged":true,"#
            + r#""user":{"uid":1000,"group":"app"},"allowPrivilegeEscalation":false,"readOnlyRootFilesystem":true,"#
            + r#""capabilities":{"add":["SYS_ADMIN"],"drop":["ALL"]},"securityOptions":["no-new-privileges:true"],"#
            + r#""sysctls":[{"name":"net.a","value":"1"}],"#
            + r#""resources":{"limits":{"memory":"256Mi"},"requests":{"memory":"128Mi","cpu":"500m"}},"#
            + r#""env":[{"name":"A","value":"b"},{"name":"S","valueFrom":{"secret":"arn:x"}}],"#
            + r#""envFrom":[{"file":{"value":"arn:f","type":"s3"}}],"ports":[{"containerPort":80,"hostPort":0}],"#
            + r#""mounts":[{"name":"v","mountPath":"/m","readOnly":true}],"devices":[{"hostPath":"/dev/x"}],"#
            + r#""probes":{"health":{"command":["CMD","x"],"interval":30}},"#
            + r#""logging":{"driver":"awslogs","options":{"a":"b"},"secretOptions":[{"name":"n","valueFrom":"arn"}]},"#
            + r#""logRouter":{"type":"fluentbit","options":{"enable-ecs-log-metadata":"true"}}}"#
    );
    assert_eq!(outcome.problems(), []);
    for (pointer, source, origin) in [
        ("/containers/0/user/uid", r#""1000:app""#, "/containerDefinitions/0/user"),
        (
            "/containers/0/allowPrivilegeEscalation",
            r#""no-new-privileges:true""#,
            "/containerDefinitions/0/dockerSecurityOptions/0",
        ),
        ("/containers/0/resources/limits/memory", "256", "/containerDefinitions/0/memory"),
        ("/containers/0/env/1/valueFrom/secret", r#""arn:x""#, "/containerDefinitions/0/secrets/0/valueFrom"),
        ("/containers/0/mounts/0/mountPath", r#""/m""#, "/containerDefinitions/0/mountPoints/0/containerPath"),
        ("/containers/0/logging/driver", r#""awslogs""#, "/containerDefinitions/0/logConfiguration/logDriver"),
    ] {
        assert_eq!(outcome.source(pointer), source, "{pointer}");
        assert_eq!(outcome.origin(pointer), origin, "{pointer}");
    }
}

#[test]
fn users() {
    for (user, expected) in [
        ("0", r#"{"uid":0}"#),
        ("00", r#"{"uid":0}"#),
        ("+0", r#"{"uid":0}"#),
        ("root", r#"{"name":"root"}"#),
        ("1000:1000", r#"{"uid":1000,"gid":1000}"#),
        ("app:staff", r#"{"name":"app","group":"staff"}"#),
        ("1000:", r#"{"uid":1000}"#),
        (":5", r#"{"gid":5}"#),
        ("-1", r#"{"name":"-1"}"#),
        ("99999999999999999999", r#"{"name":"99999999999999999999"}"#),
        ("", ""),
        (":", ""),
    ] {
        assert_eq!(container(&format!(r#","user":"{user}""#), "").json("/containers/0/user"), expected, "{user}");
    }
}

#[test]
fn privilege_escalation_is_stated_by_one_option_only() {
    for (options, expected) in [
        (r#"["no-new-privileges"]"#, "false"),
        (r#"["label:x","no-new-privileges=true"]"#, "false"),
        (r#"["no-new-privileges:false"]"#, ""),
        ("[]", ""),
    ] {
        let outcome = container(&format!(r#","dockerSecurityOptions":{options}"#), "");
        assert_eq!(outcome.json("/containers/0/allowPrivilegeEscalation"), expected, "{options}");
    }
}

#[test]
fn wrong_types_are_unknown_and_reported_once() {
    for (members, task, pointer, why, source) in [
        (r#","privileged":"true""#, "", "/containers/0/privileged", "expected a boolean, found a string", r#""true""#),
        (
            r#","memory":"256""#,
            "",
            "/containers/0/resources/limits/memory",
            "expected a whole number, found a string",
            r#""256""#,
        ),
        (r#","cpu":-1"#, "", "/containers/0/resources/requests/cpu", "expected a whole number, found a number", "-1"),
        (r#","user":1000"#, "", "/containers/0/user", "expected a string, found a number", "1000"),
        (r#","environment":{}"#, "", "/containers/0/env", "expected a list, found a map", "{}"),
        (
            r#","environment":[{"name":"A","value":1}]"#,
            "",
            "/containers/0/env/0/value",
            "expected a string, found a number",
            "1",
        ),
        (
            r#","dockerSecurityOptions":"x""#,
            "",
            "/containers/0/allowPrivilegeEscalation",
            "expected a list, found a string",
            r#""x""#,
        ),
        (r#","linuxParameters":[]"#, "", "/containers/0/capabilities", "expected a map, found a list", "[]"),
        ("", r#","networkMode":1"#, "/hostNetwork", "expected a string, found a number", "1"),
        ("", r#","requiresCompatibilities":"FARGATE""#, "/fargate", "expected a list, found a string", r#""FARGATE""#),
        ("", r#","tags":{}"#, "/labels", "expected a list, found a map", "{}"),
        (
            "",
            r#","volumes":[{"name":"a","host":"/"}]"#,
            "/volumes/0/hostPath",
            "expected a map, found a string",
            r#""/""#,
        ),
        ("", r#","cpu":true"#, "/resources/limits/cpu", "expected a string, found a boolean", "true"),
    ] {
        let outcome = container(members, task);
        assert_eq!(outcome.json(pointer), format!(r#"{{"$unknown":"wrong type: {why}"}}"#), "{members}{task}");
        assert_eq!(outcome.problems(), [("wrong-type", source)], "{members}{task}");
        assert_eq!(outcome.source(pointer), source, "{members}{task}");
    }
    let outcome = container("", r#","memory":"lots""#);
    assert_eq!(outcome.json("/resources/limits/memory"), r#"{"$unknown":"`memory` is not a size"}"#);
    assert_eq!(outcome.problems(), [("wrong-type", r#""lots""#)]);
    assert!(outcome.diagnostics[0].message.contains("`lots` is not. Amazon ECS refuses"));
}

#[test]
fn placeholders_are_unknown_where_they_cannot_stay() {
    let outcome = container(
        r#","image":"<IMAGE1_NAME>","user":"${RUN_AS}","memory":"${MEMORY}","environment":[{"name":"A","value":"${B}"}]"#,
        r#","networkMode":"{{ mode }}""#,
    );
    let unknown = r#"{"$unknown":"a placeholder that is filled in before the platform sees it"}"#;
    for pointer in
        ["/containers/0/image/tag", "/containers/0/user", "/containers/0/resources/limits/memory", "/hostNetwork"]
    {
        assert_eq!(outcome.json(pointer), unknown, "{pointer}");
    }
    assert_eq!(outcome.json("/containers/0/env/0/value"), r#""${B}""#);
    assert_eq!(outcome.problems(), []);
}

#[test]
fn unknown_values_stay_where_they_are() {
    const UNKNOWN: &str = r#"{"$unknown":"why"}"#;
    const WITH_REFERENCE: &str = r#"{"$unknown":"why","$ref":"var.x"}"#;
    for (members, pointer, expected) in [
        (r#""containerDefinitions":"<why>""#, "/containers", WITH_REFERENCE),
        (r#""containerDefinitions":["<why>",{"name":"a"}]"#, "/containers/0", WITH_REFERENCE),
        (r#""containerDefinitions":["<why>",{"name":"a"}]"#, "/containers/1/name", r#""a""#),
        (r#""containerDefinitions":[{"privileged":"<why>"}]"#, "/containers/0/privileged", WITH_REFERENCE),
        (r#""containerDefinitions":[{"user":"<why>"}]"#, "/containers/0/user", WITH_REFERENCE),
        (r#""containerDefinitions":[{"memory":"<why>"}]"#, "/containers/0/resources/limits/memory", WITH_REFERENCE),
        (r#""containerDefinitions":[{"linuxParameters":"<why>"}]"#, "/containers/0/capabilities", UNKNOWN),
        (r#""containerDefinitions":[{"linuxParameters":"<why>"}]"#, "/containers/0/devices", UNKNOWN),
        (r#""containerDefinitions":[{"logConfiguration":"<why>"}]"#, "/containers/0/logging/driver", UNKNOWN),
        (
            r#""containerDefinitions":[{"dockerSecurityOptions":["<why>"]}]"#,
            "/containers/0/allowPrivilegeEscalation",
            r#"{"$unknown":"an element of `dockerSecurityOptions` is not known"}"#,
        ),
        (
            r#""containerDefinitions":[{"dockerSecurityOptions":["<why>","no-new-privileges"]}]"#,
            "/containers/0/allowPrivilegeEscalation",
            "false",
        ),
        (
            r#""containerDefinitions":[{"environment":"<why>","secrets":[{"name":"a","valueFrom":"b"}]}]"#,
            "/containers/0/env",
            r#"[{"$unknown":"why","$ref":"var.x"},{"name":"a","valueFrom":{"secret":"b"}}]"#,
        ),
        (r#""containerDefinitions":[],"networkMode":"<why>""#, "/hostNetwork", WITH_REFERENCE),
        (r#""containerDefinitions":[],"memory":"<why>""#, "/resources/limits/memory", WITH_REFERENCE),
        (r#""containerDefinitions":[],"runtimePlatform":"<why>""#, "/os", UNKNOWN),
        (
            r#""containerDefinitions":[],"requiresCompatibilities":["FARGATE","<why>"]"#,
            "/fargate",
            r#"{"$unknown":"an element of `requiresCompatibilities` is not known"}"#,
        ),
        (r#""containerDefinitions":[],"requiresCompatibilities":["EC2","<why>"]"#, "/fargate", "false"),
        (r#""containerDefinitions":[],"volumes":[{"name":"v","host":"<why>"}]"#, "/volumes/0/hostPath", UNKNOWN),
        (r#""containerDefinitions":[],"tags":[{"key":"<why>","value":"x"}]"#, "/labels", WITH_REFERENCE),
        (r#""containerDefinitions":[],"tags":[{"key":"a","value":"<why>"}]"#, "/labels/a", WITH_REFERENCE),
    ] {
        let text = format!(r#"{{"family":"web",{members}}}"#);
        let outcome =
            normalize(&text, |parsed, out, diagnostics| super::normalize(&with_unknowns(parsed), out, diagnostics));
        assert_eq!(outcome.json(pointer), expected, "{pointer} of {members}");
        assert_eq!(outcome.problems(), [], "{members}");
    }
}

#[test]
fn nothing_is_lost_whatever_a_node_is() {
    let text = r#"{"family":"web","task":{
        "taskRoleArn":"t","executionRoleArn":"e","networkMode":"host","pidMode":"task","ipcMode":"none",
        "requiresCompatibilities":["EC2"],"cpu":"256","memory":"512","tags":[{"key":"a","value":"b"}],
        "runtimePlatform":{"operatingSystemFamily":"LINUX"},
        "volumes":[{"name":"h","host":{"sourcePath":"/"}},{"name":"e","efsVolumeConfiguration":{"fileSystemId":"fs"}}],
        "containerDefinitions":[{"name":"app","image":"nginx","essential":true,"entryPoint":["sh"],"command":["x"],
          "workingDirectory":"/","interactive":true,"pseudoTerminal":false,"privileged":true,"user":"0",
          "readonlyRootFilesystem":true,"dockerSecurityOptions":["label:x"],
          "linuxParameters":{"capabilities":{"add":["A"],"drop":["ALL"]},"devices":[{"hostPath":"/dev/x","permissions":["read"]}]},
          "systemControls":[{"namespace":"a","value":"1"}],"memory":256,"memoryReservation":128,"cpu":512,
          "environment":[{"name":"A","value":"b"}],"secrets":[{"name":"S","valueFrom":"arn"}],
          "environmentFiles":[{"value":"f","type":"s3"}],"portMappings":[{"containerPort":80}],
          "mountPoints":[{"sourceVolume":"v","containerPath":"/m","readOnly":true}],
          "healthCheck":{"command":["x"],"interval":30},
          "logConfiguration":{"logDriver":"l","options":{"a":"b"},"secretOptions":[{"name":"n","valueFrom":"a"}]},
          "firelensConfiguration":{"type":"fluentd","options":{"a":"b"}}}]}}"#;
    // The members of the task stand in a map of their own, so that none of them replaces the definition.
    let outcome = |text: &str| {
        let text = text.replacen(r#""task":{"#, r#""#, 1);
        normalize(text.strip_suffix('}').unwrap(), |parsed, out, diagnostics| {
            super::normalize(&with_unknowns(parsed), out, diagnostics)
        })
    };
    for member in [
        "taskRoleArn",
        "executionRoleArn",
        "networkMode",
        "pidMode",
        "ipcMode",
        "requiresCompatibilities",
        "cpu",
        "memory",
        "tags",
        "runtimePlatform",
        "volumes",
        "containerDefinitions",
    ] {
        check_replacements(text, &format!("/task/{member}"), outcome);
    }
}
