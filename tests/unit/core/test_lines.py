from __future__ import annotations

import pytest

from krm_fn.core import wire
from krm_fn.core.wire.lines import places

TEXT = b"""\
# a comment
a: 1
b:
  - c: x
    d.e: y

  - c: &anchor
      f: z
---
---
kind: List
items:
- {spec: {g: 1,
    h: 2}}
- spec: *missing
"""
TEXT = TEXT.replace(b"*missing", b"{i: [1,\n 2]}") + b"---\nx: &n {y: 1}\nz: *n\n"


def line(document: int, path: str) -> int:
    return places(TEXT)[document].find(path).line


@pytest.mark.parametrize(
    ("document", "path", "expected"),
    [
        pytest.param(0, "", 2, id="the document"),
        pytest.param(0, "b[0].c", 4, id="field of an entry"),
        pytest.param(0, "b[0][d.e]", 5, id="name with a dot"),
        pytest.param(0, "b[1].c.f", 8, id="below an anchor"),
        pytest.param(0, "b[1].c.q.r", 7, id="missing: the nearest above"),
        pytest.param(0, "b[7].c", 3, id="missing entry"),
        pytest.param(0, "B[0].C", 4, id="KubeVirt's paths may differ in case"),
        pytest.param(1, "items[0].spec.h", 14, id="flow style"),
        pytest.param(1, "items[1].spec.i[1]", 16, id="entry on a line of its own"),
        pytest.param(2, "z.y", 18, id="below an alias"),
    ],
)
def test_line_of_a_field(document: int, path: str, expected: int) -> None:
    assert line(document, path) == expected


def test_documents_are_counted_as_when_reading() -> None:
    assert len(places(TEXT)) == len(wire.read(TEXT)) == 3


def test_json_has_lines_too() -> None:
    assert places(b'{\n"a": [\n1,\n{"b":\n2}]}')[0].find("a[1].b").line == 4


def test_deep_nesting_needs_no_recursion() -> None:
    assert places(b"a: " + b"[" * 50 + b"]" * 50)[0].find("a").line == 1
