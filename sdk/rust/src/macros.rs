//! The macros of the SDK: [`rule!`](crate::rule), [`settings!`](crate::settings) and
//! [`export_pack!`](crate::export_pack).

/// Declares a rule: its page, its metadata and its texts beside the function that judges.
///
/// - The doc comment is the rule's published page, in Markdown.
/// - `aliases` are what other tools call the rule: `tool:check`, with the tools `checkov`, `trivy` and
///   `kube-linter`. Their suppressions in files then hold for the rule too, so name only checks that ask
///   for all that the rule asks for. `tool:check@member` is for a check that asks for a part of it: it
///   stands for findings that point at or below a member of this name.
/// - `controls` are what the rule stands for in frameworks: `framework:control`, with `=> text` and the
///   like behind it for what the mapping rests on, which the page shows.
/// - `settings` makes a struct of typed parameters (`bool`, `i64`, `String`,
///   [`Strings`](crate::Strings)) with defaults; its JSON Schema is made from it. A parameter
///   whose name is no identifier has it behind `as`: `complete as "assume_complete.cluster": bool`. Leave
///   `settings` out when the rule has no parameters, and name a struct that [`settings!`](crate::settings)
///   made where several rules have the same.
/// - `texts` needs English (`"en"`). Every language has the same message codes with the same
///   `{arguments}`; [`testing::check_pack`](crate::testing::check_pack) finds what is missing.
/// - The last entry names the function. `document: judge` judges documents one by one: it takes the
///   document (as a [`Workload`](crate::Workload) or as `&Document`), the settings if there are any,
///   and the [`Findings`](crate::Findings) to add to; saying nothing is a pass. `inventory: judge`
///   takes a [`Set`](crate::Set) in place of the document and must state an outcome for each
///   document of it.
///
/// The crate's front page has an example.
#[macro_export]
macro_rules! rule {
    (
        $(#[doc = $page:literal])+
        $visibility:vis static $name:ident = {
            id: $id:literal,
            slug: $slug:literal,
            severity: $severity:ident,
            $(enabled_by_default: $enabled:literal,)?
            targets: [$($target:literal),+ $(,)?],
            controls: [$($control:literal $(=> $basis:ident)?),* $(,)?],
            $(aliases: [$($alias:literal),* $(,)?],)?
            $(extra: { $($key:literal: $value:literal),* $(,)? },)?
            $(settings: $settings:ident $({
                $($(#[doc = $about:literal])+ $parameter:ident $(as $key_of:literal)?: $kind:ty = $default:expr),+ $(,)?
            })?,)?
            texts: {
                $($language:literal: {
                    title: $title:literal,
                    $(description: $description:literal,)?
                    remediation: $remediation:literal,
                    messages: { $($code:literal: $message:literal),* $(,)? } $(,)?
                }),+ $(,)?
            },
            $scope:ident: $judge:path $(,)?
        };
    ) => {
        $(#[doc = $page])+
        $visibility static $name: $crate::Rule = $crate::Rule {
            id: $id,
            slug: $slug,
            severity: $crate::Severity::$severity,
            scope: $crate::rule!(@scope $scope),
            enabled_by_default: $crate::rule!(@enabled $($enabled)?),
            targets: &[$($target),+],
            controls: &[$($control),*],
            page: &[$($page),+],
            texts: &[$($crate::Text {
                language: $language,
                title: $title,
                description: concat!("", $($description)?),
                remediation: $remediation,
                messages: &[$(($code, $message)),*],
            }),+],
            extra: &[
                $($(("basis", concat!($control, " ", stringify!($basis))),)?)*
                $($(("alias", $alias),)*)?
                $($(($key, $value),)*)?
            ],
            schema: $crate::rule!(@schema $($settings)?),
            prepare: $crate::rule!(@prepare $scope $judge $(, $settings)?),
        };
        $($($crate::settings! { $settings {
            $($(#[doc = $about])+ $parameter $(as $key_of)?: $kind = $default),+
        } })?)?
    };

    (@scope document) => { $crate::Scope::Document };
    (@scope inventory) => { $crate::Scope::Inventory };

    (@enabled) => { true };
    (@enabled $enabled:literal) => { $enabled };

    (@schema) => { || None };
    (@schema $settings:ident) => { || Some(<$settings as $crate::Settings>::schema()) };

    (@prepare document $judge:path) => {
        |settings| {
            $crate::read_settings::<()>(settings)?;
            Ok($crate::Judge::Document(Box::new(|document, findings| $judge(document.into(), findings))))
        }
    };
    (@prepare document $judge:path, $settings:ident) => {
        |settings| {
            let settings: $settings = $crate::read_settings(settings)?;
            Ok($crate::Judge::Document(Box::new(move |document, findings| {
                $judge(document.into(), &settings, findings)
            })))
        }
    };
    (@prepare inventory $judge:path) => {
        |settings| {
            $crate::read_settings::<()>(settings)?;
            Ok($crate::Judge::Inventory(Box::new(|set, findings| $judge(set, findings))))
        }
    };
    (@prepare inventory $judge:path, $settings:ident) => {
        |settings| {
            let settings: $settings = $crate::read_settings(settings)?;
            Ok($crate::Judge::Inventory(Box::new(move |set, findings| $judge(set, &settings, findings))))
        }
    };

    (@key $parameter:ident) => { stringify!($parameter) };
    (@key $parameter:ident $key:literal) => { $key };
}

/// Makes a struct of typed parameters that several rules have in common; each names it as its `settings`.
#[macro_export]
macro_rules! settings {
    ($settings:ident {
        $($(#[doc = $about:literal])+ $parameter:ident $(as $key:literal)?: $kind:ty = $default:expr),+ $(,)?
    }) => {
        /// What can be set for the rule.
        #[derive(Clone, Debug)]
        pub struct $settings {
            $($(#[doc = $about])+ pub $parameter: $kind,)+
        }

        impl Default for $settings {
            fn default() -> Self {
                $settings { $($parameter: <$kind>::from($default)),+ }
            }
        }

        impl $crate::Settings for $settings {
            fn schema() -> String {
                let default = Self::default();
                $crate::object_schema(&[
                    $($crate::property($crate::rule!(@key $parameter $($key)?), &[$($about),+], &default.$parameter)),+
                ])
            }

            fn read(node: $crate::Node<'_>) -> Result<Self, String> {
                $crate::refuse_others(node, &[$($crate::rule!(@key $parameter $($key)?)),+])?;
                Ok($settings {
                    $($parameter: $crate::parameter(node, $crate::rule!(@key $parameter $($key)?), || <$kind>::from($default))?),+
                })
            }
        }
    };
}

/// Declares the pack of a crate as `pub static PACK` and exports it. Once a crate, in `lib.rs`; the
/// crate's front page has an example.
///
/// The version is the crate's. Natively nothing is exported, so that the rules can be tested as any
/// other code.
#[macro_export]
macro_rules! export_pack {
    (
        id: $id:literal,
        title: $title:literal,
        $(extra: { $($key:literal: $value:literal),* $(,)? },)?
        rules: [$($rule:path),* $(,)?] $(,)?
    ) => {
        /// The pack that this crate is.
        pub static PACK: $crate::Pack = $crate::Pack {
            id: $id,
            version: env!("CARGO_PKG_VERSION"),
            title: $title,
            rules: &[$(&$rule),*],
            extra: &[$($(($key, $value)),*)?],
        };

        #[cfg(target_arch = "wasm32")]
        #[allow(unsafe_code, reason = "the exports of a component are made by the bindings' generator")]
        mod exports {
            struct Export;

            impl $crate::bindings::exports::verdikt::policy::pack::Guest for Export {
                fn describe() -> $crate::PackInfo {
                    super::PACK.describe()
                }

                fn evaluate(request: $crate::Request) -> Result<Vec<$crate::Statement>, String> {
                    super::PACK.evaluate(request)
                }
            }

            $crate::bindings::export!(Export with_types_in $crate::bindings);
        }
    };
}
