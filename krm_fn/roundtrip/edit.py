"""Edits of round-trip mappings that keep the comments around them; on plain dicts they just edit.

ruamel.yaml hangs every comment on the key before it: the rest of that key's line, then all lines up to the next key.
So whoever removes or adds a key has to move comments, and this is the place that does.
"""

from __future__ import annotations

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import CommentMark
from ruamel.yaml.scalarbool import ScalarBoolean
from ruamel.yaml.tokens import CommentToken

from krm_fn.roundtrip.document import styled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_VALUE = 2
"""Where ruamel keeps the comment behind a mapping's value; a sequence's is at 0."""


def replace(mapping: Any, key: str, new_key: str, value: Any) -> None:
    """Put `new_key: value` in the place of a key, with the comments that stand there."""
    if not isinstance(mapping, CommentedMap):
        items = [(new_key, value) if name == key else (name, item) for name, item in mapping.items()]
        mapping.clear()
        mapping.update(items)
        return
    place = list(mapping).index(key)
    comment = mapping.ca.items.pop(key, None)
    mapping.pop(key)
    mapping.insert(place, new_key, _inline(value))
    if comment is not None:
        mapping.ca.items[new_key] = comment


def put(mapping: Any, key: str, value: Any) -> None:
    """Set a key; a new one goes to the end, before the comment lines that lead over to what follows."""
    if not isinstance(mapping, CommentedMap):
        mapping[key] = value
        return
    if key in mapping or not mapping or mapping.fa.flow_style():
        mapping[key] = _inline(value)
        return
    holder, last = _last_leaf(mapping, list(mapping)[-1])
    first, below = _split(_text(holder, last))
    _set_text(holder, last, first)
    mapping[key] = _inline(value)
    _set_text(mapping, key, "\n" + below if below else "")


def insert_before(mapping: Any, before: str, key: str, value: Any) -> None:
    """Add a key before another one."""
    if isinstance(mapping, CommentedMap):
        mapping.insert(list(mapping).index(before), key, styled(value))
        return
    items = [
        pair for name, item in mapping.items() for pair in (((key, value),) if name == before else ()) + ((name, item),)
    ]
    mapping.clear()
    mapping.update(items)


def remove(mapping: Any, key: str) -> None:
    """Remove a key. The comments beside, in and below it stay, as lines where it was."""
    if not isinstance(mapping, CommentedMap):
        mapping.pop(key, None)
        return
    names = list(mapping)
    place = names.index(key)
    lines = _gathered(mapping, key)
    mapping.ca.items.pop(key, None)
    mapping.pop(key)
    if not lines.strip():
        return
    if place:
        holder, last = _last_leaf(mapping, names[place - 1])
        text = _text(holder, last)
        _set_text(holder, last, (text if text.endswith("\n") else text + "\n") + lines)
    elif mapping:
        comment = "\n".join(line.strip().removeprefix("#").removeprefix(" ") for line in lines.splitlines())
        mapping.yaml_set_comment_before_after_key(names[1], before=comment, indent=_column(mapping))
    else:
        mapping.ca.end = [CommentToken(lines, CommentMark(0), None)]


def empty(parent: Any, key: str) -> None:
    """Write a mapping that has lost its last key as `{}`; comments in it go below it."""
    if not isinstance(parent, CommentedMap):
        return
    below = "".join(token.value for token in getattr(parent[key].ca, "end", None) or [])
    made = CommentedMap()
    made.fa.set_flow_style()
    parent[key] = made
    if below:
        text = _text(parent, key)
        _set_text(parent, key, (text if text.endswith("\n") else text + "\n") + _lines(below, _column(parent)))


def plain(value: Any) -> Any:
    """Round-trip values as plain ones: dict, list, str, int, float, bool, None."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, (bool, ScalarBoolean)):
        return bool(value)
    kind = next((kind for kind in (int, float, str) if isinstance(value, kind)), None)
    return value if kind is None else kind(value)


def _inline(value: Any) -> Any:
    """A mapping on one line, so that a comment beside its key stays beside it."""
    if not isinstance(value, (dict, list)) or isinstance(value, (CommentedMap, CommentedSeq)):
        return value
    made = styled(value)
    made.fa.set_flow_style()
    return made


def _column(mapping: CommentedMap) -> int:
    return mapping.lc.col or 0


def _last_leaf(holder: Any, key: Any) -> tuple[Any, Any]:
    """The container and key of the last leaf that `holder[key]` ends with: comments below hang there."""
    value = holder[key]
    while isinstance(value, (CommentedMap, CommentedSeq)) and value and not value.fa.flow_style():
        holder, key = value, list(value)[-1] if isinstance(value, CommentedMap) else len(value) - 1
        value = holder[key]
    return holder, key


def _slot(holder: Any) -> int:
    return _VALUE if isinstance(holder, CommentedMap) else 0


def _text(holder: Any, key: Any) -> str:
    token = (holder.ca.items.get(key) or [None] * 4)[_slot(holder)]
    return token.value if token is not None else ""


def _set_text(holder: Any, key: Any, text: str) -> None:
    tokens = holder.ca.items.get(key)
    if not text:
        if tokens is not None:
            tokens[_slot(holder)] = None
        return
    tokens = holder.ca.items.setdefault(key, [None, None, None, None])
    old = tokens[_slot(holder)]
    if old is None:
        tokens[_slot(holder)] = CommentToken(text, CommentMark(0), None)
    else:  # in place: ruamel may hold the token in a second place
        old.value = text


def _split(text: str) -> tuple[str, str]:
    """Part the comment on the key's own line from the lines below it."""
    first, _, below = text.partition("\n")
    return (first + "\n" if first.strip() else "", below)


def _lines(text: str, column: int) -> str:
    """Comment text as whole lines at a column; blank lines stay blank."""
    body = text.removeprefix("\n")
    return "".join(f"{' ' * column}{line.strip()}\n" if line.strip() else "\n" for line in body.splitlines())


def _tokens(value: Any) -> list[Any]:
    found: list[Any] = []
    for item in value or []:
        found += _tokens(item) if isinstance(item, list) else [item] if item is not None else []
    return found


def _gathered(mapping: CommentedMap, key: str) -> str:
    """All comments above, beside, in and below a key as whole lines, each once and in the order of the file."""
    found: dict[int, Any] = {}
    held = [mapping.ca.items.get(key)]
    stack = [mapping[key]]
    while stack:
        node = stack.pop(0)
        if isinstance(node, (CommentedMap, CommentedSeq)):
            held += [node.ca.comment, *node.ca.items.values(), node.ca.end]
            stack += list(node.values() if isinstance(node, CommentedMap) else node)
    for token in _tokens(held):
        found[id(token)] = token
    ordered = sorted(found.values(), key=lambda token: getattr(token.start_mark, "line", 0))
    lines = ""
    for token in ordered:
        first, below = _split(token.value)
        lines += _lines(first, _column(mapping)) + below
        lines += "" if lines.endswith("\n") or not lines else "\n"
    return lines
