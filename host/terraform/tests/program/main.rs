//! Whole configurations, from their files to what they describe.

#![expect(clippy::disallowed_methods, reason = "real configurations are read, and Terraform runs beside")]

mod corpora;
mod generated;
mod growth;
mod hostile;
mod oracle;
mod policies;

mod support;
mod tables;
