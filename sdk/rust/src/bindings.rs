//! What wit-bindgen generates from `wit/`. Rules use the re-exports of the crate's root.

wit_bindgen::generate!({
    path: "wit/0.1.0",
    world: "inventory-rule-pack",
    additional_derives: [PartialEq, Eq],
    pub_export_macro: true,
    default_bindings_module: "verdikt_sdk::bindings",
});
