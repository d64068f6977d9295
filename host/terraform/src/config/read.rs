//! From the blocks of files to the declarations of a module.

use verdikt_model::{Code, Diagnostic, FileId, Level, Span};

use super::constraint::Constraint;
use super::{
    FileKind, Local, Mode, Module, ModuleCall, Named, Output, Provider, Repeat, Resource, Source, SourceFile, Variable,
    json, merge,
};
use crate::files::{Files, name_of, read_text};
use crate::syntax::{self, Argument, Block, Body, Expression, ExpressionKind, Item, Key, Label, Name, Part};

/// Warnings about one module that are told. That something was not judged is always told.
const MOST_WARNINGS: usize = 200;

impl Module {
    /// Reads the module that the files of a folder are; `None` when no file there is Terraform's.
    pub fn read(files: &dyn Files, folder: &str) -> Option<Module> {
        let mut paths: Vec<(bool, FileKind, String)> = files
            .list(folder, false)
            .into_iter()
            .filter_map(|path| FileKind::of(name_of(&path)).map(|(kind, overrides)| (overrides, kind, path)))
            .collect();
        if paths.is_empty() {
            return None;
        }
        paths.sort_by(|a, b| (a.0, &a.2).cmp(&(b.0, &b.2)));
        let mut module = Module { folder: folder.to_owned(), ..Module::default() };
        for (overrides, kind, path) in paths {
            let mut declared = Declared::default();
            declared.read_file(files, kind, path);
            if overrides {
                merge::merge(&mut module, declared);
            } else {
                declared.add_to(&mut module);
            }
        }
        let mut warnings = 0;
        module.diagnostics.retain(|diagnostic| {
            warnings += usize::from(diagnostic.level() == Level::Warning);
            diagnostic.level() == Level::Error || warnings <= MOST_WARNINGS
        });
        Some(module)
    }
}

/// What one file declares.
#[derive(Default)]
pub(super) struct Declared {
    pub(super) file: Option<SourceFile>,
    pub(super) variables: Vec<Variable>,
    pub(super) locals: Vec<Local>,
    pub(super) outputs: Vec<Output>,
    pub(super) resources: Vec<Resource>,
    pub(super) calls: Vec<ModuleCall>,
    pub(super) providers: Vec<Provider>,
    pub(super) settings: Vec<Block>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Declared {
    fn read_file(&mut self, files: &dyn Files, kind: FileKind, path: String) {
        let (id, text) = match read_text(files, &path) {
            Ok(read) => read,
            Err(diagnostic) => return self.diagnostics.extend(diagnostic),
        };
        let (body, comments) = match kind {
            FileKind::Native => {
                let file = syntax::parse(id, &text);
                let problems = file.problems.into_iter();
                self.diagnostics
                    .extend(problems.map(|problem| Diagnostic::at(Code::HclSyntax, problem.span, problem.message)));
                (file.body, file.comments)
            }
            FileKind::Json => (self.json(files, id, &text), Vec::new()),
        };
        self.file = Some(SourceFile { path, id, comments });
        for item in body.items {
            match item {
                Item::Block(block) => self.block(block),
                Item::Argument(argument) => {
                    let message = format!(
                        "Terraform accepts no argument at the top of a file; put `{}` into a block.",
                        argument.name.text
                    );
                    self.refused(argument.name.span, message);
                }
            }
        }
    }

    fn json(&mut self, files: &dyn Files, id: FileId, text: &str) -> Body {
        let parsed = files.parse_json(id, text);
        self.diagnostics.extend(parsed.diagnostics);
        match parsed.root {
            Some(root) => json::file(parsed.tree.node(root), text, &mut self.diagnostics),
            None => Body { items: Vec::new(), span: Span::new(id, 0, 0), complete: false },
        }
    }

    /// Reports what Terraform refuses.
    fn refused(&mut self, span: Span, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::at(Code::TerraformRefuses, span, message));
    }

    fn block(&mut self, block: Block) {
        match &*block.kind.text {
            "variable" => self.variable(block),
            "locals" => self.locals(block),
            "output" => self.output(block),
            "resource" => self.resource(Mode::Managed, block),
            "data" => self.resource(Mode::Data, block),
            "ephemeral" => self.resource(Mode::Ephemeral, block),
            "module" => self.call(block),
            "provider" => self.provider(block),
            "terraform" => self.settings.push(without_aliases(block)),
            "check" => self.check(block),
            // They change what Terraform does with what it has made, never what a configuration describes.
            "moved" | "import" | "removed" | "action" => {}
            kind => {
                let message =
                    format!("Terraform knows no block `{kind}` at the top of a file; nothing in it was judged.");
                self.diagnostics.push(Diagnostic::at(Code::HclSyntax, block.kind.span, message));
            }
        }
    }

    /// The labels of a block, which must be so many.
    fn labels<const N: usize>(&mut self, block: &mut Block, what: &str) -> Option<[Name; N]> {
        let labels = std::mem::take(&mut block.labels).into_iter().map(|Label { text, span }| Name { text, span });
        let labels: Result<[Name; N], _> = labels.collect::<Vec<_>>().try_into();
        if labels.is_err() {
            let message = format!(
                "A block `{}` has {what} in quotes behind its kind; what this one is cannot be known, so nothing in it was judged.",
                block.kind.text
            );
            self.diagnostics.push(Diagnostic::at(Code::HclSyntax, block.kind.span, message));
        }
        labels.ok()
    }

    fn variable(&mut self, mut block: Block) {
        let Some([name]) = self.labels(&mut block, "a name") else { return };
        let body = block.body;
        let constraint = body.argument("type").map(|argument| {
            let (constraint, problems) = Constraint::read(&argument.value);
            for (span, message) in problems {
                self.refused(span, message);
            }
            constraint
        });
        let flag = |this: &mut Self, name| body.argument(name).and_then(|argument| this.flag(argument));
        let (sensitive, ephemeral, nullable) =
            (flag(self, "sensitive"), flag(self, "ephemeral"), flag(self, "nullable"));
        let default = body.argument("default").map(|argument| argument.value.clone());
        self.variables.push(Variable {
            name,
            constraint,
            default,
            sensitive,
            ephemeral,
            nullable,
            body,
            span: block.span,
        });
    }

    fn locals(&mut self, block: Block) {
        for item in block.body.items {
            match item {
                Item::Argument(Argument { name, value, span }) => self.locals.push(Local { name, value, span }),
                Item::Block(block) => {
                    let message = format!("`locals` holds arguments only; write `{} = {{ … }}`.", block.kind.text);
                    self.refused(block.kind.span, message);
                }
            }
        }
    }

    fn output(&mut self, mut block: Block) {
        let Some([name]) = self.labels(&mut block, "a name") else { return };
        let body = block.body;
        let sensitive = body.argument("sensitive").and_then(|argument| self.flag(argument));
        let ephemeral = body.argument("ephemeral").and_then(|argument| self.flag(argument));
        let value = body.argument("value").map(|argument| argument.value.clone());
        self.outputs.push(Output { name, value, sensitive, ephemeral, body, span: block.span });
    }

    fn resource(&mut self, mode: Mode, mut block: Block) {
        let Some([kind, name]) = self.labels(&mut block, "a type and a name") else { return };
        let mut body = block.body;
        let repeat = self.repeat(&mut body);
        let provider = take(&mut body, "provider").map(|argument| argument.value);
        let depends_on = take(&mut body, "depends_on").map(|argument| argument.value);
        unescape(&mut body);
        self.resources.push(Resource { mode, kind, name, repeat, provider, depends_on, body, span: block.span });
    }

    /// A check may have a data source of its own (`internal/configs/checks.go`).
    fn check(&mut self, block: Block) {
        for item in block.body.items {
            if let Item::Block(block) = item
                && &*block.kind.text == "data"
            {
                self.resource(Mode::Data, block);
            }
        }
    }

    fn call(&mut self, mut block: Block) {
        let Some([name]) = self.labels(&mut block, "a name") else { return };
        let mut arguments = block.body;
        let repeat = self.repeat(&mut arguments);
        let source = take(&mut arguments, "source")
            .map(|Argument { value, .. }| Source { text: text_of(&value).map(Into::into), span: value.span });
        let depends_on = take(&mut arguments, "depends_on").map(|argument| argument.value);
        let providers = take(&mut arguments, "providers").map(|argument| argument.value);
        let version = take(&mut arguments, "version").map(|argument| argument.value);
        unescape(&mut arguments);
        self.calls.push(ModuleCall {
            name,
            source,
            version,
            repeat,
            depends_on,
            providers,
            arguments,
            span: block.span,
        });
    }

    fn provider(&mut self, mut block: Block) {
        let Some([name]) = self.labels(&mut block, "a name") else { return };
        let mut body = block.body;
        let alias = take(&mut body, "alias").and_then(|argument| text_of(&argument.value).map(Into::into));
        if let Some(each) = take(&mut body, "for_each") {
            let message = "Terraform takes no `for_each` in a `provider` block, only OpenTofu does; the block was read as one \
                           provider, and what depends on `each` in it is unknown.";
            self.refused(each.name.span, message);
        }
        unescape(&mut body);
        self.providers.push(Provider { name, alias, body, span: block.span });
    }

    fn repeat(&mut self, body: &mut Body) -> Repeat {
        match (take(body, "count"), take(body, "for_each")) {
            (None, None) => Repeat::Once,
            (Some(count), None) => Repeat::Count(count.value),
            (None, Some(each)) => Repeat::ForEach(each.value),
            (Some(count), Some(each)) => {
                self.refused(count.name.span, "A block has either `count` or `for_each`; remove one of them.");
                Repeat::ForEach(each.value)
            }
        }
    }

    /// `true` or `false`, which must be written as such.
    fn flag(&mut self, argument: &Argument) -> Option<bool> {
        let value = match &without_parentheses(&argument.value).kind {
            ExpressionKind::Bool(value) => Some(*value),
            _ => match text_of(&argument.value)? {
                "true" => Some(true),
                "false" => Some(false),
                _ => None,
            },
        };
        if value.is_none() {
            let message = format!("`{}` is either `true` or `false`, without references.", argument.name.text);
            self.refused(argument.value.span, message);
        }
        value
    }

    fn add_to(self, module: &mut Module) {
        module.files.extend(self.file);
        module.diagnostics.extend(self.diagnostics);
        let mut repeated = |what: &str, name: &Name| {
            let message = format!(
                "{what} `{}` is declared more than once in this folder, which Terraform refuses; the first one counts.",
                name.text
            );
            module.diagnostics.push(Diagnostic::at(Code::TerraformRefuses, name.span, message));
        };
        add_all(&mut module.variables, self.variables, |item| &item.name, |name| repeated("The variable", name));
        add_all(&mut module.locals, self.locals, |item| &item.name, |name| repeated("The local value", name));
        add_all(&mut module.outputs, self.outputs, |item| &item.name, |name| repeated("The output", name));
        add_all(&mut module.calls, self.calls, |item| &item.name, |name| repeated("The module call", name));
        for resource in self.resources {
            // Two documents of one address are reported where documents are made; both are judged.
            module.resources.add(resource.local_address(), resource);
        }
        module.providers.extend(self.providers);
        module.settings.extend(self.settings);
    }
}

fn add_all<T>(to: &mut Named<T>, items: Vec<T>, name: impl Fn(&T) -> &Name, mut repeated: impl FnMut(&Name)) {
    for item in items {
        if to.get(&name(&item).text).is_some() {
            repeated(name(&item));
        }
        to.add(name(&item).text.clone(), item);
    }
}

impl Resource {
    /// The address within its module, without a key.
    pub fn local_address(&self) -> String {
        format!("{}{}.{}", self.mode.prefix(), self.kind.text, self.name.text)
    }
}

/// Takes an argument out of a body.
fn take(body: &mut Body, name: &str) -> Option<Argument> {
    let is_it = |item: &Item| matches!(item, Item::Argument(argument) if &*argument.name.text == name);
    let at = body.items.iter().position(is_it)?;
    match body.items.remove(at) {
        Item::Argument(argument) => Some(argument),
        Item::Block(_) => None,
    }
}

/// What is in a block `_` belongs to the body around it, and is never a meta-argument.
fn unescape(body: &mut Body) {
    let is_it = |item: &Item| matches!(item, Item::Block(block) if &*block.kind.text == "_" && block.labels.is_empty());
    while let Some(at) = body.items.iter().position(is_it) {
        if let Item::Block(block) = body.items.remove(at) {
            let inner = block.body.items.into_iter().filter(|item| !is_it(item));
            body.items.splice(at..at, inner.collect::<Vec<_>>());
        }
    }
}

fn without_parentheses(expression: &Expression) -> &Expression {
    // As deep as the parser allows.
    match &expression.kind {
        ExpressionKind::Parentheses(inner) => without_parentheses(inner),
        _ => expression,
    }
}

/// The text of an expression that is nothing but text.
pub(super) fn text_of(expression: &Expression) -> Option<&str> {
    match &without_parentheses(expression).kind {
        ExpressionKind::Template(parts) => match &parts[..] {
            [] => Some(""),
            [Part::Literal { text, .. }] => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// Settings without the names of provider configurations in `configuration_aliases`, which have the form of
/// references and are none (<https://developer.hashicorp.com/terraform/language/modules/develop/providers>).
fn without_aliases(mut settings: Block) -> Block {
    for item in &mut settings.body.items {
        let Item::Block(block) = item else { continue };
        if &*block.kind.text != "required_providers" {
            continue;
        }
        for requirement in &mut block.body.items {
            if let Item::Argument(Argument { value, .. }) = requirement
                && let ExpressionKind::Object(items) = &mut value.kind
            {
                items.retain(|item| !matches!(&item.key, Key::Name(name) if &*name.text == "configuration_aliases"));
            }
        }
    }
    settings
}
