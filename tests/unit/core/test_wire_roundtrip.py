"""Properties over seeded random documents and text: nothing changes on its way out and in again, whoever reads it."""

from __future__ import annotations

import json
import random

import pytest
import yaml
from ruamel.yaml import YAML
from wire_samples import MANIFEST, WORDS, border, documents, same

from krm_fn.core import wire
from krm_fn.core.errors import InputError
from krm_fn.core.wire import block, events


def agree(read, written) -> bool:
    """Equal, except that YAML 1.1 readers take a float without a point for text."""
    if isinstance(written, dict):
        return (
            isinstance(read, dict)
            and list(read) == list(written)
            and all(agree(read[key], written[key]) for key in written)
        )
    if isinstance(written, list):
        return isinstance(read, list) and len(read) == len(written) and all(map(agree, read, written))
    if isinstance(written, float):
        return float(read) == written
    return type(read) is type(written) and read == written


@pytest.mark.parametrize("seed", range(4))
def test_what_was_written_is_read_again(seed):
    source = random.Random(seed)
    for _ in range(250):
        given = documents(source)
        text = wire.write_yaml(given)
        assert agree(wire.read(text.encode()), given), text
        assert same(events.load(text, ""), wire.read(text.encode())), text
        assert wire.write_yaml(wire.read(text.encode())) == wire.write_yaml(given), text
        assert agree(list(yaml.load_all(text, yaml.CSafeLoader)), given), text


def test_a_yaml_1_2_reader_agrees():
    source = random.Random(7)
    reader = YAML(typ="safe", pure=True)
    for _ in range(60):
        given = [value for value in documents(source) if "k" * 1100 not in str(value)]
        text = wire.write_yaml(given)
        assert agree(list(reader.load_all(text)), given), text


@pytest.mark.parametrize("seed", range(2))
def test_json_is_what_the_standard_library_reads(seed):
    source = random.Random(seed)
    for _ in range(250):
        for given in documents(source):
            for text in (wire.write_json(given), wire.write_json(given, 2), wire.canonical_json(given)):
                assert json.loads(text) == given, text
            if isinstance(given, (dict, list)):
                assert agree(wire.read(wire.write_json(given).encode())[0], given)


@pytest.mark.parametrize("word", WORDS, ids=repr)
def test_every_awkward_text_survives_as_text(word):
    given = [{"value": word, "list": [word], "key": {word: word}}]
    text = wire.write_yaml(given)
    assert wire.read(text.encode()) == given
    assert list(yaml.load_all(text, yaml.CSafeLoader)) == given


@pytest.mark.parametrize("seed", range(5))
def test_the_fast_reader_agrees_with_the_full_parser_or_steps_aside(seed):
    source = random.Random(seed)
    read = 0
    for _ in range(1500):
        text = border(source)
        fast = block.load(text)
        if fast is None:
            continue
        read += 1
        try:
            full = events.load(text, "")
        except InputError as error:
            pytest.fail(f"the fast reader accepts {text!r}: {error}")
        assert same(fast, full), text
    assert read > 150  # else this proves nothing


def test_the_fast_reader_reads_what_the_writer_and_kustomize_write():
    (manifest,) = wire.read(MANIFEST.encode())
    for text in (MANIFEST, wire.write_yaml([manifest, manifest]), MANIFEST.replace("\n", "\r\n")):
        assert block.load(text) is not None


def test_lines_remembered_and_not_give_the_same(monkeypatch):
    monkeypatch.setattr(block, "_REMEMBERED", 3)
    block._entries.clear()
    assert block.load(MANIFEST) == events.load(MANIFEST, "")
    assert len(block._entries) <= 3
