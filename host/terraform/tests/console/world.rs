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

/// Files that functions read, in both worlds.
pub const FILES: &[(&str, &[u8])] = &[
    ("files/hello.txt", b"Hello, world!\n"),
    ("files/binary", b"\xff\x00"),
    ("files/deep/er/leaf.json", b"{\"a\": [1, true]}"),
    ("files/deep/.hidden.txt", b""),
    ("files/deep/[x].txt", b"brackets"),
    ("files/greeting.tftpl", b"Hi ${name}%{ for n in numbers }, ${n + 1}%{ endfor }!"),
    ("files/list.tftpl", b"${numbers}"),
    ("files/broken.tftpl", b"${name"),
    ("files/again.tftpl", b"${templatefile(\"files/hello.txt\", {})}"),
];

/// A file system with those in it.
struct SomeFiles;

impl Files for SomeFiles {
    fn read(&self, path: &str) -> Result<FileContent, FileProblem> {
        let is_folder = |(name, _): &(&str, _)| path.is_empty() || name.starts_with(&format!("{path}/"));
        let index = FILES
            .iter()
            .position(|(name, _)| *name == path)
            .ok_or_else(|| if FILES.iter().any(is_folder) { FileProblem::Folder } else { FileProblem::NotFound })?;
        let id = FileId(u32::try_from(index).expect("there are few files") + 2);
        let bytes = FILES[index].1;
        Ok(match std::str::from_utf8(bytes) {
            Ok(text) => FileContent::Text { id, text: text.into() },
            Err(_) => FileContent::Binary(bytes.into()),
        })
    }

    fn list(&self, folder: &str, recursive: bool) -> Vec<String> {
        let names = FILES.iter().filter_map(|(name, _)| {
            let inside = if folder.is_empty() { Some(*name) } else { name.strip_prefix(folder)?.strip_prefix('/') };
            inside.filter(|inside| recursive || !inside.contains('/')).map(|_| (*name).to_owned())
        });
        names.collect()
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
        Context { budget: &self.budget, files: &SomeFiles, root_folder: "" }
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
            ("path", Some("module"), _, _) => Ok(Resolved { value: Value::string("."), steps: 1, through: None }),
            _ => Err(refused()),
        }
    }
}
