"""What workers do together is what one process does alone."""

import pickle
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool

import pytest

from krm_fn.core import wire
from krm_fn.core.errors import InputError
from krm_fn.core.finding import NOTHING, Finding
from krm_fn.fleet import work
from krm_fn.fleet.workers import Workers, pieces
from krm_fn.functions import virtual_machine_renderer as renderer
from krm_fn.validate.admission import RULES
from krm_fn.validate.manifest import check, schemas_for
from krm_fn.workspace.written import yaml_of

VM = """\
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {{name: vm-{n}, namespace: shop}}
spec:
  runStrategy: {strategy}
  instancetype: {{name: u1.medium}}
  preference: {{name: fedora}}
  template: {{spec: {{domain: {{devices: {{}}}}, hostname: vm-{n}, terminationGracePeriodSeconds: 0x10}}}}
"""


class Pickling(Executor):
    """Runs calls at once, and sends everything through pickle as another process would."""

    def __init__(self, *, lost=()):
        self.calls = 0
        self.lost = lost

    def submit(self, call, *given):
        self.calls += 1
        future = Future()
        if self.calls in self.lost:
            future.set_exception(BrokenProcessPool("killed"))
            return future
        call, given = pickle.loads(pickle.dumps((call, given)))
        try:
            future.set_result(pickle.loads(pickle.dumps(call(*given))))
        except Exception as error:  # noqa: BLE001 - as a pool does
            future.set_exception(error)
        return future


def fleet(count=230, wrong=()):
    strategies = ("Allways" if n in wrong else "Always" for n in range(count))
    return "---\n".join(VM.format(n=n, strategy=strategy) for n, strategy in enumerate(strategies)).encode()


def told(findings):
    return [(each.rule, each.path, each.message, each.severity, id(each.item), each.current) for each in findings]


@pytest.mark.parametrize(
    "spec", [{}, {"mode": "pin"}, {"revisions": "controllerRevision"}, {"references": "warn"}], ids=str
)
@pytest.mark.parametrize("lost", [(), (1, 3)], ids=["all well", "two lost"])
def test_rendering_is_the_same(spec, lost):
    items = wire.read(fleet(wrong=(3, 200)))
    config = {"spec": spec}
    workers = Workers(Pickling(lost=lost), 2, as_text=True)
    out, found = renderer.run(config, items)
    shared, found_by_workers = renderer.run(config, items, render=workers.render)
    assert [yaml_of(item) for item in shared] == [yaml_of(item) for item in out]
    assert told(found_by_workers) == told(found)
    assert len(found) >= 2


def test_validating_is_the_same():
    items = [*wire.read(fleet(wrong=(3, 200))), {"apiVersion": "v1", "kind": "Other"}]
    alone = [check(item, schemas_for({})) for item in items]
    shared = Workers(Pickling(), 2, as_text=False).validate({}, items, items)
    assert [None if each is None else told(each) for each in shared] == [
        None if each is None else told(each) for each in alone
    ]
    assert shared[-1] is None


def test_reading_is_the_same_with_the_lines():
    given = fleet(4000)
    executor = Pickling()
    documents = Workers(executor, 3, as_text=False).read(given, "fleet.yaml")
    alone = wire.read_documents(given, "fleet.yaml")
    assert executor.calls > 3
    assert [each.value for each in documents] == [each.value for each in alone]
    assert documents[3999].line("spec.preference") == alone[3999].line("spec.preference") > 30_000


def test_a_mistake_is_at_its_line_of_the_whole_input():
    given = fleet(4000) + b"---\na: [\n"
    with pytest.raises(InputError) as alone:
        wire.read_documents(given, "fleet.yaml")
    with pytest.raises(InputError) as shared:
        Workers(Pickling(), 3, as_text=False).read(given, "fleet.yaml")
    assert str(shared.value) == str(alone.value)


@pytest.mark.parametrize("odd", [b"%YAML 1.2\n---\n", b"{", b"a: 1\r\n", b"a\n...\n"])
def test_what_can_not_be_cut_safely_stays_whole(odd):
    given = odd + fleet(4000)
    assert pieces(given, 8) == [given]
    assert b"".join(pieces(fleet(4000), 8)) == fleet(4000)


def test_findings_come_through_as_they_were():
    rule = next(each for each in RULES if each.since != "1.5")
    came = pickle.loads(pickle.dumps(Finding(rule, "m", {"kind": "A"}, "p", severity="warning", proposed="x")))
    assert (came.rule, came.rule.summary, came.message, came.path) == (rule, rule.summary, "m", "p")
    assert came.rule.explanation.endswith(rule.conditions())
    assert came.current is NOTHING
    assert came.proposed == "x"


def test_a_worker_of_another_version_is_refused():
    with pytest.raises(InputError, match="install the same version on all"):
        work.read(b"a: 1", "0.0.1")
