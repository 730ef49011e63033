"""The progress bar: for a person at a terminal who has waited, and for nobody else."""

from __future__ import annotations

import io
import sys

import pytest

from krm_fn.core import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def stderr(monkeypatch):
    def become(stream):
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setattr(progress, "_state", {})
        progress.enable()
        return stream

    return become


def test_a_person_who_waits_sees_how_far_it_is(stderr, monkeypatch):
    terminal = stderr(Terminal())
    monkeypatch.setattr(progress, "PATIENCE", -1)
    items = list(range(200))
    assert list(progress.track(items, "rendering")) == items
    assert "rendering [" in terminal.getvalue()
    assert "128 of 200" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_nothing_shows_before_patience_is_over(stderr):
    terminal = stderr(Terminal())
    assert list(progress.track(list(range(200)), "rendering")) == list(range(200))
    assert terminal.getvalue() == ""


def test_nothing_shows_where_nobody_looks(stderr, monkeypatch):
    stream = stderr(io.StringIO())
    monkeypatch.setattr(progress, "PATIENCE", -1)
    items = list(range(200))
    assert progress.track(items, "rendering") is items
    assert stream.getvalue() == ""
