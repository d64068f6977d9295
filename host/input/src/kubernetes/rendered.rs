//! Where a rendered object was written: what Helm and Kustomize note of it.

use verdikt_model::{FileId, NodeRef, RenderedFrom, Renderer};

use crate::syntax::yaml;
use crate::{InputLimits, ParsedDocument};

/// `helm template` writes this line directly behind the `---` of each object
/// (`renderResources` in pkg/action/action.go of helm.sh/helm).
const HELM_SOURCE: &str = "# Source: ";

/// Kustomize's annotation with `buildMetadata: [originAnnotations]`: a YAML text with `path`, `repo` and
/// `ref`, or with `configuredIn` for what a generator made (api/resource/origin.go of
/// sigs.k8s.io/kustomize).
const ORIGIN: &str = "config.kubernetes.io/origin";

/// What KRM functions note of the file that an object was read from, and its older name
/// (kyaml/kio/kioutil/kioutil.go).
const PATHS: [&str; 2] = ["internal.config.kubernetes.io/path", "config.kubernetes.io/path"];

/// What Helm's comment says. It counts only where Helm writes it: above the content of a document, on
/// the line behind `---`.
pub(crate) fn by_helm(text: &str, document: &ParsedDocument) -> Option<RenderedFrom> {
    let mut above = document.comments.iter().take_while(|comment| comment.span.start < document.span.start);
    above.find_map(|comment| {
        let path = comment.text.strip_prefix(HELM_SOURCE)?.trim();
        let before = text.get(..comment.span.start as usize)?.strip_suffix('\n')?;
        let line = before.rsplit('\n').next()?.trim_end();
        (line == "---" && !path.is_empty()).then(|| plain(Renderer::Helm, path))
    })
}

/// What annotations of Kustomize and of KRM functions say.
pub(super) fn by_kustomize(object: NodeRef<'_>) -> Option<RenderedFrom> {
    let annotations = object.path(&["metadata", "annotations"])?;
    let from_origin = annotations.str(ORIGIN).and_then(origin);
    from_origin.or_else(|| {
        let path = PATHS.iter().find_map(|key| annotations.str(key)).filter(|path| !path.is_empty())?;
        Some(plain(Renderer::Kustomize, path))
    })
}

fn origin(text: &str) -> Option<RenderedFrom> {
    let limits = InputLimits { depth: 8, nodes: 64, ..InputLimits::default() };
    let parsed = yaml::load(FileId(0), text, &limits, &mut Vec::new());
    let origin = parsed.first().map(|parsed| parsed.tree.node(parsed.root))?;
    let stated = |key: &str| origin.str(key).filter(|text| !text.is_empty()).map(str::to_owned);
    let path = stated("path").or_else(|| stated("configuredIn"))?;
    Some(RenderedFrom { by: Renderer::Kustomize, path, repository: stated("repo"), revision: stated("ref") })
}

fn plain(by: Renderer, path: &str) -> RenderedFrom {
    RenderedFrom { by, path: path.to_owned(), repository: None, revision: None }
}
