//! What an unknown value that is a reference can be, by what it refers to.

/// What a reference leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A credential, certainly.
    Credential,
    /// Something that may be one: a parameter store holds both.
    Store,
    /// A name, an address or the like, never a credential.
    Harmless,
    /// Anything.
    Open,
}

/// Attributes that hold credentials, whatever they belong to.
const CREDENTIALS: &[&str] = &[
    "password",
    "masterpassword",
    "adminpassword",
    "secret",
    "secretstring",
    "secretbinary",
    "secretdata",
    "secretkey",
    "authtoken",
    "privatekey",
    "privatekeypem",
    "privatekeyopenssh",
    "privatekeypempkcs8",
    "plaintext",
    "primaryaccesskey",
    "secondaryaccesskey",
    "primaryconnectionstring",
    "secondaryconnectionstring",
    "randompassword",
];

/// Attributes that name or locate something.
const HARMLESS: &[&str] = &[
    "accountid",
    "address",
    "arn",
    "availabilityzone",
    "bucket",
    "bucketdomainname",
    "bucketregionaldomainname",
    "cidrblock",
    "clusterendpoint",
    "clusteridentifier",
    "clustername",
    "configurationendpoint",
    "configurationendpointaddress",
    "databasename",
    "dbclusteridentifier",
    "dbname",
    "dnsname",
    "domain",
    "domainname",
    "endpoint",
    "endpointaddress",
    "endpointport",
    "engineversion",
    "family",
    "fqdn",
    "functionname",
    "host",
    "hostedzoneid",
    "hostname",
    "id",
    "loadbalancerdnsname",
    "loadbalancername",
    "name",
    "namespace",
    "port",
    "primaryendpointaddress",
    "queuename",
    "queueurl",
    "readendpointaddress",
    "readerendpoint",
    "readerendpointaddress",
    "region",
    "regionaldomainname",
    "repositoryname",
    "repositoryurl",
    "repositoryuri",
    "rolename",
    "stage",
    "tablename",
    "topicarn",
    "topicname",
    "version",
    "websiteendpoint",
    "zoneid",
];

impl Source {
    /// Reads a reference of Terraform (`random_password.db.result`), of CloudFormation (`Db.Endpoint.Port`,
    /// `AWS::Region`) or a dynamic one of it (`{{resolve:secretsmanager:…}}`).
    ///
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>
    pub(crate) fn of(reference: &str) -> Source {
        if reference.starts_with("{{resolve:secretsmanager:") || reference.starts_with("{{resolve:ssm-secure:") {
            return Source::Credential;
        }
        if reference.starts_with("{{resolve:ssm:") {
            return Source::Store;
        }
        if reference.starts_with("AWS::") || reference == "terraform.workspace" || reference == "count.index" {
            return Source::Harmless;
        }
        let bare = without_indexes(reference);
        let bare = bare.strip_prefix("data.").unwrap_or(&bare);
        let Some((kind, rest)) = bare.split_once('.') else { return Source::Open };
        if matches!(kind, "var" | "local" | "module" | "each" | "self") {
            return Source::Open;
        }
        let terraform = kind.contains('_');
        let attribute = if terraform { rest.split_once('.').map_or("", |(_, attribute)| attribute) } else { rest };
        let attribute: String = attribute.chars().filter(|character| !"_.".contains(*character)).collect();
        let attribute = attribute.to_ascii_lowercase();
        match (kind, attribute.as_str()) {
            ("random_password", "result" | "bcrypthash")
            | ("aws_iam_access_key", "id" | "secret" | "sessmtppasswordv4")
            | ("azurerm_key_vault_secret", "value") => Source::Credential,
            ("aws_ssm_parameter" | "random_string", "value" | "insecurevalue" | "result") => Source::Store,
            (kind, attribute) if kind.starts_with("vault_") && attribute.starts_with("data") => Source::Store,
            (_, attribute) if CREDENTIALS.contains(&attribute) => Source::Credential,
            (_, attribute) if HARMLESS.contains(&attribute) => Source::Harmless,
            _ => Source::Open,
        }
    }
}

/// `a.b[0].c` is about `a.b.c`.
fn without_indexes(reference: &str) -> String {
    let mut depth = 0usize;
    let mut bare = String::with_capacity(reference.len());
    for character in reference.chars() {
        match character {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            other if depth == 0 => bare.push(other),
            _ => {}
        }
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn references_lead_to_what_they_say() {
        for (reference, expected) in [
            ("random_password.db.result", Source::Credential),
            ("random_password.db[0].result", Source::Credential),
            ("random_password.db[each.key].result", Source::Credential),
            ("data.aws_secretsmanager_secret_version.db.secret_string", Source::Credential),
            ("aws_db_instance.main.password", Source::Credential),
            ("aws_iam_access_key.ci.id", Source::Credential),
            ("{{resolve:secretsmanager:db:SecretString:password}}", Source::Credential),
            ("{{resolve:ssm:/shop/user:1}}", Source::Store),
            ("data.aws_ssm_parameter.db.value", Source::Store),
            ("aws_db_instance.main.address", Source::Harmless),
            ("aws_secretsmanager_secret.db.arn", Source::Harmless),
            ("data.aws_region.current.name", Source::Harmless),
            ("Db.Endpoint.Address", Source::Harmless),
            ("Task.Arn", Source::Harmless),
            ("AWS::Region", Source::Harmless),
            ("var.db_password", Source::Open),
            ("module.db.password", Source::Open),
            ("local.name", Source::Open),
            ("DbPassword", Source::Open),
            ("aws_instance.a.user_data", Source::Open),
            ("aws_instance.a", Source::Open),
            ("a]b", Source::Open),
            ("", Source::Open),
        ] {
            assert_eq!(Source::of(reference), expected, "{reference}");
        }
    }
}
