"""The fast reader: block YAML as kustomize, kpt and kubectl write it, line by line.

It reads a subset of YAML in which every line says by itself what it is: keys and items with a value on the same
line, literal blocks, comments, `---`. Manifests repeat their lines, so what a line says is remembered. Whatever is
outside the subset, doubtful or wrong makes `load` return None, and the full parser reads the input from its start:
this reader never decides what an error is. A property test holds the two against each other.
"""

from __future__ import annotations

from krm_fn.core.manifest import copy_tree
from krm_fn.core.wire import limits
from krm_fn.core.wire.flow import INDICATORS, KEY_LENGTH, MAX_LEVELS, Unclosed, Unusual, quoted, value_of
from krm_fn.core.wire.scalars import resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Entry = tuple[int, int, int, Any, Any]

# What a line is. An entry is (one of these, column of its `- ` or -1, column of what follows, key or None, value).
_VALUE, _OPEN, _FRESH, _LITERAL, _NOTHING, _DOCUMENT, _ALONE = range(7)

_LITERALS = {"|": 1, "|-": 0, "|+": 2}  # header → how many kinds of final line breaks are kept: none, one, all
_MAX_COLUMNS = limits.MAX_DEPTH - MAX_LEVELS
_FLOW_LINES = 20
_REMEMBERED_LENGTH = 160
_REMEMBERED = 20_000
_OVERRATED = 2  # the estimate is this far off at most for what people write
_entries: dict[str, Entry] = {}


def load(text: str) -> list[Any] | None:
    """Every document of the text that isn't empty, or None when the full parser has to read it."""
    # No line holds more than a key, a value, and an item for its dash, but for what flow collections hold.
    nodes = 2 * text.count("\n") + text.count("- ") + 2 * text.count(",") + text.count("[") + 2 * text.count("{")
    if nodes > _OVERRATED * limits.MAX_NODES:
        return None
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    try:
        documents = _documents(text.split("\n"))
    except ValueError:  # Unusual and NumberError
        return None
    # Literal blocks hold many lines and one value, so only what the estimate doubts is counted.
    return documents if nodes + 3 <= limits.MAX_NODES or _size(documents) <= limits.MAX_NODES else None


def _size(documents: list[Any]) -> int:
    """The documents, containers, keys and scalars, as the full parser counts them."""
    count = 0
    level: list[Any] = documents
    while level:
        count += len(level)
        below: list[Any] = []
        for value in level:
            if type(value) is dict:
                count += len(value)
                below.extend(value.values())
            elif type(value) is list:
                below.extend(value)
        level = below
    return count + len(documents)


def _documents(lines: list[str]) -> list[Any]:  # noqa: C901,PLR0912,PLR0915 - one loop: calls would double its time
    documents: list[Any] = []
    root: Any = {}
    # The open containers, outermost first, and the columns they stand in; `node` and `column` are the last of each.
    columns: list[int] = [-1]
    nodes: list[Any] = [root]
    column, node = -1, root
    opened: Any = ""  # the key whose value is still to come
    resume = 0
    remembered = _entries.get
    for number, line in enumerate(lines):
        if number < resume:
            continue
        entry = remembered(line)
        if entry is None:
            entry, resume = _first(lines, number)
        what, dash, inner, key, value = entry
        if what >= _NOTHING:
            if what == _DOCUMENT:
                documents.extend(root.values())
                root = {}
                columns, nodes = [-1], [root]
                column, node, opened = -1, root, ""
            elif what == _ALONE:
                if opened is None or inner <= column:
                    raise Unusual
                node[opened] = copy_tree(value)
                opened = None
            continue
        outer = inner if dash < 0 else dash
        if opened is not None:
            if outer > column or (outer == column and dash >= 0 and type(node) is dict):
                child: Any = {} if dash < 0 else []
                node[opened] = child
                node = child
                column = outer
                columns.append(column)
                nodes.append(node)
                if len(columns) > _MAX_COLUMNS:
                    raise Unusual
            opened = None
        while column > outer:
            columns.pop()
            nodes.pop()
            column = columns[-1]
            node = nodes[-1]
        if dash >= 0:
            if column != dash or type(node) is not list:
                raise Unusual
            if key is None:
                if what == _LITERAL:
                    value, resume = _literal(lines, number + 1, dash, value)
                node.append(copy_tree(value) if what == _FRESH else value)
                continue
            child = {}
            node.append(child)
            node = child
            column = inner
            columns.append(column)
            nodes.append(node)
            if len(columns) > _MAX_COLUMNS:
                raise Unusual
        elif type(node) is list:
            columns.pop()
            nodes.pop()
            column = columns[-1]
            node = nodes[-1]
        if column != inner or type(node) is not dict or key in node:
            raise Unusual
        if what == _VALUE:
            node[key] = value
        elif what == _OPEN:
            node[key] = None
            opened = key
        elif what == _FRESH:
            node[key] = copy_tree(value)
        else:
            node[key], resume = _literal(lines, number + 1, inner, value)
    documents.extend(root.values())
    return documents


def _first(lines: list[str], number: int) -> tuple[Entry, int]:
    """What line `number` says, with the lines on which a flow collection in it goes on; and the line after those."""
    line = lines[number]
    for end in range(number + 1, number + _FLOW_LINES):
        try:
            return _entry(line), end
        except Unclosed:
            more = lines[end] if end < len(lines) else ""
            if not more.startswith(" ") or not more.strip(" ") or more.lstrip(" ")[0] == "#":
                raise
            line = f"{line.rstrip(' ')} {more.strip(' ')}"
    raise Unusual


def _entry(line: str) -> Entry:
    """What a line says; Unusual for lines outside the subset."""
    if not line.isprintable():
        raise Unusual
    body = line.lstrip(" ")
    column = len(line) - len(body)
    if not body or body[0] == "#":
        return (_NOTHING, -1, 0, None, None)
    if not column and body[:3] in ("---", "..."):
        if body.rstrip(" ") != "---":
            raise Unusual
        return (_DOCUMENT, -1, 0, None, None)
    dash = -1
    if body[:2] == "- ":
        dash = column
        body = body[2:].lstrip(" ")
        column = len(line) - len(body)
        if body[:1] in ("", "#") or body[:2] == "- " or body == "-":
            raise Unusual
    if dash < 0 and body[0] in "[{":
        # The value of the key in the line before.
        entry: Entry = (_ALONE, -1, column, None, value_of(body))
    else:
        key, rest = _split(body, is_item=dash >= 0)
        entry = _described(dash, column, key, rest)
    if len(line) <= _REMEMBERED_LENGTH:
        if len(_entries) >= _REMEMBERED:
            _entries.clear()
        _entries[line] = entry
    return entry


def _split(body: str, *, is_item: bool) -> tuple[str | None, str]:
    """A line's key, None when it is an item without one, and the text after it."""
    if body[0] in "'\"":
        key, end = quoted(body, 0)
        if body[end : end + 1] != ":" or body[end + 1 : end + 2] not in ("", " "):
            if not is_item:
                raise Unusual
            return None, body
        rest = body[end + 1 :]
    else:
        end = body.find(": ")
        if end < 0:
            end = len(body) - 1 if body[-1] == ":" else -1
        if end < 0 or body[0] in "[{":
            if not is_item:
                raise Unusual
            return None, body
        key, rest = body[:end], body[end + 1 :]
        if not key or key[0] in INDICATORS or key[-1] == " " or " #" in key or key == "<<" or resolve(key) is None:
            raise Unusual
    if end > KEY_LENGTH:
        raise Unusual
    return key, rest.strip(" ")


def _described(dash: int, column: int, key: str | None, rest: str) -> Entry:
    """The entry of a line with this key and this text after it."""
    if not rest or rest[0] == "#":
        return (_OPEN, dash, column, key, None)
    if rest in _LITERALS:
        return (_LITERAL, dash, column, key, rest)
    value = value_of(rest)
    return (_FRESH if isinstance(value, (dict, list)) else _VALUE, dash, column, key, value)


def _literal(lines: list[str], start: int, column: int, header: str) -> tuple[str, int]:
    """The text of the literal block from line `start` on, below a key or item in `column`, and the line after it."""
    first = start
    while first < len(lines) and not lines[first].strip(" "):
        first += 1
    if first == len(lines):
        raise Unusual
    indent = len(lines[first]) - len(lines[first].lstrip(" "))
    if indent <= column or any(len(line) > indent for line in lines[start:first]):
        raise Unusual
    pad = " " * indent
    content: list[str] = []
    end = start
    for end in range(start, len(lines)):
        line = lines[end]
        if line.startswith(pad):
            content.append(line[indent:])
        elif line.strip(" "):
            break
        else:
            content.append("")
    else:
        # The last "line" is what follows the final line break: nothing, or text without a line break after it.
        if lines[-1]:
            raise Unusual
        content.pop()
        end += 1
    text = "\n".join(content)
    if not text.replace("\n", "").replace("\t", "").isprintable() or content[first - start][:1] == "\t":
        raise Unusual
    body = text.rstrip("\n")
    kept = _LITERALS[header]
    return (text + "\n" if kept == 2 else body + "\n" * kept), end
