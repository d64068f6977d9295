//! From the text of a file to suppressions: what each says and what it is about.

use proptest::prelude::*;
use verdikt_model::{Code, Reach, Sources, Span};

use crate::syntax::reproducible;
use crate::{Input, LoadOptions, Loaded, load};

fn loaded(text: &str) -> Loaded {
    let input = Input::Text { path: "a.yaml".into(), bytes: text.into() };
    load(&LoadOptions { inputs: vec![input], ..LoadOptions::default() })
}

/// `FIRST-LAST`, the lines of a span.
fn lines(sources: &Sources, span: Span) -> String {
    let source = sources.get(span.file);
    let (first, last) = (source.position(span.start).line, source.position(span.end).line);
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

/// `LINE RULES [until] reason > reach`, where the reach is lines, lines around the comment in brackets,
/// or the number of a document.
fn found(loaded: &Loaded) -> Vec<String> {
    let line = |directive: &verdikt_model::Directive| {
        let sources = &loaded.sources;
        let rules: Vec<&str> = directive.rules.iter().map(|rule| rule.name.as_str()).collect();
        for rule in &directive.rules {
            let written = sources.text(rule.span);
            assert!(rule.name == "*" || written.contains(&rule.name), "{written} for {}", rule.name);
        }
        let until = directive.until.map_or_else(String::new, |day| format!(" [{day}]"));
        let reach = match directive.reach {
            Reach::Document(document) => format!("#{}", document.0),
            Reach::Place { target: Some(target), .. } => lines(sources, target),
            Reach::Place { target: None, around } => format!("({})", lines(sources, around)),
        };
        let reason = if directive.reason.is_empty() { String::new() } else { format!(" {}", directive.reason) };
        format!("{} {}{until}{reason} > {reach}", lines(sources, directive.span), rules.join(","))
    };
    loaded.directives.iter().map(line).collect()
}

/// `LINE:COLUMN message` of what was not understood.
fn refused(loaded: &Loaded) -> Vec<String> {
    let bad = loaded.diagnostics.iter().filter(|diagnostic| diagnostic.code == Code::BadSuppression);
    bad.map(|diagnostic| {
        let verdikt_model::DiagnosticPlace::Span(span) = diagnostic.place else { panic!("{diagnostic:?}") };
        let place = loaded.sources.get(span.file).position(span.start);
        format!("{}:{} {}", place.line, place.column, diagnostic.message)
    })
    .collect()
}

/// What a comment with a suppression of X-1 is about: `@` stands for it in the body of a config map.
#[track_caller]
fn about(body: &str, expected: &str) {
    let text = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n{body}");
    let loaded = loaded(&text.replace('@', "# verdikt:ignore X-1"));
    let found = found(&loaded);
    let reach = found.first().and_then(|line| line.split_once("> ")).map_or("nothing", |(_, reach)| reach);
    assert_eq!(reach, expected, "{body}{found:?} {:?}", loaded.diagnostics);
}

#[test]
fn a_comment_behind_something_is_about_what_begins_on_its_line() {
    about("  a: 1 @\n  b: 2\n", "5");
    about("  a: @\n    b: 2\n    c: 3\n  d: 4\n", "5-7");
    about("  a:\n  - name: x @\n    b: 2\n  - name: y\n", "6-7");
    about("  a:\n  - @\n    name: x\n    b: 2\n  - name: y\n", "7-8");
    about("  a: | @\n    text\n    text\n  b: 1\n", "5-7");
    about("  a: \"x # no\n    y\" @\n  b: 1\n", "5-6");
    about("  a: {b: 1, c: 2} @\n  d: 1\n", "5");
    about("  a: {\n    b: 1, c: 2, @\n    d: {e: 3}, @\n  }\n", "6");
    about("  a: {\n    b: 1\n  } @\n  d: 1\n", "5-7");
    about("  a: &x @\n    b: 1\n  c: *x\n", "5-6");
    about("  c: &x\n    b: 1\n  a: *x @\n", "7");
    about("  ? a @\n  : 1\n", "5-6");
}

#[test]
fn a_comment_on_its_own_line_is_about_what_begins_next() {
    about("  @\n  a: 1\n  b: 2\n", "6");
    about("  a: 1\n  @\n\n  # more\n\n  b:\n    c: 3\n", "10-11");
    about("@\n  a: 1\n", "6");
    about("  a:\n  @\n  - name: x\n    b: 2\n  - name: y\n", "7-8");
    about("  a:\n    @\n  - name: x\n    b: 2\n  - name: y\n", "7-8");
    about("  a:\n  - name: x\n  @\n  -\n    name: y\n    b: 2\n", "9-10");
    about("  a:\n  - x: 1\n    @\n    y: 2\n", "8");
    about("  a: {\n    @\n    b: 1,\n  }\n", "7");
    about("  a:\n    @\n    text\n  b: 1\n", "5-7");
    about("  a:\n  @\n  - &x !t\n    name: y\n", "8");
}

#[test]
fn a_comment_deeper_than_what_follows_closes_the_block_above() {
    about("  a:\n  - name: x\n    b: 2\n    @\n  - name: y\n", "(6-7)");
    about("  a:\n  - name: x\n    b: {c: 1}\n    @\n  - name: y\n", "(6-7)");
    about("  a:\n  - name: x\n    b:\n      c: 1\n    @\n  - name: y\n", "(6-8)");
    about("  a:\n  - name: x\n    b:\n      c: 1\n      @\n  - name: y\n", "(8)");
    about("  a:\n    b: 1\n    @\n  c: 2\n", "(6)");
    about("  a:\n    b: 1\n    @\n", "(6)");
    // Between the two: it is inside the block that holds both.
    about("  a:\n      b: 1\n    @\n  c: 2\n", "(7)");
    // In brackets indentation means nothing.
    about("  a: {\n    b: 1,\n      @\n    c: 2\n  }\n", "8");
    about("  a: {\n    b: 1\n    @\n  }\n  c: 2\n", "(7)");
    about("  a: 1\n@\n", "(6)");
}

#[test]
fn a_comment_at_the_beginning_is_about_the_document() {
    let object = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n";
    for (text, expected) in [
        (format!("# verdikt:ignore X-1\n{object}"), "2-4"),
        (format!("# verdikt:ignore X-1\n\n---\n# note\n{object}"), "5-7"),
        (format!("--- # verdikt:ignore X-1\n{object}"), "2-4"),
        (object.replacen("v1", "v1 # verdikt:ignore X-1", 1), "1-3"),
        (format!("{object}---\n# verdikt:ignore X-1\n{object}"), "6-8"),
        (format!("\u{feff}# verdikt:ignore X-1\r\n{}", object.replace('\n', "\r\n")), "2-4"),
        (
            "# verdikt:ignore X-1\n{\"apiVersion\": \"v1\", \"kind\": \"Namespace\",\n\"metadata\": {\"name\": \"a\"}}"
                .into(),
            "2-3",
        ),
        // What stands at the end of a document is not about the next one.
        (format!("{object}# verdikt:ignore X-1\n---\n{object}"), "(4)"),
    ] {
        let loaded = loaded(&text);
        let found = found(&loaded);
        assert!(found.len() == 1 && found[0].ends_with(&format!("> {expected}")), "{text}{found:?}");
    }
}

#[test]
fn an_item_of_a_list_is_a_block_like_any_other() {
    let text = "apiVersion: v1\nkind: List\nitems:\n# verdikt:ignore X-1\n- apiVersion: v1\n  kind: Namespace\n  \
                metadata: {name: a}\n- apiVersion: v1\n  kind: Namespace\n  metadata: {name: b}\n";
    assert_eq!(found(&loaded(text)), ["4 X-1 > 5-7"]);
}

#[test]
fn comments_say_what_they_accept() {
    for (comment, expected) in [
        ("# verdikt:ignore X-1,y-* until=2027-01-31 two words", "1 X-1,y-* [2027-01-31] two words > 2-4"),
        ("## verdikt:ignore X-1 why", "1 X-1 why > 2-4"),
        ("# noqa # verdikt:ignore X-1 see #12", "1 X-1 see #12 > 2-4"),
        // Checkov's comments are about the resource, and here it begins only behind the comment.
        ("# checkov:skip=CKV_1:why", "1 CKV_1 why > 2-4"),
        ("# trivy:ignore:KSV017:exp:2027-01-31", "1 KSV017 [2027-01-31] > 2-4"),
    ] {
        let loaded = loaded(&format!("{comment}\napiVersion: v1\nkind: Namespace\nmetadata: {{name: a}}\n"));
        assert_eq!(found(&loaded), [expected]);
        assert_eq!(refused(&loaded), [""; 0]);
    }
    let loaded = loaded("apiVersion: v1\nkind: Namespace\nmetadata:\n  # checkov:skip=CKV_1:why\n  name: a\n");
    assert_eq!(found(&loaded), ["4 CKV_1 why > #0"]);
}

#[test]
fn what_is_not_understood_accepts_nothing() {
    for (comment, expected) in [
        ("# verdikt:ignore", "1:17 A suppression names at least one rule"),
        ("# verdikt:ignore X-1 until=2027-02-30 why", "1:28 `2027-02-30` is no day that exists"),
        ("# verdikt:ignore X-1 expires=2027-01-31", "1:22 `expires` is no option"),
        ("# verdikt: ignore X-1 why", "1:3 This looks like a suppression but is none"),
        ("# verdikt:ignor X-1 why", "1:3 This looks like"),
        ("# verdikt:ignore=X-1:why", "1:3 This looks like"),
    ] {
        let loaded = loaded(&format!("{comment}\napiVersion: v1\nkind: Namespace\nmetadata: {{name: a}}\n"));
        assert_eq!(found(&loaded), [""; 0], "{comment}");
        let refused = refused(&loaded);
        assert!(refused.len() == 1 && refused[0].starts_with(expected), "{comment}: {refused:?}");
        assert!(refused[0].ends_with("Nothing is accepted here."), "{refused:?}");
    }
}

/// A deployment with annotations of its own and of its pod template, `{}` and `{}`.
fn deployment(own: &str, template: &str) -> String {
    let pod = "    spec:\n      containers:\n      - {name: app, image: x}\n";
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\n  annotations: {own}\nspec:\n  template:\n    \
         metadata:\n      annotations: {template}\n{pod}"
    )
}

#[test]
fn annotations_are_about_objects_and_templates() {
    for (own, template, expected) in [
        ("{verdikt.dev/ignore: X-1 why}", "{}", &["5 X-1 why > #0"][..]),
        ("{verdikt.dev/ignore: 'X-1,X-2 until=2027-01-31 why'}", "{}", &["5 X-1,X-2 [2027-01-31] why > #0"]),
        ("{verdikt.dev/ignore: X-1 why; X-2}", "{}", &["5 X-1 why > #0", "5 X-2 > #0"]),
        (
            "\n    verdikt.dev/ignore: |\n      X-1 why\n      X-2 because",
            "{}",
            &["7 X-1 why > #0", "8 X-2 because > #0"],
        ),
        ("{}", "{verdikt.dev/ignore: \"X-1 why\"}", &["9 X-1 why > #1"]),
        ("{checkov.io/skip1: CKV_1=why}", "{checkov.io/skip2: CKV_2}", &["5 CKV_1 why > #0", "9 CKV_2 > #1"]),
        ("{ignore-check.kube-linter.io/latest-tag: why}", "{}", &["5 latest-tag why > #0"]),
        ("{kube-linter.io/ignore-all: why}", "{kube-linter.io/ignore-all: why}", &["5 * why > #0"]),
    ] {
        let loaded = loaded(&deployment(own, template));
        assert_eq!(found(&loaded), expected, "{own} {template}");
        assert_eq!(loaded.diagnostics, []);
    }
}

#[test]
fn a_pod_is_its_own_template() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, annotations: {verdikt.dev/ignore: X-1 why}}\nspec: \
               {containers: [{name: app, image: x}]}\n";
    assert_eq!(found(&loaded(pod)), ["3 X-1 why > #0"]);
}

#[test]
fn templates_of_custom_resources_have_annotations_too() {
    let text = "apiVersion: example.org/v1\nkind: App\nmetadata: {name: a}\nspec:\n  web:\n    template:\n      metadata: \
                {annotations: {verdikt.dev/ignore: X-1}}\n      spec: {containers: [{name: app, image: x}]}\n  worker:\n    \
                template:\n      metadata: {annotations: {verdikt.dev/ignore: X-2}}\n      spec: {containers: [{name: app, \
                image: x}]}\n";
    assert_eq!(found(&loaded(text)), ["7 X-1 > #1", "11 X-2 > #2"]);
}

#[test]
fn documents_are_counted_over_files() {
    let input = |path: &str| Input::Text {
        path: path.into(),
        bytes: deployment("{verdikt.dev/ignore: X-1}", "{verdikt.dev/ignore: X-2}").into(),
    };
    let loaded = load(&LoadOptions { inputs: vec![input("a.yaml"), input("b.yaml")], ..LoadOptions::default() });
    assert_eq!(found(&loaded), ["5 X-1 > #0", "9 X-2 > #1", "5 X-1 > #2", "9 X-2 > #3"]);
}

#[test]
fn bad_annotations_are_refused_where_they_stand() {
    for (own, expected) in [
        ("{verdikt.dev/ignore: [X-1]}", "5:37 `verdikt.dev/ignore` must be a string"),
        ("{verdikt.dev/ignore: ''}", "5:37 This suppression is empty"),
        ("{verdikt.dev/ignores: X-1}", "5:17 This annotation is none of Verdikt's"),
        ("{verdikt.io/ignore: X-1}", "5:17 This annotation is none of Verdikt's"),
        ("{verdikt.dev/ignore: \"X-1 until=soon\"}", "5:48 `soon` is no day"),
    ] {
        let loaded = loaded(&deployment(own, "{}"));
        assert_eq!(found(&loaded), [""; 0], "{own}");
        let refused = refused(&loaded);
        assert!(refused.len() == 1 && refused[0].starts_with(expected), "{own}: {refused:?}");
    }
}

/// A template with one task definition and its metadata.
fn template(metadata: &str) -> String {
    format!(
        "Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Metadata:\n{metadata}\n    Properties:\n      \
         ContainerDefinitions: [{{Name: app, Image: x}}]\n"
    )
}

#[test]
fn metadata_is_about_its_resource() {
    for (metadata, expected) in [
        ("      verdikt: {ignore: X-1 until=2027-01-31 why}", &["5 X-1 [2027-01-31] why > #0"][..]),
        (
            "      verdikt:\n        ignore:\n        - {rules: [X-1, X-*], until: 2027-01-31, reason: why}\n        - {rule: X-2}",
            &["7 X-1,X-* [2027-01-31] why > #0", "8 X-2 > #0"],
        ),
        (
            "      checkov: {skip: [{id: CKV_1, comment: why}, {id: CKV_2}, {comment: x}]}",
            &["5 CKV_1 why > #0", "5 CKV_2 > #0"],
        ),
        ("      # checkov:skip=CKV_1:why\n      other: 1", &["5 CKV_1 why > #0"]),
        ("      verdikt: {}\n      checkov: 1", &[]),
    ] {
        let loaded = loaded(&template(metadata));
        assert_eq!(found(&loaded), expected, "{metadata}");
        assert_eq!(refused(&loaded), [""; 0], "{metadata}");
    }
}

#[test]
fn bad_metadata_is_refused_where_it_stands() {
    for (metadata, expected) in [
        ("      verdikt: X-1", &["5:16 `verdikt` in metadata is a map"][..]),
        ("      verdikt: {ignores: []}", &["5:17 `verdikt` in metadata has the member `ignore` and no other"]),
        ("      verdikt: {ignore: {reason: why}}", &["5:25 A suppression names at least one rule"]),
        (
            "      verdikt: {ignore: {rule: '?', until: soon, why: x}}",
            &["5:32 This names no rule", "5:44 `soon` is no day", "5:50 An entry"],
        ),
        (
            "      verdikt: {ignore: {rule: X-1, reason: [x], until: 1}}",
            &["5:45 `reason` must be a string", "5:57 `1` is no day"],
        ),
        ("      verdikt: {ignore: [[X-1], 'X-1 until=soon']}", &["5:26 An entry", "5:33 `soon` is no day"]),
    ] {
        let loaded = loaded(&template(metadata));
        assert_eq!(found(&loaded), [""; 0], "{metadata}");
        let refused = refused(&loaded);
        assert_eq!(refused.len(), expected.len(), "{metadata}: {refused:?}");
        assert!(refused.iter().zip(expected).all(|(line, start)| line.starts_with(start)), "{metadata}: {refused:?}");
    }
}

#[test]
fn a_hostile_file_gets_so_many_warnings() {
    let text = format!("{}apiVersion: v1\nkind: Namespace\nmetadata: {{name: a}}\n", "# verdikt:ignore\n".repeat(500));
    assert_eq!(refused(&loaded(&text)).len(), 50);
}

proptest! {
    #![proptest_config(reproducible())]

    /// Whatever stands around it, a comment is about lines that it stands on or above, and about whole
    /// nodes: no node begins inside of a target and ends outside.
    #[test]
    fn targets_begin_at_the_comment_or_behind(
        indents in prop::collection::vec((0usize..4, any::<bool>()), 1..12),
        at in 0usize..12,
        column in 0usize..8,
        own_line in any::<bool>(),
    ) {
        let mut body: Vec<String> = vec!["apiVersion: v1".into(), "kind: ConfigMap".into(), "metadata: {name: a}".into()];
        let mut depth = 0;
        for (index, (indent, opens)) in indents.iter().enumerate() {
            depth = depth.min(*indent);
            body.push(format!("{}k{index}:{}", "  ".repeat(depth), if *opens { "" } else { " 1" }));
            depth += usize::from(*opens);
        }
        let at = at.min(body.len() - 1);
        if own_line {
            body.insert(at, format!("{}# verdikt:ignore X-1", " ".repeat(column)));
        } else {
            body[at].push_str(" # verdikt:ignore X-1");
        }
        let text = body.join("\n");
        let loaded = loaded(&text);
        for directive in &loaded.directives {
            let Reach::Place { target: Some(target), .. } = directive.reach else { continue };
            let source = &loaded.sources.get(target.file);
            let (begins, stands) = (source.position(target.start).line, source.position(directive.span.start).line);
            prop_assert!(if own_line { begins > stands } else { begins == stands }, "{text}");
            let document = &loaded.documents[0];
            for (_, key, value) in document.body().keyed_entries() {
                let entry = key.join(value.span());
                let begins_inside = target.start <= key.start && key.start < target.end;
                prop_assert!(!begins_inside || target.contains(entry), "{text}");
            }
        }
    }
}
