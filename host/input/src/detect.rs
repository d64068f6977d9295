//! What a file is: ours, or not and why.
//!
//! A repository is full of YAML and JSON that is none of our business, and some of it is not even
//! YAML: unrendered templates of Helm, files with a wrong extension, fixtures that are broken on
//! purpose. Such files are skipped with a reason and never make a scan incomplete. The price of
//! skipping too much is a false pass, so a file that *looks* like ours by its text and cannot be read
//! is an error.

use memchr::memmem;
use verdikt_model::NodeRef;

use crate::{Format, Syntax, cloudformation, ecs, kubernetes, terraform};

/// How a file is written, by its name; `None`: JSON if the text is that, else YAML. In a YAML file a
/// JSON text is read as such, since that is faster and JSON errors are clearer; a JSON file is never
/// read as YAML, which AWS' tools do not do either.
pub(crate) fn syntax(path: &str, text: &str) -> Option<Syntax> {
    let extension = path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, extension)| extension);
    if extension.is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
        return Some(Syntax::Json);
    }
    let first = text.trim_start_matches('\u{feff}').trim_start().bytes().next();
    if matches!(first, Some(b'{' | b'[')) { None } else { Some(Syntax::Yaml) }
}

/// Which format a parsed document has, by its shape.
pub(crate) fn format(root: NodeRef<'_>) -> Option<Format> {
    if ecs::recognize(root) {
        Some(Format::Ecs)
    } else if cloudformation::recognize(root) {
        Some(Format::CloudFormation)
    } else if terraform::plan::recognize(root) {
        Some(Format::TerraformPlan)
    } else if kubernetes::recognize(root) && tool_configuration(root).is_none() {
        Some(Format::Kubernetes)
    } else {
        None
    }
}

/// What has the shape of a Kubernetes object but is never sent to a cluster: the configuration of a
/// tool that runs beside it.
fn tool_configuration(root: NodeRef<'_>) -> Option<&'static str> {
    let (api_version, kind) = (root.str("apiVersion")?, root.str("kind")?);
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    match (group, kind) {
        ("kustomize.config.k8s.io", _) => Some(KUSTOMIZE),
        ("skaffold", _) => Some("Skaffold configuration"),
        ("kind.x-k8s.io", "Cluster") => Some("configuration of kind"),
        ("k3d.io", _) => Some("configuration of k3d"),
        ("", "Config") if root.get("clusters").is_some() || root.get("contexts").is_some() => Some("kubeconfig"),
        _ => None,
    }
}

/// Why a file is not read at all, by its name. Nobody may take it for judged that was not.
pub(crate) fn unread(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let is_one = |(endings, _): &&(&[&str], &str)| endings.iter().any(|ending| name.ends_with(ending));
    UNREAD.iter().find(is_one).map(|(_, reason)| *reason)
}

/// Files of Terraform or OpenTofu that are no part of a configuration, by how their names end.
const UNREAD: &[(&[&str], &str)] = &[
    (&[".tofu", ".tofu.json"], OPEN_TOFU),
    (
        &[".tftest.hcl", ".tftest.json", ".tfmock.hcl", ".tfmock.json"],
        "tests of a Terraform configuration, which describe nothing that is deployed",
    ),
    (
        &[".tfstack.hcl", ".tfcomponent.hcl", ".tfdeploy.hcl"],
        "part of a Terraform stack, which is not read; its components are judged as configurations of their own",
    ),
    (&[".tfquery.hcl"], "query of Terraform, which describes nothing that is deployed"),
];

/// The reason for files that only OpenTofu reads.
const OPEN_TOFU: &str = "file for OpenTofu, which Terraform does not read";

/// The reason for files with values of variables that no configuration takes by itself.
pub(crate) const UNUSED_VARIABLES: &str =
    "values of Terraform's variables that no configuration here reads by itself; give them with `--var-file`";

/// Why a file without errors is not ours.
pub(crate) fn reason(path: &str, roots: &mut dyn Iterator<Item = NodeRef<'_>>) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let mut any = false;
    for root in roots {
        any = true;
        if let Some(reason) = tool_configuration(root) {
            return reason.into();
        }
    }
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    if !any {
        "empty".into()
    } else if name == "Chart.yaml"
        || name == "Chart.lock"
        || stem == "values"
        || stem.starts_with("values-")
        || stem.starts_with("values.")
    {
        "Helm values or chart file; render the chart with `helm template` and scan the output".into()
    } else if matches!(stem, "kustomization" | "Kustomization") {
        KUSTOMIZE.into()
    } else {
        NOT_OURS.into()
    }
}

/// The reason for files of Kustomize.
const KUSTOMIZE: &str = "Kustomize file; scan what `kustomize build` prints, and the resources it names";

/// What the reason for a kustomization adds, where patches stand in it as text.
pub(crate) const INLINE_PATCHES: &str = " (the patches that stand in it were not judged)";

/// The reason for most files.
const NOT_OURS: &str = "not a Kubernetes manifest, ECS task definition, CloudFormation template or Terraform plan";

/// The reason for a file that cannot be read and does not look like ours.
pub(crate) fn unreadable_reason(what: &str) -> String {
    format!("{NOT_OURS}, and not {what}")
}

/// The reason for a template.
pub(crate) const TEMPLATE: &str = "template that was not rendered ({{ … }}, {% … %} or <% … %>); render it, with `helm template` if it is Helm's, and \
     scan the output";

/// Whether a text that cannot be read looks as if it were ours.
pub(crate) fn looks_like_ours(text: &str) -> bool {
    ["apiVersion", "containerDefinitions"].iter().any(|key| has_key(text, key)) || cloudformation::looks_like_ours(text)
}

/// Whether a word stands in a text as the key of a map: behind the beginning of a line, a bracket, a
/// comma or a dash, quoted or not, with a colon behind it.
fn has_key(text: &str, key: &str) -> bool {
    memmem::find_iter(text.as_bytes(), key).any(|at| {
        let before = text[..at].trim_end_matches(['"', '\'']).trim_end_matches([' ', '\t']);
        let after = text[at + key.len()..].trim_start_matches(['"', '\'']).trim_start_matches([' ', '\t']);
        after.starts_with(':') && (before.is_empty() || before.ends_with(['\n', '\r', '{', '[', ',', '-', '\u{feff}']))
    })
}

/// Whether a file is a template that was not rendered, given whether it has errors as it is.
///
/// `{{` alone proves nothing: alert rules and workflows have it in their texts. It does where a value
/// or a line begins with it (or with what Jinja and ERB have) and the file cannot be read; and in a
/// folder `templates`, where Helm keeps its templates, where the braces hold what only Helm knows.
pub(crate) fn is_template(path: &str, text: &str, has_errors: bool) -> bool {
    let in_templates = || path.rsplit('/').skip(1).any(|folder| folder == "templates");
    (has_errors && begins_with_code(text)) || (in_templates() && speaks_helm(text))
}

/// What code begins with in Go templates and Jinja, in Jinja, in ERB and its relatives.
const OPENINGS: [&str; 3] = ["{{", "{%", "<%"];

/// Whether any braces hold an expression of Helm, which other users of `{{` have not.
fn speaks_helm(text: &str) -> bool {
    const HELM: [&str; 9] =
        [".Values", ".Release", ".Chart", ".Capabilities", ".Files", "include ", "template ", "define ", "tpl "];
    text.split("{{").skip(1).any(|rest| {
        let expression = rest.split("}}").next().unwrap_or(rest);
        HELM.iter().any(|word| expression.contains(word))
    })
}

/// Whether any line or value outside of comments, quotes and block scalars begins with code.
fn begins_with_code(text: &str) -> bool {
    // While inside a block scalar: the indentation of the line that announces it.
    let mut block: Option<usize> = None;
    for line in text.lines() {
        let content = line.trim_start_matches([' ', '\t']);
        let indent = line.len() - content.len();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        match block {
            Some(outer) if indent > outer => continue,
            _ => block = None,
        }
        for at in OPENINGS.iter().filter_map(|opening| content.find(opening)) {
            let before = content[..at].trim_end();
            if before.is_empty() || before.ends_with([':', '-', ',', '[', '{']) {
                return true;
            }
        }
        if announces_block(content) {
            block = Some(indent);
        }
    }
    false
}

/// Whether a line ends with the header of a block scalar.
fn announces_block(content: &str) -> bool {
    let content = content.split(" #").next().unwrap_or(content).trim_end();
    let header = content.trim_end_matches(|character: char| matches!(character, '+' | '-' | '0'..='9'));
    let Some(before) = header.strip_suffix(['|', '>']) else { return false };
    before.is_empty() || before.ends_with([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use verdikt_model::FileId;

    use super::*;
    use crate::{InputLimits, syntax};

    #[test]
    fn what_looks_like_ours() {
        for (text, expected) in [
            ("apiVersion: v1\nkind: [", true),
            ("---\n  apiVersion : v1", true),
            ("\u{feff}\"apiVersion\":\"v1\"", true),
            ("- apiVersion: v1", true),
            ("{\"kind\":\"Pod\",\"apiVersion\":\"v1\"", true),
            ("{\n  \"containerDefinitions\": [", true),
            ("# the apiVersion: of it", false),
            ("my.apiVersion: 1", false),
            ("text: see apiVersion: there", false),
            ("apiVersion", false),
            ("", false),
        ] {
            assert_eq!(looks_like_ours(text), expected, "{text:?}");
        }
    }

    #[test]
    fn templates_are_told_from_texts_with_braces() {
        for (path, text, has_errors, expected) in [
            ("chart/templates/a.yaml", "image: \"{{ .Values.image }}\"", false, true),
            ("chart/templates/a.yaml", "image: nginx", true, false),
            ("chart/templates/a.yaml", "summary: \"{{ $labels.pod }} is down\"", false, false),
            ("a.yaml", "replicas: {{ .Values.replicas }}", true, true),
            ("a.yaml", "{{- if .Values.on }}\na: 1\n{{- end }}", true, true),
            ("a.yaml", "- {{ .x }}", true, true),
            ("a.yaml", "{% for x in y %}\na: {{ x }}\n{% endfor %}", true, true),
            ("a.yaml", "<% if on %>\na: [\n<% end %>", true, true),
            ("a.yaml", "a: <%= image %>", false, false),
            ("a.yaml", "labels:\n  {{- include \"l\" . | nindent 4 }}", true, true),
            ("a.yaml", "image: \"{{ image }}\"", false, false),
            ("a.yaml", "image: \"{{ image }}\"\nb: [", true, false),
            ("a.yaml", "summary: Instance {{ $labels.x }} down\nb: [", true, false),
            ("a.yaml", "data: |\n  {{ .x }}\nb: [", true, false),
            ("a.yaml", "data: |- # note\n\n  {{ .x }}\nb: {{ .y }}", true, true),
            ("a.yaml", "# {{ .x }}\nb: [", true, false),
            ("a.yaml", "b: [", true, false),
        ] {
            assert_eq!(is_template(path, text, has_errors), expected, "{path} {text:?}");
        }
    }

    #[test]
    fn reasons() {
        for (path, text, expected) in [
            ("a.yaml", "# nothing\n", "empty"),
            ("a/Chart.yaml", "apiVersion: v2\nname: a", "Helm values"),
            ("values.yaml", "a: 1", "Helm values"),
            ("a/values-prod.yaml", "a: 1", "Helm values"),
            ("kustomization.yaml", "resources: []", "Kustomize file"),
            ("k.yaml", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Component", "Kustomize file"),
            ("skaffold.yaml", "apiVersion: skaffold/v4beta7\nkind: Config", "Skaffold"),
            ("config", "apiVersion: v1\nkind: Config\nclusters: []", "kubeconfig"),
            (".github/workflows/a.yml", "on: push", "not a Kubernetes manifest"),
        ] {
            let mut diagnostics = Vec::new();
            let parsed = syntax::yaml::load(FileId(0), text, &InputLimits::default(), &mut diagnostics);
            assert!(parsed.iter().all(|document| format(document.tree.node(document.root)).is_none()), "{path}");
            let found = reason(path, &mut parsed.iter().map(|document| document.tree.node(document.root)));
            assert!(found.contains(expected), "{path}: {found}");
        }
    }

    #[test]
    fn names_and_texts_tell_the_syntax() {
        for (path, text, expected) in [
            ("a.json", "a: 1", Some(Syntax::Json)),
            ("b/a.JSON", "", Some(Syntax::Json)),
            ("a.yaml", " \n{\"a\":1}", None),
            ("a.yml", "a: 1", Some(Syntax::Yaml)),
            ("<stdin>", "\u{feff}[1]", None),
            ("<stdin>", "a: 1", Some(Syntax::Yaml)),
            ("folder.json/a", "a: 1", Some(Syntax::Yaml)),
        ] {
            assert_eq!(syntax(path, text), expected, "{path} {text:?}");
        }
    }
}
