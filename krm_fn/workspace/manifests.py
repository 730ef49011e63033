"""Manifests with the places they came from: file, number in the file, and the line of each field."""

from __future__ import annotations

import os
from typing import NamedTuple

from krm_fn.core import wire
from krm_fn.core.console import note
from krm_fn.core.errors import InputError
from krm_fn.core.fieldpath import join
from krm_fn.core.finding import WARNING, Finding, Rule
from krm_fn.core.manifest import file_of, is_local_config, mapping, name_of, namespace_of, text
from krm_fn.kubevirt.api import CONFIG_API, is_virtual_machine
from krm_fn.workspace import inputs, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from krm_fn.core.manifest import Manifest
    from krm_fn.core.wire.positions import Document

    Parse = Callable[[bytes, str], list[Document]]

PATH, INDEX = "internal.config.kubernetes.io/path", "internal.config.kubernetes.io/index"
_TEMPLATE_MARKS = (b"{{", b"{%")
_FOREIGN = ("kustomize.config.k8s.io/", "kpt.dev/")
"""apiVersions of files that configure another tool: no manifests."""
_TOOLS = (*_FOREIGN, CONFIG_API)


UNREADABLE = Rule(
    "file/unreadable",
    "file that is no manifest",
    "A file can't be read as YAML or JSON, or holds a document without a kind. The other files are judged all the same; "
    "`--skip-other` leaves such files out.",
)

TWICE = Rule(
    "render/twice",
    "VM that two files define",
    "Two files define a VirtualMachine of the same name and namespace: the one that is applied last wins.",
)


class Failure(NamedTuple):
    """A file, or a document in it, that can't be read as a manifest; line 0 where that is not known.

    said: the message with the place before it.
    """

    file: str
    line: int
    message: str
    said: str


class Workspace:
    """The manifests of some inputs, in their order. `items` holds them, unchanged unless `located`.

    skip_other: leave out, with a note, what is no manifest also among the files that were named: other documents, files
    that can't be read, patches of a kustomization, templates of a chart. They are `failures` else.
    located: each item carries its file and index as an orchestrator's annotations, so that results name the file;
    `shown` takes them off again.
    exclude: globs of files that are not read. parse: what reads the documents of one input.

    A manifest that an orchestrator annotated with its file is from there, as in the output of a pipeline on stdin.
    """

    __slots__ = ("_documents", "_from", "failures", "items")

    def __init__(
        self,
        named: Iterable[str],
        *,
        skip_other: bool = False,
        located: bool = False,
        exclude: Iterable[str] = (),
        parse: Parse = wire.read_documents,
    ) -> None:
        self.items: list[Manifest] = []
        self.failures: list[Failure] = []
        self._from: dict[int, tuple[str, int, int, str]] = {}
        self._documents: dict[str, list[Document]] = {}
        found = inputs.paths(named, exclude)
        files = [path for path, within in found if not within and path != inputs.STDIN]
        patches = layout.patches_around(files) if skip_other and files else set()
        for path, within in found:
            if skip_other and not within and _is_no_manifest(path, patches):
                continue
            data = b""
            try:
                name, data, _ = inputs.content(path, within)
                documents = parse(data, name)
            except InputError as error:
                failure = _failure(path, error, data)
                if path == inputs.STDIN or not (within or os.path.exists(path)):  # noqa: PTH110
                    raise InputError(failure.said) from None
                if skip_other or (within and _is_foreign(data, failure)):
                    note(f"{failure.said}; it is left out")
                else:
                    self.failures.append(failure)
                continue
            self._take(name, documents, strict=not within and not skip_other, located=located)

    def _take(self, name: str, documents: list[Document], *, strict: bool, located: bool) -> None:
        self._documents[name] = documents
        values = [document.value for document in documents]
        for index, (document, below, item) in enumerate(flattened(values)):
            if layout.is_kustomization(name):
                continue
            if not isinstance(item, dict) or not isinstance(item.get("kind"), str):
                line, message = (
                    documents[document].line(below),
                    f"document {index + 1} is not a manifest: it has no kind",
                )
                failure = Failure(name, line, message, f"{name}{f':{line}' if line else ''}: {message}")
                if strict:
                    self.failures.append(failure)
                else:
                    note(f"{failure.said}; it is left out")
                continue
            if text(item, "apiVersion").startswith(_FOREIGN):
                continue
            self.items.append(item)
            self._from[id(item)] = (name, index, document, below)
            if located and name != inputs.STDIN_NAME:
                _locate(item, name, index)

    def refuse_failures(self) -> None:
        """Raise InputError with all that could not be read, for commands that would write a part else."""
        if self.failures:
            raise InputError("\nerror: ".join(failure.said for failure in self.failures))

    def file(self, item: Manifest | None) -> tuple[str, int]:
        """The file of a manifest and its index in it; ("", 0) for none."""
        if item is None or id(item) not in self._from:
            return "", 0
        return file_of(item) if file_of(item)[0] else self._from[id(item)][:2]

    def line(self, item: Manifest | None, path: str) -> int:
        """The line of a field, or of what is nearest above it; 0 when that is not known."""
        if item is None or id(item) not in self._from:
            return 0
        name, index, document, below = self._from[id(item)]
        if file_of(item)[0] and file_of(item) != (name, index):
            return 0
        return self._documents[name][document].line(join(below, path))

    def line_of(self, finding: Finding) -> int:
        """The line that a finding is about, 0 where that is not known."""
        from krm_fn.validate.admission.places import manifest_path  # brings every rule

        return self.line(finding.item, manifest_path(finding.path))


def read(named: Iterable[str], exclude: Iterable[str] = (), parse: Parse = wire.read_documents) -> list[Manifest]:
    """Every manifest of the inputs, annotated with its file. Raises InputError with the file's name."""
    found = Workspace(named, located=True, exclude=exclude, parse=parse)
    found.refuse_failures()
    return found.items


def configurations(items: list[Manifest]) -> tuple[list[Manifest], list[Manifest]]:
    """(functionConfigs of ours, everything else)."""
    ours = [item for item in items if item.get("apiVersion") == CONFIG_API]
    return ours, [item for item in items if not text(item, "apiVersion").startswith(CONFIG_API)]


def shown(items: Iterable[Manifest]) -> list[Manifest]:
    """The items that are written: no local configuration, and none of the annotations of `read`."""
    return [
        clean(item) for item in items if not is_local_config(item) and not text(item, "apiVersion").startswith(_TOOLS)
    ]


def clean(item: Manifest) -> Manifest:
    """The item without the annotations of `read`."""
    annotations = mapping(item, "metadata", "annotations")
    if PATH not in annotations:
        return item
    left = {
        key: value
        for key, value in annotations.items()
        if not key.startswith(("internal.config.kubernetes.io/", "config.kubernetes.io/"))
    }
    metadata = {key: value for key, value in item["metadata"].items() if key != "annotations"}
    return {**item, "metadata": {**metadata, "annotations": left} if left else metadata}


def twice(items: list[Manifest]) -> list[Finding]:
    """A warning for each VM that an earlier file defines too."""
    first: dict[tuple[str, str], Manifest] = {}
    found = []
    for item in items:
        if is_virtual_machine(item) and name_of(item):
            known = first.setdefault((namespace_of(item), name_of(item)), item)
            if known is not item:
                message = f"is defined twice, in {file_of(known)[0] or 'the input'} too: the one applied last wins; remove one"
                found.append(Finding(TWICE, message, item, "metadata.name", severity=WARNING))
    return found


def flattened(documents: list[Any]) -> Iterator[tuple[int, str, Any]]:
    """(index of the document, field path in it, item): a list of any kind stands for its items.

    The items of a VirtualMachineList may lack their kind, as the API itself writes them: they get it.
    """
    for index, document in enumerate(documents):
        if isinstance(document, list) and document and all(isinstance(item, dict) for item in document):
            yield from ((index, f"[{position}]", item) for position, item in enumerate(document))
        elif isinstance(document, dict) and _is_list(document):
            kind, version = document["kind"].removesuffix("List"), document.get("apiVersion")
            for position, item in enumerate(document["items"]):
                path = f"items[{position}]"
                if kind and version and isinstance(item, dict) and not {"kind", "apiVersion"} & item.keys():
                    yield index, path, {"apiVersion": version, "kind": kind, **item}
                elif isinstance(item, dict) and _is_list(item):
                    for _, below, entry in flattened([item]):
                        yield index, f"{path}.{below}", entry
                else:
                    yield index, path, item
        else:
            yield index, "", document


def _is_list(document: Manifest) -> bool:
    kind = document.get("kind")
    return isinstance(kind, str) and kind.endswith("List") and isinstance(document.get("items"), list)


def _is_no_manifest(path: str, patches: set[str]) -> bool:
    """Whether a named file is a patch or a chart's template; says so."""
    what = "a template of a Helm chart" if layout.is_chart_template(path) else ""
    if os.path.abspath(path) in patches:  # noqa: PTH100
        what = "a patch of a kustomization"
    if what:
        note(f"{path}: is {what} and is left out")
    return bool(what)


def _failure(path: str, error: InputError, data: bytes) -> Failure:
    """What keeps a file from being read, with what it probably is."""
    said = str(error)
    if any(mark in data for mark in _TEMPLATE_MARKS):
        said += "; the file looks like a template, of Helm or of Jinja: give what it makes, such as the output of `helm template`"
    place, _, message = said.removeprefix(f"{path}:").partition(": ")
    line = place.partition(":")[0]
    if not line.isdigit():
        return Failure(path, 0, said.removeprefix(f"{path}: "), said)
    return Failure(path, int(line), message, said)


def _is_foreign(data: bytes, failure: Failure) -> bool:
    """Whether a file with tags of another tool (CloudFormation's `!Ref`, Ansible's `!vault`) is none of KubeVirt's."""
    return failure.message.startswith("tag ") and b"kubevirt.io" not in data and b"krm-fn.dev" not in data


def _locate(item: Manifest, path: str, index: int) -> None:
    metadata = item.get("metadata")
    if isinstance(metadata, dict):
        annotations = metadata.get("annotations")
        if annotations is None or isinstance(annotations, dict):
            metadata["annotations"] = {**(annotations or {}), PATH: path, INDEX: str(index)}
