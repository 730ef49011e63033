"""A newer listing into a file that an earlier import made and a person has edited since.

Sizes are compared by what they mean (`meaning`), so a person may rewrite a series and a listing may change its ratio.
"""

from __future__ import annotations

import re

from krm_fn.core.errors import InputError
from krm_fn.core.manifest import mapping, name_of, text
from krm_fn.core.naming import natural
from krm_fn.core.quantity import mebibytes_text
from krm_fn.core.wire import canonical_json
from krm_fn.importers.compact import without
from krm_fn.importers.families import DEFAULT_TEMPLATE, SERIES, SIZE
from krm_fn.importers.meaning import SECTIONS, digest, imprint, meanings, mebibytes, size
from krm_fn.kubevirt.api import CONFIG_API, IMPORTED
from krm_fn.roundtrip import document as roundtrip
from krm_fn.roundtrip.definition import commented

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.roundtrip.definition import Definition


def update(data: bytes, name: str, definitions: Iterable[Definition], *, prune: bool = False) -> tuple[str, list[str]]:
    """The file's new text and what changed, a line each.

    Sizes that the listing added are added. Sizes that it changed are changed, unless a person has changed them too:
    then the person's stay and the line says so. Sizes that it dropped stay, or go with `prune`. Comments stay.
    InputError when the file is not YAML.
    """
    documents = roundtrip.read(data, name)
    changes: list[str] = []
    owners = _owners(documents)
    for definition in definitions:
        manifest = definition.manifest
        changes += _without_others(manifest, owners)
        if manifest["kind"] == "InstancetypeSeries" and not manifest["spec"]["sizes"]:
            continue
        found = next((one for one in documents if _same(one.content, manifest)), None)
        if found is None:
            before = "---\n" if documents and any(one.content is not None for one in documents) else ""
            documents.append(roundtrip.Document(before, "", commented(definition)))
            documents[-1].edited = True
            changes.append(f"{_title(manifest)}: new")
            continue
        for path, value in _sections(found.content):
            if not isinstance(value, dict):
                raise InputError(f"{name}: {_title(manifest)}: {path} is not a mapping; put it right before an update")
        lines = _merge(found.content, definition, prune=prune)
        if lines:
            found.edited = True
            _recount(found, definition)
            changes += [f"{_title(manifest)}: {line}" for line in lines]
    return roundtrip.write(documents), changes


def _sections(content: Manifest) -> list[tuple[str, Any]]:
    """Pairs of a field path and its value that an update writes into, as far as they are there."""
    spec = content.get("spec")
    inner = SECTIONS[content["kind"]] if isinstance(spec, dict) else ()
    return [("spec", spec), *((f"spec.{key}", spec[key]) for key in inner if isinstance(spec, dict) and key in spec)]


def _owners(documents: Iterable[roundtrip.Document]) -> dict[str, str]:
    """Object name → the series of the file that makes it."""
    found: dict[str, str] = {}
    for document in documents:
        if isinstance(document.content, dict) and text(document.content, "kind") == "InstancetypeSeries":
            found |= dict.fromkeys(_names(document.content).values(), name_of(document.content))
    return found


def _names(series: Manifest) -> dict[str, str]:
    """Size → the name of its object."""
    spec, name = mapping(series, "spec"), name_of(series)
    template = text(spec, "nameTemplate") or DEFAULT_TEMPLATE
    return {size: template.replace(SERIES, name).replace(SIZE, str(size)) for size in mapping(spec, "sizes")}


def _without_others(manifest: Manifest, owners: dict[str, str]) -> list[str]:
    """Take the sizes out of a new series that another one of the file makes, in place: families may be drawn anew."""
    lines = []
    for size_, name in _names(manifest).items() if manifest["kind"] == "InstancetypeSeries" else ():
        owner = owners.get(name, name_of(manifest))
        if owner != name_of(manifest):
            del manifest["spec"]["sizes"][size_]
            lines.append(f"{_title(manifest)}: {name} stays in the series {owner}")
    return lines


_COUNT = re.compile(r"(?<=: )\d+ (?P<word>size|member)s?(?= from )")


def _recount(document: roundtrip.Document, definition: Definition) -> None:
    """Put the number of sizes right in the comment that an import wrote above its series, wherever that is kept."""
    said = _COUNT.search(definition.header[0]) if definition.header else None
    entries = mapping(document.content, "spec").get(f"{said['word']}s") if said else None
    if said is None or not isinstance(entries, dict):
        return
    count = f"{len(entries)} {said['word']}{'s' if len(entries) != 1 else ''}"
    start = definition.header[0][: said.start()]
    for comment in document.content.ca.comment or ():
        for token in comment if isinstance(comment, list) else ():
            if start in token.value:
                token.value = _COUNT.sub(count, token.value)
    document.before = "\n".join(
        _COUNT.sub(count, line) if start in line else line for line in document.before.split("\n")
    )


def _title(manifest: Manifest) -> str:
    return f"{manifest['kind']} {name_of(manifest)}"


def _same(content: Any, manifest: Manifest) -> bool:
    return (
        isinstance(content, dict)
        and content.get("apiVersion") == CONFIG_API
        and content.get("kind") == manifest["kind"]
        and name_of(content) == name_of(manifest)
    )


def _merge(content: Manifest, definition: Definition, *, prune: bool) -> list[str]:
    """Merge one definition into a document's content (mutated); what changed."""
    manifest = definition.manifest
    base = dict(
        part.partition("=")[::2] for part in text(mapping(content, "metadata", "annotations"), IMPORTED).split()
    )
    mine, new = meanings(content), meanings(manifest)
    lines = []
    for section in SECTIONS[manifest["kind"]]:
        for name in manifest["spec"][section]:
            key = f"{section}.{name}"
            line = _decide(mine.get(key), new[key], base.get(key))
            if line in (ADDED, CHANGED):
                _put(content, manifest, section, name, definition.notes.get(("spec", section, name), ""))
            if line:
                lines.append(f"{section[:-1]} {name} {line}{_shown(new[key]) if line != DELETED else ''}")
    gone = [key for key in base if key not in new and key in mine and digest(mine[key]) == base[key]]
    for key in gone:
        section, _, name = key.partition(".")
        if prune:
            del content["spec"][section][name]
        lines.append(f"{section[:-1]} {name} {'dropped' if prune else GONE}")
    _remember(content, manifest, {} if prune else {key: base[key] for key in gone})
    return lines


ADDED, CHANGED = "added: ", "changed to "
KEPT = "differs; yours is kept, the listing has "
DELETED = "is new in the listing, but you deleted it"
GONE = "is no longer in the listing; --prune drops it"


def _decide(mine: Manifest | None, new: Manifest, base: str | None) -> str:
    """What to say of one entry: "" when there is nothing to say."""
    if mine is None:
        return ADDED if base is None else "" if base == digest(new) else DELETED
    if digest(mine) == digest(new):
        return ""
    if base == digest(new):
        return ""  # the person's edit, and no news
    return CHANGED if base == digest(mine) else KEPT


def _put(content: Manifest, manifest: Manifest, section: str, name: str, note: str) -> None:
    """Write one entry of the new import into the file, in terms of the file's own ratio and template."""
    target = content["spec"].setdefault(section, {})
    item = manifest["spec"][section][name]
    if section == "sizes":
        item = _in_terms_of(content["spec"], size(manifest["spec"], item))
    value = roundtrip.styled(item, 3)
    if name in target:
        target[name] = value
    else:
        order = (
            sorted([*manifest["spec"][section]], key=natural) if section != "sizes" else [*manifest["spec"][section]]
        )
        before = order[: order.index(name)]
        after = order[order.index(name) + 1 :]
        place = next((number for number, key in enumerate(target) if key in after), None)
        if place is None or any(key in before for key in [*target][place:]):
            place = max((number for number, key in enumerate(target, 1) if key in before), default=0)
        target.insert(place, name, value)
    if note:
        target.yaml_add_eol_comment(note, name)


def _in_terms_of(spec: Manifest, meaning: Manifest) -> Any:
    """A size as it is written under a series' own ratio and template."""
    cpu, memory, template = meaning["cpu"], meaning["memory"], meaning["template"]
    ratio = mebibytes(spec.get("memoryPerVCPU"))
    regular = ratio is not None and isinstance(cpu, int) and isinstance(memory, int) and ratio * cpu == memory
    shared = mapping(spec, "template")
    own = without(template, shared) | _removed(template, shared)
    amount = mebibytes_text(memory) if isinstance(memory, int) else memory
    if not own and not meaning["rest"]:
        return cpu if regular else f"{cpu}x{amount}"
    fields: Manifest = {"cpu": cpu} | ({} if regular else {"memory": amount})
    return fields | ({"template": own} if own else {}) | meaning["rest"]


def _removed(template: Manifest, shared: Manifest) -> Manifest:
    """Nulls for what the series' template has and this size has not."""
    return {key: None for key in shared if key not in template}


def _remember(content: Manifest, manifest: Manifest, gone: dict[str, str]) -> None:
    annotations = mapping(content, "metadata", "annotations")
    if IMPORTED in annotations:
        kept = " ".join(f"{key}={digest}" for key, digest in gone.items())
        annotations[IMPORTED] = " ".join(filter(None, [imprint(manifest), kept]))


def _shown(meaning: Manifest) -> str:
    """What an entry means, in a few words."""
    if "value" in meaning:
        return canonical_json(meaning["value"])
    memory = meaning["memory"]
    words = f"{meaning['cpu']}x{mebibytes_text(memory) if isinstance(memory, int) else memory}"
    rest = ({"template": meaning["template"]} if meaning["template"] else {}) | meaning["rest"]
    return f"{words} {canonical_json(rest)}" if rest else words
