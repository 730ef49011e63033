"""What text means: YAML 1.2's core schema, doubts left as text, what would be lost refused with its place."""

from __future__ import annotations

import copy
import pickle

import pytest

from krm_fn.core import wire
from krm_fn.core.errors import InputError


def read_one(text: str):
    (document,) = wire.read(text.encode(), "file.yaml")
    return document


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((word, None) for word in ("", "~", "null", "Null", "NULL")),
        *((word, True) for word in ("true", "True", "TRUE")),
        *((word, False) for word in ("false", "False", "FALSE")),
        *((word, word) for word in ("yes", "No", "on", "OFF", "y", "n", "tRUE", "nULL", "=", "none")),
        *((word, word) for word in ("1:30", "190:20:30.15", "2001-01-01", "2001-12-14T21:59:43Z", "_1", "0b12")),
        *((word, word) for word in ("0o18", "0xg", "0x", "0b", "2Gi", "100m", "1e", "10.0.0.1", ".5_", "0x1p-2")),
        # past 64 bits these are text to go-yaml
        *((word, word) for word in ("7e91234", "-1e400", "0x4Bd91c27a05E6F8830D1b2C94e7fA6635081CdE2", "9" * 400)),
        *((word, word) for word in ("0x10000000000000000", "-0x8000000000000001", "+0o2000000000000000000000")),
        *(
            (word, word)
            for word in ("+", "-a", ".", ".e1", "--1", "1-", "infinity", "nan", "inf", "\N{ARABIC-INDIC DIGIT ONE}")
        ),
        ("0", 0),
        ("-1", -1),
        ("123456789012345678901234567890", 123456789012345678901234567890),
    ],
)
def test_plain_scalars(text, expected):
    value = read_one(f"a: {text}\nb: [{text or '~'}]\n")
    assert value == {"a": expected, "b": [expected]}
    assert type(value["a"]) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(("0400", 256), ("0777", 511), ("-010", -8), ("00", 0), ("0_7", 7)),
        *(("0x1F", 31), ("0X1F", 31), ("-0x1F", -31), ("0xFFFFFFFFFFFFFFFF", 2**64 - 1), ("0x_1F", 31)),
        *(("0o17", 15), ("-0O17", -15), ("0b101", 5), ("1_000", 1000), ("1__0_", 10), ("+5", 5), ("-0", 0)),
    ],
)
def test_whole_numbers_have_the_value_that_go_reads_and_keep_their_spelling(text, expected):
    value = read_one(f"a: {text}\nb: [{text}]\n")
    assert value == {"a": expected, "b": [expected]}
    assert wire.write_yaml([value]) == f"a: {text}\nb:\n- {text}\n"
    assert wire.write_json(value) == f'{{"a": {expected}, "b": [{expected}]}}'
    assert str(value["a"]) == str(expected)
    for copied in (copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert wire.write_yaml([copied]) == wire.write_yaml([value])


@pytest.mark.parametrize(
    ("text", "json"),
    [("08", "8"), ("1_0.5", "10.5"), ("1_0e1_0", "10e10"), (".1_5", "0.15"), ("0" + "9" * 30, "9" * 30)],
)
def test_floats_in_an_unusual_spelling_keep_it(text, json):
    value = read_one(f"a: {text}")
    assert value["a"] == float(json)
    assert wire.write_yaml([value]) == f"a: {text}\n"
    assert wire.write_json(value) == f'{{"a": {json}}}'
    assert wire.write_yaml([copy.deepcopy(value)]) == f"a: {text}\n"


@pytest.mark.parametrize("text", ["1.10", "1e3", "1.", ".5", "+1.5", "-0.0", "1E-7", "12345678901234567890.5", "01.5"])
def test_floats_remember_their_text(text):
    value = read_one(f"a: {text}")["a"]
    assert isinstance(value, float)
    assert value == float(text)
    assert (value.text, str(value), f"{value}") == (text, text, text)
    assert wire.write_yaml([{"a": value}]) == f"a: {text}\n"
    for copied in (copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert copied.text == text


@pytest.mark.parametrize("text", ["'1'", '"true"', "!!str 1", "! 1", "|-\n  1", ">-\n  1"])
def test_quoted_and_block_text_is_never_a_number(text):
    assert isinstance(read_one(f"a: {text}\n")["a"], str)


def test_tags_of_the_core_schema_convert():
    value = read_one("{a: !!int '5', b: !!float 5, c: !!bool 'true', d: !!null '', e: !!map {x: 1}, f: !!seq [1]}")
    assert value == {"a": 5, "b": 5.0, "c": True, "d": None, "e": {"x": 1}, "f": [1]}
    assert isinstance(value["b"], float)


def test_keys_become_text_as_they_were_written():
    assert read_one("1: a\ntrue: b\n0x1F: c\n2001-01-01: d\n'': e\n") == {
        "1": "a",
        "true": "b",
        "0x1F": "c",
        "2001-01-01": "d",
        "": "e",
    }


def test_merge_keys_are_applied_and_own_fields_win():
    first = "first:\n  <<: *b\n  x: 2\n"
    last = "last:\n  x: 2\n  <<: [{x: 3, v: 4}, *b, {v: 5}]\n"
    value = read_one("base: &b {x: 1, y: {z: 1}}\n" + first + last + "'<<': text\n")
    assert value["first"] == {"x": 2, "y": {"z": 1}}
    assert value["last"] == {"x": 2, "v": 4, "y": {"z": 1}}
    assert value["<<"] == "text"


def test_aliases_give_copies():
    value = read_one("a: &a {x: [1]}\nb: *a\nc:\n  <<: *a\n")
    assert value["a"] == value["b"] == value["c"]
    value["a"]["x"].append(2)
    assert value["b"] == value["c"] == {"x": [1]}


def test_values_on_one_line_are_not_shared_between_reads():
    first, second = (read_one("a: {b: []}\n") for _ in range(2))
    first["a"]["b"].append(1)
    assert second == {"a": {"b": []}} == read_one("a: {b: []}\n")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"", [], id="nothing"),
        pytest.param(b"# only\n\n", [], id="comments"),
        pytest.param(
            b"---\n---\na: 1\n...\n---\n# c\n---\nnull\n", [{"a": 1}, None], id="empty documents are left out"
        ),
        pytest.param(b"a: 1\n---\n- 2\n--- 3\n", [{"a": 1}, [2], 3], id="several"),
        pytest.param(b"\xef\xbb\xbfa: 1\n", [{"a": 1}], id="byte order mark"),
        pytest.param("a: é\n".encode("utf-16"), [{"a": "é"}], id="UTF-16"),
        pytest.param(b"a: |\r\n  x\r\n  y\r\nb: 1\r\n", [{"a": "x\ny\n", "b": 1}], id="CRLF"),
        pytest.param(b"%YAML 1.2\n---\na: yes\n", [{"a": "yes"}], id="directive"),
        pytest.param(
            b'{"a": 1}\n{"b": [1.50, "\\ud83d\\ude00"]}\n', [{"a": 1}, {"b": [1.5, "😀"]}], id="JSON documents"
        ),
        pytest.param(b"{a: 1, b: [x]}", [{"a": 1, "b": ["x"]}], id="a flow mapping isn't JSON"),
        pytest.param(b'{"a": "tab\\tin", "b": "\\/"}', [{"a": "tab\tin", "b": "/"}], id="JSON escapes"),
    ],
)
def test_streams(data, expected):
    assert wire.read(data) == expected


def test_json_floats_remember_their_text():
    assert read_one('{"a": 1.10, "b": 1E3}')["a"].text == "1.10"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a: 1\na: 2\n", 'file.yaml:2:1: duplicate key "a"; keep one of the two'),
        (b"{a: 1, a: 2}", 'file.yaml:1:8: duplicate key "a"; keep one of the two'),
        (b'{"x":\n {"a": 1, "a": 2}}', 'file.yaml:2:11: duplicate key "a"; keep one of the two'),
        (b"1: a\n'1': b\n", 'file.yaml:2:1: duplicate key "1"; keep one of the two'),
        (b"~: a", "file.yaml:1:1: a key that is null, a mapping or a list; write a string key"),
        (b"[1]: a", "file.yaml:1:1: a mapping or list can't be a key; write a string key"),
        (b"a: &x [1]\n*x : 1\n", "file.yaml:2:1: a key that is null, a mapping or a list; write a string key"),
        (b"a: .inf", 'file.yaml:1:4: .inf has no JSON form; write a number, or ".inf" if text is meant'),
        (b'{"a": NaN}', 'file.yaml: NaN is no JSON value; write a number, or "NaN" if text is meant'),
        (b"a: *x", "file.yaml:1:4: alias *x names no complete anchor before it in this document"),
        (b"a: &x 1\n---\nb: *x", "file.yaml:3:4: alias *x names no complete anchor before it in this document"),
        (b"a: &x [*x]", "file.yaml:1:8: alias *x names no complete anchor before it in this document"),
        (b"<<: 1", "file.yaml:1:5: `<<` merges a mapping or a list of mappings only; quote the key if text is meant"),
        (b"!!python/object:os.system {}", "file.yaml:1:1: tag !!python/object:os.system isn't supported; remove it"),
        (
            b"a: !!binary aGk=",
            "file.yaml:1:4: tag !!binary can't be used with 'aGk='; remove the tag, or quote the value as text",
        ),
        (b"a: !!int x", "file.yaml:1:4: tag !!int can't be used with 'x'; remove the tag, or quote the value as text"),
        (b"a: \xff", "file.yaml:1:4: not valid UTF-8; save the file as UTF-8 text"),
        (b"\x7fELF\x01\x00\xfe\xff", "file.yaml:1:7: not text but binary data; save the file as UTF-8 text"),
    ],
)
def test_what_would_be_lost_or_guessed_is_refused_with_its_place(data, message):
    with pytest.raises(InputError) as failure:
        wire.read(data, "file.yaml")
    assert str(failure.value) == message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("a: 1\nb: \x01", "f:2:4: control characters are not allowed (0x1); remove it, or write it as an escape"),
        ("é: 1\nbé: \x7f", "f:2:5: control characters are not allowed (0x7f); remove it, or write it as an escape"),
        (
            "a: b: c\n",
            'f:1:5: not valid YAML: mapping values are not allowed in this context; quote text that holds ": "',
        ),
        ("a: 1\n\tb: 2\n", "indent with spaces"),
        ("a: @b\n", "quote text that starts with @"),
        ("a: 'b\n", "close the quotes"),
        ("a: 'b\n---\n", "close the quotes"),
        ("a: 1\nb\n", "write `key: value`"),
        ("a:\n  - b\n c: d\n", "indent the line as its neighbours are"),
        ("- b\nc: d\n", "indent the line as its neighbours are"),
        ("a: [b\n", "close the bracket"),
        ("a: {b: [}\n", "close the bracket"),
        ("a: *\n", "quote text that starts with & or *"),
        ('a: "C:\\dir"\n', "use single quotes"),
        ("{a: 1} {b: 2}", "put each document behind a line of `---`"),
    ],
)
def test_syntax_errors_say_where_and_what_to_write(data, message):
    with pytest.raises(InputError) as failure:
        wire.read(data.encode(), "f")
    assert message in str(failure.value)
    assert "\n" not in str(failure.value)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"a: [1, 2\n", id="truncated flow"),
        pytest.param(b'a: "x\n', id="truncated quotes"),
        pytest.param(b"<html>\n<p class=x>a: b: c</p>\n", id="HTML"),
        pytest.param(b'{"a": "\\ud800"}', id="half a surrogate pair"),
        pytest.param(b'"\\ud800"', id="half a surrogate pair in YAML"),
        pytest.param(b'{"a": 1,, "b": 2}', id="broken JSON"),
        pytest.param(b"\xff\xfe\x00\xd8", id="broken UTF-16"),
        pytest.param(b"\xff\xfe\x00\x00a\x00\x00\x00", id="UTF-32"),
        pytest.param(b"{{ name }}: x", id="an unquoted template"),
    ],
)
def test_junk_is_refused(data):
    with pytest.raises(InputError, match=r"^input:\d+:\d+: "):
        wire.read(data)
