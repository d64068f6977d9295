//! The types of the fields of a pod, from the Kubernetes API reference (core/v1, `types.go` of
//! k8s.io/api). Only what the workload takes over is here.

use crate::workload::Shape;
use crate::workload::Shape::{Any, Bool, Integer, IntegerOrText, List, Map, Object, Quantity, Text};

pub(super) const TEXTS: Shape = List(&Text);
pub(super) const TEXT_MAP: Shape = Map(&Text);
const OBJECT: Shape = Object(&[]);
pub(super) const OBJECTS: Shape = List(&OBJECT);

pub(super) const PROFILE: Shape = Object(&[("type", Text), ("localhostProfile", Text)]);
pub(super) const SE_LINUX: Shape = Object(&[("user", Text), ("role", Text), ("type", Text), ("level", Text)]);
pub(super) const WINDOWS: Shape = Object(&[
    ("gmsaCredentialSpecName", Text),
    ("gmsaCredentialSpec", Text),
    ("runAsUserName", Text),
    ("hostProcess", Bool),
]);
pub(super) const CAPABILITIES: Shape = Object(&[("add", TEXTS), ("drop", TEXTS)]);

pub(super) const POD_SECURITY_CONTEXT: Shape = Object(&[
    ("runAsUser", Integer),
    ("runAsGroup", Integer),
    ("runAsNonRoot", Bool),
    ("seccompProfile", PROFILE),
    ("appArmorProfile", PROFILE),
    ("seLinuxOptions", SE_LINUX),
    ("windowsOptions", WINDOWS),
    ("sysctls", List(&Object(&[("name", Text), ("value", Text)]))),
    ("fsGroup", Integer),
    ("fsGroupChangePolicy", Text),
    ("supplementalGroups", List(&Integer)),
    ("supplementalGroupsPolicy", Text),
    ("seLinuxChangePolicy", Text),
]);

pub(super) const RESOURCES: Shape =
    Object(&[("limits", Map(&Quantity)), ("requests", Map(&Quantity)), ("claims", OBJECTS)]);

const NODE_REQUIREMENTS: Shape = List(&Object(&[("key", Text), ("operator", Text), ("values", TEXTS)]));
pub(super) const NODE_SELECTOR_TERMS: Shape =
    List(&Object(&[("matchExpressions", NODE_REQUIREMENTS), ("matchFields", NODE_REQUIREMENTS)]));
pub(super) const TOLERATIONS: Shape = List(&Object(&[
    ("key", Text),
    ("operator", Text),
    ("value", Text),
    ("effect", Text),
    ("tolerationSeconds", Integer),
]));
pub(super) const PULL_SECRETS: Shape = List(&Object(&[("name", Text)]));

pub(super) const ENV: Shape = List(&Object(&[
    ("name", Text),
    ("value", Text),
    (
        "valueFrom",
        Object(&[
            ("secretKeyRef", Object(&[("name", Text), ("key", Text), ("optional", Bool)])),
            ("configMapKeyRef", Object(&[("name", Text), ("key", Text), ("optional", Bool)])),
            ("fieldRef", Object(&[("apiVersion", Text), ("fieldPath", Text)])),
            ("resourceFieldRef", Object(&[("containerName", Text), ("resource", Text), ("divisor", Quantity)])),
            ("fileKeyRef", OBJECT),
        ]),
    ),
]));
pub(super) const ENV_FROM: Shape = List(&Object(&[
    ("prefix", Text),
    ("secretRef", Object(&[("name", Text), ("optional", Bool)])),
    ("configMapRef", Object(&[("name", Text), ("optional", Bool)])),
]));
pub(super) const PORTS: Shape = List(&Object(&[
    ("containerPort", Integer),
    ("hostPort", Integer),
    ("protocol", Text),
    ("hostIP", Text),
    ("name", Text),
]));
pub(super) const MOUNTS: Shape = List(&Object(&[
    ("name", Text),
    ("mountPath", Text),
    ("readOnly", Bool),
    ("recursiveReadOnly", Text),
    ("subPath", Text),
    ("subPathExpr", Text),
    ("mountPropagation", Text),
]));
pub(super) const DEVICES: Shape = List(&Object(&[("name", Text), ("devicePath", Text)]));

const EXEC: Shape = Object(&[("command", TEXTS)]);
const HTTP_GET: Shape = Object(&[
    ("path", Text),
    ("port", IntegerOrText),
    ("host", Text),
    ("scheme", Text),
    ("httpHeaders", List(&Object(&[("name", Text), ("value", Text)]))),
]);
const TCP_SOCKET: Shape = Object(&[("port", IntegerOrText), ("host", Text)]);
pub(super) const PROBE: Shape = Object(&[
    ("exec", EXEC),
    ("httpGet", HTTP_GET),
    ("tcpSocket", TCP_SOCKET),
    ("grpc", Object(&[("port", Integer), ("service", Text)])),
    ("initialDelaySeconds", Integer),
    ("timeoutSeconds", Integer),
    ("periodSeconds", Integer),
    ("successThreshold", Integer),
    ("failureThreshold", Integer),
    ("terminationGracePeriodSeconds", Integer),
]);
const HANDLER: Shape = Object(&[
    ("exec", EXEC),
    ("httpGet", HTTP_GET),
    ("tcpSocket", TCP_SOCKET),
    ("sleep", Object(&[("seconds", Integer)])),
]);
pub(super) const LIFECYCLE: Shape = Object(&[("postStart", HANDLER), ("preStop", HANDLER), ("stopSignal", Text)]);

/// The type of a volume's source, by its member of the volume.
pub(super) fn volume_source(kind: &str) -> Shape {
    match kind {
        "hostPath" => Object(&[("path", Text), ("type", Text)]),
        "image" => Object(&[("reference", Text), ("pullPolicy", Text)]),
        "secret" => Object(&[("secretName", Text), ("optional", Bool), ("defaultMode", Integer)]),
        "configMap" => Object(&[("name", Text), ("optional", Bool), ("defaultMode", Integer)]),
        "emptyDir" => Object(&[("medium", Text), ("sizeLimit", Quantity)]),
        "persistentVolumeClaim" => Object(&[("claimName", Text), ("readOnly", Bool)]),
        "projected" => Object(&[("sources", OBJECTS), ("defaultMode", Integer)]),
        // A volume has no members but its name and one source, each an object. One that Kubernetes
        // does not have is left alone.
        _ => Any,
    }
}
