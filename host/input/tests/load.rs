//! Loading as callers see it: files found, told apart, read and joined.

#![expect(clippy::disallowed_methods, reason = "tests make the files that they need")]

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use globset::{Glob, GlobSetBuilder};
use tempfile::TempDir;
use verdikt_input::{Format, Input, InputLimits, LoadOptions, Loaded, PodSpecPath, Progress, load};
use verdikt_model::{Code, DiagnosticPlace, DocumentId, FileOutcome, Level, Platform};

fn pod(name: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\nspec:\n  containers:\n    - name: a\n      image: nginx:1\n"
    )
}

/// A folder with these files; a text of a folder's name ends with `/`.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn options(cwd: &Path, paths: &[&str]) -> LoadOptions {
    LoadOptions {
        inputs: paths.iter().map(|path| Input::Path(path.into())).collect(),
        cwd: cwd.to_owned(),
        ..LoadOptions::default()
    }
}

fn text(path: &str, bytes: impl Into<Vec<u8>>) -> LoadOptions {
    LoadOptions { inputs: vec![Input::Text { path: path.into(), bytes: bytes.into() }], ..LoadOptions::default() }
}

/// The report paths of all candidates.
fn files(loaded: &Loaded) -> Vec<&str> {
    loaded.coverage.files.iter().map(|file| file.path.as_str()).collect()
}

fn codes(loaded: &Loaded) -> Vec<Code> {
    loaded.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

fn addresses(loaded: &Loaded) -> Vec<&str> {
    let own = loaded.documents.iter().filter(|document| document.platform != Platform::Workload);
    own.map(|document| document.address.as_str()).collect()
}

#[test]
fn files_are_found_in_order_and_others_are_of_no_interest() {
    let pod = pod("a");
    let folder = folder(&[
        ("b.yaml", &pod),
        ("a/z.yml", &pod),
        ("a-b/c.json", "{}"),
        ("main.rs", ""),
        ("main.tf", ""),
        ("Kustomization", "resources: []"),
        ("a/readme.md", ""),
        ("UPPER.YAML", &pod),
        ("shop.template", "{}"),
        ("nginx.conf.template", "{}"),
        (".hidden.yaml", &pod),
        (".hidden/x.yaml", &pod),
        (".git/config.yaml", &pod),
    ]);
    let loaded = load(&options(folder.path(), &["."]));
    assert_eq!(
        files(&loaded),
        ["Kustomization", "UPPER.YAML", "a-b/c.json", "a/z.yml", "b.yaml", "main.tf", "shop.template"]
    );
    let all = LoadOptions { respect_ignore: false, ..options(folder.path(), &["."]) };
    let loaded = load(&all);
    assert_eq!(
        files(&loaded),
        [
            ".hidden.yaml",
            ".hidden/x.yaml",
            "Kustomization",
            "UPPER.YAML",
            "a-b/c.json",
            "a/z.yml",
            "b.yaml",
            "main.tf",
            "shop.template"
        ],
        "hidden files too, but never those of git"
    );
}

#[test]
fn ignore_files_count_from_the_repository_down() {
    let pod = pod("a");
    let folder = folder(&[
        (".git/HEAD", ""),
        (".gitignore", "ignored.yaml\n/app/build/\n*.tmp.yaml\n"),
        ("app/.ignore", "local.yaml\n!keep.tmp.yaml\n!.shown.yaml\n"),
        ("app/ignored.yaml", &pod),
        ("app/local.yaml", &pod),
        ("app/keep.tmp.yaml", &pod),
        ("app/drop/x.tmp.yaml", &pod),
        ("app/.shown.yaml", &pod),
        ("app/build/x.yaml", &pod),
        ("app/src/build/x.yaml", &pod),
        ("ignored.yaml", &pod),
    ]);
    let expected = ["app/.shown.yaml", "app/keep.tmp.yaml", "app/src/build/x.yaml"];
    assert_eq!(files(&load(&options(folder.path(), &["."]))), expected);
    // The same from below, where the rules above the argument count too.
    assert_eq!(files(&load(&options(folder.path(), &["app"]))), expected);
    let loaded = load(&options(folder.path(), &["app/build", "ignored.yaml"]));
    assert_eq!(files(&loaded), ["app/build/x.yaml", "ignored.yaml"], "what is named is scanned");
}

#[test]
fn excluded_names_and_paths_are_left_out() {
    let pod = pod("a");
    let folder = folder(&[("a.yaml", &pod), ("vendor/b.yaml", &pod), ("x/gen/c.yaml", &pod), ("x/skip.yaml", &pod)]);
    let mut exclude = GlobSetBuilder::new();
    for glob in ["vendor", "x/gen/**", "skip.yaml"] {
        exclude.add(Glob::new(glob).unwrap());
    }
    let options = LoadOptions { exclude: exclude.build().unwrap(), ..options(folder.path(), &["."]) };
    assert_eq!(files(&load(&options)), ["a.yaml"]);
}

#[test]
fn paths_are_relative_to_the_current_folder_and_identities_to_the_repository() {
    let pod = pod("a");
    let folder = folder(&[("repo/.git/HEAD", ""), ("repo/k8s/a.yaml", &pod), ("plain/sub/a.yaml", &pod)]);
    let absolute = folder.path().join("repo/k8s").to_str().unwrap().to_owned();
    for (cwd, argument, path, identity) in [
        ("", "repo", "repo/k8s/a.yaml", "k8s/a.yaml"),
        ("repo", "./k8s/", "k8s/a.yaml", "k8s/a.yaml"),
        ("repo/k8s", "a.yaml", "a.yaml", "k8s/a.yaml"),
        ("repo", &absolute, "k8s/a.yaml", "k8s/a.yaml"),
        ("plain", "../repo/k8s/a.yaml", "../repo/k8s/a.yaml", "k8s/a.yaml"),
        ("", "plain", "plain/sub/a.yaml", "sub/a.yaml"),
        ("", "plain/sub/a.yaml", "plain/sub/a.yaml", "a.yaml"),
    ] {
        let loaded = load(&options(&folder.path().join(cwd), &[argument]));
        let sources: Vec<_> = loaded.sources.iter().map(|(_, source)| (&*source.path, &*source.identity)).collect();
        assert_eq!(sources, [(path, identity)], "{argument} from {cwd:?}");
    }
}

#[test]
fn a_path_to_nothing_is_an_error_and_the_rest_goes_on() {
    let folder = folder(&[("a.yaml", &pod("a"))]);
    let loaded = load(&options(folder.path(), &["nowhere", "a.yaml"]));
    assert_eq!(codes(&loaded), [Code::PathNotFound]);
    assert_eq!(loaded.diagnostics[0].place, DiagnosticPlace::Path("nowhere".into()));
    assert_eq!(addresses(&loaded), ["/Pod/a"]);
    assert_eq!(loaded.documents[0].set.0, 1);
}

#[cfg(unix)]
#[test]
fn links_are_followed_inside_and_refused_outside() {
    use std::os::unix::fs::symlink;

    let pod = pod("a");
    let outside = folder(&[("secret.yaml", &pod), ("more/x.yaml", &pod)]);
    let folder = folder(&[("real/a.yaml", &pod), (".store/b.yaml", &pod), (".store/deep/c.yaml", &pod)]);
    let root = folder.path();
    symlink("real/a.yaml", root.join("again.yaml")).unwrap();
    symlink(".store", root.join("linked")).unwrap();
    symlink("..", root.join(".store/deep/loop")).unwrap();
    symlink(".", root.join("self")).unwrap();
    symlink(outside.path().join("secret.yaml"), root.join("out.yaml")).unwrap();
    symlink(outside.path().join("more"), root.join("outfolder")).unwrap();
    symlink("/bin/true", root.join("tool.sh")).unwrap();
    symlink("nothing.yaml", root.join("dangling.yaml")).unwrap();
    symlink("nothing", root.join("dangling.txt")).unwrap();
    let loaded = load(&options(root, &["."]));
    // What is seen by its own path is not read again through a link.
    assert_eq!(files(&loaded), ["dangling.yaml", "linked/b.yaml", "linked/deep/c.yaml", "real/a.yaml"]);
    let places: Vec<_> = loaded.diagnostics.iter().map(|found| (found.code, found.place.clone())).collect();
    let at = |path: &str| DiagnosticPlace::Path(path.into());
    assert!(places.contains(&(Code::LinkOutside, at("out.yaml"))), "{places:?}");
    assert!(places.contains(&(Code::LinkOutside, at("outfolder"))), "{places:?}");
    assert!(places.contains(&(Code::Unreadable, at("dangling.yaml"))), "{places:?}");
    let links = places.iter().filter(|(code, _)| matches!(code, Code::LinkOutside | Code::Unreadable)).count();
    assert_eq!(links, 3, "{places:?}");
    // A link that is named is followed: somebody asked for it.
    assert_eq!(addresses(&load(&options(root, &["out.yaml"]))), ["/Pod/a"]);
}

#[cfg(unix)]
#[test]
fn pipes_and_sockets_are_never_opened() {
    let folder = folder(&[("a.yaml", &pod("a"))]);
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket.yaml")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(folder.path().join("pipe.yaml")).status();
    let loaded = load(&options(folder.path(), &["."]));
    let skipped: Vec<&str> = loaded.coverage.skipped().map(|(path, _)| path).collect();
    if made.is_ok_and(|status| status.success()) {
        assert_eq!(skipped, ["pipe.yaml", "socket.yaml"]);
    } else {
        assert_eq!(skipped, ["socket.yaml"]);
    }
    assert_eq!(addresses(&loaded), ["/Pod/a"]);
    let named = load(&options(folder.path(), &["socket.yaml"]));
    assert_eq!(codes(&named), [Code::Unreadable]);
}

#[test]
fn folders_named_like_files_are_folders() {
    let folder = folder(&[("x.yaml/a.yaml", &pod("a"))]);
    let loaded = load(&options(folder.path(), &["."]));
    assert_eq!(files(&loaded), ["x.yaml/a.yaml"]);
    assert!(loaded.diagnostics.is_empty());
}

#[test]
fn limits_end_files_and_scans_with_an_error() {
    let (a, b) = (pod("a"), pod("b"));
    let folder = folder(&[("a.yaml", &a), ("b.yaml", &b), ("big.yaml", &format!("{}# {}", pod("c"), "x".repeat(500)))]);
    let with = |limits| load(&LoadOptions { limits, ..options(folder.path(), &["."]) });
    let loaded = with(InputLimits { file_size: 400, ..InputLimits::default() });
    assert_eq!(codes(&loaded), [Code::TooLarge]);
    assert_eq!(addresses(&loaded), ["/Pod/a", "/Pod/b"]);
    let loaded = with(InputLimits { files: 2, ..InputLimits::default() });
    assert_eq!((codes(&loaded), files(&loaded).len()), (vec![Code::TooMany], 2));
    let loaded = with(InputLimits { documents: 3, ..InputLimits::default() });
    assert_eq!((codes(&loaded), addresses(&loaded)), (vec![Code::TooMany], vec!["/Pod/a"]));
    assert_eq!(loaded.coverage.files[1].outcome, FileOutcome::Failed);
    let loaded = load(&LoadOptions {
        limits: InputLimits { file_size: 4, ..InputLimits::default() },
        ..text("<stdin>", "a: 1, and more")
    });
    assert_eq!(codes(&loaded), [Code::TooLarge]);
}

#[test]
fn a_template_of_helm_is_one_from_wherever_it_is_scanned() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: \"{{ .Values.n }}\"}\n";
    let folder = folder(&[(".git/HEAD", ""), ("chart/templates/a.yaml", text)]);
    for (cwd, argument) in [("", "."), ("chart", "templates"), ("chart/templates", "."), ("chart/templates", "a.yaml")]
    {
        let loaded = load(&options(&folder.path().join(cwd), &[argument]));
        assert!(loaded.documents.is_empty(), "{argument} from {cwd:?}");
    }
}

#[test]
fn what_is_not_ours_is_skipped_even_if_it_is_broken() {
    for (path, text, reason) in [
        ("a.yaml", "on: push", "not a Kubernetes manifest"),
        ("a.yaml", "a: [1,", "not valid YAML"),
        ("a.json", "{\"compilerOptions\": {}, // why\n}", "not valid JSON"),
        ("a.json", "[1, 2]", "not a Kubernetes manifest"),
        ("a.yaml", "", "empty"),
        ("a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Values.name }}}\n", "was not rendered"),
        (
            "chart/templates/a.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: \"{{ .Values.n }}\"}\n",
            "was not rendered",
        ),
        ("kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n", "Kustomize"),
        ("kustomization.yml", "patches: [{patch: 'kind: X'}]", "stand in it were not judged"),
        ("d/kustomization.yml", "patchesStrategicMerge: [\"kind: X\\n\"]", "stand in it were not judged"),
        ("chart/values.yaml", "image: nginx", "Helm"),
        ("chart/values.production.yaml", "image: nginx", "Helm"),
        ("chart/Chart.yaml", "apiVersion: v2\nname: chart\nversion: 1.0.0\n", "Helm"),
        ("Kustomization", "resources: [a.yaml]", "Kustomize"),
        ("a.yaml", "{% if on %}\na: 1\n{% endif %}", "was not rendered"),
        ("a.yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n<% if on %>\n", "was not rendered"),
        ("a.yaml", "{% if on %}\napiVersion: v1\n{% endif %}\n", "was not rendered"),
        ("main.tofu", "", "OpenTofu"),
        ("main.tftest.hcl", "", "tests of a Terraform configuration"),
        ("main.tfcomponent.hcl", "", "Terraform stack"),
        ("main.tfdeploy.hcl", "", "Terraform stack"),
        ("main.tfquery.hcl", "", "query of Terraform"),
        ("prod.tfvars", "a = 1", "--var-file"),
        ("x.tfplan.json", "{}", "Terraform"),
        (
            "plan.json",
            "{\"format_version\":\"1.2\",\"terraform_version\":\"1.9.0\",\"planned_values\":{}}",
            "Terraform",
        ),
    ] {
        let folder = folder(&[(path, text)]);
        let loaded = load(&options(folder.path(), &["."]));
        assert!(loaded.diagnostics.is_empty(), "{text}: {:?}", loaded.diagnostics);
        let skipped: Vec<_> = loaded.coverage.skipped().collect();
        assert_eq!(skipped.len(), 1, "{text}");
        assert!(skipped[0].1.contains(reason), "{text}: {}", skipped[0].1);
    }
    let folder = folder(&[("noise.yaml", "")]);
    fs::write(folder.path().join("noise.yaml"), [0xff, 0x00, 0xc3]).unwrap();
    let loaded = load(&options(folder.path(), &["."]));
    assert!(loaded.diagnostics.is_empty() && loaded.coverage.skipped().count() == 1);
}

#[test]
fn what_looks_like_ours_and_cannot_be_read_is_an_error() {
    let utf16: Vec<u8> = [0xfeff_u16].into_iter().chain(pod("a").encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let latin1 = [pod("a").as_bytes(), b"# caf\xe9\n"].concat();
    let bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned()
        + &(1..9)
            .map(|level| {
                format!(
                    "a{level}: &a{level} [{}]\n",
                    vec![if level == 1 { "*a".into() } else { format!("*a{}", level - 1) }; 9].join(", ")
                )
            })
            .collect::<String>();
    for (path, bytes, code, says) in [
        ("a.yaml", latin1, Code::NotUtf8, "0xE9"),
        ("a.yaml", utf16, Code::NotUtf8, "UTF-16"),
        ("a.yaml", b"apiVersion: v1\nkind: Pod\nmetadata: {name: \"a".to_vec(), Code::YamlSyntax, "never closed"),
        ("a.json", b"{\"apiVersion\": \"v1\", \"kind\": \"Pod\"".to_vec(), Code::JsonSyntax, "end of the file"),
        ("task.json", b"{\"containerDefinitions\": [}".to_vec(), Code::JsonSyntax, "expected a value"),
        ("a.yaml", bomb.into_bytes(), Code::TooManyNodes, "2,000,000"),
        ("a.json", "[".repeat(200).into_bytes(), Code::TooDeep, "128"),
    ] {
        let folder = folder(&[("b.yaml", &pod("b"))]);
        fs::write(folder.path().join(path), &bytes).unwrap();
        let loaded = load(&options(folder.path(), &["."]));
        assert_eq!(codes(&loaded), [code], "{path}");
        assert!(loaded.diagnostics[0].message.contains(says), "{}", loaded.diagnostics[0].message);
        assert_eq!(loaded.diagnostics[0].level(), Level::Error);
        assert_eq!(addresses(&loaded), ["/Pod/b"], "the rest of the scan goes on");
        let outcome = &loaded.coverage.files.iter().find(|file| file.path == path).unwrap().outcome;
        assert_eq!(*outcome, FileOutcome::Failed, "{path}");
    }
}

#[test]
fn a_bad_document_leaves_the_others_of_its_file() {
    let stream = format!("{}---\napiVersion: v1\nkind: [\n---\n{}", pod("a"), pod("b"));
    let loaded = load(&text("<stdin>", stream));
    assert_eq!(codes(&loaded), [Code::YamlSyntax]);
    assert_eq!(addresses(&loaded), ["/Pod/a", "/Pod/b"]);
    assert_eq!(loaded.coverage.files[0].outcome, FileOutcome::Scanned { format: "kubernetes", documents: 2 });
}

#[test]
fn a_stated_format_makes_an_error_of_what_does_not_fit() {
    let stated = |format, bytes: &str| load(&LoadOptions { format: Some(format), ..text("<stdin>", bytes) });
    let loaded = stated(Format::Kubernetes, "on: push");
    assert_eq!(codes(&loaded), [Code::MissingField]);
    assert_eq!(loaded.coverage.files[0].outcome, FileOutcome::Failed);
    assert_eq!(codes(&stated(Format::Ecs, "{\"a\": 1")), [Code::YamlSyntax]);
    assert_eq!(codes(&stated(Format::Ecs, &pod("a"))), [Code::MissingField]);
    assert_eq!(addresses(&stated(Format::Kubernetes, &pod("a"))), ["/Pod/a"]);
    assert_eq!(stated(Format::Kubernetes, "").coverage.skipped().count(), 1);
}

#[test]
fn json_is_read_where_the_text_is_json_whatever_the_name() {
    let object = "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"containers\":[]}}";
    for (path, text_of) in [
        ("a.json", object.to_owned()),
        ("a.yaml", object.to_owned()),
        ("<stdin>", format!("{object}\n{}", object.replace("\"a\"", "\"b\""))),
        ("a.yaml", object.replace("\"a\"", "a # flow collections of YAML\n")),
    ] {
        let loaded = load(&text(path, text_of.clone()));
        assert!(loaded.diagnostics.is_empty(), "{text_of}: {:?}", loaded.diagnostics);
        assert_eq!(addresses(&loaded)[0], "/Pod/a", "{text_of}");
    }
}

#[test]
fn documents_are_numbered_in_order_and_workloads_follow_their_origins() {
    let folder = folder(&[("a.yaml", &pod("a")), ("b.yaml", &format!("{}---\n{}", pod("b"), pod("c")))]);
    let found = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&found);
    let options = LoadOptions {
        progress: Some(Arc::new(move |progress| log.lock().unwrap().push(progress))),
        ..options(folder.path(), &["b.yaml", "."])
    };
    let loaded = load(&options);
    assert_eq!(addresses(&loaded), ["/Pod/b", "/Pod/c", "/Pod/a", "/Pod/b", "/Pod/c"]);
    for (index, document) in loaded.documents.iter().enumerate() {
        assert_eq!(document.id, DocumentId(index as u32));
        if document.platform == Platform::Workload {
            assert_eq!(document.origin, Some(DocumentId(index as u32 - 1)));
            let name = document.body().get("name").unwrap();
            assert_eq!(name.origin().unwrap().0, DocumentId(index as u32 - 1), "in the tree as well");
        }
    }
    assert!(loaded.diagnostics.is_empty(), "two arguments are two sets: {:?}", loaded.diagnostics);
    let mut found = found.lock().unwrap().clone();
    assert_eq!(found.remove(0), Progress::Found(3));
    found.sort_by_key(|progress| if let Progress::Parsed(done) = progress { *done } else { 0 });
    assert_eq!(found, [Progress::Parsed(1), Progress::Parsed(2), Progress::Parsed(3)]);
}

#[test]
fn a_repeated_address_is_a_warning_that_names_the_first() {
    let folder = folder(&[("a.yaml", &pod("a")), ("b.yaml", &format!("# again\n{}", pod("a")))]);
    let loaded = load(&options(folder.path(), &["."]));
    assert_eq!(codes(&loaded), [Code::RepeatedAddress]);
    assert!(loaded.diagnostics[0].message.contains("a.yaml, line 1"), "{}", loaded.diagnostics[0].message);
    assert_eq!(loaded.diagnostics[0].level(), Level::Warning);
    assert_eq!(addresses(&loaded).len(), 2);
    // Each object that is made of a prefix gets a name of its own.
    let generated = pod("a").replace("name: a", "generateName: a-");
    let loaded = load(&text("<stdin>", format!("{generated}---\n{generated}")));
    assert_eq!((codes(&loaded), addresses(&loaded)), (vec![], vec!["/Pod/a-", "/Pod/a-"]));
}

#[test]
fn the_namespace_fills_the_envelope_only() {
    let loaded = load(&LoadOptions { namespace: Some("shop".into()), ..text("<stdin>", pod("a")) });
    assert_eq!(addresses(&loaded), ["shop/Pod/a"]);
    assert_eq!(loaded.documents[0].body().path(&["metadata", "namespace"]), None);
}

/// What each document was rendered from, as reports print it.
fn rendered(loaded: &Loaded) -> Vec<Option<String>> {
    loaded
        .documents
        .iter()
        .map(|document| document.rendered_from.as_ref().map(|from| format!("{}: {from}", from.by.as_str())))
        .collect()
}

#[test]
fn rendered_objects_say_what_they_were_rendered_from() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n";
    let source = "# Source: chart/templates/a.yaml\n";
    let helm = Some("helm: chart/templates/a.yaml");
    for (text_of, expected) in [
        // As `helm template` writes it.
        (format!("---\n{source}{}", pod("a")), vec![helm, helm]),
        (
            format!("---\n{source}{service}---\n# Source: chart/charts/b/templates/c.yaml\n{service}"),
            vec![helm, Some("helm: chart/charts/b/templates/c.yaml")],
        ),
        (format!("---\r\n{source}{service}"), vec![helm]),
        (format!("# Rendered.\n---\n{source}# Of the template itself.\n{service}"), vec![helm]),
        // Where Helm does not write it.
        (format!("{source}{service}"), vec![None]),
        (format!("{source}---\n{service}"), vec![None]),
        (format!("---\n# Note\n{source}{service}"), vec![None]),
        (format!("---\n{service}{source}---\n{}", service.replace("name: s", "name: t")), vec![None, None]),
        (format!("--- # Source: x\n{service}"), vec![None]),
        (format!("---\n# Source: \n{service}"), vec![None]),
    ] {
        assert_eq!(rendered(&load(&text("<stdin>", text_of.clone()))), expected_texts(&expected), "{text_of}");
    }
    for (annotation, expected) in [
        ("config.kubernetes.io/origin: \"path: base/a.yaml\\n\"", Some("kustomize: base/a.yaml")),
        (
            "config.kubernetes.io/origin: |\n      path: a.yaml\n      repo: https://git.example/r\n      ref: v1",
            Some("kustomize: a.yaml in https://git.example/r at v1"),
        ),
        (
            "config.kubernetes.io/origin: |\n      configuredIn: kustomization.yaml\n      configuredBy:\n        kind: ConfigMapGenerator",
            Some("kustomize: kustomization.yaml"),
        ),
        ("internal.config.kubernetes.io/path: 'b/a.yaml'", Some("kustomize: b/a.yaml")),
        ("config.kubernetes.io/path: 'b/a.yaml'", Some("kustomize: b/a.yaml")),
        ("config.kubernetes.io/origin: '['", None),
        ("config.kubernetes.io/origin: 'text'", None),
        ("config.kubernetes.io/origin: ''", None),
    ] {
        let text_of =
            format!("apiVersion: v1\nkind: Service\nmetadata:\n  name: s\n  annotations:\n    {annotation}\n");
        assert_eq!(rendered(&load(&text("<stdin>", text_of.clone()))), expected_texts(&[expected]), "{text_of}");
    }
    // Each item of a list has its own, and what the object says counts more than the comment above.
    let list = "---\n# Source: chart/a.yaml\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata:\n    \
                name: s\n    annotations: {config.kubernetes.io/path: x.yaml}\n- {apiVersion: v1, kind: Service, metadata: {name: t}}\n";
    let loaded = load(&text("<stdin>", list));
    assert_eq!(rendered(&loaded), expected_texts(&[Some("kustomize: x.yaml"), Some("helm: chart/a.yaml")]));
}

fn expected_texts(texts: &[Option<&str>]) -> Vec<Option<String>> {
    texts.iter().map(|text| text.map(str::to_owned)).collect()
}

#[test]
fn what_a_kustomization_names_as_a_patch_is_one() {
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n";
    let nameless = "apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {hostNetwork: true}}}\n";
    let folder = folder(&[
        ("base/kustomization.yaml", "resources: [web.yaml]\n"),
        ("base/web.yaml", patch),
        (
            "overlay/kustomization.yaml",
            "resources: [../base, both.yaml]\npatches:\n- path: replicas.yaml\n- path: ./host.yaml\n  target: {kind: Deployment}\n\
             - path: both.yaml\n- patch: |-\n    a: b\npatchesStrategicMerge:\n- ../shared/old.yaml\n- |\n  kind: X\n",
        ),
        ("overlay/replicas.yaml", patch),
        ("overlay/host.yaml", nameless),
        ("overlay/both.yaml", &patch.replace("web", "both")),
        ("overlay/plain.yaml", &patch.replace("web", "plain")),
        ("shared/old.yaml", patch),
    ]);
    let loaded = load(&options(folder.path(), &["."]));
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    let taken: Vec<(&str, &str)> = loaded
        .coverage
        .files
        .iter()
        .filter_map(|file| match file.outcome {
            FileOutcome::Scanned { format, .. } => Some((file.path.as_str(), format)),
            _ => None,
        })
        .collect();
    assert_eq!(
        taken,
        [
            ("base/web.yaml", "kubernetes"),
            ("overlay/both.yaml", "kubernetes"),
            ("overlay/host.yaml", "kustomize-patch"),
            ("overlay/plain.yaml", "kubernetes"),
            ("overlay/replicas.yaml", "kustomize-patch"),
            ("shared/old.yaml", "kustomize-patch"),
        ]
    );
    for document in &loaded.documents {
        let path = &loaded.sources.get(document.span.file).path;
        let is_patch = taken.contains(&(path, "kustomize-patch"));
        assert_eq!(document.is_patch, is_patch, "{path}");
    }
    // Alone it looks like an object.
    let alone = load(&options(folder.path(), &["overlay/host.yaml"]));
    assert_eq!(codes(&alone), [Code::MissingField]);
    // Another argument is another set.
    let apart = load(&options(folder.path(), &["overlay/kustomization.yaml", "overlay/replicas.yaml"]));
    assert!(apart.documents.iter().all(|document| !document.is_patch));
}

#[test]
fn configured_paths_lead_to_pods() {
    let object = |spec: &str| {
        format!(
            "apiVersion: example.com/v1\nkind: Farm\nmetadata: {{name: f}}\nspec:\n  {}\n",
            spec.replace('\n', "\n  ")
        )
    };
    let farm = |path: &str| LoadOptions {
        pod_specs: vec![PodSpecPath::parse("Farm.example.com", path).unwrap()],
        ..LoadOptions::default()
    };
    // Nothing of these looks like a pod spec: the operator gives the image.
    for (spec, path, workloads, codes_of) in [
        ("pod:\n  containers:\n  - {name: a}", "spec.pod", 1, vec![]),
        ("pod:\n  spec: {hostPID: true, containers: [{name: a}]}", "spec.pod", 1, vec![]),
        ("pods:\n- containers: [{name: a}]\n- spec: {containers: [{name: b}]}", "spec.pods", 2, vec![]),
        ("pools: {a: {pod: {containers: []}}, b: {pod: {containers: []}}, c: {}}", "spec.pools.*.pod", 2, vec![]),
        ("other: 1", "spec.pod", 0, vec![]),
        ("pod: null", "spec.pod", 0, vec![]),
        ("pod: text", "spec.pod", 0, vec![Code::WrongType]),
        ("pod: {image: x}", "spec.pod", 0, vec![Code::WrongType]),
        // What is found by its shape is not there twice.
        ("pod: {containers: [{name: a, image: b}]}", "spec.pod", 1, vec![]),
    ] {
        let bytes = object(spec).into_bytes();
        let options = LoadOptions { inputs: vec![Input::Text { path: "f.yaml".into(), bytes }], ..farm(path) };
        let loaded = load(&options);
        let found = loaded.documents.iter().filter(|document| document.platform == Platform::Workload).count();
        assert_eq!((found, codes(&loaded)), (workloads, codes_of), "{spec}");
    }
    let of = |kind: &str| {
        let bytes = object("pod: {containers: [{name: a}]}").into_bytes();
        let pod_specs = vec![PodSpecPath::parse(kind, "spec.pod").unwrap()];
        let inputs = vec![Input::Text { path: "f.yaml".into(), bytes }];
        load(&LoadOptions { inputs, pod_specs, ..LoadOptions::default() }).documents.len()
    };
    assert_eq!((of("Farm"), of("Farm.example.com"), of("Farm.example.org"), of("Other")), (2, 2, 1, 1));
}
