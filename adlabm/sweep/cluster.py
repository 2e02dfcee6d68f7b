"""Dask as an engine: a courier between runner and workers; plan and parts on disk stay the truth."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from contextlib import suppress
from typing import Any

import pyarrow as pa

from adlabm.errors import BadInput
from adlabm.sweep.content import content_hash
from adlabm.sweep.engines import Engine


class Witnessed(Executor):
    """An executor whose workers tell the scheduler the content hash of every part they did, also of what Dask then does again."""

    def __init__(self, inner: Executor, topic: str) -> None:
        self.inner, self.topic = inner, topic

    def submit(self, task: Callable[[int], pa.Table], part: int) -> Future:  # type: ignore[override, type-arg]
        """One part."""
        return self.inner.submit(told, self.topic, task, part)


def told(topic: str, task: Callable[[int], pa.Table], part: int) -> pa.Table:
    """The part, as a worker of Dask does it."""
    from distributed import get_worker

    table = task(part)
    get_worker().log_event(topic, {"part": part, "content": content_hash(table)})
    return table


def differing(events: Iterable[tuple[Any, dict[str, Any]]]) -> list[int]:
    """Parts of which workers told different hashes, from what the scheduler was told.

    Example:
        >>> differing([(0.1, {"part": 4, "content": "a"}), (0.2, {"part": 4, "content": "b"}), (0.3, {"part": 5, "content": "a"})])
        [4]
    """
    seen = defaultdict[int, set[str]](set)
    for _, each in events:
        seen[each["part"]].add(each["content"])
    return sorted(part for part, contents in seen.items() if len(contents) > 1)


def dask(address: str | None, jobs: int) -> Engine:
    """Workers of a running Dask scheduler (`tcp://...`), or of a cluster on this machine alone when no address is given."""
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise BadInput("--engine dask needs Dask; install it with: pip install 'adlabm[cluster]'.") from None
    cluster = None
    if address is None:
        cluster = LocalCluster(n_workers=jobs, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0")
    try:
        client = Client(cluster or address, timeout=10)
    except (OSError, ValueError) as error:
        raise BadInput(f"--cluster {address}: no Dask scheduler answers there ({error}); check the address.") from None
    width, topic = sum(client.nthreads().values()), f"adlabm-{secrets.token_hex(8)}"

    def stop(_: object) -> None:
        with suppress(Exception):
            client.close()
        if cluster is not None:
            cluster.close()

    return Engine(
        lambda: Witnessed(client.get_executor(pure=False), topic), stop, max(width, 1), lambda: differing(client.get_events(topic))
    )
