"""What a reader should know of a change besides its effects, because nobody else says it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from krm_fn.vm.impact.references import Reference

NOTHING_CHANGES = (
    "RestartRequired is set though the machine would start just the same: nothing is lost by leaving it as it is"
)
PRUNED = (
    "the ControllerRevision that the machine was started from is deleted with this change, so KubeVirt can't see what differs and "
    "announces no restart: keep it in Git, or keep it from being pruned, until the machine was started anew"
)
REWRITTEN = (
    "the reference policy of the cluster writes the expansion into the stored VM and takes the matchers away: the next apply from "
    "Git brings them back"
)


def of_matchers(lost: Collection[str], unknown: Collection[str]) -> list[str]:
    """Matchers that lead nowhere before the change, and those that lead nowhere at all."""
    return [
        f"the {field} is neither among the manifests nor in the catalogs: what it brings is not looked at"
        if field in unknown
        else f"the {field} was not among the manifests before the change, so the machine that runs is judged without it"
        for field in lost
    ]


def anew(old: dict[str, Reference], new: dict[str, Reference]) -> list[str]:
    """Matchers whose kind is spelled anew, which makes KubeVirt look at an object again that it had stored."""
    return [
        f"{field} {now.name} is named with another kind than before, so KubeVirt looks at it anew: edits of it that were made since "
        "the VM was created come with this change"
        for field, now in new.items()
        if field in old and now.fresh and not now.revision and not old[field].revision and now.name == old[field].name
    ]


def kept(field: str, name: str) -> str:
    """An object that was edited and whose copy the machine keeps."""
    return (
        f"{field} {name} was edited, and this machine never sees it: KubeVirt goes on with the copy that it stored when it first "
        "saw the VM, restarts included; `krm-fn render --mode pin` or a new name brings it"
    )


def cleared(names: Collection[str]) -> str:
    """Interfaces that were unplugged."""
    return (
        f"once detached, KubeVirt itself takes {', '.join(names)} out of the stored VM, which then differs from Git until Git drops "
        "it too"
    )
