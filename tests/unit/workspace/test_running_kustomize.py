"""Calling kustomize: which one, with what, and what its answer lacks."""

from __future__ import annotations

import argparse

import pytest

from krm_fn.core.errors import InputError
from krm_fn.workspace import kustomize


def options(*given):
    parser = argparse.ArgumentParser()
    kustomize.add_flags(parser)
    return parser.parse_args(given)


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """Make programs the only ones on the PATH; each prints a text and ends with a status."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("KRM_FN_KUSTOMIZE", raising=False)

    def make(name, text="", status=0, stream=1):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\nprintf '%s' '{text}' >&{stream}\nexit {status}\n")
        path.chmod(0o755)
        return str(path)

    return make


def test_the_options_of_kustomize_are_passed_on_as_they_were_given():
    given = ["--enable-helm", "--mount", "type=bind,src=a,dst=b", "--mount", "x", "--load-restrictor", "none"]
    assert kustomize.flags(options(*given)) == [
        "--enable-helm", "--load-restrictor", "none", "--mount", "type=bind,src=a,dst=b", "--mount", "x"
    ]  # fmt: skip
    assert kustomize.flags(options()) == []


def test_kustomize_comes_before_kubectl(programs, monkeypatch):
    with pytest.raises(InputError, match="no kustomize and no kubectl"):
        kustomize.program()
    programs("kubectl")
    assert kustomize.program() == ["kubectl", "kustomize"]
    programs("kustomize")
    assert kustomize.program() == ["kustomize", "build"]
    other = programs("other")
    assert kustomize.program(other) == [other, "build"]
    monkeypatch.setenv("KRM_FN_KUSTOMIZE", other)
    assert kustomize.program() == [other, "build"]
    with pytest.raises(InputError, match="--kustomize absent: there is no such program"):
        kustomize.program("absent")


def test_what_kustomize_says_is_said(programs, tmp_path):
    failing = programs("kustomize", "Error: no such thing", 1, 2)
    with pytest.raises(InputError, match=r"kustomize build .*: Error: no such thing$"):
        kustomize.built(str(tmp_path), [failing, "build"])
    programs("kustomize", "Error: external plugins disabled; unable to load", 1, 2)
    with pytest.raises(InputError, match="--enable-alpha-plugins"):
        kustomize.built(str(tmp_path), [failing, "build"])
    programs("kustomize", "a: [", 0)
    with pytest.raises(InputError, match=f"kustomize build {tmp_path}:[12]:1: not valid YAML"):
        kustomize.built(str(tmp_path), [failing, "build"])
    with pytest.raises(InputError, match="is no directory"):
        kustomize.built(str(tmp_path / "absent"), [failing, "build"])


def test_local_definitions_are_found_through_bases(tmp_path):
    (tmp_path / "base").mkdir()
    (tmp_path / "prod").mkdir()
    (tmp_path / "base/kustomization.yaml").write_text("resources: [series.yaml, plain.yaml, absent.yaml]\n")
    text = "apiVersion: krm-fn.dev/v1alpha1\nkind: InstancetypeSeries\nmetadata: {name: a%s}\n"
    (tmp_path / "base/series.yaml").write_text(text % ', annotations: {config.kubernetes.io/local-config: "true"}')
    (tmp_path / "base/plain.yaml").write_text(text % "")
    (tmp_path / "prod/kustomization.yml").write_text("resources: [../base, ../prod, https://example.com/x]\n")
    assert kustomize.dropped(str(tmp_path / "prod")) == [str(tmp_path / "base/series.yaml")]
