//! The parameters of rules that look for credentials.

use crate::detector::Detector;
use crate::form::ValuePatterns;
use crate::names::NamePatterns;

verdikt_sdk::settings! { CredentialSettings {
    /// Names of credentials: words that stand side by side in a name. `*` at an end of a word
    /// stands for any characters, and alone for one or more words; with `$` at its end the name ends there.
    secret_name_patterns: NamePatterns = NamePatterns::DEFAULT,
    /// Forms of credentials: regular expressions without groups and alternatives, and
    /// `scheme://user:password@` for URLs with a password.
    credential_value_patterns: ValuePatterns = ValuePatterns::DEFAULT,
    /// Whole names under which nothing counts as a credential, as patterns like those of
    /// `secret_name_patterns`.
    allowed_names: NamePatterns = [],
} }

impl CredentialSettings {
    /// What recognizes credentials with these settings.
    pub fn detector(&self) -> Detector<'_> {
        Detector {
            names: &self.secret_name_patterns,
            allowed: &self.allowed_names,
            values: &self.credential_value_patterns,
        }
    }
}
