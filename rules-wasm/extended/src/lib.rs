//! The built-in pack `extended`: rules that users of other scanners expect, though the standards that the
//! built-in rules come from do not name them. All of them are off by default.
//!
//! One file is one rule; its doc comment is the page that `verdikt explain` shows.

use verdikt_sdk::export_pack;

export_pack! {
    id: "extended",
    title: "What other scanners ask for",
    rules: [],
}
