"""How much input is read at most. A document past a limit is refused with its place and the limit, never half read."""

from __future__ import annotations

MAX_BYTES = 64 * 1024 * 1024
"""Size of one input: some 20,000 expanded VirtualMachines of 3 KB."""

MAX_DEPTH = 128
"""Containers inside one another. A walk that spends five Python frames a level stays below the interpreter's limit."""

MAX_NODES = 5_000_000
"""Documents, containers, keys and scalars of one input, counted as often as an alias or a merge key repeats them:
25,000 VirtualMachines with their disks, networks and cloud-init, more than fit in `MAX_BYTES`, or twenty seconds of the full
parser."""

MAX_DIGITS = 500
"""Characters of one number. Even hexadecimal ones have fewer than the 640 digits that any Python agrees to print."""
