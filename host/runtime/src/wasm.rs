//! What bytes are, before anything is compiled: a component, a core module that can become one, or
//! something else that somebody took for a pack.

use std::borrow::Cow;
use std::panic::AssertUnwindSafe;

use wasmparser::{Encoding, Parser, Payload};
use wit_component::ComponentEncoder;

use crate::adapter::{self, Detected, Interface, PACKAGE};
use crate::component_type;
use crate::error::{PackError, PackProblem};

/// Turns a core module with an embedded component type (what `wit-bindgen` leaves in a module) into
/// a component. A component passes through.
///
/// # Errors
/// When the bytes are neither.
pub fn componentize(wasm: &[u8]) -> Result<Vec<u8>, PackError> {
    Ok(to_component(wasm)?.into_owned())
}

/// A component that exports a version of the interface known here and imports nothing else.
pub(crate) struct PackFile<'a> {
    pub(crate) component: Cow<'a, [u8]>,
    pub(crate) interface: Interface,
    pub(crate) version: semver::Version,
    /// The interfaces that the pack uses: tools leave no others in a component.
    pub(crate) imports: Vec<String>,
}

/// Checks what a file is, what it exports and what it imports.
pub(crate) fn read(wasm: &[u8]) -> Result<PackFile<'_>, PackProblem> {
    let component = to_component(wasm)?;
    let Outline { imports, exports, .. } = outline(&component)?;
    let foreign: Vec<String> = imports.iter().filter(|name| !name.starts_with(PACKAGE)).cloned().collect();
    match adapter::detect(exports.iter().map(String::as_str)) {
        Detected::Known(interface, version) if foreign.is_empty() => {
            Ok(PackFile { component, interface, version, imports })
        }
        Detected::Known(..) => Err(PackProblem::ForeignImports { imports: foreign }),
        Detected::Newer(version) => Err(PackProblem::Newer { version: version.to_string() }),
        Detected::Unreleased(version) => Err(PackProblem::Unreleased { version: version.to_string() }),
        Detected::None => Err(PackProblem::OtherWorld { exports, imports: foreign }),
    }
}

fn to_component(wasm: &[u8]) -> Result<Cow<'_, [u8]>, PackProblem> {
    let outline = outline(wasm)?;
    match outline.encoding {
        Encoding::Component => Ok(Cow::Borrowed(wasm)),
        Encoding::Module => {
            // Said here, because the encoder would only miss an adapter.
            let wasi: Vec<String> = outline.imports.iter().filter(|name| name.starts_with("wasi")).cloned().collect();
            if !wasi.is_empty() {
                return Err(PackProblem::ForeignImports { imports: wasi });
            }
            if outline.component_types.is_empty() {
                return Err(PackProblem::NoComponentType);
            }
            for section in outline.component_types {
                component_type::check(section)?;
            }
            encode(wasm).map(Cow::Owned).map_err(|what| PackProblem::NotComponentizable { what })
        }
    }
}

/// The component that a core module describes.
fn encode(module: &[u8]) -> Result<Vec<u8>, String> {
    let encode = || ComponentEncoder::default().validate(true).module(module).and_then(|encoder| encoder.encode());
    // The encoder expects what a compiler has just written, and panics on some of what is damaged.
    // It owns all that it works on, so nothing is left half done.
    match std::panic::catch_unwind(AssertUnwindSafe(encode)) {
        Ok(encoded) => encoded.map_err(|error| format!("{error:#}")),
        Err(_) => Err("its component type is damaged".to_owned()),
    }
}

/// The outermost level of a binary.
struct Outline<'a> {
    encoding: Encoding,
    imports: Vec<String>,
    exports: Vec<String>,
    /// Of a core module.
    component_types: Vec<&'a [u8]>,
}

fn outline(bytes: &[u8]) -> Result<Outline<'_>, PackProblem> {
    if !bytes.starts_with(b"\0asm") {
        return Err(PackProblem::NotWasm { looks_like: looks_like(bytes) });
    }
    let malformed = |error: wasmparser::BinaryReaderError| PackProblem::Malformed { what: error.to_string() };
    let mut outline =
        Outline { encoding: Encoding::Module, imports: Vec::new(), exports: Vec::new(), component_types: Vec::new() };
    // Binaries nest. A parser goes through all levels and says when it leaves one.
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(malformed)?;
        match payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            Payload::Version { encoding, .. } => outline.encoding = encoding,
            Payload::CustomSection(section) if component_type::is_section(section.name()) => {
                outline.component_types.push(section.data());
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let module = import.map_err(malformed)?.module;
                    if outline.imports.last().is_none_or(|last| last != module) {
                        outline.imports.push(module.to_owned());
                    }
                }
            }
            Payload::ComponentImportSection(section) => {
                for import in section {
                    outline.imports.push(import.map_err(malformed)?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section {
                    outline.exports.push(export.map_err(malformed)?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(outline)
}

/// What to call bytes that are no WebAssembly.
fn looks_like(bytes: &[u8]) -> &'static str {
    const MAGIC: &[(&[u8], &str)] = &[
        (b"\x7fELF", "an ELF file (a native program or library, or a pack compiled ahead of time)"),
        (b"PK\x03\x04", "a zip archive"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"\x28\xb5\x2f\xfd", "a zstd archive"),
        (b"MZ", "a Windows program"),
        (b"\xcf\xfa\xed\xfe", "a macOS program"),
        (b"BC\xc0\xde", "LLVM bitcode"),
        (b"!<arch>", "a library of object files"),
        (b"%PDF", "a PDF document"),
    ];
    if bytes.is_empty() {
        return "an empty file";
    }
    if let Some((_, name)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return name;
    }
    // A beginning is enough, and a character that it cuts in two is no reason to call it binary.
    let beginning = &bytes[..bytes.len().min(4096)];
    let text = match std::str::from_utf8(beginning) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&beginning[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return "binary data of another kind",
    };
    let text = text.trim_start();
    if text.starts_with("(module") || text.starts_with("(component") {
        "WebAssembly in its text form, which has to be assembled first (`wasm-tools parse`)"
    } else if text.contains('\0') {
        "binary data of another kind"
    } else {
        "a text file"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_wasm_are_called_by_their_name() {
        let cases: &[(&[u8], &str)] = &[
            (b"", "an empty file"),
            (b"\x7fELF\x02\x01", "an ELF file"),
            (b"PK\x03\x04rest", "a zip archive"),
            (b"  (module)", "WebAssembly in its text form"),
            ("# Über\nkind: Pod".as_bytes(), "a text file"),
            (b"\x00asx", "binary data"),
            (b"\xff\xfe\x00", "binary data"),
        ];
        for (bytes, expected) in cases {
            match outline(bytes) {
                Err(PackProblem::NotWasm { looks_like }) => {
                    assert!(looks_like.starts_with(expected), "{bytes:?}: {looks_like}");
                }
                _ => panic!("{bytes:?} passed for wasm"),
            }
        }
        let long = "ü".repeat(3000);
        assert_eq!(looks_like(&long.as_bytes()[..4097]), "a text file");
        assert_eq!(looks_like(format!("a{long}").as_bytes()), "a text file");
    }

    #[test]
    fn truncated_wasm_is_malformed() {
        for bytes in [&b"\0asm"[..], b"\0asm\x01\0\0\0\x01\xff", b"\0asm\x0d\0\x01\0\x07\x10"] {
            assert!(matches!(outline(bytes), Err(PackProblem::Malformed { .. })), "{bytes:?}");
        }
    }

    #[test]
    fn a_module_without_a_component_type_is_no_pack() {
        let module = wat::parse_str("(module (func (export \"f\")))").unwrap();
        assert!(matches!(to_component(&module), Err(PackProblem::NoComponentType)));
    }

    #[test]
    fn only_the_outermost_level_counts() {
        let nested = wat::parse_str(
            r#"(component
                (component (import "a:b/c@1.0.0" (instance)))
                (core module (import "wasi_snapshot_preview1" "fd_write" (func)))
                (import "verdikt:policy/log@0.1.0" (instance)))"#,
        )
        .unwrap();
        assert_eq!(outline(&nested).ok().map(|outline| outline.imports), Some(vec!["verdikt:policy/log@0.1.0".into()]));
    }
}
