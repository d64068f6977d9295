//! The workload of a pod template, field by field.

use verdikt_model::{Code, FileId, Span};

use super::{container, kubernetes, pod, unknown_pod};
use crate::kubernetes::{Settings, normalize};
use crate::workload::testing::{self, check_replacements, with_unknowns};

const UNKNOWN: &str = r#"{"$unknown":"why"}"#;

#[test]
fn pod_fields() {
    let outcome = kubernetes(
        r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop"},"spec":{"replicas":2,
            "template":{"metadata":{"labels":{"app":"web"},"annotations":{"a":"b"}},"spec":{
              "hostNetwork":false,"hostPID":true,"hostIPC":null,"hostUsers":false,"shareProcessNamespace":true,
              "runtimeClassName":"gvisor","serviceAccount":"old","automountServiceAccountToken":false,
              "nodeSelector":{"kubernetes.io/os":"windows"},"tolerations":[{"operator":"Exists"}],
              "affinity":{"podAffinity":{},"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[],
                "requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[
                  {"matchExpressions":[{"key":"k","operator":"In","values":["v"]}]}]}}},
              "imagePullSecrets":[{"name":"r"}],"priorityClassName":"high",
              "securityContext":{"fsGroup":2,"sysctls":[{"name":"a","value":"1"}]},
              "resources":{"limits":{"cpu":1}},
              "volumes":[{"name":"sock","hostPath":{"path":"/var/run"}},{"name":"t"},{"name":"s","secret":{"secretName":"x"}},
                {"name":"i","image":{"reference":"r.example/x:1"}},{"name":"two","emptyDir":{},"hostPath":{"path":"/"}}],
              "containers":[]}}}}"#,
    );
    assert_eq!(
        outcome.workload().to_json(),
        r#"{"platform":"kubernetes","kind":"Deployment","apiVersion":"apps/v1","name":"web","namespace":"shop","#
            .to_owned()
            + r#""labels":{"app":"web"},"annotations":{"a":"b"},"replicas":2,"os":"windows","osSource":"nodeSelector","#
            + r#""hostNetwork":false,"hostPID":true,"hostUsers":false,"shareProcessNamespace":true,"runtimeClass":"gvisor","#
            + r#""serviceAccount":"old","automountServiceAccountToken":false,"nodeSelector":{"kubernetes.io/os":"windows"},"#
            + r#""nodeSelectorTerms":[{"matchExpressions":[{"key":"k","operator":"In","values":["v"]}]}],"#
            + r#""tolerations":[{"operator":"Exists"}],"imagePullSecrets":[{"name":"r"}],"priorityClass":"high","#
            + r#""sysctls":[{"name":"a","value":"1"}],"#
            + r#""pod":{"securityContext":{"fsGroup":2,"sysctls":[{"name":"a","value":"1"}]},"resources":{"limits":{"cpu":1}}},"#
            + r#""resources":{"limits":{"cpu":1}},"#
            + r#""volumes":[{"name":"sock","type":"hostPath","source":{"path":"/var/run"},"hostPath":"/var/run"},{"name":"t"},"#
            + r#"{"name":"s","type":"secret","source":{"secretName":"x"}},"#
            + r#"{"name":"i","type":"image","source":{"reference":"r.example/x:1"},"#
            + r#""image":{"reference":"r.example/x:1","registry":"r.example","repository":"x","tag":"1"}},"#
            + r#"{"name":"two","type":"emptyDir","source":{}},"#
            + r#"{"name":"two","type":"hostPath","source":{"path":"/"},"hostPath":"/"}],"#
            + r#""containers":[]}"#
    );
    assert_eq!(outcome.problems(), []);
    for (pointer, source, origin) in [
        ("/hostPID", "true", "/spec/template/spec/hostPID"),
        ("/name", r#""web""#, "/metadata/name"),
        ("/os", r#""windows""#, "/spec/template/spec/nodeSelector/kubernetes.io~1os"),
        ("/sysctls/0/name", r#""a""#, "/spec/template/spec/securityContext/sysctls/0/name"),
        ("/volumes/0/hostPath", r#""/var/run""#, "/spec/template/spec/volumes/0/hostPath/path"),
        ("/volumes/3/image/tag", r#""r.example/x:1""#, "/spec/template/spec/volumes/3/image/reference"),
        ("/resources/limits/cpu", "1", "/spec/template/spec/resources/limits/cpu"),
    ] {
        assert_eq!(outcome.source(pointer), source, "{pointer}");
        assert_eq!(outcome.origin(pointer), origin, "{pointer}");
    }
    for (spec, expected) in [
        (r#"{"os":{"name":"linux"},"nodeSelector":{"kubernetes.io/os":"windows"}}"#, r#""linux" "os""#),
        (r#"{"os":null,"nodeSelector":{"kubernetes.io/os":"linux"}}"#, r#""linux" "nodeSelector""#),
        (r#"{"nodeSelector":{"a":"b"}}"#, " "),
        (r#"{"serviceAccountName":"new","serviceAccount":"old","os":{"name":"linux"}}"#, r#""linux" "os""#),
    ] {
        let outcome = pod(spec);
        assert_eq!(format!("{} {}", outcome.json("/os"), outcome.json("/osSource")), expected, "{spec}");
    }
    assert_eq!(pod(r#"{"serviceAccountName":"new","serviceAccount":"old"}"#).json("/serviceAccount"), r#""new""#);
}

#[test]
fn container_fields() {
    let outcome = container(
        r#","image":"nginx:1","imagePullPolicy":"Always","command":["a",null],"args":["b"],"workingDir":"/","stdin":true,"tty":false,
           "securityContext":{"privileged":true,"runAsUser":0,"runAsGroup":1e3,"runAsNonRoot":false,"allowPrivilegeEscalation":false,
             "readOnlyRootFilesystem":true,"procMount":"Default","capabilities":{"add":["NET_ADMIN"],"drop":null},
             "seccompProfile":{"type":"RuntimeDefault"},"appArmorProfile":{"type":"Localhost","localhostProfile":"p"},
             "seLinuxOptions":{"level":"s0"},"windowsOptions":{"hostProcess":false}},
           "resources":{"limits":{"memory":"1Gi","cpu":null},"requests":{"cpu":0.5}},
           "env":[{"name":"A","value":"b"},{"name":"C","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}],
           "envFrom":[{"secretRef":{"name":"s"}}],"ports":[{"containerPort":80,"hostPort":8080}],
           "volumeMounts":[{"name":"v","mountPath":"/m","readOnly":true}],"volumeDevices":[{"name":"d","devicePath":"/dev/x"}],
           "livenessProbe":{"httpGet":{"port":"http"}},"readinessProbe":null,"startupProbe":{"tcpSocket":{"port":1}},
           "lifecycle":{"preStop":{"exec":{"command":["x"]}}},"unheard":1"#,
        "",
    );
    assert_eq!(
        outcome.json("/containers/0"),
        r#"{"name":"app","role":"main","#.to_owned()
            + r#""image":{"reference":"nginx:1","registry":"docker.io","repository":"library/nginx","tag":"1"},"#
            + r#""imagePullPolicy":"Always","command":["a",""],"args":["b"],"workingDir":"/","stdin":true,"tty":false,"#
            + r#""privileged":true,"user":{"uid":0,"gid":1000},"runAsNonRoot":false,"allowPrivilegeEscalation":false,"#
            + r#""readOnlyRootFilesystem":true,"procMount":"Default","capabilities":{"add":["NET_ADMIN"]},"#
            + r#""seccompProfile":{"type":"RuntimeDefault"},"appArmorProfile":{"type":"Localhost","localhostProfile":"p"},"#
            + r#""seLinuxOptions":{"level":"s0"},"windowsOptions":{"hostProcess":false},"#
            + r#""resources":{"limits":{"memory":"1Gi"},"requests":{"cpu":0.5}},"#
            + r#""env":[{"name":"A","value":"b"},{"name":"C","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}],"#
            + r#""envFrom":[{"secretRef":{"name":"s"}}],"ports":[{"containerPort":80,"hostPort":8080}],"#
            + r#""mounts":[{"name":"v","mountPath":"/m","readOnly":true}],"devices":[{"name":"d","devicePath":"/dev/x"}],"#
            + r#""probes":{"liveness":{"httpGet":{"port":"http"}},"startup":{"tcpSocket":{"port":1}}},"#
            + r#""lifecycle":{"preStop":{"exec":{"command":["x"]}}}}"#
    );
    assert_eq!(outcome.problems(), []);
    for (pointer, source, origin) in [
        ("/containers/0/user/uid", "0", "/spec/containers/0/securityContext/runAsUser"),
        ("/containers/0/user/gid", "1e3", "/spec/containers/0/securityContext/runAsGroup"),
        ("/containers/0/image/tag", r#""nginx:1""#, "/spec/containers/0/image"),
        (
            "/containers/0/env/1/valueFrom/secretKeyRef/name",
            r#""s""#,
            "/spec/containers/0/env/1/valueFrom/secretKeyRef/name",
        ),
        ("/containers/0/probes/liveness", r#"{"httpGet":{"port":"http"}}"#, "/spec/containers/0/livenessProbe"),
    ] {
        assert_eq!(outcome.source(pointer), source, "{pointer}");
        assert_eq!(outcome.origin(pointer), origin, "{pointer}");
    }
    assert_eq!(outcome.origin("/containers/0/user"), "/spec/containers/0/securityContext");
    assert_eq!(outcome.origin("/containers/0/role"), "/spec/containers/0");
    assert_eq!(container(r#","image":"""#, "").json("/containers/0"), r#"{"name":"app","role":"main"}"#);
}

#[test]
fn roles_and_order_of_containers() {
    let outcome = pod(
        r#"{"containers":[{"name":"m"}],"ephemeralContainers":[{"name":"e","securityContext":{"privileged":true}}],
            "initContainers":[{"name":"i"},{"name":"s","restartPolicy":"Always"},{"name":"n","restartPolicy":"Never"}]}"#,
    );
    let roles: Vec<String> = (0..5)
        .map(|index| {
            outcome.json(&format!("/containers/{index}/name")) + &outcome.json(&format!("/containers/{index}/role"))
        })
        .collect();
    assert_eq!(roles, [r#""i""init""#, r#""s""sidecar""#, r#""n""init""#, r#""m""main""#, r#""e""ephemeral""#]);
    assert_eq!(outcome.json("/containers/4/privileged"), "true");
}

#[test]
fn containers_inherit_what_they_do_not_state() {
    let outcome = container(
        r#","securityContext":{"runAsUser":7,"seLinuxOptions":{"type":"t"},"windowsOptions":{"runAsUserName":"own"}}"#,
        r#","securityContext":{"runAsUser":0,"runAsGroup":5,"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"},
            "seLinuxOptions":{"level":"s0"},
            "windowsOptions":{"hostProcess":true,"runAsUserName":"pod","gmsaCredentialSpec":"g"}}"#,
    );
    assert_eq!(
        outcome.json("/containers/0"),
        r#"{"name":"app","role":"main","user":{"uid":7,"gid":5},"runAsNonRoot":true,"#.to_owned()
            + r#""seccompProfile":{"type":"RuntimeDefault"},"seLinuxOptions":{"type":"t"},"#
            + r#""windowsOptions":{"gmsaCredentialSpec":"g","runAsUserName":"own","hostProcess":true},"#
            + r#""inherited":{"user.gid":"pod","runAsNonRoot":"pod","seccompProfile":"pod","#
            + r#""windowsOptions.gmsaCredentialSpec":"pod","windowsOptions.hostProcess":"pod"}}"#
    );
    assert_eq!(outcome.source("/containers/0/user/gid"), "5");
    assert_eq!(outcome.origin("/containers/0/user/gid"), "/spec/securityContext/runAsGroup");
    assert_eq!(outcome.origin("/containers/0/seccompProfile/type"), "/spec/securityContext/seccompProfile/type");
    let inherited = outcome.at("/containers/0/user/gid").unwrap();
    let [step] = inherited.provenance() else { panic!("{:?}", inherited.provenance()) };
    assert_eq!((step.what.as_str(), step.span), ("pod level", inherited.span()));
    assert!(outcome.at("/containers/0/user/uid").unwrap().provenance().is_empty());
    for field in ["/runAsNonRoot", "/seccompProfile/type", "/windowsOptions/hostProcess"] {
        assert_eq!(outcome.provenance_of(0, &format!("/containers/0{field}")), ["pod level"], "{field}");
    }
    assert!(outcome.provenance_of(0, "/containers/0/windowsOptions/runAsUserName").is_empty());
    assert_eq!(outcome.origin("/containers/0/user"), "/spec/containers/0/securityContext");

    let outcome = container("", r#","securityContext":{"runAsUser":0}"#);
    assert_eq!(outcome.origin("/containers/0/user"), "/spec/securityContext");
    // No container ever inherits what only containers have.
    let outcome = container("", r#","securityContext":{"privileged":true,"capabilities":{"drop":["ALL"]}}"#);
    assert_eq!(outcome.json("/containers/0"), r#"{"name":"app","role":"main"}"#);
}

#[test]
fn app_armor_annotations_stand_between_container_and_pod() {
    let of = |annotation: &str, own: &str| {
        let outcome = kubernetes(&format!(
            r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"a","annotations":{{
                 "container.apparmor.security.beta.kubernetes.io/app":"{annotation}",
                 "container.apparmor.security.beta.kubernetes.io/other":"unconfined"}}}},
               "spec":{{"securityContext":{{"appArmorProfile":{{"type":"RuntimeDefault"}}}},"containers":[{{"name":"app"{own}}}]}}}}"#
        ));
        outcome.json("/containers/0/appArmorProfile") + &outcome.json("/containers/0/inherited/appArmorProfile")
    };
    let outcome = kubernetes(
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","annotations":{"container.apparmor.security.beta.kubernetes.io/app":"unconfined"}},"spec":{"containers":[{"name":"app"}]}}"#,
    );
    assert_eq!(outcome.provenance_of(0, "/containers/0/appArmorProfile/type"), ["annotation"]);
    assert_eq!(outcome.source("/containers/0/appArmorProfile/type"), r#""unconfined""#);
    assert_eq!(of("unconfined", ""), r#"{"type":"Unconfined"}"annotation""#);
    assert_eq!(of("runtime/default", ""), r#"{"type":"RuntimeDefault"}"annotation""#);
    assert_eq!(of("localhost/p", ""), r#"{"type":"Localhost","localhostProfile":"p"}"annotation""#);
    assert_eq!(of("nonsense", ""), r#"{"type":"RuntimeDefault"}"pod""#);
    assert_eq!(
        of("unconfined", r#","securityContext":{"appArmorProfile":{"type":"Localhost"}}"#),
        r#"{"type":"Localhost"}"#
    );
}

#[test]
fn wrong_types_are_unknown_and_reported_once() {
    for (members, spec, pointer, why, source) in [
        (
            r#","securityContext":{"privileged":"true"}"#,
            "",
            "/containers/0/privileged",
            "expected a boolean, found a string",
            r#""true""#,
        ),
        (
            r#","securityContext":{"runAsUser":"1000"}"#,
            "",
            "/containers/0/user/uid",
            "expected a whole number, found a string",
            r#""1000""#,
        ),
        (
            r#","securityContext":{"runAsUser":1.5}"#,
            "",
            "/containers/0/user/uid",
            "expected a whole number, found a number",
            "1.5",
        ),
        (r#","securityContext":[]"#, "", "/containers/0/privileged", "expected a map, found a list", "[]"),
        (
            "",
            r#","securityContext":{"runAsUser":"0"}"#,
            "/containers/0/user/uid",
            "expected a whole number, found a string",
            r#""0""#,
        ),
        ("", r#","securityContext":true"#, "/containers/0/runAsNonRoot", "expected a map, found a boolean", "true"),
        ("", r#","securityContext":true"#, "/pod/securityContext", "expected a map, found a boolean", "true"),
        (
            "",
            r#","securityContext":{"windowsOptions":1}"#,
            "/containers/0/windowsOptions",
            "expected a map, found a number",
            "1",
        ),
        (
            r#","securityContext":{"windowsOptions":1}"#,
            r#","securityContext":{"windowsOptions":{"hostProcess":true}}"#,
            "/containers/0/windowsOptions",
            "expected a map, found a number",
            "1",
        ),
        (
            r#","env":[{"name":"A","value":8080}]"#,
            "",
            "/containers/0/env/0/value",
            "expected a string, found a number",
            "8080",
        ),
        (r#","image":5"#, "", "/containers/0/image/reference", "expected a string, found a number", "5"),
        (r#","command":"sh""#, "", "/containers/0/command", "expected a list, found a string", r#""sh""#),
        ("", r#","hostNetwork":"yes""#, "/hostNetwork", "expected a boolean, found a string", r#""yes""#),
        ("", r#","nodeSelector":{"kubernetes.io/os":1}"#, "/os", "expected a string, found a number", "1"),
        (
            "",
            r#","volumes":[{"name":"a","hostPath":"/"}]"#,
            "/volumes/0/hostPath",
            "expected a map, found a string",
            r#""/""#,
        ),
        ("", r#","volumes":[null]"#, "/volumes/0", "expected a map, found null", "null"),
        ("", r#","volumes":{}"#, "/volumes", "expected a list, found a map", "{}"),
        ("", r#","initContainers":[7]"#, "/containers/0", "expected a map, found a number", "7"),
    ] {
        let outcome = container(members, spec);
        assert_eq!(outcome.json(pointer), format!(r#"{{"$unknown":"wrong type: {why}"}}"#), "{members}{spec}");
        assert_eq!(outcome.problems(), [("wrong-type", source)], "{members}{spec}");
        assert_eq!(outcome.source(pointer), source, "{members}{spec}");
    }
    let message = &container(r#","securityContext":{"privileged":"true"}"#, "").diagnostics[0].message;
    assert_eq!(
        message,
        "`privileged` must be a boolean, but it is a string (\"true\"). Kubernetes refuses the document; what this \
         field decides is unknown."
    );
}

#[test]
fn wrong_types_in_custom_resources_are_unknown_and_not_reported() {
    let outcome = kubernetes(
        r#"{"apiVersion":"x.io/v1","kind":"Y","metadata":{"name":"a"},"spec":{"replicas":"many","template":{"spec":{"hostPID":"yes","containers":[{"image":"b"}]}}}}"#,
    );
    assert_eq!(outcome.json("/hostPID"), r#"{"$unknown":"wrong type: expected a boolean, found a string"}"#);
    assert_eq!(outcome.problems(), []);
}

#[test]
fn placeholders_are_unknown_where_they_cannot_stay() {
    let outcome = container(
        r#","image":"registry.example/${APP}:${TAG}","args":["-c","echo ${HOME}"],"securityContext":{"privileged":"${PRIVILEGED}"}"#,
        r#","hostNetwork":"{{ host }}""#,
    );
    let unknown = r#"{"$unknown":"a placeholder that is filled in before the platform sees it"}"#;
    for pointer in
        ["/containers/0/image/reference", "/containers/0/image/tag", "/containers/0/privileged", "/hostNetwork"]
    {
        assert_eq!(outcome.json(pointer), unknown, "{pointer}");
    }
    assert_eq!(outcome.json("/containers/0/args/1"), r#""echo ${HOME}""#);
    assert_eq!(outcome.problems(), []);
}

#[test]
fn unknown_values_stay_where_they_are() {
    let with_ref = r#"{"$unknown":"why","$ref":"var.x"}"#;
    let app = r#""containers":[{"name":"app"}]"#;
    for (spec, pointer, expected) in [
        (format!(r#"{{"hostPID":"<why>",{app}}}"#), "/hostPID", with_ref),
        (format!(r#"{{"securityContext":"<why>",{app}}}"#), "/pod/securityContext", with_ref),
        (format!(r#"{{"securityContext":"<why>",{app}}}"#), "/containers/0/user/uid", UNKNOWN),
        (format!(r#"{{"securityContext":"<why>",{app}}}"#), "/containers/0/windowsOptions", UNKNOWN),
        (format!(r#"{{"securityContext":"<why>",{app}}}"#), "/sysctls", UNKNOWN),
        (format!(r#"{{"securityContext":"<why>",{app}}}"#), "/containers/0/privileged", ""),
        (format!(r#"{{"securityContext":{{"runAsUser":"<why>"}},{app}}}"#), "/containers/0/user/uid", with_ref),
        (
            r#"{"securityContext":"<why>","containers":[{"name":"app","securityContext":{"runAsUser":1}}]}"#.into(),
            "/containers/0/user",
            r#"{"uid":1,"gid":{"$unknown":"why"}}"#,
        ),
        (
            r#"{"securityContext":{"runAsUser":1},"containers":[{"name":"app","securityContext":"<why>"}]}"#.into(),
            "/containers/0/user/uid",
            UNKNOWN,
        ),
        (r#"{"containers":[{"name":"app","securityContext":"<why>"}]}"#.into(), "/containers/0/privileged", UNKNOWN),
        (r#"{"containers":"<why>"}"#.into(), "/containers", with_ref),
        (r#"{"containers":["<why>",{"name":"a"}]}"#.into(), "/containers/0", with_ref),
        (r#"{"containers":["<why>",{"name":"a"}]}"#.into(), "/containers/1/name", r#""a""#),
        (r#"{"containers":"<why>","initContainers":[{"name":"a"}]}"#.into(), "/containers/1", with_ref),
        (
            r#"{"containers":[{"image":"<why>"}]}"#.into(),
            "/containers/0/image",
            r#"{"reference":{"$unknown":"why","$ref":"var.x"},"registry":{"$unknown":"why"},"repository":{"$unknown":"why"},"tag":{"$unknown":"why"},"digest":{"$unknown":"why"}}"#,
        ),
        (r#"{"containers":[{"env":[{"name":"a","value":"<why>"}]}]}"#.into(), "/containers/0/env/0/value", with_ref),
        (r#"{"containers":[],"initContainers":[{"restartPolicy":"<why>"}]}"#.into(), "/containers/0/role", with_ref),
        (r#"{"nodeSelector":"<why>"}"#.into(), "/os", UNKNOWN),
        (r#"{"volumes":[{"name":"v","hostPath":"<why>"}]}"#.into(), "/volumes/0/hostPath", UNKNOWN),
        (r#""<why>""#.into(), "/containers", UNKNOWN),
        (r#""<why>""#.into(), "/hostNetwork", UNKNOWN),
    ] {
        let outcome = unknown_pod(&spec);
        assert_eq!(outcome.json(pointer), expected, "{pointer} of {spec}");
        assert_eq!(outcome.problems(), [], "{spec}");
    }
    let outcome = unknown_pod(r#"{"securityContext":"<why>","containers":[{"name":"app"}]}"#);
    assert_eq!(outcome.source("/containers/0/user/uid"), r#""<why>""#);
    assert_eq!(outcome.origin("/containers/0/user/uid"), "/spec/securityContext");
    assert_eq!(outcome.json("/containers/0/inherited/user.uid"), r#""pod""#);
}

#[test]
fn what_is_inherited_cannot_grow_without_bound() {
    let level = "x".repeat(100_000);
    let containers = vec!["{}"; 1_000].join(",");
    let outcome = pod(&format!(
        r#"{{"securityContext":{{"seLinuxOptions":{{"level":"{level}"}}}},"containers":[{containers}]}}"#
    ));
    assert_eq!(
        outcome.json("/containers/999/seLinuxOptions"),
        r#"{"$unknown":"too large to be repeated in every container"}"#
    );
    let [diagnostic] = &outcome.diagnostics[..] else { panic!("{:?}", outcome.diagnostics) };
    assert_eq!(diagnostic.code, Code::TooManyNodes);
    assert!(outcome.workload().to_json().len() < 1_000_000);
}

#[test]
fn places_of_synthetic_nodes_are_real() {
    let outcome = container(r#","image":"x""#, "");
    let root = outcome.workload();
    assert_eq!(root.span(), outcome.drafts[0].span);
    assert!(root.span().contains(Span::new(FileId(0), 1, 2)));
}

#[test]
fn nothing_is_lost_whatever_a_node_is() {
    let text = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{
        "os":{"name":"linux"},"nodeSelector":{"a":"b"},
        "affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[
          {"matchExpressions":[{"key":"k","operator":"In","values":["v"]}],"matchFields":[{"key":"f"}]}]}}},
        "hostNetwork":false,"hostPID":true,"hostIPC":false,"hostUsers":false,"shareProcessNamespace":true,
        "runtimeClassName":"gvisor","serviceAccountName":"a","automountServiceAccountToken":false,
        "tolerations":[{"key":"a","tolerationSeconds":1}],"imagePullSecrets":[{"name":"r"}],"priorityClassName":"high",
        "securityContext":{"runAsUser":1,"runAsGroup":2,"runAsNonRoot":true,"fsGroup":2,"supplementalGroups":[3],
          "sysctls":[{"name":"a","value":"1"}],"seccompProfile":{"type":"Localhost","localhostProfile":"p"},
          "appArmorProfile":{"type":"Unconfined"},"seLinuxOptions":{"level":"s0"},"windowsOptions":{"hostProcess":true}},
        "resources":{"limits":{"cpu":1},"requests":{"memory":"1Gi"}},
        "volumes":[{"name":"h","hostPath":{"path":"/"}},{"name":"i","image":{"reference":"a/b:1"}},{"name":"o","x":{"y":[1]}}],
        "initContainers":[{"name":"i","restartPolicy":"Always"}],
        "containers":[{"name":"app","image":"nginx:1","imagePullPolicy":"Always","command":["a"],"args":["b"],
          "workingDir":"/","stdin":true,"tty":false,
          "securityContext":{"privileged":true,"runAsUser":0,"runAsGroup":1,"runAsNonRoot":false,
            "allowPrivilegeEscalation":false,"readOnlyRootFilesystem":true,"procMount":"Default",
            "capabilities":{"add":["A"],"drop":["ALL"]},"seccompProfile":{"type":"RuntimeDefault"},
            "appArmorProfile":{"type":"Unconfined"},"seLinuxOptions":{"level":"s0"},
            "windowsOptions":{"hostProcess":false,"gmsaCredentialSpec":"g"}},
          "resources":{"limits":{"memory":"1Gi"}},
          "env":[{"name":"A","value":"b"},{"name":"C","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}],
          "envFrom":[{"secretRef":{"name":"s"}}],"ports":[{"containerPort":80}],
          "volumeMounts":[{"name":"v","readOnly":true}],"volumeDevices":[{"name":"d"}],
          "livenessProbe":{"httpGet":{"port":"http"}},"readinessProbe":{"exec":{"command":["x"]}},
          "startupProbe":{"tcpSocket":{"port":1}},"lifecycle":{"preStop":{"sleep":{"seconds":1}}}}],
        "ephemeralContainers":[{"name":"e","securityContext":{"privileged":true}}]}}"#;
    let outcome = |text: &str| {
        testing::normalize(text, |parsed, out, diagnostics| {
            normalize(&with_unknowns(parsed), Settings::default(), out, diagnostics)
        })
    };
    check_replacements(text, "/spec", outcome);
}
