"""Where chunks of trials are computed: in this process, or by the workers of a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from nuweft.errors import ExecutorError

LOCAL = "local"
_RETRIES = 10
_AT_ONCE = 4  # chunks per worker that are under way, so that memory stays bounded

Shared = TypeVar("Shared")
Result = TypeVar("Result")


def run_chunks(
    function: Callable[[Shared, int, int], Result],
    shared: Shared,
    chunks: Sequence[tuple[int, int]],
    *,
    executor: str = LOCAL,
) -> Iterator[tuple[int, Result]]:
    """Yield first trial and result of each chunk, in the order in which they are done.

    Parameters
    ----------
    function
        Called as ``function(shared, start, count)``; importable by workers.
    shared
        What all chunks need; sent to every worker once.
    chunks
        (start, count) of each chunk.
    executor
        ``local``, or the address of a Dask scheduler.

    Raises
    ------
    ExecutorError
        If Dask is not installed, or the scheduler cannot be reached.

    Notes
    -----
    A chunk whose worker dies is computed again by another one.
    """
    if executor == LOCAL:
        for start, count in chunks:
            yield start, function(shared, start, count)
        return
    yield from _by_dask(function, shared, chunks, executor)


def _by_dask(
    function: Callable[[Shared, int, int], Result],
    shared: Shared,
    chunks: Sequence[tuple[int, int]],
    address: str,
) -> Iterator[tuple[int, Result]]:
    try:
        from distributed import Client, as_completed
    except ImportError as error:
        raise ExecutorError(
            f"executor {address!r} needs Dask: pip install 'nuweft[dask]' ({error})"
        ) from error
    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError, TypeError) as error:
        raise ExecutorError(
            f"executor: no Dask scheduler at {address!r}, expected 'local' or an address such as "
            f"tcp://host:8786 ({error})"
        ) from error
    with client:
        sent = client.scatter(shared, broadcast=True)
        waiting = list(chunks)
        starts: dict[Any, int] = {}

        def submit() -> Any:
            start, count = waiting.pop(0)
            future = client.submit(function, sent, start, count, pure=False, retries=_RETRIES)
            starts[future.key] = start
            return future

        begun = [submit() for _ in range(min(len(waiting), _AT_ONCE * max(1, len(client.nthreads()))))]
        running = as_completed(begun)
        for future in running:
            result = future.result()
            yield starts.pop(future.key), result
            if waiting:
                running.add(submit())
