//! What is an object, what it is called, what its body is, where it holds pod templates.

use verdikt_model::DocumentId;

use super::kubernetes;
use crate::Recognition;
use crate::kubernetes::{Settings, normalize};
use crate::workload::testing;

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
        (
            r#"{"apiVersion":"kubelet.config.k8s.io/v1beta1","kind":"KubeletConfiguration","readOnlyPort":0}"#,
            "/KubeletConfiguration.kubelet.config.k8s.io/",
        ),
        (
            r#"{"apiVersion":"node.eks.aws/v1alpha1","kind":"NodeConfig","spec":{"kubelet":{"config":{"readOnlyPort":10255},"flags":["--x"]}}}"#,
            "/NodeConfig.node.eks.aws/",
        ),
        (
            r#"{"apiVersion":"eksctl.io/v1alpha5","kind":"ClusterConfig","metadata":{"name":"c"}}"#,
            "/ClusterConfig.eksctl.io/c",
        ),
        (
            r#"{"apiVersion":"apiserver.config.k8s.io/v1","kind":"AdmissionConfiguration","plugins":[{"name":"PodSecurity","configuration":{"apiVersion":"pod-security.admission.config.k8s.io/v1","kind":"PodSecurityConfiguration"}}]}"#,
            "/AdmissionConfiguration.apiserver.config.k8s.io/",
        ),
        (
            r#"{"apiVersion":"apiserver.config.k8s.io/v1","kind":"EncryptionConfiguration","resources":[]}"#,
            "/EncryptionConfiguration.apiserver.config.k8s.io/",
        ),
        (
            r#"{"apiVersion":"pod-security.admission.config.k8s.io/v1","kind":"PodSecurityConfiguration"}"#,
            "/PodSecurityConfiguration.pod-security.admission.config.k8s.io/",
        ),
    ] {
        let outcome = kubernetes(object);
        assert_eq!(outcome.addresses(), [expected]);
        assert_eq!(outcome.problems(), [], "{object}");
        assert_eq!(outcome.recognition, Recognition::Documents(1));
        // Nothing of a configuration gets lost on the way to its rules.
        assert_eq!(outcome.drafts[0].tree.node(outcome.drafts[0].root).to_json(), object);
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
        (
            r#"{"apiVersion":"eksctl.io/v1alpha5","kind":"ClusterConfig","metadata":{"name":"c"}}"#,
            "/ClusterConfig.eksctl.io/c",
        ),
        (
            r#"{"apiVersion":"kubelet.config.k8s.io/v1beta1","kind":"KubeletConfiguration","metadata":{"name":"k"}}"#,
            "/KubeletConfiguration.kubelet.config.k8s.io/k",
        ),
    ] {
        let settings = Settings { namespace: Some("run"), ..Settings::default() };
        let outcome =
            testing::normalize(object, |parsed, out, diagnostics| normalize(parsed, settings, out, diagnostics));
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
            "a deployment of OpenShift, whose template has no containers yet",
            r#"{"apiVersion":"apps.openshift.io/v1","kind":"DeploymentConfig","metadata":{"name":"a"},"spec":{"template":{"spec":{"hostIPC":true,"containers":[]}}}}"#,
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
            "a template with another name",
            r#"{"apiVersion":"leaderworkerset.x-k8s.io/v1","kind":"LeaderWorkerSet","metadata":{"name":"a"},"spec":{"leaderWorkerTemplate":{"leaderTemplate":{"spec":{"containers":[{"name":"a"}]}},"workerTemplate":{"spec":{"containers":[{"name":"a"}]}}}}}"#,
            vec![
                "/spec/leaderWorkerTemplate/leaderTemplate/spec/containers",
                "/spec/leaderWorkerTemplate/workerTemplate/spec/containers",
            ],
        ),
        (
            "jobs in a set",
            r#"{"apiVersion":"jobset.x-k8s.io/v1alpha2","kind":"JobSet","metadata":{"name":"a"},"spec":{"replicatedJobs":[{"name":"x","template":{"spec":{"template":{"spec":{"containers":[{"name":"a","image":"b"}]}}}}}]}}"#,
            vec!["/spec/replicatedJobs/0/template/spec/template/spec/containers"],
        ),
        (
            "replicas of Kubeflow",
            r#"{"apiVersion":"kubeflow.org/v1","kind":"PyTorchJob","metadata":{"name":"a"},"spec":{"pytorchReplicaSpecs":{"Master":{"template":{"spec":{"containers":[{"name":"a","image":"b"}]}}}}}}"#,
            vec!["/spec/pytorchReplicaSpecs/Master/template/spec/containers"],
        ),
        (
            "tasks of Volcano",
            r#"{"apiVersion":"batch.volcano.sh/v1alpha1","kind":"Job","metadata":{"name":"a"},"spec":{"tasks":[{"name":"t","template":{"spec":{"containers":[{"name":"a","image":"b"}]}}}]}}"#,
            vec!["/spec/tasks/0/template/spec/containers"],
        ),
        (
            "a revision of Knative, which is a pod itself",
            r#"{"apiVersion":"serving.knative.dev/v1","kind":"Revision","metadata":{"name":"a"},"spec":{"containers":[{"image":"b"}]}}"#,
            vec!["/spec/containers"],
        ),
        (
            "sidecars of OpenKruise, and its jobs",
            r#"{"apiVersion":"apps.kruise.io/v1alpha1","kind":"SidecarSet","metadata":{"name":"a"},"spec":{"containers":[{"name":"a","image":"b","podInjectPolicy":"BeforeAppContainer"}]}}"#,
            vec!["/spec/containers"],
        ),
        (
            "a broadcast job on a schedule",
            r#"{"apiVersion":"apps.kruise.io/v1alpha1","kind":"AdvancedCronJob","metadata":{"name":"a"},"spec":{"template":{"broadcastJobTemplate":{"spec":{"template":{"spec":{"containers":[{"name":"a","image":"b"}]}}}}}}}"#,
            vec!["/spec/template/broadcastJobTemplate/spec/template/spec/containers"],
        ),
        (
            "a cron job in an object of a provider in a composition",
            r#"{"apiVersion":"apiextensions.crossplane.io/v1","kind":"Composition","metadata":{"name":"a"},"spec":{"resources":[{"base":{"apiVersion":"kubernetes.crossplane.io/v1alpha2","kind":"Object","spec":{"forProvider":{"manifest":{"apiVersion":"batch/v1","kind":"CronJob","spec":{"jobTemplate":{"spec":{"template":{"spec":{"containers":[{"name":"a"}]}}}}}}}}}}]}}"#,
            vec!["/spec/resources/0/base/spec/forProvider/manifest/spec/jobTemplate/spec/template/spec/containers"],
        ),
        (
            "a list in a list of objects, and what only names an object",
            r#"{"apiVersion":"x.io/v1","kind":"Set","metadata":{"name":"a"},"spec":{"target":{"apiVersion":"apps/v1","kind":"Deployment","name":"x"},"manifests":[{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"name":"a"}]}}]}]}}"#,
            vec!["/spec/manifests/0/items/0/spec/containers"],
        ),
        (
            "init containers, where the controller has the others",
            r#"{"apiVersion":"elasticsearch.k8s.elastic.co/v1","kind":"Elasticsearch","metadata":{"name":"a"},"spec":{"nodeSets":[{"podTemplate":{"spec":{"initContainers":[{"name":"sysctl","securityContext":{"privileged":true}}]}}}]}}"#,
            vec!["/spec/nodeSets/0/podTemplate/spec/initContainers"],
        ),
        (
            "init containers with images, wherever they are",
            r#"{"apiVersion":"monitoring.coreos.com/v1","kind":"Prometheus","metadata":{"name":"a"},"spec":{"initContainers":[{"name":"a","image":"b"}]}}"#,
            vec!["/spec/initContainers"],
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
fn a_template_that_only_takes_a_namespace_of_the_host_is_a_pod() {
    for (spec, workloads) in [
        (r#"{"podTemplate":{"spec":{"hostNetwork":true}}}"#, 1),
        (r#"{"podTemplate":{"spec":{"hostNetwork":"x"}}}"#, 0),
        (r#"{"podTemplate":{"spec":{"initContainers":[]}}}"#, 0),
        (r#"{"podTemplate":{"spec":{"initContainers":["a"]}}}"#, 0),
        (r#"{"pod":{"spec":{"hostNetwork":true}}}"#, 0),
    ] {
        let outcome =
            kubernetes(&format!(r#"{{"apiVersion":"x.io/v1","kind":"Y","metadata":{{"name":"a"}},"spec":{spec}}}"#));
        assert_eq!(outcome.workloads().len(), workloads, "{spec}");
        assert_eq!(outcome.problems(), [], "{spec}");
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
