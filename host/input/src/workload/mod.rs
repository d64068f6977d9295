//! The derived workload: one shape for a Kubernetes pod template and an ECS task definition, so that
//! a rule about containers is written once.
//!
//! This module holds what both derivations share: the words of the shape, how a field is read with
//! the type that its platform demands ([`Shape`]), how an unknown spreads ([`Section`]), and how an
//! image reference is taken apart ([`image`]). `kubernetes::pod` and `ecs::task` fill the shape; the
//! published schema `wit/0.1.0/schemas/workload.schema.json` describes it member by member.
//!
//! # What holds everywhere
//!
//! - **Names** are those of Kubernetes where Kubernetes has the field; ECS fields are renamed
//!   (`sourceVolume` becomes `name` of a mount, `entryPoint` becomes `command`).
//! - **Absent stays absent.** No default is filled in, and null counts as absent, as it does for both
//!   platforms. The one exception is a null among the strings of a list, which Kubernetes reads as
//!   the empty string and which therefore is one here.
//! - **Unknown is a value**, `{"$unknown": why}`, at exactly the leaf that cannot be known. What is
//!   below an unknown map is unknown, each field of it by itself: when a container's
//!   `securityContext` is unknown, so are `privileged`, `user.uid` and the others.
//! - **A wrong type** (`privileged: "true"`, which the platform refuses) is unknown too, with the
//!   reason `wrong type: expected a boolean, found a string`, and a `wrong-type` diagnostic stands at
//!   the place. Numbers are read as the API server gets them: `1000.0` and `1e3` are the integer 1000.
//! - **Every node has a place and an origin**: the span of the source node that gives the value and
//!   the id of that node in the origin's tree. A node that has no source of its own (`role`, a map
//!   that gathers several fields) has those of the nearest source node that it stands for.
//! - **An inherited value says so.** A container's `inherited` names each field that the pod level
//!   gives (`{"user.uid": "pod"}`), and the node has the provenance `pod level`.
//!
//! # Containers
//!
//! One list in the order in which they start: `initContainers` (role `sidecar` with `restartPolicy:
//! Always`, else `init`), `containers` (`main`), `ephemeralContainers` (`ephemeral`). A list that is
//! unknown as a whole makes `containers` unknown when nothing else is stated; beside known ones it
//! is one unknown element, so that the known containers are still judged.

mod derivation;
pub(crate) mod image;
mod shape;
#[cfg(test)]
pub(crate) mod testing;

pub(crate) use derivation::{Derivation, Fields, Member, Section, may_be_absent};
pub(crate) use shape::{PLACEHOLDER, Shape, found, is_placeholder, whole_number};
