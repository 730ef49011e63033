"""Putting generated objects among the items so that doing it again changes nothing.

Each generated object names its origin in an annotation. A later run replaces what carries the same origin, removes
what the origin no longer makes, and refuses to overwrite an object that somebody wrote by hand. Nothing goes without a
finding that says so, and nothing that could not be of that origin: annotations are copied along with other metadata.
"""

from __future__ import annotations

from krm_fn.core.finding import INFO, WARNING, Finding, Rule
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
from krm_fn.kinds import KINDS
from krm_fn.kubevirt.api import (
    CLUSTER_KINDS,
    CONTROLLER_REVISION_API,
    INSTANCETYPE_API,
    INSTANCETYPE_KINDS,
    PREFERENCE_KINDS,
)
from krm_fn.series.objects import DUPLICATE_NAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest

    Id = tuple[str, str, str]

ORIGIN = "krm-fn.dev/origin"
"""Annotation of everything krm-fn adds: the kind and name of the definition or VM that it follows from."""
REVISION = "ControllerRevision"
REMOVED = Rule(
    "generated/removed",
    "No longer made, and taken out",
    "The series, catalog or VM that an object names as its origin does not make it any more: it leaves the items, and its file.",
)
STAYS = Rule(
    "generated/stays",
    "Origin that does not fit its object",
    "The annotation names an origin that can't have made the object, or the object was changed since: it is not removed.",
)
_PLACE = f"metadata.annotations.{ORIGIN}"
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
        own = f"{_file_name(name_of(source))}/{text(made, 'kind').lower()}_{_file_name(name_of(made))}.yaml"
        if folder and not folder.startswith("/") and ".." not in folder.split("/"):
            own = f"{folder}/{own}"
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
        origin = annotation(item, ORIGIN)
        if origin in origins and _could_be_of(item, origin):
            if key in by_id and key not in placed:
                kept.append(by_id[key])
                placed.add(key)
            elif key in placed:
                results.append(
                    Finding(REMOVED, f"is here twice, made by {origin}: one is left out", item, severity=INFO)
                )
            elif _is_changed(item):
                message = f"is no longer made by {origin}, and was changed since: it stays; remove it, or its annotation {ORIGIN}"
                results.append(Finding(STAYS, message, item, _PLACE, severity=WARNING))
                kept.append(item)
            else:
                results.append(Finding(REMOVED, f"is no longer made by {origin} and is removed", item, severity=INFO))
            continue
        if origin in origins:
            message = (
                f"is nothing that {origin} makes: it stays; remove the annotation, which came with copied metadata"
            )
            results.append(Finding(STAYS, message, item, _PLACE, severity=WARNING))
        if key in by_id:
            message = f"is written by hand and is also made by {annotation(by_id[key], ORIGIN)}: remove or rename one"
            results.append(Finding(DUPLICATE_NAME, message, item, "metadata.name"))
        kept.append(item)
    return kept + [item for item in made if identity(item) not in placed], results


def _could_be_of(item: Manifest, origin: str) -> bool:
    """Whether an object is of an API and a kind that what its origin names can make."""
    made = KINDS.get(origin.partition("/")[0])
    if made is None:
        return text(item, "apiVersion") == CONTROLLER_REVISION_API and text(item, "kind") == REVISION
    kinds = made.makes or (*INSTANCETYPE_KINDS, *PREFERENCE_KINDS)
    return text(item, "apiVersion") == INSTANCETYPE_API and text(item, "kind") in kinds


def _is_changed(item: Manifest) -> bool:
    """Whether an object shows that it is not as it was made: by its labels, or by its name, which follow from its content."""
    if text(item, "kind") == REVISION:
        data = item.get("data")
        if not isinstance(data, dict):
            return True
        from krm_fn.vm.revision import digest_of

        return not name_of(item).endswith(digest_of(data))
    from krm_fn.series import labels

    carried = mapping(item, "metadata", "labels")
    table = labels.INSTANCETYPE if text(item, "kind") in INSTANCETYPE_KINDS else labels.PREFERENCE
    right = labels.derived(table, mapping(item, "spec"))
    return any(carried.get(key) != value for key, value in right.items())


def _file_name(name: str) -> str:
    """A name as a part of a path: whatever no Kubernetes name holds is escaped as in a URL."""
    escaped = "".join(letter if letter.isalnum() or letter in "-._" else f"%{ord(letter):02X}" for letter in name)
    return escaped.replace(".", "%2E") if not escaped.strip(".") else escaped


def without_echo(config: Manifest, items: list[Manifest]) -> list[Manifest]:
    """Items without the copy of a generator's functionConfig that kustomize puts there.

    Left in, a renderer later in the same build would take it for a definition of its own.
    """
    return [item for item in items if not is_echo(item, config)]
