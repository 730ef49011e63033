"""Facts about KubeVirt's API: groups, kinds, labels, versions. No behaviour of ours."""
