"""Instancetypes of one family as an InstancetypeSeries."""

from __future__ import annotations

import re
from collections import Counter

from krm_fn.core import quantity
from krm_fn.core.fieldpath import find
from krm_fn.core.manifest import copy_tree, mapping
from krm_fn.core.naming import natural, slug
from krm_fn.core.wire import canonical_json
from krm_fn.importers.compact import shared, without
from krm_fn.importers.families import DEFAULT_TEMPLATE, SERIES, SIZE, by_pattern, split
from krm_fn.importers.objects import wording
from krm_fn.importers.objects.item import CantSayError, Item
from krm_fn.kubevirt.api import CONFIG_API, LABEL
from krm_fn.roundtrip.definition import Definition
from krm_fn.series import labels
from krm_fn.series.collector import Collector
from krm_fn.series.fragments import merge
from krm_fn.series.sizes import read_sizes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from krm_fn.core.manifest import Manifest

FIELDS = {"class": "class", "version": "version", "vendor": "vendor", "icon": "icon-pf"}
"""Field of a series → the label that it sets."""
_TEXTS = {"displayName": f"{LABEL}displayName", "description": f"{LABEL}description"}
_DEPRECATED = f"{LABEL}deprecated"
_NO_NAME = "instancetypes"
"""The series of names that are a size and nothing else."""


class Sized:
    """An item with its place in a family: the series, the name template, the size, and what follows from it."""

    __slots__ = ("cpu", "item", "memory", "own", "pattern", "series", "size")

    def __init__(self, item: Item, parts: tuple[str, str, str]) -> None:
        self.item = item
        self.series, self.size, self.pattern = parts
        self.cpu: int = mapping(item.spec, "cpu").get("guest", 0)
        self.memory: str = str(mapping(item.spec, "memory").get("guest", ""))
        self.own = copy_tree(item.spec)
        for name in ("cpu", "memory"):
            mapping(self.own, name).pop("guest", None)
            if not self.own.get(name):
                self.own.pop(name, None)

    @property
    def variables(self) -> dict[str, str]:
        """What the series' templates can name."""
        return {"size": self.size, "cpu": str(self.cpu), "memory": self.memory}

    @property
    def is_deprecated(self) -> bool:
        """Whether the object says so."""
        return self.item.labels.get(_DEPRECATED) == "true"


def families(items: Iterable[Item], pattern: re.Pattern[str] | None) -> Iterator[list[Sized]]:
    """The items by scope, namespace, name and what a series says of all its sizes at once."""
    found: dict[tuple[Any, ...], list[Sized]] = {}
    for item in items:
        sized = Sized(item, _parts(item, pattern))
        own = tuple(item.labels.get(f"{LABEL}{label}") for label in FIELDS.values())
        key = (item.scope, item.namespace, sized.series, sized.pattern, *own)
        found.setdefault(key, []).append(sized)
    for family in found.values():
        yield sorted(family, key=lambda one: (one.cpu, _bytes(one.memory), natural(one.size)))


def _bytes(memory: str) -> int:
    return quantity.ceil(memory) if quantity.is_quantity(memory) else 0


def _parts(item: Item, pattern: re.Pattern[str] | None) -> tuple[str, str, str]:
    """(series, size, name template): by the user's pattern, by the size's label, else by the name."""
    found = by_pattern(pattern, item.name) if pattern else None
    if found:
        return found
    size = item.labels.get(f"{LABEL}size", "")
    if size and item.name == size:
        return _NO_NAME, size, SIZE
    if size and item.name.endswith(size):
        head = item.name.removesuffix(size)
        series = head.rstrip(".-")
        return series, size, f"{SERIES}{head[len(series) :]}{SIZE}"
    inside = size and re.search(rf"(?<!\\d){re.escape(size)}(?!\\d)", item.name)
    if inside and inside.start():
        head, tail = item.name[: inside.start()], item.name[inside.end() :]
        return slug(head + tail), size, f"{head}{SIZE}{tail}"
    return split(item.name)


def definition(family: Sequence[Sized], name: str) -> Definition:
    """The series of a family. CantSayError names what it can't say.

    name: of the series, which is the family's unless that is taken.
    """
    first = family[0]
    bases, variants = _variants(family)
    labelled = {field: first.item.labels.get(f"{LABEL}{label}") for field, label in FIELDS.items()}
    spec: Manifest = {field: wording.plain(value, first.item) for field, value in labelled.items() if value is not None}
    metadata = [_metadata(sized, spec) for sized in bases]
    spec |= _texts(bases, metadata)
    if first.item.scope != "Cluster":
        spec["scope"] = first.item.scope
    pattern = first.pattern if name == first.series else first.pattern.replace(SERIES, first.series)
    if pattern != DEFAULT_TEMPLATE:
        spec["nameTemplate"] = pattern
    spec |= _lifted(metadata)
    own, template = _template(bases)
    ratio = _ratio(bases)
    spec |= {key: value for key, value in (("memoryPerVCPU", ratio), ("template", template)) if value}
    sizes = {
        sized.size: _size(sized, ratio, rest, said) for sized, rest, said in zip(bases, own, metadata, strict=True)
    }
    if len(sizes) != len(bases):
        raise CantSayError("two of its sizes have one name")
    spec["sizes"] = sizes
    if variants:
        spec["variants"] = [_variant(suffix, bases, those) for suffix, those in variants.items()]
    about: Manifest = {"name": name}
    if first.item.namespace:
        about["namespace"] = first.item.namespace
    manifest = {"apiVersion": CONFIG_API, "kind": "InstancetypeSeries", "metadata": about, "spec": spec}
    return Definition(manifest, [_header(name, bases, variants)], {}, dense=True)


def _lifted(metadata: Sequence[tuple[Manifest, Manifest]]) -> Manifest:
    """The labels and annotations that all sizes share, for the series; they are taken out of the sizes' (mutated)."""
    found: Manifest = {}
    for place, field in enumerate(("labels", "annotations")):
        both = wording.shared([one[place] for one in metadata])
        if both:
            found[field] = both
        for one in metadata:
            for key in both:
                del one[place][key]
    return found


def _header(name: str, bases: Sequence[Sized], variants: Manifest) -> str:
    of = f"{len(bases)} size{'s' if len(bases) > 1 else ''}"
    return f"{name}: {of} from objects that existed" + (f", variants {', '.join(variants)}." if variants else ".")


def _metadata(sized: Sized, spec: Manifest) -> tuple[dict[str, Any], dict[str, Any]]:
    """The labels and annotations that a size has beyond what follows."""
    fields = {f"{LABEL}{label}": spec.get(field) for field, label in FIELDS.items()}
    fields |= {f"{LABEL}size": sized.size, _DEPRECATED: "true" if sized.is_deprecated else None}
    own = wording.beyond(sized.item, fields, labels.derived(labels.INSTANCETYPE, sized.item.spec))
    texts = {key: wording.plain(value, sized.item) for key, value in sized.item.annotations.items()}
    return own, {key: value for key, value in texts.items() if key not in _TEXTS.values()}


def _texts(bases: Sequence[Sized], metadata: Sequence[tuple[Manifest, Manifest]]) -> dict[str, str]:
    """The display name and the description of a family. Sizes that say another one get it as an annotation (mutated)."""
    found: dict[str, str] = {}
    for field, key in _TEXTS.items():
        texts = [sized.item.annotations.get(key) for sized in bases]
        best = wording.most_common(texts, [sized.variables for sized in bases])
        if best is not None:
            found[field] = best
        for sized, text, (_, own) in zip(bases, texts, metadata, strict=True):
            if text != (None if best is None else wording.gives(best, sized.variables)):
                own[key] = text
    return found


def _template(bases: Sequence[Sized]) -> tuple[list[Manifest], Manifest]:
    """What each size says besides the shared template, and that; numbers that follow from the vCPUs are expressions."""
    template = shared([sized.own for sized in bases])
    own = [without(sized.own, template) for sized in bases]
    for path in {path: None for rest in own for path in _leaves(rest)}:
        own, template = _with_majority(own, template, path)
    if len({sized.cpu for sized in bases}) > 1:
        for path in list(_numbers(own[0])):
            times = {_times(rest, path, sized.cpu) for sized, rest in zip(bases, own, strict=True)}
            factor = times.pop()
            if not times and factor:
                text = "{{ cpu }}" if factor == 1 else f"{{{{ cpu * {factor} }}}}"
                template = merge(template, _at(path, text))
                own = [_less(rest, path) for rest in own]
    return own, template


def _leaves(value: Manifest, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, item in value.items():
        if isinstance(item, dict) and item:
            yield from _leaves(item, (*path, key))
        else:
            yield (*path, key)


def _with_majority(own: list[Manifest], template: Manifest, path: tuple[str, ...]) -> tuple[list[Manifest], Manifest]:
    """What most sizes say at a path goes into the template; the others say their own, or null."""
    texts = [_text_at(rest, path) for rest in own]
    (text, count), *_ = Counter(text for text in texts if text).most_common(1) or [("", 0)]
    lacking = len(path) > 1 and not all(texts)  # null would leave an empty mapping around it
    if count < _MAJORITY or 2 * count <= len(own) or lacking:
        return own, template
    value = next(find(rest, path) for rest, each in zip(own, texts, strict=True) if each == text)
    made = []
    for rest, each in zip(own, texts, strict=True):
        made.append(_less(rest, path) if each == text else rest if each else {**rest, path[0]: None})
    return made, merge(template, _at(path, value))


_MAJORITY = 3


def _text_at(value: Manifest, path: Sequence[str]) -> str:
    found = find(value, path)
    return "" if found is None else canonical_json([found])


def _numbers(value: Manifest, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, item in value.items():
        if isinstance(item, dict):
            yield from _numbers(item, (*path, key))
        elif isinstance(item, int) and not isinstance(item, bool):
            yield (*path, key)


def _times(value: Any, path: Sequence[str], cpu: int) -> int:
    number = find(value, path)
    whole = isinstance(number, int) and not isinstance(number, bool) and number > 0 and number % cpu == 0
    return number // cpu if whole and isinstance(number, int) else 0


def _at(path: Sequence[str], value: Any) -> Manifest:
    return {path[0]: _at(path[1:], value) if len(path) > 1 else value}


def _less(value: Manifest, path: Sequence[str]) -> Manifest:
    """The mapping without a leaf, and without what is empty then."""
    rest = {key: item for key, item in value.items() if key != path[0]}
    if len(path) > 1 and (inner := _less(value[path[0]], path[1:])):
        rest[path[0]] = inner
    return rest


def _ratio(bases: Sequence[Sized]) -> str:
    """The memoryPerVCPU that gives most sizes their memory to the letter, or "" when it gives fewer than two."""
    counts: Counter[str] = Counter()
    for sized in bases:
        amount = _bytes(sized.memory)
        if amount and amount % sized.cpu == 0:
            for text in _spellings(amount // sized.cpu):
                counts[text] += 0
    for text in counts:
        counts[text] = sum(_product(text, sized.cpu) == sized.memory for sized in bases)
    best, count = max(counts.items(), key=lambda pair: (pair[1], -len(pair[0]), pair[0]), default=("", 0))
    return best if count > 1 else ""


def _spellings(amount: int) -> list[str]:
    """An amount of bytes as the quantities that a person would write."""
    found = [
        f"{amount >> shift}{unit}" for unit, shift in (("Gi", 30), ("Mi", 20), ("Ki", 10)) if not amount % (1 << shift)
    ]
    found += [f"{amount // factor}{unit}" for unit, factor in (("G", 10**9), ("M", 10**6)) if not amount % factor]
    return [found[0], *[text for text in found[1:] if text[-1] != "i"][:1]] if found else [str(amount)]


def _product(ratio: str, cpu: int) -> str:
    sizes = read_sizes(Collector({}), {"memoryPerVCPU": ratio, "sizes": {"x": cpu}})
    return sizes[0].memory if sizes else ""


def _size(sized: Sized, ratio: str, rest: Manifest, said: tuple[Manifest, Manifest]) -> Any:
    """A size as a number, as "<vcpus>x<memory>" or as a mapping, whichever says it shortest."""
    regular = bool(ratio) and _product(ratio, sized.cpu) == sized.memory
    own = {"template": rest, "labels": said[0], "annotations": said[1], "deprecated": sized.is_deprecated}
    fields = {key: value for key, value in own.items() if value}
    if not fields:
        return sized.cpu if regular else f"{sized.cpu}x{sized.memory}"
    return {"cpu": sized.cpu, **({} if regular else {"memory": sized.memory}), **fields}


def _variants(family: Sequence[Sized]) -> tuple[list[Sized], dict[str, list[Sized]]]:
    """The plain sizes, and by suffix the objects that stand beside each of them."""
    by_size = {sized.size: sized for sized in family}
    suffixes = Counter(
        other[len(size) :] for size in by_size for other in by_size if other != size and other.startswith(size)
    )
    found: dict[str, list[Sized]] = {}
    bases = list(family)
    for suffix, _ in sorted(suffixes.items(), key=lambda pair: (-pair[1], pair[0])):
        beside = {
            size: by_size[size] for size in by_size if size.endswith(suffix) and size.removesuffix(suffix) in by_size
        }
        left = [sized for sized in bases if sized.size not in beside]
        pairs = [(sized, by_size.get(sized.size + suffix)) for sized in left]
        if left and all(other is not None and _same_change(pairs[0], (sized, other)) for sized, other in pairs):
            found[suffix] = [other for _, other in pairs if other is not None]
            bases = left
    return bases, found


def _same_change(first: tuple[Sized, Sized | None], pair: tuple[Sized, Sized | None]) -> bool:
    one, other = first[1], pair[1]
    if one is None or other is None or other.cpu != pair[0].cpu or other.memory != pair[0].memory:
        return False
    return _change(first[0], one) == _change(pair[0], other)


def _change(base: Sized, other: Sized) -> Manifest:
    """What a variant says in addition to its plain size, as a template, labels and annotations."""
    return {"template": difference(base.own, other.own)}


def difference(base: Any, wanted: Any) -> Manifest:
    """The patch that makes `wanted` of `base` when it is laid over it (`series.fragments.merge`)."""
    patch: Manifest = {key: None for key in base if key not in wanted}
    for key, value in wanted.items():
        if key not in base or (
            base[key] is not value and (base[key] != value or isinstance(base[key], bool) != isinstance(value, bool))
        ):
            both = isinstance(value, dict) and isinstance(base.get(key), dict)
            patch[key] = difference(base[key], value) if both else copy_tree(value)
    return patch


def _variant(suffix: str, bases: Sequence[Sized], those: Sequence[Sized]) -> Manifest:
    """One variant. Its own texts are said where they differ from the plain sizes'."""
    made: Manifest = {"suffix": suffix}
    template = difference(bases[0].own, those[0].own)
    if template:
        made["template"] = template
    variables = [sized.variables for sized in those]
    for field, key in _TEXTS.items():
        texts = [sized.item.annotations.get(key) for sized in those]
        plain = [sized.item.annotations.get(key) for sized in bases]
        if wording.most_common(texts, variables) != wording.most_common(plain, [sized.variables for sized in bases]):
            best = wording.most_common(texts, variables)
            if best is not None:
                made[field] = best
    skip = {*_TEXTS.values()}
    for field in ("labels", "annotations"):
        follows = labels.derived(labels.INSTANCETYPE, {}).keys() | {f"{LABEL}size"} if field == "labels" else skip
        base, own = (
            {key: value for key, value in getattr(sized.item, field).items() if key not in follows}
            for sized in (bases[0], those[0])
        )
        change = difference(base, own)
        if change:
            made[field] = change
    return made
