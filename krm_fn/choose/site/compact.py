"""YAML for people to read on a page: what fits on a line stands on one."""

from __future__ import annotations

from krm_fn.core import wire
from krm_fn.core.wire.yaml_text import quoted, scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from krm_fn.core.manifest import Manifest

_WIDTH = 92
_MANY = 4
"""So many entries are filled into lines where each of them is short, as timers are."""
_SHORT = 40
_IN_FLOW = frozenset(",[]{}:#")
"""What ends a plain text or changes its meaning inside of brackets."""


def write(value: Manifest) -> str:
    """A mapping: collections of one line in flow style, others as blocks. Texts of several lines make all of it blocks."""
    try:
        return "\n".join(_block(value, "")) + "\n"
    except ValueError:
        return wire.write_yaml([value])


def _block(value: Any, indent: str) -> list[str]:
    lines: list[str] = []
    pairs = value.items() if isinstance(value, dict) else ((None, each) for each in value)
    for key, each in pairs:
        start = f"{indent}-" if key is None else f"{indent}{_text(key)}:"
        short = _flow(each)
        if not (isinstance(each, (dict, list)) and each):
            lines.append(f"{start} {scalar(each) if isinstance(each, str) else short}")
        elif len(start) + len(short) < _WIDTH:
            lines.append(f"{start} {short}")
        elif (
            isinstance(each, dict)
            and len(each) >= _MANY
            and all(len(f"{name}{_flow(one)}") < _SHORT for name, one in each.items())
        ):
            lines += _filled(f"{start} ", each, f"{indent}  ")
        elif key is None:
            first, *rest = _block(each, f"{indent}  ")
            lines += [f"{indent}- {first[len(indent) + 2 :]}", *rest]
        else:
            lines += [start, *_block(each, indent if isinstance(each, list) else f"{indent}  ")]
    return lines


def _filled(start: str, value: Manifest, indent: str) -> list[str]:
    """A mapping of many short entries in flow style over several lines."""
    lines = [f"{start}{{"]
    for number, (key, each) in enumerate(value.items(), 1):
        part = f"{_text(key)}: {_flow(each)}{'}' if number == len(value) else ','}"
        if len(lines[-1]) + len(part) < _WIDTH:
            lines[-1] += part if number == 1 else f" {part}"
        else:
            lines.append(indent + part)
    return lines


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_text(key)}: {_flow(each)}' for key, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, str) and "\n" in value:
        raise ValueError(value)
    if isinstance(value, str) and _IN_FLOW & set(value):
        return quoted(value)
    return scalar(value)
