//! Write rules for Verdikt in Rust.
//!
//! A rule is a short function with its metadata beside it, a pack is a crate of rules that compiles
//! to one WebAssembly component. `verdikt pack new NAME --lang rust` makes such a crate.
//!
//! ```
//! use verdikt_sdk::{Finding, Findings, Strings, Workload, export_pack, rule};
//!
//! rule! {
//!     /// Workloads say which team answers for them.
//!     ///
//!     /// At three in the morning, somebody has to find the right phone number.
//!     pub static TEAM_LABEL = {
//!         id: "ORG-001",
//!         slug: "team-label",
//!         severity: Medium,
//!         targets: ["workload/*"],
//!         controls: [],
//!         settings: Settings {
//!             /// The teams that there are; any, when empty.
//!             teams: Strings = [],
//!         },
//!         texts: {
//!             "en": {
//!                 title: "Workloads carry a team label",
//!                 remediation: "Add the label `team` to the pod template.",
//!                 messages: {
//!                     "missing": "There is no label `team`.",
//!                     "other": "There is no team `{team}`.",
//!                 },
//!             },
//!             "de": {
//!                 title: "Workloads tragen ein Team-Label",
//!                 remediation: "Das Label `team` an der Pod-Vorlage ergänzen.",
//!                 messages: {
//!                     "missing": "Das Label `team` fehlt.",
//!                     "other": "Ein Team `{team}` gibt es nicht.",
//!                 },
//!             },
//!         },
//!         document: judge,
//!     };
//! }
//!
//! fn judge(workload: Workload<'_>, settings: &Settings, findings: &mut Findings<'_>) {
//!     let team = workload.labels().get("team");
//!     match team.str() {
//!         verdikt_sdk::Field::Known(name) if settings.teams.is_empty() || settings.teams.contains(name) => {}
//!         verdikt_sdk::Field::Known(name) => findings.add(Finding::fail(team, "other").argument("team", name)),
//!         verdikt_sdk::Field::Absent => findings.add(Finding::fail(team, "missing")),
//!         verdikt_sdk::Field::Unknown(unknown) => findings.add(Finding::unknown(unknown)),
//!     }
//! }
//!
//! export_pack! {
//!     id: "our-company",
//!     title: "Rules of our company",
//!     rules: [TEAM_LABEL],
//! }
//!
//! // `cargo test` runs rules natively, without a component:
//! use verdikt_sdk::testing::{Case, Verdict, check_pack};
//!
//! # fn main() {
//! check_pack(&PACK);
//! let found = Case::workload(r#"{"labels": {"team": "blue"}}"#)
//!     .setting("ORG-001", r#"{"teams": ["red"]}"#)
//!     .judge(&PACK, "ORG-001");
//! assert_eq!(found.verdict(), Verdict::Fail);
//! assert_eq!(found.findings[0].pointer.as_deref(), Some("/labels/team"));
//! # }
//! ```
//!
//! # What is known
//!
//! Values that only exist when a template is deployed are *unknown*, and an unknown value must never
//! pass. So every accessor answers with a [`Field`]: known, absent or unknown. Where one test
//! decides, [`Value::fails_if`] and [`Findings::settle`] keep a rule from getting it wrong:
//!
//! ```
//! # use verdikt_sdk::{Finding, Findings, Workload};
//! fn judge(workload: Workload<'_>, findings: &mut Findings<'_>) {
//!     for container in findings.every(workload.containers()) {
//!         let privileged = container.privileged();
//!         findings.settle(privileged.fails_if(|value| value == Some(true)), || {
//!             Finding::fail(privileged, "privileged").argument("container", container.label())
//!         });
//!     }
//! }
//! ```
//!
//! What is known of an unknown value can still decide. A test that [`Value::fails_if`] or
//! [`Node::decide`] asks is asked of each alternative (the branches of a condition), and stands when
//! all agree; such tests nest, where two values decide together. [`Node::agreed`] gives what all
//! alternatives have in common, for the message. [`Node::text`] reads strings of which only some
//! pieces are known, and [`Value::fails_if_text`] decides by them:
//!
//! ```
//! # use verdikt_sdk::{Finding, Findings, Workload};
//! fn judge(workload: Workload<'_>, findings: &mut Findings<'_>) {
//!     for container in findings.every(workload.containers()) {
//!         let image = container.image().reference();
//!         let elsewhere = image.fails_if_text(|image| match image {
//!             Some(image) => image.starts_with("registry.example/").map(|ours| !ours),
//!             None => Some(false),
//!         });
//!         findings.settle(elsewhere, || Finding::fail(image, "elsewhere"));
//!     }
//! }
//! ```
//!
//! # When a rule panics
//!
//! A component cannot catch a panic: it ends, the host finds out by halving which rule and which
//! document are at fault, and reports that as an error, never as a pass.

/// The examples of the README compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[doc(hidden)]
#[allow(unsafe_code, missing_debug_implementations, clippy::all, reason = "generated")]
pub mod bindings;
mod document;
mod finding;
mod inventory;
mod json;
pub mod log;
mod macros;
mod node;
mod pack;
mod rule;
mod settings;
mod tape;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;
mod text;
mod workload;

pub use bindings::verdikt::policy::types::{PackInfo, Request, RuleInfo, Scope, Severity};
// As a host gets it; rules make `Finding`s.
pub use bindings::verdikt::policy::types::Finding as Statement;
pub use document::{Document, Envelope};
pub use finding::{Finding, Findings, Fix};
pub use inventory::{Link, ReadError, Selector, Set};
pub use node::{Alternatives, Decision, Field, List, Members, Node, Number, Read, Unknown, Value};
pub use pack::Pack;
#[doc(hidden)]
pub use pack::read_settings;
pub use rule::{Judge, Rule, Text};
pub use settings::{Setting, Settings, Strings};
#[doc(hidden)]
pub use settings::{object_schema, parameter, property, refuse_others};
pub use tape::{MAX_DEPTH, Problem, Tape, TapeError};
pub use text::PartialText;
pub use workload::{
    Capabilities, Container, EnvironmentVariable, Image, Mount, Port, Resources, User, Volume, Workload,
};
