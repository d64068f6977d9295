//! Resources of the Kubernetes providers, as configurations and plans have them.

use verdikt_model::Platform;

use crate::support::{addresses, at, find, folder, json, notes, problems, source, text};

const DEPLOYMENT: &str = r#"resource "kubernetes_deployment_v1" "web" {
  wait_for_rollout = false
  metadata {
    name   = "web"
    labels = { "app.kubernetes.io/name" = "web" }
  }
  spec {
    replicas = "3"
    selector {
      match_labels = { app = "web" }
    }
    strategy {
      type = "RollingUpdate"
      rolling_update { max_unavailable = "25%" }
    }
    template {
      metadata {
        labels = { app = "web" }
      }
      spec {
        host_network         = true
        service_account_name = "web"
        image_pull_secrets { name = "registry" }
        security_context {
          run_as_user = 1000
          fs_group    = "2000"
          sysctl {
            name  = "net.core.somaxconn"
            value = "1"
          }
        }
        init_container {
          name  = "init"
          image = "busybox"
        }
        container {
          name              = "app"
          image             = "nginx:1.27"
          image_pull_policy = ""
          command           = ["nginx"]
          port {
            container_port = 80
            host_port      = 0
          }
          env {
            name  = "A"
            value = "b"
          }
          env {
            name = "SECRET"
            value_from {
              secret_key_ref {
                name = "s"
                key  = "k"
              }
            }
          }
          env_from {
            config_map_ref { name = "c" }
          }
          security_context {
            run_as_user = "0"
            capabilities {
              add  = ["NET_ADMIN"]
              drop = ["ALL"]
            }
          }
          liveness_probe {
            http_get {
              path = "/"
              port = 8080
              http_header {
                name  = "X"
                value = "y"
              }
            }
          }
          resources {
            limits = { cpu = "1", memory = "1Gi" }
          }
          volume_mount {
            name       = "host"
            mount_path = "/host"
          }
        }
        volume {
          name = "host"
          host_path { path = "/var/run" }
        }
        volume {
          name = "all"
          projected {
            default_mode = "0444"
            sources {
              secret { name = "s" }
              config_map {
                name = "c"
                items {
                  key  = "k"
                  path = "p"
                  mode = "0400"
                }
              }
            }
          }
        }
        toleration {
          key                = "k"
          toleration_seconds = "60"
        }
      }
    }
  }
}
"#;

#[test]
fn blocks_become_the_object_that_the_provider_sends() {
    let loaded = folder(&[("main.tf", DEPLOYMENT)]);
    assert_eq!(problems(&loaded), Vec::<String>::new());
    let object = find(&loaded, Platform::Kubernetes, "kubernetes_deployment_v1.web");
    assert_eq!(
        (object.kind.as_str(), object.namespace.as_deref(), object.name.as_str()),
        ("Deployment", Some("default"), "web")
    );
    for (pointer, expected) in [
        ("/apiVersion", r#""apps/v1""#),
        ("/metadata", r#"{"labels":{"app.kubernetes.io/name":"web"},"name":"web","namespace":"default"}"#),
        ("/spec/replicas", "3"),
        ("/spec/selector", r#"{"matchLabels":{"app":"web"}}"#),
        ("/spec/strategy", r#"{"rollingUpdate":{"maxUnavailable":"25%"},"type":"RollingUpdate"}"#),
        ("/spec/template/metadata", r#"{"labels":{"app":"web"}}"#),
        ("/spec/template/spec/hostNetwork", "true"),
        ("/spec/template/spec/automountServiceAccountToken", "true"),
        ("/spec/template/spec/imagePullSecrets", r#"[{"name":"registry"}]"#),
        (
            "/spec/template/spec/securityContext",
            r#"{"fsGroup":2000,"runAsUser":1000,"sysctls":[{"name":"net.core.somaxconn","value":"1"}],"runAsNonRoot":false}"#,
        ),
        ("/spec/template/spec/initContainers", r#"[{"image":"busybox","name":"init"}]"#),
        ("/spec/template/spec/containers/0/ports", r#"[{"containerPort":80}]"#),
        (
            "/spec/template/spec/containers/0/env",
            r#"[{"name":"A","value":"b"},{"name":"SECRET","valueFrom":{"secretKeyRef":{"key":"k","name":"s"}}}]"#,
        ),
        ("/spec/template/spec/containers/0/envFrom", r#"[{"configMapRef":{"name":"c"}}]"#),
        (
            "/spec/template/spec/containers/0/securityContext",
            r#"{"capabilities":{"add":["NET_ADMIN"],"drop":["ALL"]},"runAsUser":0,"allowPrivilegeEscalation":true,"privileged":false,"readOnlyRootFilesystem":false,"runAsNonRoot":false}"#,
        ),
        (
            "/spec/template/spec/containers/0/livenessProbe",
            r#"{"httpGet":{"httpHeaders":[{"name":"X","value":"y"}],"path":"/","port":8080}}"#,
        ),
        ("/spec/template/spec/containers/0/resources", r#"{"limits":{"cpu":"1","memory":"1Gi"}}"#),
        ("/spec/template/spec/volumes/0", r#"{"hostPath":{"path":"/var/run"},"name":"host"}"#),
        (
            "/spec/template/spec/volumes/1/projected",
            r#"{"defaultMode":292,"sources":[{"configMap":{"items":[{"key":"k","mode":256,"path":"p"}],"name":"c"}},{"secret":{"name":"s"}}]}"#,
        ),
        ("/spec/template/spec/tolerations", r#"[{"key":"k","tolerationSeconds":60}]"#),
    ] {
        assert_eq!(json(object, pointer), expected, "{pointer}");
    }
    assert!(
        object
            .body()
            .path(&["spec", "template", "spec", "containers"])
            .unwrap()
            .item(0)
            .unwrap()
            .get("imagePullPolicy")
            .is_none()
    );
    assert_eq!(source(&loaded.sources, object, "/spec/template/spec/volumes/0/hostPath/path"), r#""/var/run""#);
    let workload = find(&loaded, Platform::Workload, "kubernetes_deployment_v1.web");
    assert_eq!(json(workload, "/containers/1/name"), r#""app""#);
    assert_eq!(json(workload, "/containers/1/user/uid"), "0");
    assert_eq!(workload.origin, Some(object.id));
}

#[test]
fn objects_of_other_kinds() {
    let main = r#"
resource "kubernetes_namespace" "shop" {
  metadata {
    name   = "shop"
    labels = { "pod-security.kubernetes.io/enforce" = "baseline" }
  }
}
resource "kubernetes_secret" "s" {
  metadata {
    name      = "s"
    namespace = "shop"
  }
  data = { password = "hunter2" }
  type = "Opaque"
}
resource "kubernetes_cluster_role_binding" "b" {
  metadata { name = "b" }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "cluster-admin"
  }
  subject {
    kind = "ServiceAccount"
    name = "web"
  }
}
resource "kubernetes_role" "r" {
  metadata { name = "r" }
  rule {
    api_groups = [""]
    resources  = ["pods"]
    verbs      = ["*"]
  }
}
resource "kubernetes_network_policy" "n" {
  metadata { name = "n" }
  spec {
    pod_selector {}
    policy_types = ["Ingress"]
    ingress {
      from {
        namespace_selector { match_labels = { a = "b" } }
      }
      ports {
        port     = "8080"
        protocol = "TCP"
      }
    }
  }
}
resource "kubernetes_service_account" "a" {
  metadata { name = "a" }
  image_pull_secret { name = "x" }
}
resource "kubernetes_persistent_volume" "v" {
  metadata { name = "v" }
  spec {
    capacity     = { storage = "1Gi" }
    access_modes = ["ReadWriteOnce"]
    persistent_volume_source {
      host_path { path = "/data" }
    }
  }
}
resource "kubernetes_cron_job_v1" "c" {
  metadata { name = "c" }
  spec {
    schedule = "* * * * *"
    job_template {
      metadata {}
      spec {
        template {
          metadata {}
          spec {
            container {
              name  = "c"
              image = "i"
              security_context { privileged = true }
            }
          }
        }
      }
    }
  }
}
resource "kubernetes_labels" "l" {
  api_version = "v1"
  kind        = "Namespace"
  metadata { name = "default" }
  labels = { "pod-security.kubernetes.io/enforce" = "restricted" }
}
resource "kubernetes_manifest" "m" {
  manifest = {
    apiVersion = "v1"
    kind       = "Pod"
    metadata   = { name = "m", namespace = "shop" }
    spec       = { hostPID = true, containers = [{ name = "a", image = "b" }] }
  }
}
resource "random_thing" "x" {}
resource "kubernetes_manifest" "late" {
  manifest = random_thing.x.result
}
resource "kubectl_manifest" "y" {
  yaml_body = <<-YAML
    apiVersion: v1
    kind: Pod
    metadata: {name: why}
    spec: {hostIPC: yes, containers: [{name: a}]}
  YAML
}
resource "helm_release" "chart" {
  name  = "chart"
  chart = "nginx"
}
"#;
    let loaded = folder(&[("k8s/main.tf", main)]);
    assert_eq!(problems(&loaded), Vec::<String>::new());
    for (address, kind, pointer, expected) in [
        (
            "kubernetes_namespace.shop",
            "Namespace",
            "/metadata/labels",
            r#"{"pod-security.kubernetes.io/enforce":"baseline"}"#,
        ),
        ("kubernetes_secret.s", "Secret", "/stringData", r#"{"password":"hunter2"}"#),
        (
            "kubernetes_cluster_role_binding.b",
            "ClusterRoleBinding",
            "/subjects",
            r#"[{"kind":"ServiceAccount","name":"web","namespace":"default"}]"#,
        ),
        ("kubernetes_role.r", "Role", "/rules", r#"[{"apiGroups":[""],"resources":["pods"],"verbs":["*"]}]"#),
        (
            "kubernetes_network_policy.n",
            "NetworkPolicy",
            "/spec",
            r#"{"ingress":[{"from":[{"namespaceSelector":{"matchLabels":{"a":"b"}}}],"ports":[{"port":8080,"protocol":"TCP"}]}],"podSelector":{},"policyTypes":["Ingress"]}"#,
        ),
        ("kubernetes_service_account.a", "ServiceAccount", "/automountServiceAccountToken", "true"),
        ("kubernetes_service_account.a", "ServiceAccount", "/imagePullSecrets", r#"[{"name":"x"}]"#),
        (
            "kubernetes_persistent_volume.v",
            "PersistentVolume",
            "/spec",
            r#"{"accessModes":["ReadWriteOnce"],"capacity":{"storage":"1Gi"},"hostPath":{"path":"/data"}}"#,
        ),
        (
            "kubernetes_cron_job_v1.c",
            "CronJob",
            "/spec/jobTemplate/spec/template/spec/containers/0/securityContext/privileged",
            "true",
        ),
        (
            "kubernetes_labels.l",
            "Namespace",
            "/metadata/labels",
            r#"{"pod-security.kubernetes.io/enforce":"restricted"}"#,
        ),
        ("kubernetes_manifest.m", "Pod", "/spec/hostPID", "true"),
        ("kubectl_manifest.y", "Pod", "/spec/hostIPC", "true"),
    ] {
        let object = find(&loaded, Platform::Kubernetes, address);
        assert_eq!(object.kind, kind);
        assert_eq!(json(object, pointer), expected, "{address} {pointer}");
        assert_eq!(object.is_patch, address == "kubernetes_labels.l");
    }
    let secret = find(&loaded, Platform::Kubernetes, "kubernetes_secret.s");
    assert!(at(secret, "/stringData/password").is_sensitive());
    for address in ["kubernetes_cron_job_v1.c", "kubernetes_manifest.m", "kubectl_manifest.y"] {
        find(&loaded, Platform::Workload, address);
    }
    let notes = notes(&loaded);
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(
        notes[0].contains("`kubernetes_manifest.late` holds a Kubernetes object that cannot be known"),
        "{notes:?}"
    );
    assert!(notes[1].starts_with("k8s/main.tf:113: `helm_release.chart` installs a Helm chart"), "{notes:?}");
    assert!(addresses(&loaded).contains(&"terraform kubernetes_manifest kubernetes_manifest.late".to_owned()));
    // It may be a pod, so that no rule passes it.
    let late = find(&loaded, Platform::Workload, "kubernetes_manifest.late");
    assert!(at(late, "/containers").is_unknown());
}

#[test]
fn objects_of_unknown_kind_are_judged_by_their_shape() {
    let text = r#"
        variable "daemon" {}
        resource "kubernetes_manifest" "m" {
          manifest = {
            apiVersion = "apps/v1"
            kind       = var.daemon ? "DaemonSet" : "Deployment"
            metadata   = { name = "x" }
            spec       = { template = { spec = { containers = [{ name = "a", securityContext = { privileged = true } }] } } }
          }
        }
        resource "kubectl_manifest" "m" {
          yaml_body = jsonencode({
            apiVersion = "v1"
            kind       = "Pod"
            metadata   = { name = var.daemon }
            spec       = { containers = [{ name = "a", securityContext = { privileged = true } }] }
          })
        }
    "#;
    let loaded = folder(&[("main.tf", text)]);
    for address in ["kubernetes_manifest.m", "kubectl_manifest.m"] {
        let workload = find(&loaded, Platform::Workload, address);
        assert_eq!(json(workload, "/containers/0/privileged"), "true", "{address}");
    }
}

#[test]
fn a_plan_gives_the_same_object_as_the_configuration() {
    let plan = r#"{"format_version": "1.2", "planned_values": {"root_module": {"resources": [{
      "address": "kubernetes_pod.p", "mode": "managed", "type": "kubernetes_pod", "name": "p",
      "values": {
        "metadata": [{"name": "p", "generate_name": null, "labels": null, "namespace": "default"}], "timeouts": null, "target_state": null,
        "spec": [{"automount_service_account_token": true, "host_network": false, "host_pid": false, "dns_config": [], "node_selector": null,
          "restart_policy": "Always", "volume": [], "init_container": [],
          "container": [{"name": "a", "image": "i", "args": null, "port": [], "working_dir": null, "env": [],
            "security_context": [{"allow_privilege_escalation": true, "privileged": true, "read_only_root_filesystem": false,
              "run_as_non_root": null, "run_as_user": null, "capabilities": []}]}]}]
      }}]}},
      "resource_changes": [{"address": "kubernetes_pod.p", "change": {"actions": ["create"], "after_unknown": {
        "id": true, "metadata": [{"generation": true, "resource_version": true, "uid": true}],
        "spec": [{"container": [{"image_pull_policy": true, "resources": true, "security_context": [{"capabilities": []}]}], "hostname": true}]}}}]}"#;
    let planned = text("plan.json", plan);
    assert_eq!(problems(&planned), Vec::<String>::new());
    let object = find(&planned, Platform::Kubernetes, "kubernetes_pod.p");
    assert_eq!(json(object, "/metadata"), r#"{"name":"p","namespace":"default"}"#);
    let unknown = r#"{"$unknown":"known only after apply"}"#;
    assert_eq!(json(object, "/spec/hostname"), unknown);
    assert_eq!(json(object, "/spec/containers/0/resources"), unknown);
    let main = r#"resource "kubernetes_pod" "p" {
  metadata {
    name = "p"
  }
  spec {
    restart_policy = "Always"
    container {
      name  = "a"
      image = "i"
      security_context {
        privileged = true
      }
    }
  }
}
"#;
    let configured = folder(&[("main.tf", main)]);
    for pointer in [
        "/containers/0/privileged",
        "/containers/0/runAsNonRoot",
        "/containers/0/allowPrivilegeEscalation",
        "/automountServiceAccountToken",
    ] {
        let of = |loaded| json(find(loaded, Platform::Workload, "kubernetes_pod.p"), pointer);
        assert_eq!(of(&planned), of(&configured), "{pointer}");
    }
}

/// Terraform converts what a configuration says to the types of the provider's schema.
#[test]
fn scalars_are_converted_to_the_types_of_the_schema() {
    let pod = r#"variable "v" {}
resource "kubernetes_pod_v1" "p" {
  metadata {
    name        = "p"
    annotations = { port = 8080, on = true }
  }
  spec {
    host_network                     = "1"
    host_pid                         = var.v ? "true" : "true"
    host_ipc                         = var.v ? "true" : "false"
    termination_grace_period_seconds = "30"
    node_selector                    = { gpu = true }
    security_context {
      supplemental_groups = ["1000"]
      run_as_user         = "1000"
    }
    container {
      name  = 7
      image = "i"
      args  = ["--port", 8080, true]
      port {
        container_port = "80"
        host_port      = "0"
      }
      env {
        name  = "PORT"
        value = 8080
      }
      liveness_probe {
        period_seconds = "8.0"
        grpc { port = "9090" }
      }
      security_context {
        privileged      = "true"
        run_as_non_root = "false"
      }
    }
  }
}
resource "kubernetes_secret" "s" {
  metadata { name = "s" }
  data = { port = 5432 }
}
resource "kubernetes_service" "s" {
  metadata { name = "s" }
  spec {
    port {
      port        = "80"
      target_port = "8080"
    }
  }
}
resource "kubernetes_priority_class" "c" {
  metadata { name = "c" }
  value = "100"
}
resource "aws_ecs_task_definition" "t" {
  family                   = "t"
  cpu                      = var.v ? 256 : 512
  enable_fault_injection   = "true"
  container_definitions    = "[]"
  tags                     = { cost = 7 }
  ephemeral_storage { size_in_gib = "30" }
}
"#;
    let loaded = folder(&[("main.tf", pod)]);
    assert_eq!(problems(&loaded), Vec::<String>::new());
    for (address, pointer, expected) in [
        ("kubernetes_pod_v1.p", "/metadata/annotations", r#"{"on":"true","port":"8080"}"#),
        ("kubernetes_pod_v1.p", "/spec/hostNetwork", "true"),
        ("kubernetes_pod_v1.p", "/spec/hostPID", "true"),
        ("kubernetes_pod_v1.p", "/spec/hostIPC/$any", "[true,false]"),
        ("kubernetes_pod_v1.p", "/spec/terminationGracePeriodSeconds", "30"),
        ("kubernetes_pod_v1.p", "/spec/nodeSelector/gpu", r#""true""#),
        ("kubernetes_pod_v1.p", "/spec/securityContext/supplementalGroups", "[1000]"),
        ("kubernetes_pod_v1.p", "/spec/containers/0/name", r#""7""#),
        ("kubernetes_pod_v1.p", "/spec/containers/0/args", r#"["--port","8080","true"]"#),
        ("kubernetes_pod_v1.p", "/spec/containers/0/ports", r#"[{"containerPort":80}]"#),
        ("kubernetes_pod_v1.p", "/spec/containers/0/env/0/value", r#""8080""#),
        ("kubernetes_pod_v1.p", "/spec/containers/0/livenessProbe", r#"{"grpc":{"port":9090},"periodSeconds":8}"#),
        ("kubernetes_pod_v1.p", "/spec/containers/0/securityContext/privileged", "true"),
        ("kubernetes_pod_v1.p", "/spec/containers/0/securityContext/runAsNonRoot", "false"),
        ("kubernetes_secret.s", "/stringData/port", r#""5432""#),
        ("kubernetes_service.s", "/spec/ports/0", r#"{"port":80,"targetPort":8080}"#),
        ("kubernetes_priority_class.c", "/value", "100"),
    ] {
        assert_eq!(json(find(&loaded, Platform::Kubernetes, address), pointer), expected, "{address} {pointer}");
    }
    let privileged = find(&loaded, Platform::Workload, "kubernetes_pod_v1.p");
    assert_eq!(source(&loaded.sources, privileged, "/containers/0/privileged"), r#""true""#);
    let task = find(&loaded, Platform::Ecs, "aws_ecs_task_definition.t");
    for (pointer, expected) in [
        ("/cpu/$any", r#"["256","512"]"#),
        ("/enableFaultInjection", "true"),
        ("/ephemeralStorage/sizeInGiB", "30"),
        ("/tags", r#"[{"key":"cost","value":"7"}]"#),
    ] {
        assert_eq!(json(task, pointer), expected, "{pointer}");
    }
}

/// Terraform refuses what cannot be converted, and so does ECS a container whose JSON has another type.
#[test]
fn what_cannot_be_converted_has_a_wrong_type() {
    let pod = |member: &str| {
        format!(
            "resource \"kubernetes_pod\" \"p\" {{\n  metadata {{ name = \"p\" }}\n  spec {{\n    container {{\n      name = \"a\"\n      \
             security_context {{ {member} }}\n    }}\n  }}\n}}\n"
        )
    };
    let task = "resource \"aws_ecs_task_definition\" \"t\" {\n  family = \"t\"\n  container_definitions = jsonencode([{ name = \"a\", privileged = \"true\" }])\n}\n";
    for main in [pod("privileged = \"yes\""), pod("privileged = 1"), pod("run_as_user = \"root\""), task.to_owned()] {
        let loaded = folder(&[("main.tf", &main)]);
        let problems = problems(&loaded);
        assert!(problems.len() == 1 && problems[0].starts_with("wrong-type"), "{main}: {problems:?}");
    }
}

/// The provider converts what a manifest says to the types of the API, kubectl's provider sends it as it is.
#[test]
fn manifests_are_converted_by_the_provider_that_does() {
    let main = |kind: &str, api: &str| {
        let (resource, argument) = match kind {
            "kubernetes_manifest" => ("kubernetes_manifest", "manifest = {"),
            _ => ("kubectl_manifest", "yaml_body = yamlencode({"),
        };
        let end = if kind == "kubernetes_manifest" { "}" } else { "})" };
        format!(
            r#"resource "{resource}" "m" {{
  {argument}
    apiVersion = "{api}"
    kind       = "Pod"
    metadata   = {{ name = "m", labels = {{ a = 1 }} }}
    spec = {{
      hostPID = "T"
      containers = [{{
        name  = "a"
        image = "i"
        args  = [8080]
        env   = [{{ name = "A", value = 1 }}]
        ports = [{{ containerPort = "80" }}]
        securityContext = {{ privileged = "true", runAsUser = "0" }}
      }}]
    }}
  {end}
}}
"#
        )
    };
    let loaded = folder(&[("main.tf", &main("kubernetes_manifest", "v1"))]);
    assert_eq!(problems(&loaded), Vec::<String>::new());
    let pod = find(&loaded, Platform::Kubernetes, "kubernetes_manifest.m");
    assert_eq!(json(pod, "/metadata/labels/a"), r#""1""#);
    assert_eq!(json(pod, "/spec/hostPID"), "true");
    assert_eq!(
        json(pod, "/spec/containers/0"),
        r#"{"args":["8080"],"env":[{"name":"A","value":"1"}],"image":"i","name":"a","ports":[{"containerPort":80}],"#
            .to_owned()
            + r#""securityContext":{"privileged":true,"runAsUser":0}}"#
    );
    let kubectl = folder(&[("main.tf", &main("kubectl_manifest", "v1"))]);
    assert!(problems(&kubectl).iter().any(|problem| problem.starts_with("wrong-type")));
    // Of custom resources only the cluster knows the types.
    let custom = folder(&[("main.tf", &main("kubernetes_manifest", "example.com/v1"))]);
    let pod = find(&custom, Platform::Kubernetes, "kubernetes_manifest.m");
    assert_eq!(json(pod, "/spec/hostPID"), r#""T""#);
}

/// Terraform refuses two blocks where the schema allows one, and blocks that are missing.
#[test]
fn blocks_that_stand_once_too_often_or_not_at_all_are_unknown() {
    let metadata = "metadata { name = \"p\" }\n";
    let safe = "spec {\n container {\n name = \"a\"\n }\n }\n";
    let bad = "spec {\n host_pid = true\n container {\n name = \"b\"\n }\n }\n";
    let context = "security_context {\n privileged = false\n }\n";
    let twice = format!("spec {{\n container {{\n name = \"a\"\n {context} {context} }}\n }}\n");
    for (body, pointer, expected) in [
        (format!("{metadata}{safe}{bad}"), "/containers", Some("2 blocks `spec`")),
        (metadata.to_owned(), "/containers", Some("no block `spec`")),
        (format!("{metadata}{twice}"), "/containers/0/privileged", Some("2 blocks `security_context`")),
        // One that may be there beside one that is would be refused.
        (
            format!("{metadata}{safe}dynamic \"spec\" {{\n for_each = var.v\n content {{}}\n }}\n"),
            "/containers/0/name",
            None,
        ),
    ] {
        let main = format!("variable \"v\" {{}}\nresource \"kubernetes_pod\" \"p\" {{\n{body}}}\n");
        let loaded = folder(&[("main.tf", &main)]);
        let problems = problems(&loaded);
        let workload = find(&loaded, Platform::Workload, "kubernetes_pod.p");
        assert_eq!(at(workload, pointer).is_unknown(), expected.is_some(), "{main}: {problems:?}");
        let expected: Vec<&str> = expected.into_iter().collect();
        assert_eq!(problems.len(), expected.len(), "{problems:?}");
        assert!(problems.iter().zip(expected).all(|(problem, expected)| problem.contains(expected)), "{problems:?}");
    }
    for (resource, expected) in [
        ("kubernetes_deployment", "no block `spec`"),
        ("kubernetes_manifest", "no argument `manifest`"),
        ("kubectl_manifest", "no argument `yaml_body`"),
    ] {
        let main = format!("resource \"{resource}\" \"x\" {{\n  metadata {{ name = \"x\" }}\n}}\n");
        let loaded = folder(&[("main.tf", &main)]);
        assert!(problems(&loaded).iter().any(|problem| problem.contains(expected)), "{:?}", problems(&loaded));
        let workload = find(&loaded, Platform::Workload, &format!("{resource}.x"));
        assert!(at(workload, "/containers").is_unknown());
    }
    let main = "resource \"aws_ecs_task_definition\" \"t\" {\n family = \"t\"\n container_definitions = \"[]\"\n runtime_platform {\n \
                operating_system_family = \"LINUX\"\n }\n runtime_platform {}\n}\n";
    let loaded = folder(&[("main.tf", main)]);
    assert!(problems(&loaded)[0].contains("2 blocks `runtime_platform`"), "{:?}", problems(&loaded));
    assert!(at(find(&loaded, Platform::Workload, "aws_ecs_task_definition.t"), "/os").is_unknown());
}

/// Pods of which only parts are known, and what becomes of them in the workload.
#[test]
fn what_is_known_of_a_manifest_stays_known() {
    const POD: &str = "apiVersion: v1\n    kind: Pod\n    metadata: { name: p }";
    let yaml = |text: &str| {
        format!("resource \"kubectl_manifest\" \"p\" {{\n  yaml_body = <<-E\n    {POD}\n{text}\n  E\n}}\n")
    };
    let object = |text: &str| format!("resource \"kubernetes_manifest\" \"p\" {{\n  manifest = {text}\n}}\n");
    let spec = |text: &str| {
        object(&format!("{{ apiVersion = \"v1\", kind = \"Pod\", metadata = {{ name = \"p\" }}, spec = {text} }}"))
    };
    let unknown = |pointer: &str, start: &str| (pointer.to_owned(), start.to_owned());
    let fixed = |pointer: &str, json: &str| (pointer.to_owned(), json.to_owned());
    for (what, configuration, expected) in [
        (
            "an image in YAML",
            yaml("    spec:\n      containers:\n        - image: ${var.x}\n          securityContext: { privileged: true }"),
            vec![unknown("/containers/0/image/reference", "{\"$unknown"), fixed("/containers/0/privileged", "true")],
        ),
        (
            "members on a line of their own",
            yaml(
                "    spec:\n      hostNetwork: true\n      ${indent(6, yamlencode(var.x))}\n      containers:\n        - image: a\n          \
                 securityContext:\n            privileged: true",
            ),
            vec![
                fixed("/hostNetwork", "true"),
                unknown("/hostPID", "{\"$unknown"),
                // Of the init containers nothing is known.
                fixed("/containers/1/privileged", "true"),
            ],
        ),
        (
            "a directive",
            yaml(
                "    spec:\n      containers:\n        - image: a\n    %{ if var.x }\n          securityContext: { privileged: true }\n    %{ \
                 else }\n          securityContext: { privileged: true, runAsUser: 0 }\n    %{ endif }",
            ),
            vec![fixed("/containers/0/privileged", "true"), unknown("/containers/0/user/uid", "{\"$unknown")],
        ),
        (
            "yamlencode",
            "resource \"kubectl_manifest\" \"p\" {\n  yaml_body = yamlencode({ apiVersion = \"v1\", kind = \"Pod\", metadata = { name = \
             \"p\" }, spec = { containers = [{ image = var.x, securityContext = { privileged = true } }] } })\n}\n"
                .to_owned(),
            vec![fixed("/containers/0/privileged", "true"), unknown("/containers/0/image/reference", "{\"$unknown")],
        ),
        (
            "one of two manifests",
            object(
                "var.x ? { apiVersion = \"v1\", kind = \"Pod\", metadata = { name = \"p\" }, spec = { hostNetwork = true, hostPID = true } } : \
                 { apiVersion = \"v1\", kind = \"Pod\", metadata = { name = \"p\" }, spec = { hostNetwork = true } }",
            ),
            vec![
                fixed("/hostNetwork", "true"),
                fixed("/hostPID", r#"{"$unknown":"no value for variable `x`","$any":[true,null]}"#),
            ],
        ),
        (
            "members that are added to unknown ones",
            spec("merge(var.x, { hostNetwork = true, containers = [merge(var.y, { securityContext = { privileged = true } })] })"),
            vec![
                fixed("/hostNetwork", "true"),
                unknown("/hostPID", "{\"$unknown"),
                fixed("/containers/1/privileged", "true"),
                unknown("/containers/1/name", "{\"$unknown"),
                unknown("/containers/1/user/uid", "{\"$unknown"),
            ],
        ),
        (
            "one of two containers",
            spec("{ containers = [var.x ? { image = \"a\", securityContext = { privileged = true } } : { image = \"b\", securityContext = \
                  { privileged = true } }] }"),
            vec![fixed("/containers/0/privileged", "true")],
        ),
        (
            "a container that may be there",
            spec("{ containers = concat([{ image = \"a\" }], [for x in [1] : { image = \"b\", securityContext = { privileged = true } } if \
                  var.x]) }"),
            vec![unknown(
                "/containers/1",
                r#"{"$unknown":"no value for variable `x`","$any":[{"role":"main","image":{"reference":"b""#,
            )],
        ),
        (
            "a user that the pod gives where the container has none",
            spec("{ securityContext = { runAsUser = 0 }, containers = [{ image = \"a\", securityContext = { runAsUser = var.x ? 1 : null } }] }"),
            vec![fixed("/containers/0/user/uid", r#"{"$unknown":"no value for variable `x`","$any":[1,0]}"#)],
        ),
        (
            "a volume that may be one of the host",
            spec("{ volumes = [{ name = \"a\", hostPath = var.x ? { path = \"/\" } : null }] }"),
            vec![unknown(
                "/volumes/0",
                r#"{"$unknown":"no value for variable `x`","$any":[{"name":"a","type":"hostPath""#,
            )],
        ),
    ] {
        let loaded = folder(&[("main.tf", &format!("variable \"x\" {{}}\nvariable \"y\" {{}}\n{configuration}"))]);
        assert_eq!(problems(&loaded), Vec::<String>::new(), "{what}");
        let address = if configuration.contains("kubectl") { "kubectl_manifest.p" } else { "kubernetes_manifest.p" };
        let workload = find(&loaded, Platform::Workload, address);
        for (pointer, start) in expected {
            let found = json(workload, &pointer);
            let is_whole = !start.starts_with("{\"$unknown") || start.ends_with('}');
            assert!(if is_whole { found == start } else { found.starts_with(&start) }, "{what} {pointer}: {found}");
        }
    }
}
