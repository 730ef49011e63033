"""Preferences of one family as a PreferenceSeries: members that extend one another, with traits."""

from __future__ import annotations

from collections import Counter

from krm_fn.core.manifest import copy_tree
from krm_fn.core.naming import natural
from krm_fn.core.wire import canonical_json
from krm_fn.importers.objects import wording
from krm_fn.importers.objects.instancetypes import difference
from krm_fn.kubevirt.api import CONFIG_API, LABEL
from krm_fn.roundtrip.definition import Definition
from krm_fn.series import labels
from krm_fn.series.fragments import merge
from krm_fn.series.traits import packaged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.importers.objects.item import Item

_VENDOR, _OS, _DEPRECATED = f"{LABEL}vendor", f"{LABEL}os-type", f"{LABEL}deprecated"
_TEXTS = {"displayName": "openshift.io/display-name", "description": f"{LABEL}description", "icon": "iconClass"}
_TAGS = "tags"
_TRIED = 3
"""Members that one is tried to extend: those that differ least."""
_WORTH = 40
"""Characters of a fragment from which it is worth a name when two members have it."""


def families(items: Iterable[Item]) -> Iterator[list[Item]]:
    """The items by scope, namespace, vendor and the first part of their names."""
    found: dict[tuple[Any, ...], list[Item]] = {}
    for item in items:
        key = (item.scope, item.namespace, item.name.partition(".")[0], item.labels.get(_VENDOR))
        found.setdefault(key, []).append(item)
    for family in found.values():
        yield sorted(family, key=lambda one: natural(one.name))


def definition(family: Sequence[Item], name: str) -> Definition:
    """The series of a family. CantSayError names what it can't say.

    name: of the series, with which all names of the family begin.
    """
    members = {item.name.removeprefix(name).removeprefix("."): item for item in family}
    spec: Manifest = {}
    if _VENDOR in family[0].labels:
        spec["vendor"] = wording.plain(family[0].labels[_VENDOR], family[0])
    made: dict[str, Manifest] = {}
    for member, item in members.items():
        made[member] = _shortest(item.spec, {other: members[other].spec for other in made})
    variables = [{"member": member} for member in members]
    spec |= _texts(list(members.values()), variables, made)
    if family[0].scope != "Cluster":
        spec["scope"] = family[0].scope
    metadata = [_metadata(item, spec, made[member]) for member, item in members.items()]
    for place, field in enumerate(("labels", "annotations")):
        both = wording.shared([one[place] for one in metadata])
        if both:
            spec[field] = both
        for own, one in zip(made.values(), metadata, strict=True):
            rest = {key: value for key, value in one[place].items() if key not in both}
            if rest:
                own[field] = rest
    traits = _named(made)
    if traits:
        spec["traits"] = traits
    spec["members"] = made
    about: Manifest = {"name": name}
    if family[0].namespace:
        about["namespace"] = family[0].namespace
    manifest = {"apiVersion": CONFIG_API, "kind": "PreferenceSeries", "metadata": about, "spec": spec}
    header = f"{name}: {len(members)} member{'s' if len(members) > 1 else ''} from objects that existed."
    return Definition(manifest, [header], {}, dense=True)


def _texts(items: Sequence[Item], variables: Sequence[dict[str, str]], made: dict[str, Manifest]) -> Manifest:
    """What a series says of all members: their texts, tags and kind of guest. Members that say another get it (mutated)."""
    spec: Manifest = {}
    for field, key in (*_TEXTS.items(), (_TAGS, _TAGS), ("osType", _OS)):
        texts = [(item.labels if field == "osType" else item.annotations).get(key) for item in items]
        if all(text is None for text in texts):
            continue
        best = wording.most_common(texts, variables)
        if best is not None:
            spec[field] = _listed(field, best)
        inherited: dict[str, str | None] = dict.fromkeys(made, best)
        for (member, own), item, text in zip(made.items(), items, texts, strict=True):
            base = own.get("extends")
            if base is not None:
                inherited[member] = inherited[base]
            above = inherited[member]
            if text == (None if above is None else wording.gives(above, {"member": member})):
                continue
            if text is None:
                place, holder = ("labels", key) if field == "osType" else ("annotations", key)
                own.setdefault(place, {})[holder] = None
            else:
                own[field] = _listed(field, wording.plain(text, item))
                inherited[member] = text
    return spec


def _listed(field: str, text: str) -> Any:
    return text.split(",") if field == _TAGS and "," in text and all(text.split(",")) else text


def _metadata(item: Item, spec: Manifest, own: Manifest) -> tuple[Manifest, Manifest]:
    """The labels and annotations that a member has beyond what follows, with what `_texts` has put there."""
    fields = {
        _VENDOR: spec.get("vendor"),
        _OS: item.labels.get(_OS),
        _DEPRECATED: "true" if item.labels.get(_DEPRECATED) == "true" else None,
    }
    if fields[_DEPRECATED]:
        own["deprecated"] = True
    found = wording.beyond(item, fields, labels.derived(labels.PREFERENCE, item.spec))
    texts = {key: wording.plain(value, item) for key, value in item.annotations.items()}
    taken = (*_TEXTS.values(), _TAGS)
    rest: Manifest = {key: value for key, value in texts.items() if key not in taken}
    return found | own.pop("labels", {}), rest | own.pop("annotations", {})


def _shortest(wanted: Manifest, before: dict[str, Manifest]) -> Manifest:
    """The member that says a spec in the fewest characters: from nothing, or extending one of those before it."""
    near = sorted(before, key=lambda name: (len(canonical_json(difference(before[name], wanted))), natural(name)))
    best = _by_traits({}, wanted)
    for name in near[:_TRIED]:
        made = {"extends": name, **_by_traits(before[name], wanted)}
        if len(canonical_json(made)) < len(canonical_json(best)):
            best = made
    return best


def _by_traits(base: Manifest, wanted: Manifest) -> Manifest:
    """What makes a spec of another one: packaged traits, requirements in short, and the rest as a template."""
    names: list[str] = []
    now = base
    left = _member(names, difference(now, wanted))
    while True:
        tried = []
        for name, fragment in packaged().items():
            if name not in names and _within(fragment, wanted):
                after = merge(now, fragment)
                made = _member([*names, name], difference(after, wanted))
                tried.append((len(canonical_json(made)), name, after, made))
        if not tried or min(tried)[0] >= len(canonical_json(left)):
            return left
        _, name, now, left = min(tried, key=lambda one: one[:2])
        names.append(name)


def _within(fragment: Any, wanted: Any) -> bool:
    if isinstance(fragment, dict):
        return isinstance(wanted, dict) and all(
            key in wanted and _within(item, wanted[key]) for key, item in fragment.items()
        )
    return bool(fragment == wanted) and isinstance(fragment, bool) == isinstance(wanted, bool)


def _member(names: list[str], patch: Manifest) -> Manifest:
    """A member by its traits and the patch that is left, the requirements of it in short where that can be."""
    made: Manifest = {"traits": list(names)} if names else {}
    short = (
        None if "requirements" in patch and patch["requirements"] is None else _requirements(patch.get("requirements"))
    )
    rest = {key: value for key, value in patch.items() if key != "requirements" or short is None}
    if short:
        made["requirements"] = short
    if rest:
        made["template"] = rest
    return made


def _requirements(wanted: Any) -> Manifest | None:
    """`{cpu: 2, memory: 4Gi, architecture: arm64}` for requirements that say nothing else, or None."""
    if wanted is None:
        return {}
    if not isinstance(wanted, dict) or not wanted.keys() <= {"cpu", "memory", "architecture"}:
        return None
    found: Manifest = {}
    for name, value in wanted.items():
        if name == "architecture" or value is None:
            found[name] = value
        elif isinstance(value, dict) and value.keys() == {"guest"}:
            found[name] = value["guest"]
        else:
            return None
    return found


def _named(made: dict[str, Manifest]) -> dict[str, Manifest]:
    """Templates that several members have, as traits of the series' own; the members name them instead (mutated)."""
    texts = Counter(canonical_json(member["template"]) for member in made.values() if member.get("template"))
    traits: dict[str, Manifest] = {}
    names: dict[str, str] = {}
    for member in made.values():
        template: Manifest = member.get("template") or {}
        text = canonical_json(template) if template else ""
        if texts[text] < 2 or len(text) < _WORTH or "requirements" in member or _has_null(template):
            continue
        if text not in names:
            names[text] = _name(template, {*traits, *packaged()})
            traits[names[text]] = copy_tree(template)
        del member["template"]
        member["traits"] = [*member.get("traits", []), names[text]]
    return traits


def _has_null(value: Any) -> bool:
    return value is None or (isinstance(value, dict) and any(_has_null(item) for item in value.values()))


def _name(fragment: Manifest, taken: set[str]) -> str:
    """A name for a fragment by its sections: `cpu-devices`."""
    name = "-".join(sorted(key.removeprefix("preferred").lower() for key in fragment)) or "shared"
    return (
        name
        if name not in taken
        else next(f"{name}-{number}" for number in range(2, 1000) if f"{name}-{number}" not in taken)
    )
