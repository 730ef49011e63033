"""What `kustomize build` makes of a function's answer, and the form that costs it least.

After a call kustomize 5 writes the items, parses them again and, where they carry the ids that kyaml gave them for the
call, walks every item beside the one that went in to carry comments over. It had dropped the comments before the call,
so that walk is for nothing, and it is a quarter of a build. A generator's answer is parsed item by item, with annotations put on
each; a `List` is one item, which kustomize takes apart later.

Source: kustomize, kyaml/fn/runtime/runtimeutil/runtimeutil.go and api/internal/plugins/fnplugin.
"""

from __future__ import annotations

from krm_fn.core.manifest import LOCAL_CONFIG, annotation, file_of, mapping, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest

RESOURCE_ID = "kustomize.config.k8s.io/id"
"""Annotation that kustomize's transformers and validators put on each item, and kpt never does."""
CALL_IDS = ("internal.config.kubernetes.io/id", "config.k8s.io/id")


def is_echo(item: Manifest, config: Manifest | None) -> bool:
    """Whether an item is the copy of a generator's functionConfig that kustomize puts among the items.

    It is local configuration and has no file. A definition that lies in a file, as in a kpt package, is the user's.
    """
    if config is None or not annotation(item, LOCAL_CONFIG) or file_of(item)[0]:
        return False
    key, other = ((each.get("apiVersion"), each.get("kind"), name_of(each)) for each in (item, config))
    return key == other


def light(given: list[Manifest], config: Manifest | None, items: list[Manifest], generated_only: str) -> list[Manifest]:
    """The items of an answer in the form that is cheapest where kustomize asked; elsewhere as they are.

    given:           the items of the question.
    generated_only:  an annotation that only a later call on the same files would read; a build has none.
    """
    if len(given) == 1 and is_echo(given[0], config):
        made = [_without(item, (generated_only,)) for item in items]
        return [{"apiVersion": "v1", "kind": "List", "items": made}] if made else []
    if any(annotation(item, RESOURCE_ID) for item in given):
        return [_without(item, CALL_IDS) for item in items]
    return items


def _without(item: Manifest, keys: tuple[str, ...]) -> Manifest:
    """The item less some annotations, as a copy as deep as it has to be."""
    annotations = mapping(item, "metadata", "annotations")
    if not any(key in annotations for key in keys):
        return item
    metadata = {**item["metadata"], "annotations": {key: annotations[key] for key in annotations if key not in keys}}
    if not metadata["annotations"]:
        del metadata["annotations"]
    return {**item, "metadata": metadata}
