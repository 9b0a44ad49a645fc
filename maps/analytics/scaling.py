"""Where the parts of an analysis are worked out: in this process, or by a Dask cluster's workers.

A runner takes a function and a list of its arguments, and gives the results in that order. The
analyses share their work out so that it does not matter who does it: the same bits come back.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

Runner = Callable[[Callable[..., Any], Sequence[tuple[Any, ...]]], list[Any]]


def here(work: Callable[..., Any], parts: Sequence[tuple[Any, ...]]) -> list[Any]:
    """One part after the other, in this process."""
    return [work(*part) for part in parts]


@contextmanager
def runner_at(scheduler: str, *, patience: float = 10) -> Iterator[tuple[Runner, int]]:
    """A runner and the number of parts worth making: of the Dask scheduler at this address
    (`tcp://host:8786`), or of this process where the address is empty.

    The workers need this project's code and libraries, not its database. Raises OSError where
    nobody answers in `patience` seconds, ImportError where `distributed` is not installed.
    """
    if not scheduler:
        yield here, 1
        return
    from distributed import Client

    connect: Callable[..., Any] = Client
    with connect(scheduler, timeout=patience, set_as_default=False) as client:

        def spread(work: Callable[..., Any], parts: Sequence[tuple[Any, ...]]) -> list[Any]:
            # pure=False: never answered from an earlier call, so that a run costs what it costs.
            futures = [client.submit(work, *part, pure=False) for part in parts]
            return list(client.gather(futures))

        yield spread, max(1, sum(client.nthreads().values()))


def blocks(n: int, parts: int) -> list[tuple[int, int]]:
    """`parts` half-open ranges that cover 0 to n, as even as whole numbers allow; none is empty."""
    parts = max(1, min(parts, n))
    edges = [n * k // parts for k in range(parts + 1)]
    return list(pairwise(edges))
