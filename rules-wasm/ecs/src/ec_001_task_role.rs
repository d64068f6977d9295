//! EC-001: ECS tasks use their own task role.

use std::collections::{BTreeMap, BTreeSet};

use verdikt_sdk::{Decision, Document, Finding, Findings, Node, Selector, Set, rule};

use crate::role::{Resource, Role};

rule! {
    /// # ECS tasks use their own task role
    ///
    /// A task has two roles. The execution role is for the agent that starts it: it pulls images, reads
    /// secrets and writes logs. The task role is for the program. Where one role is both, the program can
    /// read every secret that any start of it needs, and pull every image of the registry.
    ///
    /// ## What is checked
    ///
    /// `taskRoleArn` against `executionRoleArn` of each task definition.
    ///
    /// - The same role fails. A name and an ARN are compared by the name.
    /// - Different roles pass. When task definitions of other families in the scanned files have the same
    ///   task role, that is reported as information.
    /// - Without a task role the rule does not apply. On Fargate the program then has no identity in AWS. On
    ///   EC2 it has the role of the container instance, unless its access to the instance's metadata is
    ///   blocked: a role that all tasks of the instance share.
    ///
    /// References are compared where values are not known yet: two different `aws_iam_role` resources, or
    /// two different resources of a CloudFormation template, are different roles. A reference to anything
    /// else, such as a variable or the output of a module, can be any role, so the rule says *unknown*
    /// unless both references are the same.
    ///
    /// ## Fails
    ///
    /// ```json
    /// {
    ///   "family": "web",
    ///   "taskRoleArn": "arn:aws:iam::111122223333:role/ecs-exec",
    ///   "executionRoleArn": "arn:aws:iam::111122223333:role/ecs-exec"
    /// }
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   family             = "web"
    ///   task_role_arn      = aws_iam_role.ecs_exec.arn
    ///   execution_role_arn = aws_iam_role.ecs_exec.arn
    /// }
    /// ```
    ///
    /// ## Passes
    ///
    /// ```json
    /// {
    ///   "family": "web",
    ///   "taskRoleArn": "arn:aws:iam::111122223333:role/web-task",
    ///   "executionRoleArn": "arn:aws:iam::111122223333:role/ecs-exec"
    /// }
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   family             = "web"
    ///   task_role_arn      = aws_iam_role.web_task.arn
    ///   execution_role_arn = aws_iam_role.ecs_exec.arn
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Create a role for each family, with the rights that its program needs, and name it in
    /// `taskRoleArn`. One execution role for several families is usual.
    ///
    /// ## References
    ///
    /// - [ECS: task IAM role](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html)
    /// - [ECS: task execution IAM role](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html)
    /// - [ECS: container instance IAM role](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/instance_IAM_role.html)
    /// - [ECS: RegisterTaskDefinition](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html)
    pub static RULE = {
        id: "EC-001",
        slug: "task-role",
        severity: Medium,
        targets: ["ecs/TaskDefinition"],
        controls: ["waf-pp:WAF-SEC-120" => maturity],
        aliases: ["checkov:CKV_AWS_249"],
        extra: { "module": "ecs-task" },
        texts: {
            "en": {
                title: "ECS tasks use their own task role",
                remediation: "Create one role for each task family and name it in `taskRoleArn`; leave `executionRoleArn` to the agent.",
                messages: {
                    "execution-role": "The task role is the execution role {role}, expected a role of its own.",
                    "shared": "Other families have the same task role {role}: {families}.",
                    "own-role": "The task role is not the execution role.",
                    "no-task-role": "The rule does not apply: there is no `taskRoleArn`, so the program has no role of its own: no identity in AWS on Fargate, and on EC2 the role of the container instance where that is not blocked.",
                },
            },
            "de": {
                title: "ECS-Tasks nutzen eine eigene Task-Rolle",
                description: "Die Ausführungsrolle braucht der Agent, der eine Task startet: für Images, Secrets und Protokolle. Ist sie zugleich die Task-Rolle, hat das Programm alle diese Rechte. Geprüft wird, ob `taskRoleArn` und `executionRoleArn` verschieden sind; teilen sich mehrere Familien eine Task-Rolle, wird das als Hinweis gemeldet.",
                remediation: "Für jede Task-Familie eine eigene Rolle anlegen und in `taskRoleArn` angeben; `executionRoleArn` dem Agenten überlassen.",
                messages: {
                    "execution-role": "Die Task-Rolle ist die Ausführungsrolle {role}, erwartet wird eine eigene Rolle.",
                    "shared": "Andere Familien haben dieselbe Task-Rolle {role}: {families}.",
                    "own-role": "Die Task-Rolle ist nicht die Ausführungsrolle.",
                    "no-task-role": "Die Regel ist nicht anwendbar: `taskRoleArn` fehlt, das Programm hat also keine eigene Rolle: auf Fargate keine Identität in AWS, auf EC2 die Rolle der Container-Instanz, sofern der Zugriff darauf nicht gesperrt ist.",
                },
            },
        },
        inventory: judge,
    };
}

fn judge(set: &Set<'_>, findings: &mut Findings<'_>) {
    let families = Families::read(set);
    set.judge_each(findings, |document, findings| {
        let (task, execution) = (task_role(document), document.root().get("executionRoleArn"));
        if task.agreed(|task| matches!(Role::of(task), Role::Absent)) == Some(true) {
            findings.add(Finding::not_applicable(document, "no-task-role"));
            return;
        }
        let decision = task.decide(|task| {
            let role = Role::of(task);
            // A role that is unknown may be none, which a role that differs is not.
            match &role {
                Role::Unknown(unknown) => Decision::Unknown(*unknown),
                role => execution.decide(|execution| role.is_same(&Role::of(execution))),
            }
        });
        let others = families.others_with(document);
        match decision {
            Decision::Pass if others.is_empty() => findings.add(Finding::pass(document, "own-role")),
            Decision::Pass => findings.add(
                Finding::informational(task, "shared")
                    .argument("role", Role::of(task).shown())
                    .argument("families", others.join(", ")),
            ),
            decision => findings.settle(decision, || {
                Finding::fail(task, "execution-role")
                    .argument("role", Role::of(task).shown())
                    .related(execution, "the execution role")
            }),
        }
    });
}

fn task_role(document: &Document) -> Node<'_> {
    document.root().get("taskRoleArn")
}

/// The families of a set by their task role, where that is certain.
struct Families {
    by_role: BTreeMap<String, BTreeSet<String>>,
    /// The addresses that one role of Terraform has, and no other of the set.
    addresses: BTreeSet<String>,
}

impl Families {
    fn read(set: &Set<'_>) -> Families {
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        for role in set.find(Selector::new("terraform", "aws_iam_role")) {
            *times.entry(role.address).or_default() += 1;
        }
        let addresses = times.into_iter().filter(|(_, times)| *times == 1).map(|(address, _)| address).collect();
        let mut families = Families { by_role: BTreeMap::new(), addresses };
        for envelope in set.find(Selector::new("ecs", "TaskDefinition")) {
            let Ok(document) = set.read(&envelope) else { continue };
            if let (Some(role), false) = (families.certain_role(&document), envelope.name.is_empty()) {
                families.by_role.entry(role).or_default().insert(envelope.name);
            }
        }
        families
    }

    fn others_with(&self, document: &Document) -> Vec<&str> {
        let own = &document.envelope().name;
        let families = self.certain_role(document).and_then(|role| self.by_role.get(&role));
        families.into_iter().flatten().filter(|family| *family != own).map(String::as_str).collect()
    }

    /// What tells the task role of a document from all others of the set. Different Terraform roots and
    /// templates have equal addresses for different roles, so a reference counts only where one role of the
    /// set has the address.
    fn certain_role(&self, document: &Document) -> Option<String> {
        match Role::of(task_role(document)) {
            Role::Named(name) => Some(name.to_owned()),
            Role::Created(Resource::Terraform(address), _) => {
                self.addresses.contains(address).then(|| address.to_owned())
            }
            _ => None,
        }
    }
}
