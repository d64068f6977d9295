//! Plans and states.

use verdikt_model::{FileOutcome, Platform};

use crate::support::{addresses, at, find, json, notes, problems, source, text};

const PLAN: &str = r#"{
  "format_version": "1.2",
  "terraform_version": "1.11.4",
  "planned_values": {
    "root_module": {
      "resources": [
        {
          "address": "aws_ecs_task_definition.web",
          "mode": "managed", "type": "aws_ecs_task_definition", "name": "web",
          "values": {
            "family": "web", "cpu": "256", "memory": 512, "network_mode": "host", "pid_mode": null,
            "container_definitions": "[{\"name\":\"app\",\"image\":\"nginx:1.27\",\"Privileged\":true,\"environment\":[{\"name\":\"A\",\"value\":\"\u00fc\"}]}]",
            "requires_compatibilities": ["EC2"],
            "runtime_platform": [{"operating_system_family": "LINUX", "cpu_architecture": null}],
            "volume": [
              {"name": "host", "host_path": "/var/run", "efs_volume_configuration": []},
              {"name": "own", "host_path": ""},
              {"name": "efs", "host_path": null, "efs_volume_configuration": [
                {"file_system_id": "fs-1", "transit_encryption": "ENABLED", "authorization_config": [{"iam": "ENABLED", "access_point_id": null}]}]}
            ],
            "proxy_configuration": [{"container_name": "envoy", "type": "APPMESH", "properties": {"ProxyUID": "1337"}}],
            "ephemeral_storage": [{"size_in_gib": 30}],
            "placement_constraints": [{"type": "memberOf", "expression": "x"}],
            "tags": {"team": "shop"}, "tags_all": {"team": "shop", "cost": "7"}
          },
          "sensitive_values": {"tags": {"team": true}}
        },
        {
          "address": "aws_ecs_task_definition.late",
          "mode": "managed", "type": "aws_ecs_task_definition", "name": "late",
          "values": {"family": "late", "network_mode": "awsvpc"},
          "sensitive_values": {}
        },
        {
          "address": "helm_release.chart", "mode": "managed", "type": "helm_release", "name": "chart",
          "values": {"chart": "x"}
        },
        {
          "address": "data.aws_iam_policy_document.late", "mode": "data", "type": "aws_iam_policy_document", "name": "late", "values": {}
        }
      ],
      "child_modules": [{
        "address": "module.eks[0]",
        "resources": [{
          "address": "module.eks[0].aws_eks_cluster.this[\"a.b\"]",
          "mode": "managed", "type": "aws_eks_cluster", "name": "this", "index": "a.b",
          "values": {"name": "c", "encryption_config": [{"provider": [{}], "resources": ["secrets"]}], "vpc_config": [{"endpoint_public_access": true, "subnet_ids": ["s-1", null]}]}
        }],
        "child_modules": [{
          "address": "module.eks[0].module.deep",
          "resources": [{"address": "module.eks[0].module.deep.aws_x.y", "mode": "managed", "type": "aws_x", "name": "y", "values": {}}]
        }]
      }]
    }
  },
  "resource_changes": [
    {"address": "aws_ecs_task_definition.web", "change": {"actions": ["delete", "create"], "after_unknown": {"arn": true, "runtime_platform": [{}]}}},
    {"address": "aws_ecs_task_definition.late", "change": {"actions": ["create"], "after_unknown": {"container_definitions": true}}},
    {"address": "aws_ecs_task_definition.late", "deposed": "00", "change": {"actions": ["delete"], "after_unknown": {}}},
    {"address": "aws_s3_bucket.old", "change": {"actions": ["delete"], "after": null}},
    {"address": "module.eks[0].aws_eks_cluster.this[\"a.b\"]", "change": {"actions": ["create"], "after_unknown":
      {"encryption_config": [{"provider": [{"key_arn": true}], "resources": [false]}], "id": true, "vpc_config": [{"subnet_ids": [false, true]}], "tags": {}}}},
    {"address": "module.eks[0].module.deep.aws_x.y", "change": {"actions": ["create"], "after_unknown": {"own": true, "given": true, "local": true, "several": true}}},
    {"address": "helm_release.chart", "change": {"actions": ["no-op"], "after_unknown": {}}},
    {"address": "data.aws_iam_policy_document.late", "change": {"actions": ["read"], "after_unknown": {"json": true}}}
  ],
  "prior_state": {"format_version": "1.0", "values": {"root_module": {"resources": [
    {"address": "data.aws_region.here", "mode": "data", "type": "aws_region", "name": "here", "values": {"name": "eu-west-1"}},
    {"address": "aws_s3_bucket.old", "mode": "managed", "type": "aws_s3_bucket", "name": "old", "values": {}}
  ]}}},
  "configuration": {"root_module": {
    "resources": [
      {"address": "aws_ecs_task_definition.late", "expressions": {"container_definitions": {"references": ["aws_ecr_repository.app.repository_url", "aws_ecr_repository.app"]}}}
    ],
    "module_calls": {"eks": {
      "expressions": {"key": {"references": ["aws_kms_key.eks.arn", "aws_kms_key.eks"]}},
      "module": {
        "resources": [{"address": "aws_eks_cluster.this", "expressions": {
          "encryption_config": [{"provider": [{"key_arn": {"references": ["var.key"]}}]}],
          "vpc_config": [{"subnet_ids": {"references": ["aws_subnet.a[0].id", "aws_subnet.a[0]", "aws_subnet.a", "aws_subnet.b.id", "aws_subnet.b"]}}]
        }}],
        "module_calls": {"deep": {
          "expressions": {"given": {"references": ["var.key"]}},
          "module": {"resources": [{"address": "aws_x.y", "expressions": {
            "own": {"references": ["aws_z.w.id", "aws_z.w"]}, "given": {"references": ["var.given.part", "var.given"]}, "local": {"references": ["local.a"]},
            "several": {"references": ["aws_z.w.id", "aws_z.w", "aws_z.v"]}}}]}
        }}
      }
    }}
  }}
}"#;

#[test]
fn resources_of_all_modules_are_documents_with_their_addresses() {
    let loaded = text("plan.json", PLAN);
    assert_eq!(problems(&loaded), Vec::<String>::new());
    assert_eq!(
        addresses(&loaded),
        [
            "terraform aws_ecs_task_definition aws_ecs_task_definition.web",
            "ecs TaskDefinition aws_ecs_task_definition.web",
            "workload TaskDefinition aws_ecs_task_definition.web",
            "terraform aws_ecs_task_definition aws_ecs_task_definition.late",
            "ecs TaskDefinition aws_ecs_task_definition.late",
            "workload TaskDefinition aws_ecs_task_definition.late",
            "terraform helm_release helm_release.chart",
            "terraform data.aws_iam_policy_document data.aws_iam_policy_document.late",
            "terraform aws_eks_cluster module.eks[0].aws_eks_cluster.this[\"a.b\"]",
            "terraform aws_x module.eks[0].module.deep.aws_x.y",
            "terraform data.aws_region data.aws_region.here",
            "terraform module module.eks",
            "terraform module module.eks.module.deep",
        ]
    );
    assert_eq!(loaded.coverage.files[0].outcome, FileOutcome::Scanned { format: "tfplan", documents: 9 });
    let notes = notes(&loaded);
    assert!(notes[0].starts_with("plan.json:34: `helm_release.chart` installs a Helm chart"), "{notes:?}");
    assert!(notes[1].contains("deletes 1 of the resources"), "{notes:?}");
    assert_eq!(notes.len(), 2);
    let ecs = &loaded.documents[1];
    assert_eq!((ecs.origin, loaded.documents[2].origin), (Some(loaded.documents[0].id), Some(ecs.id)));
    assert_eq!(ecs.body().get("family").unwrap().origin().unwrap().0, loaded.documents[0].id);
}

#[test]
fn what_is_known_after_apply_is_unknown_leaf_by_leaf() {
    let loaded = text("plan.json", PLAN);
    let eks = find(&loaded, Platform::Terraform, "module.eks[0].aws_eks_cluster.this[\"a.b\"]");
    for (pointer, expected) in [
        ("/name", r#""c""#),
        ("/encryption_config/0/resources", r#"["secrets"]"#),
        (
            "/encryption_config/0/provider/0/key_arn",
            r#"{"$unknown":"known only after apply","$ref":"aws_kms_key.eks.arn"}"#,
        ),
        ("/vpc_config/0/endpoint_public_access", "true"),
        ("/vpc_config/0/subnet_ids", r#"["s-1",{"$unknown":"known only after apply"}]"#),
        ("/id", r#"{"$unknown":"known only after apply"}"#),
    ] {
        assert_eq!(json(eks, pointer), expected, "{pointer}");
    }
    assert!(eks.body().get("tags").is_none());
    let deep = find(&loaded, Platform::Terraform, "module.eks[0].module.deep.aws_x.y");
    for (pointer, expected) in [
        ("/own", r#"{"$unknown":"known only after apply","$ref":"module.eks[0].module.deep.aws_z.w.id"}"#),
        ("/given", r#"{"$unknown":"known only after apply","$ref":"aws_kms_key.eks.arn"}"#),
        ("/local", r#"{"$unknown":"known only after apply","$ref":"local.a"}"#),
        ("/several", r#"{"$unknown":"known only after apply"}"#),
    ] {
        assert_eq!(json(deep, pointer), expected, "{pointer}");
    }
}

#[test]
fn a_task_definition_has_the_shape_of_the_api() {
    let loaded = text("plan.json", PLAN);
    let ecs = find(&loaded, Platform::Ecs, "aws_ecs_task_definition.web");
    assert_eq!(ecs.name, "web");
    assert_eq!(
        ecs.body().to_json(),
        r#"{"family":"web","cpu":"256","memory":"512","networkMode":"host","requiresCompatibilities":["EC2"],"#
            .to_owned()
            + r#""runtimePlatform":{"operatingSystemFamily":"LINUX"},"ephemeralStorage":{"sizeInGiB":30},"#
            + r#""placementConstraints":[{"type":"memberOf","expression":"x"}],"#
            + r#""proxyConfiguration":{"containerName":"envoy","type":"APPMESH","properties":[{"name":"ProxyUID","value":"1337"}]},"#
            + r#""volumes":[{"name":"host","host":{"sourcePath":"/var/run"}},{"name":"own"},"#
            + r#"{"name":"efs","efsVolumeConfiguration":{"fileSystemId":"fs-1","transitEncryption":"ENABLED","#
            + r#""authorizationConfig":{"iam":"ENABLED"}}}],"#
            + r#""containerDefinitions":[{"name":"app","image":"nginx:1.27","privileged":true,"environment":[{"name":"A","value":"ü"}]}],"#
            + r#""tags":[{"key":"team","value":"shop"},{"key":"cost","value":"7"}]}"#
    );
    for (pointer, expected) in [
        ("/containerDefinitions/0/privileged", "true"),
        ("/containerDefinitions/0/image", r#"\"nginx:1.27\""#),
        ("/containerDefinitions/0/environment/0/value", r#"\"\u00fc\""#),
        ("/volumes/0/host/sourcePath", r#""/var/run""#),
    ] {
        assert_eq!(source(&loaded.sources, ecs, pointer), expected, "{pointer}");
    }
    let workload = find(&loaded, Platform::Workload, "aws_ecs_task_definition.web");
    assert_eq!(json(workload, "/containers/0/privileged"), "true");
    assert_eq!(json(workload, "/hostNetwork"), "true");
    assert_eq!(json(workload, "/volumes/0/hostPath"), r#""/var/run""#);
}

#[test]
fn containers_that_are_not_known_are_not_absent() {
    let loaded = text("plan.json", PLAN);
    let workload = find(&loaded, Platform::Workload, "aws_ecs_task_definition.late");
    let unknown = r#"{"$unknown":"known only after apply","$ref":"aws_ecr_repository.app.repository_url"}"#;
    assert_eq!(json(workload, "/containers"), unknown);
}

#[test]
fn what_is_sensitive_is_marked_wherever_it_comes_to() {
    let loaded = text("plan.json", PLAN);
    let terraform = find(&loaded, Platform::Terraform, "aws_ecs_task_definition.web");
    assert!(at(terraform, "/tags/team").is_sensitive() && !at(terraform, "/tags_all/team").is_sensitive());
    let secret = r#"{"format_version": "1.0", "terraform_version": "1.5.0", "values": {"root_module": {"resources": [
      {"address": "aws_ecs_task_definition.a", "mode": "managed", "type": "aws_ecs_task_definition", "name": "a",
       "values": {"family": "a", "container_definitions": "[{\"name\":\"a\",\"environment\":[{\"name\":\"B\",\"value\":\"c\"}]}]"},
       "sensitive_values": {"container_definitions": true}}]}}}"#;
    let loaded = text("state.json", secret);
    assert_eq!(problems(&loaded), Vec::<String>::new());
    let workload = find(&loaded, Platform::Workload, "aws_ecs_task_definition.a");
    assert!(at(workload, "/containers/0/env/0/value").is_sensitive());
    assert!(!at(workload, "/name").is_sensitive());
}

/// A secret that the plan knows is written nowhere unless the configuration states it as a constant.
#[test]
fn secrets_that_are_given_are_unknown() {
    let plan = |configuration: &str| {
        format!(
            r#"{{"format_version": "1.2", "planned_values": {{"root_module": {{"resources": [{{
              "address": "aws_db_instance.a", "mode": "managed", "type": "aws_db_instance", "name": "a",
              "values": {{"literal": "x", "given": "x", "computed": "x", "empty": "", "policy": "[\"x\"]", "port": 1}},
              "sensitive_values": {{"literal": true, "given": true, "computed": true, "empty": true, "policy": true, "port": true}}
            }}]}}}}{configuration}}}"#
        )
    };
    let configuration = r#", "configuration": {"root_module": {"resources": [{
      "address": "aws_db_instance.a", "mode": "managed", "type": "aws_db_instance", "name": "a",
      "expressions": {"literal": {"constant_value": "x"}, "given": {"references": ["var.password"]}}}]}}"#;
    const WHY: &str = "a secret that comes from outside of the configuration";
    let given = |reference: &str| format!(r#"{{"$unknown":"{WHY}","$ref":"{reference}"}}"#);
    let bare = format!(r#"{{"$unknown":"{WHY}"}}"#);
    for (configuration, literal, stated, computed) in [
        (configuration, r#""x""#.to_owned(), given("var.password"), given("aws_db_instance.a")),
        ("", bare.clone(), bare.clone(), bare.clone()),
    ] {
        let loaded = text("plan.json", &plan(configuration));
        let body = find(&loaded, Platform::Terraform, "aws_db_instance.a");
        assert_eq!(
            [json(body, "/literal"), json(body, "/given"), json(body, "/computed")],
            [literal, stated, computed]
        );
        assert_eq!([json(body, "/empty"), json(body, "/policy"), json(body, "/port")], [r#""""#, r#""[\"x\"]""#, "1"]);
        assert!(at(body, "/given").is_sensitive() && at(body, "/policy").is_sensitive());
    }
}

#[test]
fn what_is_no_plan_that_can_be_judged_says_why() {
    for (content, outcome, expected) in [
        (r#"{"format_version": "2.0", "planned_values": {"root_module": {}}}"#, "failed", "Format `2.0`"),
        (r#"{"format_version": "1.0", "planned_values": {"root_module": {}}}"#, "Terraform plan without resources", ""),
        (
            r#"{"format_version": "1.0", "planned_values": {"root_module": {}}, "resource_changes": [{"address": "a.b", "change": {"actions": ["delete"]}}]}"#,
            "leaves no resource (it deletes 1)",
            "",
        ),
        (r#"{"format_version": "1.0", "valid": true, "diagnostics": []}"#, "not a Kubernetes manifest", ""),
        (
            r#"{"format_version": "1.0", "planned_values": {"root_module": {"resources": [{}]}}}"#,
            "failed",
            "no `address`",
        ),
        (
            r#"{"format_version": "1.0", "errored": true, "complete": false, "planned_values": {"root_module": {"resources": [{"address": "a.b", "type": "a", "name": "b", "mode": "managed"}]}}}"#,
            "scanned",
            "Terraform ended with an error",
        ),
        (
            r#"{"format_version": "1.2", "errored": false, "complete": false, "planned_values": {"root_module": {"resources": [{"address": "a.b", "type": "a", "name": "b", "mode": "managed"}]}}}"#,
            "scanned",
            "not complete: it leaves resources out",
        ),
        // What cannot be planned yet stands in no other part of a plan.
        (
            r#"{"format_version": "1.2", "complete": false, "planned_values": {}, "deferred_changes": [{"reason": "x", "resource_change": {"address": "a.b[*]", "type": "a", "name": "b", "mode": "managed"}}]}"#,
            "scanned",
            "deferred the changes of `a.b[*]`",
        ),
        (
            r#"{"format_version": "1.2", "planned_values": {}, "deferred_changes": [{"reason": "x"}]}"#,
            "failed",
            "no `address`",
        ),
        (
            r#"{"format_version": "1.2", "complete": false, "planned_values": {"root_module": {}}}"#,
            "failed",
            "not complete",
        ),
    ] {
        let loaded = text("plan.json", content);
        let found = match &loaded.coverage.files[0].outcome {
            FileOutcome::Skipped { reason } => reason.clone(),
            FileOutcome::Failed => "failed".to_owned(),
            FileOutcome::Scanned { .. } => "scanned".to_owned(),
        };
        assert!(found.contains(outcome), "{found}: {content}");
        let problems = problems(&loaded);
        assert_eq!(problems.is_empty(), expected.is_empty(), "{problems:?}: {content}");
        assert!(problems.iter().all(|problem| problem.contains(expected)), "{problems:?}");
    }
}

#[test]
fn a_plan_of_which_only_the_changes_are_left_is_read() {
    let loaded = text(
        "plan.json",
        r#"{"format_version": "1.2", "resource_changes": [
          {"address": "aws_x.a", "mode": "managed", "type": "aws_x", "name": "a", "change": {"actions": ["create"], "after": {"b": 1}, "after_unknown": {"c": true}, "after_sensitive": {"b": true}}},
          {"address": "aws_x.gone", "mode": "managed", "type": "aws_x", "name": "gone", "change": {"actions": ["delete"], "after": null}}]}"#,
    );
    assert_eq!(addresses(&loaded), ["terraform aws_x aws_x.a"]);
    assert_eq!(loaded.documents[0].body().to_json(), r#"{"b":1,"c":{"$unknown":"known only after apply"}}"#);
    assert!(at(&loaded.documents[0], "/b").is_sensitive());
}

/// What `-allow-deferral` and the deferrals of providers leave behind.
#[test]
fn what_could_not_be_planned_yet_is_judged_by_what_is_known_of_it() {
    let loaded = text(
        "plan.json",
        r#"{"format_version": "1.2", "complete": false, "errored": false, "planned_values": {"root_module": {}}, "deferred_changes": [
          {"reason": "instance_count_unknown", "resource_change": {
            "address": "module.m[*].aws_ecs_task_definition.each[*]", "module_address": "module.m[*]", "mode": "managed", "type": "aws_ecs_task_definition", "name": "each", "index_unknown": true,
            "change": {"actions": ["create"], "before": null, "after_unknown": {"arn": true, "volume": []},
              "after": {"family": "each", "pid_mode": null, "volume": [], "container_definitions": "[{\"name\":\"app\",\"privileged\":true}]"}}}},
          {"reason": "provider_config_unknown", "resource_change": {
            "address": "kubernetes_pod_v1.whole", "mode": "managed", "type": "kubernetes_pod_v1", "name": "whole",
            "change": {"actions": ["create"], "after_unknown": true}}},
          {"reason": "provider_config_unknown", "resource_change": {
            "address": "aws_ecs_task_definition.whole", "mode": "managed", "type": "aws_ecs_task_definition", "name": "whole",
            "change": {"actions": ["create"], "after_unknown": true}}},
          {"reason": "deferred_prereq", "resource_change": {
            "address": "aws_x.gone", "mode": "managed", "type": "aws_x", "name": "gone", "change": {"actions": ["delete"], "before": {"a": 1}, "after": null, "after_unknown": false}}}
        ]}"#,
    );
    let problems = problems(&loaded);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].contains("each[*]`, `kubernetes_pod_v1.whole`"), "{problems:?}");
    assert!(!addresses(&loaded).iter().any(|address| address.contains("gone")));
    let each = find(&loaded, Platform::Workload, "module.m[*].aws_ecs_task_definition.each[*]");
    assert_eq!(json(each, "/containers/0/privileged"), "true");
    let why = r#"{"$unknown":"not planned yet, since it is not known how many there are"}"#;
    assert_eq!(json(each, "/hostPID"), why, "a null is not certain");
    assert!(notes(&loaded)[1].contains("not known how many there are"), "{:?}", notes(&loaded));
    let unknown = r#"{"$unknown":"known only after apply"}"#;
    let pod = find(&loaded, Platform::Workload, "kubernetes_pod_v1.whole");
    for pointer in ["/hostPID", "/containers"] {
        assert_eq!(json(pod, pointer), unknown, "{pointer}");
    }
    let task = find(&loaded, Platform::Workload, "aws_ecs_task_definition.whole");
    for pointer in ["/hostPID", "/containers", "/volumes"] {
        assert_eq!(json(task, pointer), unknown, "{pointer}");
    }
    assert_eq!(find(&loaded, Platform::Terraform, "aws_ecs_task_definition.whole").body().to_json(), unknown);
}

/// Where no change says what is unknown, it cannot be told from what nobody wrote.
#[test]
fn planned_values_alone_leave_a_doubt() {
    let plan = |changes: &str| {
        format!(
            r#"{{"format_version": "1.2", "planned_values": {{"root_module": {{"resources": [{{
              "address": "aws_x.a", "mode": "managed", "type": "aws_x", "name": "a", "values": {{"a": 1, "b": null}}}}]}}}},
              "configuration": {{"root_module": {{"resources": [{{"address": "aws_x.a", "expressions": {{
                "a": {{"constant_value": 1}}, "c": {{"references": ["aws_y.b.arn", "aws_y.b"]}}}}}}]}}}}{changes}}}"#
        )
    };
    let alone = text("plan.json", &plan(""));
    let why = r#"{"$unknown":"the plan does not say whether it is known only after apply""#;
    let expected = format!(r#"{{"a":1,"b":{why}}},"c":{why},"$ref":"aws_y.b.arn"}}}}"#);
    assert_eq!(alone.documents[0].body().to_json(), expected);
    assert!(notes(&alone)[0].contains("lacks them in `resource_changes`"), "{:?}", notes(&alone));
    let changes =
        r#", "resource_changes": [{"address": "aws_x.a", "change": {"actions": ["create"], "after_unknown": {}}}]"#;
    let whole = text("plan.json", &plan(changes));
    assert_eq!(whole.documents[0].body().to_json(), r#"{"a":1,"b":null}"#);
    assert_eq!(notes(&whole), Vec::<String>::new());
}

/// A plan of `-refresh-only` plans nothing: what there is stays as it was found, with what changed outside.
#[test]
fn a_plan_that_only_refreshes_leaves_what_there_is() {
    let plan = |changes: &str| {
        format!(
            r#"{{"format_version": "1.2", "planned_values": {{"root_module": {{}}}}{changes},
              "resource_drift": [{{"address": "aws_x.a", "change": {{"actions": ["update"], "before": {{"b": 1}}, "after": {{"b": 2}}}}}}],
              "prior_state": {{"format_version": "1.0", "values": {{"root_module": {{"resources": [
                {{"address": "aws_x.a", "mode": "managed", "type": "aws_x", "name": "a", "values": {{"b": 2, "c": null}}}}]}}}}}}}}"#
        )
    };
    let loaded = text("plan.json", &plan(""));
    assert_eq!(loaded.documents[0].body().to_json(), r#"{"b":2,"c":null}"#);
    assert_eq!(problems(&loaded), Vec::<String>::new());
    let destroyed = plan(r#", "resource_changes": [{"address": "aws_x.a", "change": {"actions": ["delete"]}}]"#);
    assert!(text("plan.json", &destroyed).documents.is_empty());
}

#[test]
fn changes_that_planned_values_lack_count() {
    let loaded = text(
        "plan.json",
        r#"{"format_version": "1.2", "planned_values": {"root_module": {}}, "resource_changes": [
          {"address": "aws_x.a", "mode": "managed", "type": "aws_x", "name": "a",
           "change": {"actions": ["no-op"], "after": {"b": 1}, "after_unknown": {}, "importing": {"id": "i-1"}}, "action_reason": "x"}]}"#,
    );
    assert_eq!(addresses(&loaded), ["terraform aws_x aws_x.a"]);
    assert_eq!(problems(&loaded), Vec::<String>::new());
}

/// What a plan says of the configuration that it was made of, as far as it does.
#[test]
fn variables_providers_outputs_and_calls_are_documents() {
    let loaded = text(
        "plan.json",
        r#"{"format_version": "1.2", "planned_values": {"root_module": {"resources": [{"address": "aws_x.a", "mode": "managed", "type": "aws_x", "name": "a", "values": {}}]}},
          "resource_changes": [{"address": "aws_x.a", "change": {"actions": ["create"], "after_unknown": {}}}],
          "variables": {"password": {"value": "hunter2"}, "region": {"value": "eu-west-1"}, "token": {"value": "given"}},
          "configuration": {
            "provider_config": {
              "aws": {"name": "aws", "full_name": "registry.terraform.io/hashicorp/aws"},
              "aws.eu": {"name": "aws", "alias": "eu", "expressions": {
                "secret_key": {"constant_value": "abc"}, "region": {"references": ["var.region"]}, "assume_role": [{"role_arn": {"constant_value": "r"}}]}},
              "module.m:x": {"name": "x", "module_address": "module.m", "expressions": {"a": {"constant_value": 1}}}},
            "root_module": {
              "variables": {"password": {"default": "hunter2", "sensitive": true, "description": "d"}, "region": {}, "token": {"default": "example"}},
              "outputs": {"o": {"sensitive": true, "expression": {"references": ["aws_x.a.id", "aws_x.a"]}}, "c": {"expression": {"constant_value": "k"}}},
              "module_calls": {"m": {"source": "./m", "version_constraint": "1.0", "expressions": {"p": {"constant_value": "q"}, "r": {"references": ["var.region"]}},
                "module": {"variables": {"p": {}, "r": {}, "s": {"default": [1]}}}}}}}}"#,
    );
    assert_eq!(problems(&loaded), Vec::<String>::new());
    const WHY: &str = "given from outside of the configuration";
    const COMPUTED: &str = "computed from other values, which the plan does not say";
    let given = |name: &str| format!(r#"{{"$unknown":"{WHY}","$ref":"var.{name}"}}"#);
    let computed = |reference: &str| format!(r#"{{"$unknown":"{COMPUTED}","$ref":"{reference}"}}"#);
    for (address, expected) in [
        ("var.password", r#"{"default":"hunter2","sensitive":true,"description":"d","value":"hunter2"}"#.to_owned()),
        ("var.region", format!(r#"{{"value":{}}}"#, given("region"))),
        ("var.token", format!(r#"{{"default":"example","value":{}}}"#, given("token"))),
        (
            "provider.aws.eu",
            format!(
                r#"{{"alias":"eu","secret_key":"abc","region":{},"assume_role":[{{"role_arn":"r"}}]}}"#,
                computed("var.region")
            ),
        ),
        ("module.m.provider.x", r#"{"a":1}"#.to_owned()),
        ("output.o", format!(r#"{{"sensitive":true,"value":{}}}"#, computed("aws_x.a.id"))),
        ("output.c", r#"{"value":"k"}"#.to_owned()),
        ("module.m", format!(r#"{{"source":"./m","version":"1.0","p":"q","r":{}}}"#, computed("var.region"))),
        ("module.m.var.p", r#"{"value":"q"}"#.to_owned()),
        ("module.m.var.r", format!(r#"{{"value":{}}}"#, computed("var.region"))),
        ("module.m.var.s", r#"{"default":[1],"value":[1]}"#.to_owned()),
    ] {
        assert_eq!(find(&loaded, Platform::Terraform, address).body().to_json(), expected, "{address}");
    }
    let password = find(&loaded, Platform::Terraform, "var.password");
    assert!(at(password, "/default").is_sensitive() && at(password, "/value").is_sensitive());
    assert_eq!(source(&loaded.sources, password, "/default"), r#""hunter2""#);
    let kinds: Vec<&str> = loaded.documents.iter().map(|it| it.kind.as_str()).collect();
    assert!(kinds.iter().filter(|kind| **kind == "provider.aws").count() == 1);
}
