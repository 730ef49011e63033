"""Tests of the Flux example, as far as they go without a cluster."""
