//! Reports made by hand.

use std::collections::BTreeMap;

use verdikt_model::{
    Artifact, Code, Coverage, CoverageNote, DiffBase, DocumentRef, Edit, FileCoverage, FileOutcome, Fix, Gate, Level,
    Location, Mode, Operation, PackRef, Pointer, ProvenanceStep, RelatedPlace, RenderedFrom, Renderer, Report,
    ReportDiagnostic, Row, RuleInfo, RuleRef, Scope, Severity, Summary, Suppressed, Target, Tool, Verdict,
};

const WEB: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      hostNetwork: {{ .Values.hostNetwork }}
      securityContext: {runAsUser: 0}
      containers:
        - name: web
          image: registry.example/web:1.4
          securityContext:
            privileged: true
          env:
            - name: PASSWORD
              value: hunter2
            - {name: TOKEN, value: abc}
";

fn rule(id: &str, slug: &str, title: &str, severity: Severity) -> RuleRef {
    RuleRef {
        info: RuleInfo {
            id: id.to_owned(),
            slug: slug.to_owned(),
            title: title.to_owned(),
            description: String::new(),
            remediation: String::new(),
            severity,
            scope: Scope::Document,
            enabled_by_default: true,
            targets: vec![Target { platform: verdikt_model::Platform::Workload, kind: None }],
            controls: vec!["owasp-container:d4".to_owned()],
            texts: Vec::new(),
            settings_schema: None,
            extra: Vec::new(),
        },
        pack: 0,
    }
}

fn place(file: &str, start: (u32, u32), end: (u32, u32)) -> Location {
    Location { file: file.to_owned(), line: start.0, column: start.1, end_line: end.0, end_column: end.1 }
}

fn web() -> DocumentRef {
    DocumentRef {
        platform: "workload",
        kind: "Deployment".to_owned(),
        namespace: Some("shop".to_owned()),
        name: "web".to_owned(),
        address: "shop/Deployment/web".to_owned(),
        file: "k8s/web.yaml".to_owned(),
        line: 1,
        rendered_from: None,
    }
}

fn row(rule: usize, verdict: Verdict, severity: Severity, message: &str) -> Row {
    Row {
        document: Some(web()),
        fingerprint: "0123456789abcdef0123456789abcdef".to_owned(),
        controls: vec!["owasp-container:d4".to_owned()],
        ..Row::new(rule, verdict, severity, Mode::Enforce, message.to_owned())
    }
}

/// A report with a row of every kind.
pub fn sample() -> Report {
    let at = |start, end| Some(place("k8s/web.yaml", start, end));
    let privileged = Row {
        pointer: "/containers/0/privileged".to_owned(),
        location: at((13, 25), (13, 29)),
        code: Some("privileged".to_owned()),
        arguments: vec![("container".to_owned(), "web".to_owned())],
        related: vec![RelatedPlace {
            note: "this network is the node's as well".to_owned(),
            location: place("k8s/web.yaml", (7, 20), (7, 45)),
        }],
        fix: Some(Fix {
            title: "set `privileged` to false".to_owned(),
            safe: false,
            edits: vec![Edit {
                operation: Operation::Replace,
                pointer: Pointer::parse("/containers/0/privileged").unwrap(),
                value: Some("false".to_owned()),
            }],
        }),
        ..row(0, Verdict::Fail, Severity::Critical, "Container `web` runs privileged.")
    };
    let root = Row {
        pointer: "/containers/0/user/uid".to_owned(),
        location: at((8, 35), (8, 36)),
        provenance: vec![ProvenanceStep {
            what: "pod level".to_owned(),
            location: place("k8s/web.yaml", (8, 35), (8, 36)),
        }],
        ..row(1, Verdict::Fail, Severity::High, "Container `web` runs as root.")
    };
    let read_only = Row {
        pointer: "/containers/0/readOnlyRootFilesystem".to_owned(),
        location: at((10, 11), (17, 40)),
        absent: true,
        ..row(2, Verdict::Fail, Severity::Medium, "Container `web` can write to its root file system.")
    };
    let network = Row {
        pointer: "/hostNetwork".to_owned(),
        location: at((7, 20), (7, 45)),
        reason: "a template that was not rendered".to_owned(),
        ..row(3, Verdict::Unknown, Severity::High, "Whether the network of the node is shared cannot be known.")
    };
    let secret = Row {
        pointer: "/containers/0/env/0/value".to_owned(),
        location: at((16, 22), (16, 29)),
        sensitive: true,
        ..row(4, Verdict::Fail, Severity::High, "The value of `PASSWORD` is a secret: ***.")
    };
    let beside_secret = Row {
        pointer: "/containers/0/env".to_owned(),
        location: at((16, 15), (16, 20)),
        ..row(2, Verdict::Informational, Severity::Info, "Values stand in the manifest.")
    };
    let whole = Row {
        location: at((1, 1), (18, 1)),
        suppressed: Some(Suppressed {
            kind: "comment".to_owned(),
            reason: "moves to another cluster".to_owned(),
            by: Some("ops".to_owned()),
            until: Some("2027-01-31".to_owned()),
            location: Some(place("k8s/web.yaml", (1, 1), (1, 2))),
        }),
        ..row(1, Verdict::Fail, Severity::Critical, "The document as a whole is wrong.")
    };
    let fault = Row {
        location: at((1, 1), (18, 1)),
        reason: "deadline".to_owned(),
        ..row(3, Verdict::Error, Severity::High, "WL-004 of pack `workload` could not judge this.")
    };
    let subject = Row {
        document: None,
        subject: "namespace `shop`".to_owned(),
        reason: "Who may change this namespace?".to_owned(),
        ..row(3, Verdict::Manual, Severity::Low, "The namespace `shop` has no owner.")
    };
    let service = Row {
        document: Some(DocumentRef {
            platform: "kubernetes",
            kind: "Service".to_owned(),
            address: "shop/Service/web".to_owned(),
            file: "k8s/service.json".to_owned(),
            rendered_from: Some(RenderedFrom {
                by: Renderer::Kustomize,
                path: "base/service.yaml".to_owned(),
                repository: Some("https://git.example/base".to_owned()),
                revision: Some("v1".to_owned()),
            }),
            ..web()
        }),
        pointer: "/spec/internal~1Policy".to_owned(),
        location: Some(place("k8s/service.json", (3, 11), (6, 4))),
        absent: true,
        mode: Mode::Audit,
        ..row(3, Verdict::Fail, Severity::Info, "The service has no policy.")
    };
    let again = Row { location: at((4, 1), (18, 1)), ..fault.clone() };
    let artifact = |row: &Row, compliant| Artifact { document: row.document.clone().unwrap_or_else(web), compliant };
    let artifacts = vec![artifact(&service, Some(true)), artifact(&whole, Some(false)), artifact(&fault, None)];
    let rows = vec![fault, whole, again, network, root, read_only, privileged, beside_secret, secret, service, subject];
    let mut sources = BTreeMap::new();
    sources.insert("k8s/web.yaml".to_owned(), WEB.into());
    let service =
        "{\n  \"kind\": \"Service\",\n  \"spec\": {\n    \"type\": \"ClusterIP\",\n    \"ports\": []\n  }\n}\n";
    sources.insert("k8s/service.json".to_owned(), service.into());
    sources.insert("k8s/broken.yaml".to_owned(), "kind: Pod\nspec: [1\n".into());
    let file = |path: &str, outcome| FileCoverage { path: path.to_owned(), outcome };
    let skipped = |reason: &str| FileOutcome::Skipped { reason: reason.to_owned() };
    Report {
        tool: Tool { name: "verdikt".to_owned(), version: "0.1.0".to_owned() },
        diff_base: None,
        summary: Summary {
            documents: 3,
            pass: 12,
            fail: 5,
            unknown: 1,
            error: 2,
            not_applicable: 3,
            informational: 1,
            manual: 1,
            suppressed: 1,
        },
        rows,
        diagnostics: vec![
            ReportDiagnostic {
                code: Code::YamlSyntax,
                level: Level::Error,
                message: "The list that begins here has no end. Close it with `]`.".to_owned(),
                file: None,
                location: Some(place("k8s/broken.yaml", (2, 7), (3, 1))),
            },
            ReportDiagnostic {
                code: Code::LinkOutside,
                level: Level::Warning,
                message: "This link leads out of the scanned folder and was not followed.".to_owned(),
                file: Some("k8s/link.yaml".to_owned()),
                location: None,
            },
            ReportDiagnostic {
                code: Code::PackStopped,
                level: Level::Error,
                message: "Pack `workload` was stopped after 20 faults.".to_owned(),
                file: None,
                location: None,
            },
        ],
        coverage: Coverage {
            notes: vec![CoverageNote {
                path: "infra/main.tf".to_owned(),
                line: 7,
                text: "`helm_release.web` installs a Helm chart, which is not rendered here.".to_owned(),
            }],
            files: vec![
                file("k8s/web.yaml", FileOutcome::Scanned { format: "kubernetes", documents: 1 }),
                file("k8s/broken.yaml", FileOutcome::Failed),
                file("k8s/cut-off.yaml", FileOutcome::Failed),
                file("ecs/task.json", FileOutcome::Scanned { format: "ecs", documents: 2 }),
                file("k8s/values.yaml", skipped("no Kubernetes object or ECS task definition")),
                file("k8s/more.yaml", skipped("no Kubernetes object or ECS task definition")),
                file("k8s/templates/a.yaml", skipped("a Helm template that is not rendered")),
            ],
        },
        packs: vec![PackRef {
            id: "workload".to_owned(),
            version: "0.1.0".to_owned(),
            digest: format!("sha256:{}", "0".repeat(64)),
        }],
        rules: vec![
            rule("WL-001", "privileged", "Containers are not privileged", Severity::Critical),
            rule("WL-002", "run-as-root", "Containers do not run as root", Severity::High),
            rule("WL-003", "read-only-root", "Root file systems are read-only", Severity::Medium),
            rule("WL-004", "host-namespaces", "Host namespaces are not shared", Severity::High),
            rule("SE-001", "plain-secret", "Secrets do not stand in manifests", Severity::High),
        ],
        artifacts,
        gate: Gate::Failed,
        incomplete: true,
        secrets: Vec::new(),
        sources,
    }
}

/// A report in which every text tries to steer the terminal.
pub fn hostile() -> Report {
    let evil = "x\u{1b}]0;owned\u{7}\u{9b}2J\r\nforged: \u{202e}0 findings\u{7f}\u{8}";
    let mut report = sample();
    report.diff_base = Some(DiffBase { reference: evil.to_owned(), commit: Some(evil.to_owned()) });
    let file = format!("k8s/{evil}.yaml");
    report.sources.insert(file.clone(), format!("\u{1b}[31m\t{evil}\u{85}\n").replace('\n', "").into());
    for rule in &mut report.rules {
        rule.info.id = format!("WL{evil}");
        rule.info.slug = evil.to_owned();
    }
    for row in &mut report.rows {
        row.message = format!("{evil}{}", row.message);
        row.reason = evil.to_owned();
        row.subject = evil.to_owned();
        row.pointer = format!("/a/{evil}");
        row.absent = true;
        row.sensitive = false;
        row.location = Some(place(&file, (1, 1), (1, 9)));
        row.provenance = vec![ProvenanceStep { what: evil.to_owned(), location: place(&file, (1, 1), (1, 2)) }];
        row.related = vec![RelatedPlace { note: evil.to_owned(), location: place(&file, (1, 1), (1, 2)) }];
        row.suppressed = Some(Suppressed {
            kind: evil.to_owned(),
            reason: evil.to_owned(),
            by: Some(evil.to_owned()),
            until: Some(evil.to_owned()),
            location: None,
        });
        row.document =
            Some(DocumentRef { kind: evil.to_owned(), address: evil.to_owned(), file: file.clone(), ..web() });
        if let Some(fix) = &mut row.fix {
            fix.title = evil.to_owned();
        }
    }
    for diagnostic in &mut report.diagnostics {
        diagnostic.message = evil.to_owned();
        diagnostic.file = Some(file.clone());
    }
    report.coverage.files.push(FileCoverage { path: file, outcome: FileOutcome::Skipped { reason: evil.to_owned() } });
    report
}

/// A report of rows that differ in their places only, one a line.
pub fn many(rows: usize) -> Report {
    let mut report = sample();
    report.diagnostics.clear();
    report.sources.insert("many.yaml".to_owned(), "    privileged: true # ü\n".repeat(rows).into());
    report.rows = (1..=rows as u32)
        .map(|line| Row {
            location: Some(place("many.yaml", (line, 17), (line, 21))),
            ..row(0, Verdict::Fail, Severity::High, "Privileged.")
        })
        .collect();
    report
}

/// The same on one line, as in minified JSON.
pub fn one_line(rows: usize) -> Report {
    let mut report = many(rows);
    let item = r#"{"ü":true},"#;
    report.sources.insert("one.json".to_owned(), format!("[{}", item.repeat(rows)).into());
    let width = item.chars().count() as u32;
    for (index, row) in report.rows.iter_mut().enumerate() {
        let column = 2 + index as u32 * width + 5;
        row.location = Some(place("one.json", (1, column), (1, column + 4)));
    }
    report
}
