"""Input that would crash or stall a parser. Each runs in a process of its own, so that a crash is seen."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml

from krm_fn.core import wire
from krm_fn.core.errors import InputError
from krm_fn.core.wire import block, events, limits

READ = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
from krm_fn.core import wire
from krm_fn.core.errors import InputError
try:
    wire.read(sys.stdin.buffer.read(), "f")
except InputError as error:
    print(error)
else:
    print("read")
"""
LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12)
)
WIDE = "a: &a {" + ", ".join(f"k{i}: 1" for i in range(20_000)) + "}\n"
DEEP = f"nested deeper than {limits.MAX_DEPTH} levels"
MANY = f"more than {limits.MAX_NODES} values"


def outcome(data: bytes) -> str:
    done = subprocess.run([sys.executable, "-c", READ], input=data, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()[-500:]
    return done.stdout.decode().strip()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param("[" * 100_000, DEEP, id="flow lists"),
        pytest.param("{a: " * 100_000, DEEP, id="flow mappings"),
        pytest.param('{"a": ' * 100_000, DEEP, id="JSON objects"),
        pytest.param('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", DEEP, id="JSON lists"),
        pytest.param("- " * 100_000 + "x", DEEP, id="items in one line"),
        pytest.param("".join("  " * depth + "a:\n" for depth in range(3_000)), DEEP, id="block mappings"),
        pytest.param("".join("  " * depth + "-\n" for depth in range(3_000)), DEEP, id="block lists"),
        pytest.param("? " * 100_000, "can't be a key", id="complex keys"),
        pytest.param(LAUGHS, MANY, id="billion laughs"),
        pytest.param(WIDE + "b: [" + "{<<: *a}, " * 100_000 + "]\n", MANY, id="merges of a wide mapping"),
        pytest.param(
            WIDE + "b: {<<: *a, " + ", ".join(f"k{i}: 2" for i in range(20_000)) + "}", "read", id="a merge overridden"
        ),
        pytest.param("a: '" + "''" * 2_000_000 + "'", "read", id="quotes in quotes"),
        pytest.param('a: "' + '\\"' * 2_000_000 + '"', "read", id="escapes"),
        pytest.param("a: [" + '"\\"", ' * 100_000 + "]", "read", id="escapes in a list"),
        pytest.param("a: " + "1" * 2_000_000, "a number of 2000000 characters", id="a huge integer"),
        pytest.param("a: 0." + "1" * 2_000_000, "a number of 2000002 characters", id="a huge fraction"),
        pytest.param('{"a": ' + "1" * 5_000 + "}", "a number of 5000 characters", id="a long JSON integer"),
        pytest.param("\n" * 8_000_000, "read", id="empty lines"),
        pytest.param("x" * 8_000_000, "read", id="one word"),
    ],
)
def test_hostile_input_ends(data, expected):
    assert expected in outcome(data.encode())


class _DepthError(yaml.MarkedYAMLError):
    """What a libyaml that counts the levels of flow collections itself answers, and one that doesn't never does."""

    def __init__(self):
        mark = yaml.Mark("", 0, 0, 1000, None, 0)
        super().__init__("while increasing flow level", mark, "exceeded maximum nesting depth", mark)


def test_a_libyaml_that_counts_levels_itself_gets_our_message(monkeypatch):
    class Parser:
        def __init__(self, text):
            pass

        def get_event(self):
            raise _DepthError

    monkeypatch.setattr(yaml.cyaml, "CParser", Parser)
    with pytest.raises(InputError, match=f"^f:1:1001: {DEEP}; flatten the document$"):
        list(events.parse("[" * 100_000, "f"))


def test_the_depth_limit_is_the_same_for_every_form():
    for deepest, read in ((limits.MAX_DEPTH, True), (limits.MAX_DEPTH + 1, False)):
        block = "".join("  " * depth + "a:\n" for depth in range(deepest - 1)) + "  " * deepest + "b: 1\n"
        alias = "x: &x [" + "[" * (deepest - 3) + "]" * (deepest - 3) + "]\ny: {z: *x}\n"
        for text in ("[" * deepest + "]" * deepest, "[" * deepest + "1" + ", ]" * deepest, block, alias):
            if read:
                wire.write_yaml(wire.read(text.encode()))
            else:
                with pytest.raises(InputError, match=DEEP):
                    wire.read(text.encode())


def test_the_size_limit_names_itself():
    with pytest.raises(
        InputError, match=f"^big: {limits.MAX_BYTES + 1} bytes are more than the {limits.MAX_BYTES} that are read"
    ):
        wire.read(bytes(limits.MAX_BYTES + 1), "big")


@pytest.mark.parametrize(
    "text", ["[1, 1, 1, 1, 1, 1, 1]", '{"a": {"b": {"c": {"d": 1}}}}', "- a\n" * 7, "- a: b\n- c: d\n"]
)
def test_the_node_limit_holds_for_every_form(monkeypatch, text):
    monkeypatch.setattr(limits, "MAX_NODES", 7)
    with pytest.raises(InputError, match="more than 7 values"):
        wire.read(text.encode())
    monkeypatch.setattr(limits, "MAX_NODES", 20)
    assert wire.read(text.encode())


def test_the_node_limit_counts_exactly(monkeypatch):
    monkeypatch.setattr(limits, "MAX_NODES", 7)
    assert wire.read(b"a: 1\nb: {}\n") == [{"a": 1, "b": {}}]
    assert wire.read(b"a: &x 1\nb: *x\n") == [{"a": 1, "b": 1}]
    with pytest.raises(InputError, match=r"^input:3:4: more than 7 values"):
        wire.read(b"a: &x 1\nb: *x\nc: 3\n")


def test_integers_of_the_longest_length_can_be_printed_by_any_python():
    for text in ("9" * 300, "0" * (limits.MAX_DIGITS - 1) + "7", "0x" + "f" * 16):
        (value,) = wire.read(f"a: {text}".encode())
        assert len(str(value["a"])) < sys.int_info.str_digits_check_threshold


def test_literal_blocks_count_as_the_one_value_they_are(monkeypatch):
    text = "a: |\n" + "  - line, [of, text]\n" * 50
    monkeypatch.setattr(limits, "MAX_NODES", 250)
    assert block.load(text) is not None
    monkeypatch.setattr(limits, "MAX_NODES", 3)
    assert block.load(text) is None
