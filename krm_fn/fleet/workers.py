"""The processes that share a command's work: `-j N` on this machine, `--executor dask:ADDRESS` on a cluster.

The output is the same whatever the number: parts are put together in the order of the input. A part whose worker is lost
is done again, here, so that nothing is missing and nothing is there twice.
"""

from __future__ import annotations

from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import contextmanager

from krm_fn import __version__
from krm_fn.core import data, progress, wire
from krm_fn.core.errors import InputError, KrmFnError
from krm_fn.core.wire.decode import decode
from krm_fn.core.wire.positions import Document, Source
from krm_fn.fleet import work
from krm_fn.functions.virtual_machine_renderer import Machines
from krm_fn.kubevirt.api import is_virtual_machine

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor, Future
    from typing import Any

    from krm_fn.core.finding import Finding
    from krm_fn.core.manifest import Manifest

_SMALL = 256 * 1024
"""Bytes of an input that are not worth a second process."""
_FEW = 50
"""VMs that are not worth a second process."""
_PARTS = 4
"""Parts for each worker: the last of them finish at about the same time."""


class Workers:
    """Workers of a command.

    count:    how many there are.
    as_text:  whether rendered VMs are wanted as YAML text.
    """

    __slots__ = ("_executor", "as_text", "count")

    def __init__(self, executor: Executor, count: int, *, as_text: bool) -> None:
        self._executor = executor
        self.count = count
        self.as_text = as_text

    def read(self, given: bytes, name: str) -> list[Document]:
        """The documents of one input, as wire.read_documents gives them; so are its mistakes."""
        parts = pieces(given, self.count * _PARTS)
        if len(parts) == 1:
            return wire.read_documents(given, name)
        try:
            found = self._all([(work.read, (part, __version__)) for part in parts], "reading")
        except InputError:
            return wire.read_documents(given, name)  # which knows the line in the whole input
        source = Source(decode(given, name), name)
        values = [value for part in found for value in part]
        return [Document(value, index, source) for index, value in enumerate(values)]

    def render(self, spec: Manifest, items: list[Manifest], machines: list[Manifest]) -> Machines:
        """The same as virtual_machine_renderer.render_machines."""
        context = [item for item in items if not is_virtual_machine(item)]
        parts = _cut(machines, self.count * _PARTS)
        how = (__version__, self.as_text)
        found = self._all([(work.render, (spec, context, part, data.opened, how)) for part in parts], "rendering")
        done = Machines()
        for part, came in zip(parts, found, strict=True):
            one = work.machines(part, context, came)
            done.out += one.out
            done.results += one.results
            done.texts += one.texts
            done.validated += one.validated
            done.revisions += one.revisions
            done.origins |= one.origins
        return done

    def validate(self, spec: Manifest, items: list[Manifest], known: list[Manifest]) -> list[list[Finding] | None]:
        """The same as manifest_validator.check_items."""
        context = [item for item in known if not is_virtual_machine(item)]
        parts = _cut(items, self.count * _PARTS)
        calls = [(work.validate, (spec, context, part, data.opened, __version__)) for part in parts]
        found = self._all(calls, "validating")
        return [
            None if each is None else work.put_back(each, part)
            for part, came in zip(parts, found, strict=True)
            for each in came
        ]

    def _all(self, calls: list[tuple[Callable[..., Any], tuple[Any, ...]]], label: str) -> list[Any]:
        """The results of calls, in their order. What a lost worker leaves is done here."""
        try:
            futures: list[Future[Any]] = [self._executor.submit(call, *given) for call, given in calls]
        except (BrokenExecutor, RuntimeError):
            return [call(*given) for call, given in calls]
        return [
            _result(future, call, given)
            for future, (call, given) in progress.track(list(zip(futures, calls, strict=True)), label)
        ]


def _result(future: Future[Any], call: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    try:
        return future.result()
    except KrmFnError:
        raise
    except Exception as error:
        if isinstance(error, BrokenExecutor) or type(error).__name__ in ("KilledWorker", "CancelledError"):
            return call(*given)
        raise


@contextmanager
def of(options: argparse.Namespace) -> Iterator[Workers]:
    """The workers that `-j` or `--executor` ask for."""
    as_text = options.format == "yaml"
    if options.executor:
        with _cluster(options.executor) as (executor, count):
            yield Workers(executor, count, as_text=as_text)
    else:
        with ProcessPoolExecutor(options.jobs) as executor:
            executor.submit(int).result()  # starts them now: a process with threads should not be copied
            yield Workers(executor, options.jobs, as_text=as_text)


@contextmanager
def _cluster(named: str) -> Iterator[tuple[Executor, int]]:
    """The executor of `dask:ADDRESS`, and how many workers it has."""
    kind, _, address = named.partition(":")
    if kind != "dask" or not address:
        raise InputError(f"--executor {named}: write dask:ADDRESS, such as dask:tcp://scheduler:8786")
    try:
        from distributed import Client
    except ImportError:
        raise InputError("--executor dask: needs the package distributed: pip install 'krm-fn[dask]'") from None
    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise InputError(f"--executor {named}: no scheduler answers: {error}") from None
    with client:
        yield client.get_executor(pure=False), max(1, sum(client.nthreads().values()))


def pieces(given: bytes, most: int) -> list[bytes]:
    """A YAML stream cut before document markers, into at most so many pieces of about one size."""
    if (
        len(given) < _SMALL
        or given[:1] in (b"{", b"[", b"%")
        or any(mark in given for mark in (b"\n%", b"\n...", b"\r"))
    ):
        return [given]
    size = max(_SMALL // 4, -(-len(given) // most))
    out = []
    start = 0
    while start < len(given):
        cut = given.find(b"\n---\n", start + size)
        end = len(given) if cut < 0 else cut + 1
        out.append(given[start:end])
        start = end
    return out


def _cut(items: list[Manifest], most: int) -> list[list[Manifest]]:
    """Items in parts of about one size, in their order."""
    size = max(_FEW, -(-len(items) // most))
    return [items[start : start + size] for start in range(0, len(items), size)]
