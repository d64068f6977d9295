//! Conditions: true, false, or not known before somebody sets the parameters.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html>

use verdikt_model::{Code, NodeRef, Provenance, Span};

use crate::cloudformation::evaluate::{Evaluator, Mode};
use crate::cloudformation::template::{Argument, Call};
use crate::cloudformation::value::{Data, Value, either};

/// `Fn::And` and `Fn::Or` take so many conditions.
const OPERANDS: std::ops::RangeInclusive<usize> = 2..=10;

impl<'a> Evaluator<'a, '_> {
    /// `Fn::If`: the branch that the condition chooses, or what both can be.
    pub(super) fn choose(&mut self, call: Call<'a>) -> Value {
        const EXPECTED: &str = "a list of three: the name of a condition, and the values for when it is true and false";
        let Some([name, when_true, when_false]) = self.template.items(call.argument).and_then(three) else {
            return self.refuse(call, EXPECTED);
        };
        let Some(name) = self.template.text(name) else { return self.refuse(call, EXPECTED) };
        let name = self.in_loop(name, call.span);
        let truth = self.condition(&name, call.span);
        let place = self.template.condition(&name).map_or(call.span, |(place, _)| place);
        let step = Provenance { what: format!("condition {name}"), span: place };
        let Some(truth) = truth else {
            let (one, other) = (self.value(when_true), self.value(when_false));
            return either(one, other, call.span, &format!("it depends on the condition `{name}`")).with_steps([step]);
        };
        self.value(if truth { when_true } else { when_false }).with_steps([step])
    }

    /// A condition by its name.
    pub(super) fn condition(&mut self, name: &str, span: Span) -> Option<bool> {
        if self.is_assumed(name) {
            return Some(true);
        }
        let Some((place, definition)) = self.template.condition(name) else {
            if !self.template.has_more_conditions() {
                self.undeclared(format!("`{name}` is no condition of this template"), span);
            }
            return None;
        };
        let key = (self.mode, name.to_owned());
        match self.conditions.get(&key) {
            Some(Some(truth)) => return *truth,
            Some(None) => {
                let message = format!("The condition `{name}` depends on itself. CloudFormation refuses the template.");
                self.report(Code::BadFunction, place, message);
                return None;
            }
            None => {}
        }
        self.conditions.insert(key.clone(), None);
        let truth = self.truth(definition);
        self.conditions.insert(key, Some(truth));
        truth
    }

    /// Whether a condition is false whatever the parameters are.
    pub(super) fn is_never_true(&mut self, name: &str, span: Span) -> bool {
        let before = std::mem::replace(&mut self.mode, Mode::Anything);
        let truth = self.condition(name, span);
        self.mode = before;
        truth == Some(false)
    }

    fn truth(&mut self, node: NodeRef<'a>) -> Option<bool> {
        let Some(call) = self.template.call(node) else {
            let message = "A condition is one of `Fn::Equals`, `Fn::And`, `Fn::Or`, `Fn::Not` and `Condition`. CloudFormation \
                           refuses the template; what depends on this one is unknown.";
            self.report(Code::BadFunction, node.span(), message.into());
            return None;
        };
        let mut truth = None;
        // The value is of no interest, only that the depth is bounded.
        self.bounded(call.span, |evaluator| {
            truth = evaluator.decide(call);
            Value::new(Data::Absent, call.span)
        });
        truth
    }

    fn decide(&mut self, call: Call<'a>) -> Option<bool> {
        match call.name.bare() {
            "Condition" => self.named(call, call.argument),
            "Equals" => match self.template.items(call.argument).as_deref() {
                Some([one, other]) => {
                    let (one, other) = (self.value(*one), self.value(*other));
                    equals(&one, &other)
                }
                _ => self.refuse_condition(call, "a list of two values"),
            },
            "Not" => match self.template.items(call.argument).as_deref() {
                Some([one]) => self.truth(*one).map(|truth| !truth),
                _ => self.refuse_condition(call, "a list of one condition"),
            },
            "And" => self.fold(call, false),
            "Or" => self.fold(call, true),
            _ => self.refuse_condition(
                call,
                "no part in conditions, which are made of `Fn::Equals`, `Fn::And`, `Fn::Or`, `Fn::Not` and `Condition`",
            ),
        }
    }

    fn named(&mut self, call: Call<'a>, argument: Argument<'a>) -> Option<bool> {
        match self.template.literal_text(argument) {
            Some(name) => {
                let name = self.in_loop(name, call.span);
                self.condition(&name, call.span)
            }
            None => self.refuse_condition(call, "the name of a condition"),
        }
    }

    /// `decisive` is the truth of an operand that decides alone.
    fn fold(&mut self, call: Call<'a>, decisive: bool) -> Option<bool> {
        let Some(operands) = self.template.items(call.argument).filter(|items| OPERANDS.contains(&items.len())) else {
            return self.refuse_condition(call, "a list of two to ten conditions");
        };
        let mut all_known = true;
        for operand in operands {
            match self.truth(operand) {
                Some(truth) if truth == decisive => return Some(decisive),
                Some(_) => {}
                None => all_known = false,
            }
        }
        all_known.then_some(!decisive)
    }

    fn refuse_condition(&mut self, call: Call<'a>, expected: &str) -> Option<bool> {
        self.refuse(call, expected);
        None
    }
}

/// Whether two values are equal, as texts: every scalar is one when it comes out of a parameter.
fn equals(one: &Value, other: &Value) -> Option<bool> {
    match (&one.data, &other.data) {
        (Data::Unknown(left), Data::Unknown(right)) if left.is_certainly(right) => Some(true),
        (Data::Unknown(unknown), _) if !unknown.alternatives.is_empty() => all_agree(&unknown.alternatives, other),
        (_, Data::Unknown(unknown)) if !unknown.alternatives.is_empty() => all_agree(&unknown.alternatives, one),
        (Data::List(left), Data::List(right)) => equal_lists(left, right),
        _ => Some(one.as_text()? == other.as_text()?),
    }
}

fn equal_lists(left: &[Value], right: &[Value]) -> Option<bool> {
    if left.iter().chain(right).any(Value::may_be_absent) {
        return None;
    }
    if left.len() != right.len() {
        return Some(false);
    }
    let truths: Vec<Option<bool>> = left.iter().zip(right).map(|(one, other)| equals(one, other)).collect();
    if truths.contains(&Some(false)) {
        Some(false)
    } else {
        truths.into_iter().collect::<Option<Vec<bool>>>().map(|_| true)
    }
}

fn all_agree(alternatives: &[Value], other: &Value) -> Option<bool> {
    let mut truths = alternatives.iter().map(|one| equals(one, other));
    let first = truths.next()??;
    truths.all(|truth| truth == Some(first)).then_some(first)
}

fn three<T>(items: Vec<T>) -> Option<[T; 3]> {
    items.try_into().ok()
}
