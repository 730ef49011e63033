"""What is known from earlier gives the same as doing it again, and what changed is done again."""

import os
import sqlite3

import pytest

from krm_fn.core import wire
from krm_fn.core.errors import InputError
from krm_fn.fleet.cache import Cache, pieces
from krm_fn.fleet.known import Known
from krm_fn.fleet.sharing import whole
from krm_fn.fleet.store import FILE, Store
from krm_fn.functions import virtual_machine_renderer as renderer
from krm_fn.functions.manifest_validator import check_items
from krm_fn.functions.virtual_machine_renderer import render_machines
from krm_fn.workspace.written import yaml_of

VM = """\
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {{name: vm-{n}, namespace: shop, labels: {{parity: {parity}}}}}
spec:
  runStrategy: {strategy}
  instancetype: {{name: {name}}}
  template: {{spec: {{domain: {{devices: {{}}}}, hostname: vm-{n}, terminationGracePeriodSeconds: 0o20}}}}
"""
SERIES = """\
apiVersion: krm-fn.dev/v1alpha1
kind: InstancetypeSeries
metadata: {{name: own}}
spec: {{sizes: {{one: 1x1Gi, two: {two}}}}}
"""


def fleet(two="2x4Gi", wrong=(), edited=()):
    machines = (
        VM.format(
            n=n,
            parity="odd" if n % 2 else "even",
            strategy="Allways" if n in wrong else "Manual" if n in edited else "Always",
            name=("own.one", "own.two", "u1.medium")[n % 3],
        )
        for n in range(200)
    )
    return "---\n".join([SERIES.format(two=two), *machines]).encode()


class Counting:
    """render_machines, and how many machines it was given."""

    def __init__(self):
        self.counts = []

    def __call__(self, spec, items, machines):
        self.counts.append(len(machines))
        return render_machines(spec, items, machines)


def alone(given, spec):
    out, found = renderer.run({"spec": spec}, wire.read(given))
    return [yaml_of(item) for item in out], told(found)


def remembered(folder, given, spec, **how):
    cache, counting = Cache(str(folder), as_text=True), Counting()
    items = [document.value for document in cache.read(given, "fleet.yaml")]
    out, found = renderer.run({"spec": spec}, items, render=cache.render(counting), **how)
    return ([yaml_of(item) for item in whole(out)], told(found)), sum(counting.counts)


def told(findings):
    return [
        (
            each.rule,
            each.path,
            each.message,
            each.severity,
            each.current,
            (each.item or {}).get("metadata", {}).get("name"),
        )
        for each in findings
    ]


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"mode": "pin"},
        {"revisions": "controllerRevision"},
        {"validate": False},
        {"selector": {"matchLabels": {"parity": "odd"}}},
    ],
    ids=str,
)
def test_a_second_run_renders_nothing_and_gives_the_same(tmp_path, spec):
    first, _ = remembered(tmp_path, fleet(), spec)
    second, rendered = remembered(tmp_path, fleet(), spec)
    assert first == second == alone(fleet(), spec)
    assert rendered == 0


def test_an_edit_renders_its_machine(tmp_path):
    remembered(tmp_path, fleet(), {})
    again, rendered = remembered(tmp_path, fleet(edited=(77,)), {})
    assert again == alone(fleet(edited=(77,)), {})
    assert 1 <= rendered < 100


def test_a_changed_series_renders_what_uses_it(tmp_path):
    remembered(tmp_path, fleet(), {})
    again, rendered = remembered(tmp_path, fleet(two="2x8Gi"), {})
    assert again == alone(fleet(two="2x8Gi"), {})
    assert 67 <= rendered < 130  # the machines of own.two, and those of the piece that the series stands in


def test_other_settings_are_other_results(tmp_path):
    remembered(tmp_path, fleet(), {})
    again, rendered = remembered(tmp_path, fleet(), {"defaults": "none"})
    assert again == alone(fleet(), {"defaults": "none"})
    assert rendered == 200


def test_findings_are_remembered_with_their_machine(tmp_path):
    given = fleet(wrong=(3, 150))
    first, _ = remembered(tmp_path, given, {})
    second, rendered = remembered(tmp_path, given, {})
    assert first == second == alone(given, {})
    assert rendered == 0
    assert {each[5] for each in second[1]} == {"vm-3", "vm-150"}


def test_validating_remembers_too(tmp_path):
    given = fleet(wrong=(3,))
    expected = [told(each or []) for each in check_items({}, wire.read(given)[1:], [])]
    counting = []

    def inner(spec, left, known):
        counting.append(len(left))
        return check_items(spec, left, known)

    for _ in range(2):
        cache = Cache(str(tmp_path), as_text=False)
        items = [document.value for document in cache.read(given, "")][1:]
        found = cache.check_each(inner)({}, items, [])
        assert [told(each or []) for each in found] == expected
    assert counting == [200, 0]


def test_what_is_not_plain_is_not_known_by_its_head(tmp_path):
    text = VM.format(n=1, parity="odd", strategy="Always", name="x").replace("{name: x}", "{inferFromVolume: root}")
    for _ in range(2):
        (document,) = Cache(str(tmp_path), as_text=True).read(text.encode(), "")
        assert not isinstance(document.value, Known)
        assert document.value["spec"]["template"]


def test_a_mistake_has_its_line(tmp_path):
    with pytest.raises(InputError) as alone_error:
        wire.read_documents(fleet() + b"---\na: [\n", "f.yaml")
    with pytest.raises(InputError) as error:
        Cache(str(tmp_path), as_text=True).read(fleet() + b"---\na: [\n", "f.yaml")
    assert str(error.value) == str(alone_error.value)


def test_an_edit_moves_no_other_piece():
    before, after = pieces(fleet()), pieces(fleet(edited=(77,)))
    assert b"".join(before) == fleet()
    assert len(before) > 5
    assert len(set(after) - set(before)) <= 2


@pytest.mark.parametrize(
    "damage",
    [lambda data: b"x" * len(data), lambda data: data[:2000], lambda _data: b""],
    ids=["other", "short", "empty"],
)
def test_a_damaged_file_is_made_anew(tmp_path, damage):
    store = Store(str(tmp_path))
    store.put({b"k": b"v"})
    store._close()
    for end in ("-wal", "-shm"):
        (tmp_path / f"{FILE}{end}").unlink(missing_ok=True)
    path = tmp_path / FILE
    path.write_bytes(damage(path.read_bytes()))
    store = Store(str(tmp_path))
    assert store.get([b"k"]) == {}
    again = Store(str(tmp_path))
    again.put({b"k": b"w"})
    assert again.get([b"k"]) == {b"k": b"w"}


def test_a_damaged_entry_is_not_taken(tmp_path):
    store = Store(str(tmp_path))
    store.put({b"k": b"v", b"l": b"v"})
    with sqlite3.connect(tmp_path / FILE) as file:
        file.execute("UPDATE results SET value = CAST(value || x'00' AS BLOB) WHERE key = ?", (b"k",))
    assert store.get([b"k", b"l"]) == {b"l": b"v"}


def test_it_stays_within_its_bounds(tmp_path):
    store = Store(str(tmp_path), most=200_000)
    for number in range(100):
        store.put({str(number).encode(): os.urandom(10_000)})
    assert 5 < len(store.get([str(number).encode() for number in range(100)])) < 25


def test_several_processes_write_at_once(tmp_path):
    stores = [Store(str(tmp_path)) for _ in range(3)]
    for number, store in enumerate(stores):
        store.put({str(number).encode(): b"v"})
    assert len(stores[0].get([b"0", b"1", b"2"])) == 3


def test_a_directory_that_others_write_is_refused(tmp_path):
    tmp_path.chmod(0o777)
    with pytest.raises(InputError, match="yours alone"):
        Store(str(tmp_path))
