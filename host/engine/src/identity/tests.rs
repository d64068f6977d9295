//! Names of places stay what they are when a file is rearranged, and no two places share one.

use std::collections::BTreeSet;

use proptest::collection::{btree_set, vec};
use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, proptest};
use proptest::sample::subsequence;
use proptest::test_runner::RngSeed;
use serde_json::{Value as Json, json};
use verdikt_input::{Input, LoadOptions, load};
use verdikt_model::{Document, Pointer};

use super::*;

fn documents_of(text: &str) -> Vec<Document> {
    // Without an extension the text may be JSON or YAML.
    let input = Input::Text { path: "manifests".into(), bytes: text.into() };
    let loaded = load(&LoadOptions { inputs: vec![input], ..LoadOptions::default() });
    let unread = |diagnostic: &&verdikt_model::Diagnostic| diagnostic.level() == verdikt_model::Level::Error;
    assert_eq!(loaded.diagnostics.iter().find(unread), None, "{text}");
    loaded.documents
}

/// Every pointer to a node of a document.
fn pointers(node: NodeRef<'_>, at: &Pointer, all: &mut Vec<Pointer>) {
    all.push(at.clone());
    for (index, item) in node.items().enumerate() {
        pointers(item, &at.index(index), all);
    }
    for (key, member) in node.entries() {
        pointers(member, &at.member(key), all);
    }
}

/// What places of a text are called: document and place.
fn places(text: &str) -> Vec<String> {
    let documents = documents_of(text);
    let twins = twins(&documents);
    let mut names = Names::default();
    let mut found = Vec::new();
    for document in &documents {
        let mut all = Vec::new();
        pointers(document.body(), &Pointer::root(), &mut all);
        let twin = twins.get(&document.id).map_or("", String::as_str);
        let start = format!("{} {} {twin}", document.platform, document.address);
        found.extend(all.iter().map(|pointer| format!("{start} {}", names.pointer(document, pointer))));
    }
    found
}

fn sorted(mut places: Vec<String>) -> Vec<String> {
    places.sort();
    places
}

/// Numbers that decide how something is arranged; they repeat.
struct Choices<'a>(std::iter::Cycle<std::slice::Iter<'a, u8>>);

impl Choices<'_> {
    fn below(&mut self, count: usize) -> usize {
        self.0.next().map_or(0, |choice| usize::from(*choice) % count.max(1))
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// The same value with keys and items in another order.
fn rearranged(value: &Json, choices: &mut Choices<'_>) -> Json {
    match value {
        Json::Array(items) => {
            let mut items: Vec<Json> = items.iter().map(|item| rearranged(item, choices)).collect();
            choices.shuffle(&mut items);
            Json::Array(items)
        }
        Json::Object(members) => {
            let mut members: Vec<(String, Json)> =
                members.iter().map(|(key, member)| (key.clone(), rearranged(member, choices))).collect();
            choices.shuffle(&mut members);
            members.into_iter().collect()
        }
        scalar => scalar.clone(),
    }
}

/// Writes a value as YAML, partly as blocks and partly as flow, with comments between.
fn write(value: &Json, indent: usize, choices: &mut Choices<'_>, out: &mut String) {
    let flow = choices.below(4) == 0;
    let pad = " ".repeat(indent);
    match value {
        Json::Array(items) if !flow && !items.is_empty() => {
            for item in items {
                comment(&pad, choices, out);
                out.push_str(&format!("\n{pad}-"));
                write(item, indent + 2, choices, out);
            }
        }
        Json::Object(members) if !flow && !members.is_empty() => {
            for (key, member) in members {
                comment(&pad, choices, out);
                out.push_str(&format!("\n{pad}{key}:"));
                write(member, indent + 2, choices, out);
            }
        }
        value => out.push_str(&format!(" {value}")),
    }
}

fn comment(pad: &str, choices: &mut Choices<'_>, out: &mut String) {
    if choices.below(5) == 0 {
        out.push_str(&format!("\n\n{pad}# A comment."));
    }
}

fn text(documents: &[Json], style: u8, choices: &mut Choices<'_>) -> String {
    let mut documents: Vec<Json> = documents.iter().map(|document| rearranged(document, choices)).collect();
    choices.shuffle(&mut documents);
    if style == 0 {
        return json!({"apiVersion": "v1", "kind": "List", "items": documents}).to_string();
    }
    let mut out = String::new();
    for document in &documents {
        out.push_str("\n---");
        if style == 1 { out.push_str(&format!("\n{document:#}")) } else { write(document, 0, choices, &mut out) }
    }
    out
}

fn container(name: &str) -> impl Strategy<Value = Json> + use<> {
    let name = name.to_owned();
    (
        btree_set("[A-Z]{1,2}", 0..3),
        btree_set("/[a-z]{1,2}", 0..3),
        btree_set(1..99_u16, 0..3),
        vec("[a-z /]{0,3}", 0..3),
        btree_set("[a-z]{1,2}", 0..2),
    )
        .prop_map(move |(env, mounts, ports, args, caps)| {
            json!({
                "name": name,
                "image": "registry.example/a:1",
                "env": env.iter().map(|name| json!({"name": name, "value": "x"})).collect::<Vec<_>>(),
                "envFrom": [{"configMapRef": {"name": "c"}}, {"secretRef": {"name": "s"}}],
                // One volume, mounted several times.
                "volumeMounts": mounts.iter().map(|path| json!({"name": "v", "mountPath": path})).collect::<Vec<_>>(),
                "ports": ports.iter().map(|port| json!({"containerPort": port})).collect::<Vec<_>>(),
                "args": args,
                "securityContext": {"capabilities": {"add": caps}},
            })
        })
}

/// A Pod, or a Job whose name the cluster makes.
fn document() -> impl Strategy<Value = (bool, Vec<Json>)> {
    let names = subsequence(vec!["web", "db", "proxy"], 1..=3);
    let containers = names.prop_flat_map(|names| names.into_iter().map(container).collect::<Vec<_>>());
    (any::<bool>(), containers)
}

fn manifests() -> impl Strategy<Value = Vec<Json>> {
    vec(document(), 1..4).prop_map(|documents| {
        let documents = documents.into_iter().enumerate();
        documents
            .map(|(index, (named, containers))| {
                let spec = json!({"containers": containers, "tolerations": [{"key": "a"}, {"operator": "Exists"}]});
                if named {
                    let name = format!("pod-{index}");
                    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})
                } else {
                    // Nothing but what is in them tells these apart.
                    let own = json!([{"name": format!("v-{index}"), "emptyDir": {}}]);
                    let mut spec = spec;
                    spec["volumes"] = own;
                    let template = json!({"spec": spec});
                    json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"generateName": "run-"},
                           "spec": {"template": template}})
                }
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn places_keep_their_names_however_the_file_is_arranged(
        documents in manifests(),
        style in 0..3_u8,
        choices in vec(any::<u8>(), 1..97),
    ) {
        let plain = text(&documents, 1, &mut Choices([0].iter().cycle()));
        let other = text(&documents, style, &mut Choices(choices.iter().cycle()));
        prop_assert_eq!(sorted(places(&plain)), sorted(places(&other)), "{}\n{}", plain, other);
    }

    #[test]
    fn no_two_places_share_a_name(manifests in manifests()) {
        // Everything stands there twice, so that nothing but the order tells the two apart.
        let documents = manifests.iter().chain(&manifests).map(|it| format!("---\n{it}\n"));
        let documents = documents_of(&documents.collect::<String>());
        let twins = twins(&documents);
        let mut names = Names::default();
        let mut seen = BTreeSet::new();
        for document in &documents {
            let mut all = Vec::new();
            pointers(document.body(), &Pointer::root(), &mut all);
            for pointer in all {
                let place = (
                    document.platform, &document.address, twins.get(&document.id), names.pointer(document, &pointer),
                );
                prop_assert!(seen.insert(place.clone()), "{:?}", place);
            }
        }
    }
}

#[test]
fn every_list_of_the_table_stands_there_once() {
    let lists: Vec<String> = KEYS.iter().map(|(list, _)| list.to_ascii_lowercase()).collect();
    assert!(lists.is_sorted() && lists.iter().collect::<BTreeSet<_>>().len() == lists.len(), "{lists:?}");
    assert!(KEYS.iter().all(|(_, sets)| !sets.is_empty() && sets.iter().all(|fields| !fields.is_empty())));
}

#[test]
fn items_are_named_by_what_tells_them_apart() {
    let body = json!({
        "containers": [{"name": "web", "ports": [{"containerPort": 80}, {"containerPort": 53, "protocol": "UDP"}]}],
        "volumeMounts": [{"name": "v", "mountPath": "/a"}, {"name": "v", "mountPath": "/b"}],
        "tags": [{"Key": "team", "Value": "x"}],
        "add": ["NET_ADMIN", "NET_ADMIN", "a/b", true, 7, ""],
        "args": ["x".repeat(100)],
        "twins": [{"name": "a", "n": 1}, {"name": "a", "n": 2}],
        "odd": [{"b": [1, 2], "a": null}, {"a": null, "b": [2, 1]}, null, [[]]],
        "a/b": {"[c": {"~": 1}},
    });
    let text = json!({"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "t"}, "spec": body});
    let documents = documents_of(&text.to_string());
    let mut names = Names::default();
    for (pointer, expected) in [
        ("/spec/containers/0/image", "/spec/containers/[name=web]/image"),
        ("/spec/containers/0/ports/0", "/spec/containers/[name=web]/ports/[containerPort=80]"),
        ("/spec/containers/0/ports/1", "/spec/containers/[name=web]/ports/[containerPort=53,protocol=UDP]"),
        ("/spec/volumeMounts/1/readOnly", "/spec/volumeMounts/[mountPath=\"/b\"]/readOnly"),
        ("/spec/tags/0", "/spec/tags/[key=team]"),
        ("/spec/add/0", "/spec/add/[=NET_ADMIN]"),
        ("/spec/add/1", "/spec/add/[=NET_ADMIN]#2"),
        ("/spec/add/2", "/spec/add/[=\"a/b\"]"),
        ("/spec/add/3", "/spec/add/[=true]"),
        ("/spec/add/4", "/spec/add/[=7]"),
        ("/spec/add/5", "/spec/add/[=\"\"]"),
        ("/spec/twins/1/n", "/spec/twins/[name=a]#2/n"),
        ("/spec/a~1b/[c/~0", "/spec/a~1b/~2c/~0"),
        ("/spec/nothing/0/here", "/spec/nothing/0/here"),
        ("", ""),
    ] {
        assert_eq!(names.pointer(&documents[0], &Pointer::parse(pointer).unwrap()), expected);
    }
    let mut name = |pointer: &str| names.pointer(&documents[0], &Pointer::parse(pointer).unwrap());
    // Equal content in another order is equal; the second of two is counted.
    assert_eq!(name("/spec/odd/1"), format!("{}#2", name("/spec/odd/0")));
    assert!(name("/spec/odd/2").starts_with("/spec/odd/[~"));
    assert_eq!(name("/spec/args/0").len(), "/spec/args/[=~0123456789abcdef]".len());
}

#[test]
fn unnamed_documents_are_known_by_what_is_in_them() {
    let array = |name: &str, image: &str| format!(r#"[{{"name": "{name}", "image": "{image}", "essential": true}}]"#);
    let twin = |text: &str| {
        let documents = documents_of(text);
        let twins = twins(&documents);
        documents.iter().filter(|it| it.origin.is_none()).map(|it| twins[&it.id].clone()).collect::<Vec<_>>()
    };
    let [web, db] = ["web", "db"].map(|name| array(name, "a:1"));
    let found = twin(&format!("{web}\n{db}\n"));
    assert_ne!(found[0], found[1]);
    assert_eq!(twin(&format!("{db}\n{web}\n")), [found[1].clone(), found[0].clone()]);
    assert_eq!(twin(&array("web", "b:2")), [found[0].clone()], "an edit keeps it what it was");
    assert_eq!(twin(&format!("{web}\n{web}\n")), [found[0].clone(), format!("{}#2", found[0])]);
}
