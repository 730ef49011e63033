"""Listings of other platforms, and KubeVirt's own older objects, as series definitions of today.

Series come out as plain manifests with comments beside them; nothing here expands them.
"""
