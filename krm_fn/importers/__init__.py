"""Listings of other platforms' sizes, and KubeVirt's own older APIs, as series definitions."""
