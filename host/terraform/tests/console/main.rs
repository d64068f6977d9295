//! `terraform console` as the oracle of expressions: values and types must be the same, and so must be
//! what is refused.
//!
//! `expressions.txt` holds expressions with what Terraform prints for them, so that most of it works
//! without the program. Where the program is installed, the file is held against it, and generated
//! expressions are compared, too; where it is not, the tests say so and pass. After new expressions were
//! added, `UPDATE_EXPECTED=1` has the program fill in what it prints for them.

mod calls;
mod generated;
mod oracle;
mod printed;
mod table;
mod world;
