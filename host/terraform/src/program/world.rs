//! Module instances with the values of what they declare.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use verdikt_model::{Code, Diagnostic, DiagnosticPlace, Level, Pointer, Span};

use super::address::{Key, within};
use super::body::{Built, build};
use super::inputs::{self, Input, Inputs};
use super::manifest::Manifest;
use super::repeat::{Each, Repetition, RepetitionKind};
use super::roots::is_local;
use super::scope::BlockScope;
use super::variables::VariableValue;
use super::{EmptyCall, Evaluation, IgnoreChanges, ModuleInstance, Program, UnreadModule, Unusable};
use crate::budget::{Budget, Limits};
use crate::config::{Module, ModuleCall, Repeat, Resource};
use crate::evaluate::{Context, EvaluationError, Evaluator, Scope};
use crate::files::below;
use crate::syntax::Expression;
use crate::value::{Marks, Unknown, Value};

/// Module instances of one root.
const MOST_MODULES: usize = 10_000;
/// Modules that are called by one another.
const MOST_LEVELS: usize = 64;
/// What an instance of a module or a resource costs, beside the values in it. It bounds how many there can
/// be, and so the memory that they take.
const INSTANCE_STEPS: usize = 50;
/// Diagnostics of one root, beside those that something was not judged.
const MOST_DIAGNOSTICS: usize = 500;

/// A root with all module instances below it.
pub(super) struct World<'p> {
    program: &'p Program<'p>,
    pub(super) inputs: &'p Inputs,
    /// What is given for the variables of the root.
    given: HashMap<String, Input>,
    root_folder: String,
    manifest: Manifest,
    budget: Budget,
    /// Callers before what they call; the first is the root.
    pub(super) instances: Vec<Instance>,
    told: RefCell<Told>,
    pub(super) unusable: RefCell<Vec<Unusable>>,
    pub(super) unread: Vec<UnreadModule>,
    empty: Vec<EmptyCall>,
}

/// A module as one call makes it. The lists are in the order of the module's own; what has no value yet is
/// none.
pub(super) struct Instance {
    pub(super) module: Arc<Module>,
    /// Empty for the root.
    pub(super) address: String,
    /// `path.module`
    pub(super) shown_folder: String,
    pub(super) caller: Option<Caller>,
    pub(super) variables: Vec<Option<VariableValue>>,
    pub(super) locals: Vec<Option<Value>>,
    pub(super) outputs: Vec<Option<Value>>,
    pub(super) resources: Vec<Option<Expanded>>,
    pub(super) calls: Vec<Option<Called>>,
}

/// Who calls a module instance, and for which element of the call's `count` or `for_each`.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) instance: usize,
    pub(super) call: usize,
    pub(super) each: Each,
}

/// The instances of a resource.
pub(super) struct Expanded {
    pub(super) kind: RepetitionKind,
    pub(super) instances: Vec<ResourceInstance>,
}

pub(super) struct ResourceInstance {
    pub(super) key: Option<Key>,
    pub(super) body: Value,
    /// What references see.
    pub(super) view: Value,
    pub(super) references: Vec<(Pointer, String)>,
    pub(super) ignore_changes: IgnoreChanges,
}

/// The instances of a module call.
pub(super) struct Called {
    pub(super) kind: RepetitionKind,
    pub(super) instances: Vec<(Option<Key>, usize)>,
    /// Why it has no known outputs, if so.
    pub(super) unread: Option<Arc<str>>,
}

/// Diagnostics, each once.
#[derive(Default)]
struct Told {
    diagnostics: Vec<Diagnostic>,
    seen: HashSet<(Code, Option<Span>, String)>,
    exhausted: bool,
}

/// Evaluates a root.
pub(super) fn evaluate(program: &Program<'_>, module: Arc<Module>, inputs: &Inputs, limits: Limits) -> Evaluation {
    let mut diagnostics = Vec::new();
    let (given, undeclared) = inputs::collect(program.files, &module, inputs, &mut diagnostics);
    let mut world = World {
        program,
        unusable: RefCell::default(),
        inputs,
        given,
        manifest: Manifest::read(program.files, &module.folder),
        root_folder: module.folder.clone(),
        budget: Budget::new(limits),
        instances: Vec::new(),
        told: RefCell::default(),
        unread: Vec::new(),
        empty: Vec::new(),
    };
    diagnostics.into_iter().for_each(|diagnostic| world.tell(diagnostic));
    world.add_instance(module, String::new(), None);
    // Evaluating calls adds instances behind.
    let mut instance = 0;
    while instance < world.instances.len() {
        world.evaluate_instance(instance);
        instance += 1;
    }
    let items = world.items();
    let modules = world
        .instances
        .iter()
        .map(|instance| ModuleInstance { address: instance.address.clone(), folder: instance.module.folder.clone() });
    Evaluation {
        modules: modules.collect(),
        items,
        steps: world.budget.steps_used(),
        diagnostics: world.told.into_inner().diagnostics,
        unread: world.unread,
        empty: world.empty,
        undeclared,
        unusable: world.unusable.into_inner(),
    }
}

impl<'p> World<'p> {
    pub(super) fn tell(&self, diagnostic: Diagnostic) {
        let mut told = self.told.borrow_mut();
        let span = if let DiagnosticPlace::Span(span) = diagnostic.place { Some(span) } else { None };
        // That something was not judged is always told.
        let wanted = told.diagnostics.len() < MOST_DIAGNOSTICS || diagnostic.level() == Level::Error;
        if wanted && told.seen.insert((diagnostic.code, span, diagnostic.message.clone())) {
            told.diagnostics.push(diagnostic);
        }
    }

    /// A limit of ours was reached, so that not all is judged.
    pub(super) fn limit(&self, span: Span, message: impl Into<String>) {
        self.tell(Diagnostic::at(Code::TerraformLimit, span, message));
    }

    /// The value of an expression. What is wrong is told.
    pub(super) fn evaluate(&self, expression: &Expression, scope: &dyn Scope) -> Value {
        let context = Context { budget: &self.budget, files: self.program.files, root_folder: &self.root_folder };
        let evaluated = Evaluator::new(scope, context).evaluate(expression);
        for problem in &evaluated.problems {
            self.tell_problem(problem);
        }
        evaluated.value
    }

    /// Tells where a value could not be made since it is larger than values may be.
    pub(super) fn checked(&self, value: Value, span: Span) -> Value {
        if let Some(why) = value.as_limit() {
            self.limit(span, format!("This is {why}."));
        }
        value
    }

    /// Pays for something that is made, and says whether it may be.
    pub(super) fn spend(&self, steps: usize, span: Span) -> bool {
        let paid = self.budget.spend(steps);
        if let Err(exhausted) = paid {
            self.tell_problem(&EvaluationError::exhausted(span, exhausted));
        }
        paid.is_ok()
    }

    fn tell_problem(&self, problem: &EvaluationError) {
        if problem.is_limit() {
            // Once the budget is used up, nothing else can be evaluated: the first is the one to tell.
            let first = !std::mem::replace(&mut self.told.borrow_mut().exhausted, self.budget.is_exhausted());
            if first {
                self.limit(problem.span(), sentence(problem.message()));
            }
        } else {
            self.refused(problem.span(), sentence(problem.message()));
        }
    }

    pub(super) fn scope<'w>(&'w self, instance: usize, each: &'w Each) -> BlockScope<'w> {
        self.scope_of(&self.instances[instance], each)
    }

    pub(super) fn scope_of<'w>(&'w self, instance: &'w Instance, each: &'w Each) -> BlockScope<'w> {
        BlockScope { world: self, instance, each, iterators: Vec::new(), own: None }
    }

    fn add_instance(&mut self, module: Arc<Module>, address: String, caller: Option<Caller>) -> usize {
        module.diagnostics.iter().for_each(|diagnostic| self.tell(diagnostic.clone()));
        fn none<T>(count: usize) -> Vec<Option<T>> {
            std::iter::repeat_with(|| None).take(count).collect()
        }
        self.instances.push(Instance {
            shown_folder: relative(&self.root_folder, &module.folder),
            variables: none(module.variables.len()),
            locals: none(module.locals.len()),
            outputs: none(module.outputs.len()),
            resources: none(module.resources.len()),
            calls: none(module.calls.len()),
            module,
            address,
            caller,
        });
        self.instances.len() - 1
    }

    /// The argument that a variable has from the call of its module.
    pub(super) fn argument(&self, instance: usize, variable: usize) -> Option<(&Caller, &Expression)> {
        let instance = &self.instances[instance];
        let caller = instance.caller.as_ref()?;
        let name = &instance.module.variables.at(variable).name.text;
        let call = self.instances[caller.instance].module.calls.at(caller.call);
        Some((caller, &call.arguments.argument(name)?.value))
    }

    pub(super) fn variable(&self, instance: usize, at: usize) -> VariableValue {
        let module = &self.instances[instance].module;
        let variable = module.variables.at(at);
        let Some(caller) = &self.instances[instance].caller else {
            return self.root_variable(variable, self.given.get(&*variable.name.text));
        };
        let given = self
            .argument(instance, at)
            .map(|(caller, argument)| self.evaluate(argument, &self.scope(caller.instance, &caller.each)));
        if given.is_none() && variable.default.is_none() {
            let call = self.instances[caller.instance].module.calls.at(caller.call);
            let message = format!(
                "The module `{}` needs a value for its variable `{}`, which has no default.",
                call.name.text, variable.name.text
            );
            self.refused(call.name.span, message);
        }
        self.called_variable(variable, given)
    }

    pub(super) fn output(&self, instance: usize, at: usize) -> Value {
        let output = self.instances[instance].module.outputs.at(at);
        let Some(value) = &output.value else {
            self.refused(output.name.span, format!("The output `{}` has no `value`.", output.name.text));
            return Value::unknown(Unknown::new("an output without a value")).at(output.name.span);
        };
        let mut marks = Marks::NONE;
        if output.sensitive == Some(true) {
            marks = marks | Marks::SENSITIVE;
        }
        if output.ephemeral == Some(true) {
            marks = marks | Marks::EPHEMERAL;
        }
        self.evaluate(value, &self.scope(instance, &Each::Once)).with_marks(marks)
    }

    /// How often something of a module instance is there.
    pub(super) fn repetition(&self, instance: &Instance, repeat: &Repeat) -> Repetition {
        let scope = self.scope_of(instance, &Each::Once);
        let (repetition, refused) = match repeat {
            Repeat::Once => return Repetition::once(),
            Repeat::Count(expression) => Repetition::of_count(&self.evaluate(expression, &scope), expression.span),
            Repeat::ForEach(expression) => Repetition::of_each(&self.evaluate(expression, &scope), expression.span),
        };
        match refused {
            Some(refused) if refused.limit => self.limit(refused.span, sentence(&refused.message)),
            Some(refused) => self.refused(refused.span, sentence(&refused.message)),
            None => {}
        }
        repetition
    }

    pub(super) fn resource(&self, instance: usize, resource: &Resource) -> Expanded {
        let repetition = self.repetition(&self.instances[instance], &resource.repeat);
        let address = within(&self.instances[instance].address, resource.local_address());
        let affordable =
            repetition.instances.into_iter().take_while(|_| self.spend(INSTANCE_STEPS, resource.name.span));
        let instances = affordable.map(|(key, each)| {
            let address = key.as_ref().map_or_else(|| address.clone(), |key| format!("{address}{key}"));
            let Built { body, view, references, ignore_changes } =
                build(self.scope(instance, &each), &resource.body, &address);
            let view = self.with_computed(resource, &body, view, &address);
            ResourceInstance { key, body, view, references, ignore_changes }
        });
        Expanded { kind: repetition.kind, instances: instances.collect() }
    }

    pub(super) fn call(&mut self, instance: usize, at: usize, call: &ModuleCall) -> Called {
        let local = format!("module.{}", call.name.text);
        let address = within(&self.instances[instance].address, &local);
        let module = match self.called_module(instance, call) {
            Ok(module) => module,
            Err(why) => {
                let source = call.source.as_ref();
                self.unread.push(UnreadModule {
                    address: address.clone(),
                    source: source.and_then(|source| source.text.as_deref()).unwrap_or_default().to_owned(),
                    span: source.map_or(call.name.span, |source| source.span),
                    why,
                });
                let unread = format!("an output of module `{}`, whose files were not read: it {why}", call.name.text);
                return Called { kind: RepetitionKind::Once, instances: Vec::new(), unread: Some(unread.into()) };
            }
        };
        for argument in call.arguments.arguments() {
            if module.variables.get(&argument.name.text).is_none() {
                let message = format!("The module `{}` has no variable `{}`.", call.name.text, argument.name.text);
                self.refused(argument.name.span, message);
            }
        }
        let mut repetition = self.repetition(&self.instances[instance], &call.repeat);
        if repetition.instances.is_empty() {
            let folder = module.folder.clone();
            self.empty.push(EmptyCall { address: address.clone(), folder, span: call.name.span });
        }
        let room = MOST_MODULES.saturating_sub(self.instances.len());
        if repetition.instances.len() > room {
            let message = format!(
                "With this call there are more than {MOST_MODULES} module instances, the limit; the others were not judged."
            );
            self.limit(call.name.span, message);
            repetition.instances.truncate(room);
        }
        let mut instances = Vec::with_capacity(repetition.instances.len());
        for (key, each) in repetition.instances {
            if !self.spend(INSTANCE_STEPS, call.name.span) {
                break;
            }
            let address = key.as_ref().map_or_else(|| address.clone(), |key| format!("{address}{key}"));
            let caller = Caller { instance, call: at, each };
            instances.push((key, self.add_instance(module.clone(), address, Some(caller))));
        }
        Called { kind: repetition.kind, instances, unread: None }
    }

    /// The module that a call means; why it is not read otherwise, as the rest of a sentence.
    fn called_module(&self, instance: usize, call: &ModuleCall) -> Result<Arc<Module>, &'static str> {
        let Some(source) = &call.source else {
            self.refused(call.name.span, "A `module` block says with `source` where the module is.");
            return Err("has no `source`");
        };
        let Some(text) = &source.text else { return Err("has a `source` that is no plain text") };
        let caller = &self.instances[instance];
        let folder = if is_local(text) {
            below(&caller.module.folder, &text.replace('\\', "/")).map_err(|_| "is outside of the scanned folder")?
        } else {
            let mut path = self.call_path(instance);
            path.push(&call.name.text);
            match self.manifest.folder(&path) {
                Some(folder) => folder.to_owned(),
                None => return Err("is not local, and not installed under `.terraform/modules`"),
            }
        };
        let mut levels = 0;
        let mut above = Some(instance);
        while let Some(ancestor) = above {
            let ancestor = &self.instances[ancestor];
            if ancestor.module.folder == folder {
                self.refused(source.span, "This module calls itself, directly or through others, without end.");
                return Err("is among those that call it");
            }
            levels += 1;
            above = ancestor.caller.as_ref().map(|caller| caller.instance);
        }
        if levels >= MOST_LEVELS {
            self.limit(source.span, format!("Modules call each other more than {MOST_LEVELS} levels deep, the limit."));
            return Err("is nested too deeply");
        }
        self.program.module(&folder).ok_or_else(|| {
            self.refused(source.span, format!("There are no files of Terraform in the folder `{folder}`."));
            "has no files"
        })
    }

    /// The names of the calls that lead to an instance.
    pub(super) fn call_path(&self, mut instance: usize) -> Vec<&str> {
        let mut path = Vec::new();
        while let Some(caller) = &self.instances[instance].caller {
            path.push(&*self.instances[caller.instance].module.calls.at(caller.call).name.text);
            instance = caller.instance;
        }
        path.reverse();
        path
    }
}

/// The path of a folder from another one, as Terraform prints it. Both are from the scanned folder.
fn relative(from: &str, to: &str) -> String {
    let parts = |path: &str| path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (from, to) = (parts(from), parts(to));
    let common = from.iter().zip(&to).take_while(|(from, to)| from == to).count();
    let up = std::iter::repeat_n("..".to_owned(), from.len() - common);
    let path: Vec<String> = up.chain(to[common..].iter().cloned()).collect();
    if path.is_empty() { ".".to_owned() } else { path.join("/") }
}

/// A message of a library as a sentence.
fn sentence(message: &str) -> String {
    let is_name = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let mut sentence = match message.split_once(": ") {
        // What a function says of its arguments.
        Some((function, rest)) if is_name(function) => format!("`{function}`: {rest}"),
        _ => {
            let mut characters = message.chars();
            let first = characters.next().map(char::to_uppercase).into_iter().flatten();
            first.chain(characters).collect()
        }
    };
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_become_sentences() {
        for (message, expected) in [
            ("no such thing", "No such thing."),
            ("file: it does not exist", "`file`: it does not exist."),
            ("a note: it ends.", "A note: it ends."),
            ("`x` is wrong", "`x` is wrong."),
        ] {
            assert_eq!(sentence(message), expected);
        }
    }

    #[test]
    fn folders_are_shown_from_the_root() {
        for (from, to, expected) in [
            ("", "", "."),
            ("", "modules/a", "modules/a"),
            ("envs/prod", "envs/prod", "."),
            ("envs/prod", "modules/a", "../../modules/a"),
            ("envs/prod", "envs/common", "../common"),
            ("a", "", ".."),
        ] {
            assert_eq!(relative(from, to), expected, "{to} from {from}");
        }
    }
}
