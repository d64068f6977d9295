//! What the expressions of these tests can refer to, for Terraform and for us.

use std::collections::HashMap;
use std::sync::Arc;

use verdikt_model::FileId;
use verdikt_terraform::budget::Budget;
use verdikt_terraform::evaluate::{Context, Evaluated, EvaluationError, Evaluator, Reference, Resolved, Scope};
use verdikt_terraform::files::{FileContent, FileProblem, Files, Json};
use verdikt_terraform::syntax::{Expression, Step, parse};
use verdikt_terraform::value::{Unknown, Value, What};

/// Stands before the expressions in the configuration that Terraform reads. The resource exists nowhere
/// but in this configuration, so that what it computes is unknown.
pub const PRELUDE: &str = r#"
resource "terraform_data" "x" { input = "a" }
locals {
  unknown = terraform_data.x.id
  dynamic = terraform_data.x.output
  n       = 3
  s       = "text"
  list    = tolist(["b", "a", "c"])
  set     = toset(["b", "a", "c"])
  map     = tomap({ k = "v", a = "b" })
  tuple   = ["x", 1, true]
  object  = { name = "n", tags = { a = 1 }, ports = [80, 443] }
  objects = [{ id = "1", on = true }, { id = "2", on = false }]
  nothing = null
  secret  = sensitive("hush")
}
"#;

/// A file system with nothing in it.
struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _path: &str) -> Result<FileContent, FileProblem> {
        Err(FileProblem::NotFound)
    }

    fn list(&self, _folder: &str, _recursive: bool) -> Vec<String> {
        Vec::new()
    }

    fn parse_json(&self, _file: FileId, _text: &str) -> Json {
        Json { tree: Arc::default(), root: None, diagnostics: Vec::new() }
    }
}

/// The locals of the prelude.
pub struct World {
    locals: HashMap<Box<str>, Expression>,
    budget: Budget,
}

impl World {
    pub fn new() -> Self {
        let file = parse(FileId(0), PRELUDE);
        assert_eq!(file.problems, []);
        let bodies = file.body.blocks().filter(|block| &*block.kind.text == "locals");
        let arguments = bodies.flat_map(|block| block.body.arguments());
        let locals = arguments.map(|argument| (argument.name.text.clone(), argument.value.clone())).collect();
        World { locals, budget: Budget::default() }
    }

    pub fn context(&self) -> Context<'_> {
        Context { budget: &self.budget, files: &NoFiles, module_folder: "", root_folder: "" }
    }

    /// The value of an expression given as text.
    pub fn evaluate(&self, text: &str) -> Result<Value, EvaluationError> {
        let text = format!("x = {text}\n");
        let file = parse(FileId(1), &text);
        assert_eq!(file.problems, [], "{text}");
        let expression = &file.body.argument("x").expect("an argument").value;
        let strict = Evaluator::new(self, self.context()).try_evaluate(expression);
        let Evaluated { value, problems } = Evaluator::new(self, self.context()).evaluate(expression);
        match &strict {
            // Being lenient changes nothing where nothing is wrong.
            Ok(_) => {
                assert!(problems.is_empty(), "{text}: {problems:?}");
                assert_eq!(
                    super::printed::printed(&value),
                    super::printed::printed(strict.as_ref().unwrap()),
                    "{text}"
                );
            }
            Err(_) => assert!(!problems.is_empty(), "{text}"),
        }
        strict
    }
}

impl Scope for World {
    fn resolve(&self, reference: &Reference<'_>) -> Result<Resolved, EvaluationError> {
        let attribute = |index: usize| match reference.steps.get(index) {
            Some(Step::Attribute(name)) => Some(&*name.text),
            _ => None,
        };
        let refused = || EvaluationError::new(reference.span, format!("{} is not declared", reference.root));
        match (reference.root, attribute(0), attribute(1), attribute(2)) {
            ("local", Some(name), _, _) => {
                let expression = self.locals.get(name).ok_or_else(refused)?;
                let value = Evaluator::new(self, self.context()).try_evaluate(expression)?;
                let through = Some((What::Local, Arc::from(format!("local.{name}"))));
                Ok(Resolved { value, steps: 1, through })
            }
            // The console knows no types of what a resource will be.
            ("terraform_data", Some("x"), Some(name @ ("id" | "output")), _) => {
                let unknown = Unknown::reference("only known after apply", format!("terraform_data.x.{name}"));
                Ok(Resolved { value: Value::unknown(unknown), steps: 2, through: None })
            }
            _ => Err(refused()),
        }
    }
}
