//! Tests of what `terraform console` cannot say of functions: what is known of unknown results, marks,
//! places, limits. The values of calls are compared with Terraform's in `tests/console`.

use std::time::{Duration, Instant};

use crate::testing::{Locals, shown};
use crate::value::Marks;

fn value(expression: &str) -> String {
    shown(&Locals::new(&format!("x = {expression}")).value("x"))
}

#[test]
fn what_is_known_of_unknown_results() {
    for (expression, expected) in [
        ("upper(unknown.a)", "?"),
        ("upper(unknown.a ? \"x\" : \"y\")", "?any('X' 'Y')"),
        ("length(unknown.a ? \"x\" : \"y\")", "1"),
        ("upper(unknown.a ? \"x\" : unknown.b)", "?any('X' ?)"),
        // An alternative that would be refused is none.
        ("tonumber(unknown.a ? \"1\" : \"x\")", "?any(1)"),
        // Texts keep their pieces.
        ("format(\"%s:%s\", \"nginx\", unknown.a)", "?\"${'nginx:'}${?unknown.a}\""),
        ("format(\"%d-%5d\", string.a, string.b)", "?\"${?}${'-'}${?}\""),
        ("format(\"%v\", [unknown.a])", "?\"${?Json([?unknown.a])}\""),
        ("join(\"-\", [\"a\", unknown.a, 1])", "?\"${'a'}${'-'}${?unknown.a}${'-'}${'1'}\""),
        ("join(\",\", unknown.a)", "?"),
        ("formatlist(\"%s!\", [\"a\", unknown.a])", "list('a!' ?\"${?unknown.a}${'!'}\")"),
        ("startswith(\"a-${unknown.a}\", \"a-\")", "true"),
        ("startswith(\"a-${unknown.a}\", \"b\")", "false"),
        ("startswith(\"a-${unknown.a}\", \"a-b\")", "?"),
        // Encoded values keep their structure.
        ("jsonencode([{ p = true, i = unknown.a }])", "?Json([{i=?unknown.a p=true}])"),
        ("jsondecode(jsonencode([{ p = true, i = unknown.a }]))", "[{i=?unknown.a p=true}]"),
        ("jsondecode(\"{\\\"p\\\": true, \\\"i\\\": \\\"${unknown.a}\\\"}\")", "{i=?unknown.a p=true}"),
        ("jsondecode(unknown.a)", "?"),
        ("yamldecode(yamlencode({ l = tolist([1]), i = unknown.a }))", "{i=?unknown.a l=[1]}"),
        ("yamldecode(\"i: ${unknown.a}\\np: true\\n\")", "{i=?unknown.a p=true}"),
        (
            "yamldecode(\"i: nginx:${unknown.a}\\nl: [${unknown.b}, 1]\")",
            "{i=?\"${'nginx:'}${?unknown.a}\" l=?[?unknown.b? 1 ...]}",
        ),
        (
            "yamldecode(\"m: 1${unknown.a}\\nq: '${unknown.a}-x' # ${unknown.c}\\n\")",
            "{m=? q=?\"${?unknown.a}${'-x'}\"}",
        ),
        ("yamldecode(\"${unknown.a}: 1\\np: true\")", "?{p=true ...}"),
        ("yamldecode(\"p: true\\n${unknown.a}\\n\")", "?{p=true ...}"),
        ("yamldecode(\"<<: ${unknown.a}\\np: true\")", "?{p=true ...}"),
        ("base64encode(unknown.a)", "?Base64(?unknown.a)"),
        ("base64decode(base64encode(\"x${unknown.a}\"))", "?\"x${?unknown.a}\""),
        ("base64decode(base64encode(jsonencode({ i = unknown.a })))", "?Json({i=?unknown.a})"),
        // Lists of which a part is known.
        ("concat([{ p = true }], unknown.a)", "?[{p=true} ...]"),
        ("concat(unknown.a, [1])", "?[1 ...]"),
        ("jsonencode(concat([{ p = true }], unknown.a))", "?Json(?[{p=true} ...])"),
        ("flatten([[1], unknown.a, [2]])", "?[1 2 ...]"),
        ("flatten([[string.a], [2]])", "[?string.a 2]"),
        ("compact([\"a\", \"\", string.a])", "?['a' ?string.a?]"),
        ("concat([for x in [1, 2] : x if unknown.a], [3])", "?[1? 2? 3]"),
        ("concat([1], unknown.a...)", "?[1 ...]"),
        ("concat([[1], [2], unknown.a]...)", "?[1 2 ...]"),
        ("reverse(concat([1], unknown.a, [2]))", "?[2 1 ...]"),
        ("distinct([\"a\", \"a\", string.a])", "?['a' ?string.a?]"),
        ("sort([\"b\", string.a])", "?['b' ?string.a]"),
        ("compact(concat([\"a\"], unknown.a))", "?['a' ...]"),
        ("setunion([\"b\", string.a], [\"a\"])", "?['b' ?string.a? 'a']"),
        ("setunion([\"b\"], unknown.a)", "?['b' ...]"),
        ("setintersection([\"b\", \"c\"], unknown.a)", "?['b'? 'c'?]"),
        ("setsubtract([\"b\"], [string.a])", "?['b'?]"),
        ("contains(toset([unknown.a, false]), false)", "?"),
        ("tolist(toset([\"b\", string.a]))", "?['b' ?string.a]"),
        ("coalescelist(unknown.a, [1])", "?any(?unknown.a [1])"),
        ("coalescelist(concat([1], unknown.a), [2])", "?[1 ...]"),
        ("join(\",\", concat([\"a\", string.b], unknown.a))", "?\"${'a'}${','}${?string.b}${?}\""),
        ("contains(concat([\"a\"], unknown.a), \"a\")", "true"),
        ("contains(concat([\"a\"], unknown.a), \"b\")", "?"),
        ("anytrue(concat([true], unknown.a))", "true"),
        ("alltrue(concat([true], unknown.a))", "?"),
        // Objects of which a part is known.
        ("merge(unknown.a, { b = 1 })", "?{b=1 ...}"),
        ("merge({ b = 1, c = 2 }, unknown.a, { c = 3 })", "?{b=?any(1 ?unknown.a.b) c=3 ...}"),
        ("merge([{ a = 1 }, unknown.a, { b = 2 }]...)", "?{a=?any(1 ?unknown.a.a) b=2 ...}"),
        ("merge({ b = 2 }, unknown.a...)", "?{b=?any(2 ?) ...}"),
        ("merge(unknown.c ? { a = 1 } : { a = 2 }, { b = 1 })", "?any({a=1 b=1} {a=2 b=1})"),
        (
            "merge(unknown.c ? { a = 1 } : { a = 2 }, unknown.d ? { b = 1 } : { b = 2 })",
            "?any({a=1 b=1} {a=1 b=2} {a=2 b=1} {a=2 b=2})",
        ),
        ("merge(unknown.a, { b = 1 }).b", "1"),
        ("merge(unknown.a, { b = 1 })[\"b\"]", "1"),
        ("lookup(merge(unknown.a, { b = 1 }), \"b\", 2)", "1"),
        ("lookup(merge(unknown.a, { b = 1 }), \"c\", 2)", "?"),
        ("keys(merge(unknown.a, { b = 1 }))", "?['b' ...]"),
        ("values(merge(unknown.a, { b = 1 }))", "?[1 ...]"),
        ("tomap(merge(unknown.a, { b = 1 }))", "?{b=1 ...}"),
        ("{ for k, v in merge(unknown.a, { b = 1 }) : k => { x = v } }", "?{b={x=1} ...}"),
        ("[for k, v in merge(unknown.a, { b = 1 }) : v]", "?[1 ?? ...]"),
        ("jsonencode(merge(unknown.a, { b = 1 }))", "?Json(?{b=1 ...})"),
        // Texts that encode something keep it where only what is around them changes.
        ("trimspace(yamlencode({ a = unknown.a, b = 1 }))", "?Yaml({a=?unknown.a b=1})"),
        ("chomp(jsonencode({ a = unknown.a, b = 1 }))", "?Json({a=?unknown.a b=1})"),
        ("indent(2, jsonencode({ a = unknown.a, b = 1 }))", "?Json({a=?unknown.a b=1})"),
        // Which of several values it is.
        ("coalesce(unknown.a, \"x\", \"y\")", "?any(?unknown.a 'x')"),
        ("coalesce(\"x\", unknown.a)", "'x'"),
        ("lookup({ a = 1, b = 2 }, string.k, 3)", "?any(1 2 3)"),
        ("lookup({ a = unknown.a, b = 2 }, \"b\", 3)", "2"),
        ("lookup(unknown.a, \"b\", 3)", "?"),
        ("element([1, 2], unknown.a)", "?any(1 2)"),
        ("element([1, 1], unknown.a)", "1"),
        ("contains([\"a\", string.a], \"a\")", "true"),
        ("contains([\"a\", string.a], \"b\")", "?"),
        ("merge({ a = unknown.a }, { b = 1 })", "{a=?unknown.a b=1}"),
        ("merge({ a = 1 }, unknown.a)", "?{a=?any(1 ?unknown.a.a) ...}"),
        ("keys({ a = unknown.a })", "['a']"),
        ("length({ a = unknown.a })", "1"),
        ("alltrue([false, unknown.a])", "false"),
        ("anytrue([true, unknown.a])", "true"),
        // What Terraform itself does not know here, or nobody but Terraform.
        ("timestamp()", "?"),
        ("upper(uuid())", "?"),
        ("base64gzip(\"a\")", "?"),
        ("abspath(\".\")", "?"),
        ("pathexpand(\"~/x\")", "?"),
        ("file(\"/etc/passwd\")", "?"),
        ("file(\"../x\")", "?"),
        ("fileexists(\"~/x\")", "?"),
        ("regex(\"\\\\p{Grek}\", \"a\")", "?"),
        ("pow(2, 1.5)", "?"),
        ("format(\"%s\", null)", "?"),
    ] {
        assert_eq!(value(expression), expected, "{expression}");
    }
}

#[test]
fn unknown_results_say_why() {
    for (expression, expected) in [
        ("timestamp()", "the time at which Terraform runs"),
        ("uuid()", "different each time that Terraform runs"),
        ("file(\"../x\")", "the file \"../x\" is outside of the scanned folder and is not read"),
        ("upper(unknown.a)", "not known"),
    ] {
        let value = Locals::new(&format!("x = {expression}")).value("x");
        assert_eq!(value.as_unknown().map(|unknown| &*unknown.why), Some(expected), "{expression}");
    }
    let value = Locals::new("x = format(\"%x\", unknown.a + unknown.b)").value("x");
    let references = value.as_unknown().map(|unknown| unknown.references.clone()).unwrap_or_default();
    assert_eq!(references.iter().map(|reference| &**reference).collect::<Vec<_>>(), ["unknown.a", "unknown.b"]);
}

#[test]
fn what_is_made_of_sensitive_values_is_sensitive() {
    for (expression, expected) in [
        ("upper(sensitive(\"a\"))", true),
        ("length([sensitive(\"a\")])", false),
        ("length(sensitive([\"a\"]))", true),
        ("join(\",\", [\"a\", sensitive(\"b\")])", true),
        ("jsonencode({ a = sensitive(1) })", true),
        ("keys({ a = sensitive(1) })", false),
        ("merge({ a = sensitive(1) }, {})", false),
        ("merge({ a = sensitive(1) }, {}).a", true),
        ("merge(sensitive({ a = 1 }), {})", true),
        ("nonsensitive(merge(sensitive({ a = 1 }), {})).a", false),
        ("element([1, sensitive(2)], 1)", true),
        ("element([1, sensitive(2)], 0)", false),
        ("upper(sensitive(unknown.a))", true),
        ("sensitive(unknown.a)", true),
        ("contains([sensitive(1)], 2)", true),
    ] {
        let value = Locals::new(&format!("x = {expression}")).value("x");
        assert_eq!(value.marks().contains(Marks::SENSITIVE), expected, "{expression}");
    }
}

#[test]
fn sensitive_values_are_in_no_message() {
    for expression in [
        "tonumber(sensitive(\"hush\"))",
        "parseint(sensitive(\"hush\"), 10)",
        "timeadd(sensitive(\"hush\"), \"1h\")",
        "file(sensitive(\"hush\"))",
        "regex(\"a\", sensitive(\"hush\"))",
        "cidrhost(sensitive(\"hush\"), 1)",
        "base64decode(sensitive(\"hush!\"))",
        "lookup({}, sensitive(\"hush\"))",
        "join(\",\", [sensitive(\"hush\"), null])",
    ] {
        let problem = Locals::new(&format!("x = {expression}")).try_value("x").expect_err(expression);
        assert!(!problem.message().contains("hush"), "{expression}: {problem}");
    }
}

#[test]
fn messages_name_what_is_wrong() {
    for (expression, expected) in [
        ("nope(1)", "there is no function \"nope\""),
        ("upper()", "upper: function upper expects 1 argument; missing value for \"str\""),
        ("upper(1, 2)", "upper: function upper expects only 1 argument"),
        ("upper([])", "upper: string required (argument \"str\")"),
        ("upper(null)", "upper: argument must not be null (argument \"str\")"),
        ("element([], 0)", "element: cannot use element function with an empty list"),
        ("file(\"x\")", "file: the file \"x\" does not exist (argument \"path\")"),
        ("regex(\"(\", \"a\")", "regex: invalid regexp pattern: missing closing ) (argument \"pattern\")"),
        ("cidrhost(\"x\", 1)", "cidrhost: invalid CIDR expression: invalid CIDR address: x (argument \"prefix\")"),
        (
            "range(2000)",
            "range: more than 1024 values were generated; either decrease the difference between start and end or use a smaller step",
        ),
    ] {
        let problem = Locals::new(&format!("x = {expression}")).try_value("x").expect_err(expression);
        assert_eq!(problem.message(), expected, "{expression}");
    }
}

#[test]
fn parts_keep_the_way_that_they_came() {
    let locals = Locals::new(
        "v = true\n\
         c = [{ p = local.v }]\n\
         a = jsondecode(jsonencode(local.c))\n\
         b = merge({ x = local.v }, { y = 1 })\n\
         d = concat(local.c, [])\n\
         e = flatten([local.c])\n\
         f = jsondecode(base64decode(base64encode(jsonencode(local.c))))\n\
         g = lookup({ k = local.v }, \"k\", false)\n\
         h = values({ k = local.v })\n\
         i = zipmap([\"k\"], [local.v])\n\
         j = yamldecode(yamlencode(local.c))\n\
         k = tolist([local.v])\n\
         l = sensitive(local.c)\n\
         m = yamldecode(\"- p: ${local.v}\\n\")\n\
         n = yamldecode(<<-END\n  - é: 1\n    p: [yes]\n  END\n  )",
    );
    let through_list = "local.c <- local local.c: local.v <- local local.v: true";
    let own = "local.v <- local local.v: true";
    let part = |name: &str| {
        let value = locals.value(name);
        let first = value.element(0).or_else(|| value.members().next().map(|member| member.value)).expect("a part");
        first.member("p").unwrap_or(first)
    };
    for (name, expected) in [
        ("a", through_list),
        ("b", own),
        ("d", through_list),
        ("e", through_list),
        ("f", through_list),
        ("h", own),
        ("i", own),
        ("j", through_list),
        ("k", own),
        ("l", through_list),
        ("m", own),
        ("n", "[yes]"),
    ] {
        assert_eq!(locals.way(&part(name)), expected, "{name}");
    }
    assert_eq!(locals.way(&locals.value("g")), own);
    let upper = Locals::new("x = upper(\"a\")");
    assert_eq!(upper.way(&upper.value("x")), "upper(\"a\")");
}

/// A few lines that ask for more than there is.
#[test]
fn hostile_calls_end_quickly() {
    let begin = Instant::now();
    for text in [
        "x = format(\"%999999999999d\", 1)",
        "x = format(\"%.999999999999f\", 1)",
        "x = format(\"%99999999999999999999999d\", 1)",
        "x = indent(9223372036854775807, \"a\")",
        "x = indent(1000000000, \"\\n\\n\\n\")",
        "a = range(1000)\nx = setproduct(local.a, local.a, local.a)",
        "a = [for i in range(1000) : format(\"%01000d\", i)]\nb = join(\"\", local.a)\nx = replace(local.b, \"\", local.b)",
        "a = [for i in range(1000) : format(\"%01000d\", i)]\nb = join(\"\", local.a)\nx = replace(local.b, \"/0/\", local.b)",
        "a = [for i in range(1000) : format(\"%01000d\", i)]\nb = join(\"\", local.a)\nx = regexall(\"((0{900}){1,1})\", local.b)",
        "a = range(300)\nb = setproduct(local.a, local.a)\nx = distinct(local.b)",
        "a = join(\"\", [for i in range(1000) : \"((((((((((\"])\nx = regex(local.a, \"a\")",
        "a = join(\"\", [for i in range(1000) : \"[[[[[[[[[[\"])\nx = jsondecode(local.a)",
        "a = join(\"\", [for i in range(1000) : \"[[[[[[[[[[\"])\nx = yamldecode(local.a)",
        "x = yamldecode(\"a: &a [x,x,x,x,x,x,x,x,x]\\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\\ng: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\\nh: [*g,*g,*g,*g,*g,*g,*g,*g,*g]\")",
        "x = pow(10, 308) * pow(10, 308) * pow(10, 308)",
        "x = format(\"%f\", 1e39000)",
        "x = tonumber(join(\"\", [for i in range(1000) : \"9999999999999999999999999999999999999999999999999999999\"]))",
        "x = parseint(join(\"\", [for i in range(1000) : \"9999999999999999999999999999999999999999999999999999999\"]), 10)",
        "x = range(0, 1e300, 1e-300)",
        "x = chunklist(range(1000), 1e18)",
        "x = cidrsubnet(\"::/0\", 9223372036854775807, 0)",
        "x = substr(\"abc\", -9223372036854775808, 9223372036854775807)",
        "x = element([1], 9223372036854775807)",
        "x = slice([1], 9223372036854775807, 9223372036854775807)",
        "x = timeadd(\"9999-12-31T23:59:59Z\", \"2562047h\")",
    ] {
        // What comes of it, another test says.
        let _value = Locals::new(text).evaluate("x");
        let shown = text.chars().take(80).collect::<String>();
        assert!(begin.elapsed() < Duration::from_secs(60), "{shown}");
    }
}
