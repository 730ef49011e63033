"""Putting generated objects among the items so that doing it again changes nothing.

Each generated object names its origin in an annotation. A later run replaces what carries the same origin, removes
what the origin no longer makes, and refuses to overwrite an object that somebody wrote by hand.
"""

from __future__ import annotations

from krm_fn.core.finding import Finding
from krm_fn.core.kustomize import is_echo
from krm_fn.core.manifest import (
    annotation,
    file_of,
    mapping,
    name_of,
    namespace_of,
    own_annotations,
    text,
)
from krm_fn.kubevirt.api import CLUSTER_KINDS
from krm_fn.series.objects import DUPLICATE_NAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest

    Id = tuple[str, str, str]

ORIGIN = "krm-fn.dev/origin"
"""Annotation of everything krm-fn adds: the kind and name of the definition or VM that it follows from."""
_PATH_KEYS = ("config.kubernetes.io/path", "internal.config.kubernetes.io/path")
_INDEX_KEYS = ("config.kubernetes.io/index", "internal.config.kubernetes.io/index")


def identity(item: Manifest) -> Id:
    """(kind, namespace, name) of an item; cluster-wide kinds have no namespace, whatever kustomize wrote there."""
    kind = text(item, "kind")
    return kind, "" if kind in CLUSTER_KINDS else namespace_of(item), name_of(item)


def origin_of(definition: Manifest) -> str:
    """The value of the origin annotation for objects that follow from `definition`."""
    namespace = namespace_of(definition)
    return f"{text(definition, 'kind')}/{namespace + '/' if namespace else ''}{name_of(definition)}"


def stamp(made: Manifest, origin: str, source: Manifest) -> Manifest:
    """Mark one made object with its origin and, where the source came from a file, with a file of its own. In place."""
    annotations = own_annotations(made)
    annotations[ORIGIN] = origin
    path, _ = file_of(source)
    if path:
        folder = path.rpartition("/")[0]
        file = f"{text(made, 'kind').lower()}_{name_of(made)}.yaml"
        own = f"{folder}/{name_of(source)}/{file}" if folder else f"{name_of(source)}/{file}"
        carried = mapping(source, "metadata", "annotations")
        annotations.update({key: own for key in _PATH_KEYS if key in carried})
        annotations.update({key: "0" for key in _INDEX_KEYS if key in carried})
    return made


def place(items: list[Manifest], made: list[Manifest], origins: set[str]) -> tuple[list[Manifest], list[Finding]]:
    """Items with the made objects among them: replaced in place, removed, or added at the end.

    origins: every origin this run speaks for; an item that carries one of them and is not made again goes.
    An item of the same kind and name that carries no such origin is a mistake, and so are two made objects of one name.
    """
    if not made and not origins:
        return items, []
    results: list[Finding] = []
    by_id: dict[Id, Manifest] = {}
    for item in made:
        key = identity(item)
        if key in by_id:
            message = (
                f"is made twice, by {annotation(by_id[key], ORIGIN)} and by {annotation(item, ORIGIN)}: rename one"
            )
            results.append(Finding(DUPLICATE_NAME, message, item, "metadata.name"))
        by_id[key] = item
    kept: list[Manifest] = []
    placed: set[Id] = set()
    for item in items:
        key = identity(item)
        if annotation(item, ORIGIN) in origins:
            if key in by_id and key not in placed:
                kept.append(by_id[key])
                placed.add(key)
            continue
        if key in by_id:
            message = f"is written by hand and is also made by {annotation(by_id[key], ORIGIN)}: remove or rename one"
            results.append(Finding(DUPLICATE_NAME, message, item, "metadata.name"))
        kept.append(item)
    return kept + [item for item in made if identity(item) not in placed], results


def without_echo(config: Manifest, items: list[Manifest]) -> list[Manifest]:
    """Items without the copy of a generator's functionConfig that kustomize puts there.

    Left in, a renderer later in the same build would take it for a definition of its own.
    """
    return [item for item in items if not is_echo(item, config)]
