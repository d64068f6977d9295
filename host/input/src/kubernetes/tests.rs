//! Objects in, documents and workloads out.

use verdikt_model::{Code, DocumentId, FileId, Span};

use crate::Recognition;
use crate::workload::testing::{Outcome, normalize, with_unknowns};

fn kubernetes(text: &str) -> Outcome {
    normalize(text, |parsed, out, diagnostics| super::normalize(parsed, None, out, diagnostics))
}

/// A Pod with this spec.
fn pod(spec: &str) -> Outcome {
    kubernetes(&format!(r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"web"}},"spec":{spec}}}"#))
}

/// A Pod with one container of these members and these other members of the spec.
fn container(members: &str, spec: &str) -> Outcome {
    pod(&format!(r#"{{"containers":[{{"name":"app"{members}}}]{spec}}}"#))
}

/// Like [`pod`], where strings `<why>` are unknown values.
fn unknown_pod(spec: &str) -> Outcome {
    let text = format!(r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"web"}},"spec":{spec}}}"#);
    normalize(&text, |parsed, out, diagnostics| super::normalize(&with_unknowns(parsed), None, out, diagnostics))
}

const UNKNOWN: &str = r#"{"$unknown":"why"}"#;

#[test]
fn addresses() {
    for (object, expected) in [
        (r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"}}"#, "/Pod/web"),
        (
            r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"api","namespace":"shop"}}"#,
            "shop/Deployment/api",
        ),
        (
            r#"{"apiVersion":"argoproj.io/v1alpha1","kind":"Rollout","metadata":{"name":"api","namespace":"shop"}}"#,
            "shop/Rollout.argoproj.io/api",
        ),
        (
            r#"{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"a:b"}}"#,
            "/ClusterRole/a:b",
        ),
        (
            r#"{"apiVersion":"gateway.networking.k8s.io/v1","kind":"Gateway","metadata":{"name":"g"}}"#,
            "/Gateway.gateway.networking.k8s.io/g",
        ),
        (r#"{"apiVersion":"batch/v1","kind":"Job","metadata":{"generateName":"migrate-"}}"#, "/Job/migrate-"),
        (r#"{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"","generateName":"migrate-"}}"#, "/Job/migrate-"),
        (r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":""}}"#, "/Pod/web"),
        (
            r#"{"apiVersion":"kustomize.config.k8s.io/v1beta1","kind":"Kustomization"}"#,
            "/Kustomization.kustomize.config.k8s.io/",
        ),
        (r#"{"apiVersion":"v1","kind":"Config","clusters":[]}"#, "/Config/"),
    ] {
        let outcome = kubernetes(object);
        assert_eq!(outcome.addresses(), [expected]);
        assert_eq!(outcome.problems(), [], "{object}");
        assert_eq!(outcome.recognition, Recognition::Documents(1));
    }
}

#[test]
fn the_namespace_of_the_run_fills_the_envelope_of_namespaced_objects() {
    for (object, expected) in [
        (r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"}}"#, "run/Pod/web"),
        (r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":null}}"#, "run/Pod/web"),
        (r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"own"}}"#, "own/Pod/web"),
        (r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"web"}}"#, "/Namespace/web"),
        (r#"{"apiVersion":"x.io/v1","kind":"Namespace","metadata":{"name":"web"}}"#, "run/Namespace.x.io/web"),
        (r#"{"apiVersion":"x.io/v1","kind":"Settings"}"#, "/Settings.x.io/"),
    ] {
        let outcome =
            normalize(object, |parsed, out, diagnostics| super::normalize(parsed, Some("run"), out, diagnostics));
        assert_eq!(outcome.addresses(), [expected]);
        let body = outcome.drafts[0].tree.node(outcome.drafts[0].root);
        assert_eq!(body.to_json(), object, "the body stays as it is");
    }
}

#[test]
fn what_is_not_ours_and_what_lacks_half_of_its_type() {
    for (text, recognized) in [
        (r#"{"name":"chart","apiVersion":"v2"}"#, false),
        (r#"{"kind":"role","version":"v3","metadata":{"name":"x"},"spec":{}}"#, false),
        (r#"{"apiVersion":"v1","metadata":{"name":"x"}}"#, true),
        (r#"{"kind":"Deployment","metadata":{"name":"x"},"spec":{}}"#, true),
        (r#"[{"apiVersion":"v1","kind":"Pod"}]"#, false),
        (r#"{"apiVersion":1,"kind":"Pod"}"#, false),
        ("null", false),
    ] {
        let outcome = kubernetes(text);
        assert_eq!(matches!(outcome.recognition, Recognition::Documents(_)), recognized, "{text}");
    }
    let outcome = kubernetes(r#"{"apiVersion":"v1","metadata":{"name":"x"}}"#);
    assert_eq!(outcome.problems(), [("missing-field", r#""apiVersion""#)]);
    assert!(outcome.drafts.is_empty());
    let outcome = kubernetes(r#"{"kind":"Pod","metadata":{"name":"x"},"spec":{"containers":[]}}"#);
    assert_eq!(outcome.problems(), [("missing-field", r#""kind""#)]);
    assert_eq!(outcome.drafts.len(), 2, "it is judged all the same");
}

#[test]
fn names_and_namespaces_of_wrong_types() {
    for (object, address, problems) in [
        (r#"{"apiVersion":"v1","kind":"Pod"}"#, "/Pod/", vec![("missing-field", r#""kind""#)]),
        (r#"{"apiVersion":"v1","kind":"Pod","metadata":{}}"#, "/Pod/", vec![("missing-field", "{}")]),
        (r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":12}}"#, "/Pod/12", vec![("wrong-type", "12")]),
        (
            r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":7}}"#,
            "/Pod/a",
            vec![("wrong-type", "7")],
        ),
        (
            r#"{"apiVersion":"v1","kind":"Pod","metadata":"a"}"#,
            "/Pod/",
            vec![("wrong-type", r#""a""#), ("missing-field", r#""kind""#)],
        ),
    ] {
        // A spec makes a workload, which must not report the same again.
        let object = object.strip_suffix('}').unwrap().to_owned() + r#","spec":{"containers":[]}}"#;
        let outcome = kubernetes(&object);
        assert_eq!(outcome.addresses(), [address], "{object}");
        assert_eq!(outcome.problems(), problems, "{object}");
        assert_eq!(outcome.workloads().len(), 1);
    }
}

#[test]
fn lists_are_split() {
    let outcome = kubernetes(
        r#"{"apiVersion":"v1","kind":"List","items":[
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[]}},
            {"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Secret","metadata":{"name":"b"}}]},
            {"metadata":{"name":"c"}}, 7
        ]}"#,
    );
    assert_eq!(outcome.addresses(), ["/Pod/a", "/Secret/b"]);
    assert_eq!(outcome.recognition, Recognition::Documents(2));
    assert_eq!(outcome.workloads()[0].origin, Some(0));
    assert_eq!(outcome.problems(), [("missing-field", r#"{"metadata":{"name":"c"}}"#), ("wrong-type", "7")]);

    let outcome = kubernetes(
        r#"{"apiVersion":"apps/v1","kind":"DeploymentList","items":[
            {"metadata":{"name":"a"},"spec":{"template":{"spec":{"containers":[]}}},"status":{"x":1}}]}"#,
    );
    assert_eq!(outcome.addresses(), ["/Deployment/a"]);
    let body = outcome.drafts[0].tree.node(outcome.drafts[0].root);
    assert_eq!(
        body.to_json(),
        r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{"template":{"spec":{"containers":[]}}}}"#
    );
    assert_eq!(outcome.json("/kind"), r#""Deployment""#);
    assert_eq!(outcome.source("/kind"), r#""DeploymentList""#);
    assert_eq!(outcome.origin("/kind"), "/kind");
    assert_eq!(outcome.origin("/containers"), "/spec/template/spec/containers");

    for (text, addresses) in [
        (r#"{"apiVersion":"v1","kind":"List"}"#, vec![]),
        (r#"{"apiVersion":"v1","kind":"PodList","items":null}"#, vec![]),
        (r#"{"apiVersion":"x.io/v1","kind":"AllowList","metadata":{"name":"a"},"spec":{}}"#, vec!["/AllowList.x.io/a"]),
    ] {
        let outcome = kubernetes(text);
        assert_eq!(outcome.addresses(), addresses, "{text}");
        assert_eq!(outcome.problems(), []);
    }
    assert_eq!(kubernetes(r#"{"apiVersion":"v1","kind":"List","items":{}}"#).problems(), [("wrong-type", "{}")]);
}

#[test]
fn what_the_cluster_writes_is_left_out() {
    let outcome = kubernetes(
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"managedFields":[1],"name":"a"},"spec":{"containers":[{"name":"x","privileged":1}],"hostPID":true},"status":{"phase":"x"}}"#,
    );
    let body = outcome.drafts[0].tree.node(outcome.drafts[0].root);
    assert!(body.get("status").is_none());
    assert_eq!(body.get("metadata").unwrap().to_json(), r#"{"name":"a"}"#);
    assert_eq!(outcome.origin("/hostPID"), "/spec/hostPID", "origins are in the body, not in the text");
    assert_eq!(outcome.source("/hostPID"), "true");
}

#[test]
fn built_in_kinds_have_their_template_at_a_known_place() {
    for (api_version, kind, spec, pointer) in [
        ("apps/v1", "Deployment", r#"{"template":POD}"#, "/spec/template/spec/hostPID"),
        ("apps/v1", "StatefulSet", r#"{"template":POD}"#, "/spec/template/spec/hostPID"),
        ("apps/v1", "DaemonSet", r#"{"template":POD}"#, "/spec/template/spec/hostPID"),
        ("apps/v1", "ReplicaSet", r#"{"template":POD}"#, "/spec/template/spec/hostPID"),
        ("v1", "ReplicationController", r#"{"template":POD}"#, "/spec/template/spec/hostPID"),
        ("batch/v1", "Job", r#"{"template":POD}"#, "/spec/template/spec/hostPID"),
        ("extensions/v1beta1", "Deployment", r#"{"template":POD}"#, "/spec/template/spec/hostPID"),
        (
            "batch/v1",
            "CronJob",
            r#"{"jobTemplate":{"spec":{"template":POD}}}"#,
            "/spec/jobTemplate/spec/template/spec/hostPID",
        ),
    ] {
        let template = r#"{"metadata":{"labels":{"app":"x"}},"spec":{"hostPID":true}}"#;
        let spec = spec.replace("POD", template);
        let outcome = kubernetes(&format!(
            r#"{{"apiVersion":"{api_version}","kind":"{kind}","metadata":{{"name":"a","labels":{{"no":"no"}}}},"spec":{spec}}}"#
        ));
        assert_eq!(outcome.json("/hostPID"), "true", "{kind}");
        assert_eq!(outcome.origin("/hostPID"), pointer, "{kind}");
        assert_eq!(outcome.json("/labels"), r#"{"app":"x"}"#, "{kind}");
        assert_eq!(outcome.json("/kind"), format!("\"{kind}\""));
        let draft = outcome.workloads()[0];
        assert_eq!((draft.kind.as_str(), draft.origin), (kind, Some(0)));
        assert_eq!(draft.address, format!("/{kind}/a"));
    }
    let outcome = kubernetes(
        r#"{"apiVersion":"v1","kind":"PodTemplate","metadata":{"name":"a"},"template":{"spec":{"hostPID":true}}}"#,
    );
    assert_eq!(outcome.origin("/hostPID"), "/template/spec/hostPID");
}

#[test]
fn objects_without_a_pod_spec_have_no_workload() {
    for object in [
        r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{"replicas":3}}"#,
        r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"}}"#,
        r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"containers":[{"name":"a","image":"b"}]}}"#,
        r#"{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"a"},"spec":{"containers":[{"name":"a","image":"b"}]}}"#,
        r#"{"apiVersion":"kyverno.io/v1","kind":"ClusterPolicy","metadata":{"name":"a"},"spec":{"rules":[{"validate":{"pattern":{"spec":{"containers":[{"name":"*","image":"*"}]}}}}]}}"#,
        r#"{"apiVersion":"x.io/v1","kind":"Y","metadata":{"name":"a"},"spec":{"containers":[{"name":"a"}]}}"#,
        r#"{"apiVersion":"x.io/v1","kind":"Y","metadata":{"name":"a"},"spec":{"containers":["a"]}}"#,
        r#"{"apiVersion":"x.io/v1","kind":"Y","metadata":{"name":"a"},"spec":{"containers":[]}}"#,
    ] {
        let outcome = kubernetes(object);
        assert_eq!(outcome.workloads().len(), 0, "{object}");
        assert_eq!(outcome.problems(), []);
    }
}

#[test]
fn pod_specs_of_custom_resources_are_found_by_shape() {
    for (name, object, origins) in [
        (
            "a rollout",
            r#"{"apiVersion":"argoproj.io/v1alpha1","kind":"Rollout","metadata":{"name":"a"},"spec":{"template":{"metadata":{"labels":{"app":"x"}},"spec":{"containers":[{"name":"a","image":"b"}]}}}}"#,
            vec!["/spec/template/spec/containers"],
        ),
        (
            "a service of Knative, whose containers have no name",
            r#"{"apiVersion":"serving.knative.dev/v1","kind":"Service","metadata":{"name":"a"},"spec":{"template":{"spec":{"containers":[{"image":"b"}]}}}}"#,
            vec!["/spec/template/spec/containers"],
        ),
        (
            "several templates",
            r#"{"apiVersion":"x.io/v1","kind":"Cluster","metadata":{"name":"a"},"spec":{"groups":[{"template":{"spec":{"containers":[{"name":"a"}]}}},{"podSpec":{"containers":[{"name":"a","image":"b"},{"name":"c"}]}}]}}"#,
            vec!["/spec/groups/0/template/spec/containers", "/spec/groups/1/podSpec/containers"],
        ),
        (
            "objects inside",
            r#"{"apiVersion":"template.openshift.io/v1","kind":"Template","metadata":{"name":"a"},"objects":[{"apiVersion":"apps/v1","kind":"Deployment","spec":{"template":{"spec":{"containers":[{"name":"a","image":"b"}]}}}}]}"#,
            vec!["/objects/0/spec/template/spec/containers"],
        ),
    ] {
        let outcome = kubernetes(object);
        let found: Vec<String> = outcome
            .workloads()
            .iter()
            .map(|draft| {
                let node = draft.tree.node(draft.root).get("containers").unwrap();
                let (document, origin) = node.origin().unwrap();
                assert_eq!(document, DocumentId(0));
                outcome.drafts[0].tree.node(origin).pointer_from(outcome.drafts[0].root).unwrap().to_string()
            })
            .collect();
        assert_eq!(found, origins, "{name}");
        assert_eq!(outcome.drafts.len(), origins.len() + 1);
    }
}

#[test]
fn the_search_for_pod_specs_is_bounded() {
    let deep = |levels: usize| {
        let inner = r#"{"containers":[{"name":"a","image":"b"}]}"#;
        let spec = (0..levels).fold(inner.to_owned(), |inner, _| format!(r#"{{"x":{inner}}}"#));
        kubernetes(&format!(r#"{{"apiVersion":"x.io/v1","kind":"Y","metadata":{{"name":"a"}},"spec":{spec}}}"#))
    };
    assert_eq!(deep(20).workloads().len(), 1);
    assert_eq!(deep(100).workloads().len(), 0);
}

#[test]
fn pod_fields() {
    let outcome = kubernetes(
        r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop"},"spec":{"replicas":2,
            "template":{"metadata":{"labels":{"app":"web"},"annotations":{"a":"b"}},"spec":{
              "hostNetwork":false,"hostPID":true,"hostIPC":null,"hostUsers":false,"shareProcessNamespace":true,
              "runtimeClassName":"gvisor","serviceAccount":"old","automountServiceAccountToken":false,
              "nodeSelector":{"kubernetes.io/os":"windows"},"tolerations":[{"operator":"Exists"}],
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
        r#"{"apiVersion":"x.io/v1","kind":"Y","metadata":{"name":"a"},"spec":{"replicas":"${N}","template":{"spec":{"hostPID":"${B}","containers":[{"image":"b"}]}}}}"#,
    );
    assert_eq!(outcome.json("/hostPID"), r#"{"$unknown":"wrong type: expected a boolean, found a string"}"#);
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
            r#"{"reference":{"$unknown":"why","$ref":"var.x"}}"#,
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
