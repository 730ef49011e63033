"""What an object asks of a node or a guest besides figures, in a few words each."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.choose.entry import Entry


def special(entry: Entry) -> list[str]:
    """The words, and whether it is deprecated."""
    return [
        text
        for text, holds in (
            (f"deprecated, see {entry.successor}" if entry.successor else "deprecated", entry.deprecated),
            (entry.architecture, entry.architecture),
            ("dedicated CPUs", entry.dedicated),
            (f"{entry.hugepages} pages", entry.hugepages),
            ("NUMA", entry.numa),
            ("realtime", entry.realtime),
            (f"overcommit {entry.overcommit}%", entry.overcommit),
            (f"{len(entry.gpus)} GPU{'s' if len(entry.gpus) > 1 else ''}", entry.gpus),
            (f"{len(entry.devices)} device{'s' if len(entry.devices) > 1 else ''}", entry.devices),
        )
        if holds
    ]
