"""Schemas and admission rules: what KubeVirt's API server and webhooks would refuse."""
