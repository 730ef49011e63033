"""health.lua on states of VirtualMachines, in the Lua 5.1 that Argo CD's interpreter implements."""

from __future__ import annotations

import lupa.lua51
import pytest
from support import ROOT

SCRIPT = (ROOT / "kustomize/examples/argocd/diff-and-health/health.lua").read_text()


def health(vm: dict) -> tuple[str, str]:
    """Status and message, as Argo CD gets them: the object is the global `obj`, the script returns a table."""
    lua = lupa.lua51.LuaRuntime(unpack_returned_tuples=True)
    # Argo CD's interpreter has no more of the library than this.
    for name in ("io", "os", "package", "require", "dofile", "loadfile", "debug"):
        lua.globals()[name] = None
    lua.globals()["obj"] = lua.table_from(vm, recursive=True)
    answer = lua.execute(SCRIPT)
    return answer["status"], answer["message"]


def condition(kind: str, status: str = "True", message: str | None = None) -> dict:
    return {"type": kind, "status": status, **({"message": message} if message else {})}


def vm(printable: str | None = None, *conditions: dict, strategy: str = "Always", **metadata) -> dict:
    status = {"conditions": list(conditions), **({"printableStatus": printable} if printable else {})}
    return {"metadata": {"name": "shop", **metadata}, "spec": {"runStrategy": strategy}, "status": status}


READY = condition("Ready")
NOT_READY = condition("Ready", "False", "Guest VM is not reported as running")
RESTART = condition("RestartRequired", "True", "a non-live-updatable field was changed in the template spec")


@pytest.mark.parametrize(
    ("state", "expected", "says"),
    [
        pytest.param(vm("Running", READY), "Healthy", "Running", id="running"),
        pytest.param(vm("Migrating", READY), "Healthy", "Migrating", id="migrating"),
        pytest.param(
            vm("Running", READY, RESTART), "Suspended", "Restart required: a non-live-updatable", id="restart"
        ),
        pytest.param(vm("Running", READY, condition("RestartRequired", "False")), "Healthy", "Running", id="restarted"),
        pytest.param(vm("Running", RESTART, READY), "Suspended", "Restart required", id="restart listed first"),
        pytest.param(vm("Paused", condition("Paused"), READY), "Suspended", "Paused", id="paused"),
        pytest.param(vm("Starting", NOT_READY), "Progressing", "Starting", id="starting"),
        pytest.param(vm("Provisioning", NOT_READY), "Progressing", "Provisioning", id="provisioning"),
        pytest.param(vm("WaitingForVolumeBinding", NOT_READY), "Progressing", "WaitingForVolumeBinding", id="binding"),
        pytest.param(vm("Stopped", NOT_READY, strategy="Halted"), "Healthy", "Stopped", id="halted"),
        pytest.param(vm("Stopped", NOT_READY), "Progressing", "about to start", id="stopped but wanted"),
        pytest.param(vm("Stopped", NOT_READY, strategy="Manual"), "Suspended", "Stopped", id="stopped by hand"),
        pytest.param(
            vm("ErrorUnschedulable", NOT_READY), "Degraded", "ErrorUnschedulable: Guest VM", id="unschedulable"
        ),
        pytest.param(vm("CrashLoopBackOff"), "Degraded", "CrashLoopBackOff", id="crashing, no conditions"),
        pytest.param(
            vm(None, condition("Failure", "True", "no revision")), "Degraded", "no revision", id="controller fails"
        ),
        pytest.param(
            vm("Running", READY, deletionTimestamp="2026-01-01T00:00:00Z"), "Progressing", "deleted", id="deleting"
        ),
        pytest.param({"metadata": {"name": "shop"}, "spec": {}}, "Progressing", "not looked at", id="no status"),
        pytest.param(
            {"spec": {"running": False}, "status": {"printableStatus": "Stopped"}},
            "Healthy",
            "Stopped",
            id="running: false",
        ),
        pytest.param({"status": {}}, "Progressing", "Waiting", id="empty status"),
    ],
)
def test_health(state, expected, says):
    status, message = health(state)
    assert status == expected
    assert says in message


def test_a_change_that_kubevirt_has_not_seen_is_progressing():
    state = vm("Running", READY, generation=3)
    state["status"]["observedGeneration"] = 2
    assert health(state)[0] == "Progressing"
    state["status"]["observedGeneration"] = 3
    assert health(state)[0] == "Healthy"
