//! Where a value comes from: the expression that gives it, and what it came through on its way.
//!
//! A reference does not copy the value that it refers to. It puts a [`Hop`] before the way that the
//! value had already. What is taken out of a value came the way of the whole first and then its own.
//! So `jsonencode(local.c)` with `c = [{ privileged = true }]` gives a leaf with one hop, from the
//! expression `local.c` to the literal `true`.

use std::sync::Arc;

use verdikt_model::Span;

/// Hops that one value remembers. Behind them only the place where the value is written is known.
const MOST_HOPS: u16 = 32;

/// Where a value comes from.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The innermost expression that gives the value, where all hops have led to.
    end: Option<Span>,
    way: Option<Arc<Way>>,
}

/// What a value came through. The closed set of [`Step::what`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// A local value.
    Local,
    /// A variable that has its default.
    Variable,
    /// A variable that a file of variables sets.
    VariableFile,
    /// A variable that the environment sets.
    Environment,
    /// A variable that the command line sets.
    CommandLine,
    /// A variable that a module call sets.
    ModuleCall,
    /// An output of a module.
    ModuleOutput,
    /// An attribute of a resource or data source.
    Resource,
    /// An element of what `for`, `for_each` or `dynamic` goes through.
    Element,
    /// The text of a file.
    File,
}

impl What {
    pub const ALL: &[What] = &[
        What::Local,
        What::Variable,
        What::VariableFile,
        What::Environment,
        What::CommandLine,
        What::ModuleCall,
        What::ModuleOutput,
        What::Resource,
        What::Element,
        What::File,
    ];

    /// As reports print it.
    pub fn as_str(self) -> &'static str {
        match self {
            What::Local => "local",
            What::Variable => "variable",
            What::VariableFile => "tfvars",
            What::Environment => "environment",
            What::CommandLine => "command line",
            What::ModuleCall => "module call",
            What::ModuleOutput => "module output",
            What::Resource => "resource",
            What::Element => "element",
            What::File => "file",
        }
    }
}

/// One step back on the way of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What the value came through.
    pub what: What,
    /// As the configuration writes it, such as `local.c`.
    pub name: Arc<str>,
    /// The expression behind it; none for what is written in no file.
    pub span: Option<Span>,
}

/// A reference: from where, through what.
#[derive(Debug)]
struct Hop {
    what: What,
    name: Arc<str>,
    from: Span,
}

/// Hops in order. A rope, so that taking a child out of a value copies nothing; its depth is bounded
/// by its length, which is bounded by [`MOST_HOPS`].
#[derive(Debug)]
enum Way {
    Hop(Hop),
    Join { first: Arc<Way>, then: Arc<Way>, length: u16 },
}

impl Way {
    fn length(&self) -> u16 {
        match self {
            Way::Hop(_) => 1,
            Way::Join { length, .. } => *length,
        }
    }

    /// One way behind the other; the second is forgotten where both are too long.
    fn join(first: Option<Arc<Way>>, then: Option<Arc<Way>>) -> Option<Arc<Way>> {
        match (first, then) {
            (Some(first), Some(then)) => {
                let length = first.length() + then.length();
                Some(if length > MOST_HOPS { first } else { Arc::new(Way::Join { first, then, length }) })
            }
            (first, then) => first.or(then),
        }
    }
}

impl Place {
    /// Written right there.
    pub fn at(span: Span) -> Self {
        Place { end: Some(span), way: None }
    }

    /// Nothing is known of it: what is taken out of a value has the place of that.
    pub fn is_nowhere(&self) -> bool {
        self.end.is_none() && self.way.is_none()
    }

    /// The place of what a reference at `from` gives, where `self` is the place of what it refers to.
    pub fn through(&self, what: What, name: impl Into<Arc<str>>, from: Span) -> Self {
        let hop = Arc::new(Way::Hop(Hop { what, name: name.into(), from }));
        Place { end: self.end, way: Way::join(Some(hop), self.way.clone()) }
    }

    /// The place of what is taken out of a value at this place, where `child` is its own place.
    pub fn of_child(&self, child: &Place) -> Self {
        let end = if child.is_nowhere() { self.end } else { child.end };
        Place { end, way: Way::join(self.way.clone(), child.way.clone()) }
    }

    /// The innermost expression that gives the value, in the block that is evaluated.
    pub fn location(&self) -> Option<Span> {
        self.hops().next().map(|hop| hop.from).or(self.end)
    }

    /// Where the value is written in the end.
    pub fn end(&self) -> Option<Span> {
        self.end
    }

    /// What lies behind [`Place::location`], the nearest first.
    pub fn steps(&self) -> Vec<Step> {
        let hops: Vec<&Hop> = self.hops().collect();
        let behind = hops.iter().skip(1).map(|hop| Some(hop.from)).chain([self.end]);
        hops.iter().zip(behind).map(|(hop, span)| Step { what: hop.what, name: hop.name.clone(), span }).collect()
    }

    fn hops(&self) -> impl Iterator<Item = &Hop> {
        let mut waiting: Vec<&Way> = self.way.as_deref().into_iter().collect();
        std::iter::from_fn(move || {
            loop {
                match waiting.pop()? {
                    Way::Hop(hop) => return Some(hop),
                    Way::Join { first, then, .. } => waiting.extend([&**then, &**first]),
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use verdikt_model::FileId;

    use super::*;

    fn span(start: u32) -> Span {
        Span::new(FileId(0), start, start + 1)
    }

    #[test]
    fn children_come_the_way_of_the_whole() {
        // v = true; c = [{ p = var.v }]; x = local.c
        let leaf = Place::at(span(1)).through(What::Variable, "var.v", span(11));
        let list = Place::at(span(10)).through(What::Local, "local.c", span(20));
        let taken = list.of_child(&leaf);
        assert_eq!(taken.location(), Some(span(20)));
        let steps: Vec<_> = taken.steps().into_iter().map(|step| (step.what.as_str(), step.span)).collect();
        assert_eq!(steps, [("local", Some(span(11))), ("variable", Some(span(1)))]);
        assert_eq!(list.of_child(&Place::default()).steps()[0].span, Some(span(10)));
        assert_eq!(Place::at(span(10)).of_child(&leaf).location(), Some(span(11)));
    }

    #[test]
    fn long_ways_keep_both_ends() {
        let mut place = Place::at(span(0));
        for from in 1..1000 {
            place = place.through(What::Local, "local.a", span(from));
        }
        assert_eq!((place.location(), place.end()), (Some(span(999)), Some(span(0))));
        assert!(place.steps().len() <= MOST_HOPS as usize);
        assert_eq!(What::ALL.iter().map(|what| what.as_str()).collect::<std::collections::HashSet<_>>().len(), 10);
    }
}
