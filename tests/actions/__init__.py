"""Tests of the GitHub action, the workflows and the pre-commit hooks."""
