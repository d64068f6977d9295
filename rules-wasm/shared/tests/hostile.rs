//! Texts that are made to take long: the time must grow no faster than the text.

use verdikt_rules_shared::{Detector, NamePatterns, Syntax, ValuePatterns};

/// What grows with the square of the text takes a hundred times as long as the rest, minutes.
const LENGTH: usize = 1 << 16;

#[test]
fn hostile_texts_take_no_longer() {
    let names = NamePatterns::from(NamePatterns::DEFAULT);
    let allowed = NamePatterns::from(["ALLOWED_*_NAME"]);
    let values = ValuePatterns::from(ValuePatterns::DEFAULT);
    let detector = Detector { names: &names, allowed: &allowed, values: &values };
    for piece in [
        "=",
        "-",
        ":",
        "{",
        "$(",
        "$$(",
        "$(a",
        " ",
        "\n",
        "\"",
        "://",
        "a://",
        "a://b:c",
        "a:b@tcp(",
        "<password>",
        "<password ",
        "<name>password",
        "password",
        "password_",
        "password ",
        "password: ",
        "password:\n",
        "password: |\n",
        "password=",
        "password=\"",
        "a password '",
        "name: password\n",
        "- name: password\n  ",
        "{\"name\": \"password\", ",
        "key=\"password\" ",
        "[password: [",
        "\\\"password\\\":",
        "--password --",
        "eyJh",
        "LS0t.",
        "LS0tLS1CRUdJTiBQUklW ",
        "-BEGIN A",
        "-BEGIN ",
        "eyJaaaaaaaaaa.",
        "hooks.slack.com/services/T",
        "IDENTIFIED BY ",
        "IDENTIFIED WITH a",
        "AZURE_",
    ] {
        let text = piece.repeat(LENGTH / piece.len());
        detector.in_text(&text, Syntax::Unknown);
        // One long line, with something before it that could be its name.
        detector.in_text(&format!("\n{}{text}", " ".repeat(LENGTH / 4)), Syntax::Directives);
        detector.is_secret(&text);
        detector.is_allowed(&text);
    }
    // Nothing in these ends the pass early.
    for piece in ["password=$X&", "token=$ABC;", "password=\"$X\"v", "name: password v v v v v v "] {
        detector.in_text(&piece.repeat((1 << 20) / piece.len()), Syntax::Unknown);
    }
}
