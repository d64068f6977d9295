//! The component type that tools embed in a core module: looked at before anything trusts it.
//!
//! The tools that decode it were made for what a compiler has just written, not for files of
//! strangers: `wit-parser` recurses without end when two packages depend on each other. Packs have
//! no use for a second package, so a type with one is refused before it gets there.

use wasmparser::{
    BinaryReaderError, ComponentType, ComponentTypeDeclaration, ComponentTypeRef, InstanceTypeDeclaration, Parser,
    Payload,
};

use crate::adapter::PACKAGE;
use crate::error::PackProblem;

/// Whether a custom section of a core module is one that says its component type.
pub(crate) fn is_section(name: &str) -> bool {
    name.starts_with("component-type")
}

/// Checks that a component type imports and exports interfaces of `verdikt:policy` only, all of one
/// version.
///
/// # Errors
/// When it names others, or is damaged.
pub(crate) fn check(section: &[u8]) -> Result<(), PackProblem> {
    let names = interface_names(section).map_err(|error| PackProblem::Malformed { what: error.to_string() })?;
    let (ours, foreign): (Vec<&str>, Vec<&str>) = names.into_iter().partition(|name| name.starts_with(PACKAGE));
    if !foreign.is_empty() {
        return Err(PackProblem::ForeignImports { imports: foreign.into_iter().map(str::to_owned).collect() });
    }
    let mut versions = ours.iter().map(|name| name.rsplit_once('@').map(|(_, version)| version));
    let first = versions.next();
    if versions.any(|version| Some(version) != first) {
        return Err(PackProblem::NotComponentizable {
            what: "its type mixes several versions of verdikt:policy".to_owned(),
        });
    }
    Ok(())
}

/// The names of all interfaces in a component type, at every level. The reader bounds the levels.
fn interface_names(section: &[u8]) -> Result<Vec<&str>, BinaryReaderError> {
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(section) {
        match payload? {
            Payload::ComponentTypeSection(types) => {
                for outermost in types {
                    collect(outermost?, &mut names);
                }
            }
            Payload::ComponentImportSection(imports) => {
                for import in imports {
                    names.push(import?.name.name);
                }
            }
            _ => {}
        }
    }
    // Functions and types have plain names; only interfaces have a package.
    names.retain(|name| name.contains(':'));
    Ok(names)
}

fn collect<'a>(outermost: ComponentType<'a>, names: &mut Vec<&'a str>) {
    let mut types = vec![outermost];
    while let Some(next) = types.pop() {
        match next {
            ComponentType::Component(declarations) => {
                for declaration in declarations {
                    match declaration {
                        ComponentTypeDeclaration::Type(nested) => types.push(nested),
                        ComponentTypeDeclaration::Import(import) => names.push(import.name.name),
                        // The world itself, which may be of the author's own package.
                        ComponentTypeDeclaration::Export { ty: ComponentTypeRef::Component(_), .. } => {}
                        ComponentTypeDeclaration::Export { name, .. } => names.push(name.name),
                        ComponentTypeDeclaration::CoreType(_) | ComponentTypeDeclaration::Alias(_) => {}
                    }
                }
            }
            ComponentType::Instance(declarations) => {
                for declaration in declarations {
                    match declaration {
                        InstanceTypeDeclaration::Type(nested) => types.push(nested),
                        InstanceTypeDeclaration::Export { name, .. } => names.push(name.name),
                        InstanceTypeDeclaration::CoreType(_) | InstanceTypeDeclaration::Alias(_) => {}
                    }
                }
            }
            ComponentType::Defined(_) | ComponentType::Func(_) | ComponentType::Resource { .. } => {}
        }
    }
}
