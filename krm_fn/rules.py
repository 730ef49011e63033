"""Every rule by which krm-fn judges, with a title and an explanation: what `krm-fn rules` shows and SARIF carries.

The admission rules explain themselves in their own tables; all others stand here. A test finds rules that are missing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from krm_fn.validate.admission.rule import Rule as AdmissionRule


class Rule:
    """A rule for people: its id, a title, an explanation, and where it follows from, "" for krm-fn's own."""

    __slots__ = ("explanation", "id", "source", "title")

    def __init__(self, rule_id: str, title: str, explanation: str, source: str = "") -> None:
        self.id = rule_id
        self.title = title
        self.explanation = explanation
        self.source = source


RULES: dict[str, tuple[str, str]] = {
    "catalog/operator-name": (
        "Name that virt-operator uses itself",
        "Since KubeVirt 1.4 virt-operator deploys cluster-wide instancetypes and preferences and overwrites others of the same name.",
    ),
    "catalog/override": (
        "Override of an object that is not there",
        "`spec.override` names an object that the chosen catalogs don't have, or that include and exclude leave out.",
    ),
    "catalog/pattern": (
        "Pattern that fits nothing",
        "A glob under include or exclude fits none of the catalogs' objects.",
    ),
    "catalog/unknown": (
        "Unknown catalog",
        "Only packaged catalogs can be named; `krm-fn catalog list` shows what is in them.",
    ),
    "config/api-version": ("Wrong apiVersion of a functionConfig", "krm-fn's own kinds are of krm-fn.dev/v1alpha1."),
    "config/exclusive": ("Settings that exclude each other", "Two settings of a functionConfig can't both hold."),
    "config/kind": ("Unknown kind of functionConfig", "krm-fn.dev has only the kinds that `krm-fn schema` lists."),
    "config/missing": (
        "No functionConfig",
        "A KRM function is told what to do by the functionConfig; without one there is nothing to do.",
    ),
    "config/schema": (
        "Mistake in a functionConfig",
        "functionConfigs are strict: unknown fields, wrong types and values outside the limits are errors.",
    ),
    "convert/converted": (
        "Object brought to the current API version",
        "What `krm-fn convert` changed besides apiVersion.",
    ),
    "convert/flavor": (
        "Flavor without a profile",
        "The default profile of a VirtualMachineFlavor is not known from the VM, so the instancetype's name may need the profile.",
    ),
    "convert/kept": (
        "Field without a counterpart",
        "The current API version has no field with this meaning, so a person has to decide.",
    ),
    "convert/launch-security": (
        "Launch security moved",
        "launchSecurity of an instancetype is deprecated; a preference has preferredLaunchSecurity instead.",
    ),
    "convert/revision": (
        "ControllerRevision that was converted",
        "A revision's data can't be changed in a cluster, so the converted one has a name of its own.",
    ),
    "convert/secure-boot": (
        "Secure Boot spelt anew",
        "preferredUseEfi and preferredUseSecureBoot have become preferredEfi.",
    ),
    "defaults/firmware": (
        "Firmware identity without a name",
        "The firmware's uuid and serial are derived from the VM's namespace and name, so both have to be known.",
    ),
    "diff/duplicate": (
        "VirtualMachine that is there twice",
        "Two manifests of one namespace and name: which of them a cluster gets depends on who applies last.",
    ),
    "flux/substitution": (
        "Text that Flux would replace",
        "Flux's postBuild substitution replaces ${...} everywhere in a manifest, in cloud-init scripts too, and with nothing when it knows no value.",
    ),
    "infer/holder-missing": (
        "Nothing to infer from",
        "inferFromVolume reads the labels of a claim, data volume, data source or snapshot, and it is not among the items.",
    ),
    "infer/no-label": (
        "No label to infer from",
        "The object behind the volume has no instancetype.kubevirt.io/default-* label.",
    ),
    "infer/source-type": (
        "Source that can't be inferred from",
        "A dataVolumeTemplate leads further only with a pvc, a snapshot or a DataSource as its source.",
    ),
    "infer/volume-missing": (
        "Volume to infer from is missing",
        "inferFromVolume names a volume that the template doesn't have.",
    ),
    "infer/volume-type": (
        "Volume that can't be inferred from",
        "Only persistentVolumeClaim and dataVolume volumes lead to objects with labels.",
    ),
    "instancetype/conflict": (
        "Field that the instancetype sets as well",
        "A VM can't override what its instancetype sets. KubeVirt refuses a VM with such a field even when both values are equal.",
    ),
    "instancetype/deprecated": (
        "Deprecated field of an instancetype",
        "KubeVirt warns of this field and will drop it.",
    ),
    "instancetype/invalid": (
        "Instancetype that breaks its own rules",
        "KubeVirt refuses the instancetype itself, whoever uses it.",
    ),
    "manifest/type": ("Part of the wrong type", "A part that the expansion has to read is of a type that it can't be."),
    "matcher/ambiguous": (
        "Name that several objects have",
        "Several items have the kind, namespace and name, or had it before kustomize changed it.",
    ),
    "matcher/failure-policy": ("Unknown failure policy", "inferFromVolumeFailurePolicy is Reject or Ignore."),
    "matcher/infer-exclusive": ("Name and inferFromVolume together", "What is inferred can't be named as well."),
    "matcher/kind": (
        "Unknown kind in a matcher",
        "A matcher's kind is the cluster-wide or the namespaced one, singular or plural.",
    ),
    "matcher/name-missing": (
        "Matcher that names nothing",
        "spec.instancetype and spec.preference need a name or inferFromVolume.",
    ),
    "matcher/not-found": (
        "Instancetype or preference not found",
        "It is neither among the items nor in the catalogs. Since 1.6 KubeVirt admits a VM that names a missing one, and then never starts it.",
    ),
    "matcher/type": ("Matcher of the wrong type", "spec.instancetype and spec.preference are mappings of strings."),
    "matcher/unreadable": (
        "Object of another API version that can't be read",
        "An object of an older API version could not be brought to v1beta1.",
    ),
    "preference/cpu-features": (
        "Preferred CPU features without a CPU",
        "KubeVirt's webhook fails on a preference with preferredCPUFeatures when the VM has neither domain.cpu nor an instancetype.",
    ),
    "preference/deprecated": (
        "Deprecated spelling in a preference",
        "KubeVirt warns of this value; the message has the new one.",
    ),
    "preference/invalid": (
        "Preference that breaks its own rules",
        "KubeVirt refuses the preference itself, whoever uses it.",
    ),
    "preference/requirement": (
        "Requirement of the preference not met",
        "A preference can demand vCPUs, memory or an architecture that the VM or its instancetype has to give.",
    ),
    "preference/spread": (
        "Number of vCPUs that can't be spread",
        "With the topology spread the number of vCPUs has to divide by the ratio.",
    ),
    "references/matcher-not-found": (
        "Instancetype, preference or revision not among the manifests",
        "It may be in the cluster; `references` says how much it matters. KubeVirt admits a VM that names a missing one, and never starts it.",
    ),
    "references/not-found": (
        "Object not among the manifests",
        "A volume, credential or network names an object that may be in the cluster. Judged only with `references: error` or `warn`.",
    ),
    "render/skipped": (
        "VirtualMachine that was not rendered",
        "A build without function support leaves VMs short and still succeeds.",
    ),
    "render/unpinned": (
        "Pinned VirtualMachine without a revision",
        "In mode pin a VM has to name the revisions made for it.",
    ),
    "revision/foreign-data": (
        "ControllerRevision that holds something else",
        "Its data is not an instancetype or preference of KubeVirt's, or can't be read.",
    ),
    "revision/missing": (
        "ControllerRevision not found",
        "revisionName names a ControllerRevision that is not among the items.",
    ),
    "revision/too-large": (
        "Revision too large for annotations",
        "The annotations of an object may hold 256 KiB in all; ControllerRevisions have room for more.",
    ),
    "schema/api-version": (
        "API version that is not served",
        "The chosen KubeVirt version doesn't serve the kind in this version.",
    ),
    "schema/skipped": (
        "Kinds without a schema",
        "Nothing can be said about manifests of these kinds; `krm-fn schema --from-crd` makes schemas of any CRD.",
    ),
    "series/annotation": ("Annotation that can't be", "The name of an annotation is malformed."),
    "series/duplicate-name": ("Name that is taken", "Two objects would have the same kind, namespace and name."),
    "series/extends": (
        "Member that extends wrongly",
        "A member extends another one of the series, without going in circles.",
    ),
    "series/label": (
        "Label that can't be",
        "A label's name or value is malformed, or contradicts what follows from the spec.",
    ),
    "series/limit": ("More than krm-fn makes", "A definition is so large, or nested so deep, that it can't be meant."),
    "series/memory": ("Size without memory", "A size gives its memory, or the series gives memoryPerVCPU."),
    "series/name": ("Name that can't be", "An object's name has to be a DNS subdomain of at most 253 characters."),
    "series/quantity": ("Memory that is no quantity", "Memory is a quantity such as 4Gi."),
    "series/size": ("Size that can't be", "A size is a number of vCPUs, a text such as 2x4Gi, or a mapping."),
    "series/spec": ("Spec that KubeVirt would refuse", "The objects made would break a rule of KubeVirt's."),
    "series/template": (
        "Template that can't be rendered",
        "A Jinja2 template has a mistake or names something that is not there.",
    ),
    "series/trait": ("Unknown trait", "A member names a trait that neither the series nor the packaged ones have."),
    "unrender/annotation": (
        "Revision annotation that can't be read",
        "The annotation from which a VM is shortened again is damaged.",
    ),
    "unrender/edited": (
        "Rendered VirtualMachine that was edited",
        "The VM differs from what rendering it made, so it can't be shortened without loss.",
    ),
    "vm/name-missing": ("VirtualMachine without a name", "Rendering derives names from metadata.name."),
}
"""Rule id → title, explanation."""


def rules() -> Iterator[Rule]:
    """Every rule, by id."""
    from krm_fn.core import wording
    from krm_fn.series.collector import SCHEMA
    from krm_fn.validate import admission, schema

    found = {rule_id: Rule(rule_id, *words) for rule_id, words in RULES.items()}
    for each in (*wording.RULES, *SCHEMA.values(), schema.LATER):
        found[each] = Rule(each, each.summary, each.explanation)
    for row in admission.rules():
        found[row.id] = _admission(row)
    return iter(sorted(found.values(), key=lambda rule: rule.id))


def rule(rule_id: str) -> Rule | None:
    """One rule, None when there is none of that id."""
    return next((each for each in rules() if each.id == rule_id), None)


def _admission(row: AdmissionRule) -> Rule:
    words = row.id.partition("/")[2].replace("-", " ")
    since = f" Holds since KubeVirt {row.since}." if row.since != "1.5" else ""
    gate = f" The field needs the feature gate {row.gate}." if row.gate else ""
    return Rule(row.id, words[:1].upper() + words[1:], f"{row.explanation}{since}{gate}", f"KubeVirt: {row.source}")
