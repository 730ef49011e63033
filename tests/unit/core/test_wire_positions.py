"""The line of a field, for findings in files that people wrote."""

from __future__ import annotations

import pytest

from krm_fn.core import wire

TEXT = """\
# the first
apiVersion: v1
---
metadata:
  annotations:
    a.b/c: x
    a: y
    kubevirt.io/x[0]: z
spec:
  disks:
  - name: root
    disk:
      bus: virtio
  - {name: data,
     lun: {}}
  base: &base
    deep: 1
  other: *base
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("spec.disks[0].disk.bus", 13),
        ("spec.disks.0.disk.bus", 13),
        ("spec.disks[1].lun", 15),
        pytest.param("spec.disks[1].disk.bus", 14, id="nearest parent"),
        pytest.param("spec.disks[7].name", 10, id="no such item"),
        pytest.param("spec.disks[x]", 10, id="no index"),
        pytest.param("spec.disks[99999999999999999999]", 10, id="a huge index"),
        ("metadata.annotations.a.b/c", 6),
        ("metadata.annotations[a.b/c]", 6),
        ('metadata.annotations["a.b/c"]', 6),
        ("metadata.annotations['a.b/c']", 6),
        ("metadata.annotations.a", 7),
        ("metadata.annotations.kubevirt.io/x[0]", 8),
        pytest.param("spec.other.deep", 17, id="through an alias"),
        pytest.param("nothing.here", 4, id="no such field"),
        pytest.param("", 4, id="the document"),
    ],
)
def test_lines(path, line):
    document = wire.read_documents(TEXT.encode(), "file.yaml")[1]
    assert document.line(path) == line


def test_documents_know_where_they_came_from():
    first, second = wire.read_documents(TEXT.encode(), "file.yaml")
    assert (first.name, first.index, first.value) == ("file.yaml", 0, {"apiVersion": "v1"})
    assert (second.index, second.line("spec")) == (1, 9)
    assert first.line("apiVersion") == 2


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        pytest.param("---\n---\n# c\n\n- a\n- b\n", "[1]", 6, id="empty documents don't count"),
        pytest.param('{"a": 1,\n "b": {"c": [1,\n 2]}}', "b.c[1]", 3, id="JSON"),
        pytest.param('{"a": "\\ud83d\\ude00",\n "b": 1}', "b", 0, id="JSON that YAML can't read"),
        pytest.param("b:\n- ? x\n  : 1\n", "b[0].x", 2, id="a key in long form"),
        pytest.param("'a.b':\n  c: 1\n", "a.b.c", 2, id="a key with a dot on the way"),
        pytest.param("b:\n- {g: 1,\n   h: 2}\n", "b[0].h", 3, id="flow style"),
        pytest.param("bB:\n- c: 1\n  C: 2\n", "BB[0].C", 3, id="KubeVirt's paths may differ in case"),
        pytest.param("just text", "a", 1, id="no mapping"),
    ],
)
def test_other_forms(text, path, line):
    assert wire.read_documents(text.encode())[0].line(path) == line


SEVERAL = """\
# head
---
a: 1
text: |
  ---
  not a document
--- # the third, and empty
---
b:
- c: 2
"""


@pytest.mark.parametrize(
    "text",
    [
        SEVERAL,
        SEVERAL.replace("\n", "\r\n"),
        SEVERAL.replace("--- # the third, and empty", "---"),
        SEVERAL.replace("--- # the third, and empty", "--- {x: 1}"),
        SEVERAL.replace("--- # the third, and empty", "..."),
        "%YAML 1.2\n" + SEVERAL.removeprefix("# head\n"),
        SEVERAL.removesuffix("\n"),
    ],
    ids=["comment", "CRLF", "dashes", "content", "end", "directive", "no final line break"],
)
def test_a_document_of_several_has_the_lines_it_has_in_the_file(text):
    documents = wire.read_documents(text.encode())
    lines = text.splitlines()
    assert lines[documents[-1].line("b[0].c") - 1] == "- c: 2"
    assert lines[documents[0].line("a") - 1] == "a: 1"
    assert lines[documents[0].line("text") - 1] == "text: |"


def test_only_the_document_in_question_is_parsed_again(monkeypatch):
    from krm_fn.core.wire import positions

    parsed = []
    whole = positions.parse
    monkeypatch.setattr(positions, "parse", lambda text, name: parsed.append(text) or whole(text, name))
    text = "".join(f"---\nn{number}:\n  a: 1\n" for number in range(1000))
    documents = wire.read_documents(text.encode())
    assert documents[700].line("n700.a") == 2103
    assert documents[700].line("n700") == 2102
    assert parsed == ["n700:\n  a: 1\n"]
