"""Results of earlier runs by content: `--cache DIR`.

What is remembered of a VirtualMachine is what rendering or validating it gave, under the digest of the piece of the input
that it stands in, of the settings, and of this version. Of the objects that it names their content counts, as they are
looked up in this run: a changed series renders again exactly the machines that use it. Where a machine is known its YAML is
not even read again.
"""

from __future__ import annotations

import os
import pickle
from functools import lru_cache
from hashlib import sha256
from zlib import crc32

import krm_fn
from krm_fn import __version__
from krm_fn.core import data, wire
from krm_fn.core.errors import InputError
from krm_fn.core.manifest import is_local_config, mapping, name_of, namespace_of, text
from krm_fn.core.wire.decode import decode
from krm_fn.core.wire.positions import Document, Source
from krm_fn.fleet.known import Known, Piece
from krm_fn.fleet.store import Store
from krm_fn.functions.generated import ORIGIN, origin_of
from krm_fn.functions.manifest_validator import check_items
from krm_fn.functions.virtual_machine_renderer import Machines, render_machines
from krm_fn.kubevirt.api import is_virtual_machine
from krm_fn.series.catalog import Catalog
from krm_fn.vm import infer
from krm_fn.vm.compatibility import upgrade
from krm_fn.vm.find import FIELDS, REVISION, Lookup
from krm_fn.workspace.manifests import clean
from krm_fn.workspace.written import Written, written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest

    Render = Callable[[Manifest, list[Manifest], list[Manifest]], Machines]
    CheckEach = Callable[[Manifest, list[Manifest], list[Manifest]], list[list[Finding] | None]]
    Answer = tuple[str, ...]

_ONE_IN = 16
"""A piece of a stream ends, on average, behind so many documents: where, their content decides, so that an edit moves no other."""
_NOWHERE = "-"
_FINDINGS = ("results", "texts", "validated")
_SHORT = ("name", "kind")
"""What a matcher may have for its machine to be remembered: others are followed through the machine's volumes."""


class Cache:
    """The cache in a directory, for one command. `as_text`: whether rendered VMs are wanted as YAML text."""

    def __init__(self, folder: str, *, as_text: bool) -> None:
        self.store = Store(folder)
        self.as_text = as_text

    def read(self, given: bytes, name: str) -> list[Document]:
        """The documents of an input, as wire.read_documents gives them; machines that are known are so only by their heads."""
        parts = pieces(given)
        keys = [_digest(b"read", part) for part in parts]
        known = self.store.get(keys)
        made: dict[bytes, bytes] = {}
        values: list[Any] = []
        for key, part in zip(keys, parts, strict=True):
            documents = None
            if key not in known:
                try:
                    documents = wire.read(part, name)
                except InputError:
                    return wire.read_documents(given, name)  # which knows the line in the whole input
                known[key] = made[key] = _packed(documents)
            heads, held = pickle.loads(known[key])  # noqa: S301 - from a store that only its owner writes
            piece = Piece(key, held, documents)
            values += [
                piece.documents()[place] if head is None else Known(head, piece, place)
                for place, head in enumerate(heads)
            ]
        self.store.put(made)
        source = Source(decode(given, name), name)
        return [Document(value, index, source) for index, value in enumerate(values)]

    def render(self, inner: Render | None) -> Render:
        """What renders machines, with what is known of them from earlier."""

        def render(spec: Manifest, items: list[Manifest], machines: list[Manifest]) -> Machines:
            return _rendered(self, spec, items, machines, inner or render_machines)

        return render

    def check_each(self, inner: CheckEach | None) -> CheckEach:
        """What checks items, with what is known of them from earlier."""

        def check_each(spec: Manifest, items: list[Manifest], known: list[Manifest]) -> list[list[Finding] | None]:
            return _checked(self, spec, items, known, inner or check_items)

        return check_each


class _Answers:
    """What the matchers of machines lead to among some items and the catalogs, as digests."""

    __slots__ = ("_answers", "_digests", "_lookup")

    def __init__(self, spec: Manifest, items: list[Manifest]) -> None:
        self._lookup = Lookup(items, Catalog(spec.get("catalogs", ["common"])), upgrade)
        self._answers: dict[tuple[str, str], str] = {}
        self._digests: dict[int, str] = {}

    def of(self, vm: Known) -> Answer:
        """One digest for each field, "" for one that is absent, `_NOWHERE` for one that leads nowhere or not plainly."""
        return tuple(self._leads_to(vm, field) for field in FIELDS)

    def _leads_to(self, vm: Known, field: str) -> str:
        matcher = vm["spec"].get(field)
        if matcher is None:
            return ""
        key = (field, wire.canonical_json([namespace_of(vm), matcher, _previous(vm)]))
        if key not in self._answers:
            found, mistakes = self._lookup.resolve(vm, field)
            self._answers[key] = _NOWHERE if mistakes or found.target is None else self._digest(found.target)
        return self._answers[key]

    def _digest(self, target: Manifest) -> str:
        if id(target) not in self._digests:
            self._digests[id(target)] = sha256(wire.canonical_json(target).encode()).hexdigest()
        return self._digests[id(target)]


def _rendered(cache: Cache, spec: Manifest, items: list[Manifest], machines: list[Manifest], inner: Render) -> Machines:
    answers = _Answers(spec, items)
    base = _digest(b"render", _base(spec, items, as_text=cache.as_text))
    keys = {each.piece.digest: _digest(base, each.piece.digest) for each in machines if isinstance(each, Known)}
    entries = cache.store.load(keys.values())
    found: dict[int, Any] = {}
    asked: dict[int, Answer] = {}
    left: list[tuple[int, Manifest]] = []
    for index, vm in enumerate(machines):
        answer = answers.of(vm) if isinstance(vm, Known) else None
        if isinstance(vm, Known) and answer is not None and _NOWHERE not in answer:
            known = entries.get(keys[vm.piece.digest], {}).get(vm.place)
            if known is not None and known[0] == answer:
                found[index] = known[1]
                continue
            asked[index] = answer
        left.append((index, vm.whole() if isinstance(vm, Known) else vm))
    whole = [vm for _, vm in left]
    came = inner(spec, [item for item in items if not is_virtual_machine(item)], whole)
    fresh: dict[bytes, dict[int, Any]] = {}
    for (index, _), one in zip(left, _by_machine(came, whole, as_text=cache.as_text), strict=True):
        vm = machines[index]
        found[index] = one
        if index in asked and one is not None and isinstance(vm, Known):
            key = keys[vm.piece.digest]
            fresh.setdefault(key, dict(entries.get(key, {})))[vm.place] = (asked[index], one)
    cache.store.put({key: pickle.dumps(entry) for key, entry in fresh.items()})
    return _together(machines, found, came, [index for index, _ in left], whole)


def _previous(vm: Manifest) -> dict[str, Any]:
    """What kustomize noted of a machine's names, by which names are looked up too."""
    annotations = mapping(vm, "metadata", "annotations")
    return {key: value for key, value in annotations.items() if key.startswith("internal.config.kubernetes.io/prev")}


def _base(spec: Manifest, items: list[Manifest], *, as_text: bool) -> bytes:
    """What a result depends on besides its machine and the objects that the machine's matchers lead to."""
    sources = [item for item in items if text(item, "kind") in infer.KINDS or text(item, "kind") == REVISION]
    names: list[Any] = []
    if spec.get("references", "ignore") != "ignore":
        names = sorted(
            [text(item, "kind"), namespace_of(item), name_of(item)] for item in items if not is_virtual_machine(item)
        )
    told = [spec, as_text, names, [clean(item) for item in sources], sorted(data.opened)]
    return wire.canonical_json(told).encode() + _schemas(text(spec, "schemas"))


def _schemas(folder: str) -> bytes:
    """The digest of a directory of schemas of one's own."""
    if not folder or not os.path.isdir(folder):  # noqa: PTH112
        return b""
    found = sha256()
    for name in sorted(os.listdir(folder)):  # noqa: PTH208
        path = os.path.join(folder, name)  # noqa: PTH118
        if os.path.isfile(path):  # noqa: PTH113
            with open(path, "rb") as file:  # noqa: PTH123
                found.update(name.encode() + b"\0" + file.read())
    return found.digest()


def _by_machine(came: Machines, machines: list[Manifest], *, as_text: bool) -> list[Any]:
    """What a rendering gave for each machine, None for one of which something is told about another item."""
    own = {id(vm): index for index, vm in enumerate(machines)}
    findings: list[dict[str, list[Finding]]] = [{} for _ in machines]
    strange: set[int] = set()
    for name in _FINDINGS:
        for each in getattr(came, name):
            index = own.get(id(each.item))
            if index is None:
                strange.update(range(len(machines)))
            else:
                findings[index].setdefault(name, []).append(each.but(item=None))
    by_origin: dict[str, list[Manifest]] = {}
    for revision in came.revisions:
        by_origin.setdefault(text(mapping(revision, "metadata", "annotations"), ORIGIN), []).append(revision)
    out = []
    for index, (vm, rendered) in enumerate(zip(machines, came.out, strict=True)):
        if as_text and not isinstance(rendered, Written):
            rendered = written(clean(rendered))  # noqa: PLW2901 - its text in its place
        origin = origin_of(vm)
        revisions = [written(clean(each)) if as_text else each for each in by_origin.get(origin, ())]
        told = (
            dict(rendered) if not isinstance(rendered, Written) else rendered,
            findings[index],
            revisions,
            origin in came.origins,
        )
        out.append(None if index in strange else told)
    return out


def _together(
    machines: list[Manifest], found: dict[int, Any], came: Machines, left: list[int], whole: list[Manifest]
) -> Machines:
    """Known and new results in the order of the machines."""
    done = Machines()
    if any(found[index] is None for index in left):  # findings about other items: as they came
        places = {id(vm): machines[index] for vm, index in zip(whole, left, strict=True)}
        for name in _FINDINGS:
            setattr(done, name, [each.but(item=places.get(id(each.item), each.item)) for each in getattr(came, name)])
        done.revisions, done.origins = list(came.revisions), set(came.origins)
        rest = dict(zip(left, came.out, strict=True))
    else:
        rest = {}
    for index, vm in enumerate(machines):
        if index in rest:
            done.out.append(rest[index])
            continue
        rendered, findings, revisions, speaks = found[index]
        done.out.append(rendered)
        for name, those in findings.items():
            getattr(done, name).extend(each.but(item=vm) for each in those)
        done.revisions += revisions
        if speaks:
            done.origins.add(origin_of(vm))
    return done


def _checked(
    cache: Cache, spec: Manifest, items: list[Manifest], known: list[Manifest], inner: CheckEach
) -> list[list[Finding] | None]:
    answers = _Answers(spec, known)
    base = _digest(b"check", _base(spec, known, as_text=False))
    keys = {each.piece.digest: _digest(base, each.piece.digest) for each in items if isinstance(each, Known)}
    entries = cache.store.load(keys.values())
    out: list[list[Finding] | None] = [None] * len(items)
    asked: dict[int, Answer] = {}
    left: list[tuple[int, Manifest]] = []
    for index, item in enumerate(items):
        if not isinstance(item, Known):
            left.append((index, item))
            continue
        asked[index] = answers.of(item)
        entry = entries.get(keys[item.piece.digest], {}).get(item.place)
        if entry is not None and entry[0] == asked[index]:
            out[index] = [each.but(item=item) for each in entry[1]]
        else:
            left.append((index, item.whole()))
    fresh: dict[bytes, dict[int, Any]] = {}
    for (index, one), found in zip(left, inner(spec, [item for _, item in left], known), strict=True):
        item = items[index]
        out[index] = found if found is None else [each.but(item=item) if each.item is one else each for each in found]
        if found is not None and isinstance(item, Known) and all(each.item is one for each in found):
            key = keys[item.piece.digest]
            told = [each.but(item=None) for each in found]
            fresh.setdefault(key, dict(entries.get(key, {})))[item.place] = (asked[index], told)
    cache.store.put({key: pickle.dumps(entry) for key, entry in fresh.items()})
    return out


def _packed(documents: list[Any]) -> bytes:
    """Documents in two layers: the heads of the machines that can be known by them, and everything."""
    heads = [_head(each) for each in documents]
    return pickle.dumps((heads, pickle.dumps(documents)))


def _head(document: Any) -> Manifest | None:
    if not isinstance(document, dict) or not is_virtual_machine(document) or is_local_config(document):
        return None
    metadata, spec = document.get("metadata"), document.get("spec")
    if not isinstance(metadata, dict) or not name_of(document) or not isinstance(spec, dict):
        return None
    matchers = {field: spec[field] for field in FIELDS if spec.get(field) is not None}
    if not all(isinstance(each, dict) and set(each) <= set(_SHORT) for each in matchers.values()):
        return None
    return {"apiVersion": document["apiVersion"], "kind": document["kind"], "metadata": metadata, "spec": matchers}


def pieces(given: bytes) -> list[bytes]:
    """A YAML stream in pieces of whole documents, cut where the documents' own content says so."""
    if given[:1] in (b"{", b"[", b"%") or any(mark in given for mark in (b"\n%", b"\n...", b"\r")):
        return [given]
    out = []
    start = begin = 0
    while True:
        cut = given.find(b"\n---\n", begin)
        end = len(given) if cut < 0 else cut + 1
        if cut < 0 or crc32(given[begin:end]) % _ONE_IN == 0:
            out.append(given[start:end])
            start = end
        if cut < 0:
            return [part for part in out if part]
        begin = end


@lru_cache(maxsize=1)
def _program() -> bytes:
    """What tells this version of krm-fn and its data from any other, also from one that is being worked on."""
    found = sha256(__version__.encode())
    for root in (os.path.dirname(krm_fn.__file__), data.directory("catalog"), data.directory("schemas")):  # noqa: PTH120
        for folder, folders, names in os.walk(root):
            folders.sort()
            for name in sorted(names):
                if not name.endswith(".pyc"):
                    state = os.stat(os.path.join(folder, name))  # noqa: PTH116,PTH118
                    found.update(f"{name} {state.st_size} {state.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    return found.digest()


def _digest(*parts: bytes) -> bytes:
    found = sha256(_program())
    for part in parts:
        found.update(len(part).to_bytes(8, "big") + part)
    return found.digest()
