"""Block YAML and JSON out: style, exactness, order."""

from __future__ import annotations

import json

import pytest

from krm_fn.core import wire

STYLE = """\
apiVersion: v1
data:
  "no": "yes"
  empty: ""
  list:
  - a
  - - b
    - c: 1
      d: {}
  - []
  - |
    x
    y
  mac: 02:00:00:aa:bb:cc
  note: 'a: b'
  size: 2Gi
  text: |-
    #!/bin/sh

      exit
  version: "1.10"
  zero: "0777"
nothing: null
"""


def test_style_is_block_yaml_as_kustomize_writes_it():
    (document,) = wire.read(STYLE.encode())
    assert document["data"]["text"] == "#!/bin/sh\n\n  exit"
    assert wire.write_yaml([document]) == STYLE


def test_documents_are_separated_and_end_without_a_mark():
    assert wire.write_yaml([{"a": 1}, [], "x\ny", None]) == 'a: 1\n---\n[]\n---\n"x\\ny"\n---\nnull\n'
    assert wire.write_yaml(iter(())) == ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *(
            (word, f'"{word}"')
            for word in ("yes", "No", "y", "on", "~", "null", "True", "1:30", "0777", "0x1F", "1_000", "0b1", "0o7")
        ),
        *(
            (word, f'"{word}"')
            for word in ("2001-01-01", "1e3", ".inf", "-.NaN", "+1", "1.", ".5", "=", "<<", "---", "12:30:45")
        ),
        *(
            (word, word)
            for word in (
                "2Gi",
                "100m",
                "10.0.0.1",
                "a:b",
                "v1",
                "-a",
                "http://a/b",
                "a#b",
                "é",
                "u1.medium",
                "it's",
                "/x",
            )
        ),
        *(
            (word, f"'{word}'")
            for word in ("a: b", "a #b", "#a", "!a", "*a", "a:", " a", "{{ x }}", "@a", "%a", '"a"', "- a", "-", "[a]")
        ),
        *(("'a'", "'''a'''"), ("a\tb", '"a\\tb"'), ("\x85\u2028\0", '"\\N\\L\\0"'), ("\x7f\ufeff", '"\\x7F\\uFEFF"')),
        *((" x\ny", '" x\\ny"'), ("\U000e0001", '"\\U000E0001"')),
        *(
            (True, "true"),
            (None, "null"),
            (-5, "-5"),
            (10**30, str(10**30)),
            (1.5, "1.5"),
            (1e22, "1.0e+22"),
            (1e-7, "1.0e-07"),
        ),
    ],
)
def test_scalars(value, expected):
    assert wire.write_yaml([{"a": value}]) == f"a: {expected}\n"


def test_shared_containers_are_written_twice_not_as_aliases():
    shared = {"x": [1]}
    assert wire.write_yaml([[shared, shared]]) == "- x:\n  - 1\n- x:\n  - 1\n"


def test_a_key_longer_than_readers_look_ahead_is_still_a_key():
    document = {"k" * 2000: {"l" * 1000: [1]}, "m" * 1020: 1}
    assert wire.read(wire.write_yaml([document]).encode()) == [document]


def test_json_keeps_order_and_text():
    (document,) = wire.read("b: 1.10\na: [é, {}, [], {c: ~}]\n".encode())
    assert wire.write_json(document) == '{"b": 1.10, "a": ["é", {}, [], {"c": null}]}'
    assert wire.write_json(document, 2) == json.dumps(document, indent=2, ensure_ascii=False).replace("1.1,", "1.10,")
    assert wire.canonical_json(document) == '{"a":["é",{},[],{"c":null}],"b":1.10}'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+1.50", "1.50"),
        (".5", "0.5"),
        ("1.", "1"),
        ("-.5e3", "-0.5e3"),
        ("007.5", "7.5"),
        ("1.E+2", "1E+2"),
        ("-0.0", "-0.0"),
    ],
)
def test_floats_that_json_spells_differently(text, expected):
    (document,) = wire.read(f"a: {text}".encode())
    assert wire.write_json(document["a"]) == expected
    assert json.loads(expected) == document["a"]


@pytest.mark.parametrize("write", [wire.write_json, wire.canonical_json, lambda value: wire.write_yaml([value])])
def test_what_no_document_holds_is_a_bug_of_the_caller(write):
    with pytest.raises(TypeError):
        write({"a": object()})
    with pytest.raises(ValueError, match="finite"):
        write({"a": float("nan")})
