"""Tests of the Argo CD example, as far as they go without a cluster."""
