"""What the tests of series share: definitions from YAML text, and findings as short lines."""

from __future__ import annotations

import textwrap

import pytest

from krm_fn.core import wire


def _definition(kind, text, name="s", **metadata):
    spec = wire.read(textwrap.dedent(text).encode())[0]
    return {
        "apiVersion": "krm-fn.dev/v1alpha1",
        "kind": kind,
        "metadata": {"name": name, **metadata},
        "spec": spec,
    }


@pytest.fixture
def instancetypes():
    """A function from the YAML of a spec to an InstancetypeSeries."""
    return lambda text, name="s", **metadata: _definition("InstancetypeSeries", text, name, **metadata)


@pytest.fixture
def preferences():
    """A function from the YAML of a spec to a PreferenceSeries."""
    return lambda text, name="s", **metadata: _definition("PreferenceSeries", text, name, **metadata)


@pytest.fixture
def generator():
    """A function from the YAML of a spec to a CatalogGenerator."""
    return lambda text, name="s", **metadata: _definition("CatalogGenerator", text, name, **metadata)


@pytest.fixture
def said():
    """A function from results to `path: message` lines."""
    return lambda results: [f"{result.path}: {result.message}" for result in results]
