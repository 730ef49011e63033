"""The bottom layer: bytes, field paths, quantities, results. Knows Kubernetes' conventions, nothing of KubeVirt."""
