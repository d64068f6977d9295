//! The configuration that a plan was made of, as the plan describes it: which value refers to what.

use std::collections::HashMap;

use verdikt_model::{NodeRef, Pointer};
use verdikt_terraform::program::key_length;

/// The expressions of a plan's `configuration`.
pub(super) struct Configuration<'p> {
    /// By the names of the calls that lead to a module, with dots between them.
    modules: HashMap<String, Module<'p>>,
}

struct Module<'p> {
    /// By address within the module.
    resources: HashMap<&'p str, NodeRef<'p>>,
    /// The arguments of the call; absent for the root.
    arguments: Option<NodeRef<'p>>,
}

impl<'p> Configuration<'p> {
    pub(super) fn of(plan: NodeRef<'p>) -> Self {
        let mut configuration = Configuration { modules: HashMap::new() };
        if let Some(root) = plan.path(&["configuration", "root_module"]) {
            configuration.add(String::new(), root, None);
        }
        configuration
    }

    /// The loader's limit on depth bounds the recursion.
    fn add(&mut self, path: String, module: NodeRef<'p>, arguments: Option<NodeRef<'p>>) {
        for (name, call) in module.get("module_calls").into_iter().flat_map(NodeRef::entries) {
            if let Some(called) = call.get_present("module") {
                let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
                self.add(path, called, call.get_present("expressions"));
            }
        }
        let resources = module.get("resources").into_iter().flat_map(NodeRef::items);
        let resources = resources.filter_map(|resource| Some((resource.str("address")?, resource))).collect();
        self.modules.insert(path, Module { resources, arguments });
    }

    fn module(&self, address: &str) -> Option<&Module<'p>> {
        let names: Vec<&str> = calls(address).map(|(name, _)| name).collect();
        self.modules.get(&names.join("."))
    }

    /// The expressions of a resource of the module with this address. `kind` is that of its document.
    pub(super) fn expressions(&self, module: &'p str, kind: &str, name: &str) -> Option<Expressions<'p, '_>> {
        let resource = self.module(module)?.resources.get(format!("{kind}.{name}").as_str())?;
        Some(Expressions { node: resource.get_present("expressions")?, module, configuration: self })
    }
}

/// What a value, or what is in it, was computed from.
#[derive(Clone, Copy)]
pub(super) struct Expressions<'p, 'c> {
    node: NodeRef<'p>,
    /// The address of the module whose names it uses.
    module: &'p str,
    configuration: &'c Configuration<'p>,
}

impl<'p> Expressions<'p, '_> {
    pub(super) fn member(self, key: &str) -> Option<Self> {
        let node = if self.is_leaf() { self.node } else { self.node.get(key)? };
        Some(Expressions { node, ..self })
    }

    /// The members that a block states.
    pub(super) fn keys(self) -> impl Iterator<Item = &'p str> {
        let members = (!self.is_leaf()).then(|| self.node.entries());
        members.into_iter().flatten().map(|(key, _)| key)
    }

    pub(super) fn item(self, index: usize) -> Option<Self> {
        let node = if self.node.is_list() {
            // Blocks that are generated stand once for all of them.
            if self.node.items().len() == 1 { self.node.item(0)? } else { self.node.item(index)? }
        } else {
            self.node
        };
        Some(Expressions { node, ..self })
    }

    /// Whether it is an expression, rather than a block with several.
    fn is_leaf(self) -> bool {
        self.node.get("constant_value").is_some() || self.node.get("references").is_some_and(NodeRef::is_list)
    }

    /// Whether the configuration states the value itself.
    pub(super) fn is_constant(self) -> bool {
        self.node.get("constant_value").is_some()
    }

    /// The one thing that the value refers to, with the address of its module before it; nothing
    /// where it is none, or several.
    pub(super) fn reference(self) -> Option<String> {
        let (mut module, mut reference) = (self.module, self.own_reference()?);
        // A variable stands for what the call of the module gives it.
        while let Some(name) = reference.strip_prefix("var.").filter(|_| !module.is_empty()) {
            let name = name.split(['.', '[']).next().unwrap_or(name);
            let argument = self.configuration.module(module).and_then(|module| module.arguments?.get(name));
            let outer = calls(module).map(|(_, end)| end).rev().nth(1).map_or("", |end| &module[..end]);
            let Some(given) = argument.and_then(|node| Expressions { node, ..self }.own_reference()) else { break };
            (module, reference) = (outer, given);
        }
        let is_resource = !["var.", "local.", "each.", "count.", "path.", "terraform.", "self."]
            .iter()
            .any(|local| reference.starts_with(local));
        Some(if is_resource && !module.is_empty() { format!("{module}.{reference}") } else { reference.to_owned() })
    }

    /// The addresses of the resources that values come from, and where in the body these stand.
    pub(super) fn references(self) -> Vec<(Pointer, String)> {
        let mut found = Vec::new();
        self.collect(&Pointer::root(), &mut found);
        found
    }

    /// The loader's limit on depth bounds the recursion.
    fn collect(self, at: &Pointer, out: &mut Vec<(Pointer, String)>) {
        if self.is_leaf() {
            for reference in
                self.node.get("references").into_iter().flat_map(NodeRef::items).filter_map(NodeRef::as_str)
            {
                let Some(address) = self.resource(reference) else { continue };
                if !out.iter().any(|(place, known)| place == at && *known == address) {
                    out.push((at.clone(), address));
                }
            }
        } else {
            for (key, node) in self.node.entries() {
                Expressions { node, ..self }.collect(&at.member(key), out);
            }
            for (index, node) in self.node.items().enumerate() {
                Expressions { node, ..self }.collect(&at.index(index), out);
            }
        }
    }

    /// The address of the resource that a reference leads to.
    fn resource(self, reference: &str) -> Option<String> {
        let parts = if reference.starts_with("data.") { 3 } else { 2 };
        let own = ["var.", "local.", "each.", "count.", "path.", "terraform.", "self.", "module."];
        if own.iter().any(|own| reference.starts_with(own)) {
            return None;
        }
        let mut end = 0;
        for part in 0..parts {
            let rest = &reference[end..];
            let skipped = usize::from(part > 0 && rest.starts_with('.'));
            let name = rest[skipped..].find(['.', '[']).unwrap_or(rest.len() - skipped);
            if name == 0 {
                return None;
            }
            end += skipped + name;
        }
        end += key_length(&reference[end..]);
        let address = &reference[..end];
        Some(if self.module.is_empty() { address.to_owned() } else { format!("{}.{address}", self.module) })
    }

    /// Terraform lists each reference and then what it is a part of.
    fn own_reference(self) -> Option<&'p str> {
        let list = self.node.get("references")?;
        let first = list.item(0)?.as_str()?;
        let is_part =
            |other: &str| first.strip_prefix(other).is_some_and(|rest| rest.starts_with(['.', '[']) || rest.is_empty());
        list.items().all(|other| other.as_str().is_some_and(is_part)).then_some(first)
    }
}

/// The calls in the address of a module, `module.a[0].module.b["x.y"]`: the name of each, and where it ends.
fn calls(address: &str) -> impl DoubleEndedIterator<Item = (&str, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = address[at..].strip_prefix("module.") {
        let start = at + "module.".len();
        let name = rest.split(['.', '[']).next().unwrap_or(rest);
        let mut end = start + name.len();
        end += key_length(&address[end..]);
        found.push((name, end));
        at = end + usize::from(address[end..].starts_with('.'));
    }
    found.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_modules() {
        for (address, expected) in [
            ("", &[][..]),
            ("module.a", &[("a", "module.a")]),
            ("module.a[0].module.b", &[("a", "module.a[0]"), ("b", "module.a[0].module.b")]),
            (
                r#"module.a["x].module.\"y"].module.b"#,
                &[("a", r#"module.a["x].module.\"y"]"#), ("b", r#"module.a["x].module.\"y"].module.b"#)],
            ),
            ("module.a[", &[("a", "module.a[")]),
        ] {
            let found: Vec<(&str, &str)> = calls(address).map(|(name, end)| (name, &address[..end])).collect();
            assert_eq!(found, expected, "{address}");
        }
    }
}
