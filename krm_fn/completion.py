"""Completion in bash, zsh and fish, by argcomplete: commands, options, and names from the catalogs.

The script that a shell loads asks krm-fn itself, so that what is completed is what this version knows.
"""

from __future__ import annotations

import argparse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

SHELLS = ("bash", "zsh", "fish")


def script(shell: str) -> str:
    """What a shell evaluates to complete krm-fn's arguments."""
    from argcomplete.shell_integration import shellcode

    return shellcode(["krm-fn"], shell=shell)


def answer(parser: argparse.ArgumentParser) -> None:
    """Answer the shell that asks by the environment, and end the process."""
    import argcomplete

    _give_completers(parser)
    argcomplete.autocomplete(parser)


def _give_completers(parser: argparse.ArgumentParser) -> None:
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to its actions
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for below in dict.fromkeys(action.choices.values()):
                _give_completers(below)
            continue
        names = _NAMES.get(str(action.metavar)) or _NAMES.get(action.dest)
        if names is not None and not action.choices:
            action.completer = _completer(names)  # type: ignore[attr-defined]


def _completer(names: Callable[[], Iterable[str]]) -> Callable[..., list[str]]:
    def complete(prefix: str, **_: Any) -> list[str]:
        return [name for name in names() if name.startswith(prefix)]

    return complete


def _objects(*kinds: str) -> Iterable[str]:
    from krm_fn.series.catalog import Catalog

    packaged = Catalog(["common"])
    return [name for kind in kinds for name in packaged.names(kind)]


def _instancetypes() -> Iterable[str]:
    from krm_fn.kubevirt.api import CLUSTER_INSTANCETYPE

    return _objects(CLUSTER_INSTANCETYPE)


def _preferences() -> Iterable[str]:
    from krm_fn.kubevirt.api import CLUSTER_PREFERENCE

    return _objects(CLUSTER_PREFERENCE)


def _all() -> Iterable[str]:
    return [*_instancetypes(), *_preferences()]


def _catalogs() -> Iterable[str]:
    import glob

    from krm_fn.series import catalog

    return [*catalog.names(), *glob.glob("*/")]  # noqa: PTH207


def _rules() -> Iterable[str]:
    from krm_fn.rules import rules

    return [str(rule) for rule in rules()]


def _kinds() -> Iterable[str]:
    from krm_fn.kubevirt.schemas import KINDS, config_kinds

    return [*(kind for kinds in KINDS.values() for kind in kinds), *config_kinds()]


def _versions() -> Iterable[str]:
    from krm_fn.kubevirt.versions import VERSIONS

    return [str(version) for version in VERSIONS]


_NAMES: dict[str, Callable[[], Iterable[str]]] = {
    "NAME": _all,
    "NAME|GLOB": _all,
    "GLOB": _all,
    "NAME|PATH": _catalogs,
    "RULE": _rules,
    "KIND": _kinds,
    "VERSION": _versions,
    "instancetype": _instancetypes,
    "preference": _preferences,
}
"""How an argument is called in the help text, or as an option, → the names that it takes."""
