//! Names and types of properties: CloudFormation's in, the API's out.

use proptest::prelude::*;
use verdikt_model::NodeRef;

use super::{body, member, normalize, with_container};

#[test]
fn names_become_those_of_the_api_and_keys_of_the_user_stay() {
    let text = r#"
AWSTemplateFormatVersion: 2010-09-09
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Cpu: 256
      EphemeralStorage: {SizeInGiB: '30'}
      ProxyConfiguration: {ProxyConfigurationProperties: [{Name: A, Value: 1}], ContainerName: envoy}
      Tags: [{Key: Team, Value: 7}]
      Volumes:
        - Name: files
          EFSVolumeConfiguration:
            FilesystemId: fs-1
            TransitEncryptionPort: '2049'
            AuthorizationConfig: {IAM: ENABLED, AccessPointId: ap}
        - Name: docker
          DockerVolumeConfiguration: {DriverOpts: {Type: nfs}, Labels: {Some.Label: x}, Autoprovision: 'TRUE'}
        - Name: windows
          FSxWindowsFileServerVolumeConfiguration: {FileSystemId: fs-2}
        - Name: objects
          S3FilesVolumeConfiguration: {FileSystemArn: a, TransitEncryptionPort: '1'}
      ContainerDefinitions:
        - Name: app
          Image: app:1
          DockerLabels: {Com.Example: true, $dollar: 1}
          DependsOn: [{ContainerName: init, Condition: SUCCESS}]
          LogConfiguration: {LogDriver: awslogs, Options: {Max-Size: 10}, SecretOptions: [{Name: a, ValueFrom: b}]}
          FirelensConfiguration: {Type: fluentbit, Options: {Enable-X: yes}}
          ExtraHosts: [{Hostname: db, IpAddress: 10.0.0.1}]
          LinuxParameters: {Capabilities: {Drop: [ALL]}, Tmpfs: [{ContainerPath: /tmp, Size: 64, MountOptions: [ro]}]}
          RestartPolicy: {Enabled: 'true', IgnoredExitCodes: ['0', 1]}
"#;
    let outcome = normalize(text);
    assert_eq!(outcome.diagnostics, []);
    let expected = concat!(
        r#"{"cpu":"256","ephemeralStorage":{"sizeInGiB":30},"#,
        r#""proxyConfiguration":{"properties":[{"name":"A","value":"1"}],"containerName":"envoy"},"#,
        r#""tags":[{"key":"Team","value":"7"}],"#,
        r#""volumes":[{"name":"files","efsVolumeConfiguration":{"fileSystemId":"fs-1","transitEncryptionPort":2049,"#,
        r#""authorizationConfig":{"iam":"ENABLED","accessPointId":"ap"}}},"#,
        r#"{"name":"docker","dockerVolumeConfiguration":{"driverOpts":{"Type":"nfs"},"labels":{"Some.Label":"x"},"autoprovision":true}},"#,
        r#"{"name":"windows","fsxWindowsFileServerVolumeConfiguration":{"fileSystemId":"fs-2"}},"#,
        r#"{"name":"objects","s3filesVolumeConfiguration":{"fileSystemArn":"a","transitEncryptionPort":1}}],"#,
        r#""containerDefinitions":[{"name":"app","image":"app:1","dockerLabels":{"Com.Example":"true","$$dollar":"1"},"#,
        r#""dependsOn":[{"containerName":"init","condition":"SUCCESS"}],"#,
        r#""logConfiguration":{"logDriver":"awslogs","options":{"Max-Size":"10"},"secretOptions":[{"name":"a","valueFrom":"b"}]},"#,
        r#""firelensConfiguration":{"type":"fluentbit","options":{"Enable-X":"true"}},"#,
        r#""extraHosts":[{"hostname":"db","ipAddress":"10.0.0.1"}],"#,
        r#""linuxParameters":{"capabilities":{"drop":["ALL"]},"tmpfs":[{"containerPath":"/tmp","size":64,"mountOptions":["ro"]}]},"#,
        r#""restartPolicy":{"enabled":true,"ignoredExitCodes":[0,1]}}]}"#,
    );
    assert_eq!(body(&outcome).to_json(), expected);
}

#[test]
fn scalars_become_what_the_property_is() {
    for (property, key, expected) in [
        ("Privileged: true", "privileged", "true"),
        ("Privileged: 'true'", "privileged", "true"),
        ("Privileged: 'False'", "privileged", "false"),
        ("Privileged: yes", "privileged", "true"),
        ("Privileged: 'yes'", "privileged", r#""yes""#),
        ("Privileged: y", "privileged", r#""y""#),
        ("Privileged: 1", "privileged", "1"),
        ("Memory: 512", "memory", "512"),
        ("Memory: '512'", "memory", "512"),
        ("Memory: '0512'", "memory", "512"),
        ("Memory: '1 GB'", "memory", r#""1 GB""#),
        ("User: 1000", "user", r#""1000""#),
        ("User: 0", "user", r#""0""#),
        ("User: 012345678901", "user", r#""012345678901""#),
        ("User: 0777", "user", r#""511""#),
        ("User: 0o17", "user", r#""0o17""#),
        ("User: n", "user", r#""n""#),
        ("User: off", "user", r#""false""#),
        ("User: null", "user", "null"),
        ("Command: [1, true, x]", "command", r#"["1","true","x"]"#),
        ("Command: [a, !Ref AWS::NoValue, b]", "command", r#"["a","b"]"#),
        ("Command: text", "command", r#""text""#),
    ] {
        assert_eq!(member(&normalize(&with_container("", property)), key), expected, "{property}");
    }
}

#[test]
fn what_cannot_be_converted_is_reported() {
    for (property, message) in [
        ("Privileged: 'yes'", "`privileged` must be a boolean"),
        ("Memory: 1 GB", "`memory` must be a whole number"),
        ("Command: text", "`command` must be a list"),
        ("User: [a]", "`user` must be a string"),
        ("LinuxParameters: text", "`linuxParameters` must be a map"),
    ] {
        let outcome = normalize(&with_container("", property));
        let [diagnostic] = &outcome.diagnostics[..] else { panic!("{property}: {:?}", outcome.diagnostics) };
        assert!(diagnostic.message.contains(message), "{property}: {}", diagnostic.message);
    }
}

#[test]
fn properties_that_do_not_exist_are_said_and_never_pass_for_absence() {
    for (property, key, expected, message) in [
        (
            "privileged: true",
            "privileged",
            r#"{"$unknown":"it is written `privileged`, which CloudFormation refuses"}"#,
            "the property is `Privileged`",
        ),
        (
            "ReadOnlyRootFilesystem: true",
            "readonlyRootFilesystem",
            r#"{"$unknown":"it is written `ReadOnlyRootFilesystem`, which CloudFormation refuses"}"#,
            "the property is `ReadonlyRootFilesystem`",
        ),
        ("Privilege: true", "Privilege", "true", "`Privilege` is no property of `ContainerDefinition`"),
        ("Privileged: true\nprivileged: false", "privileged", "true", "the property is `Privileged`"),
    ] {
        let outcome = normalize(&with_container("", property));
        let [diagnostic] = &outcome.diagnostics[..] else { panic!("{property}: {:?}", outcome.diagnostics) };
        assert_eq!(diagnostic.code.as_str(), "unknown-property", "{property}");
        assert!(diagnostic.message.contains(message), "{property}: {}", diagnostic.message);
        assert_eq!(member(&outcome, key), expected, "{property}");
    }
}

#[test]
fn names_of_the_api_are_not_those_of_cloudformation() {
    let text = "Resources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      family: web\n      \
                containerDefinitions: [{name: a, privileged: true}]\n      ProxyConfiguration: {properties: []}\n";
    let outcome = normalize(text);
    assert!(outcome.problems().iter().all(|(code, _)| *code == "unknown-property"), "{:?}", outcome.diagnostics);
    for pointer in ["family", "containerDefinitions"] {
        assert!(body(&outcome).get(pointer).is_some_and(NodeRef::is_unknown), "{pointer}");
    }
    let proxy = body(&outcome).path(&["proxyConfiguration", "properties"]);
    assert!(proxy.is_some_and(NodeRef::is_unknown), "{}", body(&outcome).to_json());
    assert_eq!(outcome.drafts[0].name, "T");
}

#[test]
fn places_are_those_of_the_expressions_that_give_the_values() {
    let head = "Parameters:\n  P: {Type: String, Default: given}\nMappings:\n  M: {a: {b: [mapped]}}";
    let text = with_container(head, "User: !Ref P\nCommand: !FindInMap [M, a, b]\nPrivileged: 'true'");
    let outcome = normalize(&text);
    for (key, source, what, from) in
        [("user", "P", "parameter P", "given"), ("command", "[M, a, b]", "mapping M", "[mapped]")]
    {
        let node = super::container(&outcome).get(key).unwrap();
        assert_eq!(&text[node.span().range()], source, "{key}");
        let [step] = node.provenance() else { panic!("{key}: {:?}", node.provenance()) };
        assert_eq!((step.what.as_str(), &text[step.span.range()]), (what, from), "{key}");
    }
    let element = super::container(&outcome).get("command").unwrap().items().next().unwrap();
    assert_eq!(&text[element.span().range()], "[M, a, b]", "the element is shown where the template uses it");
    assert_eq!(&text[super::container(&outcome).get("privileged").unwrap().span().range()], "'true'");
    assert_eq!(outcome.source("/containers/0/user"), "P");
}

#[test]
fn an_alias_of_a_tagged_value_is_the_tagged_value() {
    let text = with_container("", "User: &region !Ref AWS::Region\nHostname: *region\nCommand: [*region]");
    let outcome = normalize(&text);
    assert_eq!(member(&outcome, "hostname"), member(&outcome, "user"));
    assert_eq!(member(&outcome, "command"), format!("[{}]", member(&outcome, "user")));
}

/// Every literal below a node, with its source text.
fn literals<'t>(node: NodeRef<'_>, text: &'t str, out: &mut Vec<(String, &'t str)>) {
    node.items().chain(node.entries().map(|(_, member)| member)).for_each(|child| literals(child, text, out));
    if let Some(value) = node.as_str().or(node.as_number()) {
        out.push((value.to_owned(), &text[node.span().range()]));
    }
}

proptest! {
    #![proptest_config(crate::syntax::reproducible())]

    #[test]
    fn the_source_at_the_place_of_a_literal_is_its_value(
        texts in proptest::collection::vec("[a-z][a-z0-9_ -]{0,8}[a-z]", 1..5),
        number in 0u32..5000,
        is_json in any::<bool>(),
    ) {
        let text = if is_json {
            format!(
                r#"{{"Resources": {{"T": {{"Type": "AWS::ECS::TaskDefinition", "Properties": {{"ContainerDefinitions":
                [{{"Name": "app", "Command": {texts:?}, "Memory": {number}, "Cpu": "{number}"}}]}}}}}}}}"#
            )
        } else {
            with_container("", &format!("Command: {texts:?}\nMemory: {number}\nCpu: '{number}'"))
        };
        let outcome = normalize(&text);
        let mut found = Vec::new();
        literals(body(&outcome), &text, &mut found);
        prop_assert!(found.len() > texts.len() + 2);
        for (value, source) in found {
            prop_assert_eq!(value, source.trim_matches(['"', '\'']));
        }
    }
}
