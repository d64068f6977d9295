//! Pods that a controller makes of several parts of a custom resource.

use super::kubernetes;
use crate::kubernetes::{Settings, normalize};
use crate::workload::testing::{self, Outcome, check_custom_replacements, with_unknowns};

/// What a workload says at a pointer; empty when nothing is there.
fn at(outcome: &Outcome, workload: usize, pointer: &str) -> String {
    outcome.json_of(workload, pointer)
}

fn workflow(spec: &str) -> Outcome {
    let outcome = kubernetes(&format!(
        r#"{{"apiVersion":"argoproj.io/v1alpha1","kind":"Workflow","metadata":{{"generateName":"w-"}},"spec":{spec}}}"#
    ));
    assert_eq!(outcome.problems(), [], "{spec}");
    outcome
}

fn tekton(kind: &str, spec: &str) -> Outcome {
    let outcome = kubernetes(&format!(
        r#"{{"apiVersion":"tekton.dev/v1","kind":"{kind}","metadata":{{"name":"t"}},"spec":{spec}}}"#
    ));
    assert_eq!(outcome.problems(), [], "{spec}");
    outcome
}

#[test]
fn each_argo_template_that_runs_containers_is_a_workload() {
    let outcome = workflow(
        r#"{"entrypoint":"main","templates":[
            {"name":"main","steps":[[{"name":"a","template":"one"},{"name":"b","inline":{"container":{"image":"inline:1"}}}]]},
            {"name":"one","container":{"image":"nginx:1","securityContext":{"privileged":true}},
              "sidecars":[{"name":"dind","image":"docker:27"}],"initContainers":[{"name":"prepare","image":"busybox:1"}]},
            {"name":"two","script":{"name":"own","image":"python:3","source":"print(1)"}},
            {"name":"three","containerSet":{"volumeMounts":[{"name":"w","mountPath":"/w"}],
              "containers":[{"name":"a","image":"a:1"},{"name":"b","image":"b:1","volumeMounts":[{"name":"x","mountPath":"/x"}]}]}},
            {"name":"four","dag":{"tasks":[{"name":"a","inline":{"script":{"image":"dag:1","source":""}}}]}},
            {"name":"five","suspend":{}},{"name":"six","resource":{"action":"create","manifest":"x"}}]}"#,
    );
    let found: Vec<(String, String)> = (0..outcome.workloads().len())
        .map(|index| {
            let names = (0..4).map(|container| at(&outcome, index, &format!("/containers/{container}/name")));
            (names.collect::<Vec<_>>().concat(), outcome.origin_of(index, "/containers"))
        })
        .collect();
    let expected = [
        (r#""main""#, "/spec/templates/0/steps/0/1/inline"),
        (r#""prepare""main""dind""#, "/spec/templates/1/initContainers"),
        (r#""own""#, "/spec/templates/2"),
        (r#""a""b""#, "/spec/templates/3"),
        (r#""main""#, "/spec/templates/4/dag/tasks/0/inline"),
    ];
    // A list that gathers several begins where its first does.
    let expected = expected.map(|(names, origin)| (names.to_owned(), origin.replace("/initContainers", "")));
    assert_eq!(found, expected);
    assert_eq!(at(&outcome, 1, "/containers/1/privileged"), "true");
    assert_eq!(
        outcome.origin_of(1, "/containers/1/privileged"),
        "/spec/templates/1/container/securityContext/privileged"
    );
    assert_eq!(at(&outcome, 1, "/containers/0/role"), r#""init""#);
    assert_eq!(at(&outcome, 3, "/containers/1/mounts/1/mountPath"), r#""/w""#);
    assert_eq!(at(&outcome, 0, "/name"), r#""w-""#);
}

#[test]
fn argo_workflows_stand_in_several_kinds_and_in_other_objects() {
    let spec = r#"{"templates":[{"name":"a","container":{"image":"nginx:1"}}]}"#;
    for (kind, spec, origin) in [
        ("WorkflowTemplate", spec.to_owned(), "/spec/templates/0"),
        ("ClusterWorkflowTemplate", spec.to_owned(), "/spec/templates/0"),
        (
            "CronWorkflow",
            format!(r#"{{"schedule":"* * * * *","workflowSpec":{spec}}}"#),
            "/spec/workflowSpec/templates/0",
        ),
        (
            "Sensor",
            format!(
                r#"{{"triggers":[{{"template":{{"k8s":{{"source":{{"resource":{{"apiVersion":"argoproj.io/v1alpha1","kind":"Workflow","metadata":{{"name":"inner"}},"spec":{spec}}}}}}}}}}}]}}"#
            ),
            "/spec/triggers/0/template/k8s/source/resource/spec/templates/0",
        ),
    ] {
        let outcome = kubernetes(&format!(
            r#"{{"apiVersion":"argoproj.io/v1alpha1","kind":"{kind}","metadata":{{"name":"w"}},"spec":{spec}}}"#
        ));
        assert_eq!(outcome.workloads().len(), 1, "{kind}");
        assert_eq!(outcome.origin("/containers"), origin);
        assert_eq!(outcome.json("/kind"), format!("\"{kind}\""));
        assert_eq!(outcome.json("/name"), r#""w""#);
    }
}

#[test]
fn argo_templates_get_what_they_do_not_state_from_their_workflow() {
    let outcome = workflow(
        r#"{"serviceAccountName":"wf","hostNetwork":true,"securityContext":{"runAsNonRoot":true},"nodeSelector":{"a":"b"},
            "podMetadata":{"labels":{"from":"workflow","both":"workflow"}},"podPriorityClassName":"low",
            "volumes":[{"name":"sock","hostPath":{"path":"/var/run/docker.sock"}},{"name":"other","hostPath":{"path":"/"}}],
            "templateDefaults":{"container":{"imagePullPolicy":"Always","securityContext":{"readOnlyRootFilesystem":true,"runAsUser":5}}},
            "templates":[
              {"name":"plain","container":{"image":"a:1","volumeMounts":[{"name":"sock","mountPath":"/s"}]}},
              {"name":"own","serviceAccountName":"me","securityContext":{"runAsUser":0},"nodeSelector":{},
                "metadata":{"labels":{"both":"template"}},"priorityClassName":"high",
                "container":{"image":"b:1","securityContext":{"runAsUser":7}}}]}"#,
    );
    for (workload, pointer, expected) in [
        (0, "/serviceAccount", r#""wf""#),
        (0, "/hostNetwork", "true"),
        (0, "/containers/0/runAsNonRoot", "true"),
        (0, "/containers/0/inherited/runAsNonRoot", r#""pod""#),
        (0, "/containers/0/user/uid", "5"),
        (0, "/containers/0/readOnlyRootFilesystem", "true"),
        (0, "/containers/0/imagePullPolicy", r#""Always""#),
        (0, "/labels", r#"{"from":"workflow","both":"workflow"}"#),
        (
            0,
            "/volumes",
            r#"[{"name":"sock","type":"hostPath","source":{"path":"/var/run/docker.sock"},"hostPath":"/var/run/docker.sock"}]"#,
        ),
        (0, "/priorityClass", r#""low""#),
        (1, "/serviceAccount", r#""me""#),
        (1, "/hostNetwork", "true"),
        // The security context of the template replaces that of the workflow.
        (1, "/containers/0/runAsNonRoot", ""),
        (1, "/containers/0/user/uid", "7"),
        (1, "/containers/0/readOnlyRootFilesystem", "true"),
        (1, "/nodeSelector", r#"{"a":"b"}"#),
        (1, "/labels", r#"{"both":"template","from":"workflow"}"#),
        (1, "/volumes", ""),
        (1, "/priorityClass", r#""high""#),
    ] {
        assert_eq!(at(&outcome, workload, pointer), expected, "{workload} {pointer}");
    }
    assert_eq!(
        outcome.origin_of(1, "/containers/0/readOnlyRootFilesystem"),
        "/spec/templateDefaults/container/securityContext/readOnlyRootFilesystem"
    );
    assert_eq!(outcome.provenance_of(1, "/containers/0/readOnlyRootFilesystem"), ["template defaults"]);
    assert_eq!(outcome.provenance_of(0, "/hostNetwork"), ["workflow"]);
    assert_eq!(outcome.provenance_of(0, "/containers/0/runAsNonRoot"), ["workflow", "pod level"]);
    assert_eq!(outcome.provenance_of(1, "/containers/0/user/uid"), [""; 0]);
}

#[test]
fn pod_spec_patches_are_merged() {
    let patched = |patch: &str, members: &str| {
        workflow(&format!(
            r#"{{"templates":[{{"name":"a","podSpecPatch":{patch},"container":{{"image":"a:1","securityContext":{{"privileged":false}},"env":[{{"name":"A","value":"1"}}]}}}}]{members}}}"#,
            patch = serde_json::to_string(patch).unwrap()
        ))
    };
    for (patch, pointer, expected) in [
        ("containers:\n- name: main\n  securityContext:\n    privileged: true\n", "/containers/0/privileged", "true"),
        (
            r#"{"containers":[{"name":"main","env":[{"name":"B","value":"2"}]}]}"#,
            "/containers/0/env",
            r#"[{"name":"B","value":"2"},{"name":"A","value":"1"}]"#,
        ),
        (r#"{"containers":[{"name":"main","securityContext":{"privileged":null}}]}"#, "/containers/0/privileged", ""),
        (r#"{"hostPID":true}"#, "/hostPID", "true"),
        (r#"{"hostPID":true}"#, "/containers/0/privileged", "false"),
        (r#"{"containers":[{"name":"wait","resources":{"limits":{"memory":"1Gi"}}}]}"#, "/containers/1", ""),
        (
            r#"{"containers":[{"name":"wait","securityContext":{"privileged":true}}]}"#,
            "/containers/1",
            r#"{"$unknown":"a `podSpecPatch` changes a container that Argo adds"}"#,
        ),
        (r#"{"containers":[{"name":"more","image":"x:1"}]}"#, "/containers/1/name", r#""more""#),
        (
            r#"{"containers":[{"name":"main","resources":{"limits":{"memory":"{{inputs.parameters.mem}}"}}}]}"#,
            "/containers/0/resources/limits/memory",
            r#"{"$unknown":"a parameter of the workflow that is filled in when it runs","$parts":[null]}"#,
        ),
        (
            r#"{"containers":[{"name":"main","$patch":"delete"}]}"#,
            "/containers/0",
            r#"{"$unknown":"a patch with a directive such as `$patch` decides it"}"#,
        ),
        (
            "{{inputs.parameters.patch}}",
            "/containers",
            r#"{"$unknown":"a `podSpecPatch` that cannot be read as a patch decides it"}"#,
        ),
        ("[1, 2]", "/hostNetwork", r#"{"$unknown":"a `podSpecPatch` that cannot be read as a patch decides it"}"#),
        ("", "/containers/0/privileged", "false"),
    ] {
        assert_eq!(at(&patched(patch, ""), 0, pointer), expected, "{patch}");
    }
    let outcome = patched("hostPID: true", r#","podSpecPatch":"hostPID: false\nhostIPC: true""#);
    assert_eq!(
        (outcome.json("/hostPID"), outcome.json("/hostIPC")),
        ("true".into(), "true".into()),
        "the template wins"
    );
    assert_eq!(outcome.origin("/hostPID"), "/spec/templates/0/podSpecPatch");
    assert_eq!(outcome.provenance_of(0, "/hostIPC"), ["pod spec patch"]);
    assert_eq!(outcome.source("/hostIPC"), r#""hostPID: false\nhostIPC: true""#);
}

#[test]
fn a_workflow_whose_templates_stand_elsewhere_is_judged_by_what_it_states() {
    let outcome = workflow(r#"{"workflowTemplateRef":{"name":"x"},"hostNetwork":true}"#);
    assert_eq!(outcome.json("/hostNetwork"), "true");
    assert!(outcome.json("/containers").contains("workflowTemplateRef"), "{}", outcome.json(""));
    assert!(workflow(r#"{"workflowTemplateRef":{"name":"x"},"serviceAccountName":"a"}"#).workloads().is_empty());
}

#[test]
fn placeholders_are_unknown() {
    let argo = workflow(r#"{"templates":[{"name":"a","container":{"image":"nginx:{{inputs.parameters.tag}}-x"}}]}"#);
    assert_eq!(
        argo.json("/containers/0/image/reference"),
        r#"{"$unknown":"a parameter of the workflow that is filled in when it runs","$parts":["nginx:",null,"-x"]}"#
    );
    for (text, known) in [
        ("$(params.image)", false),
        ("/$(params['a.b'])/x", false),
        ("$(workspaces.source.path)", false),
        ("$(HOME)", true),
        ("$(params.open", true),
        ("plain", true),
    ] {
        let outcome = tekton("Task", &format!(r#"{{"steps":[{{"name":"a","image":"i:1","workingDir":"{text}"}}]}}"#));
        assert_eq!(outcome.at("/containers/0/workingDir").unwrap().is_unknown(), !known, "{text}");
    }
}

#[test]
fn tekton_steps_lie_over_their_template() {
    let outcome = tekton(
        "Task",
        r#"{"stepTemplate":{"image":"base:1","securityContext":{"runAsNonRoot":true,"capabilities":{"drop":["ALL"]}},
              "env":[{"name":"A","value":"1"},{"name":"B","value":"2"}],"computeResources":{"limits":{"memory":"1Gi"}}},
            "volumes":[{"name":"v","hostPath":{"path":"/"}}],
            "steps":[
              {"name":"one"},
              {"name":"two","image":"own:1","securityContext":{"privileged":true},"env":[{"name":"B","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}],
                "computeResources":{"requests":{"cpu":"1"}}},
              {"name":"three","ref":{"name":"action"}}],
            "sidecars":[{"name":"side","image":"dind:1"}]}"#,
    );
    for (pointer, expected) in [
        ("/containers/0/image/reference", r#""base:1""#),
        ("/containers/0/runAsNonRoot", "true"),
        ("/containers/0/resources", r#"{"limits":{"memory":"1Gi"}}"#),
        ("/containers/1/image/reference", r#""own:1""#),
        ("/containers/1/privileged", "true"),
        ("/containers/1/runAsNonRoot", "true"),
        ("/containers/1/capabilities/drop", r#"["ALL"]"#),
        (
            "/containers/1/env",
            r#"[{"name":"B","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}},{"name":"A","value":"1"}]"#,
        ),
        ("/containers/1/resources", r#"{"requests":{"cpu":"1"},"limits":{"memory":"1Gi"}}"#),
        ("/containers/2/privileged", r#"{"$unknown":"the `StepAction` that the step names may give it"}"#),
        ("/containers/2/image/tag", r#"{"$unknown":"the `StepAction` that the step names may give it"}"#),
        ("/containers/3/name", r#""side""#),
        ("/containers/3/runAsNonRoot", ""),
        ("/volumes/0/hostPath", r#""/""#),
    ] {
        assert_eq!(outcome.json(pointer), expected, "{pointer}");
    }
    assert_eq!(outcome.origin("/containers"), "/spec/steps");
    assert_eq!(
        outcome.origin("/containers/1/capabilities/drop"),
        "/spec/stepTemplate/securityContext/capabilities/drop"
    );
    assert_eq!(outcome.provenance_of(0, "/containers/1/capabilities/drop"), ["step template"]);
    assert_eq!(outcome.provenance_of(0, "/containers/1/privileged"), [""; 0]);
}

#[test]
fn tekton_runs_give_settings_to_the_pods_of_their_tasks() {
    let run = tekton(
        "TaskRun",
        r#"{"serviceAccountName":"sa","podTemplate":{"hostNetwork":true,"securityContext":{"runAsUser":0},"env":[{"name":"A","value":"run"}]},
            "stepSpecs":[{"name":"a","computeResources":{"limits":{"memory":"2Gi"}}}],
            "taskSpec":{"steps":[{"name":"a","image":"a:1","env":[{"name":"A","value":"step"}],"computeResources":{"limits":{"memory":"1Gi","cpu":"1"}}}]}}"#,
    );
    for (pointer, expected) in [
        ("/serviceAccount", r#""sa""#),
        ("/hostNetwork", "true"),
        ("/containers/0/user/uid", "0"),
        ("/containers/0/env", r#"[{"name":"A","value":"run"}]"#),
        ("/containers/0/resources", r#"{"limits":{"memory":"2Gi","cpu":"1"}}"#),
    ] {
        assert_eq!(run.json(pointer), expected, "{pointer}");
    }
    let whole = tekton(
        "TaskRun",
        r#"{"computeResources":{"limits":{"memory":"1Gi"}},"taskSpec":{"steps":[{"name":"a","image":"a:1"}]}}"#,
    );
    assert!(whole.json("/containers/0/resources").contains("$unknown"));

    let elsewhere = tekton("TaskRun", r#"{"taskRef":{"name":"x"},"podTemplate":{"hostNetwork":true}}"#);
    assert_eq!(elsewhere.json("/hostNetwork"), "true");
    assert_eq!(elsewhere.json("/containers"), r#"{"$unknown":"the steps stand in another object"}"#);
    assert!(tekton("TaskRun", r#"{"taskRef":{"name":"x"}}"#).workloads().is_empty());

    let action = tekton("StepAction", r#"{"image":"a:1","securityContext":{"privileged":true}}"#);
    assert_eq!(action.json("/containers/0/privileged"), "true");
    assert_eq!(action.origin("/containers"), "/spec");
}

#[test]
fn tekton_pipelines_have_a_workload_for_each_task_in_them() {
    let tasks = r#"{"tasks":[{"name":"a","taskSpec":{"metadata":{"labels":{"x":"y"}},"steps":[{"name":"s","image":"a:1"}]}},
        {"name":"b","taskRef":{"name":"other"}},{"name":"c","taskSpec":{"apiVersion":"x.io/v1","kind":"Wait","spec":{}}},
        {"name":"n","pipelineSpec":{"tasks":[{"name":"d","taskSpec":{"steps":[{"name":"s","image":"d:1"}]}}]}}],
        "finally":[{"name":"f","taskSpec":{"steps":[{"name":"s","image":"f:1"}]}}]}"#;
    let pipeline = tekton("Pipeline", tasks);
    let origins: Vec<String> =
        (0..pipeline.workloads().len()).map(|index| pipeline.origin_of(index, "/containers")).collect();
    assert_eq!(
        origins,
        [
            "/spec/tasks/0/taskSpec/steps",
            "/spec/tasks/3/pipelineSpec/tasks/0/taskSpec/steps",
            "/spec/finally/0/taskSpec/steps"
        ]
    );
    assert_eq!(at(&pipeline, 0, "/labels"), r#"{"x":"y"}"#);

    let run = tekton(
        "PipelineRun",
        &format!(
            r#"{{"pipelineSpec":{tasks},
                "taskRunTemplate":{{"serviceAccountName":"all","podTemplate":{{"hostNetwork":true,"securityContext":{{"runAsNonRoot":true}}}}}},
                "taskRunSpecs":[{{"pipelineTaskName":"a","serviceAccountName":"one","podTemplate":{{"hostNetwork":false,"securityContext":{{"runAsUser":0}}}}}},
                  {{"pipelineTaskName":"b","podTemplate":{{"runtimeClassName":"x"}}}}]}}"#
        ),
    );
    for (workload, pointer, expected) in [
        (0, "/serviceAccount", r#""one""#),
        (0, "/hostNetwork", "true"),
        (0, "/containers/0/user/uid", "0"),
        (0, "/containers/0/runAsNonRoot", ""),
        (1, "/runtimeClass", r#""x""#),
        (1, "/containers", r#"{"$unknown":"the steps stand in another object"}"#),
        (2, "/serviceAccount", r#""all""#),
        (2, "/containers/0/runAsNonRoot", "true"),
        (3, "/hostNetwork", "true"),
    ] {
        assert_eq!(at(&run, workload, pointer), expected, "{workload} {pointer}");
    }
    assert_eq!(run.workloads().len(), 4);
    let old = tekton(
        "PipelineRun",
        r#"{"pipelineRef":{"name":"x"},"serviceAccountName":"s","podTemplate":{"hostNetwork":true}}"#,
    );
    assert_eq!((old.json("/hostNetwork"), old.json("/serviceAccount")), ("true".into(), r#""s""#.into()));
}

#[test]
fn what_composed_pods_repeat_is_bounded() {
    let shared = "x".repeat(200_000);
    let templates = vec![r#"{"container":{"image":"a:1"}}"#; 200].join(",");
    let outcome = kubernetes(&format!(
        r#"{{"apiVersion":"argoproj.io/v1alpha1","kind":"Workflow","metadata":{{"name":"w"}},"spec":{{"securityContext":{{"x":"{shared}"}},"templates":[{templates}]}}}}"#
    ));
    assert!(outcome.workloads().is_empty());
    assert_eq!(outcome.diagnostics.len(), 1);
    assert!(
        outcome.diagnostics[0].message.contains("would repeat more than 16,777,216 bytes"),
        "{:?}",
        outcome.diagnostics
    );
}

#[test]
fn nothing_is_lost_whatever_a_node_is() {
    let outcome = |text: &str| {
        testing::normalize(text, |parsed, out, diagnostics| {
            normalize(&with_unknowns(parsed), Settings::default(), out, diagnostics)
        })
    };
    let container = r#"{"name":"main","image":"a:1","command":["x"],"securityContext":{"privileged":true,"capabilities":{"add":["A"]}},
        "env":[{"name":"A","value":"b"}],"volumeMounts":[{"name":"v","mountPath":"/v"}],"resources":{"limits":{"memory":"1Gi"}}}"#;
    let argo = format!(
        r#"{{"apiVersion":"argoproj.io/v1alpha1","kind":"Workflow","metadata":{{"name":"w"}},"spec":{{
            "serviceAccountName":"wf","automountServiceAccountToken":false,"hostNetwork":true,"securityContext":{{"runAsUser":0}},
            "imagePullSecrets":[{{"name":"r"}}],"volumes":[{{"name":"v","hostPath":{{"path":"/"}}}}],
            "podMetadata":{{"labels":{{"a":"b"}}}},
            "templateDefaults":{{"container":{{"imagePullPolicy":"Always","args":["y"],"securityContext":{{"readOnlyRootFilesystem":true}}}}}},
            "templates":[{{"name":"a","container":{container},"sidecars":[{container}],"initContainers":[{container}],
              "tolerations":[{{"key":"k"}}],"nodeSelector":{{"a":"b"}},"volumes":[{{"name":"o","emptyDir":{{}}}}],"priorityClassName":"p"}},
              {{"name":"b","containerSet":{{"volumeMounts":[{{"name":"v","mountPath":"/w"}}],"containers":[{container}]}}}}]}}}}"#
    );
    for from in [
        "/spec/serviceAccountName",
        "/spec/automountServiceAccountToken",
        "/spec/hostNetwork",
        "/spec/securityContext",
        "/spec/imagePullSecrets",
        "/spec/volumes",
        "/spec/podMetadata/labels",
        "/spec/templateDefaults/container/args",
        "/spec/templateDefaults/container/securityContext",
        "/spec/templates/0/container",
        "/spec/templates/0/sidecars",
        "/spec/templates/0/initContainers",
        "/spec/templates/0/tolerations",
        "/spec/templates/0/nodeSelector",
        "/spec/templates/0/volumes",
        "/spec/templates/0/priorityClassName",
        "/spec/templates/1/containerSet",
    ] {
        check_custom_replacements(&argo, from, outcome);
    }
    let step = container.replace("resources", "computeResources");
    let tekton = format!(
        r#"{{"apiVersion":"tekton.dev/v1","kind":"TaskRun","metadata":{{"name":"t"}},"spec":{{
            "serviceAccountName":"sa","podTemplate":{{"hostNetwork":true,"securityContext":{{"runAsUser":0}},"volumes":[{{"name":"v","hostPath":{{"path":"/"}}}}],
              "env":[{{"name":"P","value":"q"}}]}},
            "stepSpecs":[{{"name":"main","computeResources":{{"requests":{{"cpu":"1"}}}}}}],
            "taskSpec":{{"stepTemplate":{{"workingDir":"/","securityContext":{{"readOnlyRootFilesystem":true}}}},
              "volumes":[{{"name":"w","emptyDir":{{}}}}],"steps":[{step}],"sidecars":[{step}]}}}}}}"#
    );
    for from in [
        "/spec/serviceAccountName",
        "/spec/podTemplate",
        "/spec/stepSpecs/0/computeResources",
        "/spec/taskSpec/stepTemplate",
        "/spec/taskSpec/volumes",
        "/spec/taskSpec/steps",
        "/spec/taskSpec/sidecars",
    ] {
        check_custom_replacements(&tekton, from, outcome);
    }
}
