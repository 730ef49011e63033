"""What to say of a name that nothing has: what it may have been meant for."""

from __future__ import annotations

import re

_PLACEHOLDER = re.compile(r"\$\{|\{\{|\{%|\$\(|<no value>|<[A-Z_]+>|^@.+@$|__[A-Z_]+__").search
_MOST = 3


def is_placeholder(text: str) -> bool:
    """Whether a text holds a variable that another tool fills in: Flux, envsubst, Helm, Argo CD, sed."""
    return _PLACEHOLDER(text) is not None


PLACEHOLDER = "it is a variable that is filled in later (Flux's postBuild, envsubst, a template): render after that, or write the name itself"


def hint(namespaces: list[str], other_kind: str, catalogs: list[str], names: list[str]) -> str:
    """Where the name is, else the names that are like it; "" when there is nothing to say.

    namespaces: those that have it, where the VM's has not. other_kind: the kind that has it. catalogs: those that have it
    and were not asked. names: the nearest ones.
    """
    if namespaces:
        listed = ", ".join(namespaces[:_MOST])
        return f"there is one in namespace {listed}, and a VM can only name those of its own: copy it, or use a cluster-wide one"
    if other_kind:
        return f"there is a {other_kind} of that name: write kind: {other_kind}"
    if catalogs:
        return f"the packaged catalog {catalogs[0]} has it: name it with `catalogs: [{catalogs[0]}]` or --catalog {catalogs[0]}"
    return f"did you mean {' or '.join(names)}?" if names else ""
