"""Throw changed input at everything that reads any: `python tests/fuzz/fuzz.py --seconds 60`.

Hypothesis changes the seeds (each of them once broke something) in their structure and in their bytes. Whatever comes, the answer is
an exit status of 0, 1 or 3, the input items come back when there is an error, and it takes no more than ten seconds.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import pathlib
import sys
import time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from krm_fn.core import budget, wire
from krm_fn.core.errors import KrmFnError
from krm_fn.main import run_function
from krm_fn.migrate.convert import convert
from krm_fn.roundtrip import document

SEEDS = [path.read_bytes() for path in sorted((pathlib.Path(__file__).parent / "seeds").iterdir())]
SECONDS = 10
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.text(max_size=8),
    st.sampled_from(
        ["", "1Gi", "-1", "../../x", "u1.small", "{{ cpu }}", "{{ 'a' * 9 }}", "*", "x" * 300, "0x1F", "\ud83d"]
    ),
)
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3), max_leaves=6
)  # fmt: skip


def places(value, found):
    """Every (container, key) of a tree."""
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        found.append((value, key))
        if isinstance(value[key], (dict, list)):
            places(value[key], found)
    return found


@st.composite
def structures(draw):
    """A seed with some of its values replaced, removed or put elsewhere."""
    (tree, *_) = wire.read(draw(st.sampled_from(SEEDS)), "seed")
    for _ in range(draw(st.integers(1, 3))):
        found = places(tree, [])
        holder, key = found[draw(st.integers(0, len(found) - 1))]
        if draw(st.booleans()) or not isinstance(holder, dict):
            holder[key] = draw(TREES)
        else:
            del holder[key]
    return json.dumps(tree).encode(errors="surrogatepass")


@st.composite
def texts(draw):
    """A seed with some of its bytes replaced, removed or repeated."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 12))
        data[at : at + length] = draw(
            st.one_of(st.binary(max_size=6), st.sampled_from([b"- ", b": ", b"&a ", b"*a", b"!!int ", b"? ", b"\n  "]))
        )
    return bytes(data)


def function(data):
    """The function on any bytes."""
    _, status = run_function(data)
    assert status in (0, 1)


def conversion(data):
    """convert on any bytes: what it does not touch comes out as it came."""
    found = document.read(data, "fuzz")
    convert([each.content for each in found])
    document.write(found)


def guarded(target, data):
    """One execution: only refusals by krm-fn itself are let pass."""
    budget.start()
    began = time.monotonic()
    with contextlib.suppress(KrmFnError), contextlib.redirect_stderr(io.StringIO()):
        target(data)
    assert time.monotonic() - began < SECONDS


def run(seconds, target, strategy, examples=500):
    """Executions of one target in so many seconds."""
    count, end, round_number = 0, time.monotonic() + seconds, 0
    while time.monotonic() < end:

        @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(strategy)
        def once(data):
            nonlocal count
            if time.monotonic() < end:
                count += 1
                guarded(target, data)

        once()
        round_number += 1
    return count


TARGETS = {
    "function, structure": (function, structures()),
    "function, bytes": (function, texts()),
    "convert, structure": (conversion, structures()),
    "convert, bytes": (conversion, texts()),
}


def main():
    """Share the time among the targets; a fault ends it with the input that shows it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    seconds = parser.parse_args().seconds / len(TARGETS)
    total = 0
    for name, (target, strategy) in TARGETS.items():
        count = run(seconds, target, strategy)
        total += count
        print(f"{name}: {count} executions", flush=True)
    print(f"{total} executions, no crash, hang or loss")
    return 0


if __name__ == "__main__":
    sys.exit(main())
