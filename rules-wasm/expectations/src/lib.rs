//! Fixtures of rules, which state their own expectations: read and compared here, for the native
//! tests of the packs and again for the tests that run the packs as WebAssembly.
//!
//! In YAML an expectation is a comment at the end of the line where the finding begins:
//!
//! ```yaml
//! # param: require_explicit=true
//! spec:
//!   containers:
//!     - name: app             # expect: fail WL-001
//!       privileged: true
//! ```
//!
//! Terraform's comments do the same. Several are separated by commas. JSON has no comments, so `task.json` has its expectations in
//! `task.json.expect`: a line is `LINE VERDICT RULE`, or `param KEY=JSON`, or a comment after `#`.
//!
//! `not-applicable` stands at the line where the document begins. Everything that is not marked must
//! pass, so a fixture without marks is one that must pass.
//!
//! A folder of such files is one fixture: its files are one document set. A statement that is about the
//! whole set and no document of it is expected by `# expect-set: fail RS-004`, anywhere in the files.

mod expectation;
mod fixture;
mod native;
mod unknown;

pub use expectation::{Expectations, Statement, differences};
pub use fixture::Fixture;
pub use native::{problems_of_fixtures, problems_of_metadata};
pub use unknown::problems_of_unknowns;

/// The tests that every pack has, over the folder `fixtures` of its crate.
#[macro_export]
macro_rules! tests_of_pack {
    ($pack:expr) => {
        fn fixtures() -> std::path::PathBuf {
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
        }

        #[test]
        fn metadata_is_complete() {
            let problems = $crate::problems_of_metadata(&$pack);
            assert!(problems.is_empty(), "\n{}", problems.join("\n"));
        }

        #[test]
        fn fixtures_get_the_verdicts_that_they_state() {
            let problems = $crate::problems_of_fixtures(&$pack, &fixtures());
            assert!(problems.is_empty(), "\n{}", problems.join("\n"));
        }

        #[test]
        fn what_is_said_of_unknown_values_holds_for_all_values() {
            let problems = $crate::problems_of_unknowns(&$pack, &fixtures());
            assert!(problems.is_empty(), "\n{}", problems.join("\n"));
        }
    };
}
