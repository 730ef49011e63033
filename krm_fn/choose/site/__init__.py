"""A static web site of a catalog: pages as names and bytes, from entries. Nothing in it needs a network or a build.

The templates escape everything; `site.css` and `site.js` are written as they are.
"""

from __future__ import annotations

import os
from typing import Any, NamedTuple
from urllib.parse import quote

from krm_fn import __version__
from krm_fn.choose import words
from krm_fn.choose.compare import leaves
from krm_fn.choose.entry import INSTANCETYPE, PREFERENCE, Entry
from krm_fn.choose.find import smallest
from krm_fn.choose.pair import Pairs
from krm_fn.choose.site import compact, machine, plot
from krm_fn.core import wire
from krm_fn.core.manifest import mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup

    from krm_fn.core.manifest import Manifest

HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100,PTH120
COLOURS = 12
"""Families have that many colours; further ones start again."""
_EXCEPTIONS = 4
_USUAL = ("linux", "fedora", "rhel", "centos", "ubuntu", "debian")
"""Preferences that an example names, the first that is there and fits."""
_ROOM = 2 * 2**30
"""Memory that an example's instancetype has at least, so that the guest boots."""


class Family(NamedTuple):
    """The objects of one series, with a number that its colour follows from."""

    name: str
    number: int
    entries: list[Entry]

    @property
    def colour(self) -> int:
        """The number of its colour in the style sheet."""
        return self.number % COLOURS

    @property
    def kind(self) -> str:
        """What its objects are."""
        return self.entries[0].kind


def files(entries: Sequence[Entry], series: Mapping[tuple[str, str], Manifest], title: str) -> dict[str, bytes]:
    """Every file of the site by its path. series: (kind of its objects, name) → the definition, where that is known."""
    return _Site(entries, series, title).files()


class _Site:
    def __init__(self, entries: Sequence[Entry], series: Mapping[tuple[str, str], Manifest], title: str) -> None:
        self.entries = list(entries)
        self.series = series
        self.title = title
        self.pairs = Pairs()
        self.by_kind = {
            kind: [each for each in self.entries if each.kind == kind] for kind in (INSTANCETYPE, PREFERENCE)
        }
        self.families = self._families()
        self.numbers: dict[str, int] = {}
        self.before = dict(zip(map(id, self.entries[1:]), self.entries, strict=False))
        self.paths = {id(entry): path_of(entry) for entry in self.entries}
        self.templates = _templates()

    def _families(self) -> dict[tuple[str, str], Family]:
        found: dict[tuple[str, str], Family] = {}
        for kind, entries in self.by_kind.items():
            number = 0
            for entry in entries:
                if (kind, entry.family) not in found:
                    found[kind, entry.family] = Family(entry.family, number, [])
                    number += 1
                found[kind, entry.family].entries.append(entry)
        return found

    def family(self, entry: Entry) -> Family:
        return self.families[entry.kind, entry.family]

    def files(self) -> dict[str, bytes]:
        out = {"site.css": _asset("site.css"), "site.js": _asset("site.js"), "index.html": self.index()}
        for entry in self.entries:
            out[f"{self.paths[id(entry)]}.html"] = self.page(entry)
        known = [(key, definition) for key, definition in self.series.items() if key in self.families]
        if known:
            out["series.html"] = self.render(
                "series",
                "series.html",
                series=[(_anchor(*key), self.families[key], compact.write(definition)) for key, definition in known],
            )
        return out

    def render(self, name: str, path: str, **values: Any) -> bytes:
        root = "../" * path.count("/")
        context = {"site": self, "root": root, "version": __version__, "title": self.title, **values}
        text: str = self.templates.get_template(f"{name}.html").render(context)
        return text.encode()

    def index(self) -> bytes:
        sizes = self.by_kind[INSTANCETYPE]
        drawn = plot.draw([(entry, self.family(entry).colour) for entry in sizes])
        return self.render(
            "index",
            "index.html",
            instancetypes=sizes,
            preferences=self.by_kind[PREFERENCE],
            families=[family for (kind, _), family in self.families.items() if kind == INSTANCETYPE],
            classes=sorted({entry.type_class for entry in sizes if entry.type_class}),
            vendors=sorted({entry.vendor for entry in self.entries if entry.vendor}),
            architectures=sorted({entry.architecture for entry in self.entries if entry.architecture}),
            plot=drawn,
            fields=wire.canonical_json(self.fields),
        )

    def page(self, entry: Entry) -> bytes:
        path = self.paths[id(entry)]
        means, demands = words.meaning(entry)
        partner = self.partner(entry)
        pair = (entry, partner) if entry.kind == INSTANCETYPE else (partner, entry)
        text, expanded = machine.example(*pair)
        return self.render(
            "object",
            path,
            entry=entry,
            family=self.family(entry),
            means=means,
            demands=demands,
            partner=partner,
            machine=text,
            expanded=expanded,
            object=compact.write(entry.item),
            works=self.works_with(entry),
            series_path=self.series_path(entry.kind, entry.family),
            successor=next((each for each in self.by_kind[entry.kind] if each.name == entry.successor), None),
        )

    def series_path(self, kind: str, name: str) -> str:
        """Where the definition that an object comes from is shown, "" where it is not known."""
        return f"series.html#{_anchor(kind, name)}" if (kind, name) in self.series else ""

    def partner(self, entry: Entry) -> Entry | None:
        """The object of the other kind that an example names beside this one."""
        if entry.kind == PREFERENCE:
            found = smallest(self.by_kind[INSTANCETYPE], entry.vcpus or 1, max(entry.memory_bytes or 0, _ROOM), entry)
            return next((each.entry for each in found if not each.problems), None)
        others = [each for each in self.by_kind[PREFERENCE] if not each.deprecated and each.scope == entry.scope]
        usual = [each for name in _USUAL for each in others if each.name == name]
        return next((each for each in (*usual, *others) if not self.pairs.problems(entry, each)), None)

    def works_with(self, entry: Entry) -> dict[str, Any]:
        """Which objects of the other kind go with this one, or which don't and why, whatever is fewer words."""
        other = PREFERENCE if entry.kind == INSTANCETYPE else INSTANCETYPE
        fitting: list[str] = []
        refused: dict[str, list[str]] = {}
        for each in self.by_kind[other]:
            instancetype, preference = (entry, each) if other == PREFERENCE else (each, entry)
            problems = self.pairs.problems(instancetype, preference)
            if problems:
                refused.setdefault(_reason(instancetype, preference, problems[0]), []).append(each.name)
            else:
                fitting.append(each.name)
        total = len(self.by_kind[other])
        return {
            "kind": other,
            "total": total,
            "fit": len(fitting),
            "fitting": fitting if len(fitting) * 2 < total else [],
            "refused": [(why, names[:_EXCEPTIONS], len(names) - _EXCEPTIONS) for why, names in refused.items()],
        }

    @property
    def fields(self) -> list[str]:
        """The fields of all specs, which `compared` gives by their numbers."""
        if not self.numbers:
            found = dict.fromkeys(path for entry in self.entries for path, _ in leaves(mapping(entry.item, "spec"), ""))
            self.numbers = {path: number for number, path in enumerate(found)}
        return list(self.numbers)

    def compared(self, entry: Entry) -> Markup:
        """The spec as JSON for an attribute in single quotes: field number, value, and so on."""
        from markupsafe import Markup

        said = leaves(mapping(entry.item, "spec"), "")
        text = wire.canonical_json([part for path, value in said for part in (self.numbers[path], value)])
        for char, reference in (("&", "&amp;"), ("'", "&#39;"), ("<", "&lt;")):
            text = text.replace(char, reference)
        return Markup(text)  # noqa: S704 - escaped in the lines above

    def told(self, entry: Entry) -> str:
        """The description, unless the entry before has the same one."""
        before = self.before.get(id(entry))
        shared = before is not None and (before.family, before.description) == (entry.family, entry.description)
        return "" if shared else entry.description


def path_of(entry: Entry) -> str:
    """Where an object's page is, without its ending."""
    parts = [f"{entry.kind}s", *([f"in-{_file(entry.namespace)}"] if entry.namespace else [])]
    if entry.scope != "Cluster" and not entry.namespace:
        parts.append("namespaced")
    return "/".join((*parts, _file(entry.name)))


def _file(name: str) -> str:
    """A name as a file name: whatever is not a letter, a digit, `.` or `-` is escaped, and no name is only dots."""
    escaped = quote(name, safe="").replace("%", "_").replace("~", "_7E")
    return escaped if escaped.strip(".") else f"_{escaped}"


def _reason(instancetype: Entry, preference: Entry, problem: str) -> str:
    """Why a pair does not work, in few words where it is about figures."""
    if preference.vcpus and (instancetype.vcpus or 0) < preference.vcpus:
        return f"{preference.vcpus} vCPUs are required"
    if preference.memory_bytes and (instancetype.memory_bytes or 0) < preference.memory_bytes:
        return f"{preference.memory} of memory are required"
    return problem


def _anchor(kind: str, name: str) -> str:
    return f"{kind}-{_file(name)}"


def _text(text: str) -> Markup:
    """Text between tags: there quotes are no markup."""
    from markupsafe import Markup

    return Markup(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))  # noqa: S704 - escaped here


def _link(path: str) -> str:
    return quote(path, safe="/")


def _asset(name: str) -> bytes:
    """A file of the site, without the indentation and the comment lines that its authors need."""
    with open(os.path.join(HERE, name), "rb") as file:  # noqa: PTH118,PTH123
        lines = [line.strip() for line in file]
    return b"".join(line + b"\n" for line in lines if line and not line.startswith(b"//"))


def _templates() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    found = Environment(
        autoescape=True,
        loader=FileSystemLoader(HERE),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    from krm_fn.choose.special import special

    found.globals |= {"special": special, "link": _link}
    found.filters |= {"id": id, "text": _text}
    return found
