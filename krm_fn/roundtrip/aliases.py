"""Aliases and merge keys of YAML, written out: an edit of one place must not change another.

Bounded: a few lines of aliases can stand for more nodes than any memory holds.
"""

from __future__ import annotations

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from krm_fn.core.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_NODES = 1_000_000
"""Nodes of one document, aliases followed."""


def resolve(content: Any, name: str) -> Any:
    """The content as a tree of its own. InputError when it is too large; name: of the file."""
    if _size(content, {}) > MAX_NODES:
        raise InputError(f"{name}: its aliases stand for more than {MAX_NODES} nodes")
    return _tree(content, set())


def _size(node: Any, known: dict[int, int]) -> int:
    if not isinstance(node, (CommentedMap, CommentedSeq)):
        return 1
    if id(node) not in known:
        known[id(node)] = 1 + sum(_size(item, known) for item in _items(node))
    return known[id(node)]


def _items(node: CommentedMap | CommentedSeq) -> list[Any]:
    return [item for _, item in node.items()] if isinstance(node, CommentedMap) else list(node)


def _tree(node: Any, seen: set[int]) -> Any:
    """The node with every container in one place only; merged keys as the mapping's own."""
    if not isinstance(node, (CommentedMap, CommentedSeq)):
        return node
    again = id(node) in seen
    seen.add(id(node))
    made: Any
    if isinstance(node, CommentedSeq):
        made = CommentedSeq(_tree(item, seen) for item in node)
    else:
        made = CommentedMap((key, _tree(item, seen)) for key, item in node.items())
    if node.fa.flow_style():
        made.fa.set_flow_style()
    made.lc.line, made.lc.col = node.lc.line, node.lc.col
    if not again:  # comments stay where they were written, at the anchor
        made.ca.comment, made.ca.end = node.ca.comment, node.ca.end
        made.ca.items.update(node.ca.items)
    return made
