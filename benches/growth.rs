//! How cost grows with input: each question is asked of once, four times and sixteen times as much.
//!
//! A step that is quadratic stays unseen on ordinary input and turns a hostile file, or the dump of a
//! large cluster, into minutes. The exponent is what the time grows with: 1 is linear. The program
//! fails when any is above [`MOST`]. Each time is the best of several; a machine that is busy with other
//! things still shows linear work as steeper, since it interrupts what runs long.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use verdikt_benches::{folder, generate};
use verdikt_input::{Input, LoadOptions, load};

/// Linear steps come out at 0.9 to 1.2 (what is larger fits no cache), quadratic ones near 2.
const MOST: f64 = 1.5;

/// How often a question is asked whose exponent is above that: the longer something runs, the more
/// often a busy machine interrupts it, and one quiet moment is enough.
const ATTEMPTS: usize = 3;

/// What one size of a question does.
type Work = Box<dyn Fn() + Sync>;

struct Question {
    name: &'static str,
    /// The smallest size; a millisecond or more.
    size: usize,
    work: fn(usize) -> Work,
}

fn main() -> ExitCode {
    // One thread, so that growth is not hidden by another.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool of one thread starts");
    // `cargo bench` hands on its own flags; what is no flag chooses questions.
    let chosen: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let mut too_steep = Vec::new();
    println!("{:<48} {:>10} {:>10} {:>10} {:>9}", "", "once", "4 times", "16 times", "exponent");
    let questions = INPUT.iter().chain(engine::QUESTIONS);
    for question in
        questions.filter(|question| chosen.is_empty() || chosen.iter().any(|part| question.name.contains(part)))
    {
        let works = [1, 4, 16].map(|factor| (question.work)(question.size * factor));
        let mut times = [Duration::MAX; 3];
        let mut exponent = f64::INFINITY;
        for _ in 0..ATTEMPTS {
            for (time, work) in times.iter_mut().zip(&works) {
                *time = pool.install(|| best(work)).min(*time);
            }
            exponent = (times[2].as_secs_f64() / times[0].as_secs_f64()).log(16.0);
            if exponent <= MOST {
                break;
            }
        }
        let [once, four, sixteen] = times.map(|time| format!("{:.2} ms", time.as_secs_f64() * 1e3));
        println!("{:<48} {once:>10} {four:>10} {sixteen:>10} {exponent:>9.2}", question.name);
        if exponent > MOST {
            too_steep.push(question.name);
        }
    }
    if too_steep.is_empty() {
        return ExitCode::SUCCESS;
    }
    eprintln!("grows faster than its input: {}", too_steep.join(", "));
    ExitCode::FAILURE
}

/// The shortest of at least five runs, and of as many as fit into a moment.
fn best(work: &Work) -> Duration {
    work();
    let begin = Instant::now();
    let mut shortest = Duration::MAX;
    let mut runs = 0;
    while runs < 5 || (begin.elapsed() < Duration::from_millis(150) && runs < 50) {
        let start = Instant::now();
        work();
        shortest = shortest.min(start.elapsed());
        runs += 1;
    }
    shortest
}

fn file(path: &str, text: String) -> Work {
    files(vec![(path.to_owned(), text)])
}

fn files(files: Vec<(String, String)>) -> Work {
    let inputs = files.into_iter().map(|(path, text)| Input::Text { path, bytes: text.into_bytes() }).collect();
    let options = LoadOptions { inputs, ..LoadOptions::default() };
    Box::new(move || {
        black_box(load(&options));
    })
}

/// Files of one folder.
fn texts(files: Vec<(String, String)>) -> Work {
    let options = LoadOptions { inputs: vec![folder(files)], ..LoadOptions::default() };
    Box::new(move || {
        black_box(load(&options));
    })
}

fn repeated(head: &str, count: usize, piece: impl Fn(usize) -> String) -> String {
    let mut text = head.to_owned();
    (0..count).for_each(|number| text.push_str(&piece(number)));
    text
}

const CONFIG_MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n";
const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n";

const INPUT: &[Question] = &[
    Question {
        name: "documents of a stream",
        size: 50,
        work: |size| file("a.yaml", generate::stream(generate::deployment, size)),
    },
    Question {
        name: "files",
        size: 50,
        work: |size| files((0..size).map(|number| (format!("{number}.yaml"), generate::deployment(number))).collect()),
    },
    Question {
        name: "items of a List",
        size: 2000,
        work: |size| {
            let item = |number| {
                format!(
                    "- apiVersion: v1\n  kind: Pod\n  metadata: {{name: a{number}}}\n  spec: {{containers: [{{name: a}}]}}\n"
                )
            };
            file("a.yaml", repeated("apiVersion: v1\nkind: List\nitems:\n", size, item))
        },
    },
    Question {
        name: "containers of a pod",
        size: 2000,
        work: |size| {
            file(
                "a.yaml",
                repeated(POD, size, |number| {
                    format!("  - name: c{number}\n    image: a:{number}\n    securityContext: {{privileged: yes}}\n")
                }),
            )
        },
    },
    Question {
        name: "pod templates of a custom resource",
        size: 500,
        work: |size| {
            let template =
                |number| format!("  - template: {{spec: {{containers: [{{name: c{number}, image: a}}]}}}}\n");
            file(
                "a.yaml",
                repeated(
                    "apiVersion: example.com/v1\nkind: Fleet\nmetadata: {name: a}\nspec:\n  groups:\n",
                    size,
                    template,
                ),
            )
        },
    },
    Question { name: "modules of Terraform", size: 10, work: |size| texts(generate::configuration(size)) },
    Question {
        name: "elements of for_each",
        size: 200,
        work: |size| {
            texts(vec![(
                "main.tf".to_owned(),
                format!(
                    "resource \"a\" \"b\" {{\n  for_each = toset([for n in range({size}) : tostring(n)])\n  c = each.key\n}}\n"
                ),
            )])
        },
    },
    Question {
        name: "locals that refer to the one before",
        size: 300,
        work: |size| {
            let chain =
                repeated("locals {\n  l0 = 1\n", size, |number| format!("  l{} = local.l{number} + 1\n", number + 1));
            texts(vec![("main.tf".to_owned(), chain + "}\n")])
        },
    },
    Question {
        name: "volumes and mounts of a pod",
        size: 1000,
        work: |size| {
            let mounts = repeated("  - name: a\n    image: a\n    volumeMounts:\n", size, |number| {
                format!("    - {{name: v{number}, mountPath: /v{number}}}\n")
            });
            let volumes = repeated("  volumes:\n", size, |number| format!("  - {{name: v{number}, emptyDir: {{}}}}\n"));
            file("a.yaml", format!("{POD}{mounts}{volumes}"))
        },
    },
    Question {
        name: "keys of a map",
        size: 10_000,
        work: |size| file("a.yaml", repeated(CONFIG_MAP, size, |number| format!("  key{number}: value\n"))),
    },
    Question {
        name: "keys of a map that repeat",
        size: 10_000,
        work: |size| file("a.yaml", repeated(CONFIG_MAP, size, |number| format!("  key{}: value\n", number % 7))),
    },
    Question {
        name: "a line of flow collections, not ASCII",
        size: 5000,
        work: |size| {
            file(
                "a.yaml",
                format!("{CONFIG_MAP}  a: {{ü: [{}]}}\n", repeated("", size, |number| format!("{{ä: {number}}}, "))),
            )
        },
    },
    Question {
        name: "aliases",
        size: 10_000,
        work: |size| {
            file("a.yaml", format!("{CONFIG_MAP}  a: &a {{b: c}}\n{}", repeated("  b:\n", size, |_| "  - *a\n".into())))
        },
    },
    Question {
        name: "anchors and merge keys",
        size: 3000,
        work: |size| {
            file(
                "a.yaml",
                repeated(CONFIG_MAP, size, |number| {
                    format!("  k{number}: &a{number} {{b: c, d: e}}\n  m{number}: {{<<: *a{number}, b: f}}\n")
                }),
            )
        },
    },
    Question {
        name: "merge keys of one map",
        size: 3000,
        work: |size| {
            file(
                "a.yaml",
                format!(
                    "a: &a {{b: c, d: e}}\nb:\n{}",
                    repeated("", size, |number| format!("  <<: *a\n  k{number}: v\n"))
                ),
            )
        },
    },
    Question {
        name: "comments",
        size: 20_000,
        work: |size| {
            file("a.yaml", repeated(CONFIG_MAP, size, |number| format!("  # about {number}\n  k{number}: v # and\n")))
        },
    },
    Question {
        name: "a block scalar full of `#`",
        size: 50_000,
        work: |size| {
            file("a.yaml", format!("{CONFIG_MAP}  a: |\n{}  b: c\n", repeated("", size, |_| "    # text\n".into())))
        },
    },
    Question {
        name: "a quoted scalar of many lines",
        size: 20_000,
        work: |size| {
            file("a.yaml", format!("{CONFIG_MAP}  a: \"{}\"\n", repeated("", size, |_| "ü \\\"b\\\"\n\n    ".into())))
        },
    },
    Question {
        name: "documents that are broken",
        size: 2000,
        work: |size| {
            file(
                "a.yaml",
                repeated("", size, |number| {
                    format!("---\napiVersion: v1\nkind: Pod\nmetadata: {{name: a{number}\nspec: [\n")
                }),
            )
        },
    },
    Question {
        name: "documents whose address repeats",
        size: 2000,
        work: |size| {
            file(
                "a.yaml",
                repeated("", size, |_| {
                    "---\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a}]}\n".into()
                }),
            )
        },
    },
    Question {
        name: "braces of a template that is none",
        size: 20_000,
        work: |size| {
            file(
                "templates/a.yaml",
                repeated(CONFIG_MAP, size, |number| format!("  k{number}: \"{{{{ .x }}}} and\"\n")),
            )
        },
    },
    Question {
        name: "words that look like ours in what cannot be read",
        size: 20_000,
        work: |size| file("a.yaml", repeated("a: [\n", size, |_| "\"\"\"apiVersion \"\"\"\n".into())),
    },
    Question {
        name: "a line of JSON, not ASCII",
        size: 300,
        work: |size| {
            let task = |number| generate::task_definition(number).replace('\n', " ").replace("main", "mä");
            file("a.json", repeated("[", size, |number| task(number) + ",") + &task(size) + "]")
        },
    },
    Question {
        name: "texts of JSON that are broken",
        size: 20_000,
        work: |size| file("a.json", repeated("", size, |_| "{\"containerDefinitions\": [}\n".into())),
    },
    Question {
        name: "containers of a task definition",
        size: 1000,
        work: |size| {
            let container = |number| {
                format!(
                    "{{\"name\": \"c{number}\", \"image\": \"a\", \"dependsOn\": [{{\"containerName\": \"c0\"}}]}},\n"
                )
            };
            file(
                "a.json",
                format!(
                    "{{\"family\": \"a\", \"containerDefinitions\": [\n{}{{\"name\": \"z\"}}]}}",
                    repeated("", size, container)
                ),
            )
        },
    },
];

#[cfg(not(feature = "engine"))]
mod engine {
    //! Without the sandbox there is nothing to ask of it.

    pub(super) const QUESTIONS: &[super::Question] = &[];
}

#[cfg(feature = "engine")]
mod engine {
    //! Whole checks with their report in every format, on one thread.

    use std::hint::black_box;

    use verdikt_benches::{generate, workload_pack};
    use verdikt_engine::model::Date;
    use verdikt_engine::report::{FORMATS, RenderOptions, render};
    use verdikt_engine::{Check, Engine};
    use verdikt_input::{Input, LoadOptions};

    use super::{POD, Question, Work, repeated};

    pub(super) const QUESTIONS: &[Question] = &[
        Question {
            name: "check: documents",
            size: 64,
            work: |size| check(generate::stream(generate::deployment, size), false),
        },
        Question {
            name: "check: documents, each isolated",
            size: 64,
            work: |size| check(generate::stream(generate::deployment, size), true),
        },
        Question {
            name: "check: findings of one document",
            size: 50,
            work: |size| check(repeated(POD, size, careless), false),
        },
        Question {
            name: "check: findings of one line, not ASCII",
            size: 50,
            work: |size| {
                let container = |number| {
                    format!(
                        "{{\"name\": \"ä{number}\", \"image\": \"a\", \"securityContext\": {{\"privileged\": true}}}}, "
                    )
                };
                let containers = repeated("", size, container);
                check(
                    format!(
                        "{{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {{\"name\": \"a\"}}, \"spec\": {{\"containers\": [{containers}{{\"name\": \"z\"}}]}}}}"
                    ),
                    false,
                )
            },
        },
        Question {
            name: "check: pod templates of a custom resource",
            size: 100,
            work: |size| {
                let template =
                    |number| format!("  - template: {{spec: {{containers: [{{name: c{number}, image: a}}]}}}}\n");
                check(
                    repeated(
                        "apiVersion: example.com/v1\nkind: Fleet\nmetadata: {name: a}\nspec:\n  groups:\n",
                        size,
                        template,
                    ),
                    false,
                )
            },
        },
    ];

    fn careless(number: usize) -> String {
        format!("  - name: c{number}\n    image: a\n    securityContext: {{privileged: yes}}\n")
    }

    fn check(text: String, isolate: bool) -> Work {
        let built = workload_pack().unwrap_or_else(|error| panic!("{error:#}"));
        let engine = Engine::builder().pack(built.precompiled()).jobs(1).build().expect("the engine starts");
        let inputs = vec![Input::Text { path: "a.yaml".to_owned(), bytes: text.into_bytes() }];
        let today = Date::parse("2026-01-01").expect("this is a day");
        let check = Check { isolate, ..Check::new(LoadOptions { inputs, ..LoadOptions::default() }, today) };
        let report = engine.check(&check).expect("the check runs");
        assert!(!report.incomplete && report.summary.fail > 0, "this is not what was to be measured");
        Box::new(move || {
            let report = engine.check(&check).expect("the check runs");
            for (format, ..) in FORMATS {
                black_box(render(&report, *format, &RenderOptions::default()));
            }
        })
    }
}
