//! Which functions there are: those that `terraform metadata functions` lists.

use super::Kind::{Bool, List, ListOfBool, ListOfNumber, ListOfString, MapOfLists, Number, Set, SetOfString, String};
use super::Returns::{Any, By, Kind as Of};
use super::Run::{Lazy, Never, Pure};
use super::{
    Call, Failure, Function, Kind, Parameter, Returns, cidr, conversion, csv, encoding, filesystem, format, hash, json,
    mapping, numeric, parameter, pattern, sequence, sets, string, time, yaml,
};
use crate::value::Value;

/// The function of a name, also of its full name (`core::abs`).
pub fn find(name: &str) -> Option<&'static Function> {
    let name = name.strip_prefix("core::").unwrap_or(name);
    FUNCTIONS.binary_search_by(|function| function.name.cmp(name)).ok().map(|index| &FUNCTIONS[index])
}

type Implementation = fn(&Call<'_>) -> Result<Value, Failure>;

const fn of(name: &'static str, parameters: &'static [Parameter], returns: Returns, run: Implementation) -> Function {
    Function { name, parameters, variadic: None, returns, run: Pure(run) }
}

const fn never(name: &'static str, parameters: &'static [Parameter], why: &'static str) -> Function {
    Function { name, parameters, variadic: None, returns: Of(String), run: Never(why) }
}

impl Function {
    const fn and(self, variadic: Parameter) -> Function {
        Function {
            name: self.name,
            parameters: self.parameters,
            variadic: Some(variadic),
            returns: self.returns,
            run: self.run,
        }
    }
}

const fn any(name: &'static str) -> Parameter {
    parameter(name, None)
}

const fn typed(name: &'static str, kind: Kind) -> Parameter {
    parameter(name, Some(kind))
}

/// The function sees to everything: null, unknown, marks.
const fn raw(name: &'static str) -> Parameter {
    any(name).null().unknown().seen_marks()
}

const STR: Parameter = typed("str", String);
const NUM: Parameter = typed("num", Number);
const PATH: Parameter = typed("path", String).own_marks();

const CLOCK: &str = "the time at which Terraform runs";
const CHANCE: &str = "different each time that Terraform runs";

const fn lazy(name: &'static str, parameters: &'static [Parameter], variadic: Option<Parameter>) -> Function {
    Function { name, parameters, variadic, returns: Any, run: Lazy }
}

/// All functions, sorted by name.
pub static FUNCTIONS: &[Function] = &[
    of("abs", &[NUM], Of(Number), numeric::abs),
    of("abspath", &[PATH], Of(String), filesystem::abspath),
    of("alltrue", &[typed("list", ListOfBool).unknown()], Of(Bool), sequence::alltrue),
    of("anytrue", &[typed("list", ListOfBool).unknown()], Of(Bool), sequence::anytrue),
    of("base64decode", &[STR.unknown()], Of(String), encoding::base64decode),
    of("base64encode", &[STR.unknown()], Of(String), encoding::base64encode),
    // Compressed by another program, the same text gives other bytes.
    never("base64gzip", &[STR], "compressed text is not computed here"),
    of("base64sha256", &[STR], Of(String), hash::base64sha256),
    of("base64sha512", &[STR], Of(String), hash::base64sha512),
    of("basename", &[PATH], Of(String), filesystem::basename),
    never("bcrypt", &[STR], CHANCE).and(typed("cost", Number)),
    lazy("can", &[any("expression")], None),
    of("ceil", &[NUM], Of(Number), numeric::ceil),
    of("chomp", &[STR.unknown()], Of(String), string::chomp),
    of(
        "chunklist",
        &[typed("list", List).own_marks(), typed("size", Number)],
        By(sequence::chunklist_type),
        sequence::chunklist,
    ),
    of("cidrhost", &[typed("prefix", String), typed("hostnum", Number)], Of(String), cidr::cidrhost),
    of("cidrnetmask", &[typed("prefix", String)], Of(String), cidr::cidrnetmask),
    of(
        "cidrsubnet",
        &[typed("prefix", String), typed("newbits", Number), typed("netnum", Number)],
        Of(String),
        cidr::cidrsubnet,
    ),
    of("cidrsubnets", &[typed("prefix", String)], Of(ListOfString), cidr::cidrsubnets).and(typed("newbits", Number)),
    of("coalesce", &[], By(sequence::common_type), sequence::coalesce).and(any("vals").null().unknown()),
    of("coalescelist", &[], Any, sequence::coalescelist).and(any("vals").null().unknown()),
    of("compact", &[typed("list", ListOfString).unknown()], Of(ListOfString), sequence::compact),
    of("concat", &[], By(sequence::concat_type), sequence::concat).and(any("seqs").unknown().own_marks()),
    of("contains", &[any("list").unknown(), any("value").unknown()], Of(Bool), sequence::contains),
    of("csvdecode", &[STR], Any, csv::csvdecode),
    of("dirname", &[PATH], Of(String), filesystem::dirname),
    of("distinct", &[typed("list", List).unknown()], By(sequence::first_type), sequence::distinct),
    of(
        "element",
        &[any("list").own_marks(), typed("index", Number).unknown()],
        By(sequence::element_of_type),
        sequence::element,
    ),
    of("endswith", &[STR, typed("suffix", String)], Of(Bool), string::endswith),
    of("ephemeralasnull", &[raw("value")], By(sequence::first_type), conversion::ephemeralasnull),
    of("file", &[PATH], Of(String), filesystem::file),
    of("filebase64", &[PATH], Of(String), filesystem::filebase64),
    of("filebase64sha256", &[PATH], Of(String), hash::filebase64sha256),
    of("filebase64sha512", &[PATH], Of(String), hash::filebase64sha512),
    of("fileexists", &[PATH], Of(Bool), filesystem::fileexists),
    of("filemd5", &[PATH], Of(String), hash::filemd5),
    of("fileset", &[PATH, typed("pattern", String)], Of(SetOfString), filesystem::fileset),
    of("filesha1", &[PATH], Of(String), hash::filesha1),
    of("filesha256", &[PATH], Of(String), hash::filesha256),
    of("filesha512", &[PATH], Of(String), hash::filesha512),
    of("flatten", &[any("list").unknown().own_marks()], Any, sequence::flatten),
    of("floor", &[NUM], Of(Number), numeric::floor),
    of("format", &[typed("format", String)], Of(String), format::format).and(any("args").null().unknown()),
    of("formatdate", &[typed("format", String), typed("time", String)], Of(String), time::formatdate),
    of("formatlist", &[typed("format", String)], Of(ListOfString), format::formatlist)
        .and(any("args").null().unknown()),
    of("indent", &[typed("spaces", Number), STR.unknown()], Of(String), string::indent),
    of("index", &[any("list"), any("value").unknown()], Of(Number), sequence::index),
    of("issensitive", &[raw("value")], Of(Bool), conversion::issensitive),
    of("join", &[typed("separator", String)], Of(String), string::join).and(typed("lists", ListOfString).unknown()),
    of("jsondecode", &[STR.unknown()], Any, json::jsondecode),
    of("jsonencode", &[raw("val")], Of(String), json::jsonencode),
    of("keys", &[any("inputMap").unknown().own_marks()], Any, mapping::keys),
    of("length", &[any("value").unknown().own_marks()], Of(Number), sequence::length),
    of("log", &[NUM, typed("base", Number)], Of(Number), numeric::log),
    of("lookup", &[any("inputMap").unknown().own_marks(), typed("key", String).unknown()], Any, mapping::lookup)
        .and(any("default").null().unknown().own_marks()),
    of("lower", &[STR], Of(String), string::lower),
    of(
        "matchkeys",
        &[typed("values", List), typed("keys", List), typed("searchset", List)],
        By(sequence::first_type),
        sequence::matchkeys,
    ),
    of("max", &[], Of(Number), numeric::max).and(typed("numbers", Number)),
    of("md5", &[STR], Of(String), hash::md5),
    of("merge", &[], By(mapping::merge_type), mapping::merge).and(any("maps").null().unknown().own_marks()),
    of("min", &[], Of(Number), numeric::min).and(typed("numbers", Number)),
    of("nonsensitive", &[raw("value")], By(sequence::first_type), conversion::nonsensitive),
    of("one", &[any("list").own_marks()], By(sequence::one_type), sequence::one),
    of("parseint", &[any("number"), typed("base", Number)], By(numeric::parseint_type), numeric::parseint),
    of("pathexpand", &[PATH], Of(String), filesystem::pathexpand),
    never("plantimestamp", &[], CLOCK),
    of("pow", &[NUM, typed("power", Number)], Of(Number), numeric::pow),
    of("range", &[], Of(ListOfNumber), numeric::range).and(typed("params", Number)),
    of("regex", &[typed("pattern", String), typed("string", String)], Any, pattern::regex),
    of("regexall", &[typed("pattern", String), typed("string", String)], Of(List), pattern::regexall),
    of("replace", &[STR, typed("substr", String), typed("replace", String)], Of(String), string::replace),
    of("reverse", &[any("list").unknown().own_marks()], By(sequence::reverse_type), sequence::reverse),
    never(
        "rsadecrypt",
        &[typed("ciphertext", String), typed("privatekey", String)],
        "what a private key protects is not decrypted here",
    ),
    of("sensitive", &[raw("value")], By(sequence::first_type), conversion::sensitive),
    of("setintersection", &[typed("first_set", Set).unknown()], By(sets::set_type), sets::setintersection)
        .and(typed("other_sets", Set).unknown()),
    of("setproduct", &[], By(sets::product_type), sets::setproduct).and(any("sets").unknown().own_marks()),
    of("setsubtract", &[typed("a", Set).unknown(), typed("b", Set).unknown()], By(sets::set_type), sets::setsubtract),
    of("setunion", &[typed("first_set", Set).unknown()], By(sets::set_type), sets::setunion)
        .and(typed("other_sets", Set).unknown()),
    of("sha1", &[STR], Of(String), hash::sha1),
    of("sha256", &[STR], Of(String), hash::sha256),
    of("sha512", &[STR], Of(String), hash::sha512),
    of("signum", &[NUM], Of(Number), numeric::signum),
    of(
        "slice",
        &[any("list").own_marks(), typed("start_index", Number), typed("end_index", Number)],
        By(sequence::slice_type),
        sequence::slice,
    ),
    of("sort", &[typed("list", ListOfString).unknown()], Of(ListOfString), sequence::sort),
    of("split", &[typed("separator", String), STR], Of(ListOfString), string::split),
    of("startswith", &[STR.unknown(), typed("prefix", String)], Of(Bool), string::startswith),
    of("strcontains", &[STR, typed("substr", String)], Of(Bool), string::strcontains),
    of("strrev", &[STR], Of(String), string::strrev),
    of("substr", &[STR, typed("offset", Number), typed("length", Number)], Of(String), string::substr),
    of("sum", &[any("list")], Of(Number), numeric::sum),
    of("templatefile", &[PATH, any("vars")], Any, filesystem::templatefile),
    of("templatestring", &[any("template"), any("vars")], Of(String), filesystem::templatestring),
    of(
        "textdecodebase64",
        &[typed("source", String), typed("encoding", String)],
        Of(String),
        encoding::textdecodebase64,
    ),
    of(
        "textencodebase64",
        &[typed("string", String), typed("encoding", String)],
        Of(String),
        encoding::textencodebase64,
    ),
    of("timeadd", &[typed("timestamp", String), typed("duration", String)], Of(String), time::timeadd),
    of("timecmp", &[typed("timestamp_a", String), typed("timestamp_b", String)], Of(Number), time::timecmp),
    never("timestamp", &[], CLOCK),
    of("title", &[STR], Of(String), string::title),
    of("tobool", &[raw("v")], Any, conversion::tobool),
    of("tolist", &[raw("v")], Any, conversion::tolist),
    of("tomap", &[raw("v")], Any, conversion::tomap),
    of("tonumber", &[raw("v")], Any, conversion::tonumber),
    of("toset", &[raw("v")], Any, conversion::toset),
    of("tostring", &[raw("v")], Any, conversion::tostring),
    of("transpose", &[typed("values", MapOfLists)], Of(MapOfLists), mapping::transpose),
    of("trim", &[STR, typed("cutset", String)], Of(String), string::trim),
    of("trimprefix", &[STR, typed("prefix", String)], Of(String), string::trimprefix),
    of("trimspace", &[STR.unknown()], Of(String), string::trimspace),
    of("trimsuffix", &[STR, typed("suffix", String)], Of(String), string::trimsuffix),
    lazy("try", &[], Some(any("expressions"))),
    of("upper", &[STR], Of(String), string::upper),
    of("urlencode", &[STR], Of(String), string::urlencode),
    never("uuid", &[], CHANCE),
    of("uuidv5", &[typed("namespace", String), typed("name", String)], Of(String), hash::uuidv5),
    of("values", &[any("mapping").unknown().own_marks()], By(mapping::values_type), mapping::values),
    of("yamldecode", &[typed("src", String).unknown()], Any, yaml::yamldecode),
    of("yamlencode", &[raw("value")], Of(String), yaml::yamlencode),
    of(
        "zipmap",
        &[typed("keys", ListOfString).own_marks(), any("values").own_marks()],
        By(mapping::zipmap_type),
        mapping::zipmap,
    ),
];
