"""krm-fn: KubeVirt instancetypes, preferences and VirtualMachines as a KRM function.

This module imports nothing, so that asking for the version costs nothing.
"""

__version__ = "0.1.0"
