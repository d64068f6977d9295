//! `--var` and `--var-file`: values for variables of Terraform, of which the last one counts, whichever flag gives it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches, value_parser};
use verdikt_engine::input::GivenVariable;

const VALUE: &str = "var";
const FILE: &str = "var-file";

/// What both flags give, in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct VariableArgs {
    pub(crate) given: Vec<GivenVariable>,
}

impl Args for VariableArgs {
    fn augment_args(command: Command) -> Command {
        command
            .arg(
                Arg::new(VALUE)
                    .long(VALUE)
                    .value_name("NAME=VALUE")
                    .action(ArgAction::Append)
                    .value_parser(parse)
                    .help_heading("Input")
                    .help("Set a variable of Terraform's root modules, as `terraform plan` does"),
            )
            .arg(
                Arg::new(FILE)
                    .long(FILE)
                    .value_name("FILE")
                    .action(ArgAction::Append)
                    .value_parser(value_parser!(PathBuf))
                    .help_heading("Input")
                    .help("Set variables of Terraform's root modules from a file; may be repeated"),
            )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for VariableArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut args = VariableArgs::default();
        args.update_from_arg_matches(matches)?;
        Ok(args)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        let places = |name| matches.indices_of(name).into_iter().flatten();
        let values = matches.get_many::<GivenVariable>(VALUE).into_iter().flatten().cloned();
        let files = matches.get_many::<PathBuf>(FILE).into_iter().flatten().cloned().map(GivenVariable::File);
        let mut all: Vec<(usize, GivenVariable)> = places(VALUE).zip(values).chain(places(FILE).zip(files)).collect();
        all.sort_by_key(|(place, _)| *place);
        self.given = all.into_iter().map(|(_, given)| given).collect();
        Ok(())
    }
}

fn parse(text: &str) -> Result<GivenVariable, String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok(GivenVariable::Value { name: name.trim().to_owned(), text: value.to_owned() })
        }
        _ => Err("expected NAME=VALUE, such as `region=eu-central-1`".to_owned()),
    }
}

/// `TF_VAR_name` among the variables of an environment, sorted, without the prefix
/// (<https://developer.hashicorp.com/terraform/cli/config/environment-variables#tf_var_name>).
pub(crate) fn of_environment(all: impl Iterator<Item = (OsString, OsString)>) -> Vec<(String, String)> {
    let text = |(name, value): (OsString, OsString)| {
        Some((name.into_string().ok()?.strip_prefix("TF_VAR_")?.to_owned(), value.into_string().ok()?))
    };
    let mut found: Vec<(String, String)> = all.filter_map(text).collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(arguments: &[&str]) -> Result<Vec<String>, Error> {
        let command = VariableArgs::augment_args(Command::new("test").no_binary_name(true));
        let args = VariableArgs::from_arg_matches(&command.try_get_matches_from(arguments)?)?;
        let show = |given: &GivenVariable| match given {
            GivenVariable::Value { name, text } => format!("{name}={text}"),
            GivenVariable::File(path) => path.display().to_string(),
        };
        Ok(args.given.iter().map(show).collect())
    }

    #[test]
    fn flags_keep_their_order() {
        let arguments = ["--var", "a=1", "--var-file", "x.tfvars", "--var", "b=c=d", "--var", "e=", "--var-file=y"];
        assert_eq!(given(&arguments).unwrap(), ["a=1", "x.tfvars", "b=c=d", "e=", "y"]);
        assert!(given(&[]).unwrap().is_empty());
        assert!(given(&["--var", "a"]).is_err() && given(&["--var", "=a"]).is_err());
    }

    #[test]
    fn the_environment_gives_what_has_the_prefix() {
        let all = [("TF_VAR_b", "2"), ("PATH", "/bin"), ("TF_VAR_a", "{}")];
        let all = all.map(|(name, value)| (OsString::from(name), OsString::from(value)));
        let expected = [("a", "{}"), ("b", "2")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(of_environment(all.into_iter()), expected);
    }
}
