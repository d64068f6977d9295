//! Deterministic manifests, about as large and as varied as those that people write.

use std::fmt::Write;

/// The file of a Deployment with an init container, a main container and a sidecar. `number`
/// decides names, images and which of the common mistakes it has.
pub fn deployment(number: usize) -> String {
    let mut text = String::with_capacity(3 << 10);
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "\
# Service {number} of the generated shop.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: service-{number}
  namespace: team-{team}
  labels:
    app.kubernetes.io/name: service-{number}
    app.kubernetes.io/part-of: shop
  annotations:
    example.com/description: \"Answers requests of kind {number}: see the \\\"runbook\\\".\"
spec:
  replicas: {replicas}
  selector:
    matchLabels:
      app.kubernetes.io/name: service-{number}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: service-{number}
    spec:
      serviceAccountName: service-{number}
      automountServiceAccountToken: false
      hostNetwork: {host_network}
      securityContext:
        runAsNonRoot: true
        runAsUser: {user}
        fsGroup: {user}
        seccompProfile: {{type: RuntimeDefault}}
",
        team = number % 17,
        replicas = 1 + number % 5,
        host_network = number.is_multiple_of(31),
        user = 10_000 + number % 100,
    );
    text.push_str("      initContainers:\n");
    container(&mut text, "prepare", number, number.is_multiple_of(7));
    text.push_str("      containers:\n");
    container(&mut text, "main", number, number.is_multiple_of(5));
    container(&mut text, "metrics", number, false);
    text.push_str(
        "      volumes:\n        - name: tmp\n          emptyDir: {sizeLimit: 64Mi}\n        - name: config\n          configMap: {name: settings}\n",
    );
    text
}

fn container(text: &mut String, name: &str, number: usize, careless: bool) {
    let _ = write!(
        text,
        // The first line cannot stand below: its indentation would be lost with the line break.
        "        - name: {name}
          image: registry.example.com/shop/{name}:{tag}
          args: [\"--listen=0.0.0.0:8080\", \"--name={name}-{number}\", '--verbose']
          env:
            - name: REGION
              value: eu-central-1
            - name: TOKEN
              valueFrom:
                secretKeyRef: {{name: tokens, key: {name}}}
          ports:
            - containerPort: 8080
              protocol: TCP
          volumeMounts:
            - {{name: tmp, mountPath: /tmp}}
            - {{name: config, mountPath: /etc/service, readOnly: true}}
",
        tag = if careless { "latest".to_owned() } else { format!("1.{}.{}", number % 40, number % 9) },
    );
    if careless {
        text.push_str(
            "          securityContext:\n            privileged: yes\n            capabilities: {add: [NET_ADMIN]}\n",
        );
    } else {
        text.push_str(
            "          securityContext:\n            allowPrivilegeEscalation: false\n            readOnlyRootFilesystem: true\n            capabilities: {drop: [ALL]}\n          resources:\n            requests: {cpu: 100m, memory: 128Mi}\n            limits: {memory: 256Mi}\n",
        );
    }
}

/// What a chart of a service renders to: the Deployment, and what makes it run and reachable.
pub fn application(number: usize) -> String {
    let name = format!("service-{number}");
    let metadata = |name: &str| {
        format!(
            "metadata:\n  name: {name}\n  namespace: team-{}\n  labels:\n    app.kubernetes.io/name: service-{number}\n    app.kubernetes.io/part-of: shop\n    app.kubernetes.io/managed-by: Helm\n",
            number % 17
        )
    };
    let selector = format!("matchLabels:\n      app.kubernetes.io/name: {name}\n");
    let of_it = metadata(&name);
    let objects = [
        format!("apiVersion: v1\nkind: ServiceAccount\n{of_it}automountServiceAccountToken: false\n"),
        format!(
            "apiVersion: v1\nkind: Service\n{of_it}spec:\n  type: ClusterIP\n  ports:\n    - port: 80\n      targetPort: 8080\n      protocol: TCP\n      name: http\n  selector:\n    app.kubernetes.io/name: {name}\n"
        ),
        format!(
            "apiVersion: v1\nkind: ConfigMap\n{}data:\n  LOG_LEVEL: info\n  LISTEN: \"0.0.0.0:8080\"\n  UPSTREAM: http://service-{}.shop.svc:8080\n  application.properties: |\n    cache.size=512\n    cache.ttl=30s\n    features.checkout=true\n",
            metadata(&format!("{name}-settings")),
            number + 1
        ),
        deployment(number),
        format!(
            "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\n{of_it}spec:\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: {name}\n  minReplicas: 2\n  maxReplicas: 10\n  metrics:\n    - type: Resource\n      resource:\n        name: cpu\n        target:\n          type: Utilization\n          averageUtilization: 80\n"
        ),
        format!(
            "apiVersion: policy/v1\nkind: PodDisruptionBudget\n{of_it}spec:\n  maxUnavailable: 1\n  selector:\n    {selector}"
        ),
        format!(
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n{of_it}spec:\n  podSelector:\n    {selector}  policyTypes: [Ingress]\n  ingress:\n    - from:\n        - namespaceSelector:\n            matchLabels:\n              kubernetes.io/metadata.name: ingress\n      ports:\n        - port: 8080\n          protocol: TCP\n"
        ),
        format!(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\n{of_it}spec:\n  ingressClassName: nginx\n  tls:\n    - hosts: [{name}.example.com]\n      secretName: {name}-tls\n  rules:\n    - host: {name}.example.com\n      http:\n        paths:\n          - path: /\n            pathType: Prefix\n            backend:\n              service:\n                name: {name}\n                port:\n                  name: http\n"
        ),
    ];
    objects.join("---\n")
}

/// A file as the repositories of platform teams hold them: in eight of them the objects of six services, the
/// definition that an operator brings, and a dashboard.
pub fn repository_file(number: usize) -> String {
    match number % 8 {
        0 => definition(number),
        1 => config_map(number),
        _ => application(number),
    }
}

/// A CustomResourceDefinition: deep, with long descriptions in several lines, as controller-gen
/// writes them. Most bytes of many repositories are of this kind.
pub fn definition(number: usize) -> String {
    let mut text = format!(
        "\
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  annotations:
    controller-gen.kubebuilder.io/version: v0.{number}.0
  name: gadgets{number}.shop.example.com
spec:
  group: shop.example.com
  names:
    kind: Gadget{number}
    plural: gadgets{number}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
"
    );
    for group in 0..8 {
        let _ = write!(text, "          group{group}:\n            type: object\n            properties:\n");
        for field in 0..12 {
            let _ = write!(
                text,
                "              setting{field}:
                description: |-
                  Setting {field} of group {group} says how gadgets of this kind behave.
                  Changing it restarts nothing: it is read at each turn.
                properties:
                  mode:
                    description: Mode is one of \"Fast\" or \"Careful\". It cannot be changed while the
                      gadget is in use, and the default of the namespace applies when it is left
                      out.
                    enum:
                    - Fast
                    - Careful
                    type: string
                  limits:
                    additionalProperties:
                      anyOf:
                      - type: integer
                      - type: string
                      pattern: ^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))$
                      x-kubernetes-int-or-string: true
                    type: object
                required:
                - mode
                type: object
"
            );
        }
    }
    text
}

/// A ConfigMap with a dashboard and a script: few nodes with much text.
pub fn config_map(number: usize) -> String {
    let mut text = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: dashboard-{number}\n  namespace: team-{}\ndata:\n  dashboard.json: |-\n    {{\n      \"panels\": [\n",
        number % 17
    );
    for panel in 0..60 {
        let _ = write!(
            text,
            "        {{\n          \"id\": {panel},\n          \"title\": \"Requests of service {number}\",\n          \"expr\": \"sum(rate(requests_total{{service=\\\"{number}\\\"}}[5m])) by (pod)\"\n        }},\n"
        );
    }
    text.push_str("        {}\n      ]\n    }\n  run.sh: |\n");
    for line in 0..40 {
        let _ = writeln!(text, "    echo \"step {line}\" && sleep {line}  # wait for the others");
    }
    text
}

/// One YAML stream of the documents of a generator.
pub fn stream(document: fn(usize) -> String, count: usize) -> String {
    (0..count).map(document).collect::<Vec<_>>().join("---\n")
}

/// The same text about something that is not ours, so that it is parsed and nothing more happens.
pub fn nobodys(text: &str) -> String {
    let renamed =
        [("apiVersion", "apiLineage"), ("kind", "sort"), ("ontainers", "ylinders"), ("Definitions", "Declaration")];
    renamed.into_iter().fold(text.to_owned(), |text, (ours, other)| text.replace(ours, other))
}

/// The same text with comments in a language that ASCII has no letters for.
pub fn translated(text: &str) -> String {
    text.replace("kind:", "# Überprüft für die Ausführung.\nkind:")
}

/// An ECS task definition with two containers.
pub fn task_definition(number: usize) -> String {
    format!(
        r#"{{
  "family": "service-{number}",
  "networkMode": "awsvpc",
  "requiresCompatibilities": ["FARGATE"],
  "cpu": "512",
  "memory": "1024",
  "containerDefinitions": [
    {{
      "name": "main",
      "image": "registry.example.com/shop/main:1.{number}",
      "essential": true,
      "user": "{user}",
      "readonlyRootFilesystem": {read_only},
      "memory": 512,
      "environment": [{{"name": "REGION", "value": "eu-central-1"}}],
      "secrets": [{{"name": "TOKEN", "valueFrom": "arn:aws:ssm:eu-central-1:123456789012:parameter/token"}}],
      "linuxParameters": {{"capabilities": {{"drop": ["ALL"]}}}},
      "logConfiguration": {{"logDriver": "awslogs", "options": {{"awslogs-group": "/ecs/{number}"}}}}
    }},
    {{
      "name": "proxy",
      "image": "registry.example.com/platform/proxy:3.{number}",
      "essential": false,
      "user": "10001",
      "memory": 128
    }}
  ]
}}
"#,
        user = if number.is_multiple_of(6) { "root" } else { "10001:10001" },
        read_only = !number.is_multiple_of(4),
    )
}

/// A configuration of Terraform with `services` calls of a module of 25 resources: a task definition by
/// `jsonencode` with a local and a variable, and what refers to it by `for_each`. Path and text of each
/// file.
pub fn configuration(services: usize) -> Vec<(String, String)> {
    let mut calls = "variable \"stage\" {\n  type    = string\n  default = \"test\"\n}\n".to_owned();
    for number in 0..services {
        let _ = write!(
            calls,
            "
module \"service_{number}\" {{
  source = \"./service\"
  name   = \"${{var.stage}}-service-{number}\"
  debug  = {debug}
}}
",
            debug = number.is_multiple_of(5),
        );
    }
    let service = "\
variable \"name\" { type = string }
variable \"debug\" {
  type    = bool
  default = false
}

locals {
  alarms = { for number in range(23) : format(\"%s-%02d\", var.name, number) => { threshold = number * 10 } }
  container = {
    name        = var.name
    image       = \"registry.example/${var.name}:1.4.2\"
    privileged  = var.debug
    environment = [for key, value in { STAGE = \"test\", LEVEL = \"info\" } : { name = key, value = value }]
  }
}

resource \"aws_ecs_task_definition\" \"this\" {
  family                = var.name
  container_definitions = jsonencode([merge(local.container, { memory = 512 })])
}

resource \"aws_ecs_service\" \"this\" {
  name            = var.name
  task_definition = aws_ecs_task_definition.this.arn
  desired_count   = var.debug ? 1 : 2
}

resource \"aws_cloudwatch_metric_alarm\" \"this\" {
  for_each   = local.alarms
  alarm_name = each.key
  threshold  = each.value.threshold
  dimensions = { ServiceName = aws_ecs_service.this.name }
}
";
    vec![("main.tf".to_owned(), calls), ("service/main.tf".to_owned(), service.to_owned())]
}

#[cfg(test)]
mod tests {
    use verdikt_input::{Input, LoadOptions, load};
    use verdikt_model::Platform;

    use super::*;

    #[test]
    fn every_generated_document_is_read_without_a_complaint() {
        let objects = [stream(deployment, 100), stream(definition, 2), translated(&stream(config_map, 3))];
        let shop = [objects.join("---\n"), application(100), application(101)].join("---\n");
        let yaml = Input::Text { path: "shop.yaml".to_owned(), bytes: shop.into_bytes() };
        let json = Input::Text { path: "task.json".to_owned(), bytes: task_definition(6).into_bytes() };
        let loaded = load(&LoadOptions { inputs: vec![yaml, json], ..LoadOptions::default() });
        assert_eq!(loaded.diagnostics, []);
        let count = |platform| loaded.documents.iter().filter(|document| document.platform == platform).count();
        assert_eq!((count(Platform::Kubernetes), count(Platform::Ecs), count(Platform::Workload)), (121, 1, 103));
    }
}
