"""Listings of other platforms, and KubeVirt's own first flavors, as series definitions and objects of today."""
