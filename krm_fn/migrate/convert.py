"""Instancetypes and preferences of older APIs, wherever they are, in today's v1beta1.

As objects, in Lists and in ControllerRevisions. Whatever is said differently today is moved so that every VM of the
input expands to the same VM as before; what can't be moved without knowing more VMs stays, and a warning says so.
"""

from __future__ import annotations

from krm_fn.core.fieldpath import find
from krm_fn.core.finding import INFO, WARNING, Finding, Rule
from krm_fn.core.manifest import mapping, name_of, namespace_of, text
from krm_fn.core.naming import slug
from krm_fn.kubevirt.api import (
    CLUSTER_KINDS,
    CONTROLLER_REVISION_API,
    INSTANCETYPE_API,
    INSTANCETYPE_GROUP,
    INSTANCETYPE_KINDS,
    OLDER_VERSIONS,
    PREFERENCE_KINDS,
    is_virtual_machine,
    matcher_kind,
)
from krm_fn.migrate.deprecated import chooses_efi, drop_secure_boot, modernise, secure_boot
from krm_fn.migrate.revisions import CONVERTED, convert_revision
from krm_fn.roundtrip.edit import plain, put, remove, replace
from krm_fn.vm.find import FIELDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from krm_fn.core.manifest import Manifest

FLAVOR = Rule(
    "convert/flavor",
    "Flavor that has to be imported, or names no profile",
    "KubeVirt has no flavors since 0.56: `krm-fn import flavor` makes instancetypes of them. Which profile is the default one"
    " is not known from a VM, so the instancetype's name may need it.",
)
KEPT = Rule(
    "convert/kept",
    "Field without a counterpart",
    "The current API version has no field with this meaning, so a person has to decide.",
)
LAUNCH_SECURITY = Rule(
    "convert/launch-security",
    "Launch security moved",
    "launchSecurity of an instancetype is deprecated; a preference has preferredLaunchSecurity instead.",
)
SECURE_BOOT = Rule(
    "convert/secure-boot",
    "Secure Boot spelt anew",
    "preferredUseEfi and preferredUseSecureBoot have become preferredEfi.",
)
FLAVOR_GROUP = "flavor.kubevirt.io/"
"""The group of KubeVirt's first flavors, before instancetypes."""
_KINDS = (*INSTANCETYPE_KINDS, *PREFERENCE_KINDS)
_LISTS = ("List", "ResourceList", *(f"{kind}List" for kind in _KINDS))


def objects(documents: Iterable[Any]) -> Iterator[Manifest]:
    """Every manifest, also those in Lists; a List of an old version is brought to today's on the way (mutated)."""
    for document in documents:
        if not isinstance(document, dict):
            continue
        if text(document, "kind") in _LISTS:
            _version(document)
            items = document.get("items")
            yield from objects(items if isinstance(items, list) else [])
        else:
            yield document


def convert(documents: Iterable[Any], *, launch_security: bool = True) -> list[Finding]:
    """Convert everything in some documents, in place. INFO says what was converted, WARNING what could not be.

    launch_security: whether an instancetype's launchSecurity moves to preferences, which KubeVirt knows since 1.9.
    """
    items = list(objects(documents))
    vms = [item for item in items if is_virtual_machine(item)]
    results = [result for vm in vms for result in _flavor(vm)]
    for item in items:
        if _is_ours(item):
            results += _convert_object(item, vms)
        elif text(item, "apiVersion").startswith(FLAVOR_GROUP):
            message = "no KubeVirt since 0.56 knows flavors: `krm-fn import flavor FILE` makes instancetypes of them"
            results.append(Finding(FLAVOR, message, item, "apiVersion", severity=WARNING))
        elif text(item, "kind") == "ControllerRevision" and text(item, "apiVersion") == CONTROLLER_REVISION_API:
            results += convert_revision(item, vms, convert_data)
    if launch_security:
        preferences = [item for item in items if _is_ours(item) and text(item, "kind") in PREFERENCE_KINDS]
        for item in items:
            if _is_ours(item) and text(item, "kind") in INSTANCETYPE_KINDS:
                results += _launch_security(item, vms, preferences)
    return results


def _flavor(vm: Manifest) -> list[Finding]:
    """Turn a VM's `spec.flavor` into `spec.instancetype`, in place, under the name that `krm-fn import flavor` gives."""
    spec = mapping(vm, "spec")
    flavor = spec.get("flavor")
    if not isinstance(flavor, dict) or "instancetype" in spec or not text(flavor, "name"):
        return []
    profile = text(flavor, "profile")
    name = slug(f"{text(flavor, 'name')}.{profile}" if profile else text(flavor, "name"))
    namespaced = text(flavor, "kind").lower() in ("virtualmachineflavor", "virtualmachineflavors")
    kind = {"kind": INSTANCETYPE_KINDS[1]} if namespaced else {}
    replace(spec, "flavor", "instancetype", {**kind, "name": name})
    said = f"flavor {text(flavor, 'name')}, now instancetype {name}"
    results = [Finding(CONVERTED, said, vm, "spec.instancetype", severity=INFO)]
    if not profile:
        message = "named no profile; if its flavor has profiles, name the instancetype of its default one"
        results.append(Finding(FLAVOR, message, vm, "spec.instancetype.name", severity=WARNING))
    return results


def _is_ours(item: Manifest) -> bool:
    group, _, version = text(item, "apiVersion").partition("/")
    return group == INSTANCETYPE_GROUP and text(item, "kind") in _KINDS and version in (*OLDER_VERSIONS, "v1beta1")


def _version(item: Manifest) -> str:
    """Bring an item's apiVersion to today's, in place; the version it had when that was an older one."""
    group, _, version = text(item, "apiVersion").partition("/")
    if group != INSTANCETYPE_GROUP or version not in OLDER_VERSIONS:
        return ""
    replace(item, "apiVersion", "apiVersion", INSTANCETYPE_API)
    return version


def convert_data(item: Manifest) -> list[str]:
    """Convert one complete object, in place; what was converted, a line each."""
    older = _version(item)
    done = [f"apiVersion {older}, now v1beta1"] if older else []
    spec = item.get("spec")
    if text(item, "kind") in PREFERENCE_KINDS and isinstance(spec, dict):
        done += modernise(spec, value_topology=bool(older))
    return done


def _convert_object(item: Manifest, vms: list[Manifest]) -> list[Finding]:
    spec = mapping(item, "spec")
    is_preference = text(item, "kind") in PREFERENCE_KINDS
    boot = secure_boot(spec) if is_preference else None
    users = [vm for vm in vms if boot is not None and uses(vm, "preference", item)]
    efi = chooses_efi(spec)
    done = convert_data(item)
    results = [Finding(CONVERTED, line, item, severity=INFO) for line in done]
    if boot is None:
        return results
    for vm in users:
        if _fill_secure_boot(vm, secure=boot):
            message = f"secureBoot {str(boot).lower()}, which the preference filled in until now"
            results.append(Finding(SECURE_BOOT, message, vm, ".".join(_EFI), severity=INFO))
    if users and secure_boot(spec) is not None:
        drop_secure_boot(spec)
    elif secure_boot(spec) is not None:
        message = (
            "only fills secureBoot into VMs that bring EFI themselves, which nothing of today does: "
            "convert it together with the VMs, or write secureBoot into them and remove it"
        )
        results.append(Finding(KEPT, message, item, "spec.firmware.preferredUseSecureBoot", severity=WARNING))
    elif efi and not users:
        message = (
            f"preferredUseSecureBoot also filled secureBoot {str(boot).lower()} into VMs that bring EFI themselves; "
            "convert it together with such VMs, or write secureBoot into them"
        )
        results.append(Finding(SECURE_BOOT, message, item, "spec.firmware", severity=WARNING))
    return results


_EFI = ("spec", "template", "spec", "domain", "firmware", "bootloader", "efi")


def _fill_secure_boot(vm: Manifest, *, secure: bool) -> bool:
    node = find(vm, _EFI)
    if not isinstance(node, dict) or node.get("secureBoot") is not None:
        return False
    put(node, "secureBoot", secure)
    return True


def uses(vm: Manifest, field: str, item: Manifest) -> bool:
    """Whether a VM's matcher means this object and no revision of it."""
    matcher = mapping(vm, "spec", field)
    if text(matcher, "revisionName") or text(matcher, "name") != name_of(item) or not name_of(item):
        return False
    kind = matcher_kind(matcher.get("kind"), FIELDS[field])
    if kind != text(item, "kind"):
        return False
    spaces = (namespace_of(vm), namespace_of(item))
    return kind in CLUSTER_KINDS or spaces[0] == spaces[1] or not all(spaces)


def _launch_security(item: Manifest, vms: list[Manifest], preferences: list[Manifest]) -> list[Finding]:
    """Move an instancetype's launchSecurity to where each of its VMs has it from today, in place."""
    spec = mapping(item, "spec")
    held = spec.get("launchSecurity")
    if not isinstance(held, dict):
        return []
    path = "spec.launchSecurity"
    users = [vm for vm in vms if uses(vm, "instancetype", item)]
    if not users:
        message = (
            "is deprecated in favour of a preference's preferredLaunchSecurity; it stays, since no VM here shows which "
            "preference: convert it together with its VMs, or move it by hand"
        )
        return [Finding(KEPT, message, item, path, severity=WARNING)]
    own = next((vm for vm in users if "launchSecurity" in _domain(vm)), None)
    if own is not None:
        message = f"stays: VirtualMachine {name_of(own)} sets launchSecurity itself, which conflicts with it"
        return [Finding(KEPT, message, item, path, severity=WARNING)]
    security = plain(held)
    results = []
    for vm in users:
        target = next((one for one in preferences if uses(vm, "preference", one)), None)
        if target is not None and _can_hold(target, security, vms, users):
            if "preferredLaunchSecurity" not in target["spec"]:
                put(target["spec"], "preferredLaunchSecurity", security)
            where = f"{text(target, 'kind')} {name_of(target)}, preferredLaunchSecurity"
        else:
            put(vm["spec"]["template"]["spec"]["domain"], "launchSecurity", security)
            where = f"VirtualMachine {name_of(vm)}, which has no preference here that could say it for this VM alone"
        results.append(Finding(LAUNCH_SECURITY, f"launchSecurity, now in {where}", item, path, severity=INFO))
    remove(spec, "launchSecurity")
    return results


def _domain(vm: Manifest) -> Manifest:
    return mapping(vm, "spec", "template", "spec", "domain")


def _can_hold(preference: Manifest, security: Manifest, vms: list[Manifest], users: list[Manifest]) -> bool:
    """Whether a preference can say launchSecurity: all of its VMs here have it from the instancetype, or it says so."""
    spec = preference.get("spec")
    if not isinstance(spec, dict):
        return False
    if "preferredLaunchSecurity" in spec:
        return bool(plain(spec["preferredLaunchSecurity"]) == security)
    others = [vm for vm in vms if uses(vm, "preference", preference)]
    return all(any(vm is user for user in users) for vm in others)
